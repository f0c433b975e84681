#include "terrier/register/suggest.h"

#include "hospital.h"
#include "terrier/register/sheet.h"
#include "unit.h"

#include <stdio.h>

#define COUNT(list) (sizeof(list) / sizeof(list)[0])

/* What differs between tests. */
struct setting {
	const struct hospital_name *names;
	size_t n_names;
	const struct hospital_line *lines;
	size_t n_lines;
	const struct entries *assets;
	bool hides_addresses, takes_declared, is_backwards;
	const char *zone, *block; /* one configured zone; NULL: none */
};

struct draft {
	struct hospital hospital;
	struct suggest *suggest;
};

static void add(void *suggest, const struct exchange *e)
{
	suggest_add(suggest, e);
}

static void open_draft(struct draft *d, const struct setting *s)
{
	struct hospital_line *lines = mem_zalloc(s->n_lines + 1, sizeof *lines);

	for (size_t i = 0; i < s->n_lines; i++) {
		lines[i] = s->lines[s->is_backwards ? s->n_lines - 1 - i : i];
	}
	hospital_open(&d->hospital, s->assets);
	if (s->zone != NULL) {
		hospital_add_zone(&d->hospital, s->zone, s->block);
	}
	hospital_add_names(&d->hospital, s->names, s->n_names);
	hospital_learn(&d->hospital, lines, s->n_lines);
	d->suggest = suggest_new(&(struct suggest_options){
	        .catalogue = d->hospital.catalogue,
	        .directory = d->hospital.directory,
	        .assets = s->assets,
	        .zones = d->hospital.zones,
	        .from = "2026-11-01",
	        .to = "2026-11-21",
	        .shows_addresses = !s->hides_addresses,
	        .takes_declared = s->takes_declared,
	});
	hospital_each(&d->hospital, lines, s->n_lines, add, d->suggest);
	suggest_finish(d->suggest);
	free(lines);
}

static void close_draft(struct draft *d)
{
	suggest_free(d->suggest);
	hospital_close(&d->hospital);
}

/* "pacs=10.77.1.50,10.77.1.51 ris=10.77.1.40": the rows and their hosts. */
static char *tell(const struct suggest *s)
{
	char *text = mem_strdup("");

	for (size_t i = 0; i < suggest_count(s); i++) {
		const struct suggestion *row = suggest_get(s, i);

		for (size_t k = 0; k < row->n_hosts; k++) {
			char *longer = k == 0 ? mem_printf("%s%s%s=%s", text, i > 0 ? " " : "", row->entry->id,
			                                   row->hosts[k]->address)
			                      : mem_printf("%s,%s", text, row->hosts[k]->address);

			free(text);
			text = longer;
		}
	}
	return text;
}

static const struct entry *find(const struct suggest *s, const char *id)
{
	for (size_t i = 0; i < suggest_count(s); i++) {
		if (strcmp(suggest_get(s, i)->entry->id, id) == 0) {
			return suggest_get(s, i)->entry;
		}
	}
	ck_abort_msg("no row %s", id);
	return NULL;
}

static void expect(const struct setting *setting, const char *expected)
{
	struct draft d;
	char *told;

	open_draft(&d, setting);
	told = tell(d.suggest);
	ck_assert_str_eq(told, expected);
	free(told);
	close_draft(&d);
}

/* The invariant of a draft: with it in force beside what is, each host is its row and nothing else. */
static void check_matches(const struct draft *d)
{
	struct entries *all = entries_new(ENTRY_ASSET);
	size_t n_rows = suggest_count(d->suggest);
	struct matcher *m;

	for (size_t i = 0; i < n_rows; i++) {
		struct entry *copy = entry_new(ENTRY_ASSET);

		for (size_t c = 0; c < ASSET_COLUMNS; c++) {
			const char *text = entry_text(suggest_get(d->suggest, i)->entry, c);

			entry_set(copy, c, text, strlen(text));
		}
		entry_identify(copy);
		ck_assert(entries_add(all, copy));
	}
	m = matcher_new(all);
	for (size_t i = 0; i < n_rows; i++) {
		const struct suggestion *row = suggest_get(d->suggest, i);

		for (size_t k = 0; k < row->n_hosts; k++) {
			const struct match *rival, *pick;
			size_t n;
			struct match *candidates = directory_candidates(row->hosts[k], m, &n);

			pick = match_pick(candidates, n, 0, 0, &rival);
			ck_assert_msg(pick != NULL && strcmp(pick->asset->id, row->entry->id) == 0, "%s is %s, not %s",
			              row->hosts[k]->address, pick != NULL ? pick->asset->id : "nothing",
			              row->entry->id);
			ck_assert_msg(rival == NULL, "%s is %s too", row->hosts[k]->address, row->entry->id);
			free(candidates);
		}
	}
	matcher_free(m);
	entries_free(all);
}

