/* DCE RPC (C706, MS-RPCE) over TCP: which interfaces are bound, and how much is called of each.
 * Arguments and results are passed over by length. Connectionless RPC over UDP is known by its
 * interface, as PROFINET is, which speaks nothing else. Services listen on ports that the endpoint
 * mapper hands out: all are counted under its own. */
#include "terrier/dissect.h"

#include "dcerpc_interface.h"
#include "spnego.h"

#include <stdio.h>
#include <string.h>

enum { PORT_MAPPER = 135, PORT_PROFINET = 34964 };

/* Types of PDU (C706 12.6.4.1, MS-RPCE 2.2.2.2). */
enum ptype {
	REQUEST = 0,
	RESPONSE = 2,
	FAULT = 3,
	BIND = 11,
	BIND_ACK = 12,
	BIND_NAK = 13,
	ALTER = 14,
	ALTER_RESPONSE = 15,
	AUTH3 = 16,
	SHUTDOWN = 17,
	CANCEL = 18,
	ORPHANED = 19,
};

enum { FIRST_FRAGMENT = 1, LAST_FRAGMENT = 2 };
enum { AUTH_SPNEGO = 9, AUTH_NTLM = 10, AUTH_KERBEROS = 16, LEVEL_PRIVACY = 6 };

#define HEADER_LEN   16
#define CALL_LEN     8  /* allocation hint, context, operation */
#define BIND_LEN     12 /* sizes of fragments, group, number of contexts */
#define CONTEXT_LEN  24
#define SYNTAX_LEN   20
#define TRAILER_LEN  8
#define DATAGRAM_LEN 80
#define KEPT_MAX     (SPNEGO_KEEP + TRAILER_LEN)
#define CONTEXTS_MAX 8

enum phase {
	HEADER,
	CALL,
	BINDING,
	CONTEXT,
	SYNTAXES, /* of a context, passed over */
	BODY,     /* passed over */
	TOKEN,    /* of a sign-in */
	LOST,
};

/* One direction, and the fragment in it. */
struct half {
	uint32_t skip; /* octets of syntaxes still to come */
	uint16_t left; /* octets of the fragment */
	uint16_t tail; /* of these, at its end, a sign-in */
	uint16_t have; /* octets kept */
	uint8_t phase, ptype, flags, contexts;
	bool is_little;
	int entry;
	uint8_t kept[KEPT_MAX];
};

struct dcerpc {
	struct half half[2];
	struct {
		uint16_t id;
		int8_t interface;
		bool is_used;
	} contexts[CONTEXTS_MAX];
	uint8_t next_context;
	bool is_claimed;
};

struct call {
	struct dcerpc *rpc;
	struct half *half;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
};

struct header {
	uint8_t ptype, flags;
	bool is_little;
	uint16_t length, auth_length;
};

/* Shortest fragment of a type; 0 for what is none. */
static uint16_t least_length(unsigned ptype)
{
	switch (ptype) {
	case REQUEST:
	case RESPONSE:
	case FAULT:
		return HEADER_LEN + CALL_LEN;
	case BIND:
	case ALTER:
		return HEADER_LEN + BIND_LEN + CONTEXT_LEN + SYNTAX_LEN;
	case BIND_ACK:
	case ALTER_RESPONSE:
		return HEADER_LEN + BIND_LEN;
	case BIND_NAK:
	case AUTH3:
	case SHUTDOWN:
	case CANCEL:
	case ORPHANED:
		return HEADER_LEN;
	default:
		return 0;
	}
}

/* C706 12.6.3.1: version 5.0 or 5.1, ASCII; a fragment is the first, the last, or in between. */
static bool header_read(struct cursor c, struct header *h)
{
	uint8_t major = cur_u8(&c), minor = cur_u8(&c), order, floats;
	uint16_t least;

	h->ptype = cur_u8(&c);
	h->flags = cur_u8(&c);
	order = cur_u8(&c);
	floats = cur_u8(&c);
	least = least_length(h->ptype);
	if (major != 5 || minor > 1 || (order & ~0x10) != 0 || floats > 3 || cur_u16(&c) != 0 ||
	    least == 0) {
		return false;
	}
	h->is_little = order != 0;
	h->length = h->is_little ? cur_le16(&c) : cur_u16(&c);
	h->auth_length = h->is_little ? cur_le16(&c) : cur_u16(&c);
	cur_skip(&c, 4);
	return !c.bad && h->length >= least &&
	       (h->auth_length == 0 || h->auth_length + TRAILER_LEN <= h->length - HEADER_LEN);
}

