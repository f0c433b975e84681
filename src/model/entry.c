/* Entries of the register: their columns, and sets of them. */
#include "terrier/model/entry.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FREQUENCIES "continuous hourly daily weekly monthly ad_hoc once"
#define COMMON_LAW  "implied_consent explicit_consent s251 statute public_interest not_applicable"

/* registers.md 4.1: names and order are fixed. */
static const struct entry_column assets[] = {
        [ASSET_ID] = {"asset_id", "Asset ID", CELL_ID, NULL, true},
        [ASSET_NAME] = {"asset_name", "Asset name", CELL_TEXT, NULL, true},
        [ASSET_TYPE] = {"asset_type", "Asset type", CELL_WORD,
                        "system dataset device medical_device service external_party storage paper", true},
        [ASSET_DESCRIPTION] = {"description", "Description", CELL_TEXT, NULL, false},
        [ASSET_MATCH_IP] = {"match_ip", "Network addresses", CELL_NETWORKS, NULL, false},
        [ASSET_MATCH_MAC] = {"match_mac", "Hardware addresses", CELL_MACS, NULL, false},
        [ASSET_MATCH_HOSTNAME] = {"match_hostname", "Host names", CELL_GLOBS, NULL, false},
        [ASSET_MATCH_DNS_SUFFIX] = {"match_dns_suffix", "Internet domains", CELL_SUFFIXES, NULL, false},
        [ASSET_MATCH_AE_TITLE] = {"match_ae_title", "DICOM AE titles", CELL_AE_TITLES, NULL, false},
        [ASSET_MATCH_HL7_APP] = {"match_hl7_app", "HL7 applications", CELL_HL7_APPS, NULL, false},
        [ASSET_MATCH_PORT] = {"match_port", "Ports", CELL_PORTS, NULL, false},
        [ASSET_ORGANISATION] = {"organisation", "Organisation", CELL_TEXT, NULL, false},
        [ASSET_ODS_CODE] = {"ods_code", "ODS code", CELL_TEXT, NULL, false},
        [ASSET_SITE] = {"site", "Site", CELL_TEXT, NULL, false},
        [ASSET_ZONE] = {"zone", "Network zone", CELL_TEXT, NULL, false},
        [ASSET_HOSTING] = {"hosting", "Hosting", CELL_WORD, "on_premises hscn private_cloud public_cloud supplier",
                           false},
        [ASSET_COUNTRY] = {"country", "Country", CELL_TEXT, NULL, false},
        [ASSET_SUPPLIER] = {"supplier", "Supplier", CELL_TEXT, NULL, false},
        [ASSET_SUPPORT_ARRANGEMENT] = {"support_arrangement", "Support arrangement", CELL_TEXT, NULL, false},
        [ASSET_CONTRACT_REF] = {"contract_ref", "Contract reference", CELL_TEXT, NULL, false},
        [ASSET_CONTRACT_END] = {"contract_end", "Contract ends", CELL_DATE, NULL, false},
        [ASSET_OWNER] = {"information_asset_owner", "Information asset owner", CELL_TEXT, NULL, false},
        [ASSET_ADMINISTRATOR] = {"information_asset_administrator", "Information asset administrator", CELL_TEXT, NULL,
                                 false},
        [ASSET_TECHNICAL_CONTACT] = {"technical_contact", "Technical contact", CELL_TEXT, NULL, false},
        [ASSET_CONTROLLER_ROLE] = {"controller_role", "Controller role", CELL_WORD,
                                   "controller joint_controller processor none", false},
        [ASSET_CONTROLLER_NAME] = {"controller_name", "Controller", CELL_TEXT, NULL, false},
        [ASSET_KINDS] = {"kinds", "Kinds of data", CELL_KINDS, NULL, false},
        [ASSET_INDIVIDUALS] = {"categories_of_individuals", "Categories of individuals", CELL_LIST, NULL, false},
        [ASSET_DATA_CATEGORIES] = {"categories_of_personal_data", "Categories of personal data", CELL_LIST, NULL,
                                   false},
        [ASSET_PERSONAL_DATA] = {"personal_data", "Personal data", CELL_FLAG, NULL, false},
        [ASSET_SPECIAL_CATEGORY] = {"special_category", "Special category", CELL_TEXT, NULL, false},
        [ASSET_CRIMINAL_OFFENCE] = {"criminal_offence_data", "Criminal offence data", CELL_TEXT, NULL, false},
        [ASSET_MARKING] = {"protective_marking", "Protective marking", CELL_TEXT, NULL, false},
        [ASSET_PURPOSE] = {"purpose", "Purpose", CELL_TEXT, NULL, false},
        [ASSET_ART6] = {"lawful_basis_art6", "Lawful basis (Art. 6)", CELL_LIST, NULL, false},
        [ASSET_ART9] = {"condition_art9", "Condition (Art. 9)", CELL_LIST, NULL, false},
        [ASSET_SCH1] = {"dpa2018_sch1_condition", "DPA 2018 Sch. 1 condition", CELL_LIST, NULL, false},
        [ASSET_COMMON_LAW] = {"common_law_basis", "Common law basis", CELL_WORDS, COMMON_LAW, false},
        [ASSET_DPIA_REF] = {"dpia_ref", "DPIA reference", CELL_TEXT, NULL, false},
        [ASSET_DPIA_DATE] = {"dpia_date", "DPIA date", CELL_DATE, NULL, false},
        [ASSET_ESSENTIAL_FUNCTION] = {"essential_function", "Essential function", CELL_TEXT, NULL, false},
        [ASSET_CRITICALITY] = {"criticality", "Criticality (1 to 5)", CELL_SCALE, NULL, false},
        [ASSET_IMPACT_CONFIDENTIALITY] = {"impact_confidentiality", "Impact: confidentiality (1 to 5)", CELL_SCALE,
                                          NULL, false},
        [ASSET_IMPACT_INTEGRITY] = {"impact_integrity", "Impact: integrity (1 to 5)", CELL_SCALE, NULL, false},
        [ASSET_IMPACT_AVAILABILITY] = {"impact_availability", "Impact: availability (1 to 5)", CELL_SCALE, NULL,
                                       false},
        [ASSET_BACKUP_ARRANGEMENT] = {"backup_arrangement", "Backup arrangement", CELL_TEXT, NULL, false},
        [ASSET_BACKUP_ASSET] = {"backup_asset_id", "Backed up to (asset ID)", CELL_ASSET, NULL, false},
        [ASSET_RETENTION] = {"retention_schedule", "Retention schedule", CELL_TEXT, NULL, false},
        [ASSET_DISPOSAL] = {"disposal", "Disposal", CELL_TEXT, NULL, false},
        [ASSET_SUPPORT_END] = {"support_end_date", "Support ends", CELL_DATE, NULL, false},
        [ASSET_SECURITY_MEASURES] = {"security_measures", "Security measures", CELL_TEXT, NULL, false},
        [ASSET_RISK_REF] = {"risk_ref", "Risk reference", CELL_TEXT, NULL, false},
        [ASSET_LAST_REVIEWED] = {"last_reviewed", "Last reviewed", CELL_DATE, NULL, false},
        [ASSET_REVIEW_DUE] = {"review_due", "Review due", CELL_DATE, NULL, false},
        [ASSET_NOTES] = {"notes", "Notes", CELL_TEXT, NULL, false},
};

