/* What dissectors say, gathered per flow until it is sent. The only door by which text gets out of a packet. */
#include "terrier/sensor/claim.h"

#include <stdio.h>
#include <string.h>

void sink_begin(struct sink *s, struct classifier *c, struct flow *f, const struct dissector *d)
{
	memset(s, 0, sizeof *s);
	s->classifier = c;
	s->flow = f;
	s->dissector = d;
	s->last[0] = s->last[1] = -1;
	s->protocol = f->protocol;
	s->now_us = f->last_us;
}

static void touch(struct sink_entry *e, int64_t now_us)
{
	e->first_us = now_us < e->first_us ? now_us : e->first_us;
	e->last_us = now_us > e->last_us || e->last_us == INT64_MAX ? now_us : e->last_us;
}

static struct sink_entry *free_entry(struct sink *s, int *index)
{
	struct sink_entry *e;

	for (int i = 0; i < SINK_ENTRIES; i++) {
		if (!s->entries[i].is_used) {
			*index = i;
			return &s->entries[i];
		}
	}
	*index = s->turn;
	s->turn = (uint8_t)((s->turn + 1) % SINK_ENTRIES);
	e = &s->entries[*index];
	if (!emit_entry(s->classifier, s, e)) {
		s->classifier->counter[COVERAGE_EVICTED]++;
	}
	e->is_used = false;
	for (int side = 0; side < 2; side++) {
		s->last[side] = s->last[side] == *index ? -1 : s->last[side];
	}
	return e;
}

static void bind_fact(struct sink_fact *fact, const struct sink_entry *e)
{
	fact->kind = e->kind;
	fact->protocol = e->protocol;
	fact->from = e->from;
	fact->is_bound = true;
}

/* What a dissector calls an entry: its place, and which of the entries that had this place. */
static int handle_of(const struct sink *s, int index)
{
	return (int)((s->entries[index].generation & 0x3fffff) << 8 | (unsigned)index);
}

/* The entry's place, or -1 when it has gone. */
static int index_of(const struct sink *s, int handle)
{
	int index = handle & 0xff;

	return handle >= 0 && index < SINK_ENTRIES && s->entries[index].is_used && handle_of(s, index) == handle ? index
	                                                                                                         : -1;
}

static int add_entry(struct sink *s, uint32_t label, const struct verdict *v)
{
	struct sink_entry *e;
	int index;

	for (index = 0; index < SINK_ENTRIES; index++) {
		e = &s->entries[index];
		if (e->is_used && e->label == label && e->kind == v->kind && e->from == v->from &&
		    e->protocol == v->protocol) {
			return index;
		}
	}
	e = free_entry(s, &index);
	*e = (struct sink_entry){
		.generation = e->generation + 1,
		.label = label,
		.kind = v->kind,
		.protocol = v->protocol,
		.from = v->from,
		.confidence = v->confidence,
		.is_used = true,
		.first_us = s->now_us,
		.last_us = s->now_us,
	};
	for (unsigned i = 0; i < s->n_facts; i++) {
		if (!s->facts[i].is_bound) {
			bind_fact(&s->facts[i], e);
		}
	}
	return index;
}

/* A text that fails its grammar is withheld: the evidence then is the protocol itself. */
static uint32_t intern_checked(struct classifier *c, enum evidence_type type, const char *text)
{
	size_t len = strlen(text);

	if (record_check_evidence(type, text, len, RECORD_EVIDENCE_MAX) != TEXT_OK) {
		c->counter[COVERAGE_WITHHELD]++;
		return 0;
	}
	return labels_intern(c->labels, type, text, len);
}

static uint32_t protocol_label(struct classifier *c, uint16_t protocol)
{
	const char *name = catalogue_protocol_name(c->catalogue, protocol);

	return labels_intern(c->labels, EVIDENCE_PROTOCOL, name, strlen(name));
}

int sink_evidence(struct sink *sink, enum evidence_type type, const char *text, enum side side,
                  enum info_direction direction, unsigned messages)
{
	struct classifier *c = sink->classifier;
	uint32_t label = intern_checked(c, type, text);
	struct verdict v;
	struct sink_entry *e;
	int index;

	if (label == 0) {
		label = protocol_label(c, sink->protocol);
	}
	v = claim_resolve(c, sink->flow, label, sink->protocol, side, direction);
	index = add_entry(sink, label, &v);
	e = &sink->entries[index];
	e->messages += messages;
	touch(e, sink->now_us);
	sink->last[side] = (int8_t)index;
	sink->newest = (uint8_t)index;
	sink->flow->flags |= FLOW_CHANGED;
	return handle_of(sink, index);
}

static void book(struct sink *sink, unsigned side, uint64_t n, int index)
{
	struct sink_entry *e = &sink->entries[index];

	e->bytes[side] += n + sink->pending[side];
	touch(e, sink->now_us);
	sink->pending[side] = 0;
	sink->last[side] = (int8_t)index;
	sink->flow->flags |= FLOW_CHANGED;
}

void sink_octets(struct sink *sink, enum side side, uint64_t n, int entry)
{
	int index = index_of(sink, entry);

	sink->accounted[side] += n;
	if (index < 0) {
		sink->pending[side] += n;
	} else {
		book(sink, side, n, index);
	}
}