static bool is_profinet(int interface)
{
	return interface != DCERPC_UNKNOWN && strcmp(dcerpc_interface_name(interface), "pnio") == 0;
}

/* Connectionless (C706 12.5): an 80-octet header that names the interface in every packet, then as
 * much as it says. */
static bool datagram_read(struct cursor c, uint8_t *ptype, int *interface)
{
	bool is_little;
	uint16_t length;

	if (cur_left(&c) < DATAGRAM_LEN || c.p[0] != 4 || c.p[1] > 10 || (c.p[4] & ~0x10) != 0 ||
	    c.p[5] > 3) {
		return false;
	}
	*ptype = c.p[1];
	is_little = c.p[4] != 0;
	cur_skip(&c, 24);
	*interface = dcerpc_interface_read(&c, is_little);
	cur_skip(&c, 34);
	length = is_little ? cur_le16(&c) : cur_u16(&c);
	cur_skip(&c, 4);
	return *interface != DCERPC_UNKNOWN && length <= cur_left(&c);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct header h;
	uint8_t ptype;
	int interface;

	(void)side;
	if (flow->ip_protocol == IP_UDP) {
		return datagram_read(bytes, &ptype, &interface);
	}
	return header_read(bytes, &h) && (h.flags & (FIRST_FRAGMENT | LAST_FRAGMENT)) != 0;
}

/* ---- what is said ---- */

/* Ports that are handed out (MS-RPCE 2.1.1.1 leaves them to the system): of Windows since 2008, and
 * before. */
static bool is_dynamic(uint16_t port)
{
	return port >= 49152 || (port >= 1024 && port <= 5000);
}

static void claim(struct call *c, bool is_client, uint16_t port)
{
	enum side client = is_client ? c->side : side_other(c->side);

	if (c->rpc->is_claimed) {
		return;
	}
	c->rpc->is_claimed = true;
	sink_client(c->sink, client);
	client = c->flow->client_is_certain ? (enum side)c->flow->client : client;
	if (is_dynamic(c->flow->port[!client])) {
		sink_port(c->sink, port);
	}
}

static int entry_of(struct call *c, int interface, bool is_client, unsigned messages)
{
	enum side client = is_client ? c->side : side_other(c->side);
	char text[RECORD_EVIDENCE_MAX] = "DCERPC";

	if (is_profinet(interface)) {
		sink_protocol(c->sink, "PROFINET");
		text_copy(text, sizeof text, "PROFINET", strlen("PROFINET"));
	} else if (interface != DCERPC_UNKNOWN) {
		snprintf(text, sizeof text, "DCERPC %s", dcerpc_interface_name(interface));
	}
	return sink_evidence(c->sink, EVIDENCE_PROTOCOL, text, client, INFO_MSG, messages);
}

static int interface_of(const struct dcerpc *rpc, uint16_t context)
{
	for (int i = 0; i < CONTEXTS_MAX; i++) {
		if (rpc->contexts[i].is_used && rpc->contexts[i].id == context) {
			return rpc->contexts[i].interface;
		}
	}
	return DCERPC_UNKNOWN;
}

static bool is_from_client(unsigned ptype)
{
	return ptype == REQUEST || ptype == BIND || ptype == ALTER || ptype == AUTH3 ||
	       ptype == CANCEL || ptype == ORPHANED;
}

/* ---- a fragment, part by part ---- */

/* A sign-in stands at the end of what negotiates it (MS-RPCE 2.2.2.11). */
static bool has_sign_in(const struct header *h)
{
	return h->auth_length > 0 && h->ptype >= BIND && h->ptype <= AUTH3 && h->ptype != BIND_NAK;
}

