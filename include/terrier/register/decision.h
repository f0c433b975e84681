#ifndef TERRIER_REGISTER_DECISION_H
#define TERRIER_REGISTER_DECISION_H

#include "terrier/model/finding_rule.h"
#include "terrier/model/register_flow.h"

/* Decisions hold what was seen when they were made. */

/* Writes into the seen_ cells of a decision what is seen of the flow now. `observed_from` and `observed_to` are the
 * period that was looked at, as ISO 8601. */
void decision_describe(struct entry *decision, const struct register_flow *f, bool own_is_set,
                       const char *observed_from, const char *observed_to);

/* What a decision is worth today: expired after its date, overtaken when kind, tier, encryption, zones or recipient
 * are not what they were. `*why` (free()) is set to the reason in words unless it is valid. */
enum decision_state decision_judge(const struct entry *decision, const struct register_flow *f, bool own_is_set,
                                   const char *today, char **why);

/* A finding as decisions see it. Texts are borrowed. */
struct decision_finding {
	const char *rule_id, *title;
	enum severity severity;
	const char *kind_id; /* empty: several */
	const char *subject, *observed;
	int64_t first_us, last_us;
};

/* The same for a finding. It is overtaken when its severity has risen or the kind is another. */
void decision_describe_finding(struct entry *decision, const struct decision_finding *f, const char *observed_from,
                               const char *observed_to);
enum decision_state decision_judge_finding(const struct entry *decision, const struct decision_finding *f,
                                           const char *today, char **why);

/* Status of a finding (registers.md 4.4): open without a valid decision (NULL: none); accepted, in_progress (deferred),
 * false_positive (rejected). A finding that was decided and is not found any more is DECISION_RESOLVED. */
#define DECISION_RESOLVED "resolved"
const char *decision_finding_status(const struct entry *decision, enum decision_state state);

/* "accepted", "rejected", "deferred": what a decision did. */
const char *decision_deed(const struct entry *decision);

/* Tells what a decision shows as seen from everything else that could be shown: "S-…", of the cells that a person
 * decides by. */
char *decision_seen_id(const struct entry *decision, char out[DIGEST_ID_MAX]);

/* What has become another between two such: "encryption was 'yes' and is 'no' now" (free()). Only columns for which
 * `has_column` (NULL: all) is true are looked at. NULL: nothing. */
char *decision_seen_change(const struct entry *then, const struct entry *now, const bool *has_column);

#endif
