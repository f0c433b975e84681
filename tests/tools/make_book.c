/* make_book FORMAT [ROWS]: writes a book of three tables to standard output in this format; one table, of hostile texts,
 * for a format that holds one. With ROWS: a register of that many flows, of 54 columns, to measure. */
#include "terrier/export.h"
#include "terrier/model/entry.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_LONG 30000
#define WIDE      54

static const struct table_column hostile_columns[] = {
        {"text", "Text", TABLE_TEXT},  {NULL, "For people", TABLE_TEXT}, {"number", NULL, TABLE_INTEGER},
        {"bytes", NULL, TABLE_BYTES}, {"time", NULL, TABLE_TIME},
};
static const struct table_column ropa_columns[] = {{"processing_ref", NULL, TABLE_TEXT}};

static const char *const hostile[] = {
        "=1+1",
        "+44 20 7946 0000",
        "-2+3",
        "@SUM(A1:A9)",
        "\t=1",
        "'already quoted",
        "=HYPERLINK(\"http://example.org/\",\"click\")",
        "http://example.org/ and mailto:a@example.org",
        "internal:Sheet2!A1",
        "<script>alert('x')</script> & </t></is></c> ]]>",
        "say \"aye\", or no",
        "two\nlines",
        "two\r\nlines",
        "\xf0\x9f\x90\x95 a dog",
        "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xb3\xd9\x84\xd8\xa7\xd9\x85",
        "\xe2\x80\xaegnp.exe",
        "bell\x07 escape\x1b[31m null-ish\x01",
        "_x0041_ and _x000D_ and _x00_ and _y0041_",
        "no character \xef\xbf\xbe, no UTF-8 \xff",
        "  blanks at both ends  ",
        "",
        "00123",
        "1e5",
        "2026-11-21",
        "TRUE",
};

static const int64_t numbers[] = {0,         -1,        INT64_C(1) << 53, (INT64_C(1) << 53) + 1, -(INT64_C(1) << 53) - 1,
                                  INT64_MAX, INT64_MIN, 4294967296,       126000000000};
static const int64_t times[] = {
        0, -1, INT64_C(1795273199999999), INT64_C(951782400000000), /* 2000-02-29 */
        INT64_C(-2203891200000000),                                 /* 1900-03-01 */
        INT64_C(-2203891200000001), INT64_C(253402300799999999), INT64_C(253402300800000000),
};

static void add_hostile(struct table *t, const char *text, size_t i)
{
	table_add_text(t, text);
	table_add_text(t, "not in files");
	table_add_integer(t, numbers[i % (sizeof numbers / sizeof numbers[0])]);
	table_add_integer(t, (int64_t)i);
	if (i % 5 == 4) {
		table_add_empty(t);
	} else {
		table_add_time(t, times[i % (sizeof times / sizeof times[0])]);
	}
}

static struct table *make_hostile(void)
{
	struct table *t = table_new("hostile", hostile_columns, 5);
	size_t n = sizeof hostile / sizeof hostile[0];
	char *text = malloc(4 * TEXT_LONG + 1);

	for (size_t i = 0; i < n; i++) {
		add_hostile(t, hostile[i], i);
	}
	for (size_t i = 0; i < TEXT_LONG; i++) {
		text[i] = (char)('a' + i % 26);
	}
	text[TEXT_LONG] = '\0';
	add_hostile(t, text, n);
	for (size_t i = 0; i < TEXT_LONG; i++) { /* two code units each: too many for a cell */
		memcpy(text + 4 * i, "\xf0\x9f\x90\x95", 5);
	}
	add_hostile(t, text, n + 1);
	free(text);
	table_add_note(t, TABLE_NOTE_QUERY, "command", "=export & <more>");
	table_add_note(t, TABLE_NOTE_COVERAGE, "sensors", "span-a");
	table_add_note_integer(t, TABLE_NOTE_COVERAGE, "kernel_drops", 3);
	table_add_note(t, TABLE_NOTE_COVERAGE, "exclusions", "networks 192.168.50.0/24");
	return t;
}

/* Two assets, one of them bare, under the columns of the register. */
static struct table *make_assets(void)
{
	static struct table_column columns[ENTRY_COLUMNS_MAX];
	size_t n;
	const struct entry_column *of = entry_columns(ENTRY_ASSET, &n);
	struct table *t;

	for (size_t i = 0; i < n; i++) {
		columns[i] = (struct table_column){of[i].name, NULL, TABLE_TEXT};
	}
	t = table_new("assets", columns, n);
	for (size_t i = 0; i < n; i++) {
		struct table_help help = entry_help(&of[i]);

		table_set_help(t, i, &help);
	}
	for (size_t i = 0; i < 2 * n; i++) {
		const char *words = of[i % n].words;

		table_add_text(t, i == 0        ? "A-1"
		                  : i == n      ? "A-2"
		                  : i > n       ? ""
		                  : words != NULL ? "=one of none"
		                                  : of[i].label);
	}
	return t;
}

static struct table *make_ropa(void)
{
	struct table *t = table_new("ropa", ropa_columns, 1);

	table_set_title(t, "support for the ROPA");
	return t;
}

/* Texts, numbers and times as a register of flows has them. */
static struct table *make_many(size_t rows)
{
	static struct table_column columns[WIDE];
	static char names[WIDE][16];
	char text[64];
	struct table *t;

	for (size_t c = 0; c < WIDE; c++) {
		snprintf(names[c], sizeof names[c], "column_%zu", c);
		columns[c] = (struct table_column){names[c], NULL, c >= 50 ? TABLE_TIME : c >= 44 ? TABLE_BYTES : TABLE_TEXT};
	}
	t = table_new("flows", columns, WIDE);
	for (size_t r = 0; r < rows; r++) {
		for (size_t c = 0; c < WIDE; c++) {
			if (columns[c].type == TABLE_TIME) {
				table_add_time(t, INT64_C(1795273200000000) + (int64_t)r * 1000000);
			} else if (columns[c].type == TABLE_BYTES) {
				table_add_integer(t, (int64_t)(r * c));
			} else {
				snprintf(text, sizeof text, "%zu host-%zu.trust.example", c, r % 5000);
				table_add_text(t, c % 3 == 0 ? "" : text);
			}
		}
	}
	return t;
}

int main(int argc, char **argv)
{
	const struct export_about about = {
	        .title = "Register & <flows>",
	        .organisation = "ZZ Trust",
	        .marking = "OFFICIAL-SENSITIVE & more",
	        .head = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	        .made_us = INT64_C(1795273200000000),
	};
	const struct export_options options = {.about = &about};
	const struct exporter *format = argc > 1 ? export_find(argv[1]) : NULL;
	struct table *tables[3] = {NULL};
	size_t n = 0;
	char *error = NULL;
	int failed;

	setlocale(LC_CTYPE, "C.UTF-8");
	if (format == NULL) {
		fputs("usage: make_book FORMAT [ROWS]\n", stderr);
		return 2;
	}
	if (argc > 2) {
		tables[n++] = make_many(strtoul(argv[2], NULL, 10));
	} else {
		tables[n++] = make_hostile();
		tables[n++] = make_assets();
		tables[n++] = make_ropa();
	}
	failed = format->write_book != NULL
	                 ? format->write_book((const struct table *const *)tables, n, &options, stdout, &error)
	                 : format->write_table(tables[0], &options, stdout, &error);
	if (failed != 0) {
		fprintf(stderr, "make_book: %s\n", error);
		free(error);
	}
	for (size_t i = 0; i < n; i++) {
		table_free(tables[i]);
	}
	return failed != 0;
}
