#include "terrier/daemon/settings.h"

#include "terrier/base/clock.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *temporary(void)
{
	static char path[64];

	snprintf(path, sizeof path, "test-settings-%d.tmp", (int)getpid());
	return path;
}

static struct settings *load_octets(const char *octets, size_t len, char **error)
{
	FILE *f = fopen(temporary(), "wb");
	struct settings *s;

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(octets, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
	*error = NULL;
	s = settings_load(temporary(), error);
	unlink(temporary());
	return s;
}

static struct settings *load(const char *text)
{
	char *error;
	struct settings *s = load_octets(text, strlen(text), &error);

	ck_assert_msg(s != NULL, "%s", error);
	return s;
}

/* Expects exactly one mistake, with these words in its line. */
static void refuse(const char *text, const char *words)
{
	char *error;
	struct settings *s = load_octets(text, strlen(text), &error);

	ck_assert_msg(s == NULL, "taken: %s", text);
	ck_assert_msg(strstr(error, words) != NULL, "'%s' is not in: %s", words, error);
	ck_assert_msg(strchr(error, '\n') == NULL, "more than one mistake: %s", error);
	ck_assert(strncmp(error, temporary(), strlen(temporary())) == 0);
	free(error);
}

static void expect_defaults(const struct settings *s)
{
	char text[PREFIX_TEXT_MAX];

	ck_assert_uint_eq(s->n_interfaces, 0);
	ck_assert_ptr_null(s->filter);
	ck_assert_uint_eq(s->ring_bytes, 64u << 20);
	ck_assert(s->promiscuous);
	ck_assert_uint_eq(s->n_exclude_networks + s->n_exclude_vlans + s->n_exclude_ports, 0);
	ck_assert_uint_eq(s->n_own, 6);
	ck_assert_str_eq(prefix_format(&s->own[5], text), "fe80::/10");
	ck_assert(!s->own_is_set);
	ck_assert_uint_eq(s->n_outside, 0);
	ck_assert_uint_eq(s->n_zones, 0);
	ck_assert_uint_eq(s->n_segments, 1);
	ck_assert_str_eq(s->segments[0].name, "");
	ck_assert_uint_eq(s->max_flows, 1000000);
	ck_assert_uint_eq(s->max_memory, UINT64_C(1) << 30);
	ck_assert_uint_eq(s->max_hosts, 250000);
	ck_assert_uint_eq(s->max_parties, 50000);
	ck_assert_uint_eq(s->flush_s, 60);
	ck_assert_int_eq(s->retain_hours_us, 14 * CLOCK_DAY_US);
	ck_assert_int_eq(s->retain_days_us, 390 * CLOCK_DAY_US);
	ck_assert_int_eq(s->retain_months_us, 3 * 365 * CLOCK_DAY_US);
	ck_assert_int_eq(s->retain_clients_us, 30 * CLOCK_DAY_US);
	ck_assert_uint_eq(s->max_database, UINT64_C(20) << 30);
	ck_assert(!s->fold_clients);
	ck_assert_uint_eq(s->n_safe_paths + s->n_dissectors_off, 0);
	ck_assert_str_eq(s->user, "terrier");
	ck_assert_ptr_nonnull(s->sensor);
	ck_assert_str_ne(s->sensor, "");
}

START_TEST(without_a_file_every_setting_has_its_default)
{
	char *error = NULL;
	struct settings *s = settings_load(NULL, &error);

	ck_assert_ptr_nonnull(s);
	expect_defaults(s);
	settings_free(s);
	settings_free(NULL);
	s = load("");
	expect_defaults(s);
	settings_free(s);
	s = load("[capture]\nfilter =\nring =\n[networks]\nown = ,\n");
	expect_defaults(s);
	settings_free(s);
}
END_TEST

START_TEST(the_file_of_the_contract_is_read)
{
	struct settings *s = load(
	        "[capture]\n"
	        "interface = span0\n"
	        "exclude_networks = 192.168.50.0/24        ; matched after decoding\n"
	        "exclude_vlans = 310                       ; before any flow\n"
	        "exclude_ports =\n"
	        "[networks]\n"
	        "own = 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, fc00::/7, fe80::/10   ; the default\n"
	        "outside = 10.200.0.0/16                   ; other organisations\n"
	        "[zone Wards]\n"
	        "networks = 10.77.30.0/24, 10.77.50.0/24\n"
	        "[segment guest-wifi]\n"
	        "sensor = site-b\n"
	        "vlan = 310\n"
	        "[retention]\nhours = 14d\ndays = 13mo\nmonths = 3y\nclients = 30d   ; then\nsize = 20G\n"
	        "[privacy]\nclients = keep       ; or fold\npaths =    ; roots\n"
	        "[dissectors]\noff =       ; names, or all\n"
	        "[daemon]\nuser = terrier\n");
	char text[PREFIX_TEXT_MAX], *line = settings_exclusions(s);

	ck_assert_uint_eq(s->n_interfaces, 1);
	ck_assert_str_eq(s->interfaces[0], "span0");
	ck_assert(s->own_is_set);
	ck_assert_uint_eq(s->n_own, 6);
	ck_assert_str_eq(prefix_format(&s->outside[0], text), "10.200.0.0/16");
	ck_assert_uint_eq(s->n_zones, 1);
	ck_assert_str_eq(s->zones[0].name, "Wards");
	ck_assert_uint_eq(s->zones[0].n_networks, 2);
	ck_assert_uint_eq(s->n_segments, 2);
	ck_assert_str_eq(s->segments[1].sensor, "site-b");
	ck_assert_ptr_null(s->segments[1].interface);
	ck_assert_int_eq(s->segments[1].vlan, 310);
	ck_assert_str_eq(line, "networks 192.168.50.0/24; VLANs 310");
	free(line);
	settings_free(s);
}
END_TEST

START_TEST(every_kind_of_value_is_read)
{
	struct settings *s = load("\xef\xbb\xbf# a comment\r\n"
	                          "  [capture]   ; another\r\n"
	                          "\tinterface = span0, span1\n"
	                          "interface: span2\n"
	                          "filter = tcp[13] & 2 = 2\n"
	                          "filter = or udp\n"
	                          "ring=512k\n"
	                          "[ capture ]\n"
	                          "ring = 2047m\n"
	                          "promiscuous = no\n"
	                          "exclude_vlans = 0, 4094\n"
	                          "exclude_ports = 1,65535,\n"
	                          "[limits]\nflush = 1\nmemory = 2G\n"
	                          "[retention]\nsize = 0\nhours = 2w\n"
	                          "[privacy]\nclients = fold\npaths = /api/v2, /fhir\n"
	                          "[dissectors]\noff = http, dns\n"
	                          "[daemon]\nuser = _terrier-1\nsensor = Haus \xc3\xb6stlich");
	ck_assert_uint_eq(s->n_interfaces, 3);
	settings_free(s);
}
END_TEST

UNIT_MAIN("settings", without_a_file_every_setting_has_its_default, the_file_of_the_contract_is_read,
          every_kind_of_value_is_read)
