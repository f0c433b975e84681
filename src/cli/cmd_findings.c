/* terrier findings: what deserves attention, worst first. */
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/findings.h"

#include <stdlib.h>
#include <string.h>

/* findings.csv of the registers: names and order are fixed. What people decide stays empty until
 * they have a register to decide in. Columns without a name are for the terminal. */
static const struct table_column columns[] = {
        {"finding_id", "ID", TABLE_TEXT},      {NULL, "Severity", TABLE_TEXT},
        {"rule_id", NULL, TABLE_TEXT},         {"title", "Finding", TABLE_TEXT},
        {"severity", NULL, TABLE_TEXT},        {"confidence", NULL, TABLE_TEXT},
        {"category", NULL, TABLE_TEXT},        {"status", NULL, TABLE_TEXT},
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
};

static void add_or_empty(struct table *t, const char *text)
{
	if (text[0] != '\0') {
		table_add_text(t, text);
	} else {
		table_add_empty(t);
	}
}

/* Ids are hashes of addresses: the public view has none, of findings or exchanges. */
static void add_ref(const struct session *s, struct table *t, const char *text)
{
	add_or_empty(t, s->view != VIEW_PUBLIC ? text : "");
}

/* What is declared alone was never seen. */
static void add_time(struct table *t, int64_t us)
{
	if (us != 0) {
		table_add_time(t, us);
	} else {
		table_add_empty(t);
	}
}

static void add_finding(const struct session *s, struct table *t, const struct finding *f)
{
	const struct finding_rule *r = f->rule;
	char *evidence = findings_evidence(f);

	add_ref(s, t, f->id);
	table_add_text(t, severity_name(r->severity));
	table_add_text(t, r->id);
	table_add_text(t, r->title);
	table_add_text(t, severity_name(r->severity));
	table_add_text(t, confidence_name(f->confidence));
	table_add_text(t, r->category);
	table_add_text(t, "open");
	add_ref(s, t, f->source_assets);
	add_ref(s, t, f->destination_assets);
	add_ref(s, t, f->flows);
	add_or_empty(t, f->kind_id);
	table_add_text(t, f->subject);
	table_add_text(t, f->observed);
	table_add_text(t, r->why);
	table_add_text(t, r->action);
	table_add_text(t, r->control_refs);
	add_time(t, f->first_us);
	add_time(t, f->last_us);
	show_count(t, f->occurrences);
	add_ref(s, t, f->owners);
	show_nothing(t, 5); /* what people decide */
	add_ref(s, t, evidence);
	add_or_empty(t, f->limits);
	free(evidence);
}

static int list(struct session *s, struct filter *filter)
{
	struct register_state state = {0};
	struct finder *finder;
	struct table *t;
	int status = findings_of(&state, s, filter, &finder);

	if (status != EXIT_DONE) {
		register_unload(&state);
		return status;
	}
	t = table_new("findings", columns, sizeof columns / sizeof columns[0]);
	for (size_t i = 0; i < finder_count(finder); i++) {
		add_finding(s, t, finder_get(finder, i));
	}
	findings_add_unjudged(s, &state, finder, t);
	status = session_answer(s, t);
	finder_free(finder);
	register_unload(&state);
	return status;
}

static int run(const struct options *o)
{
	return filter_answer(o, list);
}

const struct command command_findings = {
        .name = "findings",
        .summary = "what deserves attention, worst first",
        .arguments = "",
        .usage = "Lists what the rules of the catalogue find in the exchanges, worst first: clear\n"
                 "text, weak protocols, data that leaves, missing backups; with a register what is\n"
                 "not in it, not as it says, incomplete or past its date. Nothing is stored: it\n"
                 "is computed now. An empty answer does not show that all is well: see below it\n"
                 "what could not be judged. explain tells of a finding what was observed, why it\n"
                 "matters, what to do, and what the rule cannot see.\n\n"
                 "Examples:\n"
                 "  terrier findings\n"
                 "  terrier findings --zone Imaging --since 7d --view ig\n"
                 "  terrier findings --format csv --output findings.csv\n"
                 "  terrier explain N-p4hst2\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) | TAKES(OPTION_REGISTER) |
                 TAKES(OPTION_COUNTRIES) | TAKES(OPTION_PSEUDONYMS),
        .run = run,
};
