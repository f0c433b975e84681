/* Stands between the dissectors and the sink of a terrierd that only tests run (the linker's --wrap), and ends it when a
 * dissector says what its table of fields does not name. */
#include "../unit/declared.h"

#include "terrier/sensor/claim.h"

void __real_sink_name(struct sink *sink, enum side side, enum name_source source, const char *text, size_t len);
void __wrap_sink_name(struct sink *sink, enum side side, enum name_source source, const char *text, size_t len);
void __real_sink_name_addr(struct sink *sink, const struct addr *addr, enum name_source source, const char *text,
                           size_t len);
void __wrap_sink_name_addr(struct sink *sink, const struct addr *addr, enum name_source source, const char *text,
                           size_t len);
int __real_sink_evidence(struct sink *sink, enum evidence_type type, const char *text, enum side side,
                         enum info_direction direction, unsigned messages);
int __wrap_sink_evidence(struct sink *sink, enum evidence_type type, const char *text, enum side side,
                         enum info_direction direction, unsigned messages);
void __real_sink_fact(struct sink *sink, const char *name, const char *value, size_t len);
void __wrap_sink_fact(struct sink *sink, const char *name, const char *value, size_t len);

void __wrap_sink_name(struct sink *sink, enum side side, enum name_source source, const char *text, size_t len)
{
	declared_name(sink->dissector, source);
	__real_sink_name(sink, side, source, text, len);
}

void __wrap_sink_name_addr(struct sink *sink, const struct addr *addr, enum name_source source, const char *text,
                           size_t len)
{
	declared_name(sink->dissector, source);
	__real_sink_name_addr(sink, addr, source, text, len);
}

int __wrap_sink_evidence(struct sink *sink, enum evidence_type type, const char *text, enum side side,
                         enum info_direction direction, unsigned messages)
{
	declared_evidence(sink->dissector, type);
	return __real_sink_evidence(sink, type, text, side, direction, messages);
}

void __wrap_sink_fact(struct sink *sink, const char *name, const char *value, size_t len)
{
	declared_fact(sink->dissector, name);
	__real_sink_fact(sink, name, value, len);
}
