/* A look at the whole file: whether SQLite finds it sound, and whether each text that systems sent
 * may be kept. */
#include "evidence.h"
#include "sql.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

static void count_text(struct store_check *out, int type, const char *text, size_t size)
{
	enum text_fault fault =
	        record_check_evidence((enum evidence_type)type, text, strlen(text), size);

	out->texts++;
	out->withheld += fault != TEXT_OK;
}

static int check_names(struct store *s, struct store_check *out)
{
	/* and parties of many addresses, which are printed in brackets */
	sqlite3_stmt *statement =
	        sql_new(s, "SELECT name FROM name UNION ALL "
	                   "SELECT substr(address, 2, length(address) - 2) FROM host "
	                   "WHERE is_party AND addr IS NULL");
	int result;

	while ((result = sql_step(s, statement)) == 1) {
		count_text(out, EVIDENCE_NONE, sql_text(statement, 0), RECORD_NAME_MAX);
	}
	sqlite3_finalize(statement);
	return result;
}

static int check_evidence(struct store *s, struct store_check *out)
{
	sqlite3_stmt *statement = sql_new(s, "SELECT evidence FROM exchange");
	struct evidence_list list;
	int result;

	while ((result = sql_step(s, statement)) == 1) {
		list.n = 0;
		evidence_read(&list, sql_text(statement, 0));
		for (size_t i = 0; i < list.n; i++) {
			if (list.items[i].type !=
			    EVIDENCE_NONE) { /* the sum of the rest has no text */
				count_text(out, list.items[i].type, list.items[i].text,
				           RECORD_EVIDENCE_MAX);
			}
		}
	}
	sqlite3_finalize(statement);
	return result;
}

/* The first thing that a PRAGMA says is wrong, in one line (free()); it never holds what is stored.
 */
static int ask(struct store *s, const char *pragma, int column, char **fault)
{
	sqlite3_stmt *statement = sql_new(s, pragma);
	int result = sql_step(s, statement);

	if (result == 1 && *fault == NULL && strcmp(sql_text(statement, column), "ok") != 0) {
		*fault = mem_strdup(sql_text(statement, column));
		for (char *at = *fault; (at = strchr(at, '\n')) != NULL;) {
			*at = ' ';
		}
	}
	sqlite3_finalize(statement);
	return result < 0 ? -1 : 0;
}

int store_check_texts(struct store *s, struct store_check *out)
{
	*out = (struct store_check){0};
	return check_names(s, out) == 0 && check_evidence(s, out) == 0 ? 0 : -1;
}

int store_check(struct store *s, struct store_check *out)
{
	*out = (struct store_check){0};
	if (ask(s, "PRAGMA integrity_check(1)", 0, &out->fault) == 0 &&
	    (out->fault != NULL || ask(s,
	                               "SELECT 'a row of ' || \"table\" || ' points to none of ' "
	                               "|| parent FROM pragma_foreign_key_check",
	                               0, &out->fault) == 0) &&
	    (out->fault != NULL || (check_names(s, out) == 0 && check_evidence(s, out) == 0))) {
		return 0;
	}
	free(out->fault);
	return -1;
}
