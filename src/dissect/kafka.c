/* Kafka (protocol guide of Apache Kafka, KIP-482 for compact forms): counts requests to produce and
 * to fetch by the first level of their first topic. Client and transaction identifiers, groups,
 * keys, records and all other requests pass unread. From Fetch 13 and Produce 13 on topics have
 * numbers only, and the protocol is all that is said. */
#include "bus.h"
#include "topic.h"

#include <string.h>

enum { PRODUCE = 0, FETCH = 1, SASL_HANDSHAKE = 17, API_VERSIONS = 18 };
enum { API_MAX = 92, VERSION_MAX = 20, NAME_MAX_LEN = 249 };

#define HEADER_LEN 14          /* size, API, its version, correlation id, length of the client id */
#define FRAME_MAX  (100 << 20) /* default of socket.request.max.bytes */
#define FETCHED_NOTHING                                                                            \
	18 /* octets of a reply to an incremental fetch without anything new (KIP-227) */
#define ASKED_MAX 12

/* A request whose response is to come. */
struct asked {
	uint32_t id;
	int entry;
	bool is_fetch, is_used;
};

struct kafka {
	struct bus_side half[2];
	struct asked asked[ASKED_MAX];
	char fetched[TOPIC_MAX]; /* root that was asked for last; an incremental fetch does not
	                            repeat it */
	uint32_t id;             /* of the request at hand, like the two below */
	uint16_t api, version;
	uint8_t client, next;
	bool is_ready;
};

struct header {
	uint32_t size, id;
	uint16_t api, version;
	uint16_t name; /* octets of the client id */
};

static bool is_port(uint16_t port)
{
	return port >= 9092 && port <= 9094;
}

static bool is_printable(struct cursor c)
{
	while (cur_left(&c) > 0) {
		uint8_t octet = cur_u8(&c);

		if (octet < ' ' || octet > '~') {
			return false;
		}
	}
	return true;
}

/* A topic is of letters, digits, dots, hyphens and underscores. */
static bool is_topic(struct cursor c)
{
	bool is_good = !c.bad && cur_left(&c) > 0 && cur_left(&c) <= NAME_MAX_LEN;

	while (is_good && cur_left(&c) > 0) {
		char octet = (char)cur_u8(&c);

		is_good = (octet >= 'a' && octet <= 'z') || (octet >= 'A' && octet <= 'Z') ||
		          (octet >= '0' && octet <= '9') || octet == '.' || octet == '-' ||
		          octet == '_';
	}
	return is_good;
}

/* Reads a request's header up to the client id. False when it is none. */
static bool header_read(struct cursor *c, struct header *h)
{
	uint16_t length;

	h->size = cur_u32(c);
	h->api = cur_u16(c);
	h->version = cur_u16(c);
	h->id = cur_u32(c);
	length = cur_u16(c);
	h->name = length != UINT16_MAX ? length : 0; /* none */
	return !c->bad && h->size >= HEADER_LEN - 4 && h->size <= FRAME_MAX && h->api <= API_MAX &&
	       h->version <= VERSION_MAX && h->id <= INT32_MAX && h->name <= NAME_MAX_LEN &&
	       HEADER_LEN - 4 + (uint32_t)h->name <= h->size;
}

/* A number in seven bits an octet, of a length or tags; more than four octets are none. */
static uint32_t varint_read(struct cursor *c)
{
	uint32_t value = 0;

	for (unsigned shift = 0; shift < 28; shift += 7) {
		uint8_t octet = cur_u8(c);

		value |= (uint32_t)(octet & 0x7f) << shift;
		if (octet < 0x80) {
			return value;
		}
	}
	c->bad = true;
	return 0;
}

/* Compact forms hold one more than the length, plain ones the length; null is 0 and -1. */
static struct cursor string_read(struct cursor *c, bool is_compact)
{
	uint32_t n = is_compact ? varint_read(c) : cur_u16(c);

