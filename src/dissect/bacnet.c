/* BACnet/IP (ASHRAE 135 annex J): building automation, known by its two headers. What is measured
 * and switched is not read; who asks is told by the APDU. */
#include "terrier/dissect.h"

enum { BVLC_IP = 0x81, PORT_BACNET = 47808 };
enum {
	FUNCTION_RESULT = 0x00,
	FUNCTION_FORWARDED = 0x04,
	FUNCTION_UNICAST = 0x0a,
	FUNCTION_BROADCAST = 0x0b,
	FUNCTION_REGISTER = 0x05,
	FUNCTION_SECURE = 0x0c,
	FUNCTION_DISTRIBUTE = 0x09
};
enum { NETWORK_MESSAGE = 0x80, HAS_DESTINATION = 0x20, HAS_SOURCE = 0x08 };
enum { APDU_CONFIRMED = 0, APDU_UNCONFIRMED = 1, APDU_SIMPLE_ACK = 2, APDU_ABORT = 7 };

/* The network layer (clause 6.2): version 1, reserved bits clear, addresses if its control octet
 * says so. Stops at the APDU; false when it is none. */
static bool network_read(struct cursor *c, bool *has_apdu)
{
	uint8_t version = cur_u8(c), control = cur_u8(c);
	bool has_destination = (control & HAS_DESTINATION) != 0;

	if ((control & HAS_DESTINATION) != 0) {
		cur_skip(c, 2);
		cur_skip(c, cur_u8(c));
	}
	if ((control & HAS_SOURCE) != 0) {
		cur_skip(c, 2);
		cur_skip(c, cur_u8(c));
	}
	cur_skip(c, has_destination ? 1 : 0);
	*has_apdu = (control & NETWORK_MESSAGE) == 0;
	return !c->bad && version == 1 && (control & 0x50) == 0 && cur_left(c) > 0;
}

/* The virtual link (J.2), which is as long as the datagram. Stops at the APDU if there is one. */
static bool link_read(struct cursor *c, bool *has_apdu)
{
	size_t len = cur_left(c);
	uint8_t type = cur_u8(c), function = cur_u8(c);

	*has_apdu = false;
	if (type != BVLC_IP || cur_u16(c) != len || c->bad || function > FUNCTION_SECURE) {
		return false;
	}
	switch (function) {
	case FUNCTION_FORWARDED:
		cur_skip(c, 6);
		return network_read(c, has_apdu);
	case FUNCTION_UNICAST:
	case FUNCTION_BROADCAST:
	case FUNCTION_DISTRIBUTE:
		return network_read(c, has_apdu);
	case FUNCTION_RESULT:
	case FUNCTION_REGISTER:
		return len == 6;
	default:
		return true;
	}
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool known = flow->port[0] == PORT_BACNET || flow->port[1] == PORT_BACNET;
	bool has_apdu;

	(void)side;
	if (!link_read(&bytes, &has_apdu)) {
		return 0;
	}
	return known || (has_apdu && *bytes.p >> 4 <= APDU_ABORT) ? 1 : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	size_t len = cur_left(&bytes);
	bool has_apdu;

	(void)state;
	(void)lost;
	(void)flow;
	if (link_read(&bytes, &has_apdu) && has_apdu) {
		uint8_t type = *bytes.p >> 4;

		if (type == APDU_CONFIRMED) {
			sink_client(sink, side);
		} else if (type >= APDU_SIMPLE_ACK && type <= APDU_ABORT) {
			sink_client(sink, side_other(side));
		}
	}
	sink_octets(sink, side, len,
	            sink_evidence(sink, EVIDENCE_PROTOCOL, "BACnet", side, INFO_BOTH, 1));
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_NEVER,
         "objects, properties, values and names of devices: who asks whom is all that is read",
         .standard = "ASHRAE 135 annex J"},
        {0},
};

const struct dissector dissector_bacnet = {
        .name = "bacnet",
        .protocol = "BACnet",
        .ip_protocol = IP_UDP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
