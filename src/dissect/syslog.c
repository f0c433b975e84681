/* Syslog: RFC 5424 and the older BSD form (RFC 3164) over UDP (RFC 5426) and TCP (RFC 6587), and in
 * it the audit messages of IHE (ITI-20, ATNA). Host, application and message id are kept;
 * structured data and text pass unread but for the element that makes an audit message. */
#include "terrier/dissect.h"

#include "host.h"

enum {
	PRI_MAX = 191, /* RFC 5424 6.2.1 */
	COUNT_DIGITS = 7,
	TOKEN_ROOM = 66,
	SCAN_MAX = 1024, /* octets of a text in which an audit message is looked for */
	SYSLOG_PORT = 514,
};

enum phase {
	START,    /* of a message */
	COUNT,    /* digits of its length (RFC 6587 3.4.1) */
	PRIORITY, /* behind `<` */
	HEADER,
	TEXT,
	SKIP, /* over the rest of the message, or of a line that is none */
	LOST, /* looking for the next `<` */
};

enum format { UNKNOWN, RFC5424, BSD };

/* Fields of both headers, in their order. */
enum field { FIRST, STAMP, HOST, APPLICATION, PROCESS, MESSAGE_ID, DAY, TIME, BSD_HOST, TAG };

struct syslog {
	uint8_t phase, format, field, n_token, n_pri, matched;
	uint8_t sender; /* enum side, of the stream */
	bool is_begun, is_counted, is_named, is_audit;
	bool has_counts; /* the last message had its length before it */
	bool is_endless; /* after a hole between counted messages: where this one ends is not known
	                  */
	uint16_t pri, scanned;
	uint32_t left; /* of the message, when it is counted */
	int entry;     /* whose octets these are */
	char token[TOKEN_ROOM], host[HOST_MAX], message_id[TOKEN_ROOM];
};

_Static_assert(sizeof(struct syslog) <= DISSECT_STATE_MAX, "state of a flow");

/* What a call works on. */
struct walk {
	const uint8_t *p, *end, *booked;
	struct syslog *s;
	enum side side;
	struct sink *sink;
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_month(const char *p, size_t len)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (size_t i = 0; len == 3 && i < sizeof months - 1; i += 3) {
		if (memcmp(p, months + i, 3) == 0) {
			return true;
		}
	}
	return false;
}

/* Moves over `<PRI>`; false when there is none. */
static bool take_priority(struct cursor *c)
{
	unsigned pri = 0;
	int digits = 0;

	if (cur_u8(c) != '<') {
		return false;
	}
	for (; cur_left(c) > 0 && is_digit(*c->p) && digits < 3; digits++) {
		pri = pri * 10 + cur_u8(c) - '0';
	}
	return digits > 0 && pri <= PRI_MAX && cur_u8(c) == '>' && !c->bad;
}

/* Behind the priority: a version and a time, or a month and a day; network devices put a counter
 * before it. */
static bool is_header(struct cursor c)
{
	if (cur_is(&c, "1 ", 2)) {
		cur_skip(&c, 2);
		return cur_is(&c, "- ", 2) ||
		       (cur_left(&c) > 4 && is_digit(c.p[0]) && is_digit(c.p[3]) && c.p[4] == '-');
	}
	while (cur_left(&c) > 0 && is_digit(*c.p)) {
		cur_skip(&c, 1);
	}
	if (cur_is(&c, ": ", 2)) {
		cur_skip(&c, 2);
	}
	if (cur_is(&c, "*", 1) || cur_is(&c, ".", 1)) { /* a clock that is not set */
		cur_skip(&c, 1);
	}
	return cur_left(&c) > 6 && is_month((const char *)c.p, 3) && c.p[3] == ' ' &&
	       (c.p[4] == ' ' || is_digit(c.p[4])) && is_digit(c.p[5]) && c.p[6] == ' ';
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool is_tcp = flow->ip_protocol == IP_TCP;
	bool is_port = flow->port[side == SIDE_0 ? 1 : 0] == SYSLOG_PORT;

	if (is_tcp && cur_left(&bytes) > 0 && is_digit(*bytes.p)) { /* a count */
		for (int i = 0; i < COUNT_DIGITS && cur_left(&bytes) > 0 && is_digit(*bytes.p);
		     i++) {
			cur_skip(&bytes, 1);
		}
		if (cur_u8(&bytes) != ' ') {
			return 0;
		}
	}
	if (!take_priority(&bytes)) {
		return 0;
	}
	return is_header(bytes) || (!is_tcp && is_port && cur_left(&bytes) > 0 &&
	                            bytes.p[0] >= ' ' && bytes.p[0] < 0x7f);
}

