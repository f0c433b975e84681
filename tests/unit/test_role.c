/* What a host is taken for, by what it was seen doing. */
#include "terrier/model/role.h"

#include "unit.h"

static const struct role_use serves = {"HTTP", "inf.web", TIER_1, CONFIDENCE_HIGH, true, false, true, false},
                             uses = {"HTTP", "inf.web", TIER_1, CONFIDENCE_HIGH, false, true, false, true},
                             answers = {"ICMP", "inf.monitoring", TIER_1, CONFIDENCE_HIGH, true, false, false, true},
                             stores = {"DICOM", "img.study", TIER_3, CONFIDENCE_HIGH, false, true, true, false},
                             takes_images = {"DICOM", "img.study", TIER_3, CONFIDENCE_HIGH, true, false, false, true},
                             measures = {"POCT1-A", "lab.poct", TIER_3, CONFIDENCE_HIGH, false, true, true, false},
                             opaque = {"TDS", "inf.database", TIER_UNKNOWN, CONFIDENCE_HIGH, true, false, true, false};

START_TEST(a_host_that_did_nothing_is_nothing)
{
	struct role_deeds deeds = {0};

	for (unsigned r = 0; r < ROLES; r++) {
		ck_assert(!role_is(&deeds, r));
	}
}
END_TEST

START_TEST(a_client_offers_nothing)
{
	struct role_deeds deeds = {0};

	role_note(&deeds, &uses);
	ck_assert(role_is(&deeds, ROLE_CLIENT) && !role_is(&deeds, ROLE_SERVER));
	role_note(&deeds, &answers);
	ck_assert(role_is(&deeds, ROLE_CLIENT)); /* that it answers a ping is no service */
	role_note(&deeds, &serves);
	ck_assert(!role_is(&deeds, ROLE_CLIENT) && role_is(&deeds, ROLE_SERVER));
}
END_TEST

START_TEST(a_modality_sends_images_and_takes_none)
{
	struct role_deeds deeds = {0};

	role_note(&deeds, &stores);
	ck_assert(role_is(&deeds, ROLE_MODALITY));
	role_note(&deeds, &takes_images);
	ck_assert(!role_is(&deeds, ROLE_MODALITY));
	ck_assert(role_is(&deeds, ROLE_CLINICAL_SYSTEM));
}
END_TEST

START_TEST(a_device_sends_what_devices_send)
{
	struct role_deeds deeds = {0}, other = {0};
	struct role_use receives = measures;

	role_note(&deeds, &measures);
	ck_assert(role_is(&deeds, ROLE_DEVICE));
	receives.is_server = receives.receives = true;
	receives.is_client = receives.sends = false;
	role_note(&other, &receives);
	ck_assert(!role_is(&other, ROLE_DEVICE) && role_is(&other, ROLE_CLINICAL_SYSTEM));
}
END_TEST

START_TEST(a_guess_or_an_unknown_tier_makes_no_clinical_role)
{
	struct role_deeds deeds = {0};
	struct role_use guess = stores;

	guess.confidence = CONFIDENCE_LOW;
	role_note(&deeds, &guess);
	role_note(&deeds, &opaque);
	ck_assert(!role_is(&deeds, ROLE_MODALITY) && !role_is(&deeds, ROLE_CLINICAL_SYSTEM));
	ck_assert(role_is(&deeds, ROLE_SERVER));
}
END_TEST

START_TEST(an_archive_takes_images_and_gives_them_or_their_index)
{
	struct role_deeds deeds = {0};
	const struct role_use index = {"DICOM", "img.query", TIER_3, CONFIDENCE_HIGH, true, false, true, false};

	role_note(&deeds, &takes_images);
	ck_assert(!role_is(&deeds, ROLE_ARCHIVE));
	role_note(&deeds, &index);
	ck_assert(role_is(&deeds, ROLE_ARCHIVE) && !role_is(&deeds, ROLE_MODALITY));
}
END_TEST

