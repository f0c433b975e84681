/* How ends and exchanges are spelt, and what each view leaves out. */
#include "terrier/cli/show.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/register.h"
#include "terrier/model/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct end end_source(const struct exchange_row *row)
{
	return (struct end){
	        .segment = row->segment,
	        .address = row->source_address,
	        .name = row->source_name,
	        .addr = row->source,
	        .is_party = row->source_is_party,
	        .is_inside = row->source_is_inside,
	};
}

struct end end_destination(const struct exchange_row *row)
{
	return (struct end){
	        .segment = row->segment,
	        .address = row->destination_address,
	        .name = row->destination_name,
	        .addr = row->destination,
	        .is_party = row->destination_is_party,
	        .is_inside = row->destination_is_inside,
	};
}

char *end_zone(const struct session *s, const struct end *end, char out[ZONE_MAX])
{
	bool has_address = addr_classify(&end->addr) != ADDR_UNSPECIFIED;
	const char *zone = has_address ? zones_find(s->zones, &end->addr) : NULL;

	if (zone == NULL && (strncmp(end->address, "[broadcast", 10) == 0 ||
	                     strncmp(end->address, "[multicast", 10) == 0)) {
		zone = ZONE_GROUP;
	} else if (zone == NULL && (!end->is_inside || !has_address)) {
		zone = end->is_inside ? end->address : ZONE_OUTSIDE;
	}
	if (s->view == VIEW_PUBLIC && (zone == NULL || zone == end->address)) {
		zone = ZONE_OWN;
	}
	if (zone == NULL) {
		return zone_subnet(&end->addr, out);
	}
	text_copy(out, ZONE_MAX, zone, strlen(zone));
	return out;
}

char *host_key(const char *segment, const char *address)
{
	return mem_printf("%s\n%s", segment, address);
}

const struct directory_host *end_host(const struct session *s, const struct end *end)
{
	char *key = host_key(end->segment, end->address);
	const struct directory_host *host =
	        s->reg != NULL ? directory_find(s->reg->directory, key) : NULL;

	free(key);
	return host;
}

/* The public view tells organisations; systems by name only where that is asked for. */
static const char *organisation_of(const struct session *s, const struct end *end)
{
	const struct directory_host *host = end_host(s, end);
	const struct entry *asset = host != NULL ? directory_host_asset(host) : NULL;
	const char *organisation = asset != NULL ? entry_text(asset, ASSET_ORGANISATION) : "";

	if (asset != NULL && s->options->text[OPTION_SYSTEM_NAMES] != NULL) {
		return entry_text(asset, ASSET_NAME);
	}
	if (organisation[0] != '\0') {
		return organisation;
	}
	if (!end->is_inside) {
		return ORGANISATION_OTHER;
	}
	return s->organisation[0] != '\0' ? s->organisation : ORGANISATION_OWN;
}

/* A client that is no asset is somebody's machine: it is told as its zone, or under a pseudonym. */
static void show_system(const struct session *s, const struct end *end, struct shown *out)
{
	const struct directory_host *host = end_host(s, end);

	if (host != NULL && directory_is_client(host) && directory_host_asset(host) == NULL) {
		out->name = "";
		if (s->reg->key_len > 0) {
			char *name = directory_pseudonym(s->reg->key, s->reg->key_len, host->key);

			text_copy(out->pseudonym, sizeof out->pseudonym, name, strlen(name));
			out->name = out->pseudonym;
			free(name);
		}
	}
	out->address = out->name[0] != '\0' ? "" : out->zone;
}

void show_end(const struct session *s, const struct end *end, struct shown *out)
{
	end_zone(s, end, out->zone);
	out->name = end->name;
	out->address = end->address;
	if (s->view == VIEW_PUBLIC) {
		out->name = organisation_of(s, end);
		out->address = "";
	} else if (s->view == VIEW_IG && !end->is_party) {
		show_system(s, end, out);
	}
}

const char *shown_label(const struct shown *shown)
{
	return shown->name[0] != '\0' ? shown->name : shown->address;
}

const char *show_encrypted(bool was_clear, bool was_encrypted)
{
	static const char *const words[2][2] = {{"unknown", "yes"}, {"no", "mixed"}};

	return words[was_clear][was_encrypted];
}

const char *show_initiated(bool by_source, bool by_destination)
{
	static const char *const words[2][2] = {{"unknown", "destination"}, {"source", "both"}};

	return words[by_source][by_destination];
}

const char *show_kind(const struct session *s, const char *kind_id)
{
	const struct kind *kind = session_kind(s, kind_id);

	return kind != NULL ? kind->title : kind_id;
}

enum tier show_tier(const struct session *s, const char *kind_id)
{
	const struct kind *kind = session_kind(s, kind_id);

	return kind != NULL ? kind->tier : TIER_UNKNOWN;
}

/* How long the address is that the text begins with; 0: it begins with none. */
static size_t address_at(const char *text)
{
	size_t len = strspn(text, "0123456789abcdefABCDEF.:");
	char copy[ADDR_TEXT_MAX];
	struct addr addr;

	while (len > 0 && (text[len - 1] == ':' || text[len - 1] == '.')) {
		len--; /* 10.77.1.80:/scans */
	}
	if (len == 0 || len >= sizeof copy) {
		return 0;
	}
	text_copy(copy, sizeof copy, text, len);
	return addr_parse(copy, &addr) ? len : 0;
}

char *show_evidence(const struct session *s, const char *text)
{
	char *out = mem_strdup(s->view == VIEW_NETWORK ? text : "");

	for (size_t len; s->view != VIEW_NETWORK && *text != '\0'; text += len) {
		size_t address = address_at(text), word = strspn(text, "0123456789abcdefABCDEF.:");
		char *next;

		len = address > 0 ? address : word > 0 ? word : strcspn(text, "0123456789abcdefABCDEF.:");
		next = address > 0 ? mem_printf("%s(address)", out) : mem_printf("%s%.*s", out, (int)len, text);
		free(out);
		out = next;
	}
	return out;
}

void show_text(struct table *t, const char *text)
{
	if (text[0] != '\0') {
		table_add_text(t, text);
	} else {
		table_add_empty(t);
	}
}

void show_words(struct table *t, const struct words *words)
{
	char *text = words_join(words, "; ", 0);

	show_text(t, text);
	free(text);
}

void show_time(struct table *t, int64_t us)
{
	if (us != 0) {
		table_add_time(t, us);
	} else {
		table_add_empty(t);
	}
}

void show_nothing(struct table *t, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		table_add_empty(t);
	}
}

void show_fact(struct table *t, const char *part, const char *item, const char *value)
{
	const struct table_column *columns;

	table_add_text(t, part);
	table_add_text(t, item);
	table_add_text(t, value);
	show_nothing(t, table_columns(t, &columns) - 3);
}

void show_count(struct table *t, uint64_t value)
{
	table_add_integer(t, value < INT64_MAX ? (int64_t)value : INT64_MAX);
}

char *show_port(uint8_t ip_protocol, uint16_t port)
{
	char transport[TRANSPORT_NAME_MAX];

	transport_name(ip_protocol, transport);
	return port != 0 ? mem_printf("%s/%u", transport, port) : mem_strdup(transport);
}
