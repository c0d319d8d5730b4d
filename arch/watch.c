/* Address watch: the range that one register covers, and the bits of a wave (wave-state 8.1). */
#include "arch/arch.h"

#include <inttypes.h>

#include "arch/layout.h"

void gfx_wave_set_watching(struct gfx_wave *w, bool watching)
{
	const struct gfx_layout *l = w->family->layout;
	gfx_set_hw_bit(w, l->watch_enable, watching);
	for (unsigned i = 0; i < GFX_MAX_WATCHES; i++)
		gfx_set_hw_bit(w, l->watch_hit[i], false);
}

bool gfx_wave_watching(const struct gfx_wave *w)
{
	return gfx_hw_bit(w, w->family->layout->watch_enable);
}

unsigned gfx_wave_watch_hits(const struct gfx_wave *w)
{
	unsigned hits = 0;
	for (unsigned i = 0; i < GFX_MAX_WATCHES; i++)
		hits |= (unsigned)gfx_hw_bit(w, w->family->layout->watch_hit[i]) << i;
	return hits;
}

/* The bits above those in which first and last differ: ones at the top, as many as the two addresses agree in. */
static uint64_t stable_bits(uint64_t first, uint64_t last)
{
	uint64_t differ = first ^ last;
	return differ == 0 ? UINT64_MAX : differ >> 63 ? 0 : ~((UINT64_C(2) << (63 - __builtin_clzll(differ))) - 1);
}

int gfx_watch_plan(unsigned low, unsigned high, uint64_t first, uint64_t size, struct gfx_watch *out, struct gfx_error *err)
{
	if (low > high || high > 62)
		return gfx_fail(err, GFX_RANGE, "watch registers with mask bits %u to %u", low, high);
	uint64_t last = first + size - 1;
	if (size == 0 || last < first)
		return gfx_fail(err, GFX_RANGE, "watch of 0x%" PRIx64 " bytes at 0x%" PRIx64, size, first);

	uint64_t never = (UINT64_C(1) << low) - 1;                              /* mask bits that are always 0 */
	uint64_t always = ~((UINT64_C(2) << high) - 1);                         /* mask bits that are always 1 */
	uint64_t stable = stable_bits(first, last);
	if (stable < always) {
		/* No mask spans it: take what the largest one holds from `first` on, the whole of it when `first` is its start. */
		last = first | ~always;
		stable = stable_bits(first, last);
	}
	out->mask = stable & ~never;
	out->size = -out->mask;
	out->address = first & out->mask;
	return GFX_OK;
}
