/* HTTP/1.x (RFC 9112): follows requests and responses of both directions and skips bodies by
 * length. Paths, queries and most header fields pass unread. FHIR, DICOMweb, SOAP, HL7 and IPP over
 * HTTP are told from it request by request. */
#include "http.h"

#include <string.h>

/* The room for a side's lines. Between chunks a client's are short, since a scan of the body works
 * behind. */
static char *line_of(struct http *http, enum side side, size_t *size)
{
	enum phase phase = (enum phase)http->half[side].phase;

	if (side != http->client) {
		*size = SHORT_LINE;
		return http->short_line;
	}
	*size = phase <= PHASE_HEADERS || phase == PHASE_SEARCH ? LONG_LINE : SHORT_LINE;
	return http->long_line;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const char *p = (const char *)bytes.p;
	size_t left = cur_left(&bytes);
	const char *end = memchr(p, '\n', left < LONG_LINE ? left : LONG_LINE);
	size_t len = end != NULL ? (size_t)(end - p) : left;

	(void)side;
	(void)flow;
	len -= end != NULL && len > 0 && p[len - 1] == '\r';
	return http_is_start_line(p, len, end == NULL) ? 1 : 0;
}

/* The message is complete; its entry stays until the next one's first octet. */
static void message_end(struct http_call *c)
{
	if (!c->half->is_response && c->http->scan != SCAN_NONE) {
		http_kind_scan_end(c);
	}
	c->half->phase = PHASE_START;
	c->half->line_len = 0;
}

static void body_begin(struct http_call *c, bool has_body)
{
	struct http_half *h = c->half;

	if (has_body && h->is_chunked) {
		h->phase = PHASE_CHUNK_SIZE;
		h->left = 0;
	} else if (has_body && h->has_length && h->left > 0) {
		h->phase = PHASE_BODY;
	} else if (has_body && h->is_response && !h->has_length) {
		h->phase = PHASE_TO_CLOSE;
	} else {
		message_end(c);
	}
}

static void queue_push(struct http *http)
{
	if (http->queued == QUEUE_MAX) {
		memmove(http->queue, http->queue + 1, (QUEUE_MAX - 1) * sizeof http->queue[0]);
		http->queued--;
	}
	http->queue[http->queued++] =
	        (struct http_waiting){.entry = SINK_NO_ENTRY, .method = http->method};
	http->is_undecided = true;
}

static struct http_waiting queue_pop(struct http *http)
{
	struct http_waiting first = http->queue[0];

	http->queued--;
	memmove(http->queue, http->queue + 1, http->queued * sizeof http->queue[0]);
	return first;
}

/* The connection goes on as something else, of which nothing is read here. */
static enum dissect_verdict upgrade(struct http_call *c, enum upgrade to)
{
	if (to == UPGRADE_HTTP2) {
		return DISSECT_RELEASE; /* the client's preface follows (RFC 7540 3.2) */
	}
	if (to == UPGRADE_WEBSOCKET) {
		sink_protocol(c->sink, "WebSocket");
		c->half->entry = sink_evidence(c->sink, EVIDENCE_PROTOCOL, "WebSocket",
		                               (enum side)c->http->client, INFO_MSG, 0);
	}
	return DISSECT_DONE;
}

/* Through a tunnel the client speaks first where it is TLS (RFC 8446 5.1: a handshake record). */
static enum dissect_verdict tunnel_take(struct http_call *c, struct cursor *bytes)
{
	if (c->half->is_response) {
		sink_octets(c->sink, c->side, cur_left(bytes), c->half->entry);
		cur_skip(bytes, cur_left(bytes));
		return DISSECT_FOLLOW;
	}
	http_kind_of_tunnel(c, *bytes->p == 0x16);
	return DISSECT_DONE;
}

static enum dissect_verdict response_head_end(struct http_call *c)
{
	struct http *http = c->http;
	struct http_half *h = c->half;
	struct http_waiting request;

	if (h->status < 200 && h->status != 101) {
		message_end(c); /* the response is still to come */
		return DISSECT_FOLLOW;
	}
	if (http->queued == 0) { /* the request was not seen */
		http->method = METHOD_GET;
		http->route = (struct route){0};
		http->is_soap = false;
		http->host[0] = '\0';
		queue_push(http);
	}
	if (http->queue[0].method == METHOD_CONNECT && h->status < 300) {
		http->half[0].phase = http->half[1].phase = PHASE_TUNNEL;
		return DISSECT_FOLLOW;
	}
	if (http->queued == 1) {
		http_kind_settle(c, (enum media)h->media);
	}
	request = queue_pop(http);
	h->entry = request.entry;
	if (h->status == 101) {
		return upgrade(c, (enum upgrade)h->upgrade);
	}

	body_begin(c, request.method != METHOD_HEAD && h->status != 204 && h->status != 304);
	return DISSECT_FOLLOW;
}

