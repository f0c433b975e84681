/* The cells of a proposed row: only what can be observed, in words for people who keep the register. */
#include "suggest.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KINDS_TOLD    6 /* in a description */
#define NAMES_TOLD    4 /* in the reasons */
#define SERVICES_TOLD 8

const char *suggest_role_title(enum role role)
{
	const char *title = role_title(role);

	return strncmp(title, "an ", 3) == 0 ? title + 3 : strncmp(title, "a ", 2) == 0 ? title + 2 : title;
}

static char *capital(char *text)
{
	if (text[0] >= 'a' && text[0] <= 'z') {
		text[0] = (char)(text[0] - 'a' + 'A');
	}
	return text;
}

enum role suggest_main_role(unsigned roles)
{
	enum role role = ROLE_MODALITY;

	while (role < ROLES && (roles & ROLE_BIT(role)) == 0) {
		role++;
	}
	return role;
}

static void set(struct entry *e, size_t column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

static void set_words(struct entry *e, size_t column, const struct words *words)
{
	char *text = words_join(words, ";", 0);

	set(e, column, text);
	free(text);
}

/* "patient;staff", as kinds have it, item by item. */
static void put_list(struct words *into, const char *list, const char *except)
{
	size_t len;

	for (const char *item; (item = entry_next(&list, &len)) != NULL;) {
		char *one = mem_printf("%.*s", (int)len, item);

		if (strcmp(one, except) != 0) {
			words_put(into, one);
		}
		free(one);
	}
}

/* What the catalogue says of the kinds that a row's hosts have. */
struct holdings {
	struct words ids, titles, subjects, categories, special, less_special;
	bool is_personal, may_be_personal, is_unclear;
};

static void add_kind(struct holdings *all, const struct kind *kind)
{
	bool is_certain = strcmp(kind->personal_data, "yes") == 0, is_none = strcmp(kind->personal_data, "no") == 0;
	bool is_special = strcmp(kind->special_category, "possible") != 0 &&
	                  strcmp(kind->special_category, "likely") != 0 && strcmp(kind->special_category, "no") != 0;

	words_put(&all->ids, kind->id);
	words_put(&all->titles, kind->title);
	put_list(&all->subjects, kind->data_subjects, "none");
	if (!is_none) {
		put_list(&all->categories, kind->register_text, "Unknown");
	}
	put_list(is_special ? &all->special : &all->less_special, kind->special_category, "no");
	all->is_personal |= is_certain;
	all->may_be_personal |= !is_certain && !is_none;
}

static void collect(const struct suggest *s, const struct suggest_row *row, struct holdings *all)
{
	const struct catalogue *c = s->options.catalogue;

	for (uint16_t kind = 0; kind < catalogue_count(c); kind++) {
		for (size_t i = 0; i < row->n; i++) {
			if (words_has(&row->hosts[i]->kinds, catalogue_kind(c, kind)->id)) {
				add_kind(all, catalogue_kind(c, kind));
				break;
			}
		}
	}
	for (size_t i = 0; i < row->n; i++) {
		all->is_unclear |= row->hosts[i]->is_unclear;
	}
}

static void clear_holdings(struct holdings *all)
{
	words_clear(&all->ids);
	words_clear(&all->titles);
	words_clear(&all->subjects);
	words_clear(&all->categories);
	words_clear(&all->special);
	words_clear(&all->less_special);
}

/* "no" is said only where all that was seen is known to be none. */
static void fill_data(struct entry *e, const struct holdings *all)
{
	set_words(e, ASSET_KINDS, &all->ids);
	set_words(e, ASSET_INDIVIDUALS, &all->subjects);
	set_words(e, ASSET_DATA_CATEGORIES, &all->categories);
	set_words(e, ASSET_SPECIAL_CATEGORY, all->special.n > 0 ? &all->special : &all->less_special);
	if (all->is_personal) {
		set(e, ASSET_PERSONAL_DATA, "yes");
	} else {
		set(e, ASSET_PERSONAL_DATA,
		    all->may_be_personal || all->is_unclear || all->ids.n == 0 ? "unknown" : "no");
	}
}

/* What the catalogue knows one of the names as; NULL: nothing. */
static const struct kind *known_service(const struct suggest *s, const struct suggest_row *row)
{
	struct kind_match match;

	for (size_t i = 0; i < row->n && row->sort == SORT_OUTSIDE; i++) {
		const char *name = row->hosts[i]->host->address;

		if (row->hosts[i]->host->is_party && strlen(name) > 2 &&
		    catalogue_match(s->options.catalogue, EVIDENCE_TLS_SNI, name + 1, strlen(name) - 2, &match) &&
		    match.confidence >= CONFIDENCE_MEDIUM) {
			return catalogue_kind(s->options.catalogue, match.kind);
		}
	}
	return NULL;
}

/* Scanners of which nothing but their questions was seen. */
static bool asks_worklist(const struct suggest_row *row)
{
	bool asks = row->sort == SORT_SYSTEM && suggest_main_role(row->roles) >= ROLE_SERVER;

	for (size_t i = 0; i < row->n; i++) {
		asks &= row->hosts[i]->asks_worklist;
	}
	return asks;
}

static const char *type_of_system(const struct suggest_row *row)
{
	if (asks_worklist(row)) {
		return "medical_device";
	}
	switch (suggest_main_role(row->roles)) {
	case ROLE_MODALITY:
	case ROLE_DEVICE:
		return "medical_device";
	case ROLE_FILE_STORE:
	case ROLE_BLOCK_STORE:
	case ROLE_BACKUP:
		return "storage";
	case ROLE_PRINTER:
	case ROLE_TELEPHONY:
	case ROLE_CAMERA:
	case ROLE_BUILDING:
	case ROLE_CLIENT:
	case ROLES:
		return "device";
	default:
		return "system";
	}
}

static void fill_type(const struct suggest *s, struct suggest_row *row)
{
	struct entry *e = row->out.entry;
	const struct kind *service = known_service(s, row);

	if (row->sort == SORT_OUTSIDE) {
		set(e, ASSET_TYPE, service != NULL ? "service" : "external_party");
		if (service != NULL &&
		    (strcmp(service->id, "inf.cloud") == 0 || strcmp(service->id, "inf.collab") == 0)) {
			set(e, ASSET_HOSTING, "public_cloud");
		}
	} else {
		set(e, ASSET_TYPE, row->sort == SORT_CLIENTS ? "device" : type_of_system(row));
	}
}

/* "Image archive: takes images in and gives them, or their index, out. Also a clinical system." */
static void describe_roles(FILE *out, unsigned roles)
{
	enum role role = suggest_main_role(roles);
	bool is_first = true;

	if (role == ROLES) {
		fputs("Answers management and nothing else that was seen.", out);
		return;
	}
	char *title = capital(mem_strdup(suggest_role_title(role)));

	fprintf(out, "%s: %s.", title, role_reason(role));
	free(title);
	for (role++; role < ROLE_SERVER; role++) {
		if ((roles & ROLE_BIT(role)) != 0) {
			fprintf(out, "%s%s", is_first ? " Also " : ", ", role_title(role));
			is_first = false;
		}
	}
	fputs(is_first ? "" : ".", out);
}

static void fill_description(const struct suggest *s, struct suggest_row *row, const struct holdings *all)
{
	const struct kind *service = known_service(s, row);
	char *text = NULL, *titles = words_join(&all->titles, "; ", KINDS_TOLD);
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out != NULL) {
		if (row->sort == SORT_CLIENTS) {
			fputs("Client machines: use what others offer.", out);
		} else if (row->sort == SORT_OUTSIDE) {
			fprintf(out, "Outside party%s%s.", service != NULL ? ", known by its name for: " : "",
			        service != NULL ? service->title : "");
		} else if (asks_worklist(row)) {
			fputs("Asks for the worklist of imaging, as scanners do.", out);
		} else {
			describe_roles(out, row->roles);
		}
		if (all->titles.n > 0) {
			fprintf(out, " Seen to send or keep: %s.", titles);
		}
		fclose(out);
		set(row->out.entry, ASSET_DESCRIPTION, text);
	}
	free(text);
	free(titles);
}

