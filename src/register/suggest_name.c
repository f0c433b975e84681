/* What the names of hosts say of the systems they are part of. */
#include "suggest.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

#define TOKENS_MAX 8 /* of a label that are looked at */

/* Words that name a part of a system, or a sort of machine, and no system. */
static const char *const parts[] = {
        "api",       "app",     "apps",  "arc",       "archive", "cache",  "cl",   "cluster", "db",      "dbs",
        "database",  "file",    "files", "fs",        "ftp",     "gw",     "host", "ip",      "lb",      "live",
        "localhost", "msg",     "mysql", "node",      "ora",     "oracle", "pg",   "prd",     "primary", "prod",
        "proxy",     "replica", "sec",   "secondary", "server",  "sftp",   "sql",  "srv",     "standby", "store",
        "svc",       "svr",     "vip",   "virtual",   "vm",      "web",    "win",  "www",
};
static const char *const servers[] = {"app", "database", "db", "oracle", "server", "sql", "srv", "svr"};
static const char *const workstations[] = {
        "desktop", "dt",  "ipad",   "iphone", "kiosk", "lap", "laptop", "macbook",     "nb", "notebook",
        "pc",      "tab", "tablet", "tc",     "thin",  "wks", "wkst",   "workstation", "ws",
};
static const char *const common_titles[] = {
        "ANY",     "ANY-SCP", "ANYSCP", "DCMTK",   "DCMQRSCP", "DCMSND",     "DCMRCV",   "DCM4CHEE", "ECHOSCP",
        "ECHOSCU", "FINDSCU", "GETSCU", "MOVESCU", "ORTHANC",  "PYNETDICOM", "STORESCP", "STORESCU", "WLMSCPFS",
};

static bool is_listed(const char *const *list, size_t n, const char *word)
{
	for (size_t i = 0; i < n; i++) {
		if (text_casecmp(list[i], word) == 0) {
			return true;
		}
	}
	return false;
}

bool suggest_is_common_title(const char *title)
{
	return is_listed(common_titles, sizeof common_titles / sizeof common_titles[0], title);
}

