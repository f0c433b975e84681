/* Dates in the order of the United Kingdom: what could be read in two ways is refused. */
#include "date.h"

#include "terrier/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct part {
	const char *text;
	size_t len;
	bool is_number;
	unsigned value; /* of a number of at most 4 digits */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Three parts with one sort of sign between them. */
static bool split(const char *text, struct part parts[3])
{
	char sign = '\0';

	for (int i = 0; i < 3; i++) {
		struct part *p = &parts[i];

		*p = (struct part){.text = text, .is_number = is_digit(*text)};
		while (p->is_number ? is_digit(text[p->len]) : is_letter(text[p->len])) {
			p->value = p->is_number && p->len < 4
			                   ? p->value * 10 + (unsigned)(text[p->len] - '0')
			                   : p->value;
			p->len++;
		}
		text += p->len;
		if (p->len == 0 || (i == 2 && *text != '\0') || (p->is_number && p->len > 4)) {
			return false;
		}
		if (i == 2) {
			break;
		}
		if (strchr("-/. ", *text) == NULL || *text == '\0' || (i == 1 && *text != sign)) {
			return false;
		}
		sign = *text++;
	}
	return true;
}

/* By its name, or the first letters of it; 0: none. */
static unsigned month_of(const struct part *p)
{
	static const char *const names[] = {"january",   "february", "march",    "april",
	                                    "may",       "june",     "july",     "august",
	                                    "september", "october",  "november", "december"};
	char name[12];

	if (p->is_number) {
		return p->len <= 2 && p->value <= 12 ? p->value : 0;
	}
	text_copy(name, sizeof name, p->text, p->len);
	for (unsigned i = 0; i < 12 && p->len >= 3; i++) {
		if (text_begins(names[i], strlen(names[i]), name) && p->len <= strlen(names[i])) {
			return i + 1;
		}
	}
	return 0;
}

static unsigned days_of(unsigned year, unsigned month)
{
	static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && is_leap);
}

const char *date_read(const char *text, char out[DATE_TEXT_MAX])
{
	struct part parts[3];
	const struct part *year = &parts[2], *month = &parts[1], *day = &parts[0];

	if (!split(text, parts)) {
		return "no date";
	}
	if (parts[0].is_number && parts[0].len == 4) {
		year = &parts[0];
		day = &parts[2];
	}
	if (!year->is_number || year->len != 4) {
		return "a date without the four digits of its year";
	}
	if (!day->is_number || day->len > 2) {
		return "no date";
	}
	if (month_of(month) == 0) {
		return "a date with no such month";
	}
	if (year->value < 1900 || year->value > 2199) {
		return "a date far from our days";
	}
	if (day->value < 1 || day->value > days_of(year->value, month_of(month))) {
		return "a date with no such day";
	}
	snprintf(out, DATE_TEXT_MAX, "%04u-%02u-%02u", year->value % 10000, month_of(month) % 100,
	         day->value % 100);
	return NULL;
}