static enum dissect_verdict head_end(struct http_call *c)
{
	if (c->half->is_response) {
		return response_head_end(c);
	}
	queue_push(c->http);
	http_kind_of_request(c);
	body_begin(c, c->http->method != METHOD_CONNECT);
	return DISSECT_FOLLOW;
}

/* The size of a chunk, in hexadecimal, extensions behind it (RFC 9112 7.1). */
static void chunk_line(struct http_call *c, const char *line, size_t len)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t size = 0;
	size_t n = 0;

	for (; n < len && n < 15; n++) {
		char ch = line[n] >= 'A' && line[n] <= 'F' ? (char)(line[n] + 32) : line[n];
		const char *at = memchr(digits, ch, 16);

		if (at == NULL) {
			break;
		}
		size = size << 4 | (uint64_t)(at - digits);
	}
	c->half->left = size;
	c->half->phase = n == 0 ? PHASE_SEARCH : size == 0 ? PHASE_TRAILERS : PHASE_CHUNK;
}

static enum dissect_verdict line_end(struct http_call *c, const char *line, size_t len, bool is_cut)
{
	switch (c->half->phase) {
	case PHASE_START:
	case PHASE_SEARCH:
		if (len > 0 && !http_start_line(c, line, len, is_cut)) {
			c->half->phase = PHASE_SEARCH;
			return c->http->is_claimed ? DISSECT_FOLLOW : DISSECT_RELEASE;
		}
		break;
	case PHASE_HEADERS:
		if (len == 0) {
			return head_end(c);
		}
		http_header_line(c, line, len);
		break;
	case PHASE_CHUNK_SIZE:
		chunk_line(c, line, len);
		break;
	case PHASE_CHUNK_END:
		c->half->phase = PHASE_CHUNK_SIZE;
		break;
	default: /* PHASE_TRAILERS */
		if (len == 0) {
			message_end(c);
		}
		break;
	}
	return DISSECT_FOLLOW;
}

/* Takes a line or a part of one; what exceeds the room is dropped. */
static enum dissect_verdict line_take(struct http_call *c, struct cursor *bytes)
{
	struct http_half *h = c->half;
	size_t size, left = cur_left(bytes), n, kept;
	char *line = line_of(c->http, c->side, &size);
	const uint8_t *start = bytes->p, *end = memchr(start, '\n', left);
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	n = end != NULL ? (size_t)(end - start) : left;
	kept = n < size - h->line_len ? n : size - h->line_len;
	memcpy(line + h->line_len, start, kept);
	h->line_len = (uint16_t)(h->line_len + kept);
	cur_skip(bytes, end != NULL ? n + 1 : n);
	if (end != NULL) {
		size_t len = h->line_len;

		h->line_len = 0;
		verdict = line_end(c, line, len > 0 && line[len - 1] == '\r' ? len - 1 : len,
		                   len == size);
	}
	sink_octets(c->sink, c->side, (uint64_t)(bytes->p - start), h->entry);
	return verdict;
}

/* `n` octets of the body, seen or lost, are behind. */
static void body_pass(struct http_call *c, uint64_t n)
{
	struct http_half *h = c->half;

	if (h->phase == PHASE_TO_CLOSE) {
		return;
	}
	h->left -= n;
	if (h->left == 0 && h->phase == PHASE_BODY) {
		message_end(c);
	} else if (h->left == 0) {
		h->phase = PHASE_CHUNK_END;
	}
}

/* Passes over a body, looking only where an action or a type is to be found at its start. */
static void body_take(struct http_call *c, struct cursor *bytes)
{
	struct http_half *h = c->half;
	size_t n = cur_left(bytes);
	const uint8_t *start = bytes->p;

	if (h->phase != PHASE_TO_CLOSE && n > h->left) {
		n = (size_t)h->left;
	}
	cur_skip(bytes, n);
	if (!h->is_response && c->http->scan != SCAN_NONE) {
		http_kind_scan(c, start, n);
	}
	body_pass(c, n);
	sink_octets(c->sink, c->side, n, h->entry);
}

/* Octets are missing: within a body that is no matter, elsewhere the next start line must be found.
 */
static void gap(struct http_call *c, uint64_t lost)
{
	struct http_half *h = c->half;

	if (!h->is_response && c->http->scan != SCAN_NONE) {
		http_kind_scan_end(c);
	}
	if ((h->phase == PHASE_BODY || h->phase == PHASE_CHUNK) && lost <= h->left) {
		body_pass(c, lost);
	} else if (h->phase != PHASE_TO_CLOSE && h->phase != PHASE_TUNNEL) {
		if (c->side == (enum side)c->http->client) {
			http_kind_settle(c, MEDIA_NONE);
		}
		h->phase = PHASE_SEARCH;
		h->line_len = 0;
		h->entry = SINK_NO_ENTRY;
	}
}

