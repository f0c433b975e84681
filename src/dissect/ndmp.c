/* NDMP versions 2 to 4 (the NDMP specification, Network Appliance and Legato, 1997-2003): backups and recoveries that
 * are started, data connections that are agreed, the server's host name. Users, digests, paths and file history are
 * skipped. */
#include "terrier/dissect.h"

#include "host.h"

#include <string.h>

#define PORT_NDMP  10000
#define MARK_LEN   4          /* record mark as in RFC 5531 11 */
#define HEADER_LEN 24
#define KEPT_MAX   112        /* octets kept of a message, its mark included */
#define RECORD_MAX 0x00100000 /* longest fragment that is believed */
#define TIME_LEAST 0x25c17d80 /* 1990: the header holds a clock */

enum message {
	CONFIG_GET_HOST_INFO = 0x100,
	DATA_START_BACKUP = 0x401,
	DATA_START_RECOVER = 0x402,
	DATA_LISTEN = 0x409,
	DATA_CONNECT = 0x40a,
	DATA_START_RECOVER_FILEHIST = 0x40b,
	NOTIFY_CONNECTED = 0x502,
	CONNECT_OPEN = 0x900,
	CONNECT_CLIENT_AUTH = 0x901,
	MOVER_LISTEN = 0xa01,
	MOVER_CONNECT = 0xa09,
};

enum { ADDRESS_TCP = 1, AUTH_TEXT = 1 };

struct half {
	uint8_t kept[KEPT_MAX];
	uint8_t have;
	uint32_t left;   /* octets of the fragment still to come behind what is kept */
	bool is_tail;    /* the next fragment goes on with a message */
	bool is_lost;    /* where a message begins is not known */
};

struct ndmp {
	struct half half[2];
	uint8_t version; /* 0: not known yet, then 4 */
	uint8_t started; /* direction of a job that was asked for, one more; 0: none */
	bool has_replies;
};

struct header {
	uint32_t type, message, error;
};

struct walk {
	struct ndmp *n;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
};

/* Classes of messages are in the second octet, functions in the last (appendix of the specification). */
static bool is_message(uint32_t message)
{
	uint32_t class = message >> 8, function = message & 0xff;

	return message < 0x1000 && (class >= 1 && class <= 10 && class != 8) && function <= 0x10;
}

/* Reads a header whose clock and flags make sense; false when it is none. */
static bool read_header(struct cursor *c, struct header *h)
{
	uint32_t time, reply_to;

	cur_skip(c, 4);
	time = cur_u32(c);
	h->type = cur_u32(c);
	h->message = cur_u32(c);
	reply_to = cur_u32(c);
	h->error = cur_u32(c);
	return !c->bad && time >= TIME_LEAST && h->type <= 1 && is_message(h->message) && h->error <= 0x40 &&
	       (h->type == 1 || (reply_to == 0 && h->error == 0));
}

static bool read_mark(struct cursor *c, uint32_t *len, bool *is_last)
{
	uint32_t mark = cur_u32(c);

	*len = mark & 0x7fffffff;
	*is_last = (mark & 0x80000000) != 0;
	return !c->bad && *len <= RECORD_MAX && *len > 0;
}

/* An address of a data connection (ndmp_addr): version 4 has a list. Only between the same hosts it is of use. */
static void expect(const struct walk *w, struct cursor c)
{
	const uint8_t *octets;
	struct addr addr;
	uint32_t port;

	if (cur_u32(&c) != ADDRESS_TCP) {
		return;
	}
	if ((w->n->version == 0 || w->n->version >= 4) && cur_u32(&c) == 0) {
		return;
	}
	octets = cur_take(&c, 4);
	port = cur_u32(&c);
	if (!c.bad && port > 0 && port <= UINT16_MAX) {
		addr_from_v4(&addr, octets);
		sink_expect(w->sink, IP_TCP, &addr, (uint16_t)port);
	}
}

