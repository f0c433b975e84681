#include "talk.h"

extern const struct dissector dissector_tds;

static const struct dissect_flow usual = {.ip_protocol = IP_TCP, .port = {40000, 1433}},
                                 other = {.ip_protocol = IP_TCP, .port = {40000, 50123}};
static struct talk t;
static struct outcome o;

static void header(struct said *s, int type, size_t body)
{
	put_be(s, (uint64_t)type, 1);
	put_be(s, 1, 1);
	put_be(s, body + 8, 2);
	put_be(s, 0x0000000100, 4);
}

static void prelogin(enum side side, int type, int encryption)
{
	struct said *s = say(&t, side);

	header(s, type, 18);
	put(s, "\0\0\x0b\0\6\1\0\x11\0\1\xff", 11);
	put(s, "\x0f\0\0\0\0\0", 6);
	put_be(s, (uint64_t)encryption, 1);
}

/* LOGIN7 with a table of `fix` octets; the table's order is that of the fields in the text. */
static void login7(const char *host, const char *user, const char *application, const char *server,
                   const char *database, size_t fix)
{
	const char *fields[] = {host, user,   "secret", application, server,
	                        "",   "ODBC", "",       database};
	struct said *s = say(&t, SIDE_0);
	size_t at = fix, len = fix;

	for (size_t i = 0; i < 9; i++) {
		len += strlen(fields[i]) * 2;
	}
	header(s, 16, len);
	put_le(s, len, 4);
	put_le(s, 0x74000004, 4);
	put(s, (const uint8_t[28]){0}, 28);
	for (size_t i = 0; i < 9; i++) {
		put_le(s, at, 2);
		put_le(s, strlen(fields[i]), 2);
		at += strlen(fields[i]) * 2;
	}
	put(s, (const uint8_t[30]){0}, fix - 72);
	for (size_t i = 0; i < 9; i++) {
		put_utf16(s, fields[i]);
	}
}

static void change(const char *database)
{
	struct said *s = say(&t, SIDE_1);
	size_t n = strlen(database);

	header(s, 4, 6 + n * 2 + 13);
	put_be(s, 0xe3, 1);
	put_le(s, n * 2 + 3, 2);
	put_be(s, 1, 1);
	put_be(s, n, 1);
	put_utf16(s, database);
	put_be(s, 0, 1);
	put(s, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0", 13);
}

static void run(void)
{
	talk_run(&dissector_tds, &t, 0, &other, &o);
	talk_is_same(&dissector_tds, &t, &other, &o);
}

START_TEST(a_login_in_the_clear_names_server_instance_database_and_application)
{
	static const size_t fixed[] = {86, 94};

	for (size_t i = 0; i < 2; i++) {
		t.n = 0;
		prelogin(SIDE_0, 18, 2);
		prelogin(SIDE_1, 4, 2);
		login7("WARD7-PC1", "zquillf", "Ward view", "tcp:SQL01.trust.example\\EPR,1433",
		       "EPR_LIVE", fixed[i]);
		ck_assert(talk_is_known(&dissector_tds, &t, &other));
		run();
		ck_assert_int_eq(o.verdict, DISSECT_DONE);
		ck_assert_int_eq(o.sink.client, SIDE_0);
		ck_assert_int_eq(fake_entry(&o.sink, "EPR_LIVE")->type, EVIDENCE_DATABASE);
		ck_assert_uint_eq(fake_noted(&o.sink, "name", "sql01.trust.example"), 1);
		ck_assert_uint_eq(fake_noted(&o.sink, "fact", "EPR"), 1);
		ck_assert_uint_eq(fake_noted(&o.sink, "fact", "Ward view"), 1);
		ck_assert_uint_eq(fake_noted(&o.sink, "fact", "TDS LOGIN7"), 1);
		ck_assert_uint_eq(fake_noted(&o.sink, "fact", "off"), 1);
		ck_assert_int_eq(o.sink.n_notes, 5); /* no user, host or password */
		talk_is_counted(&t, &o);
	}
}
END_TEST

START_TEST(an_application_with_host_or_user_inside_is_withheld)
{
	static const char *const names[] = {"app on ward7-pc1", "ZQUILLF", "tool of zquillf",
	                                    "C:\\Users\\zquillf"};

	for (size_t i = 0; i < 4; i++) {
		t.n = 0;
		login7("WARD7-PC1", "zquillf", names[i], ".", "EPR", 94);
		run();
		ck_assert_int_eq(o.sink.n_notes, 1); /* the sign-in */
	}
	t.n = 0;
	login7("X", "a", "C:\\Program Files\\Explorer.exe", "10.1.2.3", "EPR", 94);
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "Explorer.exe"), 1);
	ck_assert_int_eq(o.sink.n_notes, 2);
}
END_TEST

