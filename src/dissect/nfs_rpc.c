/* Calls and replies of ONC RPC (RFC 5531): which procedure of NFS or MOUNT a message is for, and so
 * which way information goes. */
#include "nfs.h"

#include <stdio.h>
#include <string.h>

void rpc_want(struct rpc_side *s, enum rpc_part part, uint32_t skip, unsigned need)
{
	s->part = (uint8_t)part;
	s->skip = skip;
	s->need = (uint8_t)need;
	s->n_head = 0;
}

/* ---- what a message is for ---- */

/* `address:/export`, as it is mounted. */
static void export_text(const struct rpc_walk *w, char out[RECORD_EVIDENCE_MAX])
{
	const struct addr *server = &w->flow->addr[1 - w->client];
	char text[ADDR_TEXT_MAX];

	out[0] = '\0';
	if (w->nfs->share[0] != '\0' && !w->nfs->is_mixed) {
		addr_format(server, text);
		snprintf(out, RECORD_EVIDENCE_MAX, addr_is_v4(server) ? "%s:%s" : "[%s]:%s", text,
		         w->nfs->share);
	}
}

static int moved(struct rpc_walk *w, enum info_direction direction, unsigned messages)
{
	char text[RECORD_EVIDENCE_MAX];

	w->nfs->is_told = true;
	export_text(w, text);
	if (text[0] == '\0') {
		return sink_evidence(w->sink, EVIDENCE_PROTOCOL, "NFS", w->client, direction,
		                     messages);
	}
	return sink_evidence(w->sink, EVIDENCE_SHARE, text, w->client, direction, messages);
}

int nfs_silent(struct rpc_walk *w)
{
	if (w->nfs->is_told || ++w->nfs->silence < NFS_SILENCE) {
		return SINK_NO_ENTRY;
	}
	w->nfs->is_told = true;
	return sink_evidence(w->sink, EVIDENCE_PROTOCOL, w->nfs->is_rpcbind ? "RPCbind" : "NFS",
	                     w->client, INFO_BOTH, 0);
}

void nfs_decide(struct rpc_walk *w, enum nfs_what what, unsigned messages)
{
	struct rpc_side *s = w->s;

	if (s->pending >= 0) {
		w->nfs->pending[s->pending].what = (uint8_t)what;
	}
	switch (what) {
	case NFS_READ:
	case NFS_LIST:
		s->entry = moved(w, INFO_S2C, messages);
		break;
	case NFS_WRITE:
	case NFS_CREATE:
		s->entry = moved(w, INFO_C2S, messages);
		break;
	case NFS_SEALED:
		sink_encryption(w->sink, ENCRYPTED_YES);
		s->entry = moved(w, INFO_BALANCE, 0);
		break;
	default: /* nothing: the end of the message says so */
		break;
	}
	s->part = RPC_REST;
}

/* RFC 1094 2.2, RFC 1813 3.3 */
static enum nfs_what what_of_nfs(uint32_t version, uint32_t procedure)
{
	bool is_2 = version == 2;

	if (version == 4) {
		return procedure == 1 ? NFS_COMPOUND : NFS_OTHER;
	}
	switch (procedure) {
	case 5: /* READLINK */
	case 16:
	case 17:
		return procedure == 17 && is_2 ? NFS_OTHER : NFS_LIST;
	case 6:
		return NFS_READ;
	case 7:
		return is_2 ? NFS_OTHER : NFS_WRITE;
	case 8:
		return is_2 ? NFS_WRITE : NFS_CREATE;
	case 9:
	case 10:
	case 11:
		return procedure == 9 || (procedure == 10) != is_2 ? NFS_CREATE : NFS_OTHER;
	default:
		return NFS_OTHER;
	}
}

static enum nfs_what what_of(uint32_t program, uint32_t version, uint32_t procedure)
{
	if (program == PROGRAM_NFS) {
		return what_of_nfs(version, procedure);
	}
	return program == PROGRAM_MOUNT && procedure == 1 ? NFS_MOUNT : NFS_OTHER;
}

