/* Redis and Valkey (Redis documentation, "Redis serialization protocol", RESP2 and RESP3).
 * Recognised by its commands; of these only the words AUTH, HELLO, SELECT and those of replication
 * tell something. Keys and values are passed over. */
#include "terrier/dissect.h"

#include <string.h>

#define WORD_MAX   12        /* longest command that matters, and one more */
#define PARTS_MAX  1048576   /* of a command, as the server limits it */
#define LENGTH_MAX 536870912 /* of a part: proto-max-bulk-len */
#define COMMANDS   32        /* looked at */

/* What the next octets of the client are. */
enum step { STEP_LINE, STEP_COUNT, STEP_DOLLAR, STEP_LENGTH, STEP_PART, STEP_END };

struct redis {
	uint8_t step, commands, client;
	uint8_t part, word_len, number_len;
	bool has_begun, is_lost, is_over, is_inline;
	bool is_replica;              /* what comes now leaves the server, and no command is read */
	uint32_t parts, number, left; /* parts to come; a number under way; octets of a part */
	char command[WORD_MAX + 1], word[WORD_MAX + 1]; /* the first part, and the one under way */
	int entry;
};

/* Commands by which a client is known; those that come first and those that come most. */
static const char *const commands[] = {
        "auth",     "hello",   "select",  "ping",       "echo",        "info",      "config",
        "client",   "command", "get",     "set",        "setex",       "setnx",     "getset",
        "mget",     "mset",    "del",     "unlink",     "exists",      "expire",    "ttl",
        "pttl",     "type",    "keys",    "scan",       "incr",        "incrby",    "decr",
        "append",   "hget",    "hset",    "hmget",      "hmset",       "hgetall",   "hdel",
        "hincrby",  "lpush",   "rpush",   "lpop",       "rpop",        "blpop",     "brpop",
        "lrange",   "llen",    "sadd",    "srem",       "smembers",    "sismember", "zadd",
        "zrem",     "zrange",  "zscore",  "zcard",      "publish",     "subscribe", "psubscribe",
        "multi",    "exec",    "discard", "watch",      "eval",        "evalsha",   "script",
        "xadd",     "xread",   "xgroup",  "xreadgroup", "dbsize",      "flushdb",   "flushall",
        "role",     "psync",   "sync",    "replconf",   "slaveof",     "replicaof", "cluster",
        "sentinel", "monitor", "quit",    "time",       "readonly",    "asking",    "object",
        "memory",   "pexpire", "psetex",  "getex",      "unsubscribe",
};

static bool word_is(const char *word, const char *is)
{
	return text_casecmp(word, is) == 0;
}

static bool is_command(const char *word)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		if (word_is(word, commands[i])) {
			return true;
		}
	}
	return false;
}

/* ---- commands ---- */

static void sign_in(struct sink *sink, const char *mechanism)
{
	sink_fact(sink, FACT_SIGN_IN, mechanism, strlen(mechanism));
}

/* The first part is known. */
static void command_begin(struct redis *r, struct sink *sink)
{
	memcpy(r->command, r->word, sizeof r->command);
	if (word_is(r->word, "auth")) {
		sign_in(sink, "Redis AUTH");
	} else if (word_is(r->word, "psync") || word_is(r->word, "sync")) {
		sink_fact(sink, "Redis replication", "stream", 6);
		r->entry = sink_evidence(sink, EVIDENCE_PROTOCOL, "Redis", (enum side)r->client,
		                         INFO_S2C, 0);
		r->is_replica = true;
	}
}

/* Another part is: SELECT's number of a database, HELLO's version and AUTH within. */
static void argument(struct redis *r, struct sink *sink)
{
	bool is_number =
	        r->word_len > 0 && r->word_len < 4 && strspn(r->word, "0123456789") == r->word_len;

	if (word_is(r->command, "select") && r->part == 1 && is_number) {
		sink_fact(sink, "Redis database", r->word, r->word_len);
	} else if (word_is(r->command, "hello") && r->part == 1 && is_number) {
		sink_fact(sink, "RESP version", r->word, r->word_len);
	} else if (word_is(r->command, "hello") && r->part == 2 && word_is(r->word, "auth")) {
		sign_in(sink, "Redis AUTH");
	}
}

static void part_end(struct redis *r, struct sink *sink)
{
	if (r->part == 0) {
		command_begin(r, sink);
	} else if (r->part < 3) {
		argument(r, sink);
	}
	r->part = r->part < UINT8_MAX ? (uint8_t)(r->part + 1) : UINT8_MAX;
	r->word_len = 0;
	r->word[0] = '\0';
}

