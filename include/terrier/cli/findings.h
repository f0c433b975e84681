#ifndef TERRIER_CLI_FINDINGS_H
#define TERRIER_CLI_FINDINGS_H

#include "terrier/cli/filter.h"
#include "terrier/cli/register.h"
#include "terrier/finding/finder.h"

/* Findings of the session's database: all of it is learnt, what the window and `filter` (NULL:
 * everything) select is judged, and where there is a register, what it says of that. Loads `state`,
 * which must outlive the finder and have register_unload() in any case. Returns an exit status
 * after having said what is wrong; finder_free() `*out`, which is NULL then, before the session is
 * closed. */
int findings_of(struct register_state *state, struct session *s, struct filter *filter,
                struct finder **out);

/* The same of a state that has learnt and, where there is a register, holds the reconciled flows of
 * the session's window; and as things stood at `at_us`, on the day of `today`. */
int findings_now(struct register_state *state, struct filter *filter, struct finder **out);
int findings_at(struct register_state *state, struct filter *filter, int64_t at_us,
                const char *today, struct finder **out);

/* Adds what could not be asked to what the answer does not know: for want of watching, of a
 * register. */
void findings_add_unjudged(const struct session *s, const struct register_state *state,
                           const struct finder *f, struct table *t);

/* What the finding rests on: the ids of its exchanges, "X-…; X-…; + 3 more", else of declarations,
 * D-… (free()). */
char *findings_evidence(const struct finding *finding);

#endif
