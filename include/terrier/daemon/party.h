#ifndef TERRIER_DAEMON_PARTY_H
#define TERRIER_DAEMON_PARTY_H

#include "terrier/base/addr.h"
#include "terrier/model/endpoint.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Who an address is for the register: an inside host, or a party. Outside addresses fold into the name they were
 * reached by, else the name a DNS answer gave them before, else their block; multicast, broadcast and unspecified
 * addresses are parties of their own. The number of hosts and parties is bounded. */
struct parties;

struct party_options {
	const struct prefix *own, *outside; /* borrowed */
	size_t n_own, n_outside;
	uint32_t max_hosts, max_parties;
};

struct parties *parties_new(const struct party_options *options);
void parties_free(struct parties *p); /* NULL is allowed */

/* True when the address belongs to the organisation. */
bool parties_is_inside(const struct parties *p, const struct addr *a);

/* Remembers that a DNS answer named an address, first at this packet time. */
void parties_learn(struct parties *p, const struct addr *a, const char *name, int64_t first_us);

/* True when what parties_resolve() says may still depend on names to come: an outside host that was reached without a
 * name. */
bool parties_is_open(const struct parties *p, const struct addr *a, const char *reached_by);

/* The name that DNS answers gave an address before `started_us`: the newest; NULL when there is none. Belongs to
 * `p`. */
const char *parties_name(const struct parties *p, const struct addr *a, int64_t started_us);

/* Resolves an address. `reached_by` is the name it was reached by ("" for none), `started_us` when the connection began:
 * of the names learnt, the newest that is not younger counts. */
void parties_resolve(struct parties *p, const struct addr *a, const char *reached_by, int64_t started_us,
                     struct endpoint *out);

#endif
