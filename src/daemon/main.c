/* terrierd: the command line, and everything that can be refused before anything is read or written. */
#include "terrier/base/log.h"
#include "terrier/base/mem.h"
#include "terrier/base/clock.h"
#include "terrier/daemon/field_list.h"
#include "terrier/daemon/roles.h"
#include "terrier/dissect.h"
#include "terrier/sensor/dpi.h"
#include "terrier/store.h"

#include <getopt.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_CONFIG    "/etc/terrier/terrier.conf"
#define DEFAULT_CATALOGUE "/etc/terrier/catalogue.d"
#define DEFAULT_DATABASE  "/var/lib/terrier/terrier.db"
#define WORKERS_MAX       32

static const char usage[] =
	"Usage: terrierd --interface IF [--interface IF]...  listen, until told to stop\n"
	"       terrierd --read FILE [FILE]...               read capture files, then end\n"
	"       terrierd --check                             say what is configured\n"
	"\n"
	"Works out which systems exchange which kinds of data and keeps that in a\n"
	"database. Sends nothing, keeps no packet, no content. Ask with: terrier --help\n"
	"\n"
	"  -i, --interface IF    listen on IF (a SPAN or mirror port); may be repeated\n"
	"  -r, --read FILE...    pcap or pcapng, also gzip or zstd; - is standard input\n"
	"  -d, --database FILE   made if missing; default " DEFAULT_DATABASE "\n"
	"  -c, --config FILE     default " DEFAULT_CONFIG " if it exists\n"
	"  -f, --filter BPF      applied before anything is parsed; recorded with the run\n"
	"  -s, --sensor NAME     default: the host name\n"
	"  -u, --user NAME       live, started as root: run as NAME; default terrier\n"
	"  -w, --workers N       processes that share the files; default: as help\n"
	"      --again           count files that were read before a second time\n"
	"      --check           parse configuration and catalogue, then end\n"
	"      --list-dissectors protocols that are followed by our own dissectors\n"
	"      --list-fields     what is kept of each protocol and what never is\n"
	"  -v, --verbose         say more; -h, --help: this; -V, --version: libraries\n"
	"\n"
	"Signals: TERM and INT flush and end, USR1 flushes now. Exit status: 0 done,\n"
	"1 the system failed or a file was damaged, 2 the call was wrong.\n";

struct options {
	const char **interfaces, **files;
	size_t n_interfaces, n_files;
	const char *database, *config, *filter, *sensor, *user;
	unsigned workers;
	bool is_again, checks, verbose;
};

static void add(const char ***list, size_t *n, const char *text)
{
	*list = mem_resize(*list, *n + 1, sizeof **list);
	(*list)[(*n)++] = text;
}

static void say_versions(void)
{
	printf("terrierd %s\n%s\nnDPI %s\nSQLite %s\n", TERRIER_VERSION, capture_library_version(),
	       dpi_library_version(), store_library_version());
}

static void list_dissectors(void)
{
	for (size_t i = 0; dissectors[i] != NULL; i++) {
		printf("%-12s %s\n", dissectors[i]->name, dissectors[i]->protocol);
	}
}

static bool parse_workers(const char *text, unsigned *out)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || n < 1 || n > WORKERS_MAX) {
		log_error("--workers", "'%s': give a number from 1 to %d", text, WORKERS_MAX);
		return false;
	}
	*out = (unsigned)n;
	return true;
}

enum { OPTION_AGAIN = 256, OPTION_CHECK, OPTION_LIST, OPTION_FIELDS };

static const struct option long_options[] = {
	{"interface", required_argument, NULL, 'i'}, {"read", required_argument, NULL, 'r'},
	{"database", required_argument, NULL, 'd'},  {"config", required_argument, NULL, 'c'},
	{"filter", required_argument, NULL, 'f'},    {"sensor", required_argument, NULL, 's'},
	{"user", required_argument, NULL, 'u'},      {"workers", required_argument, NULL, 'w'},
	{"again", no_argument, NULL, OPTION_AGAIN},  {"check", no_argument, NULL, OPTION_CHECK},
	{"list-dissectors", no_argument, NULL, OPTION_LIST},
	{"list-fields", no_argument, NULL, OPTION_FIELDS},
	{"verbose", no_argument, NULL, 'v'},         {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},         {NULL, 0, NULL, 0},
};

