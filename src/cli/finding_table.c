/* Findings as a table: findings.csv of registers.md 4.4. */
#include "terrier/cli/finding_table.h"

#include "terrier/base/clock.h"
#include "terrier/cli/command.h"
#include "terrier/cli/findings.h"

#include <stdlib.h>
#include <string.h>

/* findings.csv of the registers: names and order are fixed; those after limits are ours. Columns
 * without a name are for the terminal. */
static const struct table_column columns[] = {
        {"finding_id", "ID", TABLE_TEXT},      {NULL, "Severity", TABLE_TEXT},
        {"rule_id", NULL, TABLE_TEXT},         {"title", "Finding", TABLE_TEXT},
        {"severity", NULL, TABLE_TEXT},        {"confidence", NULL, TABLE_TEXT},
        {"category", NULL, TABLE_TEXT},        {"status", "Status", TABLE_TEXT},
        {"source_asset_id", NULL, TABLE_TEXT}, {"destination_asset_id", NULL, TABLE_TEXT},
        {"flow_id", NULL, TABLE_TEXT},         {"kind_id", NULL, TABLE_TEXT},
        {NULL, "About", TABLE_TEXT},           {"what_was_observed", NULL, TABLE_TEXT},
        {"why_it_matters", NULL, TABLE_TEXT},  {"recommended_action", NULL, TABLE_TEXT},
        {"control_refs", NULL, TABLE_TEXT},    {"first_seen", NULL, TABLE_TIME},
        {"last_seen", NULL, TABLE_TIME},       {"occurrences", NULL, TABLE_INTEGER},
        {"owner_role", NULL, TABLE_TEXT},      {"due_date", NULL, TABLE_TEXT},
        {"decision", NULL, TABLE_TEXT},        {"decided_by_role", NULL, TABLE_TEXT},
        {"decided_on", NULL, TABLE_TEXT},      {"risk_ref", NULL, TABLE_TEXT},
        {"evidence_ref", NULL, TABLE_TEXT},    {"limits", NULL, TABLE_TEXT},
        {"reason", NULL, TABLE_TEXT},          {"decision_lapsed", NULL, TABLE_TEXT},
};

/* Ids are hashes of addresses: the public view has none, of findings or exchanges. */
static void add_ref(const struct session *s, struct table *t, const char *text)
{
	show_text(t, s->view != VIEW_PUBLIC ? text : "");
}

struct work {
	struct session *session;
	struct register_state *state;
	struct table *table;
	const char *status; /* that is asked for; NULL: any */
};

/* What people decided: columns due_date to decided_on, and reason to decision_lapsed. */
static void add_decided(struct table *t, const struct entry *decision)
{
	static const enum decision_column shown[] = {DECISION_UNTIL, DECISION_VERDICT,
	                                             DECISION_ROLE, DECISION_DECIDED_ON};

	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		show_text(t, decision != NULL ? entry_text(decision, shown[i]) : "");
	}
}

static void add_reason(struct table *t, const struct entry *decision, const char *lapsed)
{
	show_text(t, decision != NULL ? entry_text(decision, DECISION_REASON) : "");
	show_text(t, lapsed != NULL ? lapsed : "");
}

static void add_finding(struct work *w, const struct finding *f, const struct findings_verdict *v,
                        const char *status)
{
	const struct finding_rule *r = f->rule;
	char *evidence = findings_evidence(f);
	struct table *t = w->table;

	add_ref(w->session, t, f->id);
	table_add_text(t, severity_name(r->severity));
	table_add_text(t, r->id);
	table_add_text(t, r->title);
	table_add_text(t, severity_name(r->severity));
	table_add_text(t, confidence_name(f->confidence));
	table_add_text(t, r->category);
	show_text(t, status);
	add_ref(w->session, t, f->source_assets);
	add_ref(w->session, t, f->destination_assets);
	add_ref(w->session, t, f->flows);
	show_text(t, f->kind_id);
	table_add_text(t, f->subject);
	table_add_text(t, f->observed);
	table_add_text(t, r->why);
	table_add_text(t, r->action);
	table_add_text(t, r->control_refs);
	show_time(t, f->first_us);
	show_time(t, f->last_us);
	show_count(t, f->occurrences);
	add_ref(w->session, t, f->owners);
	add_decided(t, v->decision);
	table_add_empty(t); /* risk_ref */
	add_ref(w->session, t, evidence);
	show_text(t, f->limits);
	add_reason(t, v->decision, v->why);
	free(evidence);
}

