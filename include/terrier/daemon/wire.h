#ifndef TERRIER_DAEMON_WIRE_H
#define TERRIER_DAEMON_WIRE_H

#include "terrier/model/record.h"

#include <stdbool.h>
#include <stddef.h>

/* Records over a pair of connected SOCK_SEQPACKET sockets, many to a message: each message is a whole number of records,
 * so a reader never has to find its feet. */
struct wire;

#define WIRE_BATCH 64 /* records of one message at most */

/* Makes the two descriptors, close-on-exec. 0, or -1 with errno. */
int wire_pair(int *sensor_end, int *storer_end);

/* Wraps one end; the descriptor then belongs to the wire. `may_block`: sending waits for the reader. */
struct wire *wire_new(int descriptor, bool may_block);
void wire_free(struct wire *w); /* closes; NULL is allowed */

/* Queues a record, sending the batch when it is full. False when the reader is busy (non-blocking) or gone. */
bool wire_send(struct wire *w, const struct record *r);

/* Sends what is queued. Same failure; wire_is_gone() tells which. */
bool wire_flush(struct wire *w);
bool wire_is_gone(const struct wire *w);

/* Lets sending wait for the reader from now on: for the last words. */
void wire_set_blocking(struct wire *w);

/* Receives one message: the number of records at `*records` (which live until the next call), 0 when none is there or
 * the other end has closed (wire_is_gone()), -1 when the message is malformed. Contents are not validated here. */
int wire_recv(struct wire *w, const struct record **records);

int wire_descriptor(const struct wire *w);

#endif
