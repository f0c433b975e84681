/* DNS over UDP and TCP (RFC 1035), and by their ports mDNS (RFC 6762) and LLMNR (RFC 4795): counts
 * questions with their answers, learns the names of addresses from the answers and which services
 * mDNS is about. Who asked for what is not kept, nor are the instance labels of mDNS. */
#include "terrier/dissect.h"

#include "host.h"

#include <string.h>

enum { PORT_DNS = 53, PORT_NBNS = 137, PORT_MDNS = 5353, PORT_LLMNR = 5355 };
enum { TYPE_A = 1, TYPE_PTR = 12, TYPE_AAAA = 28, TYPE_ANY = 255, CLASS_IN = 1 };
enum { OPCODE_UPDATE = 5 };

#define HEADER_LEN  12
#define MESSAGE_MIN (HEADER_LEN + 5) /* with the shortest question */
#define KEPT_MAX    340              /* of a message over TCP; addresses come early in an answer */
#define RECORDS_MAX 64               /* resource records that are looked at */
#define IDS_MAX     16               /* transactions remembered */
#define JUMPS_MAX   16               /* pointers in a name that are followed; senders need two or three */

struct half {
	uint32_t left; /* octets of the message still to come */
	uint16_t have; /* octets kept, or of the length field */
	bool in_body;
	uint8_t kept[KEPT_MAX];
};

struct dns {
	uint16_t ids[IDS_MAX];
	uint8_t n_ids, next_id;
	bool is_claimed; /* one message was good */
	struct half half[2];
};

struct header {
	uint16_t id, flags, questions, answers, authorities, additionals;
};

static bool is_response(const struct header *h)
{
	return (h->flags & 0x8000) != 0;
}

static unsigned opcode_of(const struct header *h)
{
	return h->flags >> 11 & 0xf;
}

static struct header header_read(struct cursor *c)
{
	struct header h;

	h.id = cur_u16(c);
	h.flags = cur_u16(c);
	h.questions = cur_u16(c);
	h.answers = cur_u16(c);
	h.authorities = cur_u16(c);
	h.additionals = cur_u16(c);
	return h;
}

/* Opcodes 0-2, 4, 5 (IANA dns-parameters), the Z bit clear, one question; a question answers
 * nothing. */
static bool header_is_good(const struct header *h)
{
	unsigned opcode = opcode_of(h), rcode = h->flags & 0xf;

	if (opcode > OPCODE_UPDATE || opcode == 3 || (h->flags & 0x40) != 0 || rcode > 11 ||
	    h->questions != 1) {
		return false;
	}
	return is_response(h) || opcode >= 4 ||
	       (rcode == 0 && h->answers == 0 && h->additionals <= 8);
}

/* Moves over a name without following it. */
static void name_skip(struct cursor *c)
{
	for (unsigned total = 0; total < 256;) {
		uint8_t len = cur_u8(c);

		if (len >= 0xc0) {
			cur_skip(c, 1);
			return;
		}
		if (len == 0) {
			return;
		}
		if (len > 63) {
			break;
		}
		cur_skip(c, len);
		total += len + 1U;
	}
	c->bad = true;
}

/* Reads the name at `c` as text; `message` is where pointers point into. A pointer must lead
 * further back than the one before, so there is no loop, and a chain of them ends. Octets that no
 * host name has become `?`.
 * Returns its length, 0 when it is malformed or too long to keep. */
static size_t name_read(const uint8_t *message, struct cursor c, char out[256])
{
	const uint8_t *before = c.p;
	unsigned jumps = 0;
	size_t n = 0;

	for (;;) {
		uint8_t len = cur_u8(&c);

		if (len >= 0xc0) {
			size_t to = (size_t)(len & 0x3f) << 8 | cur_u8(&c);

			if (c.bad || ++jumps > JUMPS_MAX || to >= (size_t)(before - message)) {
				return 0;
			}
			before = message + to;
			c.p = before;
			continue;
		}
		if (len == 0) {
			break;
		}
		const uint8_t *label = cur_take(&c, len);

		if (len > 63 || label == NULL || n + len + 1 >= 256) {
			return 0;
		}
		for (uint8_t i = 0; i < len; i++) {
			out[n++] = label[i] > ' ' && label[i] < 0x7f && label[i] != '.'
			                   ? (char)label[i]
			                   : '?';
		}
		out[n++] = '.';
	}
	if (c.bad || n == 0) {
		return 0;
	}
	out[--n] = '\0';
	return n;
}

