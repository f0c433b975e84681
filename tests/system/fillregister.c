/* fillregister FILE WHAT: works on a register as the commands do, for tests that need one before
 * and without them.
 *
 *   entry TYPE COLUMN=VALUE...   appends one entry
 *   remove TYPE COLUMN=VALUE...  takes one back
 *   many ASSETS DECLARATIONS     appends so many, each with some twenty cells, in one go
 *   on                           appends decisions one by one for ever, says the number of each
 * that is in list                         says the entries and what it took to read them audit
 * COMMAND ROWS HASH      leaves a line in the system's log */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/account.h"
#include "terrier/store/register_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static _Noreturn void fail(const char *why)
{
	fprintf(stderr, "fillregister: %s\n", why);
	exit(1);
}

static struct register_file *open_register(const char *path, enum register_mode mode)
{
	enum store_fault fault;
	char *error;
	struct register_file *r = register_open(path, mode, &fault, &error);

	if (r == NULL) {
		fail(error);
	}
	return r;
}

static void append(struct register_file *r, const struct register_change *changes, size_t n)
{
	char *account = account_name();
	const struct register_author author = {account, "test", clock_now_us()};

	if (register_append(r, &author, changes, n) != 0) {
		fail(register_error(r));
	}
	free(account);
}

static enum entry_type type_of(const char *name)
{
	for (int i = 0; i < ENTRY_TYPES; i++) {
		if (strcmp(name, entry_type_name((enum entry_type)i)) == 0) {
			return (enum entry_type)i;
		}
	}
	fail("no such type");
}

static struct entry *read_entry(const char *type, int n, char **cells)
{
	struct entry *e = entry_new(type_of(type));

	for (int i = 0; i < n; i++) {
		char *value = strchr(cells[i], '=');
		size_t column;

		if (value == NULL) {
			fail("write COLUMN=VALUE");
		}
		*value++ = '\0';
		column = entry_find_column(e->type, cells[i]);
		if (column == ENTRY_COLUMNS_MAX) {
			fail("no such column");
		}
		entry_set(e, column, value, strlen(value));
	}
	entry_identify(e);
	return e;
}

static void enter(const char *path, bool is_removed, const char *type, int n, char **cells)
{
	struct register_file *r = open_register(path, REGISTER_WRITE);
	struct entry *e = read_entry(type, n, cells);
	const struct register_change change = {e, is_removed};

	append(r, &change, 1);
	entry_free(e);
	register_close(r);
}

/* An entry with its first twenty or so cells filled. */
static struct entry *make_entry(enum entry_type type, int i)
{
	struct entry *e = entry_new(type);

	for (size_t column = 0; column < 21; column++) {
		char *text = mem_printf("%s%d", column < 2 ? "A" : "some text of a cell, ",
		                        i * (column == 1 ? 7 : 1));

		entry_set(e, column, text, strlen(text));
		free(text);
	}
	entry_identify(e);
	return e;
}

static void enter_many(const char *path, int assets, int declarations)
{
	size_t n = (size_t)assets + (size_t)declarations;
	struct register_change *changes = mem_zalloc(n, sizeof *changes);
	struct entry **entries = mem_zalloc(n, sizeof *entries);
	int64_t start = clock_steady_us();
	struct register_file *r = open_register(path, REGISTER_WRITE);

	for (size_t i = 0; i < n; i++) {
		bool is_asset = i < (size_t)assets;

		entries[i] = make_entry(is_asset ? ENTRY_ASSET : ENTRY_DECLARATION, (int)i);
		changes[i].entry = entries[i];
	}
	append(r, changes, n);
	register_close(r);
	printf("%zu in %" PRId64 " ms\n", n, (clock_steady_us() - start) / 1000);
	for (size_t i = 0; i < n; i++) {
		entry_free(entries[i]);
	}
	free(entries);
	free(changes);
}

static _Noreturn void go_on(const char *path)
{
	struct register_file *r = open_register(path, REGISTER_WRITE);

	for (int i = 0;; i++) {
		char *object = mem_printf("F-%ld-%d", (long)getpid(), i);
		struct entry *e = entry_new(ENTRY_DECISION);
		const struct register_change change = {e, false};

		entry_set(e, DECISION_OBJECT, object, strlen(object));
		entry_identify(e);
		append(r, &change, 1);
		printf("%s\n", object);
		fflush(stdout);
		entry_free(e);
		free(object);
	}
}

static void list(const char *path)
{
	for (int type = 0; type < ENTRY_TYPES; type++) {
		int64_t start = clock_steady_us();
		struct register_file *r = open_register(path, REGISTER_READ);
		struct entries *all = register_entries(r, (enum entry_type)type);

		if (all == NULL) {
			fail(register_error(r));
		}
		printf("%s %zu in %" PRId64 " ms\n", entry_type_name((enum entry_type)type),
		       entries_count(all), (clock_steady_us() - start) / 1000);
		entries_free(all);
		register_close(r);
	}
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";

	if (strcmp(what, "entry") == 0 && argc > 4) {
		enter(argv[1], false, argv[3], argc - 4, argv + 4);
	} else if (strcmp(what, "remove") == 0 && argc > 4) {
		enter(argv[1], true, argv[3], argc - 4, argv + 4);
	} else if (strcmp(what, "many") == 0 && argc == 5) {
		enter_many(argv[1], (int)strtol(argv[3], NULL, 10), (int)strtol(argv[4], NULL, 10));
	} else if (strcmp(what, "on") == 0) {
		go_on(argv[1]);
	} else if (strcmp(what, "list") == 0) {
		list(argv[1]);
	} else if (strcmp(what, "audit") == 0 && argc == 6) {
		audit_line(argv[3], (size_t)strtoul(argv[4], NULL, 10), argv[5]);
	} else {
		fail("write FILE and what to do with it");
	}
	return 0;
}
