#ifndef TERRIER_CLI_FINDING_TABLE_H
#define TERRIER_CLI_FINDING_TABLE_H

#include "terrier/cli/findings.h"

/* findings.csv of registers.md 4.4, with why and what became of the decision at its right; only those of status
 * `wanted` unless it is NULL. The state is loaded. Returns an exit status, after having said what is wrong;
 * `*out` is the caller's to free on EXIT_DONE. */
int finding_table(struct register_state *state, struct session *s, struct filter *filter, const char *wanted,
                  struct table **out);

#endif
