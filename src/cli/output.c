/* Where answers go. A file is written aside, in the same folder, and renamed: never half a file. */
#include "terrier/cli/output.h"

#include "terrier/base/clock.h"
#include "terrier/base/digest.h"
#include "terrier/base/mem.h"
#include "terrier/cli/account.h"
#include "terrier/cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define TERMINAL_ROWS 100

static bool can_write(const struct exporter *e, bool is_map)
{
	return is_map ? e->write_map != NULL : e->write_table != NULL;
}

static bool ends_with(const char *text, const char *suffix)
{
	size_t len = strlen(text), tail = strlen(suffix);

	return len > tail && strcmp(text + len - tail, suffix) == 0;
}

static int complain_format(const char *asked, bool is_map)
{
	char *list = mem_strdup("");

	for (const struct exporter *const *e = exporters; *e != NULL; e++) {
		if (can_write(*e, is_map)) {
			char *longer =
			        mem_printf("%s%s%s", list, list[0] != '\0' ? ", " : "", (*e)->name);

			free(list);
			list = longer;
		}
	}
	complain(EXIT_CALLER, "option --format: '%s': write one of %s", asked, list);
	free(list);
	return EXIT_CALLER;
}

const struct exporter *output_format(const struct options *o, bool is_map, const char *otherwise,
                                     int *status)
{
	const char *asked = o->text[OPTION_FORMAT], *path = o->text[OPTION_OUTPUT];
	const struct exporter *found;

	for (const struct exporter *const *e = exporters;
	     asked == NULL && path != NULL && *e != NULL; e++) {
		if (can_write(*e, is_map) && ends_with(path, (*e)->suffix)) {
			return *e;
		}
	}
	found = export_find(asked != NULL ? asked : otherwise);
	if (found == NULL || !can_write(found, is_map)) {
		*status = complain_format(asked != NULL ? asked : otherwise, is_map);
		return NULL;
	}
	return found;
}

bool output_is_terminal(const struct options *o)
{
	return o->text[OPTION_OUTPUT] == NULL && isatty(STDOUT_FILENO);
}

size_t output_limit(const struct options *o, const struct exporter *format)
{
	bool is_page = strcmp(format->name, "table") == 0 && output_is_terminal(o) &&
	               (o->command->takes & TAKES(OPTION_LIMIT)) != 0;

	return o->limit > 0 ? o->limit : is_page ? TERMINAL_ROWS : SIZE_MAX;
}

int output_check(const struct options *o)
{
	const char *path = o->text[OPTION_OUTPUT];
	struct stat st;

	if (path != NULL && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		return complain(EXIT_CALLER,
		                "option --output: %s: it is a folder: name a file in it", path);
	}
	return EXIT_DONE;
}

/* What to write, to be called with the stream once it is open. */
struct job {
	const struct table *const *tables; /* one, or several for a book */
	size_t n_tables;
	const struct map *map;
	const struct plot *plot;
	const struct exporter *format;
	struct export_options options;
	char *hash; /* room for the hash of what was written; NULL: not asked for */
};

static int write_job(const struct job *job, FILE *out, char **error)
{
	if (job->plot != NULL) {
		return job->format->write_plot(job->plot, out, error);
	}
	if (job->map != NULL) {
		return job->format->write_map(job->map, &job->options, out, error);
	}
	return job->n_tables > 1
	               ? job->format->write_book(job->tables, job->n_tables, &job->options, out, error)
	               : job->format->write_table(job->tables[0], &job->options, out, error);
}

/* The same by way of memory, so that it can be hashed. */
static int write_hashed(const struct job *job, FILE *out, char **error)
{
	uint8_t hash[DIGEST_OCTETS];
	char *bytes = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&bytes, &size);
	int status = memory != NULL ? write_job(job, memory, error) : -1;

	if ((memory == NULL || fclose(memory) != 0 || (status == 0 && fwrite(bytes, 1, size, out) != size)) &&
	    *error == NULL) {
		*error = mem_strdup(strerror(errno));
		status = -1;
	}
	if (status == 0) {
		struct digest *d = digest_new();

		digest_add_octets(d, bytes, size);
		digest_finish(d, hash);
		digest_print(hash, job->hash);
	}
	free(bytes);
	return status;
}

static int write_stream(const struct job *job, FILE *out, const char *where)
{
	char *error = NULL;

	if ((job->hash != NULL ? write_hashed(job, out, &error) : write_job(job, out, &error)) == 0) {
		return EXIT_DONE;
	}
	complain(EXIT_SYSTEM, "%s: %s: nothing complete was written", where, error);
	free(error);
	return EXIT_SYSTEM;
}

/* A file like any other gets its old mode, a new one what the umask leaves. */
static mode_t mode_of(const char *path)
{
	struct stat st;
	mode_t mask;

	if (stat(path, &st) == 0) {
		return st.st_mode & 07777;
	}
	mask = umask(0);
	umask(mask);
	return 0666 & ~mask;
}

