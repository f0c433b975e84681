#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_tacacs;

static const struct dissect_flow known = {.ip_protocol = IP_TCP, .port = {40000, 49}};
static const struct dissect_flow other = {.ip_protocol = IP_TCP, .port = {40000, 5000}};

#define BYTES(text) text, sizeof text - 1
#define START                                                                                      \
	"\xc1\x01\x01\x01\x12\x34\x56\x78\0\0\0\x06"                                               \
	"zquill"
#define ANSWER                                                                                     \
	"\xc1\x01\x02\x01\x12\x34\x56\x78\0\0\0\x03"                                               \
	"yes"
#define HIDDEN                                                                                     \
	"\xc0\x03\x01\x04\x12\x34\x56\x78\0\0\0\x02"                                               \
	"??"

struct run {
	uint64_t state[DISSECT_STATE_MAX / 8];
	struct sink sink;
};

static void begin(struct run *r)
{
	memset(r, 0, sizeof *r);
	fake_sink_init(&r->sink);
}

static enum dissect_verdict feed(struct run *r, enum side side, const char *bytes, size_t len,
                                 size_t piece)
{
	return fake_feed(&dissector_tacacs, r->state, &r->sink, side, bytes, len, piece, &known);
}

static size_t claim(const char *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_tacacs.recognise(cur_make(bytes, len), SIDE_0, flow);
}

START_TEST(every_cut_gives_the_same_sums)
{
	for (size_t piece = 0; piece < 20; piece++) {
		struct run r;

		begin(&r);
		ck_assert_int_eq(feed(&r, SIDE_0, BYTES(START HIDDEN), piece), DISSECT_FOLLOW);
		ck_assert_int_eq(feed(&r, SIDE_1, BYTES(ANSWER), piece), DISSECT_FOLLOW);
		ck_assert_int_eq(r.sink.client, SIDE_0);
		ck_assert_uint_eq(r.sink.entries[0].messages, 2);
		ck_assert_uint_eq(r.sink.entries[0].bytes[0], sizeof(START HIDDEN) - 1);
		ck_assert_uint_eq(r.sink.entries[0].bytes[1], sizeof(ANSWER) - 1);
		ck_assert_uint_eq(fake_noted(&r.sink, "fact", "authentication"), 1);
		ck_assert_uint_eq(fake_noted(&r.sink, "fact", "accounting"), 1);
		ck_assert_uint_eq(fake_noted(&r.sink, "fact", "TACACS+"), 1);
		ck_assert_int_eq(r.sink.n_notes, 3);
	}
}
END_TEST

START_TEST(only_a_body_in_clear_is_a_clear_sign_in)
{
	static const char hidden[] = "\xc1\x01\x01\0\x12\x34\x56\x78\0\0\0\x06??????";
	struct run r;

	begin(&r);
	feed(&r, SIDE_0, BYTES(hidden), 0);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "TACACS+"), 0);
}
END_TEST

START_TEST(away_from_its_port_a_first_packet_must_be_whole)
{
	ck_assert_uint_eq(claim(BYTES(START), &other), 1);
	ck_assert_uint_eq(claim(BYTES(ANSWER), &other), 1);
	ck_assert_uint_eq(claim(BYTES(START "x"), &other), 0);
	ck_assert_uint_eq(claim(BYTES(START) - 1, &other), 0);
	ck_assert_uint_eq(claim(BYTES(START) - 1, &known), 1);
	ck_assert_uint_eq(claim(BYTES("\xc1\x01\x03\x01\x12\x34\x56\x78\0\0\0\x01x"), &other), 0);
}
END_TEST

START_TEST(headers_are_read_strictly)
{
	static const struct {
		size_t at;
		char octet;
	} changes[] = {{0, '\xc2'}, {0, '\x16'}, {1, 0}, {1, 4}, {2, 0}, {3, 2}, {8, 1}};

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		char bytes[] = START;

		bytes[changes[i].at] = changes[i].octet;
		ck_assert_uint_eq(claim(bytes, sizeof bytes - 1, &known), 0);
	}
	ck_assert_uint_eq(claim(BYTES("\xc1\x01\x01"), &known), 0);
}
END_TEST

START_TEST(a_hole_in_a_body_does_no_harm_and_any_other_ends_it)
{
	struct run r;

	begin(&r);
	feed(&r, SIDE_0, BYTES(START) - 4, 0);
	ck_assert_int_eq(dissector_tacacs.dissect(r.state, SIDE_0, cur_make(BYTES("l" HIDDEN)), 3,
	                                          &known, &r.sink),
	                 DISSECT_FOLLOW);
	ck_assert_uint_eq(r.sink.entries[0].messages, 2);
	ck_assert_int_eq(dissector_tacacs.dissect(r.state, SIDE_0, cur_make(BYTES(START)), 3,
	                                          &known, &r.sink),
	                 DISSECT_DONE);
	ck_assert_uint_eq(r.sink.total[0], sizeof(START) - 5 + sizeof(HIDDEN) + sizeof(START) - 1);
}
END_TEST

START_TEST(nonsense_is_released)
{
	struct run r;

	begin(&r);
	ck_assert_int_eq(feed(&r, SIDE_0, BYTES("0123456789abcdef"), 0), DISSECT_RELEASE);
}
END_TEST

UNIT_MAIN("dissect_tacacs", every_cut_gives_the_same_sums, only_a_body_in_clear_is_a_clear_sign_in,
          away_from_its_port_a_first_packet_must_be_whole, headers_are_read_strictly,
          a_hole_in_a_body_does_no_harm_and_any_other_ends_it, nonsense_is_released)
