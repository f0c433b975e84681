#ifndef TERRIER_FINDING_FINDER_H
#define TERRIER_FINDING_FINDER_H

#include "terrier/base/digest.h"
#include "terrier/model/exchange.h"
#include "terrier/model/finding_rule.h"
#include "terrier/model/register_flow.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Findings: what of the exchanges deserves attention, by the rules of the catalogue. Nothing is
 * stored: they are computed from all exchanges in two passes. First learn() everything, so that it
 * is known what each system is and since when it was seen; then judge() what was asked about, with a
 * register its flows, systems and declarations, too; then finish(). Input is borrowed for the call. */
struct finder;

/* What was watched, and for whom it is told. */
struct finding_watch {
	int64_t first_us, last_us;
	uint64_t payload_bytes, unknown_bytes; /* of all runs */
	bool own_is_set;                       /* inside and outside are configured */
	bool is_public; /* who and what kind of data is told, and not by what protocol */
	int64_t since_us, until_us; /* what is judged; 0: open */
	bool has_register;          /* else rules that need one are not asked; the rest is for them: */
	const char *today;          /* 2026-11-21, to which people's dates are held; borrowed */
	const char *(*country)(void *context, const struct flow_end *end); /* GB; "unknown". NULL: nobody knows */
	void *context;
};

struct finding {
	char id[DIGEST_ID_MAX]; /* N-…, of the rule and what it is about: the same in every database
	                         */
	const struct finding_rule *rule;
	enum confidence confidence; /* the rule's, or less where the kinds are less sure */
	const char *subject;        /* label of what it is about */
	const char *kind_id;        /* empty when there are several */
	const char *observed;       /* a line for people */
	const char *limits;
	int64_t first_us, last_us;
	uint64_t occurrences;         /* connections */
	const char *const *exchanges; /* ids */
	size_t n_exchanges;
	/* of the register, "A-1; A-2; + 3 more", each may be empty: assets at both ends (of a finding about a system at
	 * the first), flows F-…, declarations D-…, owners that are declared */
	const char *source_assets, *destination_assets, *flows, *declarations, *owners;
};

/* Begins. `c` must outlive the finder, `watch` is copied. */
struct finder *finder_new(const struct catalogue *c, const struct finding_watch *watch);
void finder_free(struct finder *f); /* NULL is allowed */

void finder_learn(struct finder *f, const struct exchange *e);
void finder_judge(struct finder *f, const struct exchange *e);

/* A flow of the register; an asset (NULL: a system that is none) with what was seen of it (NULL: nothing); a
 * declaration with the assets that it names (NULL: not there). Only with a register. */
void finder_judge_flow(struct finder *f, const struct register_flow *flow);
void finder_judge_system(struct finder *f, const struct entry *asset, const struct flow_end *seen);
void finder_judge_declaration(struct finder *f, const struct entry *declaration, const struct entry *from,
                              const struct entry *to);

/* Ends: orders the findings, worst first. Nothing is judged after it. */
void finder_finish(struct finder *f);

/* The findings; they belong to the finder. Only after finder_finish(). */
size_t finder_count(const struct finder *f);
const struct finding *finder_get(const struct finder *f, size_t i);

/* True when finding `i` rests on the exchange. */
bool finder_rests_on(const struct finder *f, size_t i, const char *exchange_id);

/* Rules that would have been asked but for which the network was not watched long enough: calls
 * `tell` with each rule and the days it needs; 0: the path was not watched. */
typedef void finder_unjudged_fn(void *context, const struct finding_rule *rule, unsigned days);
void finder_each_unjudged(const struct finder *f, finder_unjudged_fn *tell, void *context);

#endif
