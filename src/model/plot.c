/* Plots as data: where buckets begin, what falls into them, what was not watched. */
#include "terrier/model/plot.h"

#include "terrier/base/clock.h"
#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define NAME_CHARACTERS 80
#define TEXT_CHARACTERS 240
#define MINUTE_US       (60 * CLOCK_SECOND_US)
#define THURSDAY        3 /* 1970-01-01, counted from Monday */

/* Steps of an axis, and how long an axis may be that has them. No length: calendar months. */
struct step {
	int64_t length_us, most_us;
	const char *name;
};

static const struct step volume_steps[] = {
        {CLOCK_HOUR_US, 4 * CLOCK_DAY_US, "1 hour"},
        {CLOCK_DAY_US, 124 * CLOCK_DAY_US, "1 day"},
        {0, INT64_MAX, "1 month"},
};

static const struct step coverage_steps[] = {
        {MINUTE_US, 2 * CLOCK_HOUR_US, "1 minute"},
        {5 * MINUTE_US, 10 * CLOCK_HOUR_US, "5 minutes"},
        {15 * MINUTE_US, 30 * CLOCK_HOUR_US, "15 minutes"},
        {CLOCK_HOUR_US, 5 * CLOCK_DAY_US, "1 hour"},
        {6 * CLOCK_HOUR_US, 31 * CLOCK_DAY_US, "6 hours"},
        {CLOCK_DAY_US, 124 * CLOCK_DAY_US, "1 day"},
        {7 * CLOCK_DAY_US, 868 * CLOCK_DAY_US, "7 days"},
        {30 * CLOCK_DAY_US, INT64_MAX, "30 days"},
};

/* The largest multiple of `unit` that is not above `value`. */
static int64_t round_down(int64_t value, int64_t unit)
{
	int64_t rest = value % unit;

	return value - (rest < 0 ? rest + unit : rest);
}

/* Days since 1970 of the first of a month counted from January of year 0 (proleptic Gregorian
 * calendar). */
static int64_t month_start_us(int64_t month)
{
	int64_t year = round_down(month, 12) / 12, m = month - year * 12 + 1;
	int64_t y = m <= 2 ? year - 1 : year, era = round_down(y, 400) / 400,
	        of_era = y - era * 400;
	int64_t of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5;

	return (era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468) *
	       CLOCK_DAY_US;
}

static int64_t month_of(int64_t us)
{
	int64_t month = 1970 * 12 + round_down(us, 30 * CLOCK_DAY_US) / (30 * CLOCK_DAY_US);

	while (month_start_us(month) > us) {
		month--;
	}
	while (month_start_us(month + 1) <= us) {
		month++;
	}
	return month;
}

static int64_t step_start(const struct step *step, int64_t us)
{
	return step->length_us != 0 ? round_down(us, step->length_us)
	                            : month_start_us(month_of(us));
}

static int64_t step_next(const struct step *step, int64_t start_us)
{
	return step->length_us != 0 ? start_us + step->length_us
	                            : month_start_us(month_of(start_us) + 1);
}

static void cut(struct plot *p, const struct step *step)
{
	size_t room = 0;

	p->bucket = step->name;
	for (int64_t at = step_start(step, p->from_us);; at = step_next(step, at)) {
		if (p->n_buckets == room) {
			room = room > 0 ? room * 2 : 128;
			p->starts = mem_resize(p->starts, room + 1, sizeof *p->starts);
		}
		p->starts[p->n_buckets] = at;
		if (at >= p->until_us) {
			break;
		}
		p->n_buckets++;
	}
	p->from_us = p->starts[0];
	p->until_us = p->starts[p->n_buckets];
}

struct plot *plot_new(enum plot_type type, int64_t from_us, int64_t until_us)
{
	struct plot *p = mem_zalloc(1, sizeof *p);
	const struct step *step = type == PLOT_COVERAGE ? coverage_steps : volume_steps;
	int64_t frame = type == PLOT_VOLUME ? CLOCK_DAY_US : CLOCK_HOUR_US;

	p->type = type;
	if (until_us <= from_us) {
		return p;
	}
	p->from_us = round_down(from_us, frame);
	p->until_us = round_down(until_us - 1, frame) + frame;
	while (p->until_us - p->from_us > step->most_us) {
		step++;
	}
	if (type != PLOT_WEEK) {
		cut(p, step);
	}
	if (type != PLOT_COVERAGE) {
		p->watched = mem_zalloc((size_t)((p->until_us - p->from_us) / CLOCK_HOUR_US),
		                        sizeof *p->watched);
	}
	return p;
}

