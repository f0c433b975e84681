/* NetBIOS names and datagrams over UDP (RFC 1001, 1002): names of servers, which end in 0x20, and
 * of domains, which end in 0x1b or 0x1c. Other names pass unread: 0x03 is that of a user. */
#include "terrier/dissect.h"

#include "host.h"

enum { PORT_NAMES = 137, PORT_DATAGRAMS = 138 };
enum { TYPE_NB = 0x20, TYPE_NBSTAT = 0x21, CLASS_IN = 1 };
enum { OPCODE_QUERY = 0, OPCODE_REGISTER = 5, OPCODE_RELEASE = 6, OPCODE_MULTIHOMED = 15 };
enum { SUFFIX_DOMAIN_MASTER = 0x1b, SUFFIX_DOMAIN_CONTROLLERS = 0x1c, SUFFIX_SERVER = 0x20 };

#define NAME_LEN   15
#define NAMES_MAX  32 /* names of a status, addresses of an answer that are looked at */
#define FLAG_GROUP 0x8000

struct name {
	char text[NAME_LEN + 1];
	uint8_t len, suffix;
};

struct header {
	uint16_t flags, questions, answers, additionals;
};

static bool is_response(const struct header *h)
{
	return (h->flags & 0x8000) != 0;
}

static unsigned opcode_of(const struct header *h)
{
	return h->flags >> 11 & 0xf;
}

/* Sets length and suffix of a name of 16 octets that `n->text` and `suffix` hold, padded with
 * blanks or NULs. */
static void name_trim(struct name *n, uint8_t suffix)
{
	n->len = NAME_LEN;
	while (n->len > 0 && (n->text[n->len - 1] == ' ' || n->text[n->len - 1] == '\0')) {
		n->len--;
	}
	n->text[n->len] = '\0';
	n->suffix = suffix;
}

/* Reads a name in its first-level encoding (RFC 1001 14.1), a nibble a letter; a scope is passed
 * over. */
static bool name_read(struct cursor *c, struct name *n)
{
	uint8_t suffix = 0;

	if (cur_u8(c) != 32) {
		return false;
	}
	const uint8_t *letters = cur_take(c, 32);

	for (unsigned i = 0; letters != NULL && i < 32; i += 2) {
		unsigned high = letters[i] - 'A', low = letters[i + 1] - 'A';

		if (high > 15 || low > 15) {
			return false;
		}
		suffix = (uint8_t)(high << 4 | low);
		n->text[i / 2] = (char)(i < 30 ? suffix : 0);
	}
	for (unsigned labels = 0; labels < 8; labels++) {
		uint8_t len = cur_u8(c);

		if (len == 0 || len > 63) {
			name_trim(n, suffix);
			return len == 0 && !c->bad;
		}
		cur_skip(c, len);
	}
	return false;
}

static void domain_note(struct sink *sink, const struct name *n)
{
	char host[HOST_MAX];

	if ((n->suffix == SUFFIX_DOMAIN_MASTER || n->suffix == SUFFIX_DOMAIN_CONTROLLERS) &&
	    host_keep(host, n->text, n->len) == n->len && n->len > 0) {
		sink_fact(sink, "NetBIOS domain", n->text, n->len);
	}
}

static void server_note(struct sink *sink, const struct name *n, const struct addr *addr)
{
	char host[HOST_MAX];

	if (n->suffix == SUFFIX_SERVER && addr_classify(addr) == ADDR_HOST && n->len > 0 &&
	    host_keep(host, n->text, n->len) == n->len) {
		sink_name_addr(sink, addr, NAME_NETBIOS, n->text, n->len);
	}
}

static bool header_read(struct cursor *c, struct header *h)
{
	cur_skip(c, 2);
	h->flags = cur_u16(c);
	h->questions = cur_u16(c);
	h->answers = cur_u16(c);
	cur_skip(c, 2);
	h->additionals = cur_u16(c);
	unsigned opcode = opcode_of(h);

	return !c->bad &&
	       (opcode == OPCODE_QUERY || (opcode >= 5 && opcode <= 9) ||
	        opcode == OPCODE_MULTIHOMED) &&
	       h->questions <= 1 && h->answers <= 1 && h->additionals <= 1 &&
	       h->questions + h->answers == 1 && is_response(h) == (h->answers == 1);
}

/* The name that a message is about, and its type and class. */
static bool subject_read(struct cursor *c, struct name *n, uint16_t *type)
{
	bool good = name_read(c, n);

	*type = cur_u16(c);
	return good && cur_u16(c) == CLASS_IN && !c->bad;
}

static bool is_names(struct cursor c)
{
	struct header h;
	struct name n;
	uint16_t type;

	return header_read(&c, &h) && subject_read(&c, &n, &type) &&
	       (type == TYPE_NB || type == TYPE_NBSTAT ||
	        (type == 0x0a && is_response(&h))); /* NULL: no such name */
}

/* RFC 1002 4.4.1: type, flags, id, the sender's address and port, then for messages with data
 * length and offset. Of the flags' reserved bits Windows NT sets the lowest. */
