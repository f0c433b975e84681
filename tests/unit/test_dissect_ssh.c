/* The SSH dissector: what the two ends say they are. */
#include "turns.h"

extern const struct dissector dissector_ssh;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, 22}};

START_TEST(both_ends_say_what_they_are_and_that_is_all)
{
	static const struct turn turns[] = {
		S("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u2\r\n"), C("SSH-2.0-PuTTY_Release_0.78\r\n"), S("\0\0\1\2binary"),
	};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ssh, &flow, &sink, turns), DISSECT_DONE);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "2.0"), 2);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "OpenSSH_9.2p1"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "PuTTY_Release_0.78"), 1);
	ck_assert_int_eq(sink.n_notes, 3);
	ck_assert(sink.n_entries == 1 && sink.entries[0].direction == INFO_MSG && sink.entries[0].messages == 0);
}
END_TEST

START_TEST(a_server_may_say_other_things_first)
{
	static const struct turn turns[] = {
		S("Property of the trust.\r\nNo entry for quillfeather\r\nSSH-1.99-Cisco-1.25\n"), C("SSH-2.0-x\r\n"),
	};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ssh, &flow, &sink, turns), DISSECT_DONE);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "1.99"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "Cisco-1.25"), 1);
}
END_TEST

START_TEST(a_comment_is_kept_only_if_it_is_a_hosts_name)
{
	static const struct turn turns[] = {
		S("SSH-2.0-mod_sftp (sftp.trust.example) v1.2.beta 1.2.3 quillfeather z.quill\r\n"), C("SSH-2.0-x y\r\n"),
	};
	struct sink sink;

	TALK(&dissector_ssh, &flow, &sink, turns);
	ck_assert_uint_eq(fake_noted(&sink, "name", "sftp.trust.example"), 1);
	ck_assert_int_eq(sink.n_notes, 4);
}
END_TEST

START_TEST(one_side_alone_is_not_followed_for_ever)
{
	struct sink sink;
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	static const uint8_t block[4096];

	fake_sink_init(&sink);
	ck_assert_int_eq(dissector_ssh.dissect(state, SIDE_1, cur_make("SSH-2.0-x\r\n", 11), 0, &flow, &sink), DISSECT_FOLLOW);
	ck_assert_int_eq(dissector_ssh.dissect(state, SIDE_1, cur_make(block, 4096), 0, &flow, &sink), DISSECT_FOLLOW);
	ck_assert_int_eq(dissector_ssh.dissect(state, SIDE_1, cur_make(block, 4096), 0, &flow, &sink), DISSECT_DONE);
	ck_assert_uint_eq(sink.entries[0].bytes[1], 8203);
}
END_TEST

START_TEST(only_an_identification_is_recognised)
{
	struct dissect_flow other = flow;

	other.port[1] = 2222;
	ck_assert_uint_eq(KNOWS(&dissector_ssh, SIDE_1, "SSH-2.0-OpenSSH_9.2\r\n", &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ssh, SIDE_0, "SSH-1.5-x\n", &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ssh, SIDE_1, "Hello\nSSH-2.0-x\n", &flow), 7);
	ck_assert_uint_eq(KNOWS(&dissector_ssh, SIDE_1, "Hello\nSSH-2.0-x\n", &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ssh, SIDE_1, "SSH-2.0", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ssh, SIDE_1, "SSH-3.0-", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ssh, SIDE_1, "SSH keys and more", &flow), 0);
}
END_TEST

UNIT_MAIN("dissect_ssh", both_ends_say_what_they_are_and_that_is_all, a_server_may_say_other_things_first,
          a_comment_is_kept_only_if_it_is_a_hosts_name, one_side_alone_is_not_followed_for_ever,
          only_an_identification_is_recognised)
