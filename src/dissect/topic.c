/* Names of topics and queues: which part of them may be kept. Shared by the message buses. */
#include "topic.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A UUID, a digest, the name of a queue that lives as long as a connection: letters and digits in a
 * jumble. */
static bool is_token(const char *text, size_t len)
{
	size_t turns = 0;

	for (size_t i = 1; i < len; i++) {
		turns += is_digit(text[i]) != is_digit(text[i - 1]) && text[i] != '-' &&
		         text[i - 1] != '-';
	}
	return len >= 16 && turns >= 6;
}

size_t topic_root(char out[TOPIC_MAX], const char *text, size_t len, const char *separators)
{
	size_t start = 0, end;

	out[0] = '\0';
	while (start < len && start < 2 && text[start] != '\0' &&
	       strchr(separators, text[start]) != NULL) {
		start++;
	}
	for (end = start;
	     end < len && (text[end] == '\0' || strchr(separators, text[end]) == NULL);) {
		end++;
	}
	len = end - start;
	if (len > TEXT_MAX || !text_is_printable(text + start, len) ||
	    is_token(text + start, len)) {
		return 0;
	}
	return text_copy(out, TOPIC_MAX, text + start, len);
}

uint64_t topic_user(const char *text, size_t len)
{
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		hash = (hash ^ (c >= 'A' && c <= 'Z' ? c + 32u : c)) * UINT64_C(1099511628211);
	}
	return hash | 1;
}

void topic_withhold(char root[TOPIC_MAX], uint64_t user)
{
	if (user != 0 && topic_user(root, strlen(root)) == user) {
		root[0] = '\0';
	}
}

int topic_note(struct sink *sink, const char *root, const char *protocol, enum side side,
               enum info_direction direction, unsigned messages)
{
	return root[0] != '\0'
	               ? sink_evidence(sink, EVIDENCE_TOPIC, root, side, direction, messages)
	               : sink_evidence(sink, EVIDENCE_PROTOCOL, protocol, side, direction,
	                               messages);
}
