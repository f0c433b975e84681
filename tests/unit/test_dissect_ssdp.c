#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_ssdp;

static const struct dissect_flow flow = {.ip_protocol = IP_UDP, .port = {50000, 1900}};

#define SEARCH "M-SEARCH * HTTP/1.1\r\nMAN: \"ssdp:discover\"\r\n"
#define ANSWER "HTTP/1.1 200 OK\r\nUSN: uuid:9434765919\r\n"

static size_t claim(const char *text)
{
	return dissector_ssdp.recognise(cur_make(text, strlen(text)), SIDE_0, &flow);
}

static void give(struct sink *sink, const char *text)
{
	fake_sink_init(sink);
	dissector_ssdp.dissect(NULL, SIDE_0, cur_make(text, strlen(text)), 0, &flow, sink);
	ck_assert_uint_eq(sink->total[0], strlen(text));
}

START_TEST(searches_announcements_and_answers_are_claimed)
{
	ck_assert_uint_eq(claim(SEARCH), 1);
	ck_assert_uint_eq(claim("NOTIFY * HTTP/1.1\r\n"), 1);
	ck_assert_uint_eq(claim(ANSWER), 1);
	ck_assert_uint_eq(claim("HTTP/1.1 200 OK\r\nServer: x\r\n"), 0);
	ck_assert_uint_eq(claim("NOTIFY sip:a SIP/2.0\r\n"), 0);
	ck_assert_uint_eq(claim("M-SEARCH"), 0);
}
END_TEST

START_TEST(a_type_is_a_fact_and_a_name_is_not)
{
	struct sink sink;

	give(&sink, SEARCH "ST: urn:schemas-upnp-org:device:MediaRenderer:1\r\n\r\n");
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_str_eq(sink.notes[0].text, "schemas-upnp-org:device:MediaRenderer:1");
	ck_assert_int_eq(sink.client, SIDE_0);
	give(&sink, ANSWER "st: urn:x:service:y z:1\r\n\r\n");
	ck_assert_int_eq(sink.n_notes, 0);
	ck_assert_int_eq(sink.client, SIDE_1);
	give(&sink, "NOTIFY * HTTP/1.1\r\nNT: uuid:9434765919\r\nUSN: x\r\nNT: urn:\r\nNT: "
	            "upnp:rootdevice");
	ck_assert_int_eq(sink.n_notes, 0);
	ck_assert_int_eq(sink.client, -1);
}
END_TEST

UNIT_MAIN("dissect_ssdp", searches_announcements_and_answers_are_claimed,
          a_type_is_a_fact_and_a_name_is_not)
