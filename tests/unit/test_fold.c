#include "terrier/register/fold.h"

#include "register_help.h"

static struct catalogue *catalogue;
static struct entries *assets, *declared;
static struct directory *d;
static struct reconciliation *r, *folded;

/* Assets A and B are of Trust, C of Laboratory; D is not seen. */
static void set_up(void)
{
	static const char *const hosts[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3"};
	struct reconcile_options options = {.today = "2026-11-21", .own_is_set = true};
	char *error = NULL;

	catalogue = catalogue_load(NULL, &error);
	assets = entries_new(ENTRY_ASSET);
	declared = entries_new(ENTRY_DECLARATION);
	cell(asset(assets, "A", ASSET_MATCH_IP, "10.0.0.1"), ASSET_ORGANISATION, "Trust");
	cell(asset(assets, "B", ASSET_MATCH_IP, "10.0.0.2"), ASSET_ORGANISATION, "Trust");
	cell(asset(assets, "C", ASSET_MATCH_IP, "10.0.0.3"), ASSET_ORGANISATION, "Laboratory");
	asset(assets, "D", ASSET_ORGANISATION, "Laboratory");
	declaration(declared, "A", "C", "clin.order");
	declaration(declared, "B", "D", "clin.order");
	cell(declaration(declared, "A", "D", "clin.order"), DECLARED_RETIRED_ON, "2026-01-01");
	declaration(declared, "A", "C", "clin.document");
	cell(declaration(declared, "A", "C", "lab.order"), DECLARED_RETIRED_ON, "2026-01-01");
	d = directory_new(assets);
	for (size_t i = 0; i < 3; i++) {
		add_host(d, hosts[i], "");
	}
	directory_finish(d);
	options.catalogue = catalogue;
	options.directory = d;
	options.assets = assets;
	options.declarations = declared;
	r = reconcile_new(&options);
}

static void tear_down(void)
{
	reconcile_free(folded);
	reconcile_free(r);
	directory_free(d);
	entries_free(declared);
	entries_free(assets);
	catalogue_free(catalogue);
}

static char *organisation(void *context, const struct flow_end *end)
{
	(void)context;
	return mem_strdup(flow_end_organisation(end));
}

static bool all(void *context, const struct register_flow *f)
{
	(void)f;
	return context == NULL;
}

static bool observed(void *context, const struct register_flow *f)
{
	(void)context;
	return f->status == FLOW_DECLARED_AND_OBSERVED;
}

static const struct register_flow *find(const char *from, const char *kind)
{
	for (size_t i = 0; i < reconcile_count(folded); i++) {
		const struct register_flow *f = reconcile_get(folded, i);

		if (strcmp(f->source->name, from) == 0 && strcmp(f->kind_id, kind) == 0) {
			return f;
		}
	}
	ck_abort_msg("no %s of %s", kind, from);
}

static void check_differences(const struct register_flow *f, const char *expected)
{
	char *text = words_join(&f->differences, "; ", 0);

	ck_assert_str_eq(text, expected);
	free(text);
}

static void add_two(void)
{
	static const int64_t days[] = {1, 2}, hours[] = {30, 50}, more_days[] = {2},
	                     more_hours[] = {50, 51};
	struct exchange one = exchange("X-1", "10.0.0.1", "10.0.0.3", "clin.order"),
	                two = exchange("X-2", "10.0.0.2", "10.0.0.3", "clin.order");

	two.was_clear = false;
	two.was_encrypted = true;
	two.confidence = CONFIDENCE_LOW;
	two.first_us = 1;
	two.last_us = 5000;
	two.bytes_to_source = UINT64_MAX;
	reconcile_add(r, &one, true);
	reconcile_add(r, &two, true);
	reconcile_add_activity(r, "X-1", days, 2, hours, 2);
	reconcile_add_activity(r, "X-2", more_days, 1, more_hours, 2);
}

START_TEST(flows_of_the_same_organisations_and_kind_are_one)
{
	const struct register_flow *f;

	set_up();
	add_two();
	reconcile_finish(r);
	folded = fold_flows(r, organisation, all, NULL);
	ck_assert_uint_eq(reconcile_count(folded), 3);
	f = find("Trust", "clin.order");
	ck_assert_str_eq(f->destination->name, "Laboratory");
	ck_assert_int_eq(f->status, FLOW_OBSERVED_ONLY);
	check_differences(
	        f, "1 declared_and_observed; 1 observed_only; 1 declared_not_observed; 1 retired");
	ck_assert_uint_eq(f->n_exchanges, 2);
	ck_assert_uint_eq(f->messages, 20);
	ck_assert_uint_eq(f->bytes_to_source, UINT64_MAX);
	ck_assert_int_eq(f->first_us, 1);
	ck_assert_int_eq(f->last_us, 5000);
	ck_assert_int_eq(f->confidence, CONFIDENCE_LOW);
	ck_assert_str_eq(flow_encrypted(f), "mixed");
	ck_assert_uint_eq(f->n_days, 2);
	ck_assert_uint_eq(f->n_hours, 3);
	tear_down();
}
END_TEST

START_TEST(what_was_not_observed_is_told_with_its_past)
{
	struct exchange before = exchange("X-1", "10.0.0.1", "10.0.0.3", "clin.document");

	set_up();
	reconcile_add_past(r, &before);
	reconcile_finish(r);
	folded = fold_flows(r, organisation, all, NULL);
	ck_assert_int_eq(find("Trust", "clin.order")->status, FLOW_DECLARED_NOT_OBSERVED);
	ck_assert_int_eq(find("Trust", "clin.order")->past_us, 0);
	ck_assert_int_eq(find("Trust", "clin.document")->past_us, 2000);
	ck_assert_int_eq(find("Trust", "lab.order")->status, FLOW_RETIRED);
	check_differences(find("Trust", "lab.order"), "1 retired");
	tear_down();
}
END_TEST

START_TEST(only_what_is_wanted_is_folded)
{
	set_up();
	add_two();
	reconcile_finish(r);
	folded = fold_flows(r, organisation, observed, NULL);
	ck_assert_uint_eq(reconcile_count(folded), 1);
	ck_assert_uint_eq(reconcile_get(folded, 0)->messages, 10);
	check_differences(reconcile_get(folded, 0), "1 declared_and_observed");
	tear_down();
}
END_TEST

START_TEST(the_tier_is_the_highest_and_unknown_stands_above_technical)
{
	static const struct {
		const char *kinds[2];
		enum tier tier;
	} cases[] = {
	        {{"inf.time", "inf.time"}, TIER_0},
	        {{"inf.time", ""}, TIER_UNKNOWN}, /* where one of both says nothing, nobody knows */
	        {{"", "inf.time"}, TIER_UNKNOWN},
	        {{"pat.identity", "inf.time"}, TIER_3},
	        {{"inf.time", "staff.master"}, TIER_2},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct exchange one = exchange("X-1", "10.0.0.1", "10.0.0.3", "inf.storage"),
		                two = exchange("X-2", "10.0.0.2", "10.0.0.3", "inf.storage");

		set_up();
		cell((struct entry *)entries_find(assets, "A"), ASSET_KINDS, cases[i].kinds[0]);
		cell((struct entry *)entries_find(assets, "B"), ASSET_KINDS, cases[i].kinds[1]);
		reconcile_add(r, &one, true);
		reconcile_add(r, &two, true);
		reconcile_finish(r);
		folded = fold_flows(r, organisation, all, NULL);
		ck_assert_int_eq(find("Trust", "inf.storage")->tier, cases[i].tier);
		tear_down();
	}
}
END_TEST

START_TEST(of_nothing_nothing_is_made)
{
	set_up();
	entries_free(declared);
	declared = entries_new(ENTRY_DECLARATION);
	reconcile_free(r);
	r = reconcile_new(&(struct reconcile_options){
	        .catalogue = catalogue, .directory = d, .today = "2026-11-21"});
	reconcile_finish(r);
	folded = fold_flows(r, organisation, all, NULL);
	ck_assert_uint_eq(reconcile_count(folded), 0);
	tear_down();
}
END_TEST

UNIT_MAIN("fold", flows_of_the_same_organisations_and_kind_are_one,
          what_was_not_observed_is_told_with_its_past, only_what_is_wanted_is_folded,
          the_tier_is_the_highest_and_unknown_stands_above_technical, of_nothing_nothing_is_made)
