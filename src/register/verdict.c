/* What a person decides, held to the rules: it names a role and a reason, no person and no patient.
 */
#include "verdict.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/base/utf8.h"
#include "terrier/register/review.h"

#include <stdlib.h>
#include <string.h>

static size_t count_characters(const char *text)
{
	size_t n = 0;
	uint32_t code;

	for (size_t len; (len = utf8_next(text, &code)) > 0; text += len) {
		n++;
	}
	return n;
}

/* Something on both sides of an @. */
static bool has_mailbox(const char *text)
{
	for (const char *at = text; (at = strchr(at, '@')) != NULL; at++) {
		if (at > text && at[-1] != ' ' && at[1] != ' ' && at[1] != '\0') {
			return true;
		}
	}
	return false;
}

/* What is wrong with a text that stays in the register for good; NULL: nothing. */
static const char *find_fault(const char *text)
{
	if (text_has_nhs_number(text, strlen(text))) {
		return "an NHS number may stand in it: write it without what identifies a patient";
	}
	if (has_mailbox(text)) {
		return "an e-mail address stands in it: write it without, a role is enough";
	}
	return text_is_printable(text, strlen(text))
	               ? NULL
	               : "it has several lines or does not print: write one line of plain text";
}

static bool refuse(const struct cell *c, const char *text, const char *what)
{
	complaints_add(c->complaints, (struct spot){c->line, c->column->name, text, strlen(text)},
	               "%s", what);
	return false;
}

static bool check_text(const struct cell *c, size_t most)
{
	const char *fault = find_fault(c->text);
	size_t n = count_characters(c->text);

	if (n > most) {
		complaints_add(c->complaints, (struct spot){.line = c->line, .column = c->column->name},
		               "%zu characters, allowed: %zu: shorten it", n, most);
		return false;
	}
	return fault == NULL || refuse(c, c->text, fault);
}

bool verdict_take(struct cell *c, struct entry *decision, enum decision_column number,
                  const char *name, const char *text, size_t len, const char *today)
{
	size_t n;
	struct entry_column column = entry_columns(ENTRY_DECISION, &n)[number];
	bool is_good;

	column.name = name;
	is_good = cell_read(c, &column, text, len);
	if (is_good && number == DECISION_ROLE) {
		is_good = check_text(c, REVIEW_ROLE_MAX);
	} else if (is_good && number == DECISION_REASON) {
		is_good = check_text(c, REVIEW_REASON_MAX);
	} else if (is_good && number == DECISION_UNTIL && c->len > 0 &&
	           strcmp(c->text, today) < 0) {
		is_good = refuse(c, c->text, "is past: write a day to come");
	}
	c->column = NULL;
	if (is_good) {
		entry_set(decision, number, c->text, c->len);
	}
	return is_good;
}

const char *verdict_lacks(const struct entry *d, enum decision_column *column)
{
	if (entry_text(d, DECISION_ROLE)[0] == '\0') {
		*column = DECISION_ROLE;
		return "missing: in which role is it decided? Write one as 'Information asset "
		       "owner'";
	}
	if (entry_text(d, DECISION_REASON)[0] == '\0') {
		*column = DECISION_REASON;
		return "missing: why? Write it for whoever reads the register later";
	}
	*column = DECISION_UNTIL;
	return strcmp(entry_text(d, DECISION_VERDICT), "defer") == 0 &&
	                       entry_text(d, DECISION_UNTIL)[0] == '\0'
	               ? "missing: deferred until when? Write the day on which it is to come back, "
	                 "as 2027-01-31"
	               : NULL;
}

static const char *option_of(enum decision_column column)
{
	return column == DECISION_ROLE     ? "option --role"
	       : column == DECISION_REASON ? "option --reason"
	       : column == DECISION_UNTIL  ? "option --until"
	                                   : "verdict";
}

static char *take_all(struct cell *c, struct entry *decision, const struct review_verdict *said,
                      const char *today)
{
	const struct {
		enum decision_column column;
		const char *text;
	} all[] = {{DECISION_VERDICT, said->verdict},
	           {DECISION_ROLE, said->role},
	           {DECISION_REASON, said->reason},
	           {DECISION_UNTIL, said->until}};
	enum decision_column column;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		c->complaints->file = option_of(all[i].column);
		if (all[i].text != NULL && !verdict_take(c, decision, all[i].column, NULL,
		                                         all[i].text, strlen(all[i].text), today)) {
			return complaints_finish(c->complaints);
		}
	}
	const char *lacks = verdict_lacks(decision, &column);

	return lacks != NULL ? mem_printf("%s: %s", option_of(column), lacks) : NULL;
}

struct entry *review_decide(const struct review_verdict *said, const char *today, char **fault)
{
	struct complaints *complaints = mem_zalloc(1, sizeof *complaints);
	struct cell *cell = mem_zalloc(1, sizeof *cell);
	struct entry *decision = entry_new(ENTRY_DECISION);

	cell->complaints = complaints;
	*fault = take_all(cell, decision, said, today);
	free(cell);
	free(complaints);
	if (*fault != NULL) {
		entry_free(decision);
		return NULL;
	}
	entry_set(decision, DECISION_DECIDED_ON, today, strlen(today));
	return decision;
}