static void free_lane(struct plot_lane *lane)
{
	free(lane->name);
	free(lane->listened);
	free(lane->packets);
	for (int i = 0; i < PLOT_LOSSES; i++) {
		free(lane->lost[i]);
	}
}

void plot_free(struct plot *p)
{
	if (p == NULL) {
		return;
	}
	for (size_t i = 0; i < p->n_rows; i++) {
		free(p->rows[i].name);
		free(p->rows[i].octets);
	}
	for (size_t i = 0; i < p->n_lanes; i++) {
		free_lane(&p->lanes[i]);
	}
	for (size_t i = 0; i < p->n_notes; i++) {
		free(p->notes[i]);
	}
	char *texts[] = {p->title, p->scope, p->organisation, p->period, p->sensors, p->marking};
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		free(texts[i]);
	}
	free(p->notes);
	free(p->starts);
	free(p->watched);
	free(p->rows);
	free(p->lanes);
	free(p);
}

void plot_set(char **text, const char *value)
{
	free(*text);
	*text = value != NULL && value[0] != '\0' ? glyph_clean(value, TEXT_CHARACTERS, false)
	                                          : NULL;
}

void plot_note(struct plot *p, char *text)
{
	p->notes = mem_resize(p->notes, p->n_notes + 1, sizeof *p->notes);
	p->notes[p->n_notes++] = glyph_clean(text, TEXT_CHARACTERS, false);
	free(text);
}

size_t plot_bucket_of(const struct plot *p, int64_t us)
{
	size_t low = 0, high = p->n_buckets;

	if (high == 0 || us < p->starts[0] || us >= p->starts[high]) {
		return SIZE_MAX;
	}
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		*(us < p->starts[middle] ? &high : &low) = middle;
	}
	return low;
}

size_t plot_row_of(struct plot *p, const char *name)
{
	char *clean = glyph_clean(name, NAME_CHARACTERS, false);

	for (size_t i = 0; i < p->n_rows; i++) {
		if (strcmp(p->rows[i].name, clean) == 0) {
			free(clean);
			return i;
		}
	}
	p->rows = mem_resize(p->rows, p->n_rows + 1, sizeof *p->rows);
	p->rows[p->n_rows] = (struct plot_row){
	        .name = clean,
	        .octets = mem_zalloc(p->n_buckets, sizeof *p->rows->octets),
	};
	return p->n_rows++;
}

size_t plot_lane_of(struct plot *p, const char *name)
{
	char *clean = glyph_clean(name, NAME_CHARACTERS, false);
	struct plot_lane *lane;

	for (size_t i = 0; i < p->n_lanes; i++) {
		if (strcmp(p->lanes[i].name, clean) == 0) {
			free(clean);
			return i;
		}
	}
	p->lanes = mem_resize(p->lanes, p->n_lanes + 1, sizeof *p->lanes);
	lane = &p->lanes[p->n_lanes];
	*lane = (struct plot_lane){.name = clean,
	                           .packets = mem_zalloc(p->n_buckets, sizeof *lane->packets)};
	for (int i = 0; i < PLOT_LOSSES; i++) {
		lane->lost[i] = mem_zalloc(p->n_buckets, sizeof *lane->lost[i]);
	}
	return p->n_lanes++;
}

static void add(uint64_t *sum, uint64_t more)
{
	*sum = more > UINT64_MAX - *sum ? UINT64_MAX : *sum + more;
}

void plot_add_volume(struct plot *p, size_t row, int64_t hour_us, uint64_t octets)
{
	size_t bucket = plot_bucket_of(p, hour_us);

	if (bucket != SIZE_MAX) {
		add(&p->rows[row].octets[bucket], octets);
		add(&p->rows[row].sum, octets);
	}
}

static bool is_on_axis(const struct plot *p, int64_t us)
{
	return us >= p->from_us && us < p->until_us;
}

static size_t hour_of_week(int64_t us)
{
	int64_t hours = round_down(us, CLOCK_HOUR_US) / CLOCK_HOUR_US + THURSDAY * 24;

	return (size_t)(hours - round_down(hours, PLOT_WEEK_HOURS));
}

void plot_add_week(struct plot *p, int64_t hour_us, uint64_t octets)
{
	if (is_on_axis(p, hour_us)) {
		add(&p->week[hour_of_week(hour_us)], octets);
	}
}

void plot_watch(struct plot *p, int64_t hour_us)
{
	if (p->watched != NULL && is_on_axis(p, hour_us)) {
		p->watched[(hour_us - p->from_us) / CLOCK_HOUR_US] = true;
		p->week_watched[hour_of_week(hour_us)]++;
	}
}

