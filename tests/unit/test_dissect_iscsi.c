/* The iSCSI dissector: names at login, reads and writes by header, data skipped by length. */
#include "turns.h"

#include <stdio.h>

extern const struct dissector dissector_iscsi;

static const struct dissect_flow flow = {.ip_protocol = IP_TCP, .client_is_certain = true, .port = {40000, 3260}};

#define TARGET "iqn.2026-11.example.trust:backup"

/* A stream that is being written. */
struct stream {
	char bytes[8192];
	size_t len;
};

static void pdu(struct stream *s, uint8_t opcode, uint8_t flags, uint8_t command, const char *data, size_t len,
                unsigned digests)
{
	char *p = s->bytes + s->len;

	memset(p, 0, 48);
	p[0] = (char)opcode;
	p[1] = (char)flags;
	p[6] = (char)(len >> 8);
	p[7] = (char)len;
	p[32] = (char)command;
	p += 48;
	if (digests > 0) {
		memcpy(p, "HDIG", 4);
		p += 4;
	}
	memcpy(p, data, len);
	memset(p + len, 0, 3);
	p += (len + 3) / 4 * 4;
	if (digests > 1 && len > 0) {
		memcpy(p, "DDIG", 4);
		p += 4;
	}
	s->len = (size_t)(p - s->bytes);
}

#define LOGIN_TEXT "InitiatorName=iqn.1991-05.com.microsoft:lims.trust.example\0TargetName=" TARGET "\0HeaderDigest=CRC32C,None\0"
#define ANSWER(digest) "TargetPortalGroupTag=1\0HeaderDigest=" digest "\0DataDigest=" digest "\0CHAP_N=zquillf\0"

static enum dissect_verdict play(struct sink *sink, const struct stream *login, const struct stream *answer,
                                 const struct stream *asked, const struct stream *told)
{
	struct turn turns[] = {
		{SIDE_0, login->bytes, login->len}, {SIDE_1, answer->bytes, answer->len}, {SIDE_0, asked->bytes, asked->len},
		{SIDE_1, told->bytes, told->len},
	};

	return TALK(&dissector_iscsi, &flow, sink, turns);
}

static void session(struct sink *sink, unsigned digests)
{
	struct stream login = {.len = 0}, answer = {.len = 0}, asked = {.len = 0}, told = {.len = 0};
	char block[512];

	memset(block, 'q', sizeof block);
	pdu(&login, 0x43, 0x87, 0, LOGIN_TEXT, sizeof(LOGIN_TEXT) - 1, 0);
	if (digests > 0) {
		pdu(&answer, 0x23, 0x87, 0, ANSWER("CRC32C"), sizeof(ANSWER("CRC32C")) - 1, 0);
	} else {
		pdu(&answer, 0x23, 0x87, 0, ANSWER("None"), sizeof(ANSWER("None")) - 1, 0);
	}
	pdu(&asked, 0x01, 0xc1, 0x12, "", 0, digests);           /* INQUIRY */
	pdu(&asked, 0x01, 0xc1, 0x28, "", 0, digests);           /* READ(10) */
	pdu(&asked, 0x01, 0xa1, 0x2a, block, 511, digests);      /* WRITE(10) with immediate data */
	pdu(&asked, 0x05, 0x80, 0, block, 512, digests);         /* Data-Out */
	pdu(&told, 0x25, 0x81, 0, block, 36, digests);
	pdu(&told, 0x25, 0x81, 0, block, 512, digests);
	pdu(&told, 0x31, 0x80, 0, "", 0, digests);
	pdu(&told, 0x21, 0x80, 0, "", 0, digests);
	ck_assert_int_eq(play(sink, &login, &answer, &asked, &told), DISSECT_FOLLOW);
}

START_TEST(reads_and_writes_go_their_way_with_their_data)
{
	for (unsigned digests = 0; digests <= 2; digests += 2) {
		struct sink sink;

		session(&sink, digests);
		ck_assert_int_eq(sink.n_entries, 2);
		const struct fake_entry *read = entry_of(&sink, INFO_S2C), *written = entry_of(&sink, INFO_C2S);
		ck_assert(read != NULL && strcmp(read->text, TARGET) == 0 && read->type == EVIDENCE_SHARE);
		ck_assert(written != NULL && written->side == SIDE_0 && written->messages == 0);
		ck_assert_uint_eq(written->bytes[0], 48u + 512 + 48 + 512 + (digests > 0 ? 16 : 0));
		ck_assert_uint_gt(read->bytes[1], 512);
	}
}
END_TEST

