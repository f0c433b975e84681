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
	struct settings *s =
	        load("[capture]\n"
	             "interface = span0\n"
	             "exclude_networks = 192.168.50.0/24        ; matched after decoding\n"
	             "exclude_vlans = 310                       ; before any flow\n"
	             "exclude_ports =\n"
	             "[networks]\n"
	             "own = 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, fc00::/7, "
	             "fe80::/10   ; the default\n"
	             "outside = 10.200.0.0/16                   ; other organisations\n"
	             "[zone Wards]\n"
	             "networks = 10.77.30.0/24, 10.77.50.0/24\n"
	             "[segment guest-wifi]\n"
	             "sensor = site-b\n"
	             "vlan = 310\n"
	             "[retention]\nhours = 14d\ndays = 13mo\nmonths = 3y\nclients = 30d   ; "
	             "then\nsize = 20G\n"
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
	                          "promiscuous = no\n"
	                          "exclude_vlans = 0, 4094\n"
	                          "[ capture ]\n"
	                          "ring = 2047m\n"
	                          "exclude_ports = 1,65535,\n"
	                          "[limits]\nflush = 1\nmemory = 16384K\nflows=1000\n"
	                          "[retention]\nsize = 0\nhours = 2w\n"
	                          "[privacy]\nclients = fold\npaths = /api/v2, /fhir\n"
	                          "[dissectors]\noff = http, dns\n"
	                          "[daemon]\nuser = _terrier-1\nsensor = Haus \xc3\xb6stlich");
	char *line = settings_exclusions(s);

	ck_assert_uint_eq(s->n_interfaces, 3);
	ck_assert_str_eq(s->interfaces[2], "span2");
	ck_assert_str_eq(s->filter, "tcp[13] & 2 = 2 or udp");
	ck_assert(!s->promiscuous);
	ck_assert_uint_eq(s->ring_bytes, UINT32_C(2047) << 20);
	ck_assert_uint_eq(s->exclude_vlans[1], 4094);
	ck_assert_uint_eq(s->exclude_ports[1], 65535);
	ck_assert_str_eq(line, "VLANs 0, 4094; ports 1, 65535");
	ck_assert_uint_eq(s->flush_s, 1);
	ck_assert_uint_eq(s->max_memory, 16 << 20);
	ck_assert_uint_eq(s->max_flows, 1000);
	ck_assert_uint_eq(s->max_database, 0);
	ck_assert_int_eq(s->retain_hours_us, 14 * CLOCK_DAY_US);
	ck_assert(s->fold_clients);
	ck_assert_str_eq(s->safe_paths[1], "/fhir");
	ck_assert_uint_eq(s->n_dissectors_off, 2);
	ck_assert_str_eq(s->user, "_terrier-1");
	ck_assert_str_eq(s->sensor, "Haus \xc3\xb6stlich");
	free(line);
	settings_free(s);
}
END_TEST

START_TEST(own_of_everything_leaves_nothing_outside)
{
	struct settings *s = load("[networks]\nown = 0.0.0.0/0, ::/0\n");
	struct addr addr;

	ck_assert(s->own_is_set);
	ck_assert_uint_eq(s->n_own, 2);
	ck_assert(addr_parse("8.8.8.8", &addr) && prefix_has(&s->own[0], &addr));
	ck_assert(addr_parse("2001:db8::1", &addr) && prefix_has(&s->own[1], &addr));
	settings_free(s);
}
END_TEST

START_TEST(the_first_segment_that_matches_is_taken)
{
	struct settings *s = load("[segment both]\nsensor = a\nvlan = 7\n"
	                          "[segment seven]\nvlan = 7\n"
	                          "[segment port]\ninterface = span1\n");

	ck_assert_uint_eq(settings_segment(s, "a", "span1", 7), 1);
	ck_assert_uint_eq(settings_segment(s, "b", "span1", 7), 2);
	ck_assert_uint_eq(settings_segment(s, "a", "span1", -1), 3);
	ck_assert_uint_eq(settings_segment(s, "a", "span0", -1), 0);
	ck_assert_uint_eq(settings_segment(s, NULL, NULL, 0), 0);
	settings_free(s);
}
END_TEST

