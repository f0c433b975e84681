/* The first sheet of a workbook: what it is, what was watched, what it cannot tell, and how to
 * check it. */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "xlsx_book.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5

/* A row of up to COLUMNS texts; the rest are NULL. */
static void put_row(struct xlsx_row *row, enum xlsx_format format, const char *const texts[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++) {
		xlsx_put_text(row, texts[i] != NULL ? texts[i] : "", format);
	}
	xlsx_end_row(row);
}

static void put_title(struct xlsx_row *row, const char *title)
{
	xlsx_end_row(row);
	put_row(row, XLSX_TITLE, (const char *const[COLUMNS]){title});
}

static void put_fact(struct xlsx_row *row, const char *item, const char *text)
{
	put_row(row, XLSX_WRAPPED, (const char *const[COLUMNS]){item, text});
}

static const char *or_not_stated(const char *text)
{
	return text != NULL && text[0] != '\0' ? text : "not stated";
}

static void put_head(struct xlsx_row *row)
{
	const struct export_about *about = row->book->about;
	char time[CLOCK_TEXT_MAX], *produced;

	produced = mem_printf("%s, by Terrier " TERRIER_VERSION,
	                      about->made_us != 0 ? clock_format(about->made_us, time)
	                                          : "time not stated");
	put_row(row, XLSX_TITLE,
	        (const char *const[COLUMNS]){about->title != NULL ? about->title
	                                                          : "Terrier: what was seen"});
	put_fact(row, "Marking", or_not_stated(about->marking));
	put_fact(row, "Organisation", or_not_stated(about->organisation));
	put_fact(row, "Produced", produced);
	if (about->head != NULL) {
		put_fact(row, "Head of the chain of decisions", about->head);
		put_fact(row, "",
		         "Keep it: terrier verify --head with this value finds any decision up to "
		         "here that was changed, "
		         "taken out or put in since.");
	}
	free(produced);
}

/* "runs_incomplete": "Runs incomplete" */
static char *as_words(const char *key)
{
	char *words = mem_strdup(key);

	for (char *c = words; *c != '\0'; c++) {
		*c = *c == '_' ? ' ' : *c;
	}
	words[0] = (char)toupper((unsigned char)words[0]);
	return words;
}

static void put_notes(struct xlsx_row *row, const struct table *t, enum table_note wanted)
{
	for (size_t i = 0; i < table_notes(t); i++) {
		enum table_note where;
		const char *key, *text;
		char *words;

		table_note(t, i, &where, &key, &text);
		if (where == wanted) {
			words = as_words(key);
			put_fact(row, words, text);
			free(words);
		}
	}
}

/* privacy.md 3.5: what every output has to say. */
static void put_limits(struct xlsx_row *row)
{
	static const char *const limits[] = {
	        "Shows what crossed the watched points between two dates, not what exists: absence "
	        "is not evidence of absence.",
	        "Encrypted content is not seen: kinds behind encryption come from names, ports and "
	        "what people declared, or are unknown.",
	        "Paper, telephone, removable media, point-to-point links, traffic inside a "
	        "hypervisor and between clouds are not seen.",
	        "What was lost on the way to a sensor is not seen: the drops and gaps are counted "
	        "above.",
	        "Purpose, lawful basis, necessity and authorisation are never observed: people "
	        "declare them, or the cells are empty.",
	        "Messages and bytes are counts of traffic, never of people or records.",
	};

	put_title(row, "What this cannot tell");
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		char *number = mem_printf("%zu", i + 1);

		put_fact(row, number, limits[i]);
		free(number);
	}
}

