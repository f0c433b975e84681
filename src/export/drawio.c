/* The map's page as a file of draw.io (diagrams.net), uncompressed: boxes stand where the layout
 * put them and arrows hang on their boxes, for people to move and mend. No label is HTML (html=0),
 * so that a name cannot be markup. */
#include "terrier/export.h"

#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"
#include "terrier/export/figure.h"
#include "terrier/export/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN    24.0
#define GAP       20.0  /* between the columns of the foot, and around the drawing */
#define WIDTH_MIN 800.0 /* of a page, so that its foot can be read */
#define FOOT_SIZE 8.0
#define LEADING   1.3 /* line distance in text sizes */
#define KEY_LINE  20.0
#define KEY_SIGN  30.0
#define LAYER     "1" /* the page itself, as parent */

/* Where on the page writing goes on. */
struct page {
	FILE *out;
	double left, top; /* of the drawing */
	double width;
	size_t n_texts;
};

/* An attribute's value of several lines: a line break as such would be read as a blank. */
static void put_lines(FILE *out, const char *text)
{
	for (const char *p = text; *p != '\0';) {
		size_t n = strcspn(p, "\n");

		pen_text(out, p, n);
		p += n;
		if (*p == '\n') {
			fputs("&#10;", out);
			p++;
		}
	}
}

static void put_geometry(FILE *out, const struct pen_frame *f)
{
	fputs("<mxGeometry", out);
	pen_attribute(out, "x", f->x);
	pen_attribute(out, "y", f->y);
	pen_attribute(out, "width", f->width);
	pen_attribute(out, "height", f->height);
	fputs(" as=\"geometry\"/></mxCell>\n", out);
}

/* A box up to the end of its text, to which more may be added. */
static void open_box(FILE *out, const char *id, const char *parent, const char *text)
{
	fprintf(out, "<mxCell id=\"%s\" parent=\"%s\" vertex=\"1\" value=\"", id, parent);
	put_lines(out, text);
}

static void close_box(FILE *out, const char *style, const struct pen_frame *f)
{
	fprintf(out, "\" style=\"%s\">", style);
	put_geometry(out, f);
}

/* Of head, key and foot: they are numbered as they come. */
static void open_sign(struct page *page)
{
	char *id = mem_printf("page-%zu", ++page->n_texts);

	open_box(page->out, id, LAYER, "");
	free(id);
}

/* A paragraph at the frame's top, in lines no wider than it, for draw.io breaks only HTML; moves
 * the frame below. */
static void put_paragraph(struct page *page, struct pen_frame *f, double size, const char *align,
                          bool is_bold, const char *text)
{
	char *style = mem_printf("text;html=0;align=%s;verticalAlign=top;spacing=0;fontFamily="
	                         "Verdana;fontColor=#000000;"
	                         "fontSize=%d;fontStyle=%d;",
	                         align, (int)size, is_bold ? 1 : 0);

	open_sign(page);
	f->height = 4;
	for (const char *p = text; *p != '\0'; f->height += size * LEADING) {
		size_t n = glyph_break(p, f->width, size, is_bold);

		fputs(p > text ? "&#10;" : "", page->out);
		pen_text(page->out, p, n);
		p += n;
		p += strspn(p, " \n");
	}
	close_box(page->out, style, f);
	f->y += f->height;
	free(style);
}

static void put_marking(struct page *page, const struct map *m, struct pen_frame *f)
{
	if (m->marking != NULL) {
		put_paragraph(page, f, 11, "center", true, m->marking);
	}
}

/* Returns where it ends. */
static double put_head(struct page *page, const struct map *m)
{
	struct pen_frame f = {MARGIN, 8, page->width - 2 * MARGIN, 0};

	put_marking(page, m, &f);
	put_paragraph(page, &f, 18, "left", true, m->title);
	put_paragraph(page, &f, 10, "left", false, m->scope);
	if (m->period != NULL) {
		put_paragraph(page, &f, 10, "left", false, m->period);
	}
	return f.y;
}

