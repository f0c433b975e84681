/* LDAP (RFC 4511) over TCP, and over UDP as Active Directory uses it (MS-ADTS 3.1.1.3.1.11).
 * Messages are followed by length, and only their start is read, but for the rootDSE, which names
 * the server. Streams that protect themselves after a SASL bind (RFC 4422 3.7) go on as buffers
 * with a length; those that turn to TLS are handed on. */
#include "ldap.h"

#include "ber.h"

#include <string.h>

/* Octets of the unit that begins with what is kept, which are not yet: 0 when its header is not
 * whole, UINT32_MAX when it is none. */
static uint32_t unit_length(const struct ldap_half *h)
{
	struct cursor c = cur_make(h->kept, h->have);
	struct ber outer;

	if (h->kept[0] == 0) {
		uint32_t len = cur_u32(&c);

		return c.bad ? 0 : len > 0 && len < LDAP_MESSAGE_MAX ? len : UINT32_MAX;
	}
	if (h->kept[0] != BER_SEQUENCE ||
	    (h->have > 1 && (h->kept[1] == 0x80 || h->kept[1] > 0x84))) {
		return UINT32_MAX;
	}
	return !ber_read(&c, &outer)                           ? 0
	       : outer.len > 0 && outer.len < LDAP_MESSAGE_MAX ? outer.len
	                                                       : UINT32_MAX;
}

/* Moves octets to what is kept of the unit. */
static void keep(struct ldap_half *h, struct cursor *bytes)
{
	size_t n = cur_left(bytes) < h->left ? cur_left(bytes) : h->left;
	size_t room = (size_t)(LDAP_KEPT_MAX - h->have);

	n = n < room ? n : room;
	memcpy(h->kept + h->have, bytes->p, n);
	h->have = (uint16_t)(h->have + n);
	h->left -= (uint32_t)n;
	cur_skip(bytes, n);
}

/* Reads the unit of which enough is kept. */
static void unit_read(struct ldap_call *c, const struct dissect_flow *flow)
{
	struct ldap_half *h = c->half;
	struct cursor kept = cur_make(h->kept, h->have);

	h->is_read = true;
	h->is_root = false;
	h->entry = SINK_NO_ENTRY;
	if (h->kept[0] == 0) {
		h->entry = ldap_sealed_read(c, kept, flow);
	} else if (!ldap_message_read(c, kept, &h->entry)) {
		h->is_lost = true;
	}
	if (h->is_root) { /* what is kept is read before its place is taken */
		uint8_t begun[LDAP_KEPT_MAX];

		memcpy(begun, h->kept, h->have);
		ldap_host_take(&h->host, h->kept, cur_make(begun, h->have), c->side, c->sink);
	}
}

static void unit_end(struct ldap_call *c)
{
	struct ldap_half *h = c->half;

	if (h->is_root) {
		ldap_host_end(&h->host, h->kept, c->side, c->sink);
	}
	h->left = h->have = 0;
	h->is_read = h->is_root = false;
}

/* Takes what belongs to the unit at hand. */
static void take(struct ldap_call *c, struct cursor *bytes, const struct dissect_flow *flow)
{
	struct ldap_half *h = c->half;

	if (h->left == 0 && !h->is_read) {
		uint32_t left;

		h->kept[h->have++] = cur_u8(bytes);
		left = unit_length(h);
		h->is_lost = left == UINT32_MAX;
		h->left = h->is_lost ? 0 : left;
		return;
	}
	if (!h->is_read) {
		keep(h, bytes);
		if (h->left == 0 || h->have == LDAP_KEPT_MAX) {
			unit_read(c, flow);
		}
	} else {
		struct cursor piece =
		        cur_sub(bytes, cur_left(bytes) < h->left ? cur_left(bytes) : h->left);

		h->left -= (uint32_t)cur_left(&piece);
		if (h->is_root) {
			ldap_host_take(&h->host, h->kept, piece, c->side, c->sink);
		}
	}
}

