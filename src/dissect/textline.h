#ifndef TERRIER_DISSECT_TEXTLINE_H
#define TERRIER_DISSECT_TEXTLINE_H

#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

#define TEXTLINE_MAX 160 /* octets kept of a line; the rest is passed over */

/* A line of a text protocol, put together from pieces of a stream. Zeroed: at the start of a line. */
struct textline {
	char text[TEXTLINE_MAX + 1]; /* ends with NUL once it is whole; NULs in it are kept as spaces */
	uint8_t len;
	bool is_cut;  /* the line was longer than what is kept */
	bool is_lost; /* its start was missed */
};

/* Takes octets up to and with the next LF. True when that completed a line: then `text` is it, without CR and LF, until
 * textline_clear(). A line whose start was missed is never completed: it is passed over. */
bool textline_take(struct textline *l, struct cursor *c);

/* Forgets the line. */
void textline_clear(struct textline *l);

/* Octets of the stream are missing: what there is of this line, and what follows of it, is of no use. */
void textline_lose(struct textline *l);

/* Finds `word` in `len` octets whatever its ASCII case; `word` is given in lower case. */
bool textline_has(const char *text, size_t len, const char *word);

#endif
