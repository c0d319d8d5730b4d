#include "src/run/run.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/base/grow.h"
#include "src/base/log.h"
#include "src/control/launch.h"
#include "src/control/watch.h"
#include "src/model/breakpoint.h"
#include "src/model/wave.h"
#include "src/run/range_step.h"

static void deliver(void *arg)
{
	struct dbg_process *p = arg;
	if (!p->report_queued)
		return;
	p->report_queued = false;
	loop_remove(p->report_source);
	p->report_source = NULL;
	p->last = p->report;
	p->timing.stop_us = p->timing.began_us ? loop_now_us() - p->timing.began_us : 0;
	p->timing.stop_cpu_us = p->timing.began_us ? loop_cpu_us() - p->timing.cpu_us : 0;
	p->timing.stop_calls = p->timing.began_us && p->kif ? kif_driver_calls(p->kif) - p->timing.began_calls : 0;
	p->timing.began_us = 0;
	p->timing.stops++;
	if (p->last.kind != DBG_STOP_EXITED && p->last.kind != DBG_STOP_TERMINATED)
		dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_STOPPED, .stop = &p->last, .wave = wave_by_tid(p, p->last.tid) });
	if (p->hooks.stopped)
		p->hooks.stopped(p->hooks.arg, &p->last);
}

/* ------------------------------------------------------------------ non-stop: as many as there are */

static void deliver_told(void *arg)
{
	struct dbg_process *p = arg;
	struct dbg_hooks hooks = p->hooks;
	struct dbg_stop *told = p->told;
	size_t n = p->n_told;
	bool over = false;
	loop_remove(p->report_source);
	p->report_source = NULL;
	p->told = NULL;
	p->n_told = p->max_told = 0;
	for (size_t i = 0; i < n && !over && hooks.stopped; i++) {
		p->last = told[i];
		dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_STOPPED, .stop = &p->last, .wave = wave_by_tid(p, p->last.tid) });
		over = told[i].kind == DBG_STOP_EXITED || told[i].kind == DBG_STOP_TERMINATED; /* p is gone then */
		hooks.stopped(hooks.arg, &told[i]);
	}
	free(told);
}

static void tell(struct dbg_process *p, const struct dbg_stop *stop)
{
	struct dbg_error err;
	struct dbg_stop *told = dbg_grow(p->told, p->n_told, &p->max_told, sizeof *told);
	if (!told) {
		log_error("out of memory: the stop of thread %" PRId64 " is not reported", stop->tid);
		return;
	}
	p->told = told;
	told[p->n_told++] = *stop;
	if (!p->report_source && loop_add_timer(p->loop, 0, deliver_told, p, &p->report_source, &err) < 0)
		deliver_told(p);
}

bool run_undelivered(const struct dbg_process *p, int64_t tid)
{
	for (size_t i = 0; i < p->n_told; i++)
		if (p->told[i].tid == tid)
			return true;
	return false;
}

/* ------------------------------------------------------------------ all-stop: one */

void dbg_report(struct dbg_process *p, const struct dbg_stop *stop)
{
	struct dbg_error err;
	if (p->nonstop) {
		tell(p, stop);
		return;
	}
	p->report = *stop;
	p->seen = false;
	loop_remove(p->look_source);
	loop_remove(p->gather_source);
	p->gather_source = NULL;
	p->gather_us = 0;
	loop_remove(p->patience_source);
	p->look_source = p->patience_source = NULL;
	p->running = false;
	range_withdraw(p);
	if (p->report_queued)
		return;
	p->report_queued = true;
	/* One that cannot be queued is told at once: the client's answer may then overtake the reply to its request, but is not lost. */
	if (loop_add_timer(p->loop, 0, deliver, p, &p->report_source, &err) < 0)
		deliver(p);
}

struct dbg_stop run_wave_stop(const struct dbg_wave *w)
{
	return (struct dbg_stop){
		.kind = DBG_STOP_WAVE,
		.tid = wave_tid(w),
		.reasons = w->reasons,
		.breakpoint = w->passed != 0 && (w->reasons & GFX_STOP_BREAKPOINT),
		.watch = (w->reasons & GFX_STOP_WATCHPOINT) && w->watch_number,
		.watch_kind = w->watch_kind,
		.watch_addr = w->watch_addr,
	};
}

bool run_still_valid(const struct dbg_process *p, const struct dbg_wave *w)
{
	if ((w->reasons & GFX_STOP_BREAKPOINT) && w->passed && !(w->reasons & RUN_FATAL))
		return break_wanted_at(p, w->passed);
	return w->reasons != GFX_STOP_WATCHPOINT || !w->watch_number || watch_is_wanted(p, w->watch_number);
}

static int rank_of(const struct dbg_process *p, const struct dbg_wave *w)
{
	if (w->reasons & RUN_FATAL)
		return 0;
	if (w->reasons & GFX_STOP_SINGLE_STEP)
		return 1;
	/* Of several that wrote the same the one that wrote last, as far as is known. */
	int doubt = w->reasons == GFX_STOP_WATCHPOINT && watch_owes_news(w) ? WATCH_SURE - w->watch_sure : 0;
	return w->id == p->focus && !doubt ? 2 : (w->reasons & GFX_STOP_BREAKPOINT ? 3 : 4) + doubt;
}

struct dbg_wave *run_first_pending(struct dbg_process *p)
{
	struct dbg_wave *best = NULL;
	int best_rank = 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (!w->pending || w->action == DBG_HOLD || !run_still_valid(p, w))
			continue;
		int rank = rank_of(p, w);
		if (!best || rank < best_rank || (rank == best_rank && w->id < best->id)) {
			best = w;
			best_rank = rank;
		}
	}
	return best;
}

void run_report_wave(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_stop stop = run_wave_stop(w);
	w->pending = w->judged = false;
	watch_told(p, w);
	launch_told(p, w);
	dbg_report(p, &stop);
}

void run_settle_seen(struct dbg_process *p)
{
	p->looked_round = p->seen;
	if (!p->seen)
		return;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (!(w->reasons & RUN_FATAL) && !w->judged && !watch_owes_news(w)) /* a value that has changed shows in no list */
			w->pending = false;
	p->seen = false;
}
