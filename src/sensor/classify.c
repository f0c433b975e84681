/* The stages of a flow: silent, undecided, followed or labelled. Own recognisers are asked first and override nDPI,
 * which calls DICOM "Cassandra" and knows no HL7; the port is a guess and marked as one. */
#include "terrier/sensor/classify.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/model/finding_rule.h"
#include "terrier/sensor/claim.h"
#include "terrier/sensor/inspect.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RISKS_MAX 64 /* there are */

static bool is_off(const struct classifier_options *o, const char *name)
{
	for (size_t i = 0; i < o->n_dissectors_off; i++) {
		if (strcmp(o->dissectors_off[i], name) == 0 || strcmp(o->dissectors_off[i], "all") == 0) {
			return true;
		}
	}
	return false;
}

struct classifier *classifier_new(const struct classifier_options *o, const char **error)
{
	struct classifier *c = mem_zalloc(1, sizeof *c);
	uint32_t undecided = o->max_flows / 8 + 1024;

	c->catalogue = o->catalogue;
	c->out = o->out;
	c->counter = o->counters;
	c->connection_base = o->connection_base;
	c->inspector = is_off(o, "ndpi") ? inspector_new_blind() : inspector_new(undecided, error);
	if (c->inspector == NULL) {
		free(c);
		return NULL;
	}
	c->labels = labels_new(o->catalogue, 65536);
	c->observer = observer_new(131072, c->labels, &o->out);
	c->streams = stream_pool_new(1024);
	c->expected = expectations_new();
	c->tls = -1;
	c->n_sinks = o->max_flows / 16 + 1024;
	c->sinks = mem_map(sizeof *c->sinks * (c->n_sinks + 1));
	c->free_sinks = mem_map(sizeof *c->free_sinks * c->n_sinks);
	c->protocol_tls = catalogue_protocol(o->catalogue, "TLS");
	c->kind_unknown = catalogue_find(o->catalogue, "unk.other");
	for (int i = 0; dissectors[i] != NULL; i++) {
		assert(i < DISSECTORS_MAX);
		c->enabled[i] = !is_off(o, dissectors[i]->name);
		c->tls = c->enabled[i] && strcmp(dissectors[i]->name, "tls") == 0 ? i : c->tls;
		c->protocol_of[i] = catalogue_protocol(o->catalogue, dissectors[i]->protocol);
	}
	return c;
}

void classifier_free(struct classifier *c)
{
	if (c == NULL) {
		return;
	}
	inspector_free(c->inspector);
	labels_free(c->labels);
	observer_free(c->observer);
	stream_pool_free(c->streams);
	expectations_free(c->expected);
	mem_unmap(c->sinks, sizeof *c->sinks * (c->n_sinks + 1));
	mem_unmap(c->free_sinks, sizeof *c->free_sinks * c->n_sinks);
	free(c);
}

/* ---- undecided flows ---- */

/* The dissector that knows these bytes, or -1; `*skip` gets the octets before its first unit. */
static int ask_recognisers(const struct classifier *c, const struct flow *f, unsigned side, const struct packet *p,
                           size_t *skip)
{
	struct dissect_flow view = claim_describe(f, p);

	for (int i = 0; dissectors[i] != NULL; i++) {
		const struct dissector *d = dissectors[i];
		size_t found;

		if (!c->enabled[i] || (d->ip_protocol != 0 && d->ip_protocol != f->ip_protocol)) {
			continue;
		}
		found = d->recognise(p->payload, side, &view);
		if (found > 0 && found - 1 < cur_left(&p->payload)) {
			*skip = found - 1;
			return i;
		}
	}
	return -1;
}

static void decide(struct classifier *c, struct flow *f)
{
	if (f->stage == FLOW_UNDECIDED) {
		inspector_end(c->inspector, f->slot);
	}
	f->slot = 0;
	f->stage = FLOW_DECIDED;
	f->flags |= FLOW_CHANGED;
}

static uint32_t label_of(struct classifier *c, enum evidence_type type, const char *text)
{
	return text_check(text, strlen(text), RECORD_EVIDENCE_MAX - 1) == TEXT_OK
	               ? labels_intern(c->labels, type, text, strlen(text))
	               : 0;
}

