/* IP headers, extension headers, fragments and the transport headers behind them. Checksums are not
 * looked at: hosts that capture their own traffic leave them to the card. */
#include "terrier/sensor/nest.h"

#include <string.h>

/* IPv6 extension headers and AH, by protocol number. */
enum {
	EXT_HOP_BY_HOP = 0,
	EXT_ROUTING = 43,
	EXT_FRAGMENT = 44,
	EXT_AH = 51,
	EXT_NONE = 59,
	EXT_DESTINATION = 60,
	EXT_MOBILITY = 135,
	EXT_HIP = 139,
	EXT_SHIM6 = 140,
};

static enum packet_result decode_upper(struct nest *n, uint8_t protocol);

/* What follows a transport header of `header` octets is payload. */
static void set_payload(struct nest *n, uint32_t header)
{
	size_t captured = cur_left(&n->at);
	struct packet *out = n->out;

	out->payload_len = nest_left(n) - header;
	out->payload.p = n->at.p + (header < captured ? header : captured);
	out->payload.end = n->at.end;
}

static void set_ports(struct nest *n)
{
	n->out->sport = nest_u16(n->at.p);
	n->out->dport = nest_u16(n->at.p + 2);
}

/* RFC 9293 3.1. A frame may be cut behind the ports; the header then counts as one without options.
 */
static enum packet_result decode_tcp(struct nest *n)
{
	const uint8_t *b = n->at.p;
	struct packet *out = n->out;
	size_t captured = cur_left(&n->at);
	uint32_t header = 20;

	if (captured < 4 || nest_left(n) < header) {
		return PACKET_MALFORMED;
	}
	out->sport = nest_u16(b);
	out->dport = nest_u16(b + 2);
	if (captured >= 14) {
		header = (b[12] >> 4) * 4u;
		if (header < 20 || header > nest_left(n)) {
			return PACKET_MALFORMED;
		}
		out->seq = nest_u32(b + 4);
		out->ack = nest_u32(b + 8);
		out->tcp_flags = b[13] & (TCP_FIN | TCP_SYN | TCP_RST | TCP_PSH | TCP_ACK);
	}
	set_payload(n, header);
	return PACKET_IP;
}

/* RFC 768. Length 0 is a datagram of a segmenting card or a jumbogram (RFC 2675); what IP has
 * behind the UDP length is no payload. */
static enum packet_result decode_udp(struct nest *n)
{
	uint32_t len = nest_left(n);
	nest_step *tunnel;

	if (cur_left(&n->at) < 4 || len < 8) {
		return PACKET_MALFORMED;
	}
	set_ports(n);
	if (cur_left(&n->at) >= 6) {
		uint16_t says = nest_u16(n->at.p + 4);
		if (says > 0 && says < 8) {
			return PACKET_MALFORMED;
		}
		if (says > 0 && says < len) {
			nest_clip(n, says);
		}
	}
	set_payload(n, 8);
	tunnel = tunnel_find_udp(n->out->sport, n->out->dport);
	return tunnel != NULL ? tunnel_enter(n, tunnel) : PACKET_IP;
}

/* RFC 9260 3.1. */
static enum packet_result decode_sctp(struct nest *n)
{
	if (cur_left(&n->at) < 4 || nest_left(n) < 12) {
		return PACKET_MALFORMED;
	}
	set_ports(n);
	set_payload(n, 12);
	return PACKET_IP;
}

/* RFC 792, RFC 4443: type, code, checksum, and in ICMP always four octets more. */
static enum packet_result decode_icmp(struct nest *n, uint32_t header)
{
	if (cur_left(&n->at) < 1 || nest_left(n) < 4) {
		return PACKET_MALFORMED;
	}
	n->out->icmp_type = n->at.p[0];
	set_payload(n, nest_left(n) < header ? nest_left(n) : header);
	return PACKET_IP;
}

/* Whatever has no ports: its payload is all of it, unless it is a tunnel. */
static enum packet_result decode_other(struct nest *n, uint8_t protocol)
{
	nest_step *tunnel = tunnel_find_ip(protocol);

	set_payload(n, 0);
	return tunnel != NULL ? tunnel_enter(n, tunnel) : PACKET_IP;
}

/* A fragment whose datagram cannot be joined counts to its flow as far as its ports are known. */
static enum packet_result decode_alone(struct nest *n, const struct fragment *f)
{
	enum packet_result result = PACKET_IP;

	n->out->is_fragment = true;
	if (f->offset == 0) {
		result = decode_upper(n, f->protocol);
	} else {
		n->out->ip_protocol = f->protocol;
		set_payload(n, 0);
	}
	n->out->payload = cur_make(n->at.end, 0);
	return result;
}

/* Takes a fragment to the pool. `where` is offset and flag, as IPv6 has them. */
static enum packet_result decode_fragment(struct nest *n, uint32_t id, uint16_t where,
                                          uint8_t protocol)
{
	struct packet *out = n->out;
	struct fragment f = {
	        .src = out->src,
	        .dst = out->dst,
	        .id = id,
	        .offset = where & 0xfff8,
	        .version = out->ip_version,
	        .protocol = protocol,
	        .has_more = (where & 1) != 0,
	        .is_cut = n->cut > 0,
	        .data = n->at,
	        .time_us = out->time_us,
	};

	if (out->is_fragment || out->is_joined) {
		return PACKET_MALFORMED; /* a second fragment header in the same packet */
	}
	switch (fragment_add(n->pool, &f)) {
	case FRAGMENT_HELD:
		return PACKET_HELD;
	case FRAGMENT_JOINED:
		out->is_joined = true;
		out->l3 = NULL;
		out->l3_len = 0;
		n->at = f.data;
		return decode_upper(n, f.protocol);
	case FRAGMENT_ALONE:
		return decode_alone(n, &f);
	case FRAGMENT_INVALID:
	default:
		return PACKET_MALFORMED;
	}
}

