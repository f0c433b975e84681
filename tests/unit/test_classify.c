#include "terrier/sensor/classify.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

/* A sensor without a capture: packets in, records out. */
static struct {
	struct catalogue *catalogue;
	struct classifier *classifier;
	struct flowtab *flows;
	uint64_t counter[COVERAGE_COUNTERS];
	struct record records[1200];
	unsigned n;
	bool is_busy;
	bool has_l3; /* packets are shown to nDPI, too */
	uint8_t l3[256];
	int64_t now_us;
	uint32_t seq[2];
} t;

static bool take(void *context, const struct record *r)
{
	struct record_limits limits = {
		.kinds = catalogue_count(t.catalogue),
		.protocols = catalogue_protocol_count(t.catalogue),
		.segments = 1,
	};

	(void)context;
	if (t.is_busy) {
		return false;
	}
	ck_assert_msg(record_validate(r, &limits) == NULL, "%s", record_validate(r, &limits));
	ck_assert_uint_lt(t.n, sizeof t.records / sizeof t.records[0]);
	t.records[t.n++] = *r;
	return true;
}

static void end_flow(void *context, struct flow *f, enum flow_end why)
{
	(void)context;
	classifier_end(t.classifier, f, why);
}

/* With this dissector off; NULL: none. */
static void begin_without(const char *dissector)
{
	char *off[] = {(char *)(uintptr_t)dissector};
	const char *fault = "";
	char *error = NULL;

	memset(&t, 0, sizeof t);
	t.catalogue = catalogue_load(NULL, &error);
	ck_assert_msg(t.catalogue != NULL, "%s", error);
	t.classifier = classifier_new(&(struct classifier_options){
		.catalogue = t.catalogue,
		.out = {.put = take},
		.counters = t.counter,
		.max_flows = 64,
		.dissectors_off = off,
		.n_dissectors_off = dissector != NULL,
	}, &fault);
	ck_assert_msg(t.classifier != NULL, "%s", fault);
	t.flows = flowtab_new(64, 1, end_flow, NULL);
	t.now_us = INT64_C(1795300000000000);
	t.seq[0] = 100;
	t.seq[1] = 900;
}

static void begin(void)
{
	begin_without(NULL);
}

static void end(void)
{
	flowtab_free(t.flows);
	classifier_free(t.classifier);
	catalogue_free(t.catalogue);
}

/* What nDPI reads: IPv4 and TCP headers before the payload. */
static void add_l3(struct packet *p, const void *bytes, size_t len)
{
	const uint8_t ip[20] = {0x45, 0, 0, (uint8_t)(40 + len), 0, 0, 0, 0, 64, IP_TCP};
	const uint8_t tcp_header[20] = {(uint8_t)(p->sport >> 8), (uint8_t)p->sport, (uint8_t)(p->dport >> 8),
	                                (uint8_t)p->dport, [12] = 0x50, p->tcp_flags, 255};

	ck_assert_uint_le(40 + len, sizeof t.l3);
	memcpy(t.l3, ip, sizeof ip);
	memcpy(t.l3 + 12, p->src.b + 12, 4);
	memcpy(t.l3 + 16, p->dst.b + 12, 4);
	memcpy(t.l3 + 20, tcp_header, sizeof tcp_header);
	for (int i = 0; i < 4; i++) {
		t.l3[24 + i] = (uint8_t)(p->seq >> (24 - 8 * i));
	}
	memcpy(t.l3 + 40, bytes, len);
	p->l3 = t.l3;
	p->l3_len = (uint32_t)(40 + len);
}

/* One packet between 10.0.0.1:40000 (side 0) and 10.0.0.2:`port`. */
static void packet(unsigned side, uint8_t protocol, uint16_t port, uint8_t flags, const void *bytes, size_t len)
{
	static const char *const hosts[2] = {"10.0.0.1", "10.0.0.2"};
	struct packet p = {
		.time_us = t.now_us,
		.sport = side == 0 ? 40000 : port,
		.dport = side == 0 ? port : 40000,
		.ip_protocol = protocol,
		.ip_version = 4,
		.tcp_flags = flags,
		.seq = t.seq[side],
		.payload_len = (uint32_t)len,
		.payload = cur_make(bytes, len),
	};
	unsigned flow_side;
	bool is_new;

	addr_parse(hosts[side], &p.src);
	addr_parse(hosts[1 - side], &p.dst);
	if (t.has_l3) {
		add_l3(&p, bytes, len);
	}
	struct flow *f = flowtab_get(t.flows, &p, 0, &flow_side, &is_new);
	classifier_packet(t.classifier, f, flow_side, is_new, &p);
	t.seq[side] += (uint32_t)len + ((flags & TCP_SYN) != 0);
	t.now_us += 1000;
}

