/* The process that writes the database: records in, transactions out. It never sees a packet. */
#include "terrier/base/clock.h"
#include "terrier/base/log.h"
#include "terrier/base/mem.h"
#include "terrier/daemon/ledger.h"
#include "terrier/daemon/naming.h"
#include "terrier/daemon/party.h"
#include "terrier/daemon/roles.h"
#include "terrier/daemon/wire.h"
#include "terrier/sensor/dpi.h"
#include "terrier/store.h"

#include <inttypes.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OPEN_MAX  16384 /* records of open connections */
#define LATER_MAX 32768 /* records that wait for the names of their unit */

struct sender {
	struct wire *wire;
	bool is_waiting; /* has marked the end of the current unit */
	bool is_done;
};

struct later {
	struct record record;
	bool is_provisional;
};

struct storer {
	const struct job *job;
	struct store *store;
	struct ledger *ledger;
	struct parties *parties;
	struct record_limits limits;
	struct sender *senders;
	size_t n_senders;
	struct later *later;
	size_t n_later;
	struct store_run run;
	char *source;            /* of the run */
	uint32_t unit;
	bool in_transaction, has_failed, is_damaged;
	int64_t first_us, last_us; /* packet time of the unit */
	uint64_t total[COVERAGE_COUNTERS];
	uint64_t refused;
	uint64_t unknown_bytes;  /* booked since the last commit under no protocol */
};

static void fail(struct storer *s)
{
	if (!s->has_failed) {
		log_error("store", "%s", store_error(s->store));
	}
	s->has_failed = true;
}

/* ---- records to bookings ---- */

static void put_booking(struct storer *s, const struct record *r, bool is_provisional)
{
	struct record named;

	r = naming_by_dns(s->job->catalogue, s->parties, r, &named) ? &named : r;
	const struct record_exchange *x = &r->exchange;
	const struct kind *kind = catalogue_kind(s->job->catalogue, x->kind < s->limits.kinds
	                                         ? x->kind : catalogue_find(s->job->catalogue, "unk.other"));
	bool to_client = x->direction == INFO_S2C, knows_opener = (r->flags & RECORD_SIDES_GUESSED) == 0;
	bool is_fact = (r->flags & RECORD_FACT) != 0;
	struct endpoint client, server;
	struct booking b = {
		.segment = s->job->settings->segments[r->segment].name,
		.sensor = s->job->settings->sensor,
		.ip_protocol = x->ip_protocol,
		.server_port = x->server_port,
		.kind_id = kind->id,
		.protocol = catalogue_protocol_name(s->job->catalogue, x->protocol),
		.is_both = x->direction == INFO_BOTH,
		.initiated_by_source = knows_opener && !to_client,
		.initiated_by_destination = knows_opener && to_client,
		.confidence = x->confidence,
		.encrypted = x->encrypted,
		.has_messages = x->has_messages != 0,
		.connections = (r->flags & RECORD_IS_NEW) != 0,
		.messages = is_fact ? 0 : x->messages,
		.bytes_to_destination = to_client ? x->bytes_to_client : x->bytes_to_server,
		.bytes_to_source = to_client ? x->bytes_to_server : x->bytes_to_client,
		.first_us = r->first_us,
		.last_us = r->last_us,
		.evidence_type = x->evidence_type,
		.evidence = x->evidence,
		.evidence_count = is_fact || x->has_messages ? x->messages : (r->flags & RECORD_IS_NEW) != 0,
		.is_provisional = is_provisional,
	};

	if (!is_provisional && x->protocol == PROTOCOL_NONE) {
		s->unknown_bytes += x->bytes_to_server + x->bytes_to_client;
	}
	parties_resolve(s->parties, &x->client, "", x->started_us, &client);
	parties_resolve(s->parties, &x->server, x->server_name, x->started_us, &server);
	b.source = to_client ? server : client;
	b.destination = to_client ? client : server;
	if (store_put_exchange(s->store, s->run.id, &b) != 0) {
		fail(s);
	}
}

static void put_later(struct storer *s)
{
	for (size_t i = 0; i < s->n_later; i++) {
		put_booking(s, &s->later[i].record, s->later[i].is_provisional);
	}
	s->n_later = 0;
}

/* Records whose outside end may still be named by a DNS answer of this unit wait for its end, because answers and flows
 * come from different sensors. */
static void book(void *context, const struct record *r, bool is_provisional)
{
	struct storer *s = context;
	bool is_open = parties_is_open(s->parties, &r->exchange.server, r->exchange.server_name) ||
	               parties_is_open(s->parties, &r->exchange.client, "");

	if (!is_open) {
		put_booking(s, r, is_provisional);
		return;
	}
	if (s->n_later == LATER_MAX) {
		put_later(s);
	}
	s->later[s->n_later++] = (struct later){.record = *r, .is_provisional = is_provisional};
}

