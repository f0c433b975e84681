#include "terrier/store.h"

#include "store_help.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

static char *folder;

static char *path_of(const char *name)
{
	return in_folder(folder, name);
}

static void write_file(const char *path, const void *bytes, size_t n)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	ck_assert_uint_eq(fwrite(bytes, 1, n, out), n);
	fclose(out);
}

static void write_number(const char *path, long offset, uint32_t value)
{
	const uint8_t octets[4] = {value >> 24, value >> 16, value >> 8, value};
	FILE *out = fopen(path, "r+");

	ck_assert_ptr_nonnull(out);
	fseek(out, offset, SEEK_SET);
	ck_assert_uint_eq(fwrite(octets, 1, 4, out), 4);
	fclose(out);
}

static void put_one(const char *path)
{
	struct store *s = open_rw(path);

	begin(s);
	put(s, booking("10.0.0.1", "10.0.0.2"));
	commit(s);
	store_close(s);
}

typedef struct store *opener(const char *path, enum store_fault *fault, char **error);

/* The open fails, is this one's fault, and says so in one line that names the file and holds `what`. */
static void check_refused(opener *open, const char *path, enum store_fault expected, const char *what)
{
	enum store_fault fault;
	char *error;
	struct store *s = open(path, &fault, &error);

	ck_assert_msg(s == NULL, "%s was opened", path);
	ck_assert_msg(strstr(error, what) != NULL && strstr(error, path) != NULL, "%s", error);
	ck_assert_msg(strncmp(error, "database: ", 10) == 0 && strchr(error, '\n') == NULL, "%s", error);
	ck_assert_msg(fault == expected, "%s: fault %d", error, fault);
	free(error);
}

/* For processes of our own, in which Check's assertions have no say. */
static void must(bool is_so)
{
	if (!is_so) {
		_exit(97);
	}
}

static bool try_put(struct store *s, const char *destination, int i)
{
	struct booking b = {
		.segment = "",
		.sensor = "span0",
		.ip_protocol = 6,
		.server_port = (uint16_t)(i % 60000 + 1),
		.kind_id = "clin.adt",
		.protocol = "HL7v2",
	};

	must(addr_parse("10.0.0.1", &b.source.addr) && addr_parse(destination, &b.destination.addr));
	b.source.addr.b[13] = (uint8_t)(i / 60000);
	return store_put_exchange(s, 1, &b) == 0;
}

static bool put_and_commit(struct store *s, const char *destination)
{
	return store_begin(s) == 0 && try_put(s, destination, 0) && store_commit(s) == 0;
}

static struct store *must_open(const char *path)
{
	enum store_fault fault;
	char *error;
	struct store *s = store_open_rw(path, &fault, &error);

	must(s != NULL);
	return s;
}

/* Runs `body` in a process of its own and returns its status as wait() gives it. */
static int in_child(void (*body)(const char *path), const char *path)
{
	int status;
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		body(path);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* Becomes one who has read rights only: another user; or oneself, on files that were made read-only. */
static void become_reader(void)
{
	if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) {
		_exit(99);
	}
}

static void read_one(const char *path)
{
	enum store_fault fault;
	char *error;
	int n = 0;

	become_reader();
	struct store *s = store_open_ro(path, &fault, &error);

	if (s == NULL || store_each_exchange(s, &everything, count_row, &n) != 0) {
		fprintf(stderr, "# %s\n", s == NULL ? error : store_error(s));
		_exit(98);
	}
	store_close(s);
	_exit(n);
}

static void set_rights(const char *path, mode_t file, mode_t directory)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	char name[300];

	for (size_t i = 0; i < 3; i++) {
		snprintf(name, sizeof name, "%s%s", path, ends[i]);
		ck_assert(chmod(name, file) == 0 || errno == ENOENT);
	}
	ck_assert_int_eq(chmod(folder, directory), 0);
}

