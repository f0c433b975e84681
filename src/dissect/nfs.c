/* NFS 2 to 4 with MOUNT and the port mapper over ONC RPC (RFC 5531; 1094, 1813, 7530, 8881): tells reading from writing and
 * names the export. Handles, names, data and credentials are passed over by their lengths. */
#include "nfs.h"

#include <stdio.h>
#include <string.h>

static void turn_to(struct rpc_walk *w, int entry)
{
	if (w->p > w->booked) {
		sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->s->entry);
	}
	w->booked = w->p;
	w->s->entry = entry;
}

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
		snprintf(out, RECORD_EVIDENCE_MAX, addr_is_v4(server) ? "%s:%s" : "[%s]:%s", text, w->nfs->share);
	}
}

static int moved(struct rpc_walk *w, enum info_direction direction, unsigned messages)
{
	char text[RECORD_EVIDENCE_MAX];

	w->nfs->is_told = true;
	export_text(w, text);
	if (text[0] == '\0') {
		return sink_evidence(w->sink, EVIDENCE_PROTOCOL, "NFS", w->client, direction, messages);
	}
	return sink_evidence(w->sink, EVIDENCE_SHARE, text, w->client, direction, messages);
}

/* No information: goes with the next that is, unless there is nothing else for long. */
static int silent(struct rpc_walk *w)
{
	if (w->nfs->is_told || ++w->nfs->silence < NFS_SILENCE) {
		return SINK_NO_ENTRY;
	}
	w->nfs->is_told = true;
	return sink_evidence(w->sink, EVIDENCE_PROTOCOL, w->nfs->is_rpcbind ? "RPCbind" : "NFS", w->client, INFO_BOTH, 0);
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
	nfs->pending[w->s->pending] = (struct nfs_pending){
		.xid = w->s->xid, .what = w->s->what, .is_used = true, .is_wrapped = w->s->is_wrapped};
}

static struct nfs_pending *find_pending(struct nfs *nfs, uint32_t xid)
{
	for (int i = 0; i < NFS_PENDING; i++) {
		if (nfs->pending[i].is_used && nfs->pending[i].xid == xid) {
			return &nfs->pending[i];
		}
	}
	return NULL;
}

static void look_out(struct rpc_walk *w)
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
		look_out(w);
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
		look_out(w);
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
		look_out(w);
	} else {
		rpc_want(w->s, RPC_ACCEPTED, rpc_padded(length), 4);
	}
}

static void take_accepted(struct rpc_walk *w, struct cursor c)
{
	struct nfs_pending *p = find_pending(w->nfs, w->s->xid);
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
		look_out(w);
	} else {
		rpc_want(s, type == 0 ? RPC_CALL : RPC_REPLY, 0, type == 0 ? 24 : 12);
	}
}

static void step(struct rpc_walk *w)
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

/* ---- messages ---- */

static void begin_message(struct rpc_side *s)
{
	s->is_open = true;
	s->is_hashing = false;
	s->pending = -1;
	rpc_want(s, RPC_START, 0, 8);
}

/* Passes over `n` octets at most; a file handle among them is known again by its hash. */
static size_t pass_over(struct rpc_walk *w, size_t n)
{
	struct rpc_side *s = w->s;

	n = n < s->skip ? n : s->skip;
	for (size_t i = 0; s->is_hashing && i < n; i++) {
		s->hash = (s->hash ^ w->p[i]) * 16777619u; /* FNV-1a */
	}
	s->skip -= (uint32_t)n;
	if (s->skip == 0 && s->is_hashing) {
		s->is_hashing = false;
		nfs_handle_end(w);
	}
	return n;
}

/* Takes octets of a message, `n` at most; returns how many. */
static size_t take(struct rpc_walk *w, size_t n)
{
	struct rpc_side *s = w->s;
	size_t want = (size_t)(s->need - s->n_head);

	if (s->part == RPC_REST) {
		return n;
	}
	if (s->skip > 0) {
		return pass_over(w, n);
	}
	n = n < want ? n : want;
	memcpy(s->head + s->n_head, w->p, n);
	s->n_head = (uint8_t)(s->n_head + n);
	if (s->n_head == s->need) {
		step(w);
	}
	return n;
}

static void end_message(struct rpc_walk *w)
{
	struct rpc_side *s = w->s;

	if (s->entry == SINK_NO_ENTRY) {
		s->entry = silent(w);
	}
	turn_to(w, SINK_NO_ENTRY);
	s->is_open = false;
}

static void take_message(struct rpc_walk *w, const uint8_t *end)
{
	while (w->p < end && !w->is_refuted) {
		w->p += take(w, (size_t)(end - w->p));
	}
}

