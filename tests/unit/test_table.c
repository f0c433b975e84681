#include "terrier/model/table.h"

#include "unit.h"

#include <stdio.h>

static const struct table_column columns[] = {
        {"name", "Name", TABLE_TEXT},
        {"size", "Size", TABLE_BYTES},
        {"seen", "Seen", TABLE_TIME},
};

static struct table *make(int rows)
{
	struct table *t = table_new("things", columns, 3);
	char name[16];

	for (int i = 0; i < rows; i++) {
		snprintf(name, sizeof name, "row %d", i);
		table_add_text(t, name);
		table_add_integer(t, i);
		table_add_empty(t);
	}
	return t;
}

START_TEST(cells_come_back_as_they_were_added)
{
	struct table *t = make(1000);
	struct table_cell cell = table_cell(t, 999, 0);
	const struct table_column *got;

	ck_assert_uint_eq(table_rows(t), 1000);
	ck_assert_uint_eq(table_columns(t, &got), 3);
	ck_assert_str_eq(got[2].name, "seen");
	ck_assert_int_eq(got[2].type, TABLE_TIME);
	ck_assert_str_eq(table_name(t), "things");
	ck_assert_str_eq(cell.text, "row 999");
	ck_assert_int_eq(table_cell(t, 999, 1).integer, 999);
	ck_assert(table_cell(t, 999, 2).is_empty);
	ck_assert(!table_cell(t, 999, 1).is_empty);
	table_free(t);
}
END_TEST

START_TEST(cutting_keeps_the_first_rows)
{
	struct table *t = make(10);

	table_cut(t, 20);
	ck_assert_uint_eq(table_rows(t), 10);
	table_cut(t, 3);
	ck_assert_uint_eq(table_rows(t), 3);
	ck_assert_str_eq(table_cell(t, 2, 0).text, "row 2");
	table_cut(t, 0);
	ck_assert_uint_eq(table_rows(t), 0);
	table_free(t);
}
END_TEST

START_TEST(notes_keep_their_order_and_know_numbers)
{
	struct table *t = make(0);
	enum table_note where;
	const char *key, *text;

	table_add_note(t, TABLE_NOTE_QUERY, "kind", "12");
	table_add_note_integer(t, TABLE_NOTE_COVERAGE, "packets", INT64_MAX);
	ck_assert_uint_eq(table_notes(t), 2);
	table_note(t, 0, &where, &key, &text);
	ck_assert_int_eq(where, TABLE_NOTE_QUERY);
	ck_assert_str_eq(key, "kind");
	ck_assert_str_eq(text, "12");
	ck_assert(!table_note_is_integer(t, 0));
	table_note(t, 1, &where, &key, &text);
	ck_assert_str_eq(text, "9223372036854775807");
	ck_assert(table_note_is_integer(t, 1));
	table_free(t);
	table_free(NULL);
}
END_TEST

START_TEST(title_and_help_are_what_was_set_and_else_the_name_and_nothing)
{
	struct table *t = make(1);
	const struct table_help help = {"How big", "small large", false, true};

	ck_assert_str_eq(table_title(t), "things");
	table_set_title(t, "support for the ROPA");
	ck_assert_str_eq(table_title(t), "support for the ROPA");
	ck_assert_str_eq(table_name(t), "things");
	table_set_help(t, 1, &help);
	ck_assert_str_eq(table_help(t, 1).label, "How big");
	ck_assert_str_eq(table_help(t, 1).words, "small large");
	ck_assert(table_help(t, 1).is_declared);
	ck_assert_ptr_null(table_help(t, 2).label);
	ck_assert_ptr_null(table_help(t, 2).words);
	ck_assert(!table_help(t, 2).is_declared);
	table_free(t);
}
END_TEST

UNIT_MAIN("table", cells_come_back_as_they_were_added, cutting_keeps_the_first_rows,
          notes_keep_their_order_and_know_numbers, title_and_help_are_what_was_set_and_else_the_name_and_nothing)
