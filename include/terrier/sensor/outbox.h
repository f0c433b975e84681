#ifndef TERRIER_SENSOR_OUTBOX_H
#define TERRIER_SENSOR_OUTBOX_H

#include "terrier/model/record.h"

#include <stdbool.h>

/* Where the sensor's records go; the role supplies it. `put` may block (files) or refuse (live, storer busy), then the
 * caller keeps its delta and tries again. The record is copied. */
struct outbox {
	bool (*put)(void *context, const struct record *r);
	void *context;
};

#endif
