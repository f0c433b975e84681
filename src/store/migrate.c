/* The schema, as numbered steps that are never edited: user_version says how many have been taken.
 */
#include "migrate.h"

#include "terrier/base/mem.h"
#include "terrier/store.h"

#include <stdlib.h>

static const char *const migrations[] = {
#include "migrations.inc"
};

int migrate_newest(void)
{
	return (int)(sizeof migrations / sizeof migrations[0]);
}

int migrate_version(sqlite3 *db)
{
	sqlite3_stmt *statement = NULL;
	int version = -1;

	if (sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		version = sqlite3_column_int(statement, 0);
	}
	sqlite3_finalize(statement);
	return version;
}

static int take_step(sqlite3 *db, int version)
{
	char *text = mem_printf("BEGIN IMMEDIATE;\n%s"
	                        "PRAGMA application_id = %d;"
	                        "PRAGMA user_version = %d;"
	                        "COMMIT",
	                        migrations[version], STORE_APPLICATION_ID, version + 1);
	int rc = sqlite3_exec(db, text, NULL, NULL, NULL);

	free(text);
	if (rc != SQLITE_OK && sqlite3_get_autocommit(db) == 0) {
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
	return rc;
}

int migrate_run(sqlite3 *db)
{
	int version = migrate_version(db);

	if (version < 0) {
		return sqlite3_errcode(db);
	}
	for (; version < migrate_newest(); version++) {
		int rc = take_step(db, version);
		if (rc != SQLITE_OK) {
			return rc;
		}
	}
	return SQLITE_OK;
}
