/* What people entered about one flow or finding, record by record. */
#include "terrier/cli/explain.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/cli/command.h"
#include "terrier/cli/show.h"
#include "terrier/register/decision.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct history {
	const struct session *session;
	struct table *table;
	const char *decided, *declared;
	bool names_systems; /* also by address, as they were seen when it was decided */
};

/* Appends; takes over nothing. */
static void append(char **text, const char *between, const char *label, const char *value)
{
	if (value[0] != '\0') {
		char *longer = mem_printf("%s%s%s%s", *text, (*text)[0] != '\0' ? between : "",
		                          label, value);

		free(*text);
		*text = longer;
	}
}

/* What was seen then: "Seen: tier 3; Seen: encrypted no", without the repetition. */
static char *tell_seen(const struct history *h, const struct entry *decision)
{
	static const size_t systems[] = {DECISION_SEEN_SOURCE, DECISION_SEEN_DESTINATION};
	size_t n;
	const struct entry_column *columns = entry_columns(ENTRY_DECISION, &n);
	char *text = mem_strdup("");

	for (size_t i = DECISION_SEEN_SOURCE; i < n; i++) {
		const char *label = strchr(columns[i].label, ' ');
		char *name = mem_printf("%s ", label != NULL ? label + 1 : columns[i].label);

		if (h->names_systems || (i != systems[0] && i != systems[1])) {
			append(&text, "; ", name, entry_text(decision, i));
		}
		free(name);
	}
	return text;
}

static void add(const struct history *h, const char *item, char *value)
{
	if (value[0] != '\0') {
		explain_add_lines(h->session, h->table, "history", item, value, NULL, NULL);
	}
	free(value);
}

static void tell_decision(const struct history *h, const struct entry *d)
{
	char *what = mem_printf("%s by %s: %s", decision_deed(d), entry_text(d, DECISION_ROLE),
	                        entry_text(d, DECISION_REASON));

	append(&what, "; ", "valid until ", entry_text(d, DECISION_UNTIL));
	add(h, "decision", what);
	add(h, "seen then", tell_seen(h, d));
}

/* The cells in which two declarations differ; of a new one all that it has. */
static char *tell_changes(const struct entry *before, const struct entry *after)
{
	size_t n;
	const struct entry_column *columns = entry_columns(ENTRY_DECLARATION, &n);
	char *text = mem_strdup("");

	for (size_t i = DECLARED_KIND + 1; i < n; i++) {
		const char *old = before != NULL ? entry_text(before, i) : "",
		           *new = entry_text(after, i);
		char *name = mem_printf("%s: ", columns[i].label);

		if (strcmp(old, new) != 0) {
			append(&text, "; ", name, new[0] != '\0' ? new : "taken out");
		}
		free(name);
	}
	return text;
}

static bool see_record(void *context, const struct register_record *record)
{
	const struct history *h = context;
	bool is_decision = record->type == ENTRY_DECISION && strcmp(record->id, h->decided) == 0,
	     is_declaration = record->type == ENTRY_DECLARATION && h->declared != NULL &&
	                      strcmp(record->id, h->declared) == 0;
	char time[CLOCK_TEXT_MAX];

	if (!is_decision && !is_declaration) {
		return true;
	}
	add(h, "record",
	    mem_printf("%" PRId64 ", %s, account %s, %s", record->number,
	               clock_format(record->made_us, time), record->account, record->source));
	if (record->after == NULL) {
		add(h, entry_type_name(record->type), mem_strdup("taken back"));
	} else if (is_decision) {
		tell_decision(h, record->after);
	} else {
		add(h, "declaration", tell_changes(record->before, record->after));
	}
	add(h, "hash", mem_strdup(record->hash));
	return true;
}

int explain_add_history(struct register_state *state, const struct session *s, struct table *t,
                        const char *decided, const char *declared)
{
	struct history h = {s, t, decided, declared,
	                    s->view == VIEW_NETWORK || strncmp(decided, "N-", 2) == 0};

	return register_each(state->file, 0, 0, see_record, &h) == 0 ? EXIT_DONE
	                                                             : register_complain(state);
}
