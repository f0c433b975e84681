#ifndef TERRIER_DISSECT_SMB_H
#define TERRIER_DISSECT_SMB_H

/* What the files of the SMB dissector share: smb.c follows messages, smb1.c and smb2.c read their
 * headers, smb_field.c reads fields of bodies, smb_say.c says what they amount to, smb_share.c knows
 * the shares, smb_recognise.c tells a message. */
#include "ntlm.h"

enum {
	NBSS_HEAD = 4,
	SMB_HEAD_MAX = 80, /* of a message, that is read at once */
	SMB_TREES = 5,     /* shares of a connection that are remembered */
	SMB_USERS = 3,     /* users of a connection that are remembered, by hash */
	SMB_SERVER_MAX = 39,
	SMB_SHARE_MAX = 35,
	SMB_SILENCE = 64,  /* messages without information after which a connection is shown all the
	                      same */
	SMB_CHAIN_MAX = 4, /* AndX commands in a message */
	SMB_MAGIC = 0x424d53, /* `SMB`, least octet first */
	SMB_NO_TREE = -1,
};

enum smb_protocol { SMB_UNKNOWN, SMB_1, SMB_2, SMB_3 };

enum smb_part {
	SMB_FRAME, /* in the NetBIOS session header (RFC 1002 4.3.1; MS-SMB2 2.1) */
	SMB_HEADER,
	SMB_BODY,
	SMB_LOOK, /* for the next message, behind a gap or something strange */
};

/* A stretch of a body that is read. */
enum smb_field { FIELD_NONE, FIELD_TOKEN, FIELD_USER, FIELD_PATH };

/* Tree types as MS-SMB2 2.2.10 numbers them. */
enum smb_share_type { SHARE_DISK = 1, SHARE_PIPE = 2, SHARE_PRINT = 3 };

struct smb_tree {
	uint32_t session;
	uint32_t id; /* of the tree; while it is asked for, of the message */
	bool is_used, is_asked;
	bool is_named; /* the whole path was read, and its share may be told */
	uint8_t type;  /* enum smb_share_type */
	char share[SMB_SHARE_MAX + 1];
};

struct smb_side {
	uint64_t window;       /* the last octets while looking, the newest lowest */
	uint32_t message_left; /* octets of the framed message to come */
	uint32_t unit_left; /* octets to come of this one of its compounded requests or responses */
	uint32_t at;        /* octets taken of it */
	uint32_t from, to;  /* the field that is read */
	uint32_t session, tree; /* of the last unit: a related one has none of its own */
	int entry;              /* whose octets these are */
	uint16_t next;          /* where the next AndX command begins; 0: none */
	uint16_t block;         /* where this one began */
	uint8_t part, field;
	uint8_t n_head, need; /* octets of the head that are here, and wanted */
	uint8_t command, next_command, n_chain;
	bool is_raw; /* the next message is data without a header (SMB1) */
	uint8_t head[SMB_HEAD_MAX];
};

/* The path of a tree connect, or a user's name, as far as it has been read. */
struct smb_path {
	uint64_t hash; /* of what follows the last backslash */
	uint8_t part, n, low;
	int8_t tree;           /* slot that the path names; SMB_NO_TREE: none */
	bool is_wide, has_low; /* UTF-16; half a character is in `low` */
	bool is_cut;           /* the server's name lost its domain */
};

struct smb {
	struct ntlm ntlm;
	struct smb_side side[2];
	struct smb_tree tree[SMB_TREES];
	uint64_t user[SMB_USERS];
	struct smb_path path;
	char server[SMB_SERVER_MAX + 1]; /* as the client calls it; empty: cannot be told */
	int8_t last[2]; /* slots last read from and written to; SMB_NO_TREE: none */
	uint8_t protocol, turn, silence;
	bool is_ready, is_proven, is_told, knows_client, must_sign, is_encrypted;
	bool is_user_lost; /* a sign-in has a hole: any share may be called like its user */
};

_Static_assert(sizeof(struct smb) <= DISSECT_STATE_MAX, "state of a flow");

/* One call: the bytes, and how far they are booked. */
struct walk {
	const uint8_t *p, *end, *booked;
	struct smb *smb;
	struct smb_side *s;
	enum side side, client;
	const struct dissect_flow *flow;
	struct sink *sink;
	bool is_refuted;
};

/* Recognises; see struct dissector. */
size_t smb_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow);

/* True for the 24-bit length and signature of a message, in the low eight octets: 00, length, FF,
 * FE, FD or FC, `SMB`. */
bool smb_is_start(uint64_t window);

/* Reads the head of a request or response, of which s->n_head octets are there: says whose its
 * octets are and which field of its body is read. False when it is none. smb1_head() is called for
 * each AndX command. */
bool smb1_head(struct walk *w);
bool smb2_head(struct walk *w);

/* Says which side asks, as a header has shown. */
void smb_set_client(struct walk *w, enum side client);

/* The dialect that was agreed. */
void smb_set_protocol(struct walk *w, enum smb_protocol protocol, const char *dialect);

/* The fact "SMB signing". */
void smb_say_signing(struct walk *w, bool is_enabled, bool is_required);

/* Takes the octets at s->at of the field that is read; ends it. */
void smb_field_take(struct walk *w, const uint8_t *p, size_t n);
void smb_field_end(struct walk *w);

/* Octets [from, to) of the unit are read as `field`, also those that the head holds. A stretch that
 * is not all within the unit is ignored. */
void smb_read_field(struct walk *w, enum smb_field field, uint32_t from, uint32_t to);

/* The entry of a read (INFO_S2C) or write (INFO_C2S) on the tree in `slot`, or one not known:
 * SMB_NO_TREE. */
int smb_moved(struct walk *w, int slot, enum info_direction direction, unsigned messages);

/* The entry of what goes through a named pipe: remote procedure calls, no files. */
int smb_piped(struct walk *w);

/* A message that moves no content: a listing, a look at a file. Its octets are the next entry's,
 * unless there is nothing else for long: then the connection's own. */
int smb_silent(struct walk *w);

/* Shares (smb_share.c). A tree is asked for in `message`: the path that follows names it. */
void smb_tree_ask(struct smb *smb, uint32_t session, uint32_t message, bool is_wide);

/* The tree asked for in message `message` is `id`; `is_granted` false: it was refused. */
void smb_tree_answer(struct walk *w, uint32_t session, uint32_t message, uint32_t id,
                     bool is_granted, unsigned type);

/* The slot of a tree, SMB_NO_TREE when it is not known. */
int smb_tree_find(const struct smb *smb, uint32_t session, uint32_t id);

/* Takes octets of a path, at most up to a NUL; ends it. */
void smb_path_take(struct smb *smb, struct smb_side *s, struct cursor bytes);
void smb_path_end(struct smb *smb);

/* A user's name (SMB1 without extended security) begins; takes octets of it, up to its NUL. */
void smb_user_begin(struct smb *smb, bool is_wide);
void smb_user_take(struct smb *smb, struct smb_side *s, struct cursor bytes);

/* Remembers a user's hash. */
void smb_add_user(struct smb *smb, uint64_t hash);

/* `\\server\share`, or an empty text for a share that may not be told. */
void smb_share_text(const struct smb *smb, int slot, char out[RECORD_EVIDENCE_MAX]);

#endif
