#ifndef TERRIER_DISSECT_TOPIC_H
#define TERRIER_DISSECT_TOPIC_H

#include "terrier/dissect.h"

#define TOPIC_MAX (TEXT_MAX + 1)

/* The root of a topic's or queue's name (privacy.md 2: what is deeper often holds numbers of
 * people): what stands before the first of `separators`; an empty first level is passed over.
 * Returns its length, 0 (and an empty text) when there is none to keep: it is too long, no text, or
 * made by a machine for one occasion. */
size_t topic_root(char out[TOPIC_MAX], const char *text, size_t len, const char *separators);

/* What a user's name is compared by, whatever its ASCII case; never 0. */
uint64_t topic_user(const char *text, size_t len);

/* Empties a root that is the name of this user (0: not known). */
void topic_withhold(char root[TOPIC_MAX], uint64_t user);

/* Notes that `side` sends (INFO_C2S) or asks for (INFO_S2C) something of this root, which may be
 * empty; the evidence then is the protocol. As sink_evidence(). */
int topic_note(struct sink *sink, const char *root, const char *protocol, enum side side,
               enum info_direction direction, unsigned messages);

#endif
