/* Announced connections, found by the end that was announced. */
#include "terrier/sensor/expect.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SETS 256
#define WAYS 4

struct expectation {
	struct addr end, client, server;
	int64_t until_us; /* 0: free */
	uint32_t label, name;
	uint16_t port, row_port, protocol, segment;
	uint8_t ip_protocol;
};

struct expectations {
	struct expectation places[SETS][WAYS];
	bool is_used; /* most sites announce nothing: then a new flow costs one test */
};

struct expectations *expectations_new(void)
{
	return mem_zalloc(1, sizeof(struct expectations));
}

void expectations_free(struct expectations *e)
{
	free(e);
}

static struct expectation *set_of(struct expectations *e, const struct addr *addr, uint16_t port)
{
	uint32_t h = port;

	for (size_t i = 0; i < sizeof addr->b; i++) {
		h = (h ^ addr->b[i]) * 16777619u; /* FNV-1a */
	}
	return e->places[(h ^ h >> 16) % SETS];
}

static bool is_for(const struct expectation *x, const struct flow *f, unsigned side)
{
	return x->until_us >= f->start_us && x->ip_protocol == f->ip_protocol && x->segment == f->segment &&
	       x->port == f->port[side] && addr_cmp(&x->end, &f->addr[side]) == 0;
}

/* The two hosts of the parent, whichever way round. Sides are the same when its client is `f`'s side 0. */
static bool is_same_pair(const struct expectation *x, const struct flow *f, unsigned *client)
{
	for (unsigned side = 0; side < 2; side++) {
		if (addr_cmp(&x->client, &f->addr[side]) == 0 && addr_cmp(&x->server, &f->addr[1 - side]) == 0) {
			*client = side;
			return true;
		}
	}
	return false;
}

void expectations_add(struct expectations *e, const struct flow *parent, uint8_t ip_protocol, const struct addr *addr,
                      uint16_t port, uint32_t label, uint16_t protocol)
{
	struct expectation *set = set_of(e, addr, port), *place = set;
	unsigned client = parent->client;

	if (addr_cmp(addr, &parent->addr[0]) != 0 && addr_cmp(addr, &parent->addr[1]) != 0) {
		return;
	}
	for (unsigned i = 0; i < WAYS; i++) {
		bool is_same = set[i].port == port && set[i].ip_protocol == ip_protocol &&
		               set[i].segment == parent->segment && addr_cmp(&set[i].end, addr) == 0;

		if (is_same || set[i].until_us < place->until_us) {
			place = &set[i];
		}
		if (is_same) {
			break;
		}
	}
	*place = (struct expectation){
		.end = *addr,
		.client = parent->addr[client],
		.server = parent->addr[1 - client],
		.until_us = parent->last_us + EXPECT_SECONDS * INT64_C(1000000),
		.label = label,
		.name = parent->name,
		.port = port,
		.row_port = parent->has_row_port ? parent->row_port : parent->port[1 - client],
		.protocol = protocol,
		.segment = parent->segment,
		.ip_protocol = ip_protocol,
	};
	e->is_used = true;
}

static void adopt(const struct expectation *x, struct flow *f, unsigned client)
{
	f->client = client & 1u;
	f->label = x->label;
	f->name = x->name;
	f->protocol = x->protocol;
	f->row_port = x->row_port;
	f->has_row_port = 1;
	f->by_balance = 1;
	f->flags |= FLOW_CLIENT_CERTAIN | FLOW_RECOGNISED | FLOW_OWN | FLOW_COUNTED;
}

bool expectations_adopt(struct expectations *e, struct flow *f)
{
	unsigned client;

	for (unsigned side = 0; side < 2 && e->is_used; side++) {
		const struct expectation *set = set_of(e, &f->addr[side], f->port[side]);

		for (unsigned i = 0; i < WAYS; i++) {
			if (is_for(&set[i], f, side) && is_same_pair(&set[i], f, &client)) {
				adopt(&set[i], f, client);
				return true;
			}
		}
	}
	return false;
}
