/* The one table of settings, and how each type of setting is read into its place. */
#include "terrier/daemon/settings_internal.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/daemon/value.h"
#include "terrier/model/record.h"

#include <stdlib.h>
#include <string.h>

#define MIB   UINT64_C(1048576)
#define LATER "Not in force in this version."

static void *place(void *base, size_t at)
{
	return (char *)base + at;
}

static bool in_range(const struct setting *k, uint64_t value)
{
	return value >= k->low && value <= k->high;
}

static bool read_in_range(const struct setting *k, const char *text, uint64_t *value)
{
	return value_parse_number(text, value) && in_range(k, *value);
}

static bool read_network(const struct setting *k, void *base, const char *text)
{
	struct prefix **all = place(base, k->at), one;
	size_t *n = place(base, k->n_at);

	if (!prefix_parse(text, &one)) {
		return false;
	}
	*all = mem_resize(*all, *n + 1, sizeof **all);
	(*all)[(*n)++] = one;
	return true;
}

static bool read_small_number(const struct setting *k, void *base, const char *text)
{
	uint16_t **all = place(base, k->at);
	size_t *n = place(base, k->n_at);
	uint64_t value;

	if (!read_in_range(k, text, &value)) {
		return false;
	}
	*all = mem_resize(*all, *n + 1, sizeof **all);
	(*all)[(*n)++] = (uint16_t)value;
	return true;
}

static bool read_name(const struct setting *k, void *base, const char *text)
{
	char ***all = place(base, k->at);
	size_t *n = place(base, k->n_at);

	if (!k->is_valid(text)) {
		return false;
	}
	*all = mem_resize(*all, *n + 1, sizeof **all);
	(*all)[(*n)++] = mem_strdup(text);
	return true;
}

static bool read_text(const struct setting *k, void *base, const char *text)
{
	char **out = place(base, k->at);

	if (!k->is_valid(text)) {
		return false;
	}
	free(*out);
	*out = mem_strdup(text);
	return true;
}

/* A filter too long for one line goes on in the next. */
static bool read_filter(const struct setting *k, void *base, const char *text)
{
	char **out = place(base, k->at), *longer;

	if (!value_is_filter(text)) {
		return false;
	}
	longer = *out != NULL ? mem_printf("%s %s", *out, text) : mem_strdup(text);
	free(*out);
	*out = longer;
	return true;
}

static bool read_number(const struct setting *k, void *base, const char *text)
{
	uint32_t *out = place(base, k->at);
	uint64_t value;

	if (!read_in_range(k, text, &value)) {
		return false;
	}
	*out = (uint32_t)value;
	return true;
}

static bool read_vlan(const struct setting *k, void *base, const char *text)
{
	int *out = place(base, k->at);
	uint64_t value;

	if (!read_in_range(k, text, &value)) {
		return false;
	}
	*out = (int)value;
	return true;
}

static bool read_size(const struct setting *k, void *base, const char *text)
{
	uint64_t *out = place(base, k->at), value;

	if (!value_parse_size(text, &value) || (value != 0 && !in_range(k, value)) ||
	    (value == 0 && !k->may_be_zero)) {
		return false;
	}
	*out = value;
	return true;
}

static bool read_size32(const struct setting *k, void *base, const char *text)
{
	uint32_t *out = place(base, k->at);
	uint64_t value;

	if (!value_parse_size(text, &value) || !in_range(k, value)) {
		return false;
	}
	*out = (uint32_t)value;
	return true;
}

static bool read_span(const struct setting *k, void *base, const char *text)
{
	int64_t *out = place(base, k->at), value;

	if (!clock_parse_span(text, &value) || value < 0 || !in_range(k, (uint64_t)value)) {
		return false;
	}
	*out = value;
	return true;
}

static bool read_choice(const struct setting *k, void *base, const char *text)
{
	bool *out = place(base, k->at);

	if (strcmp(text, k->is_true) != 0 && strcmp(text, k->is_false) != 0) {
		return false;
	}
	*out = strcmp(text, k->is_true) == 0;
	return true;
}

/* A row's type and the way it is read, so that what is said and what is done have one source. */
#define AT(field)      .at = offsetof(struct settings, field)
#define LIST_AT(field) AT(field), .n_at = offsetof(struct settings, n_##field), .is_list = true
#define HOW(...)                                                                                   \
	.setting = &(const struct setting)                                                         \
	{                                                                                          \
		__VA_ARGS__                                                                        \
	}

