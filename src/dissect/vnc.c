/* VNC, the RFB protocol (RFC 6143 7.1): version and security of both ends. Screens and keys are not looked at. */
#include "terrier/dissect.h"

#include <string.h>

#define VERSION_LEN 12 /* `RFB 003.008\n` */
#define TYPES_MAX   32 /* security types that are looked at */

/* RFC 6143 8.1.2 (registry), VeNCrypt's subtypes by its specification. */
enum { NONE = 1, VNC = 2, TIGHT = 16, TLS = 18, VENCRYPT = 19, VENCRYPT_PLAIN = 256 };

struct half {
	uint8_t kept[VERSION_LEN + 1 + TYPES_MAX];
	uint8_t have;
};

struct vnc {
	struct half half[2];
	uint8_t server; /* one more than its side; the first to speak */
};

static bool is_version(const uint8_t *p, size_t len)
{
	static const char form[] = "RFB ddd.ddd\n";

	for (size_t i = 0; i < VERSION_LEN; i++) {
		if (i >= len || (form[i] == 'd' ? p[i] < '0' || p[i] > '9' : p[i] != (uint8_t)form[i])) {
			return false;
		}
	}
	return true;
}

/* Minor version of `RFB 003.008`; what servers of others say (4.0, 3.889) is as 3.8. */
static unsigned minor_of(const struct half *h)
{
	unsigned minor = (h->kept[8] - '0') * 100u + (h->kept[9] - '0') * 10u + (h->kept[10] - '0');

	return h->kept[6] > '3' || minor > 8 ? 8 : minor;
}

static void tell_version(struct sink *sink, const struct half *h)
{
	char text[8] = "3.3";

	text[2] = (char)('0' + minor_of(h));
	sink_fact(sink, "VNC version", text, 3);
}

/* The last word of the two: what was chosen. */
static enum dissect_verdict conclude(const struct vnc *v, uint32_t type, uint32_t subtype, struct sink *sink)
{
	const char *name = type == NONE       ? "none"
	                   : type == VNC      ? "VNC"
	                   : type == TIGHT    ? "Tight"
	                   : type == TLS      ? "TLS"
	                   : type == VENCRYPT ? "VeNCrypt"
	                                      : "other";

	sink_fact(sink, "VNC security", name, strlen(name));
	if (type == VENCRYPT && subtype == VENCRYPT_PLAIN) {
		sink_fact(sink, FACT_SIGN_IN, "VNC plain", 9);
	}
	if (type == TLS) {
		return DISSECT_TLS;
	}
	if (type == VENCRYPT && subtype > VENCRYPT_PLAIN) {
		sink_protocol(sink, "VNC+TLS");
		sink_encryption(sink, ENCRYPTED_YES);
	}
	sink_evidence(sink, EVIDENCE_PROTOCOL, type == VENCRYPT && subtype > VENCRYPT_PLAIN ? "VNC+TLS" : "VNC",
	              v->server == 1 ? SIDE_1 : SIDE_0, INFO_MSG, 0);
	return DISSECT_DONE;
}

static uint32_t u32_at(const struct half *h, size_t at)
{
	struct cursor c = cur_make(h->kept + at, h->have - at);

	return cur_u32(&c);
}

/* What the server has said so far may be all there is to choose from (version 3.3, or a failure). */
static enum dissect_verdict take_server(const struct vnc *v, const struct half *server, struct sink *sink)
{
	const struct half *client = &v->half[v->server == 1 ? 1 : 0];

	if (client->have < VERSION_LEN || server->have < VERSION_LEN + 1) {
		return DISSECT_FOLLOW;
	}
	if (minor_of(client) < 7) { /* the server decides: four octets */
		return server->have < VERSION_LEN + 4 ? DISSECT_FOLLOW : conclude(v, u32_at(server, VERSION_LEN), 0, sink);
	}
	return server->kept[VERSION_LEN] == 0 ? DISSECT_DONE : DISSECT_FOLLOW; /* no types: a reason follows */
}

static enum dissect_verdict take_client(const struct vnc *v, const struct half *client, struct sink *sink)
{
	uint8_t type;

	if (client->have < VERSION_LEN + 1 || minor_of(client) < 7) {
		return DISSECT_FOLLOW;
	}
	type = client->kept[VERSION_LEN];
	if (type != VENCRYPT) {
		return conclude(v, type, 0, sink);
	}
	/* two octets of its own version, four of the subtype */
	return client->have < VERSION_LEN + 7 ? DISSECT_FOLLOW : conclude(v, type, u32_at(client, VERSION_LEN + 3), sink);
}

static enum dissect_verdict vnc_dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                        const struct dissect_flow *flow, struct sink *sink)
{
	struct vnc *v = state;
	struct half *h = &v->half[side];
	size_t left = cur_left(&bytes), n;
	bool had_version = h->have >= VERSION_LEN;
	enum dissect_verdict verdict;

	(void)flow;
	sink_octets(sink, side, left, SINK_NO_ENTRY);
	if (v->server == 0) {
		v->server = (uint8_t)(side + 1);
		sink_client(sink, side_other(side));
	}
	if (lost > 0) {
		return DISSECT_DONE;
	}
	n = left < sizeof h->kept - h->have ? left : sizeof h->kept - h->have;
	memcpy(h->kept + h->have, bytes.p, n);
	h->have = (uint8_t)(h->have + n);
	if (!had_version && h->have >= VERSION_LEN) {
		if (!is_version(h->kept, h->have)) {
			return DISSECT_RELEASE;
		}
		tell_version(sink, h);
	}
	verdict = take_server(v, &v->half[v->server - 1], sink);
	return verdict != DISSECT_FOLLOW ? verdict : take_client(v, &v->half[v->server == 1 ? 1 : 0], sink);
}

static size_t vnc_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	(void)flow;
	return is_version(bytes.p, cur_left(&bytes)) ? 1 : 0;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "version", .standard = "RFC 6143 7.1.1", .guard = "three digits",
         .facts = {"VNC version"}},
        {FIELD_KEEP, "way of signing in", .facts = {"VNC security"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, passwords and their proof, screens, keys, clipboard",
         .standard = "RFC 6143 7"},
        {0},
};

const struct dissector dissector_vnc = {
	.name = "vnc",
	.protocol = "VNC",
	.ip_protocol = IP_TCP,
	.state_size = sizeof(struct vnc),
	.has_messages = false,
	.fields = fields,
	.recognise = vnc_recognise,
	.dissect = vnc_dissect,
};
