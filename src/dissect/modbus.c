/* Modbus/TCP (Modbus Application Protocol 1.1b3, Messaging on TCP/IP 1.0b): counts what a
 * controller asks of a device and tells reading from writing. Registers and values pass unread. */
#include "terrier/dissect.h"

enum { PORT_MODBUS = 502, HEADER_LEN = 8, LENGTH_MIN = 2, LENGTH_MAX = 254, EXCEPTION = 0x80 };

struct half {
	uint16_t left;              /* octets of the message still to come */
	uint8_t have;               /* octets of the header */
	uint8_t header[HEADER_LEN]; /* transaction, protocol, length, unit, and the function */
};

struct modbus {
	bool is_claimed; /* one header was good */
	struct half half[2];
	int entry[2];
};

/* Public functions (1.1b3 clause 6) and where they move information. */
static bool function_is_known(uint8_t function, enum info_direction *direction)
{
	switch (function & ~EXCEPTION) {
	case 5:
	case 6:
	case 15:
	case 16:
	case 21:
	case 22:
		*direction = INFO_C2S;
		return true;
	case 23: /* reads and writes */
		*direction = INFO_BOTH;
		return true;
	case 1:
	case 2:
	case 3:
	case 4:
	case 7:
	case 8:
	case 11:
	case 12:
	case 17:
	case 20:
	case 24:
	case 43:
		*direction = INFO_S2C;
		return true;
	default: /* 65-72 and 100-110 are each maker's own */
		*direction = INFO_BOTH;
		return (function >= 65 && function <= 72) || (function >= 100 && function <= 110) ||
		       function == 90;
	}
}

static enum side client_of(const struct dissect_flow *flow)
{
	return flow->port[SIDE_0] == PORT_MODBUS ? SIDE_1 : SIDE_0;
}

/* Reads the length behind the header's first six octets; false when it is no header. */
static bool header_read(struct cursor c, bool is_request, uint16_t *len,
                        enum info_direction *direction)
{
	cur_skip(&c, 2);
	uint16_t protocol = cur_u16(&c);

	*len = cur_u16(&c);
	cur_skip(&c, 1);
	uint8_t function = cur_u8(&c);

	return !c.bad && protocol == 0 && *len >= LENGTH_MIN && *len <= LENGTH_MAX &&
	       function_is_known(function, direction) &&
	       (!is_request || (function & EXCEPTION) == 0) &&
	       ((function & EXCEPTION) == 0 || *len == 3);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	enum info_direction direction;
	uint16_t len;

	if (flow->port[0] != PORT_MODBUS && flow->port[1] != PORT_MODBUS) {
		return 0;
	}
	while (cur_left(&bytes) >= HEADER_LEN) {
		if (!header_read(bytes, side == client_of(flow), &len, &direction)) {
			return 0;
		}
		if (cur_left(&bytes) <= len + 6u) {
			return cur_left(&bytes) == len + 6u ? 1 : 0;
		}
		cur_skip(&bytes, len + 6u);
	}
	return 0;
}

/* A header is whole: a request counts, a response belongs to what was asked so. */
static bool message_begin(struct modbus *m, enum side side, const struct dissect_flow *flow,
                          struct sink *sink)
{
	struct half *h = &m->half[side];
	enum side client = client_of(flow);
	enum info_direction direction;
	uint16_t len;

	if (!header_read(cur_make(h->header, HEADER_LEN), side == client, &len, &direction)) {
		return false;
	}
	if (!m->is_claimed) {
		sink_client(sink, client);
		m->is_claimed = true;
	}
	m->entry[side] =
	        sink_evidence(sink, EVIDENCE_PROTOCOL, "Modbus", client, direction, side == client);
	h->left = (uint16_t)(len - 2);
	h->have = 0;
	return true;
}

static void lose(struct half *h)
{
	h->left = 0;
	h->have = 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct modbus *m = state;
	struct half *h = &m->half[side];

	if (lost > 0) {
		lose(h);
	}
	while (cur_left(&bytes) > 0) {
		size_t n = cur_left(&bytes) < h->left ? cur_left(&bytes) : h->left;

		if (n > 0) {
			h->left = (uint16_t)(h->left - n);
			cur_skip(&bytes, n);
			sink_octets(sink, side, n, m->entry[side]);
			continue;
		}
		h->header[h->have++] = cur_u8(&bytes);
		if (h->have < HEADER_LEN) {
			sink_octets(sink, side, 1, SINK_NO_ENTRY);
			continue;
		}
		bool good = message_begin(m, side, flow, sink);

		sink_octets(sink, side, 1, good ? m->entry[side] : SINK_NO_ENTRY);
		if (!good) { /* messages are sent whole: look again where the next piece begins */
			sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
			lose(h);
			return m->is_claimed ? DISSECT_FOLLOW : DISSECT_RELEASE;
		}
	}
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct modbus) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_NEVER, "registers and values: whether it reads or writes is all that is told",
         .standard = "Modbus Application Protocol 6"},
        {0},
};

const struct dissector dissector_modbus = {
        .name = "modbus",
        .protocol = "Modbus",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct modbus),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
