#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_dcerpc;

static const struct dissect_flow dynamic = {.ip_protocol = IP_TCP, .port = {50000, 49155}};
static const struct dissect_flow fixed = {.ip_protocol = IP_TCP, .port = {50000, 6001}};
static const struct dissect_flow udp = {.ip_protocol = IP_UDP, .port = {49155, 34964}};

#define BYTES(text) text, sizeof text - 1
#define LITTLE      "\x10\0\0\0"
#define BIG         "\0\0\0\0"
#define SYNTAX      "01234567890123456789"
#define DRSUAPI     "\x35\x42\x51\xe3\x06\x4b\xd1\x11\xab\x04\0\xc0\x4f\xc2\xdc\xd2\x04\0\0\0"
#define SPOOLSS_BIG "\x12\x34\x56\x78\x12\x34\xab\xcd\xef\0\x01\x23\x45\x67\x89\xab\0\0\0\x01"
#define BIND                                                                                       \
	"\x05\0\x0b\x03" LITTLE                                                                    \
	"\x5c\0\0\0\x07\0\0\0\xd0\x16\xd0\x16\0\0\0\0\x01\0\0\0\x02\0\x02\0" DRSUAPI SYNTAX SYNTAX
#define BIND_BIG                                                                                   \
	"\x05\0\x0b\x03" BIG                                                                       \
	"\0\x48\0\0\0\0\0\x07\x16\xd0\x16\xd0\0\0\0\0\x01\0\0\0\x01\x02\x01\0" SPOOLSS_BIG SYNTAX
#define BOUND "\x05\0\x0c\x03" LITTLE "\x1c\0\0\0\x07\0\0\0\xd0\x16\xd0\x16\0\0\0\0\0\0\0\0"
#define REQUEST                                                                                    \
	"\x05\0\0\x03" LITTLE "\x1c\0\0\0\x07\0\0\0\x04\0\0\0\x02\0\x03\0"                         \
	"quil"
#define REQUEST_BIG                                                                                \
	"\x05\0\0\x03" BIG "\0\x1c\0\0\0\0\0\x07\0\0\0\x04\x01\x02\0\x03"                          \
	"quil"
#define FIRST                                                                                      \
	"\x05\0\0\x01" LITTLE "\x1c\0\0\0\x07\0\0\0\x04\0\0\0\x02\0\x03\0"                         \
	"quil"
#define LAST                                                                                       \
	"\x05\0\0\x02" LITTLE "\x1c\0\0\0\x07\0\0\0\x04\0\0\0\x02\0\x03\0"                         \
	"quil"
#define RESPONSE                                                                                   \
	"\x05\0\x02\x03" LITTLE "\x20\0\0\0\x07\0\0\0\x08\0\0\0\x02\0\0\0"                         \
	"feathers"

struct run {
	uint64_t state[DISSECT_STATE_MAX / 8];
	struct sink sink;
};

static void begin(struct run *r)
{
	memset(r, 0, sizeof *r);
	fake_sink_init(&r->sink);
}

static enum dissect_verdict feed(struct run *r, enum side side, const char *bytes, size_t len,
                                 size_t piece)
{
	return fake_feed(&dissector_dcerpc, r->state, &r->sink, side, bytes, len, piece, &dynamic);
}

static size_t claim(const char *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_dcerpc.recognise(cur_make(bytes, len), SIDE_0, flow);
}

START_TEST(every_cut_gives_the_same_sums)
{
	for (size_t piece = 0; piece < 100; piece++) {
		struct run r;

		begin(&r);
		feed(&r, SIDE_0, BYTES(BIND REQUEST FIRST LAST), piece);
		feed(&r, SIDE_1, BYTES(BOUND RESPONSE), piece);
		ck_assert_int_eq(r.sink.n_entries, 1);
		const struct fake_entry *e = fake_entry(&r.sink, "DCERPC drsuapi");

		ck_assert_uint_eq(e->messages, 2);
		ck_assert(e->side == SIDE_0 && e->bytes[0] == sizeof(BIND REQUEST FIRST LAST) - 1);
		ck_assert_uint_eq(e->bytes[1], sizeof(BOUND RESPONSE) - 1);
		ck_assert_uint_eq(fake_noted(&r.sink, "fact", "drsuapi"), 1);
		ck_assert_int_eq(r.sink.client, SIDE_0);
		ck_assert_int_eq(r.sink.port, 135);
	}
}
END_TEST

START_TEST(the_most_significant_octet_may_be_first)
{
	for (size_t piece = 0; piece < 10; piece++) {
		struct run r;

		begin(&r);
		feed(&r, SIDE_0, BYTES(BIND_BIG REQUEST_BIG), piece);
		ck_assert_uint_eq(fake_entry(&r.sink, "DCERPC spoolss")->bytes[0],
		                  sizeof(BIND_BIG REQUEST_BIG) - 1);
	}
}
END_TEST

START_TEST(a_result_in_the_middle_says_who_serves_but_not_what)
{
	struct run r;

	begin(&r);
	ck_assert_uint_eq(claim(BYTES(RESPONSE), &fixed), 1);
	fake_feed(&dissector_dcerpc, r.state, &r.sink, SIDE_1, BYTES(RESPONSE), 0, &fixed);
	ck_assert_int_eq(r.sink.client, SIDE_0);
	ck_assert_int_eq(r.sink.port, -1); /* its port is its own */
	ck_assert_uint_eq(fake_entry(&r.sink, "DCERPC")->bytes[1], sizeof(RESPONSE) - 1);
	ck_assert_uint_eq(fake_entry(&r.sink, "DCERPC")->messages, 0);
}
END_TEST

