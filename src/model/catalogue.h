#ifndef TERRIER_SRC_MODEL_CATALOGUE_H
#define TERRIER_SRC_MODEL_CATALOGUE_H

#include "terrier/model/finding_rule.h"
#include "terrier/model/kind.h"

/* What the kind_*.c files and rule.c share; nobody else includes it. */

#define PATTERN_MAX 255 /* octets of a pattern */

/* How a pattern is compared. A glob's only wildcard is `*`; one that is an exact text or a prefix
 * is kept as such. `rule` and `note` rows are for people. */
enum match_class {
	MATCH_EXACT,
	MATCH_PREFIX,
	MATCH_SUFFIX,
	MATCH_GLOB,
	MATCH_RULE,
	MATCH_NOTE,
	MATCH_CLASSES
};

/* Where a row was read. */
struct place {
	const char *file;
	size_t line;
	unsigned number; /* of the file, in the order of reading: the higher one wins */
};

struct evidence_row {
	enum evidence_type type;
	enum match_class match;
	struct kind_match proves;
	uint16_t length;  /* of `text` */
	uint16_t literal; /* of its characters that are no wildcards */
	const char *text; /* canonical pattern: no leading dot or trailing `*`, folded where the
	                     type folds */
	const char *kind_id;
	struct place at;
};

struct kind_row {
	struct kind kind;
	struct place at;
};

struct protocol_row {
	const char *name, *ndpi_names, *ports;
	bool encrypts;
	struct place at;
};

struct rule_row {
	struct finding_rule rule;
	struct place at;
};

/* Texts to numbers, in spaces that do not see each other. */
struct text_index {
	struct index_entry *entries;
	size_t used, room; /* room is a power of two */
};

#define INDEX_NOTHING UINT32_MAX

/* Spaces of the index: first those of the evidence types, one for each match class. */
enum index_space {
	INDEX_KIND = EVIDENCE_TYPES * MATCH_CLASSES,
	INDEX_EVIDENCE, /* type and pattern as written */
	INDEX_PROTOCOL,
	INDEX_PROTOCOL_NDPI,
	INDEX_PROTOCOL_PORT,
	INDEX_RULE,
};

/* Start of a hash, and the hash with one more character. */
#define HASH_START UINT32_C(2166136261)
static inline uint32_t hash_step(uint32_t hash, char c)
{
	return (hash ^ (unsigned char)c) * UINT32_C(16777619);
}

/* The number kept for a text, INDEX_NOTHING when there is none. */
uint32_t kind_index_get(const struct text_index *x, unsigned space, const char *text, size_t len);

/* The same for a caller who knows the hash. */
uint32_t kind_index_get_hashed(const struct text_index *x, uint32_t hash, unsigned space,
                          const char *text, size_t len);

/* Keeps a number for a text that must outlive the index; replaces what was kept for it before. */
void kind_index_put(struct text_index *x, unsigned space, const char *text, size_t len, uint32_t value);

/* Frees what the index holds. */
void kind_index_fini(struct text_index *x);

/* What the matcher knows of one evidence type. */
struct type_patterns {
	uint64_t prefix_lengths[PATTERN_MAX / 64 + 1]; /* a bit for each length there is */
	bool has_suffixes;
	uint32_t *globs; /* rows, longest literal first */
	size_t n_globs;
};

struct catalogue {
	struct kind_row *kinds;
	size_t n_kinds;
	struct evidence_row *evidence;
	size_t n_evidence;
	struct protocol_row *protocols;
	size_t n_protocols;
	struct rule_row *rules; /* once loaded, without those turned off */
	size_t n_rules;
	struct text_index index;
	struct type_patterns patterns[EVIDENCE_TYPES];
	unsigned n_files;
	unsigned n_builtin; /* files that are shipped; those read after them are the site's */
	char **texts; /* all strings of the catalogue */
	size_t n_texts;
};

/* Brings `len` octets at `text` (changed in place) into the form in which the type is compared. */
void kind_fold(enum evidence_type type, char *text, size_t len);

/* Space of the index for patterns of this type and class. */
unsigned kind_space(enum evidence_type type, enum match_class match);

/* Makes the matcher from the rows; the last step of loading. */
void kind_compile(struct catalogue *c);

/* Faults found while loading, all of them. */
struct faults {
	char *text;
	size_t len, room, n;
};

/* Adds a line `FILE: line N: column C: …`; `line` 0 and `column` NULL leave their parts out. */
void faults_add(struct faults *f, struct place at, const char *column, const char *format, ...)
        __attribute__((format(printf, 4, 5)));

