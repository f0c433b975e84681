#ifndef TERRIER_REGISTER_FOLD_H
#define TERRIER_REGISTER_FOLD_H

#include "terrier/register/reconcile.h"

/* Flows of many ends told as flows of few: between zones, or between organisations. */

/* What an end is called at this level (free()). */
typedef char *fold_name_fn(void *context, const struct flow_end *end);

/* Which flows are to be told. */
typedef bool fold_wanted_fn(void *context, const struct register_flow *f);

/* Folds all wanted flows of a finished reconciliation whose ends have the same names and that are of the same kind
 * into one each: sums, the higher tier, and of several statuses the one that needs a person most (observed only,
 * declared but not observed, both, retired), with how many are of which among the differences. reconcile_free() the
 * result; `r` must outlive it. */
struct reconciliation *fold_flows(const struct reconciliation *r, fold_name_fn *name, fold_wanted_fn *wanted,
                                  void *context);

#endif
