#include "terrier/register/match.h"

#include "register_help.h"

static struct entries *assets;

static void set_up(void)
{
	assets = entries_new(ENTRY_ASSET);
}

static void add(const char *id, enum asset_column column, const char *text)
{
	asset(assets, id, column, text);
}

static struct matcher *begin(void)
{
	return matcher_new(assets);
}

static void end(struct matcher *m)
{
	matcher_free(m);
	entries_free(assets);
}

/* The candidates of a host, "A|B|": what fits it, the most exact first. `names` are "s NAME" with
 * the source's number as a letter from 'a'. */
static const char *who(const struct matcher *m, const char *address, const char *mac,
                       const struct match_name *names, size_t n_names)
{
	static char text[512];
	struct prefix block = {.bits = 128};
	struct match_subject subject = {.mac = mac, .names = names, .n_names = n_names};
	size_t n;

	if (address != NULL) {
		ck_assert_msg(prefix_parse(address, &block), "%s", address);
		subject.addr = &block.addr;
		subject.bits = block.bits;
	}
	struct match *found = matcher_candidates(m, &subject, &n);

	text[0] = '\0';
	for (size_t i = 0; i < n; i++) {
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s|",
		         found[i].asset->id);
	}
	free(found);
	return text;
}

static const char *who_at(const struct matcher *m, const char *address)
{
	return who(m, address, "", NULL, 0);
}

static const char *who_named(const struct matcher *m, enum name_source source, const char *name)
{
	const struct match_name one = {source, name};

	return who(m, NULL, "", &one, 1);
}

/* Every criterion that the header lists, in its order, for one host that fits all of them. */
static const struct {
	enum asset_column column;
	const char *text;
} exact[] = {
        {ASSET_MATCH_IP, "10.77.1.50"},
        {ASSET_MATCH_MAC, "02:4c:41:00:00:01"},
        {ASSET_MATCH_HOSTNAME, "pacs.trust.example"},
        {ASSET_MATCH_HOSTNAME, "PACS"},
        {ASSET_MATCH_HL7_APP, "PACS^TRUST"},
        {ASSET_MATCH_AE_TITLE, "ZZPACS"},
        {ASSET_MATCH_HL7_APP, "PACS"},
        {ASSET_MATCH_HOSTNAME, "pacs.*"},
        {ASSET_MATCH_HOSTNAME, "pac?"},
        {ASSET_MATCH_HOSTNAME, "p*"},
        {ASSET_MATCH_DNS_SUFFIX, "trust.example"},
        {ASSET_MATCH_DNS_SUFFIX, "example"},
        {ASSET_MATCH_IP, "10.77.1.0/24"},
        {ASSET_MATCH_IP, "10.0.0.0/8"},
        {ASSET_MATCH_IP, "0.0.0.0/0"},
        {ASSET_MATCH_MAC, "02:4c:41"},
};

START_TEST(the_more_exact_of_any_two_criteria_wins)
{
	static const struct match_name names[] = {{NAME_DNS, "pacs.trust.example"},
	                                          {NAME_AE_TITLE, "ZZPACS"},
	                                          {NAME_HL7, "PACS^TRUST"}};
	size_t n = sizeof exact / sizeof exact[0];

	for (size_t i = 0; i < n; i++) {
		for (size_t k = i + 1; k < n; k++) {
			/* the ids are against the order, so that they do not decide */
			set_up();
			add("Z-first", exact[i].column, exact[i].text);
			add("A-second", exact[k].column, exact[k].text);
			struct matcher *m = begin();

			ck_assert_msg(strcmp(who(m, "10.77.1.50", "02:4c:41:00:00:01", names, 3),
			                     "Z-first|A-second|") == 0,
			              "%s before %s: %s", exact[i].text, exact[k].text,
			              who(m, "10.77.1.50", "02:4c:41:00:00:01", names, 3));
			end(m);
		}
	}
}
END_TEST

