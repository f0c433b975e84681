/* The formats that people edit: draw.io, GraphML, Mermaid. test_formats.py reads the same golden
 * files as XML. */
#include "terrier/export.h"

#include "map_draw.h"
#include "unit.h"

#include "terrier/base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LONG_NAME 10000

/* Two zones, every shape, arrows of every look and both ways, and names that would be markup
 * elsewhere. Each test is a process of its own and may change them. */
static struct map_zone zones[] = {{(char[]){"Wards [1] \"A\""}, false, 10, 10, 200, 180},
                                  {(char[]){"Outside"}, true, 300, 10, 150, 180}};
static struct map_node nodes[] = {
        {.id = (char[]){"H-1"}, .name = (char[]){"<script>alert('1')</script>"}, .shape = MAP_SYSTEM,
         .x = 60, .y = 50, .width = 80, .height = 30},
        {.id = (char[]){"H-2"}, .name = (char[]){"pacs.trust.example"}, .detail = (char[]){"10.77.1.30"},
         .shape = MAP_STORE, .x = 160, .y = 50, .width = 80, .height = 30},
        {.id = (char[]){"H-3"}, .name = (char[]){"Clients"}, .detail = (char[]){"+ 212 clients"},
         .shape = MAP_SEVERAL, .x = 60, .y = 150, .width = 80, .height = 30},
        {.id = (char[]){"H-4"},
         .name = (char[]){"\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x8f\xa5 a\x01\x0b-b\xef\xbf\xbe"},
         .shape = MAP_OUTSIDE, .zone = 1, .x = 370, .y = 50, .width = 80, .height = 30},
        {.id = (char[]){"H-5"}, .name = (char[]){"1. www.x ;`]\"--> %%{init: {}}%% #amp; & end"},
         .shape = MAP_OUTSIDE, .zone = 1, .x = 370, .y = 150, .width = 80, .height = 30}};
static struct map_edge edges[] = {
        {.from = 0, .to = 1, .tier = TIER_3, .label = (char[]){"Medical images;\nReports"}},
        {.from = 1, .to = 2, .tier = TIER_2, .label = (char[]){"Staff"}, .is_both = true},
        {.from = 2, .to = 3, .tier = TIER_UNKNOWN, .label = (char[]){"Encrypted (?)"}},
        {.from = 3, .to = 4, .tier = TIER_1, .label = (char[]){"|\"--> <br/> $$x$$"}},
        {.from = 4, .to = 0, .tier = TIER_0, .label = (char[]){""}},
        {.from = 0, .to = 1, .tier = TIER_3, .label = (char[]){"Orders"}}};
static char *notes[] = {(char[]){"Shows what crossed the watched points."},
                        (char[]){"Not drawn: 3 systems -->\" ]] `x` %%{init: {}}%% <b>."}};
static char *methods[] = {(char[]){"TLS, encrypted"}, (char[]){"HL7v2, clear"}};
static char ids[] = "X-1; X-2";
static const struct map all = {.title = (char[]){"Data flows of <St Example's>"},
                               .scope = (char[]){"Systems by zone"},
                               .period = (char[]){"2026-11-14 to 2026-11-21"},
                               .coverage = (char[]){"1 sensor\nno gaps"},
                               .marking = (char[]){"OFFICIAL-SENSITIVE"},
                               .notes = notes,
                               .n_notes = 2,
                               .zones = zones,
                               .n_zones = 2,
                               .nodes = nodes,
                               .n_nodes = 5,
                               .edges = edges,
                               .n_edges = 6,
                               .width = 460,
                               .height = 200,
                               .is_placed = true};
static struct map_point ways[6][10];

/* A curve of three parts with the label in the middle one. */
static void bend(struct map_edge *e, size_t index, double from_x, double from_y, double to_x,
                 double to_y)
{
	e->points = ways[index];
	e->n_points = 10;
	e->n_points_in = 4;
	for (int i = 0; i < 10; i++) {
		e->points[i] = (struct map_point){from_x + (to_x - from_x) * i / 9,
		                                  from_y + (to_y - from_y) * i / 9};
	}
	e->label_x = (from_x + to_x) / 2;
	e->label_y = (from_y + to_y) / 2;
	e->label_width = 80;
	e->label_height = 24;
}

static struct map small(void)
{
	for (size_t i = 0; i < all.n_edges; i++) {
		struct map_edge *e = &edges[i];

		e->method = methods[i % 2];
		e->ids = ids;
		e->was_clear = i % 2;
		e->was_encrypted = !e->was_clear;
		e->connections = i;
		e->messages = 10 * i;
		e->bytes = 1000 * i;
		bend(e, i, nodes[e->from].x + 40, nodes[e->from].y, nodes[e->to].x - 40,
		     nodes[e->to].y);
	}
	return all;
}

/* The file as it was looked at and found good. With GOLDEN_WRITE set it is written anew, to be
 * looked at. */
static char *golden(const char *format, const char *made)
{
	char *path = mem_printf("%s/small%s", MAP_FOLDER, export_find(format)->suffix), *text;
	FILE *f;

	if (getenv("GOLDEN_WRITE") != NULL) {
		f = fopen(path, "w");
		ck_assert_msg(f != NULL && fputs(made, f) >= 0 && fclose(f) == 0, "%s", path);
	}
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	text = mem_zalloc(1, 100000);
	ck_assert_uint_lt(fread(text, 1, 99999, f), 99999);
	fclose(f);
	free(path);
	return text;
}

