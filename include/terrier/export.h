#ifndef TERRIER_EXPORT_H
#define TERRIER_EXPORT_H

#include "terrier/model/map.h"
#include "terrier/model/plot.h"
#include "terrier/model/table.h"

#include <stdbool.h>
#include <stdio.h>

/* What a book says of itself. Texts are borrowed; NULL: not stated. */
struct export_about {
	const char *title, *organisation;
	const char *marking; /* "OFFICIAL-SENSITIVE" */
	const char *head;    /* of the chain of decisions, in hexadecimal */
	int64_t made_us;     /* when it was produced */
};

/* Output formats: one file, one constant. A format writes a table, a map, a plot, or several of these. */
struct export_options {
	bool colour;      /* terminal table only */
	int width;        /* columns of the terminal; 0: unlimited */
	double dpi;       /* png; 0: the default of 150 */
	const struct export_about *about; /* workbooks and books; NULL: nothing is stated */
};

struct exporter {
	const char *name;    /* --format NAME */
	const char *suffix;  /* of files, ".svg" */
	const char *summary; /* one line of help */
	bool is_binary;      /* nothing that a terminal can show */
	/* Each writes to `out` and returns 0, or -1 with a line on what failed in `*error` (free()). NULL: cannot. */
	int (*write_table)(const struct table *t, const struct export_options *options, FILE *out, char **error);
	/* Several tables in one file, at least one, each of another name. What the first says of coverage holds for all. */
	int (*write_book)(const struct table *const *tables, size_t n, const struct export_options *options, FILE *out,
	                  char **error);
	int (*write_map)(const struct map *m, const struct export_options *options, FILE *out, char **error);
	int (*write_plot)(const struct plot *p, FILE *out, char **error);
};

/* The format of this name; NULL when there is none. */
const struct exporter *export_find(const char *name);

/* All of them, made by meson from the list in src/export/meson.build; ends with NULL. */
extern const struct exporter *const exporters[];

#endif
