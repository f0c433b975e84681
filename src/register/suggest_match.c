/* By what the proposed rows are matched. Addresses first, for they are certain; names beside them where nobody else has
 * them, since addresses change. The rows are then tried on all hosts, with the register's own matching, and what
 * catches others is taken out again. */
#include "suggest.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS_MAX   16
#define AE_TITLE_MAX 16 /* PS3.5 6.2 */
#define TITLES_MAX   16 /* AE titles, applications or host names of a row */
#define LISTED_MAX   64 /* addresses of clients that are listed; more are their block */

/* As many as fit a cell. */
static void set_words(struct entry *e, size_t column, const struct words *words)
{
	struct words some = *words;
	char *text = words_join(&some, ";", 0);

	while (strlen(text) > ENTRY_CELL_MAX) {
		some.n--;
		free(text);
		text = words_join(&some, ";", some.n);
	}
	entry_set(e, column, text, strlen(text));
	free(text);
}

/* A name as an item of a list: what would read as a pattern, or as two, is left out. */
static bool is_item(const char *name)
{
	return strpbrk(name, ";*?\"\r\n") == NULL && name[0] != ' ' && name[0] != '!' && name[strlen(name) - 1] != ' ';
}

/* Who has a name: a row, or more than one. Engines pass on what others call themselves, and have it only where nobody
 * else does. */
struct holder {
	char *name; /* a letter for the sort, then the text in lower case */
	const struct suggest_row *row, *engine;
	bool is_shared, is_passed_on;
	UT_hash_handle hh;
};

/* How a name may serve as an item of a row: its column, and the text as cells have it (free()). ASSET_COLUMNS: not
 * at all. */
static enum asset_column column_of(const struct directory_host *host, const struct match_name *n, char **text)
{
	enum asset_column column = ASSET_COLUMNS;

	if (n->name[0] == '\0' || !is_item(n->name)) {
		return ASSET_COLUMNS;
	}
	if (n->source == NAME_HL7) {
		column = ASSET_MATCH_HL7_APP;
	} else if (n->source == NAME_AE_TITLE && strlen(n->name) <= AE_TITLE_MAX && !suggest_is_common_title(n->name)) {
		column = ASSET_MATCH_AE_TITLE;
	} else if (suggest_names_machine(n->source) && strcmp(n->name, host->name) == 0 &&
	           text_is_hostname(n->name, strlen(n->name))) {
		column = ASSET_MATCH_HOSTNAME;
	}
	if (column != ASSET_COLUMNS) {
		*text = mem_strdup(n->name);
		if (column == ASSET_MATCH_HOSTNAME) {
			text_lower(*text);
		}
	}
	return column;
}

static struct holder *holder_of(struct holder **all, enum asset_column column, const char *text)
{
	char *key = mem_printf("%u %s", (unsigned)column, text);
	struct holder *holder;

	text_lower(key);
	HASH_FIND_STR(*all, key, holder);
	if (holder == NULL) {
		holder = mem_zalloc(1, sizeof *holder);
		holder->name = key;
		HASH_ADD_KEYPTR(hh, *all, holder->name, strlen(holder->name), holder);
	} else {
		free(key);
	}
	return holder;
}

static void note_holder(struct holder *holder, const struct suggest_row *row)
{
	bool is_engine = row != NULL && (row->roles & ROLE_BIT(ROLE_ENGINE)) != 0;
	const struct suggest_row **first = is_engine ? &holder->engine : &holder->row;
	bool *is_many = is_engine ? &holder->is_passed_on : &holder->is_shared;

	*is_many |= row == NULL || (*first != NULL && *first != row);
	*first = row;
}

static struct holder *find_holders(const struct suggest *s)
{
	struct holder *all = NULL;

	for (const struct directory_host *host = directory_first(s->options.directory); host != NULL;
	     host = host->hh.next) {
		struct suggest_host *h;

		HASH_FIND_STR(s->hosts, host->key, h);
		for (size_t i = 0; i < host->n_names; i++) {
			char *text;
			enum asset_column column = column_of(host, &host->names[i], &text);

			if (column != ASSET_COLUMNS) {
				note_holder(holder_of(&all, column, text), h != NULL ? h->row : NULL);
				free(text);
			}
		}
	}
	return all;
}

static void free_holders(struct holder **all)
{
	struct holder *holder, *next;

	HASH_ITER(hh, *all, holder, next)
	{
		HASH_DEL(*all, holder);
		free(holder->name);
		free(holder);
	}
}

static bool has_alone(const struct holder *holder, const struct suggest_row *row)
{
	if (holder->row == row) {
		return !holder->is_shared;
	}
	return holder->engine == row && !holder->is_passed_on && holder->row == NULL && !holder->is_shared;
}

