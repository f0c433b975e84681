/* MySQL and MariaDB ("MySQL Internals", Client/Server Protocol: Connection Phase, Command Phase;
 * MariaDB knowledge base, "Connecting"). Reads the server's greeting and the client's answer, then
 * the commands until one names a database. Accounts, scrambles and SQL are passed over. */
#include "frames.h"
#include "login.h"
#include "terrier/dissect.h"

#include <string.h>

#define HEADER 4 /* length, number */
#define HEAD_MAX                                                                                   \
	320 /* octets kept of a client's answer: names, scramble and the first attributes */
#define NOTE_MAX    80 /* … of a server's packet */
#define GREETING    10 /* protocol version */
#define VERSION_MAX 48
#define COMMANDS    64 /* looked at for the name of a database */

enum capability {
	CONNECT_WITH_DB = 8,
	COMPRESS = 0x20,
	PROTOCOL_41 = 0x200,
	USE_SSL = 0x800,
	SECURE_CONNECTION = 0x8000,
	PLUGIN_AUTH = 0x80000,
	CONNECT_ATTRIBUTES = 0x100000,
	LENENC_AUTH = 0x200000,
};

enum command {
	QUIT = 1,
	INIT_DB = 2,
	QUERY = 3,
	PING = 14,
	CHANGE_USER = 17,
	BINLOG_DUMP = 18,
	PREPARE = 22,
	EXECUTE = 23,
	CLOSE = 25,
	BINLOG_DUMP_GTID = 30,
};

static const char clear_plugin[] = "mysql_clear_password";

enum phase { PHASE_GREETING, PHASE_ANSWER, PHASE_SIGN_IN, PHASE_COMMANDS, PHASE_REPLICATION };

struct mysql {
	struct frames frames[2];
	uint8_t head[HEAD_MAX], note[NOTE_MAX];
	uint8_t phase, client, commands;
	bool has_begun, is_compressed, is_encrypted, is_over;
	uint32_t capabilities;
	struct login_text user;
	int entry;
};

/* ---- the server ---- */

/* "5.5.5-10.11.6-MariaDB-1" is MariaDB 10.11.6: the first number is for old clients. */
static void version_book(const char *text, size_t len, struct sink *sink)
{
	static const char prefix[] = "5.5.5-";
	bool is_maria = false;
	const char *word;
	size_t n = 0;

	for (size_t i = 0; i + 7 <= len; i++) {
		is_maria = is_maria || memcmp(text + i, "MariaDB", 7) == 0;
	}
	if (is_maria && len > sizeof prefix && memcmp(text, prefix, sizeof prefix - 1) == 0) {
		text += sizeof prefix - 1;
		len -= sizeof prefix - 1;
	}
	while (n < len && ((text[n] >= '0' && text[n] <= '9') || text[n] == '.')) {
		n++;
	}
	word = is_maria ? "MariaDB version" : "MySQL version";
	if (n > 0) {
		sink_fact(sink, word, text, n);
	}
}

static void greeting_end(struct mysql *my, enum side server, size_t len, struct sink *sink)
{
	const char *version = (const char *)my->note + 1;
	const char *end = len > 1 ? memchr(version, 0, len - 1) : NULL;

	my->client = (uint8_t)!server;
	sink_client(sink, (enum side)my->client);
	if (my->note[0] != GREETING || end == NULL) { /* an error: this client is not welcome */
		my->is_over = true;
		return;
	}
	version_book(version, (size_t)(end - version), sink);
	my->phase = PHASE_ANSWER;
}

static void clear_note(struct sink *sink)
{
	static const char mechanism[] = "MySQL clear password";

	sink_fact(sink, FACT_SIGN_IN, mechanism, sizeof mechanism - 1);
}

/* OK, an error, or more of the sign-in: AuthSwitchRequest names the method that it now wants. */
static void sign_in_step(struct mysql *my, size_t len, struct sink *sink)
{
	if (len > sizeof clear_plugin && my->note[0] == 0xfe &&
	    memcmp(my->note + 1, clear_plugin, sizeof clear_plugin) == 0) {
		clear_note(sink);
	} else if (len > 0 && my->note[0] == 0) {
		my->phase = PHASE_COMMANDS;
		my->is_over = my->is_over || my->is_compressed;
	} else if (len > 0 && my->note[0] == 0xff) {
		my->is_over = true;
	}
}

