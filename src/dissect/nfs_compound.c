/* Compounds of NFS 4 (RFC 7530 16, RFC 8881 18): walks the operations up to the one that reads or
 * writes, and learns from PUTROOTFH, LOOKUP and GETFH which directory is an export's. */
#include "nfs.h"

enum op {
	OP_ACCESS = 3,
	OP_CREATE = 6,
	OP_GETATTR = 9,
	OP_GETFH = 10,
	OP_LOOKUP = 15,
	OP_LOOKUPP = 16,
	OP_OPEN = 18,
	OP_PUTFH = 22,
	OP_PUTPUBFH = 23,
	OP_PUTROOTFH = 24,
	OP_READ = 25,
	OP_READDIR = 26,
	OP_RESTOREFH = 31,
	OP_SAVEFH = 32,
	OP_WRITE = 38,
	OP_SEQUENCE = 53,
	OP_READ_PLUS = 68,
};

enum {
	HANDLE_MAX = 128, /* NFS4_FHSIZE */
	BITMAP_MAX = 8,
	TAG_MAX = 1024,
	SEQUENCE_ARGS = 32,
	SEQUENCE_RESULT = 36,
};

static void lose_place(struct nfs *nfs)
{
	nfs->place = (struct nfs_place){.level = -1};
}

/* The handle that was passed over: of a call it says where the operations go on, of a reply what it
 * stands for. */
void nfs_handle_end(struct rpc_walk *w)
{
	struct nfs *nfs = w->nfs;
	struct nfs_handle *known = NULL;
	uint32_t hash = w->s->hash;

	if (w->s->part == CALL_OP) {
		for (int i = 0; i < nfs->n_handles; i++) {
			known = nfs->handle[i].hash == hash ? &nfs->handle[i] : known;
		}
		if (known != NULL) {
			nfs->place = known->place;
		} else {
			lose_place(nfs);
		}
		return;
	}
	if (nfs->asked != w->s->xid || nfs->asked_place.level < 0) {
		return;
	}
	for (int i = 0; i < nfs->n_handles; i++) {
		known = strcmp(nfs->handle[i].place.path, nfs->asked_place.path) == 0
		                ? &nfs->handle[i]
		                : known;
	}
	if (known == NULL) {
		known = &nfs->handle[nfs->handle_turn];
		nfs->handle_turn = (uint8_t)((nfs->handle_turn + 1) % NFS_HANDLES);
		nfs->n_handles = (uint8_t)(nfs->n_handles + (nfs->n_handles < NFS_HANDLES));
	}
	*known = (struct nfs_handle){.hash = hash, .place = nfs->asked_place};
}

static void pass_handle(struct rpc_walk *w, uint32_t length, enum rpc_part next, unsigned need)
{
	if (length == 0 || length > HANDLE_MAX) {
		nfs_decide(w, NFS_OTHER, 0);
		return;
	}
	w->s->hash = 2166136261u ^ length;
	w->s->is_hashing = true;
	rpc_want(w->s, next, rpc_padded(length), need);
}

/* The compound asks what the handle of this place is: the reply is read too. */
static void ask_handle(struct rpc_walk *w)
{
	struct nfs *nfs = w->nfs;

	if (nfs->place.level >= 0 && w->s->pending >= 0) {
		nfs->asked = w->s->xid;
		nfs->asked_place = nfs->place;
		nfs->pending[w->s->pending].what = NFS_NAMES;
	}
}

static void next_op(struct rpc_side *s, uint32_t skip)
{
	rpc_want(s, CALL_OP, skip, 4);
}

/* Reading and writing end the walk: the rest is data, or says nothing more. */
static bool decide_op(struct rpc_walk *w, uint32_t op)
{
	switch (op) {
	case OP_READ:
	case OP_READ_PLUS:
		nfs_decide(w, NFS_READ, 1);
		return true;
	case OP_WRITE:
		nfs_decide(w, NFS_WRITE, 1);
		return true;
	case OP_READDIR:
		nfs_place_use(w->nfs, &w->nfs->place);
		nfs_decide(w, NFS_LIST, 0);
		return true;
	case OP_CREATE:
	case OP_OPEN: /* both name what lies in the directory */
		nfs_place_use(w->nfs, &w->nfs->place);
		return false;
	default:
		return false;
	}
}

