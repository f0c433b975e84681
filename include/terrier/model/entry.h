#ifndef TERRIER_MODEL_ENTRY_H
#define TERRIER_MODEL_ENTRY_H

#include "terrier/base/digest.h"
#include "terrier/model/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <uthash.h>

/* What people enter: assets (registers.md 4.1), declared flows (the declared part of 4.2 and 4.3) and decisions. An
 * entry is a row of texts, one a column, in the spelling that is kept: UTF-8, trimmed, controlled words in lower case,
 * dates ISO 8601, lists with ';' between their items and no blanks around it. */
enum entry_type { ENTRY_ASSET, ENTRY_DECLARATION, ENTRY_DECISION, ENTRY_TYPES };

/* What a cell of a column holds. Lists may be empty. */
enum cell_type {
	CELL_TEXT,      /* any text; line ends are allowed in it */
	CELL_LIST,      /* texts */
	CELL_ID,        /* 1..64 of A-Z a-z 0-9 . _ : / - */
	CELL_WORD,      /* one of the column's words */
	CELL_WORDS,     /* list of them */
	CELL_DATE,      /* 2026-11-21 */
	CELL_SCALE,     /* 1..5 */
	CELL_NETWORKS,  /* list: addresses, CIDR blocks */
	CELL_MACS,      /* list: 02:4c:41:00:00:01, or a maker's half */
	CELL_GLOBS,     /* list: host names, with * and ? */
	CELL_SUFFIXES,  /* list: DNS suffixes, without a leading dot */
	CELL_AE_TITLES, /* list: 1..16 characters, PS3.5 6.2 */
	CELL_HL7_APPS,  /* list: APPLICATION^FACILITY or APPLICATION */
	CELL_PORTS,     /* list: 104, tcp/104, udp/514 */
	CELL_KIND,      /* a kind's id, or a group: clin.* */
	CELL_KINDS,     /* list of them */
	CELL_PROTOCOLS, /* list: wire protocols as CONTRACT spells them */
	CELL_ASSET,     /* id of an asset */
	CELL_FLAG,      /* yes, no, unknown */
};

struct entry_column {
	const char *name;  /* of files: fixed */
	const char *label; /* for people */
	enum cell_type type;
	const char *words; /* of CELL_WORD and CELL_WORDS, with spaces between; else NULL */
	bool is_needed;
};

#define ENTRY_COLUMNS_MAX 64
#define ENTRY_CELL_MAX    8192 /* octets of a cell */
#define ENTRY_ID_MAX      64   /* characters of an asset's id */

enum asset_column {
	ASSET_ID, ASSET_NAME, ASSET_TYPE, ASSET_DESCRIPTION,
	ASSET_MATCH_IP, ASSET_MATCH_MAC, ASSET_MATCH_HOSTNAME, ASSET_MATCH_DNS_SUFFIX, ASSET_MATCH_AE_TITLE,
	ASSET_MATCH_HL7_APP, ASSET_MATCH_PORT,
	ASSET_ORGANISATION, ASSET_ODS_CODE, ASSET_SITE, ASSET_ZONE, ASSET_HOSTING, ASSET_COUNTRY, ASSET_SUPPLIER,
	ASSET_SUPPORT_ARRANGEMENT, ASSET_CONTRACT_REF, ASSET_CONTRACT_END,
	ASSET_OWNER, ASSET_ADMINISTRATOR, ASSET_TECHNICAL_CONTACT, ASSET_CONTROLLER_ROLE, ASSET_CONTROLLER_NAME,
	ASSET_KINDS, ASSET_INDIVIDUALS, ASSET_DATA_CATEGORIES, ASSET_PERSONAL_DATA, ASSET_SPECIAL_CATEGORY,
	ASSET_CRIMINAL_OFFENCE, ASSET_MARKING,
	ASSET_PURPOSE, ASSET_ART6, ASSET_ART9, ASSET_SCH1, ASSET_COMMON_LAW, ASSET_DPIA_REF, ASSET_DPIA_DATE,
	ASSET_ESSENTIAL_FUNCTION, ASSET_CRITICALITY, ASSET_IMPACT_CONFIDENTIALITY, ASSET_IMPACT_INTEGRITY,
	ASSET_IMPACT_AVAILABILITY, ASSET_BACKUP_ARRANGEMENT, ASSET_BACKUP_ASSET, ASSET_RETENTION, ASSET_DISPOSAL,
	ASSET_SUPPORT_END, ASSET_SECURITY_MEASURES, ASSET_RISK_REF, ASSET_LAST_REVIEWED, ASSET_REVIEW_DUE, ASSET_NOTES,
	ASSET_COLUMNS
};

