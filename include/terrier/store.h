#ifndef TERRIER_STORE_H
#define TERRIER_STORE_H

#include "terrier/base/addr.h"
#include "terrier/base/digest.h"
#include "terrier/model/endpoint.h"
#include "terrier/model/kind.h"
#include "terrier/model/record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* terrier.db: the home of SQLite. One writer, many readers; readers need only read rights on the file and work
 * before, during and after a run of the daemon. */
struct store;

/* Whose fault a failure is (CONTRACT, exit status). */
enum store_fault { STORE_FAULT_NONE, STORE_FAULT_CALLER, STORE_FAULT_SYSTEM };

#define STORE_APPLICATION_ID 0x54455231 /* "TER1" */

/* Opens for writing; a missing file is created complete or not at all (written aside, then renamed). Refuses a
 * file that is no Terrier database, or of a newer version, or that another terrierd writes to. Runs migrations. On
 * failure NULL, `*fault` and `*error` (free(): one line `what: where: what to do instead`). */
struct store *store_open_rw(const char *path, enum store_fault *fault, char **error);

/* Opens for reading only. Errors as above. */
struct store *store_open_ro(const char *path, enum store_fault *fault, char **error);

/* Closes; NULL is allowed. A transaction that was not committed is undone. */
void store_close(struct store *s);

/* The text of SQLite's version. */
const char *store_library_version(void);

/* The reason of the last failure of any call below, one line. Belongs to the store. */
const char *store_error(const struct store *s);

/* ---- writing. All functions return 0, or -1 with store_error() set (disk full, I/O): the transaction is then
 * undone and nothing of it is visible. ---- */

/* Begins, commits, undoes a transaction. Everything below happens inside one. */
int store_begin(struct store *s);
int store_commit(struct store *s);
void store_rollback(struct store *s);

/* One daemon start or one file read. Text may be NULL for none. */
struct store_run {
	int64_t id;
	const char *sensor, *source; /* source: interface or the file's base name */
	const char *version, *dpi_version;
	const char *filter, *exclusions;
	int64_t started_us, ended_us; /* wall clock */
	int64_t first_us, last_us;    /* packet time; 0 when no packet */
	bool is_file, is_again, is_complete;
	bool is_ended;
	const char *fault;            /* why incomplete */
	uint64_t file_size, file_digest; /* capture_identity; 0 live */
	uint64_t counter[COVERAGE_COUNTERS];
};

/* Adds a run; sets run->id. */
int store_run_begin(struct store *s, struct store_run *run);

/* Writes ended_us, first/last_us, is_complete, is_ended, fault of run->id. Counters come by store_put_coverage(). */
int store_run_end(struct store *s, const struct store_run *run);

/* Looks for a completed or damaged read of the same file. Returns its run id, 0 when there is none, -1 on
 * failure. */
int64_t store_find_file(struct store *s, uint64_t size, uint64_t digest);

/* Marks a run as counted more than once. */
int store_mark_again(struct store *s, int64_t run);

/* What is in force, kept beside the data so that a copy of the file explains itself. Replaces what was there. */
struct store_zone {
	const char *name;
	const struct prefix *networks;
	size_t n_networks;
};
struct store_settings {
	const struct prefix *own, *outside;
	size_t n_own, n_outside;
	bool own_is_set; /* false: the default, so inside and outside are not configured */
	const struct store_zone *zones;
	size_t n_zones;
	const char *exclusions; /* one line for people, empty for none */
	const char *organisation, *ods_code; /* NULL: not stated */
	const enum name_source *name_order; /* every source once, the most believed first; NULL: as it is */
};
int store_put_settings(struct store *s, const struct store_settings *settings);

/* What to add to one exchange in one hour. Counters add up; first/last widen; confidence, protocol and the
 * sets (encrypted, initiated) merge so that the order of bookings does not matter: the protocol with the
 * highest confidence, then the first by name. */
struct booking {
	const char *segment;    /* name; "" for the default */
	const char *sensor;
	struct endpoint source, destination;
	uint8_t ip_protocol;
	uint16_t server_port;   /* 0: none */
	const char *kind_id;
	const char *protocol;
	bool is_both;           /* direction `both`: source is the client */
	bool initiated_by_source, initiated_by_destination; /* both false: unknown */
	enum confidence confidence;
	enum encryption encrypted;
	bool has_messages;
	uint64_t connections, messages, bytes_to_destination, bytes_to_source;
	int64_t first_us, last_us;
	enum evidence_type evidence_type;
	const char *evidence;   /* "ADT^A01"; NULL or "": none */
	uint64_t evidence_count; /* times it was seen */
	bool is_provisional;    /* may still move: replaced as a whole by the next store_clear_provisional() */
};
int store_put_exchange(struct store *s, int64_t run, const struct booking *b);

