/* What may stand in a column, by its type: reads it as people write it and says what they can write
 * instead. */
#include "cell.h"
#include "date.h"

#include "terrier/base/addr.h"
#include "terrier/base/nearest.h"
#include "terrier/base/text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 1024 /* that a proposal is looked for among */

#define LETTERS  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS   "0123456789"
#define ID_CHARS LETTERS DIGITS "._:/-"

#define REFUSE(i, ...)                                                                             \
	(complaints_add(                                                                           \
	         (i)->cell->complaints,                                                            \
	         (struct spot){(i)->cell->line, (i)->cell->column->name, (i)->read, (i)->len},     \
	         __VA_ARGS__),                                                                     \
	 false)

static bool put(struct item *i, const char *text)
{
	size_t len = strlen(text);

	if (len >= i->room) {
		return REFUSE(i, "the list gets longer than %d characters: shorten it",
		              ENTRY_CELL_MAX);
	}
	text_copy(i->out, i->room, text, len);
	return true;
}

/* Notes what was read, and the nearest of what may be written. */
static bool propose(struct item *i, const char *text, const char *const *words, size_t n,
                    const char *otherwise)
{
	const char *near = complaints_wants(i->cell->complaints, i->cell->line)
	                           ? nearest_find(text, words, n)
	                           : NULL;

	return near != NULL ? REFUSE(i, "did you mean '%s'? %s", near, otherwise)
	                    : REFUSE(i, "%s", otherwise);
}

static bool read_text(struct item *i, char *text)
{
	return put(i, text);
}

static bool read_id(struct item *i, char *text)
{
	if (strlen(text) > ENTRY_ID_MAX || text[strspn(text, ID_CHARS)] != '\0') {
		return REFUSE(i, "write 1 to %d letters, digits and . _ : / - without blanks",
		              ENTRY_ID_MAX);
	}
	return put(i, text);
}

/* "Medical device" for medical_device. */
static void fold_word(char *text)
{
	text_lower(text);
	for (char *at = text; *at != '\0'; at++) {
		if (*at == ' ' || *at == '-') {
			*at = '_';
		} else if (strncmp(at, "\xc2\xa0", 2) == 0) {
			*at = '_';
			memmove(at + 1, at + 2, strlen(at + 2) + 1);
		}
	}
}

/* The one of the words in `list`, with spaces between, that the text is. */
static bool pick_word(struct item *i, char *text, const char *list)
{
	char copy[512], message[600];
	const char *words[64];
	size_t n = 0, used = 0;

	fold_word(text);
	text_copy(copy, sizeof copy, list, strlen(list));
	for (char *at = copy, *next; at != NULL && n < sizeof words / sizeof words[0]; at = next) {
		next = strchr(at, ' ');
		if (next != NULL) {
			*next++ = '\0';
		}
		if (strcmp(text, at) == 0) {
			return put(i, text);
		}
		words[n++] = at;
	}
	for (size_t k = 0; k < n; k++) {
		const char *between = k == 0 ? "write " : k + 1 == n ? " or " : ", ";

		used += (size_t)snprintf(message + used, sizeof message - used, "%s%s", between,
		                         words[k]);
	}
	return propose(i, text, words, n, message);
}

/* What spreadsheets make of yes and no. */
static const char *unfold_flag(const char *text)
{
	static const char *const spellings[][2] = {
	        {"y", "yes"}, {"true", "yes"}, {"n", "no"}, {"false", "no"}};

	for (size_t k = 0; k < sizeof spellings / sizeof spellings[0]; k++) {
		if (text_casecmp(text, spellings[k][0]) == 0) {
			return spellings[k][1];
		}
	}
	return NULL;
}

static bool read_word(struct item *i, char *text)
{
	const char *words = i->cell->column->words, *flag = unfold_flag(text);

	return flag != NULL && strncmp(words, "yes no ", 7) == 0 ? put(i, flag)
	                                                         : pick_word(i, text, words);
}

static bool read_flag(struct item *i, char *text)
{
	const char *flag = unfold_flag(text);

	return flag != NULL ? put(i, flag) : pick_word(i, text, "yes no unknown");
}

static bool read_date(struct item *i, char *text)
{
	char iso[DATE_TEXT_MAX];
	const char *fault = date_read(text, iso);

	return fault == NULL
	               ? put(i, iso)
	               : REFUSE(i, "%s: write 2026-11-21 or 21/11/2026, the day first", fault);
}