/* The declared columns of registers.md 4.2, then those of 4.3 that 4.2 has not. */
static const struct entry_column declarations[] = {
        [DECLARED_SOURCE] = {"source_asset_id", "From (asset ID)", CELL_ASSET, NULL, true},
        [DECLARED_DESTINATION] = {"destination_asset_id", "To (asset ID)", CELL_ASSET, NULL, true},
        [DECLARED_KIND] = {"kind_id", "Kind of data", CELL_KIND, NULL, true},
        [DECLARED_METHOD] = {"transfer_method", "Method of transfer", CELL_PROTOCOLS, NULL, false},
        [DECLARED_ENCRYPTED] = {"encrypted_in_transit", "Encrypted in transit", CELL_WORD, "yes no mixed unknown",
                                false},
        [DECLARED_FREQUENCY] = {"frequency", "Frequency", CELL_WORD, FREQUENCIES, false},
        [DECLARED_PURPOSE] = {"purpose", "Purpose", CELL_TEXT, NULL, false},
        [DECLARED_ART6] = {"lawful_basis_art6", "Lawful basis (Art. 6)", CELL_LIST, NULL, false},
        [DECLARED_ART9] = {"condition_art9", "Condition (Art. 9)", CELL_LIST, NULL, false},
        [DECLARED_SCH1] = {"dpa2018_sch1_condition", "DPA 2018 Sch. 1 condition", CELL_LIST, NULL, false},
        [DECLARED_COMMON_LAW] = {"common_law_basis", "Common law basis", CELL_WORDS, COMMON_LAW, false},
        [DECLARED_AGREEMENT_REF] = {"sharing_agreement_ref", "Sharing agreement", CELL_TEXT, NULL, false},
        [DECLARED_AGREEMENT_END] = {"sharing_agreement_end", "Sharing agreement ends", CELL_DATE, NULL, false},
        [DECLARED_DPIA_REQUIRED] = {"dpia_required", "DPIA required", CELL_FLAG, NULL, false},
        [DECLARED_DPIA_REF] = {"dpia_ref", "DPIA reference", CELL_TEXT, NULL, false},
        [DECLARED_DPIA_REVIEW_DUE] = {"dpia_review_due", "DPIA review due", CELL_DATE, NULL, false},
        [DECLARED_AUTHORISED_BY] = {"authorised_by_role", "Authorised by (role)", CELL_TEXT, NULL, false},
        [DECLARED_AUTHORISED_ON] = {"authorised_on", "Authorised on", CELL_DATE, NULL, false},
        [DECLARED_OWNER] = {"information_asset_owner", "Information asset owner", CELL_TEXT, NULL, false},
        [DECLARED_RISK_RATING] = {"risk_rating", "Risk rating", CELL_TEXT, NULL, false},
        [DECLARED_RISK_REF] = {"risk_ref", "Risk reference", CELL_TEXT, NULL, false},
        [DECLARED_LAST_REVIEWED] = {"last_reviewed", "Last reviewed", CELL_DATE, NULL, false},
        [DECLARED_REVIEW_DUE] = {"review_due", "Review due", CELL_DATE, NULL, false},
        [DECLARED_RETIRED_ON] = {"retired_on", "Retired on", CELL_DATE, NULL, false},
        [DECLARED_COMMENT] = {"comment", "Comment", CELL_TEXT, NULL, false},
        [DECLARED_PROCESSING_REF] = {"processing_ref", "Processing reference", CELL_TEXT, NULL, false},
        [DECLARED_BUSINESS_FUNCTION] = {"business_function", "Business function", CELL_TEXT, NULL, false},
        [DECLARED_CONTROLLER] = {"controller_name_and_contact", "Controller", CELL_TEXT, NULL, false},
        [DECLARED_JOINT_CONTROLLER] = {"joint_controller", "Joint controller", CELL_TEXT, NULL, false},
        [DECLARED_REPRESENTATIVE] = {"representative", "Representative", CELL_TEXT, NULL, false},
        [DECLARED_DPO] = {"dpo", "Data protection officer", CELL_TEXT, NULL, false},
        [DECLARED_INDIVIDUALS] = {"categories_of_individuals", "Categories of individuals", CELL_LIST, NULL, false},
        [DECLARED_DATA_CATEGORIES] = {"categories_of_personal_data", "Categories of personal data", CELL_LIST, NULL,
                                      false},
        [DECLARED_RECIPIENTS] = {"categories_of_recipients", "Categories of recipients", CELL_LIST, NULL, false},
        [DECLARED_PROCESSORS] = {"processors_and_contract_ref", "Processors, with their contracts", CELL_LIST, NULL,
                                 false},
        [DECLARED_THIRD_COUNTRIES] = {"third_countries", "Third countries", CELL_LIST, NULL, false},
        [DECLARED_SAFEGUARDS] = {"transfer_safeguards", "Safeguards of transfers", CELL_TEXT, NULL, false},
        [DECLARED_RETENTION] = {"retention_schedule", "Retention schedule", CELL_TEXT, NULL, false},
        [DECLARED_SECURITY_MEASURES] = {"security_measures_general", "Security measures", CELL_TEXT, NULL, false},
        [DECLARED_POLICY_REF] = {"appropriate_policy_document_ref", "Appropriate policy document", CELL_TEXT, NULL,
                                 false},
        [DECLARED_SOURCE_OF_DATA] = {"source_of_data", "Source of the data", CELL_TEXT, NULL, false},
        [DECLARED_PRIVACY_NOTICE] = {"privacy_notice_ref", "Privacy notice", CELL_TEXT, NULL, false},
        [DECLARED_LOCATION] = {"location_of_personal_data", "Location of personal data", CELL_TEXT, NULL, false},
        [DECLARED_BREACH_REF] = {"breach_record_ref", "Breach record", CELL_TEXT, NULL, false},
        [DECLARED_OPT_OUT] = {"national_data_opt_out", "National data opt-out", CELL_WORD,
                              "applies does_not_apply not_assessed", false},
        [DECLARED_OWNER_ROLE] = {"owner_role", "Owner (role)", CELL_TEXT, NULL, false},
};

