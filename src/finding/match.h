#ifndef TERRIER_SRC_FINDING_MATCH_H
#define TERRIER_SRC_FINDING_MATCH_H

#include "known.h"

enum match {
	MATCH_NOT,
	MATCH_YES,
	MATCH_UNJUDGED,  /* not watched long enough to say */
	MATCH_UNWATCHED, /* not where it would have to be seen */
};

/* Holds an exchange to a rule. */
enum match match_rule(const struct known *k, const struct finding_watch *watch,
                      const struct finding_rule *r, const struct exchange *e);

/* True when what goes so comes under a rule for this place; those that need to know more of the ends are true. */
bool match_goes(enum finding_place place, bool stays, bool crosses, bool leaves);

/* Days of watching that the rule's check needs; 0: none. */
unsigned match_days(const struct finding_rule *r);

/* The role for which the rule picks one of the ends; ROLES when that end has none of them. */
enum role match_role(const struct known *k, const struct finding_rule *r, const struct exchange *e);

/* How sure the kind is: what rests on a port alone is a guess, whatever the catalogue says of it.
 */
enum confidence match_confidence(const struct exchange *e);

/* The end inside, and the other one. Of two inside: the client first. */
void match_places(const struct exchange *e, const struct exchange_end **inside,
                  const struct exchange_end **other);

#endif
