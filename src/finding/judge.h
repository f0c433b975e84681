#ifndef TERRIER_SRC_FINDING_JUDGE_H
#define TERRIER_SRC_FINDING_JUDGE_H

#include "group.h"
#include "known.h"
#include "match.h"

/* What the judging of exchanges and that of the register share. */

struct finder {
	const struct catalogue *catalogue;
	struct finding_watch watch;
	struct known known;
	bool is_learnt, is_finished;
	struct group *groups;
	uint8_t *unjudged;          /* by place of the rule: FINDER_… */
	const struct group **found; /* after the end, worst first */
	size_t n;
};

enum { FINDER_TOO_SHORT = 1, FINDER_NOT_WATCHED = 2 };

/* What a finding is about: what tells it from others, and what it is called. */
struct about {
	const char *key[2], *label[2];
};

/* Ends the first pass, once. */
void finder_end_learning(struct finder *f);

/* The group of a rule, by its place, and of what it is about; made when it is not there. */
struct group *finder_group(struct finder *f, size_t place, const struct about *about);

/* Adds the asset (NULL: none) to those of one side, and its owner. */
void group_add_asset(struct group *g, struct word **side, const struct entry *asset);

/* Adds when something was seen; 0: never. */
void group_add_time(struct group *g, int64_t first_us, int64_t last_us);

#endif
