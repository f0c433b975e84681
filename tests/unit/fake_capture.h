#ifndef TERRIER_TESTS_FAKE_CAPTURE_H
#define TERRIER_TESTS_FAKE_CAPTURE_H

#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Capture files made octet by octet, so that a test knows what is in them. */

#define PACKETS    5
#define FIRST      1700000000u
#define PACKET_LEN 60
#define MICRO      0xa1b2c3d4u
#define NANO       0xa1b23c4du
#define KUZNETZOV  0xa1b2cd34u

/* Bytes of a file in the making. */
struct bytes {
	uint8_t at[8192];
	size_t len;
	bool big_endian;
};

static void put_octets(struct bytes *b, const void *from, size_t len)
{
	ck_assert_uint_le(b->len + len, sizeof b->at);
	memcpy(b->at + b->len, from, len);
	b->len += len;
}

static void put(struct bytes *b, uint64_t value, int width)
{
	for (int i = 0; i < width; i++) {
		int shift = 8 * (b->big_endian ? width - 1 - i : i);
		uint8_t octet = value >> shift;

		put_octets(b, &octet, 1);
	}
}

/* A UDP packet to port 1000 + n over Ethernet and IPv4. */
static void put_packet(struct bytes *b, int n)
{
	uint8_t packet[PACKET_LEN] = {
	        [12] = 8, [14] = 0x45, [17] = 46, [23] = 17, [26] = 10, [30] = 10};

	packet[33] = n;
	packet[36] = (1000 + n) >> 8;
	packet[37] = (1000 + n) & 0xff;
	put_octets(b, packet, sizeof packet);
}

static void put_pcap_header(struct bytes *b, uint32_t magic)
{
	put(b, magic, 4);
	put(b, 2, 2);
	put(b, 4, 2);
	put(b, 0, 8);
	put(b, 65535, 4);
	put(b, 1, 4);
}

static void put_pcap_record(struct bytes *b, uint32_t magic, uint32_t second, uint32_t fraction,
                            int n)
{
	put(b, second, 4);
	put(b, fraction, 4);
	put(b, PACKET_LEN, 4);
	put(b, PACKET_LEN + 40, 4);
	if (magic == KUZNETZOV) {
		put(b, 0, 8);
	}
	put_packet(b, n);
}

static struct bytes make_pcap(uint32_t magic, bool big_endian)
{
	struct bytes b = {.len = 0, .big_endian = big_endian};

	put_pcap_header(&b, magic);
	for (int i = 0; i < PACKETS; i++) {
		put_pcap_record(&b, magic, FIRST + i, magic == NANO ? 250000999 : 250000, i);
	}
	return b;
}

static void put_interface(struct bytes *b, int link_type, uint32_t snap)
{
	put(b, 1, 4);
	put(b, 20, 4);
	put(b, link_type, 4);
	put(b, snap, 4);
	put(b, 20, 4);
}

static void put_block_packet(struct bytes *b, int interface, int n)
{
	uint64_t time_us = (FIRST + n) * UINT64_C(1000000) + 250000;

	put(b, 6, 4);
	put(b, 32 + PACKET_LEN, 4);
	put(b, interface, 4);
	put(b, time_us >> 32, 4);
	put(b, time_us & 0xffffffff, 4);
	put(b, PACKET_LEN, 4);
	put(b, PACKET_LEN + 40, 4);
	put_packet(b, n);
	put(b, 32 + PACKET_LEN, 4);
}

static void put_section(struct bytes *b)
{
	put(b, 0x0a0d0d0a, 4);
	put(b, 28, 4);
	put(b, 0x1a2b3c4d, 4);
	put(b, 1, 2);
	put(b, 0, 2);
	put(b, UINT64_MAX, 8);
	put(b, 28, 4);
}

static struct bytes make_pcapng(void)
{
	struct bytes b = {.len = 0};

	put_section(&b);
	put_interface(&b, 1, 65535);
	for (int i = 0; i < PACKETS; i++) {
		put_block_packet(&b, 0, i);
	}
	return b;
}

#endif
