#ifndef TERRIER_STORE_SQL_H
#define TERRIER_STORE_SQL_H

#include "terrier/store.h"

#include <sqlite3.h>

/* What the files of the store share: the handle, and calls of SQLite that keep the reason of a
 * failure. */

/* Statements of the writer, prepared once. Their text is in statements.c. */
enum sql {
	SQL_BEGIN,
	SQL_COMMIT,
	SQL_HOST,
	SQL_EXCHANGE_ADD,
	SQL_EXCHANGE_MERGE,
	SQL_EXCHANGE_HOUR,
	SQL_VOLUME,
	SQL_NAME_UPDATE,
	SQL_NAME_INSERT,
	SQL_NAME_CUT,
	SQL_NAMES_UNRANK,
	SQL_NAMES_RANK,
	SQL_SENSOR_LIST,
	SQL_SENSOR_ADD,
	SQL_CLEAR_EXCHANGE,
	SQL_CLEAR_VOLUME,
	SQL_SETTLE_EXCHANGE,
	SQL_SETTLE_VOLUME,
	SQL_RUN_ADD,
	SQL_RUN_END,
	SQL_RUN_AGAIN,
	SQL_RUN_FIND,
	SQL_RUN_PERIOD,
	SQL_RUN_COUNT,
	SQL_COVERAGE,
	SQL_NETWORKS_CLEAR,
	SQL_NETWORK,
	SQL_SETTING,
	SQL_STATEMENTS,
};

#define STORE_SENSORS_MAX 63 /* one bit each */

/* Texts of a summary, in the order that they are asked for. */
enum { SUMMARY_SENSORS, SUMMARY_EXCLUSIONS, SUMMARY_ORGANISATION, SUMMARY_ODS_CODE, SUMMARY_TEXTS };

struct pending;

struct store {
	sqlite3 *db;
	char *path;
	char *error;  /* of the last failure */
	int lock;     /* descriptor that holds the writer's lock; -1 for a reader */
	bool is_open; /* inside a transaction */
	unsigned names_added; /* since names were last cut to those that are kept */
	struct pending *pending;
	sqlite3_stmt *statements[SQL_STATEMENTS];
	char *summary_text[SUMMARY_TEXTS]; /* what the last store_summarise() returned */
};

/* The text of a statement (free()). */
char *sql_statement_text(enum sql which);

/* Keeps the reason of SQLite's last failure and undoes the transaction. Always -1. */
int sql_fail(struct store *s);

/* The line for people of failure `rc`, and whose fault it is (free()). */
char *sql_describe(sqlite3 *db, int rc, const char *path, enum store_fault *fault);

/* True when failure `rc` means that there is no room; `number` is errno as it was behind the call. */
bool sql_is_full(sqlite3 *db, int rc, int number);

/* A writer's statement, reset, its parameters empty; NULL on failure. Belongs to the store. */
sqlite3_stmt *sql_get(struct store *s, enum sql which);

/* A reader's statement; NULL on failure. Belongs to the caller: sqlite3_finalize(). */
sqlite3_stmt *sql_new(struct store *s, const char *text);

/* Steps: 1 a row, 0 done, -1 failed. */
int sql_step(struct store *s, sqlite3_stmt *statement);

/* Runs a writer's statement that returns no rows. 0 or -1. */
int sql_run(struct store *s, sqlite3_stmt *statement);
int sql_run_plain(struct store *s, enum sql which);

/* Binds parameter `i`. A counter stops at INT64_MAX; a text is borrowed until the statement is
 * reset. */
void sql_bind_integer(sqlite3_stmt *statement, int i, int64_t value);
void sql_bind_counter(sqlite3_stmt *statement, int i, uint64_t value);
void sql_bind_text(sqlite3_stmt *statement, int i, const char *text); /* NULL: '' */

/* Column `i`; a text is never NULL. */
const char *sql_text(sqlite3_stmt *statement, int i);
uint64_t sql_counter(sqlite3_stmt *statement, int i);

/* Column `i` with 16 octets; unspecified when it is NULL. */
struct addr sql_addr(sqlite3_stmt *statement, int i);

/* a + b, at most INT64_MAX. */
uint64_t sql_add(uint64_t a, uint64_t b);

#endif
