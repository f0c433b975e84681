#include "export_run.h"
#include "unit.h"

static const struct table_column columns[] = {
        {"name", "Name", TABLE_TEXT},  {NULL, "For people", TABLE_TEXT}, {"n", "N", TABLE_INTEGER},
        {"size", "Size", TABLE_BYTES}, {"seen", NULL, TABLE_TIME},
};

static struct table *make(const char *text)
{
	struct table *t = table_new("things", columns, 5);

	if (text != NULL) {
		table_add_text(t, text);
		table_add_text(t, "not in files");
		table_add_integer(t, INT64_MAX);
		table_add_integer(t, 0);
		table_add_time(t, 0);
	}
	return t;
}

static void expect(const char *text, const char *cell)
{
	struct table *t = make(text);
	char *got = export_run("csv", t, 0), want[256];

	snprintf(want, sizeof want,
	         "name,n,size,seen\r\n%s,9223372036854775807,0,1970-01-01T00:00:00Z\r\n", cell);
	ck_assert_str_eq(got, want);
	free(got);
	table_free(t);
}

START_TEST(nothing_found_is_a_header_alone)
{
	struct table *t = make(NULL);
	char *got = export_run("csv", t, 0);

	ck_assert_str_eq(got, "name,n,size,seen\r\n");
	free(got);
	table_free(t);
}
END_TEST

START_TEST(cells_with_commas_quotes_and_line_ends_are_quoted)
{
	expect("plain", "plain");
	expect("", "");
	expect("a,b", "\"a,b\"");
	expect("say \"aye\"", "\"say \"\"aye\"\"\"");
	expect("two\nlines", "\"two\nlines\"");
	expect("two\r\nlines", "\"two\r\nlines\"");
}
END_TEST

START_TEST(what_a_spreadsheet_would_run_is_made_text)
{
	expect("=1+1", "'=1+1");
	expect("+44", "'+44");
	expect("-x", "'-x");
	expect("@SUM(A1)", "'@SUM(A1)");
	expect("\tx", "'\tx");
	expect("\rx", "\"'\rx\"");
	expect("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"");
	expect("a=b", "a=b");
}
END_TEST

START_TEST(what_is_no_utf8_is_replaced)
{
	expect("×", "×");
	expect("a\xff"
	       "b",
	       "a\xef\xbf\xbd"
	       "b");
	expect("\xc3", "\xef\xbf\xbd");
	expect("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}
END_TEST

START_TEST(an_empty_cell_is_nothing_between_commas)
{
	struct table *t = table_new("things", columns, 5);
	char *got;

	for (int i = 0; i < 5; i++) {
		table_add_empty(t);
	}
	got = export_run("csv", t, 0);
	ck_assert_str_eq(got, "name,n,size,seen\r\n,,,\r\n");
	free(got);
	table_free(t);
}
END_TEST

START_TEST(a_full_disk_is_noticed)
{
	struct table *t = make("x");

	export_must_fail_when_full("csv", t);
	table_free(t);
}
END_TEST

UNIT_MAIN("export_csv", nothing_found_is_a_header_alone,
          cells_with_commas_quotes_and_line_ends_are_quoted,
          what_a_spreadsheet_would_run_is_made_text, what_is_no_utf8_is_replaced,
          an_empty_cell_is_nothing_between_commas, a_full_disk_is_noticed)
