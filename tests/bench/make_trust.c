/* make_trust FOLDER [WHAT=NUMBER...]: writes into the folder what a trust of a given size would
 * have: terrier.db, put together through the store as the storer does it, the sheets assets.csv and
 * declared.csv, and register.db with both entered. The same numbers make the same trust. WHAT is
 * one of those of `sizes` below. */
#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/store.h"
#include "terrier/store/register_file.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START_US   INT64_C(1795046400000000) /* 2026-11-19T00:00:00Z, a Thursday */
#define HOURS      24
#define ZONES      12
#define ZONE_HOSTS 250   /* of a block of 256 addresses */
#define BATCH      20000 /* bookings a transaction */

struct size {
	const char *name;
	size_t value;
};

enum what { ASSETS, FLOWS, EXCHANGES, CLIENTS, SERVERS, PARTIES, DAYS, SEED, WHATS };

static struct size sizes[WHATS] = {
        [ASSETS] = {"assets", 5000},
        [FLOWS] = {"flows", 20000},
        [EXCHANGES] = {"exchanges", 200000},
        [CLIENTS] = {"clients", 8000},
        [SERVERS] = {"servers", 1500},
        [PARTIES] = {"parties", 500},
        [DAYS] = {"days", 30},
        [SEED] = {"seed", 1},
};

/* Which ends an exchange has. */
enum between { CLIENT_SERVER, SERVER_SERVER, SERVER_PARTY, CLIENT_PARTY };

