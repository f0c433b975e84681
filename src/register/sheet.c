/* Sheets that people filled in: all rows become entries, or all that is wrong is told. */
#include "terrier/register/sheet.h"

#include "cell.h"
#include "header.h"
#include "rows.h"
#include "terrier/base/mem.h"
#include "terrier/base/nearest.h"

#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 5000 /* assets among which a mistyped one is looked for */

struct sheet {
	const struct sheet_rules *rules;
	const struct entry_column *columns;
	size_t n_columns;
	struct header header;
	struct complaints *complaints;
	struct entries *entries;
	struct cell cell;
	size_t n_empty;                /* rows of an export in which nothing was filled in */
	const struct entry **covering; /* held: what flows of an export are declared by */
	size_t n_covering;
	size_t n_observed; /* rows whose declaration says otherwise than what was observed */
};

/* What an exported flows.csv tells of a flow, whoever declared it. */
static bool is_observed(size_t column)
{
	return column == DECLARED_METHOD || column == DECLARED_ENCRYPTED ||
	       column == DECLARED_FREQUENCY || column == DECLARED_INDIVIDUALS ||
	       column == DECLARED_DATA_CATEGORIES;
}

/* True for a row of an exported flows.csv that nobody filled in: what was observed declares
 * nothing. */
static bool is_undeclared(const struct sheet *s, const struct csv_row *row)
{
	for (size_t i = 0; s->header.is_exported && i < row->n && i < s->header.n; i++) {
		size_t column = s->header.column[i];

		if (column < s->n_columns && column > DECLARED_KIND && !is_observed(column) &&
		    !rows_is_empty_cell(&row->cells[i])) {
			return false;
		}
	}
	return s->header.is_exported;
}

/* Cells that belong to no column. */
static void check_others(struct sheet *s, const struct csv_row *row, size_t line)
{
	for (size_t i = 0; i < row->n && i < CSV_CELLS_MAX; i++) {
		bool is_behind = i >= s->header.n;
		struct spot at = {line, NULL, row->cells[i].text, row->cells[i].len};

		if ((!is_behind && s->header.column[i] != HEADER_UNNAMED) ||
		    rows_is_empty_cell(&row->cells[i])) {
			continue;
		}
		if (is_behind) {
			complaints_add(s->complaints, at,
			               "this row has more cells than the first: put a cell with a "
			               "comma or semicolon in it in quotation marks");
			return;
		}
		complaints_add(
		        s->complaints, at,
		        "cell %zu of the row stands below no name: name the column in the first "
		        "row",
		        i + 1);
	}
	if (row->n > CSV_CELLS_MAX && s->header.n < CSV_CELLS_MAX) {
		complaints_add(s->complaints, (struct spot){.line = line},
		               "row of %zu cells: the first row has %zu", row->n, s->header.n);
	}
}

/* Whether two rows are about the same is told by their first columns. */
static size_t count_identifying(enum entry_type type)
{
	return type == ENTRY_DECLARATION ? DECLARED_KIND + 1 : 1;
}

/* Reads the cells that have a column; false when one of those that identify the entry is not good.
 */
static bool take_cells(struct sheet *s, struct entry *e, const struct csv_row *row)
{
	bool is_identified = true;

	s->cell.line = e->line;
	for (size_t i = 0; i < s->header.n; i++) {
		size_t number = s->header.column[i];

		if (number >= s->n_columns) {
			continue;
		}
		const struct entry_column *column = &s->columns[number];
		bool is_good = i >= row->n ||
		               cell_read(&s->cell, column, row->cells[i].text, row->cells[i].len);

		if (is_good && i < row->n) {
			entry_set(e, number, s->cell.text, s->cell.len);
		}
		if (is_good && column->is_needed && e->cells[number] == NULL) {
			complaints_add(s->complaints, (struct spot){.line = e->line, .column = column->name},
			               "empty: it is needed");
			is_good = false;
		}
		is_identified &= is_good || number >= count_identifying(e->type);
	}
	return is_identified;
}

/* What the sheet does not say stays as it is in force. */
static void take_held(struct sheet *s, struct entry *e)
{
	const struct entry *held = entries_find(s->rules->held, e->id);
	bool is_different = false;

	for (size_t i = 0; held != NULL && i < s->n_columns; i++) {
		bool is_seen = s->header.is_exported && is_observed(i);

		if (is_seen || !s->header.has_column[i]) {
			is_different |= is_seen && s->header.has_column[i] &&
			                strcmp(entry_text(held, i), entry_text(e, i)) != 0;
			entry_set(e, i, entry_text(held, i), strlen(entry_text(held, i)));
		}
	}
	s->n_observed += is_different;
}

