/* DRDA of IBM Db2 and Derby (The Open Group, DRDA V5 vol. 3 "DDM Architecture": DSS, codepoints;
 * vol. 1 for the flow). Reads the database (RDBNAM) and whether a password goes in the clear. */
#include "frames.h"
#include "login.h"
#include "terrier/dissect.h"

#include <string.h>

enum codepoint {
	EXCSAT = 0x1041,
	ACCSEC = 0x106d,
	SECCHK = 0x106e,
	ACCRDB = 0x2001,
	RDBNAM = 0x2110,
	SECMEC = 0x11a2,
	USRID = 0x11a0,
	PASSWORD = 0x11a1,
};

#define HEADER            6 /* length, 0xd0, format, correlation */
#define MAGIC             0xd0
#define HEAD_MAX          320 /* octets kept of a message: names come before lists */
#define BUDGET            65536
#define USER_AND_PASSWORD 3 /* USRIDPWD: neither is encrypted */

struct drda {
	struct frames frames[2];
	uint8_t head[HEAD_MAX];
	bool has_begun, is_over, is_clear;
	uint8_t client;
	uint32_t seen;
	int entry;
	struct login_text user, database;
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Letters, digits and the signs of names in EBCDIC (code page 500); 0: another. */
static uint8_t of_ebcdic(uint8_t octet)
{
	static const char rows[16][11] = {
	        [0x8] = "abcdefghi", [0x9] = "jklmnopqr", [0xa] = " stuvwxyz",  [0xc] = "ABCDEFGHI",
	        [0xd] = "JKLMNOPQR", [0xe] = " STUVWXYZ", [0xf] = "0123456789",
	};
	unsigned row = octet >> 4, column = octet & 15U;

	switch (octet) {
	case 0x40:
		return ' ';
	case 0x6d:
		return '_';
	case 0x60:
		return '-';
	case 0x4b:
		return '.';
	case 0x5b:
		return '$';
	case 0x7b:
		return '#';
	default:
		break;
	}
	if (row < 8 || (row == 0xf ? column > 9 : column < 1 || column > 9)) {
		return 0;
	}
	return (uint8_t)rows[row][row == 0xf ? column : column - 1];
}

/* A name in EBCDIC or, from newer clients, UTF-8; blanks at its end are padding. */
static void take(struct login_text *to, struct cursor c)
{
	bool is_ascii = true;

	for (const uint8_t *p = c.p; p < c.end; p++) {
		is_ascii = is_ascii && *p >= ' ' && *p < 0x7f;
	}
	login_clear(to);
	while (cur_left(&c) > 0) {
		uint8_t octet = cur_u8(&c);

		octet = is_ascii ? octet : of_ebcdic(octet);
		to->is_cut = to->is_cut || octet == 0;
		login_put(to, octet);
	}
	while (to->len > 0 && to->text[to->len - 1] == ' ') {
		to->text[--to->len] = '\0';
	}
}

/* Bounds of a parameter: length with itself and the codepoint. */
static bool parameter_next(struct cursor *c, uint16_t *codepoint, struct cursor *value)
{
	uint16_t length = cur_u16(c);

	*codepoint = cur_u16(c);
	if (c->bad || length < 4) {
		return false;
	}
	*value = cur_sub(c, length - 4U);
	return !value->bad;
}

static void book(struct drda *d, enum side client, struct sink *sink)
{
	struct login l;

	memset(&l, 0, sizeof l);
	l.user = d->user;
	l.database = d->database;
	d->entry = login_book(&l, "DRDA", client, INFO_MSG, sink);
}

/* ACCSEC, SECCHK and ACCRDB name the database; the user, to compare, comes with SECCHK. */
static void command_end(struct drda *d, enum side client, size_t len, struct sink *sink)
{
	struct cursor c = cur_make(d->head, len < HEAD_MAX ? len : HEAD_MAX), value;
	uint16_t command, codepoint;
	bool has_password = false;

	cur_skip(&c, 2);
	command = cur_u16(&c);
	if (command != ACCSEC && command != SECCHK && command != ACCRDB) {
		d->is_over = command != EXCSAT;
		return;
	}
	while (parameter_next(&c, &codepoint, &value)) {
		uint16_t mechanism =
		        codepoint == SECMEC && cur_left(&value) >= 2 ? be16(value.p) : 0;

		if (codepoint == RDBNAM) {
			take(&d->database, value);
		} else if (codepoint == USRID) {
			take(&d->user, value);
		}
		has_password = has_password || (command == SECCHK && codepoint == PASSWORD);
		d->is_clear = d->is_clear || mechanism == USER_AND_PASSWORD;
	}
	if (has_password && d->is_clear) {
		sink_fact(sink, FACT_SIGN_IN, "DRDA user and password", 22);
	}
	if (command == ACCRDB) {
		book(d, client, sink);
		d->is_over = true;
	}
}

/* ---- messages ---- */

/* Length, 0xd0, a format of which the low half is 1..5 (request, reply, objects, encrypted …). */
static bool header_is_good(const uint8_t *p)
{
	return be16(p) >= HEADER + 4 && p[2] == MAGIC && (p[3] & 0x0f) >= 1 && (p[3] & 0x0f) <= 5 &&
	       (p[3] & 0x80) == 0;
}

static bool messages_take(struct drda *d, enum side side, struct cursor c, struct sink *sink)
{
	struct frames *f = &d->frames[side];
	enum frames_part part;
	struct cursor piece;
	uint32_t at;

	while (!d->is_over && (part = frames_next(f, &c, HEADER, &piece, &at)) != FRAMES_NONE) {
		if (part == FRAMES_HEAD) {
			if (!header_is_good(f->header)) {
				return false;
			}
			frames_begin(f, (uint32_t)be16(f->header) - HEADER);
			continue;
		}
		frames_keep(d->head, HEAD_MAX, piece, at);
		if (f->left == 0 && (f->header[3] & 0x0f) == 1) {
			command_end(d, side, f->at, sink);
		}
	}
	return true;
}

/* A message whose command fills it, so that two lengths say the same. */
static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	const uint8_t *p = cur_take(&bytes, HEADER + 4);
	unsigned codepoint;

