/* Reading exchanges: each call is one statement, so one short read transaction, with small ones
 * inside it. */
#include "evidence.h"
#include "exchange_id.h"
#include "pending.h"
#include "sql.h"

#include "terrier/base/clock.h"

#include <stdlib.h>

/* clang-format off: it breaks SQL where no reader would */
#define HALF "0x3fffffffffffffff" /* two of these can be added */

#define VOLUME_OF                                                                                  \
	"SELECT hour, sum(min(connections, " HALF ")), sum(min(messages, " HALF ")), "             \
	"sum(min(bytes_to_destination, " HALF ")), sum(min(bytes_to_source, " HALF                 \
	")) FROM volume_all "                                                                      \
	"WHERE exchange IN (?1, -?1) AND hour BETWEEN ?2 AND ?3 GROUP BY hour ORDER BY hour"

#define EXCHANGES_FROM                                                                             \
	"WITH best AS MATERIALIZED (SELECT host, name FROM best_name) "                            \
	"SELECT e.id, s.segment, s.address, d.address, sn.name, dn.name, s.addr, d.addr, "         \
	"s.is_party, d.is_party, "                                                                 \
	"s.is_inside, d.is_inside, e.is_both, e.initiated_by_source, e.initiated_by_destination, " \
	"e.ip_protocol, "                                                                          \
	"e.server_port, e.protocol, e.kind_id, e.confidence, e.was_clear, e.was_encrypted, "       \
	"e.has_messages, "                                                                         \
	"e.connections, e.messages, e.bytes_to_destination, e.bytes_to_source, e.first_us, "       \
	"e.last_us, "                                                                              \
	"(SELECT group_concat(name, '; ') FROM (SELECT name FROM sensor WHERE e.sensors >> "       \
	"number & 1 "                                                                              \
	"ORDER BY name)), e.evidence, e.provisional_evidence "                                     \
	"FROM exchange_now AS e JOIN host AS s ON s.id = e.source JOIN host AS d ON d.id = "       \
	"e.destination "                                                                           \
	"LEFT JOIN best AS sn ON sn.host = s.id LEFT JOIN best AS dn ON dn.host = d.id "

#define EXCHANGES_ORDER                                                                            \
	" ORDER BY s.segment, s.addr IS NULL, s.addr, s.address, d.addr IS NULL, d.addr, "         \
	"d.address, "                                                                              \
	"e.ip_protocol, e.server_port, e.kind_id, e.id"
/* clang-format on */

enum column {
	COLUMN_ID,
	COLUMN_SEGMENT,
	COLUMN_SOURCE_ADDRESS,
	COLUMN_DESTINATION_ADDRESS,
	COLUMN_SOURCE_NAME,
	COLUMN_DESTINATION_NAME,
	COLUMN_SOURCE,
	COLUMN_DESTINATION,
	COLUMN_SOURCE_IS_PARTY,
	COLUMN_DESTINATION_IS_PARTY,
	COLUMN_SOURCE_IS_INSIDE,
	COLUMN_DESTINATION_IS_INSIDE,
	COLUMN_IS_BOTH,
	COLUMN_INITIATED_BY_SOURCE,
	COLUMN_INITIATED_BY_DESTINATION,
	COLUMN_IP_PROTOCOL,
	COLUMN_SERVER_PORT,
	COLUMN_PROTOCOL,
	COLUMN_KIND_ID,
	COLUMN_CONFIDENCE,
	COLUMN_WAS_CLEAR,
	COLUMN_WAS_ENCRYPTED,
	COLUMN_HAS_MESSAGES,
	COLUMN_CONNECTIONS,
	COLUMN_MESSAGES,
	COLUMN_BYTES_TO_DESTINATION,
	COLUMN_BYTES_TO_SOURCE,
	COLUMN_FIRST,
	COLUMN_LAST,
	COLUMN_SENSORS,
	COLUMN_EVIDENCE,
	COLUMN_PROVISIONAL_EVIDENCE,
};

/* One reading of exchanges. */
struct reading {
	struct store *store;
	sqlite3_stmt *exchanges, *volume; /* volume: only with a window */
	int64_t first_hour, last_hour;
};

