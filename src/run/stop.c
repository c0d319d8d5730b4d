#include "src/run/run.h"

#include <inttypes.h>
#include <signal.h>

#include "src/base/grow.h"
#include "src/base/log.h"
#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/event.h"
#include "src/model/queue.h"
#include "src/model/wave.h"
#include "src/run/step.h"

/* Nothing that was to run is left, or may come: the only wave has ended (wave-state 4.7). */
static bool nothing_goes(const struct dbg_process *p)
{
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->action != DBG_HOLD)
			return false;
	return !p->new_go && !p->host_goes;
}

bool run_told_nothing_goes(struct dbg_process *p)
{
	struct dbg_stop stop = { .kind = DBG_STOP_NOTHING_RUNS, .tid = p->pid };
	/* When the kernel says that the process is no more, its host side will tell of the end, or of another program. */
	if (p->gpu_gone || !nothing_goes(p))
		return false;
	dbg_report(p, &stop);
	return true;
}

/* Stopped with nothing to tell: on again. */
static void carry_on(struct dbg_process *p)
{
	struct dbg_error err;
	struct dbg_wave *w;
	if (p->ahead && !wave_by_tid(p, DBG_WAVE_TID + (int64_t)p->ahead))
		p->ahead = 0;
	if (!run_steppers(p) && !p->ahead)
		p->quiet = p->others_turn = false;
	if (run_told_nothing_goes(p))
		return;
	p->running = true;
	if (run_go(p, &w, &err) < 0) {
		dbg_trouble(p, "%s", err.text);
		w = NULL;
	}
	if (w)
		run_report_wave(p, w);
}

void dbg_run_look(struct dbg_process *p)
{
	struct dbg_error err;
	uint64_t start = loop_now_us();
	bool news, was_running = p->running;
	if (p->nonstop) {
		run_nonstop_look(p);
		return;
	}
	if (!was_running && !queue_any_running(p) && p->queues)
		return; /* stopped anyhow: an event that the suspend overtook */
	if (dbg_stop_queues(p, &news, &err) < 0) {
		dbg_trouble(p, "%s", err.text);
		p->running = was_running;
		return;
	}
	if (!was_running)
		return; /* of a queue that was not known: its stops wait for the next resume */
	struct dbg_wave *w = news ? run_first_pending(p) : NULL;
	if (!w) {
		carry_on(p);
		run_gather(p, loop_now_us() - start);
		return;
	}
	run_report_wave(p, w);
}

/* Stops everything (in non-stop nothing but the thread) for something that happened elsewhere; what waves have to tell waits. */
static void stop_for(struct dbg_process *p, const struct dbg_stop *stop)
{
	struct dbg_error err;
	bool news;
	if (!p->nonstop && dbg_stop_queues(p, &news, &err) < 0)
		dbg_trouble(p, "%s", err.text);
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
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_ENDED, .stop = &p->ending });
	p->n_host_events = 0;
	if (was_running || p->nonstop)
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

static void keep_host_event(struct dbg_process *p, const struct host_event *e)
{
	struct host_event *events = dbg_grow(p->host_events, p->n_host_events, &p->max_host_events, sizeof *events);
	if (!events) {
		dbg_trouble(p, "out of memory: thread %d stays stopped", (int)e->tid);
		return;
	}
	p->host_events = events;
	events[p->n_host_events++] = *e;
}

void dbg_run_host_event(struct dbg_process *p, const struct host_event *e)
{
	if (e->kind == HOST_EXITED || e->kind == HOST_TERMINATED) {
		ended(p, e);
		return;
	}
	if (!p->running && !p->nonstop) {
		keep_host_event(p, e);
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

/* The client is in the midst of a step with it, that is not a person's resume of everything. */
static bool steps(const struct dbg_process *p, const struct dbg_wave *w)
{
	return w->action == DBG_STEP || w->action == DBG_RANGE || (w->id == p->focus && !p->looked_round && w->action == DBG_GO);
}

/* A client asserts that what it is told of is a thread that it has resumed. Among those, the one that it was busy with. */
static int quiet_rank(const struct dbg_process *p, const struct dbg_wave *w)
{
	return steps(p, w) ? 3 : w->action != DBG_HOLD ? 2 : !p->host_goes;
}

struct dbg_stop dbg_quiet_stop(const struct dbg_process *p)
{
	const struct dbg_wave *first = NULL;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		int rank = quiet_rank(p, w), best = first ? quiet_rank(p, first) : 0;
		if (rank > best || (rank == best && first && w->id < first->id))
			first = w;
	}
	return (struct dbg_stop){ .kind = first ? DBG_STOP_WAVE : DBG_STOP_HOST, .tid = first ? wave_tid(first) : p->pid };
}

void dbg_interrupt(struct dbg_process *p)
{
	struct dbg_error err;
	struct dbg_wave *w;
	bool news;
	if (p->nonstop) {
		run_nonstop_interrupt(p);
		return;
	}
	if (!p->running)
		return;
	dbg_timing_begin(p);
	if (dbg_stop_queues(p, &news, &err) < 0)
		dbg_trouble(p, "%s", err.text);
	w = news ? run_first_pending(p) : NULL;
	if (w) {
		run_report_wave(p, w);
		return;
	}
	struct dbg_stop stop = dbg_quiet_stop(p);
	stop.signal = SIGINT;
	if (stop.kind == DBG_STOP_HOST && host_stop(p->host, p->pid, &err) < 0)
		dbg_trouble(p, "%s", err.text);
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