/* Our own laboratory, in small: what each machine really is stands in `lab_truth`. */
static const struct hospital_name lab_names[] = {
        {"10.77.1.10", NAME_DNS, "pas.trust.example"},  {"10.77.1.10", NAME_HL7, "PAS^ZZTRUST"},
        {"10.77.1.20", NAME_HL7, "TIE^ZZTRUST"},        {"10.77.1.30", NAME_DNS, "lims.trust.example"},
        {"10.77.1.30", NAME_HL7, "LIMS^ZZTRUST"},       {"10.77.1.40", NAME_AE_TITLE, "RISMWL"},
        {"10.77.1.40", NAME_AE_TITLE, "RISREPORTS"},    {"10.77.1.40", NAME_HL7, "RIS^ZZTRUST"},
        {"10.77.1.50", NAME_DNS, "pacs.trust.example"}, {"10.77.1.50", NAME_AE_TITLE, "ZZPACS"},
        {"10.77.1.60", NAME_HL7, "EPR^ZZTRUST"},        {"10.77.1.80", NAME_NTLM, "FS01"},
        {"10.77.1.90", NAME_DNS, "db01.trust.example"}, {"10.77.20.11", NAME_DNS, "ct01.trust.example"},
        {"10.77.20.11", NAME_AE_TITLE, "CT01"},         {"10.77.20.12", NAME_DNS, "mr01.trust.example"},
        {"10.77.20.12", NAME_AE_TITLE, "MR01"},         {"10.77.30.21", NAME_DNS, "ward7-pc1.trust.example"},
        {"10.77.30.22", NAME_AE_TITLE, "CLINICUS"},
};
static const struct hospital_line lab_lines[] = {
        {"10.77.1.10", "10.77.1.20", "HL7v2", 2575, "pat.encounter", 'c'},
        {"10.77.1.10", "10.77.1.20", "HL7v2", 2575, "pat.identity", 'c'},
        {"10.77.1.20", "10.77.1.30", "HL7v2", 2575, "pat.encounter", 'c'},
        {"10.77.1.20", "10.77.1.40", "HL7v2", 6661, "pat.encounter", 'c'},
        {"10.77.1.20", "10.77.1.60", "HL7v2", 6661, "pat.identity", 'c'},
        {"10.77.1.60", "10.77.1.10", "HL7v2", 3600, "pat.identity", 'c'},
        {"10.77.1.30", "10.77.1.20", "HL7v2", 2576, "lab.result", 'c'},
        {"10.77.20.11", "10.77.1.50", "DICOM", 104, "img.study", 'c'},
        {"10.77.20.12", "10.77.1.50", "DICOM", 104, "img.study", 'c'},
        {"10.77.1.40", "10.77.20.11", "DICOM", 105, "img.workflow", 's'},
        {"10.77.1.50", "10.77.30.21", "DICOM", 11113, "img.study", 'c'},
        {"10.77.1.50", "10.77.30.22", "DICOM", 104, "img.query", 's'},
        {"10.77.1.80", "10.77.30.21", "SMB3", 445, "inf.fileshare", 's'},
        {"10.77.1.60", "10.77.1.90", "PostgreSQL", 5432, "inf.database", 'b'},
        {"10.77.1.60", "10.77.1.5", "DNS", 53, "inf.dns", 'b'},
        {"10.77.30.21", "10.77.1.5", "LDAP", 389, "inf.directory", 'b'},
        {"10.77.1.60", "10.77.40.5", "JetDirect", 9100, "inf.print", 'c'},
        {"10.77.1.60", "10.77.1.120", "syslog", 514, "inf.monitoring", 'c'},
        {"10.77.1.60", "[api.nhs.example]", "TLS", 443, "unk.encrypted", 'b'},
        {"10.77.1.30", "[ldap.nhs.example]", "TLS", 443, "unk.encrypted", 'b'},
        {"10.77.1.30", "[203.0.113.0/24]", "TLS", 443, "unk.encrypted", 'b'},
};
static const struct setting lab = {
        .names = lab_names, .n_names = COUNT(lab_names), .lines = lab_lines, .n_lines = COUNT(lab_lines)};
