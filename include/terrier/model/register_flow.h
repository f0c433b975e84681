#ifndef TERRIER_MODEL_REGISTER_FLOW_H
#define TERRIER_MODEL_REGISTER_FLOW_H

#include "terrier/base/addr.h"
#include "terrier/base/words.h"
#include "terrier/model/entry.h"
#include "terrier/model/kind.h"

#include <stdbool.h>
#include <stdint.h>

/* A flow (CONTRACT, Words; registers.md 4.2): source, destination and observed kind, what was seen of it and what is
 * declared. Computed by register/reconcile, never stored. */

#define FLOW_ADDRESSES_MAX 16 /* of an end that are kept */

/* One end. All texts belong to it, but those of the asset. */
struct flow_end {
	enum flow_end_type type;
	char *uid;                  /* a digit for the type, and the key: tells it from all others */
	const char *key;            /* asset's id, host, zone or pseudonym; within uid */
	const struct entry *asset;  /* of FLOW_END_ASSET; else NULL */
	char *name;                 /* for people: the asset's name, or what the view calls the host or zone */
	struct words zones;         /* where its hosts were observed */
	struct words addresses;     /* of its hosts, at most FLOW_ADDRESSES_MAX; not for all views */
	struct words rivals;        /* ids of other assets that fit one of its hosts as exactly */
	size_t n_hosts;             /* observed; 0: only declared */
	bool is_inside;             /* observed inside the organisation; only declared: no external party */
	bool is_group;              /* broadcast, multicast */
	bool is_named;              /* a name, and not an address block, stands for the outside party */
	struct addr addr;           /* of an outside party's block; else unspecified */
	uint8_t bits;
	UT_hash_handle hh;
};

enum flow_status { FLOW_DECLARED_AND_OBSERVED, FLOW_OBSERVED_ONLY, FLOW_DECLARED_NOT_OBSERVED, FLOW_RETIRED };
enum flow_authorisation { FLOW_NOT_ASSESSED, FLOW_AUTHORISED, FLOW_NOT_AUTHORISED };

/* What a decision is worth now. */
enum decision_state { DECISION_NONE, DECISION_VALID, DECISION_EXPIRED, DECISION_OVERTAKEN };

struct register_flow {
	char id[DIGEST_ID_MAX]; /* F-… */
	const struct flow_end *source, *destination;
	char *kind_id;             /* a declared flow that was not observed may have a group: clin.* */
	const char *kind_title;    /* belongs to the catalogue, or is kind_id */
	const struct kind *kind;   /* NULL: a group, or not in the catalogue */
	enum tier tier;            /* the catalogue's, raised by what is declared for the ends (registers.md 6) */
	char *declared_kinds;      /* of an `inherit` or `floor` kind: what the ends are declared to hold; "" */
	enum confidence confidence;
	bool is_asked;             /* one of its exchanges is what was asked for */
	bool is_both;              /* information goes both ways: the source is the client */
	bool initiated_by_source, initiated_by_destination;
	bool was_clear, was_encrypted;
	bool has_messages;
	uint64_t connections, messages, bytes_to_destination, bytes_to_source;
	int64_t first_us, last_us; /* of what was asked for; 0: not observed */
	int64_t past_us;           /* last seen before what was asked for; 0: never */
	size_t n_days, n_hours;    /* in which it was seen */
	int64_t *days, *hours;     /* ascending */
	struct words protocols, ports, transports, encryption, evidence, sensors;
	char **exchanges;          /* ids X-… */
	size_t n_exchanges;
	enum flow_status status;
	const struct entry *declared; /* the declaration in force; NULL: none */
	struct words differences;     /* from what is declared, in words */
	const struct entry *decision; /* the last one; NULL: none */
	enum decision_state decision_state;
	char *decision_why;           /* why it is not valid any more; NULL */
	UT_hash_handle hh;
};

/* Words of CONTRACT and registers.md. */
const char *flow_status_name(enum flow_status status);
const char *flow_encrypted(const struct register_flow *f); /* yes, no, mixed, unknown */
const char *flow_scope(const struct register_flow *f);     /* inbound, outbound, internal, cross_site */
const char *flow_frequency(const struct register_flow *f, uint64_t days_watched, uint64_t hours_watched); /* or "" */
enum flow_authorisation flow_authorisation(const struct register_flow *f);
const char *flow_authorisation_name(enum flow_authorisation a);

/* yes, no or unknown. Without `own_is_set` nobody can say what leaves the organisation. */
const char *flow_crosses_zone(const struct register_flow *f);
const char *flow_leaves_organisation(const struct register_flow *f, bool own_is_set);

/* True when the end was seen outside, or is an asset of somebody else's. */
bool flow_end_is_outside(const struct flow_end *end);

/* An end's zone (observed, else declared), organisation, and asset id; "" where there is none. The zone: free(). */
char *flow_end_zone(const struct flow_end *end);
const char *flow_end_organisation(const struct flow_end *end);
const char *flow_end_asset_id(const struct flow_end *end);

#endif
