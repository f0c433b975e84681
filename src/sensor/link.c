/* Link layers: from the first octet of a frame to its first IP header. What is neither IP nor a
 * known wrapping of IP ends the walk as PACKET_NOT_IP. */
#include "terrier/sensor/nest.h"

#include <string.h>

/* IEEE 802 numbers, ethertypes. */
enum {
	TYPE_IPV4 = 0x0800,
	TYPE_ARP = 0x0806,
	TYPE_ETHERNET = 0x6558, /* transparent Ethernet bridging, RFC 1701 */
	TYPE_TAG = 0x8100,      /* 802.1Q */
	TYPE_IPV6 = 0x86dd,
	TYPE_PPP = 0x880b,
	TYPE_MPLS = 0x8847,
	TYPE_MPLS_UPSTREAM = 0x8848,
	TYPE_PPPOE = 0x8864,
	TYPE_LLC = 0x8870,   /* LLC in frames too long for a length field */
	TYPE_STAG = 0x88a8,  /* 802.1ad */
	TYPE_QINQ = 0x9100,  /* before there was 802.1ad */
	TYPE_FIRST = 0x0600, /* smaller: a length (802.3) */
};

static bool is_tag(uint16_t type)
{
	return type == TYPE_TAG || type == TYPE_STAG || type == TYPE_QINQ;
}

/* LLC (802.2): SNAP with an ethertype, or IP by its own service access point. */
static enum packet_result decode_llc(struct nest *n)
{
	static const uint8_t snap[] = {0xaa, 0xaa, 0x03};
	static const uint8_t ip[] = {0x06, 0x06, 0x03};
	uint32_t oui;

	if (cur_is(&n->at, ip, sizeof ip)) {
		cur_skip(&n->at, sizeof ip);
		return ip_decode_any(n);
	}
	if (!cur_is(&n->at, snap, sizeof snap)) {
		return PACKET_NOT_IP;
	}
	cur_skip(&n->at, sizeof snap);
	oui = cur_u24(&n->at);
	uint16_t type = cur_u16(&n->at);
	if (n->at.bad) {
		return PACKET_MALFORMED;
	}
	/* RFC 1042; 0000f8 is 802.1H, the bridge tunnel */
	return oui == 0 || oui == 0xf8 ? link_decode_ethertype(n, type) : PACKET_NOT_IP;
}

/* PPP (RFC 1661, 1662): with or without address and control, with a protocol field of one or two
 * octets. */
static enum packet_result decode_ppp(struct nest *n)
{
	static const uint8_t hdlc[] = {0xff, 0x03};
	uint16_t protocol;

	if (cur_is(&n->at, hdlc, sizeof hdlc)) {
		cur_skip(&n->at, sizeof hdlc);
	}
	protocol = cur_u8(&n->at);
	if ((protocol & 1) == 0) {
		protocol = (uint16_t)(protocol << 8 | cur_u8(&n->at));
	}
	if (n->at.bad) {
		return PACKET_MALFORMED;
	}
	switch (protocol) {
	case 0x0021:
		return ip_decode_v4(n);
	case 0x0057:
		return ip_decode_v6(n);
	case 0x0281:
	case 0x0283:
		return link_decode_mpls(n);
	default:
		return PACKET_NOT_IP;
	}
}

/* PPPoE session (RFC 2516): version and type, code, session, length. */
static enum packet_result decode_pppoe(struct nest *n)
{
	uint8_t version = cur_u8(&n->at);
	uint8_t code = cur_u8(&n->at);

	cur_skip(&n->at, 4);
	if (n->at.bad || version != 0x11) {
		return PACKET_MALFORMED;
	}
	return code == 0 ? decode_ppp(n) : PACKET_NOT_IP;
}

/* True when an Ethernet header `skip` octets on would have a type that we know: pseudowires do not
 * say whether a control word comes first (RFC 4448, RFC 4928). */
static bool has_ethernet_at(const struct nest *n, size_t skip)
{
	uint16_t type;

	if (cur_left(&n->at) < skip + 14) {
		return false;
	}
	type = nest_u16(n->at.p + skip + 12);
	return type == TYPE_IPV4 || type == TYPE_IPV6 || type == TYPE_ARP || is_tag(type) ||
	       type == TYPE_MPLS || type == TYPE_PPPOE;
}

enum packet_result link_decode_mpls(struct nest *n)
{
	uint32_t label;

	do {
		label = cur_u32(&n->at);
	} while (!n->at.bad && (label & 0x100) == 0); /* bottom of stack, RFC 3032 2.1 */
	if (cur_left(&n->at) == 0) {
		return PACKET_MALFORMED;
	}
	switch (n->at.p[0] >> 4) {
	case 4:
		return ip_decode_v4(n);
	case 6:
		return ip_decode_v6(n);
	case 0:
		if (has_ethernet_at(n, 4)) {
			cur_skip(&n->at, 4);
		}
		break;
	default:
		break;
	}
	return has_ethernet_at(n, 0) ? link_decode_ethernet(n) : PACKET_NOT_IP;
}