START_TEST(an_asset_is_told_once_by_the_most_exact_of_its_criteria)
{
	const struct match_name name = {NAME_DNS, "pacs.trust.example"};
	struct match_subject subject = {.mac = "", .names = &name, .n_names = 1};
	size_t n;

	set_up();
	cell(asset(assets, "A", ASSET_MATCH_HOSTNAME, "p*; pacs.trust.example ;pacs*"),
	     ASSET_MATCH_DNS_SUFFIX, "example");
	struct matcher *m = begin();
	struct match *found = matcher_candidates(m, &subject, &n);

	ck_assert_uint_eq(n, 1);
	ck_assert_str_eq(found[0].by, "host name pacs.trust.example");
	free(found);
	end(m);
}
END_TEST

START_TEST(blocks_hold_addresses_of_their_own_family_at_every_length)
{
	set_up();
	add("v4-all", ASSET_MATCH_IP, "0.0.0.0/0");
	add("v4-31", ASSET_MATCH_IP, "10.0.0.8/31");
	add("v4-32", ASSET_MATCH_IP, "10.0.0.9/32");
	add("v6-all", ASSET_MATCH_IP, "::/0");
	add("v6-64", ASSET_MATCH_IP, "fd00:77::/64");
	add("v6-127", ASSET_MATCH_IP, "fd00:77::4/127");
	add("v6-one", ASSET_MATCH_IP, "FD00:77::5");
	struct matcher *m = begin();

	ck_assert_str_eq(who_at(m, "10.0.0.9"), "v4-32|v4-31|v4-all|");
	ck_assert_str_eq(who_at(m, "10.0.0.8"), "v4-31|v4-all|");
	ck_assert_str_eq(who_at(m, "10.0.0.10"), "v4-all|");
	ck_assert_str_eq(who_at(m, "fd00:77::5"), "v6-one|v6-127|v6-64|v6-all|");
	ck_assert_str_eq(who_at(m, "fd00:77::6"), "v6-64|v6-all|");
	ck_assert_str_eq(who_at(m, "fd00:77:0:1::6"), "v6-all|");
	end(m);
}
END_TEST

START_TEST(a_party_is_its_block_a_larger_one_or_an_address_in_it)
{
	set_up();
	add("larger", ASSET_MATCH_IP, "203.0.0.0/16");
	add("smaller", ASSET_MATCH_IP, "198.51.100.128/25");
	add("address", ASSET_MATCH_IP, "192.0.2.7");
	add("name", ASSET_MATCH_DNS_SUFFIX, "supplier.example");
	struct matcher *m = begin();

	ck_assert_str_eq(who_at(m, "203.0.113.0/24"), "larger|");
	ck_assert_str_eq(who_at(m, "198.51.100.0/24"), "smaller|");
	ck_assert_str_eq(who_at(m, "192.0.2.0/24"), "address|");
	ck_assert_str_eq(who_at(m, "192.0.3.0/24"), "");
	ck_assert_str_eq(who_at(m, "192.0.2.8"), "");
	ck_assert_str_eq(who_named(m, NAME_SNI, "api.supplier.example"), "name|");
	end(m);
}
END_TEST

START_TEST(a_suffix_begins_where_a_label_does)
{
	set_up();
	add("A", ASSET_MATCH_DNS_SUFFIX, "trust.example");
	struct matcher *m = begin();

	ck_assert_str_eq(who_named(m, NAME_SNI, "trust.example"), "A|");
	ck_assert_str_eq(who_named(m, NAME_SNI, "a.b.TRUST.Example"), "A|");
	ck_assert_str_eq(who_named(m, NAME_SNI, "mistrust.example"), "");
	ck_assert_str_eq(who_named(m, NAME_SNI, "trust.example.net"), "");
	ck_assert_str_eq(who_named(m, NAME_SNI, "."), "");
	ck_assert_str_eq(who_named(m, NAME_BANNER, "trust.example"), "");
	end(m);
}
END_TEST

