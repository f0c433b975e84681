#include "talk.h"

extern const struct dissector dissector_postgresql;

static const struct dissect_flow other = {.ip_protocol = IP_TCP, .port = {40000, 5999}},
                                 usual = {.ip_protocol = IP_TCP, .port = {40000, 5432}};
static struct talk t;
static struct outcome o;

static void message(struct said *s, char type, const void *body, size_t len)
{
	put(s, &type, 1);
	put_be(s, len + 4, 4);
	put(s, body, len);
}

/* A start-up with these parameters: names and values in turn, NULL ends them. */
static void startup(const char *const *parameters)
{
	struct said *s = say(&t, SIDE_0);
	size_t len = 9;

	for (size_t i = 0; parameters[i] != NULL; i++) {
		len += strlen(parameters[i]) + 1;
	}
	put_be(s, len, 4);
	put_be(s, 0x30000, 4);
	for (size_t i = 0; parameters[i] != NULL; i++) {
		put_text(s, parameters[i]);
	}
	put_be(s, 0, 1);
}

static void welcome(void)
{
	struct said *s = say(&t, SIDE_1);

	message(s, 'R', "\0\0\0\3", 4);
	message(s, 'S',
	        "server_version\0"
	        "15.4 (Debian)",
	        29);
	message(s, 'S', "session_authorization\0zquillf", 30);
	message(s, 'Z', "I", 1);
}

static void query(const char *sql)
{
	message(say(&t, SIDE_0), 'Q', sql, strlen(sql) + 1);
}

static void run(void)
{
	talk_run(&dissector_postgresql, &t, 0, &other, &o);
	talk_is_same(&dissector_postgresql, &t, &other, &o);
}

static const char *const epr[] = {"user",   "zquillf", "database", "epr_live", "application_name",
                                  "clinic", NULL};

START_TEST(a_start_up_names_database_and_application)
{
	t.n = 0;
	startup(epr);
	welcome();
	query("select 1");
	ck_assert(talk_is_known(&dissector_postgresql, &t, &other));
	run();
	ck_assert_int_eq(o.verdict, DISSECT_FOLLOW);
	ck_assert_int_eq(o.sink.client, SIDE_0);
	ck_assert_int_eq(fake_entry(&o.sink, "epr_live")->direction, INFO_BOTH);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "clinic"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "15.4"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "PostgreSQL password"), 1);
	ck_assert_int_eq(o.sink.n_notes, 3);
	talk_is_counted(&t, &o);
}
END_TEST

START_TEST(a_database_that_is_the_user_is_not_named)
{
	static const char *const own[] = {"user", "zquillf", "database", "zquillf", NULL},
	                         *const none[] = {"user", "zquillf", NULL};
	const char *const *both[] = {own, none};

	for (size_t i = 0; i < 2; i++) {
		t.n = 0;
		startup(both[i]);
		run();
		ck_assert_int_eq(o.sink.n_entries, 1);
		ck_assert_ptr_nonnull(fake_entry(&o.sink, "PostgreSQL"));
	}
}
END_TEST

START_TEST(a_wish_for_tls_is_granted_or_not)
{
	t.n = 0;
	put(say(&t, SIDE_0), "\0\0\0\x08\x04\xd2\x16\x2f", 8);
	put(say(&t, SIDE_1), "S", 1);
	ck_assert(talk_is_known(&dissector_postgresql, &t, &other));
	run();
	ck_assert_int_eq(o.verdict, DISSECT_TLS);
	ck_assert_int_eq(o.sink.n_entries, 0); /* whose octets they are is for TLS to say */
	t.said[1].bytes[0] = 'N';
	startup(epr);
	run();
	ck_assert_int_eq(o.verdict, DISSECT_FOLLOW);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "epr_live"));
	t.n = 0;
	put(say(&t, SIDE_0), "\0\0\0\x08\x04\xd2\x16\x30", 8);
	put(say(&t, SIDE_1), "G", 1);
	run();
	ck_assert_int_eq(o.sink.encryption, ENCRYPTED_YES);
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
}
END_TEST

