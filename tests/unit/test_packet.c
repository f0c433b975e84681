#include "terrier/sensor/packet.h"

#include "unit.h"

#include "frame.h"

#include <stdio.h>

/* Decodes the inner packet behind the headers written as `hex`. */
static enum packet_result decode_behind(int link, const char *hex, struct packet *p)
{
	struct decoder *d = decoder_new(link);
	struct frame f = {.n = 0};
	enum packet_result result;

	ck_assert_ptr_nonnull(d);
	frame_hex(&f, hex);
	frame_inner(&f);
	result = frame_decode(d, &f, p);
	decoder_free(d);
	return result;
}

static enum packet_result decode_hex(int link, const char *hex, struct packet *p)
{
	struct decoder *d = decoder_new(link);
	struct frame f = {.n = 0};
	enum packet_result result;

	frame_hex(&f, hex);
	result = frame_decode(d, &f, p);
	decoder_free(d);
	return result;
}

START_TEST(every_link_layer_leads_to_its_ip_packet)
{
	static const struct {
		int link;
		const char *hex;
	} cases[] = {
		{1, ETHERNET "0800"},
		{1, ETHERNET "8100 0005 0800"},
		{1, ETHERNET "88a8 0064 8100 0005 0800"},
		{1, ETHERNET "9100 0064 8100 0005 8100 0006 0800"},
		{1, ETHERNET "0028 aaaa03 000000 0800"},
		{1, ETHERNET "0028 aaaa03 0000f8 0800"},
		{1, ETHERNET "8100 0005 0028 aaaa03 000000 0800"},
		{1, ETHERNET "0023 060603"},
		{1, ETHERNET "8870 aaaa03 000000 0800"},
		{1, ETHERNET "8847 00010140"},
		{1, ETHERNET "8847 00010040 00020140"},
		{1, ETHERNET "8848 00010140"},
		{1, ETHERNET "8847 00010140 00000000" ETHERNET "0800"},
		{1, ETHERNET "8847 00010140 00000001" ETHERNET "8100 0005 0800"},
		{1, ETHERNET "8847 00010140 00000c000002 020000000001 0800"},
		{1, ETHERNET "8847 00010140" ETHERNET "0800"},
		{1, ETHERNET "8864 1100 0001 0022 0021"},
		{1, ETHERNET "880b 0021"},
		{0, "02000000"},
		{0, "00000002"},
		{108, "00000002"},
		{9, "ff03 0021"},
		{9, "0021"},
		{9, "21"},
		{9, "ff03 21"},
		{50, "ff03 0021"},
		{50, "0f00 0800"},
		{51, "1100 0001 0022 0021"},
		{104, "8f00 0800"},
		{12, ""},
		{14, ""},
		{101, ""},
		{228, ""},
		{219, "00010140"},
		{113, "0000 0001 0006 020000000001 0000 0800"},
		{113, "0000 0001 0006 020000000001 0000 8100 0005 0800"},
		{276, "0800 0000 00000002 0001 00 06 020000000001 0000"},
	};
	struct packet p;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(packet_link_known(cases[i].link), "%d", cases[i].link);
		ck_assert_msg(decode_behind(cases[i].link, cases[i].hex, &p) == PACKET_IP, "%d %s", cases[i].link,
		              cases[i].hex);
		ck_assert_msg(is_inner(&p), "%d %s", cases[i].link, cases[i].hex);
		ck_assert_int_eq(p.n_layers, 1);
		ck_assert(!p.is_fragment && !p.is_joined);
	}
}
END_TEST

START_TEST(ipv6_is_found_behind_each_link_layer_too)
{
	static const struct {
		int link;
		const char *hex;
	} cases[] = {
		{1, ETHERNET "86dd"}, {0, "1e000000"}, {0, "0000000a"}, {0, "18000000"}, {108, "0000001c"}, {9, "0057"},
		{101, ""}, {229, ""}, {1, ETHERNET "8847 00010140"}, {113, "0000 0001 0006 020000000001 0000 86dd"},
	};
	struct packet p;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct decoder *d = decoder_new(cases[i].link);
		struct frame f = {.n = 0};
		frame_hex(&f, cases[i].hex);
		frame_ip6(&f, IP_TCP, 1, 2, 22);
		frame_tcp(&f, 1000, 2575, 5, TCP_PSH | TCP_ACK);
		frame_bytes(&f, "xy", 2);
		ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
		ck_assert(addr_is(&p.src, "2001:db8::1") && addr_is(&p.dst, "2001:db8::2"));
		ck_assert_int_eq(p.ip_version, 6);
		ck_assert_int_eq(p.dport, 2575);
		ck_assert_int_eq(p.payload_len, 2);
		decoder_free(d);
	}
}
END_TEST

