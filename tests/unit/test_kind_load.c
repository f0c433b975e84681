/* A site's own files: rows added and replaced, and every fault named. */
#include "terrier/model/kind.h"

#include "terrier/model/packet.h"
#include "unit.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define EVIDENCE_HEADER "kind_id,evidence_type,pattern,direction,source,match,confidence,verified\n"
#define KINDS_HEADER                                                                               \
	"kind_id,title,group,data_subjects,personal_data,special_category,tier,tier_rule,"         \
	"default_information_direction,register_text_categories_of_personal_data,note\n"
#define PROTOCOLS_HEADER "protocol,encrypts,ndpi_names,ports,note\n"

static char dir[64];

static void make_dir(void)
{
	const char *root = getenv("TMPDIR");

	snprintf(dir, sizeof dir, "%.40s/kind-XXXXXX", root != NULL ? root : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(dir));
}

static void remove_dir(void)
{
	char path[512];
	struct dirent *entry;
	DIR *d = opendir(dir);

	while (d != NULL && (entry = readdir(d)) != NULL) {
		snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
		if (entry->d_name[0] != '.' && unlink(path) != 0) {
			rmdir(path);
		}
	}
	closedir(d);
	rmdir(dir);
}

static void write_bytes(const char *name, const char *bytes, size_t len)
{
	char path[256];

	snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	fclose(f);
}

static void write_file(const char *name, const char *text)
{
	write_bytes(name, text, strlen(text));
}

static struct catalogue *load(void)
{
	char *error;
	struct catalogue *c = catalogue_load(dir, &error);

	ck_assert_msg(c != NULL, "%s", error);
	return c;
}

