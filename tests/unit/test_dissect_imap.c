#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_imap;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 143}};
static const struct dissect_flow elsewhere = {.ip_protocol = IP_TCP, .port = {40000, 9999}};

static size_t look(const char *text, enum side side, const struct dissect_flow *f)
{
	return dissector_imap.recognise(cur_make(text, strlen(text)), side, f);
}

START_TEST(a_server_is_known_by_its_words_or_its_port)
{
	ck_assert_uint_eq(look("* OK mail.trust.example IMAP4rev1 ready\r\n", SIDE_1, &elsewhere),
	                  1);
	ck_assert_uint_eq(look("* OK ready\r\n", SIDE_1, &flow), 1);
	ck_assert_uint_eq(look("* OK ready\r\n", SIDE_1, &elsewhere), 0);
	ck_assert_uint_eq(look("* 12 FETCH (FLAGS (\\Seen))\r\n", SIDE_1, &elsewhere), 1);
	ck_assert_uint_eq(look("* a point of a list\r\n", SIDE_1, &flow), 0);
	ck_assert_uint_eq(look("+OK ready\r\n", SIDE_1, &flow), 0);
}
END_TEST

START_TEST(a_client_is_known_by_its_port_or_by_words_of_its_own)
{
	ck_assert_uint_eq(look("a1 CAPABILITY\r\n", SIDE_0, &elsewhere), 1);
	ck_assert_uint_eq(look("a1 LOGIN x y\r\n", SIDE_0, &elsewhere), 0);
	ck_assert_uint_eq(look("a1 LOGIN x y\r\n", SIDE_0, &flow), 1);
	ck_assert_uint_eq(look("GET / HTTP/1.1\r\n", SIDE_0, &flow), 0);
	ck_assert_uint_eq(look("a1 CAPABILITY", SIDE_0, &flow), 0);
}
END_TEST

static const char *const session[] = {"",
                                      "* OK mail.trust.example IMAP4rev1 ready\r\n",
                                      "a LOGIN {7}\r\n",
                                      "+ go\r\n",
                                      "zquillf {4}\r\n",
                                      "+ go\r\n",
                                      "Plum\r\n",
                                      "a OK\r\n",
                                      "b SELECT Zebedee\r\nc FETCH 1:2 (FLAGS BODY[])\r\n",
                                      "* 2 EXISTS\r\nb OK\r\n* 1 FETCH (BODY[HEADER] {16}\r\n* 9 "
                                      "FETCH (X {9}\r BODY[TEXT] {2}\r\nhi FLAGS ())\r\n"
                                      "* 2 FETCH (FLAGS (\\Seen))\r\nc OK\r\n",
                                      "d APPEND Sent (\\Seen) {5+}\r\nhello\r\ne LOGOUT\r\n",
                                      "d OK\r\n* BYE\r\ne OK\r\n",
                                      NULL};

START_TEST(mails_are_counted_by_their_way_however_the_stream_is_cut)
{
	enum dissect_verdict verdict;

	for (size_t piece = 0; piece < 6; piece++) {
		struct sink *s = fake_talk(&dissector_imap, &flow, session, piece, &verdict);

		ck_assert_int_eq(verdict, DISSECT_FOLLOW);
		ck_assert_int_eq(s->n_entries, 2);
		ck_assert_int_eq(s->entries[0].direction, INFO_S2C);
		ck_assert_int_eq(s->entries[0].side, SIDE_0);
		ck_assert_uint_eq(s->entries[0].messages, 1);
		ck_assert_int_eq(s->entries[1].direction, INFO_C2S);
		ck_assert_uint_eq(s->entries[1].messages, 1);
		ck_assert_uint_eq(fake_noted(s, "fact", "IMAP LOGIN"), 1);
		ck_assert_uint_eq(fake_noted(s, "name", "mail.trust.example"), 1);
		ck_assert_int_eq(s->n_notes, 2);
		ck_assert_int_eq(s->client, SIDE_0);
	}
}
END_TEST

START_TEST(tls_begins_with_the_ok_of_its_own_tag)
{
	static const char *const yes[] = {"x1 STARTTLS\r\n", "* OK y\r\nx2 OK\r\nx1 OK\r\n", NULL};
	static const char *const no[] = {"x1 STARTTLS\r\n", "x1 NO\r\n", NULL};
	enum dissect_verdict verdict;

	for (size_t piece = 0; piece < 3; piece++) {
		ck_assert_int_eq(fake_talk(&dissector_imap, &flow, yes, piece, &verdict)->n_entries,
		                 0);
		ck_assert_int_eq(verdict, DISSECT_TLS);
		fake_talk(&dissector_imap, &flow, no, piece, &verdict);
		ck_assert_int_eq(verdict, DISSECT_FOLLOW);
	}
}
END_TEST