/* Ends the collection: the text, to be freed by the caller, or NULL when there was no fault. */
char *faults_take(struct faults *f);

/* The columns of the files, in the order of their shipped headers. */
enum {
	CELL_KIND_ID,
	CELL_KIND_TITLE,
	CELL_KIND_GROUP,
	CELL_KIND_SUBJECTS,
	CELL_KIND_PERSONAL,
	CELL_KIND_SPECIAL,
	CELL_KIND_TIER,
	CELL_KIND_TIER_RULE,
	CELL_KIND_DIRECTION,
	CELL_KIND_REGISTER_TEXT,
	CELL_KIND_NOTE,
	KIND_COLUMNS
};
enum {
	CELL_EVIDENCE_KIND,
	CELL_EVIDENCE_TYPE,
	CELL_EVIDENCE_PATTERN,
	CELL_EVIDENCE_DIRECTION,
	CELL_EVIDENCE_SOURCE,
	CELL_EVIDENCE_MATCH,
	CELL_EVIDENCE_CONFIDENCE,
	CELL_EVIDENCE_VERIFIED,
	EVIDENCE_COLUMNS
};
enum {
	CELL_PROTOCOL_NAME,
	CELL_PROTOCOL_ENCRYPTS,
	CELL_PROTOCOL_NDPI,
	CELL_PROTOCOL_PORTS,
	CELL_PROTOCOL_NOTE,
	PROTOCOL_COLUMNS
};
enum {
	CELL_RULE_ID,
	CELL_RULE_TITLE,
	CELL_RULE_SEVERITY,
	CELL_RULE_CONFIDENCE,
	CELL_RULE_CATEGORY,
	CELL_RULE_ABOUT,
	CELL_RULE_PROTOCOLS,
	CELL_RULE_KINDS,
	CELL_RULE_TIER,
	CELL_RULE_LEAST_CONFIDENCE,
	CELL_RULE_ENCRYPTED,
	CELL_RULE_FACTS,
	CELL_RULE_NAMES,
	CELL_RULE_PLACE,
	CELL_RULE_ROLES,
	CELL_RULE_ROLE_OF,
	CELL_RULE_LEAST_BYTES,
	CELL_RULE_CHECK,
	CELL_RULE_PARAMETER,
	CELL_RULE_CONTROL_REFS,
	CELL_RULE_WHY,
	CELL_RULE_ACTION,
	CELL_RULE_LIMITS,
	RULE_COLUMNS
};
#define COLUMNS_MAX RULE_COLUMNS

/* Reads the rows of one file into the catalogue. `file` is kept. */
void kind_read(struct catalogue *c, struct faults *f, const char *file, const char *bytes,
               size_t len);

/* A row with its cells in the order of its table's columns, each within its length and printable.
 */
struct table_row {
	struct catalogue *catalogue;
	struct faults *faults;
	struct place at;
	const char *const *names; /* of the columns */
	const char *const *cells; /* never NULL */
};

/* Adds a row to the catalogue, or takes the place of the one with its key that another file had. */
void kind_take_kind(const struct table_row *row);
void kind_take_evidence(const struct table_row *row);
void kind_take_protocol(const struct table_row *row);
void rule_take(const struct table_row *row);

/* What these have in common: says that a cell is wrong and what it may be. */
void row_refuse(const struct table_row *row, int column, const char *allowed);

/* Position of the cell's word in `words`, which ends with NULL; 0 and a fault when it is none of them. */
int row_word(const struct table_row *row, int column, const char *const words[]);

/* A copy of the cell that lives as long as the catalogue. */
char *row_keep(const struct table_row *row, int column);

/* Where the row with this key goes: a new place, or that of another file's row. SIZE_MAX and a fault when this file
 * had it already or there is no room. */
size_t row_place(const struct table_row *row, int column, uint32_t found, const struct place *found_at, size_t n);

/* Room for one more at the end of `n` rows. */
void *row_extend(void *rows, size_t n, size_t size);

/* Checks what rows say of each other: kinds that must exist, names and ports of one protocol only.
 */
void kind_link(struct catalogue *c, struct faults *f);

/* The same for the rules of findings; takes out those turned off. */
void rule_link(struct catalogue *c, struct faults *f);

/* A copy of `len` octets that lives as long as the catalogue. */
char *kind_keep(struct catalogue *c, const char *text, size_t len);

/* The shipped files, made part of the program by the build. */
extern const char data_kinds_csv[], data_evidence_csv[], data_protocols_csv[], data_findings_csv[];
extern const size_t data_kinds_csv_size, data_evidence_csv_size, data_protocols_csv_size, data_findings_csv_size;

#endif
