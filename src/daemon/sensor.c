/* The process that touches packets: capture, decode, exclude, flows, classify; records go out, nothing else does. */
#include "terrier/base/clock.h"
#include "terrier/base/log.h"
#include "terrier/base/mem.h"
#include "terrier/daemon/roles.h"
#include "terrier/daemon/wire.h"
#include "terrier/sensor/capture.h"
#include "terrier/sensor/classify.h"
#include "terrier/sensor/duplicate.h"
#include "terrier/sensor/flowtab.h"
#include "terrier/sensor/packet.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define BATCH          1024
#define MINUTE_US      (60 * CLOCK_SECOND_US)
#define STDIN_FLUSH_US (10 * CLOCK_SECOND_US)

struct sensor {
	const struct job *job;
	unsigned index;
	struct wire *wire;
	struct decoder *decoder;
	struct duplicate_filter *duplicates;
	struct flowtab *flows;
	struct classifier *classifier;
	const char *interface; /* NULL for files */
	uint64_t counter[COVERAGE_COUNTERS], sent[COVERAGE_COUNTERS];
	struct capture_stats stats; /* as last counted */
	int64_t first_us, last_us;  /* packet time of what is not yet in a coverage record */
	int64_t now_us;             /* newest packet time */
	uint64_t packets;
};

/* ---- records out ---- */

static bool in_networks(const struct settings *s, const struct addr *a)
{
	for (size_t i = 0; i < s->n_exclude_networks; i++) {
		if (prefix_has(&s->exclude_networks[i], a)) {
			return true;
		}
	}
	return false;
}

/* A packet of others may name an excluded host, as DNS answers do: that is kept no more than its packets. */
static bool put_record(void *context, const struct record *r)
{
	struct sensor *s = context;

	if (r->type == RECORD_NAME && in_networks(s->job->settings, &r->name.addr)) {
		return true;
	}
	return wire_send(s->wire, r);
}

/* Sends the counters of the minute that is over. */
static bool send_coverage(struct sensor *s)
{
	struct record r = {.type = RECORD_COVERAGE, .first_us = s->first_us, .last_us = s->last_us};
	bool any = false;

	for (int i = 0; i < COVERAGE_COUNTERS; i++) {
		r.coverage.counter[i] = s->counter[i] - s->sent[i];
		any = any || r.coverage.counter[i] > 0;
	}
	if (any && !wire_send(s->wire, &r)) {
		return false;
	}
	memcpy(s->sent, s->counter, sizeof s->sent);
	s->first_us = 0;
	return true;
}

static void flush_one(void *context, struct flow *f)
{
	struct sensor *s = context;

	classifier_flush_flow(s->classifier, f);
}

static void send_mark(struct sensor *s, uint32_t unit, uint16_t flags)
{
	struct record r = {.type = RECORD_MARK, .flags = flags, .unit = unit};

	s->counter[COVERAGE_FRAGMENTS_LOST] += s->index == 0 ? decoder_take_lost(s->decoder) : 0;
	classifier_flush_names(s->classifier);
	send_coverage(s);
	wire_send(s->wire, &r);
	wire_flush(s->wire);
}

/* ---- packets in ---- */

static bool is_listed(const uint16_t *list, size_t n, uint16_t value)
{
	for (size_t i = 0; i < n; i++) {
		if (list[i] == value) {
			return true;
		}
	}
	return false;
}

/* The exclusions of the configuration, on inner and outer headers and every tag (privacy.md 3.1). */
static bool is_excluded(const struct settings *s, const struct packet *p)
{
	if (s->n_exclude_networks + s->n_exclude_vlans + s->n_exclude_ports == 0) {
		return false;
	}
	for (unsigned i = 0; i < p->n_layers; i++) {
		if (in_networks(s, &p->layers[i].src) || in_networks(s, &p->layers[i].dst)) {
			return true;
		}
	}
	for (unsigned i = 0; i < p->n_vlan; i++) {
		if (is_listed(s->exclude_vlans, s->n_exclude_vlans, p->vlan[i])) {
			return true;
		}
	}
	return (p->sport != 0 && is_listed(s->exclude_ports, s->n_exclude_ports, p->sport)) ||
	       (p->dport != 0 && is_listed(s->exclude_ports, s->n_exclude_ports, p->dport));
}

