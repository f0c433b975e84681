/* SMTP (RFC 5321) with pipelining (RFC 2920), chunks (RFC 3030), AUTH (RFC 4954) and STARTTLS (RFC
 * 3207): counts the mails that were accepted, under the domain of the first recipient that was.
 * Addresses' local parts, senders, headers and bodies pass unread.
 *
 * A mail is one message whatever the number of its recipients: a second and third domain among them
 * are named without being counted. */
#include "lines.h"

#include "terrier/dissect.h"

#include <string.h>

enum command { OTHER, HELLO, RECIPIENT, DATA, CHUNK, MAIL_END, SIGN_IN, START_TLS };

#define DOMAINS_MAX 3
#define NO_DOMAIN   DOMAINS_MAX
#define QUEUE_MAX   32 /* commands without reply */
#define TLS_RECORD  0x16

struct recipients {
	char domain[TEXT_MAX + 1];
	uint8_t accepted; /* recipients, as far as nothing else is known */
};

struct smtp {
	struct lines lines[2];
	struct recipients to[DOMAINS_MAX]; /* of the mail that is being made */
	char sent[TEXT_MAX + 1];           /* domain of the mail that waits for its reply */
	int entry;                         /* of the mail */
	uint8_t queue[QUEUE_MAX];          /* enum command, and the domain of a recipient << 4 */
	uint8_t queued, client;
	bool is_ready, is_proven, has_mail, has_spoken[2];
	bool is_answered; /* the reply to the mail has come, the end of its body not yet */
	bool is_login;    /* the mechanism of AUTH: LOGIN, else PLAIN */
	bool is_plain;    /* … is one in clear */
};

static bool is_mail_port(uint16_t port)
{
	return port == 25 || port == 465 || port == 587 || port == 2525;
}

