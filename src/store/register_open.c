/* Opening the register, for people who may write this file and nothing beside it.
 *
 * The journal is SQLite's rollback journal, kept between writes (PERSIST): who writes needs no
 * right to the folder, as the write-ahead log's index would. After a kill in the middle of a write
 * the next one who may write undoes it; who may only read is told so. */
#include "handle.h"
#include "migrate.h"
#include "register_parts.h"
#include "sql.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS      10000
#define GROUP        "terrier-register"
#define MODE_OF_FILE 0660 /* its group enters data, others see nothing */
#define ELSEWHERE    "name another file with --register"

/* Names of a group and a user, for people (free()). */
static char *group_name(gid_t gid)
{
	const struct group *group = getgrgid(gid);

	return group != NULL ? mem_strdup(group->gr_name) : mem_printf("%u", (unsigned)gid);
}

static char *user_name(uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	return user != NULL ? mem_strdup(user->pw_name) : mem_printf("%u", (unsigned)uid);
}

/* Says who may do what `mode` (S_IRGRP, S_IWGRP) stands for with a file: its group, or else only
 * its owner. */
static int fail_rights(struct register_file *r, const char *path, mode_t mode)
{
	const char *verb = mode == S_IWGRP ? "written" : "read";
	int reason = errno;
	struct stat st;

	if (reason == EROFS || stat(path, &st) != 0) {
		return register_fail(r, STORE_FAULT_SYSTEM,
		                     "register: %s: cannot be %s: %s: " ELSEWHERE, path, verb,
		                     strerror(reason));
	}
	bool is_root = st.st_gid == 0; /* whose group nobody should join */
	char *group = is_root ? mem_strdup(GROUP) : group_name(st.st_gid);
	char *owner = user_name(st.st_uid);

	if ((st.st_mode & mode) == 0 || is_root) {
		register_fail(r, STORE_FAULT_SYSTEM,
		              "register: %s: cannot be %s: %s: ask %s, who owns it, for `chgrp %s "
		              "%s; chmod 0660 %s`",
		              path, verb, strerror(reason), owner, group, path, path);
	} else {
		register_fail(r, STORE_FAULT_SYSTEM,
		              "register: %s: cannot be %s: %s: ask your administrator to add you "
		              "to the group %s, "
		              "then sign in again",
		              path, verb, strerror(reason), group);
	}
	free(group);
	free(owner);
	return -1;
}