static const char lab_truth[] =
        "ct01=10.77.20.11 db01=10.77.1.90 epr=10.77.1.60 fs01=10.77.1.80 lims=10.77.1.30 "
        "monitor-10.77.1.0-24-1=10.77.1.120 mr01=10.77.20.12 pacs=10.77.1.50 pas=10.77.1.10 "
        "printers-10.77.40.0-24=10.77.40.5 ris=10.77.1.40 tie=10.77.1.20 directory=10.77.1.5 "
        "workstations-10.77.30.0-24=10.77.30.21,10.77.30.22 nhs.example=[api.nhs.example],[ldap.nhs.example] "
        "outside-203.0.113.0-24=[203.0.113.0/24]";

START_TEST(the_systems_of_the_laboratory_are_told_apart)
{
	expect(&lab, lab_truth);
}
END_TEST

START_TEST(the_order_in_which_exchanges_come_does_not_matter)
{
	struct setting backwards = lab;

	backwards.is_backwards = true;
	expect(&backwards, lab_truth);
}
END_TEST

START_TEST(each_row_matches_its_own_hosts_and_no_others)
{
	struct draft d;

	open_draft(&d, &lab);
	ck_assert_uint_eq(suggest_count(d.suggest), 16);
	check_matches(&d);
	close_draft(&d);
}
END_TEST

START_TEST(a_row_says_what_was_seen_and_nothing_that_people_declare)
{
	static const size_t observed[] = {ASSET_ID,
	                                  ASSET_NAME,
	                                  ASSET_TYPE,
	                                  ASSET_DESCRIPTION,
	                                  ASSET_MATCH_IP,
	                                  ASSET_MATCH_HOSTNAME,
	                                  ASSET_MATCH_AE_TITLE,
	                                  ASSET_KINDS,
	                                  ASSET_INDIVIDUALS,
	                                  ASSET_DATA_CATEGORIES,
	                                  ASSET_PERSONAL_DATA,
	                                  ASSET_SPECIAL_CATEGORY,
	                                  ASSET_NOTES};
	struct draft d;
	const struct entry *pacs;

	open_draft(&d, &lab);
	pacs = find(d.suggest, "pacs");
	ck_assert_str_eq(entry_text(pacs, ASSET_NAME), "PACS");
	ck_assert_str_eq(entry_text(pacs, ASSET_TYPE), "system");
	ck_assert_str_eq(entry_text(pacs, ASSET_DESCRIPTION),
	                 "Image archive: takes images in and gives them, or their index, out. Also a clinical system. "
	                 "Seen to send or keep: Medical images; Image query and retrieval.");
	ck_assert_str_eq(entry_text(pacs, ASSET_MATCH_IP), "10.77.1.50");
	ck_assert_str_eq(entry_text(pacs, ASSET_MATCH_HOSTNAME), "pacs.trust.example");
	ck_assert_str_eq(entry_text(pacs, ASSET_MATCH_AE_TITLE), "ZZPACS");
	ck_assert_str_eq(entry_text(pacs, ASSET_KINDS), "img.study;img.query");
	ck_assert_str_eq(entry_text(pacs, ASSET_INDIVIDUALS), "patient");
	ck_assert_str_eq(entry_text(pacs, ASSET_PERSONAL_DATA), "yes");
	ck_assert_str_eq(entry_text(pacs, ASSET_SPECIAL_CATEGORY), "health");
	ck_assert_str_eq(entry_text(pacs, ASSET_NOTES),
	                 "Proposed by Terrier from what was seen 2026-11-01 to 2026-11-21: one host; host name "
	                 "pacs.trust.example, AE title ZZPACS; answers DICOM tcp/104. Confirm or correct.");
	for (size_t c = 0, next = 0; c < ASSET_COLUMNS; c++) {
		bool is_observed = next < COUNT(observed) && observed[next] == c;

		next += is_observed;
		ck_assert_msg(is_observed == (entry_text(pacs, c)[0] != '\0'), "column %zu", c);
	}
	ck_assert_str_eq(entry_text(find(d.suggest, "ct01"), ASSET_TYPE), "medical_device");
	ck_assert_str_eq(entry_text(find(d.suggest, "fs01"), ASSET_TYPE), "storage");
	ck_assert_str_eq(entry_text(find(d.suggest, "outside-203.0.113.0-24"), ASSET_TYPE), "external_party");
	close_draft(&d);
}
END_TEST

