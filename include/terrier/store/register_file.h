#ifndef TERRIER_STORE_REGISTER_FILE_H
#define TERRIER_STORE_REGISTER_FILE_H

#include "terrier/model/entry.h"
#include "terrier/store.h"

#include <stdbool.h>
#include <stdint.h>

/* register.db: what people entered. One table that only grows: each row (a record) sets or takes back one entry, says
 * when and by which account, and holds the hash of the row before it and its own (a chain). What is in force is the
 * last record of each entry. Nothing is ever updated in place.
 *
 * A record's hash is BLAKE2b-256 (RFC 7693) over these fields, each preceded by its length as 64 bits, least
 * significant octet first: "terrier register 1", the previous hash (32 octets, zero for the first), the number and the
 * time (64 bits each, two's complement, least significant octet first), the account, the source, the word of the type,
 * the id, the body. The body is the JSON object of the cells that are not empty, in the order of the columns, without
 * blanks; empty when the entry was taken back. It is UTF-8; only quote, backslash and control characters below space
 * are escaped: \b \f \n \r \t, else \u00xx in lower case. A hash covers the octets as they stand in the file. */
struct register_file;

#define REGISTER_APPLICATION_ID 0x54455247 /* "TERG" */

enum register_mode {
	REGISTER_READ,  /* a file that does not exist or is empty is a register without entries. Writes nothing, but where
	                 * this user may it undoes a write that was cut short */
	REGISTER_WRITE, /* made when it does not exist, for the group terrier-register where there is one and it may be
	                 * given to it: its members write, others do not read. Needs no right to the folder when file
	                 * and FILE-journal are there, be they empty */
};

#define REGISTER_HASH_MAX DIGEST_TEXT_MAX

/* Opens the register. NULL on failure: `*fault` and `*error` (free()) as of store_open_ro(). */
struct register_file *register_open(const char *path, enum register_mode mode, enum store_fault *fault,
                                    char **error);
void register_close(struct register_file *r); /* NULL is allowed */

/* Why the last call failed. Belongs to the register. */
const char *register_error(const struct register_file *r);

/* The entries of a type in force, in the order in which they first came (entries_free()); NULL on failure. A record
 * whose body is damaged fails. */
struct entries *register_entries(struct register_file *r, enum entry_type type);

/* Who writes: the account (not a role), and the command with the file it read, both kept in each record. */
struct register_author {
	const char *account;
	const char *source; /* "assets import assets.csv" */
	int64_t now_us;
};

/* One change: `entry` becomes what holds for its id, or, when `is_removed`, no longer does. */
struct register_change {
	const struct entry *entry;
	bool is_removed;
};

/* Appends all of them in one transaction, or none; waits ten seconds for another who writes. Refuses where the chain
 * does not end where it did. Returns 0, or -1. */
int register_append(struct register_file *r, const struct register_author *author,
                    const struct register_change *changes, size_t n);

/* A record as it was appended, and what held for its id before: NULL where there was or is no entry. */
struct register_record {
	int64_t number; /* from 1 */
	int64_t made_us;
	const char *account, *source;
	enum entry_type type;
	const char *id;
	const struct entry *before, *after;
	const char *hash; /* hexadecimal */
};

/* The records made from `since_us` (0: the first) and before `until_us` (0: no end), in their order; false stops.
 * Returns 0, or -1. */
typedef bool register_record_fn(void *context, const struct register_record *record);
int register_each(struct register_file *r, int64_t since_us, int64_t until_us, register_record_fn *fn, void *context);

/* The chain's head: how many records, and the hash of the last ("" when there is none). Returns 0, or -1. */
struct register_head {
	int64_t records;
	char hash[REGISTER_HASH_MAX];
};
int register_head(struct register_file *r, struct register_head *out);

/* What is wrong with the chain. */
enum register_damage {
	REGISTER_SOUND,
	REGISTER_CHANGED,     /* this record does not have the hash that it says */
	REGISTER_BROKEN,      /* it does not follow the record before: one was taken out, put in or moved */
	REGISTER_CUT,         /* records are missing at the end */
	REGISTER_HEAD_ABSENT, /* the head that was asked for is not in it: cut short or rewritten since */
};

struct register_fault {
	enum register_damage damage;
	int64_t number; /* of the first bad record, or the first that is missing; when sound, of the one that has the
	                 * head that was asked for; 0: none in particular */
	char *what;     /* for people: the record's type and id, when and by whom, as it stands now, or what there is to
	                 * say instead; NULL when sound; free() */
};

/* Walks the whole chain. `head` (NULL: not asked) must be the hash of one of its records, in hexadecimal of any case,
 * or the beginning of one. Returns 0 with `*out` set, or -1 when the file cannot be read. */
int register_verify(struct register_file *r, const char *head, struct register_fault *out);

#endif
