#ifndef TERRIER_REGISTER_CELL_H
#define TERRIER_REGISTER_CELL_H

#include "complaints.h"
#include "terrier/model/entry.h"
#include "terrier/model/kind.h"

#include <stdbool.h>
#include <stddef.h>

/* One cell on its way into the kept spelling. */
struct cell {
	const struct catalogue *catalogue;
	struct complaints *complaints;
	size_t line; /* the row's first */
	const struct entry_column *column;
	size_t len;
	char text[ENTRY_CELL_MAX + 1]; /* the outcome */
};

/* Moves over blanks (also no-break spaces) and the apostrophe that keeps a formula from being one, at the ends of
 * `*len` octets. Returns what is left. */
const char *cell_bare(const char *text, size_t *len);

/* Reads a cell's `len` octets of UTF-8 for a column. False, with a fault noted for each bad item, when it may not
 * stand there; an empty one is always good. */
bool cell_read(struct cell *c, const struct entry_column *column, const char *text, size_t len);

/* One item of a list, or the whole of a cell that is none, is put into `out` of `room` octets. `text` is trimmed, not
 * empty, ends with NUL and may be changed. The outcome is empty for what says nothing. */
struct item {
	const struct cell *cell;
	const char *read; /* as it stands in the file, for complaints */
	size_t len;
	char *out;
	size_t room;
};
bool item_read(struct item *i, char *text);

#endif
