/* terrier explain: one exchange in full, and why its kind is what it is; or one finding or flow. */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/explain.h"
#include "terrier/cli/findings.h"
#include "terrier/cli/related.h"
#include "terrier/cli/show.h"
#include "terrier/model/packet.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOURS_SHOWN 48 /* a table for people sums longer histories by day */

static const struct table_column columns[] = {
        {"part", "About", TABLE_TEXT},
        {"item", "Item", TABLE_TEXT},
        {"value", "Value", TABLE_TEXT},
        {"count", "Count", TABLE_INTEGER},
        {"connections", "Connections", TABLE_INTEGER},
        {"messages", "Messages", TABLE_INTEGER},
        {"bytes_to_destination", "To destination", TABLE_BYTES},
        {"bytes_to_source", "To source", TABLE_BYTES},
        {"first_seen", "First seen", TABLE_TIME},
        {"last_seen", "Last seen", TABLE_TIME},
};

/* The end that is told about, kept for the questions that follow. */
struct side {
	const char *part;
	char *segment, *address;
	int64_t host; /* 0: not found */
};

struct work {
	struct session *session;
	struct table *table;
	const char *wanted; /* id or its beginning */
	size_t n_found;
	char id[DIGEST_ID_MAX];
	uint8_t ip_protocol;
	struct side side;
	struct volume_row *volumes;
	size_t n_volumes;
	struct finder *finder; /* NULL: not asked */
};

static void add_owned(struct work *w, const char *part, const char *item, char *value)
{
	show_fact(w->table, part, item, value);
	free(value);
}

static bool see_candidate(void *context, const struct exchange_row *row)
{
	struct work *w = context;

	if (explain_is_beginning(w->wanted, row->id, false)) {
		w->n_found++;
		snprintf(w->id, sizeof w->id, "%s", row->id);
	}
	return true;
}

static const char *initiated_words(const struct exchange_row *row)
{
	if (!row->initiated_by_source && !row->initiated_by_destination) {
		return "unknown: no connection was seen to begin";
	}
	return show_initiated(row->initiated_by_source, row->initiated_by_destination);
}

static void add_totals(struct work *w, const struct exchange_row *row)
{
	struct table *t = w->table;

	table_add_text(t, "exchange");
	table_add_text(t, "total");
	table_add_text(t, "");
	table_add_empty(t);
	show_count(t, row->connections);
	if (row->has_messages) {
		show_count(t, row->messages);
	} else {
		table_add_empty(t);
	}
	show_count(t, row->bytes_to_destination);
	show_count(t, row->bytes_to_source);
	table_add_time(t, row->first_us);
	table_add_time(t, row->last_us);
}

static bool see_kind(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	const struct kind *kind = session_kind(w->session, row->kind_id);

	add_owned(w, "kind", "kind",
	          mem_printf("%s (%s)", show_kind(w->session, row->kind_id), row->kind_id));
	show_fact(w->table, "kind", "tier", tier_name(show_tier(w->session, row->kind_id)));
	show_fact(w->table, "kind", "confidence", confidence_name(row->confidence));
	if (kind == NULL) {
		show_fact(w->table, "kind", "meaning", "not in the catalogue");
		return false;
	}
	show_fact(w->table, "kind", "special category", kind->special_category);
	show_fact(w->table, "kind", "data subjects", kind->data_subjects);
	show_fact(w->table, "kind", "meaning", kind->note);
	return false;
}

