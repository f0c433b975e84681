#ifndef TERRIER_SRC_FINDING_GROUP_H
#define TERRIER_SRC_FINDING_GROUP_H

#include "terrier/finding/finder.h"

#include <uthash.h>

/* Different texts in the order they came, each with how often. */
struct word {
	char *text;
	uint64_t count;
	UT_hash_handle hh;
};

/* One finding on its way: all exchanges that come under a rule and share what it is about. */
struct group {
	char *key;
	struct finding finding; /* its texts are below */
	char *subject, *observed, *limits;
	char *lists[5]; /* the register's, joined */
	const char **exchange_ids;
	size_t place; /* of the rule in the catalogue */
	uint64_t bytes;
	struct word *clients, *servers, *ways, *protocols, *kinds, *facts, *reasons;
	struct word *kind_ids, *exchanges, *systems;
	struct word *source_assets, *destination_assets, *flows, *declarations, *owners;
	bool was_clear, was_encrypted;
	enum confidence best;
	UT_hash_handle hh;
};

/* Counts a text of a set. */
void words_add(struct word **words, const char *text, uint64_t count);
void words_free(struct word **words);

/* What was observed, in a line (free()). */
char *group_tell(const struct group *g, const struct finding_watch *watch);

/* The texts of a set, "A-1; A-2; + 3 more" (free()). */
char *group_join(const struct word *words);

/* What limits the finding (free()). */
char *group_limits(const struct group *g, const struct finding_watch *watch);

#endif
