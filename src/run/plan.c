#include "src/run/run.h"

#include <inttypes.h>
#include <string.h>

#include "src/base/log.h"
#include "src/control/launch.h"
#include "src/control/watch.h"
#include "src/control/wave_kill.h"
#include "src/model/breakpoint.h"
#include "src/model/event.h"
#include "src/model/memory_cache.h"
#include "src/model/queue.h"
#include "src/model/wave.h"
#include "src/run/range_step.h"
#include "src/run/settle.h"
#include "src/run/step.h"

/* A wave that cannot be got moving stays where it is, with a word about it. */
static void cannot(const struct dbg_wave *w, const struct dbg_error *err)
{
	log_error("wave %" PRIu64 " stays stopped: %s", w->id, err->text);
}

struct plan {
	bool any_go;       /* something will run */
	bool ends;         /* a wave will end by its step */
	bool waits;        /* a wave may wait for others in its step */
	struct dbg_wave *finished; /* a step that needed no hardware, or could not be made; in non-stop it becomes pending instead, and the rest goes on */
};

static void finish(const struct dbg_process *p, struct dbg_wave *w, struct plan *plan)
{
	if (p->nonstop)
		w->pending = true;
	else
		plan->finished = w;
}

static bool others_go(const struct dbg_process *p)
{
	return p->new_go && !p->quiet;
}

static bool alone(const struct dbg_process *p, const struct dbg_wave *w)
{
	for (const struct dbg_wave *other = p->waves; other; other = other->hh.next)
		if (other != w && other->action != DBG_HOLD && !other->newborn)
			return false;
	return true;
}

/* It steps since an earlier resume: its instruction is still to be executed, or waits (at a barrier behind which the next one begins). */
static bool under_way(const struct dbg_wave *w)
{
	return !w->stopped && w->stepping && w->passed != gfx_wave_pc(&w->g);
}

/* A wave that steps over a range runs to its exits. While others have their turn it is held. */
static void plan_range(struct dbg_process *p, struct dbg_wave *w, struct plan *plan)
{
	struct dbg_error err;
	if (p->others_turn) {
		step_hold(w);
		return;
	}
	if (step_go(p, w, &err) < 0) {
		cannot(w, &err);
		w->reasons = 0;
		finish(p, w, plan);
		return;
	}
	plan->any_go = true;
}

/* The step is shown as done, so that the client goes on: one alone off a breakpoint, or behind a barrier at which the wave waits. */
static bool owes_step(struct dbg_process *p, struct dbg_wave *w)
{
	if (w->action != DBG_STEP || others_go(p))
		return false;
	bool waits = step_waits(w) || w->owed_from;
	if (waits ? !alone(p, w) : p->nonstop || (!p->quiet && !alone(p, w)))
		return false;
	return settle_owe(p, w);
}

/* First what it was shown to have done. */
static void catch_up(struct dbg_wave *w)
{
	w->catches_up = w->owed_shown ? 0 : gfx_wave_pc(&w->g);
	settle_undo(w);
}

/* It goes, but owes several instructions, between which it must not be stopped by breakpoints that it was shown to have passed. */
static int plan_catch_up(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err)
{
	bool done, ends;
	if (w->owed_from)
		catch_up(w);
	return under_way(w) ? 0 : step_one(p, w, &done, &ends, err);
}

static void plan_step(struct dbg_process *p, struct dbg_wave *w, struct plan *plan)
{
	struct dbg_error err;
	bool done = false, ends = false;
	if (owes_step(p, w)) {
		finish(p, w, plan);
		return;
	}
	if (w->owed_from)
		catch_up(w);
	if (under_way(w)) {
		plan->any_go = true;
		plan->waits |= w->barrier_from != 0;
		return;
	}
	if (gfx_wave_program_halted(&w->g) && (p->quiet || alone(p, w))) {
		dbg_say(p, "wave %" PRIu64 " has halted itself (s_sethalt): it moves when the HALT bit of its status register is cleared", w->id);
		w->reasons = GFX_STOP_SINGLE_STEP;
		finish(p, w, plan);
		return;
	}
	if (step_one(p, w, &done, &ends, &err) < 0) {
		cannot(w, &err);
		w->reasons = 0;
		finish(p, w, plan);
		return;
	}
	if (!done) {
		plan->any_go = true;
		plan->ends |= ends;
		if (!alone(p, w) || w->catches_up)
			w->barrier_from = 0; /* the others may come: the step is over when the barrier is */
		plan->waits |= w->barrier_from != 0;
		return;
	}
	finish(p, w, plan);
}

