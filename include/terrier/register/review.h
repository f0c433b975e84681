#ifndef TERRIER_REGISTER_REVIEW_H
#define TERRIER_REGISTER_REVIEW_H

#include "terrier/register/reconcile.h"

/* What needs a person, worst first, and what they decide about it. */

/* Days of watching after which a declared flow that was not seen asks for a person. */
#define REVIEW_UNSEEN_DAYS 30

/* Why a flow is listed: of several the first. */
enum review_reason {
	REVIEW_REJECTED,   /* seen again after it was rejected */
	REVIEW_UNDECLARED, /* seen only, and without a valid decision; so are the next four */
	REVIEW_DIFFERENT,  /* seen otherwise than declared */
	REVIEW_LAPSED,     /* the decision expired or was overtaken */
	REVIEW_UNSEEN,     /* declared, and not seen on more than REVIEW_UNSEEN_DAYS days watched */
	REVIEW_DUE,        /* an asset's or a declaration's own date has passed */
	REVIEW_NOTHING,
};

/* Where in the list it stands: what was deferred comes after what was not, and last what networks say to themselves:
 * undeclared flows of tier 0 and 1 within the organisation of which nobody decided anything. */
enum review_place { REVIEW_NOW, REVIEW_DEFERRED, REVIEW_BACKGROUND };

struct review_item {
	const char *id;                   /* F-…; D-… or an asset's, where `entry` is set */
	const struct register_flow *flow; /* NULL: an entry whose review is due */
	const struct entry *entry;
	enum review_place place;
	enum review_reason reason;
	char *why; /* for people */
};

struct review {
	struct review_item *items;
	size_t n;
};

struct review_options {
	const struct reconciliation *flows;
	const struct entries *assets, *declarations; /* each may be NULL */
	const char *today;                           /* 2026-11-21 */
	uint64_t days_watched;
	bool own_is_set;
};

/* Lists all that needs a person (review_free()). Worst first: by place; then what was rejected and seen again, what is
 * seen, what is not, what is due; in each the higher tier first (unknown between 2 and 1), what leaves the organisation
 * before what may and what does not, clear text before encrypted, then by reason, newest first. What is listed belongs
 * to the options' objects. */
struct review *review_new(const struct review_options *options);
void review_free(struct review *review); /* NULL is allowed */

/* What a person decides, as it was typed; NULL: not given. */
struct review_verdict {
	const char *verdict; /* accept, reject, defer */
	const char *role, *reason;
	const char *until; /* a date as people in the United Kingdom write it */
};

#define REVIEW_ROLE_MAX   100  /* characters */
#define REVIEW_REASON_MAX 2000

/* Holds it to the rules: role and reason are there, name no person and no patient; the date is none of the past, and a
 * deferral has one. Returns a decision without object (entry_free()), or NULL with what is wrong in `*fault` (free()):
 * "option --role: …". */
struct entry *review_decide(const struct review_verdict *said, const char *today, char **fault);

/* What a sheet of decisions is held to: a list of review with the human columns filled in. `describe` returns a
 * decision about this id with what is seen now (the sheet's to free), or NULL and a constant in `*fault`. */
struct review_sheet_rules {
	const char *today;
	struct entry *(*describe)(void *context, const char *id, const char **fault);
	void *context;
};

/* Reads it: `name`, encodings, `*faults` as of sheet_read(). Rows without a decision are left out and counted in
 * `*left_out`. A row must show as seen what is seen now. Returns decisions, complete and identified (entries_free()),
 * maybe none; or NULL. */
struct entries *review_sheet_read(const struct review_sheet_rules *rules, const char *name, const char *bytes,
                                  size_t len, char **faults, size_t *left_out);

#endif
