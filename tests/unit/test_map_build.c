#include "terrier/map/build.h"

#include "map_fixture.h"
#include "unit.h"

#include "terrier/base/mem.h"
#include "terrier/export.h"

#include <stdio.h>
#include <string.h>

/* All that the map says, as text. */
static char *text_of(const struct map_input *input)
{
	struct map *m = map_build(input);
	struct export_options options = {0};
	char *text = NULL, *error = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_int_eq(export_find("dot")->write_map(m, &options, out, &error), 0);
	fclose(out);
	map_free(m);
	return text;
}

static struct map_end host(const char *address, const char *name, const char *zone)
{
	struct map_end end = {.address = address, .name = name, .zone = zone, .is_inside = true};

	end.is_party = !addr_parse(address, &end.addr);
	return end;
}

static struct map_row row(struct map_end from, struct map_end to)
{
	return (struct map_row){
	        .exchange_id = "X-1",
	        .source = from,
	        .destination = to,
	        .kind_id = "lab.result",
	        .kind_title = "Laboratory results",
	        .kind_group = "clinical",
	        .tier = TIER_3,
	        .confidence = CONFIDENCE_HIGH,
	        .protocol = "HL7v2",
	        .transport = "tcp",
	        .server_port = 2575,
	        .was_clear = true,
	        .connections = 1,
	};
}

static struct map *build(const struct map_row *rows, size_t n)
{
	struct map_input input = {.rows = rows, .n_rows = n};

	return map_build(&input);
}

static bool says(const struct map *m, const char *what)
{
	for (size_t i = 0; i < m->n_notes; i++) {
		if (strstr(m->notes[i], what) != NULL) {
			return true;
		}
	}
	return false;
}

START_TEST(the_order_of_the_rows_does_not_matter)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);
	char *first = text_of(&input);

	for (unsigned seed = 1; seed < 6; seed++) {
		unsigned x = seed;
		for (size_t i = f->n_rows; i > 1; i--) {
			x = x * 1103515245 + 12345;
			size_t k = (x >> 8) % i;
			struct map_row swap = f->rows[i - 1];
			f->rows[i - 1] = f->rows[k];
			f->rows[k] = swap;
		}
		char *again = text_of(&input);
		ck_assert_str_eq(first, again);
		free(again);
	}
	free(first);
	map_fixture_free(f);
}
END_TEST

START_TEST(no_rows_give_an_empty_map)
{
	struct map *m = build(NULL, 0);

	ck_assert_uint_eq(m->n_nodes, 0);
	ck_assert_uint_eq(m->n_edges, 0);
	ck_assert_str_eq(m->marking, "OFFICIAL-SENSITIVE");
	map_free(m);
}
END_TEST

START_TEST(exchanges_of_one_group_share_an_arrow_and_clear_parts_from_encrypted)
{
	struct map_end a = host("10.0.0.1", "lims", "Lab"), b = host("10.0.0.2", "epr", "Lab");
	struct map_row rows[4] = {row(a, b), row(a, b), row(a, b), row(b, a)};

	rows[1].kind_id = rows[1].kind_title = "Orders";
	rows[1].exchange_id = "X-2";
	rows[1].protocol = "FHIR";
	rows[2].was_clear = false;
	rows[2].was_encrypted = true;
	struct map *m = build(rows, 4);
	ck_assert_uint_eq(m->n_nodes, 2);
	ck_assert_uint_eq(m->n_edges, 3);
	ck_assert_str_eq(m->edges[0].label, "Laboratory results;\nOrders");
	ck_assert_str_eq(m->edges[0].method, "FHIR, HL7v2, clear");
	ck_assert_str_eq(m->edges[0].ids, "X-1; X-2");
	ck_assert_uint_eq(m->edges[0].connections, 2);
	map_free(m);
}
END_TEST

