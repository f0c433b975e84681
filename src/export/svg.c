/* The map's page: head, key and foot around the drawing (figure.c), as SVG that scales, prints, and
 * can be read aloud. */
#include "terrier/export.h"

#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"
#include "terrier/export/figure.h"
#include "terrier/export/page.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN    24.0
#define HEAD      64.0
#define FOOT_SIZE 8.0
#define FOOT_LINE 10.5
#define KEY_LINE  22.0

struct key {
	FILE *out; /* NULL: only measure */
	double x, y, left, right;
};

static const struct pen_style key_style = {FOOT_SIZE, "start", "#000000", false};

/* Room for a sign of `width` and its words; returns where the sign begins. */
static double key_room(struct key *key, double width, const char *words)
{
	double need = width + 5 + glyph_width(words, strlen(words), FOOT_SIZE, false) + 16;

	if (key->x + need > key->right && key->x > key->left) {
		key->x = key->left;
		key->y += KEY_LINE;
	}
	double at = key->x;
	if (key->out != NULL) {
		pen_words(key->out, at + width + 5, key->y + 3, &key_style, words);
	}
	key->x += need;
	return at;
}

static void key_shape(struct key *key, enum map_shape shape, const char *words)
{
	double x = key_room(key, 24, words);

	if (key->out != NULL) {
		figure_shape(key->out, shape, &(struct pen_frame){x, key->y - 8, 24, 16});
	}
}

static void key_zone(struct key *key, bool is_outside, const char *words)
{
	double x = key_room(key, 24, words);

	if (key->out != NULL) {
		struct map_zone z = {(char[]){""}, is_outside, x, key->y - 8, 24, 16};
		figure_zone(key->out, &z);
	}
}

static void key_line(struct key *key, const struct figure_look *look, bool is_both,
                     const char *words)
{
	double x = key_room(key, 46, words), y = key->y;

	if (key->out != NULL) {
		struct map_point p[4] = {{x, y}, {x + 12, y}, {x + 18, y}, {x + 30, y}};
		figure_half(key->out, p, 4, look, (bool[2]){is_both, true});
		figure_chip(key->out, x + 34, y - 5, look);
	}
}

static void key_lock(struct key *key, const char *words)
{
	double x = key_room(key, 12, words);

	if (key->out != NULL) {
		figure_lock(key->out, x + 4, key->y + 3);
	}
}

static void key_sign(struct key *key, const char *sign, const char *words)
{
	double x = key_room(key, 12, words);

	if (key->out != NULL) {
		pen_words(key->out, x, key->y + 3, &key_style, sign);
	}
}

static void key_shapes(struct key *key, const struct map *m)
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
			key_shape(key, (enum map_shape)i, words[i]);
		}
	}
	if (zones[0]) {
		key_zone(key, false, "zone of this organisation");
	}
	if (zones[1]) {
		key_zone(key, true, "outside this organisation");
	}
}

static void key_arrows(struct key *key, const struct map *m)
{
	static const enum tier order[] = {TIER_3, TIER_2, TIER_UNKNOWN, TIER_1, TIER_0};
	bool used[TIER_UNKNOWN + 1] = {false}, both = false, lock = false, guess = false;

	for (size_t i = 0; i < m->n_edges; i++) {
		used[m->edges[i].tier] = true;
		both = both || m->edges[i].is_both;
		lock = lock || figure_is_locked(&m->edges[i]);
		guess = guess || strstr(m->edges[i].label, "(?)") != NULL;
	}
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (used[order[i]]) {
			key_line(key, &figure_looks[order[i]], false,
			         figure_looks[order[i]].meaning);
		}
	}
	if (both) {
		static const struct figure_look plain = {"#1f2933", "", "", "", 1.2};
		double x = key_room(key, 32, "both ways");
		if (key->out != NULL) {
			struct map_point p[4] = {
			        {x, key->y}, {x + 12, key->y}, {x + 18, key->y}, {x + 30, key->y}};
			figure_half(key->out, p, 4, &plain, (bool[2]){true, true});
		}
	}
	if (lock) {
		key_lock(key, "encrypted");
	}
	if (guess) {
		key_sign(key, "(?)", "low confidence: a port or pattern only");
	}
}

