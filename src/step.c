#include "src/step.h"

#include "src/breakpoint.h"
#include "src/copy.h"
#include "src/settle.h"
#include "src/wave.h"

int step_decode(struct dbg_process *p, struct dbg_wave *w, uint64_t pc, struct gfx_insn *insn, struct dbg_error *err)
{
	uint8_t code[32];
	size_t got, want = w->g.family->max_insn_bytes;
	int status = break_read_code(p, pc, code, want < sizeof code ? want : sizeof code, &got, err);
	if (status < 0)
		return status;
	if (gfx_insn_decode(w->g.family, code, got, insn) < 0)
		return dbg_fail(err, DBG_REFUSED, "the instruction at 0x%llx cannot be decoded", (unsigned long long)pc);
	return 0;
}

/* Reads or writes the PC, or its own address: a copy would do something else. */
static bool depends_on_place(enum gfx_insn_class class)
{
	switch (class) {
	case GFX_INSN_BRANCH:
	case GFX_INSN_COND_BRANCH:
	case GFX_INSN_CALL:
	case GFX_INSN_GETPC:
	case GFX_INSN_SWAPPC:
	case GFX_INSN_FORK:
	case GFX_INSN_UNKNOWN:
		return true;
	default:
		return false;
	}
}

static bool can_simulate(enum gfx_insn_class class)
{
	return class == GFX_INSN_BRANCH || class == GFX_INSN_COND_BRANCH || class == GFX_INSN_CALL || class == GFX_INSN_GETPC ||
		class == GFX_INSN_SETPC || class == GFX_INSN_SWAPPC || class == GFX_INSN_FORK;
}

bool step_simulate(struct dbg_wave *w, const struct gfx_insn *insn)
{
	/* A wave that halted itself makes no progress (wave-state 4.7). */
	if (!can_simulate(insn->class) || gfx_wave_program_halted(&w->g))
		return false;
	if (gfx_insn_simulate(&w->g, insn) < 0)
		return false;
	/* Its operands may be scalar registers: all of the record's scalar part goes back. */
	uint32_t low = w->g.rec.sgpr < w->g.rec.hwreg ? w->g.rec.sgpr : w->g.rec.hwreg;
	wave_touch(w, low, w->g.rec.hwreg - low);
	wave_touch_state(w);
	return true;
}

static int use_copy(struct dbg_process *p, struct dbg_wave *w, const struct gfx_insn *insn, struct dbg_copy **copy, struct dbg_error *err)
{
	if (depends_on_place(insn->class))
		return dbg_fail(err, DBG_UNSUPPORTED, "the instruction at 0x%llx can neither be simulated nor copied",
			(unsigned long long)gfx_wave_pc(&w->g));
	int status = copy_get(p, w->queue, gfx_wave_pc(&w->g), insn, copy, err);
	if (status == 0) {
		gfx_wave_set_pc(&w->g, (*copy)->addr);
		wave_touch_state(w);
	}
	return status;
}

void step_set_running(struct dbg_wave *w, enum gfx_resume how)
{
	if (w->stopped || w->stepping != (how == GFX_STEP)) {
		gfx_wave_resume(&w->g, how, w->to_clear);
		wave_touch_state(w);
	}
	w->stopped = false;
	w->reasons = w->to_clear = 0;
	w->launched = DBG_LAUNCHED_NOT;
	w->pending = false;
	w->stepping = how == GFX_STEP;
}

int step_go(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	enum gfx_resume how = w->launch_step ? GFX_STEP : GFX_RUN;
	w->internal_step = false;
	if (w->owed_from)
		settle_leave(p, w);
	else if (w->passed && w->passed == pc && break_inserted_at(p, pc)) {
		struct gfx_insn insn;
		struct dbg_copy *copy;
		int status = step_decode(p, w, pc, &insn, err);
		if (status < 0)
			return status;
		if (!step_simulate(w, &insn)) {
			status = use_copy(p, w, &insn, &copy, err);
			if (status < 0)
				return status;
			if (!copy->returns && insn.class != GFX_INSN_ENDPGM && insn.class != GFX_INSN_SETPC) {
				how = GFX_STEP;
				w->internal_step = true;
			}
		}
	}
	step_set_running(w, how);
	return 0;
}

void step_note_barrier(struct dbg_process *p, struct dbg_wave *w, uint64_t pc)
{
	struct gfx_insn insn;
	w->barrier_from = step_decode(p, w, pc, &insn, NULL) == 0 && insn.class == GFX_INSN_BARRIER ? pc : 0;
}

bool step_at_barrier(const struct dbg_wave *w)
{
	enum { BARRIER_BYTES = 4 }; /* every SOPP instruction is one dword */
	return w->barrier_from && !w->stopped && gfx_wave_pc(&w->g) == w->barrier_from + BARRIER_BYTES;
}

int step_one(struct dbg_process *p, struct dbg_wave *w, bool *done, bool *ends, struct dbg_error *err)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	struct gfx_insn insn;
	struct dbg_copy *copy;
	*done = *ends = false;
	w->internal_step = false;
	int status = step_decode(p, w, pc, &insn, err);
	if (status < 0)
		return status;
	*ends = insn.class == GFX_INSN_ENDPGM;
	w->barrier_from = insn.class == GFX_INSN_BARRIER ? pc : 0;
	if (step_simulate(w, &insn)) {
		w->passed = 0;
		w->reasons = GFX_STOP_SINGLE_STEP;
		*done = true;
		return 0;
	}
	if (break_inserted_at(p, pc)) {
		status = use_copy(p, w, &insn, &copy, err);
		if (status < 0)
			return status;
		w->passed = pc;
	}
	step_set_running(w, *ends ? GFX_RUN : GFX_STEP);
	return 0;
}

void step_hold(struct dbg_wave *w)
{
	if (w->stopped)
		return;
	gfx_wave_stop(&w->g);
	wave_touch_state(w);
	w->stopped = true;
	w->reasons = 0;
}
