#ifndef TERRIER_SENSOR_NEST_H
#define TERRIER_SENSOR_NEST_H

#include "terrier/base/cursor.h"
#include "terrier/model/packet.h"
#include "terrier/sensor/fragment.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What the files that decode a frame (packet, link, ip, tunnel) share, and nobody else: a walk from
 * the outermost header inwards. Each step reads its header off `at` and calls the next step. */

#define NEST_LINKS_MAX 16 /* link headers of one frame that are followed: bounds the recursion */

struct nest {
	struct packet *out;
	struct fragment_pool *pool;
	struct cursor at; /* what is still to be read */
	uint32_t cut;     /* octets that followed `at` on the wire and were not captured */
	unsigned int n_links;
};

typedef enum packet_result nest_step(struct nest *n);

/* One link type: its LINKTYPE_ number and the step that reads its header. */
struct link {
	int type;
	nest_step *decode;
};

/* The link type of that number; NULL when it is not understood. */
const struct link *link_find(int type);

/* Link headers that tunnels carry too. */
enum packet_result link_decode_ethernet(struct nest *n);
enum packet_result link_decode_ethertype(struct nest *n, uint16_t type);
enum packet_result link_decode_mpls(struct nest *n);

/* IP headers, and all that is behind them. */
enum packet_result ip_decode_v4(struct nest *n);
enum packet_result ip_decode_v6(struct nest *n);
enum packet_result ip_decode_any(struct nest *n); /* by the version in the first octet */

/* The step that opens the tunnel an IP protocol or a pair of UDP ports stands for; NULL when it is
 * none. */
nest_step *tunnel_find_ip(uint8_t protocol);
nest_step *tunnel_find_udp(uint16_t sport, uint16_t dport);

/* Takes the step into a tunnel whose outer packet is complete in `out`. When there is no IP packet
 * inside that can be decoded, the outer one stands; tags and IP headers seen inside are kept, so
 * that exclusions still see them. */
enum packet_result tunnel_enter(struct nest *n, nest_step *open);

/* 16 and 32 bits in network order. */
static inline uint16_t nest_u16(const uint8_t *b)
{
	return (uint16_t)(b[0] << 8 | b[1]);
}

static inline uint32_t nest_u32(const uint8_t *b)
{
	return (uint32_t)nest_u16(b) << 16 | nest_u16(b + 2);
}

/* Octets still to come as the headers so far say, captured or not. */
static inline uint32_t nest_left(const struct nest *n)
{
	return (uint32_t)cur_left(&n->at) + n->cut;
}

/* A header says that `len` octets are left: what follows them is padding or a trailer. */
static inline void nest_clip(struct nest *n, uint32_t len)
{
	uint32_t captured = (uint32_t)cur_left(&n->at);

	if (len <= captured) {
		n->at.end = n->at.p + len;
		n->cut = 0;
	} else {
		n->cut = len - captured;
	}
}

/* Remembers a tag; VLAN 0 only carries a priority (IEEE 802.1Q 9.6). */
static inline void nest_add_vlan(struct nest *n, uint16_t tci)
{
	uint16_t id = tci & 0xfff;

	if (id != 0 && n->out->n_vlan < PACKET_VLANS_MAX) {
		n->out->vlan[n->out->n_vlan++] = id;
	}
}

#endif