/* A hole within a message does no harm to what follows; otherwise messages are looked for where
 * segments begin. */
static void cross_gap(struct ldap_half *h, uint64_t lost)
{
	h->is_root = false;
	if (h->is_read && lost <= h->left) {
		h->left -= (uint32_t)lost;
	} else {
		h->is_lost = true;
	}
}

static bool regain(struct ldap_half *h, struct cursor bytes, const struct dissect_flow *flow)
{
	if (!ldap_is_start(bytes, flow)) {
		return false;
	}
	h->is_lost = h->is_read = h->is_root = false;
	h->left = h->have = 0;
	h->entry = SINK_NO_ENTRY;
	return true;
}

static enum dissect_verdict dissect_stream(struct ldap_call *c, struct cursor bytes, uint64_t lost,
                                           const struct dissect_flow *flow)
{
	struct ldap_half *h = c->half;
	const uint8_t *booked = bytes.p;

	if (lost > 0) {
		cross_gap(h, lost);
	}
	if (h->is_read && h->left == 0) {
		unit_end(c);
	}
	while (cur_left(&bytes) > 0 && !c->is_tls) {
		if (h->is_lost && (bytes.p != booked || !regain(h, bytes, flow))) {
			bytes.p = bytes.end;
			break;
		}
		take(c, &bytes, flow);
		if (h->is_read && h->left == 0) {
			sink_octets(c->sink, c->side, (uint64_t)(bytes.p - booked), h->entry);
			booked = bytes.p;
			unit_end(c);
		}
	}
	sink_octets(c->sink, c->side, (uint64_t)(bytes.p - booked),
	            h->is_read && !h->is_lost ? h->entry : SINK_NO_ENTRY);
	return c->is_tls ? DISSECT_TLS : DISSECT_FOLLOW;
}

static void dissect_datagram(struct ldap_call *c, struct cursor bytes)
{
	int entry = SINK_NO_ENTRY;

	c->half->is_root = false;
	if (ldap_message_read(c, bytes, &entry) && c->half->is_root) {
		ldap_host_take(&c->half->host, c->half->kept, bytes, c->side, c->sink);
		ldap_host_end(&c->half->host, c->half->kept, c->side, c->sink);
	}
	sink_octets(c->sink, c->side, cur_left(&bytes), entry);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	return ldap_is_start(bytes, flow) ? 1 : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct ldap *ldap = state;
	struct ldap_call c = {.ldap = ldap, .half = &ldap->half[side], .side = side, .sink = sink};

	if (!ldap->is_ready) {
		ldap->reading = ldap->writing = SINK_NO_ENTRY;
		ldap->is_ready = true;
	}
	if (flow->ip_protocol == IP_TCP) {
		return dissect_stream(&c, bytes, lost, flow);
	}
	dissect_datagram(&c, bytes);
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct ldap) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "base of a search", .standard = "RFC 4511 4.5.1.1",
         .guard = "its DC= parts and the OU= next to them; plain words only; CN= and uid= dropped",
         .evidence = {EVIDENCE_LDAP_BASE}},
        {FIELD_KEEP, "name of the server in rootDSE and netlogon",
         .standard = "RFC 4512 5.1; MS-ADTS 6.3.1.9", .guard = "the host rule",
         .names = {NAME_LDAP}},
        {FIELD_KEEP, "mechanism of a bind", .standard = "RFC 4511 4.2",
         .guard = "capitals and digits, or a word of ours", .facts = {"LDAP bind"}},
        FIELD_SIGN_IN,
        SPNEGO_FIELDS,
        {FIELD_NEVER, "name and password of a bind", .standard = "RFC 4511 4.2"},
        {FIELD_NEVER, "filters, attributes, results, names of entries", .standard = "RFC 4511 4.5"},
        {0},
};

const struct dissector dissector_ldap = {
        .name = "ldap",
        .protocol = "LDAP",
        .ip_protocol = 0,
        .state_size = sizeof(struct ldap),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
