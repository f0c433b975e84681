#ifndef TERRIER_CLI_OPTIONS_H
#define TERRIER_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The options of all commands: each has one meaning everywhere (CONTRACT). The order is that of the
 * help. */
enum option {
	OPTION_DATABASE,
	OPTION_SINCE,
	OPTION_UNTIL,
	OPTION_FROM,
	OPTION_TO,
	OPTION_WITH,
	OPTION_KIND,
	OPTION_ZONE,
	OPTION_VIEW,
	OPTION_FORMAT,
	OPTION_OUTPUT,
	OPTION_LIMIT,
	OPTION_LEVEL,
	OPTION_TITLE,
	OPTION_MARKING,
	OPTION_TOP,
	OPTION_ALL,
	OPTION_DPI,
	OPTION_STATUS,
	OPTION_REGISTER,
	OPTION_ROLE,
	OPTION_REASON,
	OPTION_HEAD,
	OPTION_REPLACE,
	OPTION_COUNTRIES,
	OPTION_PSEUDONYMS,
	OPTION_SYSTEM_NAMES,
	OPTION_HELP,
	OPTION_VERSION,
	OPTIONS,
};

typedef uint64_t option_set;
#define TAKES(option) ((option_set)1 << (option))
#define TAKES_OUTPUT  (TAKES(OPTION_DATABASE) | TAKES(OPTION_FORMAT) | TAKES(OPTION_OUTPUT))
#define TAKES_FILTER                                                                               \
	(TAKES(OPTION_SINCE) | TAKES(OPTION_UNTIL) | TAKES(OPTION_FROM) | TAKES(OPTION_TO) |       \
	 TAKES(OPTION_WITH) | TAKES(OPTION_KIND) | TAKES(OPTION_ZONE))

/* Who will read the answer. Network: names and addresses. IG: systems by name, addresses only as
 * zones. Public: kinds and zones only. */
enum view { VIEW_NETWORK, VIEW_IG, VIEW_PUBLIC };

/* A command line, taken apart. Texts are those of argv. */
struct options {
	const struct command *command; /* NULL: none was given */
	const char *text[OPTIONS];     /* as written; NULL: not given; a flag that was given: "" */
	const char **arguments;        /* what is neither option nor the command */
	size_t n_arguments;
	enum view view;    /* valid when --view was given */
	size_t limit, top; /* 0: not given */
	unsigned dpi;      /* 0: not given */
};

/* Takes argv apart and checks what can be checked without the database. Returns 0, or the exit
 * status after having said what is wrong. options_free() in both cases. */
int options_parse(struct options *o, int argc, char **argv);
void options_free(struct options *o);

/* Prints the help of the program (`command` NULL) or of a command. */
void options_help(const struct command *command);

/* The database to read: --database, TERRIER_DATABASE, the default. */
const char *options_database(const struct options *o);

/* The register to read or write: --register, else register.db beside the database (free()). */
char *options_register(const struct options *o);

/* --view, else `otherwise`. */
enum view options_view(const struct options *o, enum view otherwise);
const char *view_name(enum view view);

/* Name of an option without its hyphens. */
const char *option_name(enum option option);

#endif