START_TEST(unknown_link_types_are_refused_by_number_and_keep_the_decoder)
{
	struct decoder *d = decoder_new(1);

	ck_assert_ptr_null(decoder_new(147));
	ck_assert(!packet_link_known(127));
	ck_assert(packet_link_known(1));
	ck_assert(!decoder_set_link(d, -1));
	ck_assert(decoder_set_link(d, 101));
	struct frame f = {.n = 0};
	struct packet p;
	frame_inner(&f);
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
	decoder_free(d);
}
END_TEST

START_TEST(tags_and_addresses_of_the_outermost_frame_are_told)
{
	static const uint8_t source[6] = {2, 0, 0, 0, 0, 1}, target[6] = {2, 0, 0, 0, 0, 2}, none[6];
	struct packet p;

	decode_behind(1, ETHERNET "88a8 e064 8100 0000 8100 0005 9100 0006 8100 0007 8100 0008 0800", &p);
	ck_assert_int_eq(p.n_vlan, 4);
	ck_assert_int_eq(p.vlan[0], 0x64);
	ck_assert_int_eq(p.vlan[1], 5);
	ck_assert_int_eq(p.vlan[3], 7);
	ck_assert(is_inner(&p));
	ck_assert_mem_eq(p.src_mac, source, 6);
	ck_assert_mem_eq(p.dst_mac, target, 6);
	decode_behind(101, "", &p);
	ck_assert_mem_eq(p.src_mac, none, 6);
	ck_assert_int_eq(p.n_vlan, 0);
	decode_behind(276, "0800 0000 00000002 0001 00 06 020000000001 0000", &p);
	ck_assert_mem_eq(p.src_mac, source, 6);
}
END_TEST

START_TEST(what_is_not_ip_is_told_with_its_tags)
{
	static const struct {
		int link;
		const char *hex;
	} cases[] = {
		{1, ETHERNET "0806 0001080006040001"}, {1, "0180c2000000 020000000001 0026 424203 0000"},
		{1, ETHERNET "88cc 0207"},             {1, ETHERNET "8863 1109 0000 0000"},
		{1, ETHERNET "0040 ffff 0040"},        {1, ETHERNET "0010 aaaa03 00000c 2000 00"},
		{9, "c021 0101"},                      {0, "07000000 00"},
		{113, "0004 0338 0000 0000000000000000 0000 4500"}, {1, ETHERNET "8847 00010140 10000000 0000"},
		{50, "8f00 8035"},
	};
	struct packet p;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		ck_assert_msg(decode_hex(cases[i].link, cases[i].hex, &p) == PACKET_NOT_IP, "%s", cases[i].hex);
		ck_assert_int_eq(p.n_layers, 0);
		ck_assert_int_eq(p.time_us, 1000000);
	}
	ck_assert_int_eq(decode_hex(1, ETHERNET "8100 0136 0806 0001", &p), PACKET_NOT_IP);
	ck_assert_int_eq(p.vlan[0], 310);
}
END_TEST

START_TEST(a_frame_cut_anywhere_before_the_ports_is_malformed_and_behind_them_is_not)
{
	struct decoder *d = decoder_new(1);
	struct frame f = {.n = 0};
	struct packet p;

	frame_hex(&f, ETHERNET "8100 0005 0800");
	frame_ip4(&f, IP_TCP, 1, 2, 320);
	frame_tcp(&f, 1000, 104, 77, TCP_ACK);
	memset(f.b + f.n, 'x', 300);
	f.n += 300;
	for (uint32_t cap = 0; cap <= f.n; cap++) {
		enum packet_result result = frame_decode_at(d, &f, cap, 0, &p);
		ck_assert_msg(result == (cap < 18 + 20 + 4 ? PACKET_MALFORMED : PACKET_IP), "%u", cap);
		if (result == PACKET_IP) {
			ck_assert_int_eq(p.dport, 104);
			ck_assert_int_eq(p.payload_len, 300);
			ck_assert_int_eq(cur_left(&p.payload), cap > 58 ? cap - 58 : 0);
			ck_assert_int_eq(p.l3_len, cap - 18);
		}
	}
	ck_assert_int_eq(p.seq, 77);
	ck_assert_int_eq(p.tcp_flags, TCP_ACK);
	decoder_free(d);
}
END_TEST

