#ifndef TERRIER_EXPORT_TEXT_H
#define TERRIER_EXPORT_TEXT_H

#include <stdio.h>

/* What the text formats share. */

/* The end of a writer: 0, or -1 with the reason in `*error` (free()) when something could not be written. */
int export_finish(FILE *out, char **error);

#endif