/* Loads what must fail; the faults, with the folder's name taken out of them. */
static const char *faults(void)
{
	static char text[8192];
	char *error = NULL;

	ck_assert_ptr_null(catalogue_load(dir, &error));
	ck_assert_ptr_nonnull(error);
	text[0] = '\0';
	for (char *line = strtok(error, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		size_t len = strlen(dir) + 1;
		bool is_ours = strncmp(line, dir, len - 1) == 0 && line[len - 1] == '/';

		strncat(text, is_ours ? line + len : line, sizeof text - strlen(text) - 2);
		strcat(text, "\n");
	}
	free(error);
	return text;
}

static void expect_fault(const char *bytes, size_t len, const char *fault)
{
	write_bytes("site.csv", bytes, len);
	const char *text = faults();
	ck_assert_msg(strstr(text, fault) != NULL, "wanted: %s\ngot: %s", fault, text);
}

static const char *kind_of(const struct catalogue *c, enum evidence_type type, const char *text)
{
	struct kind_match match;

	return catalogue_match(c, type, text, strlen(text), &match)
	               ? catalogue_kind(c, match.kind)->id
	               : "-";
}

START_TEST(a_folder_that_is_missing_or_empty_is_no_fault)
{
	char *error;
	struct catalogue *c = catalogue_load("/nonexistent/catalogue.d", &error);

	ck_assert_ptr_nonnull(c);
	catalogue_free(c);
	write_file("README", "not a catalogue");
	write_file(".hidden.csv", "not a catalogue");
	catalogue_free(load());
}
END_TEST

START_TEST(a_site_adds_rows_of_its_own)
{
	struct catalogue *before = catalogue_load(NULL, &(char *){NULL});

	write_file("a.csv",
	           EVIDENCE_HEADER "site.wound,tls.sni,.wounds.example,both,ours,suffix,high,V\n"
	                           "site.wound,hl7v2.msh9,ZWN^*,msg,ours,prefix,high,V\n"
	                           "site.wound,mail.domain,wounds.example,c2s,ours,suffix,high,V\n"
	                           "site.wound,port,tcp/7777,both,ours,exact,low,V\n");
	write_file("b.csv", KINDS_HEADER
	           "site.wound,Wound "
	           "photographs,clinical,patient,yes,health,3,fixed,msg,Photographs,\n");
	struct catalogue *c = load();
	struct kind_match match;

	ck_assert_uint_eq(catalogue_count(c), catalogue_count(before) + 1);
	ck_assert_str_eq(catalogue_kind(c, catalogue_find(c, "site.wound"))->title,
	                 "Wound photographs");
	ck_assert_str_eq(kind_of(c, EVIDENCE_TLS_SNI, "a.wounds.example"), "site.wound");
	ck_assert_str_eq(kind_of(c, EVIDENCE_HL7_MSH9, "ZWN^Z01"), "site.wound");
	ck_assert_str_eq(kind_of(c, EVIDENCE_MAIL_DOMAIN, "post.wounds.example"), "site.wound");
	ck_assert(catalogue_match_port(c, IP_TCP, 7777, &match));
	catalogue_free(c);
	catalogue_free(before);
}
END_TEST

START_TEST(a_site_row_takes_the_place_of_the_shipped_one)
{
	struct catalogue *before = catalogue_load(NULL, &(char *){NULL});
	uint16_t index = catalogue_find(before, "inf.web");

	write_file("kinds.csv", KINDS_HEADER
	           "inf.web,Web,infrastructure,any,possible,possible,2,floor,both,Unknown,ours\n");
	write_file("evidence.csv",
	           EVIDENCE_HEADER "lab.result,hl7v2.msh9,ORU^R01,msg,ours,exact,high,V\n"
	                           "clin.record,tls.sni,office365.com,both,ours,suffix,high,V\n"
	                           "clin.record,dns.label,NWW.*,both,ours,prefix,high,V\n");
	struct catalogue *c = load();

	ck_assert_uint_eq(catalogue_count(c), catalogue_count(before));
	ck_assert_uint_eq(catalogue_find(c, "inf.web"), index);
	ck_assert(catalogue_kind(c, index)->tier == TIER_2);
	ck_assert_str_eq(kind_of(before, EVIDENCE_HL7_MSH9, "ORU^R01"), "clin.observation");
	ck_assert_str_eq(kind_of(c, EVIDENCE_HL7_MSH9, "ORU^R01"), "lab.result");
	ck_assert_str_eq(kind_of(c, EVIDENCE_TLS_SNI, "x.office365.com"), "clin.record");
	ck_assert_str_eq(kind_of(c, EVIDENCE_TLS_SNI, "outlook.office365.com"), "inf.email");
	ck_assert_str_eq(kind_of(c, EVIDENCE_DNS_LABEL, "nww.x"), "clin.record");
	catalogue_free(c);
	catalogue_free(before);
}
END_TEST

START_TEST(a_site_row_also_changes_how_a_pattern_matches_or_turns_it_off)
{
	write_file("evidence.csv",
	           EVIDENCE_HEADER "inf.cloud,tls.sni,.office365.com,both,ours,note,low,V\n"
	                           "lab.result,hl7v2.msh9,ORU^R01,msg,ours,prefix,high,V\n"
	                           "inf.web,tls.sni,apex.example,both,ours,exact,high,V\n"
	                           "inf.cloud,tls.sni,.apex.example,both,ours,suffix,high,V\n");
	struct catalogue *c = load();

	ck_assert_str_eq(kind_of(c, EVIDENCE_TLS_SNI, "x.office365.com"), "-");
	ck_assert_str_eq(kind_of(c, EVIDENCE_HL7_MSH9, "ORU^R01"), "lab.result");
	ck_assert_str_eq(kind_of(c, EVIDENCE_HL7_MSH9, "ORU^R01x"), "lab.result");
	ck_assert_str_eq(kind_of(c, EVIDENCE_TLS_SNI, "apex.example"), "inf.web");
	ck_assert_str_eq(kind_of(c, EVIDENCE_TLS_SNI, "www.apex.example"), "inf.cloud");
	catalogue_free(c);
}
END_TEST

START_TEST(of_two_site_files_the_later_name_wins)
{
	write_file("20.csv", EVIDENCE_HEADER "lab.result,hl7v2.msh9,ZLR^Z01,msg,,exact,high,\n");
	write_file("10.csv", EVIDENCE_HEADER "lab.order,hl7v2.msh9,ZLR^Z01,msg,,exact,high,\n");
	struct catalogue *c = load();

	ck_assert_str_eq(kind_of(c, EVIDENCE_HL7_MSH9, "ZLR^Z01"), "lab.result");
	catalogue_free(c);
}
END_TEST

START_TEST(a_site_names_protocols_and_takes_over_ports)
{
	write_file("p.csv", PROTOCOLS_HEADER "Wardlink,yes,Wardlink;WL,tcp/2575;udp/7777,ours\n"
	                                     "HL7v2,no,HL7,tcp/6000,ours\n");
	struct catalogue *c = load();
	uint16_t wardlink = catalogue_protocol(c, "Wardlink");

	ck_assert(wardlink != PROTOCOL_NONE && catalogue_protocol_encrypts(c, wardlink));
	ck_assert_uint_eq(catalogue_protocol_of_port(c, IP_TCP, 2575), wardlink);
	ck_assert_uint_eq(catalogue_protocol_of_port(c, IP_UDP, 7777), wardlink);
	ck_assert_uint_eq(catalogue_protocol_of_ndpi(c, "wl"), wardlink);
	ck_assert_uint_eq(catalogue_protocol_of_port(c, IP_TCP, 6000),
	                  catalogue_protocol(c, "HL7v2"));
	ck_assert_uint_eq(catalogue_protocol_of_port(c, IP_TCP, 6661), PROTOCOL_NONE);
	catalogue_free(c);
}
END_TEST

START_TEST(columns_may_stand_in_any_order_and_optional_ones_be_missing)
{
	write_file("s.csv",
	           "\xef\xbb\xbfmatch,pattern,evidence_type,kind_id,confidence,direction\r\n"
	           "\"exact\",ZXX^Z01,hl7v2.msh9,lab.order,low,msg\r\n\r\n");
	struct catalogue *c = load();

	ck_assert_str_eq(kind_of(c, EVIDENCE_HL7_MSH9, "ZXX^Z01"), "lab.order");
	catalogue_free(c);
}
END_TEST

START_TEST(wrong_cells_are_named_by_file_line_and_column)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,ZX^*,up,,prefix,high,V\n",
	         "site.csv: line 2: column direction: \"up\", allowed: c2s, s2c, both, msg, "
	         "http, balance\n"},
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,ZX^*,msg,,begins,high,V\n",
	         "site.csv: line 2: column match: \"begins\", allowed: exact, prefix, suffix, "
	         "glob, rule, note\n"},
	        {EVIDENCE_HEADER "\nlab.order,hl7v2.msh9,ZX^*,msg,,prefix,sure,V\n",
	         "site.csv: line 3: column confidence: \"sure\", allowed: low, medium, high\n"},
	        {EVIDENCE_HEADER "lab.ordre,hl7v2.msh9,ZX^*,msg,,prefix,high,V\n",
	         "site.csv: line 2: column kind_id: \"lab.ordre\", allowed: "},
	        {EVIDENCE_HEADER "lab.order,hl7.msh9,ZX^*,msg,,prefix,high,V\n",
	         "site.csv: line 2: column evidence_type: \"hl7.msh9\", allowed: "},
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,,msg,,prefix,high,V\n",
	         "site.csv: line 2: column pattern: empty, allowed: some text\n"},
	        {EVIDENCE_HEADER "lab.order,tls.sni,*,msg,,glob,high,V\n",
	         "site.csv: line 2: column pattern: \"*\", allowed: "},
	        {EVIDENCE_HEADER "lab.order,tls.sni,.,msg,,suffix,high,V\n",
	         "site.csv: line 2: column pattern: "},
	        {EVIDENCE_HEADER "lab.order,tls.sni,https://x.example/,msg,,suffix,high,V\n",
	         "site.csv: line 2: column pattern: \"https://x.example/\", allowed: a host "
	         "name\n"},
	        {EVIDENCE_HEADER "lab.order,dicom.sop_class,CT,msg,,exact,high,V\n",
	         "site.csv: line 2: column pattern: \"CT\", allowed: a UID"},
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,A01,msg,,suffix,high,V\n",
	         "site.csv: line 2: column pattern: "},
	        {EVIDENCE_HEADER "lab.order,port,tcp/0,both,,exact,low,V\n",
	         "column pattern: \"tcp/0\", allowed: tcp/1 to"},
	        {EVIDENCE_HEADER "lab.order,port,tcp/65536,both,,exact,low,V\n",
	         "column pattern: \"tcp/65536\""},
	        {EVIDENCE_HEADER "lab.order,port,tcp/0104,both,,exact,low,V\n",
	         "column pattern: \"tcp/0104\""},
	        {EVIDENCE_HEADER "lab.order,port,sctp/104,both,,exact,low,V\n",
	         "column pattern: \"sctp/104\""},
	        {EVIDENCE_HEADER "lab.order,port,tcp/,both,,exact,low,V\n",
	         "column pattern: \"tcp/\""},
	        {EVIDENCE_HEADER "lab.order,port,tcp/1*,both,,prefix,low,V\n",
	         "column pattern: \"tcp/1*\""},
	        {EVIDENCE_HEADER "lab.order,port,tcp/7777,both,,exact,high,V\n",
	         "column confidence: \"high\", allowed: low, medium"},
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,ZX^*,msg,,prefix,high\n",
	         "line 2: 7 cells, allowed: 8 as in the header\n"},
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,ZX^*,msg,,prefix,high,V,\n",
	         "line 2: 9 cells, allowed: 8"},
	        {KINDS_HEADER "site.x,X,clinical,patient,yes,health,4,fixed,msg,X,\n",
	         "column tier: \"4\", allowed: 0, 1, 2, 3, inherit\n"},
	        {KINDS_HEADER "site.x,X,clinical,patient,yes,health,3,inherit,msg,X,\n",
	         "column tier: \"3\", allowed: inherit"},
	        {KINDS_HEADER "site.x,X,clinical,patient,yes,health,inherit,floor,msg,X,\n",
	         "column tier: \"inherit\", allowed: 0"},
	        {KINDS_HEADER "site.x,X,clinical,patient,yes,health,3,loose,msg,X,\n",
	         "column tier_rule: \"loose\", allowed: fixed, floor, inherit\n"},
	        {KINDS_HEADER "site.x,X,clinical,patient,perhaps,health,3,fixed,msg,X,\n",
	         "column personal_data: \"perhaps\""},
	        {KINDS_HEADER "site.x,X,clinical,patient,yes,ill,3,fixed,msg,X,\n",
	         "column special_category: \"ill\""},
	        {KINDS_HEADER "Site X,X,clinical,patient,yes,health,3,fixed,msg,X,\n",
	         "column kind_id: \"Site X\", allowed: group.name"},
	        {KINDS_HEADER "site,X,clinical,patient,yes,health,3,fixed,msg,X,\n",
	         "column kind_id: \"site\""},
	        {KINDS_HEADER "site.,X,clinical,patient,yes,health,3,fixed,msg,X,\n",
	         "column kind_id: \"site.\""},
	        {KINDS_HEADER "a.b.c,X,clinical,patient,yes,health,3,fixed,msg,X,\n",
	         "column kind_id: \"a.b.c\""},
	        {KINDS_HEADER "site.x,,clinical,patient,yes,health,3,fixed,msg,X,\n",
	         "column title: empty"},
	        {PROTOCOLS_HEADER "Wardlink,maybe,,,\n",
	         "column encrypts: \"maybe\", allowed: no, yes\n"},
	        {PROTOCOLS_HEADER "Wardlink,no,,7777,\n", "column ports: \"7777\", allowed: tcp/1"},
	        {PROTOCOLS_HEADER ",no,,,\n", "column protocol: empty"},
	        {PROTOCOLS_HEADER "A protocol with a long name,no,,,\n",
	         "column protocol: \"A protocol with a long name\" (27 octets)"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		expect_fault(cases[i].text, strlen(cases[i].text), cases[i].fault);
	}
}
END_TEST

