/* The map's page as PDF: what the SVG writer drew. */
#include "terrier/export.h"

#include "terrier/export/page.h"

#include <stdlib.h>

static int write_map(const struct map *m, const struct export_options *options, FILE *out,
                     char **error)
{
	size_t len;
	char *svg = page_of_map(m, &len, error);

	(void)options;
	if (svg == NULL) {
		return -1;
	}
	int result =
	        page_write_pdf(svg, len, m->title != NULL ? m->title : "Data-flow map", out, error);
	free(svg);
	return result;
}

const struct exporter exporter_pdf = {
        .name = "pdf",
        .suffix = ".pdf",
        .summary = "a page to print and file",
        .is_binary = true,
        .write_map = write_map,
};
