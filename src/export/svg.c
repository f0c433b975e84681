/* The map's page: head, drawing, key and foot, as SVG that scales, prints, and can be read aloud.
 * The layout said where everything stands; here it is only drawn. All texts are hostile. */
#include "terrier/export.h"

#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"
#include "terrier/export/page.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN     24.0
#define HEAD       64.0
#define FOOT_SIZE  8.0
#define FOOT_LINE  10.5
#define KEY_LINE   22.0
#define ARROW_LONG 8.0

/* How a tier looks: by colour, weight and letter, so that none is needed (registers.md 5.4). */
struct look {
	const char *colour, *letter, *dash, *meaning;
	double weight;
};

static const struct look looks[] = {
        [TIER_0] = {"#6b6b6b", "N", "", "non-personal", 0.8},
        [TIER_1] = {"#857c3c", "P", "", "technical, possibly personal", 1.2},
        [TIER_2] = {"#b3600a", "P", "", "personal", 2.0},
        [TIER_3] = {"#971b1b", "S", "", "special category (health)", 3.0},
        [TIER_UNKNOWN] = {"#6a2c91", "U", "1.5 3.5", "unknown content", 2.0},
};

/* ---- primitives */

/* Fixed point with the C locale's dot, whatever the locale. */
static void put_number(FILE *out, double value)
{
	long tenths = isfinite(value) && fabs(value) < 1e7 ? lround(value * 10) : 0;

	fprintf(out, "%s%ld.%ld", tenths < 0 ? "-" : "", labs(tenths) / 10, labs(tenths) % 10);
}

static void put_attribute(FILE *out, const char *name, double value)
{
	fprintf(out, " %s=\"", name);
	put_number(out, value);
	fputc('"', out);
}

/* Text for element content and attributes: XML 1.0 section 2.2 characters only, markup escaped. */
static void put_text(FILE *out, const char *text, size_t len)
{
	uint32_t rune;

	for (size_t i = 0, n; i < len; i += n) {
		n = glyph_next(text + i, len - i, &rune);
		if (rune == '&') {
			fputs("&amp;", out);
		} else if (rune == '<') {
			fputs("&lt;", out);
		} else if (rune == '>') {
			fputs("&gt;", out);
		} else if (rune == '"') {
			fputs("&quot;", out);
		} else if (rune == GLYPH_BAD || (rune & 0xfffe) == 0xfffe) {
			fputs("\xef\xbf\xbd", out);
		} else if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0)) {
			fputc(' ', out);
		} else {
			fwrite(text + i, 1, n, out);
		}
	}
}

static void put_string(FILE *out, const char *text)
{
	if (text != NULL) {
		put_text(out, text, strlen(text));
	}
}

struct style {
	double size;
	const char *anchor; /* start, middle, end */
	const char *colour;
	bool is_bold;
};

static void put_line(FILE *out, double x, double y, const struct style *style, const char *text,
                     size_t len)
{
	fputs("<text", out);
	put_attribute(out, "x", x);
	put_attribute(out, "y", y);
	put_attribute(out, "font-size", style->size);
	fprintf(out, " text-anchor=\"%s\" fill=\"%s\"%s>", style->anchor, style->colour,
	        style->is_bold ? " font-weight=\"bold\"" : "");
	put_text(out, text, len);
	fputs("</text>\n", out);
}

static void put_words(FILE *out, double x, double y, const struct style *style, const char *text)
{
	put_line(out, x, y, style, text, strlen(text));
}

struct frame {
	double x, y, width, height; /* left, top */
};

static void put_rect(FILE *out, const struct frame *f, double radius, const char *rest)
{
	fputs("<rect", out);
	put_attribute(out, "x", f->x);
	put_attribute(out, "y", f->y);
	put_attribute(out, "width", f->width);
	put_attribute(out, "height", f->height);
	put_attribute(out, "rx", radius);
	fprintf(out, " %s/>\n", rest);
}