START_TEST(a_wrong_value_is_named_with_its_place_and_what_is_allowed)
{
	refuse("\n[capture]\nring = big\n",
	       "line 3: [capture] ring: read 'big', allowed: size, 1M to 2047M");
	refuse("[capture]\nring = 0\n", "read '0'");
	refuse("[capture]\nring = 2048M\n", "read '2048M'");
	refuse("[capture]\nring = 99999999999999999999G\n", "ring");
	refuse("[capture]\nring = 64MB\n", "ring");
	refuse("[capture]\npromiscuous = maybe\n", "allowed: yes or no");
	refuse("[capture]\ninterface = a-name-that-is-too-long\n", "interface");
	refuse("[capture]\ninterface = ../etc\n", "interface");
	refuse("[capture]\nexclude_vlans = 1, 4095\n", "read '4095', allowed: numbers, 0 to 4094");
	refuse("[capture]\nexclude_ports = 0\n", "allowed: numbers, 1 to 65535");
	refuse("[capture]\nexclude_ports = -1\n", "read '-1'");
	refuse("[limits]\nflows = 999\n", "allowed: number, 1000 to 100000000");
	refuse("[limits]\nflows = 1e6\n", "read '1e6'");
	refuse("[retention]\nhours = 1h\n", "allowed: time, 1d to 36500d");
	refuse("[retention]\nhours = soon\n", "read 'soon'");
	refuse("[retention]\nsize = 1K\n", "or 0");
	refuse("[privacy]\nclients = hide\n", "allowed: fold or keep");
	refuse("[privacy]\npaths = fhir\n", "begin with /");
	refuse("[privacy]\npaths = /p/9990000018\n", "begin with /");
	refuse("[dissectors]\noff = HTTP!\n", "dissectors");
	refuse("[daemon]\nuser = Root\n", "account");
	refuse("[segment x]\nvlan = 4095\nsensor = a\n", "line 2: [segment x] vlan: read '4095'");
	refuse("[capture]\nfilter = ip\x01\n", "filter: read 'ip?'");
}
END_TEST

START_TEST(a_wrong_network_is_named_with_the_right_one)
{
	refuse("[networks]\nown = 10.0.0.1/8\n",
	       "'10.0.0.1/8' has bits behind its prefix, did you mean 10.0.0.0/8?");
	refuse("[networks]\nown = fd00::1/8\n", "did you mean fd00::/8?");
	refuse("[networks]\nown = 10.0.0.0/33\n", "read '10.0.0.0/33', allowed: networks");
	refuse("[networks]\nown = 10.0.0.0/8 172.16.0.0/12\n", "allowed: networks");
	refuse("[networks]\nown = intranet\n", "read 'intranet'");
	refuse("[networks]\nown = 10.0.0.0/\n", "read '10.0.0.0/'");
}
END_TEST

START_TEST(unknown_names_are_answered_with_the_nearest_known)
{
	refuse("[captrue]\ninterface = a\n",
	       "line 1: [captrue]: no such section, did you mean [capture]?");
	refuse("[zones Wards]\n", "did you mean [zone NAME]?");
	refuse("[nonsense]\n", "no such section, see terrier.conf(5)");
	refuse("[capture]\ninterfaces = a\n",
	       "[capture] interfaces: no such key, did you mean [capture] interface?");
	refuse("[networks]\ninterface = a\n", "did you mean [capture] interface?");
	refuse("[capture]\ncolour = red\n", "[capture] colour: no such key, see terrier.conf(5)");
	refuse("[capture]\n= red\n", "no such key");
}
END_TEST