START_TEST(compression_ends_what_can_be_read)
{
	static const char *const turns[] = {"x COMPRESS DEFLATE\r\n", "x OK\r\n", NULL};
	enum dissect_verdict verdict;

	fake_talk(&dissector_imap, &flow, turns, 0, &verdict);
	ck_assert_int_eq(verdict, DISSECT_DONE);
}
END_TEST

START_TEST(a_refused_literal_does_not_come)
{
	static const char *const turns[] = {"a APPEND Sent {500}\r\n", "a NO\r\n", "b STARTTLS\r\n",
	                                    "b OK\r\n", NULL};
	enum dissect_verdict verdict;

	fake_talk(&dissector_imap, &flow, turns, 1, &verdict);
	ck_assert_int_eq(verdict, DISSECT_TLS);
}
END_TEST

START_TEST(authentication_is_noted_when_the_server_asks_for_more)
{
	static const char *const asked[] = {"a AUTHENTICATE PLAIN\r\n", "+ \r\n",
	                                    "AHpxdWlsbGY=\r\n", "a OK\r\n", NULL};
	static const char *const initial[] = {"a AUTHENTICATE LOGIN AHpx\r\n", "a OK\r\n", NULL};
	static const char *const refused[] = {"a AUTHENTICATE PLAIN\r\n",
	                                      "a NO [PRIVACYREQUIRED]\r\n", NULL};
	enum dissect_verdict verdict;

	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_imap, &flow, asked, 1, &verdict), "fact",
	                             "IMAP AUTHENTICATE PLAIN"),
	                  1);
	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_imap, &flow, initial, 1, &verdict),
	                             "fact", "IMAP AUTHENTICATE LOGIN"),
	                  1);
	ck_assert_int_eq(fake_talk(&dissector_imap, &flow, refused, 1, &verdict)->n_notes, 0);
}
END_TEST

START_TEST(a_hole_within_a_mail_is_crossed)
{
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink s;

	fake_sink_init(&s);
	fake_feed(&dissector_imap, state, &s, SIDE_1, "* 1 FETCH (BODY[] {100}\r\nab", 27, 0,
	          &flow);
	dissector_imap.dissect(state, SIDE_1, cur_make("x)\r\n* 2 FETCH (BODY[] {2}\r\n", 27), 97,
	                       &flow, &s);
	ck_assert_uint_eq(s.entries[0].messages, 2);
	dissector_imap.dissect(state, SIDE_1, cur_make("OCH (\r\n* 3 FETCH (BODY[] {2}\r\n", 30),
	                       500, &flow, &s);
	ck_assert_uint_eq(s.entries[0].messages, 3);
}
END_TEST

START_TEST(a_literal_of_any_size_is_no_trouble)
{
	static const char *const turns[] = {"a APPEND x {99999999999999999999}\r\n", "",
	                                    "b STARTTLS\r\n", "b OK\r\n", NULL};
	enum dissect_verdict verdict;

	fake_talk(&dissector_imap, &flow, turns, 1, &verdict);
	ck_assert_int_eq(verdict,
	                 DISSECT_TLS); /* none of that length: the line is as if it had none */
}
END_TEST

START_TEST(only_a_greeting_names_the_server)
{
	static const char *const middle[] = {"", "* OK [ALERT] zebedee.quillf is nearly full\r\n",
	                                     NULL};
	static const char *const asked[] = {"a1 NOOP\r\n", "* OK zebedee.quillf ready\r\n", NULL};
	static const char *const greeting[] = {"", "* OK mail.trust.example Cyrus IMAP ready\r\n",
	                                       NULL};
	enum dissect_verdict verdict;

	ck_assert_int_eq(fake_talk(&dissector_imap, &flow, middle, 0, &verdict)->n_notes, 0);
	ck_assert_int_eq(fake_talk(&dissector_imap, &flow, asked, 0, &verdict)->n_notes, 0);
	ck_assert_uint_eq(fake_noted(fake_talk(&dissector_imap, &flow, greeting, 0, &verdict),
	                             "name", "mail.trust.example"),
	                  1);
}
END_TEST

UNIT_MAIN("dissect_imap", a_server_is_known_by_its_words_or_its_port,
          a_client_is_known_by_its_port_or_by_words_of_its_own,
          mails_are_counted_by_their_way_however_the_stream_is_cut,
          tls_begins_with_the_ok_of_its_own_tag, compression_ends_what_can_be_read,
          a_refused_literal_does_not_come, authentication_is_noted_when_the_server_asks_for_more,
          a_hole_within_a_mail_is_crossed, a_literal_of_any_size_is_no_trouble,
          only_a_greeting_names_the_server)
