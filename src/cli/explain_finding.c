/* One finding in full: the rule in words, what was observed, and each exchange it rests on. */
#include "terrier/cli/explain.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/findings.h"
#include "terrier/cli/show.h"

#include <stdlib.h>
#include <string.h>

struct work {
	struct session *session;
	struct register_state state;
	struct table *table;
	const struct finder *finder;
	size_t number;
	const struct finding *finding;
};

static void add_text(struct work *w, const char *part, const char *item, const char *text)
{
	explain_add_lines(w->session, w->table, part, item, text, NULL, NULL);
}

static void add_status(struct work *w)
{
	struct findings_verdict v = findings_judge(&w->state, w->finding);

	show_fact(w->table, "finding", "status", decision_finding_status(v.decision, v.state));
	if (v.why != NULL) {
		char *text = mem_printf("%s on %s, but %s", decision_deed(v.decision),
		                        entry_text(v.decision, DECISION_DECIDED_ON), v.why);

		add_text(w, "finding", "open again", text);
		free(text);
	}
	free(v.why);
}

static void add_rule(struct work *w)
{
	const struct finding *f = w->finding;
	const struct finding_rule *r = f->rule;

	show_fact(w->table, "finding", "id", f->id);
	add_text(w, "finding", "title", r->title);
	show_fact(w->table, "finding", "severity", severity_name(r->severity));
	show_fact(w->table, "finding", "confidence", confidence_name(f->confidence));
	show_fact(w->table, "finding", "category", r->category);
	add_status(w);
	show_fact(w->table, "finding", "rule", r->id);
	add_text(w, "finding", "about", f->subject);
	add_text(w, "finding", "observed", f->observed);
	add_text(w, "finding", "why it matters", r->why);
	add_text(w, "finding", "what to do", r->action);
	add_text(w, "finding", "control references", r->control_refs);
	if (f->limits[0] != '\0') {
		add_text(w, "limit", "rule", f->limits);
	}
}

static void finish_seen(struct table *t, const void *context)
{
	const struct finding *f = context;

	show_count(t, f->occurrences);
	table_add_time(t, f->first_us);
	table_add_time(t, f->last_us);
}

static void add_seen(struct work *w)
{
	const struct finding *f = w->finding;
	char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];
	char *text = mem_printf("%s to %s", clock_format(f->first_us, first),
	                        clock_format(f->last_us, last));

	explain_add_lines(w->session, w->table, "finding", "seen", text, finish_seen, f);
	free(text);
}

static void finish_exchange(struct table *t, const void *context)
{
	const struct exchange_row *row = context;

	show_count(t, row->connections);
	table_add_time(t, row->first_us);
	table_add_time(t, row->last_us);
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	struct end source = end_source(row), destination = end_destination(row);
	struct shown from, to;
	char *port, *text;

	if (!finder_rests_on(w->finder, w->number, row->id)) {
		return true;
	}
	show_end(w->session, &source, &from);
	show_end(w->session, &destination, &to);
	port = show_port(row->ip_protocol, row->server_port);
	text = mem_printf("%s %s %s, %s, %s %s", shown_label(&from), row->is_both ? "↔" : "→",
	                  shown_label(&to), show_kind(w->session, row->kind_id), row->protocol,
	                  port);
	explain_add_lines(w->session, w->table, "exchange", row->id, text, finish_exchange, row);
	free(port);
	free(text);
	return true;
}

static int tell(struct work *w)
{
	struct session *s = w->session;

	add_rule(w);
	add_seen(w);
	if (store_each_exchange(s->store, &s->query, see_exchange, w) != 0) {
		return session_complain(s);
	}
	return explain_add_history(&w->state, s, w->table, w->finding->id, NULL);
}

/* All that is left of a finding that was decided and is not found now. */
static int tell_resolved(struct work *w, const struct entry *decision)
{
	show_fact(w->table, "finding", "id", decision->id);
	add_text(w, "finding", "title", entry_text(decision, DECISION_SEEN_TITLE));
	add_text(w, "finding", "about", entry_text(decision, DECISION_SEEN_SOURCE));
	add_text(w, "finding", "now", "is not found any more: resolved, or its rule could not be asked");
	return explain_add_history(&w->state, w->session, w->table, decision->id, NULL);
}

static int answer(struct work *w, const struct entry *resolved)
{
	int status;

	w->table = explain_table_new();
	status = resolved != NULL ? tell_resolved(w, resolved) : tell(w);
	if (status != EXIT_DONE) {
		table_free(w->table);
		return status;
	}
	return session_answer(w->session, w->table);
}

static size_t find(struct work *w, const char *wanted)
{
	size_t n = 0;

	for (size_t i = 0; i < finder_count(w->finder); i++) {
		if (explain_is_beginning(wanted, finder_get(w->finder, i)->id, true)) {
			w->finding = finder_get(w->finder, i);
			w->number = i;
			n++;
		}
	}
	return n;
}

static int find_and_answer(struct work *w, const char *wanted)
{
	const struct entry *resolved = NULL;
	size_t n = find(w, wanted);

	for (const struct entry *d = w->state.decisions->first; d != NULL && n == 0; d = d->hh.next) {
		resolved = d->id[0] == 'N' && explain_is_beginning(wanted, d->id, true) ? d : resolved;
	}
	if (n == 0 && resolved == NULL) {
		return complain(EXIT_CALLER,
		                "id %s: no such finding in %s: terrier findings lists the ids",
		                wanted, options_database(w->session->options));
	}
	if (n > 1) {
		return complain(EXIT_CALLER,
		                "id %s: %zu findings begin like this: write more of it", wanted, n);
	}
	return answer(w, resolved);
}

int explain_finding(struct session *s, const char *wanted)
{
	struct work w = {.session = s};
	struct finder *finder = NULL;
	int status;

	if (s->view == VIEW_PUBLIC) {
		return complain(
		        EXIT_CALLER,
		        "option --view: public tells no single finding: write network or ig");
	}
	status = register_load(&w.state, s->options, REGISTER_READ);
	if (status == EXIT_DONE) {
		status = findings_of(&w.state, s, NULL, &finder);
	}
	if (status == EXIT_DONE) {
		w.finder = finder;
		status = find_and_answer(&w, wanted);
	}
	finder_free(finder);
	register_unload(&w.state);
	return status;
}
