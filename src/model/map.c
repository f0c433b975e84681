/* The map's storage; what it means is decided by map/build.c. */
#include "terrier/model/map.h"

#include "terrier/base/mem.h"

#include <stdlib.h>

struct map *map_new(void)
{
	return mem_zalloc(1, sizeof(struct map));
}

static void free_node(struct map_node *n)
{
	free(n->id);
	free(n->asset_id);
	free(n->name);
	free(n->detail);
}

static void free_edge(struct map_edge *e)
{
	free(e->label);
	free(e->method);
	free(e->ids);
	free(e->points);
}

void map_free(struct map *m)
{
	if (m == NULL) {
		return;
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		free_node(&m->nodes[i]);
	}
	for (size_t i = 0; i < m->n_edges; i++) {
		free_edge(&m->edges[i]);
	}
	for (size_t i = 0; i < m->n_zones; i++) {
		free(m->zones[i].name);
	}
	for (size_t i = 0; i < m->n_notes; i++) {
		free(m->notes[i]);
	}
	for (size_t i = 0; i < m->n_control; i++) {
		free(m->control[i]);
	}
	free(m->nodes);
	free(m->edges);
	free(m->zones);
	free(m->notes);
	free(m->control);
	free(m->title);
	free(m->scope);
	free(m->period);
	free(m->coverage);
	free(m->marking);
	free(m);
}
