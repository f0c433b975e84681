/* HL7 v2 over MLLP (HL7 v2.3.1 implementation guide, appendix C "Lower Layer Protocols", C.4; MLLP
 * release 2), over the older HLLP, and without framing. Follows each direction for as long as the
 * connection lives. MSH is read as it passes, byte by byte, and only the fields that privacy.md
 * allows are ever copied; everything behind it is skipped. */
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

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Delimiters may be any character that cannot be mistaken for text or framing. */
static bool is_delimiter(uint8_t c)
{
	return c == '\t' || (c > ' ' && c < 0x7f && !is_digit(c) && !is_letter(c));
}

static bool is_blank(uint8_t c)
{
	return c <= ' ' && c != BLOCK_START && c != BLOCK_END && c != COMMIT_ACK && c != COMMIT_NAK;
}

static bool is_utf_mark(uint8_t c)
{
	return c == 0xef || c == 0xbb || c == 0xbf || c == 0xfe || c == 0xff;
}

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
static enum lead_result lead_step(struct lead *lead, uint8_t c)
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
static bool encoding_add(uint8_t *encoding, uint8_t *n, uint8_t separator, uint8_t c)
{
	if (*n == 5 || c == separator || !is_delimiter(c) || memchr(encoding, c, *n) != NULL) {
		return false;
	}
	encoding[(*n)++] = c;
	return true;
}

/* A message code or trigger event as HL7 spells them (table 0076, 0003): three capitals or digits.
 */
static bool is_code(const char *text)
{
	for (int i = 0; i < 3; i++) {
		if (!is_digit((uint8_t)text[i]) && !(text[i] >= 'A' && text[i] <= 'Z')) {
			return false;
		}
	}
	return true;
}

/* --- following a stream --- */

/* What comes from here on belongs to `entry`. */
static void turn_to(struct walk *w, int entry)
{
	if (w->p > w->booked) {
		sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->s->entry);
	}
	w->booked = w->p;
	w->s->entry = entry;
}

static void wait_push(struct hl7_side *s, int entry)
{
	if (s->n_waiting == WAITING_MAX) {
		memmove(s->waiting, s->waiting + 1, (WAITING_MAX - 1) * sizeof s->waiting[0]);
		s->n_waiting--;
	}
	s->waiting[s->n_waiting++] = entry;
}

/* The entry of the message that an acknowledgement from the other side is for: the oldest that
 * waits. A second acknowledgement (enhanced mode) goes with the last message. */
static int wait_pop(struct hl7_side *s)
{
	if (s->n_waiting == 0) {
		return s->newest;
	}
	int entry = s->waiting[0];

	memmove(s->waiting, s->waiting + 1, --s->n_waiting * sizeof s->waiting[0]);
	return entry;
}

static struct hl7_side *other_side(const struct walk *w)
{
	return &w->hl7->side[w->side == SIDE_0 ? SIDE_1 : SIDE_0];
}

/* Opens a message whose kind is `text`, or cannot be read (NULL). */
static void open_message(struct walk *w, const char *text)
{
	struct hl7_side *s = w->s;
	int entry;

	s->is_open = true;
	s->is_answer = text != NULL && (memcmp(text, "ACK", 3) == 0 || memcmp(text, "MCF", 3) == 0);
	if (s->is_answer) {
		entry = wait_pop(other_side(w));
	} else if (text != NULL) {
		entry = sink_evidence(w->sink, EVIDENCE_HL7_MSH9, text, w->side, INFO_MSG, 1);
	} else { /* the catalogue cannot tell the way of a message it does not know; we can */
		entry = sink_evidence(w->sink, EVIDENCE_PROTOCOL, "HL7v2", w->side,
		                      w->side == w->flow->client ? INFO_C2S : INFO_S2C, 1);
	}
	if (!s->is_answer) {
		s->newest = entry;
	}
	turn_to(w, entry);
}

/* The message's first segments are known: a message waits for its acknowledgement, a response (it
 * has an MSA) is the acknowledgement of what it answers and seldom gets one itself. */
static void settle_message(struct hl7_side *s, struct hl7_side *other, bool is_response)
{
	if (s->is_answer) {
		return;
	}
	if (is_response) {
		wait_pop(other);
	} else {
		wait_push(s, s->newest);
	}
}

static void lead_begin(struct walk *w, bool has_start, bool is_maybe)
{
	struct hl7_side *s = w->s;

	s->resume = is_maybe ? s->entry : SINK_NO_ENTRY;
	turn_to(w, SINK_NO_ENTRY);
	s->lead = (struct lead){0};
	s->has_start = has_start;
	s->is_maybe = is_maybe;
	s->is_open = false;
	s->state = LEAD;
}

