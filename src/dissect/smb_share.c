/* The shares of an SMB connection: named by the path of a tree connect, found again by the tree's
 * number, told only where the name is neither hidden nor that of a user (privacy.md 2). */
#include "smb.h"

#include "host.h"
#include "terrier/base/addr.h"
#include "terrier/base/utf8.h"

#include <stdio.h>
#include <string.h>

enum path_part { PATH_LEAD, PATH_SERVER, PATH_SHARE, PATH_OVER };

void smb_add_user(struct smb *smb, uint64_t hash)
{
	if (smb->user[0] != hash) {
		memmove(smb->user + 1, smb->user, (SMB_USERS - 1) * sizeof smb->user[0]);
		smb->user[0] = hash;
	}
}

/* Takes an octet; true when `*code` is the character that it completes. */
static bool take_character(struct smb_path *p, uint8_t c, unsigned *code)
{
	ntlm_hash_add(&p->hash, c);
	if (p->is_wide && !p->has_low) {
		p->has_low = true;
		p->low = c;
		return false;
	}
	*code = p->is_wide ? p->low | (unsigned)c << 8 : c;
	p->has_low = false;
	return true;
}

void smb_user_begin(struct smb *smb, bool is_wide)
{
	smb->path = (struct smb_path){.is_wide = is_wide, .tree = SMB_NO_TREE};
	ntlm_hash_begin(&smb->path.hash);
}

void smb_user_take(struct smb *smb, struct smb_side *s, struct cursor bytes)
{
	uint64_t before = smb->path.hash;
	unsigned code;

	while (cur_left(&bytes) > 0) {
		if (take_character(&smb->path, cur_u8(&bytes), &code)) {
			if (code == '\0' || code == '@') {
				smb_add_user(smb, before);
				s->to = s->at; /* the rest is not read */
				return;
			}
			before = smb->path.hash;
		}
	}
}

void smb_tree_ask(struct smb *smb, uint32_t session, uint32_t message, bool is_wide)
{
	int slot = 0;

	while (slot < SMB_TREES && smb->tree[slot].is_used) {
		slot++;
	}
	if (slot == SMB_TREES) {
		slot = smb->turn;
		smb->turn = (uint8_t)((smb->turn + 1) % SMB_TREES);
	}
	for (int i = 0; i < 2; i++) {
		smb->last[i] = smb->last[i] == slot ? SMB_NO_TREE : smb->last[i];
	}
	smb->tree[slot] = (struct smb_tree){.session = session,
	                                    .id = message,
	                                    .is_used = true,
	                                    .is_asked = true,
	                                    .type = SHARE_DISK};
	smb_user_begin(smb, is_wide);
	smb->path.tree = (int8_t)slot;
}

int smb_tree_find(const struct smb *smb, uint32_t session, uint32_t id)
{
	for (int i = 0; i < SMB_TREES; i++) {
		const struct smb_tree *t = &smb->tree[i];

		if (t->is_used && !t->is_asked && t->session == session && t->id == id) {
			return i;
		}
	}
	return SMB_NO_TREE;
}

static void drop_tree(struct smb *smb, int slot)
{
	if (slot != SMB_NO_TREE) {
		smb->tree[slot].is_used = false;
		for (int i = 0; i < 2; i++) {
			smb->last[i] = smb->last[i] == slot ? SMB_NO_TREE : smb->last[i];
		}
	}
}

void smb_tree_answer(struct walk *w, uint32_t session, uint32_t message, uint32_t id,
                     bool is_granted, unsigned type)
{
	struct smb *smb = w->smb;
	char text[RECORD_EVIDENCE_MAX];
	int slot = 0;

	while (slot < SMB_TREES &&
	       !(smb->tree[slot].is_used && smb->tree[slot].is_asked &&
	         smb->tree[slot].session == session && smb->tree[slot].id == message)) {
		slot++;
	}
	if (slot == SMB_TREES) {
		return;
	}
	if (!is_granted) {
		drop_tree(smb, slot);
		return;
	}
	drop_tree(smb, smb_tree_find(smb, session, id)); /* the number was given again */
	struct smb_tree *t = &smb->tree[slot];

	t->id = id;
	t->is_asked = false;
	t->type = (uint8_t)(t->type == SHARE_DISK && type >= SHARE_DISK && type <= SHARE_PRINT
	                            ? type
	                            : t->type);
	if (text_is_hostname(smb->server, strlen(smb->server))) {
		sink_name(w->sink, w->side, NAME_SMB, smb->server, strlen(smb->server));
	}
	smb_share_text(smb, slot, text);
	if (text[0] != '\0' && t->type == SHARE_DISK) { /* also of shares that are only looked at */
		sink_fact(w->sink, "SMB share", text, strlen(text));
	}
}

