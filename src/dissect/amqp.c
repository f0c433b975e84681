/* AMQP 0-9-1 (with 0-9 and 0-8, whose framing is alike) and, by amqp_link.c, 1.0 (ISO/IEC 19464):
 * counts messages by the root of the exchange or queue they go to or come from. Properties,
 * consumer tags, users, deeper levels of names and contents pass unread. */
#include "amqp.h"

#include <string.h>

enum { PORT_AMQP = 5672 };
enum { FRAME_METHOD = 1, FRAME_HEADER = 2, FRAME_BODY = 3, FRAME_HEARTBEAT = 8 };
enum { CONNECTION = 10, BASIC = 60 };
enum { START = 10, START_OK = 11, TUNE_OK = 31, OPEN = 40 }; /* of CONNECTION */
enum {
	PUBLISH = 40,
	RETURN = 50,
	DELIVER = 60,
	GET_OK = 71,
	ACK = 80,
	REJECT = 90,
	NACK = 120
}; /* of BASIC */
enum { PROTOCOL_TLS = 2 };

#define HEADER_LEN 8 /* of a connection: "AMQP", protocol id, version */
#define FRAME_LEN  7 /* type, channel, size; behind the payload one octet more */
#define FRAME_END  0xce
#define FRAME_MAX  (16 << 20)

static bool is_header(struct cursor c)
{
	static const uint8_t versions[][4] = {{0, 0, 9, 1}, {0, 0, 9, 0}, {1, 1, 0, 9},
	                                      {1, 1, 9, 1}, {1, 1, 8, 0}, {0, 1, 0, 0},
	                                      {2, 1, 0, 0}, {3, 1, 0, 0}};

	if (!cur_is(&c, "AMQP", 4)) {
		return false;
	}
	cur_skip(&c, 4);
	for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
		if (cur_is(&c, versions[i], 4)) {
			return true;
		}
	}
	return false;
}

static bool is_type(uint8_t type)
{
	return type == FRAME_METHOD || type == FRAME_HEADER || type == FRAME_BODY ||
	       type == FRAME_HEARTBEAT;
}

/* Classes are 10, 20 … 60, 85 and 90; methods are numbered from 10, acknowledgements up to 120. */
static bool is_method(struct cursor c)
{
	uint16_t class = cur_u16(&c), method = cur_u16(&c);

	return !c.bad &&
	       ((class >= CONNECTION && class <= BASIC && class % 10 == 0) || class == 85 ||
	        class == 90) &&
	       method >= 10 && method <= NACK;
}

/* Walks over frames from the start; the last may be cut. Sets whether a method stood whole among
 * them, and whether any frame did. False when one is wrong. */
static bool walk(struct cursor c, bool *has_method, bool *has_frame)
{
	*has_method = *has_frame = false;
	while (cur_left(&c) >= FRAME_LEN) {
		uint8_t type = cur_u8(&c);
		uint32_t size;
		struct cursor body;

		cur_skip(&c, 2);
		size = cur_u32(&c);
		body = c;
		if (!is_type(type) || size > FRAME_MAX ||
		    (type == FRAME_METHOD && !is_method(body))) {
			return false;
		}
		cur_skip(&c, size);
		if (cur_left(&c) == 0) {
			break;
		}
		if (cur_u8(&c) != FRAME_END) {
			return false;
		}
		*has_frame = true;
		*has_method = *has_method || type == FRAME_METHOD;
	}
	return true;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool is_port = flow->port[0] == PORT_AMQP || flow->port[1] == PORT_AMQP;
	bool has_method, has_frame, is_whole;

	(void)side;
	if (is_header(bytes)) {
		return 1;
	}
	if (walk(bytes, &has_method, &has_frame) && (has_method || (has_frame && is_port))) {
		return 1;
	}
	return amqp_link_is_frame(bytes, &is_whole) && (is_whole || is_port) ? 1 : 0;
}

/* The first octet tells: a header's letter, the type of 0-9-1, or the highest octet of a 1.0
 * frame's size, which is zero below 16 MiB. */
