/* terrier status: what was watched, how much of it was seen, and what was not. */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/register.h"
#include "terrier/cli/show.h"
#include "terrier/map/layout.h"
#include "terrier/sensor/capture.h"
#include "terrier/sensor/dpi.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
        {"part", "About", TABLE_TEXT},         {"item", "Item", TABLE_TEXT},
        {"value", "Value", TABLE_TEXT},        {"count", "Count", TABLE_INTEGER},
        {"packets", "Packets", TABLE_INTEGER}, {"bytes", "Size", TABLE_BYTES},
        {"dropped", "Dropped", TABLE_INTEGER}, {"duplicates", "Duplicates", TABLE_INTEGER},
        {"first_seen", "From", TABLE_TIME},    {"last_seen", "To", TABLE_TIME},
};

/* A live run that a sensor ended, kept until its next one shows how long it was away. */
struct last_run {
	char *sensor, *source;
	int64_t ended_us;
};

struct work {
	struct session *session;
	struct table *table;
	struct last_run *last;
	size_t n_last;
};

static void add_count(struct work *w, const char *part, const char *item, const char *value,
                      uint64_t count)
{
	table_add_text(w->table, part);
	table_add_text(w->table, item);
	table_add_text(w->table, value);
	show_count(w->table, count);
	show_nothing(w->table, 6);
}

static void add_period(struct table *t, int64_t first_us, int64_t last_us)
{
	if (first_us == 0 && last_us == 0) {
		show_nothing(t, 2);
		return;
	}
	table_add_time(t, first_us);
	table_add_time(t, last_us);
}

static void append(char **text, const char *label, const char *more)
{
	char *longer;

	if (more == NULL || more[0] == '\0') {
		return;
	}
	longer = mem_printf("%s%s%s%s", *text, (*text)[0] != '\0' ? "; " : "", label, more);
	free(*text);
	*text = longer;
}

/* A run that never ended is the one going on, or one that was killed. */
static char *describe_run(const struct store_run *run)
{
	char *text = mem_printf("%s%s, sensor %s", run->is_file ? "file " : "live on ", run->source,
	                        run->sensor);

	append(&text, "",
	       !run->is_ended      ? "not ended"
	       : !run->is_complete ? "incomplete"
	                           : "complete");
	append(&text, "", run->fault);
	append(&text, "", run->is_again ? "read again: counted more than once" : "");
	append(&text, "filter ", run->filter);
	append(&text, "excluded ", run->exclusions);
	append(&text, "terrierd ", run->version);
	append(&text, "nDPI ", run->dpi_version);
	return text;
}

static void add_run(struct work *w, const struct store_run *run)
{
	char *item = mem_printf("%" PRId64, run->id), *value = describe_run(run);

	table_add_text(w->table, "run");
	table_add_text(w->table, item);
	table_add_text(w->table, value);
	table_add_empty(w->table);
	show_count(w->table, run->counter[COVERAGE_PACKETS]);
	show_count(w->table, run->counter[COVERAGE_BYTES]);
	show_count(w->table,
	           run->counter[COVERAGE_KERNEL_DROPS] + run->counter[COVERAGE_INTERFACE_DROPS]);
	show_count(w->table, run->counter[COVERAGE_DUPLICATES]);
	add_period(w->table, run->first_us, run->last_us);
	free(item);
	free(value);
}

static struct last_run *find_last(struct work *w, const struct store_run *run)
{
	for (size_t i = 0; i < w->n_last; i++) {
		if (strcmp(w->last[i].sensor, run->sensor) == 0 &&
		    strcmp(w->last[i].source, run->source) == 0) {
			return &w->last[i];
		}
	}
	w->last = mem_resize(w->last, w->n_last + 1, sizeof *w->last);
	w->last[w->n_last] = (struct last_run){.sensor = mem_strdup(run->sensor),
	                                       .source = mem_strdup(run->source)};
	return &w->last[w->n_last++];
}

/* The time between two live runs of one sensor on one interface, when nobody watched. */
static void add_gap(struct work *w, const struct store_run *run)
{
	struct last_run *last = find_last(w, run);

	if (last->ended_us != 0 && run->started_us - last->ended_us >= CLOCK_SECOND_US) {
		char *value = mem_printf("%s on %s was not watched for %" PRId64 " s", run->sensor,
		                         run->source,
		                         (run->started_us - last->ended_us) / CLOCK_SECOND_US);

		table_add_text(w->table, "gap");
		table_add_text(w->table, "sensor down");
		table_add_text(w->table, value);
		show_nothing(w->table, 5);
		add_period(w->table, last->ended_us, run->started_us);
		free(value);
	}
	last->ended_us = run->is_ended ? run->ended_us : run->last_us;
}

static bool see_run(void *context, const struct store_run *run)
{
	struct work *w = context;

	if (!run->is_file) {
		add_gap(w, run);
	}
	add_run(w, run);
	return true;
}

static bool see_zone(void *context, const char *zone, const struct prefix *network)
{
	const struct work *w = context;
	char block[PREFIX_TEXT_MAX];

	show_fact(w->table, "zone", zone, prefix_format(network, block));
	return true;
}

