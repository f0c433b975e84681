#include "terrier/store/register_file.h"

#include "terrier/base/digest.h"

#include "store_help.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char *folder;

static const struct register_author jane = {"jane", "assets import assets.csv", T0};

static void set_up(void)
{
	umask(022);
	folder = new_folder();
}

static void tear_down(void)
{
	remove_folder(folder);
}

static struct register_file *open_register(const char *path, enum register_mode mode)
{
	enum store_fault fault;
	char *error;
	struct register_file *r = register_open(path, mode, &fault, &error);

	ck_assert_msg(r != NULL, "%s", error);
	ck_assert_ptr_null(error);
	ck_assert_int_eq(fault, STORE_FAULT_NONE);
	return r;
}

static void set(struct entry *e, size_t column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

static struct entry *asset(const char *id, const char *name)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	set(e, ASSET_ID, id);
	set(e, ASSET_NAME, name);
	set(e, ASSET_TYPE, "system");
	entry_identify(e);
	return e;
}

static struct entry *declaration(const char *source, const char *destination)
{
	struct entry *e = entry_new(ENTRY_DECLARATION);

	set(e, DECLARED_SOURCE, source);
	set(e, DECLARED_DESTINATION, destination);
	set(e, DECLARED_KIND, "clin.adt");
	entry_identify(e);
	return e;
}

static void append_by(struct register_file *r, const struct register_author *author,
                      struct entry *e, bool is_removed)
{
	const struct register_change change = {e, is_removed};

	ck_assert_msg(register_append(r, author, &change, 1) == 0, "%s", register_error(r));
	entry_free(e);
}

static void append(struct register_file *r, struct entry *e)
{
	append_by(r, &jane, e, false);
}

/* Entries of a type, "id=name id=name" (free()). */
static char *list(struct register_file *r, enum entry_type type)
{
	struct entries *all = register_entries(r, type);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_msg(all != NULL, "%s", register_error(r));
	for (const struct entry *e = all->first; e != NULL; e = e->hh.next) {
		ck_assert_int_eq(e->type, type);
		fprintf(out, "%s%s=%s", e == all->first ? "" : " ", e->id, entry_text(e, 1));
	}
	fclose(out);
	entries_free(all);
	return text;
}

static void check_list(struct register_file *r, enum entry_type type, const char *expected)
{
	char *text = list(r, type);

	ck_assert_str_eq(text, expected);
	free(text);
}

static bool print_record(void *context, const struct register_record *record)
{
	fprintf(context, "%lld +%lld %s '%s' %s %s: %s > %s\n", (long long)record->number,
	        (long long)(record->made_us - T0), record->account, record->source,
	        entry_type_name(record->type), record->id,
	        record->before != NULL ? entry_text(record->before, 1) : "-",
	        record->after != NULL ? entry_text(record->after, 1) : "-");
	ck_assert_uint_eq(strlen(record->hash), 64);
	return true;
}

/* The records of a window (free()). */
static char *records(struct register_file *r, int64_t since_us, int64_t until_us)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	ck_assert_msg(register_each(r, since_us, until_us, print_record, out) == 0, "%s",
	              register_error(r));
	fclose(out);
	return text;
}

static struct register_fault verify(struct register_file *r, const char *head)
{
	struct register_fault found;

	ck_assert_msg(register_verify(r, head, &found) == 0, "%s", register_error(r));
	return found;
}

static void check_sound(struct register_file *r)
{
	struct register_fault found = verify(r, NULL);

	ck_assert_msg(found.damage == REGISTER_SOUND, "%s", found.what);
	ck_assert_ptr_null(found.what);
}

static char *register_path(void)
{
	return in_folder(folder, "register.db");
}

static void write_file(const char *path, const void *octets, size_t n)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(octets, 1, n, out), n);
	fclose(out);
}

static char *read_file(const char *path, size_t *n)
{
	FILE *in = fopen(path, "r");
	struct stat st;

	ck_assert_ptr_nonnull(in);
	ck_assert_int_eq(fstat(fileno(in), &st), 0);
	char *octets = malloc((size_t)st.st_size + 1);

	*n = fread(octets, 1, (size_t)st.st_size, in);
	fclose(in);
	return octets;
}

