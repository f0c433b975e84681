/* A table of typed cells. */
#include "terrier/model/table.h"

#include "terrier/base/mem.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Texts of cells, one after the other: a register has millions of them. */
#define CHUNK_BYTES 65536
struct chunk {
	struct chunk *next;
	size_t used, size;
	char text[];
};

/* What it holds is the column's type. */
struct cell {
	union {
		const char *text; /* in a chunk */
		int64_t integer;
	};
	bool is_empty;
};

struct note {
	enum table_note where;
	const char *key;
	char *text;
	bool is_integer;
};

struct table {
	const char *name, *title;
	struct table_column *columns;
	size_t n_columns;
	struct table_help *help; /* of each column */
	struct cell *cells;
	struct chunk *texts; /* the one that is being filled, then those that are full */
	size_t n_cells, room;
	struct note *notes;
	size_t n_notes;
};

struct table *table_new(const char *name, const struct table_column *columns, size_t n)
{
	struct table *t = mem_zalloc(1, sizeof *t);

	t->name = name;
	t->title = name;
	t->columns = mem_zalloc(n, sizeof *t->columns);
	memcpy(t->columns, columns, n * sizeof *columns);
	t->n_columns = n;
	t->help = mem_zalloc(n, sizeof *t->help);
	return t;
}

void table_free(struct table *t)
{
	if (t == NULL) {
		return;
	}
	for (struct chunk *c = t->texts, *next; c != NULL; c = next) {
		next = c->next;
		free(c);
	}
	for (size_t i = 0; i < t->n_notes; i++) {
		free(t->notes[i].text);
	}
	free(t->columns);
	free(t->help);
	free(t->cells);
	free(t->notes);
	free(t);
}

void table_set_title(struct table *t, const char *title)
{
	t->title = title;
}

const char *table_title(const struct table *t)
{
	return t->title;
}

void table_set_help(struct table *t, size_t column, const struct table_help *help)
{
	assert(column < t->n_columns);
	t->help[column] = *help;
}

struct table_help table_help(const struct table *t, size_t column)
{
	assert(column < t->n_columns);
	return t->help[column];
}

static struct cell *add(struct table *t)
{
	if (t->n_cells == t->room) {
		t->room = t->room > 0 ? t->room * 2 : 64 * t->n_columns;
		t->cells = mem_resize(t->cells, t->room, sizeof *t->cells);
	}
	t->cells[t->n_cells] = (struct cell){0};
	return &t->cells[t->n_cells++];
}

static enum table_type type_of_next(const struct table *t)
{
	return t->columns[t->n_cells % t->n_columns].type;
}

static const char *keep(struct table *t, const char *text)
{
	size_t size = strlen(text) + 1, room = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	char *kept;

	if (t->texts == NULL || t->texts->size - t->texts->used < size) {
		struct chunk *c = mem_resize(NULL, sizeof *c + room, 1);

		*c = (struct chunk){.next = t->texts, .size = room};
		t->texts = c;
	}
	kept = t->texts->text + t->texts->used;
	memcpy(kept, text, size);
	t->texts->used += size;
	return kept;
}

/* The cell above often has the same text. */
void table_add_text(struct table *t, const char *text)
{
	const struct cell *above = t->n_cells >= t->n_columns ? &t->cells[t->n_cells - t->n_columns] : NULL;
	const char *same = above != NULL && !above->is_empty && strcmp(above->text, text) == 0 ? above->text : NULL;

	assert(type_of_next(t) == TABLE_TEXT);
	add(t)->text = same != NULL ? same : keep(t, text);
}

void table_add_integer(struct table *t, int64_t value)
{
	assert(type_of_next(t) == TABLE_INTEGER || type_of_next(t) == TABLE_BYTES);
	add(t)->integer = value;
}

void table_add_time(struct table *t, int64_t us)
{
	assert(type_of_next(t) == TABLE_TIME);
	add(t)->integer = us;
}

void table_add_empty(struct table *t)
{
	add(t)->is_empty = true;
}

const char *table_name(const struct table *t)
{
	return t->name;
}

size_t table_columns(const struct table *t, const struct table_column **columns)
{
	*columns = t->columns;
	return t->n_columns;
}

size_t table_rows(const struct table *t)
{
	return t->n_cells / t->n_columns;
}

struct table_cell table_cell(const struct table *t, size_t row, size_t column)
{
	const struct cell *c = &t->cells[row * t->n_columns + column];

	bool is_text = t->columns[column].type == TABLE_TEXT;

	assert(row < table_rows(t) && column < t->n_columns);
	return (struct table_cell){
		.type = t->columns[column].type,
		.is_empty = c->is_empty,
		.text = is_text && !c->is_empty ? c->text : "",
		.integer = is_text ? 0 : c->integer,
	};
}

void table_cut(struct table *t, size_t limit)
{
	if (table_rows(t) > limit) {
		t->n_cells = limit * t->n_columns;
	}
}

static struct note *add_note(struct table *t, enum table_note where, const char *key)
{
	t->notes = mem_resize(t->notes, t->n_notes + 1, sizeof *t->notes);
	t->notes[t->n_notes] = (struct note){.where = where, .key = key};
	return &t->notes[t->n_notes++];
}

void table_add_note(struct table *t, enum table_note where, const char *key, const char *text)
{
	add_note(t, where, key)->text = mem_strdup(text);
}

void table_add_note_integer(struct table *t, enum table_note where, const char *key, int64_t value)
{
	struct note *note = add_note(t, where, key);

	note->text = mem_printf("%" PRId64, value);
	note->is_integer = true;
}

size_t table_notes(const struct table *t)
{
	return t->n_notes;
}

void table_note(const struct table *t, size_t i, enum table_note *where, const char **key, const char **text)
{
	assert(i < t->n_notes);
	*where = t->notes[i].where;
	*key = t->notes[i].key;
	*text = t->notes[i].text;
}

bool table_note_is_integer(const struct table *t, size_t i)
{
	assert(i < t->n_notes);
	return t->notes[i].is_integer;
}
