#include "export_run.h"
#include "unit.h"

#include <string.h>

static const struct table_column columns[] = {
        {"name", "Name", TABLE_TEXT},
        {NULL, "For people", TABLE_TEXT},
        {"n", "N", TABLE_BYTES},
        {"seen", NULL, TABLE_TIME},
};

static char *export_one(const char *text, int64_t n)
{
	struct table *t = table_new("things", columns, 4);
	char *all;

	table_add_text(t, text);
	table_add_text(t, "not in files");
	table_add_integer(t, n);
	table_add_time(t, 1000000);
	all = export_run("json", t, 0);
	table_free(t);
	return all;
}

static void expect(const char *text, const char *string)
{
	char *got = export_one(text, 1), want[256];

	snprintf(want, sizeof want,
	         "\"things\": [\n{\"name\": %s, \"n\": 1, \"seen\": \"1970-01-01T00:00:01Z\"}\n]\n}\n", string);
	ck_assert_msg(strstr(got, want) != NULL, "%s", got);
	free(got);
}

START_TEST(texts_are_escaped)
{
	expect("plain", "\"plain\"");
	expect("a\"b\\c", "\"a\\\"b\\\\c\"");
	expect("a\nb\x01", "\"a\\u000ab\\u0001\"");
	expect("×", "\"×\"");
	expect("a\xff", "\"a\xef\xbf\xbd\"");
	expect("\xc2\x9b", "\"\\u009b\"");
}
END_TEST

START_TEST(integers_stay_exact)
{
	char *got = export_one("x", INT64_MAX);

	ck_assert_ptr_nonnull(strstr(got, "\"n\": 9223372036854775807,"));
	free(got);
}
END_TEST

START_TEST(an_empty_table_is_one_object_with_an_empty_array)
{
	struct table *t = table_new("things", columns, 4);
	const char *want = "{\n\"version\": \"" TERRIER_VERSION "\",\n"
	                   "\"query\": {\"kind\": \"clin.*\", \"limit\": 3},\n"
	                   "\"coverage\": {\"sensors\": \"a; b\", \"packets\": -1},\n"
	                   "\"things\": [\n]\n}\n";
	char *got;

	table_add_note(t, TABLE_NOTE_QUERY, "kind", "clin.*");
	table_add_note(t, TABLE_NOTE_COVERAGE, "sensors", "a; b");
	table_add_note_integer(t, TABLE_NOTE_QUERY, "limit", 3);
	table_add_note_integer(t, TABLE_NOTE_COVERAGE, "packets", -1);
	got = export_run("json", t, 0);
	ck_assert_str_eq(got, want);
	free(got);
	table_free(t);
}
END_TEST

START_TEST(an_empty_cell_is_null)
{
	struct table *t = table_new("things", columns, 4);
	char *got;

	for (int i = 0; i < 8; i++) {
		table_add_empty(t);
	}
	got = export_run("json", t, 0);
	ck_assert_ptr_nonnull(
	        strstr(got, "[\n{\"name\": null, \"n\": null, \"seen\": null},\n{\"name\": null"));
	free(got);
	table_free(t);
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
	struct table *t = table_new("things", columns, 4);

	export_must_fail_when_full("json", t);
	table_free(t);
}
END_TEST

START_TEST(a_book_is_one_object_with_an_array_a_table)
{
	static const struct export_about about = {.marking = "OFFICIAL \"X\"", .head = "abc", .made_us = 1000000};
	const struct export_options options = {.about = &about};
	struct table *t[2] = {table_new("things", columns, 4), table_new("others", columns, 4)};
	char *text = NULL, *error = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	table_add_note(t[0], TABLE_NOTE_COVERAGE, "sensors", "span-a");
	table_add_note(t[0], TABLE_NOTE_QUERY, "view", "ig");
	table_add_note_integer(t[1], TABLE_NOTE_QUERY, "rows_found", 0);
	ck_assert_int_eq(export_find("json")->write_book((const struct table *const *)t, 2, &options, out, &error), 0);
	fclose(out);
	ck_assert_str_eq(text, "{\n\"version\": \"" TERRIER_VERSION "\",\n"
	                       "\"about\": {\"marking\": \"OFFICIAL \\\"X\\\"\", \"produced\": "
	                       "\"1970-01-01T00:00:01Z\", \"head\": \"abc\"},\n"
	                       "\"query\": {\n\"things\": {\"view\": \"ig\"},\n\"others\": {\"rows_found\": 0}\n},\n"
	                       "\"coverage\": {\"sensors\": \"span-a\"},\n"
	                       "\"things\": [\n],\n\"others\": [\n]\n}\n");
	free(text);
	table_free(t[0]);
	table_free(t[1]);
}
END_TEST

UNIT_MAIN("export_json", a_book_is_one_object_with_an_array_a_table, texts_are_escaped, integers_stay_exact,
          an_empty_table_is_one_object_with_an_empty_array, an_empty_cell_is_null,
          a_full_disk_is_noticed)