static uint64_t size_of(const struct bus_call *call, const uint8_t *head, size_t have)
{
	struct cursor c = cur_make(head, have);
	uint64_t size;

	(void)call;
	if (have < FRAME_LEN) {
		return head[0] == 'A' || head[0] == 0 || is_type(head[0]) ? BUS_MORE : BUS_BAD;
	}
	if (head[0] == 'A') {
		return cur_is(&c, "AMQP", 4) ? HEADER_LEN : BUS_BAD;
	}
	if (head[0] == 0) {
		size = cur_u32(&c);
		return size >= HEADER_LEN ? size : BUS_BAD;
	}
	cur_skip(&c, 3);
	size = cur_u32(&c);
	return size <= FRAME_MAX ? size + FRAME_LEN + 1 : BUS_BAD;
}

static struct cursor short_string(struct cursor *c)
{
	return cur_sub(c, cur_u8(c));
}

/* Where a message goes: the exchange, or the queue that a routing key names where the exchange is
 * one that every broker has (0-9-1, 3.1.3). */
static int note_message(struct bus_call *call, struct cursor *c)
{
	struct cursor exchange = short_string(c), key = short_string(c);
	struct cursor name =
	        cur_left(&exchange) == 0 || cur_is(&exchange, "amq.", 4) ? key : exchange;
	const struct amqp *amqp = call->state;
	char root[TOPIC_MAX] = "";

	if (!name.bad) {
		topic_root(root, (const char *)name.p, cur_left(&name), AMQP_MARKS);
		topic_withhold(root, amqp->user);
	}
	call->half->message = topic_note(call->sink, root, "AMQP", call->side, INFO_C2S, 1);
	return call->half->message;
}

static int take_basic(struct bus_call *call, uint16_t method, struct cursor c)
{
	switch (method) {
	case PUBLISH:
		cur_skip(&c, 2); /* reserved */
		return note_message(call, &c);
	case DELIVER:
		short_string(&c); /* consumer tag */
		cur_skip(&c, 9);  /* delivery tag, redelivered */
		return note_message(call, &c);
	case GET_OK:
		cur_skip(&c, 9);
		return note_message(call, &c);
	case RETURN: /* an undeliverable message comes back: none that is new */
		call->half->message = call->other->message;
		return call->half->message;
	case ACK:
	case REJECT:
	case NACK: /* also a broker's confirmation to who published */
		return call->other->message;
	default:
		return SINK_NO_ENTRY;
	}
}

uint64_t amqp_user_of_plain(struct cursor response)
{
	const char *p = (const char *)response.p, *end = (const char *)response.end;
	const char *user = p < end ? memchr(p, '\0', (size_t)(end - p)) : NULL;
	const char *user_end = user != NULL ? memchr(user + 1, '\0', (size_t)(end - user) - 1) : NULL;

	return user_end != NULL ? topic_user(user + 1, (size_t)(user_end - user) - 1) : 0;
}

/* AMQPLAIN of RabbitMQ: a table, in it LOGIN, a long text. */
static uint64_t user_of_table(struct cursor response)
{
	static const char login[] = "\5LOGINS";
	const uint8_t *at = memmem(response.p, cur_left(&response), login, sizeof login - 1);
	struct cursor user;

	if (at == NULL) {
		return 0;
	}
	response.p = at + sizeof login - 1;
	user = cur_sub(&response, cur_u32(&response));
	return user.bad ? 0 : topic_user((const char *)user.p, cur_left(&user));
}

/* The mechanism, and its response, of which there may be but the start. */
static void note_sign_in(struct bus_call *call, struct cursor mechanism, struct cursor c)
{
	struct amqp *amqp = call->state;
	uint32_t n = cur_u32(&c);
	struct cursor response = cur_sub(&c, n < cur_left(&c) ? n : cur_left(&c));

	if (cur_left(&mechanism) == 5 && cur_is(&mechanism, "PLAIN", 5)) {
		sink_fact(call->sink, FACT_SIGN_IN, "AMQP PLAIN", 10);
		amqp->user = amqp_user_of_plain(response);
	} else if (cur_left(&mechanism) == 8 && cur_is(&mechanism, "AMQPLAIN", 8)) {
		sink_fact(call->sink, FACT_SIGN_IN, "AMQP AMQPLAIN", 13);
		amqp->user = user_of_table(response);
	}
}

