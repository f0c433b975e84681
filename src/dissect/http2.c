/* HTTP/2 in clear text (RFC 9113), begun with its preface or after an upgrade: frames of both
 * directions, bodies skipped by length. Each request is one message, told by its route and media
 * types like HTTP/1's; where header compression refers to what is not known any more, a request is
 * a web request and nothing more. */
#include "host.h"
#include "hpack.h"

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

enum {
	PREFACE_LEN = 24,
	HEAD_LEN = 9,
	FRAME_MAX =
	        1
	        << 20, /* longer ones are allowed to no one by default (16 KiB), and used by none */
	STREAMS_MAX = 5, /* requests that wait for their answer, or have a body */
	HOST_ROOM = 56,
	SERVER_MAX = 32,
};

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"; /* RFC 9113 3.4 */

enum place { AT_HEAD, IN_PREFACE, IN_PADDING, IN_BLOCK, IN_BODY, LOST };

/* A request, with what its head and its answer's head have said. */
struct request {
	uint32_t id; /* of its stream; 0: no request */
	int entry;   /* SINK_NO_ENTRY while it is undecided */
	struct route route;
	uint8_t method, media, accept;
	bool is_blind; /* something of it is not known */
	bool has_host, has_method, is_grpc;
};

struct half {
	uint8_t place, n_head;
	uint8_t prefix;  /* octets before the block: length of padding, priority, promised stream */
	uint8_t padding; /* behind the block */
	bool is_interim; /* the head is of a 1xx */
	bool is_promise; /* the head is of a request that the server makes up */
	bool is_open;    /* the block goes on in the next frame */
	uint8_t head[HEAD_LEN];
	uint32_t left; /* of the frame */
	struct hpack hpack;
};

struct http2 {
	struct half half[2];
	struct request requests[STREAMS_MAX]; /* newest first */
	uint8_t client;
	uint8_t host_number; /* of the host below */
	bool is_begun, has_client, server_noted;
	char host[HOST_ROOM];
};

_Static_assert(sizeof(struct http2) <= DISSECT_STATE_MAX, "state of a flow");

/* What a call works on. */
struct walk {
	const uint8_t *p, *end;
	struct http2 *http2;
	struct half *h;
	enum side side;
	struct sink *sink;
};

static uint32_t length_of(const uint8_t head[HEAD_LEN])
{
	return (uint32_t)head[0] << 16 | (uint32_t)head[1] << 8 | head[2];
}