static void decide_by_port(struct classifier *c, struct flow *f)
{
	uint16_t port = f->port[1 - f->client];
	struct kind_match m;
	char text[16];

	if (catalogue_match_port(c->catalogue, f->ip_protocol, port, &m)) {
		snprintf(text, sizeof text, "%s/%u", f->ip_protocol == IP_TCP ? "tcp" : "udp", port);
		f->label = labels_intern(c->labels, EVIDENCE_PORT, text, strlen(text));
		f->protocol = catalogue_protocol_of_port(c->catalogue, f->ip_protocol, port);
		f->flags |= m.direction == INFO_C2S ? FLOW_SENDS_ONLY : 0;
	}
	decide(c, f);
}

/* A host name that nDPI read from TLS or HTTP: it names the server, and may select the kind. */
static void take_host(struct classifier *c, struct flow *f, const char *host)
{
	size_t len = strlen(host);
	char name[80];
	uint32_t label;

	text_copy(name, sizeof name, host, len);
	text_lower(name);
	/* nDPI cuts at 79: what may have been cut is no name */
	if (len >= 79 || !text_is_hostname(name, len) || text_check(name, len, TEXT_DNS_MAX) != TEXT_OK) {
		return;
	}
	f->name = labels_intern_name(c->labels, name, len);
	observer_name(c->observer, f->segment, &f->addr[1 - f->client], NAME_SNI, name, len, f->last_us);
	label = labels_intern(c->labels, EVIDENCE_TLS_SNI, name, len);
	if (label != 0 && (labels_get(c->labels, label)->has_kind || f->label == 0)) {
		f->label = label;
	}
}

/* Some of nDPI's names rest on a byte or two: on a port that is known for something else the port is the better guess. */
static bool contradicts(const struct classifier *c, uint32_t label, uint16_t protocol, uint16_t by_port)
{
	const struct label *l = labels_get(c->labels, label);

	return l->has_kind && l->confidence == CONFIDENCE_LOW && by_port != PROTOCOL_NONE && by_port != protocol;
}

/* What nDPI holds against a flow that it named, as far as a rule of findings asks for it: most of its risks are what
 * hospital networks are like. */
static void note_risks(struct classifier *c, struct flow *f)
{
	const char *names[RISKS_MAX];
	unsigned n = f->stage == FLOW_UNDECIDED ? inspector_risks(c->inspector, f->slot, names, RISKS_MAX) : 0;

	for (unsigned i = 0; i < n; i++) {
		char text[RECORD_EVIDENCE_MAX];
		uint32_t label;

		snprintf(text, sizeof text, "risk %s", names[i]);
		label = catalogue_seeks_fact(c->catalogue, text) ? label_of(c, EVIDENCE_OTHER, text) : 0;
		if (label != 0 && !emit_flow_fact(c, f, label, 1)) {
			return;
		}
	}
}

static void decide_by_dpi(struct classifier *c, struct flow *f, const struct dpi_verdict *v)
{
	uint32_t master = v->master[0] != '\0' ? label_of(c, EVIDENCE_NDPI, v->master) : 0;
	uint16_t protocol, by_port = catalogue_protocol_of_port(c->catalogue, f->ip_protocol, f->port[1 - f->client]);
	uint32_t label = label_of(c, EVIDENCE_NDPI, v->protocol);
	bool named;

	protocol = catalogue_protocol_of_ndpi(c->catalogue, v->protocol);
	if (protocol == PROTOCOL_NONE && v->master[0] != '\0') {
		protocol = catalogue_protocol_of_ndpi(c->catalogue, v->master);
	}
	if (v->protocol[0] == '\0' || v->is_guess || contradicts(c, label, protocol, by_port)) {
		decide_by_port(c, f);
		return;
	}
	f->label = master != 0 && !labels_get(c->labels, label)->has_kind ? master : label;
	f->protocol = protocol;
	f->flags |= FLOW_RECOGNISED;
	if (catalogue_protocol_encrypts(c->catalogue, protocol)) {
		f->encrypted = ENCRYPTED_YES;
	} else if (protocol != PROTOCOL_NONE && f->encrypted == ENCRYPTED_UNKNOWN) {
		f->encrypted = ENCRYPTED_NO;
	}
	named = strcmp(v->protocol, "DNS") != 0 && strcmp(v->master, "DNS") != 0;
	if (named && v->host[0] != '\0' && (f->encrypted == ENCRYPTED_YES || strcmp(v->master, "HTTP") == 0)) {
		take_host(c, f, v->host);
	}
	note_risks(c, f);
	decide(c, f);
}

