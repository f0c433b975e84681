/* What changed between two dates, as a table: the states of the two, the findings of each, the
 * edits between them. */
#include "terrier/cli/change_table.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/command.h"
#include "terrier/cli/findings.h"
#include "terrier/cli/register.h"
#include "terrier/register/changes.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define STATE_US (30 * CLOCK_DAY_US) /* how long a time shows a state */

/* registers.md 4.5: names and order are fixed; the last column is ours. */
static const struct table_column columns[] = {
        {"date", "Date", TABLE_TIME},     {"object", "Object", TABLE_TEXT},
        {"object_id", NULL, TABLE_TEXT},  {NULL, "What", TABLE_TEXT},
        {"change", "Change", TABLE_TEXT}, {"field", "Field", TABLE_TEXT},
        {"before", "Before", TABLE_TEXT}, {"after", "After", TABLE_TEXT},
        {"cause", "Cause", TABLE_TEXT},   {"object_name", NULL, TABLE_TEXT},
};

/* A window, and what was seen and found in it. */
struct window {
	struct store_query query;
	struct change_state state;
	struct reconciliation *flows;
	struct change_watch *watches;
};

struct work {
	struct session *session;
	struct filter *filter;
	struct register_state *reg;
	struct window before, during, last;
	struct finder *findings[2]; /* before, last */
	struct changes *changes;
	struct words not_compared; /* rules */
	bool is_filtered;
};

static bool add_watch(void *context, const char *sensor, uint64_t days, uint64_t hours)
{
	struct window *w = context;
	size_t n = w->state.n_watches++;

	w->watches = mem_resize(w->watches, n + 1, sizeof *w->watches);
	w->watches[n] = (struct change_watch){mem_strdup(sensor), days, hours};
	return true;
}

/* Reconciles the window. The state of the register keeps the flows of the last one. */
static int look(struct work *w, struct window *window)
{
	struct session *s = w->session;
	int status;

	s->query = window->query;
	w->reg->flows = NULL;
	status = register_reconcile(w->reg, w->filter);
	window->flows = w->reg->flows;
	window->state.flows = window->flows;
	if (status == EXIT_DONE &&
	    (store_watched(s->store, &s->query, &window->state.days_watched,
	                   &window->state.hours_watched) != 0 ||
	     store_each_watch(s->store, &s->query, add_watch, window) != 0)) {
		status = session_complain(s);
	}
	window->state.watches = window->watches;
	return status;
}

static int look_for_findings(struct work *w, struct window *window, struct finder **out)
{
	int64_t at_us = window->query.until_us - 1;
	char time[CLOCK_TEXT_MAX], day[sizeof w->reg->today];

	text_copy(day, sizeof day, clock_format(at_us, time), sizeof day - 2);
	w->session->query = window->query;
	w->reg->flows = window->flows;
	return findings_at(w->reg, w->filter, at_us, day, out);
}

/* The three windows of changes_new(). Hours are the least that volumes are kept for, and one
 * belongs to one window. */
static void set_windows(struct work *w)
{
	const struct session *s = w->session;
	int64_t until = s->query.until_us != 0 ? s->query.until_us : s->summary.last_us + 1,
	        since = clock_hour_us(s->query.since_us != 0 ? s->query.since_us
	                                                     : until - 1 - STATE_US);

	w->before.query = (struct store_query){.since_us = since - STATE_US, .until_us = since};
	w->during.query = (struct store_query){.since_us = since, .until_us = until};
	w->last.query = w->during.query;
	if (until - STATE_US > since) {
		w->last.query.since_us = clock_hour_us(until - STATE_US);
	}
}

static bool is_last_during(const struct work *w)
{
	return w->last.query.since_us == w->during.query.since_us;
}

static struct window *last_of(struct work *w)
{
	return is_last_during(w) ? &w->during : &w->last;
}

static bool is_wanted(void *context, const struct register_flow *f)
{
	return register_passes(context, f);
}

static int compare_ids(const void *left, const void *right)
{
	const struct finding *const *a = left, *const *b = right;

	return strcmp((*a)->id, (*b)->id);
}

/* The findings by id (free()). */
static const struct finding **sort_by_id(const struct finder *f)
{
	const struct finding **all = mem_zalloc(finder_count(f) + 1, sizeof(struct finding *));

	for (size_t i = 0; i < finder_count(f); i++) {
		all[i] = finder_get(f, i);
	}
	if (finder_count(f) > 0) {
		qsort(all, finder_count(f), sizeof(struct finding *), compare_ids);
	}
	return all;
}

