#include "terrier/base/glyph.h"

#include "unit.h"

#include <string.h>

START_TEST(widths_add_up_and_scale)
{
	ck_assert_double_eq_tol(glyph_width("il", 2, 1000, false), 556, 0.1);
	ck_assert_double_eq_tol(glyph_width("il", 2, 10, false), 5.56, 0.01);
	ck_assert_double_gt(glyph_width("epr", 3, 10, true), glyph_width("epr", 3, 10, false));
	ck_assert_double_eq(glyph_width("", 0, 10, false), 0);
}
END_TEST

static void check_clean(const char *text, size_t max, const char *expected)
{
	char *clean = glyph_clean(text, max, false);

	ck_assert_str_eq(clean, expected);
	free(clean);
}

START_TEST(texts_are_made_fit_to_be_shown)
{
	check_clean("pacs", 10, "pacs");
	check_clean("a\tb\nc", 10, "a b c");
	check_clean("abcdef", 6, "abcdef");
	check_clean("abcdefg", 6, "abcde\xe2\x80\xa6");
	check_clean("\xff", 6, "\xef\xbf\xbd");
	check_clean("a\xe2\x80\xae"
	            "b\xc2\x85",
	            6, "a b ");
	check_clean("\xd7\xa9\xd7\x9c", 6, "\xd7\xa9\xd7\x9c");
	check_clean("", 6, "");
	char *lines = glyph_clean("a\nb", 6, true);
	ck_assert_str_eq(lines, "a\nb");
	free(lines);
}
END_TEST

START_TEST(lines_break_at_spaces_and_never_stand_still)
{
	ck_assert_uint_eq(glyph_break("aaa bbb", 25, 10, false), 3);
	ck_assert_uint_eq(glyph_break("aaa bbb", 100, 10, false), 7);
	ck_assert_uint_eq(glyph_break("aaa\nbbb", 100, 10, false), 3);
	ck_assert_uint_eq(glyph_break("aaaaaaaa", 13, 10, false), 2);
	ck_assert_uint_eq(glyph_break("aaaaaaaa", 0, 10, false), 1);
	ck_assert_uint_eq(glyph_break("", 10, 10, false), 0);
}
END_TEST

UNIT_MAIN("glyph", widths_add_up_and_scale, texts_are_made_fit_to_be_shown,
          lines_break_at_spaces_and_never_stand_still)
