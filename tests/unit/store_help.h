#ifndef TERRIER_TESTS_STORE_HELP_H
#define TERRIER_TESTS_STORE_HELP_H

#include "terrier/base/clock.h"
#include "terrier/store.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What the tests of the store share: a folder of their own, and shorthand for what they put in. */

#define T0 INT64_C(1700000000000000) /* 2023-11-14T22:13:20Z */

/* A fresh folder that others may enter; its name is freed by nobody. */
static inline char *new_folder(void)
{
	static char name[] = "/tmp/terrier-store-XXXXXX";

	strcpy(name + sizeof name - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(name));
	ck_assert_int_eq(chmod(name, 0755), 0);
	return name;
}

static inline char *in_folder(const char *folder, const char *name)
{
	static char path[8][256];
	static int next;
	char *out = path[next++ % 8];

	snprintf(out, sizeof path[0], "%s/%s", folder, name);
	return out;
}

static inline void remove_folder(const char *folder)
{
	char command[300];

	snprintf(command, sizeof command, "rm -rf '%s'", folder);
	ck_assert_int_eq(system(command), 0);
}

static inline struct store *open_rw(const char *path)
{
	enum store_fault fault;
	char *error;
	struct store *s = store_open_rw(path, &fault, &error);

	ck_assert_msg(s != NULL, "%s", error);
	return s;
}

static inline struct store *open_ro(const char *path)
{
	enum store_fault fault;
	char *error;
	struct store *s = store_open_ro(path, &fault, &error);

	ck_assert_msg(s != NULL, "%s", error);
	return s;
}

static inline struct endpoint host(const char *address)
{
	struct endpoint end = {.is_inside = true};

	ck_assert_msg(addr_parse(address, &end.addr), "%s", address);
	return end;
}

static inline struct endpoint party(const char *name)
{
	struct endpoint end = {.is_inside = false};

	snprintf(end.party, sizeof end.party, "%s", name);
	return end;
}

static inline struct booking booking(const char *source, const char *destination)
{
	return (struct booking){
		.segment = "",
		.sensor = "span0",
		.source = host(source),
		.destination = host(destination),
		.ip_protocol = 6,
		.server_port = 2575,
		.kind_id = "clin.adt",
		.protocol = "HL7v2",
		.initiated_by_source = true,
		.confidence = CONFIDENCE_HIGH,
		.encrypted = ENCRYPTED_NO,
		.has_messages = true,
		.connections = 1,
		.messages = 2,
		.bytes_to_destination = 300,
		.bytes_to_source = 40,
		.first_us = T0,
		.last_us = T0 + CLOCK_SECOND_US,
		.evidence_type = EVIDENCE_HL7_MSH9,
		.evidence = "ADT^A01",
	};
}

static inline void put(struct store *s, struct booking b)
{
	b.evidence_count = b.has_messages ? b.messages : b.connections;
	ck_assert_msg(store_put_exchange(s, 1, &b) == 0, "%s", store_error(s));
}

static inline void begin(struct store *s)
{
	ck_assert_msg(store_begin(s) == 0, "%s", store_error(s));
}

static inline void commit(struct store *s)
{
	ck_assert_msg(store_commit(s) == 0, "%s", store_error(s));
}

static bool print_exchange(void *context, const struct exchange_row *r)
{
	char first[CLOCK_TEXT_MAX], last[CLOCK_TEXT_MAX];

	fprintf(context,
	        "%s '%s' '%s' %s(%s)%s%s > %s(%s)%s%s %s%s%s %u:%u %s %s c%d %s%s%s %llu/%llu %llu:%llu %s+%lld %s | %s\n",
	        r->id, r->segment, r->sensor, r->source_address, r->source_name, r->source_is_party ? "P" : "",
	        r->source_is_inside ? "I" : "", r->destination_address, r->destination_name,
	        r->destination_is_party ? "P" : "", r->destination_is_inside ? "I" : "", r->is_both ? "both" : "one",
	        r->initiated_by_source ? " s" : "", r->initiated_by_destination ? " d" : "", r->ip_protocol,
	        r->server_port, r->protocol, r->kind_id, r->confidence, r->was_clear ? "clear" : "",
	        r->was_encrypted ? "enc" : "", r->has_messages ? " m" : "", (unsigned long long)r->connections,
	        (unsigned long long)r->messages, (unsigned long long)r->bytes_to_destination,
	        (unsigned long long)r->bytes_to_source, clock_format(r->first_us, first),
	        (long long)(r->first_us % CLOCK_SECOND_US), clock_format(r->last_us, last), r->evidence);
	return true;
}

