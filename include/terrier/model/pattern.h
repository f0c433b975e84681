#ifndef TERRIER_MODEL_PATTERN_H
#define TERRIER_MODEL_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

/* Lists in a cell of the catalogue: patterns with `;` between them, as `SMB1;FTP` or
 * `clin.*;!clin.research`. A `*` ends a pattern that fits every text with this beginning; a `!`
 * before it takes what fits out again. ASCII case is ignored. */

/* True when the text fits a pattern and none with `!`. A list without patterns, or of none but such
 * with `!`, fits all others. */
bool pattern_list_fits(const char *list, const char *text);

/* The same for host names: a pattern fits the name itself and every name below it. An empty list
 * fits none. */
bool pattern_list_fits_host(const char *list, const char *host);

/* The next pattern of a list: sets `*len` and returns its start, without `!`; NULL at the end.
 * `*list` moves on. */
const char *pattern_next(const char **list, size_t *len, bool *is_taken_out);

/* True when one pattern fits the text. */
bool pattern_fits(const char *pattern, size_t len, const char *text);

#endif
