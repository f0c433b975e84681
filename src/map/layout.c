/* The only home of Graphviz. It runs in a child process, because it leaks, has global state, and
 * takes as long and as much as it likes; what comes back over the pipe are numbers, checked before
 * use. */
#include "terrier/map/layout.h"

#include "terrier/base/clock.h"
#include "terrier/base/mem.h"
#include "terrier/map/plan.h"

#include <errno.h>
#include <fcntl.h>
#include <graphviz_version.h>
#include <gvc.h>
#include <locale.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_LIMIT_MS     20000
#define DEFAULT_LIMIT_MEMORY ((size_t)1 << 30)
#define DOT_NODES_MAX        600 /* nodes and labels; beyond, dot takes minutes */
#define TRIES_WORK           80000 /* squares of nodes and labels that may be tried over, about two seconds \
	                            */
#define ROUNDS_MAX     16
#define POINTS_MAX     3000              /* of one half arrow */
#define ANSWER_MAX     ((size_t)1 << 25) /* octets */
#define COORDINATE_MAX 1e6

extern gvplugin_library_t gvplugin_dot_layout_LTX_library;
extern gvplugin_library_t gvplugin_core_LTX_library;

static void set_attribute(void *object, const char *name, const char *value)
{
	agsafeset(object, (char *)(uintptr_t)name, (char *)(uintptr_t)value,
	          (char *)(uintptr_t) "");
}

static void set_inches(void *object, const char *name, double points)
{
	char text[32];

	snprintf(text, sizeof text, "%.4f", points / 72);
	set_attribute(object, name, text);
}

struct drawing {
	Agraph_t *graph;
	Agraph_t **zones;
	Agnode_t **nodes, **tags;
	Agedge_t **halves;
};

static Agnode_t *draw_box(struct drawing *d, Agraph_t *in, char prefix, size_t index,
                          const double size[2])
{
	char name[32];

	snprintf(name, sizeof name, "%c%zu", prefix, index + 1);
	Agnode_t *n = agnode(d->graph, name, 1);
	if (in != NULL) {
		agsubnode(in, n, 1);
	}
	set_attribute(n, "shape", "box");
	set_attribute(n, "fixedsize", "true");
	set_attribute(n, "label", "");
	set_inches(n, "width", size[0]);
	set_inches(n, "height", size[1]);
	return n;
}

static void draw_zones(struct drawing *d, const struct map *m)
{
	d->zones = mem_zalloc(m->n_zones, sizeof *d->zones);
	for (size_t i = 0; i < m->n_zones; i++) {
		char name[32];
		snprintf(name, sizeof name, "cluster_%zu", i + 1);
		d->zones[i] = agsubg(d->graph, name, 1);
		set_attribute(d->zones[i], "margin", "10");
		/* Room for the name is taken by an empty label of its height. */
		set_attribute(d->zones[i], "label", " ");
		set_attribute(d->zones[i], "labeljust", "l");
		set_attribute(d->zones[i], "fontsize", "11");
	}
}

/* To dot all arrows run right, in the order of the columns; ours run with the information. */
static bool is_left_of_tag(const struct plan *p, const struct plan_half *h)
{
	return p->levels[h->node] <= p->tags[h->tag].gap;
}

/* Keeps the columns found as they are: dot would draw all together for shorter arrows. */
static void set_ranks_apart(Agedge_t *edge, size_t level, size_t gap)
{
	char text[32];

	snprintf(text, sizeof text, "%zu",
	         level <= gap ? 2 * (gap - level) + 1 : 2 * (level - gap) - 1);
	set_attribute(edge, "minlen", text);
}

static void draw_halves(struct drawing *d, const struct plan *p)
{
	d->halves = mem_zalloc(p->n_halves, sizeof *d->halves);
	for (size_t i = 0; i < p->n_halves; i++) {
		const struct plan_half *h = &p->halves[i];
		Agnode_t *node = d->nodes[h->node], *tag = d->tags[h->tag];
		char name[32];
		snprintf(name, sizeof name, "e%zu", i + 1);
		bool is_left = is_left_of_tag(p, h);
		d->halves[i] =
		        agedge(d->graph, is_left ? node : tag, is_left ? tag : node, name, 1);
		set_attribute(d->halves[i], "arrowhead", "none");
		if (p->keeps_columns) {
			set_ranks_apart(d->halves[i], p->levels[h->node], p->tags[h->tag].gap);
		}
	}
}

