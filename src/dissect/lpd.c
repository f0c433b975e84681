/* LPD (RFC 1179): print jobs by their queue. Control files, which name the user, the host and the
 * document, and the pages pass by their count. */
#include "terrier/dissect.h"

#include "terrier/base/text.h"

enum { PORT_LPD = 515 };
enum {
	COMMAND_PRINT = 1,
	COMMAND_RECEIVE = 2,
	COMMAND_SHORT_STATE = 3,
	COMMAND_LONG_STATE = 4,
	COMMAND_REMOVE = 5
};
enum { SUB_ABORT = 1, SUB_CONTROL_FILE = 2, SUB_DATA_FILE = 3 };

#define LINE_MAX_LEN 96

enum phase {
	PHASE_COMMAND, /* clause 5 */
	PHASE_JOB,     /* subcommands of clause 6 */
	PHASE_FILE,    /* `left` octets of a file and a NUL */
	PHASE_REST,    /* to the end: a file of unknown length, or after a gap */
};

struct lpd {
	uint64_t left;
	int entry;
	uint8_t phase, have;
	bool is_begun;
	char line[LINE_MAX_LEN];
};

static bool is_client(const struct dissect_flow *flow, enum side side)
{
	return flow->port[!side] == PORT_LPD;
}

/* Length of the queue's name behind a command: letters without blank up to the line's end or a
 * blank. 0: none. */
static size_t queue_len(const char *name, size_t len)
{
	size_t n = 0;

	while (n < len && name[n] > ' ' && name[n] < 0x7f) {
		n++;
	}
	return n < len && (name[n] == '\n' || name[n] == ' ') && n <= TEXT_MAX ? n : 0;
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t len = cur_left(&bytes);
	uint8_t command = cur_u8(&bytes);

	if (!is_client(flow, side) || command < COMMAND_PRINT || command > COMMAND_REMOVE ||
	    len > LINE_MAX_LEN) {
		return 0;
	}
	if (queue_len((const char *)bytes.p, cur_left(&bytes)) == 0) {
		return 0;
	}
	return bytes.end[-1] == '\n' ? 1 : 0; /* the client waits for an answer */
}

static bool command_end(struct lpd *lpd, enum side side, struct sink *sink)
{
	uint8_t command = (uint8_t)lpd->line[0];
	size_t n = queue_len(lpd->line + 1, lpd->have - 1u);
	bool asks = command == COMMAND_SHORT_STATE || command == COMMAND_LONG_STATE;
	char queue[TEXT_MAX + 1];

	if (command < COMMAND_PRINT || command > COMMAND_REMOVE || n == 0) {
		return false;
	}
	text_copy(queue, sizeof queue, lpd->line + 1, n);
	sink_client(sink, side);
	lpd->entry = sink_evidence(sink, EVIDENCE_PRINT_QUEUE, queue, side,
	                           asks ? INFO_S2C : INFO_C2S, 1);
	lpd->phase = command == COMMAND_RECEIVE ? PHASE_JOB : PHASE_REST;
	return true;
}

/* The count that begins a subcommand's operands (6.2, 6.3); none, or 0, where the client does not
 * know it. */
static uint64_t count_of(const char *text, size_t len)
{
	uint64_t count = 0;

	for (size_t i = 0; i < len && i < 15 && text[i] >= '0' && text[i] <= '9'; i++) {
		count = count * 10 + (uint64_t)(text[i] - '0');
	}
	return count;
}

static void subcommand_end(struct lpd *lpd)
{
	uint8_t command = (uint8_t)lpd->line[0];

	lpd->left = count_of(lpd->line + 1, lpd->have - 1u);
	if ((command == SUB_CONTROL_FILE || command == SUB_DATA_FILE) && lpd->left > 0) {
		lpd->left++; /* the NUL behind it */
		lpd->phase = PHASE_FILE;
	} else if (command != SUB_ABORT) {
		lpd->phase = PHASE_REST;
	}
}

/* Takes a line, or what there is of it. False when it is no command. */
static bool line_take(struct lpd *lpd, enum side side, struct cursor *bytes, struct sink *sink)
{
	bool good = true, is_end = false;
	const uint8_t *start = bytes->p;

	while (cur_left(bytes) > 0 && !is_end && lpd->have < LINE_MAX_LEN) {
		char c = (char)cur_u8(bytes);

		lpd->line[lpd->have++] = c;
		is_end = c == '\n' && lpd->have > 1;
	}
	if (is_end && lpd->phase == PHASE_COMMAND) {
		good = command_end(lpd, side, sink);
	} else if (is_end) {
		subcommand_end(lpd);
	} else if (lpd->have == LINE_MAX_LEN) {
		good = lpd->phase != PHASE_COMMAND;
		lpd->phase = PHASE_REST;
	}
	lpd->have = is_end ? 0 : lpd->have;
	sink_octets(sink, side, (uint64_t)(bytes->p - start), lpd->entry);
	return good;
}

static void gap(struct lpd *lpd, uint64_t lost)
{
	if (lpd->phase == PHASE_FILE && lost < lpd->left) {
		lpd->left -= lost;
	} else {
		lpd->phase = PHASE_REST;
	}
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct lpd *lpd = state;

	if (!lpd->is_begun) {
		lpd->entry = SINK_NO_ENTRY;
		lpd->is_begun = true;
	} else if (lost > 0 && is_client(flow, side)) {
		gap(lpd, lost);
	}
	if (!is_client(flow, side)) { /* acknowledgements of one octet, or the state of a queue */
		sink_octets(sink, side, cur_left(&bytes), lpd->entry);
		return DISSECT_FOLLOW;
	}
	while (cur_left(&bytes) > 0 && lpd->phase != PHASE_REST) {
		size_t n = cur_left(&bytes);

		if (lpd->phase != PHASE_FILE) {
			if (!line_take(lpd, side, &bytes, sink)) {
				sink_octets(sink, side, cur_left(&bytes), lpd->entry);
				return DISSECT_RELEASE;
			}
			continue;
		}
		n = n < lpd->left ? n : (size_t)lpd->left;
		cur_skip(&bytes, n);
		lpd->left -= n;
		lpd->phase = lpd->left > 0 ? PHASE_FILE : PHASE_JOB;
		sink_octets(sink, side, n, lpd->entry);
	}
	sink_octets(sink, side, cur_left(&bytes), lpd->entry);
	return DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct lpd) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "queue", .standard = "RFC 1179 5", .guard = "one word",
         .evidence = {EVIDENCE_PRINT_QUEUE}},
        {FIELD_NEVER, "control file: user, host, name of the document; the pages",
         .standard = "RFC 1179 7"},
        {0},
};

const struct dissector dissector_lpd = {
        .name = "lpd",
        .protocol = "LPD",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct lpd),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
