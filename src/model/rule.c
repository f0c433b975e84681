/* Rules of findings: rows of findings.csv, their words, and what they must agree on with the rest
 * of the catalogue. */
#include "terrier/model/finding_rule.h"

#include "catalogue.h"
#include "terrier/base/text.h"
#include "terrier/model/entry.h"
#include "terrier/model/pattern.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Words end with NULL and stand in the order of their enumeration; an empty cell is the first of
 * its. */
static const char *const severities[] = {"off",  "information", "low", "medium",
                                         "high", "critical",    NULL};
static const char *const confidences[] = {"low", "medium", "high", NULL};
static const char *const abouts[] = {"server",  "client", "pair", "inside",
                                     "outside", "zone",   "site", "asset", "flow", NULL};
static const char *const places[] = {"",          "inside",  "zones", "outside",
                                     "elsewhere", "clients", NULL};

/* The checks, and what those take that do not look at exchanges. */
#define FLOW_ABOUT (1U << ABOUT_PAIR | 1U << ABOUT_OUTSIDE | 1U << ABOUT_FLOW | 1U << ABOUT_SITE)
#define SYSTEM_ABOUT (1U << ABOUT_ASSET | 1U << ABOUT_ZONE | 1U << ABOUT_SITE)
#define DECLARED_ABOUT (1U << ABOUT_FLOW | 1U << ABOUT_SITE)
static const struct {
	enum finding_object object;
	bool needs_parameter;
	bool needs_facts;
} checks[] = {
        [CHECK_NONE] = {OBJECT_EXCHANGE, false, false},
        [CHECK_NO_BACKUP] = {OBJECT_EXCHANGE, true, false},
        [CHECK_NEW_PARTY] = {OBJECT_EXCHANGE, true, false},
        [CHECK_UNIDENTIFIED] = {OBJECT_EXCHANGE, true, false},
        [CHECK_LIVE_LINK] = {OBJECT_EXCHANGE, false, false},
        [CHECK_UNDECLARED_FLOW] = {OBJECT_FLOW, false, false},
        [CHECK_UNREGISTERED_PARTY] = {OBJECT_FLOW, false, false},
        [CHECK_DIFFERS] = {OBJECT_FLOW, false, true},
        [CHECK_NOT_SEEN] = {OBJECT_FLOW, true, false},
        [CHECK_OPAQUE_FLOW] = {OBJECT_FLOW, false, false},
        [CHECK_OUTSIDE_UK] = {OBJECT_FLOW, false, false},
        [CHECK_UNDECLARED_ASSET] = {OBJECT_SYSTEM, false, false},
        [CHECK_AMBIGUOUS_ASSET] = {OBJECT_SYSTEM, false, false},
        [CHECK_OUTSIDE_ZONE] = {OBJECT_SYSTEM, false, false},
        [CHECK_ASSET_BACKUP] = {OBJECT_SYSTEM, true, false},
        [CHECK_ASSET_EMPTY] = {OBJECT_SYSTEM, false, true},
        [CHECK_ASSET_DATE] = {OBJECT_SYSTEM, false, true},
        [CHECK_ASSET_IN_USE] = {OBJECT_SYSTEM, false, true},
        [CHECK_DECLARED_EMPTY] = {OBJECT_DECLARATION, false, true},
        [CHECK_DECLARED_DATE] = {OBJECT_DECLARATION, false, true},
        [CHECK_DPIA_MISSING] = {OBJECT_DECLARATION, false, false},
};
static const char *const check_words[] = {
        "",               "no_backup",        "new_party",    "unidentified",  "live_link",
        "undeclared_flow", "unregistered_party", "differs",   "not_seen",      "opaque_flow",
        "outside_uk",     "undeclared_asset", "ambiguous_asset", "outside_zone", "asset_backup",
        "asset_empty",    "asset_date",       "asset_in_use", "declared_empty", "declared_date",
        "dpia_missing",   NULL};
