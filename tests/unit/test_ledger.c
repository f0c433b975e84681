#include "terrier/daemon/ledger.h"

#include "unit.h"

#include <string.h>

/* What was booked. */
struct book {
	struct record settled[64], open[64];
	unsigned n_settled, n_open;
};

static void take(void *context, const struct record *r, bool is_provisional)
{
	struct book *b = context;

	if (is_provisional) {
		b->open[b->n_open++] = *r;
	} else {
		b->settled[b->n_settled++] = *r;
	}
}

static struct record record(uint64_t connection, uint16_t flags, uint16_t kind)
{
	struct record r = {.type = RECORD_EXCHANGE, .flags = flags, .exchange = {.connection = connection, .kind = kind}};

	r.exchange.ip_protocol = 6;
	r.exchange.direction = INFO_C2S;
	addr_parse("10.0.0.1", &r.exchange.client);
	addr_parse("10.0.0.2", &r.exchange.server);
	r.exchange.client_port = (uint16_t)(40000 + connection);
	r.exchange.server_port = 2575;
	r.exchange.bytes_to_server = 100;
	r.exchange.bytes_to_client = 7;
	return r;
}

START_TEST(a_decided_record_is_booked_at_once)
{
	struct book b = {0};
	struct ledger *l = ledger_new(8, take, &b);
	struct record r = record(1, RECORD_DECIDED | RECORD_IS_NEW, 3);

	ledger_put(l, &r);
	ck_assert_uint_eq(b.n_settled, 1);
	ledger_each(l);
	ck_assert_uint_eq(b.n_open, 0);
	ledger_free(l);
}
END_TEST

START_TEST(an_undecided_record_takes_the_label_that_comes_later)
{
	struct book b = {0};
	struct ledger *l = ledger_new(8, take, &b);
	struct record first = record(1, RECORD_UNDECIDED | RECORD_IS_NEW, KIND_NONE), last = record(1, RECORD_DECIDED, 5);

	strcpy(last.exchange.evidence, "SNI");
	ledger_put(l, &first);
	ledger_each(l);
	ck_assert(b.n_open == 1 && b.n_settled == 0 && b.open[0].exchange.kind == KIND_NONE);
	ledger_put(l, &last);
	ck_assert_uint_eq(b.n_settled, 2);
	ck_assert_uint_eq(b.settled[0].exchange.kind, 5);
	ck_assert_str_eq(b.settled[0].exchange.evidence, "SNI");
	ck_assert_msg((b.settled[0].flags & RECORD_IS_NEW) != 0, "the connection is still counted once");
	ledger_free(l);
}
END_TEST

START_TEST(a_connection_is_counted_once_when_the_last_word_counts_it)
{
	struct book b = {0};
	struct ledger *l = ledger_new(8, take, &b);
	struct record first = record(1, RECORD_UNDECIDED | RECORD_IS_NEW, KIND_NONE);
	struct record last = record(1, RECORD_DECIDED | RECORD_IS_NEW, 5);

	ledger_put(l, &first);
	ledger_put(l, &last);
	ck_assert_uint_eq(b.n_settled, 2);
	ck_assert_msg((b.settled[0].flags & RECORD_IS_NEW) == 0, "only the last word counts it");
	ck_assert((b.settled[1].flags & RECORD_IS_NEW) != 0);
	ledger_free(l);
}
END_TEST

START_TEST(a_guess_is_turned_when_the_other_end_is_known_to_serve)
{
	struct book b = {0};
	struct ledger *l = ledger_new(8, take, &b);
	struct record guess = record(1, RECORD_DECIDED | RECORD_IS_NEW | RECORD_SIDES_GUESSED | RECORD_BY_SIDE, 3);
	struct record known = record(2, RECORD_DECIDED | RECORD_IS_NEW, 3);

	/* the other end of the guess serves in another connection */
	known.exchange.server = guess.exchange.client;
	known.exchange.server_port = guess.exchange.client_port;
	ledger_put(l, &guess);
	ck_assert_uint_eq(b.n_settled, 0);
	ledger_put(l, &known);
	ledger_settle(l);
	ck_assert_uint_eq(b.n_settled, 2);
	const struct record_exchange *x = &b.settled[1].exchange;
	ck_assert_uint_eq(x->server_port, 40001);
	ck_assert_uint_eq(x->bytes_to_client, 100);
	ck_assert_msg(x->direction == INFO_S2C, "what was seen to go one way still goes that way");
	ledger_free(l);
}
END_TEST

