/* The rsync dissector: modules and who sends. */
#include "turns.h"

extern const struct dissector dissector_rsync;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, 873}};

#define GREET S("@RSYNCD: 31.0 sha512 sha256 md5\n"), C("@RSYNCD: 31.0\n")

START_TEST(a_push_goes_to_the_module)
{
	static const struct turn turns[] = {
		GREET, C("dbdump\n"), S("Welcome quillfeather\n@RSYNCD: OK\n"),
		C("--server\0-vlogDtpre.iLsfxCIvu\0.\0dbdump/quillf-discharge.pdf\0\0"),
	};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_rsync, &flow, &sink, turns), DISSECT_DONE);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert_int_eq(sink.entries[0].type, EVIDENCE_SHARE);
	ck_assert_str_eq(sink.entries[0].text, "dbdump");
	ck_assert(sink.entries[0].direction == INFO_C2S && sink.entries[0].side == SIDE_0);
	ck_assert(sink.n_notes == 1 && fake_noted(&sink, "fact", "31.0") == 1);
}
END_TEST

START_TEST(a_pull_comes_from_it)
{
	static const struct turn turns[] = {
		GREET, C("userdata\n"), S("@RSYNCD: OK\n"), C("--server\n--sender\n-vlogDtpr\n.\nuserdata/\n\n"),
	};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_rsync, &flow, &sink, turns), DISSECT_DONE);
	ck_assert(strcmp(sink.entries[0].text, "userdata") == 0 && sink.entries[0].direction == INFO_S2C);
}
END_TEST

START_TEST(a_user_is_not_copied_and_a_module_of_that_name_neither)
{
	static const struct turn shared[] = {
		GREET, C("backup\n"), S("@RSYNCD: AUTHREQD 4mJkPmNCp8\n"), C("zquillf Plum-Kettle-77\n"), S("@RSYNCD: OK\n"),
		C("--server\0--sender\0.\0backup/x\0\0"),
	};
	static const struct turn own[] = {
		GREET, C("zquillf\n"), S("@RSYNCD: AUTHREQD 4mJkPmNCp8\n"), C("zquillf Plum-Kettle-77\n"), S("@RSYNCD: OK\n"),
		C("--server\0--sender\0.\0zquillf/x\0\0"),
	};
	struct sink sink;

	TALK(&dissector_rsync, &flow, &sink, shared);
	ck_assert(sink.n_entries == 1 && strcmp(sink.entries[0].text, "backup") == 0);
	TALK(&dissector_rsync, &flow, &sink, own);
	ck_assert(sink.n_entries == 1 && strcmp(sink.entries[0].text, "rsync") == 0);
	ck_assert(sink.entries[0].direction == INFO_S2C && sink.n_notes == 1);
}
END_TEST

START_TEST(a_list_of_modules_and_an_error_name_no_module)
{
	static const struct turn list[] = {GREET, C("#list\n"), S("zquillf\thome\n@RSYNCD: EXIT\n")};
	static const struct turn error[] = {GREET, C("nosuch\n"), S("@ERROR: Unknown module 'nosuch'\n")};
	static const struct turn hidden[] = {GREET, C("quill$\n"), S("@RSYNCD: OK\n"), C("--server\0.\0\0")};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_rsync, &flow, &sink, list), DISSECT_DONE);
	ck_assert(strcmp(sink.entries[0].text, "rsync") == 0 && sink.entries[0].direction == INFO_S2C);
	ck_assert_int_eq(TALK(&dissector_rsync, &flow, &sink, error), DISSECT_DONE);
	ck_assert(strcmp(sink.entries[0].text, "rsync") == 0 && sink.entries[0].direction == INFO_BALANCE);
	ck_assert_int_eq(TALK(&dissector_rsync, &flow, &sink, hidden), DISSECT_DONE);
	ck_assert(strcmp(sink.entries[0].text, "rsync") == 0 && sink.entries[0].direction == INFO_C2S);
}
END_TEST

START_TEST(with_a_hole_in_the_request_the_octets_decide)
{
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_rsync, state, &sink, SIDE_1, "@RSYNCD: 31.0\n", 14, 0, &flow);
	ck_assert_int_eq(dissector_rsync.dissect(state, SIDE_0, cur_make("der\0\0", 5), 60, &flow, &sink), DISSECT_DONE);
	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_BALANCE);
	ck_assert_uint_eq(sink.entries[0].bytes[0] + sink.entries[0].bytes[1], 19);
}
END_TEST

START_TEST(arguments_without_end_are_given_up)
{
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;
	char block[1000];

	memset(block, 'x', sizeof block);
	fake_sink_init(&sink);
	fake_feed(&dissector_rsync, state, &sink, SIDE_1, "@RSYNCD: 31.0\n", 14, 0, &flow);
	fake_feed(&dissector_rsync, state, &sink, SIDE_0, "@RSYNCD: 31.0\nm\n", 16, 0, &flow);
	for (int i = 0; i < 65; i++) {
		ck_assert_int_eq(fake_feed(&dissector_rsync, state, &sink, SIDE_0, block, 1000, 0, &flow), DISSECT_FOLLOW);
	}
	ck_assert_int_eq(fake_feed(&dissector_rsync, state, &sink, SIDE_0, block, 1000, 0, &flow), DISSECT_DONE);
}
END_TEST

START_TEST(only_a_greeting_is_recognised)
{
	ck_assert_uint_eq(KNOWS(&dissector_rsync, SIDE_1, "@RSYNCD: 27\n", &flow), 1);
	ck_assert_uint_eq(KNOWS(&dissector_rsync, SIDE_1, "@RSYNCD: ", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_rsync, SIDE_1, "@RSYNCD: OK\n", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_rsync, SIDE_1, "RSYNCD", &flow), 0);
}
END_TEST

START_TEST(a_module_is_not_told_where_the_user_was_not_seen)
{
	static const struct turn alone[] = {
		C("@RSYNCD: 31.0\n"), C("zquillf\n"), C("zquillf Plum-Kettle-77\n"), C("--server\0--sender\0.\0zquillf/x\0\0"),
	};
	static const struct turn asked[] = {GREET, C("zquillf\n"), S("@RSYNCD: AUTHREQD 4mJkPmNCp8\n")};
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	TALK(&dissector_rsync, &flow, &sink, alone);
	ck_assert(sink.n_entries == 1 && strcmp(sink.entries[0].text, "rsync") == 0);
	fake_sink_init(&sink);
	for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
		fake_feed(&dissector_rsync, state, &sink, asked[i].side, asked[i].bytes, asked[i].len, 0, &flow);
	}
	dissector_rsync.dissect(state, SIDE_0, cur_make("--server\0.\0\0", 12), 23, &flow, &sink);
	ck_assert(sink.n_entries == 1 && strcmp(sink.entries[0].text, "rsync") == 0);
}
END_TEST

UNIT_MAIN("dissect_rsync", a_push_goes_to_the_module, a_pull_comes_from_it,
          a_user_is_not_copied_and_a_module_of_that_name_neither, a_list_of_modules_and_an_error_name_no_module,
          with_a_hole_in_the_request_the_octets_decide, arguments_without_end_are_given_up,
          only_a_greeting_is_recognised,
          a_module_is_not_told_where_the_user_was_not_seen)
