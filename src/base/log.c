/* One line at a time on stderr, with journal priorities where a journal listens. */
#include "terrier/base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static struct {
	const char *program;
	enum log_level last;
	bool journal;
} state = {.program = "terrier", .last = LOG_LEVEL_INFO};

void log_setup(const char *program, enum log_level last)
{
	state.program = program;
	state.last = last;
	state.journal = getenv("JOURNAL_STREAM") != NULL;
}

static void put(enum log_level level, const char *module, const char *format, va_list args)
{
	char line[1024];
	int len = 0;

	if (level > state.last) {
		return;
	}
	if (state.journal) {
		len = snprintf(line, sizeof line, "<%d>", (int)level);
	}
	len += snprintf(line + len, sizeof line - (size_t)len, "%s: %s: ", state.program, module);
	if (len < 0 || (size_t)len >= sizeof line) {
		return;
	}
	vsnprintf(line + len, sizeof line - (size_t)len, format, args);
	/* one call, so that lines of several processes do not mix */
	fprintf(stderr, "%s\n", line);
}

#define DEFINE(name, level)                                                                        \
	void name(const char *module, const char *format, ...)                                     \
	{                                                                                          \
		va_list args;                                                                      \
                                                                                                   \
		va_start(args, format);                                                            \
		put(level, module, format, args);                                                  \
		va_end(args);                                                                      \
	}

DEFINE(log_error, LOG_LEVEL_ERROR)
DEFINE(log_warn, LOG_LEVEL_WARN)
DEFINE(log_info, LOG_LEVEL_INFO)
DEFINE(log_debug, LOG_LEVEL_DEBUG)
