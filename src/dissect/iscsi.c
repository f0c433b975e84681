/* iSCSI (RFC 7143): the names agreed at login, and which way blocks go, by the headers of the PDUs. Data is skipped by
 * length. A connection that was joined behind its login is left to its port: nothing tells where a PDU begins. */
#include "terrier/dissect.h"

#include <string.h>

#define HEADER_LEN 48 /* basic header segment, RFC 7143 11.2.1 */
#define DIGEST_LEN 4
#define PAIR_MAX   80 /* octets kept of a key and its value at login */

/* RFC 7143 11.2.1.2; those of the target have bit 5 set. */
enum opcode {
	NOP_OUT = 0x00,
	COMMAND = 0x01,
	TASK_MANAGEMENT = 0x02,
	LOGIN = 0x03,
	TEXT = 0x04,
	DATA_OUT = 0x05,
	LOGOUT = 0x06,
	SNACK = 0x10,
	NOP_IN = 0x20,
	LOGIN_RESPONSE = 0x23,
	DATA_IN = 0x25,
	LOGOUT_RESPONSE = 0x26,
	READY = 0x31,
	ASYNC = 0x32,
	REJECT = 0x3f,
};

struct half {
	uint8_t header[HEADER_LEN];
	uint8_t have;
	uint8_t opcode;
	uint32_t text;  /* octets of login text still to come */
	uint32_t skip;  /* octets behind it: data, padding, digests */
	uint32_t extra; /* octets before it: additional header segments */
	int entry;      /* of the current PDU */
	char pair[PAIR_MAX + 1];
	uint8_t pair_len;
	bool is_long;
};

struct iscsi {
	struct half half[2];
	char target[PAIR_MAX + 1]; /* empty: none, or discovery */
	int reads, writes;         /* entries, one more than theirs; 0: none yet */
	uint8_t client;            /* one more than its side */
	bool has_header_digest, has_data_digest, is_accepted;
};

static bool is_initiator_opcode(uint8_t opcode)
{
	return opcode <= LOGOUT || opcode == SNACK;
}

static bool is_target_opcode(uint8_t opcode)
{
	return (opcode >= NOP_IN && opcode <= LOGOUT_RESPONSE) || opcode == READY || opcode == ASYNC || opcode == REJECT;
}

