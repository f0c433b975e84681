#ifndef TERRIER_SENSOR_CLAIM_H
#define TERRIER_SENSOR_CLAIM_H

#include "terrier/dissect.h"
#include "terrier/model/flow.h"
#include "terrier/sensor/expect.h"
#include "terrier/sensor/label.h"
#include "terrier/sensor/observe.h"
#include "terrier/sensor/stream.h"

#include <stdbool.h>
#include <stdint.h>

/* A followed flow: what its dissector has noted and not yet sent, its streams and its state. Shared by sink.c (filled by
 * dissectors), emit.c (turned into records) and classify.c (made and released). */
#define SINK_ENTRIES 16 /* different evidence between two records; a further one sends the oldest early */
#define SINK_ROWS    16 /* rows a connection is counted on */
#define OFFERS_UNKNOWN    200 /* later bursts of an unidentified stream that are offered to the recognisers */
#define OFFERS_RECOGNISED 16  /* … of one that nDPI has named */
#define SINK_FACTS   12 /* different facts between two records; further ones are left out */

enum sink_from { FROM_0, FROM_1, FROM_BOTH, FROM_BALANCE };

#define DISSECTORS_MAX 128

struct sink_entry {
	uint32_t label;
	uint16_t kind, protocol;
	uint8_t from;       /* enum sink_from: side the information comes from */
	uint8_t confidence;
	bool is_used;
	uint32_t generation; /* of its place: a dissector may still hold the number of an entry that had to go */
	uint64_t messages, bytes[2];
	int64_t first_us, last_us;
};

/* A fact belongs to the row that was being filled when it was noted. */
struct sink_fact {
	uint32_t label, count;
	uint16_t kind, protocol;
	uint8_t from;
	bool is_bound; /* has its row; before the first entry there is none */
	int64_t first_us, last_us; /* when it was noted, whenever it is sent */
};

struct classifier;

struct sink {
	struct classifier *classifier;
	struct flow *flow;
	const struct dissector *dissector;
	uint16_t protocol;      /* in force for the entries to come */
	uint8_t turn;           /* entry that is sent next when all are used */
	int8_t last[2];         /* entry named last for each side, or -1 */
	uint64_t pending[2];    /* octets that wait for an entry */
	uint64_t accounted[2];  /* octets accounted for during the current call */
	uint32_t rows[SINK_ROWS];
	uint8_t n_rows;
	int64_t now_us;
	struct sink_entry entries[SINK_ENTRIES];
	struct sink_fact facts[SINK_FACTS];
	uint8_t n_facts;
	uint8_t newest;         /* entry named last */
	struct stream streams[2];
	_Alignas(16) uint8_t state[DISSECT_STATE_MAX];
};

/* What the parts of the classifier share. */
struct classifier {
	const struct catalogue *catalogue;
	struct labels *labels;
	struct observer *observer;
	struct outbox out;
	uint64_t connection_base; /* added to a flow's number */
	uint64_t *counter;        /* COVERAGE_COUNTERS of them, belong to the role */
	struct inspector *inspector; /* undecided flows */
	struct stream_pool *streams;
	struct sink *sinks;
	uint32_t *free_sinks;
	uint32_t n_sinks, n_free_sinks, used_sinks;
	struct sink scratch;
	struct expectations *expected;
	bool enabled[DISSECTORS_MAX];         /* by index into dissectors[] */
	uint16_t protocol_of[DISSECTORS_MAX]; /* catalogue index of each dissector's protocol */
	int tls;                  /* index of the TLS dissector, -1: off */
	uint16_t protocol_tls;
	uint16_t kind_unknown;
	uint64_t refused;         /* texts that found no room, as far as they are counted */
};

/* What a flow's own label, or an entry's, comes to. */
struct verdict {
	uint16_t kind, protocol;
	uint8_t from, confidence;
};

/* Resolves evidence for a flow: the label's own row, for encrypted protocols the port's row, the protocol's row, the
 * port's, else unknown. `side` is who showed the evidence (c2s goes away from it). */
struct verdict claim_resolve(struct classifier *c, const struct flow *f, uint32_t label, uint16_t protocol,
                             unsigned side, enum info_direction direction);

/* The protocol's name inside TLS where the port says more ("LDAP+TLS" on 636); others are returned as they are. */
uint16_t claim_protocol(const struct classifier *c, const struct flow *f, uint16_t protocol);

/* Sends what an entry has gathered and empties it. False when the outbox refused: the entry keeps it. */
bool emit_entry(struct classifier *c, struct sink *s, struct sink_entry *e);

/* Sends the facts that have a row. Same failure. */
bool emit_facts(struct classifier *c, struct sink *s);

/* Sends a fact of a flow that has no sink, `count` times. Same failure. */
bool emit_flow_fact(struct classifier *c, struct flow *f, uint32_t fact, uint32_t count);

/* Sends what a flow has gathered under its own label. Same failure. */
bool emit_flow(struct classifier *c, struct flow *f, uint8_t flags);

/* Counts payload of a side for the way by octets. */
void emit_count(struct flow *f, unsigned side, uint32_t octets);

/* True when the flow makes a row, or will: it carried payload, and is not an unanswered datagram that nobody recognised
 * on a port where an answer would be due. */
bool emit_is_row(const struct flow *f);

/* Gives a flow of a port-less or recognised protocol the protocol's own label, if it has none. */
void claim_label_by_protocol(struct classifier *c, struct flow *f);

/* What a dissector is told of the flow. */
struct dissect_flow claim_describe(const struct flow *f, const struct packet *p);

/* Gives a flow to a dissector, from `skip` octets into this packet's payload on. `fresh` of its octets are new; what was
 * counted on the flow before and not sent waits for the first entry. */
void follow_claim(struct classifier *c, struct flow *f, unsigned side, const struct packet *p, int dissector,
                  size_t skip, uint32_t fresh);

/* Hands a segment or datagram of a claimed flow to its dissector; `bytes` begin at `seq`. */
void follow_segment(struct classifier *c, struct flow *f, unsigned side, const struct packet *p, struct cursor bytes,
                    uint32_t seq);

/* Shows one datagram to a dissector that keeps no state. */
void follow_datagram(struct classifier *c, struct flow *f, unsigned side, const struct packet *p);

/* Sends all that was noted. False when the outbox refused. */
bool follow_send(struct classifier *c, struct sink *s);

/* Takes leave of a claimed flow. */
void follow_end(struct classifier *c, struct flow *f);

/* Books octets that still wait to the entry they belong to; at the end of a connection, or when it is released. */
void sink_settle(struct sink *s);

/* Makes a sink ready for a flow. */
void sink_begin(struct sink *s, struct classifier *c, struct flow *f, const struct dissector *d);

#endif