static void tcp(unsigned side, uint16_t port, const char *text)
{
	packet(side, IP_TCP, port, TCP_ACK | TCP_PSH, text, strlen(text));
}

static void handshake(uint16_t port)
{
	packet(0, IP_TCP, port, TCP_SYN, "", 0);
	packet(1, IP_TCP, port, TCP_SYN | TCP_ACK, "", 0);
	packet(0, IP_TCP, port, TCP_ACK, "", 0);
}

static const char *kind_of(const struct record *r)
{
	return r->exchange.kind == KIND_NONE ? "" : catalogue_kind(t.catalogue, r->exchange.kind)->id;
}

/* Sums over the exchange records of a kind. */
struct sums {
	uint64_t connections, messages, to_server, to_client;
	unsigned records;
};

static struct sums sum(const char *kind)
{
	struct sums s = {0};

	for (unsigned i = 0; i < t.n; i++) {
		const struct record *r = &t.records[i];

		if (r->type != RECORD_EXCHANGE || (r->flags & RECORD_FACT) != 0 || strcmp(kind_of(r), kind) != 0) {
			continue;
		}
		s.connections += (r->flags & RECORD_IS_NEW) != 0;
		s.messages += r->exchange.messages;
		s.to_server += r->exchange.bytes_to_server;
		s.to_client += r->exchange.bytes_to_client;
		s.records++;
	}
	return s;
}

static const char hl7[] = "\x0bMSH|^~\\&|PAS|TRUST|TIE|TRUST|20261121||ADT^A01|1|P|2.4\rPID|1\r\x1c\r";
static const char ack[] = "\x0bMSH|^~\\&|TIE|TRUST|PAS|TRUST|20261121||ACK|1|P|2.4\rMSA|AA|1\r\x1c\r";

START_TEST(messages_are_counted_and_every_octet_has_a_row)
{
	begin();
	handshake(6661);
	for (int i = 0; i < 3; i++) {
		tcp(0, 6661, hl7);
		tcp(1, 6661, ack);
	}
	flowtab_end_all(t.flows);
	struct sums s = sum("pat.encounter");
	ck_assert_uint_eq(s.connections, 1);
	ck_assert_uint_eq(s.messages, 3);
	ck_assert_uint_eq(s.to_server, 3 * strlen(hl7));
	ck_assert_uint_eq(s.to_client, 3 * strlen(ack));
	ck_assert_uint_eq(t.counter[COVERAGE_PAYLOAD_BYTES], s.to_server + s.to_client);
	end();
}
END_TEST

START_TEST(a_stream_that_nobody_knew_is_claimed_at_a_later_burst)
{
	begin();
	tcp(0, 7777, "the end of a message that began before we listened\r\x1c\r");
	tcp(1, 7777, "nothing to be known by");
	for (int i = 0; i < 40; i++) {
		tcp(0, 7777, "noise");
	}
	uint64_t before = t.counter[COVERAGE_PAYLOAD_BYTES];
	tcp(0, 7777, hl7);
	flowtab_end_all(t.flows);
	struct sums s = sum("pat.encounter");
	ck_assert_uint_eq(s.messages, 1);
	ck_assert_msg(s.to_server + s.to_client + sum("unk.other").to_server + sum("unk.other").to_client ==
	              before + strlen(hl7), "every octet is somewhere");
	end();
}
END_TEST

static void flush_one(void *context, struct flow *f)
{
	(void)context;
	classifier_flush_flow(t.classifier, f);
}

