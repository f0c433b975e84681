/* Point-of-care devices: POCT1-A (CLSI POCT01-A2, ISO 11073-90101 "device messaging layer"), XML
 * documents one behind the other on a TCP stream. Each is a message, told by its root element. Of
 * the device's description vendor, model, manufacturer and software are kept; patients, operators,
 * results, notes and serial numbers pass unread. */
#include "terrier/dissect.h"

enum {
	ROOT_LEN = 7,              /* `OBS.R01` */
	NAME_ROOM = 24,            /* of an element; what is longer is none of ours */
	VALUE_ROOM = TEXT_MAX + 2, /* one that is too long is seen to be */
	LEAD_MAX = 1024,           /* octets before the first root: declaration, comments, blanks */
	DOCUMENT_MAX =
	        1 << 26, /* octets after which the end of a document is not waited for any more */
};

enum place {
	BETWEEN_TAGS,
	TAG_NAME,
	IN_TAG, /* behind its name */
	QUOTED, /* in the value of an attribute */
};

struct half {
	uint8_t place, n_name, n_value, quote;
	bool is_in;        /* a document */
	bool is_wanted;    /* the attribute's value */
	uint8_t before[3]; /* octets before this one in a tag */
	char root[ROOT_LEN + 1], name[NAME_ROOM], value[VALUE_ROOM];
	uint32_t seen; /* octets of the document, or before the first */
	int entry;     /* whose octets these are */
	int newest;    /* entry of this side's last message */
};

struct poct1a {
	struct half half[2];
	bool is_ready, is_proven;
};

_Static_assert(sizeof(struct poct1a) <= DISSECT_STATE_MAX, "state of a flow");

/* What a call works on. */
struct walk {
	const uint8_t *p, *booked;
	struct poct1a *poct1a;
	struct half *h, *other;
	enum side side;
	struct sink *sink;
};

/* `OBS.R01`: three capitals, R and two digits. */
static bool is_root(const char *name, size_t len)
{
	if (len != ROOT_LEN || name[3] != '.' || name[4] != 'R') {
		return false;
	}
	for (int i = 0; i < 3; i++) {
		if (name[i] < 'A' || name[i] > 'Z') {
			return false;
		}
	}
	return name[5] >= '0' && name[5] <= '9' && name[6] >= '0' && name[6] <= '9';
}

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t recognise(struct cursor bytes, enum side side, const struct dissect_flow *flow)
{
	(void)side;
	(void)flow;
	if (cur_is(&bytes, "\xef\xbb\xbf", 3)) {
		cur_skip(&bytes, 3);
	}
	for (int tags = 0; tags < 4; tags++) {
		while (cur_left(&bytes) > 0 && is_blank(bytes.p[0])) {
			cur_skip(&bytes, 1);
		}
		if (cur_left(&bytes) < ROOT_LEN + 2 || bytes.p[0] != '<') {
			return 0;
		}
		if (bytes.p[1] != '?' && bytes.p[1] != '!') { /* declaration, type, comment */
			uint8_t end = bytes.p[1 + ROOT_LEN];

			return is_root((const char *)bytes.p + 1, ROOT_LEN) &&
			       (end == '>' || is_blank(end));
		}
		const uint8_t *end = memchr(
		        bytes.p, '>', cur_left(&bytes) < LEAD_MAX ? cur_left(&bytes) : LEAD_MAX);

		if (end == NULL) {
			return 0;
		}
		cur_skip(&bytes, (size_t)(end - bytes.p) + 1);
	}
	return 0;
}

/* What comes from here on belongs to `entry`. */
static void turn_to(struct walk *w, int entry)
{
	sink_octets(w->sink, w->side, (uint64_t)(w->p - w->booked), w->h->entry);
	w->booked = w->p;
	w->h->entry = entry;
}

/* Messages that only keep the conversation going, and carry nothing. */
static bool is_dialogue(const char *root)
{
	static const char *const words[] = {"ACK", "EOT", "END", "ESC", "KPA"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (memcmp(root, words[i], 3) == 0) {
			return true;
		}
	}
	return false;
}

/* Every message goes away from its sender. An acknowledgement is none and its octets belong to what
 * it acknowledges. */
static void document_begin(struct walk *w)
{
	struct half *h = w->h;
	bool is_ack = memcmp(h->name, "ACK", 3) == 0;
	int entry = is_ack ? w->other->newest : h->newest;

	memcpy(h->root, h->name, ROOT_LEN);
	h->is_in = true;
	h->seen = 0;
	if (!w->poct1a->is_proven) {
		w->poct1a->is_proven = true;
		sink_encryption(w->sink, ENCRYPTED_NO);
	}
	if (!is_dialogue(h->root)) {
		entry = h->newest =
		        sink_evidence(w->sink, EVIDENCE_POCT1A_ROOT, h->root, w->side, INFO_C2S, 1);
	} else {
		entry = entry != SINK_NO_ENTRY ? entry : is_ack ? h->newest : w->other->newest;
		sink_fact(w->sink, "POCT1-A", h->root, ROOT_LEN);
	}
	turn_to(w, entry);
}

/* What an element of the device's description is called here; NULL for all others. */
static const char *fact_of(const char *name, size_t len)
{
	static const struct {
		const char *element, *fact;
	} kept[] = {
	        {"DEV.vendor_id", "POCT1-A vendor"},
	        {"DEV.model_id", "POCT1-A model"},
	        {"DEV.manufacturer_name", "POCT1-A manufacturer"},
	        {"DEV.sw_version", "POCT1-A software"},
	};

	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		if (len == strlen(kept[i].element) && memcmp(name, kept[i].element, len) == 0) {
			return kept[i].fact;
		}
	}
	return NULL;
}

