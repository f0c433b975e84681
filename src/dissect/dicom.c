/* DICOM upper layer (PS3.8 9.3) and DIMSE commands (PS3.7 6.3, annex E). Follows both directions
 * for as long as the connection lives. Of an association and of a command set only the values that
 * privacy.md allows are copied, as they pass; data sets are skipped by length and never looked at.
 */
#include "terrier/dissect.h"

#include <stdio.h>

enum { ASSOCIATE_RQ = 1, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT };

enum {
	C_GET = 0x0010,
	C_FIND = 0x0020,
	C_MOVE = 0x0021,
	C_CANCEL = 0x0fff,
	IS_RESPONSE = 0x8000,
	NO_DATA_SET = 0x0101,
};

enum { /* bits of a PDV's message control header (PS3.8 E.2) */
       IS_COMMAND = 1,
       IS_LAST = 2,
};

enum {
	PDU_HEADER = 6,
	PDV_HEADER = 6,
	PDATA_HEAD = PDU_HEADER + PDV_HEADER,
	SYNC_HEAD = PDATA_HEAD + 8, /* and the first element of a command set */
	PDU_MAX = 1 << 26,          /* nobody sends longer ones */
	ASSOCIATE_MAX = 1 << 18,
	ASSOCIATE_FIXED = 68, /* from the protocol version to the first item */
	FIRST_ITEM = PDU_HEADER + ASSOCIATE_FIXED,
	TITLES = PDU_HEADER + 4, /* called, then calling */
	TITLE_LEN = 16,
	UID_MAX = 64,
	SUFFIX_MAX = 20,
	CONTEXTS_MAX = 16,
	OPEN_MAX = 4,        /* requests of one side without their last response */
	CANDIDATES_MAX = 16, /* places that are tried in one payload */
};

enum item { /* of an association; ITEM_FIXED is ours, for the part before the items */
	    ITEM_FIXED = 0x00,
	    ITEM_APPLICATION = 0x10,
	    ITEM_PROPOSED = 0x20,
	    ITEM_RESULT = 0x21,
	    ITEM_ABSTRACT = 0x30,
	    ITEM_USER = 0x50,
	    ITEM_CLASS = 0x52,
	    ITEM_VERSION = 0x55,
	    ITEM_IDENTITY = 0x58,
};

enum element { /* of group 0000 */
	       AFFECTED_CLASS = 0x0002,
	       REQUESTED_CLASS = 0x0003,
	       COMMAND_FIELD = 0x0100,
	       MESSAGE_ID = 0x0110,
	       ANSWERED_ID = 0x0120,
	       DATA_SET_TYPE = 0x0800,
	       STATUS = 0x0900,
};

enum state {
	AT_PDU,     /* gathering the header of a PDU */
	AT_PDV,     /* gathering the header of a presentation data value */
	IN_ITEMS,   /* in an A-ASSOCIATE */
	IN_COMMAND, /* in a fragment of a command set */
	SKIP_DATA,  /* over a fragment of a data set */
	SKIP_PDU,   /* over the rest of a PDU */
	LOST,       /* looking for a P-DATA-TF */
};

enum target { TO_NOTHING, TO_VALUE, TO_UID };

/* Reads what is made of short headers and values: items of an association, elements of a command
 * set. */
struct reader {
	uint8_t head[8];
	uint8_t n_head;
	uint8_t target; /* where the value is kept, if at all */
	uint8_t n_value, n_uid;
	uint32_t left; /* of the value */
	uint8_t value[4 + 2 * TITLE_LEN];
	uint8_t uid[UID_MAX];
};

struct command {
	uint16_t field, id, answered, status, data_set;
	bool is_begun; /* a fragment came, the last one did not */
	bool is_bad;
};

struct request {
	uint16_t id;
	int entry;
};

struct side_state {
	uint8_t state;
	uint8_t pdu;     /* its type */
	uint8_t context; /* id, of the PDV or the item */
	uint8_t control; /* of the PDV */
	uint8_t n_head;
	uint8_t n_open;
	bool is_whole; /* all was seen since the association began */
	uint8_t head[SYNC_HEAD];
	uint32_t pdu_left, pdv_left;
	int entry;   /* whose octets these are */
	int message; /* entry of the message whose data set goes on */
	struct reader reader;
	struct command command;
	struct request open[OPEN_MAX]; /* oldest first */
};

