#include "terrier/register/country.h"

#include "unit.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The databases are made by tests/tools/make_mmdb.py, which says what is in them. */
static const char *const both[] = {MMDB_V4, MMDB_V6};

static struct countries *open_one(const char *path)
{
	char *error = NULL;
	struct countries *c = countries_open(path, &error);

	ck_assert_msg(c != NULL, "%s: %s", path, error);
	return c;
}

static void expect_of(const struct countries *c, const char *text, const char *expected)
{
	char code[COUNTRY_MAX];
	struct prefix block;

	ck_assert(prefix_parse(text, &block));
	ck_assert_msg(strcmp(countries_find(c, &block, code), expected) == 0, "%s: %s", text, code);
}

static void expect(const char *text, const char *expected)
{
	for (size_t i = 0; i < 2; i++) {
		struct countries *c = open_one(both[i]);

		expect_of(c, text, expected);
		countries_close(c);
	}
}

static void refused(const char *path, const char *words)
{
	char *error = NULL;

	ck_assert_ptr_null(countries_open(path, &error));
	ck_assert_msg(strstr(error, words) != NULL, "%s: %s", path, error);
	free(error);
}

START_TEST(an_address_has_the_country_of_its_network)
{
	expect("203.0.113.9", "GB");
	expect("203.0.113.200", "GB");
	expect("198.51.100.1", "FR");
	expect("198.51.100.255", "DE");
	expect("192.0.2.127", "US");
}
END_TEST

START_TEST(an_address_that_the_file_has_not_is_unknown)
{
	expect("192.0.2.128", "unknown");
	expect("8.8.8.8", "unknown");
	expect("2001:db9::1", "unknown");
}
END_TEST

START_TEST(a_block_has_a_country_when_all_of_it_has_the_same)
{
	expect("203.0.113.0/24", "GB");
	expect("203.0.113.64/26", "GB");
	expect("198.51.100.0/25", "FR");
	expect("198.51.100.0/24", "unknown");
	expect("192.0.2.0/24", "unknown");
	expect("11.16.0.0/12", "US");
	expect("0.0.0.0/0", "unknown");
}
END_TEST

/* 8192 answers: more than are asked for, though all are the same. */
START_TEST(a_block_of_too_many_answers_is_unknown)
{
	expect("11.0.0.0/8", "unknown");
}
END_TEST

START_TEST(private_and_local_addresses_have_no_country_whatever_the_file_says)
{
	expect("10.1.2.3", "unknown");
	expect("10.1.0.0/16", "unknown");
	expect("100.64.1.1", "unknown");
	expect("8.0.0.0/5", "unknown"); /* some of it is private */
	expect("fd00::1", "unknown");
	expect("::1", "unknown");
	expect("224.0.0.1", "unknown");
	expect("255.255.255.255", "unknown");
}
END_TEST

START_TEST(what_is_no_code_of_a_country_is_unknown)
{
	expect("198.16.1.1", "unknown");
	expect("198.17.1.1", "unknown");
	expect("198.20.1.1", "unknown");
	expect("198.21.1.1", "unknown");
	expect("198.22.1.1", "unknown");
	expect("198.23.1.1", "unknown");
	expect("198.24.1.1", "unknown");
	expect("198.25.1.1", "unknown");
}
END_TEST

START_TEST(addresses_of_ipv6_are_found_where_the_file_has_them)
{
	struct countries *c = open_one(MMDB_V6);

	expect_of(c, "2001:db8::1", "NL");
	expect_of(c, "2001:db8:ffff::1", "SE");
	expect_of(c, "2001:db8::/48", "NL");
	expect_of(c, "2001:db8::/32", "unknown");
	expect_of(c, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "unknown");
	countries_close(c);
	c = open_one(MMDB_V4);
	expect_of(c, "2001:db8::1", "unknown");
	countries_close(c);
	countries_close(NULL);
}
END_TEST

START_TEST(the_edition_names_the_file_and_its_day)
{
	struct countries *c = open_one(MMDB_V4);

	ck_assert_str_eq(countries_edition(c), "Test-Country of 2026-11-21");
	countries_close(c);
}
END_TEST

START_TEST(what_is_no_database_of_countries_is_refused_with_its_reason)
{
	refused("/nowhere/at/all.mmdb", "No such file");
	refused("/dev/zero", "no file");
	refused("/", "no file");
	refused("/proc/self/exe", "name a database of countries");
	refused(MMDB_NETWORKS, "it holds 'Test-ASN', not countries");
}
END_TEST

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void damage(const uint8_t *octets, size_t len, const char *path, uint32_t *state)
{
	static const char *const asked[] = {"203.0.113.9", "198.51.100.0/24", "11.0.0.0/8", "2001:db8::/32"};
	FILE *out = fopen(path, "wb");
	size_t kept = next_random(state) % 4 == 0 ? next_random(state) % len : len;
	uint8_t *copy = malloc(len);
	char code[COUNTRY_MAX], *error = NULL;
	struct countries *c;

	memcpy(copy, octets, len);
	for (uint32_t i = next_random(state) % 8; i > 0; i--) { /* most of what matters is at the end */
		size_t back = next_random(state) % (next_random(state) % 2 == 0 ? 300 : len);

		copy[len - 1 - back] = (uint8_t)next_random(state);
	}
	ck_assert_uint_eq(fwrite(copy, 1, kept, out), kept);
	fclose(out);
	c = countries_open(path, &error);
	for (size_t i = 0; i < 4 && c != NULL; i++) {
		struct prefix block;

		prefix_parse(asked[i], &block);
		countries_find(c, &block, code);
		ck_assert(strcmp(code, "unknown") == 0 || strlen(code) == 2);
	}
	ck_assert((c == NULL) == (error != NULL));
	countries_close(c);
	free(error);
	free(copy);
}

START_TEST(damaged_files_are_refused_or_know_less)
{
	char path[] = "/tmp/terrier-country-XXXXXX";
	uint32_t state = 4711;

	close(mkstemp(path));
	for (size_t i = 0; i < 2; i++) {
		FILE *in = fopen(both[i], "rb");
		uint8_t *octets = malloc(1 << 20);
		size_t len;

		ck_assert_ptr_nonnull(in);
		len = fread(octets, 1, 1 << 20, in);
		ck_assert_uint_lt(len, 1 << 20);
		fclose(in);
		for (int n = 0; n < 200; n++) {
			damage(octets, len, path, &state);
		}
		free(octets);
	}
	unlink(path);
}
END_TEST

UNIT_MAIN("country", an_address_has_the_country_of_its_network, an_address_that_the_file_has_not_is_unknown,
          a_block_has_a_country_when_all_of_it_has_the_same, a_block_of_too_many_answers_is_unknown,
          private_and_local_addresses_have_no_country_whatever_the_file_says, what_is_no_code_of_a_country_is_unknown,
          addresses_of_ipv6_are_found_where_the_file_has_them, the_edition_names_the_file_and_its_day,
          what_is_no_database_of_countries_is_refused_with_its_reason, damaged_files_are_refused_or_know_less)
