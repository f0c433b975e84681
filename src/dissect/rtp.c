/* RTP and RTCP over UDP (RFC 3550, payload types of RFC 3551), where no call was seen to announce
 * them: a codec that is fixed by its number, datagrams of its size, and a sequence that goes on.
 * SRTP (RFC 3711) has the same header and its tag behind. Media pass unread; their ports are each
 * call's own and are not counted apart. */
#include "terrier/dissect.h"

enum { HEADER_LEN = 12, PROOF = 3 };
enum { RTCP_SENDER = 200, RTCP_RECEIVER = 201, RTCP_LAST = 207 };

struct half {
	uint32_t source;
	uint16_t sequence;
	uint8_t proven; /* datagrams in sequence so far */
};

struct rtp {
	int entry;
	bool is_proven;
	struct half half[2];
};

/* Octets of ten milliseconds, or of a frame, and how many of them a datagram may hold. */
static bool size_is_good(uint8_t type, size_t size, bool *is_secure)
{
	static const struct {
		uint8_t type, unit, most;
	} codecs[] = {{0, 80, 6}, {3, 33, 6}, {8, 80, 6}, {9, 80, 6}, {18, 10, 8}};

	for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++) {
		size_t unit = codecs[i].unit;

		if (codecs[i].type != type) {
			continue;
		}
		*is_secure = unit == 80 && (size % unit == 4 || size % unit == 10);
		return size >= unit && size <= unit * codecs[i].most + 10 &&
		       (size % unit == 0 || *is_secure);
	}
	return false;
}

/* Version 2, no padding, extension or contributing sources, as telephones send. */
static bool media_read(struct cursor c, struct half *out, bool *is_secure)
{
	uint8_t first = cur_u8(&c), type = cur_u8(&c) & 0x7f;

	out->sequence = cur_u16(&c);
	cur_skip(&c, 4);
	out->source = cur_u32(&c);
	return !c.bad && first == 0x80 && out->source != 0 &&
	       size_is_good(type, cur_left(&c), is_secure);
}

/* A compound packet (RFC 3550 6.1): a report first, and all lengths together the datagram's. */
static bool is_control(struct cursor c)
{
	bool first = true;

	while (cur_left(&c) > 0) {
		uint8_t flags = cur_u8(&c), type = cur_u8(&c);
		size_t words = cur_u16(&c);

		if (flags >> 6 != 2 || type < RTCP_SENDER || type > RTCP_LAST ||
		    (first && type > RTCP_RECEIVER) ||
		    (first && words < ((type == RTCP_SENDER ? 6u : 1u) + 6u * (flags & 0x1fu)))) {
			return false;
		}
		cur_skip(&c, words * 4);
		first = false;
	}
	return !c.bad && !first;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool ports = flow->port[0] >= 1024 && flow->port[1] >= 1024, is_secure;
	struct half h;

	(void)side;
	if (!ports) {
		return 0;
	}
	if (flow->port[0] % 2 == 1 || flow->port[1] % 2 == 1) {
		if (is_control(bytes)) {
			return 1;
		}
	}
	return (flow->port[0] % 2 == 0 || flow->port[1] % 2 == 0) &&
	                       media_read(bytes, &h, &is_secure)
	               ? 1
	               : 0;
}

static void prove(struct rtp *rtp, const struct dissect_flow *flow, struct sink *sink,
                  const char *protocol, enum info_direction direction)
{
	sink_client(sink, (enum side)flow->client);
	sink_port(sink, 0);
	sink_protocol(sink, protocol);
	rtp->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, protocol, (enum side)flow->client,
	                           direction, 1);
	rtp->is_proven = true;
}

/* Takes a datagram of a stream that is not proven yet; false when it cannot be one. */
static bool media_take(struct rtp *rtp, enum side side, struct cursor bytes,
                       const struct dissect_flow *flow, struct sink *sink)
{
	struct half *h = &rtp->half[side], now;
	bool is_secure = false;

	if (!media_read(bytes, &now, &is_secure) || (h->proven > 0 && now.source != h->source)) {
		return false;
	}
	if (h->proven > 0 && now.sequence != (uint16_t)(h->sequence + 1)) {
		return now.sequence == h->sequence; /* seen twice */
	}
	h->source = now.source;
	h->sequence = now.sequence;
	if (++h->proven == PROOF) {
		sink_encryption(sink, is_secure ? ENCRYPTED_YES : ENCRYPTED_NO);
		prove(rtp, flow, sink, is_secure ? "SRTP" : "RTP", INFO_BALANCE);
	}
	return true;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct rtp *rtp = state;

	(void)lost;
	if (!rtp->is_proven) {
		rtp->entry = SINK_NO_ENTRY;
		if (is_control(bytes)) {
			prove(rtp, flow, sink, "RTCP", INFO_BOTH);
		} else if (!media_take(rtp, side, bytes, flow, sink)) {
			sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
			return DISSECT_RELEASE;
		}
	}
	sink_octets(sink, side, cur_left(&bytes), rtp->entry);
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct rtp) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_NEVER, "the media: voices and pictures; source identifiers",
         .standard = "RFC 3550 5.1"},
        {0},
};

const struct dissector dissector_rtp = {
        .name = "rtp",
        .protocol = "RTP",
        .ip_protocol = IP_UDP,
        .state_size = sizeof(struct rtp),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
