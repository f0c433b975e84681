#include "terrier/base/text.h"

#include "unit.h"

#include <string.h>

static enum text_fault check(const char *text)
{
	return text_check(text, strlen(text), TEXT_MAX);
}

START_TEST(names_of_systems_may_be_kept)
{
	static const char *const texts[] = {"LIMS", "ADT^A01", "PathResults", "ward7-pc1", "OFFIS_DCMTK_367", "2.4",
	                                    "zażółć", "Trust PAS 2", "10.77.1.80"};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		ck_assert_msg(check(texts[i]) == TEXT_OK, "%s", texts[i]);
	}
}
END_TEST

START_TEST(what_may_name_a_patient_is_withheld)
{
	ck_assert_int_eq(check("9990000018"), TEXT_NHS_NUMBER);
	ck_assert_int_eq(check("x 999 000 0018 y"), TEXT_NHS_NUMBER);
	ck_assert_int_eq(check("999-000-0018"), TEXT_NHS_NUMBER);
	ck_assert_int_eq(check("MRN123456"), TEXT_DIGITS);
	ck_assert_int_eq(check("a@b"), TEXT_AT_SIGN);
	ck_assert_int_eq(check("1901-02-03"), TEXT_DATE);
	ck_assert_int_eq(check("born 3/2/1901"), TEXT_DATE);
	ck_assert_int_eq(check("03.02.1901"), TEXT_DATE);
	ck_assert_int_eq(check("line\nfeed"), TEXT_NOT_PRINTABLE);
	ck_assert_int_eq(check("bad \xc3("), TEXT_NOT_PRINTABLE);
	ck_assert_int_eq(check("\xed\xa0\x80"), TEXT_NOT_PRINTABLE);
	ck_assert_int_eq(check(""), TEXT_EMPTY);
	ck_assert_int_eq(text_check("abcdef", 6, 5), TEXT_TOO_LONG);
}
END_TEST

START_TEST(nhs_numbers_are_found_in_longer_texts)
{
	static const char *const with[] = {"9434765919", "as for 943 476 5919, seen", "x943-476-5919"},
	                         *const without[] = {"9434765918", "943 476 591", "INC1234567", "943,476,5919", ""};

	for (size_t i = 0; i < 3; i++) {
		ck_assert(text_has_nhs_number(with[i], strlen(with[i])));
	}
	for (size_t i = 0; i < 5; i++) {
		ck_assert(!text_has_nhs_number(without[i], strlen(without[i])));
	}
}
END_TEST

START_TEST(host_names_are_told_from_other_text)
{
	ck_assert(text_is_hostname("outlook.office365.com", 21));
	ck_assert(text_is_hostname("_kerberos._tcp", 14));
	ck_assert(!text_is_hostname("10.77.1.5", 9));
	ck_assert(!text_is_hostname("a..b", 4));
	ck_assert(!text_is_hostname("-a", 2));
	ck_assert(!text_is_hostname("a b", 3));
	ck_assert(!text_is_hostname("a.", 2));
}
END_TEST

START_TEST(helpers_respect_their_bounds)
{
	char small[4], spaced[] = "  two words \n";

	ck_assert_uint_eq(text_copy(small, sizeof small, "abcdef", 6), 3);
	ck_assert_str_eq(small, "abc");
	ck_assert_str_eq(text_trim(spaced), "two words");
	ck_assert_int_eq(text_casecmp("HOST", "host"), 0);
	ck_assert_int_lt(text_casecmp("a", "B"), 0);
}
END_TEST

START_TEST(words_are_found_whatever_their_case_and_within_the_text)
{
	ck_assert(text_begins("Basic x", 7, "basic "));
	ck_assert(!text_begins("Bas", 3, "basic "));
	ck_assert(!text_begins("Bearer", 6, "basic "));
	ck_assert(text_begins("", 0, ""));
	ck_assert(text_has("220 an ESMTP", 12, "smtp"));
	ck_assert(!text_has("220 an ESMTP", 11, "smtp"));
	ck_assert(!text_has("", 0, "smtp"));
}
END_TEST

START_TEST(the_registrable_domain_is_the_end_of_a_name)
{
	ck_assert_str_eq(text_registrable("a.b.trust.example"), "trust.example");
	ck_assert_str_eq(text_registrable("ldap.spine.nhs.uk"), "spine.nhs.uk");
	ck_assert_str_eq(text_registrable("zap.co.il"), "zap.co.il");
	ck_assert_str_eq(text_registrable("pacs"), "pacs");
	ck_assert_str_eq(text_registrable(""), "");
}
END_TEST

UNIT_MAIN("text", names_of_systems_may_be_kept, what_may_name_a_patient_is_withheld,
          nhs_numbers_are_found_in_longer_texts, host_names_are_told_from_other_text, helpers_respect_their_bounds,
          words_are_found_whatever_their_case_and_within_the_text,
          the_registrable_domain_is_the_end_of_a_name)