/* Reads the command line; -1 to go on, else the exit status. */
static int parse_options(int argc, char **argv, struct options *o)
{
	int option;

	while ((option = getopt_long(argc, argv, "i:r:d:c:f:s:u:w:vhV", long_options, NULL)) != -1) {
		switch (option) {
		case 'i': add(&o->interfaces, &o->n_interfaces, optarg); break;
		case 'r': add(&o->files, &o->n_files, optarg); break;
		case 'd': o->database = optarg; break;
		case 'c': o->config = optarg; break;
		case 'f': o->filter = optarg; break;
		case 's': o->sensor = optarg; break;
		case 'u': o->user = optarg; break;
		case 'v': o->verbose = true; break;
		case OPTION_AGAIN: o->is_again = true; break;
		case OPTION_CHECK: o->checks = true; break;
		case OPTION_LIST: list_dissectors(); return 0;
		case OPTION_FIELDS: field_list_print(stdout); return 0;
		case 'h': fputs(usage, stdout); return 0;
		case 'V': say_versions(); return 0;
		case 'w':
			if (!parse_workers(optarg, &o->workers)) {
				return 2;
			}
			break;
		default:
			fputs("terrierd: see terrierd --help\n", stderr);
			return 2;
		}
	}
	if (optind < argc && o->n_files == 0) {
		log_error("command line", "'%s': not an option: to read a capture file, give --read FILE", argv[optind]);
		return 2;
	}
	for (; optind < argc; optind++) {
		add(&o->files, &o->n_files, argv[optind]); /* --read FILE FILE... */
	}
	return -1;
}

/* Several mistakes at once: a line each. */
static void say_lines(const char *module, const char *lines)
{
	while (*lines != '\0') {
		int len = (int)strcspn(lines, "\n");

		log_error(module, "%.*s", len, lines);
		lines += len;
		lines += *lines == '\n';
	}
}

static void set_text(char **where, const char *text)
{
	if (text != NULL) {
		free(*where);
		*where = mem_strdup(text);
	}
}

static struct settings *load_settings(const struct options *o)
{
	const char *path = o->config != NULL ? o->config : access(DEFAULT_CONFIG, F_OK) == 0 ? DEFAULT_CONFIG : NULL;
	struct settings *settings;
	char host[HOST_NAME_MAX + 1] = "";
	char *error = NULL;

	settings = settings_load(path, &error);
	if (settings == NULL) {
		say_lines("configuration", error);
		free(error);
		return NULL;
	}
	if (settings->fold_clients) {
		log_error("config", "[privacy] clients: fold: not in this version, which stores every host: leave it out");
		settings_free(settings);
		return NULL;
	}
	if (settings->not_in_force != NULL) {
		log_warn("config", "[%s] %s: accepted, but not in force in this version: nothing is thinned or folded",
		         settings->not_in_force->section, settings->not_in_force->key);
	}
	set_text(&settings->sensor, o->sensor);
	set_text(&settings->user, o->user);
	if (settings->sensor == NULL) {
		gethostname(host, sizeof host - 1);
		settings->sensor = mem_strdup(host[0] != '\0' ? host : "sensor");
	}
	if (settings->user == NULL) {
		settings->user = mem_strdup("terrier");
	}
	return settings;
}

static bool check_dissectors_off(const struct settings *s)
{
	for (size_t i = 0; i < s->n_dissectors_off; i++) {
		const char *name = s->dissectors_off[i];
		bool known = strcmp(name, "all") == 0 || strcmp(name, "ndpi") == 0;

		for (size_t k = 0; !known && dissectors[k] != NULL; k++) {
			known = strcmp(dissectors[k]->name, name) == 0;
		}
		if (!known) {
			log_error("[dissectors] off", "'%s': no such dissector: terrierd --list-dissectors names them", name);
			return false;
		}
	}
	return true;
}

/* ---- files ---- */

static int by_time(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	if (x->identity.first_us != y->identity.first_us) {
		return x->identity.first_us < y->identity.first_us ? -1 : 1;
	}
	return strcmp(x->name, y->name);
}

static bool is_same(const struct capture_identity *a, const struct capture_identity *b)
{
	return a->size > 0 && a->size == b->size && a->digest == b->digest;
}

