/* AMQP 1.0 (OASIS): frames, the types they are written in (1.6), the links that are attached
 * (2.7.3) and the messages that go over them (2.7.5). */
#include "amqp.h"

#include <string.h>

enum { FRAME_AMQP = 0, FRAME_SASL = 1 };
enum { OPEN = 0x10, ATTACH = 0x12, TRANSFER = 0x14, DISPOSITION = 0x15, CLOSE = 0x18 };
enum { SASL_MECHANISMS = 0x40, SASL_INIT = 0x41, SASL_OUTCOME = 0x44 };
enum {
	CODE_DESCRIBED = 0,
	CODE_NULL = 0x40,
	CODE_TRUE = 0x41,
	CODE_BOOLEAN = 0x56,
	CODE_LIST0 = 0x45,
	CODE_LIST8 = 0xc0,
	CODE_LIST32 = 0xd0,
	CODE_STRING8 = 0xa1,
	CODE_STRING32 = 0xb1
};

#define HEADER_LEN 8
#define FRAME_MAX  (16 << 20)

/* A value: its constructor (1.2) and as much of its octets as is there. */
struct value {
	uint8_t code;
	struct cursor body;
};

/* Octets of a value, or of its length: by the upper half of its code (1.2). */
static size_t length_of(uint8_t code, struct cursor *c)
{
	static const uint8_t fixed[] = {0, 0, 0, 0, 0, 1, 2, 4, 8, 16};
	uint8_t category = code >> 4;

	if (category < sizeof fixed) {
		return fixed[category];
	}
	return category % 2 == 0 ? cur_u8(c)
	                         : cur_u32(c); /* a, c, e have one octet; b, d, f four */
}

/* Reads a value without descriptor. One that is cut off fails the cursor and is empty, but for a
 * list, whose first fields may be there. */
static struct value plain_read(struct cursor *c)
{
	struct value v = {.code = cur_u8(c)};
	size_t length = length_of(v.code, c), left = cur_left(c);

	if (length > left) {
		left = v.code >= CODE_LIST8 ? left : 0;
	}
	v.body = cur_make(c->p, length < left ? length : left);
	cur_skip(c, length);
	return v;
}

static uint64_t number(struct value v)
{
	switch (cur_left(&v.body)) {
	case 1:
		return cur_u8(&v.body);
	case 4:
		return cur_u32(&v.body);
	case 8:
		return cur_u64(&v.body);
	default:
		return 0;
	}
}

/* Reads a value; `*descriptor` is what it is described as, 0 when it is not. */
static struct value value_read(struct cursor *c, uint64_t *descriptor)
{
	*descriptor = 0;
	if (cur_is(c, "\0", 1)) {
		cur_skip(c, 1);
		*descriptor = number(plain_read(c));
	}
	return plain_read(c);
}

/* The fields of a list. */
static struct cursor fields_of(struct value v)
{
	if (v.code == CODE_LIST8 || v.code == CODE_LIST32) {
		cur_skip(&v.body, v.code == CODE_LIST8 ? 1 : 4);
		return v.body;
	}
	return cur_make(v.body.p, 0);
}

static struct value field_read(struct cursor *fields)
{
	uint64_t descriptor;

	return value_read(fields, &descriptor);
}

static bool is_text(const struct value *v)
{
	return (v->code == CODE_STRING8 || v->code == CODE_STRING32) && cur_left(&v->body) > 0;
}

/* The address of a source or target (3.5.3, 3.5.4): its first field. */
static struct value address_read(struct cursor *fields)
{
	struct cursor terminus = fields_of(field_read(fields));

	return field_read(&terminus);
}

/* What a side attaches as sender will carry its messages: a client's to the target, a server's from
 * the source. */
static void take_attach(struct bus_call *call, uint16_t channel, struct cursor f)
{
	struct amqp *amqp = call->state;
	struct amqp_link *link = &amqp->links[amqp->next_link];
	struct value handle, role, source, target = {.code = CODE_NULL}, address;
	char root[TOPIC_MAX] = "";

	field_read(&f); /* its name is made by a program, or holds one of a person */
	handle = field_read(&f);
	role = field_read(&f);
	field_read(&f);
	field_read(&f);
	if (f.bad || role.code == CODE_TRUE || (role.code == CODE_BOOLEAN && number(role) == 1)) {
		return;
	}
	source = address_read(&f);
	if (!f.bad) {
		target = address_read(&f);
	}
	address = call->side == call->flow->client && is_text(&target) ? target : source;
	if (!is_text(&address)) {
		address = target;
	}
	if (is_text(&address)) {
		topic_root(root, (const char *)address.body.p, cur_left(&address.body), AMQP_MARKS);
		topic_withhold(root, amqp->user);
	}
	*link = (struct amqp_link){.handle = (uint32_t)number(handle),
	                           .channel = channel,
	                           .side = (uint8_t)call->side,
	                           .is_used = true};
	if (strlen(root) < AMQP_ROOT) {
		text_copy(link->root, AMQP_ROOT, root, strlen(root));
	}
	amqp->next_link = (uint8_t)((amqp->next_link + 1) % AMQP_LINKS);
}

