/* The rsync daemon's protocol (rsyncd.conf(5), and clientserver.c of rsync): greeting, module, who
 * sends. Modules are shares; of the client's arguments one word is looked at, and names of users,
 * files and challenges are not copied out. */
#include "terrier/dissect.h"

#include "lines.h"

#include <string.h>

#define GREETING   "@RSYNCD: "
#define MODULE_MAX TEXT_MAX
#define ARGS_MAX   65536 /* octets in which the arguments must end */

enum stage { AT_GREETING, AT_MODULE, AT_ARGS };

struct rsync {
	struct lines line[2];
	char module[MODULE_MAX + 1]; /* empty: none, or not to be kept */
	uint8_t stage;               /* of the client */
	uint8_t server;              /* one more than its side; 0: not known yet */
	bool is_accepted;            /* the server has said so: its data follows */
	bool is_reversed;         /* the server sends */
	uint32_t args;            /* octets of the client's arguments */
	char arg[MODULE_MAX + 2]; /* start of the current one */
	uint8_t arg_len;
};

/* `@RSYNCD: 31.0 sha512 …`; returns the length of the number, 0 when this is none. */
static size_t version_len(const char *text)
{
	size_t len = strspn(text, "0123456789.");

	return len > 0 && len < 8 && text[0] != '.' && (text[len] == '\0' || text[len] == ' ') ? len
	                                                                                       : 0;
}

/* Names what this connection is; nothing of it changes after that. */
static enum dissect_verdict conclude(const struct rsync *r, enum side client,
                                     enum info_direction way, struct sink *sink)
{
	bool is_share = r->module[0] != '\0';
	int entry = sink_evidence(sink, is_share ? EVIDENCE_SHARE : EVIDENCE_PROTOCOL,
	                          is_share ? r->module : "rsync", client, way, 0);

	sink_octets(sink, SIDE_0, 0, entry);
	sink_octets(sink, SIDE_1, 0, entry);
	return DISSECT_DONE;
}

static void take_module(struct rsync *r, const struct lines *line)
{
	/* a share of one user, or an administrative one, says who and not what */
	if (line->have > 0 && line->have <= MODULE_MAX && line->text[0] != '#' &&
	    line->text[line->have - 1] != '$') {
		memcpy(r->module, line->text, line->have + 1u);
	}
}

static enum dissect_verdict take_reply(struct rsync *r, enum side side, const struct lines *line,
                                       struct sink *sink)
{
	enum side client = side_other(side);
	const char *text = line->text + strlen(GREETING);
	size_t len;

	if (strncmp(line->text, "@ERROR", 6) == 0) {
		r->module[0] = '\0'; /* it may not exist at all */
		return conclude(r, client, INFO_BALANCE, sink);
	}
	if (strncmp(line->text, GREETING, strlen(GREETING)) != 0) {
		return DISSECT_FOLLOW; /* message of the day, or the list of modules */
	}
	len = version_len(text);
	if (len > 0) {
		sink_fact(sink, "rsync version", text, len);
	} else if (strcmp(text, "EXIT") == 0) {
		return conclude(r, client, INFO_S2C, sink); /* the list of modules was all */
	} else if (strcmp(text, "OK") == 0) {
		r->is_accepted = true;
		r->stage = AT_ARGS;
	}
	return DISSECT_FOLLOW;
}

/* Takes what the client says in lines; true while that is so. */
static bool take_request(struct rsync *r, const struct lines *line)
{
	if (r->stage == AT_GREETING) {
		r->stage = AT_MODULE;
	} else if (r->stage == AT_MODULE) {
		take_module(r, line);
		r->stage = AT_ARGS;
	}
	return r->stage != AT_ARGS;
}

/* The answer to a challenge stands before the arguments: `user response`. Whether there was a
 * challenge is not asked, for the server may not be heard; no argument is a module's name and a blank. */
static void take_user(struct rsync *r)
{
	size_t len = strcspn(r->arg, " ");

	if (r->arg[len] == ' ' && strlen(r->module) == len && memcmp(r->arg, r->module, len) == 0) {
		r->module[0] = '\0';
	}
}

/* Arguments end with NUL (a line each before protocol 30), the list of them with an empty one. True
 * at its end. */
