#ifndef TERRIER_MODEL_RECORD_H
#define TERRIER_MODEL_RECORD_H

#include "terrier/base/addr.h"
#include "terrier/base/text.h"
#include "terrier/model/kind.h"

#include <stdbool.h>
#include <stdint.h>

/* The only thing that passes from a sensor to the storer: 384 octets, no pointer, no path, no field in which
 * content could travel. Counters are deltas since the last record of the same thing. */

enum record_type {
	RECORD_EXCHANGE = 1, /* what one connection moved of one kind, one way, within one hour */
	RECORD_NAME,         /* a name was seen for an address */
	RECORD_HOST,         /* counters of an address that make no row */
	RECORD_COVERAGE,     /* what was seen and lost since the last one */
	RECORD_MARK,         /* everything up to here may be committed */
};

enum record_flags {
	RECORD_IS_NEW = 1,       /* exchange: counts the connection on this row for the first time */
	RECORD_UNDECIDED = 2,    /* exchange: no label yet; a later record of this connection brings it */
	RECORD_DECIDED = 4,      /* exchange: the label is final, also for earlier records of this connection without this
	                            flag; without it a label (if any) may still change */
	RECORD_ENDED = 8,        /* exchange: the connection is over, nothing follows */
	RECORD_SIDES_GUESSED = 16, /* exchange: client and server may be the other way round */
	RECORD_LAST = 32,        /* mark: the sensor has nothing more to send in this run */
	RECORD_MARK_FAILED = 64, /* mark: the file ended at damage */
	RECORD_FACT = 128,       /* exchange: only evidence, `messages` times; counters are zero */
	RECORD_BY_SIDE = 256,    /* exchange: the direction was seen, not looked up: it turns with the sides */
	RECORD_BY_BALANCE = 512, /* exchange: the label is final; without RECORD_DECIDED only the direction, which goes by the
	                            octets, may change: to `balance` of a later record of this connection */
};

enum encryption { ENCRYPTED_UNKNOWN, ENCRYPTED_NO, ENCRYPTED_YES };

/* Where a name comes from. Which is believed first is a setting, [names] order. */
enum name_source {
	NAME_NONE,
	NAME_HL7,       /* application^facility */
	NAME_AE_TITLE,
	NAME_DNS,       /* answer to an address query */
	NAME_SNI,
	NAME_HTTP_HOST,
	NAME_CERTIFICATE,
	NAME_NTLM,
	NAME_SMB,
	NAME_KERBEROS,
	NAME_LDAP,
	NAME_DHCP,
	NAME_NETBIOS,
	NAME_MDNS,
	NAME_BANNER,
	NAME_SOURCES,
};

/* The word of a source ("ae_title"; "" for none or a bad number), and back: NAME_NONE for an unknown word. */
const char *name_source_name(enum name_source source);
enum name_source name_source_find(const char *word);

#define RECORD_EVIDENCE_MAX 80
#define RECORD_NAME_MAX     (TEXT_DNS_MAX + 1)

struct record_exchange {
	uint64_t connection;    /* unique within the run */
	int64_t started_us;     /* its first packet */
	struct addr client, server;
	uint16_t client_port, server_port;
	uint16_t kind;          /* catalogue index; KIND_NONE when undecided */
	uint16_t protocol;      /* catalogue index or PROTOCOL_NONE */
	uint8_t ip_protocol;
	uint8_t direction;      /* INFO_C2S, INFO_S2C or INFO_BOTH */
	uint8_t confidence;     /* enum confidence */
	uint8_t encrypted;      /* enum encryption */
	uint8_t evidence_type;  /* enum evidence_type */
	uint8_t has_messages;   /* the protocol has messages: `messages` means something */
	uint8_t balance;        /* 0: open, else one more than the direction by octets, which is that of all records of the
	                           connection that have RECORD_BY_BALANCE */
	uint64_t messages;
	uint64_t bytes_to_server, bytes_to_client;
	char evidence[RECORD_EVIDENCE_MAX]; /* "ADT^A01"; empty: none */
	char server_name[RECORD_NAME_MAX];  /* name the server was reached by; empty: none */
};

