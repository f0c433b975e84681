#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_sip;

static struct dissect_flow tcp = {.ip_protocol = IP_TCP, .port = {40000, 5060}};
static struct dissect_flow udp = {.ip_protocol = IP_UDP, .port = {5060, 5060}};

#define SDP                                                                                        \
	"v=0\r\no=zquillf 1 1 IN IP4 10.77.30.40\r\nc=IN IP4 10.77.30.40\r\nm=audio 16384 "        \
	"RTP/AVP 0\r\n"
static const char invite[] =
        "INVITE sip:zebedee@voice.trust.example:5060;transport=tcp SIP/2.0\r\n"
        "From: \"Quillfeather\" <sip:9434765919@voice.trust.example>\r\n"
        "User-Agent: Cisco-CP8841/12.5 zquillf\r\nc: application/sdp\r\nl: 86\r\n\r\n" SDP;
static const char ok[] = "SIP/2.0 200 OK\r\nServer: Asterisk 18\r\nContent-Length: 0\r\n\r\n";

static size_t claim(const char *text, const struct dissect_flow *flow)
{
	return dissector_sip.recognise(cur_make(text, strlen(text)), SIDE_0, flow);
}

START_TEST(start_lines_are_claimed)
{
	ck_assert_uint_eq(claim(invite, &udp), 1);
	ck_assert_uint_eq(claim(ok, &tcp), 1);
	ck_assert_uint_eq(claim("REGISTER sip:a SI", &tcp), 1);
	ck_assert_uint_eq(claim("INVITE sip:a HTTP/1.1\r\n", &udp), 0);
	ck_assert_uint_eq(claim("OPTIONS * SIP/2.0\r\n", &udp), 0);
	ck_assert_uint_eq(claim("GET sip:a SIP/2.0\r\n", &udp), 0);
	ck_assert_uint_eq(claim("SIP/2.0 900 OK\r\n", &udp), 0);
	ck_assert_uint_eq(claim("NOTIFY * HTTP/1.1\r\n", &udp), 0);
}
END_TEST

START_TEST(a_call_keeps_domain_products_and_media_alone_however_it_is_cut)
{
	ck_assert_uint_eq(sizeof SDP - 1, 86);
	addr_parse("10.77.30.40", &tcp.addr[0]);
	for (size_t piece = 0; piece < sizeof invite; piece++) {
		uint8_t state[DISSECT_STATE_MAX] = {0};
		struct sink sink;

		fake_sink_init(&sink);
		fake_feed(&dissector_sip, state, &sink, SIDE_0, invite, sizeof invite - 1, piece,
		          &tcp);
		fake_feed(&dissector_sip, state, &sink, SIDE_1, ok, sizeof ok - 1, piece, &tcp);
		ck_assert_int_eq(sink.n_entries, 1);
		ck_assert_uint_eq(sink.entries[0].messages, 1);
		ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof invite - 1);
		ck_assert_uint_eq(sink.entries[0].bytes[1], sizeof ok - 1);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "voice.trust.example"), 1);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "Cisco-CP"), 1);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "Asterisk"), 1);
		ck_assert_uint_eq(fake_noted(&sink, "expect", "udp 10.77.30.40 16384"), 1);
		ck_assert_uint_eq(fake_noted(&sink, "expect", "udp 10.77.30.40 16385"), 1);
		ck_assert_int_eq(sink.n_notes, 5);
		ck_assert_int_eq(sink.client, SIDE_0);
	}
}
END_TEST

START_TEST(a_user_is_no_domain)
{
	static const char *const uris[] = {"sip:zebedee", "sip:1001@10.77.1.90",
	                                   "tel:+441134960000", "sip:zebedee@pbx"};

	for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
		uint8_t state[DISSECT_STATE_MAX] = {0};
		char text[128] = "INVITE ";
		struct sink sink;

		strcat(strcat(text, uris[i]), " SIP/2.0\r\n\r\n");
		fake_sink_init(&sink);
		ck_assert_uint_eq(claim(text, &udp), 1);
		fake_feed(&dissector_sip, state, &sink, SIDE_0, text, strlen(text), 0, &udp);
		ck_assert_int_eq(sink.n_notes, 0);
	}
}
END_TEST

START_TEST(each_datagram_is_a_message_of_its_own)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_sip, state, &sink, SIDE_0, invite, 100, 0,
	          &udp); /* cut by the capture */
	fake_feed(&dissector_sip, state, &sink, SIDE_0, "\r\n\r\n", 4, 0, &udp);
	fake_feed(&dissector_sip, state, &sink, SIDE_0, "\0\0", 2, 0, &udp);
	fake_feed(&dissector_sip, state, &sink, SIDE_0, invite, sizeof invite - 1, 0, &udp);
	ck_assert_uint_eq(sink.entries[0].messages, 2);
	ck_assert_uint_eq(sink.total[0], 106 + sizeof invite - 1);
}
END_TEST

START_TEST(after_a_gap_the_next_start_line_is_found)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_sip, state, &sink, SIDE_0, invite, 80, 0, &tcp);
	dissector_sip.dissect(state, SIDE_0, cur_make("x: y\r\n\r\n", 8), 300, &tcp, &sink);
	fake_feed(&dissector_sip, state, &sink, SIDE_0, invite, sizeof invite - 1, 0, &tcp);
	ck_assert_uint_eq(sink.entries[0].messages, 2);
}
END_TEST

START_TEST(another_protocol_is_released)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_int_eq(
	        fake_feed(&dissector_sip, state, &sink, SIDE_0, "EHLO a\r\nMAIL", 12, 0, &tcp),
	        DISSECT_RELEASE);
	ck_assert_uint_eq(sink.total[0], 12);
}
END_TEST

START_TEST(a_user_whose_host_is_cut_off_is_no_domain)
{
	static char text[600] = "INVITE sip:zebedee.quillf:";
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	memset(text + strlen(text), 'x', 300);
	memcpy(text + strlen(text), "@voice.trust.example SIP/2.0\r\n\r\n", 33);
	fake_sink_init(&sink);
	fake_feed(&dissector_sip, state, &sink, SIDE_0, text, strlen(text), 0, &udp);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert_int_eq(sink.n_notes, 0);
}
END_TEST

START_TEST(a_sign_in_that_can_be_read_is_told_once_and_not_kept)
{
	static const char text[] = "REGISTER sip:voice.trust.example SIP/2.0\r\n"
	                           "Authorization: Basic enF1aWxsZjp4\r\nProxy-Authorization: Basic enF1aWxsZjp4\r\n"
	                           "Content-Length: 0\r\n\r\n";
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_sip, state, &sink, SIDE_0, text, sizeof text - 1, 0, &tcp);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "SIP Basic"), 1);
	ck_assert_ptr_null(memmem(&sink, sizeof sink, "enF1", 4));
}
END_TEST

UNIT_MAIN("dissect_sip", start_lines_are_claimed,
          a_call_keeps_domain_products_and_media_alone_however_it_is_cut, a_user_is_no_domain,
          each_datagram_is_a_message_of_its_own, after_a_gap_the_next_start_line_is_found,
          another_protocol_is_released,
          a_user_whose_host_is_cut_off_is_no_domain, a_sign_in_that_can_be_read_is_told_once_and_not_kept)
