#include "src/target/dbg_target.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/signum.h"
#include "src/base/log.h"
#include "src/model/breakpoint.h"
#include "src/model/codeobj.h"
#include "src/model/process.h"
#include "src/model/wave.h"
#include "src/monitor/disasm.h"
#include "src/target/break_filter.h"
#include "src/target/condition.h"
#include "src/target/target.h"
#include "src/view/carrier.h"

enum { NOTICE_BYTES = 16384 };

int target_error(struct rsp_error *out, const struct dbg_error *err)
{
	static const enum rsp_class classes[] = {
		[DBG_UNSUPPORTED] = RSP_REFUSED, /* an operation that exists but cannot be had here is an error, not an unknown packet */
		[DBG_BAD_REQUEST] = RSP_BAD_REQUEST,
		[DBG_REFUSED] = RSP_REFUSED,
		[DBG_GONE] = RSP_GONE,
		[DBG_INTERNAL] = RSP_INTERNAL,
		[DBG_AGAIN] = RSP_INTERNAL,
	};
	return rsp_fail(out, err->class ? classes[err->class] : RSP_INTERNAL, "%s", err->text);
}

int target_process(struct dbg_target *d, int64_t pid, struct dbg_process **out, struct rsp_error *err)
{
	*out = NULL;
	if (!d->process)
		return rsp_fail(err, RSP_GONE, "there is no process");
	if (pid > 0 && pid != d->process->pid)
		return rsp_fail(err, RSP_GONE, "no process %lld", (long long)pid);
	*out = d->process;
	return 0;
}

/* ------------------------------------------------------------------ hooks of the model */

static void forget_process(struct dbg_target *d)
{
	d->process = NULL;
}

/* The process record of one that ended goes as soon as that was reported. */
static void bury(struct dbg_target *d)
{
	struct dbg_process *p = d->process;
	forget_process(d);
	dbg_process_kill(p);
}

/* Lines for the user, as far as the client takes them now. */
static void send_notices(struct dbg_target *d)
{
	if (!d->notices.len || !d->session || !rsp_session_running(d->session))
		return;
	rsp_session_console(d->session, d->notices.data, d->notices.len);
	rsp_buf_clear(&d->notices);
}

static void on_notice(void *arg, const char *text)
{
	struct dbg_target *d = arg;
	rsp_buf_printf(&d->notices, "wavestub: %s\n", text);
	if (d->notices.failed) /* full: the rest is on standard error */
		d->notices.failed = false;
	send_notices(d);
}

static void on_event(void *arg, const struct dbg_process *p, const struct dbg_event *e)
{
	struct dbg_target *d = arg;
	events_put(d->events, p, e);
}

/* Whose result `finish` shows, when it cannot be the selected lane's. */
static void name_result(struct dbg_target *d, const struct dbg_stop *stop)
{
	struct dbg_wave *w = stop->kind == DBG_STOP_WAVE && stop->breakpoint && d->process ? wave_by_tid(d->process, stop->tid) : NULL;
	unsigned lane;
	char text[160];
	if (!w || !view_result_of_other(d->process, w, &lane))
		return;
	snprintf(text, sizeof text, "lane %u takes no part here: the result of the call that comes back is that of lane %u", wave_lane(w), lane);
	on_notice(d, text);
}

static void on_stopped(void *arg, const struct dbg_stop *stop)
{
	struct dbg_target *d = arg;
	bool host_hit = stop->kind == DBG_STOP_HOST && stop->breakpoint;
	int64_t tid = stop->tid;
	d->last = target_stop(d, stop);
	if (stop->libraries && d->view && d->process)
		view_prepare(d->view, d->process); /* clients wait for a stop as long as it takes, for the list and the files they do not */
	if (stop->kind == DBG_STOP_EXITED)
		log_notice("Child exited with status %d", stop->status);
	if (stop->kind == DBG_STOP_TERMINATED)
		log_notice("Child terminated with signal = 0x%x (%s)", (unsigned)stop->signal, rsp_signal_name(rsp_signal_from_host(stop->signal)));
	name_result(d, stop);
	if (stop->kind == DBG_STOP_EXITED || stop->kind == DBG_STOP_TERMINATED)
		bury(d); /* the record of the stop goes with the process */
	if (host_hit)
		condition_host_hit(d, tid);
	send_notices(d);
	if (d->session)
		rsp_session_stopped(d->session, &d->last);
}

