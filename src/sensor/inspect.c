/* nDPI's share of the work: a slot a flow, given back with the verdict. */
#include "terrier/sensor/inspect.h"

#include "terrier/base/mem.h"

#include <stdlib.h>
#include <string.h>

struct slot {
	struct dpi_flow *flow;
	uint32_t packets, accepted;
};

struct inspector {
	struct dpi *dpi; /* NULL: blind */
	struct slot *slots;
	uint32_t *free_list;
	uint32_t n_free, used, max;
};

struct inspector *inspector_new(uint32_t max, const char **error)
{
	struct inspector *i = inspector_new_blind();

	i->dpi = dpi_new(error);
	if (i->dpi == NULL) {
		inspector_free(i);
		return NULL;
	}
	dpi_set_limit(i->dpi, max);
	i->max = max;
	i->slots = mem_map(sizeof *i->slots * (max + 1));
	i->free_list = mem_map(sizeof *i->free_list * max);
	return i;
}

struct inspector *inspector_new_blind(void)
{
	return mem_zalloc(1, sizeof(struct inspector));
}

void inspector_free(struct inspector *i)
{
	if (i == NULL) {
		return;
	}
	for (uint32_t s = 1; s <= i->used; s++) {
		dpi_flow_free(i->dpi, i->slots[s].flow);
	}
	if (i->max > 0) {
		mem_unmap(i->slots, sizeof *i->slots * (i->max + 1));
		mem_unmap(i->free_list, sizeof *i->free_list * i->max);
	}
	dpi_free(i->dpi);
	free(i);
}

uint32_t inspector_begin(struct inspector *i)
{
	uint32_t slot;

	if (i->n_free == 0 && i->used == i->max) {
		return 0;
	}
	slot = i->n_free > 0 ? i->free_list[--i->n_free] : ++i->used;
	i->slots[slot] = (struct slot){.flow = dpi_flow_new(i->dpi)};
	return slot;
}

bool inspector_feed(struct inspector *i, uint32_t slot, const struct packet *p, struct dpi_verdict *out,
                    uint64_t *refused)
{
	struct slot *s = &i->slots[slot];

	*out = (struct dpi_verdict){.is_guess = true};
	if (slot == 0 || s->flow == NULL) {
		return true;
	}
	if (dpi_feed(i->dpi, s->flow, p, out)) {
		s->accepted++;
	} else {
		++*refused;
	}
	s->packets++;
	if (!out->is_final && s->packets >= DPI_PACKETS_MAX) {
		dpi_give_up(i->dpi, s->flow, p, out);
		return true;
	}
	return out->is_final;
}

void inspector_conclude(struct inspector *i, uint32_t slot, struct dpi_verdict *out)
{
	*out = (struct dpi_verdict){.is_guess = true};
	if (slot != 0 && i->slots[slot].accepted > 0) {
		dpi_give_up(i->dpi, i->slots[slot].flow, NULL, out);
	}
}

unsigned inspector_risks(const struct inspector *i, uint32_t slot, const char *names[], unsigned max)
{
	return slot != 0 && i->slots[slot].flow != NULL ? dpi_risks(i->slots[slot].flow, names, max) : 0;
}

void inspector_end(struct inspector *i, uint32_t slot)
{
	if (slot == 0) {
		return;
	}
	dpi_flow_free(i->dpi, i->slots[slot].flow);
	i->slots[slot].flow = NULL;
	i->free_list[i->n_free++] = slot;
}