START_TEST(titles_are_no_host_names_and_applications_have_facilities)
{
	set_up();
	add("any", ASSET_MATCH_HL7_APP, "TIE");
	add("one", ASSET_MATCH_HL7_APP, "TIE^TRUST");
	add("title", ASSET_MATCH_AE_TITLE, "TIE");
	add("host", ASSET_MATCH_HOSTNAME, "tie");
	struct matcher *m = begin();

	ck_assert_str_eq(who_named(m, NAME_HL7, "TIE^TRUST"), "one|any|");
	ck_assert_str_eq(who_named(m, NAME_HL7, "TIE^OTHER"), "any|");
	ck_assert_str_eq(who_named(m, NAME_HL7, "TIE"), "any|");
	ck_assert_str_eq(who_named(m, NAME_AE_TITLE, "TIE"), "title|");
	ck_assert_str_eq(who_named(m, NAME_NETBIOS, "TIE"), "host|");
	end(m);
}
END_TEST

START_TEST(globs_without_a_dot_are_about_the_first_label)
{
	set_up();
	add("label", ASSET_MATCH_HOSTNAME, "ws-????");
	add("whole", ASSET_MATCH_HOSTNAME, "*.ward.example");
	struct matcher *m = begin();

	ck_assert_str_eq(who_named(m, NAME_DNS, "WS-0012"), "label|");
	ck_assert_str_eq(who_named(m, NAME_DNS, "ws-0012.ward.example"), "whole|label|");
	ck_assert_str_eq(who_named(m, NAME_DNS, "ws-00123.ward.example"), "whole|");
	ck_assert_str_eq(who_named(m, NAME_DNS, "ws-012.example"), "");
	end(m);
}
END_TEST