static void on_codeobj_gone(void *arg, struct dbg_codeobj *o)
{
	struct dbg_target *d = arg;
	if (d->view)
		view_forget(d->view, o);
}

static void on_sigchld(void *arg, int signo)
{
	struct dbg_target *d = arg;
	(void)signo;
	if (d->process)
		dbg_process_sigchld(d->process);
}

/* ------------------------------------------------------------------ life of the process */

/* As the command line says, else as the client understands. */
static const struct view_carrier *carrier_for(const struct dbg_target *d)
{
	if (!d->session)
		return d->options->carrier ? d->options->carrier : view_carrier_for("", false);
	const struct view_carrier *named = d->options->carrier;
	const struct view_carrier *c = named ? named : view_carrier_for(rsp_session_client_registers(d->session), rsp_session_client_is_gdb(d->session));
	return rsp_session_client_is_newer(d->session) ? c->newer : c;
}

static int adopt(struct dbg_target *d, struct dbg_process *p, struct rsp_error *err)
{
	struct dbg_error why;
	struct view *view;
	int status = view_create(p, carrier_for(d), &view, &why);
	if (status < 0) {
		if (p->attached)
			dbg_process_detach(p);
		else
			dbg_process_kill(p);
		return target_error(err, &why);
	}
	view_destroy(d->view);
	d->view = view;
	d->process = p;
	target_apply_signals(d);
	if (d->session && rsp_session_nonstop(d->session)) {
		struct dbg_stop first = p->last;
		if (dbg_set_nonstop(p, true, &why) < 0)
			return target_error(err, &why);
		p->last = first;
	}
	d->last = target_stop(d, &p->last);
	view_prepare(view, p);
	return 0;
}

static const struct dbg_hooks *hooks_of(struct dbg_target *d, struct dbg_hooks *h)
{
	*h = (struct dbg_hooks){
		.stopped = on_stopped,
		.hits = condition_hits,
		.codeobj_gone = on_codeobj_gone,
		.event = on_event,
		.notice = on_notice,
		.arg = d,
	};
	return h;
}

/* Refuses a second process. */
static int only_one(const struct dbg_target *d, struct rsp_error *err)
{
	return d->process ? rsp_fail(err, RSP_REFUSED, "process %d is being debugged; one at a time", (int)d->process->pid) : 0;
}

static int attach(void *t, int64_t pid, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_process *p = NULL;
	struct dbg_hooks hooks;
	struct dbg_error why;
	int status = only_one(d, err);
	if (status < 0)
		return status;
	if (pid <= 0 || pid > INT32_MAX)
		return rsp_fail(err, RSP_BAD_REQUEST, "no process id: %lld", (long long)pid);
	if (dbg_process_attach(d->loop, (pid_t)pid, hooks_of(d, &hooks), &p, &why) < 0)
		return target_error(err, &why);
	status = adopt(d, p, err);
	if (status == 0)
		log_notice("Attached; pid = %d", (int)pid);
	return status;
}

static void free_argv(char **argv)
{
	for (char **a = argv; a && *a; a++)
		free(*a);
	free(argv);
}

/* The arguments to run, copied: the program named on the command line (or by the last vRun) unless argv names one. */
static char **command(struct dbg_target *d, char *const argv[], struct rsp_error *err)
{
	char *const *base = d->argv ? d->argv : d->options->argv;
	char *const *from = argv[0] ? argv : base;
	size_t n = 0;
	if (!from || !from[0] || (!from[0][0] && (!base || !base[0]))) {
		rsp_fail(err, RSP_BAD_REQUEST, "no program to run was named");
		return NULL;
	}
	while (from[n])
		n++;
	char **copy = calloc(n + 1, sizeof *copy);
	for (size_t i = 0; copy && i < n; i++) {
		copy[i] = strdup(i == 0 && !from[0][0] ? base[0] : from[i]);
		if (!copy[i]) {
			free_argv(copy);
			copy = NULL;
		}
	}
	if (!copy)
		rsp_fail(err, RSP_INTERNAL, "out of memory for the program's arguments");
	return copy;
}

