#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_amqp;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 5672}};
static const struct dissect_flow elsewhere = {.ip_protocol = IP_TCP, .port = {40000, 9999}};

#define BYTES(text) text, sizeof(text) - 1

#define HEADER_091 "AMQP\0\0\x09\1"
#define HEADER_100 "AMQP\0\1\0\0"
#define HEADER_TLS "AMQP\2\1\0\0"
#define START      "\1\0\0\0\0\0\6\0\x0a\0\x0a\0\x09\xce"
#define START_OK                                                                                   \
	"\1\0\0\0\0\0\x1f\0\x0a\0\x0b\0\0\0\x08\1aSzquil\5PLAIN\0\0\0\3Plu\1_\xce" /* a table, a   \
	                                                                              secret */
#define OPEN      "\1\0\0\0\0\0\x0b\0\x0a\0\x28\4ward\0\0\xce"
#define PUBLISH   "\1\0\1\0\0\0\x14\0\x3c\0\x28\0\0\7lab.out\4ZEBE\0\xce"
#define PUBLISH_Q "\1\0\1\0\0\0\x10\0\x3c\0\x28\0\0\0\7epr.ZEB\0\xce" /* to a queue */
#define CONTENT   "\2\0\1\0\0\0\x04ZEBE\xce\3\0\1\0\0\0\3bed\xce"
#define DELIVER   "\1\0\1\0\0\0\x1d\0\x3c\0\x3c\3tag\0\0\0\0\0\0\0\1\0\6amq.dx\4rt.a\xce"
#define ACK       "\1\0\1\0\0\0\x0d\0\x3c\0\x50\0\0\0\0\0\0\0\1\0\xce"

/* 1.0: open with a host, attaches of a sender to lab/out and of a receiver, one delivery of two
 * transfers. */
#define OPEN_1 "\0\0\0\x1d\2\0\0\0\0\x53\x10\xc0\x10\2\xa1\3zqu\xa1\x08mq.local"
#define ATTACH_1                                                                                   \
	"\0\0\0\x2f\2\0\0\0\0\x53\x12\xc0\x22\7\xa1\4ZEBE\x52\5\x42\x40\x40\0\x53\x28\x45\0\x53"   \
	"\x29\xc0\x0d\1\xa1\x0alab/ZEB/xx"
#define TRANSFER_1 "\0\0\0\x14\2\0\0\0\0\x53\x14\xc0\5\2\x52\5\x52\1ZE"
#define TRANSFER_2 "\0\0\0\x13\2\0\0\0\0\x53\x14\xc0\4\2\x52\5\x40ZE"
#define SETTLED    "\0\0\0\x11\2\0\0\0\0\x53\x15\xc0\4\2\x41\x52\1"
#define SASL_INIT  "\0\0\0\x1b\2\1\0\0\0\x53\x41\xc0\x0e\2\xa3\5PLAIN\xa0\4\0z\0p"

static size_t look(const void *p, size_t n, const struct dissect_flow *f)
{
	return dissector_amqp.recognise(cur_make(p, n), SIDE_0, f);
}

static struct sink *run(const void *client, size_t n, const void *server, size_t m, size_t piece,
                        enum dissect_verdict *verdict)
{
	static struct sink sink;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	fake_sink_init(&sink);
	*verdict = fake_feed(&dissector_amqp, state, &sink, SIDE_0, client, n, piece, &flow);
	if (*verdict == DISSECT_FOLLOW) {
		*verdict =
		        fake_feed(&dissector_amqp, state, &sink, SIDE_1, server, m, piece, &flow);
	}
	return &sink;
}

START_TEST(a_connection_header_is_known_on_any_port)
{
	ck_assert_uint_eq(look(BYTES(HEADER_091), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(HEADER_100), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(HEADER_TLS), &elsewhere), 1);
	ck_assert_uint_eq(look("AMQP\7\7\7\7", 8, &flow), 0);
	ck_assert_uint_eq(look("AMQP", 4, &flow), 0);
}
END_TEST

