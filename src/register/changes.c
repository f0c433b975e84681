/* Two states of what was seen, held to each other, and the edits of the register between them. */
#include "terrier/register/changes.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FREQUENCY_DAYS 14 /* of watching, in both states, before a frequency says something */

/* Flows of one kind or of one end, taken together. */
struct tally {
	char *key;
	const char *id, *name;
	const struct entry *asset; /* NULL: none */
	enum change_object object;
	bool was_before, was_during, was_last, is_unjudged;
	int64_t first_us, last_us; /* first: from A on */
	UT_hash_handle hh;
};

struct unjudged {
	char id[DIGEST_ID_MAX];
	UT_hash_handle hh;
};

struct changes {
	const struct change_state *before, *during, *last;
	change_wanted_fn *wanted;
	void *context;
	struct tally *tallies;
	struct unjudged *unjudged;
	struct words sensors;
	struct change *rows;
	size_t n, room;
};

const char *change_object_name(enum change_object object)
{
	static const char *const names[] = {"asset", "flow", "kind", "finding", "declaration"};

	return names[object];
}

const char *change_way_name(enum change_way way)
{
	static const char *const names[] = {"appeared", "disappeared", "changed"};

	return names[way];
}

struct changes *changes_new(const struct change_state *before, const struct change_state *during,
                            const struct change_state *last, change_wanted_fn *wanted,
                            void *context)
{
	struct changes *c = mem_zalloc(1, sizeof *c);

	*c = (struct changes){.before = before,
	                      .during = during,
	                      .last = last,
	                      .wanted = wanted,
	                      .context = context};
	return c;
}

void changes_free(struct changes *c)
{
	struct tally *tally, *next_tally;
	struct unjudged *unjudged, *next_unjudged;

	if (c == NULL) {
		return;
	}
	HASH_ITER(hh, c->tallies, tally, next_tally)
	{
		HASH_DEL(c->tallies, tally);
		free(tally->key);
		free(tally);
	}
	HASH_ITER(hh, c->unjudged, unjudged, next_unjudged)
	{
		HASH_DEL(c->unjudged, unjudged);
		free(unjudged);
	}
	for (size_t i = 0; i < c->n; i++) {
		free((char *)c->rows[i].id);
		free((char *)c->rows[i].name);
		free((char *)c->rows[i].field);
		free((char *)c->rows[i].before);
		free((char *)c->rows[i].after);
	}
	words_clear(&c->sensors);
	free(c->rows);
	free(c);
}

void changes_add(struct changes *c, const struct change *change)
{
	struct change *row;

	if (c->n == c->room) {
		c->room = c->room > 0 ? c->room * 2 : 64;
		c->rows = mem_resize(c->rows, c->room, sizeof *c->rows);
	}
	row = &c->rows[c->n++];
	*row = *change;
	row->id = mem_strdup(change->id);
	row->name = mem_strdup(change->name);
	row->field = mem_strdup(change->field);
	row->before = mem_strdup(change->before);
	row->after = mem_strdup(change->after);
}

/* The flow as it was seen in a state; NULL when it was not. */
static const struct register_flow *seen_in(const struct change_state *state, const char *id)
{
	const struct register_flow *f = reconcile_find(state->flows, id);

	return f != NULL && f->n_exchanges > 0 ? f : NULL;
}

static bool is_told(const struct changes *c, const struct register_flow *f)
{
	return c->wanted == NULL || c->wanted(c->context, f);
}

/* Exchanges say when they were seen first and last of all; the hours, when in the window. */
static int64_t first_seen(const struct register_flow *f)
{
	int64_t hour = f->n_hours > 0 ? f->hours[0] * CLOCK_HOUR_US : f->first_us;

	return f->first_us > hour ? f->first_us : hour;
}

static int64_t last_seen(const struct register_flow *f)
{
	int64_t hour =
	        f->n_hours > 0 ? (f->hours[f->n_hours - 1] + 1) * CLOCK_HOUR_US - 1 : f->last_us;

	return f->last_us < hour ? f->last_us : hour;
}

static char *name_of(const struct register_flow *f)
{
	return mem_printf("%s %s %s: %s", f->source->name, f->is_both ? "↔" : "→",
	                  f->destination->name, f->kind_title);
}

static void add_flow(struct changes *c, const struct register_flow *f, enum change_way way,
                     int64_t date_us, const char *field, const char *before, const char *after)
{
	char *name = name_of(f);

	changes_add(c, &(struct change){date_us, CHANGE_FLOW, way, f->id, name, field, before,
	                                after, false});
	free(name);
}

/* Takes over both texts. */
static void differ(struct changes *c, const struct register_flow *f, const char *field,
                   char *before, char *after)
{
	if (strcmp(before, after) != 0) {
		add_flow(c, f, CHANGE_CHANGED, last_seen(f), field, before, after);
	}
	free(before);
	free(after);
}

