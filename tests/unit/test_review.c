/* What needs a person, in which order, and what they may decide about it. */
#include "terrier/register/review.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/register/decision.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define TODAY "2026-11-21"
#define NOW   INT64_C(1795300000000000) /* 2026-11-21T22:26:40Z */
#define SPINE "-/spine"

static struct catalogue *catalogue;
static struct entries *assets, *declarations, *decisions;
static struct directory *directory;
static struct reconciliation *flows;
static struct review *review;
static char ids[64][16];
static size_t n_exchanges;

static void set(struct entry *e, size_t column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

static struct entry *put(struct entries *all, struct entry *e)
{
	entry_identify(e);
	ck_assert(entries_add(all, e));
	return e;
}

static struct entry *add_asset(const char *id, const char *address)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	set(e, ASSET_ID, id);
	set(e, ASSET_NAME, id);
	set(e, ASSET_TYPE, "system");
	set(e, ASSET_MATCH_IP, address);
	return put(assets, e);
}

static struct entry *declare(const char *from, const char *to, const char *kind)
{
	struct entry *e = entry_new(ENTRY_DECLARATION);

	set(e, DECLARED_SOURCE, from);
	set(e, DECLARED_DESTINATION, to);
	set(e, DECLARED_KIND, kind);
	return put(declarations, e);
}

/* Systems A, B and C inside, and an outside party that is in no register. */
static void begin(void)
{
	char *error = NULL;

	catalogue = catalogue != NULL ? catalogue : catalogue_load(NULL, &error);
	assets = entries_new(ENTRY_ASSET);
	declarations = entries_new(ENTRY_DECLARATION);
	decisions = entries_new(ENTRY_DECISION);
	add_asset("A", "10.0.0.1");
	add_asset("B", "10.0.0.2");
	add_asset("C", "10.0.0.3");
	directory = directory_new(assets);
	for (char last = '1'; last <= '3'; last++) {
		char key[] = "\n10.0.0.x", nothing[] = "", *address = key + 1;

		key[8] = last;
		struct directory_host host = {.key = key,
		                              .address = address,
		                              .name = nothing,
		                              .mac = nothing,
		                              .is_inside = true};

		ck_assert(addr_parse(address, &host.addr));
		directory_add_host(directory, &host);
	}
	directory_finish(directory);
	n_exchanges = 0;
}

static void learn(void)
{
	const struct reconcile_options options = {
	        .catalogue = catalogue,
	        .directory = directory,
	        .assets = assets,
	        .declarations = declarations,
	        .decisions = decisions,
	        .today = TODAY,
	        .own_is_set = true,
	};

	reconcile_free(flows);
	flows = reconcile_new(&options);
}

static struct exchange_end end_of(const char *name)
{
	static const char *const hosts[] = {"\n10.0.0.1", "\n10.0.0.2", "\n10.0.0.3"};
	bool is_outside = strcmp(name, SPINE) == 0;
	const char *host = is_outside ? "\n[spine]" : hosts[name[0] - 'A'];
	struct exchange_end end = {
	        .host = host,
	        .subject = host,
	        .label = is_outside ? "spine" : name,
	        .name = "",
	        .address = host + 1,
	        .zone = is_outside ? "Outside" : "Core",
	        .zone_label = is_outside ? "Outside" : "Core",
	        .is_inside = !is_outside,
	        .is_party = is_outside,
	};

	if (!is_outside) {
		ck_assert(addr_parse(host + 1, &end.addr));
	}
	return end;
}

static void see(const char *from, const char *to, const char *kind, bool is_encrypted,
                int64_t last_us)
{
	char *id = ids[n_exchanges];
	uint16_t index = catalogue_find(catalogue, kind);

	ck_assert_uint_ne(index, KIND_NONE);
	snprintf(id, sizeof ids[0], "X-%zu", n_exchanges++);
	const struct exchange e = {
	        .id = id,
	        .source = end_of(from),
	        .destination = end_of(to),
	        .initiated_by_source = true,
	        .protocol = is_encrypted ? "TLS" : "HL7v2",
	        .port = "tcp/1",
	        .ip_protocol = 6,
	        .kind_id = kind,
	        .tier = catalogue_kind(catalogue, index)->tier,
	        .was_clear = !is_encrypted,
	        .was_encrypted = is_encrypted,
	        .connections = 1,
	        .first_us = last_us,
	        .last_us = last_us,
	        .evidence = "",
	        .sensor = "s",
	};

	reconcile_add(flows, &e, true);
}

