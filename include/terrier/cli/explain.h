#ifndef TERRIER_CLI_EXPLAIN_H
#define TERRIER_CLI_EXPLAIN_H

#include "terrier/cli/session.h"

/* True when text is the beginning of an id with this letter before its hyphen. Ids are read aloud
 * and typed: case does not matter. Without `is_letter_needed` the letter and the hyphen may be left
 * out. */
bool explain_is_beginning(const char *text, const char *id, bool is_letter_needed);

/* Answers with one finding in full. `wanted` is an id N-… or its beginning. Returns an exit status.
 */
int explain_finding(struct session *s, const char *wanted);

#endif
