#ifndef TERRIER_MAP_PLAN_H
#define TERRIER_MAP_PLAN_H

#include "terrier/model/map.h"

/* What is to be placed: shared by the files of src/map/ that place a map, and by nobody else.
 *
 * A label is placed like a node, between the ends of its arrow, so no two can overlap; the arrow runs from its tail
 * into the label and on to its head. Arrows with the same words that share a tail or a head share the label, and the
 * half towards it. */
#define PLAN_NONE ((size_t)-1) /* no zone, label or half */

struct plan_tag {
	size_t edge; /* the first that has it */
	size_t zone; /* of all ends, or PLAN_NONE */
	size_t gap;  /* stands right of this level */
	double x, y, width, height;
};

struct plan_half {
	size_t node, tag;
	bool is_into_tag;         /* tail to label, else label to head */
	struct map_point *points; /* 3n+1 */
	size_t n_points;
};

struct plan_edge {
	size_t tag, in, out; /* halves */
};

struct plan {
	struct plan_tag *tags;
	size_t n_tags;
	struct plan_half *halves;
	size_t n_halves;
	struct plan_edge *edges; /* as many as the map has */
	size_t *levels;          /* of the map's nodes; NULL before level_assign() */
	bool keeps_columns;      /* the levels are a rule to dot, not only the order */
};

/* Measures the map's nodes (their sizes are set), breaks its labels into lines, and shares labels. */
struct plan *plan_new(struct map *m);
void plan_free(struct plan *p); /* NULL is allowed */

/* Finds a column for each node and label, `columns` of each. Another variant is another attempt. */
void level_assign(const struct map *m, struct plan *p, size_t columns, size_t variant);

/* Writes a placed plan into the map: labels and the arrows' curves. */
void plan_apply(struct map *m, const struct plan *p);

/* Places everything on a plain grid of zones with straight halves. */
void grid_place(struct map *m, struct plan *p);

#endif