/* A job was accepted, or asked where answers are not seen: a backup takes from the server, a recovery brings back. */
static void count_job(const struct walk *w, enum side client)
{
	enum info_direction way = (enum info_direction)(w->n->started - 1);
	int entry = sink_evidence(w->sink, EVIDENCE_PROTOCOL, "NDMP", client, way, 1);

	sink_octets(w->sink, SIDE_0, 0, entry);
	sink_octets(w->sink, SIDE_1, 0, entry);
	w->n->started = 0;
}

static void take_version(const struct walk *w, uint32_t version)
{
	char text[2] = {(char)('0' + version % 10), '\0'};

	if (version >= 1 && version <= 9) {
		w->n->version = (uint8_t)version;
		sink_fact(w->sink, "NDMP version", text, 1);
	}
}

static void take_request(const struct walk *w, uint32_t message, struct cursor body)
{
	switch (message) {
	case CONNECT_OPEN:
		take_version(w, cur_u32(&body));
		break;
	case CONNECT_CLIENT_AUTH:
		if (cur_u32(&body) == AUTH_TEXT && !body.bad) {
			sink_fact(w->sink, FACT_SIGN_IN, "NDMP text", 9);
		}
		break;
	case DATA_START_BACKUP:
	case DATA_START_RECOVER:
	case DATA_START_RECOVER_FILEHIST:
		w->n->started = message == DATA_START_BACKUP ? INFO_S2C + 1 : INFO_C2S + 1;
		if (w->n->version == 2) { /* the mover's address stands here; later versions have messages for it */
			expect(w, body);
		}
		if (!w->n->has_replies) {
			count_job(w, w->side);
		}
		break;
	case DATA_CONNECT:
	case MOVER_CONNECT:
		if (message == MOVER_CONNECT) {
			cur_skip(&body, 4); /* mode */
		}
		expect(w, body);
		break;
	default:
		break;
	}
}

static void take_host(const struct walk *w, struct cursor body)
{
	uint32_t len = cur_u32(&body);
	const uint8_t *text = cur_take(&body, len);
	char host[HOST_MAX];

	if (text != NULL && host_keep(host, (const char *)text, len) > 0) {
		sink_name(w->sink, w->side, NAME_BANNER, host, strlen(host));
	}
}

static void take_reply(const struct walk *w, const struct header *h, struct cursor body)
{
	uint32_t error = cur_u32(&body);
	bool is_good = h->error == 0 && error == 0 && !body.bad;

	w->n->has_replies = true;
	switch (h->message) {
	case CONFIG_GET_HOST_INFO:
		if (is_good) {
			take_host(w, body);
		}
		break;
	case DATA_LISTEN:
	case MOVER_LISTEN:
		if (is_good) {
			expect(w, body);
		}
		break;
	case DATA_START_BACKUP:
	case DATA_START_RECOVER:
	case DATA_START_RECOVER_FILEHIST:
		if (is_good && w->n->started != 0) {
			count_job(w, side_other(w->side));
		}
		w->n->started = 0;
		break;
	default:
		break;
	}
}

/* Notices, logs and file history come from the server; all else that is asked comes from the client. */
static bool is_of_server(uint32_t message)
{
	return message >> 8 >= 5 && message >> 8 <= 7;
}

/* What is kept of a message is complete; false when it is no NDMP. */
static bool take_message(const struct walk *w)
{
	struct half *half = &w->n->half[w->side];
	struct cursor c = cur_make(half->kept, half->have);
	struct header h;

	cur_skip(&c, MARK_LEN);
	if (!read_header(&c, &h)) {
		return false;
	}
	if (h.type == 1 || is_of_server(h.message)) {
		sink_client(w->sink, side_other(w->side));
	} else {
		sink_client(w->sink, w->side);
	}
	if (h.type == 1) {
		take_reply(w, &h, c);
	} else if (h.error == 0) {
		take_request(w, h.message, c);
	}
	return true;
}

