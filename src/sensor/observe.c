/* Names and row-less packets of addresses, as deltas. */
#include "terrier/sensor/observe.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define COUNTERS 4 /* of enum observer_counter; a name uses the first */

/* What is counted: a name of an address (`name` set), or the packets of an address. */
struct key {
	struct addr addr;
	uint32_t name; /* interned; 0: a host's counters */
	uint16_t segment;
	uint8_t source; /* enum name_source */
	uint8_t zero;
};

struct item {
	struct key key;
	uint32_t count[COUNTERS];
	int64_t first_us, last_us;
};

struct observer {
	struct outbox out;
	struct labels *labels;
	struct item *items;
	uint32_t *places; /* item number plus one, 0: empty; never more than half full */
	uint32_t mask, n, max;
};

struct observer *observer_new(uint32_t max, struct labels *labels, const struct outbox *out)
{
	struct observer *o = mem_zalloc(1, sizeof *o);
	uint32_t places = 64;

	while (places < max * 2) {
		places *= 2;
	}
	o->out = *out;
	o->labels = labels;
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

static bool is_empty(const struct item *i)
{
	return (i->count[0] | i->count[1] | i->count[2] | i->count[3]) == 0;
}

static void make_record(const struct observer *o, const struct item *i, struct record *r)
{
	*r = (struct record){.segment = i->key.segment, .first_us = i->first_us, .last_us = i->last_us};
	if (i->key.name == 0) {
		r->type = RECORD_HOST;
		r->host.addr = i->key.addr;
		r->host.empty_out = i->count[OBSERVE_EMPTY_OUT];
		r->host.empty_in = i->count[OBSERVE_EMPTY_IN];
		r->host.unanswered_out = i->count[OBSERVE_UNANSWERED_OUT];
		r->host.unanswered_in = i->count[OBSERVE_UNANSWERED_IN];
		return;
	}
	const char *text = labels_get(o->labels, i->key.name)->text;

	r->type = RECORD_NAME;
	r->name.addr = i->key.addr;
	r->name.source = i->key.source;
	r->name.count = i->count[0];
	text_copy(r->name.name, sizeof r->name.name, text, strlen(text));
}

static bool send(struct observer *o, struct item *i)
{
	struct record r;

	make_record(o, i, &r);
	if (!o->out.put(o->out.context, &r)) {
		return false;
	}
	memset(i->count, 0, sizeof i->count);
	return true;
}

bool observer_flush(struct observer *o)
{
	for (uint32_t i = 0; i < o->n; i++) {
		if (!is_empty(&o->items[i]) && !send(o, &o->items[i])) {
			return false;
		}
	}
	return true;
}

static uint32_t hash(const struct key *key)
{
	const uint8_t *p = (const uint8_t *)key;
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < sizeof *key; i++) {
		h = (h ^ p[i]) * 16777619u;
	}
	return h ^ h >> 15;
}

/* The item of this key, made when missing; NULL when the table is full and the storer busy: then this one observation
 * is lost, never the table. Its times widen to `time_us`. */
static struct item *find(struct observer *o, const struct key *key, int64_t time_us)
{
	struct item *item;
	uint32_t at;

	if (o->n == o->max && observer_flush(o)) {
		memset(o->places, 0, sizeof *o->places * (o->mask + 1));
		o->n = 0;
	}
	for (at = hash(key) & o->mask; o->places[at] != 0; at = (at + 1) & o->mask) {
		item = &o->items[o->places[at] - 1];
		if (memcmp(&item->key, key, sizeof *key) == 0) {
			item->first_us = is_empty(item) || time_us < item->first_us ? time_us : item->first_us;
			item->last_us = is_empty(item) || time_us > item->last_us ? time_us : item->last_us;
			return item;
		}
	}
	if (o->n == o->max) {
		return NULL;
	}
	item = &o->items[o->n++];
	o->places[at] = o->n;
	*item = (struct item){.key = *key, .first_us = time_us, .last_us = time_us};
	return item;
}

void observer_name(struct observer *o, uint16_t segment, const struct addr *addr, enum name_source source,
                   const char *name, size_t len, int64_t time_us)
{
	struct key key;
	struct item *item;
	uint32_t known = o->n;

	memset(&key, 0, sizeof key);
	key.addr = *addr;
	key.name = labels_intern_name(o->labels, name, len);
	key.segment = segment;
	key.source = (uint8_t)source;
	item = key.name != 0 ? find(o, &key, time_us) : NULL;
	if (item == NULL) {
		return;
	}
	item->count[0]++;
	if (source == NAME_DNS && o->n != known) {
		send(o, item);
	}
}

void observer_count(struct observer *o, uint16_t segment, const struct addr *addr, enum observer_counter what,
                    int64_t time_us)
{
	struct key key;
	struct item *item;

	memset(&key, 0, sizeof key);
	key.addr = *addr;
	key.segment = segment;
	item = find(o, &key, time_us);
	if (item != NULL) {
		item->count[what]++;
	}
}
