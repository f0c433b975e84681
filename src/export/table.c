/* A table for people: aligned, as wide as the terminal and no wider, with the answer's limits below
 * it. */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/base/utf8.h"
#include "terrier/export.h"
#include "terrier/export/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define GAP        2  /* columns between two cells */
#define TEXT_LEAST 10 /* a text is not cut below this */

static const char bold[] = "\033[1m", dim[] = "\033[2m", plain[] = "\033[0m";

struct column {
	size_t index; /* in the table */
	const char *heading;
	bool is_left, may_be_cut;
	size_t width, least;
};

static size_t text_width(const char *text)
{
	size_t width = 0;
	uint32_t code;

	for (size_t len; (len = utf8_next(text, &code)) > 0; text += len) {
		width += utf8_is_control(code) ? 1 : (size_t)utf8_columns(code);
	}
	return width;
}

/* "1,234,567" */
static char *format_count(int64_t value)
{
	char digits[24], *out = mem_zalloc(1, 32), *at = out;
	int len = snprintf(digits, sizeof digits, "%" PRId64, value);

	for (int i = 0; i < len; i++) {
		*at++ = digits[i];
		if ((len - i) % 3 == 1 && i + 1 < len && digits[i] != '-') {
			*at++ = ',';
		}
	}
	return out;
}

/* Minutes will do here; csv and json have the seconds. */
static char *format_time(int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	clock_format(us, text);
	text[10] = ' ';
	return mem_printf("%.16s", text);
}

static char *format_cell(struct table_cell cell)
{
	char bytes[TEXT_BYTES_MAX];

	if (cell.is_empty) {
		return mem_strdup("");
	}
	switch (cell.type) {
	case TABLE_INTEGER:
		return format_count(cell.integer);
	case TABLE_BYTES:
		return mem_strdup(text_bytes(cell.integer, bytes));
	case TABLE_TIME:
		return format_time(cell.integer);
	case TABLE_TEXT:
		break;
	}
	return mem_strdup(cell.text);
}

/* Measures one column; false when it has nothing to show. */
static bool measure(const struct table *t, struct column *c)
{
	size_t widest = 0, rows = table_rows(t), heading = text_width(c->heading);

	for (size_t r = 0; r < rows; r++) {
		char *text = format_cell(table_cell(t, r, c->index));
		size_t width = text_width(text);

		widest = width > widest ? width : widest;
		free(text);
	}
	c->width = widest > heading ? widest : heading;
	c->least = c->may_be_cut && c->width > TEXT_LEAST ? TEXT_LEAST : c->width;
	c->least = c->least < heading ? heading : c->least;
	return widest > 0 || rows == 0;
}

/* How many of the columns, from the left, fit when they are made as narrow as they may be. At least
 * one. */
static size_t choose(const struct column *columns, size_t n, size_t limit)
{
	size_t used = 0;

	for (size_t i = 0; i < n; i++) {
		used += columns[i].least + (i > 0 ? GAP : 0);
		if (used > limit) {
			return i > 0 ? i : 1;
		}
	}
	return n;
}

/* Takes from the widest text until all fit. */
static void shrink(struct column *columns, size_t n, size_t limit)
{
	size_t used = GAP * (n - 1);

	for (size_t i = 0; i < n; i++) {
		used += columns[i].width;
	}
	while (used > limit) {
		struct column *widest = NULL;

		for (size_t i = 0; i < n; i++) {
			if (columns[i].width > columns[i].least &&
			    (widest == NULL || columns[i].width > widest->width)) {
				widest = &columns[i];
			}
		}
		if (widest == NULL) {
			return;
		}
		widest->width--;
		used--;
	}
}

/* Writes `text` on at most `width` columns, cut with an ellipsis; returns the columns used. */
static size_t put_cut(const char *text, size_t width, FILE *out)
{
	bool is_cut = text_width(text) > width;
	size_t room = is_cut && width > 0 ? width - 1 : width, used = 0;
	char octets[UTF8_MAX];
	uint32_t code;

	for (size_t len; (len = utf8_next(text, &code)) > 0; text += len) {
		code = utf8_is_control(code) ? UTF8_REPLACEMENT : code;
		size_t columns = (size_t)utf8_columns(code);

		if (used + columns > room) {
			break;
		}
		utf8_put(code, octets);
		fputs(octets, out);
		used += columns;
	}
	if (is_cut) {
		fputs("…", out);
		used++;
	}
	return used;
}

/* Writes one cell behind the `*held` spaces that the cells before it left; spaces at the end of a
 * line stay held. */
