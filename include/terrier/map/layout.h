#ifndef TERRIER_MAP_LAYOUT_H
#define TERRIER_MAP_LAYOUT_H

#include "terrier/model/map.h"

#include <stdbool.h>
#include <stddef.h>

/* Places a map: Graphviz in a child process with limits on time and memory; when that fails, a plain grid of our own.
 * The only home of libcgraph and libgvc. */
struct map_layout_options {
	unsigned limit_ms;   /* for the child; 0: 20 seconds */
	size_t limit_memory; /* octets of address space for the child; 0: 1 GiB */
	unsigned rounds;     /* of search for a better place; 0: as many as take about two seconds */
	bool is_plain;       /* the grid, without asking Graphviz */
};

/* Sets every position and size in `m`. `options` may be NULL. Returns 0 when Graphviz placed the map (or it is
 * empty), 1 when the grid did: then `*note` (free()) says why, and stands among the map's notes too. */
int map_layout(struct map *m, const struct map_layout_options *options, char **note);

/* Version of Graphviz in use, a constant. */
const char *map_layout_version(void);

#endif
