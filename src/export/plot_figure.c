/* The drawings of plots: rows of bars, the hours of a week, lanes of coverage. Nothing is told by
 * colour alone: what was not watched is hatched, what was lost has a shape and a line of its own.
 */
#include "terrier/export/plot.h"

#include "terrier/base/clock.h"
#include "terrier/base/glyph.h"
#include "terrier/base/mem.h"
#include "terrier/export/pen.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TEXT        8.0
#define NAME        9.0
#define LABELS      150.0 /* width of the names at the left */
#define LEFT        204.0 /* where the axis begins; between is the scale */
#define RIGHT       14.0  /* half of the last time */
#define AXIS        42.0  /* height below the rows: times, title, key */
#define ROW_MIN     34.0
#define ROW_MAX     110.0
#define GAP_TAB     5.0 /* how far a gap stands out above its row: a bar may hide the rest */
#define ROW_GAP     12.0
#define LANE        60.0
#define LANE_BAR    13.0
#define LANE_LINE   11.0
#define TICKS       12
#define DAYS_WIDTH  70.0
#define CELL_HEIGHT 40.0
#define SHADES      5

static const struct pen_style small = {TEXT, "start", "#323f4b", false};
static const struct pen_style small_end = {TEXT, "end", "#323f4b", false};
static const struct pen_style small_middle = {TEXT, "middle", "#323f4b", false};
static const struct pen_style strong = {NAME, "start", "#000000", true};

static const char bar_look[] = "fill=\"#3e4c59\"";
static const char frame_look[] = "fill=\"none\" stroke=\"#9aa5b1\" stroke-width=\"0.6\"";

struct drawing {
	const struct plot *plot;
	const char *id;
	FILE *out;
};

static void put_hatch_pattern(const struct drawing *d)
{
	fprintf(d->out,
	        "<defs><pattern id=\"%s-hatch\" width=\"5\" height=\"5\" "
	        "patternUnits=\"userSpaceOnUse\" "
	        "patternTransform=\"rotate(45)\"><path d=\"M0 0V5\" stroke=\"#8a949f\" "
	        "stroke-width=\"0.9\"/>"
	        "</pattern></defs>\n",
	        d->id);
}

static void put_hatched(const struct drawing *d, const struct pen_frame *f)
{
	char *rest = mem_printf(
	        "class=\"gap\" fill=\"url(#%s-hatch)\" stroke=\"#7b8794\" stroke-width=\"0.4\"",
	        d->id);

	pen_rect(d->out, f, 0, rest);
	free(rest);
}

static double x_of(const struct plot *p, int64_t us)
{
	return LEFT + (PLOT_WIDTH - LEFT - RIGHT) * (double)(us - p->from_us) /
	                      (double)(p->until_us - p->from_us);
}

/* The frame of a stretch of time, wide enough to be seen. */
static struct pen_frame frame_of(const struct plot *p, int64_t from_us, int64_t until_us, double y,
                                 double height)
{
	double x = x_of(p, from_us), width = x_of(p, until_us) - x;

	return (struct pen_frame){fmin(x, PLOT_WIDTH - RIGHT - 1), y, fmax(width, 1), height};
}

/* As much of a name as fits into `width`, an ellipsis for the rest. */
static void put_name(FILE *out, double x, double y, const struct pen_style *style, const char *name,
                     double width)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	char *text = mem_strdup(name);
	size_t len = strlen(text);

	while (len > 0 && glyph_width(text, len, style->size, style->is_bold) > width) {
		do {
			len--;
		} while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80);
	}
	while (len < strlen(name) && len > 0 &&
	       glyph_width(text, len, style->size, style->is_bold) + style->size > width) {
		do {
			len--;
		} while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80);
	}
	text[len] = '\0';
	char *shown = mem_printf("%s%s", text, len < strlen(name) ? ellipsis : "");

	pen_words(out, x, y, style, shown);
	free(shown);
	free(text);
}

static void put_rule(FILE *out, double x1, double y1, double x2, double y2, const char *colour)
{
	fputs("<path d=\"", out);
	pen_pair(out, "M", x1, y1);
	pen_pair(out, "L", x2, y2);
	fprintf(out, "\" stroke=\"%s\" stroke-width=\"0.6\" fill=\"none\"/>\n", colour);
}

/* Upright lines through the rows at round times, and the times below them. */
static void put_times(const struct drawing *d, double bottom)
{
	struct plot_tick ticks[TICKS];
	const struct plot *p = d->plot;
	size_t n = plot_ticks(p->from_us, p->until_us, ticks, TICKS);

	for (size_t i = 0; i < n; i++) {
		double x = x_of(p, ticks[i].at_us);

		put_rule(d->out, x, 0, x, bottom + 3, "#cbd2d9");
		pen_words(d->out, x, bottom + 12, &small_middle, ticks[i].text);
	}
}