int register_fail_sqlite(struct register_file *r)
{
	int number = errno, rc = sqlite3_extended_errcode(r->db);

	if (sql_is_full(r->db, rc, number)) {
		rc = SQLITE_FULL;
	}
	switch (rc & 0xff) {
	case SQLITE_NOTADB:
		return register_fail(r, STORE_FAULT_CALLER,
		                     "register: %s: is no register: " ELSEWHERE, r->path);
	case SQLITE_CORRUPT:
		return register_fail(
		        r, STORE_FAULT_SYSTEM,
		        "register: %s: is damaged: keep it as it is, and restore a copy", r->path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return register_fail(
		        r, STORE_FAULT_SYSTEM,
		        "register: %s: someone else is writing to it: try again in a minute",
		        r->path);
	case SQLITE_FULL:
		return register_fail(r, STORE_FAULT_SYSTEM,
		                     "register: %s: disk full, nothing was added: free some space, "
		                     "then try again",
		                     r->path);
	default:
		return register_fail(r, STORE_FAULT_SYSTEM,
		                     "register: %s: %s: check the disk and the rights on it and on "
		                     "%s-journal, then try again",
		                     r->path, sqlite3_errstr(rc), r->path);
	}
}

/* The name of the file itself, where SQLite looks for its journal. */
static char *journal_of(const char *path)
{
	char *real = realpath(path, NULL);
	char *journal = mem_printf("%s-journal", real != NULL ? real : path);

	free(real);
	return journal;
}

static int check_identity(struct register_file *r, bool may_be_empty)
{
	int pages = handle_number(r->db, "PRAGMA page_count");
	int version = pages < 0 ? -1 : handle_number(r->db, "PRAGMA user_version");

	if (version < 0) {
		return register_fail_sqlite(r);
	}
	if (pages == 0 && may_be_empty) {
		return 0;
	}
	if (handle_number(r->db, "PRAGMA application_id") != REGISTER_APPLICATION_ID ||
	    version == 0) {
		return register_fail(r, STORE_FAULT_CALLER,
		                     "register: %s: is no register: " ELSEWHERE, r->path);
	}
	if (version > migrate_register.n) {
		return register_fail(r, STORE_FAULT_CALLER,
		                     "register: %s: made by a newer Terrier (schema %d, this one "
		                     "knows %d): install that version, or " ELSEWHERE,
		                     r->path, version, migrate_register.n);
	}
	return 0;
}

/* Makes an empty file, which is a new register, for its group when there is one. */
static int make_file(struct register_file *r)
{
	const struct group *group = getgrnam(GROUP);
	int fd = open(r->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno != EEXIST) { /* another one was faster */
		return register_fail(
		        r,
		        errno == EIO || errno == ENOSPC ? STORE_FAULT_SYSTEM : STORE_FAULT_CALLER,
		        "register: %s: cannot be made: %s: ask your administrator for `install "
		        "-g " GROUP " -m 0660 /dev/null %s`, and the same for %s-journal",
		        r->path, strerror(errno), r->path, r->path);
	}
	if (fd >= 0) {
		bool is_given = group != NULL && fchown(fd, (uid_t)-1, group->gr_gid) == 0;

		(void)is_given; /* who may not give it away keeps it for their own group */
		fchmod(fd, MODE_OF_FILE);
		close(fd);
	}
	return 0;
}

/* Gives the journal the rights of the register, as far as they are ours to give. */
static void match_rights(int fd, const struct stat *like)
{
	uid_t me = geteuid();
	struct stat st;

	/* one with a second name is somebody's trap for root */
	if (fstat(fd, &st) != 0 || (st.st_uid != me && me != 0) || !S_ISREG(st.st_mode) ||
	    st.st_nlink != 1) {
		return;
	}
	if (fchown(fd, me == 0 ? like->st_uid : (uid_t)-1, like->st_gid) == 0) {
		fchmod(fd, like->st_mode & 0777);
	}
}

static int check_journal(struct register_file *r)
{
	char *journal = journal_of(r->path);
	struct stat st;
	int fd, result = 0;

	if (stat(r->path, &st) != 0) {
		st = (struct stat){.st_gid = getegid()};
	}
	fd = open(journal, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd >= 0) {
		match_rights(fd, &st);
		close(fd);
	} else if (access(journal, F_OK) == 0) {
		errno = EACCES;
		result = fail_rights(r, journal, S_IWGRP);
	} else {
		char *group = group_name(st.st_gid);

		result = register_fail(r, STORE_FAULT_SYSTEM,
		                       "register: %s: does not exist and cannot be made: ask your "
		                       "administrator for `install -g %s -m 0660 /dev/null %s`",
		                       journal, group, journal);
		free(group);
	}
	free(journal);
	return result;
}

/* A write that was cut short is undone by the first read. While the lock is exclusive its journal
 * is then emptied in place: removing it would take a right to the folder. The kind of journal can
 * only be set after that read. */
static int connect_writer(struct register_file *r)
{
	static const char settings[] = "PRAGMA journal_mode = PERSIST;"
	                               "PRAGMA locking_mode = NORMAL;"
	                               "PRAGMA synchronous = FULL;"
	                               "PRAGMA temp_store = MEMORY;"
	                               "PRAGMA user_version";

	if (handle_open(r->path, HANDLE_WRITE, BUSY_MS, &r->db) != SQLITE_OK) {
		return register_fail_sqlite(r);
	}
	if (register_run(r, "PRAGMA locking_mode = EXCLUSIVE") != 0 ||
	    check_identity(r, true) != 0) {
		return -1;
	}
	/* the last is a read, which gives the lock back */
	return register_run(r, settings);
}

static bool may(const char *path, int what)
{
	return faccessat(AT_FDCWD, path, what, AT_EACCESS) == 0;
}

static int check_writable(struct register_file *r)
{
	return may(r->path, R_OK | W_OK) ? 0 : fail_rights(r, r->path, S_IWGRP);
}

static int open_writer(struct register_file *r, bool is_missing)
{
	if ((is_missing && make_file(r) != 0) || check_writable(r) != 0 || check_journal(r) != 0 ||
	    connect_writer(r) != 0) {
		return -1;
	}
	if (migrate_run(r->db, &migrate_register) != SQLITE_OK) {
		return register_fail_sqlite(r);
	}
	return check_journal(r); /* of an empty file SQLite makes it anew */
}

/* A reader's file whose last write was cut short. Who may write does what any next writer would. */
static int recover(struct register_file *r)
{
	char *journal = journal_of(r->path);
	int result;

	if (!may(journal, R_OK)) {
		result = fail_rights(r, journal, S_IRGRP);
	} else if (may(r->path, W_OK) && may(journal, W_OK)) {
		sqlite3_close(r->db);
		r->db = NULL;
		result = connect_writer(r);
	} else {
		struct stat st = {0};
		char *group = stat(r->path, &st) == 0 ? group_name(st.st_gid) : mem_strdup(GROUP);

		result = register_fail(
		        r, STORE_FAULT_SYSTEM,
		        "register: %s: someone's entry was cut short, which one who may write must "
		        "put right: ask a member of the group %s to run `terrier verify`",
		        r->path, group);
		free(group);
	}
	free(journal);
	return result;
}

/* A register without entries. */
static int open_nothing(struct register_file *r)
{
	if (sqlite3_open_v2(":memory:", &r->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
	                    NULL) != SQLITE_OK ||
	    migrate_run(r->db, &migrate_register) != SQLITE_OK) {
		return register_fail_sqlite(r);
	}
	return 0;
}

static int open_reader(struct register_file *r, bool is_missing)
{
	struct stat st;

	if (is_missing || (stat(r->path, &st) == 0 && st.st_size == 0)) {
		return open_nothing(r);
	}
	if (!may(r->path, R_OK)) {
		return fail_rights(r, r->path, S_IRGRP);
	}
	if (handle_open(r->path, HANDLE_READ, BUSY_MS, &r->db) != SQLITE_OK) {
		return register_fail_sqlite(r);
	}
	if (handle_number(r->db, "PRAGMA schema_version") < 0 &&
	    sqlite3_extended_errcode(r->db) == SQLITE_READONLY_ROLLBACK) {
		return recover(r);
	}
	return check_identity(r, false);
}

struct register_file *register_open(const char *path, enum register_mode mode,
                                    enum store_fault *fault, char **error)
{
	struct register_file *r = mem_zalloc(1, sizeof *r);
	bool is_missing;

	*fault = STORE_FAULT_NONE;
	*error = NULL;
	r->path = mem_strdup(path);
	r->error = handle_check_file(path, "register", &is_missing, &r->fault);
	if (r->error == NULL && (mode == REGISTER_WRITE ? open_writer(r, is_missing)
	                                                : open_reader(r, is_missing)) == 0) {
		return r;
	}
	*fault = r->fault;
	*error = r->error;
	r->error = NULL;
	register_close(r);
	return NULL;
}
