/* Threads and running them: ids of the protocol to waves and host threads, actions to choices, model stops to stop replies. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/signum.h"
#include "src/control/watch.h"
#include "src/model/breakpoint.h"
#include "src/model/process.h"
#include "src/model/siginfo.h"
#include "src/model/wave.h"
#include "src/target/target.h"

/* ------------------------------------------------------------------ stops */

static unsigned wave_signal(const struct dbg_stop *stop)
{
	return rsp_signal_from_host(stop->reasons ? siginfo_signal(stop->reasons) : stop->signal);
}

struct rsp_stop target_stop(const struct dbg_target *d, const struct dbg_stop *stop)
{
	pid_t pid = d->process ? d->process->pid : 0;
	struct rsp_stop out = { .kind = RSP_STOP_NONE, .thread = { pid, stop->tid } };
	switch (stop->kind) {
	case DBG_STOP_NONE:
		break;
	case DBG_STOP_WAVE:
	case DBG_STOP_HOST:
		out.kind = RSP_STOP_SIGNAL;
		out.value = stop->kind == DBG_STOP_WAVE ? wave_signal(stop) : rsp_signal_from_host(stop->signal);
		if (stop->libraries)
			out.reason = RSP_REASON_LIBRARY;
		else if (stop->breakpoint)
			out.reason = RSP_REASON_SWBREAK;
		else if (stop->watch) {
			static const enum rsp_stop_reason kinds[] = {
				[DBG_WATCH_WRITE] = RSP_REASON_WATCH, [DBG_WATCH_READ] = RSP_REASON_RWATCH, [DBG_WATCH_ACCESS] = RSP_REASON_AWATCH,
			};
			out.reason = kinds[stop->watch_kind];
			out.addr = stop->watch_addr;
		}
		break;
	case DBG_STOP_THREAD_EXITED:
		out.kind = RSP_STOP_THREAD_EXITED;
		break;
	case DBG_STOP_NOTHING_RUNS:
		out.kind = RSP_STOP_NO_RESUMED;
		break;
	case DBG_STOP_EXITED:
		out.kind = RSP_STOP_EXITED;
		out.value = (unsigned)stop->status;
		break;
	case DBG_STOP_TERMINATED:
		out.kind = RSP_STOP_TERMINATED;
		out.value = rsp_signal_from_host(stop->signal);
		break;
	}
	return out;
}

/* ------------------------------------------------------------------ threads */

/* What the program calls the thread, as /proc and ps show it. */
static void host_name(pid_t pid, pid_t tid, char *buf, size_t n)
{
	char path[64];
	snprintf(path, sizeof path, "/proc/%d/task/%d/comm", (int)pid, (int)tid);
	FILE *f = fopen(path, "re");
	bool got = f && fgets(buf, (int)n, f);
	if (f)
		fclose(f);
	if (got)
		buf[strcspn(buf, "\n")] = 0;
	if (!got || !buf[0])
		snprintf(buf, n, "host");
}

/* The leader is always there, other host threads when they are stopped: a program's own worker threads would only hide the waves. */
static int list_host(struct dbg_process *p, rsp_thread_emit *emit, void *sink, struct rsp_error *err)
{
	size_t n;
	pid_t *tids;
	struct dbg_error why;
	if (host_thread_list(p->host, &tids, &n, &why) < 0)
		return target_error(err, &why);
	for (size_t i = 0; i < n; i++) {
		bool stopped = host_thread_stopped(p->host, tids[i]);
		if (tids[i] != p->pid && !stopped)
			continue;
		char name[32];
		host_name(p->pid, tids[i], name, sizeof name);
		struct rsp_thread thread = { .id = { p->pid, tids[i] }, .name = name, .extra = stopped ? "stopped" : "running", .core = -1 };
		emit(sink, &thread);
	}
	free(tids);
	return 0;
}

/* The client was not told yet: the thread it stands at is still there for it, so that it can go on and be told. */
static void list_ended(const struct dbg_target *d, rsp_thread_emit *emit, void *sink)
{
	struct rsp_thread thread = { .id = { d->process->pid, d->process->pid }, .name = "host", .extra = "has ended; continue tells how", .core = -1 };
	emit(sink, &thread);
	thread.id.tid = d->last.kind == RSP_STOP_SIGNAL ? d->last.thread.tid : thread.id.pid;
	thread.name = "wave";
	if (thread.id.tid != thread.id.pid)
		emit(sink, &thread);
}

