/* Hosts and parties: their ids, their text, their counters on the way to the database. */
#include "ends.h"

#include "terrier/base/mem.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ends_init(struct ends *ends)
{
	index_init(&ends->index, ENDS_MAX);
	ends->list = mem_map(ENDS_MAX * sizeof *ends->list);
}

void ends_clear(struct ends *ends)
{
	for (size_t i = 0; i < ends->n; i++) {
		free(ends->list[i].segment);
		free(ends->list[i].address);
	}
	ends->n = 0;
	index_clear(&ends->index);
}

void ends_fini(struct ends *ends)
{
	ends_clear(ends);
	mem_unmap(ends->list, ENDS_MAX * sizeof *ends->list);
	index_fini(&ends->index);
}

/* 63 bits of a hash: nothing needs to be looked up to know the id of a host. */
static int64_t make_id(const struct end *end)
{
	struct digest *d = digest_new();

	digest_add(d, end->segment, strlen(end->segment));
	digest_add(d, end->address, strlen(end->address));
	return (int64_t)(digest_finish_u64(d) >> 1);
}

static void make_end(struct end *end, const char *segment, const struct endpoint *from)
{
	static const struct addr unspecified;
	char text[ADDR_TEXT_MAX];

	*end = (struct end){.addr = from->addr, .is_inside = from->is_inside, .is_changed = true};
	end->segment = mem_strdup(segment);
	end->is_party = from->party[0] != '\0';
	end->address = end->is_party ? mem_printf("[%s]", from->party)
	                             : mem_strdup(addr_format(&from->addr, text));
	end->has_addr = !end->is_party || addr_cmp(&from->addr, &unspecified) != 0;
	end->id = make_id(end);
}

static bool is_same(const struct end *end, const char *segment, const struct endpoint *from)
{
	bool is_party = from->party[0] != '\0';

	if (end->is_party != is_party || strcmp(end->segment, segment) != 0) {
		return false;
	}
	if (!is_party) {
		return addr_cmp(&end->addr, &from->addr) == 0;
	}
	size_t len = strlen(from->party);

	return strncmp(end->address + 1, from->party, len) == 0 &&
	       strcmp(end->address + 1 + len, "]") == 0;
}

struct end *ends_get(struct ends *ends, const char *segment, const struct endpoint *from)
{
	uint32_t hash = index_hash(&ends->index, 0, segment, strlen(segment));
	struct end *end = NULL;

	if (from->party[0] != '\0') {
		hash = index_hash(&ends->index, hash, from->party, strlen(from->party));
	} else {
		hash = index_hash(&ends->index, hash, from->addr.b, sizeof from->addr.b);
	}
	size_t at = hash;
	uint32_t i;

	while ((i = index_next(&ends->index, hash, &at)) != INDEX_NONE) {
		end = &ends->list[i];
		if (is_same(end, segment, from)) {
			break;
		}
	}
	if (i == INDEX_NONE) {
		assert(ends->n < ENDS_MAX);
		index_add(&ends->index, hash, at, (uint32_t)ends->n);
		end = &ends->list[ends->n++];
		make_end(end, segment, from);
	}
	if (from->is_inside && !end->is_inside) {
		end->is_inside = true;
		end->is_changed = true;
	}
	return end;
}

/* Of several the smallest, so that their order does not matter. */
static void keep_mac(struct end *end, const uint8_t mac[6])
{
	char text[sizeof end->mac];

	if ((mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) == 0) {
		return;
	}
	snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	if (end->mac[0] == '\0' || memcmp(text, end->mac, sizeof text) < 0) {
		memcpy(end->mac, text, sizeof text);
	}
}

void ends_count(struct end *end, const struct record_host *host, int64_t first_us, int64_t last_us)
{
	keep_mac(end, host->mac);
	end->empty_out = sql_add(end->empty_out, host->empty_out);
	end->empty_in = sql_add(end->empty_in, host->empty_in);
	end->unanswered_out = sql_add(end->unanswered_out, host->unanswered_out);
	end->unanswered_in = sql_add(end->unanswered_in, host->unanswered_in);
	end->first_us = !end->is_counted || first_us < end->first_us ? first_us : end->first_us;
	end->last_us = !end->is_counted || last_us > end->last_us ? last_us : end->last_us;
	end->is_counted = true;
	end->is_changed = true;
}

static int write_end(struct store *s, struct end *end)
{
	sqlite3_stmt *put = sql_get(s, SQL_HOST);

	sql_bind_integer(put, 1, end->id);
	sql_bind_text(put, 2, end->segment);
	sql_bind_text(put, 3, end->address);
	sqlite3_bind_blob(put, 4, end->has_addr ? end->addr.b : NULL, sizeof end->addr.b,
	                  SQLITE_STATIC);
	sql_bind_integer(put, 5, end->is_party);
	sql_bind_integer(put, 6, end->is_inside);
	sqlite3_bind_text(put, 7, end->mac[0] != '\0' ? end->mac : NULL, -1, SQLITE_STATIC);
	sql_bind_counter(put, 8, end->empty_out);
	sql_bind_counter(put, 9, end->empty_in);
	sql_bind_counter(put, 10, end->unanswered_out);
	sql_bind_counter(put, 11, end->unanswered_in);
	sqlite3_bind_null(put, 12);
	sqlite3_bind_null(put, 13);
	if (end->is_counted) {
		sql_bind_integer(put, 12, end->first_us);
		sql_bind_integer(put, 13, end->last_us);
	}
	if (sql_run(s, put) != 0) {
		return -1;
	}
	end->empty_out = end->empty_in = end->unanswered_out = end->unanswered_in = 0;
	end->is_counted = false;
	end->is_changed = false;
	return 0;
}

int ends_flush(struct store *s, struct ends *ends)
{
	for (size_t i = 0; i < ends->n; i++) {
		if (ends->list[i].is_changed && write_end(s, &ends->list[i]) != 0) {
			return -1;
		}
	}
	return 0;
}
