#ifndef TERRIER_DISSECT_SPNEGO_H
#define TERRIER_DISSECT_SPNEGO_H

#include "terrier/dissect.h"

/* Sign-in tokens (GSS-API, RFC 2743; SPNEGO, RFC 4178; Kerberos, RFC 4121) as LDAP, DCERPC, SMB and
 * HTTP carry them. A Kerberos ticket says in clear for which service it was made out, and so names
 * the server it is shown to. */

#define SPNEGO_KEEP                                                                                \
	320 /* octets from its start within which what is read of a token usually lies */

enum sign_in { SIGN_IN_UNKNOWN, SIGN_IN_KERBEROS, SIGN_IN_NTLM };

/* Reads a token that `side` sent, or as much of its start as there is, and names the server by it.
 * Returns what it is. */
enum sign_in spnego_read(struct cursor token, enum side side, struct sink *sink);

/* What dissectors keep of these tokens: rows for their tables. */
#define SPNEGO_FIELDS                                                                              \
	{FIELD_KEEP, "server's DNS name, else NetBIOS name, from NTLM",                            \
	 .standard = "MS-NLMP 2.2.2.1",                                                            \
	 .guard = "of the challenge only; the grammar of a host name", .names = {NAME_NTLM}},      \
	{FIELD_KEEP, "host that a Kerberos ticket is for", .standard = "RFC 4120 5.3",             \
	 .guard = "a class of services from a list, and two parts: one part may be a user",        \
	 .names = {NAME_KERBEROS}},                                                                \
	{FIELD_NEVER, "user, workstation and responses of NTLM; users and tickets of Kerberos",    \
	 .standard = "MS-NLMP 2.2.1.3; RFC 4120 5.3"}

#endif
