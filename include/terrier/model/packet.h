#ifndef TERRIER_MODEL_PACKET_H
#define TERRIER_MODEL_PACKET_H

#include "terrier/base/addr.h"
#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

#define PACKET_NESTING_MAX 8 /* IP headers, tunnels included, that are followed */
#define PACKET_VLANS_MAX   4 /* tags of the whole nest that are remembered */

/* IP protocol numbers that we name (IANA protocol-numbers). */
enum { IP_ICMP = 1, IP_IGMP = 2, IP_TCP = 6, IP_UDP = 17, IP_ICMPV6 = 58, IP_SCTP = 132 };

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };

/* Two addresses of one header of the nest, outermost first. */
struct packet_layer {
	struct addr src, dst;
};

/* What decoding makes of a frame: host byte order, innermost IP packet; nothing after it sees a frame.
 * Pointers borrow the frame (or the decoder's reassembly buffer) and live inside one capture callback. */
struct packet {
	int64_t time_us;
	uint32_t wire_len; /* octets on the wire, from the capture header */
	uint32_t cap_len;  /* octets captured */

	struct addr src, dst;   /* innermost */
	uint16_t sport, dport;  /* TCP, UDP, SCTP; otherwise 0 */
	uint8_t ip_protocol;    /* innermost, behind extension headers */
	uint8_t ip_version;     /* 4 or 6 */
	uint8_t tcp_flags;      /* TCP_* */
	uint8_t icmp_type;      /* ICMP, ICMPv6 */
	uint32_t seq, ack;      /* TCP */
	uint32_t payload_len;   /* transport payload octets as the IP length says, whatever was captured */
	struct cursor payload;  /* those that were captured; empty for a fragment that was not joined */
	bool is_fragment;       /* part of a datagram that could not be joined (counted to its flow) */
	bool is_joined;         /* payload is a reassembled datagram; `l3` is then NULL */

	const uint8_t *l3;      /* innermost IP header, for nDPI; NULL when lengths do not add up */
	uint32_t l3_len;        /* octets at `l3`: min(IP length, captured) */

	uint8_t src_mac[6], dst_mac[6]; /* outermost frame; zero where the link has none */
	uint16_t vlan[PACKET_VLANS_MAX];
	uint8_t n_vlan;         /* tags seen in the whole nest, outermost first */
	uint8_t n_layers;       /* IP headers seen, 1 without tunnel */
	struct packet_layer layers[PACKET_NESTING_MAX];
};

/* The four results of decoding. */
enum packet_result {
	PACKET_IP,        /* *out is complete */
	PACKET_NOT_IP,    /* ARP, STP, LLDP, LLC …: counted, nothing else; times, lengths, MACs, tags are set */
	PACKET_HELD,      /* a fragment kept until its datagram is whole; its octets will come with that */
	PACKET_MALFORMED, /* lengths that cannot be, or cut before the ports */
};

#endif
