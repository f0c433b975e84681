#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_kerberos;

static const struct dissect_flow tcp = {.ip_protocol = IP_TCP, .port = {40000, 88}};
static const struct dissect_flow udp = {.ip_protocol = IP_UDP, .port = {40000, 88}};
static const struct dissect_flow password = {.ip_protocol = IP_UDP, .port = {40000, 464}};

#define REALM                                                                                      \
	"\xa2\x0f\x1b\x0d"                                                                         \
	"TRUST.EXAMPLE"
#define SERVICE                                                                                    \
	"\xa3\x20\x30\x1e\xa0\x03\x02\x01\x02\xa1\x17\x30\x15\x1b\x04"                             \
	"CIFS"                                                                                     \
	"\x1b\x0d"                                                                                 \
	"fs01.trust.ex"
#define PERSON                                                                                     \
	"\xa3\x13\x30\x11\xa0\x03\x02\x01\x01\xa1\x0a\x30\x08\x1b\x06"                             \
	"zquill"
#define STRANGE                                                                                    \
	"\xa3\x1a\x30\x18\xa0\x03\x02\x01\x02\xa1\x11\x30\x0f\x1b\x02"                             \
	"zq"                                                                                       \
	"\x1b\x09"                                                                                 \
	"quill.com"
#define OPTIONS "\xa0\x07\x03\x05\0\0\0\0\0"
#define CLIENT                                                                                     \
	"\xa1\x13\x30\x11\xa0\x03\x02\x01\x01\xa1\x0a\x30\x08\x1b\x06"                             \
	"zquill"

struct message {
	uint8_t bytes[2048];
	size_t len;
};

/* Puts a header with a length of two octets before what is there. */
static void wrap(struct message *m, uint8_t tag)
{
	memmove(m->bytes + 4, m->bytes, m->len);
	m->bytes[0] = tag;
	m->bytes[1] = 0x82;
	m->bytes[2] = (uint8_t)(m->len >> 8);
	m->bytes[3] = (uint8_t)m->len;
	m->len += 4;
}

static void before(struct message *m, const void *bytes, size_t len)
{
	memmove(m->bytes + len, m->bytes, m->len);
	memcpy(m->bytes, bytes, len);
	m->len += len;
}

/* A TGS-REQ with so many octets of pre-authentication data; the server's name is `service`. */
static struct message request(const char *service, size_t service_len, size_t padata)
{
	static const uint8_t zeros[1200];
	struct message m = {.len = 0}, data = {.len = 0};

	before(&m, service, service_len);
	before(&m, REALM, sizeof REALM - 1);
	before(&m, OPTIONS CLIENT, sizeof OPTIONS CLIENT - 1);
	wrap(&m, 0x30);
	wrap(&m, 0xa4);
	before(&data, zeros, padata);
	wrap(&data, 0xa3);
	before(&m, data.bytes, data.len);
	before(&m, "\xa1\x03\x02\x01\x05\xa2\x03\x02\x01\x0c", 10);
	wrap(&m, 0x30);
	wrap(&m, 0x6c);
	return m;
}

#define REQUEST(service, padata) request(service, sizeof service - 1, padata)

#define TICKET_SERVICE                                                                             \
	"\xa2"                                                                                     \
	"\x20\x30\x1e\xa0\x03\x02\x01\x02\xa1\x17\x30\x15\x1b\x04"                                 \
	"CIFS"                                                                                     \
	"\x1b\x0d"                                                                                 \
	"fs01.trust.ex"
#define REPLY_CLIENT                                                                               \
	"\xa4\x13\x30\x11\xa0\x03\x02\x01\x01\xa1\x0a\x30\x08\x1b\x06"                             \
	"zquill"

/* A TGS-REP whose ticket is for the same service, encrypted with RC4. */
static struct message reply(void)
{
	struct message m = {.len = 0};

