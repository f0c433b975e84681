/* FTP control connections (RFC 959, RFC 2428 for IPv6, RFC 4217 for TLS): counts transfers with
 * their way and announces the data connections. Names of users and files are looked at where they
 * stand and never copied out. */
#include "terrier/dissect.h"

#include "lines.h"

#include <stdio.h>
#include <string.h>

#define PORT_FTP   21
#define PORT_SMTP  25
#define LOOKED_MAX 256 /* octets that the recogniser looks at */

enum action {
	ACT_NONE,
	ACT_READ,
	ACT_WRITE,
	ACT_USER,
	ACT_AUTH,
	ACT_PORT,
	ACT_EPRT,
};

/* RFC 959 4.1, RFC 2228, 2389, 2428, 3659; by how clients use them. */
static const struct {
	char verb[5];
	uint8_t action;
} commands[] = {
        {"USER", ACT_USER},  {"PASS", 0},        {"RETR", ACT_READ}, {"STOR", ACT_WRITE},
        {"LIST", ACT_READ},  {"NLST", ACT_READ}, {"MLSD", ACT_READ}, {"APPE", ACT_WRITE},
        {"STOU", ACT_WRITE}, {"PORT", ACT_PORT}, {"EPRT", ACT_EPRT}, {"AUTH", ACT_AUTH},
        {"PASV", 0},         {"EPSV", 0},        {"CWD", 0},         {"PWD", 0},
        {"TYPE", 0},         {"QUIT", 0},        {"SYST", 0},        {"FEAT", 0},
        {"OPTS", 0},         {"SIZE", 0},        {"MDTM", 0},        {"MLST", 0},
        {"REST", 0},         {"RNFR", 0},        {"RNTO", 0},        {"DELE", 0},
        {"MKD", 0},          {"RMD", 0},         {"CDUP", 0},        {"NOOP", 0},
        {"ABOR", 0},         {"MODE", 0},        {"STRU", 0},        {"PBSZ", 0},
        {"PROT", 0},         {"CCC", 0},         {"ACCT", 0},        {"SITE", 0},
        {"STAT", 0},         {"HELP", 0},        {"ALLO", 0},        {"REIN", 0},
        {"CLNT", 0},         {"HOST", 0},        {"MFMT", 0},        {"XPWD", 0},
        {"XCWD", 0},         {"LPRT", 0},
};

struct ftp {
	struct lines line[2];
	uint8_t server;   /* one more than its side; 0: not known yet */
	uint8_t transfer; /* enum action: asked for, not yet accepted */
	bool is_proven, is_greeted, has_asked_tls, has_replies;
};

struct walk {
	struct ftp *f;
	const struct dissect_flow *flow;
	struct sink *sink;
};

/* The code of a reply line, else 0. */
static unsigned reply_of(const char *text, size_t len)
{
	if (len < 4 || text[0] < '1' || text[0] > '6' || text[1] < '0' || text[1] > '9' ||
	    text[2] < '0' || text[2] > '9' || (text[3] != ' ' && text[3] != '-')) {
		return 0;
	}
	return (unsigned)(text[0] - '0') * 100 + (unsigned)(text[1] - '0') * 10 +
	       (unsigned)(text[2] - '0');
}

/* The command that `len` octets begin with, else -1. */
static int command_of(const char *text, size_t len)
{
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
		const char *verb = commands[i].verb;
		size_t n = strlen(verb), same = 0;

		while (same < n && same < len && (text[same] & ~0x20) == verb[same]) {
			same++;
		}
		if (same == n && (len == n || text[n] == ' ' || text[n] == '\r' ||
		                  text[n] == '\n' || text[n] == '\0')) {
			return (int)i;
		}
	}
	return -1;
}

/* Reads a number up to `max` and what stands behind it; false when there is none. */
static bool take_number(const char **p, unsigned max, char behind, unsigned *out)
{
	unsigned value = 0, digits = 0;

	for (; **p >= '0' && **p <= '9' && digits < 6; (*p)++, digits++) {
		value = value * 10 + (unsigned)(**p - '0');
	}
	if (digits == 0 || value > max || (behind != '\0' && **p != behind)) {
		return false;
	}
	*p += behind != '\0';
	*out = value;
	return true;
}

/* `h1,h2,h3,h4,p1,p2` (RFC 959 5.3.2); returns the port, 0 when it is none. The address is the
 * connection's own: behind address translation it is not what is written. */
static uint16_t port_of_six(const char *text)
{
	unsigned part[6];

	text += strcspn(text, "0123456789");
	for (unsigned i = 0; i < 6; i++) {
		if (!take_number(&text, 255, i < 5 ? ',' : '\0', &part[i])) {
			return 0;
		}
	}
	return (uint16_t)(part[4] << 8 | part[5]);
}

