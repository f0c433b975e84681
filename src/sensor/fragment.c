/* Joins IP fragments. Every datagram has a slot with room for the largest there can be, so nothing
 * is allocated and nothing is chained; the room is mapped and costs memory only where it was
 * written. A finished datagram keeps its slot until another needs it: the second copies that a SPAN
 * port makes of its fragments are recognised there. */
#include "terrier/sensor/fragment.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define BLOCK  8 /* fragments begin on multiples of 8 octets */
#define BLOCKS ((FRAGMENT_OCTETS_MAX + BLOCK) / BLOCK)

enum slot_state { SLOT_FREE, SLOT_OPEN, SLOT_WHOLE, SLOT_BROKEN };

struct slot {
	enum slot_state state;
	struct addr src, dst;
	uint32_t id;
	uint8_t version;
	uint8_t protocol;  /* key in IPv4; in IPv6 what the first fragment says */
	uint32_t n_blocks; /* received */
	uint32_t total;    /* octets of the datagram, 0 until its last fragment came */
	uint32_t reach;    /* octet behind the furthest received */
	int64_t first_us;
	uint64_t touched; /* turn in which a fragment last came */
};

/* What a slot collects: octets, and which blocks of them there are. */
struct body {
	uint64_t has[BLOCKS / 64];
	uint8_t octets[BLOCKS * BLOCK];
};

struct fragment_pool {
	struct slot slots[FRAGMENT_DATAGRAMS_MAX];
	struct body *bodies;
	uint64_t turn; /* fragments taken so far */
	uint64_t lost;
};

struct fragment_pool *fragment_pool_new(void)
{
	struct fragment_pool *pool = mem_zalloc(1, sizeof *pool);

	pool->bodies = mem_map(FRAGMENT_DATAGRAMS_MAX * sizeof *pool->bodies);
	return pool;
}

void fragment_pool_free(struct fragment_pool *pool)
{
	if (pool != NULL) {
		mem_unmap(pool->bodies, FRAGMENT_DATAGRAMS_MAX * sizeof *pool->bodies);
		free(pool);
	}
}

/* Time may have jumped back (another file of the run): what is far ahead of now is over as well. */
static bool is_over(const struct slot *s, int64_t now_us)
{
	uint64_t age = (uint64_t)now_us - (uint64_t)s->first_us;

	return age + FRAGMENT_WAIT_US > 2 * (uint64_t)FRAGMENT_WAIT_US;
}

static void leave_open(struct fragment_pool *pool, struct slot *s, enum slot_state state)
{
	if (s->state == SLOT_OPEN) {
		pool->lost++;
	}
	s->state = state;
}

static void free_when_over(struct fragment_pool *pool, struct slot *s, int64_t now_us)
{
	if (s->state != SLOT_FREE && is_over(s, now_us)) {
		leave_open(pool, s, SLOT_FREE);
		s->touched = 0;
	}
}

static bool is_of(const struct slot *s, const struct fragment *f)
{
	return s->state != SLOT_FREE && s->id == f->id && s->version == f->version &&
	       (f->version == 6 || s->protocol == f->protocol) && addr_cmp(&s->src, &f->src) == 0 &&
	       addr_cmp(&s->dst, &f->dst) == 0;
}

/* What is given up to make room: the free before the finished before the unfinished, then the
 * longest untouched. */
static bool is_better_victim(const struct slot *a, const struct slot *b)
{
	if ((a->state == SLOT_OPEN) != (b->state == SLOT_OPEN)) {
		return b->state == SLOT_OPEN;
	}
	return a->touched < b->touched;
}

static struct slot *begin_slot(struct fragment_pool *pool, struct slot *s, const struct fragment *f)
{
	leave_open(pool, s, SLOT_FREE);
	*s = (struct slot){
	        .state = SLOT_OPEN,
	        .src = f->src,
	        .dst = f->dst,
	        .id = f->id,
	        .version = f->version,
	        .protocol = f->protocol,
	        .first_us = f->time_us,
	};
	memset(pool->bodies[s - pool->slots].has, 0, sizeof pool->bodies->has);
	return s;
}

