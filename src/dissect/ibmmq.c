/* IBM MQ (its channel protocol, "FAP": transmission segments that begin with TSH, TSHM or TSHC, in
 * ASCII or EBCDIC): counts what clients put and get, and what queue managers send each other, by
 * the first level of the queue's name. User identifiers, authentication, descriptors, selectors and
 * messages pass unread. There is no public standard; fields stand where Wireshark's packet-mq.c
 * finds them. */
#include "bus.h"
#include "topic.h"

#include <string.h>

enum {
	INITIAL_DATA = 0x01,
	MESSAGE_DATA = 0x04,
	ASYNC_MESSAGE = 0x0d,
	LAST_CONTROL = 0x0f,
	FIRST_CALL = 0x81,
	MQOPEN = 0x83,
	MQPUT = 0x86,
	MQPUT1 = 0x87,
	SPI = 0x8c,
	LAST_CALL = 0x8f,
	REPLY = 0x10, /* is added to a call */
	MQGET_REPLY = 0x85 + REPLY,
};
enum { BIG_ENDIAN_ORDER = 1, LITTLE_ENDIAN_ORDER = 2 };
enum { SPI_PUT = 2, SPI_GET = 3, FAILED = 2 };

#define HEADER_MIN     28
#define SEGMENT_MAX    (16 << 20)
#define FLAG_FIRST     0x10 /* segment of a message */
#define MESSAGE_HEADER 20
#define OBJECT_NAME    48
#define CHANNEL_NAME   20
#define HANDLES_MAX    5
#define ROOT_MAX       40
#define NAME_MARKS     "./"

struct handle {
	uint32_t handle;
	bool is_used;
	char root[ROOT_MAX];
};

struct ibmmq {
	struct bus_side half[2];
	struct handle handles[HANDLES_MAX];
	char opening[ROOT_MAX]; /* root of the object that is being opened */
	uint8_t next;
	bool is_begun;
};

struct segment {
	uint32_t size;
	uint8_t order, type, flags;
};

/* A structure's four letters, in ASCII or in EBCDIC. */
struct tag {
	char ascii[5], ebcdic[5];
};

static const struct tag tsh = {"TSH ", "\xe3\xe2\xc8\x40"}, tshm = {"TSHM", "\xe3\xe2\xc8\xd4"},
                        tshc = {"TSHC", "\xe3\xe2\xc8\xc3"}, initial = {"ID  ", "\xc9\xc4\x40\x40"},
                        object = {"OD  ", "\xd6\xc4\x40\x40"},
                        transmission = {"XQH ", "\xe7\xd8\xc8\x40"};

static bool is_tag(const struct cursor *c, const struct tag *tag)
{
	return cur_is(c, tag->ascii, 4) || cur_is(c, tag->ebcdic, 4);
}

static bool is_type(uint8_t type)
{
	return (type >= INITIAL_DATA && type <= LAST_CONTROL) ||
	       (type >= FIRST_CALL && type <= LAST_CALL + REPLY);
}

/* Reads a segment's header; false when it is none. */
static bool header_read(struct cursor *c, struct segment *s)
{
	bool is_multiplexed = is_tag(c, &tshm);

	if (!is_multiplexed && !is_tag(c, &tsh) && !is_tag(c, &tshc)) {
		return false;
	}
	cur_skip(c, 4);
	s->size = cur_u32(c);
	cur_skip(c, is_multiplexed ? 8 : 0); /* conversation, request */
	s->order = cur_u8(c);
	s->type = cur_u8(c);
	s->flags = cur_u8(c);
	cur_skip(c, 1 + 8 + 4 + 2 + 2); /* flags, unit of work, encoding, character set, reserved */
	return !c->bad && s->size >= HEADER_MIN && s->size <= SEGMENT_MAX &&
	       (s->order == BIG_ENDIAN_ORDER || s->order == LITTLE_ENDIAN_ORDER) &&
	       is_type(s->type);
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	struct segment s;

	(void)side;
	(void)flow;
	return header_read(&bytes, &s) ? 1 : 0;
}

static uint64_t size_of(const struct bus_call *call, const uint8_t *head, size_t have)
{
	struct cursor c = cur_make(head, have);
	uint32_t size;

	(void)call;
	if (have < 8) {
		return BUS_MORE;
	}
	if (!is_tag(&c, &tsh) && !is_tag(&c, &tshm) && !is_tag(&c, &tshc)) {
		return BUS_BAD;
	}
	cur_skip(&c, 4);
	size = cur_u32(&c);
	return size >= HEADER_MIN && size <= SEGMENT_MAX ? size : BUS_BAD;
}

