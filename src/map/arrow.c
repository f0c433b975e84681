/* What goes between two nodes is gathered into arrows, each with the kinds it carries and how they
 * travel. */
#include "terrier/map/draft.h"

#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NAME_MAX_GLYPHS  40
#define TITLE_MAX_GLYPHS 90
#define LABEL_KINDS      3 /* named on an arrow before "+ n more" */
#define METHOD_PROTOCOLS 3
#define IDS_MAX          50

static uint64_t add_up(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

enum encryption_state { STATE_UNKNOWN, STATE_CLEAR, STATE_ENCRYPTED, STATE_MIXED };

/* A row on its way into an arrow. */
struct part {
	const struct map_row *row;
	size_t from, to;
	enum encryption_state state;
};

static int kind_cmp(const struct map_row *a, const struct map_row *b)
{
	int order = tier_weight(b->tier) - tier_weight(a->tier);

	if (order == 0) {
		order = draft_text_cmp(a->kind_title, b->kind_title);
	}
	return order != 0 ? order : draft_text_cmp(a->kind_id, b->kind_id);
}

/* Parts with order 0 share an arrow. */
static int arrow_cmp(const struct part *a, const struct part *b)
{
	int order = draft_number_cmp(a->from, b->from);

	if (order == 0) {
		order = draft_number_cmp(a->to, b->to);
	}
	if (order == 0) {
		order = (int)a->row->is_both - (int)b->row->is_both;
	}
	if (order == 0) {
		order = draft_text_cmp(a->row->kind_group, b->row->kind_group);
	}
	if (order == 0) {
		order = (int)a->row->status - (int)b->row->status;
	}
	if (order == 0) {
		order = (int)a->row->is_rejected - (int)b->row->is_rejected;
	}
	return order != 0 ? order : (int)a->state - (int)b->state;
}

static int part_cmp(const void *x, const void *y)
{
	const struct part *a = x, *b = y;
	int order = arrow_cmp(a, b);

	if (order == 0) {
		order = kind_cmp(a->row, b->row);
	}
	if (order == 0) {
		order = (int)a->row->confidence - (int)b->row->confidence;
	}
	return order;
}

static enum encryption_state state_of(const struct map_row *row)
{
	if (row->was_clear && row->was_encrypted) {
		return STATE_MIXED;
	}
	if (row->was_clear || row->was_encrypted) {
		return row->was_clear ? STATE_CLEAR : STATE_ENCRYPTED;
	}
	return STATE_UNKNOWN;
}

/* A list of texts, kept in order and once each. */
struct words {
	char **word;
	size_t n;
};

static void words_add(struct words *w, char *text)
{
	w->word = mem_resize(w->word, w->n + 1, sizeof *w->word);
	w->word[w->n++] = text;
}

static int word_cmp(const void *x, const void *y)
{
	return strcmp(*(char *const *)x, *(char *const *)y);
}

static void words_sort(struct words *w)
{
	size_t kept = 0;

	if (w->n == 0) {
		return;
	}
	qsort(w->word, w->n, sizeof *w->word, word_cmp);
	for (size_t i = 0; i < w->n; i++) {
		if (kept > 0 && strcmp(w->word[kept - 1], w->word[i]) == 0) {
			free(w->word[i]);
		} else {
			w->word[kept++] = w->word[i];
		}
	}
	w->n = kept;
}

/* Joins the first `max`, says how many there are beyond, and frees the list. */
static char *words_join(struct words *w, const char *between, size_t max)
{
	char *out = mem_strdup("");

	for (size_t i = 0; i < w->n; i++) {
		if (i < max) {
			char *longer = mem_printf("%s%s%s", out, i > 0 ? between : "", w->word[i]);
			free(out);
			out = longer;
		}
		free(w->word[i]);
	}
	if (w->n > max) {
		char *longer = mem_printf("%s%s+ %zu more", out, between, w->n - max);
		free(out);
		out = longer;
	}
	free(w->word);
	return out;
}

/* Kind titles, one a line, the most sensitive first. */
static char *make_label(const struct part *parts, size_t n)
{
	struct words titles = {0};

	for (size_t i = 0; i < n; i++) {
		const struct map_row *row = parts[i].row;
		if (i > 0 && kind_cmp(row, parts[i - 1].row) == 0) {
			continue;
		}
		char *title = glyph_clean(
		        draft_text(row->kind_title, draft_text(row->kind_id, "Unknown kind")),
		        TITLE_MAX_GLYPHS, false);
		/* The least sure row of a kind stands first. */
		words_add(&titles, row->confidence == CONFIDENCE_LOW
		                           ? mem_printf("%s\u00a0(?)", title)
		                           : mem_strdup(title));
		free(title);
	}
	/* "+ 1 more" would take the line that the one more takes. */
	return words_join(&titles, ";\n",
	                  titles.n == LABEL_KINDS + 1 ? LABEL_KINDS + 1 : LABEL_KINDS);
}

static char *protocol_text(const struct map_row *row, const char *protocol, enum map_view view)
{
	char *name = glyph_clean(protocol, NAME_MAX_GLYPHS, false);

	if (view != MAP_VIEW_NETWORK || row->server_port == 0) {
		return name;
	}
	char *transport = glyph_clean(draft_text(row->transport, "ip"), NAME_MAX_GLYPHS, false);
	char *both = mem_printf("%s %s/%u", name, transport, row->server_port);
	free(name);
	free(transport);
	return both;
}

/* Each of the protocols of a row. */
static void add_protocols(struct words *w, const struct map_row *row, enum map_view view)
{
	char *text = mem_strdup(draft_text(row->protocol, "unknown")), *rest = text;

	for (char *one = strsep(&rest, ";"); one != NULL; one = strsep(&rest, ";")) {
		words_add(w, protocol_text(row, one + strspn(one, " "), view));
	}
	free(text);
}

static char *make_method(const struct part *parts, size_t n, enum map_view view)
{
	static const char *const state[] = {"encryption unknown", "clear", "encrypted",
	                                    "partly encrypted"};
	const char *encryption = state[parts[0].state];
	struct words protocols = {0};

	if (view == MAP_VIEW_PUBLIC) {
		return mem_strdup(encryption);
	}
	for (size_t i = 0; i < n; i++) {
		add_protocols(&protocols, parts[i].row, view);
	}
	words_sort(&protocols);
	char *names = words_join(&protocols, ", ", METHOD_PROTOCOLS);
	bool is_unseen = parts[0].row->status >= MAP_UNSEEN;
	char *method = mem_printf("%s%s, %s", is_unseen ? "declared: " : "", names, encryption);
	free(names);
	return method;
}

static char *make_ids(const struct part *parts, size_t n, enum map_view view)
{
	struct words ids = {0};

	if (view != MAP_VIEW_PUBLIC) {
		for (size_t i = 0; i < n; i++) {
			words_add(&ids, glyph_clean(draft_text(parts[i].row->exchange_id, ""),
			                            NAME_MAX_GLYPHS, false));
		}
		words_sort(&ids);
	}
	return words_join(&ids, "; ", IDS_MAX);
}

static struct map_edge make_edge(const struct part *parts, size_t n, enum map_view view)
{
	struct map_edge e = {
	        .from = parts[0].from,
	        .to = parts[0].to,
	        .status = parts[0].row->status,
	        .is_rejected = parts[0].row->is_rejected,
	        .is_both = parts[0].row->is_both,
	        .tier = parts[0].row->tier, /* sorted: the highest */
	        .was_clear = parts[0].state == STATE_CLEAR || parts[0].state == STATE_MIXED,
	        .was_encrypted = parts[0].state == STATE_ENCRYPTED || parts[0].state == STATE_MIXED,
	        .label = make_label(parts, n),
	        .method = make_method(parts, n, view),
	        .ids = make_ids(parts, n, view),
	};

	for (size_t i = 0; i < n; i++) {
		e.connections = add_up(e.connections, parts[i].row->connections);
		e.messages = add_up(e.messages, parts[i].row->messages);
		e.bytes = add_up(e.bytes, parts[i].row->bytes);
	}
	return e;
}

static int edge_cmp(const void *x, const void *y)
{
	const struct map_edge *a = x, *b = y;
	int order = tier_weight(b->tier) - tier_weight(a->tier);

	if (order == 0) {
		order = draft_number_cmp(b->connections, a->connections);
	}
	if (order == 0) {
		order = draft_number_cmp(b->bytes, a->bytes);
	}
	if (order == 0) {
		order = draft_number_cmp(a->from, b->from);
	}
	if (order == 0) {
		order = draft_number_cmp(a->to, b->to);
	}
	if (order == 0) {
		order = strcmp(a->label, b->label);
	}
	if (order == 0) {
		order = strcmp(a->method, b->method);
	}
	if (order == 0) {
		order = (int)a->status - (int)b->status;
	}
	return order != 0 ? order : (int)a->is_rejected - (int)b->is_rejected;
}

void arrow_add_all(struct map *m, const struct draft *d, const size_t *numbers, enum map_view view)
{
	struct part *parts = mem_zalloc(d->n_links, sizeof *parts);
	size_t n = 0;

	for (size_t i = 0; i < d->n_links; i++) {
		if (!d->links[i].is_hidden) {
			const struct draft_link *link = &d->links[i];
			parts[n++] = (struct part){link->row, numbers[link->from],
			                           numbers[link->to], state_of(link->row)};
		}
	}
	qsort(parts, n, sizeof *parts, part_cmp);
	m->edges = mem_zalloc(n, sizeof *m->edges);
	for (size_t i = 0, end; i < n; i = end) {
		for (end = i + 1; end < n && arrow_cmp(&parts[i], &parts[end]) == 0; end++) {
		}
		m->edges[m->n_edges++] = make_edge(parts + i, end - i, view);
	}
	free(parts);
	qsort(m->edges, m->n_edges, sizeof *m->edges, edge_cmp);
}
