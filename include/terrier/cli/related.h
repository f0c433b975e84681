#ifndef TERRIER_CLI_RELATED_H
#define TERRIER_CLI_RELATED_H

#include "terrier/cli/session.h"

/* Adds to `t` which other exchanges belong to this one: a C-MOVE and the association on which its
 * objects travel, joined by the AE titles that both name and those of the hosts (PS3.7 9.1.4). Rows
 * are of part `related`. When more than one pair of hosts fits, that is said instead. Returns 0, or
 * -1 with store_error(). */
int related_add(struct session *s, struct table *t, const char *exchange_id);

#endif
