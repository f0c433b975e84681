/* Frames to packets: the decoder and its two ends, the frame's own facts and the hash that work is
 * split by. The headers between are read by link.c, ip.c and tunnel.c, fragments are joined by
 * fragment.c. */
#include "terrier/sensor/packet.h"

#include "terrier/base/mem.h"
#include "terrier/sensor/nest.h"

#include <stdlib.h>
#include <string.h>

struct decoder {
	const struct link *link;
	struct fragment_pool *pool;
	int64_t now_us;
};

struct decoder *decoder_new(int link_type)
{
	const struct link *link = link_find(link_type);
	struct decoder *d;

	if (link == NULL) {
		return NULL;
	}
	d = mem_zalloc(1, sizeof *d);
	d->link = link;
	d->pool = fragment_pool_new();
	return d;
}

void decoder_free(struct decoder *d)
{
	if (d != NULL) {
		fragment_pool_free(d->pool);
		free(d);
	}
}

bool decoder_set_link(struct decoder *d, int link_type)
{
	const struct link *link = link_find(link_type);

	if (link == NULL) {
		return false;
	}
	d->link = link;
	return true;
}

enum packet_result packet_decode(struct decoder *d, const uint8_t *bytes, uint32_t cap_len,
                                 uint32_t wire_len, int64_t time_us, struct packet *out)
{
	static const struct packet blank;
	struct nest n = {
	        .out = out,
	        .pool = d->pool,
	        .at = cur_make(bytes, cap_len),
	        .cut = wire_len > cap_len ? wire_len - cap_len : 0,
	};

	/* layers count in n_layers; memset() becomes a slow string instruction with gcc */
	memcpy(out, &blank, offsetof(struct packet, layers));
	out->time_us = time_us;
	out->wire_len = wire_len;
	out->cap_len = cap_len;
	d->now_us = time_us;
	return d->link->decode(&n);
}

uint64_t decoder_take_lost(struct decoder *d)
{
	return fragment_take_lost(d->pool, d->now_us);
}

bool packet_link_known(int link_type)
{
	return link_find(link_type) != NULL;
}

/* The finaliser of MurmurHash3: every bit in reaches every bit out. */
static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return h ^ h >> 33;
}

static uint64_t hash_addr(const struct addr *a)
{
	uint64_t half[2];

	memcpy(half, a->b, sizeof half);
	return mix(half[0] * UINT64_C(0x9e3779b97f4a7c15) + half[1]);
}

uint64_t packet_pair_hash(const struct packet *p)
{
	return mix(hash_addr(&p->src) + hash_addr(&p->dst));
}
