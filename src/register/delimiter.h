#ifndef TERRIER_REGISTER_DELIMITER_H
#define TERRIER_REGISTER_DELIMITER_H

#include <stddef.h>

/* What stands between the cells: of a first line "sep=;", which Excel writes and reads, else most often in the first
 * row. Moves `*text` and `*len` over that line and blank ones, which `*skipped` counts. */
char delimiter_find(const char **text, size_t *len, size_t *skipped);

#endif
