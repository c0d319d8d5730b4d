/* DBG_TRAP: the checks common to every op (kfd-debug-interface.md 1.6), who may debug whom (3.1), enable and disable. */
#include "sim/driver/debug.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/driver/exceptions.h"
#include "sim/driver/handlers.h"
#include "sim/gpu/device.h"
#include "sim/gpu/queue.h"

enum { ARG_PID = 0, ARG_OP = 4 };

struct op {
	const char *name;
	int (*run)(struct sim_call *call, struct sim_process *target);
	bool needs_runtime; /* EPERM while the target's runtime is not enabled */
	size_t gpu_id_at;   /* 0: takes no gpu_id that is checked in advance */
};

static const struct op ops[SIM_DBG_OPS] = {
	[SIM_DBG_ENABLE] = { "ENABLE", sim_debug_op_enable, false, 0 },
	[SIM_DBG_DISABLE] = { "DISABLE", sim_debug_op_disable, false, 0 },
	[SIM_DBG_SEND_RUNTIME_EVENT] = { "SEND_RUNTIME_EVENT", sim_debug_op_send_runtime_event, false, 0 },
	[SIM_DBG_SET_EXCEPTIONS_ENABLED] = { "SET_EXCEPTIONS_ENABLED", sim_debug_op_set_exceptions_enabled, false, 0 },
	[SIM_DBG_SET_WAVE_LAUNCH_OVERRIDE] = { "SET_WAVE_LAUNCH_OVERRIDE", sim_debug_op_launch_override, true, 0 },
	[SIM_DBG_SET_WAVE_LAUNCH_MODE] = { "SET_WAVE_LAUNCH_MODE", sim_debug_op_launch_mode, true, 0 },
	[SIM_DBG_SUSPEND_QUEUES] = { "SUSPEND_QUEUES", sim_debug_op_suspend, true, 0 },
	[SIM_DBG_RESUME_QUEUES] = { "RESUME_QUEUES", sim_debug_op_resume, true, 0 },
	[SIM_DBG_SET_NODE_ADDRESS_WATCH] = { "SET_NODE_ADDRESS_WATCH", sim_debug_op_set_watch, true, 24 },
	[SIM_DBG_CLEAR_NODE_ADDRESS_WATCH] = { "CLEAR_NODE_ADDRESS_WATCH", sim_debug_op_clear_watch, true, 8 },
	[SIM_DBG_SET_FLAGS] = { "SET_FLAGS", sim_debug_op_set_flags, true, 0 },
	[SIM_DBG_QUERY_DEBUG_EVENT] = { "QUERY_DEBUG_EVENT", sim_debug_op_query_event, false, 0 },
	[SIM_DBG_QUERY_EXCEPTION_INFO] = { "QUERY_EXCEPTION_INFO", sim_debug_op_query_info, false, 0 },
	[SIM_DBG_GET_QUEUE_SNAPSHOT] = { "GET_QUEUE_SNAPSHOT", sim_debug_op_queue_snapshot, false, 0 },
	[SIM_DBG_GET_DEVICE_SNAPSHOT] = { "GET_DEVICE_SNAPSHOT", sim_debug_op_device_snapshot, false, 0 },
};

const char *sim_debug_op_name(uint32_t op)
{
	return op < SIM_DBG_OPS ? ops[op].name : "";
}

/* What the debug interface wants to know of the task that the caller names. */
struct task {
	pid_t tgid;
	pid_t tracer; /* of this very thread */
};

/* False when there is no such task or it has no memory any more (zombie, kernel thread). */
static bool find_task(pid_t pid, struct task *task)
{
	char path[40], line[128];
	bool has_mm = false;
	*task = (struct task){ 0 };
	if (pid <= 0)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	FILE *f = fopen(path, "re");
	if (!f)
		return false;
	while (fgets(line, sizeof(line), f)) {
		int value;
		if (sscanf(line, "Tgid: %d", &value) == 1)
			task->tgid = value;
		else if (sscanf(line, "TracerPid: %d", &value) == 1)
			task->tracer = value;
		else if (!strncmp(line, "VmSize:", 7))
			has_mm = true;
	}
	fclose(f);
	return has_mm && task->tgid;
}

static bool any_device_resetting(struct sim_driver *driver)
{
	for (unsigned i = 0; i < sim_driver_n_devices(driver); i++)
		if (sim_driver_device(driver, i)->resetting)
			return true;
	return false;
}

/* Steps 2 to 4: the target's record, made when its tracer enables debugging before the target has opened the device. */
static int find_target(struct sim_call *call, uint32_t op, struct sim_process **out)
{
	struct task task;
	if (!find_task((pid_t)sim_arg_get32(call, ARG_PID), &task))
		return -ESRCH;
	*out = sim_process_find(call->driver, task.tgid);
	if (*out && *out != call->process && sim_process_replaced(*out) > 0) {
		sim_process_destroy(*out); /* exec ended it (3.3), whether or not the new image has come to the device yet */
		*out = NULL;
	}
	if (*out)
		return 0;
	if (op != SIM_DBG_ENABLE || task.tgid == call->pid || task.tracer != call->tid)
		return -ESRCH;
	if (any_device_resetting(call->driver))
		return -EINVAL;
	*out = sim_process_get(call->driver, task.tgid);
	return *out ? 0 : -(errno ? errno : ENOMEM);
}

static bool may_debug(const struct sim_call *call, uint32_t op, const struct sim_process *target)
{
	bool old_rule = sim_driver_options(call->driver)->old_debug_authority;
	if (target == call->process || sim_ptrace_parent(target->pid) == call->tid)
		return true;
	return old_rule ? op == SIM_DBG_DISABLE : target->debug.debugger && target->debug.debugger == call->process;
}

