#ifndef TERRIER_CLI_REVIEW_H
#define TERRIER_CLI_REVIEW_H

#include "terrier/base/clock.h"
#include "terrier/cli/findings.h"
#include "terrier/cli/register.h"

/* What a review works with: all that is seen, held to the register. Functions that return int return an exit status,
 * after having said what is wrong. */
struct review_work {
	struct options options; /* those of the session */
	struct session session;
	struct register_state state;
	struct filter *filter; /* NULL: everything */
	struct finder *finder; /* NULL: not asked for yet */
};

/* Opens and reconciles. `is_list`: --from, --to, --with, --kind and --zone choose; otherwise --until is a decision's
 * date, or nothing, and no end of a window. review_close() in any case. */
int review_open(struct review_work *w, const struct options *o, bool is_list);
void review_close(struct review_work *w);

/* A decision about the flow that holds what is seen of it now, and nothing else (entry_free()). */
struct entry *review_describe_flow(const struct review_work *w, const struct register_flow *f);

/* The same for an id: F-… or N-…, whole. NULL and a constant in `*fault` when there is no such flow or finding.
 * `context` is the work: as struct review_sheet_rules wants it. */
struct entry *review_describe(void *context, const char *id, const char **fault);

/* The whole id of a flow or finding that begins like this, into `out`. */
int review_find(struct review_work *w, const char *beginning, char out[DIGEST_ID_MAX]);

/* Appends all of these decisions or none, leaves a line in the system's log and answers with what was recorded.
 * `command` has no values but ids; `source` is what the register keeps. */
int review_record(struct review_work *w, const struct entries *decisions, const char *command, const char *source);

/* terrier review import FILE, check FILE. */
int review_import(const struct options *o);
int review_check(const struct options *o);

#endif