static const char *const node_styles[] = {
        [MAP_SYSTEM] = "rounded=1;absoluteArcSize=1;arcSize=12;strokeWidth=1.2;fillColor=#ffffff;",
        [MAP_STORE] = "shape=cylinder3;boundedLbl=1;backgroundOutline=1;size=5;strokeWidth=1.2;"
                      "fillColor=#ffffff;",
        [MAP_SEVERAL] = "shape=ext;double=1;rounded=1;absoluteArcSize=1;arcSize=12;strokeWidth=1.2;"
                        "fillColor=#ffffff;",
        [MAP_OUTSIDE] = "rounded=0;strokeWidth=2;fillColor=#e4e7eb;",
        [MAP_DEVICE] = "shape=mxgraph.basic.octagon2;dx=6;strokeWidth=1.2;fillColor=#ffffff;",
};

static const char node_font[] =
        "html=0;fontFamily=Verdana;fontSize=9;fontColor=#000000;strokeColor=#1f2933;";

/* Zones hold their boxes and move with them; the second is for what is outside. */
static const char *const zone_styles[] = {
        "dashPattern=7 4;strokeWidth=1;fillColor=#f3f6f9;",
        "dashPattern=2 3;strokeWidth=1.4;fillColor=#fdf3e7;",
};

static const char zone_font[] =
        "container=1;collapsible=0;recursiveResize=0;rounded=1;absoluteArcSize=1;arcSize=8;"
        "dashed=1;fixDash=1;html=0;align=left;verticalAlign=top;spacingLeft=6;"
        "fontFamily=Verdana;fontSize=11;fontStyle=1;fontColor=#3e4c59;strokeColor=#52606d;";

static void put_node(const struct page *page, const struct map_zone *z, const char *zone_id,
                     const struct map_node *n)
{
	struct pen_frame f = {n->x - n->width / 2 - z->x, n->y - n->height / 2 - z->y, n->width,
	                      n->height};
	char *style = mem_printf("%s%s", node_styles[n->shape], node_font);

	open_box(page->out, n->id, zone_id, n->name);
	if (n->detail != NULL) {
		fputs("&#10;", page->out);
		put_lines(page->out, n->detail);
	}
	close_box(page->out, style, &f);
	free(style);
}

static void put_zone(const struct page *page, const struct map *m, size_t zone)
{
	const struct map_zone *z = &m->zones[zone];
	struct pen_frame f = {page->left + z->x, page->top + z->y, z->width, z->height};
	char *id = mem_printf("zone-%zu", zone + 1);
	char *style = mem_printf("%s%s", zone_styles[z->is_outside], zone_font);

	open_box(page->out, id, LAYER, z->name);
	close_box(page->out, style, &f);
	for (size_t i = 0; i < m->n_nodes; i++) {
		if (m->nodes[i].zone == zone) {
			put_node(page, z, id, &m->nodes[i]);
		}
	}
	free(style);
	free(id);
}

/* A number from -1 to 1 with the C locale's dot, whatever the locale. */
static void put_share(FILE *out, double share)
{
	long thousandths = lround(fmin(fmax(share, -1), 1) * 1000);

	fprintf(out, "%s%ld.%03ld", thousandths < 0 ? "-" : "", labs(thousandths) / 1000,
	        labs(thousandths) % 1000);
}

/* The points that a curve bends at: the middle and the end of each of its parts but the last end,
 * which hangs on a box. The part that runs below the label goes through the label's centre. */
static struct map_point *bends_of(const struct map_edge *e, size_t *n, size_t *at_label)
{
	struct map_point *bends = mem_zalloc(e->n_points, sizeof *bends);

