#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_radius;

static const struct dissect_flow known = {.ip_protocol = IP_UDP, .port = {40000, 1812}};
static const struct dissect_flow other = {.ip_protocol = IP_UDP, .port = {40000, 5000}};

#define BYTES(text)   text, sizeof text - 1
#define RANDOM        "0123456789abcdef"
#define USER          "\x01\x08zquill"
#define PAP           "\x02\x12" RANDOM
#define NAS           "\x20\x07wlc01"
#define AUTHENTICATOR "\x50\x12" RANDOM

static size_t claim(const char *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_radius.recognise(cur_make(bytes, len), SIDE_0, flow);
}

static void give(struct sink *sink, enum side side, const char *bytes, size_t len)
{
	dissector_radius.dissect(NULL, side, cur_make(bytes, len), 0, &known, sink);
}

START_TEST(a_request_tells_its_device_and_how_one_signs_in)
{
	struct sink sink;

	fake_sink_init(&sink);
	give(&sink, SIDE_0, BYTES("\x01\x07\0\x35" RANDOM USER PAP NAS));
	give(&sink, SIDE_1, BYTES("\x02\x07\0\x1b" RANDOM NAS));
	ck_assert_uint_eq(fake_noted(&sink, "fact", "Access"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "PAP"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "wlc01"), 1);
	ck_assert_int_eq(sink.n_notes, 3);
	ck_assert_int_eq(sink.client, SIDE_0);
	ck_assert_uint_eq(sink.entries[0].messages, 1);
	ck_assert(sink.entries[0].bytes[0] == 53 && sink.entries[0].bytes[1] == 27);
}
END_TEST

START_TEST(an_answer_says_who_asked)
{
	struct sink sink;

	fake_sink_init(&sink);
	give(&sink, SIDE_0, BYTES("\x05\x07\0\x14" RANDOM));
	ck_assert_int_eq(sink.client, SIDE_1);
}
END_TEST

START_TEST(ways_to_sign_in_are_told_apart)
{
	static const struct {
		const char *attribute, *name;
	} cases[] = {
	        {"\x03\x12" RANDOM, "CHAP"},
	        {"\x4f\x12" RANDOM, "EAP"},
	        {"\x1a\x12\0\0\x01\x37\x19"
	         "0123456789a",
	         "MS-CHAP"},
	        {"\x1a\x12\0\0\x01\x36\x19"
	         "0123456789a",
	         NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char packet[38] = "\x01\x07\0\x26" RANDOM;
		struct sink sink;

		memcpy(packet + 20, cases[i].attribute, i < 2 ? 18 : 7);
		fake_sink_init(&sink);
		give(&sink, SIDE_0, packet, sizeof packet);
		ck_assert_int_eq(sink.n_notes, 1 + (cases[i].name != NULL));
		ck_assert(cases[i].name == NULL || fake_noted(&sink, "fact", cases[i].name) == 1);
	}
}
END_TEST

START_TEST(attributes_must_fill_the_packet)
{
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x1c" RANDOM USER), &known), 1);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x1c" RANDOM USER "pad"), &known), 1);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x1b" RANDOM USER), &known), 0);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x1d" RANDOM USER), &known), 0);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x16" RANDOM "\x01\x01"), &known), 0);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x16" RANDOM "\0\x02"), &known), 0);
	ck_assert_uint_eq(claim(BYTES("\x06\x07\0\x14" RANDOM), &known), 0);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x13" RANDOM), &known), 0);
	ck_assert_uint_eq(claim(BYTES("\x01"), &known), 0);
}
END_TEST

START_TEST(away_from_its_ports_it_must_be_signed)
{
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x1c" RANDOM USER), &other), 0);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x2e" RANDOM USER AUTHENTICATOR), &other), 1);
	ck_assert_uint_eq(claim(BYTES("\x01\x07\0\x2e" RANDOM USER AUTHENTICATOR "pad"), &other),
	                  0);
}
END_TEST

START_TEST(a_packet_that_is_none_is_only_counted)
{
	struct sink sink;

	fake_sink_init(&sink);
	give(&sink, SIDE_0, BYTES("nonsense"));
	ck_assert(sink.n_entries == 0 && sink.total[0] == 8);
}
END_TEST

UNIT_MAIN("dissect_radius", a_request_tells_its_device_and_how_one_signs_in,
          an_answer_says_who_asked, ways_to_sign_in_are_told_apart, attributes_must_fill_the_packet,
          away_from_its_ports_it_must_be_signed, a_packet_that_is_none_is_only_counted)