/* Draws the key from `y` and returns where it ends. */
static double put_key(FILE *out, const struct map *m, double width, double y)
{
	static const struct pen_style head = {FOOT_SIZE + 1, "start", "#000000", true};
	struct key key = {out, MARGIN + 34, y + 12, MARGIN + 34, width - MARGIN};

	if (m->n_nodes == 0) {
		return y;
	}
	if (out != NULL) {
		pen_words(out, MARGIN, y + 15, &head, "Key");
	}
	key_shapes(&key, m);
	if (m->n_edges > 0) {
		key.x = key.left;
		key.y += KEY_LINE;
	}
	key_arrows(&key, m);
	return key.y + KEY_LINE - 4;
}

/* A paragraph broken at `width`; `out` NULL only measures. Returns where it ends. */
static double put_paragraph(FILE *out, const struct pen_frame *f, const char *text)
{
	double y = f->y;

	for (const char *p = text; *p != '\0';) {
		size_t n = glyph_break(p, f->width, FOOT_SIZE, false);
		if (out != NULL) {
			pen_line(out, f->x, y, &key_style, p, n);
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
	static const struct pen_style head = {FOOT_SIZE + 1, "start", "#000000", true};
	struct pen_frame left = {MARGIN, y + 24, width / 2 - 1.5 * MARGIN, 0};
	struct pen_frame right = {width / 2 + MARGIN / 2, y + 24, left.width, 0};

	if (out != NULL) {
		pen_words(out, left.x, y + 12, &head, "Coverage");
		pen_words(out, right.x, y + 12, &head, "Notes and limits");
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
	static const struct pen_style style = {11, "middle", "#000000", true};

	if (m->marking != NULL) {
		pen_words(out, width / 2, y, &style, m->marking);
	}
}

static void put_head(FILE *out, const struct map *m, double width)
{
	static const struct pen_style title = {18, "start", "#000000", true};
	static const struct pen_style period = {10, "start", "#323f4b", false};

	put_marking(out, m, width, 20);
	pen_words(out, MARGIN, 42, &title, m->title != NULL ? m->title : "Data-flow map");
	if (m->period != NULL) {
		pen_words(out, MARGIN, 57, &period, m->period);
	}
}

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

	pen_words(out, MARGIN, sheet->height - 10, &key_style, text);
	free(text);
}

static void put_root(FILE *out, const struct map *m, const struct sheet *sheet)
{
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg "
	      "xmlns=\"http://www.w3.org/2000/svg\"",
	      out);
	fputs(" role=\"graphics-document\" aria-labelledby=\"map-title map-desc\"", out);
	fputs(" font-family=\"DejaVu Sans, Verdana, sans-serif\" width=\"", out);
	pen_number(out, sheet->width);
	fputs("pt\" height=\"", out);
	pen_number(out, sheet->height);
	fputs("pt\" viewBox=\"0 0 ", out);
	pen_pair(out, "", sheet->width, sheet->height);
	fputs("\">\n<title id=\"map-title\">", out);
	pen_string(out, m->title);
	fputs("</title>\n<desc id=\"map-desc\">", out);
	fprintf(out, "Data-flow map: %zu nodes in %zu zones, %zu arrows. ", m->n_nodes, m->n_zones,
	        m->n_edges);
	pen_string(out, m->period);
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
		static const struct pen_style empty = {14, "middle", "#323f4b", false};
		pen_words(out, sheet.width / 2, sheet.height / 2, &empty,
		          "Nothing was seen that this map asks for.");
	}
	fputs("<g transform=\"translate(", out);
	pen_pair(out, "", (sheet.width - m->width) / 2,
	         HEAD + fmax(0, (sheet.height - below - HEAD - 12 - m->height) / 2));
	fputs(")\">\n", out);
	figure_map(out, m);
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
