#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_dhcpv6;

static const struct dissect_flow flow = {.ip_protocol = IP_UDP, .port = {546, 547}};

static const char solicit[] = "\x01\x12\x34\x56\x00\x10\x00\x0e\x00\x00\x01\x37\x00\x08MSFT 5.0"
                              "\x00\x27\x00\x05\x00\x03zeb\x00\x0e\x00\x00";
static const char reply[] = "\x07\x12\x34\x56\x00\x0e\x00\x00";

static size_t claim(const void *bytes, size_t len, const struct dissect_flow *f)
{
	return dissector_dhcpv6.recognise(cur_make(bytes, len), SIDE_0, f);
}

START_TEST(a_client_shows_its_vendor_and_not_its_name)
{
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(solicit, sizeof solicit - 1, &flow), 1);
	dissector_dhcpv6.dissect(NULL, SIDE_0, cur_make(solicit, sizeof solicit - 1), 0, &flow,
	                         &sink);
	ck_assert_int_eq(sink.client, SIDE_0);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "MSFT 5.0"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "311"), 1);
	ck_assert_int_eq(sink.n_notes, 2);
	ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof solicit - 1);
}
END_TEST

START_TEST(a_reply_comes_from_the_server)
{
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(reply, sizeof reply - 1, &flow), 1);
	dissector_dhcpv6.dissect(NULL, SIDE_0, cur_make(reply, sizeof reply - 1), 0, &flow, &sink);
	ck_assert_int_eq(sink.client, SIDE_1);
}
END_TEST

START_TEST(other_ports_types_and_cut_options_are_refused)
{
	const struct dissect_flow other = {.ip_protocol = IP_UDP, .port = {546, 548}};

	ck_assert_uint_eq(claim(solicit, sizeof solicit - 1, &other), 0);
	ck_assert_uint_eq(claim("\x00\x12\x34\x56", 4, &flow), 0);
	ck_assert_uint_eq(claim("\x40\x12\x34\x56", 4, &flow), 0);
	ck_assert_uint_eq(claim("\x01\x12\x34", 3, &flow), 0);
	ck_assert_uint_eq(claim(solicit, sizeof solicit - 2, &flow), 0);
}
END_TEST

START_TEST(every_cut_is_accounted_for)
{
	for (size_t n = 1; n < sizeof solicit; n++) {
		struct sink sink;

		fake_sink_init(&sink);
		dissector_dhcpv6.dissect(NULL, SIDE_0, cur_make(solicit, n), 0, &flow, &sink);
		ck_assert_uint_eq(sink.total[0], n);
	}
}
END_TEST

UNIT_MAIN("dissect_dhcpv6", a_client_shows_its_vendor_and_not_its_name,
          a_reply_comes_from_the_server, other_ports_types_and_cut_options_are_refused,
          every_cut_is_accounted_for)
