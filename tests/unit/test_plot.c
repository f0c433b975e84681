#include "terrier/model/plot.h"

#include "unit.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/export.h"
#include "terrier/export/plot.h"

#include <string.h>

static int64_t at(const char *text)
{
	int64_t us = 0;

	ck_assert_msg(clock_parse(text, 0, &us), "%s", text);
	return us;
}

static void assert_time(int64_t us, const char *text)
{
	char out[CLOCK_TEXT_MAX];

	ck_assert_str_eq(clock_format(us, out), text);
}

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = strstr(text, what); p != NULL; p = strstr(p + 1, what)) {
		n++;
	}
	return n;
}

static char *page(const struct plot *p)
{
	char *text = NULL, *error = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	ck_assert_int_eq(export_find("svg")->write_plot(p, out, &error), 0);
	fclose(out);
	return text;
}

static char *fragment(const struct plot *p)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	plot_write_fragment(p, "volume", out);
	fclose(out);
	return text;
}

START_TEST(a_bucket_is_an_hour_a_day_or_a_month_by_the_length_of_the_axis)
{
	static const struct {
		const char *from, *until, *bucket, *start, *end;
		size_t n;
	} cases[] = {
	        {"2026-11-21T22:08:28", "2026-11-21T22:09:02", "1 hour", "2026-11-21T00:00:00Z",
	         "2026-11-22T00:00:00Z", 24},
	        {"2026-11-18", "2026-11-22", "1 hour", "2026-11-18T00:00:00Z",
	         "2026-11-22T00:00:00Z", 96},
	        {"2026-11-18", "2026-11-22T00:00:01", "1 day", "2026-11-18T00:00:00Z",
	         "2026-11-23T00:00:00Z", 5},
	        {"2023-12-31T23:59:59", "2024-12-31", "1 month", "2023-12-01T00:00:00Z",
	         "2025-01-01T00:00:00Z", 13},
	        {"1969-12-31T23:00", "1970-01-01T01:00", "1 hour", "1969-12-31T00:00:00Z",
	         "1970-01-02T00:00:00Z", 48},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plot *p = plot_new(PLOT_VOLUME, at(cases[i].from), at(cases[i].until));

		ck_assert_str_eq(p->bucket, cases[i].bucket);
		ck_assert_uint_eq(p->n_buckets, cases[i].n);
		assert_time(p->from_us, cases[i].start);
		assert_time(p->until_us, cases[i].end);
		ck_assert_uint_eq(plot_bucket_of(p, p->from_us), 0);
		ck_assert_uint_eq(plot_bucket_of(p, p->until_us - 1), p->n_buckets - 1);
		ck_assert_uint_eq(plot_bucket_of(p, p->until_us), SIZE_MAX);
		ck_assert_uint_eq(plot_bucket_of(p, p->from_us - 1), SIZE_MAX);
		plot_free(p);
	}
}
END_TEST

START_TEST(a_month_is_as_long_as_the_calendar_has_it)
{
	struct plot *p = plot_new(PLOT_VOLUME, at("2024-01-15"), at("2024-06-15"));

	ck_assert_uint_eq(p->n_buckets, 6);
	assert_time(p->starts[1], "2024-02-01T00:00:00Z");
	assert_time(p->starts[2], "2024-03-01T00:00:00Z");
	ck_assert_uint_eq(plot_bucket_of(p, at("2024-02-29T23:59:59")), 1);
	plot_free(p);
}
END_TEST

START_TEST(coverage_has_never_more_marks_than_can_be_told_apart)
{
	for (int64_t hours = 1; hours < 10 * 365 * 24; hours = hours * 3 / 2 + 1) {
		struct plot *p = plot_new(PLOT_COVERAGE, at("2020-01-01"),
		                          at("2020-01-01") + hours * CLOCK_HOUR_US);

		ck_assert_uint_ge(p->n_buckets, 1);
		ck_assert_uint_le(p->n_buckets, 130);
		plot_free(p);
	}
}
END_TEST

