#include "terrier/register/reconcile.h"

#include "register_help.h"

static struct catalogue *catalogue;
static struct entries *assets, *declared, *decisions;
static struct directory *d;
static struct reconcile_options options;
static struct reconciliation *r;

/* Assets A to D are 10.0.0.1 to 10.0.0.4; the party is E. */
static void set_up(void)
{
	char *error = NULL;

	catalogue = catalogue_load(NULL, &error);
	ck_assert_msg(catalogue != NULL, "%s", error);
	assets = entries_new(ENTRY_ASSET);
	declared = entries_new(ENTRY_DECLARATION);
	decisions = entries_new(ENTRY_DECISION);
	asset(assets, "A", ASSET_MATCH_IP, "10.0.0.1");
	asset(assets, "B", ASSET_MATCH_IP, "10.0.0.2");
	asset(assets, "C", ASSET_MATCH_IP, "10.0.0.3");
	asset(assets, "D", ASSET_MATCH_IP, "10.0.0.4");
	cell(asset(assets, "E", ASSET_MATCH_IP, "203.0.113.0/24"), ASSET_TYPE, "external_party");
	options = (struct reconcile_options){
	        .catalogue = catalogue,
	        .assets = assets,
	        .declarations = declared,
	        .decisions = decisions,
	        .today = "2026-11-21",
	        .own_is_set = true,
	        .shows_addresses = true,
	};
}

/* The register is complete: hosts come in. */
static void begin(void)
{
	static const char *const hosts[] = {"10.0.0.1",         "10.0.0.2",   "10.0.0.3",
	                                    "10.0.0.4",         "10.0.0.5",   "10.0.0.6",
	                                    "[203.0.113.0/24]", "[broadcast]"};

	d = directory_new(assets);
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		add_host(d, hosts[i], "");
	}
	directory_finish(d);
	options.directory = d;
	r = reconcile_new(&options);
}

static void add(struct exchange e)
{
	reconcile_add(r, &e, true);
}

static void tear_down(void)
{
	reconcile_free(r);
	directory_free(d);
	entries_free(decisions);
	entries_free(declared);
	entries_free(assets);
	catalogue_free(catalogue);
}

/* "A>B clin.order observed_only [differences]", one a line. */
static const char *flows(void)
{
	static char text[4096];
	char *differences;

	text[0] = '\0';
	for (size_t i = 0; i < reconcile_count(r); i++) {
		const struct register_flow *f = reconcile_get(r, i);

		differences = words_join(&f->differences, "; ", 0);
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s%s %s %s%s%s\n",
		         f->source->name, f->is_both ? "<>" : ">", f->destination->name, f->kind_id,
		         flow_status_name(f->status), differences[0] != '\0' ? ": " : "",
		         differences);
		free(differences);
	}
	return text;
}

static const char *finish(void)
{
	reconcile_finish(r);
	return flows();
}

START_TEST(what_is_seen_and_declared_and_neither)
{
	set_up();
	declaration(declared, "A", "B", "pat.encounter");
	declaration(declared, "B", "C", "clin.order");
	cell(declaration(declared, "C", "D", "lab.result"), DECLARED_RETIRED_ON, "2026-11-21");
	cell(declaration(declared, "C", "D", "lab.order"), DECLARED_RETIRED_ON, "2026-11-22");
	cell(declaration(declared, "A", "D", "lab.order"), DECLARED_RETIRED_ON, "2026-01-31");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "pat.encounter"));
	add(exchange("X-2", "10.0.0.4", "10.0.0.5", "pat.encounter"));
	add(exchange("X-3", "10.0.0.1", "10.0.0.4", "lab.order"));
	ck_assert_str_eq(finish(),
	                 "A>B pat.encounter declared_and_observed\n"
	                 "A>D lab.order observed_only: retired on 2026-01-31 and observed\n"
	                 "B>C clin.order declared_not_observed\n"
	                 "C>D lab.order declared_not_observed\n"
	                 "C>D lab.result retired\n"
	                 "D>10.0.0.5 pat.encounter observed_only\n");
	tear_down();
}
END_TEST

