/* What proves the kind of an exchange: kept in its row, since it is written and read with it and is
 * bounded. */
#include "evidence.h"

#include "sql.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

#define SHOWN 5

static int compare_key(const struct evidence_item *item, int type, const char *text)
{
	return item->type != type ? item->type - type : strcmp(item->text, text);
}

/* The rest takes the last item, which is one too many. */
static void fold_last(struct evidence_list *list)
{
	struct evidence_item *rest = &list->items[0];
	uint64_t count = list->items[--list->n].count;

	if (rest->type != EVIDENCE_NONE) {
		memmove(rest + 1, rest, list->n++ * sizeof *rest);
		*rest = (struct evidence_item){.type = EVIDENCE_NONE};
	}
	rest->count = sql_add(rest->count, count);
}

void evidence_add(struct evidence_list *list, int type, const char *text, uint64_t count)
{
	char key[EVIDENCE_TEXT_MAX];
	size_t at = list->n;
	int order = -1;

	text_copy(key, sizeof key, text, strlen(text));
	while (at > 0 && (order = compare_key(&list->items[at - 1], type, key)) > 0) {
		at--;
	}
	struct evidence_item *item = &list->items[at];

	if (order == 0 && at > 0) {
		item[-1].count = sql_add(item[-1].count, count);
		return;
	}
	memmove(item + 1, item, (list->n++ - at) * sizeof *item);
	item->type = type;
	item->count = count;
	memcpy(item->text, key, sizeof key);
	if (list->n > EVIDENCE_MAX + (list->items[0].type == EVIDENCE_NONE ? 1u : 0u)) {
		fold_last(list);
	}
}

static bool skip(const char **at, char c)
{
	if (**at != c) {
		return false;
	}
	++*at;
	return true;
}

static bool read_number(const char **at, uint64_t *number)
{
	const char *start = *at;

	for (*number = 0; **at >= '0' && **at <= '9'; ++*at) {
		*number = *number > INT64_MAX / 10 ? INT64_MAX
		                                   : sql_add(*number * 10, (uint64_t)(**at - '0'));
	}
	return *at > start;
}

/* A JSON string that has no escapes but \" and \\, as we write them. */
static bool read_text(const char **at, char text[EVIDENCE_TEXT_MAX])
{
	size_t len = 0;

	if (!skip(at, '"')) {
		return false;
	}
	while (**at != '"' && **at != '\0' && len + 1 < EVIDENCE_TEXT_MAX) {
		*at += **at == '\\' && (*at)[1] != '\0' ? 1 : 0;
		text[len++] = *(*at)++;
	}
	text[len] = '\0';
	return skip(at, '"');
}

void evidence_read(struct evidence_list *list, const char *column)
{
	char text[EVIDENCE_TEXT_MAX];
	uint64_t type, count;

	if (!skip(&column, '[')) {
		return;
	}
	while (skip(&column, '[') && read_number(&column, &type) && skip(&column, ',') &&
	       read_text(&column, text) && skip(&column, ',') && read_number(&column, &count) &&
	       skip(&column, ']') && type < EVIDENCE_TYPES) {
		evidence_add(list, (int)type, text, count);
		skip(&column, ',');
	}
}

/* Control characters never pass the validator of texts; should one come all the same, a space
 * stands for it. */
static char *write_text(char *out, const char *text)
{
	*out++ = '"';
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\') {
			*out++ = '\\';
		}
		*out++ = (unsigned char)*text < ' ' ? ' ' : *text;
	}
	*out++ = '"';
	return out;
}

static char *write_number(char *out, uint64_t number)
{
	char digits[20];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (n > 0) {
		*out++ = digits[--n];
	}
	return out;
}