/* False when a file was given twice, by whatever names. */
static bool check_copies(const struct job *job)
{
	for (size_t i = 0; i < job->n_sources; i++) {
		for (size_t k = i + 1; k < job->n_sources; k++) {
			const struct source *a = &job->sources[i], *b = &job->sources[k];

			if (a->identity.first_us != b->identity.first_us) {
				break; /* they are in order of time */
			}
			if (is_same(&a->identity, &b->identity)) {
				log_error("read", "%s: the same as %s: leave one out", b->name,
				          a->name);
				return false;
			}
		}
	}
	return true;
}

/* Opens each file once before anything is written: what is no capture is refused here. */
static int identify_files(struct job *job)
{
	for (size_t i = 0; i < job->n_sources; i++) {
		struct source *source = &job->sources[i];
		enum capture_fault fault = CAPTURE_FAULT_NONE;
		struct capture *c;
		char *error = NULL;
		bool known;

		if (job->is_stdin) {
			return 0;
		}
		if (!capture_identify(source->name, &source->identity, &fault, &error)) {
			log_error("capture", "%s", error);
			free(error);
			return fault == CAPTURE_FAULT_CALLER ? ROLE_CALLER : ROLE_FAILED;
		}
		if (source->identity.size == 0) {
			job->n_sensors = 1; /* a pipe: it can be read once, by one */
			continue;
		}
		c = capture_open_file(source->name, &(struct capture_options){.filter = job->filter}, &fault, &error);
		if (c == NULL) {
			log_error("capture", "%s", error);
			free(error);
			return fault == CAPTURE_FAULT_CALLER ? ROLE_CALLER : ROLE_FAILED;
		}
		known = role_check_link(c, source->name);
		capture_close(c);
		if (!known) {
			return ROLE_CALLER;
		}
	}
	qsort(job->sources, job->n_sources, sizeof *job->sources, by_time);
	return check_copies(job) ? 0 : ROLE_CALLER;
}

/* Makes the database if need be, and refuses files that it has already. */
static int check_database(const struct job *job)
{
	enum store_fault fault;
	char *error = NULL;
	struct store *store = store_open_rw(job->database, &fault, &error);
	int status = 0;

	if (store == NULL) {
		log_error("store", "%s", error);
		free(error);
		return fault == STORE_FAULT_CALLER ? ROLE_CALLER : ROLE_FAILED;
	}
	for (size_t i = 0; i < job->n_sources && !job->is_stdin && !job->is_again && status == 0; i++) {
		const struct capture_identity *id = &job->sources[i].identity;
		int64_t run = id->size > 0 ? store_find_file(store, id->size, id->digest) : 0;

		if (run > 0) {
			log_error("read", "%s: already in %s: give --again to count it a second time", job->sources[i].name,
			          job->database);
			status = ROLE_CALLER;
		} else if (run < 0) {
			log_error("store", "%s", store_error(store));
			status = ROLE_FAILED;
		}
	}
	store_close(store);
	return status;
}

static void set_sources(struct job *job, const char **names, size_t n)
{
	job->sources = mem_zalloc(n, sizeof *job->sources);
	job->n_sources = n;
	for (size_t i = 0; i < n; i++) {
		job->sources[i].name = names[i];
	}
}

/* Each worker reads the files for itself and takes its share of the address pairs; one core is the storer's. */
static unsigned workers_that_help(void)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	return cores <= 2 ? 1 : cores > 5 ? 4 : (unsigned)cores - 1;
}

static int run_files(struct job *job, const struct options *o)
{
	int status;

	set_sources(job, o->files, o->n_files);
	job->is_stdin = strcmp(o->files[0], "-") == 0;
	for (size_t i = 1; i < o->n_files; i++) {
		if (job->is_stdin || strcmp(o->files[i], "-") == 0) {
			log_error("--read", "-: standard input cannot be read together with files: read it by itself");
			return ROLE_CALLER;
		}
	}
	if (job->is_stdin && isatty(STDIN_FILENO)) {
		log_error("--read", "-: standard input is a terminal: pipe a capture into terrierd");
		return ROLE_CALLER;
	}
	job->n_sensors = job->is_stdin ? 1 : o->workers > 0 ? o->workers : workers_that_help();
	if ((status = identify_files(job)) != 0 || (status = check_database(job)) != 0) {
		return status;
	}
	return supervisor_run(job);
}

