/* One JSON object (RFC 8259) a table: version, query, coverage and the rows. */
#include "terrier/base/clock.h"
#include "terrier/base/utf8.h"
#include "terrier/export.h"
#include "terrier/export/text.h"

#include <inttypes.h>
#include <string.h>

static void put_character(uint32_t code, FILE *out)
{
	if (code == '"' || code == '\\') {
		putc('\\', out);
		putc((int)code, out);
	} else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
		fprintf(out, "\\u%04" PRIx32, code);
	} else {
		export_put_character(code, out);
	}
}

static void put_string(const char *text, FILE *out)
{
	uint32_t code;

	putc('"', out);
	for (size_t len; (len = utf8_next(text, &code)) > 0; text += len) {
		put_character(code, out);
	}
	putc('"', out);
}

static void put_cell(struct table_cell cell, FILE *out)
{
	char text[EXPORT_CELL_MAX];

	if (cell.is_empty) {
		fputs("null", out);
	} else if (cell.type == TABLE_TEXT || cell.type == TABLE_TIME) {
		put_string(export_cell_text(&cell, text), out);
	} else {
		fputs(export_cell_text(&cell, text), out);
	}
}

/* One object; no line end. */
static void put_notes(const struct table *t, enum table_note wanted, FILE *out)
{
	const char *comma = "";

	putc('{', out);
	for (size_t i = 0; i < table_notes(t); i++) {
		enum table_note where;
		const char *key, *text;

		table_note(t, i, &where, &key, &text);
		if (where != wanted) {
			continue;
		}
		fputs(comma, out);
		put_string(key, out);
		fputs(": ", out);
		if (table_note_is_integer(t, i)) {
			fputs(text, out);
		} else {
			put_string(text, out);
		}
		comma = ", ";
	}
	putc('}', out);
}

static void put_row(const struct table *t, size_t row, FILE *out)
{
	const struct table_column *columns;
	size_t n = table_columns(t, &columns);
	const char *comma = "";

	putc('{', out);
	for (size_t c = 0; c < n; c++) {
		if (columns[c].name != NULL) {
			fputs(comma, out);
			put_string(columns[c].name, out);
			fputs(": ", out);
			put_cell(table_cell(t, row, c), out);
			comma = ", ";
		}
	}
	putc('}', out);
}

static void put_rows(const struct table *t, FILE *out)
{
	fputs(",\n", out);
	put_string(table_name(t), out);
	fputs(": [", out);
	for (size_t r = 0; r < table_rows(t) && !ferror(out); r++) {
		fputs(r == 0 ? "\n" : ",\n", out);
		put_row(t, r, out);
	}
	fputs("\n]", out);
}

static int write_table(const struct table *t, const struct export_options *options, FILE *out, char **error)
{
	(void)options;
	fputs("{\n\"version\": ", out);
	put_string(TERRIER_VERSION, out);
	fputs(",\n\"query\": ", out);
	put_notes(t, TABLE_NOTE_QUERY, out);
	fputs(",\n\"coverage\": ", out);
	put_notes(t, TABLE_NOTE_COVERAGE, out);
	put_rows(t, out);
	fputs("\n}\n", out);
	return export_finish(out, error);
}

static void put_about(const struct export_about *about, FILE *out)
{
	char time[CLOCK_TEXT_MAX];
	const struct {
		const char *key, *text;
	} facts[] = {
	        {"title", about->title},
	        {"organisation", about->organisation},
	        {"marking", about->marking},
	        {"produced", about->made_us != 0 ? clock_format(about->made_us, time) : NULL},
	        {"head", about->head},
	};
	const char *comma = "";

	fputs(",\n\"about\": {", out);
	for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++) {
		if (facts[i].text != NULL) {
			fputs(comma, out);
			put_string(facts[i].key, out);
			fputs(": ", out);
			put_string(facts[i].text, out);
			comma = ", ";
		}
	}
	putc('}', out);
}

/* The same object with several arrays; a query for each, by its name. */
static int write_book(const struct table *const *tables, size_t n, const struct export_options *options, FILE *out,
                      char **error)
{
	fputs("{\n\"version\": ", out);
	put_string(TERRIER_VERSION, out);
	if (options->about != NULL) {
		put_about(options->about, out);
	}
	fputs(",\n\"query\": {", out);
	for (size_t i = 0; i < n; i++) {
		fputs(i > 0 ? ",\n" : "\n", out);
		put_string(table_name(tables[i]), out);
		fputs(": ", out);
		put_notes(tables[i], TABLE_NOTE_QUERY, out);
	}
	fputs("\n},\n\"coverage\": ", out);
	put_notes(tables[0], TABLE_NOTE_COVERAGE, out);
	for (size_t i = 0; i < n; i++) {
		put_rows(tables[i], out);
	}
	fputs("\n}\n", out);
	return export_finish(out, error);
}

const struct exporter exporter_json = {
        .name = "json",
        .suffix = ".json",
        .summary = "one JSON object, integers exact",
        .write_table = write_table,
        .write_book = write_book,
};
