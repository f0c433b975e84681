/* Text from the network: what may be kept, and small helpers. */
#include "terrier/base/text.h"

#include "terrier/base/utf8.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool text_is_printable(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		uint32_t code;

		n = utf8_decode(text + i, len - i, &code);
		if (code < 0x20 || (code >= 0x7f && code < 0xa0) ||
		    (code == UTF8_REPLACEMENT && n == 1)) {
			return false;
		}
	}
	return true;
}

static bool has_digit_run(const char *text, size_t len, size_t run)
{
	size_t seen = 0;

	for (size_t i = 0; i < len; i++) {
		seen = is_digit(text[i]) ? seen + 1 : 0;
		if (seen >= run) {
			return true;
		}
	}
	return false;
}

/* NHS number check digit: weights 10..2, modulus 11 (NHS Data Dictionary, NHS NUMBER). */
static bool is_nhs_number(const int digits[10])
{
	int sum = 0;

	for (int i = 0; i < 9; i++) {
		sum += digits[i] * (10 - i);
	}
	sum = 11 - sum % 11;
	return (sum == 11 ? 0 : sum) == digits[9];
}

bool text_has_nhs_number(const char *text, size_t len)
{
	for (size_t start = 0; start < len; start++) {
		int digits[10], n = 0;

		if (!is_digit(text[start])) {
			continue;
		}
		for (size_t i = start; i < len && n < 10; i++) {
			if (is_digit(text[i])) {
				digits[n++] = text[i] - '0';
			} else if (text[i] != ' ' && text[i] != '-') {
				break;
			}
		}
		if (n == 10 && is_nhs_number(digits)) {
			return true;
		}
	}
	return false;
}

/* `1901-02-03`, `03/02/1901`, `3.2.1901`: digits 4-2-2 or 2-2-4 around one kind of mark. */
static bool is_date_at(const char *t, size_t left)
{
	size_t part[3] = {0, 0, 0}, k = 0, i;
	char mark = '\0';

	for (i = 0; i < left && k < 3; i++) {
		if (is_digit(t[i])) {
			part[k]++;
		} else if (k < 2 && part[k] > 0 && strchr("-/.", t[i]) != NULL &&
		           (mark == '\0' || mark == t[i])) {
			mark = t[i];
			k++;
		} else {
			break;
		}
	}
	if (k != 2) {
		return false;
	}
	return (part[0] == 4 && part[1] <= 2 && part[2] > 0 && part[2] <= 2) ||
	       (part[0] <= 2 && part[1] <= 2 && part[2] == 4);
}

static bool has_date(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (is_digit(text[i]) && (i == 0 || !is_digit(text[i - 1])) &&
		    is_date_at(text + i, len - i)) {
			return true;
		}
	}
	return false;
}

enum text_fault text_check(const char *text, size_t len, size_t max)
{
	if (len == 0) {
		return TEXT_EMPTY;
	}
	if (len > max) {
		return TEXT_TOO_LONG;
	}
	if (!text_is_printable(text, len)) {
		return TEXT_NOT_PRINTABLE;
	}
	if (text_has_nhs_number(text, len)) {
		return TEXT_NHS_NUMBER;
	}
	if (has_digit_run(text, len, 6)) {
		return TEXT_DIGITS;
	}
	if (memchr(text, '@', len) != NULL) {
		return TEXT_AT_SIGN;
	}
	return has_date(text, len) ? TEXT_DATE : TEXT_OK;
}

bool text_is_hostname(const char *text, size_t len)
{
	bool letter = false;
	size_t label = 0;

	if (len == 0 || len > TEXT_DNS_MAX) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c == '.') {
			if (label == 0) {
				return false;
			}
			label = 0;
			continue;
		}
		if (!is_alpha(c) && !is_digit(c) && c != '_' && (c != '-' || label == 0)) {
			return false;
		}
		letter = letter || is_alpha(c);
		if (++label > 63) {
			return false;
		}
	}
	return letter && label > 0;
}

size_t text_copy(char *out, size_t size, const char *text, size_t len)
{
	size_t n = len < size - 1 ? len : size - 1;

	memcpy(out, text, n);
	out[n] = '\0';
	return n;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

void text_lower(char *text)
{
	for (; *text != '\0'; text++) {
		*text = lower(*text);
	}
}

int text_casecmp(const char *a, const char *b)
{
	while (*a != '\0' && lower(*a) == lower(*b)) {
		a++;
		b++;
	}
	return (unsigned char)lower(*a) - (unsigned char)lower(*b);
}

bool text_begins(const char *text, size_t len, const char *word)
{
	size_t i = 0;

	while (i < len && word[i] != '\0' && lower(text[i]) == lower(word[i])) {
		i++;
	}
	return word[i] == '\0';
}

bool text_has(const char *text, size_t len, const char *word)
{
	for (size_t i = 0; i < len; i++) {
		if (text_begins(text + i, len - i, word)) {
			return true;
		}
	}
	return false;
}

char *text_trim(char *text)
{
	char *end;

	text += strspn(text, " \t\r\n");
	end = text + strlen(text);
	while (end > text && strchr(" \t\r\n", end[-1]) != NULL) {
		end--;
	}
	*end = '\0';
	return text;
}

char *text_bytes(int64_t value, char out[TEXT_BYTES_MAX])
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	double scaled = (double)value;
	size_t unit = 0;

	while (scaled >= 999.5 && unit + 1 < sizeof units / sizeof units[0]) {
		scaled /= 1000;
		unit++;
	}
	snprintf(out, TEXT_BYTES_MAX, unit > 0 && scaled < 9.95 ? "%.1f %s" : "%.0f %s", scaled, units[unit]);
	return out;
}

const char *text_registrable(const char *host)
{
	const char *at[3] = {host, host, host}; /* starts of the last labels, last first */
	size_t len = strlen(host), n = 1, second;

	for (size_t i = len; i > 0 && n <= 3; i--) {
		if (host[i - 1] == '.') {
			at[n - 1] = host + i;
			n++;
		}
	}
	second = n > 2 ? (size_t)(at[0] - at[1]) - 1 : 0;
	return strlen(at[0]) == 2 && second > 0 && second <= 3 ? at[2] : at[1];
}
