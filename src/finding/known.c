/* What must be known of all exchanges before one can be judged. */
#include "known.h"

#include "match.h"

#include "terrier/base/mem.h"
#include "terrier/model/pattern.h"

#include <stdlib.h>
#include <string.h>

#define BACKUP_KINDS "inf.backup;inf.storage"
#define LIVE_FACTS   "HL7 processing id P;ASTM processing P"

/* Of health or personal data, and not by a guess; else unknown. */
static enum tier tier_of(const struct exchange *e)
{
	bool is_sure = e->tier >= TIER_2 && match_confidence(e) >= CONFIDENCE_MEDIUM;

	return is_sure ? e->tier : TIER_UNKNOWN;
}

static enum tier higher(enum tier a, enum tier b)
{
	return a == TIER_UNKNOWN || (b != TIER_UNKNOWN && b > a) ? b : a;
}

static void see_asset(struct known *k, const struct exchange_end *end, const struct exchange *e)
{
	struct known_asset *asset;

	if (end->asset == NULL) {
		return;
	}
	HASH_FIND_STR(k->assets, end->asset->id, asset);
	if (asset == NULL) {
		asset = mem_zalloc(1, sizeof *asset);
		asset->id = mem_strdup(end->asset->id);
		asset->tier = TIER_UNKNOWN;
		asset->first_us = e->first_us;
		HASH_ADD_KEYPTR(hh, k->assets, asset->id, strlen(asset->id), asset);
	}
	asset->first_us = e->first_us < asset->first_us ? e->first_us : asset->first_us;
	asset->last_us = e->last_us > asset->last_us ? e->last_us : asset->last_us;
	asset->tier = higher(asset->tier, tier_of(e));
	if (pattern_list_fits(BACKUP_KINDS, e->kind_id) && e->last_us > asset->backup_us) {
		asset->backup_us = e->last_us;
	}
}

static char *pair_of(const char *id, const char *other)
{
	bool is_first = strcmp(id, other) < 0;

	return mem_printf("%s\n%s", is_first ? id : other, is_first ? other : id);
}

static void see_backup(struct known *k, const struct exchange *e)
{
	struct known_link *link;
	char *key;

	if (e->source.asset == NULL || e->destination.asset == NULL || !pattern_list_fits(BACKUP_KINDS, e->kind_id)) {
		return;
	}
	key = pair_of(e->source.asset->id, e->destination.asset->id);
	HASH_FIND_STR(k->backups, key, link);
	if (link == NULL) {
		link = mem_zalloc(1, sizeof *link);
		link->key = key;
		HASH_ADD_KEYPTR(hh, k->backups, link->key, strlen(link->key), link);
	} else {
		free(key);
	}
	link->last_us = e->last_us > link->last_us ? e->last_us : link->last_us;
}

static struct known_host *see_host(struct known *k, const struct exchange_end *end,
                                   const struct exchange *e)
{
	struct known_host *host;

	HASH_FIND_STR(k->hosts, end->host, host);
	if (host == NULL) {
		host = mem_zalloc(1, sizeof *host);
		*host = (struct known_host){
		        .key = mem_strdup(end->host),
		        .zone = mem_strdup(end->zone),
		        .is_inside = end->is_inside && !end->is_group,
		        .first_us = e->first_us,
		        .tier = TIER_UNKNOWN,
		};
		HASH_ADD_KEYPTR(hh, k->hosts, host->key, strlen(host->key), host);
	}
	host->first_us = e->first_us < host->first_us ? e->first_us : host->first_us;
	host->last_us = e->last_us > host->last_us ? e->last_us : host->last_us;
	host->tier = higher(host->tier, tier_of(e));
	if (pattern_list_fits(BACKUP_KINDS, e->kind_id) && e->last_us > host->backup_us) {
		host->backup_us = e->last_us;
	}
	return host;
}

static void learn_end(struct known *k, const struct exchange *e, bool is_source)
{
	struct known_host *host = see_host(k, is_source ? &e->source : &e->destination, e);

	exchange_note_deeds(e, is_source, &host->deeds);
}

static char *link_of(const struct exchange *e)
{
	return mem_printf("%s\n%s\n%s", e->source.host, e->destination.host, e->port);
}

