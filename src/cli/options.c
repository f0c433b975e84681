/* The command line: GNU long options, taken apart and checked by one table. Names are never
 * abbreviated, so that an option added later cannot change what a script means. */
#include "terrier/cli/options.h"

#include "terrier/base/mem.h"
#include "terrier/base/nearest.h"
#include "terrier/cli/command.h"
#include "terrier/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_DATABASE "/var/lib/terrier/terrier.db"

static const struct {
	const char *name;
	const char *value; /* what it is called in the help; NULL: a flag */
	const char *help;  /* NULL: of a later version */
} table[OPTIONS] = {
        [OPTION_DATABASE] = {"database", "FILE", "else TERRIER_DATABASE, else " DEFAULT_DATABASE},
        [OPTION_SINCE] = {"since", "TIME",
                          "from TIME on: 2026-11-21, 2026-11-21T08:00, or an age: 7d 4w"},
        [OPTION_UNTIL] = {"until", "TIME", "before TIME; ages count back from the newest packet"},
        [OPTION_FROM] = {"from", "X", "information that X sends: a name, address or CIDR block"},
        [OPTION_TO] = {"to", "X", "information that X receives"},
        [OPTION_WITH] = {"with", "X", "information that X sends or receives"},
        [OPTION_KIND] = {"kind", "ID", "this kind of data, or group 'clin.*': see terrier kinds"},
        [OPTION_ZONE] = {"zone", "Z", "either end in this zone, block of addresses, or Outside"},
        [OPTION_VIEW] = {"view", "WHO",
                         "network: all; ig: no addresses, no clients; public: organisations"},
        [OPTION_FORMAT] = {"format", "F", NULL}, /* the help lists the exporters */
        [OPTION_OUTPUT] = {"output", "FILE", "write FILE, complete or not at all"},
        [OPTION_LIMIT] = {"limit", "N", "at most N rows (on a terminal 100, else all)"},
        [OPTION_LEVEL] = {"level", "L", "host, asset, zone or organisation: what is told apart"},
        [OPTION_TITLE] = {"title", "TEXT", "title of the page"},
        [OPTION_MARKING] = {"marking", "TEXT",
                            "protective marking (OFFICIAL-SENSITIVE; '' for none)"},
        [OPTION_TOP] = {"top", "N", "draw N arrows: the most sensitive, then the busiest"},
        [OPTION_ALL] = {"all", NULL, "fold and leave out nothing, however much it gets"},
        [OPTION_DPI] = {"dpi", "N", "dots per inch of png (150)"},
        [OPTION_HELP] = {"help", NULL, "print this and exit"},
        [OPTION_VERSION] = {"version", NULL,
                            "print the versions of Terrier and its libraries and exit"},
        [OPTION_STATUS] = {"status", "S", "only those of this status"},
        [OPTION_REGISTER] = {"register", "FILE", "the register (register.db beside the database)"},
        [OPTION_ROLE] = {"role", "ROLE", "the role that decides: 'Information asset owner'"},
        [OPTION_REASON] = {"reason", "TEXT", "why, for whoever reads it later"},
        [OPTION_HEAD] = {"head", "HASH", "the chain's head, as a filed export has it"},
        [OPTION_REPLACE] = {"replace", NULL, "also take out what is not in the file"},
        [OPTION_COUNTRIES] = {"countries", "FILE", "a MaxMind database (.mmdb) of countries, of your own"},
        [OPTION_PSEUDONYMS] = {"pseudonyms", "KEYFILE", "clients one by one, under names made with this key"},
        [OPTION_SYSTEM_NAMES] = {"system-names", NULL, "in the public view name systems too"},
};

static const char *const view_names[] = {
        [VIEW_NETWORK] = "network",
        [VIEW_IG] = "ig",
        [VIEW_PUBLIC] = "public",
};

const char *view_name(enum view view)
{
	return view_names[view];
}

const char *option_name(enum option option)
{
	return table[option].name;
}

static int find(const char *name, size_t len)
{
	for (int i = 0; i < OPTIONS; i++) {
		if (strlen(table[i].name) == len && strncmp(table[i].name, name, len) == 0) {
			return i;
		}
	}
	return -1;
}

static int complain_unknown(const char *argument)
{
	const char *words[OPTIONS], *near;
	char *name = mem_strdup(argument + strspn(argument, "-"));

	name[strcspn(name, "=")] = '\0';
	for (int i = 0; i < OPTIONS; i++) {
		words[i] = table[i].name;
	}
	near = nearest_find(name, words, OPTIONS);
	if (near != NULL) {
		complain(EXIT_CALLER, "option %s: there is none: did you mean --%s?", argument,
		         near);
	} else {
		complain(EXIT_CALLER, "option %s: there is none: terrier --help lists them",
		         argument);
	}
	free(name);
	return EXIT_CALLER;
}

