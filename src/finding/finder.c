/* Two passes over the exchanges: learn, then hold each to every rule and gather what is about the
 * same thing. */
#include "terrier/finding/finder.h"

#include "judge.h"

#include "terrier/base/mem.h"
#include "terrier/model/pattern.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct finder *finder_new(const struct catalogue *c, const struct finding_watch *watch)
{
	struct finder *f = mem_zalloc(1, sizeof *f);

	f->catalogue = c;
	f->watch = *watch;
	f->known.catalogue = c;
	f->unjudged = mem_zalloc(catalogue_rules(c) + 1, sizeof *f->unjudged);
	return f;
}

static void free_group(struct group *g)
{
	struct word **const sets[] = {&g->clients,   &g->servers,  &g->ways,
	                              &g->protocols, &g->kinds,    &g->facts,
	                              &g->reasons,   &g->kind_ids, &g->exchanges, &g->systems,
	                              &g->source_assets, &g->destination_assets, &g->flows, &g->declarations,
	                              &g->owners};

	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		words_free(sets[i]);
	}
	for (size_t i = 0; i < sizeof g->lists / sizeof g->lists[0]; i++) {
		free(g->lists[i]);
	}
	free(g->subject);
	free(g->observed);
	free(g->limits);
	free(g->exchange_ids);
	free(g->key);
	free(g);
}

void finder_free(struct finder *f)
{
	struct group *g, *next;

	if (f == NULL) {
		return;
	}
	HASH_ITER(hh, f->groups, g, next)
	{
		HASH_DEL(f->groups, g);
		free_group(g);
	}
	known_free(&f->known);
	free(f->unjudged);
	free(f->found);
	free(f);
}

void finder_learn(struct finder *f, const struct exchange *e)
{
	assert(!f->is_learnt);
	known_learn(&f->known, e);
}

static struct about about_of(const struct finding_rule *r, const struct exchange *e)
{
	const struct exchange_end *client, *server, *inside, *other;

	exchange_sides(e, &client, &server);
	match_places(e, &inside, &other);
	switch (r->about) {
	case ABOUT_SERVER:
		return (struct about){{server->subject, ""}, {server->label, ""}};
	case ABOUT_CLIENT:
		return (struct about){{client->subject, ""}, {client->label, ""}};
	case ABOUT_INSIDE:
		return (struct about){{inside->subject, ""}, {inside->label, ""}};
	case ABOUT_OUTSIDE:
		return (struct about){{other->subject, ""}, {other->label, ""}};
	case ABOUT_PAIR:
		return (struct about){{client->subject, server->subject},
		                      {client->label, server->label}};
	case ABOUT_ZONE:
		return (struct about){{server->zone_label, ""}, {server->zone_label, ""}};
	default: /* the site; assets and flows are no exchanges */
		break;
	}
	return (struct about){{"", ""}, {"the whole network", ""}};
}

static void add_field(struct digest *d, const char *text)
{
	digest_add(d, text, strlen(text));
}

struct group *finder_group(struct finder *f, size_t place, const struct about *about)
{
	const struct finding_rule *r = catalogue_rule(f->catalogue, place);
	char *key = mem_printf("%s\n\n%s\n\n%s", r->id, about->key[0], about->key[1]);
	struct digest *d;
	struct group *g;

	HASH_FIND_STR(f->groups, key, g);
	if (g != NULL) {
		free(key);
		return g;
	}
	g = mem_zalloc(1, sizeof *g);
	g->key = key;
	g->place = place;
	g->subject = mem_printf("%s%s%s", about->label[0], about->label[1][0] != '\0' ? " – " : "",
	                        about->label[1]);
	g->finding = (struct finding){.rule = r, .subject = g->subject};
	d = digest_new();
	add_field(d, r->id);
	add_field(d, about->key[0]);
	add_field(d, about->key[1]);
	digest_finish_id(d, "N", g->finding.id);
	HASH_ADD_KEYPTR(hh, f->groups, g->key, strlen(g->key), g);
	return g;
}

