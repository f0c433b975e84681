#include "terrier/model/record.h"

#include "terrier/model/packet.h"
#include "unit.h"

#include <string.h>

static const struct record_limits limits = {.kinds = 10, .protocols = 5, .segments = 3};

static struct record exchange(void)
{
	struct record r = {.type = RECORD_EXCHANGE, .segment = 2, .first_us = 1, .last_us = 2};

	r.exchange.kind = 9;
	r.exchange.protocol = 4;
	r.exchange.ip_protocol = IP_TCP;
	r.exchange.direction = INFO_BOTH;
	r.exchange.confidence = CONFIDENCE_HIGH;
	r.exchange.encrypted = ENCRYPTED_YES;
	r.exchange.evidence_type = EVIDENCE_HL7_MSH9;
	r.exchange.has_messages = 1;
	r.exchange.messages = 3;
	strcpy(r.exchange.evidence, "ADT^A01");
	strcpy(r.exchange.server_name, "tie.trust.example");
	return r;
}

static void accept(const struct record *r)
{
	const char *fault = record_validate(r, &limits);

	ck_assert_msg(fault == NULL, "%s", fault);
}

static void refuse(const struct record *r, const char *fault)
{
	const char *got = record_validate(r, &limits);

	ck_assert_msg(got != NULL && strcmp(got, fault) == 0, "wanted %s, got %s", fault,
	              got != NULL ? got : "good");
}

START_TEST(a_good_record_of_each_type_passes)
{
	struct record r = exchange();

	accept(&r);
	r = (struct record){.type = RECORD_NAME};
	r.name.source = NAME_SNI;
	r.name.count = 1;
	strcpy(r.name.name, "pacs.trust.example");
	accept(&r);
	r = (struct record){.type = RECORD_HOST};
	accept(&r);
	r = (struct record){.type = RECORD_COVERAGE};
	accept(&r);
	r = (struct record){.type = RECORD_MARK, .flags = RECORD_LAST};
	accept(&r);
}
END_TEST

START_TEST(unknown_types_segments_and_turned_times_are_refused)
{
	struct record r = exchange();

	r.type = 0;
	refuse(&r, "unknown record type");
	r.type = RECORD_MARK + 1;
	refuse(&r, "unknown record type");
	r = exchange();
	r.segment = 3;
	refuse(&r, "unknown segment");
	r = exchange();
	r.last_us = 0;
	refuse(&r, "times out of order");
	r.first_us = r.last_us = INT64_MIN;
	refuse(&r, "times out of range");
	r.first_us = r.last_us = INT64_MAX;
	refuse(&r, "times out of range");
	r.first_us = r.last_us = -1;
	accept(&r);
}
END_TEST

START_TEST(names_of_services_may_hold_six_digits_and_no_more)
{
	static const char *const good[] = {"urn:nhs-itk:services:201005:SendCDADocument-v2-0",
	                                   "urn:nhs:names:services:gp2gp/RCMR_IN010000UK05",
	                                   "urn:hl7-org:v3:PRPA_IN201305UV02", "201005"};
	static const char *const bad[] = {"urn:x:2010051",           "urn:x:9990000018",
	                                  "urn:201005:999 000 0018", "urn:201005:a@b.example",
	                                  "urn:201005:1901-02-03",   "urn:201005:20100512"};
	struct record r = exchange();

	r.exchange.evidence_type = EVIDENCE_SPINE_SERVICE;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		strcpy(r.exchange.evidence, good[i]);
		accept(&r);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		strcpy(r.exchange.evidence, bad[i]);
		refuse(&r, "text that may not be kept");
	}
	r.exchange.evidence_type = EVIDENCE_HL7_MSH9;
	strcpy(r.exchange.evidence, good[0]);
	refuse(&r, "text that may not be kept");
	r.exchange.evidence_type = EVIDENCE_NONE;
	refuse(&r, "text that may not be kept");
}
END_TEST

START_TEST(indexes_outside_the_catalogue_are_refused)
{
	struct record r = exchange();

	r.exchange.kind = 10;
	refuse(&r, "unknown kind");
	r.exchange.kind = KIND_NONE;
	refuse(&r, "unknown kind");
	r.flags = RECORD_UNDECIDED;
	accept(&r);
	r.exchange.kind = 10;
	refuse(&r, "unknown kind");
	r = exchange();
	r.exchange.protocol = 5;
	refuse(&r, "unknown protocol");
	r.exchange.protocol = PROTOCOL_NONE;
	accept(&r);
}
END_TEST

START_TEST(enumerations_outside_their_range_are_refused)
{
	struct record r = exchange();

	r.exchange.direction = INFO_MSG;
	refuse(&r, "value out of range");
	r = exchange();
	r.exchange.confidence = CONFIDENCE_HIGH + 1;
	refuse(&r, "value out of range");
	r = exchange();
	r.exchange.encrypted = ENCRYPTED_YES + 1;
	refuse(&r, "value out of range");
	r = exchange();
	r.exchange.evidence_type = EVIDENCE_TYPES;
	refuse(&r, "value out of range");
	r = exchange();
	r.exchange.has_messages = 2;
	refuse(&r, "value out of range");
}
END_TEST

