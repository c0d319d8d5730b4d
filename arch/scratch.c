/* Private memory and generic addresses (wave-state 6.3 to 6.5), and the ranges that address watch registers cover (8.1). */
#include "arch/arch.h"

#include <inttypes.h>

#include "arch/layout.h"

static uint64_t flat_scratch(const struct gfx_wave *w, bool *known)
{
	const struct gfx_special_slot *s = &w->family->layout->special[GFX_SP_FLAT_SCRATCH];
	unsigned end = gfx_sgpr_end(w);
	*known = s->where == GFX_IN_HWREG || (s->where == GFX_IN_SGPR_END && end >= s->index && gfx_bring(w, w->rec.sgpr));
	if (!*known)
		return 0;
	return gfx_load64(s->where == GFX_IN_HWREG ? gfx_hwreg(w, s->index) : w->area + w->rec.sgpr + 4 * (end - s->index));
}

int gfx_wave_scratch(const struct gfx_wave *w, const struct gfx_scratch_config *config, unsigned xcc, struct gfx_scratch *out,
	struct gfx_error *err)
{
	const struct gfx_layout *l = w->family->layout;
	uint64_t waves = gfx_field_get(config->tmpring, l->ring_waves);
	uint32_t wave_bytes = gfx_field_get(config->tmpring, l->ring_wave_size) * l->ring_unit;
	if (waves == 0 || wave_bytes == 0)
		return gfx_fail(err, GFX_RANGE, "the queue has no scratch memory");
	if (config->se_count == 0 || (!l->ring_per_engine && waves % config->se_count))
		return gfx_fail(err, GFX_CORRUPT, "scratch ring of %" PRIu64 " waves cannot be shared by %u shader engines", waves,
			config->se_count);

	uint64_t per_engine = l->ring_per_engine ? waves : waves / config->se_count;
	uint64_t per_xcc = config->backing_per_xcc ? config->backing_per_xcc : per_engine * config->se_count * wave_bytes;
	uint64_t base = config->backing + xcc * per_xcc + (per_engine * w->rec.se + w->rec.scoreboard) * wave_bytes;
	if (w->family->architected_scratch) {
		bool known;
		uint64_t reg = flat_scratch(w, &known);
		if (known && reg != base)
			return gfx_fail(err, GFX_CORRUPT, "FLAT_SCRATCH is 0x%" PRIx64 ", the wave's scratch slot is at 0x%" PRIx64, reg, base);
	}
	out->base = base;
	out->bytes = wave_bytes;
	return GFX_OK;
}

uint32_t gfx_swizzle(unsigned lanes, unsigned lane, uint32_t addr, uint32_t *run)
{
	uint32_t byte = addr % 4;
	if (run)
		*run = 4 - byte;
	return addr / 4 * lanes * 4 + lane * 4 + byte;
}

enum gfx_space gfx_generic_space(uint64_t addr, uint64_t shared_base, uint64_t private_base, uint64_t *offset)
{
	if (addr >> 48 == shared_base >> 48 && shared_base) {
		*offset = (uint32_t)addr;
		return GFX_SPACE_LOCAL;
	}
	if (addr >> 48 == private_base >> 48 && private_base) {
		*offset = (uint32_t)addr;
		return GFX_SPACE_PRIVATE;
	}
	*offset = addr;
	return GFX_SPACE_GLOBAL;
}
