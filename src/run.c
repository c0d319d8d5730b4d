/* Run control: from the client's wishes to edited waves and one resume, and from events to one stop. */
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "src/breakpoint.h"
#include "src/codeobj.h"
#include "src/log.h"
#include "src/memory.h"
#include "src/process.h"
#include "src/queue.h"
#include "src/runtime.h"
#include "src/settle.h"
#include "src/step.h"
#include "src/wave.h"

enum { FATAL_REASONS = GFX_STOP_ASSERT_TRAP | GFX_STOP_MEMORY_VIOLATION | GFX_STOP_ADDRESS_ERROR | GFX_STOP_ILLEGAL_INSTRUCTION |
	GFX_STOP_FP_DENORM | GFX_STOP_FP_DIV0 | GFX_STOP_FP_OVERFLOW | GFX_STOP_FP_UNDERFLOW | GFX_STOP_FP_INEXACT | GFX_STOP_FP_INVALID |
	GFX_STOP_INT_DIV0 | GFX_STOP_ECC_ERROR | GFX_STOP_FATAL_HALT };

/* ------------------------------------------------------------------ reports */

static void deliver(void *arg)
{
	struct dbg_process *p = arg;
	if (!p->report_queued)
		return;
	p->report_queued = false;
	loop_remove(p->report_source);
	p->report_source = NULL;
	p->last = p->report;
	if (p->hooks.stopped)
		p->hooks.stopped(p->hooks.arg, &p->last);
}

void dbg_report(struct dbg_process *p, const struct dbg_stop *stop)
{
	struct dbg_error err;
	p->report = *stop;
	p->seen = false;
	loop_remove(p->look_source);
	loop_remove(p->patience_source);
	p->look_source = p->patience_source = NULL;
	p->running = false;
	if (p->report_queued)
		return;
	p->report_queued = true;
	/* One that cannot be queued is told at once: the client's answer may then overtake the reply to its request, but is not lost. */
	if (loop_add_timer(p->loop, 0, deliver, p, &p->report_source, &err) < 0)
		deliver(p);
}

static struct dbg_stop wave_stop(const struct dbg_wave *w)
{
	return (struct dbg_stop){
		.kind = DBG_STOP_WAVE,
		.tid = wave_tid(w),
		.reasons = w->reasons,
		.breakpoint = w->passed != 0 && (w->reasons & GFX_STOP_BREAKPOINT),
	};
}

/* A pending breakpoint stop counts only while the client wants that breakpoint. */
static bool still_valid(const struct dbg_process *p, struct dbg_wave *w)
{
	if ((w->reasons & GFX_STOP_BREAKPOINT) && w->passed && !(w->reasons & FATAL_REASONS) && !break_wanted_at(p, w->passed)) {
		w->pending = false;
		return false;
	}
	return true;
}

/* The stop to report first: faults before breakpoints before the rest, then the lowest id. held: also of waves that were not to run. */
static struct dbg_wave *first_pending(struct dbg_process *p, bool held)
{
	struct dbg_wave *best = NULL;
	int best_rank = 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (!w->pending || (!held && w->action == DBG_HOLD) || !still_valid(p, w))
			continue;
		int rank = w->reasons & FATAL_REASONS ? 0 : w->reasons & GFX_STOP_SINGLE_STEP ? 1 : w->reasons & GFX_STOP_BREAKPOINT ? 2 : 3;
		if (!best || rank < best_rank || (rank == best_rank && w->id < best->id)) {
			best = w;
			best_rank = rank;
		}
	}
	return best;
}

/* What the client has looked at needs no stop of its own: waves at breakpoints that it listed after the last stop. */
static void settle_seen(struct dbg_process *p)
{
	if (!p->seen)
		return;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (!(w->reasons & FATAL_REASONS))
			w->pending = false;
	p->seen = false;
}

/* ------------------------------------------------------------------ after a suspend: what happened */

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
}

