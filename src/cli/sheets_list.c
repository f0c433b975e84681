/* Assets and declared flows coming out of the register: a list to look at, and the file that import
 * takes again. */
#include "terrier/cli/sheets.h"

#include "terrier/base/addr.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/cli/account.h"
#include "terrier/cli/command.h"
#include "terrier/cli/output.h"
#include "terrier/cli/register.h"
#include "terrier/model/pattern.h"

#include <stdlib.h>
#include <string.h>

/* Columns that fit a terminal, and what they are called there. */
static const struct shown_column {
	enum entry_type type;
	size_t column;
	const char *heading;
} shown_columns[] = {
        {ENTRY_ASSET, ASSET_ID, "ID"},
        {ENTRY_ASSET, ASSET_NAME, "Name"},
        {ENTRY_ASSET, ASSET_TYPE, "Type"},
        {ENTRY_ASSET, ASSET_ZONE, "Zone"},
        {ENTRY_ASSET, ASSET_OWNER, "Owner"},
        {ENTRY_ASSET, ASSET_KINDS, "Kinds"},
        {ENTRY_DECLARATION, DECLARED_SOURCE, "From"},
        {ENTRY_DECLARATION, DECLARED_DESTINATION, "To"},
        {ENTRY_DECLARATION, DECLARED_KIND, "Kind"},
        {ENTRY_DECLARATION, DECLARED_PURPOSE, "Purpose"},
        {ENTRY_DECLARATION, DECLARED_AUTHORISED_BY, "Authorised by"},
        {ENTRY_DECLARATION, DECLARED_REVIEW_DUE, "Review due"},
};

struct answer {
	const struct options *options;
	enum entry_type type;
	bool is_list;
	const struct exporter *format;
	struct register_state state;
	struct table_column columns[ENTRY_COLUMNS_MAX + 2];
	size_t n_columns;
	struct table *table;
};

static const char *heading_of(const struct answer *a, size_t column)
{
	for (size_t i = 0; a->is_list && i < sizeof shown_columns / sizeof shown_columns[0]; i++) {
		if (shown_columns[i].type == a->type && shown_columns[i].column == column) {
			return shown_columns[i].heading;
		}
	}
	return NULL;
}

static void add_column(struct answer *a, const char *name, const char *heading)
{
	a->columns[a->n_columns++] = (struct table_column){name, heading, TABLE_TEXT};
}

static void make_columns(struct answer *a)
{
	size_t n;
	const struct entry_column *columns = entry_columns(a->type, &n);

	if (a->is_list && a->type == ENTRY_DECLARATION) {
		add_column(a, "declaration_id", NULL);
		add_column(a, "flow_id", "Flow");
	}
	for (size_t i = 0; i < n; i++) {
		add_column(a, columns[i].name, heading_of(a, i));
	}
	if (a->is_list && a->type == ENTRY_ASSET) {
		add_column(a, NULL, "Matched by");
	}
}

/* All that an asset's hosts are told by, in one text (free()). */
static char *join_matches(const struct entry *e)
{
	char *all = mem_strdup("");

	for (size_t i = ASSET_MATCH_IP; i <= ASSET_MATCH_PORT; i++) {
		if (e->cells[i] != NULL) {
			char *longer =
			        mem_printf("%s%s%s", all, all[0] != '\0' ? ";" : "", e->cells[i]);

			free(all);
			all = longer;
		}
	}
	return all;
}

static void add_row(struct answer *a, const struct entry *e)
{
	size_t n;

	entry_columns(a->type, &n);
	if (a->is_list && a->type == ENTRY_DECLARATION) {
		char id[DIGEST_ID_MAX];

		table_add_text(a->table, e->id);
		table_add_text(a->table,
		               flow_id(FLOW_END_ASSET, entry_text(e, DECLARED_SOURCE),
		                       FLOW_END_ASSET, entry_text(e, DECLARED_DESTINATION),
		                       entry_text(e, DECLARED_KIND), id));
	}
	for (size_t i = 0; i < n; i++) {
		table_add_text(a->table, entry_text(e, i));
	}
	if (a->is_list && a->type == ENTRY_ASSET) {
		char *matches = join_matches(e);

		table_add_text(a->table, matches);
		free(matches);
	}
}

static bool has_address(const char *blocks, const struct addr *addr)
{
	size_t len;
	bool has = false;

	for (const char *at; (at = entry_next(&blocks, &len)) != NULL && !has;) {
		char text[PREFIX_TEXT_MAX];
		struct prefix block;

		text_copy(text, sizeof text, at, len);
		has = prefix_parse(text, &block) && prefix_has(&block, addr);
	}
	return has;
}

/* By id, name, or what its hosts are told by. */
static bool is_asked(const struct entry *asset, const char *text)
{
	struct addr addr;

	if (asset == NULL) {
		return false;
	}
	if (text_casecmp(asset->id, text) == 0 ||
	    text_casecmp(entry_text(asset, ASSET_NAME), text) == 0) {
		return true;
	}
	for (size_t i = ASSET_MATCH_IP; i <= ASSET_MATCH_HL7_APP; i++) {
		if (entry_lists(entry_text(asset, i), text)) {
			return true;
		}
	}
	return addr_parse(text, &addr) && has_address(entry_text(asset, ASSET_MATCH_IP), &addr);
}

