/* Bookings on their way into the tables: one exchange, its hours, its evidence. */
#include "rows.h"

#include "evidence.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The enumerations below are stored: their numbers are those of evidence_type and name_source in
 * the schema. */
_Static_assert(EVIDENCE_TYPES == 26 && EVIDENCE_HL7_MSH9 == 1 && EVIDENCE_TLS_SNI == 20 &&
                       EVIDENCE_OTHER == 25,
               "a change of evidence types needs a migration");
_Static_assert(NAME_SOURCES == 15 && NAME_HL7 == 1 && NAME_DHCP == 11 && NAME_BANNER == 14,
               "a change of name sources needs a migration");

static void add_sums(struct sums *into, const struct sums *from)
{
	into->connections = sql_add(into->connections, from->connections);
	into->messages = sql_add(into->messages, from->messages);
	into->bytes_to_destination =
	        sql_add(into->bytes_to_destination, from->bytes_to_destination);
	into->bytes_to_source = sql_add(into->bytes_to_source, from->bytes_to_source);
}

void rows_add(struct row *into, const struct row *from)
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

static int order(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Provisional rows have negative ids. */
static int64_t row_id(const struct row *row)
{
	return row->key.is_provisional ? -row->id : row->id;
}

/* What is sorted: the id is here so that most comparisons need not touch the row. */
struct place {
	int64_t id;
	struct row *row;
};

/* By exchange, then hour: in the order of the tables' keys, so that neighbours share a page. */
static int compare_places(const void *left, const void *right)
{
	const struct place *a = left, *b = right;
	int result = order(a->id, b->id);

	return result != 0 ? result : order(a->row->key.hour, b->row->key.hour);
}

static void bind_sums(sqlite3_stmt *put, int i, const struct sums *sums)
{
	sql_bind_counter(put, i, sums->connections);
	sql_bind_counter(put, i + 1, sums->messages);
	sql_bind_counter(put, i + 2, sums->bytes_to_destination);
	sql_bind_counter(put, i + 3, sums->bytes_to_source);
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
static int write_hours(struct store *s, const struct place *places, size_t n, int64_t own)
{
	for (size_t i = 0; i < n;) {
		const struct row *first = places[i].row;
		struct sums sums = first->sums;

		while (++i < n && places[i].row->key.hour == first->key.hour) {
			add_sums(&sums, &places[i].row->sums);
		}
		if (first->key.hour != own && write_volume(s, first, &sums) != 0) {
			return -1;
		}
	}
	return 0;
}

/* The rows of one exchange. */
static int write_group(struct store *s, const struct place *places, size_t n)
{
	struct evidence_list evidence;
	struct row sum = *places[0].row;
	int64_t hour;

	evidence.n = 0;
	for (size_t i = 0; i < n; i++) {
		const struct row_key *key = &places[i].row->key;
		if (i > 0) {
			rows_add(&sum, places[i].row);
		}
		if (key->evidence != NULL) {
			evidence_add(&evidence, key->evidence_type, key->evidence->text,
			             places[i].row->evidence_count);
		}
	}
	char *column = evidence_write(&evidence);
	int result = write_exchange(s, &sum, column, &hour);

	free(column);
	return result == 0 ? write_hours(s, places, n, hour) : -1;
}

int rows_write(struct store *s, struct row *rows, size_t n)
{
	struct place *places = mem_zalloc(n + 1, sizeof *places);
	int result = 0;

	for (size_t i = 0; i < n; i++) {
		places[i] = (struct place){row_id(&rows[i]), &rows[i]};
	}
	qsort(places, n, sizeof places[0], compare_places);
	for (size_t first = 0, i = 0; first < n && result == 0; first = i) {
		for (i = first + 1; i < n && places[i].id == places[first].id;) {
			i++;
		}
		result = write_group(s, places + first, i - first);
	}
	free(places);
	return result;
}
