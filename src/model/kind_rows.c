/* Rows of the files about kinds: their words, their keys, and what they must agree on. */
#include "catalogue.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROWS_MAX 65534 /* rows of a table: indexes are 16 bits wide */

/* Words end with NULL; those of an enumeration stand in its order. */
static const char *const directions[] = {"c2s", "s2c", "both", "msg", "http", "balance", NULL};
static const char *const matches[] = {"exact", "prefix", "suffix", "glob", "rule", "note", NULL};
static const char *const confidences[] = {"low", "medium", "high", NULL};
static const char *const tiers[] = {"0", "1", "2", "3", "inherit", NULL};
static const char *const tier_rules[] = {"fixed", "floor", "inherit", NULL};
static const char *const personal_words[] = {"no", "possible", "likely", "yes", NULL};
static const char *const special_words[] = {"no",     "possible", "likely", "implied",
                                            "health", "genetic",  NULL};
static const char *const yes_no[] = {"no", "yes", NULL};

void row_refuse(const struct table_row *row, int column, const char *allowed)
{
	faults_add(row->faults, row->at, row->names[column], "\"%s\", allowed: %s",
	           row->cells[column], allowed);
}

int row_word(const struct table_row *row, int column, const char *const words[])
{
	char allowed[512] = "";
	size_t len = 0;

	for (int i = 0; words[i] != NULL; i++) {
		if (strcmp(words[i], row->cells[column]) == 0) {
			return i;
		}
	}
	for (int i = 0; words[i] != NULL && len < sizeof allowed; i++) {
		len += (size_t)snprintf(allowed + len, sizeof allowed - len, "%s%s",
		                        i > 0 ? ", " : "", words[i]);
	}
	row_refuse(row, column, allowed);
	return 0;
}

char *row_keep(const struct table_row *row, int column)
{
	return kind_keep(row->catalogue, row->cells[column], strlen(row->cells[column]));
}

size_t row_place(const struct table_row *row, int column, uint32_t found,
                        const struct place *found_at, size_t n)
{
	if (found == INDEX_NOTHING) {
		if (n < ROWS_MAX) {
			return n;
		}
		faults_add(row->faults, row->at, NULL, "one row too many, allowed: %d", ROWS_MAX);
		return SIZE_MAX;
	}
	if (found_at->number != row->at.number) {
		return found;
	}
	faults_add(row->faults, row->at, row->names[column],
	           "\"%s\", allowed: once in a file, line %zu has it", row->cells[column],
	           found_at->line);
	return SIZE_MAX;
}

/* Doubles when `n` is a power of two. */
void *row_extend(void *rows, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? mem_resize(rows, n > 0 ? n * 2 : 1, size) : rows;
}

/* `group.name`: lower-case letters, digits, `_`, `-`, a dot between two parts. */
static bool is_kind_id(const char *id)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz0123456789_-";
	size_t group = strspn(id, allowed);
	size_t name = id[group] == '.' ? strspn(id + group + 1, allowed) : 0;

	return group > 0 && name > 0 && id[group + 1 + name] == '\0';
}

static void check_tier(const struct table_row *row, enum tier tier, enum tier_rule rule)
{
	if ((tier == TIER_UNKNOWN) != (rule == TIER_INHERIT)) {
		row_refuse(row, CELL_KIND_TIER,
		       rule == TIER_INHERIT ? "inherit, as tier_rule says"
		                            : "0, 1, 2 or 3, as tier_rule says");
	}
}