START_TEST(an_undecided_flow_is_sent_as_such_and_its_label_is_owed)
{
	begin();
	handshake(9999);
	tcp(0, 9999, "?");
	flowtab_each(t.flows, flush_one, NULL);
	ck_assert_uint_eq(t.n, 1);
	ck_assert((t.records[0].flags & RECORD_UNDECIDED) != 0 && (t.records[0].flags & RECORD_IS_NEW) != 0);
	ck_assert_uint_eq(t.records[0].exchange.bytes_to_server, 1);
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(t.n, 2);
	ck_assert((t.records[1].flags & RECORD_DECIDED) != 0 && (t.records[1].flags & RECORD_IS_NEW) == 0);
	ck_assert_uint_eq(t.records[1].exchange.bytes_to_server, 0);
	ck_assert_uint_eq(t.records[0].exchange.connection, t.records[1].exchange.connection);
	end();
}
END_TEST

START_TEST(a_busy_storer_gets_a_larger_delta_later)
{
	begin();
	handshake(6661);
	tcp(0, 6661, hl7);
	t.is_busy = true;
	flowtab_each(t.flows, flush_one, NULL);
	tcp(0, 6661, hl7);
	t.is_busy = false;
	flowtab_each(t.flows, flush_one, NULL);
	ck_assert_uint_eq(sum("pat.encounter").messages, 2);
	ck_assert_uint_eq(sum("pat.encounter").connections, 1);
	end();
}
END_TEST

START_TEST(volumes_are_parted_at_the_hour_and_the_connection_is_counted_once)
{
	begin();
	handshake(6661);
	tcp(0, 6661, hl7);
	t.now_us += INT64_C(3540000000); /* within the idle time, over the hour */
	tcp(0, 6661, hl7);
	flowtab_end_all(t.flows);
	struct sums s = sum("pat.encounter");
	ck_assert_uint_eq(s.records, 2);
	ck_assert_uint_eq(s.connections, 1);
	ck_assert_uint_eq(s.messages, 2);
	end();
}
END_TEST

START_TEST(connections_without_payload_are_counters_not_rows)
{
	begin();
	packet(0, IP_TCP, 445, TCP_SYN, "", 0);
	packet(1, IP_TCP, 445, TCP_RST | TCP_ACK, "", 0);
	packet(0, IP_UDP, 5555, 0, "\x01\x02\x03\x04", 4);
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(t.n, 0);
	ck_assert(classifier_flush_names(t.classifier));
	ck_assert_uint_eq(t.n, 2);
	ck_assert(t.records[0].type == RECORD_HOST && t.records[0].host.empty_out == 1 &&
	          t.records[0].host.unanswered_out == 1);
	ck_assert(t.records[1].host.empty_in == 1 && t.records[1].host.unanswered_in == 1);
	end();
}
END_TEST

START_TEST(a_protocol_that_is_not_answered_makes_a_row)
{
	begin();
	packet(0, IP_UDP, 514, 0, "no priority, no time", 20);
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(t.n, 1);
	ck_assert_str_eq(kind_of(&t.records[0]), "inf.monitoring");
	ck_assert(t.records[0].exchange.direction == INFO_C2S && t.records[0].exchange.confidence == CONFIDENCE_LOW);
	end();
}
END_TEST

START_TEST(an_answered_datagram_makes_a_row_by_its_port_as_a_guess)
{
	begin();
	packet(0, IP_UDP, 1812, 0, "\xff\xff\xff\xff", 4);
	packet(1, IP_UDP, 1812, 0, "\xff\xff\xff\xff", 4);
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(t.n, 1);
	ck_assert_str_eq(kind_of(&t.records[0]), "inf.directory");
	ck_assert_uint_eq(t.records[0].exchange.confidence, CONFIDENCE_LOW);
	ck_assert_uint_eq(t.records[0].exchange.evidence_type, EVIDENCE_PORT);
	end();
}
END_TEST

START_TEST(a_dissector_of_datagrams_names_the_way_of_the_information)
{
	static const char get[] = "\x30\x18\x02\x01\x00\x04\x06public\xa0\x0b\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00";
	static const char set[] = "\x30\x18\x02\x01\x00\x04\x06public\xa3\x0b\x02\x01\x01\x02\x01\x00\x02\x01\x00\x30\x00";
	static const char *const asked[] = {get, set};

	for (unsigned i = 0; i < 2; i++) {
		begin();
		packet(0, IP_UDP, 161, 0, asked[i], sizeof get - 1);
		flowtab_end_all(t.flows);
		ck_assert_uint_ge(t.n, 1);
		ck_assert_uint_eq(sum("inf.monitoring").connections, 1);
		for (unsigned n = 0; n < t.n; n++) {
			ck_assert_uint_eq(t.records[n].exchange.direction, i == 0 ? INFO_S2C : INFO_C2S);
		}
		end();
	}
}
END_TEST

