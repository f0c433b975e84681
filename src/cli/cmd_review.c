/* terrier review: what of the flows needs a person, and what that person decides. */
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/output.h"
#include "terrier/cli/register_flows.h"
#include "terrier/cli/review.h"
#include "terrier/cli/sheets.h"
#include "terrier/cli/subcommand.h"
#include "terrier/register/decision.h"
#include "terrier/register/review.h"

#include <stdlib.h>
#include <string.h>

/* The list; behind these columns come those of what is seen, then those that people fill in.
 * Columns without a name are for the terminal. */
static const struct table_column shown[] = {
        {"id", "ID", TABLE_TEXT},
        {"why", "Why it needs a person", TABLE_TEXT},
        {"about", NULL, TABLE_TEXT},
        {NULL, "From", TABLE_TEXT},
        {NULL, "", TABLE_TEXT},
        {NULL, "To", TABLE_TEXT},
        {"source_asset_id", NULL, TABLE_TEXT},
        {"source_name", NULL, TABLE_TEXT},
        {"destination_asset_id", NULL, TABLE_TEXT},
        {"destination_name", NULL, TABLE_TEXT},
        {"kind_id", NULL, TABLE_TEXT},
        {"information_kind", "Kind of data", TABLE_TEXT},
        {"sensitivity_tier", "Tier", TABLE_TEXT},
        {"encrypted_in_transit", "Encrypted", TABLE_TEXT},
        {"last_seen", "Last seen", TABLE_TIME},
        {NULL, "Decided before", TABLE_TEXT},
        {"earlier_decision", NULL, TABLE_TEXT},
        {"earlier_role", NULL, TABLE_TEXT},
        {"earlier_decided_on", NULL, TABLE_TEXT},
        {"earlier_until", NULL, TABLE_TEXT},
        {"earlier_reason", NULL, TABLE_TEXT},
};

static const struct table_column filled_in[] = {
        {"decision", NULL, TABLE_TEXT}, {"decided_by_role", NULL, TABLE_TEXT},
        {"reason", NULL, TABLE_TEXT},   {"until", NULL, TABLE_TEXT},
        {"seen", NULL, TABLE_TEXT},
};

#define SHOWN     (sizeof shown / sizeof shown[0])
#define FILLED_IN (sizeof filled_in / sizeof filled_in[0])
#define SEEN      (DECISION_COLUMNS - DECISION_SEEN_SOURCE)

struct list {
	struct review_work *work;
	struct table *table;
	struct table_column columns[SHOWN + SEEN + FILLED_IN];
	size_t n_background; /* not shown */
};

static struct table *new_table(struct list *l)
{
	size_t n;
	const struct entry_column *seen = entry_columns(ENTRY_DECISION, &n) + DECISION_SEEN_SOURCE;

	memcpy(l->columns, shown, sizeof shown);
	for (size_t i = 0; i < SEEN; i++) {
		l->columns[SHOWN + i] = (struct table_column){seen[i].name, NULL, TABLE_TEXT};
	}
	memcpy(l->columns + SHOWN + SEEN, filled_in, sizeof filled_in);
	return table_new("review", l->columns, SHOWN + SEEN + FILLED_IN);
}

static void add_earlier(struct table *t, const struct entry *decision)
{
	static const enum decision_column earlier[] = {DECISION_VERDICT, DECISION_ROLE,
	                                               DECISION_DECIDED_ON, DECISION_UNTIL,
	                                               DECISION_REASON};
	char *line;

	if (decision == NULL) {
		show_nothing(t, 1 + sizeof earlier / sizeof earlier[0]);
		return;
	}
	line = mem_printf("%s %s", decision_deed(decision),
	                  entry_text(decision, DECISION_DECIDED_ON));
	show_text(t, line);
	free(line);
	for (size_t i = 0; i < sizeof earlier / sizeof earlier[0]; i++) {
		show_text(t, entry_text(decision, earlier[i]));
	}
}

static void add_seen(struct list *l, const struct register_flow *f)
{
	struct entry *seen = review_describe_flow(l->work, f);
	char id[DIGEST_ID_MAX];

	for (size_t i = DECISION_SEEN_SOURCE; i < DECISION_COLUMNS; i++) {
		show_text(l->table, entry_text(seen, i));
	}
	show_nothing(l->table, FILLED_IN - 1);
	show_text(l->table, decision_seen_id(seen, id));
	entry_free(seen);
}

static void add_flow(struct list *l, const struct review_item *item)
{
	const struct register_flow *f = item->flow;
	struct table *t = l->table;

	show_text(t, f->id);
	show_text(t, item->why);
	show_text(t, "flow");
	show_text(t, f->source->name);
	show_text(t, f->is_both ? "↔" : "→");
	show_text(t, f->destination->name);
	show_text(t, flow_end_asset_id(f->source));
	show_text(t, f->source->name);
	show_text(t, flow_end_asset_id(f->destination));
	show_text(t, f->destination->name);
	show_text(t, f->kind_id);
	show_text(t, f->kind_title);
	show_text(t, tier_name(f->tier));
	show_text(t, f->n_exchanges > 0 ? flow_encrypted(f) : "");
	if (f->last_us != 0 || f->past_us != 0) {
		table_add_time(t, f->last_us != 0 ? f->last_us : f->past_us);
	} else {
		table_add_empty(t);
	}
	add_earlier(t, f->decision);
	add_seen(l, f);
}

