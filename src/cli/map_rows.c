/* Rows for the map, their texts, and the lines of its page. */
#include "terrier/cli/map_rows.h"

#include "terrier/base/mem.h"

#include <stdlib.h>

/* Room for one more of `n`, doubled as it fills. */
static void *grow(void *array, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? mem_resize(array, n > 0 ? n * 2 : 1, size) : array;
}

void map_rows_add(struct map_rows *rows, const struct map_row *row)
{
	rows->row = grow(rows->row, rows->n, sizeof *rows->row);
	rows->row[rows->n++] = *row;
}

const char *map_rows_keep(struct map_rows *rows, char *text)
{
	rows->texts = grow(rows->texts, rows->n_texts, sizeof *rows->texts);
	return rows->texts[rows->n_texts++] = text;
}

const char *map_rows_copy(struct map_rows *rows, const char *text)
{
	return map_rows_keep(rows, mem_strdup(text));
}

void map_rows_free(struct map_rows *rows)
{
	for (size_t i = 0; i < rows->n_texts; i++) {
		free(rows->texts[i]);
	}
	free(rows->texts);
	free(rows->row);
}

void map_words_add(struct map_words *words, char *line)
{
	words->line = grow(words->line, words->n, sizeof *words->line);
	words->line[words->n++] = line;
}

void map_words_free(struct map_words *words)
{
	for (size_t i = 0; i < words->n; i++) {
		free(words->line[i]);
	}
	free(words->line);
}
