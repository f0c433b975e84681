/* Every rule that is shipped: one exchange that comes under it, and the nearest ones that do not. */
#include "terrier/finding/finder.h"

#include "unit.h"

#include "terrier/base/clock.h"

#include <stdio.h>
#include <string.h>

#define NOW INT64_C(1795300000000000)
#define MAX 32

static struct catalogue *catalogue;
static struct exchange list[MAX];
static struct exchange_fact facts[MAX][8];
static char ids[MAX][16];
static size_t n;
static struct finding_watch watch;

static void begin(void)
{
	char *error = NULL;

	catalogue = catalogue != NULL ? catalogue : catalogue_load(NULL, &error);
	ck_assert_msg(catalogue != NULL, "%s", error);
	n = 0;
	watch = (struct finding_watch){.first_us = NOW - 5 * CLOCK_DAY_US, .last_us = NOW, .own_is_set = true};
}

/* "Imaging/ct01" inside, "-/x.example" outside, "*" everybody. */
static struct exchange_end end_at(const char *text)
{
	static char zones[MAX * 4][16];
	static unsigned used;
	const char *slash = strchr(text, '/');
	char *zone = zones[used++ % (MAX * 4)];

	snprintf(zone, 16, "%.*s", slash != NULL ? (int)(slash - text) : 0, text);
	return (struct exchange_end){
	        .host = text,
	        .subject = text,
	        .label = slash != NULL ? slash + 1 : text,
	        .name = slash != NULL ? slash + 1 : "",
	        .zone = zone,
	        .zone_label = zone,
	        .is_inside = text[0] != '-',
	        .is_group = text[0] == '*',
	};
}

/* What the source, as client, sends: in clear, sure, 4 kB, long ago and still. */
static struct exchange *add(const char *source, const char *destination, const char *protocol, const char *kind)
{
	struct exchange *e = &list[n];
	uint16_t index = catalogue_find(catalogue, kind);

	ck_assert_uint_lt(n, MAX);
	ck_assert_uint_ne(index, KIND_NONE);
	snprintf(ids[n], sizeof ids[n], "X-%zu", n);
	*e = (struct exchange){
	        .id = ids[n],
	        .source = end_at(source),
	        .destination = end_at(destination),
	        .initiated_by_source = true,
	        .protocol = protocol,
	        .port = "tcp/1",
	        .kind_id = kind,
	        .kind_title = catalogue_kind(catalogue, index)->title,
	        .tier = catalogue_kind(catalogue, index)->tier,
	        .confidence = CONFIDENCE_HIGH,
	        .was_clear = true,
	        .connections = 2,
	        .bytes_to_destination = 4000,
	        .first_us = watch.first_us,
	        .last_us = NOW,
	        .facts = facts[n],
	};
	n++;
	return e;
}

static void note(struct exchange *e, enum evidence_type type, const char *text)
{
	facts[e - list][e->n_facts++] = (struct exchange_fact){type, text, 3};
}

static struct finder *find(void)
{
	struct finder *f = finder_new(catalogue, &watch);

	for (size_t i = 0; i < n; i++) {
		finder_learn(f, &list[i]);
	}
	for (size_t i = 0; i < n; i++) {
		finder_judge(f, &list[i]);
	}
	finder_finish(f);
	return f;
}

/* What is found, "rule: subject" a line, worst first. */
static const char *found(void)
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
	return text;
}

static void expect(const char *wanted)
{
	ck_assert_str_eq(found(), wanted);
}

static void tell_unjudged(void *context, const struct finding_rule *rule, unsigned days)
{
	snprintf(context, 64, "%s %u", rule->id, days);
}

static const char *unjudged(void)
{
	static char text[64];
	struct finder *f = find();

	text[0] = '\0';
	finder_each_unjudged(f, tell_unjudged, text);
	finder_free(f);
	return text;
}

START_TEST(nothing_is_found_where_nothing_is)
{
	begin();
	expect("");
	add("Data/pas", "Data/tie", "HL7v2", "pat.encounter"); /* in clear, within one zone */
	add("Wards/pc", "Data/dns", "DNS", "inf.dns");
	expect("");
}
END_TEST

START_TEST(smb_1)
{
	begin();
	add("Wards/pc", "Data/files", "SMB2", "inf.fileshare");
	expect("");
	add("Wards/pc", "Data/files", "SMB1", "inf.fileshare");
	add("Wards/pc2", "Data/files", "SMB1", "inf.fileshare");
	expect("smb1: files\n");
}
END_TEST

