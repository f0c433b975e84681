/* Aggregation: what must be drawn as one for the page to stay legible, and what is left out.
 * Nothing disappears silently: each decision leaves a note with its number. */
#include "terrier/map/draft.h"

#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LEGIBLE_NODES   40
#define LEGIBLE_LINKS   60  /* exchanges; beyond, the network's own upkeep is left out */
#define ZONES_ONLY      150 /* nodes that no folding of clients made fewer */
#define NOTE_MAX_GLYPHS 400

void fold_add_note(struct map *m, const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	text = mem_vprintf(format, args);
	va_end(args);
	m->notes = mem_resize(m->notes, m->n_notes + 1, sizeof *m->notes);
	m->notes[m->n_notes++] = glyph_clean(text, NOTE_MAX_GLYPHS, false);
	free(text);
}

const char *fold_zone(const struct draft_system *s)
{
	if (s->fold == FOLD_ZONE || s->fold == FOLD_ORGANISATION) {
		return "This organisation";
	}
	if (draft_text(s->end->zone, NULL) != NULL) {
		return s->end->zone;
	}
	if (!s->end->is_inside) {
		return "Outside";
	}
	return s->end->is_party ? "Broadcast and multicast" : "No zone";
}

int fold_cmp(const struct draft_system *a, const struct draft_system *b)
{
	int order = (int)b->end->is_inside - (int)a->end->is_inside;

	if (order == 0) {
		order = strcmp(fold_zone(a), fold_zone(b));
	}
	if (order == 0) {
		order = (int)a->fold - (int)b->fold;
	}
	if (order == 0 && a->fold == FOLD_NONE) {
		order = draft_end_cmp(a->end, b->end);
	}
	if (order == 0 && (a->fold == FOLD_NONE || a->fold == FOLD_ZONE)) {
		order = draft_text_cmp(a->end->zone, b->end->zone);
	}
	return order;
}

static int order_cmp(const void *x, const void *y)
{
	return fold_cmp(*(struct draft_system *const *)x, *(struct draft_system *const *)y);
}

/* The systems that are drawn, those of one node side by side. free() it. */
static struct draft_system **drawn_in_order(const struct draft *d, size_t *n)
{
	struct draft_system **order = mem_zalloc(d->n_systems, sizeof(*order));

	*n = 0;
	for (size_t i = 0; i < d->n_systems; i++) {
		if (d->systems[i].is_drawn) {
			order[(*n)++] = &d->systems[i];
		}
	}
	qsort(order, *n, sizeof(*order), order_cmp);
	return order;
}

/* How many nodes the systems would give as they are folded now. */
static size_t count_nodes(const struct draft *d)
{
	size_t n, count = 0;
	struct draft_system **order = drawn_in_order(d, &n);

	for (size_t i = 0; i < n; i++) {
		count += i == 0 || fold_cmp(order[i - 1], order[i]) != 0;
	}
	free(order);
	return count;
}

/* A fold of one, made for room alone, would only hide a name. Returns how many were unfolded. */
static size_t unfold_singles(struct draft *d)
{
	size_t n, count = 0;
	struct draft_system **order = drawn_in_order(d, &n);
	bool *single = mem_zalloc(n, sizeof *single);

	for (size_t i = 0; i < n; i++) {
		single[i] = (i == 0 || fold_cmp(order[i - 1], order[i]) != 0) &&
		            (i + 1 == n || fold_cmp(order[i], order[i + 1]) != 0) &&
		            order[i]->fold != order[i]->least;
	}
	for (size_t i = 0; i < n; i++) {
		if (single[i]) {
			order[i]->fold = order[i]->least;
			count++;
		}
	}
	free(single);
	free(order);
	return count;
}

static void mark_drawn(struct draft *d)
{
	for (size_t i = 0; i < d->n_systems; i++) {
		d->systems[i].is_drawn = false;
	}
	for (size_t i = 0; i < d->n_links; i++) {
		if (!d->links[i].is_hidden) {
			d->systems[d->links[i].from].is_drawn = true;
			d->systems[d->links[i].to].is_drawn = true;
		}
	}
}

