/* From rows to systems: who takes part, under which name, and in which role. */
#include "terrier/map/draft.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *draft_text(const char *text, const char *other)
{
	return text != NULL && text[0] != '\0' ? text : other;
}

int draft_text_cmp(const char *a, const char *b)
{
	return strcmp(draft_text(a, ""), draft_text(b, ""));
}

int draft_number_cmp(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

int draft_end_cmp(const struct map_end *a, const struct map_end *b)
{
	int order = (int)a->is_party - (int)b->is_party;

	if (order == 0 && !a->is_party) {
		order = addr_cmp(&a->addr, &b->addr);
	}
	return order != 0 ? order : draft_text_cmp(a->address, b->address);
}

struct side {
	const struct map_row *row;
	const struct map_end *end;
	size_t *index; /* where the system's number goes */
};

static int side_cmp(const void *x, const void *y)
{
	const struct side *a = x, *b = y;
	int order = draft_end_cmp(a->end, b->end);

	return order != 0 ? order : draft_text_cmp(a->end->zone, b->end->zone);
}

static bool has_prefix(const char *text, const char *prefix)
{
	return strncmp(draft_text(text, ""), prefix, strlen(prefix)) == 0;
}

/* What a host that serves it keeps. */
static bool is_store_kind(const char *kind)
{
	static const char *const kinds[] = {"inf.fileshare", "inf.database", "inf.backup",
	                                    "inf.storage"};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strcmp(draft_text(kind, ""), kinds[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* Images are kept where others ask for them or fetch them; and where they are brought, unless they
 * were asked for from there (a workstation's C-MOVE makes it the receiver of what it looks at). */
static void learn_images(struct draft_system *s, const struct map_row *row, bool is_source,
                         bool is_server)
{
	bool is_query = draft_text_cmp(row->kind_id, "img.query") == 0;

	if (!is_query && draft_text_cmp(row->kind_id, "img.study") != 0) {
		return;
	}
	s->stores = s->stores || (is_server && (is_query || is_source));
	s->is_sent_images = s->is_sent_images || (is_server && !is_source && !row->is_both);
	s->wants_images = s->wants_images || (!is_server && !is_source);
}

static void learn_side(struct draft_system *s, const struct side *side)
{
	const struct map_row *row = side->row;
	bool is_source = side->end == &row->source;
	const char *group = draft_text(row->kind_group, "");

	/* Any order of rows must give the same name: the first of the alphabet. */
	const char *name = draft_text(side->end->name, NULL);
	if (name != NULL && (s->name == NULL || strcmp(name, s->name) < 0)) {
		s->name = name;
	}
	bool is_server = is_source == row->source_is_server;
	learn_images(s, row, is_source, is_server);
	if (is_server) {
		s->serves = true;
		s->stores = s->stores || is_store_kind(row->kind_id);
	}
	if (row->tier == TIER_3 ||
	    (strcmp(group, "infrastructure") != 0 && !has_prefix(group, "unk"))) {
		s->cares = true;
	}
}

static void find_systems(struct draft *d)
{
	size_t n = d->n_links * 2;
	struct side *sides = mem_zalloc(n, sizeof *sides);

	for (size_t i = 0; i < d->n_links; i++) {
		struct draft_link *link = &d->links[i];
		sides[2 * i] = (struct side){link->row, &link->row->source, &link->from};
		sides[2 * i + 1] = (struct side){link->row, &link->row->destination, &link->to};
	}
	qsort(sides, n, sizeof *sides, side_cmp);
	d->systems = mem_zalloc(n, sizeof *d->systems);
	for (size_t i = 0; i < n; i++) {
		if (i == 0 || side_cmp(&sides[i - 1], &sides[i]) != 0) {
			d->systems[d->n_systems++].end = sides[i].end;
		}
		*sides[i].index = d->n_systems - 1;
		learn_side(&d->systems[d->n_systems - 1], &sides[i]);
	}
	for (size_t i = 0; i < d->n_systems; i++) {
		struct draft_system *s = &d->systems[i];
		s->stores = s->stores || (s->is_sent_images && !s->wants_images);
	}
	free(sides);
}

static bool end_is(const struct map_end *end, const char *what)
{
	return draft_text_cmp(end->name, what) == 0 || draft_text_cmp(end->address, what) == 0;
}

struct draft *draft_new(const struct map_input *input)
{
	struct draft *d = mem_zalloc(1, sizeof *d);

	d->links = mem_zalloc(input->n_rows, sizeof *d->links);
	for (size_t i = 0; i < input->n_rows; i++) {
		const struct map_row *row = &input->rows[i];
		if (input->focus == NULL || end_is(&row->source, input->focus) ||
		    end_is(&row->destination, input->focus)) {
			d->links[d->n_links++].row = row;
		}
	}
	find_systems(d);
	return d;
}

void draft_free(struct draft *d)
{
	free(d->systems);
	free(d->links);
	free(d);
}
