/* RTSP (RFC 7826, 2326): cameras and recorders. Requests, the media within the connection by their
 * length, and the ports agreed for media beside it. Addresses of streams, with the paths and users
 * in them, pass unread. */
#include "terrier/dissect.h"

#include "field.h"

#include <string.h>

#define LINE_LEN 240

enum phase {
	PHASE_START,
	PHASE_HEADERS,
	PHASE_BODY,   /* `left` octets */
	PHASE_FRAME,  /* the header of interleaved media (RFC 7826 14) */
	PHASE_SEARCH, /* for a start line, after a gap */
};

struct half {
	uint32_t left;
	uint16_t have;
	uint8_t phase;
	bool is_long, is_response;
	char line[LINE_LEN];
};

struct rtsp {
	struct half half[2];
	int entry;
	uint8_t client;
	bool is_claimed, has_signed_in, product_noted, records;
};

struct call {
	struct rtsp *rtsp;
	struct half *half;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
};

static size_t method_len(const char *line, size_t len)
{
	static const char *const methods[] = {"OPTIONS ",       "DESCRIBE ", "SETUP ",
	                                      "PLAY ",          "PAUSE ",    "TEARDOWN ",
	                                      "ANNOUNCE ",      "RECORD ",   "GET_PARAMETER ",
	                                      "SET_PARAMETER ", "REDIRECT ", "PLAY_NOTIFY ", NULL};

	return field_method(line, len, methods);
}

static bool is_response(const char *line, size_t len)
{
	return len >= 12 && memcmp(line, "RTSP/", 5) == 0 && (line[5] == '1' || line[5] == '2') &&
	       line[6] == '.' && line[8] == ' ' && line[9] >= '1' && line[9] <= '5';
}

/* `METHOD rtsp://… RTSP/1.0`; the end of a line too long to keep is not seen. */
static bool is_request(const char *line, size_t len, bool is_cut)
{
	size_t n = method_len(line, len);

	if (n == 0 || (is_cut && text_begins(line + n, len - n, "rtsp"))) {
		return n > 0;
	}
	return len > n + 9 && memcmp(line + len - 9, " RTSP/", 6) == 0;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const char *line = (const char *)bytes.p;
	bool is_cut;
	size_t len = field_line(bytes, LINE_LEN, &is_cut);

	(void)side;
	(void)flow;
	return is_request(line, len, is_cut) || is_response(line, len) ? 1 : 0;
}

static bool start_line(struct call *c, const char *line, size_t len)
{
	struct rtsp *rtsp = c->rtsp;
	bool response = is_response(line, len);

	if (!response && !is_request(line, len, c->half->is_long)) {
		return false;
	}
	if (!rtsp->is_claimed) { /* a camera may ask too, later */
		rtsp->client = (uint8_t)(response ? !c->side : c->side);
		rtsp->is_claimed = true;
		sink_client(c->sink, (enum side)rtsp->client);
		sink_encryption(c->sink, ENCRYPTED_NO);
	}
	if (text_begins(line, len, "announce ") || text_begins(line, len, "record ")) {
		rtsp->records = c->side == rtsp->client;
	}
	c->half->phase = PHASE_HEADERS;
	c->half->left = 0;
	c->half->is_response = response;
	rtsp->entry = sink_evidence(c->sink, EVIDENCE_PROTOCOL, "RTSP", (enum side)rtsp->client,
	                            rtsp->records ? INFO_C2S : INFO_S2C, response ? 0 : 1);
	return true;
}

/* Announces the pair of ports behind `word` in a Transport field (RFC 2326 12.39). */
static void ports_expect(struct call *c, const struct field *f, const char *word, enum side side)
{
	const char *at = memmem(f->value, f->value_len, word, strlen(word));
	uint32_t port;

	if (at == NULL) {
		return;
	}
	at += strlen(word);
	port = field_number(at, f->value_len - (size_t)(at - f->value));
	if (port > 0 && port < UINT16_MAX) {
		sink_expect(c->sink, IP_UDP, &c->flow->addr[side], (uint16_t)port);
		sink_expect(c->sink, IP_UDP, &c->flow->addr[side], (uint16_t)(port + 1));
	}
}

static void header_line(struct call *c, const char *line, size_t len)
{
	struct rtsp *rtsp = c->rtsp;
	struct field f;

	if (!field_split(line, len, &f)) {
		return;
	}
	if (field_is(&f, "content-length")) {
		c->half->left = field_number(f.value, f.value_len);
	} else if (c->half->is_response && field_is(&f, "transport")) {
		ports_expect(c, &f, "client_port=", (enum side)rtsp->client);
		ports_expect(c, &f, "server_port=", side_other((enum side)rtsp->client));
	} else if (field_is(&f, "server") && !rtsp->product_noted) {
		size_t n = field_product(f.value, f.value_len);

		if (n > 1) {
			sink_fact(c->sink, "RTSP server", f.value, n);
			rtsp->product_noted = true;
		}
	} else if (field_is(&f, "authorization") && text_begins(f.value, f.value_len, "basic ") &&
	           !rtsp->has_signed_in) {
		sink_fact(c->sink, FACT_SIGN_IN, "RTSP Basic", 10);
		rtsp->has_signed_in = true;
	}
}

