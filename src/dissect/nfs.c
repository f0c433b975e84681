/* NFS 2 to 4 with MOUNT and the port mapper over ONC RPC (RFC 5531; 1094, 1813, 7530, 8881): tells
 * reading from writing and names the export. Here: the records of a stream, and its gaps. Handles,
 * names, data and credentials are passed over by their lengths. */
#include "nfs.h"

#include <string.h>

static void turn_to(struct rpc_walk *w, int entry)
{
	if (w->p > w->booked) {
		sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->s->entry);
	}
	w->booked = w->p;
	w->s->entry = entry;
}

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
		rpc_step(w);
	}
	return n;
}

static void end_message(struct rpc_walk *w)
{
	struct rpc_side *s = w->s;

	if (s->entry == SINK_NO_ENTRY) {
		s->entry = nfs_silent(w);
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
		rpc_look_out(w);
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

	if ((w->s->before & 0x80000000) == 0 || length < 24 || length > RPC_RECORD_MAX ||
	    type > 1) {
		return false;
	}
	return type == 0 || rpc_pending(w->nfs, (uint32_t)(w->s->window >> 32)) != NULL;
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
	rpc_want(s, (uint32_t)s->window == 0 ? RPC_CALL : RPC_REPLY, 0,
	         (uint32_t)s->window == 0 ? 24 : 12);
}

/* The length tells whether the hole lies within a fragment. */
static void cross_gap(struct rpc_walk *w, uint64_t lost)
{
	struct rpc_side *s = w->s;

	if (s->is_looking || s->n_mark < 4 || lost > s->record_left) {
		rpc_look_out(w);
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

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "export", .standard = "RFC 1813 5.2.1; RFC 8881 18.10",
         .guard = "two levels; of homes (/home, /users, /staff ...) one; none with a hole, or "
                  "where there are two",
         .evidence = {EVIDENCE_SHARE}},
        {FIELD_NEVER, "users, handles, paths below, names of files, the files themselves",
         .standard = "RFC 1813 3; RFC 8881 18"},
        {0},
};

const struct dissector dissector_nfs = {
        .name = "nfs",
        .protocol = "NFS",
        .state_size = sizeof(struct nfs),
        .has_messages = true,
        .fields = fields,
        .recognise = nfs_recognise,
        .dissect = dissect,
};