START_TEST(a_key_stands_once_in_a_file)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,ZX^*,msg,,prefix,high,V\nlab.result,hl7v2."
	                         "msh9,ZX^,msg,,prefix,high,V\n",
	         "line 3: column pattern: \"ZX^\", allowed: once in a file, line 2 says the "
	         "same\n"},
	        {EVIDENCE_HEADER "lab.order,tls.sni,.A.example,msg,,suffix,high,V\nlab.result,tls."
	                         "sni,a.example,msg,,suffix,high,V\n",
	         "line 3: column pattern: \"a.example\", allowed: once"},
	        {EVIDENCE_HEADER "lab.order,hl7v2.msh9,ORU^R01,msg,,exact,high,V\nlab.result,hl7v2."
	                         "msh9,ORU^R01,msg,,exact,high,V\n",
	         "line 3: column pattern: \"ORU^R01\", allowed: once"},
	        {KINDS_HEADER "site.x,X,clinical,patient,yes,health,3,fixed,msg,X,\nsite.x,Y,"
	                      "clinical,patient,yes,health,3,fixed,msg,X,\n",
	         "line 3: column kind_id: \"site.x\", allowed: once"},
	        {PROTOCOLS_HEADER "A,no,,,\nA,no,,,\n",
	         "line 3: column protocol: \"A\", allowed: once"},
	        {PROTOCOLS_HEADER "A,no,,tcp/9,\nB,no,,tcp/9,\n",
	         "line 3: column ports: \"tcp/9\", allowed: once in a file, line 2"},
	        {PROTOCOLS_HEADER "A,no,x,,\nB,no,X,,\n",
	         "line 3: column ndpi_names: \"x\", allowed: once in a file, line 2"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		expect_fault(cases[i].text, strlen(cases[i].text), cases[i].fault);
	}
}
END_TEST

