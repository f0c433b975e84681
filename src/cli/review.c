/* What a review works with, and how decisions get into the register. */
#include "terrier/cli/review.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/account.h"
#include "terrier/cli/command.h"
#include "terrier/cli/explain.h"
#include "terrier/cli/output.h"
#include "terrier/register/decision.h"

#include <stdlib.h>
#include <string.h>

static int open_filter(struct review_work *w)
{
	int status = EXIT_DONE;

	w->filter = filter_new(&w->session, &status);
	return status;
}

int review_open(struct review_work *w, const struct options *o, bool is_list)
{
	int status;

	*w = (struct review_work){.options = *o};
	if (!is_list) {
		w->options.text[OPTION_UNTIL] = NULL;
	}
	status = session_open(&w->session, &w->options, VIEW_IG, "table", false);
	if (status == EXIT_DONE && w->session.view == VIEW_PUBLIC) {
		status = complain(
		        EXIT_CALLER,
		        "option --view: public tells no systems, and decisions need them: write "
		        "ig or network");
	}
	status = status == EXIT_DONE && is_list ? open_filter(w) : status;
	status = status != EXIT_DONE ? status : register_load(&w->state, o, REGISTER_READ);
	status = status != EXIT_DONE ? status : register_learn(&w->state, &w->session);
	return status != EXIT_DONE ? status : register_reconcile(&w->state, w->filter);
}

void review_close(struct review_work *w)
{
	finder_free(w->finder);
	register_unload(&w->state);
	filter_free(w->filter);
	session_close(&w->session);
}

/* The period that was looked at; empty where nothing was. */
static void tell_period(const struct session *s, char from[CLOCK_TEXT_MAX], char to[CLOCK_TEXT_MAX])
{
	int64_t first, last;

	session_period(s, &first, &last);
	from[0] = to[0] = '\0';
	if (s->summary.last_us != 0) {
		clock_format(first, from);
		clock_format(last, to);
	}
}

static struct entry *new_decision(const char *id)
{
	struct entry *decision = entry_new(ENTRY_DECISION);

	entry_set(decision, DECISION_OBJECT, id, strlen(id));
	entry_identify(decision);
	return decision;
}

struct entry *review_describe_flow(const struct review_work *w, const struct register_flow *f)
{
	struct entry *decision = new_decision(f->id);
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];

	tell_period(&w->session, from, to);
	decision_describe(decision, f, w->session.summary.own_is_set, from, to);
	return decision;
}

static const struct finding *find_finding(const struct finder *finder, const char *id)
{
	for (size_t i = 0; i < finder_count(finder); i++) {
		if (strcmp(finder_get(finder, i)->id, id) == 0) {
			return finder_get(finder, i);
		}
	}
	return NULL;
}

/* Findings are looked for once, and only where one is named. What is kept of them names no address: every view may tell
 * it again when the finding is gone. */
static const struct finder *get_finder(struct review_work *w)
{
	enum view view = w->session.view;

	if (w->finder == NULL) {
		w->session.view = VIEW_IG;
		findings_of(&w->state, &w->session, NULL, &w->finder); /* says why not */
		w->session.view = view;
	}
	return w->finder;
}

static struct entry *describe_finding(struct review_work *w, const struct finding *f)
{
	const struct decision_finding seen = findings_describe(f);
	struct entry *decision = new_decision(f->id);
	char from[CLOCK_TEXT_MAX], to[CLOCK_TEXT_MAX];

	tell_period(&w->session, from, to);
	decision_describe_finding(decision, &seen, from, to);
	return decision;
}

struct entry *review_describe(void *context, const char *id, const char **fault)
{
	struct review_work *w = context;
	const struct register_flow *flow = reconcile_find(w->state.flows, id);
	const struct finding *finding = NULL;

	if (flow != NULL) {
		return review_describe_flow(w, flow);
	}
	if (strncmp(id, "N-", 2) == 0) {
		finding = get_finder(w) != NULL ? find_finding(w->finder, id) : NULL;
	}
	if (finding != NULL) {
		return describe_finding(w, finding);
	}
	if (entries_find(w->state.assets, id) != NULL ||
	    entries_find(w->state.declarations, id) != NULL) {
		*fault = "is no flow: enter its next date in column review_due of the file that it "
		         "was imported from";
	} else {
		*fault = "no flow or finding of this ID is seen or declared now: make the list "
		         "anew with terrier review";
	}
	return NULL;
}

/* Counts the ids that begin so; the last one into `out`. */
static size_t count_flows(const struct reconciliation *flows, const char *beginning,
                          char out[DIGEST_ID_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < reconcile_count(flows); i++) {
		const char *id = reconcile_get(flows, i)->id;

		if (explain_is_beginning(beginning, id, true)) {
			text_copy(out, DIGEST_ID_MAX, id, strlen(id));
			n++;
		}
	}
	return n;
}

