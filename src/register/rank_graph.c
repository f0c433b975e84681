/* What the ranking has to know of each system: who uses it, what it sends to whom, and how. */
#include "rank.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/model/pattern.h"

#include <stdlib.h>
#include <string.h>

#define TITLES_MAX 8 /* kinds of the highest tier that are named */

/* Protection that counts as none (findings.csv: tls.old, tls.weak_cipher, ssh.old). */
#define WEAK "TLS version SSL*;TLS version 1.0;TLS version 1.1;TLS weak cipher *;SSH version 1*"

/* What was noted of two nodes and a kind, so that it is counted once however many clients a view tells apart. */
enum edge_type { EDGE_USES, EDGE_SENDS, EDGE_CLEAR, EDGE_UNDECLARED };
struct edge {
	struct edge_key {
		const struct rank_node *from, *to;
		const struct kind *kind; /* NULL: any */
		enum edge_type type;
	} key;
	UT_hash_handle hh;
};

struct graph {
	const struct rank_options *options;
	struct rank_node *nodes;
	struct edge *edges;
};

static const struct directory_host *host_of(const struct graph *g, const struct flow_end *end)
{
	return end->type == FLOW_END_HOST ? directory_find(g->options->directory, end->key) : NULL;
}

static bool is_client(const struct graph *g, const struct flow_end *end)
{
	const struct directory_host *host = host_of(g, end);

	return end->type == FLOW_END_ZONE || end->type == FLOW_END_PSEUDONYM ||
	       (host != NULL && directory_is_client(host));
}

static bool is_nobody(const struct graph *g, const struct flow_end *end)
{
	const struct directory_host *host = host_of(g, end);

	return end->is_group || (host != NULL && host->is_party && host->is_inside);
}

/* The clients of a zone are one, whatever the view tells apart. */
static struct rank_node *node_of(struct graph *g, const struct flow_end *end)
{
	bool of_clients = is_client(g, end);
	char *key = of_clients ? mem_printf("clients of %s", end->zones.n > 0 ? end->zones.text[0] : end->name)
	                       : mem_strdup(end->uid);
	struct rank_node *node;

	HASH_FIND_STR(g->nodes, key, node);
	if (node != NULL) {
		free(key);
		return node;
	}
	node = mem_zalloc(1, sizeof *node);
	node->key = key;
	node->end = end;
	node->asset = end->asset;
	node->is_clients = of_clients;
	node->is_outside = flow_end_is_outside(end);
	node->is_nobody = is_nobody(g, end);
	HASH_ADD_KEYPTR(hh, g->nodes, node->key, strlen(node->key), node);
	return node;
}

/* True the first time. */
static bool is_new(struct graph *g, const struct rank_node *from, const struct rank_node *to, const struct kind *kind,
                   enum edge_type type)
{
	struct edge *edge, *found;

	edge = mem_zalloc(1, sizeof *edge);
	edge->key.from = from;
	edge->key.to = to;
	edge->key.kind = kind;
	edge->key.type = type;
	HASH_FIND(hh, g->edges, &edge->key, sizeof edge->key, found);
	if (found != NULL) {
		free(edge);
		return false;
	}
	HASH_ADD(hh, g->edges, key, sizeof edge->key, edge);
	return true;
}

static void note_kind(struct rank_node *node, const char *id, const char *title, enum tier tier)
{
	if (!node->has_tier || tier_weight(tier) > tier_weight(node->tier)) {
		node->tier = tier;
		node->has_tier = true;
		words_clear(&node->titles);
	}
	if (tier == node->tier && node->titles.n < TITLES_MAX) {
		words_put(&node->titles, title);
	}
	words_put(&node->kinds, id);
}

static void note_use(struct graph *g, struct rank_node *server, struct rank_node *client)
{
	if (server != client && is_new(g, client, server, NULL, EDGE_USES)) {
		server->n_zones += client->is_clients;
		server->n_systems += !client->is_clients;
	}
}

static bool is_weak(const struct register_flow *f)
{
	for (size_t i = 0; i < f->encryption.n; i++) {
		if (pattern_list_fits(WEAK, f->encryption.text[i])) {
			return true;
		}
	}
	return f->was_clear;
}

static void note_clear(struct rank_node *node, const struct register_flow *f)
{
	if (node->n_clear++ == 0 || tier_weight(f->tier) > tier_weight(node->clear_tier)) {
		node->clear_tier = f->tier;
	}
	node->clear_points += rank_clear_points(f->tier);
}

static bool is_backup(const struct register_flow *f)
{
	return strcmp(f->kind_id, "inf.backup") == 0 || strcmp(f->kind_id, "inf.storage") == 0;
}