START_TEST(tls_older_than_1_2)
{
	static const char *const old[] = {"TLS version SSL 3.0", "TLS version 1.0", "TLS version 1.1",
	                                  "risk Obsolete TLS Version (1.1 or older)"};

	for (size_t i = 0; i < 4; i++) {
		begin();
		note(add("Wards/pc", "Data/web", "TLS", "inf.web"), EVIDENCE_OTHER, old[i]);
		expect("tls.old: web\n");
	}
	begin();
	note(add("Wards/pc", "Data/web", "TLS", "inf.web"), EVIDENCE_OTHER, "TLS version 1.2");
	note(add("Wards/pc", "Data/web", "TLS", "inf.web"), EVIDENCE_TLS_SNI, "TLS version 1.0"); /* no fact */
	expect("");
}
END_TEST

START_TEST(passwords_in_clear)
{
	begin();
	note(add("Wards/pc", "Data/mail", "IMAP", "inf.email"), EVIDENCE_OTHER, "clear-text sign-in IMAP LOGIN");
	note(add("Wards/pc", "Data/web", "HTTP", "inf.web"), EVIDENCE_OTHER, "clear-text sign-in HTTP Basic");
	note(add("Wards/pc", "-/x.example", "POP3", "inf.email"), EVIDENCE_OTHER, "clear-text sign-in POP3 USER");
	note(add("Wards/pc", "Data/old", "unknown", "unk.other"), EVIDENCE_OTHER, "risk Clear-text credentials");
	note(add("Wards/pc", "Data/web2", "HTTP", "inf.web"), EVIDENCE_OTHER, "HTTP server Apache");
	expect("sign_in.clear.outside: x.example\nsign_in.clear: mail\nsign_in.clear: old\nsign_in.clear: web\n");
}
END_TEST

START_TEST(health_data_in_clear_outside)
{
	begin();
	add("Data/tie", "-/gp.example", "HL7v2", "clin.document");
	add("-/gp.example", "Data/tie", "HL7v2", "clin.referral"); /* comes in: another connection, the other way */
	expect("clinical.clear.outside: gp.example – tie\nclinical.clear.outside: tie – gp.example\n");
	begin();
	add("Data/tie", "-/gp.example", "HL7v2+TLS", "clin.document")->was_clear = false;
	add("Data/tie", "-/gp.example", "HL7v2", "clin.document")->confidence = CONFIDENCE_LOW;
	add("Data/tie", "-/gp.example", "HTTP", "inf.web");
	add("Data/tie", "-/gp.example", "SMTP", "inf.email"); /* tier unknown is not 3 */
	expect("");
}
END_TEST

START_TEST(health_data_in_clear_between_zones)
{
	begin();
	add("Imaging/ct01", "Data/pacs", "DICOM", "img.study");
	add("Imaging/ct02", "Data/pacs", "DICOM", "img.study");
	add("Data/pacs", "Imaging/ct02", "DICOM", "img.workflow")->initiated_by_source = false;
	list[2].initiated_by_destination = true;
	expect("clinical.clear.zones: pacs\n");
	begin();
	add("Data/ris", "Data/pacs", "DICOM", "img.study");
	add("Data/ris", "*", "HL7v2", "pat.encounter");
	add("Imaging/ct01", "Data/pacs", "DICOM+TLS", "img.study")->was_clear = false;
	expect("");
}
END_TEST

START_TEST(a_port_alone_is_no_health_data)
{
	begin();
	note(add("Imaging/x", "Data/y", "HL7v2", "clin.hl7v2"), EVIDENCE_PORT, "tcp/2575");
	expect("");
	note(&list[0], EVIDENCE_HL7_MSH9, "ADT^A01");
	expect("clinical.clear.zones: y\n");
}
END_TEST

START_TEST(test_messages_on_a_live_link)
{
	begin();
	note(add("Data/lims", "Data/tie", "HL7v2", "lab.result"), EVIDENCE_OTHER, "HL7 processing id T");
	expect(""); /* a link of tests */
	note(add("Data/lims", "Data/tie", "HL7v2", "lab.order"), EVIDENCE_OTHER, "HL7 processing id P");
	expect("hl7.test: lims – tie\n");
	list[1].port = "tcp/2"; /* another link */
	expect("");
}
END_TEST

