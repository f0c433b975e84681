/* Flows of many ends told as flows of few. */
#include "terrier/register/fold.h"

#include "reconcile.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

static struct flow_end *fold_end(struct reconciliation *into, const struct flow_end *end,
                                 char *name)
{
	struct flow_end *fold = reconcile_get_zone(into, name);

	fold->is_inside = fold->n_hosts == 0 ? end->is_inside : fold->is_inside || end->is_inside;
	fold->is_group |= end->is_group;
	fold->n_hosts += end->n_hosts;
	if (words_has(&end->zones, fold->name)) {
		words_put(&fold->zones, fold->name);
	}
	return fold;
}

static int rank(enum flow_status status)
{
	static const int ranks[] = {
	        [FLOW_OBSERVED_ONLY] = 3,
	        [FLOW_DECLARED_NOT_OBSERVED] = 2,
	        [FLOW_DECLARED_AND_OBSERVED] = 1,
	        [FLOW_RETIRED] = 0,
	};

	return ranks[status];
}

static enum tier higher(enum tier a, enum tier b)
{
	return tier_weight(a) >= tier_weight(b) ? a : b;
}

static void add_words(struct words *into, const struct words *from)
{
	for (size_t i = 0; i < from->n; i++) {
		words_put(into, from->text[i]);
	}
}

static void add_ids(struct register_flow *into, const struct register_flow *f)
{
	into->exchanges = mem_resize(into->exchanges, into->n_exchanges + f->n_exchanges + 1,
	                             sizeof *into->exchanges);
	for (size_t i = 0; i < f->n_exchanges; i++) {
		into->exchanges[into->n_exchanges++] = mem_strdup(f->exchanges[i]);
	}
}

static void add_flow(struct register_flow *into, const struct register_flow *f, bool is_first)
{
	bool was_seen = into->n_exchanges > 0, is_seen = f->n_exchanges > 0;

	if (is_first || rank(f->status) > rank(into->status)) {
		into->status = f->status;
	}
	into->tier = is_first ? f->tier : higher(into->tier, f->tier);
	if (is_seen) {
		into->confidence = was_seen && into->confidence < f->confidence ? into->confidence
		                                                                : f->confidence;
		into->first_us =
		        was_seen && into->first_us < f->first_us ? into->first_us : f->first_us;
		into->last_us = was_seen && into->last_us > f->last_us ? into->last_us : f->last_us;
	}
	into->is_both |= f->is_both;
	into->initiated_by_source |= f->initiated_by_source;
	into->initiated_by_destination |= f->initiated_by_destination;
	into->was_clear |= f->was_clear;
	into->was_encrypted |= f->was_encrypted;
	into->has_messages |= f->has_messages;
	into->past_us = f->past_us > into->past_us ? f->past_us : into->past_us;
	into->connections = reconcile_sum(into->connections, f->connections);
	into->messages = reconcile_sum(into->messages, f->messages);
	into->bytes_to_destination =
	        reconcile_sum(into->bytes_to_destination, f->bytes_to_destination);
	into->bytes_to_source = reconcile_sum(into->bytes_to_source, f->bytes_to_source);
	add_words(&into->protocols, &f->protocols);
	add_words(&into->transports, &f->transports);
	add_words(&into->sensors, &f->sensors);
	reconcile_unite(&into->days, &into->n_days, f->days, f->n_days);
	reconcile_unite(&into->hours, &into->n_hours, f->hours, f->n_hours);
	add_ids(into, f);
}

/* How many flows of each status are in a fold. */
struct tally {
	const struct register_flow *fold;
	size_t flows[4];
	UT_hash_handle hh;
};

static struct tally *tally_of(struct tally **tallies, const struct register_flow *fold)
{
	struct tally *tally;

	HASH_FIND_PTR(*tallies, &fold, tally);
	if (tally == NULL) {
		tally = mem_zalloc(1, sizeof *tally);
		tally->fold = fold;
		HASH_ADD_PTR(*tallies, fold, tally);
	}
	return tally;
}

static void tell_tally(struct register_flow *fold, const struct tally *tally)
{
	for (size_t i = 0; i < sizeof tally->flows / sizeof tally->flows[0]; i++) {
		if (tally->flows[i] > 0) {
			char *text = mem_printf("%zu %s", tally->flows[i],
			                        flow_status_name((enum flow_status)i));

			words_put(&fold->differences, text);
			free(text);
		}
	}
}

struct reconciliation *fold_flows(const struct reconciliation *r, fold_name_fn *name,
                                  fold_wanted_fn *wanted, void *context)
{
	const struct reconcile_options options = {.catalogue = r->options.catalogue,
	                                          .today = r->options.today};
	struct reconciliation *into = reconcile_new(&options);
	struct tally *tallies = NULL, *tally, *next;

	for (size_t i = 0; i < r->n; i++) {
		const struct register_flow *f = r->sorted[i];

		if (wanted(context, f)) {
			struct flow_end *from = fold_end(into, f->source, name(context, f->source)),
			                *to = fold_end(into, f->destination,
			                               name(context, f->destination));
			struct register_flow *fold = reconcile_get_flow(into, from, to, f->kind_id);

			tally = tally_of(&tallies, fold);
			add_flow(fold, f,
			         tally->flows[0] + tally->flows[1] + tally->flows[2] +
			                         tally->flows[3] ==
			                 0);
			tally->flows[f->status]++;
		}
	}
	reconcile_sort(into);
	HASH_ITER(hh, tallies, tally, next)
	{
		HASH_DEL(tallies, tally);
		tell_tally((struct register_flow *)tally->fold, tally);
		free(tally);
	}
	return into;
}