START_TEST(a_scale_ends_at_a_round_number_and_is_written_without_idle_decimals)
{
	static const uint64_t rounds[][2] = {{0, 1},
	                                     {1, 1},
	                                     {3, 5},
	                                     {5, 5},
	                                     {6, 10},
	                                     {101, 200},
	                                     {999999, 1000000},
	                                     {UINT64_MAX, UINT64_MAX}};
	static const struct {
		uint64_t value;
		const char *text;
	} amounts[] = {
	        {0, "0"},          {999, "999 B"},        {1000, "1 kB"},       {2500000, "2.5 MB"},
	        {5000000, "5 MB"}, {123456789, "123 MB"}, {UINT64_MAX, "18 EB"}};
	char out[PLOT_AMOUNT_MAX];

	for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
		ck_assert_uint_eq(plot_round_up(rounds[i][0]), rounds[i][1]);
	}
	for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
		ck_assert_str_eq(plot_amount(amounts[i].value, out), amounts[i].text);
	}
}
END_TEST

START_TEST(times_on_the_axis_are_round_and_few)
{
	struct plot_tick ticks[12];
	size_t n = plot_ticks(at("2026-11-21"), at("2026-11-22"), ticks, 12);

	ck_assert_uint_eq(n, 9);
	ck_assert_str_eq(ticks[0].text, "21 Nov");
	ck_assert_str_eq(ticks[1].text, "03:00");
	n = plot_ticks(at("2026-11-19"), at("2026-12-19"), ticks, 12);
	ck_assert_uint_eq(n, 4); /* Mondays */
	ck_assert_str_eq(ticks[0].text, "23 Nov");
	n = plot_ticks(at("2024-01-01"), at("2026-01-01"), ticks, 12);
	ck_assert_uint_eq(n, 8);
	ck_assert_str_eq(ticks[1].text, "Apr 2024");
	for (int64_t hours = 1; hours < 20 * 365 * 24; hours = hours * 2 + 1) {
		int64_t from = at("2020-02-29T13:00"), until = from + hours * CLOCK_HOUR_US;

		n = plot_ticks(from, until, ticks, 12);
		ck_assert_uint_ge(n, 1);
		for (size_t i = 0; i < n; i++) {
			ck_assert(ticks[i].at_us >= from && ticks[i].at_us <= until);
			ck_assert(i == 0 || ticks[i].at_us > ticks[i - 1].at_us);
		}
	}
}
END_TEST

static struct plot *hospital(void)
{
	struct plot *p = plot_new(PLOT_VOLUME, at("2026-11-21T08:00"), at("2026-11-21T20:00"));

	plot_set(&p->title, "Volume");
	plot_set(&p->marking, "OFFICIAL-SENSITIVE");
	plot_add_volume(p, plot_row_of(p, "Clinical"), at("2026-11-21T08:00"), 40);
	plot_add_volume(p, plot_row_of(p, "Infrastructure"), at("2026-11-21T09:00"), 900);
	plot_add_volume(p, plot_row_of(p, "Clinical"), at("2026-11-21T08:00"), 60);
	for (int hour = 0; hour < 24; hour++) {
		if (hour < 10 || hour > 12) {
			plot_watch(p, at("2026-11-21") + hour * CLOCK_HOUR_US);
		}
	}
	return p;
}

START_TEST(what_was_not_watched_is_a_hatched_gap_in_every_row)
{
	struct plot *p = hospital();
	struct plot_span gap;

	plot_sort(p);
	ck_assert_str_eq(p->rows[0].name, "Infrastructure");
	ck_assert_uint_eq(p->rows[1].sum, 100);
	ck_assert(plot_next_gap(p, p->from_us, &gap));
	assert_time(gap.from_us, "2026-11-21T10:00:00Z");
	assert_time(gap.until_us, "2026-11-21T13:00:00Z");
	ck_assert(!plot_next_gap(p, gap.until_us, &gap));
	char *svg = page(p);
	ck_assert_uint_eq(count(svg, "class=\"gap\""), 2 + 1); /* and the key's */
	ck_assert_uint_eq(count(svg, ">OFFICIAL-SENSITIVE<"), 2);
	ck_assert_ptr_nonnull(strstr(
	        svg,
	        "aria-label=\"Clinical: 100 B, 10.0 % of the whole; at most 100 B in 1 hour from "
	        "2026-11-21T08:00:00Z\""));
	free(svg);
	plot_free(p);
}
END_TEST

