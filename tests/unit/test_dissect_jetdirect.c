#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_jetdirect;

static size_t claim(const char *text, uint16_t port, enum side side)
{
	const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, port}};

	return dissector_jetdirect.recognise(cur_make(text, strlen(text)), side, &flow);
}

START_TEST(page_descriptions_are_known_by_their_start_and_port)
{
	ck_assert_uint_eq(claim("\x1b%-12345X@PJL\r\n", 9100, SIDE_0), 1);
	ck_assert_uint_eq(claim("\x1b"
	                        "E\x1b&l1S",
	                        9100, SIDE_0),
	                  1);
	ck_assert_uint_eq(claim("%!PS-Adobe-3.0\n", 9102, SIDE_0), 1);
	ck_assert_uint_eq(claim("%PDF-1.7", 9100, SIDE_0), 1);
	ck_assert_uint_eq(claim("^XA^FO", 9100, SIDE_0), 1);
	ck_assert_uint_eq(claim("%PDF-1.7", 9110, SIDE_0), 0);
	ck_assert_uint_eq(claim("%PDF-1.7", 9100, SIDE_1), 0);
	ck_assert_uint_eq(claim("%PDF", 9100, SIDE_0), 0);
	ck_assert_uint_eq(claim("GET / HTTP/1.1\r\n", 9100, SIDE_0), 0);
}
END_TEST

START_TEST(nothing_of_a_job_is_kept_but_its_language)
{
	static const char job[] = "\x1b%-12345X@PJL JOB NAME=\"quillf-discharge.pdf\"\r\n";
	const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 9100}};
	struct sink sink;

	fake_sink_init(&sink);
	ck_assert_int_eq(dissector_jetdirect.dissect(NULL, SIDE_0, cur_make(job, sizeof job - 1), 0,
	                                             &flow, &sink),
	                 DISSECT_DONE);
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_str_eq(sink.notes[0].text, "PJL");
	ck_assert_int_eq(sink.entries[0].direction, INFO_C2S);
	ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof job - 1);
	ck_assert_int_eq(
	        dissector_jetdirect.dissect(NULL, SIDE_0, cur_make("abc", 3), 0, &flow, &sink),
	        DISSECT_RELEASE);
	ck_assert_uint_eq(sink.total[0], sizeof job + 2);
}
END_TEST

UNIT_MAIN("dissect_jetdirect", page_descriptions_are_known_by_their_start_and_port,
          nothing_of_a_job_is_kept_but_its_language)
