#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_mqtt;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 1883}};
static const struct dissect_flow elsewhere = {.ip_protocol = IP_TCP, .port = {40000, 9999}};

#define BYTES(text) text, sizeof(text) - 1

/* Client identifier, user and password are in it. */
#define CONNECT_5   "\x10\x1e\0\4MQTT\5\xc2\0\x3c\0\0\5bed12\0\4zque\0\4Plum"
#define CONNECT_OLD "\x10\x12\0\6MQIsdp\3\2\0\x3c\0\4pump"
#define CONNACK     "\x20\x03\0\0\0"
#define PUBLISH_1   "\x32\x14\0\x0cicu/bed12/hr\0\7Zebe"
#define PUBACK      "\x40\2\0\7"
#define PUBLISH_0   "\x30\x0e\0\5/lab/Zebedee"
#define SUBSCRIBE   "\x82\x0b\0\1\0\0\5icu/#\0"
#define SUBACK      "\x90\4\0\1\0\0"
#define PING        "\xc0\0"

static size_t look(const void *p, size_t n, const struct dissect_flow *f)
{
	return dissector_mqtt.recognise(cur_make(p, n), SIDE_0, f);
}

static struct sink *run(const void *client, size_t n, const void *server, size_t m, size_t piece)
{
	static struct sink sink;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	fake_sink_init(&sink);
	fake_feed(&dissector_mqtt, state, &sink, SIDE_0, client, n, piece, &flow);
	fake_feed(&dissector_mqtt, state, &sink, SIDE_1, server, m, piece, &flow);
	return &sink;
}

START_TEST(a_connect_packet_is_known_on_any_port)
{
	ck_assert_uint_eq(look(BYTES(CONNECT_5), &elsewhere), 1);
	ck_assert_uint_eq(look(BYTES(CONNECT_OLD), &elsewhere), 1);
	ck_assert_uint_eq(look("\x10\x1e\0\4MQTT\5\xc2", 11, &elsewhere), 1);
}
END_TEST

START_TEST(a_stream_joined_in_the_middle_is_known_by_its_port_or_a_chain)
{
	ck_assert_uint_eq(look(BYTES(PUBLISH_1), &flow), 1);
	ck_assert_uint_eq(look(BYTES(PUBACK), &flow), 1);
	ck_assert_uint_eq(look(BYTES(PUBLISH_1), &elsewhere), 0);
	ck_assert_uint_eq(look(BYTES(PUBLISH_1 PUBLISH_0), &elsewhere), 0);
	ck_assert_uint_eq(look(BYTES(PUBLISH_1 PUBLISH_0 PING), &elsewhere), 1);
}
END_TEST

START_TEST(what_is_wrong_is_not_mqtt)
{
	ck_assert_uint_eq(look("\x30\x0c\2\1\1\x60\7\2\1\3\4\0\x80\0", 14, &flow), 0); /* LDAP */
	ck_assert_uint_eq(look("\x36\x05\0\1a\0\1", 7, &flow), 0);                     /* QoS 3 */
	ck_assert_uint_eq(look("\x30\x04\0\2a#", 6, &flow), 0); /* a wildcard */
	ck_assert_uint_eq(look("\x30\x84\0\0\0\5\0\1abc", 11, &flow),
	                  0); /* length not the shortest */
	ck_assert_uint_eq(look("\x30\xff\xff\xff\xff\1", 6, &flow), 0);
	ck_assert_uint_eq(look("\xc0\1x", 3, &flow), 0);
	ck_assert_uint_eq(look("\x10\x0c\0\4MQTX\4\2\0\x3c\0\0", 14, &flow), 0);
	ck_assert_uint_eq(look("\0", 1, &flow), 0);
	ck_assert_uint_eq(look("\x10", 1, &flow), 0);
}
END_TEST

START_TEST(messages_are_counted_by_root_and_sender_however_the_stream_is_cut)
{
	static const size_t pieces[] = {0, 1, 2, 3, 7};

	for (size_t i = 0; i < 5; i++) {
		struct sink *s = run(BYTES(CONNECT_5 SUBSCRIBE PUBLISH_1 PUBLISH_1),
		                     BYTES(CONNACK SUBACK PUBACK PUBACK PUBLISH_0), pieces[i]);

		ck_assert_int_eq(s->n_entries, 2);
		ck_assert_str_eq(s->entries[0].text, "icu");
		ck_assert_int_eq(s->entries[0].type, EVIDENCE_TOPIC);
		ck_assert_int_eq(s->entries[0].side, SIDE_0);
		ck_assert_int_eq(s->entries[0].direction, INFO_C2S);
		ck_assert_uint_eq(s->entries[0].messages, 2);
		ck_assert_uint_eq(s->entries[0].bytes[0], 32 + 13 + 2 * 22);
		ck_assert_uint_eq(s->entries[0].bytes[1], 5 + 6 + 2 * 4);
		ck_assert_str_eq(s->entries[1].text, "lab");
		ck_assert_int_eq(s->entries[1].side, SIDE_1);
		ck_assert_uint_eq(s->entries[1].bytes[1], 16);
		ck_assert_int_eq(s->client, SIDE_0);
		ck_assert_uint_eq(fake_noted(s, "fact", "5.0"), 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "MQTT CONNECT"), 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "icu"), 1);
		ck_assert_int_eq(s->n_notes, 3);
	}
}
END_TEST