/* A wave that its trap handler has stopped since we looked last. */
static void newly_stopped(struct dbg_process *p, struct dbg_wave *w)
{
	unsigned reasons = gfx_wave_stop_reasons(&w->g);
	w->stopped = true;
	w->reasons = reasons;
	w->to_clear = reasons;
	if (reasons & GFX_STOP_BREAKPOINT)
		at_breakpoint(p, w);
	w->pending = true;
	if (reasons == GFX_STOP_SINGLE_STEP && w->internal_step) {
		w->internal_step = false;
		w->pending = false;
		w->reasons = 0;
	} else if (reasons == GFX_STOP_SINGLE_STEP && w->waits_at == gfx_wave_pc(&w->g)) {
		/* The end of its waiting: that step was told already, the next one is still to come. */
		w->pending = false;
	} else if (reasons == GFX_STOP_SINGLE_STEP && w->action == DBG_RANGE) {
		uint64_t pc = gfx_wave_pc(&w->g);
		w->pending = pc < w->range_start || pc >= w->range_end || break_inserted_at(p, pc);
	} else if (reasons == GFX_STOP_SINGLE_STEP && w->action != DBG_STEP) {
		/* A step that ended after another stop had been reported: nobody waits for it. */
		w->pending = false;
	}
	w->waits_at = 0;
}

/* New waves under launch mode halt stand at their first instruction, not halted by themselves (wave-state 4.11). */
static void adopt_halted(struct dbg_process *p, struct dbg_wave *w)
{
	if (!p->halt_new || w->stopped || !gfx_wave_halted(&w->g))
		return;
	gfx_wave_set_program_halt(&w->g, false);
	step_hold(w);
}

/* A wave that alone was to step over s_barrier has done so when it waits there: the others are not to come. */
static bool adopt_waiting(struct dbg_wave *w)
{
	if (w->action != DBG_STEP || !step_at_barrier(w))
		return false;
	step_hold(w);
	w->barrier_from = 0;
	w->waits_at = gfx_wave_pc(&w->g);
	w->stepping = false;
	w->reasons = GFX_STOP_SINGLE_STEP;
	w->pending = true;
	return true;
}

static void classify(struct dbg_process *p)
{
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		bool stopped = gfx_wave_stopped(&w->g);
		if (w->queue->suspended && !stopped && adopt_waiting(w))
			continue;
		if (!w->queue->suspended || stopped == w->stopped) {
			adopt_halted(p, w);
			continue;
		}
		if (stopped)
			newly_stopped(p, w);
		else
			w->stopped = false;
	}
}

/* A memory violation of the device that no wave owns up to goes to the runtime at once (kfd-debug-interface 11.1, wave-state 4.10). */
static void forward_violation(struct dbg_process *p)
{
	struct dbg_error err;
	if (!p->device_violation)
		return;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->stopped && (w->to_clear & GFX_STOP_MEMORY_VIOLATION))
			return; /* goes with the wave's own, when it is resumed with the signal */
	uint32_t gpu = (uint32_t)(p->device_violation - 1);
	p->device_violation = 0;
	log_warning("memory violation on GPU 0x%x that no stopped wave caused", gpu);
	if (kif_send_runtime_event(p->kif, KIF_EC(KIF_EC_DEVICE_MEMORY_VIOLATION), gpu, UINT32_MAX, &err) < 0)
		log_error("%s", err.text);
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
	classify(p);
	forward_violation(p);
	*news = first_pending(p, false) != NULL;
	return 0;
}

/* ------------------------------------------------------------------ resuming */

static void forward_exceptions(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_error err;
	uint64_t mask = w->forward;
	if (p->device_violation && (mask & KIF_EC(KIF_EC_QUEUE_WAVE_MEMORY_VIOLATION))) {
		mask |= KIF_EC(KIF_EC_DEVICE_MEMORY_VIOLATION);
		p->device_violation = 0;
	}
	w->forward = 0;
	/* Halted, so that it makes no progress while the runtime puts its queue into error. */
	gfx_wave_set_program_halt(&w->g, true);
	wave_touch_state(w);
	if (kif_send_runtime_event(p->kif, mask, w->queue->info.gpu_id, w->queue->info.id, &err) < 0)
		log_error("exception of wave %" PRIu64 ": %s", w->id, err.text);
}

/* A wave that cannot be got moving stays where it is, with a word about it. */
static void cannot(const struct dbg_wave *w, const struct dbg_error *err)
{
	log_error("wave %" PRIu64 " stays stopped: %s", w->id, err->text);
}

struct plan {
	bool any_go;       /* something will run */
	bool ends;         /* a wave will end by its step */
	bool waits;        /* a wave may wait for others in its step */
	struct dbg_wave *finished; /* a step that needed no hardware */
};

static bool others_run(const struct dbg_process *p)
{
	return p->new_go && !p->quiet;
}

