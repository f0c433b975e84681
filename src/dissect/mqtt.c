/* MQTT 3.1, 3.1.1 and 5.0 (OASIS): counts PUBLISH packets by the first level of their topic, each
 * on its way from the side that sends it. Client identifiers, users, passwords, wills, deeper
 * levels and payloads pass unread. */
#include "bus.h"
#include "topic.h"

#include <string.h>

/* MQTT 5.0, 2.1.2: control packet types. */
enum {
	CONNECT = 1,
	CONNACK,
	PUBLISH,
	PUBACK,
	PUBREC,
	PUBREL,
	PUBCOMP,
	SUBSCRIBE,
	SUBACK,
	UNSUBSCRIBE,
	UNSUBACK,
	PINGREQ,
	PINGRESP,
	DISCONNECT,
	AUTH
};
enum { PORT_MQTT = 1883, LEVEL_31 = 3, LEVEL_311 = 4, LEVEL_5 = 5 };

#define FLAG_WILL     0x04
#define FLAG_PASSWORD 0x40
#define FLAG_USER     0x80
#define CHAIN_MIN     3 /* packets in a row that prove the protocol on any port */

struct mqtt {
	struct bus_side half[2];
	char root[2][TOPIC_MAX]; /* of the last topic, for packets that have an alias instead
	                            (5.0, 3.3.2.3.4) */
	uint64_t user;           /* topic_user() of who signed in; 0: not known */
	uint8_t level;           /* of the protocol; 0: unknown */
};

/* Size of the packet whose header these octets begin with, 2.1.4: a length of one to four octets,
 * seven bits each, the shortest form. */
static uint64_t packet_size(const uint8_t *head, size_t have)
{
	uint64_t length = 0;

	for (size_t i = 1; i < have && i <= 4; i++) {
		length |= (uint64_t)(head[i] & 0x7f) << (7 * (i - 1));
		if ((head[i] & 0x80) == 0) {
			return i > 1 && head[i] == 0 ? BUS_BAD : length + i + 1;
		}
	}
	return have > 4 ? BUS_BAD : BUS_MORE;
}

/* 2.1.3: the flags each type must have. */
static bool flags_are_good(uint8_t first)
{
	unsigned type = first >> 4, flags = first & 0xf;

	switch (type) {
	case 0:
		return false;
	case PUBLISH: /* QoS 3 does not exist, QoS 0 is never a duplicate */
		return (flags & 6) != 6 && ((flags & 6) != 0 || (flags & 8) == 0);
	case PUBREL:
	case SUBSCRIBE:
	case UNSUBSCRIBE:
		return flags == 2;
	default:
		return flags == 0;
	}
}

static bool length_is_good(unsigned type, uint64_t length)
{
	switch (type) {
	case PINGREQ:
	case PINGRESP:
		return length == 0;
	case DISCONNECT:
	case AUTH:
		return true;
	case CONNECT:
		return length >= 10;
	case SUBSCRIBE:
	case UNSUBSCRIBE:
		return length >= 5;
	default:
		return length >= 2;
	}
}

static struct cursor string_read(struct cursor *c)
{
	return cur_sub(c, cur_u16(c));
}

/* As much of a topic as is there is text without wildcards (4.7). */
static bool is_topic(const uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (p[i] < ' ' || p[i] == 0x7f || p[i] == '#' || p[i] == '+') {
			return false;
		}
	}
	return len > 0;
}

static bool publish_is_good(struct cursor c, uint64_t length)
{
	uint16_t n = cur_u16(&c);
	size_t shown = n < cur_left(&c) ? n : cur_left(&c);

	return !c.bad && n > 0 && (uint64_t)n + 2 <= length && is_topic(c.p, shown) &&
	       (shown < n || text_is_printable((const char *)c.p, n));
}

