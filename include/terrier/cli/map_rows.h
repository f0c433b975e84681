#ifndef TERRIER_CLI_MAP_ROWS_H
#define TERRIER_CLI_MAP_ROWS_H

#include "terrier/cli/register.h"
#include "terrier/map/input.h"

/* What a map is drawn from, with the texts that its rows borrow. Zero it to begin. */
struct map_rows {
	struct map_row *row;
	size_t n;
	char **texts;
	size_t n_texts;
};

void map_rows_add(struct map_rows *rows, const struct map_row *row);
void map_rows_free(struct map_rows *rows);

/* Keeps a text as long as the rows: takes it over, or copies it. */
const char *map_rows_keep(struct map_rows *rows, char *text);
const char *map_rows_copy(struct map_rows *rows, const char *text);

/* What the page must say: limits and warnings; version, dates and roles. */
struct map_words {
	char **line;
	size_t n;
};

void map_words_add(struct map_words *words, char *line); /* takes the line over */
void map_words_free(struct map_words *words);

/* Adds the flows of a reconciled register that filter and --status ask for, as the view allows (not
 * the public one), with a note that counts them, and the lines that make the page a record:
 * organisation, version, dates, roles. */
void map_flows_add(struct map_rows *rows, const struct register_state *state,
                   struct map_words *notes, struct map_words *control);

#endif
