#include "terrier/daemon/naming.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static struct addr at(const char *text)
{
	struct addr a;

	ck_assert(addr_parse(text, &a));
	return a;
}

static struct record_name named(enum name_source source, const char *text)
{
	struct record_name n = {.source = (uint8_t)source};

	text_copy(n.name, sizeof n.name, text, strlen(text));
	return n;
}

START_TEST(sources_that_are_set_come_first_and_the_rest_as_usual)
{
	char first[] = "netbios", second[] = "hl7", again[] = "netbios";
	char *set[] = {first, second, again};
	struct settings s = {.name_order = set, .n_name_order = 3};
	enum name_source order[NAME_SOURCES - 1];
	unsigned seen = 0;

	naming_order(&s, order);
	ck_assert_int_eq(order[0], NAME_NETBIOS);
	ck_assert_int_eq(order[1], NAME_HL7);
	ck_assert_int_eq(order[2], NAME_DNS);
	for (int i = 0; i < NAME_SOURCES - 1; i++) {
		seen |= 1u << order[i];
	}
	ck_assert_uint_eq(seen, (1u << NAME_SOURCES) - 2);
	naming_order(&(struct settings){.n_name_order = 0}, order);
	ck_assert_int_eq(order[0], NAME_DNS);
	ck_assert_int_eq(order[NAME_SOURCES - 2], NAME_BANNER);
}
END_TEST

START_TEST(a_service_of_the_catalogue_is_foreign_to_an_inside_host)
{
	char *error = NULL;
	struct catalogue *c = catalogue_load(NULL, &error);
	struct record_name cloud = named(NAME_SNI, "outlook.office365.com"), own = named(NAME_SNI, "portal.trust.example"),
	                   label = named(NAME_DNS, "pacs.trust.example"),
	                   banner = named(NAME_BANNER, "outlook.office365.com");

	ck_assert(naming_is_foreign(c, &cloud));
	ck_assert(!naming_is_foreign(c, &own));
	ck_assert(!naming_is_foreign(c, &label));
	ck_assert(!naming_is_foreign(c, &banner));
	catalogue_free(c);
}
END_TEST

START_TEST(a_dns_answer_tells_the_kind_of_an_encrypted_connection_outward)
{
	char *error = NULL;
	struct catalogue *c = catalogue_load(NULL, &error);
	struct prefix own;
	struct addr server = at("203.0.113.9");
	struct parties *p;
	struct record r = {.type = RECORD_EXCHANGE}, out;

	ck_assert(prefix_parse("10.0.0.0/8", &own));
	p = parties_new(&(struct party_options){.own = &own, .n_own = 1, .max_hosts = 10, .max_parties = 10});
	parties_learn(p, &server, "outlook.office365.com", 100);
	r.exchange.client = at("10.0.0.1");
	r.exchange.server = server;
	r.exchange.started_us = 200;
	r.exchange.encrypted = ENCRYPTED_YES;
	r.exchange.kind = catalogue_find(c, "unk.encrypted");
	r.exchange.confidence = CONFIDENCE_MEDIUM;
	ck_assert(naming_by_dns(c, p, &r, &out));
	ck_assert_str_eq(catalogue_kind(c, out.exchange.kind)->id, "inf.email");
	ck_assert_int_eq(out.exchange.confidence, CONFIDENCE_LOW);
	ck_assert_int_eq(out.exchange.evidence_type, EVIDENCE_DNS_LABEL);
	ck_assert_str_eq(out.exchange.evidence, "outlook.office365.com");

	r.flags = RECORD_FACT; /* a fact goes to the same row, and stays what it is */
	r.exchange.evidence[0] = 'f';
	ck_assert(naming_by_dns(c, p, &r, &out));
	ck_assert_str_eq(out.exchange.evidence, "f");

	r.exchange.started_us = 50; /* before the answer */
	ck_assert(!naming_by_dns(c, p, &r, &out));
	r.exchange.started_us = 200;
	r.exchange.encrypted = ENCRYPTED_NO;
	ck_assert(!naming_by_dns(c, p, &r, &out));
	r.exchange.encrypted = ENCRYPTED_YES;
	r.exchange.server_name[0] = 'x';
	ck_assert(!naming_by_dns(c, p, &r, &out));
	r.exchange.server_name[0] = '\0';
	r.exchange.server = at("10.0.0.2");
	ck_assert(!naming_by_dns(c, p, &r, &out));
	parties_free(p);
	catalogue_free(c);
}
END_TEST

UNIT_MAIN("naming", sources_that_are_set_come_first_and_the_rest_as_usual,
          a_service_of_the_catalogue_is_foreign_to_an_inside_host,
          a_dns_answer_tells_the_kind_of_an_encrypted_connection_outward)