static const struct entry_column decisions[] = {
        [DECISION_OBJECT] = {"id", "ID", CELL_ID, NULL, true},
        [DECISION_VERDICT] = {"decision", "Decision", CELL_WORD, "accept reject defer", true},
        [DECISION_ROLE] = {"decided_by_role", "Decided by (role)", CELL_TEXT, NULL, true},
        [DECISION_DECIDED_ON] = {"decided_on", "Decided on", CELL_DATE, NULL, true},
        [DECISION_REASON] = {"reason", "Reason", CELL_TEXT, NULL, true},
        [DECISION_UNTIL] = {"until", "Valid until", CELL_DATE, NULL, false},
        [DECISION_SEEN_SOURCE] = {"seen_source", "Seen: from", CELL_TEXT, NULL, false},
        [DECISION_SEEN_DESTINATION] = {"seen_destination", "Seen: to", CELL_TEXT, NULL, false},
        [DECISION_SEEN_KIND] = {"seen_kind_id", "Seen: kind of data", CELL_TEXT, NULL, false},
        [DECISION_SEEN_TIER] = {"seen_tier", "Seen: tier", CELL_TEXT, NULL, false},
        [DECISION_SEEN_ENCRYPTED] = {"seen_encrypted", "Seen: encrypted", CELL_TEXT, NULL, false},
        [DECISION_SEEN_SOURCE_ZONE] = {"seen_source_zone", "Seen: from zone", CELL_TEXT, NULL, false},
        [DECISION_SEEN_DESTINATION_ZONE] = {"seen_destination_zone", "Seen: to zone", CELL_TEXT, NULL, false},
        [DECISION_SEEN_LEAVES] = {"seen_leaves_organisation", "Seen: leaves organisation", CELL_TEXT, NULL, false},
        [DECISION_SEEN_METHOD] = {"seen_transfer_method", "Seen: method of transfer", CELL_TEXT, NULL, false},
        [DECISION_SEEN_STATUS] = {"seen_status", "Seen: status", CELL_TEXT, NULL, false},
        [DECISION_SEEN_DIFFERENCES] = {"seen_differences", "Seen: differences", CELL_TEXT, NULL, false},
        [DECISION_SEEN_FIRST] = {"seen_first", "Seen: first", CELL_TEXT, NULL, false},
        [DECISION_SEEN_LAST] = {"seen_last", "Seen: last", CELL_TEXT, NULL, false},
        [DECISION_SEEN_FROM] = {"seen_observed_from", "Seen: watched from", CELL_TEXT, NULL, false},
        [DECISION_SEEN_TO] = {"seen_observed_to", "Seen: watched to", CELL_TEXT, NULL, false},
        [DECISION_SEEN_MESSAGES] = {"seen_messages", "Seen: messages", CELL_TEXT, NULL, false},
        [DECISION_SEEN_BYTES] = {"seen_bytes", "Seen: bytes", CELL_TEXT, NULL, false},
        [DECISION_SEEN_SEVERITY] = {"seen_severity", "Seen: severity", CELL_TEXT, NULL, false},
        [DECISION_SEEN_OBSERVED] = {"seen_observed", "Seen: what was observed", CELL_TEXT, NULL, false},
        [DECISION_SEEN_RULE] = {"seen_rule_id", "Seen: rule", CELL_TEXT, NULL, false},
        [DECISION_SEEN_TITLE] = {"seen_title", "Seen: finding", CELL_TEXT, NULL, false},
};

