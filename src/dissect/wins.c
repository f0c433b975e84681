/* Replication between WINS servers (MS-WINSRA, tcp/42): recognised, and nothing of it read. What it
 * carries are the NetBIOS names of the site, those of people among them (privacy.md 2). */
#include "terrier/dissect.h"

enum { PORT_WINS = 42, HEADER_LEN = 16, MESSAGE_MAX = 1 << 24 };
enum { ASSOCIATION_START, ASSOCIATION_REPLY, ASSOCIATION_STOP, REPLICATION };

/* The header of every message (2.2.1): its length, four bits that are set in the second word, whose
 * association, type. */
static bool is_header(struct cursor c)
{
	uint32_t length = cur_u32(&c), reserved = cur_u32(&c), type;

	cur_skip(&c, 4);
	type = cur_u32(&c);
	return !c.bad && length >= HEADER_LEN - 4 && length < MESSAGE_MAX &&
	       (reserved & 0x7800) == 0x7800 && type <= REPLICATION;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	return (flow->port[0] == PORT_WINS || flow->port[1] == PORT_WINS) && is_header(bytes) ? 1
	                                                                                      : 0;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	int entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "WINS", (enum side)flow->client,
	                          INFO_MSG, 0);

	(void)state;
	(void)lost;
	sink_octets(sink, side, cur_left(&bytes), entry);
	return DISSECT_DONE;
}

static const struct dissector_field fields[] = {
        {FIELD_NEVER, "all names that it replicates: those of people are among them",
         .standard = "MS-WINSRA 2.2"},
        {0},
};

const struct dissector dissector_wins = {
        .name = "wins",
        .protocol = "WINS",
        .ip_protocol = IP_TCP,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
