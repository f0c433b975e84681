/* From bytes to rows: which file it is, its columns, its cells, and what is wrong with them. */
#include "catalogue.h"

#include "terrier/base/csv.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FAULTS_MAX 1000 /* lines that are worth reading */
#define QUOTE_MAX  40   /* octets of a cell that a fault shows */

struct column {
	const char *name;
	uint16_t max; /* octets */
	bool may_be_empty;
	bool is_optional; /* the whole column may be missing */
};

struct table {
	const char *file; /* as shipped */
	const struct column *columns;
	size_t n;
	void (*take)(const struct table_row *row);
};

static const struct column kind_columns[KIND_COLUMNS] = {
        [CELL_KIND_ID] = {"kind_id", KIND_ID_MAX - 1, false, false},
        [CELL_KIND_TITLE] = {"title", 100, false, false},
        [CELL_KIND_GROUP] = {"group", 32, false, false},
        [CELL_KIND_SUBJECTS] = {"data_subjects", 100, false, false},
        [CELL_KIND_PERSONAL] = {"personal_data", 16, false, false},
        [CELL_KIND_SPECIAL] = {"special_category", 16, false, false},
        [CELL_KIND_TIER] = {"tier", 16, false, false},
        [CELL_KIND_TIER_RULE] = {"tier_rule", 16, false, false},
        [CELL_KIND_DIRECTION] = {"default_information_direction", 16, false, false},
        [CELL_KIND_REGISTER_TEXT] = {"register_text_categories_of_personal_data", 500, false,
                                     false},
        [CELL_KIND_NOTE] = {"note", 500, true, true},
};

static const struct column evidence_columns[EVIDENCE_COLUMNS] = {
        [CELL_EVIDENCE_KIND] = {"kind_id", KIND_ID_MAX - 1, false, false},
        [CELL_EVIDENCE_TYPE] = {"evidence_type", 32, false, false},
        [CELL_EVIDENCE_PATTERN] = {"pattern", PATTERN_MAX, false, false},
        [CELL_EVIDENCE_DIRECTION] = {"direction", 16, false, false},
        [CELL_EVIDENCE_SOURCE] = {"source", 500, true, true},
        [CELL_EVIDENCE_MATCH] = {"match", 16, false, false},
        [CELL_EVIDENCE_CONFIDENCE] = {"confidence", 16, false, false},
        [CELL_EVIDENCE_VERIFIED] = {"verified", 16, true, true},
};

static const struct column protocol_columns[PROTOCOL_COLUMNS] = {
        [CELL_PROTOCOL_NAME] = {"protocol", PROTOCOL_NAME_MAX - 1, false, false},
        [CELL_PROTOCOL_ENCRYPTS] = {"encrypts", 16, false, false},
        [CELL_PROTOCOL_NDPI] = {"ndpi_names", 500, true, false},
        [CELL_PROTOCOL_PORTS] = {"ports", 500, true, false},
        [CELL_PROTOCOL_NOTE] = {"note", 500, true, true},
};

static const struct column rule_columns[RULE_COLUMNS] = {
        [CELL_RULE_ID] = {"rule_id", 32, false, false},
        [CELL_RULE_TITLE] = {"title", 60, false, false},
        [CELL_RULE_SEVERITY] = {"severity", 16, false, false},
        [CELL_RULE_CONFIDENCE] = {"confidence", 16, false, false},
        [CELL_RULE_CATEGORY] = {"category", 32, false, false},
        [CELL_RULE_ABOUT] = {"about", 16, false, false},
        [CELL_RULE_PROTOCOLS] = {"protocols", 500, true, true},
        [CELL_RULE_KINDS] = {"kinds", 500, true, true},
        [CELL_RULE_TIER] = {"tier", 16, true, true},
        [CELL_RULE_LEAST_CONFIDENCE] = {"least_confidence", 16, true, true},
        [CELL_RULE_ENCRYPTED] = {"encrypted", 16, true, true},
        [CELL_RULE_FACTS] = {"facts", 500, true, true},
        [CELL_RULE_NAMES] = {"names", 500, true, true},
        [CELL_RULE_PLACE] = {"place", 16, true, true},
        [CELL_RULE_ROLES] = {"roles", 100, true, true},
        [CELL_RULE_ROLE_OF] = {"role_of", 16, true, true},
        [CELL_RULE_LEAST_BYTES] = {"least_bytes", 16, true, true},
        [CELL_RULE_CHECK] = {"check", 32, true, true},
        [CELL_RULE_PARAMETER] = {"parameter", 16, true, true},
        [CELL_RULE_CONTROL_REFS] = {"control_refs", 200, false, false},
        [CELL_RULE_WHY] = {"why_it_matters", 800, false, false},
        [CELL_RULE_ACTION] = {"recommended_action", 800, false, false},
        [CELL_RULE_LIMITS] = {"limits", 800, true, true},
};