void kind_take_kind(const struct table_row *row)
{
	struct catalogue *c = row->catalogue;
	const char *id = row->cells[CELL_KIND_ID];
	size_t faults = row->faults->n, len = strlen(id);
	uint32_t found = kind_index_get(&c->index, INDEX_KIND, id, len);
	enum tier tier = (enum tier)row_word(row, CELL_KIND_TIER, tiers);
	enum tier_rule rule = (enum tier_rule)row_word(row, CELL_KIND_TIER_RULE, tier_rules);
	int direction = row_word(row, CELL_KIND_DIRECTION, directions);

	row_word(row, CELL_KIND_PERSONAL, personal_words);
	row_word(row, CELL_KIND_SPECIAL, special_words);
	if (!is_kind_id(id)) {
		row_refuse(row, CELL_KIND_ID, "group.name in lower-case letters, digits, - and _");
	}
	if (row->faults->n == faults) {
		check_tier(row, tier, rule);
	}
	size_t i = row_place(row, CELL_KIND_ID, found,
	                     found != INDEX_NOTHING ? &c->kinds[found].at : NULL, c->n_kinds);

	if (row->faults->n > faults) {
		return;
	}
	if (i == c->n_kinds) {
		c->kinds = row_extend(c->kinds, c->n_kinds++, sizeof *c->kinds);
	}
	c->kinds[i].at = row->at;
	c->kinds[i].kind = (struct kind){
	        .id = row_keep(row, CELL_KIND_ID),
	        .title = row_keep(row, CELL_KIND_TITLE),
	        .group = row_keep(row, CELL_KIND_GROUP),
	        .data_subjects = row_keep(row, CELL_KIND_SUBJECTS),
	        .personal_data = row_keep(row, CELL_KIND_PERSONAL),
	        .special_category = row_keep(row, CELL_KIND_SPECIAL),
	        .tier = tier,
	        .tier_rule = rule,
	        .direction = (enum info_direction)direction,
	        .register_text = row_keep(row, CELL_KIND_REGISTER_TEXT),
	        .note = row_keep(row, CELL_KIND_NOTE),
	};
	kind_index_put(&c->index, INDEX_KIND, c->kinds[i].kind.id, len, (uint32_t)i);
}

/* `tcp/1` to `udp/65535`, written the one way in which ports are looked up. */
static bool is_port(const char *text, size_t len)
{
	unsigned value = 0;

	if (len < 5 || len > 9 || (memcmp(text, "tcp/", 4) != 0 && memcmp(text, "udp/", 4) != 0) ||
	    text[4] == '0') {
		return false;
	}
	for (size_t i = 4; i < len; i++) {
		if (text[i] < '0' || text[i] > '9') {
			return false;
		}
		value = value * 10 + (unsigned)(text[i] - '0');
	}
	return value <= UINT16_MAX;
}

/* A glob without inner wildcards is an exact text or a prefix, and must find the row that says the
 * same. */
static enum match_class reduce_glob(const char *pattern, size_t len)
{
	const char *star = memchr(pattern, '*', len);

	if (star == NULL) {
		return MATCH_EXACT;
	}
	return star == pattern + len - 1 ? MATCH_PREFIX : MATCH_GLOB;
}

/* The form in which patterns are compared: `.nhs.uk` and `nhs.uk` are the same suffix, `ADT^*` and
 * `ADT^` the same prefix. */
static void make_canonical(struct evidence_row *e, char *pattern)
{
	size_t len = strlen(pattern);

	kind_fold(e->type, pattern, len);
	if (e->match == MATCH_GLOB) {
		e->match = reduce_glob(pattern, len);
	}
	if (e->match == MATCH_PREFIX && len > 0 && pattern[len - 1] == '*') {
		pattern[--len] = '\0';
	}
	if (e->match == MATCH_SUFFIX && pattern[0] == '.') {
		pattern++;
		len--;
	}
	e->text = pattern;
	e->length = (uint16_t)len;
	for (size_t i = 0; i < len; i++) {
		e->literal = (uint16_t)(e->literal + (e->match != MATCH_GLOB || pattern[i] != '*'));
	}
}

/* What patterns of this type look like; NULL when this one may be. */
static const char *check_pattern(const struct evidence_row *e)
{
	bool is_name = e->type == EVIDENCE_TLS_SNI || e->type == EVIDENCE_DNS_LABEL ||
	               e->type == EVIDENCE_MAIL_DOMAIN;

	if (e->literal == 0) {
		return "a pattern that does not fit everything";
	}
	if (e->type == EVIDENCE_PORT && (e->match != MATCH_EXACT || !is_port(e->text, e->length))) {
		return "tcp/1 to tcp/65535 or udp/1 to udp/65535, match exact";
	}
	if (e->type == EVIDENCE_DICOM_SOP && strspn(e->text, "0123456789.") != e->length) {
		return "a UID: digits and dots";
	}
	if (e->match == MATCH_SUFFIX && !is_name) {
		return "match suffix only with tls.sni, dns.label and mail.domain";
	}
	if (is_name && (e->match == MATCH_EXACT || e->match == MATCH_SUFFIX) &&
	    !text_is_hostname(e->text, e->length)) {
		return "a host name";
	}
	return NULL;
}