/* ---- the client ---- */

/* An integer of 1, 3, 4 or 9 octets ("length-encoded"); longer ones than we could have make the
 * cursor bad. */
static size_t lenenc(struct cursor *c)
{
	uint8_t first = cur_u8(c);
	size_t value;

	if (first < 0xfb) {
		return first;
	}
	if (first == 0xfc) {
		return cur_le16(c);
	}
	if (first == 0xfd) {
		value = cur_le16(c);
		return value | (size_t)cur_u8(c) << 16;
	}
	cur_skip(c, cur_left(c) + 1);
	return 0;
}

static struct cursor text_until_nul(struct cursor *c)
{
	const uint8_t *end = cur_left(c) > 0 ? memchr(c->p, 0, cur_left(c)) : NULL;
	struct cursor text = cur_sub(c, end != NULL ? (size_t)(end - c->p) : cur_left(c));

	cur_skip(c, end != NULL ? 1 : 0);
	return text;
}

static void take(struct login_text *to, struct cursor text)
{
	login_clear(to);
	login_put_all(to, text.p, cur_left(&text));
}

/* Pairs of names and values, of which one names the application. */
static void attributes_take(struct login *l, struct cursor c)
{
	lenenc(&c);
	while (!c.bad && cur_left(&c) > 0) {
		struct cursor key = cur_sub(&c, lenenc(&c)), value;

		value = cur_sub(&c, lenenc(&c));
		if (!c.bad && cur_left(&key) == 12 && cur_is(&key, "program_name", 12)) {
			take(&l->application, value);
		} else if (!c.bad && cur_left(&key) == 12 && cur_is(&key, "_client_host", 12)) {
			take(&l->host, value);
		}
	}
}

static void scramble_skip(struct cursor *c, uint32_t capabilities)
{
	if ((capabilities & LENENC_AUTH) != 0) {
		cur_skip(c, lenenc(c));
	} else if ((capabilities & SECURE_CONNECTION) != 0) {
		cur_skip(c, cur_u8(c));
	} else {
		text_until_nul(c);
	}
}

/* HandshakeResponse41, or 320 of clients before 4.1; `is_cut` when there was more than is kept. */
static void answer_read(struct mysql *my, struct login *l, struct cursor c, bool is_cut,
                        struct sink *sink)
{
	uint32_t can = my->capabilities;
	struct cursor plugin;

	cur_skip(&c, (can & PROTOCOL_41) != 0 ? 32 : 5);
	take(&l->user, text_until_nul(&c));
	scramble_skip(&c, can);
	if ((can & CONNECT_WITH_DB) != 0) {
		take(&l->database, text_until_nul(&c));
		l->database.is_cut = l->database.is_cut || (is_cut && cur_left(&c) == 0);
	}
	if ((can & PROTOCOL_41) == 0) {
		return;
	}
	plugin = (can & PLUGIN_AUTH) != 0 ? text_until_nul(&c) : cur_make(NULL, 0);
	if (cur_left(&plugin) == sizeof clear_plugin - 1 &&
	    cur_is(&plugin, clear_plugin, sizeof clear_plugin - 1)) {
		clear_note(sink);
	}
	if ((can & CONNECT_ATTRIBUTES) != 0) {
		attributes_take(l, c);
	}
}

/* SSLRequest is an answer that ends where the user would be named. */
static void answer_end(struct mysql *my, enum side client, size_t len, struct sink *sink)
{
	struct cursor c = cur_make(my->head, len < HEAD_MAX ? len : HEAD_MAX), flags = c;
	struct login l;

	memset(&l, 0, sizeof l);
	my->capabilities = cur_le16(&flags);
	if ((my->capabilities & PROTOCOL_41) != 0) {
		my->capabilities |= (uint32_t)cur_le16(&flags) << 16;
	}
	my->client = (uint8_t)client;
	if ((my->capabilities & USE_SSL) != 0 && len <= 32) {
		my->is_encrypted = true;
		return;
	}
	answer_read(my, &l, c, len > HEAD_MAX, sink);
	my->user = l.user;
	my->is_compressed = (my->capabilities & COMPRESS) != 0;
	my->phase = PHASE_SIGN_IN;
	my->entry = login_book(&l, "MySQL", client, INFO_MSG, sink);
	my->commands = l.database.len > 0 ? COMMANDS
	                                  : 0; /* one is known: wait for the sign-in, no longer */
}

