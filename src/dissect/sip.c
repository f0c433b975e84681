/* SIP over UDP and TCP (RFC 3261), with the media that its SDP (RFC 8866) announces: server and
 * domain names, products. Users, numbers, displayed names and call identifiers pass unread. */
#include "terrier/dissect.h"

#include "field.h"
#include "host.h"

#include <string.h>

#define LINE_LEN  200 /* octets of a line that are read */
#define MEDIA_MAX 4   /* media of a body that are announced */

enum phase { PHASE_START, PHASE_HEADERS, PHASE_BODY, PHASE_SEARCH };

struct half {
	uint32_t left; /* octets of the body still to come */
	uint16_t have;
	uint8_t phase, media;
	bool is_sdp, is_long;
	struct addr media_addr;
	char line[LINE_LEN];
};

struct sip {
	bool is_claimed, product_noted[2], domain_noted, has_signed_in;
	int entry;
	struct half half[2];
};

struct call {
	struct sip *sip;
	struct half *half;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
};

/* Methods of RFC 3261 and its extensions (IANA sip-parameters). */
static size_t method_len(const char *line, size_t len)
{
	static const char *const methods[] = {
	        "INVITE ",    "ACK ",    "BYE ",     "CANCEL ", "REGISTER ", "OPTIONS ", "PRACK ",
	        "SUBSCRIBE ", "NOTIFY ", "PUBLISH ", "INFO ",   "REFER ",    "MESSAGE ", "UPDATE ", NULL};

	return field_method(line, len, methods);
}

static bool is_response(const char *line, size_t len)
{
	return len >= 12 && memcmp(line, "SIP/2.0 ", 8) == 0 && line[8] >= '1' && line[8] <= '6' &&
	       line[11] == ' ';
}