/* ---- packets ---- */

static bool port_is_known(const struct classifier *c, const struct flow *f, unsigned side)
{
	struct kind_match m;

	return catalogue_match_port(c->catalogue, f->ip_protocol, f->port[side], &m) ||
	       catalogue_protocol_of_port(c->catalogue, f->ip_protocol, f->port[side]) != PROTOCOL_NONE;
}

/* Without a SYN: the side with a known port serves; else the lower port, where the ports are not alike; else the side
 * that was spoken to first. */
static void guess_client(const struct classifier *c, struct flow *f)
{
	bool known[2] = {port_is_known(c, f, 0), port_is_known(c, f, 1)};
	bool low[2] = {f->port[0] < 1024, f->port[1] < 1024};

	f->client = 0;
	if (known[0] != known[1]) {
		f->client = known[0];
	} else if (low[0] != low[1]) {
		f->client = low[0];
	} else if ((f->ip_protocol == IP_TCP || known[0]) && f->port[0] != f->port[1]) {
		f->client = f->port[0] < f->port[1]; /* also DHCP, 67 and 68 */
	}
	if (f->ip_protocol != IP_TCP && known[1 - f->client] && !known[f->client]) {
		f->flags |= FLOW_CLIENT_CERTAIN;
	}
}

/* Who asks for an echo is the client (RFC 792, RFC 4443 4). */
static void take_icmp(struct flow *f, unsigned side, uint8_t type)
{
	bool v4 = f->ip_protocol == IP_ICMP;

	if ((f->flags & FLOW_CLIENT_CERTAIN) != 0) {
		return; /* also a host that pings itself, whose two sides are one */
	}
	if (type == (v4 ? 8 : 128)) {
		f->client = side & 1u;
		f->flags |= FLOW_CLIENT_CERTAIN;
	} else if (type == (v4 ? 0 : 129)) {
		f->client = (side ^ 1u) & 1u;
		f->flags |= FLOW_CLIENT_CERTAIN;
	}
}