START_TEST(zones_and_segments_are_checked_as_a_whole)
{
	refuse("[zone]\nnetworks = 10.0.0.0/8\n", "[zone]: give it a name");
	refuse("[capture x]\n", "has no name, allowed: [capture]");
	refuse("[zone A]\nnetworks = 10.1.0.0/16\n[zone A]\nnetworks = 10.2.0.0/16\n",
	       "line 3: [zone A]: there is one");
	refuse("[zone A]\nnetworks = 10.1.0.0/16\n[zone B]\nnetworks = 10.2.0.0/16, 10.1.0.0/16\n",
	       "both have 10.1.0.0/16");
	refuse("[zone A]\n[zone B]\nnetworks = 10.0.0.0/8\n",
	       "line 1: [zone A] networks: nothing given");
	refuse("[segment A]\nsensor =\n",
	       "line 1: [segment A] sensor, interface, vlan: nothing given");
	refuse("[segment A]\nvlan = 1\nvlan = 2\n",
	       "line 3: [segment A] vlan: already given in line 2");
	settings_free(load("[zone A]\nnetworks = 10.0.0.0/8\n[zone B]\nnetworks = 10.1.0.0/16\n"));
	settings_free(load("[segment A]\nvlan = 1\n[segment B]\nvlan = 2\n"));
}
END_TEST

START_TEST(lines_that_are_no_setting_are_named)
{
	char text[600], *error;

	refuse("[capture]\ninterface\n", "line 2: neither [section] nor key = value");
	refuse("interface = a\n", "line 1: give a [section] before the first key");
	refuse("[capture\ninterface = a\n", "line 1: read '[capture', a section ends with ]");
	refuse("[capture] interface = a\n", "nothing but a comment");
	snprintf(text, sizeof text, "[capture]\nfilter = %0400d\n", 1);
	refuse(text, "line 2: longer than 197 octets, give the key again");
	snprintf(text, sizeof text, "[capture] ; %0200d\n; %0200d\nfilter = ip ; %0100d", 1, 1, 1);
	settings_free(load(text));
	ck_assert_ptr_null(load_octets("[capture]\nfilter = i\0p\n", 23, &error));
	ck_assert_msg(strstr(error, "line 2: has a NUL octet") != NULL, "%s", error);
	free(error);
}
END_TEST

START_TEST(every_mistake_is_found_in_one_pass)
{
	const char *text =
	        "[capture]\nring = x\nfoo\n[netwoks]\nbar = 1\n[limits]\nflows = y\nflows = 1000\n";
	char *error, place[80];
	static const int lines[] = {2, 3, 4, 7, 8};

	ck_assert_ptr_null(load_octets(text, strlen(text), &error));
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		snprintf(place, sizeof place, "%s: line %d: ", temporary(), lines[i]);
		ck_assert_msg(strstr(error, place) != NULL, "%s is not in: %s", place, error);
	}
	ck_assert_ptr_null(strstr(error, "line 5"));
	free(error);
}
END_TEST

START_TEST(endless_mistakes_and_endless_files_end)
{
	char *error, *text = malloc(3 << 20);
	size_t lines = 0;

	memset(text, 'x', 3 << 20);
	for (size_t i = 1; i < 100000; i += 2) {
		text[i] = '\n';
	}
	ck_assert_ptr_null(load_octets(text, 100000, &error));
	for (const char *p = error; (p = strchr(p, '\n')) != NULL; p++) {
		lines++;
	}
	ck_assert_uint_eq(lines, 100);
	ck_assert_ptr_nonnull(strstr(error, "and 49900 more"));
	free(error);
	ck_assert_ptr_null(load_octets(text + 100000, 2 << 20, &error));
	ck_assert_ptr_nonnull(strstr(error, "longer than 1 MiB"));
	free(error);
	ck_assert_ptr_null(settings_load("/dev/zero", &error));
	free(error);
	free(text);
}
END_TEST

