#include "../../src/export/xlsx_check.h"
#include "../../src/export/xlsx_text.h"
#include "export_run.h"
#include "unit.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/* What is inside a workbook is looked at by tests/system/test_book.py. */
static const struct table_column columns[] = {{"name", "Name", TABLE_TEXT}, {"n", NULL, TABLE_INTEGER}};
static const struct export_about about = {.made_us = INT64_C(1795273200000000)};
static const struct export_options options = {.about = &about};

static struct table *make(size_t rows)
{
	struct table *t = table_new("things", columns, 2);

	for (size_t i = 0; i < rows; i++) {
		table_add_text(t, "a");
		table_add_integer(t, (int64_t)i);
	}
	return t;
}

static char *run(const struct table *t, size_t *len)
{
	char *bytes = NULL, *error = NULL;
	FILE *out = open_memstream(&bytes, len);

	ck_assert_int_eq(export_find("xlsx")->write_table(t, &options, out, &error), 0);
	fclose(out);
	return bytes;
}

static void clean_to(const char *text, const char *expected)
{
	struct xlsx_text t = {NULL, 0};
	bool is_cut = true;

	ck_assert_str_eq(xlsx_text_clean(&t, text, &is_cut), expected);
	ck_assert(!is_cut);
	free(t.buffer);
}

START_TEST(the_same_table_gives_the_same_bytes)
{
	struct table *t = make(100);
	size_t first_len, second_len;
	char *first = run(t, &first_len), *second = run(t, &second_len);

	ck_assert_uint_eq(first_len, second_len);
	ck_assert_mem_eq(first, second, first_len);
	ck_assert_mem_eq(first, "PK\3\4", 4);
	free(first);
	free(second);
	table_free(t);
}
END_TEST

START_TEST(nothing_found_is_a_workbook_too)
{
	struct table *t = make(0);
	size_t len;
	char *bytes = run(t, &len);

	ck_assert(xlsx_is_whole((const uint8_t *)bytes, len));
	free(bytes);
	table_free(t);
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
	struct table *t = make(1);

	export_must_fail_when_full("xlsx", t);
	table_free(t);
}
END_TEST

START_TEST(more_rows_than_a_sheet_holds_are_refused)
{
	struct table *t = make(1048576);
	char *bytes = NULL, *error = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&bytes, &len);

	ck_assert_int_eq(export_find("xlsx")->write_table(t, &options, out, &error), -1);
	ck_assert_str_eq(error, "things has 1048576 rows and a sheet holds 1048575: use --format csv, or ask for less");
	fclose(out);
	ck_assert_uint_eq(len, 0);
	free(bytes);
	free(error);
	table_free(t);
}
END_TEST

START_TEST(a_folder_for_temporary_files_that_is_not_there_is_passed_over)
{
	struct table *t = make(1);
	size_t len;
	char *bytes;

	setenv("TMPDIR", "/nowhere/at/all", 1);
	bytes = run(t, &len); /* the default will do */
	ck_assert(xlsx_is_whole((const uint8_t *)bytes, len));
	free(bytes);
	table_free(t);
}
END_TEST

/* On a full disk the library writes a sheet without its end and says nothing. */
START_TEST(a_workbook_with_a_part_cut_short_is_not_whole)
{
	struct table *t = make(10);
	size_t len;
	char *bytes = run(t, &len);
	uint8_t *copy = malloc(len);

	ck_assert(xlsx_is_whole((const uint8_t *)bytes, len));
	ck_assert(!xlsx_is_whole((const uint8_t *)bytes, 0));
	ck_assert(!xlsx_is_whole((const uint8_t *)bytes, 100));
	for (size_t i = 0; i < 1000; i++) { /* damage never reads past the end */
		memcpy(copy, bytes, len);
		copy[i * len / 1000] ^= 0xff;
		xlsx_is_whole(copy, len);
	}
	free(copy);
	free(bytes);
	table_free(t);
}
END_TEST

/* A stored part: what deflate makes of `xml` without compressing it (RFC 1951 3.2.4). */
static bool is_whole_with(const char *xml)
{
	uint8_t zip[512] = {'P', 'K', 3, 4, 20, 0, 0, 0, 8};
	size_t len = strlen(xml), packed = len + 5;

	zip[18] = (uint8_t)packed;
	zip[26] = 1;
	zip[30] = 'x';
	zip[31] = 1;
	zip[32] = (uint8_t)len;
	zip[34] = (uint8_t)~len;
	zip[35] = 0xff;
	memcpy(zip + 36, xml, len);
	return xlsx_is_whole(zip, 36 + len);
}

