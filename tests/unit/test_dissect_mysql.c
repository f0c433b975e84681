#include "talk.h"

extern const struct dissector dissector_mysql;

static const struct dissect_flow other = {.ip_protocol = IP_TCP, .port = {40000, 3307}},
                                 usual = {.ip_protocol = IP_TCP, .port = {40000, 3306}};
static struct talk t;
static struct outcome o;

#define CAN     0x18a201u /* protocol 4.1, plugins, attributes */
#define WITH_DB 8u
#define SSL     0x800u

static struct said *packet(enum side side, int number, const void *body, size_t len)
{
	struct said *s = say(&t, side);

	put_le(s, len, 3);
	put_le(s, (uint64_t)number, 1);
	put(s, body, len);
	return s;
}

static void greeting(const char *version)
{
	struct said body = {.len = 0};

	put(&body, "\x0a", 1);
	put_text(&body, version);
	put(&body,
	    "\1\0\0\0scramble\0\xff\xff\xff\2\0\xff\xdf\x15\0\0\0\0\0\0\0\0\0\0scramble2345\0", 44);
	put_text(&body, "caching_sha2_password");
	packet(SIDE_1, 0, body.bytes, body.len);
}

static void answer(uint32_t can, const char *database, const char *plugin)
{
	struct said body = {.len = 0};

	put_le(&body, can, 4);
	put_le(&body, 1 << 24, 4);
	put(&body, (const uint8_t[24]){0xff}, 24);
	put_text(&body, "zquillf");
	put(&body, "\4abcd", 5);
	if ((can & WITH_DB) != 0) {
		put_text(&body, database);
	}
	put_text(&body, plugin);
	put(&body, "\x23\x08_os_user\7zquillf\x0cprogram_name\4labs", 36);
	packet(SIDE_0, 1, body.bytes, body.len);
}

static void run(void)
{
	talk_run(&dissector_mysql, &t, 0, &other, &o);
	talk_is_same(&dissector_mysql, &t, &other, &o);
}

START_TEST(a_sign_in_names_version_database_and_program)
{
	t.n = 0;
	greeting("8.0.36-0ubuntu0.22.04.1");
	answer(CAN | WITH_DB, "limsdb", "caching_sha2_password");
	packet(SIDE_1, 2, "\0\0\0\2\0\0\0", 7);
	ck_assert(talk_is_known(&dissector_mysql, &t, &other));
	run();
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
	ck_assert_int_eq(o.sink.client, SIDE_0);
	ck_assert_int_eq(fake_entry(&o.sink, "limsdb")->type, EVIDENCE_DATABASE);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "8.0.36"), 1);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "labs"), 1);
	ck_assert_int_eq(o.sink.n_notes, 2);
	talk_is_counted(&t, &o);
}
END_TEST

START_TEST(mariadb_says_its_own_version_behind_another)
{
	t.n = 0;
	greeting("5.5.5-10.11.6-MariaDB-0+deb12u1");
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "10.11.6"), 1);
	t.n = 0;
	greeting("11.4.2-MariaDB");
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "11.4.2"), 1);
}
END_TEST

START_TEST(a_password_in_the_clear_is_a_finding)
{
	t.n = 0;
	greeting("8.0.36");
	answer(CAN | WITH_DB, "limsdb", "mysql_clear_password");
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "MySQL clear password"), 1);
	t.n = 0;
	greeting("8.0.36");
	answer(CAN | WITH_DB, "zquillf", "x");
	packet(SIDE_1, 2, "\xfemysql_clear_password", 22);
	packet(SIDE_0, 3, "secret", 7);
	packet(SIDE_1, 4, "\0\0\0\2\0\0\0", 7);
	run();
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "MySQL clear password"), 1);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "MySQL")); /* a database called like the user */
	ck_assert_int_eq(o.sink.n_entries, 1);
}
END_TEST

