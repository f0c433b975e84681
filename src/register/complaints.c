/* All that is wrong with a sheet, in the order of its lines, however much it is. */
#include "complaints.h"

#include "terrier/base/mem.h"
#include "terrier/base/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUOTE_MAX 40 /* characters of a cell in a fault */

bool complaints_wants(const struct complaints *f, size_t line)
{
	return f->n < SHEET_FAULTS_MAX || line < f->kept[f->n - 1].line;
}

static char *quote(const char *text, size_t len)
{
	char out[QUOTE_MAX * 8 + 8];
	size_t used = 0, at = 0, n;
	uint32_t code;

	for (size_t i = 0; i < QUOTE_MAX && at < len; i++, at += n) {
		n = utf8_decode(text + at, len - at, &code);
		if (utf8_is_control(code)) {
			used += (size_t)snprintf(out + used, sizeof out - used,
			                         code < 0x100 ? "\\x%02x" : "\\u%04x",
			                         (unsigned)code);
		} else {
			memcpy(out + used, text + at, n);
			used += n;
		}
	}
	return mem_printf("'%.*s%s': ", (int)used, out, at < len ? "…" : "");
}

static char *compose(const struct complaints *f, const struct spot *at, const char *what)
{
	char *line = at->line > 0 ? mem_printf("line %zu: ", at->line) : mem_strdup("");
	char *column = at->column != NULL ? mem_printf("column %s: ", at->column) : mem_strdup("");
	char *read = at->read != NULL ? quote(at->read, at->len) : mem_strdup("");
	char *text = mem_printf("%s: %s%s%s%s", f->file, line, column, read, what);

	free(line);
	free(column);
	free(read);
	return text;
}

/* Faults of a line stay in the order in which they were found. */
static void keep(struct complaints *f, size_t line, char *text)
{
	size_t at = f->n;

	if (f->n == SHEET_FAULTS_MAX) {
		at--;
		free(f->kept[at].text);
	} else {
		f->n++;
	}
	for (; at > 0 && f->kept[at - 1].line > line; at--) {
		f->kept[at] = f->kept[at - 1];
	}
	f->kept[at].line = line;
	f->kept[at].text = text;
}

void complaints_add(struct complaints *f, struct spot at, const char *format, ...)
{
	char *what;
	va_list values;

	f->total++;
	if (!complaints_wants(f, at.line)) {
		return;
	}
	va_start(values, format);
	what = mem_vprintf(format, values);
	va_end(values);
	keep(f, at.line, compose(f, &at, what));
	free(what);
}

char *complaints_finish(struct complaints *f)
{
	size_t size;
	char *all = NULL;
	FILE *out = f->total > 0 ? open_memstream(&all, &size) : NULL;

	for (size_t i = 0; i < f->n; i++) {
		if (out != NULL) {
			fprintf(out, "%s%s", i > 0 ? "\n" : "", f->kept[i].text);
		}
		free(f->kept[i].text);
	}
	if (out != NULL && f->total > f->n) {
		fprintf(out, "\n%s: … and %zu more", f->file, f->total - f->n);
	}
	if (out != NULL) {
		fclose(out);
	}
	f->n = 0;
	return all;
}
