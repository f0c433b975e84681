#ifndef TERRIER_BASE_NEAREST_H
#define TERRIER_BASE_NEAREST_H

#include <stddef.h>

/* The one of `n` words that a mistyped `word` most probably meant; NULL when none is near. Of
 * several the first. */
const char *nearest_find(const char *word, const char *const *words, size_t n);

#endif