START_TEST(a_file_that_cannot_be_read_says_why)
{
	char *error = NULL;

	ck_assert_ptr_null(settings_load("/no/such/terrier.conf", &error));
	ck_assert_msg(strstr(error, "/no/such/terrier.conf: cannot be read: No such file") != NULL,
	              "%s", error);
	free(error);
	ck_assert_ptr_null(settings_load("/", &error));
	ck_assert_msg(strstr(error, "Is a directory") != NULL, "%s", error);
	free(error);
	fclose(fopen(temporary(), "w"));
	chmod(temporary(), 0);
	if (access(temporary(), R_OK) != 0) { /* root reads anything */
		ck_assert_ptr_null(settings_load(temporary(), &error));
		ck_assert_msg(strstr(error, "Permission denied") != NULL, "%s", error);
		free(error);
	}
	unlink(temporary());
}
END_TEST

static char *read_sample(void)
{
	FILE *f = fopen(SOURCE_ROOT "/contrib/terrier.conf", "r");
	char *text = calloc(1, 65536);

	ck_assert_ptr_nonnull(f);
	ck_assert_uint_gt(fread(text, 1, 65535, f), 0);
	fclose(f);
	return text;
}

START_TEST(the_sample_as_it_is_changes_nothing)
{
	char *error = NULL;
	struct settings *s = settings_load(SOURCE_ROOT "/contrib/terrier.conf", &error);

	ck_assert_msg(s != NULL, "%s", error);
	expect_defaults(s);
	settings_free(s);
}
END_TEST

/* The settings in the sample are what stands behind a # without a blank. */
START_TEST(the_sample_with_all_settings_taken_in_gives_the_defaults)
{
	char *text = read_sample();
	struct settings *s;

	for (char *p = text; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (*p == '#' && p[1] != ' ' && p[1] != '\n') {
			*p = ' ';
		}
	}
	s = load(text);
	ck_assert(s->own_is_set);
	ck_assert_uint_eq(s->n_zones, 1);
	ck_assert_uint_eq(s->n_segments, 2);
	ck_assert_ptr_nonnull(s->segments[1].interface);
	/* the examples aside, nothing differs */
	struct settings rest = *s;
	rest.own_is_set = false;
	rest.n_zones = 0;
	rest.n_segments = 1;
	expect_defaults(&rest);
	settings_free(s);
	free(text);
}
END_TEST

START_TEST(the_sample_has_every_row_of_the_table)
{
	char *text = read_sample(), want[512], *at = text;
	size_t n;
	const struct settings_row *rows = settings_rows(&n);

	ck_assert_uint_gt(n, 20);
	for (size_t i = 0; i < n; i++) {
		const char *example = strchr(rows[i].section, ' ') != NULL ? "" : rows[i].fallback;

		if (i == 0 || strcmp(rows[i - 1].section, rows[i].section) != 0) {
			snprintf(want, sizeof want, "[%.*s", (int)strcspn(rows[i].section, " "),
			         rows[i].section);
			at = strstr(at, want);
			ck_assert_msg(at != NULL, "the sample lacks or misplaces %s", want);
		}
		snprintf(want, sizeof want, "# %s\n# Allowed: %s.\n#%s =%s%s", rows[i].help,
		         rows[i].type, rows[i].key, example[0] != '\0' ? " " : "", example);
		at = strstr(at, want);
		ck_assert_msg(at != NULL, "the sample lacks or misplaces:\n%s", want);
	}
	free(text);
}
END_TEST

UNIT_MAIN("settings", without_a_file_every_setting_has_its_default,
          the_file_of_the_contract_is_read, every_kind_of_value_is_read,
          own_of_everything_leaves_nothing_outside, the_first_segment_that_matches_is_taken,
          a_wrong_value_is_named_with_its_place_and_what_is_allowed,
          a_wrong_network_is_named_with_the_right_one,
          unknown_names_are_answered_with_the_nearest_known,
          zones_and_segments_are_checked_as_a_whole, lines_that_are_no_setting_are_named,
          every_mistake_is_found_in_one_pass, endless_mistakes_and_endless_files_end,
          a_file_that_cannot_be_read_says_why, the_sample_as_it_is_changes_nothing,
          the_sample_with_all_settings_taken_in_gives_the_defaults,
          the_sample_has_every_row_of_the_table)