/* A presentation context of the standard's own classes: 1.2.840.10008. and `suffix`. */
struct context {
	uint8_t id;
	char suffix[SUFFIX_MAX];
};

struct dicom {
	struct side_state side[2];
	struct context contexts[CONTEXTS_MAX];
	uint8_t n_contexts;
	bool is_ready;
	bool is_proven;  /* an association, or a P-DATA-TF that adds up, was seen */
	bool has_client; /* it was said who that is */
};

_Static_assert(sizeof(struct dicom) <= DISSECT_STATE_MAX, "state of a flow");

/* One call: the bytes, and how far they are booked. */
struct walk {
	const uint8_t *p, *end, *booked;
	struct dicom *dicom;
	struct side_state *s, *other;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
	bool is_refuted;
};

static const char dicom_root[] = "1.2.840.10008.";

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Digits and dots; one NUL may fill up an odd length (PS3.5 9.1). Returns the length without it, 0
 * for no UID. */
static size_t uid_length(const uint8_t *uid, size_t len)
{
	if (len > 0 && uid[len - 1] == '\0') {
		len--;
	}
	for (size_t i = 0; i < len; i++) {
		if (uid[i] != '.' && (uid[i] < '0' || uid[i] > '9')) {
			return 0;
		}
	}
	return len;
}

/* The element with which every command set begins: its own length (PS3.7 6.3.1). */
static const uint8_t group_length[8] = {0, 0, 0, 0, 4, 0, 0, 0};

/* True for the first `n` bytes of a P-DATA-TF with its first PDV. A stranger is told by the
 * lengths: one PDV that fills the PDU, or a command set. */
static bool is_pdata(const uint8_t *head, size_t n)
{
	uint32_t pdu = n >= 6 ? be32(head + 2) : 0, pdv = n >= 10 ? be32(head + 6) : 0;

	if (head[0] != P_DATA || (n >= 2 && head[1] != 0) ||
	    (n >= 6 && (pdu < PDV_HEADER || pdu > PDU_MAX)) ||
	    (n >= 10 && (pdv < 2 || pdv > pdu - 4)) || (n >= 11 && head[10] % 2 == 0) ||
	    (n >= 12 && head[11] > 3)) {
		return false;
	}
	if (n <= PDATA_HEAD || pdv == pdu - 4) {
		return true;
	}
	return (head[11] & IS_COMMAND) != 0 && pdv >= 10 &&
	       memcmp(head + PDATA_HEAD, group_length, n - PDATA_HEAD) == 0;
}

/* What comes from here on belongs to `entry`. */
static void turn_to(struct walk *w, int entry)
{
	if (w->p > w->booked) {
		sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->s->entry);
	}
	w->booked = w->p;
	w->s->entry = entry;
}

static void lose_track(struct walk *w)
{
	w->is_refuted = !w->dicom->is_proven;
	w->s->state = LOST;
	w->s->n_head = 0;
	w->s->is_whole = false;
	w->s->command.is_begun = false;
	turn_to(w, SINK_NO_ENTRY);
}

static void prove(struct walk *w)
{
	if (!w->dicom->is_proven) {
		w->dicom->is_proven = true;
		sink_encryption(w->sink, ENCRYPTED_NO);
	}
}

static void say_client(struct walk *w, bool is_this_side)
{
	if (!w->dicom->has_client) {
		w->dicom->has_client = true;
		sink_client(w->sink, (w->side == SIDE_0) == is_this_side ? SIDE_0 : SIDE_1);
	}
}

/* --- associations --- */

static void note_text(struct walk *w, const char *name, const uint8_t *text, size_t len)
{
	if (len > 0) {
		sink_fact(w->sink, name, (const char *)text, len);
	}
}

/* An AE title is padded with spaces on either side (PS3.5 6.2). */
static void note_title(struct walk *w, enum side side, const uint8_t *title)
{
	size_t from = 0, to = TITLE_LEN;

	while (from < to && title[from] == ' ') {
		from++;
	}
	while (to > from && (title[to - 1] == ' ' || title[to - 1] == '\0')) {
		to--;
	}
	if (to > from) {
		sink_name(w->sink, side, NAME_AE_TITLE, (const char *)title + from, to - from);
	}
}

