#include "terrier/register/rank.h"

#include "hospital.h"
#include "unit.h"

#define COUNT(list) (sizeof(list) / sizeof(list)[0])
#define SYSTEM      "10.1.0.1"

struct ranking {
	struct hospital hospital;
	struct reconciliation *flows;
	struct rank *rank;
};

static void add(void *flows, const struct exchange *e)
{
	reconcile_add(flows, e, true);
}

static void open_ranking(struct ranking *r, const struct hospital_line *lines, size_t n, const struct entries *assets,
                         const struct entries *declarations, enum reconcile_clients clients)
{
	hospital_open(&r->hospital, assets);
	hospital_learn(&r->hospital, lines, n);
	r->flows = reconcile_new(&(struct reconcile_options){
	        .catalogue = r->hospital.catalogue,
	        .directory = r->hospital.directory,
	        .assets = assets,
	        .declarations = declarations,
	        .clients = clients,
	        .today = "2026-11-21",
	});
	hospital_each(&r->hospital, lines, n, add, r->flows);
	reconcile_finish(r->flows);
	r->rank = rank_new(&(struct rank_options){
	        .flows = r->flows,
	        .directory = r->hospital.directory,
	        .catalogue = r->hospital.catalogue,
	        .assets = assets,
	});
}

static void close_ranking(struct ranking *r)
{
	rank_free(r->rank);
	reconcile_free(r->flows);
	hospital_close(&r->hospital);
}

static const struct rank_system *find(const struct ranking *r, const char *name)
{
	for (size_t i = 0; i < rank_count(r->rank); i++) {
		if (strcmp(rank_get(r->rank, i)->name, name) == 0) {
			return rank_get(r->rank, i);
		}
	}
	return NULL;
}

/* Points and reason of a term of SYSTEM. */
static void expect(const struct hospital_line *lines, size_t n, enum rank_term term, unsigned points, const char *why)
{
	struct ranking r;
	const struct rank_system *s;
	unsigned sum = 0;

	open_ranking(&r, lines, n, NULL, NULL, CLIENTS_FOLDED);
	s = find(&r, SYSTEM);
	ck_assert_ptr_nonnull(s);
	ck_assert_msg(s->points[term] == points, "%s: %u, not %u: %s", rank_name(term), s->points[term], points,
	              s->why[term]);
	ck_assert_str_eq(s->why[term], why);
	for (unsigned i = 0; i < RANK_TERMS; i++) {
		ck_assert_uint_le(s->points[i], rank_most((enum rank_term)i));
		ck_assert((s->points[i] == 0) == (s->why[i][0] == '\0'));
		sum += s->points[i];
	}
	ck_assert_uint_eq(s->score, sum);
	close_ranking(&r);
}

START_TEST(the_highest_tier_gives_its_points)
{
	static const struct {
		const char *kind;
		unsigned points;
		const char *why;
	} expected[] = {
	        {"pat.identity", 30, "tier 3 (Patient identity and demographics)"},
	        {"inf.directory", 15, "tier 2 (Directory and authentication)"},
	        {"inf.database", 10, "tier unknown (Database access)"},
	        {"inf.dns", 5, "tier 1 (Name resolution)"},
	        {"inf.time", 0, ""},
	};

	for (size_t i = 0; i < COUNT(expected); i++) {
		const struct hospital_line lines[] = {
		        {"10.1.0.1", "10.1.0.2", "HTTP", 80, expected[i].kind, 'C'},
		        {"10.1.0.2", "10.1.0.1", "NTP", 123, "inf.time", 'C'},
		};

		expect(lines, COUNT(lines), RANK_TIER, expected[i].points, expected[i].why);
	}
}
END_TEST

