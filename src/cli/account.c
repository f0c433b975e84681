/* Who runs the command, and the line that tells the system's log what they did. */
#include "terrier/cli/account.h"

#include "terrier/base/mem.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#define NAME_MAX_SHOWN 64

/* Names come from directories of all sorts, and SUDO_USER from the environment. */
static char *clean(char *name)
{
	for (char *at = name; *at != '\0'; at++) {
		if ((unsigned char)*at < ' ' || *at == '\x7f') {
			*at = '?';
		}
	}
	return name;
}

char *account_name(void)
{
	uid_t uid = getuid();
	const struct passwd *user = getpwuid(uid);
	const char *behind = getenv("SUDO_USER");

	if (uid == 0 && behind != NULL && behind[0] != '\0' && strcmp(behind, "root") != 0) {
		return clean(mem_printf("root for %.*s", NAME_MAX_SHOWN, behind));
	}
	return user != NULL ? clean(mem_printf("%.*s", NAME_MAX_SHOWN, user->pw_name))
	                    : mem_printf("uid %lu", (unsigned long)uid);
}

void audit_line(const char *command, size_t rows, const char *hash)
{
	char *account = account_name(), *what = clean(mem_strdup(command));

	openlog("terrier", LOG_PID, LOG_AUTHPRIV);
	syslog(LOG_NOTICE, "account %s, command %s, rows %zu, hash %s", account, what, rows,
	       hash[0] != '\0' ? hash : "none");
	closelog();
	free(account);
	free(what);
}