static void take_packet(struct sensor *s, const struct packet *p)
{
	const struct settings *settings = s->job->settings;
	int vlan = p->n_vlan > 0 ? p->vlan[0] : -1;
	uint16_t segment = 0;
	struct flow *flow;
	unsigned side;
	bool is_new;

	if (is_excluded(settings, p)) {
		s->counter[COVERAGE_EXCLUDED]++;
		return;
	}
	if (duplicate_seen(s->duplicates, p)) {
		s->counter[COVERAGE_DUPLICATES]++;
		return;
	}
	if (settings->n_segments > 1) {
		segment = settings_segment(settings, settings->sensor, s->interface, vlan);
	}
	flow = flowtab_get(s->flows, p, segment, &side, &is_new);
	classifier_packet(s->classifier, flow, side, is_new, p);
}

/* Every worker of a file sees every frame; the first counts it, the one that owns the address pair takes it. */
static void count_frame(struct sensor *s, const struct capture_frame *frame, enum packet_result result,
                        const struct packet *p)
{
	if (s->index != 0 && !s->job->is_live) {
		return;
	}
	s->counter[COVERAGE_PACKETS]++;
	s->counter[COVERAGE_BYTES] += frame->wire_len;
	s->counter[COVERAGE_NOT_IP] += result == PACKET_NOT_IP;
	s->counter[COVERAGE_MALFORMED] += result == PACKET_MALFORMED;
	s->counter[COVERAGE_SNAP_CUT] += frame->cap_len < frame->wire_len;
	s->counter[COVERAGE_FRAGMENTS] += result == PACKET_HELD || (result == PACKET_IP && (p->is_fragment || p->is_joined));
}

static void take_frame(void *context, const struct capture_frame *frame)
{
	struct sensor *s = context;
	struct packet p;
	enum packet_result result;

	if (s->first_us != 0 && frame->time_us / MINUTE_US != s->first_us / MINUTE_US) {
		send_coverage(s);
	}
	s->first_us = s->first_us == 0 ? frame->time_us : s->first_us;
	s->first_us = frame->time_us < s->first_us ? frame->time_us : s->first_us;
	s->last_us = frame->time_us > s->last_us || s->first_us == frame->time_us ? frame->time_us : s->last_us;
	s->now_us = frame->time_us > s->now_us ? frame->time_us : s->now_us;
	s->packets++;
	result = packet_decode(s->decoder, frame->bytes, frame->cap_len, frame->wire_len, frame->time_us, &p);
	count_frame(s, frame, result, &p);
	if (result != PACKET_IP) {
		return;
	}
	if (!s->job->is_live && s->job->n_sensors > 1 &&
	    packet_pair_hash(&p) % s->job->n_sensors != s->index) {
		return;
	}
	take_packet(s, &p);
}

static void end_flow(void *context, struct flow *f, enum flow_end why)
{
	struct sensor *s = context;

	classifier_end(s->classifier, f, why);
}

/* ---- beginning and end ---- */

static uint32_t table_size(const struct settings *settings)
{
	/* a flow's place, its index and the lists behind it */
	uint64_t fit = settings->max_memory > 0 ? settings->max_memory / (sizeof(struct flow) + 32) : UINT32_MAX;

	return fit < settings->max_flows ? (uint32_t)fit : settings->max_flows;
}

static struct sensor *sensor_new(const struct job *job, unsigned index, int wire)
{
	struct sensor *s = mem_zalloc(1, sizeof *s);
	uint64_t starts = job->is_live ? job->sources[index].starts : 0;
	uint32_t size = table_size(job->settings);
	const char *error = "";
	uint64_t seed = 0;

	s->job = job;
	s->index = index;
	s->interface = job->is_live ? job->sources[index].name : NULL;
	s->wire = wire_new(wire, !job->is_live);
	s->classifier = classifier_new(&(struct classifier_options){
		.catalogue = job->catalogue,
		.out = {.put = put_record, .context = s},
		.counters = s->counter,
		.max_flows = size,
		.connection_base = starts << 48 | (uint64_t)index << 40,
		.dissectors_off = job->settings->dissectors_off,
		.n_dissectors_off = job->settings->n_dissectors_off,
	}, &error);
	if (s->classifier == NULL) {
		log_error("sensor", "nDPI: %s: install the libndpi this program was built with", error);
		return NULL;
	}
	if (getrandom(&seed, sizeof seed, 0) != sizeof seed) {
		seed = (uint64_t)clock_now_us();
	}
	s->flows = flowtab_new(size, seed, end_flow, s);
	s->duplicates = duplicate_new(0, 0);
	return s;
}

