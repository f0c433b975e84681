/* Raw printing ("JetDirect", port 9100): a page description is known by how it begins. Names of
 * jobs and users, which PJL carries, and the pages pass unread. */
#include "terrier/dissect.h"

#include <string.h>

enum { PORT_FIRST = 9100, PORT_LAST = 9109 };

/* How page descriptions begin: PJL (universal exit language), PCL (printer reset), PostScript, PDF,
 * and the label printers' ZPL. */
static const struct {
	const char *start;
	uint8_t len;
	const char *language;
} languages[] = {
        {"\x1b%-12345X", 9, "PJL"},
        {"\x1b"
         "E",
         2, "PCL"},
        {"%!PS", 4, "PostScript"},
        {"\x04%!PS", 5, "PostScript"},
        {"%PDF-", 5, "PDF"},
        {"^XA", 3, "ZPL"},
        {"@PJL", 4, "PJL"},
};

static const char *language_of(const struct cursor *c)
{
	for (size_t i = 0; i < sizeof languages / sizeof languages[0]; i++) {
		if (cur_is(c, languages[i].start, languages[i].len)) {
			return languages[i].language;
		}
	}
	return NULL;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	uint16_t port = flow->port[!side];
	bool known = port >= PORT_FIRST && port <= PORT_LAST && flow->port[side] != port;

	return known && language_of(&bytes) != NULL ? 1 : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	const char *language = language_of(&bytes);
	int entry;

	(void)state;
	(void)lost;
	(void)flow;
	if (language == NULL) {
		sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
		return DISSECT_RELEASE;
	}
	sink_client(sink, side);
	entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "JetDirect", side, INFO_C2S, 0);
	sink_octets(sink, side, cur_left(&bytes), entry);
	sink_fact(sink, "JetDirect language", language, strlen(language));
	return DISSECT_DONE;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "language of the page description", .facts = {"JetDirect language"}},
        {FIELD_NEVER, "names of jobs and users, which PJL carries; the pages", .standard = NULL},
        {0},
};

const struct dissector dissector_jetdirect = {
        .name = "jetdirect",
        .protocol = "JetDirect",
        .ip_protocol = IP_TCP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
