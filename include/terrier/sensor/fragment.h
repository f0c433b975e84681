#ifndef TERRIER_SENSOR_FRAGMENT_H
#define TERRIER_SENSOR_FRAGMENT_H

#include "terrier/base/addr.h"
#include "terrier/base/cursor.h"

#include <stdbool.h>
#include <stdint.h>

/* Joins the fragments of IP datagrams (RFC 791 3.2, RFC 8200 4.5) in a fixed pool. Used by the
 * packet decoder. */
struct fragment_pool;

#define FRAGMENT_DATAGRAMS_MAX 64 /* unfinished at once; the one longest untouched makes room */
#define FRAGMENT_OCTETS_MAX    65535
#define FRAGMENT_WAIT_US                                                                           \
	(30 * INT64_C(1000000)) /* RFC 1122 3.3.2 wants 60 s at most, Linux takes 30 */

/* One fragment. Its datagram is known by addresses, identification and, in IPv4, protocol. */
struct fragment {
	struct addr src, dst;
	uint32_t id;
	uint32_t offset;  /* octets */
	uint8_t version;  /* 4 or 6 */
	uint8_t protocol; /* of the upper layer, as this fragment says */
	bool has_more;    /* others follow */
	bool is_cut;      /* the capture has not all of it */
	struct cursor data;
	int64_t time_us;
};

enum fragment_result {
	FRAGMENT_HELD,    /* kept, or a copy of one that was */
	FRAGMENT_JOINED,  /* `data` and `protocol` are now those of the datagram, valid until the
	                     next call */
	FRAGMENT_ALONE,   /* its datagram cannot be joined */
	FRAGMENT_INVALID, /* no such fragment can be */
};

/* An empty pool. */
struct fragment_pool *fragment_pool_new(void);

/* Frees; NULL is allowed. */
void fragment_pool_free(struct fragment_pool *pool);

/* Adds a fragment. */
enum fragment_result fragment_add(struct fragment_pool *pool, struct fragment *f);

/* Datagrams given up unfinished since the last call, those included whose time is over at `now_us`.
 */
uint64_t fragment_take_lost(struct fragment_pool *pool, int64_t now_us);

#endif
