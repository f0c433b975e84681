#ifndef TERRIER_DAEMON_LEDGER_H
#define TERRIER_DAEMON_LEDGER_H

#include "terrier/model/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Connections about which something is still open: what they carry, or who is the client. Their records are kept here,
 * and booked anew with every commit, until the last word is known: so nothing is booked under a label that turns out
 * wrong, and the rows do not depend on where a file was cut. */
struct ledger;

/* Books a record: its label and sides are as good as is known. Provisional ones will come again. */
typedef void ledger_fn(void *context, const struct record *r, bool is_provisional);

/* A ledger for `max` records; when it is full, the oldest connection is booked as it stands. */
struct ledger *ledger_new(uint32_t max, ledger_fn *book, void *context);
void ledger_free(struct ledger *l); /* NULL is allowed */

/* Takes a validated exchange record: books it at once when nothing is open about its connection. */
void ledger_put(struct ledger *l, const struct record *r);

/* Books all open records as provisional. */
void ledger_each(struct ledger *l);

/* Books all open records for good and forgets them: at the end of the run. */
void ledger_settle(struct ledger *l);

#endif
