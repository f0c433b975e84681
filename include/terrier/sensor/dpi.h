#ifndef TERRIER_SENSOR_DPI_H
#define TERRIER_SENSOR_DPI_H

#include "terrier/model/packet.h"

#include <stdbool.h>
#include <stdint.h>

/* All of nDPI: the one home of ndpi_api.h. Not safe for threads; one per sensor. */
struct dpi;
struct dpi_flow; /* nDPI's state of one undecided flow */

#define DPI_NAME_MAX 40
#define DPI_PACKETS_MAX 32 /* packets of one flow that nDPI is given */

/* What nDPI thinks, by name. */
struct dpi_verdict {
	bool is_final;                 /* nothing more will be learnt */
	bool is_guess;                 /* by port or address, not by content */
	char master[DPI_NAME_MAX];     /* carrier ("TLS"), empty when the protocol stands alone */
	char protocol[DPI_NAME_MAX];   /* "Kerberos", "Office365"; empty when unknown */
	char host[80];                 /* host name nDPI read (SNI, HTTP Host), cut at 79; empty when none */
};

/* Opens nDPI. NULL, with `*error` (static text) set, when the library is not the one built against. */
struct dpi *dpi_new(const char **error);

/* Closes; NULL is allowed. Flows must have been freed. */
void dpi_free(struct dpi *d);

/* State for a flow; NULL when `max_flows` are out already. */
struct dpi_flow *dpi_flow_new(struct dpi *d);

/* Gives the state back; NULL is allowed. */
void dpi_flow_free(struct dpi *d, struct dpi_flow *flow);

/* Limits the states that may be out at once. */
void dpi_set_limit(struct dpi *d, unsigned max_flows);

/* Feeds a packet of the flow (either side). Packets whose lengths do not add up are refused, returning false:
 * they are kept from libndpi, which can be crashed by them (TECH 1.9). */
bool dpi_feed(struct dpi *d, struct dpi_flow *flow, const struct packet *p, struct dpi_verdict *out);

/* Asks for a last opinion, guesses included. `p` may be NULL when a packet of the flow was accepted before. */
void dpi_give_up(struct dpi *d, struct dpi_flow *flow, const struct packet *p, struct dpi_verdict *out);

/* What the library holds against the flow so far, by its names ("SSH Obsolete Client Version/Cipher"): writes at most
 * `max` into `names`, which are constants of the library, and returns how many. */
unsigned dpi_risks(const struct dpi_flow *flow, const char *names[], unsigned max);

/* The library's version text. */
const char *dpi_library_version(void);

#endif
