/* The writer's memory: bookings of the same exchange, hour and evidence become one row before
 * SQLite sees them. */
#include "pending.h"

#include "ends.h"
#include "evidence.h"
#include "index.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define ROWS_MAX  65536 /* about 14 MiB */
#define WORDS_MAX 65536

#define OTHER_SENSORS "(others)"

/* The enumerations below are stored: their numbers are those of evidence_type and name_source in
 * the schema. */
_Static_assert(EVIDENCE_TYPES == 20 && EVIDENCE_HL7_MSH9 == 1 && EVIDENCE_TLS_SNI == 14 &&
                       EVIDENCE_OTHER == 19,
               "a change of evidence types needs a migration");
_Static_assert(NAME_SOURCES == 15 && NAME_HL7 == 1 && NAME_DHCP == 11 && NAME_BANNER == 14,
               "a change of name sources needs a migration");

/* One copy of each text, so that equal texts are equal pointers. */
struct word {
	UT_hash_handle hh;
	char text[];
};

struct row_key {
	int64_t source, destination;        /* ids of ends */
	const struct word *kind, *evidence; /* evidence NULL: none */
	int64_t hour;
	uint16_t server_port;
	uint8_t ip_protocol, evidence_type;
	bool is_provisional;
};

struct sums {
	uint64_t connections, messages, bytes_to_destination, bytes_to_source;
};

struct row {
	struct row_key key;
	int64_t id; /* of the exchange */
	const char *protocol;
	enum confidence confidence;
	bool is_both, initiated_by_source, initiated_by_destination, was_clear, was_encrypted,
	        has_messages;
	uint64_t sensors, evidence_count;
	struct sums sums;
	int64_t first_us, last_us;
};

struct pending {
	struct ends ends;
	struct word *words;
	struct row *rows; /* ROWS_MAX, of which n_rows are in use */
	size_t n_rows;
	struct index index; /* of rows by key */
	char *sensors[STORE_SENSORS_MAX];
	int n_sensors; /* 0: not read yet */
};

struct pending *pending_new(void)
{
	struct pending *p = mem_zalloc(1, sizeof *p);

	ends_init(&p->ends);
	index_init(&p->index, ROWS_MAX);
	p->rows = mem_map(ROWS_MAX * sizeof *p->rows);
	return p;
}

static void forget_rows(struct pending *p)
{
	index_clear(&p->index);
	p->n_rows = 0;
}

static void forget_texts(struct pending *p)
{
	struct word *word, *next;

	ends_clear(&p->ends);
	HASH_ITER(hh, p->words, word, next)
	{
		HASH_DELETE(hh, p->words, word);
		free(word);
	}
}

void pending_drop(struct pending *p)
{
	forget_rows(p);
	forget_texts(p);
	for (int i = 0; i < p->n_sensors; i++) {
		free(p->sensors[i]);
	}
	p->n_sensors = 0;
}

void pending_free(struct pending *p)
{
	if (p == NULL) {
		return;
	}
	pending_drop(p);
	ends_fini(&p->ends);
	index_fini(&p->index);
	mem_unmap(p->rows, ROWS_MAX * sizeof *p->rows);
	free(p);
}

static const struct word *intern(struct pending *p, const char *text)
{
	size_t len = strlen(text);
	struct word *word;
	unsigned hash;

	HASH_VALUE(text, len, hash);
	HASH_FIND_BYHASHVALUE(hh, p->words, text, len, hash, word);
	if (word == NULL) {
		word = mem_zalloc(1, sizeof *word + len + 1);
		memcpy(word->text, text, len);
		HASH_ADD_KEYPTR_BYHASHVALUE(hh, p->words, word->text, len, hash, word);
	}
	return word;
}

/* ---- sensors ---- */

static int read_sensors(struct store *s)
{
	struct pending *p = s->pending;
	sqlite3_stmt *list = sql_get(s, SQL_SENSOR_LIST);
	int result;

	while ((result = sql_step(s, list)) == 1 && p->n_sensors < STORE_SENSORS_MAX) {
		p->sensors[p->n_sensors++] = mem_strdup(sql_text(list, 1));
	}
	sqlite3_reset(list);
	return result < 0 ? -1 : 0;
}