#define NETWORKS(field) .type = "networks", HOW(.read = read_network, LIST_AT(field))
#define NAMES(field, what, valid)                                                                  \
	.type = what, HOW(.read = read_name, .is_valid = (valid), LIST_AT(field))
#define NUMBERS(field, lowest, highest)                                                            \
	.type = "numbers, " #lowest " to " #highest,                                               \
	HOW(.read = read_small_number, .low = (lowest), .high = (highest), LIST_AT(field))
#define TEXT(field, what, valid)                                                                   \
	.type = what, HOW(.read = read_text, .is_valid = (valid), AT(field))
#define NUMBER(field, lowest, highest)                                                             \
	.type = "number, " #lowest " to " #highest,                                                \
	HOW(.read = read_number, .low = (lowest), .high = (highest), AT(field))
#define SIZE(field, reader, lowest, highest)                                                       \
	.type = "size, " #lowest "M to " #highest "M",                                             \
	HOW(.read = (reader), .low = (lowest)*MIB, .high = (highest)*MIB, AT(field))
#define SIZE_OR_ZERO(field, lowest, highest)                                                       \
	.type = "size, " #lowest "M to " #highest "M, or 0",                                       \
	HOW(.read = read_size, .low = (lowest)*MIB, .high = (highest)*MIB, .may_be_zero = true,    \
	    AT(field))
#define SPAN(field, lowest, highest)                                                               \
	.type = "time, " #lowest "d to " #highest "d",                                             \
	HOW(.read = read_span, .low = (lowest)*CLOCK_DAY_US, .high = (highest)*CLOCK_DAY_US,       \
	    AT(field))
#define CHOICE(field, yes, no)                                                                     \
	.type = yes " or " no,                                                                     \
	HOW(.read = read_choice, .is_true = (yes), .is_false = (no), AT(field))

/* In the order that holds without the setting. */
#define NAME_WORDS                                                                                 \
	"dns, sni, http_host, certificate, ae_title, hl7, kerberos, ldap, ntlm, smb, dhcp, "       \
	"netbios, mdns, banner"

static bool is_name_source(const char *text)
{
	return name_source_find(text) != NAME_NONE;
}