static void put_name(struct storer *s, const struct record *r)
{
	const struct record_name *n = &r->name;
	struct endpoint end;

	if (n->source == NAME_DNS) {
		parties_learn(s->parties, &n->addr, n->name, r->first_us);
	}
	parties_resolve(s->parties, &n->addr, "", r->first_us, &end);
	if (end.party[0] != '\0' || !end.is_inside) {
		return; /* a party is its name */
	}
	const struct store_name name = {
		.source = n->source,
		.name = n->name,
		.count = n->count,
		.first_us = r->first_us,
		.last_us = r->last_us,
		.is_foreign = naming_is_foreign(s->job->catalogue, n),
	};
	if (store_put_name(s->store, s->job->settings->segments[r->segment].name, &end, &name) != 0) {
		fail(s);
	}
}

static void put_host(struct storer *s, const struct record *r)
{
	struct endpoint end;

	if (addr_classify(&r->host.addr) != ADDR_HOST || !parties_is_inside(s->parties, &r->host.addr)) {
		return;
	}
	parties_resolve(s->parties, &r->host.addr, "", r->first_us, &end);
	if (store_put_host(s->store, s->job->settings->segments[r->segment].name, &end, &r->host, r->first_us,
	                   r->last_us) != 0) {
		fail(s);
	}
}

static void put_coverage(struct storer *s, const struct record *r)
{
	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		s->total[i] += r->coverage.counter[i];
	}
	if (r->coverage.counter[COVERAGE_PACKETS] > 0) {
		s->first_us = s->first_us == 0 || r->first_us < s->first_us ? r->first_us : s->first_us;
		s->last_us = r->last_us > s->last_us ? r->last_us : s->last_us;
	}
	if (store_put_coverage(s->store, s->run.id, &r->coverage, r->first_us, r->last_us) != 0) {
		fail(s);
	}
}

/* What nobody identified is known only when nothing can change any more. */
static void put_unknown(struct storer *s)
{
	struct record r = {.type = RECORD_COVERAGE, .first_us = s->last_us, .last_us = s->last_us};

	if (s->unknown_bytes == 0) {
		return;
	}

	r.coverage.counter[COVERAGE_UNKNOWN_BYTES] = s->unknown_bytes;
	s->unknown_bytes = 0;
	put_coverage(s, &r);
}

/* ---- units ---- */

static void put_settings(struct storer *s)
{
	const struct settings *g = s->job->settings;
	enum name_source order[NAME_SOURCES - 1];
	struct store_zone *zones = mem_zalloc(g->n_zones, sizeof *zones);
	struct store_settings settings = {
		.own = g->own,
		.n_own = g->n_own,
		.outside = g->outside,
		.n_outside = g->n_outside,
		.own_is_set = g->own_is_set,
		.zones = zones,
		.n_zones = g->n_zones,
		.exclusions = s->job->exclusions,
		.organisation = g->organisation,
		.ods_code = g->ods_code,
		.name_order = order,
	};

	naming_order(g, order);
	for (size_t i = 0; i < g->n_zones; i++) {
		zones[i] = (struct store_zone){
			.name = g->zones[i].name,
			.networks = g->zones[i].networks,
			.n_networks = g->zones[i].n_networks,
		};
	}
	if (store_put_settings(s->store, &settings) != 0) {
		fail(s);
	}
	free(zones);
}

static void set_source(struct storer *s)
{
	const struct job *job = s->job;
	char *copy;

	free(s->source);
	if (job->is_live) {
		size_t len = 1;

		for (size_t i = 0; i < job->n_sources; i++) {
			len += strlen(job->sources[i].name) + 2;
		}
		s->source = mem_zalloc(1, len);
		for (size_t i = 0; i < job->n_sources; i++) {
			size_t used = strlen(s->source);

			snprintf(s->source + used, len - used, "%s%s", i > 0 ? ", " : "", job->sources[i].name);
		}
		return;
	}
	copy = mem_strdup(job->sources[s->unit].name);
	s->source = mem_strdup(job->is_stdin ? "standard input" : basename(copy));
	free(copy);
}

static void mark_earlier_run(struct storer *s, const struct capture_identity *id)
{
	int64_t earlier = store_find_file(s->store, id->size, id->digest);

	if (earlier > 0) {
		s->run.is_again = true;
		if (store_mark_again(s->store, earlier) != 0) {
			fail(s);
		}
	}
}

