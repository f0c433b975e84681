/* The flow table: find, create, expire, evict. What a flow means is none of its business. */
#include "terrier/sensor/flowtab.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

/* A place of the index: the flow's number plus one, and 32 bits of its hash so that most misses touch no flow. */
struct place {
	uint32_t tag;
	uint32_t flow; /* 0: empty */
};

struct flowtab {
	struct flow *flows;
	struct place *places;
	uint32_t *free_list;
	uint32_t mask, max, used, n_free, count; /* used: flows ever handed out, from 0 */
	uint32_t hand;
	uint64_t seed, numbered;
	flowtab_end_fn *end;
	void *context;
};

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t half(const struct addr *a, size_t at)
{
	uint64_t value;

	memcpy(&value, a->b + at, sizeof value);
	return value;
}

static uint64_t hash_end(uint64_t seed, const struct addr *a, uint16_t port)
{
	return mix(half(a, 0) ^ seed ^ port, half(a, 8) ^ UINT64_C(0x9e3779b97f4a7c15));
}

/* Symmetric in the two ends, so that both directions meet. */
static uint32_t hash_key(const struct flowtab *t, const struct addr *a, uint16_t a_port, const struct addr *b,
                         uint16_t b_port, uint8_t protocol, uint16_t segment)
{
	uint64_t sum = hash_end(t->seed, a, a_port) + hash_end(t->seed, b, b_port);
	uint64_t h = mix(sum ^ protocol, (t->seed | 1) + ((uint64_t)segment << 32));

	return (uint32_t)(h ^ h >> 32);
}

static uint32_t hash_flow(const struct flowtab *t, const struct flow *f)
{
	return hash_key(t, &f->addr[0], f->port[0], &f->addr[1], f->port[1], f->ip_protocol, f->segment);
}

struct flowtab *flowtab_new(uint32_t max_flows, uint64_t seed, flowtab_end_fn *end, void *context)
{
	struct flowtab *t = mem_zalloc(1, sizeof *t);
	uint32_t places = 128;

	t->max = max_flows < 64 ? 64 : max_flows;
	while (places < t->max + t->max / 2) {
		places *= 2;
	}
	t->mask = places - 1;
	t->seed = seed;
	t->end = end;
	t->context = context;
	t->flows = mem_map(sizeof *t->flows * t->max);
	t->free_list = mem_map(sizeof *t->free_list * t->max);
	t->places = mem_map(sizeof *t->places * places);
	return t;
}

void flowtab_free(struct flowtab *t)
{
	if (t == NULL) {
		return;
	}
	mem_unmap(t->flows, sizeof *t->flows * t->max);
	mem_unmap(t->free_list, sizeof *t->free_list * t->max);
	mem_unmap(t->places, sizeof *t->places * (t->mask + 1));
	free(t);
}

/* Empties a place and moves the ones behind it up, so that probing needs no tombstones. */
static void remove_place(struct flowtab *t, uint32_t at)
{
	uint32_t gap = at;

	for (uint32_t i = (at + 1) & t->mask; t->places[i].flow != 0; i = (i + 1) & t->mask) {
		uint32_t home = t->places[i].tag & t->mask;

		if (((i - home) & t->mask) >= ((i - gap) & t->mask)) {
			t->places[gap] = t->places[i];
			gap = i;
		}
	}
	t->places[gap] = (struct place){0};
}

static uint32_t place_of(const struct flowtab *t, uint32_t index)
{
	uint32_t at = hash_flow(t, &t->flows[index]) & t->mask;

	while (t->places[at].flow != index + 1) {
		at = (at + 1) & t->mask;
	}
	return at;
}

/* The stage of a free place in the array: no flow has it. */
#define FLOW_FREE 255

static bool alive(const struct flow *f)
{
	return f->stage != FLOW_FREE;
}

static void end_flow(struct flowtab *t, uint32_t index, enum flow_end why)
{
	t->end(t->context, &t->flows[index], why);
	remove_place(t, place_of(t, index));
	t->flows[index].stage = FLOW_FREE;
	t->free_list[t->n_free++] = index;
	t->count--;
}

static bool is_closed(const struct flow *f)
{
	return (f->flags & FLOW_RESET) != 0 || (f->flags & (FLOW_FIN_0 | FLOW_FIN_1)) == (FLOW_FIN_0 | FLOW_FIN_1);
}

static int64_t idle_limit(const struct flow *f)
{
	if (f->ip_protocol != IP_TCP) {
		return FLOW_IDLE_UDP_US;
	}
	if (is_closed(f)) {
		return FLOW_IDLE_CLOSED_US;
	}
	return f->stage == FLOW_SILENT ? FLOW_IDLE_SYN_US : FLOW_IDLE_TCP_US;
}

static bool is_over(const struct flow *f, int64_t now_us)
{
	return now_us - f->last_us > idle_limit(f);
}

/* Full: the idlest of the next few goes, one without payload before any other. */
static void evict(struct flowtab *t)
{
	uint32_t victim = t->hand;
	int64_t worst = INT64_MAX;

	for (int i = 0; i < 32; i++) {
		const struct flow *f = &t->flows[t->hand];
		int64_t score = f->last_us - (f->stage == FLOW_SILENT ? FLOW_IDLE_TCP_US : 0);

		if (alive(f) && score < worst) {
			worst = score;
			victim = t->hand;
		}
		t->hand = t->hand + 1 < t->used ? t->hand + 1 : 0;
	}
	end_flow(t, victim, FLOW_END_EVICTED);
}

static struct flow *create(struct flowtab *t, const struct packet *p, uint16_t segment, uint32_t tag)
{
	struct flow *f;
	uint32_t index, at;