	if (is_compact ? n == 0 : n == UINT16_MAX) {
		return cur_make(c->p, 0);
	}
	return cur_sub(c, is_compact ? n - 1 : n);
}

static uint32_t count_read(struct cursor *c, bool is_compact)
{
	uint32_t n = is_compact ? varint_read(c) : cur_u32(c);

	if (is_compact) {
		return n > 0 ? n - 1 : 0;
	}
	return n <= INT32_MAX ? n : 0;
}

static bool has_compact(uint16_t api, uint16_t version)
{
	return version >= (api == PRODUCE ? 9 : 12);
}

static bool has_name(uint16_t api, uint16_t version)
{
	return version < 13 && (api == PRODUCE || api == FETCH);
}

/* Moves from behind the client id to the first topic; returns how many there are. */
static uint32_t topics_find(struct cursor *c, uint16_t api, uint16_t version)
{
	bool is_compact = has_compact(api, version);

	if (is_compact && varint_read(c) != 0) { /* tags of the header: none is defined */
		return 0;
	}
	if (api == PRODUCE) {
		if (version >= 3) {
			string_read(c, is_compact); /* transactional id */
		}
		cur_skip(c, 6); /* acks, timeout */
	} else {
		cur_skip(c, 12); /* replica, longest wait, least octets */
		cur_skip(c, version >= 3 ? 4 : 0);
		cur_skip(c, version >= 4 ? 1 : 0);
		cur_skip(c, version >= 7 ? 8 : 0); /* session and epoch */
	}
	return count_read(c, is_compact);
}

static struct cursor topic_read(struct cursor c, uint16_t api, uint16_t version)
{
	return has_name(api, version) && topics_find(&c, api, version) > 0
	               ? string_read(&c, has_compact(api, version))
	               : cur_make(c.p, 0);
}

/* Off the usual ports: ApiVersions, with which clients begin, or a topic. */
static bool body_is_good(struct cursor c, const struct header *h)
{
	uint32_t rest = h->size - (HEADER_LEN - 4) - h->name;

	if (h->api == API_VERSIONS && h->version < 3) {
		return rest == 0 && cur_left(&c) == 0;
	}
	if (h->api == API_VERSIONS) { /* KIP-511: the client's software */
		struct cursor name;

		varint_read(&c);
		name = string_read(&c, true);
		return rest < HEADER_LEN + 2 * NAME_MAX_LEN && !name.bad && cur_left(&name) > 0 &&
		       is_printable(name);
	}
	return is_topic(topic_read(c, h->api, h->version));
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct header h;
	struct cursor name;

	if (!header_read(&bytes, &h)) {
		return 0;
	}
	name = cur_sub(&bytes, h.name);
	if (name.bad || !is_printable(name)) {
		return 0;
	}
	return is_port(flow->port[1 - side]) || (h.name > 0 && body_is_good(bytes, &h)) ? 1 : 0;
}

static uint64_t size_of(const struct bus_call *call, const uint8_t *head, size_t have)
{
	struct cursor c = cur_make(head, have);
	uint32_t size = cur_u32(&c);

	(void)call;
	if (have < 4) {
		return BUS_MORE;
	}
	return size <= FRAME_MAX ? (uint64_t)size + 4 : BUS_BAD;
}

static struct asked *asked_find(struct kafka *kafka, uint32_t id)
{
	for (unsigned i = 0; i < ASKED_MAX; i++) {
		if (kafka->asked[i].is_used && kafka->asked[i].id == id) {
			return &kafka->asked[i];
		}
	}
	return NULL;
}

static void asked_add(struct kafka *kafka, int entry)
{
	kafka->asked[kafka->next] = (struct asked){
	        .id = kafka->id, .entry = entry, .is_fetch = kafka->api == FETCH, .is_used = true};
	kafka->next = (uint8_t)((kafka->next + 1) % ASKED_MAX);
}

