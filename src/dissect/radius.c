/* RADIUS (RFC 2865, 2866, 5176): kinds of requests, ways to sign in and the identifier of the
 * device that asks. Each datagram is shown alone; users, their stations and all other attributes
 * are passed over. */
#include "terrier/dissect.h"

#include <string.h>

enum code {
	ACCESS_REQUEST = 1,
	ACCOUNTING_REQUEST = 4,
	ACCOUNTING_RESPONSE = 5,
	ACCESS_CHALLENGE = 11,
	STATUS_SERVER = 12,
	DISCONNECT_REQUEST = 40,
	COA_REQUEST = 43,
	COA_NAK = 45,
};

enum attribute {
	USER_PASSWORD = 2,
	CHAP_PASSWORD = 3,
	VENDOR_SPECIFIC = 26,
	NAS_IDENTIFIER = 32,
	EAP_MESSAGE = 79,
	MESSAGE_AUTHENTICATOR = 80,
};

#define HEADER_LEN       20
#define LENGTH_MAX       4096
#define VENDOR_MICROSOFT 311

struct attributes {
	struct cursor nas;   /* NAS-Identifier */
	const char *sign_in; /* how the user's identity is proved; NULL: not seen */
	bool has_authenticator;
};

static const char *request_name(unsigned code)
{
	switch (code) {
	case ACCESS_REQUEST:
		return "Access";
	case ACCOUNTING_REQUEST:
		return "Accounting";
	case STATUS_SERVER:
		return "Status-Server";
	case DISCONNECT_REQUEST:
		return "Disconnect";
	case COA_REQUEST:
		return "Change-of-Authorization";
	default:
		return NULL;
	}
}

static bool code_is_known(unsigned code)
{
	return (code >= ACCESS_REQUEST && code <= ACCOUNTING_RESPONSE) ||
	       (code >= ACCESS_CHALLENGE && code <= STATUS_SERVER) ||
	       (code >= DISCONNECT_REQUEST && code <= COA_NAK);
}

/* MS-CHAP-Response and MS-CHAP2-Response (RFC 2548 2.1.3, 2.3.2). */
static bool is_ms_chap(struct cursor value)
{
	uint32_t vendor = cur_u32(&value);
	uint8_t type = cur_u8(&value);

	return vendor == VENDOR_MICROSOFT && (type == 1 || type == 25);
}

static void attribute_take(struct attributes *a, uint8_t type, struct cursor value)
{
	switch (type) {
	case USER_PASSWORD: /* hidden by MD5 and the shared secret, which is not encryption */
		a->sign_in = "PAP";
		break;
	case CHAP_PASSWORD:
		a->sign_in = "CHAP";
		break;
	case VENDOR_SPECIFIC:
		a->sign_in = is_ms_chap(value) ? "MS-CHAP" : a->sign_in;
		break;
	case EAP_MESSAGE:
		a->sign_in = "EAP";
		break;
	case NAS_IDENTIFIER:
		a->nas = value;
		break;
	case MESSAGE_AUTHENTICATOR:
		a->has_authenticator = cur_left(&value) == 16;
		break;
	default:
		break;
	}
}

/* Reads a packet (RFC 2865 3, 5) whose attributes fill it. False when it is none. */
static bool packet_read(struct cursor c, uint8_t *code, struct attributes *a)
{
	size_t size = cur_left(&c);
	uint16_t len;

	*a = (struct attributes){.sign_in = NULL};
	*code = cur_u8(&c);
	cur_skip(&c, 1);
	len = cur_u16(&c);
	cur_skip(&c, 16);
	if (c.bad || !code_is_known(*code) || len < HEADER_LEN || len > LENGTH_MAX || len > size) {
		return false;
	}
	c.end = c.p + (len - HEADER_LEN); /* what follows is padding */
	while (cur_left(&c) > 0) {
		uint8_t type = cur_u8(&c), attribute_len = cur_u8(&c);
		struct cursor value =
		        cur_sub(&c, attribute_len >= 2 ? attribute_len - 2U : cur_left(&c) + 1);

		if (c.bad || type == 0) {
			return false;
		}
		attribute_take(a, type, value);
	}
	return true;
}

static bool is_on_port(const struct dissect_flow *flow)
{
	static const uint16_t ports[] = {1645, 1646, 1812, 1813, 3799};

	for (size_t i = 0; i < sizeof ports / sizeof ports[0]; i++) {
		if (flow->port[0] == ports[i] || flow->port[1] == ports[i]) {
			return true;
		}
	}
	return false;
}

/* Elsewhere only what is signed (RFC 3579 3.2) and ends with its datagram is believed. */
static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct attributes a;
	uint8_t code;

	(void)side;
	return packet_read(bytes, &code, &a) &&
	       (is_on_port(flow) || (a.has_authenticator &&
	                             cur_left(&bytes) == ((size_t)bytes.p[2] << 8 | bytes.p[3])));
}

static void note(struct sink *sink, const char *name, const char *value)
{
	if (value != NULL) {
		sink_fact(sink, name, value, strlen(value));
	}
}

static void note_nas(struct sink *sink, const struct cursor *nas)
{
	const char *text = (const char *)nas->p;

	if (cur_left(nas) > 0 && text_is_printable(text, cur_left(nas))) {
		sink_fact(sink, "RADIUS NAS", text, cur_left(nas));
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct attributes a;
	uint8_t code;
	int entry = SINK_NO_ENTRY;

	(void)state;
	(void)lost;
	(void)flow;
	if (packet_read(bytes, &code, &a)) {
		bool is_request = request_name(code) != NULL;
		enum side client = is_request ? side : side_other(side);

		sink_client(sink, client);
		entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "RADIUS", client, INFO_MSG,
		                      is_request);
		if (is_request) {
			note(sink, "RADIUS request", request_name(code));
			note(sink, "RADIUS sign-in", a.sign_in);
			note_nas(sink, &a.nas);
		}
	}
	sink_octets(sink, side, cur_left(&bytes), entry);
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "identifier of the device that asks (NAS-Identifier)",
         .standard = "RFC 2865 5.32", .guard = "printable", .facts = {"RADIUS NAS"}},
        {FIELD_KEEP, "request and way of signing in",
         .facts = {"RADIUS request", "RADIUS sign-in"}},
        {FIELD_NEVER, "User-Name, passwords, Calling-Station-Id and all other attributes",
         .standard = "RFC 2865 5"},
        {0},
};

const struct dissector dissector_radius = {
        .name = "radius",
        .protocol = "RADIUS",
        .ip_protocol = IP_UDP,
        .state_size = 0,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