/* No segment that we know stands at the start of this block. */
static void lead_fail(struct walk *w)
{
	struct hl7_side *s = w->s;

	s->state = BODY;
	s->last = ' ';
	if (s->is_maybe) {
		turn_to(w, s->resume);
	} else if (!w->hl7->is_proven) {
		w->is_refuted = true;
	} else {
		open_message(w, NULL); /* XML, or something of the vendor's */
		settle_message(s, other_side(w), false);
	}
}

/* Each of the following takes the byte at w->p and returns true, or leaves it to the state that it
 * has set. */

static bool at_idle(struct walk *w, uint8_t c)
{
	struct hl7_side *s = w->s;

	if (s->is_wide) { /* in UTF-16 the byte may be half a character: a real end has a CR */
		s->is_wide = c == '\0';
		if (c != '\0' && c != '\r') {
			s->is_wide = true;
			s->state = BODY;
			return false;
		}
	} else if (c == BLOCK_START) {
		lead_begin(w, true, false);
	} else if (c == 'M' || c == 'F' || c == 'B' || is_utf_mark(c)) {
		turn_to(w, SINK_NO_ENTRY);
		lead_begin(w, false, true);
		return false;
	} else if (!is_blank(c)) {
		turn_to(w, SINK_NO_ENTRY);
		s->state = BODY;
		return false;
	}
	return true;
}

static void header_begin(struct hl7_side *s)
{
	s->field = 1;
	s->n_header = 0;
	s->n_encoding = 0;
	memset(s->encoding, 0, sizeof s->encoding);
}

static bool at_lead(struct walk *w, uint8_t c)
{
	struct hl7_side *s = w->s;
	enum lead_result result = lead_step(&s->lead, c);

	switch (result) {
	case LEAD_MORE:
		break;
	case LEAD_MSH:
	case LEAD_BATCH:
		s->is_bare = !s->has_start && !s->is_batch;
		s->is_batch = result == LEAD_BATCH || (s->is_batch && !s->has_start);
		s->is_wide = s->lead.has_nul;
		header_begin(s);
		s->state = result == LEAD_MSH ? HEADER : BODY;
		s->last = ' ';
		break;
	case LEAD_ACK:
	case LEAD_NAK:
		w->hl7->is_proven = true;
		turn_to(w, wait_pop(other_side(w)));
		if (result == LEAD_NAK) {
			sink_fact(w->sink, "HL7 ack", "NAK", 3);
		}
		s->state = BODY;
		s->last = ' ';
		break;
	case LEAD_AGAIN:
		s->lead = (struct lead){0};
		s->has_start = true;
		break;
	case LEAD_EMPTY:
		turn_to(w, s->resume);
		s->state = IDLE;
		break;
	case LEAD_WRONG:
		lead_fail(w);
		return false;
	}
	return true;
}

static void field_begin(struct hl7_side *s)
{
	s->n_part = 0;
	s->is_copying = (s->field >= 3 && s->field <= 6) || s->field == 9 || s->field == 11 ||
	                s->field == 12;
	if (s->field == 4 || s->field == 6) {
		s->text[s->n_text++] = '^';
	} else {
		s->n_text = 0;
	}
}

/* First component, and of that the first sub-component; of MSH-9 two components. */
static void field_add(struct hl7_side *s, uint8_t c)
{
	if (!s->is_copying) {
		return;
	}
	if (c == s->encoding[0] && s->field == 9 && memchr(s->text, '^', s->n_text) == NULL) {
		c = '^';
	} else if (memchr(s->encoding, c, s->n_encoding) != NULL && c != s->encoding[2]) {
		s->is_copying = false; /* MSH-2's third is the escape character */
		return;
	}
	if (s->n_part < PART_MAX && (c != ' ' || s->n_part > 0)) {
		s->text[s->n_text++] = (char)c;
		s->n_part++;
	}
}

static void field_trim(struct hl7_side *s)
{
	while (s->n_part > 0 && s->text[s->n_text - 1] == ' ') {
		s->n_text--;
		s->n_part--;
	}
	if (s->n_part == 2 && memcmp(s->text + s->n_text - 2, "\"\"", 2) == 0) {
		s->n_text = (uint8_t)(s->n_text - 2); /* "" deletes a value (HL7 v2 chapter 2) */
	}
}