/* What comes from here on belongs to `entry`. */
static void turn_to(struct walk *w, int entry)
{
	sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->s->entry);
	w->booked = w->p;
	w->s->entry = entry;
}

/* The message is known for what it is. */
static void name_message(struct walk *w)
{
	struct syslog *s = w->s;
	bool is_ihe = strcmp(s->message_id, "IHE+RFC-3881") == 0 ||
	              strcmp(s->message_id, "IHE+DICOM") == 0;
	const char *protocol = s->is_audit || is_ihe ? "ATNA" : "syslog";
	int entry;

	s->is_named = true;
	sink_protocol(w->sink, protocol);
	if (s->message_id[0] != '\0' && (is_ihe || !s->is_audit)) {
		entry = sink_evidence(w->sink, EVIDENCE_SYSLOG_MSGID, s->message_id, w->side,
		                      INFO_C2S, 1);
	} else {
		entry = sink_evidence(w->sink, EVIDENCE_PROTOCOL, protocol, w->side, INFO_C2S, 1);
	}
	turn_to(w, entry);
}

/* ---- the header ---- */

static bool is_word(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !is_digit((uint8_t)c) &&
		    memchr("_.+-", c, 4) == NULL) {
			return false;
		}
	}
	return len > 1 && len < TOKEN_ROOM && !is_digit((uint8_t)text[0]);
}

static void note_host(struct walk *w)
{
	char host[HOST_MAX];
	size_t len = host_keep(host, w->s->host, strlen(w->s->host));

	if (len > 0) {
		sink_name(w->sink, w->side, NAME_BANNER, host, len);
	}
}

static void note_application(struct walk *w, size_t len)
{
	if (is_word(w->s->token, len)) {
		sink_fact(w->sink, "syslog application", w->s->token, len);
	}
}

/* The first word behind the priority tells the format. */
static enum field first_end(struct syslog *s)
{
	if (s->n_token == 1 && s->token[0] == '1') {
		s->format = RFC5424;
		return STAMP;
	}
	if (is_month(s->token, s->n_token)) {
		s->format = BSD;
		return DAY;
	}
	return FIRST;
}

/* A host is one only if a tag follows: many senders leave it out, and then text stands there. */
static enum field tag_end(struct walk *w, char end)
{
	struct syslog *s = w->s;
	size_t colon = s->n_token > 0 && s->token[s->n_token - 1] == ':' ? 1 : 0;

	if ((end == '[' || colon > 0) && is_word(s->token, s->n_token - colon)) {
		note_host(w);
		note_application(w, s->n_token - colon);
	}
	return FIRST;
}

static enum field bsd_end(struct walk *w, char end)
{
	struct syslog *s = w->s;

	switch (s->field) {
	case DAY:
		return s->n_token == 0                                     ? DAY
		       : s->n_token <= 2 && is_digit((uint8_t)s->token[0]) ? TIME
		                                                           : FIRST;
	case TIME:
		return s->n_token >= 8 && s->token[2] == ':' && s->token[5] == ':' ? BSD_HOST
		                                                                   : FIRST;
	case BSD_HOST:
		if (end == '[' || s->n_token == 0 || s->token[s->n_token - 1] == ':') {
			s->host[0] = '\0';
			return tag_end(w, end);
		}
		text_copy(s->host, sizeof s->host, s->token, s->n_token);
		return TAG;
	default:
		return tag_end(w, end);
	}
}

/* A field is complete; returns the one that follows, FIRST at the end of the header. */
static enum field field_end(struct walk *w, char end)
{
	struct syslog *s = w->s;

