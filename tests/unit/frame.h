#ifndef TERRIER_TESTS_FRAME_H
#define TERRIER_TESTS_FRAME_H

#include "terrier/sensor/packet.h"

#include <check.h>
#include <ctype.h>
#include <string.h>

/* Builds frames header by header; lengths are given, so that they can be wrong. */
struct frame {
	uint8_t b[66000];
	uint32_t n;
};

#define ETHERNET "020000000002 020000000001 "
#define INNER_LEN 32 /* octets of frame_inner() */

/* Appends octets written as hexadecimal digits. */
static inline void frame_hex(struct frame *f, const char *hex)
{
	int high = -1;

	for (; *hex != '\0'; hex++) {
		if (isspace((unsigned char)*hex)) {
			continue;
		}
		int digit = isdigit((unsigned char)*hex) ? *hex - '0' : tolower(*hex) - 'a' + 10;
		if (high < 0) {
			high = digit;
		} else {
			f->b[f->n++] = (uint8_t)(high << 4 | digit);
			high = -1;
		}
	}
	ck_assert_int_eq(high, -1);
}

static inline void frame_bytes(struct frame *f, const void *bytes, size_t len)
{
	memcpy(f->b + f->n, bytes, len);
	f->n += len;
}

static inline void frame_u16(struct frame *f, unsigned value)
{
	frame_bytes(f, (const uint8_t[]){value >> 8, value}, 2);
}

static inline void frame_u32(struct frame *f, uint32_t value)
{
	frame_u16(f, value >> 16);
	frame_u16(f, value);
}

/* IPv4 from 192.0.2.`from` to 192.0.2.`to` with `len` octets behind the header; `where` is flags and offset. */
static inline void frame_ip4_part(struct frame *f, int protocol, uint8_t from, uint8_t to, unsigned len,
                                  unsigned id, unsigned where)
{
	frame_hex(f, "4500");
	frame_u16(f, len + 20);
	frame_u16(f, id);
	frame_u16(f, where);
	frame_bytes(f, (const uint8_t[]){64, protocol, 0, 0, 192, 0, 2, from, 192, 0, 2, to}, 12);
}

static inline void frame_ip4(struct frame *f, int protocol, uint8_t from, uint8_t to, unsigned len)
{
	frame_ip4_part(f, protocol, from, to, len, 7, 0);
}

/* IPv6 from 2001:db8::`from` to 2001:db8::`to` with `len` octets behind the header. */
static inline void frame_ip6(struct frame *f, int next, uint8_t from, uint8_t to, unsigned len)
{
	frame_hex(f, "60000000");
	frame_u16(f, len);
	frame_bytes(f, (const uint8_t[]){next, 64}, 2);
	frame_hex(f, "20010db8 0000000000000000 000000");
	frame_bytes(f, &from, 1);
	frame_hex(f, "20010db8 0000000000000000 000000");
	frame_bytes(f, &to, 1);
}

/* UDP with `len` octets of payload to come. */
static inline void frame_udp(struct frame *f, unsigned sport, unsigned dport, unsigned len)
{
	frame_u16(f, sport);
	frame_u16(f, dport);
	frame_u16(f, len + 8);
	frame_u16(f, 0);
}

static inline void frame_tcp(struct frame *f, unsigned sport, unsigned dport, uint32_t seq, unsigned flags)
{
	frame_u16(f, sport);
	frame_u16(f, dport);
	frame_u32(f, seq);
	frame_u32(f, 99);
	frame_bytes(f, (const uint8_t[]){0x50, flags, 1, 0, 0, 0, 0, 0}, 8);
}

/* A whole IPv4 packet, UDP 1000 to 2000 with the payload "abcd". */
static inline void frame_inner(struct frame *f)
{
	frame_ip4(f, IP_UDP, 1, 2, 12);
	frame_udp(f, 1000, 2000, 4);
	frame_bytes(f, "abcd", 4);
}

static inline bool addr_is(const struct addr *a, const char *text)
{
	struct addr b;

	ck_assert_msg(addr_parse(text, &b), "%s", text);
	return addr_cmp(a, &b) == 0;
}

static inline bool is_inner(const struct packet *p)
{
	return addr_is(&p->src, "192.0.2.1") && addr_is(&p->dst, "192.0.2.2") && p->sport == 1000 &&
	       p->dport == 2000 && p->ip_protocol == IP_UDP && p->payload_len == 4 && cur_left(&p->payload) == 4 &&
	       memcmp(p->payload.p, "abcd", 4) == 0 && p->ip_version == 4 && p->l3 != NULL && p->l3_len == INNER_LEN;
}

/* Decodes a copy of exactly the frame's size, so that a sanitizer sees a read behind it. */
static inline enum packet_result frame_decode_at(struct decoder *d, const struct frame *f, uint32_t cap_len,
                                                 int64_t time_us, struct packet *p)
{
	static uint8_t *copy; /* lives until the next call, as the capture's buffer does */

	free(copy);
	copy = malloc(cap_len > 0 ? cap_len : 1);
	memcpy(copy, f->b, cap_len);
	return packet_decode(d, copy, cap_len, f->n, time_us, p);
}

static inline enum packet_result frame_decode(struct decoder *d, const struct frame *f, struct packet *p)
{
	return frame_decode_at(d, f, f->n, 1000000, p);
}

#endif
