/* The Telnet dissector: negotiation on any port, and that somebody signed in. */
#include "turns.h"

extern const struct dissector dissector_telnet;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, 23}};

#define NEGOTIATE "\xff\xfd\x18\xff\xfd\x20\xff\xfb\x01"

START_TEST(a_prompt_tells_that_somebody_signs_in)
{
	static const struct turn turns[] = {
		S(NEGOTIATE), C("\xff\xfb\x18\xff\xfa\x18\0xterm\xff\xf0"), S("Greenscreen of the trust\r\nlogin: "),
		C("zquillf\r\n"), S("Password: "),
	};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_telnet, &flow, &sink, turns), DISSECT_DONE);
	ck_assert(sink.n_notes == 1 && fake_noted(&sink, "fact", "Telnet") == 1);
	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_MSG);
}
END_TEST

START_TEST(an_echo_that_was_off_for_a_while_hid_a_password)
{
	static const struct turn turns[] = {
		S("\xff\xfd\x18"), S("Kennwort?\xff\xfb\x01"), C("Plum-Kettle-77\r\n"), S("\xff\xfc\x01\r\n$ "),
	};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_telnet, &flow, &sink, turns), DISSECT_DONE);
	ck_assert_int_eq(sink.n_notes, 1);
}
END_TEST

START_TEST(what_the_client_types_and_negotiates_is_no_prompt)
{
	static const struct turn turns[] = {
		S(NEGOTIATE), C("login: password:"), S("\xff\xfa\x18login:\xff\xff\xff\xf0 the menu: 1, 2, \xff\xff 3"),
	};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_telnet, &flow, &sink, turns), DISSECT_FOLLOW);
	ck_assert_int_eq(sink.n_notes, 0);
	ck_assert_uint_eq(sink.total[0] + sink.total[1], sink.entries[0].bytes[0] + sink.entries[0].bytes[1]);
}
END_TEST

START_TEST(a_hole_is_no_prompt)
{
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	dissector_telnet.dissect(state, SIDE_1, cur_make(NEGOTIATE "pass", 13), 0, &flow, &sink);
	ck_assert_int_eq(dissector_telnet.dissect(state, SIDE_1, cur_make("word:", 5), 80, &flow, &sink), DISSECT_FOLLOW);
}
END_TEST

START_TEST(negotiation_is_recognised_and_nothing_like_it)
{
	struct dissect_flow other = flow;

	other.port[1] = 2323;
	ck_assert_uint_eq(KNOWS(&dissector_telnet, SIDE_1, NEGOTIATE, &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_telnet, SIDE_1, "\xff\xfb\x01text", &flow), 1);
	ck_assert_uint_eq(KNOWS(&dissector_telnet, SIDE_1, "\xff\xfb\x01text", &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_telnet, SIDE_1, NEGOTIATE "text", &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_telnet, SIDE_1, "\xff\xfb\x60", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_telnet, SIDE_1, "\xff\xfb", &flow), 0);
}
END_TEST

UNIT_MAIN("dissect_telnet", a_prompt_tells_that_somebody_signs_in, an_echo_that_was_off_for_a_while_hid_a_password,
          what_the_client_types_and_negotiates_is_no_prompt, a_hole_is_no_prompt,
          negotiation_is_recognised_and_nothing_like_it)
