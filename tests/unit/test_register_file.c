#include "terrier/store/register_file.h"

#include "terrier/base/digest.h"

#include "store_help.h"

#include <errno.h>
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

START_TEST(what_was_entered_is_there)
{
	set_up();
	struct register_file *r = open_register(in_folder(folder, "register.db"), REGISTER_WRITE);

	append(r, asset("A1", "PACS"));
	append(r, declaration("A1", "A2"));
	append(r, asset("A2", "LIMS"));
	check_list(r, ENTRY_ASSET, "A1=PACS A2=LIMS");
	check_sound(r);
	register_close(r);

	r = open_register(in_folder(folder, "register.db"), REGISTER_READ);
	check_list(r, ENTRY_ASSET, "A1=PACS A2=LIMS");
	check_list(r, ENTRY_DECISION, "");
	check_sound(r);
	register_close(r);
	tear_down();
}
END_TEST

UNIT_MAIN("register_file", what_was_entered_is_there)