/* The slot of the fragment's datagram, a new one when there is none. */
static struct slot *find_slot(struct fragment_pool *pool, const struct fragment *f)
{
	struct slot *victim = &pool->slots[0];

	for (size_t i = 0; i < FRAGMENT_DATAGRAMS_MAX; i++) {
		struct slot *s = &pool->slots[i];
		free_when_over(pool, s, f->time_us);
		if (is_of(s, f)) {
			return s;
		}
		if (is_better_victim(s, victim)) {
			victim = s;
		}
	}
	return begin_slot(pool, victim, f);
}

/* True when the blocks of `f` that the body has are the same octets, and (with `is_all`) it has
 * them all. */
static bool agrees(const struct body *body, const struct fragment *f, bool is_all)
{
	size_t len = cur_left(&f->data);

	for (size_t at = 0; at < len; at += BLOCK) {
		size_t block = (f->offset + at) / BLOCK;
		size_t n = len - at < BLOCK ? len - at : BLOCK;
		if ((body->has[block / 64] >> block % 64 & 1) == 0) {
			if (is_all) {
				return false;
			}
		} else if (memcmp(body->octets + block * BLOCK, f->data.p + at, n) != 0) {
			return false;
		}
	}
	return true;
}

static void collect(struct slot *s, struct body *body, const struct fragment *f)
{
	uint32_t len = (uint32_t)cur_left(&f->data);

	memcpy(body->octets + f->offset, f->data.p, len);
	for (size_t block = f->offset / BLOCK; block * BLOCK < f->offset + len; block++) {
		s->n_blocks += (body->has[block / 64] >> block % 64 & 1) == 0;
		body->has[block / 64] |= UINT64_C(1) << block % 64;
	}
	if (f->offset + len > s->reach) {
		s->reach = f->offset + len;
	}
	if (!f->has_more) {
		s->total = f->offset + len;
	}
	if (f->offset == 0) {
		s->protocol = f->protocol;
	}
}

/* True when the fragment's end fits what is known of the datagram's end. */
static bool fits(const struct slot *s, const struct fragment *f)
{
	uint32_t end = f->offset + (uint32_t)cur_left(&f->data);

	if (!f->has_more) {
		return end >= s->reach && (s->total == 0 || s->total == end);
	}
	return s->total == 0 || end < s->total;
}

static bool is_possible(const struct fragment *f)
{
	size_t len = cur_left(&f->data);

	return f->is_cut || (len > 0 && f->offset + len <= FRAGMENT_OCTETS_MAX &&
	                     (!f->has_more || len % BLOCK == 0));
}

enum fragment_result fragment_add(struct fragment_pool *pool, struct fragment *f)
{
	struct slot *s;
	struct body *body;

	if (!is_possible(f)) {
		return FRAGMENT_INVALID;
	}
	s = find_slot(pool, f);
	body = &pool->bodies[s - pool->slots];
	if (s->state == SLOT_WHOLE) {
		if (!f->is_cut && agrees(body, f, true) && fits(s, f)) {
			s->touched = ++pool->turn;
			return FRAGMENT_HELD;
		}
		begin_slot(pool, s, f); /* the identification came round */
	}
	s->touched = ++pool->turn;
	/* overlaps that disagree are somebody's trick on whoever reads along (RFC 5722, RFC 1858)
	 */
	if (f->is_cut || !fits(s, f) || !agrees(body, f, false)) {
		leave_open(pool, s, SLOT_BROKEN);
	}
	if (s->state == SLOT_BROKEN) {
		return FRAGMENT_ALONE;
	}
	collect(s, body, f);
	if (s->total == 0 || s->n_blocks != (s->total + BLOCK - 1) / BLOCK) {
		return FRAGMENT_HELD;
	}
	s->state = SLOT_WHOLE;
	f->protocol = s->protocol;
	f->data = cur_make(body->octets, s->total);
	return FRAGMENT_JOINED;
}

uint64_t fragment_take_lost(struct fragment_pool *pool, int64_t now_us)
{
	uint64_t lost;

	for (size_t i = 0; i < FRAGMENT_DATAGRAMS_MAX; i++) {
		free_when_over(pool, &pool->slots[i], now_us);
	}
	lost = pool->lost;
	pool->lost = 0;
	return lost;
}
