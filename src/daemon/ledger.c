/* Open connections and the evidence on who serves. */
#include "terrier/daemon/ledger.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define ENDS_MAX 131072 /* ends of connections whose behaviour is remembered */

struct line {
	struct record record;
	struct line *next;
};

/* A connection's open records, in the order they came. */
struct open {
	uint64_t connection;
	struct line *first, **last;
	uint32_t n;
	UT_hash_handle hh; /* also keeps the order of arrival */
};

struct end_key {
	struct addr addr;
	uint16_t segment, port;
	uint8_t ip_protocol;
	uint8_t zero[3];
};

/* How often an end was seen: serving for certain, or on either side of a guess. */
struct end {
	struct end_key key;
	uint32_t served, guessed;
	UT_hash_handle hh;
};

struct ledger {
	struct open *opens;
	struct end *ends;
	uint32_t n, max;
	ledger_fn *book;
	void *context;
};

struct ledger *ledger_new(uint32_t max, ledger_fn *book, void *context)
{
	struct ledger *l = mem_zalloc(1, sizeof *l);

	l->max = max;
	l->book = book;
	l->context = context;
	return l;
}

static void forget(struct ledger *l, struct open *o)
{
	struct line *line = o->first;

	while (line != NULL) {
		struct line *next = line->next;

		free(line);
		line = next;
	}
	l->n -= o->n;
	HASH_DEL(l->opens, o);
	free(o);
}

void ledger_free(struct ledger *l)
{
	struct open *o, *next_open;
	struct end *e, *next_end;

	if (l == NULL) {
		return;
	}
	HASH_ITER(hh, l->opens, o, next_open) {
		forget(l, o);
	}
	HASH_ITER(hh, l->ends, e, next_end) {
		HASH_DEL(l->ends, e);
		free(e);
	}
	free(l);
}

static struct end *find_end(struct ledger *l, const struct record *r, bool server, bool make)
{
	const struct record_exchange *x = &r->exchange;
	struct end_key key;
	struct end *e;

	memset(&key, 0, sizeof key);
	key.addr = server ? x->server : x->client;
	key.port = server ? x->server_port : x->client_port;
	key.segment = r->segment;
	key.ip_protocol = x->ip_protocol;
	HASH_FIND(hh, l->ends, &key, sizeof key, e);
	if (e == NULL && make && HASH_COUNT(l->ends) < ENDS_MAX) {
		e = mem_zalloc(1, sizeof *e);
		e->key = key;
		HASH_ADD(hh, l->ends, key, sizeof e->key, e);
	}
	return e;
}

static void turn(struct record *r)
{
	struct record_exchange *x = &r->exchange;
	struct addr client = x->client;
	uint16_t port = x->client_port;
	uint64_t bytes = x->bytes_to_client;

	x->client = x->server;
	x->server = client;
	x->client_port = x->server_port;
	x->server_port = port;
	x->bytes_to_client = x->bytes_to_server;
	x->bytes_to_server = bytes;
	if ((r->flags & RECORD_BY_SIDE) != 0 && x->direction != INFO_BOTH) {
		x->direction = x->direction == INFO_C2S ? INFO_S2C : INFO_C2S;
	}
	if (x->balance != 0 && x->balance != INFO_BOTH + 1) {
		x->balance = x->balance == INFO_C2S + 1 ? INFO_S2C + 1 : INFO_C2S + 1;
	}
}

/* The end that is known to serve, else the one that more connections meet at, is the server. */
static bool is_turned(struct ledger *l, const struct record *r)
{
	const struct end *client = find_end(l, r, false, false), *server = find_end(l, r, true, false);
	uint32_t client_served = client != NULL ? client->served : 0, server_served = server != NULL ? server->served : 0;
	uint32_t client_meets = client != NULL ? client->guessed : 0, server_meets = server != NULL ? server->guessed : 0;

	if ((client_served > 0) != (server_served > 0)) {
		return client_served > 0;
	}
	return client_meets > server_meets + 1;
}

static void book(struct ledger *l, const struct record *r, bool is_provisional)
{
	struct record copy;

	if ((r->flags & RECORD_SIDES_GUESSED) != 0 && is_turned(l, r)) {
		copy = *r;
		turn(&copy);
		l->book(l->context, &copy, is_provisional);
		return;
	}
	l->book(l->context, r, is_provisional);
}

/* True while a record waits for its label; one by balance has it and waits for its way. */
static bool is_unlabelled(const struct record *r)
{
	return (r->flags & (RECORD_DECIDED | RECORD_BY_BALANCE)) == 0;
}