static bool header_take(struct call *c)
{
	struct half *s = c->half;
	struct header h;

	if (!header_read(cur_make(s->kept, HEADER_LEN), &h)) {
		return false;
	}
	s->ptype = h.ptype;
	s->flags = h.flags;
	s->is_little = h.is_little;
	s->left = (uint16_t)(h.length - HEADER_LEN);
	s->tail = has_sign_in(&h) ? (uint16_t)(h.auth_length + TRAILER_LEN) : 0;
	s->entry = SINK_NO_ENTRY;
	s->phase = h.ptype == REQUEST || h.ptype == RESPONSE || h.ptype == FAULT ? CALL
	           : h.ptype == BIND || h.ptype == ALTER                         ? BINDING
	                                                                         : BODY;
	claim(c, is_from_client(h.ptype), PORT_MAPPER);
	return true;
}

static void call_take(struct call *c)
{
	struct half *s = c->half;
	struct cursor kept = cur_make(s->kept + 4, CALL_LEN - 4);
	uint16_t context = s->is_little ? cur_le16(&kept) : cur_u16(&kept);
	bool is_request = s->ptype == REQUEST;

	s->entry = entry_of(c, interface_of(c->rpc, context), is_request,
	                    is_request && (s->flags & FIRST_FRAGMENT) != 0);
	s->phase = BODY;
}

static void context_take(struct call *c)
{
	struct half *s = c->half;
	struct dcerpc *rpc = c->rpc;
	struct cursor kept = cur_make(s->kept, CONTEXT_LEN);
	uint16_t id = s->is_little ? cur_le16(&kept) : cur_u16(&kept);
	uint8_t syntaxes = cur_u8(&kept), place = rpc->next_context;
	int interface;

	cur_skip(&kept, 1);
	interface = dcerpc_interface_read(&kept, s->is_little);
	for (uint8_t i = 0; i < CONTEXTS_MAX; i++) {
		if (rpc->contexts[i].is_used && rpc->contexts[i].id == id) {
			place = i;
		}
	}
	if (place == rpc->next_context) {
		rpc->next_context = (uint8_t)((rpc->next_context + 1) % CONTEXTS_MAX);
	}
	rpc->contexts[place].id = id;
	rpc->contexts[place].interface = (int8_t)interface;
	rpc->contexts[place].is_used = true;
	if (interface != DCERPC_UNKNOWN) {
		const char *name = dcerpc_interface_name(interface);

		sink_fact(c->sink, "DCERPC interface", name, strlen(name));
	}
	s->contexts--;
	s->skip = (uint32_t)syntaxes * SYNTAX_LEN;
	s->phase = SYNTAXES;
}

/* Type, level, padding, reserved, context, then the token. */
static void token_take(struct call *c)
{
	struct half *s = c->half;
	struct cursor token = cur_make(s->kept, s->have);
	uint8_t type = cur_u8(&token), level = cur_u8(&token);

	cur_skip(&token, TRAILER_LEN - 2);
	if (level == LEVEL_PRIVACY) {
		sink_encryption(c->sink, ENCRYPTED_YES);
	}
	if (type == AUTH_SPNEGO || type == AUTH_NTLM || type == AUTH_KERBEROS) {
		spnego_read(token, c->side, c->sink);
	}
	s->tail = 0;
	s->phase = BODY;
}

/* Keeps octets until there are `need`; true when they are. */
static bool gather(struct half *s, struct cursor *bytes, size_t need)
{
	size_t n = cur_left(bytes) < need - s->have ? cur_left(bytes) : need - s->have;

	memcpy(s->kept + s->have, bytes->p, n);
	s->have = (uint16_t)(s->have + n);
	s->left = (uint16_t)(s->phase == HEADER ? 0 : s->left - n);
	cur_skip(bytes, n);
	return s->have == need;
}

/* Moves over at most `most` octets; returns how many. */
static uint16_t pass(struct half *s, struct cursor *bytes, uint32_t most)
{
	uint32_t n = most < s->left ? most : s->left;

	n = cur_left(bytes) < n ? (uint32_t)cur_left(bytes) : n;
	cur_skip(bytes, n);
	s->left = (uint16_t)(s->left - n);
	return (uint16_t)n;
}

static void take_body(struct call *c, struct cursor *bytes)
{
	struct half *s = c->half;

	if (s->tail == 0 || s->left < s->tail) {
		pass(s, bytes, s->left);
		return;
	}
	pass(s, bytes, (uint32_t)s->left - s->tail);
	if (s->left == s->tail) {
		s->phase = TOKEN;
	}
}

