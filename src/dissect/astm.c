/* Laboratory analysers: ASTM E1394 / CLSI LIS02-A2 records, in frames of the link layer (E1381,
 * LIS01-A2) or bare. Either end may have opened the connection, and serial-line servers carry the
 * same octets. Of the header its sender, receiver, processing id and version are kept; every other
 * record is counted by its letter and passes unread. */
#include "terrier/dissect.h"

#include <stdio.h>

enum {
	STX = 0x02,
	ETX = 0x03,
	EOT = 0x04,
	ENQ = 0x05,
	ACK = 0x06,
	LF = 0x0a,
	CR = 0x0d,
	NAK = 0x15,
	ETB = 0x17
};

enum {
	FIELD_DELIMITERS = 2, /* LIS02-A2 clause 6: the header */
	FIELD_SENDER = 5,
	FIELD_RECEIVER = 10,
	FIELD_PROCESSING = 12,
	FIELD_VERSION = 13,
	FIELDS_MAX = 32,
	SIGNATURE = 5,     /* `H|\^&` */
	FRAME_MAX = 64000, /* octets of a frame's text (LIS01-A2 6.3.1) */
	NONSENSE_MAX =
	        64, /* octets outside of any frame that are borne before the first good one */
};

enum place {
	BETWEEN, /* frames */
	NUMBER,  /* of the frame, behind STX */
	TEXT,    /* of a frame */
	CHECK,   /* its two digits */
	BARE,    /* in records without frames */
};

static const char letters[] = "HPORQCMSL"; /* LIS02-A2 clause 5; L ends a message */

enum { LETTERS = sizeof letters - 1, TERMINATOR = LETTERS - 1 };

/* What one message, or a frame of it, is made of. */
struct tally {
	uint32_t records[LETTERS];
};

/* Where in a record the text is; a record may go on in the next frame. */
struct reader {
	uint8_t letter; /* 0: a record begins with the next octet, '?': it passes unread */
	uint8_t field, component, separator;
	uint8_t n_kept;
	bool is_kept; /* the field's first component is wanted and not over */
};

struct header {
	char sender[TEXT_MAX + 2], receiver[TEXT_MAX + 2]; /* one too long is seen to be */
	char version[20];
	char processing;
};

struct half {
	uint8_t place;
	uint8_t number,
	        last_number; /* of this frame, of the last good one (0: none yet), as digits */
	uint8_t sum, digits, n_digits;
	bool is_end;  /* of the message's text: the frame closes with ETX */
	bool is_open; /* a message has begun and not ended */
	bool is_bad;
	uint16_t n_text, nonsense;
	int entry; /* whose octets these are */
	struct tally message, frame;
	struct reader reader, before; /* now, and where this frame began */
	struct header header;
};

struct astm {
	struct half half[2];
	bool is_ready, is_proven;
};

_Static_assert(sizeof(struct astm) <= DISSECT_STATE_MAX, "state of a flow");

/* What a call works on. */
struct walk {
	const uint8_t *p, *end, *booked;
	struct astm *astm;
	struct half *h;
	enum side side;
	struct sink *sink;
};

static bool is_letter(uint8_t c)
{
	return c != 0 && memchr(letters, c, LETTERS) != NULL;
}

