/* Oracle Net (TNS): reads the connect descriptor of CONNECT,
 * `(DESCRIPTION=(CONNECT_DATA=(SERVICE_NAME=…)…)`, and the address of REDIRECT; the packets are as
 * Wireshark's packet-tns.c and Oracle's own thin drivers have them. What follows ACCEPT is counted.
 */
#include "frames.h"
#include "login.h"
#include "terrier/dissect.h"

#include <stdio.h>
#include <string.h>

enum packet_type {
	CONNECT = 1,
	ACCEPT = 2,
	REFUSE = 4,
	REDIRECT = 5,
	DATA = 6,
	RESEND = 11,
	MARKER = 12
};

#define HEADER     8
#define HEAD_MAX   20 /* octets kept of a body: of CONNECT up to the place of its data */
#define KEY_MAX    16
#define DESCRIPTOR 8192 /* octets of a descriptor */
#define CONNECTS   4    /* the first, and those that the server wanted again */
#define BUDGET     65536

/* Reads `(KEY=VALUE)` and `(KEY=(…)…)`, one octet at a time. */
struct descriptor {
	uint8_t depth, cid, address; /* CID and ADDRESS: at this depth, 0: not inside one */
	uint8_t key_len;
	bool in_key, in_value, is_whole, has_service, has_address;
	char key[KEY_MAX + 1];
	struct login_text value;
};

struct tns {
	struct frames frames[2];
	uint8_t head[2][HEAD_MAX];
	struct descriptor descriptor;
	struct login login;
	uint16_t redirect_port;
	struct addr redirect_to;
	uint16_t data_from, data_len,
	        data_have; /* of the descriptor, in its CONNECT; how much of it has been seen */
	uint8_t connects;
	bool is_redirect, is_booked, is_over;
	int entry;
	uint32_t seen;
};

/* ---- descriptors ---- */

static bool key_is(const struct descriptor *d, const char *word)
{
	return strcmp(d->key, word) == 0;
}

static void copy(struct login_text *to, const struct descriptor *d)
{
	*to = d->value;
}

/* The address of more than one server tells nothing of this one, and a `\` stands in no host's name: what is behind one
 * names an instance of SQL Server only. */
static void take_host(struct tns *tns)
{
	struct descriptor *d = &tns->descriptor;

	if (tns->is_redirect) {
		if (!addr_parse(d->value.text, &tns->redirect_to)) {
			memset(&tns->redirect_to, 0, sizeof tns->redirect_to);
		}
	} else if ((d->has_address && strcmp(tns->login.server.text, d->value.text) != 0) ||
	           strchr(d->value.text, '\\') != NULL) {
		login_clear(&tns->login.server);
	} else {
		copy(&tns->login.server, d);
	}
	d->has_address = true;
}

static void take_port(struct tns *tns)
{
	const char *text = tns->descriptor.value.text;
	uint32_t port = 0;

	for (; *text >= '0' && *text <= '9' && port <= UINT16_MAX; text++) {
		port = port * 10 + (uint32_t)(*text - '0');
	}
	tns->redirect_port = *text == '\0' && port <= UINT16_MAX ? (uint16_t)port : 0;
}

static void take_value(struct tns *tns)
{
	struct descriptor *d = &tns->descriptor;

	if (d->cid > 0) {
		if (key_is(d, "PROGRAM")) {
			copy(&tns->login.application, d);
		} else if (key_is(d, "HOST")) {
			copy(&tns->login.host, d);
		} else if (key_is(d, "USER")) {
			copy(&tns->login.user, d);
		}
	} else if (key_is(d, "SERVICE_NAME") || (key_is(d, "SID") && !d->has_service)) {
		d->has_service = key_is(d, "SERVICE_NAME");
		copy(&tns->login.database, d);
	} else if (d->address > 0 && key_is(d, "HOST")) {
		take_host(tns);
	} else if (d->address > 0 && key_is(d, "PORT")) {
		take_port(tns);
	}
}

static void open_part(struct descriptor *d)
{
	d->depth = d->depth < UINT8_MAX ? (uint8_t)(d->depth + 1) : UINT8_MAX;
	d->in_key = true;
	d->in_value = false;
	d->key_len = 0;
	d->key[0] = '\0';
}

static void close_part(struct tns *tns)
{
	struct descriptor *d = &tns->descriptor;

	if (d->in_value) {
		take_value(tns);
	}
	d->in_key = d->in_value = false;
	d->cid = d->depth == d->cid ? 0 : d->cid;
	d->address = d->depth == d->address ? 0 : d->address;
	d->depth = d->depth > 0 ? (uint8_t)(d->depth - 1) : 0;
	d->is_whole = d->is_whole || d->depth == 0;
}

static void end_key(struct descriptor *d)
{
	d->cid = d->cid == 0 && key_is(d, "CID") ? d->depth : d->cid;
	d->address = d->address == 0 && key_is(d, "ADDRESS") ? d->depth : d->address;
	d->in_key = false;
	d->in_value = true;
	login_clear(&d->value);
}