START_TEST(copy_goes_one_way_until_the_server_is_ready)
{
	static const struct {
		char begin;
		int way;
	} copies[] = {{'H', INFO_S2C}, {'G', INFO_C2S}, {'W', INFO_S2C}};

	for (size_t i = 0; i < 3; i++) {
		struct said *s;

		t.n = 0;
		startup(epr);
		query("COPY p");
		s = say(&t, SIDE_1);
		message(s, copies[i].begin, "\0\0\1\0\0", 5);
		s = say(&t, copies[i].begin == 'G' ? SIDE_0 : SIDE_1);
		message(s, 'd', "row", 3);
		message(s, 'c', "", 0);
		s = say(&t, SIDE_1);
		message(s, 'C', "COPY 1", 7);
		message(s, 'Z', "I", 1);
		query("select 1");
		run();
		ck_assert_int_eq(o.sink.n_entries, 2);
		ck_assert_int_eq(o.sink.entries[1].direction, copies[i].way);
		ck_assert_uint_ge(o.sink.entries[1].bytes[copies[i].begin == 'G' ? 0 : 1], 13);
		ck_assert_uint_eq(o.sink.entries[0].bytes[0],
		                  t.said[0].len + t.said[1].len + t.said[t.n - 1].len);
	}
}
END_TEST

START_TEST(a_standby_receives)
{
	static const char *const standby[] = {"user",     "rep",         "replication", "true",
	                                      "database", "replication", NULL};

	t.n = 0;
	startup(standby);
	welcome();
	run();
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_int_eq(o.sink.entries[0].direction, INFO_S2C);
}
END_TEST

START_TEST(joined_in_the_middle_it_is_known_by_messages_in_a_row)
{
	struct said *s;

	t.n = 0;
	s = say(&t, SIDE_1);
	message(s, 'D', "\0\1\0\0\0\1x", 7);
	message(s, 'C', "SELECT 1", 9);
	message(s, 'Z', "I", 1);
	ck_assert(talk_is_known(&dissector_postgresql, &t, &other));
	talk_run(&dissector_postgresql, &t, 0, &other, &o);
	ck_assert_int_eq(o.sink.client, SIDE_0);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "PostgreSQL"));
	talk_is_counted(&t, &o);
	t.n = 0;
	message(say(&t, SIDE_1), 'D', "\0\1\0\0\0\1x", 7);
	ck_assert(!talk_is_known(&dissector_postgresql, &t, &other));
	ck_assert(talk_is_known(&dissector_postgresql, &t, &usual));
}
END_TEST

START_TEST(after_a_gap_the_next_messages_are_found)
{
	struct said s = {.side = SIDE_1};

	t.n = 0;
	startup(epr);
	welcome();
	talk_run(&dissector_postgresql, &t, 0, &other, &o);
	dissector_postgresql.dissect(o.state, SIDE_1, cur_make("xx", 2), 700, &other, &o.sink);
	message(&s, 'H', "\0\0\1\0\0", 5);
	message(&s, 'd', "row", 3);
	ck_assert_int_eq(dissector_postgresql.dissect(o.state, SIDE_1, cur_make(s.bytes, s.len), 0,
	                                              &other, &o.sink),
	                 DISSECT_FOLLOW);
	ck_assert_int_eq(o.sink.n_entries, 2);
	ck_assert_int_eq(o.sink.entries[1].direction, INFO_S2C);
}
END_TEST

START_TEST(a_gap_in_the_start_up_withholds_its_names)
{
	t.n = 0;
	startup(epr);
	memset(&o, 0, sizeof o);
	fake_sink_init(&o.sink);
	fake_feed(&dissector_postgresql, o.state, &o.sink, SIDE_0, t.said[0].bytes, 30, 0, &other);
	dissector_postgresql.dissect(o.state, SIDE_0,
	                             cur_make(t.said[0].bytes + 36, t.said[0].len - 36), 6, &other,
	                             &o.sink);
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "PostgreSQL"));
	ck_assert_int_eq(o.sink.n_notes, 0);
}
END_TEST

START_TEST(other_protocols_on_its_port_are_not_claimed)
{
	static const struct {
		const char *bytes;
		size_t len;
	} no[] = {{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", 27},
	          {"\0\0\0\x08\x04\xd2\x16\x29", 8},
	          {"\0\0\0\x10\0\3\0\0zzzzzzzz", 16},
	          {"\x16\3\1\0\5abcde", 10},
	          {"Q\0\0\0\3abc", 8},
	          {"S", 1},
	          {"SSH-2.0-x\r\n", 11},
	          {"Z\0\0\0\5x", 6}};

	for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
		ck_assert_uint_eq(dissector_postgresql.recognise(cur_make(no[i].bytes, no[i].len),
		                                                 SIDE_0, &usual),
		                  0);
	}
}
END_TEST

UNIT_MAIN("dissect_postgresql", a_start_up_names_database_and_application,
          a_database_that_is_the_user_is_not_named, a_wish_for_tls_is_granted_or_not,
          copy_goes_one_way_until_the_server_is_ready, a_standby_receives,
          joined_in_the_middle_it_is_known_by_messages_in_a_row,
          after_a_gap_the_next_messages_are_found, a_gap_in_the_start_up_withholds_its_names,
          other_protocols_on_its_port_are_not_claimed)
