#include "../../src/dissect/ntlm.h"

#include "fake_sink.h"

#include "unit.h"

#include <string.h>

struct bytes {
	uint8_t p[1024];
	size_t n;
};

static void put(struct bytes *b, const void *p, size_t n)
{
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static void put_int(struct bytes *b, uint64_t value, int octets)
{
	for (; octets > 0; octets--, value >>= 8) {
		b->p[b->n++] = (uint8_t)value;
	}
}

static void put_wide(struct bytes *b, const char *text)
{
	for (; *text != '\0'; text++) {
		put_int(b, (uint8_t)*text, 2);
	}
}

static void put_pair(struct bytes *b, unsigned id, const char *text)
{
	put_int(b, id, 2);
	put_int(b, 2 * strlen(text), 2);
	put_wide(b, text);
}

static void put_field(struct bytes *b, size_t len, size_t offset)
{
	put_int(b, len, 2);
	put_int(b, len, 2);
	put_int(b, offset, 4);
}

static struct bytes challenge(const char *netbios, const char *dns)
{
	struct bytes b = {.n = 0}, info = {.n = 0};

	put_pair(&info, 2, "TRUST");
	put_pair(&info, 1, netbios);
	put_pair(&info, 4, "trust.example");
	put_pair(&info, 3, dns);
	put_pair(&info, 7, "time");
	put_int(&info, 0, 4);
	put(&b, "`\x12negTokenResp", 14);
	put(&b, "NTLMSSP\0", 8);
	put_int(&b, 2, 4);
	put_field(&b, 10, 56);
	put_int(&b, 0xe2898235, 4);
	put(&b, "challenge1234567", 16);
	put_field(&b, info.n, 66);
	put_int(&b, 0x0f0000000a00000a, 8);
	put_wide(&b, "TRUST");
	put(&b, info.p, info.n);
	return b;
}

static struct bytes authenticate(const char *user, bool is_wide)
{
	struct bytes b = {.n = 0};
	size_t n = strlen(user) * (is_wide ? 2 : 1);

	put(&b, "NTLMSSP\0", 8);
	put_int(&b, 3, 4);
	put_field(&b, 24, 72 + n);
	put_field(&b, 24, 72 + n);
	put_field(&b, 8, 64);
	put_field(&b, n, 72);
	put_field(&b, 8, 64);
	put_field(&b, 0, 0);
	put_int(&b, 0xe2898235, 4);
	put_wide(&b, "ROOM");
	if (is_wide) {
		put_wide(&b, user);
	} else {
		put(&b, user, n);
	}
	put(&b, "responseresponseresponse", 24);
	return b;
}

static void take(struct ntlm *n, const struct bytes *b, size_t piece, struct sink *sink)
{
	for (size_t at = 0; at < b->n; at += piece) {
		size_t len = b->n - at < piece ? b->n - at : piece;

		ntlm_take(n, SIDE_1, cur_make(b->p + at, len), sink);
	}
}

static uint64_t hash(const char *text)
{
	uint64_t h;

	ntlm_hash_begin(&h);
	for (; *text != '\0'; text++) {
		ntlm_hash_add(&h, (uint8_t)*text);
	}
	return h;
}

START_TEST(a_challenge_names_the_server_by_its_dns_name)
{
	struct bytes b = challenge("FS01", "FS01.trust.example");

	for (size_t piece = 1; piece <= b.n; piece++) {
		struct ntlm n = {0};
		struct sink sink;

		fake_sink_init(&sink);
		take(&n, &b, piece, &sink);
		ck_assert_int_eq(sink.n_notes, 1);
		ck_assert_uint_eq(fake_noted(&sink, "name", "fs01.trust.example"), 1);
		ck_assert_uint_eq(n.user, 0);
	}
}
END_TEST

START_TEST(without_a_dns_name_it_is_the_netbios_name)
{
	static const char *const none[] = {"", "no host name", "f\x01s",
	                                   "a-name-that-is-far-too-long-for-any-computer-of-this-world-and-of-the-"
	                                   "next-one-too.trust.example.org"};

	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
		struct bytes b = challenge("FS01", none[i]);
		struct ntlm n = {0};
		struct sink sink;

		fake_sink_init(&sink);
		take(&n, &b, 7, &sink);
		ck_assert_int_eq(sink.n_notes, 1);
		ck_assert_uint_eq(fake_noted(&sink, "name", "FS01"), 1);
	}
}
END_TEST

START_TEST(the_user_is_known_by_a_hash_only)
{
	static const char *const same[] = {"ZQuillf", "zquillf", "TRUST\\zquillf", "zquillf@trust.example"};

	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
		for (size_t piece = 1; piece < 40; piece++) {
			struct bytes b = authenticate(same[i], piece % 2 == 0);
			struct ntlm n = {0};
			struct sink sink;

			fake_sink_init(&sink);
			take(&n, &b, piece, &sink);
			ck_assert_int_eq(sink.n_notes, 0);
			ck_assert(n.user == hash("zquillf"));
		}
	}
	ck_assert(hash("zquillf") != hash("zquillg"));
}
END_TEST

START_TEST(the_user_stays_for_the_next_blob)
{
	struct bytes b = authenticate("zquillf", true), c = challenge("FS01", "");
	struct ntlm n = {0};
	struct sink sink;

	fake_sink_init(&sink);
	take(&n, &b, 1000, &sink);
	ntlm_begin(&n);
	take(&n, &c, 1000, &sink);
	ck_assert(n.user == hash("zquillf"));
	ck_assert_int_eq(sink.n_notes, 1);
}
END_TEST

START_TEST(lengths_and_offsets_that_lie_name_nobody)
{
	struct bytes good = challenge("FS01", "fs01.trust.example");

	for (size_t at = 14 + 40; at < good.n; at++) {
		static const uint8_t wrong[] = {0x00, 0x7f, 0xff};

		for (size_t i = 0; i < sizeof wrong; i++) {
			struct bytes b = good;
			struct ntlm n = {0};
			struct sink sink;

			b.p[at] = wrong[i];
			fake_sink_init(&sink);
			take(&n, &b, 1000, &sink);
			ck_assert_int_le(sink.n_notes, 1);
			ck_assert_uint_eq(n.user, 0);
		}
	}
}
END_TEST

START_TEST(other_messages_and_other_bytes_are_passed_over)
{
	static const char other[] = "NTLMSSP\0\x01\0\0\0\x97\x82\x08\xe2 NTLMNTLMSSP\0\x09\0\0\0 NTLMSSP";
	struct bytes b = challenge("FS01", "fs01.trust.example");
	struct ntlm n = {0};
	struct sink sink;

	fake_sink_init(&sink);
	ntlm_take(&n, SIDE_0, cur_make(other, sizeof other - 1), &sink);
	ck_assert_int_eq(sink.n_notes, 0);
	take(&n, &b, 1000, &sink);
	ck_assert_uint_eq(fake_noted(&sink, "name", "fs01.trust.example"), 1);
}
END_TEST

UNIT_MAIN("dissect_ntlm", a_challenge_names_the_server_by_its_dns_name, without_a_dns_name_it_is_the_netbios_name,
          the_user_is_known_by_a_hash_only, the_user_stays_for_the_next_blob,
          lengths_and_offsets_that_lie_name_nobody, other_messages_and_other_bytes_are_passed_over)
