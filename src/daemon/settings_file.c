/* The home of inih: the lines of terrier.conf, read in one pass that finds every mistake. inih
 * parts a line into key and value; the lines are handed to it one by one, so that each mistake can
 * name its own. */
#include "terrier/daemon/settings_internal.h"

#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/daemon/value.h"

#include <errno.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_MAX_OCTETS ((size_t)1 << 20)
#define GROUPS_MAX      1000 /* zones, and segments */
#define LINE_OCTETS     1024

/* True when row section "zone NAME" is the section "zone". */
static bool is_group(const char *section)
{
	return strchr(section, ' ') != NULL;
}

/* Where a row's value goes. */
static void *base_of(const struct loading *l, const char *section)
{
	if (!is_group(section)) {
		return l->s;
	}
	return section[0] == 'z' ? (void *)&l->s->zones[l->s->n_zones - 1]
	                         : (void *)&l->s->segments[l->s->n_segments - 1];
}

/* Names what was probably meant instead of an unknown key. */
static void report_unknown_key(struct loading *l, const char *key)
{
	size_t n, best = SIZE_MAX;
	const struct settings_row *rows = settings_rows(&n), *meant = NULL;
	char shown[SETTINGS_QUOTE];

	for (size_t i = 0; i < n; i++) {
		/* the same word in another section is nearer than another word in this one */
		size_t far = 2 * value_distance(key, rows[i].key) +
		             (strcmp(rows[i].section, l->section) != 0);

		if (far < best && far <= strlen(rows[i].key)) {
			best = far;
			meant = &rows[i];
		}
	}
	value_quote(key, shown, sizeof shown);
	if (meant != NULL) {
		settings_mistake(l, l->line, shown, "no such key, did you mean [%s] %s?",
		                 meant->section, meant->key);
	} else {
		settings_mistake(l, l->line, shown, "no such key, see terrier.conf(5)");
	}
}

/* inih's callback: a key and its value on the line in hand. An empty value is the default's. */
static int on_key(void *user, const char *section, const char *key, const char *value)
{
	struct loading *l = user;
	size_t n;
	const struct settings_row *rows = settings_rows(&n);

	(void)section; /* cut at 49 octets there; ours is not */
	l->is_unanswered = false;
	if (l->heading_line == 0) {
		settings_mistake(l, l->line, NULL, "give a [section] before the first key");
	}
	if (l->section == NULL) {
		return 1;
	}
	for (size_t i = 0; i < n; i++) {
		if (strcmp(rows[i].section, l->section) != 0 || strcmp(rows[i].key, key) != 0) {
			continue;
		}
		if (value[strspn(value, ", \t")] == '\0') {
			return 1;
		}
		if (l->given[i] != 0 && !rows[i].setting->is_list) {
			settings_mistake(l, l->line, key, "already given in line %d, give it once",
			                 l->given[i]);
			return 1;
		}
		l->given[i] = l->line;
		settings_read_value(l, &rows[i], base_of(l, l->section), value);
		return 1;
	}
	report_unknown_key(l, key);
	return 1;
}

/* The table's section for a heading's first word. NULL when there is none; `*near` gets the most
 * similar. */
static const char *find_section(const char *word, const char **near)
{
	size_t n, best = 4;
	const struct settings_row *rows = settings_rows(&n);

	*near = NULL;
	for (size_t i = 0; i < n; i++) {
		char name[SETTINGS_QUOTE];
		size_t far;

		text_copy(name, sizeof name, rows[i].section, strcspn(rows[i].section, " "));
		far = value_distance(word, name);
		if (far == 0) {
			return rows[i].section;
		}
		if (far < best) {
			best = far;
			*near = rows[i].section;
		}
	}
	return NULL;
}