/* What moves: `way` as of tests/system/filldb.c. */
static const struct profile {
	const char *kind, *protocol;
	enum between between;
	uint16_t port;
	char way;
	enum encryption encrypted;
	enum evidence_type type;
	const char *evidence[4];
} profiles[] = {
        {"pat.encounter",
         "HL7v2",
         SERVER_SERVER,
         2575,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"ADT^A01", "ADT^A02", "ADT^A03", "ADT^A08"}},
        {"pat.identity",
         "HL7v2",
         SERVER_SERVER,
         2575,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"ADT^A31", "ADT^A40"}},
        {"pat.appointment",
         "HL7v2",
         SERVER_SERVER,
         2576,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"SIU^S12", "SIU^S13", "SIU^S15"}},
        {"clin.order",
         "HL7v2",
         SERVER_SERVER,
         2577,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"ORM^O01", "OMG^O19"}},
        {"clin.observation",
         "HL7v2",
         SERVER_SERVER,
         2578,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"ORU^R01"}},
        {"clin.document",
         "HL7v2",
         SERVER_SERVER,
         2579,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"MDM^T02", "MDM^T01"}},
        {"clin.referral",
         "HL7v2",
         SERVER_SERVER,
         2580,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"REF^I12"}},
        {"clin.immunisation",
         "HL7v2",
         SERVER_SERVER,
         2581,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"VXU^V04"}},
        {"clin.hl7v2",
         "HL7v2+TLS",
         SERVER_SERVER,
         2762,
         'c',
         ENCRYPTED_YES,
         EVIDENCE_PORT,
         {"tcp/2762"}},
        {"lab.order",
         "HL7v2",
         SERVER_SERVER,
         2582,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"OML^O21"}},
        {"lab.result",
         "HL7v2",
         SERVER_SERVER,
         2583,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"OUL^R22", "ORU^R32"}},
        {"lab.instrument",
         "ASTM",
         CLIENT_SERVER,
         4010,
         'b',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"ASTM"}},
        {"lab.poct",
         "POCT1-A",
         CLIENT_SERVER,
         3001,
         'b',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"POCT1-A"}},
        {"lab.blood",
         "HL7v2",
         SERVER_SERVER,
         2584,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"BPS^O29"}},
        {"img.study",
         "DICOM",
         CLIENT_SERVER,
         104,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_DICOM_SOP,
         {"1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.4"}},
        {"img.study",
         "DICOM",
         SERVER_SERVER,
         11112,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_DICOM_SOP,
         {"1.2.840.10008.5.1.4.1.1.2"}},
        {"img.query",
         "DICOM",
         CLIENT_SERVER,
         104,
         's',
         ENCRYPTED_NO,
         EVIDENCE_DICOM_SOP,
         {"1.2.840.10008.5.1.4.1.2.2.1"}},
        {"img.workflow",
         "DICOM",
         CLIENT_SERVER,
         105,
         's',
         ENCRYPTED_NO,
         EVIDENCE_DICOM_SOP,
         {"1.2.840.10008.5.1.4.31"}},
        {"img.report",
         "DICOM",
         SERVER_SERVER,
         104,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_DICOM_SOP,
         {"1.2.840.10008.5.1.4.1.1.104.1"}},
        {"rt.plan",
         "DICOM",
         SERVER_SERVER,
         106,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_DICOM_SOP,
         {"1.2.840.10008.5.1.4.1.1.481.5"}},
        {"med.prescription",
         "HL7v2",
         SERVER_SERVER,
         2585,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"RDE^O11"}},
        {"clin.monitoring",
         "HL7v2",
         CLIENT_SERVER,
         6661,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"ORU^R40", "ORU^R30"}},
        {"clin.record",
         "TLS",
         CLIENT_SERVER,
         443,
         's',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"epr.trust.example"}},
        {"clin.query",
         "HTTP",
         CLIENT_SERVER,
         8080,
         's',
         ENCRYPTED_NO,
         EVIDENCE_FHIR_TYPE,
         {"Patient", "Observation"}},
        {"nat.spine",
         "TLS",
         SERVER_PARTY,
         443,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"spine.nhs.example"}},
        {"nat.api",
         "TLS",
         SERVER_PARTY,
         443,
         's',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"api.nhs.example"}},
        {"nat.mesh",
         "TLS",
         SERVER_PARTY,
         443,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"mesh.nhs.example"}},
        {"nat.ers",
         "TLS",
         CLIENT_PARTY,
         443,
         's',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"ers.nhs.example"}},
        {"fin.billing",
         "HL7v2",
         SERVER_SERVER,
         2586,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"DFT^P03"}},
        {"ref.master",
         "HL7v2",
         SERVER_SERVER,
         2587,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"MFN^M02"}},
        {"staff.record",
         "TLS",
         CLIENT_PARTY,
         443,
         's',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"esr.nhs.example"}},
        {"staff.roster",
         "TLS",
         CLIENT_PARTY,
         443,
         's',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"roster.supplier.example"}},
        {"id.staff",
         "TLS",
         CLIENT_PARTY,
         443,
         's',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"cis.nhs.example"}},
        {"inf.directory",
         "LDAP",
         CLIENT_SERVER,
         389,
         's',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"LDAP"}},
        {"inf.directory",
         "Kerberos",
         CLIENT_SERVER,
         88,
         's',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"Kerberos"}},
        {"inf.dns", "DNS", CLIENT_SERVER, 53, 's', ENCRYPTED_NO, EVIDENCE_PROTOCOL, {"DNS"}},
        {"inf.time", "NTP", CLIENT_SERVER, 123, 's', ENCRYPTED_NO, EVIDENCE_PROTOCOL, {"NTP"}},
        {"inf.addressing",
         "DHCP",
         CLIENT_SERVER,
         67,
         's',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"DHCP"}},
        {"inf.fileshare",
         "SMB2",
         CLIENT_SERVER,
         445,
         'b',
         ENCRYPTED_NO,
         EVIDENCE_SHARE,
         {"clinical", "finance", "shared", "scans"}},
        {"inf.fileshare",
         "SMB3",
         CLIENT_SERVER,
         445,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_PROTOCOL,
         {"SMB3"}},
        {"inf.database",
         "TDS+TLS",
         SERVER_SERVER,
         1433,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_PROTOCOL,
         {"TDS+TLS"}},
        {"inf.database", "TDS", CLIENT_SERVER, 1433, 'b', ENCRYPTED_NO, EVIDENCE_PROTOCOL, {"TDS"}},
        {"inf.messagebus",
         "AMQP",
         SERVER_SERVER,
         5672,
         'b',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"AMQP"}},
        {"inf.email",
         "SMTP+TLS",
         SERVER_PARTY,
         25,
         'c',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"mail.example"}},
        {"inf.collab",
         "TLS",
         CLIENT_PARTY,
         443,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"teams.cloud.example"}},
        {"inf.cloud",
         "TLS",
         SERVER_PARTY,
         443,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"store.cloud.example"}},
        {"inf.backup",
         "TLS",
         SERVER_SERVER,
         10006,
         'c',
         ENCRYPTED_YES,
         EVIDENCE_PORT,
         {"tcp/10006"}},
        {"inf.storage",
         "iSCSI",
         SERVER_SERVER,
         3260,
         'b',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"iSCSI"}},
        {"inf.remote", "RDP", CLIENT_SERVER, 3389, 'b', ENCRYPTED_YES, EVIDENCE_PROTOCOL, {"RDP"}},
        {"inf.remote", "SSH", SERVER_SERVER, 22, 'b', ENCRYPTED_YES, EVIDENCE_PROTOCOL, {"SSH"}},
        {"inf.print",
         "JetDirect",
         CLIENT_SERVER,
         9100,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"JetDirect"}},
        {"inf.voice", "SIP", CLIENT_SERVER, 5060, 'b', ENCRYPTED_NO, EVIDENCE_PROTOCOL, {"SIP"}},
        {"inf.monitoring",
         "SNMP",
         SERVER_SERVER,
         161,
         's',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"SNMP"}},
        {"inf.update", "HTTP", CLIENT_SERVER, 8530, 's', ENCRYPTED_NO, EVIDENCE_PORT, {"tcp/8530"}},
        {"inf.security",
         "TLS",
         CLIENT_PARTY,
         443,
         'c',
         ENCRYPTED_YES,
         EVIDENCE_TLS_SNI,
         {"edr.supplier.example"}},
        {"inf.web", "HTTP", CLIENT_SERVER, 80, 's', ENCRYPTED_NO, EVIDENCE_PROTOCOL, {"HTTP"}},
        {"inf.web", "TLS", CLIENT_PARTY, 443, 's', ENCRYPTED_YES, EVIDENCE_PORT, {"tcp/443"}},
        {"ot.building",
         "BACnet",
         SERVER_SERVER,
         47808,
         'b',
         ENCRYPTED_NO,
         EVIDENCE_PROTOCOL,
         {"BACnet"}},
        {"ot.cctv", "RTSP", CLIENT_SERVER, 554, 's', ENCRYPTED_NO, EVIDENCE_PROTOCOL, {"RTSP"}},
        {"aud.trail",
         "syslog+TLS",
         SERVER_SERVER,
         6514,
         'c',
         ENCRYPTED_YES,
         EVIDENCE_PORT,
         {"tcp/6514"}},
        {"sup.materials",
         "HL7v2",
         SERVER_SERVER,
         2588,
         'c',
         ENCRYPTED_NO,
         EVIDENCE_HL7_MSH9,
         {"MFN^M05"}},
        {"unk.encrypted",
         "TLS",
         CLIENT_SERVER,
         443,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_PORT,
         {"tcp/443"}},
        {"unk.encrypted",
         "TLS",
         SERVER_SERVER,
         8443,
         'b',
         ENCRYPTED_YES,
         EVIDENCE_PORT,
         {"tcp/8443"}},
        {"unk.other", "unknown", SERVER_SERVER, 40000, 'b', ENCRYPTED_UNKNOWN, EVIDENCE_NONE, {""}},
};
#define PROFILES (sizeof profiles / sizeof profiles[0])