/* Takes the next part. False when this is no fragment. */
static bool take(struct call *c, struct cursor *bytes)
{
	struct half *s = c->half;

	if (s->phase == CONTEXT &&
	    (s->left < CONTEXT_LEN - (uint32_t)s->have || s->contexts == 0)) {
		s->phase = BODY;
	}
	switch (s->phase) {
	case HEADER:
		return !gather(s, bytes, HEADER_LEN) || header_take(c);
	case CALL:
		if (gather(s, bytes, CALL_LEN)) {
			call_take(c);
		}
		return true;
	case BINDING:
		if (gather(s, bytes, BIND_LEN)) {
			s->contexts = s->kept[8];
			s->phase = CONTEXT;
		}
		return true;
	case CONTEXT:
		if (gather(s, bytes, CONTEXT_LEN)) {
			context_take(c);
		}
		return true;
	case SYNTAXES:
		s->skip -= pass(s, bytes, s->skip);
		s->phase = s->skip > 0 ? SYNTAXES : CONTEXT;
		return true;
	case TOKEN:
		if (gather(s, bytes, s->tail < KEPT_MAX ? s->tail : KEPT_MAX)) {
			token_take(c);
		}
		return true;
	default:
		take_body(c, bytes);
		return true;
	}
}

/* ---- streams ---- */

/* A hole in arguments does no harm; otherwise fragments are looked for where segments begin. */
static void cross_gap(struct half *s, uint64_t lost)
{
	if (s->phase == BODY && lost <= s->left) {
		s->left = (uint16_t)(s->left - lost);
		s->tail = 0;
		s->phase = s->left > 0 ? BODY : HEADER;
	} else {
		s->phase = LOST;
	}
	s->have = 0;
}

static enum dissect_verdict dissect_stream(struct call *c, struct cursor bytes, uint64_t lost)
{
	struct half *s = c->half;
	const uint8_t *booked = bytes.p;

	if (lost > 0) {
		cross_gap(s, lost);
	}
	if (s->phase == LOST && recognise(bytes, c->side, c->flow) != 0) {
		s->phase = HEADER;
		s->have = 0;
	}
	while (cur_left(&bytes) > 0 && s->phase != LOST) {
		uint8_t phase = s->phase;

		if (!take(c, &bytes)) {
			s->phase = LOST;
			break;
		}
		s->have = s->phase == phase ? s->have : 0;
		if (phase != HEADER && s->left == 0) {
			sink_octets(c->sink, c->side, (uint64_t)(bytes.p - booked), s->entry);
			booked = bytes.p;
			s->phase = HEADER;
			s->have = 0;
		}
	}
	sink_octets(c->sink, c->side, (uint64_t)(bytes.end - booked),
	            s->phase == HEADER || s->phase == LOST ? SINK_NO_ENTRY : s->entry);
	return s->phase == LOST && !c->rpc->is_claimed ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

static void dissect_datagram(struct call *c, struct cursor bytes)
{
	int interface, entry = SINK_NO_ENTRY;
	uint8_t ptype;

	if (datagram_read(bytes, &ptype, &interface)) {
		bool is_client = ptype == REQUEST ||
		                 (ptype != RESPONSE && c->side == (enum side)c->flow->client);

		claim(c, is_client, is_profinet(interface) ? PORT_PROFINET : PORT_MAPPER);
		entry = entry_of(c, interface, is_client, ptype == REQUEST);
	}
	sink_octets(c->sink, c->side, cur_left(&bytes), entry);
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct dcerpc *rpc = state;
	struct call c = {
	        .rpc = rpc, .half = &rpc->half[side], .side = side, .flow = flow, .sink = sink};

	if (flow->ip_protocol == IP_TCP) {
		return dissect_stream(&c, bytes, lost);
	}
	dissect_datagram(&c, bytes);
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct dcerpc) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "name of the interface that is called", .standard = "C706 12.6.4.3",
         .guard = "a constant, found by the interface's UUID; one that is not on the list has no "
                  "name",
         .facts = {"DCERPC interface"}},
        SPNEGO_FIELDS,
        {FIELD_NEVER, "arguments and results of calls, among them names of accounts and files",
         .standard = "C706 12.6"},
        {0},
};

const struct dissector dissector_dcerpc = {
        .name = "dcerpc",
        .protocol = "DCERPC",
        .ip_protocol = 0,
        .state_size = sizeof(struct dcerpc),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