/* Forgets all provisional bookings (they are about to be put again). */
int store_clear_provisional(struct store *s);

/* Makes what is provisional final: at the end of a run, and at start after a crash. */
int store_settle(struct store *s);

/* A name of a host or party: counts add up, first/last widen. Bounded: at most 128 names an end are kept, the first
 * by source and name so that their order does not matter; the 32 most seen of them are read. Foreign: of a service
 * outside, which an inside host may answer to and is not. */
struct store_name {
	enum name_source source;
	const char *name;
	uint64_t count;
	int64_t first_us, last_us;
	bool is_foreign;
};
int store_put_name(struct store *s, const char *segment, const struct endpoint *end, const struct store_name *name);

/* Counters and hardware address (of which the maker's half is kept) of a host. Creates the host when it is inside;
 * an outside end has no counters. */
int store_put_host(struct store *s, const char *segment, const struct endpoint *end, const struct record_host *host,
                   int64_t first_us, int64_t last_us);

/* Adds counters to the run and to the minute that holds first_us. */
int store_put_coverage(struct store *s, int64_t run, const struct record_coverage *coverage, int64_t first_us,
                       int64_t last_us);

/* ---- reading. Each call is one short read transaction; a callback returns false to stop. Returns 0 or -1 with
 * store_error(). Rows come in a fixed order that depends on the data alone. Texts belong to the store and live
 * for the callback. ---- */

/* What to read; zero means everything. */
struct store_query {
	int64_t since_us, until_us;  /* 0: open; a window uses the hours it overlaps. It picks the exchanges and
	                              * their sums; everything else tells of all time */
	const char *exchange_id;     /* this one only */
};

/* One piece of evidence of an exchange; EVIDENCE_OTHER: a fact. */
struct evidence_row {
	enum evidence_type type;
	const char *text;
	uint64_t count;
};

struct exchange_row {
	char id[DIGEST_ID_MAX];      /* X-… */
	const char *segment, *sensor;
	const char *source_address, *destination_address; /* as printed: address or [party] */
	const char *source_name, *destination_name;       /* best name (store_each_host) or "" */
	struct addr source, destination;                  /* unspecified for a party without block */
	bool source_is_party, destination_is_party, source_is_inside, destination_is_inside;
	bool is_both, initiated_by_source, initiated_by_destination;
	uint8_t ip_protocol;
	uint16_t server_port;
	const char *protocol, *kind_id;
	enum confidence confidence;
	bool was_clear, was_encrypted; /* both: mixed; none: unknown */
	bool has_messages;
	uint64_t connections, messages, bytes_to_destination, bytes_to_source;
	int64_t first_us, last_us;
	const char *evidence;        /* "HL7 ADT^A01 ×12; ADT^A08 ×4", most counted first, then by name; bounded */
	const struct evidence_row *items; /* the same apart, with the facts: what store_each_evidence() tells */
	size_t n_items;
};
typedef bool store_exchange_fn(void *context, const struct exchange_row *row);
int store_each_exchange(struct store *s, const struct store_query *q, store_exchange_fn *fn, void *context);

/* What an exchange shows of what its hosts do, and no more: a tenth of the cost of all of it. */
struct deed_row {
	int64_t source, destination; /* hosts, by their id (struct host_row) */
	const char *protocol, *kind_id;
	enum confidence confidence;
	bool is_both, initiated_by_source, initiated_by_destination;
};
/* Those of all exchanges; ordered by nothing that matters. */
typedef bool store_deed_fn(void *context, const struct deed_row *row);
int store_each_deed(struct store *s, store_deed_fn *fn, void *context);

typedef bool store_evidence_fn(void *context, const struct evidence_row *row);
int store_each_evidence(struct store *s, const char *exchange_id, store_evidence_fn *fn, void *context);

struct volume_row {
	int64_t hour_us;
	uint64_t connections, messages, bytes_to_destination, bytes_to_source;
};
typedef bool store_volume_fn(void *context, const struct volume_row *row);
int store_each_volume(struct store *s, const char *exchange_id, store_volume_fn *fn, void *context);

struct host_row {
	int64_t id;
	const char *segment, *address; /* as printed */
	struct addr addr;
	bool is_party, is_inside;
	const char *best_name;         /* or "" */
	enum name_source best_source;
	const char *mac;               /* "02:4c:41:00:00:01" or "" */
	uint64_t empty_out, empty_in, unanswered_out, unanswered_in;
	int64_t first_us, last_us;
};
/* Hosts seen in an exchange or by their counters; one that was only named was not seen. The best name is the first
 * by DNS, SNI, HTTP host, certificate, AE title, HL7, then what computers call themselves; then the most seen, then
 * the first by name. One that several inside hosts of a segment share stands back behind a host's own. */
