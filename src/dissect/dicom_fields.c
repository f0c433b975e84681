/* DICOM: takes values out of what is made of short headers and values, without keeping the rest:
 * items of an association (PS3.8 9.3.2), elements of a command set (PS3.7 6.3). */
#include "dicom.h"

/* Digits and dots; one NUL may fill up an odd length (PS3.5 9.1). Returns the length without it, 0
 * for no UID. */
size_t dicom_uid_length(const uint8_t *uid, size_t len)
{
	if (len > 0 && uid[len - 1] == '\0') {
		len--;
	}
	for (size_t i = 0; i < len; i++) {
		if (uid[i] != '.' && (uid[i] < '0' || uid[i] > '9')) {
			return 0;
		}
	}
	return len;
}

size_t dicom_title(const uint8_t **title, size_t len)
{
	while (len > 0 && **title == ' ') {
		++*title;
		len--;
	}
	while (len > 0 && ((*title)[len - 1] == ' ' || (*title)[len - 1] == '\0')) {
		len--;
	}
	return len;
}

static void head_done(struct walk *w)
{
	struct reader *r = &w->s->reader;

	r->n_value = 0;
	if (w->s->state == IN_COMMAND) {
		dicom_element_begin(w->s);
	} else {
		dicom_item_begin(w);
	}
	if (r->target == TO_UID) {
		r->n_uid = 0;
	}
}

static void value_take(struct reader *r, const uint8_t *p, size_t n)
{
	size_t room;

	if (r->target == TO_VALUE) {
		room = smaller(n, sizeof r->value - r->n_value);
		memcpy(r->value + r->n_value, p, room);
		r->n_value = (uint8_t)(r->n_value + room);
	} else if (r->target == TO_UID) {
		room = smaller(n, sizeof r->uid - r->n_uid);
		memcpy(r->uid + r->n_uid, p, room);
		r->n_uid = (uint8_t)(r->n_uid + room);
	}
	r->left -= (uint32_t)n;
}

size_t dicom_read_fields(struct walk *w, const uint8_t *p, size_t n)
{
	struct reader *r = &w->s->reader;
	uint8_t state = w->s->state;
	size_t i = 0;
	size_t head = state == IN_COMMAND ? 8 : 4;

	while (i < n && w->s->state == state) {
		if (r->n_head < head) {
			r->head[r->n_head++] = p[i++];
			if (r->n_head < head) {
				continue;
			}
			head_done(w);
		} else {
			size_t part = smaller(n - i, r->left);

			value_take(r, p + i, part);
			i += part;
		}
		if (r->left == 0 && w->s->state == state) {
			r->n_head = 0;
			if (state == IN_COMMAND) {
				dicom_element_end(w->s);
			} else {
				dicom_item_end(w);
			}
		}
	}
	return i;
}
