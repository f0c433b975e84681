#include "terrier/base/csv.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

struct seen {
	char text[4096];
};

/* `LINE:cell|cell;` for each row. */
static void note(void *context, const struct csv_row *row)
{
	struct seen *seen = context;
	size_t len = strlen(seen->text);

	len += snprintf(seen->text + len, sizeof seen->text - len, "%zu:", row->line);
	for (size_t i = 0; i < row->n && i < CSV_CELLS_MAX; i++) {
		len += snprintf(seen->text + len, sizeof seen->text - len, "%s%s", i > 0 ? "|" : "",
		                row->cells[i].text);
	}
	snprintf(seen->text + len, sizeof seen->text - len, ";");
}

static const char *read_text(const char *text, struct seen *seen, size_t *line)
{
	seen->text[0] = '\0';
	return csv_read(text, strlen(text), note, seen, line);
}

START_TEST(rows_come_with_the_line_on_which_they_begin)
{
	static const char *const texts[] = {"a,b\nc,d\n\n\"e\nf\",g\nh,i",
	                                    "a,b\r\nc,d\r\n\r\n\"e\r\nf\",g\r\nh,i\r\n",
	                                    "a,b\rc,d\r\r\"e\rf\",g\rh,i"};
	struct seen seen;
	size_t line;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		ck_assert_ptr_null(read_text(texts[i], &seen, &line));
		ck_assert_msg(strncmp(seen.text, "1:a|b;2:c|d;4:e", 15) == 0, "%s", seen.text);
		ck_assert_msg(strstr(seen.text, "f|g;6:h|i;") != NULL, "%s", seen.text);
	}
}
END_TEST

START_TEST(another_sign_may_stand_between_the_cells)
{
	struct seen seen = {""};
	size_t line;

	ck_assert_ptr_null(csv_read_with("a;\"b;c\";d,e\n", 12, ';', note, &seen, &line));
	ck_assert_str_eq(seen.text, "1:a|b;c|d,e;");
	seen.text[0] = '\0';
	ck_assert_ptr_null(csv_read_with("a\t\tb c\t\n", 8, '\t', note, &seen, &line));
	ck_assert_str_eq(seen.text, "1:a||b c|;");
}
END_TEST

START_TEST(quotes_commas_and_empty_cells_are_read)
{
	struct seen seen;
	size_t line;

	ck_assert_ptr_null(read_text("\xef\xbb\xbf\"a \"\"b\"\"\",\"c,d\",,\"\"\n", &seen, &line));
	ck_assert_str_eq(seen.text, "1:a \"b\"|c,d||;");
	ck_assert_ptr_null(read_text("", &seen, &line));
	ck_assert_str_eq(seen.text, "");
	ck_assert_ptr_null(read_text("\n\r\n\r", &seen, &line));
	ck_assert_str_eq(seen.text, "");
}
END_TEST

START_TEST(wrong_quotes_are_named_by_their_line)
{
	struct seen seen;
	size_t line = 0;

	ck_assert_ptr_nonnull(read_text("a,b\nc,d\"e\n", &seen, &line));
	ck_assert_uint_eq(line, 2);
	ck_assert_str_eq(seen.text, "1:a|b;");
	ck_assert_ptr_nonnull(read_text("a\n\"b\nc\"d\n", &seen, &line));
	ck_assert_uint_eq(line, 3);
	ck_assert_ptr_nonnull(read_text("a,b\n\nc,\"d\ne\nf\n", &seen, &line));
	ck_assert_uint_eq(line, 3);
	ck_assert_ptr_nonnull(read_text("\"", &seen, &line));
	ck_assert_uint_eq(line, 1);
}
END_TEST

static void count(void *context, const struct csv_row *row)
{
	size_t *counts = context;

	counts[0] += row->n;
	counts[1] += row->cells[0].len;
}

START_TEST(long_rows_and_cells_are_counted_whole)
{
	static char text[200000];
	size_t line, counts[2] = {0, 0};

	memset(text, ',', 999);
	memset(text + 999, 'x', sizeof text - 999);
	ck_assert_ptr_null(csv_read(text, 999, count, counts, &line));
	ck_assert_uint_eq(counts[0], 1000);
	ck_assert_uint_eq(counts[1], 0);
	ck_assert_ptr_null(csv_read(text + 999, sizeof text - 999, count, counts, &line));
	ck_assert_uint_eq(counts[1], sizeof text - 999);
	ck_assert_ptr_null(csv_read("a\0b", 3, count, counts, &line));
	ck_assert_uint_eq(counts[1], sizeof text - 999 + 3);
}
END_TEST

UNIT_MAIN("csv", another_sign_may_stand_between_the_cells,
          rows_come_with_the_line_on_which_they_begin, quotes_commas_and_empty_cells_are_read,
          wrong_quotes_are_named_by_their_line, long_rows_and_cells_are_counted_whole)
