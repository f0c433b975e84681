#ifndef TERRIER_FINDING_FINDER_H
#define TERRIER_FINDING_FINDER_H

#include "terrier/base/digest.h"
#include "terrier/model/finding_rule.h"
#include "terrier/model/kind.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Findings: what of the exchanges deserves attention, by the rules of the catalogue. Nothing is
 * stored: they are computed from all exchanges in two passes. First learn() everything, so that it
 * is known what each system is and since when it was seen; then judge() what was asked about; then
 * finish(). Input is borrowed for the call. */
struct finder;

/* One end of an exchange. */
struct finding_end {
	const char *host;    /* tells systems apart; the same in every database */
	const char *subject; /* tells apart what findings are told about: mostly `host`, a zone
	                        where systems are not told */
	const char *label;   /* what it is called, for people */
	const char *name;    /* host name, or the party's; empty: none */
	const char *zone, *zone_label; /* what tells zones apart, and what they are called */
	bool is_inside;
	bool is_group; /* broadcast or multicast */
};

struct finding_fact {
	enum evidence_type type; /* EVIDENCE_OTHER: a fact */
	const char *text;
	uint64_t count;
};

struct finding_exchange {
	const char *id; /* X-… */
	struct finding_end source,
	        destination; /* of the information; both ways: the client and the server */
	bool is_both, initiated_by_source, initiated_by_destination;
	const char *protocol, *port; /* "DICOM", "tcp/104" */
	const char *kind_id, *kind_title;
	enum tier tier;
	enum confidence confidence;
	bool was_clear, was_encrypted;
	uint64_t connections, bytes;
	int64_t first_us, last_us;
	const struct finding_fact *facts;
	size_t n_facts;
};

/* What was watched, and for whom it is told. */
struct finding_watch {
	int64_t first_us, last_us;
	uint64_t payload_bytes, unknown_bytes; /* of all runs */
	bool own_is_set;                       /* inside and outside are configured */
	bool is_public; /* who and what kind of data is told, and not by what protocol */
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
};

/* Begins. `c` must outlive the finder, `watch` is copied. */
struct finder *finder_new(const struct catalogue *c, const struct finding_watch *watch);
void finder_free(struct finder *f); /* NULL is allowed */

void finder_learn(struct finder *f, const struct finding_exchange *e);
void finder_judge(struct finder *f, const struct finding_exchange *e);

/* Ends: orders the findings, worst first. Nothing is judged after it. */
void finder_finish(struct finder *f);

/* The findings; they belong to the finder. Only after finder_finish(). */
size_t finder_count(const struct finder *f);
const struct finding *finder_get(const struct finder *f, size_t i);

/* True when finding `i` rests on the exchange. */
bool finder_rests_on(const struct finder *f, size_t i, const char *exchange_id);

/* Rules that would have been asked but for which the network was not watched long enough: calls
 * `tell` with each rule and the days it needs. */
typedef void finder_unjudged_fn(void *context, const struct finding_rule *rule, unsigned days);
void finder_each_unjudged(const struct finder *f, finder_unjudged_fn *tell, void *context);

#endif