/* The public view tells findings by organisation: nobody decided about these. */
static void judge_finding(struct work *w, const struct finding *f)
{
	bool is_public = w->session->view == VIEW_PUBLIC;
	struct findings_verdict v = {.decision = NULL};
	const char *status = "";

	if (!is_public) {
		v = findings_judge(w->state, f);
		status = decision_finding_status(v.decision, v.state);
	}
	if (w->status == NULL || strcmp(w->status, status) == 0) {
		add_finding(w, f, &v, status);
	}
	free(v.why);
}

static void add_time_text(struct table *t, const char *text)
{
	int64_t us;

	if (clock_parse(text, 0, &us)) {
		table_add_time(t, us);
	} else {
		table_add_empty(t);
	}
}

/* What the decision kept of a finding that is not found any more. */
static void add_resolved(void *context, const struct entry *d)
{
	struct work *w = context;
	struct table *t = w->table;

	table_add_text(t, d->id);
	table_add_text(t, entry_text(d, DECISION_SEEN_SEVERITY));
	table_add_text(t, entry_text(d, DECISION_SEEN_RULE));
	table_add_text(t, entry_text(d, DECISION_SEEN_TITLE));
	table_add_text(t, entry_text(d, DECISION_SEEN_SEVERITY));
	show_nothing(t, 2); /* confidence, category */
	table_add_text(t, DECISION_RESOLVED);
	show_nothing(t, 3); /* assets and flow */
	show_text(t, entry_text(d, DECISION_SEEN_KIND));
	show_text(t, entry_text(d, DECISION_SEEN_SOURCE));
	show_text(t, entry_text(d, DECISION_SEEN_OBSERVED));
	show_nothing(t, 3); /* what the rule says */
	add_time_text(t, entry_text(d, DECISION_SEEN_FIRST));
	add_time_text(t, entry_text(d, DECISION_SEEN_LAST));
	show_nothing(t, 2); /* occurrences, owner_role */
	add_decided(t, d);
	show_nothing(t, 3); /* risk_ref, evidence_ref, limits */
	add_reason(t, d, NULL);
}

/* Of a part nobody can say that a finding is gone. */
static bool is_narrowed(const struct options *o)
{
	static const enum option narrowing[] = {OPTION_SINCE, OPTION_UNTIL, OPTION_FROM, OPTION_TO,
	                                        OPTION_WITH,  OPTION_KIND,  OPTION_ZONE};

	for (size_t i = 0; i < sizeof narrowing / sizeof narrowing[0]; i++) {
		if (o->text[narrowing[i]] != NULL) {
			return true;
		}
	}
	return false;
}

static int check_status(const struct session *s, const char *text)
{
	static const char *const words[] = {"open", "accepted", "in_progress", DECISION_RESOLVED,
	                                    "false_positive"};
	bool is_known = text == NULL;

	for (size_t i = 0; text != NULL && i < sizeof words / sizeof words[0]; i++) {
		is_known |= strcmp(text, words[i]) == 0;
	}
	if (!is_known) {
		return complain(
		        EXIT_CALLER,
		        "option --status: '%s': write open, accepted, in_progress, resolved "
		        "or false_positive",
		        text);
	}
	if (text != NULL && s->view == VIEW_PUBLIC) {
		return complain(EXIT_CALLER,
		                "option --status: not in the public view, which tells no "
		                "decisions: leave it out");
	}
	if (text != NULL && strcmp(text, DECISION_RESOLVED) == 0 && is_narrowed(s->options)) {
		return complain(EXIT_CALLER,
		                "option --status: resolved: what is gone shows only in the whole: "
		                "leave out what narrows the question");
	}
	return EXIT_DONE;
}

static void fill(struct work *w, const struct finder *finder)
{
	struct session *s = w->session;

	w->table = table_new("findings", columns, sizeof columns / sizeof columns[0]);
	for (size_t i = 0; i < finder_count(finder); i++) {
		judge_finding(w, finder_get(finder, i));
	}
	if (s->view != VIEW_PUBLIC && !is_narrowed(s->options) &&
	    (w->status == NULL || strcmp(w->status, DECISION_RESOLVED) == 0)) {
		findings_each_resolved(w->state, s, finder, add_resolved, w);
	}
	findings_add_unjudged(s, w->state, finder, w->table);
}

int finding_table(struct register_state *state, struct session *s, struct filter *filter,
                  const char *wanted, struct table **out)
{
	struct work w = {.session = s, .state = state, .status = wanted};
	struct finder *finder = NULL;
	int status = check_status(s, wanted);

	status = status != EXIT_DONE ? status : findings_of(state, s, filter, &finder);
	if (status == EXIT_DONE) {
		fill(&w, finder);
	}
	finder_free(finder);
	*out = w.table;
	return status;
}
