#ifndef TERRIER_REGISTER_DATE_H
#define TERRIER_REGISTER_DATE_H

#define DATE_TEXT_MAX 11 /* "2026-11-21" with its NUL */

/* Reads a date as people and spreadsheets in the United Kingdom write it: 2026-11-21, 21/11/2026, 21.11.2026,
 * 21-Nov-2026, 21 November 2026; never the month first. Writes ISO 8601 into `out` and returns NULL, or says what is
 * wrong: a constant. */
const char *date_read(const char *text, char out[DATE_TEXT_MAX]);

#endif