/* `4.3.2.1.in-addr.arpa` (RFC 1035 3.5). */
static bool reverse_v4(const char *name, struct addr *out)
{
	uint8_t octets[4];

	for (int i = 3; i >= 0; i--) {
		unsigned value = 0, digits = 0;

		for (; *name >= '0' && *name <= '9' && digits < 4; name++, digits++) {
			value = value * 10 + (unsigned)(*name - '0');
		}
		if (digits == 0 || value > 255 || *name++ != '.') {
			return false;
		}
		octets[i] = (uint8_t)value;
	}
	addr_from_v4(out, octets);
	return text_casecmp(name, "in-addr.arpa") == 0;
}

/* 32 nibbles, least first, and `ip6.arpa` (RFC 3596 2.5). */
static bool reverse_v6(const char *name, struct addr *out)
{
	static const char hex[] = "0123456789abcdef";

	memset(out, 0, sizeof *out);
	for (int i = 31; i >= 0; i--, name += 2) {
		char c = name[0] >= 'A' && name[0] <= 'F' ? (char)(name[0] + 32) : name[0];
		const char *at = c != '\0' ? strchr(hex, c) : NULL;

		if (at == NULL || name[1] != '.') {
			return false;
		}
		out->b[i / 2] = (uint8_t)(out->b[i / 2] | (at - hex) << (i % 2 == 0 ? 4 : 0));
	}
	return text_casecmp(name, "ip6.arpa") == 0;
}

static void name_address(struct sink *sink, const struct addr *addr, const char *name, size_t len)
{
	char host[HOST_MAX];
	size_t n = host_keep(host, name, len);

	if (n > 0 && addr_classify(addr) == ADDR_HOST) {
		sink_name_addr(sink, addr, NAME_DNS, host, n);
	}
}

/* The name that was asked for is what a person would call the address, whatever aliases lie
 * between. */
static void answer_read(const uint8_t *message, uint16_t type, struct cursor data,
                        const char *asked, struct sink *sink)
{
	struct addr addr;
	char name[256];
	size_t size = cur_left(&data);

	if (type == TYPE_A && size == 4) {
		addr_from_v4(&addr, data.p);
		name_address(sink, &addr, asked, strlen(asked));
	} else if (type == TYPE_AAAA && size == sizeof addr.b) {
		memcpy(addr.b, data.p, sizeof addr.b);
		name_address(sink, &addr, asked, strlen(asked));
	} else if (type == TYPE_PTR && (reverse_v4(asked, &addr) || reverse_v6(asked, &addr))) {
		name_address(sink, &addr, name, name_read(message, data, name));
	}
}

/* Reads the answers behind the question at `c`. */
static void answers_read(const uint8_t *message, struct cursor c, const struct header *h,
                         struct sink *sink)
{
	char asked[256];
	uint16_t type;

	if (name_read(message, c, asked) == 0) {
		return;
	}
	name_skip(&c);
	type = cur_u16(&c);
	if ((type != TYPE_A && type != TYPE_AAAA && type != TYPE_PTR && type != TYPE_ANY) ||
	    cur_u16(&c) != CLASS_IN) {
		return;
	}
	for (unsigned i = 0; i < h->answers && i < RECORDS_MAX && !c.bad; i++) {
		name_skip(&c);
		uint16_t answer = cur_u16(&c), class = cur_u16(&c);

		cur_skip(&c, 4);
		struct cursor data = cur_sub(&c, cur_u16(&c));

		if (!data.bad && class == CLASS_IN) {
			answer_read(message, answer, data, asked, sink);
		}
	}
}

/* Notes `_ipp._tcp` of `_ipp._tcp.local` (RFC 6763 7): a name of a service (RFC 6335 5.1) without
 * an instance before it, which people choose. */
static void service_note(const char *name, size_t len, struct sink *sink)
{
	size_t n = 1;

	if (len < 12 || name[0] != '_' || text_casecmp(name + len - 6, ".local") != 0) {
		return;
	}
	while (n <= 15 &&
	       ((name[n] >= 'a' && name[n] <= 'z') || (name[n] >= 'A' && name[n] <= 'Z') ||
	        (name[n] >= '0' && name[n] <= '9') || name[n] == '-')) {
		n++;
	}
	if (text_casecmp(name + n, "._tcp.local") == 0 ||
	    text_casecmp(name + n, "._udp.local") == 0) {
		sink_fact(sink, "mDNS service", name, n + 5);
	}
}

