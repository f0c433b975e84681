/* Tunnels: an IP packet, or a frame, inside an IP packet. All of them are tried, none is believed:
 * when nothing that can be decoded is inside, the outer packet is what was seen. */
#include "terrier/sensor/nest.h"

#include <string.h>

/* Protocols that GRE names by other numbers than ethertypes. */
enum { GRE_ERSPAN = 0x88be, GRE_ERSPAN_III = 0x22eb };

enum { GRE_CHECKSUM = 0x8000, GRE_ROUTING = 0x4000, GRE_KEY = 0x2000, GRE_SEQUENCE = 0x1000 };

/* ERSPAN (draft-foschiano-erspan): type I has no header and no GRE sequence number; types II and
 * III have theirs, with the VLAN that was mirrored. */
static enum packet_result open_erspan(struct nest *n, bool has_header)
{
	const uint8_t *b;
	uint16_t flags;

	if (!has_header) {
		return link_decode_ethernet(n);
	}
	b = cur_take(&n->at, 8);
	if (b == NULL) {
		return PACKET_MALFORMED;
	}
	nest_add_vlan(n, nest_u16(b));
	if (b[0] >> 4 == 1) {
		return link_decode_ethernet(n);
	}
	flags = cur_u16(&n->at); /* security group tag */
	flags = cur_u16(&n->at);
	if ((flags & 1) != 0) { /* platform-specific subheader */
		cur_skip(&n->at, 8);
	}
	if (n->at.bad || b[0] >> 4 != 2) {
		return PACKET_MALFORMED;
	}
	return (flags >> 10 & 0x1f) == 2 ? ip_decode_any(n) : link_decode_ethernet(n);
}

/* Source route entries (RFC 1701): family, offset, length, route; the last has neither. */
static void skip_routes(struct cursor *c)
{
	uint16_t family;
	uint8_t len;

	do {
		family = cur_u16(c);
		cur_skip(c, 1);
		len = cur_u8(c);
		cur_skip(c, len);
	} while (!c->bad && (family != 0 || len != 0));
}

/* GRE version 0 (RFC 2784, 2890, 1701). Version 1 is PPTP's, whose PPP is compressed or encrypted
 * as a rule. */
static enum packet_result open_gre(struct nest *n)
{
	uint16_t flags = cur_u16(&n->at);
	uint16_t protocol = cur_u16(&n->at);

	if ((flags & 7) != 0) {
		return PACKET_NOT_IP;
	}
	if ((flags & (GRE_CHECKSUM | GRE_ROUTING)) != 0) {
		cur_skip(&n->at, 4);
	}
	if ((flags & GRE_KEY) != 0) {
		cur_skip(&n->at, 4);
	}
	if ((flags & GRE_SEQUENCE) != 0) {
		cur_skip(&n->at, 4);
	}
	if ((flags & GRE_ROUTING) != 0) {
		skip_routes(&n->at);
	}
	if (n->at.bad) {
		return PACKET_MALFORMED;
	}
	if (protocol == GRE_ERSPAN || protocol == GRE_ERSPAN_III) {
		return open_erspan(n, protocol == GRE_ERSPAN_III || (flags & GRE_SEQUENCE) != 0);
	}
	return link_decode_ethertype(n, protocol);
}

/* RFC 7348 5: the I flag, and zero where that RFC and the group policy extension leave nothing
 * else. */
static enum packet_result open_vxlan(struct nest *n)
{
	const uint8_t *b = cur_take(&n->at, 8);

	if (b == NULL || (b[0] & 0x7f) != 0x08 || b[7] != 0) {
		return PACKET_NOT_IP;
	}
	return link_decode_ethernet(n);
}

/* RFC 8926 3.4: version, length of options in 4 octets, flags, ethertype, network, reserved. */
static enum packet_result open_geneve(struct nest *n)
{
	const uint8_t *b = cur_take(&n->at, 8);

	if (b == NULL || b[0] >> 6 != 0 || b[7] != 0) {
		return PACKET_NOT_IP;
	}
	cur_skip(&n->at, (b[0] & 0x3fu) * 4);
	return n->at.bad ? PACKET_MALFORMED : link_decode_ethertype(n, nest_u16(b + 2));
}

/* True when an IPv6 packet with an end in 2001::/32, or on the link to its server, fills the rest
 * (RFC 4380 2.6). */
static bool is_teredo(const struct nest *n)
{
	static const uint8_t teredo[4] = {0x20, 0x01, 0, 0};
	static const uint8_t link_local[2] = {0xfe, 0x80};
	const uint8_t *b = n->at.p;

	if (cur_left(&n->at) < 40 || b[0] >> 4 != 6 || nest_u16(b + 4) + 40u > nest_left(n)) {
		return false;
	}
	return memcmp(b + 8, teredo, sizeof teredo) == 0 ||
	       memcmp(b + 24, teredo, sizeof teredo) == 0 ||
	       memcmp(b + 8, link_local, sizeof link_local) == 0;
}

/* RFC 4380 5.1.1: authentication and origin indication may come before the packet, in this order.
 */
static enum packet_result open_teredo(struct nest *n)
{
	static const uint8_t authentication[2] = {0, 1};
	static const uint8_t origin[2] = {0, 0};

	if (cur_is(&n->at, authentication, sizeof authentication)) {
		cur_skip(&n->at, 2);
		size_t id_len = cur_u8(&n->at);
		size_t value_len = cur_u8(&n->at);
		cur_skip(&n->at, id_len + value_len + 9); /* nonce, confirmation */
	}
	if (cur_is(&n->at, origin, sizeof origin)) {
		cur_skip(&n->at, 8);
	}
	return is_teredo(n) ? ip_decode_v6(n) : PACKET_NOT_IP;
}

nest_step *tunnel_find_ip(uint8_t protocol)
{
	switch (protocol) {
	case 4:
		return ip_decode_v4; /* RFC 2003 */
	case 41:
		return ip_decode_v6; /* RFC 4213 */
	case 47:
		return open_gre;
	case 137:
		return link_decode_mpls; /* RFC 4023 */
	default:
		return NULL;
	}
}

nest_step *tunnel_find_udp(uint16_t sport, uint16_t dport)
{
	if (dport == 4789) {
		return open_vxlan;
	}
	if (dport == 6081) {
		return open_geneve;
	}
	return sport == 3544 || dport == 3544 ? open_teredo : NULL;
}

enum packet_result tunnel_enter(struct nest *n, nest_step *open)
{
	const size_t head =
	        offsetof(struct packet, src_mac); /* all that differs from IP header to IP header */
	struct packet *out = n->out;
	enum packet_result result;
	uint8_t outer[offsetof(struct packet, src_mac)];

	if (out->is_fragment || out->n_layers >= PACKET_NESTING_MAX) {
		return PACKET_IP;
	}
	memcpy(outer, out, head);
	out->sport = 0;
	out->dport = 0;
	out->is_joined = false;
	n->at = out->payload;
	result = open(n);
	if (result == PACKET_IP || result == PACKET_HELD) {
		return result;
	}
	memcpy(out, outer, head);
	return PACKET_IP;
}
