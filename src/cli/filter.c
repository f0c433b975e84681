/* What --from, --to, --with, --kind and --zone select. A name selects every host that was ever seen
 * under it. */
#include "terrier/cli/filter.h"

#include "terrier/base/mem.h"
#include "terrier/base/nearest.h"
#include "terrier/base/text.h"
#include "terrier/cli/command.h"

#include <stdlib.h>
#include <string.h>

/* A host by what exchanges call it. */
struct known {
	char *segment, *address;
	int64_t id;
	bool is_named; /* as it was asked for */
};

/* What X of --from X stands for. */
struct ends {
	const char *text; /* NULL: not given */
	bool is_block;
	struct prefix block;
	struct known *hosts; /* those that bear the name X */
	size_t n_hosts;
};

struct filter {
	const struct session *session;
	struct ends from, to, with;
	const char *kind; /* NULL: any */
	size_t kind_len;  /* of the group with its dot; 0: the id as a whole */
	const char *zone; /* NULL: any */
	bool zone_is_block;
	struct prefix zone_block;
};

/* "pacs" means pacs.trust.example and the HL7 application PACS^TRUST too. */
static bool is_name(const char *name, const char *asked)
{
	size_t len = strlen(asked), label = strcspn(name, ".^");
	char copy[TEXT_DNS_MAX + 1];

	if (text_casecmp(name, asked) == 0) {
		return true;
	}
	if (len != label || len >= sizeof copy) {
		return false;
	}
	text_copy(copy, sizeof copy, name, label);
	return text_casecmp(copy, asked) == 0;
}

static void add_known(struct ends *all, const char *segment, size_t len, const char *address, int64_t id)
{
	if ((all->n_hosts & (all->n_hosts - 1)) == 0) {
		all->hosts = mem_resize(all->hosts, all->n_hosts > 0 ? all->n_hosts * 2 : 1,
		                        sizeof *all->hosts);
	}
	all->hosts[all->n_hosts++] = (struct known){
	        .segment = mem_printf("%.*s", (int)len, segment),
	        .address = mem_strdup(address),
	        .id = id,
	};
}

static bool keep_host(void *context, const struct host_row *row)
{
	add_known(context, row->segment, strlen(row->segment), row->address, row->id);
	return true;
}

static void free_known(struct known *host)
{
	free(host->segment);
	free(host->address);
}

/* Of a name that was asked for: notes whose it is. */
static bool see_name(void *context, const struct name_row *row)
{
	struct ends *ends = context;

	for (size_t i = 0; i < ends->n_hosts && is_name(row->name, ends->text); i++) {
		ends->hosts[i].is_named |= ends->hosts[i].id == row->host;
	}
	return true;
}

/* Keeps of all hosts those that bear the name. */
static int find_named(struct session *s, struct ends *ends)
{
	size_t kept = 0;

	if (store_each_host(s->store, keep_host, ends) != 0 ||
	    store_each_name(s->store, 0, see_name, ends) != 0) {
		return session_complain(s);
	}
	for (size_t i = 0; i < ends->n_hosts; i++) {
		if (ends->hosts[i].is_named) {
			ends->hosts[kept++] = ends->hosts[i];
		} else {
			free_known(&ends->hosts[i]);
		}
	}
	ends->n_hosts = kept;
	return EXIT_DONE;
}

/* Only an address can look like this: digits and dots, or hexadecimal and colons, or a slash before
 * digits. */
static bool looks_like_address(const char *text)
{
	const char *slash = strchr(text, '/');

	return strspn(text, "0123456789./") == strlen(text) ||
	       (strchr(text, ':') != NULL &&
	        strspn(text, "0123456789abcdefABCDEF:./") == strlen(text)) ||
	       (slash != NULL && slash[1] != '\0' &&
	        strspn(slash + 1, "0123456789") == strlen(slash + 1));
}

static int complain_address(enum option option, const char *text)
{
	return complain(EXIT_CALLER,
	                "option --%s: '%s' is no address and no block (nothing may be set behind "
	                "its length): "
	                "write 10.77.1.5, 10.77.0.0/16 or fd00::/64",
	                option_name(option), text);
}