static void put_pair(FILE *out, const char *command, double x, double y)
{
	fputs(command, out);
	put_number(out, x);
	fputc(' ', out);
	put_number(out, y);
}

/* ---- what is drawn */

/* A cylinder: the sign of a store. */
static void put_store(FILE *out, const struct frame *f, const char *rest)
{
	double right = f->x + f->width, bottom = f->y + f->height - 5, top = f->y + 5;

	fputs("<path d=\"", out);
	put_pair(out, "M", f->x, top);
	put_pair(out, "C", f->x, f->y - 1.7);
	put_pair(out, " ", right, f->y - 1.7);
	put_pair(out, " ", right, top);
	put_pair(out, "L", right, bottom);
	put_pair(out, "C", right, bottom + 6.7);
	put_pair(out, " ", f->x, bottom + 6.7);
	put_pair(out, " ", f->x, bottom);
	fputs("Z", out);
	put_pair(out, "M", f->x, top);
	put_pair(out, "C", f->x, top + 6.7);
	put_pair(out, " ", right, top + 6.7);
	put_pair(out, " ", right, top);
	fprintf(out, "\" %s/>\n", rest);
}

static void put_shape(FILE *out, enum map_shape shape, const struct frame *f)
{
	static const char plain[] = "fill=\"#ffffff\" stroke=\"#1f2933\" stroke-width=\"1.2\"";

	switch (shape) {
	case MAP_SYSTEM:
		put_rect(out, f, 6, plain);
		break;
	case MAP_STORE:
		put_store(out, f, plain);
		break;
	case MAP_CLIENTS:
		put_rect(out, &(struct frame){f->x + 3, f->y, f->width - 3, f->height - 3}, 6,
		         plain);
		put_rect(out, &(struct frame){f->x, f->y + 3, f->width - 3, f->height - 3}, 6,
		         plain);
		break;
	case MAP_OUTSIDE:
		put_rect(out, f, 0, "fill=\"#e4e7eb\" stroke=\"#1f2933\" stroke-width=\"2\"");
		break;
	}
}

static void put_zone(FILE *out, const struct map_zone *z)
{
	struct frame f = {z->x, z->y, z->width, z->height};

	put_rect(out, &f, 4,
	         z->is_outside ? "fill=\"#fdf3e7\" stroke=\"#52606d\" stroke-width=\"1.4\" "
	                         "stroke-dasharray=\"2 3\""
	                       : "fill=\"#f3f6f9\" stroke=\"#52606d\" stroke-width=\"1\" "
	                         "stroke-dasharray=\"7 4\"");
}

/* Over the arrows that cross it, on a white edge. */
static void put_zone_name(FILE *out, const struct map_zone *z)
{
	static const struct style style = {MAP_ZONE_SIZE, "start", "#3e4c59", true};

	fputs("<g stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\">", out);
	put_words(out, z->x + 8, z->y + 15, &style, z->name);
	fputs("</g>\n", out);
	put_words(out, z->x + 8, z->y + 15, &style, z->name);
}

static const char *shape_word(enum map_shape shape)
{
	static const char *const words[] = {"system", "data store", "folded systems",
	                                    "outside party"};

	return words[shape];
}

static void put_node(FILE *out, const struct map *m, const struct map_node *n)
{
	static const struct style name = {MAP_NAME_SIZE, "middle", "#000000", true};
	static const struct style detail = {MAP_DETAIL_SIZE, "middle", "#323f4b", false};
	struct frame f = {n->x - n->width / 2, n->y - n->height / 2, n->width, n->height};
	double y = n->y + MAP_NAME_SIZE * 0.36 + (n->shape == MAP_STORE ? 3 : 0);

	fprintf(out, "<g id=\"%s\" role=\"img\" aria-label=\"", n->id);
	put_string(out, n->name);
	fprintf(out, ", %s in ", shape_word(n->shape));
	put_string(out, m->zones[n->zone].name);
	fputs("\">\n", out);
	put_shape(out, n->shape, &f);
	if (n->detail != NULL) {
		y -= MAP_DETAIL_SIZE * MAP_LEADING / 2;
		put_words(out, n->x, y + MAP_DETAIL_SIZE * MAP_LEADING + 1, &detail, n->detail);
	}
	put_words(out, n->x, y, &name, n->name);
	fputs("</g>\n", out);
}