static void end_fragment(struct rpc_walk *w)
{
	w->s->n_mark = 0;
	if (w->s->is_last) {
		end_message(w);
	}
}

/* The record mark (RFC 5531 11): the length of a fragment, and whether it is the last. */
static void take_mark(struct rpc_walk *w)
{
	struct rpc_side *s = w->s;

	s->record_left = s->record_left << 8 | *w->p++;
	if (++s->n_mark < 4) {
		return;
	}
	s->is_last = (s->record_left & 0x80000000) != 0;
	s->record_left &= 0x7fffffff;
	if (s->record_left > RPC_RECORD_MAX) {
		look_out(w);
		return;
	}
	if (!s->is_open) {
		begin_message(s);
	}
	if (s->record_left == 0) {
		end_fragment(w);
	}
}

static void take_fragment(struct rpc_walk *w)
{
	struct rpc_side *s = w->s;
	size_t left = (size_t)(w->end - w->p), n = left < s->record_left ? left : s->record_left;

	take_message(w, w->p + n);
	s->record_left -= (uint32_t)n;
	if (s->record_left == 0 && !s->is_looking) {
		end_fragment(w);
	}
}

/* ---- gaps ---- */

/* A mark, then a number and a type: of a call, or of the reply to a call that was seen. */
static bool is_start(struct rpc_walk *w)
{
	uint32_t length = w->s->before & 0x7fffffff, type = (uint32_t)w->s->window;

	if ((w->s->before & 0x80000000) == 0 || length < 24 || length > RPC_RECORD_MAX || type > 1) {
		return false;
	}
	return type == 0 || find_pending(w->nfs, (uint32_t)(w->s->window >> 32)) != NULL;
}

static void look(struct rpc_walk *w)
{
	struct rpc_side *s = w->s;

	while (w->p < w->end) {
		s->before = s->before << 8 | (uint32_t)(s->window >> 56);
		s->window = s->window << 8 | *w->p++;
		if (is_start(w)) {
			break;
		}
	}
	if (!is_start(w)) {
		return;
	}
	turn_to(w, SINK_NO_ENTRY);
	s->is_looking = false;
	s->is_last = true;
	s->n_mark = 4;
	s->record_left = (s->before & 0x7fffffff) - 8;
	begin_message(s);
	s->xid = (uint32_t)(s->window >> 32);
	rpc_want(s, (uint32_t)s->window == 0 ? RPC_CALL : RPC_REPLY, 0, (uint32_t)s->window == 0 ? 24 : 12);
}

/* The length tells whether the hole lies within a fragment. */
static void cross_gap(struct rpc_walk *w, uint64_t lost)
{
	struct rpc_side *s = w->s;

	if (s->is_looking || s->n_mark < 4 || lost > s->record_left) {
		look_out(w);
		w->is_refuted = false;
		return;
	}
	s->part = RPC_REST;
	s->record_left -= (uint32_t)lost;
	if (s->record_left == 0) {
		end_fragment(w);
	}
}

static void prepare(struct nfs *nfs)
{
	for (int i = 0; i < 2; i++) {
		nfs->side[i].entry = SINK_NO_ENTRY;
		nfs->side[i].part = RPC_REST;
	}
	nfs->place.level = nfs->asked_place.level = -1;
	nfs->is_ready = true;
}

static void walk_stream(struct rpc_walk *w)
{
	while (w->p < w->end && !w->is_refuted) {
		if (w->s->is_looking) {
			look(w);
		} else if (w->s->n_mark < 4) {
			take_mark(w);
		} else {
			take_fragment(w);
		}
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct nfs *nfs = state;
	struct rpc_walk w = {.p = bytes.p,
	                     .end = bytes.end,
	                     .booked = bytes.p,
	                     .nfs = nfs,
	                     .s = &nfs->side[side],
	                     .side = side,
	                     .client = (enum side)flow->client,
	                     .flow = flow,
	                     .sink = sink};

	if (!nfs->is_ready) {
		prepare(nfs);
	}
	if (flow->ip_protocol == IP_UDP) {
		begin_message(w.s);
		take_message(&w, w.end);
		w.p = w.end;
		end_message(&w);
	} else {
		if (lost > 0) {
			cross_gap(&w, lost);
		}
		walk_stream(&w);
		w.p = w.end;
		turn_to(&w, w.s->entry);
	}
	return w.is_refuted ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

const struct dissector dissector_nfs = {
	.name = "nfs",
	.protocol = "NFS",
	.state_size = sizeof(struct nfs),
	.has_messages = true,
	.recognise = nfs_recognise,
	.dissect = dissect,
};
