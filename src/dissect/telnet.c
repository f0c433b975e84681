/* Telnet by its negotiation (RFC 854, RFC 855): tells a session on any port, and that somebody
 * signed in to it in clear. Of what is typed and shown only the words of a prompt are looked for.
 */
#include "terrier/base/text.h"
#include "terrier/dissect.h"

#include <string.h>

#define PORT_TELNET 23
#define WINDOW_LEN  16      /* of what was shown last: the longest prompt */
#define SHOWN_MAX   1048576 /* octets in which a prompt is looked for */

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255 };
enum { OPTION_ECHO = 1, OPTION_LAST = 49, OPTION_EXTENDED = 255 };
enum stage { AT_DATA, AT_COMMAND, AT_OPTION, AT_SUB, AT_SUB_COMMAND };

struct telnet {
	char window[WINDOW_LEN];
	uint8_t window_len;
	uint8_t stage[2]; /* enum stage */
	uint8_t command[2];
	uint32_t shown;
	int entry;
	bool is_named, has_hidden; /* the server has taken over the echo */
};

static bool is_option(uint8_t option)
{
	return option <= OPTION_LAST || option == OPTION_EXTENDED;
}

/* True when what was shown last is the word of a prompt. */
static bool is_prompt(const struct telnet *t)
{
	static const char *const words[] = {
	        "login:", "password:", "username:", "user name:", "user id:", "passcode:"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t n = strlen(words[i]);

		if (t->window_len >= n && text_begins(t->window + t->window_len - n, n, words[i])) {
			return true;
		}
	}
	return false;
}

static bool show(struct telnet *t, uint8_t c)
{
	if (t->window_len == WINDOW_LEN) {
		memmove(t->window, t->window + 1, WINDOW_LEN - 1);
		t->window_len--;
	}
	t->window[t->window_len++] = (char)c;
	return c == ':' && is_prompt(t);
}

/* Takes the next octet of a side; true when it shows that somebody signs in. */
static bool step(struct telnet *t, enum side side, bool is_server, uint8_t c)
{
	uint8_t *stage = &t->stage[side];

	switch (*stage) {
	case AT_DATA:
		*stage = c == IAC ? AT_COMMAND : AT_DATA;
		return c != IAC && is_server && show(t, c);
	case AT_COMMAND:
		t->command[side] = c;
		*stage = c >= WILL && c <= DONT ? AT_OPTION : c == SB ? AT_SUB : AT_DATA;
		return false;
	case AT_OPTION:
		*stage = AT_DATA;
		if (!is_server || c != OPTION_ECHO) {
			return false;
		}
		/* one that echoes for a while hides what is typed meanwhile (RFC 857) */
		if (t->command[side] == WONT && t->has_hidden) {
			return true;
		}
		t->has_hidden = t->command[side] == WILL;
		return false;
	case AT_SUB:
		*stage = c == IAC ? AT_SUB_COMMAND : AT_SUB;
		return false;
	default:
		*stage = c == SE ? AT_DATA : AT_SUB;
		return false;
	}
}

static enum dissect_verdict telnet_dissect(void *state, enum side side, struct cursor bytes,
                                           uint64_t lost, const struct dissect_flow *flow,
                                           struct sink *sink)
{
	struct telnet *t = state;
	size_t len = cur_left(&bytes);
	bool is_server = side != (enum side)flow->client;

	if (!t->is_named) {
		t->is_named = true;
		t->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "Telnet",
		                         flow->client == 0 ? SIDE_0 : SIDE_1, INFO_MSG, 0);
	}
	sink_octets(sink, side, len, t->entry);
	if (lost > 0) {
		t->stage[side] = AT_DATA;
		t->window_len = is_server ? 0 : t->window_len;
	}
	while (cur_left(&bytes) > 0) {
		if (step(t, side, is_server, cur_u8(&bytes))) {
			sink_fact(sink, FACT_SIGN_IN, "Telnet", 6);
			return DISSECT_DONE;
		}
	}
	t->shown += is_server ? (uint32_t)(len < SHOWN_MAX ? len : SHOWN_MAX) : 0;
	return t->shown > SHOWN_MAX ? DISSECT_DONE : DISSECT_FOLLOW;
}

/* Negotiations that octets begin with; text may follow on Telnet's own port only. */
static size_t telnet_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool is_own_port = flow->port[0] == PORT_TELNET || flow->port[1] == PORT_TELNET;
	unsigned found = 0;

	(void)side;
	while (cur_left(&bytes) >= 3 && bytes.p[0] == IAC && bytes.p[1] >= WILL &&
	       bytes.p[1] <= DONT && is_option(bytes.p[2]) && found < 8) {
		cur_skip(&bytes, 3);
		found++;
	}
	return (found > 0 && is_own_port) || (found >= 3 && (cur_left(&bytes) == 0 || found == 8))
	               ? 1
	               : 0;
}

static const struct dissector_field fields[] = {
        FIELD_SIGN_IN,
        {FIELD_NEVER, "all that is typed and shown; prompts are compared, not kept",
         .standard = "RFC 854"},
        {0},
};

const struct dissector dissector_telnet = {
        .name = "telnet",
        .protocol = "Telnet",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct telnet),
        .has_messages = false,
        .fields = fields,
        .recognise = telnet_recognise,
        .dissect = telnet_dissect,
};
