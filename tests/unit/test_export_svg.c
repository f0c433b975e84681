#include "terrier/export.h"

#include "map_draw.h"
#include "unit.h"

#include "terrier/base/mem.h"
#include "terrier/map/layout.h"

#include <string.h>

/* Its cache stays for the life of the process. */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig";
}

START_TEST(the_page_carries_what_makes_it_evidence)
{
	struct map *m = lab();
	size_t len;
	char *svg = draw("svg", m, &len);

	ck_assert_uint_eq(count(svg, ">OFFICIAL-SENSITIVE<"), 2);
	ck_assert_ptr_nonnull(strstr(svg, ">Data flows of St Example's Hospital</title>"));
	ck_assert_ptr_nonnull(strstr(svg, "Seen from 2026-11-14"));
	ck_assert_ptr_nonnull(strstr(svg, "0 of 48,211 packets dropped"));
	ck_assert_ptr_nonnull(strstr(svg, "absence is not evidence"));
	ck_assert_ptr_nonnull(strstr(svg, "Not drawn: 9 flows"));
	ck_assert_ptr_nonnull(strstr(svg, ">Key<"));
	ck_assert_uint_eq(count(svg, "role=\"img\""), m->n_nodes + m->n_edges);
	ck_assert_ptr_nonnull(strstr(svg, "aria-label=\"lims to "));
	ck_assert_ptr_nonnull(strstr(svg, "X-"));
	free(svg);
	map_free(m);
}
END_TEST

START_TEST(the_page_is_a_sheet_that_the_drawing_fills)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);
	char *note;
	size_t len;
	double x, y, width, height, page_width, page_height;

	for (int view = MAP_VIEW_IG; view <= MAP_VIEW_NETWORK; view++) {
		input.view = (enum map_view)view;
		struct map *m = map_build(&input);
		map_layout(m, NULL, &note);
		char *svg = draw("svg", m, &len);
		ck_assert_ptr_nonnull(strstr(svg, "Sheet: A2, smallest text 8 pt"));
		ck_assert_int_eq(sscanf(strstr(svg, "width=\"") + 7, "%lfpt\" height=\"%lf",
		                        &page_width, &page_height),
		                 2);
		ck_assert_int_eq(sscanf(strstr(svg, "<svg overflow"),
		                        "<svg overflow=\"visible\" x=\"%lf\" y=\"%lf\" "
		                        "width=\"%lf\" height=\"%lf\"",
		                        &x, &y, &width, &height),
		                 4);
		ck_assert_double_ge(width, m->width - 0.1);
		ck_assert_double_eq_tol(x, (page_width - width) / 2, 0.2);
		ck_assert_double_gt(width * height, 0.65 * page_width * page_height);
		free(svg);
		map_free(m);
	}
	map_fixture_free(f);
}
END_TEST

START_TEST(a_small_map_is_enlarged_on_a_small_sheet)
{
	struct map_fixture *f = map_fixture_make(1, 1, 1);
	struct map_input input = map_fixture_input(f);
	struct map *m = place(&input);
	size_t len;
	char *svg = draw("svg", m, &len), *width = mem_printf("width=\"%.1f\"", m->width * 1.6);

	ck_assert_ptr_nonnull(strstr(svg, "Sheet: A4"));
	ck_assert_ptr_nonnull(strstr(svg, width));
	free(width);
	free(svg);
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(long_lines_of_the_head_are_broken_not_cut)
{
	static char title[91];
	struct map_input input = {.title = title, .view = MAP_VIEW_NETWORK};
	size_t len;

	memset(title, 'W', sizeof title - 1);
	struct map *m = place(&input);
	char *svg = draw("svg", m, &len);
	ck_assert_uint_gt(count(svg, "font-size=\"18.0\""), 1);
	ck_assert_ptr_nonnull(strstr(svg, "Systems by zone; network view"));
	ck_assert_ptr_null(strstr(svg, "organisation not stated"));
	free(svg);
	map_free(m);
	input.title = NULL;
	m = place(&input);
	svg = draw("svg", m, &len);
	ck_assert_ptr_nonnull(strstr(svg, "Data flows seen on the network<"));
	ck_assert_ptr_nonnull(strstr(svg, "organisation not stated"));
	free(svg);
	map_free(m);
}
END_TEST

START_TEST(the_key_shows_only_what_is_on_the_page)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);
	size_t len;

	input.focus = "pharmacy";
	struct map *m = place(&input);
	char *svg = draw("svg", m, &len);
	ck_assert_ptr_nonnull(strstr(svg, ">special category"));
	ck_assert_ptr_null(strstr(svg, ">unknown content<"));
	ck_assert_ptr_null(strstr(svg, ">outside party<"));
	ck_assert_ptr_null(strstr(svg, ">both ways<"));
	ck_assert_ptr_null(strstr(svg, ">encrypted<"));
	free(svg);
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(the_same_map_gives_the_same_bytes_in_every_format)
{
	static const char *const formats[] = {"svg",    "pdf",     "png",    "dot",
	                                      "drawio", "graphml", "mermaid"};
	struct map *a = lab(), *b = lab();

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		size_t len_a, len_b;
		char *x = draw(formats[i], a, &len_a), *y = draw(formats[i], b, &len_b);
		ck_assert_uint_eq(len_a, len_b);
		ck_assert_msg(memcmp(x, y, len_a) == 0, "%s", formats[i]);
		free(x);
		free(y);
	}
	map_free(a);
	map_free(b);
}
END_TEST