/* Begins the transaction of a unit, and its run. */
static void begin_unit(struct storer *s)
{
	const struct job *job = s->job;

	if (store_begin(s->store) != 0) {
		fail(s);
		return;
	}
	s->in_transaction = true;
	if (s->run.id != 0) {
		return; /* a live run goes on */
	}
	set_source(s);
	s->run = (struct store_run){
		.sensor = job->settings->sensor,
		.source = s->source,
		.version = TERRIER_VERSION,
		.dpi_version = dpi_library_version(),
		.filter = job->filter,
		.exclusions = job->exclusions,
		.started_us = clock_now_us(),
		.is_file = !job->is_live,
	};
	if (!job->is_live && !job->is_stdin) {
		const struct capture_identity *id = &job->sources[s->unit].identity;

		s->run.file_size = id->size;
		s->run.file_digest = id->digest;
		if (id->size > 0) {
			mark_earlier_run(s, id);
		}
	}
	put_settings(s);
	if (store_run_begin(s->store, &s->run) != 0) {
		fail(s);
	}
}

static void end_run(struct storer *s)
{
	s->run.ended_us = clock_now_us();
	s->run.is_ended = true;
	s->run.is_complete = !s->is_damaged;
	s->run.fault = !s->is_damaged      ? NULL
	               : s->job->is_live ? "an interface was away for a time"
	                                 : "damaged: everything before the damage was kept";
	s->run.first_us = s->first_us;
	s->run.last_us = s->last_us;
	if (store_run_end(s->store, &s->run) != 0) {
		fail(s);
	}
	s->run.id = 0;
	s->is_damaged = false;
	s->first_us = s->last_us = 0;
	s->unit++;
}

/* Commits what is there. At the end of a file also its run, at the end of everything also what was provisional. */
static void commit(struct storer *s, bool ends_run, bool ends_all)
{
	if (!s->in_transaction) {
		begin_unit(s);
	}
	if (store_clear_provisional(s->store) != 0) {
		fail(s);
	}
	if (ends_all) {
		ledger_settle(s->ledger);
	} else {
		ledger_each(s->ledger);
	}
	put_later(s);
	put_unknown(s);
	if (ends_run && !s->has_failed) {
		end_run(s);
	}
	if (s->has_failed) {
		store_rollback(s->store);
	} else if (store_commit(s->store) != 0) {
		fail(s);
	} else {
		log_debug("storer", "committed: %" PRIu64 " packets so far", s->total[COVERAGE_PACKETS]);
	}
	s->in_transaction = false;
}

/* ---- the loop ---- */

static bool all_waiting(const struct storer *s)
{
	for (size_t i = 0; i < s->n_senders; i++) {
		if (!s->senders[i].is_waiting) {
			return false;
		}
	}
	return true;
}

static bool all_done(const struct storer *s)
{
	for (size_t i = 0; i < s->n_senders; i++) {
		if (!s->senders[i].is_done) {
			return false;
		}
	}
	return true;
}

static void take_mark(struct storer *s, struct sender *from, const struct record *r)
{
	from->is_done = from->is_done || (r->flags & RECORD_LAST) != 0;
	if (s->job->is_live || (s->job->is_stdin && !from->is_done)) {
		/* live sensors are independent: what each has flushed is committed */
		bool is_end = all_done(s);

		s->is_damaged = s->is_damaged || (r->flags & RECORD_MARK_FAILED) != 0;
		commit(s, is_end, is_end);
		return;
	}
	s->is_damaged = s->is_damaged || (r->flags & RECORD_MARK_FAILED) != 0;
	from->is_waiting = true;
	if (all_waiting(s)) {
		commit(s, true, all_done(s));
		for (size_t i = 0; i < s->n_senders; i++) {
			s->senders[i].is_waiting = s->senders[i].is_done;
		}
	}
}

static void take_record(struct storer *s, struct sender *from, const struct record *r)
{
	if (record_validate(r, &s->limits) != NULL) {
		s->refused++;
		return;
	}
	if (r->type == RECORD_MARK) {
		take_mark(s, from, r);
		return;
	}
	if (!s->in_transaction) {
		begin_unit(s);
	}
	switch (r->type) {
	case RECORD_EXCHANGE:
		ledger_put(s->ledger, r);
		break;
	case RECORD_NAME:
		put_name(s, r);
		break;
	case RECORD_HOST:
		put_host(s, r);
		break;
	default:
		put_coverage(s, r);
	}
}

/* Receives one message of a sender. False when the sender has gone without a last mark. */
static bool receive(struct storer *s, struct sender *from)
{
	const struct record *records;
	int n = wire_recv(from->wire, &records);

	if (n < 0) {
		s->refused++;
		return true;
	}
	for (int i = 0; i < n && !s->has_failed; i++) {
		take_record(s, from, &records[i]);
	}
	if (wire_is_gone(from->wire) && !from->is_done && s->job->is_live && !s->has_failed) {
		/* its interface went away and the daemon was stopped before it came back */
		from->is_done = s->is_damaged = true;
		commit(s, all_done(s), all_done(s));
	}
	return !wire_is_gone(from->wire) || from->is_done;
}

