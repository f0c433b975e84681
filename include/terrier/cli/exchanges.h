#ifndef TERRIER_CLI_EXCHANGES_H
#define TERRIER_CLI_EXCHANGES_H

#include "terrier/cli/session.h"
#include "terrier/model/exchange.h"

/* Hands every exchange of `query` to `take`, told as the session's view allows; `row` is the same as the store has
 * it, for filters. `take` returns false to stop. Returns 0, or -1 when the store failed, which session_complain()
 * tells. */
typedef bool exchanges_fn(void *context, const struct exchange *e, const struct exchange_row *row);
int exchanges_each(struct session *s, const struct store_query *query, exchanges_fn *take, void *context);

#endif
