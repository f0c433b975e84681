#include "terrier/daemon/value.h"

#include "unit.h"

#include <string.h>

START_TEST(numbers_and_sizes_are_whole_and_fit)
{
	uint64_t value = 7;

	ck_assert(value_parse_number("0", &value) && value == 0);
	ck_assert(value_parse_number("9999999999999999999", &value));
	ck_assert(value_parse_size("64M", &value) && value == 64 << 20);
	ck_assert(value_parse_size("3k", &value) && value == 3072);
	ck_assert(value_parse_size("2T", &value) && value == UINT64_C(2) << 40);
	ck_assert(value_parse_size("12", &value) && value == 12);
	static const char *const wrong[] = {"",    "-1",  "+1",   " 1",
	                                    "1.5", "1e3", "0x10", "99999999999999999999"};

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		ck_assert_msg(!value_parse_number(wrong[i], &value), "%s", wrong[i]);
		ck_assert_msg(!value_parse_size(wrong[i], &value), "%s", wrong[i]);
	}
	ck_assert(!value_parse_size("M", &value));
	ck_assert(!value_parse_size("1MB", &value));
	ck_assert(!value_parse_size("1-", &value));
	ck_assert(!value_parse_size("9999999999999999T", &value));
	ck_assert_uint_eq(value, 12);
}
END_TEST

START_TEST(names_have_their_alphabets)
{
	ck_assert(value_is_interface("enp3s0.310@x"));
	ck_assert(!value_is_interface("sixteen-letters0"));
	ck_assert(!value_is_interface("a/b"));
	ck_assert(!value_is_interface(""));
	ck_assert(value_is_account("_terrier-2"));
	ck_assert(!value_is_account("-rf"));
	ck_assert(!value_is_account("0root"));
	ck_assert(value_is_word("hl7v2"));
	ck_assert(!value_is_word("HL7"));
	ck_assert(!value_is_label("Theatre 4, wing B"));
	ck_assert(value_is_label("Theatre 4 wing B"));
	ck_assert(!value_is_label("a]b"));
	ck_assert(!value_is_label("bell\a"));
	ck_assert(value_is_path("/fhir/R4"));
	ck_assert(!value_is_path("fhir"));
	ck_assert(!value_is_path("/Patient?name=x"));
	ck_assert(!value_is_path("/p/1234567"));
	ck_assert(!value_is_filter("ip\n"));
}
END_TEST

START_TEST(what_was_meant_is_guessed)
{
	char network[64];

	ck_assert(value_suggest_network("10.0.0.1/8", network, sizeof network));
	ck_assert_str_eq(network, "10.0.0.0/8");
	ck_assert(value_suggest_network("fd00::1/8", network, sizeof network));
	ck_assert_str_eq(network, "fd00::/8");
	ck_assert(!value_suggest_network("10.0.0.1/33", network, sizeof network));
	ck_assert(!value_suggest_network("10.0.0.1", network, sizeof network));
	ck_assert(!value_suggest_network("x/8", network, sizeof network));
	ck_assert(!value_suggest_network("10.0.0.1/", network, sizeof network));
	ck_assert_uint_eq(value_distance("filter", "filter"), 0);
	ck_assert_uint_eq(value_distance("filer", "filter"), 1);
	ck_assert_uint_eq(value_distance("", "abc"), 3);
	ck_assert_uint_eq(value_distance("kitten", "sitting"), 3);
	ck_assert_uint_eq(value_distance("a word that is longer than any key may be", "x"),
	                  SIZE_MAX);
}
END_TEST

START_TEST(quoted_text_fits_a_line_of_a_log)
{
	char out[8];

	ck_assert_str_eq(value_quote("a\tb\x1b[m", out, sizeof out), "a?b?[m");
	ck_assert_str_eq(value_quote("abcdefghij", out, sizeof out), "abcdefg");
	ck_assert_str_eq(value_quote("\xff\xfe", out, sizeof out), "??");
	ck_assert_str_eq(value_quote("\xc3\xb6l", out, sizeof out), "\xc3\xb6l");
}
END_TEST

UNIT_MAIN("value", numbers_and_sizes_are_whole_and_fit, names_have_their_alphabets,
          what_was_meant_is_guessed, quoted_text_fits_a_line_of_a_log)
