/* Life of the target: launch, attach, detach, kill, end; and running it. All-stop: dbg_resume() is answered by exactly one hooks.stopped(). */
#ifndef SRC_PROCESS_H
#define SRC_PROCESS_H

#include "src/model.h"

/* hooks.arg is borrowed; argv is copied. On success the process is stopped (launched: at its first instruction). */
int dbg_process_launch(struct loop *loop, char *const argv[], const struct dbg_hooks *hooks, struct dbg_process **out, struct dbg_error *err);
int dbg_process_attach(struct loop *loop, pid_t pid, const struct dbg_hooks *hooks, struct dbg_process **out, struct dbg_error *err);
/* Releases waves and threads whatever else fails, and frees p. Order: kfd-debug-interface 8 step 13, wave-state 4.12. */
void dbg_process_detach(struct dbg_process *p);
void dbg_process_kill(struct dbg_process *p);
/* Frees the model's records only; takes NULL. Used by the above. */
void dbg_process_free(struct dbg_process *p);

/* The host's waitable children changed. */
void dbg_process_sigchld(struct dbg_process *p);

/* --- running --- */
/* What a thread is to do; tid 0 asks for waves that do not exist yet. *signal: host signal to deliver, 0 none. */
struct dbg_choice {
	enum dbg_action action;
	int signal;
	uint64_t start, end; /* DBG_RANGE */
};
typedef void dbg_choose_fn(void *arg, int64_t tid, struct dbg_choice *out);
int dbg_resume(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err);
/* Ends in a stop, reported with SIGINT unless something else happened first. */
void dbg_interrupt(struct dbg_process *p);
/* Stops a running process without a report; `last` then names a thread that stands still. */
int dbg_quiesce(struct dbg_process *p, struct dbg_error *err);

/* --- internal to the model --- */
/* The kernel says the process or its session is gone: forget the GPU side. */
void dbg_process_gpu_gone(struct dbg_process *p);
/* Brings the process to a stop: learns new queues, suspends all, walks. *news: some wave has something to report. */
int dbg_stop_queues(struct dbg_process *p, bool *news, struct dbg_error *err);
/* Waves that appear from now on stand still at their first instruction. */
void dbg_hold_new_waves(struct dbg_process *p);
/* A stop without a reason, of the first wave or, without waves, of the leader. */
struct dbg_stop dbg_quiet_stop(const struct dbg_process *p);
/* Reports at the next turn of the loop. */
void dbg_report(struct dbg_process *p, const struct dbg_stop *stop);
void dbg_run_host_event(struct dbg_process *p, const struct host_event *e);
/* A wave, queue or device event was seen: stop and look. */
void dbg_run_look(struct dbg_process *p);

#endif