static void list_watched(uint64_t days)
{
	reconcile_finish(flows);
	const struct review_options options = {flows, assets, declarations, TODAY, days, true};

	review_free(review);
	review = review_new(&options);
}

static void end(void)
{
	review_free(review);
	reconcile_free(flows);
	directory_free(directory);
	entries_free(decisions);
	entries_free(declarations);
	entries_free(assets);
	review = NULL;
	flows = NULL;
}

static const struct review_item *item(size_t i)
{
	ck_assert_uint_lt(i, review->n);
	return &review->items[i];
}

/* "A>B" of a row. */
static const char *ends(size_t i)
{
	static char text[64];
	const struct register_flow *f = item(i)->flow;

	ck_assert_ptr_nonnull(f);
	snprintf(text, sizeof text, "%s>%s", f->source->name, f->destination->name);
	return text;
}

/* Decides about the only flow of these ends and kind, as it is seen now. */
static struct entry *decide(const char *from, const char *to, const char *kind, const char *verdict,
                            const char *on, const char *until)
{
	for (size_t i = 0; i < reconcile_count(flows); i++) {
		const struct register_flow *f = reconcile_get(flows, i);

		if (strcmp(f->source->name, from) == 0 && strcmp(f->destination->name, to) == 0 &&
		    strcmp(f->kind_id, kind) == 0) {
			struct entry *e = entry_new(ENTRY_DECISION);

			set(e, DECISION_OBJECT, f->id);
			set(e, DECISION_VERDICT, verdict);
			set(e, DECISION_ROLE, "SIRO");
			set(e, DECISION_REASON, "because");
			set(e, DECISION_DECIDED_ON, on);
			set(e, DECISION_UNTIL, until);
			decision_describe(e, f, true, "2026-11-01T00:00:00Z",
			                  "2026-11-21T22:26:40Z");
			return put(decisions, e);
		}
	}
	ck_abort_msg("no flow %s>%s", from, to);
	return NULL;
}

static void says(size_t i, const char *words)
{
	ck_assert_msg(strstr(item(i)->why, words) != NULL, "'%s' is not in '%s'", words,
	              item(i)->why);
}

START_TEST(higher_tiers_outward_and_in_clear_come_first)
{
	begin();
	learn();
	see("A", "B", "inf.email", false, NOW);
	see("A", "C", "pat.identity", true, NOW);
	see("B", "C", "pat.identity", false, NOW);
	see("B", SPINE, "pat.identity", true, NOW);
	see("C", SPINE, "pat.identity", false, NOW);
	list_watched(1);
	ck_assert_uint_eq(review->n, 5);
	ck_assert_str_eq(ends(0), "C>spine");
	says(0, "seen but not declared");
	says(0, "goes over the organisation's border, in clear");
	ck_assert_str_eq(ends(1), "B>spine");
	ck_assert_ptr_null(strstr(item(1)->why, "in clear"));
	ck_assert_str_eq(ends(2), "B>C");
	ck_assert_str_eq(ends(3), "A>C");
	ck_assert_str_eq(ends(4), "A>B");
	end();
}
END_TEST

START_TEST(what_networks_say_to_themselves_comes_last)
{
	begin();
	learn();
	see("A", "B", "inf.dns", false, NOW);
	see("A", SPINE, "inf.dns", false, NOW);
	see("A", "C", "pat.identity", false, NOW);
	list_watched(1);
	ck_assert_str_eq(ends(0), "A>C");
	ck_assert_str_eq(ends(1), "A>spine");
	ck_assert_int_eq(item(1)->place, REVIEW_NOW);
	ck_assert_str_eq(ends(2), "A>B");
	ck_assert_int_eq(item(2)->place, REVIEW_BACKGROUND);
	end();
}
END_TEST

START_TEST(what_is_declared_as_it_is_seen_needs_nobody)
{
	begin();
	declare("A", "B", "pat.identity");
	learn();
	see("A", "B", "pat.identity", false, NOW);
	list_watched(60);
	ck_assert_uint_eq(review->n, 0);
	end();
}
END_TEST

START_TEST(what_differs_from_its_declaration_is_told)
{
	begin();
	set(declare("A", "B", "pat.identity"), DECLARED_ENCRYPTED, "yes");
	learn();
	see("A", "B", "pat.identity", false, NOW);
	list_watched(60);
	ck_assert_uint_eq(review->n, 1);
	ck_assert_int_eq(item(0)->reason, REVIEW_DIFFERENT);
	says(0, "not as declared: encryption: declared yes, observed no");
	end();
}
END_TEST