static void differ_in_encryption(struct changes *c, const struct register_flow *was,
                                 const struct register_flow *is)
{
	const char *before = flow_encrypted(was), *after = flow_encrypted(is);

	if (strcmp(before, "unknown") != 0 && strcmp(after, "unknown") != 0) {
		differ(c, is, "encrypted_in_transit", mem_strdup(before), mem_strdup(after));
	}
}

static void differ_in_frequency(struct changes *c, const struct register_flow *was,
                                const struct register_flow *is)
{
	const char *before = flow_frequency(was, c->before->days_watched, c->before->hours_watched),
	           *after = flow_frequency(is, c->last->days_watched, c->last->hours_watched);

	if (c->before->days_watched >= FREQUENCY_DAYS && c->last->days_watched >= FREQUENCY_DAYS) {
		differ(c, is, "frequency", mem_strdup(before), mem_strdup(after));
	}
}

static void compare_flow(struct changes *c, const struct register_flow *was,
                         const struct register_flow *is)
{
	differ_in_encryption(c, was, is);
	differ_in_frequency(c, was, is);
	differ(c, is, "transfer_method", words_join(&was->protocols, ";", 0),
	       words_join(&is->protocols, ";", 0));
	differ(c, is, "ports", words_join(&was->ports, ";", 0), words_join(&is->ports, ";", 0));
	differ(c, is, "source_zone", flow_end_zone(was->source), flow_end_zone(is->source));
	differ(c, is, "destination_zone", flow_end_zone(was->destination),
	       flow_end_zone(is->destination));
	differ(c, is, "sensitivity_tier", mem_strdup(tier_name(was->tier)),
	       mem_strdup(tier_name(is->tier)));
}

/* Hours that the best of the flow's sensors watched. */
static uint64_t hours_of(const struct change_state *state, const struct words *sensors)
{
	uint64_t hours = 0;

	for (size_t i = 0; i < state->n_watches; i++) {
		if (words_has(sensors, state->watches[i].sensor) && state->watches[i].hours > hours) {
			hours = state->watches[i].hours;
		}
	}
	return hours;
}

/* Watched for nine tenths of the time that used to lie between two days on which it was seen:
 * sensors restart. */
static bool was_watched(const struct changes *c, const struct change_state *state,
                        const struct register_flow *was)
{
	uint64_t then = hours_of(state, &was->sensors), since = hours_of(c->last, &was->sensors),
	         days = was->n_days > 0 ? was->n_days : 1;

	return since > 0 && since * days * 10 >= then * 9;
}

static void note_unjudged(struct changes *c, const struct register_flow *f)
{
	struct unjudged *unjudged = mem_zalloc(1, sizeof *unjudged);

	memcpy(unjudged->id, f->id, sizeof unjudged->id);
	HASH_ADD_STR(c->unjudged, id, unjudged);
	for (size_t i = 0; i < f->sensors.n; i++) {
		words_put(&c->sensors, f->sensors.text[i]);
	}
}

/* A flow that was seen in `state` and is not any more; false: nobody can tell. */
static bool tell_gone(struct changes *c, const struct change_state *state,
                      const struct register_flow *was)
{
	const struct register_flow *later = seen_in(c->during, was->id),
	                           *now = reconcile_find(c->last->flows, was->id);

	if (!was_watched(c, state, was)) {
		note_unjudged(c, was);
		return false;
	}
	add_flow(c, was, CHANGE_DISAPPEARED, last_seen(later != NULL ? later : was), "status",
	         flow_status_name(was->status), now != NULL ? flow_status_name(now->status) : "");
	return true;
}

static struct tally *tally_of(struct changes *c, enum change_object object, const char *uid)
{
	char *key = mem_printf("%d%s", object, uid);
	struct tally *tally;

	HASH_FIND_STR(c->tallies, key, tally);
	if (tally != NULL) {
		free(key);
		return tally;
	}
	tally = mem_zalloc(1, sizeof *tally);
	tally->key = key;
	tally->object = object;
	HASH_ADD_KEYPTR(hh, c->tallies, tally->key, strlen(tally->key), tally);
	return tally;
}

static void tally_flow(const struct changes *c, struct tally *t, const struct change_state *state,
                       const struct register_flow *f, bool is_unjudged)
{
	int64_t first = first_seen(f), last = last_seen(f);

	t->was_before |= state == c->before;
	t->was_during |= state == c->during;
	t->was_last |= state == c->last;
	t->is_unjudged |= is_unjudged;
	if (state == c->during && (t->first_us == 0 || first < t->first_us)) {
		t->first_us = first;
	}
	t->last_us = last > t->last_us ? last : t->last_us;
}

/* Clients folded into a zone, and addresses that reach everybody, are no systems. */
static bool is_system(const struct flow_end *end)
{
	return !end->is_group && (end->type == FLOW_END_ASSET || end->type == FLOW_END_HOST);
}

