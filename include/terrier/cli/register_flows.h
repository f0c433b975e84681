#ifndef TERRIER_CLI_REGISTER_FLOWS_H
#define TERRIER_CLI_REGISTER_FLOWS_H

#include "terrier/cli/register.h"

/* How flows are told: between assets, zones or organisations. */
enum flow_level { LEVEL_HOST, LEVEL_ASSET, LEVEL_ZONE, LEVEL_ORGANISATION };

/* --level of the options, else `otherwise`; --status needs at least assets. */
enum flow_level flow_level_of(const struct options *o, enum flow_level otherwise);

/* True for a flow of the reconciled state that --status and the filter choose. */
bool register_wants(const struct register_state *state, const struct register_flow *f);

/* The table of a reconciled state: the public view tells organisations, however much more is asked for. */
struct table *register_flow_rows(const struct register_state *state, enum flow_level level);

/* Whether --status is one of flows. An exit status, after having said what is wrong. */
int register_check_status(const struct options *o);

/* The reconciled flows of the session as a table, at this level: --status and the filter choose. An exit status;
 * `*out` is the caller's to free on EXIT_DONE. The state is loaded, learnt and reconciled by it. */
int register_flows(struct register_state *state, struct session *s, struct filter *filter, enum flow_level level,
                   struct table **out);

#endif
