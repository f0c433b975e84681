/* terrier flows: which systems exchange which kinds of data. */
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/filter.h"
#include "terrier/cli/register_flows.h"
#include "terrier/model/transport.h"

#include <stdlib.h>

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

struct work {
	struct session *session;
	struct filter *filter;
	struct table *table;
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
	table_add_text(t, row->evidence);
	table_add_text(t, row->segment);
	table_add_text(t, row->sensor);
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;

	if (filter_passes(w->filter, row)) {
		add_exchange(w, row);
	}
	return true;
}

static int list_exchanges(struct session *s, struct filter *f)
{
	struct work w = {.session = s, .filter = f};

	w.table = table_new("flows", columns, sizeof columns / sizeof columns[0]);
	if (store_each_exchange(s->store, &s->query, see_exchange, &w) != 0) {
		table_free(w.table);
		return session_complain(s);
	}
	return session_answer(s, w.table);
}

static int list(struct session *s, struct filter *f)
{
	enum flow_level level = flow_level_of(s->options, s->view, LEVEL_HOST);
	struct register_state state = {0};
	struct table *t;
	int status;

	if (level == LEVEL_HOST && s->view == VIEW_NETWORK) {
		return list_exchanges(s, f);
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
