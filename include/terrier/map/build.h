#ifndef TERRIER_MAP_BUILD_H
#define TERRIER_MAP_BUILD_H

#include "terrier/map/input.h"
#include "terrier/model/map.h"

/* Rows of exchanges in, a map out: one node a host, store, outside party or fold; one arrow for what goes from one to
 * the other under one group of kinds, in clear or encrypted. All that is left out is said in a note. */

/* The map of these rows, not placed yet; map_free() it. Never fails: no rows give an empty map. */
struct map *map_build(const struct map_input *input);

#endif
