#ifndef TERRIER_DISSECT_LDAP_H
#define TERRIER_DISSECT_LDAP_H

#include "terrier/dissect.h"

#include "ldap_base.h"
#include "spnego.h"

/* What the parts of the LDAP dissector share: ldap.c follows streams and hands the start of each
 * message to ldap_message.c, which says what it is. */

#define LDAP_MESSAGE_MAX (64u << 20)    /* octets; a longer one is none */
#define LDAP_KEPT_MAX    LDAP_HOST_WORK /* octets of a message that are read */

_Static_assert(LDAP_KEPT_MAX >= SPNEGO_KEEP, "a token's start is among what is kept");

/* One direction, and the message or sealed buffer in it. */
struct ldap_half {
	uint32_t left; /* octets still to come; 0: its header is not whole */
	uint16_t have; /* octets kept */
	bool is_read, is_lost, is_root;
	int entry;
	struct ldap_host host;
	uint8_t kept[LDAP_KEPT_MAX];
};

struct ldap {
	struct ldap_half half[2];
	int reading, writing; /* entries of the last search, and of the last change */
	bool is_ready, has_asked_tls, is_sealed;
};

/* What a call works on. */
struct ldap_call {
	struct ldap *ldap;
	struct ldap_half *half;
	enum side side;
	struct sink *sink;
	bool is_tls;
};

/* True when a message or a sealed buffer begins here: for the recogniser, and to find the way back
 * after a gap. */
bool ldap_is_start(struct cursor bytes, const struct dissect_flow *flow);

/* Reads a message of which at least the first LDAP_KEPT_MAX octets are there, if it has so many.
 * Sets `half->is_root` for entries of the rootDSE, and `is_tls` when what follows is TLS. Returns
 * false when it is no message; `*entry` is where its octets belong. */
bool ldap_message_read(struct ldap_call *c, struct cursor bytes, int *entry);

/* Reads a buffer that its SASL mechanism protects, from its length on. Returns where its octets
 * belong. */
int ldap_sealed_read(struct ldap_call *c, struct cursor buffer, const struct dissect_flow *flow);

#endif
