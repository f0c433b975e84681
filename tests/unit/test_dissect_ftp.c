/* The FTP dissector: transfers, announcements and sign-in of control connections, however they are cut. */
#include "turns.h"

extern const struct dissector dissector_ftp;

static struct dissect_flow flow(uint16_t port)
{
	struct dissect_flow f = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, port}};

	addr_parse("10.77.1.30", &f.addr[0]);
	addr_parse("10.77.1.40", &f.addr[1]);
	return f;
}

static const struct turn passive[] = {
	S("220 files.trust.example FTP server (Version 6.4) ready.\r\n"),
	C("USER zquillf\r\n"), S("331 Password required for zquillf.\r\n"),
	C("PASS Plum-Kettle-77\r\n"), S("230-Welcome\r\n 226 to you\r\n230 Logged in.\r\n"),
	C("PASV\r\n"), S("227 Entering Passive Mode (192,168,9,9,200,13)\r\n"),
	C("STOR quillf-discharge.pdf\r\n"), S("150 Opening BINARY mode data connection\r\n226 Transfer complete\r\n"),
	C("EPSV\r\n"), S("229 Entering Extended Passive Mode (|||51215|)\r\n"),
	C("NLST\r\n"), S("125 Data connection already open\r\n226 done\r\n"),
	C("QUIT\r\n"), S("221 Bye\r\n"),
};

START_TEST(transfers_are_messages_that_go_their_way)
{
	struct dissect_flow f = flow(21);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ftp, &f, &sink, passive), DISSECT_FOLLOW);
	ck_assert_int_eq(sink.n_entries, 2);
	const struct fake_entry *put = entry_of(&sink, INFO_C2S), *got = entry_of(&sink, INFO_S2C);
	ck_assert(put != NULL && put->messages == 1 && put->side == SIDE_0);
	ck_assert(got != NULL && got->messages == 1 && got->side == SIDE_0);
	ck_assert_uint_eq(sink.total[0] + sink.total[1], put->bytes[0] + put->bytes[1] + got->bytes[0] + got->bytes[1] +
	                                                 sink.pending[0] + sink.pending[1]);
}
END_TEST

START_TEST(passive_data_connections_are_expected_at_the_address_that_answered)
{
	struct dissect_flow f = flow(21);
	struct sink sink;

	TALK(&dissector_ftp, &f, &sink, passive);
	ck_assert_uint_eq(fake_noted(&sink, "expect", "tcp 10.77.1.40 51213"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "expect", "tcp 10.77.1.40 51215"), 1);
}
END_TEST

START_TEST(active_data_connections_are_expected_at_the_client)
{
	static const struct turn turns[] = {
		S("220 Welcome\r\n"), C("USER anonymous\r\n"), S("331 Any password\r\n"), C("PASS me@\r\n"), S("230 In\r\n"),
		C("PORT 10,77,1,30,195,149\r\n"), S("200 PORT command successful\r\n"),
		C("EPRT |2|fd00:77::30|6275|\r\n"), S("200 EPRT command successful\r\n"),
		C("RETR x\r\n"), S("150 Here it comes\r\n"),
	};
	struct dissect_flow f = flow(21);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ftp, &f, &sink, turns), DISSECT_FOLLOW);
	ck_assert_uint_eq(fake_noted(&sink, "expect", "tcp 10.77.1.30 50069"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "expect", "tcp 10.77.1.30 6275"), 1);
	ck_assert_msg(fake_noted(&sink, "fact", "FTP USER") == 0, "nobody in particular signed in");
}
END_TEST

START_TEST(what_names_people_and_files_is_not_noted)
{
	struct dissect_flow f = flow(21);
	struct sink sink;

	TALK(&dissector_ftp, &f, &sink, passive);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "FTP USER"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "name", "files.trust.example"), 1);
	ck_assert_int_eq(sink.n_notes, 4);
}
END_TEST

START_TEST(a_refused_transfer_moves_nothing)
{
	static const struct turn turns[] = {
		S("220 FTP\r\n"), C("USER a\r\n"), S("230 In\r\n"), C("RETR no\r\n"), S("550 No such file\r\n"),
		C("RETR yes\r\n"), S("226 It was short\r\n"), C("STOR\r\n"), S("501 What\r\n"),
	};
	struct dissect_flow f = flow(21);
	struct sink sink;

	TALK(&dissector_ftp, &f, &sink, turns);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert(sink.entries[0].messages == 1 && sink.entries[0].direction == INFO_S2C);
}
END_TEST

