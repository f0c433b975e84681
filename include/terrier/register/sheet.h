#ifndef TERRIER_REGISTER_SHEET_H
#define TERRIER_REGISTER_SHEET_H

#include "terrier/model/entry.h"
#include "terrier/model/kind.h"

#include <stddef.h>

/* Sheets that people fill in: CSV as spreadsheets save it, in UTF-8 (with or without a byte order mark), UTF-16 or
 * Windows-1252, with comma, semicolon or tab between the cells, told by what is in the file. The first row names the
 * columns, in any order. */

/* What a sheet is read for and held to. */
struct sheet_rules {
	enum entry_type type;
	const struct catalogue *catalogue;
	const struct entries *assets; /* that cells may name besides those of the sheet itself; NULL: none */
	const struct entries *held;   /* in force: what the sheet has no column for stays as it is there; NULL: nothing */
};

/* What is wrong with a sheet: one line each, "FILE: line 7: column match_ip: '10.1' is no address: write …", in the
 * order of the lines, at most SHEET_FAULTS_MAX of them and then how many more. */
#define SHEET_FAULTS_MAX 200

/* Reads `len` octets of the file called `name` into entries (entries_free()), identified and in the kept spelling.
 * On anything wrong returns NULL and sets `*faults` (free()) to all that is, at once. `*notes` (free()), else NULL,
 * says what was left unread that may be, one line each: columns that Terrier itself fills in; and of declarations in
 * an exported flows.csv the rows in which nobody filled in anything, and what was observed of flows that are declared
 * already (a declaration is never overwritten by what was seen). */
struct entries *sheet_read(const struct sheet_rules *rules, const char *name, const char *bytes, size_t len,
                           char **faults, char **notes);

#endif
