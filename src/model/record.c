/* Validation of what another process sent: the sensor may have been taken over by a packet. */
#include "terrier/model/record.h"

#include "terrier/model/packet.h"

#include <string.h>

/* The schema's table name_source repeats these. */
static const char *const source_words[NAME_SOURCES] = {
	[NAME_NONE] = "",
	[NAME_HL7] = "hl7",
	[NAME_AE_TITLE] = "ae_title",
	[NAME_DNS] = "dns",
	[NAME_SNI] = "sni",
	[NAME_HTTP_HOST] = "http_host",
	[NAME_CERTIFICATE] = "certificate",
	[NAME_NTLM] = "ntlm",
	[NAME_SMB] = "smb",
	[NAME_KERBEROS] = "kerberos",
	[NAME_LDAP] = "ldap",
	[NAME_DHCP] = "dhcp",
	[NAME_NETBIOS] = "netbios",
	[NAME_MDNS] = "mdns",
	[NAME_BANNER] = "banner",
};

const char *name_source_name(enum name_source source)
{
	return (size_t)source < NAME_SOURCES ? source_words[source] : "";
}

enum name_source name_source_find(const char *word)
{
	for (int i = NAME_NONE + 1; i < NAME_SOURCES; i++) {
		if (strcmp(source_words[i], word) == 0) {
			return (enum name_source)i;
		}
	}
	return NAME_NONE;
}

const char *const coverage_names[COVERAGE_COUNTERS] = {
	[COVERAGE_PACKETS] = "packets",
	[COVERAGE_BYTES] = "bytes",
	[COVERAGE_KERNEL_DROPS] = "kernel_drops",
	[COVERAGE_INTERFACE_DROPS] = "interface_drops",
	[COVERAGE_NOT_IP] = "not_ip",
	[COVERAGE_MALFORMED] = "malformed",
	[COVERAGE_EXCLUDED] = "excluded",
	[COVERAGE_DUPLICATES] = "duplicates",
	[COVERAGE_SNAP_CUT] = "snap_cut",
	[COVERAGE_FRAGMENTS] = "fragments",
	[COVERAGE_FRAGMENTS_LOST] = "fragments_lost",
	[COVERAGE_FLOWS] = "flows",
	[COVERAGE_FLOWS_MIDSTREAM] = "flows_midstream",
	[COVERAGE_FLOWS_ONE_WAY] = "flows_one_way",
	[COVERAGE_FLOWS_UNKNOWN] = "flows_unknown",
	[COVERAGE_PAYLOAD_BYTES] = "payload_bytes",
	[COVERAGE_UNKNOWN_BYTES] = "unknown_bytes",
	[COVERAGE_EVICTED] = "evicted",
	[COVERAGE_UNFOLLOWED] = "unfollowed",
	[COVERAGE_GAPS] = "gaps",
	[COVERAGE_GAP_BYTES] = "gap_bytes",
	[COVERAGE_WITHHELD] = "withheld",
	[COVERAGE_DPI_REFUSED] = "dpi_refused",
};

#define COUNT_MAX (UINT64_C(1) << 62) /* a delta above this is an attack, not traffic */

/* Times that can be written (clock.h): the years 1 to 9999. */
#define TIME_MIN_US (-INT64_C(62135596800) * 1000000)
#define TIME_MAX_US (INT64_C(253402300799) * 1000000)

/* True when the digits at `text` are six, no more and no less. */
static bool is_six_digits(const char *text, size_t left)
{
	size_t n = 0;

	while (n < left && text[n] >= '0' && text[n] <= '9') {
		n++;
	}
	return n == 6;
}

/* The generic check, blind for runs of just six digits. */
static enum text_fault check_service(const char *text, size_t len, size_t max)
{
	char copy[RECORD_EVIDENCE_MAX];
	enum text_fault fault = text_check(text, len, max);

	/* TEXT_DIGITS also says that there is no NHS number. */
	if (fault != TEXT_DIGITS || len >= sizeof copy) {
		return fault;
	}
	memcpy(copy, text, len);
	for (size_t i = 0; i < len; i++) {
		bool is_start = i == 0 || copy[i - 1] < '0' || copy[i - 1] > '9';

		if (is_start && is_six_digits(copy + i, len - i)) {
			memset(copy + i, 'n', 6);
		}
	}
	return text_check(copy, len, max);
}

