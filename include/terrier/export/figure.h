#ifndef TERRIER_EXPORT_FIGURE_H
#define TERRIER_EXPORT_FIGURE_H

#include "terrier/export/pen.h"
#include "terrier/model/map.h"

/* The drawing, and its signs one by one for the key. Shared by the files of src/export/. */

/* How a tier looks: by colour, weight and letter, so that none is needed alone. */
struct figure_look {
	const char *colour, *letter, *dash, *meaning;
	double weight;
};

extern const struct figure_look figure_looks[TIER_UNKNOWN + 1];

/* Draws all of a placed map. */
void figure_map(FILE *out, const struct map *m);

void figure_shape(FILE *out, enum map_shape shape, const struct pen_frame *f);
void figure_zone(FILE *out, const struct map_zone *z);
void figure_chip(FILE *out, double x, double y, const struct figure_look *look);
void figure_lock(FILE *out, double x, double y);

/* The line of an arrow of this status: that of its tier, or dashed where the arrow was not
 * observed. */
struct figure_look figure_look_of(enum tier tier, enum map_status status);

/* A sign of what the register says, as large as a chip; where a line alone says it, none is drawn.
 */
enum figure_mark { FIGURE_NO_MARK, FIGURE_WARNING, FIGURE_REJECTED, FIGURE_RETIRED };
enum figure_mark figure_mark_of(enum map_status status, bool is_rejected);
void figure_mark(FILE *out, double x, double y, enum figure_mark mark);
const char *figure_status(enum map_status status);
#define FIGURE_REJECTED_WORDS "rejected by a decision"

/* A curve of `n` points on a white edge that parts it from what it crosses, with heads at its two ends as asked. */
void figure_half(FILE *out, const struct map_point *points, size_t n, const struct figure_look *look, bool heads[2]);

/* What a shape stands for, in words: "data store". A constant. */
const char *figure_shape_word(enum map_shape shape);

/* True when all that an arrow carries is encrypted. */
bool figure_is_locked(const struct map_edge *e);

#endif