/* How many exchanges a reader without the right to write sees; 98: none, it failed. */
static int seen_by_reader(const char *path)
{
	set_rights(path, 0444, 0555);
	int status = in_child(read_one, path);

	set_rights(path, 0640, 0755);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int count_files(void)
{
	DIR *dir = opendir(folder);
	int n = 0;

	while (readdir(dir) != NULL) {
		n++;
	}
	closedir(dir);
	return n - 2;
}

START_TEST(a_new_database_is_whole_and_leaves_nothing_beside_it)
{
	struct stat st;

	umask(022);
	folder = new_folder();
	char *path = path_of("new.db");

	store_close(open_rw(path));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0640);
	ck_assert_int_eq(count_files(), 3); /* the log and its index stay for readers */
	struct store *s = open_ro(path);
	struct store_summary summary;

	ck_assert_int_eq(store_summarise(s, &summary), 0);
	ck_assert_int_eq(summary.schema_version, 1);
	ck_assert_uint_eq(summary.exchanges, 0);
	ck_assert_uint_eq(summary.runs, 0);
	ck_assert_int_eq(summary.first_us, 0);
	ck_assert_str_eq(summary.sensors, "");
	ck_assert(!summary.own_is_set);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(the_umask_takes_rights_from_a_new_database)
{
	struct stat st;

	umask(077);
	folder = new_folder();
	char *path = path_of("new.db");

	store_close(open_rw(path));
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	umask(022);
	remove_folder(folder);
}
END_TEST

START_TEST(an_empty_file_becomes_a_database)
{
	folder = new_folder();
	char *path = path_of("empty.db");

	write_file(path, "", 0);
	check_refused(store_open_ro, path, STORE_FAULT_CALLER, "is empty");
	put_one(path);
	struct store *s = open_ro(path);

	ck_assert_int_eq(count_exchanges(s), 1);
	store_close(s);
	remove_folder(folder);
}
END_TEST

START_TEST(names_that_sqlite_gives_a_meaning_are_only_names)
{
	static const char *const names[] = {":memory:", "file:x?mode=memory", "a%20b#c?.db", " "};

	folder = new_folder();
	ck_assert_int_eq(chdir(folder), 0);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		put_one(names[i]);
		ck_assert_int_eq(access(names[i], F_OK), 0);
		struct store *s = open_ro(names[i]);
		ck_assert_int_eq(count_exchanges(s), 1);
		store_close(s);
		ck_assert_int_eq(seen_by_reader(names[i]), 1);
	}
	ck_assert_int_eq(chdir("/"), 0);
	remove_folder(folder);
}
END_TEST

START_TEST(what_is_no_terrier_database_is_refused)
{
	static const char text[] = "exchange_id,source\nX-1,10.0.0.1\nthis is a table and no database at all\n";
	char *path;

	folder = new_folder();
	check_refused(store_open_rw, "", STORE_FAULT_CALLER, "empty");
	check_refused(store_open_ro, "", STORE_FAULT_CALLER, "empty");
	check_refused(store_open_rw, folder, STORE_FAULT_CALLER, "folder");
	check_refused(store_open_ro, folder, STORE_FAULT_CALLER, "folder");
	check_refused(store_open_rw, "/dev/null", STORE_FAULT_CALLER, "regular");
	check_refused(store_open_ro, path_of("none.db"), STORE_FAULT_CALLER, "does not exist");
	ck_assert_int_eq(access(path_of("none.db"), F_OK), -1);
	check_refused(store_open_rw, path_of("no/such/folder.db"), STORE_FAULT_CALLER, "cannot be created");

	path = path_of("text.db");
	write_file(path, text, sizeof text);
	check_refused(store_open_rw, path, STORE_FAULT_CALLER, "no Terrier database");
	check_refused(store_open_ro, path, STORE_FAULT_CALLER, "no Terrier database");
	check_refused(store_open_ro, path_of("text.db/x"), STORE_FAULT_CALLER, "Not a directory");
	remove_folder(folder);
}
END_TEST

START_TEST(another_programs_or_a_newer_database_is_refused)
{
	folder = new_folder();
	char *path = path_of("a.db");

	put_one(path);
	write_number(path, 60, 99); /* user_version */
	check_refused(store_open_rw, path, STORE_FAULT_CALLER, "newer Terrier");
	check_refused(store_open_ro, path, STORE_FAULT_CALLER, "newer Terrier");
	write_number(path, 60, 1);
	write_number(path, 68, 0x12345678); /* application_id */
	check_refused(store_open_rw, path, STORE_FAULT_CALLER, "another program");
	check_refused(store_open_ro, path, STORE_FAULT_CALLER, "another program");
	write_number(path, 68, STORE_APPLICATION_ID);
	put_one(path);
	remove_folder(folder);
}
END_TEST

