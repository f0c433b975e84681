/* MongoDB (MongoDB manual, "Wire Protocol"; bsonspec.org 1.1). Reads the database that a request is
 * for: `$db` of an OP_MSG, the first part of an OP_QUERY's collection. Of documents only the keys
 * of the outermost level are looked at. */
#include "frames.h"
#include "login.h"
#include "terrier/dissect.h"

#include <string.h>

enum opcode {
	OP_REPLY = 1,
	OP_UPDATE = 2001,
	OP_INSERT = 2002,
	OP_QUERY = 2004,
	OP_GET_MORE = 2005,
	OP_DELETE = 2006,
	OP_KILL_CURSORS = 2007,
	OP_COMPRESSED = 2012,
	OP_MSG = 2013,
};

#define HEADER      16
#define MESSAGE_MAX 48000000    /* maxMessageSizeBytes */
#define FLAGS       0x00010003u /* of OP_MSG: checksum, more to come, exhaust allowed */
#define KEY_MAX     12
#define REQUESTS    64 /* looked at for a database of its own */

/* What the next octets of a request are. */
enum step {
	STEP_FLAGS,
	STEP_SECTION,
	STEP_SIZE,
	STEP_TYPE,
	STEP_KEY,
	STEP_LENGTH,
	STEP_TEXT,
	STEP_COLLECTION,
	STEP_REST
};

/* Walks one request. */
struct walk {
	uint8_t step, type, key_len, have;
	uint32_t skip, number; /* octets to pass over first; a number under way */
	uint32_t text_left;
	char key[KEY_MAX + 1];
	bool is_document; /* the size is that of the command's document */
};

struct mongodb {
	struct frames frames[2];
	struct walk walk;
	struct login_text text;
	uint8_t requests, client;
	bool has_begun, is_over;
	int entry;
};

/* ---- a request ---- */

static void expect(struct walk *w, enum step step)
{
	w->step = (uint8_t)step;
	w->have = 0;
	w->number = 0;
}

/* Octets of a value whose size its type tells (bsonspec.org); UINT32_MAX: its own length stands
 * before it; REST_UNKNOWN: it ends in a way that we do not follow. */
#define OWN_LENGTH   UINT32_MAX
#define REST_UNKNOWN (UINT32_MAX - 1)

static uint32_t value_size(uint8_t type)
{
	switch (type) {
	case 0x06: /* undefined, null, least and greatest key */
	case 0x0a:
	case 0xff:
	case 0x7f:
		return 0;
	case 0x08:
		return 1;
	case 0x10:
		return 4;
	case 0x01:
	case 0x09:
	case 0x11:
	case 0x12:
		return 8;
	case 0x07:
		return 12;
	case 0x13:
		return 16;
	case 0x02: /* text, document, array, binary, code, code with scope */
	case 0x03:
	case 0x04:
	case 0x05:
	case 0x0d:
	case 0x0e:
	case 0x0f:
		return OWN_LENGTH;
	default:
		return REST_UNKNOWN;
	}
}

static void key_end(struct walk *w)
{
	uint32_t size = value_size(w->type);

	if (size == OWN_LENGTH) {
		expect(w, STEP_LENGTH);
	} else if (size == REST_UNKNOWN) {
		expect(w, STEP_REST);
	} else {
		w->skip = size;
		expect(w, STEP_TYPE);
	}
}

/* Lengths of documents count themselves; of binaries not the octet for their kind. */
static void length_end(struct mongodb *m, uint32_t length)
{
	struct walk *w = &m->walk;
	bool is_nested = w->type == 0x03 || w->type == 0x04 || w->type == 0x0f;

	if (length > MESSAGE_MAX || (is_nested && length < 5)) {
		expect(w, STEP_REST);
	} else if (w->type == 0x02 && length > 1 &&
	           (strcmp(w->key, "$db") == 0 || strcmp(w->key, "mechanism") == 0)) {
		login_clear(&m->text);
		w->text_left = length - 1;
		expect(w, STEP_TEXT);
	} else {
		w->skip = is_nested ? length - 4 : w->type == 0x05 ? length + 1 : length;
		expect(w, STEP_TYPE);
	}
}

static bool is_housekeeping(const char *database)
{
	return strcmp(database, "admin") == 0 || strcmp(database, "local") == 0 ||
	       strcmp(database, "config") == 0;
}

/* The name before the dot, or `$db` itself. */
static void database_end(struct mongodb *m, struct sink *sink)
{
	struct login l;

	memset(&l, 0, sizeof l);
	l.database = m->text;
	m->entry = login_book(&l, "MongoDB", (enum side)m->client, INFO_MSG, sink);
	m->is_over = m->is_over || !is_housekeeping(m->text.text);
}