	(void)side;
	(void)flow;
	if (p == NULL || !header_is_good(p) || be16(p) != be16(p + HEADER) + HEADER) {
		return 0;
	}
	codepoint = be16(p + HEADER + 2);
	return (codepoint >= 0x1000 && codepoint < 0x2700) || codepoint == 0x0010 ||
	                       codepoint == 0x147a
	               ? 1
	               : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct drda *d = state;
	bool is_request = cur_left(&bytes) > 3 && (bytes.p[3] & 0x0f) == 1;

	(void)flow;
	if (!d->has_begun) {
		d->has_begun = true;
		d->entry = SINK_NO_ENTRY;
		d->client = is_request ? (uint8_t)side : (uint8_t)!side;
		sink_client(sink, (enum side)d->client);
	}
	d->seen += cur_left(&bytes) < BUDGET ? (uint32_t)cur_left(&bytes) : BUDGET;
	frames_gap(&d->frames[side], lost);
	d->is_over = d->is_over || lost > 0 || d->seen > BUDGET;
	if (side == d->client && !messages_take(d, side, bytes, sink)) {
		d->is_over = true;
	}
	sink_octets(sink, side, cur_left(&bytes), d->entry);
	return d->is_over ? DISSECT_DONE : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct drda) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "name of the database (RDBNAM)", .standard = "DRDA vol. 3 RDBNAM",
         .guard = "not equal to the user (USRID); none with a hole before it",
         .evidence = {EVIDENCE_DATABASE}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "user, password, SQL, rows", .standard = "DRDA vol. 3"},
        {0},
};

const struct dissector dissector_drda = {
        .name = "drda",
        .protocol = "DRDA",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct drda),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
