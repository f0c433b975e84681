#include "terrier/base/words.h"

#include "unit.h"

START_TEST(a_text_is_there_once_and_an_empty_one_never)
{
	struct words words = {0};

	ck_assert(words_put(&words, "b"));
	ck_assert(words_put(&words, "a"));
	ck_assert(!words_put(&words, "b"));
	ck_assert(!words_put(&words, ""));
	ck_assert_uint_eq(words.n, 2);
	ck_assert(words_has(&words, "a") && !words_has(&words, "A") && !words_has(&words, ""));
	ck_assert_str_eq(words.text[0], "b");
	words_sort(&words);
	ck_assert_str_eq(words.text[0], "a");
	words_clear(&words);
	ck_assert_uint_eq(words.n, 0);
	ck_assert(words_put(&words, "again"));
	words_clear(&words);
}
END_TEST

static void check_join(const struct words *words, const char *between, size_t most,
                       const char *expected)
{
	char *text = words_join(words, between, most);

	ck_assert_str_eq(text, expected);
	free(text);
}

START_TEST(what_is_too_much_to_join_is_counted)
{
	struct words words = {0};

	check_join(&words, "; ", 0, "");
	check_join(&words, "; ", 3, "");
	words_put(&words, "one");
	check_join(&words, "; ", 0, "one");
	check_join(&words, "; ", 1, "one");
	words_put(&words, "two");
	words_put(&words, "three");
	check_join(&words, "; ", 0, "one; two; three");
	check_join(&words, "; ", 3, "one; two; three");
	check_join(&words, "; ", 1, "one; + 2 more");
	check_join(&words, "", 2, "onetwo+ 1 more");
	words_clear(&words);
}
END_TEST

UNIT_MAIN("words", a_text_is_there_once_and_an_empty_one_never, what_is_too_much_to_join_is_counted)