static bool datagram_read(struct cursor *c, struct addr *source, struct name *n)
{
	uint8_t type = cur_u8(c), flags = cur_u8(c);

	cur_skip(c, 2);
	const uint8_t *octets = cur_take(c, 4);

	cur_skip(c, 6);
	if (c->bad || type < 0x10 || type > 0x12 || (flags & 0xe0) != 0) {
		return false;
	}
	addr_from_v4(source, octets);
	return name_read(c, n);
}

static bool has_port(const struct dissect_flow *flow, uint16_t port)
{
	return flow->port[0] == port || flow->port[1] == port;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct addr source;
	struct name n;

	(void)side;
	if (has_port(flow, PORT_NAMES)) {
		return is_names(bytes) ? 1 : 0;
	}
	return has_port(flow, PORT_DATAGRAMS) && datagram_read(&bytes, &source, &n) ? 1 : 0;
}

/* All names of the host that answers (RFC 1002 4.2.18). */
static void status_note(struct sink *sink, struct cursor c, const struct addr *addr)
{
	unsigned names = cur_u8(&c);

	for (unsigned i = 0; i < names && i < NAMES_MAX; i++) {
		const uint8_t *text = cur_take(&c, NAME_LEN);
		uint8_t suffix = cur_u8(&c);
		bool is_group = (cur_u16(&c) & FLAG_GROUP) != 0;
		struct name n;

		if (c.bad) {
			return;
		}
		memcpy(n.text, text, NAME_LEN);
		name_trim(&n, suffix);
		domain_note(sink, &n);
		if (!is_group) {
			server_note(sink, &n, addr);
		}
	}
}

/* Flags and addresses of an NB record (RFC 1002 4.2.13). */
static void addresses_note(struct sink *sink, struct cursor c, const struct name *n)
{
	for (unsigned i = 0; i < NAMES_MAX && cur_left(&c) >= 6; i++) {
		bool is_group = (cur_u16(&c) & FLAG_GROUP) != 0;
		uint8_t octets[4];
		struct addr addr;

		for (unsigned k = 0; k < sizeof octets; k++) {
			octets[k] = cur_u8(&c);
		}
		addr_from_v4(&addr, octets);
		if (!is_group) {
			server_note(sink, n, &addr);
		}
	}
}

static struct cursor record_data(struct cursor *c)
{
	cur_skip(c, 4);
	return cur_sub(c, cur_u16(c));
}

/* What a name service message says: a registration in its additional record, a positive answer in
 * its answer. */
static void names_note(struct sink *sink, struct cursor c, const struct addr *sender)
{
	struct header h;
	struct name n;
	uint16_t type;

	if (!header_read(&c, &h) || !subject_read(&c, &n, &type)) {
		return;
	}
	domain_note(sink, &n);
	if (is_response(&h)) {
		bool positive = (h.flags & 0xf) == 0 && opcode_of(&h) == OPCODE_QUERY;
		struct cursor data = record_data(&c);

		if (positive && type == TYPE_NBSTAT) {
			status_note(sink, data, sender);
		} else if (positive && type == TYPE_NB) {
			addresses_note(sink, data, &n);
		}
	} else if (h.additionals == 1 && opcode_of(&h) != OPCODE_RELEASE &&
	           opcode_of(&h) != OPCODE_QUERY) {
		cur_skip(&c, 6); /* a pointer to the name, type, class */
		addresses_note(sink, record_data(&c), &n);
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	size_t len = cur_left(&bytes);
	struct cursor c = bytes;
	struct addr source;
	struct header h;
	struct name n;

	(void)state;
	(void)lost;
	if (has_port(flow, PORT_NAMES) && header_read(&c, &h)) {
		sink_client(sink, is_response(&h) ? side_other(side) : side);
	}
	sink_octets(sink, side, len,
	            sink_evidence(sink, EVIDENCE_PROTOCOL, "NetBIOS", side, INFO_BOTH, 1));
	if (has_port(flow, PORT_NAMES)) {
		names_note(sink, bytes, &flow->addr[side]);
	} else if (datagram_read(&bytes, &source, &n)) {
		server_note(sink, &n, &source);
		if (name_read(&bytes, &n)) {
			domain_note(sink, &n);
		}
	}
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "name of a server (<20>)", .standard = "RFC 1001 14; RFC 1002 4.2",
         .guard = "the host rule", .names = {NAME_NETBIOS}},
        {FIELD_KEEP, "name of a domain (<1b>, <1c>)", .standard = "RFC 1001 14; RFC 1002 4.2",
         .guard = "the host rule", .facts = {"NetBIOS domain"}},
        {FIELD_NEVER, "names of users (<03>) and of all workstations (<00>), content of datagrams",
         .standard = "RFC 1001 14"},
        {0},
};

const struct dissector dissector_netbios = {
        .name = "netbios",
        .protocol = "NetBIOS",
        .ip_protocol = IP_UDP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
