/* Address watch: the range that one register covers (wave-state 8.1). */
#include "arch/arch.h"

#include <inttypes.h>

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
