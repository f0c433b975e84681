#include "talk.h"

extern const struct dissector dissector_mongodb;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 27018}};
static struct talk t;
static struct outcome o;

static void text(struct said *s, const char *key, const char *value)
{
	put(s, "\2", 1);
	put_text(s, key);
	put_le(s, strlen(value) + 1, 4);
	put_text(s, value);
}

static void message(enum side side, uint32_t opcode, uint32_t answers, const struct said *body)
{
	struct said *s = say(&t, side);

	put_le(s, body->len + 16, 4);
	put_le(s, 7, 4);
	put_le(s, answers, 4);
	put_le(s, opcode, 4);
	put(s, body->bytes, body->len);
}

/* An OP_MSG whose document has these elements; `before` stands before it. */
static void op_msg(const struct said *before, const struct said *elements)
{
	struct said body = {.len = 0};

	put_le(&body, 0, 4);
	put(&body, before->bytes, before->len);
	put(&body, "\0", 1);
	put_le(&body, elements->len + 5, 4);
	put(&body, elements->bytes, elements->len);
	put(&body, "\0", 1);
	message(SIDE_0, 2013, 0, &body);
}

static void run(void)
{
	talk_run(&dissector_mongodb, &t, 0, &flow, &o);
	talk_is_same(&dissector_mongodb, &t, &flow, &o);
}

static const struct said nothing;

START_TEST(the_outermost_key_names_the_database)
{
	struct said e = {.len = 0};

	t.n = 0;
	text(&e, "find", "patients");
	put(&e, "\3filter\0\x16\0\0\0\2$db\0\x08\0\0\0zquillf\0\0", 30); /* not this one */
	put(&e, "\5b\0\3\0\0\0\0abc", 11);
	put(&e,
	    "\x10limit\0\1\0\0\0\1f\0\0\0\0\0\0\0\0\0\x08ok\0\1\x0anull\0\7id\0"
	    "123456789012\x09t\0abcdefgh",
	    60);
	text(&e, "$db", "epr");
	op_msg(&nothing, &e);
	ck_assert(talk_is_known(&dissector_mongodb, &t, &flow));
	run();
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_int_eq(fake_entry(&o.sink, "epr")->type, EVIDENCE_DATABASE);
	ck_assert_int_eq(o.sink.n_notes, 0);
	talk_is_counted(&t, &o);
}
END_TEST

START_TEST(documents_before_the_command_are_passed_over)
{
	struct said e = {.len = 0}, before = {.len = 0};

	t.n = 0;
	put(&before, "\1\x1f\0\0\0documents\0\x11\0\0\0\2$db\0\3\0\0\0no\0\0", 32);
	text(&e, "insert", "patients");
	text(&e, "$db", "epr");
	op_msg(&before, &e);
	run();
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "epr"));
}
END_TEST

START_TEST(housekeeping_is_kept_and_the_search_goes_on)
{
	struct said e = {.len = 0}, hello = {.len = 0}, reply = {.len = 0};

	t.n = 0;
	put(&hello, "\0\0\0\0admin.$cmd\0\0\0\0\0\1\0\0\0\5\0\0\0\0", 28);
	message(SIDE_0, 2004, 0, &hello);
	put(&reply, "\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\5\0\0\0\0", 25);
	message(SIDE_1, 1, 7, &reply);
	text(&e, "mechanism", "PLAIN");
	text(&e, "payload", "zquillf secret");
	text(&e, "$db", "pathology");
	op_msg(&nothing, &e);
	run();
	ck_assert_int_eq(o.sink.n_entries, 2);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "admin"));
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "pathology"));
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "MongoDB PLAIN"), 1);
	ck_assert_int_eq(o.sink.n_notes, 1);
	ck_assert_int_eq(o.sink.client, SIDE_0);
}
END_TEST

START_TEST(bad_lengths_within_a_document_end_its_reading)
{
	struct said e = {.len = 0};

	t.n = 0;
	put(&e, "\2find\0\xff\xff\xff\xff", 10);
	text(&e, "$db", "epr");
	op_msg(&nothing, &e);
	run();
	ck_assert_int_eq(o.sink.n_entries, 0);
	t.n = e.len = 0;
	put(&e, "\3x\0\1\0\0\0", 7);
	op_msg(&nothing, &e);
	run();
	ck_assert_int_eq(o.verdict, DISSECT_FOLLOW);
	talk_is_counted(&t, &o);
}
END_TEST

START_TEST(after_a_gap_the_next_message_is_found)
{
	struct said e = {.len = 0};

	t.n = 0;
	text(&e, "$db", "epr");
	op_msg(&nothing, &e);
	memset(&o, 0, sizeof o);
	fake_sink_init(&o.sink);
	fake_feed(&dissector_mongodb, o.state, &o.sink, SIDE_0, t.said[0].bytes, 20, 0, &flow);
	dissector_mongodb.dissect(o.state, SIDE_0, cur_make("xyz", 3), 1000, &flow, &o.sink);
	fake_feed(&dissector_mongodb, o.state, &o.sink, SIDE_0, t.said[0].bytes, t.said[0].len, 0,
	          &flow);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "epr"));
	ck_assert_uint_eq(o.sink.total[0], t.said[0].len + 23);
}
END_TEST

START_TEST(other_protocols_are_not_claimed)
{
	struct said e = {.len = 0};

	t.n = 0;
	text(&e, "$db", "epr");
	op_msg(&nothing, &e);
	t.said[0].bytes[12] = 0; /* opcode */
	ck_assert(!talk_is_known(&dissector_mongodb, &t, &flow));
	t.said[0].bytes[12] = 0xdd;
	t.said[0].bytes[16] = 0x40; /* flag */
	ck_assert(!talk_is_known(&dissector_mongodb, &t, &flow));
	t.said[0].bytes[16] = 0;
	t.said[0].bytes[0] = 20; /* shorter than the segment */
	ck_assert(!talk_is_known(&dissector_mongodb, &t, &flow));
}
END_TEST

UNIT_MAIN("dissect_mongodb", the_outermost_key_names_the_database,
          documents_before_the_command_are_passed_over, housekeeping_is_kept_and_the_search_goes_on,
          bad_lengths_within_a_document_end_its_reading, after_a_gap_the_next_message_is_found,
          other_protocols_are_not_claimed)
