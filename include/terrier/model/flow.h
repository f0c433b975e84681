#ifndef TERRIER_MODEL_FLOW_H
#define TERRIER_MODEL_FLOW_H

#include "terrier/base/addr.h"
#include "terrier/model/packet.h"

#include <stdbool.h>
#include <stdint.h>

/* One connection as the flow table holds it: little more than two cache lines. Side 0 sent the first packet that was seen. */
enum flow_stage {
	FLOW_SILENT,    /* no payload yet */
	FLOW_UNDECIDED, /* being looked at; `slot` is its state there */
	FLOW_DATAGRAMS, /* claimed by a dissector that keeps no state */
	FLOW_CLAIMED,   /* followed by a dissector; `slot` is its claim */
	FLOW_DECIDED,   /* labelled; only counted */
};

enum flow_flags {
	FLOW_SEEN_0 = 1,         /* side 0 has sent a packet with a place in the sequence */
	FLOW_SEEN_1 = 2,
	FLOW_PAYLOAD_0 = 4,      /* side 0 has sent payload */
	FLOW_PAYLOAD_1 = 8,
	FLOW_FIN_0 = 16,
	FLOW_FIN_1 = 32,
	FLOW_RESET = 64,
	FLOW_SENDS_ONLY = 128,   /* its port is that of a protocol which is not answered (syslog, traps, NetFlow) */
	FLOW_CLIENT_CERTAIN = 256,
	FLOW_COUNTED = 512,      /* the connection has been counted on a row */
	FLOW_RECOGNISED = 1024,  /* by content: own dissector or nDPI */
	FLOW_OWN = 2048,         /* … by an own dissector: nothing overrides it */
	FLOW_CHANGED = 4096,     /* had a packet since the last record */
	FLOW_PUSHED = 8192,      /* the last payload ended a burst */
	FLOW_OWES = 16384,       /* a record without final label was sent; the label is owed */
	FLOW_OVER = 32768,       /* the connection has ended: what is sent now is the last word */
};

struct flow {
	struct addr addr[2];
	uint16_t port[2];
	uint8_t ip_protocol;
	uint8_t stage;           /* enum flow_stage */
	uint16_t segment;
	int64_t start_us;        /* first packet */
	int64_t first_us;        /* first packet of what was not sent yet */
	int64_t last_us;         /* newest packet */
	uint64_t bytes[2];       /* payload of each side that was not sent yet and belongs to its own label */
	uint32_t next[2];        /* sequence number behind the newest payload of each side */
	uint32_t hole[2];        /* first octet of the newest hole before `next`, and its length */
	uint32_t hole_len[2];
	uint32_t total[2];       /* payload of each side since its content began, up to FLOW_TOTAL_MAX */
	uint32_t slot;           /* see stage; for FLOW_DATAGRAMS a digest of the facts sent last */
	uint32_t label;          /* interned evidence; 0: none */
	uint32_t name;           /* interned name the server was reached by; 0: none */
	uint16_t protocol;       /* catalogue index */
	uint16_t flags;          /* enum flow_flags */
	uint8_t client : 1;      /* side believed to be the client */
	uint8_t last_side : 1;   /* that sent the last payload */
	uint8_t encrypted : 2;   /* enum encryption */
	uint8_t balance : 2;     /* 0: open, else one more than the side (or 2: both) that most octets came from */
	uint8_t by_balance : 1;  /* its way is told by `total` where the catalogue says both */
	uint8_t has_row_port : 1; /* `row_port` stands for the server's port */
	uint8_t dissector;       /* index into dissectors[] */
	uint8_t offers;          /* times later bursts were offered to the recognisers */
	uint8_t number_high;     /* with `number`: connection's number in this sensor */
	uint32_t number;
	uint16_t row_port;       /* port that the flow is counted under; 0: none */
	uint8_t way : 3;         /* of the information under `label`: 0 as the catalogue says, else one more than enum sink_from */
	uint8_t hint : 2;        /* … while the octets do not tell: likewise, for way FROM_BALANCE */
	uint8_t is_adopted : 1;  /* negotiated by another connection, on whose row it is counted */
	uint8_t owes_way : 1;    /* records by balance were sent whose way is not final */
};

#define FLOW_TOTAL_MAX (UINT32_C(1) << 30)

_Static_assert(sizeof(struct flow) <= 144, "a decided flow is small");

#endif