static void draw_graph(struct drawing *d, const struct map *m, const struct plan *p)
{
	d->graph = agopen((char *)(uintptr_t) "map", Agdirected, NULL);
	set_attribute(d->graph, "rankdir", "LR");
	set_attribute(d->graph, "nodesep", "0.075");
	set_attribute(d->graph, "ranksep", "0.18");
	set_attribute(d->graph, "splines", "true");
	draw_zones(d, m);
	d->nodes = mem_zalloc(m->n_nodes, sizeof(*d->nodes));
	for (size_t i = 0; i < m->n_nodes; i++) {
		const struct map_node *n = &m->nodes[i];
		d->nodes[i] =
		        draw_box(d, d->zones[n->zone], 'n', i, (double[]){n->width, n->height});
	}
	d->tags = mem_zalloc(p->n_tags, sizeof(*d->tags));
	for (size_t i = 0; i < p->n_tags; i++) {
		const struct plan_tag *t = &p->tags[i];
		Agraph_t *zone = t->zone == PLAN_NONE ? NULL : d->zones[t->zone];
		d->tags[i] = draw_box(d, zone, 't', i, (double[]){t->width, t->height});
	}
	draw_halves(d, p);
}

static void tell(FILE *out, double value)
{
	fwrite(&value, sizeof value, 1, out);
}

static void tell_point(FILE *out, pointf p, double top)
{
	tell(out, p.x);
	tell(out, top - p.y);
}

/* The order is that of hear_answer(). */
static void tell_answer(FILE *out, const struct drawing *d, const struct map *m,
                        const struct plan *p)
{
	boxf all = GD_bb(d->graph);

	tell(out, all.UR.x);
	tell(out, all.UR.y);
	for (size_t i = 0; i < m->n_zones; i++) {
		boxf zone = GD_bb(d->zones[i]);
		tell_point(out, (pointf){zone.LL.x, zone.UR.y}, all.UR.y);
		tell(out, zone.UR.x - zone.LL.x);
		tell(out, zone.UR.y - zone.LL.y);
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		tell_point(out, ND_coord(d->nodes[i]), all.UR.y);
	}
	for (size_t i = 0; i < p->n_tags; i++) {
		tell_point(out, ND_coord(d->tags[i]), all.UR.y);
	}
	for (size_t i = 0; i < p->n_halves; i++) {
		const splines *spline = ED_spl(d->halves[i]);
		int n = spline != NULL && spline->size == 1 ? spline->list[0].size : 0;
		tell(out, n);
		bool is_forward = is_left_of_tag(p, &p->halves[i]) == p->halves[i].is_into_tag;
		for (int k = 0; k < n; k++) {
			tell_point(out, spline->list[0].list[is_forward ? k : n - 1 - k], all.UR.y);
		}
	}
}

static int swallow_message(char *text)
{
	(void)text; /* counted by agerrors() */
	return 0;
}

static void limit_child(const struct map_layout_options *options)
{
	struct rlimit cpu = {.rlim_cur = options->limit_ms / 1000 + 1,
	                     .rlim_max = options->limit_ms / 1000 + 2};
	struct rlimit no_core = {0};
	unsigned long pages = 0;
	FILE *statm = fopen("/proc/self/statm", "r");

	/* What is mapped now is the program itself; the limit is for what Graphviz adds. */
	if (statm == NULL || fscanf(statm, "%lu", &pages) != 1) {
		pages = 0;
	}
	rlim_t space = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + options->limit_memory;
	struct rlimit memory = {.rlim_cur = space, .rlim_max = space};
	if (statm != NULL) {
		fclose(statm);
	}
	setlocale(LC_ALL, "C"); /* for the numbers of attributes */
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_AS, &memory);
	setrlimit(RLIMIT_CORE, &no_core);
}

static _Noreturn void run_child(int fd, const struct map *m, const struct plan *p,
                                const struct map_layout_options *options)
{
	static const lt_symlist_t plugins[] = {
	        {"gvplugin_dot_layout_LTX_library", &gvplugin_dot_layout_LTX_library},
	        {"gvplugin_core_LTX_library", &gvplugin_core_LTX_library},
	        {NULL, NULL},
	};
	struct drawing d = {0};
	FILE *out = fdopen(fd, "w");

	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	limit_child(options);
	if (nowhere < 0 || dup2(nowhere, STDERR_FILENO) < 0) { /* it prints some faults itself */
		_exit(1);
	}
	agseterrf(swallow_message);
	GVC_t *gvc = gvContextPlugins(plugins, 0);
	draw_graph(&d, m, p);
	/* A bad label or attribute makes Graphviz say so and return 0 all the same. */
	if (out == NULL || gvLayout(gvc, d.graph, "dot") != 0 || agerrors() > AGWARN) {
		_exit(1);
	}
	tell_answer(out, &d, m, p);
	_exit(fflush(out) == 0 ? 0 : 1);
}

