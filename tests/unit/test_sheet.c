/* Sheets that people filled in: read as they write them, and all that is wrong told at once. */
#include "terrier/register/sheet.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct catalogue *catalogue;
static char *faults, *notes;

static struct entries *read_with(struct sheet_rules rules, const char *bytes, size_t len)
{
	char *error = NULL;

	if (catalogue == NULL) {
		catalogue = catalogue_load(NULL, &error);
	}
	free(faults);
	free(notes);
	rules.catalogue = catalogue;
	struct entries *all = sheet_read(&rules, "f.csv", bytes, len, &faults, &notes);

	ck_assert((all == NULL) == (faults != NULL));
	return all;
}

static struct entries *read_assets(const char *text)
{
	return read_with((struct sheet_rules){.type = ENTRY_ASSET}, text, strlen(text));
}

static struct entries *assets_ab(void)
{
	struct entries *all =
	        read_assets("asset_id,asset_name,asset_type\nA,Ay,system\nB,Bee,system\n");

	ck_assert_ptr_nonnull(all);
	return all;
}

static struct entries *read_declared(const char *text, const struct entries *held)
{
	struct entries *assets = assets_ab();
	struct entries *all = read_with(
	        (struct sheet_rules){.type = ENTRY_DECLARATION, .assets = assets, .held = held},
	        text, strlen(text));

	entries_free(assets);
	return all;
}

/* What a column keeps of a cell, as of one asset or declaration; NULL when it is refused. free().
 */
static char *kept(enum entry_type type, const char *column, const char *cell)
{
	char *quoted = mem_zalloc(strlen(cell) * 2 + 1, 1), *at = quoted, *text;
	struct entries *all;

	for (const char *c = cell; *c != '\0'; c++) {
		*at++ = *c;
		if (*c == '"') {
			*at++ = *c;
		}
	}
	text = type == ENTRY_ASSET
	               ? mem_printf("asset_id,asset_name,asset_type,%s\nA,Ay,system,\"%s\"\n",
	                            column, quoted)
	               : mem_printf("source_asset_id,destination_asset_id,kind_id,%s\nA,B,clin."
	                            "order,\"%s\"\n",
	                            column, quoted);
	all = type == ENTRY_ASSET ? read_assets(text) : read_declared(text, NULL);
	free(quoted);
	free(text);
	char *value = all != NULL
	                      ? mem_strdup(entry_text(all->first, entry_find_column(type, column)))
	                      : NULL;

	entries_free(all);
	return value;
}

static void is_kept_as(enum entry_type type, const char *column, const char *cell,
                       const char *expected)
{
	char *value = kept(type, column, cell);

	ck_assert_msg(value != NULL, "%s '%s': %s", column, cell, faults);
	ck_assert_msg(strcmp(value, expected) == 0, "%s '%s': kept '%s', expected '%s'", column,
	              cell, value, expected);
	free(value);
}

static void is_refused(enum entry_type type, const char *column, const char *cell, const char *word)
{
	char *value = kept(type, column, cell),
	     *place = mem_printf("f.csv: line 2: column %s: ", column);

	ck_assert_msg(value == NULL, "%s '%s': kept '%s'", column, cell, value);
	ck_assert_msg(strncmp(faults, place, strlen(place)) == 0 && strstr(faults, word) != NULL,
	              "%s '%s': %s", column, cell, faults);
	free(place);
}

#define KEEPS(column, cell, expected) is_kept_as(ENTRY_ASSET, column, cell, expected)
#define REFUSES(column, cell, word)   is_refused(ENTRY_ASSET, column, cell, word)

static void faults_are(const char *expected)
{
	ck_assert_msg(faults != NULL && strcmp(faults, expected) == 0, "%s", faults);
}