START_TEST(each_system_and_each_zone_of_clients_that_uses_it_counts_once)
{
	static const struct hospital_line lines[] = {
	        {"10.1.0.2", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
	        {"10.1.0.1", "10.1.0.2", "HTTP", 81, "inf.web", 's'},
	        {"10.9.0.1", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
	        {"10.9.0.2", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
	        {"10.9.0.9", "10.1.0.2", "HTTP", 80, "inf.web", 'c'},
	};

	expect(lines, 5, RANK_DEPENDANTS, 4, "used by 1 system and client machines of 1 zone");
	expect(lines, 2, RANK_DEPENDANTS, 2, "used by client machines of 1 zone");
}
END_TEST

START_TEST(clinical_data_reaches_further_systems)
{
	static const struct hospital_line lines[] = {
	        {"10.1.0.7", "10.1.0.1", "NTP", 123, "inf.time", 'C'},
	        {"10.1.0.1", "10.1.0.2", "HL7v2", 2575, "pat.encounter", 'c'},
	        {"10.1.0.2", "10.1.0.3", "HL7v2", 2575, "pat.encounter", 'c'},
	        {"10.1.0.3", "10.1.0.4", "HL7v2", 2575, "pat.encounter", 'c'},
	        {"10.1.0.4", "10.1.0.5", "HL7v2", 2575, "pat.encounter", 'c'},
	        {"10.1.0.2", "10.1.0.6", "HTTP", 80, "inf.web", 'c'},
	        {"10.1.0.3", "10.1.0.1", "HL7v2", 2575, "pat.encounter", 'c'},
	};

	expect(lines, 2, RANK_REACH, 0, "");
	expect(lines, 3, RANK_REACH, 1, "clinical data from it reaches 1 more system by way of others");
	/* three steps, no further; not itself; not by what is not clinical */
	expect(lines, COUNT(lines), RANK_REACH, 2, "clinical data from it reaches 2 more systems by way of others");
}
END_TEST

START_TEST(flows_in_clear_or_weakly_protected_count_by_their_tier)
{
	static const struct hospital_line lines[] = {
	        {"10.1.0.7", "10.1.0.1", "NTP", 123, "inf.time", 'C'},
	        {"10.1.0.1", "10.1.0.2", "HTTP", 80, "inf.dns", 'c'},
	        {"10.1.0.1", "10.1.0.2", "TLS", 443, "pat.identity", 'C'},
	        {"10.1.0.1", "10.1.0.2", "LDAP", 389, "inf.directory", 'c'},
	        {"10.1.0.1", "10.1.0.2", "TLS", 443, "lab.result", 'W'},
	        {"10.1.0.1", "10.1.0.2", "TDS", 1433, "inf.database", 'c'},
	};

	expect(lines, 3, RANK_CLEAR, 0, "");
	expect(lines, 4, RANK_CLEAR, 2, "1 flow in clear or weakly protected, the worst of tier 2");
	expect(lines, 5, RANK_CLEAR, 5, "2 flows in clear or weakly protected, the worst of tier 3");
	expect(lines, 6, RANK_CLEAR, 7, "3 flows in clear or weakly protected, the worst of tier 3");
}
END_TEST

START_TEST(outside_recipients_count_and_outside_senders_do_not)
{
	static const struct hospital_line lines[] = {
	        {"10.1.0.7", "10.1.0.1", "NTP", 123, "inf.time", 'C'},
	        {"[a.example]", "10.1.0.1", "TLS", 443, "inf.web", 'S'},
	        {"10.1.0.1", "[b.example]", "TLS", 443, "inf.web", 'C'},
	        {"10.1.0.1", "[c.example]", "TLS", 443, "unk.encrypted", 'B'},
	};

	expect(lines, 2, RANK_EXTERNAL, 0, "");
	expect(lines, 3, RANK_EXTERNAL, 5, "1 outside party receives from it: [b.example]");
	expect(lines, 4, RANK_EXTERNAL, 10, "2 outside parties receive from it: [b.example]; [c.example]");
}
END_TEST

START_TEST(no_backup_gives_more_than_one_and_two_give_nothing)
{
	static const struct hospital_line lines[] = {
	        {"10.1.0.2", "10.1.0.1", "HL7v2", 2575, "pat.identity", 'c'},
	        {"10.1.0.1", "10.1.0.8", "NDMP", 10000, "inf.backup", 'C'},
	        {"10.1.0.1", "10.1.0.9", "NDMP", 10000, "inf.backup", 'C'},
	};
	static const struct hospital_line dull[] = {{"10.1.0.2", "10.1.0.1", "NTP", 123, "inf.time", 'c'}};

	expect(dull, 1, RANK_BACKUP, 0, "");
	expect(lines, 1, RANK_BACKUP, 10, "no backup was seen");
	expect(lines, 2, RANK_BACKUP, 5, "one place of backup only: 10.1.0.8");
	expect(lines, 3, RANK_BACKUP, 0, "");
}
END_TEST

static void declare_asset(struct entries *all, const char *id, const char *network, enum asset_column column,
                          const char *text)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	entry_set(e, ASSET_ID, id, strlen(id));
	entry_set(e, ASSET_NAME, id, strlen(id));
	entry_set(e, ASSET_TYPE, "system", strlen("system"));
	entry_set(e, ASSET_MATCH_IP, network, strlen(network));
	entry_set(e, column, text, strlen(text));
	entry_identify(e);
	ck_assert(entries_add(all, e));
}

static void expect_asset(const struct entries *assets, const struct entries *declarations, enum rank_term term,
                         unsigned points, const char *why)
{
	static const struct hospital_line lines[] = {
	        {"10.1.0.2", "10.1.0.1", "HL7v2", 2575, "pat.identity", 'C'},
	        {"10.1.0.1", "10.1.0.8", "SSH", 22, "inf.remote", 'C'},
	};
	struct ranking r;

	open_ranking(&r, lines, COUNT(lines), assets, declarations, CLIENTS_FOLDED);
	ck_assert_ptr_nonnull(find(&r, "sys"));
	ck_assert_uint_eq(find(&r, "sys")->points[term], points);
	ck_assert_str_eq(find(&r, "sys")->why[term], why);
	close_ranking(&r);
}

START_TEST(a_declared_backup_has_to_be_seen)
{
	struct entries *assets = entries_new(ENTRY_ASSET);

	declare_asset(assets, "sys", "10.1.0.1", ASSET_BACKUP_ASSET, "vault");
	declare_asset(assets, "vault", "10.1.0.9", ASSET_NOTES, "");
	expect_asset(assets, NULL, RANK_BACKUP, 10, "nothing was seen to go to its declared backup, vault");
	entries_free(assets);

	assets = entries_new(ENTRY_ASSET);
	declare_asset(assets, "sys", "10.1.0.1", ASSET_BACKUP_ASSET, "vault");
	declare_asset(assets, "vault", "10.1.0.8", ASSET_NOTES, "");
	expect_asset(assets, NULL, RANK_BACKUP, 5, "one place of backup only: vault");
	entries_free(assets);
}
END_TEST

START_TEST(declared_criticality_and_impact_count_the_worst_of_them)
{
	struct entries *assets = entries_new(ENTRY_ASSET);

	declare_asset(assets, "sys", "10.1.0.1", ASSET_CRITICALITY, "3");
	expect_asset(assets, NULL, RANK_CRITICALITY, 12, "declared criticality 3 of 5");
	entries_free(assets);

	assets = entries_new(ENTRY_ASSET);
	declare_asset(assets, "sys", "10.1.0.1", ASSET_IMPACT_AVAILABILITY, "5");
	expect_asset(assets, NULL, RANK_CRITICALITY, 20, "declared impact on availability 5 of 5");
	entries_free(assets);
}
END_TEST

START_TEST(what_is_declared_does_not_count_as_undeclared)
{
	struct entries *assets = entries_new(ENTRY_ASSET), *declarations = entries_new(ENTRY_DECLARATION);
	struct entry *d = entry_new(ENTRY_DECLARATION);

	declare_asset(assets, "sys", "10.1.0.1", ASSET_NOTES, "");
	declare_asset(assets, "other", "10.1.0.2", ASSET_NOTES, "");
	expect_asset(assets, declarations, RANK_UNDECLARED, 2, "2 flows that nobody declared");
	entry_set(d, DECLARED_SOURCE, "other", 5);
	entry_set(d, DECLARED_DESTINATION, "sys", 3);
	entry_set(d, DECLARED_KIND, "pat.identity", 12);
	entry_identify(d);
	ck_assert(entries_add(declarations, d));
	expect_asset(assets, declarations, RANK_UNDECLARED, 1, "1 flow that nobody declared");
	entries_free(assets);
	entries_free(declarations);
}
END_TEST

START_TEST(an_asset_of_which_nothing_was_seen_is_ranked_by_what_is_declared)
{
	struct entries *assets = entries_new(ENTRY_ASSET);
	struct ranking r;
	const struct rank_system *s;

	declare_asset(assets, "paper", "", ASSET_KINDS, "pat.identity");
	declare_asset(assets, "lab", "", ASSET_KINDS, "inf.*");
	open_ranking(&r, NULL, 0, assets, NULL, CLIENTS_FOLDED);
	s = find(&r, "paper");
	ck_assert_ptr_nonnull(s);
	ck_assert_ptr_null(s->end);
	ck_assert_uint_eq(s->score, 30);
	ck_assert_uint_eq(rank_count(r.rank), 2);
	ck_assert_str_eq(rank_get(r.rank, 0)->name, "paper");
	close_ranking(&r);
	entries_free(assets);
}
END_TEST

static const struct hospital_line ward[] = {
        {"10.9.0.1", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
        {"10.9.0.2", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
        {"10.9.1.1", "10.1.0.1", "HTTP", 80, "pat.identity", 'c'},
        {"10.1.0.1", "10.1.0.2", "HL7v2", 2575, "pat.encounter", 'c'},
        {"10.1.0.2", "10.1.0.3", "HL7v2", 2575, "pat.encounter", 'c'},
        {"10.1.0.3", "[ref-lab.example]", "HTTP", 80, "lab.result", 'c'},
        {"10.1.0.1", "[broadcast]", "DHCP", 67, "inf.addressing", 'c'},
};

START_TEST(clients_and_outside_parties_are_no_systems_and_no_view_changes_a_score)
{
	struct ranking apart, folded;

	open_ranking(&apart, ward, COUNT(ward), NULL, NULL, CLIENTS_APART);
	open_ranking(&folded, ward, COUNT(ward), NULL, NULL, CLIENTS_FOLDED);
	ck_assert_uint_eq(rank_count(apart.rank), 3);
	ck_assert_uint_eq(rank_count(folded.rank), 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(rank_get(apart.rank, i)->name, rank_get(folded.rank, i)->name);
		ck_assert_uint_eq(rank_get(apart.rank, i)->score, rank_get(folded.rank, i)->score);
	}
	ck_assert_uint_eq(find(&apart, SYSTEM)->points[RANK_DEPENDANTS], 4);
	ck_assert_uint_eq(find(&folded, SYSTEM)->points[RANK_DEPENDANTS], 4);
	close_ranking(&apart);
	close_ranking(&folded);
}
END_TEST

/* More seen of a system never makes it matter less; but for backups, which are there to do so. */
START_TEST(what_is_added_lowers_no_score)
{
	unsigned before = 0;

	for (size_t n = 3; n <= COUNT(ward); n++) {
		struct ranking r;

		open_ranking(&r, ward, n, NULL, NULL, CLIENTS_FOLDED);
		ck_assert_uint_ge(find(&r, SYSTEM)->score, before);
		before = find(&r, SYSTEM)->score;
		close_ranking(&r);
	}
}
END_TEST

START_TEST(no_term_gives_more_than_its_most)
{
	struct hospital_line lines[120];
	char address[120][20];

	for (unsigned i = 0; i < 120; i++) {
		snprintf(address[i], sizeof address[i], i < 60 ? "10.%u.0.1" : "[p%u.example]", i + 100);
		lines[i] = (struct hospital_line){SYSTEM, address[i], "HTTP", 80, "pat.identity", i < 60 ? 's' : 'c'};
	}
	expect(lines, 120, RANK_DEPENDANTS, 20, "used by client machines of 60 zones");
	expect(lines, 120, RANK_EXTERNAL, 15,
	       "60 outside parties receive from it: [p160.example]; [p161.example]; + 58 more");
	expect(lines, 120, RANK_CLEAR, 15, "120 flows in clear or weakly protected, the worst of tier 3");
	expect(lines, 120, RANK_UNDECLARED, 10, "120 flows that nobody declared");
}
END_TEST

START_TEST(the_formula_is_told_with_the_weights_in_force)
{
	static const char *const expected[RANK_TERMS] = {
	        "30, 15, 10, 5: the highest tier of its data is 3, 2, unknown, 1",
	        "2 for each system or zone of client machines that uses it, to 20",
	        "1 for each further system that clinical data from it reaches in 3 steps, to 10",
	        "3, 2, 2 for each flow of tier 3, 2, unknown in clear or weak, to 15",
	        "5 for each outside party that receives from it, to 15",
	        "10: used, tier 2 and up or unknown, no backup seen; 5: one target",
	        "4 for each step of the declared criticality, or worst impact, to 20",
	        "1 for each flow that was seen and is not declared, to 10",
	};

	for (unsigned term = 0; term < RANK_TERMS; term++) {
		char *formula = rank_formula((enum rank_term)term);

		ck_assert_str_eq(formula, expected[term]);
		free(formula);
	}
}
END_TEST

UNIT_MAIN("rank", the_highest_tier_gives_its_points, each_system_and_each_zone_of_clients_that_uses_it_counts_once,
          clinical_data_reaches_further_systems, flows_in_clear_or_weakly_protected_count_by_their_tier,
          outside_recipients_count_and_outside_senders_do_not, no_backup_gives_more_than_one_and_two_give_nothing,
          a_declared_backup_has_to_be_seen, declared_criticality_and_impact_count_the_worst_of_them,
          what_is_declared_does_not_count_as_undeclared,
          an_asset_of_which_nothing_was_seen_is_ranked_by_what_is_declared,
          clients_and_outside_parties_are_no_systems_and_no_view_changes_a_score, what_is_added_lowers_no_score,
          no_term_gives_more_than_its_most, the_formula_is_told_with_the_weights_in_force)
