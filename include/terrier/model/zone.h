#ifndef TERRIER_MODEL_ZONE_H
#define TERRIER_MODEL_ZONE_H

#include "terrier/base/addr.h"

#include <stdbool.h>
#include <stddef.h>

/* The zones of a configuration: named blocks of addresses. The longest block that holds an address
 * decides. */
struct zones;

/* An empty set, and its end (NULL is allowed). */
struct zones *zones_new(void);
void zones_free(struct zones *z);

/* Adds a block to the zone of this name (copied). Of two equal blocks the first counts. */
void zones_add(struct zones *z, const char *name, const struct prefix *block);

/* The zone that holds `a`; NULL when none does. Belongs to the set. */
const char *zones_find(const struct zones *z, const struct addr *a);

/* The block that decides it: false, `*out` untouched, when none holds `a`. */
bool zones_block(const struct zones *z, const struct addr *a, struct prefix *out);

/* True when a zone of this name exists; ASCII case does not matter. */
bool zones_has(const struct zones *z, const char *name);

/* The names, each once, in the order of their first block; returns how many. Belongs to the set. */
size_t zones_names(const struct zones *z, const char *const **names);

/* What stands for the zone of an address that is in none: its /24 (IPv4) or /64 (IPv6). Returns
 * `out`. */
char *zone_subnet(const struct addr *a, char out[PREFIX_TEXT_MAX]);

#endif