/* A host or party, and the asset that it is. */
struct actor {
	struct endpoint end;
	struct entry *asset; /* NULL: in no register */
};

struct trust {
	struct store *store;
	int64_t run;
	struct actor *clients, *servers, *parties;
	struct entries *assets, *declared;
	uint64_t random;
	uint64_t *taken; /* keys of the exchanges there are, by open addressing */
	size_t room;
	size_t batch;
};

static void must(int result, const struct store *s)
{
	if (result != 0) {
		fprintf(stderr, "make_trust: %s\n", store_error(s));
		exit(1);
	}
}

/* Below `n`; Vigna's splitmix64, so that every machine makes the same trust. */
static size_t pick(struct trust *t, size_t n)
{
	uint64_t z = t->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)((z ^ z >> 31) % n);
}

/* Few are asked by many: the first of all are picked most. */
static size_t pick_popular(struct trust *t, size_t n)
{
	return pick(t, pick(t, n) + 1);
}

static struct endpoint inside(unsigned net, size_t number)
{
	const uint8_t octets[4] = {10, (uint8_t)(net + number / ZONE_HOSTS / 256),
	                           (uint8_t)(number / ZONE_HOSTS % 256),
	                           (uint8_t)(number % ZONE_HOSTS + 2)};
	struct endpoint end = {.is_inside = true};

