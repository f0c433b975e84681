#ifndef TERRIER_REGISTER_HEADER_H
#define TERRIER_REGISTER_HEADER_H

#include "complaints.h"
#include "terrier/base/csv.h"
#include "terrier/model/entry.h"

#include <stdbool.h>
#include <stddef.h>

/* What the first row of a sheet says of its columns. */
struct header {
	size_t n;                          /* cells that are read of a row */
	size_t column[CSV_CELLS_MAX];      /* of each of them; HEADER_UNREAD, HEADER_UNNAMED */
	bool has_column[ENTRY_COLUMNS_MAX];
	bool is_exported; /* by Terrier: it says what was observed of each flow */
	size_t status;    /* the cell that says so, of a sheet that was */
	char *unread;     /* names of the columns that Terrier fills in, with commas between; NULL: none. free() */
};

#define HEADER_UNREAD  ENTRY_COLUMNS_MAX
#define HEADER_UNNAMED (ENTRY_COLUMNS_MAX + 1)

/* Reads it; `line` of the file. False when no row can be understood by it; faults may be noted in any case. */
bool header_read(struct header *h, enum entry_type type, const struct csv_row *row, size_t line, struct complaints *f);

#endif
