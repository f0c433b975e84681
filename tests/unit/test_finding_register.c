/* Every shipped rule that needs a register: one flow, system or declaration that comes under it, and the nearest ones
 * that do not. */
#include "terrier/finding/finder.h"

#include "unit.h"

#include "terrier/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW INT64_C(1795300000000000) /* 2026-11-21 */
#define MAX 8

static struct catalogue *catalogue;
static struct finding_watch watch;
static struct flow_end ends[MAX];
static struct register_flow flows[MAX];
static struct entry *assets[MAX], *declaration;
static struct exchange learnt[MAX];
static size_t n_ends, n_flows, n_assets, n_learnt;

static const char *country_of(void *context, const struct flow_end *end)
{
	(void)context;
	return end->asset != NULL && entry_text(end->asset, ASSET_COUNTRY)[0] != '\0' ? entry_text(end->asset, ASSET_COUNTRY)
	                                                                             : "unknown";
}

static void begin(void)
{
	char *error = NULL;

	catalogue = catalogue != NULL ? catalogue : catalogue_load(NULL, &error);
	ck_assert_msg(catalogue != NULL, "%s", error);
	n_ends = n_flows = n_assets = n_learnt = 0;
	entry_free(declaration);
	declaration = NULL;
	watch = (struct finding_watch){
	        .first_us = NOW - 100 * CLOCK_DAY_US,
	        .last_us = NOW,
	        .own_is_set = true,
	        .has_register = true,
	        .today = "2026-11-21",
	        .country = country_of,
	};
}

static void set(struct entry *e, size_t column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

/* With owner, so that it has nothing to be told of. */
static struct entry *asset(const char *id, const char *zone)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	set(e, ASSET_ID, id);
	set(e, ASSET_NAME, id);
	set(e, ASSET_TYPE, "system");
	set(e, ASSET_ZONE, zone);
	set(e, ASSET_OWNER, "Head of IT");
	entry_identify(e);
	entry_free(assets[n_assets]);
	return assets[n_assets++] = e;
}

static void forget(struct flow_end *end)
{
	words_clear(&end->zones);
	words_clear(&end->rivals);
	free(end->name);
}

/* An end as it was observed; `zone` NULL: outside. */
static struct flow_end *end_of(const struct entry *e, const char *uid, const char *zone)
{
	struct flow_end *end = &ends[n_ends++];

	forget(end);
	*end = (struct flow_end){
	        .type = e != NULL ? FLOW_END_ASSET : FLOW_END_HOST,
	        .uid = (char *)uid,
	        .key = uid + 1,
	        .asset = e,
	        .name = strdup(uid + 1),
	        .n_hosts = 1,
	        .is_inside = zone != NULL,
	};
	words_put(&end->zones, zone != NULL ? zone : "Outside");
	return end;
}

static struct register_flow *flow(const struct flow_end *from, const struct flow_end *to, const char *kind_id)
{
	static char *exchange[] = {(char *)"X-1"};
	struct register_flow *f = &flows[n_flows++];
	uint16_t kind = catalogue_find(catalogue, kind_id);

	ck_assert_uint_ne(kind, KIND_NONE);
	words_clear(&f->differences);
	*f = (struct register_flow){
	        .source = from,
	        .destination = to,
	        .kind_id = (char *)kind_id,
	        .kind = catalogue_kind(catalogue, kind),
	        .kind_title = catalogue_kind(catalogue, kind)->title,
	        .tier = catalogue_kind(catalogue, kind)->tier,
	        .confidence = CONFIDENCE_HIGH,
	        .connections = 1,
	        .first_us = NOW - CLOCK_DAY_US,
	        .last_us = NOW,
	        .exchanges = exchange,
	        .n_exchanges = 1,
	        .status = FLOW_OBSERVED_ONLY,
	};
	flow_id(from->type, from->key, to->type, to->key, kind_id, f->id);
	return f;
}

/* What is known of all time: `from`, an asset or none, sends to `to`. */
static struct exchange *learn(const struct flow_end *from, const struct flow_end *to, const char *kind_id)
{
	struct exchange *e = &learnt[n_learnt++];

