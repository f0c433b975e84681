/* terrier map: the data-flow map of what was selected. */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/map_rows.h"
#include "terrier/cli/output.h"
#include "terrier/cli/register_flows.h"
#include "terrier/map/build.h"
#include "terrier/map/layout.h"
#include "terrier/model/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct work {
	struct session *session;
	struct filter *filter;
	struct register_state state;
	bool is_of_assets;
	bool is_of_register; /* its flows, with their status, are drawn */
	struct map_rows rows;
	char *coverage;
	struct map_words notes, control;
};

static const char *keep(struct work *w, const char *text)
{
	return map_rows_copy(&w->rows, text);
}

/* Hosts that an asset is are one node, where systems and not machines are told. */
static const struct entry *asset_of(const struct work *w, const struct end *end)
{
	const struct directory_host *host = end_host(w->session, end);

	return host != NULL && w->is_of_assets ? directory_host_asset(host) : NULL;
}

static struct map_end make_end(struct work *w, const struct end *end)
{
	const struct entry *asset = asset_of(w, end);
	char zone[ZONE_MAX];
	struct shown shown;

	end_zone(w->session, end, zone);
	show_end(w->session, end, &shown);
	return (struct map_end){
	        .address = keep(w, asset != NULL ? asset->id : end->address),
	        .name = keep(w, asset != NULL                 ? entry_text(asset, ASSET_NAME)
	                        : w->session->view == VIEW_IG ? shown.name
	                                                      : end->name),
	        .zone = strcmp(zone, ZONE_OUTSIDE) == 0 || strcmp(zone, ZONE_GROUP) == 0
	                        ? NULL
	                        : keep(w, zone),
	        .addr = end->addr,
	        .is_party = end->is_party,
	        .is_inside = end->is_inside,
	};
}

static struct map_row make_row(struct work *w, const struct exchange_row *row)
{
	const struct kind *kind = session_kind(w->session, row->kind_id);
	struct end source = end_source(row), destination = end_destination(row);
	char transport[TRANSPORT_NAME_MAX];

	return (struct map_row){
	        .exchange_id = keep(w, row->id),
	        .source = make_end(w, &source),
	        .destination = make_end(w, &destination),
	        .is_both = row->is_both,
	        .source_is_server = row->initiated_by_destination && !row->initiated_by_source,
	        .kind_id = keep(w, row->kind_id),
	        .kind_title = keep(w, kind != NULL ? kind->title : row->kind_id),
	        .kind_group = keep(w, kind != NULL ? kind->group : ""),
	        .tier = kind != NULL ? kind->tier : TIER_UNKNOWN,
	        .confidence = row->confidence,
	        .protocol = keep(w, row->protocol),
	        .transport = keep(w, transport_name(row->ip_protocol, transport)),
	        .server_port = row->server_port,
	        .was_clear = row->was_clear,
	        .was_encrypted = row->was_encrypted,
	        .connections = row->connections,
	        .messages = row->messages,
	        .bytes = row->bytes_to_destination + row->bytes_to_source,
	};
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;

	if (filter_passes(w->filter, row)) {
		struct map_row made = make_row(w, row);

		map_rows_add(&w->rows, &made);
	}
	return true;
}

/* Numbers make the coverage line; what is said in words is a note. */
static void see_coverage(void *context, const char *key, const char *text, bool is_integer)
{
	struct work *w = context;
	char *words = mem_strdup(key), *longer;

	for (char *c = words; *c != '\0'; c++) {
		*c = *c == '_' ? ' ' : *c;
	}
	if (strcmp(key, "inside_and_outside") == 0 || strcmp(key, "exclusions") == 0 || strcmp(key, "register_head") == 0) {
		map_words_add(&w->notes, mem_printf("%s %s", words, text));
	} else if (is_integer || strcmp(key, "unidentified") == 0 || strcmp(key, "sensors") == 0) {
		longer = mem_printf("%s%s%s %s", w->coverage, w->coverage[0] != '\0' ? "; " : "",
		                    words, text);
		free(w->coverage);
		w->coverage = longer;
	}
	free(words);
}

/* What the map was asked to leave out belongs on it. */
static void note_filter(struct work *w)
{
	static const enum option shown[] = {OPTION_FROM, OPTION_TO, OPTION_WITH, OPTION_KIND,
	                                    OPTION_ZONE};

	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		const char *text = w->session->options->text[shown[i]];

		if (text != NULL) {
			map_words_add(&w->notes,
			              mem_printf("only %s %s", option_name(shown[i]), text));
		}
	}
}

static char *describe_period(const struct session *s)
{
	char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];
	int64_t from_us, to_us;

	if (s->summary.first_us == 0 && s->summary.last_us == 0) {
		return mem_strdup("nothing was recorded yet");
	}
	session_period(s, &from_us, &to_us);
	clock_format(from_us, first);
	clock_format(to_us, last);
	return mem_printf(
	        "%s to %s%s", first, last,
	        s->query.since_us != 0 || s->query.until_us != 0 ? " (in buckets of 1 hour)" : "");
}

/* "Example Trust (ODS RXX)"; NULL without a register: such a map says less. free() it. */
static char *describe_organisation(const struct work *w)
{
	const struct session *s = w->session;

	if (!w->is_of_register || s->organisation[0] == '\0') {
		return NULL;
	}
	return s->ods_code[0] != '\0' ? mem_printf("%s (ODS %s)", s->organisation, s->ods_code)
	                              : mem_strdup(s->organisation);
}