/* Edits every wave for what it is to do. Waves that step come first: when one is done without the hardware, nothing runs. */
static void plan_waves(struct dbg_process *p, struct plan *plan)
{
	struct dbg_error err;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->queue->suspended && w->action == DBG_RANGE && w->pending)
			continue; /* non-stop: its step is over already */
		else if (w->queue->suspended && w->action == DBG_RANGE && (w->range_planned || p->others_turn))
			plan_range(p, w, plan);
		else if (w->queue->suspended && (w->action == DBG_STEP || w->action == DBG_RANGE))
			plan_step(p, w, plan);
	if (plan->finished)
		return;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (!w->queue->suspended)
			continue;
		if (w->newborn && p->new_go)
			w->newborn = false;
		bool waits = (p->quiet && w->id != p->ahead) || w->newborn;
		if (w->action == DBG_HOLD || (w->action == DBG_GO && waits))
			step_hold(w);
		if (w->action != DBG_GO || waits || (w->pending && run_still_valid(p, w)))
			continue; /* pending: non-stop, of a queue that has just come */
		plan->any_go = true;
		uint64_t forward = w->forward;
		bool behind = w->owed_from && !w->owed_shown && w->waits_at;
		if ((behind || w->catches_up ? plan_catch_up(p, w, &err) : step_go(p, w, &err)) < 0)
			cannot(w, &err);
		else if (forward)
			run_forward_exceptions(p, w);
	}
}

/* Of its work-group, stopped for the client, and has not come to the barrier yet. */
static bool keeps_waiting(const struct dbg_wave *w, const struct dbg_wave *mate)
{
	return mate != w && mate->queue == w->queue && mate->dispatch == w->dispatch && mate->action == DBG_HOLD && !step_waits(mate) &&
		memcmp(mate->place.group, w->place.group, sizeof w->place.group) == 0;
}

/* A wave that goes but gets nowhere, because a barrier keeps it for others that the client keeps. */
static void say_waiting(struct dbg_process *p)
{
	for (struct dbg_wave *w = p->nonstop || p->new_go ? NULL : p->waves; w; w = w->hh.next) {
		if (w->action == DBG_HOLD || w->waiting_said || !w->placed || !step_waits(w))
			continue;
		const struct dbg_wave *mate = p->waves;
		while (mate && !keeps_waiting(w, mate))
			mate = mate->hh.next;
		if (!mate)
			continue;
		w->waiting_said = true;
		dbg_say(p, "wave %" PRIu64 " waits at a barrier for wave %" PRIu64 " and others of its work-group that stand still: "
			"interrupt, and let them go too", w->id, mate->id);
	}
}

static void set_launch_mode(struct dbg_process *p, bool halt)
{
	struct dbg_error err;
	if (p->halt_new == halt || !p->runtime.usable)
		return;
	if (kif_launch_mode(p->kif, halt ? 1 : launch_mode(p), &err) == 0)
		p->halt_new = halt;
	else
		log_warning("new waves cannot be %s: %s", halt ? "held" : "let go", err.text);
}

void dbg_hold_new_waves(struct dbg_process *p)
{
	set_launch_mode(p, true);
}

/* A queue that came since the last stop may run code that is about to be written: it has to be out of the hardware too. */
static void suspend_newcomers(struct dbg_process *p)
{
	struct dbg_error err;
	if (!break_work_pending(p) && !watch_work_pending(p))
		return;
	if (queue_snapshot(p, &err) < 0 || (queue_any_running(p) && queue_suspend_all(p, &err) < 0))
		dbg_trouble(p, "%s", err.text);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (!p->nonstop && w->action == DBG_HOLD && p->new_go && !w->stopped)
			w->action = DBG_GO;
	run_classify(p);
}

static void on_look(void *arg)
{
	struct dbg_process *p = arg;
	loop_remove(p->look_source);
	p->look_source = NULL;
	if (p->running)
		dbg_run_look(p);
}

/* Thousands of waves take their time to come and go: looking again sooner than that would only hold them up. */
static uint64_t worth_waiting(const struct dbg_process *p)
{
	enum { TIMES = 4 };
	return TIMES * (p->timing.suspend_us + p->timing.resume_us);
}

/* No event tells that a wave has ended. When nothing else runs, somebody has to look, ever more seldom. */
static void look_soon(struct dbg_process *p)
{
	enum { FIRST_US = 2000, LAST_US = 128000 };
	struct dbg_error err;
	if (p->look_source || (p->quiet && (p->ahead || range_running(p))))
		return; /* or it is looked at when the others' turn comes */
	if (range_running(p) && p->look_us < LAST_US / 2)
		p->look_us = LAST_US / 2; /* it does not end where nobody sees it, unless its queue goes */
	p->look_us = !p->look_us ? FIRST_US : p->look_us < LAST_US ? 2 * p->look_us : LAST_US;
	if (p->look_us < worth_waiting(p))
		p->look_us = worth_waiting(p);
	if (loop_add_timer(p->loop, p->look_us, on_look, p, &p->look_source, &err) < 0)
		dbg_trouble(p, "%s", err.text);
}

