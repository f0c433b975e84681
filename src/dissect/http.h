#ifndef TERRIER_DISSECT_HTTP_H
#define TERRIER_DISSECT_HTTP_H

#include "terrier/dissect.h"

/* What the parts of the HTTP dissector share. http.c follows the stream and hands whole lines to
 * http_head.c, which reads start lines and header fields; http_kind.c decides what a request is.
 * http_route.c (paths, media types) and http_body.c (SOAP, HL7) know neither streams nor the sink.
 */

/* Media types that tell a kind; the rest is MEDIA_OTHER. */
enum media {
	MEDIA_NONE,
	MEDIA_OTHER,
	MEDIA_FHIR,
	MEDIA_DICOM,
	MEDIA_HL7,
	MEDIA_IPP,
	MEDIA_SOAP,
	MEDIA_XML, /* may turn out to be SOAP */
};

/* Methods, as far as they differ here: those that only ask are METHOD_GET, those that change
 * something METHOD_PUT. */
enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PUT, METHOD_CONNECT };

/* What a Content-Type or Accept value says; lower case is not required. */
enum media http_media(const char *value, size_t len);

/* The row of the catalogue for a medium, "application/fhir+json"; NULL when it has none. */
const char *http_media_text(enum media media);

enum route_family { ROUTE_WEB, ROUTE_FHIR, ROUTE_DICOMWEB, ROUTE_MESH };

/* What a request is about: constants only, nothing of the path itself. */
struct route {
	uint8_t family;    /* enum route_family */
	bool is_proven;    /* the path alone is proof; otherwise a media type must confirm it */
	uint8_t type;      /* enum evidence_type of `text` */
	bool is_to_client; /* whatever the method, information goes to the client (`_search`) */
	bool is_base;      /* what is posted there is not what is got there */
	const char *text;  /* evidence; NULL when the family is ROUTE_WEB */
};

/* Reads the path and the query of a request target ("/fhir/Patient?x"). */
struct route http_route(const char *target, size_t len);

/* What the same target is about when something is posted to it. */
struct route http_route_post(struct route r);

/* The protocol of a route: FHIR, DICOMweb or HTTP. */
const char *http_route_protocol(const struct route *r);

/* True when a medium says the same as the route. */
bool http_media_confirms(const struct route *r, enum media media);

/* The method of "GET"; METHOD_GET for one that is not known. */
enum method http_method(const char *text, size_t len);

/* Where information goes: with the method, or as a query sent by POST. */
enum info_direction http_direction(enum method method, const struct route *r);

#define ACTION_MAX 96 /* longest SOAP action with its NUL */

/* Takes a SOAP action or ebXML service from `text` if it is a URN of strict grammar, quotes
 * allowed, without what replies and asynchronous variants append. Returns the type of evidence,
 * EVIDENCE_NONE when refused. */
enum evidence_type http_action(char out[ACTION_MAX], const char *text, size_t len);

/* Reads the action, the service or the name space of a SOAP envelope from its start, in pieces. */
struct soap_scan {
	uint16_t seen;
	uint8_t phase, element, have;
	bool in_body, is_over;
};

/* Takes a piece of the body; `work` is scratch of `size` bytes kept between calls. Sets `*type` and
 * `out` when something was found; `scan->is_over` when there is no more to look for. */
void soap_scan_take(struct soap_scan *scan, char *work, size_t size, const uint8_t *bytes,
                    size_t len, uint8_t *type, char out[ACTION_MAX]);

/* Reads MSH-9 from the first line of an HL7 message: "ADT^A01". False when it is none. */
bool http_hl7_type(char out[ACTION_MAX], const char *line, size_t len);

/* Reads the start of an IPP request: where it moves information, and the name of its printer into `out`; empty when it
 * has none. INFO_MSG when it is too short to say. */
enum info_direction http_ipp(char out[ACTION_MAX], const char *body, size_t len);

enum phase {
	PHASE_START, /* of a message */
	PHASE_HEADERS,
	PHASE_BODY, /* `left` octets */
	PHASE_CHUNK_SIZE,
	PHASE_CHUNK,     /* `left` octets */
	PHASE_CHUNK_END, /* the line end behind a chunk */
	PHASE_TRAILERS,
	PHASE_TO_CLOSE,
	PHASE_TUNNEL, /* behind a CONNECT that was granted */
	PHASE_SEARCH, /* for the next start line, after a gap or nonsense */
};

enum upgrade { UPGRADE_OTHER, UPGRADE_WEBSOCKET, UPGRADE_HTTP2 };
enum scan { SCAN_NONE, SCAN_SOAP, SCAN_HL7, SCAN_IPP };

#define LONG_LINE  320 /* octets of a line that are read: of the client */
#define SHORT_LINE 80  /* … and of the server */
#define SCAN_ROOM  240 /* octets of a body that are read at a time */
#define QUEUE_MAX  8   /* requests that wait for their response */
#define HOST_TEXT  72  /* host name that is evidence */

/* One direction, and the message in it. */
struct http_half {
	uint64_t left;
	int entry;
	uint16_t line_len;
	uint16_t status;
	uint8_t phase, media;
	bool is_response, has_length, is_chunked;
	uint8_t upgrade; /* enum upgrade, of a response */
};

/* A request without its response; entry is SINK_NO_ENTRY while it is undecided (only ever the
 * last). */
struct http_waiting {
	int entry;
	uint8_t method;
};

struct http {
	struct http_half half[2];
	struct http_waiting queue[QUEUE_MAX];
	struct route route; /* of the last request, like all to `action` */
	uint8_t queued, method, accept, scan, action_type;
	uint8_t client, last_side; /* the client is known once `is_claimed` */
	bool is_begun, is_claimed, is_undecided, is_absolute, is_soap, basic_noted, server_noted;
	struct soap_scan soap;
	char action[ACTION_MAX], host[HOST_TEXT];
	char long_line[LONG_LINE], short_line[SHORT_LINE];
};

/* What a call works on. */
struct http_call {
	struct http *http;
	struct http_half *half;
	enum side side;
	struct sink *sink;
};

/* http_head.c */

/* True when `len` octets begin an HTTP message; `is_cut` when the line's end is not among them. */
bool http_is_start_line(const char *line, size_t len, bool is_cut);

/* Takes a start line. False when it is none, or of the wrong side. */
bool http_start_line(struct http_call *c, const char *line, size_t len, bool is_cut);

/* Takes a header field. */
void http_header_line(struct http_call *c, const char *line, size_t len);

/* http_kind.c */

/* Decides by what the request's head says, as far as that goes. */
void http_kind_of_request(struct http_call *c);

/* Decides what is undecided: nothing more will be heard of the last request than that it was
 * answered with this medium. */
void http_kind_settle(struct http_call *c, enum media answered);

/* Looks at a piece of the request's body, while `scan` is set; and at its end. */
void http_kind_scan(struct http_call *c, const uint8_t *bytes, size_t len);
void http_kind_scan_end(struct http_call *c);

/* What a tunnel turns out to carry. */
void http_kind_of_tunnel(struct http_call *c, bool is_tls);

#endif