/* Takes the option at argv[*i] and, where it stands apart, its value. */
static int take_option(struct options *o, int argc, char **argv, int *i)
{
	const char *argument = argv[*i], *name = argument + 2;
	size_t len = strcspn(name, "=");
	int option = find(name, len);

	if (strcmp(argument, "-h") == 0 || strcmp(argument, "-V") == 0) {
		o->text[argument[1] == 'h' ? OPTION_HELP : OPTION_VERSION] = "";
		return EXIT_DONE;
	}
	if (argument[1] != '-' || option < 0) {
		return complain_unknown(argument);
	}
	name = table[option].name;
	if (o->text[option] != NULL) {
		return complain(EXIT_CALLER, "option --%s: given twice: give it once", name);
	}
	if (table[option].value == NULL) {
		o->text[option] = "";
		return argument[2 + len] == '\0'
		               ? EXIT_DONE
		               : complain(EXIT_CALLER,
		                          "option --%s: it takes no value: leave out '%s'", name,
		                          argument + 2 + len);
	}
	if (argument[2 + len] == '=') {
		o->text[option] = argument + 2 + len + 1;
	} else if (*i + 1 < argc) {
		o->text[option] = argv[++*i];
	} else {
		return complain(EXIT_CALLER, "option --%s: its value is missing: write --%s %s",
		                name, name, table[option].value);
	}
	if (o->text[option][0] == '\0' && option != OPTION_MARKING) {
		return complain(EXIT_CALLER, "option --%s: its value is empty: write --%s %s", name,
		                name, table[option].value);
	}
	return EXIT_DONE;
}

static int take_command(struct options *o, const char *name)
{
	const char *words[64], *near;
	size_t n = 0;

	o->command = command_find(name);
	if (o->command != NULL) {
		return EXIT_DONE;
	}
	for (; n < sizeof words / sizeof words[0] && commands[n] != NULL; n++) {
		words[n] = commands[n]->name;
	}
	near = nearest_find(name, words, n);
	return near != NULL
	               ? complain(EXIT_CALLER,
	                          "command %s: there is none: did you mean terrier %s?", name, near)
	               : complain(EXIT_CALLER,
	                          "command %s: there is none: terrier --help lists them", name);
}

static int check_command(const struct options *o)
{
	const char *name = o->command->name;

	for (int i = 0; i < OPTIONS; i++) {
		if (o->text[i] == NULL || i == OPTION_HELP || i == OPTION_VERSION) {
			continue;
		}
		if ((o->command->takes & TAKES(i)) == 0) {
			return complain(
			        EXIT_CALLER,
			        "option --%s: terrier %s does not take it: see terrier %s --help",
			        table[i].name, name, name);
		}
	}
	if (o->command->arguments[0] == '\0' && o->n_arguments > 0) {
		return complain(EXIT_CALLER,
		                "argument %s: terrier %s takes none: see terrier %s --help",
		                o->arguments[0], name, name);
	}
	return EXIT_DONE;
}

/* Reads a whole number from 1 to `most`. */
static int read_number(const struct options *o, enum option option, size_t most, size_t *out)
{
	const char *text = o->text[option];
	char *end;
	unsigned long long value;

	if (text == NULL) {
		return EXIT_DONE;
	}
	value = strspn(text, "0123456789") == strlen(text) ? strtoull(text, &end, 10) : 0;
	if (value < 1 || value > most) {
		return complain(EXIT_CALLER,
		                "option --%s: '%s': write a whole number from 1 to %zu",
		                table[option].name, text, most);
	}
	*out = (size_t)value;
	return EXIT_DONE;
}

static int read_view(struct options *o)
{
	const char *text = o->text[OPTION_VIEW];

	for (size_t i = 0; text != NULL && i < sizeof view_names / sizeof view_names[0]; i++) {
		if (strcmp(text, view_names[i]) == 0) {
			o->view = (enum view)i;
			return EXIT_DONE;
		}
	}
	return text == NULL ? EXIT_DONE
	                    : complain(EXIT_CALLER,
	                               "option --view: '%s': write network, ig or public", text);
}

static int check_level(const struct options *o)
{
	static const char *const levels[] = {"host", "asset", "zone", "organisation"};
	const char *text = o->text[OPTION_LEVEL];

	for (size_t i = 0; text != NULL && i < sizeof levels / sizeof levels[0]; i++) {
		if (strcmp(text, levels[i]) == 0) {
			return EXIT_DONE;
		}
	}
	return text == NULL ? EXIT_DONE
	                    : complain(EXIT_CALLER,
	                               "option --level: '%s': write host, asset, zone or organisation", text);
}