static void add_database(struct work *w)
{
	const struct store_summary *sum = &w->session->summary;

	table_add_text(w->table, "database");
	table_add_text(w->table, "file");
	table_add_text(w->table, options_database(w->session->options));
	show_nothing(w->table, 2);
	show_count(w->table, sum->file_bytes);
	show_nothing(w->table, 2);
	add_period(w->table, sum->first_us, sum->last_us);
	add_count(w, "database", "schema version", "", (uint64_t)sum->schema_version);
	add_count(w, "database", "exchanges", "", sum->exchanges);
	add_count(w, "database", "systems", "", sum->hosts);
	show_fact(w->table, "sensors", "names",
	          w->session->sensors[0] != '\0' ? w->session->sensors
	                                         : "none: nothing was recorded yet");
	show_fact(w->table, "networks", "inside and outside",
	          sum->own_is_set ? "configured"
	                          : "are not configured: set [networks] own in terrier.conf");
	if (w->session->exclusions[0] != '\0') {
		show_fact(w->table, "networks", "excluded", w->session->exclusions);
	}
}

static void add_coverage(struct work *w)
{
	static const char *const meanings[COVERAGE_COUNTERS] = {
	        [COVERAGE_PACKETS] = "frames seen",
	        [COVERAGE_BYTES] = "octets of these on the wire",
	        [COVERAGE_KERNEL_DROPS] = "lost: the sensor was too slow",
	        [COVERAGE_INTERFACE_DROPS] = "lost by the network card",
	        [COVERAGE_NOT_IP] = "not IP, not looked at",
	        [COVERAGE_MALFORMED] = "made no sense",
	        [COVERAGE_EXCLUDED] = "excluded by the configuration",
	        [COVERAGE_DUPLICATES] = "seen twice, counted once",
	        [COVERAGE_SNAP_CUT] = "captured shorter than they were",
	        [COVERAGE_FRAGMENTS] = "IP fragments",
	        [COVERAGE_FRAGMENTS_LOST] = "datagrams never complete",
	        [COVERAGE_FLOWS] = "connections",
	        [COVERAGE_FLOWS_MIDSTREAM] = "joined after they began",
	        [COVERAGE_FLOWS_ONE_WAY] = "only one direction was seen",
	        [COVERAGE_FLOWS_UNKNOWN] = "not identified",
	        [COVERAGE_PAYLOAD_BYTES] = "octets of transport payload",
	        [COVERAGE_UNKNOWN_BYTES] = "of these not identified",
	        [COVERAGE_EVICTED] = "forgotten early: the table was full",
	        [COVERAGE_UNFOLLOWED] = "not followed: no state was free",
	        [COVERAGE_GAPS] = "holes in followed streams",
	        [COVERAGE_GAP_BYTES] = "octets in these holes",
	        [COVERAGE_WITHHELD] = "texts not kept, for privacy",
	        [COVERAGE_DPI_REFUSED] = "kept from nDPI: lengths do not add up",
	};

	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		add_count(w, "coverage", coverage_names[i], meanings[i] != NULL ? meanings[i] : "",
		          w->session->summary.counter[i]);
	}
}

/* A register that cannot be read does not keep the rest from being told. */
static void add_register(struct work *w)
{
	struct register_state state;

	if (register_load(&state, w->session->options, REGISTER_READ) == EXIT_DONE) {
		show_fact(w->table, "register", "file", state.path);
		add_count(w, "register", "assets", "information assets", entries_count(state.assets));
		add_count(w, "register", "declared flows", "", entries_count(state.declarations));
		add_count(w, "register", "decisions", "in force", entries_count(state.decisions));
		show_fact(w->table, "register", "head",
		          state.head.records > 0 ? state.head.hash : "none: nothing is entered");
	}
	register_unload(&state);
}

static void add_versions(struct work *w)
{
	show_fact(w->table, "version", "terrier", TERRIER_VERSION);
	show_fact(w->table, "version", "libpcap", capture_library_version());
	show_fact(w->table, "version", "nDPI", dpi_library_version());
	show_fact(w->table, "version", "SQLite", store_library_version());
	show_fact(w->table, "version", "Graphviz", map_layout_version());
}

static int report(struct session *s)
{
	struct work w = {.session = s,
	                 .table = table_new("status", columns, sizeof columns / sizeof columns[0])};
	bool failed;

	add_database(&w);
	failed = store_each_zone(s->store, see_zone, &w) != 0 ||
	         store_each_run(s->store, see_run, &w) != 0;
	add_coverage(&w);
	add_register(&w);
	add_versions(&w);
	for (size_t i = 0; i < w.n_last; i++) {
		free(w.last[i].sensor);
		free(w.last[i].source);
	}
	free(w.last);
	if (failed) {
		table_free(w.table);
		return session_complain(s);
	}
	return session_answer(s, w.table);
}

static int run(const struct options *o)
{
	struct session s;
	int status = session_open(&s, o, VIEW_NETWORK, "table", false);

	if (status == EXIT_DONE) {
		status = report(&s);
	}
	session_close(&s);
	return status;
}

const struct command command_status = {
        .name = "status",
        .summary = "what was watched, and how much of it was seen",
        .arguments = "",
        .usage = "Tells which sensors watched when, what was dropped, seen twice or not "
                 "identified,\n"
                 "when nobody watched, and how large the database is. Look here first.\n\n"
                 "Examples:\n"
                 "  terrier status\n"
                 "  terrier status --format json\n",
        .takes = TAKES_OUTPUT | TAKES(OPTION_REGISTER),
        .run = run,
};
