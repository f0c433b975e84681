/* What an HTTP request is: by its head, by its body where that must say it, else by the answer.
 * Each request is one message of one kind, and its octets are kept back until that is known. */
#include "http.h"

enum info_direction http_direction(enum method method, const struct route *r)
{
	if (method == METHOD_CONNECT) {
		return INFO_BOTH;
	}
	return method == METHOD_GET || method == METHOD_HEAD || r->is_to_client ? INFO_S2C
	                                                                        : INFO_C2S;
}

static enum info_direction direction_of(const struct http *http)
{
	return http_direction((enum method)http->method, &http->route);
}

/* Counts the last request as a message; what its octets were kept back for is known now. */
static void decide(struct http_call *c, const char *protocol, enum evidence_type type,
                   const char *text, enum info_direction direction)
{
	struct http *http = c->http;
	enum side client = (enum side)http->client;
	int entry;

	sink_protocol(c->sink, protocol);
	entry = sink_evidence(c->sink, type, text, client, direction, 1);
	sink_octets(c->sink, client, 0, entry);
	http->half[client].entry = entry;
	if (http->queued > 0) {
		http->queue[http->queued - 1].entry = entry;
	}
	http->is_undecided = false;
	http->scan = SCAN_NONE;
}

static void decide_web(struct http_call *c)
{
	bool named = c->http->host[0] != '\0';

	c->http->route.is_to_client = false;
	decide(c, "HTTP", named ? EVIDENCE_TLS_SNI : EVIDENCE_PROTOCOL,
	       named ? c->http->host : "HTTP", direction_of(c->http));
}

const char *http_route_protocol(const struct route *r)
{
	return r->family == ROUTE_FHIR ? "FHIR" : r->family == ROUTE_DICOMWEB ? "DICOMweb" : "HTTP";
}

static void decide_route(struct http_call *c)
{
	const struct route *r = &c->http->route;

	decide(c, http_route_protocol(r), (enum evidence_type)r->type, r->text,
	       direction_of(c->http));
}

/* A medium with a row of its own. False when it has none. */
static bool decide_media(struct http_call *c, enum media media)
{
	static const char *const protocols[] = {
	        [MEDIA_FHIR] = "FHIR", [MEDIA_DICOM] = "DICOMweb", [MEDIA_HL7] = "HL7v2"};
	const char *text = http_media_text(media);

	if (media == MEDIA_IPP) { /* only the answer was seen */
		decide(c, "IPP", EVIDENCE_PROTOCOL, "IPP", INFO_MSG);
	} else if (text != NULL) {
		decide(c, protocols[media], EVIDENCE_HTTP_CONTENT_TYPE, text,
		       direction_of(c->http));
	}
	return media == MEDIA_IPP || text != NULL;
}

/* A print job, or a question about the printer; a printer is evidence by its name. */
static void decide_ipp(struct http_call *c, const char *body)
{
	struct http *http = c->http;
	enum info_direction direction = http_ipp(http->action, body, http->soap.have);
	bool named = http->action[0] != '\0';

	decide(c, "IPP", named ? EVIDENCE_PRINT_QUEUE : EVIDENCE_PROTOCOL, named ? http->action : "IPP", direction);
}

static void decide_soap(struct http_call *c)
{
	struct http *http = c->http;

	if (http->action_type == EVIDENCE_HL7_MSH9) {
		decide(c, "HL7v2", EVIDENCE_HL7_MSH9, http->action, INFO_MSG);
	} else if (http->action_type != EVIDENCE_NONE) {
		decide(c, "SOAP", (enum evidence_type)http->action_type, http->action, INFO_MSG);
	} else {
		decide(c, "SOAP", EVIDENCE_PROTOCOL, "SOAP", INFO_MSG);
	}
}

bool http_media_confirms(const struct route *r, enum media media)
{
	return (r->family == ROUTE_FHIR && media == MEDIA_FHIR) ||
	       (r->family == ROUTE_DICOMWEB && media == MEDIA_DICOM);
}