static void take_flags(struct classifier *c, struct flow *f, unsigned side, bool is_new, const struct packet *p)
{
	if (is_new) {
		c->counter[COVERAGE_FLOWS]++;
		guess_client(c, f);
		f->stage = expectations_adopt(c->expected, f, (p->tcp_flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		                   ? FLOW_DECIDED
		                   : f->stage;
		if (f->ip_protocol == IP_TCP && (p->tcp_flags & TCP_SYN) == 0) {
			c->counter[COVERAGE_FLOWS_MIDSTREAM]++;
		}
	}
	if (f->ip_protocol == IP_ICMP || f->ip_protocol == IP_ICMPV6) {
		take_icmp(f, side, p->icmp_type);
	}
	if (f->ip_protocol != IP_TCP) {
		return;
	}
	if ((p->tcp_flags & TCP_SYN) != 0 && !f->has_row_port) {
		f->client = (p->tcp_flags & TCP_ACK) != 0 ? (side ^ 1u) & 1u : side & 1u;
		f->flags |= FLOW_CLIENT_CERTAIN;
	}
	if ((p->tcp_flags & TCP_FIN) != 0) {
		f->flags |= side == 0 ? FLOW_FIN_0 : FLOW_FIN_1;
	}
	if ((p->tcp_flags & TCP_RST) != 0) {
		f->flags |= FLOW_RESET;
	}
}

/* Payload octets of this packet that were not seen before; for TCP also keeps the sequence. */
static uint32_t count_octets(struct flow *f, unsigned side, const struct packet *p)
{
	uint32_t seq = p->seq + ((p->tcp_flags & TCP_SYN) != 0);

	if (f->ip_protocol != IP_TCP || p->is_fragment) {
		return p->payload_len;
	}
	if (p->payload_len == 0 && (p->tcp_flags & TCP_SYN) == 0) {
		return 0;
	}
	return flow_new_octets(f, side, seq, p->payload_len);
}

static void look(struct classifier *c, struct flow *f, unsigned side, const struct packet *p, uint32_t fresh)
{
	struct dpi_verdict v;
	size_t skip = 0;
	int dissector = -1;

	if (cur_left(&p->payload) > 0) {
		dissector = ask_recognisers(c, f, side, p, &skip);
	}
	if (dissector >= 0) {
		follow_claim(c, f, side, p, dissector, skip, fresh);
		return;
	}
	f->bytes[side] += fresh;
	if (inspector_feed(c->inspector, f->slot, p, &v, &c->counter[COVERAGE_DPI_REFUSED])) {
		decide_by_dpi(c, f, &v);
	}
}

/* A labelled stream may have been joined in the middle of a message: later bursts are offered again, a few times. */
static void offer_again(struct classifier *c, struct flow *f, unsigned side, const struct packet *p, uint32_t fresh)
{
	bool is_burst = f->last_side != side || (f->flags & FLOW_PUSHED) != 0;
	unsigned budget = (f->flags & FLOW_RECOGNISED) != 0 ? OFFERS_RECOGNISED : OFFERS_UNKNOWN;
	size_t skip = 0;
	int dissector;

	if ((f->flags & FLOW_OWN) != 0 || !is_burst || f->offers >= budget || cur_left(&p->payload) == 0) {
		f->bytes[side] += fresh;
		return;
	}
	f->offers++;
	dissector = ask_recognisers(c, f, side, p, &skip);
	if (dissector < 0) {
		f->bytes[side] += fresh;
		return;
	}
	follow_claim(c, f, side, p, dissector, skip, fresh);
}

static void take_payload(struct classifier *c, struct flow *f, unsigned side, const struct packet *p, uint32_t fresh)
{
	c->counter[COVERAGE_PAYLOAD_BYTES] += fresh;
	emit_count(f, side, fresh);
	f->flags |= FLOW_CHANGED | (side == 0 ? FLOW_PAYLOAD_0 : FLOW_PAYLOAD_1);
	if (f->stage == FLOW_SILENT) {
		f->stage = FLOW_UNDECIDED;
		f->slot = inspector_begin(c->inspector);
	}
	if (p->is_fragment) {
		f->bytes[side] += fresh;
		return;
	}
	switch (f->stage) {
	case FLOW_UNDECIDED:
		look(c, f, side, p, fresh);
		break;
	case FLOW_CLAIMED:
		follow_segment(c, f, side, p, p->payload, p->seq + ((p->tcp_flags & TCP_SYN) != 0));
		break;
	case FLOW_DATAGRAMS:
		f->bytes[side] += fresh;
		if (cur_left(&p->payload) > 0) {
			follow_datagram(c, f, side, p);
		}
		break;
	default:
		offer_again(c, f, side, p, fresh);
	}
	f->last_side = side & 1u;
	f->flags = (uint16_t)((p->tcp_flags & TCP_PSH) != 0 ? f->flags | FLOW_PUSHED : f->flags & ~FLOW_PUSHED);
}

/* Protocols without ports (ICMP, ESP, OSPF …) are labelled by their number. */
static void label_by_number(struct classifier *c, struct flow *f)
{
	static const struct {
		uint8_t number;
		const char *name;
	} names[] = {
		{IP_ICMP, "ICMP"}, {IP_IGMP, "IGMP"}, {IP_ICMPV6, "ICMP"}, {47, "GRE"},   {50, "ESP"},
		{51, "AH"},        {88, "EIGRP"},     {89, "OSPF"},        {103, "PIM"},  {112, "VRRP"},
		{115, "L2TP"},     {IP_SCTP, "SCTP"},
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].number == f->ip_protocol) {
			f->protocol = catalogue_protocol(c->catalogue, names[i].name);
			f->flags |= FLOW_RECOGNISED | FLOW_OWN;
		}
	}
	claim_label_by_protocol(c, f);
	decide(c, f);
}

