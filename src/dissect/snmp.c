/* SNMP over UDP (RFC 1157, 3416, 3412): the version, who polls whom or reports to whom, and the maker of an agent by its
 * enterprise number. Community strings, user names, other variables and their values pass unread. */
#include "terrier/dissect.h"

#include <stdio.h>
#include <string.h>

enum { PORT_AGENT = 161, PORT_MANAGER = 162 };
enum { BER_INTEGER = 0x02, BER_OCTETS = 0x04, BER_OID = 0x06, BER_SEQUENCE = 0x30 };
enum { PDU_RESPONSE = 0xa2, PDU_SET = 0xa3, PDU_TRAP_V1 = 0xa4, PDU_INFORM = 0xa6, PDU_TRAP = 0xa7, PDU_REPORT = 0xa8,
       PDU_GET = 0xa0 };
enum { VERSION_1 = 0, VERSION_2C = 1, VERSION_3 = 3 };
enum { FLAG_AUTH = 1, FLAG_PRIV = 2, FLAG_REPORTABLE = 4 }; /* RFC 3412 6.4 */

#define VARIABLES_MAX 8 /* bindings of a PDU that are looked at */

struct message {
	uint8_t version, flags;
	uint8_t pdu_tag;   /* 0: encrypted */
	struct cursor pdu; /* its contents */
};

/* A definite length (X.690 8.1.3) of at most four octets. */
static size_t ber_length(struct cursor *c)
{
	uint8_t first = cur_u8(c);
	size_t len = 0;

	if (first < 0x80) {
		return first;
	}
	if (first == 0x80 || first > 0x84) {
		c->bad = true;
		return 0;
	}
	for (unsigned i = 0; i < (first & 0x7fu); i++) {
		len = len << 8 | cur_u8(c);
	}
	return len;
}

/* The contents of the next element, which must have this tag; empty and bad when it has not or is cut. */
static struct cursor ber_take(struct cursor *c, uint8_t tag)
{
	if (cur_u8(c) != tag) {
		c->bad = true;
	}
	size_t len = ber_length(c);
	struct cursor inner = c->bad ? cur_make(c->end, 0) : cur_sub(c, len);

	c->bad |= inner.bad;
	inner.bad = c->bad;
	return inner;
}

/* A PDU of any type; its contents may be cut by a short capture. */
static bool pdu_take(struct cursor *c, struct message *m)
{
	m->pdu_tag = cur_u8(c);
	size_t len = ber_length(c);

	m->pdu = *c;
	if (c->bad || m->pdu_tag < PDU_GET || m->pdu_tag > PDU_REPORT || len < 8) {
		return false;
	}
	m->pdu.end = len < cur_left(c) ? c->p + len : c->end;
	return true;
}

/* What stands behind the version of a message (RFC 3412 6): header, security parameters, scoped PDU. */
static bool message_v3(struct cursor *c, struct message *m)
{
	struct cursor header = ber_take(c, BER_SEQUENCE);

	ber_take(&header, BER_INTEGER);
	ber_take(&header, BER_INTEGER);
	struct cursor flags = ber_take(&header, BER_OCTETS);
	struct cursor model = ber_take(&header, BER_INTEGER);

	m->flags = cur_u8(&flags);
	if (header.bad || cur_left(&header) > 0 || cur_left(&flags) > 0 || cur_left(&model) > 4) {
		return false;
	}
	ber_take(c, BER_OCTETS);
	if (c->bad || (m->flags & FLAG_PRIV) != 0) {
		return !c->bad && cur_u8(c) == BER_OCTETS;
	}
	if (cur_u8(c) != BER_SEQUENCE) {
		return false;
	}
	ber_length(c);
	ber_take(c, BER_OCTETS);
	ber_take(c, BER_OCTETS);
	return pdu_take(c, m);
}

/* Reads a datagram up to the PDU. False when it is no SNMP message that fills it. */
static bool message_read(struct cursor c, const struct dissect_flow *flow, struct message *m)
{
	uint16_t ports[2] = {flow->port[0], flow->port[1]};
	bool known = false;

	for (int i = 0; i < 2; i++) {
		known |= ports[i] == PORT_AGENT || ports[i] == PORT_MANAGER;
	}
	*m = (struct message){0};
	if (cur_u8(&c) != BER_SEQUENCE) {
		return false;
	}
	size_t len = ber_length(&c);

	if (c.bad || len < cur_left(&c) || (len > cur_left(&c) && !known)) {
		return false;
	}
	struct cursor version = ber_take(&c, BER_INTEGER);

	m->version = cur_u8(&version);
	if (c.bad || version.bad || cur_left(&version) > 0) {
		return false;
	}
	if (m->version == VERSION_3) {
		return message_v3(&c, m);
	}
	ber_take(&c, BER_OCTETS);
	return !c.bad && m->version <= VERSION_2C && pdu_take(&c, m) &&
	       (m->version == VERSION_1 ? m->pdu_tag <= PDU_TRAP_V1 : m->pdu_tag != PDU_TRAP_V1);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct message m;

	(void)side;
	return message_read(bytes, flow, &m) ? 1 : 0;
}

