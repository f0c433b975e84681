#include "fake_sink.h"

#include "unit.h"

#include <string.h>

extern const struct dissector dissector_tls;

/* In 2026: certificates here hold from 2025 to 2035. */
#define NOW_US INT64_C(1795300000000000)
#define YEAR_US INT64_C(31557600000000)

static struct dissect_flow flow = {.ip_protocol = IP_TCP, .port = {40000, 443}, .time_us = NOW_US};

struct bytes {
	uint8_t p[8192];
	size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void put_int(struct bytes *b, size_t value, int octets)
{
	while (octets-- > 0) {
		b->p[b->n++] = (uint8_t)(value >> (8 * octets));
	}
}

static void put_extension(struct bytes *b, unsigned type, const void *p, size_t n)
{
	put_int(b, type, 2);
	put_int(b, n, 2);
	put(b, p, n);
}

/* A hello of type 1 or 2 with these extensions, in records of at most `record` octets. */
static struct bytes hello(int type, unsigned version, const struct bytes *extensions, size_t record)
{
	static struct bytes b, out;

	memset(&b, 0, sizeof b);
	memset(&out, 0, sizeof out);
	put_int(&b, version, 2);
	b.n += 32;
	put(&b, "\x03sid", 4);
	put(&b, type == 1 ? "\0\x04\x13\x01\x13\x02\x01\0" : "\x13\x01\0", type == 1 ? 8 : 3);
	put_int(&b, extensions->n, 2);
	put(&b, extensions->p, extensions->n);
	struct bytes message = {.n = 0};
	put_int(&message, (size_t)type, 1);
	put_int(&message, b.n, 3);
	put(&message, b.p, b.n);
	for (size_t at = 0; at < message.n; at += record) {
		size_t n = message.n - at < record ? message.n - at : record;

		put(&out, "\x16\x03\x01", 3);
		put_int(&out, n, 2);
		put(&out, message.p + at, n);
	}
	return out;
}

static struct bytes client_hello(const char *name, size_t padding, size_t record)
{
	static const uint8_t zeros[4096];
	struct bytes e = {.n = 0}, sni = {.n = 0};

	put_extension(&e, 0x0a0a, zeros, 0); /* GREASE */
	put_extension(&e, 51, zeros, padding);
	put_int(&sni, strlen(name) + 3, 2);
	put_int(&sni, 0, 1);
	put_int(&sni, strlen(name), 2);
	put(&sni, name, strlen(name));
	put_extension(&e, 0, sni.p, sni.n);
	put_extension(&e, 16, "\0\x0c\x02h2\x08http/1.1", 14);
	return hello(1, 0x303, &e, record);
}

static struct bytes server_hello_13(void)
{
	struct bytes e = {.n = 0};

	put_extension(&e, 43, "\x03\x04", 2);
	return hello(2, 0x303, &e, 16384);
}

/* A certificate with this subject CN and, if not NULL, this alternative name; its issuer is CA Ltd.
 */
static struct bytes certificate(const char *cn, const char *alternative)
{
	struct bytes c = {.n = 0}, b = {.n = 0};
	size_t n = strlen(cn);

	put(&c, "\x30\x82\x01\x90\x30\x82\x01\x80\xa0\x03\x02\x01\x02\x02\x01\x07", 16);
	put(&c,
	    "\x30\x0d\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02"
	    "CA",
	    15);
	put(&c,
	    "\x30\x1e\x17\x0d"
	    "250101000000Z\x17\x0d"
	    "350101000000Z",
	    32);
	put(&c, "\x30", 1);
	put_int(&c, n + 11, 1);
	put(&c, "\x31", 1);
	put_int(&c, n + 9, 1);
	put(&c, "\x30", 1);
	put_int(&c, n + 7, 1);
	put(&c, "\x06\x03\x55\x04\x03\x0c", 6);
	put_int(&c, n, 1);
	put(&c, cn, n);
	put(&c, "\x30\x05\x03\x03\0\x01\x02", 7);
	if (alternative != NULL) {
		n = strlen(alternative);
		put(&c, "\x30", 1);
		put_int(&c, n + 11, 1);
		put(&c, "\x06\x03\x55\x1d\x11\x04", 6);
		put_int(&c, n + 4, 1);
		put(&c, "\x30", 1);
		put_int(&c, n + 2, 1);
		put(&c, "\x82", 1);
		put_int(&c, n, 1);
		put(&c, alternative, n);
	}
	put(&b, "\x16\x03\x03", 3);
	put_int(&b, c.n + 10, 2);
	put(&b, "\x0b", 1);
	put_int(&b, c.n + 6, 3);
	put_int(&b, c.n + 3, 3);
	put_int(&b, c.n, 3);
	put(&b, c.p, c.n);
	return b;
}

static struct sink *exchange(const struct bytes *client, const struct bytes *server, size_t piece,
                             enum dissect_verdict *verdict)
{
	static struct sink sink;
	uint8_t state[DISSECT_STATE_MAX] = {0};