/* The axis in words, from `y` down. */
static void put_axis_title(const struct drawing *d, double y, const char *what)
{
	char from[CLOCK_TEXT_MAX], until[CLOCK_TEXT_MAX];
	char *text = mem_printf("Time in UTC, %.16s to %.16s. %s %s.",
	                        clock_format(d->plot->from_us, from),
	                        clock_format(d->plot->until_us, until), what, d->plot->bucket);

	pen_words(d->out, LEFT, y, &small, text);
	free(text);
}

/* A sign of the key and its words; returns where the next begins. */
static double put_key(FILE *out, double x, double y, const char *words)
{
	pen_words(out, x + 20, y, &small, words);
	return x + 20 + glyph_width(words, strlen(words), TEXT, false) + 18;
}

static double put_key_hatch(const struct drawing *d, double x, double y, const char *words)
{
	put_hatched(d, &(struct pen_frame){x, y - 7, 15, 8});
	return put_key(d->out, x, y, words);
}

static double put_key_box(const struct drawing *d, double x, double y, const char *look,
                          const char *words)
{
	pen_rect(d->out, &(struct pen_frame){x, y - 7, 15, 8}, 0, look);
	return put_key(d->out, x, y, words);
}

/* ---- volume ---- */

static uint64_t most_of(const uint64_t *values, size_t n, size_t *at)
{
	uint64_t most = 0;

	*at = 0;
	for (size_t i = 0; i < n; i++) {
		if (values[i] > most) {
			most = values[i];
			*at = i;
		}
	}
	return most;
}

static void put_gaps(const struct drawing *d, double y, double height)
{
	const struct plot *p = d->plot;
	struct plot_span gap = {p->from_us, p->from_us};

	while (plot_next_gap(p, gap.until_us, &gap)) {
		struct pen_frame f =
		        frame_of(p, gap.from_us, gap.until_us, y - GAP_TAB, height + GAP_TAB);

		put_hatched(d, &f);
	}
}

static void put_bars(const struct drawing *d, const struct plot_row *row, uint64_t top, double y,
                     double height)
{
	const struct plot *p = d->plot;

	for (size_t i = 0; i < p->n_buckets; i++) {
		struct pen_frame f = frame_of(p, p->starts[i], p->starts[i + 1], y, 0);

		if (row->octets[i] == 0) {
			continue;
		}
		if (f.width > 3) {
			f.x += 0.5;
			f.width -= 1;
		}
		f.height = fmax(height * (double)row->octets[i] / (double)top, 0.8);
		f.y = y + height - f.height;
		pen_rect(d->out, &f, 0, bar_look);
	}
}

static double share_of(const struct plot *p, uint64_t sum)
{
	double all = 0;

	for (size_t i = 0; i < p->n_rows; i++) {
		all += (double)p->rows[i].sum;
	}
	return all > 0 ? 100 * (double)sum / all : 0;
}

static void put_row(const struct drawing *d, const struct plot_row *row, double y, double height)
{
	const struct plot *p = d->plot;
	char sum[PLOT_AMOUNT_MAX], most[PLOT_AMOUNT_MAX], top[PLOT_AMOUNT_MAX], at[CLOCK_TEXT_MAX];
	size_t peak;
	uint64_t highest = most_of(row->octets, p->n_buckets, &peak),
	         scale = plot_round_up(highest);
	char *total = mem_printf("%s, %.1f %%", plot_amount(row->sum, sum), share_of(p, row->sum));

	fputs("<g role=\"img\" aria-label=\"", d->out);
	pen_string(d->out, row->name);
	fprintf(d->out, ": %s of the whole; at most %s in %s from %s\">\n", total,
	        plot_amount(highest, most), p->bucket, clock_format(p->starts[peak], at));
	put_name(d->out, 0, y + NAME, &strong, row->name, LABELS);
	pen_words(d->out, 0, y + NAME + 11, &small, total);
	pen_words(d->out, LEFT - 5, y + 6, &small_end, plot_amount(scale, top));
	pen_words(d->out, LEFT - 5, y + height, &small_end, "0");
	put_gaps(d, y, height);
	put_bars(d, row, scale, y, height);
	pen_rect(d->out, &(struct pen_frame){LEFT, y, PLOT_WIDTH - LEFT - RIGHT, height}, 0,
	         frame_look);
	fputs("</g>\n", d->out);
	free(total);
}

