#ifndef TERRIER_DISSECT_PRINCIPAL_H
#define TERRIER_DISSECT_PRINCIPAL_H

#include "ber.h"
#include "host.h"

/* Kerberos names (RFC 4120 5.2.2, 6.2), as far as they name a service of a host:
 * `cifs/fs01.trust.example`. Client names, and service names that may be a person's (of one part,
 * of an unknown class), are not copied. */

#define REALM_MAX 64 /* octets of a realm that is kept, with its NUL */

struct principal {
	const char *service; /* class, spelt as usual: "cifs", "MSSQLSvc"; a constant */
	char host[HOST_MAX]; /* lower case, without port or instance */
};

/* Reads a PrincipalName (from its SEQUENCE on) of at least two parts, the first a known class of
 * services and the second a host's name. False when it is none, or not all there. */
bool principal_read(struct cursor name, struct principal *out);

/* Keeps a realm that has the form of a domain's name (RFC 4120 6.1), in its own case. Returns its
 * length, 0 when it may not be kept. */
size_t realm_keep(char out[REALM_MAX], struct cursor realm);

/* Reads a Ticket (RFC 4120 5.3, from its APPLICATION tag on): the realm and the service it was made
 * out for, and the encryption of its secret part (0: not seen). False when it is no ticket;
 * `server->service` is NULL when the service may not be kept, and `realm` is empty when the realm
 * may not. */
bool ticket_read(struct cursor *c, char realm[REALM_MAX], struct principal *server,
                 uint32_t *etype);

#endif
