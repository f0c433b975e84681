#include "terrier/model/entry.h"

#include "unit.h"

#include <string.h>

START_TEST(help_of_a_column_has_its_label_and_words_and_is_for_people)
{
	size_t n;
	const struct entry_column *assets = entry_columns(ENTRY_ASSET, &n);
	struct table_help hosting = entry_help(&assets[ASSET_HOSTING]), flag = entry_help(&assets[ASSET_PERSONAL_DATA]),
	                  scale = entry_help(&assets[ASSET_CRITICALITY]), law = entry_help(&assets[ASSET_COMMON_LAW]),
	                  text = entry_help(&assets[ASSET_NAME]);

	ck_assert_str_eq(hosting.label, "Hosting");
	ck_assert_str_eq(hosting.words, "on_premises hscn private_cloud public_cloud supplier");
	ck_assert(hosting.is_declared && !hosting.is_list);
	ck_assert_str_eq(flag.words, "yes no unknown");
	ck_assert_str_eq(scale.words, "1 2 3 4 5");
	ck_assert(law.is_list);
	ck_assert_ptr_null(text.words);
	ck_assert(text.is_declared);
}
END_TEST

static struct entry *new_entry(enum entry_type type, const char *const *cells, size_t n)
{
	struct entry *e = entry_new(type);

	for (size_t i = 0; i < n; i++) {
		entry_set(e, i, cells[i], strlen(cells[i]));
	}
	entry_identify(e);
	return e;
}

START_TEST(columns_have_names_labels_and_words_where_they_need_them)
{
	for (int type = 0; type < ENTRY_TYPES; type++) {
		size_t n;
		const struct entry_column *columns = entry_columns((enum entry_type)type, &n);

		ck_assert_uint_le(n, ENTRY_COLUMNS_MAX);
		for (size_t i = 0; i < n; i++) {
			bool has_words = columns[i].type == CELL_WORD || columns[i].type == CELL_WORDS;

			ck_assert_msg(columns[i].name != NULL, "%d %zu", type, i);
			ck_assert_ptr_nonnull(columns[i].label);
			ck_assert_msg((columns[i].words != NULL) == has_words, "%s", columns[i].name);
			ck_assert_uint_eq(entry_find_column((enum entry_type)type, columns[i].name), i);
			ck_assert_uint_eq(entry_find_column((enum entry_type)type, columns[i].label), i);
		}
	}
	ck_assert_uint_eq(entry_find_column(ENTRY_ASSET, " ASSET id\t"), ASSET_ID);
	ck_assert_uint_eq(entry_find_column(ENTRY_ASSET, "asset"), ENTRY_COLUMNS_MAX);
	ck_assert_uint_eq(entry_find_column(ENTRY_ASSET, ""), ENTRY_COLUMNS_MAX);
}
END_TEST

START_TEST(a_cell_is_set_changed_and_emptied)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	ck_assert_str_eq(entry_text(e, ASSET_NAME), "");
	entry_set(e, ASSET_NAME, "PACS and more", 4);
	ck_assert_str_eq(entry_text(e, ASSET_NAME), "PACS");
	entry_set(e, ASSET_NAME, "", 0);
	ck_assert_str_eq(entry_text(e, ASSET_NAME), "");
	entry_free(e);
	entry_free(NULL);
}
END_TEST

START_TEST(a_declarations_id_is_of_its_source_destination_and_kind)
{
	static const char *const a[] = {"A", "B", "clin.order", "HL7v2"}, *const b[] = {"A", "B", "clin.order"},
	                                                         *const c[] = {"AB", "", "clin.order"};
	struct entry *one = new_entry(ENTRY_DECLARATION, a, 4), *same = new_entry(ENTRY_DECLARATION, b, 3),
	             *other = new_entry(ENTRY_DECLARATION, c, 3);

	ck_assert_str_eq(one->id, same->id);
	ck_assert_str_ne(one->id, other->id);
	ck_assert_int_eq(strncmp(one->id, "D-", 2), 0);
	ck_assert(!entry_equals(one, same));
	entry_set(same, DECLARED_METHOD, "HL7v2", 5);
	ck_assert(entry_equals(one, same));
	entry_free(one);
	entry_free(same);
	entry_free(other);
}
END_TEST

