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

START_TEST(roles_have_words_titles_and_reasons)
{
	enum role found;

	for (unsigned r = 0; r < ROLES; r++) {
		ck_assert(role_find(role_name(r), &found) && found == r);
		ck_assert(role_title(r)[0] == 'a' && role_reason(r)[0] != '\0');
	}
	found = ROLE_DEVICE;
	ck_assert(!role_find("printer", &found) && found == ROLE_DEVICE);
}
END_TEST

UNIT_MAIN("role", a_host_that_did_nothing_is_nothing, a_client_offers_nothing, a_modality_sends_images_and_takes_none,
          a_device_sends_what_devices_send, a_guess_or_an_unknown_tier_makes_no_clinical_role,
          roles_have_words_titles_and_reasons)
