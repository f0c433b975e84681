#include "terrier/base/clock.h"

#include "unit.h"

#include <string.h>

static const int64_t base_us = INT64_C(1795300000) * CLOCK_SECOND_US;

START_TEST(times_print_and_read_back)
{
	char out[CLOCK_TEXT_MAX];
	int64_t us;

	ck_assert_str_eq(clock_format(0, out), "1970-01-01T00:00:00Z");
	ck_assert_str_eq(clock_format(-1, out), "1969-12-31T23:59:59Z");
	ck_assert_str_eq(clock_format(INT64_MAX, out), "9999-12-31T23:59:59Z");
	ck_assert_str_eq(clock_format(INT64_MIN, out), "0001-01-01T00:00:00Z");
	ck_assert(clock_parse("2026-11-21T22:08:28Z", 0, &us));
	ck_assert_str_eq(clock_format(us, out), "2026-11-21T22:08:28Z");
}
END_TEST

START_TEST(dates_zones_and_ages_are_understood)
{
	int64_t a, b;

	ck_assert(clock_parse("2026-11-21", 0, &a) && clock_parse("2026-11-21T00:00", 0, &b) && a == b);
	ck_assert(clock_parse("2026-11-21 01:00+01:00", 0, &b) && a == b);
	ck_assert(clock_parse("24h", base_us, &a) && clock_parse("1d", base_us, &b) && a == b);
	ck_assert(a == base_us - CLOCK_DAY_US);
	ck_assert(clock_parse("1mo", base_us, &a) && a == base_us - 30 * CLOCK_DAY_US);
}
END_TEST

START_TEST(what_is_no_time_is_refused)
{
	static const char *const texts[] = {"", "yesterday", "2026-13-01", "2026-02-30", "2026-11-21T25:00", "7",
	                                    "d", "-7d", "7 d", "2026-11-21T10:00X", "2026-11-21T10:00+99:00", "99999999y"};
	int64_t us = 42;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		ck_assert_msg(!clock_parse(texts[i], base_us, &us), "%s", texts[i]);
		ck_assert_int_eq(us, 42);
	}
}
END_TEST

START_TEST(hours_begin_at_the_hour_also_before_1970)
{
	ck_assert_int_eq(clock_hour_us(CLOCK_HOUR_US + 1), CLOCK_HOUR_US);
	ck_assert_int_eq(clock_hour_us(-1), -CLOCK_HOUR_US);
	ck_assert_int_eq(clock_hour_us(0), 0);
}
END_TEST

UNIT_MAIN("clock", times_print_and_read_back, dates_zones_and_ages_are_understood, what_is_no_time_is_refused,
          hours_begin_at_the_hour_also_before_1970)