	addr_from_v4(&end.addr, octets);
	return end;
}

static struct endpoint outside(size_t number)
{
	struct endpoint end = {.is_inside = false};
	const uint8_t octets[4] = {(uint8_t)(100 + number / 256 % 100), 64, (uint8_t)(number % 256),
	                           0};

	if (number % 2 == 0) {
		snprintf(end.party, sizeof end.party, "service%zu.supplier%zu.example", number,
		         number / 10);
	} else {
		addr_from_v4(&end.addr, octets);
		snprintf(end.party, sizeof end.party, "%u.%u.%u.0/24", octets[0], octets[1],
		         octets[2]);
	}
	return end;
}

static void make_actors(struct trust *t)
{
	t->clients = mem_zalloc(sizes[CLIENTS].value, sizeof *t->clients);
	t->servers = mem_zalloc(sizes[SERVERS].value, sizeof *t->servers);
	t->parties = mem_zalloc(sizes[PARTIES].value, sizeof *t->parties);
	for (size_t i = 0; i < sizes[CLIENTS].value; i++) {
		t->clients[i].end = inside(40, i);
	}
	for (size_t i = 0; i < sizes[SERVERS].value; i++) {
		t->servers[i].end = inside(20, i);
	}
	for (size_t i = 0; i < sizes[PARTIES].value; i++) {
		t->parties[i].end = outside(i);
	}
}

static void set(struct entry *e, size_t column, char *text)
{
	entry_set(e, column, text, strlen(text));
	free(text);
}

static void set_plain(struct entry *e, size_t column, const char *text)
{
	entry_set(e, column, text, strlen(text));
}

static struct entry *new_asset(struct trust *t, size_t number, const char *type, const char *name)
{
	struct entry *e = entry_new(ENTRY_ASSET);

	set(e, ASSET_ID, mem_printf("A-%05zu", number));
	set(e, ASSET_NAME, mem_printf("%s %zu", name, number));
	set_plain(e, ASSET_TYPE, type);
	set(e, ASSET_DESCRIPTION,
	    mem_printf("What the trust knows as number %zu, kept by its department", number));
	set(e, ASSET_SITE, mem_printf("Site %zu", number % 5));
	set_plain(e, ASSET_COUNTRY, "GB");
	set(e, ASSET_SUPPLIER, mem_printf("Supplier %zu Ltd", number % 97));
	set_plain(e, ASSET_CONTRACT_END, "2028-03-31");
	set(e, ASSET_OWNER, mem_printf("Head of department %zu", number % 60));
	set_plain(e, ASSET_PERSONAL_DATA, "yes");
	set_plain(e, ASSET_KINDS, number % 3 == 0 ? "clin.*" : "pat.encounter;lab.result");
	set_plain(e, ASSET_REVIEW_DUE, "2027-06-30");
	entry_identify(e);
	if (!entries_add(t->assets, e)) {
		abort();
	}
	return e;
}

/* By what registers tell servers: mostly addresses, and each of the others. */
static void match_server(struct trust *t, struct entry *e, size_t i)
{
	char address[ADDR_TEXT_MAX];

	set(e, ASSET_ORGANISATION, mem_strdup("Trust"));
	set(e, ASSET_ZONE, mem_printf("Zone %zu", i / ZONE_HOSTS % ZONES));
	switch (i % 10) {
	case 0:
	case 1:
		set(e, ASSET_MATCH_HOSTNAME, mem_printf("app%05zu", i));
		break;
	case 2:
		set(e, ASSET_MATCH_HOSTNAME,
		    mem_printf("app%05zu*;spare%05zu?.trust.example", i, i));
		break;
	case 3:
		set(e, ASSET_MATCH_AE_TITLE, mem_printf("AE%05zu", i));
		break;
	case 4:
		set(e, ASSET_MATCH_HL7_APP, mem_printf("APP%05zu^TRUST", i));
		break;
	default:
		set(e, ASSET_MATCH_IP, mem_strdup(addr_format(&t->servers[i].end.addr, address)));
	}
}

