/* Walking the chain: each record has the hash that it says, follows the one before, and the last is
 * where the chain ends by the register's own account. */
#include "register_parts.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A text of the file, which by now may hold anything. */
static void put_text(FILE *out, struct register_text text)
{
	uint32_t code;
	char put[UTF8_MAX];

	for (size_t at = 0; at < text.len;) {
		at += utf8_decode(text.octets + at, text.len - at, &code);
		utf8_put(utf8_is_control(code) ? UTF8_REPLACEMENT : code, put);
		fputs(put, out);
	}
}

/* "decision F-…, made 2026-11-21T22:08:28Z by jane" (free()). */
static char *describe(const struct register_row *row)
{
	char *text = NULL, time[CLOCK_TEXT_MAX];
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	put_text(out, row->type);
	putc(' ', out);
	put_text(out, row->id);
	fprintf(out, ", made %s by ", clock_format(row->made_us, time));
	put_text(out, row->account);
	fclose(out);
	return text;
}

static void find(struct register_fault *out, enum register_damage damage,
                 const struct register_row *row)
{
	out->damage = damage;
	out->number = row->number;
	out->what = describe(row);
}

/* What the register itself holds for its end. */
struct end {
	int64_t records;
	uint8_t hash[DIGEST_OCTETS];
};

static int read_end(struct register_file *r, struct end *end)
{
	sqlite3_stmt *statement =
	        register_prepare(r, "SELECT records, hash FROM head WHERE one = 1");
	int result = register_step(r, statement);

	*end = (struct end){.records = -1}; /* somebody took it out */
	if (result == 1 && sqlite3_column_bytes(statement, 1) == DIGEST_OCTETS) {
		end->records = sqlite3_column_int64(statement, 0);
		memcpy(end->hash, sqlite3_column_blob(statement, 1), DIGEST_OCTETS);
	}
	sqlite3_finalize(statement);
	return result < 0 ? -1 : 0;
}

/* One walk. */
struct walk {
	const struct end *end;
	const char *head;        /* in search of; NULL: none */
	int64_t found;           /* the record that has it */
	struct register_row row; /* the last one: its number and hash */
};

static bool has_head(const struct walk *w, const uint8_t hash[DIGEST_OCTETS])
{
	char text[DIGEST_TEXT_MAX];

	digest_print(hash, text);
	return w->head != NULL && w->head[0] != '\0' && text_begins(text, strlen(text), w->head);
}

/* Judges the next record. */
static enum register_damage judge(struct walk *w, const struct register_row *row)
{
	uint8_t hash[DIGEST_OCTETS];

	register_row_hash(row, hash);
	if (memcmp(hash, row->hash, DIGEST_OCTETS) != 0) {
		return REGISTER_CHANGED;
	}
	if (row->number != w->row.number + 1 ||
	    memcmp(row->previous, w->row.hash, DIGEST_OCTETS) != 0) {
		return REGISTER_BROKEN;
	}
	/* added, or exchanged for another, by someone who did not know of the end */
	if ((w->end->records >= 0 && row->number > w->end->records) ||
	    (row->number == w->end->records && memcmp(hash, w->end->hash, DIGEST_OCTETS) != 0)) {
		return REGISTER_BROKEN;
	}
	return REGISTER_SOUND;
}

static int walk(struct register_file *r, struct walk *w, struct register_fault *out)
{
	sqlite3_stmt *statement =
	        register_prepare(r, "SELECT " REGISTER_ROW " FROM record ORDER BY number");
	struct register_row row;
	int result = 0;

	while (out->damage == REGISTER_SOUND && (result = register_step(r, statement)) == 1) {
		register_row_read(statement, &row);

		enum register_damage damage = judge(w, &row);

		if (damage != REGISTER_SOUND) {
			find(out, damage, &row);
		} else if (w->found == 0 && has_head(w, row.hash)) {
			w->found = row.number;
		}
		w->row = row;
	}
	sqlite3_finalize(statement);
	return result < 0 ? -1 : 0;
}

/* What no record shows: the end, and the head that was asked for. */
static void judge_end(const struct walk *w, struct register_fault *out)
{
	if (w->end->records != w->row.number) {
		out->damage = REGISTER_CUT;
		out->number = w->row.number + 1;
		out->what =
		        w->end->records < 0
		                ? mem_strdup("the register's own account of its end is missing")
		                : mem_printf("%" PRId64 " records were made, %" PRId64 " are left",
		                             w->end->records, w->row.number);
	} else if (w->head != NULL && w->found == 0) {
		out->damage = REGISTER_HEAD_ABSENT;
		out->what = mem_strdup("no record has this hash");
	} else {
		out->number = w->found;
	}
}

/* SQLite's own look at the file: an index that does not say what the table does would show entries
 * wrongly. */
static int check_file(struct register_file *r)
{
	sqlite3_stmt *statement = register_prepare(r, "PRAGMA integrity_check(1)");
	int result = register_step(r, statement);

	if (result == 1 && strcmp((const char *)sqlite3_column_text(statement, 0), "ok") != 0) {
		result = register_fail(
		        r, STORE_FAULT_SYSTEM,
		        "register: %s: is damaged: keep it as it is, and restore a copy", r->path);
	}
	sqlite3_finalize(statement);
	return result < 0 ? -1 : 0;
}

int register_verify(struct register_file *r, const char *head, struct register_fault *out)
{
	struct end end;
	struct walk w = {.end = &end, .head = head};

	*out = (struct register_fault){.damage = REGISTER_SOUND};
	if (register_run(r, "BEGIN") != 0 || read_end(r, &end) != 0 || walk(r, &w, out) != 0) {
		return -1;
	}
	if (out->damage == REGISTER_SOUND) {
		judge_end(&w, out);
		if (check_file(r) != 0) {
			free(out->what);
			return -1;
		}
	}
	return register_run(r, "COMMIT");
}
