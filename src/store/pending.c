/* The writer's memory: bookings of the same exchange, hour and evidence become one row before
 * SQLite sees them. */
#include "pending.h"

#include "ends.h"
#include "exchange_id.h"
#include "index.h"
#include "rows.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define ROWS_MAX  65536 /* 10 MiB with their index */
#define WORDS_MAX 65536

#define OTHER_SENSORS "(others)"

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
	struct word *word;

	ends_clear(&p->ends);
	while ((word = p->words) != NULL) {
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

static int64_t make_id(const struct row_key *key, const struct end *source,
                       const struct end *destination)
{
	return exchange_id_make(&(struct exchange_key){
	        .segment = source->segment,
	        .source = source->address,
	        .destination = destination->address,
	        .kind_id = key->kind->text,
	        .ip_protocol = key->ip_protocol,
	        .server_port = key->server_port,
	});
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
	        .evidence_count = b->evidence_count,
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
	key->hour = clock_hour_us(b->last_us) / CLOCK_HOUR_US;
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
		rows_add(found, &row);
		return 0;
	}
	index_add(&p->index, hash, at, (uint32_t)p->n_rows);
	found = &p->rows[p->n_rows++];
	*found = row;
	memcpy(&found->key, &key, sizeof key);
	found->id = make_id(&key, source, destination);
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

int pending_flush(struct store *s)
{
	struct pending *p = s->pending;

	if (ends_flush(s, &p->ends) != 0 || rows_write(s, p->rows, p->n_rows) != 0) {
		return -1;
	}
	if (p->n_rows > 0) {
		forget_rows(p);
	}
	return 0;
}

int pending_catch_up(struct store *s)
{
	return s->is_open ? pending_flush(s) : 0;
}
