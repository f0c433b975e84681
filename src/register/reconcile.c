/* From exchanges to flows of the register. */
#include "terrier/register/reconcile.h"

#include "reconcile.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/model/transport.h"
#include "terrier/register/decision.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define EVIDENCE_SHOWN 8 /* texts a flow */

struct reconciliation *reconcile_new(const struct reconcile_options *options)
{
	struct reconciliation *r = mem_zalloc(1, sizeof *r);

	r->options = *options;
	declared_index(r);
	return r;
}

static void free_end(struct flow_end *end)
{
	free(end->uid);
	free(end->name);
	words_clear(&end->zones);
	words_clear(&end->addresses);
	words_clear(&end->rivals);
	free(end);
}

static void free_flow(struct register_flow *f)
{
	struct words *const sets[] = {&f->protocols, &f->ports,   &f->transports, &f->encryption,
	                              &f->evidence,  &f->sensors, &f->differences};

	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		words_clear(sets[i]);
	}
	for (size_t i = 0; i < f->n_exchanges; i++) {
		free(f->exchanges[i]);
	}
	free(f->exchanges);
	free(f->days);
	free(f->hours);
	free(f->kind_id);
	free(f->declared_kinds);
	free(f->decision_why);
	free(f);
}

void reconcile_free(struct reconciliation *r)
{
	struct register_flow *f, *next_flow;
	struct flow_end *end, *next_end;
	struct seen_host *seen, *next_seen;
	struct part *part, *next_part;

	if (r == NULL) {
		return;
	}
	HASH_ITER(hh, r->parts, part, next_part)
	{
		HASH_DEL(r->parts, part);
		free(part);
	}
	HASH_ITER(hh, r->flows, f, next_flow)
	{
		HASH_DEL(r->flows, f);
		free_flow(f);
	}
	HASH_ITER(hh, r->seen, seen, next_seen)
	{
		HASH_DEL(r->seen, seen);
		free(seen);
	}
	HASH_ITER(hh, r->ends, end, next_end)
	{
		HASH_DEL(r->ends, end);
		free_end(end);
	}
	declared_free(r);
	free(r->sorted);
	free(r);
}

/* What an end of an exchange is to the register. */
struct identity {
	enum flow_end_type type;
	const struct entry *asset;
	char *key, *name;
};

static struct identity identify_host(const struct reconciliation *r, const struct exchange_end *end)
{
	const struct directory_host *host = directory_find(r->options.directory, end->host);
	bool is_client =
	        r->options.clients != CLIENTS_APART && host != NULL && directory_is_client(host);
	struct identity who = {.type = FLOW_END_HOST};

	if (!is_client) {
		who.key = mem_strdup(end->host);
		who.name = mem_strdup(end->label);
	} else if (r->options.clients == CLIENTS_FOLDED) {
		who.type = FLOW_END_ZONE;
		who.key = mem_strdup(end->zone);
		who.name = mem_printf("Clients of %s", end->zone_label);
	} else {
		who.type = FLOW_END_PSEUDONYM;
		who.key = directory_pseudonym(r->options.key, r->options.key_len, end->host);
		who.name = mem_strdup(who.key);
	}
	return who;
}

/* Takes over key and name. */
static struct flow_end *get_end(struct reconciliation *r, struct identity *who)
{
	char *uid = mem_printf("%d%s", who->type, who->key);
	struct flow_end *end;

	free(who->key);
	HASH_FIND_STR(r->ends, uid, end);
	if (end != NULL) {
		free(uid);
		free(who->name);
		return end;
	}
	end = mem_zalloc(1, sizeof *end);
	end->type = who->type;
	end->asset = who->asset;
	end->uid = uid;
	end->key = uid + 1;
	end->name = who->name;
	HASH_ADD_KEYPTR(hh, r->ends, end->uid, strlen(end->uid), end);
	return end;
}

static struct identity identity_of(const struct entry *asset)
{
	return (struct identity){
	        .type = FLOW_END_ASSET,
	        .asset = asset,
	        .key = mem_strdup(asset->id),
	        .name = mem_strdup(entry_text(asset, ASSET_NAME)),
	};
}