/* An iSCSI name (RFC 7143 4.2.7): iqn. with year and month, eui. and naa. with hexadecimal digits. */
static bool is_name(const char *text)
{
	size_t len = strlen(text), tail;

	if (strncmp(text, "eui.", 4) == 0 || strncmp(text, "naa.", 4) == 0) {
		tail = strspn(text + 4, "0123456789abcdefABCDEF");
		return tail == len - 4 && (tail == 16 || (tail == 32 && text[0] == 'n'));
	}
	return strncmp(text, "iqn.", 4) == 0 && strspn(text + 4, "0123456789") == 4 && text[8] == '-' &&
	       strspn(text + 9, "0123456789") == 2 && text[11] == '.' && text[12] != '\0' &&
	       strspn(text + 12, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.:-_") == len - 12;
}

/* The value when the pair is of this key, else NULL. */
static const char *value_of(const struct half *h, const char *key)
{
	size_t n = strlen(key);

	return h->pair_len > n && memcmp(h->pair, key, n) == 0 && h->pair[n] == '=' ? h->pair + n + 1 : NULL;
}

static void take_pair(struct iscsi *s, const struct half *h, struct sink *sink)
{
	const char *value;

	if (h->opcode == LOGIN && (value = value_of(h, "InitiatorName")) != NULL && is_name(value)) {
		sink_fact(sink, "iSCSI initiator", value, strlen(value));
	} else if (h->opcode == LOGIN && (value = value_of(h, "TargetName")) != NULL && is_name(value)) {
		memcpy(s->target, value, strlen(value) + 1);
		sink_fact(sink, "iSCSI target", value, strlen(value));
	} else if (h->opcode == LOGIN_RESPONSE && (value = value_of(h, "HeaderDigest")) != NULL) {
		s->has_header_digest = strcmp(value, "CRC32C") == 0;
	} else if (h->opcode == LOGIN_RESPONSE && (value = value_of(h, "DataDigest")) != NULL) {
		s->has_data_digest = strcmp(value, "CRC32C") == 0;
	}
}

/* Text of a login: `key=value` pairs, each ended by NUL (RFC 7143 6.1). */
static void take_text(struct iscsi *s, struct half *h, struct cursor text, struct sink *sink)
{
	for (const uint8_t *p = text.p; p < text.end; p++) {
		if (*p != '\0') {
			h->is_long |= h->pair_len == PAIR_MAX;
			h->pair[h->pair_len] = (char)*p;
			h->pair_len = (uint8_t)(h->pair_len + (h->pair_len < PAIR_MAX));
			continue;
		}
		h->pair[h->pair_len] = '\0';
		if (!h->is_long) {
			take_pair(s, h, sink);
		}
		h->pair_len = 0;
		h->is_long = false;
	}
}

/* Reads and writes are told by the command (SPC, SBC, SSC: 6, 10, 12 and 16 octets). */
static bool is_read(uint8_t command)
{
	return command == 0x08 || command == 0x28 || command == 0xa8 || command == 0x88;
}

static bool is_write(uint8_t command)
{
	return command == 0x0a || command == 0x2a || command == 0xaa || command == 0x8a || command == 0x2e || command == 0x8e;
}

static int name_way(struct iscsi *s, int *number, enum info_direction way, struct sink *sink)
{
	bool is_named = s->target[0] != '\0';
	enum side client = s->client == 1 ? SIDE_0 : SIDE_1;

	/* named anew each time: the sink may have sent it */
	*number = 1 + sink_evidence(sink, is_named ? EVIDENCE_SHARE : EVIDENCE_PROTOCOL, is_named ? s->target : "iSCSI",
	                            client, way, 0);
	return *number - 1;
}

/* The entry that a PDU's octets belong to. */
static int entry_of(struct iscsi *s, const struct half *h, struct sink *sink)
{
	uint8_t command = h->header[32]; /* first octet of the CDB, RFC 7143 11.3 */

	switch (h->opcode) {
	case COMMAND:
		return is_read(command)    ? name_way(s, &s->reads, INFO_S2C, sink)
		       : is_write(command) ? name_way(s, &s->writes, INFO_C2S, sink)
		                           : SINK_NO_ENTRY;
	case DATA_OUT:
	case READY:
		return s->writes - 1;
	case DATA_IN:
		return s->reads - 1;
	default:
		return SINK_NO_ENTRY;
	}
}

/* The header is whole; false when it is none. */
static bool take_header(struct iscsi *s, enum side side, struct sink *sink)
{
	struct half *h = &s->half[side];
	struct cursor c = cur_make(h->header, HEADER_LEN);
	uint8_t opcode = cur_u8(&c), flags = cur_u8(&c);
	bool is_login;

	h->opcode = opcode & 0x3f;
	is_login = h->opcode == LOGIN || h->opcode == LOGIN_RESPONSE;
	cur_skip(&c, 2);
	h->extra = cur_u8(&c) * 4u;
	h->text = cur_u24(&c);
	if ((opcode & 0x80) != 0 || (s->client == side + 1u) != is_initiator_opcode(h->opcode) ||
	    (s->client != side + 1u) != is_target_opcode(h->opcode)) {
		return false;
	}
	if (h->opcode == LOGIN_RESPONSE && h->header[36] == 0 && (flags & 0x83) == 0x83) {
		s->is_accepted = true; /* status 0, to the full feature phase */
	}
	h->skip = (4 - h->text % 4) % 4;
	if (!is_login) {
		h->extra += s->has_header_digest ? DIGEST_LEN : 0;
		h->skip += h->text + (s->has_data_digest && h->text > 0 ? DIGEST_LEN : 0u);
		h->text = 0;
	}
	h->entry = entry_of(s, h, sink);
	return true;
}

/* Takes the next part of a PDU; false when the stream is no iSCSI, or no longer. */
static bool take_part(struct iscsi *s, enum side side, struct cursor *bytes, struct sink *sink)
{
	struct half *h = &s->half[side];
	uint32_t *field = h->extra > 0 ? &h->extra : h->text > 0 ? &h->text : &h->skip;
	size_t left = cur_left(bytes), n;

	if (h->have < HEADER_LEN) {
		n = left < (size_t)(HEADER_LEN - h->have) ? left : (size_t)(HEADER_LEN - h->have);
		memcpy(h->header + h->have, cur_take(bytes, n), n);
		h->have = (uint8_t)(h->have + n);
		if (h->have < HEADER_LEN) {
			sink_octets(sink, side, n, SINK_NO_ENTRY);
			return true;
		}
		if (!take_header(s, side, sink)) {
			return false;
		}
	} else {
		n = left < *field ? left : *field;
		if (field == &h->text) {
			take_text(s, h, cur_make(bytes->p, n), sink);
		}
		cur_skip(bytes, n);
		*field -= (uint32_t)n;
	}
	sink_octets(sink, side, n, h->entry);
	if (h->extra + h->text + h->skip == 0) {
		h->have = 0;
	}
	return true;
}

/* Where a PDU begins is no longer known: from here on the octets tell the way. */
static enum dissect_verdict give_up(struct iscsi *s, enum side side, size_t left, struct sink *sink)
{
	int entry;

	if (!s->is_accepted) {
		return DISSECT_RELEASE;
	}
	entry = name_way(s, &s->reads, INFO_BALANCE, sink);
	sink_octets(sink, side, left, entry);
	return DISSECT_DONE;
}

static enum dissect_verdict iscsi_dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                          const struct dissect_flow *flow, struct sink *sink)
{
	struct iscsi *s = state;
	struct half *h = &s->half[side];

