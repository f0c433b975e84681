#ifndef TERRIER_EXPORT_TEXT_H
#define TERRIER_EXPORT_TEXT_H

#include "terrier/model/table.h"

#include <stdio.h>

/* What the text formats share. */

/* A cell that is not empty as text: a number, a time in ISO 8601, or the text itself. Lives in the
 * cell or in `out`. */
#define EXPORT_CELL_MAX 64
const char *export_cell_text(const struct table_cell *cell, char out[EXPORT_CELL_MAX]);

/* Writes one character as UTF-8. */
void export_put_character(uint32_t code, FILE *out);

/* The end of a writer: 0, or -1 with the reason in `*error` (free()) when something could not be written. */
int export_finish(FILE *out, char **error);

#endif