static const char *const ends[] = {"", "server", "client", "inside", NULL};
static const char *const tiers[] = {"", "1", "2", "3", "unknown", NULL};
static const char *const least_confidences[] = {"", "medium", "high", NULL};
static const char *const encrypted_words[] = {"", "no", NULL};
static const char *const categories[] = {
        "undeclared_flow",     "undeclared_asset",  "clear_text",    "weak_protocol",
        "external_recipient",  "outside_uk",        "zone_crossing", "backup",
        "missing_declaration", "expired_agreement", "coverage",      NULL};

#define PARAMETER_MAX   100000
#define LEAST_BYTES_MAX UINT64_C(1000000000000000)

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

/* A whole number up to `most`; an empty cell is 0. */
static uint64_t read_number(const struct table_row *row, int column, uint64_t most)
{
	const char *text = row->cells[column];
	size_t len = strlen(text);
	uint64_t value = len <= 15 && strspn(text, "0123456789") == len ? strtoull(text, NULL, 10)
	                                                                : most + 1;

	if (value > most) {
		row_refuse(row, column,
		           most == PARAMETER_MAX ? "a whole number up to 100000"
		                                 : "a whole number up to 10^15");
	}
	return value;
}

static uint32_t read_roles(const struct table_row *row)
{
	const char *list = row->cells[CELL_RULE_ROLES], *word;
	bool is_taken_out;
	uint32_t all = 0;
	size_t len;

	while ((word = pattern_next(&list, &len, &is_taken_out)) != NULL) {
		char name[32];
		enum role role;

		text_copy(name, sizeof name, word, len);
		if (is_taken_out || !role_find(name, &role)) {
			row_refuse(row, CELL_RULE_ROLES,
			           "client, server, modality, device, clinical_system, with ; "
			           "between them");
			return 0;
		}
		all |= ROLE_BIT(role);
	}
	return all;
}

static void check_list(const struct table_row *row, int column)
{
	const char *list = row->cells[column];
	bool is_taken_out;
	size_t len;

	while (pattern_next(&list, &len, &is_taken_out) != NULL) {
		if (len == 0) {
			row_refuse(row, column, "texts with ; between them, none of them empty");
			return;
		}
	}
}

/* Those of assets and declarations list columns. */
static void check_columns(const struct table_row *row, enum finding_object object)
{
	const char *list = row->cells[CELL_RULE_FACTS], *name;
	enum entry_type type = object == OBJECT_SYSTEM ? ENTRY_ASSET : ENTRY_DECLARATION;
	bool is_taken_out;
	size_t len;

	while ((name = pattern_next(&list, &len, &is_taken_out)) != NULL) {
		char column[64];

		text_copy(column, sizeof column, name, len);
		if (is_taken_out || entry_find_column(type, column) == ENTRY_COLUMNS_MAX) {
			row_refuse(row, CELL_RULE_FACTS,
			           object == OBJECT_SYSTEM ? "columns of assets.csv with this check"
			                                   : "columns of declared.csv with this check");
			return;
		}
	}
}

