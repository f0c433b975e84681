/* Decisions and what was seen when they were made. */
#include "terrier/register/decision.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void set(struct entry *e, enum decision_column column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

static void take(struct entry *e, enum decision_column column, char *text)
{
	set(e, column, text);
	free(text);
}

/* An asset by what does not change when somebody spells its name better. */
static char *end_text(const struct flow_end *end)
{
	const char *organisation = flow_end_organisation(end);

	if (end->asset == NULL) {
		return mem_strdup(end->name);
	}
	return organisation[0] != '\0' ? mem_printf("%s (%s)", end->asset->id, organisation)
	                               : mem_strdup(end->asset->id);
}

static void set_time(struct entry *e, enum decision_column column, int64_t us)
{
	char text[CLOCK_TEXT_MAX];

	set(e, column, us != 0 ? clock_format(us, text) : "");
}

/* What a material change is judged by. */
static void describe_matter(struct entry *e, const struct register_flow *f, bool own_is_set)
{
	take(e, DECISION_SEEN_SOURCE, end_text(f->source));
	take(e, DECISION_SEEN_DESTINATION, end_text(f->destination));
	set(e, DECISION_SEEN_KIND, f->kind_id);
	set(e, DECISION_SEEN_TIER, tier_name(f->tier));
	set(e, DECISION_SEEN_ENCRYPTED, flow_encrypted(f));
	take(e, DECISION_SEEN_SOURCE_ZONE, flow_end_zone(f->source));
	take(e, DECISION_SEEN_DESTINATION_ZONE, flow_end_zone(f->destination));
	set(e, DECISION_SEEN_LEAVES, flow_leaves_organisation(f, own_is_set));
}

void decision_describe(struct entry *e, const struct register_flow *f, bool own_is_set,
                       const char *observed_from, const char *observed_to)
{
	describe_matter(e, f, own_is_set);
	take(e, DECISION_SEEN_METHOD, words_join(&f->protocols, ";", 0));
	set(e, DECISION_SEEN_STATUS, flow_status_name(f->status));
	take(e, DECISION_SEEN_DIFFERENCES, words_join(&f->differences, "; ", 0));
	set_time(e, DECISION_SEEN_FIRST, f->first_us);
	set_time(e, DECISION_SEEN_LAST, f->last_us);
	set(e, DECISION_SEEN_FROM, observed_from);
	set(e, DECISION_SEEN_TO, observed_to);
	take(e, DECISION_SEEN_MESSAGES,
	     f->has_messages ? mem_printf("%" PRIu64, f->messages) : mem_strdup(""));
	take(e, DECISION_SEEN_BYTES,
	     mem_printf("%" PRIu64, f->bytes_to_destination + f->bytes_to_source));
}

static bool is_part(const char *now, const char *then)
{
	size_t len;

	for (const char *item; (item = entry_next(&now, &len)) != NULL;) {
		char *copy = mem_printf("%.*s", (int)len, item);
		bool is_there = entry_lists(then, copy);

		free(copy);
		if (!is_there) {
			return false;
		}
	}
	return true;
}

static bool is_same(const char *now, const char *then)
{
	return strcmp(now, then) == 0;
}

/* What is seen of it now was seen then: a shorter window may show less of it. */
static bool is_part_of_encryption(const char *now, const char *then)
{
	return is_same(now, then) || is_same(now, "unknown") || is_same(then, "mixed");
}

/* "unknown" then may have been for want of settings. */
static bool is_same_or_was_unknown(const char *now, const char *then)
{
	return is_same(now, then) || is_same(then, "unknown") || is_same(now, "unknown");
}

/* The name of what has changed, with both values (free()); NULL: nothing. */
static char *find_change(const struct entry *then, const struct register_flow *f, bool own_is_set)
{
	static const struct {
		enum decision_column column;
		const char *name;
		bool (*holds)(const char *now, const char *then);
	} matters[] = {
	        {DECISION_SEEN_KIND, "kind of data", is_same},
	        {DECISION_SEEN_TIER, "sensitivity tier", is_same},
	        {DECISION_SEEN_ENCRYPTED, "encryption", is_part_of_encryption},
	        {DECISION_SEEN_SOURCE_ZONE, "zone of the source", is_part},
	        {DECISION_SEEN_DESTINATION_ZONE, "zone of the destination", is_part},
	        {DECISION_SEEN_LEAVES, "whether it leaves the organisation",
	         is_same_or_was_unknown},
	        {DECISION_SEEN_DESTINATION, "recipient", is_same},
	};
	size_t n = sizeof matters / sizeof matters[0] -
	           (f->destination->asset == NULL); /* a host's name may be learnt */
	struct entry *seen = entry_new(ENTRY_DECISION);
	char *change = NULL;

	describe_matter(seen, f, own_is_set);
	for (size_t i = 0; i < n && change == NULL; i++) {
		const char *before = entry_text(then, matters[i].column),
		           *now = entry_text(seen, matters[i].column);

		if (!matters[i].holds(now, before)) {
			change = mem_printf("%s was '%s' when it was decided and is '%s' now",
			                    matters[i].name, before, now);
		}
	}
	entry_free(seen);
	return change;
}

enum decision_state decision_judge(const struct entry *decision, const struct register_flow *f,
                                   bool own_is_set, const char *today, char **why)
{
	const char *until = entry_text(decision, DECISION_UNTIL);

	*why = NULL;
	if (until[0] != '\0' && strcmp(until, today) < 0) {
		*why = mem_printf("the decision was valid until %s", until);
		return DECISION_EXPIRED;
	}
	/* nothing is seen of a flow that was declared alone: what was seen then is the past */
	if (f->status != FLOW_DECLARED_NOT_OBSERVED && f->status != FLOW_RETIRED) {
		*why = find_change(decision, f, own_is_set);
	}
	return *why != NULL ? DECISION_OVERTAKEN : DECISION_VALID;
}
