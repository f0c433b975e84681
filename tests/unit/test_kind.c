/* The shipped catalogue and its matcher. */
#include "terrier/model/kind.h"

#include "terrier/model/packet.h"
#include "unit.h"

#include <string.h>

/* All names that nDPI 4.2 can give. */
static const char *const ndpi_names[] = {
        "Unknown",
        "FTP_CONTROL",
        "POP3",
        "SMTP",
        "IMAP",
        "DNS",
        "IPP",
        "HTTP",
        "MDNS",
        "NTP",
        "NetBIOS",
        "NFS",
        "SSDP",
        "BGP",
        "SNMP",
        "XDMCP",
        "SMBv1",
        "Syslog",
        "DHCP",
        "PostgreSQL",
        "MySQL",
        "Hotmail",
        "Direct_Download_Link",
        "POPS",
        "AppleJuice",
        "DirectConnect",
        "ntop",
        "COAP",
        "VMware",
        "SMTPS",
        "DTLS",
        "UBNTAC2",
        "Kontiki",
        "OpenFT",
        "FastTrack",
        "Gnutella",
        "eDonkey",
        "BitTorrent",
        "SkypeCall",
        "Signal",
        "Memcached",
        "SMBv23",
        "Mining",
        "NestLogSink",
        "Modbus",
        "WhatsAppCall",
        "DataSaver",
        "Xbox",
        "QQ",
        "TikTok",
        "RTSP",
        "IMAPS",
        "IceCast",
        "CPHA",
        "PPStream",
        "Zattoo",
        "ShoutCast",
        "Sopcast",
        "Discord",
        "TVUplayer",
        "MongoDB",
        "QQLive",
        "Thunder",
        "OCSP",
        "FREE_64",
        "IRC",
        "Ayiya",
        "Jabber",
        "Nats",
        "AmongUs",
        "Yahoo",
        "DisneyPlus",
        "GooglePlus",
        "VRRP",
        "Steam",
        "HalfLife2",
        "WorldOfWarcraft",
        "Telnet",
        "STUN",
        "IPsec",
        "GRE",
        "ICMP",
        "IGMP",
        "EGP",
        "SCTP",
        "OSPF",
        "IP_in_IP",
        "RTP",
        "RDP",
        "VNC",
        "Tumblr",
        "TLS",
        "SSH",
        "Usenet",
        "MGCP",
        "IAX",
        "TFTP",
        "AFP",
        "Stealthnet",
        "Aimini",
        "SIP",
        "TruPhone",
        "ICMPV6",
        "DHCPV6",
        "Armagetron",
        "Crossfire",
        "Dofus",
        "Fiesta",
        "Florensia",
        "Guildwars",
        "AmazonAlexa",
        "Kerberos",
        "LDAP",
        "MapleStory",
        "MsSQL-TDS",
        "PPTP",
        "Warcraft3",
        "WorldOfKungFu",
        "Slack",
        "Facebook",
        "Twitter",
        "Dropbox",
        "GMail",
        "GoogleMaps",
        "YouTube",
        "Skype_Teams",
        "Google",
        "DCE_RPC",
        "NetFlow",
        "sFlow",
        "HTTP_Connect",
        "HTTP_Proxy",
        "Citrix",
        "NetFlix",
        "LastFM",
        "Waze",
        "YouTubeUpload",
        "Hulu",
        "CHECKMK",
        "AJP",
        "Apple",
        "Webex",
        "WhatsApp",
        "AppleiCloud",
        "Viber",
        "AppleiTunes",
        "Radius",
        "WindowsUpdate",
        "TeamViewer",
        "Tuenti",
        "LotusNotes",
        "SAP",
        "GTP",
        "WSD",
        "LLMNR",
        "RemoteScan",
        "Spotify",
        "Messenger",
        "H323",
        "OpenVPN",
        "NOE",
        "CiscoVPN",
        "TeamSpeak",
        "Tor",
        "CiscoSkinny",
        "RTCP",
        "RSYNC",
        "Oracle",
        "Corba",
        "UbuntuONE",
        "Whois-DAS",
        "Collectd",
        "SOCKS",
        "Nintendo",
        "RTMP",
        "FTP_DATA",
        "Wikipedia",
        "ZeroMQ",
        "Amazon",
        "eBay",
        "CNN",
        "Megaco",
        "Redis",
        "Pinterest",
        "VHUA",
        "Telegram",
        "Vevo",
        "Pandora",
        "QUIC",
        "Zoom",
        "EAQ",
        "Ookla",
        "AMQP",
        "KakaoTalk",
        "KakaoTalk_Voice",
        "Twitch",
        "DoH_DoT",
        "WeChat",
        "MPEG_TS",
        "Snapchat",
        "Sina(Weibo)",
        "GoogleHangoutDuo",
        "IFLIX",
        "Github",
        "BJNP",
        "Reddit",
        "WireGuard",
        "SMPP",
        "DNScrypt",
        "TINC",
        "Deezer",
        "Instagram",
        "Microsoft",
        "Starcraft",
        "Teredo",
        "HotspotShield",
        "IMO",
        "GoogleDrive",
        "OCS",
        "Microsoft365",
        "Cloudflare",
        "MS_OneDrive",
        "MQTT",
        "RX",
        "AppleStore",
        "OpenDNS",
        "Git",
        "DRDA",
        "PlayStore",
        "SOMEIP",
        "FIX",
        "Playstation",
        "Pastebin",
        "LinkedIn",
        "SoundCloud",
        "CSGO",
        "LISP",
        "Diameter",
        "ApplePush",
        "GoogleServices",
        "AmazonVideo",
        "GoogleDocs",
        "WhatsAppFiles",
        "TargusDataspeed",
        "DNP3",
        "IEC60870",
        "Bloomberg",
        "CAPWAP",
        "Zabbix",
        "s7comm",
        "Teams",
        "WebSocket",
        "AnyDesk",
        "SOAP",
        "AppleSiri",
        "SnapchatCall",
        "HP_VIRTGRP",
        "GenshinImpact",
        "Activision",
        "FortiClient",
        "Z39.50",
        "Likee",
        "GitLab",
        "AVASTSecureDNS",
        "Cassandra",
        "AmazonAWS",
        "Salesforce",
        "Vimeo",
        "FacebookVoip",
        "SignalVoip",
        "Fuze",
        "GTP_U",
        "GTP_C",
        "GTP_PRIME",
        "Alibaba",
        "Crashlytics",
        "Azure",
        "iCloudPrivateRelay",
        "EthernetIP",
        "Badoo",
        "AccuWeather",
        "GoogleClassroom",
};

