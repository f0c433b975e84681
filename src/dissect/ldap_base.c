/* What of LDAP's names may be kept: of a search base the domain and its first container, of a
 * rootDSE the server. */
#include "ldap_base.h"

#include "ber.h"
#include "host.h"

#include <stdio.h>
#include <string.h>

struct parts {
	char domain[HOST_MAX]; /* DC= parts, dotted */
	size_t domain_len;
	const char *container; /* of the last OU= */
	size_t container_len;
	bool is_nhs; /* O=nhs */
};

static bool type_is(const char *rdn, size_t len, const char *type)
{
	char copy[8];

	return len < sizeof copy &&
	       (text_copy(copy, sizeof copy, rdn, len), text_casecmp(copy, type) == 0);
}

/* A word or some: nothing that was escaped, quoted or has several values. */
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == ' ' || c == '-' || c == '_' || c == '.' || c == '&')) {
			return false;
		}
	}
	return len > 0;
}

static void domain_add(struct parts *parts, const char *label, size_t len)
{
	if (parts->domain_len + len + 2 > sizeof parts->domain) {
		return;
	}
	if (parts->domain_len > 0) {
		parts->domain[parts->domain_len++] = '.';
	}
	parts->domain_len += text_copy(parts->domain + parts->domain_len, len + 1, label, len);
}

static void rdn_take(struct parts *parts, const char *rdn, size_t len)
{
	const char *value = memchr(rdn, '=', len);
	size_t type_len;

	for (; len > 0 && *rdn == ' '; rdn++, len--) {
	}
	if (value == NULL || len == 0) {
		return;
	}
	type_len = (size_t)(value - rdn);
	value++;
	len -= type_len + 1;
	if (!is_plain(value, len)) {
		return;
	}
	if (type_is(rdn, type_len, "dc")) {
		domain_add(parts, value, len);
	} else if (type_is(rdn, type_len, "ou")) {
		parts->container = value;
		parts->container_len = len;
	} else if (type_is(rdn, type_len, "o")) {
		parts->is_nhs = type_is(value, len, "nhs");
	}
}

/* Splits at commas that are not escaped (RFC 4514 2.4). */
static void split(struct parts *parts, struct cursor dn)
{
	const char *text = (const char *)dn.p, *rdn = text;
	size_t len = cur_left(&dn);

	for (size_t i = 0; i < len; i++) {
		if (text[i] == '\\') {
			i++;
		} else if (text[i] == ',') {
			rdn_take(parts, rdn, (size_t)(text + i - rdn));
			rdn = text + i + 1;
		}
	}
	rdn_take(parts, rdn, (size_t)(text + len - rdn));
}

bool ldap_base_reduce(char out[RECORD_EVIDENCE_MAX], struct cursor dn)
{
	struct parts parts = {.domain_len = 0};
	char domain[HOST_MAX];
	size_t n = 0;

	split(&parts, dn);
	if (parts.container != NULL) {
		int used = snprintf(out, RECORD_EVIDENCE_MAX, "ou=%.*s,", (int)parts.container_len,
		                    parts.container);

		n = used > 0 && used < RECORD_EVIDENCE_MAX ? (size_t)used : 0;
	}
	if (parts.is_nhs && parts.domain_len == 0) {
		if (n + sizeof "o=nhs" > RECORD_EVIDENCE_MAX) {
			return false;
		}
		text_copy(out + n, RECORD_EVIDENCE_MAX - n, "o=nhs", 5);
		text_lower(out);
		return true;
	}
	if (host_keep(domain, parts.domain, parts.domain_len) == 0) {
		return false;
	}
	for (char *label = domain, *dot; label != NULL; label = dot) {
		dot = strchr(label, '.');
		if (dot != NULL) {
			*dot++ = '\0';
		}
		if (n + strlen(label) + sizeof "dc=," > RECORD_EVIDENCE_MAX) {
			return false;
		}
		n += (size_t)snprintf(out + n, RECORD_EVIDENCE_MAX - n, "dc=%s%s", label,
		                      dot != NULL ? "," : "");
	}
	text_lower(out);
	return true;
}