START_TEST(a_group_covers_its_kinds_and_the_kind_itself_goes_before_it)
{
	const struct register_flow *f;

	set_up();
	declaration(declared, "A", "B", "clin.*");
	declaration(declared, "A", "B", "clin.order");
	declaration(declared, "A", "C", "clin.*");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "clin.order"));
	add(exchange("X-2", "10.0.0.1", "10.0.0.2", "clin.document"));
	add(exchange("X-3", "10.0.0.1", "10.0.0.2", "lab.order"));
	ck_assert_str_eq(finish(), "A>B clin.document declared_and_observed\n"
	                           "A>B clin.order declared_and_observed\n"
	                           "A>B lab.order observed_only\n"
	                           "A>C clin.* declared_not_observed\n");
	f = reconcile_get(r, 1);
	ck_assert_str_eq(entry_text(f->declared, DECLARED_KIND), "clin.order");
	ck_assert_ptr_null(reconcile_get(r, 3)->kind);
	tear_down();
}
END_TEST

START_TEST(undeclared_flows_say_what_is_declared_instead)
{
	set_up();
	declaration(declared, "B", "A", "clin.order");
	declaration(declared, "A", "C", "clin.*");
	cell(declaration(declared, "A", "D", "clin.order"), DECLARED_RETIRED_ON, "2026-01-01");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "clin.order"));
	add(exchange("X-2", "10.0.0.1", "10.0.0.2", "clin.document"));
	add(exchange("X-3", "10.0.0.2", "10.0.0.5", "lab.order"));
	ck_assert_str_eq(
	        finish(),
	        "A>B clin.document observed_only: new recipient: declared from A to C only\n"
	        "A>B clin.order observed_only: direction: declared from B to A only\n"
	        "A>C clin.* declared_not_observed\n"
	        "A>D clin.order retired\n"
	        "B>10.0.0.5 lab.order observed_only\n"
	        "B>A clin.order declared_not_observed\n");
	tear_down();
}
END_TEST

START_TEST(information_of_both_ways_is_what_is_declared_either_way_or_both)
{
	struct exchange one = exchange("X-1", "10.0.0.1", "10.0.0.2", "inf.fileshare"),
	                two = exchange("X-2", "10.0.0.3", "10.0.0.4", "inf.fileshare"),
	                three = exchange("X-3", "10.0.0.1", "10.0.0.3", "inf.fileshare");

	set_up();
	declaration(declared, "B", "A", "inf.fileshare");
	declaration(declared, "C", "D", "inf.fileshare");
	declaration(declared, "D", "C", "inf.fileshare");
	cell(declaration(declared, "A", "C", "inf.fileshare"), DECLARED_RETIRED_ON, "2026-01-01");
	declaration(declared, "C", "A", "inf.fileshare");
	begin();
	one.is_both = two.is_both = three.is_both = true;
	add(one);
	add(two);
	add(three);
	ck_assert_str_eq(finish(), "A<>B inf.fileshare declared_and_observed\n"
	                           "A<>C inf.fileshare declared_and_observed\n"
	                           "C<>D inf.fileshare declared_and_observed\n");
	tear_down();
}
END_TEST

