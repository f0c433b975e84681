/* IMAP (RFC 9051, RFC 3501) with STARTTLS: counts the mails that the client fetches and those it
 * stores. Names of mailboxes, users, passwords, searches, flags and the mails themselves pass
 * unread; literals are passed over by their length. */
#include "lines.h"

#include "terrier/dissect.h"

#include <string.h>

enum { PORT_IMAP = 143, PORT_IMAPS = 993 };
enum awaited { NOTHING, START_TLS, COMPRESS, SIGN_IN }; /* what a tagged reply will decide */

#define TAG_MAX 15

struct imap {
	struct lines lines[2];
	uint64_t literal; /* length of the client's last */
	int entry[2];     /* of what each side sends */
	uint8_t awaited;  /* enum awaited */
	uint8_t n_tag;
	char tag[TAG_MAX]; /* of the command that is awaited */
	uint8_t client;
	bool is_ready,
	        continues[2]; /* the line before ended with a literal, this one goes on behind it */
	bool is_mail[2];      /* the literals of this line are of a mail, not yet counted */
	bool is_named, is_login;
};

/* RFC 9051 9, tag: what may stand there, of sensible length. */
static bool is_tag(struct cursor word)
{
	size_t n = cur_left(&word);

	for (size_t i = 0; i < n; i++) {
		char c = (char)word.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    c != '.' && c != '-' && c != '_') {
			return false;
		}
	}
	return n > 0 && n <= TAG_MAX;
}

static bool is_number(struct cursor word)
{
	bool is_good = cur_left(&word) > 0 && cur_left(&word) < 11;

	while (cur_left(&word) > 0) {
		uint8_t c = cur_u8(&word);

		is_good = is_good && c >= '0' && c <= '9';
	}
	return is_good;
}

static bool is_fetch(const char *p, size_t len)
{
	struct cursor data = lines_word(p, len, 3);

	return lines_is(lines_word(p, len, 0), "*") && is_number(lines_word(p, len, 1)) &&
	       lines_is(lines_word(p, len, 2), "FETCH") && cur_is(&data, "(", 1);
}

/* Lines of a server: its greeting by what it says of itself or by the port, later ones by FETCH. */
static bool is_server_line(const char *p, size_t len, bool is_port)
{
	struct cursor word = lines_word(p, len, 1);
	bool is_greeting = lines_is(word, "OK") || lines_is(word, "PREAUTH");

	if (!text_begins(p, len, "* ")) {
		return false;
	}
	if (is_greeting) {
		return is_port || text_has(p, len, "IMAP4");
	}
	return is_fetch(p, len) || text_begins(p, len, "* CAPABILITY IMAP4") ||
	       (is_port && (lines_is(word, "BYE") || lines_is(word, "LIST") ||
	                    lines_is(word, "FLAGS") || is_number(word)));
}

static bool is_client_line(const char *p, size_t len, bool is_port)
{
	static const char *const own[] = {"AUTHENTICATE", "NAMESPACE", "EXAMINE",    "SELECT",
	                                  "APPEND",       "LOGIN",     "CAPABILITY", "STARTTLS",
	                                  "IDLE",         "LIST",      "FETCH",      "UID"};
	struct cursor verb = lines_word(p, len, 1), third = lines_word(p, len, 2);
	struct cursor tag = lines_word(p, len, 0);

	if (!is_tag(tag) || cur_left(&verb) == 0) {
		return false;
	}
	if (!is_port) { /* other protocols have words before CAPABILITY too: only what has no like
		         */
		return (lines_is(verb, "CAPABILITY") || lines_is(verb, "STARTTLS")) &&
		       cur_left(&third) == 0;
	}
	for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
		if (lines_is(verb, own[i])) {
			return true;
		}
	}
	return false;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const char *p = (const char *)bytes.p;
	size_t len = lines_first(bytes);
	uint16_t mine = flow->port[side], other = flow->port[1 - side];

	if (len == 0) {
		return 0;
	}
	return is_server_line(p, len, mine == PORT_IMAP || mine == PORT_IMAPS) ||
	                       is_client_line(p, len, other == PORT_IMAP || other == PORT_IMAPS)
	               ? 1
	               : 0;
}