int target_threads(void *t, rsp_thread_emit *emit, void *sink, struct rsp_error *err)
{
	struct dbg_process *p;
	struct dbg_wave **waves;
	struct dbg_error why;
	size_t n;
	int status = target_process(t, 0, &p, err);
	if (status < 0)
		return status;
	if (p->ended) {
		list_ended(t, emit, sink);
		return 0;
	}
	dbg_refresh(p);
	status = list_host(p, emit, sink, err);
	if (status < 0)
		return status;
	if (wave_list(p, &waves, &n, &why) < 0)
		return target_error(err, &why);
	for (size_t i = 0; i < n; i++) {
		char name[128], extra[256];
		wave_name(waves[i], name, sizeof name);
		if (dbg_thread_stopped(p, wave_tid(waves[i])))
			wave_describe(waves[i], extra, sizeof extra);
		else
			strcpy(extra, "running");
		if (strcmp(extra, "stopped") == 0)
			extra[0] = 0; /* nothing to say of it */
		struct rsp_thread thread = { .id = { p->pid, wave_tid(waves[i]) }, .name = name, .extra = extra, .core = -1 };
		emit(sink, &thread);
	}
	free(waves);
	p->seen = !p->running;
	break_age(p);
	return 0;
}

int target_thread_alive(void *t, struct rsp_ptid id, bool *alive)
{
	struct dbg_process *p;
	int status = target_process(t, id.pid, &p, NULL);
	/* Threads of a process that has ended unseen stay until the client is told: gdb lets a user continue, which tells, only from a thread. */
	*alive = status == 0 && (p->ended ? id.tid > 0 : wave_by_tid(p, id.tid) ||
		(id.tid > 0 && id.tid < DBG_WAVE_TID && host_thread_alive(p->host, (pid_t)id.tid)));
	return 0;
}

int target_thread_resolve(void *t, struct rsp_ptid *id, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_process *p;
	bool alive;
	int status = target_process(d, id->pid, &p, err);
	if (status < 0)
		return status;
	id->pid = p->pid;
	if (id->tid <= 0) { /* any: the one that stopped last, if it is still there */
		id->tid = d->last.kind == RSP_STOP_SIGNAL ? d->last.thread.tid : p->pid;
		target_thread_alive(d, *id, &alive);
		if (!alive)
			id->tid = p->pid;
	}
	target_thread_alive(d, *id, &alive);
	return alive ? 0 : rsp_fail(err, RSP_GONE, "no thread %lld", (long long)id->tid);
}

/* ------------------------------------------------------------------ running */

static bool matches(const struct rsp_resume *a, const struct dbg_process *p, int64_t tid)
{
	if (a->who.pid > 0 && a->who.pid != p->pid)
		return false;
	/* tid 0: waves to come are meant by what means all threads */
	return a->who.tid == -1 || (tid > 0 && a->who.tid == tid) || (tid > 0 && a->who.tid == 0);
}

static void choose(void *arg, int64_t tid, struct dbg_choice *out)
{
	static const enum dbg_action actions[] = {
		[RSP_CONTINUE] = DBG_GO, [RSP_STEP] = DBG_STEP, [RSP_RANGE_STEP] = DBG_RANGE, [RSP_HALT] = DBG_HOLD,
	};
	struct dbg_target *d = arg;
	/* The client does not know of that stop yet: it cannot have meant this thread. */
	if (d->session && rsp_session_stop_unseen(d->session, (struct rsp_ptid){ d->process->pid, tid }))
		return;
	for (size_t i = 0; i < d->n_actions; i++) {
		const struct rsp_resume *a = &d->actions[i];
		if (!matches(a, d->process, tid))
			continue;
		out->action = actions[a->kind];
		out->signal = a->signal ? rsp_signal_to_host(a->signal) : 0;
		if (out->signal < 0)
			out->signal = 0;
		out->start = a->start;
		out->end = a->end;
		return;
	}
}

/* A breakpoint just made at a place where a caller of the selected wave goes on: the client waits for its return. */
static void expect_return(struct dbg_target *d, struct dbg_process *p)
{
	struct rsp_ptid selected = { 0, 0 };
	if (d->session && !p->nonstop)
		rsp_session_selected(d->session, &selected);
	struct dbg_wave *w = p->running ? NULL : wave_by_tid(p, selected.tid);
	for (const struct dbg_break *b = p->breaks; w && b; b = b->hh.next)
		if (b->young && b->wanted && !b->host && view_returns_to(d->view, p, w, b->addr)) {
			dbg_expect_return(p, selected.tid);
			return;
		}
}

