/* RDP by its connection request and confirm (MS-RDPBCGR 2.2.1.1, 2.2.1.2 in X.224 in TPKT): which security was agreed.
 * The cookie in the request is a user's name, or a token: neither is read. With TLS agreed its dissector goes on. */
#include "terrier/dissect.h"

#include <string.h>

#define PORT_RDP    3389
#define MESSAGE_MAX 64  /* octets kept of a confirm: it has 11 or 19 */
#define REQUEST_MAX 512 /* a TPKT longer than this is no request */
#define FIXED_LEN   11  /* TPKT and the fixed part of an X.224 request or confirm */

enum { X224_REQUEST = 0xe0, X224_CONFIRM = 0xd0, NEG_REQUEST = 1, NEG_RESPONSE = 2, NEG_FAILURE = 3 };
enum {
	SECURITY_RDP = 0,
	SECURITY_TLS = 1,
	SECURITY_NLA = 2,
	SECURITY_RDSTLS = 4,
	SECURITY_NLA_EX = 8,
	SECURITY_AAD = 16,
};

struct rdp {
	uint8_t confirm[MESSAGE_MAX];
	uint8_t have;
	uint8_t server; /* one more than its side */
};

/* The TPKT header and the fixed part of an X.224 unit of this type (RFC 1006 6, X.224 13.3); the length of the whole, 0
 * when it is something else. */
static size_t unit_len(struct cursor c, uint8_t type)
{
	uint16_t version = cur_u16(&c), len = cur_u16(&c);
	uint8_t indicator = cur_u8(&c), code = cur_u8(&c), class;

	cur_skip(&c, 4);
	class = cur_u8(&c);
	if (c.bad || version != 0x0300 || len < FIXED_LEN || len > REQUEST_MAX || indicator + 5u != len) {
		return 0;
	}
	return code == type && class == 0 ? len : 0;
}

/* The eight octets of a negotiation at the end of a unit (MS-RDPBCGR 2.2.1.1.1, 2.2.1.2.1); its value, -1 for none. */
static int64_t negotiation_of(struct cursor c, size_t len, uint8_t type)
{
	uint16_t size;

	if (len < FIXED_LEN + 8 || cur_left(&c) < len) {
		return -1;
	}
	cur_skip(&c, len - 8);
	if (cur_u8(&c) != type) {
		return -1;
	}
	cur_skip(&c, 1);
	size = cur_le16(&c);
	return size == 8 ? (int64_t)cur_le32(&c) : -1;
}

static const char *security_name(int64_t security)
{
	switch (security) {
	case SECURITY_TLS:
		return "TLS";
	case SECURITY_NLA:
	case SECURITY_NLA_EX:
		return "NLA";
	case SECURITY_RDSTLS:
		return "RDSTLS";
	case SECURITY_AAD:
		return "Entra ID";
	default:
		return "standard";
	}
}

static enum dissect_verdict take_confirm(const struct rdp *r, size_t len, struct sink *sink)
{
	struct cursor c = cur_make(r->confirm, r->have);
	int64_t security = negotiation_of(c, len, NEG_RESPONSE);
	const char *name = security_name(security);

	if (negotiation_of(c, len, NEG_FAILURE) >= 0) {
		sink_fact(sink, "RDP security", "refused", 7);
		return DISSECT_DONE; /* clients ask again in a connection of its own */
	}
	sink_fact(sink, "RDP security", name, strlen(name));
	return security > SECURITY_RDP ? DISSECT_TLS : DISSECT_DONE;
}

static enum dissect_verdict rdp_dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                        const struct dissect_flow *flow, struct sink *sink)
{
	struct rdp *r = state;
	size_t left = cur_left(&bytes), n, len;

	(void)flow;
	sink_octets(sink, side, left, SINK_NO_ENTRY);
	if (r->server == 0) { /* a request was recognised */
		r->server = side == SIDE_0 ? 2 : 1;
		sink_client(sink, side);
	}
	if (r->server != side + 1u) {
		return DISSECT_FOLLOW;
	}
	if (lost > 0) {
		return DISSECT_DONE;
	}
	n = left < (size_t)(MESSAGE_MAX - r->have) ? left : (size_t)(MESSAGE_MAX - r->have);
	memcpy(r->confirm + r->have, bytes.p, n);
	r->have = (uint8_t)(r->have + n);
	if (r->have < FIXED_LEN) {
		return DISSECT_FOLLOW;
	}
	len = unit_len(cur_make(r->confirm, r->have), X224_CONFIRM);
	if (len == 0 || len > MESSAGE_MAX) {
		return DISSECT_RELEASE;
	}
	return r->have < len ? DISSECT_FOLLOW : take_confirm(r, len, sink);
}

/* A request with a cookie or a negotiation; one without either (before Windows XP) on its own port only. */
static size_t rdp_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t len = unit_len(bytes, X224_REQUEST);
	struct cursor c = bytes;

	(void)side;
	if (len == 0) {
		return 0;
	}
	cur_skip(&c, FIXED_LEN);
	return (flow->port[0] == PORT_RDP || flow->port[1] == PORT_RDP) || cur_is(&c, "Cookie: mst", 11) ||
	                       negotiation_of(bytes, len, NEG_REQUEST) >= 0
	               ? 1
	               : 0;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "security that was agreed, or that it was refused", .facts = {"RDP security"}},
        {FIELD_NEVER, "the cookie mstshash=, which is a user's name, and tokens of load balancers",
         .standard = "MS-RDPBCGR 2.2.1.1"},
        {FIELD_NEVER, "screens, keys, files", .standard = NULL},
        {0},
};

const struct dissector dissector_rdp = {
	.name = "rdp",
	.protocol = "RDP",
	.ip_protocol = IP_TCP,
	.state_size = sizeof(struct rdp),
	.has_messages = false,
	.fields = fields,
	.recognise = rdp_recognise,
	.dissect = rdp_dissect,
};
