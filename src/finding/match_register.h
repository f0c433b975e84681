#ifndef TERRIER_SRC_FINDING_MATCH_REGISTER_H
#define TERRIER_SRC_FINDING_MATCH_REGISTER_H

#include "known.h"
#include "match.h"

/* Hold what the register knows of to a rule whose check looks at such. `why` gets what was found,
 * in words; it is the caller's to clear. */
enum match match_flow(const struct known *k, const struct finding_watch *watch,
                      const struct finding_rule *r, const struct register_flow *f,
                      struct words *why);

enum match match_system(const struct known *k, const struct finding_watch *watch,
                        const struct finding_rule *r, const struct entry *asset,
                        const struct flow_end *seen, struct words *why);

enum match match_declaration(const struct known *k, const struct finding_watch *watch,
                             const struct finding_rule *r, const struct entry *declaration,
                             struct words *why);

#endif