START_TEST(rows_beyond_what_a_page_holds_are_summed_up_in_the_last)
{
	struct plot *p = plot_new(PLOT_VOLUME, at("2026-11-21"), at("2026-11-22"));

	for (uint64_t i = 1; i <= 20; i++) {
		char name[16];

		snprintf(name, sizeof name, "kind %02d", (int)i);
		plot_add_volume(p, plot_row_of(p, name), p->from_us, i);
	}
	plot_sort(p);
	ck_assert_uint_eq(p->n_rows, PLOT_ROWS_MAX);
	ck_assert_str_eq(p->rows[0].name, "kind 20");
	ck_assert_str_eq(p->rows[PLOT_ROWS_MAX - 1].name, "9 others, summed up");
	ck_assert_uint_eq(p->rows[PLOT_ROWS_MAX - 1].sum, 45);
	ck_assert_uint_eq(p->rows[PLOT_ROWS_MAX - 1].octets[0], 45);
	plot_free(p);
}
END_TEST

START_TEST(a_cell_of_the_week_is_the_mean_of_the_hours_watched)
{
	struct plot *p =
	        plot_new(PLOT_WEEK, at("2026-11-16T09:00"), at("2026-11-23T10:00")); /* Mondays */

	plot_watch(p, at("2026-11-16T09:00"));
	plot_watch(p, at("2026-11-23T09:00"));
	plot_watch(p, at("2026-11-22T23:00"));
	plot_add_week(p, at("2026-11-23T09:00"), 3000);
	ck_assert_uint_eq(p->week_watched[9], 2);
	ck_assert_uint_eq(plot_week_mean(p, 9), 1500);
	ck_assert_uint_eq(p->week_watched[167], 1);
	ck_assert_uint_eq(plot_weeks_watched(p), 2);
	char *svg = page(p);
	ck_assert_ptr_nonnull(
	        strstr(svg, "aria-label=\"Monday 09:00: 1.5 kB an hour, watched 2 times\""));
	ck_assert_ptr_nonnull(strstr(svg, ">1.5k</text>"));
	ck_assert_ptr_nonnull(
	        strstr(svg, "aria-label=\"Sunday 23:00: 0 an hour, watched 1 times\""));
	ck_assert_ptr_nonnull(strstr(svg, "aria-label=\"Monday 10:00: never watched\""));
	ck_assert_uint_eq(count(svg, "class=\"gap\""), 168 - 2 + 1);
	free(svg);
	plot_free(p);
}
END_TEST

START_TEST(a_lane_shows_gaps_and_each_loss_by_a_shape_of_its_own)
{
	struct plot *p = plot_new(PLOT_COVERAGE, at("2026-11-21T08:00"), at("2026-11-21T10:00"));
	size_t lane = plot_lane_of(p, "span0, eth1");

	plot_listen(p, lane, at("2026-11-21T09:30"), at("2026-11-21T23:00"));
	plot_listen(p, lane, at("2026-11-21T08:10"), at("2026-11-21T08:40"));
	plot_listen(p, lane, at("2026-11-21T08:30"), at("2026-11-21T08:50"));
	plot_hear(p, lane, at("2026-11-21T08:20"), 100, (const uint64_t[PLOT_LOSSES]){7, 0, 0});
	plot_hear(p, lane, at("2026-11-21T08:21"), 100, (const uint64_t[PLOT_LOSSES]){0, 2, 0});
	plot_hear(p, lane, at("2026-11-21T08:22"), 100, (const uint64_t[PLOT_LOSSES]){0, 0, 3});
	plot_sort(p);
	ck_assert_uint_eq(p->lanes[0].n_listened, 2);
	assert_time(p->lanes[0].listened[0].until_us, "2026-11-21T08:50:00Z");
	char *svg = page(p);
	ck_assert_uint_eq(count(svg, "class=\"gap\""), 2 + 1);
	ck_assert_uint_eq(count(svg, "class=\"listened\""), 2);
	ck_assert_uint_eq(count(svg, "class=\"drops\""), 2); /* and one before its name */
	ck_assert_uint_eq(count(svg, "class=\"evictions\""), 2);
	ck_assert_uint_eq(count(svg, "class=\"holes\""), 2);
	ck_assert_ptr_nonnull(strstr(svg, ">packets dropped: 7</text>"));
	free(svg);
	plot_free(p);
}
END_TEST

