#ifndef TERRIER_CLI_SHEETS_H
#define TERRIER_CLI_SHEETS_H

#include "terrier/cli/options.h"
#include "terrier/model/entry.h"

/* What people enter by files, and get back: assets and declared flows. Options that these words take, and the words.
 * They need no database. All return an exit status, after having said what is wrong. */
#define TAKES_REGISTER (TAKES(OPTION_DATABASE) | TAKES(OPTION_REGISTER))
#define TAKES_IMPORT   (TAKES_REGISTER | TAKES(OPTION_REPLACE))
#define TAKES_EXPORT   (TAKES_REGISTER | TAKES(OPTION_FORMAT) | TAKES(OPTION_OUTPUT))
#define TAKES_LIST                                                                                                     \
	(TAKES_EXPORT | TAKES(OPTION_LIMIT) | TAKES(OPTION_WITH) | TAKES(OPTION_KIND) | TAKES(OPTION_ZONE))

/* Reads the file of o->arguments[1] ("-": standard input) and enters what is new or changed, all or nothing. */
int sheets_import(const struct options *o, enum entry_type type);

/* The same up to the point where something would change. */
int sheets_check(const struct options *o, enum entry_type type);

/* Shows what is in force: a few columns at a terminal, all of them in files, with ids in front. */
int sheets_list(const struct options *o, enum entry_type type);

/* Writes what is in force in the columns that sheets_import() takes, in the order of registers.md 4.1. */
int sheets_export(const struct options *o, enum entry_type type);

/* Reads all of a file that people filled in (free() `*bytes`, also on failure); `path` "-" is standard input, `name` what
 * it is called. */
int sheets_read_file(const char *name, const char *path, char **bytes, size_t *len);

/* Says each of these lines on stderr and frees them; NULL: none. */
void sheets_say(char *lines);

#endif
