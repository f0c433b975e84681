/* Followed flows: streams put in order and handed to their dissector, what it notes sent, the claim released. */
#include "terrier/sensor/claim.h"

#include "terrier/sensor/inspect.h"

#include <stdio.h>
#include <string.h>

static struct sink *take_sink(struct classifier *c, uint32_t *number)
{
	if (c->n_free_sinks > 0) {
		*number = c->free_sinks[--c->n_free_sinks];
	} else if (c->used_sinks < c->n_sinks) {
		*number = ++c->used_sinks;
	} else {
		return NULL;
	}
	return &c->sinks[*number];
}

/* Sends all entries that hold something. */
bool follow_send(struct classifier *c, struct sink *s)
{
	for (int i = 0; i < SINK_ENTRIES; i++) {
		struct sink_entry *e = &s->entries[i];

		if (e->is_used && e->first_us != INT64_MAX && !emit_entry(c, s, e)) {
			return false;
		}
	}
	return emit_facts(c, s);
}

/* What a flow is once its dissector has had enough: counted under the label it was given last. */
static void settle(struct classifier *c, struct flow *f, struct sink *s)
{
	const struct sink_entry *e;

	sink_settle(s);
	e = &s->entries[s->newest];
	f->stage = FLOW_DECIDED;
	if (e->is_used) {
		f->label = e->label;
		f->way = (e->from + 1u) & 7u;
	}
	claim_label_by_protocol(c, f);
}

/* It was another protocol after all: octets that nobody named are the flow's again, and others may look at it. */
static void offer_back(struct flow *f, struct sink *s)
{
	for (unsigned side = 0; side < 2; side++) {
		f->bytes[side] += s->pending[side];
		s->pending[side] = 0;
	}
	f->flags &= (uint16_t)~(FLOW_OWN | FLOW_RECOGNISED);
	f->protocol = PROTOCOL_NONE;
	f->label = 0;
	f->way = 0;
	f->offers++;
	f->stage = f->offers < OFFERS_UNKNOWN ? FLOW_UNDECIDED : FLOW_DECIDED;
}

/* Lets go of a followed flow and sends what was noted. */
static void release(struct classifier *c, struct flow *f, bool is_done)
{
	struct sink *s = &c->sinks[f->slot];

	for (unsigned side = 0; side < 2; side++) {
		f->bytes[side] += stream_drop(c->streams, &s->streams[side]);
	}
	f->protocol = s->protocol;
	if (is_done) {
		settle(c, f, s);
	} else {
		offer_back(f, s);
	}
	if (!follow_send(c, s)) {
		c->counter[COVERAGE_EVICTED]++;
	}
	f->flags |= s->n_rows > 0 ? FLOW_COUNTED | FLOW_CHANGED : FLOW_CHANGED;
	c->free_sinks[c->n_free_sinks++] = f->slot;
	f->slot = f->stage == FLOW_UNDECIDED ? inspector_begin(c->inspector) : 0;
}

struct delivery {
	struct classifier *c;
	struct flow *f;
	const struct packet *p;
	enum dissect_verdict verdict;
};

/* One call of the dissector; octets it did not account for wait for its next entry. */
static enum dissect_verdict dissect(struct sink *s, unsigned side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *view)
{
	size_t len = cur_left(&bytes);
	enum dissect_verdict verdict;

	s->accounted[side] = 0;
	verdict = s->dissector->dissect(s->state, side, bytes, lost, view, s);
	if (s->accounted[side] < len) {
		s->pending[side] += len - s->accounted[side];
	}
	return verdict;
}

/* What follows is TLS under the protocol that it was agreed in. */
static enum dissect_verdict start_tls(struct classifier *c, struct flow *f, struct sink *s)
{
	char name[PROTOCOL_NAME_MAX + 8];

	snprintf(name, sizeof name, "%s+TLS", catalogue_protocol_name(c->catalogue, s->protocol));
	sink_protocol(s, name);
	f->encrypted = ENCRYPTED_YES;
	if (c->tls < 0) {
		return DISSECT_DONE;
	}
	f->dissector = (uint8_t)c->tls;
	s->dissector = dissectors[c->tls];
	memset(s->state, 0, sizeof s->state);
	return DISSECT_FOLLOW;
}

static bool deliver(void *context, unsigned side, struct cursor bytes, uint64_t lost)
{
	struct delivery *d = context;
	struct sink *s = &d->c->sinks[d->f->slot];
	struct dissect_flow view = claim_describe(d->f, d->p);

	if (lost > 0) {
		d->c->counter[COVERAGE_GAPS]++;
		d->c->counter[COVERAGE_GAP_BYTES] += lost;
	}
	s->now_us = d->f->last_us;
	d->verdict = dissect(s, side, bytes, lost, &view);
	if (d->verdict == DISSECT_TLS) {
		d->verdict = start_tls(d->c, d->f, s);
	}
	return d->verdict == DISSECT_FOLLOW;
}

