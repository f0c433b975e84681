/* Lines of text with bodies between them. Shared by the protocols of commands and replies. */
#include "lines.h"

#include <string.h>

#define FIRST_MAX 512 /* RFC 5321 4.5.3.1.5: octets of a reply's or command's line */

static const char body_end[] = {'\r', '\n', '.', '\r', '\n'};

static size_t least(uint64_t a, size_t b)
{
	return a < b ? (size_t)a : b;
}

void lines_body(struct lines *l)
{
	l->dots = 1 + 2; /* the line's own end counts */
}

/* Passes over a body to its end. */
static enum lines_event body_take(struct lines *l, struct cursor *bytes)
{
	while (cur_left(bytes) > 0) {
		char c;

		if (l->dots == 1) {
			const uint8_t *cr = memchr(bytes->p, '\r', cur_left(bytes));

			bytes->p = cr != NULL ? cr : bytes->end;
			if (cr == NULL) {
				break;
			}
		}
		c = (char)cur_u8(bytes);
		if (c == body_end[l->dots - 1]) {
			l->dots++;
		} else {
			l->dots = c == '\r' ? 2 : 1;
		}
		if (l->dots == 1 + sizeof body_end) {
			l->dots = 0;
			return LINES_BODY_END;
		}
	}
	return LINES_MORE;
}

static void keep_tail(struct lines *l, const char *p, size_t n)
{
	size_t kept;

	if (n > LINES_TAIL) {
		p += n - LINES_TAIL;
		n = LINES_TAIL;
	}
	kept = l->n_tail < LINES_TAIL - n ? l->n_tail : LINES_TAIL - n;
	memmove(l->tail, l->tail + l->n_tail - kept, kept);
	memcpy(l->tail + kept, p, n);
	l->n_tail = (uint8_t)(kept + n);
}

static enum lines_event line_take(struct lines *l, struct cursor *bytes)
{
	const uint8_t *end = memchr(bytes->p, '\n', cur_left(bytes));
	size_t n = end != NULL ? (size_t)(end - bytes->p) : cur_left(bytes);
	size_t kept = least(n, (size_t)(LINES_TEXT - l->have));
	bool is_whole = end != NULL && !l->is_broken;

	for (size_t i = 0; i < kept; i++) {
		l->text[l->have++] = (char)(bytes->p[i] != '\0' ? bytes->p[i] : ' ');
	}
	l->is_cut = l->is_cut || kept < n;
	keep_tail(l, (const char *)bytes->p, n);
	cur_skip(bytes, n + (end != NULL));
	if (end == NULL) {
		return LINES_MORE;
	}
	l->is_over = true;
	l->is_broken = false;
	while (!l->is_cut && l->have > 0 && l->text[l->have - 1] == '\r') {
		l->have--;
	}
	l->text[l->have] = '\0';
	if (l->n_tail > 0 && l->tail[l->n_tail - 1] == '\r') {
		l->n_tail--;
	}
	return is_whole ? LINES_LINE : LINES_MORE;
}

enum lines_event lines_next(struct lines *l, struct cursor *bytes)
{
	if (l->is_over) {
		memset(l->text, 0, l->have);
		l->have = l->n_tail = 0;
		l->is_cut = l->is_over = false;
	}
	if (l->left > 0) {
		size_t n = least(l->left, cur_left(bytes));

		cur_skip(bytes, n);
		l->left -= n;
		return LINES_MORE;
	}
	return l->dots > 0 ? body_take(l, bytes) : line_take(l, bytes);
}

void lines_gap(struct lines *l, uint64_t lost)
{
	if (lost <= l->left) {
		l->left -= lost;
	} else if (l->dots > 0) {
		l->dots = 1;
	} else {
		l->left = 0;
		l->have = 0;
		l->is_over = false;
		l->is_broken = true;
	}
}

struct cursor lines_word(const char *text, size_t len, unsigned n)
{
	const char *p = text, *end = text + len, *word;

	for (unsigned i = 0;; i++) {
		while (p < end && *p == ' ') {
			p++;
		}
		for (word = p; p < end && *p != ' ';) {
			p++;
		}
		if (i == n || word == p) {
			return cur_make(word, (size_t)(p - word));
		}
	}
}

bool lines_is(struct cursor word, const char *text)
{
	return cur_left(&word) == strlen(text) &&
	       text_begins((const char *)word.p, cur_left(&word), text);
}

size_t lines_first(struct cursor bytes)
{
	const uint8_t *end = memchr(bytes.p, '\n', least(FIRST_MAX, cur_left(&bytes)));
	size_t n = end != NULL ? (size_t)(end - bytes.p) : 0;

	n -= n > 0 && bytes.p[n - 1] == '\r';
	for (size_t i = 0; i < n; i++) {
		if (bytes.p[i] < ' ' && bytes.p[i] != '\t') {
			return 0;
		}
	}
	return n;
}

/* Dots within, and a last label of letters, as every domain of the public tree has, and most
 * others. */
static bool has_domain(const char *host)
{
	const char *last = strrchr(host, '.');

	if (last == NULL || strlen(last) < 3) {
		return false;
	}
	for (last++; *last != '\0'; last++) {
		if ((*last | 0x20) < 'a' || (*last | 0x20) > 'z') {
			return false;
		}
	}
	return true;
}

size_t lines_host(char out[HOST_MAX], const char *text, size_t len)
{
	static const char marks[] = " \t()<>[]{},;:=@\"'";
	size_t n;

	for (size_t i = 0; i < len; i += n + 1) {
		for (n = 0; i + n < len && memchr(marks, text[i + n], sizeof marks - 1) == NULL;) {
			n++;
		}
		if (host_keep(out, text + i, n) > 0 && has_domain(out)) {
			return strlen(out);
		}
	}
	out[0] = '\0';
	return 0;
}
