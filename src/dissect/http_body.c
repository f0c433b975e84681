/* What the body of an HTTP message says of itself: the action of a SOAP envelope (WS-Addressing,
 * ebXML), the type of an HL7 message. Texts pass only if they are URNs or codes of strict grammar.
 */
#include "http.h"

#include <stdio.h>
#include <string.h>

#define SCAN_MAX 8192 /* octets of a body in which the action is looked for */

static bool is_urn_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       memchr(":._/-", c, 5) != NULL;
}

static bool is_code(const char *text, size_t len)
{
	if (len != 3) {
		return false;
	}
	for (size_t i = 0; i < 3; i++) {
		if (!(text[i] >= 'A' && text[i] <= 'Z') &&
		    !(i > 0 && text[i] >= '0' && text[i] <= '9')) {
			return false;
		}
	}
	return true;
}

static bool ends(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && memcmp(text + len - n, word, n) == 0;
}

/* `urn:` or OASIS's notifications, of URN characters, without a run of digits that could be a
 * person's number (a date of a service's version, 201005, is shorter). */
static bool is_urn(const char *text, size_t len)
{
	static const char oasis[] = "http://docs.oasis-open.org/wsn/";
	size_t run = 0;

	if (len < 8 || len >= ACTION_MAX ||
	    (memcmp(text, "urn:", 4) != 0 &&
	     (len < sizeof oasis || memcmp(text, oasis, sizeof oasis - 1) != 0))) {
		return false;
	}
	if (memcmp(text, "urn:uuid", 8) == 0 || memcmp(text, "urn:oid:", 8) == 0) {
		return false; /* these name one thing, not a kind of thing */
	}
	for (size_t i = 0; i < len; i++) {
		run = text[i] >= '0' && text[i] <= '9' ? run + 1 : 0;
		if (!is_urn_char(text[i]) || run > 8) {
			return false;
		}
	}
	return true;
}

enum evidence_type http_action(char out[ACTION_MAX], const char *text, size_t len)
{
	static const char spine[] = "urn:nhs:names:services:";

	while (len > 0 && memchr(" \t\r\n\"'", text[0], 6) != NULL) {
		text++;
		len--;
	}
	while (len > 0 && memchr(" \t\r\n\"'", text[len - 1], 6) != NULL) {
		len--;
	}
	if (!is_urn(text, len)) {
		return EVIDENCE_NONE;
	}
	if (len > sizeof spine && memcmp(text, spine, sizeof spine - 1) == 0) {
		const char *slash = memchr(text, '/', len); /* the interaction follows */

		len = slash != NULL ? (size_t)(slash - text) : len;
		snprintf(out, ACTION_MAX, "%.*s", (int)len, text);
		return EVIDENCE_SPINE_SERVICE;
	}
	len -= ends(text, len, "Response") ? 8 : 0;
	len -= ends(text, len, "Async") ? 5 : 0;
	snprintf(out, ACTION_MAX, "%.*s", (int)len, text);
	return EVIDENCE_SOAP_ACTION;
}

enum place { OUTSIDE, NAME, INSIDE_TAG, ATTRIBUTE, APOSTROPHE, VALUE };
enum element { ELEMENT_OTHER, ELEMENT_ACTION, ELEMENT_SERVICE, ELEMENT_CODE, ELEMENT_TRIGGER };

static void enter(struct soap_scan *scan, enum place phase)
{
	scan->phase = (uint8_t)phase;
	scan->have = 0;
}

/* A tag's local name is complete. Behind the start of the Body only name spaces are of interest. */
static void name_end(struct soap_scan *scan, const char *name)
{
	size_t n = scan->have;

	scan->element = ELEMENT_OTHER;
	if (n == 4 && memcmp(name, "Body", 4) == 0) {
		scan->in_body = true;
	} else if (!scan->in_body && n == 6 && memcmp(name, "Action", 6) == 0) {
		scan->element = ELEMENT_ACTION;
	} else if (!scan->in_body && n == 7 && memcmp(name, "Service", 7) == 0) {
		scan->element = ELEMENT_SERVICE;
	} else if (ends(name, n, "MSG.1")) { /* MSH-9 of v2.xml; before v2.5 CM_MSG.1 */
		scan->element = ELEMENT_CODE;
	} else if (ends(name, n, "MSG.2")) {
		scan->element = ELEMENT_TRIGGER;
	}
	enter(scan, INSIDE_TAG);
}