typedef bool store_host_fn(void *context, const struct host_row *row);
int store_each_host(struct store *s, store_host_fn *fn, void *context);

struct name_row {
	enum name_source source;
	const char *name;
	uint64_t count;
	int64_t first_us, last_us;
	int64_t host;
};
typedef bool store_name_fn(void *context, const struct name_row *row);
/* Those of a host, the best first; of all hosts, one after the other, when `host` is 0. */
int store_each_name(struct store *s, int64_t host, store_name_fn *fn, void *context);

/* All names of all hosts, host by host; but those of outside services, which an inside host may answer to and is not. */
typedef bool store_host_name_fn(void *context, int64_t host, enum name_source source, const char *name);
int store_each_host_name(struct store *s, store_host_name_fn *fn, void *context);

/* What each exchange moved in each hour of the window: all of it in one reading, for sums over many exchanges. An
 * exchange of which a part may still move comes twice, once for either part. The hours of a part are in no order. */
struct hour_row {
	char exchange_id[DIGEST_ID_MAX];
	const char *kind_id;
	bool is_first; /* of this part of the exchange */
	struct volume_row volume;
};
typedef bool store_hour_fn(void *context, const struct hour_row *row);
int store_each_hour(struct store *s, const struct store_query *q, store_hour_fn *fn, void *context);

/* The hours of the window in which anything was watched at all, in order. */
typedef bool store_watched_hour_fn(void *context, int64_t hour_us);
int store_each_watched_hour(struct store *s, const struct store_query *q, store_watched_hour_fn *fn, void *context);

/* What was seen and lost, for each sensor and interface (all files of a sensor are one, "") and each stretch of `step_us`,
 * a number of whole minutes; by sensor, interface, time. Stretches without any counter do not come. */
struct coverage_row {
	const char *sensor, *source;
	int64_t start_us;
	uint64_t packets, drops, evicted, gaps;
};
typedef bool store_coverage_fn(void *context, const struct coverage_row *row);
int store_each_coverage(struct store *s, const struct store_query *q, int64_t step_us, store_coverage_fn *fn,
                        void *context);

/* On which days and in how many hours each exchange was seen, those of the window. One of which a part may still move
 * comes twice, once for either part; ordered by nothing that matters. */
struct activity_row {
	char exchange_id[DIGEST_ID_MAX];
	const int64_t *days; /* since 1970-01-01, ascending */
	size_t n_days;
	const int64_t *hours; /* since 1970-01-01T00Z, ascending */
	size_t n_hours;
};
typedef bool store_activity_fn(void *context, const struct activity_row *row);
int store_each_activity(struct store *s, const struct store_query *q, store_activity_fn *fn, void *context);

/* How many different days and hours of the window were watched at all. */
int store_watched(struct store *s, const struct store_query *q, uint64_t *days, uint64_t *hours);

/* The same sensor by sensor, by name. */
typedef bool store_watch_fn(void *context, const char *sensor, uint64_t days, uint64_t hours);
int store_each_watch(struct store *s, const struct store_query *q, store_watch_fn *fn, void *context);

typedef bool store_run_fn(void *context, const struct store_run *run);
int store_each_run(struct store *s, store_run_fn *fn, void *context); /* oldest first */

/* The zones in force, in the order of the configuration, one network a call. */
typedef bool store_zone_fn(void *context, const char *zone, const struct prefix *network);
int store_each_zone(struct store *s, store_zone_fn *fn, void *context);

/* Period, sums and sizes over all runs. Texts belong to the store until the next call. */
struct store_summary {
	int64_t first_us, last_us;   /* packet time; 0 when empty */
	uint64_t runs, runs_incomplete, runs_again, exchanges, hosts;
	uint64_t counter[COVERAGE_COUNTERS];
	bool own_is_set;
	const char *sensors;         /* "a; b" */
	const char *exclusions;
	const char *organisation, *ods_code; /* "": not stated */
	uint64_t file_bytes;
	int schema_version;
};
int store_summarise(struct store *s, struct store_summary *out);

/* Whether the file is whole, and what is stored of people's systems (names, parties, evidence) still passes the
 * validator (record_check_evidence()): privacy.md 2. */
struct store_check {
	char *fault;              /* NULL: the file is whole; else what SQLite says, one line without content; free() */
	uint64_t texts, withheld; /* looked at, when it is whole; those that should not be there */
};
int store_check(struct store *s, struct store_check *out);

/* Only the second: counts the texts. */
int store_check_texts(struct store *s, struct store_check *out);

#endif