static const struct settings_row rows[] = {
        {"capture", "interface", .fallback = "",
         NAMES(interfaces, "interfaces", value_is_interface),
         .help = "Where to listen: SPAN ports. --interface replaces them."},
        {"capture", "filter", .fallback = "", .type = "BPF text, see pcap-filter(7)",
         HOW(.read = read_filter, .is_list = true, .is_whole = true, AT(filter)),
         .help = "Frames to look at, decided in the kernel. A convenience, no privacy control."},
        {"capture", "ring", .fallback = "64M", SIZE(ring_bytes, read_size32, 1, 2047),
         .help = "The kernel's buffer of one interface. More bridges longer bursts."},
        {"capture", "promiscuous", .fallback = "yes", CHOICE(promiscuous, "yes", "no"),
         .help = "Whether to see frames that are not for this machine."},
        {"capture", "exclude_networks", .fallback = "", NETWORKS(exclude_networks),
         .help = "Never looked at: frames from or to these addresses, outside or inside a tunnel."},
        {"capture", "exclude_vlans", .fallback = "", NUMBERS(exclude_vlans, 0, 4094),
         .help = "Never looked at: frames with one of these VLAN tags."},
        {"capture", "exclude_ports", .fallback = "", NUMBERS(exclude_ports, 1, 65535),
         .help = "Never looked at: TCP and UDP from or to these ports."},
        {"networks", "own",
         .fallback =
                 "10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16, fc00::/7, fe80::/10",
         NETWORKS(own),
         .help = "The organisation's networks. Until set, outputs say that inside is not "
                 "configured."},
        {"networks", "outside", .fallback = "", NETWORKS(outside),
         .help = "Networks of others within `own`, as on HSCN."},
        {"organisation", "name", .fallback = "", TEXT(organisation, "name of 1 to 64 characters", value_is_label),
         .help = "The organisation whose network this is: the controller's name on maps and exports."},
        {"organisation", "ods_code", .fallback = "", TEXT(ods_code, "name of 1 to 64 characters", value_is_label),
         .help = "Its ODS code."},
        {"zone NAME", "networks", .fallback = "", .type = "networks",
         HOW(.read = read_network, .is_list = true, .at = offsetof(struct zone, networks),
             .n_at = offsetof(struct zone, n_networks)),
         .help = "The networks of this zone; the narrowest that fits counts."},
        {"segment NAME", "sensor", .fallback = "", .type = "name of 1 to 64 characters",
         HOW(.read = read_text, .is_valid = value_is_label, .at = offsetof(struct segment, sensor)),
         .help = "Only what this sensor sees."},
        {"segment NAME", "interface", .fallback = "", .type = "interface",
         HOW(.read = read_text, .is_valid = value_is_interface,
             .at = offsetof(struct segment, interface)),
         .help = "Only what is seen on this interface."},
        {"segment NAME", "vlan", .fallback = "", .type = "number, 0 to 4094",
         HOW(.read = read_vlan, .high = 4094, .at = offsetof(struct segment, vlan)),
         .help = "Only what has this outermost VLAN tag. All that is given must match."},
        {"names", "order", .fallback = "", NAMES(name_order, NAME_WORDS, is_name_source),
         .help = "Which source gives a host its best name, the most believed first; the rest follow."},
        {"limits", "flows", .fallback = "1000000", NUMBER(max_flows, 1000, 100000000),
         .help = "Connections that one sensor follows at a time."},
        {"limits", "memory", .fallback = "1G", SIZE(max_memory, read_size, 16, 1048576),
         .help = "Memory of one sensor's tables."},
        {"limits", "hosts", .fallback = "250000", NUMBER(max_hosts, 100, 100000000),
         .help = "Hosts inside that are kept apart."},
        {"limits", "parties", .fallback = "50000", NUMBER(max_parties, 100, 100000000),
         .help = "Parties outside that are kept apart."},
        {"limits", "flush", .fallback = "60", NUMBER(flush_s, 1, 3600),
         .help = "Live: seconds between two commits to the database."},
        {"retention", "hours", .fallback = "14d", SPAN(retain_hours_us, 1, 36500),
         .help = "How long volumes by the hour are kept. " LATER, .is_later = true},
        {"retention", "days", .fallback = "13mo", SPAN(retain_days_us, 1, 36500),
         .help = "How long volumes by the day are kept. " LATER, .is_later = true},
        {"retention", "months", .fallback = "3y", SPAN(retain_months_us, 1, 36500),
         .help = "How long volumes by the month are kept. " LATER, .is_later = true},
        {"retention", "clients", .fallback = "30d", SPAN(retain_clients_us, 1, 36500),
         .help = "Then hosts that neither serve nor are declared fold into their zone. " LATER, .is_later = true},
        {"retention", "size", .fallback = "20G", SIZE_OR_ZERO(max_database, 16, 1048576),
         .help = "The database's largest size; 0 is no cap. " LATER, .is_later = true},
        {"privacy", "clients", .fallback = "keep", CHOICE(fold_clients, "fold", "keep"),
         .help = "fold: hosts that only use services are never stored one by one. " LATER, .is_later = true},
        {"privacy", "paths", .fallback = "",
         NAMES(safe_paths, "URL path roots that begin with /", value_is_path),
         .help = "URL path roots that are safe to keep beside the catalogue's. " LATER, .is_later = true},
        {"dissectors", "off", .fallback = "",
         NAMES(dissectors_off, "names of dissectors, or all", value_is_word),
         .help = "Dissectors that are not to look at any payload."},
        {"daemon", "user", .fallback = "terrier", TEXT(user, "account", value_is_account),
         .help = "Live, started as root: the account to run as."},
        {"daemon", "sensor", .fallback = "",
         TEXT(sensor, "name of 1 to 64 characters", value_is_label),
         .help = "What this sensor is called; without it the host name."},
};

_Static_assert(sizeof rows / sizeof rows[0] == SETTINGS_ROWS, "SETTINGS_ROWS counts the table");

const struct settings_row *settings_rows(size_t *n)
{
	*n = sizeof rows / sizeof rows[0];
	return rows;
}