	before(&m, "\xa3\x07\x30\x05\xa0\x03\x02\x01\x17", 9);
	before(&m, TICKET_SERVICE, sizeof TICKET_SERVICE - 1);
	before(&m,
	       "\xa0\x03\x02\x01\x05\xa1\x0f\x1b\x0d"
	       "TRUST.EXAMPLE",
	       22);
	wrap(&m, 0x30);
	wrap(&m, 0x61);
	wrap(&m, 0xa5);
	before(&m, REPLY_CLIENT, sizeof REPLY_CLIENT - 1);
	before(&m,
	       "\xa0\x03\x02\x01\x05\xa1\x03\x02\x01\x0d\xa3\x0f\x1b\x0d"
	       "TRUST.EXAMPLE",
	       27);
	wrap(&m, 0x30);
	wrap(&m, 0x6d);
	return m;
}

static void add_length(struct message *m)
{
	uint8_t len[4] = {0, 0, (uint8_t)(m->len >> 8), (uint8_t)m->len};

	before(m, len, 4);
}

struct run {
	uint64_t state[DISSECT_STATE_MAX / 8];
	struct sink sink;
};

static void begin(struct run *r)
{
	memset(r, 0, sizeof *r);
	fake_sink_init(&r->sink);
}

static enum dissect_verdict feed(struct run *r, enum side side, const struct message *m,
                                 size_t piece, const struct dissect_flow *flow)
{
	return fake_feed(&dissector_kerberos, r->state, &r->sink, side, m->bytes, m->len, piece,
	                 flow);
}

static size_t claim(const struct message *m, const struct dissect_flow *flow)
{
	return dissector_kerberos.recognise(cur_make(m->bytes, m->len), SIDE_0, flow);
}

START_TEST(a_ticket_tells_realm_service_and_encryption)
{
	struct message ask = REQUEST(SERVICE, 20), answer = reply();
	struct run r;

	begin(&r);
	ck_assert_uint_eq(claim(&ask, &udp), 1);
	ck_assert_uint_eq(claim(&answer, &udp), 1);
	feed(&r, SIDE_0, &ask, 0, &udp);
	feed(&r, SIDE_1, &answer, 0, &udp);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "TRUST.EXAMPLE"), 2);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "cifs/fs01.trust.ex"), 2);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "RC4"), 1);
	ck_assert_int_eq(r.sink.n_notes, 3);
	ck_assert_int_eq(r.sink.client, SIDE_0);
	ck_assert_uint_eq(fake_entry(&r.sink, "Kerberos")->bytes[1], answer.len);
	ck_assert_uint_eq(fake_entry(&r.sink, "Kerberos")->messages, 1);
}
END_TEST

START_TEST(names_that_may_be_a_persons_are_not_kept)
{
	struct message person = REQUEST(PERSON, 20), strange = REQUEST(STRANGE, 20);
	struct run r;

	begin(&r);
	feed(&r, SIDE_0, &person, 0, &udp);
	feed(&r, SIDE_0, &strange, 0, &udp);
	ck_assert_int_eq(r.sink.n_notes, 1);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "TRUST.EXAMPLE"), 2);
}
END_TEST

START_TEST(over_tcp_every_cut_gives_the_same_whatever_stands_before_the_name)
{
	static const size_t padata[] = {0, 200, 340, 352, 1200};

	for (size_t i = 0; i < sizeof padata / sizeof padata[0]; i++) {
		struct message ask = REQUEST(SERVICE, padata[i]), answer = reply();

		add_length(&ask);
		add_length(&answer);
		ck_assert_uint_eq(claim(&ask, &tcp), 1);
		for (size_t piece = 0; piece < 60; piece++) {
			struct run r;

			begin(&r);
			ck_assert_int_eq(feed(&r, SIDE_0, &ask, piece, &tcp), DISSECT_FOLLOW);
			ck_assert_uint_eq(fake_noted(&r.sink, "fact", "cifs/fs01.trust.ex"), 1);
			feed(&r, SIDE_1, &answer, piece, &tcp);
			feed(&r, SIDE_0, &ask, piece, &tcp);
			ck_assert_uint_eq(fake_noted(&r.sink, "fact", "cifs/fs01.trust.ex"), 3);
			ck_assert_uint_eq(r.sink.entries[0].messages, 2);
			ck_assert_uint_eq(r.sink.entries[0].bytes[0], 2 * ask.len);
			ck_assert_uint_eq(r.sink.entries[0].bytes[1], answer.len);
		}
	}
}
END_TEST

