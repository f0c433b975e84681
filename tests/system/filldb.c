/* filldb FILE [empty|many|hostile]: writes the database of a small hospital through the store, for tests of
 * terrier that need no packets. What it holds is written out below, so that a test can say what it
 * expects. */
#include "terrier/base/clock.h"
#include "terrier/model/packet.h"
#include "terrier/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_US  INT64_C(1795273200000000) /* 2026-11-21T15:00:00Z */
#define MINUTE_US (60 * CLOCK_SECOND_US)

static void must(int result, struct store *s)
{
	if (result != 0) {
		fprintf(stderr, "filldb: %s\n", store_error(s));
		exit(1);
	}
}

/* "10.77.1.5" inside, "203.0.113.9" outside, "[broadcast]" a party. */
static struct endpoint end_at(const char *text)
{
	struct endpoint end = {.is_inside = true};
	struct prefix block;
	char inner[RECORD_NAME_MAX];

	if (text[0] == '[') {
		snprintf(inner, sizeof inner, "%.*s", (int)strlen(text) - 2, text + 1);
		snprintf(end.party, sizeof end.party, "%s", inner);
		end.is_inside = strcmp(inner, "broadcast") == 0;
		if (prefix_parse(inner, &block)) {
			end.addr = block.addr;
		}
	} else if (!addr_parse(text, &end.addr)) {
		fprintf(stderr, "filldb: %s is no address\n", text);
		exit(1);
	}
	return end;
}

struct line {
	const char *source, *destination;
	uint8_t ip_protocol;
	uint16_t port;
	const char *protocol, *kind;
	char way; /* 'c': source is the client, 's': the server, 'b': both ways, '?': unknown */
	enum confidence confidence;
	enum encryption encrypted;
	bool has_messages;
	uint64_t connections, messages, to_destination, to_source;
	enum evidence_type evidence_type;
	const char *evidence;
	int hour;
};

static const struct line lines[] = {
        {"10.77.1.20", "10.77.1.30", IP_TCP, 2575, "HL7v2", "pat.encounter", 'c', CONFIDENCE_HIGH,
         ENCRYPTED_NO, true, 40, 12, 5400, 900, EVIDENCE_HL7_MSH9, "ADT^A01", 0},
        {"10.77.1.20", "10.77.1.30", IP_TCP, 2575, "HL7v2", "pat.encounter", 'c', CONFIDENCE_HIGH,
         ENCRYPTED_NO, true, 0, 4, 1700, 300, EVIDENCE_HL7_MSH9, "ADT^A08", 1},
        {"10.77.20.11", "10.77.1.50", IP_TCP, 104, "DICOM", "img.study", 'c', CONFIDENCE_HIGH,
         ENCRYPTED_NO, true, 3, 240, 126000000, 48000, EVIDENCE_DICOM_SOP,
         "1.2.840.10008.5.1.4.1.1.2", 1},
        {"10.77.1.60", "10.77.30.21", IP_TCP, 443, "TLS", "unk.encrypted", 's', CONFIDENCE_LOW,
         ENCRYPTED_YES, false, 18, 0, 900000, 70000, EVIDENCE_PORT, "tcp/443", 2},
        {"10.77.1.60", "10.77.30.22", IP_TCP, 443, "TLS", "unk.encrypted", 's', CONFIDENCE_LOW,
         ENCRYPTED_YES, false, 2, 0, 9000, 700, EVIDENCE_PORT, "tcp/443", 2},
        {"10.77.1.100", "[outlook.office365.com]", IP_TCP, 25, "SMTP+TLS", "inf.email", 'c',
         CONFIDENCE_MEDIUM, ENCRYPTED_YES, true, 7, 7, 81000, 2100, EVIDENCE_TLS_SNI,
         "outlook.office365.com", 2},
        {"10.77.1.90", "[203.0.113.0/24]", IP_TCP, 4433, "unknown", "unk.other", '?',
         CONFIDENCE_LOW, ENCRYPTED_UNKNOWN, false, 1, 0, 100, 100, EVIDENCE_NONE, "", 3},
        {"10.77.30.21", "[broadcast]", IP_UDP, 67, "DHCP", "inf.addressing", 'c', CONFIDENCE_HIGH,
         ENCRYPTED_NO, true, 2, 2, 600, 0, EVIDENCE_PROTOCOL, "DHCP", 3},
        {"fd00:77::5", "10.77.1.5", IP_ICMP, 0, "ICMP", "inf.monitoring", 'b', CONFIDENCE_HIGH,
         ENCRYPTED_NO, false, 1, 0, 64, 64, EVIDENCE_PROTOCOL, "ICMP", 3},
        /* a fact of a row above */
        {"10.77.1.60", "10.77.30.22", IP_TCP, 443, "TLS", "unk.encrypted", 's', CONFIDENCE_LOW,
         ENCRYPTED_YES, false, 0, 0, 0, 0, EVIDENCE_OTHER, "TLS version 1.0", 2},
};

static const struct {
	const char *address;
	enum name_source source;
	const char *name;
	uint64_t count;
} names[] = {
        {"10.77.1.20", NAME_HL7, "TIE^TRUST", 16},
        {"10.77.1.20", NAME_DNS, "tie.trust.example", 4},
        {"10.77.1.30", NAME_DNS, "lims.trust.example", 9},
        {"10.77.1.50", NAME_AE_TITLE, "ZZPACS", 240},
        {"10.77.1.50", NAME_DNS, "pacs.trust.example", 2},
        {"10.77.20.11", NAME_AE_TITLE, "=CT01", 240},
        {"10.77.1.60", NAME_SNI, "epr.trust.example", 20},
        {"10.77.1.100", NAME_BANNER, "mail.trust.example", 7},
};

