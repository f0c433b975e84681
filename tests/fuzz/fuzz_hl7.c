/* The HL7 dissector, with pieces, sides and holes as the input says. */
#include "fuzz_cut.h"

extern const struct dissector dissector_hl7;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_cut(&dissector_hl7, data, size);
	return 0;
}