static uint32_t number_read(struct cursor *c, const struct segment *s)
{
	return s->order == LITTLE_ENDIAN_ORDER ? cur_le32(c) : cur_u32(c);
}

/* Characters of MQ names that all EBCDIC code pages have in common; 0 for others. */
static char of_ebcdic(uint8_t c)
{
	static const struct {
		uint8_t first, last;
		char as;
	} ranges[] = {{0x81, 0x89, 'a'}, {0x91, 0x99, 'j'}, {0xa2, 0xa9, 's'}, {0xc1, 0xc9, 'A'},
	              {0xd1, 0xd9, 'J'}, {0xe2, 0xe9, 'S'}, {0xf0, 0xf9, '0'}, {0x40, 0x40, ' '},
	              {0x4b, 0x4b, '.'}, {0x61, 0x61, '/'}, {0x6c, 0x6c, '%'}, {0x6d, 0x6d, '_'}};

	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		if (c >= ranges[i].first && c <= ranges[i].last) {
			return (char)(ranges[i].as + (c - ranges[i].first));
		}
	}
	return '\0';
}

/* A name of at most `size` characters, padded with blanks or zeros. Returns its length, 0 when it
 * is none. */
static size_t name_read(char out[OBJECT_NAME + 1], struct cursor *c, size_t size, bool is_ebcdic)
{
	struct cursor name = cur_sub(c, size);
	size_t n = 0;

	while (cur_left(&name) > 0) {
		uint8_t octet = cur_u8(&name);
		char letter = is_ebcdic ? of_ebcdic(octet) : (char)octet;

		if (octet == 0 || letter == ' ') {
			break;
		}
		if (letter < '!' || letter > '~') {
			return 0;
		}
		out[n++] = letter;
	}
	out[n] = '\0';
	return n;
}

static void note_name(struct bus_call *call, const char *word, const char *name, size_t n)
{
	if (n > 0) {
		sink_fact(call->sink, word, name, n);
	}
}

/* Both sides send it, the client first; the client's says what it wants. */
static void take_initial(struct bus_call *call, struct cursor c)
{
	struct ibmmq *mq = call->state;
	char name[OBJECT_NAME + 1];
	bool is_ebcdic = cur_is(&c, initial.ebcdic, 4);

	if (!is_tag(&c, &initial) || mq->is_begun) {
		return;
	}
	mq->is_begun = true;
	sink_client(call->sink, call->side);
	cur_skip(&c, 24);
	note_name(call, "MQ channel", name, name_read(name, &c, CHANNEL_NAME, is_ebcdic));
	cur_skip(&c, 4);
	note_name(call, "MQ queue manager", name, name_read(name, &c, OBJECT_NAME, is_ebcdic));
}

/* The root of the name in the structure with this tag, whose name stands `before` octets into it.
 */
static void root_read(char out[ROOT_MAX], struct cursor c, const struct tag *tag, size_t before)
{
	char name[OBJECT_NAME + 1], root[TOPIC_MAX];
	bool is_ebcdic = cur_is(&c, tag->ebcdic, 4);
	size_t n;

	out[0] = '\0';
	if (!is_tag(&c, tag)) {
		return;
	}
	cur_skip(&c, before);
	n = name_read(name, &c, OBJECT_NAME, is_ebcdic);
	if (!c.bad && topic_root(root, name, n, NAME_MARKS) < ROOT_MAX) {
		text_copy(out, ROOT_MAX, root, strlen(root));
	}
}

static void handle_add(struct ibmmq *mq, uint32_t handle)
{
	struct handle *h = &mq->handles[mq->next];

	h->handle = handle;
	h->is_used = true;
	memcpy(h->root, mq->opening, ROOT_MAX);
	mq->next = (uint8_t)((mq->next + 1) % HANDLES_MAX);
}

/* The root of what was opened last under this handle. */
static const char *root_of(const struct ibmmq *mq, uint32_t handle)
{
	for (unsigned i = 1; i <= HANDLES_MAX; i++) {
		const struct handle *h = &mq->handles[(mq->next + HANDLES_MAX - i) % HANDLES_MAX];

		if (h->is_used && h->handle == handle) {
			return h->root;
		}
	}
	return "";
}

