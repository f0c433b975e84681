#include "terrier/map/layout.h"

#include "map_fixture.h"
#include "unit.h"

#include <dlfcn.h>
#include <math.h>
#include <string.h>

struct box {
	double x, y, width, height; /* centre */
	const char *name;
};

static bool overlap(const struct box *a, const struct box *b)
{
	return fabs(a->x - b->x) * 2 < a->width + b->width - 0.1 &&
	       fabs(a->y - b->y) * 2 < a->height + b->height - 0.1;
}

/* No label covers another or a node, and no node another. */
static void check_overlaps(const struct map *m)
{
	struct box *boxes = calloc(m->n_nodes + m->n_edges + 1, sizeof *boxes);
	size_t n = 0;

	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct map_node *node = &m->nodes[i];
		boxes[n++] = (struct box){node->x, node->y, node->width, node->height, node->name};
	}
	for (size_t i = 0; i < m->n_edges; i++) {
		const struct map_edge *e = &m->edges[i];
		if (!e->is_label_shared) {
			boxes[n++] = (struct box){e->label_x, e->label_y, e->label_width,
			                          e->label_height, e->label};
		}
	}
	for (size_t i = 0; i < n; i++) {
		ck_assert_double_ge(boxes[i].x - boxes[i].width / 2, -0.1);
		ck_assert_double_ge(boxes[i].y - boxes[i].height / 2, -0.1);
		ck_assert_double_le(boxes[i].x + boxes[i].width / 2, m->width + 0.1);
		ck_assert_double_le(boxes[i].y + boxes[i].height / 2, m->height + 0.1);
		for (size_t k = i + 1; k < n; k++) {
			ck_assert_msg(!overlap(&boxes[i], &boxes[k]), "%s over %s", boxes[i].name,
			              boxes[k].name);
		}
	}
	free(boxes);
}

static void check_touches(struct map_point p, const struct box *b)
{
	ck_assert_msg(fabs(p.x - b->x) <= b->width / 2 + 2 && fabs(p.y - b->y) <= b->height / 2 + 2,
	              "%.1f %.1f misses %s", p.x, p.y, b->name);
}

/* Every arrow runs from its tail through its label to its head; every node stands in its zone. */
static void check_arrows(const struct map *m)
{
	for (size_t i = 0; i < m->n_edges; i++) {
		const struct map_edge *e = &m->edges[i];
		const struct map_node *a = &m->nodes[e->from], *b = &m->nodes[e->to];
		struct box label = {e->label_x, e->label_y, e->label_width, e->label_height,
		                    e->label};
		ck_assert_uint_eq(e->n_points % 3, 1);
		check_touches(e->points[0],
		              &(struct box){a->x, a->y, a->width, a->height, a->name});
		check_touches(e->points[e->n_points - 1],
		              &(struct box){b->x, b->y, b->width, b->height, b->name});
		check_touches(e->points[e->n_points_in - 1], &label);
		check_touches(e->points[e->n_points_in + 2], &label);
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct map_zone *z = &m->zones[m->nodes[i].zone];
		check_touches((struct map_point){m->nodes[i].x, m->nodes[i].y},
		              &(struct box){z->x + z->width / 2, z->y + z->height / 2, z->width,
		                            z->height, z->name});
	}
}

static bool is_same_label(const struct map_edge *a, const struct map_edge *b)
{
	return a->label_x == b->label_x && a->label_y == b->label_y;
}

static bool holds(const struct box *b, struct map_point p)
{
	return fabs(p.x - b->x) < b->width / 2 - 1 && fabs(p.y - b->y) < b->height / 2 - 1;
}

static struct map_point point_of_curve(const struct map_point *p, double t)
{
	double u = 1 - t, a = u * u * u, b = 3 * u * u * t, c = 3 * u * t * t, d = t * t * t;

	return (struct map_point){a * p[0].x + b * p[1].x + c * p[2].x + d * p[3].x,
	                          a * p[0].y + b * p[1].y + c * p[2].y + d * p[3].y};
}

/* How many labels and nodes the arrow runs through that are not its own. */
static size_t count_strangers(const struct map *m, const struct map_edge *e)
{
	size_t n = 0;

	for (size_t i = 0; i + 3 < e->n_points; i += 3) {
		for (int step = 0; step <= 20; step++) {
			struct map_point p = point_of_curve(e->points + i, step / 20.0);
			for (size_t k = 0; k < m->n_edges; k++) {
				const struct map_edge *o = &m->edges[k];
				n += !o->is_label_shared && !is_same_label(e, o) &&
				     holds(&(struct box){o->label_x, o->label_y, o->label_width,
				                         o->label_height, o->label},
				           p);
			}
			for (size_t k = 0; k < m->n_nodes; k++) {
				const struct map_node *o = &m->nodes[k];
				n += k != e->from && k != e->to &&
				     holds(&(struct box){o->x, o->y, o->width, o->height, o->name},
				           p);
			}
		}
	}
	return n;
}

