/* Inside hosts stay addresses; everybody else becomes a party. */
#include "terrier/daemon/party.h"

#include "terrier/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uthash.h>

#define NAMES_MAX     65536 /* learnt names in all */
#define NAMES_EACH    8     /* of one address */
#define OVERFLOW_NAME "other outside addresses"

struct learnt {
	int64_t first_us;
	char *name;
};

struct address {
	struct addr key;
	struct learnt names[NAMES_EACH];
	unsigned n;
	UT_hash_handle hh;
};

struct known {
	UT_hash_handle hh;
	char key[]; /* an address's octets, or a party's text */
};

struct parties {
	struct party_options options;
	struct address *addresses;
	struct known *hosts, *outsiders;
	uint32_t n_names;
};

struct parties *parties_new(const struct party_options *options)
{
	struct parties *p = mem_zalloc(1, sizeof *p);

	p->options = *options;
	return p;
}

static void free_known(struct known **set)
{
	struct known *k, *next;

	HASH_ITER(hh, *set, k, next) {
		HASH_DEL(*set, k);
		free(k);
	}
}

void parties_free(struct parties *p)
{
	struct address *a, *next;

	if (p == NULL) {
		return;
	}
	HASH_ITER(hh, p->addresses, a, next) {
		HASH_DEL(p->addresses, a);
		for (unsigned i = 0; i < a->n; i++) {
			free(a->names[i].name);
		}
		free(a);
	}
	free_known(&p->hosts);
	free_known(&p->outsiders);
	free(p);
}

static bool any_has(const struct prefix *list, size_t n, const struct addr *a)
{
	for (size_t i = 0; i < n; i++) {
		if (prefix_has(&list[i], a)) {
			return true;
		}
	}
	return false;
}

bool parties_is_inside(const struct parties *p, const struct addr *a)
{
	return any_has(p->options.own, p->options.n_own, a) && !any_has(p->options.outside, p->options.n_outside, a);
}

void parties_learn(struct parties *p, const struct addr *addr, const char *name, int64_t first_us)
{
	struct address *a;

	HASH_FIND(hh, p->addresses, addr, sizeof *addr, a);
	for (unsigned i = 0; a != NULL && i < a->n; i++) {
		if (strcmp(a->names[i].name, name) == 0) {
			a->names[i].first_us = first_us < a->names[i].first_us ? first_us : a->names[i].first_us;
			return;
		}
	}
	if (p->n_names == NAMES_MAX || (a != NULL && a->n == NAMES_EACH)) {
		return;
	}
	if (a == NULL) {
		a = mem_zalloc(1, sizeof *a);
		a->key = *addr;
		HASH_ADD(hh, p->addresses, key, sizeof a->key, a);
	}
	a->names[a->n++] = (struct learnt){.first_us = first_us, .name = mem_strdup(name)};
	p->n_names++;
}

/* The newest name not younger than `us`; of two, the first in byte order, so that order of arrival does not matter. */
const char *parties_name(const struct parties *p, const struct addr *addr, int64_t us)
{
	const struct learnt *best = NULL;
	struct address *a;

	HASH_FIND(hh, p->addresses, addr, sizeof *addr, a);
	for (unsigned i = 0; a != NULL && i < a->n; i++) {
		const struct learnt *l = &a->names[i];

		if (l->first_us > us) {
			continue;
		}
		if (best == NULL || l->first_us > best->first_us ||
		    (l->first_us == best->first_us && strcmp(l->name, best->name) < 0)) {
			best = l;
		}
	}
	return best != NULL ? best->name : NULL;
}

bool parties_is_open(const struct parties *p, const struct addr *a, const char *reached_by)
{
	return reached_by[0] == '\0' && addr_classify(a) == ADDR_HOST && !parties_is_inside(p, a);
}

/* True when the key is in the set or there is room to put it there. */
static bool admit(struct known **set, const void *key, size_t len, uint32_t max)
{
	struct known *k;

	HASH_FIND(hh, *set, key, len, k);
	if (k != NULL) {
		return true;
	}
	if (HASH_COUNT(*set) >= max) {
		return false;
	}
	k = mem_zalloc(1, sizeof *k + len);
	memcpy(k->key, key, len);
	HASH_ADD_KEYPTR(hh, *set, k->key, len, k);
	return true;
}

static void set_block(struct endpoint *out, const struct addr *a)
{
	struct prefix block = prefix_of(a, addr_is_v4(a) ? 96 + 24 : 48);
	char text[PREFIX_TEXT_MAX];

	out->addr = block.addr;
	snprintf(out->party, sizeof out->party, "%s", prefix_format(&block, text));
}

static void resolve_multicast(const struct addr *a, struct endpoint *out)
{
	/* ff02::1:ffXX:XXXX ends in the asked host's address (RFC 4291 2.7.1): one party, not one a host */
	static const uint8_t solicited[13] = {0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff};
	char text[PREFIX_TEXT_MAX];
	struct prefix group = {.addr = *a, .bits = 128};

	if (memcmp(a->b, solicited, sizeof solicited) == 0) {
		group = prefix_of(a, 104);
	}
	out->addr = group.addr;
	snprintf(out->party, sizeof out->party, "multicast %s", prefix_format(&group, text));
}

static void resolve_outside(struct parties *p, const struct addr *a, const char *name, struct endpoint *out)
{
	if (name != NULL && name[0] != '\0') {
		snprintf(out->party, sizeof out->party, "%s", name);
	} else {
		set_block(out, a);
	}
	if (!admit(&p->outsiders, out->party, strlen(out->party), p->options.max_parties)) {
		memset(&out->addr, 0, sizeof out->addr);
		snprintf(out->party, sizeof out->party, "%s", OVERFLOW_NAME);
	}
}

void parties_resolve(struct parties *p, const struct addr *a, const char *reached_by, int64_t started_us,
                     struct endpoint *out)
{
	*out = (struct endpoint){.is_inside = true};
	switch (addr_classify(a)) {
	case ADDR_BROADCAST:
		snprintf(out->party, sizeof out->party, "broadcast");
		return;
	case ADDR_UNSPECIFIED:
		snprintf(out->party, sizeof out->party, "unspecified");
		return;
	case ADDR_MULTICAST:
		resolve_multicast(a, out);
		return;
	case ADDR_LOOPBACK:
	case ADDR_HOST:
		break;
	}
	out->is_inside = addr_classify(a) == ADDR_LOOPBACK || parties_is_inside(p, a);
	if (!out->is_inside) {
		resolve_outside(p, a, reached_by[0] != '\0' ? reached_by : parties_name(p, a, started_us), out);
	} else if (admit(&p->hosts, a, sizeof *a, p->options.max_hosts)) {
		out->addr = *a;
	} else {
		set_block(out, a); /* too many addresses to be hosts: a scan or a forger */
	}
}
