/* Built instead of country.c where there is no libmaxminddb: there is no country to be had. */
#include "terrier/register/country.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <stddef.h>
#include <string.h>

struct countries *countries_open(const char *path, char **error)
{
	(void)path;
	*error = mem_strdup("this Terrier was built without libmaxminddb: leave the countries out, "
	                    "or install one built with it");
	return NULL;
}

void countries_close(struct countries *c)
{
	(void)c;
}

const char *countries_edition(const struct countries *c)
{
	(void)c;
	return "";
}

char *countries_find(const struct countries *c, const struct prefix *block, char out[COUNTRY_MAX])
{
	(void)c;
	(void)block;
	text_copy(out, COUNTRY_MAX, COUNTRY_UNKNOWN, strlen(COUNTRY_UNKNOWN));
	return out;
}
