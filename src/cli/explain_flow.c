/* One flow of the register in full: who its ends are and by what, what it rests on, what is
 * declared and decided. */
#include "terrier/cli/explain.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/exchanges.h"
#include "terrier/cli/findings.h"
#include "terrier/cli/flow_table.h"
#include "terrier/cli/show.h"
#include "terrier/register/decision.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct work {
	struct session *session;
	struct register_state state;
	struct table *table;
	const struct register_flow *flow;
	struct words hosts[2]; /* of source and destination, each with what made it that */
	struct finder *finder;
};

static void add(struct work *w, const char *part, const char *item, const char *text)
{
	if (text[0] != '\0') {
		explain_add_lines(w->session, w->table, part, item, text, NULL, NULL);
	}
}

static void take(struct work *w, const char *part, const char *item, char *text)
{
	add(w, part, item, text);
	free(text);
}

/* "address 10.77.1.50"; without the address where the view tells none. */
static char *tell_criterion(const struct session *s, const char *by)
{
	static const char *const secret[] = {"address ", "network ", "hardware address "};

	for (size_t i = 0; i < sizeof secret / sizeof secret[0]; i++) {
		size_t len = strlen(secret[i]);

		if (s->view != VIEW_NETWORK && strncmp(by, secret[i], len) == 0) {
			return mem_printf("its %.*s", (int)len - 1, secret[i]);
		}
	}
	return mem_strdup(by);
}

/* Notes what made the host at one end of an exchange this end of the flow. */
static void note_host(struct work *w, size_t side, const struct flow_end *end,
                      const struct exchange_end *seen)
{
	const struct directory_host *host = directory_find(w->state.directory, seen->host);
	char *criterion = NULL, *text;

	for (size_t i = 0; host != NULL && criterion == NULL && i < host->n_matches; i++) {
		if (host->matches[i].asset == end->asset) {
			criterion = tell_criterion(w->session, host->matches[i].by);
		}
	}
	if (end->asset != NULL) {
		text = mem_printf("%s: by %s", seen->label,
		                  criterion != NULL ? criterion : "its port");
	} else {
		text = mem_strdup(seen->label);
	}
	words_put(&w->hosts[side], text);
	free(criterion);
	free(text);
}

static void finish_exchange(struct table *t, const void *context)
{
	const struct exchange *e = context;

	show_count(t, e->connections);
	table_add_time(t, e->first_us);
	table_add_time(t, e->last_us);
}

static bool is_part(const struct work *w, const char *exchange_id)
{
	return reconcile_flow_of(w->state.flows, exchange_id) == w->flow;
}

static bool see_ends(void *context, const struct exchange *e, const struct exchange_row *row)
{
	struct work *w = context;

	(void)row;
	if (is_part(w, e->id)) {
		note_host(w, 0, w->flow->source, &e->source);
		note_host(w, 1, w->flow->destination, &e->destination);
	}
	return true;
}

static bool see_exchange(void *context, const struct exchange *e, const struct exchange_row *row)
{
	struct work *w = context;

	(void)row;
	if (is_part(w, e->id)) {
		char *text =
		        mem_printf("%s %s %s, %s %s: %s", e->source.label, e->is_both ? "↔" : "→",
		                   e->destination.label, e->protocol, e->port, e->evidence);

		explain_add_lines(w->session, w->table, "exchange", e->id, text, finish_exchange,
		                  e);
		free(text);
	}
	return true;
}

static void finish_seen(struct table *t, const void *context)
{
	const struct register_flow *f = context;

	show_count(t, f->connections);
	table_add_time(t, f->first_us);
	table_add_time(t, f->last_us);
}

static void add_seen(struct work *w)
{
	const struct register_flow *f = w->flow;
	char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX], *text;

	if (f->n_exchanges == 0) {
		return;
	}
	text = mem_printf("%s to %s, on %zu of %" PRIu64 " days watched",
	                  clock_format(f->first_us, first), clock_format(f->last_us, last),
	                  f->n_days, w->state.days_watched);
	explain_add_lines(w->session, w->table, "flow", "seen", text, finish_seen, f);
	free(text);
	take(w, "flow", "method", words_join(&f->protocols, "; ", 0));
	add(w, "flow", "encrypted", flow_encrypted(f));
	take(w, "flow", "encryption", words_join(&f->encryption, "; ", 0));
	add(w, "flow", "initiated by",
	    show_initiated(f->initiated_by_source, f->initiated_by_destination));
	take(w, "flow", "evidence", words_join(&f->evidence, "; ", 0));
	add(w, "flow", "confidence", confidence_name(f->confidence));
}