struct flow_end *reconcile_get_end(struct reconciliation *r, const struct entry *asset)
{
	struct identity who = identity_of(asset);
	struct flow_end *end = get_end(r, &who);

	if (end->n_hosts == 0) {
		end->is_inside = !entry_is_external(asset);
	}
	return end;
}

struct flow_end *reconcile_get_zone(struct reconciliation *r, char *name)
{
	struct identity who = {.type = FLOW_END_ZONE, .key = mem_strdup(name), .name = name};

	return get_end(r, &who);
}

static void note_party(struct flow_end *into, const struct exchange_end *end)
{
	struct prefix block;

	into->is_group |= end->is_group;
	if (end->is_party && !end->is_inside && prefix_parse(end->name, &block)) {
		into->addr = block.addr;
		into->bits = block.bits;
	} else if (end->is_party && !end->is_inside) {
		into->is_named = true;
	} else if (!end->is_inside) {
		into->addr = end->addr;
		into->bits = 128;
	}
}

/* Notes once for each host where it is. */
static void note_host(struct reconciliation *r, struct flow_end *into,
                      const struct exchange_end *end, const struct match *rival)
{
	struct seen_host wanted = {.key = {into, directory_find(r->options.directory, end->host)}},
	                 *seen;

	HASH_FIND(hh, r->seen, &wanted.key, sizeof wanted.key, seen);
	if (seen == NULL) {
		seen = mem_zalloc(1, sizeof *seen);
		seen->key = wanted.key;
		HASH_ADD(hh, r->seen, key, sizeof seen->key, seen);
		into->is_inside =
		        into->n_hosts++ == 0 ? end->is_inside : into->is_inside || end->is_inside;
		words_put(&into->zones, end->zone_label);
		if (r->options.shows_addresses && into->addresses.n < FLOW_ADDRESSES_MAX) {
			words_put(&into->addresses, end->address);
		}
		note_party(into, end);
	}
	if (rival != NULL) {
		words_put(&into->rivals, rival->asset->id);
	}
}

static struct identity identify(const struct reconciliation *r, const struct exchange *e,
                                const struct exchange_end *end, const struct match **rival)
{
	const struct entry *asset = directory_asset(r->options.directory, e, end, rival);

	return asset != NULL ? identity_of(asset) : identify_host(r, end);
}

static struct flow_end *end_of(struct reconciliation *r, const struct exchange *e,
                               const struct exchange_end *end)
{
	const struct match *rival;
	struct identity who = identify(r, e, end, &rival);
	struct flow_end *found = get_end(r, &who);

	note_host(r, found, end, rival);
	return found;
}

struct register_flow *reconcile_get_flow(struct reconciliation *r, const struct flow_end *source,
                                         const struct flow_end *destination, const char *kind_id)
{
	uint16_t kind = catalogue_find(r->options.catalogue, kind_id);
	struct register_flow *f;
	char id[DIGEST_ID_MAX];

	flow_id(source->type, source->key, destination->type, destination->key, kind_id, id);
	HASH_FIND_STR(r->flows, id, f);
	if (f != NULL) {
		return f;
	}
	f = mem_zalloc(1, sizeof *f);
	memcpy(f->id, id, sizeof id);
	f->source = source;
	f->destination = destination;
	f->kind_id = mem_strdup(kind_id);
	f->kind = kind != KIND_NONE ? catalogue_kind(r->options.catalogue, kind) : NULL;
	f->kind_title = f->kind != NULL ? f->kind->title : f->kind_id;
	f->tier = f->kind != NULL ? f->kind->tier : TIER_UNKNOWN;
	f->declared_kinds = mem_strdup("");
	HASH_ADD_STR(r->flows, id, f);
	return f;
}

