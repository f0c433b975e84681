/* terrier: answers questions from the database. Takes the command line apart and runs one command.
 */
#include "terrier/cli/command.h"
#include "terrier/map/layout.h"
#include "terrier/sensor/capture.h"
#include "terrier/sensor/dpi.h"
#include "terrier/store.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int complain(int status, const char *format, ...)
{
	va_list args;

	fputs("terrier: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	putc('\n', stderr);
	return status;
}

static void print_versions(void)
{
	printf("terrier %s\n%s\nnDPI %s\nSQLite %s\nGraphviz %s\n", TERRIER_VERSION,
	       capture_library_version(), dpi_library_version(), store_library_version(),
	       map_layout_version());
}

static int run(const struct options *o)
{
	if (o->text[OPTION_VERSION] != NULL) {
		print_versions();
		return EXIT_DONE;
	}
	if (o->text[OPTION_HELP] != NULL) {
		options_help(o->command);
		return EXIT_DONE;
	}
	return o->command->run(o);
}

int main(int argc, char **argv)
{
	struct options options;
	int status;

	/* a reader that goes away (terrier flows | head) ends us without a word, also where SIGPIPE
	 * was ignored */
	signal(SIGPIPE, SIG_DFL);
	setlocale(LC_CTYPE, "C.UTF-8");
	status = options_parse(&options, argc, argv);
	if (status == EXIT_DONE) {
		status = run(&options);
	}
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE) {
		status = complain(EXIT_SYSTEM,
		                  "standard output: %s: write with --output to a place with room",
		                  strerror(errno));
	}
	options_free(&options);
	return status;
}
