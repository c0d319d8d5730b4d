/* Who a saved wave is: its id, its work-group, the packet it came from (wave-state 2.3, 2.4, 6.1, 6.2). */
#include "arch/arch.h"

#include <inttypes.h>

#include "arch/layout.h"

enum { TTMP_WAVE_ID = 4, TTMP_TRAP = 6 };
/* What survives in ttmp6 when the handler has stopped a wave whose TTMPs nobody set up: saved trap id, saved HALT, stopped. */
#define TRAP_TTMP_KEPT UINT32_C(0x7E000000)

static bool initialised(const struct gfx_wave *w)
{
	const struct gfx_layout *l = w->family->layout;
	if (l->initialised.width && !gfx_ttmp_get(w, l->initialised))
		return false;
	return gfx_setup(w) || gfx_ttmp_get(w, l->no_setup);
}

uint64_t gfx_wave_id(const struct gfx_wave *w)
{
	return initialised(w) ? gfx_load64(gfx_ttmp(w, TTMP_WAVE_ID)) : 0;
}

void gfx_wave_set_id(struct gfx_wave *w, uint64_t id)
{
	const struct gfx_layout *l = w->family->layout;
	if (!initialised(w)) {
		uint8_t *trap = gfx_ttmp(w, TTMP_TRAP);
		gfx_store32(trap, gfx_hw_bit(w, l->skip_export) ? gfx_load32(trap) & TRAP_TTMP_KEPT : 0);
		if (!gfx_setup(w)) {
			for (unsigned n = 0; n < 16; n++)
				if (l->spi_ttmps >> n & 1)
					gfx_store32(gfx_ttmp(w, n), 0);
			gfx_ttmp_set(w, l->no_setup, 1);
		}
		gfx_ttmp_set(w, l->initialised, 1);
	}
	gfx_store64(gfx_ttmp(w, TTMP_WAVE_ID), id);
}

int gfx_wave_place(const struct gfx_wave *w, struct gfx_wave_place *out)
{
	const struct gfx_layout *l = w->family->layout;
	if (!gfx_setup(w) || (initialised(w) && l->no_setup.width && gfx_ttmp_get(w, l->no_setup)))
		return GFX_UNKNOWN;
	for (unsigned i = 0; i < 3; i++)
		out->group[i] = gfx_ttmp_get(w, l->group[i]);
	out->wave_in_group = gfx_ttmp_get(w, l->wave_in_group);
	out->packet_index = gfx_ttmp_get(w, l->packet_index);
	return GFX_OK;
}

int gfx_packet_id(uint64_t index, uint64_t ring_packets, uint64_t read_id, uint64_t write_id, uint64_t *out)
{
	if (ring_packets == 0 || index >= ring_packets)
		return GFX_CORRUPT;
	uint64_t id = index + read_id / ring_packets * ring_packets;
	if (id < read_id && read_id % ring_packets > write_id % ring_packets)
		id += ring_packets;
	if (id < read_id || id >= write_id)
		return GFX_CORRUPT;
	*out = id;
	return GFX_OK;
}

void gfx_packet_parse(const void *bytes, struct gfx_dispatch_packet *out)
{
	const uint8_t *p = bytes;
	uint32_t head = gfx_load32(p), groups_xy = gfx_load32(p + 4);
	*out = (struct gfx_dispatch_packet){
		.header = (uint16_t)head,
		.type = (uint8_t)head,
		.dimensions = head >> 16 & 3,
		.group_size = { (uint16_t)groups_xy, groups_xy >> 16, (uint16_t)gfx_load32(p + 8) },
		.grid_size = { gfx_load32(p + 12), gfx_load32(p + 16), gfx_load32(p + 20) },
		.private_bytes = gfx_load32(p + 24),
		.group_bytes = gfx_load32(p + 28),
		.kernel_object = gfx_load64(p + 32),
		.kernarg = gfx_load64(p + 40),
		.completion_signal = gfx_load64(p + 56),
	};
}