/* A request's body. What is fetched is counted when it comes. */
static int take_body(struct bus_call *call, struct cursor c)
{
	struct kafka *kafka = call->state;
	struct cursor topic = topic_read(c, kafka->api, kafka->version);
	char root[TOPIC_MAX] = "";
	int entry = SINK_NO_ENTRY;

	if (is_topic(topic)) {
		topic_root(root, (const char *)topic.p, cur_left(&topic), ".");
	}
	if (kafka->api == PRODUCE) {
		entry = topic_note(call->sink, root, "Kafka", call->side, INFO_C2S, 1);
	} else {
		if (is_topic(topic)) {
			memcpy(kafka->fetched, root, sizeof root);
		}
		entry = topic_note(call->sink, kafka->fetched, "Kafka", call->side, INFO_S2C, 0);
	}
	asked_add(kafka, entry);
	return entry;
}

static void take_handshake(struct bus_call *call, struct cursor c)
{
	struct cursor mechanism = string_read(&c, false);

	if (!mechanism.bad && cur_left(&mechanism) == 5 && cur_is(&mechanism, "PLAIN", 5)) {
		sink_fact(call->sink, FACT_SIGN_IN, "Kafka SASL PLAIN", 16);
	}
}

static int take_request(struct bus_call *call, struct cursor c, uint64_t passed)
{
	struct kafka *kafka = call->state;
	struct header h;

	if (passed > 0) {
		if (kafka->api == SASL_HANDSHAKE) {
			take_handshake(call, c);
			return SINK_NO_ENTRY;
		}
		return take_body(call, c);
	}
	if (!header_read(&c, &h)) { /* a SASL token without header (KIP-43) */
		return SINK_NO_ENTRY;
	}
	kafka->api = h.api;
	kafka->version = h.version;
	kafka->id = h.id;
	if (h.api == PRODUCE || h.api == FETCH || h.api == SASL_HANDSHAKE) {
		call->seek = (uint64_t)HEADER_LEN + h.name;
	}
	return SINK_NO_ENTRY;
}

static int take_response(struct bus_call *call, struct cursor c)
{
	struct kafka *kafka = call->state;
	uint32_t size = cur_u32(&c), id = cur_u32(&c);
	struct asked *asked = asked_find(kafka, id);

	if (asked == NULL || c.bad) {
		return SINK_NO_ENTRY;
	}
	asked->is_used = false;
	if (asked->is_fetch && size > FETCHED_NOTHING) {
		return topic_note(call->sink, kafka->fetched, "Kafka", (enum side)kafka->client,
		                  INFO_S2C, 1);
	}
	return asked->entry;
}

static int take(struct bus_call *call, struct cursor head, uint64_t passed)
{
	const struct kafka *kafka = call->state;

	return call->side == kafka->client ? take_request(call, head, passed)
	                                   : take_response(call, head);
}

static size_t find(const struct bus_call *call, struct cursor bytes)
{
	struct kafka *kafka = call->state;

	if (call->side == kafka->client) {
		return recognise(bytes, call->side, call->flow);
	}
	cur_skip(&bytes, 4);
	return asked_find(kafka, cur_u32(&bytes)) != NULL && !bytes.bad ? 1 : 0;
}

static const struct bus frames = {.find = find, .size = size_of, .take = take};

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct kafka *kafka = state;
	struct bus_call call = {
	        .protocol = &frames, .state = kafka, .side = side, .flow = flow, .sink = sink};

	if (!kafka->is_ready) { /* only requests are recognised */
		kafka->client = (uint8_t)side;
		kafka->is_ready = true;
		sink_client(sink, side);
	}
	return bus_take(call, kafka->half, bytes, lost);
}

_Static_assert(sizeof(struct kafka) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "first level of the topic", .standard = "Kafka protocol, Produce, Fetch",
         .guard = "grammar of topics; no word like a token or a number",
         .evidence = {EVIDENCE_TOPIC}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "client and transaction identifiers, groups, users, passwords, keys, records",
         .standard = "Kafka protocol"},
        {0},
};

const struct dissector dissector_kafka = {
        .name = "kafka",
        .protocol = "Kafka",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct kafka),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
