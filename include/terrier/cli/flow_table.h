#ifndef TERRIER_CLI_FLOW_TABLE_H
#define TERRIER_CLI_FLOW_TABLE_H

#include "terrier/cli/register.h"

/* flows.csv of registers.md 4.2, with Terrier's own columns at its right: one row a flow. */
struct table *flow_table_new(void);

/* Adds a row. The view of the state's session says what is told. */
void flow_table_add(struct table *t, const struct register_state *state, const struct register_flow *f);

/* What limits the row, in words (free()): of a declared flow that was not observed, for how long, and whether its path
 * was watched at all. */
char *flow_coverage_note(const struct register_state *state, const struct register_flow *f);

#endif