/* `APPLICATION^FACILITY`, either may be missing. */
static void note_name(struct walk *w, enum side side)
{
	struct hl7_side *s = w->s;
	size_t len = s->n_text;

	if (s->text[len - 1] == '^') {
		len--;
	}
	if (len > 0 && !s->is_wide) {
		sink_name(w->sink, side, NAME_HL7, s->text, len);
	}
}

static void note_kind(struct walk *w)
{
	struct hl7_side *s = w->s;
	char *text = s->text;

	for (size_t i = 0; i < s->n_text; i++) {
		text[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
	}
	if (s->n_text < 3 || !is_code(text) || (s->n_text > 3 && text[3] != '^')) {
		open_message(w, NULL);
		return;
	}
	text[s->n_text == 7 && is_code(text + 4) ? 7 : 3] = '\0';
	open_message(w, text);
}

static void field_end(struct walk *w)
{
	struct hl7_side *s = w->s;
	enum side other = w->side == SIDE_0 ? SIDE_1 : SIDE_0;

	field_trim(s);
	switch (s->field) {
	case 4:
		note_name(w, w->side);
		break;
	case 6:
		note_name(w, other);
		break;
	case 9:
		note_kind(w);
		break;
	case 11:
		if (s->n_text == 1 && is_letter((uint8_t)s->text[0])) {
			sink_fact(w->sink, "HL7 processing id", s->text, 1);
		}
		break;
	case 12:
		if (s->n_text > 0 && s->n_text <= 8 && is_digit((uint8_t)s->text[0])) {
			sink_fact(w->sink, "HL7 version", s->text, s->n_text);
		}
		break;
	default:
		break;
	}
}

/* MSH-1 and MSH-2; false when they cannot be. */
static bool take_delimiter(struct hl7_side *s, uint8_t c)
{
	if (s->field == 1) {
		s->separator = c;
		s->field = 2;
		return is_delimiter(c);
	}
	if (c == s->separator) {
		s->field = 3;
		field_begin(s);
		return s->n_encoding > 0;
	}
	return encoding_add(s->encoding, &s->n_encoding, s->separator, c);
}

static void header_end(struct walk *w, enum state next)
{
	struct hl7_side *s = w->s;

	if (s->field > 2) {
		field_end(w);
	}
	if (!s->is_open) {
		open_message(w, NULL);
	}
	s->state = (uint8_t)next;
	s->last = ' ';
	if (next == SEGMENT) { /* its octets are the next message's should it be an MSH */
		s->resume = s->entry;
		turn_to(w, SINK_NO_ENTRY);
		s->lead = (struct lead){0};
	} else {
		settle_message(s, other_side(w), false);
	}
}

static bool at_header(struct walk *w, uint8_t c)
{
	struct hl7_side *s = w->s;

	if (c == '\0' && s->is_wide) {
		return true;
	}
	if (s->field <= 2) {
		if (!take_delimiter(s, c)) {
			lead_fail(w);
			return false;
		}
		if (s->field == 3 && !w->hl7->is_proven) {
			w->hl7->is_proven = true;
			sink_encryption(w->sink, ENCRYPTED_NO);
		}
	} else if (c == BLOCK_START || c == BLOCK_END || ++s->n_header > HEADER_MAX) {
		header_end(w, BODY);
		return false;
	} else if (c == '\r' || c == '\n') {
		header_end(w, SEGMENT);
	} else if (c == s->separator) {
		field_end(w);
		s->field = s->field < UINT8_MAX ? (uint8_t)(s->field + 1) : s->field;
		field_begin(s);
	} else {
		field_add(s, c);
	}
	return true;
}

static bool at_segment(struct walk *w, uint8_t c)
{
	struct hl7_side *s = w->s;
	struct lead *name = &s->lead;

	if (name->n_name == 0 && (c == '\r' || c == '\n')) {
		return true;
	}
	if (c == '\0' && s->is_wide) {
		return true;
	}
	if (!is_digit(c) && !is_letter(c)) {
		settle_message(s, other_side(w), false);
		turn_to(w, s->resume);
		s->state = BODY;
		return false;
	}
	name->name[name->n_name++] = c;
	if (name->n_name < 3) {
		return true;
	}
	bool is_response = memcmp(name->name, "MSA", 3) == 0;

	settle_message(s, other_side(w), is_response);
	if (memcmp(name->name, "MSH", 3) == 0 && (s->is_bare || s->is_batch)) {
		header_begin(s);
		s->is_maybe = true;
		s->is_open = false;
		s->state = HEADER;
		return true;
	}
	turn_to(w, s->resume);
	s->n_text = 0;
	s->state = is_response ? ANSWER : BODY;
	return true;
}

/* MSA-1, table 0008: only what failed is noted. */
static bool at_answer(struct walk *w, uint8_t c)
{
	struct hl7_side *s = w->s;

	if (c == '\0' && s->is_wide) {
		return true;
	}
	if (s->n_text < 3 && c >= ' ') {
		s->text[s->n_text++] = (char)c;
		return true;
	}
	if (s->n_text == 3 && (s->text[1] == 'A' || s->text[1] == 'C') &&
	    (s->text[2] == 'E' || s->text[2] == 'R')) {
		sink_fact(w->sink, "HL7 ack", s->text + 1, 2);
	}
	s->state = BODY;
	return false;
}

/* The next M that begins a line, for streams where nothing but MSH divides messages. */
static const uint8_t *find_line(const struct hl7_side *s, const uint8_t *p, const uint8_t *end)
{
	for (const uint8_t *q = p; (q = memchr(q, 'M', (size_t)(end - q))) != NULL; q++) {
		if ((q > p ? q[-1] : s->last) < ' ') {
			return q;
		}
	}
	return NULL;
}

static void skip_body(struct walk *w)
{
	struct hl7_side *s = w->s;
	const uint8_t *stop = memchr(w->p, BLOCK_END, (size_t)(w->end - w->p));
	const uint8_t *limit = stop != NULL ? stop : w->end;
	bool is_lines = s->is_bare || s->is_batch;
	const uint8_t *start = is_lines ? find_line(s, w->p, limit)
	                                : memchr(w->p, BLOCK_START, (size_t)(limit - w->p));

	if (start != NULL) {
		bool has_start = !is_lines || (start > w->p ? start[-1] : s->last) == BLOCK_START;

		w->p = start;
		lead_begin(w, has_start, true);
		w->p += !is_lines;
		return;
	}
	if (stop != NULL) {
		w->p = stop + 1;
		s->is_batch = false;
		s->state = IDLE;
		return;
	}
	w->p = w->end;
	s->last = w->end[-1];
}

static void step(struct walk *w)
{
	bool is_taken;

	switch (w->s->state) {
	case IDLE:
		is_taken = at_idle(w, *w->p);
		break;
	case LEAD:
		is_taken = at_lead(w, *w->p);
		break;
	case HEADER:
		is_taken = at_header(w, *w->p);
		break;
	case SEGMENT:
		is_taken = at_segment(w, *w->p);
		break;
	case ANSWER:
		is_taken = at_answer(w, *w->p);
		break;
	default:
		skip_body(w);
		return;
	}
	w->p += is_taken;
}

/* A message whose MSH-9 was read stays open over a hole: its end, or the next start, will come. */
static void cross_gap(struct walk *w)
{
	struct hl7_side *s = w->s, *other = other_side(w);

	if (other->n_waiting >
	    1) { /* acknowledgements may be among what was lost: keep the newest */
		other->waiting[0] = other->waiting[other->n_waiting - 1];
		other->n_waiting = 1;
	}
	if (s->state == SEGMENT || (s->state == HEADER && s->is_open)) {
		settle_message(s, other, false);
	}
	if (s->state == SEGMENT || s->state == LEAD) {
		s->entry = s->resume;
	} else if (s->state == IDLE || (s->state == HEADER && !s->is_open)) {
		s->entry = SINK_NO_ENTRY;
	}
	s->state = BODY;
	s->last = '\0';
}

static void prepare(struct hl7 *hl7)
{
	for (int i = 0; i < 2; i++) {
		hl7->side[i].entry = hl7->side[i].resume = hl7->side[i].newest = SINK_NO_ENTRY;
	}
	hl7->is_ready = true;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct hl7 *hl7 = state;
	struct walk w = {.p = bytes.p,
	                 .end = bytes.end,
	                 .booked = bytes.p,
	                 .hl7 = hl7,
	                 .side = side,
	                 .flow = flow,
	                 .sink = sink};

	if (!hl7->is_ready) {
		prepare(hl7);
	}
	w.s = &hl7->side[side];
	if (lost > 0) {
		cross_gap(&w);
	}
	while (w.p < w.end && !w.is_refuted) {
		step(&w);
	}
	w.p = w.end;
	turn_to(&w, w.s->entry);
	return w.is_refuted ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

/* --- recognising --- */

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
		result = lead_step(lead, cur_u8(&c));
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
		if (!encoding_add(encoding, &n, separator, b)) {
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

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
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

const struct dissector dissector_hl7 = {
        .name = "hl7",
        .protocol = "HL7v2",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct hl7),
        .has_messages = true,
        .recognise = recognise,
        .dissect = dissect,
};
