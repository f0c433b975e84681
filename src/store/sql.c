/* Calls of SQLite that can fail, and what to say then. */
#include "sql.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* SQLite knows ENOSPC; a quota and a size limit reach it as plain write errors. When a commit fails
 * it does not keep the system's reason, which then still stands in errno. */
bool sql_is_full(sqlite3 *db, int rc, int number)
{
	int system = sqlite3_system_errno(db) != 0 ? sqlite3_system_errno(db) : number;

	return (rc & 0xff) == SQLITE_FULL ||
	       ((rc & 0xff) == SQLITE_IOERR && (system == ENOSPC || system == EDQUOT || system == EFBIG));
}

char *sql_describe(sqlite3 *db, int rc, const char *path, enum store_fault *fault)
{
	int primary = rc & 0xff, number = errno;

	*fault = STORE_FAULT_SYSTEM;
	if (sql_is_full(db, rc, number)) {
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
	char *text = sql_statement_text(which);

	if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT, &s->statements[which],
	                       NULL) != SQLITE_OK) {
		sql_fail(s);
	}
	free(text);
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
