/* HTTP/2 in clear text (RFC 9113), begun with its preface or after an upgrade: frames of both
 * directions, bodies skipped by length. Each request is one message, told by its route and media
 * types like HTTP/1's; where header compression refers to what is not known any more, a request is
 * a web request and nothing more. */
#include "http2.h"

enum frame_type {
	DATA,
	HEADERS,
	PRIORITY,
	RST_STREAM,
	SETTINGS,
	PUSH_PROMISE,
	PING,
	GOAWAY,
	WINDOW_UPDATE,
	CONTINUATION
};

enum { END_HEADERS = 0x04, PADDED = 0x08, HAS_PRIORITY = 0x20 };

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"; /* RFC 9113 3.4 */

static uint32_t length_of(const uint8_t head[HEAD_LEN])
{
	return (uint32_t)head[0] << 16 | (uint32_t)head[1] << 8 | head[2];
}

/* True when a frame may begin like this (RFC 9113 4.1 and 6). */
static bool is_frame_head(const uint8_t head[HEAD_LEN])
{
	uint32_t len = length_of(head), stream = stream_of(head);
	uint8_t flags = head[4];

	if (len > FRAME_MAX || (head[5] & 0x80) != 0) {
		return false;
	}
	switch (head[3]) {
	case DATA:
		return stream != 0 && (flags & ~0x09) == 0;
	case HEADERS:
		return stream != 0 && (flags & ~0x2d) == 0 && len > 0;
	case PRIORITY:
		return stream != 0 && len == 5;
	case RST_STREAM:
		return stream != 0 && len == 4;
	case SETTINGS:
		return stream == 0 && len % 6 == 0 && (flags & ~0x01) == 0 &&
		       (flags == 0 || len == 0) && len <= 96;
	case PUSH_PROMISE:
		return stream != 0 && len > 4;
	case PING:
		return stream == 0 && len == 8 && (flags & ~0x01) == 0;
	case GOAWAY:
		return stream == 0 && len >= 8;
	case WINDOW_UPDATE:
		return len == 4;
	case CONTINUATION:
		return stream != 0 && (flags & ~END_HEADERS) == 0;
	default:
		return false;
	}
}

/* Frames that fill the bytes: how many are whole, 0 when one cannot be. The last may go on behind
 * the bytes. */
static unsigned count_frames(const uint8_t *p, size_t n)
{
	unsigned count = 0;

	while (n >= HEAD_LEN) {
		size_t all = HEAD_LEN + length_of(p);

		if (!is_frame_head(p)) {
			return 0;
		}
		if (all > n) {
			return count;
		}
		p += all;
		n -= all;
		count++;
	}
	return n == 0 ? count : 0;
}

/* The server's first words, or two frames or more in the middle. */
static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t n = cur_left(&bytes);

	(void)side;
	(void)flow;
	if (n >= 16 && memcmp(bytes.p, preface, n < PREFACE_LEN ? n : PREFACE_LEN) == 0) {
		return 1;
	}
	return n > (size_t)3 * HEAD_LEN && count_frames(bytes.p, n) >= 2 ? 1 : 0;
}

static bool is_head_of_request(const struct walk *w)
{
	return !w->http2->has_client || (enum side)w->http2->client == w->side;
}

/* The head of a message is complete. */
static void block_end(struct walk *w)
{
	struct request *r = http2_request_find(w->http2, stream_of(w->h->head));

	w->h->is_open = false;
	if (r != NULL && !w->h->is_interim && !w->h->is_promise) {
		http2_request_settle(w, r, MEDIA_NONE, !is_head_of_request(w));
	}
}

static void frame_end(struct walk *w)
{
	struct half *h = w->h;

	if (h->is_open && (h->head[4] & END_HEADERS) != 0) {
		block_end(w);
	}
	h->place = AT_HEAD;
	h->n_head = 0;
}

/* Whose octets the frame is. */
static int entry_of(struct walk *w)
{
	const struct request *r = http2_request_find(w->http2, stream_of(w->h->head));

	return stream_of(w->h->head) != 0 && r != NULL ? r->entry : SINK_NO_ENTRY;
}

