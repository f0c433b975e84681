#ifndef TERRIER_CLI_EXPORT_TABLE_H
#define TERRIER_CLI_EXPORT_TABLE_H

#include "terrier/cli/register.h"

/* The tables of terrier export; table_free() each. NULL where the store failed and that has been said.
 * The state is loaded, learnt and reconciled; the filter has chosen. */
struct table *export_flows(struct register_state *state, struct filter *filter);
struct table *export_assets(struct register_state *state, struct filter *filter);
struct table *export_ropa(struct register_state *state, struct filter *filter);
struct table *export_findings(struct register_state *state, struct filter *filter);
struct table *export_changes(struct register_state *state, struct filter *filter);

#endif