/* Decides by what the request's head says, as far as that goes. */
void http_kind_of_request(struct http_call *c)
{
	struct http *http = c->http;
	enum media media = (enum media)c->half->media;

	http->is_soap = http->is_soap || media == MEDIA_SOAP;
	if (http->method == METHOD_CONNECT) {
		return; /* what goes through it will tell */
	}
	if (http->is_soap && http->action_type != EVIDENCE_NONE) {
		decide_soap(c);
	} else if (media == MEDIA_HL7) {
		http->scan = SCAN_HL7;
	} else if (media == MEDIA_IPP) {
		sink_protocol(c->sink, "IPP"); /* even if its body is not seen */
		http->scan = SCAN_IPP;
	} else if (http->is_soap) {
		http->scan = SCAN_SOAP;
	} else if (http->route.family != ROUTE_WEB &&
	           (http->route.is_proven || http_media_confirms(&http->route, media) ||
	            http_media_confirms(&http->route, (enum media)http->accept))) {
		decide_route(c);
	} else if (http->action_type != EVIDENCE_NONE) { /* GP Connect's interaction */
		decide(c, "FHIR", (enum evidence_type)http->action_type, http->action,
		       direction_of(http));
	} else if (!decide_media(c, media) && media == MEDIA_XML) {
		http->scan = SCAN_SOAP;
	}
}

/* Nothing more will be heard of the last request but this. */
void http_kind_settle(struct http_call *c, enum media answered)
{
	struct http *http = c->http;

	if (!http->is_undecided) {
		return;
	}
	if (http->scan == SCAN_IPP) {
		http_kind_scan_end(c);
	} else if (http->is_soap) {
		decide_soap(c);
	} else if (http->half[http->client].media == MEDIA_HL7) {
		decide_media(c, MEDIA_HL7);
	} else if (http_media_confirms(&http->route, answered)) {
		decide_route(c);
	} else if (!decide_media(c, answered)) {
		decide_web(c);
	}
}

/* The scan of a request's body is over. */
void http_kind_scan_end(struct http_call *c)
{
	struct http *http = c->http;
	enum scan scan = (enum scan)http->scan;
	const char *work = http->long_line + SHORT_LINE;

	http->scan = SCAN_NONE;
	if (scan == SCAN_HL7) {
		if (http_hl7_type(http->action, work, http->soap.have)) {
			decide(c, "HL7v2", EVIDENCE_HL7_MSH9, http->action, INFO_MSG);
		} else {
			decide_media(c, MEDIA_HL7);
		}
	} else if (scan == SCAN_IPP) {
		decide_ipp(c, work);
	} else if (scan == SCAN_SOAP && (http->is_soap || http->action_type != EVIDENCE_NONE)) {
		decide_soap(c);
	}
}

void http_kind_scan(struct http_call *c, const uint8_t *bytes, size_t len)
{
	struct http *http = c->http;
	char *work = http->long_line + SHORT_LINE; /* behind the lines between chunks */

	if (http->scan == SCAN_SOAP) {
		soap_scan_take(&http->soap, work, SCAN_ROOM, bytes, len, &http->action_type,
		               http->action);
		if (http->soap.is_over) {
			http_kind_scan_end(c);
		}
		return;
	}
	if (http->scan == SCAN_HL7 && http->soap.have == 0 && len > 0 && bytes[0] == '<') { /* v2.xml */
		http->scan = SCAN_SOAP;
		http_kind_scan(c, bytes, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		bool is_line_end = http->scan == SCAN_HL7 && (bytes[i] == '\r' || bytes[i] == '\n');

		if (is_line_end || http->soap.have == SCAN_ROOM) {
			http_kind_scan_end(c);
			return;
		}
		work[http->soap.have++] = (char)bytes[i];
	}
}

void http_kind_of_tunnel(struct http_call *c, bool is_tls)
{
	bool named = c->http->host[0] != '\0';
	const char *protocol = is_tls ? "TLS" : "HTTP";

	sink_encryption(c->sink, is_tls ? ENCRYPTED_YES : ENCRYPTED_UNKNOWN);
	decide(c, protocol, named ? EVIDENCE_TLS_SNI : EVIDENCE_PROTOCOL,
	       named ? c->http->host : protocol, INFO_BOTH);
	sink_octets(c->sink, c->side == SIDE_0 ? SIDE_1 : SIDE_0, 0, c->half->entry);
}