START_TEST(columns_are_found_by_name_or_label_in_any_order)
{
	struct entries *all =
	        read_assets("Asset Type,NOTES,asset-name,Asset ID\nMedical device,x,CT,A-CT\n");

	ck_assert_msg(all != NULL, "%s", faults);
	ck_assert_str_eq(all->first->id, "A-CT");
	ck_assert_str_eq(entry_text(all->first, ASSET_TYPE), "medical_device");
	ck_assert_str_eq(entry_text(all->first, ASSET_NOTES), "x");
	ck_assert_uint_eq(all->first->line, 2);
	ck_assert_ptr_null(notes);
	entries_free(all);
}
END_TEST

START_TEST(what_stands_between_cells_is_told_from_the_first_row)
{
	static const char *const texts[] = {
	        "asset_id;asset_name;asset_type\nA;Ay, Bee;system\n",
	        "asset_id\tasset_name\tasset_type\nA\tAy, Bee\tsystem\n",
	        "sep=;\r\nasset_id;asset_name;asset_type\r\nA;Ay, Bee;system\r\n",
	        "sep=|\nasset_id|asset_name|asset_type\nA|Ay, Bee|system\n",
	        "\xef\xbb\xbf\r\n\r\n\"asset_id\",\"asset_name\",\"asset_type\"\rA,\"Ay, Bee\",system",
	};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct entries *all = read_assets(texts[i]);

		ck_assert_msg(all != NULL, "%s: %s", texts[i], faults);
		ck_assert_str_eq(entry_text(all->first, ASSET_NAME), "Ay, Bee");
		entries_free(all);
	}
}
END_TEST

START_TEST(a_header_that_is_wrong_says_how)
{
	ck_assert_ptr_null(read_assets(
	        "asset_id,asset_nam,asset_type,owner's dog,asset_type\nA,Ay,system,x,system\n"));
	faults_are("f.csv: line 1: 'asset_nam': there is no such column: did you mean asset_name?\n"
	           "f.csv: line 1: 'owner's dog': there is no such column: take it out, or into "
	           "one that there is\n"
	           "f.csv: line 1: 'asset_type': this column stands there twice: take one out\n"
	           "f.csv: line 1: column asset_name is missing: it is needed");
	ck_assert_ptr_null(read_assets(""));
	faults_are("f.csv: empty: the first row names the columns");
	ck_assert_ptr_null(read_assets("\n,,,\n"));
	faults_are("f.csv: empty: the first row names the columns");
	ck_assert_ptr_null(read_assets("name,purpose of it\nx,y\n"));
	ck_assert_ptr_nonnull(strstr(faults, "the first row names no columns"));
	ck_assert_ptr_null(
	        read_assets("source_asset_id,destination_asset_id,kind_id\nA,B,clin.order\n"));
	ck_assert_ptr_nonnull(strstr(faults, "terrier declare import"));
	ck_assert_ptr_null(read_declared("asset_id,asset_name,asset_type\nA,B,system\n", NULL));
	ck_assert_ptr_nonnull(strstr(faults, "terrier assets import"));
	ck_assert_ptr_null(read_with((struct sheet_rules){.type = ENTRY_ASSET},
	                             "asset_id\0,asset_name,asset_type\n", 33));
	ck_assert_ptr_nonnull(strstr(faults, "'asset_id\\x00': there is no such column"));
}
END_TEST

START_TEST(rows_without_content_are_none_and_short_rows_are_whole)
{
	struct entries *all = read_assets("asset_id,asset_name,asset_type,notes,,\n,,,\n "
	                                  "\xc2\xa0,\"\n\",\nA,Ay,system\n\nB,B,system,n,,\n");

	ck_assert_msg(all != NULL, "%s", faults);
	ck_assert_uint_eq(entries_count(all), 2);
	ck_assert_uint_eq(entries_find(all, "A")->line, 5);
	entries_free(all);
}
END_TEST

