#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_lpd;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {721, 515}};

static const char job[] = "\x02"
                          "ZZWARD7Q\n\x02"
                          "13 cfA001ward\nHward\nPzebed\n\0\x03"
                          "5 dfA001ward\n\x01\n\n\n\x02\0";

static size_t claim(const void *bytes, size_t len, enum side side)
{
	return dissector_lpd.recognise(cur_make(bytes, len), side, &flow);
}

START_TEST(a_command_with_a_queue_is_claimed)
{
	ck_assert_uint_eq(claim("\x02"
	                        "raw\n",
	                        5, SIDE_0),
	                  1);
	ck_assert_uint_eq(claim("\x04"
	                        "raw zeb 12\n",
	                        12, SIDE_0),
	                  1);
	ck_assert_uint_eq(claim("\x02"
	                        "raw\n",
	                        5, SIDE_1),
	                  0);
	ck_assert_uint_eq(claim("\x06"
	                        "raw\n",
	                        5, SIDE_0),
	                  0);
	ck_assert_uint_eq(claim("\x02\n", 2, SIDE_0), 0);
	ck_assert_uint_eq(claim("\x02"
	                        "raw",
	                        4, SIDE_0),
	                  0);
	ck_assert_uint_eq(claim("\x02r\x01w\n", 5, SIDE_0), 0);
}
END_TEST

START_TEST(a_job_is_one_message_however_it_is_cut)
{
	for (size_t piece = 0; piece < sizeof job; piece++) {
		uint8_t state[DISSECT_STATE_MAX] = {0};
		struct sink sink;

		fake_sink_init(&sink);
		ck_assert_int_eq(fake_feed(&dissector_lpd, state, &sink, SIDE_0, job,
		                           sizeof job - 1, piece, &flow),
		                 DISSECT_FOLLOW);
		fake_feed(&dissector_lpd, state, &sink, SIDE_1, "\0\0\0\0\0", 5, piece, &flow);
		ck_assert_int_eq(sink.n_entries, 1);
		ck_assert_int_eq(sink.n_notes, 0);
		ck_assert_uint_eq(fake_entry(&sink, "ZZWARD7Q")->messages, 1);
		ck_assert_int_eq(sink.entries[0].direction, INFO_C2S);
		ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof job - 1);
		ck_assert_uint_eq(sink.entries[0].bytes[1], 5);
		ck_assert_int_eq(sink.client, SIDE_0);
	}
}
END_TEST

START_TEST(the_state_of_a_queue_goes_to_who_asks)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_lpd, state, &sink, SIDE_0, "\x03raw zeb\n", 9, 0, &flow);
	ck_assert_int_eq(fake_entry(&sink, "raw")->direction, INFO_S2C);
}
END_TEST

START_TEST(a_gap_within_a_file_changes_nothing_and_elsewhere_ends_the_reading)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_lpd, state, &sink, SIDE_0,
	          "\x02raw\n\x03"
	          "100 dfA\n12345",
	          19, 0, &flow);
	ck_assert_int_eq(dissector_lpd.dissect(state, SIDE_0,
	                                       cur_make("6789\0\x03"
	                                                "7 dfB\n",
	                                                12),
	                                       91, &flow, &sink),
	                 DISSECT_FOLLOW);
	ck_assert_int_eq(
	        dissector_lpd.dissect(state, SIDE_0, cur_make("\x02zz\n", 4), 20, &flow, &sink),
	        DISSECT_FOLLOW);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert_uint_eq(sink.total[0], 35);
}
END_TEST

START_TEST(another_protocol_is_released)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_int_eq(
	        fake_feed(&dissector_lpd, state, &sink, SIDE_0, "GET / HTTP/1.1\n", 15, 0, &flow),
	        DISSECT_RELEASE);
	ck_assert_uint_eq(sink.total[0], 15);
}
END_TEST

UNIT_MAIN("dissect_lpd", a_command_with_a_queue_is_claimed, a_job_is_one_message_however_it_is_cut,
          the_state_of_a_queue_goes_to_who_asks,
          a_gap_within_a_file_changes_nothing_and_elsewhere_ends_the_reading,
          another_protocol_is_released)