	fake_sink_init(&sink);
	*verdict = DISSECT_FOLLOW;
	if (client->n > 0) {
		*verdict = fake_feed(&dissector_tls, state, &sink, SIDE_0, client->p, client->n,
		                     piece, &flow);
	}
	if (server->n > 0 && *verdict == DISSECT_FOLLOW) {
		*verdict = fake_feed(&dissector_tls, state, &sink, SIDE_1, server->p, server->n,
		                     piece, &flow);
	}
	return &sink;
}

START_TEST(both_hellos_tell_name_version_and_application)
{
	struct bytes client = client_hello("PACS.Trust.example", 40, 16384),
	             server = server_hello_13();
	enum dissect_verdict verdict;
	struct sink *sink = exchange(&client, &server, 0, &verdict);

	ck_assert_uint_eq(dissector_tls.recognise(cur_make(client.p, client.n), SIDE_0, &flow), 1);
	ck_assert_uint_eq(dissector_tls.recognise(cur_make(server.p, server.n), SIDE_1, &flow), 1);
	ck_assert_int_eq(verdict, DISSECT_DONE);
	ck_assert_uint_eq(fake_noted(sink, "name", "pacs.trust.example"), 1);
	ck_assert_uint_eq(fake_noted(sink, "fact", "1.3"), 1);
	ck_assert_uint_eq(fake_noted(sink, "fact", "h2"), 1);
	ck_assert_int_eq(fake_entry(sink, "pacs.trust.example")->type, EVIDENCE_TLS_SNI);
	ck_assert_uint_eq(sink->entries[0].bytes[0], client.n);
	ck_assert_uint_eq(sink->entries[0].bytes[1], server.n);
	ck_assert_int_eq(sink->client, SIDE_0);
	ck_assert_int_eq(sink->encryption, ENCRYPTED_YES);
}
END_TEST

START_TEST(a_large_hello_in_any_records_and_pieces_reads_the_same)
{
	static const size_t records[] = {1, 7, 100, 16384};
	struct bytes server = server_hello_13();

	for (size_t r = 0; r < sizeof records / sizeof records[0]; r++) {
		struct bytes client = client_hello("pacs.trust.example", 700, records[r]);

		for (size_t piece = 1; piece < 60; piece += r == 3 ? 1 : 13) {
			enum dissect_verdict verdict;
			struct sink *sink = exchange(&client, &server, piece, &verdict);

			ck_assert_int_eq(verdict, DISSECT_DONE);
			ck_assert_uint_eq(fake_noted(sink, "name", "pacs.trust.example"), 1);
			ck_assert_uint_eq(fake_noted(sink, "fact", "1.3"), 1);
			ck_assert_uint_eq(sink->total[0], client.n);
			ck_assert_uint_eq(sink->entries[0].bytes[0], client.n);
		}
	}
}
END_TEST

START_TEST(a_token_in_a_name_is_dropped_to_the_registrable_domain)
{
	struct bytes client = client_hello("a8f3k2m9x7q1z5.portal.trust.nhs.uk", 10, 16384),
	             none = {.n = 0};
	enum dissect_verdict verdict;
	struct sink *sink = exchange(&client, &none, 0, &verdict);

	ck_assert_uint_eq(fake_noted(sink, "name", "a8f3k2m9x7q1z5.portal.trust.nhs.uk"),
	                  1); /* 14: short */
	client = client_hello("a8f3k2m9x7q1z5c4.portal.trust.nhs.uk", 10, 16384);
	sink = exchange(&client, &none, 0, &verdict);
	ck_assert_uint_eq(fake_noted(sink, "name", "trust.nhs.uk"), 1);
	client = client_hello("9434765919.portal.example.com", 10, 16384);
	sink = exchange(&client, &none, 0, &verdict);
	ck_assert_uint_eq(fake_noted(sink, "name", "example.com"), 1);
	client = client_hello("10.1.2.3", 10, 16384);
	sink = exchange(&client, &none, 0, &verdict);
	ck_assert_int_eq(sink->n_entries, 0);
}
END_TEST

START_TEST(behind_encrypted_client_hello_the_outer_name_is_not_used)
{
	struct bytes e = {.n = 0}, client, none = {.n = 0};
	enum dissect_verdict verdict;
	struct sink *sink;

	put_extension(&e, 0,
	              "\0\x0b\0\0\x08"
	              "cdn.test",
	              13);
	put_extension(&e, 0xfe0d, "abc", 3);
	client = hello(1, 0x303, &e, 16384);
	sink = exchange(&client, &none, 0, &verdict);
	ck_assert_uint_eq(fake_noted(sink, "fact", "hidden"), 1);
	ck_assert_uint_eq(fake_noted(sink, "name", "cdn.test"), 0);
	ck_assert_int_eq(sink->n_entries, 0);
}
END_TEST

START_TEST(before_1_3_the_certificate_names_the_server)
{
	struct bytes e = {.n = 0}, client = hello(1, 0x303, &e, 16384), server, cert;

	for (size_t piece = 0; piece < 40; piece++) {
		enum dissect_verdict verdict;
		struct sink *sink;

		server = hello(2, 0x303, &e, 16384);
		cert = certificate("pas.trust.example", "other.trust.example");
		put(&server, cert.p, cert.n);
		sink = exchange(&client, &server, piece, &verdict);
		ck_assert_int_eq(verdict, DISSECT_DONE);
		ck_assert_uint_eq(fake_noted(sink, "fact", "1.2"), 1);
		ck_assert_uint_eq(fake_noted(sink, "name", "pas.trust.example"), 1);
		ck_assert_uint_eq(fake_noted(sink, "name", "other.trust.example"), 0);
		ck_assert_ptr_nonnull(fake_entry(sink, "pas.trust.example")); /* there was no SNI */
		ck_assert_uint_eq(sink->total[1], server.n);
	}
}
END_TEST

START_TEST(a_wildcard_or_a_person_in_a_certificate_is_no_host_name)
{
	struct bytes e = {.n = 0}, client = client_hello("pas.trust.example", 0, 16384), server,
	             cert;
	enum dissect_verdict verdict;
	struct sink *sink;

	server = hello(2, 0x301, &e, 16384);
	cert = certificate("*.trust.example", NULL);
	put(&server, cert.p, cert.n);
	sink = exchange(&client, &server, 0, &verdict);
	ck_assert_uint_eq(fake_noted(sink, "fact", "*.trust.example"), 1);
	ck_assert_uint_eq(fake_noted(sink, "fact", "1.0"), 1);
	ck_assert_int_eq(sink->n_entries, 1);
	server = hello(2, 0x303, &e, 16384);
	cert = certificate("Jane Smith", "host.trust.example");
	put(&server, cert.p, cert.n);
	sink = exchange(&client, &server, 0, &verdict);
	ck_assert_uint_eq(fake_noted(sink, "name", "host.trust.example"), 1);
	ck_assert_int_eq(sink->n_notes, 4); /* with SNI, ALPN and version: no Jane */
}
END_TEST

START_TEST(a_client_certificate_is_not_read)
{
	struct bytes client = client_hello("pas.trust.example", 0, 16384), cert, none = {.n = 0};
	enum dissect_verdict verdict;
	struct sink *sink;

	cert = certificate("jane.smith", NULL);
	put(&client, cert.p, cert.n);
	sink = exchange(&client, &none, 0, &verdict);
	ck_assert_uint_eq(fake_noted(sink, "name", "jane.smith"), 0);
	ck_assert_uint_eq(sink->total[0], client.n);
}
END_TEST

START_TEST(a_stream_joined_in_the_middle_is_known_by_its_records)
{
	static const uint8_t two[] = {0x17, 3, 3, 0, 2, 1, 2, 0x17, 3, 3, 0, 9, 1},
	                     one[] = {0x17, 3, 3, 0, 2, 1, 2};
	struct bytes b = {.n = 0}, none = {.n = 0};
	enum dissect_verdict verdict;

	ck_assert_uint_eq(dissector_tls.recognise(cur_make(two, sizeof two), SIDE_0, &flow), 1);
	ck_assert_uint_eq(dissector_tls.recognise(cur_make(one, sizeof one), SIDE_0, &flow), 1);
	ck_assert_uint_eq(dissector_tls.recognise(cur_make(one, sizeof one - 1), SIDE_0, &flow), 0);
	ck_assert_uint_eq(dissector_tls.recognise(cur_make(two, sizeof one + 3), SIDE_0, &flow), 0);
	put(&b, two, sizeof two);
	struct sink *sink = exchange(&b, &none, 0, &verdict);
	ck_assert_int_eq(verdict, DISSECT_DONE);
	ck_assert_int_eq(sink->encryption, ENCRYPTED_YES);
	ck_assert_uint_eq(sink->total[0], sizeof two);
}
END_TEST

START_TEST(what_never_ends_is_left_after_a_budget)
{
	uint8_t state[DISSECT_STATE_MAX] = {0},
	        filler[1460] = {0x16, 3, 1, 0x40, 0, 1, 0, 0x3f, 0xfc, 3, 3};
	struct sink sink;
	unsigned calls = 0;

	fake_sink_init(&sink);
	while (dissector_tls.dissect(state, SIDE_0, cur_make(filler, sizeof filler), 0, &flow,
	                             &sink) == DISSECT_FOLLOW) {
		filler[0] = 0;
		ck_assert_uint_lt(++calls, 20);
	}
	ck_assert_uint_eq(sink.total[0], (calls + 1) * sizeof filler);
}
END_TEST

START_TEST(a_gap_in_a_hello_ends_the_reading_and_keeps_the_sums)
{
	struct bytes client = client_hello("pas.trust.example", 300, 16384);
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	fake_sink_init(&sink);
	fake_feed(&dissector_tls, state, &sink, SIDE_0, client.p, 100, 0, &flow);
	dissector_tls.dissect(state, SIDE_0, cur_make(client.p + 200, client.n - 200), 100, &flow,
	                      &sink);
	ck_assert_int_eq(sink.n_entries, 0);
	ck_assert_uint_eq(sink.total[0], client.n - 100);
}
END_TEST

static void put_record(struct bytes *b, int type, size_t n)
{
	put_int(b, (size_t)type, 1);
	put_int(b, 0x303, 2);
	put_int(b, n, 2);
	b->n += n;
}

START_TEST(the_balance_counts_content_and_neither_handshake_nor_tickets)
{
	static const struct dissect_flow feed = {.ip_protocol = IP_TCP, .port = {40000, 12575}};
	static const size_t pieces[] = {1, 7, 0};

	for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
		struct bytes client = client_hello("feed.example", 40, 16384), server = server_hello_13(), sent = {.n = 0},
		             answered = {.n = 0};
		uint8_t state[DISSECT_STATE_MAX] = {0};
		struct sink sink;

		put_record(&server, 23, 941); /* certificate and Finished, which look like data */
		put_record(&sent, 20, 1);
		put_record(&sent, 23, 53); /* the client's Finished */
		put_record(&sent, 23, 1584);
		put_record(&answered, 23, 282);
		put_record(&answered, 23, 282);
		put_record(&answered, 23, 116);
		fake_sink_init(&sink);
		fake_feed(&dissector_tls, state, &sink, SIDE_0, client.p, client.n, pieces[i], &feed);
		fake_feed(&dissector_tls, state, &sink, SIDE_1, server.p, server.n, pieces[i], &feed);
		ck_assert_uint_eq(sink.balance[1], 0);
		ck_assert_int_eq(fake_feed(&dissector_tls, state, &sink, SIDE_0, sent.p, sent.n, pieces[i], &feed),
		                 DISSECT_FOLLOW);
		fake_feed(&dissector_tls, state, &sink, SIDE_1, answered.p, answered.n, pieces[i], &feed);
		ck_assert_uint_eq(sink.balance[0], 1584 + 5);
		ck_assert_uint_eq(sink.balance[1], 116 + 5);
		ck_assert_uint_eq(sink.total[0], client.n + sent.n);
	}
}
END_TEST