static void put_called(struct words *names, const char *what, const char *name)
{
	char *text = mem_printf("%s %s", what, name);

	words_put(names, text);
	free(text);
}

/* What a row's hosts are called. */
static void tell_names(const struct suggest_row *row, struct words *why)
{
	struct words names = {0};

	for (size_t i = 0; i < row->n && names.n < NAMES_TOLD; i++) {
		const struct directory_host *host = row->hosts[i]->host;

		for (size_t k = 0; k < host->n_names; k++) {
			const struct match_name *n = &host->names[k];

			if (n->source == NAME_HL7) {
				put_called(&names, "HL7 application", n->name);
			} else if (n->source == NAME_AE_TITLE) {
				put_called(&names, "AE title", n->name);
			} else if (strcmp(n->name, host->name) == 0) {
				put_called(&names, "host name", n->name);
			}
		}
	}
	if (names.n > 0) {
		char *text = words_join(&names, ", ", NAMES_TOLD);

		words_put(why, text);
		free(text);
	} else {
		words_put(why, "no name was seen");
	}
	words_clear(&names);
}

static void tell_services(const struct suggest_row *row, struct words *why)
{
	struct words all = {0};
	char *list, *text;

	for (size_t i = 0; i < row->n && all.n < 4 * SERVICES_TOLD; i++) {
		for (size_t k = 0; k < row->hosts[i]->serves.n; k++) {
			words_put(&all, row->hosts[i]->serves.text[k]);
		}
	}
	if (all.n > 0) {
		list = words_join(&all, ", ", SERVICES_TOLD);
		text = mem_printf("%s%s", row->sort == SORT_CLIENTS ? "some answered " : "answers ", list);
		words_put(why, text);
		free(list);
		free(text);
	}
	words_clear(&all);
}

