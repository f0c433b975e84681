#include "terrier/sensor/label.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

static struct catalogue *catalogue;

static struct labels *make(uint32_t max)
{
	char *error = NULL;

	catalogue = catalogue_load(NULL, &error);
	ck_assert_msg(catalogue != NULL, "%s", error);
	return labels_new(catalogue, max);
}

static void end(struct labels *l)
{
	labels_free(l);
	catalogue_free(catalogue);
}

START_TEST(a_text_is_kept_once_for_each_type)
{
	struct labels *l = make(16);
	uint32_t adt = labels_intern(l, EVIDENCE_HL7_MSH9, "ADT^A01", 7);

	ck_assert_uint_ne(adt, 0);
	ck_assert_uint_eq(labels_intern(l, EVIDENCE_HL7_MSH9, "ADT^A01!", 7), adt);
	ck_assert_uint_ne(labels_intern(l, EVIDENCE_OTHER, "ADT^A01", 7), adt);
	ck_assert_uint_ne(labels_intern_name(l, "ADT^A01", 7), adt);
	ck_assert_str_eq(labels_get(l, adt)->text, "ADT^A01");
	end(l);
}
END_TEST

START_TEST(evidence_knows_what_the_catalogue_makes_of_it)
{
	struct labels *l = make(16);
	const struct label *known = labels_get(l, labels_intern(l, EVIDENCE_HL7_MSH9, "ADT^A01", 7));
	const struct label *unknown = labels_get(l, labels_intern(l, EVIDENCE_TLS_SNI, "nobody.example", 14));
	const struct label *name = labels_get(l, labels_intern_name(l, "nobody.example", 14));

	ck_assert(known->has_kind && known->direction == INFO_MSG && known->confidence == CONFIDENCE_HIGH);
	ck_assert_str_eq(catalogue_kind(catalogue, known->kind)->id, "pat.encounter");
	ck_assert(!unknown->has_kind && unknown->kind == KIND_NONE);
	ck_assert(!name->has_kind);
	end(l);
}
END_TEST

START_TEST(a_full_table_refuses_and_says_how_often)
{
	struct labels *l = make(8);
	char text[16];

	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof text, "text-%d", i);
		uint32_t number = labels_intern(l, EVIDENCE_OTHER, text, strlen(text));
		ck_assert_msg((number != 0) == (i < 8), "%d", i);
	}
	ck_assert_uint_eq(labels_refused(l), 12);
	ck_assert_uint_ne(labels_intern(l, EVIDENCE_OTHER, "text-3", 6), 0);
	ck_assert_str_eq(labels_get(l, 0)->text, "");
	ck_assert_str_eq(labels_get(l, 99)->text, "");
	end(l);
}
END_TEST

START_TEST(long_texts_use_up_the_room_before_the_number)
{
	struct labels *l = make(8);
	char text[200];

	memset(text, 'x', sizeof text);
	ck_assert_uint_ne(labels_intern_name(l, text, 190), 0);
	text[0] = 'y';
	ck_assert_uint_ne(labels_intern_name(l, text, 190), 0);
	text[0] = 'z';
	ck_assert_uint_eq(labels_intern_name(l, text, 190), 0);
	ck_assert_uint_ne(labels_intern_name(l, "small", 1), 0);
	end(l);
}
END_TEST

UNIT_MAIN("label", a_text_is_kept_once_for_each_type, evidence_knows_what_the_catalogue_makes_of_it,
          a_full_table_refuses_and_says_how_often, long_texts_use_up_the_room_before_the_number)