START_TEST(an_unseen_declaration_waits_for_thirty_days_of_watching)
{
	begin();
	declare("A", "B", "pat.identity");
	learn();
	list_watched(REVIEW_UNSEEN_DAYS);
	ck_assert_uint_eq(review->n, 0);
	learn();
	list_watched(REVIEW_UNSEEN_DAYS + 1);
	ck_assert_uint_eq(review->n, 1);
	says(0, "declared but not seen on 31 days watched");
	end();
}
END_TEST

/* Sees A>B and A>C, and decides about A>B. */
static void decide_ab(const char *verdict, const char *on, const char *until)
{
	begin();
	learn();
	see("A", "B", "pat.identity", false, NOW);
	reconcile_finish(flows);
	decide("A", "B", "pat.identity", verdict, on, until);
	learn();
	see("A", "C", "pat.identity", false, NOW);
}

START_TEST(what_was_accepted_or_rejected_is_done_with)
{
	static const char *const verdicts[] = {"accept", "reject"};

	for (size_t i = 0; i < 2; i++) {
		decide_ab(verdicts[i], TODAY, "");
		see("A", "B", "pat.identity", false, NOW);
		list_watched(1);
		ck_assert_uint_eq(review->n, 1);
		ck_assert_str_eq(ends(0), "A>C");
		end();
	}
}
END_TEST

START_TEST(what_was_rejected_and_is_seen_again_is_the_worst)
{
	decide_ab("reject", "2026-11-20", "");
	see("A", "B", "pat.identity", true, NOW);
	see("A", "B", "pat.identity", false, NOW + CLOCK_DAY_US);
	see("A", SPINE, "pat.identity", false, NOW);
	list_watched(1);
	ck_assert_str_eq(ends(0), "A>B");
	says(0, "rejected on 2026-11-20 by SIRO and still seen, last on 2026-11-22");
	end();
}
END_TEST

START_TEST(a_recording_of_before_the_rejection_blames_nobody)
{
	decide_ab("reject", "2026-11-23", "");
	see("A", "B", "pat.identity", false, NOW + CLOCK_HOUR_US);
	list_watched(1);
	ck_assert_uint_eq(review->n, 1);
	ck_assert_str_eq(ends(0), "A>C");
	end();
}
END_TEST

START_TEST(what_was_deferred_comes_after_the_others_until_its_day)
{
	decide_ab("defer", "2026-11-01", TODAY);
	see("A", "B", "pat.identity", false, NOW);
	list_watched(1);
	ck_assert_str_eq(ends(1), "A>B");
	ck_assert_int_eq(item(1)->place, REVIEW_DEFERRED);
	says(1, "deferred on 2026-11-01 until 2026-11-21");
	end();
	decide_ab("defer", "2026-11-01", "2026-11-20");
	see("A", "B", "pat.identity", false, NOW + 1);
	list_watched(1);
	ck_assert_str_eq(ends(0), "A>B");
	ck_assert_int_eq(item(0)->place, REVIEW_NOW);
	says(0, "deferred on 2026-11-01, but the decision was valid until 2026-11-20");
	end();
}
END_TEST

START_TEST(an_overtaken_acceptance_returns_with_its_reason)
{
	decide_ab("accept", TODAY, "");
	see("A", "B", "pat.identity", true, NOW + CLOCK_SECOND_US);
	list_watched(1);
	ck_assert_uint_eq(review->n, 2);
	ck_assert_str_eq(ends(1), "A>B");
	says(1, "accepted on 2026-11-21, but encryption was 'no' when it was decided and is 'yes' "
	        "now");
	end();
}
END_TEST

START_TEST(an_expired_decision_about_a_declared_flow_returns_too)
{
	begin();
	declare("A", "B", "pat.identity");
	learn();
	see("A", "B", "pat.identity", false, NOW);
	reconcile_finish(flows);
	decide("A", "B", "pat.identity", "accept", "2025-01-01", "2026-01-01");
	learn();
	see("A", "B", "pat.identity", false, NOW);
	list_watched(1);
	ck_assert_uint_eq(review->n, 1);
	ck_assert_int_eq(item(0)->reason, REVIEW_LAPSED);
	end();
}
END_TEST

