#ifndef TERRIER_BASE_LOG_H
#define TERRIER_BASE_LOG_H

#include <stdbool.h>

/* Lines on stderr, never with anything read from a packet. A line is
 * `PROGRAM: MODULE: text`; under systemd (JOURNAL_STREAM set) it begins with `<priority>`. */
enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

/* Sets the program's name (kept, not copied) and the last level that is printed. */
void log_setup(const char *program, enum log_level last);

/* Someone must act. */
void log_error(const char *module, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Something was lost. */
void log_warn(const char *module, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* State changed. */
void log_info(const char *module, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* For us. */
void log_debug(const char *module, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