/* False when this is no RTSP. */
static bool line_end(struct call *c)
{
	struct half *h = c->half;
	size_t len = h->have;

	len -= len > 0 && h->line[len - 1] == '\r';
	if (h->phase == PHASE_HEADERS && len > 0) {
		header_line(c, h->line, len);
	} else if (h->phase == PHASE_HEADERS) {
		h->phase = h->left > 0 ? PHASE_BODY : PHASE_START;
	} else if (len > 0 && !start_line(c, h->line, len)) {
		h->phase = PHASE_SEARCH;
		return c->rtsp->is_claimed;
	}
	return true;
}

/* Takes a line or a part of one; what exceeds the room is dropped. */
static bool line_take(struct call *c, struct cursor *bytes)
{
	struct half *h = c->half;
	size_t left = cur_left(bytes), n, kept;
	const uint8_t *start = bytes->p, *end = memchr(start, '\n', left);
	bool good = true;

	n = end != NULL ? (size_t)(end - start) : left;
	kept = n < (size_t)(LINE_LEN - h->have) ? n : (size_t)(LINE_LEN - h->have);
	memcpy(h->line + h->have, start, kept);
	h->have = (uint16_t)(h->have + kept);
	h->is_long |= kept < n;
	cur_skip(bytes, n + (end != NULL));
	if (end != NULL) {
		good = line_end(c);
		h->have = 0;
		h->is_long = false;
	}
	sink_octets(c->sink, c->side, n + (end != NULL), c->rtsp->entry);
	return good;
}

/* `$`, a channel, a length: then so many octets of media. */
static void frame_take(struct call *c, struct cursor *bytes)
{
	struct half *h = c->half;

	h->phase = PHASE_FRAME;
	h->line[h->have++] = (char)cur_u8(bytes);
	if (h->have == 4) {
		h->left = (uint32_t)(uint8_t)h->line[2] << 8 | (uint8_t)h->line[3];
		h->have = 0;
		h->phase = h->left > 0 ? PHASE_BODY : PHASE_START;
	}
	sink_octets(c->sink, c->side, 1, c->rtsp->entry);
}

static void body_take(struct call *c, struct cursor *bytes)
{
	struct half *h = c->half;
	size_t n = cur_left(bytes) < h->left ? cur_left(bytes) : h->left;

	cur_skip(bytes, n);
	h->left -= (uint32_t)n;
	h->phase = h->left > 0 ? PHASE_BODY : PHASE_START;
	sink_octets(c->sink, c->side, n, c->rtsp->entry);
}

static void gap(struct half *h, uint64_t lost)
{
	h->have = 0;
	h->is_long = false;
	if (h->phase == PHASE_BODY && lost < h->left) {
		h->left -= (uint32_t)lost;
	} else {
		h->phase = PHASE_SEARCH;
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct rtsp *rtsp = state;
	struct call c = {rtsp, &rtsp->half[side], side, flow, sink};
	struct half *h = c.half;

	if (!rtsp->is_claimed) {
		rtsp->entry = SINK_NO_ENTRY;
	}
	if (lost > 0) {
		gap(h, lost);
	}
	if (h->phase == PHASE_SEARCH && cur_left(&bytes) > 4 && *bytes.p == '$') {
		h->phase = PHASE_START; /* a sender begins its frames with its segments */
		h->have = 0;
	}
	while (cur_left(&bytes) > 0) {
		bool is_frame = h->phase == PHASE_FRAME ||
		                (h->phase == PHASE_START && h->have == 0 && *bytes.p == '$');

		if (h->phase == PHASE_BODY) {
			body_take(&c, &bytes);
		} else if (is_frame && rtsp->is_claimed) {
			frame_take(&c, &bytes);
		} else if (!line_take(&c, &bytes)) {
			sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
			return DISSECT_RELEASE;
		}
	}
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct rtsp) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "product of the server", .standard = "RFC 7826 18.48",
         .guard = "first word, letters only", .facts = {"RTSP server"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "addresses of streams, with the paths and users in them; the media",
         .standard = "RFC 7826 4.2"},
        {0},
};

const struct dissector dissector_rtsp = {
        .name = "rtsp",
        .protocol = "RTSP",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct rtsp),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
