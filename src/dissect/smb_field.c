/* Fields of SMB's bodies that are read: a sign-in token, a user's name, the path of a share. */
#include "smb.h"

void smb_field_take(struct walk *w, const uint8_t *p, size_t n)
{
	struct cursor bytes = cur_make(p, n);
	struct smb *smb = w->smb;

	switch (w->s->field) {
	case FIELD_TOKEN:
		ntlm_take(&smb->ntlm, w->side, bytes, w->sink);
		break;
	case FIELD_PATH:
		smb_path_take(smb, w->s, bytes);
		break;
	case FIELD_USER:
		smb_user_take(smb, w->s, bytes);
		break;
	default:
		break;
	}
}

void smb_field_end(struct walk *w)
{
	struct smb_side *s = w->s;

	if (s->field == FIELD_PATH) {
		smb_path_end(w->smb);
	}
	if (w->smb->ntlm.user != 0 && s->field == FIELD_TOKEN) {
		smb_add_user(w->smb, w->smb->ntlm.user);
	}
	s->field = FIELD_NONE;
}

void smb_read_field(struct walk *w, enum smb_field field, uint32_t from, uint32_t to)
{
	struct smb_side *s = w->s;

	if (to <= from || to > s->at + s->unit_left || (from < s->at && s->head[0] != 0xfe)) {
		return;
	}
	s->field = (uint8_t)field;
	s->to = to;
	s->from = from > s->at ? from : s->at;
	if (from < s->at) {
		smb_field_take(w, s->head + from, (to < s->at ? to : s->at) - from);
	}
	if (to <= s->at) {
		smb_field_end(w);
	}
}
