/* Which hosts are one system: told by their names, by what they call themselves in messages, and by doing the same for
 * the same. */
#include "suggest.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define HEADS_MAX 16 /* clusters of one look that a host is compared with */
#define ALIKE_MIN 10 /* of SKETCH equal: some 60 of 100 peers shared */

/* The first host that has something, a key or a title. */
struct owner {
	char *what;
	struct suggest_host *host;
	UT_hash_handle hh;
};

/* The one before who has it; NULL, and it is noted, when this is the first. Takes `what` over. */
static struct suggest_host *own(struct owner **all, char *what, struct suggest_host *h)
{
	struct owner *owner;

	HASH_FIND_STR(*all, what, owner);
	if (owner != NULL) {
		free(what);
		return owner->host;
	}
	owner = mem_zalloc(1, sizeof *owner);
	owner->what = what;
	owner->host = h;
	HASH_ADD_KEYPTR(hh, *all, owner->what, strlen(owner->what), owner);
	return NULL;
}

static void free_owners(struct owner **all)
{
	struct owner *owner, *next;

	HASH_ITER(hh, *all, owner, next)
	{
		HASH_DEL(*all, owner);
		free(owner->what);
		free(owner);
	}
}

/* A tree of hosts that belong together; the first of them stands for all. */
static struct suggest_host *first_of(struct suggest_host *h)
{
	while (h->together != h) {
		h->together = h->together->together;
		h = h->together;
	}
	return h;
}

static void join(struct suggest_host *a, struct suggest_host *b, char *why)
{
	struct suggest_host *first = first_of(a), *second = first_of(b);

	if (second->number < first->number) {
		struct suggest_host *other = first;

		first = second;
		second = other;
	}
	if (first != second) {
		second->together = first;
		for (size_t i = 0; i < second->why.n; i++) {
			words_put(&first->why, second->why.text[i]);
		}
	}
	words_put(&first->why, why);
	free(why);
}

/* The register tells hosts apart by address: the same one in two segments is one to it. */
static void join_addresses(struct suggest *s)
{
	struct owner *all = NULL;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		struct suggest_host *other = own(&all, mem_strdup(h->host->address), h);

		if (other != NULL) {
			h->sort = other->sort;
			join(other, h, mem_strdup("the same address in several segments"));
		}
	}
	free_owners(&all);
}

static void join_keys(struct suggest *s)
{
	struct owner *all = NULL;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		struct suggest_host *other =
		        h->key != NULL && first_of(h) == h ? own(&all, mem_strdup(h->key), h) : NULL;

		if (other != NULL) {
			join(other, h,
			     h->sort == SORT_SYSTEM && strchr("sm", h->key[0]) != NULL
			             ? mem_printf("the names share \"%s\"", h->stem)
			             : mem_strdup(""));
		}
	}
	free_owners(&all);
}

/* One name of several machines whose words tell nothing (app1.trust.example). */
static void join_names(struct suggest *s)
{
	struct owner *all = NULL;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		if (h->sort == SORT_SYSTEM && h->key == NULL && strchr(h->host->name, '.') != NULL) {
			struct suggest_host *other = own(&all, mem_strdup(h->host->name), h);

			if (other != NULL) {
				join(other, h, mem_printf("the same host name %s", h->host->name));
			}
		}
	}
	free_owners(&all);
}

/* Machines that are called differently are two, whatever they call themselves in messages; and an engine passes on what
 * others call themselves. */
static bool may_share_title(const struct suggest_host *a, const struct suggest_host *b)
{
	return a->sort == SORT_SYSTEM && b->sort == SORT_SYSTEM && !(a->is_machine_named && b->is_machine_named) &&
	       !role_is(&a->host->deeds, ROLE_ENGINE) && !role_is(&b->host->deeds, ROLE_ENGINE);
}

static void join_titles(struct suggest *s)
{
	struct owner *all = NULL;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		for (size_t i = 0; i < h->host->n_names; i++) {
			const struct match_name *n = &h->host->names[i];
			bool is_ae = n->source == NAME_AE_TITLE;

			if ((!is_ae && n->source != NAME_HL7) || suggest_is_common_title(n->name) ||
			    h->sort != SORT_SYSTEM) {
				continue;
			}
			struct suggest_host *other = own(&all, mem_printf("%c%s", is_ae ? 't' : 'h', n->name), h);

			if (other != NULL && may_share_title(other, h)) {
				join(other, h,
				     mem_printf("the same %s %s", is_ae ? "AE title" : "HL7 application", n->name));
			}
		}
	}
	free_owners(&all);
}

/* Clusters of one look: same role, zone and ports. */
struct look {
	char *key;
	struct suggest_host *heads[HEADS_MAX];
	size_t n;
	UT_hash_handle hh;
};

static bool has_same_peers(const struct suggest_host *a, const struct suggest_host *b)
{
	unsigned equal = 0;

	for (unsigned i = 0; i < SKETCH; i++) {
		equal += a->sketch[i] == b->sketch[i];
	}
	return equal >= ALIKE_MIN;
}

static struct look *look_of(struct look **all, const struct suggest_host *h)
{
	char *serves = words_join(&h->serves, "\n", 0),
	     *key = mem_printf("%x\n%s\n%s", suggest_roles(h), h->zone, serves);
	struct look *look;

	HASH_FIND_STR(*all, key, look);
	if (look == NULL) {
		look = mem_zalloc(1, sizeof *look);
		look->key = mem_strdup(key);
		HASH_ADD_KEYPTR(hh, *all, look->key, strlen(look->key), look);
	}
	free(serves);
	free(key);
	return look;
}

static void join_cluster(struct look *look, struct suggest_host *h)
{
	for (size_t i = 0; i < look->n; i++) {
		if (has_same_peers(look->heads[i], h)) {
			join(look->heads[i], h,
			     mem_strdup("the same role, zone and ports, and largely the same peers"));
			return;
		}
	}
	if (look->n < HEADS_MAX) {
		look->heads[look->n++] = h;
	}
}

/* Servers whose names tell nothing. Few peers in common prove nothing. */
static void join_clusters(struct suggest *s)
{
	struct look *all = NULL, *look, *next;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		if (h->sort == SORT_SYSTEM && h->key == NULL && h->stem[0] == '\0' && h->n_peers == FEW &&
		    h->serves.n > 0) {
			join_cluster(look_of(&all, h), h);
		}
	}
	HASH_ITER(hh, all, look, next)
	{
		HASH_DEL(all, look);
		free(look->key);
		free(look);
	}
}

void suggest_group(struct suggest *s)
{
	size_t number = 0;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		h->number = number++;
		suggest_name_host(s, h);
	}
	suggest_sort(s);
	join_addresses(s);
	join_keys(s);
	join_names(s);
	join_titles(s);
	join_clusters(s);
	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		h->together = first_of(h);
	}
}
