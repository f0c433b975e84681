/* PostgreSQL's protocol, version 3 (PostgreSQL manual, "Frontend/Backend Protocol": Message Flow,
 * Message Formats). Reads the start-up of a session, then only the types and lengths of messages:
 * COPY moves data one way. SQL and rows are passed over. */
#include "frames.h"
#include "login.h"
#include "terrier/dissect.h"

#include <string.h>

#define HEADER      5 /* type, and length of itself and the body */
#define STARTUP     8 /* length and version: the first messages of a client have no type */
#define STARTUP_MAX 10000
#define LENGTH_MAX  0x3fffffff /* of a message: what the server allows a value (MaxAllocSize) */
#define HEAD_MAX    48
#define KEY_MAX     24

#define VERSION_3   3 /* upper half of the version */
#define CANCEL      80877102
#define SSL_REQUEST 80877103
#define GSS_REQUEST 80877104

enum phase { PHASE_STARTUP, PHASE_ASKED_TLS, PHASE_ASKED_GSS, PHASE_SESSION };

struct postgresql {
	struct frames frames[2];
	uint8_t head[HEAD_MAX]; /* of the server's messages */
	uint8_t phase, client;
	uint8_t way; /* enum info_direction of what is under way */
	bool has_begun, is_booked, is_over, is_encrypted, is_replication, in_key;
	uint8_t key_len;
	char key[KEY_MAX + 1];
	struct login_text value;
	struct login login;
	int entry;
};

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* What comes from now on moves this way. */
static void turn(struct postgresql *pg, enum info_direction way, struct sink *sink)
{
	struct login l = pg->login;

	way = pg->is_replication ? INFO_S2C : way;
	if (pg->is_booked && pg->way == way) {
		return;
	}
	if (pg->is_booked) {
		login_clear(&l.application); /* said once */
	}
	pg->entry = login_book(&l, "PostgreSQL", (enum side)pg->client, way, sink);
	pg->way = (uint8_t)way;
	pg->is_booked = true;
}

/* ---- start-up ---- */

static void parameter_end(struct postgresql *pg)
{
	const char *value = pg->value.text;

	if (strcmp(pg->key, "user") == 0) {
		pg->login.user = pg->value;
	} else if (strcmp(pg->key, "database") == 0) {
		pg->login.database = pg->value;
	} else if (strcmp(pg->key, "application_name") == 0) {
		pg->login.application = pg->value;
	} else if (strcmp(pg->key, "replication") == 0) { /* a standby or a backup */
		pg->is_replication = strcmp(value, "false") != 0 && strcmp(value, "off") != 0 &&
		                     strcmp(value, "0") != 0;
	}
}

/* Pairs of texts that end with NUL. */
static void parameters_take(struct postgresql *pg, struct cursor c)
{
	while (cur_left(&c) > 0) {
		uint8_t octet = cur_u8(&c);

		if (octet == 0 && pg->in_key) {
			login_clear(&pg->value);
			pg->in_key = false;
		} else if (octet == 0) {
			parameter_end(pg);
			pg->in_key = true;
			pg->key_len = 0;
			pg->key[0] = '\0';
		} else if (!pg->in_key) {
			login_put(&pg->value, octet);
		} else if (pg->key_len < KEY_MAX) {
			pg->key[pg->key_len++] = (char)octet;
			pg->key[pg->key_len] = '\0';
		}
	}
}

/* Length and code of a client's message before there is a session. */
static bool startup_is_good(const uint8_t *p)
{
	uint32_t length = be32(p), code = be32(p + 4);

	return ((code == SSL_REQUEST || code == GSS_REQUEST) && length == STARTUP) ||
	       (code == CANCEL && length == 16) ||
	       (code >> 16 == VERSION_3 && (code & 0xffff) <= 2 && length > STARTUP &&
	        length <= STARTUP_MAX);
}

