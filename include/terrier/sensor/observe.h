#ifndef TERRIER_SENSOR_OBSERVE_H
#define TERRIER_SENSOR_OBSERVE_H

#include "terrier/model/record.h"
#include "terrier/sensor/label.h"
#include "terrier/sensor/outbox.h"

#include <stddef.h>
#include <stdint.h>

/* What is seen of addresses rather than of flows: their names, and the packets that make no row. A bounded table of
 * deltas; when it is full it is sent early. */
struct observer;

/* A table of `max` names and hosts together, its texts in `labels` (borrowed), sending to `out` (copied). */
struct observer *observer_new(uint32_t max, struct labels *labels, const struct outbox *out);
void observer_free(struct observer *o); /* NULL is allowed */

/* Counts a name of an address at a packet time. The first sight of a DNS answer is sent at once, so that it goes before
 * the flows that need it. `name` has passed the validator. */
void observer_name(struct observer *o, uint16_t segment, const struct addr *addr, enum name_source source,
                   const char *name, size_t len, int64_t time_us);

enum observer_counter { OBSERVE_EMPTY_OUT, OBSERVE_EMPTY_IN, OBSERVE_UNANSWERED_OUT, OBSERVE_UNANSWERED_IN };

/* Counts something that makes no row. */
void observer_count(struct observer *o, uint16_t segment, const struct addr *addr, enum observer_counter what,
                    int64_t time_us);

/* Sends everything that was not sent. False when the outbox refused; what is left stays. */
bool observer_flush(struct observer *o);

#endif
