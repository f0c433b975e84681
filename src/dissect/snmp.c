/* SNMP over UDP (RFC 1157, 3416, 3412): the version, who polls whom or reports to whom, and the
 * maker of an agent by its enterprise number. Community strings, user names, other variables and
 * their values pass unread. */
#include "terrier/dissect.h"

#include "ber.h"

#include <stdio.h>
#include <string.h>

enum { PORT_AGENT = 161, PORT_MANAGER = 162 };
enum {
	PDU_RESPONSE = 0xa2,
	PDU_SET = 0xa3,
	PDU_TRAP_V1 = 0xa4,
	PDU_INFORM = 0xa6,
	PDU_TRAP = 0xa7,
	PDU_REPORT = 0xa8,
	PDU_GET = 0xa0
};
enum { VERSION_1 = 0, VERSION_2C = 1, VERSION_3 = 3 };
enum { FLAG_AUTH = 1, FLAG_PRIV = 2, FLAG_REPORTABLE = 4 }; /* RFC 3412 6.4 */

#define VARIABLES_MAX 8 /* bindings of a PDU that are looked at */

struct message {
	uint8_t version, flags;
	uint8_t pdu_tag;   /* 0: encrypted */
	struct cursor pdu; /* its contents */
};

/* A PDU of any type; its contents may be cut by a short capture. */
static bool pdu_take(struct cursor *c, struct message *m)
{
	struct ber pdu;

	if (!ber_read(c, &pdu) || pdu.tag < PDU_GET || pdu.tag > PDU_REPORT || pdu.len < 8) {
		return false;
	}
	m->pdu_tag = pdu.tag;
	m->pdu = pdu.body;
	return true;
}

/* Header data (RFC 3412 6): id, largest size, flags, security model. */
static bool header_read(struct cursor *c, struct message *m)
{
	struct cursor header, flags;
	uint32_t number;

	if (!ber_enter(c, BER_SEQUENCE, &header) || !ber_number(&header, BER_INTEGER, &number) ||
	    !ber_number(&header, BER_INTEGER, &number) || !ber_enter(&header, BER_OCTETS, &flags) ||
	    !ber_number(&header, BER_INTEGER, &number)) {
		return false;
	}
	m->flags = cur_u8(&flags);
	return !flags.bad && cur_left(&flags) == 0 && cur_left(&header) == 0;
}

/* What stands behind the version of a message of version 3: header, security parameters, scoped
 * PDU. */
static bool message_v3(struct cursor *c, struct message *m)
{
	struct cursor body, scoped;

	if (!header_read(c, m) || !ber_enter(c, BER_OCTETS, &body)) {
		return false;
	}
	if ((m->flags & FLAG_PRIV) != 0) {
		return ber_enter(c, BER_OCTETS, &body);
	}
	return ber_enter(c, BER_SEQUENCE, &scoped) && ber_enter(&scoped, BER_OCTETS, &body) &&
	       ber_enter(&scoped, BER_OCTETS, &body) && pdu_take(&scoped, m);
}

static bool has_port(const struct dissect_flow *flow, uint16_t port)
{
	return flow->port[0] == port || flow->port[1] == port;
}

/* Reads a datagram up to the PDU. False when it is no SNMP message that fills it; on SNMP's ports
 * the capture may have cut it. */
static bool message_read(struct cursor c, const struct dissect_flow *flow, struct message *m)
{
	bool known = has_port(flow, PORT_AGENT) || has_port(flow, PORT_MANAGER);
	struct cursor community;
	struct ber outer;
	uint32_t version;

	*m = (struct message){0};
	if (!ber_read(&c, &outer) || outer.tag != BER_SEQUENCE || cur_left(&c) > 0 ||
	    (outer.is_cut && !known) || !ber_number(&outer.body, BER_INTEGER, &version) ||
	    version > VERSION_3) {
		return false;
	}
	m->version = (uint8_t)version;
	if (version == VERSION_3) {
		return message_v3(&outer.body, m);
	}
	return version <= VERSION_2C && ber_enter(&outer.body, BER_OCTETS, &community) &&
	       pdu_take(&outer.body, m) &&
	       (version == VERSION_1 ? m->pdu_tag <= PDU_TRAP_V1 : m->pdu_tag != PDU_TRAP_V1);
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

	sink_fact(sink, "SNMP enterprise", text, (size_t)n);
}