START_TEST(padding_and_trailers_are_no_payload)
{
	struct decoder *d = decoder_new(1);
	struct frame f = {.n = 0};
	struct packet p;

	frame_hex(&f, ETHERNET "0800");
	frame_inner(&f);
	frame_hex(&f, "00000000 000000000000 deadbeef");
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
	ck_assert(is_inner(&p));
	decoder_free(d);
}
END_TEST

START_TEST(a_length_of_zero_means_all_that_was_captured)
{
	struct decoder *d = decoder_new(101);
	struct frame f = {.n = 0};
	struct packet p;

	frame_ip4(&f, IP_TCP, 1, 2, 20);
	f.b[2] = f.b[3] = 0;
	frame_tcp(&f, 1, 2, 0, TCP_ACK);
	frame_bytes(&f, "0123456789", 10);
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
	ck_assert_int_eq(p.payload_len, 10);
	f.n = 0;
	frame_ip6(&f, IP_UDP, 1, 2, 0);
	frame_udp(&f, 1, 2, 0);
	f.b[44] = f.b[45] = 0;
	frame_bytes(&f, "0123456789", 10);
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
	ck_assert_int_eq(p.payload_len, 10);
	decoder_free(d);
}
END_TEST

START_TEST(lengths_that_cannot_be_are_malformed)
{
	static const char *const packets[] = {
		"4400 0020 0007 0000 4011 0000 c0000201 c0000202 03e807d0000c0000 61626364", /* header 16 */
		"4500 0013 0007 0000 4011 0000 c0000201 c0000202 03e807d0000c0000 61626364", /* total 19 */
		"4f00 0020 0007 0000 4011 0000 c0000201 c0000202 03e807d0000c0000 61626364", /* header 60 */
		"5500 0020 0007 0000 4011 0000 c0000201 c0000202 03e807d0000c0000 61626364", /* version 5 */
		"4500 001b 0007 0000 4011 0000 c0000201 c0000202 03e807d0000c0000", /* 7 octets of UDP */
		"4500 0020 0007 0000 4011 0000 c0000201 c0000202 03e807d000070000 61626364", /* UDP length 7 */
		"4500 0027 0007 0000 4006 0000 c0000201 c0000202 03e8 07d0 00000000 00000000 5010 0000 0000 00",
		"4500 0028 0007 0000 4006 0000 c0000201 c0000202 03e8 07d0 00000000 00000000 4010 0000 0000 0000",
		"4500 0028 0007 0000 4006 0000 c0000201 c0000202 03e8 07d0 00000000 00000000 6010 0000 0000 0000",
		"4500 0017 0007 0000 4001 0000 c0000201 c0000202 0800 00",
		"4500 001f 0007 0000 4084 0000 c0000201 c0000202 03e8 07d0 00000000 000000",
		"6000 0000 0004 0040 20010db8000000000000000000000001 20010db8000000000000000000000002 0601 0000",
		"6000 0000 0001 2b40 20010db8000000000000000000000001 20010db8000000000000000000000002 06",
		"", "45", "60",
	};
	struct packet p;

	for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
		ck_assert_msg(decode_hex(101, packets[i], &p) == PACKET_MALFORMED, "%zu", i);
	}
}
END_TEST

START_TEST(extension_headers_are_walked_and_esp_stops)
{
	struct decoder *d = decoder_new(229);
	struct frame f = {.n = 0};
	struct packet p;

	frame_ip6(&f, 0, 1, 2, 8 + 24 + 8 + 16 + 8 + 12);
	frame_hex(&f, "2b00 0104 00000000");                                                    /* hop-by-hop */
	frame_hex(&f, "3c02 0000 00000000 20010db8000000000000000000000009");                   /* routing */
	frame_hex(&f, "3300 0104 00000000");                                                    /* destination */
	frame_hex(&f, "2c02 0000 00000001 00000001 00000000");                                  /* AH, 16 octets */
	frame_hex(&f, "1100 0000 00000005");                                                    /* atomic fragment */
	frame_udp(&f, 1000, 2000, 4);
	frame_bytes(&f, "abcd", 4);
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
	ck_assert_int_eq(p.ip_protocol, IP_UDP);
	ck_assert_int_eq(p.sport, 1000);
	ck_assert_int_eq(p.payload_len, 4);
	ck_assert(!p.is_fragment);
	f.n = 0;
	frame_ip6(&f, 50, 1, 2, 16);
	frame_hex(&f, "00000001 00000001 1111111111111111");
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
	ck_assert_int_eq(p.ip_protocol, 50);
	ck_assert_int_eq(p.sport, 0);
	ck_assert_int_eq(p.payload_len, 16);
	decoder_free(d);
}
END_TEST