	*e = (struct exchange){
	        .id = "X-1",
	        .source = {.host = from->key, .subject = from->key, .label = from->name, .name = "", .zone = "z",
	                   .zone_label = "z", .is_inside = from->is_inside, .asset = from->asset},
	        .destination = {.host = to->key, .subject = to->key, .label = to->name, .name = "", .zone = "z",
	                        .zone_label = "z", .is_inside = to->is_inside, .asset = to->asset},
	        .initiated_by_source = true,
	        .protocol = "HL7v2",
	        .port = "tcp/1",
	        .kind_id = kind_id,
	        .kind_title = kind_id,
	        .tier = catalogue_kind(catalogue, catalogue_find(catalogue, kind_id))->tier,
	        .confidence = CONFIDENCE_HIGH,
	        .first_us = NOW - 100 * CLOCK_DAY_US,
	        .last_us = NOW,
	};
	return e;
}

static const struct flow_end *end_of_asset(const struct entry *e)
{
	for (size_t i = 0; i < n_ends; i++) {
		if (ends[i].asset == e) {
			return &ends[i];
		}
	}
	return NULL;
}

static struct finder *find(void)
{
	struct finder *f = finder_new(catalogue, &watch);

	for (size_t i = 0; i < n_learnt; i++) {
		finder_learn(f, &learnt[i]);
	}
	for (size_t i = 0; i < n_flows; i++) {
		finder_judge_flow(f, &flows[i]);
	}
	for (size_t i = 0; i < n_ends; i++) {
		if (ends[i].asset == NULL) {
			finder_judge_system(f, NULL, &ends[i]);
		}
	}
	for (size_t i = 0; i < n_assets; i++) {
		finder_judge_system(f, assets[i], end_of_asset(assets[i]));
	}
	if (declaration != NULL) {
		finder_judge_declaration(f, declaration, assets[0], assets[1]);
	}
	finder_finish(f);
	return f;
}

static void expect(const char *wanted)
{
	static char text[8192];
	struct finder *f = find();
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < finder_count(f); i++) {
		const struct finding *finding = finder_get(f, i);

		len += (size_t)snprintf(text + len, sizeof text - len, "%s: %s\n", finding->rule->id, finding->subject);
	}
	finder_free(f);
	ck_assert_str_eq(text, wanted);
}

static void tell_unjudged(void *context, const struct finding_rule *rule, unsigned days)
{
	snprintf((char *)context, 64, "%s %u", rule->id, days);
}

static void expect_unjudged(const char *wanted)
{
	char text[64] = "";
	struct finder *f = find();

	finder_each_unjudged(f, tell_unjudged, text);
	finder_free(f);
	ck_assert_str_eq(text, wanted);
}

/* A and B, assets in one zone. */
static struct flow_end *a, *b;

static void begin_with_two(void)
{
	begin();
	a = end_of(asset("A", "Data"), "0A", "Data");
	b = end_of(asset("B", "Data"), "0B", "Data");
}

START_TEST(flows_that_nobody_declared)
{
	begin_with_two();
	flow(a, b, "pat.encounter");
	flow(a, b, "lab.result");
	flow(a, b, "inf.time"); /* no personal data */
	expect("flow.undeclared: A – B\n");
	flows[0].status = flows[1].status = FLOW_DECLARED_AND_OBSERVED;
	expect("");
	flow(a, b, "unk.encrypted");
	expect("flow.undeclared.unknown: A – B\n");
}
END_TEST

START_TEST(what_is_in_no_register_is_told_together)
{
	begin_with_two();
	flow(a, end_of(NULL, "1x", "Wards"), "pat.encounter");
	flow(a, end_of(NULL, "1y", "Wards"), "pat.encounter");
	flow(&ends[2], &ends[3], "pat.encounter"); /* neither is an asset: they are told as systems */
	expect("flow.undeclared: A – systems of Wards that are not in the register\n");
}
END_TEST

START_TEST(flows_with_other_organisations)
{
	struct entry *gp;

	begin_with_two();
	gp = asset("GP", "");
	set(gp, ASSET_TYPE, "external_party");
	flow(a, end_of(gp, "0GP", NULL), "clin.referral");
	expect("flow.undeclared.outside: A – GP\n");
	ends[2].is_inside = true; /* as long as nobody has said which networks are the trust's */
	expect("flow.undeclared.outside: A – GP\n");
}
END_TEST

