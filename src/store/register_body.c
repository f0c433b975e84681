/* The canonical bytes of a record: the JSON object of an entry's cells, and the hash over all
 * fields. */
#include "register_parts.h"

#include "terrier/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN "terrier register 1"

static void put_string(FILE *out, const char *text)
{
	static const char plain[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";

	putc('"', out);
	for (; *text != '\0'; text++) {
		const char *found = strchr(plain, *text);

		if (found != NULL) {
			fprintf(out, "\\%c", letters[found - plain]);
		} else if ((unsigned char)*text < ' ') {
			fprintf(out, "\\u%04x", (unsigned)*text);
		} else {
			putc(*text, out);
		}
	}
	putc('"', out);
}

char *register_body_write(const struct entry *e)
{
	size_t n, size = 0;
	const struct entry_column *columns = entry_columns(e->type, &n);
	const char *comma = "";
	char *body = NULL;
	FILE *out = open_memstream(&body, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	putc('{', out);
	for (size_t i = 0; i < n; i++) {
		if (entry_text(e, i)[0] != '\0') {
			fputs(comma, out);
			put_string(out, columns[i].name);
			putc(':', out);
			put_string(out, entry_text(e, i));
			comma = ",";
		}
	}
	putc('}', out);
	fclose(out);
	return body;
}

/* The column of a key; cells come in the order of the columns, so it is near the last one. */
static size_t find_column(const struct entry_column *columns, size_t n, size_t last,
                          const char *key)
{
	for (size_t i = 0; i < n; i++) {
		size_t at = (last + i) % n;

		if (strcmp(columns[at].name, key) == 0) {
			return at;
		}
	}
	return n;
}

int register_fail_record(struct register_file *r, int64_t number)
{
	return register_fail(r, STORE_FAULT_SYSTEM,
	                     "register: %s: record %" PRId64
	                     " is damaged: ask terrier verify, and restore a copy",
	                     r->path, number);
}

static int read_cells(struct register_file *r, int64_t number, struct entry *e)
{
	size_t n, at = 0;
	const struct entry_column *columns = entry_columns(e->type, &n);
	int result;

	while ((result = sqlite3_step(r->cells)) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(r->cells, 0);

		if (key == NULL || sqlite3_column_int(r->cells, 2) == 0) {
			return register_fail_record(r, number);
		}
		at = find_column(columns, n, at, key);
		if (at == n) {
			return register_fail(
			        r, STORE_FAULT_CALLER,
			        "register: %s: record %" PRId64
			        " has a column that this Terrier does not know: install the newest "
			        "version, or ask terrier verify",
			        r->path, number);
		}
		entry_set(e, at, (const char *)sqlite3_column_text(r->cells, 1),
		          (size_t)sqlite3_column_bytes(r->cells, 1));
	}
	if (result == SQLITE_ERROR) { /* malformed JSON */
		return register_fail_record(r, number);
	}
	return result == SQLITE_DONE ? 0 : register_fail_sqlite(r);
}

int register_body_read(struct register_file *r, int64_t number, enum entry_type type,
                       struct register_text id, struct register_text body, struct entry **out)
{
	struct entry *e;
	int result;

	*out = NULL;
	if (body.len == 0) {
		return 0;
	}
	if (body.octets[0] != '{') {
		return register_fail_record(r, number);
	}
	if (r->cells == NULL) {
		r->cells =
		        register_prepare(r, "SELECT key, value, type = 'text' FROM json_each(?1)");
	}
	if (r->cells == NULL) {
		return -1;
	}
	e = entry_new(type);
	e->id = mem_printf("%.*s", (int)id.len, id.octets);
	sqlite3_bind_text64(r->cells, 1, body.octets, body.len, SQLITE_STATIC, SQLITE_UTF8);
	result = read_cells(r, number, e);
	sqlite3_reset(r->cells);
	sqlite3_clear_bindings(r->cells);
	if (result != 0) {
		entry_free(e);
		return -1;
	}
	*out = e;
	return 0;
}

struct register_text register_text_at(sqlite3_stmt *statement, int i)
{
	const unsigned char *octets = sqlite3_column_text(statement, i);

	return (struct register_text){octets != NULL ? (const char *)octets : "",
	                              (size_t)sqlite3_column_bytes(statement, i)};
}

static void hash_at(sqlite3_stmt *statement, int i, uint8_t out[DIGEST_OCTETS])
{
	const void *octets = sqlite3_column_blob(statement, i);

	memset(out, 0, DIGEST_OCTETS);
	if (octets != NULL && sqlite3_column_bytes(statement, i) == DIGEST_OCTETS) {
		memcpy(out, octets, DIGEST_OCTETS);
	}
}

void register_row_read(sqlite3_stmt *statement, struct register_row *row)
{
	row->number = sqlite3_column_int64(statement, 0);
	row->made_us = sqlite3_column_int64(statement, 1);
	row->account = register_text_at(statement, 2);
	row->source = register_text_at(statement, 3);
	row->type = register_text_at(statement, 4);
	row->id = register_text_at(statement, 5);
	row->body = register_text_at(statement, 6);
	hash_at(statement, 7, row->previous);
	hash_at(statement, 8, row->hash);
}

static void add_number(struct digest *d, int64_t value)
{
	uint8_t octets[8];

	for (int i = 0; i < 8; i++) {
		octets[i] = (uint8_t)((uint64_t)value >> (8 * i));
	}
	digest_add(d, octets, sizeof octets);
}

void register_row_hash(const struct register_row *row, uint8_t out[DIGEST_OCTETS])
{
	const struct register_text texts[] = {row->account, row->source, row->type, row->id,
	                                      row->body};
	struct digest *d = digest_new();

	digest_add(d, CHAIN, strlen(CHAIN));
	digest_add(d, row->previous, DIGEST_OCTETS);
	add_number(d, row->number);
	add_number(d, row->made_us);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		digest_add(d, texts[i].octets, texts[i].len);
	}
	digest_finish(d, out);
}