/* `METHOD sip:… SIP/2.0`; the end of a line too long to keep is not seen. */
static bool is_request(const char *line, size_t len, bool is_cut)
{
	size_t n = method_len(line, len);
	bool uri = n > 0 && (text_begins(line + n, len - n, "sip:") ||
	                     text_begins(line + n, len - n, "sips:") ||
	                     text_begins(line + n, len - n, "tel:") ||
	                     text_begins(line + n, len - n, "urn:"));

	return uri && (is_cut || (len > 8 && memcmp(line + len - 8, " SIP/2.0", 8) == 0));
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

/* The host of `user@host:port;parameters`. Notes it if it is a name. One whose end is cut off may
 * be but a user. */
static void domain_note(struct call *c, const char *uri, size_t len)
{
	const char *end = memchr(uri, ' ', len), *at;
	char host[HOST_MAX];
	size_t n = 0;

	if (end == NULL) {
		return;
	}
	len = (size_t)(end - uri);
	at = memchr(uri, '@', len);
	if (at != NULL) {
		len -= (size_t)(at + 1 - uri);
		uri = at + 1;
	}
	while (n < len && uri[n] != ':' && uri[n] != ';' && uri[n] != '?' && uri[n] != ',') {
		n++;
	}
	n = host_keep(host, uri, n);
	if (n > 0 && strchr(host, '.') != NULL &&
	    !c->sip->domain_noted) { /* without a dot it may be a user */
		sink_fact(c->sink, "SIP domain", host, n);
		c->sip->domain_noted = true;
	}
}

/* The product of Server or User-Agent, once a side. */
static void product_note(struct call *c, const struct field *f)
{
	size_t n = field_product(f->value, f->value_len);

	if (n > 1 && !c->sip->product_noted[c->side]) {
		sink_fact(c->sink, "SIP product", f->value, n);
		c->sip->product_noted[c->side] = true;
	}
}

static bool start_line(struct call *c, const char *line, size_t len)
{
	struct half *h = c->half;
	bool response = is_response(line, len);
	enum side client = response ? side_other(c->side) : c->side;

	if (!response && !is_request(line, len, h->is_long)) {
		return false;
	}
	h->phase = PHASE_HEADERS;
	h->left = c->flow->ip_protocol == IP_UDP ? UINT16_MAX
	                                         : 0; /* without a length to the datagram's end */
	h->media = 0;
	h->is_sdp = false;
	if (!c->sip->is_claimed) {
		sink_client(c->sink, client);
		c->sip->is_claimed = true;
	}
	c->sip->entry = sink_evidence(c->sink, EVIDENCE_PROTOCOL, "SIP", client, INFO_MSG,
	                              response ? 0 : 1);
	if (!response) {
		size_t at = method_len(line, len);
		const char *colon = memchr(line + at, ':', len - at);

		if (colon != NULL && !text_begins(line + at, len - at, "tel:") &&
		    !text_begins(line + at, len - at, "urn:")) {
			domain_note(c, colon + 1, len - (size_t)(colon + 1 - line));
		}
	}
	return true;
}

/* Header fields by their long or compact names (RFC 3261 7.3.3). */
static void header_line(struct call *c, const char *line, size_t len)
{
	struct field f;

	if (!field_split(line, len, &f)) {
		return;
	}
	if (field_is(&f, "content-length") || field_is(&f, "l")) {
		c->half->left = field_number(f.value, f.value_len);
	} else if (field_is(&f, "content-type") || field_is(&f, "c")) {
		c->half->is_sdp = text_begins(f.value, f.value_len, "application/sdp");
	} else if (field_is(&f, "user-agent") || field_is(&f, "server")) {
		product_note(c, &f);
	} else if ((field_is(&f, "authorization") || field_is(&f, "proxy-authorization")) &&
	           text_begins(f.value, f.value_len, "basic ") &&
	           !c->sip->has_signed_in) { /* of RFC 2543 */
		sink_fact(c->sink, FACT_SIGN_IN, "SIP Basic", 9);
		c->sip->has_signed_in = true;
	}
}

/* `m=audio 49170 RTP/AVP 0` (RFC 8866 5.14): a port and, for RTCP, the next. */
static void media_expect(struct call *c, const char *line, size_t len)
{
	struct half *h = c->half;
	const char *blank = memchr(line, ' ', len);
	size_t left = blank != NULL ? len - (size_t)(blank + 1 - line) : 0;
	uint32_t port = left > 0 ? field_number(blank + 1, left) : 0;

	if (port > 0 && port < UINT16_MAX && memmem(blank + 1, left, " RTP/", 5) != NULL) {
		sink_expect(c->sink, IP_UDP, &h->media_addr, (uint16_t)port);
		sink_expect(c->sink, IP_UDP, &h->media_addr, (uint16_t)(port + 1));
		h->media++;
	}
}

/* Of SDP where this side wants to hear: `c=IN IP4 10.0.0.1` (RFC 8866 5.7), then its ports. */
static void sdp_line(struct call *c, const char *line, size_t len)
{
	struct half *h = c->half;
	char text[ADDR_TEXT_MAX];

	if (len > 9 && (memcmp(line, "c=IN IP4 ", 9) == 0 || memcmp(line, "c=IN IP6 ", 9) == 0)) {
		size_t n = 9;

		while (n < len && line[n] != '/' && line[n] != ' ') {
			n++;
		}
		text_copy(text, sizeof text, line + 9, n - 9);
		if (!addr_parse(text, &h->media_addr)) {
			h->media_addr = c->flow->addr[c->side];
		}
	} else if (len > 2 && memcmp(line, "m=", 2) == 0 && h->media < MEDIA_MAX) {
		media_expect(c, line, len);
	}
}

static void body_begin(struct call *c)
{
	struct half *h = c->half;

	h->media_addr = c->flow->addr[c->side];
	h->phase = h->left > 0 ? PHASE_BODY : PHASE_START;
}

/* False when this is no SIP. */
static bool line_end(struct call *c)
{
	struct half *h = c->half;
	const char *line = h->line;
	size_t len = h->have;

	len -= len > 0 && line[len - 1] == '\r';
	switch (h->phase) {
	case PHASE_START:
	case PHASE_SEARCH:
		if (len > 0 && !start_line(c, line, len)) {
			h->phase = PHASE_SEARCH;
			return c->sip->is_claimed;
		}
		break;
	case PHASE_HEADERS:
		if (len == 0) {
			body_begin(c);
		} else {
			header_line(c, line, len);
		}
		break;
	default:
		if (h->is_sdp && !h->is_long) {
			sdp_line(c, line, len);
		}
		break;
	}
	return true;
}

/* Takes a line or a part of one; what exceeds the room is dropped. */
static bool line_take(struct call *c, struct cursor *bytes)
{
	struct half *h = c->half;
	size_t left = cur_left(bytes), n, kept;
	const uint8_t *start = bytes->p, *end;
	bool good = true, in_body = h->phase == PHASE_BODY;

	left = in_body && left > h->left ? h->left : left;
	end = memchr(start, '\n', left);
	n = end != NULL ? (size_t)(end - start) : left;
	kept = n < (size_t)(LINE_LEN - h->have) ? n : (size_t)(LINE_LEN - h->have);
	memcpy(h->line + h->have, start, kept);
	h->have = (uint16_t)(h->have + kept);
	h->is_long |= kept < n;
	n += end != NULL;
	cur_skip(bytes, n);
	h->left -= in_body ? (uint32_t)n : 0;
	if (end != NULL || (in_body && h->left == 0)) {
		good = line_end(c);
		h->have = 0;
		h->is_long = false;
	}
	if (in_body && h->left == 0) {
		h->phase = PHASE_START;
	}
	sink_octets(c->sink, c->side, n, c->sip->entry);
	return good;
}

static void gap(struct half *h, uint64_t lost)
{
	h->have = 0;
	h->is_long = false;
	h->is_sdp = false;
	if (h->phase == PHASE_BODY && lost < h->left) {
		h->left -= (uint32_t)lost;
	} else {
		h->phase = PHASE_SEARCH;
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct sip *sip = state;
	struct call c = {sip, &sip->half[side], side, flow, sink};

	if (!sip->is_claimed) {
		sip->entry = SINK_NO_ENTRY;
	}
	if (lost > 0) {
		gap(c.half, lost);
	} else if (flow->ip_protocol == IP_UDP) {
		*c.half = (struct half){0}; /* a datagram is a message (RFC 3261 18.3) */
	}
	while (cur_left(&bytes) > 0) {
		if (!line_take(&c, &bytes)) {
			sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
			return DISSECT_RELEASE;
		}
	}
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct sip) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "domain of the request", .standard = "RFC 3261 19.1.1",
         .guard = "the host rule; with a dot; what is behind @, of a whole URI only",
         .facts = {"SIP domain"}},
        {FIELD_KEEP, "product of a server and of a telephone", .standard = "RFC 3261 20.35, 20.41",
         .guard = "letters only", .facts = {"SIP product"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, numbers, displayed names, call identifiers, subjects",
         .standard = "RFC 3261 19.1.1, 20"},
        {0},
};

const struct dissector dissector_sip = {
        .name = "sip",
        .protocol = "SIP",
        .ip_protocol = 0,
        .state_size = sizeof(struct sip),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
