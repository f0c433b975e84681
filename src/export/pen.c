/* Writing SVG: numbers, texts, frames. The only place where a text becomes markup, and so the one
 * that escapes. */
#include "terrier/export/pen.h"

#include "terrier/base/glyph.h"
#include "terrier/base/utf8.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define LEADING 1.3 /* line distance in text sizes */

/* Fixed point with the C locale's dot, whatever the locale. */
void pen_number(FILE *out, double value)
{
	long tenths = isfinite(value) && fabs(value) < 1e7 ? lround(value * 10) : 0;

	fprintf(out, "%s%ld.%ld", tenths < 0 ? "-" : "", labs(tenths) / 10, labs(tenths) % 10);
}

void pen_attribute(FILE *out, const char *name, double value)
{
	fprintf(out, " %s=\"", name);
	pen_number(out, value);
	fputc('"', out);
}

/* Text for element content and attributes: XML 1.0 section 2.2 characters only, markup escaped. */
void pen_text(FILE *out, const char *text, size_t len)
{
	uint32_t rune;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(text + i, len - i, &rune);
		if (rune == '&') {
			fputs("&amp;", out);
		} else if (rune == '<') {
			fputs("&lt;", out);
		} else if (rune == '>') {
			fputs("&gt;", out);
		} else if (rune == '"') {
			fputs("&quot;", out);
		} else if (rune == UTF8_REPLACEMENT || (rune & 0xfffe) == 0xfffe) {
			fputs("\xef\xbf\xbd", out);
		} else if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0)) {
			fputc(' ', out);
		} else {
			fwrite(text + i, 1, n, out);
		}
	}
}

void pen_string(FILE *out, const char *text)
{
	if (text != NULL) {
		pen_text(out, text, strlen(text));
	}
}

void pen_line(FILE *out, double x, double y, const struct pen_style *style, const char *text,
              size_t len)
{
	fputs("<text", out);
	pen_attribute(out, "x", x);
	pen_attribute(out, "y", y);
	pen_attribute(out, "font-size", style->size);
	fprintf(out, " text-anchor=\"%s\" fill=\"%s\"%s>", style->anchor, style->colour,
	        style->is_bold ? " font-weight=\"bold\"" : "");
	pen_text(out, text, len);
	fputs("</text>\n", out);
}

void pen_words(FILE *out, double x, double y, const struct pen_style *style, const char *text)
{
	pen_line(out, x, y, style, text, strlen(text));
}

double pen_paragraph(FILE *out, const struct pen_frame *f, const struct pen_style *style, const char *text)
{
	double y = f->y;

	for (const char *p = text; *p != '\0';) {
		size_t n = glyph_break(p, f->width, style->size, style->is_bold);

		if (out != NULL) {
			pen_line(out, f->x, y, style, p, n);
		}
		y += style->size * LEADING;
		p += n;
		while (*p == ' ' || *p == '\n') {
			p++;
		}
	}
	return y;
}

void pen_rect(FILE *out, const struct pen_frame *f, double radius, const char *rest)
{
	fputs("<rect", out);
	pen_attribute(out, "x", f->x);
	pen_attribute(out, "y", f->y);
	pen_attribute(out, "width", f->width);
	pen_attribute(out, "height", f->height);
	pen_attribute(out, "rx", radius);
	fprintf(out, " %s/>\n", rest);
}

void pen_pair(FILE *out, const char *command, double x, double y)
{
	fputs(command, out);
	pen_number(out, x);
	fputc(' ', out);
	pen_number(out, y);
}