START_TEST(a_client_that_wants_tls_turns_to_it)
{
	t.n = 0;
	greeting("8.0.36");
	packet(SIDE_0, 1,
	       "\x01\xaa\x18\0\0\0\0\1\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 32);
	run();
	ck_assert_int_eq(o.verdict, DISSECT_TLS);
	ck_assert_int_eq(o.sink.n_entries, 0);
}
END_TEST

START_TEST(a_command_may_name_the_database_later)
{
	t.n = 0;
	greeting("8.0.36");
	answer(CAN, "", "x");
	packet(SIDE_1, 2, "\0\0\0\2\0\0\0", 7);
	packet(SIDE_0, 0, "\x03select 'zquillf'", 17);
	packet(SIDE_1, 1, "\2limsdb", 7); /* an answer is no command */
	packet(SIDE_0, 0, "\2limsdb", 7);
	run();
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
	ck_assert_int_eq(o.sink.n_entries, 2);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "limsdb"));
}
END_TEST

START_TEST(a_replica_receives)
{
	t.n = 0;
	greeting("8.0.36");
	answer(CAN, "", "x");
	packet(SIDE_1, 2, "\0\0\0\2\0\0\0", 7);
	packet(SIDE_0, 0, "\x12\4\0\0\0\0\0\x09\0\0\0bin.01", 17);
	packet(SIDE_1, 1, "\0log", 4);
	run();
	ck_assert_int_eq(o.verdict, DISSECT_FOLLOW);
	ck_assert_int_eq(o.sink.entries[1].direction, INFO_S2C);
	ck_assert_uint_eq(o.sink.entries[1].bytes[1], 8);
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "binlog"), 1);
}
END_TEST

START_TEST(lengths_that_lead_outside_name_nothing)
{
	t.n = 0;
	greeting("8.0.36");
	packet(SIDE_0, 1,
	       "\x09\xa2\x38\0\0\0\0\1\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0u\0\xfe\xff"
	       "\xff\xff\xff\xff\xff\xff\xff",
	       43);
	run();
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "MySQL"));
}
END_TEST

START_TEST(commands_are_known_on_the_usual_port_only)
{
	t.n = 0;
	packet(SIDE_1, 0, "\x03select 1", 9);
	ck_assert(talk_is_known(&dissector_mysql, &t, &usual));
	ck_assert(!talk_is_known(&dissector_mysql, &t, &other));
	talk_run(&dissector_mysql, &t, 0, &usual, &o);
	ck_assert_int_eq(o.sink.client, SIDE_1);
	t.said[0].bytes[0]++; /* not the length */
	ck_assert(!talk_is_known(&dissector_mysql, &t, &usual));
	t.n = 0;
	greeting("no version");
	ck_assert(!talk_is_known(&dissector_mysql, &t, &usual));
}
END_TEST

START_TEST(a_gap_in_the_sign_in_ends_the_reading)
{
	t.n = 0;
	greeting("8.0.36");
	talk_run(&dissector_mysql, &t, 0, &other, &o);
	ck_assert_int_eq(dissector_mysql.dissect(o.state, SIDE_0, cur_make("limsdb", 7), 90, &other,
	                                         &o.sink),
	                 DISSECT_DONE);
	ck_assert_int_eq(o.sink.n_entries, 0);
	ck_assert_uint_eq(o.sink.total[0], 7);
}
END_TEST

START_TEST(a_user_who_takes_over_names_no_database)
{
	t.n = 0;
	greeting("8.0.36");
	answer(CAN, "", "x");
	packet(SIDE_1, 2, "\0\0\0\2\0\0\0", 7);
	packet(SIDE_0, 0, "\x11zebedee\0\0\0", 11); /* COM_CHANGE_USER */
	packet(SIDE_1, 1, "\0\0\0\2\0\0\0", 7);
	packet(SIDE_0, 0, "\2zebedee", 8);
	run();
	ck_assert_ptr_null(fake_entry(&o.sink, "zebedee"));
}
END_TEST

UNIT_MAIN("dissect_mysql", a_sign_in_names_version_database_and_program,
          mariadb_says_its_own_version_behind_another, a_password_in_the_clear_is_a_finding,
          a_client_that_wants_tls_turns_to_it, a_command_may_name_the_database_later,
          a_replica_receives, lengths_that_lead_outside_name_nothing,
          commands_are_known_on_the_usual_port_only, a_gap_in_the_sign_in_ends_the_reading,
          a_user_who_takes_over_names_no_database)