static const struct table tables[] = {
        {"kinds.csv", kind_columns, KIND_COLUMNS, kind_take_kind},
        {"evidence.csv", evidence_columns, EVIDENCE_COLUMNS, kind_take_evidence},
        {"protocols.csv", protocol_columns, PROTOCOL_COLUMNS, kind_take_protocol},
        {"findings.csv", rule_columns, RULE_COLUMNS, rule_take},
};

#define HEADERS "allowed: the header of kinds.csv, evidence.csv, protocols.csv or findings.csv"

/* One file being read. */
struct file {
	struct catalogue *catalogue;
	struct faults *faults;
	struct place at;
	const struct table *table; /* NULL until the header is read, and when columns are missing */
	bool has_header;
	size_t n;                     /* columns of the header */
	size_t position[COLUMNS_MAX]; /* in the file, of each column of the table; SIZE_MAX: not
	                                 there */
	const char *names[COLUMNS_MAX];
};

static void append(struct faults *f, const char *format, va_list args)
{
	char line[1024];

	vsnprintf(line, sizeof line, format, args);
	size_t len = strlen(line);

	if (f->room - f->len <= len) {
		f->room = (f->len + len + 1) * 2;
		f->text = mem_resize(f->text, f->room, 1);
	}
	memcpy(f->text + f->len, line, len + 1);
	f->len += len;
}

static void __attribute__((format(printf, 2, 3))) say(struct faults *f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	append(f, format, args);
	va_end(args);
}

void faults_add(struct faults *f, struct place at, const char *column, const char *format, ...)
{
	va_list args;

	if (f->n++ >= FAULTS_MAX) {
		return;
	}
	say(f, "%s%s: ", f->n > 1 ? "\n" : "", at.file);
	if (at.line > 0) {
		say(f, "line %zu: ", at.line);
	}
	if (column != NULL) {
		say(f, "column %s: ", column);
	}
	va_start(args, format);
	append(f, format, args);
	va_end(args);
}

char *faults_take(struct faults *f)
{
	if (f->n > FAULTS_MAX) {
		say(f, "\nand %zu more", f->n - FAULTS_MAX);
	}
	return f->text;
}

/* What was read, fit for a terminal: cut, and nothing in it that could steer one. */
static const char *quote(const struct csv_cell *cell, char out[QUOTE_MAX + 4])
{
	bool is_whole = cell->len <= QUOTE_MAX;
	size_t len = text_copy(out, QUOTE_MAX + 1, cell->text, cell->len);

	for (size_t i = 0; i < len; i++) {
		out[i] = out[i] < ' ' || out[i] > '~' ? '?' : out[i];
	}
	snprintf(out + len, 4, "%s", is_whole ? "" : "...");
	return out;
}

static size_t find_column(const struct table *table, const struct csv_cell *cell)
{
	for (size_t i = 0; i < table->n; i++) {
		if (strlen(table->columns[i].name) == cell->len &&
		    memcmp(table->columns[i].name, cell->text, cell->len) == 0) {
			return i;
		}
	}
	return SIZE_MAX;
}