static void sensor_free(struct sensor *s)
{
	flowtab_free(s->flows);
	classifier_free(s->classifier);
	duplicate_free(s->duplicates);
	decoder_free(s->decoder);
	wire_free(s->wire);
	free(s);
}

bool role_check_link(const struct capture *c, const char *name)
{
	int link = capture_link_type(c);

	if (packet_link_known(link)) {
		return true;
	}
	log_error("capture", "link type %d (%s): %s: not a network that Terrier reads: capture on Ethernet, or on 'any'",
	          link, capture_link_name(link), name);
	return false;
}

static void set_link(struct sensor *s, const struct capture *c)
{
	if (s->decoder == NULL) {
		s->decoder = decoder_new(capture_link_type(c));
	} else {
		decoder_set_link(s->decoder, capture_link_type(c));
	}
}

static struct capture *open_file(struct sensor *s, const char *name, enum capture_fault *fault)
{
	struct capture_options options = {.filter = s->job->filter};
	struct capture *c;
	char *error = NULL;

	c = capture_open_file(name, &options, fault, &error);
	if (c == NULL) {
		log_error("capture", "%s", error);
		free(error);
		return NULL;
	}
	if (!role_check_link(c, name)) {
		*fault = CAPTURE_FAULT_CALLER;
		capture_close(c);
		return NULL;
	}
	set_link(s, c);
	return c;
}

/* ---- files ---- */

/* Bytes, packets a second and the time left, on a terminal. */
static void show_progress(struct sensor *s, const struct capture *c, const char *name, int64_t begun_us, bool is_end)
{
	uint64_t at, size;
	double seconds = (double)(clock_steady_us() - begun_us) / 1e6;
	double rate = seconds > 0 ? (double)s->packets / seconds : 0;
	char left[48] = "";

	capture_position(c, &at, &size);
	if (size > 0 && at > 0 && at <= size) {
		double share = (double)at / (double)size;

		snprintf(left, sizeof left, ", %3.0f %%, %.0f s left", share * 100, seconds * (1 - share) / share);
	}
	fprintf(stderr, "\r\033[K%s: %.1f MB, %.0f packets/s%s%s", name, (double)at / 1e6, rate, left, is_end ? "\n" : "");
}

static enum capture_status read_file(struct sensor *s, struct capture *c, const char *name)
{
	bool shows = s->index == 0 && isatty(STDERR_FILENO);
	int64_t begun_us = clock_steady_us(), shown_us = begun_us, flushed_us = begun_us;
	enum capture_status status = CAPTURE_OK;

	s->packets = 0;
	while (status == CAPTURE_OK) {
		int count = 0;
		int64_t now_us;

		status = capture_dispatch(c, BATCH, take_frame, s, &count);
		flowtab_sweep(s->flows, s->now_us, (uint32_t)count * 2);
		if (!shows && !s->job->is_stdin) {
			continue;
		}
		now_us = clock_steady_us();
		if (shows && now_us - shown_us > CLOCK_SECOND_US / 4) {
			show_progress(s, c, name, begun_us, false);
			shown_us = now_us;
		}
		if (s->job->is_stdin && now_us - flushed_us > STDIN_FLUSH_US) {
			flowtab_each(s->flows, flush_one, s);
			send_mark(s, 0, 0);
			flushed_us = now_us;
		}
	}
	if (shows) {
		show_progress(s, c, name, begun_us, true);
	}
	return status;
}

static int run_files(struct sensor *s)
{
	const struct job *job = s->job;
	int status = ROLE_DONE;

	for (size_t i = 0; i < job->n_sources; i++) {
		enum capture_fault fault = CAPTURE_FAULT_NONE;
		struct capture *c = open_file(s, job->sources[i].name, &fault);
		bool is_last = i + 1 == job->n_sources, is_damaged;

		if (c == NULL) {
			return fault == CAPTURE_FAULT_CALLER ? ROLE_CALLER : ROLE_FAILED;
		}
		log_debug("sensor", "worker %u reads %s", s->index, job->sources[i].name);
		is_damaged = read_file(s, c, job->sources[i].name) != CAPTURE_END;
		if (is_damaged) {
			status = ROLE_FAILED;
			if (s->index == 0) {
				log_error("capture", "%s", capture_error(c));
			}
		}
		capture_close(c);
		if (is_last) {
			flowtab_end_all(s->flows);
		} else {
			flowtab_each(s->flows, flush_one, s);
		}
		send_mark(s, (uint32_t)i, (uint16_t)((is_last ? RECORD_LAST : 0) | (is_damaged ? RECORD_MARK_FAILED : 0)));
		if (wire_is_gone(s->wire)) {
			return ROLE_FAILED;
		}
	}
	return status;
}

