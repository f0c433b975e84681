/* TFTP (RFC 1350, options RFC 2347): a request names the way; the answer comes from a new port of the server, which
 * makes the transfer a flow of its own that is counted here. Names of files are passed over. */
#include "terrier/dissect.h"

#include <string.h>

enum { OP_READ = 1, OP_WRITE = 2 };

#define OPTIONS_MAX  16 /* of a request; known are seven */
#define TEXT_LONGEST 255

struct tftp {
	uint32_t digest; /* of the last request, which is sent again until it is answered */
	int entry;
	bool is_named;
};

/* A printable text that ends with NUL, of 1 to `max` octets. */
static bool take_text(struct cursor *c, size_t max, struct cursor *text)
{
	const uint8_t *end = cur_left(c) > 0 ? memchr(c->p, '\0', cur_left(c)) : NULL;
	size_t len = end != NULL ? (size_t)(end - c->p) : 0;

	if (len == 0 || len > max) {
		return false;
	}
	*text = cur_sub(c, len);
	cur_skip(c, 1);
	for (size_t i = 0; i < len; i++) {
		if (text->p[i] < ' ' || text->p[i] == 0x7f) {
			return false;
		}
	}
	return true;
}

static bool is_mode(const struct cursor *text)
{
	static const char *const modes[] = {"octet", "netascii", "mail"};
	size_t len = cur_left(text);

	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		size_t same = 0;

		while (same < len && (text->p[same] | 0x20) == (uint8_t)modes[i][same]) {
			same++;
		}
		if (same == len && modes[i][same] == '\0') {
			return true;
		}
	}
	return false;
}

/* The opcode of a datagram that is a request from its first octet to its last (RFC 1350 5, RFC 2347), else 0. */
static unsigned request_of(struct cursor c)
{
	unsigned opcode = cur_u16(&c);
	struct cursor text;

	if ((opcode != OP_READ && opcode != OP_WRITE) || !take_text(&c, TEXT_LONGEST, &text) ||
	    !take_text(&c, 8, &text) || !is_mode(&text)) {
		return 0;
	}
	for (unsigned i = 0; cur_left(&c) > 0; i++) {
		if (i == 2 * OPTIONS_MAX || !take_text(&c, TEXT_LONGEST, &text)) {
			return 0;
		}
	}
	return opcode;
}

static uint32_t digest_of(const struct cursor *c)
{
	uint32_t h = 2166136261u;

	for (const uint8_t *p = c->p; p < c->end; p++) {
		h = (h ^ *p) * 16777619u; /* FNV-1a */
	}
	return h;
}

static enum dissect_verdict tftp_dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                         const struct dissect_flow *flow, struct sink *sink)
{
	struct tftp *t = state;
	unsigned opcode = request_of(bytes);
	uint32_t digest = digest_of(&bytes);

	(void)lost;
	if (opcode != 0 && (!t->is_named || digest != t->digest)) {
		sink_client(sink, side);
		t->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "TFTP", side, opcode == OP_READ ? INFO_S2C : INFO_C2S, 1);
		t->is_named = true;
		t->digest = digest;
	}
	if (opcode != 0) {
		sink_expect(sink, IP_UDP, &flow->addr[side], flow->port[side]);
	}
	sink_octets(sink, side, cur_left(&bytes), t->is_named ? t->entry : SINK_NO_ENTRY);
	return DISSECT_FOLLOW;
}

static size_t tftp_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	(void)flow;
	return request_of(bytes) != 0 ? 1 : 0;
}

static const struct dissector_field fields[] = {
        {FIELD_NEVER, "names of files, the files themselves", .standard = "RFC 1350 5"},
        {0},
};

const struct dissector dissector_tftp = {
	.name = "tftp",
	.protocol = "TFTP",
	.ip_protocol = IP_UDP,
	.state_size = sizeof(struct tftp),
	.has_messages = true,
	.fields = fields,
	.recognise = tftp_recognise,
	.dissect = tftp_dissect,
};
