/* Names and row-less packets of addresses, as deltas. */
#include "terrier/sensor/observe.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct item {
	uint32_t hash;
	struct record record; /* of type RECORD_NAME or RECORD_HOST */
};

struct observer {
	struct outbox out;
	struct item *items;
	uint32_t *places; /* item number plus one, 0: empty; never more than half full */
	uint32_t mask, n, max;
};

struct observer *observer_new(uint32_t max, const struct outbox *out)
{
	struct observer *o = mem_zalloc(1, sizeof *o);
	uint32_t places = 64;

	while (places < max * 2) {
		places *= 2;
	}
	o->out = *out;
	o->mask = places - 1;
	o->max = max;
	o->items = mem_map(sizeof *o->items * max);
	o->places = mem_map(sizeof *o->places * places);
	return o;
}

void observer_free(struct observer *o)
{
	if (o == NULL) {
		return;
	}
	mem_unmap(o->items, sizeof *o->items * o->max);
	mem_unmap(o->places, sizeof *o->places * (o->mask + 1));
	free(o);
}

static uint32_t hash(const struct record *key)
{
	const char *name = key->type == RECORD_NAME ? key->name.name : "";
	const struct addr *addr = key->type == RECORD_NAME ? &key->name.addr : &key->host.addr;
	uint32_t h = (2166136261u ^ key->segment ^ (uint32_t)key->type << 16) * 16777619u;

	for (size_t i = 0; i < sizeof addr->b; i++) {
		h = (h ^ addr->b[i]) * 16777619u;
	}
	for (; *name != '\0'; name++) {
		h = (h ^ (uint8_t)*name) * 16777619u;
	}
	return h ^ h >> 15;
}

static bool same(const struct record *a, const struct record *b)
{
	if (a->type != b->type || a->segment != b->segment) {
		return false;
	}
	if (a->type == RECORD_HOST) {
		return addr_cmp(&a->host.addr, &b->host.addr) == 0;
	}
	return a->name.source == b->name.source && addr_cmp(&a->name.addr, &b->name.addr) == 0 &&
	       strcmp(a->name.name, b->name.name) == 0;
}

static bool is_empty(const struct record *r)
{
	if (r->type == RECORD_NAME) {
		return r->name.count == 0;
	}
	return r->host.empty_out + r->host.empty_in + r->host.unanswered_out + r->host.unanswered_in == 0;
}

static void clear_delta(struct record *r)
{
	if (r->type == RECORD_NAME) {
		r->name.count = 0;
		return;
	}
	r->host.empty_out = r->host.empty_in = r->host.unanswered_out = r->host.unanswered_in = 0;
}

bool observer_flush(struct observer *o)
{
	for (uint32_t i = 0; i < o->n; i++) {
		struct record *r = &o->items[i].record;

		if (is_empty(r)) {
			continue;
		}
		if (!o->out.put(o->out.context, r)) {
			return false;
		}
		clear_delta(r);
	}
	return true;
}

/* The item of this key, made when missing; `*is_new` tells. Its times widen to `time_us`. */
static struct record *find(struct observer *o, const struct record *key, int64_t time_us, bool *is_new)
{
	uint32_t h = hash(key), at;

	if (o->n == o->max && observer_flush(o)) {
		memset(o->places, 0, sizeof *o->places * (o->mask + 1));
		o->n = 0;
	}
	for (at = h & o->mask; o->places[at] != 0; at = (at + 1) & o->mask) {
		struct item *item = &o->items[o->places[at] - 1];
		struct record *r = &item->record;

		if (item->hash == h && same(r, key)) {
			r->first_us = is_empty(r) || time_us < r->first_us ? time_us : r->first_us;
			r->last_us = is_empty(r) || time_us > r->last_us ? time_us : r->last_us;
			*is_new = false;
			return r;
		}
	}
	*is_new = true;
	if (o->n == o->max) {
		return NULL; /* full and the storer busy: this one observation is lost, never the table */
	}
	struct item *item = &o->items[o->n++];
	o->places[at] = o->n;
	*item = (struct item){.hash = h, .record = *key};
	item->record.first_us = item->record.last_us = time_us;
	return &item->record;
}

void observer_name(struct observer *o, uint16_t segment, const struct addr *addr, enum name_source source,
                   const char *name, size_t len, int64_t time_us)
{
	struct record key = {.type = RECORD_NAME, .segment = segment};
	struct record *r;
	bool is_new;

	key.name.addr = *addr;
	key.name.source = (uint8_t)source;
	text_copy(key.name.name, sizeof key.name.name, name, len);
	r = find(o, &key, time_us, &is_new);
	if (r == NULL) {
		return;
	}
	r->name.count++;
	if (is_new && o->out.put(o->out.context, r)) {
		clear_delta(r);
	}
}

void observer_count(struct observer *o, uint16_t segment, const struct addr *addr, enum observer_counter what,
                    int64_t time_us)
{
	struct record key = {.type = RECORD_HOST, .segment = segment};
	struct record *r;
	bool is_new;

	key.host.addr = *addr;
	r = find(o, &key, time_us, &is_new);
	if (r == NULL) {
		return;
	}
	switch (what) {
	case OBSERVE_EMPTY_OUT:
		r->host.empty_out++;
		break;
	case OBSERVE_EMPTY_IN:
		r->host.empty_in++;
		break;
	case OBSERVE_UNANSWERED_OUT:
		r->host.unanswered_out++;
		break;
	case OBSERVE_UNANSWERED_IN:
		r->host.unanswered_in++;
		break;
	}
}

