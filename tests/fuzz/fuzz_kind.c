/* A site's catalogue file, and texts to match against what comes of it. */
#include "terrier/model/kind.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char dir[] = "/tmp/fuzz-kind-XXXXXX";
static char path[sizeof dir + 16];

static void remove_dir(void)
{
	unlink(path);
	rmdir(dir);
}

static bool make_dir(void)
{
	static bool is_made;

	if (!is_made) {
		is_made = mkdtemp(dir) != NULL;
		snprintf(path, sizeof path, "%s/site.csv", dir);
		atexit(remove_dir);
	}
	return is_made;
}

static void match_all(const struct catalogue *c, const char *text, size_t len)
{
	for (int type = EVIDENCE_NONE; type < EVIDENCE_TYPES; type++) {
		struct kind_match match;

		if (catalogue_match(c, (enum evidence_type)type, text, len, &match) &&
		    match.kind >= catalogue_count(c)) {
			abort();
		}
	}
}

/* The file's own cells are what its patterns are likeliest to fit. */
static void match_cells(const struct catalogue *c, const char *text, size_t size)
{
	size_t start = 0;

	for (size_t i = 0; i <= size; i++) {
		if (i == size || memchr(",\n\r\"", text[i], 4) != NULL) {
			match_all(c, text + start, i - start);
			start = i + 1;
		}
	}
	match_all(c, text, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *f = make_dir() ? fopen(path, "wb") : NULL;
	char *error;

	if (f == NULL) {
		return 0;
	}
	fwrite(data, 1, size, f);
	fclose(f);
	struct catalogue *c = catalogue_load(dir, &error);

	if ((c == NULL) != (error != NULL)) {
		abort();
	}
	if (c != NULL) {
		match_cells(c, (const char *)data, size);
	}
	catalogue_free(c);
	free(error);
	return 0;
}
