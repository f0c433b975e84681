#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_kafka;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 9092}};
static const struct dissect_flow elsewhere = {.ip_protocol = IP_TCP, .port = {40000, 7777}};

#define BYTES(text) text, sizeof(text) - 1

#define VERSIONS "\0\0\0\x0e\0\x12\0\0\0\0\0\1\0\4zqui"
#define VERSIONS_3                                                                                 \
	"\0\0\0\x16\0\x12\0\3\0\0\0\1\0\4zqui\0\3jv\3"                                             \
	"39\0"
#define PRODUCE_2 "\0\0\0\x24\0\0\0\2\0\0\0\2\0\4zqui\0\1\0\0\0\x1e\0\0\0\1\0\7lab.ZEBbed"
#define PRODUCE_9 "\0\0\0\x21\0\0\0\x09\0\0\0\3\0\4zqui\0\0\0\1\0\0\0\x1e\2\x08lab.ZEBbe"
#define FETCH_4                                                                                    \
	"\0\0\0\x30\0\1\0\4\0\0\0\4\0\4zqui\xff\xff\xff\xff\0\0\1\0\0\0\0\1\0\1\0\0\0\0\0\0\1\0\7" \
	"icu.ZEBedee"
#define FETCH_11                                                                                   \
	"\0\0\0\x2b\0\1\0\x0b\0\0\0\5\0\4zqui\xff\xff\xff\xff\0\0\1\0\0\0\0\1\0\1\0\0\0\0\0\0\1\0" \
	"\0\0\1\0\0\0\0"
#define SASL  "\0\0\0\x15\0\x11\0\1\0\0\0\6\0\4zqui\0\5PLAIN"
#define TOKEN "\0\0\0\x0a\0zquil\0Plu" /* KIP-43: without header */

#define REPLY_1 "\0\0\0\6\0\0\0\1\0\0"
#define REPLY_2 "\0\0\0\7\0\0\0\2Zeb"
#define REPLY_4 "\0\0\0\x14\0\0\0\4Zebedee Zebedee "
#define REPLY_5 "\0\0\0\x12\0\0\0\5\0\0\0\0\0\0\0\0\0\1\0\0\0\0"

static size_t look(const void *p, size_t n, const struct dissect_flow *f)
{
	return dissector_kafka.recognise(cur_make(p, n), SIDE_0, f);
}

static struct sink *run(const void *client, size_t n, const void *server, size_t m, size_t piece)
{
	static struct sink sink;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	fake_sink_init(&sink);
	fake_feed(&dissector_kafka, state, &sink, SIDE_0, client, n, piece, &flow);
	fake_feed(&dissector_kafka, state, &sink, SIDE_1, server, m, piece, &flow);
	return &sink;
}

START_TEST(requests_are_known_by_their_form)
{
	ck_assert_uint_eq(look(BYTES(VERSIONS), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(VERSIONS_3), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(PRODUCE_2), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(PRODUCE_9), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(FETCH_4), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(FETCH_11), &elsewhere), 0);
	ck_assert_uint_eq(look(BYTES(FETCH_11), &flow), 1);
}
END_TEST

START_TEST(what_is_wrong_is_no_request)
{
	ck_assert_uint_eq(look("\0\0\0\x0e\0\x12\0\0\0\0\0\1\0\4zq\1i", 18, &flow), 0);
	ck_assert_uint_eq(look("\0\0\0\x0e\0\x72\0\0\0\0\0\1\0\4zqui", 18, &flow), 0);
	ck_assert_uint_eq(look("\0\0\0\x0e\0\x12\0\0\0\0\0\1\0\x09zqui", 18, &flow), 0);
	ck_assert_uint_eq(look("\x7f\0\0\x0e\0\x12\0\0\0\0\0\1\0\4zqui", 18, &flow), 0);
	ck_assert_uint_eq(look("\0\0\0", 3, &flow), 0);
	ck_assert_uint_eq(
	        look(BYTES("\0\0\0\x24\0\0\0\2\0\0\0\2\0\4zqui\0\1\0\0\0\x1e\0\0\0\1\0\7lab ZEB"),
	             &elsewhere),
	        0);
}
END_TEST

