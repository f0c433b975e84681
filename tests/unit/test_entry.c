#include "terrier/model/entry.h"

#include "unit.h"

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

UNIT_MAIN("entry", help_of_a_column_has_its_label_and_words_and_is_for_people)
