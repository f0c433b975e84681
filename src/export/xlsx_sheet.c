/* The sheet of a table: one header row with the fixed names alone, so that a sheet saved as CSV is
 * imported again. */
#include "terrier/base/clock.h"
#include "terrier/base/digest.h"
#include "terrier/base/mem.h"
#include "terrier/export.h"
#include "terrier/export/text.h"
#include "xlsx_book.h"

#include <stdlib.h>
#include <string.h>

#define EXACT_MAX    INT64_C(999999999999999) /* spreadsheets show 15 digits */
#define WIDTH_LEAST  8
#define WIDTH_TIME   16
#define WIDTH_FILTER 3  /* its button, beside the name */
#define LINES_MOST   10 /* of a row; more are there, but not in sight */
#define DAY_S        86400
#define DAYS_1970    25569 /* since the zero of a sheet's calendar */
#define DATE_FIRST                                                                                 \
	(INT64_C(-25508) * DAY_S)       /* 1900-03-01: of days before it there are two counts */
#define DATE_LAST INT64_C(253402300799) /* 9999-12-31T23:59:59Z */

size_t xlsx_put_text(struct xlsx_row *row, const char *text, enum xlsx_format format)
{
	bool is_cut;
	const char *clean = xlsx_text_clean(&row->book->text, text, &is_cut);
	size_t lines, width = xlsx_text_size(clean, XLSX_WIDTH_MOST, &lines);

	if (clean[0] != '\0') {
		format = format == XLSX_TEXT && lines > 1 ? XLSX_WRAPPED : format;
		xlsx_check(row->book, worksheet_write_string(row->sheet, (lxw_row_t)row->number,
		                                             (lxw_col_t)row->column, clean,
		                                             row->book->formats[format]));
	}
	row->column++;
	row->n_cut += is_cut;
	row->lines = lines > row->lines ? lines : row->lines;
	return width;
}

/* Not all readers make room for wrapped lines by themselves, and some for too many. */
void xlsx_end_row(struct xlsx_row *row)
{
	size_t lines = row->lines < LINES_MOST ? row->lines : LINES_MOST;

	if (lines > 1) {
		xlsx_check(row->book, worksheet_set_row(row->sheet, (lxw_row_t)row->number,
		                                        LXW_DEF_ROW_HEIGHT * (double)lines, NULL));
	}
	row->number++;
	row->column = row->lines = 0;
}

static void put_number(struct xlsx_row *row, double value, enum xlsx_format format)
{
	xlsx_check(row->book, worksheet_write_number(row->sheet, (lxw_row_t)row->number,
	                                             (lxw_col_t)row->column, value,
	                                             row->book->formats[format]));
	row->column++;
}

/* Returns the columns that the cell takes up. */
static size_t put_cell(struct xlsx_row *row, const struct table_cell *cell)
{
	int64_t seconds = cell->integer / CLOCK_SECOND_US - (cell->integer % CLOCK_SECOND_US < 0);
	bool is_number = cell->type == TABLE_INTEGER || cell->type == TABLE_BYTES;
	char text[EXPORT_CELL_MAX];

	if (cell->is_empty) {
		row->column++;
		return 0;
	}
	if (cell->type == TABLE_TIME && seconds >= DATE_FIRST && seconds <= DATE_LAST) {
		put_number(row, (double)seconds / DAY_S + DAYS_1970, XLSX_DATE);
		return WIDTH_TIME;
	}
	if (is_number && cell->integer <= EXACT_MAX && cell->integer >= -EXACT_MAX) {
		put_number(row, (double)cell->integer, XLSX_NUMBER);
		return strlen(export_cell_text(cell, text));
	}
	return xlsx_put_text(row, export_cell_text(cell, text), XLSX_TEXT);
}

size_t xlsx_column(const struct table *t, size_t column)
{
	const struct table_column *columns;
	size_t number = 0;

	table_columns(t, &columns);
	for (size_t c = 0; c < column; c++) {
		number += columns[c].name != NULL;
	}
	return number;
}

/* Empty cells get the column's format, too: a date that a person types in is kept as typed. */
static void set_width(struct xlsx_book *b, struct xlsx_sheet *s, size_t column,
                      enum table_type type, size_t width)
{
	enum xlsx_format format = type == TABLE_TEXT   ? XLSX_TEXT
	                          : type == TABLE_TIME ? XLSX_DATE
	                                               : XLSX_NUMBER;

	width = width < WIDTH_LEAST ? WIDTH_LEAST : width;
	xlsx_check(b, worksheet_set_column(s->sheet, (lxw_col_t)column, (lxw_col_t)column,
	                                   (double)width + 1, b->formats[format]));
}

static ssize_t hash_octets(void *digest, const char *bytes, size_t len)
{
	digest_add_octets(digest, bytes, len);
	return (ssize_t)len;
}

/* The hash of the table's CSV, which can be made again with --format csv. */
static void hash_table(struct xlsx_book *b, struct xlsx_sheet *s)
{
	static const struct export_options options = {0};
	struct digest *digest = digest_new();
	FILE *stream = fopencookie(digest, "w", (cookie_io_functions_t){.write = hash_octets});
	uint8_t hash[DIGEST_OCTETS];
	char *error = NULL;

	if (stream == NULL ||
	    export_find("csv")->write_table(s->table, &options, stream, &error) != 0) {
		xlsx_fail(b, error != NULL ? error : "out of memory");
	}
	if (stream != NULL) {
		fclose(stream);
	}
	free(error);
	digest_finish(digest, hash);
	digest_print(hash, s->hash);
}

static void put_row(struct xlsx_row *row, const struct table *t, size_t number, size_t *widths)
{
	const struct table_column *columns;
	size_t n = table_columns(t, &columns);

	for (size_t c = 0; c < n; c++) {
		if (columns[c].name != NULL) {
			struct table_cell cell = table_cell(t, number, c);
			size_t width = put_cell(row, &cell);

			widths[c] = width > widths[c] ? width : widths[c];
		}
	}
	xlsx_end_row(row);
}

static void put_header(struct xlsx_row *row, const struct table *t, size_t *widths)
{
	const struct table_column *columns;
	size_t n = table_columns(t, &columns);

	for (size_t c = 0; c < n; c++) {
		if (columns[c].name != NULL) {
			widths[c] = xlsx_put_text(row, columns[c].name, XLSX_HEADER) + WIDTH_FILTER;
		}
	}
	xlsx_end_row(row);
}

void xlsx_write_sheet(struct xlsx_book *b, struct xlsx_sheet *s)
{
	struct xlsx_row row = {.book = b, .sheet = s->sheet};
	const struct table_column *columns;
	size_t n = table_columns(s->table, &columns), rows = table_rows(s->table), at = 0;
	size_t *widths = mem_zalloc(n, sizeof *widths);

	put_header(&row, s->table, widths);
	for (size_t r = 0; r < rows && b->error == NULL; r++) {
		put_row(&row, s->table, r, widths);
	}
	for (size_t c = 0; c < n; c++) {
		if (columns[c].name != NULL) {
			set_width(b, s, at++, columns[c].type, widths[c]);
		}
	}
	xlsx_check(b, worksheet_autofilter(s->sheet, 0, 0, (lxw_row_t)rows, (lxw_col_t)(at - 1)));
	s->n_cut = row.n_cut;
	hash_table(b, s);
	free(widths);
}