/* The point `by` back from the end of a curve along its tangent. */
static struct map_point back_from(struct map_point end, struct map_point before, double by)
{
	double dx = end.x - before.x, dy = end.y - before.y, length = hypot(dx, dy);

	if (length < 1e-6) {
		return end;
	}
	return (struct map_point){end.x - dx / length * by, end.y - dy / length * by};
}

static void put_arrow_head(FILE *out, struct map_point tip, struct map_point before,
                           const struct look *look)
{
	struct map_point base = back_from(tip, before, ARROW_LONG + look->weight);
	double dx = (tip.x - base.x) * 0.42, dy = (tip.y - base.y) * 0.42;

	fputs("<path d=\"", out);
	put_pair(out, "M", tip.x, tip.y);
	put_pair(out, "L", base.x - dy, base.y + dx);
	put_pair(out, "L", base.x + dy, base.y - dx);
	fprintf(out, "Z\" fill=\"%s\" stroke=\"none\"/>\n", look->colour);
}

static void put_curve(FILE *out, const struct map_point *p, size_t n, const char *colour,
                      double weight, const char *dash)
{
	fputs("<path d=\"", out);
	put_pair(out, "M", p[0].x, p[0].y);
	for (size_t i = 1; i < n; i++) {
		put_pair(out, i % 3 == 1 ? "C" : " ", p[i].x, p[i].y);
	}
	fprintf(out, "\" fill=\"none\" stroke=\"%s\"", colour);
	put_attribute(out, "stroke-width", weight);
	if (dash[0] != '\0') {
		fprintf(out, " stroke-dasharray=\"%s\" stroke-linecap=\"round\"", dash);
	}
	fputs("/>\n", out);
}

/* Half an arrow, on a white edge that parts it from what it crosses. Heads are drawn where asked.
 */
static void put_half(FILE *out, const struct map_point *points, size_t n, const struct look *look,
                     bool heads[2])
{
	struct map_point *p = mem_zalloc(n, sizeof *p);

	memcpy(p, points, n * sizeof *p);
	if (heads[0]) {
		p[0] = back_from(points[0], points[1], ARROW_LONG);
	}
	if (heads[1]) {
		p[n - 1] = back_from(points[n - 1], points[n - 2], ARROW_LONG);
	}
	put_curve(out, p, n, "#ffffff", look->weight + 2.4, "");
	put_curve(out, p, n, look->colour, look->weight, look->dash);
	if (heads[0]) {
		put_arrow_head(out, points[0], points[1], look);
	}
	if (heads[1]) {
		put_arrow_head(out, points[n - 1], points[n - 2], look);
	}
	free(p);
}

static void put_arrow(FILE *out, const struct map_edge *e)
{
	const struct look *look = &looks[e->tier];
	size_t behind = e->n_points_in + 2; /* where the half after the label begins */

	if (!e->is_in_shared) {
		put_half(out, e->points, e->n_points_in, look, (bool[2]){e->is_both, false});
	}
	if (!e->is_out_shared) {
		put_half(out, e->points + behind, e->n_points - behind, look,
		         (bool[2]){false, true});
	}
}

static void put_lock(FILE *out, double x, double y)
{
	fputs("<path d=\"", out);
	put_pair(out, "M", x, y - 3.6);
	fputs("h5.4v4.2h-5.4z\" fill=\"#1f2933\"/><path d=\"", out);
	put_pair(out, "M", x + 1.1, y - 3.6);
	fputs("v-1.2a1.6 1.6 0 0 1 3.2 0v1.2\" fill=\"none\" stroke=\"#1f2933\" "
	      "stroke-width=\"0.9\"/>\n",
	      out);
}

