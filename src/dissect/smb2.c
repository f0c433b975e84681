/* Headers of SMB 2 and 3 (MS-SMB2 2.2): dialect, signing, tree connects, and whether a request
 * reads or writes. */
#include "smb.h"

enum command {
	NEGOTIATE = 0,
	SESSION_SETUP = 1,
	TREE_CONNECT = 3,
	READ = 8,
	WRITE = 9,
	IOCTL = 11,
	COMMAND_LAST = 0x13,
};

enum {
	FLAG_RESPONSE = 1,
	FLAG_ASYNC = 2,
	FLAG_RELATED = 4,
	STATUS_SUCCESS = 0,
	FSCTL_PIPE_TRANSCEIVE = 0x0011c017, /* MS-FSCC 2.3 */
	SIGNING_ENABLED = 1,
	SIGNING_REQUIRED = 2,
	SESSION_IS_GUEST = 1,
	SESSION_IS_NULL = 2,
};

struct header {
	uint32_t status, flags, message, session, tree;
	uint16_t command;
	bool is_response;
	struct cursor body; /* as much of it as the head holds */
};

static struct header read_header(struct walk *w)
{
	struct smb_side *s = w->s;
	struct cursor c = cur_make(s->head, s->n_head);
	struct header h = {.status = 0};
	uint32_t high;

	cur_skip(&c, 8);
	h.status = cur_le32(&c);
	h.command = cur_le16(&c);
	cur_skip(&c, 2);
	h.flags = cur_le32(&c);
	cur_skip(&c, 4);
	h.message = cur_le32(&c);
	cur_skip(&c, 8);
	h.tree = cur_le32(&c);
	h.session = cur_le32(&c);
	high = cur_le32(&c);
	h.session ^= high * 2654435761u; /* two halves in one, told apart */
	cur_skip(&c, 16);
	h.body = c;
	h.is_response = (h.flags & FLAG_RESPONSE) != 0;
	if ((h.flags & FLAG_RELATED) != 0) { /* 3.2.4.1.4: what the one before said */
		h.tree = s->tree;
		h.session = s->session;
	}
	s->tree = h.tree;
	s->session = h.session;
	return h;
}

/* 2.2.3, 2.2.4 */
static void take_negotiate(struct walk *w, struct header *h)
{
	static const struct {
		uint16_t code;
		enum smb_protocol protocol;
		const char *name;
	} dialects[] = {
	        {0x0202, SMB_2, "2.0.2"}, {0x0210, SMB_2, "2.1"},   {0x0300, SMB_3, "3.0"},
	        {0x0302, SMB_3, "3.0.2"}, {0x0311, SMB_3, "3.1.1"},
	};
	struct cursor c = h->body;
	uint16_t dialect, mode;

	cur_skip(&c, h->is_response ? 2 : 4);
	mode = cur_le16(&c);
	dialect = cur_le16(&c);
	if (!h->is_response) {
		w->smb->must_sign = (mode & SIGNING_REQUIRED) != 0;
		return;
	}
	for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
		if (!c.bad && h->status == STATUS_SUCCESS && dialects[i].code == dialect) {
			smb_set_protocol(w, dialects[i].protocol, dialects[i].name);
			smb_say_signing(w, (mode & SIGNING_ENABLED) != 0,
			                (mode & SIGNING_REQUIRED) != 0 || w->smb->must_sign);
		}
	}
}

/* 2.2.5, 2.2.6: where the security buffer lies. */
static void take_session_setup(struct walk *w, struct header *h)
{
	struct cursor c = h->body;
	uint16_t flags, from, len;

	cur_skip(&c, 2);
	flags = cur_le16(&c);
	cur_skip(&c, h->is_response ? 0 : 8);
	from = cur_le16(&c);
	len = cur_le16(&c);
	if (c.bad) {
		return;
	}
	if (h->is_response && h->status == STATUS_SUCCESS &&
	    (flags & (SESSION_IS_GUEST | SESSION_IS_NULL)) != 0) {
		bool is_guest = (flags & SESSION_IS_GUEST) != 0;

		sink_fact(w->sink, "SMB session", is_guest ? "guest" : "anonymous",
		          is_guest ? 5 : 9);
	}
	ntlm_begin(&w->smb->ntlm);
	smb_read_field(w, FIELD_TOKEN, from, (uint32_t)from + len);
}

/* 2.2.9, 2.2.10 */
static void take_tree_connect(struct walk *w, struct header *h)
{
	struct cursor c = h->body;
	uint16_t from, len;

	cur_skip(&c, 2);
	if (h->is_response) {
		smb_tree_answer(w, h->session, h->message, h->tree, h->status == STATUS_SUCCESS,
		                cur_u8(&c));
		return;
	}
	cur_skip(&c, 2);
	from = cur_le16(&c);
	len = cur_le16(&c);
	if (!c.bad) {
		smb_tree_ask(w->smb, h->session, h->message, true);
		smb_read_field(w, FIELD_PATH, from, (uint32_t)from + len);
	}
}

/* An asynchronous response has no tree: it is for the one read or written last. */
static int moved(struct walk *w, const struct header *h, enum info_direction direction)
{
	bool is_async = h->is_response && (h->flags & FLAG_ASYNC) != 0;
	int slot = is_async ? w->smb->last[direction == INFO_C2S]
	                    : smb_tree_find(w->smb, h->session, h->tree);

	return smb_moved(w, slot, direction, h->is_response ? 0 : 1);
}

static int entry_of(struct walk *w, struct header *h)
{
	struct cursor c = h->body;

	switch (h->command) {
	case NEGOTIATE:
		take_negotiate(w, h);
		break;
	case SESSION_SETUP:
		take_session_setup(w, h);
		break;
	case TREE_CONNECT:
		take_tree_connect(w, h);
		break;
	case READ:
		return moved(w, h, INFO_S2C);
	case WRITE:
		return moved(w, h, INFO_C2S);
	case IOCTL:
		cur_skip(&c, 4);
		if (cur_le32(&c) == FSCTL_PIPE_TRANSCEIVE) {
			return smb_piped(w);
		}
		break;
	default:
		break;
	}
	return smb_silent(w);
}

bool smb2_head(struct walk *w)
{
	struct header h = read_header(w);

	if (h.body.bad || h.command > COMMAND_LAST) {
		return false;
	}
	if (w->smb->protocol == SMB_UNKNOWN) {
		smb_set_protocol(w, SMB_2, NULL); /* until a dialect says more */
	}
	smb_set_client(w, h.is_response ? (w->side == SIDE_0 ? SIDE_1 : SIDE_0) : w->side);
	w->s->entry = entry_of(w, &h);
	return true;
}
