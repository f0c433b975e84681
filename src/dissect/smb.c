/* SMB 1 to 3 over NetBIOS sessions and directly over TCP (MS-CIFS, MS-SMB, MS-SMB2). Follows the
 * messages of each direction by their lengths, tells reading from writing, and names the share;
 * data, paths and users are passed over. */
#include "smb.h"

#include "spnego.h"

#include <string.h>

/* Octets up to here belong to what went before; what comes is `entry`'s. */
static void turn_to(struct walk *w, int entry)
{
	if (w->p > w->booked) {
		sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->s->entry);
	}
	w->booked = w->p;
	w->s->entry = entry;
}

/* ---- units: one request or response ---- */

static void begin_unit(struct smb_side *s)
{
	s->part = SMB_HEADER;
	s->unit_left = s->message_left;
	s->at = 0;
	s->n_head = 0;
	s->need = 4;
	s->from = s->to = 0;
	s->next = 0;
	s->n_chain = 0;
	s->field = FIELD_NONE;
}

static void begin_frame(struct smb_side *s)
{
	s->part = SMB_FRAME;
	s->n_head = 0;
	s->need = NBSS_HEAD;
}

static void look_out(struct smb_side *s)
{
	s->part = SMB_LOOK;
	s->window = UINT64_MAX;
	s->field = FIELD_NONE;
}

static void end_unit(struct walk *w)
{
	turn_to(w, SINK_NO_ENTRY);
	w->s->field = FIELD_NONE;
	if (w->s->message_left > 0) {
		begin_unit(w->s);
	} else {
		begin_frame(w->s);
	}
}

static void advance(struct walk *w, size_t n)
{
	w->p += n;
	w->s->at += (uint32_t)n;
	w->s->unit_left -= (uint32_t)n;
	w->s->message_left -= (uint32_t)n;
}

/* Nothing of this message can be read: it is passed over as a whole. */
static void pass_over(struct walk *w, int entry)
{
	w->s->entry = entry;
	w->s->part = SMB_BODY;
	w->s->unit_left = w->s->message_left;
}

/* The bytes are no message of SMB. */
static void refuse(struct walk *w)
{
	if (!w->smb->is_proven) {
		w->is_refuted = true;
	}
	look_out(w->s);
}

/* What is read and written cannot be told apart: the client's octets are taken for writing, the
 * server's for reading. */
static int by_side(struct walk *w)
{
	enum info_direction direction = w->side == w->client ? INFO_C2S : INFO_S2C;

	return smb_moved(w, w->smb->last[direction == INFO_C2S], direction, 0);
}

static void prove(struct walk *w)
{
	if (!w->smb->is_proven) {
		w->smb->is_proven = true;
		sink_encryption(w->sink, ENCRYPTED_NO);
	}
}

/* SMB2 TRANSFORM_HEADER, MS-SMB2 2.2.41. */
static void take_encrypted(struct walk *w)
{
	struct smb *smb = w->smb;

	smb_set_protocol(w, SMB_3, NULL);
	if (!smb->is_encrypted) {
		smb->is_encrypted = true;
		sink_encryption(w->sink, ENCRYPTED_YES);
		sink_fact(w->sink, "SMB encryption", "on", 2);
	}
	smb->is_told = smb->is_proven = true;
	pass_over(w, sink_evidence(w->sink, EVIDENCE_PROTOCOL, "SMB3", w->client, INFO_BALANCE, 0));
}

/* The first four octets of a unit: what it is. */
static void take_magic(struct walk *w)
{
	struct smb_side *s = w->s;
	uint32_t magic =
	        (uint32_t)s->head[1] | (uint32_t)s->head[2] << 8 | (uint32_t)s->head[3] << 16;

	if (s->is_raw) {
		s->is_raw = false;
		if (magic != SMB_MAGIC || s->head[0] != 0xff) {
			pass_over(w, by_side(w));
			return;
		}
	}
	if (magic != SMB_MAGIC || s->head[0] < 0xfc) {
		refuse(w);
		return;
	}
	switch (s->head[0]) {
	case 0xff:
		s->need = 33;
		break;
	case 0xfe:
		s->need = 24;
		break;
	case 0xfd:
		take_encrypted(w);
		break;
	default:
		s->need = 16;
	}
}

/* Behind SMB2 COMPRESSION_TRANSFORM_HEADER (MS-SMB2 2.2.42) the message's own header mostly stands
 * as it is. */
static void take_compressed(struct walk *w)
{
	struct smb_side *s = w->s;

	prove(w);
	smb_set_protocol(w, SMB_3, NULL);
	begin_unit(s);
	s->need = 5; /* more than a magic: it may be none */
}

static void take_after_compressed(struct walk *w)
{
	static const uint8_t smb2[5] = {0xfe, 'S', 'M', 'B', 64};

	if (memcmp(w->s->head, smb2, sizeof smb2) == 0) {
		w->s->need = 24;
	} else {
		pass_over(w, by_side(w));
	}
}

