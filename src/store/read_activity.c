/* Reading when exchanges were seen, and when anything was watched at all. */
#include "exchange_id.h"
#include "pending.h"
#include "sql.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <stdlib.h>

#define HOURS_A_DAY 24

/* The hours of one exchange while they are read. */
struct gathered {
	int64_t *hours, *days;
	size_t n_hours, n_days, room;
};

static int64_t day_of(int64_t hour)
{
	return hour >= 0 ? hour / HOURS_A_DAY : (hour - (HOURS_A_DAY - 1)) / HOURS_A_DAY;
}

/* Hours come in ascending order; a provisional one may come a second time. */
static void gather(struct gathered *g, int64_t hour)
{
	if (g->n_hours > 0 && g->hours[g->n_hours - 1] == hour) {
		return;
	}
	if (g->n_hours == g->room) {
		g->room = g->room > 0 ? g->room * 2 : 64;
		g->hours = mem_resize(g->hours, g->room, sizeof *g->hours);
		g->days = mem_resize(g->days, g->room, sizeof *g->days);
	}
	g->hours[g->n_hours++] = hour;
	if (g->n_days == 0 || g->days[g->n_days - 1] != day_of(hour)) {
		g->days[g->n_days++] = day_of(hour);
	}
}

static bool hand_over(struct gathered *g, int64_t exchange, store_activity_fn *fn, void *context)
{
	struct activity_row row = {.days = g->days, .n_days = g->n_days, .hours = g->hours, .n_hours = g->n_hours};
	bool goes_on = true;

	if (g->n_hours > 0) {
		exchange_id_print(exchange, row.exchange_id);
		goes_on = fn(context, &row);
	}
	g->n_hours = g->n_days = 0;
	return goes_on;
}

/* The first and last unit of the hours that a window overlaps. */
static void window_of(const struct store_query *q, int64_t unit_us, int64_t *first, int64_t *last)
{
	*first = q->since_us != 0 ? clock_hour_us(q->since_us) / unit_us : INT64_MIN;
	*last = q->until_us != 0 ? (clock_hour_us(q->until_us - 1) + CLOCK_HOUR_US) / unit_us - 1 : INT64_MAX;
}

/* Both come in the order of the exchanges and hours: sorting them costs three times what reading them does. */
struct activity {
	struct store *store;
	sqlite3_stmt *exchanges, *hours;
	int64_t first, last; /* hours of the window */
	struct gathered gathered;
	int state; /* of the hours: 1 there is one, 0 no more, -1 failed */
};

static void gather_in_window(struct activity *a, int64_t hour)
{
	if (hour >= a->first && hour <= a->last) {
		gather(&a->gathered, hour);
	}
}

/* The exchange's own hour takes its place among those that volume has. */
static void gather_exchange(struct activity *a, int64_t id, int64_t own)
{
	bool has_own = false;

	while (a->state == 1 && sqlite3_column_int64(a->hours, 0) <= id) {
		int64_t hour = sqlite3_column_int64(a->hours, 1);

		if (sqlite3_column_int64(a->hours, 0) == id) {
			if (!has_own && own < hour) {
				gather_in_window(a, own);
				has_own = true;
			}
			gather_in_window(a, hour);
		}
		a->state = sql_step(a->store, a->hours);
	}
	if (!has_own) {
		gather_in_window(a, own);
	}
}

int store_each_activity(struct store *s, const struct store_query *q, store_activity_fn *fn, void *context)
{
	struct activity a = {.store = s};
	bool goes_on = true;
	int result = -1;

	window_of(q, CLOCK_HOUR_US, &a.first, &a.last);
	if (pending_catch_up(s) == 0) {
		a.exchanges = sql_new(s, "SELECT id, hour FROM exchange ORDER BY id");
		a.hours = sql_new(s, "SELECT exchange, hour FROM volume ORDER BY exchange, hour");
		a.state = a.exchanges != NULL ? sql_step(s, a.hours) : -1;
	}
	while (goes_on && a.state >= 0 && (result = sql_step(s, a.exchanges)) == 1) {
		int64_t id = sqlite3_column_int64(a.exchanges, 0);

		gather_exchange(&a, id, sqlite3_column_int64(a.exchanges, 1));
		goes_on = a.state < 0 || hand_over(&a.gathered, id < 0 ? -id : id, fn, context);
	}
	sqlite3_finalize(a.exchanges);
	sqlite3_finalize(a.hours);
	free(a.gathered.hours);
	free(a.gathered.days);
	return result < 0 || a.state < 0 ? -1 : 0;
}

int store_watched(struct store *s, const struct store_query *q, uint64_t *days, uint64_t *hours)
{
	static const char text[] = "SELECT count(DISTINCT minute / 1440), count(DISTINCT minute / 60) FROM coverage "
	                           "WHERE minute BETWEEN ?1 AND ?2";
	sqlite3_stmt *counts = sql_new(s, text);
	int64_t first, last;
	int result;

	window_of(q, CLOCK_HOUR_US / 60, &first, &last);
	sql_bind_integer(counts, 1, first);
	sql_bind_integer(counts, 2, last);
	result = sql_step(s, counts);
	if (result == 1) {
		*days = sql_counter(counts, 0);
		*hours = sql_counter(counts, 1);
	}
	sqlite3_finalize(counts);
	return result == 1 ? 0 : -1;
}

int store_each_watch(struct store *s, const struct store_query *q, store_watch_fn *fn, void *context)
{
	static const char text[] = "SELECT sensor, count(DISTINCT minute / 1440), count(DISTINCT minute / 60) FROM coverage "
	                           "JOIN run ON run.id = coverage.run WHERE minute BETWEEN ?1 AND ?2 GROUP BY sensor "
	                           "ORDER BY sensor";
	sqlite3_stmt *sensors = sql_new(s, text);
	int64_t first, last;
	int result;

	window_of(q, CLOCK_HOUR_US / 60, &first, &last);
	sql_bind_integer(sensors, 1, first);
	sql_bind_integer(sensors, 2, last);
	while ((result = sql_step(s, sensors)) == 1 &&
	       fn(context, sql_text(sensors, 0), sql_counter(sensors, 1), sql_counter(sensors, 2))) {
	}
	sqlite3_finalize(sensors);
	return result < 0 ? -1 : 0;
}
