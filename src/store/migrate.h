#ifndef TERRIER_STORE_MIGRATE_H
#define TERRIER_STORE_MIGRATE_H

#include <sqlite3.h>

/* The version of the schema that this program writes. */
int migrate_newest(void);

/* The version of an open database: its user_version, or a negative number on failure. */
int migrate_version(sqlite3 *db);

/* Brings an empty or older database to the newest version, one transaction a step. SQLite's code.
 */
int migrate_run(sqlite3 *db);

#endif