static_assert(ASSET_COLUMNS <= ENTRY_COLUMNS_MAX && DECLARATION_COLUMNS <= ENTRY_COLUMNS_MAX &&
                      DECISION_COLUMNS <= ENTRY_COLUMNS_MAX,
              "a column has no cell");

const struct entry_column *entry_columns(enum entry_type type, size_t *n)
{
	static const struct {
		const struct entry_column *columns;
		size_t n;
	} all[ENTRY_TYPES] = {
	        [ENTRY_ASSET] = {assets, ASSET_COLUMNS},
	        [ENTRY_DECLARATION] = {declarations, DECLARATION_COLUMNS},
	        [ENTRY_DECISION] = {decisions, DECISION_COLUMNS},
	};

	*n = all[type].n;
	return all[type].columns;
}

struct table_help entry_help(const struct entry_column *column)
{
	return (struct table_help){
	        .label = column->label,
	        .words = column->type == CELL_FLAG    ? "yes no unknown"
	                 : column->type == CELL_SCALE ? "1 2 3 4 5"
	                                              : column->words,
	        .is_list = column->type == CELL_WORDS,
	        .is_declared = true,
	};
}

const char *entry_type_name(enum entry_type type)
{
	static const char *const names[ENTRY_TYPES] = {"asset", "declaration", "decision"};

	return names[type];
}

