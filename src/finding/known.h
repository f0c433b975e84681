#ifndef TERRIER_SRC_FINDING_KNOWN_H
#define TERRIER_SRC_FINDING_KNOWN_H

#include "terrier/finding/finder.h"

#include <uthash.h>

/* What the first pass learns of systems, zones and links. */
struct known_host {
	char *key, *zone;
	bool is_inside;
	struct role_deeds deeds;
	int64_t first_us, last_us;
	enum tier tier; /* the highest of what it exchanges; below 2 nobody can tell what it holds:
	                   unknown */
	int64_t backup_us; /* last exchange of backup or storage; 0: none */
	UT_hash_handle hh;
};

struct known_zone {
	char *key;
	size_t systems, clients;
	UT_hash_handle hh;
};

/* An asset, as known_host. */
struct known_asset {
	char *id;
	enum tier tier; /* … or is declared to hold */
	int64_t first_us, last_us, backup_us;
	UT_hash_handle hh;
};

struct known_link {
	char *key;
	int64_t last_us;
	UT_hash_handle hh;
};

struct known {
	const struct catalogue *catalogue;
	struct known_host *hosts;
	struct known_zone *zones; /* made by known_finish() */
	struct known_link *live;  /* over which messages marked as production went */
	struct known_asset *assets;
	struct known_link *backups; /* between two assets */
};

void known_learn(struct known *k, const struct exchange *e);

/* Ends the first pass. */
void known_finish(struct known *k);
void known_free(struct known *k);

/* The asset of this id; NULL when it was not seen. When backup or storage traffic went between two,
 * 0: never. */
const struct known_asset *known_find_asset(const struct known *k, const char *id);
int64_t known_backup_to(const struct known *k, const char *id, const char *other);

/* The highest tier of a list of kinds and groups; of what an asset (NULL: unknown) is declared to
 * hold and was seen to exchange. Below 2 it is unknown. */
enum tier known_kinds_tier(const struct known *k, const char *list);
enum tier known_asset_tier(const struct known *k, const struct entry *asset);

/* The system with this key; NULL when it was not learnt. */
const struct known_host *known_find_key(const struct known *k, const char *key);

/* The system behind an end; NULL when it was not learnt. */
const struct known_host *known_find(const struct known *k, const struct exchange_end *end);

/* True when more than half of the systems seen in the zone are clients. */
bool known_is_of_clients(const struct known *k, const char *zone);

/* True when production messages went over this exchange's link. */
bool known_is_live(const struct known *k, const struct exchange *e);

#endif
