#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_ldap;

static const struct dissect_flow tcp = {.ip_protocol = IP_TCP, .port = {40000, 389}};
static const struct dissect_flow other = {.ip_protocol = IP_TCP, .port = {40000, 5000}};
static const struct dissect_flow udp = {.ip_protocol = IP_UDP, .port = {40000, 389}};

#define SIMPLE                                                                                     \
	"\x30\x1a\x02\x01\x01\x60\x15\x02\x01\x03\x04\x0a"                                         \
	"uid=zquill"                                                                               \
	"\x80\x04"                                                                                 \
	"plum"
#define ANONYMOUS "\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0"
#define BOUND     "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0"
#define BASE      "ou=Staff,dc=x,dc=uk"
#define SEARCH                                                                                     \
	"\x30\x38\x02\x01\x02\x63\x33\x04\x13" BASE "\x0a\x01\x02\x0a\x01\0\x02\x01\0\x02\x01\0"   \
	"\x01\x01\0\x87\x0b"                                                                       \
	"objectClass"                                                                              \
	"\x30\0"
#define FOUND                                                                                      \
	"\x30\x1b\x02\x01\x02\x64\x16\x04\x06"                                                     \
	"uid=zq"                                                                                   \
	"\x30\x0c\x30\x0a\x04\x02"                                                                 \
	"sn"                                                                                       \
	"\x31\x04\x04\x02"                                                                         \
	"qf"
#define DONE "\x30\x0c\x02\x01\x02\x65\x07\x0a\x01\0\x04\0\x04\0"
#define CHANGE                                                                                     \
	"\x30\x0f\x02\x01\x03\x66\x0a\x04\x06"                                                     \
	"uid=zq"                                                                                   \
	"\x30\0"
#define START_TLS                                                                                  \
	"\x30\x1d\x02\x01\x01\x77\x18\x80\x16"                                                     \
	"1.3.6.1.4.1.1466.20037"
#define GRANTED "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0"
#define REFUSED "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\0\x04\0"
#define SEALED                                                                                     \
	"\0\0\0\x14\x05\x04\x02\xff\0\0\0\x1c\0\0\0\0\0\0\0\1"                                     \
	"abcd"

#define LEN(text) (sizeof text - 1)

struct run {
	uint64_t state[DISSECT_STATE_MAX / 8];
	struct sink sink;
	enum dissect_verdict verdict;
};

static void begin(struct run *r)
{
	memset(r, 0, sizeof *r);
	fake_sink_init(&r->sink);
}

static void feed(struct run *r, enum side side, const char *bytes, size_t len, size_t piece)
{
	r->verdict = fake_feed(&dissector_ldap, r->state, &r->sink, side, bytes, len, piece, &tcp);
}

#define FEED(run, side, bytes, piece) feed(run, side, bytes, LEN(bytes), piece)

static size_t claim(const char *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_ldap.recognise(cur_make(bytes, len), SIDE_0, flow);
}

#define CLAIM(bytes, flow) claim(bytes, LEN(bytes), flow)

START_TEST(every_cut_gives_the_same_sums)
{
	for (size_t piece = 0; piece < 70; piece++) {
		struct run r;

		begin(&r);
		FEED(&r, SIDE_0, SIMPLE SEARCH, piece);
		FEED(&r, SIDE_1, BOUND FOUND DONE, piece);
		FEED(&r, SIDE_0, CHANGE, piece);
		const struct fake_entry *read = fake_entry(&r.sink, "ou=staff,dc=x,dc=uk"),
		                        *write = fake_entry(&r.sink, "LDAP");

		ck_assert_int_eq(r.sink.n_entries, 2);
		ck_assert(read->type == EVIDENCE_LDAP_BASE && read->direction == INFO_S2C &&
		          read->messages == 1);
		ck_assert_uint_eq(read->bytes[0], LEN(SIMPLE SEARCH));
		ck_assert_uint_eq(read->bytes[1], LEN(BOUND FOUND DONE));
		ck_assert(write->direction == INFO_C2S && write->side == SIDE_0 &&
		          write->bytes[0] == LEN(CHANGE));
		ck_assert_uint_eq(fake_noted(&r.sink, "fact", "LDAP simple bind"), 1);
		ck_assert_int_eq(r.sink.n_notes, 1);
		ck_assert_int_eq(r.sink.client, SIDE_0);
	}
}
END_TEST

START_TEST(a_bind_without_a_password_signs_nobody_in)
{
	struct run r;

	begin(&r);
	FEED(&r, SIDE_0, ANONYMOUS, 0);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "anonymous"), 1);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "LDAP simple bind"), 0);
	ck_assert_uint_eq(r.sink.pending[0], LEN(ANONYMOUS));
}
END_TEST

