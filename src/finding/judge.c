/* Flows, systems and declarations of the register, held to the rules and gathered as exchanges are.
 */
#include "judge.h"

#include "match_register.h"

#include "terrier/base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define ALL_UNREGISTERED_INSIDE  "systems of %s that are not in the register"
#define ALL_UNREGISTERED_OUTSIDE "parties outside that are not in the register"

/* What is about one asset is told of it. Of what is not in the register a pair would be one row a
 * computer, so those of a zone are told together. */
struct end_about {
	char *key, *label;
};

static struct end_about end_about(const struct flow_end *end)
{
	const char *zone = end->zones.n > 0 ? end->zones.text[0] : "";

	if (end->asset != NULL) {
		return (struct end_about){mem_printf("asset\n%s", end->asset->id),
		                          mem_strdup(end->name)};
	}
	return end->is_inside ? (struct end_about){mem_printf("zone\n%s", zone),
	                                           mem_printf(ALL_UNREGISTERED_INSIDE, zone)}
	                      : (struct end_about){mem_strdup("outside"),
	                                           mem_strdup(ALL_UNREGISTERED_OUTSIDE)};
}

static void free_about(struct end_about *a)
{
	free(a->key);
	free(a->label);
}

static struct group *group_of_pair(struct finder *finder, size_t place,
                                   const struct register_flow *f)
{
	struct end_about from = end_about(f->source), to = end_about(f->destination);
	struct about about = {{from.key, to.key}, {from.label, to.label}};
	struct group *g = finder_group(finder, place, &about);

	free_about(&from);
	free_about(&to);
	return g;
}

static struct group *group_of_flow(struct finder *finder, size_t place,
                                   const struct register_flow *f)
{
	const struct flow_end *outside = flow_end_is_outside(f->destination) ? f->destination : f->source;
	char *label = mem_printf("%s: %s", f->destination->name, f->kind_title);
	struct about about = {{"", ""}, {"the whole network", ""}};
	struct group *g;

	switch (catalogue_rule(finder->catalogue, place)->about) {
	case ABOUT_OUTSIDE:
		about = (struct about){{outside->uid, ""}, {outside->name, ""}};
		break;
	case ABOUT_FLOW:
		about = (struct about){{f->id, ""}, {f->source->name, label}};
		break;
	case ABOUT_PAIR:
		free(label);
		return group_of_pair(finder, place, f);
	default:
		break;
	}
	g = finder_group(finder, place, &about);
	free(label);
	return g;
}