static int read_values(struct options *o)
{
	size_t dpi = 0;
	int status = read_view(o);

	status = status != EXIT_DONE ? status : check_level(o);
	status = status != EXIT_DONE ? status : read_number(o, OPTION_LIMIT, INT32_MAX, &o->limit);
	status = status != EXIT_DONE ? status : read_number(o, OPTION_TOP, 100000, &o->top);
	status = status != EXIT_DONE ? status : read_number(o, OPTION_DPI, 1200, &dpi);
	o->dpi = (unsigned)dpi;
	return status;
}

int options_parse(struct options *o, int argc, char **argv)
{
	bool is_ended = false;
	int status = EXIT_DONE;

	*o = (struct options){.arguments = mem_zalloc((size_t)argc + 1, sizeof *o->arguments)};
	for (int i = 1; i < argc && status == EXIT_DONE; i++) {
		if (!is_ended && strcmp(argv[i], "--") == 0) {
			is_ended = true;
		} else if (!is_ended && argv[i][0] == '-' && argv[i][1] != '\0') {
			status = take_option(o, argc, argv, &i);
		} else if (o->command == NULL && o->n_arguments == 0 &&
		           strcmp(argv[i], "help") == 0) {
			o->text[OPTION_HELP] = "";
		} else if (o->command == NULL) {
			status = take_command(o, argv[i]);
		} else {
			o->arguments[o->n_arguments++] = argv[i];
		}
	}
	if (status == EXIT_DONE && o->text[OPTION_HELP] == NULL &&
	    o->text[OPTION_VERSION] == NULL) {
		status = o->command != NULL
		                 ? check_command(o)
		                 : complain(EXIT_CALLER,
		                            "no command given: terrier --help lists them");
		status = status != EXIT_DONE ? status : read_values(o);
	}
	return status;
}

void options_free(struct options *o)
{
	free(o->arguments);
}

const char *options_database(const struct options *o)
{
	const char *set = getenv("TERRIER_DATABASE");

	if (o->text[OPTION_DATABASE] != NULL) {
		return o->text[OPTION_DATABASE];
	}
	return set != NULL && set[0] != '\0' ? set : DEFAULT_DATABASE;
}

char *options_register(const struct options *o)
{
	const char *database = options_database(o), *slash = strrchr(database, '/');

	if (o->text[OPTION_REGISTER] != NULL) {
		return mem_strdup(o->text[OPTION_REGISTER]);
	}
	return mem_printf("%.*sregister.db", slash != NULL ? (int)(slash + 1 - database) : 0, database);
}

enum view options_view(const struct options *o, enum view otherwise)
{
	return o->text[OPTION_VIEW] != NULL ? o->view : otherwise;
}

static void help_program(void)
{
	printf("Usage: terrier COMMAND [OPTION]...\n"
	       "Answers from what terrierd saw on the network: which systems exchange which\n"
	       "kinds of data, and what the register says of it. It asks the network nothing.\n"
	       "Begin with terrier status; terrier map --output map.svg; terrier findings.\n\n");
	for (const struct command *const *c = commands; *c != NULL; c++) {
		printf("  %-9s %s\n", (*c)->name, (*c)->summary);
	}
	printf("\nterrier COMMAND --help lists a command's options; --version prints versions.\n"
	       "The manual is terrier(1); the daemon's is terrierd(8).\n");
}

static void help_format(const struct command *command)
{
	bool is_map = (command->takes & TAKES(OPTION_DPI)) != 0;
	const char *comma = "";

	printf("  --format F       ");
	for (const struct exporter *const *e = exporters; *e != NULL; e++) {
		if (is_map ? (*e)->write_map != NULL : (*e)->write_table != NULL) {
			printf("%s%s", comma, (*e)->name);
			comma = ", ";
		}
	}
	printf("; else as the suffix of --output says\n");
}

void options_help(const struct command *command)
{
	if (command == NULL) {
		help_program();
		return;
	}
	printf("Usage: terrier %s %s%s[OPTION]...\n%s", command->name,
	       command->arguments, command->arguments[0] != '\0' ? " " : "", command->usage);
	if (command->help != NULL) {
		command->help();
	}
	printf("\nOptions:\n");
	for (int i = 0; i < OPTIONS; i++) {
		if (i == OPTION_FORMAT && (command->takes & TAKES(i)) != 0) {
			help_format(command);
		} else if ((command->takes & TAKES(i)) != 0 || i == OPTION_HELP) {
			char *left = mem_printf("--%s%s%s", table[i].name,
			                        table[i].value != NULL ? " " : "",
			                        table[i].value != NULL ? table[i].value : "");
			printf("  %-16s %s\n", left, table[i].help);
			free(left);
		}
	}
}