/* Level of a CONNECT packet's protocol, its header behind; 0 when it is none. */
static uint8_t connect_level(struct cursor *c)
{
	struct cursor name = string_read(c);
	uint8_t level = cur_u8(c) & 0x7f; /* bridges set the highest bit */
	bool is_new = cur_left(&name) == 4 && cur_is(&name, "MQTT", 4);
	bool is_old = cur_left(&name) == 6 && cur_is(&name, "MQIsdp", 6);

	if (c->bad || (is_new && level != LEVEL_311 && level != LEVEL_5) ||
	    (is_old && level != LEVEL_31)) {
		return 0;
	}
	return is_new || is_old ? level : 0;
}

/* What a walk over packets has seen. */
struct seen {
	unsigned packets;
	bool has_publish, has_connect;
};

/* Judges the packet at the start, of which the end may be cut off. */
static bool packet_is_good(struct cursor c, uint64_t size, struct seen *seen)
{
	uint64_t left = cur_left(&c), length;
	unsigned type = cur_u8(&c) >> 4;

	while ((cur_u8(&c) & 0x80) != 0) {
	}
	length = size - (left - cur_left(&c));
	seen->packets++;
	if (type == PUBLISH) {
		seen->has_publish = true;
		return publish_is_good(c, length);
	}
	if (type == CONNECT) {
		seen->has_connect = true;
		return length_is_good(type, length) && connect_level(&c) != 0;
	}
	return length_is_good(type, length);
}

/* Walks over packets from the start. False when one was wrong. */
static bool walk(struct cursor c, struct seen *seen)
{
	while (cur_left(&c) > 0) {
		size_t left = cur_left(&c);
		uint64_t size = packet_size(c.p, left < 5 ? left : 5);
		unsigned type = *c.p >> 4;

		if (size == BUS_BAD || !flags_are_good(*c.p)) {
			return false;
		}
		if (size == BUS_MORE || (size > left && type != PUBLISH && type != CONNECT)) {
			break;
		}
		if (!packet_is_good(c, size, seen)) {
			return false;
		}
		cur_skip(&c, size < left ? (size_t)size : left);
	}
	return true;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool is_port = flow->port[0] == PORT_MQTT || flow->port[1] == PORT_MQTT;
	struct seen seen = {.packets = 0};

	(void)side;
	if (!walk(bytes, &seen) || seen.packets == 0) {
		return 0;
	}
	return seen.has_connect || is_port || (seen.has_publish && seen.packets >= CHAIN_MIN) ? 1
	                                                                                      : 0;
}

/* Moves over the properties that 5.0 has in front of a payload's fields (2.2.2). */
static void skip_properties(struct cursor *c, uint8_t level)
{
	uint8_t n = level == LEVEL_5 ? cur_u8(c) : 0;

	cur_skip(c, n < 0x80 ? n : cur_left(c) + 1);
}

/* The user of a CONNECT packet (3.1.3), behind keep-alive, client identifier and will: for
 * comparison only. */
static uint64_t user_of(struct cursor c, uint8_t level, uint8_t flags)
{
	struct cursor user;

	cur_skip(&c, 2);
	skip_properties(&c, level);
	string_read(&c);
	if ((flags & FLAG_WILL) != 0) {
		skip_properties(&c, level);
		string_read(&c);
		string_read(&c);
	}
	user = string_read(&c);
	return (flags & FLAG_USER) != 0 && !user.bad
	               ? topic_user((const char *)user.p, cur_left(&user))
	               : 0;
}

static void take_connect(struct bus_call *call, struct cursor c)
{
	static const char *const versions[] = {
	        [LEVEL_31] = "3.1", [LEVEL_311] = "3.1.1", [LEVEL_5] = "5.0"};
	struct mqtt *mqtt = call->state;
	uint8_t level = connect_level(&c), flags = cur_u8(&c);

	if (level == 0 || c.bad) {
		return;
	}
	mqtt->level = level;
	mqtt->user = user_of(c, level, flags);
	sink_client(call->sink, call->side);
	sink_fact(call->sink, "MQTT version", versions[level], strlen(versions[level]));
	if ((flags & FLAG_PASSWORD) != 0) {
		sink_fact(call->sink, FACT_SIGN_IN, "MQTT CONNECT", 12);
	}
}

