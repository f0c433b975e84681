/* The first row of a sheet: which column is which. */
#include "header.h"

#include "cell.h"
#include "terrier/base/mem.h"
#include "terrier/base/nearest.h"
#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

/* Columns that Terrier itself fills in, in the files that it writes of a type
 * (registers.md 4.2, 4.3; terrier flows). */
static const char *const of_flows[] = {
        "declaration_id",
        "flow_id",
        "diagram_ref",
        "flow_scope",
        "source_name",
        "source_organisation",
        "source_zone",
        "source_country",
        "destination_name",
        "destination_organisation",
        "destination_zone",
        "destination_country",
        "information_kind",
        "personal_data",
        "special_category",
        "sensitivity_tier",
        "kind_confidence",
        "evidence",
        "transport",
        "initiated_by",
        "encryption_detail",
        "crosses_zone",
        "leaves_organisation",
        "leaves_uk",
        "first_seen",
        "last_seen",
        "days_seen",
        "days_observed",
        "messages",
        "bytes_to_destination",
        "bytes_to_source",
        "status",
        "authorisation",
        "observed_from",
        "observed_to",
        "sensors",
        "coverage_note",
        "information_assets",
        "flows",
        "observed_recipients",
        "observed_locations",
        "observed_encryption",
        "observed_last",
        "differences_from_record",
        "differences",
        "declared_kinds",
        "source_addresses",
        "destination_addresses",
        "exchanges",
};

static bool is_filled_in(enum entry_type type, const char *name)
{
	for (size_t i = 0; type == ENTRY_DECLARATION && i < sizeof of_flows / sizeof of_flows[0];
	     i++) {
		if (text_casecmp(name, of_flows[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* By name or label; also "asset id" for asset_id. */
static size_t find(enum entry_type type, char *name)
{
	size_t found = entry_find_column(type, name);

	if (found != ENTRY_COLUMNS_MAX) {
		return found;
	}
	char *folded = mem_strdup(name);

	for (char *at = folded; *at != '\0'; at++) {
		*at = *at == ' ' || *at == '-' ? '_' : *at;
	}
	found = entry_find_column(type, folded);
	free(folded);
	return found;
}

static void complain_unknown(enum entry_type type, const char *name, size_t line,
                             struct complaints *f)
{
	const char *words[ENTRY_COLUMNS_MAX], *near;
	size_t n;
	const struct entry_column *columns = entry_columns(type, &n);
	struct spot at = {line, NULL, name, strlen(name)};

	for (size_t i = 0; i < n; i++) {
		words[i] = columns[i].name;
	}
	near = nearest_find(name, words, n);
	if (near != NULL) {
		complaints_add(f, at, "there is no such column: did you mean %s?", near);
	} else {
		complaints_add(f, at,
		               "there is no such column: take it out, or into one that there is");
	}
}

static void add_unread(struct header *h, const char *name)
{
	char *longer = mem_printf("%s%s%s", h->unread != NULL ? h->unread : "",
	                          h->unread != NULL ? ", " : "", name);

	free(h->unread);
	h->unread = longer;
}

static size_t take_name(struct header *h, enum entry_type type, size_t cell, char *name,
                        size_t line, struct complaints *f)
{
	size_t column = find(type, name);

	if (column != ENTRY_COLUMNS_MAX && h->has_column[column]) {
		complaints_add(f, (struct spot){line, NULL, name, strlen(name)},
		               "this column stands there twice: take one out");
	} else if (column != ENTRY_COLUMNS_MAX) {
		h->has_column[column] = true;
		return column;
	} else if (is_filled_in(type, name)) {
		if (text_casecmp(name, "status") == 0) {
			h->is_exported = true;
			h->status = cell;
		}
		add_unread(h, name);
	} else {
		complain_unknown(type, name, line, f);
	}
	return HEADER_UNREAD;
}

static size_t count_needed(enum entry_type type, const struct csv_row *row)
{
	size_t n, found = 0;
	const struct entry_column *columns = entry_columns(type, &n);

	for (size_t i = 0; i < row->n && i < CSV_CELLS_MAX; i++) {
		size_t len = row->cells[i].len, column;
		char name[64];

		text_copy(name, sizeof name, cell_bare(row->cells[i].text, &len),
		          len < sizeof name ? len : 0);
		column = find(type, name);
		found += column != ENTRY_COLUMNS_MAX && columns[column].is_needed;
	}
	return found;
}

/* Another sheet than the one that was asked for, or none at all. */
static bool is_other(enum entry_type type, const struct csv_row *row, size_t line,
                     struct complaints *f)
{
	struct spot at = {.line = line};

	if (count_needed(type, row) > 0) {
		return false;
	}
	if (type == ENTRY_ASSET && count_needed(ENTRY_DECLARATION, row) > 1) {
		complaints_add(
		        f, at,
		        "these are declared flows, not assets: terrier declare import reads them");
	} else if (type == ENTRY_DECLARATION && count_needed(ENTRY_ASSET, row) > 1) {
		complaints_add(
		        f, at,
		        "these are assets, not declared flows: terrier assets import reads them");
	} else {
		complaints_add(
		        f, at,
		        type == ENTRY_ASSET
		                ? "the first row names no columns: write asset_id, asset_name, "
		                  "asset_type and more"
		                : "the first row names no columns: write source_asset_id, "
		                  "destination_asset_id, kind_id and more");
	}
	return true;
}

static bool has_needed(const struct header *h, enum entry_type type, size_t line,
                       struct complaints *f)
{
	size_t n;
	const struct entry_column *columns = entry_columns(type, &n);
	bool is_complete = true;

	for (size_t i = 0; i < n; i++) {
		if (columns[i].is_needed && !h->has_column[i]) {
			complaints_add(f, (struct spot){.line = line},
			               "column %s is missing: it is needed", columns[i].name);
			is_complete = false;
		}
	}
	return is_complete;
}

bool header_read(struct header *h, enum entry_type type, const struct csv_row *row, size_t line,
                 struct complaints *f)
{
	if (is_other(type, row, line, f)) {
		return false;
	}
	h->n = row->n < CSV_CELLS_MAX ? row->n : CSV_CELLS_MAX;
	for (size_t i = 0; i < h->n; i++) {
		size_t len = row->cells[i].len;
		const char *text = cell_bare(row->cells[i].text, &len);
		char *name = mem_printf("%.*s", (int)len, text);

		if (strlen(name) < len) {
			complaints_add(f, (struct spot){line, NULL, text, len},
			               "there is no such column");
			h->column[i] = HEADER_UNREAD;
		} else {
			h->column[i] =
			        len > 0 ? take_name(h, type, i, name, line, f) : HEADER_UNNAMED;
		}
		free(name);
	}
	if (row->n > CSV_CELLS_MAX) {
		complaints_add(f, (struct spot){.line = line}, "%zu columns, allowed: %d", row->n,
		               CSV_CELLS_MAX);
	}
	return has_needed(h, type, line, f);
}
