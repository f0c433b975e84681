/* The drawing on the map's page: zones, systems, arrows and their labels, where the layout put
 * them. */
#include "terrier/export/figure.h"

#include "terrier/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ARROW_LONG 8.0

const struct figure_look figure_looks[TIER_UNKNOWN + 1] = {
        [TIER_0] = {"#6b6b6b", "N", "", "non-personal", 0.8},
        [TIER_1] = {"#857c3c", "P", "", "technical, possibly personal", 1.2},
        [TIER_2] = {"#b3600a", "P", "", "personal", 2.0},
        [TIER_3] = {"#971b1b", "S", "", "special category (health)", 3.0},
        [TIER_UNKNOWN] = {"#6a2c91", "U", "1.5 3.5", "unknown content", 2.0},
};

#define UNSEEN_DASH "7 5"

struct figure_look figure_look_of(enum tier tier, enum map_status status)
{
	struct figure_look look = figure_looks[tier];

	look.dash = status >= MAP_UNSEEN ? UNSEEN_DASH : look.dash;
	return look;
}

const char *figure_status(enum map_status status)
{
	static const char *const words[MAP_STATUSES] = {
	        [MAP_NO_STATUS] = "",
	        [MAP_DECLARED] = "declared and observed",
	        [MAP_UNDECLARED] = "observed, not declared",
	        [MAP_UNSEEN] = "declared, not observed",
	        [MAP_RETIRED] = "retired, not observed",
	};

	return words[status];
}

enum figure_mark figure_mark_of(enum map_status status, bool is_rejected)
{
	if (is_rejected) {
		return FIGURE_REJECTED;
	}
	if (status == MAP_UNDECLARED) {
		return FIGURE_WARNING;
	}
	return status == MAP_RETIRED ? FIGURE_RETIRED : FIGURE_NO_MARK;
}

static const char mark_line[] = "fill=\"#ffffff\" stroke=\"#000000\" stroke-width=\"1\"";
static const struct pen_style mark_letter = {8, "middle", "#000000", true};

/* A triangle that holds "!". */
static void put_warning(FILE *out, double x, double y, double side)
{
	fputs("<path d=\"", out);
	pen_pair(out, "M", x + side / 2, y);
	pen_pair(out, "L", x + side, y + side);
	pen_pair(out, "L", x, y + side);
	fprintf(out, "Z\" %s/>\n", mark_line);
	pen_words(out, x + side / 2, y + 9, &mark_letter, "!");
}

/* A disc that holds a cross. */
static void put_rejected(FILE *out, double x, double y, double side)
{
	double near = 2.8, far = side - near;

	fputs("<path d=\"", out);
	pen_pair(out, "M", x, y + side / 2);
	for (int i = 0; i < 2; i++) {
		pen_pair(out, "a", side / 2, side / 2);
		pen_pair(out, " 0 1 0 ", i == 0 ? side : -side, 0);
	}
	pen_pair(out, "ZM", x + near, y + near);
	pen_pair(out, "L", x + far, y + far);
	pen_pair(out, "M", x + far, y + near);
	pen_pair(out, "L", x + near, y + far);
	fprintf(out, "\" %s/>\n", mark_line);
}

void figure_mark(FILE *out, double x, double y, enum figure_mark mark)
{
	double side = MAP_CHIP - 3;

	switch (mark) {
	case FIGURE_NO_MARK:
		break;
	case FIGURE_WARNING:
		put_warning(out, x, y, side);
		break;
	case FIGURE_REJECTED:
		put_rejected(out, x, y, side);
		break;
	case FIGURE_RETIRED: /* a square that holds "R" */
		pen_rect(out, &(struct pen_frame){x, y, side, side}, 0, mark_line);
		pen_words(out, x + side / 2, y + 7.9, &mark_letter, "R");
		break;
	}
}

