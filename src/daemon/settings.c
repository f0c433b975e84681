/* What terrierd is told to do: terrier.conf over the defaults of the table, checked as a whole, and
 * the questions that others ask of it. */
#include "terrier/daemon/settings.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/daemon/settings_internal.h"
#include "terrier/daemon/value.h"

#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MISTAKES_MAX 100

void settings_mistake(struct loading *l, int line, const char *key, const char *format, ...)
{
	va_list args;

	if (++l->n_mistakes > MISTAKES_MAX) {
		return;
	}
	fprintf(l->mistakes, "%s%s: ", l->n_mistakes > 1 ? "\n" : "", l->path);
	if (line > 0) {
		fprintf(l->mistakes, "line %d: ", line);
	}
	if (key != NULL) {
		fprintf(l->mistakes, "[%s] %s: ", l->heading, key);
	}
	va_start(args, format);
	vfprintf(l->mistakes, format, args);
	va_end(args);
}

static void read_one(struct loading *l, const struct settings_row *row, void *base,
                     const char *text)
{
	char shown[SETTINGS_QUOTE], network[SETTINGS_QUOTE];

	if (row->setting->read(row->setting, base, text)) {
		return;
	}
	value_quote(text, shown, sizeof shown);
	if (strcmp(row->type, "networks") == 0 &&
	    value_suggest_network(text, network, sizeof network)) {
		settings_mistake(l, l->line, row->key,
		                 "'%s' has bits behind its prefix, did you mean %s?", shown,
		                 network);
	} else {
		settings_mistake(l, l->line, row->key, "read '%s', allowed: %s", shown, row->type);
	}
}

void settings_read_value(struct loading *l, const struct settings_row *row, void *base,
                         const char *value)
{
	char *copy, *rest, *item;

	if (!row->setting->is_list || row->setting->is_whole) {
		read_one(l, row, base, value);
		return;
	}
	copy = rest = mem_strdup(value);
	while ((item = strsep(&rest, ",")) != NULL) {
		item = text_trim(item);
		if (item[0] != '\0') {
			read_one(l, row, base, item);
		}
	}
	free(copy);
}

struct claim {
	const struct prefix *network;
	const char *zone;
};

static int compare_claims(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int by_address = addr_cmp(&x->network->addr, &y->network->addr);

	return by_address != 0 ? by_address : (int)x->network->bits - (int)y->network->bits;
}

/* Nested zones are fine, the narrower counts; the same network twice has no answer. */
static void check_claims(struct loading *l)
{
	const struct settings *s = l->s;
	struct claim *claims = NULL;
	size_t n = 0;

	for (size_t i = 0; i < s->n_zones; i++) {
		claims = mem_resize(claims, n + s->zones[i].n_networks, sizeof *claims);
		for (size_t j = 0; j < s->zones[i].n_networks; j++) {
			claims[n++] = (struct claim){&s->zones[i].networks[j], s->zones[i].name};
		}
	}
	if (n > 1) {
		qsort(claims, n, sizeof *claims, compare_claims);
	}
	for (size_t i = 1; i < n; i++) {
		char text[PREFIX_TEXT_MAX];

		if (compare_claims(&claims[i - 1], &claims[i]) == 0) {
			settings_mistake(
			        l, 0, NULL,
			        "[zone %s] and [zone %s] networks: both have %s, give it to one",
			        claims[i - 1].zone, claims[i].zone,
			        prefix_format(claims[i].network, text));
		}
	}
	free(claims);
}

/* Gives every setting that the file does not the value of the table. */
static void fill_defaults(struct loading *l)
{
	size_t n;
	const struct settings_row *rows = settings_rows(&n);
	char host[HOST_NAME_MAX + 1] = "";

	for (size_t i = 0; i < n; i++) {
		if (l->given[i] != 0 && rows[i].is_later && l->s->not_in_force == NULL) {
			l->s->not_in_force = &rows[i];
		}
		if (l->given[i] == 0 && rows[i].fallback[0] != '\0') {
			settings_read_value(l, &rows[i], l->s, rows[i].fallback);
		}
	}
	if (l->s->sensor == NULL) {
		gethostname(host, sizeof host - 1);
		l->s->sensor = mem_strdup(value_is_label(host) ? host : "sensor");
	}
}

