/* Life of the target: launch, attach, detach, kill, end; and running it. All-stop: dbg_resume() is answered by exactly one hooks.stopped(). */
#ifndef SRC_MODEL_PROCESS_H
#define SRC_MODEL_PROCESS_H

#include "src/model/model.h"

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
/* The next resume of all is made for this wave: the client waits for its return from a function. Other waves may come there too, so it runs ahead. */
void dbg_expect_return(struct dbg_process *p, int64_t tid);
/* Ends in a stop, reported with SIGINT unless something else happened first. */
void dbg_interrupt(struct dbg_process *p);
/* Non-stop. On: every thread that the client sees is stopped until it is resumed by name or with all; each stop is reported when it happens. Off:
 * everything is stopped when it returns, and what was not reported is pending. */
int dbg_set_nonstop(struct dbg_process *p, bool on, struct dbg_error *err);
/* The last stop of each thread that is stopped; it counts as reported then. Reports that are on their way are left out. */
void dbg_nonstop_stops(struct dbg_process *p, void (*emit)(void *sink, const struct dbg_stop *stop), void *sink);
/* In the client's eyes. All-stop: nothing runs. */
bool dbg_thread_stopped(const struct dbg_process *p, int64_t tid);
/* Before an edit of a stopped wave or of code: in non-stop, takes the queues off the hardware if they are on it; they go back by themselves soon
 * after. A wave may have ended by it. */
int dbg_access(struct dbg_process *p, struct dbg_error *err);
/* Non-stop: before a list of threads, when the last look is not of this moment. */
void dbg_refresh(struct dbg_process *p);
/* Stops a running process without a report; `last` then names a thread that stands still. */
int dbg_quiesce(struct dbg_process *p, struct dbg_error *err);

/* --- internal to the model --- */
/* The kernel says the process or its session is gone: forget the GPU side. */
void dbg_process_gpu_gone(struct dbg_process *p);
/* Something happened that may lead to a stop: its time is taken from here. */
void dbg_timing_begin(struct dbg_process *p);
/* Brings the process to a stop: learns new queues, suspends all, walks. *news: some wave has something to report. */
int dbg_stop_queues(struct dbg_process *p, bool *news, struct dbg_error *err);
/* Waves that appear from now on stand still at their first instruction. */
void dbg_hold_new_waves(struct dbg_process *p);
/* A stop without a reason, of the first wave or, without waves, of the leader. */
struct dbg_stop dbg_quiet_stop(const struct dbg_process *p);
/* A wave has not been met again. */
void dbg_wave_ended(struct dbg_process *p, const struct dbg_wave *w);
/* Reports at the next turn of the loop. Non-stop: besides what was reported before. */
void dbg_report(struct dbg_process *p, const struct dbg_stop *stop);
void dbg_run_host_event(struct dbg_process *p, const struct host_event *e);
/* Stop and look. */
void dbg_run_look(struct dbg_process *p);
/* A wave, queue or device event was seen: stop and look, now or soon (run/ask.c). */
void dbg_run_event(struct dbg_process *p);

#endif