static int run_op(struct sim_call *call, uint32_t op)
{
	struct sim_process *target = NULL;
	int r = find_target(call, op, &target);
	if (r)
		return r;
	if (!may_debug(call, op, target))
		return -EPERM;
	if (op != SIM_DBG_ENABLE && !target->debug.enabled)
		return -EINVAL;
	if (op >= SIM_DBG_OPS)
		return -EINVAL;
	const struct op *row = &ops[op];
	if (row->needs_runtime && target->debug.runtime_state != SIM_RUNTIME_ENABLED)
		return -EPERM;
	if (row->gpu_id_at) {
		uint32_t gpu_id = sim_arg_get32(call, row->gpu_id_at);
		if (!gpu_id || !sim_process_pdd(target, gpu_id))
			return -ENODEV;
	}
	r = sim_inject_error(call, row->name); /* as if the hardware had refused: what is checked before is checked */
	return r ? r : row->run(call, target);
}

int sim_ioctl_dbg_trap(struct sim_call *call)
{
	uint32_t op = sim_arg_get32(call, ARG_OP);
	int r = run_op(call, op);
	sim_log(call->driver, 2, "debug: %s of process %u by thread %d: %d", op < SIM_DBG_OPS ? sim_debug_op_name(op) : "unknown op",
		sim_arg_get32(call, ARG_PID), (int)call->tid, r);
	return r;
}

/* ------------------------------------------------------------------ enable and disable */

struct sim_runtime_info sim_debug_runtime_info(const struct sim_process *target)
{
	return (struct sim_runtime_info){
		.r_debug = target->debug.r_debug,
		.state = target->debug.runtime_state,
		.ttmp_setup = target->debug.ttmp_setup,
	};
}

bool sim_debug_device_fails(const struct sim_process *target)
{
	for (unsigned i = 0; i < target->n_pdds; i++)
		if (target->pdds[i].device->resetting || target->pdds[i].device->removed)
			return true;
	return false;
}

void sim_debug_deactivate(struct sim_process *target)
{
	sim_debug_resume_all(target);
	for (unsigned i = 0; i < target->n_pdds; i++) {
		struct sim_pdd *pdd = &target->pdds[i];
		pdd->device->watch_allocated &= (uint8_t)~pdd->watch_owned;
		pdd->watch_owned = 0;
		memset(pdd->watch, 0, sizeof(pdd->watch));
		pdd->launch_mode = 0;
		pdd->trap_override = 0;
		pdd->trap_override_mode = 0;
	}
	target->debug.flags = 0;
}

/* Undoes ENABLE; queues of a target whose runtime is not (fully) enabled were never touched. */
static void forget_debugger(struct sim_process *target)
{
	struct sim_debug *debug = &target->debug;
	if (debug->event_fd >= 0)
		close(debug->event_fd);
	debug->event_fd = -1;
	debug->enabled = false;
	if (debug->debugger && debug->debugger->debug.debugged_count)
		debug->debugger->debug.debugged_count--;
	debug->debugger = NULL;
}

/* Ends the debugging of the target (op DISABLE, or the death of debugger or target). */
static void end_debugging(struct sim_process *target)
{
	struct sim_debug *debug = &target->debug;
	if (debug->runtime_state == SIM_RUNTIME_ENABLED)
		sim_debug_deactivate(target);
	else if (debug->runtime_state != SIM_RUNTIME_DISABLED)
		debug->runtime_state = SIM_RUNTIME_ENABLED;
	forget_debugger(target);
	debug->enable_mask = 0;
	debug->exception_status = 0;
	for (unsigned i = 0; i < target->n_pdds; i++)
		target->pdds[i].exception_status = 0;
	for (struct sim_queue *q = target->queues; q; q = q->next_in_process)
		q->exception_status = 0;
}

static int copy_runtime_info(struct sim_call *call, const struct sim_process *target, uint64_t ptr, uint32_t size)
{
	struct sim_runtime_info info = sim_debug_runtime_info(target);
	if (size > sizeof(info))
		size = sizeof(info);
	return !size || sim_process_write(call->process, ptr, &info, size) ? 0 : -EFAULT;
}

int sim_debug_op_enable(struct sim_call *call, struct sim_process *target)
{
	struct sim_debug *debug = &target->debug;
	if (target != call->process)
		debug->debugger = call->process; /* before the test below, as the kernel does */
	if (debug->enabled)
		return -EALREADY;
	if (call->fd_in < 0)
		return -EBADF;
	debug->event_fd = call->fd_in;
	call->fd_in = -1;
	debug->enabled = true;
	if (debug->debugger)
		debug->debugger->debug.debugged_count++;
	int r = copy_runtime_info(call, target, sim_arg_get64(call, 16), sim_arg_get32(call, 24));
	if (r) {
		forget_debugger(target);
		return r;
	}
	sim_arg_put32(call, 24, sizeof(struct sim_runtime_info));
	debug->enable_mask = sim_arg_get64(call, 8);
	return 0;
}

int sim_debug_op_disable(struct sim_call *call, struct sim_process *target)
{
	(void)call;
	end_debugging(target);
	return 0;
}

void sim_debug_process_gone(struct sim_process *process)
{
	sim_runtime_forget_sleepers(process);
	if (process->debug.enabled)
		end_debugging(process);
	if (process->debug.debugged_count)
		for (struct sim_process *target = sim_process_first(process->driver); target; target = target->next)
			if (target != process && target->debug.enabled && target->debug.debugger == process)
				end_debugging(target);
	/* A debugger named by a refused ENABLE only must not be remembered either. */
	for (struct sim_process *target = sim_process_first(process->driver); target; target = target->next)
		if (target->debug.debugger == process)
			target->debug.debugger = NULL;
}