static void associate_begin(struct walk *w)
{
	struct side_state *s = w->s;

	s->state = IN_ITEMS;
	s->reader = (struct reader){.n_head = 4, .target = TO_VALUE, .left = ASSOCIATE_FIXED};
	if (s->pdu == ASSOCIATE_RQ) {
		w->dicom->n_contexts = 0;
		s->n_open = w->other->n_open = 0;
		s->is_whole = true;
		w->other->is_whole = w->other->state != LOST;
	}
}

static void associate_fixed(struct walk *w)
{
	const uint8_t *value = w->s->reader.value;

	if ((value[1] & 1) == 0) { /* protocol version 1 is a bit, not a number (PS3.8 9.3.2) */
		lose_track(w);
	}
}

/* Titles and who calls whom; the acceptor's titles are an echo (PS3.8 9.3.3). */
static void associate_proven(struct walk *w)
{
	const uint8_t *value = w->s->reader.value;
	bool is_request = w->s->pdu == ASSOCIATE_RQ;

	prove(w);
	w->dicom->has_client = false;
	say_client(w, is_request);
	if (is_request) {
		note_title(w, w->side == SIDE_0 ? SIDE_1 : SIDE_0, value + 4);
		note_title(w, w->side, value + 4 + TITLE_LEN);
	}
}

static void context_add(struct dicom *dicom, uint8_t id, const uint8_t *uid, size_t len)
{
	size_t root = sizeof dicom_root - 1;

	if (dicom->n_contexts < CONTEXTS_MAX && len > root && len - root < SUFFIX_MAX &&
	    memcmp(uid, dicom_root, root) == 0) {
		struct context *c = &dicom->contexts[dicom->n_contexts++];

		c->id = id;
		text_copy(c->suffix, sizeof c->suffix, (const char *)uid + root, len - root);
	}
}

/* Writes the class of a presentation context; returns its length, 0 when it is not known. */
static size_t context_find(const struct dicom *dicom, uint8_t id, char out[UID_MAX + 1])
{
	for (size_t i = 0; i < dicom->n_contexts; i++) {
		if (dicom->contexts[i].id == id) {
			return (size_t)snprintf(out, UID_MAX + 1, "%s%s", dicom_root,
			                        dicom->contexts[i].suffix);
		}
	}
	return 0;
}

/* Items lie inside each other; their headers are alike, so that they can be read as if they lay in
 * a row. */
static void item_begin(struct walk *w)
{
	struct reader *r = &w->s->reader;
	uint32_t len = (uint32_t)r->head[2] << 8 | r->head[3];

	if (!w->dicom->is_proven && r->head[0] != ITEM_APPLICATION) {
		lose_track(w);
		return;
	}
	if (r->head[0] == ITEM_APPLICATION) {
		associate_proven(w);
	}
	r->left = len;
	r->target = TO_NOTHING;
	switch (r->head[0]) {
	case ITEM_PROPOSED:
	case ITEM_RESULT:
		r->left = len < 4 ? len : 4;
		r->target = TO_VALUE;
		break;
	case ITEM_USER:
		r->left = 0;
		break;
	case ITEM_VERSION:
		r->target = TO_VALUE;
		break;
	case ITEM_ABSTRACT:
	case ITEM_CLASS:
		r->target = TO_UID;
		break;
	default:
		break;
	}
}

static void item_end(struct walk *w)
{
	struct side_state *s = w->s;
	struct reader *r = &s->reader;
	size_t uid = uid_length(r->uid, r->n_uid);
	char text[UID_MAX + 1];

	switch (r->head[0]) {
	case ITEM_FIXED:
		associate_fixed(w);
		break;
	case ITEM_PROPOSED:
		s->context = r->n_value > 0 ? r->value[0] : 0;
		break;
	case ITEM_ABSTRACT:
		if (s->pdu == ASSOCIATE_RQ) {
			context_add(w->dicom, s->context, r->uid, uid);
		}
		break;
	case ITEM_RESULT:
		if (s->pdu == ASSOCIATE_AC && r->n_value == 4 && r->value[2] == 0) {
			sink_fact(w->sink, "DICOM accepted", text,
			          context_find(w->dicom, r->value[0], text));
		}
		break;
	case ITEM_CLASS:
		note_text(w, "DICOM implementation class", r->uid, uid);
		break;
	case ITEM_VERSION:
		note_text(w, "DICOM implementation", r->value, r->n_value);
		break;
	case ITEM_IDENTITY:
		sink_fact(w->sink, "DICOM user identity", "present", 7);
		break;
	default:
		break;
	}
}