static int write_aside(const struct job *job, const char *path)
{
	char *aside = mem_printf("%s.XXXXXX", path);
	int fd = mkostemp(aside, O_CLOEXEC), status;
	FILE *out = fd >= 0 ? fdopen(fd, "we") : NULL;

	if (out == NULL) {
		complain(EXIT_SYSTEM, "option --output: %s: %s: name a place where you may write",
		         path, strerror(errno));
		free(aside);
		return EXIT_SYSTEM;
	}
	status = write_stream(job, out, path);
	if (status == EXIT_DONE && (fchmod(fd, mode_of(path)) != 0 || fsync(fd) != 0)) {
		status =
		        complain(EXIT_SYSTEM, "%s: %s: nothing was written", path, strerror(errno));
	}
	if (fclose(out) != 0 && status == EXIT_DONE) {
		status =
		        complain(EXIT_SYSTEM, "%s: %s: nothing was written", path, strerror(errno));
	}
	if (status == EXIT_DONE && rename(aside, path) != 0) {
		status =
		        complain(EXIT_SYSTEM, "%s: %s: nothing was written", path, strerror(errno));
	}
	if (status != EXIT_DONE) {
		unlink(aside);
	}
	free(aside);
	return status;
}

/* Devices and pipes (/dev/stdout, /dev/null) are written to as they are: renaming would replace
 * them. */
static int write_device(const struct job *job, const char *path)
{
	FILE *out = fopen(path, "we");
	int status;

	if (out == NULL) {
		return complain(EXIT_SYSTEM,
		                "option --output: %s: %s: name a place where you may write", path,
		                strerror(errno));
	}
	status = write_stream(job, out, path);
	if (fclose(out) != 0 && status == EXIT_DONE) {
		status = complain(EXIT_SYSTEM, "%s: %s", path, strerror(errno));
	}
	return status;
}

static int write_path(const struct job *job, const char *path)
{
	char *real = realpath(path, NULL); /* a link stays, what it points to is replaced */
	const char *target = real != NULL ? real : path;
	struct stat st;
	int status;

	if (stat(target, &st) == 0 && !S_ISREG(st.st_mode)) {
		status = write_device(job, target);
	} else {
		status = write_aside(job, target);
	}
	free(real);
	return status;
}

static int write_out(const struct options *o, struct job *job)
{
	const char *path = o->text[OPTION_OUTPUT], *plain = getenv("NO_COLOR"),
	           *term = getenv("TERM");
	struct winsize size;

	job->options.dpi = o->dpi;
	if (path != NULL) {
		return write_path(job, path);
	}
	if (output_is_terminal(o) && job->format->is_binary) {
		return complain(EXIT_CALLER, "option --format: %s cannot be shown here: add --output FILE%s",
		                job->format->name, job->format->suffix);
	}
	if (output_is_terminal(o)) {
		job->options.colour = (plain == NULL || plain[0] == '\0') && term != NULL &&
		                      strcmp(term, "dumb") != 0;
		job->options.width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0
		                             ? size.ws_col
		                             : 80;
	}
	return write_stream(job, stdout, "standard output");
}

/* What goes to a file is an export, and leaves its line in the system's log; what is only looked at does not. */
static int write_logged(const struct options *o, struct job *job, size_t rows)
{
	bool is_export = o->text[OPTION_OUTPUT] != NULL;
	const char *word = o->n_arguments > 0 ? o->arguments[0] : "";
	char *command = mem_printf("%s%s%s", o->command->name, word[0] != '\0' ? " " : "", word);
	char *hash = job->hash;
	int status;

	job->hash = is_export ? hash : NULL;
	status = write_out(o, job);
	if (status == EXIT_DONE && is_export) {
		audit_line(command, rows, hash);
	}
	free(command);
	return status;
}

const char *output_marking(const struct options *o)
{
	if (o->text[OPTION_MARKING] != NULL) {
		return o->text[OPTION_MARKING];
	}
	return options_view(o, VIEW_NETWORK) == VIEW_PUBLIC ? "OFFICIAL" : "OFFICIAL-SENSITIVE";
}

int output_table(const struct options *o, const struct table *t, const struct exporter *format)
{
	const struct export_about about = {
	        .title = o->text[OPTION_TITLE],
	        .marking = output_marking(o),
	        .made_us = clock_now_us(),
	};
	char hash[DIGEST_TEXT_MAX] = "";
	struct job job = {
	        .tables = &t, .n_tables = 1, .format = format, .options.about = &about, .hash = hash};

	return write_logged(o, &job, table_rows(t));
}

/* "flows, assets or ropa"; free(). */
static char *list_names(const struct table *const *tables, size_t n)
{
	char *list = mem_strdup(table_name(tables[0]));

	for (size_t i = 1; i < n; i++) {
		char *longer = mem_printf("%s%s%s", list, i + 1 < n ? ", " : " or ", table_name(tables[i]));

		free(list);
		list = longer;
	}
	return list;
}

int output_book(const struct options *o, const struct table *const *tables, size_t n,
                const struct export_about *about, const struct exporter *format,
                char hash[DIGEST_TEXT_MAX])
{
	struct job job = {.tables = tables, .n_tables = n, .format = format, .options.about = about, .hash = hash};
	char *names;

	if (n == 1 || format->write_book != NULL) {
		return write_out(o, &job);
	}
	names = list_names(tables, n);
	complain(EXIT_CALLER, "option --format: %s holds one table: name one of %s", format->name, names);
	free(names);
	return EXIT_CALLER;
}

int output_map(const struct options *o, const struct map *m, const struct exporter *format)
{
	char hash[DIGEST_TEXT_MAX] = "";
	struct job job = {.map = m, .format = format, .hash = hash};

	return write_logged(o, &job, m->n_edges);
}

int output_plot(const struct options *o, const struct plot *p, const struct exporter *format)
{
	char hash[DIGEST_TEXT_MAX] = "";
	struct job job = {.plot = p, .format = format, .hash = hash};

	return write_logged(o, &job, p->n_rows + p->n_lanes);
}