START_TEST(lists_are_read_item_by_item)
{
	const char *list = " a ;; b c;\t;d", *item;
	size_t len;

	item = entry_next(&list, &len);
	ck_assert(len == 1 && item[0] == 'a');
	item = entry_next(&list, &len);
	ck_assert(len == 3 && strncmp(item, "b c", 3) == 0);
	item = entry_next(&list, &len);
	ck_assert(len == 1 && item[0] == 'd');
	ck_assert_ptr_null(entry_next(&list, &len));
	ck_assert_ptr_null(entry_next(&list, &len));
	ck_assert(entry_lists("tcp/104; DICOM", "dicom"));
	ck_assert(!entry_lists("tcp/1042", "tcp/104"));
	ck_assert(!entry_lists("tcp/104", "tcp/1042"));
	ck_assert(!entry_lists("", ""));
}
END_TEST

START_TEST(a_set_holds_an_id_once)
{
	static const char *const a[] = {"A", "First"}, *const again[] = {"A", "Second"}, *const b[] = {"B", "Third"};
	struct entries *all = entries_new(ENTRY_ASSET);
	struct entry *twice = new_entry(ENTRY_ASSET, again, 2);

	ck_assert_uint_eq(entries_count(all), 0);
	ck_assert(entries_add(all, new_entry(ENTRY_ASSET, b, 2)));
	ck_assert(entries_add(all, new_entry(ENTRY_ASSET, a, 2)));
	ck_assert(!entries_add(all, twice));
	entry_free(twice);
	ck_assert_uint_eq(entries_count(all), 2);
	ck_assert_str_eq(entry_text(entries_find(all, "A"), ASSET_NAME), "First");
	ck_assert_ptr_null(entries_find(all, "C"));
	ck_assert_ptr_null(entries_find(NULL, "A"));
	ck_assert_uint_eq(entries_count(NULL), 0);
	ck_assert_str_eq(all->first->id, "B");
	entries_free(all);
	entries_free(NULL);
}
END_TEST

START_TEST(a_flows_id_tells_its_ends_and_kind_apart)
{
	char a[DIGEST_ID_MAX], b[DIGEST_ID_MAX];

	flow_id(FLOW_END_ASSET, "A", FLOW_END_ASSET, "B", "clin.order", a);
	ck_assert_int_eq(strncmp(a, "F-", 2), 0);
	ck_assert_str_eq(a, flow_id(FLOW_END_ASSET, "A", FLOW_END_ASSET, "B", "clin.order", b));
	ck_assert_str_ne(a, flow_id(FLOW_END_ASSET, "B", FLOW_END_ASSET, "A", "clin.order", b));
	ck_assert_str_ne(a, flow_id(FLOW_END_ZONE, "A", FLOW_END_ASSET, "B", "clin.order", b));
	ck_assert_str_ne(a, flow_id(FLOW_END_ASSET, "AB", FLOW_END_ASSET, "", "clin.order", b));
	ck_assert_str_ne(a, flow_id(FLOW_END_ASSET, "A", FLOW_END_ASSET, "B", "clin.orders", b));
}
END_TEST

UNIT_MAIN("entry", help_of_a_column_has_its_label_and_words_and_is_for_people,
          columns_have_names_labels_and_words_where_they_need_them, a_cell_is_set_changed_and_emptied,
          a_declarations_id_is_of_its_source_destination_and_kind, lists_are_read_item_by_item, a_set_holds_an_id_once,
          a_flows_id_tells_its_ends_and_kind_apart)