/* --- commands --- */

static const char *command_name(uint16_t field)
{
	static const struct {
		uint16_t field;
		const char *name;
	} names[] = {
	        {0x0001, "C-STORE"},  {C_GET, "C-GET"},     {C_FIND, "C-FIND"},
	        {C_MOVE, "C-MOVE"},   {0x0030, "C-ECHO"},   {0x0110, "N-GET"},
	        {0x0120, "N-SET"},    {0x0130, "N-ACTION"}, {0x0100, "N-EVENT-REPORT"},
	        {0x0140, "N-CREATE"}, {0x0150, "N-DELETE"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].field == field) {
			return names[i].name;
		}
	}
	return NULL;
}

static void element_begin(struct side_state *s)
{
	struct reader *r = &s->reader;

	r->left = (uint32_t)le16(r->head + 6) << 16 | le16(r->head + 4);
	r->target = TO_NOTHING;
	s->command.is_bad |= le16(r->head) != 0;
	switch (le16(r->head + 2)) {
	case AFFECTED_CLASS:
	case REQUESTED_CLASS:
		r->target = r->left <= UID_MAX ? TO_UID : TO_NOTHING;
		break;
	case COMMAND_FIELD:
	case MESSAGE_ID:
	case ANSWERED_ID:
	case DATA_SET_TYPE:
	case STATUS:
		r->target = TO_VALUE;
		break;
	default:
		break;
	}
}

static void element_end(struct side_state *s)
{
	struct command *c = &s->command;
	const struct reader *r = &s->reader;
	uint16_t number = le16(r->value);

	if (r->target != TO_VALUE || r->n_value != 2) {
		return;
	}
	switch (le16(r->head + 2)) {
	case COMMAND_FIELD:
		c->field = number;
		break;
	case MESSAGE_ID:
		c->id = number;
		break;
	case ANSWERED_ID:
		c->answered = number;
		break;
	case DATA_SET_TYPE:
		c->data_set = number;
		break;
	default:
		c->status = number;
		break;
	}
}

/* Notes what a command says of its kind: by its class, else by its own name. */
static int note_command(struct walk *w, uint16_t field, enum side from, unsigned messages)
{
	const struct reader *r = &w->s->reader;
	size_t len = uid_length(r->uid, r->n_uid);
	const char *name = command_name(field);
	char text[UID_MAX + 1];

	if (len > 0) {
		text_copy(text, sizeof text, (const char *)r->uid, len);
	} else {
		len = context_find(w->dicom, w->s->context, text);
	}
	if (len > 0) {
		return sink_evidence(w->sink, EVIDENCE_DICOM_SOP, text, from, INFO_MSG, messages);
	}
	if (name != NULL) {
		snprintf(text, sizeof text, "%s 0x%04X", name, (unsigned)field);
		return sink_evidence(w->sink, EVIDENCE_DICOM_COMMAND, text, from, INFO_MSG,
		                     messages);
	}
	return sink_evidence(w->sink, EVIDENCE_PROTOCOL, "DICOM", from, INFO_MSG, messages);
}

static struct request *request_find(struct side_state *s, uint16_t id)
{
	for (size_t i = 0; i < s->n_open; i++) {
		if (s->open[i].id == id) {
			return &s->open[i];
		}
	}
	return NULL;
}

static void request_remove(struct side_state *s, const struct request *r)
{
	size_t i = (size_t)(r - s->open);

	memmove(s->open + i, s->open + i + 1, (s->n_open - i - 1) * sizeof s->open[0]);
	s->n_open--;
}

