/* terrier export: the files of the register. */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/account.h"
#include "terrier/cli/command.h"
#include "terrier/cli/export_table.h"
#include "terrier/cli/output.h"
#include "terrier/cli/register_flows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	struct table *(*make)(struct register_state *state, struct filter *filter);
} exports[] = {
        {"flows", export_flows},       {"assets", export_assets},   {"ropa", export_ropa},
        {"findings", export_findings}, {"changes", export_changes},
};
#define EXPORTS (sizeof exports / sizeof exports[0])

struct work {
	struct session session;
	struct filter *filter;
	struct register_state state;
	bool is_wanted[EXPORTS];
	struct table *tables[EXPORTS];
	size_t n;
};

static int complain_name(const char *name)
{
	char *list = mem_strdup("");

	for (size_t i = 0; i < EXPORTS; i++) {
		char *longer = mem_printf("%s%s%s", list, i > 0 ? ", " : "", exports[i].name);

		free(list);
		list = longer;
	}
	complain(EXIT_CALLER, "export %s: there is none: write one of %s, or nothing for all", name,
	         list);
	free(list);
	return EXIT_CALLER;
}

/* No name: all of them. */
static int read_names(struct work *w, const struct options *o)
{
	for (size_t i = 0; i < EXPORTS; i++) {
		w->is_wanted[i] = o->n_arguments == 0;
	}
	for (size_t k = 0; k < o->n_arguments; k++) {
		size_t i = 0;

		while (i < EXPORTS && strcmp(exports[i].name, o->arguments[k]) != 0) {
			i++;
		}
		if (i == EXPORTS) {
			return complain_name(o->arguments[k]);
		}
		w->is_wanted[i] = true;
	}
	return EXIT_DONE;
}

/* privacy.md 2: what may not be kept must not get out, however it got in. */
static int check_texts(struct work *w)
{
	struct store_check found;

	if (store_check_texts(w->session.store, &found) != 0) {
		return session_complain(&w->session);
	}
	return found.withheld == 0 ? EXIT_DONE
	                           : complain(EXIT_SYSTEM,
	                                      "%s: %llu stored texts that may not be kept: nothing "
	                                      "was exported; terrier "
	                                      "verify counts them",
	                                      options_database(w->session.options),
	                                      (unsigned long long)found.withheld);
}

static int make_tables(struct work *w)
{
	for (size_t i = 0; i < EXPORTS; i++) {
		if (w->is_wanted[i]) {
			struct table *t = exports[i].make(&w->state, w->filter);

			if (t == NULL) {
				return EXIT_SYSTEM;
			}
			session_annotate(&w->session, t);
			w->tables[w->n++] = t;
		}
	}
	return EXIT_DONE;
}

static char *name_tables(const struct work *w)
{
	char *list = mem_strdup("export");

	for (size_t i = 0; i < w->n; i++) {
		char *longer = mem_printf("%s %s", list, table_name(w->tables[i]));

		free(list);
		list = longer;
	}
	return list;
}

/* A line for who exports and one for the system's log: what, how much, and how both can be known
 * again. */
static void tell(const struct work *w, const char *hash)
{
	const struct options *o = w->session.options;
	char *names = name_tables(w);
	size_t rows = 0;

	for (size_t i = 0; i < w->n; i++) {
		rows += table_rows(w->tables[i]);
	}
	audit_line(names, rows, hash);
	if (o->text[OPTION_OUTPUT] != NULL) {
		fprintf(stderr, "%s: %zu rows; head of the register %s\n", o->text[OPTION_OUTPUT],
		        rows,
		        w->state.head.records > 0 ? w->state.head.hash
		                                  : "none: nothing is entered");
	}
	free(names);
}

static int write_tables(struct work *w)
{
	const struct session *s = &w->session;
	char hash[DIGEST_TEXT_MAX] = "",
	     *organisation = s->ods_code[0] != '\0'
	                             ? mem_printf("%s (%s)", s->organisation, s->ods_code)
	                             : mem_strdup(s->organisation);
	const struct export_about about = {
	        .title = s->options->text[OPTION_TITLE] != NULL
	                         ? s->options->text[OPTION_TITLE]
	                         : "Register of information assets and flows",
	        .organisation = organisation,
	        .marking = output_marking(s->options),
	        .head = w->state.head.records > 0 ? w->state.head.hash : NULL,
	        .made_us = clock_now_us(),
	};
	int status = output_book(s->options, (const struct table *const *)w->tables, w->n, &about,
	                         s->format, hash);

	if (status == EXIT_DONE) {
		tell(w, hash);
	}
	free(organisation);
	return status;
}

static int answer(struct work *w)
{
	int status = check_texts(w);

	status = status != EXIT_DONE ? status
	                             : register_load(&w->state, w->session.options, REGISTER_READ);
	status = status != EXIT_DONE ? status : register_learn(&w->state, &w->session);
	status = status != EXIT_DONE ? status : register_reconcile(&w->state, w->filter);
	status = status != EXIT_DONE ? status : make_tables(w);
	return status != EXIT_DONE ? status : write_tables(w);
}

static int run(const struct options *o)
{
	struct work w = {0};
	bool is_one = o->n_arguments == 1;
	int status = read_names(&w, o);

	status = status != EXIT_DONE
	                 ? status
	                 : session_open(&w.session, o, VIEW_IG, is_one ? "csv" : "xlsx", false);
	if (status == EXIT_DONE) {
		w.filter = filter_new(&w.session, &status);
	}
	status = status != EXIT_DONE ? status : answer(&w);
	for (size_t i = 0; i < w.n; i++) {
		table_free(w.tables[i]);
	}
	register_unload(&w.state);
	filter_free(w.filter);
	session_close(&w.session);
	return status;
}

const struct command command_export = {
        .name = "export",
        .summary = "register files: flows, assets, ropa, findings, changes",
        .arguments = "[flows|assets|ropa|findings|changes]...",
        .usage = "Writes the files of the register, for records of information governance: one "
                 "table\n"
                 "as csv, json or xlsx, or several (without a name: all) as one workbook or json.\n"
                 "What only people can say comes from the register alone: the rest of it stays "
                 "empty.\n"
                 "Each export leaves a line in the system's log.\n\n"
                 "Examples:\n"
                 "  terrier export --output register.xlsx\n"
                 "  terrier export flows --output flows.csv   fill it in, then: terrier declare "
                 "import\n"
                 "  terrier export flows --view public --output for-the-website.csv\n",
        .takes = TAKES_OUTPUT | TAKES_FILTER | TAKES(OPTION_VIEW) | TAKES(OPTION_LIMIT) |
                 TAKES(OPTION_REGISTER) | TAKES(OPTION_STATUS) | TAKES(OPTION_COUNTRIES) |
                 TAKES(OPTION_PSEUDONYMS) | TAKES(OPTION_SYSTEM_NAMES) | TAKES(OPTION_TITLE) |
                 TAKES(OPTION_MARKING),
        .run = run,
};