START_TEST(tls_begins_when_it_was_granted)
{
	struct run r;

	for (size_t piece = 0; piece < 20; piece++) {
		begin(&r);
		FEED(&r, SIDE_0, START_TLS, piece);
		FEED(&r, SIDE_1, REFUSED, piece);
		ck_assert_int_eq(r.verdict, DISSECT_FOLLOW);
		FEED(&r, SIDE_1, GRANTED, piece); /* an answer to nothing */
		ck_assert_int_eq(r.verdict, DISSECT_FOLLOW);
		FEED(&r, SIDE_0, START_TLS, piece);
		FEED(&r, SIDE_1, GRANTED, piece);
		ck_assert_int_eq(r.verdict, DISSECT_TLS);
		ck_assert_int_eq(r.sink.n_entries, 0);
		ck_assert_uint_eq(r.sink.total[1], LEN(REFUSED GRANTED GRANTED));
	}
}
END_TEST

START_TEST(sealed_buffers_are_followed_by_their_length)
{
	for (size_t piece = 0; piece < 30; piece++) {
		struct run r;

		begin(&r);
		FEED(&r, SIDE_0, SEALED SEALED, piece);
		FEED(&r, SIDE_1, SEALED, piece);
		ck_assert_int_eq(r.sink.n_entries, 1);
		ck_assert_int_eq(r.sink.entries[0].direction, INFO_BALANCE);
		ck_assert_uint_eq(r.sink.entries[0].messages, 2);
		ck_assert_uint_eq(r.sink.entries[0].bytes[1], LEN(SEALED));
		ck_assert_int_eq(r.sink.encryption, ENCRYPTED_YES);
	}
}
END_TEST

START_TEST(a_hole_in_an_entry_does_no_harm_and_any_other_is_got_over)
{
	char entry[600] =
	        "\x30\x82\x02\x54\x02\x01\x02\x64\x82\x02\x4d\x04\x06uid=zq\x30\x82\x02\x41";
	struct run r;

	begin(&r);
	FEED(&r, SIDE_0, SEARCH, 0);
	feed(&r, SIDE_1, entry, 400, 0);
	dissector_ldap.dissect(r.state, SIDE_1, cur_make(entry + 500, 100), 100, &tcp, &r.sink);
	FEED(&r, SIDE_1, DONE, 0);
	ck_assert_uint_eq(r.sink.entries[0].bytes[1], 500 + LEN(DONE));
	dissector_ldap.dissect(r.state, SIDE_1, cur_make("between", 7), 1000, &tcp, &r.sink);
	ck_assert_uint_eq(r.sink.pending[1], 7);
	FEED(&r, SIDE_1, FOUND DONE, 0);
	ck_assert_uint_eq(r.sink.entries[0].bytes[1], 500 + LEN(DONE) + 7 + LEN(FOUND DONE));
}
END_TEST

START_TEST(an_answer_in_the_middle_says_who_serves)
{
	struct run r;

	begin(&r);
	ck_assert_uint_eq(CLAIM(FOUND, &other), 1);
	feed(&r, SIDE_0, FOUND, LEN(FOUND), 0);
	ck_assert_int_eq(r.sink.client, SIDE_1);
	ck_assert(fake_entry(&r.sink, "LDAP")->side == SIDE_1 &&
	          fake_entry(&r.sink, "LDAP")->messages == 0);
}
END_TEST

START_TEST(bases_are_reduced_to_their_domain_and_first_container)
{
	static const struct {
		const char *base, *kept;
	} cases[] = {
	        {"CN=Quillfeather\\, Zebedee,OU=Ward 7,OU=Staff,DC=trust,DC=example",
	         "ou=staff,dc=trust,dc=example"},
	        {"DC=trust,DC=nhs,DC=uk", "dc=trust,dc=nhs,dc=uk"},
	        {"uid=zquill, ou=Services, o=NHS", "ou=services,o=nhs"},
	        {"cn=zquill,ou=people,o=quill", NULL},
	        {"ou=a\\,b,dc=x,dc=uk", "dc=x,dc=uk"},
	        {"ou=a+uid=zquill,dc=x,dc=uk", "dc=x,dc=uk"},
	        {"CN=zquill", NULL},
	        {"dc=a b", NULL},
	        {"=,,=\\", NULL},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t n = strlen(cases[i].base);
		uint8_t bytes[128] = {0x30, (uint8_t)(n + 18), 2, 1,         2,
		                      0x63, (uint8_t)(n + 13), 4, (uint8_t)n};
		struct run r;

		memcpy(bytes + 9, cases[i].base, n);
		memcpy(bytes + 9 + n, "\x0a\1\2\x0a\1\0\2\1\0\2\0", 11);
		begin(&r);
		feed(&r, SIDE_0, (char *)bytes, n + 20, 0);
		ck_assert_str_eq(r.sink.entries[0].text,
		                 cases[i].kept != NULL ? cases[i].kept : "LDAP");
	}
}
END_TEST