static int note_message(struct bus_call *call, const char *root)
{
	call->half->message = topic_note(call->sink, root, "IBM-MQ", call->side, INFO_C2S, 1);
	return call->half->message;
}

/* A call or its reply: length, completion, reason, handle; then what the call is about. */
static int take_call(struct bus_call *call, const struct segment *s, struct cursor c)
{
	struct ibmmq *mq = call->state;
	uint32_t completion, handle, verb;
	struct cursor rest;
	char root[ROOT_MAX];

	cur_skip(&c, 4);
	completion = number_read(&c, s);
	cur_skip(&c, 4);
	handle = number_read(&c, s);
	rest = c;
	verb = number_read(&rest, s); /* of SPI */
	switch (s->type) {
	case MQOPEN:
		root_read(mq->opening, c, &object, 12);
		return SINK_NO_ENTRY;
	case MQOPEN + REPLY:
		if (completion != FAILED) {
			handle_add(mq, handle);
		}
		return SINK_NO_ENTRY;
	case MQPUT:
		return note_message(call, root_of(mq, handle));
	case MQPUT1:
		root_read(root, c, &object, 12);
		return note_message(call, root);
	case SPI:
		return verb == SPI_PUT ? note_message(call, root_of(mq, handle)) : SINK_NO_ENTRY;
	case SPI + REPLY:
		return verb == SPI_GET && completion != FAILED
		               ? note_message(call, root_of(mq, handle))
		               : call->other->message;
	case MQGET_REPLY:
		return completion != FAILED ? note_message(call, root_of(mq, handle))
		                            : SINK_NO_ENTRY;
	case MQPUT + REPLY:
	case MQPUT1 + REPLY:
		return call->other->message;
	default:
		return SINK_NO_ENTRY;
	}
}

/* What a server sends of its own accord to a client that asked for messages: version, handle, two
 * indexes, length and number of the segment. */
static int take_async(struct bus_call *call, const struct segment *s, struct cursor c)
{
	uint32_t handle;
	uint16_t number;

	cur_skip(&c, 4);
	handle = number_read(&c, s);
	cur_skip(&c, 12);
	number = cur_u16(&c);
	return number == 0 && !c.bad ? note_message(call, root_of(call->state, handle))
	                             : call->half->message;
}

/* Between queue managers: a header of the channel's, then that of the transmission queue. */
static int take_message(struct bus_call *call, struct cursor c)
{
	char root[ROOT_MAX];

	cur_skip(&c, MESSAGE_HEADER);
	root_read(root, c, &transmission, 8);
	return note_message(call, root);
}

static int take(struct bus_call *call, struct cursor head, uint64_t passed)
{
	struct segment s;

	(void)passed;
	if (!header_read(&head, &s)) {
		return SINK_NO_ENTRY;
	}
	if (s.type == INITIAL_DATA) {
		take_initial(call, head);
		return SINK_NO_ENTRY;
	}
	if (s.type == ASYNC_MESSAGE) {
		return take_async(call, &s, head);
	}
	if (s.type != MESSAGE_DATA && s.type < FIRST_CALL) {
		return SINK_NO_ENTRY;
	}
	if ((s.flags & FLAG_FIRST) == 0) { /* goes on with a message */
		return call->half->message;
	}
	return s.type == MESSAGE_DATA ? take_message(call, head) : take_call(call, &s, head);
}

static const struct bus segments = {.recognise = recognise, .size = size_of, .take = take};

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct ibmmq *mq = state;
	struct bus_call call = {
	        .protocol = &segments, .state = mq, .side = side, .flow = flow, .sink = sink};

	return bus_take(call, mq->half, bytes, lost);
}

_Static_assert(sizeof(struct ibmmq) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "channel and queue manager",
         .standard = "packet-mq.c of Wireshark: there is no standard",
         .guard = "words in ASCII or EBCDIC", .facts = {"MQ channel", "MQ queue manager"}},
        {FIELD_KEEP, "first level of the queue's name",
         .standard = "packet-mq.c of Wireshark: there is no standard",
         .guard = "words in ASCII or EBCDIC; no word like a token or a number",
         .evidence = {EVIDENCE_TOPIC}},
        {FIELD_NEVER,
         "user identifiers, authentication, message descriptors, selectors, the messages "
         "themselves",
         .standard = NULL},
        {0},
};

const struct dissector dissector_ibmmq = {
        .name = "ibmmq",
        .protocol = "IBM-MQ",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct ibmmq),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