static bool take_args(struct rsync *r, struct cursor bytes)
{
	for (; cur_left(&bytes) > 0; r->args++) {
		char c = (char)cur_u8(&bytes);

		if (c != '\0' && c != '\n') {
			if (r->arg_len < MODULE_MAX + 1) {
				r->arg[r->arg_len++] = c;
			}
			continue;
		}
		r->arg[r->arg_len] = '\0';
		if (r->arg_len == 0) {
			return true;
		}
		if (c == '\n') {
			take_user(r);
		}
		r->is_reversed |= strcmp(r->arg, "--sender") == 0;
		r->arg_len = 0;
	}
	return false;
}

static enum dissect_verdict take_client(struct rsync *r, enum side side, struct cursor bytes,
                                        struct sink *sink)
{
	struct lines *line = &r->line[side];
	bool in_lines = r->stage != AT_ARGS;

	while (in_lines && cur_left(&bytes) > 0) {
		if (lines_next(line, &bytes) == LINES_LINE) {
			in_lines = take_request(r, line);
		}
	}
	if (!in_lines && take_args(r, bytes)) {
		return conclude(r, side, r->is_reversed ? INFO_S2C : INFO_C2S, sink);
	}
	return r->args > ARGS_MAX ? conclude(r, side, INFO_BALANCE, sink) : DISSECT_FOLLOW;
}

static enum dissect_verdict take_server(struct rsync *r, enum side side, struct cursor bytes,
                                        struct sink *sink)
{
	struct lines *line = &r->line[side];
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	while (cur_left(&bytes) > 0 && verdict == DISSECT_FOLLOW && !r->is_accepted) {
		if (lines_next(line, &bytes) == LINES_LINE) {
			verdict = take_reply(r, side, line, sink);
		}
	}
	return verdict;
}

/* The daemon greets first; where its greeting was not seen the known sides must do. */
static bool is_server(struct rsync *r, enum side side, const struct dissect_flow *flow,
                      struct sink *sink)
{
	if (r->server == 0) {
		enum side server =
		        flow->client_is_certain ? (flow->client == 0 ? SIDE_1 : SIDE_0) : side;

		r->server = (uint8_t)(server + 1);
		sink_client(sink, side_other(server));
	}
	return r->server == side + 1u;
}

static enum dissect_verdict rsync_dissect(void *state, enum side side, struct cursor bytes,
                                          uint64_t lost, const struct dissect_flow *flow,
                                          struct sink *sink)
{
	struct rsync *r = state;

	sink_octets(sink, side, cur_left(&bytes), SINK_NO_ENTRY);
	if (lost > 0 && is_server(r, side, flow, sink)) {
		lines_gap(&r->line[side], lost);
	} else if (lost > 0) {
		r->module[0] = '\0'; /* the user, whose name it may be, was perhaps in the hole */
		return conclude(r, side, INFO_BALANCE, sink); /* what was asked can no longer be told for certain */
	}
	return is_server(r, side, flow, sink) ? take_server(r, side, bytes, sink)
	                                      : take_client(r, side, bytes, sink);
}

static size_t rsync_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	(void)flow;
	if (!cur_is(&bytes, GREETING, strlen(GREETING))) {
		return 0;
	}
	cur_skip(&bytes, strlen(GREETING));
	return cur_left(&bytes) > 0 && *bytes.p >= '0' && *bytes.p <= '9' ? 1 : 0;
}

static const struct dissector_field fields[] = {
        {FIELD_GUARD, "module", .standard = "rsyncd.conf(5)",
         .guard = "no $ at its end; not the user that signs in to it; none with a hole before it",
         .evidence = {EVIDENCE_SHARE}},
        {FIELD_KEEP, "version", .standard = "rsyncd.conf(5)", .guard = "digits and dots",
         .facts = {"rsync version"}},
        {FIELD_NEVER, "users, challenges, names of files, the files themselves",
         .standard = "rsyncd.conf(5)"},
        {0},
};

const struct dissector dissector_rsync = {
        .name = "rsync",
        .protocol = "rsync",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct rsync),
        .has_messages = false,
        .fields = fields,
        .recognise = rsync_recognise,
        .dissect = rsync_dissect,
};
