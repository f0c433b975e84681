/* HL7 v2 over MLLP (HL7 v2.3.1 implementation guide, appendix C "Lower Layer Protocols", C.4; MLLP
 * release 2), over the older HLLP, and without framing. Follows each direction for as long as the
 * connection lives; everything behind MSH and MSA-1 is skipped. */
#include "hl7.h"

/* What comes from here on belongs to `entry`. */
void hl7_turn_to(struct walk *w, int entry)
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
void hl7_open_message(struct walk *w, const char *text)
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
	hl7_turn_to(w, entry);
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
	hl7_turn_to(w, SINK_NO_ENTRY);
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
		hl7_turn_to(w, s->resume);
	} else if (!w->hl7->is_proven) {
		w->is_refuted = true;
	} else {
		hl7_open_message(w, NULL); /* XML, or something of the vendor's */
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
		hl7_turn_to(w, SINK_NO_ENTRY);
		lead_begin(w, false, true);
		return false;
	} else if (!is_blank(c)) {
		hl7_turn_to(w, SINK_NO_ENTRY);
		s->state = BODY;
		return false;
	}
	return true;
}

static void prove(struct walk *w)
{
	if (!w->hl7->is_proven) {
		w->hl7->is_proven = true;
		sink_encryption(w->sink, ENCRYPTED_NO);
	}
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
	enum lead_result result = hl7_lead_step(&s->lead, c);

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
		prove(w);
		hl7_turn_to(w, wait_pop(other_side(w)));
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
		hl7_turn_to(w, s->resume);
		s->last = BLOCK_END;
		s->state = IDLE;
		break;
	case LEAD_WRONG:
		lead_fail(w);
		return false;
	}
	return true;
}

static void header_end(struct walk *w, enum state next)
{
	struct hl7_side *s = w->s;

	if (s->field > 2) {
		hl7_field_end(w);
	}
	if (!s->is_open) {
		hl7_open_message(w, NULL);
	}
	s->state = (uint8_t)next;
	s->last = ' ';
	if (next == SEGMENT) { /* its octets are the next message's should it be an MSH */
		s->resume = s->entry;
		hl7_turn_to(w, SINK_NO_ENTRY);
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
		if (!hl7_take_delimiter(s, c)) {
			lead_fail(w);
			return false;
		}
		if (s->field == 3) {
			prove(w);
		}
	} else if (c == BLOCK_START || c == BLOCK_END || ++s->n_header > HEADER_MAX) {
		header_end(w, BODY);
		return false;
	} else if (c == '\r' || c == '\n') {
		header_end(w, SEGMENT);
	} else if (c == s->separator) {
		hl7_field_end(w);
		s->field = s->field < UINT8_MAX ? (uint8_t)(s->field + 1) : s->field;
		hl7_field_begin(s);
	} else {
		hl7_field_add(s, c);
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
		hl7_turn_to(w, s->resume);
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
	hl7_turn_to(w, s->resume);
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
		s->last = BLOCK_END;
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

	if (other->n_waiting > 1) { /* some were acknowledged in the hole: keep the newest */
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
	hl7_turn_to(&w, w.s->entry);
	return w.is_refuted ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "sending and receiving application and facility (MSH-3 to MSH-6)",
         .standard = "HL7 v2 chapter 2, MSH",
         .guard = "first component and sub-component; none of UTF-16", .names = {NAME_HL7}},
        {FIELD_KEEP, "type of the message (MSH-9.1 and MSH-9.2)",
         .standard = "HL7 v2 chapter 2, MSH; table 0008", .guard = "codes of three",
         .evidence = {EVIDENCE_HL7_MSH9}},
        {FIELD_KEEP, "processing id (MSH-11.1)", .standard = "HL7 v2 chapter 2, MSH",
         .guard = "one letter", .facts = {"HL7 processing id"}},
        {FIELD_KEEP, "version (MSH-12.1)", .standard = "HL7 v2 chapter 2, MSH",
         .guard = "at most eight characters, a digit first", .facts = {"HL7 version"}},
        {FIELD_KEEP, "acknowledgement that is no success (MSA-1)",
         .standard = "HL7 v2 chapter 2, MSA; table 0008", .guard = "codes of two, or NAK",
         .facts = {"HL7 ack"}},
        {FIELD_NEVER,
         "message time (MSH-7), security (MSH-8), control id (MSH-10), all other fields of MSH and "
         "MSA",
         .standard = "HL7 v2 chapter 2"},
        {FIELD_NEVER,
         "all other segments: PID, NK1, PV1, OBR, OBX, ORC, DG1, IN1, GT1, Z segments and the rest",
         .standard = "HL7 v2"},
        {0},
};

const struct dissector dissector_hl7 = {
        .name = "hl7",
        .protocol = "HL7v2",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct hl7),
        .has_messages = true,
        .fields = fields,
        .recognise = hl7_recognise,
        .dissect = dissect,
};