static const char *asset_name(const struct list *l, const char *id)
{
	const struct entry *asset = entries_find(l->work->state.assets, id);

	return asset != NULL ? entry_text(asset, ASSET_NAME) : id;
}

/* An asset, or a declaration with its ends. */
static void add_entry(struct list *l, const struct review_item *item)
{
	const struct entry *e = item->entry;
	bool is_asset = e->type == ENTRY_ASSET;
	const char *from = is_asset ? e->id : entry_text(e, DECLARED_SOURCE),
	           *to = is_asset ? "" : entry_text(e, DECLARED_DESTINATION),
	           *kind = is_asset ? "" : entry_text(e, DECLARED_KIND);
	struct table *t = l->table;

	show_text(t, e->id);
	show_text(t, item->why);
	show_text(t, entry_type_name(e->type));
	show_text(t, asset_name(l, from));
	show_text(t, is_asset ? "" : "→");
	show_text(t, asset_name(l, to));
	show_text(t, from);
	show_text(t, asset_name(l, from));
	show_text(t, to);
	show_text(t, asset_name(l, to));
	show_text(t, kind);
	show_text(t, show_kind(&l->work->session, kind));
	show_nothing(t, SHOWN - 12 + SEEN + FILLED_IN);
}

/* What the question is narrowed to is said of flows; of entries --with alone can be asked. */
static bool passes_entry(const struct list *l, const struct entry *e)
{
	static const enum option narrowing[] = {OPTION_FROM, OPTION_TO, OPTION_KIND, OPTION_ZONE,
	                                        OPTION_STATUS};
	const char *const *text = l->work->options.text;

	for (size_t i = 0; i < sizeof narrowing / sizeof narrowing[0]; i++) {
		if (text[narrowing[i]] != NULL) {
			return false;
		}
	}
	return text[OPTION_WITH] == NULL ||
	       register_is_about(&l->work->state, e, text[OPTION_WITH]);
}

static bool passes(const struct list *l, const struct review_item *item)
{
	const char *status = l->work->options.text[OPTION_STATUS];

	if (item->flow == NULL) {
		return passes_entry(l, item->entry);
	}
	return register_passes(&l->work->state, item->flow) &&
	       (status == NULL || strcmp(status, flow_status_name(item->flow->status)) == 0);
}

static void add_items(struct list *l, const struct review *review)
{
	const struct options *o = &l->work->options;
	bool is_page = strcmp(l->work->session.format->name, "table") == 0 &&
	               output_is_terminal(o) && o->text[OPTION_ALL] == NULL;

	for (size_t i = 0; i < review->n; i++) {
		const struct review_item *item = &review->items[i];

		if (!passes(l, item)) {
			continue;
		}
		if (is_page && item->place == REVIEW_BACKGROUND) {
			l->n_background++;
		} else if (item->flow != NULL) {
			add_flow(l, item);
		} else {
			add_entry(l, item);
		}
	}
}

static void add_notes(const struct list *l)
{
	const struct register_head *head = &l->work->state.head;

	if (l->n_background > 0) {
		char *text = mem_printf("+ %zu of tier 0 and 1: --all shows them", l->n_background);

		table_add_note(l->table, TABLE_NOTE_QUERY, "in_the_background", text);
		free(text);
	}
	if (head->records > 0) {
		table_add_note(l->table, TABLE_NOTE_COVERAGE, "register_head", head->hash);
	}
}

static int answer(struct review_work *w)
{
	struct list l = {.work = w};
	const struct review_options options = {
	        .flows = w->state.flows,
	        .assets = w->state.assets,
	        .declarations = w->state.declarations,
	        .today = w->state.today,
	        .days_watched = w->state.days_watched,
	        .own_is_set = w->session.summary.own_is_set,
	};
	struct review *review = review_new(&options);

	l.table = new_table(&l);
	add_items(&l, review);
	add_notes(&l);
	review_free(review);
	return session_answer(&w->session, l.table);
}

static int list(const struct options *o)
{
	struct review_work w = {.options = *o};
	int status = register_check_status(o);

	if (status != EXIT_DONE) {
		return status;
	}
	status = review_open(&w, o, true);
	status = status == EXIT_DONE ? answer(&w) : status;
	review_close(&w);
	return status;
}