static struct catalogue *load(void)
{
	char *error;
	struct catalogue *c = catalogue_load(NULL, &error);

	ck_assert_msg(c != NULL, "%s", error);
	ck_assert_ptr_null(error);
	return c;
}

/* Id of the kind that a text proves, "-" when it proves nothing. */
static const char *kind_of(const struct catalogue *c, enum evidence_type type, const char *text)
{
	struct kind_match match;

	return catalogue_match(c, type, text, strlen(text), &match)
	               ? catalogue_kind(c, match.kind)->id
	               : "-";
}

struct expectation {
	const char *text, *kind;
};

static void check_all(enum evidence_type type, const struct expectation *cases, size_t n)
{
	struct catalogue *c = load();

	for (size_t i = 0; i < n; i++) {
		const char *kind = kind_of(c, type, cases[i].text);
		ck_assert_msg(strcmp(kind, cases[i].kind) == 0, "%s: %s", cases[i].text, kind);
	}
	catalogue_free(c);
}
#define CHECK_ALL(type, cases) check_all(type, cases, sizeof cases / sizeof cases[0])

START_TEST(the_shipped_catalogue_loads_and_its_kinds_are_complete)
{
	struct catalogue *c = load();

	ck_assert_uint_ge(catalogue_count(c), 68);
	for (uint16_t i = 0; i < catalogue_count(c); i++) {
		const struct kind *k = catalogue_kind(c, i);
		ck_assert(strlen(k->id) < KIND_ID_MAX && strlen(k->title) > 0 &&
		          strlen(k->register_text) > 0);
		ck_assert((k->tier == TIER_UNKNOWN) == (k->tier_rule == TIER_INHERIT));
		ck_assert_uint_eq(catalogue_find(c, k->id), i);
	}
	ck_assert_uint_eq(catalogue_find(c, "no.such"), KIND_NONE);
	ck_assert_uint_eq(catalogue_find(c, ""), KIND_NONE);
	catalogue_free(c);
	catalogue_free(NULL);
}
END_TEST

START_TEST(tiers_and_their_rules_are_those_of_the_file)
{
	struct catalogue *c = load();
	const struct kind *k = catalogue_kind(c, catalogue_find(c, "inf.voice"));

	ck_assert(k->tier == TIER_2 && k->tier_rule == TIER_FLOOR && k->direction == INFO_BOTH);
	k = catalogue_kind(c, catalogue_find(c, "unk.encrypted"));
	ck_assert(k->tier == TIER_UNKNOWN && k->tier_rule == TIER_INHERIT);
	k = catalogue_kind(c, catalogue_find(c, "pat.encounter"));
	ck_assert(k->tier == TIER_3 && k->tier_rule == TIER_FIXED && k->direction == INFO_MSG);
	ck_assert_str_eq(k->title, "Admissions, discharges and transfers");
	ck_assert_str_eq(k->data_subjects, "patient");
	ck_assert_str_eq(k->special_category, "health");
	k = catalogue_kind(c, catalogue_find(c, "inf.time"));
	ck_assert(k->tier == TIER_0);
	ck_assert_str_eq(k->note, "");
	catalogue_free(c);
}
END_TEST