static bool is_among(const struct finding *f, const struct finding **all, size_t n)
{
	return n > 0 && bsearch(&f, all, n, sizeof(struct finding *), compare_ids) != NULL;
}

/* A finding is not gone when what it rests on was not watched. */
static bool is_unjudged(const struct work *w, const struct finding *finding)
{
	for (size_t i = 0; i < finding->n_exchanges; i++) {
		const struct register_flow *f =
		        reconcile_flow_of(w->before.flows, finding->exchanges[i]);

		if (f != NULL && changes_is_unjudged(w->changes, f->id)) {
			return true;
		}
	}
	return false;
}

static int64_t within(int64_t us, const struct store_query *q)
{
	return us < q->since_us || us >= q->until_us ? q->until_us - 1 : us;
}

static void tell_finding(struct work *w, const struct finding *f, enum change_way way)
{
	const char *severity = severity_name(f->rule->severity);
	bool is_new = way == CHANGE_APPEARED;
	char *name = mem_printf("%s: %s", f->rule->title, f->subject);

	changes_add(w->changes,
	            &(struct change){
	                    .date_us = within(is_new ? f->first_us : f->last_us, &w->during.query),
	                    .object = CHANGE_FINDING,
	                    .way = way,
	                    .id = f->id,
	                    .name = name,
	                    .field = "severity",
	                    .before = is_new ? "" : severity,
	                    .after = is_new ? severity : ""});
	free(name);
}

static void note_rule(void *context, const struct finding_rule *rule, unsigned days)
{
	(void)days;
	words_put(context, rule->id);
}

/* Tells those of `f` that are not among the others. What could not be judged at one of the two times did not change. */
static void tell_others(struct work *w, const struct finder *f, const struct finder *others, enum change_way way)
{
	const struct finding **all = sort_by_id(others);

	for (size_t i = 0; i < finder_count(f); i++) {
		const struct finding *finding = finder_get(f, i);

		if (!is_among(finding, all, finder_count(others)) &&
		    !words_has(&w->not_compared, finding->rule->id) &&
		    (way == CHANGE_APPEARED || !is_unjudged(w, finding))) {
			tell_finding(w, finding, way);
		}
	}
	free(all);
}

static void compare_findings(struct work *w)
{
	const struct finder *was = w->findings[0], *is = w->findings[1];

	finder_each_unjudged(was, note_rule, &w->not_compared);
	finder_each_unjudged(is, note_rule, &w->not_compared);
	tell_others(w, is, was, CHANGE_APPEARED);
	tell_others(w, was, is, CHANGE_DISAPPEARED);
}

static bool add_edit(void *context, const struct register_record *record)
{
	changes_add_edit(context, record->made_us, record->before, record->after);
	return true;
}

/* Edits are dated by the clock on the wall: without --until all that were made since count. */
static int compare(struct work *w)
{
	int64_t until =
	        w->session->options->text[OPTION_UNTIL] != NULL ? w->during.query.until_us : 0;

	w->changes = changes_new(&w->before.state, &w->during.state, &last_of(w)->state,
	                         w->is_filtered ? is_wanted : NULL, w->reg);
	changes_compare(w->changes);
	compare_findings(w);
	if (register_each(w->reg->file, w->during.query.since_us, until, add_edit, w->changes) !=
	    0) {
		return register_complain(w->reg);
	}
	changes_finish(w->changes);
	return EXIT_DONE;
}

static int work_out(struct work *w)
{
	int status = look(w, &w->before);

	status = status != EXIT_DONE ? status : look(w, &w->during);
	if (status == EXIT_DONE && !is_last_during(w)) {
		status = look(w, &w->last);
	}
	status = status != EXIT_DONE ? status : look_for_findings(w, &w->before, &w->findings[0]);
	status = status != EXIT_DONE ? status : look_for_findings(w, last_of(w), &w->findings[1]);
	return status != EXIT_DONE ? status : compare(w);
}

static void finish(struct work *w)
{
	struct window *windows[] = {&w->before, &w->during, &w->last};

	changes_free(w->changes);
	words_clear(&w->not_compared);
	finder_free(w->findings[0]);
	finder_free(w->findings[1]);
	for (size_t i = 0; i < sizeof windows / sizeof windows[0]; i++) {
		reconcile_free(windows[i]->flows);
		for (size_t k = 0; k < windows[i]->state.n_watches; k++) {
			free((char *)windows[i]->watches[k].sensor);
		}
		free(windows[i]->watches);
	}
}

