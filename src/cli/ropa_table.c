/* Support for the record of processing activities. */
#include "terrier/cli/ropa_table.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/base/words.h"

#include <stdlib.h>
#include <string.h>

#define NONE DECLARATION_COLUMNS /* not from a declaration's cell */

/* registers.md 4.3: names and order are fixed. */
static const struct table_column columns[] = {
        {"processing_ref", "Reference", TABLE_TEXT},
        {"business_function", NULL, TABLE_TEXT},
        {"purpose_of_processing", "Purpose", TABLE_TEXT},
        {"controller_name_and_contact", NULL, TABLE_TEXT},
        {"joint_controller", NULL, TABLE_TEXT},
        {"representative", NULL, TABLE_TEXT},
        {"dpo", NULL, TABLE_TEXT},
        {"categories_of_individuals", "Individuals", TABLE_TEXT},
        {"categories_of_personal_data", NULL, TABLE_TEXT},
        {"categories_of_recipients", NULL, TABLE_TEXT},
        {"processors_and_contract_ref", NULL, TABLE_TEXT},
        {"third_countries", NULL, TABLE_TEXT},
        {"transfer_safeguards", NULL, TABLE_TEXT},
        {"retention_schedule", NULL, TABLE_TEXT},
        {"security_measures_general", NULL, TABLE_TEXT},
        {"lawful_basis_art6", "Lawful basis", TABLE_TEXT},
        {"condition_art9", NULL, TABLE_TEXT},
        {"dpa2018_sch1_condition", NULL, TABLE_TEXT},
        {"appropriate_policy_document_ref", NULL, TABLE_TEXT},
        {"common_law_basis", NULL, TABLE_TEXT},
        {"source_of_data", NULL, TABLE_TEXT},
        {"privacy_notice_ref", NULL, TABLE_TEXT},
        {"location_of_personal_data", NULL, TABLE_TEXT},
        {"information_assets", "Assets", TABLE_TEXT},
        {"flows", NULL, TABLE_TEXT},
        {"dpia_required", NULL, TABLE_TEXT},
        {"dpia_ref", NULL, TABLE_TEXT},
        {"sharing_agreement_refs", NULL, TABLE_TEXT},
        {"breach_record_ref", NULL, TABLE_TEXT},
        {"national_data_opt_out", NULL, TABLE_TEXT},
        {"last_reviewed", NULL, TABLE_TEXT},
        {"review_due", "Review due", TABLE_TEXT},
        {"owner_role", "Owner", TABLE_TEXT},
        {"observed_recipients", NULL, TABLE_TEXT},
        {"observed_locations", NULL, TABLE_TEXT},
        {"observed_encryption", "Encrypted (observed)", TABLE_TEXT},
        {"observed_last", "Last seen", TABLE_TIME},
        {"differences_from_record", "Differences", TABLE_TEXT},
};
#define SHOWN (sizeof columns / sizeof columns[0])

/* The declared column that each is filled from. */
static const enum declaration_column from[SHOWN] = {
        DECLARED_PROCESSING_REF,
        DECLARED_BUSINESS_FUNCTION,
        DECLARED_PURPOSE,
        DECLARED_CONTROLLER,
        DECLARED_JOINT_CONTROLLER,
        DECLARED_REPRESENTATIVE,
        DECLARED_DPO,
        DECLARED_INDIVIDUALS,
        DECLARED_DATA_CATEGORIES,
        DECLARED_RECIPIENTS,
        DECLARED_PROCESSORS,
        DECLARED_THIRD_COUNTRIES,
        DECLARED_SAFEGUARDS,
        DECLARED_RETENTION,
        DECLARED_SECURITY_MEASURES,
        DECLARED_ART6,
        DECLARED_ART9,
        DECLARED_SCH1,
        DECLARED_POLICY_REF,
        DECLARED_COMMON_LAW,
        DECLARED_SOURCE_OF_DATA,
        DECLARED_PRIVACY_NOTICE,
        DECLARED_LOCATION,
        NONE,
        NONE,
        DECLARED_DPIA_REQUIRED,
        DECLARED_DPIA_REF,
        DECLARED_AGREEMENT_REF,
        DECLARED_BREACH_REF,
        DECLARED_OPT_OUT,
        DECLARED_LAST_REVIEWED,
        DECLARED_REVIEW_DUE,
        DECLARED_OWNER_ROLE,
        NONE,
        NONE,
        NONE,
        NONE,
        NONE,
};

/* One processing: its declarations, and what was seen of their flows. */
struct processing {
	char *key;
	struct words cells[SHOWN];
	struct words assets, flows, recipients, locations, encryption, differences;
	int64_t last_us;
	UT_hash_handle hh;
};

static char *key_of(const struct entry *d)
{
	const char *ref = entry_text(d, DECLARED_PROCESSING_REF),
	           *purpose = entry_text(d, DECLARED_PURPOSE);
	char *key = ref[0] != '\0' ? mem_printf("r%s", ref) : mem_printf("p%s", purpose);

	text_lower(key);
	return key;
}

static struct processing *find(struct processing **all, const struct entry *d, bool is_made)
{
	char *key = key_of(d);
	struct processing *p;

