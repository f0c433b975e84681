/* Headers of SMB 1 (MS-CIFS 2.2.3, MS-SMB 2.2.3): AndX chains, tree connects in ASCII and Unicode,
 * and whether a command reads or writes. A negotiation alone is no use of SMB 1. */
#include "smb.h"

enum command {
	READ = 0x0a,
	WRITE = 0x0b,
	LOCK_AND_READ = 0x13,
	WRITE_AND_UNLOCK = 0x14,
	READ_RAW = 0x1a,
	READ_MPX = 0x1b,
	WRITE_RAW = 0x1d,
	WRITE_MPX = 0x1e,
	WRITE_COMPLETE = 0x20,
	LOCKING_ANDX = 0x24,
	TRANSACTION = 0x25,
	WRITE_AND_CLOSE = 0x2c,
	OPEN_ANDX = 0x2d,
	READ_ANDX = 0x2e,
	WRITE_ANDX = 0x2f,
	NEGOTIATE = 0x72,
	SESSION_SETUP_ANDX = 0x73,
	LOGOFF_ANDX = 0x74,
	TREE_CONNECT_ANDX = 0x75,
	NT_CREATE_ANDX = 0xa2,
	WRITE_PRINT_FILE = 0xc1,
	NO_ANDX = 0xff,
};

enum {
	FLAG_RESPONSE = 0x80,
	FLAG2_UNICODE = 0x8000,
	FIRST_BLOCK = 32,
	SIGNING_ENABLED = 4,
	SIGNING_REQUIRED = 8,
};

struct header {
	uint32_t status, message;
	uint16_t tree;
	bool is_response, is_wide;
	uint8_t n_words;
	struct cursor words; /* of the command, as many octets as the head holds */
	uint32_t data;       /* where its bytes begin, behind their count */
};

static struct header read_header(const struct smb_side *s)
{
	struct cursor c = cur_make(s->head, s->n_head);
	struct header h = {.status = 0};
	uint16_t process;

	cur_skip(&c, 5);
	h.status = cur_le32(&c);
	h.is_response = (cur_u8(&c) & FLAG_RESPONSE) != 0;
	h.is_wide = (cur_le16(&c) & FLAG2_UNICODE) != 0;
	cur_skip(&c, 12);
	h.tree = cur_le16(&c);
	process = cur_le16(&c);
	cur_skip(&c, 2);
	h.message = (uint32_t)process << 16 | cur_le16(&c);
	h.n_words = cur_u8(&c);
	h.words = c;
	h.data = s->block + 1u + 2u * h.n_words + 2u;
	return h;
}

static uint16_t word_at(const struct header *h, size_t offset)
{
	struct cursor c = h->words;

	cur_skip(&c, offset);
	return cur_le16(&c);
}

/* Texts in Unicode begin at an even offset. */
static uint32_t text_at(const struct header *h, uint32_t offset)
{
	return h->is_wide ? (offset + 1) & ~1u : offset;
}

/* MS-CIFS 2.2.4.52.2 */
static void take_negotiate(struct walk *w, const struct header *h)
{
	uint8_t mode = (uint8_t)word_at(h, 2);

	if (h->is_response && h->n_words > 0 && word_at(h, 0) != UINT16_MAX) {
		smb_set_protocol(w, SMB_1, "1.0");
		smb_say_signing(w, (mode & SIGNING_ENABLED) != 0, (mode & SIGNING_REQUIRED) != 0);
	}
}

/* Where the bytes of this command end at the latest: their count is not needed. */
static uint32_t end_of_bytes(const struct smb_side *s)
{
	return s->next != 0 ? s->next : s->at + s->unit_left;
}

/* 2.2.4.53; MS-SMB 2.2.4.6 with a security blob */
static void take_session_setup(struct walk *w, const struct header *h)
{
	uint32_t account = 0;

	if (h->is_response) {
		if (h->n_words == 4) {
			ntlm_begin(&w->smb->ntlm);
			smb_read_field(w, FIELD_TOKEN, h->data, h->data + word_at(h, 6));
		}
		return;
	}
	switch (h->n_words) {
	case 12:
		ntlm_begin(&w->smb->ntlm);
		smb_read_field(w, FIELD_TOKEN, h->data, h->data + word_at(h, 14));
		return;
	case 10:
		account = h->data + word_at(h, 14);
		break;
	case 13:
		account = h->data + word_at(h, 14) + word_at(h, 16);
		break;
	default:
		return;
	}
	smb_user_begin(w->smb, h->is_wide && h->n_words == 13);
	smb_read_field(w, FIELD_USER, h->n_words == 13 ? text_at(h, account) : account,
	               end_of_bytes(w->s));
}