static void add_reason(const struct finder *f, struct group *g, const struct exchange *e)
{
	enum role role = g->finding.rule->role_of != END_NONE
	                         ? match_role(&f->known, g->finding.rule, e)
	                         : ROLES;

	if (role != ROLES) {
		char *text = mem_printf("taken for %s because it %s", role_title(role),
		                        role_reason(role));

		words_add(&g->reasons, text, 0);
		free(text);
	}
}

/* The facts that the rule asks for, and the names that were used. */
static void add_facts(struct group *g, const struct exchange *e)
{
	const struct finding_rule *r = g->finding.rule;

	for (size_t i = 0; i < e->n_facts; i++) {
		const struct exchange_fact *fact = &e->facts[i];
		bool is_fact = fact->type == EVIDENCE_OTHER && r->facts[0] != '\0' &&
		               pattern_list_fits(r->facts, fact->text);

		if (is_fact || (fact->type == EVIDENCE_TLS_SNI &&
		                pattern_list_fits_host(r->names, fact->text))) {
			words_add(&g->facts, fact->text, fact->count);
		}
	}
}

static void add_ends(struct group *g, const struct exchange *e)
{
	const struct exchange_end *client, *server;

	exchange_sides(e, &client, &server);
	words_add(&g->clients, client->label, 0);
	words_add(&g->servers, server->label, 0);
	if (g->finding.rule->place == PLACE_ZONES || g->finding.rule->place == PLACE_CLIENTS) {
		char *way = mem_printf("%s %s %s", e->source.zone_label, e->is_both ? "↔" : "→",
		                       e->destination.zone_label);

		words_add(&g->ways, way, 0);
		free(way);
	}
}

void group_add_time(struct group *g, int64_t first_us, int64_t last_us)
{
	struct finding *finding = &g->finding;

	if (first_us != 0) {
		finding->first_us = finding->first_us == 0 || first_us < finding->first_us ? first_us : finding->first_us;
		finding->last_us = last_us > finding->last_us ? last_us : finding->last_us;
	}
}

void group_add_asset(struct group *g, struct word **side, const struct entry *asset)
{
	if (asset != NULL) {
		words_add(side, asset->id, 0);
		if (entry_text(asset, ASSET_OWNER)[0] != '\0') {
			words_add(&g->owners, entry_text(asset, ASSET_OWNER), 0);
		}
	}
}

static void add_register(struct group *g, const struct exchange *e)
{
	group_add_asset(g, &g->source_assets, e->source.asset);
	group_add_asset(g, &g->destination_assets, e->destination.asset);
	if (e->flow_id != NULL && e->flow_id[0] != '\0') {
		words_add(&g->flows, e->flow_id, 0);
	}
}

static void add_exchange(const struct finder *f, struct group *g, const struct exchange *e)
{
	struct finding *finding = &g->finding;
	enum confidence confidence = match_confidence(e);
	char *protocol = mem_printf("%s %s", e->protocol, e->port);

	add_ends(g, e);
	add_facts(g, e);
	add_reason(f, g, e);
	add_register(g, e);
	words_add(&g->protocols, protocol, 0);
	words_add(&g->kinds, e->kind_title, 0);
	words_add(&g->kind_ids, e->kind_id, 0);
	words_add(&g->exchanges, e->id, 0);
	free(protocol);
	g->was_clear |= e->was_clear;
	g->was_encrypted |= e->was_encrypted;
	g->best = confidence > g->best ? confidence : g->best;
	uint64_t bytes = exchange_bytes(e);

	g->bytes = bytes > UINT64_MAX - g->bytes ? UINT64_MAX : g->bytes + bytes;
	finding->occurrences += e->connections;
	group_add_time(g, e->first_us, e->last_us);
}

void finder_end_learning(struct finder *f)
{
	assert(!f->is_finished);
	if (!f->is_learnt) {
		known_finish(&f->known);
		f->is_learnt = true;
	}
}

