/* TDS of Microsoft SQL Server and Sybase ([MS-TDS] 2.2.3 packets, 2.2.6.4 LOGIN7, 2.2.6.5 PRELOGIN;
 * TDS 5.0 functional specification, login record). Follows until it is known who is reached and
 * whether what comes then is encrypted; the rest is counted. */
#include "frames.h"
#include "login.h"
#include "terrier/dissect.h"

#include <string.h>

enum packet_type {
	BATCH = 1,
	LOGIN5 = 2, /* TDS 4.2 and 5.0 */
	RPC = 3,
	RESPONSE = 4,
	ATTENTION = 6,
	BULK = 7,
	TRANSACTION = 14,
	TDS5_QUERY = 15,
	LOGIN7 = 16,
	PRELOGIN = 18,
};
enum { LAST = 1 }; /* bit of the status */
enum { ENCRYPT_OFF, ENCRYPT_ON, ENCRYPT_NOT_SUP, ENCRYPT_REQ };

#define HEADER     8
#define PACKET_MAX 32767
#define HEAD_MAX                                                                                   \
	120 /* octets kept of a message: of LOGIN7 all offsets, of PRELOGIN its options            \
	     */
#define BUDGET     65536
#define LOGIN7_FIX 86 /* offsets and lengths; since TDS 7.2 eight octets more, in no range */
#define LOGIN7_MAX 0x20000
#define LOGIN5_FIX 462 /* up to and with the version */

/* Where a field of a login stands in the message. */
struct range {
	uint16_t from, octets;
};

enum { HOST, USER, APPLICATION, SERVER, DATABASE, FIELDS };

struct tds {
	struct frames frames[2];
	uint8_t type[2];
	uint16_t at[2]; /* of a message, whose body may have many packets; stops at its largest
	                   value */
	uint8_t head[2][HEAD_MAX];
	struct range range[FIELDS];
	uint8_t unit; /* first octet of a UTF-16 unit */
	uint8_t encryption[2];
	bool has_login, has_password, is_wide, was_asked, is_over;
	uint8_t hidden; /* side, plus one, whose login is encrypted while the rest is not */
	uint32_t seen;
	struct login login;
};

static struct login_text *field_of(struct login *l, unsigned field)
{
	struct login_text *fields[FIELDS] = {&l->host, &l->user, &l->application, &l->server,
	                                     &l->database};

	return fields[field];
}

/* ---- PRELOGIN ---- */

/* The value of an option; empty when it was not said. */
static struct cursor option(const uint8_t *p, size_t len, uint8_t token)
{
	for (size_t i = 0; i + 5 <= len && p[i] != 0xff; i += 5) {
		size_t at = (size_t)p[i + 1] << 8 | p[i + 2], n = (size_t)p[i + 3] << 8 | p[i + 4];

		if (p[i] == token && at <= len && n <= len - at) {
			return cur_make(p + at, n);
		}
	}
	return cur_make(p, 0);
}

/* 2.2.6.5: the first option is the version, of six octets, behind the list that 0xff ends. */
static bool is_prelogin(const uint8_t *p, size_t len)
{
	size_t at = len >= 5 ? (size_t)p[1] << 8 | p[2] : 0;

	return len >= 12 && p[0] == 0 && p[3] == 0 && p[4] == 6 && at >= 6 && at % 5 == 1 &&
	       at + 6 <= len && p[at - 1] == 0xff;
}

/* Both have said what they can; what comes of it is in the table of 2.2.6.5. */
static void agree(struct tds *tds, enum side server, struct sink *sink)
{
	uint8_t asked = tds->encryption[1 - server], got = tds->encryption[server];
	bool is_full = got == ENCRYPT_REQ || (got == ENCRYPT_ON && asked != ENCRYPT_NOT_SUP);
	bool is_login =
	        !is_full && got == ENCRYPT_OFF && (asked == ENCRYPT_OFF || asked == ENCRYPT_ON);
	const char *word = is_full ? "full" : is_login ? "login only" : "off";

	sink_fact(sink, "TDS encryption", word, strlen(word));
	if (is_full) {
		sink_encryption(sink, ENCRYPTED_YES);
		sink_protocol(sink, "TDS+TLS");
		sink_evidence(sink, EVIDENCE_PROTOCOL, "TDS+TLS", side_other(server), INFO_MSG, 0);
		tds->is_over = true;
	} else if (is_login) {
		tds->has_login = true; /* the server's answer to it names the database */
		tds->hidden = (uint8_t)(2 - server);
	}
}

