#ifndef TERRIER_SRC_EXPORT_XLSX_BOOK_H
#define TERRIER_SRC_EXPORT_XLSX_BOOK_H

#include "terrier/base/digest.h"
#include "terrier/export.h"
#include "xlsx_text.h"

#include <stdbool.h>
#include <stddef.h>
#include <xlsxwriter.h>

/* A workbook being written, and what its sheets share. */
enum xlsx_format {
	XLSX_HEADER,
	XLSX_TITLE,
	XLSX_TEXT,
	XLSX_WRAPPED,
	XLSX_NUMBER,
	XLSX_DATE,
	XLSX_FORMATS
};

/* The sheet of a table. */
struct xlsx_sheet {
	const struct table *table;
	lxw_worksheet *sheet;
	char hash[DIGEST_TEXT_MAX]; /* of the table as CSV */
	size_t n_cut;               /* texts that were too long */
};

struct xlsx_book {
	lxw_workbook *workbook;
	const struct export_about *about;
	lxw_format *formats[XLSX_FORMATS];
	struct xlsx_text text;
	struct xlsx_sheet *sheets;
	size_t n_sheets;
	char *error; /* the first; free() */
};

#define XLSX_ABOUT "About"
#define XLSX_LISTS "Lists"

/* xlsx.c */

/* Says what failed, if nothing did before; and the same of a call of the library. */
void xlsx_fail(struct xlsx_book *b, const char *what);
void xlsx_check(struct xlsx_book *b, lxw_error result);

/* Adds a sheet, its page set up with the marking on it and its first `header` rows staying in
 * sight. NULL when there is no room for it. */
lxw_worksheet *xlsx_add_sheet(struct xlsx_book *b, const char *name, unsigned header);

/* xlsx_sheet.c */

/* The row being written: rows come from the top, cells from the left. Begin with book and sheet,
 * all else zero. */
struct xlsx_row {
	struct xlsx_book *book;
	lxw_worksheet *sheet;
	size_t number, column; /* of the next cell */
	size_t lines;          /* that its texts take up */
	size_t n_cut;          /* texts that were too long, in all rows */
};

#define XLSX_WIDTH_MOST 64 /* of a column; longer texts are wrapped */

/* Writes a text that no reader takes for a formula, a link or an escape; an empty one leaves the
 * cell empty. Returns the columns that it takes up. */
size_t xlsx_put_text(struct xlsx_row *row, const char *text, enum xlsx_format format);

/* Goes on to the next row. */
void xlsx_end_row(struct xlsx_row *row);

/* Writes the table of a sheet. */
void xlsx_write_sheet(struct xlsx_book *b, struct xlsx_sheet *s);

/* Number of a column in its sheet: those without a name are not there. */
size_t xlsx_column(const struct table *t, size_t column);

/* xlsx_about.c */

/* Writes the About sheet, when all others are there. */
void xlsx_write_about(struct xlsx_book *b, lxw_worksheet *sheet);

/* xlsx_lists.c */

/* Writes the controlled words of all columns that have some, each list a column, and offers them
 * where people fill them in. Without any there is no such sheet. */
void xlsx_write_lists(struct xlsx_book *b);

#endif