/* A frame without corners: the sign of a device. */
static void put_device(FILE *out, const struct pen_frame *f, const char *rest)
{
	double cut = 6, right = f->x + f->width, bottom = f->y + f->height;

	fputs("<path d=\"", out);
	pen_pair(out, "M", f->x + cut, f->y);
	pen_pair(out, "L", right - cut, f->y);
	pen_pair(out, "L", right, f->y + cut);
	pen_pair(out, "L", right, bottom - cut);
	pen_pair(out, "L", right - cut, bottom);
	pen_pair(out, "L", f->x + cut, bottom);
	pen_pair(out, "L", f->x, bottom - cut);
	pen_pair(out, "L", f->x, f->y + cut);
	fprintf(out, "Z\" %s/>\n", rest);
}

/* A cylinder: the sign of a store. */
static void put_store(FILE *out, const struct pen_frame *f, const char *rest)
{
	double right = f->x + f->width, bottom = f->y + f->height - 5, top = f->y + 5;

	fputs("<path d=\"", out);
	pen_pair(out, "M", f->x, top);
	pen_pair(out, "C", f->x, f->y - 1.7);
	pen_pair(out, " ", right, f->y - 1.7);
	pen_pair(out, " ", right, top);
	pen_pair(out, "L", right, bottom);
	pen_pair(out, "C", right, bottom + 6.7);
	pen_pair(out, " ", f->x, bottom + 6.7);
	pen_pair(out, " ", f->x, bottom);
	fputs("Z", out);
	pen_pair(out, "M", f->x, top);
	pen_pair(out, "C", f->x, top + 6.7);
	pen_pair(out, " ", right, top + 6.7);
	pen_pair(out, " ", right, top);
	fprintf(out, "\" %s/>\n", rest);
}

void figure_shape(FILE *out, enum map_shape shape, const struct pen_frame *f)
{
	static const char plain[] = "fill=\"#ffffff\" stroke=\"#1f2933\" stroke-width=\"1.2\"";

	switch (shape) {
	case MAP_SYSTEM:
		pen_rect(out, f, 6, plain);
		break;
	case MAP_STORE:
		put_store(out, f, plain);
		break;
	case MAP_SEVERAL:
		pen_rect(out, &(struct pen_frame){f->x + 3, f->y, f->width - 3, f->height - 3}, 6,
		         plain);
		pen_rect(out, &(struct pen_frame){f->x, f->y + 3, f->width - 3, f->height - 3}, 6,
		         plain);
		break;
	case MAP_OUTSIDE:
		pen_rect(out, f, 0, "fill=\"#e4e7eb\" stroke=\"#1f2933\" stroke-width=\"2\"");
		break;
	case MAP_DEVICE:
		put_device(out, f, plain);
		break;
	}
}

void figure_zone(FILE *out, const struct map_zone *z)
{
	struct pen_frame f = {z->x, z->y, z->width, z->height};

	pen_rect(out, &f, 4,
	         z->is_outside ? "fill=\"#fdf3e7\" stroke=\"#52606d\" stroke-width=\"1.4\" "
	                         "stroke-dasharray=\"2 3\""
	                       : "fill=\"#f3f6f9\" stroke=\"#52606d\" stroke-width=\"1\" "
	                         "stroke-dasharray=\"7 4\"");
}

/* Over the arrows that cross it, on a white edge. */
static void put_zone_name(FILE *out, const struct map_zone *z)
{
	static const struct pen_style style = {MAP_ZONE_SIZE, "start", "#3e4c59", true};

	fputs("<g stroke=\"#ffffff\" stroke-width=\"3\" stroke-linejoin=\"round\">", out);
	pen_words(out, z->x + 8, z->y + 15, &style, z->name);
	fputs("</g>\n", out);
	pen_words(out, z->x + 8, z->y + 15, &style, z->name);
}

const char *figure_shape_word(enum map_shape shape)
{
	static const char *const words[] = {"system", "data store", "folded systems",
	                                    "outside party", "medical device"};

	return words[shape];
}

