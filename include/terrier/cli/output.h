#ifndef TERRIER_CLI_OUTPUT_H
#define TERRIER_CLI_OUTPUT_H

#include "terrier/base/digest.h"
#include "terrier/cli/options.h"
#include "terrier/export.h"

/* Where answers go: standard output, or a file that appears complete or not at all. All return an
 * exit status, after having said what is wrong. */

/* The format: --format, else by the suffix of --output, else `otherwise`. It must be able to write
 * a map (`is_map`) or a table. NULL, `*status` set, when there is no such format. */
const struct exporter *output_format(const struct options *o, bool is_map, const char *otherwise,
                                     int *status);

/* Looks at --output before the work begins: a folder, or a place where no file can be made. */
int output_check(const struct options *o);

/* True when a person at a terminal reads the answer. */
bool output_is_terminal(const struct options *o);

/* How many rows an answer has at most: --limit, else 100 for a person at a terminal, else all. */
size_t output_limit(const struct options *o, const struct exporter *format);

/* --marking, else what is the custom for the readers of --view. Empty: none. */
const char *output_marking(const struct options *o);

/* Write a table, a map, a plot (the format has a write_plot). */
int output_table(const struct options *o, const struct table *t, const struct exporter *format);
int output_map(const struct options *o, const struct map *m, const struct exporter *format);
int output_plot(const struct options *o, const struct plot *p, const struct exporter *format);

/* Writes one or several tables into one file, as struct exporter says of books; for several a format that holds one
 * table is refused. `hash` gets the BLAKE2b-256 of what was written (`b2sum -l 256`). */
int output_book(const struct options *o, const struct table *const *tables, size_t n,
                const struct export_about *about, const struct exporter *format, char hash[DIGEST_TEXT_MAX]);

#endif