void smb_share_text(const struct smb *smb, int slot, char out[RECORD_EVIDENCE_MAX])
{
	const struct smb_tree *t = &smb->tree[slot];

	out[0] = '\0';
	if (t->is_named && t->type != SHARE_PIPE) {
		snprintf(out, RECORD_EVIDENCE_MAX, "\\\\%s\\%s",
		         smb->server[0] != '\0' ? smb->server : "(withheld)", t->share);
	}
}

/* What stands before the share: a host's name or an address. */
static void keep_server(struct smb *smb)
{
	char name[HOST_MAX];
	struct addr addr;

	smb->server[smb->path.n] = '\0';
	if (!addr_parse(smb->server, &addr)) {
		host_keep(name, smb->server, smb->path.n);
		text_copy(smb->server, sizeof smb->server, name, strlen(name));
	}
}

/* A server's name that is too long loses its domain. */
static void add_to_server(struct smb *smb, unsigned code)
{
	struct smb_path *p = &smb->path;
	char *dot;

	if (code < 0x21 || code > 0x7e) {
		p->part = PATH_OVER;
		smb->server[0] = '\0';
	} else if (p->n < SMB_SERVER_MAX) {
		smb->server[p->n++] = (char)code;
	} else if ((dot = memchr(smb->server, '.', p->n)) != NULL) {
		p->n = (uint8_t)(dot - smb->server);
		p->is_cut = true;
	} else {
		p->part = PATH_OVER;
		smb->server[0] = '\0';
	}
}

static void add_to_share(struct smb *smb, char *share, unsigned code)
{
	struct smb_path *p = &smb->path;
	char octets[UTF8_MAX];
	size_t n = code >= 0xd800 && code < 0xe000 ? 0 : (size_t)utf8_put(code, octets);

	if (n == 0 || p->n + n > SMB_SHARE_MAX || code == '/') {
		p->part = PATH_OVER;
		return;
	}
	memcpy(share + p->n, octets, n);
	p->n = (uint8_t)(p->n + n);
	share[p->n] = '\0';
}

static void add_to_path(struct smb *smb, unsigned code)
{
	struct smb_path *p = &smb->path;
	char *share = smb->tree[p->tree].share;

	if (p->part == PATH_LEAD && code != '\\') {
		p->part = PATH_SERVER;
		p->n = 0;
		p->is_cut = false;
	}
	if (p->part == PATH_SERVER && code == '\\') {
		keep_server(smb);
		p->part = PATH_SHARE;
		p->n = 0;
	} else if (p->part == PATH_SERVER && !p->is_cut) {
		add_to_server(smb, code);
	} else if (p->part == PATH_SHARE) {
		add_to_share(smb, share,
		             code == '\\' ? '/' : code); /* nothing may follow a share */
	}
}

void smb_path_take(struct smb *smb, struct smb_side *s, struct cursor bytes)
{
	struct smb_path *p = &smb->path;
	unsigned code;

	while (cur_left(&bytes) > 0 && p->tree != SMB_NO_TREE) {
		uint64_t before = p->hash;

		if (!take_character(p, cur_u8(&bytes), &code)) {
			continue;
		}
		if (code == '\0') {
			p->hash = before;
			s->to = s->at; /* what follows is not read */
			return;
		}
		add_to_path(smb, code);
	}
}

/* Only a whole path names a share. */
void smb_path_end(struct smb *smb)
{
	struct smb_path *p = &smb->path;
	struct smb_tree *t;

	if (p->tree == SMB_NO_TREE) {
		return;
	}
	t = &smb->tree[p->tree];
	if (p->part == PATH_SHARE && text_casecmp(t->share, "IPC$") == 0) {
		t->type = SHARE_PIPE;
	}
	t->is_named = p->part == PATH_SHARE && p->n > 0 && !smb->is_user_lost && t->share[p->n - 1] != '$' &&
	              text_check(t->share, p->n, SMB_SHARE_MAX) == TEXT_OK;
	for (int i = 0; i < SMB_USERS; i++) {
		if (smb->user[i] != 0 && smb->user[i] == p->hash) {
			text_copy(t->share, sizeof t->share, "(home share)", 12);
		}
	}
	p->tree = SMB_NO_TREE;
}