static bool has_name(const struct loading *l, bool is_zone, const char *name)
{
	for (size_t i = 0; is_zone && i < l->s->n_zones; i++) {
		if (strcmp(l->s->zones[i].name, name) == 0) {
			return true;
		}
	}
	for (size_t i = 1; !is_zone && i < l->s->n_segments; i++) {
		if (strcmp(l->s->segments[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static void add_segment(struct settings *s, const char *name)
{
	s->segments = mem_resize(s->segments, s->n_segments + 1, sizeof *s->segments);
	s->segments[s->n_segments++] = (struct segment){.name = mem_strdup(name), .vlan = -1};
}

static void add_zone(struct settings *s, const char *name)
{
	s->zones = mem_resize(s->zones, s->n_zones + 1, sizeof *s->zones);
	s->zones[s->n_zones++] = (struct zone){.name = mem_strdup(name)};
}

/* Begins [zone NAME] or [segment NAME]; false when it cannot be. */
static bool open_group(struct loading *l, const char *section, const char *name)
{
	bool is_zone = section[0] == 'z';
	size_t n;
	const struct settings_row *rows = settings_rows(&n);

	if (!value_is_label(name)) {
		settings_mistake(l, l->line, NULL,
		                 "[%s]: give it a name of 1 to 64 characters: [%s]", l->heading,
		                 section);
		return false;
	}
	if (has_name(l, is_zone, name)) {
		settings_mistake(l, l->line, NULL,
		                 "[%s]: there is one of this name already, give each name once",
		                 l->heading);
		return false;
	}
	if ((is_zone ? l->s->n_zones : l->s->n_segments) >= GROUPS_MAX) {
		settings_mistake(l, l->line, NULL, "[%s]: too many, at most %d are allowed",
		                 l->heading, GROUPS_MAX);
		return false;
	}
	(is_zone ? add_zone : add_segment)(l->s, name);
	for (size_t i = 0; i < n; i++) {
		if (is_group(rows[i].section)) {
			l->given[i] = 0;
		}
	}
	return true;
}

/* Ends a zone or segment: one that says nothing is a mistake. */
static void close_group(struct loading *l)
{
	const struct settings *s = l->s;

	if (l->section == NULL || !is_group(l->section)) {
		return;
	}
	if (l->section[0] == 'z') {
		if (s->zones[s->n_zones - 1].n_networks == 0) {
			settings_mistake(l, l->heading_line, "networks",
			                 "nothing given, give at least one network");
		}
		return;
	}
	const struct segment *last = &s->segments[s->n_segments - 1];
	if (last->sensor == NULL && last->interface == NULL && last->vlan < 0) {
		settings_mistake(l, l->heading_line, "sensor, interface, vlan",
		                 "nothing given, give at least one of them");
	}
}

static void open_section(struct loading *l, char *heading)
{
	char *word = heading, *name = heading + strcspn(heading, " \t");
	const char *near, *section;

	if (*name != '\0') {
		*name++ = '\0';
	}
	name = text_trim(name);
	section = find_section(word, &near);
	if (section == NULL) {
		settings_mistake(l, l->line, NULL, "[%s]: no such section%s%s%s", l->heading,
		                 near != NULL ? ", did you mean [" : ", see terrier.conf(5)",
		                 near != NULL ? near : "", near != NULL ? "]?" : "");
		return;
	}
	if (is_group(section)) {
		l->section = open_group(l, section, name) ? section : NULL;
	} else if (*name != '\0') {
		settings_mistake(l, l->line, NULL, "[%s]: this section has no name, allowed: [%s]",
		                 l->heading, section);
	} else {
		l->section = section;
	}
}

/* A line that begins with `[`. */
static void read_heading(struct loading *l, char *line)
{
	char *end = strchr(line, ']'), *rest;

	close_group(l);
	l->section = NULL;
	l->heading_line = l->line;
	if (end == NULL) {
		value_quote(line, l->heading, sizeof l->heading);
		settings_mistake(l, l->line, NULL, "read '%s', a section ends with ]", l->heading);
		return;
	}
	*end = '\0';
	line = text_trim(line + 1);
	rest = text_trim(end + 1);
	value_quote(line, l->heading, sizeof l->heading);
	if (*rest != '\0' && *rest != '#') {
		settings_mistake(l, l->line, NULL, "[%s]: nothing but a comment may follow it",
		                 l->heading);
	}
	open_section(l, line);
}

/* Complains about the line before, if inih found no key in it. */
static void settle_line(struct loading *l)
{
	if (l->is_unanswered) {
		settings_mistake(l, l->line, NULL,
		                 "neither [section] nor key = value, nor a comment");
	}
	l->is_unanswered = false;
}

/* Reads a line into `out`; what does not fit is read over. False at the end of the file. */
static bool get_line(struct loading *l, char *out, size_t size, bool *has_nul)
{
	size_t len = 0;
	int c;

	*has_nul = false;
	while ((c = getc_unlocked(l->file)) != EOF && c != '\n' && l->octets < FILE_MAX_OCTETS) {
		l->octets++;
		*has_nul = *has_nul || c == '\0';
		if (len < size - 1) {
			out[len++] = (char)c;
		}
	}
	out[len] = '\0';
	if (c == EOF && len == 0) {
		return false;
	}
	l->octets++;
	l->line++;
	return true;
}

/* Cuts off a comment: at the start of the line, or `;` behind a blank, as inih has it. What comes
 * before it is all that counts for the length of a line. */
static void cut_comment(char *text)
{
	if (text[0] == '#' || text[0] == ';') {
		text[0] = '\0';
	}
	for (char *p = strchr(text, ';'); p != NULL; p = strchr(p + 1, ';')) {
		if (p[-1] == ' ' || p[-1] == '\t') {
			*p = '\0';
			text_trim(text);
			return;
		}
	}
}

/* inih's reader: the next line that holds a key. */
static char *next_key_line(char *out, int size, void *stream)
{
	struct loading *l = stream;
	char line[LINE_OCTETS], *text;
	size_t most = (size_t)size - 3; /* inih's own room without line end and NUL */
	bool has_nul;

	settle_line(l);
	while (get_line(l, line, sizeof line, &has_nul)) {
		if (l->octets > FILE_MAX_OCTETS) {
			settings_mistake(l, 0, NULL, "is longer than 1 MiB, give a settings file");
			return NULL;
		}
		text = text_trim(l->line == 1 && strncmp(line, "\xef\xbb\xbf", 3) == 0 ? line + 3
		                                                                       : line);
		cut_comment(text);
		if (has_nul) {
			settings_mistake(l, l->line, NULL,
			                 "has a NUL octet, give plain text (UTF-8)");
		} else if (strlen(text) > most) {
			settings_mistake(l, l->line, NULL,
			                 "longer than %zu octets, give the key again for the rest "
			                 "of a list or "
			                 "filter",
			                 most);
		} else if (text[0] == '[') {
			read_heading(l, text);
		} else if (text[0] != '\0') {
			l->is_unanswered = true;
			text_copy(out, (size_t)size, text, strlen(text));
			return out;
		}
	}
	return NULL;
}

void settings_read_file(struct loading *l)
{
	struct stat status;
	int reason = 0;

	l->file = fopen(l->path, "re");
	if (l->file == NULL || fstat(fileno(l->file), &status) != 0) {
		reason = errno;
	} else if (S_ISDIR(status.st_mode)) {
		reason = EISDIR;
	}
	if (reason != 0) {
		settings_mistake(l, 0, NULL,
		                 "cannot be read: %s: give a settings file that this user may read",
		                 strerror(reason));
	} else {
		ini_parse_stream(next_key_line, l, on_key, l);
		settle_line(l);
		close_group(l);
		if (ferror(l->file)) {
			settings_mistake(l, 0, NULL, "reading failed in line %d: %s", l->line,
			                 strerror(errno));
		}
	}
	if (l->file != NULL) {
		fclose(l->file);
	}
}
