#include "terrier/sensor/observe.h"

#include "unit.h"

#include <stdio.h>
#include <string.h>

/* What arrived. */
struct inbox {
	struct record records[64];
	unsigned n;
	bool is_busy;
};

static struct inbox inbox;
static struct catalogue *catalogue;
static struct labels *labels;

static bool take(void *context, const struct record *r)
{
	struct inbox *in = context;

	if (in->is_busy || in->n == 64) {
		return false;
	}
	in->records[in->n++] = *r;
	return true;
}

static struct observer *make(uint32_t max)
{
	char *error = NULL;

	memset(&inbox, 0, sizeof inbox);
	catalogue = catalogue_load(NULL, &error);
	labels = labels_new(catalogue, 64);
	return observer_new(max, labels, &(struct outbox){.put = take, .context = &inbox});
}

static void end(struct observer *o)
{
	observer_free(o);
	labels_free(labels);
	catalogue_free(catalogue);
}

static struct addr address(unsigned last)
{
	const uint8_t octets[4] = {10, 0, 0, (uint8_t)last};
	struct addr a;

	addr_from_v4(&a, octets);
	return a;
}

START_TEST(names_are_counted_and_sent_together)
{
	struct observer *o = make(16);
	struct addr a = address(1);

	observer_name(o, 0, &a, NAME_SNI, "lims", 4, 500);
	observer_name(o, 0, &a, NAME_SNI, "lims", 4, 200);
	observer_name(o, 0, &a, NAME_HL7, "lims", 4, 900);
	ck_assert_uint_eq(inbox.n, 0);
	ck_assert(observer_flush(o));
	ck_assert_uint_eq(inbox.n, 2);
	ck_assert(inbox.records[0].type == RECORD_NAME && inbox.records[0].name.count == 2);
	ck_assert(inbox.records[0].first_us == 200 && inbox.records[0].last_us == 500);
	ck_assert_str_eq(inbox.records[0].name.name, "lims");
	ck_assert_uint_eq(inbox.records[1].name.source, NAME_HL7);
	ck_assert(observer_flush(o));
	ck_assert_msg(inbox.n == 2, "what was sent is not sent again");
	end(o);
}
END_TEST

START_TEST(a_dns_answer_goes_ahead_of_the_flows_that_need_it)
{
	struct observer *o = make(16);
	struct addr a = address(1);

	observer_name(o, 0, &a, NAME_DNS, "www.example.org", 15, 100);
	ck_assert_uint_eq(inbox.n, 1);
	observer_name(o, 0, &a, NAME_DNS, "www.example.org", 15, 300);
	ck_assert_uint_eq(inbox.n, 1);
	ck_assert(observer_flush(o));
	ck_assert(inbox.n == 2 && inbox.records[1].name.count == 1 && inbox.records[1].first_us == 300);
	end(o);
}
END_TEST

START_TEST(packets_that_make_no_row_are_counted_on_the_host)
{
	struct observer *o = make(16);
	struct addr a = address(1), b = address(2);

	observer_count(o, 3, &a, OBSERVE_EMPTY_OUT, 1);
	observer_count(o, 3, &a, OBSERVE_EMPTY_OUT, 2);
	observer_count(o, 3, &a, OBSERVE_UNANSWERED_IN, 2);
	observer_count(o, 3, &b, OBSERVE_EMPTY_IN, 2);
	ck_assert(observer_flush(o));
	ck_assert_uint_eq(inbox.n, 2);
	const struct record *r = &inbox.records[0];
	ck_assert(r->type == RECORD_HOST && r->segment == 3 && r->host.empty_out == 2 && r->host.unanswered_in == 1);
	ck_assert_uint_eq(inbox.records[1].host.empty_in, 1);
	end(o);
}
END_TEST

START_TEST(a_full_table_is_sent_early_and_loses_nothing)
{
	struct observer *o = make(8);
	uint64_t sum = 0;

	for (unsigned i = 0; i < 40; i++) {
		struct addr a = address(i);
		observer_count(o, 0, &a, OBSERVE_EMPTY_OUT, 1);
	}
	ck_assert(observer_flush(o));
	for (unsigned i = 0; i < inbox.n; i++) {
		sum += inbox.records[i].host.empty_out;
	}
	ck_assert_uint_eq(sum, 40);
	end(o);
}
END_TEST

START_TEST(a_busy_storer_is_told_and_nothing_is_forgotten)
{
	struct observer *o = make(16);
	struct addr a = address(1);

	observer_count(o, 0, &a, OBSERVE_EMPTY_OUT, 1);
	inbox.is_busy = true;
	ck_assert(!observer_flush(o));
	inbox.is_busy = false;
	ck_assert(observer_flush(o));
	ck_assert(inbox.n == 1 && inbox.records[0].host.empty_out == 1);
	end(o);
}
END_TEST

UNIT_MAIN("observe", names_are_counted_and_sent_together, a_dns_answer_goes_ahead_of_the_flows_that_need_it,
          packets_that_make_no_row_are_counted_on_the_host, a_full_table_is_sent_early_and_loses_nothing,
          a_busy_storer_is_told_and_nothing_is_forgotten)
