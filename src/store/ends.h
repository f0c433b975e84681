#ifndef TERRIER_STORE_ENDS_H
#define TERRIER_STORE_ENDS_H

#include "sql.h"

#include <uthash.h>

/* The hosts and parties met lately, so that a booking costs a look-up in memory and none in the
 * database. */
struct end {
	int64_t id;
	char *segment, *address; /* as printed */
	struct addr addr;
	bool has_addr, is_party, is_inside;
	bool is_changed; /* not yet in the database as it is here */
	bool is_counted; /* what follows, since it was last written, means something */
	char mac_oui[9]; /* "": none */
	uint64_t empty_out, empty_in, unanswered_out, unanswered_in;
	int64_t first_us, last_us;
	UT_hash_handle hh;
	char key[];
};

/* The end of this segment and address, found or made. `*ends` is the table, NULL when empty. */
struct end *ends_get(struct end **ends, const char *segment, const struct endpoint *from);

/* Adds what a host record tells. */
void ends_count(struct end *end, const struct record_host *host, int64_t first_us, int64_t last_us);

/* Writes what has changed. 0 or -1. */
int ends_flush(struct store *s, struct end *ends);

/* Forgets all. */
void ends_clear(struct end **ends);

#endif