static int run(void *t, char *const argv[], struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_process *p = NULL;
	struct dbg_hooks hooks;
	struct dbg_error why;
	int status = only_one(d, err);
	if (status < 0)
		return status;
	char **copy = command(d, argv, err);
	if (!copy)
		return -(int)err->class;
	if (dbg_process_launch(d->loop, copy, hooks_of(d, &hooks), &p, &why) < 0) {
		free_argv(copy);
		return target_error(err, &why);
	}
	free_argv(d->argv);
	d->argv = copy;
	status = adopt(d, p, err);
	if (status == 0)
		log_notice("Process %s created; pid = %d", copy[0], (int)p->pid);
	return status;
}

/* The client is done with the process: notice is for the log, how does it. */
static int finish(struct dbg_target *d, int64_t pid, const char *notice, void (*how)(struct dbg_process *p), struct rsp_error *err)
{
	struct dbg_process *p = NULL;
	int status = target_process(d, pid, &p, err);
	if (status < 0)
		return status;
	log_notice("%s %d", notice, (int)p->pid);
	forget_process(d);
	how(p);
	d->last = (struct rsp_stop){ .kind = RSP_STOP_NONE };
	return 0;
}

static int detach(void *t, int64_t pid, struct rsp_error *err)
{
	return finish(t, pid, "Detaching from process", dbg_process_detach, err);
}

static int kill_process(void *t, int64_t pid, struct rsp_error *err)
{
	return finish(t, pid, "Killing process(es):", dbg_process_kill, err);
}

static int attached(void *t, int64_t pid, bool *existing, struct rsp_error *err)
{
	struct dbg_process *p = NULL;
	int status = target_process(t, pid, &p, err);
	if (status == 0)
		*existing = p->attached;
	return status;
}

static int last_stop(void *t, struct rsp_stop *out)
{
	const struct dbg_target *d = t;
	*out = d->last;
	return 0;
}

/* ------------------------------------------------------------------ objects */

static const struct rsp_tdesc *tdesc(void *t)
{
	struct dbg_target *d = t;
	struct dbg_error why;
	/* Asked for by each client before anything that depends on it. */
	if (view_set_carrier(d->view, carrier_for(d), &why) < 0) {
		log_error("%s", why.text);
		return NULL;
	}
	return view_tdesc(d->view);
}

static int libraries(void *t, rsp_library_emit *emit, void *sink, struct rsp_error *err)
{
	struct dbg_target *d = t;
	struct dbg_process *p = NULL;
	int status = target_process(d, 0, &p, err);
	return status < 0 ? status : view_libraries(d->view, p, emit, sink, err);
}

static int exec_file(void *t, int64_t pid, struct rsp_buf *out, struct rsp_error *err)
{
	const struct dbg_target *d = t;
	struct dbg_process *p = NULL;
	struct dbg_error why;
	char path[4096], served[4200];
	int status = target_process(t, pid, &p, err);
	if (status < 0)
		return status;
	if (host_exec_path(p->host, path, sizeof path, &why) < 0)
		return target_error(err, &why);
	rsp_buf_puts(out, view_program(d->view, path, served, sizeof served) ? served : path);
	return 0;
}

static int auxv(void *t, struct rsp_buf *out, struct rsp_error *err)
{
	struct dbg_process *p = NULL;
	struct dbg_error why;
	void *bytes;
	size_t n;
	int status = target_process(t, 0, &p, err);
	if (status < 0)
		return status;
	if (host_auxv(p->host, &bytes, &n, &why) < 0)
		return target_error(err, &why);
	rsp_buf_add(out, bytes, n);
	free(bytes);
	return 0;
}

static int offsets(void *t, uint64_t *text, uint64_t *data, struct rsp_error *err)
{
	struct dbg_process *p = NULL;
	struct dbg_error why;
	uint64_t bias;
	int status = target_process(t, 0, &p, err);
	if (status < 0)
		return status;
	if (host_load_bias(p->host, &bias, &why) < 0)
		return target_error(err, &why);
	*text = *data = bias;
	return 0;
}