enum text_fault record_check_evidence(enum evidence_type type, const char *text, size_t len, size_t size)
{
	switch (type) {
	case EVIDENCE_DICOM_SOP:
		if (len == 0 || len > 64) { /* PS3.5 9.1 */
			return len == 0 ? TEXT_EMPTY : TEXT_TOO_LONG;
		}
		if (text[0] > '2' || len < 3 || text[1] != '.') { /* X.660: roots 0 to 2; no other number */
			return TEXT_DIGITS;
		}
		for (size_t i = 0; i < len; i++) {
			if ((text[i] < '0' || text[i] > '9') && text[i] != '.') {
				return TEXT_NOT_PRINTABLE;
			}
		}
		return TEXT_OK;
	case EVIDENCE_SOAP_ACTION:
	case EVIDENCE_SPINE_SERVICE:
	case EVIDENCE_XML_NS:
		return check_service(text, len, size - 1);
	default:
		return text_check(text, len, size - 1);
	}
}

/* A text of a field of `size`; EVIDENCE_NONE for a name. */
static const char *check_text(const char *text, size_t size, bool may_be_empty, enum evidence_type type)
{
	size_t len = strnlen(text, size);

	if (len == size) {
		return "text without end";
	}
	if (len == 0) {
		return may_be_empty ? NULL : "empty text";
	}
	return record_check_evidence(type, text, len, size) == TEXT_OK ? NULL : "text that may not be kept";
}

static const char *check_exchange(const struct record *r, const struct record_limits *limits)
{
	const struct record_exchange *e = &r->exchange;
	bool undecided = (r->flags & RECORD_UNDECIDED) != 0;

	if (e->kind >= limits->kinds && !(undecided && e->kind == KIND_NONE)) {
		return "unknown kind";
	}
	if (e->protocol >= limits->protocols && e->protocol != PROTOCOL_NONE) {
		return "unknown protocol";
	}
	if (e->direction > INFO_BOTH || e->confidence > CONFIDENCE_HIGH || e->encrypted > ENCRYPTED_YES ||
	    e->evidence_type >= EVIDENCE_TYPES || e->has_messages > 1 || e->balance > INFO_BOTH + 1) {
		return "value out of range";
	}
	if (e->messages > COUNT_MAX || e->bytes_to_server > COUNT_MAX || e->bytes_to_client > COUNT_MAX) {
		return "counter out of range";
	}
	const char *fault =
		check_text(e->evidence, sizeof e->evidence, true, (enum evidence_type)e->evidence_type);

	return fault != NULL ? fault : check_text(e->server_name, sizeof e->server_name, true, EVIDENCE_NONE);
}

static const char *check_coverage(const struct record_coverage *c)
{
	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		if (c->counter[i] > COUNT_MAX) {
			return "counter out of range";
		}
	}
	return NULL;
}

static const char *check_host(const struct record_host *h)
{
	return h->empty_out > COUNT_MAX || h->empty_in > COUNT_MAX || h->unanswered_out > COUNT_MAX ||
	                       h->unanswered_in > COUNT_MAX
	               ? "counter out of range"
	               : NULL;
}

const char *record_validate(const struct record *r, const struct record_limits *limits)
{
	if (r->segment >= limits->segments) {
		return "unknown segment";
	}
	if (r->last_us < r->first_us) {
		return "times out of order";
	}
	if (r->first_us < TIME_MIN_US || r->last_us > TIME_MAX_US) {
		return "times out of range";
	}
	switch (r->type) {
	case RECORD_EXCHANGE:
		return check_exchange(r, limits);
	case RECORD_NAME:
		if (r->name.source == NAME_NONE || r->name.source >= NAME_SOURCES || r->name.count > COUNT_MAX) {
			return "value out of range";
		}
		return check_text(r->name.name, sizeof r->name.name, false, EVIDENCE_NONE);
	case RECORD_HOST:
		return check_host(&r->host);
	case RECORD_COVERAGE:
		return check_coverage(&r->coverage);
	case RECORD_MARK:
		return NULL;
	default:
		return "unknown record type";
	}
}
