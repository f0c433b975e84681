#ifndef TERRIER_REGISTER_DECISION_H
#define TERRIER_REGISTER_DECISION_H

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

#endif
