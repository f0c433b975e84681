#ifndef TERRIER_TESTS_MAP_FIXTURE_H
#define TERRIER_TESTS_MAP_FIXTURE_H

#include "terrier/map/build.h"

/* Rows for tests of the map: those of a table in tests/golden/map/, or made up. */
struct map_fixture {
	struct map_row *rows;
	size_t n_rows;
	char **texts; /* owned */
	size_t n_texts;
};

/* Reads FILE (tab-separated, a header line); ends the process when it is not as expected. */
struct map_fixture *map_fixture_read(const char *file);

/* `servers` systems that `clients` systems in `zones` zones use, each for several kinds. */
struct map_fixture *map_fixture_make(size_t servers, size_t clients, size_t zones);

void map_fixture_free(struct map_fixture *f);

/* An input of these rows with title, period, coverage and one note. */
struct map_input map_fixture_input(const struct map_fixture *f);

#endif
