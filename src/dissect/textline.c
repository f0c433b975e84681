/* Lines of text protocols, a piece of the stream at a time. Shared by the dissectors that read commands and replies. */
#include "textline.h"

bool textline_take(struct textline *l, struct cursor *c)
{
	const uint8_t *end = cur_left(c) > 0 ? memchr(c->p, '\n', cur_left(c)) : NULL;
	size_t n = end != NULL ? (size_t)(end - c->p) : cur_left(c);
	size_t room = TEXTLINE_MAX - l->len, kept = n < room ? n : room;

	for (size_t i = 0; i < kept; i++) {
		l->text[l->len++] = (char)(c->p[i] != '\0' ? c->p[i] : ' ');
	}
	l->is_cut |= n > room;
	cur_skip(c, end != NULL ? n + 1 : n);
	if (end == NULL) {
		return false;
	}
	if (l->is_lost) {
		textline_clear(l);
		return false;
	}
	while (l->len > 0 && l->text[l->len - 1] == '\r') {
		l->len--;
	}
	l->text[l->len] = '\0';
	return true;
}

void textline_clear(struct textline *l)
{
	*l = (struct textline){0};
}

void textline_lose(struct textline *l)
{
	*l = (struct textline){.is_lost = true};
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool textline_has(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	for (size_t at = 0; at + n <= len; at++) {
		size_t i = 0;

		while (i < n && lower(text[at + i]) == word[i]) {
			i++;
		}
		if (i == n) {
			return true;
		}
	}
	return false;
}
