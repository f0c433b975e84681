#ifndef TERRIER_DISSECT_DICOM_H
#define TERRIER_DISSECT_DICOM_H

/* What the files of the DICOM dissector share: dicom.c follows PDUs and PDVs, dicom_fields.c reads
 * values out of what they carry, dicom_association.c and dicom_command.c say what those mean,
 * dicom_recognise.c tells the protocol. */
#include "terrier/dissect.h"

enum { ASSOCIATE_RQ = 1, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT };

enum {
	C_STORE = 0x0001,
	C_GET = 0x0010,
	C_FIND = 0x0020,
	C_MOVE = 0x0021,
	N_EVENT_REPORT = 0x0100,
	N_GET = 0x0110,
	N_SET = 0x0120,
	N_ACTION = 0x0130,
	N_CREATE = 0x0140,
	N_DELETE = 0x0150,
	C_CANCEL = 0x0fff,
	IS_RESPONSE = 0x8000,
	NO_DATA_SET = 0x0101,
};

enum { /* bits of a PDV's message control header (PS3.8 E.2) */
       IS_COMMAND = 1,
       IS_LAST = 2,
};

enum {
	PDU_HEADER = 6,
	PDV_HEADER = 6,
	PDATA_HEAD = PDU_HEADER + PDV_HEADER,
	SYNC_HEAD = PDATA_HEAD + 8, /* and the first element of a command set */
	PDU_MAX = 1 << 26,          /* nobody sends longer ones */
	ASSOCIATE_MAX = 1 << 18,
	ASSOCIATE_FIXED = 68, /* from the protocol version to the first item */
	FIRST_ITEM = PDU_HEADER + ASSOCIATE_FIXED,
	TITLES = PDU_HEADER + 4, /* called, then calling */
	TITLE_LEN = 16,
	UID_MAX = 64,
	SUFFIX_MAX = 20,
	CONTEXTS_MAX = 16,
	OPEN_MAX = 4,        /* requests of one side without their last response */
	CANDIDATES_MAX = 16, /* places that are tried in one payload */
};

enum item { /* of an association; ITEM_FIXED is ours, for the part before the items */
	    ITEM_FIXED = 0x00,
	    ITEM_APPLICATION = 0x10,
	    ITEM_PROPOSED = 0x20,
	    ITEM_RESULT = 0x21,
	    ITEM_ABSTRACT = 0x30,
	    ITEM_USER = 0x50,
	    ITEM_CLASS = 0x52,
	    ITEM_VERSION = 0x55,
	    ITEM_IDENTITY = 0x58,
};

enum element { /* of group 0000 */
	       AFFECTED_CLASS = 0x0002,
	       REQUESTED_CLASS = 0x0003,
	       COMMAND_FIELD = 0x0100,
	       MESSAGE_ID = 0x0110,
	       ANSWERED_ID = 0x0120,
	       MOVE_DESTINATION = 0x0600,
	       DATA_SET_TYPE = 0x0800,
	       STATUS = 0x0900,
	       MOVE_ORIGINATOR = 0x1030,
};

enum state {
	AT_PDU,     /* gathering the header of a PDU */
	AT_PDV,     /* gathering the header of a presentation data value */
	IN_ITEMS,   /* in an A-ASSOCIATE */
	IN_COMMAND, /* in a fragment of a command set */
	SKIP_DATA,  /* over a fragment of a data set */
	SKIP_PDU,   /* over the rest of a PDU */
	LOST,       /* looking for a P-DATA-TF */
};

enum target { TO_NOTHING, TO_VALUE, TO_UID };

/* Reads what is made of short headers and values: items of an association, elements of a command
 * set. */
struct reader {
	uint8_t head[8];
	uint8_t n_head;
	uint8_t target; /* where the value is kept, if at all */
	uint8_t n_value, n_uid;
	uint32_t left; /* of the value */
	uint8_t value[4 +
	              2 * TITLE_LEN]; /* of a command's elements only TITLE_LEN are used, and … */
	uint8_t uid[UID_MAX];
};

