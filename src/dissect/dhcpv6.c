/* DHCPv6 (RFC 8415): who asks and who serves, and the client's vendor class. Host names and
 * identifiers of clients pass unread. */
#include "terrier/dissect.h"

#include "terrier/base/text.h"

#include <stdio.h>
#include <string.h>

enum { PORT_CLIENT = 546, PORT_SERVER = 547 };
enum { RELAY_FORWARD = 12, RELAY_REPLY = 13, TYPES = 24 };
enum { OPTION_VENDOR_CLASS = 16 };

/* Message types (IANA) that a server sends. */
static bool is_from_server(uint8_t type)
{
	static const uint8_t types[] = {2, 7, 10, RELAY_REPLY, 15, 16, 17, 19};

	return memchr(types, type, sizeof types) != NULL;
}

/* Moves to the options: behind a transaction id, or behind what a relay adds (RFC 8415 8, 9). */
static uint8_t type_read(struct cursor *c)
{
	uint8_t type = cur_u8(c);

	cur_skip(c, type == RELAY_FORWARD || type == RELAY_REPLY ? 33 : 3);
	return type >= 1 && type < TYPES && !c->bad ? type : 0;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	for (int i = 0; i < 2; i++) {
		if (flow->port[i] != PORT_CLIENT && flow->port[i] != PORT_SERVER) {
			return 0;
		}
	}
	if (type_read(&bytes) == 0) {
		return 0;
	}
	while (cur_left(&bytes) > 0) {
		cur_skip(&bytes, 2);
		cur_skip(&bytes, cur_u16(&bytes));
	}
	return bytes.bad ? 0 : 1;
}

/* RFC 8415 21.16: an enterprise number, then texts with their length. */
static void vendor_note(struct sink *sink, struct cursor c)
{
	uint32_t enterprise = cur_u32(&c);
	struct cursor text = cur_sub(&c, cur_u16(&c));
	char number[16];

	if (text.bad) {
		return;
	}
	if (enterprise > 0 && enterprise < 100000) {
		int n = snprintf(number, sizeof number, "%u", (unsigned)enterprise);

		sink_fact(sink, "DHCP enterprise", number, (size_t)n);
	}
	if (text_is_printable((const char *)text.p, cur_left(&text)) &&
	    cur_left(&text) <= TEXT_MAX) {
		sink_fact(sink, "DHCP vendor class", (const char *)text.p, cur_left(&text));
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	size_t len = cur_left(&bytes);
	uint8_t type = type_read(&bytes);
	enum side client = is_from_server(type) ? side_other(side) : side;

	(void)state;
	(void)lost;
	(void)flow;
	if (type == 0) {
		sink_octets(sink, side, len, SINK_NO_ENTRY);
		return DISSECT_FOLLOW;
	}
	sink_client(sink, client);
	sink_octets(sink, side, len,
	            sink_evidence(sink, EVIDENCE_PROTOCOL, "DHCPv6", client, INFO_MSG, 1));
	while (cur_left(&bytes) > 0) {
		uint16_t code = cur_u16(&bytes);
		struct cursor value = cur_sub(&bytes, cur_u16(&bytes));

		if (code == OPTION_VENDOR_CLASS) {
			vendor_note(sink, value);
		}
	}
	return DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "enterprise number of the vendor", .standard = "RFC 8415 21.16",
         .guard = "below 100000", .facts = {"DHCP enterprise"}},
        {FIELD_KEEP, "vendor class", .standard = "RFC 8415 21.16", .guard = "printable",
         .facts = {"DHCP vendor class"}},
        {FIELD_NEVER, "host names and identifiers of clients", .standard = "RFC 8415 21.2"},
        {0},
};

const struct dissector dissector_dhcpv6 = {
        .name = "dhcpv6",
        .protocol = "DHCPv6",
        .ip_protocol = IP_UDP,
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
