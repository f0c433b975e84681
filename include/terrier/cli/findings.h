#ifndef TERRIER_CLI_FINDINGS_H
#define TERRIER_CLI_FINDINGS_H

#include "terrier/cli/filter.h"
#include "terrier/cli/register.h"
#include "terrier/finding/finder.h"
#include "terrier/register/decision.h"

/* Findings of the session's database: all of it is learnt, what the window and `filter` (NULL:
 * everything) select is judged. NULL when the store failed, which session_complain() tells.
 * finder_free() before the session is closed. */
struct finder *findings_of(struct session *s, const struct filter *filter);

/* The finding as decisions see it. Its texts are the finding's. */
struct decision_finding findings_describe(const struct finding *f);

/* What people decided about a finding, and what that is worth now; empty without a decision. */
struct findings_verdict {
	const struct entry *decision;
	enum decision_state state;
	char *why; /* it is not valid any more; free() */
};
struct findings_verdict findings_judge(const struct register_state *state, const struct finding *f);

/* Calls `tell` with each decision about a finding that is resolved: its rule is in force and could be asked of all
 * that was watched, and it is not found. `f` must have judged everything. */
void findings_each_resolved(const struct register_state *state, const struct session *s, const struct finder *f,
                            void (*tell)(void *context, const struct entry *decision), void *context);

/* Adds the rules that could not be asked to what the answer does not know. */
void findings_add_unjudged(const struct finder *f, struct table *t);

/* The ids of its exchanges, "X-…; X-…; + 3 more" (free()). */
char *findings_exchanges(const struct finding *finding);

#endif
