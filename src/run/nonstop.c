/* Non-stop over an interface that stops and resumes whole queues: a stop is still one suspend of all queues and one resume. What has something to
 * tell is told and stays halted on the hardware, everything else goes on in the same cycle. The images of halted waves stay valid meanwhile,
 * because they do not change. */
#include "src/run/run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/log.h"
#include "src/control/watch.h"
#include "src/model/event.h"
#include "src/model/queue.h"
#include "src/model/savearea.h"
#include "src/model/wave.h"
#include "src/run/settle.h"
#include "src/run/step.h"

/* How long the queues stay off the hardware after an access that may not be the last one of its kind. */
enum { AT_ONCE = 0, WINDOW_US = 1000, FRESH_US = 20000 };

static bool leader_goes(const struct dbg_process *p)
{
	return !p->ended && !host_thread_stopped(p->host, p->pid);
}

/* New waves may start while anything goes that may be meant to go with them: a wave that runs freely, or the program. */
static bool anything_goes(const struct dbg_process *p)
{
	if (leader_goes(p))
		return true;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->action == DBG_GO && !w->newborn)
			return true;
	return false;
}

static bool all_held(const struct dbg_process *p)
{
	if (leader_goes(p))
		return false;
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next)
		if (w->action != DBG_HOLD && !w->newborn)
			return false;
	return true;
}

bool dbg_thread_stopped(const struct dbg_process *p, int64_t tid)
{
	if (!p->nonstop || p->asking)
		return !p->running;
	const struct dbg_wave *w = wave_by_tid(p, tid);
	if (w)
		return w->action == DBG_HOLD;
	return tid > 0 && tid < DBG_WAVE_TID && host_thread_stopped(p->host, (pid_t)tid);
}

/* ------------------------------------------------------------------ one cycle */

static void halt_wave(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_stop stop = { .kind = DBG_STOP_WAVE, .tid = wave_tid(w), .signal = w->halt_signal };
	w->reasons = 0;
	w->pending = false;
	dbg_report(p, &stop);
}

/* What each wave that runs has to tell, and those that were told to halt. From then on the client knows them to be stopped, and looks at them, while
 * the queues run again: the registers of the first ones are brought now. */
static void tell_stops(struct dbg_process *p)
{
	enum { BROUGHT = 32 };
	unsigned told = 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (w->action == DBG_HOLD)
			continue;
		if (w->pending && run_still_valid(p, w) && watch_outdone(p, w))
			continue; /* the other one is told, and this one goes on */
		if (w->pending && run_still_valid(p, w))
			run_report_wave(p, w);
		else if (w->halting && w->queue->suspended)
			halt_wave(p, w);
		else
			continue;
		w->action = DBG_HOLD;
		w->halting = w->newborn = false;
		if (told++ < BROUGHT)
			savearea_bring(w, true);
	}
}

static void tell_ran_out(struct dbg_process *p)
{
	bool out = p->ran_out && all_held(p) && !p->n_told;
	p->ran_out = false;
	if (!out)
		return;
	struct dbg_stop stop = { .kind = DBG_STOP_NOTHING_RUNS, .tid = p->pid };
	dbg_report(p, &stop);
}

/* The queues are off the hardware and have been walked: tells, and lets go what is to go. */
static void cycle(struct dbg_process *p)
{
	struct dbg_error err;
	struct dbg_wave *none;
	tell_stops(p);
	p->new_go = anything_goes(p);
	p->host_goes = leader_goes(p);
	p->quiet = false;
	if (run_go(p, &none, &err) < 0)
		dbg_trouble(p, "%s", err.text);
	tell_stops(p); /* steps that needed no hardware, stops of queues that came meanwhile */
	p->running = queue_any_running(p);
	tell_ran_out(p);
}

static void on_window(void *arg)
{
	struct dbg_process *p = arg;
	loop_remove(p->window_source);
	p->window_source = NULL;
	cycle(p);
}

/* The queues go back after so many microseconds, counted anew from now. */
static void close_window(struct dbg_process *p, unsigned microseconds)
{
	struct dbg_error err;
	loop_remove(p->window_source);
	p->window_source = NULL;
	if (loop_add_timer(p->loop, microseconds, on_window, p, &p->window_source, &err) == 0)
		return;
	dbg_trouble(p, "%s", err.text);
	cycle(p);
}

static int open_window(struct dbg_process *p, struct dbg_error *err)
{
	bool news;
	if (!p->running)
		return 0;
	int status = dbg_stop_queues(p, &news, err);
	if (status < 0)
		p->running = queue_any_running(p);
	return status;
}

int dbg_access(struct dbg_process *p, struct dbg_error *err)
{
	if (!p->nonstop || p->asking || (!p->running && !p->window_source))
		return 0;
	int status = open_window(p, err);
	if (status == 0)
		close_window(p, WINDOW_US);
	return status;
}