static void learn_link(struct known *k, const struct exchange *e)
{
	struct known_link *link = NULL;

	for (size_t i = 0; i < e->n_facts; i++) {
		if (e->facts[i].type == EVIDENCE_OTHER &&
		    pattern_list_fits(LIVE_FACTS, e->facts[i].text) && link == NULL) {
			char *key = link_of(e);

			HASH_FIND_STR(k->live, key, link);
			if (link != NULL) {
				free(key);
				return;
			}
			link = mem_zalloc(1, sizeof *link);
			link->key = key;
			HASH_ADD_KEYPTR(hh, k->live, link->key, strlen(link->key), link);
		}
	}
}

void known_learn(struct known *k, const struct exchange *e)
{
	learn_end(k, e, true);
	learn_end(k, e, false);
	learn_link(k, e);
	see_asset(k, &e->source, e);
	see_asset(k, &e->destination, e);
	see_backup(k, e);
}

void known_finish(struct known *k)
{
	struct known_host *host, *next;

	HASH_ITER(hh, k->hosts, host, next)
	{
		struct known_zone *zone;

		if (!host->is_inside) {
			continue;
		}
		HASH_FIND_STR(k->zones, host->zone, zone);
		if (zone == NULL) {
			zone = mem_zalloc(1, sizeof *zone);
			zone->key = mem_strdup(host->zone);
			HASH_ADD_KEYPTR(hh, k->zones, zone->key, strlen(zone->key), zone);
		}
		zone->systems++;
		zone->clients += role_is(&host->deeds, ROLE_CLIENT);
	}
}

static void free_links(struct known_link **links)
{
	struct known_link *link, *next;

	HASH_ITER(hh, *links, link, next)
	{
		HASH_DEL(*links, link);
		free(link->key);
		free(link);
	}
}

void known_free(struct known *k)
{
	struct known_host *host, *next_host;
	struct known_zone *zone, *next_zone;
	struct known_asset *asset, *next_asset;

	HASH_ITER(hh, k->hosts, host, next_host)
	{
		HASH_DEL(k->hosts, host);
		free(host->key);
		free(host->zone);
		free(host);
	}
	HASH_ITER(hh, k->zones, zone, next_zone)
	{
		HASH_DEL(k->zones, zone);
		free(zone->key);
		free(zone);
	}
	HASH_ITER(hh, k->assets, asset, next_asset)
	{
		HASH_DEL(k->assets, asset);
		free(asset->id);
		free(asset);
	}
	free_links(&k->live);
	free_links(&k->backups);
}

const struct known_host *known_find_key(const struct known *k, const char *key)
{
	struct known_host *host;

	HASH_FIND_STR(k->hosts, key, host);
	return host;
}

const struct known_host *known_find(const struct known *k, const struct exchange_end *end)
{
	return known_find_key(k, end->host);
}

const struct known_asset *known_find_asset(const struct known *k, const char *id)
{
	struct known_asset *asset;

	HASH_FIND_STR(k->assets, id, asset);
	return asset;
}

int64_t known_backup_to(const struct known *k, const char *id, const char *other)
{
	struct known_link *link;
	char *key = pair_of(id, other);

	HASH_FIND_STR(k->backups, key, link);
	free(key);
	return link != NULL ? link->last_us : 0;
}

enum tier known_kinds_tier(const struct known *k, const char *list)
{
	enum tier tier = TIER_UNKNOWN;

	for (uint16_t i = 0; list[0] != '\0' && i < catalogue_count(k->catalogue); i++) {
		const struct kind *kind = catalogue_kind(k->catalogue, i);

		if (kind->tier >= TIER_2 && pattern_list_fits(list, kind->id)) {
			tier = higher(tier, kind->tier);
		}
	}
	return tier;
}

enum tier known_asset_tier(const struct known *k, const struct entry *asset)
{
	const struct known_asset *seen = asset != NULL ? known_find_asset(k, asset->id) : NULL;

	return higher(asset != NULL ? known_kinds_tier(k, entry_text(asset, ASSET_KINDS)) : TIER_UNKNOWN,
	              seen != NULL ? seen->tier : TIER_UNKNOWN);
}

bool known_is_of_clients(const struct known *k, const char *zone)
{
	struct known_zone *found;

	HASH_FIND_STR(k->zones, zone, found);
	return found != NULL && found->clients * 2 > found->systems;
}

bool known_is_live(const struct known *k, const struct exchange *e)
{
	struct known_link *link;
	char *key = link_of(e);

	HASH_FIND_STR(k->live, key, link);
	free(key);
	return link != NULL;
}
