/* What names say of the ends: which of a host's is the best, which is not its own, and what kind a name that DNS gave
 * makes of a connection that shows none. */
#include "terrier/daemon/naming.h"

#include <string.h>

bool naming_by_dns(const struct catalogue *c, const struct parties *p, const struct record *r, struct record *named)
{
	const struct record_exchange *x = &r->exchange;
	struct kind_match m;
	const char *name;

	if (x->encrypted != ENCRYPTED_YES || x->server_name[0] != '\0' || parties_is_inside(p, &x->server) ||
	    x->kind != catalogue_find(c, "unk.encrypted")) {
		return false;
	}
	name = parties_name(p, &x->server, x->started_us);
	if (name == NULL || !catalogue_match(c, EVIDENCE_TLS_SNI, name, strlen(name), &m)) {
		return false;
	}
	*named = *r;
	named->exchange.kind = m.kind;
	named->exchange.confidence = CONFIDENCE_LOW;
	if ((r->flags & RECORD_FACT) == 0) {
		named->exchange.evidence_type = EVIDENCE_DNS_LABEL;
		text_copy(named->exchange.evidence, sizeof named->exchange.evidence, name, strlen(name));
	}
	return true;
}

bool naming_is_foreign(const struct catalogue *c, const struct record_name *n)
{
	bool is_asked = n->source == NAME_DNS || n->source == NAME_SNI || n->source == NAME_HTTP_HOST ||
	                n->source == NAME_CERTIFICATE;
	size_t len = strlen(n->name);
	struct kind_match m, label;

	return is_asked && catalogue_match(c, EVIDENCE_TLS_SNI, n->name, len, &m) && !m.is_site &&
	       !catalogue_match(c, EVIDENCE_DNS_LABEL, n->name, len, &label);
}

void naming_order(const struct settings *g, enum name_source order[NAME_SOURCES - 1])
{
	static const enum name_source usual[NAME_SOURCES - 1] = {
		NAME_DNS, NAME_SNI, NAME_HTTP_HOST, NAME_CERTIFICATE, NAME_AE_TITLE, NAME_HL7, NAME_KERBEROS, NAME_LDAP,
		NAME_NTLM, NAME_SMB, NAME_DHCP, NAME_NETBIOS, NAME_MDNS, NAME_BANNER,
	};
	size_t n = 0;

	for (size_t i = 0; i < g->n_name_order + NAME_SOURCES - 1; i++) {
		enum name_source source = i < g->n_name_order ? name_source_find(g->name_order[i])
		                                              : usual[i - g->n_name_order];
		bool is_there = false;

		for (size_t k = 0; k < n; k++) {
			is_there |= order[k] == source;
		}
		if (!is_there) {
			order[n++] = source;
		}
	}
}