START_TEST(a_name_that_a_nul_cuts_short_is_compared_as_far_as_it_goes)
{
	t.n = 0;
	login7("h", "ab!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!", "tool ab", "", "EPR", 94);
	for (size_t i = 0; i + 1 < t.said[0].len; i++) {
		t.said[0].bytes[i] = t.said[0].bytes[i] == '!' ? 0 : t.said[0].bytes[i];
	}
	run();
	ck_assert_int_eq(o.sink.n_notes, 1); /* the sign-in */
}
END_TEST

START_TEST(a_database_called_like_its_user_is_not_named)
{
	t.n = 0;
	login7("h", "zquillf", "app", "", "ZQuillF", 94);
	run();
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_int_eq(fake_entry(&o.sink, "TDS")->type, EVIDENCE_PROTOCOL);
}
END_TEST

START_TEST(without_one_in_the_login_the_server_names_the_database)
{
	t.n = 0;
	login7("h", "zquillf", "app", "", "", 94);
	change("THEATRE");
	run();
	ck_assert_int_eq(fake_entry(&o.sink, "THEATRE")->type, EVIDENCE_DATABASE);
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
}
END_TEST

START_TEST(when_all_is_encrypted_only_that_is_said)
{
	t.n = 0;
	prelogin(SIDE_0, 18, 0);
	prelogin(SIDE_1, 4, 3);
	run();
	ck_assert_int_eq(o.sink.encryption, ENCRYPTED_YES);
	ck_assert_str_eq(o.sink.protocol, "TDS+TLS");
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "full"), 1);
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
}
END_TEST

START_TEST(when_the_login_alone_is_encrypted_the_answer_names_the_database)
{
	struct said *s;

	t.n = 0;
	prelogin(SIDE_0, 18, 0);
	prelogin(SIDE_1, 4, 0);
	s = say(&t, SIDE_0);
	header(s, 18, 6);
	put(s, "\x16\3\1\0\1\1", 6);
	s = say(&t, SIDE_1);
	header(s, 18, 6);
	put(s, "\x16\3\1\0\1\2", 6);
	s = say(&t, SIDE_0);
	put(s, "\x17\3\3\0\4abcd", 9);
	change("PATHOLOGY");
	run();
	ck_assert_int_ne(o.sink.encryption, ENCRYPTED_YES);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "login only"), 1);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "PATHOLOGY"));
}
END_TEST

static void fixed(struct said *s, const char *text, size_t size)
{
	size_t n = strlen(text);

	put(s, text, n);
	while (n++ < size) {
		put(s, "Z", 1); /* what stands behind a field's end is no part of it */
	}
	put_be(s, strlen(text), 1);
}

START_TEST(a_login_of_sybase_has_fields_of_fixed_size)
{
	static const uint8_t zeros[300];
	struct said *s;

	t.n = 0;
	s = say(&t, SIDE_0);
	header(s, 2, 568);
	fixed(s, "WARD7-PC1", 30);
	fixed(s, "zquillf", 30);
	fixed(s, "secret", 30);
	fixed(s, "4711", 30);
	put(s, zeros, 16);
	fixed(s, "Lab view", 30);
	fixed(s, "LABSYB01", 30);
	fixed(s, "", 255);
	put(s, "\5\0\0\0", 4);
	put(s, zeros, 106);
	ck_assert(talk_is_known(&dissector_tds, &t, &other));
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "name", "labsyb01"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "Lab view"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "TDS login"), 1);
	ck_assert_int_eq(o.sink.n_notes, 3);
}
END_TEST

