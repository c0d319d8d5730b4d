#include "src/run/run.h"

#include <inttypes.h>
#include <signal.h>
#include <string.h>

#include "src/base/log.h"
#include "src/model/event.h"
#include "src/model/runtime.h"
#include "src/model/wave.h"

/* Signals and stop reasons as exceptions of the wave's queue (wave-state 4.10). */
static const struct {
	int signal;
	unsigned reasons;
	int code;
} exceptions[] = {
	{ SIGBUS, GFX_STOP_ADDRESS_ERROR, KIF_EC_QUEUE_WAVE_APERTURE_VIOLATION },
	{ SIGSEGV, GFX_STOP_MEMORY_VIOLATION, KIF_EC_QUEUE_WAVE_MEMORY_VIOLATION },
	{ SIGILL, GFX_STOP_ILLEGAL_INSTRUCTION, KIF_EC_QUEUE_WAVE_ILLEGAL_INSTRUCTION },
	{ SIGFPE, GFX_STOP_FP_DENORM | GFX_STOP_FP_DIV0 | GFX_STOP_FP_OVERFLOW | GFX_STOP_FP_UNDERFLOW | GFX_STOP_FP_INEXACT |
			  GFX_STOP_FP_INVALID | GFX_STOP_INT_DIV0, KIF_EC_QUEUE_WAVE_MATH_ERROR },
	{ SIGABRT, GFX_STOP_ASSERT_TRAP, KIF_EC_QUEUE_WAVE_ABORT },
	{ SIGTRAP, 0, KIF_EC_QUEUE_WAVE_TRAP }, /* of other waves that is no fault */
};
enum { N_EXCEPTIONS = sizeof exceptions / sizeof *exceptions };

bool run_deliver_signal(const struct dbg_process *p, struct dbg_wave *w, int host_signal)
{
	if (!host_signal || w->killed)
		return false;
	for (size_t i = 0; i < N_EXCEPTIONS; i++)
		if (host_signal == exceptions[i].signal) {
			w->forward = KIF_EC(exceptions[i].code);
			/* A step with a signal is the signal: there is no handler on the GPU that could be stepped into. */
			w->action = DBG_GO;
			return true;
		}
	dbg_say(p, "wave %" PRIu64 " goes on without signal SIG%s: a wave takes SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV and SIGTRAP, as exceptions of its "
		"queue that go to the runtime", w->id, sigabbrev_np(host_signal) ? sigabbrev_np(host_signal) : "?");
	return false;
}

void run_forward_exceptions(struct dbg_process *p, struct dbg_wave *w)
{
	struct dbg_error err;
	uint64_t mask = w->forward;
	struct dbg_agent *a = &p->agents[w->queue->agent - p->agents];
	if (a->violation && (mask & KIF_EC(KIF_EC_QUEUE_WAVE_MEMORY_VIOLATION))) {
		mask |= KIF_EC(KIF_EC_DEVICE_MEMORY_VIOLATION);
		a->violation = false;
	}
	w->forward = 0;
	/* Halted, so that it makes no progress while the runtime puts its queue into error. */
	gfx_wave_set_program_halt(&w->g, true);
	wave_touch_state(w);
	if (runtime_send(p, mask, w->queue->info.gpu_id, w->queue->info.id, &err) < 0)
		log_error("exception of wave %" PRIu64 ": %s", w->id, err.text);
}

/* An exception handed on puts its queue into error, which ends every wave of it: the other waves' faults go the same way, instead of one stop
 * for each. */
void run_forward_together(struct dbg_process *p)
{
	for (const struct dbg_wave *first = p->waves; first; first = first->hh.next) {
		if (!first->forward || first->action != DBG_GO)
			continue;
		for (struct dbg_wave *w = p->waves; w; w = w->hh.next) {
			if (w->queue != first->queue || w->action != DBG_GO || !w->pending || w->forward)
				continue;
			for (size_t i = 0; i < N_EXCEPTIONS; i++)
				if (w->reasons & exceptions[i].reasons)
					w->forward |= KIF_EC(exceptions[i].code);
			if (w->forward)
				w->pending = false;
		}
	}
}