START_TEST(retransmissions_are_counted_once)
{
	begin();
	handshake(6661);
	tcp(0, 6661, hl7);
	t.seq[0] -= (uint32_t)strlen(hl7);
	tcp(0, 6661, hl7);
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(sum("pat.encounter").messages, 1);
	ck_assert_uint_eq(sum("pat.encounter").to_server, strlen(hl7));
	end();
}
END_TEST

START_TEST(a_dissector_that_is_off_claims_nothing)
{
	begin_without("all");
	handshake(6661);
	tcp(0, 6661, hl7);
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(sum("pat.encounter").records, 0);
	ck_assert_uint_eq(t.n, 1);
	end();
}
END_TEST

/* Facts beginning like this, and how many were sent. */
static unsigned facts(const char *beginning)
{
	unsigned n = 0;

	for (unsigned i = 0; i < t.n; i++) {
		n += (t.records[i].flags & RECORD_FACT) != 0 &&
		     strncmp(t.records[i].exchange.evidence, beginning, strlen(beginning)) == 0;
	}
	return n;
}

START_TEST(risks_that_a_rule_asks_for_become_facts_of_the_flow)
{
	begin_without("ssh"); /* nDPI sees only what no dissector has claimed */
	t.has_l3 = true;
	handshake(2222); /* that the port is not SSH's is a risk to nDPI too, and none to us */
	tcp(1, 2222, "SSH-2.0-OpenSSH_4.3\r\n");
	tcp(0, 2222, "SSH-2.0-OpenSSH_9.2\r\n");
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(facts("risk SSH Obsolete"), 1);
	ck_assert_uint_eq(facts("risk"), 1);
	for (unsigned i = 0; i < t.n; i++) {
		ck_assert_str_eq(kind_of(&t.records[i]), "inf.remote");
	}
	ck_assert_uint_eq(sum("inf.remote").connections, 1);
	end();
}
END_TEST

START_TEST(a_flow_without_risks_has_no_facts)
{
	begin();
	t.has_l3 = true;
	handshake(22);
	tcp(1, 22, "SSH-2.0-OpenSSH_9.2\r\n");
	tcp(0, 22, "SSH-2.0-OpenSSH_9.2\r\n");
	flowtab_end_all(t.flows);
	ck_assert_uint_eq(facts("risk"), 0);
	end();
}
END_TEST

/* Sends `n` times a thousand octets of SSH one way; records are sent after every `flush` of them. */
static void stream_ssh(unsigned n, unsigned flush)
{
	char block[1000];

	memset(block, 0x5a, sizeof block);
	handshake(22);
	tcp(1, 22, "SSH-2.0-OpenSSH_9.2\r\n");
	tcp(0, 22, "SSH-2.0-OpenSSH_9.2\r\n");
	for (unsigned i = 0; i < n; i++) {
		packet(0, IP_TCP, 22, TCP_ACK | TCP_PSH, block, sizeof block);
		if (i % flush == flush - 1) {
			flowtab_each(t.flows, flush_one, NULL);
		}
	}
}

START_TEST(the_way_by_octets_is_open_until_a_megabyte_has_passed)
{
	begin();
	stream_ssh(1050, 1);
	bool is_final = false;

	for (unsigned i = 0; i < t.n; i++) {
		const struct record *r = &t.records[i];

		is_final |= (r->flags & RECORD_DECIDED) != 0;
		ck_assert_msg((r->exchange.balance != 0) == is_final, "record %u flags %x %u", i, r->flags, r->exchange.balance);
	}
	ck_assert(is_final && t.records[t.n - 1].exchange.direction == INFO_C2S);
	end();
}
END_TEST