int target_resume(void *t, const struct rsp_resume *actions, size_t n, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_process *p;
	struct dbg_error why;
	int status = target_process(d, 0, &p, err);
	if (status < 0)
		return status;
	if (n > d->max_actions) {
		struct rsp_resume *grown = realloc(d->actions, n * sizeof *grown);
		if (!grown)
			return rsp_fail(err, RSP_INTERNAL, "out of memory for %zu actions", n);
		d->actions = grown;
		d->max_actions = n;
	}
	if (n)
		memcpy(d->actions, actions, n * sizeof *actions);
	d->n_actions = n;
	expect_return(d, p);
	if (dbg_resume(p, choose, d, &why) < 0) {
		if (p->nonstop || why.class == DBG_BAD_REQUEST)
			return target_error(err, &why);
		/* gdb shows the number of an error and nothing of its text; console output comes with a stop. */
		const struct dbg_stop stays = dbg_quiet_stop(p);
		dbg_trouble(p, "nothing runs: %s", why.text);
		dbg_report(p, &stays);
	}
	return 0;
}

int target_set_nonstop(void *t, bool on, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_error why;
	if (!d->process)
		return 0; /* said anew when there is one: see adopt() */
	if (dbg_set_nonstop(d->process, on, &why) < 0)
		return target_error(err, &why);
	d->last = target_stop(d, &d->process->last);
	return 0;
}

/* Sets as masks of host signal numbers. */
static uint64_t host_mask(const struct rsp_signals *set)
{
	uint64_t mask = 0;
	for (unsigned number = 1; number < RSP_MAX_SIGNALS; number++) {
		int sig = rsp_signals_have(set, number) ? rsp_signal_to_host(number) : -1;
		if (sig > 0 && sig <= 64)
			mask |= UINT64_C(1) << (sig - 1);
	}
	return mask;
}

int target_pass_signals(void *t, const struct rsp_signals *set, struct rsp_error *err)
{
	struct dbg_target *d = t;
	(void)err;
	d->pass_known = true;
	d->pass = host_mask(set);
	target_apply_signals(d);
	return 0;
}

int target_program_signals(void *t, const struct rsp_signals *set, struct rsp_error *err)
{
	struct dbg_target *d = t;
	(void)err;
	d->program_known = true;
	d->program = host_mask(set);
	target_apply_signals(d);
	return 0;
}

void target_apply_signals(struct dbg_target *d)
{
	if (!d->process)
		return;
	host_set_pass_signals(d->process->host, d->pass_known ? &d->pass : NULL);
	host_set_program_signals(d->process->host, d->program_known ? &d->program : NULL);
}

int target_siginfo(void *t, struct rsp_ptid id, struct rsp_buf *out, struct rsp_error *err)
{
	struct dbg_process *p;
	struct dbg_error why;
	siginfo_t info;
	int status = target_process(t, id.pid, &p, err);
	if (status < 0)
		return status;
	if (!dbg_thread_stopped(p, id.tid))
		return rsp_fail(err, RSP_REFUSED, "the thread is running");
	const struct dbg_wave *w = wave_by_tid(p, id.tid);
	if (w) {
		siginfo_of_wave(w, p->last.tid == id.tid ? p->last.signal : 0, &info);
		if (!info.si_signo)
			return rsp_fail(err, RSP_REFUSED, "the wave was stopped on request: no signal says why");
	} else if (host_siginfo(p->host, (pid_t)id.tid, &info, &why) < 0) {
		return target_error(err, &why);
	}
	rsp_buf_add(out, &info, sizeof info);
	return 0;
}

struct stop_sink {
	struct dbg_target *d;
	rsp_stop_emit *emit;
	void *sink;
};

static void emit_stop(void *arg, const struct dbg_stop *stop)
{
	const struct stop_sink *s = arg;
	struct rsp_stop out = target_stop(s->d, stop);
	s->emit(s->sink, &out);
}

int target_stops(void *t, rsp_stop_emit *emit, void *sink, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct stop_sink s = { d, emit, sink };
	(void)err;
	if (d->process)
		dbg_nonstop_stops(d->process, emit_stop, &s);
	else if (d->last.kind != RSP_STOP_NONE && d->last.kind != RSP_STOP_SIGNAL)
		emit(sink, &d->last);
	return 0;
}

int target_thread_events(void *t, bool on, struct rsp_error *err)
{
	struct dbg_target *d = t;
	(void)err;
	if (d->process)
		d->process->thread_events = on;
	return 0;
}

void target_interrupt(void *t)
{
	struct dbg_target *d = t;
	if (d->process)
		dbg_interrupt(d->process);
}