START_TEST(a_damaged_database_is_the_systems_fault)
{
	folder = new_folder();
	char *path = path_of("a.db");

	put_one(path);
	ck_assert_int_eq(truncate(path, 4096 * 3), 0);
	check_refused(store_open_ro, path, STORE_FAULT_SYSTEM, "damaged");
	check_refused(store_open_rw, path, STORE_FAULT_SYSTEM, "damaged");
	remove_folder(folder);
}
END_TEST

static void open_second(const char *path)
{
	enum store_fault fault;
	char *error;
	struct store *s = store_open_rw(path, &fault, &error);

	_exit(s == NULL && fault == STORE_FAULT_CALLER && strstr(error, "another terrierd") != NULL ? 0 : 1);
}

START_TEST(only_one_writer_at_a_time)
{
	folder = new_folder();
	char *path = path_of("a.db");
	struct store *s = open_rw(path);

	ck_assert_int_eq(in_child(open_second, path), 0);
	begin(s);
	put(s, booking("10.0.0.1", "10.0.0.2"));
	ck_assert_int_eq(in_child(open_second, path), 0);
	commit(s);
	store_close(s);
	store_close(open_rw(path));
	ck_assert_int_eq(count_files(), 3);
	remove_folder(folder);
}
END_TEST

static void create_unprivileged(const char *path)
{
	enum store_fault fault;
	char *error;

	become_reader();
	struct store *s = store_open_rw(path, &fault, &error);

	_exit(s == NULL && fault == STORE_FAULT_CALLER && strstr(error, "cannot be") != NULL ? 0 : 1);
}

START_TEST(a_folder_or_file_that_may_not_be_written_is_the_callers)
{
	folder = new_folder();
	ck_assert_int_eq(chmod(folder, 0555), 0);
	ck_assert_int_eq(in_child(create_unprivileged, path_of("a.db")), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	put_one(path_of("a.db"));
	set_rights(path_of("a.db"), 0444, 0755);
	ck_assert_int_eq(in_child(create_unprivileged, path_of("a.db")), 0);
	set_rights(path_of("a.db"), 0666, 0555);
	ck_assert_int_eq(in_child(create_unprivileged, path_of("a.db")), 0);
	ck_assert_int_eq(chmod(folder, 0755), 0);
	remove_folder(folder);
}
END_TEST

static void read_unreadable(const char *path)
{
	enum store_fault fault;
	char *error;

	become_reader();
	struct store *s = store_open_ro(path, &fault, &error);

	_exit(s == NULL && fault == STORE_FAULT_SYSTEM && strstr(error, "Permission denied") != NULL ? 0 : 1);
}

START_TEST(a_file_that_may_not_be_read_is_a_matter_of_rights)
{
	folder = new_folder();
	put_one(path_of("a.db"));
	set_rights(path_of("a.db"), 0000, 0755);
	ck_assert_int_eq(in_child(read_unreadable, path_of("a.db")), 0);
	remove_folder(folder);
}
END_TEST

static void write_and_die(const char *path)
{
	struct store *s = must_open(path);

	must(put_and_commit(s, "10.0.0.2") && store_begin(s) == 0);
	for (int i = 0; i < 200000; i++) {
		must(try_put(s, "10.0.0.2", i));
	}
	kill(getpid(), SIGKILL);
}

START_TEST(who_may_only_read_can_read_before_during_and_after)
{
	folder = new_folder();
	char *path = path_of("a.db");

	store_close(open_rw(path));
	ck_assert_int_eq(seen_by_reader(path), 0);
	struct store *s = open_rw(path);

	ck_assert_int_eq(seen_by_reader(path), 0);
	begin(s);
	put(s, booking("10.0.0.1", "10.0.0.2"));
	ck_assert_int_eq(seen_by_reader(path), 0);
	commit(s);
	ck_assert_int_eq(seen_by_reader(path), 1);
	begin(s);
	put(s, booking("10.0.0.1", "10.0.0.3"));
	ck_assert_int_eq(seen_by_reader(path), 1);
	commit(s);
	store_close(s);
	ck_assert_int_eq(seen_by_reader(path), 2);
	remove_folder(folder);
}
END_TEST

START_TEST(after_a_kill_nothing_of_the_transaction_is_there)
{
	folder = new_folder();
	char *path = path_of("a.db");
	int status = in_child(write_and_die, path);

	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	ck_assert_int_eq(seen_by_reader(path), 1);
	struct store *s = open_ro(path);

	ck_assert_int_eq(count_exchanges(s), 1);
	store_close(s);
	put_one(path);
	ck_assert_int_eq(seen_by_reader(path), 2);
	remove_folder(folder);
}
END_TEST

START_TEST(a_copy_without_its_log_is_readable_where_nothing_can_be_written)
{
	char command[700];

	folder = new_folder();
	put_one(path_of("a.db"));
	snprintf(command, sizeof command, "cp '%s' '%s'", path_of("a.db"), path_of("copy.db"));
	ck_assert_int_eq(system(command), 0);
	ck_assert_int_eq(seen_by_reader(path_of("copy.db")), 1);
	remove_folder(folder);
}
END_TEST

/* A limit on the size of files stands for the full disk: the same calls fail at the same places. */
static void fill_disk(const char *path)
{
	const struct rlimit limit = {3000000, 3000000};
	struct store *s = must_open(path);
	int i = 0, n = 0;

	signal(SIGXFSZ, SIG_IGN);
	must(put_and_commit(s, "10.0.0.2") && setrlimit(RLIMIT_FSIZE, &limit) == 0 && store_begin(s) == 0);
	while (i < 300000 && try_put(s, "10.0.0.2", i)) {
		i++;
	}
	must(store_commit(s) != 0 && strstr(store_error(s), "disk full") != NULL);
	must(strstr(store_error(s), path) != NULL);
	/* it goes on: what fits is taken */
	must(store_each_exchange(s, &everything, count_row, &n) == 0 && n == 1);
	must(put_and_commit(s, "10.0.0.3"));
	store_close(s);
}

START_TEST(a_full_disk_loses_the_transaction_and_nothing_else)
{
	folder = new_folder();
	char *path = path_of("a.db");

	ck_assert_int_eq(in_child(fill_disk, path), 0);
	struct store *s = open_ro(path);

	ck_assert_int_eq(count_exchanges(s), 2);
	store_close(s);
	remove_folder(folder);
}
END_TEST

static void create_on_full_disk(const char *path)
{
	const struct rlimit limit = {5000, 5000};
	enum store_fault fault;
	char *error;

	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &limit);
	struct store *s = store_open_rw(path, &fault, &error);

	_exit(s == NULL && fault == STORE_FAULT_SYSTEM && strstr(error, "disk full") != NULL ? 0 : 1);
}

