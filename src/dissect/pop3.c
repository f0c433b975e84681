/* POP3 (RFC 1939) with STLS (RFC 2595), CAPA (RFC 2449) and AUTH (RFC 5034): counts the mails that
 * the client retrieves. Users, passwords, lists and the mails themselves pass unread. */
#include "lines.h"

#include "terrier/dissect.h"

#include <string.h>

enum { PORT_POP3 = 110, PORT_POP3S = 995 };
enum command { OTHER, RETRIEVE, LISTING, START_TLS, SIGN_IN }; /* LISTING: more lines follow +OK */

#define QUEUE_MAX 32 /* commands without reply (RFC 2449 6.6) */

struct pop3 {
	struct lines lines[2];
	int entry;
	uint8_t queue[QUEUE_MAX]; /* enum command */
	uint8_t queued, client;
	bool is_ready, is_named;
	bool is_proven; /* a command that only POP3 has was seen */
};

static bool is_pop_port(uint16_t port)
{
	return port == PORT_POP3 || port == PORT_POP3S;
}

static bool is_reply(const char *p, size_t len)
{
	return text_begins(p, len, "+OK") || text_begins(p, len, "-ERR");
}

/* RFC 1939 9. */
static bool is_command(struct cursor verb)
{
	static const char *const verbs[] = {"USER", "PASS", "APOP", "AUTH", "CAPA", "STLS",
	                                    "STAT", "LIST", "RETR", "DELE", "NOOP", "RSET",
	                                    "TOP",  "UIDL", "QUIT", "LAST", "UTF8", "LANG"};

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
		if (lines_is(verb, verbs[i])) {
			return true;
		}
	}
	return false;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const char *p = (const char *)bytes.p;
	size_t len = lines_first(bytes);
	struct cursor verb = lines_word(p, len, 0);

	if (len == 0) {
		return 0;
	}
	if (is_reply(p, len)) { /* Redis says +OK too */
		return is_pop_port(flow->port[side]) || text_has(p, len, "POP3") ? 1 : 0;
	}
	if (is_pop_port(flow->port[1 - side])) {
		return is_command(verb) ? 1 : 0;
	}
	return len == 4 && (lines_is(verb, "CAPA") || lines_is(verb, "STLS")) ? 1 : 0;
}

static void note_sign_in(const char *mechanism, struct sink *sink)
{
	sink_fact(sink, FACT_SIGN_IN, mechanism, strlen(mechanism));
}

static enum command take_command(const struct lines *l, struct sink *sink)
{
	struct cursor verb = lines_word(l->text, l->have, 0),
	              argument = lines_word(l->text, l->have, 1);
	struct cursor more = lines_word(l->text, l->have, 2);

	if (lines_is(verb, "RETR")) {
		return RETRIEVE;
	}
	if (lines_is(verb, "STLS")) {
		return START_TLS;
	}
	if (lines_is(verb, "PASS")) {
		note_sign_in("POP3 USER", sink);
	} else if (lines_is(verb, "AUTH") && cur_left(&argument) > 0) {
		if (lines_is(argument, "PLAIN") && cur_left(&more) > 0) {
			note_sign_in("POP3 AUTH PLAIN", sink);
		}
		return lines_is(argument, "PLAIN") || lines_is(argument, "LOGIN") ? SIGN_IN : OTHER;
	}
	if (lines_is(verb, "CAPA") || lines_is(verb, "TOP") || lines_is(verb, "AUTH")) {
		return LISTING;
	}
	return (lines_is(verb, "LIST") || lines_is(verb, "UIDL")) && cur_left(&argument) == 0
	               ? LISTING
	               : OTHER;
}

static bool is_signing_in(const struct pop3 *pop)
{
	return pop->queued > 0 && pop->queue[0] == SIGN_IN;
}

static enum dissect_verdict take_client_line(struct pop3 *pop, const struct lines *l,
                                             struct sink *sink)
{
	if (!is_command(lines_word(l->text, l->have, 0))) {
		return pop->is_proven ? DISSECT_FOLLOW
		                      : DISSECT_RELEASE; /* an answer to a challenge */
	}
	pop->is_proven = pop->is_named = true; /* what comes now is no greeting */
	if (pop->queued < QUEUE_MAX) {
		pop->queue[pop->queued++] = (uint8_t)take_command(l, sink);
	}
	return DISSECT_FOLLOW;
}

