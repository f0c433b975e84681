#ifndef TERRIER_DISSECT_FRAMES_H
#define TERRIER_DISSECT_FRAMES_H

#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Cuts one direction of a stream into messages that tell their length in a header of fixed size.
 * Headers are gathered, bodies are shown in the pieces in which they arrive and never kept. Zeroed
 * memory is the beginning of a stream. */
#define FRAMES_HEADER_MAX 16

struct frames {
	uint32_t left, at; /* octets of the body still to come, and passed */
	uint8_t have;      /* octets of the header */
	bool in_body;
	bool is_torn; /* octets of this body are missing */
	bool is_lost; /* where messages begin is unknown since a gap: the caller says frames_find()
	               */
	uint8_t header[FRAMES_HEADER_MAX];
};

enum frames_part {
	FRAMES_NONE, /* no octets are left */
	FRAMES_HEAD, /* `header` is complete: the caller says frames_begin(), or gives up */
	FRAMES_BODY, /* a piece of the body, its last when `left` is 0; a body without octets has
	                one empty piece */
};

/* Reads on in `c`, where headers have `size` octets (at most FRAMES_HEADER_MAX). For FRAMES_BODY
 * `*piece` holds octets and `*at` says where in the body they stand. */
enum frames_part frames_next(struct frames *f, struct cursor *c, uint8_t size, struct cursor *piece,
                             uint32_t *at);

/* The body behind this header has `length` octets. */
void frames_begin(struct frames *f, uint32_t length);

/* `lost` octets are missing: a body is passed over, else the direction is lost. */
void frames_gap(struct frames *f, uint64_t lost);

/* A message begins here after all. */
void frames_find(struct frames *f);

/* Copies to `out` what of the body's first `size` octets is in the piece; returns how many of them
 * the body has so far. */
size_t frames_keep(uint8_t *out, size_t size, struct cursor piece, uint32_t at);

#endif