START_TEST(what_differs_from_the_declaration_is_told)
{
	struct entry *e;

	set_up();
	cell((struct entry *)entries_find(assets, "A"), ASSET_ZONE, "Data centre");
	cell((struct entry *)entries_find(assets, "B"), ASSET_ZONE, "SERVERS");
	e = declaration(declared, "A", "B", "pat.encounter");
	cell(e, DECLARED_METHOD, "HL7v2+TLS;DICOM");
	cell(e, DECLARED_ENCRYPTED, "yes");
	e = declaration(declared, "B", "C", "pat.encounter");
	cell(e, DECLARED_METHOD, "dicom;hl7V2");
	cell(e, DECLARED_ENCRYPTED, "no");
	cell(declaration(declared, "C", "D", "pat.encounter"), DECLARED_ENCRYPTED, "yes");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "pat.encounter"));
	add(exchange("X-2", "10.0.0.2", "10.0.0.3", "pat.encounter"));
	struct exchange unknown = exchange("X-3", "10.0.0.3", "10.0.0.4", "pat.encounter");

	unknown.was_clear = false;
	add(unknown);
	ck_assert_str_eq(finish(),
	                 "A>B pat.encounter declared_and_observed: "
	                 "method: declared HL7v2+TLS;DICOM, observed HL7v2; "
	                 "encryption: declared yes, observed no; "
	                 "zone: A is declared in Data centre and was observed in Servers\n"
	                 "B>C pat.encounter declared_and_observed\n"
	                 "C>D pat.encounter declared_and_observed\n");
	tear_down();
}
END_TEST

START_TEST(sums_times_and_texts_of_a_flows_exchanges_come_together)
{
	struct exchange one = exchange("X-1", "10.0.0.1", "10.0.0.2", "pat.encounter"), two = one,
	                three;
	static const struct exchange_fact facts[] = {{EVIDENCE_OTHER, "TLS version 1.2", 3},
	                                             {EVIDENCE_OTHER, "something else", 1}};
	const struct register_flow *f;
	char *text;

	set_up();
	begin();
	two.id = "X-2";
	two.port = "tcp/2576";
	two.was_clear = false;
	two.was_encrypted = true;
	two.facts = facts;
	two.n_facts = 2;
	two.sensor = "span-a; span-b";
	two.first_us = 500;
	two.last_us = 9000;
	two.confidence = CONFIDENCE_LOW;
	two.bytes_to_source = UINT64_MAX;
	three = two;
	three.id = "X-3";
	three.source = end_at("10.0.0.5");
	add(one);
	add(two);
	add(three);
	reconcile_finish(r);
	ck_assert_uint_eq(reconcile_count(r), 2);
	f = reconcile_flow_of(r, "X-2");
	ck_assert_ptr_eq(f, reconcile_flow_of(r, "X-1"));
	ck_assert_ptr_eq(f, reconcile_find(r, f->id));
	ck_assert_ptr_ne(f, reconcile_flow_of(r, "X-3"));
	ck_assert_ptr_null(reconcile_flow_of(r, "X-4"));
	ck_assert_ptr_null(reconcile_find(r, "F-000000000000"));
	ck_assert_uint_eq(f->n_exchanges, 2);
	ck_assert_uint_eq(f->messages, 20);
	ck_assert_uint_eq(f->bytes_to_source, UINT64_MAX);
	ck_assert_int_eq(f->first_us, 500);
	ck_assert_int_eq(f->last_us, 9000);
	ck_assert_int_eq(f->confidence, CONFIDENCE_HIGH);
	ck_assert_str_eq(flow_encrypted(f), "mixed");
	text = words_join(&f->sensors, "|", 0);
	ck_assert_str_eq(text, "span-a|span-b");
	free(text);
	text = words_join(&f->ports, "|", 0);
	ck_assert_str_eq(text, "tcp/2575|tcp/2576");
	free(text);
	text = words_join(&f->encryption, "|", 0);
	ck_assert_str_eq(text, "TLS version 1.2");
	free(text);
	ck_assert_uint_eq(f->source->n_hosts, 1);
	ck_assert_str_eq(f->source->addresses.text[0], "10.0.0.1");
	tear_down();
}
END_TEST