static void key_octet(struct descriptor *d, uint8_t octet)
{
	if (octet == ' ') {
		return;
	}
	if (d->key_len == KEY_MAX) { /* no word that we know is so long */
		d->key_len = 0;
		d->in_key = false;
	}
	d->key[d->key_len++] = (char)(octet >= 'a' && octet <= 'z' ? octet - 'a' + 'A' : octet);
	d->key[d->key_len] = '\0';
}

static void descriptor_take(struct tns *tns, struct cursor c)
{
	struct descriptor *d = &tns->descriptor;

	while (cur_left(&c) > 0 && !d->is_whole) {
		uint8_t octet = cur_u8(&c);

		if (octet == '(') {
			open_part(d);
		} else if (octet == ')') {
			close_part(tns);
		} else if (octet == '=' && d->in_key) {
			end_key(d);
		} else if (d->in_key) {
			key_octet(d, octet);
		} else if (d->in_value) {
			login_put(&d->value, octet);
		}
	}
}

/* ---- packets ---- */

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Length, checksum (not in use), type, flags, checksum. */
static bool header_is_good(const uint8_t *p)
{
	return be16(p) >= HEADER && be16(p + 2) == 0 && p[4] >= CONNECT && p[4] <= 19 &&
	       be16(p + 6) == 0;
}

static bool packet_begin(struct tns *tns, enum side side)
{
	struct frames *f = &tns->frames[side];

	if (!header_is_good(f->header)) {
		return false;
	}
	if (f->header[4] == CONNECT || f->header[4] == REDIRECT) {
		tns->descriptor = (struct descriptor){.depth = 0};
		tns->is_redirect = f->header[4] == REDIRECT;
		tns->data_from = tns->is_redirect ? HEADER + 2 : UINT16_MAX;
		tns->data_have = 0;
		tns->data_len = DESCRIPTOR;
		tns->connects++;
	}
	frames_begin(f, (uint32_t)be16(f->header) - HEADER);
	return true;
}

/* What of a body is descriptor: behind the fixed part, or behind the flags of DATA. */
static void body_take(struct tns *tns, enum side side, struct cursor piece, uint32_t at)
{
	uint8_t type = tns->frames[side].header[4];
	size_t have = frames_keep(tns->head[side], HEAD_MAX, piece, at), from;
	uint16_t left;

	if (type == CONNECT && tns->data_from == UINT16_MAX && have >= HEAD_MAX) {
		tns->data_len = be16(tns->head[side] + 16);
		tns->data_from = be16(tns->head[side] + 18);
	}
	if (type != CONNECT && type != REDIRECT && type != DATA) {
		return;
	}
	from = type == DATA ? 2 : tns->data_from >= HEADER ? (size_t)tns->data_from - HEADER : 0;
	if (at < from) {
		cur_skip(&piece, from - at < cur_left(&piece) ? from - at : cur_left(&piece));
	}
	left = cur_left(&piece) < DESCRIPTOR ? (uint16_t)cur_left(&piece) : DESCRIPTOR;
	tns->data_have =
	        tns->data_have + left < DESCRIPTOR ? (uint16_t)(tns->data_have + left) : DESCRIPTOR;
	descriptor_take(tns, piece);
}

static void redirect_end(struct tns *tns, enum side server, const struct dissect_flow *flow,
                         struct sink *sink)
{
	if (tns->redirect_port > 0 && addr_cmp(&tns->redirect_to, &flow->addr[server]) == 0) {
		sink_expect(sink, IP_TCP, &flow->addr[server], tns->redirect_port);
	}
	tns->is_over = true;
}

static void connect_book(struct tns *tns, enum side client, struct sink *sink)
{
	if (!tns->is_booked) {
		tns->entry = login_book(&tns->login, "TNS", client, INFO_MSG, sink);
		tns->is_booked = true;
	}
}

static void packet_end(struct tns *tns, enum side side, const struct dissect_flow *flow,
                       struct sink *sink)
{
	bool has_all = tns->descriptor.is_whole || tns->data_have >= tns->data_len;
	char version[8];
	int n;

	switch (tns->frames[side].header[4]) {
	case CONNECT:
	case DATA: /* of a descriptor that found no room in the packet before */
		if (has_all && tns->is_redirect) {
			redirect_end(tns, side, flow, sink);
		} else if (has_all && tns->connects > 0) {
			connect_book(tns, side, sink);
		}
		tns->is_over = tns->is_over || tns->connects == 0;
		break;
	case REDIRECT:
		if (tns->descriptor.is_whole) {
			redirect_end(tns, side, flow, sink);
		}
		break;
	case ACCEPT:
		n = snprintf(version, sizeof version, "%u", be16(tns->head[side]));
		sink_fact(sink, "TNS version", version, (size_t)n);
		tns->is_over = true;
		break;
	case RESEND:
		break;
	default:
		tns->is_over = true;
		break;
	}
	tns->is_over = tns->is_over || tns->connects > CONNECTS;
}

