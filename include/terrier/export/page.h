#ifndef TERRIER_EXPORT_PAGE_H
#define TERRIER_EXPORT_PAGE_H

#include "terrier/model/map.h"
#include "terrier/model/plot.h"

#include <stddef.h>
#include <stdio.h>

/* A map's page as SVG, and that page in the formats made from it. Shared by the files of src/export/. */

/* Writes the whole page. Returns 0, or -1 with a line in `*error` (free()). */
int svg_write_page(const struct map *m, FILE *out, char **error);

/* The same with a plot on it. */
int svg_write_plot(const struct plot *p, FILE *out, char **error);

/* Renders an SVG text as one PDF page of its size in points, with no true date, so that it can be compared; or as PNG at `dpi`. */
int page_write_pdf(const char *svg, size_t len, const char *title, FILE *out, char **error);
int page_write_png(const char *svg, size_t len, double dpi, FILE *out, char **error);

/* The page of a map as a text in memory, which is the caller's. NULL with a line in `*error` when it failed. */
char *page_of_map(const struct map *m, size_t *len, char **error);

#endif
