#ifndef TERRIER_CLI_SUBCOMMAND_H
#define TERRIER_CLI_SUBCOMMAND_H

#include "terrier/cli/command.h"

/* A word behind a command's name: terrier assets import FILE. The command takes what any of its words takes; a word
 * takes less. */
struct subcommand {
	const char *word;
	const char *argument; /* what it is called in messages ("FILE"), one and needed ("ID...": or more); NULL: none */
	option_set takes;
	int (*run)(const struct options *options);
};

/* Runs the one of `n` that the first argument names: its own argument is then o->arguments[1]. Returns an exit
 * status, after having said what is wrong. */
int subcommand_run(const struct options *o, const struct subcommand *all, size_t n);

#endif
