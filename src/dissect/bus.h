#ifndef TERRIER_DISSECT_BUS_H
#define TERRIER_DISSECT_BUS_H

#include "terrier/dissect.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Protocols made of frames that say their length (message buses): gathers the head of each frame,
 * hands it over, and passes over the rest by length. Knows holes, no protocol. */

#define BUS_HEAD 192        /* octets of a frame that are shown at a time */
#define BUS_MORE 0          /* the length is not known yet */
#define BUS_BAD  UINT64_MAX /* no frame begins like this */

/* One direction; zeroed at first. */
struct bus_side {
	uint64_t size;   /* of the frame, 0 while unknown */
	uint64_t passed; /* octets of the frame before head[0] */
	uint64_t skip;   /* octets to pass over unread */
	int entry;       /* of what is passed over */
	int message;     /* entry of this side's last message, for what acknowledges it */
	uint8_t have;
	bool is_lost; /* looks for the start of a frame */
	bool is_ready;
	uint8_t head[BUS_HEAD];
};

/* What a call works on. */
struct bus_call {
	const struct bus *protocol;
	void *state;
	struct bus_side *half, *other;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
	uint64_t size; /* of the frame whose head is shown */
	uint64_t seek; /* set by take(): a later place in the frame to read on from */
	enum dissect_verdict verdict; /* set by take() */
};

struct bus {
	/* Looks for a frame after a hole: the dissector's own, unless `find`, which returns the same, knows more by what went
	 * before. */
	size_t (*recognise)(struct cursor bytes, enum side side, const struct dissect_flow *flow);
	size_t (*find)(const struct bus_call *call, struct cursor bytes);

	/* Size of the frame whose first `have` octets these are, its header counted; BUS_MORE or
	 * BUS_BAD. */
	uint64_t (*size)(const struct bus_call *call, const uint8_t *head, size_t have);

	/* Takes what is shown of a frame, from `passed` octets into it on. Returns the entry its
	 * octets belong to. */
	int (*take)(struct bus_call *call, struct cursor head, uint64_t passed);
};

/* Takes the next bytes of a side, as struct dissector's dissect(). `halves` are the two directions
 * in `state`. */
enum dissect_verdict bus_take(struct bus_call call, struct bus_side halves[2], struct cursor bytes,
                              uint64_t lost);

#endif