START_TEST(names_with_odd_characters_are_texts_and_nothing_more)
{
	char longest[400];

	memset(longest, 'a', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	set_up();
	add("odd", ASSET_MATCH_AE_TITLE, "A%s \\\"'<&>é");
	add("long", ASSET_MATCH_HOSTNAME, longest);
	struct matcher *m = begin();

	ck_assert_str_eq(who_named(m, NAME_AE_TITLE, "A%s \\\"'<&>é"), "odd|");
	ck_assert_str_eq(who_named(m, NAME_DNS, ""), "");
	ck_assert_str_eq(who_named(m, NAME_DNS, "a\\"), "");
	ck_assert_str_eq(who_named(m, NAME_DNS, longest), "");
	end(m);
}
END_TEST

/* What an end is: the candidates are those of 10.0.0.1. */
static const char *picked(const struct matcher *m, uint8_t ip_protocol, uint16_t port,
                          const char **rival)
{
	struct addr addr;
	struct match_subject subject = {.addr = &addr, .bits = 128, .mac = ""};
	const struct match *other, *match;
	const char *id;
	size_t n;

	ck_assert(addr_parse("10.0.0.1", &addr));
	struct match *found = matcher_candidates(m, &subject, &n);

	match = match_pick(found, n, ip_protocol, port, &other);
	id = match != NULL ? match->asset->id : "";
	*rival = other != NULL ? other->asset->id : "";
	free(found);
	return id;
}

START_TEST(a_port_narrows_and_then_goes_before_any_asset_without)
{
	const char *rival;

	set_up();
	add("host", ASSET_MATCH_IP, "10.0.0.1");
	cell(asset(assets, "pacs", ASSET_MATCH_IP, "10.0.0.0/24"), ASSET_MATCH_PORT,
	     "104;tcp/11112");
	cell(asset(assets, "dns", ASSET_MATCH_IP, "10.0.0.1"), ASSET_MATCH_PORT, "udp/53");
	struct matcher *m = begin();

	ck_assert_str_eq(picked(m, IPPROTO_TCP, 104, &rival), "pacs");
	ck_assert_str_eq(picked(m, IPPROTO_UDP, 104, &rival), "pacs");
	ck_assert_str_eq(picked(m, IPPROTO_TCP, 11112, &rival), "pacs");
	ck_assert_str_eq(picked(m, IPPROTO_UDP, 11112, &rival), "host");
	ck_assert_str_eq(picked(m, IPPROTO_UDP, 53, &rival), "dns");
	ck_assert_str_eq(picked(m, IPPROTO_TCP, 53, &rival), "host");
	ck_assert_str_eq(picked(m, IPPROTO_TCP, 0, &rival), "host");
	ck_assert_str_eq(rival, "");
	end(m);
}
END_TEST

START_TEST(assets_that_fit_as_exactly_are_rivals_and_the_first_by_id_is_taken)
{
	const char *rival;

	set_up();
	add("C", ASSET_MATCH_IP, "10.0.0.1");
	add("B", ASSET_MATCH_IP, "10.0.0.1");
	add("A", ASSET_MATCH_IP, "10.0.0.0/24");
	struct matcher *m = begin();

	ck_assert_str_eq(picked(m, IPPROTO_TCP, 104, &rival), "B");
	ck_assert_str_eq(rival, "C");
	end(m);
}
END_TEST

START_TEST(ports_alone_fit_last_of_all_and_have_rivals_too)
{
	const struct match *rival;

	set_up();
	add("C", ASSET_MATCH_PORT, "tcp/104;104");
	add("B", ASSET_MATCH_PORT, "104");
	add("D", ASSET_MATCH_PORT, "udp/161");
	cell(asset(assets, "A", ASSET_MATCH_IP, "10.0.0.1"), ASSET_MATCH_PORT, "104");
	struct matcher *m = begin();

	ck_assert_str_eq(who_at(m, "10.0.0.2"), "");
	ck_assert_str_eq(matcher_by_port(m, IPPROTO_TCP, 104, &rival)->id, "B");
	ck_assert_str_eq(rival->asset->id, "C");
	ck_assert_str_eq(matcher_by_port(m, IPPROTO_UDP, 161, &rival)->id, "D");
	ck_assert_ptr_null(rival);
	ck_assert_ptr_null(matcher_by_port(m, IPPROTO_TCP, 161, &rival));
	end(m);
}
END_TEST

START_TEST(thousands_of_globs_are_all_asked)
{
	char id[16], text[32];

	set_up();
	for (int i = 0; i < 5000; i++) {
		snprintf(id, sizeof id, "A-%04d", i);
		snprintf(text, sizeof text, "host%04d*;*.zone%04d.example", i, i);
		add(id, ASSET_MATCH_HOSTNAME, text);
	}
	struct matcher *m = begin();

	ck_assert_str_eq(who_named(m, NAME_DNS, "host0042a.zone4711.example"), "A-4711|A-0042|");
	ck_assert_str_eq(who_named(m, NAME_DNS, "nothing"), "");
	end(m);
}
END_TEST

START_TEST(an_empty_register_fits_nothing)
{
	const struct match_name name = {NAME_DNS, "a.example"};
	struct matcher *m = matcher_new(NULL);
	const struct match *rival;

	ck_assert_str_eq(who(m, "10.0.0.1", "02:4c:41:00:00:01", &name, 1), "");
	ck_assert_str_eq(who(m, "10.0.0.0/24", "", NULL, 0), "");
	ck_assert_ptr_null(matcher_by_port(m, IPPROTO_TCP, 104, &rival));
	ck_assert_ptr_null(rival);
	matcher_free(m);
	matcher_free(NULL);
}
END_TEST

UNIT_MAIN("match", the_more_exact_of_any_two_criteria_wins,
          an_asset_is_told_once_by_the_most_exact_of_its_criteria,
          blocks_hold_addresses_of_their_own_family_at_every_length,
          a_party_is_its_block_a_larger_one_or_an_address_in_it, a_suffix_begins_where_a_label_does,
          titles_are_no_host_names_and_applications_have_facilities,
          globs_without_a_dot_are_about_the_first_label,
          names_with_odd_characters_are_texts_and_nothing_more,
          a_port_narrows_and_then_goes_before_any_asset_without,
          assets_that_fit_as_exactly_are_rivals_and_the_first_by_id_is_taken,
          ports_alone_fit_last_of_all_and_have_rivals_too, thousands_of_globs_are_all_asked,
          an_empty_register_fits_nothing)
