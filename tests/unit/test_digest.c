#include "terrier/base/digest.h"

#include "unit.h"

/* Of "abc" and of nothing: `printf abc | b2sum -l 256`. */
START_TEST(octets_hash_as_b2sum_prints_them)
{
	static const char abc[] = "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319",
	                  nothing[] = "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8";
	struct digest *d = digest_new();
	uint8_t hash[DIGEST_OCTETS];
	char text[DIGEST_TEXT_MAX];

	digest_add_octets(d, "a", 1);
	digest_add_octets(d, "bc", 2);
	digest_finish(d, hash);
	ck_assert_str_eq(digest_print(hash, text), abc);
	digest_finish(digest_new(), hash);
	ck_assert_str_eq(digest_print(hash, text), nothing);
}
END_TEST

START_TEST(fields_are_told_apart_by_their_lengths)
{
	struct digest *a = digest_new(), *b = digest_new();

	digest_add(a, "ab", 2);
	digest_add(a, "c", 1);
	digest_add(b, "a", 1);
	digest_add(b, "bc", 2);
	ck_assert_uint_ne(digest_finish_u64(a), digest_finish_u64(b));
}
END_TEST

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

UNIT_MAIN("digest", octets_hash_as_b2sum_prints_them, fields_are_told_apart_by_their_lengths,
          a_whole_hash_is_blake2b_over_fields_behind_their_lengths,
          the_shorter_forms_are_the_beginning_of_the_whole_hash)