int pending_sensor(struct store *s, const char *name, uint64_t *bit)
{
	struct pending *p = s->pending;
	int i = 0;

	if (p->n_sensors == 0 && read_sensors(s) != 0) {
		return -1;
	}
	while (i < p->n_sensors && i < STORE_SENSORS_MAX - 1 && strcmp(p->sensors[i], name) != 0) {
		i++;
	}
	if (bit != NULL) {
		*bit = UINT64_C(1) << i;
	}
	if (i < p->n_sensors) {
		return 0;
	}
	sqlite3_stmt *add = sql_get(s, SQL_SENSOR_ADD);
	const char *kept = i == STORE_SENSORS_MAX - 1 ? OTHER_SENSORS : name;

	sql_bind_integer(add, 1, i);
	sql_bind_text(add, 2, kept);
	if (sql_run(s, add) != 0) {
		return -1;
	}
	p->sensors[p->n_sensors++] = mem_strdup(kept);
	return 0;
}

/* ---- ids ---- */

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* of digest_finish_id() */

void pending_print_id(int64_t number, char out[DIGEST_ID_MAX])
{
	memcpy(out, "X-", 2);
	for (int i = 0; i < 12; i++) {
		out[2 + i] = alphabet[number >> (55 - 5 * i) & 31];
	}
	out[14] = '\0';
}

int64_t pending_parse_id(const char *text)
{
	int64_t id = 0;

	if (strncmp(text, "X-", 2) != 0 || strlen(text) != 14) {
		return -1;
	}
	for (const char *c = text + 2; *c != '\0'; c++) {
		const char *at = strchr(alphabet, *c);
		if (at == NULL) {
			return -1;
		}
		id = id << 5 | (at - alphabet);
	}
	return id;
}

/* Over exactly what CONTRACT names as an exchange, so that it is the same in every run and
 * database. */
static int64_t make_exchange_id(const struct row_key *key, const struct end *source,
                                const struct end *destination)
{
	const uint8_t port[2] = {(uint8_t)(key->server_port >> 8), (uint8_t)key->server_port};
	struct digest *d = digest_new();
	char text[DIGEST_ID_MAX];

	digest_add(d, source->segment, strlen(source->segment));
	digest_add(d, source->address, strlen(source->address));
	digest_add(d, destination->address, strlen(destination->address));
	digest_add(d, &key->ip_protocol, 1);
	digest_add(d, port, sizeof port);
	digest_add(d, key->kind->text, strlen(key->kind->text));

	int64_t id = pending_parse_id(digest_finish_id(d, "X", text));

	return id > 0 ? id : 1; /* the sign has a meaning */
}

/* ---- summing up: these must not depend on the order of bookings, like EXCHANGE_MERGE in
 * statements.c
 * ---- */

static void add_sums(struct sums *into, const struct sums *from)
{
	into->connections = sql_add(into->connections, from->connections);
	into->messages = sql_add(into->messages, from->messages);
	into->bytes_to_destination =
	        sql_add(into->bytes_to_destination, from->bytes_to_destination);
	into->bytes_to_source = sql_add(into->bytes_to_source, from->bytes_to_source);
}

static void add_row(struct row *into, const struct row *from)
{
	if (from->confidence > into->confidence ||
	    (from->confidence == into->confidence && strcmp(from->protocol, into->protocol) < 0)) {
		into->protocol = from->protocol;
		into->confidence = from->confidence;
	}
	into->is_both |= from->is_both;
	into->initiated_by_source |= from->initiated_by_source;
	into->initiated_by_destination |= from->initiated_by_destination;
	into->was_clear |= from->was_clear;
	into->was_encrypted |= from->was_encrypted;
	into->has_messages |= from->has_messages;
	into->sensors |= from->sensors;
	into->evidence_count = sql_add(into->evidence_count, from->evidence_count);
	into->first_us = from->first_us < into->first_us ? from->first_us : into->first_us;
	into->last_us = from->last_us > into->last_us ? from->last_us : into->last_us;
	add_sums(&into->sums, &from->sums);
}

static struct row make_row(struct pending *p, const struct booking *b, uint64_t sensors)
{
	return (struct row){
	        .protocol = intern(p, b->protocol)->text,
	        .confidence = b->confidence,
	        .is_both = b->is_both,
	        .initiated_by_source = b->initiated_by_source,
	        .initiated_by_destination = b->initiated_by_destination,
	        .was_clear = b->encrypted == ENCRYPTED_NO,
	        .was_encrypted = b->encrypted == ENCRYPTED_YES,
	        .has_messages = b->has_messages,
	        .sensors = sensors,
	        .evidence_count = b->has_messages ? b->messages : b->connections,
	        .sums = {b->connections, b->messages, b->bytes_to_destination, b->bytes_to_source},
	        .first_us = b->first_us,
	        .last_us = b->last_us,
	};
}

