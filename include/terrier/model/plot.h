#ifndef TERRIER_MODEL_PLOT_H
#define TERRIER_MODEL_PLOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A picture over time as data: what a command gathers and an exporter draws. All times are UTC.
 * Names may be anything; they are made fit to be shown on the way in. */

enum plot_type {
	PLOT_VOLUME,   /* one row of bars for each kind of data */
	PLOT_WEEK,     /* the hours of the week of one flow */
	PLOT_COVERAGE, /* one lane for each place that listens */
};

/* What is lost while listening. */
enum plot_loss { PLOT_DROPS, PLOT_EVICTIONS, PLOT_HOLES, PLOT_LOSSES };

#define PLOT_WEEK_HOURS 168 /* from Monday 00:00 UTC */
#define PLOT_ROWS_MAX   12  /* more are summed up in the last */

struct plot_span {
	int64_t from_us, until_us;
};

struct plot_row {
	char *name;
	uint64_t *octets; /* one for each bucket */
	uint64_t sum;
};

struct plot_lane {
	char *name;
	struct plot_span *listened; /* after plot_sort(): in order, apart from each other */
	size_t n_listened;
	uint64_t *packets; /* one for each bucket, and so are the losses */
	uint64_t *lost[PLOT_LOSSES];
};

struct plot {
	enum plot_type type;
	char *title, *scope, *organisation, *period, *sensors, *marking; /* NULL: not stated */
	char **notes;
	size_t n_notes;
	int64_t from_us,
	        until_us; /* of the axis: whole buckets; equal: nothing is there to be drawn */
	int64_t *starts;  /* n_buckets + 1: where each begins, and the end; none for a week */
	size_t n_buckets;
	const char *bucket; /* "1 hour" */
	bool *watched;      /* each hour of the axis, but for coverage */
	struct plot_row *rows;
	size_t n_rows;
	struct plot_lane *lanes;
	size_t n_lanes;
	uint64_t week[PLOT_WEEK_HOURS];         /* octets, summed up */
	uint32_t week_watched[PLOT_WEEK_HOURS]; /* how many times that hour was watched */
};

/* A plot whose axis holds [from_us, until_us), widened to whole buckets: of one hour, day or month
 * for volumes, of a minute to 30 days for coverage. No more than about 130 buckets up to ten years.
 * plot_free() it. */
struct plot *plot_new(enum plot_type type, int64_t from_us, int64_t until_us);
void plot_free(struct plot *p); /* NULL is allowed */

/* Sets one of the texts, in place of what was there; `text` NULL or "" for none. */
void plot_set(char **text, const char *value);
/* Adds a line to the notes; takes `text` over. */
void plot_note(struct plot *p, char *text);

/* The bucket that holds a time; SIZE_MAX when it is off the axis. */
size_t plot_bucket_of(const struct plot *p, int64_t us);

/* The row or lane of this name, made when there is none yet. */
size_t plot_row_of(struct plot *p, const char *name);
size_t plot_lane_of(struct plot *p, const char *name);

/* Adds what moved in an hour: to a row of volumes, or to the week. Off the axis it counts nothing.
 */
void plot_add_volume(struct plot *p, size_t row, int64_t hour_us, uint64_t octets);
void plot_add_week(struct plot *p, int64_t hour_us, uint64_t octets);

/* Says that an hour was watched. Once for each hour. */
void plot_watch(struct plot *p, int64_t hour_us);

/* Says that a lane listened for a time; that packets came, and were lost, within the bucket of
 * `at_us`. */
void plot_listen(struct plot *p, size_t lane, int64_t from_us, int64_t until_us);
void plot_hear(struct plot *p, size_t lane, int64_t at_us, uint64_t packets,
               const uint64_t lost[PLOT_LOSSES]);

/* Puts the rows of volumes in order, the largest first and then by name, and sums up those beyond
 * PLOT_ROWS_MAX; puts what each lane listened to in order. Once, when all is in. */
void plot_sort(struct plot *p);

/* The next stretch of the axis that was not watched, beginning the search at `from_us`; false when
 * there is none. */
bool plot_next_gap(const struct plot *p, int64_t from_us, struct plot_span *out);

/* Weeks, from their Mondays, with at least one hour watched. */
size_t plot_weeks_watched(const struct plot *p);

/* Octets that moved in an hour of the week, on the average of those watched. */
uint64_t plot_week_mean(const struct plot *p, size_t hour);

/* The smallest of 1, 2, 5, 10, 20, … that is not below `value`. */
uint64_t plot_round_up(uint64_t value);

/* "2.5 MB", "500 kB", "0": without decimals that say nothing. */
#define PLOT_AMOUNT_MAX 48
char *plot_amount(uint64_t octets, char out[PLOT_AMOUNT_MAX]);

/* Times to be written below an axis: not more than `most`, at round times. */
struct plot_tick {
	int64_t at_us;
	char text[16]; /* "06:00", "21 Nov", "Nov 2026" */
};
size_t plot_ticks(int64_t from_us, int64_t until_us, struct plot_tick *out, size_t most);

#endif