static bool alone(const struct dbg_process *p, const struct dbg_wave *w)
{
	for (const struct dbg_wave *other = p->waves; other; other = other->hh.next)
		if (other != w && other->action != DBG_HOLD)
			return false;
	return true;
}

static void plan_step(struct dbg_process *p, struct dbg_wave *w, struct plan *plan)
{
	struct dbg_error err;
	bool done = false, ends = false;
	if (w->action == DBG_STEP && !others_run(p) && (p->quiet || alone(p, w)) && settle_owe(p, w)) {
		plan->finished = w;
		return;
	}
	if (step_one(p, w, &done, &ends, &err) < 0) {
		cannot(w, &err);
		w->reasons = 0;
		plan->finished = w;
		return;
	}
	if (!done) {
		plan->any_go = true;
		plan->ends |= ends;
		if (!alone(p, w))
			w->barrier_from = 0; /* the others may come: the step is over when the barrier is */
		plan->waits |= w->barrier_from != 0;
		return;
	}
	uint64_t pc = gfx_wave_pc(&w->g);
	if (w->action == DBG_RANGE && pc >= w->range_start && pc < w->range_end && !break_inserted_at(p, pc)) {
		/* Goes on at once; a loop of simulated branches alone must not hold the stub: the rest is for the next round. */
		if (step_one(p, w, &done, &ends, &err) == 0 && !done) {
			plan->any_go = true;
			return;
		}
	}
	plan->finished = w;
}

/* A wave that is to step but waits at a barrier gets nowhere before the others have come there. A client that steps one wave alone off a breakpoint
 * does not know of such things: then the others of its queue run, unseen, until the step is done. */
static const struct dbg_queue *waited_for(const struct dbg_process *p)
{
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->waits_at && w->queue->suspended && (w->action == DBG_STEP || w->action == DBG_RANGE))
			return w->queue;
	return NULL;
}

/* Edits every wave for what it is to do. Waves that step come first: when one is done without the hardware, nothing runs. */
static void plan_waves(struct dbg_process *p, struct plan *plan)
{
	struct dbg_error err;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->queue->suspended && (w->action == DBG_STEP || w->action == DBG_RANGE))
			plan_step(p, w, plan);
	if (plan->finished)
		return;
	const struct dbg_queue *come = waited_for(p);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (!w->queue->suspended)
			continue;
		if (w->action == DBG_HOLD && w->queue == come && !w->pending && step_go(p, w, &err) == 0)
			continue;
		if (w->action == DBG_HOLD || (w->action == DBG_GO && p->quiet))
			step_hold(w);
		if (w->action != DBG_GO || p->quiet)
			continue;
		plan->any_go = true;
		uint64_t forward = w->forward;
		if (step_go(p, w, &err) < 0)
			cannot(w, &err);
		else if (forward)
			forward_exceptions(p, w);
	}
}

static void set_launch_mode(struct dbg_process *p, bool halt)
{
	struct dbg_error err;
	if (p->halt_new == halt || !p->runtime.usable)
		return;
	if (kif_launch_mode(p->kif, halt ? 1 : 0, &err) == 0)
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
	if (!break_work_pending(p))
		return;
	if (queue_snapshot(p, &err) < 0 || (queue_any_running(p) && queue_suspend_all(p, &err) < 0))
		log_error("%s", err.text);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->action == DBG_HOLD && p->new_go && !w->stopped)
			w->action = DBG_GO;
	classify(p);
}

static void on_look(void *arg)
{
	struct dbg_process *p = arg;
	loop_remove(p->look_source);
	p->look_source = NULL;
	if (p->running)
		dbg_run_look(p);
}

/* No event tells that a wave has ended. When nothing else runs, somebody has to look. */
static void look_soon(struct dbg_process *p)
{
	enum { MICROSECONDS = 2000 };
	struct dbg_error err;
	if (!p->look_source && loop_add_timer(p->loop, MICROSECONDS, on_look, p, &p->look_source, &err) < 0)
		log_error("%s", err.text);
}

static void on_patience(void *arg)
{
	struct dbg_process *p = arg;
	loop_remove(p->patience_source);
	p->patience_source = NULL;
	if (!p->running)
		return;
	p->quiet = false;
	dbg_run_look(p);
}

/* An instruction may wait for other waves (a barrier): then it is done, or they run as they were told to. */
static void be_patient(struct dbg_process *p)
{
	enum { MICROSECONDS = 20000 };
	struct dbg_error err;
	if (!p->patience_source && loop_add_timer(p->loop, MICROSECONDS, on_patience, p, &p->patience_source, &err) < 0)
		log_error("%s", err.text);
}