	switch (s->field) {
	case FIRST:
		return first_end(s);
	case STAMP:
		return s->token[0] == '-' || is_digit((uint8_t)s->token[0]) ? HOST : FIRST;
	case HOST:
		text_copy(s->host, sizeof s->host, s->token, s->n_token);
		note_host(w);
		return APPLICATION;
	case APPLICATION:
		note_application(w, s->n_token);
		return PROCESS;
	case PROCESS:
		return MESSAGE_ID;
	case MESSAGE_ID:
		if (is_word(s->token, s->n_token)) {
			text_copy(s->message_id, sizeof s->message_id, s->token, s->n_token);
		}
		return FIRST;
	default:
		return bsd_end(w, end);
	}
}

static void header_take(struct walk *w, uint8_t c)
{
	struct syslog *s = w->s;

	if (c != ' ' && !(c == '[' && s->field >= BSD_HOST)) {
		if (s->n_token < TOKEN_ROOM) { /* one that fills the room is too long for a word */
			s->token[s->n_token++] = (char)c;
		}
		return;
	}
	s->field = (uint8_t)field_end(w, (char)c);
	s->n_token = 0;
	s->token[0] = '\0';
	if (s->field == FIRST) {
		s->phase = TEXT;
	}
}

/* ---- the message ---- */

static void priority_begin(struct syslog *s)
{
	s->phase = PRIORITY;
	s->format = UNKNOWN;
	s->field = FIRST;
	s->n_token = s->n_pri = s->matched = 0;
	s->pri = s->scanned = 0;
	s->is_named = s->is_audit = false;
	s->token[0] = s->host[0] = s->message_id[0] = '\0';
}

static void priority_take(struct syslog *s, uint8_t c)
{
	if (is_digit(c) && s->n_pri < 3) {
		s->n_pri++;
		s->pri = (uint16_t)(s->pri * 10 + c - '0');
	} else if (c == '>' && s->n_pri > 0 && s->pri <= PRI_MAX) {
		s->phase = HEADER;
	} else {
		s->phase = s->is_endless ? LOST : SKIP;
		s->is_named = true;
	}
}

/* The text passes; it is an audit message when it has that element at its start. */
static void text_take(struct walk *w, uint8_t c)
{
	static const char audit[] = "<AuditMessage";
	struct syslog *s = w->s;

	s->matched = c == (uint8_t)audit[s->matched] ? (uint8_t)(s->matched + 1) : c == '<';
	if (s->matched == sizeof audit - 1) {
		s->is_audit = true;
		s->matched = 0;
	}
	if (s->is_audit || ++s->scanned >= SCAN_MAX || s->is_endless) {
		name_message(w);
		s->phase = s->is_endless ? LOST : SKIP;
	}
}

static void message_end(struct walk *w)
{
	struct syslog *s = w->s;

	if (!s->is_named && (s->phase == HEADER || s->phase == TEXT)) {
		if (s->phase == HEADER && s->field >= TAG) {
			tag_end(w, ' ');
		}
		name_message(w);
	}
	turn_to(w, SINK_NO_ENTRY);
	s->phase = START;
	s->is_counted = false;
}

static void count_take(struct syslog *s, uint8_t c)
{
	if (is_digit(c) && ++s->n_pri < COUNT_DIGITS) {
		s->left = s->left * 10 + c - '0';
	} else if (c == ' ' && s->left > 0) {
		s->phase = START;
		s->is_counted = s->has_counts = true;
	} else {
		s->phase = SKIP;
	}
}

static void start_take(struct syslog *s, uint8_t c)
{
	if (c == '<') {
		s->has_counts = s->is_counted;
		priority_begin(s);
	} else if (is_digit(c) && !s->is_counted) {
		s->phase = COUNT;
		s->left = c - '0';
		s->n_pri = 0;
	} else if (c > ' ') {
		s->phase = SKIP;
	}
}

/* Looks for a message behind a hole: `<`, and right before it a length. */
static void lost_take(struct walk *w, uint8_t c)
{
	struct syslog *s = w->s;

	if (is_digit(c) && s->n_pri < COUNT_DIGITS) {
		s->left = s->left * (s->n_pri > 0 ? 10 : 0) + c - '0';
		s->n_pri++;
	} else if (c == ' ' && s->n_pri > 0) {
		s->n_pri = COUNT_DIGITS + 1;
	} else if (c == '<') {
		turn_to(w, SINK_NO_ENTRY);
		s->is_counted = s->n_pri > COUNT_DIGITS && s->left > 0;
		s->is_endless = !s->is_counted;
		priority_begin(s);
	} else {
		s->n_pri = 0;
	}
}