static void request_add(struct side_state *s, uint16_t id, int entry)
{
	struct request *old = request_find(s, id);

	if (old != NULL) {
		request_remove(s, old); /* ids are used again; this one never had its answer */
	} else if (s->n_open == OPEN_MAX) {
		request_remove(s, s->open);
	}
	s->open[s->n_open++] = (struct request){id, entry};
}

static int take_request(struct walk *w)
{
	const struct command *c = &w->s->command;
	int entry = note_command(w, c->field, w->side, 1);

	/* These are only ever asked by the side that opened the association (PS3.4 C.4). */
	if ((c->field == C_FIND || c->field == C_GET || c->field == C_MOVE) &&
	    !w->flow->client_is_certain) {
		say_client(w, true);
	}
	request_add(w->s, c->id, entry);
	return entry;
}

/* The answer belongs to what it answers. When that was not seen, the answer stands for both, unless
 * all was seen. */
static int take_response(struct walk *w)
{
	const struct command *c = &w->s->command;
	bool is_last = c->status != 0xff00 && c->status != 0xff01; /* pending (PS3.7 annex C) */
	struct request *r = request_find(w->other, c->answered);
	int entry;

	if (c->status != 0 && is_last) {
		char text[8];

		snprintf(text, sizeof text, "%04X", (unsigned)c->status);
		sink_fact(w->sink, "DICOM status", text, 4);
	}
	if (r == NULL) {
		return note_command(w, (uint16_t)(c->field & ~IS_RESPONSE),
		                    w->side == SIDE_0 ? SIDE_1 : SIDE_0,
		                    is_last && !w->other->is_whole);
	}
	entry = r->entry;
	if (is_last) {
		request_remove(w->other, r);
	}
	return entry;
}

/* The command set is complete. Returns the entry of its message. */
static int take_command(struct walk *w)
{
	const struct command *c = &w->s->command;

	if (c->is_bad || c->field == 0) {
		return SINK_NO_ENTRY;
	}
	if (c->field == C_CANCEL) {
		const struct request *r = request_find(w->s, c->answered);

		return r != NULL ? r->entry : SINK_NO_ENTRY;
	}
	return (c->field & IS_RESPONSE) != 0 ? take_response(w) : take_request(w);
}

/* --- the two readers' common part --- */

static void head_done(struct walk *w)
{
	struct reader *r = &w->s->reader;

	r->n_value = 0;
	if (w->s->state == IN_COMMAND) {
		element_begin(w->s);
	} else {
		item_begin(w);
	}
	if (r->target == TO_UID) {
		r->n_uid = 0;
	}
}

static void value_take(struct reader *r, const uint8_t *p, size_t n)
{
	size_t room;

	if (r->target == TO_VALUE) {
		room = smaller(n, sizeof r->value - r->n_value);
		memcpy(r->value + r->n_value, p, room);
		r->n_value = (uint8_t)(r->n_value + room);
	} else if (r->target == TO_UID) {
		room = smaller(n, sizeof r->uid - r->n_uid);
		memcpy(r->uid + r->n_uid, p, room);
		r->n_uid = (uint8_t)(r->n_uid + room);
	}
	r->left -= (uint32_t)n;
}

/* Reads `n` bytes of items or elements, as the state is; stops when the state changes. */
static void read_fields(struct walk *w, const uint8_t *p, size_t n)
{
	struct reader *r = &w->s->reader;
	uint8_t state = w->s->state;
	size_t head = state == IN_COMMAND ? 8 : 4;

	for (size_t i = 0; i < n && w->s->state == state;) {
		if (r->n_head < head) {
			r->head[r->n_head++] = p[i++];
			if (r->n_head < head) {
				continue;
			}
			head_done(w);
		} else {
			size_t part = smaller(n - i, r->left);

			value_take(r, p + i, part);
			i += part;
		}
		if (r->left == 0 && w->s->state == state) {
			r->n_head = 0;
			if (state == IN_COMMAND) {
				element_end(w->s);
			} else {
				item_end(w);
			}
		}
	}
}

/* --- PDUs and PDVs --- */

static void pdv_done(struct walk *w)
{
	struct side_state *s = w->s;

	s->state = s->pdu_left > 0 ? AT_PDV : AT_PDU;
	s->n_head = 0;
	if ((s->control & IS_LAST) != 0 && (s->control & IS_COMMAND) == 0) {
		s->message = SINK_NO_ENTRY;
		turn_to(w, SINK_NO_ENTRY);
	}
}

