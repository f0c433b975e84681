/* terrier verify: whether both databases are whole, hold nothing that may not be kept, and the
 * register still says what was entered. */
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/output.h"
#include "terrier/model/table.h"
#include "terrier/store.h"
#include "terrier/store/register_file.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EXIT_WRONG    3
#define HEAD_LEAST    16 /* digits of a hash that tell it from all others */
#define KEEP_AND_CALL "keep the file as it is, and restore a copy"

static const struct table_column columns[] = {
        {"part", "Part", TABLE_TEXT},
        {"result", "Result", TABLE_TEXT},
        {"detail", "Detail", TABLE_TEXT},
};

struct work {
	const struct options *options;
	struct table *table;
	int status; /* what is wrong outweighs what cannot be read */
};

static void add(struct work *w, const char *part, const char *result, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

static void add(struct work *w, const char *part, const char *result, const char *format, ...)
{
	va_list args;
	char *detail;

	va_start(args, format);
	detail = mem_vprintf(format, args);
	va_end(args);
	table_add_text(w->table, part);
	table_add_text(w->table, result);
	table_add_text(w->table, detail);
	free(detail);
}

static void fail(struct work *w, int status)
{
	w->status = status == EXIT_WRONG || w->status == EXIT_DONE ? status : w->status;
}

/* A part that could not be looked at. Takes `error`, the line that says why. */
static void fail_unread(struct work *w, const char *part, enum store_fault fault, char *error)
{
	add(w, part, "unread", "%s", error);
	fail(w, complain(fault == STORE_FAULT_CALLER ? EXIT_CALLER : EXIT_SYSTEM, "%s", error));
	free(error);
}

static void judge_store(struct work *w, const char *path, const struct store_check *found)
{
	if (found->fault != NULL) {
		add(w, "database", "damaged", "%s: %s", path, found->fault);
		fail(w, complain(EXIT_WRONG,
		                 "database: %s: is damaged: set it aside and start anew, or "
		                 "restore a copy",
		                 path));
		return;
	}
	add(w, "database", "sound", "%s: every page and reference", path);
	if (found->withheld == 0) {
		add(w, "texts", "sound",
		    "%" PRIu64 " names and pieces of evidence, all of which may be kept",
		    found->texts);
		return;
	}
	add(w, "texts", "withheld",
	    "%" PRIu64 " of %" PRIu64 " names and pieces of evidence may not be kept",
	    found->withheld, found->texts);
	fail(w, complain(EXIT_WRONG,
	                 "database: %s: %" PRIu64
	                 " texts may identify someone and should not be there: pass nothing "
	                 "of it on, and tell who looks after terrierd",
	                 path, found->withheld));
}

static void verify_store(struct work *w)
{
	const char *path = options_database(w->options);
	struct store_check found;
	enum store_fault fault = STORE_FAULT_NONE;
	char *error = NULL;

	/* an auditor with a copy of the register alone */
	if (w->options->text[OPTION_REGISTER] != NULL &&
	    w->options->text[OPTION_DATABASE] == NULL && access(path, F_OK) != 0) {
		add(w, "database", "missing", "%s: not looked at", path);
		return;
	}
	struct store *s = store_open_ro(path, &fault, &error);

	if (s == NULL) {
		fail_unread(w, "database", fault, error);
		return;
	}
	if (store_check(s, &found) == 0) {
		judge_store(w, path, &found);
		free(found.fault);
	} else {
		fail_unread(w, "database", STORE_FAULT_SYSTEM, mem_strdup(store_error(s)));
	}
	store_close(s);
}

/* Words for what is wrong: as a result, and behind the record's description. */
static const struct {
	const char *result, *text;
} damages[] = {
        [REGISTER_SOUND] = {"sound", NULL},
        [REGISTER_CHANGED] = {"changed", "was changed after it was made"},
        [REGISTER_BROKEN] = {"broken",
                             "does not follow the one before: one was taken out, put in or moved"},
        [REGISTER_CUT] = {"cut", "is missing, as is what came after it"},
        [REGISTER_HEAD_ABSENT] =
                {"cut or rewritten",
                 "the register was cut short or rewritten since that head was printed"},
};

static void judge_register(struct work *w, const char *path, const struct register_fault *found,
                           const struct register_head *head)
{
	const char *result = damages[found->damage].result, *text = damages[found->damage].text;

	if (found->damage == REGISTER_SOUND) {
		add(w, "register", result, "%s: records: %" PRId64 ", each as it was made", path,
		    head->records);
		return;
	}
	if (found->damage == REGISTER_HEAD_ABSENT && head->records == 0 &&
	    access(path, F_OK) != 0) {
		add(w, "register", "missing", "%s: the register that this head came from is gone",
		    path);
		complain(EXIT_WRONG,
		         "register: %s: the register that this head came from is gone: restore a "
		         "copy, or name it with "
		         "--register",
		         path);
	} else if (found->damage == REGISTER_HEAD_ABSENT) {
		add(w, "register", result, "%s: %s", path, text);
		complain(EXIT_WRONG, "register: %s: %s: " KEEP_AND_CALL, path, text);
	} else {
		add(w, "register", result, "%s: record %" PRId64 " (%s) %s", path, found->number,
		    found->what, text);
		complain(EXIT_WRONG, "register: %s: record %" PRId64 " (%s) %s: " KEEP_AND_CALL,
		         path, found->number, found->what, text);
	}
	fail(w, EXIT_WRONG);
}

/* The head is a row for scripts, and a note that no terminal is too narrow for. */
static void show_head(struct work *w, const struct register_head *head)
{
	if (head->records == 0) {
		add(w, "head", "none", "no record was made yet");
	} else {
		add(w, "head", "last record", "%s", head->hash);
		table_add_note(w->table, TABLE_NOTE_COVERAGE, "register_head", head->hash);
	}
	table_add_note_integer(w->table, TABLE_NOTE_COVERAGE, "register_records", head->records);
}

static void show_register(struct work *w, const char *path, const struct register_fault *found,
                          const struct register_head *head)
{
	if (found->damage == REGISTER_SOUND && access(path, F_OK) != 0) {
		add(w, "register", "missing", "%s: there is none yet, as nothing was entered",
		    path);
	} else {
		judge_register(w, path, found, head);
	}
	if (found->damage == REGISTER_SOUND && found->number != 0) {
		add(w, "asked", "found", "the head that was asked for is that of record %" PRId64,
		    found->number);
	}
	show_head(w, head);
}

static void verify_register(struct work *w)
{
	char *path = options_register(w->options), *error = NULL;
	struct register_fault found;
	struct register_head head;
	enum store_fault fault = STORE_FAULT_NONE;
	struct register_file *r = register_open(path, REGISTER_READ, &fault, &error);

	if (r == NULL) {
		fail_unread(w, "register", fault, error);
	} else if (register_verify(r, w->options->text[OPTION_HEAD], &found) != 0) {
		fail_unread(w, "register", STORE_FAULT_SYSTEM, mem_strdup(register_error(r)));
	} else {
		if (register_head(r, &head) == 0) {
			show_register(w, path, &found, &head);
		} else {
			fail_unread(w, "register", STORE_FAULT_SYSTEM,
			            mem_strdup(register_error(r)));
		}
		free(found.what);
	}
	register_close(r);
	free(path);
}

static int check_head(const struct options *o)
{
	const char *head = o->text[OPTION_HEAD];
	size_t len = head != NULL ? strlen(head) : 0;

	if (head == NULL || (len >= HEAD_LEAST && len < REGISTER_HASH_MAX &&
	                     strspn(head, "0123456789abcdefABCDEF") == len)) {
		return EXIT_DONE;
	}
	return complain(EXIT_CALLER,
	                "option --head: '%s': write the hash as the export has it, 64 digits of "
	                "0-9 and a-f, or at "
	                "least its first %d",
	                head, HEAD_LEAST);
}

static int run(const struct options *o)
{
	struct work w = {.options = o};
	const struct exporter *format;
	int status = output_check(o);

	format = status == EXIT_DONE ? output_format(o, false, "table", &status) : NULL;
	status = status == EXIT_DONE ? check_head(o) : status;
	if (status != EXIT_DONE) {
		return status;
	}
	w.table = table_new("checks", columns, sizeof columns / sizeof columns[0]);
	table_add_note(w.table, TABLE_NOTE_QUERY, "command", o->command->name);
	if (o->text[OPTION_HEAD] != NULL) {
		table_add_note(w.table, TABLE_NOTE_QUERY, option_name(OPTION_HEAD),
		               o->text[OPTION_HEAD]);
	}
	verify_store(&w);
	verify_register(&w);
	status = output_table(o, w.table, format);
	table_free(w.table);
	return status != EXIT_DONE && w.status != EXIT_WRONG ? status : w.status;
}

const struct command command_verify = {
        .name = "verify",
        .summary = "whether both databases are whole, and no decision was changed",
        .arguments = "",
        .usage = "Looks at the whole database, at every text stored in it, and at the chain of\n"
                 "records in which the register keeps what people entered. Exit status 3: "
                 "something\n"
                 "is wrong, and the first bad record is named. A head from an export that was "
                 "filed\n"
                 "shows also a register that was cut short or rewritten as a whole since.\n\n"
                 "Examples:\n"
                 "  terrier verify\n"
                 "  terrier verify --head 3f1c5a...\n"
                 "  terrier verify --register /media/filed/register.db --format json\n",
        .takes = TAKES_OUTPUT | TAKES(OPTION_REGISTER) | TAKES(OPTION_HEAD),
        .run = run,
};