static bool read_scale(struct item *i, char *text)
{
	if (strlen(text) != 1 || text[0] < '1' || text[0] > '5') {
		return REFUSE(i, "write a whole number from 1 to 5");
	}
	return put(i, text);
}

/* Several where one item is expected: the usual slip. */
#define BETWEEN "; between two of them stands a ;"

/* The block that an address with bits behind the block's length was meant to be; changes `text`. */
static bool find_block(char *text, struct prefix *out)
{
	char *slash = strchr(text, '/'), *end;
	struct addr addr;

	if (slash == NULL || !isdigit((unsigned char)slash[1])) {
		return false;
	}
	*slash = '\0';
	unsigned long bits = strtoul(slash + 1, &end, 10);

	if (*end != '\0' || !addr_parse(text, &addr) || bits > (addr_is_v4(&addr) ? 32 : 128)) {
		return false;
	}
	*out = prefix_of(&addr, (uint8_t)(bits + (addr_is_v4(&addr) ? 96 : 0)));
	return true;
}

static bool read_network(struct item *i, char *text)
{
	char out[PREFIX_TEXT_MAX];
	struct prefix prefix;

	if (prefix_parse(text, &prefix)) {
		return put(i, prefix_format(&prefix, out));
	}
	if (find_block(text, &prefix)) {
		return REFUSE(i,
		              "one address of a block: write %s for the block, or the address "
		              "without a length",
		              prefix_format(&prefix, out));
	}
	return REFUSE(i, "no address: write 10.77.1.50, a block as 10.77.1.0/24, or IPv6" BETWEEN);
}

/* EUI-48 in pairs of hexadecimal digits (IEEE 802), or its first three: the maker's. */
static bool read_mac(struct item *i, char *text)
{
	size_t len = strlen(text);
	bool is_good = len == 17 || len == 8;

	text_lower(text);
	for (size_t at = 0; at < len && is_good; at++) {
		if (at % 3 == 2) {
			is_good = text[at] == ':' || text[at] == '-';
			text[at] = is_good ? ':' : text[at];
		} else {
			is_good = isxdigit((unsigned char)text[at]);
		}
	}
	return is_good ? put(i, text)
	               : REFUSE(i,
	                        "write a hardware address as 02:4c:41:00:00:01, or its first half "
	                        "02:4c:41" BETWEEN);
}

static bool read_glob(struct item *i, char *text)
{
	struct addr addr;

	text_lower(text);
	if (addr_parse(text, &addr)) {
		return REFUSE(i, "an address: write it in column match_ip");
	}
	if (strlen(text) > TEXT_DNS_MAX || text[strspn(text, LETTERS DIGITS "._-*?")] != '\0' ||
	    strpbrk(text, LETTERS DIGITS) == NULL) {
		return REFUSE(i, "write a host name as pacs01 or pacs.trust.example; * and ? stand "
		                 "for others: ward7-*" BETWEEN);
	}
	return put(i, text);
}

static bool read_suffix(struct item *i, char *text)
{
	const char *name = text + (strncmp(text, "*.", 2) == 0 ? 2 : text[0] == '.');

	text_lower(text);
	return text_is_hostname(name, strlen(name))
	               ? put(i, name)
	               : REFUSE(i, "write an internet domain as supplier.example" BETWEEN);
}

/* DICOM PS3.5 6.2, AE: at most 16 characters of ASCII but the backslash and controls. */
static bool read_ae_title(struct item *i, char *text)
{
	bool is_good = strlen(text) <= 16;

	for (const char *at = text; *at != '\0'; at++) {
		is_good &= *at >= ' ' && *at <= '~' && *at != '\\';
	}
	return is_good ? put(i, text)
	               : REFUSE(i, "write an AE title: at most 16 letters, digits and signs, no "
	                           "accents, no \\" BETWEEN);
}

/* MSH-3 and MSH-4; the signs that separate parts of a message (HL7 v2 2.5.4) cannot be in them. */
static bool read_hl7_app(struct item *i, char *text)
{
	char *caret = strchr(text, '^');

	if (caret != NULL && caret[1] == '\0') {
		*caret = '\0';
		caret = NULL;
		text = text_trim(text);
	}
	if (text[0] == '\0' || text[0] == '^' || strlen(text) > TEXT_MAX ||
	    strpbrk(text, "|~\\&") != NULL || (caret != NULL && strchr(caret + 1, '^') != NULL)) {
		return REFUSE(i,
		              "write APPLICATION or APPLICATION^FACILITY, as LIMS^ZZTRUST" BETWEEN);
	}
	return put(i, text);
}