START_TEST(joined_in_the_middle_it_is_known_by_its_packets)
{
	struct said *s;

	t.n = 0;
	change("EPR"); /* an answer that ends with DONE */
	ck_assert(talk_is_known(&dissector_tds, &t, &other));
	run();
	ck_assert_int_eq(o.sink.client, SIDE_0);
	t.n = 0;
	s = say(&t, SIDE_0);
	header(s, 1, 30);
	put(s, "\x16\0\0\0\x12\0\0\0\2\0", 10);
	put(s, (const uint8_t[20]){0}, 20);
	ck_assert(talk_is_known(&dissector_tds, &t, &other));
	s->bytes[8] = 'S'; /* before 7.2 there are no headers: the port must say the rest */
	ck_assert(!talk_is_known(&dissector_tds, &t, &other));
	ck_assert(talk_is_known(&dissector_tds, &t, &usual));
	s->bytes[7] = 1; /* "window" is always zero */
	ck_assert(!talk_is_known(&dissector_tds, &t, &usual));
}
END_TEST

START_TEST(a_gap_ends_the_reading_and_keeps_the_sums)
{
	t.n = 0;
	login7("h", "zquillf", "app", "", "EPR", 94);
	memset(&o, 0, sizeof o);
	fake_sink_init(&o.sink);
	fake_feed(&dissector_tds, o.state, &o.sink, SIDE_0, t.said[0].bytes, 60, 0, &other);
	dissector_tds.dissect(o.state, SIDE_0, cur_make("abc", 3), 5000, &other, &o.sink);
	ck_assert_uint_eq(o.sink.total[0], 63);
	fake_sink_init(&o.sink); /* within the login, where what follows would be read at the wrong
	                            place */
	memset(o.state, 0, sizeof o.state);
	fake_feed(&dissector_tds, o.state, &o.sink, SIDE_0, t.said[0].bytes, 110, 0, &other);
	ck_assert_int_eq(dissector_tds.dissect(o.state, SIDE_0, cur_make(t.said[0].bytes + 114, 20),
	                                       4, &other, &o.sink),
	                 DISSECT_DONE);
	ck_assert_int_eq(o.sink.n_notes + o.sink.n_entries, 0);
	ck_assert_ptr_null(fake_entry(&o.sink, "EPR"));
}
END_TEST

START_TEST(other_protocols_and_bad_lengths_are_not_claimed)
{
	static const struct {
		const char *bytes;
		size_t len;
	} no[] = {{"\x12\1\0\x09\0\0\0\0\0", 9},
	          {"\4\1\0\x0c\0\0\0\0\xff\xff\xff\xff", 12},
	          {"\x10\1\0\x20\0\0\1\0\x18\0\0\0\4\0\0\x74", 16},
	          {"\3\0\0\x13\x0e\xe0\0\0\0\0\0\1\0\x08\0\1\0\0\0", 19}, /* TPKT */
	          {"\1\0\0\0\0\0\0\0", 8}};

	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		ck_assert_uint_eq(
		        dissector_tds.recognise(cur_make(no[i].bytes, no[i].len), SIDE_0, &other),
		        0);
	}
}
END_TEST

START_TEST(an_instance_called_like_the_user_is_none)
{
	t.n = 0;
	login7("WARD7-PC1", "zquillf", "Ward view", "sql01.trust.example\\ZQuillf", "EPR", 94);
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "ZQuillf"), 0);
	ck_assert_uint_eq(fake_noted(&o.sink, "name", "sql01.trust.example"), 1);
}
END_TEST

UNIT_MAIN("dissect_tds", a_login_in_the_clear_names_server_instance_database_and_application,
          an_application_with_host_or_user_inside_is_withheld,
          a_name_that_a_nul_cuts_short_is_compared_as_far_as_it_goes,
          a_database_called_like_its_user_is_not_named,
          without_one_in_the_login_the_server_names_the_database,
          when_all_is_encrypted_only_that_is_said,
          when_the_login_alone_is_encrypted_the_answer_names_the_database,
          a_login_of_sybase_has_fields_of_fixed_size,
          joined_in_the_middle_it_is_known_by_its_packets,
          a_gap_ends_the_reading_and_keeps_the_sums,
          other_protocols_and_bad_lengths_are_not_claimed,
          an_instance_called_like_the_user_is_none)