static void octet_take(struct walk *w, uint8_t c)
{
	struct syslog *s = w->s;

	switch (s->phase) {
	case START:
		start_take(s, c);
		break;
	case COUNT:
		count_take(s, c);
		return; /* not of the message */
	case PRIORITY:
		priority_take(s, c);
		break;
	case HEADER:
		header_take(w, c);
		break;
	case TEXT:
		text_take(w, c);
		break;
	case LOST:
		lost_take(w, c);
		break;
	default:
		break;
	}
	if (s->is_counted && --s->left == 0) {
		message_end(w);
	}
}

/* Passes over what is not looked at. */
static void skip(struct walk *w)
{
	struct syslog *s = w->s;
	size_t n = (size_t)(w->end - w->p);

	if (s->is_counted) {
		n = n < s->left ? n : s->left;
		s->left -= (uint32_t)n;
		w->p += n;
		if (s->left == 0) {
			message_end(w);
		}
		return;
	}
	const uint8_t *at = memchr(w->p, '\n', n);

	w->p = at != NULL ? at + 1 : w->end;
	if (at != NULL) {
		message_end(w);
	}
}

static void gap(struct walk *w, uint64_t lost)
{
	struct syslog *s = w->s;

	if (s->is_counted && lost < s->left) {
		s->left -= (uint32_t)lost;
		if (!s->is_named && s->phase != START) {
			name_message(w);
		}
		s->phase = SKIP;
		return;
	}
	if (s->phase == HEADER || s->phase == TEXT) {
		message_end(w);
	}
	turn_to(w, SINK_NO_ENTRY);
	s->phase = s->has_counts ? LOST : SKIP;
	s->is_counted = false;
	s->n_pri = 0;
	s->left = 0;
}

static void take(struct walk *w)
{
	struct syslog *s = w->s;

	while (w->p < w->end) {
		uint8_t c = *w->p;

		if (s->phase == SKIP) {
			skip(w);
		} else if (c == '\n' && !s->is_counted && s->phase != LOST) {
			w->p++;
			message_end(w);
		} else {
			w->p++;
			octet_take(w, c);
		}
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct syslog *s = state;
	struct walk w = {bytes.p, bytes.end, bytes.p, s, side, sink};

	if (!s->is_begun) {
		s->is_begun = true;
		s->sender = (uint8_t)side;
		s->entry = SINK_NO_ENTRY;
		sink_client(sink, side);
	}
	if (flow->ip_protocol == IP_UDP) { /* a datagram, a message, whoever sends it */
		s->phase = START;
		s->is_counted = true;
		s->left = (uint32_t)cur_left(&bytes);
		s->entry = SINK_NO_ENTRY;
		take(&w);
		return DISSECT_FOLLOW;
	}
	if ((enum side)s->sender != side) {
		sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
		return DISSECT_FOLLOW;
	}
	if (lost > 0) {
		gap(&w, lost);
	}
	take(&w);
	turn_to(&w, s->entry);
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "host that logs (HOSTNAME)", .standard = "RFC 5424 6.2; RFC 3164 4.1",
         .guard = "the host rule", .names = {NAME_BANNER}},
        {FIELD_KEEP, "application (APP-NAME)", .standard = "RFC 5424 6.2; RFC 3164 4.1",
         .guard = "a word; of BSD lines only with tag: or tag[", .facts = {"syslog application"}},
        {FIELD_KEEP, "message id (MSGID)", .standard = "RFC 5424 6.2", .guard = "a word",
         .evidence = {EVIDENCE_SYSLOG_MSGID}},
        {FIELD_NEVER, "structured data, text, process ids; the body of an audit message",
         .standard = "RFC 5424 6.3, 6.4"},
        {0},
};

const struct dissector dissector_syslog = {
        .name = "syslog",
        .protocol = "syslog",
        .ip_protocol = 0,
        .state_size = sizeof(struct syslog),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