static void name_end(struct walk *w)
{
	struct half *h = w->h;

	if (is_root(h->name, h->n_name)) {
		document_begin(w);
	}
	h->place = IN_TAG;
	memset(h->before, 0, sizeof h->before);
}

static void value_end(struct walk *w)
{
	struct half *h = w->h;

	h->place = IN_TAG;
	if (h->is_wanted && h->n_value > 0) {
		sink_fact(w->sink, fact_of(h->name, h->n_name), h->value, h->n_value);
	}
}

/* The tag is over: also the document, when it is the end of its root. */
static void tag_end(struct walk *w)
{
	struct half *h = w->h;

	h->place = BETWEEN_TAGS;
	if (h->is_in && h->n_name == ROOT_LEN + 1 && h->name[0] == '/' &&
	    memcmp(h->name + 1, h->root, ROOT_LEN) == 0) {
		h->is_in = false;
		h->seen = 0;
		turn_to(w, SINK_NO_ENTRY);
	}
}

static void in_tag(struct walk *w, uint8_t c)
{
	struct half *h = w->h;

	if (c == '>') {
		tag_end(w);
	} else if (c == '"' || c == '\'') {
		h->quote = c;
		h->n_value = 0;
		h->is_wanted = h->is_in && memcmp(h->before, " V=", 3) == 0 &&
		               fact_of(h->name, h->n_name) != NULL;
		h->place = QUOTED;
	}
	h->before[0] = h->before[1];
	h->before[1] = h->before[2];
	h->before[2] = is_blank(c) ? ' ' : c;
}

static void octet_take(struct walk *w, uint8_t c)
{
	struct half *h = w->h;

	switch (h->place) {
	case TAG_NAME:
		if (c != '>' && !is_blank(c)) {
			h->name[h->n_name < NAME_ROOM ? h->n_name : NAME_ROOM - 1] = (char)c;
			h->n_name = (uint8_t)(h->n_name < NAME_ROOM ? h->n_name + 1 : NAME_ROOM);
			break;
		}
		name_end(w);
		in_tag(w, c);
		break;
	case IN_TAG:
		in_tag(w, c);
		break;
	case QUOTED:
		if (c == h->quote) {
			value_end(w);
		} else if (c < ' ' || c == '<' ||
		           c == '>') { /* the quote that ends it is missing */
			h->is_wanted = false;
		} else if (h->is_wanted && h->n_value < VALUE_ROOM) {
			h->value[h->n_value++] = (char)c;
		}
		break;
	default:
		if (c == '<') {
			h->place = TAG_NAME;
			h->n_name = 0;
		}
		break;
	}
}

/* What is known of the document that was being read is not enough to see its end: the next root is
 * looked for. */
static void lose_track(struct walk *w)
{
	w->h->is_in = false;
	w->h->place = BETWEEN_TAGS;
	w->h->seen = 0;
	turn_to(w, SINK_NO_ENTRY);
}

/* Passes over text, stops behind the next tag's `<`. */
static void text_skip(struct walk *w, const uint8_t *end)
{
	const uint8_t *at = memchr(w->p, '<', (size_t)(end - w->p));

	w->h->seen += (uint32_t)((at != NULL ? at : end) - w->p);
	w->p = at != NULL ? at : end;
}

static enum dissect_verdict dissect(void *state, enum side side, struct cursor bytes, uint64_t lost,
                                    const struct dissect_flow *flow, struct sink *sink)
{
	struct poct1a *poct1a = state;
	enum side other = side == SIDE_0 ? SIDE_1 : SIDE_0;
	struct walk w = {bytes.p, bytes.p, poct1a, &poct1a->half[side], &poct1a->half[other],
	                 side,    sink};
	bool is_refuted = false;

	(void)flow;
	if (!poct1a->is_ready) {
		for (int i = 0; i < 2; i++) {
			poct1a->half[i].entry = poct1a->half[i].newest = SINK_NO_ENTRY;
		}
		poct1a->is_ready = true;
	}
	if (lost > 0) {
		lose_track(&w);
	}
	while (w.p < bytes.end && !is_refuted) {
		if (w.h->place == BETWEEN_TAGS) {
			text_skip(&w, bytes.end);
		}
		if (w.p < bytes.end) {
			w.h->seen++;
			octet_take(&w, *w.p++);
		}
		is_refuted = !poct1a->is_proven && w.h->seen > LEAD_MAX;
		if (w.h->is_in && w.h->seen > DOCUMENT_MAX) {
			lose_track(&w);
		}
	}
	w.p = bytes.end;
	turn_to(&w, w.h->entry);
	return is_refuted ? DISSECT_RELEASE : DISSECT_FOLLOW;
}

static const struct dissector_field fields[] = {
        {FIELD_KEEP, "root element of a message", .standard = "POCT01-A2 device messaging layer",
         .guard = "names of elements only", .evidence = {EVIDENCE_POCT1A_ROOT},
         .facts = {"POCT1-A"}},
        {FIELD_KEEP, "vendor, model, manufacturer and software of the device (DEV)",
         .standard = "POCT01-A2 device messaging layer", .guard = "attribute V only",
         .facts = {"POCT1-A vendor", "POCT1-A model", "POCT1-A manufacturer", "POCT1-A software"}},
        {FIELD_NEVER,
         "serial number and device_id, patients (PT), operators (OPR, OPL), results (OBS), notes "
         "(NTE)",
         .standard = "POCT01-A2 device messaging layer"},
        {0},
};

const struct dissector dissector_poct1a = {
        .name = "poct1a",
        .protocol = "POCT1-A",
        .ip_protocol = IP_TCP,
        .state_size = sizeof(struct poct1a),
        .has_messages = true,
        .fields = fields,
        .recognise = recognise,
        .dissect = dissect,
};
