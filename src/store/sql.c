/* The writer's statements, and the calls of SQLite that can fail. */
#include "sql.h"

#include "pending.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How two rows of the same key become one; the order in which rows come must not matter. */
#define SUM(column)                                                                                \
#column " = " #column " + min(excluded." #column ", 0x7fffffffffffffff - " #column ")"
#define UNION(column) #column " = " #column " | excluded." #column
#define SPAN          "first_us = min(first_us, excluded.first_us), last_us = max(last_us, excluded.last_us)"

#define EXCHANGE_COLUMNS                                                                           \
	"id, source, destination, ip_protocol, server_port, kind_id, protocol, confidence, "       \
	"is_both, "                                                                                \
	"initiated_by_source, initiated_by_destination, was_clear, was_encrypted, has_messages, "  \
	"sensors, connections, messages, bytes_to_destination, bytes_to_source, first_us, last_us"
#define EXCHANGE_MERGE                                                                                                                                                              \
	" ON CONFLICT DO UPDATE SET "                                                                                                                                               \
	"protocol = CASE WHEN excluded.confidence > confidence OR (excluded.confidence = "                                                                                          \
	"confidence"                                                                                                                                                                \
	" AND excluded.protocol < protocol) THEN excluded.protocol ELSE protocol END, "                                                                                             \
	"confidence = max(confidence, excluded.confidence), " UNION(is_both) ", " UNION(initiated_by_source) ", " UNION(initiated_by_destination) ", " UNION(was_clear) ", " UNION( \
	        was_encrypted) ", " UNION(has_messages) ", " UNION(sensors) ", " SUM(connections) ", " SUM(messages) ", " SUM(bytes_to_destination) ", " SUM(bytes_to_source) ", " SPAN

#define VOLUME_COLUMNS                                                                             \
	"exchange, hour, connections, messages, bytes_to_destination, bytes_to_source"
#define VOLUME_MERGE                                                                               \
	" ON CONFLICT DO UPDATE SET " SUM(connections) ", " SUM(messages) ", " SUM(                \
	        bytes_to_destination) ", " SUM(bytes_to_source)

#define EVIDENCE_COLUMNS "exchange, type, text, count"
#define EVIDENCE_MERGE   " ON CONFLICT DO UPDATE SET " SUM(count)

