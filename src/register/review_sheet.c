/* A list of review that came back with decisions in it: all of it is right, or all that is wrong is
 * told. */
#include "terrier/register/review.h"

#include "cell.h"
#include "rows.h"
#include "verdict.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/register/decision.h"

#include <stdlib.h>
#include <string.h>

#define SEEN DECISION_COLUMNS /* the column that a decision does not have */

struct sheet {
	const struct review_sheet_rules *rules;
	size_t place[SEEN + 1]; /* of each column in a row; CSV_CELLS_MAX: none */
	bool has_column[SEEN];
	struct complaints complaints;
	struct entries *decisions;
	struct cell cell;
	size_t left_out;
};

static const char *name_of(size_t column)
{
	size_t n;

	return column == SEEN ? "seen" : entry_columns(ENTRY_DECISION, &n)[column].name;
}

static char *text_of(const struct csv_row *row, size_t place)
{
	size_t len = place < row->n && place < CSV_CELLS_MAX ? row->cells[place].len : 0;
	const char *bare = len > 0 ? cell_bare(row->cells[place].text, &len) : "";

	return mem_printf("%.*s", (int)len, bare);
}

/* Which cell is which. Columns of the list that nobody fills in are passed over. */
static bool take_header(void *context, const struct csv_row *row, size_t line)
{
	static const size_t needed[] = {DECISION_OBJECT, DECISION_VERDICT, DECISION_ROLE,
	                                DECISION_REASON, SEEN};
	struct sheet *s = context;
	bool is_readable = true;

	for (size_t column = 0; column <= SEEN; column++) {
		s->place[column] = CSV_CELLS_MAX;
		for (size_t i = 0; i < row->n && i < CSV_CELLS_MAX; i++) {
			char *name = text_of(row, i);
			bool is_it = text_casecmp(name, name_of(column)) == 0;

			free(name);
			if (is_it && s->place[column] != CSV_CELLS_MAX) {
				complaints_add(&s->complaints,
				               (struct spot){.line = line, .column = name_of(column)},
				               "stands there twice: take one out");
				is_readable = false;
			}
			s->place[column] = is_it ? i : s->place[column];
		}
		if (column < SEEN) {
			s->has_column[column] = s->place[column] != CSV_CELLS_MAX;
		}
	}
	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		if (s->place[needed[i]] == CSV_CELLS_MAX) {
			complaints_add(&s->complaints,
			               (struct spot){.line = line, .column = name_of(needed[i])},
			               "is missing: fill in the list that terrier review --format "
			               "csv makes");
			is_readable = false;
		}
	}
	return is_readable;
}

/* What the row showed when it was made, for the reason why it is refused. */
static struct entry *read_shown(const struct sheet *s, const struct csv_row *row)
{
	struct entry *shown = entry_new(ENTRY_DECISION);

	for (size_t column = DECISION_SEEN_SOURCE; column < SEEN; column++) {
		char *text = text_of(row, s->place[column]);

		entry_set(shown, column, text, strlen(text));
		free(text);
	}
	return shown;
}

static void check_seen(struct sheet *s, const struct csv_row *row, size_t line,
                       const struct entry *now)
{
	char wanted[DIGEST_ID_MAX], *seen = text_of(row, s->place[SEEN]);
	struct spot at = {line, NULL, now->id, strlen(now->id)};
	bool is_same = strcmp(seen, decision_seen_id(now, wanted)) == 0;

	if (!is_same && seen[0] == '\0') {
		complaints_add(&s->complaints, (struct spot){.line = line, .column = "seen"},
		               "empty: copy it from the list that terrier review made");
	} else if (!is_same) {
		struct entry *shown = read_shown(s, row);
		char *change = decision_seen_change(shown, now, s->has_column);

		if (change != NULL || !s->has_column[DECISION_SEEN_KIND]) {
			complaints_add(
			        &s->complaints, at,
			        "has changed since this list was made%s%s%s: review it again",
			        change != NULL ? " (" : "", change != NULL ? change : "",
			        change != NULL ? ")" : "");
		} else {
			complaints_add(&s->complaints,
			               (struct spot){line, "seen", seen, strlen(seen)},
			               "is not of this row: copy it from the list that terrier "
			               "review made");
		}
		free(change);
		entry_free(shown);
	}
	free(seen);
}

/* The cells that a person fills in. All faults of the row are noted. */
static void take_verdict(struct sheet *s, const struct csv_row *row, size_t line,
                         struct entry *decision)
{
	static const enum decision_column filled[] = {DECISION_VERDICT, DECISION_ROLE,
	                                              DECISION_REASON, DECISION_UNTIL};
	enum decision_column column;
	bool is_good = true;

	s->cell.line = line;
	for (size_t i = 0; i < sizeof filled / sizeof filled[0]; i++) {
		size_t place = s->place[filled[i]];

		if (place < row->n && place < CSV_CELLS_MAX) {
			is_good &= verdict_take(&s->cell, decision, filled[i], name_of(filled[i]),
			                        row->cells[place].text, row->cells[place].len,
			                        s->rules->today);
		}
	}
	const char *lacks = is_good ? verdict_lacks(decision, &column) : NULL;

	if (lacks != NULL) {
		complaints_add(&s->complaints, (struct spot){.line = line, .column = name_of(column)}, "%s",
		               lacks);
	}
	entry_set(decision, DECISION_DECIDED_ON, s->rules->today, strlen(s->rules->today));
}

static void add(struct sheet *s, struct entry *decision, size_t line)
{
	struct spot at = {line, NULL, decision->id, strlen(decision->id)};

	decision->line = line;
	if (!entries_add(s->decisions, decision)) {
		complaints_add(&s->complaints, at, "line %zu decides it too: decide it once",
		               entries_find(s->decisions, decision->id)->line);
		entry_free(decision);
	}
}

static void take_decision(struct sheet *s, const struct csv_row *row, size_t line)
{
	const char *fault = "";
	char *id = text_of(row, s->place[DECISION_OBJECT]);
	struct entry *decision =
	        id[0] != '\0' ? s->rules->describe(s->rules->context, id, &fault) : NULL;

	if (id[0] == '\0') {
		complaints_add(&s->complaints, (struct spot){.line = line, .column = "id"},
		               "empty: copy it from the list that terrier review made");
	} else if (decision == NULL) {
		complaints_add(&s->complaints, (struct spot){line, "id", id, strlen(id)}, "%s",
		               fault);
	} else {
		entry_identify(decision);
		check_seen(s, row, line, decision);
		take_verdict(s, row, line, decision);
		add(s, decision, line);
	}
	free(id);
}

static void take_row(void *context, const struct csv_row *row, size_t line)
{
	struct sheet *s = context;
	char *verdict = text_of(row, s->place[DECISION_VERDICT]);

	if (verdict[0] != '\0') {
		take_decision(s, row, line);
	} else {
		s->left_out++;
	}
	free(verdict);
}

struct entries *review_sheet_read(const struct review_sheet_rules *rules, const char *name,
                                  const char *bytes, size_t len, char **faults, size_t *left_out)
{
	static const struct rows_taker taker = {take_header, take_row};
	struct sheet *s = mem_zalloc(1, sizeof *s);
	struct entries *decisions = entries_new(ENTRY_DECISION);

	s->rules = rules;
	s->complaints.file = name;
	s->cell.complaints = &s->complaints;
	s->decisions = decisions;
	rows_read(bytes, len, &taker, s, &s->complaints);
	*faults = complaints_finish(&s->complaints);
	*left_out = s->left_out;
	free(s);
	if (*faults != NULL) {
		entries_free(decisions);
		return NULL;
	}
	return decisions;
}
