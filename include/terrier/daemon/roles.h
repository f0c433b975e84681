#ifndef TERRIER_DAEMON_ROLES_H
#define TERRIER_DAEMON_ROLES_H

#include "terrier/daemon/settings.h"
#include "terrier/model/kind.h"
#include "terrier/sensor/capture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The processes of terrierd. Each role is a loop and calls; what they share is this job, fixed before they fork. */
struct source {
	const char *name; /* interface, path, or "-" */
	struct capture_identity identity; /* of a file */
	struct capture *capture;          /* live: opened before the sensor is forked */
	uint16_t starts;                  /* live: sensors before this one, so that no two number a connection alike */
};

struct job {
	const struct settings *settings;
	const struct catalogue *catalogue;
	const char *database;
	const char *filter;      /* NULL: none */
	const char *exclusions;  /* one line, "" for none */
	struct source *sources;
	size_t n_sources;
	bool is_live;
	bool is_stdin;           /* one source, flushed as it comes */
	bool is_again;           /* files that were read before count a second time */
	unsigned n_sensors;      /* files: workers that share every file; live: one an interface */
};

/* Exit statuses of the roles; those of CONTRACT, and one that only the supervisor sees. */
enum role_status { ROLE_DONE = 0, ROLE_FAILED = 1, ROLE_CALLER = 2, ROLE_INTERFACE_GONE = 75 };

/* Opens captures, forks storer and sensors, passes signals on, starts a sensor again whose interface went away, and
 * returns the program's exit status. */
int supervisor_run(struct job *job);

/* Reads packets and sends records through `wire` until the sources end. `index` is below n_sensors. */
int sensor_run(const struct job *job, unsigned index, int wire);

/* Receives the records of `n` sensors and writes the database. */
int storer_run(const struct job *job, const int *wires, size_t n);

/* True when a source's frames are of a link type that Terrier reads; else a line has said that they are not. */
bool role_check_link(const struct capture *c, const char *name);

/* Becomes the configured user when started as root; 0, or ROLE_CALLER after a line that says what is missing. */
int role_drop_user(const struct job *job);

#endif