	*n = *at_label = 0;
	for (const struct map_point *p = e->points; p + 3 < e->points + e->n_points; p += 3) {
		if ((size_t)(p - e->points) + 1 == e->n_points_in) {
			*at_label = *n;
			bends[(*n)++] = (struct map_point){e->label_x, e->label_y};
		} else {
			bends[(*n)++] =
			        (struct map_point){(p[0].x + 3 * p[1].x + 3 * p[2].x + p[3].x) / 8,
			                           (p[0].y + 3 * p[1].y + 3 * p[2].y + p[3].y) / 8};
		}
		if (p + 4 < e->points + e->n_points) {
			bends[(*n)++] = p[3];
		}
	}
	return bends;
}

/* How far along the arrow its label stands: -1 at the tail, 1 at the head. */
static double place_label(const struct map_edge *e, const struct map_point *bends, size_t n,
                          size_t at_label)
{
	double all = 0, before = 0;
	struct map_point last = e->points[0];

	for (size_t i = 0; i <= n; i++) {
		struct map_point next = i < n ? bends[i] : e->points[e->n_points - 1];
		all += hypot(next.x - last.x, next.y - last.y);
		before = i == at_label ? all : before;
		last = next;
	}
	return all > 0 ? 2 * before / all - 1 : 0;
}

static void put_way(const struct page *page, const struct map_edge *e)
{
	size_t n, at_label;
	struct map_point *bends = bends_of(e, &n, &at_label);

	fputs("<mxGeometry x=\"", page->out);
	put_share(page->out, place_label(e, bends, n, at_label));
	fputs("\" relative=\"1\" as=\"geometry\"><Array as=\"points\">", page->out);
	for (size_t i = 0; i < n; i++) {
		fputs("<mxPoint", page->out);
		pen_attribute(page->out, "x", page->left + bends[i].x);
		pen_attribute(page->out, "y", page->top + bends[i].y);
		fputs("/>", page->out);
	}
	fputs("</Array></mxGeometry>", page->out);
	free(bends);
}

/* Where on its box an end ("exit", "entry") hangs, as shares of the box's sides. */
static void put_hook(FILE *out, const char *end, const struct map_node *n, struct map_point p)
{
	fprintf(out, "%sX=", end);
	put_share(out, fmax((p.x - n->x) / n->width + 0.5, 0));
	fprintf(out, ";%sY=", end);
	put_share(out, fmax((p.y - n->y) / n->height + 0.5, 0));
	fprintf(out, ";%sPerimeter=0;", end);
}

static void put_edge_style(FILE *out, const struct map *m, const struct map_edge *e)
{
	const struct figure_look of = figure_look_of(e->tier, e->status), *look = &of;

	fprintf(out,
	        "edgeStyle=none;curved=1;html=0;endArrow=block;endFill=1;startArrow=%s;startFill="
	        "1;",
	        e->is_both ? "block" : "none");
	fputs("endSize=5;startSize=5;fontFamily=Verdana;fontSize=8;fontColor=#000000;align=left;"
	      "labelBackgroundColor=#ffffff;",
	      out);
	fprintf(out, "labelBorderColor=%s;strokeColor=%s;strokeWidth=", look->colour, look->colour);
	pen_number(out, look->weight);
	fputc(';', out);
	if (look->dash[0] != '\0') {
		fprintf(out, "dashed=1;fixDash=1;dashPattern=%s;", look->dash);
	}
	put_hook(out, "exit", &m->nodes[e->from], e->points[0]);
	put_hook(out, "entry", &m->nodes[e->to], e->points[e->n_points - 1]);
}

/* What stands behind an arrow goes with it as data, which draw.io shows where one points. */
static void put_edge(const struct page *page, const struct map *m, size_t index)
{
	const struct map_edge *e = &m->edges[index];
	const struct figure_look *look = &figure_looks[e->tier];
	FILE *out = page->out;

	fprintf(out, "<object id=\"arrow-%zu\" label=\"%s: ", index + 1, look->letter);
	put_lines(out, e->label);
	fputs("&#10;", out);
	put_lines(out, e->method);
	if (e->status != MAP_NO_STATUS) {
		fprintf(out, "&#10;%s%s", figure_status(e->status),
		        e->is_rejected ? ", " FIGURE_REJECTED_WORDS : "");
	}
	fprintf(out, "\" sensitivity=\"%s\" exchanges=\"", look->meaning);
	pen_string(out, e->ids);
	fprintf(out,
	        "\" connections=\"%" PRIu64 "\" messages=\"%" PRIu64 "\" bytes=\"%" PRIu64 "\">",
	        e->connections, e->messages, e->bytes);
	fprintf(out, "<mxCell edge=\"1\" parent=\"" LAYER "\" source=\"%s\" target=\"%s\" style=\"",
	        m->nodes[e->from].id, m->nodes[e->to].id);
	put_edge_style(out, m, e);
	fputs("\">", out);
	put_way(page, e);
	fputs("</mxCell></object>\n", out);
}