/* "104", "tcp/104"; also the other way round, "104/tcp". */
static bool read_port(struct item *i, char *text)
{
	char out[16], *number = text, *slash = strchr(text, '/');
	const char *protocol = "";

	text_lower(text);
	if (slash != NULL) {
		bool is_number_first = isdigit((unsigned char)text[0]);

		*slash = '\0';
		number = is_number_first ? text : slash + 1;
		protocol = is_number_first ? slash + 1 : text;
	}
	bool is_good =
	        slash == NULL || strcmp(protocol, "tcp") == 0 || strcmp(protocol, "udp") == 0;
	bool is_number = strspn(number, DIGITS) == strlen(number) && strlen(number) <= 5;
	unsigned long port = is_number ? strtoul(number, NULL, 10) : 0;

	if (!is_good || port < 1 || port > UINT16_MAX) {
		return REFUSE(i, "write a port as 104, tcp/104 or udp/514" BETWEEN);
	}
	snprintf(out, sizeof out, "%s%s%lu", protocol, slash != NULL ? "/" : "", port);
	return put(i, out);
}

static bool has_group(const struct catalogue *c, const char *pattern)
{
	for (uint16_t k = 0; k < catalogue_count(c); k++) {
		if (strncmp(catalogue_kind(c, k)->id, pattern, strlen(pattern) - 1) == 0) {
			return true;
		}
	}
	return false;
}

static const char *find_title(const struct catalogue *c, const char *title)
{
	for (uint16_t k = 0; k < catalogue_count(c); k++) {
		if (text_casecmp(catalogue_kind(c, k)->title, title) == 0) {
			return catalogue_kind(c, k)->id;
		}
	}
	return NULL;
}

static bool propose_kind(struct item *i, const char *text)
{
	const struct catalogue *c = i->cell->catalogue;
	const char *words[WORDS_MAX];
	size_t n = 0;

	for (uint16_t k = 0; k < catalogue_count(c) && n + 2 <= WORDS_MAX; k++) {
		words[n++] = catalogue_kind(c, k)->id;
		words[n++] = catalogue_kind(c, k)->title;
	}
	return propose(i, text, words, n,
	               "write a kind's id, or a group as clin.*: terrier kinds lists them");
}

static bool read_kind(struct item *i, char *text)
{
	const struct catalogue *c = i->cell->catalogue;
	const char *id = find_title(c, text);
	size_t len = strlen(text);

	if (id != NULL) {
		return put(i, id);
	}
	text_lower(text);
	if (catalogue_find(c, text) != KIND_NONE ||
	    (len > 2 && strcmp(text + len - 2, ".*") == 0 && has_group(c, text))) {
		return put(i, text);
	}
	return propose_kind(i, text);
}

static bool read_protocol(struct item *i, char *text)
{
	const struct catalogue *c = i->cell->catalogue;
	const char *words[WORDS_MAX];
	size_t n = 0;

	for (uint16_t k = 0; k < catalogue_protocol_count(c) && n < WORDS_MAX; k++) {
		words[n++] = catalogue_protocol_name(c, k);
		if (text_casecmp(text, words[k]) == 0) {
			return put(i, words[k]);
		}
	}
	if (text_casecmp(text, catalogue_protocol_name(c, PROTOCOL_NONE)) == 0) {
		return put(i, ""); /* of an exported flow: nothing is declared by it */
	}
	return propose(i, text, words, n,
	               "write protocols as terrier flows spells them: HL7v2, DICOM, SMB3" BETWEEN);
}

bool item_read(struct item *i, char *text)
{
	static bool (*const readers[])(struct item *, char *) = {
	        [CELL_TEXT] = read_text,
	        [CELL_LIST] = read_text,
	        [CELL_ID] = read_id,
	        [CELL_WORD] = read_word,
	        [CELL_WORDS] = read_word,
	        [CELL_DATE] = read_date,
	        [CELL_SCALE] = read_scale,
	        [CELL_NETWORKS] = read_network,
	        [CELL_MACS] = read_mac,
	        [CELL_GLOBS] = read_glob,
	        [CELL_SUFFIXES] = read_suffix,
	        [CELL_AE_TITLES] = read_ae_title,
	        [CELL_HL7_APPS] = read_hl7_app,
	        [CELL_PORTS] = read_port,
	        [CELL_KIND] = read_kind,
	        [CELL_KINDS] = read_kind,
	        [CELL_PROTOCOLS] = read_protocol,
	        [CELL_ASSET] = read_id,
	        [CELL_FLAG] = read_flag,
	};

	return readers[i->cell->column->type](i, text);
}
