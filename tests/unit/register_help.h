#ifndef TERRIER_TESTS_REGISTER_HELP_H
#define TERRIER_TESTS_REGISTER_HELP_H

#include "terrier/base/mem.h"
#include "terrier/register/reconcile.h"

#include "unit.h"

#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* What the tests of the register share: entries in one line, hosts, and exchanges between them. */

static inline void cell(struct entry *e, size_t column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

/* An asset with up to two cells of its own. */
static inline struct entry *asset(struct entries *all, const char *id, size_t column,
                                  const char *text)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	cell(e, ASSET_ID, id);
	cell(e, ASSET_NAME, id);
	cell(e, ASSET_TYPE, "system");
	cell(e, column, text);
	entry_identify(e);
	ck_assert(entries_add(all, e));
	return e;
}

static inline struct entry *declaration(struct entries *all, const char *from, const char *to,
                                        const char *kind)
{
	struct entry *e = entry_new(ENTRY_DECLARATION);

	cell(e, DECLARED_SOURCE, from);
	cell(e, DECLARED_DESTINATION, to);
	cell(e, DECLARED_KIND, kind);
	entry_identify(e);
	ck_assert(entries_add(all, e));
	return e;
}

/* An end by its address, or a party in brackets; inside unless it is a party that begins with a
 * letter or 2. */
static inline struct exchange_end end_at(const char *address)
{
	static char texts[32][2][128];
	static unsigned next;
	char(*text)[128] = texts[next++ % 32];
	bool is_party = address[0] == '[', is_group = strncmp(address, "[broadcast", 10) == 0;
	struct exchange_end end = {
	        .host = text[0],
	        .subject = text[0],
	        .label = address,
	        .address = address,
	        .name = text[1],
	        .zone = "servers",
	        .zone_label = "Servers",
	        .is_party = is_party,
	        .is_inside = !is_party || is_group,
	        .is_group = is_group,
	};

	snprintf(text[0], 128, "\n%s", address);
	snprintf(text[1], 128, "%.*s", is_party ? (int)strlen(address) - 2 : 0, address + is_party);
	if (!is_party) {
		ck_assert(addr_parse(address, &end.addr));
	}
	return end;
}

/* Messages of HL7 in clear from the client at `from` to `to`. */
static inline struct exchange exchange(const char *id, const char *from, const char *to,
                                       const char *kind)
{
	return (struct exchange){
	        .id = id,
	        .source = end_at(from),
	        .destination = end_at(to),
	        .initiated_by_source = true,
	        .protocol = "HL7v2",
	        .port = "tcp/2575",
	        .ip_protocol = IPPROTO_TCP,
	        .server_port = 2575,
	        .kind_id = kind,
	        .kind_title = kind,
	        .tier = TIER_3,
	        .confidence = CONFIDENCE_HIGH,
	        .was_clear = true,
	        .has_messages = true,
	        .connections = 1,
	        .messages = 10,
	        .bytes_to_destination = 1000,
	        .bytes_to_source = 100,
	        .first_us = 1000,
	        .last_us = 2000,
	        .evidence = "HL7 ADT^A01 ×10",
	        .sensor = "span-a",
	};
}

static inline void add_host(struct directory *d, const char *address, const char *mac)
{
	struct exchange_end end = end_at(address);
	struct directory_host host = {
	        .key = (char *)end.host,
	        .address = (char *)address,
	        .name = (char *)"",
	        .mac = (char *)mac,
	        .addr = end.addr,
	        .is_party = end.is_party,
	        .is_inside = end.is_inside,
	};

	directory_add_host(d, &host);
}

static inline void add_name(struct directory *d, const char *address, enum name_source source,
                            const char *name)
{
	directory_add_name(d, end_at(address).host, source, name);
}

#endif
