/* Flows and what was noted on them, turned into records. */
#include "terrier/sensor/claim.h"

#include <string.h>

/* The way by octets: one side sent four times as much as the other, and more than a greeting. After a megabyte it is
 * not reconsidered, whenever records are sent. */
#define BALANCE_RATIO  4
#define BALANCE_LEAST  1024
#define BALANCE_EMPTY  64 /* an alert, a good-bye */
#define BALANCE_ENOUGH (UINT32_C(1) << 20)

bool emit_is_row(const struct flow *f)
{
	uint16_t both = FLOW_PAYLOAD_0 | FLOW_PAYLOAD_1;

	if ((f->flags & both) == 0) {
		return f->ip_protocol != IP_TCP && f->ip_protocol != IP_UDP;
	}
	return f->ip_protocol != IP_UDP || (f->flags & both) == both ||
	       (f->flags & (FLOW_RECOGNISED | FLOW_SENDS_ONLY)) != 0;
}

static void copy_text(char *out, size_t size, const char *text)
{
	text_copy(out, size, text, strlen(text));
}

/* What every exchange record of a flow has in common. */
static void begin_record(const struct classifier *c, const struct flow *f, struct record *r)
{
	unsigned client = f->client, server = 1u - client;
	struct record_exchange *e = &r->exchange;

	*r = (struct record){.type = RECORD_EXCHANGE, .segment = f->segment};
	e->connection = c->connection_base + ((uint64_t)f->number_high << 32 | f->number);
	e->started_us = f->start_us;
	e->client = f->addr[client];
	e->server = f->addr[server];
	e->client_port = f->port[client];
	e->server_port = f->has_row_port ? f->row_port : f->port[server];
	e->ip_protocol = f->ip_protocol;
	e->encrypted = f->encrypted;
	if ((f->flags & FLOW_CLIENT_CERTAIN) == 0) {
		r->flags |= RECORD_SIDES_GUESSED;
	}
	copy_text(e->server_name, sizeof e->server_name, labels_get(c->labels, f->name)->text);
}

/* The side that sent by far the most so far. A connection that carried nothing goes as it was opened: it must not turn a
 * row of others into one of both ways. */
static enum sink_from balance_of(const struct flow *f)
{
	unsigned more = f->total[1] > f->total[0];
	uint32_t most = f->total[more], least = f->total[1 - more];

	if (most < BALANCE_EMPTY && !f->is_adopted) {
		return f->client == 0 ? FROM_0 : FROM_1;
	}
	if (most / BALANCE_RATIO < least || (least > 0 && most < BALANCE_LEAST)) {
		return FROM_BOTH;
	}
	return more == 0 ? FROM_0 : FROM_1;
}

void emit_count(struct flow *f, unsigned side, uint32_t octets)
{
	f->total[side] += octets < FLOW_TOTAL_MAX - f->total[side] ? octets : FLOW_TOTAL_MAX - f->total[side];
	if (f->balance == 0 && f->total[side] >= BALANCE_ENOUGH) {
		f->balance = (balance_of(f) + 1u) & 3u;
	}
}

static bool is_balance_final(const struct flow *f)
{
	return f->balance != 0 || (f->flags & FLOW_OVER) != 0;
}

static enum sink_from from_of_balance(const struct flow *f)
{
	enum sink_from from = f->balance != 0 ? (enum sink_from)(f->balance - 1) : balance_of(f);

	return from == FROM_BOTH && f->hint != 0 ? (enum sink_from)(f->hint - 1) : from;
}

static uint8_t direction_of(const struct flow *f, uint8_t from)
{
	if (from == FROM_BALANCE) {
		from = (uint8_t)from_of_balance(f);
	}
	return from == FROM_BOTH ? INFO_BOTH : from == f->client ? INFO_C2S : INFO_S2C;
}

/* Says which way what is sent goes, and whether that is the last word on it. */
static void set_way(const struct flow *f, struct record *r, uint8_t from, bool is_label_final)
{
	bool by_balance = from == FROM_BALANCE;

	r->exchange.direction = direction_of(f, from);
	r->flags |= is_label_final && by_balance ? RECORD_BY_BALANCE : 0;
	r->flags |= is_label_final && (!by_balance || is_balance_final(f)) ? RECORD_DECIDED : 0;
}

/* Hands a record over. Records by balance whose way is open are owed a last one that tells it. */
static bool put(struct classifier *c, struct flow *f, struct record *r)
{
	if (is_balance_final(f)) {
		r->exchange.balance = (uint8_t)(direction_of(f, FROM_BALANCE) + 1);
	}
	if (!c->out.put(c->out.context, r)) {
		return false;
	}
	if (is_balance_final(f)) {
		f->owes_way = 0;
	} else if ((r->flags & RECORD_BY_BALANCE) != 0) {
		f->owes_way = 1;
	}
	return true;
}

/* A connection's first record reaches back to its first packet, whoever makes it and whenever. */
static int64_t first_of(const struct flow *f, int64_t first_us)
{
	return (f->flags & FLOW_COUNTED) == 0 && f->start_us < first_us ? f->start_us : first_us;
}

/* Counts the connection on this row if it was not before. */
static bool is_new_row(struct sink *s, uint16_t kind, uint8_t from)
{
	uint32_t row = (uint32_t)kind << 2 | from;

	for (unsigned i = 0; i < s->n_rows; i++) {
		if (s->rows[i] == row) {
			return false;
		}
	}
	if (s->n_rows == SINK_ROWS) {
		return false;
	}
	s->rows[s->n_rows++] = row;
	return true;
}