void classifier_packet(struct classifier *c, struct flow *f, unsigned side, bool is_new, const struct packet *p)
{
	int64_t hour = clock_hour_us(f->last_us);
	uint32_t fresh;

	if (p->time_us >= hour + CLOCK_HOUR_US || p->time_us < hour) {
		classifier_flush_flow(c, f); /* volumes are kept by the hour */
	}
	if ((f->flags & FLOW_CHANGED) == 0) {
		f->first_us = f->last_us = p->time_us;
	}
	f->last_us = p->time_us > f->last_us ? p->time_us : f->last_us;
	f->flags |= FLOW_CHANGED;
	take_flags(c, f, side, is_new, p);
	fresh = count_octets(f, side, p);
	if (f->ip_protocol != IP_TCP && f->ip_protocol != IP_UDP) {
		f->bytes[side] += fresh;
		f->flags |= FLOW_CHANGED | (side == 0 ? FLOW_PAYLOAD_0 : FLOW_PAYLOAD_1);
		c->counter[COVERAGE_PAYLOAD_BYTES] += fresh;
		if (f->stage == FLOW_SILENT) {
			label_by_number(c, f);
		}
		return;
	}
	if (fresh > 0 || (f->stage == FLOW_CLAIMED && p->payload_len > 0)) {
		take_payload(c, f, side, p, fresh);
	}
}

bool classifier_flush_flow(struct classifier *c, struct flow *f)
{
	if ((f->flags & FLOW_CHANGED) == 0 || !emit_is_row(f)) {
		return true;
	}
	if (f->stage == FLOW_CLAIMED) {
		if (!follow_send(c, &c->sinks[f->slot])) {
			return false;
		}
		f->flags &= (uint16_t)~FLOW_CHANGED;
		return true;
	}
	return emit_flow(c, f, 0);
}

bool classifier_flush_names(struct classifier *c)
{
	uint64_t refused = labels_refused(c->labels);

	c->counter[COVERAGE_EVICTED] += refused - c->refused;
	c->refused = refused;
	return observer_flush(c->observer);
}

/* ---- the end ---- */

/* A connection that was opened and closed in order at a known service, and carried nothing: no scan and no refusal, but
 * a path in use (a print job that came to nothing, a check that a server is up). */
static bool is_visit(const struct classifier *c, const struct flow *f)
{
	uint16_t all = FLOW_SEEN_0 | FLOW_SEEN_1 | FLOW_FIN_0 | FLOW_FIN_1 | FLOW_CLIENT_CERTAIN;
	uint16_t none = FLOW_PAYLOAD_0 | FLOW_PAYLOAD_1 | FLOW_RESET;

	return f->stage == FLOW_SILENT && f->ip_protocol == IP_TCP && (f->flags & all) == all && (f->flags & none) == 0 &&
	       port_is_known(c, f, 1u - f->client);
}

static void count_silent(struct classifier *c, const struct flow *f)
{
	bool tcp = f->ip_protocol == IP_TCP;

	observer_count(c->observer, f->segment, &f->addr[f->client], tcp ? OBSERVE_EMPTY_OUT : OBSERVE_UNANSWERED_OUT,
	               f->last_us);
	observer_count(c->observer, f->segment, &f->addr[1 - f->client], tcp ? OBSERVE_EMPTY_IN : OBSERVE_UNANSWERED_IN,
	               f->last_us);
}

void classifier_end(struct classifier *c, struct flow *f, enum flow_end why)
{
	uint16_t sides = f->flags & (FLOW_PAYLOAD_0 | FLOW_PAYLOAD_1);

	c->counter[COVERAGE_FLOWS_ONE_WAY] += sides == FLOW_PAYLOAD_0 || sides == FLOW_PAYLOAD_1;
	c->counter[COVERAGE_EVICTED] += why == FLOW_END_EVICTED;
	f->flags |= FLOW_OVER;
	if (f->stage == FLOW_CLAIMED) {
		follow_end(c, f);
		return;
	}
	if (f->stage == FLOW_UNDECIDED) {
		struct dpi_verdict v;

		inspector_conclude(c->inspector, f->slot, &v);
		decide_by_dpi(c, f, &v);
	}
	if (is_visit(c, f)) {
		decide_by_port(c, f);
	} else if (!emit_is_row(f)) {
		if (!f->is_adopted) { /* a data connection without data was meant all the same */
			count_silent(c, f);
		}
		return;
	}
	c->counter[COVERAGE_FLOWS_UNKNOWN] += f->protocol == PROTOCOL_NONE;
	if (((f->flags & (FLOW_CHANGED | FLOW_OWES)) != 0 || f->owes_way) && !emit_flow(c, f, RECORD_ENDED)) {
		c->counter[COVERAGE_EVICTED]++;
	}
}
