/* Comma-separated values: libcsv for the quoting, line numbers of our own. */
#include "terrier/base/csv.h"

#include "terrier/base/mem.h"

#include <csv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define BUFFER_STEP 4096 /* libcsv grows its cell by this much */

struct reader {
	csv_row_fn take;
	void *context;
	struct csv_row row;
	size_t line;       /* current, from 1 */
	bool after_return; /* the last row ended with CR: an LF now is part of the same end */
	char *text;        /* cells of the row, one after the other */
	size_t used, room;
	size_t start[CSV_CELLS_MAX]; /* offset of each cell in `text`, which moves as it grows */
};

static void *grow(void *p, size_t size)
{
	return mem_resize(p, size, 1);
}

size_t csv_count_lines(const char *text, size_t len)
{
	size_t lines = 0;

	for (size_t i = 0; i < len; i++) {
		bool is_end = text[i] == '\n' ||
		              (text[i] == '\r' && (i + 1 == len || text[i + 1] != '\n'));

		lines += is_end;
	}
	return lines;
}

static void take_cell(void *bytes, size_t len, void *context)
{
	struct reader *r = context;

	if (r->row.n == 0) {
		r->row.line = r->line;
	}
	r->after_return = false;
	r->line += csv_count_lines(bytes, len);
	if (r->row.n >= CSV_CELLS_MAX) {
		r->row.n++;
		return;
	}
	if (r->room - r->used <= len) {
		r->room = (r->used + len + 1) * 2;
		r->text = mem_resize(r->text, r->room, 1);
	}
	memcpy(r->text + r->used, bytes, len);
	r->text[r->used + len] = '\0';
	r->start[r->row.n] = r->used;
	r->row.cells[r->row.n].len = len;
	r->used += len + 1;
	r->row.n++;
}

static void take_row_end(int end, void *context)
{
	struct reader *r = context;

	if (r->row.n > 0) {
		for (size_t i = 0; i < r->row.n && i < CSV_CELLS_MAX; i++) {
			r->row.cells[i].text = r->text + r->start[i];
		}
		r->take(r->context, &r->row);
	}
	if (!(end == '\n' && r->after_return)) {
		r->line++;
	}
	r->after_return = end == '\r';
	r->row.n = 0;
	r->used = 0;
}

const char *csv_read_with(const char *bytes, size_t len, char delimiter, csv_row_fn take,
                          void *context, size_t *line)
{
	struct reader r = {.take = take, .context = context, .line = 1};
	const char *fault = NULL;
	struct csv_parser parser;
	size_t mark = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	/* Every line end is asked for, so that blank lines count. */
	csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL);
	csv_set_delim(&parser, (unsigned char)delimiter);
	csv_set_realloc_func(&parser, grow);
	csv_set_blk_size(&parser, BUFFER_STEP);
	bytes += mark;
	len -= mark;
	size_t done = csv_parse(&parser, bytes, len, take_cell, take_row_end, &r);

	if (done < len) {
		*line = csv_count_lines(bytes, done) + 1;
		fault = "a quotation mark in the middle of a cell, allowed: the whole cell in "
		        "quotation marks, those "
		        "inside it doubled";
	} else if (csv_fini(&parser, take_cell, take_row_end, &r) != 0) {
		*line = r.row.n > 0 ? r.row.line : r.line;
		fault = "a row with an opening quotation mark, allowed: a closing one for each";
	}
	csv_free(&parser);
	free(r.text);
	return fault;
}

const char *csv_read(const char *bytes, size_t len, csv_row_fn take, void *context, size_t *line)
{
	return csv_read_with(bytes, len, ',', take, context, line);
}