/* Puts `to` where `from` stands in the file, once or everywhere; both have the same length. */
static void replace(const char *path, const char *from, const char *to)
{
	size_t n;
	char *octets = read_file(path, &n), *at = octets;
	int found = 0;

	for (; (at = memmem(at, n - (size_t)(at - octets), from, strlen(from))) != NULL; found++) {
		memcpy(at, to, strlen(to));
	}
	ck_assert_int_ge(found, 1);
	write_file(path, octets, n);
	free(octets);
}

/* The open fails, is this one's fault, and says so in one line that names the file and holds
 * `what`. */
static void check_refused(enum register_mode mode, const char *path, enum store_fault expected,
                          const char *what)
{
	enum store_fault fault;
	char *error;
	struct register_file *r = register_open(path, mode, &fault, &error);

	ck_assert_msg(r == NULL, "%s was opened", path);
	ck_assert_msg(strstr(error, what) != NULL && strstr(error, path) != NULL, "%s", error);
	ck_assert_msg(strncmp(error, "register: ", 10) == 0 && strchr(error, '\n') == NULL, "%s",
	              error);
	ck_assert_msg(fault == expected, "%s: fault %d", error, fault);
	free(error);
}

static void check_refused_both(const char *path, enum store_fault expected, const char *what)
{
	size_t n, after;
	char *before = read_file(path, &n), *content;

	check_refused(REGISTER_READ, path, expected, what);
	check_refused(REGISTER_WRITE, path, expected, what);
	content = read_file(path, &after);
	ck_assert_uint_eq(after, n);
	ck_assert_mem_eq(content, before, n);
	free(before);
	free(content);
}

START_TEST(what_was_entered_is_there)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);

	append(r, asset("A1", "PACS"));
	append(r, declaration("A1", "A2"));
	append(r, asset("A2", "LIMS"));
	check_list(r, ENTRY_ASSET, "A1=PACS A2=LIMS");
	check_sound(r);
	register_close(r);

	r = open_register(register_path(), REGISTER_READ);
	check_list(r, ENTRY_ASSET, "A1=PACS A2=LIMS");
	check_list(r, ENTRY_DECLARATION, "D-046m79yrnr85=A2");
	check_list(r, ENTRY_DECISION, "");
	check_sound(r);
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(the_last_record_of_an_entry_holds)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);

	append(r, asset("A1", "PACS"));
	append(r, asset("A2", "LIMS"));
	append(r, asset("A3", "RIS"));
	append(r, asset("A1", "PACS, new"));
	append_by(r, &jane, asset("A2", "LIMS"), true);
	check_list(r, ENTRY_ASSET, "A1=PACS, new A3=RIS");
	append(r, asset("A2", "LIMS again"));
	check_list(r, ENTRY_ASSET, "A1=PACS, new A2=LIMS again A3=RIS");
	check_sound(r);
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(texts_of_any_sort_come_back)
{
	set_up();
	char large[ENTRY_CELL_MAX + 1], controls[32];
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	struct entry *e = asset("ward:7/lift.2_b-c", "\"quoted\" \\ back\\\\slash / 'x'");

	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	for (char c = 1; c < 32; c++) {
		controls[c - 1] = c;
	}
	controls[31] = '\0';
	set(e, ASSET_DESCRIPTION, "two\r\nlines\tand \x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x8f\xa5");
	set(e, ASSET_SITE, large);
	set(e, ASSET_OWNER, controls);
	set(e, ASSET_NOTES, "{\"asset_id\":\"B\"}");
	const struct register_change change = {e, false};

	ck_assert_int_eq(register_append(r, &jane, &change, 1), 0);
	struct entries *all = register_entries(r, ENTRY_ASSET);

	ck_assert_uint_eq(entries_count(all), 1);
	ck_assert(entry_equals(entries_find(all, "ward:7/lift.2_b-c"), e));
	entries_free(all);
	entry_free(e);
	check_sound(r);
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(an_entry_without_cells_is_still_one)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	struct entry *e = entry_new(ENTRY_ASSET);

	entry_identify(e);
	append(r, e);
	check_list(r, ENTRY_ASSET, "=");
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(each_record_tells_what_held_before)
{
	set_up();
	const struct register_author john = {"john", "assets import b.csv", T0 + 10};
	const struct register_author late = {"jane", "review", T0 + 20};
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);

	append(r, asset("A1", "PACS"));
	append_by(r, &john, asset("A1", "Archive"), false);
	append_by(r, &john, asset("A1", "Archive"), true);
	append_by(r, &late, asset("A1", "Store"), false);
	append_by(r, &late, declaration("A1", "A2"), false);
	char *text = records(r, 0, 0);

	ck_assert_str_eq(text, "1 +0 jane 'assets import assets.csv' asset A1: - > PACS\n"
	                       "2 +10 john 'assets import b.csv' asset A1: PACS > Archive\n"
	                       "3 +10 john 'assets import b.csv' asset A1: Archive > -\n"
	                       "4 +20 jane 'review' asset A1: - > Store\n"
	                       "5 +20 jane 'review' declaration D-046m79yrnr85: - > A2\n");
	free(text);
	text = records(r, T0 + 10, T0 + 20);
	ck_assert_str_eq(text, "2 +10 john 'assets import b.csv' asset A1: PACS > Archive\n"
	                       "3 +10 john 'assets import b.csv' asset A1: Archive > -\n");
	free(text);
	text = records(r, T0 + 11, 0);
	ck_assert_ptr_eq(strstr(text, "4 +20"), text);
	free(text);
	text = records(r, T0 + 21, 0);
	ck_assert_str_eq(text, "");
	free(text);
	register_close(r);
	tear_down();
}
END_TEST

