/* What people entered, read and appended. How the file is opened stands in register_open.c, how the
 * chain is walked in register_verify.c. */
#include "register_parts.h"

#include "terrier/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *register_error(const struct register_file *r)
{
	return r->error != NULL ? r->error : "";
}

int register_fail(struct register_file *r, enum store_fault fault, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	line = mem_vprintf(format, args);
	va_end(args);
	free(r->error);
	r->error = line;
	r->fault = fault;
	if (r->db != NULL && sqlite3_get_autocommit(r->db) == 0) {
		sqlite3_exec(r->db, "ROLLBACK", NULL, NULL, NULL);
	}
	return -1;
}

sqlite3_stmt *register_prepare(struct register_file *r, const char *text)
{
	sqlite3_stmt *statement = NULL;

	if (sqlite3_prepare_v2(r->db, text, -1, &statement, NULL) != SQLITE_OK) {
		register_fail_sqlite(r);
	}
	return statement;
}

int register_step(struct register_file *r, sqlite3_stmt *statement)
{
	int rc = statement != NULL ? sqlite3_step(statement) : SQLITE_ROW;

	if (statement == NULL) {
		return -1;
	}
	return rc == SQLITE_ROW ? 1 : rc == SQLITE_DONE ? 0 : register_fail_sqlite(r);
}

int register_run(struct register_file *r, const char *text)
{
	return sqlite3_exec(r->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0
	                                                                : register_fail_sqlite(r);
}

static void bind_text(sqlite3_stmt *statement, int i, struct register_text text)
{
	sqlite3_bind_text64(statement, i, text.octets, text.len, SQLITE_STATIC, SQLITE_UTF8);
}

static struct register_text text_of(const char *text)
{
	return (struct register_text){text, strlen(text)};
}

struct entries *register_entries(struct register_file *r, enum entry_type type)
{
	/* in the order in which they first came */
	sqlite3_stmt *statement = register_prepare(
	        r, "SELECT number, id, body FROM (SELECT min(number) AS first, max(number) AS last "
	           "FROM record WHERE type = ?1 GROUP BY id) "
	           "JOIN record ON number = last WHERE body <> '' ORDER BY first");
	struct entries *all = entries_new(type);
	struct entry *e;
	int result;

	if (statement != NULL) {
		bind_text(statement, 1, text_of(entry_type_name(type)));
	}
	while ((result = register_step(r, statement)) == 1) {
		result = register_body_read(r, sqlite3_column_int64(statement, 0), type,
		                            register_text_at(statement, 1),
		                            register_text_at(statement, 2), &e);
		if (result != 0) {
			break;
		}
		if (!entries_add(all, e)) { /* ids that differ only behind a NUL */
			entry_free(e);
		}
	}
	sqlite3_finalize(statement);
	if (result != 0) {
		entries_free(all);
		return NULL;
	}
	return all;
}

/* Where the chain ends by its own record of it; -1 when that is not where it ends. */
static int read_end(struct register_file *r, struct register_row *last)
{
	sqlite3_stmt *statement =
	        register_prepare(r, "SELECT " REGISTER_ROW
	                            " FROM record WHERE number = (SELECT max(number) FROM record)");
	sqlite3_stmt *head = register_prepare(r, "SELECT records, hash FROM head");
	int has_row = register_step(r, statement), has_head = register_step(r, head);
	bool is_sound = false;

	*last = (struct register_row){0};
	if (has_row == 1) {
		register_row_read(statement, last);
	}
	if (has_head == 1) {
		const void *hash = sqlite3_column_blob(head, 1);

		is_sound = sqlite3_column_int64(head, 0) == last->number && hash != NULL &&
		           sqlite3_column_bytes(head, 1) == DIGEST_OCTETS &&
		           memcmp(hash, last->hash, DIGEST_OCTETS) == 0;
	}
	sqlite3_finalize(statement);
	sqlite3_finalize(head);
	if (has_row < 0 || has_head < 0) {
		return -1;
	}
	return is_sound ? 0
	                : register_fail(r, STORE_FAULT_SYSTEM,
	                                "register: %s: was changed by other hands, nothing was "
	                                "added: ask terrier "
	                                "verify, and restore a copy",
	                                r->path);
}

static int put_record(struct register_file *r, sqlite3_stmt *statement,
                      const struct register_row *row)
{
	const struct register_text texts[] = {row->account, row->source, row->type, row->id,
	                                      row->body};

	sqlite3_reset(statement);
	sqlite3_bind_int64(statement, 1, row->number);
	sqlite3_bind_int64(statement, 2, row->made_us);
	for (int i = 0; i < 5; i++) {
		bind_text(statement, 3 + i, texts[i]);
	}
	sqlite3_bind_blob(statement, 8, row->previous, DIGEST_OCTETS, SQLITE_STATIC);
	sqlite3_bind_blob(statement, 9, row->hash, DIGEST_OCTETS, SQLITE_STATIC);
	return register_step(r, statement);
}

static int put_all(struct register_file *r, const struct register_author *author,
                   const struct register_change *changes, size_t n, struct register_row *last)
{
	sqlite3_stmt *statement =
	        register_prepare(r, "INSERT INTO record (" REGISTER_ROW
	                            ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
	int result = statement != NULL ? 0 : -1;

	for (size_t i = 0; i < n && result == 0; i++) {
		const struct entry *e = changes[i].entry;
		char *body = changes[i].is_removed ? mem_strdup("") : register_body_write(e);
		struct register_row row = {
		        .number = last->number + 1,
		        .made_us = author->now_us,
		        .account = text_of(author->account),
		        .source = text_of(author->source),
		        .type = text_of(entry_type_name(e->type)),
		        .id = text_of(e->id),
		        .body = text_of(body),
		};

		memcpy(row.previous, last->hash, DIGEST_OCTETS);
		register_row_hash(&row, row.hash);
		result = put_record(r, statement, &row);
		*last = row; /* of which only number and hash are looked at */
		free(body);
	}
	sqlite3_finalize(statement);
	return result;
}

static int put_head(struct register_file *r, const struct register_row *last)
{
	sqlite3_stmt *statement = register_prepare(r, "UPDATE head SET records = ?1, hash = ?2");
	int result;

	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, last->number);
		sqlite3_bind_blob(statement, 2, last->hash, DIGEST_OCTETS, SQLITE_STATIC);
	}
	result = register_step(r, statement);
	sqlite3_finalize(statement);
	return result;
}

