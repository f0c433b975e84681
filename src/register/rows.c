/* Rows of a sheet: its encoding, what stands between its cells, which row names the columns. */
#include "rows.h"

#include "cell.h"
#include "terrier/register/decode.h"

#include <stdlib.h>
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
static char find_delimiter(struct rest *r)
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

/* Where the reading is. */
struct reading {
	const struct rows_taker *taker;
	void *context;
	size_t skipped; /* lines before what the CSV reader is given */
	bool has_header, is_readable;
};

bool rows_is_empty_cell(const struct csv_cell *cell)
{
	size_t len = cell->len;

	cell_bare(cell->text, &len);
	return len == 0;
}

static bool is_empty(const struct csv_row *row)
{
	for (size_t i = 0; i < row->n && i < CSV_CELLS_MAX; i++) {
		if (!rows_is_empty_cell(&row->cells[i])) {
			return false;
		}
	}
	return row->n <= CSV_CELLS_MAX;
}

static void take(void *context, const struct csv_row *row)
{
	struct reading *r = context;
	size_t line = row->line + r->skipped;

	if (is_empty(row)) {
		return;
	}
	if (!r->has_header) {
		r->has_header = true;
		r->is_readable = r->taker->take_header(r->context, row, line);
	} else if (r->is_readable) {
		r->taker->take_row(r->context, row, line);
	}
}

static void read_text(struct reading *r, const char *text, size_t len, struct complaints *f)
{
	struct rest rest = {text, len, 0};
	char delimiter = find_delimiter(&rest);
	const char *fault;
	size_t line;

	r->skipped = rest.lines;
	fault = csv_read_with(rest.text, rest.len, delimiter, take, r, &line);
	if (fault != NULL) {
		complaints_add(f, (struct spot){.line = line + r->skipped}, "%s", fault);
	} else if (!r->has_header) {
		complaints_add(f, (struct spot){0}, "empty: the first row names the columns");
	}
}

void rows_read(const char *bytes, size_t len, const struct rows_taker *taker, void *context,
               struct complaints *f)
{
	struct reading r = {.taker = taker, .context = context};
	size_t text_len, line;
	char *fault, *text = decode_text(bytes, len, &text_len, &fault, &line);

	if (text != NULL) {
		read_text(&r, text, text_len, f);
	} else {
		complaints_add(f, (struct spot){.line = line}, "%s", fault);
		free(fault);
	}
	free(text);
}