static int read_ends(struct session *s, enum option option, struct ends *ends)
{
	ends->text = s->options->text[option];
	if (ends->text == NULL) {
		return EXIT_DONE;
	}
	ends->is_block = prefix_parse(ends->text, &ends->block);
	if (ends->is_block) {
		return EXIT_DONE;
	}
	return looks_like_address(ends->text) ? complain_address(option, ends->text)
	                                      : find_named(s, ends);
}

static int complain_kind(const struct session *s, const char *text)
{
	uint16_t n = catalogue_count(s->catalogue);
	const char **ids = mem_zalloc(n, sizeof *ids), *near = NULL;
	size_t len = strlen(text);

	for (uint16_t i = 0; i < n; i++) {
		ids[i] = catalogue_kind(s->catalogue, i)->id;
		if (len > 0 && strncmp(ids[i], text, len) == 0 && ids[i][len] == '.') {
			near = ""; /* the group without its star */
		}
	}
	if (near != NULL) {
		complain(EXIT_CALLER, "option --kind: '%s' is a group: did you mean '%s.*'?", text,
		         text);
	} else if ((near = nearest_find(text, ids, n)) != NULL) {
		complain(EXIT_CALLER, "option --kind: there is no kind '%s': did you mean %s?",
		         text, near);
	} else {
		complain(EXIT_CALLER,
		         "option --kind: there is no kind '%s': terrier kinds lists them", text);
	}
	free(ids);
	return EXIT_CALLER;
}

static int read_kind(struct filter *f)
{
	const struct session *s = f->session;
	const char *text = s->options->text[OPTION_KIND];
	size_t len = text != NULL ? strlen(text) : 0;

	f->kind = text;
	if (text == NULL || catalogue_find(s->catalogue, text) != KIND_NONE) {
		return EXIT_DONE;
	}
	f->kind_len = len > 2 && strcmp(text + len - 2, ".*") == 0 ? len - 1 : 0;
	for (uint16_t i = 0; f->kind_len > 0 && i < catalogue_count(s->catalogue); i++) {
		if (filter_passes_kind(f, catalogue_kind(s->catalogue, i)->id)) {
			return EXIT_DONE;
		}
	}
	return complain_kind(s, text);
}

static int read_zone(struct filter *f)
{
	const char *text = f->session->options->text[OPTION_ZONE];

	f->zone = text;
	if (text == NULL) {
		return EXIT_DONE;
	}
	f->zone_is_block = prefix_parse(text, &f->zone_block);
	if (f->zone_is_block || zones_has(f->session->zones, text) ||
	    text_casecmp(text, ZONE_OUTSIDE) == 0 || text_casecmp(text, ZONE_GROUP) == 0) {
		return EXIT_DONE;
	}
	if (looks_like_address(text)) {
		return complain_address(OPTION_ZONE, text);
	}
	const char *const *names;
	size_t n = zones_names(f->session->zones, &names);
	const char *near = nearest_find(text, names, n);
	return near != NULL ? complain(EXIT_CALLER,
	                               "option --zone: there is no zone '%s': did you mean '%s'?",
	                               text, near)
	                    : complain(EXIT_CALLER,
	                               "option --zone: there is no zone '%s': [zone ...] in "
	                               "terrier.conf names them; a block "
	                               "of addresses will do",
	                               text);
}

struct filter *filter_new(struct session *s, int *status)
{
	struct filter *f = mem_zalloc(1, sizeof *f);

	f->session = s;
	*status = read_kind(f);
	*status = *status != EXIT_DONE ? *status : read_zone(f);
	*status = *status != EXIT_DONE ? *status : read_ends(s, OPTION_FROM, &f->from);
	*status = *status != EXIT_DONE ? *status : read_ends(s, OPTION_TO, &f->to);
	*status = *status != EXIT_DONE ? *status : read_ends(s, OPTION_WITH, &f->with);
	if (*status != EXIT_DONE) {
		filter_free(f);
		return NULL;
	}
	return f;
}

void filter_add_host(struct filter *f, enum option option, const char *key)
{
	struct ends *ends = option == OPTION_FROM ? &f->from : option == OPTION_TO ? &f->to : &f->with;
	size_t len = strcspn(key, "\n");

	if (key[len] != '\0') {
		add_known(ends, key, len, key + len + 1, 0);
	}
}

