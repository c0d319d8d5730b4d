#include "src/model/process.h"

#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "src/base/log.h"
#include "src/control/launch.h"
#include "src/control/precise.h"
#include "src/control/watch.h"
#include "src/kernel/smi.h"
#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/queue.h"
#include "src/model/runtime.h"
#include "src/model/wave.h"
#include "src/run/settle.h"

static void on_event(void *arg, int fd, uint32_t events)
{
	struct dbg_process *p = arg;
	struct dbg_error err;
	bool look;
	(void)fd;
	(void)events;
	dbg_timing_begin(p);
	int status = runtime_pump(p, &look, &err);
	if (status == -DBG_GONE) {
		dbg_process_gpu_gone(p);
		return;
	}
	if (status < 0)
		dbg_trouble(p, "%s", err.text);
	if (look)
		dbg_run_event(p);
}

void dbg_timing_begin(struct dbg_process *p)
{
	p->timing.began_us = loop_now_us();
	p->timing.cpu_us = loop_cpu_us();
	p->timing.began_calls = p->kif ? kif_driver_calls(p->kif) : 0;
	p->timing.decode_us = 0;
}

void dbg_process_gpu_gone(struct dbg_process *p)
{
	p->gpu_gone = true;
	loop_remove(p->event_source);
	p->event_source = NULL;
	smi_destroy(p->smi);
	p->smi = NULL;
	p->runtime.handshake_owed = false;
	memset(&p->runtime.info, 0, sizeof p->runtime.info);
	runtime_forget(p);
}

static void on_reset(void *arg, uint32_t gpu_id, bool done, const char *text)
{
	struct dbg_process *p = arg;
	const struct dbg_agent *a = agent_by_gpu(p, gpu_id);
	const struct dbg_event e = { .kind = done ? DBG_EVENT_RESET_DONE : DBG_EVENT_RESET_BEGUN, .agent = a, .gpu_id = gpu_id, .text = text };
	for (struct dbg_queue *q = p->queues; q; q = q->next)
		q->lost |= q->info.gpu_id == gpu_id;
	dbg_say(p, done ? "agent %u (GPU 0x%x) was reset (%s): its queues do not run any more"
			: "agent %u (GPU 0x%x) is being reset (%s)", a ? a->number : 0, gpu_id, text);
	dbg_tell(p, &e);
}

/* Nothing depends on these events; without them a reset is noticed by what fails after it. */
static void watch_gpus(struct dbg_process *p)
{
	struct dbg_error why;
	uint32_t *ids = calloc(p->n_agents ? p->n_agents : 1, sizeof *ids);
	for (size_t i = 0; ids && i < p->n_agents; i++)
		ids[i] = p->agents[i].info.gpu_id;
	if (!ids || smi_create(p->kif, p->loop, ids, p->n_agents, on_reset, p, &p->smi, &why) < 0)
		p->smi = NULL;
	free(ids);
}

/* Opens the kernel's side for p->pid, which this thread traces. */
static int open_kernel(struct dbg_process *p, struct dbg_error *err)
{
	int status = kif_kfd_open(p->pid, &p->kif, err);
	p->gpu_gone = false;
	if (status == 0)
		status = runtime_open(p, err);
	if (status == 0)
		status = loop_add_fd(p->loop, kif_event_fd(p->kif), EPOLLIN, on_event, p, &p->event_source, err);
	if (status == 0)
		watch_gpus(p);
	return status;
}

void dbg_process_free(struct dbg_process *p)
{
	if (!p)
		return;
	p->hooks.stopped = NULL;
	p->hooks.event = NULL; /* what is forgotten here goes on without us */
	loop_remove(p->report_source);
	loop_remove(p->look_source);
	loop_remove(p->gather_source);
	loop_remove(p->patience_source);
	loop_remove(p->window_source);
	free(p->told);
	if (p->kif)
		dbg_process_gpu_gone(p);
	break_forget_all(p);
	watch_forget_all(p);
	launch_forget(p);
	guard_stop(p->guard);
	if (p->kif)
		kif_close(p->kif);
	free(p->agents);
	free(p->wave_slots);
	free(p->host_events);
	free(p);
}