START_TEST(hl7_messages_are_known_by_code_and_trigger_or_by_code_alone)
{
	static const struct expectation cases[] = {
	        {"ADT^A01", "pat.encounter"},
	        {"ADT^A02", "pat.encounter"},
	        {"ADT^A03", "pat.encounter"},
	        {"ADT^A08", "pat.encounter"},
	        {"ADT^A31", "pat.identity"},
	        {"ADT^A40", "pat.identity"},
	        {"ADT^Z99", "pat.encounter"},
	        {"ADT", "pat.encounter"},
	        {"ADT^", "pat.encounter"},
	        {"ORM^O01", "clin.order"},
	        {"OMG^O19", "clin.order"},
	        {"ORU^R01", "clin.observation"},
	        {"ORU^R40", "clin.monitoring"},
	        {"MDM^T02", "clin.document"},
	        {"RDE^O11", "med.prescription"},
	        {"QBP^Q22", "pat.identity"},
	        {"RSP^K22", "pat.identity"},
	        {"QBP^X99", "clin.query"},
	        {"SIU^S12", "pat.appointment"},
	        {"SIU^S14", "pat.appointment"},
	        {"SIU^S15", "pat.appointment"},
	        {"RPI^I04", "pat.identity"},
	        {"RPI^I01", "fin.billing"},
	        {"OUL^R22", "lab.result"},
	        {"ACK^A01", "unk.other"},
	        {"ACK", "unk.other"},
	        {"MFN^M02", "staff.master"},
	        {"ZZZ^Z01", "-"},
	        {"ZZZ", "-"},
	        {"AD", "-"},
	        {"ADTX^A01", "-"},
	        {"adt^a01", "-"},
	        {"^A01", "-"},
	};

	CHECK_ALL(EVIDENCE_HL7_MSH9, cases);
}
END_TEST

START_TEST(an_exact_row_wins_over_a_family)
{
	struct catalogue *c = load();
	struct kind_match exact, family;

	ck_assert(catalogue_match(c, EVIDENCE_HL7_MSH9, "ADT^A01", 7, &exact));
	ck_assert(exact.confidence == CONFIDENCE_HIGH && exact.direction == INFO_MSG);
	ck_assert(catalogue_match(c, EVIDENCE_HL7_MSH9, "ADT^A0199", 7, &family));
	ck_assert(family.confidence == CONFIDENCE_HIGH);
	ck_assert(catalogue_match(c, EVIDENCE_HL7_MSH9, "ADT^A99", 7, &family));
	ck_assert(family.confidence == CONFIDENCE_MEDIUM);
	catalogue_free(c);
}
END_TEST

START_TEST(host_names_match_on_label_boundaries_in_any_case)
{
	static const struct expectation cases[] = {
	        {"auth-ptl.cis2.spineservices.nhs.uk", "id.staff"},
	        {"x.auth-ptl.cis2.spineservices.nhs.uk", "id.staff"},
	        {"X.Auth-PTL.CIS2.SpineServices.NHS.uk", "id.staff"},
	        {"other.spineservices.nhs.uk", "nat.spine"},
	        {"spineservices.nhs.uk", "nat.spine"},
	        {"directory.spineservices.nhs.uk", "ref.directory"},
	        {"xdirectory.spineservices.nhs.uk", "nat.spine"},
	        {"evilspineservices.nhs.uk", "-"},
	        {"spineservices.nhs.uk.example", "-"},
	        {"outlook.office365.com", "inf.email"},
	        {"tenant.office365.com", "inf.collab"},
	        {"office365.com", "inf.collab"},
	        {"backup.eu-west-2.amazonaws.com", "inf.backup"},
	        {"s3.eu-west-2.amazonaws.com", "inf.cloud"},
	        {"trust.my.rubrik.com", "inf.backup"},
	        {"nhs.uk", "-"},
	        {"uk", "-"},
	        {".", "-"},
	        {"..", "-"},
	};

	CHECK_ALL(EVIDENCE_TLS_SNI, cases);
}
END_TEST

