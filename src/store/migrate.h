#ifndef TERRIER_STORE_MIGRATE_H
#define TERRIER_STORE_MIGRATE_H

#include <sqlite3.h>

/* The steps of a schema, which are never edited: a database's user_version says how many it has
 * taken. */
struct migrations {
	const char *const *steps;
	int n; /* the version that this program writes */
	int application_id;
};
extern const struct migrations migrate_database, migrate_register;

/* Brings an empty or older database to the newest version, one transaction a step. SQLite's code.
 */
int migrate_run(sqlite3 *db, const struct migrations *m);

#endif
