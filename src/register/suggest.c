/* A draft of the register: gathers what each host did, and has the rows made. */
#include "suggest.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct suggest *suggest_new(const struct suggest_options *options)
{
	struct suggest *s = mem_zalloc(1, sizeof *s);

	s->options = *options;
	s->home = suggest_home(options->directory);
	return s;
}

static void free_host(struct suggest_host *h)
{
	words_clear(&h->kinds);
	words_clear(&h->serves);
	words_clear(&h->protocols);
	words_clear(&h->why);
	free(h->zone);
	free(h->stem);
	free(h->label);
	free(h->key);
	free(h);
}

static void free_row(struct suggest_row *row)
{
	words_clear(&row->why);
	free(row->out.why);
	free(row->out.hosts);
	free(row->hosts);
}

void suggest_free(struct suggest *s)
{
	struct suggest_host *h, *next;

	if (s == NULL) {
		return;
	}
	HASH_ITER(hh, s->hosts, h, next)
	{
		HASH_DEL(s->hosts, h);
		free_host(h);
	}
	for (size_t i = 0; i < s->n_rows; i++) {
		free_row(&s->rows[i]);
	}
	entries_free(s->draft);
	free(s->rows);
	free(s->home);
	free(s);
}

/* Loopback; [unspecified]; outside addresses beyond those that were told apart. */
static bool is_nobody(const struct directory_host *host)
{
	return addr_classify(&host->addr) == ADDR_LOOPBACK ||
	       (host->is_party && (host->is_inside || strchr(host->address, ' ') != NULL) &&
	        addr_classify(&host->addr) == ADDR_UNSPECIFIED);
}

static struct suggest_host *get_host(struct suggest *s, const struct exchange_end *end)
{
	const struct directory_host *host;
	struct suggest_host *h;

	HASH_FIND_STR(s->hosts, end->host, h);
	if (h != NULL) {
		return h;
	}
	host = directory_find(s->options.directory, end->host);
	if (host == NULL || end->is_group || is_nobody(host)) {
		return NULL;
	}
	h = mem_zalloc(1, sizeof *h);
	h->host = host;
	h->zone = mem_strdup(end->zone);
	h->together = h;
	h->is_declared = host->n_matches > 0;
	memset(h->sketch, 0xff, sizeof h->sketch);
	HASH_ADD_KEYPTR(hh, s->hosts, host->key, strlen(host->key), h);
	return h;
}

/* Stafford's variant 13 of the 64-bit finaliser of MurmurHash3: neighbouring numbers end far apart. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

/* FNV-1a: the same in every process. */
static uint64_t hash_text(const char *text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (; *text != '\0'; text++) {
		hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	}
	return hash;
}

static void count_few(const struct directory_host *few[FEW], unsigned *n, const struct directory_host *host)
{
	for (unsigned i = 0; i < *n; i++) {
		if (few[i] == host) {
			return;
		}
	}
	if (*n < FEW) {
		few[(*n)++] = host;
	}
}

static void note_peer(struct suggest_host *h, const struct directory_host *peer)
{
	uint64_t hash = hash_text(peer->key);

	count_few(h->peers, &h->n_peers, peer);
	for (unsigned i = 0; i < SKETCH; i++) {
		uint64_t mixed = mix(hash + (i + 1) * UINT64_C(0x9e3779b97f4a7c15));

		h->sketch[i] = mixed < h->sketch[i] ? mixed : h->sketch[i];
	}
}

/* That a host may be administered, or was asked how it is, is no information that it keeps. */
static bool is_management(const struct exchange *e, bool is_source)
{
	return strcmp(e->kind_id, "inf.remote") == 0 ||
	       (strcmp(e->kind_id, "inf.monitoring") == 0 && (is_source || e->is_both));
}

/* What an end sends it has; what it takes in as a service it keeps. What runs the network says nothing of a host but
 * of those that serve it. */
static void note_kind(const struct suggest *s, struct suggest_host *h, const struct exchange *e, bool is_source,
                      bool is_server)
{
	uint16_t index = catalogue_find(s->options.catalogue, e->kind_id);
	const struct kind *kind = index != KIND_NONE ? catalogue_kind(s->options.catalogue, index) : NULL;
	bool has = is_server || (is_source && !e->is_both);

	if (kind == NULL || strcmp(kind->group, "unknown") == 0 || e->confidence == CONFIDENCE_LOW) {
		h->is_unclear |= has;
	} else if (has && !is_management(e, is_source) && (is_server || strcmp(kind->group, "infrastructure") != 0)) {
		words_put(&h->kinds, kind->id);
	}
}

static void note_service(struct suggest_host *h, const struct exchange *e, const struct directory_host *client)
{
	words_put(&h->protocols, e->protocol);
	count_few(h->clients, &h->n_clients, client);
	if (h->serves.n < SERVES_MAX && e->server_port != 0) {
		char *text = mem_printf("%s %s", e->protocol, e->port);

		words_put(&h->serves, text);
		free(text);
	}
}