/* Octet by octet a value, holes included: it is hashed and compared as such. */
static void make_row_key(struct pending *p, const struct booking *b, struct row_key *key)
{
	bool has_evidence =
	        b->evidence != NULL && b->evidence[0] != '\0' && b->evidence_type != EVIDENCE_NONE;

	memset(key, 0, sizeof *key);
	key->kind = intern(p, b->kind_id);
	key->evidence = has_evidence ? intern(p, b->evidence) : NULL;
	key->evidence_type = has_evidence ? (uint8_t)b->evidence_type : EVIDENCE_NONE;
	key->hour = clock_hour_us(b->first_us) / CLOCK_HOUR_US;
	key->server_port = b->server_port;
	key->ip_protocol = b->ip_protocol;
	key->is_provisional = b->is_provisional;
}

static int make_room(struct store *s)
{
	struct pending *p = s->pending;

	if (p->n_rows < ROWS_MAX && p->ends.n + 2 <= ENDS_MAX &&
	    HASH_COUNT(p->words) + 3 < WORDS_MAX) {
		return 0;
	}
	if (pending_flush(s) != 0) {
		return -1;
	}
	if (p->ends.n > ENDS_MAX / 2 || HASH_COUNT(p->words) > WORDS_MAX / 2) {
		forget_texts(p);
	}
	return 0;
}

/* The row of this key, or NULL and where to index a new one. */
static struct row *find_row(const struct pending *p, const struct row_key *key, uint32_t hash,
                            size_t *at)
{
	uint32_t i;

	*at = hash;
	while ((i = index_next(&p->index, hash, at)) != INDEX_NONE) {
		if (memcmp(&p->rows[i].key, key, sizeof *key) == 0) {
			return &p->rows[i];
		}
	}
	return NULL;
}

int pending_put(struct store *s, const struct booking *b)
{
	struct pending *p = s->pending;
	struct row_key key;
	uint64_t sensors;
	size_t at;

	if (make_room(s) != 0 || pending_sensor(s, b->sensor, &sensors) != 0) {
		return -1;
	}
	const struct end *source = ends_get(&p->ends, b->segment, &b->source);
	const struct end *destination = ends_get(&p->ends, b->segment, &b->destination);
	struct row row = make_row(p, b, sensors);

	make_row_key(p, b, &key);
	key.source = source->id;
	key.destination = destination->id;
	uint32_t hash = index_hash(&p->index, 0, &key, sizeof key);
	struct row *found = find_row(p, &key, hash, &at);

	if (found != NULL) {
		add_row(found, &row);
		return 0;
	}
	index_add(&p->index, hash, at, (uint32_t)p->n_rows);
	found = &p->rows[p->n_rows++];
	*found = row;
	memcpy(&found->key, &key, sizeof key);
	found->id = make_exchange_id(&key, source, destination);
	return 0;
}

int pending_put_host(struct store *s, const char *segment, const struct endpoint *end,
                     const struct record_host *host, int64_t first_us, int64_t last_us)
{
	if (make_room(s) != 0) {
		return -1;
	}
	ends_count(ends_get(&s->pending->ends, segment, end), host, first_us, last_us);
	return 0;
}

int64_t pending_host_id(struct store *s, const char *segment, const struct endpoint *end)
{
	if (make_room(s) != 0) {
		return -1;
	}
	return ends_get(&s->pending->ends, segment, end)->id;
}

/* ---- flushing ---- */

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* By exchange, then hour, then evidence. */
static int compare_rows(const void *left, const void *right)
{
	const struct row *a = *(struct row *const *)left, *b = *(struct row *const *)right;
	int result = order(a->key.is_provisional, b->key.is_provisional);

	result = result != 0 ? result : order(a->id, b->id);
	result = result != 0 ? result : order(a->key.hour, b->key.hour);
	result = result != 0 ? result : order(a->key.evidence_type, b->key.evidence_type);
	if (result != 0 || a->key.evidence == NULL) {
		return result;
	}
	return strcmp(a->key.evidence->text, b->key.evidence->text);
}

static bool is_same_exchange(const struct row *a, const struct row *b)
{
	return a->id == b->id && a->key.is_provisional == b->key.is_provisional;
}

static void bind_sums(sqlite3_stmt *put, int i, const struct sums *sums)
{
	sql_bind_counter(put, i, sums->connections);
	sql_bind_counter(put, i + 1, sums->messages);
	sql_bind_counter(put, i + 2, sums->bytes_to_destination);
	sql_bind_counter(put, i + 3, sums->bytes_to_source);
}

/* Provisional rows have negative ids. */
static int64_t row_id(const struct row *row)
{
	return row->key.is_provisional ? -row->id : row->id;
}