enum { /* … behind these, until it is complete, the AE that a C-MOVE or a C-STORE names */
       TITLE_SIZE = TITLE_LEN,
       TITLE_TEXT,
};

struct command {
	uint16_t field, id, answered, status, data_set;
	bool is_begun; /* a fragment came, the last one did not */
	bool is_bad;
};

struct request {
	uint16_t id;
	int entry;
};

struct side_state {
	uint8_t state;
	uint8_t pdu;     /* its type */
	uint8_t context; /* id, of the PDV or the item */
	uint8_t control; /* of the PDV */
	uint8_t n_head;
	uint8_t n_open;
	bool is_whole; /* all was seen since the association began */
	uint8_t head[SYNC_HEAD];
	uint32_t pdu_left, pdv_left;
	int entry;   /* whose octets these are */
	int message; /* entry of the message whose data set goes on */
	struct reader reader;
	struct command command;
	struct request open[OPEN_MAX]; /* oldest first */
};

/* A presentation context of the standard's own classes: 1.2.840.10008. and `suffix`. */
struct context {
	uint8_t id;
	char suffix[SUFFIX_MAX];
};

struct dicom {
	struct side_state side[2];
	struct context contexts[CONTEXTS_MAX];
	uint8_t n_contexts;
	bool is_ready;
	bool is_proven;  /* an association, or a P-DATA-TF that adds up, was seen */
	bool has_client; /* it was said who that is */
};

_Static_assert(sizeof(struct dicom) <= DISSECT_STATE_MAX, "state of a flow");

/* One call: the bytes, and how far they are booked. */
struct walk {
	const uint8_t *p, *end, *booked;
	struct dicom *dicom;
	struct side_state *s, *other;
	enum side side;
	const struct dissect_flow *flow;
	struct sink *sink;
	bool is_refuted;
};

static inline uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[1] << 8 | p[0]);
}

static inline size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* What comes from here on belongs to `entry`. */
void dicom_turn_to(struct walk *w, int entry);

/* Says once that this is DICOM, unencrypted. */
void dicom_prove(struct walk *w);

/* Says who is the client, unless that was said. */
void dicom_say_client(struct walk *w, bool is_this_side);

/* The stream does not add up: looks for the next PDU that does, or gives up what was never proven.
 */
void dicom_lose_track(struct walk *w);

/* Reads `n` bytes of items or elements, as the state is; stops when the state changes. Returns the
 * number of bytes read. */
size_t dicom_read_fields(struct walk *w, const uint8_t *p, size_t n);

/* The length of a UID without the NUL that may fill it up (PS3.5 9.1); 0 when it is none. */
size_t dicom_uid_length(const uint8_t *uid, size_t len);

/* Moves `*title` over leading spaces and returns its length without trailing ones: AE titles are
 * padded on either side (PS3.5 6.2). */
size_t dicom_title(const uint8_t **title, size_t len);

/* An A-ASSOCIATE begins; the head of one of its items, and then its value, were read. */
void dicom_associate_begin(struct walk *w);
void dicom_item_begin(struct walk *w);
void dicom_item_end(struct walk *w);

/* Writes the class of a presentation context; returns its length, 0 when it is not known. */
size_t dicom_context_find(const struct dicom *dicom, uint8_t id, char out[UID_MAX + 1]);

/* The head of an element of a command set, and then its value, were read. */
void dicom_element_begin(struct side_state *s);
void dicom_element_end(struct side_state *s);

/* A command set is complete. Returns the entry of its message. */
int dicom_take_command(struct walk *w);

/* True for the first `n` bytes of a P-DATA-TF with its first PDV. A stranger is told by the
 * lengths: one PDV that fills the PDU, or a command set. */
bool dicom_is_pdata(const uint8_t *head, size_t n);

/* Recognises; see struct dissector. */
size_t dicom_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow);

#endif
