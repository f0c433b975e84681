/* Messages of LDAP (RFC 4511 4): which operation it is, how somebody signs in, and where a search
 * begins. Nothing else of them is looked at. */
#include "ldap.h"

#include "ber.h"

#include <string.h>

enum { PORT_LDAP = 389, PORT_CATALOGUE = 3268 };

/* Operations by their tag: [APPLICATION n], constructed or primitive. */
enum operation {
	UNBIND = 0x42,
	DELETE = 0x4a,
	ABANDON = 0x50,
	BIND = 0x60,
	BIND_ANSWER = 0x61,
	SEARCH = 0x63,
	ENTRY = 0x64,
	EXTENDED = 0x77,
	EXTENDED_ANSWER = 0x78,
};

#define START_TLS "1.3.6.1.4.1.1466.20037"

struct message {
	const struct op *op;
	struct cursor body; /* of the operation */
	uint32_t total;     /* octets of the message */
};

enum purpose { ANYTHING, READING, WRITING };

/* RFC 4511 4.2 to 4.13: what each operation begins with. */
static const struct op {
	uint8_t tag;
	uint8_t purpose;
	bool is_answer;
	uint8_t shape[5];
} ops[] = {
        {BIND, ANYTHING, false, {BER_INTEGER, BER_OCTETS}},
        {BIND_ANSWER, ANYTHING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {UNBIND, ANYTHING, false, {0}},
        {SEARCH,
         READING,
         false,
         {BER_OCTETS, BER_ENUMERATED, BER_ENUMERATED, BER_INTEGER, BER_INTEGER}},
        {ENTRY, READING, true, {BER_OCTETS, BER_SEQUENCE}},
        {0x65, READING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {0x66, WRITING, false, {BER_OCTETS, BER_SEQUENCE}}, /* modify */
        {0x67, WRITING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {0x68, WRITING, false, {BER_OCTETS, BER_SEQUENCE}}, /* add */
        {0x69, WRITING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {DELETE, WRITING, false, {0}},
        {0x6b, WRITING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {0x6c, WRITING, false, {BER_OCTETS, BER_OCTETS, BER_BOOLEAN}}, /* rename */
        {0x6d, WRITING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {0x6e, READING, false, {BER_OCTETS, BER_SEQUENCE}}, /* compare */
        {0x6f, READING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {ABANDON, ANYTHING, false, {0}},
        {0x73, READING, true, {BER_OCTETS}}, /* reference */
        {EXTENDED, ANYTHING, false, {0x80}},
        {EXTENDED_ANSWER, ANYTHING, true, {BER_ENUMERATED, BER_OCTETS, BER_OCTETS}},
        {0x79, ANYTHING, true, {0}}, /* intermediate */
};

/* True when the elements of an operation begin as they should. Of a message that is cut the first
 * is enough. */
static bool has_shape(struct cursor c, bool is_cut, const uint8_t shape[5])
{
	struct ber element;

	for (unsigned i = 0; i < 5 && shape[i] != 0; i++) {
		if (!ber_read(&c, &element)) {
			return is_cut && i > 0;
		}
		if (element.tag != shape[i]) {
			return false;
		}
	}
	return true;
}

/* Reads a message's envelope (RFC 4511 4.1.1) and which operation it is. False when it is none. */
static bool message_open(struct cursor c, struct message *m)
{
	const uint8_t *start = c.p;
	struct ber outer, op;
	uint32_t id, inner;

	if (!ber_read(&c, &outer) || outer.tag != BER_SEQUENCE || outer.len > LDAP_MESSAGE_MAX) {
		return false;
	}
	m->total = (uint32_t)(outer.body.p - start) + outer.len;
	start = outer.body.p;
	if (!ber_number(&outer.body, BER_INTEGER, &id) || !ber_read(&outer.body, &op)) {
		return false;
	}
	inner = (uint32_t)(op.body.p - start);
	if (op.len > outer.len || inner > outer.len - op.len) {
		return false;
	}
	if (cur_left(&outer.body) > 0 &&
	    *outer.body.p != BER_CONTEXT(0)) { /* controls, or nothing */
		return false;
	}
	for (size_t i = 0; i < sizeof ops / sizeof ops[0]; i++) {
		if (ops[i].tag == op.tag) {
			m->op = &ops[i];
			m->body = op.body;
			return has_shape(op.body, op.is_cut, ops[i].shape);
		}
	}
	return false;
}

static bool is_on_port(const struct dissect_flow *flow)
{
	for (int i = 0; i < 2; i++) {
		if (flow->port[i] == PORT_LDAP || flow->port[i] == PORT_CATALOGUE) {
			return true;
		}
	}
	return false;
}

/* A buffer with its length before it (RFC 4422 3.7) that holds a token of Kerberos (RFC
 * 4121 4.2.6.2, RFC 1964 1.2.2) or a signature of NTLM (MS-NLMP 2.2.2.9). */
static bool is_sealed_buffer(struct cursor c)
{
	uint32_t len = cur_u32(&c);

	return !c.bad && len >= 16 && len < LDAP_MESSAGE_MAX &&
	       (cur_is(&c, "\x05\x04", 2) || cur_is(&c, "\x60", 1) || cur_is(&c, "\1\0\0", 4));
}

bool ldap_is_start(struct cursor bytes, const struct dissect_flow *flow)
{
	bool is_known = is_on_port(flow);
	struct message m;

	if (message_open(bytes, &m) && (is_known || m.op->shape[0] != 0)) {
		return flow->ip_protocol == IP_TCP || is_known || m.total == cur_left(&bytes);
	}
	return is_known && flow->ip_protocol == IP_TCP && is_sealed_buffer(bytes);
}

/* ---- messages ---- */

/* Names of SASL mechanisms (RFC 4422 3.1): upper case, digits, `-` and `_`. */
static bool is_mechanism(const struct cursor *c)
{
	for (const uint8_t *p = c->p; p < c->end; p++) {
		if (!(*p >= 'A' && *p <= 'Z') && !(*p >= '0' && *p <= '9') && *p != '-' &&
		    *p != '_') {
			return false;
		}
	}
	return cur_left(c) > 0 && cur_left(c) <= 20;
}

static void note(struct sink *sink, const char *name, const char *value)
{
	sink_fact(sink, name, value, strlen(value));
}

static void sasl_read(struct ldap_call *c, struct cursor sasl)
{
	struct cursor mechanism, token;

	if (!ber_enter(&sasl, BER_OCTETS, &mechanism) || !is_mechanism(&mechanism)) {
		return;
	}
	if (cur_left(&mechanism) == 5 && cur_is(&mechanism, "PLAIN", 5)) {
		note(c->sink, FACT_SIGN_IN, "LDAP SASL PLAIN");
	} else {
		sink_fact(c->sink, "LDAP bind", (const char *)mechanism.p, cur_left(&mechanism));
	}
	if (ber_enter(&sasl, BER_OCTETS, &token)) {
		spnego_read(token, c->side, c->sink);
	}
}

/* RFC 4511 4.2, RFC 4513 5.1: without a password nobody signs in, whatever name is given. */
static void bind_read(struct ldap_call *c, struct cursor body)
{
	struct cursor name;
	struct ber proof;
	uint32_t version;

	if (!ber_number(&body, BER_INTEGER, &version) || !ber_enter(&body, BER_OCTETS, &name) ||
	    !ber_read(&body, &proof)) {
		return;
	}
	if (proof.tag == 0x80 && proof.len > 0) {
		note(c->sink, FACT_SIGN_IN, "LDAP simple bind");
	} else if (proof.tag == 0x80) {
		note(c->sink, "LDAP bind", "anonymous");
	} else if (proof.tag == BER_CONTEXT(3)) {
		sasl_read(c, proof.body);
	}
}

static void bind_answer_read(struct ldap_call *c, struct cursor body)
{
	struct cursor token;

	if (ber_find(&body, 0x87, &token)) { /* serverSaslCreds */
		spnego_read(token, c->side, c->sink);
	}
}

static int search_read(struct ldap_call *c, struct cursor body)
{
	char base[RECORD_EVIDENCE_MAX];
	struct ber name;

	if (ber_read(&body, &name) && !name.is_cut && ldap_base_reduce(base, name.body)) {
		return sink_evidence(c->sink, EVIDENCE_LDAP_BASE, base, c->side, INFO_S2C, 1);
	}
	return sink_evidence(c->sink, EVIDENCE_PROTOCOL, "LDAP", c->side, INFO_S2C, 1);
}

/* A StartTLS (RFC 4511 4.14) that was asked for, and granted. */
static void extended_read(struct ldap_call *c, const struct message *m)
{
	struct cursor body = m->body, oid;
	uint32_t code = 1;

	if (!m->op->is_answer) {
		c->ldap->has_asked_tls = ber_enter(&body, 0x80, &oid) &&
		                         cur_left(&oid) == strlen(START_TLS) &&
		                         cur_is(&oid, START_TLS, strlen(START_TLS));
	} else {
		c->is_tls = c->ldap->has_asked_tls && ber_number(&body, BER_ENUMERATED, &code) &&
		            code == 0;
		c->ldap->has_asked_tls = false;
	}
}

/* The attributes of an entry without a name are those of the rootDSE. */
static void entry_begin(struct ldap_call *c, struct cursor body)
{
	struct ber name;

	c->half->is_root = ber_read(&body, &name) && name.len == 0;
	c->half->host = (struct ldap_host){.found = 0};
}

static int entry_of(struct ldap_call *c, const struct message *m)
{
	enum side client = m->op->is_answer ? side_other(c->side) : c->side;
	enum info_direction way = m->op->purpose == READING ? INFO_S2C : INFO_C2S;
	int *entry = m->op->purpose == READING ? &c->ldap->reading : &c->ldap->writing;

	if (m->op->purpose == ANYTHING) {
		return SINK_NO_ENTRY;
	}
	if (m->op->tag == SEARCH) {
		*entry = search_read(c, m->body);
	} else if (!m->op->is_answer || *entry == SINK_NO_ENTRY) {
		*entry = sink_evidence(c->sink, EVIDENCE_PROTOCOL, "LDAP", client, way,
		                       !m->op->is_answer);
	}
	return *entry;
}

static int message_read(struct ldap_call *c, const struct message *m)
{
	sink_client(c->sink, m->op->is_answer ? side_other(c->side) : c->side);
	switch (m->op->tag) {
	case BIND:
		bind_read(c, m->body);
		break;
	case BIND_ANSWER:
		bind_answer_read(c, m->body);
		break;
	case EXTENDED:
	case EXTENDED_ANSWER:
		extended_read(c, m);
		break;
	case ENTRY:
		entry_begin(c, m->body);
		break;
	default:
		break;
	}
	return entry_of(c, m);
}

bool ldap_message_read(struct ldap_call *c, struct cursor bytes, int *entry)
{
	struct message m;

	if (!message_open(bytes, &m)) {
		return false;
	}
	*entry = message_read(c, &m);
	return true;
}

/* ---- sealed buffers ---- */

/* Confidential, or only signed (RFC 4121 4.2.2, RFC 1964 1.2.2; NTLM does not say, so a message in
 * clear is looked for behind its signature). */
static bool is_secret(struct cursor c)
{
	static const uint8_t unsealed[] = {0xff, 0xff};

	cur_skip(&c, 4);
	if (cur_is(&c, "\x05\x04", 2)) {
		return cur_left(&c) > 2 && (c.p[2] & 2) != 0;
	}
	if (cur_is(&c, "\1\0\0", 4)) {
		cur_skip(&c, 16);
		return !cur_is(&c, "\x30\x84", 2);
	}
	if (cur_is(&c, "\x60", 1)) {
		struct ber token;
		struct cursor oid;

		if (ber_read(&c, &token) && ber_enter(&token.body, BER_OID, &oid)) {
			cur_skip(&token.body, 4); /* token id, signature's algorithm */
			return !cur_is(&token.body, unsealed, sizeof unsealed);
		}
	}
	return true;
}

int ldap_sealed_read(struct ldap_call *c, struct cursor buffer, const struct dissect_flow *flow)
{
	enum side client = (enum side)flow->client;

	if (!c->ldap->is_sealed && is_secret(buffer)) {
		sink_encryption(c->sink, ENCRYPTED_YES);
	}
	c->ldap->is_sealed = true;
	return sink_evidence(c->sink, EVIDENCE_PROTOCOL, "LDAP", client, INFO_BALANCE,
	                     c->side == client);
}
