#ifndef TERRIER_SENSOR_FLOWTAB_H
#define TERRIER_SENSOR_FLOWTAB_H

#include "terrier/model/flow.h"
#include "terrier/model/packet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The flow table: a fixed ceiling, open addressing, packet time only. It never allocates after creation and touches
 * memory only as flows come. Flows end by time, by FIN/RST followed by a new SYN, or by eviction; the owner's
 * callback takes leave of them. */
struct flowtab;

enum flow_end { FLOW_END_EXPIRED, FLOW_END_REUSED, FLOW_END_EVICTED, FLOW_END_FINAL };

/* Called for a flow that is about to leave the table. */
typedef void flowtab_end_fn(void *context, struct flow *flow, enum flow_end why);

/* Idle times in packet time after which a connection is over. */
#define FLOW_IDLE_TCP_US    (3600 * INT64_C(1000000)) /* longer than the usual two-hour keepalive is not worth the memory */
#define FLOW_IDLE_CLOSED_US (10 * INT64_C(1000000))   /* after FIN from both or RST: late segments still belong to it */
#define FLOW_IDLE_SYN_US    (60 * INT64_C(1000000))   /* TCP that never carried payload */
#define FLOW_IDLE_UDP_US    (120 * INT64_C(1000000))  /* and everything else without connections */

/* A table for `max_flows` (at least 64). `seed` keeps others from choosing colliding addresses; the rows do not
 * depend on it. `end` is called with `context`. */
struct flowtab *flowtab_new(uint32_t max_flows, uint64_t seed, flowtab_end_fn *end, void *context);

/* Frees without calling back; NULL is allowed. */
void flowtab_free(struct flowtab *t);

/* Finds or creates the flow of a packet; `*side` gets the packet's side, `*is_new` whether it was created. May end
 * other flows. Never NULL. The pointer holds until the next call of flowtab_get(), _sweep() or _end_all(). */
struct flow *flowtab_get(struct flowtab *t, const struct packet *p, uint16_t segment, unsigned *side, bool *is_new);

/* Looks at up to `n` flows in turn and ends those that are idle at packet time `now_us`. */
void flowtab_sweep(struct flowtab *t, int64_t now_us, uint32_t n);

/* Calls `fn` for every flow in the table, in the order of creation of their places. */
typedef void flowtab_fn(void *context, struct flow *flow);
void flowtab_each(struct flowtab *t, flowtab_fn *fn, void *context);

/* Ends every flow. */
void flowtab_end_all(struct flowtab *t);

/* Flows in the table now. */
uint32_t flowtab_count(const struct flowtab *t);

/* Follows the sequence numbers of one TCP segment: returns its payload octets that were not seen before (holes that
 * are filled later count, retransmissions and keepalives do not) and moves flow->next and the hole. */
uint32_t flow_new_octets(struct flow *f, unsigned side, uint32_t seq, uint32_t len);

#endif