/* ---- calls and replies ---- */

static void add_pending(struct rpc_walk *w)
{
	struct nfs *nfs = w->nfs;

	w->s->pending = (int8_t)nfs->pending_turn;
	nfs->pending_turn = (uint8_t)((nfs->pending_turn + 1) % NFS_PENDING);
	nfs->pending[w->s->pending] = (struct nfs_pending){.xid = w->s->xid,
	                                                   .what = w->s->what,
	                                                   .is_used = true,
	                                                   .is_wrapped = w->s->is_wrapped};
}

struct nfs_pending *rpc_pending(struct nfs *nfs, uint32_t xid)
{
	for (int i = 0; i < NFS_PENDING; i++) {
		if (nfs->pending[i].is_used && nfs->pending[i].xid == xid) {
			return &nfs->pending[i];
		}
	}
	return NULL;
}

void rpc_look_out(struct rpc_walk *w)
{
	w->is_refuted = !w->nfs->is_proven;
	w->s->is_looking = true;
	w->s->window = w->s->before = 0;
	w->s->part = RPC_REST;
}

static void prove(struct rpc_walk *w, enum side client)
{
	struct nfs *nfs = w->nfs;

	w->client = client;
	if (!nfs->is_proven) {
		nfs->is_proven = true;
		sink_encryption(w->sink, ENCRYPTED_NO);
	}
	if (!nfs->knows_client) {
		nfs->knows_client = true;
		sink_client(w->sink, client);
	}
}

static enum side other(enum side side)
{
	return side == SIDE_0 ? SIDE_1 : SIDE_0;
}

static void take_call(struct rpc_walk *w, struct cursor c)
{
	struct rpc_side *s = w->s;
	uint32_t rpc = cur_u32(&c), program = cur_u32(&c), version = cur_u32(&c);
	uint32_t procedure = cur_u32(&c), flavour = cur_u32(&c), length = cur_u32(&c);

	if (rpc != 2 || length > RPC_AUTH_MAX || !nfs_knows(program, version, procedure)) {
		rpc_look_out(w);
		return;
	}
	if (program == PROGRAM_RPCBIND && !w->nfs->is_rpcbind) {
		w->nfs->is_rpcbind = true;
		sink_protocol(w->sink, "RPCbind");
	}
	s->what = (uint8_t)what_of(program, version, procedure);
	s->is_wrapped = false;
	prove(w, program == PROGRAM_CALLBACK ? other(w->side) : w->side);
	length = rpc_padded(length);
	if (flavour == 6 && length >= 16) { /* RPCSEC_GSS */
		s->auth_left = (uint16_t)(length - 16);
		rpc_want(s, RPC_GSS, 0, 16);
	} else {
		rpc_want(s, RPC_VERIFIER, length, 8);
	}
}

/* RFC 2203 5: services none, integrity, privacy. */
static void take_gss(struct rpc_side *s, struct cursor c)
{
	enum { GSS_DATA = 0, INTEGRITY = 2, PRIVACY = 3 };

	cur_skip(&c, 4);
	bool is_data = cur_u32(&c) == GSS_DATA;

	cur_skip(&c, 4);
	uint32_t service = cur_u32(&c);

	s->is_wrapped = is_data && service == INTEGRITY;
	s->what = (uint8_t)(!is_data ? NFS_OTHER : service == PRIVACY ? NFS_SEALED : s->what);
	rpc_want(s, RPC_VERIFIER, s->auth_left, 8);
}

static void take_verifier(struct rpc_walk *w, struct cursor c)
{
	struct rpc_side *s = w->s;
	uint32_t length;

	cur_skip(&c, 4);
	length = cur_u32(&c);
	if (length > RPC_AUTH_MAX) {
		rpc_look_out(w);
		return;
	}
	length = rpc_padded(length) + (s->is_wrapped ? 8 : 0);
	add_pending(w);
	if (s->what == NFS_COMPOUND) {
		w->nfs->place = (struct nfs_place){.level = -1};
		rpc_want(s, CALL_TAG, length, 4);
	} else if (s->what == NFS_MOUNT) {
		rpc_want(s, MOUNT_LENGTH, length, 4);
	} else {
		nfs_decide(w, (enum nfs_what)s->what, s->what == NFS_READ || s->what == NFS_WRITE);
	}
}