START_TEST(personal_data_to_a_party_that_is_not_registered)
{
	begin_with_two();
	flow(a, end_of(NULL, "1cloud.example", NULL), "clin.referral");
	expect("external.unregistered: cloud.example\n");
	flows[0].source = &ends[2]; /* it comes from there */
	flows[0].destination = a;
	expect("flow.undeclared.outside: parties outside that are not in the register – A\n");
	flows[0].tier = TIER_1;
	expect("");
}
END_TEST

START_TEST(personal_data_that_leaves_the_country)
{
	struct entry *cloud;

	begin_with_two();
	cloud = asset("CLOUD", "");
	set(cloud, ASSET_COUNTRY, "France");
	flow(a, end_of(cloud, "0CLOUD", NULL), "clin.referral")->status = FLOW_DECLARED_AND_OBSERVED;
	expect("outside_uk: CLOUD\n");
	declaration = entry_new(ENTRY_DECLARATION);
	set(declaration, DECLARED_RETIRED_ON, "2026-01-01");
	set(declaration, DECLARED_SAFEGUARDS, "adequacy regulations");
	flows[0].declared = declaration;
	expect("");
	flows[0].declared = NULL;
	set(cloud, ASSET_COUNTRY, "GB");
	expect("");
	set(cloud, ASSET_COUNTRY, "unknown");
	expect("");
}
END_TEST

START_TEST(flows_that_differ_from_what_is_declared)
{
	static const char *const cases[][2] = {
	        {"encryption: declared yes, observed no", "flow.encryption: A – B\n"},
	        {"method: declared HL7v2+TLS, observed HL7v2", "flow.method: A – B\n"},
	        {"direction: declared from B to A only", "flow.direction: A – B\n"},
	        {"new recipient: declared from A to C only", "flow.recipient.new: A – B\n"},
	        {"retired on 2026-01-01 and observed", "flow.retired: A – B\n"},
	        {"zone: A is declared in Data and was observed in Wards", ""}, /* told of the asset */
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		begin_with_two();
		words_put(&flow(a, b, "pat.encounter")->differences, cases[i][0]);
		expect(cases[i][1]);
	}
}
END_TEST

START_TEST(declared_flows_that_are_not_seen)
{
	struct register_flow *f;

	begin_with_two();
	f = flow(a, b, "pat.encounter");
	f->status = FLOW_DECLARED_NOT_OBSERVED;
	f->n_exchanges = 0;
	f->first_us = f->last_us = 0;
	expect("flow.not_seen: A – B: Admissions, discharges and transfers\n");
	f->past_us = NOW - 31 * CLOCK_DAY_US;
	expect("flow.not_seen: A – B: Admissions, discharges and transfers\n");
	f->past_us = NOW - 29 * CLOCK_DAY_US;
	expect("");
	f->past_us = 0;
	b->n_hosts = 0;
	expect("");
	expect_unjudged("flow.not_seen 0");
	b->n_hosts = 1;
	watch.first_us = NOW - 29 * CLOCK_DAY_US;
	expect("");
	expect_unjudged("flow.not_seen 30");
	f->status = FLOW_RETIRED;
	expect_unjudged("");
}
END_TEST

START_TEST(content_that_cannot_be_seen)
{
	begin_with_two();
	set(assets[0], ASSET_KINDS, "clin.*");
	set(assets[0], ASSET_BACKUP_ARRANGEMENT, "tapes");
	flow(a, b, "unk.encrypted")->status = FLOW_DECLARED_AND_OBSERVED;
	expect("");
	set(assets[1], ASSET_BACKUP_ARRANGEMENT, "tapes");
	learn(a, b, "lab.result");
	expect("flow.opaque: A – B\n");
}
END_TEST