static bool is_quiet_client(const struct draft_system *s)
{
	return s->end->is_inside && !s->end->is_party && !s->serves && !s->cares;
}

static bool is_client(const struct draft_system *s)
{
	return s->end->is_inside && !s->end->is_party && !s->serves;
}

static bool is_quiet_outsider(const struct draft_system *s)
{
	return !s->end->is_inside && !s->cares;
}

static bool is_insider(const struct draft_system *s)
{
	return s->end->is_inside;
}

static bool is_outsider(const struct draft_system *s)
{
	return !s->end->is_inside;
}

static bool is_unnamed(const struct draft_system *s)
{
	return s->name == NULL && !s->end->is_party;
}

/* Folds the systems that `is_in` picks; returns how many. */
static size_t fold_where(struct draft *d, bool (*is_in)(const struct draft_system *),
                         enum fold fold)
{
	size_t count = 0;

	for (size_t i = 0; i < d->n_systems; i++) {
		if (d->systems[i].is_drawn && d->systems[i].fold < fold && is_in(&d->systems[i])) {
			d->systems[i].fold = fold;
			count++;
		}
	}
	return count;
}

/* The upkeep of the network itself, tier 0 or 1, but what only the register shows. */
static bool is_upkeep(const struct map_row *row)
{
	static const char *const kinds[] = {"inf.dns", "inf.time", "inf.addressing",
	                                    "inf.monitoring"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (draft_text_cmp(row->kind_id, kinds[i]) == 0) {
			return row->tier <= TIER_1 && row->status <= MAP_UNDECLARED &&
			       !row->is_rejected;
		}
	}
	return false;
}

/* Titles of the kinds that are hidden, "a; b". free() it. */
static char *hidden_titles(const struct draft *d)
{
	const char *titles[4];
	size_t n = 0;
	char *out = mem_strdup("");

	for (size_t i = 0; i < d->n_links; i++) {
		const char *title = draft_text(d->links[i].row->kind_title, "unnamed");
		size_t at = 0;
		while (at < n && strcmp(titles[at], title) < 0) {
			at++;
		}
		if (!d->links[i].is_hidden || n == 4 ||
		    (at < n && strcmp(titles[at], title) == 0)) {
			continue;
		}
		memmove(titles + at + 1, titles + at, (n - at) * sizeof titles[0]);
		titles[at] = title;
		n++;
	}
	for (size_t i = 0; i < n; i++) {
		char *longer = mem_printf("%s%s%s", out, i > 0 ? "; " : "", titles[i]);
		free(out);
		out = longer;
	}
	return out;
}

static void hide_upkeep(struct draft *d, struct map *m)
{
	size_t links = 0, systems = 0;

	for (size_t i = 0; i < d->n_links; i++) {
		d->links[i].is_hidden = is_upkeep(d->links[i].row);
		links += d->links[i].is_hidden;
	}
	if (links == 0 || links == d->n_links) { /* a map of upkeep alone is what was asked for */
		for (size_t i = 0; i < d->n_links; i++) {
			d->links[i].is_hidden = false;
		}
		return;
	}
	mark_drawn(d);
	for (size_t i = 0; i < d->n_systems; i++) {
		systems += !d->systems[i].is_drawn;
	}
	char *titles = hidden_titles(d);
	fold_add_note(m, "Not drawn: %zu flow%s of the network's upkeep (%s).", links,
	              links == 1 ? "" : "s", titles);
	if (systems > 0) {
		fold_add_note(m, "Not drawn: %zu system%s seen only in these flows.", systems,
		              systems == 1 ? "" : "s");
	}
	free(titles);
}

static void fold_to_legible(struct draft *d, struct map *m)
{
	static const struct {
		bool (*is_in)(const struct draft_system *);
		enum fold fold;
		const char *what;
	} steps[] = {
	        {is_quiet_client, FOLD_CLIENTS, "systems that only use common services"},
	        {is_quiet_outsider, FOLD_OUTSIDE, "outside parties that exchange no clinical data"},
	        {is_client, FOLD_CLIENTS,
	         "systems that serve nothing (what they exchange is drawn)"},
	};

	for (size_t i = 0; i < sizeof steps / sizeof steps[0] && count_nodes(d) > LEGIBLE_NODES;
	     i++) {
		size_t n = fold_where(d, steps[i].is_in, steps[i].fold) - unfold_singles(d);
		if (n > 0) {
			fold_add_note(m, "Folded by zone: %zu %s.", n, steps[i].what);
		}
	}
	if (count_nodes(d) > ZONES_ONLY) {
		fold_where(d, is_insider, FOLD_ZONE);
		fold_add_note(m, "Drawn by zone: one system each would not be legible.");
	}
}

