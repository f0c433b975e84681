#ifndef TERRIER_DISSECT_HL7_H
#define TERRIER_DISSECT_HL7_H

/* What the files of the HL7 dissector share: hl7.c follows blocks and messages, hl7_header.c reads
 * MSH, hl7_recognise.c tells the start of a block. */
#include "terrier/dissect.h"

enum {
	BLOCK_START = 0x0b,
	BLOCK_END = 0x1c,
	COMMIT_ACK = 0x06,
	COMMIT_NAK = 0x15,
	LEAD_MAX = 24,     /* blanks and marks between the start of a block and its first segment */
	HEADER_MAX = 2048, /* longest MSH that is read */
	PART_MAX = TEXT_MAX +
	           1,       /* one more than allowed, so that the validator sees what is too long */
	CANDIDATES_MAX = 8, /* block starts that are tried in one payload */
	WAITING_MAX = 12,   /* messages of one side that wait for an acknowledgement */
};

enum state {
	IDLE,    /* between blocks */
	LEAD,    /* from the start of a block to the segment name that says what it is */
	HEADER,  /* in MSH */
	SEGMENT, /* in the name of the segment behind MSH */
	ANSWER,  /* in MSA-1 */
	BODY,    /* on the way to the end of the block; with no entry: looking for the next start */
};

/* What the first bytes of a block say so far. */
struct lead {
	uint8_t n; /* bytes seen */
	uint8_t n_name;
	uint8_t name[4]; /* of the segment, or `D23` CR of HLLP */
	bool has_nul;    /* UTF-16 */
};

enum lead_result {
	LEAD_MORE,
	LEAD_MSH,
	LEAD_BATCH,
	LEAD_ACK,
	LEAD_NAK,
	LEAD_AGAIN,
	LEAD_EMPTY,
	LEAD_WRONG
};

struct hl7_side {
	struct lead lead;
	uint8_t state;
	bool has_start;  /* the block began with BLOCK_START */
	bool is_maybe;   /* the start stands where none was expected: if it is wrong, nothing has
	                    happened */
	bool is_bare;    /* without framing: ends where the next MSH begins */
	bool is_batch;   /* has several MSH */
	bool is_wide;    /* UTF-16 */
	bool is_open;    /* MSH-9 was read, the message has its entry */
	bool is_answer;  /* is an acknowledgement and nothing else */
	bool is_copying; /* the rest of this field is wanted */
	uint8_t last;    /* byte before, in BODY */
	uint8_t field;   /* number of the field in MSH */
	uint8_t separator, encoding[5], n_encoding;
	uint8_t n_text, n_part;
	uint16_t n_header;
	char text[2 * PART_MAX + 2];
	int entry;                /* whose octets these are */
	int resume;               /* what `entry` was before a start that may be none */
	int newest;               /* entry of the last message */
	int waiting[WAITING_MAX]; /* entries of messages without acknowledgement, oldest first */
	uint8_t n_waiting;
};

struct hl7 {
	struct hl7_side side[2];
	bool is_ready;
	bool is_proven; /* an MSH or a commit block was seen */
};

_Static_assert(sizeof(struct hl7) <= DISSECT_STATE_MAX, "state of a flow");

/* One call: the bytes, and how far they are booked. */
struct walk {
	const uint8_t *p, *end, *booked;
	struct hl7 *hl7;
	struct hl7_side *s;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
	bool is_refuted;
};

static inline bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Delimiters may be any character that cannot be mistaken for text or framing. */
static inline bool is_delimiter(uint8_t c)
{
	return c == '\t' || (c > ' ' && c < 0x7f && !is_digit(c) && !is_letter(c));
}

static inline bool is_blank(uint8_t c)
{
	return c <= ' ' && c != BLOCK_START && c != BLOCK_END && c != COMMIT_ACK && c != COMMIT_NAK;
}

static inline bool is_utf_mark(uint8_t c)
{
	return c == 0xef || c == 0xbb || c == 0xbf || c == 0xfe || c == 0xff;
}

/* A message code or trigger event as HL7 spells them (table 0076, 0003): three capitals or digits.
 */
static inline bool is_code(const char *text)
{
	for (int i = 0; i < 3; i++) {
		if (!is_digit((uint8_t)text[i]) && !(text[i] >= 'A' && text[i] <= 'Z')) {
			return false;
		}
	}
	return true;
}

/* Takes the next byte behind the start of a block. */
enum lead_result hl7_lead_step(struct lead *lead, uint8_t c);

/* Takes the next character of MSH-2: one to five different ones, none of them the separator. */
bool hl7_encoding_add(uint8_t *encoding, uint8_t *n, uint8_t separator, uint8_t c);

/* Recognises; see struct dissector. */
size_t hl7_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow);

/* What comes from here on belongs to `entry`. */
void hl7_turn_to(struct walk *w, int entry);

/* Opens a message whose kind is `text`, or cannot be read (NULL). */
void hl7_open_message(struct walk *w, const char *text);

/* Takes MSH-1 and MSH-2; false when they cannot be. */
bool hl7_take_delimiter(struct hl7_side *s, uint8_t c);

/* A field of MSH begins, goes on, and is complete. */
void hl7_field_begin(struct hl7_side *s);
void hl7_field_add(struct hl7_side *s, uint8_t c);
void hl7_field_end(struct walk *w);

#endif