static void put_chip(FILE *out, double x, double y, const struct look *look)
{
	struct style style = {8, "middle", "#ffffff", true};
	struct frame f = {x, y, MAP_CHIP - 3, MAP_CHIP - 3};
	char *rest = mem_printf("fill=\"%s\"", look->colour);

	put_rect(out, &f, 2, rest);
	put_words(out, x + f.width / 2, y + 7.9, &style, look->letter);
	free(rest);
}

static bool is_locked(const struct map_edge *e)
{
	return e->was_encrypted && !e->was_clear;
}

/* Lines one below the other; returns where the next would stand. */
static double put_lines(FILE *out, double x, double y, const struct style *style, const char *text)
{
	for (const char *p = text; *p != '\0'; y += style->size * MAP_LEADING) {
		size_t n = strcspn(p, "\n");
		put_line(out, x, y, style, p, n);
		p += p[n] == '\n' ? n + 1 : n;
	}
	return y;
}

static void put_label(FILE *out, const struct map_edge *e)
{
	static const struct style kind = {MAP_LABEL_SIZE, "start", "#000000", false};
	static const struct style method = {MAP_LABEL_SIZE, "start", "#3e4c59", false};
	const struct look *look = &looks[e->tier];
	struct frame f = {e->label_x - e->label_width / 2, e->label_y - e->label_height / 2,
	                  e->label_width, e->label_height};
	double x = f.x + MAP_PAD + MAP_CHIP, y = f.y + MAP_PAD + MAP_LABEL_SIZE * 0.93;
	char *rest =
	        mem_printf("fill=\"#ffffff\" stroke=\"%s\" stroke-width=\"0.7\"", look->colour);

	put_rect(out, &f, 5, rest);
	put_chip(out, f.x + MAP_PAD - 1, f.y + MAP_PAD, look);
	y = put_lines(out, x, y, &kind, e->label);
	if (is_locked(e)) {
		put_lock(out, x, y);
		x += MAP_LOCK;
	}
	put_lines(out, x, y, &method, e->method);
	free(rest);
}

/* The arrow in words, for who cannot see it or points at it. */
static void put_edge_words(FILE *out, const struct map *m, const struct map_edge *e)
{
	put_string(out, m->nodes[e->from].name);
	fputs(e->is_both ? " to and from " : " to ", out);
	put_string(out, m->nodes[e->to].name);
	fputs(": ", out);
	put_string(out, e->label);
	fprintf(out, " (%s); ", looks[e->tier].meaning);
	put_string(out, e->method);
	fprintf(out, "; %" PRIu64 " connections, %" PRIu64 " messages, %" PRIu64 " bytes; ",
	        e->connections, e->messages, e->bytes);
	put_string(out, e->ids);
}

static void put_edge(FILE *out, const struct map *m, const struct map_edge *e, size_t index)
{
	fprintf(out, "<g id=\"arrow-%zu\" role=\"img\" aria-label=\"", index + 1);
	put_edge_words(out, m, e);
	fputs("\"><title>", out);
	put_edge_words(out, m, e);
	fputs("</title>\n", out);
	put_arrow(out, e);
	fputs("</g>\n", out);
}

static void put_drawing(FILE *out, const struct map *m)
{
	for (size_t i = 0; i < m->n_zones; i++) {
		put_zone(out, &m->zones[i]);
	}
	for (size_t i = m->n_edges; i-- > 0;) { /* the most sensitive on top */
		put_edge(out, m, &m->edges[i], i);
	}
	for (size_t i = 0; i < m->n_zones; i++) {
		put_zone_name(out, &m->zones[i]);
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		put_node(out, m, &m->nodes[i]);
	}
	for (size_t i = 0; i < m->n_edges; i++) {
		if (!m->edges[i].is_label_shared) {
			put_label(out, &m->edges[i]);
		}
	}
}