static bool count_to_two(void *context, const struct register_record *record)
{
	ck_assert_ptr_nonnull(record);
	return ++*(int *)context < 2;
}

START_TEST(who_asks_for_records_may_stop)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	int n = 0;

	append(r, asset("A1", "PACS"));
	append(r, asset("A2", "LIMS"));
	append(r, asset("A3", "RIS"));
	ck_assert_int_eq(register_each(r, 0, 0, count_to_two, &n), 0);
	ck_assert_int_eq(n, 2);
	append(r, asset("A4", "EPR")); /* nothing is held */
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(the_head_is_the_last_record)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	struct register_head first, second;

	ck_assert_int_eq(register_head(r, &first), 0);
	ck_assert_int_eq(first.records, 0);
	ck_assert_str_eq(first.hash, "");
	append(r, asset("A1", "PACS"));
	ck_assert_int_eq(register_head(r, &first), 0);
	ck_assert_int_eq(first.records, 1);
	ck_assert_uint_eq(strlen(first.hash), 64);
	append(r, asset("A1", "PACS"));
	ck_assert_int_eq(register_head(r, &second), 0);
	ck_assert_int_eq(second.records, 2);
	ck_assert_str_ne(first.hash, second.hash);
	register_close(r);
	tear_down();
}
END_TEST