START_TEST(cells_without_a_column_are_told)
{
	ck_assert_ptr_null(read_assets(
	        "asset_id,asset_name,asset_type,\nA,Ay,system,x\nB,Bee, and more,system,y\n"));
	ck_assert_ptr_nonnull(
	        strstr(faults, "line 2: 'x': cell 4 of the row stands below no name"));
	ck_assert_ptr_nonnull(
	        strstr(faults, "line 3: 'y': this row has more cells than the first"));
	ck_assert_ptr_nonnull(strstr(faults, "line 3: column asset_type: 'and more': "));
}
END_TEST

START_TEST(text_is_trimmed_and_formulas_lose_their_apostrophe)
{
	KEEPS("notes", "  two  words \xc2\xa0\n", "two  words");
	KEEPS("notes", "one\r\ntwo\rthree", "one\ntwo\nthree");
	KEEPS("notes", "'=1+1", "=1+1");
	KEEPS("notes", "'+44 20", "+44 20");
	KEEPS("notes", "'-", "-");
	KEEPS("notes", "'@x", "@x");
	KEEPS("notes", "=1+1", "=1+1");
	KEEPS("notes", "'quoted'", "'quoted'");
	KEEPS("notes", "''=x", "''=x");
	KEEPS("notes", "'\t'=x", "=x"); /* what is kept is read again as it is */
	KEEPS("notes", "<b>&amp;</b> \"x\"", "<b>&amp;</b> \"x\"");
	KEEPS("categories_of_individuals", ";'=a", "=a");
	KEEPS("categories_of_individuals", "patients ;; staff\nvisitors;",
	      "patients;staff;visitors");
}
END_TEST

START_TEST(words_and_flags_are_taken_as_people_write_them)
{
	KEEPS("hosting", "On premises", "on_premises");
	KEEPS("hosting", "PUBLIC-CLOUD", "public_cloud");
	KEEPS("hosting",
	      "public\xc2\xa0"
	      "cloud",
	      "public_cloud");
	KEEPS("common_law_basis", "Implied consent;s251", "implied_consent;s251");
	KEEPS("personal_data", "Y", "yes");
	KEEPS("personal_data", "TRUE", "yes");
	KEEPS("personal_data", "n", "no");
	KEEPS("personal_data", "Unknown", "unknown");
	KEEPS("criticality", "5", "5");
	is_kept_as(ENTRY_DECLARATION, "encrypted_in_transit", "FALSE", "no");
	is_kept_as(ENTRY_DECLARATION, "encrypted_in_transit", "mixed", "mixed");
	REFUSES("hosting", "on premise",
	        "did you mean 'on_premises'? write on_premises, hscn, private_cloud, "
	        "public_cloud or supplier");
	REFUSES("hosting", "y", "write on_premises");
	REFUSES("personal_data", "perhaps", "write yes, no or unknown");
	REFUSES("criticality", "6", "from 1 to 5");
	REFUSES("criticality", "3.0", "from 1 to 5");
}
END_TEST

START_TEST(dates_are_read_day_first_and_never_month_first)
{
	static const char *const good[] = {
	        "2026-11-21",  "21/11/2026",       "21-11-2026",  "21.11.2026", "21 Nov 2026",
	        "21-Nov-2026", "21 November 2026", "21-NOV-2026", "2026/11/21", "21 novem 2026"};
	static const char *const bad[] = {
	        "11/21/2026",      "2026-13-01",    "31/11/2026",  "29/02/2025", "21/11/26",
	        "21-Nov-26",       "November 2026", "21 Nox 2026", "46347",      "2026",
	        "21/11-2026",      "21//11/2026",   "00/01/2026",  "1/0/2026",   "21/11/20266",
	        "Nov 21 2026",     "21/11/0026",    "tomorrow",    "21 Ma 2026", "21/11/",
	        "2026-11-21T00:00"};

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		KEEPS("review_due", good[i], "2026-11-21");
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		REFUSES("review_due", bad[i], "write 2026-11-21 or 21/11/2026");
	}
	KEEPS("review_due", "1/2/2026", "2026-02-01");
	KEEPS("review_due", "29/2/2024", "2024-02-29");
	REFUSES("review_due", "29/2/2100", "no such day");
}
END_TEST

