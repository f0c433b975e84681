#ifndef TERRIER_DISSECT_NTLM_H
#define TERRIER_DISSECT_NTLM_H

/* NTLMSSP messages (MS-NLMP 2.2.1) wherever another protocol carries them: bare, in SPNEGO, in a
 * bind, in a header of HTTP once its base64 is decoded. They name the server; users and responses
 * never leave. Shared by the dissectors whose protocols sign in with NTLM. */
#include "terrier/dissect.h"

#define NTLM_NETBIOS_MAX 15 /* characters of a NetBIOS name */
#define NTLM_DNS_MAX     95 /* characters of a DNS name that we keep */

/* A reader that holds no message: bytes may come cut anywhere. Zeroed it is ready. */
struct ntlm {
	uint64_t user;   /* ntlm_hash_*() of the user of the last AUTHENTICATE_MESSAGE; 0: none yet.
	                    For comparison only */
	uint64_t window; /* the last eight octets, the newest at the top */
	uint32_t at;     /* octets of the message that were taken */
	uint32_t from;   /* where the field that is wanted begins in the message, and ends */
	uint32_t to;
	uint16_t pair, pair_left; /* AvId in work, octets of its value to come */
	uint8_t part;
	uint8_t n_netbios, n_dns;
	char netbios[NTLM_NETBIOS_MAX], dns[NTLM_DNS_MAX];
};

/* Gets ready for another blob: half a message of the last one is forgotten, `user` stays. */
void ntlm_begin(struct ntlm *n);

/* Takes the next bytes of a blob that `side` sent, in any number of pieces. A complete target info
 * of a CHALLENGE_MESSAGE names that side, by its DNS name or else its NetBIOS name (2.2.2.1); an
 * AUTHENTICATE_MESSAGE sets `user`. What is no NTLM is passed over. */
void ntlm_take(struct ntlm *n, enum side side, struct cursor bytes, struct sink *sink);

/* The hash of a name, octet by octet as it stands on the wire: whatever its ASCII case, and the
 * same in UTF-16LE and in an 8-bit character set. A domain in front (`DOMAIN\user`) does not count;
 * one behind (`user@domain`) is the caller's. */
void ntlm_hash_begin(uint64_t *hash);
void ntlm_hash_add(uint64_t *hash, uint8_t c);

#endif
