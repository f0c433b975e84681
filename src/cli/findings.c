/* From rows of the store to findings. */
#include "terrier/cli/findings.h"

#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/exchanges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXCHANGES_SHOWN 32 /* ids in one cell; terrier explain has them all */

struct work {
	const struct filter *filter;
	struct finder *finder;
	int64_t until_us; /* what is later has not happened yet; 0: no end */
	void (*take)(struct finder *f, const struct exchange *e);
};

static bool see_exchange(void *context, const struct exchange *e, const struct exchange_row *row)
{
	struct work *w = context;
	struct exchange then = *e;

	if (w->until_us != 0 && then.last_us > w->until_us) {
		then.last_us = w->until_us;
	}
	if (w->filter == NULL || filter_passes(w->filter, row)) {
		w->take(w->finder, &then);
	}
	return true;
}

/* Where nothing is declared everything would be a finding. */
static bool has_register(const struct register_state *state)
{
	return entries_count(state->assets) > 0 && state->session->view != VIEW_PUBLIC;
}

/* Countries are asked for one at a time. */
static const char *country_of(void *context, const struct flow_end *end)
{
	struct register_state *state = context;

	return register_country(state, end, state->country);
}

/* With a filter what is declared is judged as far as its flows are selected. */
static void judge_selected(const struct register_state *state, struct finder *f)
{
	for (size_t i = 0; i < reconcile_count(state->flows); i++) {
		const struct register_flow *flow = reconcile_get(state->flows, i);
		const struct flow_end *ends[] = {flow->source, flow->destination};

		for (size_t k = 0; k < 2 && register_passes(state, flow); k++) {
			finder_judge_system(f, ends[k]->asset, ends[k]);
		}
		if (flow->declared != NULL && register_passes(state, flow)) {
			finder_judge_declaration(f, flow->declared, flow->source->asset,
			                         flow->destination->asset);
		}
	}
}

static void judge_all(const struct register_state *state, struct finder *f)
{
	const struct entries *assets = state->assets;

	for (const struct flow_end *end = reconcile_first_end(state->flows); end != NULL;
	     end = end->hh.next) {
		if (end->asset == NULL) {
			finder_judge_system(f, NULL, end);
		}
	}
	for (const struct entry *a = assets->first; a != NULL; a = a->hh.next) {
		finder_judge_system(f, a, reconcile_end_of(state->flows, a));
	}
	for (const struct entry *d = state->declarations->first; d != NULL; d = d->hh.next) {
		finder_judge_declaration(f, d, entries_find(assets, entry_text(d, DECLARED_SOURCE)),
		                         entries_find(assets, entry_text(d, DECLARED_DESTINATION)));
	}
}

static void judge_register(const struct register_state *state, const struct filter *filter,
                           struct finder *f)
{
	for (size_t i = 0; i < reconcile_count(state->flows); i++) {
		const struct register_flow *flow = reconcile_get(state->flows, i);

		if (register_passes(state, flow)) {
			finder_judge_flow(f, flow);
		}
	}
	if (filter != NULL && (filter_has_ends(filter) || filter_has_way_or_kind(filter))) {
		judge_selected(state, f);
	} else {
		judge_all(state, f);
	}
}

static int find(struct register_state *state, struct filter *filter, struct finding_watch *watch,
                int64_t until_us, struct finder **out)
{
	struct session *s = state->session;
	/* a window costs a look at the hours of every exchange */
	const struct store_query all = {.until_us = until_us < s->summary.last_us ? until_us : 0};
	struct work learn = {.until_us = until_us, .take = finder_learn},
	            judge = {filter, NULL, until_us, finder_judge};

	*out = NULL;
	watch->country = country_of;
	watch->context = state;
	learn.finder = judge.finder = finder_new(s->catalogue, watch);
	if (exchanges_each(s, &all, see_exchange, &learn) != 0 ||
	    exchanges_each(s, &s->query, see_exchange, &judge) != 0) {
		finder_free(learn.finder);
		return session_complain(s);
	}
	if (watch->has_register) {
		judge_register(state, filter, learn.finder);
	}
	finder_finish(learn.finder);
	*out = learn.finder;
	return EXIT_DONE;
}

static struct finding_watch watch_of(struct register_state *state)
{
	const struct session *s = state->session;

	return (struct finding_watch){
	        .first_us = s->summary.first_us,
	        .last_us = s->summary.last_us,
	        .payload_bytes = s->summary.counter[COVERAGE_PAYLOAD_BYTES],
	        .unknown_bytes = s->summary.counter[COVERAGE_UNKNOWN_BYTES],
	        .own_is_set = s->summary.own_is_set,
	        .is_public = s->view == VIEW_PUBLIC,
	        .since_us = s->query.since_us,
	        .until_us = s->query.until_us,
	        .has_register = has_register(state),
	        .today = state->today,
	};
}

int findings_at(struct register_state *state, struct filter *filter, int64_t at_us,
                const char *today, struct finder **out)
{
	struct finding_watch watch = watch_of(state);

	watch.last_us = at_us;
	watch.today = today;
	return find(state, filter, &watch, at_us, out);
}