/* Notes N of an object identifier 1.3.6.1.4.1.N (RFC 2578 4; IANA private enterprise numbers). */
static void enterprise_note(struct sink *sink, struct cursor oid)
{
	static const uint8_t enterprises[] = {0x2b, 6, 1, 4, 1};
	uint32_t number = 0;
	uint8_t octet;
	char text[8];

	if (!cur_is(&oid, enterprises, sizeof enterprises)) {
		return;
	}
	cur_skip(&oid, sizeof enterprises);
	do {
		octet = cur_u8(&oid);
		number = number << 7 | (octet & 0x7f);
	} while ((octet & 0x80) != 0 && number < 100000);
	if (oid.bad || number == 0 || number >= 100000) {
		return;
	}
	int n = snprintf(text, sizeof text, "%u", (unsigned)number);

	sink_fact(sink, "enterprise", text, (size_t)n);
}

/* The maker stands in sysObjectID.0 (RFC 3418) and, mostly, in the identity of a trap. */
static void variables_read(struct sink *sink, struct cursor c)
{
	static const uint8_t object_id[] = {0x2b, 6, 1, 2, 1, 1, 2, 0};
	static const uint8_t trap_oid[] = {0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0};

	for (unsigned i = 0; i < VARIABLES_MAX && cur_left(&c) > 0; i++) {
		struct cursor binding = ber_take(&c, BER_SEQUENCE);
		struct cursor name = ber_take(&binding, BER_OID);

		if (c.bad || binding.bad) {
			return;
		}
		if ((cur_left(&name) == sizeof object_id && cur_is(&name, object_id, sizeof object_id)) ||
		    (cur_left(&name) == sizeof trap_oid && cur_is(&name, trap_oid, sizeof trap_oid))) {
			struct cursor value = ber_take(&binding, BER_OID);

			if (!binding.bad) {
				enterprise_note(sink, value);
			}
		}
	}
}

static void pdu_read(struct sink *sink, const struct message *m)
{
	struct cursor c = m->pdu;

	if (m->pdu_tag == PDU_TRAP_V1) { /* RFC 1157 4.1.6 */
		struct cursor oid = ber_take(&c, BER_OID);

		if (!c.bad) {
			enterprise_note(sink, oid);
		}
		return;
	}
	for (int i = 0; i < 3; i++) {
		ber_take(&c, BER_INTEGER);
	}
	if (cur_u8(&c) == BER_SEQUENCE) {
		ber_length(&c);
		variables_read(sink, c);
	}
}

/* Before the first encrypted message the parties learn each other's clocks in clear (RFC 3414 4), with no variable but
 * that of the report: this does not say that what follows is clear too. */
static enum encryption encryption_of(const struct message *m)
{
	const uint8_t *end = m->pdu.end;

	if (m->version == VERSION_3 && (m->flags & FLAG_PRIV) != 0) {
		return ENCRYPTED_YES;
	}
	if (m->version == VERSION_3 &&
	    (m->pdu_tag == PDU_REPORT || (cur_left(&m->pdu) > 2 && end[-2] == BER_SEQUENCE && end[-1] == 0))) {
		return ENCRYPTED_UNKNOWN;
	}
	return ENCRYPTED_NO;
}

static void facts_note(struct sink *sink, const struct message *m)
{
	static const char *const versions[] = {"1", "2c", "", "3"};
	static const char *const levels[] = {"noAuthNoPriv", "authNoPriv", "authPriv", "authPriv"};
	const char *version = versions[m->version];

	sink_fact(sink, "SNMP version", version, strlen(version));
	if (m->version == VERSION_3 && encryption_of(m) != ENCRYPTED_UNKNOWN) {
		const char *level = levels[m->flags & (FLAG_AUTH | FLAG_PRIV)];

		sink_fact(sink, "SNMP security", level, strlen(level));
	}
	if (m->pdu_tag != 0) {
		pdu_read(sink, m);
	}
}

/* An encrypted message tells by its port where it goes, and by a flag whether an answer is due. */
static bool is_report(const struct message *m, enum side side, const struct dissect_flow *flow)
{
	if (m->pdu_tag == 0) {
		return flow->port[!side] == PORT_MANAGER;
	}
	return m->pdu_tag == PDU_TRAP_V1 || m->pdu_tag == PDU_TRAP || m->pdu_tag == PDU_INFORM;
}

static bool is_answer(const struct message *m)
{
	return m->pdu_tag == PDU_RESPONSE || m->pdu_tag == PDU_REPORT ||
	       (m->pdu_tag == 0 && (m->flags & FLAG_REPORTABLE) == 0);
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	enum info_direction direction = INFO_S2C;
	enum side client = side;
	struct message m;
	int entry;

	(void)state;
	(void)lost;
	if (!message_read(bytes, flow, &m)) {
		sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
		return DISSECT_FOLLOW;
	}
	if (is_report(&m, side, flow) || m.pdu_tag == PDU_SET) {
		direction = INFO_C2S;
	} else if (is_answer(&m)) {
		client = (enum side)!side;
		direction = flow->port[side] == PORT_MANAGER ? INFO_C2S : INFO_S2C; /* to an inform */
	}
	sink_client(sink, client);
	sink_encryption(sink, encryption_of(&m));
	entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "SNMP", client, direction, 1);
	sink_octets(sink, side, cur_left(&bytes), entry);
	facts_note(sink, &m);
	return DISSECT_FOLLOW;
}

const struct dissector dissector_snmp = {
	.name = "snmp",
	.protocol = "SNMP",
	.ip_protocol = IP_UDP,
	.has_messages = false,
	.recognise = recognise,
	.dissect = dissect,
};