struct settings *settings_load(const char *path, char **error)
{
	struct loading l = {.s = mem_zalloc(1, sizeof *l.s), .path = path};
	char *mistakes = NULL;
	size_t len;

	l.mistakes = open_memstream(&mistakes, &len);
	if (l.mistakes == NULL) {
		*error = mem_strdup("settings: out of memory");
		settings_free(l.s);
		return NULL;
	}
	l.s->segments = mem_zalloc(1, sizeof *l.s->segments);
	l.s->segments[0] = (struct segment){.name = mem_strdup(""), .vlan = -1};
	l.s->n_segments = 1;
	if (path != NULL) {
		settings_read_file(&l);
		check_claims(&l);
	}
	l.s->own_is_set = l.s->n_own > 0;
	fill_defaults(&l);
	if (l.n_mistakes > MISTAKES_MAX) {
		fprintf(l.mistakes, "\n%s: and %d more", path, l.n_mistakes - MISTAKES_MAX);
	}
	fclose(l.mistakes);
	if (l.n_mistakes == 0) {
		free(mistakes);
		return l.s;
	}
	*error = mistakes;
	settings_free(l.s);
	return NULL;
}

static void free_names(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(names[i]);
	}
	free(names);
}

void settings_free(struct settings *s)
{
	if (s == NULL) {
		return;
	}
	for (size_t i = 0; i < s->n_zones; i++) {
		free(s->zones[i].name);
		free(s->zones[i].networks);
	}
	for (size_t i = 0; i < s->n_segments; i++) {
		free(s->segments[i].name);
		free(s->segments[i].sensor);
		free(s->segments[i].interface);
	}
	free_names(s->interfaces, s->n_interfaces);
	free_names(s->name_order, s->n_name_order);
	free_names(s->safe_paths, s->n_safe_paths);
	free_names(s->dissectors_off, s->n_dissectors_off);
	free(s->filter);
	free(s->exclude_networks);
	free(s->exclude_vlans);
	free(s->exclude_ports);
	free(s->own);
	free(s->outside);
	free(s->zones);
	free(s->segments);
	free(s->organisation);
	free(s->ods_code);
	free(s->user);
	free(s->sensor);
	free(s);
}

static bool fits(const char *wanted, const char *is)
{
	return wanted == NULL || (is != NULL && strcmp(wanted, is) == 0);
}

uint16_t settings_segment(const struct settings *s, const char *sensor, const char *interface,
                          int vlan)
{
	for (size_t i = 1; i < s->n_segments; i++) {
		const struct segment *g = &s->segments[i];

		if (fits(g->sensor, sensor) && fits(g->interface, interface) &&
		    (g->vlan < 0 || g->vlan == vlan)) {
			return (uint16_t)i;
		}
	}
	return 0;
}

static void print_numbers(FILE *out, const char *what, const uint16_t *numbers, size_t n)
{
	if (n > 0) {
		fprintf(out, "%s%s ", ftell(out) > 0 ? "; " : "", what);
	}
	for (size_t i = 0; i < n; i++) {
		fprintf(out, "%s%d", i > 0 ? ", " : "", numbers[i]);
	}
}

char *settings_exclusions(const struct settings *s)
{
	char *line = NULL, text[PREFIX_TEXT_MAX];
	size_t len;
	FILE *out = open_memstream(&line, &len);

	if (out == NULL) {
		return mem_strdup("");
	}
	for (size_t i = 0; i < s->n_exclude_networks; i++) {
		fprintf(out, "%s%s", i > 0 ? ", " : "networks ",
		        prefix_format(&s->exclude_networks[i], text));
	}
	print_numbers(out, "VLANs", s->exclude_vlans, s->n_exclude_vlans);
	print_numbers(out, "ports", s->exclude_ports, s->n_exclude_ports);
	fclose(out);
	return line;
}
