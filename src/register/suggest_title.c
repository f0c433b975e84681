/* Ids and names of proposed rows: readable, and those of no other row and no asset in force. */
#include "suggest.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

#define ABBREVIATION_LEN 4 /* letters: pacs, lims, ct01 are written in capitals */

/* What a row would be called; `is_numbered`: there are others like it, which are told apart by numbers from 1 on. */
struct title {
	char *id, *name;
	bool is_numbered;
};

/* Rows of which there is one a zone, or one in all. */
static const struct {
	const char *key, *id, *name;
} shared[] = {
        {"idirectory", "directory", "Domain controllers and directory servers"},
        {"iname-server", "name-servers", "Name servers"},
        {"inetwork-services", "network-services", "Time and address servers"},
        {"zdevice", "medical-devices", "Medical devices"},
        {"zprinter", "printers", "Printers"},
        {"ztelephony", "telephones", "Telephones"},
        {"zcamera", "cameras", "Cameras and recorders"},
        {"zbuilding", "building", "Building and plant controllers"},
        {"zother", "other-devices", "Other devices"},
        {"c", "workstations", "Workstations"},
};

static char *name_of_word(const char *word)
{
	size_t letters = strspn(word, "abcdefghijklmnopqrstuvwxyz"), digits = strspn(word + letters, "0123456789");
	bool is_short = letters <= ABBREVIATION_LEN && word[letters + digits] == '\0';
	char *name = mem_strdup(word);

	for (size_t i = 0; i < (is_short ? letters : letters > 0 && strchr(word, '.') == NULL); i++) {
		name[i] = (char)(name[i] - 'a' + 'A');
	}
	return name;
}

/* "printers-wards", "Printers of Wards"; without a zone "printers". */
static struct title title_in(const char *id, const char *name, const char *zone)
{
	char *slug;
	struct title title;

	zone = zone != NULL && text_casecmp(name, zone) != 0 ? zone : NULL; /* Printers of Printers */
	slug = suggest_slug(zone != NULL ? zone : "");
	title = (struct title){
	        .id = mem_printf("%s%s%s", id, slug[0] != '\0' ? "-" : "", slug),
	        .name = zone != NULL ? mem_printf("%s of %s", name, zone) : mem_strdup(name),
	};

	free(slug);
	return title;
}

static bool find_shared(const struct suggest_row *row, const char *key, struct title *out)
{
	size_t len = strcspn(key, "\n");

	len = key[0] == 'c' ? 1 : len;
	for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++) {
		if (strlen(shared[i].key) == len && strncmp(shared[i].key, key, len) == 0) {
			*out = title_in(shared[i].id, shared[i].name, key[0] != 'i' ? row->zone : NULL);
			return true;
		}
	}
	return false;
}

static struct title title_outside(const char *party)
{
	char *slug = suggest_slug(party);
	struct title title = {
	        .id = text_is_hostname(party, strlen(party)) ? mem_strdup(slug) : mem_printf("outside-%s", slug),
	        .name = mem_strdup(party),
	};

	free(slug);
	return title;
}

/* "file-store-10.77.1.0-24-2", "File store 2 of 10.77.1.0/24". */
static struct title title_by_role(const struct suggest_row *row)
{
	enum role role = suggest_main_role(row->roles);
	const char *word = role < ROLES ? role_name(role) : "other";
	char *id = suggest_slug(word), *name = name_of_word(role < ROLES ? suggest_role_title(role) : "other device");
	struct title title = title_in(id, name, row->zone);

	title.is_numbered = true;
	free(id);
	free(name);
	return title;
}

static struct title title_of(const struct suggest_row *row)
{
	const struct suggest_host *first = row->hosts[0];
	const char *key = first->together->key != NULL ? first->together->key : "";
	const char *word = row->n > 1 && first->stem[0] != '\0' ? first->stem : first->label;
	struct title title;

	if (row->sort == SORT_OUTSIDE) {
		return title_outside(key + 1);
	}
	if (find_shared(row, key, &title)) {
		return title;
	}
	if (word[0] == '\0') {
		return title_by_role(row);
	}
	return (struct title){.id = mem_strdup(word), .name = name_of_word(word)};
}

/* Ids that are taken, in lower case, and how many wanted each. */
struct taken {
	char *id;
	size_t n;
	UT_hash_handle hh;
};

static struct taken *take(struct taken **all, const char *id)
{
	char *lower = mem_strdup(id);
	struct taken *t;

	text_lower(lower);
	HASH_FIND_STR(*all, lower, t);
	if (t != NULL) {
		free(lower);
		t->n++;
		return t;
	}
	t = mem_zalloc(1, sizeof *t);
	t->id = lower;
	t->n = 1;
	HASH_ADD_KEYPTR(hh, *all, t->id, strlen(t->id), t);
	return t;
}

static bool is_taken(struct taken *all, const char *id)
{
	struct taken *t;

	HASH_FIND_STR(all, id, t);
	return t != NULL;
}

/* The number goes behind the id, and before " of ZONE". */
static void number(struct title *title, size_t n)
{
	const char *of = strstr(title->name, " of ");
	size_t len = of != NULL ? (size_t)(of - title->name) : strlen(title->name);
	char *id = mem_printf("%s-%zu", title->id, n),
	     *name = mem_printf("%.*s %zu%s", (int)len, title->name, n, title->name + len);

	free(title->id);
	free(title->name);
	title->id = id;
	title->name = name;
}

static void choose(struct taken **all, struct title *title)
{
	struct taken *t = take(all, title->id);
	struct title numbered;

	if (t->n == 1 && !title->is_numbered) {
		return;
	}
	do {
		numbered = (struct title){mem_strdup(title->id), mem_strdup(title->name), true};
		number(&numbered, t->n);
		if (!is_taken(*all, numbered.id)) {
			break;
		}
		free(numbered.id);
		free(numbered.name);
		t->n++;
	} while (true);
	take(all, numbered.id);
	free(title->id);
	free(title->name);
	*title = numbered;
}

void suggest_identify(struct suggest *s)
{
	const struct entry *asset = s->options.assets != NULL ? s->options.assets->first : NULL;
	struct taken *all = NULL, *t, *next;

	for (; asset != NULL; asset = asset->hh.next) {
		take(&all, asset->id);
	}
	for (size_t i = 0; i < s->n_rows; i++) {
		struct entry *e = s->rows[i].out.entry;
		struct title title = title_of(&s->rows[i]);

		choose(&all, &title);
		entry_set(e, ASSET_ID, title.id, strlen(title.id));
		entry_set(e, ASSET_NAME, title.name, strlen(title.name));
		entry_identify(e);
		free(title.id);
		free(title.name);
	}
	HASH_ITER(hh, all, t, next)
	{
		HASH_DEL(all, t);
		free(t->id);
		free(t);
	}
}