/* The services that questions and records of an mDNS message are about. */
static void services_read(const uint8_t *message, struct cursor c, const struct header *h,
                          struct sink *sink)
{
	unsigned records = (unsigned)h->questions + h->answers + h->authorities;

	for (unsigned i = 0; i < records && i < RECORDS_MAX && !c.bad; i++) {
		char name[256];

		service_note(name, name_read(message, c, name), sink);
		name_skip(&c);
		cur_skip(&c, 4);
		if (i >= h->questions) {
			cur_skip(&c, 4);
			cur_skip(&c, cur_u16(&c));
		}
	}
}

/* A question that is a host name's or at least well formed, of a known class (mDNS sets the top
 * bit). */
static bool question_is_good(const uint8_t *message, struct cursor *c)
{
	char name[256];
	bool root = cur_left(c) > 0 && *c->p == 0;

	if (!root && name_read(message, *c, name) == 0) {
		return false;
	}
	name_skip(c);
	uint16_t type = cur_u16(c), class = cur_u16(c) & 0x7fff;

	return !c->bad && type != 0 && (class == CLASS_IN || class == 3 || class >= 254);
}

/* True when the records behind the question end where the datagram does. */
static bool records_fill(struct cursor c, const struct header *h)
{
	unsigned records = (unsigned)h->answers + h->authorities + h->additionals;

	for (unsigned i = 0; i < records && !c.bad; i++) {
		name_skip(&c);
		cur_skip(&c, 8);
		cur_skip(&c, cur_u16(&c));
	}
	return !c.bad && cur_left(&c) == 0;
}

static bool has_port(const struct dissect_flow *flow, uint16_t port)
{
	return flow->port[0] == port || flow->port[1] == port;
}

static bool is_multicast_kind(const struct dissect_flow *flow)
{
	return flow->ip_protocol == IP_UDP &&
	       (has_port(flow, PORT_MDNS) || has_port(flow, PORT_LLMNR));
}

static bool message_is_good(struct cursor c, const struct dissect_flow *flow)
{
	const uint8_t *message = c.p;
	struct header h = header_read(&c);

	if (is_multicast_kind(flow)) { /* any number of questions, none in an mDNS answer */
		unsigned records = (unsigned)h.questions + h.answers + h.authorities;

		return !c.bad && (h.flags & 0x7840) == 0 && records > 0 && records < 1024;
	}
	if (c.bad || !header_is_good(&h) || !question_is_good(message, &c)) {
		return false;
	}
	return has_port(flow, PORT_DNS) || flow->ip_protocol == IP_TCP || records_fill(c, &h);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	if (has_port(flow, PORT_NBNS)) {
		return 0;
	}
	if (flow->ip_protocol == IP_UDP) {
		return message_is_good(bytes, flow) ? 1 : 0;
	}
	uint16_t len = cur_u16(&bytes);

	if (bytes.bad || len < MESSAGE_MIN) {
		return 0;
	}
	if (cur_left(&bytes) < len) { /* not whole, which away from its port is too little proof */
		struct header h = header_read(&bytes);

		return has_port(flow, PORT_DNS) && (bytes.bad || header_is_good(&h)) ? 1 : 0;
	}
	bytes.end = bytes.p + len;
	return message_is_good(bytes, flow) ? 1 : 0;
}

/* A question, its repetitions and its answer are one message: they share an id. mDNS has no ids. */
static unsigned count_message(struct dns *dns, uint16_t id)
{
	for (unsigned i = 0; i < dns->n_ids; i++) {
		if (dns->ids[i] == id && id != 0) {
			return 0;
		}
	}
	dns->ids[dns->next_id] = id;
	dns->next_id = (uint8_t)((dns->next_id + 1) % IDS_MAX);
	dns->n_ids = (uint8_t)(dns->n_ids < IDS_MAX ? dns->n_ids + 1 : IDS_MAX);
	return 1;
}

