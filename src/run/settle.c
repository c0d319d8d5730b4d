#include "src/run/settle.h"

#include <inttypes.h>
#include <poll.h>

#include "src/model/breakpoint.h"
#include "src/run/copy.h"
#include "src/model/process.h"
#include "src/model/queue.h"
#include "src/model/runtime.h"
#include "src/run/step.h"
#include "src/model/wave.h"

enum { WAIT_MS = 50, WAIT_ROUNDS = 60 };

bool settle_owe(struct dbg_process *p, struct dbg_wave *w)
{
	uint64_t pc = gfx_wave_pc(&w->g);
	struct gfx_insn insn;
	struct dbg_copy *copy;
	if (!w->stopped || w->owed_from || !break_inserted_at(p, pc) || step_decode(p, w, pc, &insn, NULL) < 0)
		return false;
	/* s_endpgm has no next one, but its wave is shown there: the client that continues must not see it go in the middle of its step. And no other
	 * wave gets to a barrier while this one alone is stepped. */
	bool still = insn.class == GFX_INSN_ENDPGM || insn.class == GFX_INSN_BARRIER;
	if ((insn.class != GFX_INSN_SEQUENTIAL && !still) || copy_get(p, w->queue, pc, &insn, &copy, NULL) < 0 ||
		(!copy->returns && insn.class != GFX_INSN_ENDPGM))
		return false;
	w->owed_from = pc;
	w->owed_copy = copy->addr;
	w->owed_still = still;
	w->passed = 0;
	w->reasons = GFX_STOP_SINGLE_STEP;
	/* What follows s_endpgm may be another function: its wave is shown behind the breakpoint but still in its own. */
	w->owed_shown = insn.class == GFX_INSN_ENDPGM ? pc + insn.length / 2u : 0;
	if (!w->owed_shown) {
		gfx_wave_set_pc(&w->g, pc + insn.length);
		wave_touch_state(w);
	}
	return true;
}

void settle_leave(struct dbg_process *p, struct dbg_wave *w)
{
	gfx_wave_set_pc(&w->g, break_inserted_at(p, w->owed_from) ? w->owed_copy : w->owed_from);
	wave_touch_state(w);
	w->owed_from = w->owed_copy = w->owed_shown = 0;
	w->owed_still = false;
}

void settle_undo(struct dbg_wave *w)
{
	if (!w->owed_from)
		return;
	gfx_wave_set_pc(&w->g, w->owed_from);
	wave_touch_state(w);
	w->owed_from = w->owed_copy = w->owed_shown = 0;
	w->owed_still = false;
}

/* Others stay where they are, but for a wave that waits at a barrier: it goes on only when they come. */
static void place_others(struct dbg_process *p, const struct dbg_wave *w)
{
	for (struct dbg_wave *other = p->waves; other; other = other->hh.next) {
		if (other == w || !other->queue->suspended)
			continue;
		if (!p->nonstop)
			other->action = DBG_HOLD; /* what it has to tell is for the next resume, when its breakpoint may be wanted again */
		if (!w->waits_at || other->queue != w->queue || step_go(p, other, NULL) < 0)
			step_hold(other);
	}
}

static int carry_out(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err)
{
	int64_t tid = wave_tid(w);
	bool news, look = false;
	int status;
	uint64_t from = w->owed_from, waited_at = w->waits_at, copy;
	place_others(p, w);
	step_note_barrier(p, w, from);
	settle_leave(p, w);
	copy = gfx_wave_pc(&w->g);
	w->action = DBG_STEP;
	step_set_running(w, GFX_STEP);
	w->stepped_from = from;
	dbg_hold_new_waves(p);
	status = queue_write_back(p, err);
	for (int i = 0; status == 0 && i < WAIT_ROUNDS; i++) {
		struct pollfd fd = { .fd = kif_event_fd(p->kif), .events = POLLIN };
		status = queue_resume_all(p, err);
		if (status == 0) {
			poll(&fd, 1, WAIT_MS);
			status = runtime_pump(p, &look, err);
		}
		if (status == 0)
			status = dbg_stop_queues(p, &news, err);
		w = wave_by_tid(p, tid); /* the GPU side may be gone */
		bool waited = w && w->reasons == GFX_STOP_SINGLE_STEP && waited_at == from;
		if (status == 0 && w && w->stopped && (waited || w->step_again) && gfx_wave_pc(&w->g) == from) {
			/* That was the end of its waiting, or nothing at all. */
			waited_at = 0;
			gfx_wave_set_pc(&w->g, copy);
			step_set_running(w, GFX_STEP);
			status = queue_write_back(p, err);
			continue;
		}
		if (status == 0 && (!w || w->stopped)) {
			if (w && w->reasons == GFX_STOP_SINGLE_STEP)
				w->pending = false;
			return 0;
		}
	}
	return status < 0 ? status : dbg_fail(err, DBG_REFUSED, "wave %" PRIu64 " does not get past its breakpoint", (uint64_t)(tid - DBG_WAVE_TID));
}

static int settle(struct dbg_process *p, bool all, struct dbg_error *err)
{
	if (p->running || p->asking)
		return 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->owed_from && (all || !w->owed_still))
			return carry_out(p, w, err); /* one at a time: the next resume settles before another can owe */
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
