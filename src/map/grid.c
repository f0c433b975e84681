/* Placing without Graphviz: zones in rows, systems in a grid inside each, straight arrows, and
 * every label where it covers nothing. Plain, but it always succeeds. */
#include "terrier/map/plan.h"

#include "terrier/base/mem.h"

#include <math.h>
#include <stdlib.h>

#define GAP       46.0 /* between systems: labels stand there */
#define ZONE_GAP  40.0
#define ZONE_HEAD 22.0
#define TRIES     9 /* places for a label along its arrow */

struct box {
	double x, y, width, height; /* centre */
};

static bool overlap(const struct box *a, const struct box *b)
{
	return fabs(a->x - b->x) * 2 < a->width + b->width + 6 &&
	       fabs(a->y - b->y) * 2 < a->height + b->height + 6;
}

/* Sets the size of a zone's box and its nodes' places relative to its corner. */
static void fill_zone(struct map *m, size_t zone)
{
	struct map_zone *z = &m->zones[zone];
	size_t count = 0, at = 0;
	double cell_width = 0, cell_height = 0;

	for (size_t i = 0; i < m->n_nodes; i++) {
		if (m->nodes[i].zone == zone) {
			cell_width = fmax(cell_width, m->nodes[i].width + GAP);
			cell_height = fmax(cell_height, m->nodes[i].height + GAP);
			count++;
		}
	}
	size_t columns =
	        (size_t)ceil(sqrt((double)count * 1.2 * cell_height / fmax(cell_width, 1)));
	columns = columns > 0 ? columns : 1;
	for (size_t i = 0; i < m->n_nodes; i++) {
		if (m->nodes[i].zone == zone) {
			m->nodes[i].x = ((double)(at % columns) + 0.5) * cell_width;
			m->nodes[i].y = ((double)(at / columns) + 0.5) * cell_height + ZONE_HEAD;
			at++;
		}
	}
	z->width = (double)columns * cell_width;
	z->height = ceil((double)count / (double)columns) * cell_height + ZONE_HEAD;
}

/* Zones beside each other until the row is as wide as suits the page. */
static void place_zones(struct map *m)
{
	double area = 0, x = 0, y = 0, row_height = 0, widest = 0;

	for (size_t i = 0; i < m->n_zones; i++) {
		fill_zone(m, i);
		area += (m->zones[i].width + ZONE_GAP) * (m->zones[i].height + ZONE_GAP);
		widest = fmax(widest, m->zones[i].width);
	}
	double limit = fmax(widest, sqrt(area * MAP_PAGE_WIDTH / MAP_PAGE_HEIGHT));
	m->width = m->height = 0;
	for (size_t i = 0; i < m->n_zones; i++) {
		struct map_zone *z = &m->zones[i];
		if (x > 0 && x + z->width > limit) {
			x = 0;
			y += row_height + ZONE_GAP;
			row_height = 0;
		}
		z->x = x;
		z->y = y;
		x += z->width + ZONE_GAP;
		row_height = fmax(row_height, z->height);
		m->width = fmax(m->width, z->x + z->width);
		m->height = fmax(m->height, z->y + z->height);
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		m->nodes[i].x += m->zones[m->nodes[i].zone].x;
		m->nodes[i].y += m->zones[m->nodes[i].zone].y;
	}
}

static bool is_free(const struct box *b, const struct box *taken, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (overlap(b, &taken[i])) {
			return false;
		}
	}
	return true;
}

/* Along the line between the ends; where all is taken, in a row of its own below the drawing. */
static void place_tag(struct map *m, struct plan_tag *t, struct box *taken, size_t n,
                      struct map_point *spare)
{
	const struct map_node *a = &m->nodes[m->edges[t->edge].from],
	                      *b = &m->nodes[m->edges[t->edge].to];
	struct box box = {.width = t->width, .height = t->height};

	for (int i = 0; i < TRIES; i++) {
		double share = 0.5 + (i % 2 == 0 ? 0.05 : -0.05) * (double)((i + 1) / 2);
		box.x = a->x + (b->x - a->x) * share;
		box.y = a->y + (b->y - a->y) * share;
		if (is_free(&box, taken, n)) {
			break;
		}
		if (i == TRIES - 1) {
			if (spare->x + t->width > m->width && spare->x > 0) {
				*spare = (struct map_point){0, m->height + 8};
			}
			box.x = spare->x + t->width / 2;
			box.y = spare->y + t->height / 2;
			spare->x += t->width + 8;
			m->height = fmax(m->height, spare->y + t->height);
			m->width = fmax(m->width, spare->x);
		}
	}
	t->x = box.x;
	t->y = box.y;
	taken[n] = box;
}

static void place_tags(struct map *m, struct plan *p)
{
	struct box *taken = mem_zalloc(m->n_nodes + m->n_zones + p->n_tags, sizeof *taken);
	struct map_point spare = {0, m->height + ZONE_GAP};
	size_t n = 0;

	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct map_node *node = &m->nodes[i];
		taken[n++] = (struct box){node->x, node->y, node->width, node->height};
	}
	for (size_t i = 0; i < m->n_zones; i++) { /* their names */
		const struct map_zone *z = &m->zones[i];
		taken[n++] = (struct box){z->x + z->width / 2, z->y + ZONE_HEAD / 2, z->width,
		                          ZONE_HEAD};
	}
	for (size_t i = 0; i < p->n_tags; i++) {
		place_tag(m, &p->tags[i], taken, n++, &spare);
	}
	free(taken);
}

/* Where the line from the centre of a box towards a point leaves it. */
static struct map_point leave(const struct box *b, struct map_point to)
{
	double dx = to.x - b->x, dy = to.y - b->y;
	double share =
	        fmin(b->width / 2 / fmax(fabs(dx), 1e-9), b->height / 2 / fmax(fabs(dy), 1e-9));

	share = fmin(share, 1);
	return (struct map_point){b->x + dx * share, b->y + dy * share};
}

static void place_half(const struct map *m, const struct plan *p, struct plan_half *h)
{
	const struct map_node *n = &m->nodes[h->node];
	const struct plan_tag *t = &p->tags[h->tag];
	struct box node = {n->x, n->y, n->width, n->height},
	           tag = {t->x, t->y, t->width, t->height};
	struct map_point a = leave(&node, (struct map_point){t->x, t->y});
	struct map_point b = leave(&tag, (struct map_point){n->x, n->y});
	struct map_point tail = h->is_into_tag ? a : b, head = h->is_into_tag ? b : a;

	free(h->points);
	h->n_points = 4;
	h->points = mem_zalloc(4, sizeof *h->points);
	for (int i = 0; i < 4; i++) {
		h->points[i].x = tail.x + (head.x - tail.x) * i / 3;
		h->points[i].y = tail.y + (head.y - tail.y) * i / 3;
	}
}

void grid_place(struct map *m, struct plan *p)
{
	place_zones(m);
	place_tags(m, p);
	for (size_t i = 0; i < p->n_halves; i++) {
		place_half(m, p, &p->halves[i]);
	}
}
