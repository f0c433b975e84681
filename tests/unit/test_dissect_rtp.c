#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_rtp;

static const struct dissect_flow media = {.ip_protocol = IP_UDP, .port = {16384, 16500}};
static const struct dissect_flow control = {.ip_protocol = IP_UDP, .port = {16385, 16501}};

static const uint8_t receiver_report[] = {0x80, 201, 0, 1, 0, 0, 0, 7, 0x81, 202, 0, 1, 0, 0, 0, 7};

static void make(uint8_t out[400], uint8_t type, uint16_t sequence, uint8_t source)
{
	memset(out, 0, 400);
	out[0] = 0x80;
	out[1] = type;
	out[2] = (uint8_t)(sequence >> 8);
	out[3] = (uint8_t)sequence;
	out[11] = source;
}

static size_t claim(const uint8_t *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_rtp.recognise(cur_make(bytes, len), SIDE_0, flow);
}

START_TEST(only_a_codec_of_known_size_is_claimed)
{
	const struct dissect_flow low = {.ip_protocol = IP_UDP, .port = {16384, 500}};
	uint8_t d[400];

	make(d, 0, 1, 7);
	ck_assert_uint_eq(claim(d, 172, &media), 1);
	ck_assert_uint_eq(claim(d, 182, &media), 1); /* SRTP */
	ck_assert_uint_eq(claim(d, 173, &media), 0);
	ck_assert_uint_eq(claim(d, 12, &media), 0);
	ck_assert_uint_eq(claim(d, 11, &media), 0);
	ck_assert_uint_eq(claim(d, 172, &low), 0);
	ck_assert_uint_eq(claim(d, 172, &control), 0);
	d[1] = 0x80 | 18;
	ck_assert_uint_eq(claim(d, 32, &media), 1);
	d[1] = 96;
	ck_assert_uint_eq(claim(d, 172, &media), 0);
	make(d, 0, 1, 0);
	ck_assert_uint_eq(claim(d, 172, &media), 0);
	make(d, 0, 1, 7);
	d[0] = 0x40;
	ck_assert_uint_eq(claim(d, 172, &media), 0);
}
END_TEST

START_TEST(three_in_sequence_prove_a_stream_and_what_came_before_is_its_own)
{
	uint8_t state[DISSECT_STATE_MAX] = {0}, d[400];
	struct sink sink;

	fake_sink_init(&sink);
	for (uint16_t i = 0; i < 5; i++) {
		make(d, 0, (uint16_t)(65534 + i), 7);
		ck_assert_int_eq(sink.n_entries, i >= 3);
		ck_assert_int_eq(fake_feed(&dissector_rtp, state, &sink, SIDE_0, d, 172, 0, &media),
		                 DISSECT_FOLLOW);
	}
	ck_assert_int_eq(sink.port, 0);
	ck_assert_str_eq(sink.protocol, "RTP");
	ck_assert_int_eq(sink.entries[0].direction, INFO_BALANCE);
	ck_assert_uint_eq(sink.entries[0].bytes[0], 5 * 172);
}
END_TEST

START_TEST(another_source_or_a_jump_releases_the_flow)
{
	for (unsigned wrong = 0; wrong < 2; wrong++) {
		uint8_t state[DISSECT_STATE_MAX] = {0}, d[400];
		struct sink sink;

		fake_sink_init(&sink);
		make(d, 0, 10, 7);
		fake_feed(&dissector_rtp, state, &sink, SIDE_0, d, 172, 0, &media);
		make(d, 0, wrong == 0 ? 11 : 13, wrong == 0 ? 8 : 7);
		ck_assert_int_eq(fake_feed(&dissector_rtp, state, &sink, SIDE_0, d, 172, 0, &media),
		                 DISSECT_RELEASE);
		ck_assert_int_eq(sink.n_entries, 0);
		ck_assert_uint_eq(sink.pending[0], 344);
	}
}
END_TEST

START_TEST(reports_are_rtcp)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(receiver_report, sizeof receiver_report, &control), 1);
	ck_assert_uint_eq(claim(receiver_report, sizeof receiver_report - 1, &control), 0);
	ck_assert_uint_eq(claim(receiver_report + 8, 8, &control), 0);
	fake_feed(&dissector_rtp, state, &sink, SIDE_0, receiver_report, sizeof receiver_report, 0,
	          &control);
	ck_assert_str_eq(sink.protocol, "RTCP");
	ck_assert_int_eq(sink.port, 0);
}
END_TEST

UNIT_MAIN("dissect_rtp", only_a_codec_of_known_size_is_claimed,
          three_in_sequence_prove_a_stream_and_what_came_before_is_its_own,
          another_source_or_a_jump_releases_the_flow, reports_are_rtcp)