/* Books a whole message (or the kept start of one) that `octets` carried. */
static void message_book(struct dns *dns, enum side side, struct cursor c, uint64_t octets,
                         const struct dissect_flow *flow, struct sink *sink)
{
	const uint8_t *message = c.p;
	struct header h = header_read(&c);
	const char *protocol = "DNS";
	enum side client = is_response(&h) ? side_other(side) : side;
	bool is_update = opcode_of(&h) == OPCODE_UPDATE; /* RFC 2136: a client tells the server */

	dns->is_claimed = true;
	if (is_multicast_kind(flow)) {
		protocol = has_port(flow, PORT_MDNS) ? "mDNS" : "LLMNR";
		sink_protocol(sink, protocol);
		client = (enum side)flow->client;
		if (has_port(flow, PORT_MDNS)) {
			services_read(message, c, &h, sink);
		}
	} else {
		sink_client(sink, client);
		if (is_response(&h) && opcode_of(&h) == 0) {
			answers_read(message, c, &h, sink);
		}
	}
	sink_octets(sink, side, octets,
	            sink_evidence(sink, EVIDENCE_PROTOCOL, protocol, client,
	                          is_update ? INFO_C2S : INFO_MSG, count_message(dns, h.id)));
}

/* Takes what belongs to the message at hand; true when it is whole. */
static bool message_collect(struct half *h, struct cursor *c)
{
	if (!h->in_body) {
		h->left = h->left << 8 | cur_u8(c);
		h->in_body = ++h->have == 2;
		h->have = h->in_body ? 0 : h->have;
		return h->in_body && h->left == 0;
	}
	size_t n = cur_left(c) < h->left ? cur_left(c) : h->left;
	size_t kept = n < (size_t)(KEPT_MAX - h->have) ? n : (size_t)(KEPT_MAX - h->have);

	memcpy(h->kept + h->have, c->p, kept);
	h->have = (uint16_t)(h->have + kept);
	h->left -= (uint32_t)n;
	cur_skip(c, n);
	return h->left == 0;
}

static enum dissect_verdict dissect_tcp(struct dns *dns, enum side side, struct cursor bytes,
                                        uint64_t lost, const struct dissect_flow *flow,
                                        struct sink *sink)
{
	struct half *h = &dns->half[side];
	const uint8_t *booked = bytes.p;

	if (lost > 0) { /* the framing is gone; such connections are short */
		sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
		return DISSECT_DONE;
	}
	while (cur_left(&bytes) > 0) {
		if (!message_collect(h, &bytes)) {
			continue;
		}
		struct cursor message = cur_make(h->kept, h->have);

		if (!message_is_good(message, flow)) {
			sink_octets(sink, side, (uint64_t)(bytes.end - booked), SINK_NO_ENTRY);
			return dns->is_claimed ? DISSECT_DONE : DISSECT_RELEASE;
		}
		message_book(dns, side, message, (uint64_t)(bytes.p - booked), flow, sink);
		booked = bytes.p;
		*h = (struct half){0};
	}
	sink_octets(sink, side, (uint64_t)(bytes.end - booked), SINK_NO_ENTRY);
	return DISSECT_FOLLOW;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct dns *dns = state;

	sink_encryption(sink, ENCRYPTED_NO);
	if (flow->ip_protocol == IP_TCP) {
		return dissect_tcp(dns, side, bytes, lost, flow, sink);
	}
	if (message_is_good(bytes, flow)) {
		message_book(dns, side, bytes, cur_left(&bytes), flow, sink);
	} else {
		sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
	}
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct dns) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "names of addresses (A, AAAA, PTR)", .standard = "RFC 1035 3.4.1, 3.3.12",
         .guard = "the host rule; the name of the address, never of who asked",
         .names = {NAME_DNS}},
        {FIELD_KEEP, "service type of mDNS", .standard = "RFC 6763 7",
         .guard = "begins with _: no instance label", .facts = {"mDNS service"}},
        {FIELD_NEVER, "who asked for which name", .standard = "RFC 1035 4.1.2"},
        {FIELD_NEVER,
         "instance labels of mDNS, which often name a person's device; all other records",
         .standard = "RFC 6763 4"},
        {0},
};

const struct dissector dissector_dns = {
        .name = "dns",
        .protocol = "DNS",
        .ip_protocol = 0,
        .state_size = sizeof(struct dns),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