START_TEST(remote_shells_and_file_transfer_in_clear)
{
	begin();
	add("Wards/pc", "Data/old", "Telnet", "inf.remote");
	add("Wards/pc", "Data/old2", "rlogin", "inf.remote");
	add("Wards/pc", "Data/ftp", "FTP", "inf.fileshare");
	add("Wards/pc", "Data/new", "SSH", "inf.remote");
	add("Wards/pc", "Data/new", "FTP+TLS", "inf.fileshare");
	add("Wards/pc", "Data/guess", "Telnet", "inf.remote")->confidence = CONFIDENCE_LOW;
	expect("telnet: old\ntelnet: old2\nftp: ftp\n");
}
END_TEST

START_TEST(old_snmp_is_told_by_zone)
{
	begin();
	note(add("Data/nms", "Wards/printer1", "SNMP", "inf.monitoring"), EVIDENCE_OTHER, "SNMP version 2c");
	note(add("Data/nms", "Wards/printer2", "SNMP", "inf.monitoring"), EVIDENCE_OTHER, "SNMP version 1");
	note(add("Data/nms", "Imaging/switch", "SNMP", "inf.monitoring"), EVIDENCE_OTHER, "SNMP version 3");
	expect("snmp.old: Wards\n");
}
END_TEST

START_TEST(an_audit_trail_in_clear_is_told_once)
{
	begin();
	add("Imaging/ct01", "Data/audit", "ATNA", "aud.trail");
	add("Data/epr", "Data/audit", "ATNA+TLS", "aud.trail")->was_clear = false;
	expect("audit.clear: audit\n");
	list[0].was_clear = false;
	expect("");
}
END_TEST

START_TEST(medical_devices_that_talk_to_outside)
{
	begin();
	add("Imaging/ct01", "Imaging/pacs", "DICOM", "img.study");
	add("Wards/glucose", "Wards/poct", "POCT1-A", "lab.poct")->is_both = true;
	add("Imaging/ct01", "-/maker.example", "TLS", "unk.encrypted");
	add("-/maker.example", "Wards/glucose", "TLS", "unk.encrypted");
	add("Imaging/ct01", "-/ntp.example", "NTP", "inf.time");
	add("Imaging/pacs", "-/x.example", "TLS", "unk.encrypted"); /* it receives images: an archive */
	add("Wards/poct", "-/x.example", "TLS", "unk.encrypted");
	expect("device.outside: ct01\ndevice.outside: glucose\n");
}
END_TEST

START_TEST(databases_used_from_client_networks)
{
	begin();
	add("Wards/pc1", "Data/db", "TDS", "inf.database");
	add("Wards/pc2", "Data/web", "HTTP", "inf.web");
	add("Wards/pc3", "Data/web", "HTTP", "inf.web");
	add("Data/web", "Data/db", "TDS", "inf.database"); /* an application server in its zone */
	expect("database.clients: db\n");
	begin();
	add("Apps/web", "Data/db", "TDS", "inf.database"); /* serves, so it is no client */
	add("Wards/pc1", "Apps/web", "HTTP", "inf.web");
	add("Wards/pc1", "Data/dns", "DNS", "inf.dns");
	expect("");
	begin();
	add("Apps/job", "Data/db", "TDS", "inf.database"); /* a client among servers */
	add("Wards/pc1", "Apps/web", "HTTP", "inf.web");
	add("Wards/pc1", "Apps/web2", "HTTP", "inf.web");
	expect("");
}
END_TEST

START_TEST(clinical_systems_without_backup)
{
	begin();
	watch.first_us = NOW - 100 * CLOCK_DAY_US;
	add("Data/tie", "Data/lims", "HL7v2", "lab.order");
	add("-/x", "-/spine", "TLS", "nat.spine"); /* others keep their own backups */
	expect("backup.none: lims\n");
	ck_assert_str_eq(unjudged(), "");
	add("Data/lims", "Data/backup", "NDMP", "inf.backup");
	expect("");
	list[2].last_us = NOW - 31 * CLOCK_DAY_US;
	expect("backup.none: lims\n");
	n = 0;
	add("Data/pacs", "Wards/viewer", "DICOM+TLS", "img.study")->was_clear = false; /* it keeps nothing */
	add("Wards/pc1", "Data/web", "HTTP", "inf.web");
	add("Wards/pc2", "Data/web", "HTTP", "inf.web");
	expect("");
}
END_TEST

