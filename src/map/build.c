/* Rows of exchanges become a map: systems are found (draft.c), folded (fold.c), numbered in a fixed
 * order, and what goes between two of them is gathered into arrows (arrow.c). Nothing here depends
 * on the order of the rows. */
#include "terrier/map/build.h"

#include "terrier/base/digest.h"
#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"
#include "terrier/map/draft.h"

#include <stdlib.h>
#include <string.h>

#define LEGIBLE_ARROWS      120
#define ARROWS_WITH_IDS     15
#define IDS_SHOWN_MAX       (4 * DIGEST_ID_MAX) /* characters: four ids */
#define NAME_MAX_GLYPHS     40
#define TITLE_MAX_GLYPHS    90
#define PERIOD_MAX_GLYPHS   160
#define COVERAGE_MAX_GLYPHS 4000
#define MARKING_MAX_GLYPHS  60

static char *make_id(const char *prefix, const char *const *fields, size_t n)
{
	struct digest *digest = digest_new();
	char id[DIGEST_ID_MAX];

	for (size_t i = 0; i < n; i++) {
		digest_add(digest, fields[i], strlen(fields[i]));
	}
	return mem_strdup(digest_finish_id(digest, prefix, id));
}

static size_t zone_of(struct map *m, const struct draft_system *s)
{
	char *name = glyph_clean(fold_zone(s), NAME_MAX_GLYPHS, false);

	for (size_t i = 0; i < m->n_zones; i++) {
		if (strcmp(m->zones[i].name, name) == 0 &&
		    m->zones[i].is_outside == !s->end->is_inside) {
			free(name);
			return i;
		}
	}
	m->zones = mem_resize(m->zones, m->n_zones + 1, sizeof *m->zones);
	m->zones[m->n_zones] = (struct map_zone){.name = name, .is_outside = !s->end->is_inside};
	return m->n_zones++;
}

static void name_node(struct map_node *n, const struct draft_system *s, size_t members,
                      const struct map_input *input)
{
	const char *name = draft_text(s->name, draft_text(s->end->address, "(no address)"));

	switch (s->fold) {
	case FOLD_UNNAMED:
		name = members == 1 ? "Unnamed system" : "Unnamed systems";
		n->detail = mem_printf("%zu without a name", members);
		break;
	case FOLD_CLIENTS:
		name = "Clients";
		n->detail = mem_printf("+ %zu folded", members);
		break;
	case FOLD_OUTSIDE:
		name = "Outside parties";
		n->detail = mem_printf("+ %zu folded", members);
		break;
	case FOLD_ZONE:
		name = draft_text(s->end->zone,
		                  s->end->is_party ? "Broadcast and multicast" : "No zone");
		n->detail = mem_printf("%zu system%s", members, members == 1 ? "" : "s");
		break;
	case FOLD_ORGANISATION:
		name = "This organisation";
		n->detail = mem_printf("%zu system%s", members, members == 1 ? "" : "s");
		break;
	case FOLD_NONE:
		if (s->end->n_hosts > 0) {
			n->detail = mem_printf("+ %zu folded", members);
		} else if (s->end->detail != NULL) {
			n->detail = glyph_clean(s->end->detail, NAME_MAX_GLYPHS, false);
		} else if (input->view == MAP_VIEW_NETWORK && name != s->end->address &&
		           s->end->address != NULL) {
			n->detail = glyph_clean(s->end->address, NAME_MAX_GLYPHS, false);
		}
		break;
	}
	n->name = glyph_clean(name, NAME_MAX_GLYPHS, false);
}

static enum map_shape shape_of(const struct draft_system *s, size_t members)
{
	if (!s->end->is_inside) {
		return MAP_OUTSIDE;
	}
	if (members > 1 || s->end->n_hosts > 0) {
		return MAP_SEVERAL;
	}
	if (s->end->shape != MAP_SYSTEM) {
		return s->end->shape;
	}
	return s->stores ? MAP_STORE : MAP_SYSTEM;
}

static int system_cmp(const void *x, const void *y)
{
	const struct draft_system *a = *(const struct draft_system *const *)x;
	const struct draft_system *b = *(const struct draft_system *const *)y;
	int order = fold_cmp(a, b);

	return order != 0 ? order : draft_end_cmp(a->end, b->end);
}

static void add_node(struct map *m, const struct draft_system *s, size_t members,
                     const struct map_input *input)
{
	struct map_node *n = &m->nodes[m->n_nodes++];
	const char *const key[] = {s->fold == FOLD_NONE ? draft_text(s->end->address, "") : "",
	                           s->fold == FOLD_NONE ? "" : draft_text(s->end->zone, ""),
	                           (const char *const[]){"host", "unnamed", "clients", "outside",
	                                                 "zone", "own"}[s->fold]};

	n->id = make_id("H", key, sizeof key / sizeof key[0]);
	n->asset_id = s->fold == FOLD_NONE && s->end->asset_id != NULL
	                      ? glyph_clean(s->end->asset_id, NAME_MAX_GLYPHS, false)
	                      : NULL;
	n->zone = zone_of(m, s);
	n->shape = shape_of(s, members);
	name_node(n, s, members, input);
}

