#ifndef TERRIER_STORE_EVIDENCE_H
#define TERRIER_STORE_EVIDENCE_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

/* The evidence column of an exchange: JSON, `[[1,"ADT^A01",12],[18,"tcp/2575",1]]`, ordered by type
 * and text. */
#define EVIDENCE_MAX      64 /* items kept; the rest is summed up in one of type 0 */
#define EVIDENCE_TEXT_MAX 96

struct evidence_item {
	int type; /* enum evidence_type; EVIDENCE_NONE: all further ones */
	char text[EVIDENCE_TEXT_MAX];
	uint64_t count;
};

/* Items on their way together. Only evidence_add() and evidence_read() put some in. */
struct evidence_list {
	size_t n;
	struct evidence_item items[EVIDENCE_MAX + 2]; /* the sum of the rest, and one too many */
};

/* Adds `count` of an item. Which items stay does not depend on the order of the calls: the first by
 * type and text, never the most counted so far. */
void evidence_add(struct evidence_list *list, int type, const char *text, uint64_t count);

/* Adds the items of a column; what is not of its form is left out. */
void evidence_read(struct evidence_list *list, const char *column);

/* The column (free()). */
char *evidence_write(const struct evidence_list *list);

/* Gives a writer's handle the SQL function merge_evidence(a, b). SQLite's code. */
int evidence_register(sqlite3 *db);

/* Orders the items as people want them: most counted first, then by text, the sum of the rest last.
 */
void evidence_sort(struct evidence_list *list);

/* The text of a sorted list, `HL7 ADT^A01 ×12; ADT^A08 ×4; port tcp/2575 ×1; +3 more` (free()). */
char *evidence_print(const struct evidence_list *list);

#endif
