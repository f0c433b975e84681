/* HPACK (RFC 7541): reads header fields octet by octet. See hpack.h for what is not kept. */
#include "hpack.h"

enum step {
	AT_FIELD,
	IN_INDEX,
	AT_NAME,
	IN_NAME_LENGTH,
	IN_NAME,
	AT_VALUE,
	IN_VALUE_LENGTH,
	IN_VALUE
};
enum op { OP_INDEXED, OP_ADD, OP_PLAIN, OP_SIZE };

enum { STATIC_TABLE = 61, HUFFMAN_LONGEST = 30, HUFFMAN_KEPT = 15, UID_KEPT = 10 };

/* The code of appendix B is canonical: how many symbols there are of each length, and the symbols
 * of up to 15 bits in the order of their codes. Longer ones are no text that is read here, and
 * stand as `?`. */
static const uint8_t huffman_counts[HUFFMAN_LONGEST + 1] = {
        [5] = 10,  [6] = 26,  [7] = 32, [8] = 6,   [10] = 5,  [11] = 3,  [12] = 2,
        [13] = 6,  [14] = 2,  [15] = 3, [19] = 3,  [20] = 8,  [21] = 13, [22] = 26,
        [23] = 29, [24] = 12, [25] = 4, [26] = 15, [27] = 19, [28] = 29, [30] = 4,
};
static const char huffman_symbols[] = "012aceiost"
                                      " %-./3456789=A_bdfghlmnpru"
                                      ":BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz"
                                      "&*,;XZ"
                                      "!\"()?'+|#>"
                                      "\0$@[]~^}<`{";

/* Wanted names of the static table (appendix A), by their first index. */
static const struct {
	uint8_t first, last, name;
} static_names[] = {
        {1, 1, HPACK_AUTHORITY},      {2, 3, HPACK_METHOD},   {4, 5, HPACK_PATH},
        {8, 14, HPACK_STATUS},        {19, 19, HPACK_ACCEPT}, {23, 23, HPACK_AUTHORIZATION},
        {31, 31, HPACK_CONTENT_TYPE}, {54, 54, HPACK_SERVER},
};

static uint8_t static_name(uint32_t index)
{
	for (size_t i = 0; i < sizeof static_names / sizeof static_names[0]; i++) {
		if (index >= static_names[i].first && index <= static_names[i].last) {
			return static_names[i].name;
		}
	}
	return HPACK_OTHER;
}

static uint8_t name_of_text(const char *text, size_t len)
{
	static const struct {
		const char *word;
		uint8_t name;
	} names[] = {
	        {":authority", HPACK_AUTHORITY}, {":method", HPACK_METHOD},
	        {":path", HPACK_PATH},           {":status", HPACK_STATUS},
	        {"accept", HPACK_ACCEPT},        {"authorization", HPACK_AUTHORIZATION},
	        {"server", HPACK_SERVER},        {"content-type", HPACK_CONTENT_TYPE},
	        {"host", HPACK_AUTHORITY},       {"ssp-interactionid", HPACK_INTERACTION},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (len == strlen(names[i].word) && memcmp(text, names[i].word, len) == 0) {
			return names[i].name;
		}
	}
	return HPACK_OTHER;
}

/* The meaning of an indexed field of the static table. */
static struct hpack_meaning static_meaning(uint32_t index)
{
	struct hpack_meaning m = {.name = static_name(index)};

	switch (m.name) {
	case HPACK_METHOD:
		m.value = index == 2 ? METHOD_GET : METHOD_POST;
		break;
	case HPACK_PATH:
		m.route = index == 4 ? http_route("/", 1) : http_route("/index.html", 11);
		break;
	case HPACK_STATUS:
		m.value = index <= 10 ? 2 : index == 11 ? 3 : index <= 13 ? 4 : 5;
		break;
	default:
		m.name = HPACK_OTHER; /* without a value */
		break;
	}
	return m;
}

/* What an index of the dynamic table refers to, or why that is not known. */
static struct hpack_meaning dynamic_meaning(struct hpack *h, uint32_t index)
{
	uint32_t back = index - STATIC_TABLE - 1, number;