static void fill_names(struct suggest_row *row, struct holder *holders)
{
	struct words items[ASSET_MATCH_HL7_APP + 1] = {0};

	for (size_t i = 0; i < row->n; i++) {
		const struct directory_host *host = row->hosts[i]->host;

		for (size_t k = 0; k < host->n_names; k++) {
			char *text;
			enum asset_column column = column_of(host, &host->names[k], &text);

			if (column == ASSET_COLUMNS) {
				continue;
			}
			if (items[column].n < TITLES_MAX && has_alone(holder_of(&holders, column, text), row)) {
				words_put(&items[column], text);
			}
			free(text);
		}
	}
	for (size_t column = ASSET_MATCH_HOSTNAME; column <= ASSET_MATCH_HL7_APP; column++) {
		set_words(row->out.entry, column, &items[column]);
		words_clear(&items[column]);
	}
}

/* An address; of a party that is a block, without its brackets. */
static char *text_of(const struct directory_host *host)
{
	size_t len = strlen(host->address);

	return host->is_party && len > 2 ? mem_printf("%.*s", (int)len - 2, host->address + 1)
	                                 : mem_strdup(host->address);
}

static void fill_addresses(struct suggest_row *row)
{
	struct words all = {0};

	for (size_t i = 0; i < row->n; i++) {
		char *text = text_of(row->hosts[i]->host);
		struct prefix block;

		if (prefix_parse(text, &block)) {
			words_put(&all, text);
		}
		free(text);
	}
	set_words(row->out.entry, ASSET_MATCH_IP, &all);
	words_clear(&all);
}

/* The block of a zone, or the subnet, that a client is in. */
static struct prefix block_of(const struct suggest *s, const struct suggest_host *h)
{
	struct prefix block = prefix_of(&h->host->addr, addr_is_v4(&h->host->addr) ? 96 + 24 : 64);

	zones_block(s->options.zones, &h->host->addr, &block);
	return block;
}

/* Blocks, and how many of the hosts in each are clients. */
struct block {
	char text[PREFIX_TEXT_MAX];
	size_t n_hosts, n_clients;
	UT_hash_handle hh;
};

static struct block *count_blocks(const struct suggest *s)
{
	struct block *all = NULL, *b;

	for (const struct suggest_host *h = s->hosts; h != NULL; h = h->hh.next) {
		char text[PREFIX_TEXT_MAX];
		struct prefix block = block_of(s, h);

		if (!h->host->is_inside) {
			continue;
		}
		prefix_format(&block, text);
		HASH_FIND_STR(all, text, b);
		if (b == NULL) {
			b = mem_zalloc(1, sizeof *b);
			text_copy(b->text, sizeof b->text, text, strlen(text));
			HASH_ADD_STR(all, text, b);
		}
		b->n_hosts++;
		b->n_clients += h->sort == SORT_CLIENTS;
	}
	return all;
}

static void free_blocks(struct block **all)
{
	struct block *b, *next;

	HASH_ITER(hh, *all, b, next)
	{
		HASH_DEL(*all, b);
		free(b);
	}
}

/* A machine that is new where people's machines are is one, most likely; elsewhere it is to be asked for. */
static void fill_clients(const struct suggest *s, struct suggest_row *row, struct block *blocks)
{
	struct words all = {0};

	for (size_t i = 0; i < row->n; i++) {
		struct prefix block = block_of(s, row->hosts[i]);
		char text[PREFIX_TEXT_MAX], *address = text_of(row->hosts[i]->host);
		struct block *b;

		HASH_FIND_STR(blocks, prefix_format(&block, text), b);
		words_put(&all,
		          (b->n_clients * 2 > b->n_hosts && !row->is_narrow) || row->n > LISTED_MAX ? text : address);
		free(address);
	}
	set_words(row->out.entry, ASSET_MATCH_IP, &all);
	words_clear(&all);
}

/* A party by its registrable domain; where that is our own, by its whole name. */
static void fill_outside(const struct suggest *s, struct suggest_row *row)
{
	struct words all = {0};

	for (size_t i = 0; i < row->n; i++) {
		char *name = text_of(row->hosts[i]->host);

		text_lower(name);
		if (text_is_hostname(name, strlen(name))) {
			const char *domain = text_registrable(name);

			words_put(&all, row->is_narrow || strcmp(domain, s->home) == 0 ? name : domain);
		}
		free(name);
	}
	set_words(row->out.entry, ASSET_MATCH_DNS_SUFFIX, &all);
	words_clear(&all);
}

/* What rows are filled with. */
struct material {
	struct block *blocks;
	struct holder *holders;
};