struct record_name {
	struct addr addr;
	uint8_t source; /* enum name_source */
	uint64_t count;
	char name[RECORD_NAME_MAX];
};

struct record_host {
	struct addr addr;
	uint8_t mac[6];          /* of frames it sent; zero when unknown or behind a router */
	uint64_t empty_out, empty_in;       /* TCP connections without payload it opened / was offered */
	uint64_t unanswered_out, unanswered_in; /* UDP flows that nobody claimed and nobody answered */
};

/* 64-bit counters of a run; each has a name in coverage_names[]. */
enum coverage {
	COVERAGE_PACKETS,       /* frames handed over by the capture, before the exclusions */
	COVERAGE_BYTES,         /* octets of these on the wire */
	COVERAGE_KERNEL_DROPS,
	COVERAGE_INTERFACE_DROPS,
	COVERAGE_NOT_IP,
	COVERAGE_MALFORMED,
	COVERAGE_EXCLUDED,
	COVERAGE_DUPLICATES,
	COVERAGE_SNAP_CUT,      /* frames captured shorter than they were */
	COVERAGE_FRAGMENTS,
	COVERAGE_FRAGMENTS_LOST, /* datagrams never completed */
	COVERAGE_FLOWS,         /* connections begun */
	COVERAGE_FLOWS_MIDSTREAM,
	COVERAGE_FLOWS_ONE_WAY, /* ended with one direction only */
	COVERAGE_FLOWS_UNKNOWN, /* ended unidentified */
	COVERAGE_PAYLOAD_BYTES, /* transport payload counted */
	COVERAGE_UNKNOWN_BYTES, /* … of connections that nobody identified; the storer counts it, who has the last word */
	COVERAGE_EVICTED,       /* flows, deltas and texts for which there was no room */
	COVERAGE_UNFOLLOWED,    /* flows a dissector could not follow for want of state */
	COVERAGE_GAPS,          /* holes in followed streams */
	COVERAGE_GAP_BYTES,
	COVERAGE_WITHHELD,      /* texts that failed the validator */
	COVERAGE_DPI_REFUSED,   /* packets kept from nDPI by the length guard */
	COVERAGE_COUNTERS,
};

extern const char *const coverage_names[COVERAGE_COUNTERS]; /* column names: "packets", … */

struct record_coverage {
	uint64_t counter[COVERAGE_COUNTERS]; /* deltas */
};

struct record {
	uint8_t type;   /* enum record_type */
	uint16_t flags; /* enum record_flags */
	uint16_t segment;  /* index into settings' segments; 0 is the default */
	uint32_t unit;     /* mark: number of the file that ended, from 0 */
	int64_t first_us, last_us; /* packet time of what it tells */
	union {
		struct record_exchange exchange;
		struct record_name name;
		struct record_host host;
		struct record_coverage coverage;
	};
};

_Static_assert(sizeof(struct record) <= 432, "a record is small and fixed");

/* Limits that validation checks indexes against. */
struct record_limits {
	uint16_t kinds, protocols, segments;
};

/* Tells whether evidence may be kept: UIDs by their grammar (TEXT_NOT_PRINTABLE when it is none), names of
 * services and namespaces may hold six digits in a row (`201005`, RCMR_IN010000UK05), all else as
 * text_check() says. `size` is of the field, with its NUL. */
enum text_fault record_check_evidence(enum evidence_type type, const char *text, size_t len, size_t size);

/* Checks a record from another process: enumerations, indexes, NUL-terminated texts that pass text_check()
 * or their own grammar, times in order. Returns NULL when it is good, else a word for what is wrong. */
const char *record_validate(const struct record *r, const struct record_limits *limits);

#endif
