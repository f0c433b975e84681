#include "terrier/register/directory.h"

#include "register_help.h"

static struct entries *assets;
static struct directory *d;

static void set_up(void)
{
	assets = entries_new(ENTRY_ASSET);
	asset(assets, "pacs", ASSET_MATCH_IP, "10.0.0.1");
	asset(assets, "web", ASSET_MATCH_PORT, "8443");
	asset(assets, "mail", ASSET_MATCH_DNS_SUFFIX, "cloud.example");
	asset(assets, "lab", ASSET_MATCH_IP, "198.51.100.0/24");
	asset(assets, "device", ASSET_MATCH_MAC, "02:4c:41:00:00:07");
	d = directory_new(assets);
}

static void tear_down(void)
{
	directory_free(d);
	entries_free(assets);
}

static const struct directory_host *host_at(const char *address)
{
	return directory_find(d, end_at(address).host);
}

static const char *asset_of(const struct exchange *e, const struct exchange_end *end)
{
	const struct match *rival;
	const struct entry *found = directory_asset(d, e, end, &rival);

	ck_assert_ptr_null(rival);
	return found != NULL ? found->id : "";
}

START_TEST(hosts_keep_their_order_and_are_found_by_key)
{
	set_up();
	add_host(d, "10.0.0.2", "");
	add_host(d, "10.0.0.1", "");
	add_name(d, "10.0.0.1", NAME_DNS, "pacs.trust.example");
	add_name(d, "10.9.9.9", NAME_DNS, "nobody");
	directory_finish(d);
	ck_assert_str_eq(directory_first(d)->address, "10.0.0.2");
	ck_assert_uint_eq(host_at("10.0.0.1")->n_names, 1);
	ck_assert_ptr_null(host_at("10.9.9.9"));
	ck_assert_str_eq(directory_host_asset(host_at("10.0.0.1"))->id, "pacs");
	ck_assert_ptr_null(directory_host_asset(host_at("10.0.0.2")));
	tear_down();
}
END_TEST

START_TEST(an_end_is_an_asset_by_address_port_party_or_hardware)
{
	struct exchange e = exchange("X-1", "10.0.0.1", "10.0.0.2", "img.study");

	set_up();
	add_host(d, "10.0.0.1", "");
	add_host(d, "10.0.0.2", "02:4C:41:00:00:07");
	add_host(d, "10.0.0.3", "");
	add_host(d, "[outlook.cloud.example]", "");
	add_host(d, "[198.51.100.0/24]", "");
	directory_finish(d);
	ck_assert_str_eq(asset_of(&e, &e.source), "pacs");
	ck_assert_str_eq(asset_of(&e, &e.destination), "device");
	e.destination = end_at("10.0.0.3");
	e.server_port = 8443;
	ck_assert_str_eq(asset_of(&e, &e.destination), "web");
	/* who calls serves nothing */
	e.initiated_by_source = false;
	ck_assert_str_eq(asset_of(&e, &e.destination), "");
	e.initiated_by_source = true;
	e.destination = end_at("[outlook.cloud.example]");
	ck_assert_str_eq(asset_of(&e, &e.destination), "mail");
	e.destination = end_at("[198.51.100.0/24]");
	ck_assert_str_eq(asset_of(&e, &e.destination), "lab");
	e.destination = end_at("10.0.0.4"); /* nobody has seen it */
	ck_assert_str_eq(asset_of(&e, &e.destination), "");
	tear_down();
}
END_TEST

START_TEST(a_party_that_serves_a_port_is_nobodys_asset_by_it)
{
	struct exchange e = exchange("X-1", "10.0.0.1", "[203.0.113.0/24]", "inf.web");

	set_up();
	add_host(d, "[203.0.113.0/24]", "");
	add_host(d, "[broadcast]", "");
	directory_finish(d);
	e.server_port = 8443;
	ck_assert_str_eq(asset_of(&e, &e.destination), "");
	e.destination = end_at("[broadcast]");
	ck_assert_str_eq(asset_of(&e, &e.destination), "");
	tear_down();
}
END_TEST

START_TEST(a_client_only_asks)
{
	struct exchange asks = exchange("X-1", "10.0.0.5", "10.0.0.6", "inf.web"),
	                modality = exchange("X-2", "10.0.0.7", "10.0.0.6", "img.study"),
	                outside = exchange("X-3", "[203.0.113.0/24]", "10.0.0.6", "inf.web"),
	                answered = exchange("X-4", "10.0.0.6", "10.0.0.8", "inf.web");

	set_up();
	add_host(d, "10.0.0.5", "");
	add_host(d, "10.0.0.6", "");
	add_host(d, "10.0.0.7", "");
	add_host(d, "10.0.0.8", "");
	add_host(d, "10.0.0.9", "");
	add_host(d, "[203.0.113.0/24]", "");
	asks.protocol = answered.protocol = "HTTP";
	modality.protocol = "DICOM";
	/* the information goes from the server to who asked for it */
	answered.initiated_by_source = false;
	answered.initiated_by_destination = true;
	directory_note(d, &asks);
	directory_note(d, &modality);
	directory_note(d, &outside);
	directory_note(d, &answered);
	directory_finish(d);
	ck_assert(directory_is_client(host_at("10.0.0.5")));
	ck_assert(!directory_is_client(host_at("10.0.0.6")));
	ck_assert_msg(!directory_is_client(host_at("10.0.0.7")),
	              "an imaging modality is no mere client");
	ck_assert(directory_is_client(host_at("10.0.0.8")));
	ck_assert(directory_is_client(host_at("10.0.0.9")));
	ck_assert(!directory_is_client(host_at("[203.0.113.0/24]")));
	tear_down();
}
END_TEST

START_TEST(rivals_are_told)
{
	struct exchange e = exchange("X-1", "10.0.0.1", "10.0.0.3", "img.study");
	const struct match *rival;

	set_up();
	asset(assets, "ris", ASSET_MATCH_IP, "10.0.0.1");
	asset(assets, "site", ASSET_MATCH_PORT, "tcp/8443");
	directory_free(d);
	d = directory_new(assets);
	add_host(d, "10.0.0.1", "");
	add_host(d, "10.0.0.3", "");
	directory_finish(d);
	e.server_port = 8443;
	ck_assert_str_eq(directory_asset(d, &e, &e.source, &rival)->id, "pacs");
	ck_assert_str_eq(rival->asset->id, "ris");
	ck_assert_str_eq(directory_asset(d, &e, &e.destination, &rival)->id, "site");
	ck_assert_str_eq(rival->asset->id, "web");
	tear_down();
}
END_TEST

START_TEST(without_a_register_everybody_is_unknown)
{
	struct exchange e = exchange("X-1", "10.0.0.1", "10.0.0.2", "img.study");

	assets = NULL;
	d = directory_new(NULL);
	add_host(d, "10.0.0.1", "");
	directory_finish(d);
	ck_assert_str_eq(asset_of(&e, &e.source), "");
	directory_free(d);
	directory_free(NULL);
}
END_TEST

UNIT_MAIN("directory", hosts_keep_their_order_and_are_found_by_key,
          an_end_is_an_asset_by_address_port_party_or_hardware,
          a_party_that_serves_a_port_is_nobodys_asset_by_it, a_client_only_asks, rivals_are_told,
          without_a_register_everybody_is_unknown)