static bool see_limits(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	const struct store_summary *sum = &w->session->summary;
	uint64_t drops =
	        sum->counter[COVERAGE_KERNEL_DROPS] + sum->counter[COVERAGE_INTERFACE_DROPS];

	if (row->confidence == CONFIDENCE_LOW) {
		show_fact(w->table, "limit", "confidence",
		          "the kind follows from a port or a guess, not from content");
	}
	if (show_tier(w->session, row->kind_id) == TIER_UNKNOWN) {
		show_fact(
		        w->table, "limit", "tier",
		        "how sensitive this is depends on what the systems hold: ask their owner");
	}
	if (!row->was_clear && !row->was_encrypted) {
		show_fact(w->table, "limit", "encryption", "could not be told");
	}
	if (!sum->own_is_set) {
		show_fact(w->table, "limit", "place",
		          "inside and outside are not configured: set [networks] own in "
		          "terrier.conf");
	}
	if (drops > 0) {
		add_owned(w, "limit", "drops",
		          mem_printf("%" PRIu64 " packets were dropped: counters may be too low",
		                     drops));
	}
	if (sum->runs_again > 0) {
		show_fact(w->table, "limit", "counted again",
		          "a capture file was read more than once: counters may be too high");
	}
	return false;
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	char *port = show_port(row->ip_protocol, row->server_port);

	w->ip_protocol = row->ip_protocol;
	show_fact(w->table, "exchange", "id", row->id);
	show_fact(w->table, "exchange", "direction",
	          row->is_both ? "both ways; source is the client"
	                       : "one way, source to destination");
	show_fact(w->table, "exchange", "initiated by", initiated_words(row));
	add_owned(w, "exchange", "protocol", mem_printf("%s %s", row->protocol, port));
	show_fact(w->table, "exchange", "encrypted",
	          show_encrypted(row->was_clear, row->was_encrypted));
	if (row->segment[0] != '\0') {
		show_fact(w->table, "exchange", "segment", row->segment);
	}
	show_fact(w->table, "exchange", "sensor", row->sensor);
	add_totals(w, row);
	free(port);
	return false;
}

static void add_end(struct work *w, const char *part, const struct end *end)
{
	struct shown shown;

	show_end(w->session, end, &shown);
	show_fact(w->table, part, "name", shown.name[0] != '\0' ? shown.name : "none seen");
	if (shown.address[0] != '\0') {
		show_fact(w->table, part, "address", shown.address);
	}
	show_fact(w->table, part, "zone", shown.zone);
	w->side = (struct side){
	        .part = part,
	        .segment = mem_strdup(end->segment),
	        .address = mem_strdup(end->address),
	};
}

static bool see_source(void *context, const struct exchange_row *row)
{
	struct end end = end_source(row);

	add_end(context, "source", &end);
	return false;
}

static bool see_destination(void *context, const struct exchange_row *row)
{
	struct end end = end_destination(row);

	add_end(context, "destination", &end);
	return false;
}

static bool see_host(void *context, const struct host_row *row)
{
	struct side *side = context;

	if (strcmp(side->address, row->address) == 0 && strcmp(side->segment, row->segment) == 0) {
		side->host = row->id;
	}
	return side->host == 0;
}

static bool see_name(void *context, const struct name_row *row)
{
	struct work *w = context;
	struct table *t = w->table;
	char *item = mem_printf("name from %s", name_source_name(row->source));

	table_add_text(t, w->side.part);
	table_add_text(t, item);
	table_add_text(t, row->name);
	show_count(t, row->count);
	show_nothing(t, 4);
	table_add_time(t, row->first_us);
	table_add_time(t, row->last_us);
	free(item);
	return true;
}

static const char *way_words(enum info_direction direction)
{
	static const char *const words[] = {
	        [INFO_C2S] = "from client to server",
	        [INFO_S2C] = "from server to client",
	        [INFO_BOTH] = "both ways",
	        [INFO_MSG] = "with the message",
	        [INFO_HTTP] = "by the HTTP method",
	        [INFO_BALANCE] = "from the side that sent by far the most",
	};

	return words[direction];
}

/* Asks the catalogue in force today, which may have changed since. */
static bool match(const struct work *w, const struct evidence_row *row, struct kind_match *out)
{
	const char *slash = strchr(row->text, '/');

	if (row->type != EVIDENCE_PORT) {
		return catalogue_match(w->session->catalogue, row->type, row->text,
		                       strlen(row->text), out);
	}
	return catalogue_match_port(
	        w->session->catalogue, w->ip_protocol,
	        (uint16_t)strtoul(slash != NULL ? slash + 1 : row->text, NULL, 10), out);
}