START_TEST(wrong_headers_are_named)
{
	static const struct {
		const char *text, *fault;
	} cases[] = {
	        {"", "site.csv: empty, allowed: the header of"},
	        {"\n\n", "site.csv: empty, allowed: the header of"},
	        {"a,b,c\n", "site.csv: line 1: no known columns, allowed: the header of kinds.csv, "
	                    "evidence.csv, protocols.csv or findings.csv\n"},
	        {"kind_id\nx.y\n", "site.csv: line 1: no known columns"},
	        {"kind_id,evidence_type,pattern,direction,match,confidence,colour\n",
	         "site.csv: line 1: column colour: unknown, allowed: the columns of "
	         "evidence.csv\n"},
	        {"kind_id,evidence_type,pattern,direction,match\n",
	         "site.csv: line 1: column confidence: missing, allowed: all columns of "
	         "evidence.csv\n"},
	        {"kind_id,kind_id,evidence_type,pattern,direction,match,confidence\n",
	         "site.csv: line 1: column kind_id: there twice, allowed: once\n"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		expect_fault(cases[i].text, strlen(cases[i].text), cases[i].fault);
	}
}
END_TEST

START_TEST(bytes_that_are_no_text_are_named)
{
	static const char nul[] = EVIDENCE_HEADER "lab.order,hl7v2.msh9,Z\0X,msg,,exact,high,V\n";
	static const char latin1[] =
	        EVIDENCE_HEADER "lab.order,hl7v2.msh9,Z\xe9,msg,,exact,high,V\n";
	static const char escape[] =
	        EVIDENCE_HEADER "lab.order,hl7v2.msh9,Z\x1b[31m,msg,,exact,high,V\n";
	static const char newline[] =
	        EVIDENCE_HEADER "lab.order,hl7v2.msh9,\"Z\nX\",msg,,exact,high,V\n";
	static const char open[] =
	        EVIDENCE_HEADER "lab.order,hl7v2.msh9,\"ZX^*,msg,,exact,high,V\n";
	static const char inside[] =
	        EVIDENCE_HEADER "lab.order,hl7v2.msh9,Z\"X,msg,,exact,high,V\n";
	char longest[1024] = EVIDENCE_HEADER "lab.order,hl7v2.msh9,";

	expect_fault(nul, sizeof nul - 1,
	             "line 2: column pattern: \"Z?X\", allowed: printable text in UTF-8");
	expect_fault(latin1, sizeof latin1 - 1,
	             "line 2: column pattern: \"Z?\", allowed: printable text in UTF-8");
	expect_fault(escape, sizeof escape - 1,
	             "line 2: column pattern: \"Z?[31m\", allowed: printable");
	expect_fault(newline, sizeof newline - 1,
	             "line 2: column pattern: \"Z?X\", allowed: printable");
	expect_fault(open, sizeof open - 1,
	             "site.csv: line 2: a row with an opening quotation mark");
	expect_fault(inside, sizeof inside - 1, "site.csv: line 2: a quotation mark in the middle");
	memset(longest + strlen(longest), 'Z', 300);
	strcat(longest, ",msg,,exact,high,V\n");
	expect_fault(longest, strlen(longest),
	             "line 2: column pattern: \"ZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZZ...\" (300 "
	             "octets), "
	             "allowed: at most 255\n");
}
END_TEST

START_TEST(all_faults_of_all_files_are_told_at_once)
{
	write_file("a.csv", EVIDENCE_HEADER "lab.order,hl7v2.msh9,ZX^*,up,,begins,sure,V\nno.kind,"
	                                    "hl7v2.msh9,ZY^*,msg,,prefix,high,V\n");
	write_file("b.csv", KINDS_HEADER "site.x,X,clinical,patient,yes,health,9,fixed,msg,X,\n");
	write_file("c.csv", "what,is,this\n");
	const char *text = faults();

	ck_assert_ptr_nonnull(strstr(text, "a.csv: line 2: column direction: "));
	ck_assert_ptr_nonnull(strstr(text, "a.csv: line 2: column match: "));
	ck_assert_ptr_nonnull(strstr(text, "a.csv: line 2: column confidence: "));
	ck_assert_ptr_nonnull(strstr(text, "a.csv: line 3: column kind_id: \"no.kind\""));
	ck_assert_ptr_nonnull(strstr(text, "b.csv: line 2: column tier: \"9\""));
	ck_assert_ptr_nonnull(strstr(text, "c.csv: line 1: "));
}
END_TEST

START_TEST(a_file_full_of_faults_does_not_flood_the_screen)
{
	static char text[200000] = EVIDENCE_HEADER;
	char *error;

	for (size_t len = strlen(text); len + 2 < sizeof text; len += 2) {
		memcpy(text + len, "x\n", 3);
	}
	write_file("x.csv", text);
	ck_assert_ptr_null(catalogue_load(dir, &error));
	ck_assert_uint_lt(strlen(error), 200000);
	ck_assert_msg(strstr(error, "\nand 9") != NULL, "%s", error + strlen(error) - 100);
	free(error);
}
END_TEST

START_TEST(what_is_no_plain_file_is_named)
{
	char path[256];

	snprintf(path, sizeof path, "%s/folder.csv", dir);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof path, "%s/pipe.csv", dir);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	snprintf(path, sizeof path, "%s/gone.csv", dir);
	ck_assert_int_eq(symlink("nowhere", path), 0);
	write_file("huge.csv", "x");
	snprintf(path, sizeof path, "%s/huge.csv", dir);
	ck_assert_int_eq(truncate(path, 5 << 20), 0);
	const char *text = faults();

	ck_assert_ptr_nonnull(strstr(text, "folder.csv: no catalogue, allowed: a plain file"));
	ck_assert_ptr_nonnull(strstr(text, "pipe.csv: no catalogue, allowed: a plain file"));
	ck_assert_ptr_nonnull(strstr(text, "huge.csv: no catalogue, allowed: a plain file"));
	ck_assert_ptr_nonnull(strstr(text, "gone.csv: cannot be read: No such file"));
}
END_TEST

