/* RUNTIME_ENABLE and its handshake with a debugger (kfd-debug-interface.md 2): a counting semaphore on which the runtime's thread sleeps. */
#include "sim/driver/debug.h"

#include <errno.h>
#include <stdlib.h>

#include "sim/driver/exceptions.h"
#include "sim/driver/handlers.h"
#include "sim/gpu/queue.h"

enum { ARG_R_DEBUG = 0, ARG_MODE = 8, MODE_ENABLE = 1, MODE_TTMP_SAVE = 2 };

/* One thread asleep in the handshake. Several may be: they leave in the order in which they came. */
struct sleeper {
	struct sim_call *next;
	bool disabling;
};

static void leave(struct sim_call *call, int result)
{
	struct sim_process *process = call->process;
	struct sleeper *sleeper = call->sleep_state;
	for (struct sim_call **at = &process->debug.handshake_sleeper; *at; at = &((struct sleeper *)(*at)->sleep_state)->next) {
		if (*at == call) {
			*at = sleeper->next;
			break;
		}
	}
	process->debug.runtime_retry = result != 0;
	if (sleeper->disabling && !result)
		process->debug.ttmp_setup = 0;
	call->sleep_state = NULL;
	call->cancel = NULL;
	free(sleeper);
	sim_call_finish(call, result);
}

static void cancelled(struct sim_call *call)
{
	leave(call, -EINTR);
}

void sim_runtime_credit(struct sim_process *process)
{
	if (process->debug.handshake_sleeper)
		leave(process->debug.handshake_sleeper, 0);
	else
		process->debug.handshake_credits++;
}

void sim_runtime_forget_sleepers(struct sim_process *process)
{
	while (process->debug.handshake_sleeper)
		leave(process->debug.handshake_sleeper, -EINTR);
}

/* Waits for the debugger's SEND_RUNTIME_EVENT, or takes a credit that it left earlier. */
static int handshake(struct sim_call *call, bool disabling)
{
	struct sim_debug *debug = &call->process->debug;
	if (debug->handshake_credits) {
		debug->handshake_credits--;
		debug->runtime_retry = false;
		if (disabling)
			debug->ttmp_setup = 0;
		return 0;
	}
	struct sleeper *sleeper = calloc(1, sizeof(*sleeper));
	if (!sleeper)
		return -ENOMEM;
	sleeper->disabling = disabling;
	call->sleep_state = sleeper;
	call->cancel = cancelled;
	struct sim_call **end = &debug->handshake_sleeper;
	while (*end)
		end = &((struct sleeper *)(*end)->sleep_state)->next;
	*end = call;
	return SIM_LATER;
}

static int enable(struct sim_call *call)
{
	struct sim_process *process = call->process;
	struct sim_debug *debug = &process->debug;
	if (!debug->runtime_retry) {
		if (debug->runtime_state != SIM_RUNTIME_DISABLED)
			return -EBUSY;
		if (process->queues)
			return -EEXIST;
		debug->runtime_state = SIM_RUNTIME_ENABLED;
		debug->r_debug = sim_arg_get64(call, ARG_R_DEBUG);
		debug->ttmp_setup = !!(sim_arg_get32(call, ARG_MODE) & MODE_TTMP_SAVE);
		if (debug->enabled)
			sim_exception_raise(process, SIM_EC_BIT(SIM_EC_PROCESS_RUNTIME), NULL, NULL);
	}
	return debug->enabled ? handshake(call, false) : 0;
}

static int disable(struct sim_call *call)
{
	struct sim_process *process = call->process;
	struct sim_debug *debug = &process->debug;
	bool was_enabled = debug->runtime_state == SIM_RUNTIME_ENABLED;
	debug->runtime_state = SIM_RUNTIME_DISABLED;
	debug->r_debug = 0;
	if (debug->enabled) {
		if (was_enabled)
			sim_debug_deactivate(process);
		if (!debug->runtime_retry)
			sim_exception_raise(process, SIM_EC_BIT(SIM_EC_PROCESS_RUNTIME), NULL, NULL);
		return handshake(call, true);
	}
	debug->ttmp_setup = 0;
	return 0;
}

int sim_ioctl_runtime_enable(struct sim_call *call)
{
	return sim_arg_get32(call, ARG_MODE) & MODE_ENABLE ? enable(call) : disable(call);
}