START_TEST(reviews_that_are_due_come_behind_the_flows)
{
	begin();
	set(add_asset("D", "10.0.0.9"), ASSET_REVIEW_DUE, "2026-11-20");
	set(add_asset("E", "10.0.0.10"), ASSET_REVIEW_DUE, TODAY);
	set(declare("A", "B", "pat.identity"), DECLARED_REVIEW_DUE, "2026-01-01");
	struct entry *retired = declare("B", "A", "pat.identity");

	set(retired, DECLARED_REVIEW_DUE, "2026-01-01");
	set(retired, DECLARED_RETIRED_ON, "2026-02-01");
	learn();
	see("A", "C", "inf.email", true, NOW);
	list_watched(1);
	ck_assert_uint_eq(review->n, 3);
	ck_assert_str_eq(ends(0), "A>C");
	ck_assert_str_eq(item(1)->id, "D");
	says(1, "review of the asset was due on 2026-11-20");
	ck_assert_int_eq(item(2)->entry->type, ENTRY_DECLARATION);
	end();
}
END_TEST

static struct entry *said(const char *verdict, const char *role, const char *reason,
                          const char *until, char **fault)
{
	const struct review_verdict words = {verdict, role, reason, until};

	return review_decide(&words, TODAY, fault);
}

static void refused(const char *verdict, const char *role, const char *reason, const char *until,
                    const char *words)
{
	char *fault = NULL;

	ck_assert_ptr_null(said(verdict, role, reason, until, &fault));
	ck_assert_msg(strstr(fault, words) != NULL, "'%s' is not in '%s'", words, fault);
	ck_assert_ptr_null(strchr(fault, '\n'));
	free(fault);
}

START_TEST(a_decision_has_a_role_and_a_reason)
{
	char *fault = NULL;
	struct entry *e = said("accept", " Caldicott Guardian ",
	                       "agreed in DSA-12 of 3.4.2026, INC1234567", "1/2/2027", &fault);

	ck_assert_ptr_nonnull(e);
	ck_assert_str_eq(entry_text(e, DECISION_ROLE), "Caldicott Guardian");
	ck_assert_str_eq(entry_text(e, DECISION_UNTIL), "2027-02-01");
	ck_assert_str_eq(entry_text(e, DECISION_DECIDED_ON), TODAY);
	entry_free(e);
	refused("accept", NULL, "x", NULL, "option --role: missing");
	refused("accept", "  ", "x", NULL, "option --role: missing");
	refused("accept", "SIRO", NULL, NULL, "option --reason: missing");
}
END_TEST

START_TEST(a_decision_names_no_patient_and_no_mailbox)
{
	refused("accept", "SIRO", "about 943 476 5919", NULL, "NHS number");
	refused("accept", "943-476-5919", "x", NULL, "NHS number");
	refused("accept", "jane@trust.example", "x", NULL,
	        "option --role: 'jane@trust.example': an e-mail address");
	refused("accept", "SIRO", "two\nlines", NULL, "one line");
	refused("accept", "SIRO", "bell\a", NULL, "U+0007");
	refused("accept", "SIRO", "\xff\xfe", NULL, "one line");
}
END_TEST

START_TEST(reasons_are_two_thousand_characters_at_most)
{
	char text[2 * REVIEW_REASON_MAX + 3], *fault = NULL;
	struct entry *e;

	for (size_t i = 0; i <= REVIEW_REASON_MAX; i++) {
		memcpy(text + 2 * i, "é", 3);
	}
	refused("accept", "SIRO", text, NULL, "2001 characters, allowed: 2000");
	text[2 * REVIEW_REASON_MAX] = '\0';
	e = said("accept", "SIRO", text, NULL, &fault);
	ck_assert_ptr_nonnull(e);
	entry_free(e);
}
END_TEST

START_TEST(a_date_is_none_of_the_past_and_a_deferral_has_one)
{
	char *fault = NULL;
	struct entry *e = said("defer", "SIRO", "x", TODAY, &fault);

	ck_assert_ptr_nonnull(e);
	entry_free(e);
	refused("defer", "SIRO", "x", NULL, "option --until: missing");
	refused("accept", "SIRO", "x", "2026-11-20", "option --until: '2026-11-20': is past");
	refused("accept", "SIRO", "x", "90d", "option --until: '90d'");
}
END_TEST

/* For sheets: F-1 is seen in clear, F-2 encrypted. */
static struct entry *describe(void *context, const char *id, const char **fault)
{
	struct entry *e;