/* What the client believes to reach; "MSSQLServer" is any server's first one. */
static void instance_book(struct cursor c, struct sink *sink)
{
	const char *name = (const char *)c.p;
	size_t len = cur_left(&c);

	if (len > 1 && name[len - 1] == '\0' && name[0] != '\0' &&
	    text_casecmp(name, "MSSQLServer") != 0) {
		sink_fact(sink, "database instance", name, strlen(name));
	}
}

static void prelogin_end(struct tds *tds, enum side side, struct sink *sink)
{
	const uint8_t *p = tds->head[side];
	size_t len = tds->at[side] < HEAD_MAX ? tds->at[side] : HEAD_MAX;
	struct cursor encryption = option(p, len, 1), instance = option(p, len, 2);

	if (!is_prelogin(p, len)) { /* packets of this type carry TLS handshakes, too */
		return;
	}
	tds->encryption[side] = cur_left(&encryption) > 0 ? encryption.p[0] & 3 : ENCRYPT_NOT_SUP;
	if (tds->type[side] == PRELOGIN) {
		tds->was_asked = true;
		instance_book(instance, sink);
	} else if (tds->was_asked) {
		agree(tds, side, sink);
	}
}

/* ---- logins ---- */

static struct range range7(const uint8_t *p)
{
	uint16_t from = (uint16_t)(p[0] | p[1] << 8), units = (uint16_t)(p[2] | p[3] << 8);

	return (struct range){.from = from,
	                      .octets = units < 0x7fff ? (uint16_t)(units * 2) : UINT16_MAX};
}

/* The table of offsets of LOGIN7 is complete; text follows. */
static void login7_ranges(struct tds *tds, const uint8_t *p)
{
	static const uint8_t entry[FIELDS] = {36, 40, 48, 52, 68};
	bool is_integrated = (p[25] & 0x80) != 0; /* fIntSecurity */

	for (unsigned i = 0; i < FIELDS; i++) {
		tds->range[i] = range7(p + entry[i]);
	}
	tds->is_wide = true;
	tds->has_password = !is_integrated && range7(p + 44).octets > 0;
}

/* Fields of 30 octets with their length behind: what stands in the padding is no part of them. */
static void login5_ranges(struct tds *tds)
{
	static const uint8_t entry[FIELDS] = {0, 31, 140, 171, 0};

	for (unsigned i = 0; i < DATABASE; i++) {
		tds->range[i] = (struct range){.from = entry[i], .octets = 31};
	}
	tds->is_wide = false;
}

static void field_octet(struct tds *tds, unsigned field, uint16_t at, uint8_t octet)
{
	struct login_text *t = field_of(&tds->login, field);
	unsigned index = (unsigned)at - tds->range[field].from;

	if (!tds->is_wide && index == 30) {
		t->len = octet < 30 ? octet : 30;
		t->text[t->len] = '\0';
	} else if (!tds->is_wide) {
		login_put(t, octet);
	} else if (index % 2 == 0) {
		tds->unit = octet;
	} else {
		login_put_utf16(t, (uint16_t)(octet << 8 | tds->unit));
	}
}

/* Takes what of the piece belongs to fields; they stand one behind the other or not at all. */
static void login_piece(struct tds *tds, struct cursor piece, uint16_t at)
{
	for (; cur_left(&piece) > 0 && at < UINT16_MAX; at++) {
		uint8_t octet = cur_u8(&piece);

		for (unsigned i = 0; i < FIELDS; i++) {
			if (at >= tds->range[i].from &&
			    at - tds->range[i].from < tds->range[i].octets) {
				field_octet(tds, i, at, octet);
			}
		}
		tds->has_password = tds->has_password || (!tds->is_wide && at == 92 && octet > 0);
	}
}

static void login_end(struct tds *tds, enum side side, struct sink *sink)
{
	const char *mechanism = tds->is_wide ? "TDS LOGIN7" : "TDS login";

	if (tds->has_password) {
		sink_fact(sink, FACT_SIGN_IN, mechanism, strlen(mechanism));
	}
	tds->has_login = true;
	if (tds->login.database.len > 0 || !tds->is_wide) {
		login_book(&tds->login, "TDS", side, INFO_MSG, sink);
		tds->is_over = true;
	}
}

/* ---- the server's answer ---- */

/* 2.2.7.9 ENVCHANGE of type 1, first in the answer to a login: the database that it is now
 * connected to. */
static void answer_end(struct tds *tds, enum side server, struct sink *sink)
{
	size_t len = tds->at[server] < HEAD_MAX ? tds->at[server] : HEAD_MAX;
	struct cursor c = cur_make(tds->head[server], len);
	uint8_t token = cur_u8(&c), type, units;

	cur_skip(&c, 2);
	type = cur_u8(&c);
	units = cur_u8(&c);
	if (token == 0xe3 && type == 1 && cur_left(&c) >= units * 2U) {
		login_clear(&tds->login.database);
		while (units-- > 0) {
			login_put_utf16(&tds->login.database, cur_le16(&c));
		}
	}
	login_book(&tds->login, "TDS", side_other(server), INFO_MSG, sink);
	tds->is_over = true;
}