START_TEST(dns_labels_match_by_glob)
{
	static const struct expectation cases[] = {{"nww.trust.example", "inf.web"},
	                                           {"NWW.x", "inf.web"},
	                                           {"www.nww.example", "-"},
	                                           {"nww", "-"}};

	CHECK_ALL(EVIDENCE_DNS_LABEL, cases);
}
END_TEST

START_TEST(dicom_classes_match_exactly_or_by_their_family)
{
	static const struct expectation cases[] = {
	        {"1.2.840.10008.1.1", "inf.monitoring"},
	        {"1.2.840.10008.5.1.4.1.1.2", "img.study"},
	        {"1.2.840.10008.5.1.4.1.1.104.1", "img.report"},
	        {"1.2.840.10008.5.1.4.1.1.88.11", "img.report"},
	        {"1.2.840.10008.5.1.4.31", "img.workflow"},
	        {"1.2.840.10008.5.1.4.1.1.481.5", "rt.plan"},
	        {"1.2.840.10008.5.1.4.1.1.481.9999", "rt.plan"},
	        {"1.2.840.10008.5.1.4.1.1.9999", "img.study"},
	        {"1.2.840.10008.5.1.4.1.2.2.1", "img.query"},
	        {"1.2.840.10008.1.11", "-"},
	        {"1.2.840.10008.5.1.4.1.1", "-"},
	        {"1.2.3", "-"},
	};
	static const struct expectation commands[] = {{"C-STORE 0x0001", "img.study"},
	                                              {"C-ECHO 0x0030", "inf.monitoring"},
	                                              {"C-FIND 0x0020", "img.query"}};

	CHECK_ALL(EVIDENCE_DICOM_SOP, cases);
	CHECK_ALL(EVIDENCE_DICOM_COMMAND, commands);
}
END_TEST

START_TEST(routes_match_with_and_without_their_method)
{
	static const struct expectation cases[] = {
	        {"GET /dicom-web/studies", "img.query"},
	        {"/studies", "img.query"},
	        {"POST /dicom-web/studies", "img.study"},
	        {"POST /studies", "img.study"},
	        {"GET /studies/{uid}/series", "img.query"},
	        {"GET /studies/{uid}/series/{uid}/instances", "img.query"},
	        {"GET /studies/{uid}/series/{uid}/instances/{uid}", "img.study"},
	        {"GET /studies/{uid}/series/{uid}/instances/{uid}/frames/{n}", "img.study"},
	        {"GET /a/studies/{uid}/series/{uid}/instances/{uid}/metadata", "img.query"},
	        {"GET /studies/{uid}/metadata", "img.query"},
	        {"GET /studies/{uid}/rendered", "img.study"},
	        {"GET /ups-rs/workitems/{uid}", "img.workflow"},
	        {"GET /wado?requestType=WADO", "img.study"},
	        {"GET /wadoXrequestType=WADO", "-"},
	        {"GET /", "-"},
	        {"GET ", "-"},
	        {" ", "-"},
	};

	CHECK_ALL(EVIDENCE_HTTP_ROUTE, cases);
}
END_TEST

START_TEST(content_types_match_by_prefix_in_any_case)
{
	static const struct expectation cases[] = {
	        {"application/fhir+json", "clin.query"},
	        {"Application/FHIR+JSON; charset=utf-8", "clin.query"},
	        {"application/dicom", "img.study"},
	        {"application/dicom+json", "img.query"},
	        {"multipart/related; type=\"application/dicom\"; boundary=x", "img.study"},
	        {"x-application/hl7-v2+er7", "clin.hl7v2"},
	        {"application/json", "-"},
	        {"text/html", "-"},
	};

	CHECK_ALL(EVIDENCE_HTTP_CONTENT_TYPE, cases);
}
END_TEST

START_TEST(soap_actions_and_spine_services_match)
{
	static const struct expectation soap[] = {
	        {"urn:ihe:iti:2007:RegistryStoredQuery", "clin.document"},
	        {"urn:ihe:iti:2007:RetrieveDocumentSet", "clin.document"},
	        {"urn:ihe:iti:9999:Something", "clin.document"},
	        {"urn:ihe:pharm:cmpd:2010:QueryPharmacyDocuments", "med.prescription"},
	        {"urn:nhs-itk:services:201005:SendCDADocument-v2-0", "clin.document"},
	        {"urn:nhs-itk:services:201005:getPatientDetailsByNHSNumber-v1-0", "pat.identity"},
	        {"urn:other", "-"},
	};
	static const struct expectation spine[] = {
	        {"urn:nhs:names:services:gp2gp", "gp.transfer"},
	        {"urn:nhs:names:services:gp2gp/RCMR_IN010000UK05", "gp.transfer"},
	        {"urn:nhs:names:services:pds", "pat.identity"},
	        {"urn:nhs:names:services:pdsquery/QUPA_IN000008UK02", "pat.identity"},
	        {"urn:nhs:names:services:mm/PORX_IN020101UK31", "med.prescription"},
	        {"urn:nhs:names:services:gp2gpx", "nat.spine"},
	        {"urn:nhs:names:services:gpconnect:fhir:rest:read:metadata", "clin.record"},
	        {"urn:nhs:names:services:gpconnect:fhir:rest:create:appointment-1",
	         "pat.appointment"},
	        {"urn:nhs:names:other", "-"},
	};

	CHECK_ALL(EVIDENCE_SOAP_ACTION, soap);
	CHECK_ALL(EVIDENCE_SPINE_SERVICE, spine);
}
END_TEST