/* Fills the decision that was read with one object after the other. */
static int gather(struct review_work *w, const struct entry *verdict, struct entries *decisions)
{
	const struct options *o = &w->options;
	int status = EXIT_DONE;

	for (size_t i = 1; i < o->n_arguments && status == EXIT_DONE; i++) {
		char id[DIGEST_ID_MAX];
		const char *fault;
		struct entry *decision;

		status = review_find(w, o->arguments[i], id);
		decision = status == EXIT_DONE ? review_describe(w, id, &fault) : NULL;
		if (decision == NULL) {
			continue;
		}
		for (size_t column = DECISION_VERDICT; column <= DECISION_UNTIL; column++) {
			entry_set(decision, column, entry_text(verdict, column),
			          strlen(entry_text(verdict, column)));
		}
		if (!entries_add(decisions, decision)) {
			entry_free(decision);
			status = complain(EXIT_CALLER, "id %s: given twice: give it once", id);
		}
	}
	return status;
}

/* "review accept F-… N-…": ids are no secrets, a reason may be. */
static char *tell_command(const char *verb, const struct entries *decisions)
{
	char *command = mem_printf("review %s", verb);

	for (const struct entry *e = decisions->first; e != NULL; e = e->hh.next) {
		char *longer = mem_printf("%s %s", command, e->id);

		free(command);
		command = longer;
	}
	return command;
}

static int decide_all(struct review_work *w, const struct entry *verdict)
{
	struct entries *decisions = entries_new(ENTRY_DECISION);
	int status = gather(w, verdict, decisions);

	if (status == EXIT_DONE) {
		char *command = tell_command(w->options.arguments[0], decisions),
		     *source = mem_printf("review %s", w->options.arguments[0]);

		status = review_record(w, decisions, command, source);
		free(source);
		free(command);
	}
	entries_free(decisions);
	return status;
}

static int decide(const struct options *o)
{
	const struct review_verdict said = {
	        .verdict = o->arguments[0],
	        .role = o->text[OPTION_ROLE],
	        .reason = o->text[OPTION_REASON],
	        .until = o->text[OPTION_UNTIL],
	};
	struct review_work w;
	int status = review_open(&w, o, false);
	char *fault = NULL;
	struct entry *verdict =
	        status == EXIT_DONE ? review_decide(&said, w.state.today, &fault) : NULL;

	if (fault != NULL) {
		status = complain(EXIT_CALLER, "%s", fault);
	}
	status = verdict != NULL ? decide_all(&w, verdict) : status;
	entry_free(verdict);
	free(fault);
	review_close(&w);
	return status;
}

#define TAKES_WORK                                                                                 \
	(TAKES_OUTPUT | TAKES(OPTION_REGISTER) | TAKES(OPTION_VIEW) | TAKES(OPTION_PSEUDONYMS) |   \
	 TAKES(OPTION_SINCE))
#define TAKES_DECISION                                                                             \
	(TAKES_WORK | TAKES(OPTION_ROLE) | TAKES(OPTION_REASON) | TAKES(OPTION_UNTIL))
#define TAKES_ALL                                                                                  \
	(TAKES_WORK | TAKES_FILTER | TAKES(OPTION_STATUS) | TAKES(OPTION_LIMIT) | TAKES(OPTION_ALL))

static const struct subcommand words[] = {
        {"list", NULL, TAKES_ALL, list},
        {"accept", "ID...", TAKES_DECISION, decide},
        {"reject", "ID...", TAKES_DECISION, decide},
        {"defer", "ID...", TAKES_DECISION, decide},
        {"import", "FILE", TAKES_WORK, review_import},
        {"check", "FILE", TAKES_WORK, review_check},
};

/* Without a word it lists. */
static int run(const struct options *o)
{
	static const char *otherwise[] = {"list", NULL};
	struct options plain = *o;

	if (o->n_arguments == 0) {
		plain.arguments = otherwise;
		plain.n_arguments = 1;
	}
	return subcommand_run(&plain, words, sizeof words / sizeof words[0]);
}

const struct command command_review = {
        .name = "review",
        .summary = "declared against observed: what needs a person, and what they decide",
        .arguments = "[accept|reject|defer ID... | import FILE | check FILE]",
        .usage = "Lists what needs a person, worst first: flows that were rejected and are still "
                 "seen; then what is\n"
                 "seen and not declared, or not as declared, or whose decision expired or was "
                 "overtaken, by tier,\n"
                 "what leaves the organisation and what goes in clear first; then what was "
                 "declared and not seen,\n"
                 "and reviews that are due. accept, reject and defer record what is decided, in "
                 "which role (--role)\n"
                 "and why (--reason), with what is seen now; --until is then the date to which it "
                 "holds. The list as\n"
                 "CSV has columns to fill in; import records all of them or none, check only "
                 "looks.\n\n"
                 "Examples:\n"
                 "  terrier review\n"
                 "  terrier review accept F-9h818c --role 'Caldicott Guardian' --reason 'agreed, "
                 "DSA-12'\n"
                 "  terrier review defer F-9h818c --role SIRO --reason 'asked the supplier' "
                 "--until 2027-01-31\n"
                 "  terrier review --format csv --output review.csv\n"
                 "  terrier review import review.csv\n",
        .takes = TAKES_ALL | TAKES_DECISION,
        .run = run,
};
