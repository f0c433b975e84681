#include "terrier/register/decision.h"

#include "register_help.h"

/* A flow from the asset PAS to the asset LIMS, that was seen in clear. */
static struct entry *pas, *lims, *decision;
static struct flow_end from, to;
static struct register_flow f;
static struct entries *assets;

static void set_up(void)
{
	assets = entries_new(ENTRY_ASSET);
	pas = asset(assets, "PAS", ASSET_ORGANISATION, "Trust");
	lims = asset(assets, "LIMS", ASSET_ORGANISATION, "Laboratory Ltd");
	from = (struct flow_end){
	        .type = FLOW_END_ASSET, .asset = pas, .name = (char *)"PAS", .is_inside = true};
	to = (struct flow_end){
	        .type = FLOW_END_ASSET, .asset = lims, .name = (char *)"LIMS", .is_inside = true};
	words_put(&from.zones, "Data centre");
	words_put(&from.zones, "Wards");
	words_put(&to.zones, "Laboratory");
	f = (struct register_flow){
	        .source = &from,
	        .destination = &to,
	        .kind_id = (char *)"lab.order",
	        .tier = TIER_3,
	        .was_clear = true,
	        .has_messages = true,
	        .messages = 12,
	        .bytes_to_destination = 1000,
	        .bytes_to_source = 20,
	        .first_us = INT64_C(1700000000000000),
	        .last_us = INT64_C(1700000001000000),
	        .n_exchanges = 1,
	        .status = FLOW_OBSERVED_ONLY,
	};
	words_put(&f.protocols, "HL7v2");
	words_put(&f.differences, "direction: declared from LIMS to PAS only");
	decision = entry_new(ENTRY_DECISION);
	decision_describe(decision, &f, true, "2023-11-01T00:00:00Z", "2023-11-30T00:00:00Z");
}

static void tear_down(void)
{
	entry_free(decision);
	words_clear(&from.zones);
	words_clear(&to.zones);
	words_clear(&f.protocols);
	words_clear(&f.differences);
	entries_free(assets);
}

static void check(enum decision_state expected, const char *expected_why)
{
	char *why;
	enum decision_state state = decision_judge(decision, &f, true, "2026-11-21", &why);

	ck_assert_msg(state == expected, "%d: %s", state, why != NULL ? why : "-");
	ck_assert_str_eq(why != NULL ? why : "", expected_why);
	free(why);
}

START_TEST(a_decision_holds_what_was_seen)
{
	static const struct {
		enum decision_column column;
		const char *text;
	} cells[] = {
	        {DECISION_SEEN_SOURCE, "PAS (Trust)"},
	        {DECISION_SEEN_DESTINATION, "LIMS (Laboratory Ltd)"},
	        {DECISION_SEEN_KIND, "lab.order"},
	        {DECISION_SEEN_TIER, "3"},
	        {DECISION_SEEN_ENCRYPTED, "no"},
	        {DECISION_SEEN_SOURCE_ZONE, "Data centre; Wards"},
	        {DECISION_SEEN_DESTINATION_ZONE, "Laboratory"},
	        {DECISION_SEEN_LEAVES, "no"},
	        {DECISION_SEEN_METHOD, "HL7v2"},
	        {DECISION_SEEN_STATUS, "observed_only"},
	        {DECISION_SEEN_DIFFERENCES, "direction: declared from LIMS to PAS only"},
	        {DECISION_SEEN_FIRST, "2023-11-14T22:13:20Z"},
	        {DECISION_SEEN_LAST, "2023-11-14T22:13:21Z"},
	        {DECISION_SEEN_FROM, "2023-11-01T00:00:00Z"},
	        {DECISION_SEEN_TO, "2023-11-30T00:00:00Z"},
	        {DECISION_SEEN_MESSAGES, "12"},
	        {DECISION_SEEN_BYTES, "1020"},
	        {DECISION_REASON, ""},
	        {DECISION_ROLE, ""},
	};

	set_up();
	for (size_t i = 0; i < sizeof cells / sizeof cells[0]; i++) {
		ck_assert_str_eq(entry_text(decision, cells[i].column), cells[i].text);
	}
	check(DECISION_VALID, "");
	tear_down();
}
END_TEST

START_TEST(a_decision_is_valid_on_its_last_day)
{
	set_up();
	cell(decision, DECISION_UNTIL, "2026-11-21");
	check(DECISION_VALID, "");
	cell(decision, DECISION_UNTIL, "2026-11-20");
	check(DECISION_EXPIRED, "the decision was valid until 2026-11-20");
	tear_down();
}
END_TEST