START_TEST(up_to_1_2_all_data_is_content)
{
	static const struct dissect_flow feed = {.ip_protocol = IP_TCP, .port = {40000, 12575}};
	struct bytes none = {.n = 0}, client = client_hello("feed.example", 40, 16384),
	             server = hello(2, 0x303, &none, 16384), sent = {.n = 0};
	uint8_t state[DISSECT_STATE_MAX] = {0};
	struct sink sink;

	put_record(&sent, 23, 100);
	put_record(&sent, 23, 200);
	fake_sink_init(&sink);
	fake_feed(&dissector_tls, state, &sink, SIDE_0, client.p, client.n, 0, &feed);
	fake_feed(&dissector_tls, state, &sink, SIDE_1, server.p, server.n, 0, &feed);
	ck_assert_int_eq(fake_feed(&dissector_tls, state, &sink, SIDE_0, sent.p, sent.n, 0, &feed), DISSECT_DONE);
	ck_assert_uint_eq(sink.balance[0], 310);
}
END_TEST

START_TEST(a_certificate_that_nobody_should_trust_is_a_fact)
{
	struct bytes none = {.n = 0}, client = client_hello("x.trust.example", 0, 16384), server = hello(2, 0x303, &none, 16384),
	             signed_by = certificate("pacs.trust.example", NULL), by_itself = certificate("CA", NULL);
	static const struct {
		int years;
		const char *fact;
	} cases[] = {{-5, "not yet valid"}, {0, NULL}, {20, "expired"}};
	enum dissect_verdict verdict;

	for (size_t i = 0; i < 3; i++) {
		struct bytes all = server;
		struct sink *sink;

		put(&all, signed_by.p, signed_by.n);
		flow.time_us = NOW_US + cases[i].years * YEAR_US;
		sink = exchange(&client, &all, i, &verdict);
		ck_assert_uint_eq(fake_noted(sink, "fact", "expired"), cases[i].years > 0);
		ck_assert_uint_eq(fake_noted(sink, "fact", "not yet valid"), cases[i].years < 0);
		ck_assert_uint_eq(fake_noted(sink, "fact", "self-signed"), 0);
	}
	flow.time_us = NOW_US;
	put(&server, by_itself.p, by_itself.n);
	ck_assert_uint_eq(fake_noted(exchange(&client, &server, 0, &verdict), "fact", "self-signed"), 1);
}
END_TEST