static bool see_evidence(void *context, const struct evidence_row *row)
{
	struct work *w = context;
	struct kind_match found;
	char *value;

	if (row->type == EVIDENCE_OTHER || row->type == EVIDENCE_NONE) {
		value = mem_strdup(row->text);
	} else if (match(w, row, &found)) {
		value = mem_printf("%s: catalogue says %s, confidence %s, information goes %s",
		                   row->text, catalogue_kind(w->session->catalogue, found.kind)->id,
		                   confidence_name(found.confidence), way_words(found.direction));
	} else {
		value = mem_printf("%s: decided by a rule of the protocol, no row of the catalogue",
		                   row->text);
	}
	table_add_text(w->table, "evidence");
	table_add_text(w->table,
	               row->type == EVIDENCE_OTHER ? "fact" : evidence_type_name(row->type));
	table_add_text(w->table, value);
	show_count(w->table, row->count);
	show_nothing(w->table, 6);
	free(value);
	return true;
}

static bool see_volume(void *context, const struct volume_row *row)
{
	struct work *w = context;

	if ((w->n_volumes & (w->n_volumes - 1)) == 0) {
		w->volumes = mem_resize(w->volumes, w->n_volumes > 0 ? w->n_volumes * 2 : 1,
		                        sizeof *w->volumes);
	}
	w->volumes[w->n_volumes++] = *row;
	return true;
}

static void add_volume(struct work *w, const char *item, const struct volume_row *v, int len)
{
	char time[CLOCK_TEXT_MAX];
	char *value = mem_printf("%.*s", len, clock_format(v->hour_us, time));

	table_add_text(w->table, "volume");
	table_add_text(w->table, item);
	table_add_text(w->table, value);
	table_add_empty(w->table);
	show_count(w->table, v->connections);
	show_count(w->table, v->messages);
	show_count(w->table, v->bytes_to_destination);
	show_count(w->table, v->bytes_to_source);
	show_nothing(w->table, 2);
	free(value);
}

static int64_t day_of(int64_t us)
{
	return us / CLOCK_DAY_US - (us % CLOCK_DAY_US < 0);
}

static void add_volumes(struct work *w)
{
	bool by_day = w->n_volumes > HOURS_SHOWN && strcmp(w->session->format->name, "table") == 0;

	for (size_t i = 0, next; i < w->n_volumes; i = next) {
		struct volume_row sum = w->volumes[i];

		for (next = i + 1; by_day && next < w->n_volumes &&
		                   day_of(w->volumes[next].hour_us) == day_of(sum.hour_us);
		     next++) {
			sum.connections += w->volumes[next].connections;
			sum.messages += w->volumes[next].messages;
			sum.bytes_to_destination += w->volumes[next].bytes_to_destination;
			sum.bytes_to_source += w->volumes[next].bytes_to_source;
		}
		add_volume(w, by_day ? "day" : "hour", &sum, by_day ? 10 : CLOCK_TEXT_MAX);
	}
}

static int tell(struct work *w, store_exchange_fn *fn)
{
	struct store_query query = {.exchange_id = w->id};

	return store_each_exchange(w->session->store, &query, fn, w);
}

/* An end and all its names. */
static int tell_end(struct work *w, store_exchange_fn *fn)
{
	struct store *store = w->session->store;
	int result = tell(w, fn);

	if (w->side.address != NULL && w->session->view != VIEW_PUBLIC) {
		result = result != 0 ? result : store_each_host(store, see_host, &w->side);
		result = result != 0 || w->side.host == 0
		                 ? result
		                 : store_each_name(store, w->side.host, see_name, w);
	}
	free(w->side.segment);
	free(w->side.address);
	w->side = (struct side){0};
	return result;
}

/* The findings that rest on the exchange. In the public view they would be told by zone and have no ids. */
static void add_findings(struct work *w)
{
	for (size_t i = 0; w->finder != NULL && i < finder_count(w->finder); i++) {
		const struct finding *f = finder_get(w->finder, i);

		if (finder_rests_on(w->finder, i, w->id)) {
			add_owned(w, "finding", f->id,
			          mem_printf("%s: %s", severity_name(f->rule->severity), f->rule->title));
		}
	}
}

static int add_related(struct work *w)
{
	add_findings(w);
	return w->session->view != VIEW_PUBLIC ? related_add(w->session, w->table, w->id) : 0;
}

/* In the public view there are no flows with ids. */
static int add_flow(struct work *w)
{
	return w->session->view != VIEW_PUBLIC ? explain_add_flow_of(w->session, w->table, w->id) : EXIT_DONE;
}