/* The table that most of the header's columns belong to; one alone (kind_id) tells nothing. */
static const struct table *find_table(const struct csv_row *row)
{
	const struct table *best = NULL;
	size_t most = 1;

	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++) {
		size_t known = 0;

		for (size_t i = 0; i < row->n && i < CSV_CELLS_MAX; i++) {
			known += find_column(&tables[t], &row->cells[i]) != SIZE_MAX;
		}
		if (known > most) {
			most = known;
			best = &tables[t];
		}
	}
	return best;
}

static bool has_all(const struct file *file, const struct table *table)
{
	bool all = true;

	for (size_t i = 0; i < table->n; i++) {
		if (file->position[i] == SIZE_MAX && !table->columns[i].is_optional) {
			faults_add(file->faults, file->at, table->columns[i].name,
			           "missing, allowed: all columns of %s", table->file);
			all = false;
		}
	}
	return all;
}

static void take_header(struct file *file, const struct csv_row *row)
{
	const struct table *table = find_table(row);
	char text[QUOTE_MAX + 4];

	file->has_header = true;
	if (table == NULL) {
		faults_add(file->faults, file->at, NULL,
		           "no known columns, " HEADERS);
		return;
	}
	for (size_t i = 0; i < table->n; i++) {
		file->names[i] = table->columns[i].name;
		file->position[i] = SIZE_MAX;
	}
	for (size_t i = 0; i < row->n && i < CSV_CELLS_MAX; i++) {
		size_t column = find_column(table, &row->cells[i]);

		if (column == SIZE_MAX) {
			faults_add(file->faults, file->at, quote(&row->cells[i], text),
			           "unknown, allowed: the columns of %s", table->file);
		} else if (file->position[column] != SIZE_MAX) {
			faults_add(file->faults, file->at, table->columns[column].name,
			           "there twice, allowed: once");
		} else {
			file->position[column] = i;
		}
	}
	file->n = row->n;
	file->table = has_all(file, table) ? table : NULL;
}

static void check_cell(const struct file *file, const struct column *column,
                       const struct csv_cell *cell)
{
	char text[QUOTE_MAX + 4];

	if (cell->len == 0 && !column->may_be_empty) {
		faults_add(file->faults, file->at, column->name, "empty, allowed: some text");
	} else if (cell->len > column->max) {
		faults_add(file->faults, file->at, column->name,
		           "\"%s\" (%zu octets), allowed: at most %u", quote(cell, text), cell->len,
		           column->max);
	} else if (cell->len > 0 && !text_is_printable(cell->text, cell->len)) {
		faults_add(file->faults, file->at, column->name,
		           "\"%s\", allowed: printable text in UTF-8, without line ends",
		           quote(cell, text));
	}
}

static void take_cells(struct file *file, const struct csv_row *row)
{
	const char *cells[COLUMNS_MAX];
	size_t faults = file->faults->n;

	if (row->n != file->n) {
		faults_add(file->faults, file->at, NULL, "%zu cells, allowed: %zu as in the header",
		           row->n, file->n);
		return;
	}
	for (size_t i = 0; i < file->table->n; i++) {
		size_t position = file->position[i];

		cells[i] = position != SIZE_MAX ? row->cells[position].text : "";
		if (position != SIZE_MAX) {
			check_cell(file, &file->table->columns[i], &row->cells[position]);
		}
	}
	if (file->faults->n == faults) {
		file->table->take(&(struct table_row){.catalogue = file->catalogue,
		                                      .faults = file->faults,
		                                      .at = file->at,
		                                      .names = file->names,
		                                      .cells = cells});
	}
}

static void take_row(void *context, const struct csv_row *row)
{
	struct file *file = context;

	file->at.line = row->line;
	if (!file->has_header) {
		take_header(file, row);
	} else if (file->table != NULL) {
		take_cells(file, row);
	}
}

void kind_read(struct catalogue *c, struct faults *f, const char *name, const char *bytes,
               size_t len)
{
	struct place at = {.file = name, .number = c->n_files++};
	struct file file = {.catalogue = c, .faults = f, .at = at};
	const char *fault = csv_read(bytes, len, take_row, &file, &at.line);

	if (fault != NULL) {
		faults_add(f, at, NULL, "%s", fault);
	} else if (!file.has_header) {
		faults_add(f, at, NULL, "empty, " HEADERS);
	}
}
