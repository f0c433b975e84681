#ifndef TERRIER_BASE_WORDS_H
#define TERRIER_BASE_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/* A small set of different texts, in the order they came. Zero it to begin; meant for tens of texts, not thousands. */
struct words {
	char **text;
	size_t n;
};

void words_clear(struct words *words); /* frees the texts; the set is empty then */

bool words_has(const struct words *words, const char *text);

/* Adds a copy unless it is empty or there already; true when it was added. */
bool words_put(struct words *words, const char *text);

/* Sorts by octets, so that the order does not depend on how they came. */
void words_sort(struct words *words);

/* "a; b; + 3 more": at most `most` of them (0: all), with `between` between them (free()). */
char *words_join(const struct words *words, const char *between, size_t most);

#endif