static uint32_t stream_of(const uint8_t head[HEAD_LEN])
{
	return ((uint32_t)head[5] << 24 | (uint32_t)head[6] << 16 | (uint32_t)head[7] << 8 |
	        head[8]) &
	       0x7fffffff;
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

/* ---- requests ---- */

static struct request *request_find(struct http2 *http2, uint32_t id)
{
	for (size_t i = 0; i < STREAMS_MAX; i++) {
		if (http2->requests[i].id == id) {
			return &http2->requests[i];
		}
	}
	return NULL;
}

/* Where its information goes; a method that is not known may have been either. */
static enum info_direction way_of(const struct request *r)
{
	return r->is_blind && !r->has_method ? INFO_BOTH
	                                     : http_direction((enum method)r->method, &r->route);
}

/* Counts a request for what it is; the octets that were kept back for it are booked. */
static void decide(struct walk *w, struct request *r, const char *protocol, enum evidence_type type,
                   const char *text)
{
	enum side client = (enum side)w->http2->client;

	sink_protocol(w->sink, protocol);
	r->entry = sink_evidence(w->sink, type, text, client, way_of(r), 1);
	sink_octets(w->sink, client, 0, r->entry);
	if (r->is_grpc) {
		sink_fact(w->sink, "HTTP content", "application/grpc", 16);
	}
}

/* Decides by what is known; `is_last` when no more will be. */
static void settle(struct walk *w, struct request *r, enum media answered, bool is_last)
{
	static const char *const protocols[] = {
	        [MEDIA_FHIR] = "FHIR", [MEDIA_DICOM] = "DICOMweb", [MEDIA_HL7] = "HL7v2"};
	struct route route = r->method == METHOD_POST ? http_route_post(r->route) : r->route;
	enum media media =
	        (enum media)(http_media_text((enum media)r->media) != NULL ? r->media : answered);

	if (r->id == 0 || r->entry != SINK_NO_ENTRY) {
		return;
	}
	r->route = route;
	if (route.family != ROUTE_WEB &&
	    (route.is_proven || http_media_confirms(&route, (enum media)r->media) ||
	     http_media_confirms(&route, (enum media)r->accept) ||
	     http_media_confirms(&route, answered))) {
		decide(w, r, http_route_protocol(&route), (enum evidence_type)route.type,
		       route.text);
	} else if (http_media_text(media) != NULL && (is_last || media == (enum media)r->media)) {
		decide(w, r, protocols[media], EVIDENCE_HTTP_CONTENT_TYPE, http_media_text(media));
	} else if (is_last && r->has_host && w->http2->host[0] != '\0') {
		r->route.is_to_client = false;
		decide(w, r, "HTTP2", EVIDENCE_TLS_SNI, w->http2->host);
	} else if (is_last) {
		r->route.is_to_client = false;
		decide(w, r, "HTTP2", EVIDENCE_PROTOCOL, "HTTP2");
	}
}

static struct request *request_begin(struct walk *w, uint32_t id)
{
	struct http2 *http2 = w->http2;
	struct request *last = &http2->requests[STREAMS_MAX - 1];

	settle(w, last, MEDIA_NONE, true);
	memmove(http2->requests + 1, http2->requests, (STREAMS_MAX - 1) * sizeof *last);
	http2->requests[0] = (struct request){.id = id, .entry = SINK_NO_ENTRY};
	return &http2->requests[0];
}

/* ---- header fields ---- */

/* A host by which the server was addressed. */
static uint8_t host_read(struct walk *w, const struct hpack *h)
{
	struct http2 *http2 = w->http2;
	char host[HOST_MAX];
	size_t len = host_keep_authority(host, h->text, h->n_text);

	if (len > 0 && !h->is_cut) {
		sink_name(w->sink, w->side == SIDE_0 ? SIDE_1 : SIDE_0, NAME_HTTP_HOST, host, len);
	}
	len = len < HOST_ROOM && !h->is_cut ? len : 0;
	if (strlen(http2->host) != len || memcmp(http2->host, host, len) != 0) {
		text_copy(http2->host, HOST_ROOM, host, len);
		http2->host_number++;
	}
	return http2->host_number;
}

static void server_read(struct walk *w, const struct hpack *h)
{
	size_t n = 0;

	while (n < h->n_text && n < SERVER_MAX &&
	       ((h->text[n] >= 'a' && h->text[n] <= 'z') ||
	        (h->text[n] >= 'A' && h->text[n] <= 'Z') || h->text[n] == '-' ||
	        h->text[n] == '.')) {
		n++;
	}
	if (n > 0 && !w->http2->server_noted) {
		w->http2->server_noted = true;
		sink_fact(w->sink, "HTTP server", h->text, n);
	}
}

enum { MEDIA_BITS = 0x7f, GRPC = 0x80 }; /* beside a medium */

/* What a value means. A path that is cut may end in the middle of a word, and means nothing. */
static struct hpack_meaning read_value(struct walk *w, const struct hpack *h)
{
	struct hpack_meaning m = {.name = h->name};

	switch (h->name) {
	case HPACK_AUTHORITY:
		m.value = host_read(w, h);
		break;
	case HPACK_METHOD:
		m.value = (uint8_t)http_method(h->text, h->n_text);
		break;
	case HPACK_PATH:
		m.name = h->is_cut && memchr(h->text, '?', h->n_text) == NULL ? HPACK_UNKNOWN
		                                                              : HPACK_PATH;
		m.route = http_route(h->text, h->n_text);
		break;
	case HPACK_STATUS:
		m.value = h->n_text == 3 && h->text[0] >= '1' && h->text[0] <= '5'
		                  ? (uint8_t)(h->text[0] - '0')
		                  : 0;
		break;
	case HPACK_ACCEPT:
	case HPACK_CONTENT_TYPE:
		m.value = (uint8_t)http_media(h->text, h->n_text);
		m.value |=
		        h->n_text >= 16 && memcmp(h->text, "application/grpc", 16) == 0 ? GRPC : 0;
		break;
	case HPACK_AUTHORIZATION:
		m.value = h->n_text == 6 &&
		          (memcmp(h->text, "Basic ", 6) == 0 || memcmp(h->text, "basic ", 6) == 0);
		break;
	case HPACK_SERVER:
		server_read(w, h);
		break;
	default:
		break;
	}
	return m;
}

static void say_client(struct walk *w, bool is_this_side)
{
	struct http2 *http2 = w->http2;

	if (!http2->has_client) {
		http2->has_client = true;
		http2->client = (uint8_t)(w->side == SIDE_0 ? !is_this_side : is_this_side);
		sink_client(w->sink, (enum side)http2->client);
	}
}

static void apply_to_request(struct walk *w, struct request *r, const struct hpack_meaning *m)
{
	switch (m->name) {
	case HPACK_AUTHORITY:
		r->has_host = m->value == w->http2->host_number;
		break;
	case HPACK_METHOD:
		say_client(w, true);
		r->method = m->value;
		r->has_method = true;
		break;
	case HPACK_PATH:
		r->route = m->route;
		break;
	case HPACK_ACCEPT:
		r->accept = m->value & MEDIA_BITS;
		break;
	case HPACK_CONTENT_TYPE:
		r->media = m->value & MEDIA_BITS;
		r->is_grpc = (m->value & GRPC) != 0;
		break;
	case HPACK_AUTHORIZATION:
		if (m->value != 0) {
			sink_fact(w->sink, FACT_SIGN_IN, "HTTP Basic", 10);
		}
		break;
	case HPACK_UNKNOWN:
		r->is_blind = true;
		break;
	default:
		break;
	}
}

/* A complete field of a request or an answer. Of an answer the medium decides what is still
 * undecided. */
static void apply(struct walk *w, const struct hpack_meaning *m)
{
	struct request *r = request_find(w->http2, stream_of(w->h->head));

	if (m->name == HPACK_STATUS) {
		w->h->is_interim = m->value == 1; /* the answer is still to come */
		say_client(w, false);
	}
	if (r == NULL) {
		return;
	}
	if (!w->http2->has_client || (enum side)w->http2->client == w->side) {
		apply_to_request(w, r, m);
	} else if (m->name == HPACK_CONTENT_TYPE && !w->h->is_interim) {
		r->is_grpc = r->is_grpc || (m->value & GRPC) != 0;
		settle(w, r, (enum media)(m->value & MEDIA_BITS), true);
	}
}

/* ---- frames ---- */

static bool is_head_of_request(const struct walk *w)
{
	return !w->http2->has_client || (enum side)w->http2->client == w->side;
}

/* The head of a message is complete. */
static void block_end(struct walk *w)
{
	struct request *r = request_find(w->http2, stream_of(w->h->head));

	w->h->is_open = false;
	if (r != NULL && !w->h->is_interim && !w->h->is_promise) {
		settle(w, r, MEDIA_NONE, !is_head_of_request(w));
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
	const struct request *r = request_find(w->http2, stream_of(w->h->head));

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
	} else if (is_head_of_request(w) && request_find(w->http2, stream) == NULL) {
		request_begin(w, stream);
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
	struct request *r = request_find(w->http2, stream_of(h->head));

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
			settle(w, r, MEDIA_NONE, true);
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
			m = read_value(w, &h->hpack);
			if (m.name != HPACK_AUTHORIZATION && m.name != HPACK_SERVER) {
				hpack_learn(&h->hpack, &m);
			}
		}
		if (result == HPACK_ERROR) {
			m.name = HPACK_UNKNOWN;
		}
		if (result != HPACK_MORE && !h->is_promise) {
			apply(w, &m);
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
		say_client(w, true);
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

const struct dissector dissector_http2 = {
        .name = "http2",
        .protocol = "HTTP2",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct http2),
        .has_messages = true,
        .recognise = recognise,
        .dissect = dissect,
};