START_TEST(what_hosts_are_known_by_is_checked)
{
	KEEPS("match_ip", "10.77.1.50; 10.77.20.0/24\nFC00::0:1",
	      "10.77.1.50;10.77.20.0/24;fc00::1");
	REFUSES("match_ip", "10.77.20.9/24", "write 10.77.20.0/24 for the block");
	REFUSES("match_ip", "fc00::1/7", "write fc00::/7 for the block");
	REFUSES("match_ip", "10.1", "no address");
	REFUSES("match_ip", "10.77.1.1, 10.77.1.2", "between two of them stands a ;");
	REFUSES("match_ip", "10.77.1.1/33", "no address");
	REFUSES("match_ip", "10.77.1.1/", "no address");
	KEEPS("match_mac", "02-4C-41-00-00-01;02:4c:41", "02:4c:41:00:00:01;02:4c:41");
	REFUSES("match_mac", "02:4c:41:00:00", "write a hardware address");
	REFUSES("match_mac", "02:4c:4g", "write a hardware address");
	KEEPS("match_hostname", "PACS*;ward7-pc?.trust.example", "pacs*;ward7-pc?.trust.example");
	REFUSES("match_hostname", "*", "write a host name");
	REFUSES("match_hostname", "10.77.1.1", "column match_ip");
	KEEPS("match_dns_suffix", "*.Supplier.example;.b.example", "supplier.example;b.example");
	REFUSES("match_dns_suffix", "sup plier", "write an internet domain");
	KEEPS("match_ae_title", "ZZ PACS;CT01", "ZZ PACS;CT01");
	REFUSES("match_ae_title", "SEVENTEEN-LETTERS", "at most 16");
	REFUSES("match_ae_title", "A\\B", "at most 16");
	KEEPS("match_hl7_app", "LIMS^ZZTRUST;TIE;PAS ^", "LIMS^ZZTRUST;TIE;PAS");
	REFUSES("match_hl7_app", "^ZZTRUST", "APPLICATION^FACILITY");
	REFUSES("match_hl7_app", "A^B^C", "APPLICATION^FACILITY");
	KEEPS("match_port", "0104;TCP/2575;514/udp", "104;tcp/2575;udp/514");
	REFUSES("match_port", "0", "write a port");
	REFUSES("match_port", "65536", "write a port");
	REFUSES("match_port", "sctp/80", "write a port");
	REFUSES("match_port", "tcp/", "write a port");
}
END_TEST

START_TEST(kinds_and_protocols_are_those_of_the_catalogue)
{
	KEEPS("kinds", "CLIN.ORDER;clin.*;Medical images", "clin.order;clin.*;img.study");
	REFUSES("kinds", "clin.ordr", "did you mean 'clin.order'?");
	REFUSES("kinds", "Medical imagse", "did you mean 'Medical images'?");
	REFUSES("kinds", "klin.*", "write a kind's id, or a group");
	REFUSES("kinds", ".*", "write a kind's id, or a group");
	is_kept_as(ENTRY_DECLARATION, "transfer_method", "hl7V2; dicom", "HL7v2;DICOM");
	is_kept_as(ENTRY_DECLARATION, "transfer_method", "unknown", "");
	is_refused(ENTRY_DECLARATION, "transfer_method", "HL7v3", "did you mean 'HL7v2'?");
}
END_TEST

