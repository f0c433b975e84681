#include "talk.h"

#include <stdio.h>

extern const struct dissector dissector_tns;

static struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 1999}};
static struct talk t;
static struct outcome o;

static void header(struct said *s, int type, size_t body)
{
	put_be(s, body + 8, 2);
	put_be(s, 0, 2);
	put_be(s, (uint64_t)type, 1);
	put_be(s, 0, 3);
}

/* CONNECT with its descriptor, or with that in a packet behind it. */
static void connect(const char *descriptor, bool is_inside)
{
	struct said *s = say(&t, SIDE_0);
	size_t n = strlen(descriptor);

	header(s, 1, 50 + (is_inside ? n : 0));
	put(s, "\1\x3f\1\x2c\x0c\x41\x20\0\xff\xff\x7f\x08\0\0\0\1", 16);
	put_be(s, n, 2);
	put_be(s, 58, 2);
	put(s, (const uint8_t[30]){0}, 30);
	if (!is_inside) {
		header(s, 6, n + 2);
		put_be(s, 0, 2);
	}
	put(s, descriptor, n);
}

static void accept(void)
{
	struct said *s = say(&t, SIDE_1);

	header(s, 2, 24);
	put(s, "\1\x3f\0\1\x20\0\xff\xff\0\1\0\0\0\x20", 14);
	put(s, (const uint8_t[10]){0}, 10);
}

static void run(void)
{
	talk_run(&dissector_tns, &t, 0, &flow, &o);
	talk_is_same(&dissector_tns, &t, &flow, &o);
}

START_TEST(a_descriptor_names_service_server_and_program_and_nobody)
{
	for (int inside = 0; inside < 2; inside++) {
		t.n = 0;
		connect("(DESCRIPTION = "
		        "(CONNECT_DATA=(SID=old)(SERVICE_NAME=theatre)(CID=(PROGRAM=C:"
		        "\\u\\zquillf\\th.exe)"
		        "(HOST=WARD7-PC1)(USER=zquillf)))(address=(PROTOCOL=TCP)(HOST=ora01.trust."
		        "example)(PORT=1999)))",
		        inside == 1);
		accept();
		ck_assert(talk_is_known(&dissector_tns, &t, &flow));
		run();
		ck_assert_int_eq(o.verdict, DISSECT_DONE);
		ck_assert_int_eq(o.sink.client, SIDE_0);
		ck_assert_int_eq(fake_entry(&o.sink, "theatre")->type, EVIDENCE_DATABASE);
		ck_assert_uint_eq(fake_noted(&o.sink, "name", "ora01.trust.example"), 1);
		ck_assert_uint_eq(fake_noted(&o.sink, "fact", "th.exe"), 1);
		ck_assert_uint_eq(fake_noted(&o.sink, "fact", "319"), 1);
		ck_assert_int_eq(o.sink.n_notes, 3);
		talk_is_counted(&t, &o);
	}
}
END_TEST

START_TEST(one_that_has_to_be_said_again_counts_once)
{
	struct said *s;

	t.n = 0;
	connect("(DESCRIPTION=(CONNECT_DATA=(SID=MATER)(CID=(PROGRAM=sqlplus@kali)(HOST=kali))))",
	        true);
	s = say(&t, SIDE_1);
	header(s, 11, 0);
	connect("(DESCRIPTION=(CONNECT_DATA=(SID=MATER)(CID=(PROGRAM=sqlplus@kali)(HOST=kali))))",
	        true);
	accept();
	run();
	ck_assert_int_eq(o.sink.n_entries, 1);
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "MATER"));
	ck_assert_uint_eq(fake_noted(&o.sink, "fact", "sqlplus"), 1);
	ck_assert_int_eq(o.sink.n_notes, 2);
}
END_TEST

START_TEST(of_many_addresses_none_names_the_server)
{
	t.n = 0;
	connect("(DESCRIPTION=(ADDRESS_LIST=(ADDRESS=(HOST=ora01.x.example)(PORT=1))(ADDRESS=(HOST="
	        "ora02.x.example)(PORT=1)))"
	        "(CONNECT_DATA=(SERVICE_NAME=A)))",
	        true);
	accept();
	run();
	ck_assert_int_eq(o.sink.n_notes, 1); /* the version */
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "A"));
}
END_TEST

START_TEST(what_is_behind_a_hosts_name_is_no_instance)
{
	t.n = 0;
	connect("(DESCRIPTION=(ADDRESS=(HOST=ora01.x.example\\zquillf)(PORT=1))(CONNECT_DATA=(SERVICE_NAME=A)))", true);
	accept();
	run();
	ck_assert_int_eq(o.sink.n_notes, 1); /* the version */
	ck_assert_ptr_nonnull(fake_entry(&o.sink, "A"));
}
END_TEST

