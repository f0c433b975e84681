#include "export_run.h"
#include "unit.h"

#include <locale.h>
#include <string.h>

static const struct table_column columns[] = {
        {"id", "ID", TABLE_TEXT},      {"hidden", NULL, TABLE_TEXT},
        {"name", "Name", TABLE_TEXT},  {"count", "Count", TABLE_INTEGER},
        {"size", "Size", TABLE_BYTES}, {"evidence", "Evidence", TABLE_TEXT},
};

static void add(struct table *t, const char *name, int64_t count, int64_t size,
                const char *evidence)
{
	table_add_text(t, "X-0123456789ab");
	table_add_text(t, "not shown");
	table_add_text(t, name);
	table_add_integer(t, count);
	table_add_integer(t, size);
	table_add_text(t, evidence);
}

static char *run(const char *name, const char *evidence, int width)
{
	struct table *t = table_new("things", columns, 6);
	char *got;

	setlocale(LC_CTYPE, "C.UTF-8");
	add(t, name, 1234567, 1500, evidence);
	add(t, "b", 1, 999, "");
	got = export_run("table", t, width);
	table_free(t);
	return got;
}

static void expect(const char *name, const char *evidence, int width, const char *want)
{
	char *got = run(name, evidence, width);

	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(columns_are_aligned_and_numbers_read_by_people)
{
	expect("pacs", "ADT^A01", 0,
	       "ID              Name      Count    Size  Evidence\n"
	       "X-0123456789ab  pacs  1,234,567  1.5 kB  ADT^A01\n"
	       "X-0123456789ab  b             1   999 B\n\n");
}
END_TEST

START_TEST(the_widest_text_is_cut_until_the_row_fits_but_never_the_id)
{
	expect("pacs.radiology.trust.example", "ADT^A01", 60,
	       "ID              Name                 Count    Size  Evidence\n"
	       "X-0123456789ab  pacs.radiology…  1,234,567  1.5 kB  ADT^A01\n"
	       "X-0123456789ab  b                        1   999 B\n\n");
}
END_TEST

START_TEST(columns_that_do_not_fit_are_left_out_and_said)
{
	expect("pacs", "ADT^A01", 32,
	       "ID              Name      Count\n"
	       "X-0123456789ab  pacs  1,234,567\n"
	       "X-0123456789ab  b             1\n\n"
	       "2 more columns do not fit: widen the terminal or use --format csv.\n");
}
END_TEST

START_TEST(columns_without_content_are_left_out)
{
	expect("pacs", "", 0,
	       "ID              Name      Count    Size\n"
	       "X-0123456789ab  pacs  1,234,567  1.5 kB\n"
	       "X-0123456789ab  b             1   999 B\n\n");
}
END_TEST

START_TEST(wide_and_combining_characters_keep_their_place)
{
	expect("日本e\xcc\x81", "×", 0,
	       "ID              Name       Count    Size  Evidence\n"
	       "X-0123456789ab  日本e\xcc\x81  1,234,567  1.5 kB  ×\n"
	       "X-0123456789ab  b              1   999 B\n\n");
}
END_TEST

START_TEST(control_characters_never_reach_the_terminal)
{
	char *got = run("a\033[31mb\xc2\x9b\xe2\x80\xae\n", "x\xff", 0);

	ck_assert_ptr_null(strchr(got, '\033'));
	ck_assert_ptr_null(strstr(got, "\xc2\x9b"));
	ck_assert_ptr_null(strstr(got, "\xe2\x80\xae"));
	ck_assert_ptr_nonnull(strstr(got, "a�[31mb���"));
	free(got);
}
END_TEST

START_TEST(sizes_round_to_the_unit_people_expect)
{
	static const struct {
		int64_t size;
		const char *want;
	} cases[] = {{0, "0 B"},         {999, "999 B"},       {1000, "1.0 kB"},
	             {9949, "9.9 kB"},   {9951, "10 kB"},      {999499, "999 kB"},
	             {999501, "1.0 MB"}, {INT64_MAX, "9.2 EB"}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		static const struct table_column one[] = {{"size", "Size", TABLE_BYTES}};
		struct table *t = table_new("things", one, 1);
		char *got;

		table_add_integer(t, cases[i].size);
		got = export_run("table", t, 0);
		ck_assert_msg(strstr(got, cases[i].want) != NULL, "%s", got);
		free(got);
		table_free(t);
	}
}
END_TEST

START_TEST(the_footer_is_wrapped_and_nothing_found_is_said)
{
	struct table *t = table_new("things", columns, 6);
	char *got;

	table_add_note(t, TABLE_NOTE_QUERY, "kind", "clin.*");
	table_add_note(t, TABLE_NOTE_COVERAGE, "first_seen", "2026-11-21T22:08:28Z");
	table_add_note_integer(t, TABLE_NOTE_COVERAGE, "kernel_drops", 12345);
	got = export_run("table", t, 40);
	ck_assert_str_eq(got, "Nothing found.\n\nQuery: kind clin.*\nCoverage: first seen\n"
	                      "  2026-11-21T22:08:28Z; kernel drops\n  12,345\n");
	free(got);
	table_free(t);
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
	struct table *t = table_new("things", columns, 6);

	export_must_fail_when_full("table", t);
	table_free(t);
}
END_TEST

UNIT_MAIN("export_table", columns_are_aligned_and_numbers_read_by_people,
          the_widest_text_is_cut_until_the_row_fits_but_never_the_id,
          columns_that_do_not_fit_are_left_out_and_said, columns_without_content_are_left_out,
          wide_and_combining_characters_keep_their_place,
          control_characters_never_reach_the_terminal, sizes_round_to_the_unit_people_expect,
          the_footer_is_wrapped_and_nothing_found_is_said, a_full_disk_is_noticed)
