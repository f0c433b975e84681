#ifndef TERRIER_SENSOR_INSPECT_H
#define TERRIER_SENSOR_INSPECT_H

#include "terrier/model/packet.h"
#include "terrier/sensor/dpi.h"

#include <stdbool.h>
#include <stdint.h>

/* The undecided flows in nDPI's hands: a pool of slots, so that a flow costs nDPI state only while it is looked at. */
struct inspector;

/* A pool of `max` slots. NULL, with `*error` (static text) set, when nDPI cannot be used. */
struct inspector *inspector_new(uint32_t max, const char **error);

/* A pool that never asks nDPI: every flow is given up at once. */
struct inspector *inspector_new_blind(void);
void inspector_free(struct inspector *i); /* NULL is allowed */

/* Takes a slot for a flow: its number from 1, or 0 when all are taken. */
uint32_t inspector_begin(struct inspector *i);

/* Feeds a packet. True when `*out` is the last word (final, or the budget is spent); then call inspector_end(). Packets
 * that the length guard refuses are counted in `*refused`. Slot 0 gives up at once. */
bool inspector_feed(struct inspector *i, uint32_t slot, const struct packet *p, struct dpi_verdict *out,
                    uint64_t *refused);

/* The last opinion on a flow that ended early; `*out` is a guess without a name when nDPI saw nothing of it. */
void inspector_conclude(struct inspector *i, uint32_t slot, struct dpi_verdict *out);

/* What nDPI holds against the flow, as dpi_risks(). None of slot 0. */
unsigned inspector_risks(const struct inspector *i, uint32_t slot, const char *names[], unsigned max);

/* Gives the slot back. Slot 0 is allowed. */
void inspector_end(struct inspector *i, uint32_t slot);

#endif
