/* Names of realms and services in Kerberos messages: which of them may be kept. Shared by what
 * speaks Kerberos and what carries its tickets. */
#include "principal.h"

#define GENERAL_STRING 0x1b
#define SERVICE_MAX    16

/* Classes of services as Active Directory registers them (MS-ADTS 2.2.21, "host" stands for many),
 * and those of Unix. */
static const char *service_find(struct cursor text)
{
	static const char *const known[] = {
	        "afpserver",
	        "cifs",
	        "DNS",
	        "exchangeAB",
	        "exchangeMDB",
	        "exchangeRFR",
	        "ftp",
	        "GC",
	        "host",
	        "HTTP",
	        "imap",
	        "ipp",
	        "iSCSITarget",
	        "ldap",
	        "MSSQLSvc",
	        "MSServerCluster",
	        "nfs",
	        "oracle",
	        "pop",
	        "postgres",
	        "RestrictedKrbHost",
	        "RPC",
	        "RPCSS",
	        "sip",
	        "smtp",
	        "SMTPSVC",
	        "SQLAgent",
	        "TERMSRV",
	        "vnc",
	        "WSMAN",
	};
	char word[SERVICE_MAX + 8];

	if (cur_left(&text) >= sizeof word) {
		return NULL;
	}
	text_copy(word, sizeof word, (const char *)text.p, cur_left(&text));
	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (text_casecmp(word, known[i]) == 0) {
			return known[i];
		}
	}
	return NULL;
}

/* The next part of a name, which must be all there. */
static bool part_read(struct cursor *parts, struct cursor *out)
{
	struct ber part;

	if (!ber_read(parts, &part) || part.tag != GENERAL_STRING || part.is_cut) {
		return false;
	}
	*out = part.body;
	return true;
}

bool principal_read(struct cursor name, struct principal *out)
{
	struct cursor body, parts, service, host;
	const char *text, *colon;
	size_t len;

	*out = (struct principal){.service = NULL};
	if (!ber_enter(&name, BER_SEQUENCE, &body) || !ber_find(&body, BER_CONTEXT(1), &parts) ||
	    !ber_enter(&parts, BER_SEQUENCE, &body) || !part_read(&body, &service) ||
	    !part_read(&body, &host)) {
		return false;
	}
	text = (const char *)host.p;
	len = cur_left(&host);
	colon = len > 0 ? memchr(text, ':', len) : NULL; /* MSSQLSvc/db01.trust.example:1433 */
	if (host_keep(out->host, text, colon != NULL ? (size_t)(colon - text) : len) == 0) {
		return false;
	}
	out->service = service_find(service);
	return out->service != NULL;
}

size_t realm_keep(char out[REALM_MAX], struct cursor realm)
{
	char host[HOST_MAX];
	size_t len = cur_left(&realm);

	out[0] = '\0';
	if (len >= REALM_MAX || host_keep(host, (const char *)realm.p, len) != len) {
		return 0;
	}
	return text_copy(out, REALM_MAX, (const char *)realm.p, len);
}

bool ticket_read(struct cursor *c, char realm[REALM_MAX], struct principal *server, uint32_t *etype)
{
	struct cursor ticket, body, field, secret;
	struct ber name = {.is_cut = true};
	uint32_t version = 0;

	*server = (struct principal){.service = NULL};
	*etype = 0;
	realm[0] = '\0';
	if (!ber_enter(c, BER_APPLICATION(1), &ticket) ||
	    !ber_enter(&ticket, BER_SEQUENCE, &body) || !ber_enter(&body, BER_CONTEXT(0), &field) ||
	    !ber_number(&field, BER_INTEGER, &version) || version != 5) {
		return false;
	}
	if (ber_enter(&body, BER_CONTEXT(1), &field) && ber_read(&field, &name) &&
	    name.tag == GENERAL_STRING && !name.is_cut) {
		realm_keep(realm, name.body);
	}
	if (ber_enter(&body, BER_CONTEXT(2), &field)) {
		principal_read(field, server);
	}
	if (ber_enter(&body, BER_CONTEXT(3), &field) && ber_enter(&field, BER_SEQUENCE, &secret) &&
	    ber_enter(&secret, BER_CONTEXT(0), &field)) {
		ber_number(&field, BER_INTEGER, etype);
	}
	return true;
}
