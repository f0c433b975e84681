/* What spreadsheets save is read whatever its encoding, and what is no CSV is named. */
#include "terrier/register/decode.h"

#include "unit.h"

#include <string.h>

static char *fault;
static size_t line;

/* The decoded text, or NULL; free(). */
static char *decode(const char *bytes, size_t len)
{
	size_t out_len = 0;

	fault = NULL;
	line = 99;
	char *text = decode_text(bytes, len, &out_len, &fault, &line);

	ck_assert((text == NULL) == (fault != NULL));
	if (text != NULL) {
		ck_assert_int_eq(text[out_len], '\0');
	}
	return text;
}

#define DECODES(bytes, expected)                                                                   \
	do {                                                                                       \
		char *text = decode(bytes, sizeof bytes - 1);                                      \
		ck_assert_msg(text != NULL, "%s", fault);                                          \
		ck_assert_str_eq(text, expected);                                                  \
		free(text);                                                                        \
	} while (0)

#define REFUSES(bytes, on_line, word)                                                              \
	do {                                                                                       \
		ck_assert_ptr_null(decode(bytes, sizeof bytes - 1));                               \
		ck_assert_msg(strstr(fault, word) != NULL, "%s", fault);                           \
		ck_assert_uint_eq(line, on_line);                                                  \
		free(fault);                                                                       \
	} while (0)

START_TEST(utf8_is_read_with_and_without_a_mark)
{
	DECODES("", "");
	DECODES("a,b\n", "a,b\n");
	DECODES("\xef\xbb\xbf", "");
	DECODES("\xef\xbb\xbf"
	        "caf\xc3\xa9",
	        "caf\xc3\xa9");
	DECODES("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x95",
	        "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x95");
	DECODES("the replacement \xef\xbf\xbd itself", "the replacement \xef\xbf\xbd itself");
}
END_TEST

START_TEST(utf16_is_read_by_its_mark_or_its_zeros)
{
	DECODES("\xff\xfe"
	        "a\0,\0\xe9\0",
	        "a,\xc3\xa9");
	DECODES("\xfe\xff\0a\0,\0\xe9", "a,\xc3\xa9");
	DECODES("a\0,\0\xac\x20", "a,\xe2\x82\xac");
	DECODES("\0a\0,\x20\xac", "a,\xe2\x82\xac");
	DECODES("\xff\xfe\x3d\xd8\x15\xdc", "\xf0\x9f\x90\x95");
}
END_TEST

START_TEST(windows_1252_is_what_is_left)
{
	DECODES("caf\xe9 \x80 \x93quoted\x94",
	        "caf\xc3\xa9 \xe2\x82\xac \xe2\x80\x9cquoted\xe2\x80\x9d");
}
END_TEST

START_TEST(octets_that_belong_to_no_character_are_named_with_their_line)
{
	REFUSES("a,b\nc\xe9,\x81\n", 2, "0x81");
	REFUSES("\xef\xbb\xbf"
	        "a\r\nb\r\nc\xe9,d",
	        3, "0xe9");
	REFUSES("\xff\xfe"
	        "a\0\n\0b",
	        2, "UTF-16"); /* cut short */
	REFUSES("\xff\xfe"
	        "a\0\x00\xd8"
	        "b\0",
	        1, "UTF-16"); /* half a pair of surrogates */
}
END_TEST

START_TEST(what_is_no_csv_is_called_by_its_name)
{
	REFUSES("PK\x03\x04\x14\0\0\0", 0, "a workbook (XLSX, ODS");
	REFUSES("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, "an Excel workbook (XLS");
	REFUSES("%PDF-1.7\n", 0, "a PDF");
	REFUSES("{\\rtf1", 0, "RTF");
	REFUSES("\x1f\x8b\x08", 0, "gzip");
	REFUSES(" \r\n<!DOCTYPE html>", 0, "a web page");
	REFUSES("\xef\xbb\xbf<html>", 0, "'CSV UTF-8'");
	REFUSES("<?xml version=\"1.0\"?>", 0, "XML");
}
END_TEST

UNIT_MAIN("decode", utf8_is_read_with_and_without_a_mark, utf16_is_read_by_its_mark_or_its_zeros,
          windows_1252_is_what_is_left,
          octets_that_belong_to_no_character_are_named_with_their_line,
          what_is_no_csv_is_called_by_its_name)