static void command_end(struct redis *r)
{
	r->commands++;
	r->is_over = r->is_over || r->commands >= COMMANDS;
	r->step = STEP_LINE;
	r->part = r->word_len = 0;
	r->word[0] = r->command[0] = '\0';
	r->is_inline = false;
}

/* ---- octets ---- */

static void word_octet(struct redis *r, uint8_t octet)
{
	if (r->word_len < WORD_MAX) {
		r->word[r->word_len++] = (char)octet;
		r->word[r->word_len] = '\0';
	}
}

/* Words of a line: the form for people, as a load balancer's PING. */
static void inline_octet(struct redis *r, uint8_t octet, struct sink *sink)
{
	if (octet == ' ' || octet == '\r' || octet == '\n') {
		if (r->word_len > 0) {
			part_end(r, sink);
		}
		if (octet == '\n') {
			command_end(r);
		}
	} else {
		word_octet(r, octet);
	}
}

/* A number up to its CR LF; false when it is none. */
static bool number_octet(struct redis *r, uint8_t octet, bool *is_end)
{
	*is_end = octet == '\n' && r->number_len > 0;
	if (octet >= '0' && octet <= '9' && r->number_len < 9) {
		r->number = r->number * 10 + (uint32_t)(octet - '0');
		r->number_len++;
		return true;
	}
	return *is_end || (octet == '\r' && r->number_len > 0);
}

static void number_begin(struct redis *r, enum step step)
{
	r->step = (uint8_t)step;
	r->number = 0;
	r->number_len = 0;
}

static bool count_octet(struct redis *r, uint8_t octet)
{
	bool is_end;

	if (!number_octet(r, octet, &is_end)) {
		return false;
	}
	if (is_end) {
		r->parts = r->number;
		r->step = r->parts > 0 ? STEP_DOLLAR : STEP_LINE;
	}
	return r->number <= PARTS_MAX;
}

static bool length_octet(struct redis *r, uint8_t octet)
{
	bool is_end;

	if (!number_octet(r, octet, &is_end)) {
		return false;
	}
	if (is_end) {
		r->left = r->number;
		r->step = r->left > 0 ? STEP_PART : STEP_END;
	}
	return r->number <= LENGTH_MAX;
}

/* Passes over a part but for its first octets, which make a word. */
static void part_take(struct redis *r, struct cursor *c, struct sink *sink)
{
	size_t n = r->left < cur_left(c) ? r->left : cur_left(c);
	struct cursor piece = cur_sub(c, n);

	while (cur_left(&piece) > 0 && r->word_len < WORD_MAX) {
		word_octet(r, cur_u8(&piece));
	}
	r->left -= (uint32_t)n;
	if (r->left == 0) {
		part_end(r, sink);
		r->step = STEP_END;
	}
}

static bool line_octet(struct redis *r, uint8_t octet, struct sink *sink)
{
	if (r->is_inline) {
		inline_octet(r, octet, sink);
	} else if (octet == '*') {
		number_begin(r, STEP_COUNT);
	} else if ((octet | 0x20) >= 'a' && (octet | 0x20) <= 'z') {
		r->is_inline = true;
		word_octet(r, octet);
	} else {
		return octet == '\r' || octet == '\n';
	}
	return true;
}

static bool octet_take(struct redis *r, uint8_t octet, struct sink *sink)
{
	switch (r->step) {
	case STEP_LINE:
		return line_octet(r, octet, sink);
	case STEP_COUNT:
		return count_octet(r, octet);
	case STEP_DOLLAR:
		number_begin(r, STEP_LENGTH);
		return octet == '$';
	case STEP_LENGTH:
		return length_octet(r, octet);
	default: /* STEP_END: CR LF behind a part */
		if (octet == '\n') {
			r->parts--;
			r->step = STEP_DOLLAR;
			if (r->parts == 0) {
				command_end(r);
			}
		}
		return octet == '\r' || octet == '\n';
	}
}

static bool commands_take(struct redis *r, struct cursor c, struct sink *sink)
{
	while (cur_left(&c) > 0 && !r->is_over && !r->is_replica) {
		if (r->step == STEP_PART) {
			part_take(r, &c, sink);
		} else if (!octet_take(r, cur_u8(&c), sink)) {
			return false;
		}
	}
	return true;
}

/* ---- recognition ---- */

static bool port_is_usual(const struct dissect_flow *flow)
{
	return flow->port[0] == 6379 || flow->port[1] == 6379;
}

