#include "terrier/base/addr.h"

#include "unit.h"

#include <string.h>

static struct addr A(const char *text)
{
	struct addr a;

	ck_assert_msg(addr_parse(text, &a), "%s", text);
	return a;
}

static bool has(const char *block, const char *text)
{
	struct prefix p;
	struct addr a = A(text);

	ck_assert_msg(prefix_parse(block, &p), "%s", block);
	return prefix_has(&p, &a);
}

START_TEST(addresses_of_both_families_print_as_they_were_read)
{
	static const char *const texts[] = {"10.77.1.5", "255.255.255.255", "fe80::1", "2001:db8::2:1", "::", "::1"};
	char out[ADDR_TEXT_MAX];

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct addr a = A(texts[i]);
		ck_assert_str_eq(addr_format(&a, out), texts[i]);
	}
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
	static const char *const texts[] = {"", "10.0.0", "10.0.0.256", "10.0.0.1 ", "host", "1::2::3", "10.0.0.1/8"};
	struct addr a;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		ck_assert_msg(!addr_parse(texts[i], &a), "%s", texts[i]);
	}
}
END_TEST

START_TEST(blocks_hold_their_addresses_and_no_others)
{
	ck_assert(has("10.0.0.0/8", "10.255.1.2"));
	ck_assert(!has("10.0.0.0/8", "11.0.0.0"));
	ck_assert(has("10.1.2.3", "10.1.2.3"));
	ck_assert(!has("10.1.2.3", "10.1.2.4"));
	ck_assert(has("172.16.0.0/12", "172.31.255.255"));
	ck_assert(!has("172.16.0.0/12", "172.32.0.0"));
	ck_assert(has("fc00::/7", "fdff::1"));
	ck_assert(!has("fc00::/7", "fe80::1"));
	ck_assert(has("0.0.0.0/0", "192.0.2.1"));
	ck_assert(!has("0.0.0.0/0", "2001:db8::1"));
	ck_assert(has("::/0", "2001:db8::1"));
	ck_assert(!has("::/0", "192.0.2.1"));
}
END_TEST

START_TEST(malformed_blocks_are_refused)
{
	static const char *const texts[] = {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/ 8", "10.0.0.1/8",
	                                    "fc00::/129", "/8", "10.0.0.0/8/8", "fc00::1/7"};
	struct prefix p;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		ck_assert_msg(!prefix_parse(texts[i], &p), "%s", texts[i]);
	}
}
END_TEST

START_TEST(blocks_print_as_they_were_read)
{
	static const char *const texts[] = {"10.0.0.0/8", "192.0.2.1", "fc00::/7", "::/0", "0.0.0.0/0"};
	char out[PREFIX_TEXT_MAX];

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct prefix p;
		ck_assert(prefix_parse(texts[i], &p));
		ck_assert_str_eq(prefix_format(&p, out), texts[i]);
	}
}
END_TEST

START_TEST(special_addresses_are_told_from_hosts)
{
	static const struct {
		const char *text;
		enum addr_class class;
	} cases[] = {
		{"10.1.2.3", ADDR_HOST},        {"0.0.0.0", ADDR_UNSPECIFIED}, {"127.0.0.1", ADDR_LOOPBACK},
		{"239.1.2.3", ADDR_MULTICAST},  {"224.0.0.251", ADDR_MULTICAST}, {"255.255.255.255", ADDR_BROADCAST},
		{"ff02::fb", ADDR_MULTICAST},   {"::", ADDR_UNSPECIFIED},      {"::1", ADDR_LOOPBACK},
		{"fe80::1", ADDR_HOST},         {"::2", ADDR_HOST},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct addr a = A(cases[i].text);
		ck_assert_msg(addr_classify(&a) == cases[i].class, "%s", cases[i].text);
	}
}
END_TEST

UNIT_MAIN("addr", addresses_of_both_families_print_as_they_were_read, what_is_no_address_is_refused,
          blocks_hold_their_addresses_and_no_others, malformed_blocks_are_refused, blocks_print_as_they_were_read,
          special_addresses_are_told_from_hosts)