void dbg_refresh(struct dbg_process *p)
{
	struct dbg_error err;
	if (!p->nonstop || !p->running || loop_now_us() - p->walked_us < FRESH_US)
		return;
	if (dbg_access(p, &err) < 0)
		dbg_trouble(p, "%s", err.text);
}

void run_nonstop_look(struct dbg_process *p)
{
	struct dbg_error err;
	bool news;
	if (!queue_any_running(p) && p->queues)
		return; /* an event that the suspend overtook; what it is about has been seen */
	if (dbg_stop_queues(p, &news, &err) < 0) {
		dbg_trouble(p, "%s", err.text);
		p->running = queue_any_running(p);
		return;
	}
	if (!p->window_source)
		cycle(p);
}

void dbg_wave_ended(struct dbg_process *p, const struct dbg_wave *w)
{
	if (!p->nonstop || w->newborn)
		return;
	if (w->action != DBG_HOLD)
		p->ran_out = true;
	if (p->last_resumed == wave_tid(w))
		p->last_resumed = 0;
	if (!p->thread_events)
		return;
	struct dbg_stop stop = { .kind = DBG_STOP_THREAD_EXITED, .tid = wave_tid(w) };
	dbg_report(p, &stop);
}

/* ------------------------------------------------------------------ the client's wishes */

static struct dbg_choice ask(dbg_choose_fn *choose, void *arg, int64_t tid)
{
	struct dbg_choice c = { DBG_KEEP, 0, 0, 0 };
	choose(arg, tid, &c);
	return c;
}

static bool changes(const struct dbg_process *p, const struct dbg_wave *w, const struct dbg_choice *c)
{
	if (c->action == DBG_KEEP || run_undelivered(p, wave_tid(w)))
		return false;
	return (c->action == DBG_HOLD) == (w->action != DBG_HOLD);
}

static bool waves_concerned(const struct dbg_process *p, dbg_choose_fn *choose, void *arg)
{
	for (const struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		struct dbg_choice c = ask(choose, arg, wave_tid(w));
		if (changes(p, w, &c))
			return true;
	}
	return false;
}

/* True: one of them is to go. */
static bool choose_waves(struct dbg_process *p, dbg_choose_fn *choose, void *arg)
{
	bool go = false;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		struct dbg_choice c = ask(choose, arg, wave_tid(w));
		if (!changes(p, w, &c))
			continue;
		if (c.action == DBG_HOLD) {
			w->halting = true;
			w->halt_signal = 0;
			continue;
		}
		go = true;
		w->action = c.action;
		w->range_start = c.start;
		w->range_end = c.end;
		w->range_begins = c.action == DBG_RANGE;
		w->catches_up = 0;
		p->last_resumed = wave_tid(w);
		if (run_deliver_signal(p, w, c.signal) && !leader_goes(p) && !run_undelivered(p, p->pid))
			host_continue(p->host, p->pid, 0, NULL);
	}
	run_forward_together(p);
	return go;
}

/* The leader is the one host thread that the client knows as running. Something else that it has to tell comes first. */
static int halt_leader(struct dbg_process *p, int signal, struct dbg_error *err)
{
	if (!leader_goes(p) || run_undelivered(p, p->pid))
		return 0;
	int status = host_stop(p->host, p->pid, err);
	dbg_process_sigchld(p);
	if (status < 0 || p->ended || run_undelivered(p, p->pid))
		return p->ended ? 0 : status;
	struct dbg_stop stop = { .kind = DBG_STOP_HOST, .tid = p->pid, .signal = signal };
	dbg_report(p, &stop);
	return 0;
}

static int choose_host(struct dbg_process *p, dbg_choose_fn *choose, void *arg, bool *go, struct dbg_error *err)
{
	size_t n;
	pid_t *tids;
	int status = host_thread_list(p->host, &tids, &n, err);
	if (status < 0)
		return status;
	for (size_t i = 0; i < n && status == 0; i++) {
		struct dbg_choice c = ask(choose, arg, tids[i]);
		if (c.action == DBG_HOLD && tids[i] == p->pid)
			status = halt_leader(p, 0, err);
		if (c.action == DBG_HOLD || c.action == DBG_KEEP || !host_thread_stopped(p->host, tids[i]) || run_undelivered(p, tids[i]))
			continue;
		status = c.action == DBG_GO ? host_continue(p->host, tids[i], c.signal, err) : host_step(p->host, tids[i], c.signal, err);
		if (status == -DBG_GONE)
			status = 0;
		p->last_resumed = tids[i];
		*go = true;
	}
	free(tids);
	return status;
}

int run_nonstop_resume(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err)
{
	bool waves = waves_concerned(p, choose, arg), go = false, host_go = false;
	int status = waves ? open_window(p, err) : 0;
	if (status < 0)
		return status;
	if (waves)
		go = choose_waves(p, choose, arg);
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_RESUMED });
	status = choose_host(p, choose, arg, &host_go, err);
	if (status < 0 && !waves)
		return status;
	if (status < 0)
		dbg_trouble(p, "%s", err->text); /* the waves do as they were told */
	/* A program that goes may wait for its queues, and new waves may run with it. */
	if (host_go && (p->halt_new || !p->running)) {
		waves = go = true;
		if (open_window(p, err) < 0)
			dbg_trouble(p, "%s", err->text);
	}
	if (waves)
		close_window(p, go ? AT_ONCE : WINDOW_US);
	p->look_us = 0;
	return 0;
}

