#include "terrier/daemon/wire.h"

#include "unit.h"

#include <sys/socket.h>
#include <unistd.h>

static struct wire *sensor, *storer;

static void open_pair(bool may_block)
{
	int a, b;

	ck_assert_int_eq(wire_pair(&a, &b), 0);
	sensor = wire_new(a, may_block);
	storer = wire_new(b, false);
}

static void close_pair(void)
{
	wire_free(sensor);
	wire_free(storer);
}

START_TEST(records_arrive_as_they_were_sent)
{
	const struct record *got;

	open_pair(true);
	for (uint32_t i = 0; i < WIRE_BATCH + 3; i++) {
		struct record r = {.type = RECORD_MARK, .unit = i};
		ck_assert(wire_send(sensor, &r));
	}
	ck_assert(wire_flush(sensor));
	ck_assert_int_eq(wire_recv(storer, &got), WIRE_BATCH);
	ck_assert_uint_eq(got[5].unit, 5);
	ck_assert_int_eq(wire_recv(storer, &got), 3);
	ck_assert_uint_eq(got[2].unit, WIRE_BATCH + 2);
	ck_assert_int_eq(wire_recv(storer, &got), 0);
	ck_assert(!wire_is_gone(storer));
	close_pair();
}
END_TEST

START_TEST(a_busy_reader_is_told_to_the_sender_and_nothing_is_lost)
{
	struct record r = {.type = RECORD_MARK};
	const struct record *got;
	uint32_t sent = 0, received = 0;
	int n;

	open_pair(false);
	while (wire_send(sensor, &r)) {
		r.unit = ++sent;
		ck_assert_uint_lt(sent, 1000000);
	}
	ck_assert(!wire_is_gone(sensor));
	while ((n = wire_recv(storer, &got)) > 0) {
		received += (uint32_t)n;
		wire_flush(sensor);
	}
	ck_assert_uint_eq(received, sent);
	close_pair();
}
END_TEST

START_TEST(a_message_that_is_no_whole_number_of_records_is_refused)
{
	const struct record *got;
	char junk[100] = {0};
	int a, b;

	ck_assert_int_eq(wire_pair(&a, &b), 0);
	storer = wire_new(b, false);
	ck_assert_int_eq(send(a, junk, sizeof junk, 0), sizeof junk);
	ck_assert_int_eq(wire_recv(storer, &got), -1);
	close(a);
	ck_assert_int_eq(wire_recv(storer, &got), 0);
	ck_assert(wire_is_gone(storer));
	wire_free(storer);
}
END_TEST

START_TEST(a_reader_that_is_gone_is_noticed)
{
	struct record r = {.type = RECORD_MARK};

	open_pair(true);
	wire_free(storer);
	storer = NULL;
	wire_send(sensor, &r);
	ck_assert(!wire_flush(sensor));
	ck_assert(wire_is_gone(sensor));
	close_pair();
}
END_TEST

UNIT_MAIN("wire", records_arrive_as_they_were_sent, a_busy_reader_is_told_to_the_sender_and_nothing_is_lost,
          a_message_that_is_no_whole_number_of_records_is_refused, a_reader_that_is_gone_is_noticed)