START_TEST(a_database_that_cannot_be_made_whole_does_not_appear)
{
	folder = new_folder();
	ck_assert_int_eq(in_child(create_on_full_disk, path_of("a.db")), 0);
	ck_assert_int_eq(count_files(), 0);
	remove_folder(folder);
}
END_TEST

START_TEST(a_close_undoes_what_was_not_committed)
{
	folder = new_folder();
	char *path = path_of("a.db");
	struct store *s = open_rw(path);

	begin(s);
	put(s, booking("10.0.0.1", "10.0.0.2"));
	store_close(s);
	s = open_ro(path);
	ck_assert_int_eq(count_exchanges(s), 0);
	store_close(s);
	store_close(NULL);
	remove_folder(folder);
}
END_TEST

UNIT_MAIN("store_open", a_new_database_is_whole_and_leaves_nothing_beside_it,
          the_umask_takes_rights_from_a_new_database, an_empty_file_becomes_a_database,
          names_that_sqlite_gives_a_meaning_are_only_names, what_is_no_terrier_database_is_refused,
          another_programs_or_a_newer_database_is_refused, a_damaged_database_is_the_systems_fault,
          only_one_writer_at_a_time, a_folder_or_file_that_may_not_be_written_is_the_callers,
          a_file_that_may_not_be_read_is_a_matter_of_rights, who_may_only_read_can_read_before_during_and_after,
          after_a_kill_nothing_of_the_transaction_is_there,
          a_copy_without_its_log_is_readable_where_nothing_can_be_written,
          a_full_disk_loses_the_transaction_and_nothing_else, a_database_that_cannot_be_made_whole_does_not_appear,
          a_close_undoes_what_was_not_committed)