void sink_settle(struct sink *s)
{
	for (unsigned side = 0; side < 2; side++) {
		int entry = s->last[side] >= 0 ? s->last[side] : s->last[1 - side];

		if (s->pending[side] == 0) {
			continue;
		}
		if (entry < 0) {
			uint32_t label = protocol_label(s->classifier, s->protocol);
			struct verdict v = claim_resolve(s->classifier, s->flow, label, s->protocol, s->flow->client,
			                                 INFO_MSG);
			entry = add_entry(s, label, &v);
		}
		book(s, side, 0, entry);
	}
}

/* Names that people would know a system by; which grammar holds depends on where it was read. */
static bool name_is_good(enum name_source source, const char *text, size_t len)
{
	switch (source) {
	case NAME_DNS:
	case NAME_SNI:
	case NAME_HTTP_HOST:
	case NAME_CERTIFICATE:
		return text_is_hostname(text, len) && text_check(text, len, TEXT_DNS_MAX) == TEXT_OK;
	case NAME_AE_TITLE:
		return text_check(text, len, 16) == TEXT_OK;
	default:
		return text_check(text, len, TEXT_MAX) == TEXT_OK;
	}
}

void sink_name(struct sink *sink, enum side side, enum name_source source, const char *text, size_t len)
{
	struct classifier *c = sink->classifier;
	struct flow *f = sink->flow;

	if (!name_is_good(source, text, len)) {
		c->counter[COVERAGE_WITHHELD]++;
		return;
	}
	observer_name(c->observer, f->segment, &f->addr[side], source, text, len, sink->now_us);
	if ((source == NAME_SNI || source == NAME_HTTP_HOST) && f->name == 0) {
		f->name = labels_intern_name(c->labels, text, len);
	}
}

void sink_name_addr(struct sink *sink, const struct addr *addr, enum name_source source, const char *text, size_t len)
{
	struct classifier *c = sink->classifier;

	if (!name_is_good(source, text, len)) {
		c->counter[COVERAGE_WITHHELD]++;
		return;
	}
	if (addr_classify(addr) == ADDR_HOST) {
		observer_name(c->observer, sink->flow->segment, addr, source, text, len, sink->now_us);
	}
}

void sink_client(struct sink *sink, enum side client)
{
	if ((sink->flow->flags & FLOW_CLIENT_CERTAIN) == 0) {
		sink->flow->client = client & 1u;
		sink->flow->flags |= FLOW_CLIENT_CERTAIN;
	}
}

void sink_balance(struct sink *sink, uint32_t side_0, uint32_t side_1)
{
	sink->flow->total[0] = side_0 < FLOW_TOTAL_MAX ? side_0 : FLOW_TOTAL_MAX;
	sink->flow->total[1] = side_1 < FLOW_TOTAL_MAX ? side_1 : FLOW_TOTAL_MAX;
	sink->flow->by_balance = 1;
}

void sink_port(struct sink *sink, uint16_t port)
{
	sink->flow->row_port = port;
	sink->flow->has_row_port = 1;
	sink->flow->flags |= FLOW_CLIENT_CERTAIN;
}

void sink_expect(struct sink *sink, uint8_t ip_protocol, const struct addr *addr, uint16_t port)
{
	const struct sink_entry *e = &sink->entries[sink->newest];
	struct expected expected = {
		.end = *addr,
		.port = port,
		.ip_protocol = ip_protocol,
		.from = e->is_used ? e->from : FROM_BALANCE,
		.protocol = sink->protocol,
		.label = e->is_used ? e->label : protocol_label(sink->classifier, sink->protocol),
	};

	expectations_add(sink->classifier->expected, sink->flow, &expected);
}

void sink_encryption(struct sink *sink, enum encryption encryption)
{
	sink->flow->encrypted = encryption & 3u;
}

void sink_protocol(struct sink *sink, const char *protocol)
{
	uint16_t index = catalogue_protocol(sink->classifier->catalogue, protocol);

	if (index != PROTOCOL_NONE) {
		sink->protocol = index;
	}
}

static void add_fact(struct sink *s, uint32_t label)
{
	const struct sink_entry *e = &s->entries[s->newest];
	struct sink_fact fact = {.label = label, .count = 1, .first_us = s->now_us, .last_us = s->now_us};

	if (e->is_used) {
		bind_fact(&fact, e);
	}
	for (unsigned i = 0; i < s->n_facts; i++) {
		struct sink_fact *old = &s->facts[i];

		if (old->label == label && old->is_bound == fact.is_bound && old->kind == fact.kind &&
		    old->protocol == fact.protocol && old->from == fact.from) {
			old->count++;
			old->last_us = s->now_us > old->last_us ? s->now_us : old->last_us;
			return;
		}
	}
	if (s->n_facts < SINK_FACTS) {
		s->facts[s->n_facts++] = fact;
		s->flow->flags |= FLOW_CHANGED;
	}
}

void sink_fact(struct sink *sink, const char *name, const char *value, size_t len)
{
	struct classifier *c = sink->classifier;
	char text[RECORD_EVIDENCE_MAX];
	uint32_t label;
	int used;

	if (text_check(value, len, TEXT_MAX) != TEXT_OK) {
		c->counter[COVERAGE_WITHHELD]++;
		return;
	}
	used = snprintf(text, sizeof text, "%s %.*s", name, (int)len, value);
	if (used < 0 || (size_t)used >= sizeof text) {
		c->counter[COVERAGE_WITHHELD]++;
		return;
	}
	label = labels_intern(c->labels, EVIDENCE_OTHER, text, (size_t)used);
	if (label != 0) {
		add_fact(sink, label);
	}
}