static void add_flow(struct work *w)
{
	const struct register_flow *f = w->flow;

	add(w, "flow", "id", f->id);
	take(w, "flow", "ends",
	     mem_printf("%s %s %s", f->source->name, f->is_both ? "↔" : "→", f->destination->name));
	take(w, "flow", "kind", mem_printf("%s (%s)", f->kind_title, f->kind_id));
	add(w, "flow", "tier", tier_name(f->tier));
	add(w, "flow", "tier by", f->declared_kinds);
	add(w, "flow", "status", flow_status_name(f->status));
	for (size_t i = 0; i < f->differences.n; i++) {
		add(w, "flow", "difference", f->differences.text[i]);
	}
	add(w, "flow", "authorisation", flow_authorisation_name(flow_authorisation(f)));
	add(w, "flow", "leaves organisation",
	    flow_leaves_organisation(f, w->session->summary.own_is_set));
	add(w, "flow", "crosses zone", flow_crosses_zone(f));
	add_seen(w);
}

static void add_end(struct work *w, const char *part, const struct flow_end *end,
                    const struct words *hosts)
{
	if (end->asset != NULL) {
		take(w, part, "asset", mem_printf("%s (%s)", end->name, end->asset->id));
		add(w, part, "organisation", flow_end_organisation(end));
		add(w, part, "owner", entry_text(end->asset, ASSET_OWNER));
	} else {
		add(w, part, end->type == FLOW_END_HOST ? "in no register" : "clients", end->name);
	}
	take(w, part, "zone", flow_end_zone(end));
	for (size_t i = 0; i < hosts->n; i++) {
		add(w, part, "host", hosts->text[i]);
	}
	for (size_t i = 0; i < end->rivals.n; i++) {
		take(w, part, "not clear",
		     mem_printf("asset %s fits as exactly: make one of the two more exact",
		                end->rivals.text[i]));
	}
}

static void add_declaration(struct work *w)
{
	size_t n;
	const struct entry_column *columns = entry_columns(ENTRY_DECLARATION, &n);

	add(w, "declaration", "id", w->flow->declared != NULL ? w->flow->declared->id : "");
	for (size_t i = DECLARED_KIND; w->flow->declared != NULL && i < n; i++) {
		add(w, "declaration", columns[i].label, entry_text(w->flow->declared, i));
	}
}

static void add_decision(struct work *w)
{
	const struct register_flow *f = w->flow;
	const struct entry *d = f->decision;

	if (d == NULL) {
		add(w, "decision", "in force", "none");
		return;
	}
	if (f->decision_state == DECISION_VALID) {
		take(w, "decision", "in force",
		     mem_printf("%s on %s by %s", decision_deed(d),
		                entry_text(d, DECISION_DECIDED_ON), entry_text(d, DECISION_ROLE)));
		add(w, "decision", "until", entry_text(d, DECISION_UNTIL));
		add(w, "decision", "reason", entry_text(d, DECISION_REASON));
	} else {
		take(w, "decision", "in force",
		     mem_printf("none any more: %s on %s, but %s", decision_deed(d),
		                entry_text(d, DECISION_DECIDED_ON), f->decision_why));
	}
}

static void add_findings(struct work *w)
{
	for (size_t i = 0; i < finder_count(w->finder); i++) {
		const struct finding *f = finder_get(w->finder, i);
		bool rests = false;

		for (size_t k = 0; k < w->flow->n_exchanges && !rests; k++) {
			rests = finder_rests_on(w->finder, i, w->flow->exchanges[k]);
		}
		if (rests) {
			take(w, "finding", f->id,
			     mem_printf("%s: %s", severity_name(f->rule->severity),
			                f->rule->title));
		}
	}
}