struct answer {
	char *bytes;
	size_t len, at;
	bool is_bad;
};

static double hear(struct answer *a, double least, double most)
{
	double value = 0;

	if (a->is_bad || a->len - a->at < sizeof value) {
		a->is_bad = true;
		return 0;
	}
	memcpy(&value, a->bytes + a->at, sizeof value);
	a->at += sizeof value;
	if (!isfinite(value) || value < least || value > most) {
		a->is_bad = true;
		return 0;
	}
	return value;
}

static double hear_coordinate(struct answer *a)
{
	return hear(a, -COORDINATE_MAX, COORDINATE_MAX);
}

static void hear_half(struct answer *a, struct plan_half *h)
{
	double n = hear(a, 4, POINTS_MAX);

	free(h->points);
	h->n_points = (size_t)n;
	h->points = mem_zalloc(h->n_points, sizeof *h->points);
	if ((h->n_points - 1) % 3 != 0) {
		a->is_bad = true;
	}
	for (size_t i = 0; i < h->n_points; i++) {
		h->points[i].x = hear_coordinate(a);
		h->points[i].y = hear_coordinate(a);
	}
}

static bool hear_answer(struct answer *a, struct map *m, struct plan *p)
{
	m->width = hear(a, 0, COORDINATE_MAX);
	m->height = hear(a, 0, COORDINATE_MAX);
	for (size_t i = 0; i < m->n_zones; i++) {
		m->zones[i].x = hear_coordinate(a);
		m->zones[i].y = hear_coordinate(a);
		m->zones[i].width = hear(a, 0, COORDINATE_MAX);
		m->zones[i].height = hear(a, 0, COORDINATE_MAX);
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		m->nodes[i].x = hear_coordinate(a);
		m->nodes[i].y = hear_coordinate(a);
	}
	for (size_t i = 0; i < p->n_tags; i++) {
		p->tags[i].x = hear_coordinate(a);
		p->tags[i].y = hear_coordinate(a);
	}
	for (size_t i = 0; i < p->n_halves && !a->is_bad; i++) {
		hear_half(a, &p->halves[i]);
	}
	return !a->is_bad && a->at == a->len;
}

/* Reads to the end of the pipe. NULL, or why it did not get there. */
static const char *read_answer(int fd, int64_t deadline_us, struct answer *a)
{
	for (;;) {
		struct pollfd watch = {.fd = fd, .events = POLLIN};
		int64_t left_ms = (deadline_us - clock_steady_us()) / 1000;
		int ready = left_ms > 0 ? poll(&watch, 1, (int)left_ms) : 0;
		if (ready == 0) {
			return "it took too long";
		}
		if (a->len > ANSWER_MAX) {
			return "its answer was too long";
		}
		a->bytes = mem_resize(a->bytes, a->len + 65536, 1);
		ssize_t n = ready < 0 ? -1 : read(fd, a->bytes + a->len, 65536);
		if (n == 0) {
			return NULL;
		}
		if (n < 0 && errno != EINTR) {
			return "its answer could not be read";
		}
		a->len += n > 0 ? (size_t)n : 0;
	}
}

/* Waits for the child, killing it first when it is not to be trusted to end. NULL, or why it
 * failed. */
static const char *end_child(pid_t child, const char *fault)
{
	int status;

	if (fault != NULL) {
		kill(child, SIGKILL);
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	if (fault != NULL) {
		return fault;
	}
	if (WIFSIGNALED(status)) {
		return WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL
		               ? "it took too long"
		               : "it failed";
	}
	return WEXITSTATUS(status) == 0 ? NULL : "it failed";
}

/* Asks a child. NULL and `*a` (its bytes are the caller's to free), or why there is no answer. */
static const char *ask_child(const struct map *m, const struct plan *p,
                             const struct map_layout_options *options, int64_t deadline_us,
                             struct answer *a)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		return "no pipe";
	}
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		run_child(ends[1], m, p, options);
	}
	close(ends[1]);
	const char *fault = child < 0 ? "no process" : read_answer(ends[0], deadline_us, a);
	close(ends[0]);
	return child < 0 ? fault : end_child(child, fault);
}

