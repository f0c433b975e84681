#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_smtp;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 25}};
static const struct dissect_flow elsewhere = {.ip_protocol = IP_TCP, .port = {40000, 2121}};

static size_t look(const char *text, enum side side, const struct dissect_flow *f)
{
	return dissector_smtp.recognise(cur_make(text, strlen(text)), side, f);
}

START_TEST(a_greeting_is_known_by_its_words_or_its_port)
{
	ck_assert_uint_eq(look("220 mx.trust.example ESMTP ready\r\n", SIDE_1, &elsewhere), 1);
	ck_assert_uint_eq(look("220 mx.trust.example ready\r\n", SIDE_1, &flow), 1);
	ck_assert_uint_eq(look("220 ftp.trust.example ready\r\n", SIDE_1, &elsewhere), 0);
	ck_assert_uint_eq(look("250 2.0.0 Ok\r\n", SIDE_1, &flow), 1);
	ck_assert_uint_eq(look("250 2.0.0 Ok\r\n", SIDE_0, &flow), 0);
	ck_assert_uint_eq(look("2200 x\r\n", SIDE_1, &flow), 0);
}
END_TEST

START_TEST(a_client_is_known_by_what_no_other_protocol_says)
{
	ck_assert_uint_eq(look("EHLO pas.trust.example\r\n", SIDE_0, &elsewhere), 1);
	ck_assert_uint_eq(look("helo [10.77.1.10]\r\n", SIDE_0, &elsewhere), 1);
	ck_assert_uint_eq(look("MAIL FROM:<a@b.example>\r\n", SIDE_0, &elsewhere), 1);
	ck_assert_uint_eq(look("USER zquillf\r\n", SIDE_0, &flow), 0);
	ck_assert_uint_eq(look("EHLO \1\2\r\n", SIDE_0, &elsewhere), 0);
	ck_assert_uint_eq(look("EHLO pas.trust.example", SIDE_0, &elsewhere), 0);
}
END_TEST

static const char *const mail[] = {
        "",
        "220 mx.trust.example ESMTP\r\n",
        "EHLO pas.trust.example\r\n",
        "250-mx.trust.example at your service\r\n250 PIPELINING\r\n",
        "MAIL FROM:<zebedee@trust.example>\r\nRCPT TO:<no@refused.example>\r\nRCPT "
        "TO:<zebedee@NHS.net>\r\n"
        "RCPT TO:<\"a>b@c.example\"@other.example> ORCPT=rfc822;x@y.example\r\nDATA\r\n",
        "250 ok\r\n550 no\r\n250 ok\r\n250 ok\r\n354 go on\r\n",
        "Subject: QUILLFEATHER\r\n\r\n..\r\nRCPT TO:<x@body.example>\r\n.x\r\n.\r\n",
        "250 taken\r\n",
        "QUIT\r\n",
        "221 bye\r\n",
        NULL};

START_TEST(an_accepted_mail_is_counted_once_however_the_stream_is_cut)
{
	static const size_t pieces[] = {0, 1, 2, 3, 11};
	enum dissect_verdict verdict;

	for (size_t i = 0; i < 5; i++) {
		struct sink *s = fake_talk(&dissector_smtp, &flow, mail, pieces[i], &verdict);

		ck_assert_int_eq(verdict, DISSECT_FOLLOW);
		ck_assert_int_eq(s->n_entries, 2);
		ck_assert_uint_eq(fake_entry(s, "nhs.net")->messages, 1);
		ck_assert_int_eq(fake_entry(s, "nhs.net")->type, EVIDENCE_MAIL_DOMAIN);
		ck_assert_int_eq(fake_entry(s, "nhs.net")->side, SIDE_0);
		ck_assert_int_eq(fake_entry(s, "nhs.net")->direction, INFO_C2S);
		ck_assert_uint_eq(fake_entry(s, "other.example")->messages, 0);
		ck_assert_uint_eq(fake_entry(s, "nhs.net")->bytes[0],
		                  strlen(mail[2]) + strlen(mail[4]) + strlen(mail[6]) +
		                          strlen(mail[8]));
		ck_assert_uint_eq(s->pending[0] + s->pending[1], 0);
		ck_assert_uint_eq(fake_noted(s, "name", "pas.trust.example"), 1);
		ck_assert_uint_eq(fake_noted(s, "name", "mx.trust.example"), 2);
		ck_assert_int_eq(s->n_notes, 2);
		ck_assert_int_eq(s->client, SIDE_0);
	}
}
END_TEST