START_TEST(the_root_names_its_server_and_other_entries_do_not)
{
#define ATTRIBUTE                                                                                  \
	"\x30\x25\x30\x23\x04\x0b"                                                                 \
	"dnsHostName"                                                                              \
	"\x31\x14\x04\x12"                                                                         \
	"dc01.trust.example"
	static const char root[] = "\x30\x2e\x02\x01\x02\x64\x29\x04\0" ATTRIBUTE;
	static const char host[] = "\x30\x30\x02\x01\x02\x64\x2b\x04\x02"
	                           "ou" ATTRIBUTE;

	for (size_t piece = 0; piece < 50; piece++) {
		struct run r;

		begin(&r);
		FEED(&r, SIDE_1, host, piece);
		ck_assert_int_eq(r.sink.n_notes, 0);
		FEED(&r, SIDE_1, root, piece);
		FEED(&r, SIDE_1, DONE, piece);
		ck_assert_int_eq(r.sink.n_notes, 1);
		ck_assert_str_eq(r.sink.notes[0].text, "dc01.trust.example");
		ck_assert_uint_eq(r.sink.entries[0].bytes[1], LEN(host) + LEN(root) + LEN(DONE));
	}
}
END_TEST

START_TEST(a_datagram_is_read_alone)
{
	struct run r;

	begin(&r);
	ck_assert_uint_eq(CLAIM(SEARCH, &udp), 1);
	dissector_ldap.dissect(r.state, SIDE_0, cur_make(SEARCH, LEN(SEARCH)), 0, &udp, &r.sink);
	dissector_ldap.dissect(r.state, SIDE_1, cur_make("nonsense", 8), 0, &udp, &r.sink);
	ck_assert_uint_eq(r.sink.entries[0].messages, 1);
	ck_assert(r.sink.total[0] == LEN(SEARCH) && r.sink.total[1] == 8);
}
END_TEST

START_TEST(what_is_not_ldap_is_not_claimed)
{
	static const char snmp[] = "\x30\x1a\x02\x01\0\x04\x06public\xa0\x0d\x02\x01\1\x02\x01\0"
	                           "\x02\x01\0\x30\x02\x30\0";
	static const char outer[] =
	        "\x30\x05\x02\x01\x02\x64\x29\x04\0\x30\0"; /* ends before its operation */
	static const char unbind[] = "\x30\x05\x02\x01\x03\x42\0";

	ck_assert_uint_eq(CLAIM(snmp, &tcp), 0);
	ck_assert_uint_eq(CLAIM(outer, &tcp), 0);
	ck_assert_uint_eq(CLAIM(unbind, &tcp), 1);
	ck_assert_uint_eq(CLAIM(unbind, &other), 0);
	ck_assert_uint_eq(CLAIM(SEALED, &tcp), 1);
	ck_assert_uint_eq(CLAIM(SEALED, &other), 0);
	ck_assert_uint_eq(CLAIM("\x30\x80\x02\x01\x02", &tcp), 0);
	ck_assert_uint_eq(CLAIM("\x30", &tcp), 0);
}
END_TEST

START_TEST(nonsense_after_a_message_is_counted_and_left)
{
	struct run r;

	begin(&r);
	FEED(&r, SIDE_0, SEARCH "\xff\xff\xff" SEARCH, 0);
	ck_assert_uint_eq(r.sink.total[0], LEN(SEARCH "\xff\xff\xff" SEARCH));
	ck_assert_uint_eq(r.sink.entries[0].messages, 1);
	FEED(&r, SIDE_0, "\x30\x84\xff\xff\xff\xff", 0);
	ck_assert_uint_eq(r.sink.total[0], LEN(SEARCH "\xff\xff\xff" SEARCH) + 6);
}
END_TEST

UNIT_MAIN("dissect_ldap", every_cut_gives_the_same_sums, a_bind_without_a_password_signs_nobody_in,
          tls_begins_when_it_was_granted, sealed_buffers_are_followed_by_their_length,
          a_hole_in_an_entry_does_no_harm_and_any_other_is_got_over,
          an_answer_in_the_middle_says_who_serves,
          bases_are_reduced_to_their_domain_and_first_container,
          the_root_names_its_server_and_other_entries_do_not, a_datagram_is_read_alone,
          what_is_not_ldap_is_not_claimed, nonsense_after_a_message_is_counted_and_left)
