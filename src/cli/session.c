/* What every command works with, and how it ends: the table with its query and its coverage. */
#include "terrier/cli/session.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/output.h"
#include "terrier/cli/register.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SITE_CATALOGUE "/etc/terrier/catalogue.d"

static bool add_zone(void *context, const char *zone, const struct prefix *network)
{
	zones_add(context, zone, network);
	return true;
}

static int open_store(struct session *s)
{
	enum store_fault fault = STORE_FAULT_NONE;
	char *error = NULL;

	s->store = store_open_ro(options_database(s->options), &fault, &error);
	if (s->store == NULL) {
		complain(EXIT_SYSTEM, "%s", error);
		free(error);
		return fault == STORE_FAULT_CALLER ? EXIT_CALLER : EXIT_SYSTEM;
	}
	s->zones = zones_new();
	if (store_each_zone(s->store, add_zone, s->zones) != 0 ||
	    store_summarise(s->store, &s->summary) != 0) {
		return session_complain(s);
	}
	s->sensors = mem_strdup(s->summary.sensors != NULL ? s->summary.sensors : "");
	s->exclusions = mem_strdup(s->summary.exclusions != NULL ? s->summary.exclusions : "");
	s->organisation = mem_strdup(s->summary.organisation);
	s->ods_code = mem_strdup(s->summary.ods_code);
	s->summary.sensors = s->sensors;
	s->summary.exclusions = s->exclusions;
	s->summary.organisation = s->organisation;
	s->summary.ods_code = s->ods_code;
	return EXIT_DONE;
}

int session_load_catalogue(struct catalogue **out)
{
	char *error = NULL;

	*out = catalogue_load(SITE_CATALOGUE, &error);
	if (*out == NULL) {
		for (char *line = error, *next; line != NULL && *line != '\0'; line = next) {
			size_t len = strcspn(line, "\n");

			next = line[len] == '\n' ? line + len + 1 : NULL;
			complain(EXIT_CALLER, "%.*s", (int)len, line);
		}
		free(error);
		return EXIT_CALLER;
	}
	return EXIT_DONE;
}

static int read_time(const struct session *s, enum option option, int64_t *out)
{
	const char *text = s->options->text[option];
	int64_t newest = s->summary.last_us != 0 ? s->summary.last_us : clock_now_us();

	if (text == NULL || clock_parse(text, newest, out)) {
		return EXIT_DONE;
	}
	return complain(EXIT_CALLER,
	                "option --%s: '%s': write a date (2026-11-21), date and time "
	                "(2026-11-21T08:00) or age (7d)",
	                option_name(option), text);
}

static int read_window(struct session *s)
{
	int status = read_time(s, OPTION_SINCE, &s->query.since_us);

	status = status != EXIT_DONE ? status : read_time(s, OPTION_UNTIL, &s->query.until_us);
	if (status == EXIT_DONE && s->options->text[OPTION_SINCE] != NULL &&
	    s->options->text[OPTION_UNTIL] != NULL && s->query.since_us >= s->query.until_us) {
		return complain(EXIT_CALLER,
		                "option --until: '%s' is not after --since '%s': exchange them",
		                s->options->text[OPTION_UNTIL], s->options->text[OPTION_SINCE]);
	}
	return status;
}

int session_open(struct session *s, const struct options *o, enum view view, const char *format,
                 bool is_map)
{
	int status;

	*s = (struct session){.options = o, .view = options_view(o, view)};
	status = output_check(o);
	if (status == EXIT_DONE) {
		s->format = output_format(o, is_map, format, &status);
	}
	status = status != EXIT_DONE ? status : open_store(s);
	status = status != EXIT_DONE ? status : session_load_catalogue(&s->catalogue);
	return status != EXIT_DONE ? status : read_window(s);
}

void session_close(struct session *s)
{
	free(s->ods_code);
	free(s->organisation);
	free(s->exclusions);
	free(s->sensors);
	zones_free(s->zones);
	catalogue_free(s->catalogue);
	store_close(s->store);
}

int session_complain(struct session *s)
{
	return complain(EXIT_SYSTEM, "%s: %s", options_database(s->options), store_error(s->store));
}

const struct kind *session_kind(const struct session *s, const char *id)
{
	uint16_t index = catalogue_find(s->catalogue, id);

	return index != KIND_NONE ? catalogue_kind(s->catalogue, index) : NULL;
}

static void put_number(session_note_fn *put, void *context, const char *key, uint64_t value)
{
	char *text = mem_printf("%" PRIu64, value);

	put(context, key, text, true);
	free(text);
}