static void command_done(struct walk *w)
{
	struct side_state *s = w->s;

	s->message = take_command(w);
	turn_to(w, s->message);
	s->command.is_begun = false;
	if (s->command.data_set == NO_DATA_SET) {
		s->message = SINK_NO_ENTRY;
	}
}

/* Takes bytes of a command fragment. The last one is booked to the message, so that the sink knows
 * whose the octets before it were. */
static void in_command(struct walk *w)
{
	struct side_state *s = w->s;
	size_t n = smaller((size_t)(w->end - w->p), s->pdv_left);
	bool is_done = n == s->pdv_left;

	if (!s->command.is_bad) {
		read_fields(w, w->p, n);
	}
	s->pdv_left -= (uint32_t)n;
	s->pdu_left -= (uint32_t)n;
	if (!is_done || (s->control & IS_LAST) == 0) {
		w->p += n;
	} else {
		w->p += n > 0 ? n - 1 : 0;
		command_done(w);
		w->p += n > 0;
		turn_to(w, s->message);
	}
	if (is_done) {
		pdv_done(w);
	}
}

static void pdv_begin(struct walk *w, const uint8_t head[PDV_HEADER])
{
	struct side_state *s = w->s;
	uint32_t len = be32(head);

	s->n_head = 0;
	if (len < 2 || len > s->pdu_left + 2) { /* the header's six octets are taken, the length
		                                   counts two of them */
		lose_track(w);
		return;
	}
	prove(w);
	s->context = head[4];
	s->control = head[5];
	s->pdv_left = len - 2;
	if ((s->control & IS_COMMAND) == 0) {
		turn_to(w, s->message);
		s->state = SKIP_DATA;
		if (s->pdv_left == 0) {
			pdv_done(w);
		}
		return;
	}
	s->state = IN_COMMAND;
	if (!s->command.is_begun) {
		s->command = (struct command){.is_begun = true};
		s->reader = (struct reader){0};
		s->message = SINK_NO_ENTRY;
		turn_to(w, SINK_NO_ENTRY);
	}
	if (s->pdv_left == 0) {
		in_command(w);
	}
}

static void note_association(struct walk *w, const char *what)
{
	if (w->dicom->is_proven) {
		sink_fact(w->sink, "DICOM association", what, strlen(what));
	}
}

static void pdu_begin(struct walk *w)
{
	struct side_state *s = w->s;
	uint32_t len = be32(s->head + 2);

	s->n_head = 0;
	s->pdu = s->head[0];
	s->pdu_left = len;
	if (s->pdu == P_DATA && len >= PDV_HEADER && len <= PDU_MAX) {
		s->state = AT_PDV;
		return;
	}
	s->message = SINK_NO_ENTRY;
	turn_to(w, SINK_NO_ENTRY);
	s->state = SKIP_PDU;
	if ((s->pdu == ASSOCIATE_RQ || s->pdu == ASSOCIATE_AC) && len >= ASSOCIATE_FIXED &&
	    len <= ASSOCIATE_MAX) {
		associate_begin(w);
	} else if (s->pdu == ASSOCIATE_RJ && len == 4) {
		prove(w);
		say_client(w, false);
		note_association(w, "rejected");
	} else if (s->pdu == ABORT && len == 4) {
		note_association(w, "aborted");
	} else if ((s->pdu != RELEASE_RQ && s->pdu != RELEASE_RP) || len != 4) {
		lose_track(w);
	}
}

/* Gathers a header; true when it is complete. */
static bool gather(struct walk *w, size_t len)
{
	struct side_state *s = w->s;
	size_t n = smaller((size_t)(w->end - w->p), len - s->n_head);

	memcpy(s->head + s->n_head, w->p, n);
	s->n_head = (uint8_t)(s->n_head + n);
	w->p += n;
	return s->n_head == len;
}