static bool waits_for_way(const struct record *r)
{
	return (r->flags & (RECORD_DECIDED | RECORD_BY_BALANCE)) == RECORD_BY_BALANCE;
}

static void relabel(struct record *r, const struct record *last)
{
	const struct record_exchange *x = &last->exchange;

	r->exchange.kind = x->kind;
	r->exchange.protocol = x->protocol;
	r->exchange.direction = x->direction;
	r->exchange.confidence = x->confidence;
	r->exchange.encrypted = x->encrypted;
	r->exchange.has_messages = x->has_messages;
	if ((r->flags & RECORD_FACT) == 0) { /* a fact stays what it is, on the right row */
		r->exchange.evidence_type = x->evidence_type;
		memcpy(r->exchange.evidence, x->evidence, sizeof r->exchange.evidence);
	}
	memcpy(r->exchange.server_name, x->server_name, sizeof r->exchange.server_name);
	r->flags &= (uint16_t)~(RECORD_UNDECIDED | RECORD_BY_SIDE);
	r->flags |= last->flags & (RECORD_DECIDED | RECORD_BY_SIDE | RECORD_BY_BALANCE);
	if ((last->flags & RECORD_IS_NEW) != 0) {
		r->flags &= (uint16_t)~RECORD_IS_NEW; /* the last word counts the connection */
	}
}

/* Gives the last word on label, way and sides to records that came before it; tells whether all now have theirs. */
static bool relabel_all(struct open *o, const struct record *last)
{
	const struct record_exchange *x = &last->exchange;
	bool is_complete = true;

	for (struct line *line = o->first; line != NULL; line = line->next) {
		struct record *r = &line->record;

		if (addr_cmp(&r->exchange.client, &x->client) != 0 || r->exchange.client_port != x->client_port) {
			turn(r);
		}
		r->flags = (uint16_t)((r->flags & ~RECORD_SIDES_GUESSED) | (last->flags & RECORD_SIDES_GUESSED));
		if (is_unlabelled(r) && !is_unlabelled(last)) {
			relabel(r, last);
		}
		if (waits_for_way(r) && x->balance != 0) {
			r->exchange.direction = (uint8_t)(x->balance - 1);
			r->flags |= RECORD_DECIDED;
		}
		is_complete &= (r->flags & RECORD_DECIDED) != 0;
	}
	return is_complete;
}

static void settle(struct ledger *l, struct open *o)
{
	for (struct line *line = o->first; line != NULL; line = line->next) {
		book(l, &line->record, false);
	}
	forget(l, o);
}

static struct open *add(struct ledger *l, struct open *o, const struct record *r)
{
	struct line *line = mem_zalloc(1, sizeof *line);

	if (o == NULL) {
		o = mem_zalloc(1, sizeof *o);
		o->connection = r->exchange.connection;
		o->last = &o->first;
		HASH_ADD(hh, l->opens, connection, sizeof o->connection, o);
		if ((r->flags & RECORD_SIDES_GUESSED) != 0) {
			struct end *client = find_end(l, r, false, true), *server = find_end(l, r, true, true);

			if (client != NULL && server != NULL) {
				client->guessed++;
				server->guessed++;
			}
		}
	}
	line->record = *r;
	*o->last = line;
	o->last = &line->next;
	o->n++;
	l->n++;
	return o;
}

void ledger_put(struct ledger *l, const struct record *r)
{
	bool is_open = (r->flags & RECORD_DECIDED) == 0 || (r->flags & RECORD_SIDES_GUESSED) != 0;
	bool is_complete = false;
	struct open *o;

	HASH_FIND(hh, l->opens, &r->exchange.connection, sizeof r->exchange.connection, o);
	if ((r->flags & RECORD_SIDES_GUESSED) == 0 && (r->flags & RECORD_IS_NEW) != 0) {
		struct end *server = find_end(l, r, true, true);

		if (server != NULL) {
			server->served++;
		}
	}
	if (o != NULL) {
		is_complete = relabel_all(o, r);
	}
	if (!is_open) {
		if (is_complete) {
			settle(l, o);
		}
		l->book(l->context, r, false);
		return;
	}
	add(l, o, r);
	if (l->n > l->max) {
		settle(l, l->opens); /* uthash keeps the order of arrival: the oldest */
	}
}

void ledger_each(struct ledger *l)
{
	for (struct open *o = l->opens; o != NULL; o = o->hh.next) {
		for (struct line *line = o->first; line != NULL; line = line->next) {
			book(l, &line->record, true);
		}
	}
}

void ledger_settle(struct ledger *l)
{
	while (l->opens != NULL) {
		settle(l, l->opens);
	}
}
