#ifndef TERRIER_DISSECT_H
#define TERRIER_DISSECT_H

#include "terrier/base/addr.h"
#include "terrier/base/cursor.h"
#include "terrier/model/kind.h"
#include "terrier/model/packet.h"
#include "terrier/model/record.h"

#include <stdbool.h>
#include <stdint.h>

/* Dissectors: one protocol, one file, one constant. A dissector recognises its protocol in the first bytes
 * that are offered, then may follow both directions of the stream for as long as it lives. It reads bytes
 * through a cursor and writes down only what privacy.md allows, through the functions below. It owns nothing
 * and frees nothing. Lines that a dissector writes never hold content. */

#define DISSECT_STATE_MAX 768 /* bytes of a dissector's own state for one flow, both directions */

struct sink; /* where evidence goes; belongs to the classifier */

/* The sides of a flow. Side 0 sent the first packet that was seen; who is the client is another matter. */
enum side { SIDE_0, SIDE_1 };

static inline enum side side_other(enum side side)
{
	return side == SIDE_0 ? SIDE_1 : SIDE_0;
}

/* What is known of the flow when bytes are offered or handed over. */
struct dissect_flow {
	uint8_t ip_protocol;      /* IP_TCP or IP_UDP */
	uint8_t client;           /* enum side: believed client */
	bool client_is_certain;   /* a SYN was seen, or a dissector has said so */
	uint16_t port[2];         /* of each side */
	struct addr addr[2];
	int64_t time_us;          /* of the packet that completes these bytes */
};

enum dissect_verdict {
	DISSECT_FOLLOW,  /* go on handing over bytes */
	DISSECT_DONE,    /* all is known; the label stays, nothing more is handed over */
	DISSECT_RELEASE, /* not this protocol after all: what was booked stays, offer the flow to others */
	DISSECT_TLS,     /* the next octets of both sides are TLS (STARTTLS): its dissector goes on under this protocol's
	                    name with "+TLS". What was booked stays; octets that wait belong to what TLS names */
};

enum field_class {
	FIELD_END,   /* closes a table */
	FIELD_KEEP,  /* names a system, a protocol object or a kind; or is a word of our own */
	FIELD_GUARD, /* mostly names a system, sometimes a person: kept only after the test in `guard` */
	FIELD_NEVER, /* is passed over, or compared in memory and forgotten */
};

#define FIELD_NAMES    2
#define FIELD_EVIDENCE 4
#define FIELD_FACTS    4

/* One field of a protocol and what becomes of it: for the list of kept fields that an information-governance review
 * reads (terrierd --list-fields), in its words. A field that is kept says by which doors of the sink it leaves; the tests
 * end a dissector that uses a door its table does not name. Protocols' own names (EVIDENCE_PROTOCOL) need no row. */
struct dissector_field {
	enum field_class class;
	const char *what;
	const char *standard; /* with section; NULL: a word of our own */
	const char *guard;    /* what has to hold before it is kept; NULL: only what holds for every text */
	enum name_source names[FIELD_NAMES];         /* by sink_name(), sink_name_addr(); up to NAME_NONE */
	enum evidence_type evidence[FIELD_EVIDENCE]; /* by sink_evidence(); up to EVIDENCE_NONE */
	const char *facts[FIELD_FACTS];              /* by sink_fact(), its `name`; up to NULL */
};

/* That somebody signed in where it can be read. */
#define FIELD_SIGN_IN                                                                              \
	{FIELD_KEEP, "that somebody signed in in clear, and by which mechanism: not who", .facts = {FACT_SIGN_IN}}

struct dissector {
	const char *name;      /* of the file, and in [dissectors] off */
	const char *protocol;  /* as CONTRACT spells it; kind by its EVIDENCE_PROTOCOL row */
	uint8_t ip_protocol;   /* IP_TCP, IP_UDP, or 0 for both */
	uint16_t state_size;   /* at most DISSECT_STATE_MAX; zeroed when the flow is claimed */
	bool has_messages;
	const struct dissector_field *fields; /* all that is kept, then what never is; ends with FIELD_END */

