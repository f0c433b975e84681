/* What sort of machine each host is, by what it was seen doing: somebody's workstation, a part of the network, a device
 * among many, an outside party, or a system. */
#include "suggest.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/model/pattern.h"

#include <stdlib.h>
#include <string.h>

/* A host that does one of these holds something, and is no mere part of the network. */
#define HOLDS                                                                                                          \
	(ROLE_BIT(ROLE_MODALITY) | ROLE_BIT(ROLE_DEVICE) | ROLE_BIT(ROLE_ARCHIVE) | ROLE_BIT(ROLE_ENGINE) |            \
	 ROLE_BIT(ROLE_CLINICAL_SYSTEM) | ROLE_BIT(ROLE_DATABASE) | ROLE_BIT(ROLE_BLOCK_STORE) |                       \
	 ROLE_BIT(ROLE_BACKUP) | ROLE_BIT(ROLE_MAIL) | ROLE_BIT(ROLE_BROKER))

/* What people's machines answer too: remote help, a shared folder or printer, images that were asked for. */
#define DESKTOP                                                                                                        \
	(ROLE_BIT(ROLE_TERMINAL) | ROLE_BIT(ROLE_FILE_STORE) | ROLE_BIT(ROLE_PRINTER) | ROLE_BIT(ROLE_TELEPHONY) |     \
	 ROLE_BIT(ROLE_SERVER) | ROLE_BIT(ROLE_CLIENT))

#define FILE_PROTOCOLS "SMB*;NFS*;FTP*;rsync;AFP;HTTP*;SSH;9P;DCERPC*"

static bool answers(const struct suggest_host *h, const char *patterns)
{
	for (size_t i = 0; i < h->protocols.n; i++) {
		if (pattern_list_fits(patterns, h->protocols.text[i])) {
			return true;
		}
	}
	return false;
}

/* TFTP hands out start files and configurations: no file store is made of it. */
unsigned suggest_roles(const struct suggest_host *h)
{
	unsigned roles = 0;

	for (unsigned role = 0; role < ROLES; role++) {
		roles |= role_is(&h->host->deeds, (enum role)role) ? ROLE_BIT(role) : 0;
	}
	return answers(h, "TFTP") && !answers(h, FILE_PROTOCOLS) ? roles & ~ROLE_BIT(ROLE_FILE_STORE) : roles;
}

static bool has_name_of(const struct directory_host *host, enum name_source source)
{
	for (size_t i = 0; i < host->n_names; i++) {
		if (host->names[i].source == source) {
			return true;
		}
	}
	return false;
}

static bool any_machine_name(const struct directory_host *host, bool (*is_such)(const char *name))
{
	for (size_t i = 0; i < host->n_names; i++) {
		if (suggest_names_machine(host->names[i].source) && is_such(host->names[i].name)) {
			return true;
		}
	}
	return false;
}

/* Seen to use services and to offer none. What speaks HL7, asks for an imaging worklist or is called a server is no
 * workstation. */
static bool is_plain_client(const struct suggest_host *h)
{
	return (suggest_roles(h) & ~ROLE_BIT(ROLE_CLIENT)) == 0 && h->uses && !h->asks_worklist &&
	       !has_name_of(h->host, NAME_HL7) && !any_machine_name(h->host, suggest_names_server);
}

/* Called a workstation, and doing no more for others than one does. */
static bool is_named_client(const struct suggest_host *h)
{
	return (suggest_roles(h) & ~(DESKTOP | ROLE_BIT(ROLE_CLINICAL_SYSTEM))) == 0 && h->n_clients < FEW &&
	       any_machine_name(h->host, suggest_names_workstation);
}

struct place {
	char *zone;
	size_t n_hosts, n_clients;
	UT_hash_handle hh;
};

static struct place *place_of(struct place **all, const char *zone)
{
	struct place *p;

	HASH_FIND_STR(*all, zone, p);
	if (p == NULL) {
		p = mem_zalloc(1, sizeof *p);
		p->zone = mem_strdup(zone);
		HASH_ADD_KEYPTR(hh, *all, p->zone, strlen(p->zone), p);
	}
	return p;
}

/* Offers little, to hardly anybody, where most machines are people's. */
static bool is_likely_client(const struct suggest_host *h, struct place **places)
{
	const struct place *p = place_of(places, h->zone);

	return (suggest_roles(h) & ~DESKTOP) == 0 && h->uses && h->n_clients < FEW && p->n_clients * 2 > p->n_hosts &&
	       !has_name_of(h->host, NAME_HL7) && !any_machine_name(h->host, suggest_names_server);
}

static void set_key(struct suggest_host *h, enum suggest_sort sort, char *key, const char *why)
{
	h->sort = sort;
	h->key = key;
	words_put(&h->why, why);
}

static void sort_outside(struct suggest_host *h)
{
	const struct directory_host *host = h->host;
	char *name = host->is_party && strlen(host->address) > 2
	                     ? mem_printf("%.*s", (int)strlen(host->address) - 2, host->address + 1)
	                     : mem_strdup(host->address);

	if (text_is_hostname(name, strlen(name))) {
		char *domain = mem_strdup(text_registrable(name));

		text_lower(domain);
		set_key(h, SORT_OUTSIDE, mem_printf("o%s", domain), "outside; reached by names of this domain");
		free(domain);
	} else {
		set_key(h, SORT_OUTSIDE, mem_printf("o%s", name),
		        "outside; a block of addresses, for no name was seen");
	}
	free(name);
}