/* ---- live ---- */

static int run_live(struct job *job, const struct options *o)
{
	const struct settings *s = job->settings;

	if (o->n_interfaces > 0) {
		set_sources(job, o->interfaces, o->n_interfaces);
	} else {
		set_sources(job, (const char **)s->interfaces, s->n_interfaces);
	}
	if (job->n_sources > WORKERS_MAX) {
		log_error("--interface", "%zu interfaces: at most %d: run a second terrierd", job->n_sources, WORKERS_MAX);
		return ROLE_CALLER;
	}
	job->is_live = true;
	job->n_sensors = (unsigned)job->n_sources;
	return supervisor_run(job);
}

static int say_check(const struct job *job, const struct options *o)
{
	const struct settings *s = job->settings;

	printf("configuration: %s\n", o->config != NULL ? o->config : access(DEFAULT_CONFIG, F_OK) == 0 ? DEFAULT_CONFIG : "defaults");
	printf("catalogue: %u kinds, %u protocols\n", catalogue_count(job->catalogue),
	       catalogue_protocol_count(job->catalogue));
	printf("database: %s\n", job->database);
	printf("sensor: %s\n", s->sensor);
	printf("interfaces:");
	for (size_t i = 0; i < s->n_interfaces; i++) {
		printf(" %s", s->interfaces[i]);
	}
	printf("%s\n", s->n_interfaces == 0 ? " none (give --interface or --read)" : "");
	printf("filter: %s\n", job->filter != NULL ? job->filter : "none");
	printf("exclusions: %s\n", job->exclusions[0] != '\0' ? job->exclusions : "none");
	printf("own networks:");
	for (size_t i = 0; i < s->n_own; i++) {
		char text[PREFIX_TEXT_MAX];

		printf(" %s", prefix_format(&s->own[i], text));
	}
	printf("%s\n", s->own_is_set ? "" : " (the default: inside and outside are not configured)");
	printf("zones: %zu, segments: %zu\n", s->n_zones, s->n_segments - 1);
	printf("limits: %u flows, %u hosts, %u outside parties\n", s->max_flows, s->max_hosts, s->max_parties);
	return 0;
}

static int run(const struct options *o, const struct settings *settings, const struct catalogue *catalogue)
{
	char *exclusions = settings_exclusions(settings);
	const char *filter = o->filter != NULL ? o->filter : settings->filter;
	char *fault = filter != NULL ? capture_check_filter(filter) : NULL;
	struct job job = {
		.settings = settings,
		.catalogue = catalogue,
		.database = o->database != NULL ? o->database : DEFAULT_DATABASE,
		.filter = filter,
		.exclusions = exclusions,
		.is_again = o->is_again,
	};
	int status = ROLE_CALLER;

	if (fault != NULL) {
		log_error("--filter", "'%s': %s: see pcap-filter(7)", filter, fault);
		free(fault);
	} else if (o->checks) {
		status = say_check(&job, o);
	} else if (o->n_files > 0 && o->n_interfaces > 0) {
		log_error("command line", "--read and --interface: give one of them");
	} else if (o->n_files > 0) {
		status = run_files(&job, o);
	} else if (o->n_interfaces > 0 || settings->n_interfaces > 0) {
		status = run_live(&job, o);
	} else {
		log_error("command line", "nothing to read: give --interface IF or --read FILE (see terrierd --help)");
	}
	free(job.sources);
	free(exclusions);
	return status;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	struct catalogue *catalogue = NULL;
	struct settings *settings;
	char *error = NULL;
	int status;

	log_setup("terrierd", LOG_LEVEL_INFO);
	signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a full disk, and said so */
	status = parse_options(argc, argv, &o);
	if (status < 0) {
		log_setup("terrierd", o.verbose ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
		status = 2;
		settings = load_settings(&o);
		if (settings != NULL && check_dissectors_off(settings)) {
			catalogue = catalogue_load(DEFAULT_CATALOGUE, &error);
			if (catalogue == NULL) {
				say_lines("catalogue", error);
				free(error);
			} else {
				status = run(&o, settings, catalogue);
			}
		}
		catalogue_free(catalogue);
		settings_free(settings);
	}
	free(o.interfaces);
	free(o.files);
	return status;
}
