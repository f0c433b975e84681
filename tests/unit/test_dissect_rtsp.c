#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_rtsp;

static struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 554}};

static const char asked[] =
        "SETUP rtsp://zquillf:Plum-Kettle-77@10.77.50.31/Quillfeather RTSP/1.0\r\nCSeq: 1\r\n"
        "Authorization: Basic enF1aWxsZjp4\r\n\r\n"
        "PLAY rtsp://10.77.50.31/x RTSP/1.0\r\n\r\n$\1\0\5$$$$$TEARDOWN * RTSP/1.0\r\n\r\n";
static const char answered[] =
        "RTSP/1.0 200 OK\r\nServer: GStreamer/1.0 zquillf\r\n"
        "Transport: RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001\r\n\r\n"
        "RTSP/1.0 200 OK\r\nContent-Length: 4\r\n\r\n$$$$$\0\0\2PL$\0\0\0RTSP/1.0 200 OK\r\n\r\n";

static size_t claim(const char *text)
{
	return dissector_rtsp.recognise(cur_make(text, strlen(text)), SIDE_0, &flow);
}

START_TEST(start_lines_are_claimed)
{
	ck_assert_uint_eq(claim(asked), 1);
	ck_assert_uint_eq(claim(answered), 1);
	ck_assert_uint_eq(claim("OPTIONS * RTSP/1.0\r\n"), 1);
	ck_assert_uint_eq(claim("DESCRIBE rtsp://a/b"), 1);
	ck_assert_uint_eq(claim("OPTIONS * HTTP/1.1\r\n"), 0);
	ck_assert_uint_eq(claim("OPTIONS * "), 0);
	ck_assert_uint_eq(claim("OPTIONS sip:a SIP/2.0\r\n"), 0);
	ck_assert_uint_eq(claim("RTSP/3.0 200 OK\r\n"), 0);
}
END_TEST

START_TEST(requests_frames_and_bodies_are_told_apart_however_they_are_cut)
{
	addr_parse("10.77.50.5", &flow.addr[0]);
	addr_parse("10.77.50.31", &flow.addr[1]);
	for (size_t piece = 0; piece < sizeof answered; piece++) {
		uint8_t state[DISSECT_STATE_MAX] = {0};
		struct sink sink;

		fake_sink_init(&sink);
		fake_feed(&dissector_rtsp, state, &sink, SIDE_0, asked, sizeof asked - 1, piece,
		          &flow);
		fake_feed(&dissector_rtsp, state, &sink, SIDE_1, answered, sizeof answered - 1,
		          piece, &flow);
		ck_assert_int_eq(sink.n_entries, 1);
		ck_assert_uint_eq(sink.entries[0].messages, 3);
		ck_assert_int_eq(sink.entries[0].direction, INFO_S2C);
		ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof asked - 1);
		ck_assert_uint_eq(sink.entries[0].bytes[1], sizeof answered - 1);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "RTSP Basic"), 1);
		ck_assert_uint_eq(fake_noted(&sink, "fact", "GStreamer"), 1);
		ck_assert_uint_eq(fake_noted(&sink, "expect", "udp 10.77.50.5 5000"), 1);
		ck_assert_uint_eq(fake_noted(&sink, "expect", "udp 10.77.50.31 6001"), 1);
		ck_assert_int_eq(sink.n_notes, 6);
	}
}
END_TEST

START_TEST(a_recording_goes_to_the_server)
{
	static const char announce[] =
	        "ANNOUNCE rtsp://a/b RTSP/1.0\r\n\r\nRECORD rtsp://a/b RTSP/1.0\r\n\r\n";
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_rtsp, state, &sink, SIDE_0, announce, sizeof announce - 1, 0, &flow);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert_int_eq(sink.entries[0].direction, INFO_C2S);
}
END_TEST

START_TEST(after_a_gap_frames_and_requests_are_found_again)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_rtsp, state, &sink, SIDE_0, "PLAY rtsp://a/b RTSP/1.0\r\nCSeq", 30, 0,
	          &flow);
	dissector_rtsp.dissect(state, SIDE_0, cur_make("xy\n\0\0", 5), 100, &flow, &sink);
	fake_feed(&dissector_rtsp, state, &sink, SIDE_0,
	          "$\0\0\3\n\n\nPLAY rtsp://a/b RTSP/1.0\r\n\r\n", 35, 0, &flow);
	ck_assert_uint_eq(sink.entries[0].messages, 2);
	ck_assert_uint_eq(sink.total[0], 70);
}
END_TEST

START_TEST(another_protocol_is_released)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_int_eq(
	        fake_feed(&dissector_rtsp, state, &sink, SIDE_0, "$abcdefg\r\n", 10, 0, &flow),
	        DISSECT_RELEASE);
	ck_assert_uint_eq(sink.total[0], 10);
}
END_TEST

UNIT_MAIN("dissect_rtsp", start_lines_are_claimed,
          requests_frames_and_bodies_are_told_apart_however_they_are_cut,
          a_recording_goes_to_the_server, after_a_gap_frames_and_requests_are_found_again,
          another_protocol_is_released)