static void check_strangers(const struct map *m)
{
	for (size_t i = 0; i < m->n_edges; i++) {
		size_t n = count_strangers(m, &m->edges[i]);
		ck_assert_msg(n == 0, "%s runs through what is not its own", m->edges[i].label);
	}
}

static void check_fixture(struct map_fixture *f, const struct map_layout_options *options,
                          bool is_all, int expected)
{
	struct map_input input = map_fixture_input(f);
	char *note;

	input.is_all = is_all;
	struct map *m = map_build(&input);
	ck_assert_int_eq(map_layout(m, options, &note), expected);
	ck_assert_int_eq(note != NULL, expected);
	ck_assert(m->is_placed);
	check_overlaps(m);
	check_arrows(m);
	if (expected == 0) {
		check_strangers(m);
	}
	free(note);
	map_free(m);
	map_fixture_free(f);
}

/* Enough where the place need not be the best. */
static const struct map_layout_options quick = {.rounds = 1};

START_TEST(the_lab_is_placed_without_overlaps)
{
	check_fixture(map_fixture_read(MAP_FIXTURE), NULL, false, 0);
}
END_TEST

START_TEST(the_whole_lab_is_placed_without_overlaps)
{
	check_fixture(map_fixture_read(MAP_FIXTURE), &quick, true, 0);
}
END_TEST

START_TEST(the_grid_places_the_lab_without_overlaps)
{
	check_fixture(map_fixture_read(MAP_FIXTURE), &(struct map_layout_options){.is_plain = true},
	              false, 1);
}
END_TEST

START_TEST(small_and_large_maps_are_placed)
{
	check_fixture(map_fixture_make(1, 1, 1), &quick, false, 0);
	check_fixture(map_fixture_make(3, 5, 2), &quick, false, 0);
	check_fixture(map_fixture_make(40, 300, 10), &quick, false, 0);
	check_fixture(map_fixture_make(100, 1000, 10), &quick, false, 0);
}
END_TEST

START_TEST(what_is_too_large_for_graphviz_stands_on_the_grid)
{
	check_fixture(map_fixture_make(100, 1000, 10), &quick, true, 1);
}
END_TEST

START_TEST(an_empty_map_needs_no_place)
{
	struct map_input input = {0};
	struct map *m = map_build(&input);
	char *note;

	ck_assert_int_eq(map_layout(m, NULL, &note), 0);
	ck_assert_ptr_null(note);
	map_free(m);
}
END_TEST

START_TEST(a_system_that_talks_to_itself_is_placed)
{
	struct map_fixture *f = map_fixture_make(1, 1, 1);
	for (size_t i = 0; i < f->n_rows; i++) {
		f->rows[i].destination = f->rows[i].source;
	}
	check_fixture(f, &quick, false, 0);
}
END_TEST

START_TEST(graphviz_out_of_time_leaves_the_grid_and_a_note)
{
	struct map_fixture *f = map_fixture_make(60, 300, 10);
	struct map_input input = map_fixture_input(f);
	struct map_layout_options options = {.limit_ms = 1};
	char *note;

	input.is_all = true;
	struct map *m = map_build(&input);
	ck_assert_int_eq(map_layout(m, &options, &note), 1);
	ck_assert_ptr_nonnull(strstr(note, "too long"));
	ck_assert_str_eq(m->notes[0], note);
	check_overlaps(m);
	free(note);
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(graphviz_out_of_memory_leaves_the_grid_and_a_note)
{
	/* The address sanitizer took its memory before the limit. */
	int expected = dlsym(RTLD_DEFAULT, "__asan_init") == NULL;

	check_fixture(map_fixture_read(MAP_FIXTURE),
	              &(struct map_layout_options){.limit_memory = 1}, false, expected);
}
END_TEST

START_TEST(the_same_map_is_placed_the_same)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);
	struct map *a = map_build(&input), *b = map_build(&input);
	char *note;

	map_layout(a, &quick, &note);
	map_layout(b, &quick, &note);
	for (size_t i = 0; i < a->n_edges; i++) {
		ck_assert_uint_eq(a->edges[i].n_points, b->edges[i].n_points);
		ck_assert_mem_eq(a->edges[i].points, b->edges[i].points,
		                 a->edges[i].n_points * sizeof(struct map_point));
	}
	map_free(a);
	map_free(b);
	map_fixture_free(f);
}
END_TEST

UNIT_MAIN("map_layout", the_lab_is_placed_without_overlaps,
          the_whole_lab_is_placed_without_overlaps, the_grid_places_the_lab_without_overlaps,
          small_and_large_maps_are_placed, what_is_too_large_for_graphviz_stands_on_the_grid,
          an_empty_map_needs_no_place, a_system_that_talks_to_itself_is_placed,
          graphviz_out_of_time_leaves_the_grid_and_a_note,
          graphviz_out_of_memory_leaves_the_grid_and_a_note, the_same_map_is_placed_the_same)