bool suggest_names_machine(enum name_source source)
{
	return source == NAME_DNS || source == NAME_CERTIFICATE || source == NAME_NTLM || source == NAME_SMB ||
	       source == NAME_KERBEROS || source == NAME_LDAP || source == NAME_DHCP || source == NAME_NETBIOS;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "pacs01" and "pacs01b" become "pacs". */
static void cut_number(char *token)
{
	size_t len = strlen(token);

	if (len > 2 && token[len - 1] >= 'a' && token[len - 1] <= 'd' && is_digit(token[len - 2])) {
		len--;
	}
	if (len > 0 && is_digit(token[len - 1])) {
		while (len > 0 && is_digit(token[len - 1])) {
			len--;
		}
		token[len] = '\0';
	}
}

/* The words of a label: "rbh-pacs-db01" has three. Texts lie in `copy`, which is changed. */
static size_t split(char *copy, char *out[TOKENS_MAX])
{
	size_t n = 0;

	text_lower(copy);
	for (char *at = copy; *at != '\0' && n < TOKENS_MAX;) {
		size_t len = strcspn(at, "-_ ");
		char end = at[len];

		at[len] = '\0';
		if (len > 0) {
			out[n++] = at;
		}
		at += len + (end != '\0');
	}
	return n;
}

static bool has_word(const char *name, const char *const *list, size_t n_list)
{
	char *copy = mem_printf("%.*s", (int)strcspn(name, ".^"), name), *tokens[TOKENS_MAX];
	size_t n = split(copy, tokens);
	bool is_found = false;

	for (size_t i = 0; i < n; i++) {
		cut_number(tokens[i]);
		is_found |= is_listed(list, n_list, tokens[i]);
	}
	free(copy);
	return is_found;
}

bool suggest_names_workstation(const char *name)
{
	return has_word(name, workstations, sizeof workstations / sizeof workstations[0]);
}

bool suggest_names_server(const char *name)
{
	return has_word(name, servers, sizeof servers / sizeof servers[0]);
}

char *suggest_slug(const char *text)
{
	char *slug = mem_zalloc(ID_WORD_MAX + 1, 1);
	size_t n = 0;

	for (; *text != '\0' && n < ID_WORD_MAX; text++) {
		char c = *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text;
		bool is_kept = (c >= 'a' && c <= 'z') || is_digit(c) || c == '.';

		if (is_kept) {
			slug[n++] = c;
		} else if (n > 0 && slug[n - 1] != '-') {
			slug[n++] = '-';
		}
	}
	while (n > 0 && (slug[n - 1] == '-' || slug[n - 1] == '.')) {
		slug[--n] = '\0';
	}
	return slug;
}

/* The words of one label that name a system, joined by hyphens; "" when there are none. free(). */
static char *stem_of_label(const char *label, size_t len)
{
	char *copy = mem_printf("%.*s", (int)len, label), *tokens[TOKENS_MAX], *stem = mem_strdup("");
	size_t n = split(copy, tokens), kept = 0;

	for (size_t i = 0; i < n; i++) {
		char *bare = mem_strdup(tokens[i]);

		cut_number(bare);
		if (bare[0] != '\0' && !is_listed(parts, sizeof parts / sizeof parts[0], bare)) {
			tokens[kept++] = tokens[i];
		}
		free(bare);
	}
	if (kept > 0) {
		cut_number(tokens[kept - 1]);
	}
	for (size_t i = 0; i < kept; i++) {
		char *longer = mem_printf("%s%s%s", stem, i > 0 ? "-" : "", tokens[i]);

		free(stem);
		stem = longer;
	}
	free(copy);
	if (strlen(stem) < 2) {
		stem[0] = '\0';
	}
	return stem;
}

/* Of node1.lims.trust.example "lims". Names of other domains keep theirs: app.a.example and app.b.example are two. */
char *suggest_stem(const char *name, const char *home)
{
	const char *domain = text_registrable(name);
	bool is_long = strchr(name, '.') != NULL, is_home = !is_long || text_casecmp(domain, home) == 0;
	char *stem, *slug;

	if (strchr(name, '^') != NULL) {
		stem = stem_of_label(name, strcspn(name, "^"));
		slug = suggest_slug(stem);
		free(stem);
		return slug;
	}
	stem = mem_strdup("");
	for (const char *at = name; stem[0] == '\0' && at[0] != '\0' && (at == name || at < domain);) {
		size_t len = strcspn(at, ".");

		free(stem);
		stem = stem_of_label(at, len);
		at += len + (at[len] == '.');
	}
	if (!is_home) {
		char *longer = mem_printf("%s%s%s", stem, stem[0] != '\0' ? "." : "", domain);

		free(stem);
		stem = longer;
	}
	slug = suggest_slug(stem);
	free(stem);
	return slug;
}

struct domain {
	char *name;
	size_t n;
	UT_hash_handle hh;
};

static void count_domain(struct domain **all, const char *name)
{
	struct domain *d;

	HASH_FIND_STR(*all, name, d);
	if (d == NULL) {
		d = mem_zalloc(1, sizeof *d);
		d->name = mem_strdup(name);
		HASH_ADD_KEYPTR(hh, *all, d->name, strlen(d->name), d);
	}
	d->n++;
}

char *suggest_home(const struct directory *d)
{
	struct domain *all = NULL, *domain, *next;
	char *home = mem_strdup("");
	size_t most = 1;

	for (const struct directory_host *h = directory_first(d); h != NULL; h = h->hh.next) {
		if (h->is_inside && !h->is_party && strchr(h->name, '.') != NULL && strchr(h->name, '^') == NULL) {
			count_domain(&all, text_registrable(h->name));
		}
	}
	HASH_ITER(hh, all, domain, next)
	{
		if (domain->n > most || (domain->n == most && domain->n > 1 && strcmp(domain->name, home) < 0)) {
			most = domain->n;
			free(home);
			home = mem_strdup(domain->name);
		}
		HASH_DEL(all, domain);
		free(domain->name);
		free(domain);
	}
	return home;
}

/* How well names of a source name a system; 0: not at all. */
static int worth(enum name_source source)
{
	if (suggest_names_machine(source)) {
		return 3;
	}
	return source == NAME_HL7 ? 2 : source == NAME_AE_TITLE ? 1 : 0;
}

static bool takes(const struct suggest *s, const char *name, char **stem)
{
	char *found = suggest_stem(name, s->home);

	if (found[0] == '\0') {
		free(found);
		return false;
	}
	free(*stem);
	*stem = found;
	return true;
}

/* The best name's stem, else that of the first other name of a machine, application, AE title that has one. */
void suggest_name_host(const struct suggest *s, struct suggest_host *h)
{
	const struct directory_host *host = h->host;
	const char *label = suggest_is_common_title(host->name) ? "" : host->name;
	bool is_found = false;

	h->stem = mem_strdup("");
	for (size_t i = 0; i < host->n_names && !is_found; i++) {
		is_found = strcmp(host->names[i].name, host->name) == 0 && worth(host->names[i].source) == 3 &&
		           takes(s, host->name, &h->stem);
		h->is_machine_named |= is_found;
	}
	for (int least = 3; least > 0 && !is_found; least--) {
		for (size_t i = 0; i < host->n_names && !is_found; i++) {
			const struct match_name *n = &host->names[i];

			if (worth(n->source) == least && !suggest_is_common_title(n->name) &&
			    takes(s, n->name, &h->stem)) {
				is_found = true;
				h->is_machine_named = least == 3;
				label = n->name;
			}
		}
	}
	if (!is_found) {
		takes(s, label, &h->stem);
	}
	/* ct01.trust.example is called ct01; where the first label tells nothing (api.x.example) the stem does */
	char *first = mem_printf("%.*s", (int)strcspn(label, ".^"), label),
	     *of_first = stem_of_label(first, strlen(first));

	h->label = of_first[0] != '\0' || h->stem[0] == '\0' ? suggest_slug(first) : mem_strdup(h->stem);
	free(of_first);
	free(first);
}