static struct dbg_process *create(struct loop *loop, const struct dbg_hooks *hooks, struct host *host, guard_rescue_fn *rescue,
	struct dbg_error *err)
{
	struct dbg_process *p = calloc(1, sizeof *p);
	if (!p) {
		dbg_fail(err, DBG_INTERNAL, "out of memory for a process");
		return NULL;
	}
	p->loop = loop;
	p->hooks = *hooks;
	p->host = host;
	p->pid = host_pid(host);
	p->attached = host_was_attached(host);
	struct dbg_error why;
	if (guard_start(p->pid, rescue, &p->guard, &why) < 0)
		log_warning("%s: no breakpoints in GPU code", why.text);
	host_set_guard(host, p->guard);
	return p;
}

static int adopt_patches(struct dbg_process *p, const struct guard_patch *patches, size_t n, struct dbg_error *err)
{
	int status = n && !p->guard ? dbg_fail(err, DBG_INTERNAL, "there is no guard process") : 0;
	for (size_t i = 0; i < n && status == 0; i++)
		if (patches[i].bytes == 4)
			status = break_adopt(p, patches[i].addr, patches[i].original, err);
	return status;
}

/* patches: what an earlier debugger left in the code. */
static int attach_after(struct loop *loop, pid_t pid, const struct dbg_hooks *hooks, guard_rescue_fn *after, const struct guard_patch *patches,
	size_t n, struct dbg_process **out, struct dbg_error *err)
{
	struct host *host;
	bool news;
	int status = host_attach(pid, &host, err);
	if (status < 0)
		return status;
	struct dbg_process *p = create(loop, hooks, host, after, err);
	status = p ? open_kernel(p, err) : -(int)DBG_INTERNAL;
	if (status == 0)
		status = adopt_patches(p, patches, n, err);
	if (status == 0)
		status = dbg_stop_queues(p, &news, err);
	if (status < 0) {
		if (p && p->kif)
			kif_disable(p->kif, NULL);
		host_detach(host);
		dbg_process_free(p);
		return status;
	}
	p->last = dbg_quiet_stop(p);
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_ATTACHED });
	*out = p;
	return 0;
}

/* Waves with a fatal exception stay halted: the runtime is to find them so (wave-state 4.12). */
static void let_go(struct dbg_wave *w)
{
	const unsigned harmless = GFX_STOP_BREAKPOINT | GFX_STOP_WATCHPOINT | GFX_STOP_SINGLE_STEP | GFX_STOP_DEBUG_TRAP | GFX_STOP_TRAP;
	settle_undo(w);
	gfx_wave_set_id(&w->g, 0);
	if (!(w->to_clear & ~harmless))
		gfx_wave_resume(&w->g, GFX_RUN, w->to_clear);
	wave_touch_state(w);
}

void dbg_process_detach(struct dbg_process *p)
{
	struct dbg_error err;
	bool news;
	struct host *host = p->host;
	if (p->ended) {
		host_detach(host);
		dbg_process_free(p);
		return;
	}
	if (p->halt_new || launch_mode(p))
		kif_launch_mode(p->kif, 0, NULL);
	if (p->runtime.usable && dbg_stop_queues(p, &news, &err) < 0)
		log_error("detach: %s", err.text);
	break_remove_all(p);
	watch_remove_all(p);
	launch_forget(p);
	precise_restore(p);
	if (p->runtime.r_brk)
		host_break_remove(host, p->runtime.r_brk, NULL);
	for (struct dbg_wave *w = p->waves; w; w = w->hh.next)
		let_go(w);
	if (queue_write_back(p, &err) < 0)
		log_error("detach: %s", err.text);
	/* A runtime that came or went meanwhile sleeps until it is paid, and nobody else will do it (kfd-debug-interface 2.4). */
	if (runtime_pump(p, &news, &err) < 0 && err.class != DBG_GONE)
		log_error("detach: %s", err.text);
	runtime_pay(p);
	if (kif_disable(p->kif, &err) < 0 && err.class != DBG_GONE)
		log_error("detach: %s", err.text);
	host_detach(host);
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_DETACHED });
	dbg_process_free(p);
}