void plot_listen(struct plot *p, size_t lane, int64_t from_us, int64_t until_us)
{
	struct plot_lane *l = &p->lanes[lane];
	int64_t from = from_us > p->from_us ? from_us : p->from_us,
	        until = until_us < p->until_us ? until_us : p->until_us;

	if (from < until) {
		l->listened = mem_resize(l->listened, l->n_listened + 1, sizeof *l->listened);
		l->listened[l->n_listened++] = (struct plot_span){from, until};
	}
}

void plot_hear(struct plot *p, size_t lane, int64_t at_us, uint64_t packets,
               const uint64_t lost[PLOT_LOSSES])
{
	size_t bucket = plot_bucket_of(p, at_us);

	if (bucket == SIZE_MAX) {
		return;
	}
	add(&p->lanes[lane].packets[bucket], packets);
	for (int i = 0; i < PLOT_LOSSES; i++) {
		add(&p->lanes[lane].lost[i][bucket], lost[i]);
	}
}

static int compare_rows(const void *a, const void *b)
{
	const struct plot_row *one = a, *other = b;

	if (one->sum != other->sum) {
		return one->sum > other->sum ? -1 : 1;
	}
	return strcmp(one->name, other->name);
}

static int compare_spans(const void *a, const void *b)
{
	const struct plot_span *one = a, *other = b;

	return (one->from_us > other->from_us) - (one->from_us < other->from_us);
}

/* Stretches that touch become one. */
static void merge_spans(struct plot_lane *lane)
{
	size_t n = 0;

	if (lane->n_listened == 0) {
		return;
	}
	qsort(lane->listened, lane->n_listened, sizeof *lane->listened, compare_spans);
	for (size_t i = 1; i < lane->n_listened; i++) {
		struct plot_span *last = &lane->listened[n], next = lane->listened[i];

		if (next.from_us > last->until_us) {
			lane->listened[++n] = next;
		} else if (next.until_us > last->until_us) {
			last->until_us = next.until_us;
		}
	}
	lane->n_listened = n + 1;
}

static void sum_up_rest(struct plot *p)
{
	struct plot_row *last = &p->rows[PLOT_ROWS_MAX - 1];

	free(last->name);
	last->name = mem_printf("%zu others, summed up", p->n_rows - PLOT_ROWS_MAX + 1);
	for (size_t i = PLOT_ROWS_MAX; i < p->n_rows; i++) {
		for (size_t k = 0; k < p->n_buckets; k++) {
			add(&last->octets[k], p->rows[i].octets[k]);
		}
		add(&last->sum, p->rows[i].sum);
		free(p->rows[i].name);
		free(p->rows[i].octets);
	}
	p->n_rows = PLOT_ROWS_MAX;
}

void plot_sort(struct plot *p)
{
	for (size_t i = 0; i < p->n_lanes; i++) {
		merge_spans(&p->lanes[i]);
	}
	if (p->n_rows > 0) {
		qsort(p->rows, p->n_rows, sizeof *p->rows, compare_rows);
	}
	if (p->n_rows > PLOT_ROWS_MAX) {
		sum_up_rest(p);
	}
}

bool plot_next_gap(const struct plot *p, int64_t from_us, struct plot_span *out)
{
	int64_t at = round_down(from_us > p->from_us ? from_us : p->from_us, CLOCK_HOUR_US);

	while (at < p->until_us && p->watched[(at - p->from_us) / CLOCK_HOUR_US]) {
		at += CLOCK_HOUR_US;
	}
	out->from_us = at;
	while (at < p->until_us && !p->watched[(at - p->from_us) / CLOCK_HOUR_US]) {
		at += CLOCK_HOUR_US;
	}
	out->until_us = at;
	return out->until_us > out->from_us;
}

size_t plot_weeks_watched(const struct plot *p)
{
	int64_t last = INT64_MIN;
	size_t n = 0;

	for (int64_t at = p->from_us; at < p->until_us; at += CLOCK_HOUR_US) {
		int64_t week = round_down(at + THURSDAY * CLOCK_DAY_US, 7 * CLOCK_DAY_US);

		if (p->watched[(at - p->from_us) / CLOCK_HOUR_US] && week != last) {
			last = week;
			n++;
		}
	}
	return n;
}

uint64_t plot_week_mean(const struct plot *p, size_t hour)
{
	uint64_t n = p->week_watched[hour];

	return n == 0 ? 0 : p->week[hour] / n + (p->week[hour] % n >= (n + 1) / 2);
}

uint64_t plot_round_up(uint64_t value)
{
	static const uint64_t steps[] = {1, 2, 5};

	for (uint64_t power = 1; power <= UINT64_MAX / 10; power *= 10) {
		for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
			if (power * steps[i] >= value) {
				return power * steps[i];
			}
		}
	}
	return UINT64_MAX;
}
