/* Measuring, cleaning and breaking of texts that are drawn. */
#include "terrier/base/glyph.h"

#include "terrier/base/mem.h"
#include "terrier/base/utf8.h"

#include <string.h>

/* Advance widths of U+0020..U+007E in DejaVu Sans, in thousandths of the size. */
static const uint16_t advance[95] = {
        318,  401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
        636,  636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
        1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
        603,  787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
        500,  613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
        635,  635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
};

static const double bold_factor =
        1.14; /* DejaVu Sans Bold against the book face, over English text */

static double rune_advance(uint32_t rune)
{
	if (rune >= 0x20 && rune < 0x7f) {
		return advance[rune - 0x20];
	}
	if (rune >= 0x300 && rune < 0x370) { /* combining marks */
		return 0;
	}
	return rune < 0x400
	               ? 680
	               : 1000; /* Latin with accents; beyond, rather too wide than too narrow */
}

double glyph_width(const char *text, size_t len, double size, bool is_bold)
{
	double sum = 0;
	uint32_t rune;

	for (size_t i = 0; i < len;) {
		i += utf8_decode(text + i, len - i, &rune);
		sum += rune_advance(rune);
	}
	return sum * size / 1000 * (is_bold ? bold_factor : 1);
}

/* Neither XML 1.0 (section 2.2) nor a reader takes these: controls, line and paragraph separators,
 * direction marks and overrides (UAX 9), which make a name read as another, and noncharacters. */
static bool is_shown(uint32_t rune)
{
	if (rune < 0x20 || (rune >= 0x7f && rune < 0xa0)) {
		return false;
	}
	if (rune == 0x61c || (rune >= 0x200b && rune <= 0x200f) ||
	    (rune >= 0x2028 && rune <= 0x202e) || (rune >= 0x2060 && rune <= 0x206f) ||
	    rune == 0xfeff) {
		return false;
	}
	return (rune & 0xfffe) != 0xfffe && (rune < 0xfdd0 || rune > 0xfdef);
}

char *glyph_clean(const char *text, size_t max, bool keeps_lines)
{
	static const char ellipsis[] = "\xe2\x80\xa6";
	size_t len = strlen(text);
	size_t limit = len < max * 4 ? len : max * 4;
	char *out = mem_zalloc(limit * 3 + sizeof ellipsis,
	                       1); /* UTF8_REPLACEMENT takes three bytes for one */
	size_t used = 0, count = 0, last = 0;
	uint32_t rune;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(text + i, len - i, &rune);
		if (count == max) {
			memcpy(out + last, ellipsis, sizeof ellipsis);
			return out;
		}
		last = used;
		if (rune == UTF8_REPLACEMENT) {
			memcpy(out + used, "\xef\xbf\xbd", 3);
			used += 3;
		} else if (is_shown(rune) || (keeps_lines && rune == '\n')) {
			memcpy(out + used, text + i, n);
			used += n;
		} else {
			out[used++] = ' ';
		}
		count++;
	}
	out[used] = '\0';
	return out;
}

size_t glyph_break(const char *text, double width, double size, bool is_bold)
{
	size_t len = strlen(text), space = 0;
	double sum = 0;
	uint32_t rune;

	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_decode(text + i, len - i, &rune);
		if (rune == '\n') {
			return i > 0 ? i : 1;
		}
		if (rune == ' ') {
			space = i;
		}
		sum += glyph_width(text + i, n, size, is_bold);
		if (sum > width && i > 0 && rune != ' ') {
			return space > 0 ? space : i;
		}
	}
	return len;
}