/* A flow, system or declaration has no host names, roles or facts of evidence; and only a flow moves octets somewhere. */
static void check_register_rule(const struct table_row *row, const struct finding_rule *r)
{
	static const unsigned abouts_of[] = {
	        [OBJECT_FLOW] = FLOW_ABOUT, [OBJECT_SYSTEM] = SYSTEM_ABOUT, [OBJECT_DECLARATION] = DECLARED_ABOUT};
	static const int exchange_cells[] = {CELL_RULE_NAMES, CELL_RULE_ROLES},
	                 flow_cells[] = {CELL_RULE_PROTOCOLS, CELL_RULE_LEAST_CONFIDENCE, CELL_RULE_ENCRYPTED,
	                                 CELL_RULE_LEAST_BYTES, CELL_RULE_PLACE};
	enum finding_object object = finding_rule_object(r);
	bool is_columns = checks[r->check].needs_facts && object != OBJECT_FLOW;

	if (object == OBJECT_EXCHANGE) {
		if (r->about == ABOUT_ASSET || r->about == ABOUT_FLOW) {
			row_refuse(row, CELL_RULE_ABOUT, "asset and flow only with a check of the register");
		}
		return;
	}
	for (size_t i = 0; i < 2; i++) {
		if (row->cells[exchange_cells[i]][0] != '\0') {
			row_refuse(row, exchange_cells[i], "nothing with this check");
		}
	}
	for (size_t i = 0; object != OBJECT_FLOW && i < sizeof flow_cells / sizeof flow_cells[0]; i++) {
		if (row->cells[flow_cells[i]][0] != '\0') {
			row_refuse(row, flow_cells[i], "nothing with this check");
		}
	}
	if (r->place == PLACE_CLIENTS) {
		row_refuse(row, CELL_RULE_PLACE, "inside, zones, outside, elsewhere with this check");
	}
	if ((abouts_of[object] >> r->about & 1) == 0) {
		row_refuse(row, CELL_RULE_ABOUT,
		           object == OBJECT_FLOW     ? "pair, outside, flow, site with this check"
		           : object == OBJECT_SYSTEM ? "asset, zone, site with this check"
		                                     : "flow, site with this check");
	}
	if ((r->facts[0] != '\0') != checks[r->check].needs_facts) {
		row_refuse(row, CELL_RULE_FACTS, r->facts[0] != '\0' ? "nothing with this check" : "a list with this check");
	} else if (is_columns) {
		check_columns(row, object);
	}
}

static void check_rule(const struct table_row *row, const struct finding_rule *r)
{
	check_list(row, CELL_RULE_PROTOCOLS);
	check_list(row, CELL_RULE_KINDS);
	check_list(row, CELL_RULE_FACTS);
	check_list(row, CELL_RULE_NAMES);
	if (strspn(r->id, "abcdefghijklmnopqrstuvwxyz0123456789.-_") != strlen(r->id)) {
		row_refuse(row, CELL_RULE_ID, "lower-case letters, digits, dots, - and _");
	}
	if ((r->roles != 0) != (r->role_of != END_NONE)) {
		row_refuse(row, CELL_RULE_ROLE_OF, "an end when there are roles, else nothing");
	}
	if (checks[r->check].needs_parameter && r->parameter == 0) {
		row_refuse(row, CELL_RULE_PARAMETER, "at least 1 with this check");
	}
	if (r->about == ABOUT_OUTSIDE && r->place != PLACE_OUTSIDE) {
		row_refuse(row, CELL_RULE_ABOUT, "outside only with place outside");
	}
	check_register_rule(row, r);
}

enum finding_object finding_rule_object(const struct finding_rule *r)
{
	return checks[r->check].object;
}

bool finding_rule_is_of_tier(const struct finding_rule *r, enum tier tier)
{
	return r->tier == TIER_0 || (tier >= r->tier && (tier == TIER_UNKNOWN) == (r->tier == TIER_UNKNOWN));
}

