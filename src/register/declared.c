/* Flows held to the declarations. */
#include "reconcile.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

/* One declaration, and what was seen of it. */
struct declared_item {
	const struct entry *entry;
	bool is_seen;
	int64_t past_us;
	struct declared_item *next;
};

/* Those with the same key: source and destination, or source alone. */
struct declared_group {
	char *key;
	struct declared_item *first;
	UT_hash_handle hh;
};

static void put(struct declared_group **groups, char *key, const struct entry *entry)
{
	struct declared_item *item = mem_zalloc(1, sizeof *item);
	struct declared_group *group;

	HASH_FIND_STR(*groups, key, group);
	if (group == NULL) {
		group = mem_zalloc(1, sizeof *group);
		group->key = key;
		HASH_ADD_KEYPTR(hh, *groups, group->key, strlen(group->key), group);
	} else {
		free(key);
	}
	item->entry = entry;
	item->next = group->first;
	group->first = item;
}

void declared_index(struct reconciliation *r)
{
	const struct entries *all = r->options.declarations;

	for (const struct entry *d = all != NULL ? all->first : NULL; d != NULL; d = d->hh.next) {
		const char *from = entry_text(d, DECLARED_SOURCE),
		           *to = entry_text(d, DECLARED_DESTINATION);

		put(&r->pairs, mem_printf("%s\n%s", from, to), d);
		put(&r->sources, mem_strdup(from), d);
	}
}

static void free_groups(struct declared_group **groups)
{
	struct declared_group *group, *next_group;

	HASH_ITER(hh, *groups, group, next_group)
	{
		HASH_DEL(*groups, group);
		for (struct declared_item *item = group->first, *next; item != NULL; item = next) {
			next = item->next;
			free(item);
		}
		free(group->key);
		free(group);
	}
}

void declared_free(struct reconciliation *r)
{
	free_groups(&r->pairs);
	free_groups(&r->sources);
}

/* How exactly a declared kind is the observed one: 0 not at all; a group the less the shorter it
 * is. */
static size_t fit(const char *declared, const char *kind_id)
{
	size_t len = strlen(declared);

	if (strcmp(declared, kind_id) == 0) {
		return KIND_ID_MAX;
	}
	return len >= 1 && declared[len - 1] == '*' && strncmp(declared, kind_id, len - 1) == 0
	               ? len
	               : 0;
}

static bool is_retired(const struct reconciliation *r, const struct entry *d)
{
	const char *on = entry_text(d, DECLARED_RETIRED_ON);

	return on[0] != '\0' && strcmp(on, r->options.today) <= 0;
}

/* The most exact declaration between two ends, retired or not. */
static struct declared_item *find(const struct reconciliation *r, const struct flow_end *from,
                                  const struct flow_end *to, const char *kind_id)
{
	struct declared_item *best = NULL;
	struct declared_group *group;
	size_t best_fit = 0;
	char *key;

	if (from->asset == NULL || to->asset == NULL) {
		return NULL;
	}
	key = mem_printf("%s\n%s", from->asset->id, to->asset->id);
	HASH_FIND_STR(r->pairs, key, group);
	free(key);
	for (struct declared_item *item = group != NULL ? group->first : NULL; item != NULL;
	     item = item->next) {
		size_t how = fit(entry_text(item->entry, DECLARED_KIND), kind_id);

		if (how > best_fit) {
			best = item;
			best_fit = how;
		}
	}
	return best;
}

/* Information of both ways may be declared either way, or both. */
static struct declared_item *find_back(const struct reconciliation *r,
                                       const struct register_flow *f)
{
	return f->is_both ? find(r, f->destination, f->source, f->kind_id) : NULL;
}

/* One in force before one that is retired. */
static struct declared_item *find_for(const struct reconciliation *r, const struct register_flow *f)
{
	struct declared_item *item = find(r, f->source, f->destination, f->kind_id),
	                     *back = find_back(r, f);
	bool is_back =
	        back != NULL &&
	        (item == NULL || (is_retired(r, item->entry) && !is_retired(r, back->entry)));

	return is_back ? back : item;
}

static void note_seen_as(struct declared_item *item, const struct register_flow *f)
{
	if (item != NULL) {
		item->is_seen |= f->n_exchanges > 0;
		item->past_us = f->past_us > item->past_us ? f->past_us : item->past_us;
	}
}

static void note_seen(struct reconciliation *r)
{
	for (const struct register_flow *f = r->flows; f != NULL; f = f->hh.next) {
		note_seen_as(find(r, f->source, f->destination, f->kind_id), f);
		note_seen_as(find_back(r, f), f);
	}
}

static void add_unseen(struct reconciliation *r, const struct declared_item *item)
{
	const struct entry *d = item->entry,
	                   *from = entries_find(r->options.assets, entry_text(d, DECLARED_SOURCE)),
	                   *to = entries_find(r->options.assets,
	                                      entry_text(d, DECLARED_DESTINATION));
	struct register_flow *f;

	if (from != NULL && to != NULL) {
		f = reconcile_get_flow(r, reconcile_get_end(r, from), reconcile_get_end(r, to),
		                       entry_text(d, DECLARED_KIND));
		f->declared = d;
		f->past_us = item->past_us > f->past_us ? item->past_us : f->past_us;
	}
}

void declared_add_unseen(struct reconciliation *r)
{
	note_seen(r);
	for (const struct declared_group *group = r->pairs; group != NULL; group = group->hh.next) {
		for (const struct declared_item *item = group->first; item != NULL;
		     item = item->next) {
			if (!item->is_seen) {
				add_unseen(r, item);
			}
		}
	}
}

