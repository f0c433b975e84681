/* What tests of the map's formats share. */
#include "map_draw.h"

#include "unit.h"

#include "terrier/export.h"
#include "terrier/map/layout.h"

#include <string.h>

char *draw(const char *format, const struct map *m, size_t *len)
{
	struct export_options options = {.dpi = 40};
	char *text = NULL, *error = NULL;
	FILE *out = open_memstream(&text, len);

	int result = export_find(format)->write_map(m, &options, out, &error);
	ck_assert_msg(result == 0, "%s", error);
	fclose(out);
	return text;
}

struct map *place(const struct map_input *input)
{
	struct map_layout_options quick = {.rounds = 1};
	struct map *m = map_build(input);
	char *note;

	map_layout(m, &quick, &note);
	free(note);
	return m;
}

struct map *lab(void)
{
	struct map_fixture *f = map_fixture_read(MAP_FIXTURE);
	struct map_input input = map_fixture_input(f);
	struct map *m = place(&input);

	map_fixture_free(f);
	return m;
}

size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *p = strstr(text, what); p != NULL; p = strstr(p + 1, what)) {
		n++;
	}
	return n;
}