static int start_queues(struct dbg_process *p, struct dbg_error *err)
{
	int status = queue_write_back(p, err);
	if (status < 0)
		log_error("%s", err->text); /* the others' edits are in place, and a stop that never comes is worse */
	return queue_resume_all(p, err);
}

/* Runs what the waves' actions say. *finished: a step was complete without anything having run. */
static int go(struct dbg_process *p, struct dbg_wave **finished, struct dbg_error *err)
{
	struct plan plan = { .any_go = false };
	*finished = NULL;
	if (!p->runtime.usable)
		return 0;
	if (others_run(p)) { /* while all but one are held, traps stay in: no wave may miss one the client only lifts to step over */
		suspend_newcomers(p);
		break_apply(p);
	}
	plan_waves(p, &plan);
	if (plan.finished) {
		*finished = plan.finished;
		return 0;
	}
	/* A host thread that goes may wait for the queues, to destroy one for instance, although all waves are held. */
	if (!plan.any_go && !others_run(p) && !p->host_goes)
		return 0;
	set_launch_mode(p, !others_run(p));
	if (plan.ends && !others_run(p))
		look_soon(p);
	if (p->quiet || plan.waits)
		be_patient(p);
	int status = start_queues(p, err);
	if (status == -DBG_GONE) {
		dbg_process_gpu_gone(p);
		return 0;
	}
	return status;
}

/* Signals and stop reasons as exceptions of the wave's queue (wave-state 4.10). */
static const struct {
	int signal;
	unsigned reasons;
	int code;
} exceptions[] = {
	{ SIGBUS, GFX_STOP_ADDRESS_ERROR, KIF_EC_QUEUE_WAVE_APERTURE_VIOLATION },
	{ SIGSEGV, GFX_STOP_MEMORY_VIOLATION, KIF_EC_QUEUE_WAVE_MEMORY_VIOLATION },
	{ SIGILL, GFX_STOP_ILLEGAL_INSTRUCTION, KIF_EC_QUEUE_WAVE_ILLEGAL_INSTRUCTION },
	{ SIGFPE, GFX_STOP_FP_DENORM | GFX_STOP_FP_DIV0 | GFX_STOP_FP_OVERFLOW | GFX_STOP_FP_UNDERFLOW | GFX_STOP_FP_INEXACT |
			  GFX_STOP_FP_INVALID | GFX_STOP_INT_DIV0, KIF_EC_QUEUE_WAVE_MATH_ERROR },
	{ SIGABRT, GFX_STOP_ASSERT_TRAP, KIF_EC_QUEUE_WAVE_ABORT },
};
enum { N_EXCEPTIONS = sizeof exceptions / sizeof *exceptions };

/* An exception handed on puts its queue into error, which ends every wave of it: the other waves' faults go the same way, instead of one stop
 * for each. */
static void forward_together(struct dbg_process *p)
{
	for (const struct dbg_wave *first = p->waves; first; first = first->hh.next) {
		if (!first->forward || first->action != DBG_GO)
			continue;
		for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
			if (w->queue != first->queue || w->action != DBG_GO || !w->pending || w->forward)
				continue;
			for (size_t i = 0; i < N_EXCEPTIONS; i++)
				if (w->reasons & exceptions[i].reasons)
					w->forward |= KIF_EC(exceptions[i].code);
			if (w->forward)
				w->pending = false;
		}
	}
}

static unsigned steppers(const struct dbg_process *p)
{
	unsigned n = 0;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		n += w->action == DBG_STEP;
	return n;
}

static bool any_host_goes(const struct dbg_process *p, dbg_choose_fn *choose, void *arg)
{
	pid_t tids[DBG_MAX_HOST_EVENTS];
	size_t n = host_threads(p->host, tids, DBG_MAX_HOST_EVENTS);
	for (size_t i = 0; i < n && i < DBG_MAX_HOST_EVENTS; i++) {
		struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
		choose(arg, tids[i], &c);
		if (c.action != DBG_HOLD)
			return true;
	}
	return false;
}

