/* Who is who among the hosts that were seen. */
#include "terrier/register/directory.h"

#include "terrier/base/digest.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/model/pattern.h"

#include <stdlib.h>
#include <string.h>

/* What every machine answers, whoever's it is: that is no service of its own. */
#define NO_CHATTER "!ICMP;!ICMPv6;!IGMP;!mDNS;!LLMNR;!NetBIOS;!SSDP;!WSD"

struct directory {
	struct directory_host *hosts;
	struct matcher *matcher;
};

struct directory *directory_new(const struct entries *assets)
{
	struct directory *d = mem_zalloc(1, sizeof *d);

	d->matcher = matcher_new(assets);
	return d;
}

static void free_host(struct directory_host *host)
{
	for (size_t i = 0; i < host->n_names; i++) {
		free((char *)host->names[i].name);
	}
	free(host->names);
	free(host->matches);
	free(host->key);
	free(host->address);
	free(host->name);
	free(host->mac);
	free(host);
}

void directory_free(struct directory *d)
{
	struct directory_host *host, *next;

	if (d == NULL) {
		return;
	}
	HASH_ITER(hh, d->hosts, host, next)
	{
		HASH_DEL(d->hosts, host);
		free_host(host);
	}
	matcher_free(d->matcher);
	free(d);
}

void directory_add_host(struct directory *d, const struct directory_host *from)
{
	struct directory_host *host = mem_zalloc(1, sizeof *host);

	*host = (struct directory_host){
	        .key = mem_strdup(from->key),
	        .address = mem_strdup(from->address),
	        .name = mem_strdup(from->name),
	        .mac = mem_strdup(from->mac),
	        .addr = from->addr,
	        .is_party = from->is_party,
	        .is_inside = from->is_inside,
	        .first_us = from->first_us,
	        .last_us = from->last_us,
	};
	host->is_group = strncmp(host->address, "[broadcast", 10) == 0 ||
	                 strncmp(host->address, "[multicast", 10) == 0;
	HASH_ADD_KEYPTR(hh, d->hosts, host->key, strlen(host->key), host);
}

static struct directory_host *find(const struct directory *d, const char *key)
{
	struct directory_host *host;

	HASH_FIND_STR(d->hosts, key, host);
	return host;
}

void directory_add_name(struct directory *d, const char *key, enum name_source source,
                        const char *name)
{
	struct directory_host *host = find(d, key);

	if (host == NULL) {
		return;
	}
	host->names = mem_resize(host->names, host->n_names + 1, sizeof *host->names);
	host->names[host->n_names++] = (struct match_name){source, mem_strdup(name)};
}

static void note_end(struct directory *d, const struct exchange *e, const struct exchange_end *end,
                     bool is_source)
{
	struct directory_host *host = find(d, end->host);

	if (host == NULL || host->is_group) {
		return;
	}
	exchange_note_deeds(e, is_source, &host->deeds);
	host->serves |= (is_source ? e->initiated_by_destination : e->initiated_by_source) &&
	                pattern_list_fits(NO_CHATTER, e->protocol);
}

void directory_note(struct directory *d, const struct exchange *e)
{
	note_end(d, e, &e->source, true);
	note_end(d, e, &e->destination, false);
}

/* A party's block, from its text in brackets. */
static bool block_of(const struct directory_host *host, struct prefix *out)
{
	char text[PREFIX_TEXT_MAX];
	size_t len = strlen(host->address);

	if (len < 3 || len > sizeof text) {
		return false;
	}
	text_copy(text, sizeof text, host->address + 1, len - 2);
	return prefix_parse(text, out);
}

struct match *directory_candidates(const struct directory_host *host, const struct matcher *m,
                                   size_t *n)
{
	struct match *candidates;
	struct match_name *names = mem_zalloc(host->n_names + 1, sizeof *names);
	struct match_subject subject = {.mac = host->mac, .names = names, .n_names = host->n_names};
	struct prefix block = {.addr = host->addr, .bits = 128};
	char *party = NULL;

	for (size_t i = 0; i < host->n_names; i++) {
		names[i] = host->names[i];
	}
	if (!host->is_party || block_of(host, &block)) {
		subject.addr = &block.addr;
		subject.bits = block.bits;
	} else if (strlen(host->address) > 2) {
		party = mem_printf("%.*s", (int)strlen(host->address) - 2, host->address + 1);
		names[subject.n_names++] = (struct match_name){NAME_SNI, party};
	}
	candidates = matcher_candidates(m, &subject, n);
	free(party);
	free(names);
	return candidates;
}

void directory_finish(struct directory *d)
{
	for (struct directory_host *host = d->hosts; host != NULL; host = host->hh.next) {
		if (!host->is_group) {
			host->matches = directory_candidates(host, d->matcher, &host->n_matches);
		}
	}
}

const struct directory_host *directory_find(const struct directory *d, const char *key)
{
	return find(d, key);
}

const struct directory_host *directory_first(const struct directory *d)
{
	return d->hosts;
}

const struct entry *directory_asset(const struct directory *d, const struct exchange *e,
                                    const struct exchange_end *end, const struct match **rival)
{
	bool is_source = end == &e->source;
	bool is_server = is_source ? e->initiated_by_destination : e->initiated_by_source;
	const struct directory_host *host = find(d, end->host);
	uint16_t port = is_server ? e->server_port : 0;
	const struct match *match;

	*rival = NULL;
	if (host == NULL) {
		return NULL;
	}
	match = match_pick(host->matches, host->n_matches, e->ip_protocol, port, rival);
	if (match != NULL) {
		return match->asset;
	}
	return port != 0 && host->is_inside && !host->is_party
	               ? matcher_by_port(d->matcher, e->ip_protocol, port, rival)
	               : NULL;
}

const struct entry *directory_host_asset(const struct directory_host *host)
{
	const struct match *match = match_pick(host->matches, host->n_matches, 0, 0, NULL);

	return match != NULL ? match->asset : NULL;
}

bool directory_is_client(const struct directory_host *host)
{
	bool has_role = false;

	for (unsigned role = 0; role < ROLE_SERVER; role++) {
		has_role |= role_is(&host->deeds, (enum role)role);
	}
	/* who sends or takes clinical messages is a system, also where it only ever opens the
	 * connection */
	has_role |= host->deeds.sent != 0 || host->deeds.taken != 0;
	return host->is_inside && !host->is_party && !host->serves && !has_role;
}

/* The hash is keyed by its first field, so nobody without the key can try addresses out. */
char *directory_pseudonym(const void *key, size_t key_len, const char *host)
{
	struct digest *d = digest_new();
	char id[DIGEST_ID_MAX];

	digest_add(d, key, key_len);
	digest_add(d, host, strlen(host));
	return mem_printf("client-%.8s", digest_finish_id(d, "C", id) + 2);
}