static void match_party(struct entry *e, const struct endpoint *end, size_t i)
{
	set(e, ASSET_ORGANISATION, mem_printf("Organisation %zu", i / 4));
	set_plain(e, end->party[0] == 's' ? ASSET_MATCH_DNS_SUFFIX : ASSET_MATCH_IP, end->party);
}

/* Of 100 assets 30 are servers, 8 outside parties, 20 devices among the clients, and the rest
 * things that no network shows, or that were not seen. */
static void make_assets(struct trust *t)
{
	size_t n = sizes[ASSETS].value, servers = 0, parties = 0, devices = 0;
	char mac[18];

	t->assets = entries_new(ENTRY_ASSET);
	for (size_t i = 0; i < n; i++) {
		size_t place = i % 100;

		if (place < 30 && servers < sizes[SERVERS].value) {
			t->servers[servers].asset = new_asset(t, i, "system", "System");
			match_server(t, t->servers[servers].asset, servers);
			servers++;
		} else if (place < 38 && parties < sizes[PARTIES].value) {
			t->parties[parties].asset = new_asset(t, i, "external_party", "Supplier");
			match_party(t->parties[parties].asset, &t->parties[parties].end, parties);
			parties++;
		} else if (place < 58 && devices < sizes[CLIENTS].value) {
			t->clients[devices].asset = new_asset(t, i, "medical_device", "Device");
			snprintf(mac, sizeof mac, "02:00:00:00:%02zx:%02zx", devices / 256 % 256,
			         devices % 256);
			set_plain(t->clients[devices].asset, ASSET_MATCH_MAC, mac);
			devices++;
		} else {
			set(new_asset(t, i, "dataset", "Records"), ASSET_MATCH_IP,
			    mem_printf("172.16.%zu.%zu", i / 256 % 256, i % 256));
		}
	}
}

static void declare(struct trust *t, const struct entry *from, const struct entry *to,
                    const char *kind)
{
	struct entry *e = entry_new(ENTRY_DECLARATION);

	set_plain(e, DECLARED_SOURCE, from->id);
	set_plain(e, DECLARED_DESTINATION, to->id);
	set_plain(e, DECLARED_KIND, kind);
	set_plain(e, DECLARED_ENCRYPTED, "yes");
	set_plain(e, DECLARED_FREQUENCY, "daily");
	set_plain(e, DECLARED_PURPOSE, "Direct care of the patients of the trust");
	set_plain(e, DECLARED_ART6, "6(1)(e)");
	set_plain(e, DECLARED_ART9, "9(2)(h)");
	set_plain(e, DECLARED_COMMON_LAW, "implied_consent");
	set(e, DECLARED_AGREEMENT_REF, mem_printf("DSA-%zu", entries_count(t->declared) % 400));
	set_plain(e, DECLARED_AGREEMENT_END, "2027-12-31");
	set_plain(e, DECLARED_AUTHORISED_BY, "Caldicott Guardian");
	set_plain(e, DECLARED_AUTHORISED_ON, "2026-01-15");
	set_plain(e, DECLARED_REVIEW_DUE, "2027-01-15");
	entry_identify(e);
	if (!entries_add(t->declared, e)) {
		entry_free(e);
	}
}

static const struct entry *any_asset(struct trust *t)
{
	char id[32];

	snprintf(id, sizeof id, "A-%05zu", pick(t, sizes[ASSETS].value));
	return entries_find(t->assets, id);
}

/* What is not on the wire, or under its group only. */
static void declare_the_rest(struct trust *t)
{
	while (entries_count(t->declared) < sizes[FLOWS].value) {
		declare(t, any_asset(t), any_asset(t),
		        pick(t, 10) == 0 ? "clin.*" : profiles[pick(t, PROFILES)].kind);
	}
}