START_TEST(kinds_without_a_tier_of_their_own_take_the_highest_declared_for_either_end)
{
	set_up();
	cell((struct entry *)entries_find(assets, "B"), ASSET_KINDS, "inf.time; pat.*");
	cell((struct entry *)entries_find(assets, "C"), ASSET_KINDS, "inf.time");
	cell((struct entry *)entries_find(assets, "D"), ASSET_KINDS, "unk.other");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "inf.fileshare"));
	add(exchange("X-2", "10.0.0.1", "10.0.0.4", "inf.fileshare"));
	add(exchange("X-3", "10.0.0.2", "10.0.0.1", "inf.time"));
	add(exchange("X-4", "10.0.0.1", "10.0.0.3", "inf.web"));
	add(exchange("X-5", "10.0.0.1", "10.0.0.2", "inf.web"));
	reconcile_finish(r);
	ck_assert_int_eq(reconcile_flow_of(r, "X-1")->tier, TIER_3);
	ck_assert_str_eq(reconcile_flow_of(r, "X-1")->declared_kinds,
	                 "inf.time;pat.appointment;pat.encounter;pat.identity");
	ck_assert_int_eq(reconcile_flow_of(r, "X-2")->tier, TIER_UNKNOWN);
	ck_assert_int_eq(reconcile_flow_of(r, "X-3")->tier, TIER_0);
	ck_assert_str_eq(reconcile_flow_of(r, "X-3")->declared_kinds, "");
	ck_assert_int_eq(reconcile_flow_of(r, "X-4")->tier, TIER_1);
	ck_assert_int_eq(reconcile_flow_of(r, "X-5")->tier, TIER_3);
	tear_down();
}
END_TEST

START_TEST(clients_are_folded_in_their_zone)
{
	set_up();
	options.clients = CLIENTS_FOLDED;
	begin();
	add(exchange("X-1", "10.0.0.5", "10.0.0.1", "clin.order"));
	add(exchange("X-2", "10.0.0.6", "10.0.0.1", "clin.order"));
	ck_assert_str_eq(finish(), "Clients of Servers>A clin.order observed_only\n");
	ck_assert_uint_eq(reconcile_get(r, 0)->source->n_hosts, 2);
	tear_down();
}
END_TEST

/* The name of a client of 10.0.0.5 under a key. */
static char *pseudonym(const char *key)
{
	char *name;

	set_up();
	options.clients = CLIENTS_PSEUDONYM;
	options.key = key;
	options.key_len = strlen(key);
	begin();
	add(exchange("X-1", "10.0.0.5", "10.0.0.1", "clin.order"));
	add(exchange("X-2", "10.0.0.6", "10.0.0.1", "clin.order"));
	reconcile_finish(r);
	ck_assert_uint_eq(reconcile_count(r), 2);
	name = mem_strdup(reconcile_flow_of(r, "X-1")->source->name);
	ck_assert_str_ne(name, reconcile_flow_of(r, "X-2")->source->name);
	tear_down();
	return name;
}

START_TEST(pseudonyms_stay_with_their_key_and_hold_no_address)
{
	char *one = pseudonym("0123456789abcdef"), *again = pseudonym("0123456789abcdef"),
	     *other = pseudonym("0123456789abcdeg"), *shorter = pseudonym("0123456789abcde");

	ck_assert_str_eq(one, again);
	ck_assert_str_ne(one, other);
	ck_assert_str_ne(one, shorter);
	ck_assert_uint_eq(strlen(one), strlen("client-") + 8);
	ck_assert_ptr_null(strstr(one, "10.0"));
	free(one);
	free(again);
	free(other);
	free(shorter);
}
END_TEST

START_TEST(the_past_says_when_a_flow_was_last_seen_and_nothing_else)
{
	struct exchange before = exchange("X-9", "10.0.0.1", "10.0.0.2", "clin.order"),
	                older = before,
	                other = exchange("X-8", "10.0.0.3", "10.0.0.4", "clin.order");

	set_up();
	declaration(declared, "A", "B", "clin.*");
	declaration(declared, "B", "C", "clin.order");
	begin();
	older.last_us = 1;
	reconcile_add_past(r, &before);
	reconcile_add_past(r, &older);
	reconcile_add_past(r, &other);
	ck_assert_str_eq(
	        finish(),
	        "A>B clin.* declared_not_observed\nB>C clin.order declared_not_observed\n");
	ck_assert_int_eq(reconcile_get(r, 0)->past_us, 2000);
	ck_assert_int_eq(reconcile_get(r, 1)->past_us, 0);
	ck_assert_uint_eq(reconcile_get(r, 0)->n_exchanges, 0);
	ck_assert_ptr_null(reconcile_flow_of(r, "X-9"));
	tear_down();
}
END_TEST