START_TEST(hostile_names_stay_text)
{
	struct plot *p = plot_new(PLOT_COVERAGE, at("2026-11-21T08:00"), at("2026-11-21T10:00"));
	char *name = mem_zalloc(10001, 1);

	memset(name, '&', 10000);
	plot_listen(p, plot_lane_of(p, "<script>\"'\x01\xff\xe2\x80\xae"), p->from_us, p->until_us);
	plot_listen(p, plot_lane_of(p, name), p->from_us, p->until_us);
	plot_set(&p->title, name);
	plot_set(&p->scope, "]]></svg>");
	plot_note(p, mem_strdup(name));
	char *svg = page(p);
	ck_assert_ptr_null(strstr(svg, "<script"));
	ck_assert_ptr_null(strchr(svg, '\x01'));
	ck_assert_ptr_null(strstr(svg, "\xe2\x80\xae"));
	ck_assert_uint_eq(count(svg, "</svg>"), 2);
	ck_assert_uint_lt(strlen(svg), 20000);
	free(svg);
	free(name);
	plot_free(p);
}
END_TEST

START_TEST(a_plot_of_nothing_says_so)
{
	for (int type = PLOT_VOLUME; type <= PLOT_COVERAGE; type++) {
		struct plot *p = plot_new((enum plot_type)type, 0, 0);
		char *svg = page(p);

		ck_assert_ptr_nonnull(
		        strstr(svg, ">Nothing was seen that this plot asks for.</text>"));
		free(svg);
		plot_free(p);
	}
}
END_TEST

START_TEST(a_fragment_has_ids_of_its_own_and_no_prolog)
{
	struct plot *p = hospital();

	plot_sort(p);
	char *svg = fragment(p), *again = fragment(p);
	ck_assert_str_eq(svg, again);
	ck_assert_int_eq(strncmp(svg, "<svg ", 5), 0);
	ck_assert_ptr_nonnull(strstr(svg, "aria-labelledby=\"volume-title volume-desc\""));
	ck_assert_ptr_nonnull(strstr(svg, "url(#volume-hatch)"));
	ck_assert_ptr_nonnull(strstr(svg, "<pattern id=\"volume-hatch\""));
	ck_assert_ptr_null(strstr(svg, "OFFICIAL"));
	free(svg);
	free(again);
	plot_free(p);
}
END_TEST

UNIT_MAIN("plot", a_bucket_is_an_hour_a_day_or_a_month_by_the_length_of_the_axis,
          a_month_is_as_long_as_the_calendar_has_it,
          coverage_has_never_more_marks_than_can_be_told_apart,
          a_scale_ends_at_a_round_number_and_is_written_without_idle_decimals,
          times_on_the_axis_are_round_and_few, what_was_not_watched_is_a_hatched_gap_in_every_row,
          rows_beyond_what_a_page_holds_are_summed_up_in_the_last,
          a_cell_of_the_week_is_the_mean_of_the_hours_watched,
          a_lane_shows_gaps_and_each_loss_by_a_shape_of_its_own, hostile_names_stay_text,
          a_plot_of_nothing_says_so, a_fragment_has_ids_of_its_own_and_no_prolog)