static enum dissect_verdict take_ok(struct pop3 *pop, enum command command, enum side side,
                                    struct sink *sink)
{
	switch (command) {
	case RETRIEVE:
		pop->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "POP3", (enum side)pop->client,
		                           INFO_S2C, 1);
		lines_body(&pop->lines[side]);
		return DISSECT_FOLLOW;
	case LISTING:
		lines_body(&pop->lines[side]);
		return DISSECT_FOLLOW;
	case START_TLS:
		return DISSECT_TLS;
	default:
		return DISSECT_FOLLOW;
	}
}

/* The greeting, where it holds the server's name: in its stamp (RFC 1939 7), or beside "ready". The
 * answer to a sign-in may look alike, and names the mailbox. */
static void take_greeting(const struct lines *l, enum side side, struct sink *sink)
{
	const char *text = l->text, *at = memchr(text, '@', l->have);
	bool has_stamp = at != NULL && text[l->have - 1] == '>';
	char host[HOST_MAX];
	size_t n = 0;

	if (has_stamp) {
		n = lines_host(host, at, (size_t)(text + l->have - at));
	} else if (text_has(text, l->have, "READY") && !text_has(text, l->have, "MAIL DROP") &&
	           !text_has(text, l->have, "MAILDROP") && !text_has(text, l->have, "MAILBOX")) {
		n = lines_host(host, text, l->have);
	}
	if (n > 0) {
		sink_name(sink, side, NAME_BANNER, host, n);
	}
}

static enum dissect_verdict take_server_line(struct pop3 *pop, const struct lines *l,
                                             enum side side, struct sink *sink)
{
	enum command command;

	if (is_signing_in(pop) && lines_is(lines_word(l->text, l->have, 0), "+")) {
		note_sign_in("POP3 AUTH PLAIN", sink);
		return DISSECT_FOLLOW;
	}
	if (!is_reply(l->text, l->have)) {
		return DISSECT_FOLLOW;
	}
	if (pop->queued > 0) {
		command = (enum command)pop->queue[0];
		memmove(pop->queue, pop->queue + 1, --pop->queued);
		return l->text[0] == '+' ? take_ok(pop, command, side, sink) : DISSECT_FOLLOW;
	}
	if (!pop->is_named) {
		take_greeting(l, side, sink);
		pop->is_proven = pop->is_proven || text_has(l->text, l->have, "POP3");
		pop->is_named = true;
	}
	return DISSECT_FOLLOW;
}

static void begin(struct pop3 *pop, enum side side, struct cursor bytes, struct sink *sink)
{
	bool is_server = *bytes.p == '+' || *bytes.p == '-';

	pop->client = (uint8_t)(is_server ? 1 - side : side);
	pop->entry = SINK_NO_ENTRY;
	pop->is_ready = true;
	sink_client(sink, (enum side)pop->client);
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct pop3 *pop = state;
	struct lines *l = &pop->lines[side];
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	(void)flow;
	if (!pop->is_ready) {
		begin(pop, side, bytes, sink);
	} else if (lost > 0) {
		lines_gap(l, lost);
		pop->queued = 0;
		pop->is_named = true;
	}
	while (cur_left(&bytes) > 0 && verdict == DISSECT_FOLLOW) {
		const uint8_t *start = bytes.p;

		if (lines_next(l, &bytes) == LINES_LINE) {
			verdict = side == pop->client ? take_client_line(pop, l, sink)
			                              : take_server_line(pop, l, side, sink);
		}
		sink_octets(sink, side, (uint64_t)(bytes.p - start), pop->entry);
	}
	return verdict;
}

_Static_assert(sizeof(struct pop3) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "host of the greeting", .standard = "RFC 1939 4, 7",
         .guard = "the host rule; with a domain; before any command and hole; of a stamp, or of a "
                  "\"ready\" that is about no mailbox",
         .names = {NAME_BANNER}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, passwords, lists, the mails themselves", .standard = "RFC 1939"},
        {0},
};

const struct dissector dissector_pop3 = {
        .name = "pop3",
        .protocol = "POP3",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct pop3),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