START_TEST(a_suite_that_no_longer_protects_is_a_fact)
{
	static const struct {
		uint16_t suite;
		const char *fact;
	} cases[] = {{0x0005, "RC4"},    {0x000a, "3DES"}, {0xc012, "3DES"}, {0x0003, "export"},
	             {0x0009, "DES"},    {0x003b, "NULL"}, {0xc02f, NULL},   {0x1301, NULL}};
	struct bytes none = {.n = 0}, client = client_hello("x.trust.example", 0, 16384);
	enum dissect_verdict verdict;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct bytes server = hello(2, 0x303, &none, 16384);
		struct sink *sink;

		server.p[47] = (uint8_t)(cases[i].suite >> 8); /* behind headers, version, random and session */
		server.p[48] = (uint8_t)cases[i].suite;
		sink = exchange(&client, &server, 0, &verdict);
		for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
			bool is_it = cases[k].fact != NULL && cases[i].fact != NULL && strcmp(cases[k].fact, cases[i].fact) == 0;

			ck_assert(cases[k].fact == NULL || fake_noted(sink, "fact", cases[k].fact) == is_it);
		}
	}
}
END_TEST

UNIT_MAIN("dissect_tls", a_certificate_that_nobody_should_trust_is_a_fact, a_suite_that_no_longer_protects_is_a_fact,
          the_balance_counts_content_and_neither_handshake_nor_tickets, up_to_1_2_all_data_is_content,
          both_hellos_tell_name_version_and_application,
          a_large_hello_in_any_records_and_pieces_reads_the_same,
          a_token_in_a_name_is_dropped_to_the_registrable_domain,
          behind_encrypted_client_hello_the_outer_name_is_not_used,
          before_1_3_the_certificate_names_the_server,
          a_wildcard_or_a_person_in_a_certificate_is_no_host_name, a_client_certificate_is_not_read,
          a_stream_joined_in_the_middle_is_known_by_its_records,
          what_never_ends_is_left_after_a_budget,
          a_gap_in_a_hello_ends_the_reading_and_keeps_the_sums)