START_TEST(many_kinds_are_cut_with_their_number)
{
	static const char *const kinds[] = {"A", "B", "C", "D", "E"};
	struct map_row rows[5];

	for (int i = 0; i < 5; i++) {
		rows[i] = row(host("10.0.0.1", "a", "Z"), host("10.0.0.2", "b", "Z"));
		rows[i].kind_id = rows[i].kind_title = kinds[i];
	}
	struct map *m = build(rows, 5);
	ck_assert_str_eq(m->edges[0].label, "A;\nB;\nC;\n+ 2 more");
	map_free(m);
	m = build(rows, 4);
	ck_assert_str_eq(m->edges[0].label, "A;\nB;\nC;\nD");
	map_free(m);
}
END_TEST

START_TEST(unknown_content_stands_above_harmless)
{
	struct map_end a = host("10.0.0.1", "a", "Z"), b = host("10.0.0.2", "b", "Z");
	struct map_row rows[2] = {row(a, b), row(a, b)};

	rows[0].tier = TIER_1;
	rows[1].tier = TIER_UNKNOWN;
	struct map *m = build(rows, 2);
	ck_assert_int_eq(m->edges[0].tier, TIER_UNKNOWN);
	map_free(m);
}
END_TEST

START_TEST(a_guess_is_marked)
{
	struct map_row r = row(host("10.0.0.1", "a", "Z"), host("10.0.0.2", "b", "Z"));

	r.confidence = CONFIDENCE_LOW;
	struct map *m = build(&r, 1);
	ck_assert_ptr_nonnull(strstr(m->edges[0].label, "(?)"));
	map_free(m);
}
END_TEST

START_TEST(servers_of_files_are_stores_and_outside_parties_stand_outside)
{
	struct map_end store = host("10.0.0.2", "fs01", "Z"),
	               out = host("[gp.example]", "gp.example", NULL);
	out.is_inside = false;
	struct map_row rows[2] = {row(host("10.0.0.1", "pc", "Z"), store), row(store, out)};

	rows[0].kind_id = "inf.fileshare";
	struct map *m = build(rows, 2);
	ck_assert_uint_eq(m->n_nodes, 3);
	ck_assert_int_eq(m->nodes[0].shape, MAP_SYSTEM);
	ck_assert_int_eq(m->nodes[1].shape, MAP_STORE);
	ck_assert_int_eq(m->nodes[2].shape, MAP_OUTSIDE);
	ck_assert(m->zones[m->nodes[2].zone].is_outside);
	ck_assert(!m->zones[m->nodes[0].zone].is_outside);
	map_free(m);
}
END_TEST

START_TEST(images_are_kept_where_they_are_brought_unless_it_asked_for_them)
{
	struct map_end pacs = host("10.0.0.1", "pacs", "Z"), ct = host("10.0.0.2", "ct", "Z"),
	               ward = host("10.0.0.3", "ward", "Z");
	struct map_row rows[] = {row(ct, pacs), row(pacs, ward), row(pacs, ward)};

	for (int i = 0; i < 3; i++) {
		rows[i].kind_id = "img.study";
		rows[i].kind_group = "imaging";
	}
	struct map *m = build(rows, 2);
	ck_assert_int_eq(m->nodes[0].shape, MAP_STORE);
	ck_assert_int_eq(m->nodes[1].shape, MAP_SYSTEM);
	ck_assert_int_eq(m->nodes[2].shape, MAP_STORE);
	map_free(m);
	rows[2].kind_id = "img.query";
	rows[2].source_is_server = true;
	m = build(rows, 3);
	ck_assert_int_eq(m->nodes[0].shape, MAP_STORE);
	ck_assert_int_eq(m->nodes[2].shape, MAP_SYSTEM);
	map_free(m);
}
END_TEST

