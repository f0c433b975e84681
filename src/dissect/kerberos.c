/* Kerberos 5 (RFC 4120) and its change of passwords (RFC 3244), over UDP and TCP. Kept are the
 * realm, the service that a ticket is for when it is of a known class, and how the ticket is
 * encrypted; who signs in is not read, nor what proves it. Over TCP pre-authentication data are
 * skipped by length, since the service's name lies behind them. */
#include "terrier/dissect.h"

#include "principal.h"

#include <string.h>

enum { PORT_PASSWORD = 464 };

/* Messages by their type, which is also their tag: [APPLICATION n] (RFC 4120 5.10). */
enum message_type {
	AS_REQ = 10,
	AS_REP = 11,
	TGS_REQ = 12,
	TGS_REP = 13,
	KRB_ERROR = 30,
};

#define MESSAGE_MIN  16
#define MESSAGE_MAX  (1u << 20)
#define KEPT_MAX     352 /* octets of a message over TCP that are read at a time */
#define PASSWORD_REQ 1   /* versions of RFC 3244 2 */
#define PASSWORD_SET 0xff80

enum phase {
	LENGTH, /* of the message, four octets (RFC 4120 7.2.2) */
	FRONT,
	SKIPPING, /* pre-authentication data */
	BEHIND,   /* … and what follows them */
	REST,
};

/* One direction over TCP, and the message in it. */
struct half {
	uint32_t left; /* octets of the message still to come */
	uint32_t skip; /* of these, pre-authentication data */
	uint16_t have; /* octets kept */
	uint8_t phase, type;
	uint8_t kept[KEPT_MAX];
};

struct kerberos {
	struct half half[2];
	int entry;
	bool is_claimed;
};

static bool is_request(unsigned type)
{
	return type == AS_REQ || type == TGS_REQ;
}

/* Reads up to pvno and msg-type, which stand first in a reply and an error, and under the next
 * numbers in a request (RFC 4120 5.4.1, 5.4.2, 5.9.1). `*fields` gets what follows. Returns the
 * type, 0 when it is no message of a KDC. */
static unsigned message_open(struct cursor c, struct cursor *fields, uint32_t *total)
{
	const uint8_t *start = c.p;
	struct ber outer;
	struct cursor field;
	uint32_t version, type;
	unsigned first;

	if (!ber_read(&c, &outer) || outer.tag < BER_APPLICATION(AS_REQ) ||
	    outer.len > MESSAGE_MAX) {
		return 0;
	}
	*total = (uint32_t)(outer.body.p - start) + outer.len;
	first = is_request(outer.tag & 0x1f) ? 1 : 0;
	if (!ber_enter(&outer.body, BER_SEQUENCE, fields) ||
	    !ber_enter(fields, (uint8_t)BER_CONTEXT(first), &field) ||
	    !ber_number(&field, BER_INTEGER, &version) || version != 5 ||
	    !ber_enter(fields, (uint8_t)BER_CONTEXT(first + 1), &field) ||
	    !ber_number(&field, BER_INTEGER, &type) || outer.tag != BER_APPLICATION(type)) {
		return 0;
	}
	return is_request(type) || type == AS_REP || type == TGS_REP || type == KRB_ERROR ? type
	                                                                                  : 0;
}

/* The start of a request to change a password or of its answer, of `size` octets: length, version,
 * length of the AP-REQ or AP-REP (RFC 3244 2). */
static bool is_password_change(struct cursor c, uint64_t size, const struct dissect_flow *flow)
{
	uint16_t len = cur_u16(&c), version = cur_u16(&c), ticket = cur_u16(&c);

	return (flow->port[0] == PORT_PASSWORD || flow->port[1] == PORT_PASSWORD) && len == size &&
	       ticket < len && (version == PASSWORD_REQ || version == PASSWORD_SET);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct cursor fields;
	uint32_t total, len;

	(void)side;
	if (flow->ip_protocol == IP_UDP) {
		return (message_open(bytes, &fields, &total) != 0 && total == cur_left(&bytes)) ||
		       is_password_change(bytes, cur_left(&bytes), flow);
	}
	len = cur_u32(&bytes);
	if (bytes.bad || len < MESSAGE_MIN) {
		return 0;
	}
	return (message_open(bytes, &fields, &total) != 0 && total == len) ||
	       is_password_change(bytes, len, flow);
}

/* ---- what is kept ---- */

static void note_realm(struct sink *sink, struct cursor field)
{
	struct ber realm;
	char kept[REALM_MAX];

	if (ber_read(&field, &realm) && !realm.is_cut && realm_keep(kept, realm.body) > 0) {
		sink_fact(sink, "Kerberos realm", kept, strlen(kept));
	}
}

