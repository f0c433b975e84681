#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_snmp;

static const struct dissect_flow poll_flow = {.ip_protocol = IP_UDP, .port = {40000, 161}};
static const struct dissect_flow trap_flow = {.ip_protocol = IP_UDP, .port = {40000, 162}};
static const struct dissect_flow odd_flow = {.ip_protocol = IP_UDP, .port = {40000, 40001}};

#define COMMUNITY "\x04\x06public"
#define OBJECT_ID "\x06\x08\x2b\x06\x01\x02\x01\x01\x02\x00"
#define VALUE     "\x06\x0a\x2b\x06\x01\x04\x01\xbf\x08\x03\x02\x0a" /* 1.3.6.1.4.1.8072.3.2.10 */

static const char get[] =
        "\x30\x26\x02\x01\x01" COMMUNITY "\xa0\x19\x02\x01\x05\x02\x01\x00\x02\x01\x00"
        "\x30\x0e\x30\x0c" OBJECT_ID "\x05\x00";
static const char response[] =
        "\x30\x30\x02\x01\x01" COMMUNITY "\xa2\x23\x02\x01\x05\x02\x01\x00\x02\x01\x00"
        "\x30\x18\x30\x16" OBJECT_ID VALUE;
static const char trap[] =
        "\x30\x29\x02\x01\x00" COMMUNITY "\xa4\x1c\x06\x08\x2b\x06\x01\x04\x01\x09\x01\x01"
        "\x40\x04\x0a\x00\x00\x01\x02\x01\x06\x02\x01\x01\x43\x01\x10\x30\x00";
static const char encrypted[] =
        "\x30\x1e\x02\x01\x03\x30\x0d\x02\x01\x05\x02\x02\x05\xdc\x04\x01\x07\x02\x01\x03"
        "\x04\x02\x30\x00\x04\x06\x01\x02\x03\x04\x05";

static size_t claim(const void *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_snmp.recognise(cur_make(bytes, len), SIDE_0, flow);
}

static void give(struct sink *sink, enum side side, const void *bytes, size_t len,
                 const struct dissect_flow *flow)
{
	ck_assert_int_eq(dissector_snmp.dissect(NULL, side, cur_make(bytes, len), 0, flow, sink),
	                 DISSECT_FOLLOW);
}

START_TEST(a_poll_brings_information_to_who_asked)
{
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(get, sizeof get - 1, &poll_flow), 1);
	ck_assert_uint_eq(claim(response, sizeof response - 1, &odd_flow), 1);
	give(&sink, SIDE_0, get, sizeof get - 1, &poll_flow);
	give(&sink, SIDE_1, response, sizeof response - 1, &poll_flow);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert_int_eq(sink.client, SIDE_0);
	ck_assert_int_eq(sink.entries[0].side, SIDE_0);
	ck_assert_int_eq(sink.entries[0].direction, INFO_S2C);
	ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof get - 1);
	ck_assert_uint_eq(sink.entries[0].bytes[1], sizeof response - 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "2c"), 2);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "8072"), 1);
	ck_assert_int_eq(sink.n_notes, 2);
}
END_TEST

START_TEST(a_trap_goes_to_the_manager)
{
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(trap, sizeof trap - 1, &trap_flow), 1);
	give(&sink, SIDE_0, trap, sizeof trap - 1, &trap_flow);
	ck_assert_int_eq(sink.entries[0].direction, INFO_C2S);
	ck_assert_int_eq(sink.entries[0].side, SIDE_0);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "1"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "9"), 1);
}
END_TEST

START_TEST(version_3_says_how_it_is_secured)
{
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(encrypted, sizeof encrypted - 1, &poll_flow), 1);
	give(&sink, SIDE_0, encrypted, sizeof encrypted - 1, &poll_flow);
	ck_assert_int_eq(sink.encryption, ENCRYPTED_YES);
	ck_assert_int_eq(sink.entries[0].direction, INFO_S2C);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "3"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "authPriv"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "authNoPriv"), 0);
}
END_TEST

START_TEST(an_answer_alone_says_who_is_the_client)
{
	struct sink sink;

	fake_sink_init(&sink);
	give(&sink, SIDE_0, response, sizeof response - 1, &odd_flow);
	ck_assert_int_eq(sink.client, SIDE_1);
	ck_assert_int_eq(sink.entries[0].side, SIDE_1);
	ck_assert_int_eq(sink.entries[0].direction, INFO_S2C);
}
END_TEST

START_TEST(cut_or_mended_datagrams_are_not_claimed)
{
	char bad[sizeof response];

	for (size_t n = 1; n < sizeof response - 1; n++) {
		ck_assert_uint_eq(claim(response, n, &odd_flow), 0);
	}
	for (size_t n = 1; n < sizeof encrypted - 1; n++) {
		ck_assert_uint_eq(claim(encrypted, n, &odd_flow), 0);
	}
	memcpy(bad, response, sizeof bad);
	bad[4] = 2; /* version */
	ck_assert_uint_eq(claim(bad, sizeof bad - 1, &poll_flow), 0);
	bad[4] = 0;
	bad[13] = (char)0xa5; /* GetBulk is not of version 1 */
	ck_assert_uint_eq(claim(bad, sizeof bad - 1, &poll_flow), 0);
	bad[13] = 0x63; /* LDAP */
	ck_assert_uint_eq(claim(bad, sizeof bad - 1, &poll_flow), 0);
}
END_TEST

START_TEST(a_datagram_that_the_capture_cut_is_read_as_far_as_it_goes)
{
	for (size_t n = 1; n < sizeof response - 1; n++) {
		struct sink sink;

		fake_sink_init(&sink);
		give(&sink, SIDE_1, response, n, &poll_flow);
		ck_assert_uint_eq(sink.total[1], n);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "8072"), n >= 47);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "2c"), n >= 15);
	}
}
END_TEST

UNIT_MAIN("dissect_snmp", a_poll_brings_information_to_who_asked, a_trap_goes_to_the_manager,
          version_3_says_how_it_is_secured, an_answer_alone_says_who_is_the_client,
          cut_or_mended_datagrams_are_not_claimed,
          a_datagram_that_the_capture_cut_is_read_as_far_as_it_goes)