START_TEST(pdf_and_png_are_what_they_say)
{
	struct map *m = lab();
	size_t len;
	char *pdf = draw("pdf", m, &len);

	ck_assert_mem_eq(pdf, "%PDF-", 5);
	free(pdf);
	char *png = draw("png", m, &len);
	ck_assert_mem_eq(png, "\x89PNG\r\n\x1a\n", 8);
	free(png);
	map_free(m);
}
END_TEST

/* librsvg reads the page as XML: that it can is the check. */
static void check_hostile(const char *text)
{
	struct map_fixture *f = map_fixture_make(2, 2, 1);
	struct map_input input = map_fixture_input(f);
	size_t len;

	for (size_t i = 0; i < f->n_rows; i++) {
		struct map_row *r = &f->rows[i];
		r->exchange_id = r->kind_title = r->kind_group = r->protocol = r->transport = text;
		r->source.name = r->source.zone = text;
	}
	input.title = input.period = input.coverage = input.marking = text;
	struct map *m = place(&input);
	char *svg = draw("svg", m, &len);
	ck_assert_uint_eq(strlen(svg), len);
	ck_assert_ptr_null(strstr(svg, "<script"));
	free(svg);
	free(draw("png", m, &len));
	char *dot = draw("dot", m, &len);
	ck_assert_ptr_null(strstr(dot, "\\\\l\", [evil")); /* the quote is escaped */
	free(dot);
	map_free(m);
	map_fixture_free(f);
}

START_TEST(hostile_names_stay_text)
{
	check_hostile("<script>alert(1)</script>");
	check_hostile("\"/><a href='javascript:x'>&amp;&#60;]]>");
	check_hostile("\\N\\G\\l\", [evil=1]; \"\\");
	check_hostile("\x01\x02\x0b\x7f\xc2\x85\xef\xbf\xbe\xed\xa0\x80\xff\xc0\x80");
	check_hostile("\xe2\x80\xae\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd8\xa7\xd9\x84\xd8\xb1");
	check_hostile("\n\n\n");
	check_hostile(" ");
	check_hostile("%s%n%d");
}
END_TEST

START_TEST(an_empty_map_is_a_page_that_says_so)
{
	struct map_input input = {0};
	struct map *m = place(&input);
	size_t len;
	char *svg = draw("svg", m, &len);

	ck_assert_ptr_nonnull(strstr(svg, "Nothing was seen"));
	ck_assert_ptr_null(strstr(svg, ">Key<"));
	free(svg);
	free(draw("pdf", m, &len));
	map_free(m);
}
END_TEST

START_TEST(a_map_without_a_place_is_refused)
{
	struct map_fixture *f = map_fixture_make(1, 1, 1);
	struct map_input input = map_fixture_input(f);
	struct map *m = map_build(&input);
	struct export_options options = {0};
	char *error = NULL, *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_int_eq(export_find("svg")->write_map(m, &options, out, &error), -1);
	ck_assert_ptr_nonnull(strstr(error, "not placed"));
	fclose(out);
	free(text);
	free(error);
	map_free(m);
	map_fixture_free(f);
}
END_TEST

static const struct {
	enum map_status status;
	bool is_rejected;
	const char *line, *sign, *words;
} signs[] = {
        {MAP_DECLARED, false, "stroke-width=\"3.0\"/>", ">S<", "declared and observed"},
        {MAP_UNDECLARED, false, "stroke-width=\"3.0\"/>", ">!<", "observed, not declared"},
        {MAP_UNSEEN, false, "stroke-width=\"3.0\" stroke-dasharray=\"7 5\"", ">S<",
         "declared, not observed"},
        {MAP_RETIRED, false, "stroke-width=\"3.0\" stroke-dasharray=\"7 5\"", ">R<",
         "retired, not observed"},
        {MAP_DECLARED, true, "stroke-width=\"3.0\"/>", "a5.0 5.0 0 1 0 10.0 0.0",
         "rejected by a decision"},
};