START_TEST(a_hole_in_arguments_does_no_harm_and_any_other_is_got_over)
{
	struct run r;

	begin(&r);
	feed(&r, SIDE_0, BYTES(BIND REQUEST) - 3, 0);
	dissector_dcerpc.dissect(r.state, SIDE_0, cur_make(BYTES("l" REQUEST)), 2, &dynamic,
	                         &r.sink);
	ck_assert_uint_eq(r.sink.entries[0].messages, 2);
	dissector_dcerpc.dissect(r.state, SIDE_0, cur_make(BYTES("nonsense")), 9, &dynamic,
	                         &r.sink);
	dissector_dcerpc.dissect(r.state, SIDE_0, cur_make(BYTES(REQUEST)), 0, &dynamic, &r.sink);
	ck_assert_uint_eq(r.sink.entries[0].messages, 3);
	ck_assert_uint_eq(r.sink.entries[0].bytes[0],
	                  sizeof(BIND REQUEST REQUEST REQUEST) - 1 - 2 + 8);
}
END_TEST

START_TEST(contexts_that_are_not_all_there_are_passed_over)
{
	char bind[] = BIND REQUEST;
	struct run r;

	bind[24] = 99; /* contexts */
	bind[30] = 99; /* syntaxes of the first */
	for (size_t piece = 0; piece < 10; piece++) {
		begin(&r);
		ck_assert_int_eq(feed(&r, SIDE_0, bind, sizeof bind - 1, piece), DISSECT_FOLLOW);
		ck_assert_uint_eq(fake_entry(&r.sink, "DCERPC drsuapi")->messages, 1);
	}
}
END_TEST

START_TEST(a_private_level_means_encrypted_and_a_challenge_names_the_server)
{
#define AUTH_BOUND                                                                                 \
	"\x05\0\x0c\x03" LITTLE "\x70\0\x4c\0\x07\0\0\0\xd0\x16\xd0\x16\0\0\0\0\0\0\0\0"           \
	"\x0a\x06\0\0\0\0\0\0"                                                                     \
	"NTLMSSP\0\x02\0\0\0\0\0\0\0\x38\0\0\0\0\0\x80\0"                                          \
	"challenge0123456"                                                                         \
	"\x14\0\x14\0\x38\0\0\0"                                                                   \
	"\0\0\0\0\0\0\0\0"                                                                         \
	"\x01\0\x08\0"                                                                             \
	"D\0C\0"                                                                                   \
	"0\0"                                                                                      \
	"3\0"                                                                                      \
	"\0\0\0\0"                                                                                 \
	"\0\0\0\0"
	for (size_t piece = 0; piece < 30; piece++) {
		struct run r;

		begin(&r);
		feed(&r, SIDE_1, BYTES(AUTH_BOUND), piece);
		ck_assert_int_eq(r.sink.encryption, ENCRYPTED_YES);
		ck_assert_uint_eq(r.sink.total[1], sizeof(AUTH_BOUND) - 1);
		ck_assert_uint_eq(fake_noted(&r.sink, "name", "DC03"), 1);
	}
}
END_TEST

START_TEST(headers_are_read_strictly)
{
	static const struct {
		size_t at;
		char octet;
	} changes[] = {{0, 4},    {1, 2}, {2, 4}, {2, 20},   {3, 0},
	               {4, 0x11}, {5, 4}, {7, 1}, {8, 0x10}, {10, 0x40}};

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		char bytes[] = REQUEST;

		bytes[changes[i].at] = changes[i].octet;
		ck_assert_uint_eq(claim(bytes, sizeof bytes - 1, &dynamic), 0);
	}
	ck_assert_uint_eq(claim(BYTES(REQUEST), &dynamic), 1);
	ck_assert_uint_eq(claim(BYTES("\x05\0\0\x03"), &dynamic), 0);
	ck_assert_uint_eq(
	        claim(BYTES("\x05\0\0\0\0\0\0\0\x18\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), &dynamic), 0);
}
END_TEST

START_TEST(datagrams_are_known_by_their_interface)
{
	char packet[84] = "\x04\0\x20\0\x10";
	struct run r;

	memcpy(packet + 24, "\x01\0\xa0\xde\x97\x6c\xd1\x11\x82\x71\0\xa0\x24\x42\xdf\x7d", 16);
	packet[74] = 4;
	ck_assert_uint_eq(claim(packet, sizeof packet, &udp), 1);
	ck_assert_uint_eq(claim(packet, sizeof packet - 1, &udp), 0);
	begin(&r);
	dissector_dcerpc.dissect(r.state, SIDE_0, cur_make(packet, sizeof packet), 0, &udp,
	                         &r.sink);
	ck_assert_str_eq(r.sink.protocol, "PROFINET");
	ck_assert_uint_eq(fake_entry(&r.sink, "PROFINET")->bytes[0], sizeof packet);
	packet[24] = 9;
	ck_assert_uint_eq(claim(packet, sizeof packet, &udp), 0);
}
END_TEST

UNIT_MAIN("dissect_dcerpc", every_cut_gives_the_same_sums, the_most_significant_octet_may_be_first,
          a_result_in_the_middle_says_who_serves_but_not_what,
          a_hole_in_arguments_does_no_harm_and_any_other_is_got_over,
          contexts_that_are_not_all_there_are_passed_over,
          a_private_level_means_encrypted_and_a_challenge_names_the_server,
          headers_are_read_strictly, datagrams_are_known_by_their_interface)