static int draw(struct work *w)
{
	static const enum map_view views[] = {[VIEW_NETWORK] = MAP_VIEW_NETWORK,
	                                      [VIEW_IG] = MAP_VIEW_IG,
	                                      [VIEW_PUBLIC] = MAP_VIEW_PUBLIC};
	const struct options *o = w->session->options;
	const char *level = o->text[OPTION_LEVEL];
	char *period = describe_period(w->session), *failed = NULL;
	char *organisation = describe_organisation(w);
	const struct map_input input = {
	        .rows = w->rows.row,
	        .n_rows = w->rows.n,
	        .organisation = organisation,
	        .title = o->text[OPTION_TITLE] == NULL && w->is_of_register
	                         ? "Data flows, declared and observed"
	                         : o->text[OPTION_TITLE],
	        .period = period,
	        .coverage = w->coverage,
	        .marking = o->text[OPTION_MARKING],
	        .notes = (const char *const *)w->notes.line,
	        .n_notes = w->notes.n,
	        .control = (const char *const *)w->control.line,
	        .n_control = w->control.n,
	        .view = views[w->session->view],
	        .level = level != NULL && strcmp(level, "zone") == 0 ? MAP_LEVEL_ZONE
	                                                             : MAP_LEVEL_HOST,
	        .top = o->top,
	        .is_all = o->text[OPTION_ALL] != NULL,
	};
	struct map *map = map_build(&input);
	int status;

	if (map_layout(map, NULL, &failed) != 0) {
		fprintf(stderr, "terrier: map: %s: drawn on a plain grid instead\n", failed);
	}
	status = output_map(o, map, w->session->format);
	free(failed);
	map_free(map);
	free(organisation);
	free(period);
	return status;
}

static void free_work(struct work *w)
{
	map_rows_free(&w->rows);
	map_words_free(&w->notes);
	map_words_free(&w->control);
	free(w->coverage);
}

/* Systems are told as assets to IG readers, and to others who ask. */
static int read_level(struct work *w, const struct options *o)
{
	const char *level = o->text[OPTION_LEVEL];

	w->is_of_assets = level != NULL ? strcmp(level, "asset") == 0 : w->session->view == VIEW_IG;
	if (level == NULL || strcmp(level, "organisation") != 0) {
		return EXIT_DONE;
	}
	return complain(
	        EXIT_CALLER,
	        "option --level: '%s': maps are not drawn at this level: write host, asset or zone",
	        level);
}

static int learn(struct work *w, const struct options *o)
{
	int status = register_load(&w->state, o, REGISTER_READ);

	status = status != EXIT_DONE ? status : register_learn(&w->state, w->session);
	w->is_of_register =
	        w->is_of_assets && w->session->view != VIEW_PUBLIC && status == EXIT_DONE &&
	        (w->state.assets->first != NULL || w->state.declarations->first != NULL);
	if (status == EXIT_DONE && o->text[OPTION_STATUS] != NULL && !w->is_of_register) {
		return complain(
		        EXIT_CALLER,
		        "option --status: there is a status where assets of a register are "
		        "drawn: leave out --level and --view, and enter assets and flows first "
		        "(terrier assets, terrier declare)");
	}
	return status;
}

static int add_rows(struct work *w)
{
	struct session *s = w->session;
	int status;

	if (w->is_of_register) {
		status = register_reconcile(&w->state, w->filter);
		if (status == EXIT_DONE) {
			map_flows_add(&w->rows, &w->state, &w->notes, &w->control);
		}
		return status;
	}
	register_know(&w->state, w->filter);
	return store_each_exchange(s->store, &s->query, see_exchange, w) != 0 ? session_complain(s)
	                                                                      : EXIT_DONE;
}

static int run(const struct options *o)
{
	struct session s;
	struct work w = {.session = &s, .coverage = mem_strdup("")};
	int status = session_open(&s, o, VIEW_IG, "svg", true);

	status = status != EXIT_DONE ? status : read_level(&w, o);
	status = status != EXIT_DONE ? status : register_check_status(o);
	if (status == EXIT_DONE) {
		w.filter = filter_new(&s, &status);
	}
	status = status != EXIT_DONE ? status : learn(&w, o);
	status = status != EXIT_DONE ? status : add_rows(&w);
	if (status == EXIT_DONE) {
		session_each_coverage(&s, see_coverage, &w);
		note_filter(&w);
		status = draw(&w);
	}
	filter_free(w.filter);
	register_unload(&w.state);
	free_work(&w);
	session_close(&s);
	return status;
}

const struct command command_map = {
        .name = "map",
        .summary = "the data-flow map",
        .arguments = "",
        .usage = "Draws systems by zone and what information goes between them. What does not fit "
                 "is\n"
                 "folded, and the map says so. With a register its flows are drawn: declared and "
                 "observed,\n"
                 "observed only (!), declared and not observed (dashed).\n\n"
                 "Examples:\n"
                 "  terrier map --output map.svg\n"
                 "  terrier map --with pacs --view network --output pacs.svg\n"
                 "  terrier map --kind 'clin.*' --level zone --title 'Clinical data' --output "
                 "clinical.svg\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_VIEW) | TAKES(OPTION_LEVEL) |
                 TAKES(OPTION_REGISTER) | TAKES(OPTION_STATUS) | TAKES(OPTION_COUNTRIES) |
                 TAKES(OPTION_PSEUDONYMS) | TAKES(OPTION_TITLE) | TAKES(OPTION_MARKING) |
                 TAKES(OPTION_TOP) | TAKES(OPTION_ALL) | TAKES(OPTION_DPI),
        .run = run,
};