START_TEST(activity_of_several_exchanges_is_united)
{
	static const int64_t days[] = {1, 3}, hours[] = {24, 25, 72}, more_days[] = {1, 2},
	                     more_hours[] = {23, 25, 48};
	const struct register_flow *f;

	set_up();
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "clin.order"));
	add(exchange("X-2", "10.0.0.1", "10.0.0.2", "clin.order"));
	reconcile_add_activity(r, "X-1", days, 2, hours, 3);
	reconcile_add_activity(r, "X-2", more_days, 2, more_hours, 3);
	reconcile_add_activity(r, "X-2", NULL, 0, NULL, 0);
	reconcile_add_activity(r, "X-3", days, 2, hours, 3); /* was not added */
	reconcile_finish(r);
	f = reconcile_get(r, 0);
	ck_assert_uint_eq(f->n_days, 3);
	ck_assert_uint_eq(f->n_hours, 5);
	ck_assert_int_eq(f->hours[0], 23);
	ck_assert_int_eq(f->hours[4], 72);
	tear_down();
}
END_TEST

START_TEST(a_flow_is_asked_for_when_one_of_its_exchanges_is)
{
	struct exchange one = exchange("X-1", "10.0.0.1", "10.0.0.2", "clin.order"),
	                two = exchange("X-2", "10.0.0.1", "10.0.0.2", "clin.order"),
	                three = exchange("X-3", "10.0.0.2", "10.0.0.3", "clin.order");

	set_up();
	declaration(declared, "B", "C", "clin.order");
	begin();
	reconcile_add(r, &one, false);
	reconcile_add(r, &two, true);
	reconcile_add(r, &three, false);
	ck_assert_str_eq(finish(),
	                 "A>B clin.order observed_only\nB>C clin.order declared_and_observed\n");
	ck_assert(reconcile_get(r, 0)->is_asked);
	ck_assert_uint_eq(reconcile_get(r, 0)->n_exchanges, 2);
	ck_assert_msg(!reconcile_get(r, 1)->is_asked, "it was observed, whatever was asked for");
	tear_down();
}
END_TEST

START_TEST(a_declaration_from_an_asset_to_itself_is_one_like_others)
{
	set_up();
	cell((struct entry *)entries_find(assets, "A"), ASSET_MATCH_IP, "10.0.0.1;10.0.0.5");
	declaration(declared, "A", "A", "inf.storage");
	declaration(declared, "B", "B", "inf.storage");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.5", "inf.storage"));
	ck_assert_str_eq(
	        finish(),
	        "A>A inf.storage declared_and_observed\nB>B inf.storage declared_not_observed\n");
	tear_down();
}
END_TEST

START_TEST(a_declaration_of_an_asset_that_is_gone_does_no_harm)
{
	set_up();
	declaration(declared, "A", "gone", "clin.order");
	declaration(declared, "gone", "A", "clin.order");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.5", "clin.order"));
	ck_assert_str_eq(finish(), "A>10.0.0.5 clin.order observed_only: new recipient: declared "
	                           "from A to gone only\n");
	tear_down();
}
END_TEST