static double draw_volume(const struct drawing *d, double height)
{
	const struct plot *p = d->plot;
	double pitch = fmax(fmin((height - AXIS - GAP_TAB) / (double)p->n_rows, ROW_MAX), ROW_MIN);
	double bottom = GAP_TAB + pitch * (double)p->n_rows - ROW_GAP, x;

	if (d->out == NULL) {
		return bottom + AXIS;
	}
	put_hatch_pattern(d);
	put_times(d, bottom);
	for (size_t i = 0; i < p->n_rows; i++) {
		put_row(d, &p->rows[i], GAP_TAB + pitch * (double)i, pitch - ROW_GAP);
	}
	put_axis_title(d, bottom + 25, "Each row has its own scale. One bar:");
	x = put_key_box(d, LEFT, bottom + 38, bar_look, "payload octets, both ways");
	put_key_hatch(d, x, bottom + 38, "not watched: nothing is known");
	return bottom + AXIS;
}

/* ---- week ---- */

static const char *const day_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};

static const struct {
	const char *look, *text;
} shades[SHADES + 1] = {
        {"fill=\"#ffffff\" stroke=\"#9aa5b1\" stroke-width=\"0.5\"", "#323f4b"},
        {"fill=\"#e9ecef\" stroke=\"#9aa5b1\" stroke-width=\"0.5\"", "#000000"},
        {"fill=\"#c9ced5\" stroke=\"#9aa5b1\" stroke-width=\"0.5\"", "#000000"},
        {"fill=\"#9fa8b2\" stroke=\"#9aa5b1\" stroke-width=\"0.5\"", "#000000"},
        {"fill=\"#5a6672\" stroke=\"#9aa5b1\" stroke-width=\"0.5\"", "#ffffff"},
        {"fill=\"#1f2933\" stroke=\"#9aa5b1\" stroke-width=\"0.5\"", "#ffffff"},
};

static uint64_t week_most(const struct plot *p)
{
	uint64_t most = 0;

	for (size_t i = 0; i < PLOT_WEEK_HOURS; i++) {
		uint64_t mean = plot_week_mean(p, i);

		most = mean > most ? mean : most;
	}
	return most;
}

/* The most that shade `i` stands for: each the half of the next, so that quiet hours differ as
 * well. */
static uint64_t shade_limit(size_t i, uint64_t most)
{
	return i == 0 ? 0 : most >> (SHADES - i);
}

/* "2.5M" for 2.5 MB: what a cell has room for. */
static char *brief(uint64_t octets, char out[PLOT_AMOUNT_MAX])
{
	size_t used = 0;

	plot_amount(octets, out);
	for (const char *c = out; *c != '\0'; c++) {
		if (*c != ' ' && *c != 'B') {
			out[used++] = *c;
		}
	}
	out[used] = '\0';
	return out;
}

static void put_cell(const struct drawing *d, size_t hour, const struct pen_frame *f, uint64_t most)
{
	const struct plot *p = d->plot;
	uint64_t mean = plot_week_mean(p, hour);
	char amount[PLOT_AMOUNT_MAX];
	size_t shade = 0;

	while (shade < SHADES && mean > shade_limit(shade, most)) {
		shade++;
	}
	fprintf(d->out, "<g role=\"img\" aria-label=\"%s %02zu:00: ", day_names[hour / 24],
	        hour % 24);
	if (p->week_watched[hour] == 0) {
		fputs("never watched\">", d->out);
		put_hatched(d, f);
	} else {
		struct pen_style style = {TEXT, "middle", shades[shade].text, false};

		fprintf(d->out, "%s an hour, watched %" PRIu32 " times\">",
		        plot_amount(mean, amount), p->week_watched[hour]);
		pen_rect(d->out, f, 0, shades[shade].look);
		pen_words(d->out, f->x + f->width / 2, f->y + f->height / 2 + 3, &style,
		          brief(mean, amount));
	}
	fputs("</g>\n", d->out);
}

static void put_week_key(const struct drawing *d, double y, uint64_t most)
{
	double x = put_key_box(d, DAYS_WIDTH, y, shades[0].look, "nothing");
	char amount[PLOT_AMOUNT_MAX];

	for (size_t i = 1; i <= SHADES; i++) {
		uint64_t limit = shade_limit(i, most);

		if (limit > shade_limit(i - 1, most)) {
			char *words = mem_printf("up to %s", plot_amount(limit, amount));

			x = put_key_box(d, x, y, shades[i].look, words);
			free(words);
		}
	}
	put_key_hatch(d, x, y, "never watched");
}

