#ifndef TERRIER_EXPORT_H
#define TERRIER_EXPORT_H

#include "terrier/model/map.h"
#include "terrier/model/table.h"

#include <stdbool.h>
#include <stdio.h>

/* Output formats: one file, one constant. A format writes a table, or a map, or both. */
struct export_options {
	bool colour;      /* terminal table only */
	int width;        /* columns of the terminal; 0: unlimited */
	double dpi;       /* png; 0: the default of 150 */
};

struct exporter {
	const char *name;    /* --format NAME */
	const char *suffix;  /* of files, ".svg" */
	const char *summary; /* one line of help */
	/* Each writes to `out` and returns 0, or -1 with a line on what failed in `*error` (free()). NULL: cannot. */
	int (*write_table)(const struct table *t, const struct export_options *options, FILE *out, char **error);
	int (*write_map)(const struct map *m, const struct export_options *options, FILE *out, char **error);
};

/* The format of this name; NULL when there is none. */
const struct exporter *export_find(const char *name);

/* All of them, made by meson from the list in src/export/meson.build; ends with NULL. */
extern const struct exporter *const exporters[];

#endif