/* The hash of the first record made by jane at T0, as Python's hashlib makes it. */
START_TEST(the_hash_is_the_one_that_the_header_describes)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	struct register_head head;

	append(r, asset("A1", "PACS \"1\"\n"));
	ck_assert_int_eq(register_head(r, &head), 0);
	ck_assert_str_eq(head.hash,
	                 "cfd54837ed649d0d327d592cf0ac5bb161f2b9f0f9293f63d7649d0dd2fcac71");
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(a_head_is_found_in_the_chain_that_it_came_from)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	struct register_head head;
	struct register_fault found;
	char upper[REGISTER_HASH_MAX];

	append(r, asset("A1", "PACS"));
	append(r, asset("A2", "LIMS"));
	ck_assert_int_eq(register_head(r, &head), 0);
	append(r, asset("A3", "RIS"));
	found = verify(r, head.hash);
	ck_assert_int_eq(found.damage, REGISTER_SOUND);
	ck_assert_int_eq(found.number, 2);
	for (size_t i = 0; i < sizeof upper; i++) {
		upper[i] = head.hash[i] >= 'a' ? (char)(head.hash[i] - 'a' + 'A') : head.hash[i];
	}
	ck_assert_int_eq(verify(r, upper).damage, REGISTER_SOUND);
	upper[20] = '\0';
	ck_assert_int_eq(verify(r, upper).number, 2);
	found = verify(r, "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	ck_assert_int_eq(found.damage, REGISTER_HEAD_ABSENT);
	ck_assert_int_eq(found.number, 0);
	free(found.what);
	found = verify(r, "");
	ck_assert_int_eq(found.damage, REGISTER_HEAD_ABSENT);
	free(found.what);
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(a_record_that_was_changed_is_named)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);

	append(r, asset("A1", "PACS"));
	append(r, asset("A2", "LIMS"));
	append(r, asset("A3", "RIS"));
	register_close(r);
	replace(register_path(), "LIMS", "LIMT");
	r = open_register(register_path(), REGISTER_READ);
	struct register_fault found = verify(r, NULL);

	ck_assert_int_eq(found.damage, REGISTER_CHANGED);
	ck_assert_int_eq(found.number, 2);
	ck_assert_str_eq(found.what, "asset A2, made 2023-11-14T22:13:20Z by jane");
	free(found.what);
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(a_damaged_body_is_no_entry)
{
	set_up();
	static const char *const bad[] = {"[\"asset_id\":\"A2\"", "{\"asset_id\":12345",
	                                  "{\"asset_od\":\"A2\""};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct register_file *r = open_register(register_path(), REGISTER_WRITE);

		append(r, asset("A1", "PACS"));
		append(r, asset("A2", "LIMS"));
		register_close(r);
		replace(register_path(), "{\"asset_id\":\"A2\"", bad[i]);
		r = open_register(register_path(), REGISTER_WRITE);
		ck_assert_ptr_null(register_entries(r, ENTRY_ASSET));
		ck_assert_msg(strstr(register_error(r), "record 2 ") != NULL &&
		                      strstr(register_error(r), "terrier verify") != NULL,
		              "%s", register_error(r));
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);

		ck_assert_int_eq(register_each(r, 0, 0, print_record, out), -1);
		fclose(out);
		ck_assert_ptr_nonnull(strstr(text, "1 +0 jane"));
		free(text);
		append(r, asset("A3", "RIS")); /* the chain goes on all the same */
		register_close(r);
		unlink(register_path());
	}
	tear_down();
}
END_TEST

START_TEST(a_type_that_is_none_fails)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);

	append(r, declaration("A1", "A2"));
	register_close(r);
	replace(register_path(), "declarationD-", "declaratiomD-");
	r = open_register(register_path(), REGISTER_READ);
	ck_assert_int_eq(register_each(r, 0, 0, print_record, stderr), -1);
	ck_assert_ptr_nonnull(strstr(register_error(r), "record 1 is damaged"));
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(what_is_not_there_is_a_register_without_entries)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_READ);
	struct register_head head;
	struct stat st;

	for (int i = 0; i < 2; i++) {
		check_list(r, ENTRY_ASSET, "");
		check_sound(r);
		ck_assert_int_eq(register_head(r, &head), 0);
		ck_assert_int_eq(head.records, 0);
		register_close(r);
		ck_assert_int_eq(i == 0 ? access(register_path(), F_OK) : 0, i == 0 ? -1 : 0);
		write_file(register_path(), "", 0);
		r = open_register(register_path(), REGISTER_READ);
	}
	register_close(r);
	ck_assert_int_eq(stat(register_path(), &st), 0);
	ck_assert_int_eq(st.st_size, 0);
	tear_down();
}
END_TEST

START_TEST(an_empty_file_becomes_a_register)
{
	set_up();
	write_file(register_path(), "", 0);
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);

	append(r, asset("A1", "PACS"));
	check_list(r, ENTRY_ASSET, "A1=PACS");
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(names_that_sqlite_gives_a_meaning_are_only_names)
{
	set_up();
	static const char *const names[] = {":memory:", "file:x?mode=memory", "a%20b#c?.db", " "};

	ck_assert_int_eq(chdir(folder), 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct register_file *r = open_register(names[i], REGISTER_WRITE);

		append(r, asset("A1", "PACS"));
		register_close(r);
		ck_assert_int_eq(access(names[i], F_OK), 0);
		r = open_register(names[i], REGISTER_READ);
		check_list(r, ENTRY_ASSET, "A1=PACS");
		register_close(r);
	}
	ck_assert_int_eq(chdir("/"), 0);
	tear_down();
}
END_TEST