static void put_node(FILE *out, const struct map *m, const struct map_node *n)
{
	static const struct pen_style name = {MAP_NAME_SIZE, "middle", "#000000", true};
	static const struct pen_style detail = {MAP_DETAIL_SIZE, "middle", "#323f4b", false};
	struct pen_frame f = {n->x - n->width / 2, n->y - n->height / 2, n->width, n->height};
	double y = n->y + MAP_NAME_SIZE * 0.36 + (n->shape == MAP_STORE ? 3 : 0);

	fprintf(out, "<g id=\"%s\" role=\"img\" aria-label=\"", n->id);
	pen_string(out, n->name);
	fprintf(out, ", %s in ", figure_shape_word(n->shape));
	pen_string(out, m->zones[n->zone].name);
	if (n->asset_id != NULL) {
		fputs("\" data-asset=\"", out);
		pen_string(out, n->asset_id);
	}
	fputs("\">\n", out);
	figure_shape(out, n->shape, &f);
	if (n->detail != NULL) {
		y -= MAP_DETAIL_SIZE * MAP_LEADING / 2;
		pen_words(out, n->x, y + MAP_DETAIL_SIZE * MAP_LEADING + 1, &detail, n->detail);
	}
	pen_words(out, n->x, y, &name, n->name);
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
                           const struct figure_look *look)
{
	struct map_point base = back_from(tip, before, ARROW_LONG + look->weight);
	double dx = (tip.x - base.x) * 0.42, dy = (tip.y - base.y) * 0.42;

	fputs("<path d=\"", out);
	pen_pair(out, "M", tip.x, tip.y);
	pen_pair(out, "L", base.x - dy, base.y + dx);
	pen_pair(out, "L", base.x + dy, base.y - dx);
	fprintf(out, "Z\" fill=\"%s\" stroke=\"none\"/>\n", look->colour);
}

static void put_curve(FILE *out, const struct map_point *p, size_t n, const char *colour,
                      double weight, const char *dash)
{
	fputs("<path d=\"", out);
	pen_pair(out, "M", p[0].x, p[0].y);
	for (size_t i = 1; i < n; i++) {
		pen_pair(out, i % 3 == 1 ? "C" : " ", p[i].x, p[i].y);
	}
	fprintf(out, "\" fill=\"none\" stroke=\"%s\"", colour);
	pen_attribute(out, "stroke-width", weight);
	if (dash[0] != '\0') {
		fprintf(out, " stroke-dasharray=\"%s\" stroke-linecap=\"round\"", dash);
	}
	fputs("/>\n", out);
}

/* Half an arrow, on a white edge that parts it from what it crosses. Heads are drawn where asked.
 */
void figure_half(FILE *out, const struct map_point *points, size_t n,
                 const struct figure_look *look, bool heads[2])
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
	const struct figure_look of = figure_look_of(e->tier, e->status), *look = &of;
	size_t behind = e->n_points_in + 2; /* where the half after the label begins */

	/* Within a node both halves run side by side, and one says as much. */
	if (!e->is_in_shared && e->from != e->to) {
		figure_half(out, e->points, e->n_points_in, look, (bool[2]){e->is_both, false});
	}
	if (!e->is_out_shared) {
		figure_half(out, e->points + behind, e->n_points - behind, look,
		            (bool[2]){false, true});
	}
}

void figure_lock(FILE *out, double x, double y)
{
	fputs("<path d=\"", out);
	pen_pair(out, "M", x, y - 3.6);
	fputs("h5.4v4.2h-5.4z\" fill=\"#1f2933\"/><path d=\"", out);
	pen_pair(out, "M", x + 1.1, y - 3.6);
	fputs("v-1.2a1.6 1.6 0 0 1 3.2 0v1.2\" fill=\"none\" stroke=\"#1f2933\" "
	      "stroke-width=\"0.9\"/>\n",
	      out);
}