static void value_end(struct soap_scan *scan, const char *value, uint8_t *type,
                      char out[ACTION_MAX])
{
	enum evidence_type found = EVIDENCE_NONE;

	if (scan->element == ELEMENT_CODE && is_code(value, scan->have)) {
		snprintf(out, ACTION_MAX, "%.3s", value);
		*type = EVIDENCE_HL7_MSH9;
	} else if (scan->element == ELEMENT_TRIGGER && *type == EVIDENCE_HL7_MSH9 &&
	           is_code(value, scan->have)) {
		snprintf(out + 3, ACTION_MAX - 3, "^%.3s", value);
		scan->is_over = true;
	} else if (scan->element <= ELEMENT_SERVICE) {
		found = http_action(out, value, scan->have);
	}
	if (found != EVIDENCE_NONE) {
		*type = (uint8_t)found;
		scan->is_over = true;
	}
}

/* An attribute's value: only the ITK name space tells a kind. An action found later is worth more.
 */
static void attribute_end(struct soap_scan *scan, const char *value, uint8_t *type,
                          char out[ACTION_MAX])
{
	static const char itk[] = "urn:nhs-itk:ns:";

	if (scan->have > sizeof itk && memcmp(value, itk, sizeof itk - 1) == 0 &&
	    is_urn(value, scan->have)) {
		snprintf(out, ACTION_MAX, "%.*s", (int)scan->have, value);
		*type = EVIDENCE_XML_NS;
	}
	enter(scan, INSIDE_TAG);
}

static void keep(struct soap_scan *scan, char *work, size_t size, char c)
{
	if (scan->have < size && scan->have < UINT8_MAX) {
		work[scan->have++] = c;
	}
}

static void tag_take(struct soap_scan *scan, char c)
{
	if (c == '"' || c == '\'') {
		enter(scan, c == '"' ? ATTRIBUTE : APOSTROPHE);
	} else if (c == '>') {
		enter(scan, scan->element != ELEMENT_OTHER ? VALUE : OUTSIDE);
	} else if (c == '/') {
		scan->element = ELEMENT_OTHER; /* an empty element */
	}
}

static void octet_take(struct soap_scan *scan, char *work, size_t size, char c, uint8_t *type,
                       char out[ACTION_MAX])
{
	switch (scan->phase) {
	case NAME:
		if (c == ':') {
			scan->have = 0; /* that was the prefix */
		} else if (is_urn_char(c) || c == '?' || c == '!') {
			keep(scan, work, size, c); /* of an end tag this keeps the `/` */
		} else {
			name_end(scan, work);
			tag_take(scan, c);
		}
		break;
	case INSIDE_TAG:
		tag_take(scan, c);
		break;
	case ATTRIBUTE:
	case APOSTROPHE:
		if (c == (scan->phase == ATTRIBUTE ? '"' : '\'')) {
			attribute_end(scan, work, type, out);
		} else {
			keep(scan, work, size, c);
		}
		break;
	case VALUE:
		if (c == '<') {
			value_end(scan, work, type, out);
			enter(scan, NAME);
		} else {
			keep(scan, work, size, c);
		}
		break;
	default:
		if (c == '<') {
			enter(scan, NAME);
		}
		break;
	}
}

void soap_scan_take(struct soap_scan *scan, char *work, size_t size, const uint8_t *bytes,
                    size_t len, uint8_t *type, char out[ACTION_MAX])
{
	for (size_t i = 0; i < len && !scan->is_over; i++) {
		octet_take(scan, work, size, (char)bytes[i], type, out);
		scan->is_over = scan->is_over || ++scan->seen >= SCAN_MAX;
	}
}

bool http_hl7_type(char out[ACTION_MAX], const char *line, size_t len)
{
	const char *end = line + len, *p, *code_end;
	size_t n;

	if (len > 0 && line[0] == 0x0b) {
		line++;
	}
	if (end - line < 9 || memcmp(line, "MSH", 3) != 0) {
		return false;
	}
	p = line + 3;
	for (int field = 1; field < 8;
	     field++) { /* MSH-9 follows the eighth separator, the first is MSH-1 */
		p = memchr(p + 1, line[3], (size_t)(end - p - 1));
		if (p == NULL) {
			return false;
		}
	}
	p++;
	for (code_end = p; code_end < end && *code_end != line[4] && *code_end != line[3];
	     code_end++) {
	}
	if (!is_code(p, (size_t)(code_end - p))) {
		return false;
	}
	n = (size_t)snprintf(out, ACTION_MAX, "%.3s", p);
	if (end - code_end >= 4 && *code_end == line[4] && is_code(code_end + 1, 3)) {
		snprintf(out + n, ACTION_MAX - n, "^%.3s", code_end + 1);
	}
	return true;
}