static void text_end(struct mongodb *m, struct sink *sink)
{
	struct walk *w = &m->walk;

	if (w->key[0] == '$') {
		database_end(m, sink);
	} else if (strcmp(m->text.text, "PLAIN") == 0) { /* SASL PLAIN (RFC 4616) */
		sink_fact(sink, FACT_SIGN_IN, "MongoDB PLAIN", 13);
	}
	w->skip = 1; /* its NUL */
	expect(w, STEP_TYPE);
}

static void section_begin(struct walk *w, uint8_t kind)
{
	w->is_document = kind == 0;
	expect(w, kind <= 1 ? STEP_SIZE : STEP_REST);
}

/* A number of four octets is complete. */
static void number_end(struct mongodb *m)
{
	struct walk *w = &m->walk;
	uint32_t number = w->number;

	if (w->step == STEP_FLAGS) {
		expect(w, STEP_SECTION);
	} else if (w->step == STEP_LENGTH) {
		length_end(m, number);
	} else if (w->is_document) {
		expect(w, STEP_TYPE);
	} else { /* a sequence of documents: its size counts itself */
		w->skip = number >= 4 && number < MESSAGE_MAX ? number - 4 : 0;
		expect(w, w->skip > 0 ? STEP_SECTION : STEP_REST);
	}
}

static void key_octet(struct walk *w, uint8_t octet)
{
	if (octet == 0) {
		key_end(w);
	} else if (w->key_len < KEY_MAX) {
		w->key[w->key_len++] = (char)octet;
		w->key[w->key_len] = '\0';
	} else {
		w->key[0] = '\0'; /* longer than any that we know */
	}
}

static void octet_take(struct mongodb *m, uint8_t octet, struct sink *sink)
{
	struct walk *w = &m->walk;

	switch (w->step) {
	case STEP_FLAGS:
	case STEP_SIZE:
	case STEP_LENGTH:
		w->number |= (uint32_t)octet << (8 * w->have);
		if (++w->have == 4) {
			number_end(m);
		}
		break;
	case STEP_SECTION:
		section_begin(w, octet);
		break;
	case STEP_TYPE:
		w->type = octet;
		w->key_len = 0;
		w->key[0] = '\0';
		expect(w, octet == 0 ? STEP_SECTION : STEP_KEY); /* a zero ends the document */
		break;
	case STEP_KEY:
		key_octet(w, octet);
		break;
	case STEP_TEXT:
		login_put(&m->text, octet);
		if (--w->text_left == 0) {
			text_end(m, sink);
		}
		break;
	default: /* STEP_COLLECTION: database.collection */
		if (octet == 0 || octet == '.') {
			database_end(m, sink);
			expect(w, STEP_REST);
		} else {
			login_put(&m->text, octet);
		}
		break;
	}
}

static void request_take(struct mongodb *m, struct cursor c, struct sink *sink)
{
	struct walk *w = &m->walk;

	while (cur_left(&c) > 0 && w->step != STEP_REST && !m->is_over) {
		size_t n = w->skip < cur_left(&c) ? w->skip : cur_left(&c);

		if (n > 0) {
			cur_skip(&c, n);
			w->skip -= (uint32_t)n;
		} else {
			octet_take(m, cur_u8(&c), sink);
		}
	}
}

/* ---- messages ---- */

static uint32_t le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static bool opcode_is_known(uint32_t opcode)
{
	return opcode == OP_REPLY || opcode == OP_COMPRESSED || opcode == OP_MSG ||
	       (opcode >= OP_UPDATE && opcode <= OP_KILL_CURSORS && opcode != 2003);
}

static bool header_is_good(const uint8_t *p)
{
	return le32(p) > HEADER && le32(p) <= MESSAGE_MAX && opcode_is_known(le32(p + 12));
}

static void message_begin(struct mongodb *m, enum side side)
{
	const uint8_t *p = m->frames[side].header;
	uint32_t opcode = le32(p + 12);

	memset(&m->walk, 0, sizeof m->walk);
	login_clear(&m->text);
	if (opcode == OP_MSG) {
		expect(&m->walk, STEP_FLAGS);
	} else if (opcode == OP_QUERY || opcode == OP_INSERT || opcode == OP_UPDATE ||
	           opcode == OP_DELETE || opcode == OP_GET_MORE) {
		m->walk.skip = 4;
		expect(&m->walk, STEP_COLLECTION);
	} else {
		expect(&m->walk, STEP_REST);
	}
	m->requests++;
}