/* `|1|10.0.0.1|6275|`, or `(|||6446|)` of a server (RFC 2428 2, 3). Any delimiter. */
static uint16_t port_of_extended(const char *text)
{
	char delimiter;
	unsigned port;

	text += *text == '(';
	delimiter = *text;
	if (delimiter < '!' || delimiter > '~') {
		return 0;
	}
	for (unsigned i = 0; i < 3; i++) {
		text = strchr(text, delimiter);
		if (text == NULL) {
			return 0;
		}
		text++;
	}
	return take_number(&text, UINT16_MAX, delimiter, &port) ? (uint16_t)port : 0;
}

static void expect(const struct walk *w, enum side side, uint16_t port)
{
	if (port != 0) {
		sink_expect(w->sink, IP_TCP, &w->flow->addr[side], port);
	}
}

/* A greeting may begin with the host's name: `220 ftp.example.org ready`, or as BSD has it `220
 * NAME FTP server`. */
static void take_greeting(const struct walk *w, enum side side, const char *text)
{
	static const char *const products[] = {
	        "vsFTPd",    "ProFTPD",    "Pure-FTPd", "FileZilla Server",
	        "Serv-U",    "WS_FTP",     "CrushFTP",  "Microsoft FTP Service",
	        "pyftpdlib", "GlobalSCAPE"};
	size_t len = strcspn(text, " ");
	char host[HOST_MAX];

	for (size_t i = 0; i < sizeof products / sizeof products[0]; i++) {
		if (strstr(text, products[i]) != NULL) {
			sink_fact(w->sink, "FTP server", products[i], strlen(products[i]));
		}
	}
	if ((memchr(text, '.', len) != NULL || strncmp(text + len, " FTP server", 11) == 0) &&
	    host_keep(host, text, len) > 0) {
		sink_name(w->sink, side, NAME_BANNER, host, strlen(host));
	}
}

/* A transfer was accepted, or asked where answers are not seen: what waits is of it. */
static void count_transfer(const struct walk *w, enum side client)
{
	enum info_direction way = w->f->transfer == ACT_READ ? INFO_S2C : INFO_C2S;
	int entry = sink_evidence(w->sink, EVIDENCE_PROTOCOL, "FTP", client, way, 1);

	sink_octets(w->sink, SIDE_0, 0, entry);
	sink_octets(w->sink, SIDE_1, 0, entry);
	w->f->transfer = ACT_NONE;
}

static enum dissect_verdict take_reply(const struct walk *w, enum side side, unsigned code,
                                       const char *text)
{
	enum side client = side_other(side);
	struct ftp *f = w->f;

	f->has_replies = true;
	if (code == 220 && !f->is_greeted && !f->is_proven) {
		f->is_greeted = true;
		take_greeting(w, side, text);
	} else if (code == 227) {
		expect(w, side, port_of_six(text));
	} else if (code == 229) {
		text = strchr(text, '(');
		expect(w, side, text != NULL ? port_of_extended(text) : 0);
	} else if (code == 234 && f->has_asked_tls) {
		return DISSECT_TLS;
	}
	if (f->has_asked_tls && code >= 400) {
		f->has_asked_tls = false;
	}
	if (f->transfer != ACT_NONE && (code < 200 || code == 226 || code == 250)) {
		count_transfer(w, client);
	} else if (code >= 400) {
		f->transfer = ACT_NONE;
	}
	return DISSECT_FOLLOW;
}

static bool is_anonymous(const char *user)
{
	return strcmp(user, "anonymous") == 0 || strcmp(user, "ftp") == 0;
}

static enum dissect_verdict take_command(const struct walk *w, enum side side,
                                         const struct lines *line)
{
	int number = command_of(line->text, line->have);
	struct ftp *f = w->f;
	const char *rest;

	if (number < 0) {
		return f->is_proven ? DISSECT_FOLLOW : DISSECT_RELEASE; /* EHLO */
	}
	f->is_proven = true;
	rest = line->text + strlen(commands[number].verb);
	rest += strspn(rest, " ");
	switch (commands[number].action) {
	case ACT_READ:
	case ACT_WRITE:
		f->transfer = commands[number].action;
		if (!f->has_replies) {
			count_transfer(w, side);
		}
		break;
	case ACT_USER:
		if (!is_anonymous(rest)) {
			sink_fact(w->sink, FACT_SIGN_IN, "FTP USER", 8);
		}
		break;
	case ACT_AUTH:
		f->has_asked_tls = strncmp(rest, "TLS", 3) == 0 || strncmp(rest, "SSL", 3) == 0;
		break;
	case ACT_PORT:
		expect(w, side, port_of_six(rest));
		break;
	case ACT_EPRT:
		expect(w, side, port_of_extended(rest));
		break;
	default:
		break;
	}
	return DISSECT_FOLLOW;
}

