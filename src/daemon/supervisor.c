/* Forks the roles and waits for them. Parses nothing that came from the network. */
#include "terrier/base/clock.h"
#include "terrier/base/log.h"
#include "terrier/base/mem.h"
#include "terrier/daemon/roles.h"
#include "terrier/daemon/wire.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define RETRY_S 1 /* between two tries to open an interface that went away */

struct child {
	pid_t pid; /* 0: not running */
	int sensor_end, storer_end;
};

struct supervisor {
	struct job *job;
	struct child *sensors;
	size_t n;
	pid_t storer;
	sigset_t signals;
	bool is_stopping;
	int status; /* worst that was seen */
};

/* Packets pass through the memory of these processes: no core file, no debugger (CONTRACT, promise 1). */
static void forbid_dumps(void)
{
	const struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* A role does not outlive its supervisor. False when that has gone already. */
static bool die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return getppid() == parent;
}

int role_drop_user(const struct job *job)
{
	const char *name = job->settings->user;
	const struct passwd *user;
	pid_t parent = getppid();

	if (geteuid() != 0) {
		return 0;
	}
	user = getpwnam(name);
	if (user == NULL) {
		return ROLE_CALLER; /* taken away since the start */
	}
	if (initgroups(name, user->pw_gid) != 0 || setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0) {
		log_error("daemon", "cannot become user '%s': %s", name, strerror(errno));
		return ROLE_FAILED;
	}
	/* both were undone by the change of user */
	forbid_dumps();
	return die_with(parent) ? 0 : ROLE_FAILED;
}

static pid_t fork_role(struct supervisor *s)
{
	pid_t parent = getpid(), pid = fork();

	if (pid < 0) {
		log_error("daemon", "fork: %s: try again when the machine has memory to spare", strerror(errno));
		s->status = ROLE_FAILED;
		return 0;
	}
	if (pid > 0) {
		return pid;
	}
	if (!die_with(parent)) {
		_exit(ROLE_FAILED);
	}
	sigprocmask(SIG_UNBLOCK, &s->signals, NULL);
	return -1;
}

/* What a child has no business with: the captures of all sources but one. */
static void close_captures(struct supervisor *s, size_t but)
{
	for (size_t i = 0; i < s->job->n_sources; i++) {
		if (i != but) {
			capture_close(s->job->sources[i].capture);
			s->job->sources[i].capture = NULL;
		}
	}
}

static void start_storer(struct supervisor *s)
{
	int *ends = mem_zalloc(s->n, sizeof *ends);

	for (size_t i = 0; i < s->n; i++) {
		ends[i] = s->sensors[i].storer_end;
	}
	s->storer = fork_role(s);
	if (s->storer < 0) {
		close_captures(s, SIZE_MAX);
		for (size_t i = 0; i < s->n; i++) {
			close(s->sensors[i].sensor_end);
		}
		_exit(storer_run(s->job, ends, s->n));
	}
	for (size_t i = 0; i < s->n; i++) {
		close(ends[i]);
		s->sensors[i].storer_end = -1;
	}
	free(ends);
}

static void start_sensor(struct supervisor *s, size_t i)
{
	struct child *c = &s->sensors[i];

	c->pid = fork_role(s);
	if (c->pid < 0) {
		if (s->job->is_live) {
			close_captures(s, i);
		}
		for (size_t k = 0; k < s->n; k++) {
			if (k != i) {
				close(s->sensors[k].sensor_end);
			}
		}
		_exit(sensor_run(s->job, (unsigned)i, c->sensor_end));
	}
	if (s->job->is_live) {
		capture_close(s->job->sources[i].capture); /* the sensor has its own */
		s->job->sources[i].capture = NULL;
		s->job->sources[i].starts++;
	} else {
		close(c->sensor_end); /* so that the storer sees when the sensor is gone */
		c->sensor_end = -1;
	}
}

/* Opens an interface for the next sensor. A fault that waiting may cure is CAPTURE_FAULT_RETRY. */
static enum capture_fault open_interface(struct supervisor *s, size_t i, bool says_why)
{
	const struct settings *g = s->job->settings;
	struct capture_options options = {
		.filter = s->job->filter,
		.ring_bytes = g->ring_bytes,
		.promiscuous = g->promiscuous,
	};
	enum capture_fault fault = CAPTURE_FAULT_NONE;
	struct source *source = &s->job->sources[i];
	char *error = NULL;

	source->capture = capture_open_interface(source->name, &options, &fault, &error);
	if (source->capture == NULL) {
		if (says_why) {
			log_error("capture", "%s", error);
		}
		free(error);
		return fault;
	}
	if (!role_check_link(source->capture, source->name)) {
		capture_close(source->capture);
		source->capture = NULL;
		return CAPTURE_FAULT_CALLER;
	}
	return CAPTURE_FAULT_NONE;
}

static void signal_sensors(struct supervisor *s, int signal)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->sensors[i].pid > 0) {
			kill(s->sensors[i].pid, signal);
		}
	}
}

static bool sensors_run(const struct supervisor *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (s->sensors[i].pid > 0) {
			return true;
		}
	}
	return false;
}

/* Stops live capture: sensors flush and end, then the storer does. */
static void stop(struct supervisor *s)
{
	s->is_stopping = true;
	signal_sensors(s, SIGTERM);
}

static void note_status(struct supervisor *s, int status)
{
	s->status = status > s->status ? status : s->status;
}

