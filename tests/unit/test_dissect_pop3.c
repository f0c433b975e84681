#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_pop3;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 110}};
static const struct dissect_flow elsewhere = {.ip_protocol = IP_TCP, .port = {40000, 9999}};

static size_t look(const char *text, enum side side, const struct dissect_flow *f)
{
	return dissector_pop3.recognise(cur_make(text, strlen(text)), side, f);
}

START_TEST(pop3_is_known_by_its_words_or_its_port)
{
	ck_assert_uint_eq(look("+OK POP3 ready\r\n", SIDE_1, &elsewhere), 1);
	ck_assert_uint_eq(look("+OK\r\n", SIDE_1, &elsewhere), 0); /* Redis */
	ck_assert_uint_eq(look("+OK\r\n", SIDE_1, &flow), 1);
	ck_assert_uint_eq(look("USER zquillf\r\n", SIDE_0, &flow), 1);
	ck_assert_uint_eq(look("USER zquillf\r\n", SIDE_0, &elsewhere), 0); /* FTP */
	ck_assert_uint_eq(look("CAPA\r\n", SIDE_0, &elsewhere), 1);
	ck_assert_uint_eq(look("STLS", SIDE_0, &elsewhere), 0);
}
END_TEST

START_TEST(retrieved_mails_are_counted_however_the_stream_is_cut)
{
	static const char *const session[] = {
	        "",
	        "+OK POP3 <4711@mail.trust.example>\r\n",
	        "CAPA\r\n",
	        "+OK\r\nSTLS\r\n.\r\n",
	        "USER zquillf\r\n",
	        "+OK\r\n",
	        "PASS Plum\r\n",
	        "+OK\r\n",
	        "LIST\r\nUIDL 1\r\nRETR 1\r\nRETR 2\r\nTOP 3 0\r\nRETR 9\r\nQUIT\r\n",
	        "+OK\r\n1 5\r\n-ERR inside\r\n.\r\n+OK 1 x\r\n+OK mail\r\nSubject: "
	        "x\r\n+OK\r\n..\r\n.\r\n"
	        "+OK\r\n.\r\n+OK\r\nSubject: y\r\n.\r\n-ERR none\r\n+OK bye\r\n",
	        NULL};
	enum dissect_verdict verdict;

	for (size_t piece = 0; piece < 6; piece++) {
		struct sink *s = fake_talk(&dissector_pop3, &flow, session, piece, &verdict);

		ck_assert_int_eq(verdict, DISSECT_FOLLOW);
		ck_assert_int_eq(s->n_entries, 1);
		ck_assert_uint_eq(s->entries[0].messages, 2);
		ck_assert_int_eq(s->entries[0].direction, INFO_S2C);
		ck_assert_int_eq(s->entries[0].side, SIDE_0);
		ck_assert_uint_eq(fake_noted(s, "fact", "POP3 USER"), 1);
		ck_assert_uint_eq(fake_noted(s, "name", "mail.trust.example"), 1);
		ck_assert_int_eq(s->n_notes, 2);
	}
}
END_TEST

START_TEST(tls_begins_when_it_was_accepted)
{
	static const char *const yes[] = {"CAPA\r\nSTLS\r\n", "+OK\r\nSTLS\r\n.\r\n+OK go\r\n",
	                                  NULL};
	static const char *const no[] = {"STLS\r\n", "-ERR no\r\n", NULL};
	enum dissect_verdict verdict;

	fake_talk(&dissector_pop3, &flow, yes, 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_TLS);
	fake_talk(&dissector_pop3, &flow, no, 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_FOLLOW);
}
END_TEST

START_TEST(authentication_is_noted_by_its_mechanism)
{
	static const char *const asked[] = {"CAPA\r\nAUTH PLAIN\r\n", "-ERR\r\n+ \r\n",
	                                    "AHpxdWlsbGY=\r\n", "+OK\r\n", NULL};
	static const char *const initial[] = {"AUTH PLAIN AHpxdWlsbGY=\r\n", "+OK\r\n", NULL};
	static const char *const apop[] = {"APOP zquillf c4c9334bac560ecc979e58001b3e22fb\r\n",
	                                   "+OK\r\n", NULL};
	enum dissect_verdict verdict;

	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_pop3, &flow, asked, 1, &verdict), "fact",
	                             "POP3 AUTH PLAIN"),
	                  1);
	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_pop3, &flow, initial, 1, &verdict),
	                             "fact", "POP3 AUTH PLAIN"),
	                  1);
	ck_assert_int_eq(fake_talk(&dissector_pop3, &flow, apop, 1, &verdict)->n_notes, 0);
}
END_TEST

START_TEST(what_only_answers_like_pop3_is_released)
{
	static const char *const turns[] = {"", "+OK\r\n", "*1\r\n$4\r\nPING\r\n", NULL};
	enum dissect_verdict verdict;

	fake_talk(&dissector_pop3, &flow, turns, 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_RELEASE);
}
END_TEST

START_TEST(a_hole_in_a_mail_ends_with_the_mail)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink s;

	fake_sink_init(&s);
	fake_feed(&dissector_pop3, state, &s, SIDE_0, "RETR 1\r\n", 8, 0, &flow);
	fake_feed(&dissector_pop3, state, &s, SIDE_1, "+OK\r\nab", 7, 0, &flow);
	dissector_pop3.dissect(state, SIDE_1, cur_make("+OK\r\n.\r\n", 8), 3000, &flow, &s);
	fake_feed(&dissector_pop3, state, &s, SIDE_0, "RETR 2\r\n", 8, 0, &flow);
	fake_feed(&dissector_pop3, state, &s, SIDE_1, "+OK\r\nab\r\n.\r\n", 12, 0, &flow);
	ck_assert_uint_eq(s.entries[0].messages, 2);
	ck_assert_uint_eq(s.total[1], 27);
}
END_TEST

START_TEST(only_a_greeting_names_the_server)
{
	static const char *const middle[] = {
	        "", "+OK zebedee.quillf's maildrop locked and ready\r\n", NULL};
	static const char *const asked[] = {"PASS Plum-Kettle-77\r\n",
	                                    "+OK done\r\n+OK zebedee.quillf ready\r\n", NULL};
	static const char *const plain[] = {"", "+OK zebedee.quillf has 2 messages\r\n", NULL};
	static const char *const stamp[] = {"", "+OK zebedee.quillf <1.2@mail.trust.example>\r\n",
	                                    NULL};
	enum dissect_verdict verdict;

	ck_assert_int_eq(fake_talk(&dissector_pop3, &flow, middle, 0, &verdict)->n_notes, 0);
	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_pop3, &flow, asked, 0, &verdict), "name",
	                             "zebedee.quillf"),
	                  0);
	ck_assert_int_eq(fake_talk(&dissector_pop3, &flow, plain, 0, &verdict)->n_notes, 0);
	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_pop3, &flow, stamp, 0, &verdict), "name",
	                             "mail.trust.example"),
	                  1);
	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_pop3, &flow, stamp, 0, &verdict), "name",
	                             "zebedee.quillf"),
	                  0);
}
END_TEST

UNIT_MAIN("dissect_pop3", pop3_is_known_by_its_words_or_its_port,
          retrieved_mails_are_counted_however_the_stream_is_cut, tls_begins_when_it_was_accepted,
          authentication_is_noted_by_its_mechanism, what_only_answers_like_pop3_is_released,
          a_hole_in_a_mail_ends_with_the_mail, only_a_greeting_names_the_server)