void figure_chip(FILE *out, double x, double y, const struct figure_look *look)
{
	struct pen_style style = {8, "middle", "#ffffff", true};
	struct pen_frame f = {x, y, MAP_CHIP - 3, MAP_CHIP - 3};
	char *rest = mem_printf("fill=\"%s\"", look->colour);

	pen_rect(out, &f, 2, rest);
	pen_words(out, x + f.width / 2, y + 7.9, &style, look->letter);
	free(rest);
}

bool figure_is_locked(const struct map_edge *e)
{
	return e->was_encrypted && !e->was_clear;
}

/* Lines one below the other; returns where the next would stand. */
static double put_lines(FILE *out, double x, double y, const struct pen_style *style,
                        const char *text)
{
	for (const char *p = text; *p != '\0'; y += style->size * MAP_LEADING) {
		size_t n = strcspn(p, "\n");
		pen_line(out, x, y, style, p, n);
		p += p[n] == '\n' ? n + 1 : n;
	}
	return y;
}

static void put_label(FILE *out, const struct map_edge *e)
{
	static const struct pen_style kind = {MAP_LABEL_SIZE, "start", "#000000", false};
	static const struct pen_style method = {MAP_LABEL_SIZE, "start", "#3e4c59", false};
	const struct figure_look *look = &figure_looks[e->tier];
	struct pen_frame f = {e->label_x - e->label_width / 2, e->label_y - e->label_height / 2,
	                      e->label_width, e->label_height};
	double x = f.x + MAP_PAD + MAP_CHIP, y = f.y + MAP_PAD + MAP_LABEL_SIZE * 0.93;
	char *rest =
	        mem_printf("fill=\"#ffffff\" stroke=\"%s\" stroke-width=\"0.7\"%s", look->colour,
	                   e->status >= MAP_UNSEEN ? " stroke-dasharray=\"3 2\"" : "");

	pen_rect(out, &f, 5, rest);
	figure_chip(out, f.x + MAP_PAD - 1, f.y + MAP_PAD, look);
	figure_mark(out, f.x + MAP_PAD - 1, f.y + MAP_CHIP,
	            figure_mark_of(e->status, e->is_rejected));
	y = put_lines(out, x, y, &kind, e->label);
	if (figure_is_locked(e)) {
		figure_lock(out, x, y);
		x += MAP_LOCK;
	}
	put_lines(out, x, y, &method, e->method);
	free(rest);
}

/* The arrow in words, for who cannot see it or points at it. */
static void put_edge_words(FILE *out, const struct map *m, const struct map_edge *e)
{
	pen_string(out, m->nodes[e->from].name);
	fputs(e->is_both ? " to and from " : " to ", out);
	pen_string(out, m->nodes[e->to].name);
	fputs(": ", out);
	pen_string(out, e->label);
	fprintf(out, " (%s); ", figure_looks[e->tier].meaning);
	pen_string(out, e->method);
	fprintf(out, "; %" PRIu64 " connections, %" PRIu64 " messages, %" PRIu64 " bytes; ",
	        e->connections, e->messages, e->bytes);
	if (e->status != MAP_NO_STATUS) {
		fprintf(out, "%s%s; ", figure_status(e->status),
		        e->is_rejected ? ", " FIGURE_REJECTED_WORDS : "");
	}
	pen_string(out, e->ids);
}

static void put_edge(FILE *out, const struct map *m, const struct map_edge *e, size_t index)
{
	fprintf(out, "<g id=\"arrow-%zu\" role=\"img\" aria-label=\"", index + 1);
	put_edge_words(out, m, e);
	if (e->status != MAP_NO_STATUS) {
		fputs("\" data-flows=\"", out);
		pen_string(out, e->ids);
	}
	fputs("\"><title>", out);
	put_edge_words(out, m, e);
	fputs("</title>\n", out);
	put_arrow(out, e);
	fputs("</g>\n", out);
}

void figure_map(FILE *out, const struct map *m)
{
	for (size_t i = 0; i < m->n_zones; i++) {
		figure_zone(out, &m->zones[i]);
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
