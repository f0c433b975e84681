#ifndef TERRIER_DISSECT_NFS_H
#define TERRIER_DISSECT_NFS_H

/* What the files of the NFS dissector share: nfs.c follows the stream, nfs_rpc.c reads calls and
 * replies, nfs_compound.c walks version 4, nfs_export.c knows exports, nfs_recognise.c tells a
 * call. */
#include "terrier/dissect.h"

enum {
	PROGRAM_RPCBIND = 100000,
	PROGRAM_NFS = 100003,
	PROGRAM_MOUNT = 100005,
	PROGRAM_CALLBACK = 0x40000000,
	RPC_AUTH_MAX = 400, /* octets of a credential or verifier (RFC 5531 8.2) */
	RPC_HEAD_MAX = 64,  /* octets that are read at once */
	RPC_RECORD_MAX = 0x4000000,
	NFS_PENDING = 16, /* calls that wait for their reply */
	NFS_HANDLES = 4,  /* directories whose handle is known */
	NFS_PATH_MAX = 40,
	NFS_NAME_MAX = 32,
	NFS_OPS_MAX = 64, /* operations of a compound that are looked at */
	NFS_SILENCE = 64, /* messages without information after which a connection is shown all the
	                     same */
};

/* What a call is for. */
enum nfs_what {
	NFS_OTHER,
	NFS_READ,
	NFS_LIST,
	NFS_WRITE,
	NFS_CREATE,
	NFS_MOUNT,
	NFS_COMPOUND,
	NFS_NAMES,
	NFS_SEALED
};

/* What the next octets of a message are. */
enum rpc_part {
	RPC_START,
	RPC_CALL,
	RPC_GSS,
	RPC_VERIFIER,
	RPC_REPLY,
	RPC_ACCEPTED,
	MOUNT_LENGTH,
	MOUNT_PATH,
	MOUNT_STATUS,
	CALL_TAG, /* of a version 4 compound, and on: nfs_compound.c */
	CALL_COUNT,
	CALL_OP,
	CALL_BITMAP,
	CALL_HANDLE,
	CALL_NAME_LENGTH,
	CALL_NAME,
	REPLY_TAG,
	REPLY_COUNT,
	REPLY_OP,
	REPLY_BITMAP,
	REPLY_ATTRIBUTES,
	REPLY_HANDLE,
	RPC_REST, /* up to the end of the message */
};

/* A place in the tree of exports: none (level -1), the root (0), or a directory. */
struct nfs_place {
	int8_t level;
	char path[NFS_PATH_MAX];
};

struct rpc_side {
	uint64_t window;      /* while looking for a message: the last octets, the newest lowest */
	uint32_t before;      /* … and the four before these */
	uint32_t record_left; /* octets of the fragment to come */
	uint32_t skip;        /* octets to pass over before the next that are read */
	uint32_t hash;        /* of a file handle that is passed over */
	uint32_t xid;
	int entry;          /* whose octets these are */
	uint16_t auth_left; /* octets of the credential to come */
	uint8_t part, need, n_head;
	uint8_t n_mark; /* octets of the record mark that are here */
	uint8_t what, n_ops;
	int8_t pending; /* place of this call among those that wait, or -1 */
	bool is_last, is_open, is_hashing, is_looking, is_wrapped; /* is_open: in a message */
	uint8_t head[RPC_HEAD_MAX];
};

struct nfs_pending {
	uint32_t xid;
	uint8_t what;
	bool is_used,
	        is_wrapped; /* wrapped: with a length and a number in front (RFC 2203 5.3.2.2) */
};

struct nfs_handle {
	uint32_t hash;
	struct nfs_place place;
};

struct nfs {
	struct rpc_side side[2];
	struct nfs_pending pending[NFS_PENDING];
	struct nfs_handle handle[NFS_HANDLES];
	struct nfs_place place;   /* where the compound that is read stands */
	char share[NFS_PATH_MAX]; /* the export in use; empty: none is known */
	uint32_t asked;           /* message whose reply brings the handle of `asked_place` */
	struct nfs_place asked_place;
	uint8_t pending_turn, handle_turn, n_handles, silence;
	bool is_ready, is_proven, is_told, is_mixed, is_rpcbind, knows_client;
};

_Static_assert(sizeof(struct nfs) <= DISSECT_STATE_MAX, "state of a flow");

/* One call: the bytes, and how far they are booked. */
struct rpc_walk {
	const uint8_t *p, *end, *booked;
	struct nfs *nfs;
	struct rpc_side *s;
	enum side side, client;
	const struct dissect_flow *flow;
	struct sink *sink;
	bool is_refuted;
};

/* Recognises; see struct dissector. */
size_t nfs_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow);

/* True for a program, version and procedure of NFS and what belongs to it. */
bool nfs_knows(uint32_t program, uint32_t version, uint32_t procedure);

/* Reads on: `skip` octets are passed over, then `need` are gathered for `part`. */
void rpc_want(struct rpc_side *s, enum rpc_part part, uint32_t skip, unsigned need);

/* The head holds what was wanted. */
void rpc_step(struct rpc_walk *w);

/* The call that waits for its reply under this number; NULL: none is known. */
struct nfs_pending *rpc_pending(struct nfs *nfs, uint32_t xid);

/* What comes cannot be read: the next message is looked for. Before there was one, this is no RPC.
 */
void rpc_look_out(struct rpc_walk *w);

/* XDR fills up to four octets (RFC 4506 4.10). */
static inline uint32_t rpc_padded(uint32_t n)
{
	return (n + 3) & ~UINT32_C(3);
}

/* What the message at hand is for is known: its octets have their entry. */
void nfs_decide(struct rpc_walk *w, enum nfs_what what, unsigned messages);

/* The entry of a message without information: none, so that its octets go with the next that has
 * some, unless there is nothing else for long. */
int nfs_silent(struct rpc_walk *w);

/* The head holds what was wanted of a compound, or a file handle was passed over. */
void nfs_compound_step(struct rpc_walk *w);
void nfs_handle_end(struct rpc_walk *w);

/* Takes a path from a mount call: up to two levels are kept, of homes only the first (privacy.md
 * 2). */
void nfs_path_keep(struct nfs_place *place, struct cursor path);

/* Goes down one level. The place is lost where the name may not be kept, or would be a name below
 * an export. */
void nfs_place_enter(struct nfs_place *place, struct cursor name);

/* The place was used as a directory: it is what the connection works on. */
void nfs_place_use(struct nfs *nfs, const struct nfs_place *place);

#endif
