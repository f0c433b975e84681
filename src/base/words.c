/* Small sets of texts. */
#include "terrier/base/words.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

void words_clear(struct words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		free(words->text[i]);
	}
	free(words->text);
	*words = (struct words){0};
}

bool words_has(const struct words *words, const char *text)
{
	for (size_t i = 0; i < words->n; i++) {
		if (strcmp(words->text[i], text) == 0) {
			return true;
		}
	}
	return false;
}

bool words_put(struct words *words, const char *text)
{
	if (text[0] == '\0' || words_has(words, text)) {
		return false;
	}
	if ((words->n & (words->n - 1)) == 0) {
		words->text = mem_resize(words->text, words->n > 0 ? words->n * 2 : 1, sizeof *words->text);
	}
	words->text[words->n++] = mem_strdup(text);
	return true;
}

static int compare(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

void words_sort(struct words *words)
{
	if (words->n > 1) {
		qsort(words->text, words->n, sizeof *words->text, compare);
	}
}

static size_t append(char *to, const char *text)
{
	size_t len = strlen(text);

	memcpy(to, text, len + 1);
	return len;
}

/* Flows are told by the hundred thousand, most with none or one text: no stream is opened for that. */
char *words_join(const struct words *words, const char *between, size_t most)
{
	size_t n = most > 0 && most < words->n ? most : words->n, gap = strlen(between), len = 0;
	char *rest = n < words->n ? mem_printf("%s+ %zu more", between, words->n - n) : mem_strdup(""), *text;

	for (size_t i = 0; i < n; i++) {
		len += (i > 0 ? gap : 0) + strlen(words->text[i]);
	}
	text = mem_zalloc(len + strlen(rest) + 1, 1);
	len = 0;
	for (size_t i = 0; i < n; i++) {
		len += append(text + len, i > 0 ? between : "");
		len += append(text + len, words->text[i]);
	}
	append(text + len, rest);
	free(rest);
	return text;
}