	if (t->n_free == 0 && t->used == t->max) {
		evict(t);
	}
	index = t->n_free > 0 ? t->free_list[--t->n_free] : t->used++;
	f = &t->flows[index];
	*f = (struct flow){
		.addr = {p->src, p->dst},
		.port = {p->sport, p->dport},
		.ip_protocol = p->ip_protocol,
		.segment = segment,
		.start_us = p->time_us,
		.first_us = p->time_us,
		.last_us = p->time_us,
		.protocol = UINT16_MAX,
		.number = (uint32_t)t->numbered,
		.number_high = (uint8_t)(t->numbered >> 32),
	};
	t->numbered++;
	t->count++;
	for (at = tag & t->mask; t->places[at].flow != 0;) {
		at = (at + 1) & t->mask;
	}
	t->places[at] = (struct place){.tag = tag, .flow = index + 1};
	return f;
}

/* Side of the packet in this flow, or -1 when it belongs to another. */
static int side_of(const struct flow *f, const struct packet *p, uint16_t segment)
{
	if (f->ip_protocol != p->ip_protocol || f->segment != segment) {
		return -1;
	}
	if (f->port[0] == p->sport && f->port[1] == p->dport && addr_cmp(&f->addr[0], &p->src) == 0 &&
	    addr_cmp(&f->addr[1], &p->dst) == 0) {
		return 0;
	}
	if (f->port[0] == p->dport && f->port[1] == p->sport && addr_cmp(&f->addr[0], &p->dst) == 0 &&
	    addr_cmp(&f->addr[1], &p->src) == 0) {
		return 1;
	}
	return -1;
}

/* A SYN that begins another connection on the same ports: the old one was closed, or its numbers do not fit. */
static bool begins_anew(const struct flow *f, const struct packet *p, unsigned side)
{
	uint16_t seen = side == 0 ? FLOW_SEEN_0 : FLOW_SEEN_1;

	if (p->ip_protocol != IP_TCP || (p->tcp_flags & (TCP_SYN | TCP_ACK)) != TCP_SYN) {
		return false;
	}
	return is_closed(f) || ((f->flags & seen) != 0 && f->next[side] != p->seq + 1) || f->stage != FLOW_SILENT;
}

struct flow *flowtab_get(struct flowtab *t, const struct packet *p, uint16_t segment, unsigned *side, bool *is_new)
{
	uint32_t tag = hash_key(t, &p->src, p->sport, &p->dst, p->dport, p->ip_protocol, segment);

	*is_new = false;
	for (uint32_t at = tag & t->mask; t->places[at].flow != 0; at = (at + 1) & t->mask) {
		uint32_t index = t->places[at].flow - 1;
		struct flow *f = &t->flows[index];
		int found = t->places[at].tag == tag ? side_of(f, p, segment) : -1;

		if (found < 0) {
			continue;
		}
		if (is_over(f, p->time_us)) {
			end_flow(t, index, FLOW_END_EXPIRED);
			break;
		}
		if (begins_anew(f, p, (unsigned)found)) {
			end_flow(t, index, FLOW_END_REUSED);
			break;
		}
		*side = (unsigned)found;
		return f;
	}
	*is_new = true;
	*side = 0;
	return create(t, p, segment, tag);
}

void flowtab_sweep(struct flowtab *t, int64_t now_us, uint32_t n)
{
	for (uint32_t i = 0; i < n && i < t->used; i++) {
		if (alive(&t->flows[t->hand]) && is_over(&t->flows[t->hand], now_us)) {
			end_flow(t, t->hand, FLOW_END_EXPIRED);
		}
		t->hand = t->hand + 1 < t->used ? t->hand + 1 : 0;
	}
}

void flowtab_each(struct flowtab *t, flowtab_fn *fn, void *context)
{
	for (uint32_t i = 0; i < t->used; i++) {
		if (alive(&t->flows[i])) {
			fn(context, &t->flows[i]);
		}
	}
}

void flowtab_end_all(struct flowtab *t)
{
	for (uint32_t i = 0; i < t->used; i++) {
		if (alive(&t->flows[i])) {
			end_flow(t, i, FLOW_END_FINAL);
		}
	}
}

uint32_t flowtab_count(const struct flowtab *t)
{
	return t->count;
}

/* Takes what a late segment fills of the hole; the smaller rest is forgotten. */
static uint32_t fill_hole(struct flow *f, unsigned side, uint32_t seq, uint32_t len)
{
	int32_t from = (int32_t)(seq - f->hole[side]);
	int32_t to = from + (int32_t)len;
	int32_t room = (int32_t)f->hole_len[side];
	int32_t first = from > 0 ? from : 0, last = to < room ? to : room;

	if (last <= first) {
		return 0;
	}
	if (first > room - last) {
		f->hole_len[side] = (uint32_t)first;
	} else {
		f->hole[side] += (uint32_t)last;
		f->hole_len[side] -= (uint32_t)last;
	}
	return (uint32_t)(last - first);
}

uint32_t flow_new_octets(struct flow *f, unsigned side, uint32_t seq, uint32_t len)
{
	uint16_t seen = side == 0 ? FLOW_SEEN_0 : FLOW_SEEN_1;
	int32_t ahead = (int32_t)(seq - f->next[side]);
	uint32_t fresh;

	if ((f->flags & seen) == 0) {
		f->flags |= seen;
		f->next[side] = seq + len;
		return len;
	}
	if (ahead > 0) {
		f->hole[side] = f->next[side];
		f->hole_len[side] = (uint32_t)ahead;
		f->next[side] = seq + len;
		return len;
	}
	fresh = fill_hole(f, side, seq, len);
	if ((int32_t)(seq + len - f->next[side]) > 0) {
		fresh += seq + len - f->next[side];
		f->next[side] = seq + len;
	}
	return fresh;
}