START_TEST(messages_are_counted_by_root_however_the_stream_is_cut)
{
	for (size_t piece = 0; piece < 9; piece++) {
		struct sink *s = run(BYTES(VERSIONS SASL TOKEN PRODUCE_2 PRODUCE_9 FETCH_4),
		                     BYTES(REPLY_1 REPLY_2 REPLY_4), piece);

		ck_assert_int_eq(s->n_entries, 2);
		ck_assert_uint_eq(fake_entry(s, "lab")->messages, 2);
		ck_assert_int_eq(fake_entry(s, "lab")->direction, INFO_C2S);
		ck_assert_int_eq(fake_entry(s, "lab")->type, EVIDENCE_TOPIC);
		ck_assert_uint_eq(fake_entry(s, "lab")->bytes[1], sizeof(REPLY_1 REPLY_2) - 1);
		ck_assert_uint_eq(fake_entry(s, "icu")->messages, 1);
		ck_assert_int_eq(fake_entry(s, "icu")->direction, INFO_S2C);
		ck_assert_int_eq(fake_entry(s, "icu")->side, SIDE_0);
		ck_assert_uint_eq(fake_entry(s, "icu")->bytes[1], sizeof REPLY_4 - 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "Kafka SASL PLAIN"), 1);
		ck_assert_int_eq(s->n_notes, 1);
		ck_assert_int_eq(s->client, SIDE_0);
	}
}
END_TEST

START_TEST(a_fetch_of_a_session_asks_for_the_same_and_may_bring_nothing)
{
	struct sink *s = run(BYTES(FETCH_4 FETCH_11), BYTES(REPLY_4 REPLY_5), 0);

	ck_assert_int_eq(s->n_entries, 1);
	ck_assert_uint_eq(fake_entry(s, "icu")->messages, 1);
	ck_assert_uint_eq(fake_entry(s, "icu")->bytes[1], sizeof(REPLY_4 REPLY_5) - 1);
}
END_TEST

START_TEST(topics_by_number_leave_the_protocol)
{
	struct sink *s =
	        run(BYTES("\0\0\0\x21\0\0\0\x0d\0\0\0\3\0\4zqui\0\0\0\1\0\0\0\x1e\2\x08lab.ZEBbe"),
	            BYTES(""), 0);

	ck_assert_str_eq(s->entries[0].text, "Kafka");
	ck_assert_uint_eq(s->entries[0].messages, 1);
}
END_TEST

START_TEST(behind_a_hole_requests_and_responses_are_found)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink s;

	fake_sink_init(&s);
	dissector_kafka.dissect(state, SIDE_0, cur_make(BYTES(PRODUCE_2)), 0, &flow, &s);
	dissector_kafka.dissect(state, SIDE_0, cur_make(BYTES("of a batch")), 500, &flow, &s);
	dissector_kafka.dissect(state, SIDE_0, cur_make(BYTES(FETCH_4)), 0, &flow, &s);
	dissector_kafka.dissect(state, SIDE_1, cur_make(BYTES(REPLY_1)), 0, &flow, &s);
	dissector_kafka.dissect(state, SIDE_1, cur_make(BYTES("of a batch")), 500, &flow, &s);
	dissector_kafka.dissect(state, SIDE_1, cur_make(BYTES(REPLY_4)), 0, &flow, &s);
	ck_assert_uint_eq(fake_entry(&s, "lab")->messages, 1);
	ck_assert_uint_eq(fake_entry(&s, "icu")->messages, 1);
}
END_TEST

UNIT_MAIN("dissect_kafka", requests_are_known_by_their_form, what_is_wrong_is_no_request,
          messages_are_counted_by_root_however_the_stream_is_cut,
          a_fetch_of_a_session_asks_for_the_same_and_may_bring_nothing,
          topics_by_number_leave_the_protocol, behind_a_hole_requests_and_responses_are_found)
