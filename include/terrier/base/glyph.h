#ifndef TERRIER_BASE_GLYPH_H
#define TERRIER_BASE_GLYPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a text takes on paper, without a font library: the placing and the drawing of a map measure alike on every
 * machine. Widths are those of DejaVu Sans; every font's stand-in is close. */

/* Width of `len` bytes in the units of `size`. */
double glyph_width(const char *text, size_t len, double size, bool is_bold);

/* A copy fit to be shown: valid UTF-8, one line, no control character, no direction override, at most `max`
 * characters (an ellipsis says it was longer). Lines are kept apart by '\n' only if `keeps_lines`. free() it. */
char *glyph_clean(const char *text, size_t max, bool keeps_lines);

/* Length in bytes of the first line when `text` is broken at spaces into lines no wider than `width`; a word wider
 * than that is cut. The rest begins after it and its spaces. Never 0 for a text that is not empty. */
size_t glyph_break(const char *text, double width, double size, bool is_bold);

#endif
