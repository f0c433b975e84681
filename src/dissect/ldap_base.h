#ifndef TERRIER_DISSECT_LDAP_BASE_H
#define TERRIER_DISSECT_LDAP_BASE_H

#include "terrier/dissect.h"

/* Distinguished names (RFC 4514) and host names that LDAP carries, reduced to what may be kept. */

/* Reduces the base of a search to its domain and the container next below it:
 * `ou=staff,dc=trust,dc=nhs,dc=uk`, or `ou=services,o=nhs` of the Spine Directory Service. All
 * lower case; CN=, UID= and further containers are left out. False when nothing is left, or it does
 * not fit. */
bool ldap_base_reduce(char out[RECORD_EVIDENCE_MAX], struct cursor dn);

#define LDAP_HOST_WORK 320 /* octets of an attribute's values that are kept while they are read */

/* Looks in the attributes of a rootDSE (RFC 4512 5.1), cut anywhere, for the server's own name:
 * `dnsHostName` (MS-ADTS 3.1.1.3.2.7) or `netlogon` (6.3.3). Zeroed at the start of an entry. */
struct ldap_host {
	uint8_t matched[2];
	uint8_t found;     /* attribute that is being gathered, 1 or 2 */
	uint16_t gathered; /* octets of it in `work` */
};

/* Takes the next octets of the entry; names `server` when its name is whole. `work` is kept between
 * calls. */
void ldap_host_take(struct ldap_host *h, uint8_t work[LDAP_HOST_WORK], struct cursor bytes,
                    enum side server, struct sink *sink);

/* The entry ends here. */
void ldap_host_end(struct ldap_host *h, const uint8_t work[LDAP_HOST_WORK], enum side server,
                   struct sink *sink);

#endif