/* Domain controllers, name servers, and what hands out addresses and the time. */
static bool sort_infrastructure(struct suggest_host *h)
{
	unsigned roles = suggest_roles(h);

	if ((roles & HOLDS) != 0) {
		return false;
	}
	if ((roles & ROLE_BIT(ROLE_DIRECTORY)) != 0 && answers(h, "LDAP*;Kerberos")) {
		set_key(h, SORT_INFRASTRUCTURE, mem_strdup("idirectory"),
		        "all answer questions on accounts, or sign people in");
	} else if ((roles & ROLE_BIT(ROLE_NAME_SERVER)) != 0 && (roles & ROLE_BIT(ROLE_FILE_STORE)) == 0) {
		set_key(h, SORT_INFRASTRUCTURE, mem_strdup("iname-server"), "all answer DNS");
	} else if (answers(h, "NTP;DHCP;DHCPv6") &&
	           (roles & ~(ROLE_BIT(ROLE_SERVER) | ROLE_BIT(ROLE_CLIENT) | ROLE_BIT(ROLE_TERMINAL))) == 0 &&
	           h->stem[0] == '\0') {
		set_key(h, SORT_INFRASTRUCTURE, mem_strdup("inetwork-services"),
		        "all give the time or hand out addresses");
	} else {
		return false;
	}
	return true;
}

/* What a zone has many of, each of little weight: one row a zone. */
static bool sort_by_zone(struct suggest_host *h)
{
	static const enum role many[] = {ROLE_DEVICE, ROLE_PRINTER, ROLE_TELEPHONY, ROLE_CAMERA, ROLE_BUILDING};
	unsigned roles = suggest_roles(h) & ~(ROLE_BIT(ROLE_SERVER) | ROLE_BIT(ROLE_CLIENT) | ROLE_BIT(ROLE_WEB));

	for (size_t i = 0; i < sizeof many / sizeof many[0]; i++) {
		if ((roles & ROLE_BIT(many[i])) != 0 && (roles & (ROLE_BIT(many[i]) - 1)) == 0) {
			set_key(h, SORT_SYSTEM, mem_printf("z%s\n%s", role_name(many[i]), h->zone),
			        "same sort of device in the same zone");
			return true;
		}
	}
	if (suggest_roles(h) == 0 && !h->uses && !has_name_of(h->host, NAME_HL7) &&
	    !has_name_of(h->host, NAME_AE_TITLE)) {
		set_key(h, SORT_SYSTEM, mem_printf("zother\n%s", h->zone),
		        "answer nothing but management, in the same zone");
		return true;
	}
	return false;
}

static bool is_certain_client(const struct suggest_host *h)
{
	return h->host->is_inside && (h->host->is_party || is_plain_client(h) || is_named_client(h));
}

static struct place *count_places(struct suggest *s)
{
	struct place *places = NULL;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		struct place *p = place_of(&places, h->zone);

		p->n_hosts++;
		p->n_clients += is_certain_client(h);
	}
	return places;
}

static void free_places(struct place **places)
{
	struct place *p, *next;

	HASH_ITER(hh, *places, p, next)
	{
		HASH_DEL(*places, p);
		free(p->zone);
		free(p);
	}
}

/* The stems of what certainly is a system. */
struct stem {
	const char *text;
	UT_hash_handle hh;
};

static struct stem *collect_stems(struct suggest *s)
{
	struct stem *all = NULL, *stem;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		if (h->host->is_inside && h->stem[0] != '\0' && !is_certain_client(h)) {
			HASH_FIND_STR(all, h->stem, stem);
			if (stem == NULL) {
				stem = mem_zalloc(1, sizeof *stem);
				stem->text = h->stem;
				HASH_ADD_KEYPTR(hh, all, stem->text, strlen(stem->text), stem);
			}
		}
	}
	return all;
}

bool suggest_is_nameless(const struct suggest_row *row)
{
	const char *key = row->hosts[0]->together->key;

	return row->sort == SORT_CLIENTS || (key != NULL && strncmp(key, "zother", 6) == 0);
}

/* A member of a system that was only seen to use others: pacs03 beside pacs01. */
static bool is_part(const struct suggest_host *h, struct stem *stems)
{
	struct stem *stem = NULL;

	if (h->stem[0] != '\0' && !h->host->is_party && !any_machine_name(h->host, suggest_names_workstation)) {
		HASH_FIND_STR(stems, h->stem, stem);
	}
	return stem != NULL;
}

static void sort_host(struct suggest_host *h, struct place **places, struct stem *stems)
{
	bool is_device =
	        h->asks_worklist || (suggest_roles(h) & (ROLE_BIT(ROLE_MODALITY) | ROLE_BIT(ROLE_DEVICE))) != 0;

	if (!h->host->is_inside) {
		sort_outside(h);
	} else if (!is_part(h, stems) && (is_certain_client(h) || is_likely_client(h, places))) {
		set_key(h, SORT_CLIENTS, mem_printf("c%s", h->zone),
		        "only seen to use what others offer, in the same zone");
	} else if (!sort_infrastructure(h) && !sort_by_zone(h) && h->stem[0] != '\0') {
		/* a scanner is no part of the archive that is called like it */
		set_key(h, SORT_SYSTEM, mem_printf("%c%s", is_device ? 'm' : 's', h->stem), "");
	}
}

void suggest_sort(struct suggest *s)
{
	struct place *places = count_places(s);
	struct stem *stems = collect_stems(s), *stem, *next;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		sort_host(h, &places, stems);
	}
	HASH_ITER(hh, stems, stem, next)
	{
		HASH_DEL(stems, stem);
		free(stem);
	}
	free_places(&places);
}