static void tally_all(struct changes *c, const struct change_state *state,
                      const struct register_flow *f, bool is_unjudged)
{
	const struct flow_end *ends[] = {f->source, f->destination};
	struct tally *t = tally_of(c, CHANGE_KIND, f->kind_id);

	t->id = f->kind_id;
	t->name = f->kind_title;
	tally_flow(c, t, state, f, is_unjudged);
	for (size_t i = 0; i < 2; i++) {
		if (is_system(ends[i])) {
			t = tally_of(c, CHANGE_ASSET, ends[i]->uid);
			t->id = flow_end_asset_id(ends[i]);
			t->name = ends[i]->name;
			t->asset = ends[i]->asset;
			tally_flow(c, t, state, f, is_unjudged);
		}
	}
}

/* What is not there any more was told of the state before, else of the one between. */
static void compare_state(struct changes *c, const struct change_state *state)
{
	for (size_t i = 0; i < reconcile_count(state->flows); i++) {
		const struct register_flow *f = reconcile_get(state->flows, i), *was, *is;
		bool is_gone = false, is_judged = true;

		if (f->n_exchanges == 0 || !is_told(c, f)) {
			continue;
		}
		was = seen_in(c->before, f->id);
		is = seen_in(c->last, f->id);
		if (state == c->during && was == NULL) {
			add_flow(c, f, CHANGE_APPEARED, first_seen(f), "status",
			         f->past_us != 0 ? "not seen of late" : "",
			         flow_status_name(f->status));
		}
		is_gone = is == NULL && (state == c->before || was == NULL);
		is_judged = is_gone ? tell_gone(c, state, f) : !changes_is_unjudged(c, f->id);
		if (state == c->before && is != NULL) {
			compare_flow(c, f, is);
		}
		tally_all(c, state, f, !is_judged);
	}
}

static void tell_tally(struct changes *c, const struct tally *t)
{
	struct change row = {.object = t->object,
	                     .id = t->id,
	                     .name = t->name,
	                     .field = "",
	                     .before = "",
	                     .after = ""};

	if (t->was_during && !t->was_before) {
		row.date_us = t->first_us;
		row.way = CHANGE_APPEARED;
		changes_add(c, &row);
	}
	if (!t->was_last && !t->is_unjudged) {
		row.date_us = t->last_us;
		row.way = CHANGE_DISAPPEARED;
		changes_add(c, &row);
	}
}

/* Takes over both texts. */
static void differ_end(struct changes *c, const struct tally *t, const char *field, char *before,
                       char *after)
{
	if (strcmp(before, after) != 0) {
		changes_add(c, &(struct change){t->last_us, t->object, CHANGE_CHANGED, t->id,
		                                t->name, field, before, after, false});
	}
	free(before);
	free(after);
}

/* Only assets: a system that is none is one address. */
static void compare_end(struct changes *c, const struct tally *t)
{
	const struct flow_end *was, *is;

	if (t->asset == NULL || !t->was_before || !t->was_last) {
		return;
	}
	was = reconcile_end_of(c->before->flows, t->asset);
	is = reconcile_end_of(c->last->flows, t->asset);
	differ_end(c, t, "zone", words_join(&was->zones, "; ", 0), words_join(&is->zones, "; ", 0));
	differ_end(c, t, "systems_seen", mem_printf("%zu", was->n_hosts),
	           mem_printf("%zu", is->n_hosts));
	differ_end(c, t, "addresses", words_join(&was->addresses, "; ", 0),
	           words_join(&is->addresses, "; ", 0));
}

void changes_compare(struct changes *c)
{
	compare_state(c, c->before);
	compare_state(c, c->during);
	if (c->last != c->during) {
		for (size_t i = 0; i < reconcile_count(c->last->flows); i++) {
			const struct register_flow *f = reconcile_get(c->last->flows, i);

			if (f->n_exchanges > 0 && is_told(c, f)) {
				tally_all(c, c->last, f, false);
			}
		}
	}
	for (const struct tally *t = c->tallies; t != NULL; t = t->hh.next) {
		tell_tally(c, t);
		compare_end(c, t);
	}
}

bool changes_is_unjudged(const struct changes *c, const char *flow_id)
{
	struct unjudged *found;

	HASH_FIND_STR(c->unjudged, flow_id, found);
	return found != NULL;
}

size_t changes_unjudged(const struct changes *c, struct words *sensors)
{
	for (size_t i = 0; i < c->sensors.n; i++) {
		words_put(sensors, c->sensors.text[i]);
	}
	return HASH_COUNT(c->unjudged);
}