/* The maker stands in sysObjectID.0 (RFC 3418) and, mostly, in the identity of a trap. */
static void variables_read(struct sink *sink, struct cursor c)
{
	static const uint8_t object_id[] = {0x2b, 6, 1, 2, 1, 1, 2, 0};
	static const uint8_t trap_oid[] = {0x2b, 6, 1, 6, 3, 1, 1, 4, 1, 0};

	for (unsigned i = 0; i < VARIABLES_MAX && cur_left(&c) > 0; i++) {
		struct cursor binding, name, value;

		if (!ber_enter(&c, BER_SEQUENCE, &binding) ||
		    !ber_enter(&binding, BER_OID, &name)) {
			return;
		}
		if ((cur_left(&name) == sizeof object_id &&
		     cur_is(&name, object_id, sizeof object_id)) ||
		    (cur_left(&name) == sizeof trap_oid &&
		     cur_is(&name, trap_oid, sizeof trap_oid))) {
			if (ber_enter(&binding, BER_OID, &value)) {
				enterprise_note(sink, value);
			}
		}
	}
}

static void pdu_read(struct sink *sink, const struct message *m)
{
	struct cursor c = m->pdu, inner;
	struct ber skipped;

	if (m->pdu_tag == PDU_TRAP_V1) { /* RFC 1157 4.1.6 */
		if (ber_enter(&c, BER_OID, &inner)) {
			enterprise_note(sink, inner);
		}
		return;
	}
	for (int i = 0; i < 3; i++) { /* request, error, index; or what a bulk asks for */
		ber_read(&c, &skipped);
	}
	if (ber_enter(&c, BER_SEQUENCE, &inner)) {
		variables_read(sink, inner);
	}
}

/* Before the first encrypted message the parties learn each other's clocks in clear (RFC 3414 4),
 * with no variable but that of the report: this does not say that what follows is clear too. */
static enum encryption encryption_of(const struct message *m)
{
	const uint8_t *end = m->pdu.end;

	if (m->version == VERSION_3 && (m->flags & FLAG_PRIV) != 0) {
		return ENCRYPTED_YES;
	}
	if (m->version == VERSION_3 &&
	    (m->pdu_tag == PDU_REPORT ||
	     (cur_left(&m->pdu) > 2 && end[-2] == BER_SEQUENCE && end[-1] == 0))) {
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
		client = side_other(side);
		direction =
		        flow->port[side] == PORT_MANAGER ? INFO_C2S : INFO_S2C; /* to an inform */
	}
	sink_client(sink, client);
	sink_encryption(sink, encryption_of(&m));
	entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "SNMP", client, direction, 1);
	sink_octets(sink, side, cur_left(&bytes), entry);
	facts_note(sink, &m);
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "version", .standard = "RFC 1157 4; RFC 3412 6", .facts = {"SNMP version"}},
        {FIELD_KEEP, "level of security", .facts = {"SNMP security"}},
        {FIELD_KEEP, "maker of an agent, by its enterprise number",
         .standard = "RFC 2578 4; RFC 3418", .guard = "below 100000", .facts = {"SNMP enterprise"}},
        {FIELD_NEVER, "community strings, users, sysName, all other variables and their values",
         .standard = "RFC 1157; RFC 3418"},
        {0},
};

const struct dissector dissector_snmp = {
        .name = "snmp",
        .protocol = "SNMP",
        .ip_protocol = IP_UDP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
