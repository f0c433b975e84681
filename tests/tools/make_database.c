/* Writes the database that test_store_version.c holds every later version to: once a released schema, then kept for
 * ever as tests/unit/data/terrier-VERSION.db. */
#include "terrier/base/clock.h"
#include "terrier/store.h"

#include <stdio.h>
#include <stdlib.h>

#define T0 INT64_C(1700000000000000)

static struct endpoint host(uint8_t last)
{
	const uint8_t octets[4] = {10, 77, 1, last};
	struct endpoint end = {.is_inside = true};

	addr_from_v4(&end.addr, octets);
	return end;
}

static int put_exchanges(struct store *s, int64_t run)
{
	struct booking b = {.segment = "",
	                    .sensor = "span0",
	                    .source = host(20),
	                    .destination = host(30),
	                    .ip_protocol = 6,
	                    .server_port = 2575,
	                    .kind_id = "clin.adt",
	                    .protocol = "HL7v2",
	                    .initiated_by_source = true,
	                    .confidence = CONFIDENCE_HIGH,
	                    .encrypted = ENCRYPTED_NO,
	                    .has_messages = true,
	                    .connections = 1,
	                    .messages = 12,
	                    .bytes_to_destination = 3000,
	                    .bytes_to_source = 400,
	                    .first_us = T0,
	                    .last_us = T0 + CLOCK_SECOND_US,
	                    .evidence_type = EVIDENCE_HL7_MSH9,
	                    .evidence = "ADT^A01",
	                    .evidence_count = 12};
	int result = store_put_exchange(s, run, &b);

	b.first_us = b.last_us = T0 + CLOCK_HOUR_US;
	b.evidence = "ADT^A08";
	b.is_provisional = true;
	result |= store_put_exchange(s, run, &b);
	b.segment = "guest-wifi";
	b.destination = (struct endpoint){.party = "outlook.office365.com"};
	result |= store_put_exchange(s, run, &b);
	return result;
}

static int fill(struct store *s)
{
	struct store_run run = {.sensor = "span0", .source = "eth0", .version = "0.1.0", .dpi_version = "4.2.0",
	                        .started_us = T0};
	struct record_coverage coverage = {.counter = {[COVERAGE_PACKETS] = 99}};
	const struct record_host counters = {.mac = {0x02, 0x4c, 0x41, 1, 2, 3}, .empty_in = 7};
	struct prefix ward = {.bits = 0};
	struct store_zone zone = {"Wards", &ward, 1};
	struct store_settings settings = {.own = &ward, .n_own = 1, .own_is_set = true, .zones = &zone, .n_zones = 1,
	                                  .exclusions = "vlan 310"};
	struct endpoint lims = host(30);
	int result = prefix_parse("10.77.30.0/24", &ward) ? store_begin(s) : -1;

	result |= store_run_begin(s, &run);
	result |= store_put_coverage(s, run.id, &coverage, T0, T0 + CLOCK_HOUR_US);
	result |= store_put_settings(s, &settings);
	result |= store_put_name(s, "", &lims, &(const struct store_name){NAME_DNS, "lims.trust.example", 3, T0, T0, false});
	result |= store_put_host(s, "", &lims, &counters, T0, T0);
	result |= put_exchanges(s, run.id);
	run.is_ended = run.is_complete = true;
	run.first_us = T0;
	run.ended_us = run.last_us = T0 + CLOCK_HOUR_US;
	result |= store_run_end(s, &run);
	return result != 0 ? result : store_commit(s);
}

int main(int argc, char **argv)
{
	enum store_fault fault;
	char *error = NULL;
	struct store *s = argc == 2 ? store_open_rw(argv[1], &fault, &error) : NULL;

	if (s == NULL || fill(s) != 0) {
		fprintf(stderr, "%s\n", s != NULL ? store_error(s) : error != NULL ? error : "usage: make_database FILE");
		return EXIT_FAILURE;
	}
	store_close(s);
	return EXIT_SUCCESS;
}
