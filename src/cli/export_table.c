/* The tables that are exported, with what a workbook tells of their columns. */
#include "terrier/cli/export_table.h"

#include "terrier/cli/change_table.h"
#include "terrier/cli/command.h"
#include "terrier/cli/finding_table.h"
#include "terrier/cli/register_flows.h"
#include "terrier/cli/ropa_table.h"

#include <string.h>

/* What people may read of an asset who are not of the trust. */
static const enum asset_column public_columns[] = {
        ASSET_NAME,          ASSET_TYPE,
        ASSET_DESCRIPTION,   ASSET_ORGANISATION,
        ASSET_ODS_CODE,      ASSET_COUNTRY,
        ASSET_SUPPLIER,      ASSET_KINDS,
        ASSET_INDIVIDUALS,   ASSET_DATA_CATEGORIES,
        ASSET_PERSONAL_DATA, ASSET_SPECIAL_CATEGORY,
        ASSET_PURPOSE,       ASSET_ART6,
        ASSET_ART9,          ASSET_SCH1,
        ASSET_COMMON_LAW,    ASSET_RETENTION,
};

/* Of a flow Terrier tells ends, kind, method and how often; people declare the rest. */
static bool is_observed(size_t column)
{
	return column < DECLARED_PURPOSE || column == DECLARED_INDIVIDUALS ||
	       column == DECLARED_DATA_CATEGORIES;
}

/* Labels and words are those of the sheets that people fill in. */
static void help_columns(struct table *t, enum entry_type type, bool is_of_flows)
{
	const struct table_column *columns;
	size_t n = table_columns(t, &columns), n_entry;
	const struct entry_column *entry = entry_columns(type, &n_entry);

	for (size_t i = 0; i < n; i++) {
		size_t found = columns[i].name != NULL ? entry_find_column(type, columns[i].name)
		                                       : ENTRY_COLUMNS_MAX;

		if (found < n_entry) {
			table_set_help(t, i,
			               &(struct table_help){
			                       .label = entry[found].label,
			                       .words = entry[found].words,
			                       .is_list = entry[found].type == CELL_WORDS,
			                       .is_declared = !is_of_flows || !is_observed(found)});
		}
	}
}

struct table *export_flows(struct register_state *state, struct filter *filter)
{
	struct table *t = register_flow_rows(state, LEVEL_ASSET);

	(void)filter;
	table_set_title(t, "Data flows");
	help_columns(t, ENTRY_DECLARATION, true);
	return t;
}

static bool is_public(size_t column)
{
	for (size_t i = 0; i < sizeof public_columns / sizeof public_columns[0]; i++) {
		if (public_columns[i] == column) {
			return true;
		}
	}
	return false;
}

static void add_asset(struct table *t, const struct entry *asset, bool is_for_public)
{
	for (size_t i = 0; i < ASSET_COLUMNS; i++) {
		show_text(t, !is_for_public || is_public(i) ? entry_text(asset, i) : "");
	}
}

/* The columns of registers.md 4.1, so that assets import takes the file again. */
struct table *export_assets(struct register_state *state, struct filter *filter)
{
	struct table_column columns[ASSET_COLUMNS];
	size_t n;
	const struct entry_column *entry = entry_columns(ENTRY_ASSET, &n);
	const struct session *s = state->session;
	bool is_for_public = s->view == VIEW_PUBLIC,
	     is_named = s->options->text[OPTION_SYSTEM_NAMES] != NULL;
	struct table *t;

	(void)filter;
	for (size_t i = 0; i < n; i++) {
		columns[i] = (struct table_column){entry[i].name, entry[i].label, TABLE_TEXT};
	}
	t = table_new("assets", columns, n);
	table_set_title(t, "Information assets");
	help_columns(t, ENTRY_ASSET, false);
	for (const struct entry *asset = state->assets->first; asset != NULL;
	     asset = asset->hh.next) {
		if (!is_for_public || is_named) {
			add_asset(t, asset, is_for_public);
		}
	}
	return t;
}

struct table *export_ropa(struct register_state *state, struct filter *filter)
{
	struct table *t = ropa_table(state);

	(void)filter;
	table_set_title(t, "Support for the ROPA");
	help_columns(t, ENTRY_DECLARATION, false);
	return t;
}

struct table *export_findings(struct register_state *state, struct filter *filter)
{
	struct table *t = NULL;

	if (finding_table(state, state->session, filter, NULL, &t) == EXIT_DONE) {
		table_set_title(t, "Findings");
	}
	return t;
}

struct table *export_changes(struct register_state *state, struct filter *filter)
{
	struct table *t = NULL;

	if (change_table(state, filter, &t) == EXIT_DONE) {
		table_set_title(t, "Changes");
	}
	return t;
}
