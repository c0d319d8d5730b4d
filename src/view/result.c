/* Results of functions: the carrier's registers for them are the GPU's first vector registers of the lane, in order. So they hold a result when a
 * function has just returned, and what the lane has there at any other time. Which functions have a result that a client finds in them is told
 * by their debug information (view/info_result.c). */
#include <stdio.h>
#include <string.h>

#include "src/model/breakpoint.h"
#include "src/model/wave.h"
#include "src/view/internal.h"

static const struct result {
	uint8_t index, first, dwords;
} results[] = { { VIEW_RAX, 0, 2 }, { VIEW_RDX, 2, 2 }, { VIEW_XMM0, 0, 4 }, { VIEW_XMM1, 2, 4 } };

static const struct result *find(unsigned index)
{
	for (size_t i = 0; i < sizeof results / sizeof *results; i++)
		if (results[i].index == index)
			return &results[i];
	return NULL;
}

/* Whether the wave stands where a call returns to. */
static bool behind_call(struct dbg_process *p, const struct dbg_wave *w)
{
	enum { CALL_BYTES = 4 };
	uint8_t code[CALL_BYTES];
	struct gfx_insn insn;
	size_t got = 0;
	return break_read_code(p, gfx_wave_pc(&w->g) - CALL_BYTES, code, sizeof code, &got, NULL) == 0 && got == sizeof code &&
		gfx_insn_decode(w->g.family, code, sizeof code, &insn) == GFX_OK && (insn.class == GFX_INSN_SWAPPC || insn.class == GFX_INSN_CALL);
}

bool view_result_of_other(struct dbg_process *p, const struct dbg_wave *w, unsigned *lane)
{
	uint64_t exec = gfx_wave_exec(&w->g);
	if (p->nonstop || !exec || wave_lane_active(w, wave_lane(w)) || !behind_call(p, w))
		return false;
	*lane = (unsigned)__builtin_ctzll(exec);
	return true;
}

int view_result_read(struct dbg_process *p, const struct dbg_wave *w, unsigned index, uint8_t *buf, bool *available, struct dbg_error *err)
{
	const struct result *r = find(index);
	unsigned lane = wave_lane(w), other;
	uint32_t lanes[64];
	char name[8];
	*available = false;
	if (!r)
		return 0;
	if (view_result_of_other(p, w, &other))
		lane = other;
	/* A client takes what is not available for zero. */
	if (!wave_lane_active(w, lane))
		return behind_call(p, w) ? dbg_fail(err, DBG_REFUSED, "lane %u is not active: no result of a function is its own", lane) : 0;
	for (unsigned i = 0; i < r->dwords; i++) {
		uint32_t dword = 0; /* a register that the wave does not have is no part of a result */
		snprintf(name, sizeof name, "v%u", r->first + i);
		int row = gfx_reg_by_name(w->g.family, name);
		if (row >= 0 && w->g.family->regs[row].bytes <= sizeof lanes && gfx_reg_read(&w->g, (size_t)row, lanes, NULL) == GFX_OK)
			dword = lanes[lane];
		memcpy(buf + 4 * i, &dword, sizeof dword);
	}
	*available = true;
	return 0;
}