/* 2.2.4.55 */
static void take_tree_connect(struct walk *w, const struct header *h)
{
	if (h->is_response) {
		smb_tree_answer(w, 0, h->message, h->tree, h->status == 0 && h->n_words > 0, 0);
	} else if (h->n_words >= 4) {
		smb_tree_ask(w->smb, 0, h->message, h->is_wide);
		smb_read_field(w, FIELD_PATH, text_at(h, h->data + word_at(h, 6)),
		               end_of_bytes(w->s));
	}
}

static int moved(struct walk *w, const struct header *h, enum info_direction direction)
{
	return smb_moved(w, smb_tree_find(w->smb, 0, h->tree), direction, h->is_response ? 0 : 1);
}

/* Data without a header follows: at once from the server, or when it has agreed
 * (2.2.4.22, 2.2.4.25). */
static void expect_raw(struct walk *w, const struct header *h, uint8_t command)
{
	struct smb_side *side = w->smb->side;

	if (command == READ_RAW && !h->is_response) {
		side[w->side == SIDE_0 ? SIDE_1 : SIDE_0].is_raw = true;
	} else if (command == WRITE_RAW && h->is_response && h->status == 0) {
		side[w->side == SIDE_0 ? SIDE_1 : SIDE_0].is_raw = true;
	}
}

static int entry_of(struct walk *w, const struct header *h, uint8_t command)
{
	switch (command) {
	case NEGOTIATE:
		take_negotiate(w, h);
		break;
	case SESSION_SETUP_ANDX:
		take_session_setup(w, h);
		break;
	case TREE_CONNECT_ANDX:
		take_tree_connect(w, h);
		break;
	case READ_RAW:
		expect_raw(w, h, command);
		return moved(w, h, INFO_S2C);
	case READ:
	case LOCK_AND_READ:
	case READ_MPX:
	case READ_ANDX:
		return moved(w, h, INFO_S2C);
	case WRITE_RAW:
		expect_raw(w, h, command);
		return moved(w, h, INFO_C2S);
	case WRITE:
	case WRITE_AND_UNLOCK:
	case WRITE_MPX:
	case WRITE_COMPLETE:
	case WRITE_AND_CLOSE:
	case WRITE_ANDX:
	case WRITE_PRINT_FILE:
		return moved(w, h, INFO_C2S);
	case TRANSACTION: /* named pipes and mailslots */
		return smb_piped(w);
	default:
		break;
	}
	return SINK_NO_ENTRY;
}

static bool is_andx(uint8_t command)
{
	return command == LOCKING_ANDX || command == OPEN_ANDX || command == READ_ANDX ||
	       command == WRITE_ANDX || command == SESSION_SETUP_ANDX || command == LOGOFF_ANDX ||
	       command == TREE_CONNECT_ANDX || command == NT_CREATE_ANDX;
}

/* 2.2.3.4: a chain goes forward only, and is short. */
static void take_next(struct smb_side *s, const struct header *h, uint8_t command)
{
	uint16_t offset = word_at(h, 2);
	uint8_t next = (uint8_t)word_at(h, 0);

	if (is_andx(command) && h->n_words >= 2 && next != NO_ANDX && s->n_chain < SMB_CHAIN_MAX &&
	    offset >= s->at && offset < s->at + s->unit_left) {
		s->n_chain++;
		s->next = offset;
		s->next_command = next;
	}
}

bool smb1_head(struct walk *w)
{
	struct smb_side *s = w->s;
	struct header h;
	int entry;

	if (s->n_chain == 0) {
		s->command = s->head[4];
		s->block = FIRST_BLOCK;
	}
	h = read_header(s);
	if (s->command != NEGOTIATE && w->smb->protocol != SMB_1) {
		smb_set_protocol(w, SMB_1, NULL);
	}
	if (s->command !=
	    LOCKING_ANDX) { /* which the server also sends, to break an opportunistic lock */
		smb_set_client(w, h.is_response ? (w->side == SIDE_0 ? SIDE_1 : SIDE_0) : w->side);
	}
	take_next(s, &h, s->command);
	entry = entry_of(w, &h, s->command);
	if (entry != SINK_NO_ENTRY || s->n_chain == 0) {
		s->entry = entry != SINK_NO_ENTRY ? entry : smb_silent(w);
	}
	return true;
}