/* The declaration in force between these ends, when it says the same as `e`; else NULL. */
static const struct entry *find_same(const struct sheet *s, const struct entry *e,
                                     const char *source, const char *destination, const char *kind)
{
	struct entry *asked = entry_new(ENTRY_DECLARATION);
	const struct entry *held;

	entry_set(asked, DECLARED_SOURCE, source, strlen(source));
	entry_set(asked, DECLARED_DESTINATION, destination, strlen(destination));
	entry_set(asked, DECLARED_KIND, kind, strlen(kind));
	entry_identify(asked);
	held = entries_find(s->rules->held, asked->id);
	entry_free(asked);
	for (size_t i = DECLARED_KIND + 1; held != NULL && i < s->n_columns; i++) {
		if (s->header.has_column[i] && !is_observed(i) &&
		    strcmp(entry_text(held, i), entry_text(e, i)) != 0) {
			return NULL;
		}
	}
	return held;
}

/* A flow of an export may be declared by its group of kinds, or the other way round: its row then
 * shows what that declaration says, and declares nothing of its own unless somebody changed it. */
static const struct entry *find_covering(const struct sheet *s, const struct entry *e,
                                         const struct csv_row *row)
{
	const char *from = entry_text(e, DECLARED_SOURCE),
	           *to = entry_text(e, DECLARED_DESTINATION), *kind = entry_text(e, DECLARED_KIND);
	size_t cell = s->header.status;
	const struct entry *found;

	if (!s->header.is_exported || cell >= row->n ||
	    entries_find(s->rules->held, e->id) != NULL ||
	    strcmp(row->cells[cell].text, "observed_only") == 0) {
		return NULL;
	}
	found = find_same(s, e, to, from, kind);
	for (const char *dot = strchr(kind, '.'); dot != NULL && found == NULL;
	     dot = strchr(dot + 1, '.')) {
		char *group = mem_printf("%.*s.*", (int)(dot - kind), kind);

		found = find_same(s, e, from, to, group);
		found = found != NULL ? found : find_same(s, e, to, from, group);
		free(group);
	}
	return found;
}

/* What covers rows of the file stands in it, whether it has a row of its own or not. */
static void add_covering(struct sheet *s)
{
	for (size_t i = 0; i < s->n_covering; i++) {
		struct entry *e = entry_new(s->rules->type);

		for (size_t k = 0; k < s->n_columns; k++) {
			const char *text = entry_text(s->covering[i], k);

			entry_set(e, k, text, strlen(text));
		}
		entry_identify(e);
		if (!entries_add(s->entries, e)) {
			entry_free(e);
		}
	}
	free(s->covering);
}

static void add(struct sheet *s, struct entry *e, const struct csv_row *row)
{
	entry_identify(e);
	const struct entry *covering = find_covering(s, e, row);

	if (covering != NULL) {
		s->covering = mem_resize(s->covering, s->n_covering + 1, sizeof *s->covering);
		s->covering[s->n_covering++] = covering;
		entry_free(e);
		return;
	}
	take_held(s, e);
	if (entries_add(s->entries, e)) {
		return;
	}
	size_t line = entries_find(s->entries, e->id)->line;

	if (e->type == ENTRY_DECLARATION) {
		complaints_add(
		        s->complaints, (struct spot){.line = e->line},
		        "source, destination and kind are those of line %zu: declare a flow in "
		        "one row",
		        line);
	} else {
		complaints_add(s->complaints,
		               (struct spot){e->line, s->columns[0].name, e->id, strlen(e->id)},
		               "line %zu has it too: give each its own", line);
	}
	entry_free(e);
}

static bool take_header(void *context, const struct csv_row *row, size_t line)
{
	struct sheet *s = context;

	return header_read(&s->header, s->rules->type, row, line, s->complaints);
}

static void take_row(void *context, const struct csv_row *row, size_t line)
{
	struct sheet *s = context;

	if (s->rules->type == ENTRY_DECLARATION && is_undeclared(s, row)) {
		s->n_empty++;
		return;
	}
	struct entry *e = entry_new(s->rules->type);

	e->line = line;
	check_others(s, row, line);
	if (take_cells(s, e, row)) {
		add(s, e, row);
	} else {
		entry_free(e);
	}
}