static void note_end(struct suggest *s, const struct exchange *e, bool is_source)
{
	const struct exchange_end *end = is_source ? &e->source : &e->destination,
	                          *other = is_source ? &e->destination : &e->source;
	bool opened = is_source ? e->initiated_by_source : e->initiated_by_destination,
	     was_opened = is_source ? e->initiated_by_destination : e->initiated_by_source;
	const struct directory_host *peer = directory_find(s->options.directory, other->host);
	struct suggest_host *h = get_host(s, end);
	const struct match *rival;

	if (h == NULL || peer == NULL) {
		return;
	}
	/* an asset may fit by one of its ports alone */
	h->is_declared = h->is_declared || directory_asset(s->options.directory, e, end, &rival) != NULL;
	h->uses |= opened;
	h->spoke |= opened || (is_source ? e->bytes_to_destination : e->bytes_to_source) > 0;
	h->asks_worklist |= opened && !is_source && strcmp(e->kind_id, "img.workflow") == 0;
	note_kind(s, h, e, is_source, was_opened);
	if (was_opened && !other->is_group) {
		note_service(h, e, peer);
	}
	if (!other->is_group) {
		note_peer(h, peer);
	}
}

void suggest_add(struct suggest *s, const struct exchange *e)
{
	note_end(s, e, true);
	note_end(s, e, false);
}

static int compare_hosts(const struct suggest_host *a, const struct suggest_host *b)
{
	int result = addr_cmp(&a->host->addr, &b->host->addr);

	result = result != 0 ? result : strcmp(a->host->address, b->host->address);
	return result != 0 ? result : strcmp(a->host->key, b->host->key);
}

/* What is declared already; what was asked only, never spoke, and is nothing to judge by what it was sent. */
static void drop_hosts(struct suggest *s)
{
	struct suggest_host *h, *next;

	HASH_ITER(hh, s->hosts, h, next)
	{
		bool is_left_out = h->is_declared && !s->options.takes_declared;
		bool is_silent = h->host->is_inside && !h->spoke && suggest_roles(h) == 0;

		if (is_left_out || is_silent) {
			s->n_declared += is_left_out;
			HASH_DEL(s->hosts, h);
			free_host(h);
		}
	}
}

static void sort_words(struct suggest *s)
{
	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		words_sort(&h->kinds);
		words_sort(&h->serves);
		words_sort(&h->protocols);
	}
}

static struct suggest_row *new_row(struct suggest *s, const struct suggest_host *first)
{
	struct suggest_row *row;

	if ((s->n_rows & (s->n_rows - 1)) == 0) {
		s->rows = mem_resize(s->rows, s->n_rows > 0 ? s->n_rows * 2 : 1, sizeof *s->rows);
	}
	row = &s->rows[s->n_rows++];
	*row = (struct suggest_row){.sort = first->sort, .zone = first->zone};
	for (size_t i = 0; i < first->why.n; i++) {
		words_put(&row->why, first->why.text[i]);
	}
	return row;
}

/* The hosts come by address: rows and their hosts are in the same order whenever the same was seen. A row that
 * would outgrow a cell goes on in another. */
static void make_rows(struct suggest *s)
{
	struct open_row {
		const struct suggest_host *first;
		size_t row;
		UT_hash_handle hh;
	} *all = NULL, *open, *next;

	for (struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		HASH_FIND_PTR(all, &h->together, open);
		if (open == NULL) {
			open = mem_zalloc(1, sizeof *open);
			open->first = h->together;
			HASH_ADD_PTR(all, first, open);
			open->row = s->n_rows;
			new_row(s, h->together);
		} else if (s->rows[open->row].n == ROW_HOSTS && h->sort != SORT_CLIENTS) {
			open->row = s->n_rows;
			new_row(s, h->together);
		}
		struct suggest_row *row = &s->rows[open->row];

		if ((row->n & (row->n - 1)) == 0) {
			row->hosts = mem_resize(row->hosts, row->n > 0 ? row->n * 2 : 1, sizeof *row->hosts);
		}
		row->hosts[row->n++] = h;
		row->zone = row->zone != NULL && strcmp(row->zone, h->zone) == 0 ? row->zone : NULL;
	}
	HASH_ITER(hh, all, open, next)
	{
		HASH_DEL(all, open);
		free(open);
	}
}

static void finish_row(struct suggest_row *row)
{
	row->out.hosts = mem_zalloc(row->n, sizeof *row->out.hosts);
	row->out.n_hosts = row->n;
	for (size_t i = 0; i < row->n; i++) {
		row->out.hosts[i] = row->hosts[i]->host;
		row->hosts[i]->row = row;
	}
}

static int compare_rows(const void *left, const void *right)
{
	const struct suggest_row *a = left, *b = right;

	return a->sort != b->sort ? (a->sort < b->sort ? -1 : 1) : strcmp(a->out.entry->id, b->out.entry->id);
}

void suggest_finish(struct suggest *s)
{
	assert(s->rows == NULL);
	drop_hosts(s);
	HASH_SORT(s->hosts, compare_hosts);
	sort_words(s);
	suggest_group(s);
	make_rows(s);
	for (size_t i = 0; i < s->n_rows; i++) {
		suggest_fill(s, &s->rows[i]);
	}
	suggest_identify(s);
	if (s->n_rows > 1) {
		qsort(s->rows, s->n_rows, sizeof *s->rows, compare_rows);
	}
	s->draft = entries_new(ENTRY_ASSET);
	for (size_t i = 0; i < s->n_rows; i++) {
		bool is_new = entries_add(s->draft, s->rows[i].out.entry);

		assert(is_new);
		(void)is_new;
		finish_row(&s->rows[i]);
	}
	suggest_match(s);
}

size_t suggest_count(const struct suggest *s)
{
	return s->n_rows;
}

const struct suggestion *suggest_get(const struct suggest *s, size_t i)
{
	assert(i < s->n_rows);
	return &s->rows[i].out;
}

size_t suggest_declared(const struct suggest *s)
{
	return s->n_declared;
}