static bool is_punctuation(uint8_t c)
{
	return c > ' ' && c < 0x7f && !(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
	       !(c >= 'a' && c <= 'z');
}

/* A digit of a sum; 16 when it is none. */
static unsigned hex(uint8_t c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char *at = memchr(digits, c >= 'a' && c <= 'f' ? c - 'a' + 'A' : c, 16);

	return at != NULL ? (unsigned)(at - digits) : 16;
}

static bool is_header(const uint8_t *p, size_t n)
{
	return n > SIGNATURE && p[0] == 'H' && is_punctuation(p[1]) &&
	       memcmp(p + 2, "\\^&", 3) == 0 && (p[5] == p[1] || p[5] == CR);
}

/* A whole frame whose sum is right, or the first of a message. `p` is behind STX. */
static bool is_frame(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	if (n < 2 || p[0] < '0' || p[0] > '7') {
		return false;
	}
	if (is_header(p + 1, n - 1)) {
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		sum = (uint8_t)(sum + p[i]);
		if (p[i] == ETX || p[i] == ETB) {
			return i > 1 && n - i > 2 && hex(p[i + 1]) << 4 == (sum & 0xf0U) &&
			       hex(p[i + 2]) == (sum & 15U);
		}
		if (p[i] < ' ' && p[i] != CR && p[i] != LF && p[i] != '\t') {
			return false; /* E1381 6.6: restricted characters */
		}
	}
	return false;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const uint8_t *p = bytes.p;
	size_t n = cur_left(&bytes);

	(void)side;
	(void)flow;
	for (int i = 0; i < 3 && n > 0 && (*p == ACK || *p == ENQ || *p == EOT || *p == NAK); i++) {
		p++;
		n--;
	}
	if (n > 1 && p[0] == STX) {
		return is_frame(p + 1, n - 1) ? 1 : 0;
	}
	if (n > 1 && p[0] >= '0' &&
	    p[0] <= '7') { /* a serial line's STX came in a packet of its own */
		return is_header(p + 1, n - 1) ? 1 : 0;
	}
	return is_header(p, n) ? 1 : 0;
}

static enum side other_side(enum side side)
{
	return side == SIDE_0 ? SIDE_1 : SIDE_0;
}

/* What comes from here on belongs to `entry`. */
static void turn_to(struct walk *w, int entry)
{
	sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->h->entry);
	w->booked = w->p;
	w->h->entry = entry;
}

/* The octet that was just read, and the other side's acknowledgements from here on, are of a
 * message to come. */
static void start_here(struct walk *w)
{
	w->p--;
	turn_to(w, SINK_NO_ENTRY);
	w->p++;
	w->astm->half[other_side(w->side)].entry = SINK_NO_ENTRY;
}

static void say_header(struct walk *w)
{
	const struct header *h = &w->h->header;

	if (h->sender[0] != '\0') {
		sink_name(w->sink, w->side, NAME_BANNER, h->sender, strlen(h->sender));
	}
	if (h->receiver[0] != '\0') {
		sink_name(w->sink, other_side(w->side), NAME_BANNER, h->receiver,
		          strlen(h->receiver));
	}
	if (h->version[0] != '\0') {
		sink_fact(w->sink, "ASTM version", h->version, strlen(h->version));
	}
	if (h->processing != '\0') {
		sink_fact(w->sink, "ASTM processing", &h->processing, 1);
	}
}

/* The message is complete: results say more of it than orders, these more than a query. */
static void message_end(struct walk *w)
{
	static const char telling[] = "ROQH";
	enum side other = other_side(w->side);
	struct half *h = w->h;
	const char *what = telling;
	char text[20];
	int entry;

	while (what[1] != '\0' && h->message.records[strchr(letters, *what) - letters] == 0) {
		what++;
	}
	snprintf(text, sizeof text, h->place == BARE ? "%c without frames" : "%c", *what);
	entry = sink_evidence(w->sink, EVIDENCE_ASTM_RECORD, text, w->side, INFO_MSG, 1);
	for (size_t i = 0; i < LETTERS; i++) {
		for (uint32_t n = h->message.records[i]; n > 0; n--) {
			sink_fact(w->sink, "ASTM record", letters + i, 1);
		}
	}
	h->is_open = false;
	h->message = (struct tally){.records = {0}};
	turn_to(w, entry);
	w->astm->half[other].entry = entry; /* it has only acknowledged */
	sink_octets(w->sink, other, 0, entry);
}

static void prove(struct walk *w)
{
	if (!w->astm->is_proven) {
		w->astm->is_proven = true;
		sink_encryption(w->sink, ENCRYPTED_NO);
	}
}