static void put_sheets(struct xlsx_row *row)
{
	put_title(row, "Sheets");
	put_row(row, XLSX_HEADER,
	        (const char *const[COLUMNS]){"Sheet", "BLAKE2b-256 of its CSV", "Rows",
	                                     "Texts cut"});
	for (size_t i = 0; i < row->book->n_sheets; i++) {
		const struct xlsx_sheet *s = &row->book->sheets[i];
		char *rows = mem_printf("%zu", table_rows(s->table)),
		     *cut = mem_printf("%zu", s->n_cut);

		put_row(row, XLSX_WRAPPED,
		        (const char *const[COLUMNS]){table_title(s->table), s->hash, rows, cut});
		free(rows);
		free(cut);
	}
	put_fact(row, "",
	         "Each hash is that of the same table as CSV (--format csv, of the same data and "
	         "question): b2sum -l 256 FILE.csv prints it. A CSV that a spreadsheet saved "
	         "differs in its quotes and dates.");
	put_fact(row, "",
	         "A cell holds 32,767 characters: longer texts are cut, at a mark; the CSV has all "
	         "of them.");
}

/* free() */
static char *meaning_of(const struct table_column *column, const struct table_help *help)
{
	if (help->label != NULL) {
		return mem_strdup(help->label);
	}
	return column->heading != NULL && column->heading[0] != '\0' ? mem_strdup(column->heading)
	                                                             : as_words(column->name);
}

static const char *values_of(const struct table_column *column)
{
	switch (column->type) {
	case TABLE_INTEGER:
		return "a number";
	case TABLE_BYTES:
		return "a number of bytes";
	case TABLE_TIME:
		return "a time, UTC";
	case TABLE_TEXT:
		break;
	}
	return "";
}

static void put_column(struct xlsx_row *row, const struct table *t, size_t c)
{
	const struct table_column *columns;
	struct table_help help = table_help(t, c);
	char *words, *meaning;

	table_columns(t, &columns);
	if (columns[c].name == NULL) {
		return;
	}
	words = help.words != NULL
	                ? mem_printf("%s of: %s", help.is_list ? "any" : "one", help.words)
	                : NULL;
	meaning = meaning_of(&columns[c], &help);
	put_row(row, XLSX_WRAPPED,
	        (const char *const[COLUMNS]){table_title(t), columns[c].name, meaning,
	                                     help.is_declared ? "D" : "O",
	                                     words != NULL ? words : values_of(&columns[c])});
	free(words);
	free(meaning);
}

static void put_columns(struct xlsx_row *row)
{
	put_title(row, "Columns");
	put_fact(row, "O", "Terrier fills it in: observed, or worked out from what was observed.");
	put_fact(row, "D",
	         "People declare it. Terrier copies what they entered in the register and never "
	         "fills it in.");
	put_row(row, XLSX_HEADER,
	        (const char *const[COLUMNS]){"Sheet", "Column", "Meaning", "O or D", "Holds"});
	for (size_t i = 0; i < row->book->n_sheets; i++) {
		const struct table_column *columns;
		size_t n = table_columns(row->book->sheets[i].table, &columns);

		for (size_t c = 0; c < n; c++) {
			put_column(row, row->book->sheets[i].table, c);
		}
	}
}

void xlsx_write_about(struct xlsx_book *b, lxw_worksheet *sheet)
{
	static const double widths[COLUMNS] = {30, XLSX_WIDTH_MOST + 1, 34, 10,
	                                       XLSX_WIDTH_MOST + 1};
	struct xlsx_row row = {.book = b, .sheet = sheet};

	for (size_t i = 0; i < COLUMNS; i++) {
		xlsx_check(b, worksheet_set_column(sheet, (lxw_col_t)i, (lxw_col_t)i, widths[i],
		                                   NULL));
	}
	put_head(&row);
	put_title(&row, "What was watched");
	put_notes(&row, b->sheets[0].table, TABLE_NOTE_COVERAGE);
	for (size_t i = 0; i < b->n_sheets; i++) {
		char *title = mem_printf("What was asked for: %s", table_title(b->sheets[i].table));

		put_title(&row, title);
		put_notes(&row, b->sheets[i].table, TABLE_NOTE_QUERY);
		free(title);
	}
	put_limits(&row);
	put_sheets(&row);
	put_columns(&row);
}
