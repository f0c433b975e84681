#ifndef TERRIER_TESTS_MAP_DRAW_H
#define TERRIER_TESTS_MAP_DRAW_H

#include "map_fixture.h"

/* What tests of the map's formats share: a map, placed, and what a format makes of it. */

/* The map in the format of this name, `*len` octets and a NUL; free(). */
char *draw(const char *format, const struct map *m, size_t *len);

/* The map of these rows, placed; the laboratory's. map_free() them. */
struct map *place(const struct map_input *input);
struct map *lab(void);

/* How often `what` is in the text. */
size_t count(const char *text, const char *what);

#endif