	(void)flow;
	if (s->client == 0) { /* the first octets are a login request */
		s->client = (uint8_t)(side + 1);
		sink_client(sink, side);
	}
	if (lost > 0 && lost < h->skip && h->extra + h->text == 0) {
		h->skip -= (uint32_t)lost; /* within data: the next header stands where it would */
	} else if (lost > 0) {
		return give_up(s, side, cur_left(&bytes), sink);
	}
	while (cur_left(&bytes) > 0) {
		if (!take_part(s, side, &bytes, sink)) {
			return give_up(s, side, cur_left(&bytes), sink);
		}
	}
	return DISSECT_FOLLOW;
}

/* A login request: immediate, stages in order, version 0, and its text begins with a key. */
static size_t iscsi_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct cursor c = bytes;
	uint8_t flags;
	uint32_t len;

	(void)side;
	(void)flow;
	if (cur_u8(&c) != (0x40 | LOGIN)) {
		return 0;
	}
	flags = cur_u8(&c);
	if ((flags & 0x30) != 0 || (flags >> 2 & 3) > 1 || cur_u16(&c) != 0 || cur_u8(&c) != 0) {
		return 0;
	}
	len = cur_u24(&c);
	cur_skip(&c, HEADER_LEN - 8);
	return len >= 16 && len <= 8192 && (cur_is(&c, "InitiatorName=", 14) || cur_is(&c, "TargetName=", 11) ||
	                                    cur_is(&c, "SessionType=", 12) || cur_is(&c, "AuthMethod=", 11))
	               ? 1
	               : 0;
}

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "name of the initiator and of the target", .standard = "RFC 7143 4.2.7",
         .guard = "grammar of iqn., eui. and naa.; a run of six digits is withheld",
         .evidence = {EVIDENCE_SHARE}, .facts = {"iSCSI initiator", "iSCSI target"}},
        {FIELD_NEVER, "users and secrets of the login, all blocks",
         .standard = "RFC 7143 12.1, 11.7"},
        {0},
};

const struct dissector dissector_iscsi = {
	.name = "iscsi",
	.protocol = "iSCSI",
	.ip_protocol = IP_TCP,
	.state_size = sizeof(struct iscsi),
	.has_messages = false,
	.fields = fields,
	.recognise = iscsi_recognise,
	.dissect = iscsi_dissect,
};