/* Adds the records of a good frame, or a bare one, to its message. A header also ends what came
 * before it. */
static void commit(struct walk *w)
{
	struct half *h = w->h;

	prove(w);
	if (h->frame.records[0] > 0) {
		if (h->is_open) {
			message_end(w);
		}
		say_header(w);
	}
	for (size_t i = 0; i < LETTERS; i++) {
		h->message.records[i] += h->frame.records[i];
		h->is_open = h->is_open || h->frame.records[i] > 0;
	}
	h->frame = (struct tally){.records = {0}};
	if (h->message.records[TERMINATOR] > 0) {
		message_end(w);
	}
}

/* ---- records ---- */

static char *place_of_field(struct half *h, size_t *size)
{
	switch (h->reader.field) {
	case FIELD_SENDER:
		*size = sizeof h->header.sender;
		return h->header.sender;
	case FIELD_RECEIVER:
		*size = sizeof h->header.receiver;
		return h->header.receiver;
	case FIELD_VERSION:
		*size = sizeof h->header.version;
		return h->header.version;
	default:
		return NULL;
	}
}

/* Takes an octet of a field of the header. */
static void field_take(struct half *h, uint8_t c)
{
	struct reader *r = &h->reader;
	size_t size = 0;
	char *text = place_of_field(h, &size);

	if (r->field == FIELD_DELIMITERS) {
		r->component =
		        r->n_kept++ == 1 ? c : r->component; /* `\^&`: repeat, component, escape */
	} else if (c == r->component) {
		r->is_kept = false;
	} else if (r->field == FIELD_PROCESSING && r->n_kept++ == 0) {
		h->header.processing = (char)(memchr("PTDQ", c, 4) != NULL ? c : '\0');
	} else if (text != NULL && r->is_kept && r->n_kept + 1u < size) {
		text[r->n_kept++] = (char)c;
		text[r->n_kept] = '\0';
	}
}

static void record_begin(struct half *h, uint8_t c)
{
	h->reader = (struct reader){.letter = is_letter(c) ? c : '?', .field = 1, .component = '^'};
	if (is_letter(c)) {
		h->frame.records[strchr(letters, c) - letters]++;
	}
	if (c == 'H') {
		h->header = (struct header){.processing = '\0'};
	}
}

static void record_take(struct half *h, uint8_t c)
{
	struct reader *r = &h->reader;

	if (c == CR) {
		r->letter = 0;
	} else if (c == LF) {
		return;
	} else if (r->letter == 0) {
		record_begin(h, c);
	} else if (r->letter == 'H' && r->field <= FIELD_DELIMITERS && !is_punctuation(c)) {
		r->letter = '?'; /* the middle of a text */
	} else if (r->letter == 'H' && (r->separator == 0 || c == r->separator)) {
		r->separator = c;
		r->field = (uint8_t)(r->field < FIELDS_MAX ? r->field + 1 : FIELDS_MAX);
		r->n_kept = 0;
		r->is_kept = true;
	} else if (r->letter == 'H') {
		field_take(h, c);
	}
}

/* ---- the link layer ---- */

static void frame_begin(struct walk *w)
{
	struct half *h = w->h;

	if (!h->is_open) {
		start_here(w);
	}
	h->place = NUMBER;
	h->before = h->reader;
	h->frame = (struct tally){.records = {0}};
	h->n_digits = h->digits = 0;
	h->n_text = 0;
}

/* The sum is here. A frame that was not understood comes again, under the same number. */
static void frame_end(struct walk *w)
{
	struct half *h = w->h;

	h->place = BETWEEN;
	if (h->digits == h->sum && h->number != h->last_number) {
		h->last_number = h->number;
		h->reader.letter = h->is_end ? 0 : h->reader.letter;
		commit(w);
		return;
	}
	h->is_bad = h->digits != h->sum && !w->astm->is_proven;
	h->reader = h->before;
}

static void session_end(struct walk *w)
{
	w->h->last_number = 0;
	w->h->reader.letter = 0;
	if (w->h->is_open) {
		message_end(w);
	}
}

