/* The VNC dissector: versions and the security that was chosen. */
#include "turns.h"

extern const struct dissector dissector_vnc;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, 5900}};

#define V38 "RFB 003.008\n"
#define V33 "RFB 003.003\n"

static void chooses(const struct turn *turns, size_t n, enum dissect_verdict verdict, const char *security)
{
	struct sink sink;

	ck_assert_int_eq(talk_all(&dissector_vnc, &flow, &sink, turns, n), verdict);
	ck_assert_msg(fake_noted(&sink, "fact", security) == 1, "%s", security);
	ck_assert_int_eq(sink.client, SIDE_0);
}

START_TEST(the_client_chooses_from_what_is_offered)
{
	static const struct turn vnc[] = {S(V38), C(V38), S("\x02\x01\x02"), C("\x02"), S("challenge")};
	static const struct turn none[] = {S("RFB 003.889\n"), C("RFB 003.007\n"), S("\x01\x01"), C("\x01")};
	static const struct turn tls[] = {S(V38), C(V38), S("\x01\x12"), C("\x12")};
	static const struct turn other[] = {S(V38), C(V38), S("\x01\x1e"), C("\x1e")};

	chooses(vnc, 5, DISSECT_DONE, "VNC");
	chooses(none, 4, DISSECT_DONE, "none");
	chooses(tls, 4, DISSECT_TLS, "TLS");
	chooses(other, 4, DISSECT_DONE, "other");
}
END_TEST

START_TEST(in_the_oldest_version_the_server_decides)
{
	static const struct turn turns[] = {S(V38), C(V33), S("\0\0\0\1")};

	chooses(turns, 3, DISSECT_DONE, "none");
}
END_TEST

START_TEST(vencrypt_is_encrypted_unless_it_is_plain)
{
	static const struct turn x509[] = {S(V38), C(V38), S("\x01\x13"), C("\x13"), S("\0\2"), C("\0\2"),
	                                   S("\0\1\0\0\1\4"), C("\0\0\1\4")};
	static const struct turn plain[] = {S(V38), C(V38), S("\x01\x13"), C("\x13"), S("\0\2"), C("\0\2"),
	                                    S("\0\1\0\0\1\0"), C("\0\0\1\0")};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_vnc, &flow, &sink, x509), DISSECT_DONE);
	ck_assert(strcmp(sink.protocol, "VNC+TLS") == 0 && sink.encryption == ENCRYPTED_YES);
	ck_assert_int_eq(TALK(&dissector_vnc, &flow, &sink, plain), DISSECT_DONE);
	ck_assert(sink.encryption == -1 && fake_noted(&sink, "fact", "VNC plain") == 1);
}
END_TEST

START_TEST(a_refusal_and_another_protocol_end_it)
{
	static const struct turn refused[] = {S(V38), C(V38), S("\0\0\0\0\x0dquillfeather!")};
	static const struct turn wrong[] = {S(V38), C("GET / HTTP/1.1\r\n\r\n")};
	struct sink sink;

	ck_assert_int_eq(TALK(&dissector_vnc, &flow, &sink, refused), DISSECT_DONE);
	ck_assert_int_eq(TALK(&dissector_vnc, &flow, &sink, wrong), DISSECT_RELEASE);
	ck_assert_uint_eq(KNOWS(&dissector_vnc, SIDE_1, V38, &flow), 1);
	ck_assert_uint_eq(KNOWS(&dissector_vnc, SIDE_1, "RFB 003.00", &flow), 0);
	ck_assert_uint_eq(KNOWS(&dissector_vnc, SIDE_1, "RFB 00x.008\n", &flow), 0);
}
END_TEST

UNIT_MAIN("dissect_vnc", the_client_chooses_from_what_is_offered, in_the_oldest_version_the_server_decides,
          vencrypt_is_encrypted_unless_it_is_plain, a_refusal_and_another_protocol_end_it)
