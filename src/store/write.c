/* What the storer writes: transactions, runs, names, coverage, settings. Bookings go through
 * pending.c. */
#include "pending.h"
#include "sql.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <stdlib.h>

#define NAMES_MAX   128   /* names kept of an end */
#define NAMES_UNCUT 65536 /* new names between two cuts */

/* A call outside a transaction: one failed before, and its reason stands. */
static bool is_closed(struct store *s)
{
	if (!s->is_open && s->error == NULL) {
		s->error = mem_printf(
		        "database: %s: written outside a transaction: begin one first", s->path);
	}
	return !s->is_open;
}

int store_begin(struct store *s)
{
	free(s->error);
	s->error = NULL;
	if (s->pending == NULL) {
		s->error = mem_printf("database: %s: opened for reading only: open it for writing",
		                      s->path);
		return -1;
	}
	if (sql_run_plain(s, SQL_BEGIN) != 0) {
		return -1;
	}
	s->is_open = true;
	return 0;
}

/* Which names stay must not depend on the order they came in, so it cannot depend on how often they
 * were seen so far: the first by source and name stay. Readers show the most seen of them. */
static int cut_names(struct store *s)
{
	sqlite3_stmt *cut = sql_get(s, SQL_NAME_CUT);

	s->names_added = 0;
	sql_bind_integer(cut, 1, NAMES_MAX);
	return sql_run(s, cut);
}

int store_commit(struct store *s)
{
	if (is_closed(s) || (s->names_added > 0 && cut_names(s) != 0) || pending_flush(s) != 0 ||
	    sql_run_plain(s, SQL_COMMIT) != 0) {
		return -1;
	}
	s->is_open = false;
	return 0;
}

void store_rollback(struct store *s)
{
	if (s->db == NULL) {
		return;
	}
	for (size_t i = 0; i < SQL_STATEMENTS; i++) {
		sqlite3_reset(s->statements[i]);
	}
	/* a full disk has undone the transaction already */
	if (sqlite3_get_autocommit(s->db) == 0) {
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	}
	s->is_open = false;
	if (s->pending != NULL) {
		pending_drop(s->pending);
	}
}