static const char *const texts[SQL_STATEMENTS] = {
        /* a deferred transaction that turns into a writer can fail at once, whatever the busy
           time-out */
        [SQL_BEGIN] = "BEGIN IMMEDIATE",
        [SQL_COMMIT] = "COMMIT",
        [SQL_HOST] =
                "INSERT INTO host (id, segment, address, addr, is_party, is_inside, mac_oui, "
                "empty_out, empty_in, "
                "unanswered_out, unanswered_in, first_us, last_us) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT DO "
                "UPDATE SET " UNION(is_inside) ", mac_oui = min(ifnull(mac_oui, excluded.mac_oui), "
                                               "ifnull(excluded.mac_oui, mac_oui)), " SUM(empty_out) ", " SUM(empty_in) ", " SUM(
                                                       unanswered_out) ", " SUM(unanswered_in) ", "
                                                                                               "fir"
                                                                                               "st_"
                                                                                               "us "
                                                                                               "= "
                                                                                               "min"
                                                                                               "(if"
                                                                                               "nul"
                                                                                               "l("
                                                                                               "fir"
                                                                                               "st_"
                                                                                               "us,"
                                                                                               " ex"
                                                                                               "clu"
                                                                                               "ded"
                                                                                               ".fi"
                                                                                               "rst"
                                                                                               "_us"
                                                                                               "), "
                                                                                               "ifn"
                                                                                               "ull"
                                                                                               "(ex"
                                                                                               "clu"
                                                                                               "ded"
                                                                                               ".fi"
                                                                                               "rst"
                                                                                               "_us"
                                                                                               ", "
                                                                                               "fir"
                                                                                               "st_"
                                                                                               "us)"
                                                                                               "), "
                                                                                               "las"
                                                                                               "t_"
                                                                                               "us "
                                                                                               "= "
                                                                                               "max"
                                                                                               "(if"
                                                                                               "nul"
                                                                                               "l("
                                                                                               "las"
                                                                                               "t_"
                                                                                               "us,"
                                                                                               " ex"
                                                                                               "clu"
                                                                                               "ded"
                                                                                               ".la"
                                                                                               "st_"
                                                                                               "us)"
                                                                                               ", "
                                                                                               "ifn"
                                                                                               "ull"
                                                                                               "(ex"
                                                                                               "clu"
                                                                                               "ded"
                                                                                               ".la"
                                                                                               "st_"
                                                                                               "us,"
                                                                                               " la"
                                                                                               "st_"
                                                                                               "us)"
                                                                                               ")",
        [SQL_EXCHANGE] = "INSERT INTO exchange (is_provisional, " EXCHANGE_COLUMNS
                         ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, "
                         "?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, "
                         "?22)" EXCHANGE_MERGE,
        [SQL_VOLUME] = "INSERT INTO volume (is_provisional, " VOLUME_COLUMNS
                       ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)" VOLUME_MERGE,
        [SQL_EVIDENCE] = "INSERT INTO evidence (is_provisional, " EVIDENCE_COLUMNS
                         ") VALUES (?1, ?2, ?3, ?4, ?5)" EVIDENCE_MERGE,
        [SQL_EVIDENCE_BEYOND] = "SELECT type, text FROM evidence WHERE is_provisional = ?1 AND "
                                "exchange = ?2 AND type > 0 "
                                "ORDER BY type, text LIMIT 1 OFFSET ?3",
        [SQL_EVIDENCE_CUT] = "DELETE FROM evidence WHERE is_provisional = ?1 AND exchange = ?2 AND "
                             "(type, text) >= (?3, ?4) "
                             "RETURNING count",
        [SQL_NAME_UPDATE] =
                "UPDATE name SET count = count + min(?4, 0x7fffffffffffffff - count), first_us = "
                "min(first_us, ?5), "
                "last_us = max(last_us, ?6) WHERE host = ?1 AND source = ?2 AND name = ?3",
        [SQL_NAME_INSERT] = "INSERT INTO name (host, source, name, count, first_us, last_us) "
                            "VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        [SQL_NAME_CUT] = "DELETE FROM name WHERE host = ?1 AND (source, name) >= (SELECT source, "
                         "name FROM name WHERE host = ?1 "
                         "ORDER BY source, name LIMIT 1 OFFSET ?2)",
        [SQL_SENSOR_LIST] = "SELECT number, name FROM sensor ORDER BY number",
        [SQL_SENSOR_ADD] = "INSERT INTO sensor (number, name) VALUES (?1, ?2)",
        [SQL_CLEAR_EXCHANGE] = "DELETE FROM exchange WHERE is_provisional = 1",
        [SQL_CLEAR_VOLUME] = "DELETE FROM volume WHERE is_provisional = 1",
        [SQL_CLEAR_EVIDENCE] = "DELETE FROM evidence WHERE is_provisional = 1",
        [SQL_SETTLE_LIST] = "SELECT id FROM exchange WHERE is_provisional = 1",
        [SQL_SETTLE_EXCHANGE] = "INSERT INTO exchange (is_provisional, " EXCHANGE_COLUMNS
                                ") SELECT 0, " EXCHANGE_COLUMNS
                                " FROM exchange WHERE is_provisional = 1" EXCHANGE_MERGE,
        [SQL_SETTLE_VOLUME] =
                "INSERT INTO volume (is_provisional, " VOLUME_COLUMNS ") SELECT 0, " VOLUME_COLUMNS
                " FROM volume WHERE is_provisional = 1" VOLUME_MERGE,
        [SQL_SETTLE_EVIDENCE] = "INSERT INTO evidence (is_provisional, " EVIDENCE_COLUMNS
                                ") SELECT 0, " EVIDENCE_COLUMNS
                                " FROM evidence WHERE is_provisional = 1" EVIDENCE_MERGE,
        [SQL_RUN_ADD] =
                "INSERT INTO run (sensor, source, version, dpi_version, filter, exclusions, "
                "started_us, ended_us, first_us, "
                "last_us, is_file, is_again, is_complete, is_ended, fault, file_size, file_digest) "
                "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, "
                "?17)",
        [SQL_RUN_END] = "UPDATE run SET ended_us = ?2, first_us = ?3, last_us = ?4, is_complete = "
                        "?5, is_ended = ?6, fault = ?7 "
                        "WHERE id = ?1",
        [SQL_RUN_AGAIN] = "UPDATE run SET is_again = 1 WHERE id = ?1",
        [SQL_RUN_FIND] = "SELECT id FROM run WHERE is_file = 1 AND is_ended = 1 AND file_size = ?1 "
                         "AND file_digest = ?2 "
                         "AND first_us = ?3 AND last_us = ?4 ORDER BY id LIMIT 1",
        [SQL_RUN_PERIOD] = "UPDATE run SET first_us = iif(first_us = 0, ?2, min(first_us, ?2)), "
                           "last_us = iif(last_us = 0, ?3, "
                           "max(last_us, ?3)) WHERE id = ?1",
        [SQL_NETWORKS_CLEAR] = "DELETE FROM network",
        [SQL_NETWORK] =
                "INSERT INTO network (position, purpose, zone, network) VALUES (?1, ?2, ?3, ?4)",
        [SQL_SETTING] = "INSERT OR REPLACE INTO setting (key, value) VALUES (?1, ?2)",
};

/* The two statements with a column for each counter. */
static char *counters_text(enum sql which)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	fputs(which == SQL_RUN_COUNT ? "UPDATE run SET " : "INSERT INTO coverage (run, minute",
	      out);
	for (int i = 0; which == SQL_COVERAGE && i < COVERAGE_COUNTERS; i++) {
		fprintf(out, ", %s", coverage_names[i]);
	}
	fputs(which == SQL_RUN_COUNT ? "" : ") VALUES (?1, ?2", out);
	for (int i = 0; which == SQL_COVERAGE && i < COVERAGE_COUNTERS; i++) {
		fprintf(out, ", ?%d", i + 3);
	}
	fputs(which == SQL_RUN_COUNT ? "" : ") ON CONFLICT DO UPDATE SET ", out);
	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		const char *name = coverage_names[i];
		fprintf(out, "%s%s = %s + min(?%d, 0x7fffffffffffffff - %s)", i > 0 ? ", " : "",
		        name, name, i + 3, name);
	}
	fputs(which == SQL_RUN_COUNT ? " WHERE id = ?1" : "", out);
	fclose(out);
	return text;
}

