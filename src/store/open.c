/* Opening and closing: one writer, told apart from a second by a lock; readers with read rights
 * only.
 *
 * The journal is SQLite's write-ahead log. The rollback journal was tried and set aside: after a
 * kill its reader would have to undo the torn transaction, which takes the right to write, and a
 * long read holds up the commit. The log and its index stay in place after a clean close
 * (SQLITE_FCNTL_PERSIST_WAL), for a reader without the right to create them. */
#include "evidence.h"
#include "handle.h"
#include "migrate.h"
#include "pending.h"
#include "sql.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS      5000
#define ELSEWHERE    "name another file with --database"
#define MODE_OF_FILE 0640 /* owner writes, the auditors' group reads, the umask has its say */

/* Where a failure is told to the caller of an open. */
struct failure {
	enum store_fault *fault;
	char **error;
};

static bool fail(const struct failure *f, enum store_fault fault, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

static bool fail(const struct failure *f, enum store_fault fault, const char *format, ...)
{
	va_list args;
	char *line;

	va_start(args, format);
	line = mem_vprintf(format, args);
	va_end(args);
	*f->fault = fault;
	*f->error = line;
	return false;
}

static bool fail_sqlite(const struct failure *f, const struct store *s)
{
	*f->error = sql_describe(s->db, sqlite3_extended_errcode(s->db), s->path, f->fault);
	return false;
}

/* The folder of a path (free()). */
static char *folder_of(const char *path)
{
	char *copy = mem_strdup(path);
	char *folder = mem_strdup(dirname(copy));

	free(copy);
	return folder;
}

/* The bytes of an empty database (sqlite3_free()), NULL on failure. */
static unsigned char *make_image(sqlite3_int64 *size)
{
	unsigned char *image = NULL;
	sqlite3 *db = NULL;

	/* incremental vacuum cannot be chosen once there is a table */
	if (sqlite3_open_v2(":memory:", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) ==
	            SQLITE_OK &&
	    sqlite3_exec(db, "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL", NULL,
	                 NULL, NULL) == SQLITE_OK &&
	    migrate_run(db, &migrate_database) == SQLITE_OK) {
		image = sqlite3_serialize(db, "main", size, 0);
	}
	sqlite3_close(db);
	if (image != NULL) {
		image[18] = image[19] = 2; /* "file format versions": 2 is write-ahead logging */
	}
	return image;
}

static bool write_all(int fd, const unsigned char *bytes, size_t n)
{
	while (n > 0) {
		ssize_t done = write(fd, bytes, n);
		if (done < 0 && errno != EINTR) {
			return false;
		}
		bytes += done > 0 ? done : 0;
		n -= done > 0 ? (size_t)done : 0;
	}
	return true;
}

static mode_t file_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return MODE_OF_FILE & ~mask;
}

/* Writes the image beside `path` and gives it that name unless it is taken. False with errno. */
static bool place_image(const char *path, const char *folder, const unsigned char *image,
                        size_t size)
{
	char *copy = mem_strdup(path);
	char *aside = mem_printf("%s/.%s.XXXXXX", folder, basename(copy));
	int fd = mkostemp(aside, O_CLOEXEC);
	bool is_done = false;

	free(copy);
	if (fd >= 0) {
		is_done = write_all(fd, image, size) && fchmod(fd, file_mode()) == 0 &&
		          fsync(fd) == 0 &&
		          renameat2(AT_FDCWD, aside, AT_FDCWD, path, RENAME_NOREPLACE) == 0;
		int reason = errno;
		if (!is_done) {
			unlink(aside);
		}
		close(fd);
		errno = reason;
	}
	free(aside);
	return is_done;
}

static void sync_folder(const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
}