/* Hands a segment or datagram of a claimed flow to its dissector. */
void follow_segment(struct classifier *c, struct flow *f, unsigned side, const struct packet *p, struct cursor bytes,
                   uint32_t seq)
{
	struct delivery d = {.c = c, .f = f, .p = p, .verdict = DISSECT_FOLLOW};
	uint32_t cut = p->payload_len - (uint32_t)cur_left(&p->payload);

	if (f->ip_protocol == IP_TCP) {
		struct sink *s = &c->sinks[f->slot];

		stream_push(c->streams, &s->streams[side], side, seq, bytes, cut, p->time_us, deliver, &d);
	} else {
		deliver(&d, side, bytes, 0);
	}
	if (d.verdict != DISSECT_FOLLOW) {
		release(c, f, d.verdict == DISSECT_DONE);
	}
}

/* Facts of one datagram are said once: the next one mostly says the same. */
static void send_facts(struct classifier *c, struct flow *f, const struct sink *s)
{
	uint32_t all = 0;

	for (unsigned i = 0; i < s->n_facts; i++) {
		all = all * 31 + s->facts[i].label;
	}
	if (all == 0 || all == f->slot) {
		return;
	}
	for (unsigned i = 0; i < s->n_facts; i++) {
		if (!emit_flow_fact(c, f, s->facts[i].label, s->facts[i].count)) {
			return;
		}
	}
	f->slot = all;
}

/* A dissector without state sees one datagram at a time; its word labels the flow, its octets stay with the flow. */
void follow_datagram(struct classifier *c, struct flow *f, unsigned side, const struct packet *p)
{
	struct sink *s = &c->scratch;
	struct dissect_flow view = claim_describe(f, p);
	const struct sink_entry *e;

	sink_begin(s, c, f, dissectors[f->dissector]);
	dissect(s, side, p->payload, 0, &view);
	e = &s->entries[s->newest];
	f->protocol = s->protocol;
	if (e->is_used && (f->label == 0 || !labels_get(c->labels, f->label)->has_kind)) {
		f->label = e->label;
		f->way = (e->from + 1u) & 7u;
	}
	claim_label_by_protocol(c, f);
	send_facts(c, f, s);
}

/* Gives a flow to a dissector, from `skip` octets into this packet on. `seq` is that of the packet's payload; octets
 * counted on the flow before this packet wait for the first entry. */
void follow_claim(struct classifier *c, struct flow *f, unsigned side, const struct packet *p, int dissector,
                  size_t skip, uint32_t fresh)
{
	const struct dissector *d = dissectors[dissector];
	uint32_t number = 0, seen = p->payload_len - fresh;
	struct sink *s;

	if (f->stage == FLOW_UNDECIDED) {
		inspector_end(c->inspector, f->slot);
		f->slot = 0;
	}
	f->dissector = (uint8_t)dissector;
	f->protocol = c->protocol_of[dissector];
	f->label = 0;
	f->flags |= FLOW_RECOGNISED | FLOW_OWN | FLOW_CHANGED;
	if (f->encrypted == ENCRYPTED_UNKNOWN) {
		f->encrypted = catalogue_protocol_encrypts(c->catalogue, f->protocol) ? ENCRYPTED_YES : ENCRYPTED_NO;
	}
	if (!d->has_messages && f->ip_protocol != IP_TCP) {
		f->stage = FLOW_DATAGRAMS;
		f->bytes[side] += fresh;
		follow_datagram(c, f, side, p);
		return;
	}
	s = take_sink(c, &number);
	if (s == NULL) {
		c->counter[COVERAGE_UNFOLLOWED]++;
		f->bytes[side] += fresh;
		f->stage = FLOW_DECIDED;
		claim_label_by_protocol(c, f);
		return;
	}
	sink_begin(s, c, f, d);
	f->stage = FLOW_CLAIMED;
	f->slot = number;
	for (unsigned i = 0; i < 2; i++) {
		s->pending[i] = f->bytes[i];
		f->bytes[i] = 0;
		s->streams[i].is_started = (f->flags & (i == 0 ? FLOW_SEEN_0 : FLOW_SEEN_1)) != 0;
		s->streams[i].next = f->next[i];
	}
	/* this segment's own place: behind what was counted before it */
	struct cursor bytes = p->payload;
	skip = skip < seen ? seen : skip;
	cur_skip(&bytes, skip < cur_left(&bytes) ? skip : cur_left(&bytes));
	s->pending[side] += skip - seen;
	s->streams[side].is_started = true;
	s->streams[side].next = p->seq + (uint32_t)skip;
	follow_segment(c, f, side, p, bytes, p->seq + (uint32_t)skip);
}

void follow_end(struct classifier *c, struct flow *f)
{
	struct sink *s = &c->sinks[f->slot];
	struct packet last = {.time_us = f->last_us};
	struct delivery d = {.c = c, .f = f, .p = &last, .verdict = DISSECT_FOLLOW};

	for (unsigned side = 0; side < 2 && d.verdict == DISSECT_FOLLOW; side++) {
		stream_flush(c->streams, &s->streams[side], side, deliver, &d);
	}
	release(c, f, true);
	if (((f->bytes[0] | f->bytes[1]) != 0 || (f->flags & FLOW_COUNTED) == 0 || (f->flags & FLOW_OWES) != 0 ||
	     f->owes_way) &&
	    !emit_flow(c, f, RECORD_ENDED)) {
		c->counter[COVERAGE_EVICTED]++;
	}
}