START_TEST(a_refused_mail_is_none)
{
	static const char *const turns[] = {
	        "EHLO a.example\r\n",
	        "250 x\r\n",
	        "MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n",
	        "250 ok\r\n550 no\r\n503 no\r\n",
	        "QUIT\r\n",
	        "221 bye\r\n",
	        NULL};
	static const char *const late[] = {
	        "EHLO a.example\r\n",
	        "250 x\r\n",
	        "MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n",
	        "250 ok\r\n250 ok\r\n354 go\r\n",
	        "spam\r\n.\r\n",
	        "554 no\r\n",
	        NULL};
	enum dissect_verdict verdict;

	ck_assert_int_eq(fake_talk(&dissector_smtp, &flow, turns, 0, &verdict)->n_entries, 0);
	ck_assert_uint_eq(
	        fake_entry(fake_talk(&dissector_smtp, &flow, late, 1, &verdict), "b.example")
	                ->messages,
	        0);
}
END_TEST

START_TEST(chunks_are_passed_over_by_length)
{
	static const char *const turns[] = {
	        "EHLO a.example\r\n",
	        "250 CHUNKING\r\n",
	        "MAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nBDAT 14\r\nRCPT "
	        "TO:<x@y>\nBDAT 3 LAST\r\n.\r\n",
	        "250 ok\r\n250 ok\r\n250 ok\r\n250 taken\r\n",
	        "RSET\r\n",
	        "250 ok\r\n",
	        NULL};
	enum dissect_verdict verdict;

	for (size_t piece = 0; piece < 4; piece++) {
		struct sink *s = fake_talk(&dissector_smtp, &flow, turns, piece, &verdict);

		ck_assert_int_eq(s->n_entries, 1);
		ck_assert_uint_eq(fake_entry(s, "b.example")->messages, 1);
	}
}
END_TEST

START_TEST(tls_begins_when_it_was_accepted_and_not_before)
{
	static const char *const yes[] = {"EHLO a.example\r\n", "250 STARTTLS\r\n", "STARTTLS\r\n",
	                                  "220 go\r\n", NULL};
	static const char *const no[] = {"EHLO a.example\r\n", "250 STARTTLS\r\n", "STARTTLS\r\n",
	                                 "454 no\r\n",         "QUIT\r\n",         NULL};
	static const char *const unheard[] = {"EHLO a.example\r\nSTARTTLS\r\n", "", "\x16\3\1",
	                                      NULL};
	enum dissect_verdict verdict;

	ck_assert_int_eq(fake_talk(&dissector_smtp, &flow, yes, 1, &verdict)->n_entries, 0);
	ck_assert_int_eq(verdict, DISSECT_TLS);
	fake_talk(&dissector_smtp, &flow, no, 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_FOLLOW);
	fake_talk(&dissector_smtp, &flow, unheard, 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_TLS);
}
END_TEST

START_TEST(a_sign_in_is_noted_by_its_mechanism_alone)
{
	static const char *const login[] = {"EHLO a.example\r\n",
	                                    "250 AUTH LOGIN\r\n",
	                                    "AUTH LOGIN\r\n",
	                                    "334 VXN\r\n",
	                                    "enF1aWxsZg==\r\n",
	                                    "334 UGF\r\n",
	                                    "UGx1bQ==\r\n",
	                                    "235 ok\r\n",
	                                    "MAIL FROM:<a@b.c>\r\n",
	                                    "250 ok\r\n",
	                                    NULL};
	static const char *const plain[] = {"EHLO a.example\r\n", "250 AUTH PLAIN\r\n",
	                                    "AUTH PLAIN AHpxdQ==\r\n", "235 ok\r\n", NULL};
	static const char *const refused[] = {"EHLO a.example\r\n", "250 x\r\n", "AUTH LOGIN\r\n",
	                                      "530 TLS first\r\n",  "QUIT\r\n",  NULL};
	enum dissect_verdict verdict;

	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_smtp, &flow, login, 2, &verdict), "fact",
	                             "SMTP AUTH LOGIN"),
	                  1);
	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_smtp, &flow, plain, 2, &verdict), "fact",
	                             "SMTP AUTH PLAIN"),
	                  1);
	ck_assert_int_eq(fake_talk(&dissector_smtp, &flow, refused, 2, &verdict)->n_notes,
	                 1); /* its name */
}
END_TEST

