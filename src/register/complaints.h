#ifndef TERRIER_REGISTER_COMPLAINTS_H
#define TERRIER_REGISTER_COMPLAINTS_H

#include "terrier/register/sheet.h"

#include <stdbool.h>
#include <stddef.h>

/* What is wrong with a sheet: the first SHEET_FAULTS_MAX by their lines, and how many there are. */
struct complaints {
	const char *file;
	struct {
		size_t line;
		char *text;
	} kept[SHEET_FAULTS_MAX];
	size_t n, total;
};

/* True when a fault on this line would be kept: the wording of others can be spared. */
bool complaints_wants(const struct complaints *f, size_t line);

/* Where it is, and what was read there: quoted up to 40 characters, control characters as \xNN. */
struct spot {
	size_t line;        /* 0: of the whole file */
	const char *column; /* NULL: of the whole row */
	const char *read;   /* NULL: nothing to quote */
	size_t len;         /* octets of it */
};

void complaints_add(struct complaints *f, struct spot at, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* All of them, one a line (free()); ends their life. NULL when there is none. */
char *complaints_finish(struct complaints *f);

#endif