START_TEST(other_evidence_types_match)
{
	struct catalogue *c = load();

	ck_assert_str_eq(kind_of(c, EVIDENCE_FHIR_TYPE, "Patient"), "pat.identity");
	ck_assert_str_eq(kind_of(c, EVIDENCE_FHIR_TYPE, "patient"), "-");
	ck_assert_str_eq(kind_of(c, EVIDENCE_FHIR_TYPE, "PatientX"), "-");
	ck_assert_str_eq(kind_of(c, EVIDENCE_FHIR_OPERATION, "$everything"), "clin.record");
	ck_assert_str_eq(kind_of(c, EVIDENCE_POCT1A_ROOT, "OBS.R01"), "lab.poct");
	ck_assert_str_eq(kind_of(c, EVIDENCE_SYSLOG_MSGID, "IHE+RFC-3881"), "aud.trail");
	ck_assert_str_eq(kind_of(c, EVIDENCE_LDAP_BASE, "OU=Services,O=NHS"), "nat.spine");
	ck_assert_str_eq(kind_of(c, EVIDENCE_XML_NS, "urn:nhs-itk:ns:201005"), "clin.document");
	catalogue_free(c);
}
END_TEST

START_TEST(rows_for_people_never_match)
{
	struct catalogue *c = load();

	ck_assert_str_eq(kind_of(c, EVIDENCE_OTHER, "QBP^Q23"), "-");
	ck_assert_str_eq(kind_of(c, EVIDENCE_OTHER, "declared"), "-");
	ck_assert_str_eq(kind_of(c, EVIDENCE_NONE, "ADT^A01"), "-");
	catalogue_free(c);
}
END_TEST

START_TEST(hostile_texts_match_nothing)
{
	static char longest[100000];
	struct catalogue *c = load();
	struct kind_match match;

	for (int type = EVIDENCE_NONE; type < EVIDENCE_TYPES; type++) {
		memset(longest, 'a', sizeof longest);
		ck_assert(!catalogue_match(c, type, longest, sizeof longest, &match));
		memset(longest, '*', sizeof longest);
		ck_assert(!catalogue_match(c, type, longest, sizeof longest, &match));
		memset(longest, '\0', sizeof longest);
		ck_assert(!catalogue_match(c, type, longest, 300, &match));
		ck_assert(!catalogue_match(c, type, "", 0, &match));
		ck_assert(!catalogue_match(c, type, "\xff\xfe\n", 3, &match));
	}
	ck_assert(!catalogue_match(c, EVIDENCE_TYPES, "ADT^A01", 7, &match));
	/* A name that is too long does not match by its cut end. */
	memset(longest, 'a', sizeof longest);
	memcpy(longest + 512 - 13, ".office365.com.invalid", 22);
	ck_assert(!catalogue_match(c, EVIDENCE_TLS_SNI, longest, 600, &match));
	catalogue_free(c);
}
END_TEST

START_TEST(a_long_content_type_still_matches_by_its_start)
{
	char text[2000];
	struct catalogue *c = load();
	struct kind_match match;

	memset(text, 'x', sizeof text);
	memcpy(text, "application/fhir+json;", 22);
	ck_assert(catalogue_match(c, EVIDENCE_HTTP_CONTENT_TYPE, text, sizeof text, &match));
	catalogue_free(c);
}
END_TEST