/* The link that was attached last under this handle. */
static const char *root_of(const struct bus_call *call, uint16_t channel, uint64_t handle)
{
	const struct amqp *amqp = call->state;

	for (unsigned i = 1; i <= AMQP_LINKS; i++) {
		const struct amqp_link *l =
		        &amqp->links[(amqp->next_link + AMQP_LINKS - i) % AMQP_LINKS];

		if (l->is_used && l->side == (uint8_t)call->side && l->channel == channel &&
		    l->handle == handle) {
			return l->root;
		}
	}
	return "";
}

/* A delivery may take several transfers, of which the first has its id. */
static int take_transfer(struct bus_call *call, uint16_t channel, struct cursor f)
{
	uint64_t handle = number(field_read(&f));
	struct value id = field_read(&f);

	if (!f.bad && id.code != CODE_NULL) {
		call->half->message = topic_note(call->sink, root_of(call, channel, handle), "AMQP",
		                                 call->side, INFO_C2S, 1);
	}
	return call->half->message;
}

static void take_open(struct bus_call *call, struct cursor f)
{
	struct value host;

	field_read(&f); /* container id */
	host = field_read(&f);
	if (is_text(&host) && text_is_hostname((const char *)host.body.p, cur_left(&host.body))) {
		sink_fact(call->sink, "AMQP host", (const char *)host.body.p, cur_left(&host.body));
	}
}

static void take_sasl(struct bus_call *call, uint64_t descriptor, struct cursor f)
{
	struct value mechanism = field_read(&f);

	if (descriptor == SASL_INIT && cur_left(&mechanism.body) == 5 &&
	    cur_is(&mechanism.body, "PLAIN", 5)) {
		struct amqp *amqp = call->state;

		sink_fact(call->sink, FACT_SIGN_IN, "AMQP PLAIN", 10);
		amqp->user = amqp_user_of_plain(field_read(&f).body);
	}
}

int amqp_link_take(struct bus_call *call, struct cursor c)
{
	uint8_t offset, type;
	uint16_t channel;
	uint64_t descriptor;
	struct cursor fields;

	offset = cur_u8(&c);
	type = cur_u8(&c);
	channel = cur_u16(&c);
	cur_skip(&c, offset > 2 ? (size_t)offset * 4 - HEADER_LEN : 0);
	fields = fields_of(value_read(&c, &descriptor));
	if (type == FRAME_SASL) {
		take_sasl(call, descriptor, fields);
		return SINK_NO_ENTRY;
	}
	switch (descriptor) {
	case OPEN:
		take_open(call, fields);
		return SINK_NO_ENTRY;
	case ATTACH:
		take_attach(call, channel, fields);
		return SINK_NO_ENTRY;
	case TRANSFER:
		return take_transfer(call, channel, fields);
	case DISPOSITION: /* belongs to what it settles */
		return call->other->message;
	default:
		return SINK_NO_ENTRY;
	}
}

bool amqp_link_is_frame(struct cursor c, bool *is_whole)
{
	size_t left = cur_left(&c);
	uint32_t size = cur_u32(&c);
	uint8_t offset = cur_u8(&c), type = cur_u8(&c), code;

	cur_skip(&c, 2);
	*is_whole = size <= left;
	if (c.bad || size < HEADER_LEN + 3 || size > FRAME_MAX || offset != 2 ||
	    type > FRAME_SASL ||
	    !cur_is(&c, "\0\x53", 2)) { /* every known sender writes the descriptor so */
		return false;
	}
	cur_skip(&c, 2);
	code = cur_u8(&c);
	if (type == FRAME_SASL ? code < SASL_MECHANISMS || code > SASL_OUTCOME
	                       : code < OPEN || code > CLOSE) {
		return false;
	}
	code = cur_u8(&c);
	return code == CODE_LIST0 || code == CODE_LIST8 || code == CODE_LIST32;
}