/* How far the drawing would have to shrink to fit an A3 page: larger is better. */
static double fit_of(const struct answer *a)
{
	double size[2];

	if (a->len < sizeof size) {
		return 0;
	}
	memcpy(size, a->bytes, sizeof size);
	return fmin(MAP_PAGE_WIDTH / size[0], MAP_PAGE_HEIGHT / size[1]);
}

/* The number of columns that fills a page of A3's shape: a column of labels and one of nodes are
 * 240 points wide together, and boxes fill about two thirds of a column's height. */
static size_t guess_columns(const struct map *m, const struct plan *p)
{
	double height = 0;

	for (size_t i = 0; i < p->n_tags; i++) {
		height += p->tags[i].height + 9;
	}
	for (size_t i = 0; i < m->n_nodes; i++) {
		height += (m->nodes[i].height + 9) / 2;
	}
	return (size_t)fmax(2, round(sqrt(MAP_PAGE_WIDTH / MAP_PAGE_HEIGHT * 1.4 * height / 240)));
}

/* Keeps the better of two answers and frees the other. */
static void keep_better(struct answer *best, struct answer *other)
{
	if (fit_of(other) > fit_of(best)) {
		struct answer swap = *best;
		*best = *other;
		*other = swap;
	}
	free(other->bytes);
}

/* The columns as a hint and as a rule: either may give the page that suits better. */
static const char *try_columns(const struct map *m, struct plan *p,
                               const struct map_layout_options *options, int64_t deadline_us,
                               struct answer *best)
{
	for (int i = 0; i < 2; i++) {
		struct answer answer = {0};
		p->keeps_columns = i == 1;
		const char *fault = ask_child(m, p, options, deadline_us, &answer);
		if (fault != NULL) {
			free(answer.bytes);
			return fault;
		}
		keep_better(best, &answer);
	}
	return NULL;
}

static const char *place_with_graphviz(struct map *m, struct plan *p,
                                       const struct map_layout_options *options)
{
	int64_t deadline_us = clock_steady_us() + (int64_t)options->limit_ms * 1000;
	size_t boxes = m->n_nodes + p->n_tags, guess = guess_columns(m, p),
	       first = guess > 3 ? guess - 1 : 2,
	       rounds = options->rounds > 0 ? options->rounds : TRIES_WORK / (boxes * boxes);
	struct answer best = {0};
	const char *fault = NULL;

	if (boxes > DOT_NODES_MAX) {
		return "there is too much to place";
	}
	/* What fits the smallest page needs no better place. */
	rounds = rounds < 1 ? 1 : rounds > ROUNDS_MAX ? ROUNDS_MAX : rounds;
	for (size_t i = 0; i < rounds && fault == NULL && fit_of(&best) < 1; i++) {
		for (size_t columns = first; columns <= guess + 2 && fault == NULL; columns++) {
			level_assign(m, p, columns, i);
			fault = try_columns(m, p, options, deadline_us, &best);
		}
	}
	if (best.len > 0) {
		fault = hear_answer(&best, m, p) ? NULL : "its answer made no sense";
	}
	free(best.bytes);
	return fault;
}

static void add_note(struct map *m, const char *fault, char **note)
{
	char *text = mem_printf("Placed on a plain grid, because Graphviz could not: %s.", fault);

	m->notes = mem_resize(m->notes, m->n_notes + 1, sizeof *m->notes);
	memmove(m->notes + 1, m->notes, m->n_notes * sizeof *m->notes);
	m->notes[0] = text;
	m->n_notes++;
	*note = mem_strdup(text);
}

int map_layout(struct map *m, const struct map_layout_options *options, char **note)
{
	struct map_layout_options o = options != NULL ? *options : (struct map_layout_options){0};
	struct plan *p = plan_new(m);
	const char *fault = "it was not asked";

	o.limit_ms = o.limit_ms > 0 ? o.limit_ms : DEFAULT_LIMIT_MS;
	o.limit_memory = o.limit_memory > 0 ? o.limit_memory : DEFAULT_LIMIT_MEMORY;
	*note = NULL;
	if (m->n_nodes == 0) {
		fault = NULL;
	} else if (!o.is_plain) {
		fault = place_with_graphviz(m, p, &o);
	}
	if (fault != NULL) {
		grid_place(m, p);
		add_note(m, fault, note);
	}
	plan_apply(m, p);
	plan_free(p);
	return fault == NULL ? 0 : 1;
}

const char *map_layout_version(void)
{
	return PACKAGE_VERSION;
}
