/* Finds the Kerberos ticket or the NTLM message in a sign-in token. User names and proofs are not
 * looked at. */
#include "spnego.h"

#include "ntlm.h"
#include "principal.h"

#include <string.h>

static const uint8_t oid_spnego[] = {0x2b, 6, 1, 5, 5, 2}; /* 1.3.6.1.5.5.2 */
static const uint8_t oid_kerberos[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                       0x12, 1,    2,    2}; /* 1.2.840.113554.1.2.2 */
static const uint8_t oid_ms_kerberos[] = {0x2a, 0x86, 0x48, 0x82, 0xf7,
                                          0x12, 1,    2,    2}; /* 1.2.840.48018.1.2.2 */

static bool oid_is(const struct cursor *oid, const uint8_t *known, size_t len)
{
	return cur_left(oid) == len && memcmp(oid->p, known, len) == 0;
}

/* An AP-REQ (RFC 4120 5.5.1). A ticket made out for a host that is called like its realm is for any
 * of the domain's. */
static void name_server(struct cursor request, enum side server, struct sink *sink)
{
	struct cursor body, field;
	struct principal principal;
	char realm[REALM_MAX];
	uint32_t etype;

	if (ber_enter(&request, BER_SEQUENCE, &body) && ber_find(&body, BER_CONTEXT(3), &field) &&
	    ticket_read(&field, realm, &principal, &etype) && principal.service != NULL &&
	    text_casecmp(principal.host, realm) != 0) {
		sink_name(sink, server, NAME_KERBEROS, principal.host, strlen(principal.host));
	}
}

/* The token of one mechanism: NTLM's as it is; Kerberos's behind a token id, when it was wrapped
 * (RFC 4121 4.1). */
static enum sign_in mechanism_read(struct cursor token, enum side side, struct sink *sink)
{
	struct ber message;

	if (cur_is(&token, "NTLMSSP", 8)) {
		struct ntlm ntlm = {.user = 0};

		ntlm_begin(&ntlm);
		ntlm_take(&ntlm, side, token, sink);
		return SIGN_IN_NTLM;
	}
	if (!ber_read(&token, &message)) {
		return SIGN_IN_UNKNOWN;
	}
	switch (message.tag) {
	case BER_APPLICATION(14): /* AP-REQ */
		name_server(message.body, side_other(side), sink);
		return SIGN_IN_KERBEROS;
	case BER_APPLICATION(15): /* AP-REP */
	case BER_APPLICATION(30): /* KRB-ERROR */
		return SIGN_IN_KERBEROS;
	default:
		return SIGN_IN_UNKNOWN;
	}
}

/* Behind the OID of Kerberos: two octets that name the message, then the message. */
static enum sign_in kerberos_read(struct cursor token, enum side side, struct sink *sink)
{
	cur_skip(&token, 2);
	mechanism_read(token, side, sink);
	return SIGN_IN_KERBEROS;
}

static enum sign_in wrapped_read(struct cursor token, enum side side, struct sink *sink);

/* NegTokenInit and NegTokenResp (RFC 4178 4.2): both carry the mechanism's own token in [2]. */
static enum sign_in negotiation_read(struct cursor body, enum side side, struct sink *sink)
{
	struct cursor fields, field, token;

	if (!ber_enter(&body, BER_SEQUENCE, &fields) ||
	    !ber_find(&fields, BER_CONTEXT(2), &field) || !ber_enter(&field, BER_OCTETS, &token)) {
		return SIGN_IN_UNKNOWN;
	}
	return cur_left(&token) > 0 && *token.p == BER_APPLICATION(0)
	               ? wrapped_read(token, side, sink)
	               : mechanism_read(token, side, sink);
}

/* InitialContextToken (RFC 2743 3.1): an OID says whose. SPNEGO within SPNEGO is not followed
 * further. */
static enum sign_in wrapped_read(struct cursor token, enum side side, struct sink *sink)
{
	struct cursor body, oid;

	if (!ber_enter(&token, BER_APPLICATION(0), &body) || !ber_enter(&body, BER_OID, &oid)) {
		return SIGN_IN_UNKNOWN;
	}
	if (oid_is(&oid, oid_kerberos, sizeof oid_kerberos) ||
	    oid_is(&oid, oid_ms_kerberos, sizeof oid_ms_kerberos)) {
		return kerberos_read(body, side, sink);
	}
	return SIGN_IN_UNKNOWN;
}

enum sign_in spnego_read(struct cursor token, enum side side, struct sink *sink)
{
	struct cursor inner = token, body, oid;
	struct ber outer;

	if (cur_left(&token) == 0 || cur_is(&token, "NTLMSSP", 8) || !ber_read(&inner, &outer)) {
		return mechanism_read(token, side, sink);
	}
	if (outer.tag == BER_CONTEXT(1)) {
		return negotiation_read(outer.body, side, sink);
	}
	if (outer.tag != BER_APPLICATION(0)) {
		return mechanism_read(token, side, sink);
	}
	body = outer.body;
	if (ber_enter(&body, BER_OID, &oid) && oid_is(&oid, oid_spnego, sizeof oid_spnego) &&
	    ber_enter(&body, BER_CONTEXT(0), &inner)) {
		return negotiation_read(inner, side, sink);
	}
	return wrapped_read(token, side, sink);
}