static bool turn(struct storer *s)
{
	struct pollfd fds[64];
	struct sender *which[64];
	nfds_t n = 0;

	for (size_t i = 0; i < s->n_senders && n < 64; i++) {
		if (!s->senders[i].is_waiting && !s->senders[i].is_done) {
			fds[n] = (struct pollfd){.fd = wire_descriptor(s->senders[i].wire), .events = POLLIN};
			which[n++] = &s->senders[i];
		}
	}
	if (poll(fds, n, -1) < 0) {
		return true;
	}
	for (nfds_t i = 0; i < n; i++) {
		if (fds[i].revents != 0 && !receive(s, which[i])) {
			return false;
		}
	}
	return true;
}

static void say_summary(struct storer *s)
{
	const uint64_t *t = s->total;
	uint64_t payload = t[COVERAGE_PAYLOAD_BYTES], flows = t[COVERAGE_FLOWS];
	struct store_summary summary;
	uint64_t exchanges = store_summarise(s->store, &summary) == 0 ? summary.exchanges : 0;

	fprintf(stderr,
	        "terrierd: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " flows, %" PRIu64 " exchanges, %" PRIu64
	        " dropped, unknown %.1f %% of flows, %.1f %% of bytes\n",
	        t[COVERAGE_PACKETS], t[COVERAGE_BYTES], flows, exchanges,
	        t[COVERAGE_KERNEL_DROPS] + t[COVERAGE_INTERFACE_DROPS],
	        flows > 0 ? 100.0 * (double)t[COVERAGE_FLOWS_UNKNOWN] / (double)flows : 0.0,
	        payload > 0 ? 100.0 * (double)t[COVERAGE_UNKNOWN_BYTES] / (double)payload : 0.0);
	if (s->refused > 0) {
		log_warn("storer", "%" PRIu64 " records were refused: a sensor may have been taken over", s->refused);
	}
}

/* What a daemon that was killed had not settled stands as it was last seen: its connections will not be heard of again. */
static int settle_earlier(struct storer *s)
{
	if (store_begin(s->store) == 0 && store_settle(s->store) == 0 && store_commit(s->store) == 0) {
		return 0;
	}
	fail(s);
	return ROLE_FAILED;
}

static int open_storer(struct storer *s, const int *wires)
{
	const struct settings *g = s->job->settings;
	enum store_fault fault;
	char *error = NULL;

	s->store = store_open_rw(s->job->database, &fault, &error);
	if (s->store == NULL) {
		log_error("store", "%s", error);
		free(error);
		return fault == STORE_FAULT_CALLER ? ROLE_CALLER : ROLE_FAILED;
	}
	if (settle_earlier(s) != 0) {
		store_close(s->store);
		return ROLE_FAILED;
	}
	s->ledger = ledger_new(OPEN_MAX, book, s);
	s->parties = parties_new(&(struct party_options){
		.own = g->own,
		.n_own = g->n_own,
		.outside = g->outside,
		.n_outside = g->n_outside,
		.max_hosts = g->max_hosts,
		.max_parties = g->max_parties,
	});
	s->limits = (struct record_limits){
		.kinds = catalogue_count(s->job->catalogue),
		.protocols = catalogue_protocol_count(s->job->catalogue),
		.segments = (uint16_t)g->n_segments,
	};
	s->later = mem_map(LATER_MAX * sizeof *s->later);
	s->senders = mem_zalloc(s->n_senders, sizeof *s->senders);
	for (size_t i = 0; i < s->n_senders; i++) {
		s->senders[i].wire = wire_new(wires[i], false);
	}
	return 0;
}

int storer_run(const struct job *job, const int *wires, size_t n)
{
	struct storer s = {.job = job, .n_senders = n};
	int status = job->is_live ? role_drop_user(job) : 0;

	if (status != 0 || (status = open_storer(&s, wires)) != 0) {
		return status;
	}
	signal(SIGINT, SIG_IGN); /* the sensors end first, and say so */
	signal(SIGTERM, SIG_IGN);
	signal(SIGUSR1, SIG_IGN);
	while (!s.has_failed && !all_done(&s) && turn(&s)) {
	}
	status = s.has_failed || !all_done(&s) ? ROLE_FAILED : ROLE_DONE;
	if (status == ROLE_DONE) {
		say_summary(&s);
	}
	for (size_t i = 0; i < n; i++) {
		wire_free(s.senders[i].wire);
	}
	free(s.senders);
	free(s.source);
	mem_unmap(s.later, LATER_MAX * sizeof *s.later);
	ledger_free(s.ledger);
	parties_free(s.parties);
	store_close(s.store);
	return status;
}