static int tell(struct work *w)
{
	struct session *s = w->session;
	const struct register_flow *f = w->flow;
	int status = findings_of(&w->state, s, NULL, &w->finder);

	if (status != EXIT_DONE) {
		return status;
	}
	if (exchanges_each(s, &s->query, see_ends, w) != 0) {
		return session_complain(s);
	}
	add_flow(w);
	add_end(w, "source", f->source, &w->hosts[0]);
	add_end(w, "destination", f->destination, &w->hosts[1]);
	if (exchanges_each(s, &s->query, see_exchange, w) != 0) {
		return session_complain(s);
	}
	add_findings(w);
	add_declaration(w);
	add_decision(w);
	status = explain_add_history(&w->state, s, w->table, f->id,
	                             f->declared != NULL ? f->declared->id : NULL);
	take(w, "limit", "coverage", flow_coverage_note(&w->state, f));
	return status;
}

static int answer(struct work *w)
{
	int status;

	w->table = explain_table_new();
	status = tell(w);
	if (status != EXIT_DONE) {
		table_free(w->table);
		return status;
	}
	return session_answer(w->session, w->table);
}

/* Reconciles for this view. */
static int reconcile(struct register_state *state, struct session *s, enum view view)
{
	s->view = view;
	reconcile_free(state->flows);
	state->flows = NULL;
	return register_reconcile(state, NULL);
}

static size_t find(const struct register_state *state, const char *wanted, const struct register_flow **out)
{
	size_t n = 0;

	for (size_t i = 0; i < reconcile_count(state->flows); i++) {
		const struct register_flow *f = reconcile_get(state->flows, i);

		if (explain_is_beginning(wanted, f->id, true)) {
			*out = f;
			n++;
		}
	}
	return n;
}

/* Where clients are told together their flows have other ids: what is none in one view may be one
 * in the other. */
int explain_find_flow(struct register_state *state, struct session *s, const char *wanted,
                      const struct register_flow **out)
{
	enum view asked = s->view, other = asked == VIEW_NETWORK ? VIEW_IG : VIEW_NETWORK;
	int status = reconcile(state, s, asked);
	size_t n = status == EXIT_DONE ? find(state, wanted, out) : 0;

	if (status == EXIT_DONE && n == 0 && other == VIEW_IG) {
		status = reconcile(state, s, other);
		n = status == EXIT_DONE ? find(state, wanted, out) : 0;
	}
	if (status != EXIT_DONE || n == 1) {
		return status;
	}
	return n == 0 ? complain(EXIT_CALLER,
	                         "id %s: no such flow in %s: terrier review and terrier flows "
	                         "--level asset list the ids",
	                         wanted, options_database(s->options))
	              : complain(EXIT_CALLER, "id %s: %zu flows begin like this: write more of it", wanted, n);
}

int explain_flow(struct session *s, const char *wanted)
{
	struct work w = {.session = s};
	int status;

	if (s->view == VIEW_PUBLIC) {
		return complain(EXIT_CALLER,
		                "option --view: public tells no single flow: write network or ig");
	}
	status = register_load(&w.state, s->options, REGISTER_READ);
	status = status != EXIT_DONE ? status : register_learn(&w.state, s);
	status = status != EXIT_DONE ? status : explain_find_flow(&w.state, s, wanted, &w.flow);
	status = status != EXIT_DONE ? status : answer(&w);
	words_clear(&w.hosts[0]);
	words_clear(&w.hosts[1]);
	finder_free(w.finder);
	register_unload(&w.state);
	return status;
}

static void tell_flow(struct table *t, const struct register_flow *f)
{
	char *text = mem_printf("%s: %s %s %s", flow_status_name(f->status), f->source->name,
	                        f->is_both ? "↔" : "→", f->destination->name);

	show_fact(t, "flow", f->id, text);
	free(text);
}

int explain_add_flow_of(struct session *s, struct table *t, const char *exchange_id)
{
	struct work w = {.session = s};
	enum view asked = s->view;
	int status = register_load(&w.state, s->options, REGISTER_READ);

	status = status != EXIT_DONE ? status : register_learn(&w.state, s);
	status = status != EXIT_DONE ? status : reconcile(&w.state, s, VIEW_IG);
	s->view = asked;
	if (status == EXIT_DONE) {
		w.flow = reconcile_flow_of(w.state.flows, exchange_id);
		if (w.flow != NULL) {
			tell_flow(t, w.flow);
		}
	}
	register_unload(&w.state);
	return status;
}
