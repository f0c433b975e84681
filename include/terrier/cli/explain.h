#ifndef TERRIER_CLI_EXPLAIN_H
#define TERRIER_CLI_EXPLAIN_H

#include "terrier/cli/register.h"

/* True when text is the beginning of an id with this letter before its hyphen. Ids are read aloud
 * and typed: case does not matter. Without `is_letter_needed` the letter and the hyphen may be left
 * out. */
bool explain_is_beginning(const char *text, const char *id, bool is_letter_needed);

/* The table of explanations of findings and flows: part, item, value, and three cells for a count, first and last seen.
 * table_free() it. */
struct table *explain_table_new(void);

/* Adds a text, in several rows where a table for people would cut it. `finish` (NULL: nothing) fills the last three
 * cells of the first. */
typedef void explain_finish_fn(struct table *t, const void *context);
void explain_add_lines(const struct session *s, struct table *t, const char *part, const char *item, const char *text,
                       explain_finish_fn *finish, const void *context);

/* Adds what was decided about this id, and, unless NULL, what was declared under another: each record of the register,
 * the oldest first. The state is loaded. Returns an exit status, after having said what is wrong. */
int explain_add_history(struct register_state *state, const struct session *s, struct table *t, const char *decided,
                        const char *declared);

/* Answers with one finding, or one flow of the register, in full. `wanted` is an id N-…, F-… or its beginning. Return an
 * exit status. */
int explain_finding(struct session *s, const char *wanted);
int explain_flow(struct session *s, const char *wanted);

/* Finds the flow whose id F-... begins so, in the session's view, else in the other that tells flows, which the session
 * then has. The state is learnt, and reconciled by it. Returns an exit status, after having said what is wrong. */
int explain_find_flow(struct register_state *state, struct session *s, const char *wanted,
                      const struct register_flow **out);

/* The flow of the register that an exchange is part of, as terrier review lists it, into `t`, which has as many columns
 * as it likes. Returns an exit status, after having said what is wrong. */
int explain_add_flow_of(struct session *s, struct table *t, const char *exchange_id);

#endif