/* Whom an interrupt stops that names nobody: what was resumed last, because the client may be waiting for it. NULL: the leader. */
static struct dbg_wave *to_interrupt(const struct dbg_process *p)
{
	struct dbg_wave *w = wave_by_tid(p, p->last_resumed);
	if (w && w->action != DBG_HOLD)
		return w;
	for (w = p->last_resumed == p->pid && leader_goes(p) ? NULL : p->waves; w; w = w->hh.next)
		if (w->action != DBG_HOLD && !w->newborn)
			return w;
	return NULL;
}

void run_nonstop_interrupt(struct dbg_process *p)
{
	struct dbg_error err;
	if (open_window(p, &err) < 0)
		dbg_trouble(p, "%s", err.text);
	struct dbg_wave *w = to_interrupt(p);
	if (w) {
		w->halting = true;
		w->halt_signal = SIGINT;
	} else if (halt_leader(p, SIGINT, &err) < 0)
		dbg_trouble(p, "%s", err.text);
	close_window(p, AT_ONCE);
}

/* ------------------------------------------------------------------ on and off */

static int turn_on(struct dbg_process *p, struct dbg_error *err)
{
	int status = p->running ? dbg_quiesce(p, err) : 0;
	if (p->report_queued) {
		struct dbg_wave *w = wave_by_tid(p, p->report.tid);
		if (w)
			w->pending = p->report.reasons != 0;
		p->report_queued = false;
		loop_remove(p->report_source);
		p->report_source = NULL;
	}
	if (status == 0)
		status = settle_all(p, err);
	/* As with any other server, what the client finds is stopped. */
	if (status == 0 && leader_goes(p))
		status = host_stop(p->host, p->pid, err);
	if (status < 0)
		return status;
	p->nonstop = true;
	p->running = p->quiet = p->ran_out = false;
	p->last_resumed = 0;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		w->action = DBG_HOLD;
		w->halting = w->newborn = false;
	}
	size_t n = p->n_host_events;
	p->n_host_events = 0;
	for (size_t i = 0; i < n; i++)
		dbg_run_host_event(p, &p->host_events[i]);
	return 0;
}

/* A stop that the client was not told becomes one that waits for the next resume. */
static void take_back(struct dbg_process *p)
{
	for (size_t i = 0; i < p->n_told; i++) {
		struct dbg_wave *w = wave_by_tid(p, p->told[i].tid);
		if (w && p->told[i].kind == DBG_STOP_WAVE)
			w->pending = w->reasons != 0;
	}
	p->n_told = 0;
	loop_remove(p->report_source);
	p->report_source = NULL;
}

static int turn_off(struct dbg_process *p, struct dbg_error *err)
{
	bool news;
	loop_remove(p->window_source);
	p->window_source = NULL;
	int status = p->running ? dbg_stop_queues(p, &news, err) : 0;
	p->running = false;
	take_back(p);
	p->nonstop = p->thread_events = false;
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		w->action = DBG_HOLD;
		w->halting = w->newborn = false;
	}
	p->last = dbg_quiet_stop(p);
	return status;
}

int dbg_set_nonstop(struct dbg_process *p, bool on, struct dbg_error *err)
{
	if (on == p->nonstop || p->ended)
		return 0;
	return on ? turn_on(p, err) : turn_off(p, err);
}

static struct dbg_stop host_stop_of(const struct dbg_process *p, pid_t tid)
{
	if (p->last.kind == DBG_STOP_HOST && p->last.tid == tid)
		return p->last;
	return (struct dbg_stop){ .kind = DBG_STOP_HOST, .tid = tid };
}

void dbg_nonstop_stops(struct dbg_process *p, void (*emit)(void *sink, const struct dbg_stop *stop), void *sink)
{
	pid_t *tids;
	struct dbg_error err;
	struct dbg_wave **list;
	struct dbg_stop stop;
	size_t n;
	if (p->ended) {
		emit(sink, &p->ending);
		return;
	}
	if (wave_list(p, &list, &n, &err) < 0) {
		dbg_trouble(p, "%s", err.text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (list[i]->action != DBG_HOLD || run_undelivered(p, wave_tid(list[i])))
			continue;
		stop = run_wave_stop(list[i]);
		list[i]->pending = false;
		emit(sink, &stop);
	}
	free(list);
	if (host_thread_list(p->host, &tids, &n, &err) < 0) {
		dbg_trouble(p, "%s", err.text);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (!host_thread_stopped(p->host, tids[i]) || run_undelivered(p, tids[i]))
			continue;
		stop = host_stop_of(p, tids[i]);
		emit(sink, &stop);
	}
	free(tids);
}
