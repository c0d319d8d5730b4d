#include "arch/arch.h"

int gfx_dwarf_register(uint64_t dwarf, enum gfx_dwarf_bank *bank, unsigned *n)
{
	static const struct {
		uint16_t first, last, n;
		enum gfx_dwarf_bank bank;
	} ranges[] = {
		{ 32, 95, 0, GFX_DWARF_SCALAR }, { 1088, 1129, 64, GFX_DWARF_SCALAR },
		{ 2560, 2815, 0, GFX_DWARF_VECTOR }, { 3072, 3327, 0, GFX_DWARF_ACC },
	};
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
		if (dwarf < ranges[i].first || dwarf > ranges[i].last)
			continue;
		*bank = ranges[i].bank;
		*n = ranges[i].n + (unsigned)(dwarf - ranges[i].first);
		return GFX_OK;
	}
	return GFX_RANGE;
}