START_TEST(upkeep_of_a_large_map_is_left_out_and_counted)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);
	struct map *m = map_build(&input);

	ck_assert(says(m, "Not drawn: 9 flows of the network's upkeep"));
	ck_assert(says(m, "Name resolution"));
	for (size_t i = 0; i < m->n_edges; i++) {
		ck_assert_ptr_null(strstr(m->edges[i].label, "Name resolution"));
	}
	map_free(m);

	input.is_all = true;
	m = map_build(&input);
	ck_assert(!says(m, "Not drawn"));
	uint64_t connections = 0, drawn = 0;
	for (size_t i = 0; i < f->n_rows; i++) {
		connections += f->rows[i].connections;
	}
	for (size_t i = 0; i < m->n_edges; i++) {
		drawn += m->edges[i].connections;
	}
	ck_assert_uint_eq(connections, drawn);
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(clients_of_a_large_map_fold_by_zone)
{
	struct map_fixture *f = map_fixture_make(20, 300, 10);
	struct map_input input = map_fixture_input(f);
	struct map *m = map_build(&input);
	size_t folds = 0;

	for (size_t i = 0; i < m->n_nodes; i++) {
		folds += m->nodes[i].shape == MAP_SEVERAL;
	}
	ck_assert_uint_le(m->n_nodes, 40);
	ck_assert_uint_eq(folds, 10);
	ck_assert(says(m, "Folded by zone"));
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(a_top_keeps_the_most_sensitive_and_says_what_it_cut)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);

	input.top = 5;
	struct map *m = map_build(&input);
	ck_assert_uint_eq(m->n_edges, 5);
	ck_assert(says(m, "Not drawn: 69 of 74 arrows"));
	for (size_t i = 0; i < m->n_edges; i++) {
		ck_assert_int_eq(m->edges[i].tier, TIER_3);
		ck_assert_uint_lt(m->edges[i].from, m->n_nodes);
		ck_assert_uint_lt(m->nodes[m->edges[i].to].zone, m->n_zones);
	}
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(a_focus_shows_one_system_and_its_partners)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);

	input.focus = "pacs";
	struct map *m = map_build(&input);
	ck_assert_uint_gt(m->n_edges, 3);
	for (size_t i = 0; i < m->n_edges; i++) {
		ck_assert(strcmp(m->nodes[m->edges[i].from].name, "pacs") == 0 ||
		          strcmp(m->nodes[m->edges[i].to].name, "pacs") == 0);
	}
	map_free(m);
	input.focus = "nobody";
	m = map_build(&input);
	ck_assert_uint_eq(m->n_nodes, 0);
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(the_public_view_names_no_system_and_no_address)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);

	input.view = MAP_VIEW_PUBLIC;
	input.notes = NULL;
	input.n_notes = 0;
	char *text = text_of(&input);
	ck_assert_ptr_null(strstr(text, "10.77"));
	ck_assert_ptr_null(strstr(text, "X-"));
	for (size_t i = 0; i < f->n_rows; i++) {
		char *quoted = mem_printf("\"%s\"", f->rows[i].source.name);
		ck_assert_msg(strstr(text, quoted) == NULL, "%s", quoted);
		free(quoted);
	}
	ck_assert_ptr_nonnull(strstr(text, "Outside parties"));
	free(text);
	map_fixture_free(f);
}
END_TEST

START_TEST(the_public_view_tells_no_outside_party_either)
{
	struct map_end out = host("[gp.example]", "gp.example", NULL);
	out.is_inside = false;
	struct map_row only = row(host("10.0.0.1", "pc", "Z"), out);
	struct map_input input = {.rows = &only, .n_rows = 1, .view = MAP_VIEW_PUBLIC};
	char *text = text_of(&input);

	ck_assert_ptr_null(strstr(text, "gp.example"));
	ck_assert_ptr_null(strstr(text, "pc"));
	free(text);
}
END_TEST