/* NextCommand (MS-SMB2 2.2.1) divides compounded requests. */
static void take_next_command(struct walk *w)
{
	struct smb_side *s = w->s;
	struct cursor c = cur_make(s->head, 24);
	uint32_t whole = s->at + s->unit_left, next;

	cur_skip(&c, 4);
	if (cur_le16(&c) != 64) {
		refuse(w);
		return;
	}
	cur_skip(&c, 14);
	next = cur_le32(&c);
	if (next >= 64 && next % 8 == 0 && next < whole) {
		s->unit_left = next - s->at;
		whole = next;
	}
	s->need = (uint8_t)(whole < SMB_HEAD_MAX ? whole : SMB_HEAD_MAX);
}

static void take_head(struct walk *w)
{
	struct smb_side *s = w->s;
	bool is_good = true;

	s->part = SMB_BODY;
	if (s->head[0] == 0xff) {
		is_good = smb1_head(w);
	} else {
		is_good = smb2_head(w);
	}
	if (is_good) {
		prove(w);
	} else {
		refuse(w);
	}
}

/* SMB1: the words of a command, as many as are read (MS-CIFS 2.2.3.2). */
static uint8_t words_wanted(const struct smb_side *s)
{
	unsigned n = 33 + 2u * s->head[32];

	return (uint8_t)(n < SMB_HEAD_MAX ? n : SMB_HEAD_MAX);
}

/* The head has all that was wanted: looks what it is, and may want more. */
static void step_head(struct walk *w)
{
	struct smb_side *s = w->s;

	if (s->need == 4) {
		take_magic(w);
	} else if (s->need == 5) {
		take_after_compressed(w);
	} else if (s->head[0] == 0xfc) {
		take_compressed(w);
	} else if (s->head[0] == 0xfe && s->need == 24) {
		take_next_command(w);
	} else if (s->head[0] == 0xff && s->need == 33 && s->head[32] > 0) {
		s->need = words_wanted(s);
	} else {
		take_head(w);
	}
}

/* RFC 1002 4.3.1; over TCP alone the length has 24 bits (MS-SMB2 2.1). */
static void take_frame(struct walk *w)
{
	struct smb_side *s = w->s;
	struct cursor c = cur_make(s->head, NBSS_HEAD);
	uint8_t type = cur_u8(&c);

	s->message_left = cur_u24(&c);
	if (s->message_left == 0 && (type == 0 || type == 0x82 || type == 0x85)) {
		begin_frame(s); /* keep-alive, or the answer to a session request */
	} else if (type == 0) {
		begin_unit(s);
	} else if (type >= 0x81 && type <= 0x84 &&
	           s->message_left < 256) { /* about the session: no SMB yet */
		if (w->smb->protocol == SMB_UNKNOWN) {
			sink_protocol(w->sink, "NetBIOS");
		}
		begin_unit(s);
		pass_over(w, SINK_NO_ENTRY);
	} else {
		refuse(w);
	}
}

static void gather(struct walk *w)
{
	struct smb_side *s = w->s;
	size_t n = (size_t)(w->end - w->p), want = (size_t)(s->need - s->n_head);

	n = n < want ? n : want;
	if (s->part == SMB_HEADER && n > s->unit_left) {
		n = s->unit_left;
	}
	memcpy(s->head + s->n_head, w->p, n);
	s->n_head = (uint8_t)(s->n_head + n);
	if (s->part == SMB_FRAME) {
		w->p += n;
		if (s->n_head == s->need) {
			take_frame(w);
		}
		return;
	}
	advance(w, n);
	if (s->n_head == s->need) {
		step_head(w);
	}
	if (s->unit_left == 0 && s->part != SMB_LOOK) {
		end_unit(w); /* also one that ended too early */
	}
}

/* ---- bodies ---- */

/* Octets up to the next place where something changes. */
static size_t stretch(const struct smb_side *s, size_t left)
{
	uint32_t stop = UINT32_MAX;

	if (s->field != FIELD_NONE) {
		stop = s->at < s->from ? s->from : s->to;
	} else if (s->next > s->at) {
		stop = s->next;
	}
	stop -= s->at;
	stop = stop < s->unit_left ? stop : s->unit_left;
	return left < stop ? left : stop;
}

static void walk_body(struct walk *w)
{
	struct smb_side *s = w->s;
	size_t n = stretch(s, (size_t)(w->end - w->p));

	if (s->field != FIELD_NONE && s->at >= s->from) {
		smb_field_take(w, w->p, n);
	}
	advance(w, n);
	if (s->field != FIELD_NONE && s->at >= s->to) {
		smb_field_end(w);
	}
	if (s->unit_left == 0) {
		end_unit(w);
	} else if (s->next != 0 && s->at == s->next && s->field == FIELD_NONE) {
		s->block = s->next;
		s->next = 0;
		s->command = s->next_command;
		s->part = SMB_HEADER;
		s->n_head = 32;
		s->need = 33;
	}
}