static void fill_row(sqlite3_stmt *from, struct exchange_row *row)
{
	exchange_id_print(sqlite3_column_int64(from, COLUMN_ID), row->id);
	row->segment = sql_text(from, COLUMN_SEGMENT);
	row->sensor = sql_text(from, COLUMN_SENSORS);
	row->source_address = sql_text(from, COLUMN_SOURCE_ADDRESS);
	row->destination_address = sql_text(from, COLUMN_DESTINATION_ADDRESS);
	row->source_name = sql_text(from, COLUMN_SOURCE_NAME);
	row->destination_name = sql_text(from, COLUMN_DESTINATION_NAME);
	row->source = sql_addr(from, COLUMN_SOURCE);
	row->destination = sql_addr(from, COLUMN_DESTINATION);
	row->source_is_party = sqlite3_column_int(from, COLUMN_SOURCE_IS_PARTY) != 0;
	row->destination_is_party = sqlite3_column_int(from, COLUMN_DESTINATION_IS_PARTY) != 0;
	row->source_is_inside = sqlite3_column_int(from, COLUMN_SOURCE_IS_INSIDE) != 0;
	row->destination_is_inside = sqlite3_column_int(from, COLUMN_DESTINATION_IS_INSIDE) != 0;
	row->is_both = sqlite3_column_int(from, COLUMN_IS_BOTH) != 0;
	row->initiated_by_source = sqlite3_column_int(from, COLUMN_INITIATED_BY_SOURCE) != 0;
	row->initiated_by_destination =
	        sqlite3_column_int(from, COLUMN_INITIATED_BY_DESTINATION) != 0;
	row->ip_protocol = (uint8_t)sqlite3_column_int(from, COLUMN_IP_PROTOCOL);
	row->server_port = (uint16_t)sqlite3_column_int(from, COLUMN_SERVER_PORT);
	row->protocol = sql_text(from, COLUMN_PROTOCOL);
	row->kind_id = sql_text(from, COLUMN_KIND_ID);
	row->confidence = (enum confidence)sqlite3_column_int(from, COLUMN_CONFIDENCE);
	row->was_clear = sqlite3_column_int(from, COLUMN_WAS_CLEAR) != 0;
	row->was_encrypted = sqlite3_column_int(from, COLUMN_WAS_ENCRYPTED) != 0;
	row->has_messages = sqlite3_column_int(from, COLUMN_HAS_MESSAGES) != 0;
	row->connections = sql_counter(from, COLUMN_CONNECTIONS);
	row->messages = sql_counter(from, COLUMN_MESSAGES);
	row->bytes_to_destination = sql_counter(from, COLUMN_BYTES_TO_DESTINATION);
	row->bytes_to_source = sql_counter(from, COLUMN_BYTES_TO_SOURCE);
	row->first_us = sqlite3_column_int64(from, COLUMN_FIRST);
	row->last_us = sqlite3_column_int64(from, COLUMN_LAST);
}

static void fill_volume(sqlite3_stmt *from, struct volume_row *row)
{
	row->hour_us = sqlite3_column_int64(from, 0) * CLOCK_HOUR_US;
	row->connections = sql_counter(from, 1);
	row->messages = sql_counter(from, 2);
	row->bytes_to_destination = sql_counter(from, 3);
	row->bytes_to_source = sql_counter(from, 4);
}

/* Replaces the sums by those of the window: 1, or 0 when nothing happened in it, or -1. The hours need a look only
 * where the exchange began before the window or went on after it. */
static int read_window(struct reading *r, int64_t exchange, struct exchange_row *row)
{
	int64_t first = clock_hour_us(row->first_us) / CLOCK_HOUR_US, last = clock_hour_us(row->last_us) / CLOCK_HOUR_US;
	bool has_hour = false;
	struct volume_row hour;
	int result;

	if (last < r->first_hour || first > r->last_hour) {
		return 0;
	}
	if (first >= r->first_hour && last <= r->last_hour) {
		return 1;
	}
	sqlite3_reset(r->volume);
	sql_bind_integer(r->volume, 1, exchange);
	sql_bind_integer(r->volume, 2, r->first_hour);
	sql_bind_integer(r->volume, 3, r->last_hour);
	row->connections = row->messages = row->bytes_to_destination = row->bytes_to_source = 0;
	while ((result = sql_step(r->store, r->volume)) == 1) {
		has_hour = true;
		fill_volume(r->volume, &hour);
		row->connections = sql_add(row->connections, hour.connections);
		row->messages = sql_add(row->messages, hour.messages);
		row->bytes_to_destination =
		        sql_add(row->bytes_to_destination, hour.bytes_to_destination);
		row->bytes_to_source = sql_add(row->bytes_to_source, hour.bytes_to_source);
	}
	return result < 0 ? -1 : has_hour;
}

static struct evidence_row evidence_of(const struct evidence_item *item)
{
	bool is_rest = item->type == EVIDENCE_NONE;

	return (struct evidence_row){
	        .type = is_rest ? EVIDENCE_OTHER : (enum evidence_type)item->type,
	        .text = is_rest ? "(more)" : item->text,
	        .count = item->count,
	};
}