START_TEST(the_other_transports_give_what_they_have)
{
	struct packet p;

	ck_assert_int_eq(decode_hex(101, "4500 0020 0007 0000 4001 0000 c0000201 c0000202 0800 0000 0001 0002 61626364",
	                            &p),
	                 PACKET_IP);
	ck_assert_int_eq(p.icmp_type, 8);
	ck_assert_int_eq(p.payload_len, 4);
	ck_assert_int_eq(p.sport, 0);
	ck_assert_int_eq(decode_hex(101, "4500 0022 0007 0000 4084 0000 c0000201 c0000202 0b59 0b5a 00000001 00000000 6162",
	                            &p),
	                 PACKET_IP);
	ck_assert_int_eq(p.sport, 2905);
	ck_assert_int_eq(p.dport, 2906);
	ck_assert_int_eq(p.payload_len, 2);
	ck_assert_int_eq(decode_hex(101, "4600 0020 0007 0000 0102 0000 c0000201 c0000202 94040000 1600 0000 e0000001", &p),
	                 PACKET_IP);
	ck_assert_int_eq(p.ip_protocol, IP_IGMP);
	ck_assert_int_eq(p.payload_len, 8);
	ck_assert_int_eq(decode_hex(101,
	                            "6000 0000 0008 3a40 20010db8000000000000000000000001 "
	                            "20010db8000000000000000000000002 8000 0000 0001 0002",
	                            &p),
	                 PACKET_IP);
	ck_assert_int_eq(p.icmp_type, 128);
	ck_assert_int_eq(p.payload_len, 4);
}
END_TEST

START_TEST(octets_behind_the_udp_length_are_no_payload)
{
	struct decoder *d = decoder_new(101);
	struct frame f = {.n = 0};
	struct packet p;

	frame_ip4(&f, IP_UDP, 1, 2, 8 + 10);
	frame_udp(&f, 1000, 2000, 4);
	frame_bytes(&f, "abcd123456", 10);
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_IP);
	ck_assert_int_eq(p.payload_len, 4);
	ck_assert_int_eq(cur_left(&p.payload), 4);
	decoder_free(d);
}
END_TEST

START_TEST(endless_nesting_of_link_headers_ends)
{
	struct decoder *d = decoder_new(1);
	struct frame f = {.n = 0};
	struct packet p;

	while (f.n < 60000) {
		frame_hex(&f, ETHERNET "8847 00010140 00000000");
	}
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_NOT_IP);
	f.n = 0;
	frame_hex(&f, ETHERNET "0040");
	while (f.n < 60000) {
		frame_hex(&f, "aaaa03 000000 0040");
	}
	ck_assert_int_eq(frame_decode(d, &f, &p), PACKET_NOT_IP);
	decoder_free(d);
}
END_TEST

START_TEST(both_directions_of_a_pair_have_the_same_hash)
{
	struct packet a = {.sport = 1}, b = {.sport = 2}, c = {.sport = 3};

	addr_parse("10.0.0.1", &a.src);
	addr_parse("10.0.0.2", &a.dst);
	b.src = a.dst;
	b.dst = a.src;
	c.src = a.src;
	addr_parse("10.0.0.3", &c.dst);
	ck_assert(packet_pair_hash(&a) == packet_pair_hash(&b));
	ck_assert(packet_pair_hash(&a) != packet_pair_hash(&c));
}
END_TEST

UNIT_MAIN("packet", every_link_layer_leads_to_its_ip_packet, ipv6_is_found_behind_each_link_layer_too,
          unknown_link_types_are_refused_by_number_and_keep_the_decoder,
          tags_and_addresses_of_the_outermost_frame_are_told, what_is_not_ip_is_told_with_its_tags,
          a_frame_cut_anywhere_before_the_ports_is_malformed_and_behind_them_is_not,
          padding_and_trailers_are_no_payload, a_length_of_zero_means_all_that_was_captured,
          lengths_that_cannot_be_are_malformed, extension_headers_are_walked_and_esp_stops,
          the_other_transports_give_what_they_have, octets_behind_the_udp_length_are_no_payload,
          endless_nesting_of_link_headers_ends, both_directions_of_a_pair_have_the_same_hash)
