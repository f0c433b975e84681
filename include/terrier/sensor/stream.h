#ifndef TERRIER_SENSOR_STREAM_H
#define TERRIER_SENSOR_STREAM_H

#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

/* Puts the segments of a followed TCP connection in order, each direction by itself. What is missing is waited for
 * a little, then declared lost: a SPAN port drops and reorders, a receiver cannot be asked again. Buffers come from
 * one pool of fixed size; nothing is copied while segments arrive in order. */
struct stream_pool;

#define STREAM_HELD_MAX  16  /* out-of-order segments kept for one direction */
#define STREAM_WAIT_US   1000000 /* packet time a hole may stay open */
#define STREAM_WINDOW    (16 << 20) /* octets a segment may be ahead; beyond that numbers are not believed */

/* One direction. Plain storage of its owner; zeroed it knows nothing yet. */
struct stream {
	uint32_t next;        /* sequence number of the next octet to hand over */
	bool is_started;
	uint8_t n_held;
	uint16_t held[STREAM_HELD_MAX]; /* pool buffers in sequence order */
	uint64_t lost;        /* octets missing before the next ones handed over */
	int64_t waiting_us;   /* since when there is a hole */
};

/* Takes in-order octets; `lost` are missing right before them. May be called several times for one segment. Returning
 * false says that no more is wanted: what is held is dropped. */
typedef bool stream_fn(void *context, unsigned side, struct cursor bytes, uint64_t lost);

/* A pool of `buffers` segments of at most 64 KiB, of which only touched pages cost memory. */
struct stream_pool *stream_pool_new(uint16_t buffers);
void stream_pool_free(struct stream_pool *p); /* NULL is allowed */

/* Adds a segment: `seq` of its first octet, the octets captured, and the `cut` octets behind them that were not. Hands
 * over what is in order now. */
void stream_push(struct stream_pool *p, struct stream *s, unsigned side, uint32_t seq, struct cursor bytes,
                 uint32_t cut, int64_t now_us, stream_fn *fn, void *context);

/* Hands over everything that is held, declaring the holes lost. */
void stream_flush(struct stream_pool *p, struct stream *s, unsigned side, stream_fn *fn, void *context);

/* Gives the buffers back without handing over; returns the octets that were in them. */
uint64_t stream_drop(struct stream_pool *p, struct stream *s);

#endif