START_TEST(what_holds_no_kind_or_an_unclear_one_is_not_called_impersonal)
{
	static const struct hospital_line lines[] = {
	        {"10.1.0.9", "10.1.0.1", "NTP", 123, "inf.time", 'b'},
	        {"10.1.0.9", "10.1.0.2", "unknown", 7777, "unk.other", 'b'},
	};
	const struct setting s = {.lines = lines, .n_lines = COUNT(lines)};
	struct draft d;

	open_draft(&d, &s);
	ck_assert_str_eq(entry_text(find(d.suggest, "network-services"), ASSET_PERSONAL_DATA), "no");
	ck_assert_str_eq(entry_text(find(d.suggest, "server-10.1.0.0-24-1"), ASSET_PERSONAL_DATA), "unknown");
	close_draft(&d);
}
END_TEST

START_TEST(hosts_whose_names_share_a_stem_are_one_system)
{
	static const struct hospital_name names[] = {
	        {"10.1.0.1", NAME_DNS, "pacs01.trust.example"},
	        {"10.1.0.2", NAME_DNS, "PACS-02b.trust.example"},
	        {"10.1.0.3", NAME_NTLM, "PACS-DB1"},
	        {"10.1.0.4", NAME_DNS, "web2.pacs.trust.example"},
	        {"10.1.0.5", NAME_DNS, "pacs.other.example"},
	        {"10.1.0.6", NAME_DNS, "srv01.trust.example"},
	        {"10.1.0.7", NAME_DNS, "srv02.trust.example"},
	        {"10.1.0.8", NAME_DNS, "rxx-pacs-test1.trust.example"},
	};
	struct hospital_line lines[COUNT(names)];
	const struct setting s = {names, COUNT(names), lines, COUNT(lines), .assets = NULL};

	for (size_t i = 0; i < COUNT(names); i++) {
		lines[i] = (struct hospital_line){"10.9.0.1", names[i].address, "HTTP", 80, "inf.web", 'c'};
	}
	expect(&s, "pacs=10.1.0.1,10.1.0.2,10.1.0.3,10.1.0.4 pacs-2=10.1.0.5 rxx-pacs-test1=10.1.0.8 srv01=10.1.0.6 "
	           "srv02=10.1.0.7 workstations-10.9.0.0-24=10.9.0.1");
}
END_TEST

