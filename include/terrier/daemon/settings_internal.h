#ifndef TERRIER_DAEMON_SETTINGS_INTERNAL_H
#define TERRIER_DAEMON_SETTINGS_INTERNAL_H

#include "terrier/daemon/settings.h"

#include <stdio.h>

/* What settings.c, settings_file.c and settings_table.c share. */
#define SETTINGS_ROWS  31
#define SETTINGS_QUOTE 64 /* octets of somebody's text that a mistake repeats */

/* How a row's value is read. */
struct setting {
	/* Reads one value into its place in `base`: a struct settings, zone or segment. False when
	 * it is wrong. */
	bool (*read)(const struct setting *k, void *base, const char *text);
	size_t at, n_at;                    /* of the value or list, and of the list's length */
	bool (*is_valid)(const char *text); /* names and texts */
	uint64_t low, high;                 /* numbers */
	const char *is_true, *is_false;     /* the two words of a choice */
	bool may_be_zero;
	bool is_list;  /* may be given again: adds */
	bool is_whole; /* a comma does not part it */
};

/* Settings in the making. */
struct loading {
	struct settings *s;
	const char *path;
	FILE *file, *mistakes;
	int n_mistakes;
	int line;
	size_t octets;
	bool is_unanswered;           /* the last line went to inih and no key came back */
	char heading[SETTINGS_QUOTE]; /* of the section in hand, as it is written */
	int heading_line;
	const char *section;      /* of the table; NULL: a wrong one, its keys are passed over */
	int given[SETTINGS_ROWS]; /* the line of each row's value, 0 for none */
};

/* Notes a mistake: `FILE: line N: [section] key: …`. Line 0 and key NULL are left out. */
void settings_mistake(struct loading *l, int line, const char *key, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* Reads a value into its place in `base`, a list item by item; notes what is wrong. */
void settings_read_value(struct loading *l, const struct settings_row *row, void *base,
                         const char *value);

/* Reads the file l->path into l->s. */
void settings_read_file(struct loading *l);

#endif