static void fill_why(const struct suggest *s, struct suggest_row *row)
{
	struct words why = {0};
	char *hosts = mem_printf("%zu hosts", row->n), *notes;

	if (row->sort != SORT_OUTSIDE) {
		words_put(&why, row->n == 1 ? "one host" : hosts);
	}
	for (size_t i = 0; i < row->why.n && (row->n > 1 || row->sort >= SORT_CLIENTS); i++) {
		words_put(&why, row->why.text[i]);
	}
	if (row->zone == NULL) {
		words_put(&why, "in several zones");
	}
	if (row->sort != SORT_OUTSIDE && !suggest_is_nameless(row)) {
		tell_names(row, &why);
	}
	if (s->options.shows_addresses && row->sort != SORT_OUTSIDE) {
		tell_services(row, &why);
	}
	row->out.why = words_join(&why, "; ", 0);
	notes = mem_printf("Proposed by Terrier from what was seen %s to %s: %s. Confirm or correct.", s->options.from,
	                   s->options.to, row->out.why);
	set(row->out.entry, ASSET_NOTES, notes);
	free(notes);
	free(hosts);
	words_clear(&why);
}

void suggest_fill(const struct suggest *s, struct suggest_row *row)
{
	struct holdings all = {0};

	row->out.entry = entry_new(ENTRY_ASSET);
	for (size_t i = 0; i < row->n && row->sort != SORT_CLIENTS; i++) {
		row->roles |= suggest_roles(row->hosts[i]);
	}
	if ((row->roles & (ROLE_BIT(ROLE_SERVER) - 1)) != 0) {
		row->roles &= ROLE_BIT(ROLE_SERVER) - 1; /* that it serves at all goes without saying */
	} else if ((row->roles & ROLE_BIT(ROLE_SERVER)) != 0) {
		row->roles &= ~ROLE_BIT(ROLE_CLIENT);
	}
	collect(s, row, &all);
	words_sort(&all.special);
	fill_type(s, row);
	fill_data(row->out.entry, &all);
	fill_description(s, row, &all);
	fill_why(s, row);
	if (row->zone != NULL && zones_has(s->options.zones, row->zone)) {
		set(row->out.entry, ASSET_ZONE, row->zone);
	}
	clear_holdings(&all);
}
