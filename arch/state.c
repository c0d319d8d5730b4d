/* Stopping, resuming and what a stop means (wave-state 3.7, 3.9, 4.2). Edits of the saved image; the hardware sees them at the restore. */
#include "arch/arch.h"

#include <inttypes.h>

#include "arch/layout.h"

/* The trap TTMPs of a wave that was launched without setup, or whose family says that nobody has initialised them yet, hold garbage; then
 * SKIP_EXPORT proves that somebody stopped it (2.4). */
bool gfx_wave_stopped(const struct gfx_wave *w)
{
	const struct gfx_layout *l = w->family->layout;
	if (!gfx_ttmp_get(w, l->stopped))
		return false;
	bool valid = gfx_setup(w) && (!l->initialised.width || gfx_ttmp_get(w, l->initialised));
	return valid || gfx_hw_bit(w, l->skip_export);
}

bool gfx_wave_halted(const struct gfx_wave *w)
{
	return gfx_hw_bit(w, w->family->layout->halt);
}

bool gfx_wave_in_barrier(const struct gfx_wave *w)
{
	return gfx_hw_bit(w, w->family->layout->in_barrier);
}

bool gfx_wave_program_halted(const struct gfx_wave *w)
{
	return gfx_wave_stopped(w) ? gfx_ttmp_get(w, w->family->layout->saved_halt) : gfx_wave_halted(w);
}

void gfx_wave_set_program_halt(struct gfx_wave *w, bool halt)
{
	const struct gfx_layout *l = w->family->layout;
	if (gfx_wave_stopped(w))
		gfx_ttmp_set(w, l->saved_halt, halt);
	else
		gfx_set_hw_bit(w, l->halt, halt);
}

unsigned gfx_wave_trap_id(const struct gfx_wave *w)
{
	return gfx_wave_stopped(w) ? gfx_ttmp_get(w, w->family->layout->trap_id) : 0;
}

/* ------------------------------------------------------------------ reasons */

enum { TRAP_BREAKPOINT = 1, TRAP_ABORT = 2, TRAP_DEBUG = 3, TRAP_ID_MAX = 15 };

static unsigned trap_reason(unsigned id)
{
	switch (id) {
	case 0:
		return 0;
	case TRAP_BREAKPOINT:
		return GFX_STOP_BREAKPOINT;
	case TRAP_ABORT:
		return GFX_STOP_ASSERT_TRAP;
	case TRAP_DEBUG:
		return GFX_STOP_DEBUG_TRAP;
	default:
		return GFX_STOP_TRAP;
	}
}

unsigned gfx_wave_stop_reasons(const struct gfx_wave *w)
{
	unsigned reasons = trap_reason(gfx_wave_trap_id(w));
	for (const struct gfx_reason_row *r = w->family->layout->reasons; r->reason; r++) {
		uint32_t flags = gfx_load32(gfx_hwreg(w, r->hwreg));
		if (!(flags & r->flags) || flags & r->unless)
			continue;
		if (r->enable_hwreg && !(gfx_load32(gfx_hwreg(w, r->enable_hwreg)) & r->enables))
			continue;
		reasons |= r->reason;
	}
	return reasons;
}

bool gfx_wave_fetch_faulted(const struct gfx_wave *w)
{
	enum { ANY_VIOLATION = GFX_STOP_MEMORY_VIOLATION | GFX_STOP_ADDRESS_ERROR };
	return gfx_wave_halted(w) && !gfx_wave_stopped(w) && (gfx_wave_stop_reasons(w) & ANY_VIOLATION);
}

static void clear_reasons(struct gfx_wave *w, unsigned reasons)
{
	const struct gfx_layout *l = w->family->layout;
	for (const struct gfx_reason_row *r = l->reasons; r->reason; r++) {
		if (!(reasons & r->reason))
			continue;
		uint8_t *p = gfx_hwreg(w, r->hwreg);
		gfx_store32(p, gfx_load32(p) & ~r->clear);
	}
	uint8_t *p = gfx_hwreg(w, l->always_clear_hwreg);
	gfx_store32(p, gfx_load32(p) & ~l->always_clear);
}

/* ------------------------------------------------------------------ stop, resume */

