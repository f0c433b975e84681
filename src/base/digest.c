/* The home of libsodium's hash. */
#include "terrier/base/digest.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct digest {
	crypto_generichash_state state;
};

struct digest *digest_new(void)
{
	struct digest *d = NULL;

	/* libsodium wants its state on a 64-byte boundary */
	if (posix_memalign((void **)&d, 64, (sizeof *d + 63) & ~(size_t)63) != 0) {
		fputs("terrier: out of memory\n", stderr);
		exit(1);
	}
	crypto_generichash_init(&d->state, NULL, 0, crypto_generichash_BYTES);
	return d;
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
	uint64_t n = len;
	uint8_t prefix[8];

	for (int i = 0; i < 8; i++) {
		prefix[i] = (uint8_t)(n >> (8 * i));
	}
	crypto_generichash_update(&d->state, prefix, sizeof prefix);
	digest_add_octets(d, bytes, len);
}

void digest_add_octets(struct digest *d, const void *bytes, size_t len)
{
	crypto_generichash_update(&d->state, bytes, len);
}

void digest_finish(struct digest *d, uint8_t out[DIGEST_OCTETS])
{
	static_assert(crypto_generichash_BYTES == DIGEST_OCTETS, "BLAKE2b-256");

	crypto_generichash_final(&d->state, out, DIGEST_OCTETS);
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
