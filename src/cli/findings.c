/* From rows of the store to findings. */
#include "terrier/cli/findings.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/exchanges.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXCHANGES_SHOWN 32 /* ids in one cell; terrier explain has them all */

struct work {
	const struct filter *filter;
	struct finder *finder;
	void (*take)(struct finder *f, const struct exchange *e);
};

static bool see_exchange(void *context, const struct exchange *e, const struct exchange_row *row)
{
	struct work *w = context;

	if (w->filter == NULL || filter_passes(w->filter, row)) {
		w->take(w->finder, e);
	}
	return true;
}

struct finder *findings_of(struct session *s, const struct filter *filter)
{
	static const struct store_query everything;
	struct finding_watch watch = {
	        .first_us = s->summary.first_us,
	        .last_us = s->summary.last_us,
	        .payload_bytes = s->summary.counter[COVERAGE_PAYLOAD_BYTES],
	        .unknown_bytes = s->summary.counter[COVERAGE_UNKNOWN_BYTES],
	        .own_is_set = s->summary.own_is_set,
	        .is_public = s->view == VIEW_PUBLIC,
	};
	struct work learn = {.take = finder_learn}, judge = {filter, NULL, finder_judge};

	learn.finder = judge.finder = finder_new(s->catalogue, &watch);
	if (exchanges_each(s, &everything, see_exchange, &learn) != 0 ||
	    exchanges_each(s, &s->query, see_exchange, &judge) != 0) {
		finder_free(learn.finder);
		return NULL;
	}
	finder_finish(learn.finder);
	return learn.finder;
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
	char *longer = mem_printf("%s%s%s (needs %u days of watching)", *text,
	                          (*text)[0] != '\0' ? ", " : "", rule->id, days);

	free(*text);
	*text = longer;
}

void findings_add_unjudged(const struct finder *f, struct table *t)
{
	char *text = mem_strdup("");

	finder_each_unjudged(f, add_unjudged, &text);
	if (text[0] != '\0') {
		table_add_note(t, TABLE_NOTE_COVERAGE, "not_judged", text);
	}
	free(text);
}

char *findings_exchanges(const struct finding *finding)
{
	char *text = NULL;
	size_t size, n = finding->n_exchanges;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
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
