#include "fake_sink.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

extern const struct dissector dissector_netbios;

static struct dissect_flow names = {.ip_protocol = IP_UDP, .port = {137, 137}};
static struct dissect_flow datagrams = {.ip_protocol = IP_UDP, .port = {138, 138}};

/* Puts a name in its first-level encoding; returns its length. */
static size_t put_name(uint8_t *out, const char *text, uint8_t suffix)
{
	char plain[16];

	memset(plain, ' ', sizeof plain);
	memcpy(plain, text, strlen(text));
	plain[15] = (char)suffix;
	*out++ = 32;
	for (unsigned i = 0; i < 16; i++) {
		*out++ = (uint8_t)('A' + ((uint8_t)plain[i] >> 4));
		*out++ = (uint8_t)('A' + (plain[i] & 15));
	}
	*out = 0;
	return 34;
}

/* A positive answer or, by its flags, a registration of a name for 10.77.1.80. */
static size_t make(uint8_t out[128], uint16_t flags, const char *text, uint8_t suffix)
{
	bool response = (flags & 0x8000) != 0;
	size_t n = 12;

	memset(out, 0, 128);
	out[2] = (uint8_t)(flags >> 8);
	out[3] = (uint8_t)flags;
	out[response ? 7 : 5] = 1;
	out[11] = !response;
	n += put_name(out + n, text, suffix);
	if (!response) {
		memcpy(out + n, "\0\x20\0\x01\xc0\x0c", 6);
		n += 6;
	}
	memcpy(out + n, "\0\x20\0\x01\0\0\0\x3c\0\x06\0\0\x0a\x4d\x01\x50", 16);
	return n + 16;
}

static size_t claim(const uint8_t *bytes, size_t len, const struct dissect_flow *flow)
{
	return dissector_netbios.recognise(cur_make(bytes, len), SIDE_0, flow);
}

static void give(struct sink *sink, const uint8_t *bytes, size_t len,
                 const struct dissect_flow *flow)
{
	fake_sink_init(sink);
	dissector_netbios.dissect(NULL, SIDE_0, cur_make(bytes, len), 0, flow, sink);
	ck_assert_uint_eq(sink->total[0], len);
}

START_TEST(servers_are_named_by_answer_and_by_registration)
{
	static const uint16_t flags[] = {0x8580, 0x2910, 0x4110, 0x7910};

	for (unsigned i = 0; i < sizeof flags / sizeof flags[0]; i++) {
		uint8_t m[128];
		size_t n = make(m, flags[i], "FS01", 0x20);
		struct sink sink;

		ck_assert_uint_eq(claim(m, n, &names), 1);
		give(&sink, m, n, &names);
		ck_assert_int_eq(sink.client, i == 0 ? SIDE_1 : SIDE_0);
		ck_assert_int_eq(sink.n_notes, 1);
		ck_assert_str_eq(sink.notes[0].text, "FS01");
		ck_assert_ptr_nonnull(strstr(sink.notes[0].key, "10.77.1.80/"));
	}
}
END_TEST

START_TEST(users_workstations_and_what_is_released_are_not_named)
{
	static const struct {
		uint16_t flags;
		uint8_t suffix;
	} cases[] = {{0x8580, 0x03}, {0x2910, 0x03}, {0x8580, 0x00}, {0x2910, 0x00},
	             {0x3010, 0x20}, {0x0110, 0x20}, {0x8583, 0x20}, {0xad80, 0x20}};

	for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		uint8_t m[128];
		size_t n = make(m, cases[i].flags, "ZQUILLF", cases[i].suffix);
		struct sink sink;

		give(&sink, m, n, &names);
		ck_assert_int_eq(sink.n_notes, 0);
	}
}
END_TEST

START_TEST(a_domain_is_a_fact)
{
	uint8_t m[128];
	size_t n = make(m, 0x2910, "ZZTRUST", 0x1b);
	struct sink sink;

	give(&sink, m, n, &names);
	ck_assert_int_eq(sink.n_notes, 1);
	ck_assert_str_eq(sink.notes[0].what, "fact");
	ck_assert_str_eq(sink.notes[0].text, "ZZTRUST");
}
END_TEST

START_TEST(a_status_names_the_host_that_answers)
{
	static const char status[] = "\x03"
	                             "WINS01         \x20\x04\0"
	                             "ZQUILLF        \x03\x04\0"
	                             "WINS01         \x1c\x84";
	uint8_t m[160];
	size_t n = make(m, 0x8580, "*", 0);
	struct sink sink;

	addr_parse("10.77.1.9", &names.addr[0]);
	m[n - 15] = 0x21;
	m[n - 7] = sizeof status;
	memcpy(m + n - 6, status, sizeof status);
	give(&sink, m, n - 6 + sizeof status, &names);
	ck_assert_int_eq(sink.n_notes, 2);
	ck_assert_uint_eq(fake_noted(&sink, "name", "WINS01"), 1);
	ck_assert_uint_eq(fake_noted(&sink, "fact", "WINS01"), 1);
	ck_assert_ptr_nonnull(strstr(sink.notes[0].key, "10.77.1.9/"));
}
END_TEST

START_TEST(a_datagram_names_its_sender_if_it_is_a_server)
{
	static const uint8_t suffixes[] = {0x20, 0x03, 0x00};

	for (unsigned i = 0; i < 3; i++) {
		uint8_t m[128] = "\x11\x1a\0\x07\x0a\x4d\x1e\x17\0\x8a\0\x44\0";
		size_t n = 14;
		struct sink sink;

		n += put_name(m + n, "WARD7-PC2", suffixes[i]);
		n += put_name(m + n, "ZZTRUST", 0x1d);
		ck_assert_uint_eq(claim(m, n, &datagrams), 1);
		give(&sink, m, n, &datagrams);
		ck_assert_int_eq(sink.n_notes, suffixes[i] == 0x20);
	}
}
END_TEST

START_TEST(other_ports_and_damaged_names_are_refused)
{
	uint8_t m[128];
	size_t n = make(m, 0x8580, "FS01", 0x20);
	const struct dissect_flow dns = {.ip_protocol = IP_UDP, .port = {40000, 53}};

	ck_assert_uint_eq(claim(m, n, &dns), 0);
	ck_assert_uint_eq(claim(m, n, &datagrams), 0);
	for (size_t cut = 1; cut < 50; cut++) {
		struct sink sink;

		ck_assert_uint_eq(claim(m, cut, &names), 0);
		give(&sink, m, cut, &names);
		ck_assert_int_eq(sink.n_notes, 0);
	}
	m[20] = 'Q';
	ck_assert_uint_eq(claim(m, n, &names), 0);
}
END_TEST

UNIT_MAIN("dissect_netbios", servers_are_named_by_answer_and_by_registration,
          users_workstations_and_what_is_released_are_not_named, a_domain_is_a_fact,
          a_status_names_the_host_that_answers, a_datagram_names_its_sender_if_it_is_a_server,
          other_ports_and_damaged_names_are_refused)