START_TEST(a_stream_joined_in_the_middle_is_known_by_its_frames)
{
	ck_assert_uint_eq(look(BYTES(PUBLISH CONTENT), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(CONTENT), &elsewhere), 0);
	ck_assert_uint_eq(look(BYTES(CONTENT), &flow), 1);
	ck_assert_uint_eq(look(BYTES(TRANSFER_1), &elsewhere), 1);
	ck_assert_uint_eq(look(TRANSFER_1, 15, &elsewhere), 0);
	ck_assert_uint_eq(look("\1\0\1\0\0\0\x04\0\x3c\0\x28x", 12, &flow),
	                  0); /* no end of frame */
	ck_assert_uint_eq(look("\1\0\1\0\0\0\x04\0\x3d\0\x28\xce", 12, &flow), 0);
	ck_assert_uint_eq(look("\0\0\0\x14\2\0\0\0\0\x53\x19\xc0", 12, &flow), 0);
	ck_assert_uint_eq(look("\1", 1, &flow), 0);
}
END_TEST

START_TEST(messages_are_counted_by_root_however_the_stream_is_cut)
{
	enum dissect_verdict verdict;

	for (size_t piece = 0; piece < 9; piece++) {
		struct sink *s =
		        run(BYTES(HEADER_091 START_OK OPEN PUBLISH CONTENT PUBLISH_Q CONTENT ACK),
		            BYTES(START DELIVER CONTENT ACK), piece, &verdict);

		ck_assert_int_eq(verdict, DISSECT_FOLLOW);
		ck_assert_int_eq(s->n_entries, 3);
		ck_assert_uint_eq(fake_entry(s, "lab")->messages, 1);
		ck_assert_int_eq(fake_entry(s, "lab")->type, EVIDENCE_TOPIC);
		ck_assert_uint_eq(fake_entry(s, "lab")->bytes[0],
		                  sizeof(HEADER_091 START_OK OPEN PUBLISH CONTENT) - 1);
		ck_assert_uint_eq(fake_entry(s, "epr")->messages, 1);
		ck_assert_uint_eq(fake_entry(s, "epr")->bytes[1], sizeof(ACK) - 1);
		ck_assert_int_eq(fake_entry(s, "rt")->side, SIDE_1);
		ck_assert_int_eq(fake_entry(s, "rt")->direction, INFO_C2S);
		ck_assert_uint_eq(fake_noted(s, "fact", "AMQP PLAIN"), 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "ward"), 1);
		ck_assert_int_eq(s->n_notes, 2);
		ck_assert_int_eq(s->client, SIDE_0);
	}
}
END_TEST

START_TEST(a_delivery_over_a_link_is_counted_once)
{
	enum dissect_verdict verdict;

	for (size_t piece = 0; piece < 9; piece++) {
		struct sink *s = run(BYTES("AMQP\3\1\0\0" SASL_INIT HEADER_100 OPEN_1 ATTACH_1
		                                   TRANSFER_1 TRANSFER_2),
		                     BYTES(HEADER_100 SETTLED), piece, &verdict);

		ck_assert_int_eq(verdict, DISSECT_FOLLOW);
		ck_assert_int_eq(s->n_entries, 1);
		ck_assert_str_eq(s->entries[0].text, "lab");
		ck_assert_uint_eq(s->entries[0].messages, 1);
		ck_assert_uint_eq(s->entries[0].bytes[1], 8 + 17);
		ck_assert_uint_eq(fake_noted(s, "fact", "AMQP PLAIN"), 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "mq.local"), 1);
		ck_assert_int_eq(s->n_notes, 2);
	}
}
END_TEST

START_TEST(a_virtual_host_that_is_no_text_is_not_noted)
{
	enum dissect_verdict verdict;
	struct sink *s =
	        run(BYTES("\1\0\0\0\0\0\x09\0\x0a\0\x28\2w\1\0\0\xce"), BYTES(""), 0, &verdict);

	ck_assert_int_eq(s->n_notes, 0);
}
END_TEST

START_TEST(tls_begins_when_both_have_asked)
{
	enum dissect_verdict verdict;

	run(BYTES(HEADER_TLS), BYTES(HEADER_TLS), 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_TLS);
	run(BYTES(HEADER_TLS), BYTES(HEADER_100), 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_FOLLOW);
}
END_TEST

