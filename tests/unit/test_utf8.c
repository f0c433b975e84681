#include "terrier/base/utf8.h"

#include "unit.h"

#include <locale.h>
#include <string.h>

static void expect(const char *text, size_t len, uint32_t want)
{
	uint32_t code = 1;

	ck_assert_uint_eq(utf8_next(text, &code), len);
	ck_assert_uint_eq(code, want);
	if (len > 0) {
		ck_assert_uint_eq(utf8_decode(text, strlen(text), &code), len);
		ck_assert_uint_eq(code, want);
	}
}

START_TEST(characters_of_every_length_are_read_and_written)
{
	static const uint32_t codes[] = {1,      'a',    0x7f,   0x80,    0x7ff,   0x800,
	                                 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff};
	char out[UTF8_MAX];

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		size_t len = utf8_put(codes[i], out);

		expect(out, len, codes[i]);
	}
}
END_TEST

START_TEST(malformed_octets_stand_for_themselves_and_never_pass_the_end)
{
	expect("", 0, 0);
	expect("\x80", 1, UTF8_REPLACEMENT);
	expect("\xff", 1, UTF8_REPLACEMENT);
	expect("\xc3", 1, UTF8_REPLACEMENT); /* cut by the end */
	expect("\xf0\x9f\x98", 1, UTF8_REPLACEMENT);
	expect("\xc0\x80", 1, UTF8_REPLACEMENT); /* overlong */
	expect("\xe0\x80\xaf", 1, UTF8_REPLACEMENT);
	expect("\xed\xa0\x80", 1, UTF8_REPLACEMENT);     /* surrogate */
	expect("\xf4\x90\x80\x80", 1, UTF8_REPLACEMENT); /* behind the last character */
	expect("\xf8\x88\x80\x80\x80", 1, UTF8_REPLACEMENT);
	expect("\xc3(", 1, UTF8_REPLACEMENT);
}
END_TEST

START_TEST(a_length_ends_a_text_as_its_nul_does)
{
	uint32_t code;

	ck_assert_uint_eq(utf8_decode("\xc3\xa9", 1, &code), 1);
	ck_assert_uint_eq(code, UTF8_REPLACEMENT);
	ck_assert_uint_eq(utf8_decode("\0a", 2, &code), 1);
	ck_assert_uint_eq(code, 0);
}
END_TEST

START_TEST(columns_are_those_of_a_terminal)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	ck_assert_int_eq(utf8_columns('a'), 1);
	ck_assert_int_eq(utf8_columns(0x65e5), 2);
	ck_assert_int_eq(utf8_columns(0x301), 0);
	ck_assert_int_eq(utf8_columns(UTF8_REPLACEMENT), 1);
}
END_TEST

START_TEST(control_characters_are_told)
{
	ck_assert(utf8_is_control('\033'));
	ck_assert(utf8_is_control(0x9b));
	ck_assert(utf8_is_control(0x202e));
	ck_assert(utf8_is_control(0x2067));
	ck_assert(!utf8_is_control('a'));
	ck_assert(!utf8_is_control(0xa0));
	ck_assert(!utf8_is_control(0x65e5));
}
END_TEST

UNIT_MAIN("utf8", characters_of_every_length_are_read_and_written,
          a_length_ends_a_text_as_its_nul_does,
          malformed_octets_stand_for_themselves_and_never_pass_the_end,
          columns_are_those_of_a_terminal, control_characters_are_told)
