/* TACACS+ (RFC 8907): headers only. Bodies are obfuscated with a shared secret, unless a flag says
 * that they are in clear; neither are looked at. */
#include "terrier/dissect.h"

#include <string.h>

enum { PORT_TACACS = 49 };
enum { AUTHENTICATION = 1, AUTHORIZATION, ACCOUNTING };
enum { FLAG_UNENCRYPTED = 1, FLAG_SINGLE_CONNECT = 4 };

#define HEADER_LEN 12
#define BODY_MAX   65536

struct half {
	uint32_t left; /* octets of the body still to come */
	uint8_t have;  /* octets of the header */
	uint8_t header[HEADER_LEN];
};

struct tacacs {
	struct half half[2];
	int entry;
	bool is_claimed;
};

struct header {
	uint8_t type, number, flags;
	uint32_t length;
};

/* RFC 8907 4.1: versions 12.0 and 12.1. */
static bool header_read(struct cursor c, struct header *h)
{
	uint8_t version = cur_u8(&c);

	h->type = cur_u8(&c);
	h->number = cur_u8(&c);
	h->flags = cur_u8(&c);
	cur_skip(&c, 4);
	h->length = cur_u32(&c);
	return !c.bad && (version & 0xfe) == 0xc0 && h->type >= AUTHENTICATION &&
	       h->type <= ACCOUNTING && h->number > 0 &&
	       (h->flags & ~(FLAG_UNENCRYPTED | FLAG_SINGLE_CONNECT)) == 0 && h->length > 0 &&
	       h->length <= BODY_MAX;
}

/* Away from its port only a session's first packets, when one is all that was sent. */
static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct header h;

	(void)side;
	if (!header_read(bytes, &h)) {
		return 0;
	}
	return flow->port[0] == PORT_TACACS || flow->port[1] == PORT_TACACS ||
	       (h.number <= 2 && h.length == cur_left(&bytes) - HEADER_LEN);
}

/* Numbers are odd where the client speaks (RFC 8907 4.1). */
static void header_note(struct tacacs *t, enum side side, const struct header *h, struct sink *sink)
{
	static const char *const types[] = {NULL, "authentication", "authorization", "accounting"};
	bool is_request = (h->number & 1) != 0;
	enum side client = is_request ? side : side_other(side);

	sink_client(sink, client);
	t->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "TACACS", client, INFO_MSG, is_request);
	t->is_claimed = true;
	if (h->number != 1) {
		return;
	}
	sink_fact(sink, "TACACS+ request", types[h->type], strlen(types[h->type]));
	if (h->type == AUTHENTICATION && (h->flags & FLAG_UNENCRYPTED) != 0) {
		sink_fact(sink, FACT_SIGN_IN, "TACACS+", strlen("TACACS+"));
	}
}

/* Takes octets of a header or a body. False when it is no header. */
static bool take(struct tacacs *t, enum side side, struct cursor *bytes, struct sink *sink)
{
	struct half *s = &t->half[side];
	size_t n = s->have < HEADER_LEN ? HEADER_LEN - (size_t)s->have : s->left;
	struct header h;

	n = n < cur_left(bytes) ? n : cur_left(bytes);
	if (s->have < HEADER_LEN) {
		memcpy(s->header + s->have, bytes->p, n);
		s->have = (uint8_t)(s->have + n);
		cur_skip(bytes, n);
		if (s->have == HEADER_LEN) {
			if (!header_read(cur_make(s->header, HEADER_LEN), &h)) {
				return false;
			}
			s->left = h.length;
			header_note(t, side, &h, sink);
		}
		return true;
	}
	cur_skip(bytes, n);
	s->left -= (uint32_t)n;
	s->have = s->left > 0 ? HEADER_LEN : 0;
	return true;
}

static bool cross_gap(struct half *s, uint64_t lost)
{
	if (s->have < HEADER_LEN || lost > s->left) {
		return false;
	}
	s->left -= (uint32_t)lost;
	s->have = s->left > 0 ? HEADER_LEN : 0;
	return true;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct tacacs *t = state;
	size_t size = cur_left(&bytes);
	bool is_good = lost == 0 || cross_gap(&t->half[side], lost);

	(void)flow;
	while (is_good && cur_left(&bytes) > 0) {
		is_good = take(t, side, &bytes, sink);
	}
	sink_octets(sink, side, size, t->is_claimed ? t->entry : SINK_NO_ENTRY);
	return is_good ? DISSECT_FOLLOW : t->is_claimed ? DISSECT_DONE : DISSECT_RELEASE;
}

_Static_assert(sizeof(struct tacacs) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "what is asked: authentication, authorization or accounting",
         .facts = {"TACACS+ request"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "bodies, with users, passwords, commands", .standard = "RFC 8907 5, 6, 7"},
        {0},
};

const struct dissector dissector_tacacs = {
        .name = "tacacs",
        .protocol = "TACACS",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct tacacs),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
