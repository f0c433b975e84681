/* The TFTP dissector: requests, their way, and the flow of the answer. */
#include "turns.h"

extern const struct dissector dissector_tftp;

static struct dissect_flow flow(void)
{
	struct dissect_flow f = {.ip_protocol = IP_UDP, .port = {50001, 69}};

	addr_parse("10.77.1.30", &f.addr[0]);
	addr_parse("10.77.1.40", &f.addr[1]);
	return f;
}

#define RRQ "\0\1quillf-discharge.pdf\0octet\0"
#define WRQ "\0\2quillf-discharge.pdf\0NetASCII\0blksize\0" "1428\0tsize\0" "0\0"

static struct sink play(const struct turn *turns, size_t n)
{
	struct dissect_flow f = flow();
	struct sink sink;

	ck_assert_int_eq(talk(&dissector_tftp, &f, &sink, turns, n, 0), DISSECT_FOLLOW);
	return sink;
}

START_TEST(a_read_comes_from_the_server_on_a_port_of_its_own)
{
	static const struct turn turns[] = {C(RRQ)};
	struct sink sink = play(turns, 1);

	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_S2C && sink.entries[0].messages == 1);
	ck_assert_uint_eq(fake_noted(&sink, "expect", "udp 10.77.1.30 50001"), 1);
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_int_eq(sink.client, SIDE_0);
}
END_TEST

START_TEST(a_write_goes_to_it)
{
	static const struct turn turns[] = {C(WRQ)};
	struct sink sink = play(turns, 1);

	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_C2S);
}
END_TEST

START_TEST(a_request_that_is_sent_again_is_one)
{
	static const struct turn turns[] = {C(RRQ), C(RRQ), C(RRQ), C(WRQ)};
	struct sink sink = play(turns, 4);

	ck_assert_int_eq(sink.n_entries, 2);
	ck_assert(sink.entries[0].messages == 1 && sink.entries[1].messages == 1);
	ck_assert_uint_eq(sink.entries[0].bytes[0], 3 * (sizeof(RRQ) - 1));
}
END_TEST

START_TEST(an_answer_from_the_port_itself_belongs_to_the_request)
{
	static const struct turn turns[] = {C(RRQ), S("\0\3\0\1data"), C("\0\4\0\1")};
	struct sink sink = play(turns, 3);

	ck_assert(sink.n_entries == 1 && sink.entries[0].bytes[1] == 8);
}
END_TEST

START_TEST(only_a_whole_request_is_recognised)
{
	struct dissect_flow f = flow();

	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, RRQ, &f), 1);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, WRQ, &f), 1);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, "\0\1x\0octet", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, "\0\1x\0octets\0", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, "\0\1\0octet\0", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, "\0\1x\1y\0octet\0", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, RRQ "more", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, "\0\3\0\1octet\0", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_tftp, SIDE_0, "\0", &f), 0);
}
END_TEST

UNIT_MAIN("dissect_tftp", a_read_comes_from_the_server_on_a_port_of_its_own, a_write_goes_to_it,
          a_request_that_is_sent_again_is_one, an_answer_from_the_port_itself_belongs_to_the_request,
          only_a_whole_request_is_recognised)
