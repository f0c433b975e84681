/* The page around a plot: A4 lying, with all that makes it evidence; or the drawing alone, for a
 * page of HTML. */
#include "terrier/export/plot.h"

#include "terrier/base/mem.h"
#include "terrier/export/page.h"
#include "terrier/export/pen.h"

#include <math.h>
#include <stdlib.h>

#define MARGIN       24.0
#define SHEET_WIDTH  841.9
#define SHEET_HEIGHT 595.3
#define GAP          12.0
#define FOOT         24.0  /* marking and sheet, below the notes */
#define COLUMN       386.0 /* of notes: two of them, 22 apart */

static const struct pen_style small = {8, "start", "#323f4b", false};

static void put_opening(const struct plot *p, const char *id, double width, double height,
                        FILE *out)
{
	fprintf(out, " role=\"graphics-document\" aria-labelledby=\"%s-title %s-desc\"", id, id);
	fputs(" font-family=\"DejaVu Sans, Verdana, sans-serif\" viewBox=\"0 0 ", out);
	pen_pair(out, "", width, height);
	fprintf(out, "\">\n<title id=\"%s-title\">", id);
	pen_string(out, p->title);
	fprintf(out, "</title>\n<desc id=\"%s-desc\">", id);
	plot_describe(p, out);
	pen_string(out, p->scope);
	fputs(p->scope != NULL && p->period != NULL ? "; " : "", out);
	pen_string(out, p->period);
	fputs("</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n", out);
}

void plot_write_fragment(const struct plot *p, const char *id, FILE *out)
{
	double height = plot_figure(p, id, 400, NULL);

	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\"", out);
	put_opening(p, id, PLOT_WIDTH, height, out);
	plot_figure(p, id, 400, out);
	fputs("</svg>\n", out);
}

static void put_marking(FILE *out, const struct plot *p, double y)
{
	static const struct pen_style style = {11, "middle", "#000000", true};

	if (p->marking != NULL) {
		pen_words(out, SHEET_WIDTH / 2, y, &style, p->marking);
	}
}

static double put_head(FILE *out, const struct plot *p)
{
	static const struct pen_style title = {16, "start", "#000000", true};
	static const struct pen_style line = {10, "start", "#323f4b", false};
	const char *texts[] = {p->organisation, p->scope, p->period, p->sensors};
	struct pen_frame f = {MARGIN, 42, SHEET_WIDTH - 2 * MARGIN, 0};

	f.y = pen_paragraph(out, &f, &title, p->title != NULL ? p->title : "") - 6;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		f.y = texts[i] != NULL ? pen_paragraph(out, &f, &line, texts[i]) : f.y;
	}
	return f.y;
}

/* Notes in two columns, the first the fuller; returns where they end. */
static double put_foot(FILE *out, const struct plot *p, double y)
{
	static const struct pen_style heading = {9, "start", "#000000", true};
	struct pen_frame f = {MARGIN, y + 24, COLUMN, 0};
	double end = f.y;

	if (p->n_notes == 0) {
		return y;
	}
	if (out != NULL) {
		pen_words(out, MARGIN, y + 10, &heading, "Coverage, notes and limits");
	}
	for (size_t i = 0; i < p->n_notes; i++) {
		if (i == (p->n_notes + 1) / 2) {
			end = f.y;
			f = (struct pen_frame){SHEET_WIDTH - MARGIN - COLUMN, y + 24, COLUMN, 0};
		}
		f.y = pen_paragraph(out, &f, &small, p->notes[i]);
	}
	return fmax(end, f.y);
}

static void put_figure(FILE *out, const struct plot *p, double y, double height)
{
	fputs("<svg overflow=\"visible\"", out);
	pen_attribute(out, "x", MARGIN);
	pen_attribute(out, "y", y);
	pen_attribute(out, "width", PLOT_WIDTH);
	pen_attribute(out, "height", height);
	fputs(">\n", out);
	plot_figure(p, "plot", height, out);
	fputs("</svg>\n", out);
}

int svg_write_plot(const struct plot *p, FILE *out, char **error)
{
	double top = put_head(NULL, p) + 4, foot = put_foot(NULL, p, 0) + FOOT;
	double height = plot_figure(p, "plot", SHEET_HEIGHT - top - GAP - foot, NULL);
	double sheet = fmax(SHEET_HEIGHT, ceil(top + height + GAP + foot));

	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "
	      "xmlns=\"http://www.w3.org/2000/svg\" width=\"",
	      out);
	pen_number(out, SHEET_WIDTH);
	fputs("pt\" height=\"", out);
	pen_number(out, sheet);
	fputs("pt\"", out);
	put_opening(p, "plot", SHEET_WIDTH, sheet, out);
	put_marking(out, p, 18);
	put_head(out, p);
	put_figure(out, p, top, sheet - top - GAP - foot);
	put_foot(out, p, sheet - foot);
	put_marking(out, p, sheet - 10);
	pen_words(out, MARGIN, sheet - 10, &small,
	          sheet > SHEET_HEIGHT ? "Sheet: longer than A4"
	                               : "Sheet: A4, smallest text 8 pt at that size");
	fputs("</svg>\n", out);
	if (ferror(out)) {
		*error = mem_strdup("plot: writing failed: is the disk full?");
		return -1;
	}
	return 0;
}