uint64_t reconcile_sum(uint64_t a, uint64_t b)
{
	return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static void add_sums(struct register_flow *f, const struct exchange *e)
{
	bool is_first = f->n_exchanges == 0;

	f->connections = reconcile_sum(f->connections, e->connections);
	f->messages = reconcile_sum(f->messages, e->messages);
	f->bytes_to_destination = reconcile_sum(f->bytes_to_destination, e->bytes_to_destination);
	f->bytes_to_source = reconcile_sum(f->bytes_to_source, e->bytes_to_source);
	f->has_messages |= e->has_messages;
	f->is_both |= e->is_both;
	f->initiated_by_source |= e->initiated_by_source;
	f->initiated_by_destination |= e->initiated_by_destination;
	f->was_clear |= e->was_clear;
	f->was_encrypted |= e->was_encrypted;
	f->confidence = is_first || e->confidence > f->confidence ? e->confidence : f->confidence;
	f->first_us = is_first || e->first_us < f->first_us ? e->first_us : f->first_us;
	f->last_us = is_first || e->last_us > f->last_us ? e->last_us : f->last_us;
}

static bool tells_encryption(const char *fact)
{
	static const char *const words[] = {"TLS version ", "SSH version ", "SMB encryption",
	                                    "TLS weak cipher"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strncmp(fact, words[i], strlen(words[i])) == 0) {
			return true;
		}
	}
	return false;
}

static void put_each(struct words *into, const char *list)
{
	size_t len;

	for (const char *item; (item = entry_next(&list, &len)) != NULL;) {
		char *copy = mem_printf("%.*s", (int)len, item);

		words_put(into, copy);
		free(copy);
	}
}

static void add_texts(struct register_flow *f, const struct exchange *e)
{
	char transport[TRANSPORT_NAME_MAX];

	words_put(&f->protocols, e->protocol);
	words_put(&f->ports, e->port);
	words_put(&f->transports, transport_name(e->ip_protocol, transport));
	put_each(&f->sensors, e->sensor);
	if (f->evidence.n < EVIDENCE_SHOWN) {
		words_put(&f->evidence, e->evidence);
	}
	for (size_t i = 0; i < e->n_facts; i++) {
		if (e->facts[i].type == EVIDENCE_OTHER && tells_encryption(e->facts[i].text)) {
			words_put(&f->encryption, e->facts[i].text);
		}
	}
}

static void add_part(struct reconciliation *r, struct register_flow *f, const char *exchange_id)
{
	struct part *part = mem_zalloc(1, sizeof *part);

	if ((f->n_exchanges & (f->n_exchanges - 1)) == 0) {
		f->exchanges = mem_resize(f->exchanges, f->n_exchanges > 0 ? f->n_exchanges * 2 : 1,
		                          sizeof *f->exchanges);
	}
	f->exchanges[f->n_exchanges++] = mem_strdup(exchange_id);
	text_copy(part->id, sizeof part->id, exchange_id, strlen(exchange_id));
	part->flow = f;
	HASH_ADD_STR(r->parts, id, part);
}

static struct register_flow *flow_of(struct reconciliation *r, const struct exchange *e)
{
	const struct flow_end *source = end_of(r, e, &e->source),
	                      *destination = end_of(r, e, &e->destination);

	return reconcile_get_flow(r, source, destination, e->kind_id);
}

void reconcile_add(struct reconciliation *r, const struct exchange *e, bool is_asked)
{
	struct register_flow *f = flow_of(r, e);

	f->is_asked |= is_asked;
	add_sums(f, e);
	add_texts(f, e);
	add_part(r, f, e->id);
}

/* Where its hosts were is of what was asked for: of the past only who they were is known. */
static const struct flow_end *past_end_of(struct reconciliation *r, const struct exchange *e,
                                          const struct exchange_end *end)
{
	const struct match *rival;
	struct identity who = identify(r, e, end, &rival);

	return get_end(r, &who);
}

void reconcile_add_past(struct reconciliation *r, const struct exchange *e)
{
	const struct flow_end *source = past_end_of(r, e, &e->source),
	                      *destination = past_end_of(r, e, &e->destination);
	struct register_flow *f = reconcile_get_flow(r, source, destination, e->kind_id);

	f->past_us = e->last_us > f->past_us ? e->last_us : f->past_us;
}

void reconcile_unite(int64_t **into, size_t *n_into, const int64_t *from, size_t n_from)
{
	int64_t *all;
	size_t n = 0, i = 0, j = 0;

	if (n_from == 0) {
		return;
	}
	all = mem_zalloc(*n_into + n_from, sizeof *all);
	while (i < *n_into || j < n_from) {
		bool is_mine = j == n_from || (i < *n_into && (*into)[i] <= from[j]);
		int64_t next = is_mine ? (*into)[i] : from[j];

		i += i < *n_into && (*into)[i] == next;
		j += j < n_from && from[j] == next;
		all[n++] = next;
	}
	free(*into);
	*into = all;
	*n_into = n;
}