START_TEST(ports_suggest_a_kind_and_never_prove_one)
{
	struct catalogue *c = load();
	struct kind_match match;

	ck_assert(catalogue_match_port(c, IP_TCP, 2575, &match));
	ck_assert_str_eq(catalogue_kind(c, match.kind)->id, "clin.hl7v2");
	ck_assert(match.confidence == CONFIDENCE_LOW);
	ck_assert(catalogue_match_port(c, IP_UDP, 161, &match));
	ck_assert(match.direction == INFO_S2C);
	ck_assert(!catalogue_match_port(c, IP_UDP, 2575, &match));
	ck_assert(!catalogue_match_port(c, IP_TCP, 7777, &match));
	ck_assert(!catalogue_match_port(c, IP_TCP, 0, &match));
	ck_assert(!catalogue_match_port(c, IP_SCTP, 2575, &match));
	for (uint32_t port = 0; port <= UINT16_MAX; port++) {
		if (catalogue_match_port(c, IP_TCP, (uint16_t)port, &match)) {
			ck_assert_msg(match.confidence < CONFIDENCE_HIGH, "tcp/%u", port);
		}
	}
	catalogue_free(c);
}
END_TEST

START_TEST(well_known_hospital_ports_have_a_kind)
{
	static const struct {
		uint8_t ip_protocol;
		uint16_t port;
		const char *kind;
	} cases[] = {
	        {IP_TCP, 25, "inf.email"},       {IP_TCP, 110, "inf.email"},
	        {IP_TCP, 143, "inf.email"},      {IP_TCP, 587, "inf.email"},
	        {IP_UDP, 53, "inf.dns"},         {IP_TCP, 389, "inf.directory"},
	        {IP_TCP, 636, "inf.directory"},  {IP_UDP, 88, "inf.directory"},
	        {IP_UDP, 1812, "inf.directory"}, {IP_UDP, 123, "inf.time"},
	        {IP_UDP, 67, "inf.addressing"},  {IP_UDP, 514, "inf.monitoring"},
	        {IP_TCP, 514, "inf.monitoring"}, {IP_UDP, 69, "inf.fileshare"},
	        {IP_TCP, 445, "inf.fileshare"},  {IP_TCP, 2049, "inf.fileshare"},
	        {IP_TCP, 873, "inf.fileshare"},  {IP_TCP, 21, "inf.fileshare"},
	        {IP_TCP, 22, "inf.remote"},      {IP_TCP, 23, "inf.remote"},
	        {IP_TCP, 3389, "inf.remote"},    {IP_TCP, 3260, "inf.storage"},
	        {IP_TCP, 631, "inf.print"},      {IP_TCP, 9100, "inf.print"},
	        {IP_TCP, 5432, "inf.database"},  {IP_TCP, 3306, "inf.database"},
	        {IP_TCP, 6379, "inf.database"},  {IP_TCP, 1883, "inf.messagebus"},
	        {IP_TCP, 80, "inf.web"},         {IP_TCP, 3128, "inf.web"},
	        {IP_TCP, 443, "unk.encrypted"},  {IP_TCP, 104, "img.study"},
	};
	struct catalogue *c = load();

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct kind_match match;

		ck_assert_msg(catalogue_match_port(c, cases[i].ip_protocol, cases[i].port, &match),
		              "%u", cases[i].port);
		ck_assert_msg(strcmp(catalogue_kind(c, match.kind)->id, cases[i].kind) == 0, "%u",
		              cases[i].port);
	}
	catalogue_free(c);
}
END_TEST

START_TEST(every_protocol_has_a_kind)
{
	struct catalogue *c = load();

	for (uint16_t i = 0; i < catalogue_protocol_count(c); i++) {
		const char *name = catalogue_protocol_name(c, i);

		ck_assert_uint_eq(catalogue_protocol(c, name), i);
		ck_assert_uint_lt(strlen(name), PROTOCOL_NAME_MAX);
		ck_assert_msg(strcmp(kind_of(c, EVIDENCE_PROTOCOL, name), "-") != 0, "%s", name);
	}
	ck_assert_str_eq(kind_of(c, EVIDENCE_PROTOCOL, "unknown"), "unk.other");
	ck_assert_str_eq(catalogue_protocol_name(c, PROTOCOL_NONE), "unknown");
	ck_assert_str_eq(catalogue_protocol_name(c, catalogue_protocol_count(c)), "unknown");
	ck_assert_uint_eq(catalogue_protocol(c, "smb2"), PROTOCOL_NONE);
	ck_assert_uint_eq(catalogue_protocol(c, "unknown"), PROTOCOL_NONE);
	catalogue_free(c);
}
END_TEST

