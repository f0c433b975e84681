#ifndef TERRIER_SENSOR_PACKET_H
#define TERRIER_SENSOR_PACKET_H

#include "terrier/model/packet.h"

#include <stddef.h>
#include <stdint.h>

/* Decodes frames to the innermost IP packet. A decoder holds the fragments of datagrams that are not yet whole;
 * everything else is stateless. Hostile input: total over any bytes. */
struct decoder;

/* A decoder for one link type (LINKTYPE_ number of libpcap). NULL when that link type is not understood. */
struct decoder *decoder_new(int link_type);

/* Frees; NULL is allowed. */
void decoder_free(struct decoder *d);

/* Changes the link type of an existing decoder (the next file of a run may have another), keeping its
 * fragments. False, nothing changed, when it is not understood. */
bool decoder_set_link(struct decoder *d, int link_type);

/* Decodes `cap_len` captured bytes of a frame of `wire_len` octets taken at `time_us`. On PACKET_IP `*out` is
 * complete and borrows `bytes` and the decoder until the next call. `*out` is always initialised. */
enum packet_result packet_decode(struct decoder *d, const uint8_t *bytes, uint32_t cap_len, uint32_t wire_len,
                                 int64_t time_us, struct packet *out);

/* Datagrams given up unfinished since the last call (time, room, overlap). */
uint64_t decoder_take_lost(struct decoder *d);

/* Whether a link type is understood. */
bool packet_link_known(int link_type);

/* A hash of the unordered address pair: the same for both directions, the same in every run. Work is split by
 * it. */
uint64_t packet_pair_hash(const struct packet *p);

#endif
