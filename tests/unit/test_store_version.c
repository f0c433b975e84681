#include "terrier/store.h"

#include "store_help.h"

/* A database of each released schema, tests/unit/data/terrier-VERSION.db, made by tests/tools/make_database.c. */
#define OLDEST 1

static char *copy_of(const char *folder, int version)
{
	const char *data = getenv("TERRIER_TEST_DATA");
	char *path = in_folder(folder, "old.db");
	char command[1000];

	snprintf(command, sizeof command, "cp '%s/terrier-%d.db' '%s' && chmod 0644 '%s'",
	         data != NULL ? data : "tests/unit/data", version, path, path);
	ck_assert_int_eq(system(command), 0);
	return path;
}

static void check_content(struct store *s)
{
	struct store_summary summary;
	char *text = dump(s);

	ck_assert_ptr_nonnull(strstr(text, "'' 'span0' 10.77.1.20()I > 10.77.1.30(lims.trust.example)I one s 6:2575 HL7v2 "
	                                   "clin.adt c2 clear m 2/24 6000:800 2023-11-14T22:13:20Z+0 "
	                                   "2023-11-14T23:13:20Z | HL7 ADT^A01 ×12; ADT^A08 ×12\n"));
	ck_assert_ptr_nonnull(strstr(text, "'guest-wifi' 'span0' 10.77.1.20()I > [outlook.office365.com]()P "));
	ck_assert_ptr_nonnull(strstr(text, " 472222: 1 12 3000 400\n 472223: 1 12 3000 400\n"));
	ck_assert_ptr_nonnull(strstr(text, "10.77.1.30 I (dns lims.trust.example) 02:4c:41:01:02:03 0 7 0 0"));
	ck_assert_int_eq(store_summarise(s, &summary), 0);
	ck_assert_uint_eq(summary.exchanges, 2);
	ck_assert_uint_eq(summary.hosts, 4);
	ck_assert_uint_eq(summary.runs, 1);
	ck_assert_uint_eq(summary.runs_incomplete, 0);
	ck_assert_uint_eq(summary.counter[COVERAGE_PACKETS], 99);
	ck_assert_str_eq(summary.exclusions, "vlan 310");
	ck_assert(summary.own_is_set);
	free(text);
}

START_TEST(a_database_of_every_released_version_can_be_read)
{
	struct store_summary newest;
	char *folder = new_folder();
	struct store *s = open_rw(in_folder(folder, "new.db"));

	ck_assert_int_eq(store_summarise(s, &newest), 0);
	store_close(s);
	for (int version = OLDEST; version <= newest.schema_version; version++) {
		s = open_ro(copy_of(folder, version));
		check_content(s);
		store_close(s);
	}
	remove_folder(folder);
}
END_TEST

START_TEST(a_database_of_every_released_version_can_be_written)
{
	struct store_summary summary = {.schema_version = OLDEST};
	char *folder = new_folder();

	for (int version = OLDEST; version <= summary.schema_version; version++) {
		struct store *s = open_rw(copy_of(folder, version));
		check_content(s);
		begin(s);
		ck_assert_int_eq(store_settle(s), 0);
		commit(s);
		check_content(s);
		begin(s);
		put(s, booking("10.0.0.1", "10.0.0.2"));
		commit(s);
		ck_assert_int_eq(store_summarise(s, &summary), 0);
		ck_assert_uint_eq(summary.exchanges, 3);
		store_close(s);
	}
	remove_folder(folder);
}
END_TEST

UNIT_MAIN("store_version", a_database_of_every_released_version_can_be_read,
          a_database_of_every_released_version_can_be_written)
