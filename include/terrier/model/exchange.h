#ifndef TERRIER_MODEL_EXCHANGE_H
#define TERRIER_MODEL_EXCHANGE_H

#include "terrier/base/addr.h"
#include "terrier/model/entry.h"
#include "terrier/model/kind.h"
#include "terrier/model/role.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* An exchange (CONTRACT, Words) as the engines see it that judge what was seen: findings, the register. Texts are
 * borrowed. */

/* One end of an exchange. */
struct exchange_end {
	const char *host;    /* "SEGMENT\nADDRESS": tells systems apart; the same in every database */
	const char *subject; /* tells apart what findings are told about: mostly `host`, `label` where systems are
	                        not told */
	const char *label;   /* what it is called, for people, as the view allows */
	const char *name;    /* host name, or the party's; empty: none */
	const char *address; /* as printed: address or [party] */
	const char *zone, *zone_label; /* what tells zones apart, and what they are called */
	struct addr addr;    /* unspecified for a party without block */
	bool is_party;
	bool is_inside;
	bool is_group; /* broadcast or multicast */
	const struct entry *asset; /* that it is; NULL: none, or nobody has asked */
};

struct exchange_fact {
	enum evidence_type type; /* EVIDENCE_OTHER: a fact */
	const char *text;
	uint64_t count;
};

struct exchange {
	const char *id; /* X-… */
	const char *flow_id; /* F-… of which it is part, once flows are reconciled; else "" */
	struct exchange_end source, destination; /* of the information; both ways: the client and the server */
	bool is_both, initiated_by_source, initiated_by_destination;
	const char *protocol, *port; /* "DICOM", "tcp/104" */
	uint8_t ip_protocol;
	uint16_t server_port;
	const char *kind_id, *kind_title;
	enum tier tier; /* of the catalogue */
	enum confidence confidence;
	bool was_clear, was_encrypted;
	bool has_messages;
	uint64_t connections, messages, bytes_to_destination, bytes_to_source;
	int64_t first_us, last_us;
	const char *evidence; /* "HL7 ADT^A01 ×12; ADT^A08 ×4" */
	const char *sensor;   /* "a; b" */
	const struct exchange_fact *facts;
	size_t n_facts;
};

/* The end that opened the connection and the one that was connected to. Where that was not seen, the source is the
 * client. */
void exchange_sides(const struct exchange *e, const struct exchange_end **client, const struct exchange_end **server);

/* Adds to what one of its ends was seen doing. */
void exchange_note_deeds(const struct exchange *e, bool is_source, struct role_deeds *deeds);

/* Payload octets of both ways, at most UINT64_MAX. */
uint64_t exchange_bytes(const struct exchange *e);

#endif