/* ---- the server's own name ---- */

static const char *const attributes[2] = {"dnshostname", "netlogon"};

enum { DNS_HOST_NAME = 1, NETLOGON };

/* A name as DNS writes it (RFC 1035 4.1.4), moving over it; pointers lead further back each time.
 */
static size_t dns_name_read(const uint8_t *start, struct cursor *c, char out[HOST_MAX])
{
	struct cursor at = *c;
	const uint8_t *before = c->p;
	bool has_jumped = false;
	size_t n = 0;

	for (;;) {
		uint8_t len = cur_u8(&at);

		if (len >= 0xc0) {
			size_t to = (size_t)(len & 0x3f) << 8 | cur_u8(&at);

			*c = has_jumped ? *c : at;
			has_jumped = true;
			if (at.bad || to >= (size_t)(before - start)) {
				c->bad = true;
				return 0;
			}
			before = at.p = start + to;
			continue;
		}
		const uint8_t *label = cur_take(&at, len);

		if (label == NULL || at.bad || n + len + 2 > HOST_MAX) {
			c->bad = true;
			return 0;
		}
		if (len == 0) {
			*c = has_jumped ? *c : at;
			return n;
		}
		if (n > 0) {
			out[n++] = '.';
		}
		memcpy(out + n, label, len);
		n += len;
	}
}

static void name_server(const char *text, size_t len, enum side server, struct sink *sink)
{
	char host[HOST_MAX];
	size_t n = host_keep(host, text, len);

	if (n > 0) {
		sink_name(sink, server, NAME_LDAP, host, n);
	}
}

/* NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS 6.3.1.9): the third name is the server's. The user's is
 * not reached. */
static void netlogon_read(struct cursor value, enum side server, struct sink *sink)
{
	const uint8_t *start = value.p;
	uint16_t operation = cur_le16(&value);
	char name[HOST_MAX];
	size_t len = 0;

	if (operation != 23 && operation != 25) {
		return;
	}
	cur_skip(&value, 2 + 4 + 16);
	for (int i = 0; i < 3 && !value.bad; i++) {
		len = dns_name_read(start, &value, name);
	}
	if (!value.bad && len > 0) {
		name_server(name, len, server, sink);
	}
}

void ldap_host_end(struct ldap_host *h, const uint8_t work[LDAP_HOST_WORK], enum side server,
                   struct sink *sink)
{
	struct cursor c = cur_make(work, h->gathered), values;
	struct ber value;

	if (h->found != 0 && ber_enter(&c, BER_SET, &values) && ber_read(&values, &value) &&
	    value.tag == BER_OCTETS) {
		if (h->found == NETLOGON) {
			netlogon_read(value.body, server, sink);
		} else if (!value.is_cut) {
			name_server((const char *)value.body.p, cur_left(&value.body), server,
			            sink);
		}
	}
	*h = (struct ldap_host){.found = 0};
}

/* Neither name has its first letter in it again, so that a match that fails begins anew or not at
 * all; but for the `n` of netlogon at its own end. */
static void match(struct ldap_host *h, uint8_t octet)
{
	uint8_t c = octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : octet;

	for (unsigned i = 0; i < 2; i++) {
		bool is_next = c == (uint8_t)attributes[i][h->matched[i]];

		h->matched[i] =
		        is_next ? (uint8_t)(h->matched[i] + 1) : c == (uint8_t)attributes[i][0];
		if (attributes[i][h->matched[i]] == '\0') {
			*h = (struct ldap_host){.found = (uint8_t)(i + 1)};
			return;
		}
	}
}

void ldap_host_take(struct ldap_host *h, uint8_t work[LDAP_HOST_WORK], struct cursor bytes,
                    enum side server, struct sink *sink)
{
	while (cur_left(&bytes) > 0) {
		if (h->found == 0) {
			match(h, cur_u8(&bytes));
			continue;
		}
		work[h->gathered++] = cur_u8(&bytes);
		if (h->gathered == LDAP_HOST_WORK) {
			ldap_host_end(h, work, server, sink);
		}
	}
}