static void put_padded(const struct column *c, const char *text, size_t *held, FILE *out)
{
	size_t width = text_width(text), missing = width < c->width ? c->width - width : 0;

	*held += c->is_left ? 0 : missing;
	if (width > 0) {
		fprintf(out, "%*s", (int)*held, "");
		*held = 0;
		width = put_cut(text, c->width, out);
		missing = c->width - width;
	}
	*held += GAP + (c->is_left ? missing : 0);
}

static void put_rows(const struct table *t, const struct column *columns, size_t n, bool colour,
                     FILE *out)
{
	size_t held = 0;

	fputs(colour ? bold : "", out);
	for (size_t i = 0; i < n; i++) {
		put_padded(&columns[i], columns[i].heading, &held, out);
	}
	fprintf(out, "%s\n", colour ? plain : "");
	for (size_t r = 0; r < table_rows(t) && !ferror(out); r++) {
		held = 0;
		for (size_t i = 0; i < n; i++) {
			char *text = format_cell(table_cell(t, r, columns[i].index));

			put_padded(&columns[i], text, &held, out);
			free(text);
		}
		putc('\n', out);
	}
}

/* Writes words, breaking lines before `width`. `*at` is the column reached. */
static void put_wrapped(const char *text, size_t width, size_t *at, FILE *out)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");
		char *word = mem_printf("%.*s", (int)len, text);
		size_t columns = text_width(word);

		if (*at > 0 && *at + 1 + columns > width) {
			fputs("\n  ", out);
			*at = 2;
		} else if (*at > 0) {
			putc(' ', out);
			(*at)++;
		}
		*at += put_cut(word, columns, out);
		free(word);
		text += len;
		text += strspn(text, " ");
	}
}

static char *note_words(const struct table *t, size_t i, const char *key, const char *text)
{
	char *number = table_note_is_integer(t, i) ? format_count(strtoll(text, NULL, 10)) : NULL;
	char *words = mem_printf("%s %s;", key, number != NULL ? number : text);

	for (char *c = words; *c != '\0' && c < words + strlen(key); c++) {
		*c = *c == '_' ? ' ' : *c;
	}
	free(number);
	return words;
}

/* "Coverage: first seen 2026-11-21T22:08:28Z; packets 1,234; …" */
static void put_notes(const struct table *t, enum table_note wanted, const char *label,
                      size_t width, FILE *out)
{
	char *held = NULL; /* the last one loses its semicolon */
	size_t at = 0;

	for (size_t i = 0; i < table_notes(t); i++) {
		enum table_note where;
		const char *key, *text;

		table_note(t, i, &where, &key, &text);
		if (where != wanted) {
			continue;
		}
		put_wrapped(held != NULL ? held : label, width, &at, out);
		free(held);
		held = note_words(t, i, key, text);
	}
	if (held != NULL) {
		held[strlen(held) - 1] = '\0';
		put_wrapped(held, width, &at, out);
		putc('\n', out);
		free(held);
	}
}

static int write_table(const struct table *t, const struct export_options *options, FILE *out,
                       char **error)
{
	const struct table_column *all;
	size_t n_all = table_columns(t, &all), n = 0, shown;
	size_t limit = options->width > 0 ? (size_t)options->width : SIZE_MAX;
	struct column *columns = mem_zalloc(n_all, sizeof *columns);

	for (size_t i = 0; i < n_all; i++) {
		columns[n] = (struct column){.index = i, .heading = all[i].heading};
		columns[n].is_left = all[i].type == TABLE_TEXT || all[i].type == TABLE_TIME;
		/* the first column names the row: an id cut short is none */
		columns[n].may_be_cut = all[i].type == TABLE_TEXT && n > 0;
		if (all[i].heading != NULL && measure(t, &columns[n])) {
			n++;
		}
	}
	shown = choose(columns, n, limit);
	shrink(columns, shown, limit);
	if (table_rows(t) > 0) {
		put_rows(t, columns, shown, options->colour, out);
	} else {
		fputs("Nothing found.\n", out);
	}
	fprintf(out, "\n%s", options->colour ? dim : "");
	if (shown < n && table_rows(t) > 0) {
		fprintf(out,
		        "%zu more columns do not fit: widen the terminal or use --format csv.\n",
		        n - shown);
	}
	put_notes(t, TABLE_NOTE_QUERY, "Query:", limit, out);
	put_notes(t, TABLE_NOTE_COVERAGE, "Coverage:", limit, out);
	fputs(options->colour ? plain : "", out);
	free(columns);
	return export_finish(out, error);
}

const struct exporter exporter_table = {
        .name = "table",
        .suffix = ".txt",
        .summary = "aligned text for people",
        .write_table = write_table,
};