static uint64_t add(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static void add_reasons(struct group *g, const struct words *why)
{
	for (size_t i = 0; i < why->n; i++) {
		words_add(&g->reasons, why->text[i], 0);
	}
}

static void add_flow(struct group *g, const struct register_flow *f)
{
	char *way = mem_printf("%s %s %s", f->source->name, f->is_both ? "↔" : "→",
	                       f->destination->name);

	words_add(&g->ways, way, 0);
	words_add(&g->kinds, f->kind_title, 0);
	words_add(&g->kind_ids, f->kind_id, 0);
	words_add(&g->flows, f->id, 0);
	for (size_t i = 0; i < f->protocols.n; i++) {
		words_add(&g->protocols, f->protocols.text[i], 0);
	}
	for (size_t i = 0; i < f->n_exchanges; i++) {
		words_add(&g->exchanges, f->exchanges[i], 0);
	}
	group_add_asset(g, &g->source_assets, f->source->asset);
	group_add_asset(g, &g->destination_assets, f->destination->asset);
	group_add_time(g, f->first_us, f->last_us);
	group_add_time(g, f->past_us, f->past_us);
	g->was_clear |= f->was_clear;
	g->was_encrypted |= f->was_encrypted;
	g->best = f->n_exchanges == 0       ? CONFIDENCE_HIGH
	          : f->confidence > g->best ? f->confidence
	                                    : g->best;
	g->bytes = add(g->bytes, add(f->bytes_to_destination, f->bytes_to_source));
	g->finding.occurrences = add(g->finding.occurrences, f->connections);
	free(way);
}

static void note_unjudged(struct finder *finder, size_t place, enum match match)
{
	finder->unjudged[place] |= match == MATCH_UNJUDGED    ? FINDER_TOO_SHORT
	                           : match == MATCH_UNWATCHED ? FINDER_NOT_WATCHED
	                                                      : 0;
}

void finder_judge_flow(struct finder *f, const struct register_flow *flow)
{
	assert(f->watch.has_register);
	finder_end_learning(f);
	for (size_t i = 0; i < catalogue_rules(f->catalogue); i++) {
		const struct finding_rule *r = catalogue_rule(f->catalogue, i);
		struct words why = {0};
		enum match match = finding_rule_object(r) == OBJECT_FLOW
		                           ? match_flow(&f->known, &f->watch, r, flow, &why)
		                           : MATCH_NOT;

		if (match == MATCH_YES) {
			struct group *g = group_of_flow(f, i, flow);

			add_flow(g, flow);
			add_reasons(g, &why);
		}
		note_unjudged(f, i, match);
		words_clear(&why);
	}
}

static struct group *group_of_system(struct finder *finder, size_t place, const struct entry *asset,
                                     const struct flow_end *seen)
{
	const char *zone = asset != NULL       ? entry_text(asset, ASSET_ZONE)
	                   : seen->zones.n > 0 ? seen->zones.text[0]
	                                       : "";
	struct about about = {{"", ""}, {"the whole register", ""}};
	enum finding_about what = catalogue_rule(finder->catalogue, place)->about;

	if (what == ABOUT_ZONE) {
		about = (struct about){{zone, ""}, {zone, ""}};
	} else if (what == ABOUT_ASSET) {
		about = asset != NULL ? (struct about){{"asset", asset->id},
		                                       {entry_text(asset, ASSET_NAME), ""}}
		                      : (struct about){{seen->uid, ""}, {seen->name, ""}};
	}
	return finder_group(finder, place, &about);
}

static void add_system(const struct finder *finder, struct group *g, const struct entry *asset,
                       const struct flow_end *seen, const struct words *why)
{
	const struct known_asset *known =
	        asset != NULL ? known_find_asset(&finder->known, asset->id) : NULL;
	const struct known_host *host =
	        asset == NULL ? known_find_key(&finder->known, seen->key) : NULL;

	g->best = CONFIDENCE_HIGH;
	group_add_asset(g, &g->source_assets, asset);
	if (catalogue_rule(finder->catalogue, g->place)->about != ABOUT_ASSET) {
		words_add(&g->systems, asset != NULL ? entry_text(asset, ASSET_NAME) : seen->name,
		          0);
	}
	if (known != NULL) {
		group_add_time(g, known->first_us, known->last_us);
	}
	if (host != NULL) {
		group_add_time(g, host->first_us, host->last_us);
	}
	add_reasons(g, why);
}

void finder_judge_system(struct finder *finder, const struct entry *asset,
                         const struct flow_end *seen)
{
	assert(finder->watch.has_register && (asset != NULL || seen != NULL));
	finder_end_learning(finder);
	for (size_t i = 0; i < catalogue_rules(finder->catalogue); i++) {
		const struct finding_rule *r = catalogue_rule(finder->catalogue, i);
		struct words why = {0};
		enum match match =
		        finding_rule_object(r) == OBJECT_SYSTEM
		                ? match_system(&finder->known, &finder->watch, r, asset, seen, &why)
		                : MATCH_NOT;

		if (match == MATCH_YES) {
			add_system(finder, group_of_system(finder, i, asset, seen), asset, seen,
			           &why);
		}
		note_unjudged(finder, i, match);
		words_clear(&why);
	}
}

static const char *name_of(const struct entry *asset, const struct entry *declaration,
                           enum declaration_column column)
{
	return asset != NULL ? entry_text(asset, ASSET_NAME) : entry_text(declaration, column);
}

static struct group *group_of_declaration(struct finder *finder, size_t place,
                                          const struct entry *d, const char *from, const char *to)
{
	const char *kind_id = entry_text(d, DECLARED_KIND);
	uint16_t kind = catalogue_find(finder->catalogue, kind_id);
	char *label = mem_printf("%s: %s", to,
	                         kind != KIND_NONE ? catalogue_kind(finder->catalogue, kind)->title
	                                           : kind_id);
	bool is_one = catalogue_rule(finder->catalogue, place)->about == ABOUT_FLOW;
	struct about about = {{is_one ? d->id : "", ""},
	                      {is_one ? from : "the whole register", is_one ? label : ""}};
	struct group *g = finder_group(finder, place, &about);

	free(label);
	return g;
}

static void add_declaration(struct group *g, const struct entry *d, const struct entry *from,
                            const struct entry *to)
{
	const char *kind = entry_text(d, DECLARED_KIND), *owner = entry_text(d, DECLARED_OWNER);
	char id[DIGEST_ID_MAX];

	g->best = CONFIDENCE_HIGH;
	flow_id(FLOW_END_ASSET, entry_text(d, DECLARED_SOURCE), FLOW_END_ASSET,
	        entry_text(d, DECLARED_DESTINATION), kind, id);
	words_add(&g->flows, id, 0);
	words_add(&g->kind_ids, kind, 0);
	words_add(&g->declarations, d->id, 0);
	if (owner[0] != '\0') {
		words_add(&g->owners, owner, 0);
	}
	group_add_asset(g, &g->source_assets, from);
	group_add_asset(g, &g->destination_assets, to);
}

void finder_judge_declaration(struct finder *finder, const struct entry *d,
                              const struct entry *from, const struct entry *to)
{
	assert(finder->watch.has_register);
	finder_end_learning(finder);
	for (size_t i = 0; i < catalogue_rules(finder->catalogue); i++) {
		const struct finding_rule *r = catalogue_rule(finder->catalogue, i);
		struct words why = {0};

		if (finding_rule_object(r) == OBJECT_DECLARATION &&
		    match_declaration(&finder->known, &finder->watch, r, d, &why) == MATCH_YES) {
			struct group *g = group_of_declaration(
			        finder, i, d, name_of(from, d, DECLARED_SOURCE),
			        name_of(to, d, DECLARED_DESTINATION));

			add_declaration(g, d, from, to);
			add_reasons(g, &why);
		}
		words_clear(&why);
	}
}