START_TEST(one_name_of_several_hosts_is_one_system)
{
	static const struct hospital_name names[] = {
	        {"10.1.0.1", NAME_DNS, "app1.trust.example"},
	        {"10.1.0.2", NAME_DNS, "app1.trust.example"},
	        {"10.1.0.3", NAME_DNS, "app2.trust.example"},
	};
	static const struct hospital_line lines[] = {
	        {"10.1.0.3", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
	        {"10.1.0.3", "10.1.0.2", "HTTP", 80, "inf.web", 'c'},
	        {"10.1.0.1", "10.1.0.3", "HTTP", 80, "inf.web", 'c'},
	};
	const struct setting s = {names, COUNT(names), lines, COUNT(lines), .assets = NULL};

	expect(&s, "app1=10.1.0.1,10.1.0.2 app2=10.1.0.3");
}
END_TEST

START_TEST(a_scanner_is_no_part_of_the_archive_that_is_called_like_it)
{
	static const struct hospital_name names[] = {
	        {"10.1.0.1", NAME_DNS, "ct-archive.trust.example"},
	        {"10.1.0.2", NAME_DNS, "ct01.trust.example"},
	        {"10.1.0.3", NAME_DNS, "ct02.trust.example"},
	};
	static const struct hospital_line lines[] = {
	        {"10.1.0.2", "10.1.0.1", "DICOM", 104, "img.study", 'c'},
	        {"10.1.0.3", "10.1.0.1", "DICOM", 104, "img.study", 'c'},
	};
	const struct setting s = {names, COUNT(names), lines, COUNT(lines), .assets = NULL};

	expect(&s, "ct=10.1.0.2,10.1.0.3 ct-archive=10.1.0.1");
}
END_TEST

START_TEST(nameless_hosts_with_the_same_title_are_one_system_unless_an_engine_passes_it_on)
{
	static const struct hospital_name names[] = {
	        {"10.1.0.1", NAME_AE_TITLE, "VNA"},      {"10.1.0.2", NAME_DNS, "apollo.trust.example"},
	        {"10.1.0.2", NAME_AE_TITLE, "VNA"},      {"10.1.0.3", NAME_AE_TITLE, "STORESCP"},
	        {"10.1.0.4", NAME_AE_TITLE, "STORESCP"}, {"10.1.0.5", NAME_HL7, "LIMS^ZZ"},
	        {"10.1.0.6", NAME_HL7, "TIE^ZZ"},        {"10.1.0.6", NAME_HL7, "LIMS^ZZ"},
	};
	static const struct hospital_line lines[] = {
	        {"10.9.0.1", "10.1.0.1", "DICOM", 104, "img.study", 'c'},
	        {"10.9.0.1", "10.1.0.2", "DICOM", 105, "img.study", 'c'},
	        {"10.9.0.1", "10.1.0.3", "DICOM", 106, "img.study", 'c'},
	        {"10.9.0.1", "10.1.0.4", "DICOM", 107, "img.study", 'c'},
	        {"10.9.0.1", "10.1.0.6", "HL7v2", 2575, "lab.result", 'c'},
	        {"10.9.0.1", "10.1.0.6", "HL7v2", 2575, "pat.identity", 'c'},
	        {"10.1.0.6", "10.1.0.5", "HL7v2", 2575, "lab.result", 'c'},
	        {"10.1.0.6", "10.1.0.5", "HL7v2", 2575, "pat.identity", 'c'},
	};
	const struct setting s = {names, COUNT(names), lines, COUNT(lines), .assets = NULL};
	struct draft d;
	char *told;

	open_draft(&d, &s);
	told = tell(d.suggest);
	ck_assert_ptr_nonnull(strstr(told, "vna=10.1.0.1,10.1.0.2"));
	ck_assert_ptr_nonnull(
	        strstr(told, "clinical-system-10.1.0.0-24-1=10.1.0.3 clinical-system-10.1.0.0-24-2=10.1.0.4 "));
	ck_assert_ptr_nonnull(strstr(told, "lims=10.1.0.5 "));
	ck_assert_ptr_nonnull(strstr(told, "tie=10.1.0.6 "));
	/* what two have tells neither */
	ck_assert_str_eq(entry_text(find(d.suggest, "tie"), ASSET_MATCH_HL7_APP), "TIE^ZZ");
	check_matches(&d);
	free(told);
	close_draft(&d);
}
END_TEST

START_TEST(nameless_servers_that_do_the_same_for_the_same_are_a_cluster)
{
	struct hospital_line lines[40];
	char address[40][16];
	size_t n = 0;
	const struct setting s = {NULL, 0, lines, COUNT(lines), .assets = NULL};
	struct draft d;
	char *told;

	/* .1 and .2 serve the same ten, .3 ten others, .4 the first ten something else */
	for (size_t i = 0; i < 10; i++) {
		snprintf(address[n], sizeof address[n], "10.9.0.%zu", i);
		lines[n] = (struct hospital_line){address[n], "10.1.0.1", "TDS", 1433, "inf.database", 'b'};
		lines[n + 1] = (struct hospital_line){address[n], "10.1.0.2", "TDS", 1433, "inf.database", 'b'};
		lines[n + 2] = (struct hospital_line){address[n], "10.1.0.4", "TDS", 1434, "inf.database", 'b'};
		snprintf(address[n + 3], sizeof address[n + 3], "10.9.0.%zu", 100 + i);
		lines[n + 3] = (struct hospital_line){address[n + 3], "10.1.0.3", "TDS", 1433, "inf.database", 'b'};
		n += 4;
	}
	open_draft(&d, &s);
	told = tell(d.suggest);
	ck_assert_ptr_nonnull(strstr(told, "database-10.1.0.0-24-1=10.1.0.1,10.1.0.2 database-10.1.0.0-24-2=10.1.0.3 "
	                                   "database-10.1.0.0-24-3=10.1.0.4 "));
	ck_assert_ptr_nonnull(strstr(suggest_get(d.suggest, 0)->why, "largely the same peers"));
	free(told);
	close_draft(&d);
}
END_TEST

START_TEST(clients_are_one_row_a_zone_by_its_block_only_where_they_are_most)
{
	static const struct hospital_line lines[] = {
	        {"10.9.0.1", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
	        {"10.9.0.2", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
	        {"10.1.0.7", "10.1.0.1", "HTTP", 80, "inf.web", 'c'},
	        {"10.9.0.2", "10.1.0.2", "HTTP", 80, "inf.web", 'c'},
	        {"10.9.1.9", "10.1.0.2", "HTTP", 80, "inf.web", 'c'},
	};
	struct setting s = {.lines = lines, .n_lines = COUNT(lines), .zone = "Wards", .block = "10.9.0.0/16"};
	struct draft d;

	open_draft(&d, &s);
	ck_assert_str_eq(entry_text(find(d.suggest, "workstations-wards"), ASSET_MATCH_IP), "10.9.0.0/16");
	ck_assert_str_eq(entry_text(find(d.suggest, "workstations-wards"), ASSET_NAME), "Workstations of Wards");
	ck_assert_str_eq(entry_text(find(d.suggest, "workstations-wards"), ASSET_ZONE), "Wards");
	ck_assert_str_eq(entry_text(find(d.suggest, "workstations-10.1.0.0-24"), ASSET_MATCH_IP), "10.1.0.7");
	ck_assert_str_eq(entry_text(find(d.suggest, "workstations-10.1.0.0-24"), ASSET_ZONE), "");
	check_matches(&d);
	close_draft(&d);
}
END_TEST

START_TEST(what_speaks_hl7_or_asks_for_a_worklist_is_no_workstation)
{
	static const struct hospital_name names[] = {
	        {"10.9.0.1", NAME_HL7, "MATERNITY^ZZ"},
	        {"10.9.0.2", NAME_AE_TITLE, "US-ROOM3"},
	        {"10.9.0.3", NAME_DNS, "report-srv.trust.example"},
	        {"10.9.0.4", NAME_DNS, "reception-pc4.trust.example"},
	};
	static const struct hospital_line lines[] = {
	        {"10.9.0.1", "10.1.0.1", "HL7v2", 2575, "pat.encounter", 'c'},
	        {"10.1.0.2", "10.9.0.2", "DICOM", 105, "img.workflow", 's'},
	        {"10.9.0.3", "10.1.0.1", "TDS", 1433, "inf.database", 'b'},
	        {"10.9.0.4", "10.1.0.1", "TDS", 1433, "inf.database", 'b'},
	};
	const struct setting s = {names, COUNT(names), lines, COUNT(lines), .assets = NULL};
	struct draft d;
	char *told;

	open_draft(&d, &s);
	told = tell(d.suggest);
	ck_assert_ptr_nonnull(strstr(told, "maternity=10.9.0.1 "));
	ck_assert_ptr_nonnull(strstr(told, "us-room3=10.9.0.2 "));
	ck_assert_ptr_nonnull(strstr(told, "report-srv=10.9.0.3 "));
	ck_assert_ptr_nonnull(strstr(told, "workstations-10.9.0.0-24=10.9.0.4"));
	ck_assert_str_eq(entry_text(find(d.suggest, "us-room3"), ASSET_TYPE), "medical_device");
	/* nobody's own machine is named */
	ck_assert_ptr_null(strstr(entry_text(find(d.suggest, "workstations-10.9.0.0-24"), ASSET_NOTES), "reception"));
	free(told);
	close_draft(&d);
}
END_TEST

START_TEST(services_that_the_catalogue_knows_are_services)
{
	static const struct hospital_line lines[] = {
	        {"10.9.0.1", "[outlook.office365.com]", "TLS", 443, "inf.email", 'b'},
	        {"10.9.0.1", "[smtp.office365.com]", "TLS", 443, "inf.email", 'b'},
	        {"10.9.0.1", "[www.ref-lab.co.uk]", "TLS", 443, "unk.encrypted", 'b'},
	};
	const struct setting s = {.lines = lines, .n_lines = COUNT(lines)};
	struct draft d;

	open_draft(&d, &s);
	ck_assert_str_eq(entry_text(find(d.suggest, "office365.com"), ASSET_TYPE), "service");
	ck_assert_str_eq(entry_text(find(d.suggest, "office365.com"), ASSET_MATCH_DNS_SUFFIX), "office365.com");
	ck_assert_str_eq(entry_text(find(d.suggest, "ref-lab.co.uk"), ASSET_TYPE), "external_party");
	ck_assert_str_eq(entry_text(find(d.suggest, "ref-lab.co.uk"), ASSET_HOSTING), "");
	check_matches(&d);
	close_draft(&d);
}
END_TEST

static struct entries *declare(const char *id, const char *networks)
{
	struct entries *all = entries_new(ENTRY_ASSET);
	struct entry *e = entry_new(ENTRY_ASSET);

	entry_set(e, ASSET_ID, id, strlen(id));
	entry_set(e, ASSET_NAME, id, strlen(id));
	entry_set(e, ASSET_MATCH_IP, networks, strlen(networks));
	entry_identify(e);
	ck_assert(entries_add(all, e));
	return all;
}

START_TEST(what_is_declared_is_left_out_and_no_id_of_it_is_used_again)
{
	struct entries *assets = declare("PACS", "10.77.1.50");
	struct setting s = lab;
	struct draft d;

	s.assets = assets;
	open_draft(&d, &s);
	ck_assert_uint_eq(suggest_count(d.suggest), 15);
	ck_assert_uint_eq(suggest_declared(d.suggest), 1);
	check_matches(&d);
	close_draft(&d);

	s.takes_declared = true;
	open_draft(&d, &s);
	ck_assert_uint_eq(suggest_count(d.suggest), 16);
	ck_assert_uint_eq(suggest_declared(d.suggest), 0);
	ck_assert_str_eq(entry_text(find(d.suggest, "pacs-2"), ASSET_NAME), "PACS 2");
	close_draft(&d);
	entries_free(assets);
}
END_TEST

/* A block of clients may not take over what a larger block declares. */
START_TEST(a_row_takes_nothing_from_what_is_declared)
{
	static const struct hospital_name names[] = {{"10.1.0.1", NAME_DNS, "shared.trust.example"},
	                                             {"10.1.0.2", NAME_DNS, "shared.trust.example"}};
	static const struct hospital_line lines[] = {
	        {"10.9.0.1", "10.1.0.1", "TDS", 1433, "inf.database", 'b'},
	        {"10.9.0.1", "10.1.0.2", "TDS", 1433, "inf.database", 'b'},
	};
	struct entries *assets = declare("shared-one", "10.1.0.1/32");
	const struct setting s = {names, COUNT(names), lines, COUNT(lines), .assets = assets};
	struct entries *block = declare("block", "10.1.0.0/31");
	const struct setting s2 = {names, 1, lines, COUNT(lines), .assets = block};
	struct draft d;
	const struct directory_host *host;
	size_t n;

	open_draft(&d, &s);
	ck_assert_str_eq(entry_text(find(d.suggest, "shared"), ASSET_MATCH_IP), "10.1.0.2");
	check_matches(&d);
	close_draft(&d);

	/* .1 is in the declared block, .2 is not, and has the name that .1 has as well */
	open_draft(&d, &s2);
	host = directory_find(d.hospital.directory, "\n10.1.0.1");
	for (size_t i = 0; i < suggest_count(d.suggest); i++) {
		struct entries *one = entries_new(ENTRY_ASSET);
		struct entry *copy = entry_new(ENTRY_ASSET);
		struct matcher *m;

		for (size_t c = 0; c < ASSET_COLUMNS; c++) {
			const char *text = entry_text(suggest_get(d.suggest, i)->entry, c);

			entry_set(copy, c, text, strlen(text));
		}
		entry_identify(copy);
		entries_add(one, copy);
		m = matcher_new(one);
		free(directory_candidates(host, m, &n));
		ck_assert_uint_eq(n, 0);
		matcher_free(m);
		entries_free(one);
	}
	close_draft(&d);
	entries_free(assets);
	entries_free(block);
}
END_TEST

START_TEST(without_addresses_no_cell_holds_one)
{
	struct setting s = lab;
	struct draft d;

	s.hides_addresses = true;
	open_draft(&d, &s);
	for (size_t i = 0; i < suggest_count(d.suggest); i++) {
		const struct entry *e = suggest_get(d.suggest, i)->entry;

		ck_assert_str_eq(entry_text(e, ASSET_MATCH_IP), "");
		ck_assert_ptr_null(strstr(entry_text(e, ASSET_NOTES), "tcp/"));
		ck_assert_ptr_null(strstr(entry_text(e, ASSET_NOTES), "10.77.1.50"));
	}
	ck_assert_str_eq(entry_text(find(d.suggest, "pacs"), ASSET_MATCH_AE_TITLE), "ZZPACS");
	close_draft(&d);
}
END_TEST

/* As assets import reads it. */
START_TEST(the_draft_is_a_sheet_without_a_fault_and_keeps_its_spelling)
{
	struct draft d;
	char *text = NULL, *faults = NULL, *notes = NULL;
	size_t size, n_columns;
	const struct entry_column *columns = entry_columns(ENTRY_ASSET, &n_columns);
	FILE *out = open_memstream(&text, &size);
	struct entries *read;

	open_draft(&d, &lab);
	for (size_t c = 0; c < n_columns; c++) {
		fprintf(out, "%s%s", c > 0 ? "," : "", columns[c].name);
	}
	for (size_t i = 0; i < suggest_count(d.suggest); i++) {
		for (size_t c = 0; c < n_columns; c++) {
			fprintf(out, "%s\"%s\"", c > 0 ? "," : "\r\n", entry_text(suggest_get(d.suggest, i)->entry, c));
		}
	}
	fclose(out);
	read = sheet_read(&(struct sheet_rules){.type = ENTRY_ASSET, .catalogue = d.hospital.catalogue}, "draft", text,
	                  size, &faults, &notes);
	ck_assert_msg(read != NULL, "%s", faults);
	ck_assert_uint_eq(entries_count(read), suggest_count(d.suggest));
	for (size_t i = 0; i < suggest_count(d.suggest); i++) {
		const struct entry *e = suggest_get(d.suggest, i)->entry;

		ck_assert_msg(entry_equals(entries_find(read, e->id), e), "%s", e->id);
	}
	entries_free(read);
	free(notes);
	free(text);
	close_draft(&d);
}
END_TEST

START_TEST(a_row_of_very_many_hosts_goes_on_in_another)
{
	static char address[400][16], name[400][24];
	static struct hospital_name names[400];
	static struct hospital_line lines[400];
	const struct setting s = {names, COUNT(names), lines, COUNT(lines), .assets = NULL};
	struct draft d;

	for (unsigned i = 0; i < 400; i++) {
		snprintf(address[i], sizeof address[i], "10.1.%u.%u", i / 250, i % 250 + 1);
		snprintf(name[i], sizeof name[i], "citrix%u.trust.example", i);
		names[i] = (struct hospital_name){address[i], NAME_DNS, name[i]};
		lines[i] = (struct hospital_line){"10.9.0.1", address[i], "ICA", 1494, "inf.remote", 'b'};
	}
	open_draft(&d, &s);
	ck_assert_uint_eq(suggest_count(d.suggest), 4);
	ck_assert_str_eq(suggest_get(d.suggest, 0)->entry->id, "citrix");
	ck_assert_str_eq(suggest_get(d.suggest, 1)->entry->id, "citrix-2");
	check_matches(&d);
	close_draft(&d);
}
END_TEST

UNIT_MAIN("suggest", the_systems_of_the_laboratory_are_told_apart, the_order_in_which_exchanges_come_does_not_matter,
          each_row_matches_its_own_hosts_and_no_others, a_row_says_what_was_seen_and_nothing_that_people_declare,
          what_holds_no_kind_or_an_unclear_one_is_not_called_impersonal, hosts_whose_names_share_a_stem_are_one_system,
          one_name_of_several_hosts_is_one_system, a_scanner_is_no_part_of_the_archive_that_is_called_like_it,
          nameless_hosts_with_the_same_title_are_one_system_unless_an_engine_passes_it_on,
          nameless_servers_that_do_the_same_for_the_same_are_a_cluster,
          clients_are_one_row_a_zone_by_its_block_only_where_they_are_most,
          what_speaks_hl7_or_asks_for_a_worklist_is_no_workstation, services_that_the_catalogue_knows_are_services,
          what_is_declared_is_left_out_and_no_id_of_it_is_used_again, a_row_takes_nothing_from_what_is_declared,
          without_addresses_no_cell_holds_one, the_draft_is_a_sheet_without_a_fault_and_keeps_its_spelling,
          a_row_of_very_many_hosts_goes_on_in_another)
