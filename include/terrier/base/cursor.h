#ifndef TERRIER_BASE_CURSOR_H
#define TERRIER_BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A bounds-checked reader over borrowed bytes. A read past the end gives 0, moves to the end and sets
 * `bad`, which stays set: a parser may read a whole header and test `bad` once. */
struct cursor {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

/* A cursor over `len` bytes at `bytes`, which must outlive it. */
static inline struct cursor cur_make(const void *bytes, size_t len)
{
	const uint8_t *p = bytes;

	return (struct cursor){.p = p, .end = len > 0 ? p + len : p, .bad = false};
}

/* Bytes left. */
static inline size_t cur_left(const struct cursor *c)
{
	return (size_t)(c->end - c->p);
}

/* True when `n` bytes can be read; otherwise fails the cursor. */
static inline bool cur_need(struct cursor *c, size_t n)
{
	if (cur_left(c) >= n) {
		return true;
	}
	c->p = c->end;
	c->bad = true;
	return false;
}

/* Moves over `n` bytes. */
static inline void cur_skip(struct cursor *c, size_t n)
{
	if (cur_need(c, n)) {
		c->p += n;
	}
}

/* Returns `n` bytes and moves over them; NULL (and a failed cursor) when there are fewer. */
static inline const uint8_t *cur_take(struct cursor *c, size_t n)
{
	const uint8_t *at = c->p;

	if (!cur_need(c, n)) {
		return NULL;
	}
	c->p += n;
	return at;
}

/* A cursor over the next `n` bytes, moving over them; empty and bad when there are fewer. */
static inline struct cursor cur_sub(struct cursor *c, size_t n)
{
	const uint8_t *at = cur_take(c, n);

	if (at == NULL) {
		return (struct cursor){.p = c->end, .end = c->end, .bad = true};
	}
	return cur_make(at, n);
}

/* Reads an octet. */
static inline uint8_t cur_u8(struct cursor *c)
{
	const uint8_t *at = cur_take(c, 1);

	return at != NULL ? at[0] : 0;
}

/* Reads 16 bits in network order. */
static inline uint16_t cur_u16(struct cursor *c)
{
	const uint8_t *at = cur_take(c, 2);

	unsigned value = at != NULL ? (unsigned)at[0] << 8 | at[1] : 0;

	return (uint16_t)value;
}

/* Reads 24 bits in network order. */
static inline uint32_t cur_u24(struct cursor *c)
{
	const uint8_t *at = cur_take(c, 3);

	return at != NULL ? (uint32_t)at[0] << 16 | (uint32_t)at[1] << 8 | at[2] : 0;
}

/* Reads 32 bits in network order. */
static inline uint32_t cur_u32(struct cursor *c)
{
	uint32_t high = cur_u16(c);

	return high << 16 | cur_u16(c);
}

/* Reads 64 bits in network order. */
static inline uint64_t cur_u64(struct cursor *c)
{
	uint64_t high = cur_u32(c);

	return high << 32 | cur_u32(c);
}

/* Reads 16 bits, least octet first (DICOM, SMB, Bluetooth headers). */
static inline uint16_t cur_le16(struct cursor *c)
{
	const uint8_t *at = cur_take(c, 2);

	unsigned value = at != NULL ? (unsigned)at[1] << 8 | at[0] : 0;

	return (uint16_t)value;
}

/* Reads 32 bits, least octet first. */
static inline uint32_t cur_le32(struct cursor *c)
{
	uint32_t low = cur_le16(c);

	return (uint32_t)cur_le16(c) << 16 | low;
}

/* True when the next bytes are the `n` at `bytes`; does not move. */
static inline bool cur_is(const struct cursor *c, const void *bytes, size_t n)
{
	return cur_left(c) >= n && memcmp(c->p, bytes, n) == 0;
}

#endif