/* RFC 9051 9, literal: `{n}`, `{n+}` or `~{n}` at the end of a line. False when there is none. */
static bool literal_read(const struct lines *l, uint64_t *n)
{
	size_t end = l->n_tail, at;
	uint64_t value = 0;

	if (end < 3 || l->tail[end - 1] != '}') {
		return false;
	}
	end -= l->tail[end - 2] == '+' ? 2 : 1;
	for (at = end; at > 0 && l->tail[at - 1] >= '0' && l->tail[at - 1] <= '9';) {
		at--;
	}
	if (at == 0 || at == end || l->tail[at - 1] != '{') {
		return false;
	}
	for (; at < end; at++) {
		value = value * 10 + (uint64_t)(l->tail[at] - '0');
	}
	*n = value;
	return true;
}

static void note_mail(struct imap *imap, enum side side, struct sink *sink)
{
	enum info_direction direction = side == imap->client ? INFO_C2S : INFO_S2C;

	imap->entry[side] = sink_evidence(sink, EVIDENCE_PROTOCOL, "IMAP", (enum side)imap->client,
	                                  direction, 1);
}

/* A mail is counted where its first literal begins: a response may hold it in parts. */
static void take_literal(struct imap *imap, enum side side, struct sink *sink)
{
	struct lines *l = &imap->lines[side];
	uint64_t n;

	imap->continues[side] = literal_read(l, &n);
	if (!imap->continues[side]) {
		imap->is_mail[side] = false;
		return;
	}
	l->left = n;
	if (side == imap->client) {
		imap->literal = n;
	}
	if (imap->is_mail[side]) {
		note_mail(imap, side, sink);
		imap->is_mail[side] = false;
	}
}

static void await(struct imap *imap, enum awaited awaited, struct cursor tag)
{
	imap->awaited = (uint8_t)awaited;
	imap->n_tag = (uint8_t)(cur_left(&tag) <= TAG_MAX ? cur_left(&tag) : 0);
	memcpy(imap->tag, tag.p, imap->n_tag);
}

static void take_command(struct imap *imap, const struct lines *l, struct sink *sink)
{
	struct cursor tag = lines_word(l->text, l->have, 0), verb = lines_word(l->text, l->have, 1);
	struct cursor argument = lines_word(l->text, l->have, 2);

	imap->is_named = true; /* what comes now is no greeting */
	imap->is_mail[imap->client] = lines_is(verb, "APPEND");
	if (lines_is(verb, "STARTTLS")) {
		await(imap, START_TLS, tag);
	} else if (lines_is(verb, "COMPRESS")) { /* RFC 4978 */
		await(imap, COMPRESS, tag);
	} else if (lines_is(verb, "LOGIN") && cur_left(&argument) > 0) {
		sink_fact(sink, FACT_SIGN_IN, "IMAP LOGIN", 10);
	} else if (lines_is(verb, "AUTHENTICATE") &&
	           (lines_is(argument, "PLAIN") || lines_is(argument, "LOGIN"))) {
		imap->is_login = lines_is(argument, "LOGIN");
		await(imap, SIGN_IN, tag);
	}
}

static void note_sign_in(struct imap *imap, struct sink *sink)
{
	const char *mechanism =
	        imap->is_login ? "IMAP AUTHENTICATE LOGIN" : "IMAP AUTHENTICATE PLAIN";

	imap->awaited = NOTHING;
	sink_fact(sink, FACT_SIGN_IN, mechanism, strlen(mechanism));
}