/* ---- the key: only what is on this page */

struct pen {
	FILE *out; /* NULL: only measure */
	double x, y, left, right;
};

static const struct style key_style = {FOOT_SIZE, "start", "#000000", false};

/* Room for a sign of `width` and its words; returns where the sign begins. */
static double key_room(struct pen *pen, double width, const char *words)
{
	double need = width + 5 + glyph_width(words, strlen(words), FOOT_SIZE, false) + 16;

	if (pen->x + need > pen->right && pen->x > pen->left) {
		pen->x = pen->left;
		pen->y += KEY_LINE;
	}
	double at = pen->x;
	if (pen->out != NULL) {
		put_words(pen->out, at + width + 5, pen->y + 3, &key_style, words);
	}
	pen->x += need;
	return at;
}

static void key_shape(struct pen *pen, enum map_shape shape, const char *words)
{
	double x = key_room(pen, 24, words);

	if (pen->out != NULL) {
		put_shape(pen->out, shape, &(struct frame){x, pen->y - 8, 24, 16});
	}
}

static void key_zone(struct pen *pen, bool is_outside, const char *words)
{
	double x = key_room(pen, 24, words);

	if (pen->out != NULL) {
		struct map_zone z = {(char[]){""}, is_outside, x, pen->y - 8, 24, 16};
		put_zone(pen->out, &z);
	}
}

static void key_line(struct pen *pen, const struct look *look, bool is_both, const char *words)
{
	double x = key_room(pen, 46, words), y = pen->y;

	if (pen->out != NULL) {
		struct map_point p[4] = {{x, y}, {x + 12, y}, {x + 18, y}, {x + 30, y}};
		put_half(pen->out, p, 4, look, (bool[2]){is_both, true});
		put_chip(pen->out, x + 34, y - 5, look);
	}
}

static void key_lock(struct pen *pen, const char *words)
{
	double x = key_room(pen, 12, words);

	if (pen->out != NULL) {
		put_lock(pen->out, x + 4, pen->y + 3);
	}
}

static void key_sign(struct pen *pen, const char *sign, const char *words)
{
	double x = key_room(pen, 12, words);

	if (pen->out != NULL) {
		put_words(pen->out, x, pen->y + 3, &key_style, sign);
	}
}

static void key_shapes(struct pen *pen, const struct map *m)
{
	static const char *const words[] = {"system",
	                                    "data store (files, databases, images, backups)",
	                                    "several systems drawn as one", "outside party"};
	bool used[4] = {false}, zones[2] = {false};

	for (size_t i = 0; i < m->n_nodes; i++) {
		used[m->nodes[i].shape] = true;
		zones[m->zones[m->nodes[i].zone].is_outside] = true;
	}
	for (int i = 0; i < 4; i++) {
		if (used[i]) {
			key_shape(pen, (enum map_shape)i, words[i]);
		}
	}
	if (zones[0]) {
		key_zone(pen, false, "zone of this organisation");
	}
	if (zones[1]) {
		key_zone(pen, true, "outside this organisation");
	}
}