static int take_publish(struct bus_call *call, struct cursor c)
{
	struct mqtt *mqtt = call->state;
	char *root = mqtt->root[call->side];
	size_t n = cur_u16(&c), shown = n < cur_left(&c) ? n : cur_left(&c);

	if (n > 0 && (shown == n || memchr(c.p + 1, '/', shown > 0 ? shown - 1 : 0) != NULL)) {
		topic_root(root, (const char *)c.p, shown, "/");
		topic_withhold(root, mqtt->user);
	} else if (n > 0) {
		root[0] = '\0'; /* it is cut off */
	}
	call->half->message = topic_note(call->sink, root, "MQTT", call->side, INFO_C2S, 1);
	return call->half->message;
}

/* The first filter of a SUBSCRIBE (3.8.3); `$share/GROUP/` says who shares it (5.0, 4.8.2). */
static void take_subscribe(struct bus_call *call, struct cursor c)
{
	const struct mqtt *mqtt = call->state;
	struct cursor filter;
	char root[TOPIC_MAX];

	cur_skip(&c, 2);
	skip_properties(&c, mqtt->level); /* two short ones, and notes */
	filter = string_read(&c);
	for (int i = 0; i < 2 && (i > 0 || cur_is(&filter, "$share/", 7)); i++) {
		const uint8_t *slash = memchr(filter.p, '/', cur_left(&filter));

		filter.p = slash != NULL ? slash + 1 : filter.end;
	}
	if (mqtt->level == 0 || filter.bad) {
		return;
	}
	topic_root(root, (const char *)filter.p, cur_left(&filter), "/");
	topic_withhold(root, mqtt->user);
	if (root[0] != '\0') {
		sink_fact(call->sink, "MQTT subscription", root, strlen(root));
	}
}

static uint64_t size_of(const struct bus_call *call, const uint8_t *head, size_t have)
{
	uint64_t size = packet_size(head, have);

	(void)call;
	return flags_are_good(head[0]) ? size : BUS_BAD;
}

static int take(struct bus_call *call, struct cursor head, uint64_t passed)
{
	unsigned type = cur_u8(&head) >> 4;

	(void)passed;
	while ((cur_u8(&head) & 0x80) != 0) {
	}
	switch (type) {
	case CONNECT:
		take_connect(call, head);
		return SINK_NO_ENTRY;
	case PUBLISH:
		return take_publish(call, head);
	case PUBACK:
	case PUBREC:
	case PUBCOMP: /* belong to what they acknowledge */
		return call->other->message;
	case PUBREL:
		return call->half->message;
	case SUBSCRIBE:
		take_subscribe(call, head);
		return SINK_NO_ENTRY;
	default:
		return SINK_NO_ENTRY;
	}
}

static const struct bus frames = {.recognise = recognise, .size = size_of, .take = take};

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct mqtt *mqtt = state;
	struct bus_call call = {
	        .protocol = &frames, .state = mqtt, .side = side, .flow = flow, .sink = sink};

	return bus_take(call, mqtt->half, bytes, lost);
}

_Static_assert(sizeof(struct mqtt) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "first level of a topic and of the first filter",
         .standard = "MQTT 5.0 3.3.2.1, 3.8.3",
         .guard = "no word like a token or a number; not the user of the connection",
         .evidence = {EVIDENCE_TOPIC}, .facts = {"MQTT subscription"}},
        {FIELD_KEEP, "version", .standard = "MQTT 5.0 3.1.2", .facts = {"MQTT version"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "client identifier, user, password, will", .standard = "MQTT 5.0 3.1.3"},
        {FIELD_NEVER, "deeper levels of topics, payloads", .standard = "MQTT 5.0 3.3"},
        {0},
};

const struct dissector dissector_mqtt = {
        .name = "mqtt",
        .protocol = "MQTT",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct mqtt),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