int register_append(struct register_file *r, const struct register_author *author,
                    const struct register_change *changes, size_t n)
{
	struct register_row last;

	if (n == 0) {
		return 0;
	}
	if (register_run(r, "BEGIN IMMEDIATE") != 0 || read_end(r, &last) != 0 ||
	    put_all(r, author, changes, n, &last) != 0 || put_head(r, &last) != 0) {
		return -1;
	}
	return register_run(r, "COMMIT");
}

/* One record with what held before. 1 go on, 0 stop, -1 failed. */
static int hand_over(struct register_file *r, const struct register_row *row, sqlite3_stmt *before,
                     register_record_fn *fn, void *context)
{
	struct entry *old = NULL, *new = NULL;
	char hash[DIGEST_TEXT_MAX];
	int type = 0, result;

	while (type < ENTRY_TYPES &&
	       strcmp(row->type.octets, entry_type_name((enum entry_type)type)) != 0) {
		type++;
	}
	if (type == ENTRY_TYPES) {
		return register_fail_record(r, row->number);
	}
	sqlite3_reset(before);
	bind_text(before, 1, row->type);
	bind_text(before, 2, row->id);
	sqlite3_bind_int64(before, 3, row->number);
	result = register_step(r, before);
	if (result == 1) {
		result = register_body_read(r, sqlite3_column_int64(before, 0),
		                            (enum entry_type)type, row->id,
		                            register_text_at(before, 1), &old);
	}
	if (result == 0) {
		result = register_body_read(r, row->number, (enum entry_type)type, row->id,
		                            row->body, &new);
	}
	if (result == 0) {
		const struct register_record record = {
		        .number = row->number,
		        .made_us = row->made_us,
		        .account = row->account.octets,
		        .source = row->source.octets,
		        .type = (enum entry_type)type,
		        .id = row->id.octets,
		        .before = old,
		        .after = new,
		        .hash = digest_print(row->hash, hash),
		};

		result = fn(context, &record);
	}
	entry_free(old);
	entry_free(new);
	return result;
}

int register_each(struct register_file *r, int64_t since_us, int64_t until_us,
                  register_record_fn *fn, void *context)
{
	sqlite3_stmt *records = register_prepare(
	        r, "SELECT " REGISTER_ROW
	           " FROM record WHERE made_us >= ?1 AND made_us < ?2 ORDER BY number");
	sqlite3_stmt *before =
	        register_prepare(r, "SELECT number, body FROM record WHERE type = ?1 AND id = ?2 "
	                            "AND number < ?3 ORDER BY number DESC LIMIT 1");
	struct register_row row;
	int result = before != NULL ? 1 : -1;

	if (records != NULL) {
		sqlite3_bind_int64(records, 1, since_us != 0 ? since_us : INT64_MIN);
		sqlite3_bind_int64(records, 2, until_us != 0 ? until_us : INT64_MAX);
	}
	while (result == 1 && (result = register_step(r, records)) == 1) {
		register_row_read(records, &row);
		result = hand_over(r, &row, before, fn, context);
	}
	sqlite3_finalize(before);
	sqlite3_finalize(records);
	return result < 0 ? -1 : 0;
}

int register_head(struct register_file *r, struct register_head *out)
{
	sqlite3_stmt *statement =
	        register_prepare(r, "SELECT (SELECT count(*) FROM record), lower(hex(hash)) "
	                            "FROM record ORDER BY number DESC LIMIT 1");
	int result = register_step(r, statement);

	*out = (struct register_head){0};
	if (result == 1) {
		out->records = sqlite3_column_int64(statement, 0);
		snprintf(out->hash, sizeof out->hash, "%s",
		         (const char *)sqlite3_column_text(statement, 1));
	}
	sqlite3_finalize(statement);
	return result < 0 ? -1 : 0;
}

void register_close(struct register_file *r)
{
	if (r == NULL) {
		return;
	}
	sqlite3_finalize(r->cells);
	sqlite3_close(r->db);
	free(r->error);
	free(r->path);
	free(r);
}