/* One row to the caller: 1 go on, 0 stop, -1 failed. */
static int hand_over(struct reading *r, store_exchange_fn *fn, void *context)
{
	struct evidence_row items[EVIDENCE_MAX + 2];
	struct evidence_list evidence;
	struct exchange_row row;

	fill_row(r->exchanges, &row);
	if (r->volume != NULL) {
		int result = read_window(r, sqlite3_column_int64(r->exchanges, COLUMN_ID), &row);
		if (result <= 0) {
			return result < 0 ? -1 : 1;
		}
	}
	evidence.n = 0;
	evidence_read(&evidence, sql_text(r->exchanges, COLUMN_EVIDENCE));
	evidence_read(&evidence, sql_text(r->exchanges, COLUMN_PROVISIONAL_EVIDENCE));
	evidence_sort(&evidence);

	char *text = evidence_print(&evidence);

	row.evidence = text;
	row.items = items;
	row.n_items = evidence.n;
	for (size_t i = 0; i < evidence.n; i++) {
		items[i] = evidence_of(&evidence.items[i]);
	}
	bool goes_on = fn(context, &row);
	free(text);
	return goes_on;
}

static int prepare(struct reading *r, const struct store_query *q)
{
	bool has_window = q->since_us != 0 || q->until_us != 0;

	r->first_hour = q->since_us != 0 ? clock_hour_us(q->since_us) / CLOCK_HOUR_US : INT64_MIN;
	r->last_hour =
	        q->until_us != 0 ? clock_hour_us(q->until_us - 1) / CLOCK_HOUR_US : INT64_MAX;
	r->exchanges = sql_new(r->store, q->exchange_id != NULL ? EXCHANGES_FROM
	                                         "WHERE e.id = ?1" EXCHANGES_ORDER
	                                                        : EXCHANGES_FROM EXCHANGES_ORDER);
	r->volume = has_window ? sql_new(r->store, VOLUME_OF) : NULL;
	if (r->exchanges == NULL || (has_window && r->volume == NULL)) {
		return -1;
	}
	if (q->exchange_id != NULL) {
		sql_bind_integer(r->exchanges, 1, exchange_id_parse(q->exchange_id));
	}
	return 0;
}

int store_each_exchange(struct store *s, const struct store_query *q, store_exchange_fn *fn,
                        void *context)
{
	struct reading r = {.store = s};
	int result = pending_catch_up(s) == 0 ? prepare(&r, q) : -1;

	if (result == 0) {
		do {
			result = sql_step(s, r.exchanges);
		} while (result == 1 && (result = hand_over(&r, fn, context)) == 1);
	}
	sqlite3_finalize(r.exchanges);
	sqlite3_finalize(r.volume);
	return result;
}

int store_each_deed(struct store *s, store_deed_fn *fn, void *context)
{
	static const char text[] = "SELECT source, destination, protocol, kind_id, confidence, is_both, "
	                           "initiated_by_source, initiated_by_destination FROM exchange_now";
	sqlite3_stmt *deeds = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;
	bool goes_on = true;
	int result = -1;

	while (goes_on && (result = sql_step(s, deeds)) == 1) {
		struct deed_row row = {
		        .source = sqlite3_column_int64(deeds, 0),
		        .destination = sqlite3_column_int64(deeds, 1),
		        .protocol = sql_text(deeds, 2),
		        .kind_id = sql_text(deeds, 3),
		        .confidence = (enum confidence)sqlite3_column_int(deeds, 4),
		        .is_both = sqlite3_column_int(deeds, 5) != 0,
		        .initiated_by_source = sqlite3_column_int(deeds, 6) != 0,
		        .initiated_by_destination = sqlite3_column_int(deeds, 7) != 0,
		};

		goes_on = fn(context, &row);
	}
	sqlite3_finalize(deeds);
	return result < 0 ? -1 : 0;
}

int store_each_evidence(struct store *s, const char *exchange_id, store_evidence_fn *fn,
                        void *context)
{
	static const char text[] =
	        "SELECT evidence, provisional_evidence FROM exchange_now WHERE id = ?1";
	sqlite3_stmt *exchange = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;
	struct evidence_list list;

	sql_bind_integer(exchange, 1, exchange_id_parse(exchange_id));
	int result = sql_step(s, exchange);

	list.n = 0;
	if (result == 1) {
		evidence_read(&list, sql_text(exchange, 0));
		evidence_read(&list, sql_text(exchange, 1));
		evidence_sort(&list);
	}
	sqlite3_finalize(exchange);
	for (size_t i = 0; i < list.n; i++) {
		struct evidence_row row = evidence_of(&list.items[i]);

		if (!fn(context, &row)) {
			break;
		}
	}
	return result < 0 ? -1 : 0;
}

int store_each_volume(struct store *s, const char *exchange_id, store_volume_fn *fn, void *context)
{
	sqlite3_stmt *hours = pending_catch_up(s) == 0 ? sql_new(s, VOLUME_OF) : NULL;
	bool goes_on = true;
	struct volume_row row;
	int result = -1;

	sql_bind_integer(hours, 1, exchange_id_parse(exchange_id));
	sql_bind_integer(hours, 2, INT64_MIN);
	sql_bind_integer(hours, 3, INT64_MAX);
	while (goes_on && (result = sql_step(s, hours)) == 1) {
		fill_volume(hours, &row);
		goes_on = fn(context, &row);
	}
	sqlite3_finalize(hours);
	return result < 0 ? -1 : 0;
}
