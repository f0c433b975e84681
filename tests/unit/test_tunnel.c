#include "terrier/sensor/packet.h"

#include "unit.h"

#include "frame.h"

#include <stdio.h>

static struct decoder *raw;

/* Decodes an IPv4 packet 192.0.2.11 > 192.0.2.12 of `protocol` that carries `hex` and then the inner packet. */
static enum packet_result decode_in(int protocol, const char *hex, struct packet *p)
{
	struct frame f = {.n = 20};

	raw = raw != NULL ? raw : decoder_new(101);
	frame_hex(&f, hex);
	frame_inner(&f);
	unsigned len = f.n - 20;
	f.n = 0;
	frame_ip4(&f, protocol, 11, 12, len);
	f.n += len;
	return frame_decode(raw, &f, p);
}

/* The same behind UDP. */
static enum packet_result decode_in_udp(unsigned sport, unsigned dport, const char *hex, struct packet *p)
{
	char text[400];
	struct frame f = {.n = 0};

	frame_hex(&f, hex);
	snprintf(text, sizeof text, "%04x %04x %04x 0000 %s", sport, dport, f.n + 8 + INNER_LEN, hex);
	return decode_in(IP_UDP, text, p);
}

START_TEST(tunnels_lead_to_the_packet_inside)
{
	static const struct {
		int protocol;
		const char *hex;
	} cases[] = {
		{4, ""},
		{137, "00010140"},
		{51, "0402 0000 00000001 00000001 00000000"}, /* AH, then IP in IP */
		{47, "0000 0800"},
		{47, "8000 0800 00000000"},
		{47, "2000 0800 00000001"},
		{47, "1000 0800 00000001"},
		{47, "b000 0800 00000000 00000001 00000001"},
		{47, "4000 0800 00000000 0800 00 04 c0000209 0000 00 00"},
		{47, "0000 6558" ETHERNET "0800"},
		{47, "0000 8847 00010140"},
		{47, "0000 880b ff03 0021"},
		{47, "0000 88be" ETHERNET "0800"},
		{47, "1000 88be 00000001 1005 0001 00000000" ETHERNET "0800"},
		{47, "1000 22eb 00000001 2005 0001 00000000 0000 0000" ETHERNET "0800"},
		{47, "1000 22eb 00000001 2005 0001 00000000 0000 0001 0000000000000000" ETHERNET "0800"},
		{47, "1000 22eb 00000001 2005 0001 00000000 0000 0800"},
	};
	struct packet p;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_int_eq(decode_in(cases[i].protocol, cases[i].hex, &p), PACKET_IP);
		ck_assert_msg(is_inner(&p), "%s", cases[i].hex);
		ck_assert_int_eq(p.n_layers, 2);
		ck_assert(addr_is(&p.layers[0].src, "192.0.2.11") && addr_is(&p.layers[1].dst, "192.0.2.2"));
	}
}
END_TEST

START_TEST(tunnels_over_udp_lead_to_the_packet_inside)
{
	static const struct {
		unsigned sport, dport;
		const char *hex;
	} cases[] = {
		{50000, 4789, "08000000 00000100" ETHERNET "0800"},
		{50000, 4789, "88000001 00000100" ETHERNET "8100 0005 0800"},
		{50000, 6081, "0000 6558 00000100" ETHERNET "0800"},
		{50000, 6081, "0240 0800 00000100 0102 0001 00000000"},
	};
	struct packet p;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_int_eq(decode_in_udp(cases[i].sport, cases[i].dport, cases[i].hex, &p), PACKET_IP);
		ck_assert_msg(is_inner(&p), "%s", cases[i].hex);
		ck_assert_int_eq(p.n_layers, 2);
	}
}
END_TEST

START_TEST(ipv6_crosses_ipv4_by_6in4_and_teredo)
{
	static const struct {
		unsigned port;
		const char *hex;
		bool is_tunnel;
	} cases[] = {
		{0, "", true},
		{3544, "", true},
		{3544, "0000 1234 c0000209", true},
		{3544, "0001 0000 1122334455667788 00", true},
		{3544, "0001 0204 4142 43444546 1122334455667788 00 0000 1234 c0000209", true},
		{3544, "11", false},
		{3545, "", false},
	};
	struct decoder *d = decoder_new(101);
	struct packet p;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct frame inside = {.n = 0}, f = {.n = 0};
		frame_hex(&inside, cases[i].hex);
		uint32_t at = inside.n;
		frame_ip6(&inside, IP_UDP, 1, 2, 12);
		memcpy(inside.b + at + 8, "\x20\x01\x00\x00", 4);
		frame_udp(&inside, 1000, 2000, 4);
		frame_bytes(&inside, "abcd", 4);
		frame_ip4(&f, cases[i].port != 0 ? IP_UDP : 41, 11, 12, inside.n + (cases[i].port != 0 ? 8 : 0));
		if (cases[i].port != 0) {
			frame_udp(&f, 50000, cases[i].port, inside.n);
		}
		frame_bytes(&f, inside.b, inside.n);
		ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
		ck_assert_int_eq(p.n_layers, cases[i].is_tunnel ? 2 : 1);
		ck_assert_int_eq(p.sport, cases[i].is_tunnel ? 1000 : 50000);
	}
	decoder_free(d);
}
END_TEST

