#ifndef TERRIER_TESTS_DECLARED_H
#define TERRIER_TESTS_DECLARED_H

#include "terrier/dissect.h"

/* Whether a dissector's table of fields names what it says to the sink. Each ends the program, with a line for the
 * programmer, when it does not. What was said is appended to the file that TERRIER_SAID names, if it does, by the words of
 * `terrierd --list-fields`. */
void declared_name(const struct dissector *d, enum name_source source);
void declared_evidence(const struct dissector *d, enum evidence_type type);
void declared_fact(const struct dissector *d, const char *word);

#endif