	if (back >= h->inserted) {
		return (struct hpack_meaning){.name = HPACK_UNKNOWN};
	}
	number = h->inserted - back;
	for (size_t i = 0; i < HPACK_ENTRIES; i++) {
		if (h->entries[i].number == number) {
			struct hpack_meaning found =
			        h->entries[i]; /* to the front: what is used stays */

			memmove(h->entries + 1, h->entries, i * sizeof found);
			h->entries[0] = found;
			return found;
		}
	}
	return (struct hpack_meaning){.name = number > h->forgotten ? HPACK_OTHER : HPACK_UNKNOWN};
}

void hpack_begin(struct hpack *h)
{
	h->step = AT_FIELD;
}

void hpack_lose(struct hpack *h)
{
	bool is_bad = h->is_bad;

	*h = (struct hpack){.is_bad = is_bad};
}

void hpack_learn(struct hpack *h, const struct hpack_meaning *meaning)
{
	const struct hpack_meaning *last = &h->entries[HPACK_ENTRIES - 1];

	if (h->op != OP_ADD) {
		return;
	}
	h->forgotten = last->number > h->forgotten ? last->number : h->forgotten;
	memmove(h->entries + 1, h->entries, (HPACK_ENTRIES - 1) * sizeof *last);
	h->entries[0] = *meaning;
	h->entries[0].number = h->inserted;
}

/* Begins an integer with a prefix of `bits` (5.1); true when it is complete. */
static bool number_begin(struct hpack *h, uint8_t c, unsigned bits)
{
	uint32_t most = (1U << bits) - 1;

	h->number = c & most;
	h->shift = 0;
	return h->number < most;
}

static bool number_go_on(struct hpack *h, uint8_t c)
{
	if (h->shift > 21) {
		h->is_bad = true; /* nothing here is that large */
		return true;
	}
	h->number += (uint32_t)(c & 0x7f) << h->shift;
	h->shift = (uint8_t)(h->shift + 7);
	return (c & 0x80) == 0;
}

static void text_begin(struct hpack *h)
{
	h->left = h->number;
	h->code = 0;
	h->code_len = 0;
	h->n_text = 0;
	h->is_cut = false;
}

/* Room for what may be looked at: nothing of values that are not wanted, of credentials only the
 * scheme. */
static size_t text_room(const struct hpack *h)
{
	if (h->step == IN_NAME) {
		return HPACK_TEXT;
	}
	return h->name == HPACK_OTHER || h->name == HPACK_UNKNOWN ? 0
	       : h->name == HPACK_AUTHORIZATION                   ? 6
	                                                          : HPACK_TEXT;
}

/* True when more digits of a UID need not be kept to see that it is one. */
static bool is_uid_tail(const struct hpack *h, char c)
{
	size_t n = 0;

	if (c != '.' && (c < '0' || c > '9')) {
		return false;
	}
	while (n < h->n_text &&
	       (h->text[h->n_text - 1 - n] == '.' ||
	        (h->text[h->n_text - 1 - n] >= '0' && h->text[h->n_text - 1 - n] <= '9'))) {
		n++;
	}
	return n >= UID_KEPT;
}

static void text_add(struct hpack *h, char c)
{
	if (h->step == IN_VALUE && h->name == HPACK_PATH && is_uid_tail(h, c)) {
		return;
	}
	if (h->n_text < text_room(h)) {
		h->text[h->n_text++] = c;
	} else {
		h->is_cut = true;
	}
}

/* Takes eight bits of Huffman code (5.2). Padding is the beginning of a long code and leaves
 * nothing. */
static void huffman_take(struct hpack *h, uint8_t c)
{
	for (int bit = 7; bit >= 0; bit--) {
		uint32_t first = 0;
		size_t symbol = 0;

		h->code = h->code << 1 | ((uint32_t)c >> bit & 1U);
		h->code_len++;
		for (unsigned len = 1; len < h->code_len; len++) {
			first = (first + huffman_counts[len]) << 1;
			symbol += huffman_counts[len];
		}
		if (h->code - first < huffman_counts[h->code_len]) {
			text_add(h, h->code_len <= HUFFMAN_KEPT
			                    ? huffman_symbols[symbol + h->code - first]
			                    : '?');
			h->code = 0;
			h->code_len = 0;
		} else if (h->code_len == HUFFMAN_LONGEST) {
			h->is_bad = true;
			return;
		}
	}
}