static void put_share(const struct session *s, session_note_fn *put, void *context)
{
	uint64_t all = s->summary.counter[COVERAGE_PAYLOAD_BYTES],
	         unknown = s->summary.counter[COVERAGE_UNKNOWN_BYTES];
	char *text;

	if (all == 0) {
		return;
	}
	text = mem_printf("%.1f%% of bytes", 100.0 * (double)unknown / (double)all);
	put(context, "unidentified", text, false);
	free(text);
}

void session_each_coverage(const struct session *s, session_note_fn *put, void *context)
{
	static const enum coverage shown[] = {
	        COVERAGE_PACKETS,    COVERAGE_KERNEL_DROPS, COVERAGE_INTERFACE_DROPS,
	        COVERAGE_DUPLICATES, COVERAGE_EVICTED,      COVERAGE_GAPS,
	        COVERAGE_EXCLUDED,
	};
	const struct store_summary *sum = &s->summary;
	char time[CLOCK_TEXT_MAX];

	if (sum->first_us != 0 || sum->last_us != 0) {
		put(context, "first_seen", clock_format(sum->first_us, time), false);
		put(context, "last_seen", clock_format(sum->last_us, time), false);
	}
	put(context, "sensors", s->sensors[0] != '\0' ? s->sensors : "none", false);
	put_number(put, context, "runs", sum->runs);
	put_number(put, context, "runs_incomplete", sum->runs_incomplete);
	put_number(put, context, "runs_counted_again", sum->runs_again);
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		put_number(put, context, coverage_names[shown[i]], sum->counter[shown[i]]);
	}
	put_share(s, put, context);
	if (s->exclusions[0] != '\0') {
		put(context, "exclusions", s->exclusions, false);
	}
	if (s->query.since_us != 0 || s->query.until_us != 0) {
		put(context, "counted_over", "all runs, not only the window", false);
	}
	if (s->reg != NULL && s->reg->head.records > 0) {
		put_number(put, context, "register_records", (uint64_t)s->reg->head.records);
		put(context, "register_head", s->reg->head.hash, false);
	}
	if (!sum->own_is_set) {
		put(context, "inside_and_outside",
		    "are not configured (set [networks] own in terrier.conf)", false);
	}
}

static void add_coverage(void *context, const char *key, const char *text, bool is_integer)
{
	if (is_integer) {
		table_add_note_integer(context, TABLE_NOTE_COVERAGE, key, strtoll(text, NULL, 10));
	} else {
		table_add_note(context, TABLE_NOTE_COVERAGE, key, text);
	}
}

static void add_query(const struct session *s, struct table *t)
{
	static const enum option shown[] = {OPTION_FROM, OPTION_TO, OPTION_WITH, OPTION_KIND,
	                                    OPTION_ZONE};
	char time[CLOCK_TEXT_MAX];

	table_add_note(t, TABLE_NOTE_QUERY, "command", s->options->command->name);
	if ((s->options->command->takes & TAKES(OPTION_VIEW)) != 0) {
		table_add_note(t, TABLE_NOTE_QUERY, "view", view_name(s->view));
	}
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		if (s->options->text[shown[i]] != NULL) {
			table_add_note(t, TABLE_NOTE_QUERY, option_name(shown[i]),
			               s->options->text[shown[i]]);
		}
	}
	if (s->options->text[OPTION_SINCE] != NULL) {
		table_add_note(t, TABLE_NOTE_QUERY, "since", clock_format(s->query.since_us, time));
	}
	if (s->options->text[OPTION_UNTIL] != NULL) {
		table_add_note(t, TABLE_NOTE_QUERY, "until", clock_format(s->query.until_us, time));
	}
	if (s->query.since_us != 0 || s->query.until_us != 0) {
		table_add_note(t, TABLE_NOTE_QUERY, "buckets", "1 hour, those the window overlaps");
	}
}

void session_period(const struct session *s, int64_t *from_us, int64_t *to_us)
{
	const struct store_summary *sum = &s->summary;

	*from_us = s->query.since_us > sum->first_us ? s->query.since_us : sum->first_us;
	*to_us = s->query.until_us != 0 && s->query.until_us < sum->last_us ? s->query.until_us : sum->last_us;
}

void session_annotate(struct session *s, struct table *t)
{
	size_t limit = output_limit(s->options, s->format);
	size_t found = table_rows(t);

	add_query(s, t);
	table_add_note_integer(t, TABLE_NOTE_QUERY, "rows_found", (int64_t)found);
	if (found > limit) {
		table_cut(t, limit);
		table_add_note_integer(t, TABLE_NOTE_QUERY, "limit", (int64_t)limit);
	}
	session_each_coverage(s, add_coverage, t);
}

int session_answer(struct session *s, struct table *t)
{
	int status;

	session_annotate(s, t);
	status = output_table(s->options, t, s->format);
	table_free(t);
	return status;
}