/* Clients interrupt a transfer with Telnet's IP and Synch before ABOR (RFC 959 4.1.3). */
static void drop_telnet(struct lines *l)
{
	size_t n = 0;

	while (n < l->have && ((uint8_t)l->text[n] >= 0xf0)) {
		n++;
	}
	memmove(l->text, l->text + n, l->have - n + 1);
	l->have = (uint8_t)(l->have - n);
}

static enum dissect_verdict take_line(const struct walk *w, enum side side, struct lines *line)
{
	struct ftp *f = w->f;
	unsigned code = reply_of(line->text, line->have);

	if (f->server == 0 && (w->flow->client_is_certain || code != 0)) {
		enum side server = w->flow->client_is_certain
		                           ? (w->flow->client == 0 ? SIDE_1 : SIDE_0)
		                           : side;

		f->server = (uint8_t)(server + 1);
		sink_client(w->sink, side_other(server));
	}
	if (f->server == side + 1u) {
		return code != 0 ? take_reply(w, side, code, line->text + 4) : DISSECT_FOLLOW;
	}
	drop_telnet(line);
	return take_command(w, side, line);
}

static enum dissect_verdict ftp_dissect(void *state, enum side side, struct cursor bytes,
                                        uint64_t lost, const struct dissect_flow *flow,
                                        struct sink *sink)
{
	struct walk w = {.f = state, .flow = flow, .sink = sink};
	struct lines *line = &w.f->line[side];
	enum dissect_verdict verdict = DISSECT_FOLLOW;

	if (lost > 0) {
		lines_gap(line, lost);
	}
	while (cur_left(&bytes) > 0 && verdict == DISSECT_FOLLOW) {
		size_t before = cur_left(&bytes);
		bool is_whole = lines_next(line, &bytes) == LINES_LINE;

		sink_octets(sink, side, before - cur_left(&bytes), SINK_NO_ENTRY);
		if (is_whole) {
			verdict = take_line(&w, side, line);
		}
	}
	return verdict;
}

/* Words that no other protocol has; the rest only on FTP's own port. A greeting is much like that
 * of SMTP. */
static bool is_reply(unsigned code, const char *text, size_t len, bool is_own_port,
                     const struct dissect_flow *flow)
{
	bool is_mail = flow->port[0] == PORT_SMTP || flow->port[1] == PORT_SMTP;

	switch (code) {
	case 0:
		return false;
	case 220:
		return !is_mail && !text_has(text, len, "smtp") &&
		       (is_own_port || text_has(text, len, "ftp"));
	case 227:
		return is_own_port || text_has(text, len, "entering passive mode");
	case 229:
		return is_own_port || text_has(text, len, "entering extended passive mode");
	case 331:
		return is_own_port || text_has(text, len, "password");
	default:
		return is_own_port;
	}
}

static bool is_command(const char *text, size_t len, bool is_own_port)
{
	int number = command_of(text, len);

	if (number < 0 || len < 5) {
		return false;
	}
	if (is_own_port || strcmp(commands[number].verb, "PASV") == 0 ||
	    strcmp(commands[number].verb, "EPSV") == 0) {
		return true;
	}
	return (commands[number].action == ACT_PORT && port_of_six(text + 5) != 0) ||
	       (commands[number].action == ACT_EPRT && port_of_extended(text + 5) != 0);
}

static size_t ftp_recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	bool is_own_port = flow->port[0] == PORT_FTP || flow->port[1] == PORT_FTP;
	char text[LOOKED_MAX + 1];
	unsigned code = reply_of((const char *)bytes.p, cur_left(&bytes));
	bool is_letter = (*bytes.p | 0x20) >= 'a' && (*bytes.p | 0x20) <= 'z';
	size_t len;

	(void)side;
	if (code == 0 && !is_letter) { /* it is asked of every flow */
		return 0;
	}
	len = text_copy(text, sizeof text, (const char *)bytes.p, cur_left(&bytes));
	return is_reply(code, text, len, is_own_port, flow) ||
	                       (code == 0 && is_command(text, len, is_own_port))
	               ? 1
	               : 0;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "product of the greeting", .standard = "RFC 959 5.4", .guard = "one of a list",
         .facts = {"FTP server"}},
        {FIELD_KEEP, "host of the greeting", .standard = "RFC 959 5.4",
         .guard = "the host rule; with a dot, or before \"FTP server\"", .names = {NAME_BANNER}},
        FIELD_SIGN_IN,
        {FIELD_NEVER, "users, passwords, names of files and folders, the files themselves",
         .standard = "RFC 959 4.1"},
        {0},
};

const struct dissector dissector_ftp = {
        .name = "ftp",
        .protocol = "FTP",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct ftp),
        .has_messages = true,
        .fields = fields,
        .recognise = ftp_recognise,
        .dissect = ftp_dissect,
};