START_TEST(systems_that_are_not_in_the_register)
{
	begin();
	end_of(NULL, "1lims", "Data");
	end_of(NULL, "1printer", "Wards");
	end_of(NULL, "1pc", "Wards");
	end_of(NULL, "1outside", NULL);
	learn(&ends[2], &ends[0], "lab.result");
	learn(&ends[2], &ends[1], "inf.print")->protocol = "JetDirect";
	learn(&ends[2], &ends[3], "lab.result");
	expect("asset.undeclared: lims\nasset.undeclared.other: Wards\n");
}
END_TEST

START_TEST(two_assets_that_fit_one_system)
{
	begin_with_two();
	words_put(&a->rivals, "B");
	expect("asset.ambiguous: A\n");
}
END_TEST

START_TEST(assets_outside_their_zone)
{
	begin_with_two();
	words_put(&b->zones, "data"); /* spelt otherwise */
	words_put(&a->zones, "Wards");
	expect("asset.zone: A\n");
	set(assets[0], ASSET_ZONE, "");
	expect("");
}
END_TEST

START_TEST(assets_without_owner)
{
	begin();
	set(asset("A", ""), ASSET_OWNER, "");
	set(asset("GP", ""), ASSET_OWNER, "");
	set(assets[1], ASSET_TYPE, "external_party");
	expect("asset.owner.none: A\n");
}
END_TEST

START_TEST(dates_of_assets)
{
	begin_with_two();
	asset("C", "");
	for (size_t i = 0; i < 3; i++) {
		set(assets[i], ASSET_CONTRACT_END, "2026-11-20");
		set(assets[i], ASSET_SUPPORT_END, "2026-11-21"); /* to the end of this day */
	}
	set(assets[1], ASSET_CONTRACT_END, "");
	set(assets[1], ASSET_REVIEW_DUE, "2026-11-20");
	expect("asset.contract.ended: A\nasset.review.overdue: B\n"); /* C was not observed */
	watch.today = "2026-11-22";
	expect("asset.support.ended: A\nasset.support.ended: B\nasset.contract.ended: A\nasset.review.overdue: B\n");
}
END_TEST

START_TEST(health_data_without_backup)
{
	begin_with_two();
	set(assets[0], ASSET_KINDS, "clin.*");
	expect(""); /* never seen by the first pass: nobody knows */
	learn(a, b, "inf.time");
	expect("asset.backup.none: A\n");
	learn(a, b, "inf.backup");
	expect("");
	set(assets[0], ASSET_BACKUP_ASSET, "C");
	expect("asset.backup.none: A\n"); /* somewhere else than declared */
	set(assets[0], ASSET_BACKUP_ASSET, "B");
	expect("");
	learnt[1].last_us = NOW - 31 * CLOCK_DAY_US;
	expect("asset.backup.none: A\n");
	watch.first_us = NOW - 29 * CLOCK_DAY_US;
	expect("");
	expect_unjudged("asset.backup.none 30");
}
END_TEST

START_TEST(a_backup_in_words_is_left_to_people)
{
	begin_with_two();
	set(assets[0], ASSET_KINDS, "clin.*");
	set(assets[0], ASSET_BACKUP_ARRANGEMENT, "nightly snapshot");
	learn(a, b, "inf.time");
	expect("");
}
END_TEST

/* A complete one, of health data. */
static void declare(void)
{
	begin_with_two();
	declaration = entry_new(ENTRY_DECLARATION);
	set(declaration, DECLARED_SOURCE, "A");
	set(declaration, DECLARED_DESTINATION, "B");
	set(declaration, DECLARED_KIND, "lab.result");
	set(declaration, DECLARED_PURPOSE, "direct care");
	set(declaration, DECLARED_ART6, "6(1)(e)");
	set(declaration, DECLARED_AUTHORISED_BY, "Caldicott Guardian");
	entry_identify(declaration);
}

START_TEST(declarations_that_are_incomplete)
{
	struct finder *f;

	declare();
	expect("");
	set(declaration, DECLARED_PURPOSE, "");
	set(declaration, DECLARED_ART6, "");
	expect("declared.incomplete: A – B: Laboratory results\n");
	f = find();
	ck_assert_str_eq(finder_get(f, 0)->observed, "‘Purpose’ is empty, ‘Lawful basis (Art. 6)’ is empty");
	finder_free(f);
	set(declaration, DECLARED_KIND, "inf.time");
	expect("");
	set(declaration, DECLARED_KIND, "lab.*");
	expect("declared.incomplete: A – B: lab.*\n");
	set(declaration, DECLARED_RETIRED_ON, "2026-11-21");
	expect("");
}
END_TEST

