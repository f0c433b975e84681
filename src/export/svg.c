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
#define GAP       10.0 /* below the drawing */
#define SCALE_MAX 1.6
#define FOOT_SIZE 8.0
#define FOOT_GAP  20.0 /* between columns */
#define KEY_LINE  18.0

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
	static const char *const words[] = {
	        "system", "data store (files, databases, images, backups)",
	        "several systems drawn as one", "outside party", "medical device"};
	bool used[MAP_SHAPES] = {false}, zones[2] = {false};

	for (size_t i = 0; i < m->n_nodes; i++) {
		used[m->nodes[i].shape] = true;
		zones[m->zones[m->nodes[i].zone].is_outside] = true;
	}
	for (int i = 0; i < MAP_SHAPES; i++) {
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

/* A stretch of an arrow of this status, in no tier's colour, with its sign. */
static void key_status(struct key *key, enum map_status status)
{
	const struct figure_look look = {"#1f2933", "", figure_look_of(TIER_0, status).dash, "",
	                                 1.6};
	enum figure_mark mark = figure_mark_of(status, false);
	double x = key_room(key, mark != FIGURE_NO_MARK ? 46 : 34, figure_status(status));

	if (key->out != NULL) {
		struct map_point p[4] = {
		        {x, key->y}, {x + 12, key->y}, {x + 22, key->y}, {x + 32, key->y}};
		figure_half(key->out, p, 4, &look, (bool[2]){false, true});
		figure_mark(key->out, x + 36, key->y - 5, mark);
	}
}

/* Lines and signs of what the register says. A rejected arrow has the sign of that instead. */
static void key_register(struct key *key, const struct map *m)
{
	bool used[MAP_STATUSES] = {false}, is_rejected = false;

	for (size_t i = 0; i < m->n_edges; i++) {
		const struct map_edge *e = &m->edges[i];
		used[e->status] |=
		        !e->is_rejected || figure_mark_of(e->status, false) == FIGURE_NO_MARK;
		is_rejected |= e->is_rejected;
	}
	if (m->n_edges > 0 && !used[MAP_NO_STATUS]) {
		key->x = key->left;
		key->y += KEY_LINE;
	}
	for (int i = MAP_DECLARED; i < MAP_STATUSES; i++) {
		if (used[i]) {
			key_status(key, (enum map_status)i);
		}
	}
	if (is_rejected) {
		double x = key_room(key, 10, FIGURE_REJECTED_WORDS);
		if (key->out != NULL) {
			figure_mark(key->out, x, key->y - 5, FIGURE_REJECTED);
		}
	}
}

/* Draws the key inside `f` and returns where it ends. */
static double put_key(FILE *out, const struct map *m, const struct pen_frame *f)
{
	struct key key = {out, f->x, f->y, f->x, f->x + f->width};

	key_shapes(&key, m);
	if (m->n_edges > 0) {
		key.x = key.left;
		key.y += KEY_LINE;
	}
	key_arrows(&key, m);
	key_register(&key, m);
	return key.y + KEY_LINE;
}

/* A column of the foot, `share` of the page wide, and its heading. Returns the frame below it. */
static struct pen_frame put_column(FILE *out, double *x, double y, double share,
                                   const char *heading)
{
	static const struct pen_style style = {FOOT_SIZE + 1, "start", "#000000", true};
	struct pen_frame f = {*x, y + 24, share - FOOT_GAP, 0};

	if (out != NULL) {
		pen_words(out, *x, y + 10, &style, heading);
	}
	*x += share;
	return f;
}

/* Who answers for the page: what is known, and lines for what people write. */
static double put_control(FILE *out, const struct map *m, const struct pen_frame *f)
{
	struct pen_frame line = *f;

	for (size_t i = 0; i < m->n_control; i++) {
		const char *text = m->control[i];
		size_t len = strlen(text);
		bool is_blank = len > 0 && text[len - 1] == ':';
		double width = glyph_width(text, len, FOOT_SIZE, false) + 4;
		line.y += is_blank ? 6 : 0;
		if (is_blank && out != NULL && width < f->width) {
			pen_rect(out,
			         &(struct pen_frame){f->x + width, line.y + 2, f->width - width,
			                             0.7},
			         0, "fill=\"#1f2933\"");
		}
		line.y = pen_paragraph(out, &line, &key_style, text);
	}
	return line.y;
}

/* Three columns, or four: the key, who answers for the page, what was covered, and all that the
 * reader must know about this page. */
static double put_foot(FILE *out, const struct map *m, double width, double y)
{
	double x = MARGIN, all = width - 2 * MARGIN + FOOT_GAP, end = y;
	bool is_four = m->n_control > 0;

	if (m->n_nodes > 0) {
		struct pen_frame f = put_column(out, &x, y, all * (is_four ? 0.3 : 0.34), "Key");
		end = put_key(out, m, &f);
	}
	if (is_four) {
		struct pen_frame f = put_column(out, &x, y, all * 0.24, "Document");
		end = fmax(end, put_control(out, m, &f));
	}
	struct pen_frame coverage =
	        put_column(out, &x, y, all * (is_four ? 0.16 : 0.22), "Coverage");
	coverage.y = pen_paragraph(out, &coverage, &key_style,
	                           m->coverage != NULL ? m->coverage
	                                               : "No figures on coverage were given.");
	struct pen_frame notes = put_column(out, &x, y, MARGIN + all - x, "Notes and limits");
	for (size_t i = 0; i < m->n_notes; i++) {
		notes.y = pen_paragraph(out, &notes, &key_style, m->notes[i]);
	}
	return fmax(end, fmax(coverage.y, notes.y));
}

static void put_marking(FILE *out, const struct map *m, double width, double y)
{
	static const struct pen_style style = {11, "middle", "#000000", true};

	if (m->marking != NULL) {
		pen_words(out, width / 2, y, &style, m->marking);
	}
}

/* What of, drawn how and for whom, and when. Returns where it ends. */
static double put_head(FILE *out, const struct map *m, double width)
{
	static const struct pen_style title = {18, "start", "#000000", true};
	static const struct pen_style line = {10, "start", "#323f4b", false};
	struct pen_frame f = {MARGIN, 40, width - 2 * MARGIN, 0};

	f.y = pen_paragraph(out, &f, &title, m->title) - 8;
	f.y = pen_paragraph(out, &f, &line, m->scope);
	f.y = m->period != NULL ? pen_paragraph(out, &f, &line, m->period) : f.y;
	return f.y - 2;
}

struct sheet {
	const char *name;
	double width, height;
	double scale;        /* of the drawing */
	double above, below; /* heights of head and foot */
};

/* The sheet of this size with the drawing as large as it allows. */
static struct sheet fit_sheet(const struct map *m, const char *name, double width, double height)
{
	struct sheet s = {name,
	                  width,
	                  height,
	                  SCALE_MAX,
	                  put_head(NULL, m, width),
	                  put_foot(NULL, m, width, 0) + 26};

	if (m->n_nodes > 0) {
		s.scale = fmin(s.scale, (width - 2 * MARGIN) / m->width);
		s.scale = fmin(s.scale, (height - s.above - GAP - s.below) / m->height);
	}
	return s;
}

/* The smallest ISO 216 sheet from A4 up, lying or standing, that holds the drawing at full size or
 * larger; beyond A0 one of its own. */
static struct sheet choose_sheet(const struct map *m)
{
	static const char *const names[] = {"A4", "A3", "A2", "A1", "A0"};
	static const double sides[] = {595.3, 841.9, 1190.6, 1683.8, 2383.9, 3370.4};

	for (size_t i = 0; i + 1 < sizeof sides / sizeof sides[0]; i++) {
		struct sheet lying = fit_sheet(m, names[i], sides[i + 1], sides[i]);
		struct sheet standing = fit_sheet(m, names[i], sides[i], sides[i + 1]);
		if (fmax(lying.scale, standing.scale) >= 1) {
			return lying.scale >= standing.scale ? lying : standing;
		}
	}
	double width = fmax(m->width + 2 * MARGIN, sides[2]);
	struct sheet s = fit_sheet(m, "", width, 0);
	return fit_sheet(m, "larger than A0", width, s.above + m->height + GAP + s.below);
}

/* Who prints it smaller must know that the text shrinks too. */
static void put_sheet_name(FILE *out, const struct sheet *sheet)
{
	char *text = mem_printf("Sheet: %s, smallest text 8 pt at that size", sheet->name);

	pen_words(out, MARGIN, sheet->height - 10, &key_style, text);
	free(text);
}

/* The drawing in a coordinate system of its own, in the middle under the head. Returns where it
 * ends. */
static double put_drawing(FILE *out, const struct map *m, const struct sheet *sheet)
{
	double width = m->width * sheet->scale, height = m->height * sheet->scale;

	fputs("<svg overflow=\"visible\"", out);
	pen_attribute(out, "x", (sheet->width - width) / 2);
	pen_attribute(out, "y", sheet->above);
	pen_attribute(out, "width", width);
	pen_attribute(out, "height", height);
	fputs(" viewBox=\"0 0 ", out);
	pen_pair(out, "", m->width, m->height);
	fputs("\">\n", out);
	figure_map(out, m);
	fputs("</svg>\n", out);
	return sheet->above + height;
}

/* Returns where it ends. */
static double put_emptiness(FILE *out, const struct sheet *sheet)
{
	static const struct pen_style style = {14, "middle", "#323f4b", false};
	double middle = (sheet->above + sheet->height - sheet->below) / 2;

	pen_words(out, sheet->width / 2, middle, &style,
	          "Nothing was seen that this map asks for.");
	return sheet->height - sheet->below - GAP;
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
	pen_string(out, m->scope);
	fputs("; ", out);
	pen_string(out, m->period);
	fputs("</desc>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n", out);
}

int svg_write_page(const struct map *m, FILE *out, char **error)
{
	if (m->n_nodes > 0 && !m->is_placed) {
		*error = mem_strdup("map: not placed: lay it out before drawing it");
		return -1;
	}
	struct sheet sheet = choose_sheet(m);
	put_root(out, m, &sheet);
	put_marking(out, m, sheet.width, 18);
	put_head(out, m, sheet.width);
	double end = m->n_nodes > 0 ? put_drawing(out, m, &sheet) : put_emptiness(out, &sheet);
	put_foot(out, m, sheet.width, end + GAP);
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
        .write_plot = svg_write_plot,
};
