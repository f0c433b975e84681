#ifndef TERRIER_CLI_FINDINGS_H
#define TERRIER_CLI_FINDINGS_H

#include "terrier/cli/filter.h"
#include "terrier/cli/register.h"
#include "terrier/finding/finder.h"
#include "terrier/register/decision.h"

/* Findings of the session's database: all of it is learnt, what the window and `filter` (NULL:
 * everything) select is judged, and where there is a register, what it says of that. `state` is
 * loaded; where there is a register it learns who is who. Returns an exit status after having said
 * what is wrong; finder_free() `*out`, which is NULL then, before the session is closed. */
int findings_of(struct register_state *state, struct session *s, struct filter *filter,
                struct finder **out);

/* The same of a state that has learnt and, where there is a register, holds the reconciled flows of
 * the session's window; and as things stood at `at_us`, on the day of `today`. */
int findings_now(struct register_state *state, struct filter *filter, struct finder **out);
int findings_at(struct register_state *state, struct filter *filter, int64_t at_us,
                const char *today, struct finder **out);

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


/* Adds what could not be asked to what the answer does not know: for want of watching, of a
 * register. */
void findings_add_unjudged(const struct session *s, const struct register_state *state,
                           const struct finder *f, struct table *t);

/* What the finding rests on: the ids of its exchanges, "X-…; X-…; + 3 more", else of declarations,
 * D-… (free()). */
char *findings_evidence(const struct finding *finding);

#endif