START_TEST(dates_of_declarations)
{
	declare();
	set(declaration, DECLARED_AGREEMENT_END, "2026-11-20");
	set(declaration, DECLARED_DPIA_REVIEW_DUE, "2026-11-20");
	set(declaration, DECLARED_REVIEW_DUE, "2026-11-20");
	expect("declared.agreement.expired: A – B: Laboratory results\ndeclared.dpia.expired: A – B: Laboratory results\n"
	       "declared.review.overdue: A – B: Laboratory results\n");
	set(declaration, DECLARED_DPIA_REVIEW_DUE, "");
	set(declaration, DECLARED_REVIEW_DUE, "");
	set(declaration, DECLARED_AGREEMENT_END, "2026-11-21");
	expect("declared.agreement.expiring: A – B: Laboratory results\n");
	set(declaration, DECLARED_AGREEMENT_END, "2027-01-20");
	expect("declared.agreement.expiring: A – B: Laboratory results\n");
	set(declaration, DECLARED_AGREEMENT_END, "2027-01-21");
	expect("");
}
END_TEST

START_TEST(an_impact_assessment_that_is_required)
{
	declare();
	set(declaration, DECLARED_DPIA_REQUIRED, "yes");
	expect("declared.dpia.none: A – B: Laboratory results\n");
	set(declaration, DECLARED_DPIA_REF, "DPIA-7");
	expect("");
	set(declaration, DECLARED_DPIA_REF, "");
	set(declaration, DECLARED_DPIA_REQUIRED, "no");
	expect("");
}
END_TEST

START_TEST(a_finding_names_what_it_is_about)
{
	struct finder *f;
	char id[DIGEST_ID_MAX];

	begin_with_two();
	flow(a, b, "pat.encounter");
	f = find();
	memcpy(id, finder_get(f, 0)->id, sizeof id);
	ck_assert_str_eq(finder_get(f, 0)->source_assets, "A");
	ck_assert_str_eq(finder_get(f, 0)->destination_assets, "B");
	ck_assert_str_eq(finder_get(f, 0)->flows, flows[0].id);
	ck_assert_str_eq(finder_get(f, 0)->owners, "Head of IT");
	ck_assert_str_eq(finder_get(f, 0)->kind_id, "pat.encounter");
	ck_assert(finder_rests_on(f, 0, "X-1"));
	finder_free(f);
	a->name[0] = 'Z';
	f = find();
	ck_assert_str_eq(finder_get(f, 0)->id, id);
	finder_free(f);
}
END_TEST

START_TEST(exchanges_name_the_assets_too)
{
	struct finder *f;

	begin_with_two();
	learn(a, b, "lab.result")->protocol = "SMB1";
	learnt[0].flow_id = "F-1";
	f = finder_new(catalogue, &watch);
	finder_learn(f, &learnt[0]);
	finder_judge(f, &learnt[0]);
	finder_finish(f);
	ck_assert_uint_eq(finder_count(f), 1);
	ck_assert_str_eq(finder_get(f, 0)->source_assets, "A");
	ck_assert_str_eq(finder_get(f, 0)->flows, "F-1");
	finder_free(f);
}
END_TEST

UNIT_MAIN("finding_register", flows_that_nobody_declared, what_is_in_no_register_is_told_together,
          flows_with_other_organisations, personal_data_to_a_party_that_is_not_registered,
          personal_data_that_leaves_the_country, flows_that_differ_from_what_is_declared,
          declared_flows_that_are_not_seen, content_that_cannot_be_seen, systems_that_are_not_in_the_register,
          two_assets_that_fit_one_system, assets_outside_their_zone, assets_without_owner, dates_of_assets,
          health_data_without_backup, a_backup_in_words_is_left_to_people, declarations_that_are_incomplete,
          dates_of_declarations, an_impact_assessment_that_is_required, a_finding_names_what_it_is_about,
          exchanges_name_the_assets_too)
