/* DICOM upper layer (PS3.8 9.3): PDUs and presentation data values, in both directions for as long
 * as the connection lives. Of what they carry only the values that privacy.md allows are copied, as
 * they pass; data sets are skipped by length and never looked at. */
#include "dicom.h"

/* What comes from here on belongs to `entry`. */
void dicom_turn_to(struct walk *w, int entry)
{
	if (w->p > w->booked) {
		sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->s->entry);
	}
	w->booked = w->p;
	w->s->entry = entry;
}

void dicom_lose_track(struct walk *w)
{
	w->is_refuted = !w->dicom->is_proven;
	w->s->state = LOST;
	w->s->n_head = 0;
	w->s->is_whole = false;
	w->s->command.is_begun = false;
	dicom_turn_to(w, SINK_NO_ENTRY);
}

void dicom_prove(struct walk *w)
{
	if (!w->dicom->is_proven) {
		w->dicom->is_proven = true;
		sink_encryption(w->sink, ENCRYPTED_NO);
	}
}

void dicom_say_client(struct walk *w, bool is_this_side)
{
	if (!w->dicom->has_client) {
		w->dicom->has_client = true;
		sink_client(w->sink, (w->side == SIDE_0) == is_this_side ? SIDE_0 : SIDE_1);
	}
}

static void pdv_done(struct walk *w)
{
	struct side_state *s = w->s;

	s->state = s->pdu_left > 0 ? AT_PDV : AT_PDU;
	s->n_head = 0;
	if ((s->control & IS_LAST) != 0 && (s->control & IS_COMMAND) == 0) {
		s->message = SINK_NO_ENTRY;
		dicom_turn_to(w, SINK_NO_ENTRY);
	}
}

static void command_done(struct walk *w)
{
	struct side_state *s = w->s;

	s->message = dicom_take_command(w);
	dicom_turn_to(w, s->message);
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
		dicom_read_fields(w, w->p, n);
	}
	s->pdv_left -= (uint32_t)n;
	s->pdu_left -= (uint32_t)n;
	if (!is_done || (s->control & IS_LAST) == 0) {
		w->p += n;
	} else {
		w->p += n > 0 ? n - 1 : 0;
		command_done(w);
		w->p += n > 0;
		dicom_turn_to(w, s->message);
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
		dicom_lose_track(w);
		return;
	}
	dicom_prove(w);
	s->context = head[4];
	s->control = head[5];
	s->pdv_left = len - 2;
	if ((s->control & IS_COMMAND) == 0) {
		dicom_turn_to(w, s->message);
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
		dicom_turn_to(w, SINK_NO_ENTRY);
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
	dicom_turn_to(w, SINK_NO_ENTRY);
	s->state = SKIP_PDU;
	if ((s->pdu == ASSOCIATE_RQ || s->pdu == ASSOCIATE_AC) && len >= ASSOCIATE_FIXED &&
	    len <= ASSOCIATE_MAX) {
		dicom_associate_begin(w);
	} else if (s->pdu == ASSOCIATE_RJ && len == 4) {
		dicom_prove(w);
		dicom_say_client(w, false);
		note_association(w, "rejected");
	} else if (s->pdu == ABORT && len == 4) {
		note_association(w, "aborted");
	} else if ((s->pdu != RELEASE_RQ && s->pdu != RELEASE_RP) || len != 4) {
		dicom_lose_track(w);
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
		dicom_lose_track(w);
	}
}

static void in_items(struct walk *w)
{
	struct side_state *s = w->s;
	size_t n = dicom_read_fields(w, w->p, smaller((size_t)(w->end - w->p), s->pdu_left));

	w->p += n;
	s->pdu_left -= (uint32_t)n;
	if (s->state == IN_ITEMS && s->pdu_left == 0) {
		s->state = AT_PDU;
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
		dicom_read_fields(w, head + PDATA_HEAD, more);
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
	while (s->n_head > 0 && !dicom_is_pdata(s->head, s->n_head)) {
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
		dicom_lose_track(w);
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
	dicom_turn_to(&w, w.s->entry);
	return w.is_refuted ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "calling and called AE title", .standard = "PS3.8 9.3.2",
         .guard = "at most 16 characters; of the request only", .names = {NAME_AE_TITLE}},
        {FIELD_GUARD, "AE title of a move's destination and originator", .standard = "PS3.7 E.1",
         .guard = "at most 16 characters; none of a command with a hole",
         .facts = {FACT_MOVE_DESTINATION, FACT_MOVE_ORIGINATOR}},
        {FIELD_KEEP, "implementation class UID and version name", .standard = "PS3.7 D.3.3.2",
         .guard = "class: digits and dots",
         .facts = {"DICOM implementation class", "DICOM implementation"}},
        {FIELD_KEEP, "classes that the called system accepted", .standard = "PS3.8 9.3.3",
         .guard = "digits and dots", .facts = {"DICOM accepted"}},
        {FIELD_KEEP, "SOP class of a command, else the command", .standard = "PS3.7 E.1",
         .guard = "digits and dots; of classes, never of instances",
         .evidence = {EVIDENCE_DICOM_SOP, EVIDENCE_DICOM_COMMAND}},
        {FIELD_KEEP, "status of an answer that is no success", .standard = "PS3.7 annex C",
         .guard = "four hexadecimal digits", .facts = {"DICOM status"}},
        {FIELD_KEEP, "that an association was refused or broken off; that it names a user",
         .facts = {"DICOM association", "DICOM user identity"}},
        {FIELD_NEVER,
         "the data sets: patient (0010,xxxx), accession number (0008,0050), study and series "
         "(0020,000D and E), pixels, all else",
         .standard = "PS3.5"},
        {FIELD_NEVER, "identifiers of C-FIND, C-GET and C-MOVE, in requests and answers",
         .standard = "PS3.4 C.4"},
        {FIELD_NEVER, "SOP instance UIDs", .standard = "PS3.7 E.1"},
        {FIELD_NEVER, "user identity and its answer (items 58 and 59)",
         .standard = "PS3.7 D.3.3.7"},
        {0},
};

const struct dissector dissector_dicom = {
        .name = "dicom",
        .protocol = "DICOM",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct dicom),
        .has_messages = true,
        .fields = fields,
        .recognise = dicom_recognise,
        .dissect = dissect,
};
