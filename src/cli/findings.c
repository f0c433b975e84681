/* From rows of the store to findings. */
#include "terrier/cli/findings.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FACTS_MAX       80 /* the store keeps 65 an exchange */
#define EXCHANGES_SHOWN 32 /* ids in one cell; terrier explain has them all */

struct work {
	struct session *session;
	const struct filter *filter;
	struct finder *finder;
	void (*take)(struct finder *f, const struct finding_exchange *e);
};

/* What a row is turned into; the exchange's texts point into it and the row. */
struct turned {
	char *host[2], *label[2], *name[2];
	char zone[2][ZONE_MAX], zone_label[2][ZONE_MAX];
	char *port;
	struct finding_fact facts[FACTS_MAX];
	struct finding_exchange exchange;
};

/* "pacs.trust.example (10.77.1.50)"; what the view does not tell is left out. */
static char *label_of(const struct shown *shown)
{
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
                     struct finding_end *out)
{
	struct session plain = {.view = VIEW_NETWORK, .zones = s->zones};
	struct shown shown;

	/* who reads the answer changes what is told, not what is found */
	end_zone(&plain, end, t->zone[i]);
	show_end(s, end, &shown);
	text_copy(t->zone_label[i], ZONE_MAX, shown.zone, strlen(shown.zone));
	t->host[i] = mem_printf("%s\n%s", end->segment, end->address);
	t->label[i] = label_of(&shown);
	t->name[i] = name_of(end);
	*out = (struct finding_end){
	        .host = t->host[i],
	        .subject = s->view == VIEW_PUBLIC ? t->zone_label[i] : t->host[i],
	        .label = t->label[i],
	        .name = t->name[i],
	        .zone = t->zone[i],
	        .zone_label = t->zone_label[i],
	        .is_inside = end->is_inside,
	        .is_group = strcmp(t->zone[i], ZONE_GROUP) == 0,
	};
}

static void turn_facts(const struct exchange_row *row, struct turned *t)
{
	size_t n = row->n_items < FACTS_MAX ? row->n_items : FACTS_MAX;

	for (size_t i = 0; i < n; i++) {
		t->facts[i] = (struct finding_fact){row->items[i].type, row->items[i].text,
		                                    row->items[i].count};
	}
	t->exchange.facts = t->facts;
	t->exchange.n_facts = n;
}

static void turn(const struct session *s, const struct exchange_row *row, struct turned *t)
{
	struct end source = end_source(row), destination = end_destination(row);

	t->port = show_port(row->ip_protocol, row->server_port);
	t->exchange = (struct finding_exchange){
	        .id = row->id,
	        .is_both = row->is_both,
	        .initiated_by_source = row->initiated_by_source,
	        .initiated_by_destination = row->initiated_by_destination,
	        .protocol = row->protocol,
	        .port = t->port,
	        .kind_id = row->kind_id,
	        .kind_title = show_kind(s, row->kind_id),
	        .tier = show_tier(s, row->kind_id),
	        .confidence = row->confidence,
	        .was_clear = row->was_clear,
	        .was_encrypted = row->was_encrypted,
	        .connections = row->connections,
	        .bytes = row->bytes_to_destination + row->bytes_to_source,
	        .first_us = row->first_us,
	        .last_us = row->last_us,
	};
	turn_end(s, &source, t, 0, &t->exchange.source);
	turn_end(s, &destination, t, 1, &t->exchange.destination);
	turn_facts(row, t);
}

static bool see_exchange(void *context, const struct exchange_row *row)
{
	struct work *w = context;
	struct turned t;

	if (w->filter != NULL && !filter_passes(w->filter, row)) {
		return true;
	}
	turn(w->session, row, &t);
	w->take(w->finder, &t.exchange);
	for (unsigned i = 0; i < 2; i++) {
		free(t.host[i]);
		free(t.label[i]);
		free(t.name[i]);
	}
	free(t.port);
	return true;
}

struct finder *findings_of(struct session *s, const struct filter *filter)
{
	static const struct store_query everything;
	struct finding_watch watch = {
	        .first_us = s->summary.first_us,
	        .last_us = s->summary.last_us,
	        .payload_bytes = s->summary.counter[COVERAGE_PAYLOAD_BYTES],
	        .unknown_bytes = s->summary.counter[COVERAGE_UNKNOWN_BYTES],
	        .own_is_set = s->summary.own_is_set,
	        .is_public = s->view == VIEW_PUBLIC,
	};
	struct work learn = {.session = s, .take = finder_learn},
	            judge = {s, filter, NULL, finder_judge};

	learn.finder = judge.finder = finder_new(s->catalogue, &watch);
	if (store_each_exchange(s->store, &everything, see_exchange, &learn) != 0 ||
	    store_each_exchange(s->store, &s->query, see_exchange, &judge) != 0) {
		finder_free(learn.finder);
		return NULL;
	}
	finder_finish(learn.finder);
	return learn.finder;
}

static void add_unjudged(void *context, const struct finding_rule *rule, unsigned days)
{
	char **text = context;
	char *longer = mem_printf("%s%s%s (needs %u days of watching)", *text,
	                          (*text)[0] != '\0' ? ", " : "", rule->id, days);

	free(*text);
	*text = longer;
}

void findings_add_unjudged(const struct finder *f, struct table *t)
{
	char *text = mem_strdup("");

	finder_each_unjudged(f, add_unjudged, &text);
	if (text[0] != '\0') {
		table_add_note(t, TABLE_NOTE_COVERAGE, "not_judged", text);
	}
	free(text);
}

char *findings_exchanges(const struct finding *finding)
{
	char *text = NULL;
	size_t size, n = finding->n_exchanges;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	for (size_t i = 0; i < n && i < EXCHANGES_SHOWN; i++) {
		fprintf(out, "%s%s", i > 0 ? "; " : "", finding->exchanges[i]);
	}
	if (n > EXCHANGES_SHOWN) {
		fprintf(out, "; + %zu more", n - EXCHANGES_SHOWN);
	}
	fclose(out);
	return text;
}