char *evidence_write(const struct evidence_list *list)
{
	size_t size = sizeof "[]";

	for (size_t i = 0; i < list->n; i++) {
		size += 2 * strlen(list->items[i].text) + sizeof ",[19,\"\",]" + 20;
	}
	char *column = mem_resize(NULL, size, 1);
	char *out = column;

	*out++ = '[';
	for (size_t i = 0; i < list->n; i++) {
		if (i > 0) {
			*out++ = ',';
		}
		*out++ = '[';
		out = write_number(out, (uint64_t)list->items[i].type);
		*out++ = ',';
		out = write_text(out, list->items[i].text);
		*out++ = ',';
		out = write_number(out, list->items[i].count);
		*out++ = ']';
	}
	*out++ = ']';
	*out = '\0';
	return column;
}

static void merge_columns(sqlite3_context *context, int n, sqlite3_value **values)
{
	struct evidence_list list;

	list.n = 0;
	for (int i = 0; i < n; i++) {
		const unsigned char *column = sqlite3_value_text(values[i]);
		evidence_read(&list, column != NULL ? (const char *)column : "");
	}
	sqlite3_result_text(context, evidence_write(&list), -1, free);
}

int evidence_register(sqlite3 *db)
{
	return sqlite3_create_function(db, "merge_evidence", 2,
	                               SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY, NULL,
	                               merge_columns, NULL, NULL);
}

/* Labels by the numbers of enum evidence_type, as in the schema's table evidence_type. */
static const char *const labels[EVIDENCE_TYPES] = {
        [EVIDENCE_NONE] = "further",        [EVIDENCE_HL7_MSH9] = "HL7",
        [EVIDENCE_DICOM_SOP] = "DICOM",     [EVIDENCE_DICOM_COMMAND] = "DICOM",
        [EVIDENCE_FHIR_TYPE] = "FHIR",      [EVIDENCE_FHIR_OPERATION] = "FHIR",
        [EVIDENCE_SOAP_ACTION] = "SOAP",    [EVIDENCE_SPINE_SERVICE] = "Spine",
        [EVIDENCE_HTTP_ROUTE] = "HTTP",     [EVIDENCE_HTTP_CONTENT_TYPE] = "HTTP",
        [EVIDENCE_POCT1A_ROOT] = "POCT1-A", [EVIDENCE_SYSLOG_MSGID] = "syslog",
        [EVIDENCE_LDAP_BASE] = "LDAP",      [EVIDENCE_XML_NS] = "XML",
        [EVIDENCE_ASTM_RECORD] = "ASTM",    [EVIDENCE_SHARE] = "share",
        [EVIDENCE_DATABASE] = "database",   [EVIDENCE_TOPIC] = "topic",
        [EVIDENCE_MAIL_DOMAIN] = "mail",    [EVIDENCE_PRINT_QUEUE] = "queue",
        [EVIDENCE_TLS_SNI] = "name",        [EVIDENCE_DNS_LABEL] = "DNS",
        [EVIDENCE_PROTOCOL] = "protocol",   [EVIDENCE_NDPI] = "nDPI",
        [EVIDENCE_PORT] = "port",           [EVIDENCE_OTHER] = "other",
};

