#ifndef TERRIER_BASE_CLOCK_H
#define TERRIER_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Times are microseconds since 1970-01-01T00:00:00Z in an int64_t named *_us. */
#define CLOCK_SECOND_US INT64_C(1000000)
#define CLOCK_HOUR_US   (3600 * CLOCK_SECOND_US)
#define CLOCK_DAY_US    (24 * CLOCK_HOUR_US)
#define CLOCK_TEXT_MAX  32

/* The wall clock now. */
int64_t clock_now_us(void);

/* A clock that never steps, for measuring; its zero is arbitrary. */
int64_t clock_steady_us(void);

/* The start of the UTC hour that holds `us` (also before 1970). */
int64_t clock_hour_us(int64_t us);

/* Writes `2026-11-21T22:08:28Z` (ISO 8601, UTC, whole seconds) and returns `out`. Out of the years
 * 1..9999 the text is the nearest year's end. */
char *clock_format(int64_t us, char out[CLOCK_TEXT_MAX]);

/* Reads an ISO 8601 date (`2026-11-21`), date and time (`2026-11-21T22:08[:28][Z|+01:00]`; a space may
 * stand for the T; no zone means UTC), or an age before `newest_us`: `90s 30m 24h 7d 2w 13mo 3y` (a month
 * is 30 days, a year 365). Returns false, `*out_us` untouched, when the text is none of these. */
bool clock_parse(const char *text, int64_t newest_us, int64_t *out_us);

/* Reads a duration as above (`14d`); false when malformed. */
bool clock_parse_span(const char *text, int64_t *out_us);

#endif
