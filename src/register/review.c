/* What needs a person, in the order in which it does, with the reason in words. */
#include "terrier/register/review.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/register/decision.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool is_verdict(const struct register_flow *f, const char *verdict)
{
	return f->decision != NULL &&
	       strcmp(entry_text(f->decision, DECISION_VERDICT), verdict) == 0;
}

/* Seen since: later than what was known when it was decided, and not on an earlier day, for
 * recordings of before may be read after. */
static bool is_rejected_and_seen(const struct register_flow *f)
{
	char last[CLOCK_TEXT_MAX];

	if (!is_verdict(f, "reject") || f->n_exchanges == 0) {
		return false;
	}
	clock_format(f->last_us, last);
	return strcmp(last, entry_text(f->decision, DECISION_SEEN_LAST)) > 0 &&
	       strncmp(last, entry_text(f->decision, DECISION_DECIDED_ON), 10) >= 0;
}

static bool is_decided(const struct register_flow *f)
{
	return f->decision != NULL && f->decision_state == DECISION_VALID &&
	       !is_verdict(f, "defer");
}

static enum review_reason reason_of(const struct review_options *o, const struct register_flow *f)
{
	if (is_rejected_and_seen(f)) {
		return REVIEW_REJECTED;
	}
	if (is_decided(f) || f->status == FLOW_RETIRED) {
		return REVIEW_NOTHING;
	}
	if (f->status == FLOW_OBSERVED_ONLY) {
		return REVIEW_UNDECLARED;
	}
	if (f->status == FLOW_DECLARED_AND_OBSERVED && f->differences.n > 0) {
		return REVIEW_DIFFERENT;
	}
	if (f->decision != NULL && f->decision_state != DECISION_VALID) {
		return REVIEW_LAPSED;
	}
	return f->status == FLOW_DECLARED_NOT_OBSERVED && o->days_watched > REVIEW_UNSEEN_DAYS
	               ? REVIEW_UNSEEN
	               : REVIEW_NOTHING;
}

static bool is_inside(const struct flow_end *end)
{
	return end->is_inside || end->is_group;
}

static enum review_place place_of(const struct register_flow *f, enum review_reason reason)
{
	if (is_verdict(f, "defer") && f->decision_state == DECISION_VALID) {
		return REVIEW_DEFERRED;
	}
	return reason == REVIEW_UNDECLARED && f->decision == NULL &&
	                       (f->tier == TIER_0 || f->tier == TIER_1) && is_inside(f->source) &&
	                       is_inside(f->destination)
	               ? REVIEW_BACKGROUND
	               : REVIEW_NOW;
}

/* "a; b". Takes over both. */
static char *join(char *a, const char *between, char *b)
{
	char *both = a[0] != '\0' && b[0] != '\0' ? mem_printf("%s%s%s", a, between, b)
	                                          : mem_printf("%s%s", a, b);

	free(a);
	free(b);
	return both;
}

/* What makes it grave: "special category data, leaves the organisation, in clear". */
static char *tell_exposure(const struct register_flow *f, bool own_is_set)
{
	static const char *const tiers[] = {
	        [TIER_0] = "",
	        [TIER_1] = "",
	        [TIER_2] = "personal data",
	        [TIER_3] = "special category data",
	        [TIER_UNKNOWN] = "how sensitive is not known",
	};
	static const char *const ways[2][2] = {{"", ""}, {"in clear", "partly in clear"}};
	char *text = join(mem_strdup(tiers[f->tier]), ", ",
	                  mem_strdup(strcmp(flow_leaves_organisation(f, own_is_set), "yes") == 0
	                                     ? "goes over the organisation's border"
	                                     : ""));

	return join(text, ", ", mem_strdup(ways[f->was_clear][f->was_encrypted]));
}

static char *tell_rejection(const struct register_flow *f)
{
	char last[CLOCK_TEXT_MAX];

	return mem_printf("rejected on %s by %s and still seen, last on %.10s",
	                  entry_text(f->decision, DECISION_DECIDED_ON),
	                  entry_text(f->decision, DECISION_ROLE), clock_format(f->last_us, last));
}

static char *tell_reason(const struct review_options *o, const struct register_flow *f,
                         enum review_reason reason)
{
	switch (reason) {
	case REVIEW_REJECTED:
		return tell_rejection(f);
	case REVIEW_UNDECLARED:
		return join(mem_strdup("seen but not declared"), ": ",
		            words_join(&f->differences, "; ", 0));
	case REVIEW_DIFFERENT:
		return join(mem_strdup("not as declared"), ": ",
		            words_join(&f->differences, "; ", 0));
	case REVIEW_UNSEEN:
		return mem_printf("declared but not seen on %" PRIu64 " days watched",
		                  o->days_watched);
	default:
		return mem_strdup("");
	}
}