START_TEST(ids_are_needed_and_their_own)
{
	ck_assert_ptr_null(read_assets("asset_id,asset_name,asset_type\nA,Ay,system\n,B,system\nA "
	                               "b,C,system\nD,,system\n"));
	faults_are("f.csv: line 3: column asset_id: empty: it is needed\n"
	           "f.csv: line 4: column asset_id: 'A b': write 1 to 64 letters, digits and . _ : "
	           "/ - without blanks\n"
	           "f.csv: line 5: column asset_name: empty: it is needed");
	ck_assert_ptr_null(read_assets(
	        "asset_id,asset_name,asset_type\nA,Ay,system\nB,B,system\nA,A2,system\n"));
	faults_are("f.csv: line 4: column asset_id: 'A': line 2 has it too: give each its own");
	ck_assert_ptr_null(read_declared(
	        "source_asset_id,destination_asset_id,kind_id\nA,B,clin.order\nA,B,Clin.Order\n",
	        NULL));
	ck_assert_ptr_nonnull(
	        strstr(faults, "line 3: source, destination and kind are those of line 2"));
}
END_TEST

START_TEST(assets_that_cells_name_are_there)
{
	ck_assert_ptr_null(
	        read_assets("asset_id,asset_name,asset_type,backup_asset_id\n"
	                    "A-PAS,Ay,system,A-BCK\nA-BACK,B,system,A-BACK\nA-C,C,system,A-PAS\n"));
	faults_are("f.csv: line 2: column backup_asset_id: 'A-BCK': no asset has this ID: did you "
	           "mean 'A-BACK'?\n"
	           "f.csv: line 3: column backup_asset_id: 'A-BACK': an asset is no backup of "
	           "itself: name the asset that its "
	           "copies go to");
	ck_assert_ptr_null(read_declared(
	        "source_asset_id,destination_asset_id,kind_id\nA,XYZZY,clin.order\n", NULL));
	ck_assert_ptr_nonnull(strstr(
	        faults,
	        "column destination_asset_id: 'XYZZY': no asset has this ID: terrier assets list"));
	struct entries *held = assets_ab();
	const char text[] = "asset_id,asset_name,asset_type,backup_asset_id\nC,Cee,system,B\n";
	struct entries *all = read_with((struct sheet_rules){.type = ENTRY_ASSET, .assets = held},
	                                text, sizeof text - 1);

	ck_assert_msg(all != NULL, "%s", faults);
	entries_free(all);
	entries_free(held);
}
END_TEST

START_TEST(what_the_sheet_has_no_column_for_stays_as_it_is_in_force)
{
	struct entries *held =
	        read_assets("asset_id,asset_name,asset_type,notes,site\nA,Ay,system,kept,North\n");
	const char text[] = "asset_id,asset_name,asset_type,site\nA,Ay,device,\n";
	struct entries *all = read_with((struct sheet_rules){.type = ENTRY_ASSET, .held = held},
	                                text, sizeof text - 1);

	ck_assert_str_eq(entry_text(all->first, ASSET_NOTES), "kept");
	ck_assert_str_eq(entry_text(all->first, ASSET_SITE), ""); /* emptied on purpose */
	ck_assert_str_eq(entry_text(all->first, ASSET_TYPE), "device");
	entries_free(all);
	entries_free(held);
}
END_TEST

#define FLOWS                                                                                      \
	"flow_id,source_asset_id,source_name,destination_asset_id,kind_id,categories_of_"          \
	"individuals,transfer_method,"                                                             \
	"encrypted_in_transit,frequency,status,purpose\n"

START_TEST(an_exported_flow_list_declares_what_was_filled_in)
{
	struct entries *all = read_declared(
	        FLOWS "F-1,A,a,B,clin.order,patients,HL7v2,no,daily,observed_only,Direct care\n"
	              "F-2,,host,B,clin.order,patients,HL7v2,no,daily,observed_only,\n"
	              "F-3,B,b,A,clin.document,patients,HL7v2,no,daily,observed_only,\n",
	        NULL);

	ck_assert_msg(all != NULL, "%s", faults);
	ck_assert_uint_eq(entries_count(all), 1);
	ck_assert_str_eq(entry_text(all->first, DECLARED_METHOD), "HL7v2");
	ck_assert_str_eq(entry_text(all->first, DECLARED_INDIVIDUALS), "patients");
	ck_assert_str_eq(notes, "f.csv: left unread, for Terrier fills them in itself: flow_id, "
	                        "source_name, status\n"
	                        "f.csv: 2 rows without anything filled in were left out");
	entries_free(all);
	/* a sheet of one's own declares also what has no purpose yet */
	all = read_declared(
	        "source_asset_id,destination_asset_id,kind_id,purpose\nA,B,clin.order,\n", NULL);
	ck_assert_uint_eq(entries_count(all), 1);
	entries_free(all);
}
END_TEST