static void command_end(struct mysql *my, enum side client, size_t len, struct sink *sink)
{
	struct login l;

	my->commands++;
	if (len == 0) {
		return;
	}
	if (my->head[0] == CHANGE_USER) { /* text up to NUL, as in the answer to the greeting */
		struct cursor c = cur_make(my->head + 1, (len < HEAD_MAX ? len : HEAD_MAX) - 1);

		take(&my->user, text_until_nul(&c));
	} else if (my->head[0] == INIT_DB) {
		memset(&l, 0, sizeof l);
		l.user = my->user;
		login_put_all(&l.database, my->head + 1, (len < HEAD_MAX ? len : HEAD_MAX) - 1);
		my->entry = login_book(&l, "MySQL", client, INFO_MSG, sink);
		my->is_over = true;
	} else if (my->head[0] == BINLOG_DUMP || my->head[0] == BINLOG_DUMP_GTID) {
		sink_fact(sink, "MySQL replication", "binlog", 6);
		my->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "MySQL", client, INFO_S2C, 0);
		my->phase = PHASE_REPLICATION;
	}
}

/* ---- packets ---- */

static uint32_t length_of(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16;
}

static void packet_end(struct mysql *my, enum side side, uint32_t len, struct sink *sink)
{
	const struct frames *f = &my->frames[side];
	bool is_client = side == my->client, is_first = f->header[3] == 0;

	switch (my->phase) {
	case PHASE_GREETING:
		greeting_end(my, side, len < NOTE_MAX ? len : NOTE_MAX, sink);
		break;
	case PHASE_ANSWER:
		if (is_client) {
			answer_end(my, side, len, sink);
		}
		break;
	case PHASE_SIGN_IN:
		if (!is_client) {
			sign_in_step(my, len < NOTE_MAX ? len : NOTE_MAX, sink);
		}
		my->is_over =
		        my->is_over || (my->phase == PHASE_COMMANDS && my->commands == COMMANDS);
		break;
	case PHASE_COMMANDS:
		if (is_client && is_first && !f->is_torn) {
			command_end(my, side, len, sink);
		}
		my->is_over =
		        my->is_over || (my->phase == PHASE_COMMANDS && my->commands >= COMMANDS);
		break;
	default: /* a replica says when it has what */
		break;
	}
}

static void packets_take(struct mysql *my, enum side side, struct cursor c, struct sink *sink)
{
	struct frames *f = &my->frames[side];
	enum frames_part part;
	struct cursor piece;
	uint32_t at;

	while (!my->is_over && !my->is_encrypted &&
	       (part = frames_next(f, &c, HEADER, &piece, &at)) != FRAMES_NONE) {
		bool is_client = my->phase != PHASE_GREETING && side == my->client;

		if (part == FRAMES_HEAD) {
			frames_begin(f, length_of(f->header));
			continue;
		}
		frames_keep(is_client ? my->head : my->note, is_client ? HEAD_MAX : NOTE_MAX, piece,
		            at);
		if (f->left == 0) {
			packet_end(my, side, f->at, sink);
		}
	}
}

/* ---- recognition ---- */

static bool is_version(const uint8_t *p, size_t len)
{
	bool has_dot = false;

	for (size_t i = 0; i < len; i++) {
		if (p[i] <= ' ' || p[i] > '~') {
			return false;
		}
		has_dot = has_dot || p[i] == '.';
	}
	return len >= 3 && has_dot && p[0] >= '0' && p[0] <= '9';
}

/* HandshakeV10: version, number of the connection, 8 octets of the scramble and a zero behind them.
 */