int findings_now(struct register_state *state, struct filter *filter, struct finder **out)
{
	struct finding_watch watch = watch_of(state);

	return find(state, filter, &watch, 0, out);
}

/* The caller may hold other flows than those that are asked about. */
int findings_of(struct register_state *state, struct session *s, struct filter *filter,
                struct finder **out)
{
	struct reconciliation *flows = state->flows;
	int status = EXIT_DONE;

	*out = NULL;
	state->session = s;
	if ((state->head.records > 0 || s->view == VIEW_IG) && state->directory == NULL) {
		status = register_learn(state, s);
	}
	state->flows = NULL;
	if (status == EXIT_DONE && has_register(state)) {
		status = register_reconcile(state, filter);
	}
	status = status == EXIT_DONE ? findings_now(state, filter, out) : status;
	reconcile_free(state->flows);
	state->flows = flows;
	return status;
}

struct decision_finding findings_describe(const struct finding *f)
{
	return (struct decision_finding){
	        .rule_id = f->rule->id,
	        .title = f->rule->title,
	        .severity = f->rule->severity,
	        .kind_id = f->kind_id,
	        .subject = f->subject,
	        .observed = f->observed,
	        .first_us = f->first_us,
	        .last_us = f->last_us,
	};
}

struct findings_verdict findings_judge(const struct register_state *state, const struct finding *f)
{
	const struct decision_finding seen = findings_describe(f);
	struct findings_verdict verdict = {.decision = entries_find(state->decisions, f->id)};

	if (verdict.decision != NULL) {
		verdict.state = decision_judge_finding(verdict.decision, &seen, state->today, &verdict.why);
	}
	return verdict;
}

struct search {
	const char *id;
	bool is_there;
};

static void see_unjudged(void *context, const struct finding_rule *rule, unsigned days)
{
	struct search *search = context;

	(void)days;
	search->is_there |= strcmp(rule->id, search->id) == 0;
}

/* True when the rule is in force and could be asked. */
static bool is_asked(const struct catalogue *c, const struct finder *f, const char *rule_id)
{
	struct search search = {.id = rule_id};

	finder_each_unjudged(f, see_unjudged, &search);
	for (size_t i = 0; i < catalogue_rules(c); i++) {
		if (strcmp(catalogue_rule(c, i)->id, rule_id) == 0) {
			return !search.is_there;
		}
	}
	return false;
}

static bool is_found(const struct finder *f, const char *id)
{
	for (size_t i = 0; i < finder_count(f); i++) {
		if (strcmp(finder_get(f, i)->id, id) == 0) {
			return true;
		}
	}
	return false;
}

void findings_each_resolved(const struct register_state *state, const struct session *s, const struct finder *f,
                            void (*tell)(void *context, const struct entry *decision), void *context)
{
	for (const struct entry *d = state->decisions->first; d != NULL; d = d->hh.next) {
		if (strncmp(d->id, "N-", 2) == 0 && !is_found(f, d->id) &&
		    is_asked(s->catalogue, f, entry_text(d, DECISION_SEEN_RULE))) {
			tell(context, d);
		}
	}
}

static void add_unjudged(void *context, const struct finding_rule *rule, unsigned days)
{
	char **text = context;
	char *why = days > 0 ? mem_printf("needs %u days of watching", days)
	                     : mem_strdup("not where the path was not watched");
	char *longer =
	        mem_printf("%s%s%s (%s)", *text, (*text)[0] != '\0' ? ", " : "", rule->id, why);

	free(why);
	free(*text);
	*text = longer;
}

void findings_add_unjudged(const struct session *s, const struct register_state *state,
                           const struct finder *f, struct table *t)
{
	char *text = mem_strdup("");

	finder_each_unjudged(f, add_unjudged, &text);
	if (text[0] != '\0') {
		table_add_note(t, TABLE_NOTE_COVERAGE, "not_judged", text);
	}
	free(text);
	if (entries_count(state->assets) == 0) {
		table_add_note(t, TABLE_NOTE_COVERAGE, "register",
		               "none: whether flows and systems are declared was not judged; see "
		               "terrier assets suggest");
	} else if (s->view == VIEW_PUBLIC) {
		table_add_note(t, TABLE_NOTE_COVERAGE, "register",
		               "what is declared is not judged in the public view");
	}
}

char *findings_evidence(const struct finding *finding)
{
	char *text = NULL;
	size_t size, n = finding->n_exchanges;
	FILE *out = n > 0 ? open_memstream(&text, &size) : NULL;

	if (out == NULL) {
		return mem_strdup(n > 0 ? "" : finding->declarations);
	}
	for (size_t i = 0; i < n && i < EXCHANGES_SHOWN; i++) {
		fprintf(out, "%s%s", i > 0 ? "; " : "", finding->exchanges[i]);
	}
	if (n > EXCHANGES_SHOWN) {
		fprintf(out, "; + %zu more", n - EXCHANGES_SHOWN);
	}
	fclose(out);
	return text;
}
