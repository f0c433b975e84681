#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_modbus;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 502}};

#define READ    "\x00\xd1\x00\x00\x00\x06\x01\x03\x00\x01\x00\x01"
#define VALUE   "\x00\xd1\x00\x00\x00\x05\x01\x03\x02\x00\x00"
#define WRITE   "\x00\xd2\x00\x00\x00\x06\x01\x06\x00\x01\x00\x03"
#define REFUSAL "\x00\xd3\x00\x00\x00\x03\x01\x83\x02"

static const char asked[] = READ READ WRITE READ;
static const char answered[] = VALUE VALUE WRITE REFUSAL;

static size_t claim(const void *bytes, size_t len, enum side side)
{
	return dissector_modbus.recognise(cur_make(bytes, len), side, &flow);
}

START_TEST(a_burst_of_whole_messages_is_claimed)
{
	const struct dissect_flow other = {.ip_protocol = IP_TCP, .port = {40000, 5020}};

	ck_assert_uint_eq(claim(asked, sizeof asked - 1, SIDE_0), 1);
	ck_assert_uint_eq(claim(answered, sizeof answered - 1, SIDE_1), 1);
	ck_assert_uint_eq(claim(asked, sizeof asked - 2, SIDE_0), 0);
	ck_assert_uint_eq(claim(REFUSAL, sizeof REFUSAL - 1, SIDE_0), 0);
	ck_assert_uint_eq(claim("\x00\xd1\x00\x01\x00\x02\x01\x03", 8, SIDE_0), 0);
	ck_assert_uint_eq(claim("\x00\xd1\x00\x00\x00\x02\x01\x50", 8, SIDE_0), 0);
	ck_assert_uint_eq(dissector_modbus.recognise(cur_make(READ, 12), SIDE_0, &other), 0);
}
END_TEST

START_TEST(reading_and_writing_go_different_ways_however_the_stream_is_cut)
{
	for (size_t piece = 0; piece < sizeof asked; piece++) {
		uint8_t state[DISSECT_STATE_MAX] = {0};
		struct sink sink;

		fake_sink_init(&sink);
		fake_feed(&dissector_modbus, state, &sink, SIDE_0, asked, sizeof asked - 1, piece,
		          &flow);
		fake_feed(&dissector_modbus, state, &sink, SIDE_1, answered, sizeof answered - 1,
		          piece, &flow);
		ck_assert_int_eq(sink.n_entries, 2);
		ck_assert_int_eq(sink.entries[0].direction, INFO_S2C);
		ck_assert_uint_eq(sink.entries[0].messages, 3);
		ck_assert_uint_eq(sink.entries[0].bytes[0], 36);
		ck_assert_uint_eq(sink.entries[0].bytes[1], 31);
		ck_assert_int_eq(sink.entries[1].direction, INFO_C2S);
		ck_assert_uint_eq(sink.entries[1].messages, 1);
		ck_assert_uint_eq(sink.entries[1].bytes[1], 12);
		ck_assert_int_eq(sink.client, SIDE_0);
	}
}
END_TEST

START_TEST(after_a_gap_the_next_whole_message_is_found)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_modbus, state, &sink, SIDE_0, READ, 9, 0, &flow);
	dissector_modbus.dissect(state, SIDE_0, cur_make("\x50\x51\x52\x53\x54\x55\x56\x57\x58", 9),
	                         10, &flow, &sink);
	fake_feed(&dissector_modbus, state, &sink, SIDE_0, READ, 12, 0, &flow);
	ck_assert_uint_eq(sink.entries[0].messages, 2);
	ck_assert_uint_eq(sink.total[0], 30);
}
END_TEST

START_TEST(another_protocol_is_released)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_int_eq(fake_feed(&dissector_modbus, state, &sink, SIDE_0, "GET / HTTP/1.1\r\n",
	                           16, 0, &flow),
	                 DISSECT_RELEASE);
	ck_assert_uint_eq(sink.total[0], 16);
}
END_TEST

UNIT_MAIN("dissect_modbus", a_burst_of_whole_messages_is_claimed,
          reading_and_writing_go_different_ways_however_the_stream_is_cut,
          after_a_gap_the_next_whole_message_is_found, another_protocol_is_released)