	(void)context;
	if (strcmp(id, "F-1") != 0 && strcmp(id, "F-2") != 0) {
		*fault = "is unknown";
		return NULL;
	}
	e = entry_new(ENTRY_DECISION);
	set(e, DECISION_OBJECT, id);
	set(e, DECISION_SEEN_KIND, "pat.identity");
	set(e, DECISION_SEEN_ENCRYPTED, strcmp(id, "F-1") == 0 ? "no" : "yes");
	set(e, DECISION_SEEN_MESSAGES, "17");
	return e;
}

/* The S-… of an id. */
static const char *seen_of(const char *id)
{
	static char out[4][DIGEST_ID_MAX];
	static size_t at;
	const char *fault;
	struct entry *e = describe(NULL, id, &fault);

	decision_seen_id(e, out[++at % 4]);
	entry_free(e);
	return out[at % 4];
}

static char *faults;
static size_t left_out;

#define HEADER                                                                                     \
	"id,why,seen_kind_id,seen_encrypted,seen_messages,decision,decided_by_role,reason,until,"  \
	"seen\n"

static struct entries *read_bytes(const char *bytes, size_t len)
{
	const struct review_sheet_rules rules = {TODAY, describe, NULL};

	free(faults);
	return review_sheet_read(&rules, "r.csv", bytes, len, &faults, &left_out);
}

static void wrong(char *sheet, const char *words)
{
	ck_assert_ptr_null(read_bytes(sheet, strlen(sheet)));
	ck_assert_msg(strstr(faults, words) != NULL, "'%s' is not in '%s'", words, faults);
	free(sheet);
}

START_TEST(a_filled_sheet_becomes_decisions_that_hold_what_is_seen)
{
	char *sheet = mem_printf(HEADER "F-1,w,pat.identity,no,9,accept,SIRO,fine,31/12/2026,%s\n"
	                                "F-2,w,pat.identity,yes,17,,,,,%s\n",
	                         seen_of("F-1"), seen_of("F-2"));
	struct entries *all = read_bytes(sheet, strlen(sheet));
	const struct entry *e = all != NULL ? entries_find(all, "F-1") : NULL;

	ck_assert_ptr_null(faults);
	ck_assert_uint_eq(entries_count(all), 1);
	ck_assert_uint_eq(left_out, 1);
	ck_assert_str_eq(entry_text(e, DECISION_VERDICT), "accept");
	ck_assert_str_eq(entry_text(e, DECISION_UNTIL), "2026-12-31");
	ck_assert_str_eq(entry_text(e, DECISION_DECIDED_ON), TODAY);
	ck_assert_str_eq(entry_text(e, DECISION_SEEN_MESSAGES), "17");
	entries_free(all);
	free(sheet);
}
END_TEST

START_TEST(a_row_that_has_changed_is_refused_with_what_has)
{
	wrong(mem_printf(HEADER "F-1,w,pat.identity,yes,9,accept,SIRO,fine,,S-old\n"),
	      "r.csv: line 2: 'F-1': has changed since this list was made (encryption was 'yes' "
	      "and is 'no' now): review "
	      "it again");
	wrong(mem_printf("id,decision,decided_by_role,reason,seen\nF-1,accept,SIRO,fine,S-old\n"),
	      "has changed since this list was made: review it again");
}
END_TEST

START_TEST(a_seen_of_another_row_is_refused)
{
	wrong(mem_printf(HEADER "F-1,w,pat.identity,no,17,accept,SIRO,fine,,%s\n", seen_of("F-2")),
	      "column seen: 'S-");
	wrong(mem_printf(HEADER "F-1,w,pat.identity,no,17,accept,SIRO,fine,,\n"),
	      "column seen: empty");
}
END_TEST

START_TEST(all_that_is_wrong_with_a_sheet_is_told_at_once)
{
	char *sheet =
	        mem_printf(HEADER "F-1,,pat.identity,no,,accepted,SIRO,fine,,%s\n"
	                          "F-2,,pat.identity,yes,,defer,,asked 943 476 5919,1/1/2020,%s\n"
	                          "F-2,,pat.identity,yes,,accept,SIRO,fine,,%s\n"
	                          "F-9,,,,,accept,SIRO,fine,,S-1\n",
	                   seen_of("F-1"), seen_of("F-2"), seen_of("F-2"));

	ck_assert_ptr_null(read_bytes(sheet, strlen(sheet)));
	ck_assert_ptr_nonnull(strstr(faults, "line 2: column decision: 'accepted'"));
	ck_assert_ptr_nonnull(
	        strstr(faults, "line 3: column reason: 'asked 943 476 5919': an NHS number"));
	ck_assert_ptr_nonnull(strstr(faults, "line 3: column until: '2020-01-01': is past"));
	ck_assert_ptr_nonnull(strstr(faults, "line 4: 'F-2': line 3 decides it too"));
	ck_assert_ptr_nonnull(strstr(faults, "line 5: column id: 'F-9': is unknown"));
	free(sheet);
	wrong(mem_printf("id,decision\nF-1,accept\n"), "column decided_by_role: is missing");
	wrong(mem_printf("%s", ""), "empty");
}
END_TEST