START_TEST(outside_parties_and_groups_are_told_as_such)
{
	const struct flow_end *party;

	set_up();
	begin();
	add(exchange("X-1", "10.0.0.1", "[203.0.113.0/24]", "inf.email"));
	add(exchange("X-2", "10.0.0.1", "[broadcast]", "inf.addressing"));
	ck_assert_str_eq(
	        finish(),
	        "A>E inf.email observed_only\nA>[broadcast] inf.addressing observed_only\n");
	party = reconcile_get(r, 0)->destination;
	ck_assert(!party->is_inside && !party->is_named && party->bits == 120);
	ck_assert_str_eq(flow_scope(reconcile_get(r, 0)), "outbound");
	ck_assert_str_eq(flow_leaves_organisation(reconcile_get(r, 0), false), "yes");
	ck_assert_str_eq(flow_leaves_organisation(reconcile_get(r, 1), true), "no");
	ck_assert_str_eq(flow_crosses_zone(reconcile_get(r, 1)), "unknown");
	tear_down();
}
END_TEST

START_TEST(two_assets_of_one_host_are_rivals)
{
	set_up();
	asset(assets, "A2", ASSET_MATCH_IP, "10.0.0.1");
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "clin.order"));
	reconcile_finish(r);
	ck_assert_uint_eq(reconcile_get(r, 0)->source->rivals.n, 1);
	ck_assert_str_eq(reconcile_get(r, 0)->source->rivals.text[0], "A2");
	tear_down();
}
END_TEST

START_TEST(ids_do_not_depend_on_names_or_order)
{
	char id[DIGEST_ID_MAX];

	set_up();
	begin();
	add(exchange("X-1", "10.0.0.2", "10.0.0.5", "clin.order"));
	add(exchange("X-2", "10.0.0.1", "10.0.0.2", "clin.order"));
	reconcile_finish(r);
	ck_assert_str_eq(reconcile_flow_of(r, "X-2")->id,
	                 flow_id(FLOW_END_ASSET, "A", FLOW_END_ASSET, "B", "clin.order", id));
	ck_assert_str_eq(
	        reconcile_flow_of(r, "X-1")->id,
	        flow_id(FLOW_END_ASSET, "B", FLOW_END_HOST, "\n10.0.0.5", "clin.order", id));
	ck_assert_str_eq(reconcile_get(r, 0)->source->name, "A");
	tear_down();
}
END_TEST

START_TEST(without_a_register_all_is_observed_only)
{
	set_up();
	options.assets = options.declarations = options.decisions = NULL;
	entries_free(assets);
	assets = NULL;
	begin();
	add(exchange("X-1", "10.0.0.1", "10.0.0.2", "clin.order"));
	add(exchange("X-2", "10.0.0.1", "10.0.0.2", "site.kind"));
	ck_assert_str_eq(finish(), "10.0.0.1>10.0.0.2 clin.order observed_only\n"
	                           "10.0.0.1>10.0.0.2 site.kind observed_only\n");
	ck_assert_int_eq(reconcile_get(r, 1)->tier, TIER_UNKNOWN);
	tear_down();
	reconcile_free(NULL);
}
END_TEST

UNIT_MAIN("reconcile", what_is_seen_and_declared_and_neither,
          a_group_covers_its_kinds_and_the_kind_itself_goes_before_it,
          undeclared_flows_say_what_is_declared_instead,
          information_of_both_ways_is_what_is_declared_either_way_or_both,
          what_differs_from_the_declaration_is_told,
          sums_times_and_texts_of_a_flows_exchanges_come_together,
          kinds_without_a_tier_of_their_own_take_the_highest_declared_for_either_end,
          clients_are_folded_in_their_zone, pseudonyms_stay_with_their_key_and_hold_no_address,
          the_past_says_when_a_flow_was_last_seen_and_nothing_else,
          activity_of_several_exchanges_is_united, a_flow_is_asked_for_when_one_of_its_exchanges_is,
          a_declaration_from_an_asset_to_itself_is_one_like_others,
          a_declaration_of_an_asset_that_is_gone_does_no_harm,
          outside_parties_and_groups_are_told_as_such, two_assets_of_one_host_are_rivals,
          ids_do_not_depend_on_names_or_order, without_a_register_all_is_observed_only)
