#ifndef TERRIER_SRC_FINDING_KNOWN_H
#define TERRIER_SRC_FINDING_KNOWN_H

#include "terrier/finding/finder.h"

#include <uthash.h>

/* What the first pass learns of systems, zones and links. */
struct known_host {
	char *key, *zone;
	bool is_inside;
	struct role_deeds deeds;
	int64_t first_us;
	int64_t backup_us; /* last exchange of backup or storage; 0: none */
	UT_hash_handle hh;
};

struct known_zone {
	char *key;
	size_t systems, clients;
	UT_hash_handle hh;
};

struct known_link {
	char *key;
	UT_hash_handle hh;
};

struct known {
	struct known_host *hosts;
	struct known_zone *zones; /* made by known_finish() */
	struct known_link *live;  /* over which messages marked as production went */
};

void known_learn(struct known *k, const struct exchange *e);

/* Ends the first pass. */
void known_finish(struct known *k);
void known_free(struct known *k);

/* The system behind an end; NULL when it was not learnt. */
const struct known_host *known_find(const struct known *k, const struct exchange_end *end);

/* True when more than half of the systems seen in the zone are clients. */
bool known_is_of_clients(const struct known *k, const char *zone);

/* True when production messages went over this exchange's link. */
bool known_is_live(const struct known *k, const struct exchange *e);

#endif
