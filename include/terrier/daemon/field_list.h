#ifndef TERRIER_DAEMON_FIELD_LIST_H
#define TERRIER_DAEMON_FIELD_LIST_H

#include <stdio.h>

/* Writes what is kept of every protocol and what never is, from the tables of the dissectors, as Markdown for people who
 * review it. Errors are left with the stream. */
void field_list_print(FILE *out);

#endif
