/* Cipher suites of TLS that no longer protect: without encryption, with one that is broken, or weakened for export. */
#include "tls.h"

/* RFC 2246, 4162, 4279, 4346, 4492, 4785, 5246, 5487, 5489; withdrawn or warned of by RFC 7465, 7525, 8996. */
static const uint16_t none[] = {0x0000, 0x0001, 0x0002, 0x002c, 0x002d, 0x002e, 0x003b, 0x00b0, 0x00b1, 0x00b4, 0x00b5,
                                0x00b8, 0x00b9, 0xc001, 0xc006, 0xc00b, 0xc010, 0xc015, 0xc039, 0xc03a, 0xc03b};
static const uint16_t export[] = {0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0017, 0x0019, 0x0026,
                                  0x0027, 0x0028, 0x0029, 0x002a, 0x002b};
static const uint16_t rc4[] = {0x0004, 0x0005, 0x0018, 0x0020, 0x0024, 0x008a, 0x008e, 0x0092,
                               0xc002, 0xc007, 0xc00c, 0xc011, 0xc016, 0xc033};
static const uint16_t des[] = {0x0009, 0x000c, 0x000f, 0x0012, 0x0015, 0x001a, 0x001e, 0x0022};
static const uint16_t triple_des[] = {0x000a, 0x000d, 0x0010, 0x0013, 0x0016, 0x001b, 0x001f, 0x0023, 0x008b, 0x008f,
                                      0x0093, 0xc003, 0xc008, 0xc00d, 0xc012, 0xc017, 0xc01a, 0xc01b, 0xc01c, 0xc034};

#define FAMILY(suites, word) {suites, sizeof suites / sizeof suites[0], word}

static const struct {
	const uint16_t *suites;
	size_t n;
	const char *word;
} families[] = {FAMILY(none, "NULL"), FAMILY(export, "export"), FAMILY(rc4, "RC4"), FAMILY(des, "DES"),
                FAMILY(triple_des, "3DES")};

const char *tls_suite_weakness(uint16_t suite)
{
	for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
		for (size_t k = 0; k < families[i].n; k++) {
			if (families[i].suites[k] == suite) {
				return families[i].word;
			}
		}
	}
	return NULL;
}
