/* Countries of addresses, by libmaxminddb. The file may be damaged or made by somebody unkind: what
 * it says is held to the form of a country's code, and the number of its answers to a block is
 * bounded. */
#include "terrier/register/country.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"

#include <assert.h>
#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ANSWERS_MAX 4096          /* of one block */
#define EPOCH_MAX   253402300799U /* 9999-12-31 */

/* RFC 6890, and what is no unicast address. */
static const char *const not_public[] = {
        "0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
        "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3",
        "::/127",         "fc00::/7",      "fe80::/10",      "ff00::/8",
};
#define NOT_PUBLIC (sizeof not_public / sizeof not_public[0])

struct countries {
	MMDB_s database;
	struct prefix not_public[NOT_PUBLIC];
	char *edition;
};

/* Reading anything but a file could wait for ever. */
static char *why_no_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		return mem_printf("%s: name the file of a database of countries (.mmdb)",
		                  strerror(errno));
	}
	return S_ISREG(st.st_mode)
	               ? NULL
	               : mem_strdup(
	                         "it is no file: name the file of a database of countries (.mmdb)");
}

/* Databases of networks or of hosting have the same form, and would answer "unknown" to all. */
static bool is_of_countries(const char *type)
{
	static const char *const words[] = {"country", "city", "enterprise"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (text_has(type, strlen(type), words[i])) {
			return true;
		}
	}
	return false;
}

static char *make_edition(const MMDB_metadata_s *m)
{
	uint64_t epoch = m->build_epoch < EPOCH_MAX ? m->build_epoch : EPOCH_MAX;
	char time[CLOCK_TEXT_MAX];

	clock_format((int64_t)epoch * CLOCK_SECOND_US, time);
	return mem_printf("%s of %.10s", m->database_type, time);
}

static char *why_not_usable(const MMDB_metadata_s *m)
{
	const char *type = m->database_type;

	if (type == NULL || strlen(type) > TEXT_MAX || !text_is_printable(type, strlen(type))) {
		return mem_strdup(
		        "it does not say what it holds: name another database of countries");
	}
	return is_of_countries(type) ? NULL
	                             : mem_printf("it holds '%s', not countries: name a database "
	                                          "of countries or cities",
	                                          type);
}

struct countries *countries_open(const char *path, char **error)
{
	struct countries *c = mem_zalloc(1, sizeof *c);
	int status = MMDB_SUCCESS;

	for (size_t i = 0; i < NOT_PUBLIC; i++) {
		bool is_block = prefix_parse(not_public[i], &c->not_public[i]);

		assert(is_block);
		(void)is_block;
	}
	*error = why_no_file(path);
	if (*error == NULL &&
	    (status = MMDB_open(path, MMDB_MODE_MMAP, &c->database)) != MMDB_SUCCESS) {
		*error = mem_printf(
		        "%s: name a database of countries in the format of MaxMind (.mmdb)",
		        MMDB_strerror(status));
	} else if (*error == NULL && (*error = why_not_usable(&c->database.metadata)) != NULL) {
		MMDB_close(&c->database);
	}
	if (*error != NULL) {
		free(c);
		return NULL;
	}
	c->edition = make_edition(&c->database.metadata);
	return c;
}

void countries_close(struct countries *c)
{
	if (c != NULL) {
		MMDB_close(&c->database);
		free(c->edition);
		free(c);
	}
}

const char *countries_edition(const struct countries *c)
{
	return c->edition;
}

static MMDB_lookup_result_s look_up(const MMDB_s *database, const struct addr *a, int *status)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};

	memcpy(&v4.sin_addr, a->b + 12, 4);
	memcpy(&v6.sin6_addr, a->b, 16);
	return MMDB_lookup_sockaddr(
	        database, addr_is_v4(a) ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6, status);
}

/* Codes of regions and of nobody are of no country (ISO 3166/MA; MaxMind uses them). */
static bool is_country(const char *code)
{
	static const char none[] = "AP EU XX ZZ";

	return code[0] >= 'A' && code[0] <= 'Z' && code[1] >= 'A' && code[1] <= 'Z' &&
	       strstr(none, code) == NULL;
}

/* The code that the file has for one address, and in `*bits` the block around it that has the same
 * answer. */
static bool find_one(const MMDB_s *database, const struct addr *a, char code[3], unsigned *bits)
{
	int status = MMDB_SUCCESS;
	MMDB_lookup_result_s found = look_up(database, a, &status);
	MMDB_entry_data_s data;

	if (status != MMDB_SUCCESS || !found.found_entry ||
	    MMDB_get_value(&found.entry, &data, "country", "iso_code", (char *)NULL) !=
	            MMDB_SUCCESS ||
	    !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size != 2) {
		return false;
	}
	memcpy(code, data.utf8_string, 2);
	code[2] = '\0';
	*bits = found.netmask + (database->metadata.ip_version == 4 ? 96U : 0U);
	return is_country(code);
}

/* The address behind the block of `bits` (1..128) that begins at `*a`; false behind the last. */
static bool step(struct addr *a, unsigned bits)
{
	unsigned carry = 0x80U >> ((bits - 1) % 8);

	for (unsigned i = (bits - 1) / 8 + 1; i-- > 0 && carry != 0;) {
		unsigned sum = a->b[i] + carry;

		a->b[i] = (uint8_t)sum;
		carry = sum >> 8;
	}
	return carry == 0;
}

static bool is_public(const struct countries *c, const struct prefix *block)
{
	for (size_t i = 0; i < NOT_PUBLIC; i++) {
		if (prefix_has(&c->not_public[i], &block->addr) ||
		    prefix_has(block, &c->not_public[i].addr)) {
			return false;
		}
	}
	return true;
}

char *countries_find(const struct countries *c, const struct prefix *block, char out[COUNTRY_MAX])
{
	struct addr at = block->addr;
	char first[3], code[3];
	unsigned bits;

	text_copy(out, COUNTRY_MAX, COUNTRY_UNKNOWN, strlen(COUNTRY_UNKNOWN));
	if (!is_public(c, block) || !find_one(&c->database, &at, first, &bits)) {
		return out;
	}
	for (int i = 0; i < ANSWERS_MAX; i++) {
		if (bits <= block->bits || !step(&at, bits) || !prefix_has(block, &at)) {
			memcpy(out, first, sizeof first);
			return out;
		}
		if (!find_one(&c->database, &at, code, &bits) || strcmp(code, first) != 0) {
			return out;
		}
	}
	return out;
}
