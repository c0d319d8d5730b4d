#include "src/run/run.h"

#include <inttypes.h>

#include "src/base/log.h"
#include "src/control/launch.h"
#include "src/control/watch.h"
#include "src/model/breakpoint.h"
#include "src/model/exceptions.h"
#include "src/model/memory.h"
#include "src/model/memory_cache.h"
#include "src/model/queue.h"
#include "src/model/runtime.h"
#include "src/model/wave.h"
#include "src/run/range_step.h"
#include "src/run/step.h"

/* PC of the trap itself; the words as the wave executed them, so straight from memory. */
static uint64_t trap_pc(struct dbg_process *p, const struct dbg_wave *w)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	uint32_t words[2] = { 0, 0 };
	if (memory_get(p, pc - 4, words, sizeof words, NULL) < 0 && memory_get(p, pc - 4, words, 4, NULL) < 0)
		return pc;
	/* What a debugger left behind that died may be gone from memory already, but it is what the wave has met. */
	for (int i = 0; i < 2; i++)
		if (break_inserted_at(p, pc - 4 + 4 * (uint64_t)i))
			words[i] = w->g.family->trap_insn + 1;
	return gfx_wave_break_pc(&w->g, words[1], words[0]);
}

static void at_breakpoint(struct dbg_process *p, struct dbg_wave *w)
{
	uint64_t at = trap_pc(p, w);
	const struct dbg_break *b = break_at(p, at);
	if (!b || !b->inserted || b->host)
		return; /* the program's own trap: it stands behind it */
	gfx_wave_set_pc(&w->g, at);
	wave_touch_state(w);
	w->passed = at;
	w->unasked = true;
}

/* It stands where its step began, and the instruction there does not lead to itself: nothing has been executed. Where only the PC tells of steps,
 * an instruction that is not plainly sequential counts as executed, or it might be stepped for ever (wave-state 3.9). */
static bool stands_still(struct dbg_process *p, const struct dbg_wave *w)
{
	struct gfx_insn insn;
	if (!w->stepping || gfx_wave_pc(&w->g) != w->stepped_from || step_decode(p, (struct dbg_wave *)w, w->stepped_from, &insn, NULL) < 0)
		return false;
	switch (insn.class) {
	case GFX_INSN_SEQUENTIAL: case GFX_INSN_BARRIER:
		return true;
	case GFX_INSN_SLEEP: case GFX_INSN_SETHALT: case GFX_INSN_SENDMSG: case GFX_INSN_GETPC:
		return w->g.family->has_step_status;
	default:
		return false;
	}
}

/* Families without a status bit for it: a step is over when the PC has moved. One that has not moved was disturbed by a suspend and is
 * to be stepped again, unless its instruction may lead to itself (wave-state 3.9). So is one that has only ended the waiting at a
 * barrier that was stepped over before. */
static unsigned infer_step(struct dbg_process *p, struct dbg_wave *w)
{
	bool still = stands_still(p, w);
	if (w->g.family->has_step_status || !w->stepping) {
		w->step_again = still && w->reasons == GFX_STOP_SINGLE_STEP;
		return w->step_again ? 0 : w->reasons;
	}
	if (gfx_wave_pc(&w->g) != w->stepped_from)
		return w->reasons | GFX_STOP_SINGLE_STEP;
	if (!w->to_clear && !still)
		return GFX_STOP_SINGLE_STEP;
	w->step_again = !w->to_clear;
	return w->reasons;
}