START_TEST(a_folder_that_is_a_file_is_named)
{
	char *error, path[256];

	write_file("file", "x");
	snprintf(path, sizeof path, "%s/file", dir);
	ck_assert_ptr_null(catalogue_load(path, &error));
	ck_assert_ptr_nonnull(strstr(error, "file: cannot be read: Not a directory"));
	free(error);
}
END_TEST

int main(void)
{
	static const TTest *const *const tests[] = {
	        &a_folder_that_is_missing_or_empty_is_no_fault,
	        &a_site_adds_rows_of_its_own,
	        &a_site_row_takes_the_place_of_the_shipped_one,
	        &a_site_row_also_changes_how_a_pattern_matches_or_turns_it_off,
	        &of_two_site_files_the_later_name_wins,
	        &a_site_names_protocols_and_takes_over_ports,
	        &columns_may_stand_in_any_order_and_optional_ones_be_missing,
	        &wrong_cells_are_named_by_file_line_and_column,
	        &a_key_stands_once_in_a_file,
	        &wrong_headers_are_named,
	        &bytes_that_are_no_text_are_named,
	        &all_faults_of_all_files_are_told_at_once,
	        &a_file_full_of_faults_does_not_flood_the_screen,
	        &what_is_no_plain_file_is_named,
	        &a_folder_that_is_a_file_is_named,
	};
	Suite *suite = suite_create("kind_load");
	TCase *tcase = tcase_create("kind_load");
	SRunner *runner = srunner_create(suite);

	/* Each test in its own process, with a folder of its own. */
	tcase_add_checked_fixture(tcase, make_dir, remove_dir);
	for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
		tcase_add_test(tcase, *tests[i]);
	}
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	int failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