START_TEST(the_last_word_tells_the_way_of_a_short_connection)
{
	static const unsigned flushes[] = {1, 3, 1000};

	for (unsigned i = 0; i < 3; i++) {
		begin();
		stream_ssh(9, flushes[i]);
		flowtab_end_all(t.flows);
		const struct record *last = &t.records[t.n - 1];

		ck_assert_str_eq(kind_of(last), "inf.remote");
		ck_assert((last->flags & RECORD_DECIDED) != 0 && last->exchange.balance == INFO_C2S + 1);
		ck_assert_uint_eq(sum("inf.remote").to_server + sum("").to_server, 9021);
		ck_assert_uint_eq(sum("inf.remote").connections + sum("").connections, 1);
		end();
	}
}
END_TEST

START_TEST(a_negotiated_connection_is_counted_on_its_parents_row)
{
	begin();
	handshake(21);
	tcp(1, 21, "220 ready\r\n");
	tcp(0, 21, "USER zquillf\r\n");
	tcp(1, 21, "227 Entering Passive Mode (10,0,0,2,199,56)\r\n");
	uint64_t control = t.counter[COVERAGE_PAYLOAD_BYTES];

	handshake(51000);
	packet(0, IP_TCP, 51000, TCP_ACK, "a file", 6);
	flowtab_end_all(t.flows);
	struct sums s = sum("inf.fileshare");
	ck_assert_uint_eq(s.connections, 1);
	ck_assert_uint_eq(s.to_server + s.to_client, control + 6);
	for (unsigned i = 0; i < t.n; i++) {
		ck_assert_uint_eq(t.records[i].exchange.server_port, 21);
	}
	end();
}
END_TEST

START_TEST(a_negotiated_connection_that_carries_nothing_is_no_scan)
{
	begin();
	handshake(21);
	tcp(1, 21, "220 ready\r\n");
	tcp(0, 21, "EPSV\r\n");
	tcp(1, 21, "229 Extended (|||51000|)\r\n");
	handshake(51000);
	flowtab_end_all(t.flows);
	unsigned rows = t.n;

	ck_assert(classifier_flush_names(t.classifier));
	ck_assert_uint_eq(t.n, rows);
	end();
}
END_TEST

START_TEST(after_tls_was_agreed_the_connection_is_encrypted_from_its_start)
{
	begin();
	handshake(21);
	tcp(1, 21, "220 ready\r\n");
	tcp(0, 21, "AUTH TLS\r\n");
	tcp(1, 21, "234 go on\r\n");
	packet(0, IP_TCP, 21, TCP_ACK | TCP_PSH, "\x16\x03\x01\x00\x2f\x01\x00\x00\x2b\x03\x03", 11);
	flowtab_end_all(t.flows);
	for (unsigned i = 0; i < t.n; i++) {
		ck_assert_str_eq(catalogue_protocol_name(t.catalogue, t.records[i].exchange.protocol), "FTP+TLS");
		ck_assert_uint_eq(t.records[i].exchange.encrypted, ENCRYPTED_YES);
	}
	ck_assert_uint_eq(sum("inf.fileshare").connections, 1);
	end();
}
END_TEST

UNIT_MAIN("classify", risks_that_a_rule_asks_for_become_facts_of_the_flow, a_flow_without_risks_has_no_facts,
          the_way_by_octets_is_open_until_a_megabyte_has_passed,
          the_last_word_tells_the_way_of_a_short_connection, a_negotiated_connection_is_counted_on_its_parents_row,
          a_negotiated_connection_that_carries_nothing_is_no_scan,
          after_tls_was_agreed_the_connection_is_encrypted_from_its_start, messages_are_counted_and_every_octet_has_a_row,
          a_stream_that_nobody_knew_is_claimed_at_a_later_burst,
          an_undecided_flow_is_sent_as_such_and_its_label_is_owed, a_busy_storer_gets_a_larger_delta_later,
          volumes_are_parted_at_the_hour_and_the_connection_is_counted_once,
          connections_without_payload_are_counters_not_rows, a_protocol_that_is_not_answered_makes_a_row,
          an_answered_datagram_makes_a_row_by_its_port_as_a_guess,
          a_dissector_of_datagrams_names_the_way_of_the_information,
          retransmissions_are_counted_once, a_dissector_that_is_off_claims_nothing)
