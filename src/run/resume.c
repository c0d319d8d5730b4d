#include "src/run/run.h"

#include <stdlib.h>
#include <string.h>

#include "src/model/wave.h"
#include "src/run/settle.h"

unsigned run_steppers(const struct dbg_process *p)
{
	unsigned n = 0;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		n += w->action == DBG_STEP || w->action == DBG_RANGE;
	return n;
}

static bool any_host_goes(const struct dbg_process *p, dbg_choose_fn *choose, void *arg)
{
	size_t n;
	pid_t *tids;
	bool goes = false;
	if (host_thread_list(p->host, &tids, &n, NULL) < 0)
		return false; /* resume_host() fails for the same reason, and says so */
	for (size_t i = 0; i < n && !goes; i++) {
		struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
		choose(arg, tids[i], &c);
		goes = c.action != DBG_HOLD;
	}
	free(tids);
	return goes;
}

static void choose_all(struct dbg_process *p, dbg_choose_fn *choose, void *arg)
{
	struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
	choose(arg, 0, &c);
	p->new_go = c.action == DBG_GO;
	p->signal_goes = false;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		c = (struct dbg_choice){ DBG_HOLD, 0, 0, 0 };
		choose(arg, wave_tid(w), &c);
		w->action = c.action;
		if (w->reasons == GFX_STOP_SINGLE_STEP)
			w->pending = false; /* the end of a step that another stop has overtaken: nobody waits for it */
		w->range_start = c.start;
		w->range_end = c.end;
		w->range_begins = c.action == DBG_RANGE;
		w->range_planned = false;
		w->waiting_said = w->owed_blocked = false;
		w->catches_up = 0;
		p->signal_goes |= run_deliver_signal(p, w, c.signal);
	}
	run_forward_together(p);
	run_choose_focus(p);
	p->quiet = p->new_go && (run_steppers(p) == 1 || p->ahead);
	p->others_turn = false;
	p->turns = 0;
	p->host_goes = p->signal_goes || any_host_goes(p, choose, arg);
}

static int resume_host(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err)
{
	size_t n;
	pid_t *tids;
	int status = host_thread_list(p->host, &tids, &n, err);
	if (status < 0)
		return status;
	for (size_t i = 0; i < n && status == 0; i++) {
		struct dbg_choice c = { DBG_HOLD, 0, 0, 0 };
		choose(arg, tids[i], &c);
		if (c.action == DBG_GO)
			host_forget_step(p->host, tids[i]);
		if (c.action == DBG_HOLD && p->signal_goes)
			c.action = DBG_GO;
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
		if (c.action != DBG_GO || out->kind != HOST_STEPPED)
			return true;
		i--; /* the end of a step that another stop has overtaken: nobody waits for it */
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

static int resume_all_stop(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err)
{
	struct host_event e;
	struct dbg_wave *w;
	if (p->running || p->report_queued)
		return dbg_fail(err, DBG_BAD_REQUEST, "the process is running");
	if (p->ended) {
		dbg_report(p, &p->ending);
		return 0;
	}
	run_settle_seen(p);
	p->look_us = 0;
	p->gather_us = 0;
	if (owes_while_held(p, choose, arg)) {
		int status = settle_all(p, err);
		if (status < 0)
			return status;
	}
	choose_all(p, choose, arg);
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_RESUMED });
	run_ask_again(p);
	w = run_first_pending(p);
	if (w) {
		run_report_wave(p, w);
		return 0;
	}
	p->running = true;
	if (run_told_nothing_goes(p)) /* the end of the wave was all that it owed */
		return 0;
	if (host_event_due(p, choose, arg, &e)) {
		dbg_run_host_event(p, &e);
		if (!p->running)
			return 0;
	}
	int status = run_go(p, &w, err);
	if (status == 0 && !w)
		status = resume_host(p, choose, arg, err);
	if (status < 0) {
		p->running = false;
		return status;
	}
	if (w)
		run_report_wave(p, w);
	return 0;
}

int dbg_resume(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err)
{
	if (p->nonstop && !p->ended)
		return run_nonstop_resume(p, choose, arg, err);
	uint64_t start = loop_now_us(), calls = p->kif ? kif_driver_calls(p->kif) : 0;
	int status = resume_all_stop(p, choose, arg, err);
	p->timing.go_us = loop_now_us() - start;
	p->timing.go_calls = p->kif ? kif_driver_calls(p->kif) - calls : 0;
	return status;
}