static bool startup_begin(struct postgresql *pg, enum side side, struct sink *sink)
{
	struct frames *f = &pg->frames[side];
	uint32_t code = be32(f->header + 4);

	if (!startup_is_good(f->header)) {
		return false;
	}
	frames_begin(f, be32(f->header) - STARTUP);
	pg->client = (uint8_t)side;
	pg->phase = code == SSL_REQUEST   ? PHASE_ASKED_TLS
	            : code == GSS_REQUEST ? PHASE_ASKED_GSS
	                                  : PHASE_STARTUP;
	pg->is_over = code == CANCEL;
	pg->in_key = true;
	sink_client(sink, side);
	return true;
}

static void startup_take(struct postgresql *pg, enum side side, struct cursor piece,
                         struct sink *sink)
{
	if (pg->phase != PHASE_STARTUP) {
		return;
	}
	parameters_take(pg, piece);
	if (pg->frames[side].is_torn) { /* one value may have run into another */
		memset(&pg->login, 0, sizeof pg->login);
	}
	if (pg->frames[side].left == 0) {
		pg->phase = PHASE_SESSION;
		turn(pg, INFO_BOTH, sink);
	}
}

/* The server's word to a wish for encryption is one octet; old ones send an error. */
static void answer_take(struct postgresql *pg, struct cursor *c, struct sink *sink)
{
	uint8_t answer = cur_u8(c);

	if (answer == 'N') {
		pg->phase = PHASE_STARTUP;
	} else if (answer == 'S' && pg->phase == PHASE_ASKED_TLS) {
		pg->is_encrypted = true;
	} else if (answer == 'G' && pg->phase == PHASE_ASKED_GSS) {
		sink_encryption(sink, ENCRYPTED_YES);
		sink_fact(sink, "PostgreSQL encryption", "GSSAPI", 6);
		pg->is_over = true;
	} else {
		pg->is_over = true;
	}
}

/* ---- messages ---- */

/* "15.4 (Debian 15.4-1)" is 15.4. */
static void parameter_status(const uint8_t *head, size_t len, struct sink *sink)
{
	static const char name[] = "server_version";
	const char *value = (const char *)head + sizeof name;
	size_t n = 0, room = len > sizeof name ? len - sizeof name : 0;

	if (room == 0 || memcmp(head, name, sizeof name) != 0) {
		return;
	}
	while (n < room && value[n] != '\0' && value[n] != ' ') {
		n++;
	}
	if (n < room) {
		sink_fact(sink, "PostgreSQL version", value, n);
	}
}

static void server_message(struct postgresql *pg, uint8_t type, uint32_t length, struct sink *sink)
{
	switch (type) {
	case 'R': /* AuthenticationCleartextPassword */
		if (length >= 4 && be32(pg->head) == 3) {
			sink_fact(sink, FACT_SIGN_IN, "PostgreSQL password", 19);
		}
		break;
	case 'S':
		parameter_status(pg->head, length < HEAD_MAX ? length : HEAD_MAX, sink);
		break;
	case 'H': /* CopyOutResponse, CopyBothResponse */
	case 'W':
		turn(pg, INFO_S2C, sink);
		break;
	case 'G': /* CopyInResponse */
		turn(pg, INFO_C2S, sink);
		break;
	default:
		break;
	}
}

/* A type that there is, and a length; some types always have the same. */
static bool header_is_good(const uint8_t *p)
{
	uint32_t length = be32(p + 1);

	if (p[0] == 0 || length < 4 || length > LENGTH_MAX) {
		return false;
	}
	if (strchr("123IXcns", p[0]) != NULL) {
		return length == 4;
	}
	return p[0] == 'Z' ? length == 5 : strchr("ABCDEFGHKNPQRSTVWdfptv", p[0]) != NULL;
}

static void session_body(struct postgresql *pg, enum side side, struct cursor piece, uint32_t at,
                         struct sink *sink)
{
	const struct frames *f = &pg->frames[side];

