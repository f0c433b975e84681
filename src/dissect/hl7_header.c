/* HL7 v2 message header (MSH, HL7 v2 chapter 2): read byte by byte as it passes, so that of all its
 * fields only those that privacy.md allows are ever copied. */
#include "hl7.h"

void hl7_field_begin(struct hl7_side *s)
{
	s->n_part = 0;
	s->is_copying = (s->field >= 3 && s->field <= 6) || s->field == 9 || s->field == 11 ||
	                s->field == 12;
	if (s->field == 4 || s->field == 6) {
		s->text[s->n_text++] = '^';
	} else {
		s->n_text = 0;
	}
}

/* First component, and of that the first sub-component; of MSH-9 two components. */
void hl7_field_add(struct hl7_side *s, uint8_t c)
{
	if (!s->is_copying) {
		return;
	}
	if (c == s->encoding[0] && s->field == 9 && memchr(s->text, '^', s->n_text) == NULL) {
		c = '^';
	} else if (memchr(s->encoding, c, s->n_encoding) != NULL && c != s->encoding[2]) {
		s->is_copying = false; /* MSH-2's third is the escape character */
		return;
	}
	if (s->n_part < PART_MAX && (c != ' ' || s->n_part > 0)) {
		s->text[s->n_text++] = (char)c;
		s->n_part++;
	}
}

static void field_trim(struct hl7_side *s)
{
	while (s->n_part > 0 && s->text[s->n_text - 1] == ' ') {
		s->n_text--;
		s->n_part--;
	}
	if (s->n_part == 2 && memcmp(s->text + s->n_text - 2, "\"\"", 2) == 0) {
		s->n_text = (uint8_t)(s->n_text - 2); /* "" deletes a value (HL7 v2 chapter 2) */
	}
}

/* `APPLICATION^FACILITY`, either may be missing. */
static void note_name(struct walk *w, enum side side)
{
	struct hl7_side *s = w->s;
	size_t len = s->n_text;

	if (s->text[len - 1] == '^') {
		len--;
	}
	if (len > 0 && !s->is_wide) {
		sink_name(w->sink, side, NAME_HL7, s->text, len);
	}
}

static void note_kind(struct walk *w)
{
	struct hl7_side *s = w->s;
	char *text = s->text;

	for (size_t i = 0; i < s->n_text; i++) {
		text[i] = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
	}
	if (s->n_text < 3 || !is_code(text) || (s->n_text > 3 && text[3] != '^')) {
		hl7_open_message(w, NULL);
		return;
	}
	text[s->n_text == 7 && is_code(text + 4) ? 7 : 3] = '\0';
	hl7_open_message(w, text);
}

void hl7_field_end(struct walk *w)
{
	struct hl7_side *s = w->s;
	enum side other = w->side == SIDE_0 ? SIDE_1 : SIDE_0;

	field_trim(s);
	switch (s->field) {
	case 4:
		note_name(w, w->side);
		break;
	case 6:
		note_name(w, other);
		break;
	case 9:
		note_kind(w);
		break;
	case 11:
		if (s->n_text == 1 && is_letter((uint8_t)s->text[0])) {
			sink_fact(w->sink, "HL7 processing id", s->text, 1);
		}
		break;
	case 12:
		if (s->n_text > 0 && s->n_text <= 8 && is_digit((uint8_t)s->text[0])) {
			sink_fact(w->sink, "HL7 version", s->text, s->n_text);
		}
		break;
	default:
		break;
	}
}

/* MSH-1 and MSH-2; false when they cannot be. */
bool hl7_take_delimiter(struct hl7_side *s, uint8_t c)
{
	if (s->field == 1) {
		s->separator = c;
		s->field = 2;
		return is_delimiter(c);
	}
	if (c == s->separator) {
		s->field = 3;
		hl7_field_begin(s);
		return s->n_encoding > 0;
	}
	return hl7_encoding_add(s->encoding, &s->n_encoding, s->separator, c);
}
