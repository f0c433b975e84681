#ifndef TERRIER_REGISTER_ROWS_H
#define TERRIER_REGISTER_ROWS_H

#include "complaints.h"

#include "terrier/base/csv.h"

/* Who takes the rows of a sheet; `line` counts those of the file, from 1. */
struct rows_taker {
	/* The first row that is not empty, which names the columns; false: without them the rest makes no sense. */
	bool (*take_header)(void *context, const struct csv_row *row, size_t line);
	/* Each further one that is not empty. */
	void (*take_row)(void *context, const struct csv_row *row, size_t line);
};

/* Reads a file as spreadsheets save it (terrier/register/sheet.h) and hands its rows over. What is wrong with the file
 * itself is complained about. */
void rows_read(const char *bytes, size_t len, const struct rows_taker *taker, void *context, struct complaints *f);

/* True when nothing is left of a cell without blanks and what spreadsheets put before it. */
bool rows_is_empty_cell(const struct csv_cell *cell);

#endif
