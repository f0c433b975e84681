/* From rows of the store to exchanges as the engines see them. */
#include "terrier/cli/exchanges.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/register.h"
#include "terrier/cli/show.h"

#include <stdlib.h>
#include <string.h>

#define FACTS_MAX 80 /* the store keeps 65 an exchange */

struct work {
	struct session *session;
	exchanges_fn *take;
	void *context;
};

/* What a row is turned into; the exchange's texts point into it and the row. */
struct turned {
	char *host[2], *label[2], *name[2];
	char zone[2][ZONE_MAX], zone_label[2][ZONE_MAX];
	char *port;
	char *evidence;
	struct exchange_fact facts[FACTS_MAX];
	struct exchange exchange;
};

/* "pacs.trust.example (10.77.1.50)"; what the view does not tell is left out. */
static char *label_of(const struct shown *shown)
{
	if (shown->name[0] == '\0' && shown->address == shown->zone) {
		return mem_printf("unnamed system in %s", shown->zone);
	}
	if (shown->name[0] == '\0' || shown->address[0] == '\0' ||
	    strstr(shown->address, shown->name) != NULL) {
		return mem_strdup(shown_label(shown));
	}
	return mem_printf("%s (%s)", shown->name, shown->address);
}

/* A party is printed in brackets; its name is inside. */
static char *name_of(const struct end *end)
{
	size_t len = strlen(end->address);

	return end->is_party && len > 2 ? mem_printf("%.*s", (int)len - 2, end->address + 1)
	                                : mem_strdup(end->name);
}

static void turn_end(const struct session *s, const struct end *end, struct turned *t, unsigned i,
                     struct exchange_end *out)
{
	struct session plain = {.view = VIEW_NETWORK, .zones = s->zones};
	struct shown shown;

	/* who reads the answer changes what is told, not what is found */
	end_zone(&plain, end, t->zone[i]);
	show_end(s, end, &shown);
	text_copy(t->zone_label[i], ZONE_MAX, shown.zone, strlen(shown.zone));
	t->host[i] = host_key(end->segment, end->address);
	t->label[i] = label_of(&shown);
	t->name[i] = name_of(end);
	*out = (struct exchange_end){
	        .host = t->host[i],
	        .subject = s->view == VIEW_PUBLIC ? t->label[i] : t->host[i],
	        .label = t->label[i],
	        .name = t->name[i],
	        .address = end->address,
	        .zone = t->zone[i],
	        .zone_label = t->zone_label[i],
	        .addr = end->addr,
	        .is_party = end->is_party,
	        .is_inside = end->is_inside,
	        .is_group = strcmp(t->zone[i], ZONE_GROUP) == 0,
	};
}

static void turn_facts(const struct exchange_row *row, struct turned *t)
{
	size_t n = row->n_items < FACTS_MAX ? row->n_items : FACTS_MAX;

	for (size_t i = 0; i < n; i++) {
		t->facts[i] = (struct exchange_fact){row->items[i].type, row->items[i].text,
		                                     row->items[i].count};
	}
	t->exchange.facts = t->facts;
	t->exchange.n_facts = n;
}

/* Who the ends are to the register, once that is known. */
static void join_register(const struct register_state *state, struct exchange *e)
{
	const struct register_flow *flow;
	const struct match *rival;

	e->flow_id = "";
	if (state != NULL) {
		e->source.asset = directory_asset(state->directory, e, &e->source, &rival);
		e->destination.asset =
		        directory_asset(state->directory, e, &e->destination, &rival);
		flow = state->flows != NULL ? reconcile_flow_of(state->flows, e->id) : NULL;
		e->flow_id = flow != NULL ? flow->id : "";
	}
}

static void turn(const struct session *s, const struct exchange_row *row, struct turned *t)
{
	struct end source = end_source(row), destination = end_destination(row);

	t->port = show_port(row->ip_protocol, row->server_port);
	t->evidence = show_evidence(s, row->evidence);
	t->exchange = (struct exchange){
	        .id = row->id,
	        .is_both = row->is_both,
	        .initiated_by_source = row->initiated_by_source,
	        .initiated_by_destination = row->initiated_by_destination,
	        .protocol = row->protocol,
	        .port = t->port,
	        .ip_protocol = row->ip_protocol,
	        .server_port = row->server_port,
	        .kind_id = row->kind_id,
	        .kind_title = show_kind(s, row->kind_id),
	        .tier = show_tier(s, row->kind_id),
	        .confidence = row->confidence,
	        .was_clear = row->was_clear,
	        .was_encrypted = row->was_encrypted,
	        .has_messages = row->has_messages,
	        .connections = row->connections,
	        .messages = row->messages,
	        .bytes_to_destination = row->bytes_to_destination,
	        .bytes_to_source = row->bytes_to_source,
	        .first_us = row->first_us,
	        .last_us = row->last_us,
	        .evidence = t->evidence,
	        .sensor = row->sensor,
	};
	turn_end(s, &source, t, 0, &t->exchange.source);
	turn_end(s, &destination, t, 1, &t->exchange.destination);
	turn_facts(row, t);
	join_register(s->reg, &t->exchange);
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	struct turned t;
	bool goes_on;

	turn(w->session, row, &t);
	goes_on = w->take(w->context, &t.exchange, row);
	for (unsigned i = 0; i < 2; i++) {
		free(t.host[i]);
		free(t.label[i]);
		free(t.name[i]);
	}
	free(t.port);
	free(t.evidence);
	return goes_on;
}

int exchanges_each(struct session *s, const struct store_query *query, exchanges_fn *take,
                   void *context)
{
	struct work w = {s, take, context};

	return store_each_exchange(s->store, query, see_exchange, &w);
}
