/* The schemas, as numbered steps that are never edited: user_version says how many have been taken.
 */
#include "migrate.h"

#include "handle.h"

#include "terrier/base/mem.h"
#include "terrier/store.h"
#include "terrier/store/register_file.h"

#include <stdlib.h>

static const char *const database_steps[] = {
#include "migrations.inc"
};
static const char *const register_steps[] = {
#include "register_migrations.inc"
};

const struct migrations migrate_database = {
        database_steps, sizeof database_steps / sizeof database_steps[0], STORE_APPLICATION_ID};
const struct migrations migrate_register = {
        register_steps, sizeof register_steps / sizeof register_steps[0], REGISTER_APPLICATION_ID};

/* Two who make the same new database: the second finds the step taken. */
static int take_step(sqlite3 *db, const struct migrations *m, int version)
{
	int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);

	if (rc == SQLITE_OK && handle_number(db, "PRAGMA user_version") == version) {
		char *text = mem_printf("%sPRAGMA application_id = %d; PRAGMA user_version = %d",
		                        m->steps[version], m->application_id, version + 1);

		rc = sqlite3_exec(db, text, NULL, NULL, NULL);
		free(text);
	}
	if (rc == SQLITE_OK) {
		rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
	}
	if (rc != SQLITE_OK && sqlite3_get_autocommit(db) == 0) {
		sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	}
	return rc;
}

int migrate_run(sqlite3 *db, const struct migrations *m)
{
	int version = handle_number(db, "PRAGMA user_version");

	if (version < 0) {
		return sqlite3_errcode(db);
	}
	for (; version < m->n; version++) {
		int rc = take_step(db, m, version);
		if (rc != SQLITE_OK) {
			return rc;
		}
	}
	return SQLITE_OK;
}