/* The ids that cells may name, for proposals; `*n` how many. */
static const char **list_names(const struct sheet *s, size_t *n)
{
	const struct entries *sets[] = {s->rules->type == ENTRY_ASSET ? s->entries : NULL,
	                                s->rules->assets};
	const char **names = mem_zalloc(NAMES_MAX, sizeof *names);

	*n = 0;
	for (size_t i = 0; i < 2; i++) {
		const struct entry *e = sets[i] != NULL ? sets[i]->first : NULL;

		for (; e != NULL && *n < NAMES_MAX; e = e->hh.next) {
			names[(*n)++] = e->id;
		}
	}
	return names;
}

static bool is_known(const struct sheet *s, const char *id)
{
	return (s->rules->type == ENTRY_ASSET && entries_find(s->entries, id) != NULL) ||
	       entries_find(s->rules->assets, id) != NULL;
}

static void complain_asset(const struct sheet *s, const struct entry *e, size_t column,
                           const char *const *names, size_t n)
{
	const char *id = e->cells[column];
	struct spot at = {e->line, s->columns[column].name, id, strlen(id)};
	const char *near =
	        complaints_wants(s->complaints, e->line) ? nearest_find(id, names, n) : NULL;

	if (near != NULL) {
		complaints_add(s->complaints, at, "no asset has this ID: did you mean '%s'?", near);
	} else {
		complaints_add(
		        s->complaints, at,
		        "no asset has this ID: terrier assets list shows those that there are");
	}
}

static void check_asset(const struct sheet *s, const struct entry *e, size_t column,
                        const char *const *names, size_t n)
{
	const char *id = e->cells[column];

	if (!is_known(s, id)) {
		complain_asset(s, e, column, names, n);
	} else if (e->type == ENTRY_ASSET && strcmp(id, e->id) == 0) {
		complaints_add(
		        s->complaints,
		        (struct spot){e->line, s->columns[column].name, id, strlen(id)},
		        "an asset is no backup of itself: name the asset that its copies go to");
	}
}

/* Cells that name assets, once all rows are there. */
static void check_assets(const struct sheet *s)
{
	size_t n;
	const char **names = list_names(s, &n);

	for (const struct entry *e = s->entries->first; e != NULL; e = e->hh.next) {
		for (size_t i = 0; i < s->n_columns; i++) {
			if (s->columns[i].type == CELL_ASSET && s->header.has_column[i] &&
			    e->cells[i] != NULL) {
				check_asset(s, e, i, names, n);
			}
		}
	}
	free(names);
}

static void add_note(char **notes, char *note)
{
	char *longer = *notes != NULL ? mem_printf("%s\n%s", *notes, note) : mem_strdup(note);

	free(*notes);
	free(note);
	*notes = longer;
}

static void write_notes(const struct sheet *s, const char *name, char **notes)
{
	*notes = NULL;
	if (s->header.unread != NULL) {
		add_note(notes, mem_printf("%s: left unread, for Terrier fills them in itself: %s",
		                           name, s->header.unread));
	}
	if (s->n_empty > 0) {
		add_note(notes, mem_printf("%s: %zu %s without anything filled in %s left out",
		                           name, s->n_empty, s->n_empty == 1 ? "row" : "rows",
		                           s->n_empty == 1 ? "was" : "were"));
	}
	if (s->n_observed > 0) {
		add_note(notes, mem_printf("%s: %zu %s declared already: method, encryption, "
		                           "frequency and categories stay as "
		                           "declared, here they are what was observed",
		                           name, s->n_observed,
		                           s->n_observed == 1 ? "flow is" : "flows are"));
	}
}

struct entries *sheet_read(const struct sheet_rules *rules, const char *name, const char *bytes,
                           size_t len, char **faults, char **notes)
{
	static const struct rows_taker taker = {take_header, take_row};
	struct complaints found = {.file = name};
	struct sheet s = {
	        .rules = rules,
	        .complaints = &found,
	        .entries = entries_new(rules->type),
	        .cell = {.catalogue = rules->catalogue, .complaints = &found},
	};

	s.columns = entry_columns(rules->type, &s.n_columns);
	rows_read(bytes, len, &taker, &s, &found);
	check_assets(&s);
	add_covering(&s);
	write_notes(&s, name, notes);
	free(s.header.unread);
	*faults = complaints_finish(&found);
	if (*faults != NULL) {
		entries_free(s.entries);
		return NULL;
	}
	return s.entries;
}