	HASH_FIND_STR(*all, key, p);
	if (p != NULL || !is_made) {
		free(key);
		return p;
	}
	p = mem_zalloc(1, sizeof *p);
	p->key = key;
	HASH_ADD_KEYPTR(hh, *all, p->key, strlen(p->key), p);
	return p;
}

/* Items of lists are gathered one by one, so that the same one is told once. */
static void put_items(struct words *into, const char *list)
{
	size_t len;

	for (const char *item; (item = entry_next(&list, &len)) != NULL;) {
		char *copy = mem_printf("%.*s", (int)len, item);

		words_put(into, copy);
		free(copy);
	}
}

static bool is_list(enum declaration_column column)
{
	size_t n;
	enum cell_type type = entry_columns(ENTRY_DECLARATION, &n)[column].type;

	return type == CELL_LIST || type == CELL_WORDS;
}

static void add_declaration(struct processing **all, const struct entry *d)
{
	struct processing *p;

	if (entry_text(d, DECLARED_PURPOSE)[0] == '\0' &&
	    entry_text(d, DECLARED_PROCESSING_REF)[0] == '\0') {
		return; /* no processing is named: the findings say so */
	}
	p = find(all, d, true);
	for (size_t i = 0; i < SHOWN; i++) {
		if (from[i] != NONE && is_list(from[i])) {
			put_items(&p->cells[i], entry_text(d, from[i]));
		} else if (from[i] != NONE) {
			words_put(&p->cells[i], entry_text(d, from[i]));
		}
	}
	words_put(&p->assets, entry_text(d, DECLARED_SOURCE));
	words_put(&p->assets, entry_text(d, DECLARED_DESTINATION));
}

static void add_location(const struct register_state *state, struct processing *p,
                         const struct flow_end *end)
{
	char text_of_country[COUNTRY_MAX];
	const char *country = register_country(state, end, text_of_country);
	char *zone = flow_end_zone(end), *text = strcmp(country, "unknown") != 0
	                                                 ? mem_printf("%s (%s)", zone, country)
	                                                 : mem_strdup(zone);

	words_put(&p->locations, text);
	free(text);
	free(zone);
}

static void add_differences(struct processing *p, const struct register_flow *f)
{
	if (f->n_exchanges == 0) {
		char *text = mem_printf("%s not observed", f->id);

		words_put(&p->differences, text);
		free(text);
	}
	for (size_t i = 0; i < f->differences.n; i++) {
		char *text = mem_printf("%s %s", f->id, f->differences.text[i]);

		words_put(&p->differences, text);
		free(text);
	}
}

static void add_flow(const struct register_state *state, struct processing *p,
                     const struct register_flow *f)
{
	const char *organisation = flow_end_organisation(f->destination);

	words_put(&p->flows, f->id);
	add_differences(p, f);
	if (f->n_exchanges > 0) {
		words_put(&p->recipients,
		          organisation[0] != '\0' ? organisation : f->destination->name);
		add_location(state, p, f->source);
		add_location(state, p, f->destination);
		words_put(&p->encryption, flow_encrypted(f));
		p->last_us = f->last_us > p->last_us ? f->last_us : p->last_us;
	}
}

static void add_row(struct table *t, const struct processing *p)
{
	const struct words *const observed[] = {&p->recipients, &p->locations, &p->encryption};
	const struct words *const joins[] = {&p->assets, &p->flows};
	size_t join = 0;

	for (size_t i = 0; i < SHOWN - 5; i++) {
		show_words(t, from[i] != NONE ? &p->cells[i] : joins[join++]);
	}
	for (size_t i = 0; i < 3; i++) {
		show_words(t, observed[i]);
	}
	show_time(t, p->last_us);
	show_words(t, &p->differences);
}

static void free_processing(struct processing *p)
{
	struct words *const sets[] = {&p->assets,    &p->flows,      &p->recipients,
	                              &p->locations, &p->encryption, &p->differences};

	for (size_t i = 0; i < SHOWN; i++) {
		words_clear(&p->cells[i]);
	}
	for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++) {
		words_clear(sets[i]);
	}
	free(p->key);
	free(p);
}

static int compare(const struct processing *a, const struct processing *b)
{
	return strcmp(a->key, b->key);
}

static void gather(const struct register_state *state, struct processing **all)
{
	for (const struct entry *d = state->declarations->first; d != NULL; d = d->hh.next) {
		add_declaration(all, d);
	}
	for (size_t i = 0; i < reconcile_count(state->flows); i++) {
		const struct register_flow *f = reconcile_get(state->flows, i);
		struct processing *p = f->declared != NULL ? find(all, f->declared, false) : NULL;

		if (p != NULL) {
			add_flow(state, p, f);
		}
	}
	HASH_SORT(*all, compare);
}

struct table *ropa_table(const struct register_state *state)
{
	struct table *t = table_new("ropa", columns, SHOWN);
	struct processing *all = NULL, *p, *next;

	gather(state, &all);
	HASH_ITER(hh, all, p, next)
	{
		add_row(t, p);
		HASH_DEL(all, p);
		free_processing(p);
	}
	return t;
}
