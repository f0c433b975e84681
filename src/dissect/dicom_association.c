/* DICOM associations (PS3.8 9.3.2, 9.3.3): titles, implementations, classes that were agreed on. */
#include "dicom.h"

#include <stdio.h>

static const char dicom_root[] = "1.2.840.10008.";

static void note_text(struct walk *w, const char *name, const void *text, size_t len)
{
	if (len > 0) {
		sink_fact(w->sink, name, text, len);
	}
}

static void note_title(struct walk *w, enum side side, const uint8_t *title)
{
	size_t len = dicom_title(&title, TITLE_LEN);

	if (len > 0) {
		sink_name(w->sink, side, NAME_AE_TITLE, (const char *)title, len);
	}
}

void dicom_associate_begin(struct walk *w)
{
	struct side_state *s = w->s;

	s->state = IN_ITEMS;
	s->reader = (struct reader){.n_head = 4, .target = TO_VALUE, .left = ASSOCIATE_FIXED};
	s->is_whole = true;
	if (s->pdu == ASSOCIATE_RQ) {
		w->dicom->n_contexts = 0;
		s->n_open = w->other->n_open = 0;
	}
}

static void associate_fixed(struct walk *w)
{
	const uint8_t *value = w->s->reader.value;

	/* Protocol version 1 is a bit, not a number (PS3.8 9.3.2). */
	if (w->s->reader.n_value == sizeof w->s->reader.value && (value[1] & 1) == 0) {
		dicom_lose_track(w);
	}
}

/* Titles and who calls whom; the acceptor's titles are an echo (PS3.8 9.3.3). */
static void associate_proven(struct walk *w)
{
	const uint8_t *value = w->s->reader.value;
	bool is_request = w->s->pdu == ASSOCIATE_RQ;

	dicom_prove(w);
	w->dicom->has_client = false;
	dicom_say_client(w, is_request);
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
size_t dicom_context_find(const struct dicom *dicom, uint8_t id, char out[UID_MAX + 1])
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
void dicom_item_begin(struct walk *w)
{
	struct reader *r = &w->s->reader;
	uint32_t len = (uint32_t)r->head[2] << 8 | r->head[3];

	if (!w->dicom->is_proven && r->head[0] != ITEM_APPLICATION) {
		dicom_lose_track(w);
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

void dicom_item_end(struct walk *w)
{
	struct side_state *s = w->s;
	struct reader *r = &s->reader;
	size_t uid = dicom_uid_length(r->uid, r->n_uid);
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
			note_text(w, "DICOM accepted", text,
			          dicom_context_find(w->dicom, r->value[0], text));
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
