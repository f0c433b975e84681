/* Start lines and header fields of HTTP/1.x (RFC 9112, 9110): the few that name systems, kinds and
 * lengths. All others pass unread. */
#include "http.h"

#include "host.h"

#include <string.h>

static bool word_is(const char *p, size_t len, const char *word)
{
	for (; len > 0 && *word != '\0'; p++, word++, len--) {
		char c = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;

		if (c != *word) {
			return false;
		}
	}
	return len == 0 && *word == '\0';
}

/* The method that begins a line, with its length and the blank; 0 when there is none (RFC 9110 9,
 * 4918). */
static size_t method_of(const char *line, size_t len, enum method *out)
{
	static const struct {
		const char *word;
		enum method method;
	} methods[] = {
	        {"GET ", METHOD_GET},      {"POST ", METHOD_POST},       {"PUT ", METHOD_PUT},
	        {"HEAD ", METHOD_HEAD},    {"OPTIONS ", METHOD_GET},     {"DELETE ", METHOD_PUT},
	        {"PATCH ", METHOD_PUT},    {"CONNECT ", METHOD_CONNECT}, {"TRACE ", METHOD_GET},
	        {"PROPFIND ", METHOD_GET}, {"PROPPATCH ", METHOD_PUT},   {"MKCOL ", METHOD_PUT},
	        {"COPY ", METHOD_PUT},     {"MOVE ", METHOD_PUT},        {"LOCK ", METHOD_PUT},
	        {"UNLOCK ", METHOD_PUT},   {"REPORT ", METHOD_GET},      {"SEARCH ", METHOD_GET},
	};

	if (len == 0 || line[0] < 'A' || line[0] > 'Z') {
		return 0;
	}
	for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		size_t n = strlen(methods[i].word);

		if (len > n && memcmp(line, methods[i].word, n) == 0) {
			*out = methods[i].method;
			return n;
		}
	}
	return 0;
}

enum method http_method(const char *text, size_t len)
{
	enum method method = METHOD_GET;
	char word[12];

	if (len + 2 <= sizeof word) {
		memcpy(word, text, len);
		memcpy(word + len, " ", 2);
		method_of(word, len + 2, &method);
	}
	return method;
}

/* "HTTP/1.1 200": the status, 0 when it is no status line. */
static uint16_t status_of(const char *line, size_t len)
{
	unsigned status = 0;

	if (len < 12 || memcmp(line, "HTTP/1.", 7) != 0 || line[8] != ' ') {
		return 0;
	}
	for (int i = 9; i < 12; i++) {
		if (line[i] < '0' || line[i] > '9') {
			return 0;
		}
		status = status * 10 + (unsigned)(line[i] - '0');
	}
	return status >= 100 && status < 600 ? (uint16_t)status : 0;
}

/* True for a request line; one too long to see its end is taken by its beginning. */
static bool is_request_line(const char *line, size_t len, bool is_cut)
{
	enum method method;
	size_t at = method_of(line, len, &method);
	char c = at > 0 ? line[at] : '\0';

	if (at == 0 || (method != METHOD_CONNECT && c != '/' && c != '*' && c != 'h' && c != 'H')) {
		return false;
	}
	return is_cut || (len > at + 9 && memcmp(line + len - 9, " HTTP/1.", 8) == 0);
}

bool http_is_start_line(const char *line, size_t len, bool is_cut)
{
	return status_of(line, len) != 0 || is_request_line(line, len, is_cut);
}

static void client_set(struct http_call *c, enum side client)
{
	struct http *http = c->http;

	if (!http->is_claimed || http->client != client) {
		sink_client(c->sink, client);
		sink_encryption(c->sink, ENCRYPTED_NO);
	}
	if (http->client != client) { /* lines that were begun stand in the other's room */
		http->half[0].line_len = http->half[1].line_len = 0;
		http->client = (uint8_t)client;
	}
	http->is_claimed = true;
}

/* Keeps the host of "user@name:port"; the length of `out`, 0 when it is an address or too long to be
 * evidence. */
