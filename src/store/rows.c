/* Bookings on their way into the tables: one exchange, its hours, its evidence. */
#include "rows.h"

#include "evidence.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The enumerations below are stored: their numbers are those of evidence_type and name_source in
 * the schema. */
_Static_assert(EVIDENCE_TYPES == 20 && EVIDENCE_HL7_MSH9 == 1 && EVIDENCE_TLS_SNI == 14 &&
                       EVIDENCE_OTHER == 19,
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
			rows_add(&sum, rows[i]);
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

int rows_write(struct store *s, struct row *rows, size_t n)
{
	struct row **order = mem_zalloc(n + 1, sizeof *order);
	int result = 0;

	for (size_t i = 0; i < n; i++) {
		order[i] = &rows[i];
	}
	/* in the order of the tables' keys, neighbours share a page */
	qsort(order, n, sizeof order[0], compare_rows);
	for (size_t first = 0, i = 0; first < n && result == 0; first = i) {
		for (i = first + 1; i < n && is_same_exchange(order[first], order[i]);) {
			i++;
		}
		result = write_group(s, order + first, i - first);
	}
	free(order);
	return result;
}
