#include "src/run/settle.h"

#include <poll.h>

#include "src/model/breakpoint.h"
#include "src/model/process.h"
#include "src/model/queue.h"
#include "src/model/runtime.h"
#include "src/model/wave.h"
#include "src/run/copy.h"
#include "src/run/step.h"

/* WAITING_ROUNDS: of a wave that was shown waiting at a barrier, where the family does not say whether it still does. */
enum { WAIT_MS = 50, WAIT_ROUNDS = 60, WAITING_ROUNDS = 5 };

static void owe(struct dbg_wave *w, const struct gfx_insn *insn)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	bool ends = insn->class == GFX_INSN_ENDPGM;
	/* s_endpgm has no next one, but its wave is shown there: the client that continues must not see it go in the middle of its step. And no other
	 * wave gets to a barrier while this one alone is stepped. */
	w->owed_still = (ends || insn->class == GFX_INSN_BARRIER) && (!w->owed_from || w->owed_still);
	if (!w->owed_from)
		w->owed_from = pc;
	w->passed = 0;
	/* What follows s_endpgm may be another function: its wave is shown behind the breakpoint but still in its own. */
	w->owed_shown = ends ? pc + insn->length / 2u : 0;
	if (!ends) {
		gfx_wave_set_pc(&w->g, pc + insn->length);
		wave_touch_state(w);
	}
}

bool settle_owe(struct dbg_process *p, struct dbg_wave *w)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	struct gfx_insn insn;
	struct dbg_copy *copy;
	bool inserted = break_inserted_at(p, pc), waits = step_waits(w);
	if (!w->stopped || w->owed_shown || (!inserted && !waits) || step_decode(p, w, pc, &insn, NULL) < 0)
		return false;
	/* A client that steps it further and further without the others is not served with guesses, but one that has a breakpoint here must get off. */
	if (w->owed_from && !break_at(p, pc))
		return false;
	bool falls = insn.class == GFX_INSN_SEQUENTIAL || insn.class == GFX_INSN_BARRIER, ends = insn.class == GFX_INSN_ENDPGM;
	if (!falls && !ends)
		return false;
	if (inserted && (copy_get(p, w->queue, pc, &insn, &copy, NULL) < 0 || (!copy->returns && !ends && !waits)))
		return false;
	owe(w, &insn);
	if (waits && !w->waits_at)
		w->waits_at = pc;
	w->reasons = GFX_STOP_SINGLE_STEP;
	return true;
}

void settle_undo(struct dbg_wave *w)
{
	if (!w->owed_from)
		return;
	gfx_wave_set_pc(&w->g, w->owed_from);
	wave_touch_state(w);
	w->passed = w->owed_from;
	w->owed_from = w->owed_shown = 0;
	w->owed_still = w->owed_blocked = false;
}

static void hold_others(struct dbg_process *p, const struct dbg_wave *w)
{
	for (struct dbg_wave *other = p->waves; other; other = other->hh.next) {
		if (other == w || !other->queue->suspended)
			continue;
		other->action = DBG_HOLD; /* what it has to tell is for the next resume, when its breakpoint may be wanted again */
		step_hold(other);
	}
}

/* One resume, and the suspend after it. */
static int attempt(struct dbg_process *p, struct dbg_error *err)
{
	struct pollfd fd = { .fd = kif_event_fd(p->kif), .events = POLLIN };
	bool look, news;
	int status = queue_resume_all(p, err);
	if (status < 0)
		return status;
	poll(&fd, 1, WAIT_MS);
	status = runtime_pump(p, &look, err);
	return status < 0 ? status : dbg_stop_queues(p, &news, err);
}

static int start(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err)
{
	bool done, ends;
	int status = step_one(p, w, &done, &ends, err);
	return status < 0 ? status : queue_write_back(p, err);
}

/* The wave is stopped behind its last instruction, or by something else. */
static bool there(const struct dbg_wave *w, uint64_t end)
{
	return w->stopped && !w->step_again && (w->reasons != GFX_STOP_SINGLE_STEP || gfx_wave_pc(&w->g) == end);
}

/* Steps the wave to that PC. *w: NULL when it has ended, or the GPU side has gone. *done: it has got there, or been stopped by something else. */
static int make_steps(struct dbg_process *p, struct dbg_wave **w, uint64_t end, bool *done, struct dbg_error *err)
{
	int64_t tid = wave_tid(*w);
	bool waited = (*w)->waits_at != 0;
	int status = start(p, *w, err);
	*done = false;
	for (int i = 0; status == 0 && i < WAIT_ROUNDS; i++) {
		status = attempt(p, err);
		*w = wave_by_tid(p, tid);
		*done = !*w || there(*w, end);
		if (status < 0 || *done)
			return status;
		bool waits = gfx_wave_in_barrier(&(*w)->g);
		if (waits || (waited && i == WAITING_ROUNDS))
			return status;
		if ((*w)->stopped)
			status = start(p, *w, err);
	}
	return status;
}

static int carry_out(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err)
{
	uint64_t shown = gfx_wave_pc(&w->g), shown_end = w->owed_shown;
	bool done, still = w->owed_still;
	hold_others(p, w);
	settle_undo(w);
	w->action = DBG_STEP;
	dbg_hold_new_waves(p);
	int status = make_steps(p, &w, shown, &done, err);
	if (w)
		w->catches_up = 0;
	if (done && w && w->reasons == GFX_STOP_SINGLE_STEP)
		w->pending = false;
	if (status < 0 || done)
		return status;
	/* It waits for others, which must not move now. */
	step_hold(w);
	w->reasons = GFX_STOP_SINGLE_STEP;
	w->pending = false;
	w->owed_from = gfx_wave_pc(&w->g);
	w->owed_shown = shown_end;
	w->owed_still = still;
	w->owed_blocked = true;
	w->passed = 0;
	gfx_wave_set_pc(&w->g, shown);
	wave_touch_state(w);
	return 0;
}

static int settle(struct dbg_process *p, bool all, struct dbg_error *err)
{
	if (p->running || p->asking || p->nonstop)
		return 0;
	for (struct dbg_wave *w = p->waves, *next; w; w = next) {
		next = w->hh.next;
		if (!w->owed_from || (!all && w->owed_still) || w->owed_blocked || gfx_wave_in_barrier(&w->g))
			continue;
		int64_t following = next ? wave_tid(next) : 0;
		int status = carry_out(p, w, err);
		if (status < 0)
			return status;
		next = wave_by_tid(p, following);
	}
	return 0;
}

int settle_now(struct dbg_process *p, struct dbg_error *err)
{
	return settle(p, false, err);
}

int settle_all(struct dbg_process *p, struct dbg_error *err)
{
	return settle(p, true, err);
}
