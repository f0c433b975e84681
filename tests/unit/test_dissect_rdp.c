/* The RDP dissector: which security was agreed, and nothing of who asked. */
#include "turns.h"

extern const struct dissector dissector_rdp;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, 3389}};

#define COOKIE "\x03\0\0\x2c\x27\xe0\0\0\0\0\0Cookie: mstshash=zquillf\r\n\x01\0\x08\0\x0b\0\0\0"
#define CONFIRM(type, value) "\x03\0\0\x13\x0e\xd0\0\0\x12\x34\0" type "\x1f\x08\0" value "\0\0\0"
#define BARE "\x03\0\0\x0b\x06\xe0\0\0\0\0\0"
#define BARE_CONFIRM "\x03\0\0\x0b\x06\xd0\0\0\x12\x34\0"

static enum dissect_verdict agree(const char *confirm, size_t len, const char *security)
{
	struct turn turns[] = {C(COOKIE), {SIDE_1, confirm, len}};
	struct sink sink;
	enum dissect_verdict verdict = TALK(&dissector_rdp, &flow, &sink, turns);

	ck_assert_uint_eq(fake_noted(&sink, "fact", security), 1);
	ck_assert_msg(sink.n_notes == 1 && sink.n_entries == 0, "the cookie is not for us");
	ck_assert_int_eq(sink.client, SIDE_0);
	return verdict;
}

#define AGREE(confirm, security) agree(confirm, sizeof(confirm) - 1, security)

START_TEST(the_security_agreed_is_told_and_tls_handed_over)
{
	ck_assert_int_eq(AGREE(CONFIRM("\x02", "\x01"), "TLS"), DISSECT_TLS);
	ck_assert_int_eq(AGREE(CONFIRM("\x02", "\x02"), "NLA"), DISSECT_TLS);
	ck_assert_int_eq(AGREE(CONFIRM("\x02", "\x08"), "NLA"), DISSECT_TLS);
	ck_assert_int_eq(AGREE(CONFIRM("\x02", "\0"), "standard"), DISSECT_DONE);
	ck_assert_int_eq(AGREE(BARE_CONFIRM, "standard"), DISSECT_DONE);
	ck_assert_int_eq(AGREE(CONFIRM("\x03", "\x05"), "refused"), DISSECT_DONE);
}
END_TEST

START_TEST(an_answer_that_is_no_confirm_is_let_go)
{
	static const struct turn turns[] = {C(BARE), S("HTTP/1.1 400 Bad Request\r\n")};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_rdp, &flow, &sink, turns), DISSECT_RELEASE);
}
END_TEST

START_TEST(requests_of_others_in_the_same_framing_are_not_recognised)
{
	struct dissect_flow other = flow;

	other.port[1] = 102;
	ck_assert_uint_eq(KNOWS(&dissector_rdp, SIDE_0, COOKIE, &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_rdp, SIDE_0, "\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0", &other), 1);
	ck_assert_uint_eq(KNOWS(&dissector_rdp, SIDE_0, BARE, &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_rdp, SIDE_0, BARE, &flow), 1);
	ck_assert_uint_eq(KNOWS(&dissector_rdp, SIDE_0, "\x03\0\0\x16\x11\xe0\0\0\0\1\0\xc0\1\x0a\xc1\2\1\0\xc2\2\1\2", &other), 0);
	ck_assert_uint_eq(KNOWS(&dissector_rdp, SIDE_0, "\x03\0\0\x0b\x07\xe0\0\0\0\0\0", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_rdp, SIDE_0, "\x03\0\0", &flow), 0);
}
END_TEST

UNIT_MAIN("dissect_rdp", the_security_agreed_is_told_and_tls_handed_over, an_answer_that_is_no_confirm_is_let_go,
          requests_of_others_in_the_same_framing_are_not_recognised)
