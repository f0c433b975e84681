#ifndef TERRIER_SENSOR_DUPLICATE_H
#define TERRIER_SENSOR_DUPLICATE_H

#include "terrier/model/packet.h"

#include <stdbool.h>

/* Recognises the second copy that a SPAN port makes of a packet (ingress and egress of two mirrored ports, a
 * routed hop): blind to MAC, tag, TTL/hop limit, header checksum and the encapsulation around the innermost IP
 * packet; within a short window of packet time. A retransmission is no duplicate: it differs in IP
 * identification or comes later than the window. */
struct duplicate_filter;

/* A filter that remembers about `slots` packets (rounded up to a power of two) for `window_us`; defaults with 0:
 * 16384 slots, 20 ms. */
struct duplicate_filter *duplicate_new(unsigned slots, int64_t window_us);

/* Frees; NULL is allowed. */
void duplicate_free(struct duplicate_filter *f);

/* True when `p` was seen within the window. Remembers it. */
bool duplicate_seen(struct duplicate_filter *f, const struct packet *p);

#endif