START_TEST(a_part_ends_with_the_end_tag_of_its_root)
{
	ck_assert(is_whole_with("<?xml version=\"1.0\"?>\n<sst a=\"b\"><x/></sst>"));
	ck_assert(is_whole_with("<?xml version=\"1.0\"?>\n<sst></sst>\n"));
	ck_assert(is_whole_with("<?xml version=\"1.0\"?>\n<a:t><x></x></a:t>"));
	ck_assert(!is_whole_with("<?xml version=\"1.0\"?>\n<sst a=\"b\"><x></x>"));
	ck_assert(!is_whole_with("<?xml version=\"1.0\"?>\n<sst></sst"));
	ck_assert(!is_whole_with("<?xml version=\"1.0\"?>\n<sst></sstx>"));
	ck_assert(!is_whole_with("<?xml version=\"1.0\"?>\n<sst>"));
	ck_assert(!is_whole_with("<?xml version=\"1.0\"?>"));
	ck_assert(!is_whole_with("st>"));
	ck_assert(!is_whole_with(""));
}
END_TEST

START_TEST(texts_are_made_fit_for_a_cell)
{
	clean_to("", "");
	clean_to("=1+1", "=1+1");
	clean_to("a\tb\nc", "a\tb\nc");
	clean_to("a\r\nb\rc\r", "a\nb\nc\n");
	clean_to("\x01\x1f\x07", "␁␟␇");
	clean_to("a\xff"
	         "b\xef\xbf\xbf",
	         "a\xef\xbf\xbd"
	         "b\xef\xbf\xbd");
	clean_to("_x0041_ _X0041_ _xyz_x", "_x005F_x0041_ _X0041_ _x005F_xyz_x005F_x");
	clean_to("×🐕", "×🐕");
}
END_TEST

START_TEST(a_text_too_long_is_cut_at_a_character_and_says_so)
{
	struct xlsx_text t = {NULL, 0};
	char *text = malloc(4 * XLSX_TEXT_MAX + 1);
	const char *got;
	bool is_cut;

	memset(text, 'a', XLSX_TEXT_MAX + 1);
	text[XLSX_TEXT_MAX] = '\0';
	ck_assert_ptr_eq(xlsx_text_clean(&t, text, &is_cut), text);
	ck_assert(!is_cut);
	text[XLSX_TEXT_MAX] = 'a';
	text[XLSX_TEXT_MAX + 1] = '\0';
	got = xlsx_text_clean(&t, text, &is_cut);
	ck_assert(is_cut);
	ck_assert_uint_eq(strlen(got), XLSX_TEXT_MAX);
	ck_assert_str_eq(got + XLSX_TEXT_MAX - strlen(XLSX_TEXT_CUT), XLSX_TEXT_CUT);
	for (size_t i = 0; i < XLSX_TEXT_MAX; i++) { /* two code units each */
		memcpy(text + 4 * i, "🐕", 5);
	}
	got = xlsx_text_clean(&t, text, &is_cut);
	ck_assert(is_cut);
	ck_assert_uint_eq((strlen(got) - strlen(XLSX_TEXT_CUT)) % 4, 0);
	ck_assert_uint_le((strlen(got) - strlen(XLSX_TEXT_CUT)) / 2, XLSX_TEXT_MAX);
	free(text);
	free(t.buffer);
}
END_TEST

START_TEST(size_counts_columns_and_lines)
{
	size_t lines;

	setlocale(LC_CTYPE, "C.UTF-8");
	ck_assert_uint_eq(xlsx_text_size("", 10, &lines), 0);
	ck_assert_uint_eq(lines, 1);
	ck_assert_uint_eq(xlsx_text_size("a×b", 10, &lines), 3);
	ck_assert_uint_eq(lines, 1);
	ck_assert_uint_eq(xlsx_text_size("0123456789", 10, &lines), 10);
	ck_assert_uint_eq(lines, 1);
	ck_assert_uint_eq(xlsx_text_size("0123456789a", 10, &lines), 10);
	ck_assert_uint_eq(lines, 2);
	ck_assert_uint_eq(xlsx_text_size("ab\nabc\n", 10, &lines), 3);
	ck_assert_uint_eq(lines, 3);
	ck_assert_uint_eq(xlsx_text_size("🐕🐕", 3, &lines), 2);
	ck_assert_uint_eq(lines, 2);
}
END_TEST

UNIT_MAIN("export_xlsx", the_same_table_gives_the_same_bytes, nothing_found_is_a_workbook_too, a_full_disk_is_noticed,
          more_rows_than_a_sheet_holds_are_refused, a_folder_for_temporary_files_that_is_not_there_is_passed_over,
          a_workbook_with_a_part_cut_short_is_not_whole, a_part_ends_with_the_end_tag_of_its_root,
          texts_are_made_fit_for_a_cell, a_text_too_long_is_cut_at_a_character_and_says_so, size_counts_columns_and_lines)