/* ---- live ---- */

static void count_drops(struct sensor *s, struct capture *c)
{
	struct capture_stats now;

	if (capture_stats(c, &now)) {
		s->counter[COVERAGE_KERNEL_DROPS] += now.kernel_drops - s->stats.kernel_drops;
		s->counter[COVERAGE_INTERFACE_DROPS] += now.interface_drops - s->stats.interface_drops;
		s->stats = now;
	}
	if (s->first_us == 0) {
		s->first_us = s->last_us = clock_now_us();
	}
}

/* The signal that came, or 0. */
static int take_signal(int signals)
{
	struct signalfd_siginfo info;

	return read(signals, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

/* The kernel hands a block over when it is full or CAPTURE_HOLD_US old: what came before the signal may still be there. */
static enum capture_status drain(struct sensor *s, struct capture *c)
{
	int64_t end_us = clock_steady_us() + 2 * CAPTURE_HOLD_US;
	enum capture_status status = CAPTURE_OK;

	while (status == CAPTURE_OK && clock_steady_us() < end_us) {
		struct pollfd fd = {.fd = capture_descriptor(c), .events = POLLIN};
		int count = 0;

		poll(&fd, 1, CAPTURE_HOLD_US / 1000);
		status = capture_dispatch(c, BATCH, take_frame, s, &count);
	}
	return status;
}

static int run_live(struct sensor *s, int signals)
{
	struct capture *c = s->job->sources[s->index].capture;
	int64_t flush_us = s->job->settings->flush_s * CLOCK_SECOND_US, flushed_us = clock_steady_us();
	enum capture_status status = CAPTURE_OK;
	int signal = 0;

	set_link(s, c);
	while (status == CAPTURE_OK && signal != SIGTERM && signal != SIGINT) {
		struct pollfd fds[] = {{.fd = capture_descriptor(c), .events = POLLIN}, {.fd = signals, .events = POLLIN}};
		int count = 0;

		poll(fds, 2, 1000);
		signal = (fds[1].revents & POLLIN) != 0 ? take_signal(signals) : 0;
		/* also after POLLERR, or the loop would spin */
		status = capture_dispatch(c, BATCH, take_frame, s, &count);
		s->now_us = count == 0 ? clock_now_us() : s->now_us;
		flowtab_sweep(s->flows, s->now_us, (uint32_t)count * 2 + 256);
		if (signal == SIGUSR1 || clock_steady_us() - flushed_us >= flush_us) {
			count_drops(s, c);
			flowtab_each(s->flows, flush_one, s);
			send_mark(s, 0, 0);
			flushed_us = clock_steady_us();
		}
	}
	status = status == CAPTURE_OK ? drain(s, c) : status;
	count_drops(s, c);
	if (status == CAPTURE_GONE) {
		log_warn("capture", "%s", capture_error(c));
	}
	wire_set_blocking(s->wire);
	flowtab_end_all(s->flows);
	send_mark(s, 0, status == CAPTURE_GONE ? RECORD_MARK_FAILED : RECORD_LAST);
	return status == CAPTURE_GONE ? ROLE_INTERFACE_GONE : ROLE_DONE;
}

int sensor_run(const struct job *job, unsigned index, int wire)
{
	struct sensor *s = sensor_new(job, index, wire);
	int status;

	if (s == NULL) {
		return ROLE_FAILED;
	}
	if (job->is_live && role_drop_user(job) != 0) {
		status = ROLE_CALLER;
	} else if (job->is_live) {
		sigset_t set;
		int signals;

		sigemptyset(&set);
		sigaddset(&set, SIGTERM);
		sigaddset(&set, SIGINT);
		sigaddset(&set, SIGUSR1);
		sigprocmask(SIG_BLOCK, &set, NULL);
		signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
		status = run_live(s, signals);
		close(signals);
	} else {
		status = run_files(s);
	}
	sensor_free(s);
	return status;
}
