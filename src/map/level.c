/* Which column each node stands in. Left to itself, dot makes as many columns as the longest chain
 * of information, and a page far too wide; the columns found here are few, evenly filled, and
 * neighbours of what they talk to. */
#include "terrier/map/plan.h"

#include "terrier/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATION 8.0     /* between boxes of a column */
#define PASSING    5.0     /* height that an arrow takes in a column it only crosses */
#define WORK       2000000 /* steps of the search, about a hundredth of a second */
#define STARTS     4
#define PASSES     30

struct search {
	const struct map *m;
	const struct plan *p;
	size_t columns;
	size_t *first; /* halves of tag i: order[first[i]] .. order[first[i + 1]] */
	size_t *order;
	double *height; /* of node columns (even) and label columns (odd) */
};

/* The halves of each label side by side. */
static void index_halves(struct search *s)
{
	const struct plan *p = s->p;
	size_t *at = mem_zalloc(p->n_tags + 1, sizeof *at);

	s->first = mem_zalloc(p->n_tags + 2, sizeof *s->first);
	s->order = mem_zalloc(p->n_halves, sizeof *s->order);
	for (size_t i = 0; i < p->n_halves; i++) {
		s->first[p->halves[i].tag + 1]++;
	}
	for (size_t i = 0; i < p->n_tags; i++) {
		s->first[i + 1] += s->first[i];
		at[i] = s->first[i];
	}
	for (size_t i = 0; i < p->n_halves; i++) {
		s->order[at[p->halves[i].tag]++] = i;
	}
	free(at);
}

/* Columns between a node and the label column right of `gap`. */
static size_t crossed(size_t level, size_t gap)
{
	return level <= gap ? gap - level : level - gap - 1;
}

/* The label column with the shortest arrows: right of the level it names. */
static size_t best_gap(const struct search *s, const size_t *level, size_t tag)
{
	size_t best = 0, least = SIZE_MAX;

	for (size_t gap = 0; gap < s->columns; gap++) {
		size_t sum = 0;
		for (size_t i = s->first[tag]; i < s->first[tag + 1]; i++) {
			sum += crossed(level[s->p->halves[s->order[i]].node], gap);
		}
		if (sum < least) {
			least = sum;
			best = gap;
		}
	}
	return best;
}

static void add_crossed(const struct search *s, size_t level, size_t gap)
{
	size_t from = level <= gap ? 2 * level + 1 : 2 * gap + 2,
	       to = level <= gap ? 2 * gap + 1 : 2 * level;

	for (size_t i = from; i < to; i++) {
		s->height[i] += PASSING;
	}
}

/* Sum of the squares of the columns' heights: low when they are even and arrows short. */
static double cost(const struct search *s, const size_t *level)
{
	double sum = 0;

	memset(s->height, 0, 2 * s->columns * sizeof *s->height);
	for (size_t i = 0; i < s->m->n_nodes; i++) {
		s->height[2 * level[i]] += s->m->nodes[i].height + SEPARATION;
	}
	for (size_t t = 0; t < s->p->n_tags; t++) {
		size_t gap = best_gap(s, level, t);
		s->height[2 * gap + 1] += s->p->tags[t].height + SEPARATION;
		for (size_t i = s->first[t]; i < s->first[t + 1]; i++) {
			add_crossed(s, level[s->p->halves[s->order[i]].node], gap);
		}
	}
	for (size_t i = 0; i < 2 * s->columns; i++) {
		sum += s->height[i] * s->height[i];
	}
	return sum;
}

/* Moves one node after the other to its best column until nothing moves. */
static double improve(const struct search *s, size_t *level, double now)
{
	bool has_moved = true;

	for (int pass = 0; pass < PASSES && has_moved; pass++) {
		has_moved = false;
		for (size_t i = 0; i < s->m->n_nodes; i++) {
			size_t best = level[i];
			for (size_t column = 0; column < s->columns; column++) {
				level[i] = column;
				double then = cost(s, level);
				if (then < now - 1e-6) {
					now = then;
					best = column;
					has_moved = true;
				}
			}
			level[i] = best;
		}
	}
	return now;
}

/* Scatters the nodes; the same start gives the same levels everywhere (Knuth's MMIX multiplier). */
static void scatter(const struct search *s, size_t *level, uint64_t start)
{
	uint64_t x = start + 1;

	for (size_t i = 0; i < s->m->n_nodes; i++) {
		x = x * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		level[i] = (size_t)((x >> 33) % s->columns);
	}
}

void level_assign(const struct map *m, struct plan *p, size_t columns, size_t variant)
{
	struct search s = {.m = m, .p = p, .columns = columns};
	size_t *level = mem_zalloc(m->n_nodes, sizeof *level);
	size_t steps = (p->n_halves + 1) * columns * columns * (m->n_nodes + 1) * 8;
	size_t starts = WORK / steps > STARTS ? STARTS : WORK / steps + 1;
	double least = INFINITY;

	s.height = mem_zalloc(2 * columns, sizeof *s.height);
	index_halves(&s);
	free(p->levels);
	p->levels = mem_zalloc(m->n_nodes, sizeof *p->levels);
	for (size_t i = 0; i < starts; i++) {
		scatter(&s, level, variant * STARTS + i);
		double reached = improve(&s, level, cost(&s, level));
		if (reached < least) {
			least = reached;
			memcpy(p->levels, level, m->n_nodes * sizeof *level);
		}
	}
	for (size_t t = 0; t < p->n_tags; t++) {
		p->tags[t].gap = best_gap(&s, p->levels, t);
	}
	free(s.order);
	free(s.first);
	free(s.height);
	free(level);
}