START_TEST(a_hole_in_what_is_passed_over_does_no_harm)
{
	struct message ask = REQUEST(SERVICE, 1200);
	struct run r;

	add_length(&ask);
	begin(&r);
	ask.len = 500;
	feed(&r, SIDE_0, &ask, 0, &tcp);
	ask = REQUEST(SERVICE, 1200);
	ck_assert_int_eq(dissector_kerberos.dissect(r.state, SIDE_0,
	                                            cur_make(ask.bytes + 596, ask.len - 596), 100,
	                                            &tcp, &r.sink),
	                 DISSECT_FOLLOW);
	add_length(&ask);
	ck_assert_int_eq(feed(&r, SIDE_0, &ask, 0, &tcp), DISSECT_FOLLOW);
	ck_assert_uint_eq(fake_noted(&r.sink, "fact", "cifs/fs01.trust.ex"), 1);
	ck_assert_uint_eq(r.sink.entries[0].messages, 2);
	ck_assert_int_eq(
	        dissector_kerberos.dissect(r.state, SIDE_0, cur_make("x", 1), 100, &tcp, &r.sink),
	        DISSECT_DONE);
}
END_TEST

START_TEST(what_is_not_kerberos_is_not_claimed)
{
	struct message ask = REQUEST(SERVICE, 20), other = ask;
	struct run r;

	other.len--; /* the datagram is not what it says */
	ck_assert_uint_eq(claim(&other, &udp), 0);
	other = ask;
	other.bytes[0] = 0x6a; /* tag and type differ */
	ck_assert_uint_eq(claim(&other, &udp), 0);
	other = ask;
	other.bytes[12] = 4; /* Kerberos 4 */
	ck_assert_uint_eq(claim(&other, &udp), 0);
	ck_assert_uint_eq(claim(&ask, &tcp), 0);
	add_length(&ask);
	ck_assert_uint_eq(claim(&ask, &tcp), 1);
	ask.bytes[3]++;
	ck_assert_uint_eq(claim(&ask, &tcp), 0);
	begin(&r);
	ck_assert_int_eq(fake_feed(&dissector_kerberos, r.state, &r.sink, SIDE_0,
	                           "\0\0\0\x14"
	                           "01234567890123456789",
	                           24, 1, &tcp),
	                 DISSECT_RELEASE);
}
END_TEST

START_TEST(a_change_of_password_is_known_on_its_port)
{
	static const char change[] = "\0\x0b\xff\x80\0\x02xyabc";
	struct message m = {.len = sizeof change - 1};
	struct run r;

	memcpy(m.bytes, change, m.len);
	ck_assert_uint_eq(claim(&m, &password), 1);
	ck_assert_uint_eq(claim(&m, &udp), 0);
	begin(&r);
	feed(&r, SIDE_0, &m, 0, &password);
	ck_assert_uint_eq(r.sink.entries[0].bytes[0], m.len);
	ck_assert_int_eq(r.sink.client, SIDE_0);
}
END_TEST

UNIT_MAIN("dissect_kerberos", a_ticket_tells_realm_service_and_encryption,
          names_that_may_be_a_persons_are_not_kept,
          over_tcp_every_cut_gives_the_same_whatever_stands_before_the_name,
          a_hole_in_what_is_passed_over_does_no_harm, what_is_not_kerberos_is_not_claimed,
          a_change_of_password_is_known_on_its_port)