static bool create(const struct failure *f, const char *path)
{
	sqlite3_int64 size = 0;
	unsigned char *image = make_image(&size);
	char *folder = folder_of(path);
	bool is_done = image != NULL && place_image(path, folder, image, (size_t)size);
	int reason = errno;

	if (is_done) {
		sync_folder(folder);
	} else if (image == NULL) {
		fail(f, STORE_FAULT_SYSTEM, "database: %s: out of memory: free some", path);
	} else if (reason == EEXIST) {
		is_done = true; /* another one was faster; the lock decides who writes */
	} else if (reason == ENOSPC || reason == EDQUOT || reason == EFBIG) {
		fail(f, STORE_FAULT_SYSTEM, "database: %s: disk full: free some space", path);
	} else {
		fail(f, reason == EIO ? STORE_FAULT_SYSTEM : STORE_FAULT_CALLER,
		     "database: %s: cannot be created in %s: %s: give this user a folder it may "
		     "write to, or "
		     "name another file with --database",
		     path, folder, strerror(reason));
	}
	sqlite3_free(image);
	free(folder);
	return is_done;
}

static bool check_file(const struct failure *f, const char *path, bool *is_missing)
{
	*f->error = handle_check_file(path, "database", is_missing, f->fault);
	return *f->error == NULL;
}

/* Who may write the file may still not write the log beside it. */
static bool check_writable(const struct failure *f, const char *path)
{
	char *folder = folder_of(path);
	bool is_file = faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0;
	bool is_good = is_file && faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;

	if (!is_good) {
		fail(f, STORE_FAULT_CALLER,
		     "database: %s: cannot be written: %s: give this user the right to write to "
		     "%s, or " ELSEWHERE,
		     path, strerror(errno), is_file ? folder : "the file");
	}
	free(folder);
	return is_good;
}

/* A lock of its own on the open file, which SQLite's locks neither see nor disturb. It leaves
 * nothing behind and ends with its holder, however that ends. This descriptor must outlive
 * SQLite's: closing any descriptor of a file drops all POSIX locks that the process has on it. */
static bool take_lock(const struct failure *f, struct store *s)
{
	s->lock = open(s->path, O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (s->lock < 0) {
		return fail(f, STORE_FAULT_SYSTEM,
		            "database: %s: cannot be opened: %s: check the rights on it", s->path,
		            strerror(errno));
	}
	if (flock(s->lock, LOCK_EX | LOCK_NB) == 0) {
		return true;
	}
	if (errno == EWOULDBLOCK) {
		return fail(
		        f, STORE_FAULT_CALLER,
		        "database: %s: another terrierd writes to it: end that one, or " ELSEWHERE,
		        s->path);
	}
	return fail(f, STORE_FAULT_SYSTEM,
	            "database: %s: cannot be locked: %s: keep it on a local disk", s->path,
	            strerror(errno));
}

/* Whose file is it, and of which version? */
static bool check_identity(const struct failure *f, struct store *s, bool may_be_empty)
{
	int pages = handle_number(s->db, "PRAGMA page_count");
	int version = handle_number(s->db, "PRAGMA user_version");

	if (pages < 0 || version < 0) {
		return fail_sqlite(f, s);
	}
	if (pages == 0) {
		return may_be_empty ||
		       fail(f, STORE_FAULT_CALLER,
		            "database: %s: is empty: let terrierd write to it first", s->path);
	}
	if (handle_number(s->db, "PRAGMA application_id") != STORE_APPLICATION_ID || version == 0) {
		return fail(f, STORE_FAULT_CALLER,
		            "database: %s: belongs to another program: " ELSEWHERE, s->path);
	}
	if (version > migrate_database.n) {
		return fail(f, STORE_FAULT_CALLER,
		            "database: %s: made by a newer Terrier (schema %d, this one knows %d): "
		            "install that "
		            "version, or " ELSEWHERE,
		            s->path, version, migrate_database.n);
	}
	return true;
}

static bool set_up_writer(const struct failure *f, struct store *s)
{
	static const char pragmas[] =
	        "PRAGMA auto_vacuum = INCREMENTAL;" /* of an empty file */
	        "PRAGMA journal_mode = WAL;"
	        "PRAGMA synchronous = NORMAL;" /* a power cut may take the last commits, never the
	                                          file */
	        "PRAGMA cache_size = -16384;"
	        "PRAGMA temp_store = MEMORY;"
	        "PRAGMA wal_autocheckpoint = 4000;"
	        "PRAGMA journal_size_limit = 67108864";
	int keep = 1;

	if (evidence_register(s->db) != SQLITE_OK ||
	    sqlite3_exec(s->db, pragmas, NULL, NULL, NULL) != SQLITE_OK ||
	    sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &keep) != SQLITE_OK ||
	    migrate_run(s->db, &migrate_database) != SQLITE_OK) {
		return fail_sqlite(f, s);
	}
	return true;
}