START_TEST(the_end_that_many_connections_share_serves)
{
	struct book b = {0};
	struct ledger *l = ledger_new(8, take, &b);

	for (uint64_t i = 1; i <= 3; i++) {
		struct record r = record(i, RECORD_DECIDED | RECORD_SIDES_GUESSED, 3);
		struct addr a = r.exchange.client;
		uint16_t port = r.exchange.client_port;

		r.exchange.client = r.exchange.server; /* guessed the wrong way round */
		r.exchange.client_port = 2575;
		r.exchange.server = a;
		r.exchange.server_port = port;
		ledger_put(l, &r);
	}
	ledger_settle(l);
	ck_assert_uint_eq(b.n_settled, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert_uint_eq(b.settled[i].exchange.server_port, 2575);
		ck_assert_msg(b.settled[i].exchange.direction == INFO_C2S, "a direction that was looked up stays");
	}
	ledger_free(l);
}
END_TEST

START_TEST(a_full_ledger_books_the_oldest_as_it_stands)
{
	struct book b = {0};
	struct ledger *l = ledger_new(4, take, &b);

	for (uint64_t i = 1; i <= 6; i++) {
		struct record r = record(i, RECORD_UNDECIDED, KIND_NONE);
		ledger_put(l, &r);
	}
	ck_assert_uint_eq(b.n_settled, 2);
	ck_assert_uint_eq(b.settled[0].exchange.connection, 1);
	ck_assert_uint_eq(b.settled[1].exchange.connection, 2);
	ledger_each(l);
	ck_assert_uint_eq(b.n_open, 4);
	ledger_free(l);
}
END_TEST

START_TEST(a_way_by_octets_is_told_at_the_end_to_all_records_by_balance)
{
	struct book b = {0};
	struct ledger *l = ledger_new(8, take, &b);
	struct record open = record(1, RECORD_BY_BALANCE | RECORD_BY_SIDE | RECORD_IS_NEW, 3);
	struct record known = record(1, RECORD_DECIDED | RECORD_IS_NEW, 4), last = record(1, RECORD_DECIDED, 5);

	open.exchange.direction = INFO_BOTH;
	ledger_put(l, &open);
	ledger_put(l, &known);
	ck_assert_msg(b.n_settled == 1, "a record that knows its way says nothing of the others");
	ledger_each(l);
	ck_assert(b.n_open == 1 && b.open[0].exchange.kind == 3 && b.open[0].exchange.direction == INFO_BOTH);
	last.exchange.balance = INFO_S2C + 1;
	ledger_put(l, &last);
	ck_assert_uint_eq(b.n_settled, 3);
	ck_assert_msg(b.settled[1].exchange.kind == 3, "what it is was final");
	ck_assert_uint_eq(b.settled[1].exchange.direction, INFO_S2C);
	ck_assert_uint_ne(b.settled[1].flags & RECORD_IS_NEW, 0);
	ledger_free(l);
}
END_TEST

START_TEST(an_undecided_record_takes_a_label_whose_way_is_open)
{
	struct book b = {0};
	struct ledger *l = ledger_new(8, take, &b);
	struct record first = record(1, RECORD_UNDECIDED | RECORD_IS_NEW, KIND_NONE);
	struct record next = record(1, RECORD_BY_BALANCE | RECORD_BY_SIDE, 3), last = next;

	ledger_put(l, &first);
	ledger_put(l, &next);
	ck_assert_uint_eq(b.n_settled, 0);
	last.flags |= RECORD_DECIDED | RECORD_ENDED;
	last.exchange.balance = INFO_S2C + 1;
	last.exchange.direction = INFO_S2C;
	ledger_put(l, &last);
	ck_assert_uint_eq(b.n_settled, 3);
	for (unsigned i = 0; i < 3; i++) {
		ck_assert(b.settled[i].exchange.kind == 3 && b.settled[i].exchange.direction == INFO_S2C);
	}
	ledger_free(l);
}
END_TEST

UNIT_MAIN("ledger", a_way_by_octets_is_told_at_the_end_to_all_records_by_balance,
          an_undecided_record_takes_a_label_whose_way_is_open, a_decided_record_is_booked_at_once, an_undecided_record_takes_the_label_that_comes_later,
          a_connection_is_counted_once_when_the_last_word_counts_it,
          a_guess_is_turned_when_the_other_end_is_known_to_serve, the_end_that_many_connections_share_serves,
          a_full_ledger_books_the_oldest_as_it_stands)
