#ifndef TERRIER_STORE_HANDLE_H
#define TERRIER_STORE_HANDLE_H

#include "terrier/store.h"

#include <sqlite3.h>
#include <stdbool.h>

/* What both databases share: a handle that believes nothing of what its file says about itself. */
enum handle_mode {
	HANDLE_WRITE, /* a file that exists */
	HANDLE_READ,
	HANDLE_IMMUTABLE, /* nobody writes it: no lock, no journal */
};

/* Opens the file of this very name, whatever SQLite makes of such names; waits `busy_ms` for the
 * locks of others. SQLite's code; `*db` is to be closed in any case. */
int handle_open(const char *path, enum handle_mode mode, int busy_ms, sqlite3 **db);

/* Looks at what a path names: NULL when it is a regular file or nothing (`*is_missing`), else the
 * line for people (free()) and whose fault it is. `what` begins it and is the option that names the
 * file: "database". */
char *handle_check_file(const char *path, const char *what, bool *is_missing,
                        enum store_fault *fault);

/* The number that a PRAGMA tells, or -1. */
int handle_number(sqlite3 *db, const char *pragma);

#endif
