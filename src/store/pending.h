#ifndef TERRIER_STORE_PENDING_H
#define TERRIER_STORE_PENDING_H

#include "sql.h"

/* Bookings summed up in memory until they are worth a trip to the database: booking the same
 * exchange again costs a look-up, and what is written comes in the order of the tables' keys.
 * Bounded. */
struct pending *pending_new(void);
void pending_free(struct pending *p); /* NULL is allowed */

/* Adds a booking. May flush. 0 or -1. */
int pending_put(struct store *s, const struct booking *b);

/* Adds a host's counters. May flush. 0 or -1. */
int pending_put_host(struct store *s, const char *segment, const struct endpoint *end,
                     const struct record_host *host, int64_t first_us, int64_t last_us);

/* The id of an end, which the next flush writes. May flush; -1 on failure. */
int64_t pending_host_id(struct store *s, const char *segment, const struct endpoint *end);

/* Makes sure that this sensor is in the database; `*bit` (NULL allowed) is the one that stands for
 * it. 0 or -1. */
int pending_sensor(struct store *s, const char *name, uint64_t *bit);

/* Writes all that is pending. 0 or -1. */
int pending_flush(struct store *s);

/* Before a read: what a writer has pending goes to SQLite. 0 or -1. */
int pending_catch_up(struct store *s);

/* Forgets all that is pending, and what is known of the database: after a rollback. */
void pending_drop(struct pending *p);

#endif