START_TEST(the_protocols_of_the_contract_are_known)
{
	static const char *const names[] = {"HL7v2",      "DICOM",
	                                    "DICOMweb",   "FHIR",
	                                    "SOAP",       "ASTM",
	                                    "POCT1-A",    "ATNA",
	                                    "HTTP",       "HTTP2",
	                                    "WebSocket",  "TLS",
	                                    "DTLS",       "QUIC",
	                                    "SMB1",       "SMB2",
	                                    "SMB3",       "NFS",
	                                    "FTP",        "TFTP",
	                                    "rsync",      "SSH",
	                                    "iSCSI",      "NDMP",
	                                    "TDS",        "TNS",
	                                    "PostgreSQL", "MySQL",
	                                    "MongoDB",    "Redis",
	                                    "MQTT",       "AMQP",
	                                    "Kafka",      "IBM-MQ",
	                                    "SMTP",       "IMAP",
	                                    "POP3",       "LDAP",
	                                    "Kerberos",   "RADIUS",
	                                    "TACACS",     "DNS",
	                                    "DHCP",       "DHCPv6",
	                                    "NTP",        "mDNS",
	                                    "LLMNR",      "NetBIOS",
	                                    "SSDP",       "SNMP",
	                                    "syslog",     "NetFlow",
	                                    "IPP",        "LPD",
	                                    "JetDirect",  "RDP",
	                                    "ICA",        "VNC",
	                                    "Telnet",     "SIP",
	                                    "RTP",        "RTSP",
	                                    "H.323",      "Modbus",
	                                    "BACnet",     "DCERPC",
	                                    "ICMP",       "IGMP",
	                                    "SMTP+TLS",   "IMAP+TLS",
	                                    "POP3+TLS",   "LDAP+TLS",
	                                    "FTP+TLS",    "PostgreSQL+TLS",
	                                    "MySQL+TLS",  "TDS+TLS",
	                                    "SIP+TLS",    "syslog+TLS",
	                                    "DICOM+TLS",  "HL7v2+TLS",
	                                    "AMQP+TLS",   "MQTT+TLS"};
	struct catalogue *c = load();

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		uint16_t protocol = catalogue_protocol(c, names[i]);

		ck_assert_msg(protocol != PROTOCOL_NONE, "%s", names[i]);
		if (strstr(names[i], "TLS") != NULL) {
			ck_assert_msg(catalogue_protocol_encrypts(c, protocol), "%s", names[i]);
		}
	}
	ck_assert(catalogue_protocol_encrypts(c, catalogue_protocol(c, "SSH")));
	ck_assert(!catalogue_protocol_encrypts(c, catalogue_protocol(c, "HTTP")));
	ck_assert(!catalogue_protocol_encrypts(c, PROTOCOL_NONE));
	catalogue_free(c);
}
END_TEST

START_TEST(unknown_never_looks_harmless)
{
	static const char *const opaque[] = {"TLS",   "DTLS",      "QUIC",      "SSH",
	                                     "IPsec", "WireGuard", "SCTP"};
	static const char *const suggested[] = {"DICOM+TLS", "HL7v2+TLS"};
	struct catalogue *c = load();

	for (size_t i = 0; i < sizeof opaque / sizeof opaque[0]; i++) {
		struct kind_match match;

		ck_assert(catalogue_match(c, EVIDENCE_PROTOCOL, opaque[i], strlen(opaque[i]),
		                          &match));
		ck_assert_msg(catalogue_kind(c, match.kind)->tier == TIER_UNKNOWN, "%s", opaque[i]);
	}
	for (size_t i = 0; i < sizeof suggested / sizeof suggested[0]; i++) { /* by a port: the worst it may be */
		struct kind_match match;

		ck_assert(catalogue_match(c, EVIDENCE_PROTOCOL, suggested[i], strlen(suggested[i]), &match));
		ck_assert_int_eq(match.confidence, CONFIDENCE_LOW);
		ck_assert_msg(catalogue_kind(c, match.kind)->tier == TIER_3, "%s", suggested[i]);
	}
	catalogue_free(c);
}
END_TEST

START_TEST(every_name_of_ndpi_has_a_kind)
{
	struct catalogue *c = load();

	for (size_t i = 0; i < sizeof ndpi_names / sizeof ndpi_names[0]; i++) {
		ck_assert_msg(strcmp(kind_of(c, EVIDENCE_NDPI, ndpi_names[i]), "-") != 0, "%s",
		              ndpi_names[i]);
	}
	ck_assert_str_eq(kind_of(c, EVIDENCE_NDPI, "TLS.Microsoft365"), "inf.collab");
	ck_assert_str_eq(kind_of(c, EVIDENCE_NDPI, "DNS.NoSuchBrand"), "inf.dns");
	ck_assert_str_eq(kind_of(c, EVIDENCE_NDPI, "Z39.50"), "inf.database");
	ck_assert_str_eq(kind_of(c, EVIDENCE_NDPI, "NoSuchThing"), "-");
	ck_assert_str_eq(kind_of(c, EVIDENCE_NDPI, "."), "-");
	catalogue_free(c);
}
END_TEST

