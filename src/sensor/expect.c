/* Announced connections, found by the end that was announced. */
#include "terrier/sensor/expect.h"

#include "terrier/base/mem.h"
#include "terrier/sensor/claim.h"

#include <stdlib.h>
#include <string.h>

#define SETS 2048
#define WAYS 4

/* The hosts by their part in the parent. */
enum part { CLIENT, SERVER, PARTS };

struct expectation {
	struct addr end, host[PARTS];
	int64_t until_us; /* 0: free */
	uint32_t label, name;
	uint16_t port, own_port[PARTS]; /* announced; of the parent itself */
	uint16_t row_port, protocol, segment;
	uint8_t ip_protocol;
	uint8_t from; /* enum part; PARTS: unknown, or both */
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
	uint32_t h = 2166136261u ^ port;

	for (size_t i = 0; i < sizeof addr->b; i++) {
		h = (h ^ addr->b[i]) * 16777619u; /* FNV-1a */
	}
	return e->places[(h ^ h >> 16) % SETS];
}

/* The place of an earlier announcement of the same end by the same pair, else the one that ends first. */
static struct expectation *place_for(struct expectation *set, const struct expectation *x)
{
	struct expectation *place = set;

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].port == x->port && set[i].ip_protocol == x->ip_protocol && set[i].segment == x->segment &&
		    addr_cmp(&set[i].end, &x->end) == 0 && addr_cmp(&set[i].host[CLIENT], &x->host[CLIENT]) == 0 &&
		    addr_cmp(&set[i].host[SERVER], &x->host[SERVER]) == 0) {
			return &set[i];
		}
		place = set[i].until_us < place->until_us ? &set[i] : place;
	}
	return place;
}

void expectations_add(struct expectations *e, const struct flow *parent, const struct expected *expected)
{
	unsigned client = parent->client, server = 1u - client;
	struct expectation x = {
		.end = expected->end,
		.host = {parent->addr[client], parent->addr[server]},
		.until_us = parent->last_us + EXPECT_SECONDS * INT64_C(1000000),
		.label = expected->label,
		.name = parent->name,
		.port = expected->port,
		.own_port = {parent->port[client], parent->port[server]},
		.row_port = parent->has_row_port ? parent->row_port : parent->port[server],
		.protocol = expected->protocol,
		.segment = parent->segment,
		.ip_protocol = expected->ip_protocol,
		.from = expected->from > FROM_1 ? PARTS : expected->from == client ? CLIENT : SERVER,
	};

	if (x.port == 0 || (addr_cmp(&x.end, &parent->addr[0]) != 0 && addr_cmp(&x.end, &parent->addr[1]) != 0)) {
		return;
	}
	*place_for(set_of(e, &x.end, x.port), &x) = x;
	e->is_used = true;
}

/* The parent's hosts with `client` as its client, but not the parent itself over again. */
static bool is_pair(const struct expectation *x, const struct flow *f, unsigned client)
{
	return addr_cmp(&x->host[CLIENT], &f->addr[client]) == 0 && addr_cmp(&x->host[SERVER], &f->addr[1 - client]) == 0 &&
	       (x->ip_protocol != f->ip_protocol || x->own_port[CLIENT] != f->port[client] ||
	        x->own_port[SERVER] != f->port[1 - client]);
}

static bool is_at(const struct expectation *x, const struct flow *f, unsigned side)
{
	return x->until_us >= f->start_us && x->port == f->port[side] && x->ip_protocol == f->ip_protocol &&
	       x->segment == f->segment && addr_cmp(&x->end, &f->addr[side]) == 0;
}

static void adopt(const struct expectation *x, struct flow *f, unsigned client)
{
	f->client = client & 1u;
	f->label = x->label;
	f->name = x->name;
	f->protocol = x->protocol;
	f->row_port = x->row_port;
	f->way = FROM_BALANCE + 1;
	f->hint = (x->from == PARTS ? 0u : (x->from == CLIENT ? client : 1u - client) + 1u) & 3u;
	f->has_row_port = 1;
	f->is_adopted = 1;
	f->flags |= FLOW_CLIENT_CERTAIN | FLOW_RECOGNISED | FLOW_OWN | FLOW_COUNTED;
}

bool expectations_adopt(struct expectations *e, struct flow *f, bool is_opened)
{
	for (unsigned side = is_opened ? 1 : 0; side < 2 && e->is_used; side++) {
		const struct expectation *set = set_of(e, &f->addr[side], f->port[side]);

		for (unsigned i = 0; i < WAYS; i++) {
			for (unsigned client = 0; client < 2; client++) {
				if (is_at(&set[i], f, side) && is_pair(&set[i], f, client)) {
					adopt(&set[i], f, client);
					return true;
				}
			}
		}
	}
	return false;
}
