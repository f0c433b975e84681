/* Reading hosts and their names. */
#include "pending.h"
#include "sql.h"

#define NAMES_SHOWN 32

int store_each_host(struct store *s, store_host_fn *fn, void *context)
{
	static const char text[] =
	        "SELECT h.id, h.segment, h.address, h.addr, h.is_party, h.is_inside, n.name, "
	        "n.source, h.mac, "
	        "h.empty_out, h.empty_in, h.unanswered_out, h.unanswered_in, t.first_us, t.last_us "
	        "FROM host AS h JOIN host_seen AS t ON t.host = h.id LEFT JOIN best_name AS n ON "
	        "n.host = h.id "
	        "ORDER BY h.segment, h.addr IS NULL, h.addr, h.address";
	sqlite3_stmt *hosts = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;
	bool goes_on = true;
	int result = -1;

	while (goes_on && (result = sql_step(s, hosts)) == 1) {
		struct host_row row = {
		        .id = sqlite3_column_int64(hosts, 0),
		        .segment = sql_text(hosts, 1),
		        .address = sql_text(hosts, 2),
		        .addr = sql_addr(hosts, 3),
		        .is_party = sqlite3_column_int(hosts, 4) != 0,
		        .is_inside = sqlite3_column_int(hosts, 5) != 0,
		        .best_name = sql_text(hosts, 6),
		        .best_source = (enum name_source)sqlite3_column_int(hosts, 7),
		        .mac = sql_text(hosts, 8),
		        .empty_out = sql_counter(hosts, 9),
		        .empty_in = sql_counter(hosts, 10),
		        .unanswered_out = sql_counter(hosts, 11),
		        .unanswered_in = sql_counter(hosts, 12),
		        .first_us = sqlite3_column_int64(hosts, 13),
		        .last_us = sqlite3_column_int64(hosts, 14),
		};
		goes_on = fn(context, &row);
	}
	sqlite3_finalize(hosts);
	return result < 0 ? -1 : 0;
}

int store_each_name(struct store *s, int64_t host, store_name_fn *fn, void *context)
{
	/* of each host the most seen ones, then the best of them first */
	static const char text[] =
	        "WITH best AS MATERIALIZED (SELECT host, source, name FROM best_name), "
	        "placed AS (SELECT *, row_number() OVER (PARTITION BY host ORDER BY count DESC, source, name) AS place "
	        "FROM name WHERE ?1 = 0 OR host = ?1) "
	        "SELECT n.source, n.name, n.count, n.first_us, n.last_us, n.host FROM placed AS n "
	        "JOIN name_source AS r ON r.number = n.source "
	        "LEFT JOIN best AS b ON b.host = n.host AND b.source = n.source AND b.name = n.name "
	        "WHERE place <= ?2 ORDER BY n.host, b.host IS NULL, r.rank, n.count DESC, n.name";
	sqlite3_stmt *names = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;
	bool goes_on = true;
	int result = -1;

	sql_bind_integer(names, 1, host);
	sql_bind_integer(names, 2, NAMES_SHOWN);
	while (goes_on && (result = sql_step(s, names)) == 1) {
		struct name_row row = {
		        .source = (enum name_source)sqlite3_column_int(names, 0),
		        .name = sql_text(names, 1),
		        .count = sql_counter(names, 2),
		        .first_us = sqlite3_column_int64(names, 3),
		        .last_us = sqlite3_column_int64(names, 4),
		        .host = sqlite3_column_int64(names, 5),
		};
		goes_on = fn(context, &row);
	}
	sqlite3_finalize(names);
	return result < 0 ? -1 : 0;
}

int store_each_host_name(struct store *s, store_host_name_fn *fn, void *context)
{
	/* what the view best_name leaves out as well */
	static const char text[] =
	        "SELECT n.host, n.source, n.name FROM name AS n JOIN host AS h ON h.id = n.host LEFT JOIN "
	        "(SELECT segment, address FROM host WHERE is_inside = 0 AND is_party = 1) AS outside "
	        "ON h.is_inside = 1 AND outside.segment = h.segment AND outside.address = '[' || n.name || ']' "
	        "WHERE outside.address IS NULL AND NOT (h.is_inside = 1 AND h.is_party = 0 AND n.is_foreign) "
	        "ORDER BY n.host, n.source, n.name";
	sqlite3_stmt *names = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;
	bool goes_on = true;
	int result = -1;

	while (goes_on && (result = sql_step(s, names)) == 1) {
		goes_on = fn(context, sqlite3_column_int64(names, 0),
		             (enum name_source)sqlite3_column_int(names, 1), sql_text(names, 2));
	}
	sqlite3_finalize(names);
	return result < 0 ? -1 : 0;
}