static void choose_all(struct dbg_process *p, dbg_choose_fn *choose, void *arg)
{
	struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
	choose(arg, 0, &c);
	p->new_go = c.action == DBG_GO;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		c = (struct dbg_choice){ DBG_HOLD, 0, 0, 0 };
		choose(arg, wave_tid(w), &c);
		w->action = c.action;
		w->range_start = c.start;
		w->range_end = c.end;
		for (size_t i = 0; i < N_EXCEPTIONS; i++)
			if (c.signal == exceptions[i].signal)
				w->forward = KIF_EC(exceptions[i].code); /* kept until it runs */
	}
	forward_together(p);
	p->quiet = p->new_go && steppers(p) == 1;
	p->host_goes = any_host_goes(p, choose, arg);
}

static int resume_host(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err)
{
	size_t n = host_threads(p->host, NULL, 0), got;
	pid_t *tids = calloc(n ? n : 1, sizeof *tids);
	int status = 0;
	if (!tids)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for %zu threads", n);
	got = host_threads(p->host, tids, n);
	for (size_t i = 0; i < got && i < n && status == 0; i++) {
		struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
		choose(arg, tids[i], &c);
		if (c.action == DBG_HOLD || !host_thread_stopped(p->host, tids[i]))
			continue;
		/* Ranges are stepped one by one: the client goes on by itself. */
		status = c.action == DBG_GO ? host_continue(p->host, tids[i], c.signal, err) : host_step(p->host, tids[i], c.signal, err);
		if (status == -DBG_GONE)
			status = 0; /* ended meanwhile */
	}
	free(tids);
	return status;
}

static bool host_event_due(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct host_event *out)
{
	for (size_t i = 0; i < p->n_host_events; i++) {
		struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
		choose(arg, p->host_events[i].tid, &c);
		if (c.action == DBG_HOLD)
			continue;
		*out = p->host_events[i];
		memmove(&p->host_events[i], &p->host_events[i + 1], (p->n_host_events - i - 1) * sizeof *out);
		p->n_host_events--;
		return true;
	}
	return false;
}

/* A wave that owes an instruction may only go on with the rest. */
static bool owes_while_held(struct dbg_process *p, dbg_choose_fn *choose, void *arg)
{
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
		if (!w->owed_from)
			continue;
		choose(arg, wave_tid(w), &c);
		return c.action != DBG_GO;
	}
	return false;
}

int dbg_resume(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err)
{
	struct dbg_stop stop;
	struct host_event e;
	struct dbg_wave *w;
	if (p->running || p->report_queued)
		return dbg_fail(err, DBG_BAD_REQUEST, "the process is running");
	if (p->ended) {
		dbg_report(p, &p->ending);
		return 0;
	}
	settle_seen(p);
	if (owes_while_held(p, choose, arg)) {
		int status = settle_all(p, err);
		if (status < 0)
			return status;
	}
	choose_all(p, choose, arg);
	w = first_pending(p, false);
	if (w) {
		stop = wave_stop(w);
		w->pending = false;
		dbg_report(p, &stop);
		return 0;
	}
	p->running = true;
	if (host_event_due(p, choose, arg, &e)) {
		dbg_run_host_event(p, &e);
		if (!p->running)
			return 0;
	}
	int status = go(p, &w, err);
	if (status == 0 && !w)
		status = resume_host(p, choose, arg, err);
	if (status < 0) {
		p->running = false;
		return status;
	}
	if (w) {
		stop = wave_stop(w);
		stop.reasons = w->reasons & GFX_STOP_SINGLE_STEP;
		w->pending = false;
		dbg_report(p, &stop);
	}
	return 0;
}

/* ------------------------------------------------------------------ stopping */

static bool stepper_left(const struct dbg_process *p)
{
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->action != DBG_HOLD)
			return true;
	return false;
}

/* Stopped with nothing to tell: on again. */
static void carry_on(struct dbg_process *p)
{
	struct dbg_error err;
	struct dbg_wave *w;
	p->quiet = p->quiet && steppers(p);
	if (!p->new_go && !stepper_left(p) && !p->host_goes) {
		/* The only wave that was to run has ended (wave-state 4.7). */
		struct dbg_stop stop = { .kind = DBG_STOP_NOTHING_RUNS, .tid = p->pid };
		dbg_report(p, &stop);
		return;
	}
	p->running = true;
	if (go(p, &w, &err) < 0) {
		log_error("%s", err.text);
		w = NULL;
	}
	if (w) {
		struct dbg_stop stop = wave_stop(w);
		w->pending = false;
		dbg_report(p, &stop);
	}
}