START_TEST(less_of_what_was_seen_is_no_change)
{
	set_up();
	words_clear(&from.zones);
	words_put(&from.zones, "Wards");
	f.was_clear = false; /* this time nobody could tell */
	check(DECISION_VALID, "");
	words_clear(&from.zones);
	check(DECISION_VALID, "");
	tear_down();
}
END_TEST

START_TEST(encryption_seen_mixed_covers_either_and_no_other_does)
{
	static const struct {
		const char *then;
		bool was_clear, was_encrypted, is_valid;
	} cases[] = {
	        {"mixed", true, false, true},    {"mixed", false, true, true},
	        {"mixed", false, false, true},   {"yes", true, false, false},
	        {"yes", true, true, false},      {"yes", false, true, true},
	        {"no", false, true, false},      {"no", true, true, false},
	        {"unknown", true, false, false}, {"unknown", false, false, true},
	};

	set_up();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *why;

		cell(decision, DECISION_SEEN_ENCRYPTED, cases[i].then);
		f.was_clear = cases[i].was_clear;
		f.was_encrypted = cases[i].was_encrypted;
		ck_assert_msg((decision_judge(decision, &f, true, "2026-11-21", &why) ==
		               DECISION_VALID) == cases[i].is_valid,
		              "%s, then %s", cases[i].then, flow_encrypted(&f));
		free(why);
	}
	tear_down();
}
END_TEST

START_TEST(a_material_change_overtakes)
{
	set_up();
	f.tier = TIER_2;
	check(DECISION_OVERTAKEN, "sensitivity tier was '3' when it was decided and is '2' now");
	f.tier = TIER_3;
	f.kind_id = (char *)"lab.result";
	check(DECISION_OVERTAKEN,
	      "kind of data was 'lab.order' when it was decided and is 'lab.result' now");
	f.kind_id = (char *)"lab.order";
	words_put(&to.zones, "Guest");
	check(DECISION_OVERTAKEN,
	      "zone of the destination was 'Laboratory' when it was decided and is 'Laboratory; "
	      "Guest' now");
	words_clear(&to.zones);
	words_put(&to.zones, "Laboratory");
	cell(lims, ASSET_ORGANISATION, "Another Ltd");
	check(DECISION_OVERTAKEN,
	      "recipient was 'LIMS (Laboratory Ltd)' when it was decided and is 'LIMS (Another "
	      "Ltd)' now");
	cell(lims, ASSET_ORGANISATION, "Laboratory Ltd");
	to.is_inside = false;
	check(DECISION_OVERTAKEN,
	      "whether it leaves the organisation was 'no' when it was decided and is 'yes' now");
	tear_down();
}
END_TEST

START_TEST(a_better_name_and_more_traffic_are_no_change)
{
	set_up();
	cell(lims, ASSET_NAME, "The laboratory's system");
	to.name = (char *)"The laboratory's system";
	f.messages = 4711;
	f.status = FLOW_DECLARED_AND_OBSERVED;
	words_put(&f.protocols, "SMB2");
	check(DECISION_VALID, "");
	to.asset = NULL;
	cell(decision, DECISION_SEEN_DESTINATION, "10.0.0.1");
	check(DECISION_VALID, "");
	tear_down();
}
END_TEST

START_TEST(want_of_settings_is_no_change)
{
	char *why;

	set_up();
	ck_assert_int_eq(decision_judge(decision, &f, false, "2026-11-21", &why), DECISION_VALID);
	cell(decision, DECISION_SEEN_LEAVES, "unknown");
	check(DECISION_VALID, "");
	tear_down();
}
END_TEST

START_TEST(of_what_is_not_seen_now_nothing_has_changed)
{
	set_up();
	words_clear(&from.zones);
	words_put(&from.zones, "Elsewhere");
	f.status = FLOW_DECLARED_NOT_OBSERVED;
	check(DECISION_VALID, "");
	f.status = FLOW_RETIRED;
	check(DECISION_VALID, "");
	f.status = FLOW_OBSERVED_ONLY;
	check(DECISION_OVERTAKEN,
	      "zone of the source was 'Data centre; Wards' when it was decided and is 'Elsewhere' "
	      "now");
	tear_down();
}
END_TEST

UNIT_MAIN("decision", a_decision_holds_what_was_seen, a_decision_is_valid_on_its_last_day,
          less_of_what_was_seen_is_no_change, encryption_seen_mixed_covers_either_and_no_other_does,
          a_material_change_overtakes, a_better_name_and_more_traffic_are_no_change,
          want_of_settings_is_no_change, of_what_is_not_seen_now_nothing_has_changed)
