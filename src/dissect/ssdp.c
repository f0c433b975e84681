/* SSDP (UPnP Device Architecture 2.0, 1): which types of device and service announce themselves or
 * are looked for. Unique names and locations pass unread. */
#include "terrier/dissect.h"

#include "terrier/base/text.h"

#include "field.h"

#include <string.h>

#define LINES_MAX 32

static bool line_next(struct cursor *c, const char **line, size_t *len)
{
	const uint8_t *end = cur_left(c) > 0 ? memchr(c->p, '\n', cur_left(c)) : NULL;

	if (end == NULL) {
		return false;
	}
	*line = (const char *)c->p;
	*len = (size_t)(end - c->p);
	cur_skip(c, *len + 1);
	*len -= *len > 0 && (*line)[*len - 1] == '\r';
	return true;
}

/* A search or an announcement; an answer is told from HTTP over UDP by what it must have. */
static bool is_answer(struct cursor c)
{
	const char *line;
	struct field f;
	size_t len;

	for (unsigned i = 0; i < LINES_MAX && line_next(&c, &line, &len); i++) {
		if (field_split(line, len, &f) && field_is(&f, "usn")) {
			return true;
		}
	}
	return false;
}

static bool starts(const struct cursor *c, const char *line)
{
	return cur_is(c, line, strlen(line));
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	(void)flow;
	if (starts(&bytes, "M-SEARCH * HTTP/1.") || starts(&bytes, "NOTIFY * HTTP/1.")) {
		return 1;
	}
	return starts(&bytes, "HTTP/1.1 200 OK\r\n") && is_answer(bytes) ? 1 : 0;
}

/* `urn:DOMAIN:device:TYPE:V` or `…:service:…` (1.3.2): DOMAIN and TYPE of the standard's letters. A
 * `uuid:` names one device, and other targets say nothing. */
static void type_note(struct sink *sink, const struct field *f)
{
	const char *type = f->value + 4;
	size_t n = f->value_len;

	if (!text_begins(f->value, n, "urn:") || n - 4 > TEXT_MAX ||
	    (memmem(type, n - 4, ":device:", 8) == NULL &&
	     memmem(type, n - 4, ":service:", 9) == NULL)) {
		return;
	}
	for (size_t i = 0; i < n - 4; i++) {
		char c = type[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == ':' || c == '-' || c == '.' || c == '_')) {
			return;
		}
	}
	sink_fact(sink, "SSDP type", type, n - 4);
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	bool answers = starts(&bytes, "HTTP/1.");
	const char *line;
	struct field f;
	size_t len;

	(void)state;
	(void)lost;
	(void)flow;
	if (answers || starts(&bytes, "M-SEARCH")) {
		sink_client(sink, answers ? side_other(side) : side);
	}
	sink_octets(sink, side, cur_left(&bytes),
	            sink_evidence(sink, EVIDENCE_PROTOCOL, "SSDP", side, INFO_BOTH, 1));
	for (unsigned i = 0; i < LINES_MAX && line_next(&bytes, &line, &len); i++) {
		if (field_split(line, len, &f) && (field_is(&f, "st") || field_is(&f, "nt"))) {
			type_note(sink, &f);
		}
	}
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "type of device or service", .standard = "UPnP Device Architecture 2.0 1.3.2",
         .guard = "letters of a URN; no uuid:", .facts = {"SSDP type"}},
        {FIELD_NEVER, "unique names, locations, friendly names of devices",
         .standard = "UPnP Device Architecture 2.0 1.2.2"},
        {0},
};

const struct dissector dissector_ssdp = {
        .name = "ssdp",
        .protocol = "SSDP",
        .ip_protocol = IP_UDP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
