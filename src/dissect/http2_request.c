/* Requests of HTTP/2: what their header fields mean (RFC 9113 8.3), and what kind of data they are
 * about. */
#include "http2.h"

#include "host.h"

struct request *http2_request_find(struct http2 *http2, uint32_t id)
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
void http2_request_settle(struct walk *w, struct request *r, enum media answered, bool is_last)
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

struct request *http2_request_begin(struct walk *w, uint32_t id)
{
	struct http2 *http2 = w->http2;
	struct request *last = &http2->requests[STREAMS_MAX - 1];

	http2_request_settle(w, last, MEDIA_NONE, true);
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
struct hpack_meaning http2_read_value(struct walk *w, const struct hpack *h)
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

void http2_say_client(struct walk *w, bool is_this_side)
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
		http2_say_client(w, true);
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
void http2_apply(struct walk *w, const struct hpack_meaning *m)
{
	struct request *r = http2_request_find(w->http2, stream_of(w->h->head));

	if (m->name == HPACK_STATUS) {
		w->h->is_interim = m->value == 1; /* the answer is still to come */
		http2_say_client(w, false);
	}
	if (r == NULL) {
		return;
	}
	if (!w->http2->has_client || (enum side)w->http2->client == w->side) {
		apply_to_request(w, r, m);
	} else if (m->name == HPACK_CONTENT_TYPE && !w->h->is_interim) {
		r->is_grpc = r->is_grpc || (m->value & GRPC) != 0;
		http2_request_settle(w, r, (enum media)(m->value & MEDIA_BITS), true);
	}
}