static void add_row(struct table *t, const struct change *row)
{
	table_add_time(t, row->date_us);
	table_add_text(t, change_object_name(row->object));
	show_text(t, row->id);
	show_text(t, row->name[0] != '\0' ? row->name : row->id);
	table_add_text(t, change_way_name(row->way));
	show_text(t, row->field);
	show_text(t, row->before);
	show_text(t, row->after);
	table_add_text(t, row->is_edit ? "register_edit" : "observation");
	show_text(t, row->name);
}

/* Who exchanges it is not public; that it is, is. */
static void add_rows(const struct work *w, struct table *t)
{
	static const char *const counts[] = {"flows_appeared", "flows_disappeared",
	                                     "flows_changed"};
	bool is_public = w->session->view == VIEW_PUBLIC;
	int64_t flows[3] = {0};

	for (size_t i = 0; i < changes_count(w->changes); i++) {
		const struct change *row = changes_get(w->changes, i);

		flows[row->way] += row->object == CHANGE_FLOW && !row->is_edit;
		if (!is_public || row->object == CHANGE_KIND) {
			add_row(t, row);
		}
	}
	for (size_t i = 0; is_public && i < 3; i++) {
		table_add_note_integer(t, TABLE_NOTE_COVERAGE, counts[i], flows[i]);
	}
}

static void note(struct table *t, const char *key, char *text)
{
	table_add_note(t, TABLE_NOTE_COVERAGE, key, text);
	free(text);
}

static void add_compared(const struct work *w, struct table *t)
{
	char times[3][CLOCK_TEXT_MAX];
	char *text = mem_printf("%s to %s, with the 30 days before; the hour in which a time lies "
	                        "counts as a whole",
	                        clock_format(w->during.query.since_us, times[0]),
	                        clock_format(w->during.query.until_us - 1, times[1]));

	table_add_note(t, TABLE_NOTE_QUERY, "compared", text);
	free(text);
}

/* What may look like a change and is none. */
static void add_limits(const struct work *w, struct table *t)
{
	int64_t began = w->session->summary.first_us;
	char time[CLOCK_TEXT_MAX];
	struct words sensors = {0};
	size_t n = changes_unjudged(w->changes, &sensors);

	if (began >= w->during.query.since_us) {
		note(t, "watching_began",
		     mem_printf("on %.10s: what was there already shows as appeared",
		                clock_format(began, time)));
	} else if (began > w->before.query.since_us) {
		note(t, "watching_began",
		     mem_printf("on %.10s, less than 30 days before: what is seen "
		                "seldom may show as appeared",
		                clock_format(began, time)));
	}
	if (n > 0) {
		char *list = words_join(&sensors, "; ", 0);

		note(t, "not_judged",
		     mem_printf("%zu flow%s not seen again: not watched for long enough since to "
		                "say that %s gone (sensor %s)",
		                n, n == 1 ? "" : "s", n == 1 ? "it is" : "they are", list));
		free(list);
	}
	if (w->not_compared.n > 0) {
		char *list = words_join(&w->not_compared, ", ", 0);

		note(t, "not_compared",
		     mem_printf("findings of %s: not watched for long enough at one of the two times", list));
		free(list);
	}
	words_clear(&sensors);
}

int change_table(struct register_state *state, struct filter *filter, struct table **out)
{
	struct session *s = state->session;
	const struct store_query asked = s->query;
	struct reconciliation *flows = state->flows;
	struct work w = {
	        .session = s,
	        .reg = state,
	        .filter = filter,
	        .is_filtered = filter != NULL &&
	                       (filter_has_ends(filter) || filter_has_way_or_kind(filter)),
	};
	int status = EXIT_DONE;

	*out = table_new("changes", columns, sizeof columns / sizeof columns[0]);
	if (s->summary.last_us == 0) {
		return EXIT_DONE; /* nothing was ever seen */
	}
	set_windows(&w);
	if (w.during.query.since_us >= w.during.query.until_us) {
		status = complain(EXIT_CALLER,
		                  "option --since: '%s': nothing was watched from then on: write a "
		                  "date before",
		                  s->options->text[OPTION_SINCE]);
	}
	status = status != EXIT_DONE ? status : work_out(&w);
	if (status == EXIT_DONE) {
		add_rows(&w, *out);
		add_compared(&w, *out);
		add_limits(&w, *out);
	} else {
		table_free(*out);
		*out = NULL;
	}
	finish(&w);
	state->flows = flows;
	s->query = asked;
	return status;
}