/* Room is made by folding clients, and a fold of one unfolded: but not what the view forbids. */
START_TEST(what_a_view_folds_stays_folded_however_large_the_map)
{
	struct map_fixture *f = map_fixture_make(60, 300, 60);
	struct map_input input = map_fixture_input(f);

	input.view = MAP_VIEW_PUBLIC;
	for (size_t i = 0; i < f->n_rows; i++) {
		f->rows[i].source.zone = NULL;
		f->rows[i].source.is_inside = i % 60 != 0;
	}
	char *text = text_of(&input);
	ck_assert_ptr_null(strstr(text, "\"pc"));
	ck_assert_ptr_null(strstr(text, "\"server"));
	ck_assert_ptr_null(strstr(text, "\"10."));
	free(text);
	map_fixture_free(f);
}
END_TEST

START_TEST(the_ig_view_draws_systems_without_a_name_as_one_for_each_zone)
{
	struct map_end named = host("10.0.0.1", "lims", "Lab"),
	               party = host("[gp.example]", NULL, NULL),
	               lost = host("203.0.113.9", NULL, NULL);
	party.is_inside = lost.is_inside = false;
	struct map_row rows[] = {
	        row(named, host("10.0.0.2", NULL, "Lab")), row(named, host("10.0.0.3", "", "Lab")),
	        row(named, host("10.1.0.4", NULL, "Ward")), row(named, party), row(named, lost)};
	struct map_input input = {.rows = rows, .n_rows = 5};
	struct map *m = map_build(&input);
	char *text = text_of(&input);

	ck_assert_uint_eq(m->n_nodes, 5);
	ck_assert_str_eq(m->nodes[0].name, "lims");
	ck_assert_str_eq(m->nodes[1].name, "Unnamed systems");
	ck_assert_str_eq(m->nodes[1].detail, "2 without a name");
	ck_assert_int_eq(m->nodes[1].shape, MAP_SEVERAL);
	ck_assert_str_eq(m->nodes[2].name, "Unnamed system");
	ck_assert_str_eq(m->nodes[3].name, "[gp.example]");
	ck_assert_str_eq(m->nodes[4].name, "Unnamed system");
	ck_assert_ptr_null(strstr(text, "10."));
	ck_assert_ptr_null(strstr(text, "203."));
	free(text);
	map_free(m);
	input.view = MAP_VIEW_NETWORK;
	m = map_build(&input);
	ck_assert_uint_eq(m->n_nodes, 6);
	ck_assert_str_eq(m->nodes[1].name, "10.0.0.2");
	map_free(m);
}
END_TEST

START_TEST(hostile_texts_become_short_valid_lines)
{
	char *longest = mem_zalloc(10001, 1);
	memset(longest, 'x', 10000);
	struct map_row rows[3] = {
	        row(host("10.0.0.1", "a\nb\x1b[31m", "Z\xff\xfe"), host("10.0.0.2",
	                                                                "\xe2\x80\xae"
	                                                                "evil",
	                                                                "Z")),
	        row(host("10.0.0.3", longest, "Z"), host("10.0.0.2", "x", NULL)),
	        row(host("10.0.0.4", "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d", ""), host("", NULL, NULL)),
	};

	rows[1].kind_title = rows[1].kind_id = rows[1].kind_group = rows[1].protocol = NULL;
	rows[1].exchange_id = rows[1].transport = NULL;
	struct map *m = build(rows, 3);
	for (size_t i = 0; i < m->n_nodes; i++) {
		ck_assert_uint_le(strlen(m->nodes[i].name), 4 * 41);
		ck_assert_ptr_null(strpbrk(m->nodes[i].name, "\n\x1b"));
		ck_assert_ptr_null(strstr(m->nodes[i].name, "\xe2\x80\xae"));
	}
	map_free(m);
	free(longest);
}
END_TEST