START_TEST(an_integration_engine_passes_two_kinds_of_messages_on)
{
	static const char *const kinds[] = {"pat.encounter", "lab.result"};
	struct role_deeds deeds = {0}, other = {0}, all = {0};

	for (unsigned i = 0; i < 2; i++) {
		const struct role_exchange in = {"HL7v2", kinds[i], TIER_3, CONFIDENCE_HIGH, true, false, false};

		ck_assert(!role_is(&deeds, ROLE_ENGINE));
		role_note_end(&deeds, &in, false);
		role_note_end(&deeds, &in, true);
	}
	ck_assert(role_is(&deeds, ROLE_ENGINE));
	for (unsigned i = 0; i < 2; i++) { /* takes one, sends the other: a laboratory */
		const struct role_exchange e = {"HL7v2", kinds[i], TIER_3, CONFIDENCE_HIGH, true, false, false};

		role_note_end(&other, &e, i == 0);
	}
	ck_assert(!role_is(&other, ROLE_ENGINE));
	role_join(&all, &other);
	role_join(&all, &deeds);
	ck_assert(role_is(&all, ROLE_ENGINE));
}
END_TEST

START_TEST(a_service_makes_the_role_it_is_known_for)
{
	static const struct {
		const char *protocol, *kind;
		enum role role;
	} cases[] = {
		{"TDS+TLS", "inf.database", ROLE_DATABASE},   {"PostgreSQL", "img.study", ROLE_DATABASE},
		{"SMB3", "inf.fileshare", ROLE_FILE_STORE},   {"iSCSI", "inf.storage", ROLE_BLOCK_STORE},
		{"NDMP", "inf.backup", ROLE_BACKUP},          {"IMAP+TLS", "inf.email", ROLE_MAIL},
		{"Kerberos", "inf.directory", ROLE_DIRECTORY}, {"DNS", "inf.dns", ROLE_NAME_SERVER},
		{"MQTT", "inf.messagebus", ROLE_BROKER},      {"HTTP", "inf.web", ROLE_WEB},
		{"IPP", "inf.print", ROLE_PRINTER},           {"RDP", "inf.remote", ROLE_TERMINAL},
		{"SIP", "inf.voice", ROLE_TELEPHONY},         {"RTSP", "ot.cctv", ROLE_CAMERA},
		{"BACnet", "ot.building", ROLE_BUILDING},     {"syslog", "inf.monitoring", ROLE_MONITOR},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct role_exchange e = {cases[i].protocol, cases[i].kind, TIER_1, CONFIDENCE_HIGH, true, false, false};
		struct role_deeds server = {0}, client = {0}, guessed = {0};

		role_note_end(&server, &e, false);
		role_note_end(&client, &e, true);
		ck_assert_msg(role_is(&server, cases[i].role), "%s", cases[i].protocol);
		ck_assert_msg(!role_is(&client, cases[i].role) && role_is(&client, ROLE_CLIENT), "%s", cases[i].protocol);
		e.confidence = CONFIDENCE_LOW; /* by its port */
		role_note_end(&guessed, &e, false);
		ck_assert_msg(!role_is(&guessed, cases[i].role) && role_is(&guessed, ROLE_SERVER), "%s", cases[i].protocol);
	}
}
END_TEST

START_TEST(roles_have_words_titles_and_reasons)
{
	enum role found;

	for (unsigned r = 0; r < ROLES; r++) {
		ck_assert(role_find(role_name(r), &found) && found == r);
		ck_assert(role_title(r)[0] == 'a' && role_reason(r)[0] != '\0');
	}
	found = ROLE_DEVICE;
	ck_assert(!role_find("kettle", &found) && found == ROLE_DEVICE);
}
END_TEST

UNIT_MAIN("role", an_archive_takes_images_and_gives_them_or_their_index,
          an_integration_engine_passes_two_kinds_of_messages_on, a_service_makes_the_role_it_is_known_for, a_host_that_did_nothing_is_nothing, a_client_offers_nothing, a_modality_sends_images_and_takes_none,
          a_device_sends_what_devices_send, a_guess_or_an_unknown_tier_makes_no_clinical_role,
          roles_have_words_titles_and_reasons)