static void differ(struct register_flow *f, char *text)
{
	words_put(&f->differences, text);
	free(text);
}

static void compare_method(struct register_flow *f)
{
	const char *declared = entry_text(f->declared, DECLARED_METHOD);
	bool is_other = false;

	for (size_t i = 0; i < f->protocols.n; i++) {
		is_other |= !entry_lists(declared, f->protocols.text[i]);
	}
	if (declared[0] != '\0' && is_other) {
		char *observed = words_join(&f->protocols, ";", 0);

		differ(f, mem_printf("method: declared %s, observed %s", declared, observed));
		free(observed);
	}
}

static void compare_encryption(struct register_flow *f)
{
	const char *declared = entry_text(f->declared, DECLARED_ENCRYPTED),
	           *observed = flow_encrypted(f);

	if ((strcmp(declared, "yes") == 0 || strcmp(declared, "no") == 0) &&
	    strcmp(observed, "unknown") != 0 && strcmp(declared, observed) != 0) {
		differ(f, mem_printf("encryption: declared %s, observed %s", declared, observed));
	}
}

static void compare_zone(struct register_flow *f, const struct flow_end *end)
{
	const char *declared = entry_text(end->asset, ASSET_ZONE);

	for (size_t i = 0; declared[0] != '\0' && i < end->zones.n; i++) {
		if (text_casecmp(declared, end->zones.text[i]) != 0) {
			differ(f, mem_printf("zone: %s is declared in %s and was observed in %s",
			                     end->asset->id, declared, end->zones.text[i]));
		}
	}
}

/* Why an undeclared flow is one: the other way is declared, or the same to somebody else. */
static void compare_undeclared(const struct reconciliation *r, struct register_flow *f)
{
	struct declared_group *group = NULL;
	struct words others = {0};

	if (find(r, f->destination, f->source, f->kind_id) != NULL) {
		differ(f, mem_printf("direction: declared from %s to %s only",
		                     f->destination->asset->id, f->source->asset->id));
		return;
	}
	if (f->source->asset != NULL) {
		HASH_FIND_STR(r->sources, f->source->asset->id, group);
	}
	for (const struct declared_item *item = group != NULL ? group->first : NULL; item != NULL;
	     item = item->next) {
		if (fit(entry_text(item->entry, DECLARED_KIND), f->kind_id) > 0 &&
		    !is_retired(r, item->entry)) {
			words_put(&others, entry_text(item->entry, DECLARED_DESTINATION));
		}
	}
	if (others.n > 0) {
		words_sort(&others);
		char *list = words_join(&others, ", ", 5);

		differ(f, mem_printf("new recipient: declared from %s to %s only",
		                     f->source->asset->id, list));
		free(list);
	}
	words_clear(&others);
}

static enum tier raise_by(const struct reconciliation *r, struct words *kinds,
                          const struct flow_end *end, enum tier tier)
{
	const char *list = end->asset != NULL ? entry_text(end->asset, ASSET_KINDS) : "";
	size_t len;

	for (const char *item; (item = entry_next(&list, &len)) != NULL;) {
		char *id = mem_printf("%.*s", (int)len, item);

		for (uint16_t i = 0; i < catalogue_count(r->options.catalogue); i++) {
			const struct kind *kind = catalogue_kind(r->options.catalogue, i);

			if (fit(id, kind->id) > 0 && kind->tier != TIER_UNKNOWN) {
				words_put(kinds, kind->id);
				tier = tier == TIER_UNKNOWN || kind->tier > tier ? kind->tier
				                                                 : tier;
			}
		}
		free(id);
	}
	return tier;
}

/* registers.md 6: such a kind has the highest tier of what is declared for either end; without any
 * it stays as it is, and never looks harmless. */
static void raise_tier(const struct reconciliation *r, struct register_flow *f)
{
	struct words kinds = {0};

	if (f->kind == NULL || f->kind->tier_rule == TIER_FIXED) {
		return;
	}
	f->tier = raise_by(r, &kinds, f->source, f->tier);
	f->tier = raise_by(r, &kinds, f->destination, f->tier);
	words_sort(&kinds);
	free(f->declared_kinds);
	f->declared_kinds = words_join(&kinds, ";", 0);
	words_clear(&kinds);
}

void declared_judge(struct reconciliation *r, struct register_flow *f)
{
	const struct declared_item *item = f->n_exchanges > 0 ? find_for(r, f) : NULL;

	raise_tier(r, f);
	f->declared = item != NULL ? item->entry : f->declared;
	if (f->n_exchanges == 0) {
		f->status = f->declared != NULL && is_retired(r, f->declared)
		                    ? FLOW_RETIRED
		                    : FLOW_DECLARED_NOT_OBSERVED;
	} else if (f->declared == NULL) {
		f->status = FLOW_OBSERVED_ONLY;
		compare_undeclared(r, f);
	} else if (is_retired(r, f->declared)) {
		f->status = FLOW_OBSERVED_ONLY;
		differ(f, mem_printf("retired on %s and observed",
		                     entry_text(f->declared, DECLARED_RETIRED_ON)));
	} else {
		f->status = FLOW_DECLARED_AND_OBSERVED;
		compare_method(f);
		compare_encryption(f);
		compare_zone(f, f->source);
		compare_zone(f, f->destination);
	}
}