/* Fragment header of IPv6 (RFC 8200 4.5). One that stands for the whole packet ("atomic", RFC 6946)
 * is no fragment. */
static enum packet_result decode_v6_fragment(struct nest *n)
{
	const uint8_t *b = cur_take(&n->at, 8);

	if (b == NULL) {
		return PACKET_MALFORMED;
	}
	if ((nest_u16(b + 2) & 0xfff9) == 0) {
		return decode_upper(n, b[0]);
	}
	return decode_fragment(n, nest_u32(b + 4), nest_u16(b + 2), b[0]);
}

/* True for a header of the shape "next, length": the length in 8 octets without the first, AH's in
 * 4 without two. */
static bool is_extension(const struct nest *n, uint8_t protocol)
{
	switch (protocol) {
	case EXT_AH:
		return true;
	case EXT_HOP_BY_HOP:
	case EXT_ROUTING:
	case EXT_DESTINATION:
	case EXT_MOBILITY:
	case EXT_HIP:
	case EXT_SHIM6:
		return n->out->ip_version == 6;
	default:
		return false;
	}
}

/* Everything but the three that nearly all packets are. */
static enum packet_result decode_rare(struct nest *n, uint8_t protocol)
{
	while (is_extension(n, protocol)) {
		const uint8_t *b = cur_take(&n->at, 2);
		if (b == NULL) {
			return PACKET_MALFORMED;
		}
		cur_skip(&n->at, protocol == EXT_AH ? b[1] * 4u + 6 : b[1] * 8u + 6);
		if (n->at.bad) {
			return PACKET_MALFORMED;
		}
		protocol = b[0];
	}
	n->out->ip_protocol = protocol;
	switch (protocol) {
	case IP_TCP:
		return decode_tcp(n);
	case IP_UDP:
		return decode_udp(n);
	case IP_ICMP:
		return decode_icmp(n, 8);
	case IP_ICMPV6:
		return decode_icmp(n, 4);
	case IP_SCTP:
		return decode_sctp(n);
	case EXT_FRAGMENT:
		return n->out->ip_version == 6 ? decode_v6_fragment(n) : decode_other(n, protocol);
	default:
		return decode_other(n, protocol);
	}
}

static enum packet_result decode_upper(struct nest *n, uint8_t protocol)
{
	n->out->ip_protocol = protocol;
	switch (protocol) {
	case IP_TCP:
		return decode_tcp(n);
	case IP_UDP:
		return decode_udp(n);
	default:
		return decode_rare(n, protocol);
	}
}

/* The header at `at` begins a layer of `len` octets; its addresses are set. */
static inline void begin_layer(struct nest *n, uint8_t version, uint32_t len)
{
	struct packet *out = n->out;

	nest_clip(n, len);
	out->ip_version = version;
	out->l3 = n->at.p;
	out->l3_len = (uint32_t)cur_left(&n->at);
	out->layers[out->n_layers].src = out->src;
	out->layers[out->n_layers].dst = out->dst;
	out->n_layers++;
}

enum packet_result ip_decode_v4(struct nest *n)
{
	const uint8_t *b = n->at.p;
	uint32_t header, len;
	uint16_t where;

	if (cur_left(&n->at) < 20 || b[0] >> 4 != 4 || n->out->n_layers >= PACKET_NESTING_MAX) {
		return PACKET_MALFORMED;
	}
	header = (b[0] & 15) * 4u;
	len = nest_u16(b + 2);
	if (len == 0) {
		len = nest_left(n); /* left to the card that segments */
	}
	if (header < 20 || len < header || cur_left(&n->at) < header) {
		return PACKET_MALFORMED;
	}
	addr_from_v4(&n->out->src, b + 12);
	addr_from_v4(&n->out->dst, b + 16);
	begin_layer(n, 4, len);
	n->at.p += header;
	where = nest_u16(b + 6);
	if ((where & 0x3fff) != 0) { /* offset, and more to come */
		where = (uint16_t)(where << 3 | (where >> 13 & 1));
		return decode_fragment(n, nest_u16(b + 4), where, b[9]);
	}
	return decode_upper(n, b[9]);
}

enum packet_result ip_decode_v6(struct nest *n)
{
	const uint8_t *b = n->at.p;
	uint32_t len;

	if (cur_left(&n->at) < 40 || b[0] >> 4 != 6 || n->out->n_layers >= PACKET_NESTING_MAX) {
		return PACKET_MALFORMED;
	}
	len = nest_u16(b + 4) + 40u;
	if (len == 40 && b[6] != EXT_NONE) {
		len = nest_left(n); /* a jumbogram (RFC 2675), or as in IPv4 */
	}
	memcpy(n->out->src.b, b + 8, 16);
	memcpy(n->out->dst.b, b + 24, 16);
	begin_layer(n, 6, len);
	n->at.p += 40;
	return decode_upper(n, b[6]);
}

enum packet_result ip_decode_any(struct nest *n)
{
	if (cur_left(&n->at) > 0 && n->at.p[0] >> 4 == 6) {
		return ip_decode_v6(n);
	}
	return ip_decode_v4(n);
}