static bool is_greeting(const uint8_t *body, size_t len)
{
	const uint8_t *end =
	        len > 1 ? memchr(body + 1, 0, len - 1 < VERSION_MAX ? len - 1 : VERSION_MAX) : NULL;
	size_t at = end != NULL ? (size_t)(end - body) : 0;

	return end != NULL && body[0] == GREETING && is_version(body + 1, at - 1) &&
	       at + 16 <= len && body[at + 13] == 0;
}

/* A client that is not admitted hears why in place of a greeting: an error number and text, no SQL
 * state yet. */
static bool is_refusal(const uint8_t *body, size_t len)
{
	unsigned number = len >= 3 ? (unsigned)body[1] | (unsigned)body[2] << 8 : 0;

	return len > 8 && body[0] == 0xff && number >= 1000 && number < 4500 && body[3] >= ' ' &&
	       body[4] >= ' ';
}

/* A command that fills the segment. */
static bool is_command(const uint8_t *body, size_t len)
{
	switch (body[0]) {
	case QUIT:
	case PING:
		return len == 1;
	case CLOSE:
		return len == 5;
	case EXECUTE:
		return len >= 10 && body[5] <= 1 && body[6] == 1 && body[7] == 0;
	case INIT_DB:
	case QUERY:
	case PREPARE:
		return len > 3 && body[1] >= '\t' && body[2] >= '\t' && body[len - 1] >= '\t';
	default:
		return false;
	}
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t left = cur_left(&bytes);
	const uint8_t *p = bytes.p, *body;
	bool is_usual = flow->port[0] == 3306 || flow->port[1] == 3306;

	(void)side;
	if (left <= HEADER || p[3] != 0 || (size_t)length_of(p) + HEADER != left) {
		return 0;
	}
	body = p + HEADER;
	left -= HEADER;
	return is_greeting(body, left) ||
	                       (is_usual && (is_refusal(body, left) || is_command(body, left)))
	               ? 1
	               : 0;
}

/* Joined behind the greeting: a command names its sender. */
static void begin(struct mysql *my, enum side side, struct cursor bytes, struct sink *sink)
{
	uint8_t first = cur_left(&bytes) > HEADER ? bytes.p[HEADER] : 0;

	my->has_begun = true;
	my->entry = SINK_NO_ENTRY;
	if (first != 0 && first != GREETING && first != 0xff) {
		my->phase = PHASE_COMMANDS;
		my->client = (uint8_t)side;
		sink_client(sink, side);
		my->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "MySQL", side, INFO_MSG, 0);
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct mysql *my = state;
	struct frames *f = &my->frames[side];

	(void)flow;
	if (!my->has_begun) {
		begin(my, side, bytes, sink);
	}
	frames_gap(f, lost);
	my->is_over = my->is_over || (lost > 0 && my->phase < PHASE_COMMANDS);
	if (f->is_lost && cur_left(&bytes) > HEADER && bytes.p[3] == 0 &&
	    (size_t)length_of(bytes.p) + HEADER == cur_left(&bytes)) {
		frames_find(f);
	}
	/* what a server answers to commands is of no interest */
	if (!f->is_lost && (my->phase < PHASE_COMMANDS || side == my->client)) {
		packets_take(my, side, bytes, sink);
	}
	sink_octets(sink, side, cur_left(&bytes), my->entry);
	if (my->is_encrypted) {
		return DISSECT_TLS;
	}
	return my->is_over ? DISSECT_DONE : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct mysql) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "database", .standard = "Connection Phase, COM_INIT_DB",
         .guard = "not equal to the user, also after COM_CHANGE_USER",
         .evidence = {EVIDENCE_DATABASE}},
        {FIELD_GUARD, "program of the client",
         .standard = "Connection Phase, connection attributes",
         .guard = "without the user or the host inside", .facts = {"application"}},
        {FIELD_KEEP, "version of the server", .standard = "Connection Phase, initial handshake",
         .guard = "digits and dots", .facts = {"MySQL version", "MariaDB version"}},
        {FIELD_KEEP, "that it replicates", .facts = {"MySQL replication"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "user, password and its proof, SQL, rows",
         .standard = "Connection Phase, Command Phase"},
        {0},
};

const struct dissector dissector_mysql = {
        .name = "mysql",
        .protocol = "MySQL",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct mysql),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
