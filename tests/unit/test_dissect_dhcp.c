#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_dhcp;

static const struct dissect_flow flow = {.ip_protocol = IP_UDP, .port = {68, 67}};

/* A message with these options; returns its length. */
static size_t make(uint8_t out[400], uint8_t op, const char *options, size_t len)
{
	memset(out, 0, 400);
	memcpy(out, "\x01\x01\x06\x00", 4);
	out[0] = op;
	memcpy(out + 236, "\x63\x82\x53\x63", 4);
	memcpy(out + 240, options, len);
	return 240 + len;
}

static const char discover[] = "\x35\x01\x01\x3c\x08MSFT 5.0\x0c\x09"
                               "zebs-ipad\x3d\x03\x00zq\xff";

static size_t claim(const uint8_t *bytes, size_t len)
{
	return dissector_dhcp.recognise(cur_make(bytes, len), SIDE_0, &flow);
}

START_TEST(a_request_tells_the_client_and_its_vendor_class_alone)
{
	uint8_t m[400];
	size_t n = make(m, 1, discover, sizeof discover - 1);
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_uint_eq(claim(m, n), 1);
	dissector_dhcp.dissect(NULL, SIDE_0, cur_make(m, n), 0, &flow, &sink);
	ck_assert_int_eq(sink.client, SIDE_0);
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_str_eq(sink.notes[0].text, "MSFT 5.0");
	ck_assert_uint_eq(sink.entries[0].bytes[0], n);
}
END_TEST

START_TEST(a_reply_tells_the_server_and_the_relay)
{
	uint8_t m[400];
	size_t n = make(m, 2, discover, sizeof discover - 1);
	struct sink sink;

	memcpy(m + 24, "\x0a\x4d\x1e\x01", 4);
	fake_sink_init(&sink);
	dissector_dhcp.dissect(NULL, SIDE_0, cur_make(m, n), 0, &flow, &sink);
	ck_assert_int_eq(sink.client, SIDE_1);
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_str_eq(sink.notes[0].text, "10.77.30.1");
}
END_TEST

START_TEST(bootp_without_a_type_and_cut_options_are_refused)
{
	uint8_t m[400];

	ck_assert_uint_eq(claim(m, make(m, 1, "\x3c\x02xx\xff", 5)), 0);
	ck_assert_uint_eq(claim(m, make(m, 1, "\x35\x01\x20\xff", 4)), 0);
	ck_assert_uint_eq(claim(m, make(m, 1, "\x3c\x20xx", 4)), 0);
	ck_assert_uint_eq(claim(m, make(m, 3, discover, sizeof discover - 1)), 0);
	for (size_t n = 1; n < 243; n++) {
		make(m, 1, discover, sizeof discover - 1);
		ck_assert_uint_eq(claim(m, n), 0);
	}
}
END_TEST

START_TEST(every_cut_is_accounted_for)
{
	uint8_t m[400];
	size_t len = make(m, 1, discover, sizeof discover - 1);

	for (size_t n = 1; n <= len; n++) {
		struct sink sink;

		fake_sink_init(&sink);
		dissector_dhcp.dissect(NULL, SIDE_0, cur_make(m, n), 0, &flow, &sink);
		ck_assert_uint_eq(sink.total[0], n);
	}
}
END_TEST

UNIT_MAIN("dissect_dhcp", a_request_tells_the_client_and_its_vendor_class_alone,
          a_reply_tells_the_server_and_the_relay, bootp_without_a_type_and_cut_options_are_refused,
          every_cut_is_accounted_for)
