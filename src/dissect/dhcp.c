/* DHCP (RFC 2131, options RFC 2132): who asks and who serves, the client's vendor class and the
 * relay. Host names, client identifiers and user classes, which often name a person, pass unread.
 */
#include "terrier/dissect.h"

#include "terrier/base/text.h"

#include <string.h>

enum { REQUEST = 1, REPLY = 2 };
enum { OPTION_PAD = 0, OPTION_TYPE = 53, OPTION_VENDOR_CLASS = 60, OPTION_END = 255 };

#define COOKIE     UINT32_C(0x63825363)
#define HEADER_LEN 240 /* with the cookie */

struct header {
	uint8_t op;
	uint8_t relay[4];
};

/* Reads the fixed part (RFC 2131 2) and stops behind the cookie. */
static bool header_read(struct cursor *c, struct header *h)
{
	h->op = cur_u8(c);
	uint8_t hardware = cur_u8(c), hardware_len = cur_u8(c), hops = cur_u8(c);

	cur_skip(c, 20);
	const uint8_t *relay = cur_take(c, sizeof h->relay);

	cur_skip(c, HEADER_LEN - 4 - 28);
	if (cur_u32(c) != COOKIE || c->bad) {
		return false;
	}
	memcpy(h->relay, relay, sizeof h->relay);
	return (h->op == REQUEST || h->op == REPLY) && hardware != 0 && hardware_len <= 16 &&
	       hops <= 16;
}

/* Takes the next option that is not padding; false at their end, or where one is cut off. */
static bool option_next(struct cursor *c, uint8_t *code, struct cursor *value)
{
	do {
		if (cur_left(c) == 0) {
			return false;
		}
		*code = cur_u8(c);
	} while (*code == OPTION_PAD);
	if (*code == OPTION_END) {
		return false;
	}
	*value = cur_sub(c, cur_u8(c));
	return !value->bad;
}

/* The message type, which every DHCP message has (RFC 2132 9.6), must be one of IANA's. */
static bool options_are_good(struct cursor c)
{
	struct cursor value;
	uint8_t code;

	while (option_next(&c, &code, &value)) {
		if (code == OPTION_TYPE) {
			uint8_t type = cur_u8(&value);

			return type >= 1 && type <= 18 && cur_left(&value) == 0;
		}
	}
	return false;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct header h;

	(void)side;
	(void)flow;
	return header_read(&bytes, &h) && options_are_good(bytes) ? 1 : 0;
}

static void facts_note(struct sink *sink, const struct header *h, struct cursor c)
{
	char text[ADDR_TEXT_MAX];
	struct addr relay;
	struct cursor value;
	uint8_t code;

	addr_from_v4(&relay, h->relay);
	if (addr_classify(&relay) == ADDR_HOST) {
		addr_format(&relay, text);
		sink_fact(sink, "DHCP relay", text, strlen(text));
	}
	while (option_next(&c, &code, &value)) {
		if (code == OPTION_VENDOR_CLASS && h->op == REQUEST &&
		    text_is_printable((const char *)value.p, cur_left(&value))) {
			sink_fact(sink, "DHCP vendor class", (const char *)value.p,
			          cur_left(&value));
		}
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	size_t len = cur_left(&bytes);
	enum side client = side;
	struct header h;

	(void)state;
	(void)lost;
	(void)flow;
	if (!header_read(&bytes, &h)) {
		sink_octets(sink, side, len, SINK_NO_ENTRY);
		return DISSECT_FOLLOW;
	}
	client = h.op == REQUEST ? side : side_other(side);
	sink_client(sink, client);
	sink_octets(sink, side, len,
	            sink_evidence(sink, EVIDENCE_PROTOCOL, "DHCP", client, INFO_MSG, 1));
	facts_note(sink, &h, bytes);
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "vendor class (option 60)", .standard = "RFC 2132 9.13", .guard = "printable",
         .facts = {"DHCP vendor class"}},
        {FIELD_KEEP, "address of the relay", .standard = "RFC 2131 2", .facts = {"DHCP relay"}},
        {FIELD_NEVER,
         "host name (option 12), FQDN (81), client identifier and user class: often the name of a "
         "person or of their machine",
         .standard = "RFC 2132"},
        {0},
};

const struct dissector dissector_dhcp = {
        .name = "dhcp",
        .protocol = "DHCP",
        .ip_protocol = IP_UDP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