static void check_sign(size_t of)
{
	struct map_fixture *f = map_fixture_make(1, 1, 1);
	struct map_input input = map_fixture_input(f);
	size_t len, n = sizeof signs / sizeof signs[0];
	char *words = mem_printf(">%s</text>", signs[of].words);

	for (size_t i = 0; i < f->n_rows; i++) {
		f->rows[i].status = signs[of].status;
		f->rows[i].is_rejected = signs[of].is_rejected;
		f->rows[i].exchange_id = "F-1";
		f->rows[i].source.asset_id = "A-<1>";
		f->rows[i].source.shape = f->rows[i].destination.shape = MAP_DEVICE;
	}
	struct map *m = place(&input);
	char *svg = draw("svg", m, &len), *dot = draw("dot", m, &len);
	ck_assert_ptr_nonnull(strstr(svg, signs[of].line));
	ck_assert_ptr_nonnull(strstr(svg, signs[of].sign));
	ck_assert_uint_eq(count(svg, words), 1);
	ck_assert_ptr_nonnull(strstr(svg, "data-flows=\"F-1\""));
	ck_assert_ptr_nonnull(strstr(svg, "data-asset=\"A-&lt;1&gt;\""));
	ck_assert_ptr_nonnull(strstr(dot, signs[of].words));
	for (size_t i = 0; i < 2; i++) { /* in what people edit, too */
		char *text = draw(i == 0 ? "drawio" : "mermaid", m, &len);
		ck_assert_ptr_nonnull(strstr(text, signs[of].words));
		free(text);
	}
	ck_assert_int_eq(strstr(dot, "style=dashed];") != NULL, signs[of].status >= MAP_UNSEEN);
	for (size_t i = 0; i < n; i++) { /* and nothing that is not on the page */
		char *other = mem_printf(">%s</text>", signs[i].words);
		bool is_drawn = strcmp(other, words) == 0 || (signs[of].is_rejected && i == 0);
		ck_assert_uint_eq(count(svg, other), is_drawn);
		free(other);
	}
	free(words);
	free(svg);
	free(dot);
	map_free(m);
	map_fixture_free(f);
}

START_TEST(what_the_register_says_has_a_line_a_sign_and_a_place_in_the_key)
{
	for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
		check_sign(i);
	}
}
END_TEST

START_TEST(what_people_answer_for_is_a_line_to_write_on)
{
	static const char *const control[] = {"Version: 3", "Approved by (role):"};
	struct map_fixture *f = map_fixture_make(1, 1, 1);
	struct map_input input = map_fixture_input(f);
	size_t len;

	input.control = control;
	input.n_control = 2;
	struct map *m = place(&input);
	char *svg = draw("svg", m, &len), *dot = draw("dot", m, &len);
	ck_assert_ptr_nonnull(strstr(svg, ">Version: 3<"));
	ck_assert_ptr_nonnull(strstr(svg, ">Approved by (role):<"));
	ck_assert_uint_eq(count(svg, "height=\"0.7\""), 1);
	ck_assert_ptr_nonnull(strstr(dot, "Approved by (role):"));
	free(svg);
	free(dot);
	map_free(m);
	map_fixture_free(f);
}
END_TEST

START_TEST(a_full_disk_is_reported)
{
	struct map *m = lab();
	static const char *const formats[] = {"svg",    "pdf",     "png",    "dot",
	                                      "drawio", "graphml", "mermaid"};

	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
		struct export_options options = {.dpi = 40};
		char *error = NULL;
		FILE *out = fopen("/dev/full", "w");
		ck_assert_ptr_nonnull(out);
		setvbuf(out, NULL, _IONBF, 0);
		ck_assert_msg(export_find(formats[i])->write_map(m, &options, out, &error) == -1,
		              "%s", formats[i]);
		ck_assert_ptr_nonnull(error);
		free(error);
		fclose(out);
	}
	map_free(m);
}
END_TEST

START_TEST(a_resolution_beyond_reason_is_refused)
{
	struct map *m = lab();
	struct export_options options = {.dpi = 1e9};
	char *error = NULL, *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_int_eq(export_find("png")->write_map(m, &options, out, &error), -1);
	ck_assert_ptr_nonnull(strstr(error, "pixels"));
	fclose(out);
	free(text);
	free(error);
	map_free(m);
}
END_TEST

UNIT_MAIN("export_svg", the_page_carries_what_makes_it_evidence,
          the_page_is_a_sheet_that_the_drawing_fills, a_small_map_is_enlarged_on_a_small_sheet,
          long_lines_of_the_head_are_broken_not_cut, the_key_shows_only_what_is_on_the_page,
          the_same_map_gives_the_same_bytes_in_every_format, pdf_and_png_are_what_they_say,
          hostile_names_stay_text, an_empty_map_is_a_page_that_says_so,
          a_map_without_a_place_is_refused,
          what_the_register_says_has_a_line_a_sign_and_a_place_in_the_key,
          what_people_answer_for_is_a_line_to_write_on, a_full_disk_is_reported,
          a_resolution_beyond_reason_is_refused)