/* Octets wanted to complete what is kept of the current fragment. */
static size_t wanted(const struct half *h)
{
	struct cursor c = cur_make(h->kept, h->have);
	uint32_t len;
	bool is_last;

	if (h->have < MARK_LEN) {
		return MARK_LEN - (size_t)h->have;
	}
	if (h->is_tail || !read_mark(&c, &len, &is_last)) {
		return 0;
	}
	return (len < KEPT_MAX - MARK_LEN ? len + MARK_LEN : KEPT_MAX) - h->have;
}

/* The kept part of a fragment is there: its message is read, the rest is skipped. */
static bool take_fragment(const struct walk *w)
{
	struct half *h = &w->n->half[w->side];
	struct cursor c = cur_make(h->kept, h->have);
	bool is_last, is_tail = h->is_tail;
	uint32_t len;

	if (!read_mark(&c, &len, &is_last) || (!is_tail && !take_message(w))) {
		return false;
	}
	h->left = len + MARK_LEN - h->have;
	h->is_tail = !is_last;
	h->have = 0;
	return true;
}

static bool take_part(const struct walk *w, struct cursor *bytes)
{
	struct half *h = &w->n->half[w->side];
	size_t n = h->left, want;

	if (n > 0) {
		n = n < cur_left(bytes) ? n : cur_left(bytes);
		cur_skip(bytes, n);
		h->left -= (uint32_t)n;
		return true;
	}
	for (want = wanted(h); want > 0 && cur_left(bytes) > 0; want = wanted(h)) {
		n = want < cur_left(bytes) ? want : cur_left(bytes);
		memcpy(h->kept + h->have, cur_take(bytes, n), n);
		h->have = (uint8_t)(h->have + n);
	}
	return want > 0 || take_fragment(w);
}

/* A whole header where a message may begin. On other ports only what opens a connection is believed. */
static size_t ndmp_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool is_own_port = flow->port[0] == PORT_NDMP || flow->port[1] == PORT_NDMP, is_last;
	struct cursor c = bytes;
	struct header h;
	uint32_t len;

	(void)side;
	if (!read_mark(&c, &len, &is_last) || len < HEADER_LEN || !read_header(&c, &h)) {
		return 0;
	}
	return is_own_port || (is_last && h.type == 0 &&
	                       ((h.message == CONNECT_OPEN && len == 28) || (h.message == NOTIFY_CONNECTED && len < 512)))
	               ? 1
	               : 0;
}

static enum dissect_verdict ndmp_dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                         const struct dissect_flow *flow, struct sink *sink)
{
	struct walk w = {.n = state, .side = side, .flow = flow, .sink = sink};
	struct half *h = &w.n->half[side];

	sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
	if (lost > 0 && lost <= h->left) {
		h->left -= (uint32_t)lost;
	} else if (lost > 0) {
		*h = (struct half){.is_lost = true};
	}
	if (h->is_lost && ndmp_recognise(bytes, side, flow) == 0) {
		return DISSECT_FOLLOW; /* messages mostly begin with a segment */
	}
	h->is_lost = false;
	while (cur_left(&bytes) > 0) {
		if (!take_part(&w, &bytes)) {
			*h = (struct half){.is_lost = true};
			return w.n->version != 0 || w.n->has_replies ? DISSECT_FOLLOW : DISSECT_RELEASE;
		}
	}
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "host of the server", .standard = "NDMP 4 CONFIG_GET_HOST_INFO",
         .guard = "the host rule", .names = {NAME_BANNER}},
        {FIELD_KEEP, "version", .standard = "NDMP 4 CONNECT_OPEN", .guard = "one digit",
         .facts = {"NDMP version"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, passwords, digests, paths, file history, the backups themselves",
         .standard = "NDMP 4"},
        {0},
};

const struct dissector dissector_ndmp = {
	.name = "ndmp",
	.protocol = "NDMP",
	.ip_protocol = IP_TCP,
	.state_size = sizeof(struct ndmp),
	.has_messages = true,
	.fields = fields,
	.recognise = ndmp_recognise,
	.dissect = ndmp_dissect,
};