	/* Looks at the bytes one side sent (the start of a stream, of a burst, or a datagram; never empty).
	 * Returns the number of leading bytes to skip before its first unit, plus one (so 1 claims from the
	 * first byte), or 0 when this is not its protocol. Must be cheap: it runs on every undecided flow. */
	size_t (*recognise)(struct cursor bytes, enum side side, const struct dissect_flow *flow);

	/* Takes the next in-order bytes of one side: a piece of the TCP stream, any length from 1, cut anywhere;
	 * or one datagram. `lost` octets are missing right before them (0: none). Accounts for every byte with
	 * sink_octets(). */
	enum dissect_verdict (*dissect)(void *state, enum side side, struct cursor bytes, uint64_t lost,
	                                const struct dissect_flow *flow, struct sink *sink);
};

#define SINK_NO_ENTRY (-1)

/* Notes one message or other piece of evidence: `type` and `text` (looked up in the catalogue), sent by
 * `side`; `messages` is 1, or 0 for evidence that is no message. Information goes as the catalogue row says
 * (msg: away from `side`; http and both by the caller's word in `direction`, where INFO_MSG means "as the row
 * says"). c2s goes away from `side`, s2c towards it: it is the side that asks. Returns an entry for
 * sink_octets(); it holds until many others were named, and octets booked to one that has gone wait for the next.
 * A text that fails its grammar is withheld and counted, and the entry then is the protocol's own. */
int sink_evidence(struct sink *sink, enum evidence_type type, const char *text, enum side side,
                  enum info_direction direction, unsigned messages);

/* Books the next `n` octets of `side` to an entry. SINK_NO_ENTRY keeps them back for the next entry named in
 * this direction (else the last one, else the protocol's own), as CONTRACT says. */
void sink_octets(struct sink *sink, enum side side, uint64_t n, int entry);

/* Names an end of the flow. The text is validated for its source; what fails is withheld and counted. */
void sink_name(struct sink *sink, enum side side, enum name_source source, const char *text, size_t len);

/* Names another address (a DNS answer). */
void sink_name_addr(struct sink *sink, const struct addr *addr, enum name_source source, const char *text,
                    size_t len);

/* Says who is the client, for streams joined in the middle. */
void sink_client(struct sink *sink, enum side client);

/* Says how many octets of content each side has sent so far, set-up left out: where the catalogue says `both`, the way
 * of the information is the way that most of these, and of all that follow, went. */
void sink_balance(struct sink *sink, uint32_t side_0, uint32_t side_1);

/* Counts the flow under another server port than its own (0: none), where the real one is but one of many that were
 * negotiated (RTP, MS-RPC). The sides are then final: say sink_client() before. */
void sink_port(struct sink *sink, uint16_t port);

/* Announces a connection that this one negotiated (FTP, TFTP, SIP): between the same two hosts, `addr` (one of them)
 * on `port`, to begin within five minutes. It is counted on the row of what was named last here, by the way its
 * octets go (that of what was named last where they do not tell), and is no connection of its own. Announcements for
 * other hosts are ignored. */
void sink_expect(struct sink *sink, uint8_t ip_protocol, const struct addr *addr, uint16_t port);

/* Says whether content is encrypted. */
void sink_encryption(struct sink *sink, enum encryption encryption);

/* Changes the protocol's name ("SMB3", "SMTP+TLS"); unknown names are ignored. */
void sink_protocol(struct sink *sink, const char *protocol);

/* A plain fact for `terrier explain` that selects no kind ("HL7 version 2.4", "implementation
 * OFFIS_DCMTK_367"): counted evidence of EVIDENCE_OTHER. `name` is a constant word, `value` is validated. */
void sink_fact(struct sink *sink, const char *name, const char *value, size_t len);

/* Words of facts that findings look for; their values are in the comment. */
#define FACT_SIGN_IN "clear-text sign-in" /* the mechanism: FTP USER, HTTP Basic, LDAP simple bind, IMAP LOGIN, … */

/* Words of facts by which two exchanges are found to belong together; their values are AE titles. */
#define FACT_MOVE_DESTINATION "DICOM move destination" /* to whom a C-MOVE has objects sent */
#define FACT_MOVE_ORIGINATOR  "DICOM move originator"  /* who asked by C-MOVE for what a C-STORE sends */

/* The registry that meson makes from the list in src/dissect/meson.build, in that order; ends with NULL. */
extern const struct dissector *const dissectors[];

#endif