/* ---- packets ---- */

static bool header_is_good(const uint8_t *p)
{
	unsigned len = (unsigned)p[2] << 8 | p[3];
	bool is_known = (p[0] >= BATCH && p[0] <= RESPONSE) || (p[0] >= ATTENTION && p[0] <= 8) ||
	                (p[0] >= TRANSACTION && p[0] <= PRELOGIN);

	return is_known && (p[1] & 0xe0) == 0 && len >= HEADER && len <= PACKET_MAX && p[7] == 0;
}

static bool packet_begin(struct tds *tds, enum side side)
{
	struct frames *f = &tds->frames[side];
	const uint8_t *p = f->header;

	if (!header_is_good(p)) {
		return false;
	}
	if (tds->type[side] != p[0]) {
		tds->at[side] = 0;
	}
	tds->type[side] = p[0];
	frames_begin(f, ((uint32_t)p[2] << 8 | p[3]) - HEADER);
	return true;
}

static void message_piece(struct tds *tds, enum side side, struct cursor piece)
{
	uint16_t at = tds->at[side];
	size_t left = cur_left(&piece), have = frames_keep(tds->head[side], HEAD_MAX, piece, at);

	if (tds->type[side] == LOGIN7 && at < LOGIN7_FIX && have >= LOGIN7_FIX) {
		login7_ranges(tds, tds->head[side]);
		cur_skip(&piece, (size_t)LOGIN7_FIX - at); /* text begins behind the table */
		login_piece(tds, piece, LOGIN7_FIX);
	} else if (tds->type[side] == LOGIN5 || (tds->type[side] == LOGIN7 && at >= LOGIN7_FIX)) {
		if (at == 0) {
			login5_ranges(tds);
		}
		login_piece(tds, piece, at);
	}
	left += at;
	tds->at[side] = left < UINT16_MAX ? (uint16_t)left : (uint16_t)UINT16_MAX;
}

static void message_end(struct tds *tds, enum side side, struct sink *sink)
{
	switch (tds->type[side]) {
	case PRELOGIN:
		prelogin_end(tds, side, sink);
		break;
	case LOGIN5:
	case LOGIN7:
		login_end(tds, side, sink);
		break;
	case RESPONSE:
		if (tds->has_login && tds->head[side][0] >= 0x79) { /* a token, no TLS handshake */
			answer_end(tds, side, sink);
		} else {
			prelogin_end(tds, side, sink);
		}
		break;
	default: /* requests: joined behind the login */
		tds->is_over = true;
		break;
	}
	tds->at[side] = 0;
}

/* False when this cannot be TDS. */
static bool packets_take(struct tds *tds, enum side side, struct cursor c, struct sink *sink)
{
	struct frames *f = &tds->frames[side];
	enum frames_part part;
	struct cursor piece;
	uint32_t at;

	while (!tds->is_over && (part = frames_next(f, &c, HEADER, &piece, &at)) != FRAMES_NONE) {
		if (part == FRAMES_HEAD) {
			if (!packet_begin(tds, side)) {
				return false;
			}
			continue;
		}
		message_piece(tds, side, piece);
		if (f->left == 0 && (f->header[1] & LAST) != 0) {
			message_end(tds, side, sink);
		}
	}
	return true;
}

/* ---- recognition ---- */

static bool port_is_usual(const struct dissect_flow *flow)
{
	for (unsigned i = 0; i < 2; i++) {
		if (flow->port[i] == 1433 || flow->port[i] == 2433 || flow->port[i] == 5000) {
			return true;
		}
	}
	return false;
}

static bool is_login7(const uint8_t *p, size_t len, size_t packet)
{
	uint32_t length =
	        len >= 8 ? p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24
	                 : 0;
	uint32_t host = len >= 38 ? p[36] | (uint32_t)p[37] << 8 : 0;

	return length >= 86 && length < LOGIN7_MAX && length + HEADER >= packet &&
	       (p[7] == 8 || (p[7] & 0xf8) == 0x70) && host >= 86 && host <= 200;
}

static bool is_login5(const uint8_t *p, size_t len)
{
	return len >= LOGIN5_FIX && p[30] <= 30 && p[61] <= 30 && p[92] <= 30 && p[170] <= 30 &&
	       p[201] <= 30 && (p[458] == 4 || p[458] == 5) && p[459] <= 9 && p[460] == 0 &&
	       p[461] == 0;
}

