#ifndef TERRIER_TESTS_HOSPITAL_H
#define TERRIER_TESTS_HOSPITAL_H

/* A small hospital for tests of the register: hosts with their names, and what they exchange. */

#include "terrier/base/mem.h"
#include "terrier/model/exchange.h"
#include "terrier/model/zone.h"
#include "terrier/register/directory.h"

#include <check.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hospital_name {
	const char *address;
	enum name_source source;
	const char *name;
};

/* `way`: what opened the connection: 'c' the source, 's' the destination, 'b' the source, and information goes both
 * ways; a capital: encrypted; 'W': by the source, with TLS 1.0. Addresses in brackets are outside parties. */
struct hospital_line {
	const char *source, *destination, *protocol;
	uint16_t port;
	const char *kind;
	char way;
};

struct hospital {
	struct catalogue *catalogue;
	struct zones *zones;
	struct directory *directory;
	char zone[2][PREFIX_TEXT_MAX];
};

static inline void hospital_open(struct hospital *h, const struct entries *assets)
{
	char *error = NULL;

	h->catalogue = catalogue_load(NULL, &error);
	ck_assert_msg(h->catalogue != NULL, "%s", error);
	h->zones = zones_new();
	h->directory = directory_new(assets);
}

static inline void hospital_close(struct hospital *h)
{
	directory_free(h->directory);
	zones_free(h->zones);
	catalogue_free(h->catalogue);
}

static inline void hospital_add_zone(struct hospital *h, const char *name, const char *block)
{
	struct prefix p;

	ck_assert_msg(prefix_parse(block, &p), "%s", block);
	zones_add(h->zones, name, &p);
}

static inline struct addr hospital_addr(const char *address)
{
	char inner[80];
	struct addr addr = {{0}};
	struct prefix block;

	snprintf(inner, sizeof inner, "%s", address + (address[0] == '['));
	inner[strcspn(inner, "]")] = '\0';
	if (prefix_parse(inner, &block)) {
		addr = block.addr;
	}
	return addr;
}

/* A host, once; its best name is the first that is given. */
static inline void hospital_add_host(struct hospital *h, const char *address, const char *best_name)
{
	char *key = mem_printf("\n%s", address);

	if (directory_find(h->directory, key) == NULL) {
		directory_add_host(h->directory, &(const struct directory_host){
		                                         .key = key,
		                                         .address = (char *)address,
		                                         .name = (char *)best_name,
		                                         .mac = (char *)"",
		                                         .addr = hospital_addr(address),
		                                         .is_party = address[0] == '[',
		                                         .is_inside = address[0] != '[',
		                                 });
	}
	free(key);
}

static inline void hospital_add_names(struct hospital *h, const struct hospital_name *names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *key = mem_printf("\n%s", names[i].address);

		hospital_add_host(h, names[i].address, names[i].name);
		directory_add_name(h->directory, key, names[i].source, names[i].name);
		free(key);
	}
}

static inline void hospital_set_zone(struct hospital *h, struct exchange_end *end, unsigned i)
{
	const char *zone = zones_find(h->zones, &end->addr);

	end->zone = zone != NULL       ? zone
	            : end->is_inside   ? zone_subnet(&end->addr, h->zone[i])
	                               : "Outside";
	end->zone_label = end->zone;
	end->label = end->address;
}

/* Calls `take` with each line as an exchange. */
static inline void hospital_each(struct hospital *h, const struct hospital_line *lines, size_t n,
                                 void (*take)(void *context, const struct exchange *e), void *context)
{
	for (size_t i = 0; i < n; i++) {
		const struct hospital_line *l = &lines[i];
		uint16_t kind = catalogue_find(h->catalogue, l->kind);
		char *source = mem_printf("\n%s", l->source), *destination = mem_printf("\n%s", l->destination),
		     *port = mem_printf("tcp/%u", (unsigned)l->port);

		ck_assert_msg(kind != KIND_NONE, "%s", l->kind);
		struct exchange_fact fact = {EVIDENCE_OTHER, "TLS version 1.0", 1};
		bool is_encrypted = l->way >= 'A' && l->way <= 'Z';
		char id[24];

		snprintf(id, sizeof id, "X-%zu", i);
		struct exchange e = {
		        .id = id,
		        .source = {.host = source, .address = l->source, .name = "", .addr = hospital_addr(l->source),
		                   .is_party = l->source[0] == '[', .is_inside = l->source[0] != '['},
		        .destination = {.host = destination, .address = l->destination, .name = "",
		                        .addr = hospital_addr(l->destination), .is_party = l->destination[0] == '[',
		                        .is_inside = l->destination[0] != '['},
		        .is_both = l->way == 'b' || l->way == 'B',
		        .initiated_by_source = l->way != 's' && l->way != 'S',
		        .initiated_by_destination = l->way == 's' || l->way == 'S',
		        .protocol = l->protocol,
		        .port = port,
		        .ip_protocol = IPPROTO_TCP,
		        .server_port = l->port,
		        .kind_id = l->kind,
		        .kind_title = catalogue_kind(h->catalogue, kind)->title,
		        .tier = catalogue_kind(h->catalogue, kind)->tier,
		        .confidence = CONFIDENCE_HIGH,
		        .was_clear = !is_encrypted,
		        .was_encrypted = is_encrypted,
		        .connections = 1,
		        .evidence = "",
		        .sensor = "",
		        .facts = &fact,
		        .n_facts = l->way == 'W',
		};

		hospital_set_zone(h, &e.source, 0);
		hospital_set_zone(h, &e.destination, 1);
		take(context, &e);
		free(source);
		free(destination);
		free(port);
	}
}

static inline void hospital_note(void *directory, const struct exchange *e)
{
	directory_note(directory, e);
}

/* Adds the hosts of the lines that have no names, notes what all of them do, and finishes the directory. */
static inline void hospital_learn(struct hospital *h, const struct hospital_line *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		hospital_add_host(h, lines[i].source, "");
		hospital_add_host(h, lines[i].destination, "");
	}
	hospital_each(h, lines, n, hospital_note, h->directory);
	directory_finish(h->directory);
}

#endif