bool emit_entry(struct classifier *c, struct sink *s, struct sink_entry *e)
{
	struct flow *f = s->flow;
	const struct label *label = labels_get(c->labels, e->label);
	struct record r;

	begin_record(c, f, &r);
	r.flags |= RECORD_BY_SIDE;
	set_way(f, &r, e->from, true);
	r.first_us = first_of(f, e->first_us);
	r.last_us = e->last_us;
	r.exchange.kind = e->kind;
	r.exchange.protocol = e->protocol;
	r.exchange.confidence = e->confidence;
	r.exchange.has_messages = s->dissector->has_messages;
	r.exchange.messages = e->messages;
	r.exchange.bytes_to_server = e->bytes[f->client];
	r.exchange.bytes_to_client = e->bytes[1 - f->client];
	r.exchange.evidence_type = label->type;
	copy_text(r.exchange.evidence, sizeof r.exchange.evidence, label->text);
	if (is_new_row(s, e->kind, e->from)) {
		r.flags |= RECORD_IS_NEW;
	}
	if (!put(c, f, &r)) {
		s->n_rows = (uint8_t)(s->n_rows - ((r.flags & RECORD_IS_NEW) != 0));
		return false;
	}
	e->messages = e->bytes[0] = e->bytes[1] = 0;
	e->first_us = e->last_us = INT64_MAX;
	f->flags = (uint16_t)((f->flags | FLOW_COUNTED) & ~FLOW_OWES);
	return true;
}

bool emit_facts(struct classifier *c, struct sink *s)
{
	unsigned kept = 0;
	bool sent = true;

	for (unsigned i = 0; i < s->n_facts; i++) {
		struct sink_fact *fact = &s->facts[i];
		struct record r;

		begin_record(c, s->flow, &r);
		r.flags |= RECORD_FACT | RECORD_BY_SIDE;
		set_way(s->flow, &r, fact->from, true);
		r.first_us = fact->first_us;
		r.last_us = fact->last_us;
		r.exchange.kind = fact->kind;
		r.exchange.protocol = fact->protocol;
		r.exchange.has_messages = s->dissector->has_messages;
		r.exchange.messages = fact->count;
		r.exchange.evidence_type = EVIDENCE_OTHER;
		copy_text(r.exchange.evidence, sizeof r.exchange.evidence, labels_get(c->labels, fact->label)->text);
		if (!fact->is_bound || (sent && !(sent = put(c, s->flow, &r))) || !sent) {
			s->facts[kept++] = *fact;
		}
	}
	s->n_facts = (uint8_t)kept;
	return sent;
}

/* A stream that no own dissector has recognised may still be, at a later burst (as TLS behind a STARTTLS): its label is
 * not the last word. */
static bool is_final(const struct flow *f, uint8_t flags)
{
	bool is_named = (f->flags & FLOW_OWN) != 0 ||
	                ((f->flags & FLOW_RECOGNISED) != 0 && f->offers >= OFFERS_RECOGNISED);

	return (flags & RECORD_ENDED) != 0 || is_named || f->ip_protocol != IP_TCP;
}

/* Names what the flow is. */
static void set_label(struct classifier *c, const struct flow *f, struct record *r, bool is_label_final)
{
	const struct label *label = labels_get(c->labels, f->label);
	struct verdict v = claim_resolve(c, f, f->label, f->protocol, f->client, INFO_MSG);

	/* a dissector has said so, or it goes by the octets whatever the catalogue says (a negotiated connection) */
	v.from = f->way != 0 ? (uint8_t)(f->way - 1) : v.from;
	r->flags |= f->way != 0 || v.from == FROM_BALANCE ? RECORD_BY_SIDE : 0;
	set_way(f, r, v.from, is_label_final);
	r->exchange.kind = v.kind;
	r->exchange.protocol = v.protocol;
	r->exchange.confidence = v.confidence;
	r->exchange.evidence_type = label->type;
	copy_text(r->exchange.evidence, sizeof r->exchange.evidence, label->text);
}

bool emit_flow_fact(struct classifier *c, struct flow *f, uint32_t fact, uint32_t count)
{
	bool final = is_final(f, 0);
	struct record r;

	begin_record(c, f, &r);
	r.first_us = r.last_us = f->last_us;
	r.flags |= RECORD_FACT;
	set_label(c, f, &r, final);
	f->flags |= final ? 0 : FLOW_OWES;
	r.exchange.messages = count;
	r.exchange.evidence_type = EVIDENCE_OTHER;
	copy_text(r.exchange.evidence, sizeof r.exchange.evidence, labels_get(c->labels, fact)->text);
	return put(c, f, &r);
}

bool emit_flow(struct classifier *c, struct flow *f, uint8_t flags)
{
	bool undecided = f->stage == FLOW_UNDECIDED;
	bool final = is_final(f, flags);
	struct record r;

	begin_record(c, f, &r);
	r.flags |= flags;
	r.first_us = first_of(f, f->first_us);
	r.last_us = f->last_us;
	r.exchange.bytes_to_server = f->bytes[f->client];
	r.exchange.bytes_to_client = f->bytes[1 - f->client];
	if ((f->flags & FLOW_COUNTED) == 0) {
		r.flags |= RECORD_IS_NEW;
	}
	if (undecided) {
		r.exchange.kind = KIND_NONE;
		r.exchange.protocol = PROTOCOL_NONE;
		r.exchange.direction = INFO_BOTH;
		r.flags |= RECORD_UNDECIDED;
		final = false;
	} else {
		set_label(c, f, &r, final);
	}
	if (!put(c, f, &r)) {
		return false;
	}
	f->bytes[0] = f->bytes[1] = 0;
	f->flags = (uint16_t)((f->flags | FLOW_COUNTED) & ~(FLOW_CHANGED | FLOW_OWES));
	f->flags |= final ? 0 : FLOW_OWES;
	return true;
}