START_TEST(names_of_both_ends_are_facts_and_users_are_not)
{
	struct sink sink;

	session(&sink, 0);
	ck_assert_uint_eq(fake_noted(&sink, "fact", TARGET), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "iqn.1991-05.com.microsoft:lims.trust.example"), 1);
	ck_assert_int_eq(sink.n_notes, 2);
	ck_assert_int_eq(sink.client, SIDE_0);
}
END_TEST

START_TEST(a_name_has_a_grammar)
{
	static const char *const bad[] = {"iqn.26-11.x:y", "iqn.2026-11.", "iqn.2026-11.a b", "eui.0200", "naa.xyz", "zquillf"};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct stream login = {.len = 0}, none = {.len = 0};
		struct sink sink;
		char text[80];
		int len = snprintf(text, sizeof text, "TargetName=%s", bad[i]) + 1;

		pdu(&login, 0x43, 0x87, 0, text, (size_t)len, 0);
		play(&sink, &login, &none, &none, &none);
		ck_assert_int_eq(sink.n_notes, 0);
	}
}
END_TEST

START_TEST(a_hole_within_data_is_skipped_and_another_leaves_it_to_the_octets)
{
	struct stream login = {.len = 0}, answer = {.len = 0}, write = {.len = 0};
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;
	char block[512] = "";

	pdu(&login, 0x43, 0x87, 0, LOGIN_TEXT, sizeof(LOGIN_TEXT) - 1, 0);
	pdu(&answer, 0x23, 0x87, 0, ANSWER("None"), sizeof(ANSWER("None")) - 1, 0);
	pdu(&write, 0x01, 0xa1, 0x2a, block, 512, 0);
	fake_sink_init(&sink);
	fake_feed(&dissector_iscsi, state, &sink, SIDE_0, login.bytes, login.len, 0, &flow);
	fake_feed(&dissector_iscsi, state, &sink, SIDE_1, answer.bytes, answer.len, 0, &flow);
	fake_feed(&dissector_iscsi, state, &sink, SIDE_0, write.bytes, 100, 0, &flow);
	struct cursor rest = cur_make(write.bytes + 300, write.len - 300);
	ck_assert_int_eq(dissector_iscsi.dissect(state, SIDE_0, rest, 200, &flow, &sink), DISSECT_FOLLOW);
	fake_feed(&dissector_iscsi, state, &sink, SIDE_0, write.bytes, 100, 0, &flow);
	ck_assert_int_eq(sink.n_entries, 1);
	ck_assert_int_eq(dissector_iscsi.dissect(state, SIDE_0, rest, 5000, &flow, &sink), DISSECT_DONE);
	ck_assert(entry_of(&sink, INFO_BALANCE) != NULL);
}
END_TEST

START_TEST(what_is_no_pdu_is_let_go_before_a_login_was_accepted)
{
	struct stream login = {.len = 0};
	struct sink sink;

	pdu(&login, 0x43, 0x87, 0, LOGIN_TEXT, sizeof(LOGIN_TEXT) - 1, 0);
	pdu(&login, 0x2a, 0, 0, "", 0, 0);
	struct turn turns[] = {{SIDE_0, login.bytes, login.len}};
	ck_assert_int_eq(TALK(&dissector_iscsi, &flow, &sink, turns), DISSECT_RELEASE);
	ck_assert_uint_eq(dissector_iscsi.recognise(cur_make(login.bytes, login.len), SIDE_0, &flow), 1);
	ck_assert_uint_eq(dissector_iscsi.recognise(cur_make(login.bytes, 47), SIDE_0, &flow), 0);
	login.bytes[48] = 'i';
	ck_assert_uint_eq(dissector_iscsi.recognise(cur_make(login.bytes, login.len), SIDE_0, &flow), 0);
}
END_TEST

UNIT_MAIN("dissect_iscsi", reads_and_writes_go_their_way_with_their_data,
          names_of_both_ends_are_facts_and_users_are_not, a_name_has_a_grammar,
          a_hole_within_data_is_skipped_and_another_leaves_it_to_the_octets,
          what_is_no_pdu_is_let_go_before_a_login_was_accepted)