/* Nodes in the order of zone, then address; `*numbers` (free()) tells each system's node. */
static void add_nodes(struct map *m, const struct draft *d, const struct map_input *input,
                      size_t **numbers)
{
	const struct draft_system **order = mem_zalloc(d->n_systems, sizeof(*order));
	size_t n = 0;

	*numbers = mem_zalloc(d->n_systems, sizeof **numbers);
	for (size_t i = 0; i < d->n_systems; i++) {
		if (d->systems[i].is_drawn) {
			order[n++] = &d->systems[i];
		}
	}
	qsort(order, n, sizeof(*order), system_cmp);
	m->nodes = mem_zalloc(n, sizeof *m->nodes);
	for (size_t i = 0, end; i < n; i = end) {
		size_t members = 0;
		for (end = i; end < n && fold_cmp(order[i], order[end]) == 0; end++) {
			(*numbers)[order[end] - d->systems] = m->n_nodes;
			members += order[end]->end->n_hosts > 0 ? order[end]->end->n_hosts : 1;
		}
		add_node(m, order[i], members, input);
	}
	free(order);
}

static char *clean_or_null(const char *text, size_t max, bool keeps_lines)
{
	return draft_text(text, NULL) == NULL ? NULL : glyph_clean(text, max, keeps_lines);
}

static const char *marking_of(const struct map_input *input)
{
	if (input->marking != NULL) {
		return input->marking;
	}
	return input->view == MAP_VIEW_PUBLIC ? "OFFICIAL" : "OFFICIAL-SENSITIVE";
}

/* What the boxes are, and what the reader of the view is shown of them. */
static char *scope_of(const struct map_input *input)
{
	static const char *const levels[] = {[MAP_LEVEL_HOST] = "Systems by zone",
	                                     [MAP_LEVEL_ZONE] = "Zones",
	                                     [MAP_LEVEL_ORGANISATION] = "This organisation"};
	static const char *const views[] = {
	        [MAP_VIEW_IG] = "information governance view (names, no addresses)",
	        [MAP_VIEW_NETWORK] = "network view (names, addresses and ports)",
	        [MAP_VIEW_PUBLIC] = "public view (kinds and zones only)"};
	bool is_raised = input->view == MAP_VIEW_PUBLIC && input->level == MAP_LEVEL_HOST;

	const char *organisation = draft_text(input->organisation, NULL);

	return mem_printf("%s%s%s; %s%s", organisation != NULL ? organisation : "",
	                  organisation != NULL ? "; " : "",
	                  levels[is_raised ? MAP_LEVEL_ZONE : input->level], views[input->view],
	                  draft_text(input->title, NULL) == NULL && organisation == NULL
	                          ? "; organisation not stated"
	                          : "");
}

/* What no map of observed traffic can show. */
static void add_limits(struct map *m)
{
	static const char *const limits[] = {
	        "Shows what crossed the watched points between two dates, not what exists: absence "
	        "is not evidence of "
	        "absence.",
	        "Encrypted content is not seen: kinds behind encryption come from names and ports, "
	        "or are unknown.",
	        "Paper, telephone, removable media, point-to-point links, traffic inside a "
	        "hypervisor and between clouds "
	        "are not seen.",
	        "Purpose, lawful basis, necessity and authorisation are never observed: people "
	        "declare them.",
	};

	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		fold_add_note(m, "%s", limits[i]);
	}
}

/* Ids of the register under the methods, where few arrows leave the room. */
static void show_ids(struct map *m)
{
	for (size_t i = 0; i < m->n_edges && m->n_edges <= ARROWS_WITH_IDS; i++) {
		struct map_edge *e = &m->edges[i];
		if (e->status != MAP_NO_STATUS && strlen(e->ids) <= IDS_SHOWN_MAX) {
			char *longer = mem_printf("%s\n%s", e->method, e->ids);
			free(e->method);
			e->method = longer;
		}
	}
}

struct map *map_build(const struct map_input *input)
{
	struct map *m = map_new();
	struct draft *d = draft_new(input);
	size_t *numbers;

	m->title = glyph_clean(draft_text(input->title, "Data flows seen on the network"),
	                       TITLE_MAX_GLYPHS, false);
	m->scope = scope_of(input);
	m->period = clean_or_null(input->period, PERIOD_MAX_GLYPHS, false);
	m->coverage = clean_or_null(input->coverage, COVERAGE_MAX_GLYPHS, true);
	m->marking = clean_or_null(marking_of(input), MARKING_MAX_GLYPHS, false);
	for (size_t i = 0; i < input->n_notes; i++) {
		fold_add_note(m, "%s", draft_text(input->notes[i], ""));
	}
	m->control = mem_zalloc(input->n_control, sizeof *m->control);
	for (; m->n_control < input->n_control; m->n_control++) {
		m->control[m->n_control] =
		        glyph_clean(input->control[m->n_control], PERIOD_MAX_GLYPHS, false);
	}
	fold_draft(d, input, m);
	add_nodes(m, d, input, &numbers);
	arrow_add_all(m, d, numbers, input->view);
	if (input->top > 0 || !input->is_all) {
		fold_top(m, input->top > 0 ? input->top : LEGIBLE_ARROWS);
	}
	show_ids(m);
	add_limits(m);
	free(numbers);
	draft_free(d);
	return m;
}
