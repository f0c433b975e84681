#ifndef TERRIER_MODEL_KIND_H
#define TERRIER_MODEL_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The catalogue: kinds of data (kinds.csv), what proves them (evidence.csv), the names of wire protocols
 * (protocols.csv) and the rules of findings (findings.csv, finding_rule.h), compiled at start into a matcher.
 * Immutable once loaded; safe to share between processes by fork. */
struct catalogue;

#define KIND_ID_MAX       32 /* longest id with its NUL */
#define KIND_NONE         UINT16_MAX
#define PROTOCOL_NONE     UINT16_MAX
#define PROTOCOL_NAME_MAX 24

/* Sensitivity (CONTRACT): 0..3, or unknown for an `inherit` kind that nothing declares. */
enum tier { TIER_0, TIER_1, TIER_2, TIER_3, TIER_UNKNOWN };
enum tier_rule { TIER_FIXED, TIER_FLOOR, TIER_INHERIT };

/* Way of the information relative to the connection's opener. MSG: with the message that carries the
 * evidence; HTTP: by method (GET s2c, POST c2s); BALANCE: from the side that sent by far the most octets, where
 * the protocol does not tell (both when neither did). */
enum info_direction { INFO_C2S, INFO_S2C, INFO_BOTH, INFO_MSG, INFO_HTTP, INFO_BALANCE };

enum confidence { CONFIDENCE_LOW, CONFIDENCE_MEDIUM, CONFIDENCE_HIGH };

/* The evidence_type column. Order: CONTRACT precedence is by match length, then confidence, then the
 * order of this list. EVIDENCE_OTHER takes rows that are for people (match `rule` or `note`). */
enum evidence_type {
	EVIDENCE_NONE,
	EVIDENCE_HL7_MSH9,       /* hl7v2.msh9: `ADT^A01` */
	EVIDENCE_DICOM_SOP,      /* dicom.sop_class: a UID */
	EVIDENCE_DICOM_COMMAND,  /* dicom.command: `C-STORE 0x0001` */
	EVIDENCE_FHIR_TYPE,
	EVIDENCE_FHIR_OPERATION,
	EVIDENCE_SOAP_ACTION,
	EVIDENCE_SPINE_SERVICE,
	EVIDENCE_HTTP_ROUTE,
	EVIDENCE_HTTP_CONTENT_TYPE,
	EVIDENCE_POCT1A_ROOT,
	EVIDENCE_SYSLOG_MSGID,
	EVIDENCE_LDAP_BASE,
	EVIDENCE_XML_NS,
	EVIDENCE_ASTM_RECORD,    /* astm.record: letter of a record, `R` */
	EVIDENCE_SHARE,          /* file.share: `\\server\share`, an export root, an rsync module, an iSCSI target */
	EVIDENCE_DATABASE,       /* db.name: a database or service name */
	EVIDENCE_TOPIC,          /* bus.topic: root of a topic, a queue, a virtual host */
	EVIDENCE_MAIL_DOMAIN,    /* mail.domain: domain of a recipient */
	EVIDENCE_PRINT_QUEUE,    /* print.queue: a printer's or queue's name */
	EVIDENCE_TLS_SNI,        /* a host name; also HTTP Host */
	EVIDENCE_DNS_LABEL,
	EVIDENCE_PROTOCOL,       /* a wire protocol's name as CONTRACT spells it, from an own recogniser */
	EVIDENCE_NDPI,           /* nDPI's protocol name, `Master.App` or one of them */
	EVIDENCE_PORT,           /* `tcp/2575` */
	EVIDENCE_OTHER,
	EVIDENCE_TYPES,
};

struct kind {
	const char *id, *title, *group;
	const char *data_subjects, *personal_data, *special_category;
	enum tier tier; /* of a floor kind its floor; TIER_UNKNOWN for inherit */
	enum tier_rule tier_rule;
	enum info_direction direction; /* default */
	const char *register_text, *note;
};

/* What a piece of evidence proves. */
struct kind_match {
	uint16_t kind;
	enum info_direction direction;
	enum confidence confidence;
	bool is_site; /* by a row that the site added */
};

/* Loads the built-in catalogue and, when `site_dir` is not NULL and exists, its *.csv in name order: a file
 * whose header has the columns of kinds.csv, evidence.csv, protocols.csv or findings.csv adds rows or replaces those with
 * the same key. On a bad row returns NULL and sets `*error` (free()) to every fault, one a line,
 * `FILE: line N: column C: what was read, what is allowed`. */
struct catalogue *catalogue_load(const char *site_dir, char **error);

/* Frees a catalogue; NULL is allowed. */
void catalogue_free(struct catalogue *c);

/* Number of kinds; kinds have indexes 0..count-1, in the order of the files. */
uint16_t catalogue_count(const struct catalogue *c);

/* The kind with this index; never NULL for a valid index. Belongs to the catalogue. */
const struct kind *catalogue_kind(const struct catalogue *c, uint16_t index);

/* Index of the kind with this id, KIND_NONE when there is none. */
uint16_t catalogue_find(const struct catalogue *c, const char *id);

/* Matches `len` bytes of evidence: exact, then longest suffix/prefix/glob, then confidence. ASCII case is
 * ignored for names (SNI, DNS, content types). HL7: `CODE^TRIGGER` falls back to `CODE^*`. False when no
 * row matches. */
bool catalogue_match(const struct catalogue *c, enum evidence_type type, const char *text, size_t len,
                     struct kind_match *out);

/* Matches a port; `ip_protocol` IP_TCP or IP_UDP. False when no row names it. */
bool catalogue_match_port(const struct catalogue *c, uint8_t ip_protocol, uint16_t port,
                          struct kind_match *out);

/* Index of a wire protocol as CONTRACT spells it ("SMB2"), PROTOCOL_NONE when unknown. */
uint16_t catalogue_protocol(const struct catalogue *c, const char *name);

/* Name of a protocol index; "unknown" for PROTOCOL_NONE or a bad index. Belongs to the catalogue. */
const char *catalogue_protocol_name(const struct catalogue *c, uint16_t index);

/* Number of wire protocols. */
uint16_t catalogue_protocol_count(const struct catalogue *c);

/* The wire protocol behind an nDPI name (`MsSQL-TDS` gives TDS; a brand gives its carrier), or behind a
 * port; PROTOCOL_NONE when the table has none. */
uint16_t catalogue_protocol_of_ndpi(const struct catalogue *c, const char *ndpi_name);
uint16_t catalogue_protocol_of_port(const struct catalogue *c, uint8_t ip_protocol, uint16_t port);

/* True when everything this protocol carries is encrypted (TLS, SSH, QUIC …). */
bool catalogue_protocol_encrypts(const struct catalogue *c, uint16_t index);

/* The word of the evidence_type column ("hl7v2.msh9"), and back; EVIDENCE_OTHER for a word unknown. */
const char *evidence_type_name(enum evidence_type type);
enum evidence_type evidence_type_find(const char *name);

/* How much a tier weighs beside others, from 0: unknown never looks harmless and stands between 1 and 2. */
int tier_weight(enum tier tier);

/* Words for people and files: "0".."3", "unknown"; "high", "medium", "low". */
const char *tier_name(enum tier tier);
const char *confidence_name(enum confidence confidence);

#endif
