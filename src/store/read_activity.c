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

static void bind_window(sqlite3_stmt *statement, const struct store_query *q, int64_t unit_us)
{
	sql_bind_integer(statement, 1, q->since_us != 0 ? clock_hour_us(q->since_us) / unit_us : INT64_MIN);
	sql_bind_integer(statement, 2,
	                 q->until_us != 0 ? (clock_hour_us(q->until_us - 1) + CLOCK_HOUR_US) / unit_us - 1
	                                  : INT64_MAX);
}

int store_each_activity(struct store *s, const struct store_query *q, store_activity_fn *fn, void *context)
{
	static const char text[] = "SELECT abs(exchange) AS id, hour FROM (SELECT exchange, hour FROM volume "
	                           "UNION ALL SELECT id, hour FROM exchange) WHERE hour BETWEEN ?1 AND ?2 "
	                           "ORDER BY id, hour";
	sqlite3_stmt *hours = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;
	struct gathered g = {0};
	bool goes_on = true;
	int64_t current = 0;
	int result = -1;

	bind_window(hours, q, CLOCK_HOUR_US);
	while (goes_on && (result = sql_step(s, hours)) == 1) {
		int64_t id = sqlite3_column_int64(hours, 0);

		if (id != current) {
			goes_on = hand_over(&g, current, fn, context);
			current = id;
		}
		gather(&g, sqlite3_column_int64(hours, 1));
	}
	if (goes_on && result == 0) {
		hand_over(&g, current, fn, context);
	}
	sqlite3_finalize(hours);
	free(g.hours);
	free(g.days);
	return result < 0 ? -1 : 0;
}

int store_watched(struct store *s, const struct store_query *q, uint64_t *days, uint64_t *hours)
{
	static const char text[] = "SELECT count(DISTINCT minute / 1440), count(DISTINCT minute / 60) FROM coverage "
	                           "WHERE minute BETWEEN ?1 AND ?2";
	sqlite3_stmt *counts = sql_new(s, text);
	int result;

	bind_window(counts, q, CLOCK_HOUR_US / 60);
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
	int result;

	bind_window(sensors, q, CLOCK_HOUR_US / 60);
	while ((result = sql_step(s, sensors)) == 1 &&
	       fn(context, sql_text(sensors, 0), sql_counter(sensors, 1), sql_counter(sensors, 2))) {
	}
	sqlite3_finalize(sensors);
	return result < 0 ? -1 : 0;
}