void dbg_process_kill(struct dbg_process *p)
{
	const struct dbg_stop killed = { .kind = DBG_STOP_TERMINATED, .tid = p->pid, .signal = SIGKILL };
	if (!p->ended)
		dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_ENDED, .stop = &killed });
	host_kill(p->host);
	dbg_process_free(p);
}

/* In the guard's process, after the stub's death: a debugger of a moment that cycles the queues, so that no instruction cache keeps a trap, sets
 * waves that its breakpoints stopped back to the instruction they stand for, and lets all go. */
static void rescue(pid_t target, const struct guard_patch *patches, size_t n)
{
	enum { ROUNDS = 200, WAIT_US = 10000 }; /* the kernel takes a moment to notice the death */
	const struct dbg_hooks none = { .stopped = NULL };
	struct loop *loop;
	struct dbg_process *p;
	struct dbg_error err;
	int status = loop_create(&loop, &err);
	if (status < 0)
		return;
	for (int i = 0; i < ROUNDS; i++) {
		/* It has a guard too, which does not do this again: what kills the rescue would kill the next one. */
		status = attach_after(loop, target, &none, NULL, patches, n, &p, &err);
		if (status == 0 || status == -DBG_GONE)
			break;
		usleep(WAIT_US);
	}
	if (status == 0)
		dbg_process_detach(p);
	loop_destroy(loop);
}

int dbg_process_launch(struct loop *loop, char *const argv[], const struct dbg_hooks *hooks, struct dbg_process **out, struct dbg_error *err)
{
	struct host *host;
	int status = host_launch(argv, &host, err);
	if (status < 0)
		return status;
	struct dbg_process *p = create(loop, hooks, host, rescue, err);
	status = p ? open_kernel(p, err) : -(int)DBG_INTERNAL;
	if (status < 0) {
		host_kill(host);
		dbg_process_free(p);
		return status;
	}
	p->last = (struct dbg_stop){ .kind = DBG_STOP_HOST, .tid = p->pid, .signal = 5 /* SIGTRAP, as gdbserver */ };
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_ATTACHED });
	*out = p;
	return 0;
}

int dbg_process_attach(struct loop *loop, pid_t pid, const struct dbg_hooks *hooks, struct dbg_process **out, struct dbg_error *err)
{
	enum { ROUNDS = 10, WAIT_US = 10000 };
	int status = -(int)DBG_GONE;
	for (int i = 0; i < ROUNDS; i++) {
		status = attach_after(loop, pid, hooks, rescue, NULL, 0, out, err);
		/* A process that executes a new program in this moment loses its GPU side under our hands, but it is there. */
		if (status != -DBG_GONE || kill(pid, 0) != 0)
			break;
		usleep(WAIT_US);
	}
	return status;
}

/* A new program: the old one's KFD process died with its memory, and a fresh one is enabled (kfd-debug-interface 3.3). */
static void new_program(struct dbg_process *p, pid_t tid)
{
	struct dbg_error err;
	struct kif *old = p->kif;
	dbg_process_gpu_gone(p);
	break_forget_all(p);
	watch_forget_all(p);
	dbg_tell(p, &(struct dbg_event){ .kind = DBG_EVENT_EXECUTED });
	kif_disable(old, NULL); /* before there is a new session, which closing the old one must not end */
	p->kif = NULL;
	if (open_kernel(p, &err) < 0)
		dbg_trouble(p, "after exec: %s", err.text);
	if (p->kif) {
		kif_close(old);
	} else { /* it answers to every call that the program is gone */
		p->kif = old;
		p->gpu_gone = true;
	}
	host_continue(p->host, tid, 0, NULL);
}

void dbg_process_sigchld(struct dbg_process *p)
{
	struct host_event e;
	struct dbg_error err;
	while (!p->ended) {
		if (host_next_event(p->host, &e, &err) < 0) {
			dbg_trouble(p, "%s", err.text);
			return;
		}
		if (e.kind == HOST_NONE)
			return;
		if (e.kind == HOST_EXEC)
			new_program(p, e.tid);
		else
			dbg_run_host_event(p, &e);
	}
}
