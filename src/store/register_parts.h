#ifndef TERRIER_STORE_REGISTER_PARTS_H
#define TERRIER_STORE_REGISTER_PARTS_H

#include "terrier/store/register_file.h"

#include <sqlite3.h>

/* What the files of the register share. */
struct register_file {
	sqlite3 *db;
	char *path;
	char *error; /* of the last failure */
	enum store_fault fault;
	sqlite3_stmt *cells; /* those of a body */
};

/* Keeps the reason of a failure, ours or SQLite's, and undoes the transaction. Always -1. */
int register_fail(struct register_file *r, enum store_fault fault, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
int register_fail_sqlite(struct register_file *r);
int register_fail_record(struct register_file *r, int64_t number); /* it makes no sense */

/* A statement (sqlite3_finalize()); NULL on failure. A step of one: 1 a row, 0 done, -1 failed. */
sqlite3_stmt *register_prepare(struct register_file *r, const char *text);
int register_step(struct register_file *r, sqlite3_stmt *statement);

/* Runs a statement without rows. 0 or -1. */
int register_run(struct register_file *r, const char *text);

/* A record as it stands in the file; texts live with the statement. A hash of another size reads as
 * zeros. */
struct register_text {
	const char *octets;
	size_t len;
};
struct register_row {
	int64_t number, made_us;
	struct register_text account, source, type, id, body;
	uint8_t previous[DIGEST_OCTETS], hash[DIGEST_OCTETS];
};

#define REGISTER_ROW "number, made_us, account, source, type, id, body, previous, hash"

/* Column `i` of a statement. */
struct register_text register_text_at(sqlite3_stmt *statement, int i);

/* Reads the row of a statement that selects REGISTER_ROW. */
void register_row_read(sqlite3_stmt *statement, struct register_row *row);

/* The hash that the row's other fields have. */
void register_row_hash(const struct register_row *row, uint8_t out[DIGEST_OCTETS]);

/* The body of an entry (free()), and back: `*out` (entry_free()) is NULL when the entry was taken
 * back. 0 or -1. */
char *register_body_write(const struct entry *e);
int register_body_read(struct register_file *r, int64_t number, enum entry_type type,
                       struct register_text id, struct register_text body, struct entry **out);

#endif