/* ---- gaps ---- */

bool smb_is_start(uint64_t window)
{
	uint32_t len = (uint32_t)(window >> 32);

	return (window & 0xffffff) == 0x534d42 && (window >> 24 & 0xff) >= 0xfc && len >= 32 &&
	       len <= 0xffffff;
}

/* Goes on to `to`; the window holds the last eight octets. */
static void slide(struct walk *w, const uint8_t *to)
{
	w->p = to - w->p > 8 ? to - 8 : w->p;
	while (w->p < to) {
		w->s->window = w->s->window << 8 | *w->p++;
	}
}

static void look(struct walk *w)
{
	struct smb_side *s = w->s;

	do { /* every start ends in a B */
		const uint8_t *found = memchr(w->p, 'B', (size_t)(w->end - w->p));

		slide(w, found != NULL ? found + 1 : w->end);
	} while (w->p < w->end && !smb_is_start(s->window));
	if (!smb_is_start(s->window)) {
		return;
	}
	turn_to(w, SINK_NO_ENTRY);
	s->message_left = (uint32_t)(s->window >> 32);
	begin_unit(s);
	s->head[0] = (uint8_t)(s->window >> 24);
	memcpy(s->head + 1, "SMB", 3);
	s->n_head = 4;
	s->at = 4;
	s->unit_left -= 4;
	s->message_left -= 4;
	step_head(w);
}

/* Lengths tell whether the hole lies within a message. */
static void cross_gap(struct walk *w, uint64_t lost)
{
	struct smb_side *s = w->s;
	bool is_within = s->part == SMB_BODY || s->part == SMB_HEADER;
	bool is_sign_in = s->field == FIELD_TOKEN || s->field == FIELD_USER;

	w->smb->is_user_lost |= w->side == w->client && (is_sign_in || s->part == SMB_HEADER);
	s->is_raw = false;
	s->field = FIELD_NONE;
	s->next = 0;
	if (!is_within || lost > s->message_left) {
		look_out(s);
		return;
	}
	if (s->part == SMB_HEADER || lost > s->unit_left) {
		pass_over(w, s->entry);
	}
	s->at += (uint32_t)lost;
	s->unit_left -= (uint32_t)lost;
	s->message_left -= (uint32_t)lost;
	if (s->unit_left == 0) {
		end_unit(w);
	}
}

static void prepare(struct smb *smb)
{
	for (int i = 0; i < 2; i++) {
		begin_frame(&smb->side[i]);
		smb->side[i].entry = SINK_NO_ENTRY;
		smb->last[i] = SMB_NO_TREE;
	}
	smb->path.tree = SMB_NO_TREE;
	smb->is_ready = true;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct smb *smb = state;
	struct walk w = {.p = bytes.p,
	                 .end = bytes.end,
	                 .booked = bytes.p,
	                 .smb = smb,
	                 .s = &smb->side[side],
	                 .side = side,
	                 .client = (enum side)flow->client,
	                 .flow = flow,
	                 .sink = sink};

	if (!smb->is_ready) {
		prepare(smb);
	}
	if (lost > 0) {
		cross_gap(&w, lost);
	}
	while (w.p < w.end && !w.is_refuted) {
		switch (w.s->part) {
		case SMB_BODY:
			walk_body(&w);
			break;
		case SMB_LOOK:
			look(&w);
			break;
		default:
			gather(&w);
		}
	}
	w.p = w.end;
	turn_to(&w, w.s->entry);
	return w.is_refuted ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "share, as \\\\server\\share", .standard = "MS-SMB2 2.2.9; MS-CIFS 2.2.4.55",
         .guard = "none that ends in $; the user's own is (home share); none with a hole in path "
                  "or sign-in",
         .evidence = {EVIDENCE_SHARE, EVIDENCE_PRINT_QUEUE}, .facts = {"SMB share"}},
        {FIELD_KEEP, "server of that path", .standard = "MS-SMB2 2.2.9; MS-CIFS 2.2.4.55",
         .guard = "the grammar of a host name", .names = {NAME_SMB}},
        {FIELD_KEEP, "dialect; whether it is signed and encrypted; a guest's or nobody's session",
         .facts = {"SMB dialect", "SMB signing", "SMB encryption", "SMB session"}},
        SPNEGO_FIELDS,
        {FIELD_NEVER, "paths below the share, names of files, users, the files themselves",
         .standard = "MS-SMB2 2.2; MS-CIFS 2.2"},
        {0},
};

const struct dissector dissector_smb = {
        .name = "smb",
        .protocol = "SMB2",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct smb),
        .has_messages = true,
        .fields = fields,
        .recognise = smb_recognise,
        .dissect = dissect,
};