START_TEST(what_was_observed_never_overwrites_a_declaration)
{
	struct entries *held = read_declared(
	        "source_asset_id,destination_asset_id,kind_id,encrypted_in_transit,purpose,dpo\n"
	        "A,B,clin.order,yes,Direct care,DPO of the trust\n",
	        NULL);
	struct entries *all = read_declared(
	        FLOWS
	        "F-1,A,a,B,clin.order,,HL7v2,no,daily,declared_and_observed,Direct patient care\n",
	        held);

	ck_assert_msg(all != NULL, "%s", faults);
	ck_assert_str_eq(entry_text(all->first, DECLARED_ENCRYPTED), "yes");
	ck_assert_str_eq(entry_text(all->first, DECLARED_METHOD), "");
	ck_assert_str_eq(entry_text(all->first, DECLARED_PURPOSE), "Direct patient care");
	ck_assert_str_eq(entry_text(all->first, DECLARED_DPO), "DPO of the trust");
	ck_assert_ptr_nonnull(strstr(notes, "1 flow is declared already: method, encryption"));
	entries_free(all);
	entries_free(held);
}
END_TEST

START_TEST(a_flow_declared_with_its_group_is_not_declared_twice)
{
	struct entries *held = read_declared(
	        "source_asset_id,destination_asset_id,kind_id,purpose\nA,B,pat.*,Direct care\n"
	        "B,A,inf.database,Copies\n",
	        NULL);
	struct entries *all = read_declared(
	        FLOWS
	        "F-1,A,a,B,pat.identity,,HL7v2,no,daily,declared_and_observed,Direct care\n"
	        "F-2,A,a,B,inf.database,,TDS,no,daily,declared_and_observed,Copies\n"
	        "F-3,A,a,B,pat.encounter,,HL7v2,no,daily,declared_and_observed,Bed management\n"
	        "F-4,A,a,B,pat.appointment,,HL7v2,no,daily,observed_only,Direct care\n",
	        held);

	ck_assert_msg(all != NULL, "%s", faults);
	ck_assert_uint_eq(entries_count(all), 4); /* what was changed, what is new, what is in force */
	ck_assert_str_eq(entry_text(all->first, DECLARED_KIND), "pat.encounter");
	for (const struct entry *e = held->first; e != NULL; e = e->hh.next) {
		ck_assert(entry_equals(e, entries_find(all, e->id)));
	}
	entries_free(all);
	entries_free(held);
}
END_TEST

START_TEST(hostile_cells_are_told_in_a_line_that_prints)
{
	static const char bytes[] = "asset_id,asset_name,asset_type,notes\nA,x\0y,system,\"\x1b["
	                            "31m\"\nB,\xe2\x80\xae,system,\n";

	ck_assert_ptr_null(
	        read_with((struct sheet_rules){.type = ENTRY_ASSET}, bytes, sizeof bytes - 1));
	faults_are("f.csv: line 2: column asset_name: 'x\\x00y': character U+0000 in it does not "
	           "print: type the cell again\n"
	           "f.csv: line 2: column notes: '\\x1b[31m': character U+001B in it does not "
	           "print: type the cell again\n"
	           "f.csv: line 3: column asset_name: '\\u202e': character U+202E in it does not "
	           "print: type the cell again");
	REFUSES("hosting", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
	        "'abcdefghijklmnopqrstuvwxyzabcdefghijklmn…': ");
}
END_TEST