static void note_service(struct sink *sink, const struct principal *p)
{
	char text[TEXT_MAX + 1];
	size_t class = p->service != NULL ? strlen(p->service) : 0, host = strlen(p->host);

	if (class > 0 && class + 1 + host <= TEXT_MAX) {
		memcpy(text, p->service, class);
		text[class] = '/';
		text_copy(text + class + 1, sizeof text - class - 1, p->host, host);
		sink_fact(sink, "Kerberos service", text, class + 1 + host);
	}
}

/* Types that are no longer safe (RFC 6649, RFC 8429), and the rest. */
static void note_encryption(struct sink *sink, uint32_t etype)
{
	static const struct {
		uint8_t from, to;
		const char *name;
	} names[] = {
	        {1, 3, "DES"},   {5, 7, "3DES"},  {16, 16, "3DES"},
	        {17, 20, "AES"}, {23, 24, "RC4"}, {25, 26, "Camellia"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (etype >= names[i].from && etype <= names[i].to) {
			sink_fact(sink, "Kerberos encryption", names[i].name,
			          strlen(names[i].name));
		}
	}
}

/* KDC-REQ-BODY (RFC 4120 5.4.1), behind the pre-authentication data: realm and service that are
 * asked for. */
static void request_read(struct sink *sink, struct cursor fields)
{
	struct cursor holder, body, field;
	struct principal server;

	if (!ber_find(&fields, BER_CONTEXT(4), &holder) ||
	    !ber_enter(&holder, BER_SEQUENCE, &body) || !ber_find(&body, BER_CONTEXT(2), &field)) {
		return;
	}
	note_realm(sink, field);
	if (ber_enter(&body, BER_CONTEXT(3), &field) && principal_read(field, &server)) {
		note_service(sink, &server);
	}
}

/* KDC-REP (5.4.2): the client's realm and name, and the ticket. */
static void reply_read(struct sink *sink, struct cursor fields)
{
	struct principal server;
	struct cursor field;
	char realm[REALM_MAX];
	uint32_t etype;

	if (!ber_find(&fields, BER_CONTEXT(5), &field) ||
	    !ticket_read(&field, realm, &server, &etype)) {
		return;
	}
	if (realm[0] != '\0') {
		sink_fact(sink, "Kerberos realm", realm, strlen(realm));
	}
	note_service(sink, &server);
	note_encryption(sink, etype);
}

/* KRB-ERROR (5.9.1): only the realm. */
static void error_read(struct sink *sink, struct cursor fields)
{
	struct cursor field;

	if (ber_find(&fields, BER_CONTEXT(9), &field)) {
		note_realm(sink, field);
	}
}

static void message_read(struct sink *sink, unsigned type, struct cursor fields)
{
	if (is_request(type)) {
		request_read(sink, fields);
	} else if (type == KRB_ERROR) {
		error_read(sink, fields);
	} else {
		reply_read(sink, fields);
	}
}

/* The side that asks, by the type of a message; by the port when it changes a password (0). */
static enum side client_of(unsigned type, enum side side, const struct dissect_flow *flow)
{
	bool is_asking = type != 0 ? is_request(type) : flow->port[side] != PORT_PASSWORD;

	return is_asking ? side : side_other(side);
}

static int entry_of(struct sink *sink, enum side client, enum side side)
{
	sink_client(sink, client);
	return sink_evidence(sink, EVIDENCE_PROTOCOL, "Kerberos", client, INFO_MSG, side == client);
}

/* ---- datagrams and streams ---- */

static void dissect_datagram(enum side side, struct cursor bytes, const struct dissect_flow *flow,
                             struct sink *sink)
{
	struct cursor fields;
	uint32_t total;
	unsigned type = message_open(bytes, &fields, &total);
	int entry = SINK_NO_ENTRY;

	if (type != 0 || is_password_change(bytes, cur_left(&bytes), flow)) {
		entry = entry_of(sink, client_of(type, side, flow), side);
	}
	if (type != 0) {
		message_read(sink, type, fields);
	}
	sink_octets(sink, side, cur_left(&bytes), entry);
}

/* Octets of a request's pre-authentication data that are not among those kept. */
static uint32_t beyond_kept(struct cursor fields, unsigned type)
{
	struct ber data;

	if (!is_request(type) || !ber_read(&fields, &data) || data.tag != BER_CONTEXT(3)) {
		return 0;
	}
	return data.len - (uint32_t)cur_left(&data.body);
}

/* Reads the start of a message. False when it is none. */
static bool front_read(struct kerberos *k, enum side side, const struct dissect_flow *flow,
                       struct sink *sink)
{
	struct half *h = &k->half[side];
	struct cursor kept = cur_make(h->kept, h->have), fields;
	uint32_t total;

	h->type = (uint8_t)message_open(kept, &fields, &total);
	if (h->type == 0 && !is_password_change(kept, (uint64_t)h->have + h->left, flow)) {
		return false;
	}
	k->is_claimed = true;
	k->entry = entry_of(sink, client_of(h->type, side, flow), side);
	h->phase = REST;
	h->skip = h->type != 0 ? beyond_kept(fields, h->type) : 0;
	if (h->skip > 0) {
		h->phase = SKIPPING;
		h->have = 0;
	} else if (h->type != 0) {
		message_read(sink, h->type, fields);
	}
	return true;
}

/* Keeps octets of the message up to `most`; true when that many are there, or all. */
static bool keep(struct half *h, struct cursor *bytes, size_t most)
{
	size_t n = cur_left(bytes) < most - h->have ? cur_left(bytes) : most - h->have;

	n = h->phase == LENGTH || n < h->left ? n : h->left;
	memcpy(h->kept + h->have, bytes->p, n);
	h->have = (uint16_t)(h->have + n);
	h->left -= h->phase == LENGTH ? 0 : (uint32_t)n;
	cur_skip(bytes, n);
	return h->have == most || (h->phase != LENGTH && h->left == 0);
}

static void pass(struct half *h, struct cursor *bytes, uint32_t most)
{
	uint32_t n = cur_left(bytes) < most ? (uint32_t)cur_left(bytes) : most;

	cur_skip(bytes, n);
	h->left -= n;
	h->skip -= h->phase == SKIPPING ? n : 0;
}

/* Takes what comes next of the message. False when it is none. */
static bool take(struct kerberos *k, enum side side, struct cursor *bytes,
                 const struct dissect_flow *flow, struct sink *sink)
{
	struct half *h = &k->half[side];

	switch (h->phase) {
	case LENGTH:
		if (keep(h, bytes, 4)) {
			struct cursor length = cur_make(h->kept, 4);

			h->left = cur_u32(&length);
			h->phase = FRONT;
			h->have = 0;
			return h->left >= MESSAGE_MIN && h->left <= MESSAGE_MAX;
		}
		return true;
	case FRONT:
		return !keep(h, bytes, KEPT_MAX) || front_read(k, side, flow, sink);
	case SKIPPING:
		pass(h, bytes, h->skip);
		h->phase = h->skip > 0 ? SKIPPING : BEHIND;
		return true;
	case BEHIND:
		if (keep(h, bytes, KEPT_MAX)) {
			message_read(sink, h->type, cur_make(h->kept, h->have));
			h->phase = REST;
		}
		return true;
	default:
		pass(h, bytes, h->left);
		return true;
	}
}

/* A hole in what would be passed over anyway does no harm. */
static bool cross_gap(struct half *h, uint64_t lost)
{
	if (h->phase < SKIPPING || lost > h->left) {
		return false;
	}
	h->left -= (uint32_t)lost;
	h->phase = REST;
	return true;
}

static enum dissect_verdict dissect_stream(struct kerberos *k, enum side side, struct cursor bytes,
                                           uint64_t lost, const struct dissect_flow *flow,
                                           struct sink *sink)
{
	struct half *h = &k->half[side];
	size_t size = cur_left(&bytes);
	bool is_good = lost == 0 || cross_gap(h, lost);

	while (is_good && cur_left(&bytes) > 0) {
		is_good = take(k, side, &bytes, flow, sink);
		if (h->phase > FRONT && h->left == 0) {
			*h = (struct half){.phase = LENGTH};
		}
	}
	sink_octets(sink, side, size, k->is_claimed ? k->entry : SINK_NO_ENTRY);
	return is_good ? DISSECT_FOLLOW : k->is_claimed ? DISSECT_DONE : DISSECT_RELEASE;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	if (flow->ip_protocol == IP_TCP) {
		return dissect_stream(state, side, bytes, lost, flow, sink);
	}
	dissect_datagram(side, bytes, flow, sink);
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct kerberos) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "realm", .standard = "RFC 4120 5.2.2", .guard = "the grammar of a host name",
         .facts = {"Kerberos realm"}},
        {FIELD_GUARD, "service and host that a ticket is for", .standard = "RFC 4120 5.3",
         .guard = "a class from a list, and two parts: one part may be a user; the host rule",
         .facts = {"Kerberos service"}},
        {FIELD_KEEP, "how the ticket is encrypted", .facts = {"Kerberos encryption"}},
        {FIELD_NEVER,
         "name of who signs in (cname), pre-authentication data, tickets, authorization data",
         .standard = "RFC 4120 5.2.7, 5.3, 5.4"},
        {0},
};

const struct dissector dissector_kerberos = {
        .name = "kerberos",
        .protocol = "Kerberos",
        .ip_protocol = 0,
        .state_size = sizeof(struct kerberos),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
