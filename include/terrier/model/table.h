#ifndef TERRIER_MODEL_TABLE_H
#define TERRIER_MODEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Typed columns and rows: what csv, json and the terminal write. Build it column by column, then row by row, cell
 * by cell in column order. */
struct table;

enum table_type {
	TABLE_TEXT,
	TABLE_INTEGER,
	TABLE_BYTES, /* an integer that people read as "1.2 MB" */
	TABLE_TIME,  /* int64_t µs, printed ISO 8601 */
};

struct table_column {
	const char *name;      /* machine name, fixed: CSV header and JSON key; NULL: only in the terminal. A constant */
	const char *heading;   /* for people; NULL: not shown in the terminal table. A constant */
	enum table_type type;
};

struct table_cell {
	enum table_type type;
	bool is_empty;
	const char *text;      /* TABLE_TEXT */
	int64_t integer;       /* TABLE_INTEGER and TABLE_BYTES (may exceed 2^53), TABLE_TIME */
};

/* What a workbook tells of a column besides. */
struct table_help {
	const char *label; /* for people; NULL: the heading, or the name. A constant */
	const char *words; /* the controlled words, with spaces between; NULL: any text. A constant */
	bool is_list;      /* of words: several may stand in a cell */
	bool is_declared;  /* people fill it in; else Terrier does */
};

/* A table of `n` columns (copied). `name` is the JSON key of its rows ("flows"); a constant. */
struct table *table_new(const char *name, const struct table_column *columns, size_t n);
void table_free(struct table *t); /* NULL is allowed */

/* Title for people, at most 31 characters of a sheet's name (none of []:*?/\ in it); else the name. A constant. */
void table_set_title(struct table *t, const char *title);
const char *table_title(const struct table *t);

/* Help to a column, and what was set (all empty when nothing was). */
void table_set_help(struct table *t, size_t column, const struct table_help *help);
struct table_help table_help(const struct table *t, size_t column);

/* Appends a cell; after the last column a new row begins. Text is copied. Type must be the column's. */
void table_add_text(struct table *t, const char *text);
void table_add_integer(struct table *t, int64_t value); /* also TABLE_BYTES */
void table_add_time(struct table *t, int64_t us);
void table_add_empty(struct table *t);

const char *table_name(const struct table *t);
size_t table_columns(const struct table *t, const struct table_column **columns);
size_t table_rows(const struct table *t);
struct table_cell table_cell(const struct table *t, size_t row, size_t column);

/* Keeps the first `limit` rows. */
void table_cut(struct table *t, size_t limit);

/* A line that belongs to the answer (period, coverage): `key` a constant, `text` copied. In JSON it becomes a
 * member of "coverage" or "query"; in the terminal a footer; CSV leaves it out. */
enum table_note { TABLE_NOTE_QUERY, TABLE_NOTE_COVERAGE };
void table_add_note(struct table *t, enum table_note where, const char *key, const char *text);
/* The same with a number, which JSON writes as one. */
void table_add_note_integer(struct table *t, enum table_note where, const char *key, int64_t value);
size_t table_notes(const struct table *t);
void table_note(const struct table *t, size_t i, enum table_note *where, const char **key, const char **text);
bool table_note_is_integer(const struct table *t, size_t i); /* then the text is its decimal digits */

#endif