/* An answer that sends the client to a port of this host. */
static void redirect(const char *host, const char *port)
{
	char text[128];
	struct said *s;
	int n = snprintf(text, sizeof text, "(ADDRESS=(PROTOCOL=tcp)(HOST=%s)(PORT=%s))", host,
	                 port);

	t.n = 0;
	connect("(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=PHARM)))", true);
	s = say(&t, SIDE_1);
	header(s, 5, (size_t)n + 2);
	put_be(s, (uint64_t)n, 2);
	put(s, text, (size_t)n);
	run();
}

START_TEST(a_redirection_to_the_same_host_is_announced)
{
	ck_assert(addr_parse("10.77.1.90", &flow.addr[1]));
	redirect("10.77.1.90", "49155");
	ck_assert_uint_eq(fake_noted(&o.sink, "expect", "tcp 10.77.1.90 49155"), 1);
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
	redirect("10.77.1.91", "49155");
	ck_assert_int_eq(o.sink.n_notes, 0);
	redirect("10.77.1.90", "4915500000000000000000");
	ck_assert_int_eq(o.sink.n_notes, 0);
	redirect("10.77.1.90", "70000");
	ck_assert_int_eq(o.sink.n_notes, 0);
}
END_TEST

START_TEST(a_service_called_like_the_user_is_not_named)
{
	t.n = 0;
	connect("(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=ZQUILLF)(CID=(PROGRAM=zquillf)(HOST=h)("
	        "USER=zquillf))))",
	        true);
	accept();
	run();
	ck_assert_int_eq(fake_entry(&o.sink, "TNS")->type, EVIDENCE_PROTOCOL);
	ck_assert_int_eq(o.sink.n_notes, 1);
}
END_TEST

START_TEST(brackets_without_end_are_bounded)
{
	char deep[1500];

	memset(deep, '(', sizeof deep);
	deep[sizeof deep - 1] = '\0';
	t.n = 0;
	connect(deep, true);
	accept();
	run();
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
	memset(deep, 'A', sizeof deep - 1);
	deep[0] = '(';
	t.n = 0;
	connect(deep, true);
	run();
	ck_assert_int_eq(fake_entry(&o.sink, "TNS")->type, EVIDENCE_PROTOCOL);
}
END_TEST

START_TEST(data_is_known_on_usual_ports_only_and_whole)
{
	static const uint8_t narrow[] = {0, 12, 0, 0, 6, 0, 0, 0, 0, 0, 3, 1},
	                     wide[] = {0, 0, 0, 12, 6, 0, 0, 0, 0, 0, 3, 1};
	struct dissect_flow usual = {.ip_protocol = IP_TCP, .port = {40000, 1521}};

	ck_assert_uint_eq(dissector_tns.recognise(cur_make(narrow, 12), SIDE_0, &usual), 1);
	ck_assert_uint_eq(dissector_tns.recognise(cur_make(wide, 12), SIDE_0, &usual), 1);
	ck_assert_uint_eq(dissector_tns.recognise(cur_make(narrow, 12), SIDE_0, &flow), 0);
	ck_assert_uint_eq(dissector_tns.recognise(cur_make(narrow, 11), SIDE_0, &usual), 0);
	t.n = 0;
	put(say(&t, SIDE_0), narrow, 12);
	talk_run(&dissector_tns, &t, 0, &usual, &o);
	ck_assert_int_eq(o.verdict, DISSECT_DONE);
	talk_is_counted(&t, &o);
}
END_TEST

START_TEST(a_connect_of_no_version_is_another_protocol)
{
	t.n = 0;
	connect("(X=1)", true);
	t.said[0].bytes[8] = 9;
	ck_assert(!talk_is_known(&dissector_tns, &t, &flow));
	t.said[0].bytes[8] = 1;
	t.said[0].bytes[58] = 'x';
	ck_assert(!talk_is_known(&dissector_tns, &t, &flow));
	t.said[0].bytes[58] = '(';
	t.said[0].bytes[7] = 1;
	ck_assert(!talk_is_known(&dissector_tns, &t, &flow));
}
END_TEST

UNIT_MAIN("dissect_tns", a_descriptor_names_service_server_and_program_and_nobody,
          one_that_has_to_be_said_again_counts_once, of_many_addresses_none_names_the_server,
          what_is_behind_a_hosts_name_is_no_instance,
          a_redirection_to_the_same_host_is_announced, a_service_called_like_the_user_is_not_named,
          brackets_without_end_are_bounded, data_is_known_on_usual_ports_only_and_whole,
          a_connect_of_no_version_is_another_protocol)
