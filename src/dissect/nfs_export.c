/* Exports: how much of a path names one. Names below an export are names of people's folders and
 * files, and not kept. */
#include "nfs.h"

#include "terrier/base/text.h"

#include <string.h>

/* First components under which the exports themselves are found. */
static bool is_container(const char *path)
{
	static const char *const names[] = {"/export", "/exports", "/mnt", "/nfs",
	                                    "/opt",    "/srv",     "/var", "/vol"};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (text_casecmp(path, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool begins(const char *text, const char *word)
{
	size_t n = strlen(word);
	char start[16];

	text_copy(start, sizeof start, text, n);
	return text_casecmp(start, word) == 0;
}

/* What lies in these is named after a person: `/home`, `/home2`, `/staff-homes`, `/u`. */
static bool is_home(const char *path)
{
	static const char *const words[] = {"/home", "/people", "/personal", "/profile", "/staff", "/student", "/user"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strlen(path) >= strlen(words[i]) && begins(path, words[i])) {
			return true;
		}
	}
	return strcmp(path, "/u") == 0;
}

static bool is_keepable(const char *name, size_t len)
{
	return len <= NFS_NAME_MAX && memchr(name, '/', len) == NULL &&
	       text_check(name, len, NFS_NAME_MAX) == TEXT_OK;
}

/* Appends a component; false, and the place as it was, when it may not be kept. */
static bool append(struct nfs_place *place, const char *name, size_t len)
{
	size_t used = strlen(place->path);

	if (!is_keepable(name, len) || used + 1 + len >= sizeof place->path) {
		return false;
	}
	place->path[used] = '/';
	text_copy(place->path + used + 1, sizeof place->path - used - 1, name, len);
	place->level++;
	return true;
}

void nfs_path_keep(struct nfs_place *place, struct cursor path)
{
	*place = (struct nfs_place){.level = 0};
	while (cur_left(&path) > 0 && place->level < 2 && !is_home(place->path)) {
		const char *name;
		size_t len = 0;

		if (*path.p == '/') {
			cur_skip(&path, 1);
			continue;
		}
		name = (const char *)path.p;
		while (len < cur_left(&path) && path.p[len] != '/') {
			len++;
		}
		cur_skip(&path, len);
		if (!append(place, name, len)) {
			return;
		}
	}
}

void nfs_place_enter(struct nfs_place *place, struct cursor name)
{
	bool goes_on = place->level == 0 || (place->level == 1 && is_container(place->path));

	if (!goes_on || !append(place, (const char *)name.p, cur_left(&name))) {
		place->level = -1;
		place->path[0] = '\0';
	}
}

/* True when `path` is `prefix` or lies in it. */
static bool lies_in(const char *path, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(path, prefix, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

void nfs_place_use(struct nfs *nfs, const struct nfs_place *place)
{
	if (place->level < 1 || lies_in(nfs->share, place->path)) {
		return;
	}
	if (nfs->share[0] != '\0' && !lies_in(place->path, nfs->share)) {
		nfs->is_mixed = true; /* two exports: which of them a file is in cannot be told */
		return;
	}
	memcpy(nfs->share, place->path, sizeof nfs->share);
}
