/* terrier plot: pictures over time, from what the database has by hour and minute. */
#include "terrier/model/plot.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/exchanges.h"
#include "terrier/cli/explain.h"
#include "terrier/cli/output.h"
#include "terrier/cli/register.h"
#include "terrier/cli/subcommand.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEYOND_US (366 * CLOCK_DAY_US) /* how far an axis goes beyond what was recorded */

struct work {
	struct session session;
	struct register_state state;
	struct filter *filter;
	struct plot *plot;
	char (*ids)[DIGEST_ID_MAX]; /* the exchanges that the filter's ends select, in order; NULL:
	                               not asked */
	size_t n_ids;
	const struct register_flow *flow; /* of a week; NULL: of the exchange `id` */
	char id[DIGEST_ID_MAX];
	size_t n_found;
	bool is_wanted; /* the exchange whose hours come; its row */
	size_t row;
	char *coverage;
};

static void free_work(struct work *w)
{
	plot_free(w->plot);
	filter_free(w->filter);
	register_unload(&w->state);
	free(w->ids);
	free(w->coverage);
	session_close(&w->session);
}

static int open_work(struct work *w, const struct options *o)
{
	int status = session_open(&w->session, o, VIEW_IG, "svg", true);

	if (status == EXIT_DONE && w->session.format->write_plot == NULL) {
		status = complain(EXIT_CALLER,
		                  "option --output: %s: a plot is an svg: name the file so",
		                  o->text[OPTION_OUTPUT]);
	}
	return status;
}

static int learn(struct work *w)
{
	int status = register_load(&w->state, w->session.options, REGISTER_READ);

	return status != EXIT_DONE ? status : register_learn(&w->state, &w->session);
}

/* The axis is what was asked for, as far as it is near to what was recorded. */
static struct plot *begin_plot(const struct session *s, enum plot_type type, struct store_query *q)
{
	int64_t first = s->summary.first_us, last = s->summary.last_us + 1,
	        since = s->query.since_us, until = s->query.until_us;

	if (first == 0 && last == 1) {
		first = last = since = until = 0;
	}
	since = since == 0 ? first : since < first - BEYOND_US ? first - BEYOND_US : since;
	until = until == 0 ? last : until > last + BEYOND_US ? last + BEYOND_US : until;
	struct plot *p = plot_new(type, since, until);

	/* an hour beyond what was asked for, but on the axis, must not look as if nobody had
	 * watched */
	*q = (struct store_query){.since_us = p->from_us, .until_us = p->until_us};
	return p;
}

/* What the counters say is one line; what is said in words is a line each. */
static void see_coverage(void *context, const char *key, const char *text, bool is_integer)
{
	struct work *w = context;
	char *words = mem_strdup(key), *longer;

	for (char *c = words; *c != '\0'; c++) {
		*c = *c == '_' ? ' ' : *c;
	}
	if (is_integer || strcmp(key, "unidentified") == 0) {
		longer = mem_printf("%s%s%s %s", w->coverage != NULL ? w->coverage : "",
		                    w->coverage != NULL ? "; " : "All runs: ", words, text);
		free(w->coverage);
		w->coverage = longer;
	} else if (strcmp(key, "inside_and_outside") == 0 ||
	           (strcmp(key, "exclusions") == 0 && w->session.view == VIEW_NETWORK)) {
		plot_note(w->plot, mem_printf("%s: %s", words, text));
	} else if (strcmp(key, "exclusions") == 0) {
		plot_note(
		        w->plot,
		        mem_strdup("Some traffic is excluded by the configuration and not in it."));
	}
	free(words);
}

static void add_notes(struct work *w)
{
	static const enum option shown[] = {OPTION_FROM, OPTION_TO, OPTION_WITH, OPTION_KIND,
	                                    OPTION_ZONE};

	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		const char *text = w->session.options->text[shown[i]];

		if (text != NULL) {
			plot_note(w->plot,
			          mem_printf("Only --%s %s.", option_name(shown[i]), text));
		}
	}
	if (w->plot->type != PLOT_COVERAGE) {
		plot_note(w->plot, mem_strdup("An hour in which no sensor saw a packet counts as "
		                              "not watched. An hour that was "
		                              "watched in part counts as watched."));
	}
	plot_note(w->plot, mem_strdup("What no sensor saw is not in it: absence is no evidence "
	                              "that nothing went on."));
	session_each_coverage(&w->session, see_coverage, w);
	if (w->coverage != NULL) {
		plot_note(w->plot, mem_strdup(w->coverage));
	}
}