void rule_take(const struct table_row *row)
{
	struct catalogue *c = row->catalogue;
	size_t faults = row->faults->n, len = strlen(row->cells[CELL_RULE_ID]);
	uint32_t found = kind_index_get(&c->index, INDEX_RULE, row->cells[CELL_RULE_ID], len);
	struct finding_rule r = {
	        .id = row_keep(row, CELL_RULE_ID),
	        .title = row_keep(row, CELL_RULE_TITLE),
	        .category = categories[row_word(row, CELL_RULE_CATEGORY, categories)],
	        .severity = (enum severity)row_word(row, CELL_RULE_SEVERITY, severities),
	        .confidence = (enum confidence)row_word(row, CELL_RULE_CONFIDENCE, confidences),
	        .about = (enum finding_about)row_word(row, CELL_RULE_ABOUT, abouts),
	        .check = (enum finding_check)row_word(row, CELL_RULE_CHECK, check_words),
	        .parameter = (uint32_t)read_number(row, CELL_RULE_PARAMETER, PARAMETER_MAX),
	        .least_bytes = read_number(row, CELL_RULE_LEAST_BYTES, LEAST_BYTES_MAX),
	        .protocols = row_keep(row, CELL_RULE_PROTOCOLS),
	        .kinds = row_keep(row, CELL_RULE_KINDS),
	        .tier = (enum tier)row_word(row, CELL_RULE_TIER, tiers),
	        .least_confidence = (enum confidence)row_word(row, CELL_RULE_LEAST_CONFIDENCE,
	                                                      least_confidences),
	        .in_clear = row_word(row, CELL_RULE_ENCRYPTED, encrypted_words) == 1,
	        .facts = row_keep(row, CELL_RULE_FACTS),
	        .names = row_keep(row, CELL_RULE_NAMES),
	        .place = (enum finding_place)row_word(row, CELL_RULE_PLACE, places),
	        .roles = read_roles(row),
	        .role_of = (enum finding_side)row_word(row, CELL_RULE_ROLE_OF, ends),
	        .control_refs = row_keep(row, CELL_RULE_CONTROL_REFS),
	        .why = row_keep(row, CELL_RULE_WHY),
	        .action = row_keep(row, CELL_RULE_ACTION),
	        .limits = row_keep(row, CELL_RULE_LIMITS),
	};

	if (row->faults->n == faults) {
		check_rule(row, &r);
	}
	size_t i = row_place(row, CELL_RULE_ID, found,
	                     found != INDEX_NOTHING ? &c->rules[found].at : NULL, c->n_rules);

	if (row->faults->n > faults) {
		return;
	}
	if (i == c->n_rules) {
		c->rules = row_extend(c->rules, c->n_rules++, sizeof *c->rules);
	}
	c->rules[i] = (struct rule_row){.rule = r, .at = row->at};
	kind_index_put(&c->index, INDEX_RULE, r.id, len, (uint32_t)i);
}

static bool is_protocol(const struct catalogue *c, const char *pattern, size_t len)
{
	for (uint16_t i = 0; i < catalogue_protocol_count(c); i++) {
		if (pattern_fits(pattern, len, catalogue_protocol_name(c, i))) {
			return true;
		}
	}
	return false;
}

static bool is_kind(const struct catalogue *c, const char *pattern, size_t len)
{
	for (uint16_t i = 0; i < catalogue_count(c); i++) {
		if (pattern_fits(pattern, len, catalogue_kind(c, i)->id)) {
			return true;
		}
	}
	return false;
}

static void link_list(const struct catalogue *c, struct faults *f, const struct rule_row *row,
                      int column)
{
	bool is_taken_out, is_protocols = column == CELL_RULE_PROTOCOLS;
	const char *list = is_protocols ? row->rule.protocols : row->rule.kinds, *pattern;
	size_t len;

	while ((pattern = pattern_next(&list, &len, &is_taken_out)) != NULL) {
		if (is_protocols ? !is_protocol(c, pattern, len) : !is_kind(c, pattern, len)) {
			faults_add(f, row->at, is_protocols ? "protocols" : "kinds",
			           "\"%.*s\", allowed: %s", (int)len, pattern,
			           is_protocols ? "protocols of protocols.csv"
			                        : "a kind_id of kinds.csv, or its beginning and *");
		}
	}
}

void rule_link(struct catalogue *c, struct faults *f)
{
	size_t kept = 0;

	for (size_t i = 0; i < c->n_rules; i++) {
		link_list(c, f, &c->rules[i], CELL_RULE_PROTOCOLS);
		link_list(c, f, &c->rules[i], CELL_RULE_KINDS);
		if (c->rules[i].rule.severity != SEVERITY_OFF) {
			c->rules[kept++] = c->rules[i];
		}
	}
	c->n_rules = kept; /* the index of rules is not asked again */
}

size_t catalogue_rules(const struct catalogue *c)
{
	return c->n_rules;
}

const struct finding_rule *catalogue_rule(const struct catalogue *c, size_t i)
{
	assert(i < c->n_rules);
	return &c->rules[i].rule;
}

bool catalogue_seeks_fact(const struct catalogue *c, const char *fact)
{
	for (size_t i = 0; i < c->n_rules; i++) {
		const char *facts = c->rules[i].rule.facts;

		if (facts[0] != '\0' && pattern_list_fits(facts, fact)) {
			return true;
		}
	}
	return false;
}
