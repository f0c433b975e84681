/* Feeds the DNS dissector what the input says: pieces of fuzzer-chosen length, side and gap. A
 * piece is a control octet (bit 0: side, bit 1: a gap precedes, the rest: length) and its octets.
 */
#include "fuzz_dissect.h"

extern const struct dissector dissector_dns;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_dissect(&dissector_dns, data, size);
	return 0;
}