static bool is_for_people(const struct evidence_row *e)
{
	return e->match == MATCH_RULE || e->match == MATCH_NOTE;
}

static void check_evidence(const struct table_row *row, const struct evidence_row *e)
{
	if (is_for_people(e)) {
		return;
	}
	if (e->type == EVIDENCE_OTHER) {
		row_refuse(row, CELL_EVIDENCE_TYPE,
		       "an evidence type of terrierd(8), others only with match rule or note");
		return;
	}
	const char *allowed = check_pattern(e);

	if (allowed != NULL) {
		row_refuse(row, CELL_EVIDENCE_PATTERN, allowed);
	}
	if (e->type == EVIDENCE_PORT && e->proves.confidence == CONFIDENCE_HIGH) {
		row_refuse(row, CELL_EVIDENCE_CONFIDENCE, "low, medium: a port proves nothing");
	}
}

/* What makes the row the same as another file's: type and pattern, as written. */
static char *make_key(const struct table_row *row, enum evidence_type type)
{
	size_t type_len = strlen(row->cells[CELL_EVIDENCE_TYPE]);
	char *text = mem_printf("%s %s", row->cells[CELL_EVIDENCE_TYPE],
	                        row->cells[CELL_EVIDENCE_PATTERN]);
	char *key = kind_keep(row->catalogue, text, strlen(text));

	free(text);
	kind_fold(type, key + type_len, strlen(key) - type_len);
	return key;
}

void kind_take_evidence(const struct table_row *row)
{
	struct catalogue *c = row->catalogue;
	size_t faults = row->faults->n;
	struct evidence_row e = {
	        .type = evidence_type_find(row->cells[CELL_EVIDENCE_TYPE]),
	        .match = (enum match_class)row_word(row, CELL_EVIDENCE_MATCH, matches),
	        .proves = {.kind = KIND_NONE,
	                   .direction = (enum info_direction)row_word(row, CELL_EVIDENCE_DIRECTION,
	                                                               directions),
	                   .confidence = (enum confidence)row_word(row, CELL_EVIDENCE_CONFIDENCE,
	                                                            confidences),
	                   .is_site = row->at.number >= c->n_builtin},
	        .kind_id = row_keep(row, CELL_EVIDENCE_KIND),
	        .at = row->at,
	};
	const char *key = make_key(row, e.type);
	uint32_t found = kind_index_get(&c->index, INDEX_EVIDENCE, key, strlen(key));

	make_canonical(&e, row_keep(row, CELL_EVIDENCE_PATTERN));
	if (row->faults->n == faults) {
		check_evidence(row, &e);
	}
	size_t i = row_place(row, CELL_EVIDENCE_PATTERN, found,
	                     found != INDEX_NOTHING ? &c->evidence[found].at : NULL, c->n_evidence);

	if (row->faults->n > faults) {
		return;
	}
	if (i == c->n_evidence) {
		c->evidence = row_extend(c->evidence, c->n_evidence++, sizeof *c->evidence);
	}
	c->evidence[i] = e;
	kind_index_put(&c->index, INDEX_EVIDENCE, key, strlen(key), (uint32_t)i);
}

