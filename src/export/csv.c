/* Comma-separated values (RFC 4180), UTF-8, safe to open in a spreadsheet. */
#include "terrier/base/utf8.h"
#include "terrier/export.h"
#include "terrier/export/text.h"

#include <string.h>

/* A spreadsheet runs what looks like a formula; the apostrophe makes it text (CONTRACT; OWASP, CSV
 * Injection). */
static bool looks_like_formula(const char *text)
{
	return text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL;
}

/* Octets that can be written as they are: ASCII but quotes. */
static size_t plain_run(const char *text)
{
	size_t len = 0;

	while (text[len] != '\0' && (unsigned char)text[len] < 0x80 && text[len] != '"') {
		len++;
	}
	return len;
}

static void put_text(const char *text, FILE *out)
{
	bool quoted = strpbrk(text, "\",\r\n") != NULL;
	uint32_t code;

	if (quoted) {
		putc('"', out);
	}
	if (looks_like_formula(text)) {
		putc('\'', out);
	}
	for (size_t run; *text != '\0'; text += run) {
		run = plain_run(text);
		if (run > 0) {
			fwrite(text, 1, run, out);
			continue;
		}
		run = utf8_next(text, &code);
		if (code == '"') {
			putc('"', out);
		}
		export_put_character(code, out);
	}
	if (quoted) {
		putc('"', out);
	}
}

static void put_cell(struct table_cell cell, FILE *out)
{
	char text[EXPORT_CELL_MAX];

	if (!cell.is_empty && cell.type == TABLE_TEXT) {
		put_text(cell.text, out);
	} else if (!cell.is_empty) {
		fputs(export_cell_text(&cell, text), out); /* a number may begin with a minus */
	}
}

static int write_table(const struct table *t, const struct export_options *options, FILE *out,
                       char **error)
{
	const struct table_column *columns;
	size_t n = table_columns(t, &columns);
	const char *comma = "";

	(void)options;
	for (size_t c = 0; c < n; c++) {
		if (columns[c].name != NULL) {
			fputs(comma, out);
			put_text(columns[c].name, out);
			comma = ",";
		}
	}
	fputs("\r\n", out);
	for (size_t r = 0; r < table_rows(t) && !ferror(out); r++) {
		comma = "";
		for (size_t c = 0; c < n; c++) {
			if (columns[c].name != NULL) {
				fputs(comma, out);
				put_cell(table_cell(t, r, c), out);
				comma = ",";
			}
		}
		fputs("\r\n", out);
	}
	return export_finish(out, error);
}

const struct exporter exporter_csv = {
        .name = "csv",
        .suffix = ".csv",
        .summary = "comma-separated values for spreadsheets and scripts",
        .write_table = write_table,
};
