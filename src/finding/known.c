/* What must be known of all exchanges before one can be judged. */
#include "known.h"

#include "terrier/base/mem.h"
#include "terrier/model/pattern.h"

#include <stdlib.h>
#include <string.h>

#define BACKUP_KINDS "inf.backup;inf.storage"
#define LIVE_FACTS   "HL7 processing id P;ASTM processing P"

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
		};
		HASH_ADD_KEYPTR(hh, k->hosts, host->key, strlen(host->key), host);
	}
	host->first_us = e->first_us < host->first_us ? e->first_us : host->first_us;
	if (pattern_list_fits(BACKUP_KINDS, e->kind_id) && e->last_us > host->backup_us) {
		host->backup_us = e->last_us;
	}
	return host;
}

static void learn_end(struct known *k, const struct exchange *e, bool is_source)
{
	const struct role_exchange x = {
	        .protocol = e->protocol,
	        .kind_id = e->kind_id,
	        .tier = e->tier,
	        .confidence = e->confidence,
	        .initiated_by_source = e->initiated_by_source,
	        .initiated_by_destination = e->initiated_by_destination,
	        .is_both = e->is_both,
	};

	role_note_end(&see_host(k, is_source ? &e->source : &e->destination, e)->deeds, &x, is_source);
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

void known_free(struct known *k)
{
	struct known_host *host, *next_host;
	struct known_zone *zone, *next_zone;
	struct known_link *link, *next_link;

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
	HASH_ITER(hh, k->live, link, next_link)
	{
		HASH_DEL(k->live, link);
		free(link->key);
		free(link);
	}
}

const struct known_host *known_find(const struct known *k, const struct exchange_end *end)
{
	struct known_host *host;

	HASH_FIND_STR(k->hosts, end->host, host);
	return host;
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
