/* Sizes of boxes and labels, and which arrows share a label. */
#include "terrier/map/plan.h"

#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LABEL_WIDTH    122.0 /* text of a label is broken at */
#define METHOD_WIDTH   138.0
#define NODE_WIDTH     86.0 /* at least */
#define NODE_MARGIN    10.0
#define NODE_PER_ARROW 6.0 /* height, so that arrows at a busy node stay apart */

static double line_height(double size)
{
	return size * MAP_LEADING;
}

static void measure_node(struct map_node *n, size_t arrows)
{
	double width = glyph_width(n->name, strlen(n->name), MAP_NAME_SIZE, true);
	double height = line_height(MAP_NAME_SIZE) + 16;

	if (n->detail != NULL) {
		double detail = glyph_width(n->detail, strlen(n->detail), MAP_DETAIL_SIZE, false);
		width = detail > width ? detail : width;
		height += line_height(MAP_DETAIL_SIZE);
	}
	if (n->shape == MAP_STORE) {
		height += 8; /* the lid */
	}
	width += 2 * NODE_MARGIN;
	n->width = width > NODE_WIDTH ? width : NODE_WIDTH;
	n->height =
	        height > NODE_PER_ARROW * (double)arrows ? height : NODE_PER_ARROW * (double)arrows;
}

/* Breaks each line that is too wide; the result replaces the text. */
static void break_lines(char **text, double width)
{
	char *out = mem_zalloc(strlen(*text) * 2 + 1, 1);
	size_t used = 0;

	for (const char *p = *text; *p != '\0';) {
		size_t n = glyph_break(p, width, MAP_LABEL_SIZE, false);
		memcpy(out + used, p, n);
		used += n;
		p += n;
		while (*p == ' ' || *p == '\n') {
			p++;
		}
		if (*p != '\0') {
			out[used++] = '\n';
		}
	}
	out[used] = '\0';
	free(*text);
	*text = out;
}

/* Widest line of a text, and how many it has. */
static double widest_line(const char *text, size_t *lines)
{
	double widest = 0;

	for (const char *p = text; *p != '\0'; (*lines)++) {
		size_t n = strcspn(p, "\n");
		widest = fmax(widest, glyph_width(p, n, MAP_LABEL_SIZE, false));
		p += p[n] == '\n' ? n + 1 : n;
	}
	return widest;
}

static void measure_tag(struct plan_tag *t, const struct map_edge *e)
{
	size_t lines = 0;
	double widest =
	        fmax(widest_line(e->label, &lines), widest_line(e->method, &lines) + MAP_LOCK);

	t->width = widest + MAP_CHIP + 3 * MAP_PAD;
	t->height = (double)lines * line_height(MAP_LABEL_SIZE) + 2 * MAP_PAD;
}

/* 0 for edges whose labels read the same. */
static int words_cmp(const struct map_edge *a, const struct map_edge *b)
{
	int order = strcmp(a->label, b->label);

	if (order == 0) {
		order = strcmp(a->method, b->method);
	}
	if (order == 0) {
		order = (int)a->tier - (int)b->tier;
	}
	if (order == 0) {
		order = (int)a->status - (int)b->status;
	}
	if (order == 0) {
		order = (int)a->is_rejected - (int)b->is_rejected;
	}
	return order != 0 ? order : (int)a->is_both - (int)b->is_both;
}

struct ref {
	const struct map_edge *edge;
	size_t index;
};

