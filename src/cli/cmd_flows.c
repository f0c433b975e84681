/* terrier flows: which systems exchange which kinds of data. */
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/filter.h"
#include "terrier/cli/register_flows.h"
#include "terrier/model/transport.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

/* CONTRACT, terrier flows: names and order are fixed. Columns without a name are for the terminal.
 */
static const struct table_column columns[] = {
        {"exchange_id", "ID", TABLE_TEXT},
        {NULL, "From", TABLE_TEXT},
        {NULL, "", TABLE_TEXT},
        {NULL, "To", TABLE_TEXT},
        {"source_name", NULL, TABLE_TEXT},
        {"source_address", NULL, TABLE_TEXT},
        {"destination_name", NULL, TABLE_TEXT},
        {"destination_address", NULL, TABLE_TEXT},
        {"direction", NULL, TABLE_TEXT},
        {"initiated_by", NULL, TABLE_TEXT},
        {"transport", NULL, TABLE_TEXT},
        {"server_port", NULL, TABLE_INTEGER},
        {"protocol", NULL, TABLE_TEXT},
        {"kind_id", NULL, TABLE_TEXT},
        {"kind", "Kind of data", TABLE_TEXT},
        {"tier", "Tier", TABLE_TEXT},
        {"confidence", NULL, TABLE_TEXT},
        {"encrypted", "Encrypted", TABLE_TEXT},
        {NULL, "Protocol", TABLE_TEXT},
        {"connections", NULL, TABLE_INTEGER},
        {"messages", "Messages", TABLE_INTEGER},
        {NULL, "Size", TABLE_BYTES},
        {"bytes_to_destination", NULL, TABLE_BYTES},
        {"bytes_to_source", NULL, TABLE_BYTES},
        {"first_seen", NULL, TABLE_TIME},
        {"last_seen", "Last seen", TABLE_TIME},
        {"evidence", "Evidence", TABLE_TEXT},
        {"segment", NULL, TABLE_TEXT},
        {"sensor", NULL, TABLE_TEXT},
};

/* What views tell together: all exchanges of one kind between two organisations (public), or by one
 * protocol from or to the clients of a zone (IG). */
struct fold {
	char *key;
	char *from, *to, *kind_id, *protocol; /* protocol: NULL where it is not told */
	struct exchange_row sum;
	UT_hash_handle hh;
};

struct work {
	struct session *session;
	struct filter *filter;
	struct table *table;
	struct fold *folds;
};

static void add_protocol(struct table *t, const struct exchange_row *row)
{
	char *port = show_port(row->ip_protocol, row->server_port);
	char *text = mem_printf("%s %s", row->protocol, port);

	table_add_text(t, text);
	free(text);
	free(port);
}

static void add_ends(struct table *t, const struct exchange_row *row, const struct shown *from,
                     const struct shown *to)
{
	table_add_text(t, shown_label(from));
	table_add_text(t, row->is_both ? "↔" : "→");
	table_add_text(t, shown_label(to));
	table_add_text(t, from->name);
	table_add_text(t, from->address);
	table_add_text(t, to->name);
	table_add_text(t, to->address);
	table_add_text(t, row->is_both ? "both" : "one_way");
}

static void add_counters(struct table *t, const struct exchange_row *row)
{
	show_count(t, row->connections);
	if (row->has_messages) {
		show_count(t, row->messages);
	} else {
		table_add_empty(t);
	}
	show_count(t, row->bytes_to_destination + row->bytes_to_source);
	show_count(t, row->bytes_to_destination);
	show_count(t, row->bytes_to_source);
	table_add_time(t, row->first_us);
	table_add_time(t, row->last_us);
}

