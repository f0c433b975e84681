#ifndef TERRIER_STORE_ENDS_H
#define TERRIER_STORE_ENDS_H

#include "sql.h"

#include "index.h"

#define ENDS_MAX 65536 /* 15 MiB with their texts */

struct end {
	int64_t id;
	struct addr addr;
	char *segment, *address; /* as printed */
	bool has_addr, is_party, is_inside;
	bool is_changed; /* not yet in the database as it is here */
	bool is_counted; /* what follows, since it was last written, means something */
	char mac[18]; /* "": none */
	uint64_t empty_out, empty_in, unanswered_out, unanswered_in;
	int64_t first_us, last_us;
};

/* The hosts and parties met lately, so that a booking costs a look-up in memory and none in the
 * database. */
struct ends {
	struct index index;
	struct end *list; /* ENDS_MAX, of which n are in use */
	size_t n;
};

void ends_init(struct ends *ends);
void ends_fini(struct ends *ends);

/* The end of this segment and address, found or made. There must be room. */
struct end *ends_get(struct ends *ends, const char *segment, const struct endpoint *from);

/* Adds what a host record tells. */
void ends_count(struct end *end, const struct record_host *host, int64_t first_us, int64_t last_us);

/* Writes what has changed. 0 or -1. */
int ends_flush(struct store *s, struct ends *ends);

/* Forgets all. */
void ends_clear(struct ends *ends);

#endif