void dbg_run_look(struct dbg_process *p)
{
	struct dbg_error err;
	bool news, was_running = p->running;
	if (!was_running && !queue_any_running(p) && p->queues)
		return; /* stopped anyhow: an event that the suspend overtook */
	if (dbg_stop_queues(p, &news, &err) < 0) {
		log_error("%s", err.text);
		p->running = was_running;
		return;
	}
	if (!was_running)
		return; /* of a queue that was not known: its stops wait for the next resume */
	struct dbg_wave *w = news ? first_pending(p, false) : NULL;
	if (!w) {
		carry_on(p);
		return;
	}
	struct dbg_stop stop = wave_stop(w);
	w->pending = false;
	dbg_report(p, &stop);
}

/* Stops everything for something that happened elsewhere; what waves have to tell waits. */
static void stop_for(struct dbg_process *p, const struct dbg_stop *stop)
{
	struct dbg_error err;
	bool news;
	if (dbg_stop_queues(p, &news, &err) < 0)
		log_error("%s", err.text);
	dbg_report(p, stop);
}

static void ended(struct dbg_process *p, const struct host_event *e)
{
	bool was_running = p->running;
	p->ended = true;
	p->ending = (struct dbg_stop){
		.kind = e->kind == HOST_EXITED ? DBG_STOP_EXITED : DBG_STOP_TERMINATED,
		.tid = p->pid,
		.status = e->value,
		.signal = e->value,
	};
	dbg_process_gpu_gone(p);
	break_forget_all(p);
	p->n_host_events = 0;
	if (was_running)
		dbg_report(p, &p->ending);
}

static void runtime_break(struct dbg_process *p, const struct host_event *e)
{
	struct dbg_error err;
	bool changed = false, wanted = break_at(p, e->addr) != NULL;
	if (codeobj_update(p, &changed, &err) < 0)
		log_error("list of code objects: %s", err.text);
	if (!changed && !wanted) {
		host_continue(p->host, e->tid, 0, NULL);
		return;
	}
	struct dbg_stop stop = { .kind = DBG_STOP_HOST, .tid = e->tid, .signal = SIGTRAP, .libraries = changed, .breakpoint = wanted && !changed };
	stop_for(p, &stop);
}

void dbg_run_host_event(struct dbg_process *p, const struct host_event *e)
{
	if (e->kind == HOST_EXITED || e->kind == HOST_TERMINATED) {
		ended(p, e);
		return;
	}
	if (!p->running) {
		if (p->n_host_events < DBG_MAX_HOST_EVENTS)
			p->host_events[p->n_host_events++] = *e;
		else
			log_error("too many threads stopped at once: thread %d stays stopped", (int)e->tid);
		return;
	}
	if (e->kind == HOST_BREAKPOINT && p->runtime.r_brk && e->addr == p->runtime.r_brk) {
		runtime_break(p, e);
		return;
	}
	struct dbg_stop stop = { .kind = DBG_STOP_HOST, .tid = e->tid };
	stop.signal = e->kind == HOST_SIGNAL ? e->value : e->kind == HOST_STOPPED ? 0 : SIGTRAP;
	stop.breakpoint = e->kind == HOST_BREAKPOINT;
	stop_for(p, &stop);
}

struct dbg_stop dbg_quiet_stop(const struct dbg_process *p)
{
	const struct dbg_wave *first = NULL;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (!first || w->id < first->id)
			first = w;
	return (struct dbg_stop){ .kind = first ? DBG_STOP_WAVE : DBG_STOP_HOST, .tid = first ? wave_tid(first) : p->pid };
}

void dbg_interrupt(struct dbg_process *p)
{
	struct dbg_error err;
	struct dbg_wave *w;
	bool news;
	if (!p->running)
		return;
	if (dbg_stop_queues(p, &news, &err) < 0)
		log_error("%s", err.text);
	w = news ? first_pending(p, false) : NULL;
	if (w) {
		struct dbg_stop stop = wave_stop(w);
		w->pending = false;
		dbg_report(p, &stop);
		return;
	}
	struct dbg_stop stop = dbg_quiet_stop(p);
	stop.signal = SIGINT;
	if (stop.kind == DBG_STOP_HOST && host_stop(p->host, p->pid, &err) < 0)
		log_error("%s", err.text);
	dbg_report(p, &stop);
}

int dbg_quiesce(struct dbg_process *p, struct dbg_error *err)
{
	bool news;
	if (!p->running || p->ended)
		return 0;
	int status = dbg_stop_queues(p, &news, err);
	p->last = dbg_quiet_stop(p);
	return status;
}