static double draw_week(const struct drawing *d, double height)
{
	double cell = fmin((height - 56) / 7, CELL_HEIGHT), width = (PLOT_WIDTH - DAYS_WIDTH) / 24;
	double bottom = 14 + 7 * cell;
	uint64_t most = week_most(d->plot);

	if (d->out == NULL) {
		return bottom + AXIS;
	}
	put_hatch_pattern(d);
	for (size_t i = 0; i < 24; i++) {
		char *text = mem_printf("%02zu", i);

		pen_words(d->out, DAYS_WIDTH + width * ((double)i + 0.5), 9, &small_middle, text);
		free(text);
	}
	for (size_t i = 0; i < PLOT_WEEK_HOURS; i++) {
		double y = 14 + cell * (double)(i / 24);
		struct pen_frame f = {DAYS_WIDTH + width * (double)(i % 24), y, width, cell};

		if (i % 24 == 0) {
			pen_words(d->out, 0, y + cell / 2 + 3, &strong, day_names[i / 24]);
		}
		put_cell(d, i, &f, most);
	}
	pen_words(d->out, DAYS_WIDTH, bottom + 14, &small,
	          "Hours of the day in UTC. Payload octets, both ways, of an hour on the average "
	          "of those watched; k, M and "
	          "G are thousands, millions and so on.");
	put_week_key(d, bottom + 30, most);
	return bottom + AXIS;
}

/* ---- coverage ---- */

static const char *const loss_names[PLOT_LOSSES] = {"packets dropped", "no room to follow",
                                                    "holes in streams"};

/* A triangle, a square and a bar. */
static void put_mark(FILE *out, enum plot_loss loss, double x, double y)
{
	if (loss == PLOT_DROPS) {
		fputs("<path class=\"drops\" d=\"", out);
		pen_pair(out, "M", x - 3, y - 3);
		fputs("h6l-3 6z\" fill=\"#971b1b\"/>\n", out);
	} else if (loss == PLOT_EVICTIONS) {
		pen_rect(out, &(struct pen_frame){x - 2.2, y - 2.2, 4.4, 4.4}, 0,
		         "class=\"evictions\" fill=\"#ffffff\" stroke=\"#000000\" "
		         "stroke-width=\"1.1\"");
	} else {
		pen_rect(out, &(struct pen_frame){x - 0.7, y - 3, 1.4, 6}, 0,
		         "class=\"holes\" fill=\"#000000\"");
	}
}

static void put_losses(const struct drawing *d, const struct plot_lane *lane, double y)
{
	const struct plot *p = d->plot;

	for (int loss = 0; loss < PLOT_LOSSES; loss++, y += LANE_LINE) {
		uint64_t sum = 0;

		put_rule(d->out, LEFT, y, PLOT_WIDTH - RIGHT, y, "#e4e7eb");
		for (size_t i = 0; i < p->n_buckets; i++) {
			if (lane->lost[loss][i] > 0) {
				sum += lane->lost[loss][i];
				put_mark(d->out, (enum plot_loss)loss,
				         (x_of(p, p->starts[i]) + x_of(p, p->starts[i + 1])) / 2,
				         y);
			}
		}
		char *text = mem_printf("%s: %" PRIu64, loss_names[loss], sum);

		put_mark(d->out, (enum plot_loss)loss, 4, y);
		put_name(d->out, 12, y + 3, &small, text, LEFT - 18);
		free(text);
	}
}

/* Where packets came while it listened. */
static void put_heard(const struct drawing *d, const struct plot_lane *lane,
                      const struct plot_span *span, double y)
{
	const struct plot *p = d->plot;

	for (size_t i = 0; i < p->n_buckets; i++) {
		int64_t from = p->starts[i], until;

		if (lane->packets[i] == 0) {
			continue;
		}
		while (i + 1 < p->n_buckets && lane->packets[i + 1] > 0) {
			i++;
		}
		until = p->starts[i + 1] < span->until_us ? p->starts[i + 1] : span->until_us;
		from = from > span->from_us ? from : span->from_us;
		if (from < until) {
			struct pen_frame f = frame_of(p, from, until, y + 2.5, LANE_BAR - 5);

			pen_rect(d->out, &f, 0, bar_look);
		}
	}
}