static void free_ends(struct ends *ends)
{
	for (size_t i = 0; i < ends->n_hosts; i++) {
		free_known(&ends->hosts[i]);
	}
	free(ends->hosts);
}

void filter_free(struct filter *f)
{
	if (f == NULL) {
		return;
	}
	free_ends(&f->from);
	free_ends(&f->to);
	free_ends(&f->with);
	free(f);
}

/* A party is called "[203.0.113.0/24]" or "[outlook.office365.com]". */
static void copy_party(const char *address, char *out, size_t size)
{
	size_t len = strlen(address);

	text_copy(out, size, address + 1, len > 2 ? len - 2 : 0);
}

static bool is_in_block(const struct prefix *block, const struct end *end)
{
	char party[TEXT_DNS_MAX + 1];
	struct prefix own;

	if (!end->is_party) {
		return prefix_has(block, &end->addr);
	}
	copy_party(end->address, party, sizeof party);
	return prefix_parse(party, &own) &&
	       (prefix_has(block, &own.addr) || prefix_has(&own, &block->addr));
}

static bool is_end(const struct ends *ends, const struct end *end)
{
	char party[TEXT_DNS_MAX + 1] = "";

	if (ends->text == NULL) {
		return true;
	}
	if (ends->is_block) {
		return is_in_block(&ends->block, end);
	}
	if (end->is_party) {
		copy_party(end->address, party, sizeof party);
	}
	if (is_name(end->name, ends->text) || is_name(party, ends->text) ||
	    text_casecmp(end->address, ends->text) == 0) {
		return true;
	}
	for (size_t i = 0; i < ends->n_hosts; i++) {
		if (strcmp(ends->hosts[i].address, end->address) == 0 &&
		    strcmp(ends->hosts[i].segment, end->segment) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_in_zone(const struct filter *f, const struct end *end)
{
	char zone[ZONE_MAX];

	if (f->zone == NULL) {
		return true;
	}
	if (f->zone_is_block) {
		return is_in_block(&f->zone_block, end);
	}
	return text_casecmp(end_zone(f->session, end, zone), f->zone) == 0;
}

bool filter_passes_kind(const struct filter *f, const char *kind_id)
{
	if (f->kind == NULL) {
		return true;
	}
	return f->kind_len > 0 ? strncmp(kind_id, f->kind, f->kind_len) == 0
	                       : strcmp(kind_id, f->kind) == 0;
}

/* Information of both directions comes from either end. */
bool filter_passes_way(const struct filter *f, const struct exchange_row *row)
{
	struct end a = end_source(row), b = end_destination(row);

	return (is_end(&f->from, &a) && is_end(&f->to, &b)) ||
	       (row->is_both && is_end(&f->from, &b) && is_end(&f->to, &a));
}

bool filter_passes_end(const struct filter *f, const struct end *end)
{
	return is_end(&f->with, end) && is_in_zone(f, end);
}

bool filter_passes(const struct filter *f, const struct exchange_row *row)
{
	struct end a = end_source(row), b = end_destination(row);

	return filter_passes_kind(f, row->kind_id) && filter_passes_way(f, row) &&
	       (is_end(&f->with, &a) || is_end(&f->with, &b)) &&
	       (is_in_zone(f, &a) || is_in_zone(f, &b));
}

bool filter_has_ends(const struct filter *f)
{
	return f->from.text != NULL || f->to.text != NULL || f->with.text != NULL ||
	       f->zone != NULL;
}

bool filter_has_way_or_kind(const struct filter *f)
{
	return f->from.text != NULL || f->to.text != NULL || f->kind != NULL;
}

int filter_answer(const struct options *o, int (*list)(struct session *s, struct filter *f))
{
	struct session s;
	struct filter *f = NULL;
	int status = session_open(&s, o, VIEW_NETWORK, "table", false);

	if (status == EXIT_DONE) {
		f = filter_new(&s, &status);
	}
	if (f != NULL) {
		status = list(&s, f);
	}
	filter_free(f);
	session_close(&s);
	return status;
}