static void key_arrows(struct pen *pen, const struct map *m)
{
	static const enum tier order[] = {TIER_3, TIER_2, TIER_UNKNOWN, TIER_1, TIER_0};
	bool used[TIER_UNKNOWN + 1] = {false}, both = false, lock = false, guess = false;

	for (size_t i = 0; i < m->n_edges; i++) {
		used[m->edges[i].tier] = true;
		both = both || m->edges[i].is_both;
		lock = lock || is_locked(&m->edges[i]);
		guess = guess || strstr(m->edges[i].label, "(?)") != NULL;
	}
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (used[order[i]]) {
			key_line(pen, &looks[order[i]], false, looks[order[i]].meaning);
		}
	}
	if (both) {
		static const struct look plain = {"#1f2933", "", "", "", 1.2};
		double x = key_room(pen, 32, "both ways");
		if (pen->out != NULL) {
			struct map_point p[4] = {
			        {x, pen->y}, {x + 12, pen->y}, {x + 18, pen->y}, {x + 30, pen->y}};
			put_half(pen->out, p, 4, &plain, (bool[2]){true, true});
		}
	}
	if (lock) {
		key_lock(pen, "encrypted");
	}
	if (guess) {
		key_sign(pen, "(?)", "low confidence: a port or pattern only");
	}
}

/* Draws the key from `y` and returns where it ends. */
static double put_key(FILE *out, const struct map *m, double width, double y)
{
	static const struct style head = {FOOT_SIZE + 1, "start", "#000000", true};
	struct pen pen = {out, MARGIN + 34, y + 12, MARGIN + 34, width - MARGIN};

	if (m->n_nodes == 0) {
		return y;
	}
	if (out != NULL) {
		put_words(out, MARGIN, y + 15, &head, "Key");
	}
	key_shapes(&pen, m);
	if (m->n_edges > 0) {
		pen.x = pen.left;
		pen.y += KEY_LINE;
	}
	key_arrows(&pen, m);
	return pen.y + KEY_LINE - 4;
}

/* ---- head and foot */

/* A paragraph broken at `width`; `out` NULL only measures. Returns where it ends. */
static double put_paragraph(FILE *out, const struct frame *f, const char *text)
{
	double y = f->y;

	for (const char *p = text; *p != '\0';) {
		size_t n = glyph_break(p, f->width, FOOT_SIZE, false);
		if (out != NULL) {
			put_line(out, f->x, y, &key_style, p, n);
		}
		y += FOOT_LINE;
		p += n;
		while (*p == ' ' || *p == '\n') {
			p++;
		}
	}
	return y;
}

/* Two columns: what was covered, and all that the reader must know about this page. */
static double put_foot(FILE *out, const struct map *m, double width, double y)
{
	static const struct style head = {FOOT_SIZE + 1, "start", "#000000", true};
	struct frame left = {MARGIN, y + 24, width / 2 - 1.5 * MARGIN, 0};
	struct frame right = {width / 2 + MARGIN / 2, y + 24, left.width, 0};

	if (out != NULL) {
		put_words(out, left.x, y + 12, &head, "Coverage");
		put_words(out, right.x, y + 12, &head, "Notes and limits");
	}
	left.y = put_paragraph(out, &left,
	                       m->coverage != NULL ? m->coverage
	                                           : "No figures on coverage were given.");
	for (size_t i = 0; i < m->n_notes; i++) {
		right.y = put_paragraph(out, &right, m->notes[i]);
	}
	return fmax(left.y, right.y);
}

static void put_marking(FILE *out, const struct map *m, double width, double y)
{
	static const struct style style = {11, "middle", "#000000", true};

	if (m->marking != NULL) {
		put_words(out, width / 2, y, &style, m->marking);
	}
}

static void put_head(FILE *out, const struct map *m, double width)
{
	static const struct style title = {18, "start", "#000000", true};
	static const struct style period = {10, "start", "#323f4b", false};

	put_marking(out, m, width, 20);
	put_words(out, MARGIN, 42, &title, m->title != NULL ? m->title : "Data-flow map");
	if (m->period != NULL) {
		put_words(out, MARGIN, 57, &period, m->period);
	}
}

/* ---- the page */

struct sheet {
	const char *name;
	double width, height;
};

/* Height of key and foot, and the marking below them. */
static double below_drawing(const struct map *m, double width)
{
	return put_foot(NULL, m, width, put_key(NULL, m, width, 0)) + 30;
}

/* The smallest ISO 216 sheet from A3 up, lying or standing, that holds it at full size; beyond A0
 * one of its own. */