static enum hpack_result value_end(struct hpack *h)
{
	h->step = AT_FIELD;
	h->inserted += h->op == OP_ADD;
	if (h->name == HPACK_UNKNOWN) {
		return HPACK_KNOWN_FIELD;
	}
	return h->name != HPACK_OTHER ? HPACK_TEXT_FIELD : HPACK_MORE;
}

static void name_end(struct hpack *h)
{
	h->name = name_of_text(h->text, h->is_cut ? 0 : h->n_text);
	h->step = AT_VALUE;
}

/* A number is complete: an index, or the length of a string. */
static enum hpack_result number_end(struct hpack *h, struct hpack_meaning *out)
{
	switch (h->step) {
	case IN_NAME_LENGTH:
		h->step = IN_NAME;
		text_begin(h);
		if (h->left == 0) {
			name_end(h);
		}
		return HPACK_MORE;
	case IN_VALUE_LENGTH:
		h->step = IN_VALUE;
		text_begin(h);
		return h->left == 0 ? value_end(h) : HPACK_MORE;
	default:
		break;
	}
	h->step = AT_FIELD;
	if (h->op == OP_SIZE) {
		return HPACK_MORE; /* who shrinks the table does not refer to what has gone */
	}
	if (h->op == OP_INDEXED) {
		*out = h->number > STATIC_TABLE ? dynamic_meaning(h, h->number)
		                                : static_meaning(h->number);
		h->is_bad = h->number == 0;
		return out->name != HPACK_OTHER ? HPACK_KNOWN_FIELD : HPACK_MORE;
	}
	h->step = h->number == 0 ? AT_NAME : AT_VALUE;
	h->name = h->number > STATIC_TABLE ? dynamic_meaning(h, h->number).name
	                                   : static_name(h->number);
	return HPACK_MORE;
}

/* The first octet of a field tells what it is (6). */
static bool field_begin(struct hpack *h, uint8_t c)
{
	h->step = IN_INDEX;
	if ((c & 0x80) != 0) {
		h->op = OP_INDEXED;
		return number_begin(h, c, 7);
	}
	if ((c & 0x40) != 0) {
		h->op = OP_ADD;
		return number_begin(h, c, 6);
	}
	h->op = (c & 0x20) != 0 ? OP_SIZE : OP_PLAIN;
	return number_begin(h, c, h->op == OP_SIZE ? 5 : 4);
}

static enum hpack_result string_take(struct hpack *h, uint8_t c)
{
	if (h->is_huffman) {
		huffman_take(h, c);
	} else {
		text_add(h, (char)c);
	}
	if (--h->left > 0) {
		return HPACK_MORE;
	}
	if (h->step == IN_VALUE) {
		return value_end(h);
	}
	name_end(h);
	return HPACK_MORE;
}

static enum hpack_result step(struct hpack *h, uint8_t c, struct hpack_meaning *out)
{
	switch (h->step) {
	case AT_FIELD:
		return field_begin(h, c) ? number_end(h, out) : HPACK_MORE;
	case AT_NAME:
	case AT_VALUE:
		h->is_huffman = (c & 0x80) != 0;
		h->step = h->step == AT_NAME ? IN_NAME_LENGTH : IN_VALUE_LENGTH;
		return number_begin(h, c, 7) ? number_end(h, out) : HPACK_MORE;
	case IN_NAME:
	case IN_VALUE:
		return string_take(h, c);
	default:
		return number_go_on(h, c) ? number_end(h, out) : HPACK_MORE;
	}
}

enum hpack_result hpack_take(struct hpack *h, uint8_t c, struct hpack_meaning *out)
{
	enum hpack_result result;

	*out = (struct hpack_meaning){.name = HPACK_UNKNOWN};
	result = h->is_bad ? HPACK_ERROR : step(h, c, out);
	return h->is_bad ? HPACK_ERROR : result;
}