static void add_exchange(struct work *w, const struct exchange_row *row)
{
	struct end source = end_source(row), destination = end_destination(row);
	char transport[TRANSPORT_NAME_MAX];
	struct table *t = w->table;
	char *evidence = show_evidence(w->session, row->evidence);
	struct shown from, to;

	show_end(w->session, &source, &from);
	show_end(w->session, &destination, &to);
	table_add_text(t, row->id);
	add_ends(t, row, &from, &to);
	table_add_text(t, show_initiated(row->initiated_by_source, row->initiated_by_destination));
	table_add_text(t, transport_name(row->ip_protocol, transport));
	if (row->server_port != 0) {
		table_add_integer(t, row->server_port);
	} else {
		table_add_empty(t);
	}
	table_add_text(t, row->protocol);
	table_add_text(t, row->kind_id);
	table_add_text(t, show_kind(w->session, row->kind_id));
	table_add_text(t, tier_name(show_tier(w->session, row->kind_id)));
	table_add_text(t, confidence_name(row->confidence));
	table_add_text(t, show_encrypted(row->was_clear, row->was_encrypted));
	add_protocol(t, row);
	add_counters(t, row);
	table_add_text(t, evidence);
	free(evidence);
	table_add_text(t, row->segment);
	table_add_text(t, row->sensor);
}

/* What an end is called in a fold; NULL for one that is told by itself. */
static const char *fold_name(const struct session *s, const struct end *end, struct shown *shown)
{
	show_end(s, end, shown);
	if (s->view == VIEW_PUBLIC) {
		return shown->name;
	}
	return s->view == VIEW_IG && !end->is_party && end->name[0] != '\0' &&
	                       shown->name[0] == '\0'
	               ? shown->address
	               : NULL;
}

static struct fold *find_fold(struct work *w, const struct exchange_row *row, const char *from,
                              const char *to)
{
	bool is_public = w->session->view == VIEW_PUBLIC;
	struct fold *fold;
	char *key = is_public ? mem_printf("%s\n%s\n%d\n%s", from, to, row->is_both, row->kind_id)
	                      : mem_printf("%s\n%s\n%d\n%s\n%s %u/%u", from, to, row->is_both,
	                                   row->kind_id, row->protocol, row->ip_protocol,
	                                   row->server_port);

	HASH_FIND_STR(w->folds, key, fold);
	if (fold != NULL) {
		free(key);
		return fold;
	}
	fold = mem_zalloc(1, sizeof *fold);
	*fold = (struct fold){.key = key,
	                      .from = mem_strdup(from),
	                      .to = mem_strdup(to),
	                      .kind_id = mem_strdup(row->kind_id),
	                      .protocol = is_public ? NULL : mem_strdup(row->protocol)};
	fold->sum = (struct exchange_row){
	        .is_both = row->is_both,
	        .confidence = row->confidence,
	        .ip_protocol = row->ip_protocol,
	        .server_port = row->server_port,
	        .first_us = row->first_us,
	        .last_us = row->last_us,
	};
	HASH_ADD_KEYPTR(hh, w->folds, fold->key, strlen(fold->key), fold);
	return fold;
}

static void fold_exchange(struct exchange_row *sum, const struct exchange_row *row)
{
	sum->connections += row->connections;
	sum->messages += row->messages;
	sum->bytes_to_destination += row->bytes_to_destination;
	sum->bytes_to_source += row->bytes_to_source;
	sum->has_messages |= row->has_messages;
	sum->initiated_by_source |= row->initiated_by_source;
	sum->initiated_by_destination |= row->initiated_by_destination;
	sum->was_clear |= row->was_clear;
	sum->was_encrypted |= row->was_encrypted;
	sum->confidence = row->confidence < sum->confidence ? row->confidence : sum->confidence;
	sum->first_us = row->first_us < sum->first_us ? row->first_us : sum->first_us;
	sum->last_us = row->last_us > sum->last_us ? row->last_us : sum->last_us;
}

static void add_fold_method(struct table *t, const struct fold *fold)
{
	char transport[TRANSPORT_NAME_MAX];

	if (fold->protocol == NULL) {
		show_nothing(t, 4); /* initiated_by to protocol */
		return;
	}
	table_add_text(t, show_initiated(fold->sum.initiated_by_source,
	                                 fold->sum.initiated_by_destination));
	table_add_text(t, transport_name(fold->sum.ip_protocol, transport));
	if (fold->sum.server_port != 0) {
		table_add_integer(t, fold->sum.server_port);
	} else {
		table_add_empty(t);
	}
	table_add_text(t, fold->protocol);
}

