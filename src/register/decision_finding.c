/* Decisions about findings, and what of a decision tells whether somebody decided by what is still
 * so. */
#include "terrier/register/decision.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

static void set(struct entry *e, enum decision_column column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

static void set_time(struct entry *e, enum decision_column column, int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	set(e, column, us != 0 ? clock_format(us, text) : "");
}

void decision_describe_finding(struct entry *e, const struct decision_finding *f,
                               const char *observed_from, const char *observed_to)
{
	set(e, DECISION_SEEN_RULE, f->rule_id);
	set(e, DECISION_SEEN_TITLE, f->title);
	set(e, DECISION_SEEN_SEVERITY, severity_name(f->severity));
	set(e, DECISION_SEEN_KIND, f->kind_id);
	set(e, DECISION_SEEN_SOURCE, f->subject);
	set(e, DECISION_SEEN_OBSERVED, f->observed);
	set_time(e, DECISION_SEEN_FIRST, f->first_us);
	set_time(e, DECISION_SEEN_LAST, f->last_us);
	set(e, DECISION_SEEN_FROM, observed_from);
	set(e, DECISION_SEEN_TO, observed_to);
}

static enum severity severity_of(const char *name)
{
	enum severity found = SEVERITY_OFF;

	for (int s = SEVERITY_INFORMATION; s <= SEVERITY_CRITICAL; s++) {
		found = strcmp(severity_name((enum severity)s), name) == 0 ? (enum severity)s
		                                                           : found;
	}
	return found;
}

enum decision_state decision_judge_finding(const struct entry *decision,
                                           const struct decision_finding *f, const char *today,
                                           char **why)
{
	const char *until = entry_text(decision, DECISION_UNTIL),
	           *severity = entry_text(decision, DECISION_SEEN_SEVERITY),
	           *kind = entry_text(decision, DECISION_SEEN_KIND);

	*why = NULL;
	if (until[0] != '\0' && strcmp(until, today) < 0) {
		*why = mem_printf("the decision was valid until %s", until);
		return DECISION_EXPIRED;
	}
	if (f->severity > severity_of(severity)) {
		*why = mem_printf("severity was '%s' when it was decided and is '%s' now", severity,
		                  severity_name(f->severity));
	} else if (strcmp(kind, f->kind_id) != 0) {
		*why = mem_printf("kind of data was '%s' when it was decided and is '%s' now",
		                  kind[0] != '\0' ? kind : "several",
		                  f->kind_id[0] != '\0' ? f->kind_id : "several");
	}
	return *why != NULL ? DECISION_OVERTAKEN : DECISION_VALID;
}

const char *decision_finding_status(const struct entry *decision, enum decision_state state)
{
	const char *verdict = decision != NULL && state == DECISION_VALID
	                              ? entry_text(decision, DECISION_VERDICT)
	                              : "";

	if (verdict[0] == '\0') {
		return "open";
	}
	return strcmp(verdict, "accept") == 0  ? "accepted"
	       : strcmp(verdict, "defer") == 0 ? "in_progress"
	                                       : "false_positive";
}

const char *decision_deed(const struct entry *decision)
{
	const char *verdict = entry_text(decision, DECISION_VERDICT);

	return strcmp(verdict, "accept") == 0   ? "accepted"
	       : strcmp(verdict, "reject") == 0 ? "rejected"
	                                        : "deferred";
}

/* What a row of the list shows that a person decides by; counters and times move on all the time.
 */
static const struct {
	enum decision_column column;
	const char *name;
} shown[] = {
        {DECISION_SEEN_KIND, "kind of data"},
        {DECISION_SEEN_TIER, "sensitivity tier"},
        {DECISION_SEEN_ENCRYPTED, "encryption"},
        {DECISION_SEEN_SOURCE_ZONE, "zone of the source"},
        {DECISION_SEEN_DESTINATION_ZONE, "zone of the destination"},
        {DECISION_SEEN_LEAVES, "whether it leaves the organisation"},
        {DECISION_SEEN_SOURCE, "source"},
        {DECISION_SEEN_DESTINATION, "recipient"},
        {DECISION_SEEN_STATUS, "status"},
        {DECISION_SEEN_DIFFERENCES, "differences from what is declared"},
        {DECISION_SEEN_SEVERITY, "severity"},
        {DECISION_SEEN_RULE, "rule"},
};

#define SHOWN (sizeof shown / sizeof shown[0])

char *decision_seen_id(const struct entry *decision, char out[DIGEST_ID_MAX])
{
	struct digest *d = digest_new();
	const char *object = entry_text(decision, DECISION_OBJECT);

	digest_add(d, object, strlen(object));
	for (size_t i = 0; i < SHOWN; i++) {
		const char *text = entry_text(decision, shown[i].column);

		digest_add(d, text, strlen(text));
	}
	return digest_finish_id(d, "S", out);
}

char *decision_seen_change(const struct entry *then, const struct entry *now,
                           const bool *has_column)
{
	for (size_t i = 0; i < SHOWN; i++) {
		const char *before = entry_text(then, shown[i].column),
		           *after = entry_text(now, shown[i].column);

		if ((has_column == NULL || has_column[shown[i].column]) &&
		    strcmp(before, after) != 0) {
			return mem_printf("%s was '%s' and is '%s' now", shown[i].name, before,
			                  after);
		}
	}
	return NULL;
}