void gfx_wave_stop(struct gfx_wave *w)
{
	const struct gfx_layout *l = w->family->layout;
	if (gfx_wave_stopped(w)) {
		gfx_set_hw_bit(w, l->halt, true); /* whoever stopped it should have */
		return;
	}
	bool halted = gfx_wave_halted(w);
	uint64_t pc = gfx_wave_pc(w);

	gfx_wave_set_id(w, gfx_wave_id(w)); /* makes the trap TTMPs valid */
	gfx_ttmp_set(w, l->saved_halt, halted);
	gfx_ttmp_set(w, l->stopped, 1);
	gfx_set_hw_bit(w, l->halt, true);
	if (!w->family->ttmps_always_valid)
		gfx_set_hw_bit(w, l->skip_export, true);
	if (w->family->parks) {
		/* Now that the wave counts as stopped its PC is the copy in the TTMPs. */
		uint8_t *slot = gfx_hwreg(w, l->special[GFX_SP_PC].index);
		gfx_wave_set_pc(w, pc);
		gfx_store64(slot, w->park_pc);
	}
}

void gfx_wave_resume(struct gfx_wave *w, enum gfx_resume how, unsigned reasons)
{
	const struct gfx_layout *l = w->family->layout;
	gfx_set_hw_bit(w, l->step_enable, how == GFX_STEP);
	if (!gfx_wave_stopped(w))
		return;
	uint64_t pc = gfx_wave_pc(w);
	bool halt = gfx_ttmp_get(w, l->saved_halt);

	gfx_wave_set_id(w, gfx_wave_id(w)); /* a wave stopped by its handler may not be initialised yet */
	clear_reasons(w, reasons);
	gfx_set_hw_bit(w, l->halt, halt);
	gfx_set_hw_bit(w, l->skip_export, false);
	gfx_ttmp_set(w, l->saved_halt, 0);
	gfx_ttmp_set(w, l->stopped, 0);
	if (w->family->parks)
		gfx_wave_set_pc(w, pc); /* no longer parked: into the slot */
}

uint64_t gfx_wave_break_pc(const struct gfx_wave *w, uint32_t word_at_pc, uint32_t word_before_pc)
{
	enum { AT_TRAP_VERSION = 12 };
	uint64_t pc = gfx_wave_pc(w);
	unsigned id = gfx_wave_trap_id(w);
	if (id == 0)
		return pc;
	/* The saved id is cut at 15: any s_trap from there on may be the one. */
	uint32_t low = w->family->trap_insn + id, high = id == TRAP_ID_MAX ? w->family->trap_insn + 255 : low;
	bool at = word_at_pc >= low && word_at_pc <= high;
	bool after = word_before_pc >= low && word_before_pc <= high;
	if (after && (!at || w->r_version < AT_TRAP_VERSION))
		return pc - 4;
	return pc;
}

/* ------------------------------------------------------------------ launch control */

bool gfx_wave_at_begin(const struct gfx_wave *w)
{
	return gfx_hw_bit(w, w->family->layout->begin);
}

bool gfx_wave_at_end(const struct gfx_wave *w)
{
	return gfx_hw_bit(w, w->family->layout->end);
}

bool gfx_wave_traps_at_end(const struct gfx_wave *w)
{
	return gfx_hw_bit(w, w->family->layout->end_enable);
}

void gfx_wave_set_trap_at_end(struct gfx_wave *w, bool trap)
{
	gfx_set_hw_bit(w, w->family->layout->end_enable, trap);
}

/* ------------------------------------------------------------------ checks */

int gfx_wave_check(const struct gfx_wave *w, const struct gfx_wave *leader, struct gfx_error *err)
{
	uint64_t pc = gfx_wave_pc(w);
	if (pc % 4)
		return gfx_fail(err, GFX_CORRUPT, "wave record at 0x%" PRIx32 ": misaligned PC 0x%" PRIx64, w->rec.base, pc);
	if (gfx_hw_bit(w, w->family->layout->no_vgprs))
		return gfx_fail(err, GFX_CORRUPT, "wave record at 0x%" PRIx32 ": saved without vector registers", w->rec.base);
	struct gfx_wave_place mine, theirs;
	if (!leader || gfx_wave_place(w, &mine) || gfx_wave_place(leader, &theirs))
		return GFX_OK;
	if (memcmp(mine.group, theirs.group, sizeof mine.group) != 0)
		return gfx_fail(err, GFX_CORRUPT, "wave record at 0x%" PRIx32 ": work-group %" PRIu32 ",%" PRIu32 ",%" PRIu32
			" is not its first wave's (%" PRIu32 ",%" PRIu32 ",%" PRIu32 ")", w->rec.base, mine.group[0], mine.group[1], mine.group[2],
			theirs.group[0], theirs.group[1], theirs.group[2]);
	return GFX_OK;
}