START_TEST(a_tunnel_with_nothing_known_inside_is_the_outer_packet)
{
	static const struct {
		unsigned dport;
		const char *hex;
	} cases[] = {
		{4789, "00000000 00000100" ETHERNET "0800"}, /* no I flag */
		{4789, "08000000 00000101" ETHERNET "0800"},
		{4789, "08000000 00000100" ETHERNET "0806"},
		{4789, "08000000 00000100" ETHERNET "86dd"},
		{4789, "0800"},
		{6081, "4000 6558 00000100" ETHERNET "0800"}, /* version 1 */
		{6081, "3f00 6558 00000100" ETHERNET "0800"}, /* more options than octets */
		{3544, "0001 ffff"},
	};
	struct packet p;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct frame f = {.n = 0};
		ck_assert_int_eq(decode_in_udp(50000, cases[i].dport, cases[i].hex, &p), PACKET_IP);
		frame_hex(&f, cases[i].hex);
		ck_assert_int_eq(p.sport, 50000);
		ck_assert_int_eq(p.dport, cases[i].dport);
		ck_assert_int_eq(p.payload_len, f.n + INNER_LEN);
		ck_assert_int_eq(p.ip_protocol, IP_UDP);
		ck_assert(addr_is(&p.src, "192.0.2.11"));
		ck_assert_int_eq(p.l3_len, 28 + f.n + INNER_LEN);
	}
	ck_assert_int_eq(decode_in(47, "0001 880b 0000 0000", &p), PACKET_IP); /* PPTP */
	ck_assert_int_eq(p.ip_protocol, 47);
	ck_assert_int_eq(decode_in(47, "b000 0800", &p), PACKET_IP);
	ck_assert_int_eq(decode_in(47, "4000 0800 00000000 0800 00 ff", &p), PACKET_IP);
	ck_assert_int_eq(p.n_layers, 1);
}
END_TEST

START_TEST(what_was_seen_inside_is_kept_for_exclusions_when_the_outer_packet_stands)
{
	struct packet p;

	/* an ARP in VLAN 310 */
	ck_assert_int_eq(decode_in_udp(50000, 4789, "08000000 00000100" ETHERNET "8100 0136 0806", &p), PACKET_IP);
	ck_assert_int_eq(p.dport, 4789);
	ck_assert_int_eq(p.n_vlan, 1);
	ck_assert_int_eq(p.vlan[0], 310);
	/* a packet whose TCP header cannot be */
	ck_assert_int_eq(decode_in(47, "0000 0800 4500 0020 0007 0000 4006 0000 c0a83201 c0000202", &p), PACKET_IP);
	ck_assert_int_eq(p.ip_protocol, 47);
	ck_assert_int_eq(p.n_layers, 2);
	ck_assert(addr_is(&p.layers[1].src, "192.168.50.1"));
	ck_assert(addr_is(&p.src, "192.0.2.11"));
}
END_TEST

START_TEST(the_vlan_that_erspan_names_is_told)
{
	struct packet p;

	decode_in(47, "1000 88be 00000001 1136 0001 00000000" ETHERNET "8100 0007 0800", &p);
	ck_assert_int_eq(p.n_vlan, 2);
	ck_assert_int_eq(p.vlan[0], 310);
	ck_assert_int_eq(p.vlan[1], 7);
}
END_TEST

START_TEST(nesting_is_followed_as_far_as_layers_are_kept)
{
	struct decoder *d = decoder_new(101);
	struct packet p;

	for (int depth = 1; depth <= 40; depth++) {
		struct frame f = {.n = 0};
		for (int i = depth; i > 1; i--) {
			frame_ip4(&f, 4, i, i + 1, (i - 2) * 20 + INNER_LEN);
		}
		frame_inner(&f);
		ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
		ck_assert_int_eq(p.n_layers, depth < PACKET_NESTING_MAX ? depth : PACKET_NESTING_MAX);
		ck_assert(is_inner(&p) == (depth <= PACKET_NESTING_MAX));
	}
	ck_assert_int_eq(p.ip_protocol, 4);
	decoder_free(d);
}
END_TEST

START_TEST(a_cut_tunnel_still_tells_the_lengths_inside)
{
	struct decoder *d = decoder_new(101);
	struct frame f = {.n = 0};
	struct packet p;

	frame_ip4(&f, 47, 11, 12, 4 + 20 + 20 + 1000);
	frame_hex(&f, "0000 0800");
	frame_ip4(&f, IP_TCP, 1, 2, 1020);
	frame_tcp(&f, 1000, 104, 1, TCP_ACK);
	f.n += 1000;
	ck_assert_int_eq(frame_decode_at(d, &f, 96, 0, &p), PACKET_IP);
	ck_assert_int_eq(p.payload_len, 1000);
	ck_assert_int_eq(cur_left(&p.payload), 96 - 64);
	ck_assert_int_eq(p.dport, 104);
	decoder_free(d);
}
END_TEST

UNIT_MAIN("tunnel", tunnels_lead_to_the_packet_inside, tunnels_over_udp_lead_to_the_packet_inside,
          ipv6_crosses_ipv4_by_6in4_and_teredo, a_tunnel_with_nothing_known_inside_is_the_outer_packet,
          what_was_seen_inside_is_kept_for_exclusions_when_the_outer_packet_stands,
          the_vlan_that_erspan_names_is_told, nesting_is_followed_as_far_as_layers_are_kept,
          a_cut_tunnel_still_tells_the_lengths_inside)
