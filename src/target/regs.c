/* Registers, memory and breakpoints of a concrete thread. */
#include <string.h>

#include "src/control/watch.h"
#include "src/model/breakpoint.h"
#include "src/model/process.h"
#include "src/model/wave.h"
#include "src/target/condition.h"
#include "src/target/target.h"

struct who {
	struct dbg_process *p;
	struct dbg_wave *wave; /* NULL: a host thread */
	pid_t tid;
};

static int find(struct dbg_target *d, struct rsp_ptid id, struct who *out, struct rsp_error *err)
{
	int status = target_process(d, id.pid, &out->p, err);
	if (status < 0)
		return status;
	out->wave = wave_by_tid(out->p, id.tid);
	out->tid = (pid_t)id.tid;
	if (out->p->ended || (!out->wave && (id.tid >= DBG_WAVE_TID || !host_thread_alive(out->p->host, out->tid))))
		return rsp_fail(err, RSP_GONE, "no thread %lld", (long long)id.tid);
	return 0;
}

/* The same before something is changed: images are written back, and caches refilled, only when the queues go back to the hardware. */
static int edit(struct dbg_target *d, struct rsp_ptid id, struct who *out, struct rsp_error *err)
{
	struct dbg_error why;
	int status = target_process(d, id.pid, &out->p, err);
	if (status == 0 && dbg_access(out->p, &why) < 0)
		return target_error(err, &why);
	return status < 0 ? status : find(d, id, out, err);
}

/* A host thread runs until somebody looks at it; then it stays stopped until the next resume. */
static int host_regs(const struct who *w, struct user_regs_struct *gp, struct user_fpregs_struct *fp, struct dbg_error *err)
{
	int status = 0;
	if (w->p->nonstop ? !host_thread_stopped(w->p->host, w->tid) : w->p->running)
		return dbg_fail(err, DBG_REFUSED, "the thread is running");
	if (!host_thread_stopped(w->p->host, w->tid))
		status = host_stop(w->p->host, w->tid, err);
	return status < 0 ? status : host_get_regs(w->p->host, w->tid, gp, fp, err);
}

int target_reg_read(void *t, struct rsp_ptid id, size_t regno, uint8_t *buf, bool *available, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct user_regs_struct gp;
	struct user_fpregs_struct fp;
	struct dbg_error why;
	struct who w;
	int status = target_process(d, id.pid, &w.p, err);
	if (status == 0 && w.p->ended) {
		*available = false; /* an error would keep gdb from continuing, which is how the end is told */
		return 0;
	}
	if (status == 0)
		status = find(d, id, &w, err);
	if (status < 0)
		return status;
	if (w.wave) {
		status = view_wave_read(d->view, w.p, w.wave, regno, buf, available, &why);
	} else {
		status = host_regs(&w, &gp, &fp, &why);
		if (status == 0)
			*available = view_host_read(d->view, regno, &gp, &fp, buf);
	}
	return status < 0 ? target_error(err, &why) : 0;
}

int target_reg_write(void *t, struct rsp_ptid id, size_t regno, const uint8_t *buf, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct user_regs_struct gp;
	struct user_fpregs_struct fp;
	struct dbg_error why;
	struct who w;
	int status = edit(d, id, &w, err);
	if (status < 0)
		return status;
	if (w.wave) {
		status = view_wave_write(d->view, w.p, w.wave, regno, buf, &why);
	} else {
		status = host_regs(&w, &gp, &fp, &why);
		if (status == 0 && !view_host_write(d->view, regno, &gp, &fp, buf))
			status = dbg_fail(&why, DBG_REFUSED, "a host thread has no such register to write");
		if (status == 0)
			status = host_set_regs(w.p->host, w.tid, &gp, &fp, &why);
	}
	return status < 0 ? target_error(err, &why) : 0;
}