/* `NUMBER CR LF`; the number, or 0 when it is none. */
static uint32_t number_read(struct cursor *c)
{
	uint32_t number = 0;
	unsigned digits = 0;

	while (cur_left(c) > 0 && *c->p >= '0' && *c->p <= '9' && ++digits < 10) {
		number = number * 10 + (uint32_t)(cur_u8(c) - '0');
	}
	if (digits == 0 || cur_u8(c) != '\r' || cur_u8(c) != '\n' || c->bad) {
		return 0;
	}
	return number;
}

/* `*2 $3 GET …`: a number of parts, and a first one that is a command. */
static bool is_array(struct cursor c)
{
	char word[WORD_MAX + 1];
	uint32_t parts, length;
	const uint8_t *first;

	cur_skip(&c, 1);
	parts = number_read(&c);
	if (parts == 0 || parts > PARTS_MAX || cur_u8(&c) != '$') {
		return false;
	}
	length = number_read(&c);
	first = length > 0 && length <= WORD_MAX ? cur_take(&c, length) : NULL;
	if (first == NULL) {
		return false;
	}
	text_copy(word, sizeof word, (const char *)first, length);
	return is_command(word) && (cur_left(&c) < 2 || cur_is(&c, "\r\n", 2));
}

/* A whole answer, on the usual port only: its forms are those of much else. */
static bool is_answer(struct cursor c)
{
	size_t left = cur_left(&c);
	uint8_t type = cur_u8(&c);
	uint32_t number;

	if (left < 4 || c.end[-2] != '\r' || c.end[-1] != '\n') {
		return false;
	}
	switch (type) {
	case '+':
		return left == 5 && cur_is(&c, "OK", 2);
	case '-':
		return cur_is(&c, "ERR ", 4) || cur_is(&c, "NOAUTH ", 7) ||
		       cur_is(&c, "WRONGPASS ", 10) || cur_is(&c, "MOVED ", 6) ||
		       cur_is(&c, "LOADING ", 8);
	case '$':
		if (cur_is(&c, "-1\r\n", 4)) {
			return left == 5;
		}
		number = number_read(&c);
		return number > 0 && cur_left(&c) == (size_t)number + 2;
	case '*':
		return number_read(&c) > 0 && cur_left(&c) > 3 && memchr("+-:$*", *c.p, 5) != NULL;
	default:
		return false;
	}
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	size_t left = cur_left(&bytes);
	bool is_usual = port_is_usual(flow);

	(void)side;
	if (*bytes.p == '*' && is_array(bytes)) {
		return 1;
	}
	if (!is_usual) {
		return 0;
	}
	return is_answer(bytes) || (left == 6 && (cur_is(&bytes, "PING\r\n", 6) ||
	                                          cur_is(&bytes, "ping\r\n", 6)))
	               ? 1
	               : 0;
}

/* A command comes from the client; anything else is an answer. */
static void begin(struct redis *r, enum side side, struct cursor bytes, struct sink *sink)
{
	bool is_client = is_array(bytes) || (*bytes.p | 0x20) == 'p';

	r->has_begun = true;
	r->client = is_client ? (uint8_t)side : (uint8_t)!side;
	r->is_lost = !is_client; /* the client was not heard so far */
	sink_client(sink, (enum side)r->client);
	r->entry =
	        sink_evidence(sink, EVIDENCE_PROTOCOL, "Redis", (enum side)r->client, INFO_MSG, 0);
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct redis *r = state;

	(void)flow;
	if (!r->has_begun) {
		begin(r, side, bytes, sink);
	}
	if (side == r->client && !r->is_replica) {
		r->is_lost = r->is_lost || lost > 0;
		if (r->is_lost && is_array(bytes)) {
			r->is_lost = false;
			r->parts = 0;
			command_end(r);
		}
		r->is_lost = r->is_lost || !commands_take(r, bytes, sink);
	}
	sink_octets(sink, side, cur_left(&bytes), r->entry);
	return r->is_over ? DISSECT_DONE : DISSECT_FOLLOW;
}

_Static_assert(sizeof(struct redis) <= DISSECT_STATE_MAX, "state fits");

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "number of the database, version of the protocol", .standard = "SELECT, HELLO",
         .guard = "up to three digits", .facts = {"Redis database", "RESP version"}},
        {FIELD_KEEP, "that it replicates", .facts = {"Redis replication"}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, passwords, keys, values, names of clients", .standard = "RESP"},
        {0},
};

const struct dissector dissector_redis = {
        .name = "redis",
        .protocol = "Redis",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct redis),
        .has_messages = false,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