/* What the view may not tell apart, and the level need not. */
static void fold_as_asked(struct draft *d, const struct map_input *input)
{
	enum map_level level = input->level;

	if (input->view == MAP_VIEW_PUBLIC) {
		level = level == MAP_LEVEL_HOST ? MAP_LEVEL_ZONE : level;
		fold_where(d, is_outsider, FOLD_OUTSIDE);
	} else if (input->view == MAP_VIEW_IG) {
		fold_where(d, is_unnamed, FOLD_UNNAMED);
	}
	if (level != MAP_LEVEL_HOST) {
		fold_where(d, is_insider, level == MAP_LEVEL_ZONE ? FOLD_ZONE : FOLD_ORGANISATION);
	}
	for (size_t i = 0; i < d->n_systems; i++) {
		d->systems[i].least = d->systems[i].fold;
	}
}

void fold_draft(struct draft *d, const struct map_input *input, struct map *m)
{
	mark_drawn(d);
	fold_as_asked(d, input);
	if (input->is_all) {
		return;
	}
	if (d->n_links > LEGIBLE_LINKS || count_nodes(d) > LEGIBLE_NODES) {
		hide_upkeep(d, m);
	}
	fold_to_legible(d, m);
}

static void free_edge_texts(struct map_edge *e)
{
	free(e->label);
	free(e->method);
	free(e->ids);
}

static void drop_zones(struct map *m, const bool *is_kept)
{
	size_t *number = mem_zalloc(m->n_zones, sizeof *number), kept = 0;

	for (size_t i = 0; i < m->n_zones; i++) {
		number[i] = kept;
		if (is_kept[i]) {
			m->zones[kept++] = m->zones[i];
		} else {
			free(m->zones[i].name);
		}
	}
	m->n_zones = kept;
	for (size_t i = 0; i < m->n_nodes; i++) {
		m->nodes[i].zone = number[m->nodes[i].zone];
	}
	free(number);
}

/* Drops the nodes no arrow touches. */
static void drop_lonely(struct map *m)
{
	bool *touched = mem_zalloc(m->n_nodes, sizeof *touched);
	bool *zones = mem_zalloc(m->n_zones, sizeof *zones);
	size_t *number = mem_zalloc(m->n_nodes, sizeof *number), kept = 0;

	for (size_t i = 0; i < m->n_edges; i++) {
		touched[m->edges[i].from] = touched[m->edges[i].to] = true;
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		number[i] = kept;
		if (touched[i]) {
			zones[m->nodes[i].zone] = true;
			m->nodes[kept++] = m->nodes[i];
		} else {
			free(m->nodes[i].id);
			free(m->nodes[i].asset_id);
			free(m->nodes[i].name);
			free(m->nodes[i].detail);
		}
	}
	m->n_nodes = kept;
	for (size_t i = 0; i < m->n_edges; i++) {
		m->edges[i].from = number[m->edges[i].from];
		m->edges[i].to = number[m->edges[i].to];
	}
	drop_zones(m, zones);
	free(number);
	free(zones);
	free(touched);
}

void fold_top(struct map *m, size_t top)
{
	if (m->n_edges <= top) {
		return;
	}
	size_t nodes = m->n_nodes, edges = m->n_edges;
	for (size_t i = top; i < m->n_edges; i++) {
		free_edge_texts(&m->edges[i]);
	}
	m->n_edges = top;
	drop_lonely(m);
	fold_add_note(m,
	              "Not drawn: %zu of %zu arrows, the least sensitive and then the least used, "
	              "and %zu of %zu nodes.",
	              edges - top, edges, nodes - m->n_nodes, nodes);
}
