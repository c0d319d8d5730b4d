/* The parts of run control, for each other: run/resume.c takes the client's wishes, run/plan.c turns them into edited waves and one resume,
 * run/look.c finds what a suspend has brought, run/stop.c decides between a stop and going on, run/report.c tells the client, run/signal.c
 * translates between stop reasons, signals and the kernel's exceptions. In non-stop, run/nonstop.c takes the place of run/resume.c and run/stop.c.
 * What others may call is in process.h. */
#ifndef SRC_RUN_RUN_H
#define SRC_RUN_RUN_H

#include "src/model/process.h"

/* Reasons that the program would not survive without a debugger. */
enum { RUN_FATAL = GFX_STOP_ASSERT_TRAP | GFX_STOP_MEMORY_VIOLATION | GFX_STOP_ADDRESS_ERROR | GFX_STOP_ILLEGAL_INSTRUCTION |
	GFX_STOP_FP_DENORM | GFX_STOP_FP_DIV0 | GFX_STOP_FP_OVERFLOW | GFX_STOP_FP_UNDERFLOW | GFX_STOP_FP_INEXACT | GFX_STOP_FP_INVALID |
	GFX_STOP_INT_DIV0 | GFX_STOP_ECC_ERROR | GFX_STOP_FATAL_HALT };

/* --- run/report.c --- */
struct dbg_stop run_wave_stop(const struct dbg_wave *w);
/* The stop to report first: faults before breakpoints before the rest, then the lowest id, but first of its kind the one of the
 * wave that the client is busy with; NULL when there is none. */
struct dbg_wave *run_first_pending(struct dbg_process *p);
/* False: a stop at a breakpoint that nobody wants now. It may be wanted again before the wave has run: clients lift breakpoints to get past them. */
bool run_still_valid(const struct dbg_process *p, const struct dbg_wave *w);
/* A stop of this thread is on its way to the client (non-stop). */
bool run_undelivered(const struct dbg_process *p, int64_t tid);
/* Reports the stop of this wave, which is then no longer pending. */
void run_report_wave(struct dbg_process *p, struct dbg_wave *w);
/* What the client has looked at needs no stop of its own: waves at breakpoints that it listed after the last stop. */
void run_settle_seen(struct dbg_process *p);

/* --- run/look.c --- */
/* After a suspend and walk: which waves have stopped, why, and which of that is news. The place to drop a stop that is nobody's business (an internal
 * step, a step inside a range, a condition that is false): newly_stopped() in run/look.c decides w->pending. */
void run_classify(struct dbg_process *p);

/* --- run/ask.c --- */
/* Asks whether stops at breakpoints are to be told: those that classifying has just found; again: all that wait to be told, because the
 * client may have changed its mind. */
void run_ask(struct dbg_process *p);
void run_ask_again(struct dbg_process *p);
/* A look of that length has brought nothing to tell: how long to wait for more before the next one. */
void run_gather(struct dbg_process *p, uint64_t us);

/* --- run/stop.c --- */
/* Tells the client that nothing of what it resumed is left; false: something is. */
bool run_told_nothing_goes(struct dbg_process *p);

/* --- run/signal.c --- */
/* Notes what the client's signal for this wave means to the runtime, kept until the wave runs; a signal that no wave can take is told so.
 * True: the program has to go too, whatever its threads were told, because it is the program that gets it. */
bool run_deliver_signal(const struct dbg_process *p, struct dbg_wave *w, int host_signal);
/* Hands w->forward to the runtime; the wave makes no progress from here on. */
void run_forward_exceptions(struct dbg_process *p, struct dbg_wave *w);
/* What other waves of such a queue have to tell goes the same way. */
void run_forward_together(struct dbg_process *p);

/* --- run/plan.c --- */
/* Runs what the waves' actions say. *finished: a step was complete without anything having run; NULL otherwise. */
int run_go(struct dbg_process *p, struct dbg_wave **finished, struct dbg_error *err);

/* --- run/focus.c --- */
/* When the actions are chosen: which wave the client is busy with (p->focus), and whether it runs ahead of the others (p->ahead). */
void run_choose_focus(struct dbg_process *p);

/* --- run/nonstop.c --- */
int run_nonstop_resume(struct dbg_process *p, dbg_choose_fn *choose, void *arg, struct dbg_error *err);
void run_nonstop_look(struct dbg_process *p);
void run_nonstop_interrupt(struct dbg_process *p);

/* --- run/resume.c --- */
/* Waves that are to make one step, or to step over a range. */
unsigned run_steppers(const struct dbg_process *p);

#endif
