#include "src/events/watch.h"

#include <signal.h>
#include <stdlib.h>

#include "src/base/log.h"
#include "src/events/events.h"
#include "src/model/exceptions.h"
#include "src/model/process.h"

struct watcher {
	struct loop *loop;
	struct events *events;
	struct dbg_process *process; /* NULL before it is attached to and after its end */
	struct loop_source *signals[4];
	bool failed;
};

enum { N_END_SIGNALS = 3 };

static void on_event(void *arg, const struct dbg_process *p, const struct dbg_event *e)
{
	struct watcher *w = arg;
	/* Nobody asked for the stops, and nobody sees them. */
	if (e->kind != DBG_EVENT_STOPPED && e->kind != DBG_EVENT_RESUMED)
		events_put(w->events, p, e);
}

/* Everything goes on; a CPU thread gets the signal it has stopped for. */
static void choose(void *arg, int64_t tid, struct dbg_choice *out)
{
	const struct watcher *w = arg;
	const struct dbg_stop *last = &w->process->last;
	out->action = DBG_GO;
	out->signal = last->kind == DBG_STOP_HOST && last->tid == tid && !last->libraries && !last->breakpoint ? last->signal : 0;
}

/* What the runtime would have got had there been no debugger. A wave at the debugger's own trap would have gone on. */
static void let_go(struct dbg_process *p)
{
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
		if (!w->stopped || !w->reasons)
			continue;
		w->pending = false;
		w->forward = exceptions_of_reasons(w->reasons & ~(unsigned)(GFX_STOP_DEBUG_TRAP | GFX_STOP_SINGLE_STEP));
	}
}

static void go_on(void *arg)
{
	struct watcher *w = arg;
	struct dbg_error err;
	if (!w->process)
		return;
	let_go(w->process);
	if (dbg_resume(w->process, choose, w, &err) == 0)
		return;
	log_error("%s", err.text);
	w->failed = true;
	loop_quit(w->loop);
}

static void on_stopped(void *arg, const struct dbg_stop *stop)
{
	struct watcher *w = arg;
	struct dbg_error err;
	if (stop->kind == DBG_STOP_EXITED || stop->kind == DBG_STOP_TERMINATED)
		loop_quit(w->loop);
	else if (loop_defer(w->loop, go_on, w, &err) < 0)
		go_on(w);
}

static void on_end_signal(void *arg, int signo)
{
	struct watcher *w = arg;
	(void)signo;
	loop_quit(w->loop);
}

static void on_child(void *arg, int signo)
{
	struct watcher *w = arg;
	(void)signo;
	if (w->process)
		dbg_process_sigchld(w->process);
}

static int watch_signals(struct watcher *w, struct dbg_error *err)
{
	static const int ends[N_END_SIGNALS] = { SIGTERM, SIGINT, SIGHUP };
	int status = loop_add_signal(w->loop, SIGCHLD, on_child, w, &w->signals[N_END_SIGNALS], err);
	for (int i = 0; i < N_END_SIGNALS && status == 0; i++)
		status = loop_add_signal(w->loop, ends[i], on_end_signal, w, &w->signals[i], err);
	return status;
}

static int run(struct watcher *w, const struct options *o, struct dbg_error *err)
{
	const struct dbg_hooks hooks = { .stopped = on_stopped, .event = on_event, .arg = w };
	int status = events_open(o->events ? o->events : "fd:1", w->loop, &w->events, err);
	if (status == 0)
		status = watch_signals(w, err);
	if (status == 0)
		status = dbg_process_attach(w->loop, o->pid, &hooks, &w->process, err);
	if (status < 0)
		return status;
	go_on(w);
	return loop_run(w->loop, err);
}

int events_watch(const struct options *o)
{
	struct watcher w = { .failed = false };
	struct dbg_error err;
	int status = loop_create(&w.loop, &err);
	if (status == 0)
		status = run(&w, o, &err);
	if (status < 0)
		log_error("%s", err.text);
	if (w.process)
		dbg_process_detach(w.process);
	events_close(w.events);
	for (int i = 0; i <= N_END_SIGNALS; i++)
		loop_remove(w.signals[i]);
	loop_destroy(w.loop);
	return status < 0 || w.failed;
}