struct entry *entry_new(enum entry_type type)
{
	struct entry *e = mem_zalloc(1, sizeof *e);

	e->type = type;
	return e;
}

void entry_free(struct entry *e)
{
	if (e == NULL) {
		return;
	}
	for (size_t i = 0; i < ENTRY_COLUMNS_MAX; i++) {
		free(e->cells[i]);
	}
	free(e->id);
	free(e);
}

const char *entry_text(const struct entry *e, size_t column)
{
	return e->cells[column] != NULL ? e->cells[column] : "";
}

bool entry_is_external(const struct entry *asset)
{
	return strcmp(entry_text(asset, ASSET_TYPE), "external_party") == 0;
}

void entry_set(struct entry *e, size_t column, const char *text, size_t len)
{
	free(e->cells[column]);
	e->cells[column] = len > 0 ? mem_printf("%.*s", (int)len, text) : NULL;
}

void entry_identify(struct entry *e)
{
	char id[DIGEST_ID_MAX];

	free(e->id);
	if (e->type != ENTRY_DECLARATION) {
		e->id = mem_strdup(entry_text(e, 0));
		return;
	}
	struct digest *d = digest_new();

	for (size_t i = DECLARED_SOURCE; i <= DECLARED_KIND; i++) {
		digest_add(d, entry_text(e, i), strlen(entry_text(e, i)));
	}
	e->id = mem_strdup(digest_finish_id(d, "D", id));
}

bool entry_equals(const struct entry *a, const struct entry *b)
{
	for (size_t i = 0; i < ENTRY_COLUMNS_MAX; i++) {
		if (strcmp(entry_text(a, i), entry_text(b, i)) != 0) {
			return false;
		}
	}
	return a->type == b->type;
}

size_t entry_find_column(enum entry_type type, const char *name)
{
	size_t n;
	const struct entry_column *columns = entry_columns(type, &n);
	char *copy = mem_strdup(name), *wanted = text_trim(copy);
	size_t found = ENTRY_COLUMNS_MAX;

	for (size_t i = 0; i < n && found == ENTRY_COLUMNS_MAX; i++) {
		if (text_casecmp(wanted, columns[i].name) == 0 || text_casecmp(wanted, columns[i].label) == 0) {
			found = i;
		}
	}
	free(copy);
	return found;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

const char *entry_next(const char **list, size_t *len)
{
	while (**list != '\0') {
		const char *item = *list, *end = item + strcspn(item, ";");

		*list = *end == ';' ? end + 1 : end;
		while (item < end && is_blank(*item)) {
			item++;
		}
		while (end > item && is_blank(end[-1])) {
			end--;
		}
		if (end > item) {
			*len = (size_t)(end - item);
			return item;
		}
	}
	return NULL;
}

bool entry_lists(const char *list, const char *item)
{
	size_t len, wanted = strlen(item);

	for (const char *at; (at = entry_next(&list, &len)) != NULL;) {
		if (len == wanted && text_begins(at, len, item)) {
			return true;
		}
	}
	return false;
}

struct entries *entries_new(enum entry_type type)
{
	struct entries *all = mem_zalloc(1, sizeof *all);

	all->type = type;
	return all;
}

void entries_free(struct entries *all)
{
	struct entry *e, *next;

	if (all == NULL) {
		return;
	}
	HASH_ITER(hh, all->first, e, next)
	{
		HASH_DEL(all->first, e);
		entry_free(e);
	}
	free(all);
}

bool entries_add(struct entries *all, struct entry *e)
{
	assert(e->id != NULL && e->type == all->type);
	if (entries_find(all, e->id) != NULL) {
		return false;
	}
	HASH_ADD_KEYPTR(hh, all->first, e->id, strlen(e->id), e);
	return true;
}

const struct entry *entries_find(const struct entries *all, const char *id)
{
	struct entry *found = NULL;

	if (all != NULL) {
		HASH_FIND_STR(all->first, id, found);
	}
	return found;
}

size_t entries_count(const struct entries *all)
{
	return all != NULL ? HASH_COUNT(all->first) : 0;
}

char *flow_id(enum flow_end_type source_type, const char *source, enum flow_end_type destination_type,
              const char *destination, const char *kind_id, char out[DIGEST_ID_MAX])
{
	const char types[2] = {(char)('0' + source_type), (char)('0' + destination_type)};
	struct digest *d = digest_new();

	digest_add(d, types, sizeof types);
	digest_add(d, source, strlen(source));
	digest_add(d, destination, strlen(destination));
	digest_add(d, kind_id, strlen(kind_id));
	return digest_finish_id(d, "F", out);
}
