/* Handles of SQLite, hardened alike for both databases. */
#include "handle.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* SQLite gives ":memory:", "file:" and "" a meaning; a path has none but itself. */
static char *plain_path(const char *path)
{
	return path[0] == '/' ? mem_strdup(path) : mem_printf("./%s", path);
}

/* The same as a URI that says that nobody writes the file (free()). */
static char *immutable_uri(const char *path)
{
	char *uri = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&uri, &size);

	if (out == NULL) {
		return mem_strdup("");
	}
	fputs("file:", out);
	for (; *path != '\0'; path++) {
		fprintf(out, strchr("%?#", *path) != NULL ? "%%%02x" : "%c", (unsigned char)*path);
	}
	fputs("?immutable=1", out);
	fclose(out);
	return uri;
}

int handle_open(const char *path, enum handle_mode mode, int busy_ms, sqlite3 **db)
{
	static const int flags[] = {
	        [HANDLE_WRITE] = SQLITE_OPEN_READWRITE,
	        [HANDLE_READ] = SQLITE_OPEN_READONLY,
	        [HANDLE_IMMUTABLE] = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
	};
	char *name = plain_path(path);
	char *uri = mode == HANDLE_IMMUTABLE ? immutable_uri(name) : NULL;

	/* counting its memory would cost SQLite a lock each time; too late after the first handle
	 */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

	int rc = sqlite3_open_v2(uri != NULL ? uri : name, db, flags[mode] | SQLITE_OPEN_NOMUTEX,
	                         NULL);

	free(uri);
	free(name);
	if (*db != NULL) {
		sqlite3_extended_result_codes(*db, 1);
		sqlite3_busy_timeout(*db, busy_ms);
		sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	}
	return rc;
}

char *handle_check_file(const char *path, const char *what, bool *is_missing,
                        enum store_fault *fault)
{
	struct stat st;

	*is_missing = false;
	*fault = STORE_FAULT_CALLER;
	if (path[0] == '\0') {
		return mem_printf("%s: the name is empty: name another file with --%s", what, what);
	}
	if (stat(path, &st) != 0) {
		*is_missing = errno == ENOENT;
		*fault = errno == ENOTDIR || errno == ENAMETOOLONG ? STORE_FAULT_CALLER
		                                                   : STORE_FAULT_SYSTEM;
		return *is_missing
		               ? NULL
		               : mem_printf("%s: %s: %s: check the rights on its folders, or name "
		                            "another file with --%s",
		                            what, path, strerror(errno), what);
	}
	if (S_ISREG(st.st_mode)) {
		return NULL;
	}
	return mem_printf("%s: %s: is %s: name another file with --%s", what, path,
	                  S_ISDIR(st.st_mode) ? "a folder" : "no regular file", what);
}

int handle_number(sqlite3 *db, const char *pragma)
{
	sqlite3_stmt *statement = NULL;
	int number = -1;

	if (sqlite3_prepare_v2(db, pragma, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW) {
		number = sqlite3_column_int(statement, 0);
	}
	sqlite3_finalize(statement);
	return number;
}
