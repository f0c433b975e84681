#include "talk.h"

extern const struct dissector dissector_redis;

static const struct dissect_flow other = {.ip_protocol = IP_TCP, .port = {40000, 6390}},
                                 usual = {.ip_protocol = IP_TCP, .port = {40000, 6379}};
static struct talk t;
static struct outcome o;

static void line(enum side side, const char *text)
{
	put(say(&t, side), text, strlen(text));
}

static void run(void)
{
	talk_run(&dissector_redis, &t, 0, &other, &o);
	talk_is_same(&dissector_redis, &t, &other, &o);
}

static bool is_known(const char *text, const struct dissect_flow *flow)
{
	return dissector_redis.recognise(cur_make(text, strlen(text)), SIDE_0, flow) == 1;
}

START_TEST(commands_tell_sign_in_and_database_and_nothing_else)
{
	t.n = 0;
	line(SIDE_0, "*3\r\n$4\r\nAUTH\r\n$7\r\nzquillf\r\n$6\r\nsecret\r\n");
	line(SIDE_1, "+OK\r\n");
	line(SIDE_0,
	     "*2\r\n$6\r\nselect\r\n$1\r\n3\r\n*3\r\n$3\r\nSET\r\n$7\r\nzquillf\r\n$0\r\n\r\n");
	line(SIDE_0,
	     "*2\r\n$3\r\nGET\r\n$18\r\n*2\r\n$4\r\nAUTH\r\n$1\r\n\r\n*1\r\n$4\r\nPING\r\n");
	ck_assert(talk_is_known(&dissector_redis, &t, &other));
	run();
	ck_assert_int_eq(o.verdict, DISSECT_FOLLOW);
	ck_assert_int_eq(o.sink.client, SIDE_0);
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "Redis AUTH"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "3"), 1);
	ck_assert_int_eq(o.sink.n_notes, 2);
	talk_is_counted(&t, &o);
}
END_TEST

START_TEST(hello_may_sign_in_too)
{
	t.n = 0;
	line(SIDE_0,
	     "*5\r\n$5\r\nHELLO\r\n$1\r\n3\r\n$4\r\nAUTH\r\n$7\r\nzquillf\r\n$6\r\nsecret\r\n");
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "Redis AUTH"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "3"), 1);
	ck_assert_int_eq(o.sink.n_notes, 2);
}
END_TEST

START_TEST(lines_are_commands_too)
{
	t.n = 0;
	line(SIDE_0, "PING\r\n");
	line(SIDE_1, "+PONG\r\n");
	line(SIDE_0, "AUTH secret\r\nSELECT 2\r\n");
	ck_assert(talk_is_known(&dissector_redis, &t, &usual));
	ck_assert(!talk_is_known(&dissector_redis, &t, &other));
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "Redis AUTH"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "2"), 1);
	ck_assert_int_eq(o.sink.n_notes, 2);
}
END_TEST

START_TEST(a_replica_receives)
{
	t.n = 0;
	line(SIDE_0, "*3\r\n$5\r\nPSYNC\r\n$1\r\n?\r\n$2\r\n-1\r\n");
	line(SIDE_1, "+FULLRESYNC x 0\r\n$9\r\nREDIS0011");
	run();
	ck_assert_int_eq(o.sink.entries[1].direction, INFO_S2C);
	ck_assert_uint_eq(o.sink.entries[1].bytes[1], t.said[1].len);
}
END_TEST

START_TEST(after_enough_commands_it_is_left)
{
	t.n = 0;
	for (int i = 0; i < 10; i++) {
		line(SIDE_0, "*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n*1\r\n$"
		             "4\r\nPING\r\n");
	}
	run();
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
}
END_TEST

START_TEST(after_a_gap_the_next_command_is_found)
{
	static const char select[] = "*2\r\n$6\r\nSELECT\r\n$1\r\n5\r\n";

	t.n = 0;
	line(SIDE_0, "*2\r\n$3\r\nGET\r\n$900\r\nabc");
	talk_run(&dissector_redis, &t, 0, &other, &o);
	dissector_redis.dissect(o.state, SIDE_0, cur_make("AUTH x\r\n", 8), 500, &other, &o.sink);
	dissector_redis.dissect(o.state, SIDE_0, cur_make(select, sizeof select - 1), 0, &other,
	                        &o.sink);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "5"), 1);
	ck_assert_int_eq(o.sink.n_notes, 1);
}
END_TEST

START_TEST(what_begins_alike_is_not_claimed)
{
	static const char *const no[] = {"* OK IMAP4 ready\r\n",
	                                 "+OK POP3 ready\r\n",
	                                 "$MyNick x|",
	                                 "*1",
	                                 "*2\r\n$99\r\nGET",
	                                 "*x\r\n$3\r\nGET\r\n",
	                                 "PING :irc.example\r\n",
	                                 "*1000000000\r\n$3\r\nGET"};

	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		ck_assert(!is_known(no[i], &usual));
		ck_assert(!is_known(no[i], &other));
	}
	ck_assert(!is_known("*2\r\n$3\r\nFOO\r\n", &other));
	ck_assert(is_known("$3\r\nabc\r\n", &usual));
	ck_assert(is_known("-NOAUTH Authentication required.\r\n", &usual));
	ck_assert(!is_known("$3\r\nabc\r\n", &other));
	ck_assert(!is_known("$4\r\nabc\r\n", &usual));
	ck_assert(!is_known("$12\r\n", &usual)); /* ends behind its length */
	ck_assert(is_known("$-1\r\n", &usual));
	ck_assert(!is_known("+OK\r\n", &other));
}
END_TEST

UNIT_MAIN("dissect_redis", commands_tell_sign_in_and_database_and_nothing_else,
          hello_may_sign_in_too, lines_are_commands_too, a_replica_receives,
          after_enough_commands_it_is_left, after_a_gap_the_next_command_is_found,
          what_begins_alike_is_not_claimed)
