/* Ids of exchanges: text for people, a number for the tables. */
#include "exchange_id.h"

#include <string.h>

#define DIGITS 12

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz"; /* of digest_finish_id() */

static void add_text(struct digest *d, const char *text)
{
	digest_add(d, text, strlen(text));
}

int64_t exchange_id_make(const struct exchange_key *key)
{
	const uint8_t port[2] = {(uint8_t)(key->server_port >> 8), (uint8_t)key->server_port};
	struct digest *d = digest_new();
	char text[DIGEST_ID_MAX];

	add_text(d, key->segment);
	add_text(d, key->source);
	add_text(d, key->destination);
	digest_add(d, &key->ip_protocol, 1);
	digest_add(d, port, sizeof port);
	add_text(d, key->kind_id);

	int64_t id = exchange_id_parse(digest_finish_id(d, "X", text));

	return id > 0 ? id : 1;
}

int64_t exchange_id_parse(const char *text)
{
	int64_t id = 0;

	if (strncmp(text, "X-", 2) != 0 || strlen(text) != 2 + DIGITS) {
		return -1;
	}
	for (const char *c = text + 2; *c != '\0'; c++) {
		const char *at = strchr(alphabet, *c);
		if (at == NULL) {
			return -1;
		}
		id = id << 5 | (at - alphabet);
	}
	return id;
}

void exchange_id_print(int64_t id, char out[DIGEST_ID_MAX])
{
	memcpy(out, "X-", 2);
	for (int i = 0; i < DIGITS; i++) {
		out[2 + i] = alphabet[id >> (5 * (DIGITS - 1 - i)) & 31];
	}
	out[2 + DIGITS] = '\0';
}