void finder_judge(struct finder *f, const struct exchange *e)
{
	finder_end_learning(f);
	for (size_t i = 0; i < catalogue_rules(f->catalogue); i++) {
		const struct finding_rule *r = catalogue_rule(f->catalogue, i);
		enum match match = match_rule(&f->known, &f->watch, r, e);

		if (match == MATCH_YES) {
			struct about about = about_of(r, e);

			add_exchange(f, finder_group(f, i, &about), e);
		}
		f->unjudged[i] |= match == MATCH_UNJUDGED ? FINDER_TOO_SHORT : 0;
	}
}

/* Worst first; of one rule what moved most first. */
static int compare_groups(const struct group *a, const struct group *b)
{
	if (a->finding.rule->severity != b->finding.rule->severity) {
		return a->finding.rule->severity > b->finding.rule->severity ? -1 : 1;
	}
	if (a->place != b->place) {
		return a->place < b->place ? -1 : 1;
	}
	if (a->bytes != b->bytes) {
		return a->bytes > b->bytes ? -1 : 1;
	}
	return strcmp(a->key, b->key);
}

static void finish_lists(struct group *g)
{
	struct finding *f = &g->finding;
	const struct {
		const struct word *words;
		const char **out;
	} lists[] = {
	        {g->source_assets, &f->source_assets}, {g->destination_assets, &f->destination_assets},
	        {g->flows, &f->flows},                 {g->declarations, &f->declarations},
	        {g->owners, &f->owners},
	};

	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		*lists[i].out = g->lists[i] = group_join(lists[i].words);
	}
}

static void finish_group(const struct finder *f, struct group *g)
{
	struct finding *finding = &g->finding;
	const struct finding_rule *r = finding->rule;
	bool rests_on_kind =
	        r->check != CHECK_UNIDENTIFIED && (r->tier != TIER_0 || r->kinds[0] != '\0');

	g->exchange_ids = mem_zalloc(HASH_COUNT(g->exchanges), sizeof *g->exchange_ids);
	for (const struct word *w = g->exchanges; w != NULL; w = w->hh.next) {
		g->exchange_ids[finding->n_exchanges++] = w->text;
	}
	finding->exchanges = g->exchange_ids;
	finding->confidence = rests_on_kind && g->best < r->confidence ? g->best : r->confidence;
	finding->kind_id = HASH_COUNT(g->kind_ids) == 1 ? g->kind_ids->text : "";
	finish_lists(g);
	finding->observed = g->observed = group_tell(g, &f->watch);
	finding->limits = g->limits = group_limits(g, &f->watch);
}

void finder_finish(struct finder *f)
{
	struct group *g, *next;

	f->is_finished = true;
	HASH_SORT(f->groups, compare_groups);
	f->found = mem_zalloc(HASH_COUNT(f->groups) + 1, sizeof(struct group *));
	HASH_ITER(hh, f->groups, g, next)
	{
		if (g->bytes >= g->finding.rule->least_bytes) {
			finish_group(f, g);
			f->found[f->n++] = g;
		}
	}
}

size_t finder_count(const struct finder *f)
{
	return f->n;
}

const struct finding *finder_get(const struct finder *f, size_t i)
{
	assert(i < f->n);
	return &f->found[i]->finding;
}

bool finder_rests_on(const struct finder *f, size_t i, const char *exchange_id)
{
	const struct word *found;

	assert(i < f->n);
	HASH_FIND_STR(f->found[i]->exchanges, exchange_id, found);
	return found != NULL;
}

void finder_each_unjudged(const struct finder *f, finder_unjudged_fn *tell, void *context)
{
	for (size_t i = 0; i < catalogue_rules(f->catalogue); i++) {
		const struct finding_rule *r = catalogue_rule(f->catalogue, i);

		if ((f->unjudged[i] & FINDER_TOO_SHORT) != 0) {
			tell(context, r, match_days(r));
		}
		if ((f->unjudged[i] & FINDER_NOT_WATCHED) != 0) {
			tell(context, r, 0);
		}
	}
}
