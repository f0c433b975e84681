#ifndef TERRIER_CLI_CHANGE_TABLE_H
#define TERRIER_CLI_CHANGE_TABLE_H

#include "terrier/cli/register.h"

/* changes.csv of registers.md 4.5, with the name of what changed at its right: what is different between --since and
 * --until, which are the last 30 days unless they are given. The public view has kinds of data alone, and how many
 * flows. `state` has learnt; the reconciled flows that it holds stay. An exit status after having said what is wrong;
 * table_free() `*out`, NULL then. */
int change_table(struct register_state *state, struct filter *filter, struct table **out);

#endif
