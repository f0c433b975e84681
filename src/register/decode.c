/* What a spreadsheet saved, as UTF-8. Guesses nothing that the octets do not show, and names what
 * is no CSV. */
#include "terrier/register/decode.h"

#include "terrier/base/csv.h"
#include "terrier/base/mem.h"
#include "terrier/base/text.h"
#include "terrier/base/utf8.h"

#include <iconv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SAVE_AS "open it in the spreadsheet, choose 'Save as' and 'CSV UTF-8', and give that file"

/* What people give instead of a CSV file, by the octets it begins with. */
static const struct {
	const char *magic;
	size_t len;
	const char *is;
} others[] = {
        {"PK\x03\x04", 4, "a workbook (XLSX, ODS or another ZIP file), not CSV: " SAVE_AS},
        {"\xd0\xcf\x11\xe0", 4,
         "an Excel workbook (XLS, or XLSX with a password), not CSV: " SAVE_AS},
        {"%PDF-", 5, "a PDF, not CSV: give the spreadsheet it was made of, saved as 'CSV UTF-8'"},
        {"{\\rtf", 5, "a text document (RTF), not CSV: give a spreadsheet saved as 'CSV UTF-8'"},
        {"\x1f\x8b", 2, "compressed (gzip): unpack it first"},
};

/* A page that a web application calls a spreadsheet; XML is what Excel 2003 wrote. */
static bool is_markup(const char *bytes, size_t len)
{
	static const char *const starts[] = {"<!doctype", "<html", "<table",
	                                     "<?xml",     "<head", "<meta"};
	size_t at = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	while (at < len && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0') {
		at++;
	}
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		if (text_begins(bytes + at, len - at, starts[i])) {
			return true;
		}
	}
	return false;
}

static const char *name_other(const char *bytes, size_t len)
{
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		if (len >= others[i].len && memcmp(bytes, others[i].magic, others[i].len) == 0) {
			return others[i].is;
		}
	}
	return is_markup(bytes, len) ? "a web page or XML, not CSV: " SAVE_AS : NULL;
}

/* Where well-formed UTF-8 ends. */
static size_t utf8_length(const char *bytes, size_t len)
{
	size_t at = 0, n;

	for (uint32_t code; at < len; at += n) {
		n = utf8_decode(bytes + at, len - at, &code);
		if (code == UTF8_REPLACEMENT && n == 1) {
			break;
		}
	}
	return at;
}

/* Takes `bytes` through iconv. */
static char *convert(const char *from, const char *bytes, size_t len, size_t *out_len, char **fault,
                     size_t *line)
{
	iconv_t cd = iconv_open("UTF-8", from);
	size_t in_left = len,
	       out_left = len * 3; /* Windows-1252: 3 octets for 1; UTF-16: 3 for 2 */
	char *in = (char *)(uintptr_t)bytes, *out = mem_resize(NULL, out_left + 1, 1), *end = out;

	if (cd == (iconv_t)-1) {
		*line = 0;
		*fault = mem_printf("in %s, which this system cannot read: save it as 'CSV UTF-8'",
		                    from);
		free(out);
		return NULL;
	}
	size_t failed = iconv(cd, &in, &in_left, &end, &out_left);

	iconv_close(cd);
	*end = '\0';
	*out_len = (size_t)(end - out);
	if (failed != (size_t)-1) {
		return out;
	}
	*line = csv_count_lines(out, *out_len) + 1;
	*fault = mem_printf(
	        "octet 0x%02x belongs to no character of %s: save the sheet as 'CSV UTF-8'",
	        (unsigned char)*in, from);
	free(out);
	return NULL;
}

static char *copy(const char *bytes, size_t len, size_t *out_len)
{
	char *out = mem_resize(NULL, len + 1, 1);

	memcpy(out, bytes, len);
	out[len] = '\0';
	*out_len = len;
	return out;
}

char *decode_text(const char *bytes, size_t len, size_t *out_len, char **fault, size_t *line)
{
	const char *other = name_other(bytes, len);
	bool has_mark = len >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0;
	size_t well_formed;

	if (other != NULL) {
		*line = 0;
		*fault = mem_strdup(other);
		return NULL;
	}
	if (len >= 2 && memcmp(bytes, "\xff\xfe", 2) == 0) {
		return convert("UTF-16LE", bytes + 2, len - 2, out_len, fault, line);
	}
	if (len >= 2 && memcmp(bytes, "\xfe\xff", 2) == 0) {
		return convert("UTF-16BE", bytes + 2, len - 2, out_len, fault, line);
	}
	if (len >= 4 && bytes[0] != '\0' && bytes[2] != '\0' && bytes[1] == '\0' &&
	    bytes[3] == '\0') {
		return convert("UTF-16LE", bytes, len, out_len, fault, line);
	}
	if (len >= 4 && bytes[0] == '\0' && bytes[2] == '\0' && bytes[1] != '\0' &&
	    bytes[3] != '\0') {
		return convert("UTF-16BE", bytes, len, out_len, fault, line);
	}
	if (has_mark) {
		bytes += 3;
		len -= 3;
	}
	well_formed = utf8_length(bytes, len);
	if (well_formed == len) {
		return copy(bytes, len, out_len);
	}
	if (has_mark) {
		*line = csv_count_lines(bytes, well_formed) + 1;
		*fault = mem_printf(
		        "octet 0x%02x belongs to no character of UTF-8: save the sheet again "
		        "as 'CSV UTF-8'",
		        (unsigned char)bytes[well_formed]);
		return NULL;
	}
	return convert("WINDOWS-1252", bytes, len, out_len, fault, line);
}