static const struct rsp_target_ops target_ops = {
	.tdesc = tdesc,
	.last_stop = last_stop,
	.attach = attach,
	.run = run,
	.detach = detach,
	.kill = kill_process,
	.attached = attached,
	.threads = target_threads,
	.thread_alive = target_thread_alive,
	.thread_resolve = target_thread_resolve,
	.reg_read = target_reg_read,
	.reg_write = target_reg_write,
	.mem_read = target_mem_read,
	.mem_write = target_mem_write,
	.break_insert = target_break_insert,
	.break_remove = target_break_remove,
	.break_conditions = true,
	.break_commands = true,
	.set_nonstop = target_set_nonstop,
	.stops = target_stops,
	.thread_events = target_thread_events,
	.pass_signals = target_pass_signals,
	.program_signals = target_program_signals,
	.siginfo = target_siginfo,
	.resume = target_resume,
	.interrupt = target_interrupt,
	.libraries = libraries,
	.exec_file = exec_file,
	.auxv = auxv,
	.offsets = offsets,
	.monitor = target_monitor,
	.file_setfs = target_file_setfs,
	.file_open = target_file_open,
	.file_pread = target_file_pread,
	.file_fstat = target_file_fstat,
	.file_close = target_file_close,
	.file_readlink = target_file_readlink,
};

/* ------------------------------------------------------------------ what the server asks */

/* What a client left behind: its breakpoints, its open files. */
static void drop_client(struct dbg_target *d)
{
	target_files_close_all(d);
	condition_clear(d);
	break_filters_free(&d->filters);
	d->pass_known = d->program_known = false;
	target_apply_signals(d);
	if (!d->process)
		return;
	d->process->seen = false;
	break_unwant_all(d->process);
}

static void set_session(void *t, struct rsp_session *s)
{
	struct dbg_target *d = t;
	struct dbg_error err;
	/* The process ended while it was stopped and nobody was there to be told: this is the answer to the new client's `?`. */
	if (s && d->process && d->process->ended)
		on_stopped(d, &d->process->ending);
	d->session = s;
	if (!s) {
		drop_client(d);
		return;
	}
	if (d->process && (d->process->running || d->process->nonstop)) {
		if ((d->process->nonstop ? dbg_set_nonstop(d->process, false, &err) : dbg_quiesce(d->process, &err)) < 0)
			log_error("%s", err.text);
		d->last = target_stop(d, &d->process->last);
	}
}

static pid_t pid_of(void *t)
{
	const struct dbg_target *d = t;
	return d->process ? d->process->pid : 0;
}

static void shut_down(void *t)
{
	struct dbg_target *d = t;
	struct dbg_process *p = d->process;
	if (!p)
		return;
	forget_process(d);
	if (p->attached)
		dbg_process_detach(p);
	else
		dbg_process_kill(p);
}

int dbg_target_create(struct loop *l, const struct options *o, struct dbg_target **out, struct dbg_error *err)
{
	struct dbg_target *d = calloc(1, sizeof *d);
	if (!d)
		return dbg_fail(err, DBG_INTERNAL, "out of memory for the target");
	d->loop = l;
	d->options = o;
	d->server = (struct server_target){ .ops = &target_ops, .t = d, .set_session = set_session, .pid = pid_of, .shut_down = shut_down };
	d->last.kind = RSP_STOP_NONE;
	rsp_buf_init(&d->notices, NOTICE_BYTES);
	int status = o->events ? events_open(o->events, l, &d->events, err) : 0;
	if (status == 0)
		status = view_create(NULL, carrier_for(d), &d->view, err);
	if (status == 0)
		status = loop_add_signal(l, SIGCHLD, on_sigchld, d, &d->sigchld, err);
	if (status < 0) {
		dbg_target_destroy(d);
		return status;
	}
	*out = d;
	return 0;
}

const struct server_target *dbg_target_server(struct dbg_target *d)
{
	return &d->server;
}

void dbg_target_destroy(struct dbg_target *d)
{
	if (!d)
		return;
	shut_down(d);
	target_files_close_all(d);
	condition_clear(d);
	break_filters_free(&d->filters);
	loop_remove(d->sigchld);
	view_destroy(d->view);
	disasm_close(d->disasm);
	events_close(d->events);
	rsp_buf_deinit(&d->notices);
	free_argv(d->argv);
	free(d->actions);
	free(d);
}