static bool open_writer(const struct failure *f, struct store *s)
{
	bool is_missing;

	if (!check_file(f, s->path, &is_missing) || (is_missing && !create(f, s->path)) ||
	    !check_writable(f, s->path) || !take_lock(f, s)) {
		return false;
	}
	if (handle_open(s->path, HANDLE_WRITE, BUSY_MS, &s->db) != SQLITE_OK) {
		return fail_sqlite(f, s);
	}
	return check_identity(f, s, true) && set_up_writer(f, s);
}

/* A write-ahead database that was copied or not opened since has no log beside it, and one that may
 * not be created here. Then all there is stands in the file. */
static bool has_no_log(const char *path)
{
	char *log = mem_printf("%s-wal", path);
	struct stat st;
	bool is_empty = stat(log, &st) != 0 ? errno == ENOENT : st.st_size == 0;

	free(log);
	return is_empty;
}

static bool open_reader(const struct failure *f, struct store *s)
{
	bool is_missing;

	if (!check_file(f, s->path, &is_missing)) {
		return false;
	}
	if (is_missing) {
		return fail(f, STORE_FAULT_CALLER,
		            "database: %s: does not exist: let terrierd write it, or " ELSEWHERE,
		            s->path);
	}
	if (faccessat(AT_FDCWD, s->path, R_OK, AT_EACCESS) != 0) {
		return fail(f, STORE_FAULT_SYSTEM,
		            "database: %s: %s: join the group that may read it, or " ELSEWHERE,
		            s->path, strerror(errno));
	}
	int rc = handle_open(s->path, HANDLE_READ, BUSY_MS, &s->db);

	if (rc == SQLITE_OK && handle_number(s->db, "PRAGMA schema_version") < 0) {
		rc = sqlite3_errcode(s->db);
	}
	if (((rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY) &&
	    has_no_log(s->path)) {
		sqlite3_close(s->db);
		rc = handle_open(s->path, HANDLE_IMMUTABLE, BUSY_MS, &s->db);
	}
	if (rc != SQLITE_OK ||
	    sqlite3_exec(s->db, "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16384", NULL,
	                 NULL, NULL) != SQLITE_OK) {
		return fail_sqlite(f, s);
	}
	return check_identity(f, s, false);
}

static struct store *new_store(const char *path)
{
	struct store *s = mem_zalloc(1, sizeof *s);

	s->path = mem_strdup(path);
	s->lock = -1;
	return s;
}

struct store *store_open_rw(const char *path, enum store_fault *fault, char **error)
{
	const struct failure f = {fault, error};
	struct store *s = new_store(path);

	*fault = STORE_FAULT_NONE;
	*error = NULL;
	if (!open_writer(&f, s)) {
		store_close(s);
		return NULL;
	}
	s->pending = pending_new();
	return s;
}

struct store *store_open_ro(const char *path, enum store_fault *fault, char **error)
{
	const struct failure f = {fault, error};
	struct store *s = new_store(path);

	*fault = STORE_FAULT_NONE;
	*error = NULL;
	if (!open_reader(&f, s)) {
		store_close(s);
		return NULL;
	}
	return s;
}

void store_close(struct store *s)
{
	if (s == NULL) {
		return;
	}
	store_rollback(s);
	for (size_t i = 0; i < SQL_STATEMENTS; i++) {
		sqlite3_finalize(s->statements[i]);
	}
	sqlite3_close(s->db);
	if (s->lock >= 0) {
		close(s->lock);
	}
	pending_free(s->pending);
	for (int i = 0; i < SUMMARY_TEXTS; i++) {
		free(s->summary_text[i]);
	}
	free(s->error);
	free(s->path);
	free(s);
}

const char *store_library_version(void)
{
	return sqlite3_libversion();
}

const char *store_error(const struct store *s)
{
	return s->error != NULL ? s->error : "";
}
