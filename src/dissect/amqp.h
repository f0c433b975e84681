#ifndef TERRIER_DISSECT_AMQP_H
#define TERRIER_DISSECT_AMQP_H

#include "bus.h"
#include "topic.h"

/* What the parts of the AMQP dissector share: amqp.c tells the versions apart and reads 0-9-1,
 * amqp_link.c reads 1.0. */

#define AMQP_LINKS 5
#define AMQP_ROOT  40
#define AMQP_MARKS "./:" /* divide the levels of a name */

/* A link of 1.0 that carries messages away from `side`. */
struct amqp_link {
	uint32_t handle;
	uint16_t channel;
	uint8_t side;
	bool is_used;
	char root[AMQP_ROOT]; /* of its address; empty: none to keep */
};

struct amqp {
	struct bus_side half[2];
	uint64_t user; /* topic_user() of who signed in; 0: not known */
	struct amqp_link links[AMQP_LINKS];
	uint8_t next_link;
	uint8_t header[2]; /* protocol id of the last header of each side, plus one */
};

/* The user in a response of SASL's PLAIN (RFC 4616), for comparison only: topic_user(), 0 for none. */
uint64_t amqp_user_of_plain(struct cursor response);

/* Takes the head of a 1.0 frame, its size behind; returns the entry it belongs to. */
int amqp_link_take(struct bus_call *call, struct cursor c);

/* True when these octets begin with a 1.0 frame; `is_whole` tells whether its end is among them. */
bool amqp_link_is_frame(struct cursor c, bool *is_whole);

#endif