static void walk_call(struct rpc_walk *w, uint32_t op)
{
	struct rpc_side *s = w->s;
	struct nfs *nfs = w->nfs;

	if (decide_op(w, op)) {
		return;
	}
	switch (op) {
	case OP_PUTROOTFH:
		nfs->place = (struct nfs_place){.level = 0};
		next_op(s, 0);
		break;
	case OP_PUTFH:
		rpc_want(s, CALL_HANDLE, 0, 4);
		break;
	case OP_LOOKUP:
		nfs_place_use(nfs, &nfs->place);
		rpc_want(s, CALL_NAME_LENGTH, 0, 4);
		break;
	case OP_LOOKUPP:
	case OP_PUTPUBFH:
	case OP_RESTOREFH:
		lose_place(nfs);
		next_op(s, 0);
		break;
	case OP_GETFH:
		ask_handle(w);
		next_op(s, 0);
		break;
	case OP_SAVEFH:
		next_op(s, 0);
		break;
	case OP_GETATTR:
		rpc_want(s, CALL_BITMAP, 0, 4);
		break;
	case OP_ACCESS:
		next_op(s, 4);
		break;
	case OP_SEQUENCE:
		next_op(s, SEQUENCE_ARGS);
		break;
	default: /* as far as it is known: a handle may have been asked for */
		s->part = RPC_REST;
	}
}

static void step_name(struct rpc_walk *w, uint32_t length)
{
	struct nfs *nfs = w->nfs;

	if (nfs->place.level < 0 || length == 0 || length > NFS_NAME_MAX) {
		lose_place(nfs);
		next_op(w->s, rpc_padded(length < TAG_MAX ? length : TAG_MAX));
	} else {
		rpc_want(w->s, CALL_NAME, 0, length);
	}
}

static void step_call(struct rpc_walk *w, struct cursor c)
{
	struct rpc_side *s = w->s;
	uint32_t value = s->part == CALL_NAME ? 0 : cur_u32(&c);

	switch (s->part) {
	case CALL_TAG:
		rpc_want(s, CALL_COUNT, rpc_padded(value < TAG_MAX ? value : TAG_MAX), 8);
		break;
	case CALL_COUNT: /* behind the minor version */
		value = cur_u32(&c);
		s->n_ops = (uint8_t)(value < NFS_OPS_MAX ? value : NFS_OPS_MAX);
		next_op(s, 0);
		break;
	case CALL_OP:
		if (s->n_ops-- == 0) {
			s->part = RPC_REST;
			return;
		}
		walk_call(w, value);
		break;
	case CALL_BITMAP:
		next_op(s, 4 * (value < BITMAP_MAX ? value : BITMAP_MAX));
		break;
	case CALL_HANDLE:
		pass_handle(w, value, CALL_OP, 4);
		break;
	case CALL_NAME_LENGTH:
		step_name(w, value);
		break;
	default: { /* CALL_NAME */
		uint32_t fill = rpc_padded(s->n_head) - s->n_head;

		nfs_place_enter(&w->nfs->place, c);
		next_op(s, fill);
	}
	}
}

static void walk_reply(struct rpc_walk *w, uint32_t op, uint32_t status)
{
	struct rpc_side *s = w->s;

	if (status != 0 || s->n_ops-- == 0) {
		s->part = RPC_REST;
		return;
	}
	switch (op) {
	case OP_PUTROOTFH:
	case OP_PUTFH:
	case OP_PUTPUBFH:
	case OP_LOOKUP:
	case OP_LOOKUPP:
	case OP_SAVEFH:
	case OP_RESTOREFH:
		rpc_want(s, REPLY_OP, 0, 8);
		break;
	case OP_ACCESS:
		rpc_want(s, REPLY_OP, 8, 8);
		break;
	case OP_SEQUENCE:
		rpc_want(s, REPLY_OP, SEQUENCE_RESULT, 8);
		break;
	case OP_GETATTR:
		rpc_want(s, REPLY_BITMAP, 0, 4);
		break;
	case OP_GETFH:
		rpc_want(s, REPLY_HANDLE, 0, 4);
		break;
	default:
		s->part = RPC_REST;
	}
}

static void step_reply(struct rpc_walk *w, struct cursor c)
{
	struct rpc_side *s = w->s;
	uint32_t first = cur_u32(&c), second = s->need == 8 ? cur_u32(&c) : 0;

	switch (s->part) {
	case REPLY_TAG: /* behind the status of all */
		rpc_want(s, REPLY_COUNT, rpc_padded(second < TAG_MAX ? second : TAG_MAX), 4);
		break;
	case REPLY_COUNT:
		s->n_ops = (uint8_t)(first < NFS_OPS_MAX ? first : NFS_OPS_MAX);
		rpc_want(s, REPLY_OP, 0, 8);
		break;
	case REPLY_OP:
		walk_reply(w, first, second);
		break;
	case REPLY_BITMAP:
		rpc_want(s, REPLY_ATTRIBUTES, 4 * (first < BITMAP_MAX ? first : BITMAP_MAX), 4);
		break;
	case REPLY_ATTRIBUTES:
		rpc_want(s, REPLY_OP, rpc_padded(first < RPC_RECORD_MAX ? first : 0), 8);
		break;
	default: /* REPLY_HANDLE */
		pass_handle(w, first, REPLY_OP, 8);
	}
}

void nfs_compound_step(struct rpc_walk *w)
{
	struct cursor c = cur_make(w->s->head, w->s->n_head);

	if (w->s->part >= REPLY_TAG) {
		step_reply(w, c);
	} else {
		step_call(w, c);
	}
}
