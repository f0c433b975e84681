/* The home of libsodium's hash. */
#include "terrier/base/digest.h"

#include "terrier/base/mem.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libsodium wants its state on a 64-byte boundary; asking malloc() for that costs more than the hash of an id. */
#define STATE_ALIGNMENT 64

struct digest {
	crypto_generichash_state *state; /* within room */
	unsigned char room[sizeof(crypto_generichash_state) + STATE_ALIGNMENT - 1];
};

struct digest *digest_new(void)
{
	struct digest *d = mem_resize(NULL, 1, sizeof *d);
	size_t past = (uintptr_t)d->room % STATE_ALIGNMENT;

	d->state = (void *)(d->room + (past > 0 ? STATE_ALIGNMENT - past : 0));
	crypto_generichash_init(d->state, NULL, 0, crypto_generichash_BYTES);
	return d;
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
	uint64_t n = len;
	uint8_t prefix[8];

	for (int i = 0; i < 8; i++) {
		prefix[i] = (uint8_t)(n >> (8 * i));
	}
	crypto_generichash_update(d->state, prefix, sizeof prefix);
	digest_add_octets(d, bytes, len);
}

void digest_add_octets(struct digest *d, const void *bytes, size_t len)
{
	crypto_generichash_update(d->state, bytes, len);
}

void digest_finish(struct digest *d, uint8_t out[DIGEST_OCTETS])
{
	static_assert(crypto_generichash_BYTES == DIGEST_OCTETS, "BLAKE2b-256");

	crypto_generichash_final(d->state, out, DIGEST_OCTETS);
	free(d);
}

char *digest_print(const uint8_t hash[DIGEST_OCTETS], char out[DIGEST_TEXT_MAX])
{
	return sodium_bin2hex(out, DIGEST_TEXT_MAX, hash, DIGEST_OCTETS);
}

uint64_t digest_finish_u64(struct digest *d)
{
	uint8_t hash[DIGEST_OCTETS];
	uint64_t value = 0;

	digest_finish(d, hash);
	for (int i = 0; i < 8; i++) {
		value = value << 8 | hash[i];
	}
	return value;
}

char *digest_finish_id(struct digest *d, const char *prefix, char out[DIGEST_ID_MAX])
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t value = digest_finish_u64(d);
	char text[13];

	for (int i = 0; i < 12; i++) {
		text[i] = alphabet[value >> 59];
		value <<= 5;
	}
	text[12] = '\0';
	snprintf(out, DIGEST_ID_MAX, "%.2s-%s", prefix, text);
	return out;
}