/* A sign and its words; moves the frame to the next. */
static void put_key_line(struct page *page, struct pen_frame *f, const char *style,
                         const char *words)
{
	struct pen_frame sign = {f->x, f->y, KEY_SIGN, 14};
	struct pen_frame text = {f->x + KEY_SIGN + 8, f->y + 1, f->width - KEY_SIGN - 8, 0};

	open_sign(page);
	close_box(page->out, style, &sign);
	put_paragraph(page, &text, FOOT_SIZE, "left", false, words);
	f->y = fmax(f->y + KEY_LINE, text.y);
}

static void put_key_shapes(struct page *page, const struct map *m, struct pen_frame *f)
{
	bool used[MAP_SHAPES] = {false}, zones[2] = {false};

	for (size_t i = 0; i < m->n_nodes; i++) {
		used[m->nodes[i].shape] = true;
		zones[m->zones[m->nodes[i].zone].is_outside] = true;
	}
	for (int shape = MAP_SYSTEM; shape < MAP_SHAPES; shape++) {
		if (used[shape]) {
			char *style = mem_printf("%s%s", node_styles[shape], node_font);
			put_key_line(page, f, style, figure_shape_word((enum map_shape)shape));
			free(style);
		}
	}
	for (int outside = 0; outside < 2; outside++) {
		if (zones[outside]) {
			char *style = mem_printf("%s%s", zone_styles[outside], zone_font);
			put_key_line(page, f, style,
			             outside ? "outside this organisation"
			                     : "zone of this organisation");
			free(style);
		}
	}
}

/* A line with nothing at its ends is a box of that shape: arrows of the file are arrows of the map.
 */
static void put_key_tier(struct page *page, struct pen_frame *f, enum tier tier)
{
	const struct figure_look *look = &figure_looks[tier];
	char *dash = mem_printf("dashed=1;fixDash=1;dashPattern=%s;", look->dash);
	long tenths = lround(look->weight * 10);
	char *style =
	        mem_printf("shape=line;html=0;strokeColor=%s;strokeWidth=%ld.%ld;%s", look->colour,
	                   tenths / 10, tenths % 10, look->dash[0] != '\0' ? dash : "");
	char *words = mem_printf("%s: %s", look->letter, look->meaning);

	put_key_line(page, f, style, words);
	free(words);
	free(style);
	free(dash);
}

static void put_key_arrows(struct page *page, const struct map *m, struct pen_frame *f)
{
	static const enum tier order[] = {TIER_3, TIER_2, TIER_UNKNOWN, TIER_1, TIER_0};
	bool used[TIER_UNKNOWN + 1] = {false}, is_guessed = false;

	for (size_t i = 0; i < m->n_edges; i++) {
		used[m->edges[i].tier] = true;
		is_guessed = is_guessed || strstr(m->edges[i].label, "(?)") != NULL;
	}
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (used[order[i]]) {
			put_key_tier(page, f, order[i]);
		}
	}
	if (is_guessed) {
		put_paragraph(page, f, FOOT_SIZE, "left", false,
		              "(?) low confidence: a port or pattern only");
	}
}

/* The frame of a column, its heading written. */
static struct pen_frame put_column(struct page *page, double x, double y, double width,
                                   const char *heading)
{
	struct pen_frame f = {x, y, width - GAP, 0};

	put_paragraph(page, &f, FOOT_SIZE + 1, "left", true, heading);
	return f;
}