static bool messages_take(struct mongodb *m, enum side side, struct cursor c, struct sink *sink)
{
	struct frames *f = &m->frames[side];
	enum frames_part part;
	struct cursor piece;
	uint32_t at;

	while (!m->is_over && (part = frames_next(f, &c, HEADER, &piece, &at)) != FRAMES_NONE) {
		if (part == FRAMES_HEAD) {
			if (!header_is_good(f->header)) {
				return false;
			}
			frames_begin(f, le32(f->header) - HEADER);
			message_begin(m, side);
		} else if (!f->is_torn) {
			request_take(m, piece, sink);
		}
		m->is_over = m->is_over || (f->left == 0 && m->requests >= REQUESTS);
	}
	return true;
}

/* ---- recognition ---- */

/* `database.collection`, of printable characters. */
static bool is_collection(struct cursor c)
{
	bool has_dot = false;

	while (cur_left(&c) > 0) {
		uint8_t octet = cur_u8(&c);

		if (octet == 0) {
			return has_dot;
		}
		if (octet <= ' ' || octet == 0x7f) {
			return false;
		}
		has_dot = has_dot || octet == '.';
	}
	return false;
}

static bool body_is_good(uint32_t opcode, struct cursor c)
{
	size_t left = cur_left(&c);
	uint32_t flags = cur_le32(&c), size;

	switch (opcode) {
	case OP_MSG: /* flags, then a document, or a sequence of them */
		size = left >= 9 ? le32(c.p + 1) : 0;
		return (flags & ~FLAGS) == 0 && size >= 5 && size <= MESSAGE_MAX && c.p[0] <= 1;
	case OP_QUERY:
		return (flags & ~0xffu) == 0 && is_collection(c);
	case OP_INSERT:
	case OP_UPDATE:
	case OP_DELETE:
	case OP_GET_MORE:
		return flags <= 3 && is_collection(c);
	case OP_REPLY: /* flags, cursor, first, number, a document */
		return left >= 24 && (flags & ~0xfu) == 0 && le32(c.p + 12) <= 1000000 &&
		       le32(c.p + 16) >= 5;
	case OP_COMPRESSED: /* of which opcode, and how */
		return left >= 9 && opcode_is_known(flags) && le32(c.p) <= MESSAGE_MAX &&
		       c.p[4] <= 3;
	default:
		return false;
	}
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const uint8_t *p = cur_take(&bytes, HEADER);
	size_t left = cur_left(&bytes);

	(void)side;
	(void)flow;
	return p != NULL && header_is_good(p) && (size_t)le32(p) >= left + HEADER &&
	                       body_is_good(le32(p + 12), bytes)
	               ? 1
	               : 0;
}

/* A request answers nothing, so its second number is zero; drivers leave others there, but not in
 * OP_MSG. */
static void begin(struct mongodb *m, enum side side, struct cursor bytes,
                  const struct dissect_flow *flow)
{
	uint32_t opcode = cur_left(&bytes) >= HEADER ? le32(bytes.p + 12) : 0;
	bool is_answer = opcode == OP_REPLY || (opcode == OP_MSG && le32(bytes.p + 8) != 0);
	bool is_request =
	        opcode == OP_MSG ? !is_answer : opcode >= OP_UPDATE && opcode <= OP_KILL_CURSORS;

	m->has_begun = true;
	m->entry = SINK_NO_ENTRY;
	m->client = is_request ? (uint8_t)side : is_answer ? (uint8_t)!side : flow->client;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct mongodb *m = state;
	struct frames *f = &m->frames[side];

	if (!m->has_begun) {
		begin(m, side, bytes, flow);
	}
	frames_gap(f, lost);
	if (f->is_lost && recognise(bytes, side, flow) > 0) {
		frames_find(f);
	}
	if (side == m->client && !f->is_lost && !messages_take(m, side, bytes, sink)) {
		f->is_lost = true;
	}
	sink_octets(sink, side, cur_left(&bytes), m->entry);
	return m->is_over ? DISSECT_DONE : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct mongodb) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "database: $db, first part of a collection's name",
         .standard = "MongoDB wire protocol, OP_MSG, OP_QUERY",
         .guard = "none of a message with a hole", .evidence = {EVIDENCE_DATABASE}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, passwords, queries, documents; rest of a collection's name",
         .standard = NULL},
        {0},
};

const struct dissector dissector_mongodb = {
        .name = "mongodb",
        .protocol = "MongoDB",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct mongodb),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
