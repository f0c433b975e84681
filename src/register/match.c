/* Which asset a host is: one hash table of everything assets can be told by, asked once a host. */
#include "terrier/register/match.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <fnmatch.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How exact a match is; within one sort the length of what matched decides. */
enum rank {
	BY_PORT,
	BY_MAKER,
	BY_BLOCK_PART,
	BY_BLOCK,
	BY_SUFFIX,
	BY_GLOB,
	BY_TITLE,
	BY_NAME,
	BY_MAC,
	BY_ADDRESS
};
#define RANK_SIZE  256u
#define PORT_BONUS (16u * RANK_SIZE)

#define MAC_TEXT_LEN   17
#define MAKER_TEXT_LEN 8

/* One criterion of one asset. */
struct criterion {
	struct match match;  /* `by` is its own */
	char *pattern;       /* of a glob */
	struct prefix block; /* of a network */
	enum rank rank;
	struct criterion *next; /* with the same key */
};

struct slot {
	char *key; /* a letter for the sort, then the text in lower case */
	struct criterion *first;
	UT_hash_handle hh;
};

struct matcher {
	struct slot *slots;
	struct criterion *globs; /* a list of their own */
	bool has_bits[129];      /* lengths of blocks in use */
};

static struct criterion *new_criterion(const struct entry *asset, const char *sort,
                                       const char *text, size_t len, enum rank rank, unsigned size)
{
	struct criterion *c = mem_zalloc(1, sizeof *c);

	*c = (struct criterion){
	        .match = {.asset = asset,
	                  .by = mem_printf("%s %.*s", sort, (int)len, text),
	                  .score = (unsigned)rank * RANK_SIZE +
	                           (size < RANK_SIZE ? size : RANK_SIZE - 1)},
	        .rank = rank,
	};
	return c;
}

static void free_list(struct criterion *c)
{
	while (c != NULL) {
		struct criterion *next = c->next;

		free((char *)c->match.by);
		free(c->pattern);
		free(c);
		c = next;
	}
}

static void put(struct matcher *m, char letter, const char *text, size_t len, struct criterion *c)
{
	char *key = mem_printf("%c%.*s", letter, (int)len, text);
	struct slot *slot;

	text_lower(key + 1);
	HASH_FIND_STR(m->slots, key, slot);
	if (slot == NULL) {
		slot = mem_zalloc(1, sizeof *slot);
		slot->key = key;
		HASH_ADD_KEYPTR(hh, m->slots, slot->key, strlen(slot->key), slot);
	} else {
		free(key);
	}
	c->next = slot->first;
	slot->first = c;
}

static const struct criterion *get(const struct matcher *m, char letter, const char *text,
                                   size_t len)
{
	char key[2 * TEXT_DNS_MAX];
	struct slot *slot;

	if (len + 2 > sizeof key) {
		return NULL;
	}
	key[0] = letter;
	text_copy(key + 1, sizeof key - 1, text, len);
	text_lower(key + 1);
	HASH_FIND_STR(m->slots, key, slot);
	return slot != NULL ? slot->first : NULL;
}

static void add_network(struct matcher *m, const struct entry *asset, const char *text, size_t len)
{
	char copy[PREFIX_TEXT_MAX], key[PREFIX_TEXT_MAX];
	struct criterion *c;
	struct prefix block;

	text_copy(copy, sizeof copy, text, len);
	if (!prefix_parse(copy, &block)) {
		return;
	}
	bool is_address = block.bits == 128;

	c = new_criterion(asset, is_address ? "address" : "network", text, len,
	                  is_address ? BY_ADDRESS : BY_BLOCK, block.bits);
	c->block = block;
	m->has_bits[block.bits] = true;
	prefix_format(&block, key);
	put(m, 'c', key, strlen(key), c);
}

/* The characters that a name must have; each star and question mark may stand for any. */
static unsigned count_fixed(const char *text, size_t len)
{
	unsigned n = 0;

	for (size_t i = 0; i < len; i++) {
		n += text[i] != '*' && text[i] != '?';
	}
	return n;
}

static void add_glob(struct matcher *m, const struct entry *asset, const char *text, size_t len)
{
	struct criterion *c;

	if (memchr(text, '*', len) == NULL && memchr(text, '?', len) == NULL) {
		put(m, 'n', text, len,
		    new_criterion(asset, "host name", text, len, BY_NAME, (unsigned)len));
		return;
	}
	c = new_criterion(asset, "host name", text, len, BY_GLOB, count_fixed(text, len));
	c->pattern = mem_printf("%.*s", (int)len, text);
	c->next = m->globs;
	m->globs = c;
}

/* APPLICATION^FACILITY, or APPLICATION of any facility. */
static void add_title(struct matcher *m, const struct entry *asset, enum asset_column column,
                      const char *text, size_t len)
{
	bool is_ae = column == ASSET_MATCH_AE_TITLE;

	put(m, is_ae ? 't' : 'h', text, len,
	    new_criterion(asset, is_ae ? "AE title" : "HL7 application", text, len, BY_TITLE,
	                  (unsigned)len));
}

