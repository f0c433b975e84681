/* What counts as a change between two states, and what as a gap in watching; reconciled as commands do. */
#include "terrier/register/changes.h"

#include "unit.h"

#include "terrier/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define A   INT64_C(1795219200000000) /* 2026-11-21, where the two states meet */
#define DAY (A / CLOCK_DAY_US)
#define MAX 8

static struct catalogue *catalogue;
static struct entries *assets;
static struct directory *directory;
static struct change_watch watches[3];
static struct change_state states[3];
static struct changes *changes;

enum { BEFORE, DURING, LAST };

static void set(struct entry *e, size_t column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

static void add_asset(const char *id, const char *address)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	set(e, ASSET_ID, id);
	set(e, ASSET_NAME, id);
	set(e, ASSET_TYPE, "system");
	set(e, ASSET_MATCH_IP, address);
	entry_identify(e);
	ck_assert(entries_add(assets, e));
}

static void add_host(const char *address)
{
	char key[64];
	struct directory_host host = {.key = key, .address = (char *)address, .name = (char *)"", .mac = (char *)"", .is_inside = true};

	snprintf(key, sizeof key, "\n%s", address);
	ck_assert(addr_parse(address, &host.addr));
	directory_add_host(directory, &host);
}

/* PAS is one address and TIE has two; two systems are no assets. All states: watched for 100 hours. */
static void begin(void)
{
	static const char *const hosts[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4", "10.0.0.5"};
	char *error = NULL;

	catalogue = catalogue_load(NULL, &error);
	ck_assert_msg(catalogue != NULL, "%s", error);
	assets = entries_new(ENTRY_ASSET);
	add_asset("PAS", "10.0.0.1");
	add_asset("TIE", "10.0.0.2;10.0.0.3");
	directory = directory_new(assets);
	for (size_t i = 0; i < 5; i++) {
		add_host(hosts[i]);
	}
	directory_finish(directory);
	for (size_t i = 0; i < 3; i++) {
		const struct reconcile_options options = {
		        .catalogue = catalogue,
		        .directory = directory,
		        .assets = assets,
		        .today = "2026-11-21",
		        .shows_addresses = true,
		};

		watches[i] = (struct change_watch){"s", 30, 100};
		states[i] = (struct change_state){reconcile_new(&options), 30, 100, &watches[i], 1};
	}
}

static void end(void)
{
	changes_free(changes);
	changes = NULL;
	for (size_t i = 0; i < 3; i++) {
		reconcile_free((struct reconciliation *)states[i].flows);
	}
	directory_free(directory);
	entries_free(assets);
	catalogue_free(catalogue);
}

static struct exchange_end end_at(const char *address, const char *zone)
{
	static char hosts[2 * MAX][64];
	static unsigned used;
	char *host = hosts[used++ % (2 * MAX)];

	snprintf(host, 64, "\n%s", address);
	return (struct exchange_end){.host = host, .subject = host, .label = address, .name = "", .address = address,
	                             .zone = zone, .zone_label = zone, .is_inside = true};
}

/* Seen in a state, on `days` days from `first`. */
static void see_as(unsigned state, const char *from, const char *to, const char *kind, const char *protocol,
                   const char *zone, int64_t first, size_t days)
{
	char id[32];
	int64_t hours[40], day[40];
	const struct exchange e = {
	        .id = id,
	        .source = end_at(from, zone),
	        .destination = end_at(to, "Data"),
	        .initiated_by_source = true,
	        .protocol = protocol,
	        .port = "tcp/2575",
	        .kind_id = kind,
	        .kind_title = kind,
	        .connections = 1,
	        .was_clear = strcmp(protocol, "HL7v2") == 0,
	        .was_encrypted = strcmp(protocol, "HL7v2") != 0,
	        .first_us = A - 1000 * CLOCK_DAY_US, /* of all time */
	        .last_us = A + 1000 * CLOCK_DAY_US,
	        .evidence = "",
	        .sensor = "r; s",
	};

	ck_assert_uint_le(days, 40);
	snprintf(id, sizeof id, "X-%.4s%.3s%.5s", from + 5, to + 5, kind);
	for (size_t i = 0; i < days; i++) {
		day[i] = first + (int64_t)i;
		hours[i] = day[i] * 24;
	}
	reconcile_add((struct reconciliation *)states[state].flows, &e, true);
	reconcile_add_activity((struct reconciliation *)states[state].flows, id, day, days, hours, days);
}

static void see(unsigned state, const char *from, const char *to, const char *kind)
{
	see_as(state, from, to, kind, "HL7v2", "Data", state == BEFORE ? DAY - 3 : DAY + 2, 2);
}

/* All rows, one a line; `last` is the state that ends. */
static const char *told(unsigned last, change_wanted_fn *wanted)
{
	static char text[4096];
	size_t len = 0;

	for (size_t i = 0; i < 3; i++) {
		reconcile_finish((struct reconciliation *)states[i].flows);
	}
	changes = changes_new(&states[BEFORE], &states[DURING], &states[last], wanted, NULL);
	changes_compare(changes);
	changes_finish(changes);
	text[0] = '\0';
	for (size_t i = 0; i < changes_count(changes); i++) {
		const struct change *c = changes_get(changes, i);
		char time[CLOCK_TEXT_MAX];

		len += (size_t)snprintf(text + len, sizeof text - len, "%.10s %s %s %s %s '%s' '%s'\n",
		                        clock_format(c->date_us, time), change_object_name(c->object),
		                        c->object == CHANGE_FLOW ? c->name : c->id, change_way_name(c->way), c->field,
		                        c->before, c->after);
	}
	return text;
}

START_TEST(nothing_changes)
{
	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(DURING, "10.0.0.1", "10.0.0.2", "pat.encounter");
	ck_assert_str_eq(told(DURING, NULL), "");
	end();
}
END_TEST

START_TEST(a_flow_appears_with_its_kind_and_its_systems)
{
	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(DURING, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(DURING, "10.0.0.1", "10.0.0.4", "lab.result");
	ck_assert_str_eq(told(DURING, NULL), "2026-11-23 asset  appeared  '' ''\n"
	                                     "2026-11-23 flow PAS → 10.0.0.4: Laboratory results appeared status '' "
	                                     "'observed_only'\n"
	                                     "2026-11-23 kind lab.result appeared  '' ''\n");
	end();
}
END_TEST

START_TEST(a_flow_disappears_on_the_day_it_was_last_seen)
{
	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(BEFORE, "10.0.0.1", "10.0.0.2", "lab.result");
	see(DURING, "10.0.0.1", "10.0.0.2", "pat.encounter");
	ck_assert_str_eq(told(DURING, NULL), "2026-11-19 flow PAS → TIE: Laboratory results disappeared status "
	                                     "'observed_only' ''\n"
	                                     "2026-11-19 kind lab.result disappeared  '' ''\n");
	end();
}
END_TEST

START_TEST(what_was_not_watched_did_not_disappear)
{
	struct words sensors = {0};

	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(BEFORE, "10.0.0.1", "10.0.0.2", "lab.result");
	see(DURING, "10.0.0.1", "10.0.0.2", "pat.encounter");
	watches[DURING].hours = 44; /* seen on 2 days of 100 hours: once in 50 */
	ck_assert_str_eq(told(DURING, NULL), "");
	ck_assert_uint_eq(changes_unjudged(changes, &sensors), 1);
	ck_assert(words_has(&sensors, "s"));
	words_clear(&sensors);
	changes_free(changes);
	watches[DURING].hours = 45; /* nine tenths of it */
	changes = changes_new(&states[BEFORE], &states[DURING], &states[DURING], NULL, NULL);
	changes_compare(changes);
	ck_assert_uint_eq(changes_unjudged(changes, &sensors), 0);
	ck_assert_uint_eq(changes_count(changes), 2);
	end();
}
END_TEST

START_TEST(another_sensor_does_not_watch_for_it)
{
	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	watches[DURING].sensor = "ss";
	ck_assert_str_eq(told(DURING, NULL), "");
	end();
}
END_TEST

START_TEST(a_flow_changes_its_method_and_encryption)
{
	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see_as(DURING, "10.0.0.1", "10.0.0.2", "pat.encounter", "HL7v2+TLS", "Data", DAY, 3);
	ck_assert_str_eq(told(DURING, NULL),
	                 "2026-11-23 flow PAS → TIE: Admissions, discharges and transfers changed encrypted_in_transit "
	                 "'no' 'yes'\n"
	                 "2026-11-23 flow PAS → TIE: Admissions, discharges and transfers changed transfer_method "
	                 "'HL7v2' 'HL7v2+TLS'\n");
	end();
}
END_TEST

START_TEST(an_asset_moves_and_grows)
{
	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see_as(DURING, "10.0.0.1", "10.0.0.2", "pat.encounter", "HL7v2", "Wards", DAY, 1);
	see_as(DURING, "10.0.0.1", "10.0.0.3", "pat.encounter", "HL7v2", "Wards", DAY, 1);
	ck_assert_str_eq(told(DURING, NULL),
	                 "2026-11-21 asset PAS changed zone 'Data' 'Wards'\n"
	                 "2026-11-21 asset TIE changed addresses '10.0.0.2' '10.0.0.2; 10.0.0.3'\n"
	                 "2026-11-21 asset TIE changed systems_seen '1' '2'\n"
	                 "2026-11-21 flow PAS → TIE: Admissions, discharges and transfers changed source_zone 'Data' "
	                 "'Wards'\n");
	end();
}
END_TEST

START_TEST(in_a_long_time_something_comes_and_goes)
{
	begin();
	see(BEFORE, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(DURING, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(LAST, "10.0.0.1", "10.0.0.2", "pat.encounter");
	see(DURING, "10.0.0.1", "10.0.0.2", "lab.result");
	ck_assert_str_eq(told(LAST, NULL),
	                 "2026-11-23 flow PAS → TIE: Laboratory results appeared status '' 'observed_only'\n"
	                 "2026-11-23 kind lab.result appeared  '' ''\n"
	                 "2026-11-24 flow PAS → TIE: Laboratory results disappeared status 'observed_only' ''\n"
	                 "2026-11-24 kind lab.result disappeared  '' ''\n");
	end();
}
END_TEST

START_TEST(the_past_is_no_place_where_hosts_are)
{
	const struct exchange e = {.id = "X-1", .source = end_at("10.0.0.1", "Old"), .destination = end_at("10.0.0.2", "Old"),
	                           .kind_id = "pat.encounter", .last_us = A};
	const struct flow_end *pas;

	begin();
	reconcile_add_past((struct reconciliation *)states[LAST].flows, &e);
	reconcile_finish((struct reconciliation *)states[LAST].flows);
	pas = reconcile_end_of(states[LAST].flows, entries_find(assets, "PAS"));
	ck_assert_uint_eq(pas->n_hosts, 0);
	ck_assert_uint_eq(pas->zones.n, 0);
	end();
}
END_TEST

static bool is_lab(void *context, const struct register_flow *f)
{
	(void)context;
	return strcmp(f->kind_id, "lab.result") == 0;
}

START_TEST(only_what_is_wanted_is_told)
{
	struct entry *other = entry_new(ENTRY_ASSET);

	begin();
	see(DURING, "10.0.0.1", "10.0.0.4", "pat.encounter");
	see(DURING, "10.0.0.4", "10.0.0.5", "lab.result");
	ck_assert_str_eq(told(DURING, is_lab),
	                 "2026-11-23 asset  appeared  '' ''\n2026-11-23 asset  appeared  '' ''\n"
	                 "2026-11-23 flow 10.0.0.4 → 10.0.0.5: Laboratory results appeared status '' 'observed_only'\n"
	                 "2026-11-23 kind lab.result appeared  '' ''\n");
	set(other, ASSET_ID, "PAS");
	entry_identify(other);
	changes_add_edit(changes, A, NULL, other); /* no part of it */
	ck_assert_uint_eq(changes_count(changes), 4);
	entry_free(other);
	end();
}
END_TEST

START_TEST(edits_are_told_cell_by_cell)
{
	struct entry *before = entry_new(ENTRY_ASSET), *after = entry_new(ENTRY_ASSET);

	begin();
	set(before, ASSET_ID, "PAS");
	set(before, ASSET_ZONE, "Data");
	entry_identify(before);
	set(after, ASSET_ID, "PAS");
	set(after, ASSET_NAME, "Patient administration");
	entry_identify(after);
	told(DURING, NULL);
	changes_add_edit(changes, A, NULL, before);
	changes_add_edit(changes, A + 1, before, after);
	changes_add_edit(changes, A + 2, after, NULL);
	ck_assert_uint_eq(changes_count(changes), 4);
	ck_assert_int_eq(changes_get(changes, 0)->way, CHANGE_APPEARED);
	ck_assert_str_eq(changes_get(changes, 1)->field, "asset_name");
	ck_assert_str_eq(changes_get(changes, 1)->after, "Patient administration");
	ck_assert_str_eq(changes_get(changes, 2)->field, "zone");
	ck_assert_str_eq(changes_get(changes, 2)->before, "Data");
	ck_assert_int_eq(changes_get(changes, 3)->way, CHANGE_DISAPPEARED);
	ck_assert(changes_get(changes, 3)->is_edit);
	entry_free(before);
	entry_free(after);
	end();
}
END_TEST

START_TEST(a_decision_changes_what_it_is_about)
{
	struct entry *decision = entry_new(ENTRY_DECISION);

	begin();
	set(decision, DECISION_OBJECT, "N-1");
	set(decision, DECISION_VERDICT, "accept");
	entry_identify(decision);
	told(DURING, NULL);
	changes_add_edit(changes, A, NULL, decision);
	ck_assert_int_eq(changes_get(changes, 0)->object, CHANGE_FINDING);
	ck_assert_str_eq(changes_get(changes, 0)->id, "N-1");
	ck_assert_str_eq(changes_get(changes, 0)->field, "decision");
	ck_assert_str_eq(changes_get(changes, 0)->after, "accept");
	entry_free(decision);
	end();
}
END_TEST

UNIT_MAIN("changes", nothing_changes, a_flow_appears_with_its_kind_and_its_systems,
               a_flow_disappears_on_the_day_it_was_last_seen, what_was_not_watched_did_not_disappear,
               another_sensor_does_not_watch_for_it, a_flow_changes_its_method_and_encryption, an_asset_moves_and_grows,
               in_a_long_time_something_comes_and_goes, the_past_is_no_place_where_hosts_are, only_what_is_wanted_is_told,
               edits_are_told_cell_by_cell, a_decision_changes_what_it_is_about)
