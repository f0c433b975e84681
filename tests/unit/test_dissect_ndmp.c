/* The NDMP dissector: jobs, data connections and the host's name, by message. */
#include "turns.h"

extern const struct dissector dissector_ndmp;

static struct dissect_flow flow(uint16_t port)
{
	struct dissect_flow f = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, port}};

	addr_parse("10.77.1.130", &f.addr[0]);
	addr_parse("10.77.1.80", &f.addr[1]);
	return f;
}

/* A message of `len` octets behind its mark; the clock is of 2006. */
#define ASK(len, code) "\x80\0\0" len "\0\0\0\1\x44\xa4\xde\x07\0\0\0\0\0\0" code "\0\0\0\0\0\0\0\0"
#define TELL(len, code) "\x80\0\0" len "\0\0\0\2\x44\xa4\xde\x07\0\0\0\1\0\0" code "\0\0\0\1\0\0\0\0"
#define OK "\0\0\0\0"

static const struct turn backup[] = {
	S(ASK("\x28", "\5\2") "\0\0\0\0\0\0\0\4\0\0\0\x02ok\0\0"),
	C(ASK("\x1c", "\x09\0") "\0\0\0\4"), S(TELL("\x1c", "\x09\0") OK),
	C(ASK("\x30", "\x09\1") "\0\0\0\1\0\0\0\7zquillf\0\0\0\0\4Plum"), S(TELL("\x1c", "\x09\1") OK),
	C(ASK("\x18", "\1\0")), S(TELL("\x30", "\1\0") OK "\0\0\0\x0d" "fs01.trust.ex\0\0\0"),
	C(ASK("\x20", "\x0a\1") "\0\0\0\0\0\0\0\1"),
	S(TELL("\x30", "\x0a\1") OK "\0\0\0\1\0\0\0\1\x0a\x4d\1\x50\0\0\xc3\x50\0\0\0\0"),
	C(ASK("\x24", "\4\1") "\0\0\0\4dump\0\0\0\0"), S(TELL("\x1c", "\4\1") OK),
	S(ASK("\x24", "\7\3") "\0\0\0\1\0\0\0\4quil"),
};

START_TEST(a_backup_comes_from_the_server_and_a_recovery_goes_back)
{
	static const struct turn recovery[] = {C(ASK("\x24", "\4\2") "\0\0\0\4dump\0\0\0\0"), S(TELL("\x1c", "\4\2") OK)};
	struct dissect_flow f = flow(10000);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ndmp, &f, &sink, backup), DISSECT_FOLLOW);
	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_S2C && sink.entries[0].messages == 1);
	ck_assert_int_eq(sink.entries[0].side, SIDE_0);
	ck_assert_int_eq(TALK(&dissector_ndmp, &f, &sink, recovery), DISSECT_FOLLOW);
	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_C2S && sink.entries[0].messages == 1);
}
END_TEST

START_TEST(what_is_told_on_the_way_is_noted)
{
	struct dissect_flow f = flow(10000);
	struct sink sink;

	TALK(&dissector_ndmp, &f, &sink, backup);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "4"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "NDMP text"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "name", "fs01.trust.ex"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "expect", "tcp 10.77.1.80 50000"), 1);
	ck_assert_int_eq(sink.n_notes, 4);
}
END_TEST

START_TEST(a_refused_job_moves_nothing)
{
	static const struct turn turns[] = {C(ASK("\x24", "\4\1") "\0\0\0\4dump\0\0\0\0"), S(TELL("\x1c", "\4\1") "\0\0\0\7")};
	struct dissect_flow f = flow(10000);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ndmp, &f, &sink, turns), DISSECT_FOLLOW);
	ck_assert_msg(sink.n_entries == 1, "asked before an answer was ever seen it counts, and only once");
	ck_assert_uint_eq(sink.entries[0].messages, 1);
}
END_TEST

START_TEST(long_messages_are_skipped_and_holes_found_the_end_of)
{
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	struct dissect_flow f = flow(10000);
	struct sink sink;
	char log[2000] = {0};

	memcpy(log, ASK("\0", "\6\1"), 28);
	log[2] = 0x07; /* 2000 octets with the mark */
	log[3] = (char)0xcc;
	fake_sink_init(&sink);
	fake_feed(&dissector_ndmp, state, &sink, SIDE_1, log, 2000, 0, &f);
	fake_feed(&dissector_ndmp, state, &sink, SIDE_1, TELL("\x1c", "\x09\0") OK, 32, 0, &f);
	fake_feed(&dissector_ndmp, state, &sink, SIDE_1, log, 1000, 0, &f);
	dissector_ndmp.dissect(state, SIDE_1, cur_make(log + 1500, 500), 500, &f, &sink);
	dissector_ndmp.dissect(state, SIDE_1, cur_make("middle of something", 19), 900, &f, &sink);
	fake_feed(&dissector_ndmp, state, &sink, SIDE_0, ASK("\x24", "\4\1") "\0\0\0\4dump\0\0\0\0", 40, 0, &f);
	fake_feed(&dissector_ndmp, state, &sink, SIDE_1, TELL("\x1c", "\4\1") OK, 32, 0, &f);
	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_S2C);
}
END_TEST

START_TEST(only_messages_with_a_clock_are_recognised)
{
	struct dissect_flow own = flow(10000), other = flow(2049);

	ck_assert_uint_eq(KNOWS(&dissector_ndmp, SIDE_0, ASK("\x18", "\1\0"), &own), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ndmp, SIDE_0, ASK("\x18", "\1\0"), &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ndmp, SIDE_0, ASK("\x1c", "\x09\0") "\0\0\0\4", &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ndmp, SIDE_0, ASK("\x18", "\1\x40"), &own), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ndmp, SIDE_0, ASK("\x10", "\1\0"), &own), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ndmp, SIDE_0, "\x80\0\0\x28\0\0\0\1\0\0\0\0\0\0\0\2\0\1\x86\xa3\0\0\0\3\0\0\0\0", &own), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ndmp, SIDE_0, "\x80\0\0\x1c", &own), 0);
}
END_TEST

UNIT_MAIN("dissect_ndmp", a_backup_comes_from_the_server_and_a_recovery_goes_back, what_is_told_on_the_way_is_noted,
          a_refused_job_moves_nothing, long_messages_are_skipped_and_holes_found_the_end_of,
          only_messages_with_a_clock_are_recognised)