static void add_mac(struct matcher *m, const struct entry *asset, const char *text, size_t len)
{
	bool is_whole = len == MAC_TEXT_LEN;

	put(m, 'm', text, len,
	    new_criterion(asset, "hardware address", text, len, is_whole ? BY_MAC : BY_MAKER,
	                  (unsigned)len));
}

static void add_item(struct matcher *m, const struct entry *asset, enum asset_column column,
                     const char *text, size_t len)
{
	switch (column) {
	case ASSET_MATCH_IP:
		add_network(m, asset, text, len);
		break;
	case ASSET_MATCH_MAC:
		add_mac(m, asset, text, len);
		break;
	case ASSET_MATCH_HOSTNAME:
		add_glob(m, asset, text, len);
		break;
	case ASSET_MATCH_DNS_SUFFIX:
		put(m, 's', text, len,
		    new_criterion(asset, "domain", text, len, BY_SUFFIX, (unsigned)len));
		break;
	case ASSET_MATCH_AE_TITLE:
	case ASSET_MATCH_HL7_APP:
		add_title(m, asset, column, text, len);
		break;
	default:
		break;
	}
}

/* The asset's only criteria are its ports. */
static void add_ports(struct matcher *m, const struct entry *asset)
{
	const char *list = entry_text(asset, ASSET_MATCH_PORT);
	size_t len;

	for (const char *item; (item = entry_next(&list, &len)) != NULL;) {
		put(m, 'p', item, len, new_criterion(asset, "port", item, len, BY_PORT, 0));
	}
}

static void add_asset(struct matcher *m, const struct entry *asset)
{
	bool has_more = false;

	for (unsigned column = ASSET_MATCH_IP; column < ASSET_MATCH_PORT; column++) {
		const char *list = entry_text(asset, column);
		size_t len;

		for (const char *item; (item = entry_next(&list, &len)) != NULL;) {
			add_item(m, asset, (enum asset_column)column, item, len);
			has_more = true;
		}
	}
	if (!has_more) {
		add_ports(m, asset);
	}
}

struct matcher *matcher_new(const struct entries *assets)
{
	struct matcher *m = mem_zalloc(1, sizeof *m);
	const struct entry *asset;

	for (asset = assets != NULL ? assets->first : NULL; asset != NULL; asset = asset->hh.next) {
		add_asset(m, asset);
	}
	return m;
}

void matcher_free(struct matcher *m)
{
	struct slot *slot, *next;

	if (m == NULL) {
		return;
	}
	HASH_ITER(hh, m->slots, slot, next)
	{
		HASH_DEL(m->slots, slot);
		free_list(slot->first);
		free(slot->key);
		free(slot);
	}
	free_list(m->globs);
	free(m);
}

/* The candidates of one host as they are found. */
struct found {
	struct match *matches;
	size_t n;
};

static void take(struct found *f, const struct criterion *c, unsigned less)
{
	struct match match = c->match;

	match.score -= less;
	for (size_t i = 0; i < f->n; i++) {
		if (f->matches[i].asset == match.asset) {
			if (match.score > f->matches[i].score) {
				f->matches[i] = match;
			}
			return;
		}
	}
	if ((f->n & (f->n - 1)) == 0) {
		f->matches = mem_resize(f->matches, f->n > 0 ? f->n * 2 : 1, sizeof *f->matches);
	}
	f->matches[f->n++] = match;
}

static void take_all(struct found *f, const struct criterion *c)
{
	for (; c != NULL; c = c->next) {
		take(f, c, 0);
	}
}

/* Blocks that hold the address, or all of the party's block. */
static void find_networks(const struct matcher *m, const struct match_subject *s, struct found *f)
{
	/* as prefix_has() says, ::/0 is all of IPv6 and none of IPv4 */
	unsigned bits = s->addr != NULL && addr_is_v4(s->addr) ? 96 : 0;
	char key[PREFIX_TEXT_MAX];

	for (; s->addr != NULL && bits <= s->bits && bits <= 128; bits++) {
		if (m->has_bits[bits]) {
			struct prefix p = prefix_of(s->addr, (uint8_t)bits);

			prefix_format(&p, key);
			take_all(f, get(m, 'c', key, strlen(key)));
		}
	}
}

/* A party outside is kept as its block: an asset's address inside it is as near as can be told. */
static void find_parts(const struct matcher *m, const struct match_subject *s, struct found *f)
{
	struct prefix block;
	const struct slot *slot;

	if (s->addr == NULL || s->bits >= 128 || f->n > 0) {
		return;
	}
	block = prefix_of(s->addr, s->bits);
	for (slot = m->slots; slot != NULL; slot = slot->hh.next) {
		for (const struct criterion *c = slot->key[0] == 'c' ? slot->first : NULL;
		     c != NULL; c = c->next) {
			if (prefix_has(&block, &c->block.addr)) {
				take(f, c, (unsigned)(c->rank - BY_BLOCK_PART) * RANK_SIZE);
			}
		}
	}
}