static struct sheet choose_sheet(const struct map *m)
{
	static const char *const names[] = {"A3", "A2", "A1", "A0"};
	static const double sides[] = {841.9, 1190.6, 1683.8, 2383.9, 3370.4};
	double width = m->width + 2 * MARGIN, height = HEAD + m->height + 12;

	for (size_t i = 0; i + 1 < sizeof sides / sizeof sides[0]; i++) {
		for (size_t stands = 0; stands < 2; stands++) {
			struct sheet sheet = {names[i], sides[i + 1 - stands], sides[i + stands]};
			if (width <= sheet.width &&
			    height + below_drawing(m, sheet.width) <= sheet.height) {
				return sheet;
			}
		}
	}
	width = fmax(width, sides[1]);
	return (struct sheet){"larger than A0", width, height + below_drawing(m, width)};
}

/* Who prints it smaller must know that the text shrinks too. */
static void put_sheet_name(FILE *out, const struct sheet *sheet)
{
	char *text = mem_printf("Sheet: %s, smallest text 8 pt at that size", sheet->name);

	put_words(out, MARGIN, sheet->height - 10, &key_style, text);
	free(text);
}

static void put_root(FILE *out, const struct map *m, const struct sheet *sheet)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "
	      "xmlns=\"http://www.w3.org/2000/svg\"",
	      out);
	fputs(" role=\"graphics-document\" aria-labelledby=\"map-title map-desc\"", out);
	fputs(" font-family=\"DejaVu Sans, Verdana, sans-serif\" width=\"", out);
	put_number(out, sheet->width);
	fputs("pt\" height=\"", out);
	put_number(out, sheet->height);
	fputs("pt\" viewBox=\"0 0 ", out);
	put_pair(out, "", sheet->width, sheet->height);
	fputs("\">\n<title id=\"map-title\">", out);
	put_string(out, m->title);
	fputs("</title>\n<desc id=\"map-desc\">", out);
	fprintf(out, "Data-flow map: %zu nodes in %zu zones, %zu arrows. ", m->n_nodes, m->n_zones,
	        m->n_edges);
	put_string(out, m->period);
	fputs("</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n", out);
}

int svg_write_page(const struct map *m, FILE *out, char **error)
{
	struct sheet sheet = choose_sheet(m);
	double below = below_drawing(m, sheet.width);

	if (m->n_nodes > 0 && !m->is_placed) {
		*error = mem_strdup("map: not placed: lay it out before drawing it");
		return -1;
	}
	put_root(out, m, &sheet);
	put_head(out, m, sheet.width);
	if (m->n_nodes == 0) {
		static const struct style empty = {14, "middle", "#323f4b", false};
		put_words(out, sheet.width / 2, sheet.height / 2, &empty,
		          "Nothing was seen that this map asks for.");
	}
	fputs("<g transform=\"translate(", out);
	put_pair(out, "", (sheet.width - m->width) / 2,
	         HEAD + fmax(0, (sheet.height - below - HEAD - 12 - m->height) / 2));
	fputs(")\">\n", out);
	put_drawing(out, m);
	fputs("</g>\n", out);
	put_foot(out, m, sheet.width, put_key(out, m, sheet.width, sheet.height - below));
	put_marking(out, m, sheet.width, sheet.height - 10);
	put_sheet_name(out, &sheet);
	fputs("</svg>\n", out);
	if (ferror(out)) {
		*error = mem_strdup("map: writing failed: is the disk full?");
		return -1;
	}
	return 0;
}

static int write_map(const struct map *m, const struct export_options *options, FILE *out,
                     char **error)
{
	(void)options;
	return svg_write_page(m, out, error);
}

const struct exporter exporter_svg = {
        .name = "svg",
        .suffix = ".svg",
        .summary = "a page to look at, print or embed",
        .write_map = write_map,
};