static void at_pdv(struct walk *w)
{
	struct side_state *s = w->s;
	size_t n = smaller(PDV_HEADER - s->n_head,
	                   s->pdu_left); /* what is left may be too short for one */
	size_t had = s->n_head;
	bool is_done = gather(w, s->n_head + n) && s->n_head == PDV_HEADER;

	s->pdu_left -= (uint32_t)(s->n_head - had);
	if (is_done) {
		pdv_begin(w, s->head);
	} else if (s->pdu_left == 0) {
		lose_track(w);
	}
}

static void in_items(struct walk *w)
{
	struct side_state *s = w->s;
	size_t n = smaller((size_t)(w->end - w->p), s->pdu_left);

	read_fields(w, w->p, n);
	if (s->state == IN_ITEMS) {
		w->p += n;
		s->pdu_left -= (uint32_t)n;
		s->state = s->pdu_left > 0 ? IN_ITEMS : AT_PDU;
	}
}

static void skip_data(struct walk *w)
{
	struct side_state *s = w->s;
	size_t n = smaller((size_t)(w->end - w->p), s->pdv_left);

	w->p += n;
	s->pdv_left -= (uint32_t)n;
	s->pdu_left -= (uint32_t)n;
	if (s->pdv_left == 0) {
		pdv_done(w);
	}
}

static void skip_pdu(struct walk *w)
{
	struct side_state *s = w->s;
	size_t n = smaller((size_t)(w->end - w->p), s->pdu_left);

	w->p += n;
	s->pdu_left -= (uint32_t)n;
	if (s->pdu_left == 0) {
		s->state = AT_PDU;
	}
}

/* A P-DATA-TF was found: go on behind its first PDV header. */
static void regain_track(struct walk *w)
{
	struct side_state *s = w->s;
	uint8_t head[SYNC_HEAD];
	size_t more = s->n_head - (size_t)PDATA_HEAD;

	memcpy(head, s->head, sizeof head);
	s->pdu = P_DATA;
	s->pdu_left = be32(head + 2) - PDV_HEADER;
	pdv_begin(w, head + PDU_HEADER);
	if (more > 0) { /* the first element of a command set */
		read_fields(w, head + PDATA_HEAD, more);
		s->pdv_left -= (uint32_t)more;
		s->pdu_left -= (uint32_t)more;
		if (s->pdv_left == 0) {
			in_command(w);
		}
	}
}

static void look_for_pdu(struct walk *w)
{
	struct side_state *s = w->s;

	if (s->n_head == 0) {
		const uint8_t *at = memchr(w->p, P_DATA, (size_t)(w->end - w->p));

		w->p = at != NULL ? at : w->end;
		if (at == NULL) {
			return;
		}
	}
	s->head[s->n_head++] = *w->p++;
	while (s->n_head > 0 && !is_pdata(s->head, s->n_head)) {
		memmove(s->head, s->head + 1, --s->n_head);
	}
	if (s->n_head == SYNC_HEAD ||
	    (s->n_head == PDATA_HEAD && be32(s->head + 6) == be32(s->head + 2) - 4)) {
		regain_track(w);
	}
}

static void step(struct walk *w)
{
	switch (w->s->state) {
	case AT_PDU:
		if (gather(w, PDU_HEADER)) {
			pdu_begin(w);
		}
		break;
	case AT_PDV:
		at_pdv(w);
		break;
	case IN_ITEMS:
		in_items(w);
		break;
	case IN_COMMAND:
		in_command(w);
		break;
	case SKIP_DATA:
		skip_data(w);
		break;
	case SKIP_PDU:
		skip_pdu(w);
		break;
	default:
		look_for_pdu(w);
		break;
	}
}

/* A hole inside something whose length is known does no harm to what follows. */
static void cross_gap(struct walk *w, uint64_t lost)
{
	struct side_state *s = w->s;
	bool is_value = s->state == SKIP_DATA || s->state == IN_COMMAND;

	if (is_value && lost <= s->pdv_left) {
		s->pdv_left -= (uint32_t)lost;
		s->pdu_left -= (uint32_t)lost;
		if (s->state == IN_COMMAND) {
			s->command.is_bad = true;
			s->is_whole = false;
		}
		if (s->pdv_left == 0 && s->state == IN_COMMAND) {
			in_command(w);
		} else if (s->pdv_left == 0) {
			pdv_done(w);
		}
	} else if ((s->state == IN_ITEMS || s->state == SKIP_PDU) && lost <= s->pdu_left) {
		s->pdu_left -= (uint32_t)lost;
		s->state = s->pdu_left > 0 ? SKIP_PDU : AT_PDU;
	} else {
		lose_track(w);
	}
}