START_TEST(a_missing_backup_needs_long_watching)
{
	begin();
	watch.first_us = NOW - 29 * CLOCK_DAY_US;
	add("Data/tie", "Data/lims", "HL7v2", "lab.order");
	expect("");
	ck_assert_str_eq(unjudged(), "backup.none 30");
	begin();
	watch.first_us = NOW - 100 * CLOCK_DAY_US;
	add("Data/tie", "Data/lims", "HL7v2", "lab.order")->first_us = NOW - 3 * CLOCK_DAY_US; /* a new system */
	expect("");
}
END_TEST

START_TEST(much_that_is_not_identified)
{
	struct finder *f;

	begin();
	add("Data/x", "Data/y", "unknown", "unk.other");
	watch.payload_bytes = 1000;
	watch.unknown_bytes = 100;
	expect("");
	watch.unknown_bytes = 101;
	list[0].confidence = CONFIDENCE_LOW; /* of the kind; the share is sure */
	expect("coverage.unidentified: the whole network\n");
	f = find();
	ck_assert_int_eq(finder_get(f, 0)->confidence, CONFIDENCE_HIGH);
	ck_assert_ptr_nonnull(strstr(finder_get(f, 0)->observed, "10.1% of all payload were not identified"));
	finder_free(f);
	watch.payload_bytes = watch.unknown_bytes = 0;
	expect("");
}
END_TEST

START_TEST(new_parties_outside)
{
	struct exchange *e;

	begin();
	watch.first_us = NOW - 100 * CLOCK_DAY_US;
	e = add("Wards/pc", "-/files.example", "TLS", "inf.web");
	e->bytes_to_destination = 2000000;
	expect("");
	e->first_us = NOW - 6 * CLOCK_DAY_US;
	expect("cloud.new: files.example\n");
	e->bytes_to_destination = 999999;
	expect("");
	e->bytes_to_destination = 2000000;
	add("Data/app", "-/files.example", "TLS", "inf.web"); /* known to another since long */
	expect("");
	n = 1;
	watch.first_us = NOW - 13 * CLOCK_DAY_US;
	expect("");
	ck_assert_str_eq(unjudged(), "cloud.new 14");
}
END_TEST

START_TEST(retired_mail_hosts)
{
	begin();
	note(add("Wards/scanner", "-/203.0.113.9", "TLS", "inf.email"), EVIDENCE_TLS_SNI, "smtp.nhs.net");
	expect("nhsmail.retired: 203.0.113.9\n");
	begin();
	add("Wards/scanner", "-/imap.nhs.net", "IMAP+TLS", "inf.email")->was_clear = false;
	expect("nhsmail.retired: imap.nhs.net\n");
	begin();
	add("Wards/scanner", "-/portal.nhs.net", "TLS", "inf.collab");
	add("Wards/scanner", "-/notmail.nhs.net", "TLS", "inf.collab");
	note(add("Wards/scanner", "Data/dns", "DNS", "inf.dns"), EVIDENCE_TLS_SNI, "smtp.nhs.net");
	expect("");
}
END_TEST

START_TEST(risks_of_ndpi)
{
	begin();
	note(add("Wards/pc", "Data/a", "SSH", "inf.remote"), EVIDENCE_OTHER, "risk SSH Obsolete Server Version/Cipher");
	note(add("Wards/pc", "Data/b", "TLS", "inf.web"), EVIDENCE_OTHER, "risk Weak TLS Cipher");
	note(add("Wards/pc", "Data/c", "TLS", "inf.web"), EVIDENCE_OTHER, "risk TLS Expired Certificate");
	note(add("Wards/pc", "Data/d", "SSH", "inf.remote"), EVIDENCE_OTHER,
	     "risk Known Protocol on Non Standard Port");
	expect("tls.weak_cipher: b\ncertificate: c\nssh.old: a\n");
	ck_assert(catalogue_seeks_fact(catalogue, "risk Weak TLS Cipher"));
	ck_assert(!catalogue_seeks_fact(catalogue, "risk Known Protocol on Non Standard Port"));
}
END_TEST