START_TEST(a_connection_without_password_signs_nobody_in)
{
	struct sink *s = run(BYTES(CONNECT_OLD PUBLISH_0), BYTES("\x20\2\0\0"), 0);

	ck_assert_uint_eq(fake_noted(s, "fact", "3.1"), 1);
	ck_assert_uint_eq(fake_noted(s, "fact", "MQTT CONNECT"), 0);
	ck_assert_uint_eq(fake_entry(s, "lab")->messages, 1);
}
END_TEST

START_TEST(an_alias_stands_for_the_topic_before)
{
	struct sink *s =
	        run(BYTES(CONNECT_5 PUBLISH_0 "\x30\x07\0\0\3\x23\0\1x"), BYTES(CONNACK), 0);

	ck_assert_uint_eq(fake_entry(s, "lab")->messages, 2);
	s = run(BYTES("\x30\x07\0\0\3\x23\0\1x"), BYTES(CONNACK), 0);
	ck_assert_uint_eq(fake_entry(s, "MQTT")->messages, 1);
}
END_TEST

START_TEST(a_topic_made_by_a_machine_is_not_kept)
{
	struct sink *s = run(BYTES("\x30\x26\0\x24"
	                           "0a1b2c3d-4e5f-6a7b-8c9d-0e1f2a3b4c5d"),
	                     BYTES(""), 0);

	ck_assert_int_eq(s->n_entries, 1);
	ck_assert_str_eq(s->entries[0].text, "MQTT");
}
END_TEST

START_TEST(a_hole_in_a_payload_is_crossed_and_another_ends_at_the_next_packet)
{
	uint8_t state[DISSECT_STATE_MAX] = {0}, big[1024] = "\x30\xfd\7\0\3icu";
	struct sink s;

	fake_sink_init(&s);
	dissector_mqtt.dissect(state, SIDE_0, cur_make(big, 524), 0, &flow, &s);
	dissector_mqtt.dissect(state, SIDE_0, cur_make(big + 8, 200), 300, &flow,
	                       &s); /* all of 1024 */
	dissector_mqtt.dissect(state, SIDE_0, cur_make(BYTES(PUBLISH_0)), 0, &flow, &s);
	ck_assert_uint_eq(fake_entry(&s, "icu")->messages, 1);
	ck_assert_uint_eq(fake_entry(&s, "icu")->bytes[0], 724);
	ck_assert_uint_eq(fake_entry(&s, "lab")->messages, 1);
	dissector_mqtt.dissect(state, SIDE_0, cur_make(BYTES("Zebedee\x30\5")), 50, &flow, &s);
	dissector_mqtt.dissect(state, SIDE_0, cur_make(BYTES(PUBLISH_1)), 0, &flow, &s);
	ck_assert_uint_eq(fake_entry(&s, "icu")->messages, 2);
	ck_assert_uint_eq(s.total[0], 724 + 16 + 9 + 22);
}
END_TEST

START_TEST(a_topic_under_the_users_name_is_not_told)
{
	static const char connect[] = "\x10\x2b\0\4MQTT\4\xc6\0\x3c\0\5bed12\0\4will\0\3yes\0\7zquillf\0\4Plum";
	static const char publish[] = "\x30\x0f\0\x0dZquillf/inbox\x30\7\0\5lab/x";
	struct sink *s;

	ck_assert_uint_eq(sizeof connect - 1, 2 + 0x2b);
	s = run(BYTES(connect), "", 0, 0);
	ck_assert_uint_eq(fake_noted(s, "fact", "MQTT CONNECT"), 1);
	for (size_t piece = 0; piece < 9; piece++) {
		char all[sizeof connect + sizeof publish];

		memcpy(all, connect, sizeof connect - 1);
		memcpy(all + sizeof connect - 1, publish, sizeof publish - 1);
		s = run(all, sizeof connect + sizeof publish - 2, BYTES("\x30\x09\0\7zquillf"), piece);
		ck_assert_ptr_null(fake_entry(s, "Zquillf"));
		ck_assert_ptr_null(fake_entry(s, "zquillf"));
		ck_assert_uint_eq(fake_entry(s, "lab")->messages, 1);
		ck_assert_int_eq(s->n_entries, 3);
	}
}
END_TEST

UNIT_MAIN("dissect_mqtt", a_connect_packet_is_known_on_any_port,
          a_stream_joined_in_the_middle_is_known_by_its_port_or_a_chain, what_is_wrong_is_not_mqtt,
          messages_are_counted_by_root_and_sender_however_the_stream_is_cut,
          a_connection_without_password_signs_nobody_in, an_alias_stands_for_the_topic_before,
          a_topic_made_by_a_machine_is_not_kept,
          a_hole_in_a_payload_is_crossed_and_another_ends_at_the_next_packet,
          a_topic_under_the_users_name_is_not_told)
