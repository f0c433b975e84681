#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_ibmmq;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 1414}};

struct bytes {
	uint8_t p[8192];
	size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void put_number(struct bytes *b, uint32_t value, bool is_little)
{
	for (int i = 0; i < 4; i++) {
		b->p[b->n++] = (uint8_t)(value >> (is_little ? 8 * i : 24 - 8 * i));
	}
}

/* A name, padded with blanks. */
static void put_name(struct bytes *b, const char *name, size_t size)
{
	memset(b->p + b->n, ' ', size);
	memcpy(b->p + b->n, name, strlen(name));
	b->n += size;
}

static void put_segment(struct bytes *b, const char *tag, uint8_t type, uint8_t flags,
                        const struct bytes *body)
{
	bool is_multiplexed = tag[3] == 'M';
	uint8_t rest[20] = {2, type, flags};

	put(b, tag, 4);
	put_number(b, (uint32_t)(28 + (is_multiplexed ? 8 : 0) + body->n), false);
	put(b, "\0\0\0\1\0\0\0\2", is_multiplexed ? 8 : 0);
	put(b, rest, sizeof rest);
	put(b, body->p, body->n);
}

static void put_initial(struct bytes *b)
{
	struct bytes body = {.n = 0};

	put(&body, "ID  ", 4);
	body.n += 20;
	put_name(&body, "LIMS.SVRCONN", 20);
	body.n += 4;
	put_name(&body, "QM1", 48);
	put_segment(b, "TSH ", 1, 0x31, &body);
}

/* A call with its completion and handle, and the descriptor of an object if it has a name. */
static void put_call(struct bytes *b, const char *tag, uint8_t type, uint32_t completion,
                     uint32_t handle, const char *name)
{
	struct bytes body = {.n = 0};

	put_number(&body, 100, false);
	put_number(&body, completion, true);
	put_number(&body, 0, true);
	put_number(&body, handle, true);
	if (name != NULL) {
		put(&body, "OD  \1\0\0\0\1\0\0\0", 12);
		put_name(&body, name, 48);
	}
	put(&body, "Zebedee", 7);
	put_segment(b, tag, type, 0x30, &body);
}

static size_t look(const void *p, size_t n)
{
	return dissector_ibmmq.recognise(cur_make(p, n), SIDE_0, &flow);
}

START_TEST(segments_are_known_in_both_alphabets)
{
	struct bytes b = {.n = 0};

	put_initial(&b);
	ck_assert_uint_eq(look(b.p, b.n), 1);
	ck_assert_uint_eq(look(b.p, 27), 0);
	memcpy(b.p, "\xe3\xe2\xc8\x40", 4);
	ck_assert_uint_eq(look(b.p, b.n), 1);
	memcpy(b.p, "TSHX", 4);
	ck_assert_uint_eq(look(b.p, b.n), 0);
	memcpy(b.p, "TSH ", 4);
	b.p[8] = 3; /* no byte order */
	ck_assert_uint_eq(look(b.p, b.n), 0);
	b.p[8] = 1;
	b.p[4] = 0xff; /* too long */
	ck_assert_uint_eq(look(b.p, b.n), 0);
}
END_TEST

START_TEST(messages_are_counted_by_root_however_the_stream_is_cut)
{
	struct bytes client = {.n = 0}, server = {.n = 0}, more = {.n = 0};

	put_initial(&client);
	put_call(&client, "TSHM", 0x83, 0, 0, "LAB.OUT.ZEBEDEE");
	put_call(&server, "TSHM", 0x93, 0, 7, NULL);
	put_call(&more, "TSHM", 0x86, 0, 7, NULL);
	put_call(&more, "TSHM", 0x86, 0, 7, NULL);
	put_call(&more, "TSHM", 0x87, 0, 0, "EPR.IN");
	put_call(&server, "TSHM", 0x95, 0, 7, NULL);
	put_call(&server, "TSHM", 0x95, 2, 7, NULL); /* no message */
	for (size_t piece = 0; piece < 9; piece++) {
		struct sink s;
		uint8_t state[DISSECT_STATE_MAX] = {0};

		fake_sink_init(&s);
		fake_feed(&dissector_ibmmq, state, &s, SIDE_0, client.p, client.n, piece, &flow);
		fake_feed(&dissector_ibmmq, state, &s, SIDE_1, server.p, server.n, piece, &flow);
		fake_feed(&dissector_ibmmq, state, &s, SIDE_0, more.p, more.n, piece, &flow);
		ck_assert_int_eq(s.n_entries, 3);
		ck_assert_str_eq(s.entries[0].text, "LAB");
		ck_assert_int_eq(s.entries[0].side, SIDE_1);
		ck_assert_uint_eq(s.entries[0].messages, 1);
		ck_assert_int_eq(s.entries[1].side, SIDE_0);
		ck_assert_uint_eq(s.entries[1].messages, 2);
		ck_assert_uint_eq(fake_entry(&s, "EPR")->messages, 1);
		ck_assert_uint_eq(fake_noted(&s, "fact", "LIMS.SVRCONN"), 1);
		ck_assert_uint_eq(fake_noted(&s, "fact", "QM1"), 1);
		ck_assert_int_eq(s.n_notes, 2);
		ck_assert_int_eq(s.client, SIDE_0);
	}
}
END_TEST

START_TEST(queue_managers_send_to_the_queue_in_the_header)
{
	struct bytes b = {.n = 0}, body = {.n = 0};
	struct sink s;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	put(&body, "\xd4\xe2\xc8\x40", 4);
	body.n += 16;
	put(&body, "\xe7\xd8\xc8\x40\0\0\0\1\xd9\xc9\xe2\x4b\xf1\x40", 14); /* RIS.1 in EBCDIC */
	memset(body.p + body.n, 0x40, 60);
	body.n += 60;
	put_segment(&b, "\xe3\xe2\xc8\x40", 0x04, 0x10, &body);
	put_segment(&b, "\xe3\xe2\xc8\x40", 0x04, 0x20, &body);
	fake_sink_init(&s);
	fake_feed(&dissector_ibmmq, state, &s, SIDE_0, b.p, b.n, 5, &flow);
	ck_assert_int_eq(s.n_entries, 1);
	ck_assert_uint_eq(fake_entry(&s, "RIS")->messages, 1);
	ck_assert_uint_eq(fake_entry(&s, "RIS")->bytes[0], b.n);
}
END_TEST

START_TEST(a_handle_that_was_not_seen_leaves_the_protocol)
{
	struct bytes b = {.n = 0};
	struct sink s;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	put_call(&b, "TSH ", 0x86, 0, 9, NULL);
	fake_sink_init(&s);
	fake_feed(&dissector_ibmmq, state, &s, SIDE_0, b.p, b.n, 0, &flow);
	ck_assert_str_eq(s.entries[0].text, "IBM-MQ");
	ck_assert_int_eq(s.entries[0].direction, INFO_C2S);
}
END_TEST

START_TEST(behind_a_hole_the_next_segment_is_found)
{
	struct bytes b = {.n = 0};
	struct sink s;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	put_call(&b, "TSH ", 0x86, 0, 9, NULL);
	fake_sink_init(&s);
	dissector_ibmmq.dissect(state, SIDE_0, cur_make(b.p, b.n), 0, &flow, &s);
	dissector_ibmmq.dissect(state, SIDE_0, cur_make("rest", 4), 100, &flow, &s);
	dissector_ibmmq.dissect(state, SIDE_0, cur_make(b.p, b.n), 0, &flow, &s);
	ck_assert_uint_eq(s.entries[0].messages, 2);
	ck_assert_uint_eq(s.total[0], 2 * b.n + 4);
}
END_TEST

UNIT_MAIN("dissect_ibmmq", segments_are_known_in_both_alphabets,
          messages_are_counted_by_root_however_the_stream_is_cut,
          queue_managers_send_to_the_queue_in_the_header,
          a_handle_that_was_not_seen_leaves_the_protocol, behind_a_hole_the_next_segment_is_found)