/* True when it is new. */
static bool take_key(struct trust *t, uint64_t key)
{
	size_t at = (size_t)(key * UINT64_C(0x9e3779b97f4a7c15) % t->room);

	while (t->taken[at] != 0 && t->taken[at] != key) {
		at = (at + 1) % t->room;
	}
	if (t->taken[at] == key) {
		return false;
	}
	t->taken[at] = key;
	return true;
}

static void book(struct trust *t, struct booking *b, const struct profile *p, int64_t hour)
{
	size_t n_texts = 0;

	while (n_texts < 4 && p->evidence[n_texts] != NULL) {
		n_texts++;
	}
	b->connections = 1 + pick(t, 20);
	b->messages = b->has_messages ? b->connections * (1 + pick(t, 5)) : 0;
	b->bytes_to_destination = b->connections * (200 + pick(t, 20000));
	b->bytes_to_source = b->connections * (100 + pick(t, 2000));
	b->first_us = START_US + hour * CLOCK_HOUR_US + (int64_t)pick(t, 1800) * CLOCK_SECOND_US;
	b->last_us = b->first_us + (int64_t)pick(t, 1800) * CLOCK_SECOND_US;
	b->evidence = p->evidence[pick(t, n_texts)];
	b->evidence_count = b->has_messages ? b->messages : b->connections;
	must(store_put_exchange(t->store, t->run, b), t->store);
	if (++t->batch % BATCH == 0) {
		must(store_commit(t->store), t->store);
		must(store_begin(t->store), t->store);
	}
}

/* Some links never rest, some work by day, most are there now and then. */
static void book_hours(struct trust *t, struct booking *b, const struct profile *p)
{
	size_t hours = sizes[DAYS].value * HOURS, often = pick(t, 100), n = 1 + pick(t, 8);

	for (size_t hour = 0; often < 8 && hour < hours; hour++) {
		if (often < 2 || hour % HOURS == 9 ||
		    (often < 3 && hour % HOURS > 7 && hour % HOURS < 18)) {
			book(t, b, p, (int64_t)hour);
		}
	}
	for (size_t i = 0; often >= 8 && i < n; i++) {
		book(t, b, p, (int64_t)pick(t, hours));
	}
}

static void note_tls(struct trust *t, struct booking *b)
{
	b->connections = b->messages = b->bytes_to_destination = b->bytes_to_source = 0;
	b->evidence_type = EVIDENCE_OTHER;
	b->evidence = pick(t, 12) == 0 ? "TLS version 1.0" : "TLS version 1.3";
	b->evidence_count = 3;
	must(store_put_exchange(t->store, t->run, b), t->store);
}

/* Makes one exchange unless it is there already. */
static bool make_exchange(struct trust *t)
{
	size_t number = pick(t, PROFILES);
	const struct profile *p = &profiles[number];
	bool has_client = p->between == CLIENT_SERVER || p->between == CLIENT_PARTY,
	     has_party = p->between == SERVER_PARTY || p->between == CLIENT_PARTY;
	size_t a = has_client ? pick(t, sizes[CLIENTS].value)
	                      : pick_popular(t, sizes[SERVERS].value),
	       b = pick_popular(t, has_party ? sizes[PARTIES].value : sizes[SERVERS].value);
	const struct actor *client = &(has_client ? t->clients : t->servers)[a],
	                   *server = &(has_party ? t->parties : t->servers)[b];
	bool is_reverse = p->way == 's';
	const struct actor *from = is_reverse ? server : client, *to = is_reverse ? client : server;
	struct booking booking = {
	        .segment = "",
	        .sensor = pick(t, 4) == 0 ? "span-b" : "span-a",
	        .source = from->end,
	        .destination = to->end,
	        .ip_protocol = p->port == 53 || p->port == 123 || p->port == 161 || p->port == 47808
	                               ? IPPROTO_UDP
	                               : IPPROTO_TCP,
	        .server_port = p->port,
	        .kind_id = p->kind,
	        .protocol = p->protocol,
	        .is_both = p->way == 'b',
	        .initiated_by_source = !is_reverse,
	        .initiated_by_destination = is_reverse,
	        .confidence = p->type == EVIDENCE_PORT ? CONFIDENCE_LOW : CONFIDENCE_HIGH,
	        .encrypted = p->encrypted,
	        .has_messages = p->type == EVIDENCE_HL7_MSH9 || p->type == EVIDENCE_DICOM_SOP,
	        .evidence_type = p->type,
	};

	if ((!has_client && !has_party && a == b) ||
	    !take_key(t, ((uint64_t)(number + 1) << 40 | a << 20 | b) + 1)) {
		return false;
	}
	book_hours(t, &booking, p);
	if (strstr(p->protocol, "TLS") != NULL) {
		note_tls(t, &booking);
	}
	if (from->asset != NULL && to->asset != NULL &&
	    entries_count(t->declared) < sizes[FLOWS].value / 2) {
		declare(t, from->asset, to->asset, p->kind);
	}
	return true;
}

