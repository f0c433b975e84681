#ifndef TERRIER_REGISTER_CHANGES_H
#define TERRIER_REGISTER_CHANGES_H

#include "terrier/register/reconcile.h"

/* What appeared, disappeared or changed between two dates A and B (registers.md 4.5): what was seen
 * before A is held to what was seen from A on and to what was seen last before B; what people
 * edited between them stands beside it. */
struct changes;

enum change_object { CHANGE_ASSET, CHANGE_FLOW, CHANGE_KIND, CHANGE_FINDING, CHANGE_DECLARATION };
enum change_way { CHANGE_APPEARED, CHANGE_DISAPPEARED, CHANGE_CHANGED };

/* One row. Texts are owned by the changes, those given are copied; each may be "". */
struct change {
	int64_t date_us;
	enum change_object object;
	enum change_way way;
	const char *id, *name; /* name: for people */
	const char *field, *before, *after;
	bool is_edit; /* people edited the register; else it was observed */
};

/* Words of registers.md 4.5. */
const char *change_object_name(enum change_object object);
const char *change_way_name(enum change_way way);

/* How long a sensor watched in a window. */
struct change_watch {
	const char *sensor;
	uint64_t days, hours;
};

/* What was seen in a window. Borrowed until changes_free(). */
struct change_state {
	const struct reconciliation *flows;
	uint64_t days_watched, hours_watched; /* by any sensor */
	const struct change_watch *watches;
	size_t n_watches;
};

/* Which flows are told; NULL: all. */
typedef bool change_wanted_fn(void *context, const struct register_flow *f);

/* The three windows: before A; from A to B; the last before B as long as the first, which is the
 * second where that is no longer. All are reconciled with the same register, so that what differs
 * is what was seen. */
struct changes *changes_new(const struct change_state *before, const struct change_state *during,
                            const struct change_state *last, change_wanted_fn *wanted,
                            void *context);
void changes_free(struct changes *c); /* NULL is allowed */

/* Adds what differs of flows, their ends, and kinds of data. Something disappeared when it was not
 * seen in the last window although the sensors that saw it watched for as long as it had taken
 * them, on average, to see it on a day. */
void changes_compare(struct changes *c);

/* True when a flow was not seen in the last window, and for want of watching it is not known
 * whether it is gone. */
bool changes_is_unjudged(const struct changes *c, const char *flow_id);

/* How many flows these are; `sensors` gets those that had seen them. */
size_t changes_unjudged(const struct changes *c, struct words *sensors);

/* Adds a row; adds what an edit of the register changed (NULL: there was, or is, no entry). With
 * `wanted`, edits of what no flow that is told has to do with are left out. */
void changes_add(struct changes *c, const struct change *change);
void changes_add_edit(struct changes *c, int64_t made_us, const struct entry *before,
                      const struct entry *after);

/* Orders the rows: by date, object, id, field. */
void changes_finish(struct changes *c);
size_t changes_count(const struct changes *c);
const struct change *changes_get(const struct changes *c, size_t i);

#endif