static void put_line(struct store *s, int64_t run, const struct line *l)
{
	struct booking b = {
	        .segment = "",
	        .sensor = "span-a",
	        .source = end_at(l->source),
	        .destination = end_at(l->destination),
	        .ip_protocol = l->ip_protocol,
	        .server_port = l->port,
	        .kind_id = l->kind,
	        .protocol = l->protocol,
	        .is_both = l->way == 'b',
	        .initiated_by_source = l->way == 'c' || l->way == 'b',
	        .initiated_by_destination = l->way == 's',
	        .confidence = l->confidence,
	        .encrypted = l->encrypted,
	        .has_messages = l->has_messages,
	        .connections = l->connections,
	        .messages = l->messages,
	        .bytes_to_destination = l->to_destination,
	        .bytes_to_source = l->to_source,
	        .first_us = START_US + l->hour * CLOCK_HOUR_US,
	        .last_us = START_US + l->hour * CLOCK_HOUR_US + 30 * MINUTE_US,
	        .evidence_type = l->evidence_type,
	        .evidence = l->evidence,
	        .evidence_count = l->evidence_type == EVIDENCE_OTHER ? 2
	                          : l->has_messages                  ? l->messages
	                                                             : l->connections,
	};
	must(store_put_exchange(s, run, &b), s);
}

static void put_names(struct store *s)
{
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct endpoint end = end_at(names[i].address);

		const struct store_name name = {names[i].source, names[i].name, names[i].count, START_US,
		                                START_US + CLOCK_HOUR_US, false};

		must(store_put_name(s, "", &end, &name), s);
	}
}

/* Names that no validator would let in, on hosts that exchange something. */
static void put_hostile(struct store *s)
{
	static const char *const hostile[] = {
	        "=HYPERLINK(\"http://example.org/\",\"click\")", "@SUM(A1:A9)", "<script>alert('x')</script>",
	        "say \"aye\", or no", "two\r\nlines", "bell\x07", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x90\x95",
	        "_x0041_", "00123",
	};

	for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
		struct endpoint end = end_at(lines[i].source);
		const struct store_name name = {NAME_DNS, hostile[i], 1000, START_US, START_US + CLOCK_HOUR_US, false};

		must(store_put_name(s, "", &end, &name), s);
	}
}

static void put_scanner(struct store *s)
{
	struct endpoint end = end_at("10.77.9.9");
	struct record_host host = {.addr = end.addr, .empty_out = 254, .unanswered_out = 12};

	must(store_put_host(s, "", &end, &host, START_US, START_US + MINUTE_US), s);
}

static void put_settings(struct store *s)
{
	static const char *const blocks[] = {"10.77.1.0/24", "10.77.20.0/24", "10.77.30.0/24"};
	static const char *const zone_names[] = {"Data centre", "Imaging", "Wards"};
	struct prefix p[3];
	struct store_zone zones[3];
	struct store_settings settings = {
	        .zones = zones, .n_zones = 3, .exclusions = "networks 192.168.50.0/24"};

	for (size_t i = 0; i < 3; i++) {
		prefix_parse(blocks[i], &p[i]);
		zones[i] = (struct store_zone){
		        .name = zone_names[i], .networks = &p[i], .n_networks = 1};
	}
	must(store_put_settings(s, &settings), s);
}

static void put_many(struct store *s, int64_t run)
{
	for (int i = 0; i < 2000; i++) {
		char address[32];
		struct line l = lines[0];

		snprintf(address, sizeof address, "10.78.%d.%d", i / 200, i % 200 + 1);
		l.source = address;
		put_line(s, run, &l);
	}
}

static void fill(struct store *s, const char *more)
{
	struct store_run run = {
	        .sensor = "span-a",
	        .source = "monday.pcap",
	        .version = "0.1.0",
	        .dpi_version = "4.2.0",
	        .started_us = START_US,
	        .ended_us = START_US + CLOCK_HOUR_US,
	        .first_us = START_US,
	        .last_us = START_US + 3 * CLOCK_HOUR_US + 30 * MINUTE_US,
	        .is_file = true,
	        .is_complete = false,
	        .is_ended = true,
	        .fault = "cut short",
	        .file_size = 4711,
	        .file_digest = 42,
	};
	struct record_coverage coverage = {0};

	coverage.counter[COVERAGE_PACKETS] = 123456;
	coverage.counter[COVERAGE_KERNEL_DROPS] = 3;
	coverage.counter[COVERAGE_DUPLICATES] = 17;
	coverage.counter[COVERAGE_PAYLOAD_BYTES] = 1000;
	coverage.counter[COVERAGE_UNKNOWN_BYTES] = 25;
	must(store_run_begin(s, &run), s);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		put_line(s, run.id, &lines[i]);
	}
	if (strcmp(more, "many") == 0) {
		put_many(s, run.id);
	}
	put_names(s);
	if (strcmp(more, "hostile") == 0) {
		put_hostile(s);
	}
	put_scanner(s);
	must(store_put_coverage(s, run.id, &coverage, run.first_us, run.last_us), s);
	must(store_run_end(s, &run), s);
}

int main(int argc, char **argv)
{
	enum store_fault fault;
	char *error = NULL;
	struct store *s;

	if (argc < 2) {
		fputs("usage: filldb FILE [empty|many|hostile]\n", stderr);
		return 2;
	}
	s = store_open_rw(argv[1], &fault, &error);
	if (s == NULL) {
		fprintf(stderr, "filldb: %s\n", error);
		free(error);
		return 1;
	}
	if (argc == 2 || strcmp(argv[2], "empty") != 0) {
		must(store_begin(s), s);
		put_settings(s);
		fill(s, argc > 2 ? argv[2] : "");
		must(store_commit(s), s);
	}
	store_close(s);
	return 0;
}
