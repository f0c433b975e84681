/* Files of the register going in: everything is read and held to the register before anything
 * changes. */
#include "terrier/cli/sheets.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/account.h"
#include "terrier/cli/command.h"
#include "terrier/cli/register.h"
#include "terrier/register/sheet.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX ((size_t)256 << 20) /* octets: 100,000 rows with room */

/* One file on its way into the register. */
struct job {
	const struct options *options;
	enum entry_type type;
	const char *name; /* of the file, for people */
	bool is_replacing;
	struct catalogue *catalogue;
	struct register_state state;
	struct entries *sheet;
	struct register_change *changes;
	size_t n_changes, n_new, n_changed, n_same, n_removed, n_staying;
};

static const char *noun(enum entry_type type, size_t n)
{
	if (type == ENTRY_ASSET) {
		return n == 1 ? "asset" : "assets";
	}
	return n == 1 ? "declared flow" : "declared flows";
}

static const struct entries *in_force(const struct job *j)
{
	return j->type == ENTRY_ASSET ? j->state.assets : j->state.declarations;
}

/* Reads all of it (free()). */
static int read_stream(const char *name, FILE *in, char **bytes, size_t *len)
{
	size_t room = 1 << 16, n;

	*len = 0;
	*bytes = mem_resize(NULL, room, 1);
	while ((n = fread(*bytes + *len, 1, room - *len, in)) > 0) {
		*len += n;
		if (*len > FILE_MAX) {
			return complain(
			        EXIT_CALLER,
			        "%s: larger than %zu MB: give a spreadsheet saved as 'CSV UTF-8'",
			        name, FILE_MAX >> 20);
		}
		if (*len == room) {
			room *= 2;
			*bytes = mem_resize(*bytes, room, 1);
		}
	}
	return ferror(in)
	               ? complain(EXIT_SYSTEM, "%s: %s: nothing was changed", name, strerror(errno))
	               : EXIT_DONE;
}

int sheets_read_file(const char *name, const char *path, char **bytes, size_t *len)
{
	struct stat st;
	FILE *in;
	int status;

	*bytes = NULL;
	if (strcmp(path, "-") == 0) {
		return read_stream(name, stdin, bytes, len);
	}
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		return complain(EXIT_CALLER, "%s: it is a folder: name a file in it", name);
	}
	in = fopen(path, "re");
	if (in == NULL) {
		return complain(errno == ENOENT ? EXIT_CALLER : EXIT_SYSTEM,
		                "%s: %s: name a CSV file that you may read", name, strerror(errno));
	}
	status = read_stream(name, in, bytes, len);
	fclose(in);
	return status;
}

void sheets_say(char *lines)
{
	for (char *line = lines, *next; line != NULL; line = next) {
		next = strchr(line, '\n');
		if (next != NULL) {
			*next++ = '\0';
		}
		complain(EXIT_CALLER, "%s", line);
	}
	free(lines);
}

/* What replaces all assets may name no others. */
static int read_sheet(struct job *j, const char *bytes, size_t len)
{
	const struct sheet_rules rules = {
	        .type = j->type,
	        .catalogue = j->catalogue,
	        .assets = j->type == ENTRY_ASSET && j->is_replacing ? NULL : j->state.assets,
	        .held = in_force(j),
	};
	char *faults, *notes;

	j->sheet = sheet_read(&rules, j->name, bytes, len, &faults, &notes);
	sheets_say(faults);
	sheets_say(notes);
	return j->sheet != NULL ? EXIT_DONE : EXIT_CALLER;
}

static void plan_change(struct job *j, const struct entry *e, bool is_removed)
{
	j->changes[j->n_changes++] = (struct register_change){.entry = e, .is_removed = is_removed};
}

/* What of the sheet is new or changed, and what of the register is not in it. */
static void plan(struct job *j)
{
	const struct entries *held = in_force(j);

	j->n_changes = j->n_new = j->n_changed = j->n_same = j->n_removed = j->n_staying = 0;
	j->changes = mem_resize(j->changes, entries_count(j->sheet) + entries_count(held) + 1,
	                        sizeof *j->changes);
	for (const struct entry *e = j->sheet->first; e != NULL; e = e->hh.next) {
		const struct entry *before = entries_find(held, e->id);

		if (before != NULL && entry_equals(before, e)) {
			j->n_same++;
			continue;
		}
		j->n_new += before == NULL;
		j->n_changed += before != NULL;
		plan_change(j, e, false);
	}
	for (const struct entry *e = held->first; e != NULL; e = e->hh.next) {
		if (entries_find(j->sheet, e->id) == NULL) {
			j->n_staying += !j->is_replacing;
			j->n_removed += j->is_replacing;
			if (j->is_replacing) {
				plan_change(j, e, true);
			}
		}
	}
}