/* What became of the decision that there is. */
static char *tell_decision(const struct register_flow *f, enum review_reason reason)
{
	const struct entry *d = f->decision;

	if (d == NULL || (f->decision_state == DECISION_VALID && reason == REVIEW_REJECTED)) {
		return mem_strdup("");
	}
	if (f->decision_state == DECISION_VALID) {
		return mem_printf("deferred on %s until %s", entry_text(d, DECISION_DECIDED_ON),
		                  entry_text(d, DECISION_UNTIL));
	}
	return mem_printf("%s on %s, but %s", decision_deed(d), entry_text(d, DECISION_DECIDED_ON),
	                  f->decision_why);
}

static char *tell_why(const struct review_options *o, const struct register_flow *f,
                      enum review_reason reason)
{
	char *why = join(tell_reason(o, f, reason), "; ", tell_decision(f, reason));

	return join(why, "; ",
	            f->n_exchanges > 0 ? tell_exposure(f, o->own_is_set) : mem_strdup(""));
}

static void add(struct review *r, struct review_item item)
{
	if ((r->n & (r->n - 1)) == 0) {
		r->items = mem_resize(r->items, r->n > 0 ? r->n * 2 : 1, sizeof *r->items);
	}
	r->items[r->n++] = item;
}

static void add_flow(struct review *r, const struct review_options *o,
                     const struct register_flow *f)
{
	enum review_reason reason = reason_of(o, f);

	if (reason != REVIEW_NOTHING) {
		add(r, (struct review_item){
		               .id = f->id,
		               .flow = f,
		               .place = place_of(f, reason),
		               .reason = reason,
		               .why = tell_why(o, f, reason),
		       });
	}
}

/* Those whose date has passed; `retired`: a column with the day from which it does not matter any
 * more. */
static void add_due(struct review *r, const struct review_options *o, const struct entries *all,
                    size_t due, const size_t *retired)
{
	for (const struct entry *e = all != NULL ? all->first : NULL; e != NULL; e = e->hh.next) {
		const char *date = entry_text(e, due),
		           *end = retired != NULL ? entry_text(e, *retired) : "";

		if (date[0] != '\0' && strcmp(date, o->today) < 0 &&
		    (end[0] == '\0' || strcmp(end, o->today) > 0)) {
			add(r, (struct review_item){
			               .id = e->id,
			               .entry = e,
			               .reason = REVIEW_DUE,
			               .why = mem_printf("review of the %s was due on %s",
			                                 entry_type_name(e->type), date),
			       });
		}
	}
}

/* Whether it leaves is asked of an organisation whose networks are known: the rank is the same
 * without. */
static int exposure_rank(const struct register_flow *f)
{
	const char *leaves = flow_leaves_organisation(f, true);

	return (strcmp(leaves, "yes") == 0 ? 0 : 2) + !f->was_clear;
}

static int group_of(const struct review_item *item)
{
	static const int groups[] = {
	        [REVIEW_REJECTED] = 0, [REVIEW_UNDECLARED] = 1, [REVIEW_DIFFERENT] = 1,
	        [REVIEW_LAPSED] = 1,   [REVIEW_UNSEEN] = 2,     [REVIEW_DUE] = 3,
	};

	return item->reason == REVIEW_LAPSED && item->flow->n_exchanges == 0 ? groups[REVIEW_UNSEEN]
	                                                                     : groups[item->reason];
}

static int compare_flows(const struct register_flow *a, const struct register_flow *b)
{
	int result = tier_weight(b->tier) - tier_weight(a->tier);

	return result != 0 ? result : exposure_rank(a) - exposure_rank(b);
}

static int compare(const void *left, const void *right)
{
	const struct review_item *a = left, *b = right;
	int result = (int)a->place - (int)b->place;

	result = result != 0 ? result : group_of(a) - group_of(b);
	if (result == 0 && a->flow != NULL && b->flow != NULL) {
		result = compare_flows(a->flow, b->flow);
		result = result != 0 ? result : (int)a->reason - (int)b->reason;
		result = result != 0 ? result
		                     : (a->flow->last_us < b->flow->last_us) -
		                               (a->flow->last_us > b->flow->last_us);
	}
	return result != 0 ? result : strcmp(a->id, b->id);
}

struct review *review_new(const struct review_options *o)
{
	static const size_t retired_on = DECLARED_RETIRED_ON;
	struct review *r = mem_zalloc(1, sizeof *r);

	for (size_t i = 0; i < reconcile_count(o->flows); i++) {
		add_flow(r, o, reconcile_get(o->flows, i));
	}
	add_due(r, o, o->assets, ASSET_REVIEW_DUE, NULL);
	add_due(r, o, o->declarations, DECLARED_REVIEW_DUE, &retired_on);
	if (r->n > 0) {
		qsort(r->items, r->n, sizeof *r->items, compare);
	}
	return r;
}

void review_free(struct review *r)
{
	if (r == NULL) {
		return;
	}
	for (size_t i = 0; i < r->n; i++) {
		free(r->items[i].why);
	}
	free(r->items);
	free(r);
}
