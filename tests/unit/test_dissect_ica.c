/* The ICA dissector: the two marks. */
#include "turns.h"

extern const struct dissector dissector_ica;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, 1494}};

START_TEST(the_marks_are_all_that_is_looked_at)
{
	static const struct turn ica[] = {S("\x7f\x7fICA\0quillfeather")};
	static const struct turn cgp[] = {C("\x1a" "CGP/01\0\0\x12quillfeather")};
	struct sink sink;

	ck_assert_int_eq(talk(&dissector_ica, &flow, &sink, ica, 1, 0), DISSECT_DONE);
	ck_assert(sink.n_entries == 1 && sink.n_notes == 0 && sink.entries[0].direction == INFO_MSG);
	ck_assert_int_eq(talk(&dissector_ica, &flow, &sink, cgp, 1, 0), DISSECT_DONE);
	ck_assert(sink.n_entries == 1 && fake_noted(&sink, "fact", "CGP") == 1);
	ck_assert_uint_eq(sink.entries[0].bytes[0], sizeof("\x1a" "CGP/01\0\0\x12quillfeather") - 1);
}
END_TEST

START_TEST(a_mark_is_whole_and_at_the_start)
{
	ck_assert_uint_eq(KNOWS(&dissector_ica, SIDE_1, "\x7f\x7fICA\0", &flow), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ica, SIDE_0, "\x1a" "CGP/01\0", &flow), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ica, SIDE_1, "\x7f\x7fICA", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ica, SIDE_1, "x\x7f\x7fICA\0", &flow), 0);
}
END_TEST

UNIT_MAIN("dissect_ica", the_marks_are_all_that_is_looked_at, a_mark_is_whole_and_at_the_start)
