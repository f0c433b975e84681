/* From evidence to kind, protocol, direction and confidence. */
#include "terrier/sensor/claim.h"

#include <stdio.h>
#include <string.h>

uint16_t claim_protocol(const struct classifier *c, const struct flow *f, uint16_t protocol)
{
	char name[PROTOCOL_NAME_MAX + 8];
	uint16_t inner, both;

	if (protocol != c->protocol_tls || protocol == PROTOCOL_NONE) {
		return protocol;
	}
	inner = catalogue_protocol_of_port(c->catalogue, f->ip_protocol, f->port[1 - f->client]);
	if (inner != PROTOCOL_NONE && catalogue_protocol_encrypts(c->catalogue, inner)) {
		return inner; /* LDAP+TLS on 636, RDP on 3389 */
	}
	snprintf(name, sizeof name, "%s+TLS", catalogue_protocol_name(c->catalogue, inner));
	both = inner == PROTOCOL_NONE ? PROTOCOL_NONE : catalogue_protocol(c->catalogue, name);
	return both != PROTOCOL_NONE ? both : protocol;
}

/* The kind a protocol carries when nothing more is known. */
static bool match_protocol(const struct classifier *c, const struct flow *f, uint16_t protocol, struct kind_match *m)
{
	const char *name = catalogue_protocol_name(c->catalogue, protocol);
	uint16_t port = f->port[1 - f->client];

	if (protocol == PROTOCOL_NONE) {
		return false;
	}
	if (catalogue_protocol_encrypts(c->catalogue, protocol) && strchr(name, '+') == NULL &&
	    catalogue_match_port(c->catalogue, f->ip_protocol, port, m)) {
		return true;
	}
	return catalogue_match(c->catalogue, EVIDENCE_PROTOCOL, name, strlen(name), m);
}

static uint8_t from_of(enum info_direction direction, unsigned side)
{
	switch (direction) {
	case INFO_C2S:
	case INFO_MSG:
		return (uint8_t)(side == 0 ? FROM_0 : FROM_1);
	case INFO_S2C:
		return (uint8_t)(side == 0 ? FROM_1 : FROM_0);
	case INFO_BALANCE:
		return FROM_BALANCE;
	default:
		return FROM_BOTH;
	}
}

struct verdict claim_resolve(struct classifier *c, const struct flow *f, uint32_t label, uint16_t protocol,
                             unsigned side, enum info_direction direction)
{
	const struct label *l = labels_get(c->labels, label);
	struct kind_match m = {.kind = l->kind, .direction = l->direction, .confidence = l->confidence};
	struct verdict v = {.protocol = claim_protocol(c, f, protocol)};
	uint16_t port = f->port[1 - f->client];

	/* that it is TLS says less than the protocol its port is known for */
	bool is_specific = l->has_kind && (l->type != EVIDENCE_PROTOCOL || v.protocol == protocol);

	if (!is_specific && !match_protocol(c, f, v.protocol, &m) &&
	    !catalogue_match_port(c->catalogue, f->ip_protocol, port, &m)) {
		m = (struct kind_match){.kind = c->kind_unknown, .direction = INFO_BOTH, .confidence = CONFIDENCE_LOW};
	}
	if ((f->flags & FLOW_RECOGNISED) == 0 || (!is_specific && v.protocol != protocol)) {
		m.confidence = CONFIDENCE_LOW; /* by port */
	} else if ((f->flags & FLOW_OWN) == 0 && m.confidence == CONFIDENCE_HIGH) {
		m.confidence = CONFIDENCE_MEDIUM; /* nDPI has been wrong too often to be believed more */
	}
	v.kind = m.kind;
	v.confidence = (uint8_t)m.confidence;
	/* a flow's own label has no message to go with */
	if (direction == INFO_MSG && (m.direction == INFO_MSG || m.direction == INFO_HTTP) && l->type >= EVIDENCE_TLS_SNI) {
		v.from = FROM_BOTH;
	} else {
		v.from = from_of(direction == INFO_MSG ? m.direction : direction, side);
	}
	if (f->by_balance && v.from == FROM_BOTH) {
		v.from = FROM_BALANCE;
	}
	return v;
}

void claim_label_by_protocol(struct classifier *c, struct flow *f)
{
	const char *name = catalogue_protocol_name(c->catalogue, f->protocol);

	if (f->label == 0) {
		f->label = labels_intern(c->labels, EVIDENCE_PROTOCOL, name, strlen(name));
	}
}

struct dissect_flow claim_describe(const struct flow *f, const struct packet *p)
{
	return (struct dissect_flow){
		.ip_protocol = f->ip_protocol,
		.client = f->client,
		.client_is_certain = (f->flags & FLOW_CLIENT_CERTAIN) != 0,
		.port = {f->port[0], f->port[1]},
		.addr = {f->addr[0], f->addr[1]},
		.time_us = p->time_us,
	};
}