int target_mem_read(void *t, struct rsp_ptid id, uint64_t addr, uint8_t *buf, size_t len, size_t *got, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_error why;
	struct who w;
	int status = find(d, id, &w, err);
	if (status < 0)
		return status;
	status = view_mem_read(d->view, w.p, w.wave, addr, buf, len, got, &why);
	return status < 0 ? target_error(err, &why) : 0;
}

int target_mem_write(void *t, struct rsp_ptid id, uint64_t addr, const uint8_t *buf, size_t len, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_error why;
	struct who w;
	int status = edit(d, id, &w, err);
	if (status < 0)
		return status;
	status = view_mem_write(d->view, w.p, w.wave, addr, buf, len, &why);
	return status < 0 ? target_error(err, &why) : 0;
}

static bool watch_kind(enum rsp_break_type type, enum dbg_watch_kind *out)
{
	switch (type) {
	case RSP_WATCH_WRITE:
		*out = DBG_WATCH_WRITE;
		return true;
	case RSP_WATCH_READ:
		*out = DBG_WATCH_READ;
		return true;
	case RSP_WATCH_ACCESS:
		*out = DBG_WATCH_ACCESS;
		return true;
	default:
		return false;
	}
}

static int insert_watch(struct dbg_target *d, struct dbg_process *p, const struct rsp_break *b, enum dbg_watch_kind kind, struct rsp_error *err)
{
	struct dbg_watch_place place = { .addr = b->addr, .bytes = b->kind };
	struct dbg_error why;
	/* Waves that run now must not miss it, and private memory is found by what its wave is doing. */
	int status = dbg_access(p, &why);
	if (status == 0)
		status = view_watch_place(d->view, p, &place, &why);
	status = status < 0 ? watch_refused(p, b->addr, &why) : watch_insert(p, kind, &place, &why);
	return status < 0 ? target_error(err, &why) : 0;
}

static int remove_code(struct dbg_target *d, struct dbg_process *p, uint64_t addr, struct rsp_error *err)
{
	struct dbg_error why;
	condition_drop(d, addr);
	return break_remove(p, addr, &why) < 0 ? target_error(err, &why) : 0;
}

static int insert_code(struct dbg_target *d, struct dbg_process *p, const struct rsp_break *b, struct rsp_error *err)
{
	struct dbg_error why;
	/* First: a wave may meet the breakpoint before this returns. */
	int status = condition_set(d, b, err);
	if (status < 0)
		return status;
	if (break_insert(p, b->addr, &why) < 0) {
		condition_drop(d, b->addr);
		return target_error(err, &why);
	}
	/* Waves that run now must not miss it: it is in the code before the queues go back to the hardware. */
	if (break_wanted_at(p, b->addr) && !break_inserted_at(p, b->addr) && dbg_access(p, &why) < 0) {
		condition_drop(d, b->addr); /* the client counts it as not inserted */
		break_remove(p, b->addr, NULL);
		return target_error(err, &why);
	}
	return 0;
}

/* What a request of the client is about: a watchpoint, or code. */
struct subject {
	struct dbg_process *p;
	bool watch;
	enum dbg_watch_kind kind; /* of a watchpoint */
};

static int find_subject(void *t, const struct rsp_break *b, struct subject *out, struct rsp_error *err)
{
	out->watch = watch_kind(b->type, &out->kind);
	if (b->type != RSP_BREAK_SW && !out->watch)
		return -RSP_UNSUPPORTED;
	return target_process(t, 0, &out->p, err);
}

int target_break_insert(void *t, const struct rsp_break *b, struct rsp_error *err)
{
	struct subject s;
	int status = find_subject(t, b, &s, err);
	if (status < 0)
		return status;
	return s.watch ? insert_watch(t, s.p, b, s.kind, err) : insert_code(t, s.p, b, err);
}

int target_break_remove(void *t, const struct rsp_break *b, struct rsp_error *err)
{
	struct subject s;
	int status = find_subject(t, b, &s, err);
	if (status < 0)
		return status;
	if (!s.watch)
		return remove_code(t, s.p, b->addr, err);
	watch_remove(s.p, s.kind, b->addr, b->kind);
	return 0;
}