static void add_fold(struct work *w, struct fold *fold)
{
	struct shown from = {.name = fold->from, .address = ""},
	             to = {.name = fold->to, .address = ""};
	struct table *t = w->table;

	fold->sum.protocol = fold->protocol;
	table_add_empty(t); /* an id would lead to the systems */
	add_ends(t, &fold->sum, &from, &to);
	add_fold_method(t, fold);
	table_add_text(t, fold->kind_id);
	table_add_text(t, show_kind(w->session, fold->kind_id));
	table_add_text(t, tier_name(show_tier(w->session, fold->kind_id)));
	table_add_text(t, confidence_name(fold->sum.confidence));
	table_add_text(t, show_encrypted(fold->sum.was_clear, fold->sum.was_encrypted));
	if (fold->protocol != NULL) {
		add_protocol(t, &fold->sum);
	} else {
		table_add_empty(t);
	}
	add_counters(t, &fold->sum);
	show_nothing(t, 3); /* evidence, segment, sensor */
}

static int compare_folds(const struct fold *a, const struct fold *b)
{
	return strcmp(a->key, b->key);
}

static void add_folds(struct work *w)
{
	struct fold *fold, *next;

	HASH_SORT(w->folds, compare_folds);
	HASH_ITER(hh, w->folds, fold, next)
	{
		add_fold(w, fold);
		HASH_DEL(w->folds, fold);
		free(fold->key);
		free(fold->from);
		free(fold->to);
		free(fold->kind_id);
		free(fold->protocol);
		free(fold);
	}
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct end source = end_source(row), destination = end_destination(row);
	struct work *w = context;
	struct shown from, to;

	if (!filter_passes(w->filter, row)) {
		return true;
	}
	const char *folded_from = fold_name(w->session, &source, &from),
	           *folded_to = fold_name(w->session, &destination, &to);

	if (folded_from == NULL && folded_to == NULL) {
		add_exchange(w, row);
	} else {
		fold_exchange(&find_fold(w, row,
		                         folded_from != NULL ? folded_from : shown_label(&from),
		                         folded_to != NULL ? folded_to : shown_label(&to))
		                       ->sum,
		              row);
	}
	return true;
}

static int list_exchanges(struct session *s, struct filter *f)
{
	struct work w = {.session = s, .filter = f};
	int failed;

	w.table = table_new("flows", columns, sizeof columns / sizeof columns[0]);
	failed = store_each_exchange(s->store, &s->query, see_exchange, &w);
	add_folds(&w);
	if (failed != 0) {
		table_free(w.table);
		return session_complain(s);
	}
	return session_answer(s, w.table);
}

/* Who is who decides what the other views tell. */
static int list_known(struct session *s, struct filter *f)
{
	struct register_state state = {0};
	int status = register_load(&state, s->options, REGISTER_READ);

	status = status != EXIT_DONE ? status : register_learn(&state, s);
	if (status == EXIT_DONE) {
		register_know(&state, f);
		status = list_exchanges(s, f);
	}
	register_unload(&state);
	return status;
}

static int list(struct session *s, struct filter *f)
{
	enum flow_level level = flow_level_of(s->options, LEVEL_HOST);
	struct register_state state = {0};
	struct table *t;
	int status;

	if (level == LEVEL_HOST) {
		return list_known(s, f);
	}
	status = register_flows(&state, s, f, level, &t);
	status = status == EXIT_DONE ? session_answer(s, t) : status;
	register_unload(&state);
	return status;
}

static int run(const struct options *o)
{
	return filter_answer(o, list);
}

const struct command command_flows = {
        .name = "flows",
        .summary = "which systems exchange which kinds of data",
        .arguments = "",
        .usage = "Lists the exchanges that were seen: one row for each source, destination, port "
                 "and\n"
                 "kind of data. Source and destination follow the information, not the "
                 "connection.\n\n"
                 "Examples:\n"
                 "  terrier flows --with pacs --since 7d\n"
                 "  terrier flows --kind 'clin.*' --zone Outside --view ig\n"
                 "  terrier flows --format csv --output flows.csv\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) |
                 TAKES(OPTION_LEVEL) | TAKES(OPTION_STATUS) | TAKES(OPTION_REGISTER) |
                 TAKES(OPTION_PSEUDONYMS) | TAKES(OPTION_SYSTEM_NAMES),
        .run = run,
};