START_TEST(quotes_without_an_end_are_told_with_what_went_before)
{
	ck_assert_ptr_null(read_assets(
	        "asset_id,asset_name,asset_type\nA,Ay,sistem\nB,\"Bee,system\nC,Cee,system\n"));
	ck_assert_ptr_nonnull(strstr(faults, "f.csv: line 2: column asset_type: 'sistem': "));
	ck_assert_ptr_nonnull(
	        strstr(faults, "\nf.csv: line 3: a row with an opening quotation mark"));
}
END_TEST

START_TEST(huge_cells_rows_and_sheets_are_bounded)
{
	size_t room = 16 << 20, len;
	char *text = mem_zalloc(room, 1);
	int64_t start = clock_steady_us();

	len = (size_t)snprintf(text, room, "asset_id,asset_name,asset_type\nA,");
	memset(text + len, 'x', 1 << 20);
	memcpy(text + len + (1 << 20), ",system\n", 9);
	ck_assert_ptr_null(read_assets(text));
	faults_are("f.csv: line 2: column asset_name: cell of 1048576 characters, allowed: 8192");

	len = (size_t)snprintf(text, room, "asset_id,asset_name,asset_type");
	memset(text + len, ',', 10000);
	memcpy(text + len + 10000, "\nA,Ay,system\n", 14);
	ck_assert_ptr_null(read_assets(text));
	ck_assert_ptr_nonnull(strstr(faults, "f.csv: line 1: 10003 columns, allowed: 128"));

	len = (size_t)snprintf(text, room,
	                       "asset_id,asset_name,asset_type,kinds,backup_asset_id\n");
	for (int i = 0; i < 100000; i++) {
		len += (size_t)snprintf(text + len, room - len,
		                        "A%d,x,sistem,klin.labor;patt.identity,A-%d\n", i % 50000,
		                        i);
	}
	ck_assert_ptr_null(read_assets(text));
	ck_assert_ptr_nonnull(strstr(faults, "\nf.csv: … and "));
	ck_assert_ptr_nonnull(strstr(
	        faults, "f.csv: line 2: column backup_asset_id: 'A-0': no asset has this ID"));
	ck_assert_int_lt(clock_steady_us() - start, 20 * CLOCK_SECOND_US);
	free(text);
}
END_TEST

START_TEST(the_sheet_of_the_governance_pack_is_right)
{
	FILE *file = fopen(SOURCE_ROOT "/contrib/governance/asset-entry.csv", "r");
	char text[8192];
	size_t n;

	ck_assert_ptr_nonnull(file);
	n = fread(text, 1, sizeof text, file);
	fclose(file);
	ck_assert_uint_lt(n, sizeof text);
	struct entries *all = read_with((struct sheet_rules){.type = ENTRY_ASSET}, text, n);

	ck_assert_msg(all != NULL, "%s", faults);
	ck_assert_ptr_null(notes);
	entries_free(all);
}
END_TEST

UNIT_MAIN("sheet", columns_are_found_by_name_or_label_in_any_order,
          what_stands_between_cells_is_told_from_the_first_row, a_header_that_is_wrong_says_how,
          rows_without_content_are_none_and_short_rows_are_whole, cells_without_a_column_are_told,
          text_is_trimmed_and_formulas_lose_their_apostrophe,
          words_and_flags_are_taken_as_people_write_them,
          dates_are_read_day_first_and_never_month_first, what_hosts_are_known_by_is_checked,
          kinds_and_protocols_are_those_of_the_catalogue, ids_are_needed_and_their_own,
          assets_that_cells_name_are_there,
          what_the_sheet_has_no_column_for_stays_as_it_is_in_force,
          an_exported_flow_list_declares_what_was_filled_in,
          what_was_observed_never_overwrites_a_declaration,
          a_flow_declared_with_its_group_is_not_declared_twice,
          hostile_cells_are_told_in_a_line_that_prints,
          quotes_without_an_end_are_told_with_what_went_before,
          huge_cells_rows_and_sheets_are_bounded, the_sheet_of_the_governance_pack_is_right)
