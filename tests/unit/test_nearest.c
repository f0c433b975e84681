#include "terrier/base/nearest.h"

#include "unit.h"

#include <string.h>

static const char *const words[] = {"flows", "hosts", "kinds", "explain", "status", "map"};

static const char *find(const char *word)
{
	return nearest_find(word, words, sizeof words / sizeof words[0]);
}

START_TEST(one_slip_finds_the_word)
{
	ck_assert_str_eq(find("flow"), "flows");
	ck_assert_str_eq(find("folws"), "flows");
	ck_assert_str_eq(find("statsu"), "status");
	ck_assert_str_eq(find("explian"), "explain");
	ck_assert_str_eq(find("mpa"), "map");
	ck_assert_str_eq(find("HOSTS"), "hosts");
}
END_TEST

START_TEST(what_is_far_from_all_finds_nothing)
{
	ck_assert_ptr_null(find("findings"));
	ck_assert_ptr_null(find(""));
	ck_assert_ptr_null(find("xyz"));
	ck_assert_ptr_null(find("a"));
	ck_assert_ptr_null(nearest_find("flows", words, 0));
}
END_TEST

START_TEST(very_long_words_are_compared_by_their_beginnings)
{
	char word[5000];

	memset(word, 'x', sizeof word - 1);
	word[sizeof word - 1] = '\0';
	ck_assert_ptr_null(find(word));
}
END_TEST

UNIT_MAIN("nearest", one_slip_finds_the_word, what_is_far_from_all_finds_nothing,
          very_long_words_are_compared_by_their_beginnings)
