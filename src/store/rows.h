#ifndef TERRIER_STORE_ROWS_H
#define TERRIER_STORE_ROWS_H

#include "sql.h"

#include <uthash.h>

/* Bookings summed up, and how they get into the tables. */

/* One copy of each text, so that equal texts are equal pointers. */
struct word {
	UT_hash_handle hh;
	char text[];
};

struct row_key {
	int64_t source, destination;        /* ids of ends */
	const struct word *kind, *evidence; /* evidence NULL: none */
	int64_t hour;
	uint16_t server_port;
	uint8_t ip_protocol, evidence_type;
	bool is_provisional;
};

struct sums {
	uint64_t connections, messages, bytes_to_destination, bytes_to_source;
};

struct row {
	struct row_key key;
	int64_t id; /* of the exchange */
	const char *protocol;
	enum confidence confidence;
	bool is_both, initiated_by_source, initiated_by_destination, was_clear, was_encrypted,
	        has_messages;
	uint64_t sensors, evidence_count;
	struct sums sums;
	int64_t first_us, last_us;
};

/* Adds what `from` counts. The order of such calls does not matter, nor does that of EXCHANGE_MERGE
 * in statements.c, which does the same to rows of the database. */
void rows_add(struct row *into, const struct row *from);

/* Writes `n` rows. 0 or -1. */
int rows_write(struct store *s, struct row *rows, size_t n);

#endif
