/* A list of review that came back: whatever is in it, only what is complete becomes a decision. */
#include "terrier/register/review.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every id of this beginning is a flow, seen in clear. */
static struct entry *describe(void *context, const char *id, const char **fault)
{
	struct entry *e;

	(void)context;
	if (strncmp(id, "F-", 2) != 0) {
		*fault = "no such flow";
		return NULL;
	}
	e = entry_new(ENTRY_DECISION);
	entry_set(e, DECISION_OBJECT, id, strlen(id));
	entry_set(e, DECISION_SEEN_ENCRYPTED, "no", 2);
	return e;
}

static void check(const struct entry *e)
{
	static const size_t needed[] = {DECISION_OBJECT, DECISION_VERDICT, DECISION_ROLE, DECISION_REASON,
	                                DECISION_DECIDED_ON};

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
		if (entry_text(e, needed[i])[0] == '\0') {
			abort();
		}
	}
	if (strcmp(entry_text(e, DECISION_VERDICT), "defer") == 0 && entry_text(e, DECISION_UNTIL)[0] == '\0') {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct review_sheet_rules rules = {"2026-11-21", describe, NULL};
	size_t left_out;
	char *faults;
	struct entries *all = review_sheet_read(&rules, "f.csv", (const char *)data, size, &faults, &left_out);

	if ((all == NULL) != (faults != NULL)) {
		abort();
	}
	for (const struct entry *e = all != NULL ? all->first : NULL; e != NULL; e = e->hh.next) {
		check(e);
	}
	entries_free(all);
	free(faults);
	return 0;
}