void kind_take_protocol(const struct table_row *row)
{
	struct catalogue *c = row->catalogue;
	size_t faults = row->faults->n, len = strlen(row->cells[CELL_PROTOCOL_NAME]);
	uint32_t found = kind_index_get(&c->index, INDEX_PROTOCOL, row->cells[CELL_PROTOCOL_NAME], len);
	bool encrypts = row_word(row, CELL_PROTOCOL_ENCRYPTS, yes_no) == 1;
	size_t i =
	        row_place(row, CELL_PROTOCOL_NAME, found,
	                  found != INDEX_NOTHING ? &c->protocols[found].at : NULL, c->n_protocols);

	if (row->faults->n > faults) {
		return;
	}
	if (i == c->n_protocols) {
		c->protocols = row_extend(c->protocols, c->n_protocols++, sizeof *c->protocols);
	}
	c->protocols[i] = (struct protocol_row){
	        .name = row_keep(row, CELL_PROTOCOL_NAME),
	        .ndpi_names = row_keep(row, CELL_PROTOCOL_NDPI),
	        .ports = row_keep(row, CELL_PROTOCOL_PORTS),
	        .encrypts = encrypts,
	        .at = row->at,
	};
	kind_index_put(&c->index, INDEX_PROTOCOL, c->protocols[i].name, len, (uint32_t)i);
}

/* A row's claim on a text. Of two files that claim it the later has it; NULL, or the place in the
 * same file that has it already. */
static const struct place *
claim(struct catalogue *c, unsigned space, const char *text, size_t len, uint32_t value,
      const struct place *(*place_of)(const struct catalogue *, uint32_t))
{
	const struct place *at = place_of(c, value);
	uint32_t found = kind_index_get(&c->index, space, text, len);
	const struct place *other = found != INDEX_NOTHING ? place_of(c, found) : NULL;

	if (other != NULL && other->number == at->number) {
		return other;
	}
	if (other == NULL || other->number < at->number) {
		kind_index_put(&c->index, space, text, len, value);
	}
	return NULL;
}

static const struct place *place_of_evidence(const struct catalogue *c, uint32_t i)
{
	return &c->evidence[i].at;
}

static const struct place *place_of_protocol(const struct catalogue *c, uint32_t i)
{
	return &c->protocols[i].at;
}

static void link_evidence(struct catalogue *c, struct faults *f, uint32_t i)
{
	struct evidence_row *e = &c->evidence[i];

	e->proves.kind = catalogue_find(c, e->kind_id);
	if (e->proves.kind == KIND_NONE) {
		faults_add(f, e->at, "kind_id",
		           "\"%s\", allowed: a kind_id of kinds.csv or of a site's own kinds",
		           e->kind_id);
	}
	if (is_for_people(e)) {
		return;
	}
	const struct place *other =
	        claim(c, kind_space(e->type, e->match), e->text, e->length, i, place_of_evidence);

	if (other != NULL) {
		faults_add(f, e->at, "pattern",
		           "\"%s\", allowed: once in a file, line %zu says the same", e->text,
		           other->line);
	}
}

/* A list of nDPI names or ports of a protocol. */
static void link_list(struct catalogue *c, struct faults *f, uint32_t i, unsigned space,
                      const char *list)
{
	const struct place *at = &c->protocols[i].at, *other;
	const char *column = space == INDEX_PROTOCOL_PORT ? "ports" : "ndpi_names";

	for (size_t len; *list != '\0'; list += len + (list[len] == ';')) {
		len = strcspn(list, ";");
		char *text = kind_keep(c, list, len);

		if (space == INDEX_PROTOCOL_PORT ? !is_port(text, len) : len == 0) {
			faults_add(f, *at, column, "\"%s\", allowed: %s, with ; between them", text,
			           space == INDEX_PROTOCOL_PORT
			                   ? "tcp/1 to tcp/65535 or udp/1 to udp/65535"
			                   : "names");
			continue;
		}
		kind_fold(space == INDEX_PROTOCOL_NDPI ? EVIDENCE_NDPI : EVIDENCE_NONE, text, len);
		other = claim(c, space, text, len, i, place_of_protocol);
		if (other != NULL) {
			faults_add(f, *at, column,
			           "\"%s\", allowed: once in a file, line %zu has it", text,
			           other->line);
		}
	}
}

void kind_link(struct catalogue *c, struct faults *f)
{
	for (uint32_t i = 0; i < c->n_evidence; i++) {
		link_evidence(c, f, i);
	}
	for (uint32_t i = 0; i < c->n_protocols; i++) {
		link_list(c, f, i, INDEX_PROTOCOL_NDPI, c->protocols[i].ndpi_names);
		link_list(c, f, i, INDEX_PROTOCOL_PORT, c->protocols[i].ports);
	}
}