START_TEST(sheets_come_in_the_encodings_of_spreadsheets)
{
	char *sheet = mem_printf(
	        "id;decision;decided_by_role;reason;seen\r\nF-1;accept;SIRO;caf\xe9;%s\r\n",
	        seen_of("F-1"));
	struct entries *all = read_bytes(sheet, strlen(sheet));
	size_t n = 2;
	char wide[512] = "\xff\xfe";

	ck_assert_ptr_nonnull(all);
	ck_assert_str_eq(entry_text(entries_find(all, "F-1"), DECISION_REASON), "café");
	entries_free(all);
	for (const char *at = sheet; *at != '\0'; at++, n += 2) {
		wide[n] = *at;
		wide[n + 1] = '\0';
	}
	all = read_bytes(wide, n);
	ck_assert_ptr_nonnull(all);
	ck_assert_str_eq(entry_text(entries_find(all, "F-1"), DECISION_REASON), "café");
	entries_free(all);
	free(sheet);
}
END_TEST

START_TEST(a_finding_opens_again_when_it_gets_worse)
{
	struct decision_finding f = {
	        "smb1", "SMB 1", SEVERITY_MEDIUM, "inf.fileshare", "fs01", "seen", NOW, NOW};
	struct entry *e = entry_new(ENTRY_DECISION);
	char *why;

	set(e, DECISION_OBJECT, "N-1");
	set(e, DECISION_VERDICT, "reject");
	set(e, DECISION_UNTIL, TODAY);
	decision_describe_finding(e, &f, "", "");
	ck_assert_int_eq(decision_judge_finding(e, &f, TODAY, &why), DECISION_VALID);
	ck_assert_str_eq(decision_finding_status(e, DECISION_VALID), "false_positive");
	f.severity = SEVERITY_LOW;
	ck_assert_int_eq(decision_judge_finding(e, &f, TODAY, &why), DECISION_VALID);
	f.severity = SEVERITY_HIGH;
	ck_assert_int_eq(decision_judge_finding(e, &f, TODAY, &why), DECISION_OVERTAKEN);
	ck_assert_str_eq(why, "severity was 'medium' when it was decided and is 'high' now");
	free(why);
	ck_assert_str_eq(decision_finding_status(e, DECISION_OVERTAKEN), "open");
	f.severity = SEVERITY_MEDIUM;
	f.kind_id = "";
	ck_assert_int_eq(decision_judge_finding(e, &f, TODAY, &why), DECISION_OVERTAKEN);
	free(why);
	ck_assert_int_eq(decision_judge_finding(e, &f, "2026-11-22", &why), DECISION_EXPIRED);
	free(why);
	entry_free(e);
}
END_TEST

UNIT_MAIN("review", higher_tiers_outward_and_in_clear_come_first,
          what_networks_say_to_themselves_comes_last, what_is_declared_as_it_is_seen_needs_nobody,
          what_differs_from_its_declaration_is_told,
          an_unseen_declaration_waits_for_thirty_days_of_watching,
          what_was_accepted_or_rejected_is_done_with,
          what_was_rejected_and_is_seen_again_is_the_worst,
          a_recording_of_before_the_rejection_blames_nobody,
          what_was_deferred_comes_after_the_others_until_its_day,
          an_overtaken_acceptance_returns_with_its_reason,
          an_expired_decision_about_a_declared_flow_returns_too,
          reviews_that_are_due_come_behind_the_flows, a_decision_has_a_role_and_a_reason,
          a_decision_names_no_patient_and_no_mailbox, reasons_are_two_thousand_characters_at_most,
          a_date_is_none_of_the_past_and_a_deferral_has_one,
          a_filled_sheet_becomes_decisions_that_hold_what_is_seen,
          a_row_that_has_changed_is_refused_with_what_has, a_seen_of_another_row_is_refused,
          all_that_is_wrong_with_a_sheet_is_told_at_once,
          sheets_come_in_the_encodings_of_spreadsheets, a_finding_opens_again_when_it_gets_worse)
