#ifndef TERRIER_DISSECT_HPACK_H
#define TERRIER_DISSECT_HPACK_H

#include "http.h"

/* Header compression of HTTP/2 (RFC 7541) for one direction, as much of it as is needed to be right
 * about the few fields that are read, or to know that it is not. A dynamic table is counted, not
 * kept: only what wanted fields meant is remembered, and a reference to what was forgotten is said
 * to be unknown. */
#define HPACK_TEXT    96 /* octets of a value that are looked at */
#define HPACK_ENTRIES 5  /* wanted entries of the dynamic table that are remembered */

enum hpack_name {
	HPACK_OTHER, /* not read */
	HPACK_AUTHORITY,
	HPACK_METHOD,
	HPACK_PATH,
	HPACK_STATUS,
	HPACK_ACCEPT,
	HPACK_AUTHORIZATION,
	HPACK_CONTENT_TYPE,
	HPACK_SERVER,
	HPACK_INTERACTION,
	HPACK_UNKNOWN, /* refers to what was forgotten or never seen */
};

/* What the value of a wanted field means; never the value itself. */
struct hpack_meaning {
	struct route route;  /* of a path */
	uint32_t number;     /* of the table's entry, from 1; 0: none */
	uint8_t name, value; /* enum hpack_name; of a method or medium its enum, of a status its
	                        hundreds */
};

struct hpack {
	uint32_t
	        inserted; /* entries so far, since the connection began or its beginning was lost */
	uint32_t forgotten; /* the last wanted entry that had to go */
	uint32_t number, left, code;
	uint8_t step, op, shift, code_len, n_text, name;
	bool is_huffman, is_cut, is_bad;
	struct hpack_meaning entries[HPACK_ENTRIES];
	char text[HPACK_TEXT];
};

enum hpack_result { HPACK_MORE, HPACK_TEXT_FIELD, HPACK_KNOWN_FIELD, HPACK_ERROR };

/* Begins a header block; what was left open is forgotten, the table stays. */
void hpack_begin(struct hpack *h);

/* Octets were missing: what was inserted before is not known any more. */
void hpack_lose(struct hpack *h);

/* Takes the next octet of a header block. HPACK_TEXT_FIELD: a field is complete, h->name is its
 * name and h->text its value (h->n_text octets; h->is_cut: there were more); say what it means with
 * hpack_learn(). HPACK_KNOWN_FIELD: it was sent before or is in the static table, and `*out` is its
 * meaning (HPACK_UNKNOWN when that cannot be said). After HPACK_ERROR nothing more can be read in
 * this direction. */
enum hpack_result hpack_take(struct hpack *h, uint8_t c, struct hpack_meaning *out);

/* Remembers what the field just completed means, if the sender will refer to it. */
void hpack_learn(struct hpack *h, const struct hpack_meaning *meaning);

#endif
