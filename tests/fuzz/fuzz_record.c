/* A record from a sensor that was taken over: whatever passes must be safe to store. */
#include "terrier/model/record.h"

#include "terrier/base/text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_text(const char *text, size_t size, enum evidence_type type)
{
	size_t len = strnlen(text, size);

	if (len == size) {
		abort();
	}
	if (len > 0 && record_check_evidence(type, text, len, size) != TEXT_OK) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct record_limits limits = {.kinds = 68, .protocols = 200, .segments = 4};
	struct record r;

	memset(&r, 0, sizeof r);
	memcpy(&r, data, size < sizeof r ? size : sizeof r);
	if (record_validate(&r, &limits) != NULL) {
		return 0;
	}
	if (r.segment >= limits.segments || r.last_us < r.first_us) {
		abort();
	}
	if (r.type == RECORD_EXCHANGE) {
		must_be_text(r.exchange.evidence, sizeof r.exchange.evidence,
		             (enum evidence_type)r.exchange.evidence_type);
		must_be_text(r.exchange.server_name, sizeof r.exchange.server_name, EVIDENCE_NONE);
	} else if (r.type == RECORD_NAME) {
		must_be_text(r.name.name, sizeof r.name.name, EVIDENCE_NONE);
	}
	return 0;
}