START_TEST(accepted_tls_is_handed_over_before_anything_is_named)
{
	static const struct turn turns[] = {
		S("220 FTP ready\r\n"), C("AUTH TLS\r\n"), S("234 Proceed with negotiation.\r\n"),
	};
	struct dissect_flow f = flow(21);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ftp, &f, &sink, turns), DISSECT_TLS);
	ck_assert_int_eq(sink.n_entries + sink.n_notes, 0);
}
END_TEST

START_TEST(refused_tls_goes_on_in_clear)
{
	static const struct turn turns[] = {
		S("220 FTP ready\r\n"), C("AUTH TLS\r\n"), S("534 No\r\n"), C("USER x\r\n"), S("234 odd\r\n"),
	};
	struct dissect_flow f = flow(21);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ftp, &f, &sink, turns), DISSECT_FOLLOW);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "FTP USER"), 1);
}
END_TEST

START_TEST(joined_in_the_middle_replies_tell_who_serves)
{
	static const struct turn turns[] = {
		{SIDE_0, "227 Entering Passive Mode 10,77,1,30,10,1\r\n", 43}, {SIDE_1, "RETR x\r\n", 8},
		{SIDE_0, "150 Here\r\n", 10},
	};
	struct dissect_flow f = flow(5021);
	struct sink sink;

	f.client_is_certain = false;
	ck_assert_int_eq(TALK(&dissector_ftp, &f, &sink, turns), DISSECT_FOLLOW);
	ck_assert_int_eq(sink.client, SIDE_1);
	ck_assert_uint_eq(fake_noted(&sink, "expect", "tcp 10.77.1.30 2561"), 1);
	ck_assert(sink.n_entries == 1 && sink.entries[0].side == SIDE_1 && sink.entries[0].direction == INFO_S2C);
}
END_TEST

START_TEST(a_gap_costs_a_line_and_no_more)
{
	struct dissect_flow f = flow(21);
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	dissector_ftp.dissect(state, SIDE_0, cur_make("USER a\r\nSTO", 11), 0, &f, &sink);
	dissector_ftp.dissect(state, SIDE_0, cur_make("227 not a line\r\nSTOR x\r\n", 24), 700, &f, &sink);
	dissector_ftp.dissect(state, SIDE_1, cur_make("150 go\r\n", 8), 9, &f, &sink);
	ck_assert_msg(sink.n_entries == 1, "where no answer is seen the command counts");
	ck_assert_uint_eq(sink.total[0], 35);
}
END_TEST

START_TEST(mail_and_nonsense_are_let_go)
{
	static const struct turn mail[] = {S("220 gateway ready\r\n"), C("EHLO pas.trust.example\r\n")};
	struct dissect_flow f = flow(21), other = flow(2525);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ftp, &f, &sink, mail), DISSECT_RELEASE);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_1, "220 mail.trust.example ESMTP FTP\r\n", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_1, "220 ready\r\n", &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_0, "USER a\r\n", &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_0, "PORTAL,1,2\r\n", &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_0, "2", &f), 0);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_1, "220 vsFTPd\r\n", &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_0, "PORT 1,2,3,4,5,6\r\n", &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_ftp, SIDE_0, "EPSV\r\n", &other), 1);
}
END_TEST

START_TEST(bad_announcements_are_ignored)
{
	static const struct turn turns[] = {
		S("220 FTP\r\n"), C("USER a\r\n"), C("PORT 1,2,3,4,5\r\n"), C("PORT 1,2,3,4,256,1\r\n"), C("EPRT |1|x|99999|\r\n"),
		C("EPRT\r\n"), C("EPRT |||\r\n"), S("229 (||||)\r\n"), S("229 none\r\n"), S("227 0,0,0,0,0,0\r\n"), S("227\r\n"),
		C("PORT 1,2,3,4,5,99999999999999999999\r\n"),
	};
	struct dissect_flow f = flow(21);
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_ftp, &f, &sink, turns), DISSECT_FOLLOW);
	ck_assert_int_eq(sink.n_notes, 1);
}
END_TEST

UNIT_MAIN("dissect_ftp", transfers_are_messages_that_go_their_way,
          passive_data_connections_are_expected_at_the_address_that_answered,
          active_data_connections_are_expected_at_the_client, what_names_people_and_files_is_not_noted,
          a_refused_transfer_moves_nothing, accepted_tls_is_handed_over_before_anything_is_named,
          refused_tls_goes_on_in_clear, joined_in_the_middle_replies_tell_who_serves, a_gap_costs_a_line_and_no_more,
          mail_and_nonsense_are_let_go, bad_announcements_are_ignored)