static void check_golden(const char *format)
{
	struct map m = small();
	size_t len;

	char *made = draw(format, &m, &len), *wanted = golden(format, made);
	ck_assert_uint_eq(strlen(made), len);
	for (len = 0; made[len] != '\0' && made[len] == wanted[len]; len++) {
	}
	ck_assert_msg(made[len] == wanted[len], "another %s from octet %zu: %.200s", format, len,
	              made + len);
	free(wanted);
	free(made);
}

START_TEST(a_drawio_page_is_as_it_was_found_good)
{
	check_golden("drawio");
}
END_TEST

START_TEST(a_graphml_graph_is_as_it_was_found_good)
{
	check_golden("graphml");
}
END_TEST

START_TEST(a_mermaid_flowchart_is_as_it_was_found_good)
{
	check_golden("mermaid");
}
END_TEST

START_TEST(every_box_and_arrow_of_the_map_is_in_every_format)
{
	struct map *m = lab();
	size_t len, boxes = m->n_nodes + m->n_zones;
	char *drawio = draw("drawio", m, &len);

	ck_assert_uint_eq(count(drawio, " edge=\"1\""), m->n_edges);
	ck_assert_uint_eq(count(drawio, "id=\"H-"), m->n_nodes);
	ck_assert_uint_eq(count(drawio, "id=\"zone-"), m->n_zones);
	ck_assert_uint_eq(count(drawio, ">OFFICIAL-SENSITIVE<") +
	                          count(drawio, "value=\"OFFICIAL-SENSITIVE\""),
	                  2);
	free(drawio);
	char *graphml = draw("graphml", m, &len);
	ck_assert_uint_eq(count(graphml, "<edge "), m->n_edges);
	ck_assert_uint_eq(count(graphml, "<node "), boxes);
	free(graphml);
	char *mermaid = draw("mermaid", m, &len);
	ck_assert_uint_eq(count(mermaid, "linkStyle "), m->n_edges);
	ck_assert_uint_eq(count(mermaid, "subgraph zone"), m->n_zones);
	ck_assert_uint_eq(count(mermaid, "\t\tn"), m->n_nodes);
	free(mermaid);
	map_free(m);
}
END_TEST

START_TEST(the_key_of_the_page_shows_only_what_is_on_it)
{
	struct map m = small();
	size_t len;

	m.n_edges = 1;
	m.n_nodes = 2;
	m.n_zones = 1;
	char *drawio = draw("drawio", &m, &len), *mermaid = draw("mermaid", &m, &len);
	ck_assert_ptr_nonnull(strstr(drawio, "\"S: special category"));
	ck_assert_ptr_null(strstr(drawio, "U: unknown"));
	ck_assert_ptr_nonnull(strstr(drawio, "value=\"data store\""));
	ck_assert_ptr_null(strstr(drawio, "value=\"outside party\""));
	ck_assert_ptr_null(strstr(drawio, "low confidence"));
	ck_assert_ptr_nonnull(strstr(mermaid, "\"S: special category"));
	ck_assert_ptr_null(strstr(mermaid, "unknown content"));
	free(drawio);
	free(mermaid);
}
END_TEST

START_TEST(a_name_of_any_length_stays_a_name)
{
	static char name[LONG_NAME + 1];
	static const char *const formats[] = {"drawio", "graphml", "mermaid"};
	struct map m = small();
	size_t len;

	memset(name, 'W', LONG_NAME);
	nodes[0].name = m.title = edges[0].label = zones[0].name = name;
	for (int i = 0; i < 3; i++) {
		char *text = draw(formats[i], &m, &len);
		ck_assert_msg(count(text, name) >= 3, "%s", formats[i]);
		free(text);
	}
}
END_TEST

START_TEST(a_map_of_nothing_says_so)
{
	struct map_input input = {0};
	struct map *m = place(&input);
	size_t len;
	char *drawio = draw("drawio", m, &len), *mermaid = draw("mermaid", m, &len),
	     *graphml = draw("graphml", m, &len);

	ck_assert_ptr_nonnull(strstr(drawio, "Nothing was seen"));
	ck_assert_ptr_nonnull(strstr(mermaid, "Nothing was seen"));
	ck_assert_ptr_null(strstr(mermaid, "Key"));
	ck_assert_ptr_nonnull(strstr(graphml, "<graph id=\"map\" edgedefault=\"directed\">"));
	free(drawio);
	free(mermaid);
	free(graphml);
	map_free(m);
}
END_TEST

START_TEST(only_a_page_needs_places)
{
	struct map m = small();
	struct export_options options = {0};
	char *error = NULL, *text = NULL;
	size_t len;

	m.is_placed = false;
	FILE *out = open_memstream(&text, &len);
	ck_assert_int_eq(export_find("drawio")->write_map(&m, &options, out, &error), -1);
	ck_assert_ptr_nonnull(strstr(error, "not placed"));
	fclose(out);
	free(text);
	free(error);
	char *graphml = draw("graphml", &m, &len);
	ck_assert_ptr_null(strstr(graphml, "<data key=\"x\">"));
	free(graphml);
}
END_TEST

UNIT_MAIN("export_edit", a_drawio_page_is_as_it_was_found_good,
          a_graphml_graph_is_as_it_was_found_good, a_mermaid_flowchart_is_as_it_was_found_good,
          every_box_and_arrow_of_the_map_is_in_every_format,
          the_key_of_the_page_shows_only_what_is_on_it, a_name_of_any_length_stays_a_name,
          a_map_of_nothing_says_so, only_a_page_needs_places)