static void take_reply(struct rpc_walk *w, struct cursor c)
{
	uint32_t denied = cur_u32(&c), length;

	cur_skip(&c, 4);
	length = cur_u32(&c);
	if (denied == 1) {
		w->s->part = RPC_REST;
	} else if (denied > 1 || length > RPC_AUTH_MAX) {
		rpc_look_out(w);
	} else {
		rpc_want(w->s, RPC_ACCEPTED, rpc_padded(length), 4);
	}
}

static void take_accepted(struct rpc_walk *w, struct cursor c)
{
	struct nfs_pending *p = rpc_pending(w->nfs, w->s->xid);
	uint32_t wrapped = p != NULL && p->is_wrapped ? 8 : 0;
	enum nfs_what what = p != NULL ? (enum nfs_what)p->what : NFS_OTHER;

	w->s->pending = -1;
	if (p != NULL) {
		p->is_used = false;
		prove(w, other(w->side));
	}
	if (cur_u32(&c) != 0) {
		nfs_decide(w, NFS_OTHER, 0);
	} else if (what == NFS_MOUNT) {
		rpc_want(w->s, MOUNT_STATUS, wrapped, 4);
	} else if (what == NFS_NAMES) {
		rpc_want(w->s, REPLY_TAG, wrapped, 8);
	} else {
		nfs_decide(w, what, 0);
	}
}

/* RFC 1813 5.2.1: what is mounted is known when it was granted. */
static void take_mount(struct rpc_walk *w, struct cursor c)
{
	struct rpc_side *s = w->s;
	struct nfs *nfs = w->nfs;
	uint32_t value;

	switch (s->part) {
	case MOUNT_LENGTH:
		value = cur_u32(&c);
		nfs->asked = s->xid;
		nfs->asked_place.level = -1;
		if (value == 0 || value > 1024) {
			nfs_decide(w, NFS_OTHER, 0);
		} else {
			rpc_want(s, MOUNT_PATH, 0, value < RPC_HEAD_MAX ? value : RPC_HEAD_MAX);
		}
		break;
	case MOUNT_PATH:
		nfs_path_keep(&nfs->asked_place, c);
		s->part = RPC_REST;
		break;
	default:
		if (cur_u32(&c) == 0 && nfs->asked == s->xid && nfs->asked_place.level > 0) {
			nfs->share[0] = '\0';
			nfs->is_mixed = false;
			nfs_place_use(nfs, &nfs->asked_place);
			s->entry = moved(w, INFO_BOTH, 0);
		}
		s->part = RPC_REST;
	}
}

static void take_start(struct rpc_walk *w, struct cursor c)
{
	struct rpc_side *s = w->s;
	uint32_t type;

	s->xid = cur_u32(&c);
	type = cur_u32(&c);
	if (type > 1) {
		rpc_look_out(w);
	} else {
		rpc_want(s, type == 0 ? RPC_CALL : RPC_REPLY, 0, type == 0 ? 24 : 12);
	}
}

void rpc_step(struct rpc_walk *w)
{
	struct rpc_side *s = w->s;
	struct cursor c = cur_make(s->head, s->n_head);

	switch (s->part) {
	case RPC_START:
		take_start(w, c);
		break;
	case RPC_CALL:
		take_call(w, c);
		break;
	case RPC_GSS:
		take_gss(s, c);
		break;
	case RPC_VERIFIER:
		take_verifier(w, c);
		break;
	case RPC_REPLY:
		take_reply(w, c);
		break;
	case RPC_ACCEPTED:
		take_accepted(w, c);
		break;
	case MOUNT_LENGTH:
	case MOUNT_PATH:
	case MOUNT_STATUS:
		take_mount(w, c);
		break;
	default:
		nfs_compound_step(w);
	}
}