	if (side == pg->client) {
		return;
	}
	frames_keep(pg->head, HEAD_MAX, piece, at);
	if (f->left == 0 && !f->is_torn) {
		server_message(pg, f->header[0], f->at, sink);
	}
}

/* Takes a header or a piece of a body; false when this is something else. */
static bool part_take(struct postgresql *pg, enum side side, enum frames_part part,
                      struct cursor piece, uint32_t at, struct sink *sink)
{
	struct frames *f = &pg->frames[side];

	if (pg->phase != PHASE_SESSION) {
		if (part == FRAMES_HEAD) {
			return startup_begin(pg, side, sink);
		}
		startup_take(pg, side, piece, sink);
		return true;
	}
	if (part == FRAMES_HEAD) {
		if (header_is_good(f->header)) {
			frames_begin(f, be32(f->header + 1) - 4);
			return true;
		}
		return false;
	}
	session_body(pg, side, piece, at, sink);
	return true;
}

static bool stream_take(struct postgresql *pg, enum side side, struct cursor *c, struct sink *sink)
{
	struct frames *f = &pg->frames[side];
	struct cursor piece;
	uint32_t at;

	while (cur_left(c) > 0 && !pg->is_over && !pg->is_encrypted) {
		size_t before = cur_left(c);
		enum frames_part part;

		if (pg->phase != PHASE_SESSION && side != pg->client &&
		    pg->phase != PHASE_STARTUP) {
			answer_take(pg, c, sink);
			sink_octets(sink, side, 1, SINK_NO_ENTRY);
			continue;
		}
		part = frames_next(f, c, pg->phase == PHASE_SESSION ? HEADER : STARTUP, &piece,
		                   &at);
		if (part != FRAMES_NONE && !part_take(pg, side, part, piece, at, sink)) {
			sink_octets(sink, side, before - cur_left(c), pg->entry);
			return false;
		}
		if (f->in_body && f->left == 0) { /* a body of no octets */
			part = frames_next(f, c, HEADER, &piece, &at);
			part_take(pg, side, part, piece, at, sink);
		}
		sink_octets(sink, side, before - cur_left(c), pg->entry);
		if (pg->phase == PHASE_SESSION && part == FRAMES_BODY && f->left == 0 &&
		    f->header[0] == 'Z') {
			turn(pg, INFO_BOTH, sink); /* ReadyForQuery: a COPY is over */
		}
	}
	return true;
}

/* ---- recognition ---- */

static bool port_is_usual(const struct dissect_flow *flow)
{
	return flow->port[0] == 5432 || flow->port[1] == 5432 || flow->port[0] == 6432 ||
	       flow->port[1] == 6432;
}

/* What every body of the type has, as far as it is there. */
static bool body_is_good(uint8_t type, struct cursor body, uint32_t length)
{
	size_t left = cur_left(&body);
	bool is_whole = left == length;

	switch (type) {
	case 'Z':
		return left == 0 || memchr("ITE", body.p[0], 3) != NULL;
	case 'R':
		return left < 4 || be32(body.p) <= 12;
	case 'Q':
	case 'P':
	case 'C':
	case 'E':
	case 'N':
	case 'S':
		return !is_whole || length == 0 || body.p[left - 1] == 0 || type == 'E' ||
		       type == 'P';
	default:
		return true;
	}
}

/* Messages that follow each other up to the end of the segment. */
static unsigned chain_count(struct cursor c, bool *is_exact)
{
	unsigned n = 0;

	for (*is_exact = false; cur_left(&c) >= HEADER && n < 8; n++) {
		const uint8_t *p = cur_take(&c, HEADER);
		uint32_t length = be32(p + 1) - 4,
		         there = length < cur_left(&c) ? length : (uint32_t)cur_left(&c);

		if (!header_is_good(p) || !body_is_good(p[0], cur_sub(&c, there), length)) {
			return 0;
		}
		if (cur_left(&c) == 0) {
			*is_exact = there == length;
			return n + 1;
		}
	}
	return cur_left(&c) < HEADER ? n : n + 1;
}