/* Information from one to the other. */
static void note_way(struct graph *g, struct rank_node *from, struct rank_node *to, const struct register_flow *f)
{
	bool is_clinical = f->kind != NULL && strcmp(f->kind->group, "clinical") == 0;
	const char *declared = from->asset != NULL ? entry_text(from->asset, ASSET_BACKUP_ASSET) : "";

	if (to->is_outside && !from->is_outside) {
		words_put(&from->recipients, to->end->name);
	}
	if (is_backup(f)) {
		words_put(&from->backups, to->end->name);
	}
	from->backup_was_seen |= to->asset != NULL && text_casecmp(to->asset->id, declared) == 0;
	if (is_clinical && !to->is_outside && is_new(g, from, to, NULL, EDGE_SENDS)) {
		if ((from->n_next & (from->n_next - 1)) == 0) {
			from->next =
			        mem_resize(from->next, from->n_next > 0 ? from->n_next * 2 : 1, sizeof *from->next);
		}
		from->next[from->n_next++] = to;
	}
}

static void note_flow(struct graph *g, const struct register_flow *f)
{
	struct rank_node *source = node_of(g, f->source), *destination = node_of(g, f->destination);

	note_kind(source, f->kind_id, f->kind_title, f->tier);
	note_kind(destination, f->kind_id, f->kind_title, f->tier);
	if (f->n_exchanges == 0 || source->is_nobody || destination->is_nobody) {
		return;
	}
	if (f->initiated_by_source) {
		note_use(g, destination, source);
	}
	if (f->initiated_by_destination) {
		note_use(g, source, destination);
	}
	if (rank_clear_points(f->tier) > 0 && is_weak(f) && is_new(g, source, destination, f->kind, EDGE_CLEAR)) {
		note_clear(source, f);
		note_clear(destination, f);
	}
	destination->keeps_backups |= is_backup(f);
	note_way(g, source, destination, f);
	if (f->is_both && !is_backup(f)) {
		note_way(g, destination, source, f);
	}
	if (f->status == FLOW_OBSERVED_ONLY && is_new(g, source, destination, f->kind, EDGE_UNDECLARED)) {
		source->n_undeclared++;
		destination->n_undeclared++;
	}
}

/* Kinds that people declared an asset to hold; of a group none is certain. */
static void note_asset(struct graph *g, const struct entry *asset)
{
	char *key = mem_printf("%d%s", FLOW_END_ASSET, asset->id);
	const char *list = entry_text(asset, ASSET_KINDS);
	struct rank_node *node;
	size_t len;

	HASH_FIND_STR(g->nodes, key, node);
	if (node == NULL) {
		node = mem_zalloc(1, sizeof *node);
		node->key = mem_strdup(key);
		node->asset = asset;
		node->is_outside = entry_is_external(asset);
		HASH_ADD_KEYPTR(hh, g->nodes, node->key, strlen(node->key), node);
	}
	for (const char *item; (item = entry_next(&list, &len)) != NULL;) {
		for (uint16_t i = 0; i < catalogue_count(g->options->catalogue); i++) {
			const struct kind *kind = catalogue_kind(g->options->catalogue, i);

			if (pattern_fits(item, len, kind->id)) {
				note_kind(node, kind->id, kind->title, kind->tier);
			}
		}
	}
	free(key);
}

struct rank_node *rank_graph(const struct rank_options *options)
{
	struct graph g = {.options = options};
	const struct entry *asset = options->assets != NULL ? options->assets->first : NULL;
	struct edge *edge, *next;

	for (size_t i = 0; i < reconcile_count(options->flows); i++) {
		note_flow(&g, reconcile_get(options->flows, i));
	}
	for (; asset != NULL; asset = asset->hh.next) {
		note_asset(&g, asset);
	}
	HASH_ITER(hh, g.edges, edge, next)
	{
		HASH_DEL(g.edges, edge);
		free(edge);
	}
	return g.nodes;
}

void rank_graph_free(struct rank_node **nodes)
{
	struct rank_node *node, *next;

	HASH_ITER(hh, *nodes, node, next)
	{
		HASH_DEL(*nodes, node);
		words_clear(&node->kinds);
		words_clear(&node->titles);
		words_clear(&node->recipients);
		words_clear(&node->backups);
		free(node->next);
		free(node->key);
		free(node);
	}
}

/* Step by step; who is sent to at the first step is passed by and not counted. */
size_t rank_reach(struct rank_node *from, size_t most, size_t mark)
{
	struct rank_node **now = NULL, **then = NULL;
	size_t n_now = 1, n_reached = 0;

	now = mem_zalloc(1, sizeof *now);
	now[0] = from;
	from->mark = mark;
	for (unsigned step = 1; step <= RANK_STEPS && n_reached < most; step++) {
		size_t n_then = 0;

		for (size_t i = 0; i < n_now && n_reached < most; i++) {
			for (size_t k = 0; k < now[i]->n_next && n_reached < most; k++) {
				struct rank_node *to = now[i]->next[k];

				if (to->mark == mark) {
					continue;
				}
				to->mark = mark;
				n_reached += step > 1 && !to->is_clients;
				if ((n_then & (n_then - 1)) == 0) {
					then = mem_resize(then, n_then > 0 ? n_then * 2 : 1,
					                  sizeof(struct rank_node *));
				}
				then[n_then++] = to;
			}
		}
		free(now);
		now = then;
		n_now = n_then;
		then = NULL;
	}
	free(now);
	return n_reached;
}