START_TEST(what_the_register_says_parts_arrows_and_chooses_shapes)
{
	struct map_end a = host("A-1", "PAS", "Z"), b = host("A-2", "Store", "Z");
	struct map_row rows[4] = {row(a, b), row(a, b), row(a, b), row(a, b)};
	const char *const control[] = {"Author (role):"};
	struct map_input input = {.rows = rows,
	                          .n_rows = 4,
	                          .organisation = "Trust (ODS ZZ9)",
	                          .control = control,
	                          .n_control = 1};

	for (int i = 0; i < 4; i++) {
		rows[i].source.shape = MAP_DEVICE;
		rows[i].source.asset_id = rows[i].source.detail = "A-1";
		rows[i].destination.shape = MAP_STORE;
		rows[i].status = (enum map_status)(MAP_DECLARED + i % 3);
		rows[i].exchange_id = (const char *const[]){"F-1", "F-2", "F-3", "F-4"}[i];
	}
	rows[2].protocol = "HL7v2; FTP";
	rows[3].is_rejected = true;
	struct map *m = map_build(&input);
	ck_assert_uint_eq(m->n_edges, 4);
	ck_assert_str_eq(m->edges[0].method, "HL7v2, clear\nF-1");
	ck_assert_int_eq(m->edges[0].status, MAP_DECLARED);
	ck_assert(m->edges[1].is_rejected);
	ck_assert_int_eq(m->edges[2].status, MAP_UNDECLARED);
	ck_assert_int_eq(m->edges[3].status, MAP_UNSEEN);
	ck_assert_str_eq(m->edges[3].method, "declared: FTP, HL7v2, clear\nF-3");
	ck_assert_int_eq(m->nodes[0].shape, MAP_DEVICE);
	ck_assert_str_eq(m->nodes[0].asset_id, "A-1");
	ck_assert_str_eq(m->nodes[0].detail, "A-1");
	ck_assert_int_eq(m->nodes[1].shape, MAP_STORE);
	ck_assert_str_eq(m->control[0], "Author (role):");
	ck_assert_ptr_eq(strstr(m->scope, "Trust (ODS ZZ9); Systems by zone"), m->scope);
	ck_assert_ptr_null(strstr(m->scope, "not stated"));
	map_free(m);
}
END_TEST

START_TEST(clients_told_as_one_are_counted_and_declared_upkeep_is_never_left_out)
{
	struct map_row rows[62];

	for (int i = 0; i < 62; i++) {
		rows[i] = row(host("Wards", "Clients", "Wards"), host("10.0.0.2", "dns", "Z"));
		rows[i].source.n_hosts = 7;
		rows[i].kind_id = "inf.dns";
		rows[i].tier = TIER_1;
		rows[i].status = MAP_UNDECLARED;
	}
	rows[0].kind_id = "lab.result";
	rows[61].status = MAP_UNSEEN;
	struct map *m = build(rows, 62);
	ck_assert(says(m, "Not drawn: 60 flows"));
	ck_assert_uint_eq(m->n_edges, 2);
	ck_assert_uint_eq(m->n_nodes, 2);
	ck_assert_int_eq(m->nodes[0].shape, MAP_SEVERAL);
	ck_assert_str_eq(m->nodes[0].detail, "+ 7 folded");
	map_free(m);
}
END_TEST

UNIT_MAIN("map_build", the_order_of_the_rows_does_not_matter, no_rows_give_an_empty_map,
          exchanges_of_one_group_share_an_arrow_and_clear_parts_from_encrypted,
          many_kinds_are_cut_with_their_number, unknown_content_stands_above_harmless,
          a_guess_is_marked, servers_of_files_are_stores_and_outside_parties_stand_outside,
          upkeep_of_a_large_map_is_left_out_and_counted, clients_of_a_large_map_fold_by_zone,
          a_top_keeps_the_most_sensitive_and_says_what_it_cut,
          a_focus_shows_one_system_and_its_partners, the_public_view_names_no_system_and_no_address,
          the_public_view_tells_no_outside_party_either,
          what_a_view_folds_stays_folded_however_large_the_map,
          the_ig_view_draws_systems_without_a_name_as_one_for_each_zone,
          images_are_kept_where_they_are_brought_unless_it_asked_for_them,
          what_the_register_says_parts_arrows_and_chooses_shapes,
          clients_told_as_one_are_counted_and_declared_upkeep_is_never_left_out,
          hostile_texts_become_short_valid_lines)