static void set_period(struct work *w)
{
	const struct plot *p = w->plot;
	const struct store_summary *sum = &w->session.summary;
	char from[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX], first[CLOCK_TEXT_MAX],
	        last[CLOCK_TEXT_MAX], *text;

	if (p->until_us <= p->from_us) {
		plot_set(&w->plot->period, "Nothing was recorded in this time");
		return;
	}
	text = mem_printf("Drawn: %s to %s, recorded: %s to %s", clock_format(p->from_us, from),
	                  clock_format(p->until_us, until), clock_format(sum->first_us, first),
	                  clock_format(sum->last_us, last));
	plot_set(&w->plot->period, text);
	free(text);
}

/* Writes the plot with all that a page needs; `title` is what it says unless --title does. */
static int finish(struct work *w, const char *title, const char *scope)
{
	const struct session *s = &w->session;
	const char *asked = s->options->text[OPTION_TITLE];
	struct plot *p = w->plot;
	char *sensors = mem_printf("Sensors: %s", s->sensors[0] != '\0' ? s->sensors : "none");

	plot_sort(p);
	plot_set(&p->title, asked != NULL ? asked : title);
	plot_set(&p->scope, scope);
	plot_set(&p->organisation, s->organisation);
	plot_set(&p->marking, output_marking(s->options));
	plot_set(&p->sensors, s->view != VIEW_PUBLIC ? sensors : NULL);
	set_period(w);
	add_notes(w);
	free(sensors);
	return output_plot(s->options, p, s->format);
}

static bool see_watched(void *context, int64_t hour_us)
{
	plot_watch(context, hour_us);
	return true;
}

/* ---- volume ---- */