/* Either may be a group of the other. */
static bool has_kind(const char *kinds, const char *asked)
{
	size_t len;

	for (const char *at; (at = entry_next(&kinds, &len)) != NULL;) {
		char *kind = mem_printf("%.*s", (int)len, at);
		bool fits =
		        pattern_fits(asked, strlen(asked), kind) || pattern_fits(kind, len, asked);

		free(kind);
		if (fits) {
			return true;
		}
	}
	return false;
}

static bool is_in_zone(const struct entry *asset, const char *zone)
{
	return asset != NULL && text_casecmp(entry_text(asset, ASSET_ZONE), zone) == 0;
}

static bool passes(const struct answer *a, const struct entry *e)
{
	const char *with = a->options->text[OPTION_WITH], *kind = a->options->text[OPTION_KIND],
	           *zone = a->options->text[OPTION_ZONE];
	bool is_asset = a->type == ENTRY_ASSET;
	const struct entries *assets = a->state.assets;
	const struct entry *one = is_asset ? e
	                                   : entries_find(assets, entry_text(e, DECLARED_SOURCE)),
	                   *other = is_asset ? e
	                                     : entries_find(assets,
	                                                    entry_text(e, DECLARED_DESTINATION));

	return (with == NULL || is_asked(one, with) || is_asked(other, with)) &&
	       (kind == NULL ||
	        has_kind(entry_text(e, is_asset ? ASSET_KINDS : DECLARED_KIND), kind)) &&
	       (zone == NULL || is_in_zone(one, zone) || is_in_zone(other, zone));
}

static int check_kind(const struct options *o)
{
	const char *text = o->text[OPTION_KIND];
	struct catalogue *catalogue = NULL;
	int status = text != NULL ? session_load_catalogue(&catalogue) : EXIT_DONE;
	bool is_known = text == NULL;

	for (uint16_t i = 0; catalogue != NULL && i < catalogue_count(catalogue) && !is_known;
	     i++) {
		is_known = pattern_fits(text, strlen(text), catalogue_kind(catalogue, i)->id);
	}
	catalogue_free(catalogue);
	return status != EXIT_DONE || is_known
	               ? status
	               : complain(EXIT_CALLER,
	                          "option --kind: there is no kind '%s': terrier kinds lists them",
	                          text);
}

/* What was asked, and which state of the register answers. */
static void add_notes(struct answer *a, size_t found)
{
	static const enum option shown[] = {OPTION_WITH, OPTION_KIND, OPTION_ZONE};
	const struct options *o = a->options;
	char *command = mem_printf("%s %s", o->command->name, o->arguments[0]);

	table_add_note(a->table, TABLE_NOTE_QUERY, "command", command);
	for (size_t i = 0; i < sizeof shown / sizeof shown[0]; i++) {
		if (o->text[shown[i]] != NULL) {
			table_add_note(a->table, TABLE_NOTE_QUERY, option_name(shown[i]),
			               o->text[shown[i]]);
		}
	}
	table_add_note_integer(a->table, TABLE_NOTE_QUERY, "rows_found", (int64_t)found);
	if (table_rows(a->table) < found) {
		table_add_note_integer(a->table, TABLE_NOTE_QUERY, "limit",
		                       (int64_t)table_rows(a->table));
	}
	table_add_note_integer(a->table, TABLE_NOTE_COVERAGE, "register_records",
	                       a->state.head.records);
	if (a->state.head.hash[0] != '\0') {
		table_add_note(a->table, TABLE_NOTE_COVERAGE, "register_head", a->state.head.hash);
	}
	free(command);
}

static int write_answer(struct answer *a)
{
	const struct entries *all =
	        a->type == ENTRY_ASSET ? a->state.assets : a->state.declarations;
	size_t limit = output_limit(a->options, a->format), found;
	int status;

	make_columns(a);
	a->table = table_new(a->type == ENTRY_ASSET ? "assets" : "declarations", a->columns,
	                     a->n_columns);
	for (const struct entry *e = all->first; e != NULL; e = e->hh.next) {
		if (passes(a, e)) {
			add_row(a, e);
		}
	}
	found = table_rows(a->table);
	if (found > limit) {
		table_cut(a->table, limit);
	}
	add_notes(a, found);
	status = output_table(a->options, a->table, a->format);
	if (status == EXIT_DONE && !a->is_list && a->options->text[OPTION_OUTPUT] == NULL) {
		char *command = mem_printf("%s export", a->options->command->name);

		audit_line(command, found, a->state.head.hash);
		free(command);
	}
	table_free(a->table);
	return status;
}

static int answer(const struct options *o, enum entry_type type, bool is_list)
{
	struct answer a = {.options = o, .type = type, .is_list = is_list};
	int status = output_check(o);

	if (status == EXIT_DONE) {
		a.format = output_format(o, false, is_list ? "table" : "csv", &status);
	}
	if (a.format != NULL && !is_list && strcmp(a.format->name, "table") == 0) {
		status = complain(EXIT_CALLER,
		                  "option --format: 'table': write csv or json; terrier %s list "
		                  "shows a table",
		                  o->command->name);
	}
	status = status != EXIT_DONE ? status : check_kind(o);
	status = status != EXIT_DONE ? status : register_load(&a.state, o, REGISTER_READ);
	status = status != EXIT_DONE ? status : write_answer(&a);
	register_unload(&a.state);
	return status;
}

int sheets_list(const struct options *o, enum entry_type type)
{
	return answer(o, type, true);
}

int sheets_export(const struct options *o, enum entry_type type)
{
	return answer(o, type, false);
}