static void sensor_ended(struct supervisor *s, size_t i, int wait_status)
{
	struct child *c = &s->sensors[i];
	const char *name = s->job->is_live ? s->job->sources[i].name : "reader";

	c->pid = 0;
	if (WIFSIGNALED(wait_status) && s->is_stopping) {
		return; /* by us: whoever made us stop has said why */
	}
	if (WIFSIGNALED(wait_status)) {
		log_error("daemon", "sensor (%s): killed by signal %d: %s", name, WTERMSIG(wait_status),
		          s->job->is_live ? "starting again; what it had not flushed is lost" : "nothing of this file is kept");
		note_status(s, s->job->is_live ? ROLE_DONE : ROLE_FAILED);
	} else if (WEXITSTATUS(wait_status) == ROLE_INTERFACE_GONE) {
		log_warn("capture", "interface %s: gone: waiting for it", name);
	} else {
		note_status(s, WEXITSTATUS(wait_status));
		if (s->job->is_live && WEXITSTATUS(wait_status) != ROLE_DONE) {
			stop(s);
		}
	}
}

static void reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == s->storer) {
			s->storer = 0;
			note_status(s, WIFEXITED(status) ? WEXITSTATUS(status) : ROLE_FAILED);
			s->is_stopping = true;
			if (!WIFEXITED(status) || WEXITSTATUS(status) != ROLE_DONE) {
				signal_sensors(s, SIGKILL); /* nobody would write down what they see */
			}
			continue;
		}
		for (size_t i = 0; i < s->n; i++) {
			if (s->sensors[i].pid == pid) {
				sensor_ended(s, i, status);
			}
		}
	}
}

/* Starts sensors whose interface has come back. */
static void revive(struct supervisor *s)
{
	for (size_t i = 0; i < s->n && !s->is_stopping; i++) {
		if (s->sensors[i].pid == 0 && open_interface(s, i, false) == CAPTURE_FAULT_NONE) {
			log_info("capture", "interface %s: listening", s->job->sources[i].name);
			start_sensor(s, i);
		}
	}
}

static void take_signal(struct supervisor *s, int signal)
{
	switch (signal) {
	case SIGCHLD:
		reap(s);
		break;
	case SIGUSR1:
		if (s->job->is_live) { /* a file's rows are written when all of it was read */
			signal_sensors(s, SIGUSR1);
		}
		break;
	case SIGHUP:
		log_warn("daemon", "SIGHUP: the configuration is read at start: restart terrierd to apply changes");
		break;
	case SIGTERM:
	case SIGINT:
		if (s->job->is_live) {
			stop(s);
		} else {
			signal_sensors(s, SIGKILL); /* a file that was not finished is as if never read */
			note_status(s, ROLE_FAILED);
		}
		break;
	default:
		break;
	}
}

static void loop(struct supervisor *s)
{
	const struct timespec wait = {.tv_sec = RETRY_S};

	while (s->storer > 0) {
		int signal = sigtimedwait(&s->signals, NULL, &wait);

		if (signal > 0) {
			take_signal(s, signal);
		} else if (s->job->is_live && !s->is_stopping) {
			revive(s);
		}
		if (s->job->is_live && s->is_stopping && !sensors_run(s)) {
			for (size_t i = 0; i < s->n; i++) {
				if (s->sensors[i].sensor_end >= 0) {
					close(s->sensors[i].sensor_end);
					s->sensors[i].sensor_end = -1;
				}
			}
		}
	}
	while (sensors_run(s)) {
		int signal = sigtimedwait(&s->signals, NULL, &wait);

		take_signal(s, signal > 0 ? signal : SIGCHLD);
	}
}

/* Opens all interfaces; those that are only down are waited for. */
static int open_all(struct supervisor *s)
{
	for (size_t i = 0; i < s->n; i++) {
		enum capture_fault fault = open_interface(s, i, true);

		if (fault == CAPTURE_FAULT_CALLER || fault == CAPTURE_FAULT_SYSTEM) {
			return fault == CAPTURE_FAULT_CALLER ? ROLE_CALLER : ROLE_FAILED;
		}
	}
	return 0;
}

/* Checked before anything is written; role_drop_user() follows in the children. */
static bool knows_user(const struct job *job)
{
	const char *name = job->settings->user;

	if (geteuid() == 0 && getpwnam(name) == NULL) {
		log_error("daemon", "no user '%s': create it (useradd --system %s), or name another with --user", name, name);
		return false;
	}
	return true;
}

static int run_all(struct supervisor *s)
{
	for (size_t i = 0; i < s->n; i++) {
		if (wire_pair(&s->sensors[i].sensor_end, &s->sensors[i].storer_end) != 0) {
			log_error("daemon", "socketpair: %s: allow more open files", strerror(errno));
			return ROLE_FAILED;
		}
	}
	start_storer(s);
	for (size_t i = 0; i < s->n; i++) {
		if (!s->job->is_live || s->job->sources[i].capture != NULL) {
			start_sensor(s, i);
		}
	}
	loop(s);
	return s->status;
}

int supervisor_run(struct job *job)
{
	struct supervisor s = {.job = job, .n = job->n_sensors};
	int status = 0;

	forbid_dumps();
	sigemptyset(&s.signals);
	sigaddset(&s.signals, SIGCHLD);
	sigaddset(&s.signals, SIGTERM);
	sigaddset(&s.signals, SIGINT);
	sigaddset(&s.signals, SIGUSR1);
	sigaddset(&s.signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &s.signals, NULL);
	if (job->is_live) {
		status = open_all(&s);
		status = status == 0 && !knows_user(job) ? ROLE_CALLER : status;
	}
	if (status == 0) {
		s.sensors = mem_zalloc(s.n, sizeof *s.sensors);
		status = run_all(&s);
	}
	for (size_t i = 0; job->is_live && i < s.n; i++) {
		capture_close(job->sources[i].capture);
		job->sources[i].capture = NULL;
	}
	free(s.sensors);
	return status;
}