START_TEST(files_that_are_no_register_are_refused_and_left)
{
	set_up();
	static char garbage[8192];

	memset(garbage, 'g', sizeof garbage);
	write_file(register_path(), garbage, sizeof garbage);
	check_refused_both(register_path(), STORE_FAULT_CALLER, "is no register");

	struct store *s = open_rw(in_folder(folder, "terrier.db"));

	store_close(s);
	check_refused(REGISTER_READ, in_folder(folder, "terrier.db"), STORE_FAULT_CALLER,
	              "is no register");
	check_refused(REGISTER_WRITE, in_folder(folder, "terrier.db"), STORE_FAULT_CALLER,
	              "is no register");
	store_close(open_ro(in_folder(folder, "terrier.db")));

	check_refused(REGISTER_READ, folder, STORE_FAULT_CALLER, "is a folder");
	check_refused(REGISTER_WRITE, folder, STORE_FAULT_CALLER, "is a folder");
	check_refused(REGISTER_WRITE, "/dev/null", STORE_FAULT_CALLER, "no regular file");
	check_refused(REGISTER_READ, "", STORE_FAULT_CALLER, "the name is empty");
	check_refused(REGISTER_READ, in_folder(folder, "register.db/x"), STORE_FAULT_CALLER,
	              "Not a directory");
	check_refused(REGISTER_WRITE, in_folder(folder, "none/x.db"), STORE_FAULT_CALLER,
	              "cannot be made");
	tear_down();
}
END_TEST

START_TEST(a_register_of_a_newer_version_is_refused_and_left)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	FILE *out;

	append(r, asset("A1", "PACS"));
	register_close(r);
	out = fopen(register_path(), "r+");
	ck_assert_int_eq(fseek(out, 60, SEEK_SET), 0); /* user_version, big-endian */
	ck_assert_uint_eq(fwrite("\0\0\0\x63", 1, 4, out), 4);
	fclose(out);
	check_refused_both(register_path(), STORE_FAULT_CALLER,
	                   "newer Terrier (schema 99, this one knows 1)");
	tear_down();
}
END_TEST

START_TEST(a_damaged_file_is_refused_and_left)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	static char garbage[4096];
	struct register_fault found;
	FILE *out;

	append(r, asset("A1", "PACS"));
	register_close(r);
	memset(garbage, 0xff, sizeof garbage);
	out = fopen(register_path(), "r+");
	ck_assert_int_eq(fseek(out, 4096, SEEK_SET), 0); /* the first table */
	ck_assert_uint_eq(fwrite(garbage, 1, sizeof garbage, out), sizeof garbage);
	fclose(out);
	r = open_register(register_path(), REGISTER_READ);
	ck_assert_int_eq(register_verify(r, NULL, &found), -1);
	ck_assert_ptr_nonnull(
	        strstr(register_error(r), "is damaged: keep it as it is, and restore a copy"));
	register_close(r);
	ck_assert_int_eq(truncate(register_path(), 5000), 0);
	check_refused_both(register_path(), STORE_FAULT_SYSTEM, "is damaged: keep it as it is");
	tear_down();
}
END_TEST

START_TEST(a_reader_cannot_append)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	struct entry *e = asset("A2", "LIMS");
	const struct register_change change = {e, false};

	append(r, asset("A1", "PACS"));
	register_close(r);
	r = open_register(register_path(), REGISTER_READ);
	ck_assert_int_eq(register_append(r, &jane, &change, 1), -1);
	ck_assert_str_ne(register_error(r), "");
	check_list(r, ENTRY_ASSET, "A1=PACS");
	register_close(r);
	entry_free(e);
	tear_down();
}
END_TEST