START_TEST(a_link_that_was_not_seen_has_no_name)
{
	enum dissect_verdict verdict;
	struct sink *s = run(BYTES(TRANSFER_1), BYTES(""), 0, &verdict);

	ck_assert_str_eq(s->entries[0].text, "AMQP");
	ck_assert_uint_eq(s->entries[0].messages, 1);
}
END_TEST

START_TEST(behind_a_hole_the_next_frame_is_found)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink s;

	fake_sink_init(&s);
	dissector_amqp.dissect(state, SIDE_0, cur_make(BYTES(PUBLISH)), 0, &flow, &s);
	dissector_amqp.dissect(state, SIDE_0, cur_make(BYTES("rest of a body\xce")), 900, &flow,
	                       &s);
	dissector_amqp.dissect(state, SIDE_0, cur_make(BYTES(PUBLISH CONTENT)), 0, &flow, &s);
	ck_assert_uint_eq(fake_entry(&s, "lab")->messages, 2);
	ck_assert_uint_eq(s.total[0], 2 * (sizeof PUBLISH - 1) + 15 + sizeof CONTENT - 1);
}
END_TEST

START_TEST(neither_host_nor_queue_of_the_users_name_is_told)
{
	static const char plain[] = HEADER_091
	        "\1\0\0\0\0\0\x25\0\x0a\0\x0b\0\0\0\0\5PLAIN\0\0\0\x0d\0zquillf\0Plum\5en_GB\xce"
	        "\1\0\0\0\0\0\x0e\0\x0a\0\x28\7zquillf\0\0\xce"
	        "\1\0\1\0\0\0\x14\0\x3c\0\x28\0\0\7zquillf\4ZEBE\0\xce";
	static const char table[] = HEADER_091
	        "\1\0\0\0\0\0\x2e\0\x0a\0\x0b\0\0\0\0\x08" "AMQPLAIN\0\0\0\x13\5LOGINS\0\0\0\7zquillf_\5en_GB\xce"
	        "\1\0\0\0\0\0\x0e\0\x0a\0\x28\7zquillf\0\0\xce";
	static const char link[] = HEADER_100
	        "\0\0\0\x24\2\1\0\0\0\x53\x41\xc0\x17\2\xa3\5PLAIN\xa0\x0d\0zquillf\0Plum"
	        "\0\0\0\x2e\2\0\0\0\0\x53\x12\xc0\x21\7\xa1\4ZEBE\x52\5\x42\x40\x40\0\x53\x28\x45\0\x53"
	        "\x29\xc0\x0c\1\xa1\x09zquillf/x" TRANSFER_1 TRANSFER_2;
	enum dissect_verdict verdict;

	for (size_t piece = 0; piece < 9; piece++) {
		struct sink *s = run(BYTES(plain), BYTES(START), piece, &verdict);

		ck_assert_uint_eq(fake_noted(s, "fact", "AMQP PLAIN"), 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "zquillf"), 0);
		ck_assert_int_eq(s->n_entries, 1);
		ck_assert_str_eq(s->entries[0].text, "AMQP");
		s = run(BYTES(table), BYTES(START), piece, &verdict);
		ck_assert_uint_eq(fake_noted(s, "fact", "AMQP AMQPLAIN"), 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "zquillf"), 0);
		s = run(BYTES(link), "", 0, piece, &verdict);
		ck_assert_uint_eq(fake_noted(s, "fact", "AMQP PLAIN"), 1);
		ck_assert_int_eq(s->n_entries, 1);
		ck_assert_str_eq(s->entries[0].text, "AMQP");
	}
}
END_TEST

UNIT_MAIN("dissect_amqp", a_connection_header_is_known_on_any_port,
          a_stream_joined_in_the_middle_is_known_by_its_frames,
          messages_are_counted_by_root_however_the_stream_is_cut,
          a_delivery_over_a_link_is_counted_once, a_virtual_host_that_is_no_text_is_not_noted,
          tls_begins_when_both_have_asked,
          a_link_that_was_not_seen_has_no_name, behind_a_hole_the_next_frame_is_found,
          neither_host_nor_queue_of_the_users_name_is_told)
