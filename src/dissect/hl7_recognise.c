/* Tells what a block is by its first bytes, and HL7 v2 by its first block. */
#include "hl7.h"

/* Takes the next byte of a segment name, or of the HLLP mark `D23` CR that may stand before it. */
static enum lead_result lead_name(struct lead *lead, uint8_t c)
{
	static const char *const names[] = {"MSH", "FHS", "BHS"};

	lead->name[lead->n_name++] = c;
	for (size_t i = 0; i < 3; i++) {
		if (memcmp(lead->name, names[i], lead->n_name > 3 ? 3 : lead->n_name) == 0) {
			return lead->n_name < 3 ? LEAD_MORE : i == 0 ? LEAD_MSH : LEAD_BATCH;
		}
	}
	if (lead->name[0] != 'D' && lead->name[0] != 'N') {
		return LEAD_WRONG;
	}
	if (lead->n_name < 4) {
		return lead->n_name == 1 || is_digit(c) ? LEAD_MORE : LEAD_WRONG;
	}
	lead->n_name = 0;
	return c != '\r' ? LEAD_WRONG : lead->name[0] == 'D' ? LEAD_MORE : LEAD_NAK;
}

/* Takes the next byte behind the start of a block. */
enum lead_result hl7_lead_step(struct lead *lead, uint8_t c)
{
	if (++lead->n > LEAD_MAX) {
		return LEAD_WRONG;
	}
	if (c == '\0') {
		lead->has_nul = true;
		return LEAD_MORE;
	}
	if (lead->n_name > 0) {
		return lead_name(lead, c);
	}
	switch (c) {
	case COMMIT_ACK:
		return LEAD_ACK;
	case COMMIT_NAK:
		return LEAD_NAK;
	case BLOCK_START:
		return LEAD_AGAIN;
	case BLOCK_END:
		return LEAD_EMPTY;
	default:
		return is_blank(c) || is_utf_mark(c) ? LEAD_MORE : lead_name(lead, c);
	}
}

/* MSH-2: one to five different characters, none of them the separator. */
bool hl7_encoding_add(uint8_t *encoding, uint8_t *n, uint8_t separator, uint8_t c)
{
	if (*n == 5 || c == separator || !is_delimiter(c) || memchr(encoding, c, *n) != NULL) {
		return false;
	}
	encoding[(*n)++] = c;
	return true;
}

enum guess { GUESS_NO, GUESS_MORE /* nothing wrong as far as it goes */, GUESS_YES };

/* MSH-9 has to be a message code; asked of streams without framing only. */
static enum guess guess_kind(struct cursor c, uint8_t separator)
{
	for (int field = 3; field < 9;) {
		uint8_t b = cur_u8(&c);

		if (c.bad) {
			return GUESS_YES;
		}
		if (b < ' ' && b != '\0') {
			return GUESS_NO;
		}
		field += b == separator;
	}
	return cur_left(&c) < 3 || is_code((const char *)c.p) ? GUESS_YES : GUESS_NO;
}

/* Looks at what follows a start: a segment name and its delimiters, or a commit block. */
static enum guess guess_block(struct cursor c, bool is_bare, struct lead *lead)
{
	enum lead_result result = LEAD_MORE;
	uint8_t encoding[5], n = 0, separator, b;

	while (result == LEAD_MORE && cur_left(&c) > 0) {
		result = hl7_lead_step(lead, cur_u8(&c));
	}
	if (result == LEAD_ACK || result == LEAD_NAK) {
		return cur_left(&c) == 0         ? GUESS_MORE
		       : cur_u8(&c) == BLOCK_END ? GUESS_YES
		                                 : GUESS_NO;
	}
	if (result != LEAD_MSH && result != LEAD_BATCH) {
		return result == LEAD_MORE ? GUESS_MORE : GUESS_NO;
	}
	do {
		separator = cur_u8(&c);
	} while (separator == '\0' && lead->has_nul && !c.bad);
	for (b = cur_u8(&c); !c.bad && b != separator; b = cur_u8(&c)) {
		if (b == '\0' && lead->has_nul) {
			continue;
		}
		if (!hl7_encoding_add(encoding, &n, separator, b)) {
			return GUESS_NO;
		}
	}
	if (c.bad) {
		return separator == '\0' || is_delimiter(separator) ? GUESS_MORE : GUESS_NO;
	}
	if (n == 0 || !is_delimiter(separator)) {
		return GUESS_NO;
	}
	return is_bare && result == LEAD_MSH && !lead->has_nul ? guess_kind(c, separator)
	                                                       : GUESS_YES;
}

/* Some senders write the start byte, or a little more, in a segment of its own. */
static bool is_short_start(enum guess guess, const struct lead *lead, size_t len)
{
	return guess == GUESS_MORE && !lead->has_nul && (len == 1 || lead->n_name > 0);
}

/* Bytes that begin inside a message: the next start in them, which must have MSH right behind it,
 * or stand right behind the end of a block. */
static size_t find_start(struct cursor bytes)
{
	const uint8_t *p = bytes.p;

	for (int i = 0; i < CANDIDATES_MAX; i++) {
		p = memchr(p, BLOCK_START, (size_t)(bytes.end - p));
		if (p == NULL) {
			break;
		}
		struct lead lead = {0};
		enum guess guess =
		        guess_block(cur_make(p + 1, (size_t)(bytes.end - p - 1)), false, &lead);
		size_t at = (size_t)(p - bytes.p);

		if ((guess == GUESS_YES && lead.n_name == 3 && !is_blank(p[1])) ||
		    (is_short_start(guess, &lead, (size_t)(bytes.end - p)) && at >= 2 &&
		     p[-1] == '\r' && p[-2] == BLOCK_END)) {
			return at + 1;
		}
		p++;
	}
	return 0;
}

size_t hl7_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct cursor c = bytes;
	struct lead lead = {0};
	enum guess guess;

	(void)side;
	(void)flow;
	while (cur_left(&c) > 0 && is_blank(*c.p) && *c.p != '\0' && c.p - bytes.p < 4) {
		c.p++;
	}
	size_t at = (size_t)(c.p - bytes.p) + 1;

	if (cur_left(&c) == 0) {
		return 0;
	}
	if (*c.p != BLOCK_START) {
		return guess_block(c, true, &lead) == GUESS_YES && lead.n_name == 3
		               ? at
		               : find_start(bytes);
	}
	c.p++;
	guess = guess_block(c, false, &lead);
	if (guess == GUESS_YES || is_short_start(guess, &lead, cur_left(&c) + 1)) {
		return at;
	}
	return find_start(bytes);
}