static int put_exchange(struct store *s, enum sql which, const struct row *row,
                        const char *evidence)
{
	sqlite3_stmt *put = sql_get(s, which);

	sql_bind_integer(put, 1, row_id(row));
	sql_bind_integer(put, 2, row->key.source);
	sql_bind_integer(put, 3, row->key.destination);
	sql_bind_integer(put, 4, row->key.ip_protocol);
	sql_bind_integer(put, 5, row->key.server_port);
	sql_bind_text(put, 6, row->key.kind->text);
	sql_bind_text(put, 7, row->protocol);
	sql_bind_integer(put, 8, row->confidence);
	sql_bind_integer(put, 9, row->is_both);
	sql_bind_integer(put, 10, row->initiated_by_source);
	sql_bind_integer(put, 11, row->initiated_by_destination);
	sql_bind_integer(put, 12, row->was_clear);
	sql_bind_integer(put, 13, row->was_encrypted);
	sql_bind_integer(put, 14, row->has_messages);
	sql_bind_counter(put, 15, row->sensors);
	bind_sums(put, 16, &row->sums);
	sql_bind_integer(put, 20, row->first_us);
	sql_bind_integer(put, 21, row->last_us);
	sql_bind_integer(put, 22, row->key.hour);
	sql_bind_text(put, 23, evidence);
	return sql_run(s, put);
}

/* Most exchanges are new or have but one hour: one statement. `*hour` is the one that the row
 * speaks for. */
static int write_exchange(struct store *s, const struct row *row, const char *evidence,
                          int64_t *hour)
{
	*hour = row->key.hour;
	if (put_exchange(s, SQL_EXCHANGE_ADD, row, evidence) != 0) {
		return -1;
	}
	if (sqlite3_changes(s->db) > 0) {
		return 0;
	}
	if (put_exchange(s, SQL_EXCHANGE_MERGE, row, evidence) != 0) {
		return -1;
	}
	sqlite3_stmt *find = sql_get(s, SQL_EXCHANGE_HOUR);

	sql_bind_integer(find, 1, row_id(row));
	if (sql_step(s, find) < 0) {
		return -1;
	}
	*hour = sqlite3_column_int64(find, 0);
	sqlite3_reset(find);
	return 0;
}

static int write_volume(struct store *s, const struct row *row, const struct sums *sums)
{
	sqlite3_stmt *put = sql_get(s, SQL_VOLUME);

	sql_bind_integer(put, 1, row_id(row));
	sql_bind_integer(put, 2, row->key.hour);
	bind_sums(put, 3, sums);
	return sql_run(s, put);
}

/* The hours but `own`, which is what the row of the exchange has over. */
static int write_hours(struct store *s, struct row *const *rows, size_t n, int64_t own)
{
	for (size_t i = 0; i < n;) {
		const struct row *first = rows[i];
		struct sums sums = first->sums;

		while (++i < n && rows[i]->key.hour == first->key.hour) {
			add_sums(&sums, &rows[i]->sums);
		}
		if (first->key.hour != own && write_volume(s, first, &sums) != 0) {
			return -1;
		}
	}
	return 0;
}

/* The rows of one exchange. */
static int write_group(struct store *s, struct row *const *rows, size_t n)
{
	struct evidence_list evidence;
	struct row sum = *rows[0];
	int64_t hour;

	evidence.n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct row_key *key = &rows[i]->key;
		if (i > 0) {
			add_row(&sum, rows[i]);
		}
		if (key->evidence != NULL) {
			evidence_add(&evidence, key->evidence_type, key->evidence->text,
			             rows[i]->evidence_count);
		}
	}
	char *column = evidence_write(&evidence);
	int result = write_exchange(s, &sum, column, &hour);

	free(column);
	return result == 0 ? write_hours(s, rows, n, hour) : -1;
}

static int write_rows(struct store *s, struct row *const *rows, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t first = i;

		while (++i < n && is_same_exchange(rows[first], rows[i])) {
		}
		if (write_group(s, rows + first, i - first) != 0) {
			return -1;
		}
	}
	return 0;
}

int pending_flush(struct store *s)
{
	struct pending *p = s->pending;

	if (ends_flush(s, &p->ends) != 0) {
		return -1;
	}
	if (p->n_rows == 0) {
		return 0;
	}
	size_t n = p->n_rows;
	struct row **rows = mem_zalloc(n, sizeof *rows);

	for (size_t i = 0; i < n; i++) {
		rows[i] = &p->rows[i];
	}
	qsort(rows, n, sizeof rows[0], compare_rows);
	int result = write_rows(s, rows, n);

	free(rows);
	if (result == 0) {
		forget_rows(p);
	}
	return result;
}