static size_t host_take(struct http *http, char host[HOST_MAX], const char *text, size_t len)
{
	size_t n = host_keep_authority(host, text, len);

	if (n < HOST_TEXT) {
		text_copy(http->host, HOST_TEXT, host, n);
	}
	return n;
}

/* The target: a path, or with its authority (RFC 9112 3.2) when a proxy is spoken to. Of an
 * authority that is cut off the host may be missing, and a user there. */
static void target_read(struct http_call *c, const char *target, size_t len, bool is_cut)
{
	struct http *http = c->http;
	char host[HOST_MAX];
	size_t n;

	if (http->method == METHOD_CONNECT) {
		n = is_cut ? 0 : host_take(http, host, target, len);
		if (n > 0) {
			sink_fact(c->sink, "HTTP CONNECT", host, n);
		}
		http->is_absolute = true;
		return;
	}
	if (len > 7 && word_is(target, 7, "http://")) {
		const char *path = memchr(target + 7, '/', len - 7);
		size_t authority = path != NULL ? (size_t)(path - target) - 7 : len - 7;

		http->is_absolute = true;
		if (path != NULL || !is_cut) {
			host_take(http, host, target + 7, authority);
		}
		target += 7 + authority;
		len -= 7 + authority;
	}
	http->route = http_route(target, len);
	if (http->method == METHOD_POST) {
		http->route = http_route_post(http->route);
	}
}

static void request_begin(struct http_call *c, const char *line, size_t len)
{
	struct http *http = c->http;
	enum method method = METHOD_GET;
	size_t at = method_of(line, len, &method);
	const char *blank = memchr(line + at, ' ', len - at);
	struct http_half *server = &http->half[!c->side];

	http_kind_settle(c, MEDIA_NONE);
	if (server->phase == PHASE_SEARCH) {
		http->queued = 0; /* their responses were lost */
	}
	http->method = (uint8_t)method;
	http->route = (struct route){0};
	http->accept = MEDIA_NONE;
	http->action_type = EVIDENCE_NONE;
	http->is_absolute = http->is_soap = false;
	http->host[0] = http->action[0] = '\0';
	http->soap = (struct soap_scan){0};
	target_read(c, line + at, blank != NULL ? (size_t)(blank - line) - at : len - at,
	            blank == NULL);
}

/* Takes a start line. False when it is none, or of the wrong side. */
bool http_start_line(struct http_call *c, const char *line, size_t len, bool is_cut)
{
	struct http *http = c->http;
	uint16_t status = status_of(line, len);
	enum side client = status != 0 ? (enum side) !c->side : c->side;

	if ((status == 0 && !is_request_line(line, len, is_cut)) ||
	    (http->is_claimed && http->client != client)) {
		return false;
	}
	if (status == 0) {
		request_begin(c, line, len);
	}
	client_set(c, client);
	*c->half = (struct http_half){.entry = SINK_NO_ENTRY,
	                              .phase = PHASE_HEADERS,
	                              .status = status,
	                              .is_response = status != 0};
	return true;
}

/* The first product of Server (RFC 9110 10.2.4), without its version. */
static void server_note(struct http_call *c, const char *value, size_t len)
{
	size_t n = 0;

	while (n < len && n < 32 &&
	       ((value[n] >= 'a' && value[n] <= 'z') || (value[n] >= 'A' && value[n] <= 'Z') ||
	        value[n] == '-' || value[n] == '.')) {
		n++;
	}
	if (n > 0 && !c->http->server_noted) {
		sink_fact(c->sink, "HTTP server", value, n);
		c->http->server_noted = true;
	}
}

static void host_note(struct http_call *c, const char *value, size_t len)
{
	char host[HOST_MAX];
	size_t n;

	if (c->http->is_absolute) {
		return; /* the target's host was taken, and is not the proxy's name */
	}
	n = host_take(c->http, host, value, len);
	if (n > 0) {
		sink_name(c->sink, (enum side) !c->side, NAME_HTTP_HOST, host, n);
	}
}

