#include "fake_sink.h"

#include "unit.h"

extern const struct dissector dissector_bacnet;

static const struct dissect_flow flow = {.ip_protocol = IP_UDP, .port = {47808, 47808}};
static const struct dissect_flow other = {.ip_protocol = IP_UDP, .port = {40000, 50000}};

static const char who_is[] = "\x81\x0b\x00\x0c\x01\x20\xff\xff\x00\xff\x10\x08";
static const char read_property[] =
        "\x81\x0a\x00\x11\x01\x04\x00\x05\x01\x0c\x0c\x02\x3f\xff\xff\x19\x4b";
static const char forwarded[] = "\x81\x04\x00\x0e\x0a\x00\x00\x01\xba\xc0\x01\x00\x10\x08";
static const char ack[] = "\x81\x0a\x00\x09\x01\x00\x20\x01\x0c";

static size_t claim(const void *bytes, size_t len, const struct dissect_flow *f)
{
	return dissector_bacnet.recognise(cur_make(bytes, len), SIDE_0, f);
}

START_TEST(both_headers_are_checked)
{
	ck_assert_uint_eq(claim(who_is, sizeof who_is - 1, &flow), 1);
	ck_assert_uint_eq(claim(read_property, sizeof read_property - 1, &other), 1);
	ck_assert_uint_eq(claim(forwarded, sizeof forwarded - 1, &other), 1);
	for (size_t n = 1; n < sizeof read_property - 1; n++) {
		ck_assert_uint_eq(claim(read_property, n, &flow), 0);
	}
	ck_assert_uint_eq(claim("\x81\x0a\x00\x07\x02\x00\x10", 7, &flow), 0); /* version */
	ck_assert_uint_eq(claim("\x81\x0a\x00\x07\x01\x10\x10", 7, &flow), 0); /* reserved bit */
	ck_assert_uint_eq(claim("\x81\x0d\x00\x07\x01\x00\x10", 7, &flow), 0); /* function */
	ck_assert_uint_eq(claim("\x81\x00\x00\x06\x00\x00", 6, &flow), 1);     /* result */
	ck_assert_uint_eq(claim("\x81\x00\x00\x06\x00\x00", 6, &other), 0);
}
END_TEST

START_TEST(who_asks_is_the_client)
{
	struct sink sink;

	fake_sink_init(&sink);
	dissector_bacnet.dissect(NULL, SIDE_0, cur_make(who_is, sizeof who_is - 1), 0, &flow,
	                         &sink);
	ck_assert_int_eq(sink.client, -1);
	dissector_bacnet.dissect(NULL, SIDE_1, cur_make(read_property, sizeof read_property - 1), 0,
	                         &flow, &sink);
	ck_assert_int_eq(sink.client, SIDE_1);
	dissector_bacnet.dissect(NULL, SIDE_1, cur_make(ack, sizeof ack - 1), 0, &flow, &sink);
	ck_assert_int_eq(sink.client, SIDE_0);
	ck_assert_uint_eq(sink.total[0] + sink.total[1],
	                  sizeof who_is + sizeof read_property + sizeof ack - 3);
	ck_assert_int_eq(sink.n_notes, 0);
}
END_TEST

UNIT_MAIN("dissect_bacnet", both_headers_are_checked, who_asks_is_the_client)