/* RFC 9051 7.1: the outcome of a command. */
static enum dissect_verdict take_tagged(struct imap *imap, const struct lines *l, struct sink *sink)
{
	struct cursor tag = lines_word(l->text, l->have, 0);
	bool is_ok = lines_is(lines_word(l->text, l->have, 1), "OK");
	struct lines *client = &imap->lines[imap->client];
	enum awaited awaited = (enum awaited)imap->awaited;

	if (!is_ok && client->left > 0 && client->left == imap->literal) {
		client->left = 0; /* refused: the literal will not come (4.3) */
		imap->continues[imap->client] = false;
	}
	if (awaited == NOTHING || cur_left(&tag) != imap->n_tag ||
	    !cur_is(&tag, imap->tag, imap->n_tag)) {
		return DISSECT_FOLLOW;
	}
	imap->awaited = NOTHING;
	if (is_ok && awaited == SIGN_IN) { /* with an initial response (RFC 4959) */
		note_sign_in(imap, sink);
	}
	if (is_ok && awaited == START_TLS) {
		return DISSECT_TLS;
	}
	return is_ok && awaited == COMPRESS ? DISSECT_DONE : DISSECT_FOLLOW;
}

static enum dissect_verdict take_response(struct imap *imap, const struct lines *l, enum side side,
                                          struct sink *sink)
{
	char host[HOST_MAX];
	size_t n;

	if (l->have > 0 && l->text[0] == '+') {
		if (imap->awaited == SIGN_IN) {
			note_sign_in(imap, sink);
		}
		return DISSECT_FOLLOW;
	}
	if (!text_begins(l->text, l->have, "* ")) {
		return take_tagged(imap, l, sink);
	}
	imap->is_mail[side] = is_fetch(l->text, l->have);
	/* joined in the middle, the first line of this kind may be about a mailbox */
	if (!imap->is_named && text_begins(l->text, l->have, "* OK ") &&
	    text_has(l->text, l->have, "IMAP")) {
		n = lines_host(host, l->text + 5, l->have - 5u);
		if (n > 0) {
			sink_name(sink, side, NAME_BANNER, host, n);
		}
	}
	imap->is_named = true;
	return DISSECT_FOLLOW;
}

static void begin(struct imap *imap, enum side side, struct cursor bytes, struct sink *sink)
{
	imap->client = (uint8_t)(cur_is(&bytes, "*", 1) ? 1 - side : side);
	imap->entry[0] = imap->entry[1] = SINK_NO_ENTRY;
	imap->is_ready = true;
	sink_client(sink, (enum side)imap->client);
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct imap *imap = state;
	struct lines *l = &imap->lines[side];
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	(void)flow;
	if (!imap->is_ready) {
		begin(imap, side, bytes, sink);
	} else if (lost > 0) {
		lines_gap(l, lost);
		imap->is_named = true;
		imap->continues[side] = imap->continues[side] && !l->is_broken;
	}
	while (cur_left(&bytes) > 0 && verdict == DISSECT_FOLLOW) {
		const uint8_t *start = bytes.p;

		if (lines_next(l, &bytes) == LINES_LINE) {
			if (!imap->continues[side] && side == imap->client) {
				take_command(imap, l, sink);
			} else if (!imap->continues[side]) {
				verdict = take_response(imap, l, side, sink);
			}
			take_literal(imap, side, sink);
		}
		sink_octets(sink, side, (uint64_t)(bytes.p - start), imap->entry[side]);
	}
	return verdict;
}

_Static_assert(sizeof(struct imap) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "host of the greeting", .standard = "RFC 9051 7.1.1",
         .guard = "the host rule; with a domain; only before the client has spoken, and with "
                  "\"IMAP\"",
         .names = {NAME_BANNER}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, passwords, names of mailboxes, searches, flags, the mails themselves",
         .standard = "RFC 9051 6"},
        {0},
};

const struct dissector dissector_imap = {
        .name = "imap",
        .protocol = "IMAP",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct imap),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