static bool packets_take(struct tns *tns, enum side side, struct cursor c,
                         const struct dissect_flow *flow, struct sink *sink)
{
	struct frames *f = &tns->frames[side];
	enum frames_part part;
	struct cursor piece;
	uint32_t at;

	while (!tns->is_over && (part = frames_next(f, &c, HEADER, &piece, &at)) != FRAMES_NONE) {
		if (part == FRAMES_HEAD) {
			if (!packet_begin(tns, side)) {
				return false;
			}
			continue;
		}
		body_take(tns, side, piece, at);
		if (f->left == 0) {
			packet_end(tns, side, flow, sink);
		}
	}
	return true;
}

/* ---- recognition ---- */

static bool port_is_usual(const struct dissect_flow *flow)
{
	for (unsigned i = 0; i < 2; i++) {
		if (flow->port[i] >= 1521 && flow->port[i] <= 1530) {
			return true;
		}
	}
	return false;
}

/* Versions are counted from 0x0100 on: 300 is release 7.3, 319 is 19c. */
static bool is_connect(const uint8_t *p, size_t left)
{
	uint16_t version = be16(p + 8), compatible = be16(p + 10), len = be16(p + 24),
	         from = be16(p + 26);

	return version >= 290 && version < 512 && compatible >= 256 && compatible <= version &&
	       len > 0 && from >= 34 && from <= 128 &&
	       (from >= be16(p) || from >= left || p[from] == '(');
}

static bool is_answer(const uint8_t *p, size_t left)
{
	switch (p[4]) {
	case ACCEPT:
		return left >= 24 && be16(p + 8) >= 290 && be16(p + 8) < 512 && be16(p + 12) > 0;
	case REFUSE:
		return left > 13 && p[12] == '(' && be16(p + 10) + 12U == left;
	case REDIRECT:
		return left > 11 && p[10] == '(';
	default:
		return false;
	}
}

/* DATA that fills the segment: with two octets of length, or since 12c with four. */
static bool is_data(const uint8_t *p, size_t left)
{
	uint32_t wide = (uint32_t)be16(p) << 16 | be16(p + 2);
	bool is_short = be16(p) == left && be16(p + 2) == 0;

	return left > HEADER + 2 && (is_short || wide == left) &&
	       (p[4] == DATA || p[4] == MARKER) && p[5] <= 0x20 && be16(p + 6) == 0 &&
	       (p[4] == MARKER || (p[8] & 0x80) == 0);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t left = cur_left(&bytes);
	const uint8_t *p = bytes.p;

	(void)side;
	if (left < HEADER + 3) {
		return 0;
	}
	if (header_is_good(p) && p[4] == CONNECT && left >= 34) {
		return is_connect(p, left) && be16(p) >= 34 ? 1 : 0;
	}
	if (header_is_good(p) && be16(p) == left && is_answer(p, left)) {
		return 1;
	}
	return port_is_usual(flow) && is_data(p, left) ? 1 : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct tns *tns = state;
	size_t len = cur_left(&bytes);
	bool is_first = tns->seen == 0;

	tns->entry = is_first ? SINK_NO_ENTRY : tns->entry;
	tns->seen += len < BUDGET ? (uint32_t)len : BUDGET;
	frames_gap(&tns->frames[side], lost);
	tns->is_over = tns->is_over || lost > 0 || tns->seen > BUDGET;
	if (!packets_take(tns, side, bytes, flow, sink)) {
		tns->is_over = true;
	}
	sink_octets(sink, side, len, tns->entry);
	return tns->is_over ? DISSECT_DONE : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct tns) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "database (SERVICE_NAME, else SID)",
         .standard = "Oracle Net, connect descriptor",
         .guard = "not equal to the user (CID USER); none behind a hole",
         .evidence = {EVIDENCE_DATABASE}},
        {FIELD_GUARD, "program of the client (CID PROGRAM)",
         .standard = "Oracle Net, connect descriptor",
         .guard = "without folder; without the user or the host inside", .facts = {"application"}},
        {FIELD_GUARD, "host that is asked for (ADDRESS HOST)",
         .standard = "Oracle Net, connect descriptor",
         .guard = "the host rule; not equal to the user", .names = {NAME_BANNER}},
        {FIELD_KEEP, "version", .standard = "packet-tns.c of Wireshark: there is no standard",
         .guard = "a number", .facts = {"TNS version"}},
        {FIELD_NEVER, "user and host of the client (CID USER, CID HOST), password, SQL, rows",
         .standard = "Oracle Net, connect descriptor"},
        {0},
};

const struct dissector dissector_tns = {
        .name = "tns",
        .protocol = "TNS",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct tns),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