/* A wave that its trap handler has stopped since we looked last: decides whether that is to be told (w->pending). */
static void newly_stopped(struct dbg_process *p, struct dbg_wave *w)
{
	unsigned reasons = gfx_wave_stop_reasons(&w->g);
	w->stopped = true;
	w->judged = false;
	w->reasons = reasons;
	w->to_clear = reasons;
	if (reasons & GFX_STOP_BREAKPOINT)
		at_breakpoint(p, w);
	if (reasons & GFX_STOP_WATCHPOINT)
		watch_judge(p, w);
	launch_judge(p, w);
	reasons = w->reasons = infer_step(p, w);
	w->pending = reasons != 0 || (!w->to_clear && !w->step_again);
	if (reasons == GFX_STOP_SINGLE_STEP && w->internal_step) {
		w->internal_step = false;
		w->pending = false;
		w->reasons = 0;
	} else if (reasons == GFX_STOP_SINGLE_STEP && w->catches_up) {
		/* It does what it was shown to have done: its own step is still to come. */
		w->pending = false;
		w->reasons = 0;
		if (w->catches_up == gfx_wave_pc(&w->g))
			w->catches_up = 0;
	} else if (reasons == GFX_STOP_SINGLE_STEP && w->action == DBG_RANGE) {
		w->pending = range_stopped(p, w);
	} else if (reasons == GFX_STOP_BREAKPOINT && w->action == DBG_RANGE && w->passed == gfx_wave_pc(&w->g)) {
		w->pending = range_stopped(p, w);
	} else if (reasons == GFX_STOP_SINGLE_STEP && w->action != DBG_STEP && w->launched != DBG_LAUNCHED_STEP) {
		/* A step that ended after another stop had been reported: nobody waits for it. */
		w->pending = false;
	}
	w->waits_at = 0;
	if (w->pending) {
		w->catches_up = 0;
		exceptions_of_wave(p, w);
	}
	/* An instruction that had to be stepped, if need be with the others' help, is done: it goes on alone. */
	if (w->action == DBG_RANGE && !w->pending && !p->others_turn && !p->nonstop)
		p->quiet = p->new_go && run_steppers(p) == 1;
}

/* New waves under launch mode halt stand at their first instruction, not halted by themselves (wave-state 4.11). */
static void adopt_halted(struct dbg_process *p, struct dbg_wave *w)
{
	if (!p->halt_new || w->stopped || !gfx_wave_halted(&w->g))
		return;
	gfx_wave_set_program_halt(&w->g, false);
	step_hold(w);
	w->pending = launch_adopt(p, w);
}

/* A jump into nowhere: no trap handler tells of it, the device's memory violation has led here. The wave stands at the bad PC. */
static bool adopt_fetch_fault(struct dbg_process *p, struct dbg_wave *w)
{
	if (!gfx_wave_fetch_faulted(&w->g))
		return false;
	gfx_wave_set_program_halt(&w->g, false);
	step_hold(w);
	w->stepping = w->internal_step = false;
	w->reasons = w->to_clear = GFX_STOP_MEMORY_VIOLATION;
	w->pending = true;
	exceptions_of_wave(p, w);
	return true;
}

/* A wave that alone was to step over s_barrier has done so when it waits there: the others are not to come. */
static bool adopt_waiting(struct dbg_wave *w)
{
	if ((w->action != DBG_STEP && w->action != DBG_RANGE) || !step_at_barrier(w))
		return false;
	step_hold(w);
	w->barrier_from = 0;
	w->waits_at = gfx_wave_pc(&w->g);
	w->stepping = false;
	w->reasons = GFX_STOP_SINGLE_STEP;
	w->pending = true;
	return true;
}

void run_classify(struct dbg_process *p)
{
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		bool stopped = gfx_wave_stopped(&w->g);
		if (w->queue->suspended && !stopped && (adopt_fetch_fault(p, w) || adopt_waiting(w)))
			continue;
		if (!w->queue->suspended || stopped == w->stopped) {
			adopt_halted(p, w);
			continue;
		}
		if (stopped)
			newly_stopped(p, w);
		else
			w->stopped = w->judged = false;
	}
	run_ask(p);
}

int dbg_stop_queues(struct dbg_process *p, bool *news, struct dbg_error *err)
{
	bool look;
	*news = false;
	if (!p->runtime.usable) {
		p->running = false;
		return 0;
	}
	int status = queue_snapshot(p, err);
	p->running = false;
	if (status == 0)
		status = queue_suspend_all(p, err);
	if (status == 0)
		status = runtime_pump(p, &look, err);
	if (status == -DBG_GONE) {
		dbg_process_gpu_gone(p);
		return 0; /* waitpid has the rest */
	}
	if (status < 0)
		return status;
	memory_cache_open(p); /* thousands may have met the same trap */
	run_classify(p);
	memory_cache_close(p);
	exceptions_settle(p);
	*news = run_first_pending(p) != NULL;
	return 0;
}