enum packet_result link_decode_ethertype(struct nest *n, uint16_t type)
{
	if (++n->n_links > NEST_LINKS_MAX) {
		return PACKET_NOT_IP;
	}
	while (is_tag(type)) {
		const uint8_t *tag = cur_take(&n->at, 4);
		if (tag == NULL) {
			return PACKET_MALFORMED;
		}
		nest_add_vlan(n, nest_u16(tag));
		type = nest_u16(tag + 2);
	}
	switch (type) {
	case TYPE_IPV4:
		return ip_decode_v4(n);
	case TYPE_IPV6:
		return ip_decode_v6(n);
	case TYPE_MPLS:
	case TYPE_MPLS_UPSTREAM:
		return link_decode_mpls(n);
	case TYPE_PPPOE:
		return decode_pppoe(n);
	case TYPE_PPP:
		return decode_ppp(n);
	case TYPE_ETHERNET:
		return link_decode_ethernet(n);
	case TYPE_LLC:
		return decode_llc(n);
	default:
		return type < TYPE_FIRST ? decode_llc(n) : PACKET_NOT_IP;
	}
}

enum packet_result link_decode_ethernet(struct nest *n)
{
	const uint8_t *b = cur_take(&n->at, 14);

	return b != NULL ? link_decode_ethertype(n, nest_u16(b + 12)) : PACKET_MALFORMED;
}

/* The frame's own Ethernet header: the only one whose addresses are kept. */
static enum packet_result decode_outer_ethernet(struct nest *n)
{
	const uint8_t *b = cur_take(&n->at, 14);

	if (b == NULL) {
		return PACKET_MALFORMED;
	}
	memcpy(n->out->dst_mac, b, 6);
	memcpy(n->out->src_mac, b + 6, 6);
	return link_decode_ethertype(n, nest_u16(b + 12));
}

/* BSD loopback: an address family in the byte order of the machine that captured (LINKTYPE_NULL) or
 * of the network (LINKTYPE_LOOP). Families fit in an octet. */
static enum packet_result decode_null(struct nest *n)
{
	uint32_t family = cur_u32(&n->at);

	if (n->at.bad) {
		return PACKET_MALFORMED;
	}
	switch (family > 0xff ? family >> 24 : family) {
	case 2:
		return ip_decode_v4(n);
	case 10: /* AF_INET6 of Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS */
	case 23:
	case 24:
	case 28:
	case 30:
		return ip_decode_v6(n);
	default:
		return PACKET_NOT_IP;
	}
}

/* Cisco HDLC: address, control, ethertype. */
static enum packet_result decode_chdlc(struct nest *n)
{
	cur_skip(&n->at, 2);
	uint16_t type = cur_u16(&n->at);

	return n->at.bad ? PACKET_MALFORMED : link_decode_ethertype(n, type);
}

/* Serial lines carry either; 0x0f and 0x8f are Cisco's addresses (unicast, multicast). */
static enum packet_result decode_serial(struct nest *n)
{
	if (cur_left(&n->at) > 0 && (n->at.p[0] & 0x7f) == 0x0f) {
		return decode_chdlc(n);
	}
	return decode_ppp(n);
}

#define ARPHRD_NETLINK                                                                             \
	824 /* messages of a Linux kernel, with a "protocol" that is no ethertype                  \
	     */

static enum packet_result decode_cooked(struct nest *n, uint16_t hardware, uint16_t addr_len,
                                        const uint8_t *addr, uint16_t type)
{
	if (addr_len == sizeof n->out->src_mac) {
		memcpy(n->out->src_mac, addr, sizeof n->out->src_mac);
	}
	return hardware != ARPHRD_NETLINK ? link_decode_ethertype(n, type) : PACKET_NOT_IP;
}

/* Linux cooked capture: packet type, hardware, address length, address, protocol. */
static enum packet_result decode_sll(struct nest *n)
{
	const uint8_t *b = cur_take(&n->at, 16);

	if (b == NULL) {
		return PACKET_MALFORMED;
	}
	return decode_cooked(n, nest_u16(b + 2), nest_u16(b + 4), b + 6, nest_u16(b + 14));
}

/* Version 2: protocol, reserved, interface, hardware, packet type, address length, address. */
static enum packet_result decode_sll2(struct nest *n)
{
	const uint8_t *b = cur_take(&n->at, 20);

	if (b == NULL) {
		return PACKET_MALFORMED;
	}
	return decode_cooked(n, nest_u16(b + 8), b[11], b + 12, nest_u16(b));
}

/* LINKTYPE_ numbers (tcpdump.org/linktypes.html); 12 and 14 are DLT_RAW where it is not 101. */
const struct link *link_find(int type)
{
	static const struct link links[] = {
	        {1, decode_outer_ethernet}, /* Ethernet */
	        {0, decode_null},           /* BSD loopback */
	        {9, decode_serial},         /* PPP */
	        {12, ip_decode_any},        /* raw IP */
	        {14, ip_decode_any},        /* raw IP */
	        {50, decode_serial},        /* PPP in HDLC framing */
	        {51, decode_pppoe},         /* PPPoE */
	        {101, ip_decode_any},       /* raw IP */
	        {104, decode_serial},       /* Cisco HDLC */
	        {108, decode_null},         /* OpenBSD loopback */
	        {113, decode_sll},          /* Linux cooked */
	        {219, link_decode_mpls},    /* MPLS */
	        {228, ip_decode_v4},        /* raw IPv4 */
	        {229, ip_decode_v6},        /* raw IPv6 */
	        {276, decode_sll2},         /* Linux cooked v2 */
	};

	for (size_t i = 0; i < sizeof links / sizeof links[0]; i++) {
		if (links[i].type == type) {
			return &links[i];
		}
	}
	return NULL;
}