/* One side begins to speak after the other did: where a search may begin again, and where a
 * response without length ends if more was asked meanwhile. */
static void burst_begin(struct http_call *c)
{
	struct http_half *h = c->half;

	if (h->phase == PHASE_TO_CLOSE && c->http->queued > 0) {
		h->phase = PHASE_SEARCH;
		h->entry = SINK_NO_ENTRY;
	}
	if (h->phase == PHASE_SEARCH) {
		h->line_len = 0;
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct http *http = state;
	struct http_call c = {http, &http->half[side], side, sink};
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	(void)flow;
	if (!http->is_begun) {
		http->client = http->last_side = (uint8_t)side;
		http->half[0].entry = http->half[1].entry = SINK_NO_ENTRY;
		http->is_begun = true;
	} else if (lost > 0) {
		gap(&c, lost);
	}
	if (http->last_side != side) {
		burst_begin(&c);
		http->last_side = (uint8_t)side;
	}
	while (cur_left(&bytes) > 0 && verdict == DISSECT_FOLLOW) {
		enum phase phase = (enum phase)c.half->phase;

		if (phase == PHASE_START && c.half->line_len == 0) {
			c.half->entry = SINK_NO_ENTRY;
			if (side == http->client) {
				http_kind_settle(&c, MEDIA_NONE);
			}
		}
		if (phase == PHASE_BODY || phase == PHASE_CHUNK || phase == PHASE_TO_CLOSE) {
			body_take(&c, &bytes);
		} else if (phase == PHASE_TUNNEL) {
			verdict = tunnel_take(&c, &bytes);
		} else {
			verdict = line_take(&c, &bytes);
		}
	}
	if (cur_left(&bytes) > 0) {
		sink_octets(sink, side, cur_left(&bytes), c.half->entry);
	}
	return verdict;
}

_Static_assert(sizeof(struct http) <= DISSECT_STATE_MAX, "state fits");
_Static_assert(SHORT_LINE + SCAN_ROOM <= LONG_LINE, "a scan fits behind a line");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "host that is asked for (Host); target of CONNECT", .standard = "RFC 9110 7.2",
         .guard = "the host rule; user information cut off; none of a line that is cut",
         .names = {NAME_HTTP_HOST}, .evidence = {EVIDENCE_TLS_SNI}, .facts = {"HTTP CONNECT"}},
        {FIELD_KEEP, "FHIR resource type and operation", .standard = "FHIR http.html",
         .guard = "constants of ours: no octet of a path gets out",
         .evidence = {EVIDENCE_FHIR_TYPE, EVIDENCE_FHIR_OPERATION}},
        {FIELD_KEEP, "route of DICOMweb and of other known services; type of the content",
         .standard = "DICOM PS3.18; RFC 9110 8.3",
         .guard = "constants of ours: no octet of a path gets out",
         .evidence = {EVIDENCE_HTTP_ROUTE, EVIDENCE_HTTP_CONTENT_TYPE}},
        {FIELD_KEEP, "SOAP action, ebXML service, ITK name space, interaction id",
         .standard = "SOAP 1.2 part 2 A",
         .guard = "grammar of urn:; no run of nine digits, no NHS number, no UUID, no OID",
         .evidence = {EVIDENCE_SOAP_ACTION, EVIDENCE_SPINE_SERVICE, EVIDENCE_XML_NS}},
        {FIELD_KEEP, "type of an HL7 message inside (MSH-9)", .standard = "HL7 v2 chapter 2, MSH",
         .guard = "codes of three", .evidence = {EVIDENCE_HL7_MSH9}},
        {FIELD_KEEP, "MESH workflow id and mailboxes", .standard = "MESH API",
         .facts = {"MESH workflow", "MESH from", "MESH to"}},
        {FIELD_GUARD, "queue of a printer (IPP)", .standard = "RFC 8011 5.4 printer-uri",
         .guard = "one segment behind /printers/; letters, digits, _ - .",
         .evidence = {EVIDENCE_PRINT_QUEUE}},
        {FIELD_KEEP, "product of the server", .standard = "RFC 9110 10.2.4",
         .guard = "first word, letters only", .facts = {"HTTP server"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER,
         "paths, queries, form data and bodies, with the identifiers, names and UIDs in them",
         .standard = "RFC 9110 7.1"},
        {FIELD_NEVER, "Authorization, cookies, Referer, user agent and all other header fields",
         .standard = "RFC 9110"},
        {FIELD_NEVER,
         "of MESH: subject, file name, local id, message id; of IPP: job, document, user",
         .standard = "MESH API; RFC 8011 5.3"},
        {0},
};

const struct dissector dissector_http = {
        .name = "http",
        .protocol = "HTTP",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct http),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