static int explain(struct work *w)
{
	struct session *s = w->session;
	int status;

	if (tell(w, see_exchange) != 0 || tell_end(w, see_source) != 0 ||
	    tell_end(w, see_destination) != 0 || tell(w, see_kind) != 0 ||
	    store_each_evidence(s->store, w->id, see_evidence, w) != 0) {
		table_free(w->table);
		return session_complain(s);
	}
	status = add_flow(w);
	if (status != EXIT_DONE) {
		table_free(w->table);
		return status;
	}
	if (add_related(w) != 0 ||
	    store_each_volume(s->store, w->id, see_volume, w) != 0) {
		table_free(w->table);
		return session_complain(s);
	}
	add_volumes(w);
	if (tell(w, see_limits) != 0) {
		table_free(w->table);
		return session_complain(s);
	}
	return session_answer(s, w->table);
}

static int find_and_explain(struct work *w)
{
	struct register_state state = {0};
	struct store_query all = {0};
	int status = EXIT_DONE;

	if (store_each_exchange(w->session->store, &all, see_candidate, w) != 0) {
		return session_complain(w->session);
	}
	if (w->n_found == 0) {
		return complain(EXIT_CALLER,
		                "id %s: no such exchange in %s: terrier flows lists the ids",
		                w->wanted, options_database(w->session->options));
	}
	if (w->n_found > 1) {
		return complain(EXIT_CALLER,
		                "id %s: %zu exchanges begin like this: write more of it", w->wanted,
		                w->n_found);
	}
	if (w->session->view != VIEW_PUBLIC) {
		status = register_load(&state, w->session->options, REGISTER_READ);
		status = status == EXIT_DONE ? findings_of(&state, w->session, NULL, &w->finder) : status;
	}
	if (status == EXIT_DONE) {
		w->table = table_new("explain", columns, sizeof columns / sizeof columns[0]);
		status = explain(w);
	}
	free(w->volumes);
	finder_free(w->finder);
	register_unload(&state);
	return status;
}

/* Without its hyphen it may be the beginning of an exchange's. */
static bool is_of(char letter, const char *id)
{
	return (id[0] == letter || id[0] == letter - 'A' + 'a') && id[1] == '-';
}

static int run(const struct options *o)
{
	struct session s;
	struct work w = {.session = &s};
	int status;

	if (o->n_arguments != 1) {
		return complain(EXIT_CALLER, "explain: one id is wanted: write terrier explain "
		                             "X-..., as in terrier flows, F-..., as in terrier "
		                             "review, or N-..., as in terrier findings");
	}
	w.wanted = o->arguments[0];
	status = session_open(&s, o, VIEW_NETWORK, "table", false);
	if (status == EXIT_DONE) {
		status = is_of('N', w.wanted)   ? explain_finding(&s, w.wanted)
		         : is_of('F', w.wanted) ? explain_flow(&s, w.wanted)
		                                : find_and_explain(&w);
	}
	session_close(&s);
	return status;
}

const struct command command_explain = {
        .name = "explain",
        .summary = "one flow or finding in full: evidence, and how it was decided",
        .arguments = "ID",
        .usage = "Tells all about one exchange: both ends with every name, the evidence and what\n"
                 "the catalogue makes of it, the findings it is part of, what a DICOM C-MOVE had\n"
                 "sent elsewhere, the volume over time, and what could not be seen. Or all about\n"
                 "one finding: what was seen, why it matters, what to do, what the rule cannot\n"
                 "see, and every exchange it rests on. Or all about one flow of the register: who\n"
                 "its ends are and by what, its exchanges, what is declared, differs and was decided.\n"
                 "ID is the first column of terrier flows, review and findings; its beginning will\n"
                 "do while it is unique.\n\n"
                 "Examples, in the sample recording:\n"
                 "  terrier explain X-9h818c\n"
                 "  terrier explain N-p4hst2\n",
        .takes = TAKES_OUTPUT | TAKES(OPTION_VIEW) | TAKES(OPTION_REGISTER) |
                 TAKES(OPTION_PSEUDONYMS),
        .run = run,
};