static void headers_begin(struct walk *w)
{
	struct half *h = w->h;
	uint32_t stream = stream_of(h->head);
	uint8_t flags = h->head[4];

	h->place = IN_PADDING;
	h->padding = 0;
	h->prefix = (flags & HAS_PRIORITY) != 0 ? 5 : 0;
	h->is_open = true;
	h->is_interim = false;
	h->is_promise = h->head[3] == PUSH_PROMISE;
	hpack_begin(&h->hpack);
	if (h->is_promise) {
		h->prefix = 4;
	} else if (is_head_of_request(w) && http2_request_find(w->http2, stream) == NULL) {
		http2_request_begin(w, stream);
	}
	h->prefix = (uint8_t)(h->prefix + ((flags & PADDED) != 0));
	if (h->prefix == 0) {
		h->place = IN_BLOCK;
	}
}

static void lose_track(struct walk *w)
{
	w->h->place = LOST;
	w->h->n_head = 0;
	w->h->is_open = false;
	hpack_lose(&w->h->hpack);
}

static void frame_begin(struct walk *w)
{
	struct half *h = w->h;
	struct request *r = http2_request_find(w->http2, stream_of(h->head));

	/* types that are not known here are to be passed over (RFC 9113 5.5) */
	if (h->head[3] <= CONTINUATION ? !is_frame_head(h->head) : length_of(h->head) > FRAME_MAX) {
		sink_octets(w->sink, w->side, HEAD_LEN, SINK_NO_ENTRY);
		lose_track(w);
		return;
	}
	h->left = length_of(h->head);
	h->place = IN_BODY;
	switch (h->head[3]) {
	case HEADERS:
	case PUSH_PROMISE:
		headers_begin(w);
		break;
	case CONTINUATION:
		h->place = h->is_open ? IN_BLOCK : IN_BODY;
		h->padding = 0;
		break;
	case RST_STREAM:
		if (r != NULL && stream_of(h->head) != 0) {
			http2_request_settle(w, r, MEDIA_NONE, true);
		}
		break;
	default:
		break;
	}
	sink_octets(w->sink, w->side, HEAD_LEN, entry_of(w));
	if (h->left == 0) {
		frame_end(w);
	}
}

static void head_take(struct walk *w)
{
	struct half *h = w->h;

	while (h->n_head < HEAD_LEN && w->p < w->end) {
		h->head[h->n_head++] = *w->p++;
	}
	if (h->n_head == HEAD_LEN) {
		frame_begin(w);
	}
}

/* Takes an octet before the block: of the length of the padding, else of what is of no interest. */
static void prefix_take(struct walk *w)
{
	struct half *h = w->h;
	uint8_t c = *w->p++;

	if ((h->head[4] & PADDED) != 0 && h->padding == 0) {
		h->padding = c;
		h->head[4] &= (uint8_t)~PADDED;
	}
	h->left--;
	if (--h->prefix == 0) {
		h->place = h->left > h->padding ? IN_BLOCK : IN_BODY;
	}
	sink_octets(w->sink, w->side, 1, entry_of(w));
	if (h->left == 0) {
		frame_end(w);
	}
}

static void block_take(struct walk *w)
{
	struct half *h = w->h;
	uint32_t n = 0;

	while (w->p < w->end && h->left > h->padding) {
		struct hpack_meaning m;
		enum hpack_result result = hpack_take(&h->hpack, *w->p++, &m);

		if (result == HPACK_TEXT_FIELD) {
			m = http2_read_value(w, &h->hpack);
			if (m.name != HPACK_AUTHORIZATION && m.name != HPACK_SERVER) {
				hpack_learn(&h->hpack, &m);
			}
		}
		if (result == HPACK_ERROR) {
			m.name = HPACK_UNKNOWN;
		}
		if (result != HPACK_MORE && !h->is_promise) {
			http2_apply(w, &m);
		}
		h->left--;
		n++;
	}
	if (h->left <= h->padding) {
		h->place = IN_BODY;
	}
	sink_octets(w->sink, w->side, n, entry_of(w));
	if (h->left == 0) {
		frame_end(w);
	}
}

