#ifndef TERRIER_BASE_CSV_H
#define TERRIER_BASE_CSV_H

#include <stddef.h>

/* Reading of comma-separated values (RFC 4180; LF or CR also end a line, a byte order mark is
 * skipped, blank lines are no rows). What the cells mean is up to the caller. */

#define CSV_CELLS_MAX 128 /* cells of a row that are kept; more are only counted */

struct csv_cell {
	const char *text; /* NUL-terminated, but a NUL may also stand inside */
	size_t len;
};

struct csv_row {
	size_t line; /* on which the row begins, from 1 */
	size_t n;    /* cells of the row, also those beyond CSV_CELLS_MAX */
	struct csv_cell cells[CSV_CELLS_MAX];
};

/* Takes one row, borrowed for the call. */
typedef void (*csv_row_fn)(void *context, const struct csv_row *row);

/* Hands all rows of `bytes` to `take`. Returns NULL, or what is wrong with the quotes: `*line` then
 * is where, and the rows before have been handed over. */
const char *csv_read(const char *bytes, size_t len, csv_row_fn take, void *context, size_t *line);

/* The same with another octet than the comma between the cells. */
const char *csv_read_with(const char *bytes, size_t len, char delimiter, csv_row_fn take,
                          void *context, size_t *line);

/* Line ends in a text: LF, CR LF or CR. */
size_t csv_count_lines(const char *text, size_t len);

#endif
