#include "src/run/step.h"

#include "src/model/breakpoint.h"
#include "src/model/savearea.h"
#include "src/model/wave.h"
#include "src/run/copy.h"
#include "src/run/settle.h"

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

/* How an instruction under a breakpoint is got over (wave-state 4.7, 4.8). What the table does not name is copied. */
static const struct {
	bool simulate;  /* on the image, where its operands allow it */
	bool dependent; /* reads or writes the PC, or may do anything: a copy would do something else */
} rules[] = {
	[GFX_INSN_BRANCH] = { true, true },
	[GFX_INSN_COND_BRANCH] = { true, true },
	[GFX_INSN_CALL] = { true, true },
	[GFX_INSN_GETPC] = { true, true },
	[GFX_INSN_SETPC] = { true, false },
	[GFX_INSN_SWAPPC] = { true, true },
	[GFX_INSN_FORK] = { true, true },
	[GFX_INSN_UNKNOWN] = { false, true },
};
static const unsigned n_rules = sizeof rules / sizeof *rules;

static bool can_simulate(enum gfx_insn_class class)
{
	return class < n_rules && rules[class].simulate;
}

static bool depends_on_place(enum gfx_insn_class class)
{
	return class < n_rules && rules[class].dependent;
}

bool step_simulate(struct dbg_wave *w, const struct gfx_insn *insn)
{
	/* A wave that halted itself makes no progress (wave-state 4.7). */
	if (!can_simulate(insn->class) || gfx_wave_program_halted(&w->g))
		return false;
	if (gfx_insn_simulate(&w->g, insn) < 0)
		return false;
	/* Its operands may be scalar registers: all of the record's scalar part goes back, unless nobody has asked for one. */
	if (savearea_brought(w, false))
		wave_touch(w, w->g.rec.sgpr, w->g.rec.hwreg - w->g.rec.sgpr);
	wave_touch_state(w);
	return true;
}

bool step_must_be_in_place(struct dbg_process *p, struct dbg_wave *w)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	struct gfx_insn insn;
	bool under = w->action == DBG_GO ? w->passed == pc : w->stopped;
	if (!under || w->owed_from || !break_inserted_at(p, pc) || step_decode(p, w, pc, &insn, NULL) < 0 || !depends_on_place(insn.class))
		return false;
	return !gfx_wave_program_halted(&w->g) && !gfx_insn_can_simulate(&w->g, &insn);
}

void step_in_place(struct dbg_wave *w)
{
	w->internal_step = w->action == DBG_GO;
	w->stepped_from = gfx_wave_pc(&w->g);
	step_set_running(w, GFX_STEP);
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
	settle_undo(w);
	uint64_t pc = gfx_wave_pc(&w->g);
	enum gfx_resume how = w->launch_step ? GFX_STEP : GFX_RUN;
	w->internal_step = false;
	w->catches_up = 0;
	if (w->passed && w->passed == pc && break_inserted_at(p, pc) && !gfx_wave_program_halted(&w->g)) {
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
				w->stepped_from = pc;
			}
		}
	}
	step_set_running(w, how);
	return 0;
}

bool step_at_barrier(const struct dbg_wave *w)
{
	enum { BARRIER_BYTES = 4 }; /* every SOPP instruction is one dword */
	return w->barrier_from && !w->stopped && gfx_wave_pc(&w->g) == w->barrier_from + BARRIER_BYTES;
}

bool step_waits(const struct dbg_wave *w)
{
	return w->waits_at || gfx_wave_in_barrier(&w->g);
}

int step_one(struct dbg_process *p, struct dbg_wave *w, bool *done, bool *ends, struct dbg_error *err)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	struct gfx_insn insn;
	struct dbg_copy *copy;
	*done = *ends = false;
	w->internal_step = false;
	int status = step_decode(p, w, pc, &insn, err);
	if (status < 0 && break_inserted_at(p, pc))
		return status;
	if (status < 0)
		insn = (struct gfx_insn){ .class = GFX_INSN_UNKNOWN }; /* the hardware will say what is wrong with it */
	*ends = insn.class == GFX_INSN_ENDPGM;
	w->barrier_from = insn.class == GFX_INSN_BARRIER ? pc : 0;
	if (step_simulate(w, &insn)) {
		w->passed = 0;
		w->reasons = GFX_STOP_SINGLE_STEP;
		if (w->waits_at)
			w->waits_at = gfx_wave_pc(&w->g);
		*done = true;
		return 0;
	}
	if (break_inserted_at(p, pc) && !gfx_wave_program_halted(&w->g)) {
		status = use_copy(p, w, &insn, &copy, err);
		if (status < 0)
			return status;
		w->passed = pc;
	}
	w->stepped_from = pc;
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