/* SQLite knows ENOSPC; a quota and a size limit reach it as plain write errors. When a commit fails
 * it does not keep the system's reason, which then still stands in errno. */
static bool is_full(sqlite3 *db, int rc, int number)
{
	int system = sqlite3_system_errno(db) != 0 ? sqlite3_system_errno(db) : number;

	return rc == SQLITE_FULL ||
	       (rc == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG));
}

char *sql_describe(sqlite3 *db, int rc, const char *path, enum store_fault *fault)
{
	int primary = rc & 0xff, number = errno;

	*fault = STORE_FAULT_SYSTEM;
	if (is_full(db, primary, number)) {
		return mem_printf(
		        "database: %s: disk full: free some space; what was committed is kept",
		        path);
	}
	switch (primary) {
	case SQLITE_NOTADB:
		*fault = STORE_FAULT_CALLER;
		return mem_printf(
		        "database: %s: is no Terrier database: name another file with --database",
		        path);
	case SQLITE_CORRUPT:
		return mem_printf(
		        "database: %s: is damaged: set it aside and start anew, or restore a copy",
		        path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return mem_printf(
		        "database: %s: is held by another program: end that one, or try again",
		        path);
	case SQLITE_READONLY:
	case SQLITE_PERM:
	case SQLITE_CANTOPEN:
		return mem_printf("database: %s: %s: check the rights on the file, on %s-wal and "
		                  "%s-shm, and on "
		                  "the folder",
		                  path, sqlite3_errstr(rc), path, path);
	default:
		return mem_printf("database: %s: %s: check the disk, then try again", path,
		                  sqlite3_errstr(rc));
	}
}

int sql_fail(struct store *s)
{
	enum store_fault fault;

	free(s->error);
	s->error = sql_describe(s->db, sqlite3_extended_errcode(s->db), s->path, &fault);
	store_rollback(s);
	return -1;
}

sqlite3_stmt *sql_get(struct store *s, enum sql which)
{
	sqlite3_stmt *statement = s->statements[which];

	if (statement != NULL) {
		sqlite3_reset(statement);
		return statement;
	}
	bool is_built = which == SQL_RUN_COUNT || which == SQL_COVERAGE;
	char *built = is_built ? counters_text(which) : NULL;
	const char *text = is_built ? built : texts[which];

	if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &s->statements[which],
	                       NULL) != SQLITE_OK) {
		sql_fail(s);
	}
	free(built);
	return s->statements[which];
}

sqlite3_stmt *sql_new(struct store *s, const char *text)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(s->db, text, -1, &statement, NULL) != SQLITE_OK) {
		sql_fail(s);
	}
	return statement;
}

int sql_step(struct store *s, sqlite3_stmt *statement)
{
	if (statement == NULL) {
		return -1;
	}
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sql_fail(s);
	}
}

int sql_run(struct store *s, sqlite3_stmt *statement)
{
	int result = sql_step(s, statement);

	if (result == 0) {
		sqlite3_reset(statement);
	}
	return result;
}

int sql_run_plain(struct store *s, enum sql which)
{
	return sql_run(s, sql_get(s, which));
}

int sql_catch_up(struct store *s)
{
	return s->is_open ? pending_flush(s) : 0;
}

void sql_bind_integer(sqlite3_stmt *statement, int i, int64_t value)
{
	sqlite3_bind_int64(statement, i, value);
}

void sql_bind_counter(sqlite3_stmt *statement, int i, uint64_t value)
{
	sqlite3_bind_int64(statement, i, value < INT64_MAX ? (int64_t)value : INT64_MAX);
}

void sql_bind_text(sqlite3_stmt *statement, int i, const char *text)
{
	sqlite3_bind_text(statement, i, text != NULL ? text : "", -1, SQLITE_STATIC);
}

const char *sql_text(sqlite3_stmt *statement, int i)
{
	const unsigned char *text = sqlite3_column_text(statement, i);

	return text != NULL ? (const char *)text : "";
}

uint64_t sql_counter(sqlite3_stmt *statement, int i)
{
	int64_t value = sqlite3_column_int64(statement, i);

	return value > 0 ? (uint64_t)value : 0;
}

struct addr sql_addr(sqlite3_stmt *statement, int i)
{
	const void *octets = sqlite3_column_blob(statement, i);
	struct addr addr = {0};

	if (octets != NULL && sqlite3_column_bytes(statement, i) == (int)sizeof addr.b) {
		memcpy(addr.b, octets, sizeof addr.b);
	}
	return addr;
}

uint64_t sql_add(uint64_t a, uint64_t b)
{
	uint64_t sum = a + b;

	return sum < a || sum > INT64_MAX ? INT64_MAX : sum;
}