static void name(struct trust *t, const struct endpoint *end, enum name_source source, char *text)
{
	const struct store_name put = {source, text, 3, START_US, START_US + CLOCK_HOUR_US, false};

	must(store_put_name(t->store, "", end, &put), t->store);
	free(text);
}

static void put_host(struct trust *t, const struct endpoint *end, unsigned net, size_t i)
{
	struct record_host host = {.addr = end->addr,
	                           .mac = {2, 0, 0, (uint8_t)net, (uint8_t)(i / 256), (uint8_t)i}};

	must(store_put_host(t->store, "", end, &host, START_US, START_US + CLOCK_HOUR_US),
	     t->store);
}

static void put_names(struct trust *t)
{
	for (size_t i = 0; i < sizes[SERVERS].value; i++) {
		const struct endpoint *end = &t->servers[i].end;

		put_host(t, end, 1, i);
		name(t, end, NAME_DNS, mem_printf("app%05zu.trust.example", i));
		if (i % 10 == 3) {
			name(t, end, NAME_AE_TITLE, mem_printf("AE%05zu", i));
		} else if (i % 10 == 4) {
			name(t, end, NAME_HL7, mem_printf("APP%05zu^TRUST", i));
		}
	}
	for (size_t i = 0; i < sizes[CLIENTS].value; i++) {
		put_host(t, &t->clients[i].end, 0, i);
		if (i % 5 < 3) {
			name(t, &t->clients[i].end, NAME_NETBIOS,
			     mem_printf("WS-%c%05zu", 'A' + (int)(i % 26), i));
		}
	}
}

static void put_settings(struct trust *t)
{
	struct prefix networks[ZONES], own;
	struct store_zone zones[ZONES];
	struct store_settings settings = {.own = &own,
	                                  .n_own = 1,
	                                  .own_is_set = true,
	                                  .zones = zones,
	                                  .n_zones = ZONES,
	                                  .exclusions = ""};
	char *names[ZONES];

	prefix_parse("10.0.0.0/8", &own);
	for (size_t i = 0; i < ZONES; i++) {
		char text[PREFIX_TEXT_MAX];

		snprintf(text, sizeof text, "10.%zu.%zu.0/24", i < 6 ? (size_t)20 : (size_t)40,
		         i % 6);
		prefix_parse(text, &networks[i]);
		names[i] = mem_printf("Zone %zu", i);
		zones[i] = (struct store_zone){
		        .name = names[i], .networks = &networks[i], .n_networks = 1};
	}
	must(store_put_settings(t->store, &settings), t->store);
	for (size_t i = 0; i < ZONES; i++) {
		free(names[i]);
	}
}

static void put_coverage(struct trust *t)
{
	for (size_t hour = 0; hour < sizes[DAYS].value * HOURS; hour++) {
		struct record_coverage coverage = {.counter = {[COVERAGE_PACKETS] = 1000000}};
		int64_t at = START_US + (int64_t)hour * CLOCK_HOUR_US;

		must(store_put_coverage(t->store, t->run, &coverage, at, at + CLOCK_SECOND_US),
		     t->store);
	}
}

