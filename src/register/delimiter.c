/* What stands between the cells of a sheet. */
#include "delimiter.h"

#include <stdbool.h>
#include <string.h>

/* What is left to read, and how many lines are not. */
struct rest {
	const char *text;
	size_t len, lines;
};

static bool is_end(char c)
{
	return c == '\r' || c == '\n';
}

/* Moves over the end of a line, CR LF counting one. */
static void skip_end(struct rest *r)
{
	size_t n = r->len > 1 && memcmp(r->text, "\r\n", 2) == 0 ? 2 : 1;

	r->text += n;
	r->len -= n;
	r->lines++;
}

/* A first line "sep=;", which Excel writes and reads; 0: there is none. */
static char take_sep(struct rest *r)
{
	char sign;

	if (r->len < 6 || memcmp(r->text, "sep=", 4) != 0 || !is_end(r->text[5])) {
		return '\0';
	}
	sign = r->text[4];
	if (memchr(",;\t|", sign, 4) == NULL) {
		return '\0';
	}
	r->text += 5;
	r->len -= 5;
	skip_end(r);
	return sign;
}

/* What stands between the cells: most often in the first row, where nothing else says so. */
static char find(struct rest *r)
{
	static const char signs[] = {',', ';', '\t'};
	size_t counts[sizeof signs] = {0}, best = 0;
	bool is_quoted = false;
	char sign;

	while (r->len > 0 && is_end(*r->text)) {
		skip_end(r);
	}
	sign = take_sep(r);
	if (sign != '\0') {
		return sign;
	}
	for (size_t i = 0; i < r->len && (is_quoted || !is_end(r->text[i])); i++) {
		const char *found = memchr(signs, r->text[i], sizeof signs);

		is_quoted ^= r->text[i] == '"';
		if (found != NULL && !is_quoted) {
			counts[found - signs]++;
		}
	}
	for (size_t i = 1; i < sizeof signs; i++) {
		best = counts[i] > counts[best] ? i : best;
	}
	return signs[best];
}

char delimiter_find(const char **text, size_t *len, size_t *skipped)
{
	struct rest rest = {*text, *len, 0};
	char sign = find(&rest);

	*text = rest.text;
	*len = rest.len;
	*skipped += rest.lines;
	return sign;
}