/* RFC 9110 8.6; digits that cannot be are as good as none. */
static void length_note(struct http_half *h, const char *value, size_t len)
{
	uint64_t length = 0;

	if (len == 0 || len > 18) {
		return;
	}
	for (size_t i = 0; i < len; i++) {
		if (value[i] < '0' || value[i] > '9') {
			return;
		}
		length = length * 10 + (uint64_t)(value[i] - '0');
	}
	h->left = length;
	h->has_length = true;
}

static void action_note(struct http *http, const char *value, size_t len)
{
	enum evidence_type type = http_action(http->action, value, len);

	http->action_type = (uint8_t)type;
}

/* Content-Type; of its parameters only `action` is read (SOAP 1.2 part 2, appendix A). */
static void media_note(struct http_call *c, const char *value, size_t len)
{
	const char *action = memmem(value, len, "action=", 7);

	c->half->media = (uint8_t)http_media(value, len);
	if (!c->half->is_response && action != NULL) {
		size_t left = len - (size_t)(action + 7 - value);
		const char *end = memchr(action + 7, ';', left);

		action_note(c->http, action + 7, end != NULL ? (size_t)(end - action) - 7 : left);
	}
}

/* MESH: workflow and mailboxes; the names of its files and messages pass unread. */
static void mesh_note(struct http_call *c, const char *name, size_t name_len, const char *value,
                      size_t len)
{
	static const struct {
		const char *header, *fact;
	} kept[] = {{"mex-workflowid", "MESH workflow"},
	            {"mex-from", "MESH from"},
	            {"mex-to", "MESH to"}};

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		if (len > 0 && word_is(name, name_len, kept[i].header)) {
			sink_fact(c->sink, kept[i].fact, value, len);
		}
	}
}

static void request_header(struct http_call *c, const char *name, size_t name_len,
                           const char *value, size_t len)
{
	struct http *http = c->http;

	if (word_is(name, name_len, "host")) {
		host_note(c, value, len);
	} else if (word_is(name, name_len, "accept")) {
		http->accept = (uint8_t)http_media(value, len);
	} else if (word_is(name, name_len, "soapaction")) {
		http->is_soap = true;
		action_note(http, value, len);
	} else if (word_is(name, name_len, "ssp-interactionid") && !http->is_soap) {
		action_note(http, value, len);
	} else if ((word_is(name, name_len, "authorization") ||
	            word_is(name, name_len, "proxy-authorization")) &&
	           len > 6 && word_is(value, 6, "basic ") && !http->basic_noted) {
		sink_fact(c->sink, FACT_SIGN_IN, "HTTP Basic", 10);
		http->basic_noted = true;
	}
}

static void response_header(struct http_call *c, const char *name, size_t name_len,
                            const char *value, size_t len)
{
	if (word_is(name, name_len, "server")) {
		server_note(c, value, len);
	} else if (word_is(name, name_len, "upgrade")) {
		c->half->upgrade = word_is(value, len, "websocket") ? UPGRADE_WEBSOCKET
		                   : word_is(value, len, "h2c")     ? UPGRADE_HTTP2
		                                                    : UPGRADE_OTHER;
	}
}

void http_header_line(struct http_call *c, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len), *value;
	size_t name_len;

	if (colon == NULL) {
		return;
	}
	name_len = (size_t)(colon - line);
	value = colon + 1;
	len -= name_len + 1;
	for (; len > 0 && (*value == ' ' || *value == '\t'); value++, len--) {
	}
	for (; len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t'); len--) {
	}
	if (name_len > 4 && word_is(line, 4, "mex-")) {
		mesh_note(c, line, name_len, value, len);
	} else if (word_is(line, name_len, "content-type")) {
		media_note(c, value, len);
	} else if (word_is(line, name_len, "content-length")) {
		length_note(c->half, value, len);
	} else if (word_is(line, name_len, "transfer-encoding")) {
		c->half->is_chunked = len >= 7 && word_is(value + len - 7, 7, "chunked");
	} else if (c->half->is_response) {
		response_header(c, line, name_len, value, len);
	} else {
		request_header(c, line, name_len, value, len);
	}
}