/* Without a dot it is about the first label, as a name without one is. */
static bool fits_glob(const char *pattern, const char *name, const char *label)
{
	return fnmatch(pattern, name, FNM_CASEFOLD | FNM_NOESCAPE) == 0 ||
	       (strchr(pattern, '.') == NULL &&
	        fnmatch(pattern, label, FNM_CASEFOLD | FNM_NOESCAPE) == 0);
}

static void find_host_name(const struct matcher *m, const char *name, struct found *f)
{
	size_t len = strlen(name), label_len = strcspn(name, ".");
	char label[TEXT_DNS_MAX + 1];

	text_copy(label, sizeof label, name, label_len);
	take_all(f, get(m, 'n', name, len));
	take_all(f, get(m, 'n', name, label_len));
	for (const char *at = name; at != NULL; at = strchr(at, '.')) {
		at += at > name || *at == '.';
		take_all(f, get(m, 's', at, strlen(at)));
	}
	for (const struct criterion *c = m->globs; c != NULL; c = c->next) {
		if (fits_glob(c->pattern, name, label)) {
			take(f, c, 0);
		}
	}
}

static void find_name(const struct matcher *m, const struct match_name *n, struct found *f)
{
	switch (n->source) {
	case NAME_AE_TITLE:
		take_all(f, get(m, 't', n->name, strlen(n->name)));
		break;
	case NAME_HL7:
		take_all(f, get(m, 'h', n->name, strlen(n->name)));
		take_all(f, get(m, 'h', n->name, strcspn(n->name, "^")));
		break;
	case NAME_BANNER: /* of a program, not of a host */
	case NAME_NONE:
		break;
	default:
		find_host_name(m, n->name, f);
	}
}

static int compare_matches(const void *left, const void *right)
{
	const struct match *a = left, *b = right;

	if (a->score != b->score) {
		return a->score > b->score ? -1 : 1;
	}
	return strcmp(a->asset->id, b->asset->id);
}

struct match *matcher_candidates(const struct matcher *m, const struct match_subject *s, size_t *n)
{
	struct found f = {0};

	find_networks(m, s, &f);
	for (size_t i = 0; i < s->n_names; i++) {
		find_name(m, &s->names[i], &f);
	}
	if (strlen(s->mac) == MAC_TEXT_LEN) {
		take_all(&f, get(m, 'm', s->mac, MAC_TEXT_LEN));
		take_all(&f, get(m, 'm', s->mac, MAKER_TEXT_LEN));
	}
	find_parts(m, s, &f);
	if (f.n > 1) {
		qsort(f.matches, f.n, sizeof *f.matches, compare_matches);
	}
	*n = f.n;
	return f.matches;
}

/* "tcp/104" as a port list has it. */
static const char *print_port(uint8_t ip_protocol, uint16_t port, char out[16])
{
	snprintf(out, 16, "%s/%u", ip_protocol == IPPROTO_UDP ? "udp" : "tcp", (unsigned)port);
	return out;
}

static bool lists_port(const struct entry *asset, uint8_t ip_protocol, uint16_t port)
{
	const char *list = entry_text(asset, ASSET_MATCH_PORT);
	char text[16];

	print_port(ip_protocol, port, text);
	return entry_lists(list, text) || entry_lists(list, text + 4);
}

const struct match *match_pick(const struct match *candidates, size_t n, uint8_t ip_protocol,
                               uint16_t port, const struct match **rival)
{
	const struct match *best = NULL, *second = NULL;
	unsigned best_score = 0;

	for (size_t i = 0; i < n; i++) {
		const struct match *c = &candidates[i];
		bool is_narrowed = entry_text(c->asset, ASSET_MATCH_PORT)[0] != '\0';
		unsigned score = c->score + (is_narrowed ? PORT_BONUS : 0);

		if (is_narrowed && (port == 0 || !lists_port(c->asset, ip_protocol, port))) {
			continue;
		}
		if (best == NULL || score > best_score) {
			best = c;
			best_score = score;
			second = NULL;
		} else if (score == best_score && second == NULL) {
			second = c;
		}
	}
	if (rival != NULL) {
		*rival = second;
	}
	return best;
}

const struct entry *matcher_by_port(const struct matcher *m, uint8_t ip_protocol, uint16_t port,
                                    const struct match **rival)
{
	const struct match *best = NULL, *second = NULL;
	char text[16];

	print_port(ip_protocol, port, text);
	for (int i = 0; i < 2; i++) {
		const char *key = i == 0 ? text : text + 4;

		for (const struct criterion *c = get(m, 'p', key, strlen(key)); c != NULL;
		     c = c->next) {
			const struct match *next = &c->match;

			if (best == NULL || compare_matches(next, best) < 0) {
				next = best;
				best = &c->match;
			}
			if (next != NULL && next->asset != best->asset &&
			    (second == NULL || compare_matches(next, second) < 0)) {
				second = next;
			}
		}
	}
	*rival = second;
	return best != NULL ? best->asset : NULL;
}
