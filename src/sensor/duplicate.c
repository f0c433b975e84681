/* The second copy of a packet that a mirror makes.
 *
 * Two packets are the same when everything that neither switch nor router changes is the same:
 * addresses, protocol, length, IP identification and flags, and of what IP carries the first 64
 * octets (transport header with its checksum, ports, sequence numbers, options) and the last 16.
 * Left out are what may differ between copies: link header, tag, TTL, DSCP and ECN, header
 * checksum, encapsulation around.
 *
 * Hosts do send equal packets twice. With an identification that counts, those differ in it, and
 * the whole window stands. IPv6 has none, and IPv4 may leave it 0 in packets that cannot be
 * fragmented (RFC 6864 4.1; Linux does for sockets that are not connected and for SYN-ACK and RST).
 * There a copy must have come another way (other MAC, tag, TTL or nesting: a host does not vary
 * these) or within 1 ms, the time a switch needs and few senders do: a fast retransmission or a
 * datagram sent twice on purpose comes later, or is a loss of octets that say nothing new. */
#include "terrier/sensor/duplicate.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS_DEFAULT  16384
#define SLOTS_MAX      (1u << 24)
#define WINDOW_DEFAULT 20000
#define WINDOW_MAX     (INT64_C(1) << 30) /* times are kept in 32 bits */
#define WINDOW_WEAK    1000               /* without identification, by the same way */
#define WAYS           4                  /* entries of a set: a cache line */

#define HEAD_OCTETS 64
#define TAIL_OCTETS 16
#define CUT_OCTETS                                                                                 \
	32 /* of a packet cut by the snap length: what tagged and untagged copies share */

struct entry {
	uint64_t digest;  /* 0: never used */
	uint32_t time_us; /* low bits */
	uint32_t way;     /* which way it came; 0 when that does not matter */
};

struct duplicate_filter {
	struct entry *entries;
	uint64_t set_mask;
	uint32_t window_us;
};

struct duplicate_filter *duplicate_new(unsigned slots, int64_t window_us)
{
	struct duplicate_filter *f = mem_zalloc(1, sizeof *f);
	size_t n = WAYS;

	if (slots == 0) {
		slots = SLOTS_DEFAULT;
	}
	if (window_us <= 0) {
		window_us = WINDOW_DEFAULT;
	}
	while (n < slots && n < SLOTS_MAX) {
		n *= 2;
	}
	f->entries = mem_zalloc(n, sizeof *f->entries);
	f->set_mask = n / WAYS - 1;
	f->window_us = (uint32_t)(window_us < WINDOW_MAX ? window_us : WINDOW_MAX);
	return f;
}

void duplicate_free(struct duplicate_filter *f)
{
	if (f != NULL) {
		free(f->entries);
		free(f);
	}
}

static uint64_t load(const uint8_t *b)
{
	uint64_t value;

	memcpy(&value, b, sizeof value);
	return value;
}

/* One multiply and one shift a word (the step of MurmurHash64); enough where nobody gains by a
 * collision: who could forge one could as well have sent nothing. */
static uint64_t stir(uint64_t h, uint64_t value)
{
	h = (h ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static inline uint64_t stir_words(uint64_t h, const uint8_t *b, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		h = stir(h, load(b + 8 * i));
	}
	return h;
}

static uint64_t stir_octets(uint64_t h, const uint8_t *b, uint32_t len)
{
	uint8_t rest[8] = {0};

	h = stir_words(h, b, len / 8);
	memcpy(rest, b + len / 8 * 8, len % 8);
	return stir(h, load(rest));
}

/* What IP carries: `len` octets captured of it. */
static uint64_t stir_body(uint64_t h, const uint8_t *b, uint32_t len, bool is_cut)
{
	if (is_cut && len >= CUT_OCTETS) {
		return stir_words(h, b, CUT_OCTETS / 8);
	}
	if (len <= HEAD_OCTETS) {
		return stir_octets(h, b, len);
	}
	h = stir_words(h, b, HEAD_OCTETS / 8);
	return stir_words(h, b + len - TAIL_OCTETS, TAIL_OCTETS / 8);
}

/* The last word stirred in has not yet reached the bits that choose the set. Never 0. */
static uint64_t finish(uint64_t h)
{
	return stir(h, 0) | 1;
}

/* The digest. `*is_weak` tells that nothing but the content speaks for it. */
static uint64_t digest_v4(const struct packet *p, bool *is_weak)
{
	const uint8_t *b = p->l3;
	uint32_t header = (b[0] & 15) * 4u;
	uint32_t len = (uint32_t)b[2] << 8 | b[3];
	/* length, identification, flags and offset, protocol; not the TTL between */
	static const uint8_t mask[8] = {255, 255, 255, 255, 255, 255, 0, 255};
	uint64_t h = stir(stir(0, load(b + 2) & load(mask)), load(b + 12));

	*is_weak = b[4] == 0 && b[5] == 0;
	return finish(stir_body(h, b + header, p->l3_len - header, len > p->l3_len));
}

static uint64_t digest_v6(const struct packet *p, bool *is_weak)
{
	const uint8_t *b = p->l3;
	uint32_t len = ((uint32_t)b[4] << 8 | b[5]) + 40;
	uint64_t h = stir(1, (uint64_t)len << 8 | b[6]);

	h = stir_words(h, b + 8, 4);
	*is_weak = true;
	return finish(stir_body(h, b + 40, p->l3_len - 40, len > p->l3_len));
}

/* Which way the packet came. */
static uint32_t way_of(const struct packet *p)
{
	uint8_t ttl = p->l3[p->ip_version == 4 ? 8 : 7];
	uint64_t h = stir(2, (uint64_t)p->n_layers << 16 | (uint64_t)p->n_vlan << 8 | ttl);

	h = stir_octets(h, p->src_mac, sizeof p->src_mac);
	h = stir_octets(h, p->dst_mac, sizeof p->dst_mac);
	for (size_t i = 0; i < p->n_vlan; i++) {
		h = stir(h, p->vlan[i]);
	}
	return (uint32_t)(h >> 32) | 1;
}

/* Time may step back a little between the queues of a card: both sides of the window count. */
static bool is_within(const struct entry *e, uint32_t now_us, uint32_t window_us)
{
	return now_us - e->time_us + window_us <= 2 * window_us;
}

static bool is_copy(const struct duplicate_filter *f, const struct entry *e,
                    const struct entry *new)
{
	if (new->way == 0 || new->way != e->way || f->window_us < WINDOW_WEAK) {
		return is_within(e, new->time_us, f->window_us);
	}
	return is_within(e, new->time_us, WINDOW_WEAK);
}

bool duplicate_seen(struct duplicate_filter *f, const struct packet *p)
{
	struct entry *set, *oldest;
	struct entry new;
	bool is_weak;

	if (p->l3 == NULL) {
		return false; /* joined: copies of its fragments were dropped when they came */
	}
	new.digest = p->ip_version == 4 ? digest_v4(p, &is_weak) : digest_v6(p, &is_weak);
	new.time_us = (uint32_t)p->time_us;
	new.way = is_weak ? way_of(p) : 0;
	set = &f->entries[(new.digest >> 40 & f->set_mask) * WAYS];
	oldest = set;
	for (struct entry *e = set; e < set + WAYS; e++) {
		if (e->digest == new.digest) {
			if (is_copy(f, e, &new)) {
				return true; /* its time stays: a steady repetition is none */
			}
			oldest = e;
			break;
		}
		if (new.time_us - e->time_us > new.time_us - oldest->time_us) {
			oldest = e;
		}
	}
	*oldest = new;
	return false;
}