static size_t count_findings(const struct finder *finder, const char *beginning,
                             char out[DIGEST_ID_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < finder_count(finder); i++) {
		const char *id = finder_get(finder, i)->id;

		if (explain_is_beginning(beginning, id, true)) {
			text_copy(out, DIGEST_ID_MAX, id, strlen(id));
			n++;
		}
	}
	return n;
}

static int complain_id(const struct review_work *w, const char *id)
{
	if (strncmp(id, "X-", 2) == 0 || strncmp(id, "x-", 2) == 0) {
		return complain(EXIT_CALLER,
		                "id %s: is one exchange: terrier explain %s names the flow that it "
		                "is part of",
		                id, id);
	}
	if (entries_find(w->state.assets, id) != NULL ||
	    entries_find(w->state.declarations, id) != NULL) {
		return complain(EXIT_CALLER,
		                "id %s: is no flow: enter its next date in column review_due of "
		                "the file that it was "
		                "imported from",
		                id);
	}
	return complain(EXIT_CALLER,
	                "id %s: no such flow or finding in %s: terrier review and terrier findings "
	                "list the ids%s",
	                id, options_database(&w->options),
	                w->session.view == VIEW_IG ? " (those of single clients: --view network)"
	                                           : "");
}

int review_find(struct review_work *w, const char *beginning, char out[DIGEST_ID_MAX])
{
	bool is_finding = beginning[0] == 'N' || beginning[0] == 'n';
	size_t n;

	if (is_finding && get_finder(w) == NULL) {
		return EXIT_SYSTEM;
	}
	n = is_finding ? count_findings(w->finder, beginning, out)
	               : count_flows(w->state.flows, beginning, out);
	if (n > 1) {
		return complain(EXIT_CALLER, "id %s: %zu %s begin like this: write more of it",
		                beginning, n, is_finding ? "findings" : "flows");
	}
	return n == 1 ? EXIT_DONE : complain_id(w, beginning);
}

static int append(struct review_work *w, const struct entries *decisions, const char *source)
{
	enum store_fault fault = STORE_FAULT_NONE;
	char *error = NULL, *account;
	size_t n = 0;
	struct register_change *changes;
	struct register_file *file = register_open(w->state.path, REGISTER_WRITE, &fault, &error);
	int status = EXIT_DONE;

	if (file == NULL) {
		complain(EXIT_SYSTEM, "%s", error);
		free(error);
		return fault == STORE_FAULT_CALLER ? EXIT_CALLER : EXIT_SYSTEM;
	}
	account = account_name();
	const struct register_author author = {account, source, clock_now_us()};

	changes = mem_zalloc(entries_count(decisions) + 1, sizeof *changes);
	for (const struct entry *e = decisions->first; e != NULL; e = e->hh.next) {
		changes[n++].entry = e;
	}
	if (register_append(file, &author, changes, n) != 0 ||
	    register_head(file, &w->state.head) != 0) {
		status = complain(EXIT_SYSTEM, "%s: %s", w->state.path, register_error(file));
	}
	free(changes);
	free(account);
	register_close(file);
	return status;
}

static int answer(const struct review_work *w, const struct entries *decisions)
{
	static const struct table_column columns[] = {
	        {"id", "ID", TABLE_TEXT},
	        {"decision", "Recorded", TABLE_TEXT},
	        {"decided_by_role", "Decided by (role)", TABLE_TEXT},
	        {"until", "Valid until", TABLE_TEXT},
	};
	static const enum decision_column shown[] = {DECISION_OBJECT, DECISION_VERDICT,
	                                             DECISION_ROLE, DECISION_UNTIL};
	struct table *t = table_new("recorded", columns, sizeof columns / sizeof columns[0]);
	int status;

	for (const struct entry *e = decisions->first; e != NULL; e = e->hh.next) {
		for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
			table_add_text(t, entry_text(e, shown[i]));
		}
	}
	table_add_note(t, TABLE_NOTE_COVERAGE, "register_head", w->state.head.hash);
	table_add_note_integer(t, TABLE_NOTE_COVERAGE, "register_records", w->state.head.records);
	status = output_table(&w->options, t, w->session.format);
	table_free(t);
	return status;
}

int review_record(struct review_work *w, const struct entries *decisions, const char *command,
                  const char *source)
{
	int status = append(w, decisions, source);

	if (status == EXIT_DONE) {
		audit_line(command, entries_count(decisions), w->state.head.hash);
		status = answer(w, decisions);
	}
	return status;
}
