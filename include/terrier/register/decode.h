#ifndef TERRIER_REGISTER_DECODE_H
#define TERRIER_REGISTER_DECODE_H

#include <stddef.h>

/* Text of a CSV file, whatever spreadsheet saved it: UTF-8 or UTF-16 by their byte order marks (Unicode 23.8),
 * UTF-16 without one where the zero octets of ASCII show it, UTF-8 where all of it is well-formed, else Windows-1252.
 *
 * Returns UTF-8 without a mark (free()), `*out_len` octets of it, with a NUL behind. NULL for what is none of these
 * or no CSV file at all (a workbook, a PDF, a web page): `*fault` (free()) says what it is and what to do instead,
 * and `*line` where, 0 for the whole file. */
char *decode_text(const char *bytes, size_t len, size_t *out_len, char **fault, size_t *line);

#endif