static int ref_cmp(const void *x, const void *y)
{
	const struct ref *a = x, *b = y;
	int order = words_cmp(a->edge, b->edge);

	return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* An end that arrows have in common. */
struct hub {
	size_t node, count;
	bool is_head;
};

static size_t end_of(const struct map_edge *e, bool is_head)
{
	return is_head ? e->to : e->from;
}

/* The end that most edges of the run without a label have in common. */
static struct hub best_hub(const struct ref *run, size_t n, const struct plan *p, size_t *counts)
{
	struct hub best = {0};

	for (int is_head = 0; is_head < 2; is_head++) {
		for (size_t i = 0; i < n; i++) {
			counts[end_of(run[i].edge, is_head)] = 0;
		}
		for (size_t i = 0; i < n; i++) {
			size_t node = end_of(run[i].edge, is_head);
			if (p->edges[run[i].index].tag == PLAN_NONE &&
			    ++counts[node] > best.count) {
				best = (struct hub){node, counts[node], is_head};
			}
		}
	}
	return best;
}

/* Gives the run's edges labels, each to as many as have an end in common. */
static void share_labels(const struct ref *run, size_t n, struct plan *p, size_t *counts)
{
	for (;;) {
		struct hub hub = best_hub(run, n, p, counts);
		if (hub.count == 0) {
			return;
		}
		size_t tag = p->n_tags++;
		p->tags[tag].edge = PLAN_NONE;
		for (size_t i = 0; i < n; i++) {
			struct plan_edge *e = &p->edges[run[i].index];
			if (e->tag != PLAN_NONE || end_of(run[i].edge, hub.is_head) != hub.node) {
				continue;
			}
			e->tag = tag;
			if (p->tags[tag].edge == PLAN_NONE) {
				p->tags[tag].edge = run[i].index;
			}
		}
	}
}

static void make_tags(const struct map *m, struct plan *p)
{
	struct ref *refs = mem_zalloc(m->n_edges, sizeof *refs);
	size_t *counts = mem_zalloc(m->n_nodes, sizeof *counts);

	for (size_t i = 0; i < m->n_edges; i++) {
		refs[i] = (struct ref){&m->edges[i], i};
		p->edges[i].tag = PLAN_NONE;
	}
	qsort(refs, m->n_edges, sizeof *refs, ref_cmp);
	for (size_t i = 0, end; i < m->n_edges; i = end) {
		for (end = i + 1; end < m->n_edges && words_cmp(refs[i].edge, refs[end].edge) == 0;
		     end++) {
		}
		share_labels(refs + i, end - i, p, counts);
	}
	free(counts);
	free(refs);
}

static size_t add_half(struct plan *p, size_t node, size_t tag, bool is_into_tag)
{
	p->halves[p->n_halves] =
	        (struct plan_half){.node = node, .tag = tag, .is_into_tag = is_into_tag};
	return p->n_halves++;
}

/* The half of an edge of the same label at the same node, if there is one already: found among the
 * tag's edges, which are told by `last`, the latest edge of each tag chained through `previous`. */
static size_t find_half(const struct map *m, const struct plan *p, const size_t *previous,
                        size_t edge, bool is_in)
{
	size_t node = is_in ? m->edges[edge].from : m->edges[edge].to;

	for (size_t i = previous[edge]; i != PLAN_NONE; i = previous[i]) {
		if ((is_in ? m->edges[i].from : m->edges[i].to) == node) {
			return is_in ? p->edges[i].in : p->edges[i].out;
		}
	}
	return PLAN_NONE;
}

static void make_halves(struct map *m, struct plan *p)
{
	size_t *last = mem_zalloc(p->n_tags, sizeof *last);
	size_t *previous = mem_zalloc(m->n_edges, sizeof *previous);

	p->halves = mem_zalloc(m->n_edges * 2, sizeof *p->halves);
	for (size_t i = 0; i < p->n_tags; i++) {
		last[i] = PLAN_NONE;
	}
	for (size_t i = 0; i < m->n_edges; i++) {
		struct plan_edge *e = &p->edges[i];
		previous[i] = last[e->tag];
		last[e->tag] = i;
		e->in = find_half(m, p, previous, i, true);
		e->out = find_half(m, p, previous, i, false);
		m->edges[i].is_in_shared = e->in != PLAN_NONE;
		m->edges[i].is_out_shared = e->out != PLAN_NONE;
		if (e->in == PLAN_NONE) {
			e->in = add_half(p, m->edges[i].from, e->tag, true);
		}
		if (e->out == PLAN_NONE) {
			e->out = add_half(p, m->edges[i].to, e->tag, false);
		}
	}
	free(previous);
	free(last);
}

static void zone_tags(const struct map *m, struct plan *p)
{
	for (size_t i = 0; i < p->n_tags; i++) {
		p->tags[i].zone = m->nodes[m->edges[p->tags[i].edge].from].zone;
	}
	for (size_t i = 0; i < p->n_halves; i++) {
		struct plan_tag *t = &p->tags[p->halves[i].tag];
		if (m->nodes[p->halves[i].node].zone != t->zone) {
			t->zone = PLAN_NONE;
		}
	}
}

static void measure_nodes(struct map *m, const struct plan *p)
{
	size_t *in = mem_zalloc(m->n_nodes, sizeof *in), *out = mem_zalloc(m->n_nodes, sizeof *out);

	for (size_t i = 0; i < p->n_halves; i++) {
		size_t *side = p->halves[i].is_into_tag ? out : in;
		side[p->halves[i].node]++;
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		measure_node(&m->nodes[i], in[i] > out[i] ? in[i] : out[i]);
	}
	free(in);
	free(out);
}

struct plan *plan_new(struct map *m)
{
	struct plan *p = mem_zalloc(1, sizeof *p);

	p->edges = mem_zalloc(m->n_edges, sizeof *p->edges);
	p->tags = mem_zalloc(m->n_edges, sizeof *p->tags);
	for (size_t i = 0; i < m->n_edges; i++) {
		break_lines(&m->edges[i].label, LABEL_WIDTH);
		break_lines(&m->edges[i].method, METHOD_WIDTH);
	}
	make_tags(m, p);
	make_halves(m, p);
	zone_tags(m, p);
	for (size_t i = 0; i < p->n_tags; i++) {
		measure_tag(&p->tags[i], &m->edges[p->tags[i].edge]);
	}
	measure_nodes(m, p);
	return p;
}

void plan_free(struct plan *p)
{
	if (p == NULL) {
		return;
	}
	for (size_t i = 0; i < p->n_halves; i++) {
		free(p->halves[i].points);
	}
	free(p->halves);
	free(p->levels);
	free(p->tags);
	free(p->edges);
	free(p);
}

/* Tail to label, a straight stretch behind the label, label to head. */
static void join_halves(struct map_edge *e, const struct plan_half *in, const struct plan_half *out)
{
	size_t n = in->n_points + 2 + out->n_points;
	struct map_point a = in->points[in->n_points - 1], b = out->points[0];

	free(e->points);
	e->points = mem_zalloc(n, sizeof *e->points);
	e->n_points = n;
	e->n_points_in = in->n_points;
	memcpy(e->points, in->points, in->n_points * sizeof *e->points);
	e->points[in->n_points] = (struct map_point){a.x + (b.x - a.x) / 3, a.y + (b.y - a.y) / 3};
	e->points[in->n_points + 1] =
	        (struct map_point){b.x + (a.x - b.x) / 3, b.y + (a.y - b.y) / 3};
	memcpy(e->points + in->n_points + 2, out->points, out->n_points * sizeof *e->points);
}

void plan_apply(struct map *m, const struct plan *p)
{
	for (size_t i = 0; i < m->n_edges; i++) {
		const struct plan_tag *t = &p->tags[p->edges[i].tag];
		struct map_edge *e = &m->edges[i];
		e->label_x = t->x;
		e->label_y = t->y;
		e->label_width = t->width;
		e->label_height = t->height;
		e->is_label_shared = t->edge != i;
		join_halves(e, &p->halves[p->edges[i].in], &p->halves[p->edges[i].out]);
	}
	m->is_placed = true;
}
