/* NTP (RFC 5905, modes 6 and 7 of RFC 9327): the mode tells who serves time where both ports are
 * 123. */
#include "terrier/dissect.h"

enum { PORT_NTP = 123, HEADER_LEN = 48 };
enum {
	MODE_SYMMETRIC_ACTIVE = 1,
	MODE_SYMMETRIC_PASSIVE = 2,
	MODE_CLIENT = 3,
	MODE_CONTROL = 6,
	MODE_PRIVATE = 7
};

static unsigned mode_of(uint8_t first)
{
	return first & 7u;
}

/* Control messages (RFC 9327 2): a header of 12 octets whose count is that of the data; mode 7
 * (ntpd's own): the header of 8. Both have a bit for answers. */
static bool is_good(struct cursor c)
{
	uint8_t first = cur_u8(&c), second = cur_u8(&c);
	unsigned version = first >> 3 & 7u, mode = mode_of(first);

	if (mode == MODE_CONTROL) {
		return version >= 1 && version <= 4 && (first & 0xc0) == 0 && cur_left(&c) >= 10;
	}
	if (mode == MODE_PRIVATE) {
		return version >= 2 && version <= 4 && cur_left(&c) >= 6;
	}
	if (version < 1 || version > 4 || mode < MODE_SYMMETRIC_ACTIVE || second > 16) {
		return false;
	}
	/* the header alone; with a digest; with extension fields, a multiple of four octets (7.5)
	 */
	return cur_left(&c) >= HEADER_LEN - 2 && cur_left(&c) % 4 == 2 && cur_left(&c) <= 1400;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	return (flow->port[0] == PORT_NTP || flow->port[1] == PORT_NTP) && is_good(bytes) ? 1 : 0;
}

/* True for what answers, or is sent unasked. */
static bool is_from_server(uint8_t first, uint8_t second)
{
	switch (mode_of(first)) {
	case MODE_CLIENT:
	case MODE_SYMMETRIC_ACTIVE:
		return false;
	case MODE_CONTROL:
		return (second & 0x80) != 0;
	case MODE_PRIVATE:
		return (first & 0x80) != 0;
	default:
		return true;
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	enum side client = (enum side)flow->client;
	enum info_direction direction = INFO_MSG;
	size_t len = cur_left(&bytes);

	(void)state;
	(void)lost;
	if (is_good(bytes)) {
		uint8_t first = cur_u8(&bytes);

		client = is_from_server(first, cur_u8(&bytes)) ? side_other(side) : side;
		direction = mode_of(first) <= MODE_SYMMETRIC_PASSIVE ? INFO_BOTH : INFO_MSG;
		sink_client(sink, client);
	}
	sink_octets(sink, side, len,
	            sink_evidence(sink, EVIDENCE_PROTOCOL, "NTP", client, direction, 1));
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_NEVER, "times and identifiers: who serves whom is all that is read",
         .standard = "RFC 5905 7.3"},
        {0},
};

const struct dissector dissector_ntp = {
        .name = "ntp",
        .protocol = "NTP",
        .ip_protocol = IP_UDP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