START_TEST(counters_that_no_traffic_reaches_are_refused)
{
	uint64_t too_many = (UINT64_C(1) << 62) + 1;
	struct record r = exchange();

	r.exchange.messages = too_many;
	refuse(&r, "counter out of range");
	r = exchange();
	r.exchange.bytes_to_server = too_many;
	refuse(&r, "counter out of range");
	r = exchange();
	r.exchange.bytes_to_client = UINT64_MAX;
	refuse(&r, "counter out of range");
	r.exchange.bytes_to_client = too_many - 1;
	accept(&r);
	for (size_t i = 0; i < 4; i++) {
		r = (struct record){.type = RECORD_HOST};
		*(uint64_t *[]){&r.host.empty_out, &r.host.empty_in, &r.host.unanswered_out,
		                &r.host.unanswered_in}[i] = too_many;
		refuse(&r, "counter out of range");
	}
	for (size_t i = 0; i < COVERAGE_COUNTERS; i++) {
		r = (struct record){.type = RECORD_COVERAGE};
		r.coverage.counter[i] = too_many;
		refuse(&r, "counter out of range");
	}
}
END_TEST

START_TEST(texts_without_end_are_refused)
{
	struct record r = exchange();

	memset(r.exchange.evidence, 'x', sizeof r.exchange.evidence);
	refuse(&r, "text without end");
	r = exchange();
	memset(r.exchange.server_name, 'x', sizeof r.exchange.server_name);
	refuse(&r, "text without end");
	r = (struct record){.type = RECORD_NAME};
	r.name.source = NAME_HL7;
	memset(r.name.name, 'x', sizeof r.name.name);
	refuse(&r, "text without end");
}
END_TEST

START_TEST(texts_that_may_name_a_patient_are_refused)
{
	static const char *const texts[] = {"9990000018", "999 000 0018", "MRN1234567", "a@b",
	                                    "1901-02-03", "x\ny",         "\xff"};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct record r = exchange();

		strcpy(r.exchange.evidence, texts[i]);
		refuse(&r, "text that may not be kept");
		r = exchange();
		strcpy(r.exchange.server_name, texts[i]);
		refuse(&r, "text that may not be kept");
		r = (struct record){.type = RECORD_NAME};
		r.name.source = NAME_AE_TITLE;
		strcpy(r.name.name, texts[i]);
		refuse(&r, "text that may not be kept");
	}
}
END_TEST

START_TEST(empty_texts_pass_where_nothing_was_seen_and_nowhere_else)
{
	struct record r = exchange();

	r.exchange.evidence[0] = r.exchange.server_name[0] = '\0';
	accept(&r);
	r = (struct record){.type = RECORD_NAME};
	r.name.source = NAME_DNS;
	refuse(&r, "empty text");
}
END_TEST

START_TEST(uids_have_their_own_grammar)
{
	struct record r = exchange();

	r.exchange.evidence_type = EVIDENCE_DICOM_SOP;
	strcpy(r.exchange.evidence, "1.2.840.10008.5.1.4.1.1.2");
	accept(&r);
	strcpy(r.exchange.evidence, "1.2.840.113619.4.26");
	accept(&r);
	strcpy(r.exchange.evidence, "1.2.840.x");
	refuse(&r, "text that may not be kept");
	strcpy(r.exchange.evidence, "9434765919");
	refuse(&r, "text that may not be kept");
	strcpy(r.exchange.evidence, "1948.11.03");
	refuse(&r, "text that may not be kept");
	memset(r.exchange.evidence, '1', 65);
	r.exchange.evidence[1] = '.';
	r.exchange.evidence[65] = '\0';
	refuse(&r, "text that may not be kept");
	r.exchange.evidence[64] = '\0';
	accept(&r);
}
END_TEST

START_TEST(names_need_a_source)
{
	struct record r = {.type = RECORD_NAME};

	strcpy(r.name.name, "pacs");
	refuse(&r, "value out of range");
	r.name.source = NAME_SOURCES;
	refuse(&r, "value out of range");
	r.name.source = NAME_BANNER;
	accept(&r);
	r.name.count = UINT64_MAX;
	refuse(&r, "value out of range");
}
END_TEST

START_TEST(every_coverage_counter_has_a_name_of_its_own)
{
	for (size_t i = 0; i < COVERAGE_COUNTERS; i++) {
		ck_assert_ptr_nonnull(coverage_names[i]);
		for (size_t k = 0; k < i; k++) {
			ck_assert_str_ne(coverage_names[i], coverage_names[k]);
		}
	}
}
END_TEST

UNIT_MAIN("record", a_good_record_of_each_type_passes,
          unknown_types_segments_and_turned_times_are_refused,
          names_of_services_may_hold_six_digits_and_no_more,
          indexes_outside_the_catalogue_are_refused, enumerations_outside_their_range_are_refused,
          counters_that_no_traffic_reaches_are_refused, texts_without_end_are_refused,
          texts_that_may_name_a_patient_are_refused,
          empty_texts_pass_where_nothing_was_seen_and_nowhere_else, uids_have_their_own_grammar,
          names_need_a_source, every_coverage_counter_has_a_name_of_its_own)