static void put_lane_bar(const struct drawing *d, const struct plot_lane *lane, double y)
{
	const struct plot *p = d->plot;
	int64_t at = p->from_us;

	for (size_t i = 0; i <= lane->n_listened; i++) {
		struct plot_span span = {p->until_us, p->until_us};

		if (i < lane->n_listened) {
			span = lane->listened[i];
		}
		if (span.from_us > at) {
			struct pen_frame f = frame_of(p, at, span.from_us, y, LANE_BAR);

			put_hatched(d, &f);
		}
		at = span.until_us;
	}
	for (size_t i = 0; i < lane->n_listened; i++) {
		struct pen_frame f = frame_of(p, lane->listened[i].from_us,
		                              lane->listened[i].until_us, y, LANE_BAR);

		pen_rect(d->out, &f, 0,
		         "class=\"listened\" fill=\"#ffffff\" stroke=\"#000000\" "
		         "stroke-width=\"0.7\"");
		put_heard(d, lane, &lane->listened[i], y);
	}
}

static void put_lane(const struct drawing *d, const struct plot_lane *lane, double y)
{
	int64_t listened = 0;

	for (size_t i = 0; i < lane->n_listened; i++) {
		listened += lane->listened[i].until_us - lane->listened[i].from_us;
	}
	fputs("<g role=\"img\" aria-label=\"", d->out);
	pen_string(d->out, lane->name);
	fprintf(d->out, ": listened %.1f %% of the time, in %zu stretches",
	        100 * (double)listened / (double)(d->plot->until_us - d->plot->from_us),
	        lane->n_listened);
	for (int loss = 0; loss < PLOT_LOSSES; loss++) {
		size_t n = 0;

		for (size_t i = 0; i < d->plot->n_buckets; i++) {
			n += lane->lost[loss][i] > 0;
		}
		fprintf(d->out, "; %s in %zu of %zu stretches of %s", loss_names[loss], n,
		        d->plot->n_buckets, d->plot->bucket);
	}
	fputs("\">\n", d->out);
	put_name(d->out, 0, y + NAME + 1, &strong, lane->name, LEFT - 8);
	put_lane_bar(d, lane, y);
	put_losses(d, lane, y + LANE_BAR + LANE_LINE * 0.7);
	fputs("</g>\n", d->out);
}

static double draw_coverage(const struct drawing *d)
{
	const struct plot *p = d->plot;
	double bottom = LANE * (double)p->n_lanes - ROW_GAP, x;

	if (d->out == NULL) {
		return bottom + AXIS;
	}
	put_hatch_pattern(d);
	put_times(d, bottom);
	for (size_t i = 0; i < p->n_lanes; i++) {
		put_lane(d, &p->lanes[i], LANE * (double)i);
	}
	put_axis_title(d, bottom + 25, "One mark stands for what was lost within");
	x = put_key_box(d, LEFT, bottom + 38, bar_look, "packets came");
	x = put_key_box(d, x, bottom + 38,
	                "fill=\"#ffffff\" stroke=\"#000000\" stroke-width=\"0.7\"",
	                "it listened and nothing came");
	put_key_hatch(d, x, bottom + 38, "it did not listen");
	return bottom + AXIS;
}

static bool is_empty(const struct plot *p)
{
	return p->until_us <= p->from_us || (p->type == PLOT_VOLUME && p->n_rows == 0) ||
	       (p->type == PLOT_COVERAGE && p->n_lanes == 0);
}

double plot_figure(const struct plot *p, const char *id, double height, FILE *out)
{
	static const struct pen_style style = {14, "middle", "#323f4b", false};
	const struct drawing d = {p, id, out};

	if (is_empty(p)) {
		if (out != NULL) {
			pen_words(out, PLOT_WIDTH / 2, 60, &style,
			          "Nothing was seen that this plot asks for.");
		}
		return 100;
	}
	switch (p->type) {
	case PLOT_VOLUME:
		return draw_volume(&d, height);
	case PLOT_WEEK:
		return draw_week(&d, height);
	case PLOT_COVERAGE:
		return draw_coverage(&d);
	}
	return 0;
}

void plot_describe(const struct plot *p, FILE *out)
{
	if (is_empty(p)) {
		fputs("Nothing was seen that this plot asks for.", out);
	} else if (p->type == PLOT_VOLUME) {
		fprintf(out,
		        "%zu kinds or groups of data, each a row of %zu bars of %s; what was not "
		        "watched is hatched. ",
		        p->n_rows, p->n_buckets, p->bucket);
	} else if (p->type == PLOT_WEEK) {
		fprintf(out,
		        "The 168 hours of the week, seven rows of 24 cells; %zu weeks watched in "
		        "part or whole. ",
		        plot_weeks_watched(p));
	} else {
		fprintf(out, "%zu lanes, one for each sensor and interface. ", p->n_lanes);
	}
}
