/* Small sets of texts. */
#include "terrier/base/words.h"

#include "terrier/base/mem.h"

#include <stdio.h>
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

char *words_join(const struct words *words, const char *between, size_t most)
{
	size_t n = most > 0 && most < words->n ? most : words->n, size;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s%s", i > 0 ? between : "", words->text[i]);
	}
	if (n < words->n) {
		fprintf(out, "%s+ %zu more", between, words->n - n);
	}
	fclose(out);
	return text;
}
