#include "../../src/dissect/field.h"

#include "unit.h"

#include <string.h>

static bool split(const char *line, struct field *f)
{
	return field_split(line, strlen(line), f);
}

START_TEST(a_field_is_split_without_its_blanks)
{
	struct field f;

	ck_assert(split("Content-Length \t:  12", &f));
	ck_assert_uint_eq(f.name_len, 14);
	ck_assert_uint_eq(f.value_len, 2);
	ck_assert(field_is(&f, "content-length"));
	ck_assert(!field_is(&f, "content-lengths"));
	ck_assert(!field_is(&f, "content"));
	ck_assert_uint_eq(field_number(f.value, f.value_len), 12);
	ck_assert(split("l:", &f));
	ck_assert_uint_eq(f.value_len, 0);
	ck_assert(!split("no colon", &f));
	ck_assert(!split(": nameless", &f));
	ck_assert(!split("", &f));
}
END_TEST

START_TEST(a_start_line_ends_with_the_line_or_where_it_is_cut)
{
	static const char *const methods[] = {"PLAY ", "PLAY_NOTIFY ", NULL};
	bool is_cut;

	ck_assert_uint_eq(field_line(cur_make("PLAY x\r\nCSeq", 12), 100, &is_cut), 6);
	ck_assert(!is_cut);
	ck_assert_uint_eq(field_line(cur_make("PLAY x\r\nCSeq", 12), 4, &is_cut), 4);
	ck_assert(is_cut);
	ck_assert_uint_eq(field_method("PLAY_NOTIFY x", 13, methods), 12);
	ck_assert_uint_eq(field_method("PLAY ", 5, methods), 0);
	ck_assert_uint_eq(field_method("play x", 6, methods), 0);
}
END_TEST

START_TEST(a_product_is_letters_alone)
{
	ck_assert_uint_eq(field_product("Cisco-CP8841/12.5", 17), 8);
	ck_assert_uint_eq(field_product("Asterisk PBX", 12), 8);
	ck_assert_uint_eq(field_product("9434765919", 10), 0);
	ck_assert_uint_eq(field_product("", 0), 0);
	ck_assert_uint_le(
	        field_product("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 56), 32);
}
END_TEST

START_TEST(numbers_are_bounded)
{
	ck_assert_uint_eq(field_number("999999999999", 12), 999999999);
	ck_assert_uint_eq(field_number("-1", 2), 0);
	ck_assert_uint_eq(field_number("7x", 2), 7);
	ck_assert_uint_eq(field_number("77", 1), 7);
}
END_TEST

UNIT_MAIN("field", a_field_is_split_without_its_blanks, a_start_line_ends_with_the_line_or_where_it_is_cut,
          a_product_is_letters_alone, numbers_are_bounded)