static bool is_chain(struct cursor c, bool is_usual)
{
	bool is_exact, is_query = cur_left(&c) > HEADER && c.p[0] == 'Q';
	unsigned n = chain_count(c, &is_exact);

	return (is_exact && (n > 1 || is_query)) || (is_usual && n > (is_exact ? 0 : 1)) || n > 4;
}

/* The first parameter is a lower-case word, mostly "user". */
static bool is_startup(const uint8_t *p, size_t left)
{
	if (!startup_is_good(p)) {
		return false;
	}
	if (be32(p + 4) >> 16 != VERSION_3) {
		return left == be32(p);
	}
	return left > STARTUP + 5 && left <= be32(p) && p[STARTUP] >= 'a' && p[STARTUP] <= 'z' &&
	       (left < be32(p) || (p[left - 1] == 0 && p[left - 2] == 0)) &&
	       memchr(p + STARTUP, 0, left - STARTUP) != NULL;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t left = cur_left(&bytes);

	(void)side;
	if (left < HEADER) {
		return 0;
	}
	if (left >= STARTUP && is_startup(bytes.p, left)) {
		return 1;
	}
	return is_chain(bytes, port_is_usual(flow)) ? 1 : 0;
}

/* Joined in the middle: who is the client shows in types that only one side sends. */
static void join(struct postgresql *pg, enum side side, uint8_t type,
                 const struct dissect_flow *flow)
{
	pg->phase = PHASE_SESSION;
	pg->client = flow->client;
	if (strchr("QPBFfpX", type) != NULL) {
		pg->client = (uint8_t)side;
	} else if (strchr("RKZTt123nsINAVGWv", type) != NULL) {
		pg->client = (uint8_t)!side;
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct postgresql *pg = state;
	struct frames *f = &pg->frames[side];
	bool is_good = true;

	if (!pg->has_begun) {
		pg->has_begun = true;
		pg->entry = SINK_NO_ENTRY;
		pg->client = (uint8_t)side;
		if (bytes.p[0] != 0) {
			join(pg, side, bytes.p[0], flow);
			turn(pg, INFO_BOTH, sink);
		}
	}
	frames_gap(f, lost);
	if (pg->phase == PHASE_SESSION && f->is_lost && is_chain(bytes, false)) {
		frames_find(f);
	}
	if (!f->is_lost) {
		is_good = stream_take(pg, side, &bytes, sink);
	}
	if (!is_good && pg->phase != PHASE_SESSION) {
		return DISSECT_RELEASE;
	}
	f->is_lost = f->is_lost || !is_good;
	sink_octets(sink, side, cur_left(&bytes), pg->entry);
	if (pg->is_encrypted) {
		return DISSECT_TLS;
	}
	return pg->is_over || (f->is_lost && pg->phase != PHASE_SESSION) ? DISSECT_DONE
	                                                                 : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct postgresql) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "database", .standard = "Message Formats, StartupMessage",
         .guard = "not equal to the user; none of a start-up with a hole",
         .evidence = {EVIDENCE_DATABASE}},
        {FIELD_GUARD, "application of the client", .standard = "Message Formats, StartupMessage",
         .guard = "without the user inside", .facts = {"application"}},
        {FIELD_KEEP, "version of the server", .standard = "Message Formats, ParameterStatus",
         .facts = {"PostgreSQL version"}},
        {FIELD_KEEP, "that GSSAPI encrypts it", .facts = {"PostgreSQL encryption"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "user, password, SQL, rows", .standard = "Message Formats"},
        {0},
};

const struct dissector dissector_postgresql = {
        .name = "postgresql",
        .protocol = "PostgreSQL",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct postgresql),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