START_TEST(a_client_alone_is_believed)
{
	static const char *const turns[] = {
	        "EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n"
	        "body\r\n.\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<c@c.example>\r\nDATA\r\n"
	        "body\r\n.\r\nQUIT\r\n",
	        NULL};
	enum dissect_verdict verdict;
	struct sink *s = fake_talk(&dissector_smtp, &flow, turns, 1, &verdict);

	ck_assert_uint_eq(fake_entry(s, "b.example")->messages, 1);
	ck_assert_uint_eq(fake_entry(s, "c.example")->messages, 1);
}
END_TEST

START_TEST(what_greets_like_smtp_and_is_none_is_released)
{
	static const char *const turns[] = {"", "220 ready\r\n", "USER zquillf\r\n", "331 x\r\n",
	                                    NULL};
	enum dissect_verdict verdict;

	fake_talk(&dissector_smtp, &flow, turns, 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_RELEASE);
}
END_TEST

START_TEST(the_reply_may_come_before_the_end_of_a_body_with_a_hole)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink s;
	const char *start =
	        "EHLO a.example\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<b@b.example>\r\nDATA\r\n";

	fake_sink_init(&s);
	fake_feed(&dissector_smtp, state, &s, SIDE_0, start, strlen(start), 0, &flow);
	fake_feed(&dissector_smtp, state, &s, SIDE_1, "250 x\r\n250 x\r\n250 x\r\n354 x\r\n", 28, 0,
	          &flow);
	dissector_smtp.dissect(state, SIDE_0, cur_make("and more", 8), 5000, &flow, &s);
	fake_feed(&dissector_smtp, state, &s, SIDE_1, "250 taken\r\n", 11, 0, &flow);
	ck_assert_uint_eq(fake_entry(&s, "b.example")->messages, 1);
	start = "t\r\n.\r\nMAIL FROM:<a@a.example>\r\nRCPT TO:<c@c.example>\r\nDATA\r\nx\r\n.\r\n";
	fake_feed(&dissector_smtp, state, &s, SIDE_0, start, strlen(start), 0, &flow);
	fake_feed(&dissector_smtp, state, &s, SIDE_1, "250 x\r\n250 x\r\n354 x\r\n250 x\r\n", 28, 0,
	          &flow);
	ck_assert_uint_eq(fake_entry(&s, "c.example")->messages, 1);
}
END_TEST

START_TEST(a_line_without_end_takes_no_room)
{
	static char line[100000];
	const char *turns[] = {"EHLO a.example\r\n", "250 x\r\n", line, "500 x\r\n", NULL};
	enum dissect_verdict verdict;

	memset(line, 'A', sizeof line - 1);
	memcpy(line, "RCPT TO:<", 9);
	ck_assert_int_eq(fake_talk(&dissector_smtp, &flow, turns, 7, &verdict)->n_entries, 0);
	ck_assert_int_eq(verdict, DISSECT_FOLLOW);
}
END_TEST

UNIT_MAIN("dissect_smtp", a_greeting_is_known_by_its_words_or_its_port,
          a_client_is_known_by_what_no_other_protocol_says,
          an_accepted_mail_is_counted_once_however_the_stream_is_cut, a_refused_mail_is_none,
          chunks_are_passed_over_by_length, tls_begins_when_it_was_accepted_and_not_before,
          a_sign_in_is_noted_by_its_mechanism_alone, a_client_alone_is_believed,
          what_greets_like_smtp_and_is_none_is_released,
          the_reply_may_come_before_the_end_of_a_body_with_a_hole, a_line_without_end_takes_no_room)