static void fill_row(const struct suggest *s, struct suggest_row *row, const struct material *m)
{
	if (row->sort == SORT_OUTSIDE) {
		fill_outside(s, row);
	} else if (!suggest_is_nameless(row)) {
		fill_names(row, m->holders);
	}
	if (!s->options.shows_addresses) {
		return;
	}
	if (row->sort == SORT_CLIENTS) {
		fill_clients(s, row, m->blocks);
	} else {
		fill_addresses(row);
	}
}

/* Takes an item out of a list cell. */
static void take_out(struct entry *e, size_t column, const char *item)
{
	const char *list = entry_text(e, column);
	struct words rest = {0};
	size_t len;

	for (const char *at; (at = entry_next(&list, &len)) != NULL;) {
		char *one = mem_printf("%.*s", (int)len, at);

		if (strcmp(one, item) != 0) {
			words_put(&rest, one);
		}
		free(one);
	}
	set_words(e, column, &rest);
	words_clear(&rest);
}

/* A row catches a host that is not its own: mends what it did it by. False where nothing can be. */
static bool mend(const struct suggest *s, struct suggest_row *row, const char *by, const struct material *m)
{
	static const struct {
		const char *by;
		enum asset_column column;
	} names[] = {
	        {"host name ", ASSET_MATCH_HOSTNAME},
	        {"AE title ", ASSET_MATCH_AE_TITLE},
	        {"HL7 application ", ASSET_MATCH_HL7_APP},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strncmp(by, names[i].by, strlen(names[i].by)) == 0) {
			take_out(row->out.entry, names[i].column, by + strlen(names[i].by));
			return true;
		}
	}
	if (row->is_narrow) {
		return false;
	}
	row->is_narrow = true;
	fill_row(s, row, m);
	return true;
}

static struct suggest_row *row_of(const struct suggest *s, const struct entry *asset)
{
	for (size_t i = 0; i < s->n_rows; i++) {
		if (s->rows[i].out.entry == asset) {
			return &s->rows[i];
		}
	}
	return NULL;
}

/* The draft's row that catches the host, beside what is in force, and is not its own; NULL: none. A whole network of
 * clients may catch what was not seen to exchange anything. */
static const struct match *find_wrong(const struct suggest *s, const struct directory_host *host,
                                      const struct match *candidates, size_t n)
{
	struct suggest_host *h;
	struct match *all = mem_zalloc(n + host->n_matches + 1, sizeof *all);
	const struct match *best, *rival, *wrong = NULL;

	HASH_FIND_STR(s->hosts, host->key, h);
	for (size_t i = 0; i < n + host->n_matches; i++) {
		all[i] = i < n ? candidates[i] : host->matches[i - n];
	}
	best = match_pick(all, n + host->n_matches, 0, 0, &rival);
	for (size_t i = 0; i < n && wrong == NULL && best != NULL; i++) {
		const struct match *c = &candidates[i];
		bool is_caught = c->asset == best->asset || (rival != NULL && c->asset == rival->asset);
		bool is_own = h != NULL && h->row->out.entry == c->asset;
		bool is_idle = h == NULL && host->n_matches == 0 && strncmp(c->by, "network ", 8) == 0;

		wrong = is_caught && !is_own && !is_idle ? c : NULL;
	}
	free(all);
	return wrong;
}

/* One trial of all rows; true when something was mended. */
static bool try_rows(struct suggest *s, const struct material *material)
{
	struct matcher *m = matcher_new(s->draft);
	struct fault {
		struct suggest_row *row;
		char *by;
	} *faults = NULL;
	size_t n_faults = 0;
	bool is_mended = false;

	for (const struct directory_host *host = directory_first(s->options.directory); host != NULL;
	     host = host->hh.next) {
		size_t n;
		struct match *candidates = directory_candidates(host, m, &n);
		const struct match *wrong = host->is_group ? NULL : find_wrong(s, host, candidates, n);

		if (wrong != NULL) {
			if ((n_faults & (n_faults - 1)) == 0) {
				faults = mem_resize(faults, n_faults > 0 ? n_faults * 2 : 1, sizeof *faults);
			}
			faults[n_faults++] = (struct fault){row_of(s, wrong->asset), mem_strdup(wrong->by)};
		}
		free(candidates);
	}
	matcher_free(m);
	for (size_t i = 0; i < n_faults; i++) {
		is_mended |= mend(s, faults[i].row, faults[i].by, material);
		free(faults[i].by);
	}
	free(faults);
	return is_mended;
}

void suggest_match(struct suggest *s)
{
	struct material m = {count_blocks(s), find_holders(s)};

	for (size_t i = 0; i < s->n_rows; i++) {
		fill_row(s, &s->rows[i], &m);
	}
	for (unsigned round = 0; round < ROUNDS_MAX && try_rows(s, &m); round++) {
	}
	free_blocks(&m.blocks);
	free_holders(&m.holders);
}