enum declaration_column {
	DECLARED_SOURCE, DECLARED_DESTINATION, DECLARED_KIND, /* these three tell it from others */
	DECLARED_METHOD, DECLARED_ENCRYPTED, DECLARED_FREQUENCY,
	DECLARED_PURPOSE, DECLARED_ART6, DECLARED_ART9, DECLARED_SCH1, DECLARED_COMMON_LAW,
	DECLARED_AGREEMENT_REF, DECLARED_AGREEMENT_END, DECLARED_DPIA_REQUIRED, DECLARED_DPIA_REF, DECLARED_DPIA_REVIEW_DUE,
	DECLARED_AUTHORISED_BY, DECLARED_AUTHORISED_ON, DECLARED_OWNER, DECLARED_RISK_RATING, DECLARED_RISK_REF,
	DECLARED_LAST_REVIEWED, DECLARED_REVIEW_DUE, DECLARED_RETIRED_ON, DECLARED_COMMENT,
	DECLARED_PROCESSING_REF, DECLARED_BUSINESS_FUNCTION, DECLARED_CONTROLLER, DECLARED_JOINT_CONTROLLER,
	DECLARED_REPRESENTATIVE, DECLARED_DPO, DECLARED_INDIVIDUALS, DECLARED_DATA_CATEGORIES, DECLARED_RECIPIENTS,
	DECLARED_PROCESSORS, DECLARED_THIRD_COUNTRIES, DECLARED_SAFEGUARDS, DECLARED_RETENTION,
	DECLARED_SECURITY_MEASURES, DECLARED_POLICY_REF, DECLARED_SOURCE_OF_DATA, DECLARED_PRIVACY_NOTICE,
	DECLARED_LOCATION, DECLARED_BREACH_REF, DECLARED_OPT_OUT, DECLARED_OWNER_ROLE,
	DECLARATION_COLUMNS
};

/* A decision: about what, who decided what and why, and what was seen when it was made. */
enum decision_column {
	DECISION_OBJECT, /* F-… or N-… */
	DECISION_VERDICT, DECISION_ROLE, DECISION_DECIDED_ON, DECISION_REASON, DECISION_UNTIL,
	DECISION_SEEN_SOURCE, DECISION_SEEN_DESTINATION, DECISION_SEEN_KIND, DECISION_SEEN_TIER, DECISION_SEEN_ENCRYPTED,
	DECISION_SEEN_SOURCE_ZONE, DECISION_SEEN_DESTINATION_ZONE, DECISION_SEEN_LEAVES, DECISION_SEEN_METHOD,
	DECISION_SEEN_STATUS, DECISION_SEEN_DIFFERENCES, DECISION_SEEN_FIRST, DECISION_SEEN_LAST, DECISION_SEEN_FROM,
	DECISION_SEEN_TO, DECISION_SEEN_MESSAGES, DECISION_SEEN_BYTES, DECISION_SEEN_SEVERITY, DECISION_SEEN_OBSERVED,
	DECISION_SEEN_RULE, DECISION_SEEN_TITLE,
	DECISION_COLUMNS
};

/* The columns of a type, in the order of its files; `*n` how many. Constants. */
const struct entry_column *entry_columns(enum entry_type type, size_t *n);

/* What a workbook tells of such a column: its label and words, and that people fill it in. */
struct table_help entry_help(const struct entry_column *column);

/* Word of a type, for people and files: "asset", "declaration", "decision". */
const char *entry_type_name(enum entry_type type);

/* One entry. Cells are owned by it; NULL stands for an empty one. */
struct entry {
	enum entry_type type;
	char *id; /* asset_id; of a declaration D-…; of a decision what it is about */
	size_t line; /* of the file it came from; 0: none */
	char *cells[ENTRY_COLUMNS_MAX];
	UT_hash_handle hh;
};

struct entry *entry_new(enum entry_type type);
void entry_free(struct entry *e); /* NULL is allowed */

/* Text of a cell; "" where it is empty. Belongs to the entry. */
const char *entry_text(const struct entry *e, size_t column);

/* True for an asset that is somebody else's. */
bool entry_is_external(const struct entry *asset);

/* Sets a cell to a copy of `len` octets; none empties it. */
void entry_set(struct entry *e, size_t column, const char *text, size_t len);

/* Gives the entry its id, from its cells; a declaration's is a hash of source, destination and kind. */
void entry_identify(struct entry *e);

/* True when all cells are equal. */
bool entry_equals(const struct entry *a, const struct entry *b);

/* Number of the column of this name (or label, for people's files; ASCII case and blanks at the ends do not matter);
 * ENTRY_COLUMNS_MAX when there is none. */
size_t entry_find_column(enum entry_type type, const char *name);

/* Next item of a list cell: `*list` moves on; NULL at its end. An item has no blanks at its ends. */
const char *entry_next(const char **list, size_t *len);

/* True when the list holds this item; ASCII case does not matter. */
bool entry_lists(const char *list, const char *item);

/* A set of entries of one type, by id, in the order they came. */
struct entries {
	enum entry_type type;
	struct entry *first; /* uthash, by id: iterate with HASH_ITER */
};

struct entries *entries_new(enum entry_type type);
void entries_free(struct entries *all); /* NULL is allowed; frees the entries too */

/* Takes over an identified entry. False, and the entry still is the caller's, when the id is already there. */
bool entries_add(struct entries *all, struct entry *e);

/* The entry of this id; NULL when there is none, or no set. */
const struct entry *entries_find(const struct entries *all, const char *id);
size_t entries_count(const struct entries *all); /* NULL: 0 */

/* Id of a flow (CONTRACT: source, destination, observed kind) and of its ends: a flow end is an asset's id, a host
 * (segment and address), a zone in which clients are folded, or a pseudonym. `what` is the sort of end. */
enum flow_end_type { FLOW_END_ASSET, FLOW_END_HOST, FLOW_END_ZONE, FLOW_END_PSEUDONYM };
char *flow_id(enum flow_end_type source_type, const char *source, enum flow_end_type destination_type,
              const char *destination, const char *kind_id, char out[DIGEST_ID_MAX]);

#endif