void reconcile_add_activity(struct reconciliation *r, const char *exchange_id, const int64_t *days,
                            size_t n_days, const int64_t *hours, size_t n_hours)
{
	struct part *part;

	HASH_FIND_STR(r->parts, exchange_id, part);
	if (part != NULL) {
		reconcile_unite(&part->flow->days, &part->flow->n_days, days, n_days);
		reconcile_unite(&part->flow->hours, &part->flow->n_hours, hours, n_hours);
	}
}

static int compare_ends(const struct flow_end *a, const struct flow_end *b)
{
	int result = strcmp(a->name, b->name);

	return result != 0 ? result : strcmp(a->uid, b->uid);
}

static int compare_flows(const void *left, const void *right)
{
	const struct register_flow *a = *(struct register_flow *const *)left,
	                           *b = *(struct register_flow *const *)right;
	int result = compare_ends(a->source, b->source);

	result = result != 0 ? result : compare_ends(a->destination, b->destination);
	return result != 0 ? result : strcmp(a->kind_id, b->kind_id);
}

static void judge_decision(const struct reconciliation *r, struct register_flow *f)
{
	f->decision = entries_find(r->options.decisions, f->id);
	if (f->decision != NULL) {
		f->decision_state = decision_judge(f->decision, f, r->options.own_is_set,
		                                   r->options.today, &f->decision_why);
	}
}

static void sort_texts(struct register_flow *f)
{
	words_sort(&f->protocols);
	words_sort(&f->ports);
	words_sort(&f->transports);
	words_sort(&f->encryption);
	words_sort(&f->evidence);
	words_sort(&f->sensors);
}

void reconcile_sort(struct reconciliation *r)
{
	assert(r->sorted == NULL);
	for (struct flow_end *end = r->ends; end != NULL; end = end->hh.next) {
		words_sort(&end->zones);
		words_sort(&end->addresses);
		words_sort(&end->rivals);
	}
	r->sorted = mem_zalloc(HASH_COUNT(r->flows) + 1, sizeof(struct register_flow *));
	for (struct register_flow *f = r->flows; f != NULL; f = f->hh.next) {
		sort_texts(f);
		if (f->n_exchanges > 0 || f->declared != NULL ||
		    f->status != FLOW_DECLARED_AND_OBSERVED) {
			r->sorted[r->n++] = f;
		}
	}
	qsort(r->sorted, r->n, sizeof(struct register_flow *), compare_flows);
}

void reconcile_finish(struct reconciliation *r)
{
	declared_add_unseen(r);
	reconcile_sort(r);
	for (size_t i = 0; i < r->n; i++) {
		declared_judge(r, r->sorted[i]);
		judge_decision(r, r->sorted[i]);
	}
}

size_t reconcile_count(const struct reconciliation *r)
{
	return r->n;
}

const struct register_flow *reconcile_get(const struct reconciliation *r, size_t i)
{
	assert(i < r->n);
	return r->sorted[i];
}

const struct register_flow *reconcile_find(const struct reconciliation *r, const char *id)
{
	struct register_flow *f;

	HASH_FIND_STR(r->flows, id, f);
	return f != NULL && (f->n_exchanges > 0 || f->declared != NULL) ? f : NULL;
}

const struct register_flow *reconcile_flow_of(const struct reconciliation *r,
                                              const char *exchange_id)
{
	struct part *part;

	HASH_FIND_STR(r->parts, exchange_id, part);
	return part != NULL ? part->flow : NULL;
}

const struct flow_end *reconcile_end_of(const struct reconciliation *r, const struct entry *asset)
{
	char *uid = mem_printf("%d%s", FLOW_END_ASSET, asset->id);
	struct flow_end *end;

	HASH_FIND_STR(r->ends, uid, end);
	free(uid);
	return end;
}

const struct flow_end *reconcile_first_end(const struct reconciliation *r)
{
	return r->ends;
}
