#include "terrier/register/country.h"

#include "unit.h"

#include <string.h>

START_TEST(without_the_library_a_file_is_refused_and_every_country_unknown)
{
	char *error = NULL, code[COUNTRY_MAX];
	struct prefix block;

	ck_assert(prefix_parse("203.0.113.9", &block));
	ck_assert_ptr_null(countries_open("/dev/null", &error));
	ck_assert_ptr_nonnull(strstr(error, "built without libmaxminddb"));
	ck_assert_str_eq(countries_find(NULL, &block, code), "unknown");
	ck_assert_str_eq(countries_edition(NULL), "");
	countries_close(NULL);
	free(error);
}
END_TEST

UNIT_MAIN("country_none", without_the_library_a_file_is_refused_and_every_country_unknown)