static bool is_asset_told(struct changes *c, const char *id)
{
	char *key = mem_printf("%d%d%s", CHANGE_ASSET, FLOW_END_ASSET, id);
	struct tally *found;

	HASH_FIND_STR(c->tallies, key, found);
	free(key);
	return found != NULL;
}

static bool is_edit_told(struct changes *c, const struct entry *e)
{
	const struct change_state *states[] = {c->before, c->during, c->last};

	if (c->wanted == NULL) {
		return true;
	}
	if (e->type == ENTRY_ASSET) {
		return is_asset_told(c, e->id);
	}
	if (e->type == ENTRY_DECLARATION) {
		return is_asset_told(c, entry_text(e, DECLARED_SOURCE)) &&
		       is_asset_told(c, entry_text(e, DECLARED_DESTINATION));
	}
	for (size_t i = 0; i < 3; i++) {
		const struct register_flow *f = reconcile_find(states[i]->flows, e->id);

		if (f != NULL && is_told(c, f)) {
			return true;
		}
	}
	return false;
}

/* What people call it (free()). */
static char *name_of_entry(const struct entry *e)
{
	switch (e->type) {
	case ENTRY_ASSET:
		return mem_strdup(entry_text(e, ASSET_NAME));
	case ENTRY_DECLARATION:
		return mem_printf("%s → %s: %s", entry_text(e, DECLARED_SOURCE),
		                  entry_text(e, DECLARED_DESTINATION),
		                  entry_text(e, DECLARED_KIND));
	default:
		return entry_text(e, DECISION_SEEN_DESTINATION)[0] == '\0'
		               ? mem_strdup("")
		               : mem_printf("%s → %s: %s", entry_text(e, DECISION_SEEN_SOURCE),
		                            entry_text(e, DECISION_SEEN_DESTINATION),
		                            entry_text(e, DECISION_SEEN_KIND));
	}
}

static void add_cells(struct changes *c, struct change *row, const struct entry *before,
                      const struct entry *after)
{
	size_t n;
	const struct entry_column *columns = entry_columns(after->type, &n);

	row->way = CHANGE_CHANGED;
	for (size_t i = 0; i < n; i++) {
		row->field = columns[i].name;
		row->before = entry_text(before, i);
		row->after = entry_text(after, i);
		if (strcmp(row->before, row->after) != 0) {
			changes_add(c, row);
		}
	}
}

/* A decision changes what it is about. */
static void add_decision(struct changes *c, struct change *row, const struct entry *before,
                         const struct entry *after)
{
	row->object = row->id[0] == 'N' ? CHANGE_FINDING : CHANGE_FLOW;
	row->way = CHANGE_CHANGED;
	row->field = "decision";
	row->before = before != NULL ? entry_text(before, DECISION_VERDICT) : "";
	row->after = after != NULL ? entry_text(after, DECISION_VERDICT) : "";
	changes_add(c, row);
}

void changes_add_edit(struct changes *c, int64_t made_us, const struct entry *before,
                      const struct entry *after)
{
	const struct entry *e = after != NULL ? after : before;
	char *name = name_of_entry(e);
	struct change row = {.date_us = made_us,
	                     .id = e->id,
	                     .name = name,
	                     .field = "",
	                     .before = "",
	                     .after = "",
	                     .is_edit = true};

	if (!is_edit_told(c, e)) {
		free(name);
		return;
	}
	row.object = e->type == ENTRY_ASSET ? CHANGE_ASSET : CHANGE_DECLARATION;
	row.way = before == NULL ? CHANGE_APPEARED : CHANGE_DISAPPEARED;
	if (e->type == ENTRY_DECISION) {
		add_decision(c, &row, before, after);
	} else if (before != NULL && after != NULL) {
		add_cells(c, &row, before, after);
	} else {
		changes_add(c, &row);
	}
	free(name);
}

static int compare_rows(const void *left, const void *right)
{
	const struct change *a = left, *b = right;
	const char *const texts[][2] = {{a->id, b->id},
	                                {a->name, b->name},
	                                {a->field, b->field},
	                                {a->before, b->before},
	                                {a->after, b->after}};
	int result = 0;

	if (a->date_us != b->date_us) {
		return a->date_us < b->date_us ? -1 : 1;
	}
	if (a->object != b->object) {
		return a->object < b->object ? -1 : 1;
	}
	if (a->way != b->way) {
		return a->way < b->way ? -1 : 1;
	}
	for (size_t i = 0; result == 0 && i < sizeof texts / sizeof texts[0]; i++) {
		result = strcmp(texts[i][0], texts[i][1]);
	}
	return result;
}

void changes_finish(struct changes *c)
{
	if (c->n > 0) {
		qsort(c->rows, c->n, sizeof *c->rows, compare_rows);
	}
}

size_t changes_count(const struct changes *c)
{
	return c->n;
}

const struct change *changes_get(const struct changes *c, size_t i)
{
	assert(i < c->n);
	return &c->rows[i];
}
