/* Tells a call of NFS, of what belongs to it, or of the port mapper by its ONC RPC header (RFC 5531
 * 9); a reply only where the port says what to expect. */
#include "nfs.h"

bool nfs_knows(uint32_t program, uint32_t version, uint32_t procedure)
{
	static const struct {
		uint32_t program;
		uint8_t first, last, procedures;
	} known[] = {
	        {PROGRAM_RPCBIND, 2, 4, 12},                    /* RFC 1833 */
	        {PROGRAM_NFS, 2, 4, 21},                        /* RFC 1094, 1813, 7530, 8881 */
	        {PROGRAM_MOUNT, 1, 3, 7},    {100011, 1, 2, 4}, /* quotas */
	        {100021, 1, 4, 23},                             /* lock manager */
	        {100024, 1, 1, 6},                              /* status monitor */
	        {100227, 2, 3, 4},                              /* access control lists */
	        {PROGRAM_CALLBACK, 1, 4, 1},
	};

	for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
		if (known[i].program == program) {
			return version >= known[i].first && version <= known[i].last &&
			       procedure <= known[i].procedures;
		}
	}
	return false;
}

static bool is_call(struct cursor c)
{
	uint32_t version = cur_u32(&c), program = cur_u32(&c);
	uint32_t of_program = cur_u32(&c), procedure = cur_u32(&c);
	uint32_t flavour = cur_u32(&c), length = cur_u32(&c);

	return !c.bad && version == 2 && nfs_knows(program, of_program, procedure) &&
	       flavour <= 7 && length <= RPC_AUTH_MAX;
}

static bool is_reply(struct cursor c)
{
	uint32_t denied = cur_u32(&c), flavour = cur_u32(&c), length = cur_u32(&c);

	cur_skip(&c, length <= RPC_AUTH_MAX ? rpc_padded(length) : 0);
	uint32_t status = cur_u32(&c);

	return !c.bad && denied == 0 && flavour <= 6 && length <= RPC_AUTH_MAX && status <= 5;
}

size_t nfs_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool is_expected = flow->port[side] == 2049 || flow->port[side] == 111;

	if (flow->ip_protocol == IP_TCP) {
		uint32_t mark = cur_u32(&bytes), length = mark & 0x7fffffff;

		if (length < 24 || length > RPC_RECORD_MAX) {
			return 0;
		}
	}
	cur_skip(&bytes, 4);
	uint32_t type = cur_u32(&bytes);

	if (bytes.bad) {
		return 0;
	}
	return (type == 0 && is_call(bytes)) || (type == 1 && is_expected && is_reply(bytes)) ? 1
	                                                                                      : 0;
}