static void link_take(struct walk *w, uint8_t c)
{
	struct half *h = w->h;

	switch (c) {
	case STX:
		frame_begin(w);
		break;
	case ENQ:
		session_end(w);
		start_here(w);
		break;
	case EOT:
		session_end(w);
		break;
	case ACK:
	case NAK:
	case CR:
	case LF:
		break;
	case 'H':
		start_here(w);
		h->place = BARE;
		record_begin(h, c);
		break;
	default:
		h->is_bad = ++h->nonsense > NONSENSE_MAX && !w->astm->is_proven;
		break;
	}
}

static void text_take(struct walk *w, uint8_t c)
{
	struct half *h = w->h;

	h->sum = (uint8_t)(h->sum + c);
	if (c == ETX || c == ETB) {
		h->is_end = c == ETX;
		h->place = CHECK;
	} else if (c == STX || c == ENQ || c == EOT ||
	           ++h->n_text > FRAME_MAX) { /* its end is missing */
		h->place = BETWEEN;
		h->reader = h->before;
		link_take(w, c);
	} else {
		record_take(h, c);
	}
}

static void bare_take(struct walk *w, uint8_t c)
{
	struct half *h = w->h;

	if (c < ' ' && c != CR && c != LF && c != '\t') {
		h->place = BETWEEN;
		link_take(w, c);
		return;
	}
	if (h->reader.letter == 0 && c == 'H') {
		start_here(w);
	}
	record_take(h, c);
	if (c == CR) {
		commit(w);
	}
}

static void octet_take(struct walk *w, uint8_t c)
{
	struct half *h = w->h;

	switch (h->place) {
	case NUMBER:
		h->number = h->sum = c;
		h->place = c >= '0' && c <= '7' ? TEXT : BETWEEN;
		break;
	case TEXT:
		text_take(w, c);
		break;
	case CHECK:
		h->digits = (uint8_t)((unsigned)h->digits << 4 | (hex(c) & 15));
		if (++h->n_digits == 2) {
			frame_end(w);
		}
		break;
	case BARE:
		bare_take(w, c);
		break;
	default:
		link_take(w, c);
		break;
	}
}

/* What was being read is not whole: a frame does not count, of bare records the next is waited for.
 */
static void gap(struct half *h)
{
	h->place = h->place == BARE ? BARE : BETWEEN;
	h->frame = (struct tally){.records = {0}};
	h->reader.letter = h->place == BARE ? '?' : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct astm *astm = state;
	struct walk w = {bytes.p, bytes.end, bytes.p, astm, &astm->half[side], side, sink};

	(void)flow;
	if (!astm->is_ready) {
		astm->half[0].entry = astm->half[1].entry = SINK_NO_ENTRY;
		astm->is_ready = true;
	}
	if (lost > 0) {
		gap(w.h);
	}
	while (w.p < w.end && !w.h->is_bad) {
		octet_take(&w, *w.p++);
	}
	w.p = w.end;
	turn_to(&w, w.h->entry);
	return w.h->is_bad ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "sender (H-5) and receiver (H-10), first component", .standard = "LIS02-A2 6",
         .names = {NAME_BANNER}},
        {FIELD_KEEP, "processing id (H-12) and version (H-13)", .standard = "LIS02-A2 6",
         .facts = {"ASTM processing", "ASTM version"}},
        {FIELD_KEEP, "letters of the records, counted", .standard = "LIS02-A2 6",
         .evidence = {EVIDENCE_ASTM_RECORD}, .facts = {"ASTM record"}},
        {FIELD_NEVER, "password (H-4) and all other fields of the header",
         .standard = "LIS02-A2 6"},
        {FIELD_NEVER,
         "all that the records of patients, orders, results, queries and comments hold",
         .standard = "LIS02-A2 6"},
        {0},
};

const struct dissector dissector_astm = {
        .name = "astm",
        .protocol = "ASTM",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct astm),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