/* A virtual host of one user's own says who and not what. */
static void note_host(struct bus_call *call, struct cursor name)
{
	const struct amqp *amqp = call->state;
	char host[TOPIC_MAX];

	if (name.bad || cur_left(&name) > TEXT_MAX ||
	    !text_is_printable((const char *)name.p, cur_left(&name))) {
		return;
	}
	text_copy(host, sizeof host, (const char *)name.p, cur_left(&name));
	topic_withhold(host, amqp->user);
	if (host[0] != '\0') {
		sink_fact(call->sink, "AMQP virtual host", host, strlen(host));
	}
}

static void take_connection(struct bus_call *call, uint16_t method, struct cursor c)
{
	enum side other = side_other(call->side);

	if (method == START || method == START_OK || method == TUNE_OK || method == OPEN) {
		sink_client(call->sink, method == START ? other : call->side);
	}
	if (method == START_OK) { /* the mechanism stands behind the client's properties */
		call->seek = FRAME_LEN + 4 + 4 + (uint64_t)cur_u32(&c);
	} else if (method == OPEN) {
		note_host(call, short_string(&c));
	}
}

/* 1.0, 2.2 and 5.2.1: TLS begins when both sides have asked for it. */
static void take_header(struct bus_call *call, struct cursor c)
{
	struct amqp *amqp = call->state;

	cur_skip(&c, 4);
	if (amqp->header[0] == 0 && amqp->header[1] == 0) {
		sink_client(call->sink, call->side);
	}
	amqp->header[call->side] = (uint8_t)(cur_u8(&c) + 1u);
	if (amqp->header[0] == PROTOCOL_TLS + 1 && amqp->header[1] == PROTOCOL_TLS + 1) {
		call->verdict = DISSECT_TLS;
	}
}

static int take(struct bus_call *call, struct cursor head, uint64_t passed)
{
	struct cursor c = head;
	uint8_t type;
	uint16_t class, method;

	if (passed > 0) {
		struct cursor mechanism = short_string(&c);

		note_sign_in(call, mechanism, c);
		return SINK_NO_ENTRY;
	}
	type = cur_u8(&c);
	if (type == 'A') {
		take_header(call, head);
		return SINK_NO_ENTRY;
	}
	if (type == 0) {
		cur_skip(&c, 3);
		return amqp_link_take(call, c);
	}
	if (type == FRAME_HEADER || type == FRAME_BODY) {
		return call->half->message;
	}
	cur_skip(&c, 6);
	class = cur_u16(&c);
	method = cur_u16(&c);
	if (type == FRAME_METHOD && class == BASIC) {
		return take_basic(call, method, c);
	}
	if (type == FRAME_METHOD && class == CONNECTION) {
		take_connection(call, method, c);
	}
	return SINK_NO_ENTRY;
}

static const struct bus frames = {.recognise = recognise, .size = size_of, .take = take};

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct amqp *amqp = state;
	struct bus_call call = {
	        .protocol = &frames, .state = amqp, .side = side, .flow = flow, .sink = sink};

	return bus_take(call, amqp->half, bytes, lost);
}

_Static_assert(sizeof(struct amqp) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "first level of the name of an exchange, a queue or a link's address",
         .standard = "AMQP 0-9-1 1.8.3; AMQP 1.0 3.5.3, 3.5.4",
         .guard = "no word like a token or a number; not the user of the connection",
         .evidence = {EVIDENCE_TOPIC}},
        {FIELD_GUARD, "virtual host", .standard = "AMQP 0-9-1 1.4.2.7",
         .guard = "not the user of the connection", .facts = {"AMQP virtual host"}},
        {FIELD_KEEP, "host that the client asks for in OPEN", .standard = "AMQP 1.0 2.7.1",
         .guard = "the grammar of a host name", .facts = {"AMQP host"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "user and password", .standard = "AMQP 0-9-1 1.4.2.2"},
        {FIELD_NEVER,
         "deeper levels of names, message properties, consumer tags, the messages themselves",
         .standard = NULL},
        {0},
};

const struct dissector dissector_amqp = {
        .name = "amqp",
        .protocol = "AMQP",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct amqp),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
