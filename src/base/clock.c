/* Time: read, print, parse. All times are UTC microseconds. */
#include "terrier/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SECOND_US + ts.tv_nsec / 1000;
}

int64_t clock_now_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_steady_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

int64_t clock_hour_us(int64_t us)
{
	return floor_div(us, CLOCK_HOUR_US) * CLOCK_HOUR_US;
}

char *clock_format(int64_t us, char out[CLOCK_TEXT_MAX])
{
	const int64_t first = -INT64_C(62135596800), last = INT64_C(253402300799);
	int64_t seconds = floor_div(us, CLOCK_SECOND_US);
	time_t t;
	struct tm tm;

	seconds = seconds < first ? first : seconds > last ? last : seconds;
	t = (time_t)seconds;
	gmtime_r(&t, &tm);
	snprintf(out, CLOCK_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", (tm.tm_year + 1900) % 10000,
	         tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	return out;
}

bool clock_parse_span(const char *text, int64_t *out_us)
{
	static const struct {
		const char *unit;
		int64_t us;
	} units[] = {
		{"s", CLOCK_SECOND_US},      {"m", 60 * CLOCK_SECOND_US}, {"h", CLOCK_HOUR_US},
		{"d", CLOCK_DAY_US},         {"w", 7 * CLOCK_DAY_US},     {"mo", 30 * CLOCK_DAY_US},
		{"y", 365 * CLOCK_DAY_US},
	};
	char *end;
	long n;

	if (text[0] < '0' || text[0] > '9') {
		return false;
	}
	n = strtol(text, &end, 10);
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (strcmp(end, units[i].unit) == 0 && n <= 1000000 && n <= INT64_MAX / units[i].us) {
			*out_us = n * units[i].us;
			return true;
		}
	}
	return false;
}

/* Reads `Z`, `+hh:mm` or nothing into seconds east of Greenwich. */
static bool parse_zone(const char *text, long *east)
{
	int hours, minutes, used = 0;

	*east = 0;
	if (text[0] == '\0' || strcmp(text, "Z") == 0) {
		return true;
	}
	if (strchr("+-", text[0]) == NULL ||
	    sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) != 2 || text[1 + used] != '\0' ||
	    hours > 14 || minutes > 59) {
		return false;
	}
	*east = (hours * 60L + minutes) * 60 * (text[0] == '-' ? -1 : 1);
	return true;
}

static bool date_exists(const struct tm *asked)
{
	struct tm copy = *asked;
	time_t t = timegm(&copy);

	return t != (time_t)-1 && copy.tm_mday == asked->tm_mday && copy.tm_mon == asked->tm_mon;
}

bool clock_parse(const char *text, int64_t newest_us, int64_t *out_us)
{
	struct tm tm = {0};
	int64_t age;
	long east;
	int used = 0, more = 0;

	if (clock_parse_span(text, &age)) {
		*out_us = newest_us - age;
		return true;
	}
	if (strlen(text) < 10 || sscanf(text, "%4d-%2d-%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &used) != 3 ||
	    used != 10) {
		return false;
	}
	text += used;
	if (text[0] == 'T' || text[0] == ' ') {
		if (sscanf(text + 1, "%2d:%2d%n", &tm.tm_hour, &tm.tm_min, &used) != 2) {
			return false;
		}
		text += 1 + used;
		if (text[0] == ':' && sscanf(text, ":%2d%n", &tm.tm_sec, &more) == 1) {
			text += more;
		}
	}
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (!parse_zone(text, &east) || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 60 ||
	    !date_exists(&tm)) {
		return false;
	}
	*out_us = ((int64_t)timegm(&tm) - east) * CLOCK_SECOND_US;
	return true;
}
