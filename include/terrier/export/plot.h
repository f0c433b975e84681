#ifndef TERRIER_EXPORT_PLOT_H
#define TERRIER_EXPORT_PLOT_H

#include "terrier/model/plot.h"

#include <stdio.h>

/* Plots as SVG: a page of its own, or a part of another page. */

#define PLOT_WIDTH 793.9 /* of a figure, in points: A4 landscape between its margins */

/* The drawing in an <svg> that scales to the width it is given, with title and description, for a
 * page of HTML. `id` is a word that nothing else on that page begins its ids with. */
void plot_write_fragment(const struct plot *p, const char *id, FILE *out);

/* The drawing alone, in as much of `height` as it can use, from the origin down; returns where it
 * ends. `out` NULL only measures. */
double plot_figure(const struct plot *p, const char *id, double height, FILE *out);

/* What is drawn, in words, for who cannot see it. */
void plot_describe(const struct plot *p, FILE *out);

#endif