static void body_take(struct walk *w)
{
	struct half *h = w->h;
	size_t n = (size_t)(w->end - w->p) < h->left ? (size_t)(w->end - w->p) : h->left;

	w->p += n;
	h->left -= (uint32_t)n;
	sink_octets(w->sink, w->side, n, entry_of(w));
	if (h->left == 0) {
		frame_end(w);
	}
}

static void preface_take(struct walk *w)
{
	struct half *h = w->h;

	while (h->n_head < PREFACE_LEN && w->p < w->end) {
		h->n_head++;
		w->p++;
		sink_octets(w->sink, w->side, 1, SINK_NO_ENTRY);
	}
	if (h->n_head == PREFACE_LEN) {
		h->place = AT_HEAD;
		h->n_head = 0;
	}
}

/* Behind a hole: a piece of the stream that is made of frames is taken up again. */
static void regain_track(struct walk *w)
{
	if (count_frames(w->p, (size_t)(w->end - w->p)) > 0) {
		w->h->place = AT_HEAD;
		w->h->n_head = 0;
		return;
	}
	sink_octets(w->sink, w->side, (uint64_t)(w->end - w->p), SINK_NO_ENTRY);
	w->p = w->end;
}

static void cross_gap(struct walk *w, uint64_t lost)
{
	struct half *h = w->h;

	if (h->place == IN_BODY && lost <= h->left) {
		h->left -= (uint32_t)lost;
		if (h->left == 0) {
			frame_end(w);
		}
	} else {
		lose_track(w);
	}
}

static void begin(struct http2 *http2, struct walk *w)
{
	http2->is_begun = true;
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		http2->requests[i].entry = SINK_NO_ENTRY;
	}
	if (w->p < w->end && *w->p == 'P') { /* no frame is that long */
		w->h->place = IN_PREFACE;
		http2_say_client(w, true);
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct http2 *http2 = state;
	struct walk w = {bytes.p, bytes.end, http2, &http2->half[side], side, sink};

	(void)flow;
	if (!http2->is_begun) {
		begin(http2, &w);
	}
	if (lost > 0) {
		cross_gap(&w, lost);
	}
	while (w.p < w.end) {
		switch (w.h->place) {
		case IN_PREFACE:
			preface_take(&w);
			break;
		case IN_PADDING:
			prefix_take(&w);
			break;
		case IN_BLOCK:
			block_take(&w);
			break;
		case IN_BODY:
			body_take(&w);
			break;
		case LOST:
			regain_track(&w);
			break;
		default:
			head_take(&w);
			break;
		}
	}
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "host that is asked for (:authority, Host)", .standard = "RFC 9113 8.3.1",
         .guard = "the host rule; user information cut off", .names = {NAME_HTTP_HOST},
         .evidence = {EVIDENCE_TLS_SNI}},
        {FIELD_KEEP, "FHIR resource type and operation", .standard = "FHIR http.html",
         .guard = "constants of ours: no octet of a path gets out",
         .evidence = {EVIDENCE_FHIR_TYPE, EVIDENCE_FHIR_OPERATION}},
        {FIELD_KEEP, "route of DICOMweb and of other known services; type of the content",
         .standard = "DICOM PS3.18; RFC 9110 8.3",
         .guard = "constants of ours: no octet of a path gets out",
         .evidence = {EVIDENCE_HTTP_ROUTE, EVIDENCE_HTTP_CONTENT_TYPE}, .facts = {"HTTP content"}},
        {FIELD_KEEP, "product of the server", .standard = "RFC 9110 10.2.4",
         .guard = "first word, letters only", .facts = {"HTTP server"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "paths, queries and bodies, with the identifiers, names and UIDs in them",
         .standard = "RFC 9113 8.3.1"},
        {FIELD_NEVER, "Authorization, cookies and all other header fields", .standard = "RFC 9110"},
        {0},
};

const struct dissector dissector_http2 = {
        .name = "http2",
        .protocol = "HTTP2",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct http2),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
