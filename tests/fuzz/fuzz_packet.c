/* Frames through the decoder and the filter of copies. The first octet chooses the link type; then frames follow,
 * each behind two octets of length, so that fragments and copies meet. */
#include "terrier/sensor/duplicate.h"
#include "terrier/sensor/packet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds) {
		abort();
	}
}

/* What every reader of a packet may rely on; reads every octet it hands out. */
static void check_packet(const struct packet *p)
{
	volatile uint8_t sum = 0;

	check(p->n_layers >= 1 && p->n_layers <= PACKET_NESTING_MAX && p->n_vlan <= PACKET_VLANS_MAX);
	check(p->ip_version == 4 || p->ip_version == 6);
	check((p->l3 == NULL) == p->is_joined);
	check(!p->is_joined || !p->is_fragment);
	check(cur_left(&p->payload) <= p->payload_len && !p->payload.bad);
	for (const uint8_t *b = p->payload.p; b < p->payload.end; b++) {
		sum ^= *b;
	}
	for (uint32_t i = 0; i < p->l3_len; i++) {
		sum ^= p->l3[i];
	}
	(void)sum;
	packet_pair_hash(p);
}

static void decode(struct decoder *d, struct duplicate_filter *f, const uint8_t *frame, uint32_t len, int64_t time_us)
{
	uint8_t *copy = malloc(len > 0 ? len : 1); /* of the exact size, to notice reads behind it */
	uint32_t wire_len = len > 0 && frame[len - 1] == 0xff ? len + 100 : len;
	struct packet p;
	enum packet_result result;

	memcpy(copy, frame, len);
	result = packet_decode(d, copy, len, wire_len, time_us, &p);
	check(p.cap_len == len && p.wire_len == wire_len && p.time_us == time_us);
	if (result == PACKET_IP) {
		check_packet(&p);
		duplicate_seen(f, &p);
	}
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int links[] = {1, 0, 9, 12, 14, 50, 51, 101, 104, 108, 113, 219, 228, 229, 276};
	struct cursor c = cur_make(data, size);
	struct decoder *d = decoder_new(links[cur_u8(&c) % (sizeof links / sizeof links[0])]);
	struct duplicate_filter *f = duplicate_new(64, 0);
	int64_t time_us = 0;

	while (cur_left(&c) > 2) {
		uint16_t len = cur_u16(&c);
		uint32_t n = (uint32_t)(len < cur_left(&c) ? len : cur_left(&c));
		struct cursor frame = cur_sub(&c, n);
		decode(d, f, frame.p, n, time_us);
		time_us += n % 7 == 0 ? -50000000 : 700;
	}
	decoder_take_lost(d);
	duplicate_free(f);
	decoder_free(d);
	return 0;
}