static bool keep_id(void *context, const struct exchange_row *row)
{
	struct work *w = context;

	if (!filter_passes(w->filter, row)) {
		return true;
	}
	if ((w->n_ids & (w->n_ids - 1)) == 0) {
		w->ids = mem_resize(w->ids, w->n_ids > 0 ? w->n_ids * 2 : 1, sizeof *w->ids);
	}
	memcpy(w->ids[w->n_ids++], row->id, DIGEST_ID_MAX);
	return true;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* Ends are of exchanges and not of their hours: which they select is asked first. */
static int select_exchanges(struct work *w, bool *has_ends)
{
	struct session *s = &w->session;
	int status = EXIT_DONE;

	*has_ends = filter_has_ends(w->filter);
	if (!*has_ends) {
		return EXIT_DONE;
	}
	status = learn(w);
	if (status != EXIT_DONE) {
		return status;
	}
	register_know(&w->state, w->filter);
	if (store_each_exchange(s->store, &(struct store_query){0}, keep_id, w) != 0) {
		return session_complain(s);
	}
	if (w->n_ids > 0) {
		qsort(w->ids, w->n_ids, sizeof *w->ids, compare_ids);
	}
	return EXIT_DONE;
}

struct volume {
	struct work *work;
	bool has_ends, by_kind;
};

/* The row of a kind: its group's, or its own where kinds were asked for. */
static size_t row_of(const struct volume *v, const char *kind_id)
{
	static const struct {
		const char *group, *name;
	} groups[] = {
	        {"clinical", "Clinical"},      {"administrative", "Administrative"},
	        {"workforce", "Workforce"},    {"infrastructure", "Infrastructure"},
	        {"unknown", "Not identified"},
	};
	const struct kind *kind = session_kind(&v->work->session, kind_id);
	const char *name = v->by_kind     ? show_kind(&v->work->session, kind_id)
	                   : kind != NULL ? kind->group
	                                  : kind_id;

	for (size_t i = 0; !v->by_kind && i < sizeof groups / sizeof groups[0]; i++) {
		if (strcmp(name, groups[i].group) == 0) {
			name = groups[i].name;
		}
	}
	return plot_row_of(v->work->plot, name);
}

static bool see_volume(void *context, const struct hour_row *row)
{
	const struct volume *v = context;
	struct work *w = v->work;

	if (row->is_first) {
		w->is_wanted = filter_passes_kind(w->filter, row->kind_id) &&
		               (!v->has_ends ||
		                (w->n_ids > 0 && bsearch(row->exchange_id, w->ids, w->n_ids,
		                                         sizeof *w->ids, compare_ids) != NULL));
		w->row = w->is_wanted ? row_of(v, row->kind_id) : 0;
	}
	if (w->is_wanted) {
		plot_add_volume(w->plot, w->row, row->volume.hour_us,
		                row->volume.bytes_to_destination + row->volume.bytes_to_source);
	}
	return true;
}

static int gather_volume(struct work *w)
{
	struct session *s = &w->session;
	struct volume v = {.work = w, .by_kind = s->options->text[OPTION_KIND] != NULL};
	struct store_query q;
	int status = EXIT_DONE;

	w->filter = filter_new(s, &status);
	status = status != EXIT_DONE ? status : select_exchanges(w, &v.has_ends);
	if (status != EXIT_DONE) {
		return status;
	}
	w->plot = begin_plot(s, PLOT_VOLUME, &q);
	if (store_each_watched_hour(s->store, &q, see_watched, w->plot) != 0 ||
	    store_each_hour(s->store, &q, see_volume, &v) != 0) {
		return session_complain(s);
	}
	return finish(w,
	              v.by_kind ? "Volume by kind of data over time"
	                        : "Volume by group of kinds of data over time",
	              v.by_kind ? "Kinds of data, the most first"
	                        : "Groups of kinds of data, the most first");
}

static int run_volume(const struct options *o)
{
	struct work w = {.plot = NULL};
	int status = open_work(&w, o);

	status = status != EXIT_DONE ? status : gather_volume(&w);
	free_work(&w);
	return status;
}

/* ---- week ---- */

static bool see_week(void *context, const struct hour_row *row)
{
	struct work *w = context;

	if (row->is_first) {
		w->is_wanted = w->flow != NULL ? reconcile_flow_of(w->state.flows,
		                                                   row->exchange_id) == w->flow
		                               : strcmp(row->exchange_id, w->id) == 0;
	}
	if (w->is_wanted) {
		plot_add_week(w->plot, row->volume.hour_us,
		              row->volume.bytes_to_destination + row->volume.bytes_to_source);
	}
	return true;
}

/* One of which a part may still move comes twice. */
static bool see_id(void *context, const struct hour_row *row)
{
	struct work *w = context;

	if (row->is_first && strcmp(row->exchange_id, w->id) != 0 &&
	    explain_is_beginning(w->session.options->arguments[1], row->exchange_id, false)) {
		memcpy(w->id, row->exchange_id, sizeof w->id);
		w->n_found++;
	}
	return true;
}

static bool see_exchange(void *context, const struct exchange *e, const struct exchange_row *row)
{
	char **scope = context;

	(void)row;
	free(*scope);
	*scope = mem_printf("%s: %s %s %s, %s, %s %s", e->id, e->source.label,
	                    e->is_both ? "\u2194" : "\u2192", e->destination.label, e->kind_title,
	                    e->protocol, e->port);
	return false;
}

/* The exchange whose id begins as was asked, told as the view allows. */
static int find_exchange(struct work *w, char **scope)
{
	struct session *s = &w->session;
	const char *wanted = s->options->arguments[1];
	struct store_query one = {.exchange_id = w->id};

	if (store_each_hour(s->store, &(struct store_query){0}, see_id, w) != 0) {
		return session_complain(s);
	}
	if (w->n_found != 1) {
		return w->n_found > 1
		               ? complain(EXIT_CALLER,
		                          "id %s: %zu exchanges begin like this: write more of it",
		                          wanted, w->n_found)
		               : complain(EXIT_CALLER,
		                          "id %s: no such exchange in %s: terrier flows lists the "
		                          "ids",
		                          wanted, options_database(s->options));
	}
	return exchanges_each(s, &one, see_exchange, scope) != 0 ? session_complain(s) : EXIT_DONE;
}

static int find_flow(struct work *w, char **scope)
{
	int status = explain_find_flow(&w->state, &w->session, w->session.options->arguments[1],
	                               &w->flow);
	const struct register_flow *f = w->flow;

	if (status == EXIT_DONE) {
		*scope = mem_printf("%s: %s %s %s, %s", f->id, f->source->name,
		                    f->is_both ? "\u2194" : "\u2192", f->destination->name,
		                    f->kind_title);
	}
	return status;
}

static int gather_week(struct work *w, char **scope)
{
	struct session *s = &w->session;
	const char *wanted = s->options->arguments[1];
	struct store_query q;
	int status;

	if (s->view == VIEW_PUBLIC) {
		return complain(EXIT_CALLER,
		                "option --view: public tells no single flow: write network or ig");
	}
	status = learn(w);
	if (status == EXIT_DONE) {
		bool is_flow = (wanted[0] == 'F' || wanted[0] == 'f') && wanted[1] == '-';

		status = is_flow ? find_flow(w, scope) : find_exchange(w, scope);
	}
	if (status != EXIT_DONE) {
		return status;
	}
	w->plot = begin_plot(s, PLOT_WEEK, &q);
	if (store_each_watched_hour(s->store, &q, see_watched, w->plot) != 0 ||
	    store_each_hour(s->store, &q, see_week, w) != 0) {
		return session_complain(s);
	}
	plot_note(w->plot,
	          mem_printf("Weeks watched, in part or whole: %zu, from Mondays 00:00 UTC.",
	                     plot_weeks_watched(w->plot)));
	return finish(w, "The week of a flow, hour by hour", *scope);
}

static int run_week(const struct options *o)
{
	struct work w = {.plot = NULL};
	char *scope = NULL;
	int status = open_work(&w, o);

	status = status != EXIT_DONE ? status : gather_week(&w, &scope);
	free(scope);
	free_work(&w);
	return status;
}

/* ---- coverage ---- */

static size_t lane_of(struct work *w, const char *sensor, const char *source)
{
	char *name = mem_printf("%s, %s", sensor, source[0] != '\0' ? source : "files");
	size_t lane = plot_lane_of(w->plot, name);

	free(name);
	return lane;
}

static bool see_counters(void *context, const struct coverage_row *row)
{
	struct work *w = context;
	const uint64_t lost[PLOT_LOSSES] = {[PLOT_DROPS] = row->drops,
	                                    [PLOT_EVICTIONS] = row->evicted,
	                                    [PLOT_HOLES] = row->gaps};

	plot_hear(w->plot, lane_of(w, row->sensor, row->source), row->start_us, row->packets, lost);
	return true;
}

/* A file tells of the time between its first and last packet, a live run of its own, and a run that
 * was killed of what it had still seen. */
static bool see_run(void *context, const struct store_run *run)
{
	struct work *w = context;
	int64_t from = run->is_file ? run->first_us : run->started_us,
	        until = !run->is_file && run->is_ended ? run->ended_us : run->last_us + 1;

	if (from != 0 && until > from && until > w->plot->from_us && from < w->plot->until_us) {
		plot_listen(w->plot, lane_of(w, run->sensor, run->is_file ? "" : run->source), from,
		            until);
	}
	return true;
}

/* For the public who listens where is told by numbers. */
static void hide_names(struct plot *p)
{
	for (size_t i = 0; i < p->n_lanes; i++) {
		char *name = mem_printf("Listening place %zu", i + 1);

		plot_set(&p->lanes[i].name, name);
		free(name);
	}
}

static int gather_coverage(struct work *w)
{
	struct session *s = &w->session;
	struct store_query q;

	w->plot = begin_plot(s, PLOT_COVERAGE, &q);
	if (w->plot->n_buckets > 0 &&
	    (store_each_coverage(s->store, &q, w->plot->starts[1] - w->plot->starts[0],
	                         see_counters, w) != 0 ||
	     store_each_run(s->store, see_run, w) != 0)) {
		return session_complain(s);
	}
	if (s->view == VIEW_PUBLIC) {
		hide_names(w->plot);
	}
	plot_note(w->plot, mem_strdup("Files that were read tell of the time from their first to "
	                              "their last packet."));
	return finish(w, "Coverage: when each sensor listened, and what it lost",
	              "Each sensor and interface");
}

static int run_coverage(const struct options *o)
{
	struct work w = {.plot = NULL};
	int status = open_work(&w, o);

	status = status != EXIT_DONE ? status : gather_coverage(&w);
	free_work(&w);
	return status;
}

#define TAKES_PAGE                                                                                 \
	(TAKES(OPTION_DATABASE) | TAKES(OPTION_OUTPUT) | TAKES(OPTION_SINCE) |                     \
	 TAKES(OPTION_UNTIL) | TAKES(OPTION_VIEW) | TAKES(OPTION_TITLE) | TAKES(OPTION_MARKING))
#define TAKES_REGISTER (TAKES(OPTION_REGISTER) | TAKES(OPTION_PSEUDONYMS))

static const struct subcommand words[] = {
        {"volume", NULL, TAKES_PAGE | TAKES_FILTER | TAKES(OPTION_REGISTER), run_volume},
        {"week", "ID", TAKES_PAGE | TAKES_REGISTER, run_week},
        {"coverage", NULL, TAKES_PAGE, run_coverage},
};

static int run(const struct options *o)
{
	return subcommand_run(o, words, sizeof words / sizeof words[0]);
}

const struct command command_plot = {
        .name = "plot",
        .summary = "volume over time, the week of a flow, coverage: svg",
        .arguments = "volume | week ID | coverage",
        .usage = "Draws a page, A4 lying, as SVG. Times are UTC; what was not watched is hatched.\n"
                 "  volume    what moved, by group of kinds, or with --kind by kind\n"
                 "  week ID   the hours of the week of one exchange (X-...) or flow (F-...)\n"
                 "  coverage  when each sensor listened, and what it lost\n\n"
                 "Examples:\n"
                 "  terrier plot volume --since 30d --output volume.svg\n"
                 "  terrier plot volume --kind 'clin.*' --with pacs --output pacs.svg\n"
                 "  terrier plot week X-9h818c --output week.svg\n",
        .takes = TAKES_PAGE | TAKES_FILTER | TAKES_REGISTER,
        .run = run,
};