static size_t count_declared(const struct job *j, const char *asset_id)
{
	size_t n = 0;

	for (const struct entry *d = j->state.declarations->first; d != NULL; d = d->hh.next) {
		n += strcmp(entry_text(d, DECLARED_SOURCE), asset_id) == 0 ||
		     strcmp(entry_text(d, DECLARED_DESTINATION), asset_id) == 0;
	}
	return n;
}

/* A declared flow has two ends, and an empty file is more often a slip than the end of a register.
 */
static int check_removals(const struct job *j)
{
	int status = EXIT_DONE;

	if (j->n_removed > 0 && entries_count(j->sheet) == 0) {
		return complain(EXIT_CALLER,
		                "%s: it has no rows: --replace would take all %zu %s out of the "
		                "register: leave it out",
		                j->name, j->n_removed, noun(j->type, j->n_removed));
	}
	for (size_t i = 0; i < j->n_changes && j->type == ENTRY_ASSET; i++) {
		const char *id = j->changes[i].entry->id;
		size_t n = j->changes[i].is_removed ? count_declared(j, id) : 0;

		if (n > 0) {
			status = complain(EXIT_CALLER,
			                  "%s: asset %s is not in it, but %zu declared %s: keep "
			                  "its row, or first take these flows out of "
			                  "declared.csv: terrier declare import --replace",
			                  j->name, id, n,
			                  n == 1 ? "flow names it" : "flows name it");
		}
	}
	return status;
}

/* Loads the register again, to write: somebody else may have written to it meanwhile. */
static int write_changes(struct job *j)
{
	char *command = mem_printf("%s %s", j->options->command->name, j->options->arguments[0]),
	     *source = mem_printf("%s %s", command, j->options->arguments[1]),
	     *account = account_name();
	const struct register_author author = {account, source, clock_now_us()};
	int status;

	register_unload(&j->state);
	status = register_load(&j->state, j->options, REGISTER_WRITE);
	if (status == EXIT_DONE) {
		plan(j);
		status = check_removals(j);
	}
	if (status == EXIT_DONE &&
	    (register_append(j->state.file, &author, j->changes, j->n_changes) != 0 ||
	     register_head(j->state.file, &j->state.head) != 0)) {
		status = register_complain(&j->state);
	}
	if (status == EXIT_DONE) {
		audit_line(command, j->n_changes, j->state.head.hash);
	}
	free(account);
	free(source);
	free(command);
	return status;
}

static void tell(const struct job *j, bool is_check)
{
	size_t after = entries_count(j->sheet) + j->n_staying;

	if (j->n_staying > 0) {
		complain(EXIT_DONE,
		         "%s: %zu in the register %s not in this file: %s (--replace takes %s out)",
		         j->name, j->n_staying, j->n_staying == 1 ? "is" : "are",
		         j->n_staying == 1 ? "it stays" : "they stay",
		         j->n_staying == 1 ? "it" : "them");
	}
	printf(is_check ? "%s: %zu would be new, %zu changed, %zu as they are"
	                : "%s: %zu new, %zu changed, %zu as they were",
	       j->name, j->n_new, j->n_changed, j->n_same);
	if (j->is_replacing) {
		printf(", %zu taken out", j->n_removed);
	}
	printf(is_check ? "; %zu %s would be in the register: nothing was changed\n"
	                : "; %zu %s in the register\n",
	       after, noun(j->type, after));
}

static int work(struct job *j, bool is_check)
{
	const char *path = j->options->arguments[1];
	char *bytes;
	size_t len;
	int status = sheets_read_file(j->name, path, &bytes, &len);

	status = status != EXIT_DONE ? status : session_load_catalogue(&j->catalogue);
	status = status != EXIT_DONE ? status : register_load(&j->state, j->options, REGISTER_READ);
	status = status != EXIT_DONE ? status : read_sheet(j, bytes, len);
	free(bytes);
	if (status == EXIT_DONE) {
		plan(j);
		status = check_removals(j);
	}
	if (status == EXIT_DONE && !is_check && j->n_changes > 0) {
		status = write_changes(j);
	}
	if (status == EXIT_DONE) {
		tell(j, is_check);
	}
	return status;
}

static int run(const struct options *o, enum entry_type type, bool is_check)
{
	struct job j = {
	        .options = o,
	        .type = type,
	        .name = strcmp(o->arguments[1], "-") == 0 ? "standard input" : o->arguments[1],
	        .is_replacing = o->text[OPTION_REPLACE] != NULL,
	};
	int status = work(&j, is_check);

	free(j.changes);
	entries_free(j.sheet);
	register_unload(&j.state);
	catalogue_free(j.catalogue);
	return status;
}

int sheets_import(const struct options *o, enum entry_type type)
{
	return run(o, type, false);
}

int sheets_check(const struct options *o, enum entry_type type)
{
	return run(o, type, true);
}