/* Tokens that begin an answer ([MS-TDS] 2.2.4, TDS 5.0): results, returns, messages, DONE. */
static bool token_begins(uint8_t token)
{
	static const uint8_t known[] = {0x79, 0x81, 0xa0, 0xa4, 0xa5, 0xaa, 0xab, 0xac, 0xad, 0xae,
	                                0xd1, 0xe2, 0xe3, 0xe5, 0xed, 0xee, 0xfd, 0xfe, 0xff};

	return memchr(known, token, sizeof known) != NULL;
}

/* DONE ends an answer: of 9 octets, since TDS 7.2 of 13; few bits of its status are in use. */
static bool done_ends(const uint8_t *p, size_t len, size_t octets)
{
	const uint8_t *done = len >= octets ? p + len - octets : NULL;

	return done != NULL && done[0] >= 0xfd && done[2] <= 1 && (done[1] & 0x08) == 0;
}

/* Joined in the middle: one packet fills the segment, and what is in it is what its type asks for.
 */
static bool is_middle(const uint8_t *p, size_t len, bool is_usual)
{
	const uint8_t *body = p + HEADER;
	size_t left = len - HEADER;
	bool is_whole = (size_t)(p[2] << 8 | p[3]) == len && (p[1] & LAST) != 0;

	switch (p[0]) {
	case BATCH:
	case RPC:
	case TRANSACTION: /* ALL_HEADERS with a transaction descriptor (2.2.5.3), or the port */
		return (left >= 10 && memcmp(body, "\x16\0\0\0\x12\0\0\0\x02\0", 10) == 0 &&
		        p[4] == 0 && p[5] == 0) ||
		       (is_usual && is_whole && left > 0);
	case RESPONSE:
		return is_whole && left > 0 &&
		       (token_begins(body[0]) || (is_usual && is_prelogin(body, left))) &&
		       (is_usual || done_ends(body, left, 9) || done_ends(body, left, 13));
	case TDS5_QUERY:
	case ATTENTION:
		return is_usual && is_whole;
	default:
		return false;
	}
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t left = cur_left(&bytes), packet;
	const uint8_t *p = bytes.p, *body;

	(void)side;
	if (left < HEADER || !header_is_good(p)) {
		return 0;
	}
	packet = (size_t)p[2] << 8 | p[3];
	body = p + HEADER;
	switch (p[0]) {
	case PRELOGIN:
		return p[1] == LAST && packet == left && is_prelogin(body, left - HEADER) ? 1 : 0;
	case LOGIN7:
		return is_login7(body, left - HEADER, packet) ? 1 : 0;
	case LOGIN5:
		return packet >= HEADER + LOGIN5_FIX && is_login5(body, left - HEADER) ? 1 : 0;
	default:
		return is_middle(p, left, port_is_usual(flow)) ? 1 : 0;
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct tds *tds = state;
	size_t len = cur_left(&bytes);
	bool is_first = tds->seen == 0, is_hidden = tds->hidden == side + 1;

	(void)flow;
	if (is_first) {
		sink_client(sink, bytes.p[0] == RESPONSE ? side_other(side) : side);
	}
	tds->seen += len < BUDGET ? (uint32_t)len : BUDGET;
	frames_gap(&tds->frames[side], lost);
	/* with octets missing a field might be read into another */
	tds->is_over = tds->is_over || lost > 0 || tds->seen > BUDGET;
	if (!is_hidden && !packets_take(tds, side, bytes, sink)) {
		if (is_first) {
			return DISSECT_RELEASE;
		}
		tds->is_over = true;
	}
	if (is_first && !tds->is_over && tds->type[side] == RESPONSE && !tds->was_asked) {
		tds->is_over = true; /* joined in an answer */
	}
	sink_octets(sink, side, len, SINK_NO_ENTRY);
	return tds->is_over ? DISSECT_DONE : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct tds) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "database, instance", .standard = "MS-TDS 2.2.6.4, 2.2.7.9",
         .guard = "not equal to the user; none behind a hole", .evidence = {EVIDENCE_DATABASE},
         .facts = {"database instance"}},
        {FIELD_GUARD, "server that the client asks for", .standard = "MS-TDS 2.2.6.4",
         .guard = "the host rule; not equal to the user", .names = {NAME_BANNER}},
        {FIELD_GUARD, "application of the client", .standard = "MS-TDS 2.2.6.4",
         .guard = "without the user or the host inside", .facts = {"application"}},
        {FIELD_KEEP, "whether it is encrypted", .facts = {"TDS encryption"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "user, password (which is obfuscated, not encrypted), SQL, rows",
         .standard = "MS-TDS 2.2.6"},
        {0},
};

const struct dissector dissector_tds = {
        .name = "tds",
        .protocol = "TDS",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct tds),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
