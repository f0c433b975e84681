#ifndef TERRIER_SENSOR_LABEL_H
#define TERRIER_SENSOR_LABEL_H

#include "terrier/model/kind.h"
#include "terrier/model/record.h"

#include <stddef.h>
#include <stdint.h>

/* Evidence and names, each text kept once: a flow holds a number. Room is fixed; when it is used up, new texts are
 * refused (0) and counted, and their flows go on without. */
struct labels;

/* A piece of evidence and what the catalogue makes of it. Texts have passed the validator. */
struct label {
	uint8_t type;        /* enum evidence_type */
	uint8_t direction;   /* enum info_direction of the matching row */
	uint8_t confidence;  /* enum confidence */
	uint8_t has_kind;    /* the catalogue has a row; else kind is KIND_NONE */
	uint16_t kind;
	const char *text;    /* "" for none; lives as long as the table */
};

/* A table that looks evidence up in `catalogue` (borrowed). `max` texts of together at most `max` * 48 octets. */
struct labels *labels_new(const struct catalogue *catalogue, uint32_t max);
void labels_free(struct labels *l); /* NULL is allowed */

/* Number (from 1) of this evidence; 0 when the table is full. */
uint32_t labels_intern(struct labels *l, enum evidence_type type, const char *text, size_t len);

/* Number of a name: the same table, without look-up. */
uint32_t labels_intern_name(struct labels *l, const char *text, size_t len);

/* The label with this number; number 0 is an empty one. Never NULL. */
const struct label *labels_get(const struct labels *l, uint32_t number);

/* Texts refused for want of room. */
uint64_t labels_refused(const struct labels *l);

#endif
