#ifndef TERRIER_CLI_ACCOUNT_H
#define TERRIER_CLI_ACCOUNT_H

#include <stddef.h>

/* Who did it, for the register and for the system's log. */

/* The account of the operating system that runs this: its name, or "uid 1234"; "root for NAME" of
 * one who became root with sudo. One line without control characters (free()). */
char *account_name(void);

/* Leaves a line in syslog, facility authpriv (CONTRACT, promise 4). `command` is the command with
 * the ids that it was given and no other value: "review accept F-…"; `hash` is that of what was
 * written, or the chain's head, or "". A system without syslog is no failure. */
void audit_line(const char *command, size_t rows, const char *hash);

#endif
