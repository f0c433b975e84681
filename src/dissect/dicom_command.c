/* DIMSE commands (PS3.7 6.3, annex E): what a message is, and which request an answer is for. */
#include "dicom.h"

#include <stdio.h>

static const char *command_name(uint16_t field)
{
	static const struct {
		uint16_t field;
		const char *name;
	} names[] = {
	        {C_STORE, "C-STORE"},   {C_GET, "C-GET"},       {C_FIND, "C-FIND"},
	        {C_MOVE, "C-MOVE"},     {0x0030, "C-ECHO"},     {N_GET, "N-GET"},
	        {N_SET, "N-SET"},       {N_ACTION, "N-ACTION"}, {N_EVENT_REPORT, "N-EVENT-REPORT"},
	        {N_CREATE, "N-CREATE"}, {N_DELETE, "N-DELETE"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].field == field) {
			return names[i].name;
		}
	}
	return NULL;
}

void dicom_element_begin(struct side_state *s)
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
	case MOVE_DESTINATION:
	case MOVE_ORIGINATOR:
		r->target = r->left <= TITLE_LEN ? TO_VALUE : TO_NOTHING;
		break;
	default:
		break;
	}
}

void dicom_element_end(struct side_state *s)
{
	struct command *c = &s->command;
	struct reader *r = &s->reader;
	uint16_t number = le16(r->value), element = le16(r->head + 2);

	if (r->target == TO_VALUE && (element == MOVE_DESTINATION || element == MOVE_ORIGINATOR)) {
		const uint8_t *title = r->value;
		size_t len = r->n_value <= TITLE_LEN ? dicom_title(&title, r->n_value) : 0;

		memcpy(r->value + TITLE_TEXT, title, len);
		r->value[TITLE_SIZE] = (uint8_t)len;
		return;
	}
	if (r->target != TO_VALUE || r->n_value != 2) {
		return;
	}
	switch (element) {
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

/* Where information goes, if its class does not say: what is created, set, done or reported goes
 * with the request, what is found or got comes back (PS3.7 9.1, 10.1). A report may come on an
 * association of its own, from the other side. */
static enum info_direction way_of(uint16_t field)
{
	switch (field) {
	case C_FIND:
	case N_GET:
		return INFO_S2C;
	case N_CREATE:
	case N_SET:
	case N_ACTION:
	case N_DELETE:
	case N_EVENT_REPORT:
		return INFO_C2S;
	default:
		return INFO_MSG;
	}
}

/* Notes what a command says of its kind: by its class, else by its own name. */
static int note_command(struct walk *w, uint16_t field, enum side from, unsigned messages)
{
	const struct reader *r = &w->s->reader;
	size_t len = dicom_uid_length(r->uid, r->n_uid);
	const char *name = command_name(field);
	char text[UID_MAX + 1];

	if (len > 0) {
		text_copy(text, sizeof text, (const char *)r->uid, len);
	} else {
		len = dicom_context_find(w->dicom, w->s->context, text);
	}
	if (len > 0) {
		return sink_evidence(w->sink, EVIDENCE_DICOM_SOP, text, from, way_of(field),
		                     messages);
	}
	if (name != NULL) {
		snprintf(text, sizeof text, "%s 0x%04X", name, (unsigned)field);
		return sink_evidence(w->sink, EVIDENCE_DICOM_COMMAND, text, from, way_of(field),
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
	const uint8_t *value = w->s->reader.value;
	int entry = note_command(w, c->field, w->side, 1);

	if (value[TITLE_SIZE] > 0 && (c->field == C_MOVE || c->field == C_STORE)) {
		sink_fact(w->sink,
		          c->field == C_MOVE ? FACT_MOVE_DESTINATION : FACT_MOVE_ORIGINATOR,
		          (const char *)value + TITLE_TEXT, value[TITLE_SIZE]);
	}

	/* These are only ever asked by the side that opened the association (PS3.4 C.4). */
	if ((c->field == C_FIND || c->field == C_GET || c->field == C_MOVE) &&
	    !w->flow->client_is_certain) {
		dicom_say_client(w, true);
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
int dicom_take_command(struct walk *w)
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
