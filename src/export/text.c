/* What the text formats share. */
#include "terrier/export/text.h"

#include "terrier/base/mem.h"

#include <errno.h>
#include <string.h>

int export_finish(FILE *out, char **error)
{
	errno = 0;
	if (fflush(out) == 0 && !ferror(out)) {
		return 0;
	}
	*error = mem_strdup(errno != 0 ? strerror(errno) : "could not be written");
	return -1;
}