/* Three columns: the key, what was covered, and all that the reader must know. Returns where the
 * longest ends. */
static double put_foot(struct page *page, const struct map *m, double y)
{
	double all = page->width - 2 * MARGIN + GAP;
	struct pen_frame key = put_column(page, MARGIN, y, all * 0.3, "Key");
	struct pen_frame coverage = put_column(page, MARGIN + all * 0.3, y, all * 0.3, "Coverage");
	struct pen_frame notes =
	        put_column(page, MARGIN + all * 0.6, y, all * 0.4, "Notes and limits");

	put_key_shapes(page, m, &key);
	put_key_arrows(page, m, &key);
	put_paragraph(page, &coverage, FOOT_SIZE, "left", false,
	              m->coverage != NULL ? m->coverage : "No figures on coverage were given.");
	for (size_t i = 0; i < m->n_notes; i++) {
		put_paragraph(page, &notes, FOOT_SIZE, "left", false, m->notes[i]);
	}
	struct pen_frame end = {MARGIN, fmax(key.y, fmax(coverage.y, notes.y)) + GAP / 2,
	                        page->width - 2 * MARGIN, 0};
	put_marking(page, m, &end);
	return end.y;
}

/* All that is on the page; returns its height. */
static double put_page(struct page *page, const struct map *m)
{
	struct pen_frame empty = {MARGIN, put_head(page, m) + GAP, page->width - 2 * MARGIN, 0};

	page->left = (page->width - m->width) / 2;
	page->top = empty.y;
	if (m->n_nodes == 0) {
		put_paragraph(page, &empty, 14, "center", false,
		              "Nothing was seen that this map asks for.");
	}
	for (size_t i = 0; i < m->n_zones; i++) {
		put_zone(page, m, i);
	}
	for (size_t i = m->n_edges; i-- > 0;) { /* the most sensitive on top */
		put_edge(page, m, i);
	}
	return put_foot(page, m, fmax(page->top + m->height, empty.y) + GAP) + MARGIN / 2;
}

static void put_file(FILE *out, const struct map *m, const struct page *page, double height,
                     const char *cells)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<mxfile host=\"terrier\" "
	      "compressed=\"false\">\n"
	      "<diagram id=\"map\" name=\"",
	      out);
	pen_string(out, m->title);
	fputs("\">\n<mxGraphModel grid=\"0\" page=\"1\" pageScale=\"1\" math=\"0\" shadow=\"0\"",
	      out);
	pen_attribute(out, "pageWidth", ceil(page->width));
	pen_attribute(out, "pageHeight", ceil(height));
	fputs(">\n<root>\n<mxCell id=\"0\"/>\n<mxCell id=\"" LAYER "\" parent=\"0\"/>\n", out);
	fputs(cells, out);
	fputs("</root>\n</mxGraphModel>\n</diagram>\n</mxfile>\n", out);
}

static int write_map(const struct map *m, const struct export_options *options, FILE *out,
                     char **error)
{
	(void)options;
	if (m->n_nodes > 0 && !m->is_placed) {
		*error = mem_strdup("map: not placed: lay it out before drawing it");
		return -1;
	}
	char *cells = NULL;
	size_t len;
	struct page page = {.out = open_memstream(&cells, &len),
	                    .width = fmax(m->width + 2 * MARGIN, WIDTH_MIN)};
	double height = page.out != NULL ? put_page(&page, m) : 0;

	/* The page's size stands before what is on it. */
	if (page.out == NULL || fclose(page.out) != 0) {
		free(cells);
		*error = mem_strdup("map: too large for the memory at hand");
		return -1;
	}
	put_file(out, m, &page, height, cells);
	free(cells);
	return export_finish(out, error);
}

const struct exporter exporter_drawio = {
        .name = "drawio",
        .suffix = ".drawio",
        .summary = "a page to edit with draw.io (diagrams.net)",
        .write_map = write_map,
};