START_TEST(ndpi_saying_cassandra_is_believed_least)
{
	struct catalogue *c = load();
	struct kind_match match;

	ck_assert(catalogue_match(c, EVIDENCE_NDPI, "Cassandra", 9, &match));
	ck_assert(match.confidence == CONFIDENCE_LOW);
	ck_assert_uint_eq(catalogue_protocol_of_ndpi(c, "Cassandra"), PROTOCOL_NONE);
	catalogue_free(c);
}
END_TEST

START_TEST(names_of_ndpi_and_ports_lead_to_wire_protocols)
{
	static const struct expectation names[] = {
	        {"MsSQL-TDS", "TDS"},    {"SMBv23", "SMB2"},       {"FTP_CONTROL", "FTP"},
	        {"IMAPS", "IMAP+TLS"},   {"Oracle", "TNS"},        {"H323", "H.323"},
	        {"Z39.50", "Z39.50"},    {"ICMPV6", "ICMPv6"},     {"TLS.WhatsApp", "TLS"},
	        {"WhatsApp", "unknown"}, {"QUIC.YouTube", "QUIC"}, {"HTTP.SOAP", "SOAP"},
	        {"", "unknown"},         {".", "unknown"},         {"mssql-tds", "TDS"},
	};
	struct catalogue *c = load();

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		uint16_t protocol = catalogue_protocol_of_ndpi(c, names[i].text);
		ck_assert_msg(strcmp(catalogue_protocol_name(c, protocol), names[i].kind) == 0,
		              "%s", names[i].text);
	}
	ck_assert_str_eq(catalogue_protocol_name(c, catalogue_protocol_of_port(c, IP_TCP, 445)),
	                 "SMB2");
	ck_assert_str_eq(catalogue_protocol_name(c, catalogue_protocol_of_port(c, IP_TCP, 636)),
	                 "LDAP+TLS");
	ck_assert_str_eq(catalogue_protocol_name(c, catalogue_protocol_of_port(c, IP_UDP, 443)),
	                 "QUIC");
	ck_assert_uint_eq(catalogue_protocol_of_port(c, IP_UDP, 445), PROTOCOL_NONE);
	ck_assert_uint_eq(catalogue_protocol_of_port(c, IP_ICMP, 0), PROTOCOL_NONE);
	catalogue_free(c);
}
END_TEST

START_TEST(words_of_the_files_and_back)
{
	for (int type = EVIDENCE_NONE + 1; type < EVIDENCE_OTHER; type++) {
		ck_assert_int_eq(evidence_type_find(evidence_type_name(type)), type);
	}
	ck_assert_str_eq(evidence_type_name(EVIDENCE_HL7_MSH9), "hl7v2.msh9");
	ck_assert_int_eq(evidence_type_find("no.such"), EVIDENCE_OTHER);
	ck_assert_int_eq(evidence_type_find("none"), EVIDENCE_OTHER);
	ck_assert_str_eq(evidence_type_name(EVIDENCE_TYPES), "other");
	ck_assert_str_eq(tier_name(TIER_0), "0");
	ck_assert_str_eq(tier_name(TIER_UNKNOWN), "unknown");
	ck_assert_str_eq(tier_name(9), "unknown");
	ck_assert_str_eq(confidence_name(CONFIDENCE_HIGH), "high");
	ck_assert_str_eq(confidence_name(9), "low");
}
END_TEST

UNIT_MAIN("kind", the_shipped_catalogue_loads_and_its_kinds_are_complete,
          tiers_and_their_rules_are_those_of_the_file,
          hl7_messages_are_known_by_code_and_trigger_or_by_code_alone,
          an_exact_row_wins_over_a_family, host_names_match_on_label_boundaries_in_any_case,
          dns_labels_match_by_glob, dicom_classes_match_exactly_or_by_their_family,
          routes_match_with_and_without_their_method, content_types_match_by_prefix_in_any_case,
          soap_actions_and_spine_services_match, other_evidence_types_match,
          rows_for_people_never_match, hostile_texts_match_nothing,
          a_long_content_type_still_matches_by_its_start, ports_suggest_a_kind_and_never_prove_one,
          well_known_hospital_ports_have_a_kind, every_protocol_has_a_kind,
          the_protocols_of_the_contract_are_known, unknown_never_looks_harmless,
          every_name_of_ndpi_has_a_kind, ndpi_saying_cassandra_is_believed_least,
          names_of_ndpi_and_ports_lead_to_wire_protocols, words_of_the_files_and_back)