/* A code of three digits and what may stand behind it (RFC 5321 4.2). */
static unsigned reply_code(const char *p, size_t len)
{
	for (size_t i = 0; i < 3; i++) {
		if (i >= len || p[i] < '0' || p[i] > '9') {
			return 0;
		}
	}
	if (p[0] < '2' || p[0] > '5' || (len > 3 && p[3] != ' ' && p[3] != '-')) {
		return 0;
	}
	return (unsigned)((p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0'));
}

/* The argument of EHLO and HELO: a domain, or an address in brackets. */
static bool is_hello(const char *p, size_t len)
{
	struct cursor name = lines_word(p, len, 1);
	size_t n = cur_left(&name);

	return (text_begins(p, len, "EHLO ") || text_begins(p, len, "HELO ")) && n > 0 &&
	       (*name.p == '[' || text_is_hostname((const char *)name.p, n));
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const char *p = (const char *)bytes.p;
	size_t len = lines_first(bytes);
	unsigned code = reply_code(p, len);

	if (len == 0) {
		return 0;
	}
	if (code != 0) { /* FTP greets alike */
		return is_mail_port(flow->port[side]) || (code == 220 && text_has(p, len, "SMTP"))
		               ? 1
		               : 0;
	}
	return is_hello(p, len) || text_begins(p, len, "MAIL FROM:<") ||
	                       text_begins(p, len, "RCPT TO:<")
	               ? 1
	               : 0;
}

static void queue_push(struct smtp *smtp, enum command command, unsigned domain)
{
	if (smtp->queued < QUEUE_MAX) {
		smtp->queue[smtp->queued++] = (uint8_t)((unsigned)command | domain << 4);
	}
}

static void queue_pop(struct smtp *smtp)
{
	smtp->queued--;
	memmove(smtp->queue, smtp->queue + 1, smtp->queued);
}

/* Moves over a local part in quotes, which may hold anything (RFC 5321 4.1.2). */
static void skip_quoted(struct cursor *c)
{
	if (!cur_is(c, "\"", 1)) {
		return;
	}
	cur_skip(c, 1);
	while (cur_left(c) > 0) {
		uint8_t octet = cur_u8(c);

		if (octet == '"') {
			return;
		}
		cur_skip(c, octet == '\\');
	}
}

static bool ends_domain(uint8_t octet)
{
	return octet <= ' ' || octet == '<' || octet == '>' || octet == ',' || octet == ':' ||
	       octet == '@';
}

/* The domain of `<local@domain>`; what stands behind may be an address again (RFC 3461 4.2). */
static size_t recipient_domain(char out[HOST_MAX], const char *text, size_t len)
{
	struct cursor c = cur_make(text, len);
	const uint8_t *from;

	while (cur_left(&c) > 0 && cur_u8(&c) != '<') {
	}
	skip_quoted(&c);
	while (cur_left(&c) > 0) {
		if (cur_u8(&c) != '@') {
			continue;
		}
		for (from = c.p; cur_left(&c) > 0 && !ends_domain(*c.p);) {
			cur_skip(&c, 1);
		}
		if (cur_is(&c, ">", 1)) {
			return lines_host(out, (const char *)from, (size_t)(c.p - from));
		}
	}
	return 0;
}

/* Returns the place of the recipient's domain, NO_DOMAIN when it has none or there is no more room.
 */
static unsigned add_recipient(struct smtp *smtp, const struct lines *l)
{
	char domain[HOST_MAX];
	size_t n = recipient_domain(domain, l->text, l->have);

	for (unsigned i = 0; n > 0 && n <= TEXT_MAX && i < DOMAINS_MAX; i++) {
		struct recipients *to = &smtp->to[i];

		if (to->domain[0] == '\0' || strcmp(to->domain, domain) == 0) {
			text_copy(to->domain, sizeof to->domain, domain, n);
			to->accepted = (uint8_t)(to->accepted + (to->accepted < UINT8_MAX));
			return i;
		}
	}
	return NO_DOMAIN;
}

static int note_mail(struct smtp *smtp, const char *domain, unsigned messages, struct sink *sink)
{
	enum side client = (enum side)smtp->client;

	return domain[0] != '\0'
	               ? sink_evidence(sink, EVIDENCE_MAIL_DOMAIN, domain, client, INFO_C2S,
	                               messages)
	               : sink_evidence(sink, EVIDENCE_PROTOCOL, "SMTP", client, INFO_C2S, messages);
}

static void mail_reset(struct smtp *smtp)
{
	memset(smtp->to, 0, sizeof smtp->to);
	smtp->has_mail = false;
	smtp->entry = SINK_NO_ENTRY;
}

/* The body begins: what was said of the mail so far belongs to it. */
static void mail_begin(struct smtp *smtp, struct sink *sink)
{
	smtp->sent[0] = '\0';
	for (unsigned i = 0; i < DOMAINS_MAX; i++) {
		if (smtp->to[i].accepted == 0) {
			continue;
		}
		if (smtp->sent[0] == '\0') {
			memcpy(smtp->sent, smtp->to[i].domain, sizeof smtp->sent);
		} else {
			note_mail(smtp, smtp->to[i].domain, 0, sink);
		}
	}
	smtp->entry = note_mail(smtp, smtp->sent, 0, sink);
	smtp->has_mail = true;
	smtp->is_answered = false;
}

static void mail_accepted(struct smtp *smtp, struct sink *sink)
{
	smtp->entry = note_mail(smtp, smtp->sent, 1, sink);
}

/* The body has ended. Where the server is never heard, it is believed to have taken it. */
static void mail_end(struct smtp *smtp, struct sink *sink)
{
	if (smtp->is_answered) {
		smtp->is_answered = false;
		return;
	}
	if (!smtp->has_mail) {
		mail_begin(smtp, sink);
	}
	if (smtp->has_spoken[1 - smtp->client]) {
		queue_push(smtp, MAIL_END, 0);
	} else {
		mail_accepted(smtp, sink);
	}
	memset(smtp->to, 0, sizeof smtp->to);
	smtp->has_mail = false;
}

static void note_sign_in(const struct smtp *smtp, struct sink *sink)
{
	if (smtp->is_plain) {
		const char *mechanism = smtp->is_login ? "SMTP AUTH LOGIN" : "SMTP AUTH PLAIN";

		sink_fact(sink, FACT_SIGN_IN, mechanism, strlen(mechanism));
	}
}

static void take_auth(struct smtp *smtp, const struct lines *l, struct sink *sink)
{
	struct cursor mechanism = lines_word(l->text, l->have, 1),
	              initial = lines_word(l->text, l->have, 2);

	smtp->is_login = lines_is(mechanism, "LOGIN");
	smtp->is_plain = smtp->is_login || lines_is(mechanism, "PLAIN");
	if (cur_left(&initial) > 0) {
		note_sign_in(smtp, sink);
		smtp->is_plain = false; /* is said */
	}
	queue_push(smtp, SIGN_IN, 0);
}

/* RFC 3030 2: BDAT has its size, and then the octets at once. */
static void take_chunk(struct smtp *smtp, struct lines *l, struct sink *sink)
{
	struct cursor size = lines_word(l->text, l->have, 1);
	uint64_t n = 0;

	while (cur_left(&size) > 0 && *size.p >= '0' && *size.p <= '9' && n < UINT32_MAX) {
		n = n * 10 + (uint64_t)(cur_u8(&size) - '0');
	}
	if (!smtp->has_mail) {
		mail_begin(smtp, sink);
	}
	l->left = n;
	if (lines_is(lines_word(l->text, l->have, 2), "LAST")) {
		mail_end(smtp, sink);
	} else {
		queue_push(smtp, CHUNK, 0);
	}
}

static void take_hello(struct smtp *smtp, const struct lines *l, struct sink *sink)
{
	struct cursor name = lines_word(l->text, l->have, 1);
	char host[HOST_MAX];
	size_t n = lines_host(host, (const char *)name.p, cur_left(&name));

	if (n > 0 && *name.p != '[') {
		sink_name(sink, (enum side)smtp->client, NAME_BANNER, host, n);
	}
	mail_reset(smtp);
	queue_push(smtp, HELLO, 0);
}

static bool is_signing_in(const struct smtp *smtp)
{
	return smtp->queued > 0 && (smtp->queue[0] & 0xf) == SIGN_IN;
}

static enum dissect_verdict take_command(struct smtp *smtp, struct lines *l, struct sink *sink)
{
	struct cursor verb = lines_word(l->text, l->have, 0);

	if (lines_is(verb, "EHLO") || lines_is(verb, "HELO")) {
		take_hello(smtp, l, sink);
	} else if (lines_is(verb, "MAIL")) {
		mail_reset(smtp);
		queue_push(smtp, OTHER, 0);
	} else if (lines_is(verb, "RCPT")) {
		queue_push(smtp, RECIPIENT, add_recipient(smtp, l));
	} else if (lines_is(verb, "DATA")) {
		queue_push(smtp, DATA, 0);
		lines_body(l);
	} else if (lines_is(verb, "BDAT")) {
		take_chunk(smtp, l, sink);
	} else if (lines_is(verb, "AUTH")) {
		take_auth(smtp, l, sink);
	} else if (lines_is(verb, "STARTTLS")) {
		queue_push(smtp, START_TLS, 0);
	} else if (lines_is(verb, "RSET")) {
		mail_reset(smtp);
		queue_push(smtp, OTHER, 0);
	} else if (is_signing_in(smtp)) {
		return DISSECT_FOLLOW; /* an answer to a challenge */
	} else if (!smtp->is_proven && !lines_is(verb, "QUIT") && !lines_is(verb, "NOOP")) {
		return DISSECT_RELEASE; /* a port alone had spoken for it */
	} else {
		queue_push(smtp, OTHER, 0);
		return DISSECT_FOLLOW;
	}
	smtp->is_proven = true;
	return DISSECT_FOLLOW;
}

/* The server's name: in its greeting, and in its reply to EHLO (4.1.1.1). */
static void take_server_name(struct smtp *smtp, const struct lines *l, struct sink *sink)
{
	char host[HOST_MAX];
	size_t n;

	if (l->have > 4) {
		struct cursor word = lines_word(l->text + 4, l->have - 4u, 0);

		n = lines_host(host, (const char *)word.p, cur_left(&word));
		if (n > 0) {
			sink_name(sink, side_other(smtp->client), NAME_BANNER, host,
			          n);
		}
	}
}

/* The final line of a reply to the oldest command. */
static enum dissect_verdict take_reply(struct smtp *smtp, unsigned code, struct sink *sink)
{
	struct lines *client = &smtp->lines[smtp->client];
	unsigned domain = smtp->queue[0] >> 4;

	switch (smtp->queue[0] & 0xf) {
	case RECIPIENT:
		if (code >= 400 && domain < DOMAINS_MAX && smtp->to[domain].accepted > 0) {
			smtp->to[domain].accepted--;
		}
		break;
	case DATA:
		if (code == 354 && client->dots > 0 && !smtp->has_mail) {
			mail_begin(smtp, sink);
		} else if (code != 354) {
			client->dots = 0;
		}
		break;
	case MAIL_END:
		if (code < 300) {
			mail_accepted(smtp, sink);
		}
		break;
	case SIGN_IN:
		if (code == 334) {
			note_sign_in(smtp, sink);
			smtp->is_plain = false;
			return DISSECT_FOLLOW; /* goes on */
		}
		break;
	case START_TLS:
		if (code == 220) {
			return DISSECT_TLS;
		}
		break;
	default:
		break;
	}
	queue_pop(smtp);
	return DISSECT_FOLLOW;
}

/* A reply to no command that was seen. While a body seems to go on, its end was lost, or waits
 * behind a hole. */
static void take_stray_reply(struct smtp *smtp, unsigned code, struct sink *sink)
{
	if (smtp->lines[smtp->client].dots == 0) {
		return;
	}
	if (code == 354) {
		mail_begin(smtp, sink);
	} else if (smtp->has_mail) {
		if (code < 300) {
			mail_accepted(smtp, sink);
		}
		memset(smtp->to, 0, sizeof smtp->to);
		smtp->has_mail = false;
		smtp->is_answered = true;
	}
}

static enum dissect_verdict take_server_line(struct smtp *smtp, const struct lines *l,
                                             struct sink *sink)
{
	unsigned code = reply_code(l->text, l->have);

	if (code == 220 || (code == 250 && smtp->queued > 0 && (smtp->queue[0] & 0xf) == HELLO)) {
		take_server_name(smtp, l, sink);
	}
	if (code == 220 && text_has(l->text, l->have, "SMTP")) {
		smtp->is_proven = true;
	}
	if (code == 0 || (l->have > 3 && l->text[3] == '-')) {
		return DISSECT_FOLLOW;
	}
	if (smtp->queued > 0) {
		return take_reply(smtp, code, sink);
	}
	take_stray_reply(smtp, code, sink);
	return DISSECT_FOLLOW;
}

/* Replies can no longer be told whose they are. */
static void gap(struct smtp *smtp, enum side side, uint64_t lost, struct sink *sink)
{
	lines_gap(&smtp->lines[side], lost);
	for (unsigned i = 0; side != smtp->client && i < smtp->queued; i++) {
		if ((smtp->queue[i] & 0xf) == MAIL_END) {
			mail_accepted(smtp, sink);
		}
	}
	if (smtp->lines[side].is_broken) {
		smtp->queued = 0;
	}
}

static void begin(struct smtp *smtp, enum side side, struct cursor bytes, struct sink *sink)
{
	bool is_server = *bytes.p >= '0' && *bytes.p <= '9';

	smtp->client = (uint8_t)(is_server ? 1 - side : side);
	smtp->entry = SINK_NO_ENTRY;
	smtp->is_ready = true;
	sink_client(sink, (enum side)smtp->client);
}

/* The last that the client said is STARTTLS. */
static bool is_starting_tls(const struct smtp *smtp)
{
	return smtp->queued > 0 && (smtp->queue[smtp->queued - 1] & 0xf) == START_TLS &&
	       smtp->lines[smtp->client].is_over;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct smtp *smtp = state;
	struct lines *l = &smtp->lines[side];
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	(void)flow;
	if (!smtp->is_ready) {
		begin(smtp, side, bytes, sink);
	} else if (lost > 0) {
		gap(smtp, side, lost, sink);
	}
	smtp->has_spoken[side] = true;
	while (cur_left(&bytes) > 0 && verdict == DISSECT_FOLLOW) {
		const uint8_t *start = bytes.p;
		enum lines_event event;

		if (*bytes.p == TLS_RECORD && side == smtp->client && is_starting_tls(smtp)) {
			return DISSECT_TLS; /* the server's word was not heard */
		}
		event = lines_next(l, &bytes);
		if (event == LINES_BODY_END) {
			mail_end(smtp, sink);
		} else if (event == LINES_LINE) {
			verdict = side == smtp->client ? take_command(smtp, l, sink)
			                               : take_server_line(smtp, l, sink);
		}
		sink_octets(sink, side, (uint64_t)(bytes.p - start), smtp->entry);
	}
	return verdict;
}

_Static_assert(sizeof(struct smtp) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "domain of the recipient", .standard = "RFC 5321 4.1.1.3",
         .guard = "the host rule; behind the @ that ends a whole <address>",
         .evidence = {EVIDENCE_MAIL_DOMAIN}},
        {FIELD_KEEP, "host of the greeting and of EHLO", .standard = "RFC 5321 4.1.1.1",
         .guard = "the host rule; first word", .names = {NAME_BANNER}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "local part of addresses, senders, users, passwords",
         .standard = "RFC 5321 4.1.2"},
        {FIELD_NEVER, "subjects, headers, bodies, attachments and their names",
         .standard = "RFC 5322"},
        {0},
};

const struct dissector dissector_smtp = {
        .name = "smtp",
        .protocol = "SMTP",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct smtp),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
