/* Reading runs, the networks in force and the summary of all. */
#include "handle.h"
#include "pending.h"
#include "sql.h"

#include "terrier/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* `before`, the names of all counters with `around` each, `after` (free()). */
static char *with_counters(const char *before, const char *around, const char *after)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	fputs(before, out);
	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		fprintf(out, ", %s(%s)", around, coverage_names[i]);
	}
	fputs(after, out);
	fclose(out);
	return text;
}

static sqlite3_stmt *new_with_counters(struct store *s, const char *before, const char *around,
                                       const char *after)
{
	char *text = with_counters(before, around, after);
	sqlite3_stmt *statement = pending_catch_up(s) == 0 ? sql_new(s, text) : NULL;

	free(text);
	return statement;
}

static void fill_run(sqlite3_stmt *from, struct store_run *run)
{
	run->id = sqlite3_column_int64(from, 0);
	run->sensor = sql_text(from, 1);
	run->source = sql_text(from, 2);
	run->version = sql_text(from, 3);
	run->dpi_version = sql_text(from, 4);
	run->filter = sql_text(from, 5);
	run->exclusions = sql_text(from, 6);
	run->started_us = sqlite3_column_int64(from, 7);
	run->ended_us = sqlite3_column_int64(from, 8);
	run->first_us = sqlite3_column_int64(from, 9);
	run->last_us = sqlite3_column_int64(from, 10);
	run->is_file = sqlite3_column_int(from, 11) != 0;
	run->is_again = sqlite3_column_int(from, 12) != 0;
	run->is_complete = sqlite3_column_int(from, 13) != 0;
	run->is_ended = sqlite3_column_int(from, 14) != 0;
	run->fault = sql_text(from, 15);
	run->file_size = sql_counter(from, 16);
	run->file_digest = (uint64_t)sqlite3_column_int64(from, 17);
	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		run->counter[i] = sql_counter(from, 18 + i);
	}
}

int store_each_run(struct store *s, store_run_fn *fn, void *context)
{
	sqlite3_stmt *runs = new_with_counters(
	        s,
	        "SELECT id, sensor, source, version, dpi_version, filter, exclusions, started_us, "
	        "ended_us, first_us, "
	        "last_us, is_file, is_again, is_complete, is_ended, fault, file_size, file_digest",
	        "", " FROM run ORDER BY id");
	bool goes_on = true;
	struct store_run run;
	int result = -1;

	while (goes_on && (result = sql_step(s, runs)) == 1) {
		fill_run(runs, &run);
		goes_on = fn(context, &run);
	}
	sqlite3_finalize(runs);
	return result < 0 ? -1 : 0;
}

int store_each_zone(struct store *s, store_zone_fn *fn, void *context)
{
	sqlite3_stmt *zones = sql_new(
	        s, "SELECT zone, network FROM network WHERE purpose = 'zone' ORDER BY position");
	bool goes_on = true;
	struct prefix network;
	int result = -1;

	while (goes_on && (result = sql_step(s, zones)) == 1) {
		if (prefix_parse(sql_text(zones, 1), &network)) {
			goes_on = fn(context, sql_text(zones, 0), &network);
		}
	}
	sqlite3_finalize(zones);
	return result < 0 ? -1 : 0;
}

static uint64_t size_of(const char *path, const char *suffix)
{
	char *name = mem_printf("%s%s", path, suffix);
	struct stat st;
	uint64_t size = stat(name, &st) == 0 ? (uint64_t)st.st_size : 0;

	free(name);
	return size;
}

static int summarise_runs(struct store *s, struct store_summary *out)
{
	/* total() has no overflow; beyond 2^53 it rounds */
	sqlite3_stmt *sums =
	        new_with_counters(s, "SELECT count(*), total(NOT is_complete), total(is_again)",
	                          "total", " FROM run");
	int result = sql_step(s, sums);

	if (result == 1) {
		out->runs = sql_counter(sums, 0);
		out->runs_incomplete = sql_counter(sums, 1);
		out->runs_again = sql_counter(sums, 2);
		for (int i = 0; i < COVERAGE_COUNTERS; i++) {
			out->counter[i] = sql_counter(sums, 3 + i);
		}
	}
	sqlite3_finalize(sums);
	return result < 0 ? -1 : 0;
}

static int summarise_rest(struct store *s, struct store_summary *out)
{
	/* exchange_now and host_seen have as many rows, and cost five times as much to count */
	static const char text[] =
	        "SELECT min(first_us), max(last_us), "
	        "(SELECT count(*) FROM exchange AS p WHERE id > 0 OR NOT EXISTS "
	        "(SELECT 1 FROM exchange AS e WHERE e.id = -p.id)), "
	        "(SELECT count(*) FROM (SELECT source FROM exchange UNION SELECT destination FROM exchange "
	        "UNION SELECT id FROM host WHERE first_us IS NOT NULL)), "
	        "(SELECT value FROM setting WHERE key = 'own_is_set') IS '1', "
	        "(SELECT group_concat(name, '; ') FROM (SELECT name FROM sensor ORDER BY name)), "
	        "(SELECT value FROM setting WHERE key = 'exclusions'), "
	        "(SELECT value FROM setting WHERE key = 'organisation'), "
	        "(SELECT value FROM setting WHERE key = 'ods_code') "
	        "FROM (SELECT first_us, last_us FROM run WHERE last_us <> 0 "
	        "UNION ALL SELECT first_us, last_us FROM exchange)";
	sqlite3_stmt *rest = sql_new(s, text);
	int result = sql_step(s, rest);

	if (result == 1) {
		out->first_us = sqlite3_column_int64(rest, 0);
		out->last_us = sqlite3_column_int64(rest, 1);
		out->exchanges = sql_counter(rest, 2);
		out->hosts = sql_counter(rest, 3);
		out->own_is_set = sqlite3_column_int(rest, 4) != 0;
		for (int i = 0; i < SUMMARY_TEXTS; i++) {
			free(s->summary_text[i]);
			s->summary_text[i] = mem_strdup(sql_text(rest, 5 + i));
		}
	}
	sqlite3_finalize(rest);
	return result < 0 ? -1 : 0;
}

int store_summarise(struct store *s, struct store_summary *out)
{
	/* a writer has its transaction, a reader wants one for the two statements */
	bool is_alone = sqlite3_get_autocommit(s->db) != 0;

	memset(out, 0, sizeof *out);
	sqlite3_exec(s->db, is_alone ? "BEGIN" : "", NULL, NULL, NULL);
	int result = summarise_runs(s, out) == 0 ? summarise_rest(s, out) : -1;

	sqlite3_exec(s->db, is_alone ? "COMMIT" : "", NULL, NULL, NULL);
	if (result != 0) {
		return -1;
	}
	out->sensors = s->summary_text[SUMMARY_SENSORS];
	out->exclusions = s->summary_text[SUMMARY_EXCLUSIONS];
	out->organisation = s->summary_text[SUMMARY_ORGANISATION];
	out->ods_code = s->summary_text[SUMMARY_ODS_CODE];
	out->file_bytes = size_of(s->path, "") + size_of(s->path, "-wal");
	out->schema_version = handle_number(s->db, "PRAGMA user_version");
	return 0;
}