START_TEST(a_finding_tells_all_that_is_about_one_thing)
{
	struct finder *f;
	const struct finding *finding;

	begin();
	for (int i = 0; i < 7; i++) {
		static const char *const clients[] = {"Imaging/a", "Imaging/b", "Imaging/c", "Imaging/d",
		                                      "Imaging/e", "Imaging/f", "Imaging/g"};

		add(clients[i], "Data/pacs", "DICOM", i == 0 ? "img.report" : "img.study");
	}
	list[3].first_us = 5;
	list[3].confidence = CONFIDENCE_MEDIUM;
	f = find();
	ck_assert_uint_eq(finder_count(f), 1);
	finding = finder_get(f, 0);
	ck_assert_str_eq(finding->observed,
	                 "server pacs; clients a, b, c, d, e and 2 more; Imaging → Data; DICOM tcp/1; ‘Imaging reports, "
	                 "measurements and dose’, ‘Medical images’; in clear; 14 connections in 7 exchanges, 28 kB");
	ck_assert_uint_eq(finding->occurrences, 14);
	ck_assert_uint_eq(finding->n_exchanges, 7);
	ck_assert_str_eq(finding->exchanges[6], "X-6");
	ck_assert(finder_rests_on(f, 0, "X-3") && !finder_rests_on(f, 0, "X-7"));
	ck_assert_int_eq(finding->first_us, 5);
	ck_assert_int_eq(finding->last_us, NOW);
	ck_assert_str_eq(finding->kind_id, "");
	ck_assert_int_eq(finding->confidence, CONFIDENCE_HIGH);
	finder_free(f);
}
END_TEST

static void first_id(char out[DIGEST_ID_MAX])
{
	struct finder *f = find();

	ck_assert_uint_ge(finder_count(f), 1);
	memcpy(out, finder_get(f, 0)->id, DIGEST_ID_MAX);
	finder_free(f);
}

START_TEST(ids_are_of_the_rule_and_what_it_is_about)
{
	char id[DIGEST_ID_MAX], other[DIGEST_ID_MAX];

	begin();
	add("Wards/pc", "Data/files", "SMB1", "inf.fileshare");
	first_id(id);
	ck_assert_str_eq(id, "N-0dqxa9xkynsq");
	list[0].bytes_to_destination = 1;
	list[0].source = end_at("Wards/pc9");
	list[0].port = "tcp/139";
	first_id(other);
	ck_assert_str_eq(id, other);
	list[0].destination = end_at("Data/files2");
	first_id(other);
	ck_assert_str_ne(id, other);
}
END_TEST

START_TEST(kinds_that_are_less_sure_make_a_less_sure_finding)
{
	struct finder *f;

	begin();
	add("Imaging/ct01", "Data/pacs", "DICOM", "img.study")->confidence = CONFIDENCE_MEDIUM;
	f = find();
	ck_assert_int_eq(finder_get(f, 0)->confidence, CONFIDENCE_MEDIUM);
	finder_free(f);
}
END_TEST

START_TEST(what_is_outside_is_a_guess_until_it_is_configured)
{
	struct finder *f;

	begin();
	watch.own_is_set = false;
	add("Data/tie", "-/gp.example", "HL7v2", "clin.document");
	add("Wards/pc", "Data/files", "SMB1", "inf.fileshare");
	f = find();
	ck_assert_uint_eq(finder_count(f), 2);
	ck_assert_ptr_nonnull(strstr(finder_get(f, 0)->limits, "not configured"));
	ck_assert_ptr_null(strstr(finder_get(f, 1)->limits, "not configured"));
	finder_free(f);
}
END_TEST

START_TEST(why_a_role_was_given_is_told)
{
	struct finder *f;

	begin();
	add("Imaging/ct01", "Imaging/pacs", "DICOM", "img.study");
	add("Imaging/ct01", "-/maker.example", "TLS", "unk.encrypted");
	f = find();
	ck_assert_ptr_nonnull(strstr(finder_get(f, 0)->observed, "taken for an imaging modality because it sends images"));
	finder_free(f);
}
END_TEST

UNIT_MAIN("finding", nothing_is_found_where_nothing_is, smb_1, tls_older_than_1_2, passwords_in_clear,
          health_data_in_clear_outside, health_data_in_clear_between_zones, a_port_alone_is_no_health_data,
          test_messages_on_a_live_link, remote_shells_and_file_transfer_in_clear, old_snmp_is_told_by_zone,
          an_audit_trail_in_clear_is_told_once, medical_devices_that_talk_to_outside,
          databases_used_from_client_networks, clinical_systems_without_backup,
          a_missing_backup_needs_long_watching, much_that_is_not_identified, new_parties_outside, retired_mail_hosts,
          risks_of_ndpi, a_finding_tells_all_that_is_about_one_thing, ids_are_of_the_rule_and_what_it_is_about,
          kinds_that_are_less_sure_make_a_less_sure_finding, what_is_outside_is_a_guess_until_it_is_configured,
          why_a_role_was_given_is_told)
