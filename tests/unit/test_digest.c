#include "terrier/base/digest.h"

#include "unit.h"

/* What Python's hashlib.blake2b(digest_size=32) says of the same fields. */
START_TEST(a_whole_hash_is_blake2b_over_fields_behind_their_lengths)
{
	struct digest *d = digest_new();
	uint8_t hash[DIGEST_OCTETS];
	char text[DIGEST_TEXT_MAX];

	digest_add(d, "terrier", 7);
	digest_add(d, "", 0);
	digest_add(d, "\0x", 2);
	digest_finish(d, hash);
	ck_assert_str_eq(digest_print(hash, text),
	                 "07a201d7cd86d361ecc49e98a33ae2843bd4f8496cd0bd9d558b2927628acab9");
}
END_TEST

START_TEST(the_shorter_forms_are_the_beginning_of_the_whole_hash)
{
	struct digest *d = digest_new();

	digest_add(d, "terrier", 7);
	digest_add(d, "", 0);
	digest_add(d, "\0x", 2);
	ck_assert_uint_eq(digest_finish_u64(d), 0x07a201d7cd86d361);
}
END_TEST

UNIT_MAIN("digest", a_whole_hash_is_blake2b_over_fields_behind_their_lengths,
          the_shorter_forms_are_the_beginning_of_the_whole_hash)
