/* The map's page as a picture: what the SVG writer drew. */
#include "terrier/export.h"

#include "terrier/export/page.h"

#include <stdlib.h>

#define DEFAULT_DPI 150.0

static int write_map(const struct map *m, const struct export_options *options, FILE *out,
                     char **error)
{
	size_t len;
	char *svg = page_of_map(m, &len, error);

	if (svg == NULL) {
		return -1;
	}
	int result =
	        page_write_png(svg, len, options->dpi > 0 ? options->dpi : DEFAULT_DPI, out, error);
	free(svg);
	return result;
}

const struct exporter exporter_png = {
        .name = "png",
        .suffix = ".png",
        .summary = "a picture for a slide or a message",
        .is_binary = true,
        .write_map = write_map,
};