int store_run_begin(struct store *s, struct store_run *run)
{
	if (is_closed(s) || pending_sensor(s, run->sensor != NULL ? run->sensor : "", NULL) != 0) {
		return -1;
	}
	sqlite3_stmt *add = sql_get(s, SQL_RUN_ADD);

	sql_bind_text(add, 1, run->sensor);
	sql_bind_text(add, 2, run->source);
	sql_bind_text(add, 3, run->version);
	sql_bind_text(add, 4, run->dpi_version);
	sql_bind_text(add, 5, run->filter);
	sql_bind_text(add, 6, run->exclusions);
	sql_bind_integer(add, 7, run->started_us);
	sql_bind_integer(add, 8, run->ended_us);
	sql_bind_integer(add, 9, run->first_us);
	sql_bind_integer(add, 10, run->last_us);
	sql_bind_integer(add, 11, run->is_file);
	sql_bind_integer(add, 12, run->is_again);
	sql_bind_integer(add, 13, run->is_complete);
	sql_bind_integer(add, 14, run->is_ended);
	sql_bind_text(add, 15, run->fault);
	sql_bind_counter(add, 16, run->file_size);
	sql_bind_integer(add, 17, (int64_t)run->file_digest);
	if (sql_run(s, add) != 0) {
		return -1;
	}
	run->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

int store_run_end(struct store *s, const struct store_run *run)
{
	if (is_closed(s)) {
		return -1;
	}
	sqlite3_stmt *end = sql_get(s, SQL_RUN_END);

	sql_bind_integer(end, 1, run->id);
	sql_bind_integer(end, 2, run->ended_us);
	sql_bind_integer(end, 3, run->first_us);
	sql_bind_integer(end, 4, run->last_us);
	sql_bind_integer(end, 5, run->is_complete);
	sql_bind_integer(end, 6, run->is_ended);
	sql_bind_text(end, 7, run->fault);
	return sql_run(s, end);
}

int64_t store_find_file(struct store *s, uint64_t size, uint64_t digest)
{
	sqlite3_stmt *find = sql_get(s, SQL_RUN_FIND);

	sql_bind_counter(find, 1, size);
	sql_bind_integer(find, 2, (int64_t)digest);

	int result = sql_step(s, find);
	int64_t id = result == 1 ? sqlite3_column_int64(find, 0) : result;

	sqlite3_reset(find);
	return id;
}

int store_mark_again(struct store *s, int64_t run)
{
	if (is_closed(s)) {
		return -1;
	}
	sqlite3_stmt *again = sql_get(s, SQL_RUN_AGAIN);

	sql_bind_integer(again, 1, run);
	return sql_run(s, again);
}

static int put_network(struct store *s, int *position, const char *purpose, const char *zone,
                       const struct prefix *network)
{
	char text[PREFIX_TEXT_MAX];
	sqlite3_stmt *put = sql_get(s, SQL_NETWORK);

	sql_bind_integer(put, 1, ++*position);
	sql_bind_text(put, 2, purpose);
	sql_bind_text(put, 3, zone);
	sql_bind_text(put, 4, prefix_format(network, text));
	return sql_run(s, put);
}

static int put_networks(struct store *s, const struct store_settings *settings)
{
	int position = 0;

	for (size_t i = 0; i < settings->n_own; i++) {
		if (put_network(s, &position, "own", "", &settings->own[i]) != 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < settings->n_outside; i++) {
		if (put_network(s, &position, "outside", "", &settings->outside[i]) != 0) {
			return -1;
		}
	}
	for (size_t i = 0; i < settings->n_zones; i++) {
		const struct store_zone *zone = &settings->zones[i];
		for (size_t j = 0; j < zone->n_networks; j++) {
			if (put_network(s, &position, "zone", zone->name, &zone->networks[j]) !=
			    0) {
				return -1;
			}
		}
	}
	return 0;
}

static int put_setting(struct store *s, const char *key, const char *value)
{
	sqlite3_stmt *put = sql_get(s, SQL_SETTING);

	sql_bind_text(put, 1, key);
	sql_bind_text(put, 2, value);
	return sql_run(s, put);
}

/* `order` holds every source once. */
static int put_name_order(struct store *s, const enum name_source *order)
{
	if (sql_run_plain(s, SQL_NAMES_UNRANK) != 0) { /* ranks are unique at every step */
		return -1;
	}
	for (int i = 0; i < NAME_SOURCES - 1; i++) {
		sqlite3_stmt *put = sql_get(s, SQL_NAMES_RANK);

		sql_bind_integer(put, 1, order[i]);
		sql_bind_integer(put, 2, i + 1);
		if (sql_run(s, put) != 0) {
			return -1;
		}
	}
	return 0;
}

int store_put_settings(struct store *s, const struct store_settings *settings)
{
	if (is_closed(s) || sql_run_plain(s, SQL_NETWORKS_CLEAR) != 0 ||
	    put_networks(s, settings) != 0 ||
	    put_setting(s, "own_is_set", settings->own_is_set ? "1" : "0") != 0) {
		return -1;
	}
	if (settings->name_order != NULL && put_name_order(s, settings->name_order) != 0) {
		return -1;
	}
	if (put_setting(s, "organisation", settings->organisation != NULL ? settings->organisation : "") != 0 ||
	    put_setting(s, "ods_code", settings->ods_code != NULL ? settings->ods_code : "") != 0) {
		return -1;
	}
	return put_setting(s, "exclusions", settings->exclusions);
}

int store_put_exchange(struct store *s, int64_t run, const struct booking *b)
{
	(void)run; /* an exchange belongs to all runs that saw it */
	return is_closed(s) ? -1 : pending_put(s, b);
}

int store_clear_provisional(struct store *s)
{
	if (is_closed(s) || pending_flush(s) != 0 || sql_run_plain(s, SQL_CLEAR_EXCHANGE) != 0) {
		return -1;
	}
	return sql_run_plain(s, SQL_CLEAR_VOLUME);
}

int store_settle(struct store *s)
{
	if (is_closed(s) || pending_flush(s) != 0 || sql_run_plain(s, SQL_SETTLE_VOLUME) != 0 ||
	    sql_run_plain(s, SQL_SETTLE_EXCHANGE) != 0) {
		return -1;
	}
	return store_clear_provisional(s);
}

static int put_name(struct store *s, enum sql which, int64_t host, const struct store_name *n)
{
	sqlite3_stmt *put = sql_get(s, which);

	sql_bind_integer(put, 1, host);
	sql_bind_integer(put, 2, n->source);
	sql_bind_text(put, 3, n->name);
	sql_bind_counter(put, 4, n->count);
	sql_bind_integer(put, 5, n->first_us);
	sql_bind_integer(put, 6, n->last_us);
	sql_bind_integer(put, 7, n->is_foreign);
	return sql_run(s, put);
}

int store_put_name(struct store *s, const char *segment, const struct endpoint *end, const struct store_name *name)
{
	int64_t host = is_closed(s) ? -1 : pending_host_id(s, segment, end);

	if (host < 0 || put_name(s, SQL_NAME_UPDATE, host, name) != 0) {
		return -1;
	}
	if (sqlite3_changes(s->db) > 0) {
		return 0;
	}
	if (put_name(s, SQL_NAME_INSERT, host, name) != 0) {
		return -1;
	}
	return ++s->names_added >= NAMES_UNCUT ? cut_names(s) : 0;
}

int store_put_host(struct store *s, const char *segment, const struct endpoint *end,
                   const struct record_host *host, int64_t first_us, int64_t last_us)
{
	if (is_closed(s)) {
		return -1;
	}
	/* counting an outside end only once it has an exchange would depend on what came first */
	if (!end->is_inside) {
		return 0;
	}
	return pending_put_host(s, segment, end, host, first_us, last_us);
}

static int put_counters(struct store *s, enum sql which, int64_t run, int64_t minute,
                        const struct record_coverage *coverage)
{
	sqlite3_stmt *put = sql_get(s, which);

	sql_bind_integer(put, 1, run);
	if (which == SQL_COVERAGE) {
		sql_bind_integer(put, 2, minute);
	}
	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		sql_bind_counter(put, i + 3, coverage->counter[i]);
	}
	return sql_run(s, put);
}

/* So that a run that is killed still has a period. */
static int widen_run(struct store *s, int64_t run, int64_t first_us, int64_t last_us)
{
	sqlite3_stmt *period = sql_get(s, SQL_RUN_PERIOD);

	sql_bind_integer(period, 1, run);
	sql_bind_integer(period, 2, first_us);
	sql_bind_integer(period, 3, last_us);
	return sql_run(s, period);
}

static int64_t minute_of(int64_t us)
{
	int64_t minute = us / (60 * CLOCK_SECOND_US);

	return us % (60 * CLOCK_SECOND_US) < 0 ? minute - 1 : minute;
}

int store_put_coverage(struct store *s, int64_t run, const struct record_coverage *coverage,
                       int64_t first_us, int64_t last_us)
{
	if (is_closed(s) || put_counters(s, SQL_RUN_COUNT, run, 0, coverage) != 0 ||
	    put_counters(s, SQL_COVERAGE, run, minute_of(first_us), coverage) != 0) {
		return -1;
	}
	return coverage->counter[COVERAGE_PACKETS] > 0 ? widen_run(s, run, first_us, last_us) : 0;
}
