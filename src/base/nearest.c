/* "Did you mean …": the nearest word by edits. */
#include "terrier/base/nearest.h"

#include "terrier/base/text.h"

#include <string.h>

#define WORD_MAX 40 /* longer words are compared by their beginnings */

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits between two words; exchanging two neighbours counts one (optimal string alignment). */
static size_t distance(const char *a, const char *b)
{
	size_t rows[3][WORD_MAX + 1];
	size_t *before = rows[0], *above = rows[1], *row = rows[2];
	size_t a_len = strlen(a), b_len = strlen(b);

	for (size_t j = 0; j <= b_len; j++) {
		above[j] = j;
	}
	for (size_t i = 1; i <= a_len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t swap = above[j - 1] + (a[i - 1] != b[j - 1]);

			row[j] = least(swap, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
				row[j] = least(row[j], before[j - 2] + 1);
			}
		}
		size_t *oldest = before;
		before = above;
		above = row;
		row = oldest;
	}
	return above[b_len];
}

const char *nearest_find(const char *word, const char *const *words, size_t n)
{
	char asked[WORD_MAX + 1], known[WORD_MAX + 1];
	size_t len = text_copy(asked, sizeof asked, word, strlen(word));
	size_t best = len / 3 + 1; /* a third of the letters may be wrong */
	const char *found = NULL;

	text_lower(asked);
	for (size_t i = 0; i < n; i++) {
		size_t edits;

		text_copy(known, sizeof known, words[i], strlen(words[i]));
		text_lower(known);
		edits = distance(asked, known);
		if (edits < best + (found == NULL) && edits < len) {
			best = edits;
			found = words[i];
		}
	}
	return found;
}