static bool print_volume(void *context, const struct volume_row *r)
{
	fprintf(context, " %lld: %llu %llu %llu %llu\n", (long long)(r->hour_us / CLOCK_HOUR_US),
	        (unsigned long long)r->connections, (unsigned long long)r->messages,
	        (unsigned long long)r->bytes_to_destination, (unsigned long long)r->bytes_to_source);
	return true;
}

static bool print_evidence(void *context, const struct evidence_row *r)
{
	fprintf(context, " %d %s %llu\n", r->type, r->text, (unsigned long long)r->count);
	return true;
}

static bool print_name(void *context, const struct name_row *r)
{
	fprintf(context, " %s %s %llu %lld %lld\n", name_source_name(r->source), r->name,
	        (unsigned long long)r->count, (long long)(r->first_us - T0), (long long)(r->last_us - T0));
	return true;
}

static bool print_host(void *context, const struct host_row *r)
{
	fprintf(context, "'%s' %s%s%s (%s %s) %s %llu %llu %llu %llu %lld %lld\n", r->segment, r->address,
	        r->is_party ? " P" : "", r->is_inside ? " I" : "", name_source_name(r->best_source), r->best_name,
	        r->mac, (unsigned long long)r->empty_out, (unsigned long long)r->empty_in,
	        (unsigned long long)r->unanswered_out, (unsigned long long)r->unanswered_in,
	        (long long)(r->first_us - T0), (long long)(r->last_us - T0));
	return true;
}

static const struct store_query everything;

/* All exchanges, one a line (free()). */
static inline char *exchanges_of(struct store *s, const struct store_query *q)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_msg(store_each_exchange(s, q, print_exchange, out) == 0, "%s", store_error(s));
	fclose(out);
	return text;
}

struct ids {
	char list[64][DIGEST_ID_MAX];
	size_t n;
};

static bool keep_id(void *context, const struct exchange_row *r)
{
	struct ids *ids = context;

	if (ids->n < 64) {
		memcpy(ids->list[ids->n++], r->id, DIGEST_ID_MAX);
	}
	return true;
}

static bool print_host_and_names(void *context, const struct host_row *r)
{
	void **both = context;

	print_host(both[1], r);
	ck_assert_int_eq(store_each_name(both[0], r->id, print_name, both[1]), 0);
	return true;
}

/* Everything that can be read but runs (free()). */
static inline char *dump(struct store *s)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct ids ids = {.n = 0};
	void *both[2] = {s, out};

	ck_assert_msg(store_each_exchange(s, &everything, print_exchange, out) == 0, "%s", store_error(s));
	ck_assert_int_eq(store_each_exchange(s, &everything, keep_id, &ids), 0);
	for (size_t i = 0; i < ids.n; i++) {
		ck_assert_int_eq(store_each_volume(s, ids.list[i], print_volume, out), 0);
		ck_assert_int_eq(store_each_evidence(s, ids.list[i], print_evidence, out), 0);
	}
	ck_assert_int_eq(store_each_host(s, print_host_and_names, both), 0);
	fclose(out);
	return text;
}

/* The number of exchanges. */
static bool count_row(void *context, const struct exchange_row *r)
{
	(void)r;
	++*(int *)context;
	return true;
}

static inline int count_exchanges(struct store *s)
{
	int n = 0;

	ck_assert_msg(store_each_exchange(s, &everything, count_row, &n) == 0, "%s", store_error(s));
	return n;
}

#endif
