/* Reading what moved and what was watched hour by hour, in bulk, for pictures over time. */
#include "exchange_id.h"
#include "pending.h"
#include "sql.h"

#include "terrier/base/clock.h"

/* Both come in the order of the exchanges: sorting or joining them in SQL costs several times what
 * reading does. */
struct reading {
	struct store *store;
	sqlite3_stmt *exchanges, *hours;
	int64_t first, last; /* hours of the window */
	int state;           /* of the hours: 1 there is one, 0 no more, -1 failed */
	store_hour_fn *fn;
	void *context;
};

/* The first and last hour that a window overlaps. */
static void window_of(const struct store_query *q, int64_t *first, int64_t *last)
{
	*first = q->since_us != 0 ? clock_hour_us(q->since_us) / CLOCK_HOUR_US : INT64_MIN / 60;
	*last = q->until_us != 0 ? clock_hour_us(q->until_us - 1) / CLOCK_HOUR_US
	                         : INT64_MAX / 60 - 1;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

static bool hand_over(struct reading *r, struct hour_row *row, int64_t hour)
{
	bool goes_on = true;

	if (hour >= r->first && hour <= r->last) {
		row->volume.hour_us = hour * CLOCK_HOUR_US;
		goes_on = r->fn(r->context, row);
		row->is_first = false;
	}
	return goes_on;
}

/* The hours of one exchange; its own hour has what these leave of its sums. */
static bool read_exchange(struct reading *r)
{
	int64_t id = sqlite3_column_int64(r->exchanges, 0);
	struct hour_row row = {.kind_id = sql_text(r->exchanges, 1), .is_first = true};
	struct volume_row rest = {
	        .connections = sql_counter(r->exchanges, 3),
	        .messages = sql_counter(r->exchanges, 4),
	        .bytes_to_destination = sql_counter(r->exchanges, 5),
	        .bytes_to_source = sql_counter(r->exchanges, 6),
	};
	bool goes_on = true;

	exchange_id_print(id < 0 ? -id : id, row.exchange_id);
	while (goes_on && r->state == 1 && sqlite3_column_int64(r->hours, 0) <= id) {
		if (sqlite3_column_int64(r->hours, 0) == id) {
			row.volume.connections = sql_counter(r->hours, 2);
			row.volume.messages = sql_counter(r->hours, 3);
			row.volume.bytes_to_destination = sql_counter(r->hours, 4);
			row.volume.bytes_to_source = sql_counter(r->hours, 5);
			rest.connections = less(rest.connections, row.volume.connections);
			rest.messages = less(rest.messages, row.volume.messages);
			rest.bytes_to_destination =
			        less(rest.bytes_to_destination, row.volume.bytes_to_destination);
			rest.bytes_to_source =
			        less(rest.bytes_to_source, row.volume.bytes_to_source);
			goes_on = hand_over(r, &row, sqlite3_column_int64(r->hours, 1));
		}
		r->state = sql_step(r->store, r->hours);
	}
	row.volume = rest;
	return goes_on && r->state >= 0 &&
	       hand_over(r, &row, sqlite3_column_int64(r->exchanges, 2));
}

int store_each_hour(struct store *s, const struct store_query *q, store_hour_fn *fn, void *context)
{
	struct reading r = {.store = s, .fn = fn, .context = context};
	bool goes_on = true;
	int result = -1;

	window_of(q, &r.first, &r.last);
	if (pending_catch_up(s) == 0) {
		r.exchanges = sql_new(
		        s, "SELECT id, kind_id, hour, connections, messages, bytes_to_destination, "
		           "bytes_to_source FROM exchange ORDER BY id");
		r.hours = sql_new(
		        s, "SELECT exchange, hour, connections, messages, bytes_to_destination, "
		           "bytes_to_source FROM volume ORDER BY exchange, hour");
		r.state = r.exchanges != NULL ? sql_step(s, r.hours) : -1;
	}
	while (goes_on && r.state >= 0 && (result = sql_step(s, r.exchanges)) == 1) {
		goes_on = read_exchange(&r);
	}
	sqlite3_finalize(r.exchanges);
	sqlite3_finalize(r.hours);
	return result < 0 || r.state < 0 ? -1 : 0;
}

static sqlite3_stmt *new_in_window(struct store *s, const struct store_query *q, const char *text)
{
	sqlite3_stmt *rows = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;
	int64_t first, last;

	window_of(q, &first, &last);
	sql_bind_integer(rows, 1, first * 60);
	sql_bind_integer(rows, 2, last * 60 + 59);
	return rows;
}

int store_each_watched_hour(struct store *s, const struct store_query *q, store_watched_hour_fn *fn,
                            void *context)
{
	sqlite3_stmt *hours = new_in_window(
	        s, q,
	        "SELECT DISTINCT minute / 60 FROM coverage WHERE minute BETWEEN ?1 AND "
	        "?2 ORDER BY 1");
	bool goes_on = true;
	int result = -1;

	while (goes_on && (result = sql_step(s, hours)) == 1) {
		goes_on = fn(context, sqlite3_column_int64(hours, 0) * CLOCK_HOUR_US);
	}
	sqlite3_finalize(hours);
	return result < 0 ? -1 : 0;
}

int store_each_coverage(struct store *s, const struct store_query *q, int64_t step_us,
                        store_coverage_fn *fn, void *context)
{
	/* total() has no overflow */
	sqlite3_stmt *rows =
	        new_in_window(s, q,
	                      "SELECT sensor, iif(is_file, '', source) AS place, minute / ?3 AS "
	                      "step, total(c.packets), "
	                      "total(c.kernel_drops) + total(c.interface_drops), total(c.evicted) "
	                      "+ total(c.unfollowed), "
	                      "total(c.gaps) FROM coverage AS c JOIN run ON run.id = c.run WHERE "
	                      "minute BETWEEN ?1 AND ?2 "
	                      "GROUP BY sensor, place, step ORDER BY sensor, place, step");
	struct coverage_row row;
	bool goes_on = true;
	int result = -1;

	sql_bind_integer(rows, 3, step_us / (60 * CLOCK_SECOND_US));
	while (goes_on && (result = sql_step(s, rows)) == 1) {
		row = (struct coverage_row){
		        .sensor = sql_text(rows, 0),
		        .source = sql_text(rows, 1),
		        .start_us = sqlite3_column_int64(rows, 2) * step_us,
		        .packets = sql_counter(rows, 3),
		        .drops = sql_counter(rows, 4),
		        .evicted = sql_counter(rows, 5),
		        .gaps = sql_counter(rows, 6),
		};
		goes_on = fn(context, &row);
	}
	sqlite3_finalize(rows);
	return result < 0 ? -1 : 0;
}