/* Names of the SOP classes that hospitals use most (DICOM PS3.6 annex A): nobody reads UIDs. */
static const char *name_uid(const char *uid)
{
	static const struct {
		const char *uid, *name;
	} names[] = {
	        {"1.2.840.10008.1.1", "Verification"},
	        {"1.2.840.10008.1.20.1", "StorageCommitment"},
	        {"1.2.840.10008.3.1.2.3.3", "ModalityPerformedProcedureStep"},
	        {"1.2.840.10008.5.1.4.1.1.1", "CRImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.1.1", "DXImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.1.2", "MammographyImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.2", "CTImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.2.1", "EnhancedCTImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.3.1", "USMultiFrameImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.4", "MRImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.4.1", "EnhancedMRImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.6.1", "USImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.7", "SecondaryCaptureImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.9.1.1", "TwelveLeadECGWaveformStorage"},
	        {"1.2.840.10008.5.1.4.1.1.11.1", "GrayscalePresentationStateStorage"},
	        {"1.2.840.10008.5.1.4.1.1.12.1", "XRayAngiographicImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.20", "NMImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.77.1.4", "PhotographicImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.88.22", "EnhancedSRStorage"},
	        {"1.2.840.10008.5.1.4.1.1.88.33", "ComprehensiveSRStorage"},
	        {"1.2.840.10008.5.1.4.1.1.88.67", "RadiationDoseSRStorage"},
	        {"1.2.840.10008.5.1.4.1.1.104.1", "EncapsulatedPDFStorage"},
	        {"1.2.840.10008.5.1.4.1.1.128", "PETImageStorage"},
	        {"1.2.840.10008.5.1.4.1.1.481.2", "RTDoseStorage"},
	        {"1.2.840.10008.5.1.4.1.1.481.3", "RTStructureSetStorage"},
	        {"1.2.840.10008.5.1.4.1.1.481.5", "RTPlanStorage"},
	        {"1.2.840.10008.5.1.4.1.2.1.1", "PatientRootFind"},
	        {"1.2.840.10008.5.1.4.1.2.1.2", "PatientRootMove"},
	        {"1.2.840.10008.5.1.4.1.2.2.1", "StudyRootFind"},
	        {"1.2.840.10008.5.1.4.1.2.2.2", "StudyRootMove"},
	        {"1.2.840.10008.5.1.4.31", "ModalityWorklistFind"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(uid, names[i].uid) == 0) {
			return names[i].name;
		}
	}
	return uid;
}

static int compare_shown(const void *left, const void *right)
{
	const struct evidence_item *a = left, *b = right;

	if ((a->type == EVIDENCE_NONE) != (b->type == EVIDENCE_NONE)) {
		return a->type == EVIDENCE_NONE ? 1 : -1;
	}
	if (a->count != b->count) {
		return a->count < b->count ? 1 : -1;
	}
	int order = strcmp(a->text, b->text);

	return order != 0 ? order : a->type - b->type;
}

void evidence_sort(struct evidence_list *list)
{
	qsort(list->items, list->n, sizeof list->items[0], compare_shown);
}

/* Text of bounded length on its way together. */
struct printing {
	char text[SHOWN * (EVIDENCE_TEXT_MAX + 64) + 64];
	size_t len;
};

static void put(struct printing *out, const char *text)
{
	out->len += text_copy(out->text + out->len, sizeof out->text - out->len, text, strlen(text));
}

static void put_number(struct printing *out, uint64_t number)
{
	char digits[21];

	*write_number(digits, number) = '\0';
	put(out, digits);
}

static void print_item(struct printing *out, const struct evidence_item *item, const char *label)
{
	if (label != NULL) {
		put(out, label);
		put(out, " ");
	}
	put(out, item->type == EVIDENCE_DICOM_SOP ? name_uid(item->text) : item->text);
	if (item->count > 0) {
		put(out, " ×");
		put_number(out, item->count);
	}
}

char *evidence_print(const struct evidence_list *list)
{
	struct printing out;
	const char *label = "";
	size_t n = 0;

	bool is_cut = list->n > 0 && list->items[list->n - 1].type == EVIDENCE_NONE;

	out.len = 0;
	out.text[0] = '\0';
	for (size_t i = 0; i < list->n; i++) {
		const struct evidence_item *item = &list->items[i];
		const char *now = labels[item->type];

		/* facts select no kind: they are for store_each_evidence() */
		if (item->type == EVIDENCE_NONE || item->type == EVIDENCE_OTHER || n++ >= SHOWN) {
			continue;
		}
		put(&out, n > 1 ? "; " : "");
		print_item(&out, item, strcmp(now, label) != 0 ? now : NULL);
		label = now;
	}
	if (n > SHOWN) {
		put(&out, "; +");
		put_number(&out, n - SHOWN);
		put(&out, is_cut ? " or more" : " more");
	}
	return mem_strdup(out.text);
}