static void prepare(struct dicom *dicom)
{
	for (int i = 0; i < 2; i++) {
		dicom->side[i].entry = dicom->side[i].message = SINK_NO_ENTRY;
	}
	dicom->is_ready = true;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct dicom *dicom = state;
	struct walk w = {.p = bytes.p,
	                 .end = bytes.end,
	                 .booked = bytes.p,
	                 .dicom = dicom,
	                 .side = side,
	                 .flow = flow,
	                 .sink = sink};

	if (!dicom->is_ready) {
		prepare(dicom);
	}
	w.s = &dicom->side[side];
	w.other = &dicom->side[side == SIDE_0 ? SIDE_1 : SIDE_0];
	if (lost > 0) {
		cross_gap(&w, lost);
	}
	while (w.p < w.end && !w.is_refuted) {
		step(&w);
	}
	w.p = w.end;
	turn_to(&w, w.s->entry);
	return w.is_refuted ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

/* --- recognising --- */

static bool is_title(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] < ' ' || p[i] > '~') {
			return false;
		}
	}
	return true;
}

/* A-ASSOCIATE-RQ or -AC, as much of it as there is; some write the PDU header in a segment of its
 * own. */
static bool is_associate(const uint8_t *p, size_t n)
{
	uint32_t len = n >= PDU_HEADER ? be32(p + 2) : 0;

	if (n < PDU_HEADER || (p[0] != ASSOCIATE_RQ && p[0] != ASSOCIATE_AC) || p[1] != 0 ||
	    len < ASSOCIATE_FIXED || len > ASSOCIATE_MAX) {
		return false;
	}
	if (n < TITLES) {
		return n == PDU_HEADER;
	}
	return p[6] == 0 && (p[7] & 1) != 0 &&
	       (p[0] == ASSOCIATE_AC || is_title(p + TITLES, smaller(n - TITLES, 2 * TITLE_LEN))) &&
	       (n <= FIRST_ITEM || p[FIRST_ITEM] == ITEM_APPLICATION);
}

static bool is_reject(const uint8_t *p, size_t n)
{
	static const uint8_t head[] = {ASSOCIATE_RJ, 0, 0, 0, 0, 4, 0};

	return n == 10 && memcmp(p, head, sizeof head) == 0 && p[7] >= 1 && p[7] <= 2 &&
	       p[8] >= 1 && p[8] <= 3;
}

/* One P-DATA-TF whose command set begins as it must, or one that fills up exactly to the next PDU.
 */
static bool is_midstream(const uint8_t *p, size_t n)
{
	if (n < SYNC_HEAD || !is_pdata(p, PDATA_HEAD)) {
		return false;
	}
	if ((p[11] & IS_COMMAND) != 0) {
		return be32(p + 6) >= 10 &&
		       memcmp(p + PDATA_HEAD, group_length, sizeof group_length) == 0;
	}
	size_t next = PDU_HEADER + (size_t)be32(p + 2);

	return be32(p + 6) == be32(p + 2) - 4 && next < n && n - next >= PDATA_HEAD &&
	       is_pdata(p + next, PDATA_HEAD) && be32(p + next + 6) == be32(p + next + 2) - 4;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const uint8_t *p = bytes.p;
	size_t n = cur_left(&bytes);

	(void)side;
	(void)flow;
	if (is_associate(p, n) || is_reject(p, n)) {
		return 1;
	}
	for (int i = 0; i < CANDIDATES_MAX; i++, p++) {
		p = memchr(p, P_DATA, (size_t)(bytes.end - p));
		if (p == NULL) {
			return 0;
		}
		if (is_midstream(p, (size_t)(bytes.end - p))) {
			return (size_t)(p - bytes.p) + 1;
		}
	}
	return 0;
}

const struct dissector dissector_dicom = {
        .name = "dicom",
        .protocol = "DICOM",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct dicom),
        .has_messages = true,
        .recognise = recognise,
        .dissect = dissect,
};