START_TEST(nothing_to_append_is_done)
{
	set_up();
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);
	struct register_head head;

	ck_assert_int_eq(register_append(r, &jane, NULL, 0), 0);
	ck_assert_int_eq(register_head(r, &head), 0);
	ck_assert_int_eq(head.records, 0);
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(all_of_an_import_is_in_or_none)
{
	set_up();
	enum { MANY = 4000 };
	struct register_file *r = open_register(register_path(), REGISTER_WRITE);

	append(r, asset("A1", "PACS"));
	register_close(r);

	pid_t pid = fork();
	int status;

	if (pid == 0) { /* a place with room for some of it */
		static struct register_change changes[MANY];
		static char name[2000];
		const struct rlimit limit = {1000000, 1000000};
		enum store_fault fault;
		char *error;

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		memset(name, 'x', sizeof name - 1);
		r = register_open(register_path(), REGISTER_WRITE, &fault, &error);
		for (int i = 0; r != NULL && i < MANY; i++) {
			char id[16];

			snprintf(id, sizeof id, "B%d", i);
			changes[i].entry = asset(id, name);
		}
		if (r == NULL || register_append(r, &jane, changes, MANY) == 0) {
			_exit(98);
		}
		if (strstr(register_error(r), "disk full, nothing was added") == NULL) {
			fprintf(stderr, "# %s\n", register_error(r));
			_exit(97);
		}
		/* what fits still goes in */
		_exit(register_append(r, &jane, changes, 1) == 0 ? 0 : 96);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), 0);
	r = open_register(register_path(), REGISTER_READ);
	struct register_head head;

	ck_assert_int_eq(register_head(r, &head), 0);
	ck_assert_int_eq(head.records, 2);
	check_sound(r);
	register_close(r);
	tear_down();
}
END_TEST

START_TEST(two_at_once_make_one_chain)
{
	set_up();
	struct register_file *a = open_register(register_path(), REGISTER_WRITE);
	struct register_file *b = open_register(register_path(), REGISTER_WRITE);
	struct register_file *reader = open_register(register_path(), REGISTER_READ);

	append(a, asset("A1", "PACS"));
	append(b, asset("A2", "LIMS"));
	append(a, asset("A2", "LIMS, new"));
	check_list(reader, ENTRY_ASSET, "A1=PACS A2=LIMS, new");
	check_sound(reader);
	register_close(a);
	register_close(b);
	register_close(reader);
	tear_down();
}
END_TEST

START_TEST(its_group_may_write_and_nobody_else_may_read)
{
	set_up();
	static const char *const ends[] = {"", "-journal"};
	struct stat st;

	for (mode_t mask = 0; mask <= 077; mask += 077) {
		umask(mask);
		struct register_file *r = open_register(register_path(), REGISTER_WRITE);

		append(r, asset("A1", "PACS"));
		register_close(r);
		for (size_t i = 0; i < 2; i++) {
			char path[300];

			snprintf(path, sizeof path, "%s%s", register_path(), ends[i]);
			ck_assert_int_eq(stat(path, &st), 0);
			ck_assert_uint_eq(st.st_mode & 07777, 0660);
			ck_assert_int_eq(unlink(path), 0);
		}
	}
	tear_down();
}
END_TEST

UNIT_MAIN("register_file", what_was_entered_is_there, the_last_record_of_an_entry_holds,
          texts_of_any_sort_come_back, an_entry_without_cells_is_still_one,
          each_record_tells_what_held_before, who_asks_for_records_may_stop,
          the_head_is_the_last_record, the_hash_is_the_one_that_the_header_describes,
          a_head_is_found_in_the_chain_that_it_came_from, a_record_that_was_changed_is_named,
          a_damaged_body_is_no_entry, a_type_that_is_none_fails,
          what_is_not_there_is_a_register_without_entries, an_empty_file_becomes_a_register,
          names_that_sqlite_gives_a_meaning_are_only_names,
          files_that_are_no_register_are_refused_and_left,
          a_register_of_a_newer_version_is_refused_and_left, a_damaged_file_is_refused_and_left,
          a_reader_cannot_append, nothing_to_append_is_done, all_of_an_import_is_in_or_none,
          two_at_once_make_one_chain, its_group_may_write_and_nobody_else_may_read)
