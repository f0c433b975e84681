/* What is written along the axes of plots: amounts and times. */
#include "terrier/base/clock.h"
#include "terrier/model/plot.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MINUTE_US (60 * CLOCK_SECOND_US)
#define WEEK_US   (7 * CLOCK_DAY_US)
#define MONDAY_US (4 * CLOCK_DAY_US) /* 1970-01-05, the first */

char *plot_amount(uint64_t octets, char out[PLOT_AMOUNT_MAX])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t scale = 1;
	size_t unit = 0;

	while (octets / scale >= 1000 && unit + 1 < sizeof units / sizeof units[0]) {
		scale *= 1000;
		unit++;
	}
	uint64_t whole = octets / scale, tenth = octets % scale / (scale > 1 ? scale / 10 : 1);

	if (octets == 0) {
		snprintf(out, PLOT_AMOUNT_MAX, "0");
	} else if (unit > 0 && whole < 10 && tenth > 0) {
		snprintf(out, PLOT_AMOUNT_MAX, "%" PRIu64 ".%" PRIu64 " %s", whole, tenth,
		         units[unit]);
	} else {
		snprintf(out, PLOT_AMOUNT_MAX, "%" PRIu64 " %s", whole, units[unit]);
	}
	return out;
}

/* Reads year, month and day off the text of a time, which knows the calendar. */
static void read_date(int64_t us, int *year, int *month, int *day)
{
	char text[CLOCK_TEXT_MAX];

	*year = *month = *day = 1;
	sscanf(clock_format(us, text), "%d-%d-%d", year, month, day);
}

static void write_tick(struct plot_tick *tick, int64_t step_us)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	int year, month, day;
	int64_t of_day = tick->at_us % CLOCK_DAY_US;

	read_date(tick->at_us, &year, &month, &day);
	if (step_us == 0) {
		snprintf(tick->text, sizeof tick->text, "%.3s %d", months + 3 * (month - 1), year);
	} else if (of_day != 0) {
		snprintf(tick->text, sizeof tick->text, "%02d:%02d", (int)(of_day / CLOCK_HOUR_US),
		         (int)(of_day % CLOCK_HOUR_US / MINUTE_US));
	} else {
		snprintf(tick->text, sizeof tick->text, "%d %.3s", day, months + 3 * (month - 1));
	}
}

static size_t month_ticks(int64_t from_us, int64_t until_us, struct plot_tick *out, size_t most)
{
	int every = 1;
	size_t n = 0;

	while ((until_us - from_us) / (every * 28 * CLOCK_DAY_US) >= (int64_t)most) {
		every = every == 1 ? 3 : every == 3 ? 6 : every == 6 ? 12 : every * 2;
	}
	for (int64_t at = from_us - from_us % CLOCK_DAY_US; at < until_us && n < most;
	     at += CLOCK_DAY_US) {
		int year, month, day;

		read_date(at, &year, &month, &day);
		if (day == 1 && (year * 12 + month - 1) % every == 0 && at >= from_us) {
			out[n].at_us = at;
			write_tick(&out[n++], 0);
		}
	}
	return n;
}

size_t plot_ticks(int64_t from_us, int64_t until_us, struct plot_tick *out, size_t most)
{
	static const int64_t minutes[] = {1,   5,   10,  15,   30,   60,    120,
	                                  180, 360, 720, 1440, 2880, 10080, 20160};
	int64_t step = 0;
	size_t n = 0;

	for (size_t i = 0; i < sizeof minutes / sizeof minutes[0] && step == 0; i++) {
		if ((until_us - from_us) / (minutes[i] * MINUTE_US) < (int64_t)most) {
			step = minutes[i] * MINUTE_US;
		}
	}
	if (step == 0) {
		return month_ticks(from_us, until_us, out, most);
	}
	int64_t origin = step % WEEK_US == 0 ? MONDAY_US : 0;
	for (int64_t at = from_us - (from_us - origin) % step; at <= until_us && n < most;
	     at += step) {
		if (at >= from_us) {
			out[n].at_us = at;
			write_tick(&out[n++], step);
		}
	}
	return n;
}