static void make_database(struct trust *t, const char *path)
{
	struct store_run run = {
	        .sensor = "span-a",
	        .source = "eth0",
	        .version = "0",
	        .dpi_version = "0",
	        .started_us = START_US,
	        .first_us = START_US,
	        .last_us = START_US + (int64_t)(sizes[DAYS].value * HOURS) * CLOCK_HOUR_US - 1,
	        .is_complete = true,
	        .is_ended = true,
	};
	enum store_fault fault;
	char *error;

	run.ended_us = run.last_us;
	t->store = store_open_rw(path, &fault, &error);
	if (t->store == NULL) {
		fprintf(stderr, "make_trust: %s\n", error);
		exit(1);
	}
	must(store_begin(t->store), t->store);
	put_settings(t);
	must(store_run_begin(t->store, &run), t->store);
	t->run = run.id;
	put_coverage(t);
	for (size_t made = 0; made < sizes[EXCHANGES].value;) {
		made += make_exchange(t);
	}
	put_names(t);
	must(store_run_end(t->store, &run), t->store);
	must(store_commit(t->store), t->store);
	store_close(t->store);
}

static void write_cell(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"') {
			fputc('"', out);
		}
		fputc(*text, out);
	}
	fputc('"', out);
}

static void write_sheet(const struct entries *all, const char *path)
{
	size_t n;
	const struct entry_column *columns = entry_columns(all->type, &n);
	FILE *out = fopen(path, "w");

	if (out == NULL) {
		perror(path);
		exit(1);
	}
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s%s", i > 0 ? "," : "", columns[i].name);
	}
	for (const struct entry *e = all->first; e != NULL; e = e->hh.next) {
		for (size_t i = 0; i < n; i++) {
			fputs(i > 0 ? "," : "\r\n", out);
			write_cell(out, entry_text(e, i));
		}
	}
	fputs("\r\n", out);
	if (fclose(out) != 0) {
		perror(path);
		exit(1);
	}
}

static void enter(struct register_file *r, const struct entries *all)
{
	const struct register_author author = {"bench", "make_trust", START_US};
	struct register_change *changes = mem_zalloc(entries_count(all), sizeof *changes);
	size_t n = 0;

	for (const struct entry *e = all->first; e != NULL; e = e->hh.next) {
		changes[n++].entry = e;
	}
	if (register_append(r, &author, changes, n) != 0) {
		fprintf(stderr, "make_trust: %s\n", register_error(r));
		exit(1);
	}
	free(changes);
}

static void make_register(const struct trust *t, const char *path)
{
	enum store_fault fault;
	char *error;
	struct register_file *r = register_open(path, REGISTER_WRITE, &fault, &error);

	if (r == NULL) {
		fprintf(stderr, "make_trust: %s\n", error);
		exit(1);
	}
	enter(r, t->assets);
	enter(r, t->declared);
	register_close(r);
}

static char *in(const char *folder, const char *name)
{
	return mem_printf("%s/%s", folder, name);
}

static void read_size(const char *text)
{
	size_t len = strcspn(text, "=");

	for (size_t i = 0; i < WHATS; i++) {
		if (strlen(sizes[i].name) == len && strncmp(sizes[i].name, text, len) == 0 &&
		    text[len] == '=') {
			sizes[i].value = strtoul(text + len + 1, NULL, 10);
			return;
		}
	}
	fprintf(stderr, "make_trust: no such size: %s\n", text);
	exit(2);
}

int main(int argc, char **argv)
{
	static const char *const files[] = {"terrier.db", "assets.csv", "declared.csv",
	                                    "register.db"};
	char *paths[4];
	struct trust t = {0};

	if (argc < 2) {
		fputs("usage: make_trust FOLDER [WHAT=NUMBER...]\n", stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		read_size(argv[i]);
	}
	for (size_t i = 0; i < 4; i++) {
		paths[i] = in(argv[1], files[i]);
	}
	t.random = sizes[SEED].value;
	t.room = sizes[EXCHANGES].value * 2 + 1;
	t.taken = mem_zalloc(t.room, sizeof *t.taken);
	t.declared = entries_new(ENTRY_DECLARATION);
	make_actors(&t);
	make_assets(&t);
	make_database(&t, paths[0]);
	declare_the_rest(&t);
	write_sheet(t.assets, paths[1]);
	write_sheet(t.declared, paths[2]);
	make_register(&t, paths[3]);
	for (size_t i = 0; i < 4; i++) {
		free(paths[i]);
	}
	entries_free(t.declared);
	entries_free(t.assets);
	free(t.taken);
	free(t.clients);
	free(t.servers);
	free(t.parties);
	return 0;
}