static void on_patience(void *arg)
{
	struct dbg_process *p = arg;
	loop_remove(p->patience_source);
	p->patience_source = NULL;
	if (!p->running)
		return;
	/* A wave that runs over a range and the others take turns: they would meet its traps again and again. */
	bool turns = (p->quiet && range_running(p)) || p->others_turn;
	p->ahead = 0;
	p->others_turn = turns && p->quiet;
	p->quiet = turns && !p->quiet;
	dbg_run_look(p);
}

/* An instruction may wait for other waves (a barrier): then it is done, or they run as they were told to. A range may do so too, or just be long. */
static void be_patient(struct dbg_process *p)
{
	enum { STEP_MICROSECONDS = 20000, TURN_MICROSECONDS = 100000, TURN_DOUBLINGS = 4 };
	struct dbg_error err;
	if (p->patience_source)
		return;
	uint64_t patience = STEP_MICROSECONDS;
	if (p->others_turn || p->ahead || range_running(p)) {
		patience = (uint64_t)TURN_MICROSECONDS << p->turns / 2;
		p->turns += p->turns / 2 < TURN_DOUBLINGS;
	}
	if (patience < worth_waiting(p))
		patience = worth_waiting(p);
	if (loop_add_timer(p->loop, patience, on_patience, p, &p->patience_source, &err) < 0)
		dbg_trouble(p, "%s", err.text);
}

static int start_queues(struct dbg_process *p, struct dbg_error *err)
{
	int status = queue_write_back(p, err);
	if (status < 0)
		dbg_trouble(p, "%s", err->text); /* the others' edits are in place, and a stop that never comes is worse */
	return queue_resume_all(p, err);
}

/* A wave at a breakpoint whose instruction must be executed where it is. */
static struct dbg_wave *in_place(struct dbg_process *p)
{
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->queue->suspended && w->action != DBG_HOLD && !w->pending && !w->newborn && (w->passed || w->action != DBG_GO) &&
			step_must_be_in_place(p, w))
			return w;
	return NULL;
}

/* It alone moves, for this one instruction, while its breakpoint is lifted: nobody can miss it. What the others were told to do they do
 * afterwards. */
static int go_in_place(struct dbg_process *p, struct dbg_wave *w, struct dbg_error *err)
{
	int status = break_lift(p, gfx_wave_pc(&w->g), err);
	if (status < 0)
		return status;
	log_debug(LOG_CODE, "wave %" PRIu64 " steps at 0x%" PRIx64 " in place", w->id, gfx_wave_pc(&w->g));
	for (struct dbg_wave *other = p->waves; other; other = other->hh.next)
		if (other != w && other->queue->suspended)
			step_hold(other);
	step_in_place(w);
	set_launch_mode(p, true);
	look_soon(p);
	status = start_queues(p, err);
	if (status == -DBG_GONE) {
		dbg_process_gpu_gone(p);
		return 0;
	}
	return status;
}

int run_go(struct dbg_process *p, struct dbg_wave **finished, struct dbg_error *err)
{
	struct plan plan = { .any_go = false };
	*finished = NULL;
	if (!p->runtime.usable)
		return 0;
	if (others_go(p) || run_steppers(p) || p->ahead)
		suspend_newcomers(p);
	if (!p->nonstop && (*finished = run_first_pending(p)))
		return 0; /* of a queue that has just come */
	if (p->others_turn || !run_steppers(p))
		range_withdraw(p);
	if (others_go(p))
		break_apply(p);
	else /* traps stay in: no wave may miss one the client only lifts to step over */
		break_apply_held(p);
	watch_apply(p, others_go(p));
	launch_apply(p);
	wave_release_killed(p);
	memory_cache_open(p); /* thousands may leave the same breakpoint */
	struct dbg_wave *first = in_place(p);
	if (!first && !p->others_turn && run_steppers(p))
		plan.finished = range_plan(p, !others_go(p));
	if (!first && !plan.finished)
		plan_waves(p, &plan);
	memory_cache_close(p);
	if (first)
		return go_in_place(p, first, err);
	if (plan.finished) {
		*finished = plan.finished;
		return 0;
	}
	/* A host thread that goes may wait for the queues, to destroy one for instance, although all waves are held. */
	if (!plan.any_go && !others_go(p) && !p->host_goes)
		return 0;
	say_waiting(p);
	set_launch_mode(p, !others_go(p));
	if (plan.any_go && !others_go(p))
		look_soon(p);
	if (p->quiet || p->others_turn || plan.waits)
		be_patient(p);
	int status = start_queues(p, err);
	if (status == -DBG_GONE) {
		dbg_process_gpu_gone(p);
		return 0;
	}
	return status;
}
