#ifndef TERRIER_CLI_COMMAND_H
#define TERRIER_CLI_COMMAND_H

#include "terrier/cli/options.h"

/* Exit status (CONTRACT, Programs). */
enum { EXIT_DONE = 0, EXIT_SYSTEM = 1, EXIT_CALLER = 2 };

/* One command: one file, one constant. Register it by adding its word to the list in
 * src/cli/meson.build. */
struct command {
	const char *name;
	const char *summary;   /* one line of terrier --help */
	const char *arguments; /* of the synopsis: "ID", or "" */
	const char *usage;     /* of terrier COMMAND --help: what it tells, examples */
	option_set takes;      /* options it knows, besides --help */
	int (*run)(const struct options *options);
	void (*help)(void);    /* prints what the help says besides, from a table; NULL: nothing */
};

/* All of them, made by meson; ends with NULL. */
extern const struct command *const commands[];

/* The command of this name; NULL when there is none. */
const struct command *command_find(const char *name);

/* Says on stderr, in one line after "terrier: ", what is wrong, and returns `status`. */
int complain(int status, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
