#ifndef TERRIER_REGISTER_VERDICT_H
#define TERRIER_REGISTER_VERDICT_H

#include "cell.h"

#include <stdbool.h>

/* Reads one of the cells that a person fills in (verdict, role, reason, until) into a decision. `name`: what the column
 * is called in complaints; NULL: not at all. False, with the fault noted, when it may not be. */
bool verdict_take(struct cell *c, struct entry *decision, enum decision_column column, const char *name,
                  const char *text, size_t len, const char *today);

/* What is missing for a decision of its verdict, as a constant; NULL: nothing. `*column` is where. */
const char *verdict_lacks(const struct entry *decision, enum decision_column *column);

#endif
